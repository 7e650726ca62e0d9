//! `riser explore`. `tests/pages.sh` tries the controls of a page in a browser.

use std::fs;

use crate::Guest;

/// The module whose page is tried.
const MODULE: &str = include_str!("explore.wat");

#[test]
fn a_page_has_every_form_of_a_function() {
    let guest = Guest::new(MODULE);
    guest.riser(&["explore", "guest.wat"]).assert_success("");
    let page = fs::read_to_string(guest.file("guest.html")).expect("was written");
    for id in ["wasm", "ir", "code", "clif", "clif-optimized", "fast"] {
        assert!(page.contains(&format!(r#""id":"{id}""#)), "{id}");
    }
    #[cfg(feature = "llvm")]
    for id in ["llvm-ir", "llvm-ir-optimized", "llvm"] {
        assert!(page.contains(&format!(r#""id":"{id}""#)), "{id}");
    }
    for variant in ["optimized", "naive", "no-pairs", "no-accumulators"] {
        assert!(page.contains(&format!(r#""name":"{variant}""#)), "{variant}");
    }
    assert!(page.contains("func 0 $sum") && page.contains("func 1 $other"));
    // A handler ends in a jump to the next one.
    let handlers = page.split_once(r#""handlers":{"#).expect("has handlers").1;
    assert!(handlers.contains("jmp [") || handlers.contains("jmp r"), "{handlers}");
    // Only the page's own elements end.
    assert_eq!(page.matches("</script>").count(), 3);
}

#[test]
fn a_page_has_the_functions_that_were_asked_for() {
    let guest = Guest::new(MODULE);
    guest.riser(&["explore", "--func", "other", "-o", "out.html", "guest.wat"]).assert_success("");
    let page = fs::read_to_string(guest.file("out.html")).expect("was written");
    assert!(!page.contains("func 0 $sum") && page.contains("func 1 $other"));
    guest.riser(&["explore", "--func", "such", "guest.wat"]).assert_failure(1, &["the module has no function `such`"]);
}

#[test]
fn a_page_may_use_what_other_commands_let_modules_use() {
    let guest = Guest::new("(module (func try catch_all end))");
    guest.riser(&["explore", "guest.wat"]).assert_success("");
    let refused = guest.riser(&["explore", "--wasm", "legacy-exceptions=n", "guest.wat"]);
    refused.assert_failure(1, &["legacy-exceptions"]);
}
