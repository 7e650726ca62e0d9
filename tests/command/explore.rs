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

#[test]
fn a_page_has_where_slots_are_live() {
    let guest = Guest::new(MODULE);
    guest.riser(&["explore", "--func", "sum", "guest.wat"]).assert_success("");
    let data = data(&guest, "guest.html");
    let variant = &data["functions"][0]["variants"][0];
    let ir = variant["panes"][0]["lines"].as_array().expect("lines");
    let line_of = |text: &str| ir.iter().position(|line| line[1].as_str().is_some_and(|it| it.contains(text)));
    let live = variant["live"].as_array().expect("slots");
    assert_eq!(live.iter().map(|it| it["slot"].as_str()).collect::<Vec<_>>(), [Some("l0"), Some("l1")]);
    // The address is live from the entry up to the subtraction, and then again.
    let ranges = &live[0]["ranges"];
    assert_eq!(ranges.as_array().map(Vec::len), Some(1), "{live:#?}");
    assert!(ranges[0][0].is_null() && ranges[0][1].as_u64() == line_of("branch_if").map(|it| it as u64), "{live:#?}");
    assert_eq!(live[1]["ranges"][0][1].as_u64(), line_of("return").map(|it| it as u64), "{live:#?}");
}

#[test]
fn a_page_has_the_heat_of_a_profile() {
    let guest = Guest::new(MODULE);
    let profile = ["profile", "--heat", "heat.json", "--invoke", "sum", "guest.wat", "40", "0"];
    let outcome = guest.riser(&profile);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:#?}");
    guest.riser(&["explore", "--heat", "heat.json", "guest.wat"]).assert_success("");
    let data = data(&guest, "guest.html");
    // What did not run is not there.
    assert_eq!(data["functions"].as_array().map(Vec::len), Some(1));
    let heat = &data["functions"][0]["heat"];
    assert_eq!(heat["share"], 1.0);
    let wasm = data["functions"][0]["panes"][0]["lines"].as_array().expect("lines");
    let count_of = |text: &str| {
        let line = wasm.iter().find(|line| line[1].as_str().is_some_and(|it| it.trim_start().starts_with(text)));
        heat["counts"][line.expect(text)[0][0].to_string()].as_u64()
    };
    assert_eq!(["i32.load", "br_if", "loop"].map(count_of), [Some(10), Some(10), None]);

    guest
        .riser(&["explore", "--heat", "guest.wat", "guest.wat"])
        .assert_failure(1, &["cannot read `guest.wat`", "it is no file of `riser profile --heat FILE`"]);
    fs::write(guest.file("other.wat"), "(module (func))").expect("is writable");
    guest
        .riser(&["explore", "--heat", "heat.json", "other.wat"])
        .assert_failure(1, &["`heat.json` is not of this module, but of ", "run `riser profile --heat` with this one"]);
    guest
        .riser(&["profile", "--level", "code", "--heat", "heat.json", "guest.wat"])
        .assert_failure(2, &["heat is of operators: leave out '--level code'"]);
}

/// The data of a page.
fn data(guest: &Guest, file: &str) -> serde_json::Value {
    let page = fs::read_to_string(guest.file(file)).expect("was written");
    let data = page.split_once(r#"id="data">"#).and_then(|(_, rest)| rest.split_once("</script>")).expect("has data").0;
    serde_json::from_str(data).expect("is JSON")
}
