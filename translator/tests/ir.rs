//! File tests: each `tests/ir/*.wat` holds a module and, in the comment at its
//! end, the register IR that its functions are expected to become.
//!
//! The comment at the head may change the translator's configuration: a line
//! `;; switches: naive` starts from everything off, `;; off: a, b` and
//! `;; on: a, b` set single switches, where `fuel` and `epoch` count as switches.
//!
//! `RISER_BLESS=1` writes what comes out into the files. The IR of each function
//! is verified, and read back from its text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use riser_translator::ir::liveness::live_ranges;
use riser_translator::ir::{Function, Tee, Verifier, parse};
use riser_translator::sink::SlotRole;
use riser_translator::{Features, FuncTranslator, TranslatorConfig, parse_module_with};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ir")
}

/// The configuration that the lines at the head of a test ask for.
fn config(source: &str) -> TranslatorConfig {
    let mut config = TranslatorConfig::optimized();
    let head = source.lines().map_while(|line| line.strip_prefix(";;"));
    for (key, value) in head.filter_map(|line| line.split_once(':')) {
        match (key.trim(), value.trim()) {
            ("switches", "naive") => config = TranslatorConfig::naive(),
            (key @ ("on" | "off"), names) => {
                for name in names.split(',').map(str::trim) {
                    let on = key == "on";
                    match name {
                        "fuel" => config.fuel = on,
                        "epoch" => config.epoch = on,
                        name => assert!(config.set(name, on), "there is no switch {name}"),
                    }
                }
            }
            _ => {}
        }
    }
    config
}

/// The text without its last run of comment lines.
fn module_text(source: &str) -> &str {
    let mut text = source.trim_end();
    while let Some((before, line)) = text.rsplit_once('\n')
        && line.starts_with(";;")
    {
        text = before.trim_end_matches(' ');
    }
    text.trim_end()
}

/// The text with the IR of its functions as its last comment.
fn with_expectation(source: &str) -> String {
    let config = config(source);
    let source = module_text(source);
    let bytes = wat::parse_str(source).expect("the module is well-formed");
    let module = parse_module_with(bytes, Features::ALL).expect("the module is valid");
    let info = module.info();
    let mut translator = FuncTranslator::new();
    let mut out = format!("{source}\n");
    for function in info.defined_functions() {
        let mut emitter = Tee(Function::new(), Verifier::new(info));
        translator.emit(&module, function, &config, &mut emitter).expect("the body is valid");
        let Tee(mut ir, verifier) = emitter;
        ir.name = info.func_name(function).map(Into::into);
        let text = ir.to_string();
        assert_eq!(verifier.errors(), [], "in\n{text}");
        assert_eq!(parse::parse(&text).as_ref(), Ok(&ir), "from\n{text}");
        // The verifier makes sure that nothing else is read before it is written.
        for range in live_ranges(&ir, info).iter().filter(|range| range.first.is_none()) {
            let role = ir.frame().role(range.slot);
            assert!(matches!(role, SlotRole::Local(_)), "{role} is live at the entry of\n{text}");
        }
        out.push_str(if function.as_u32() == info.imported_functions { "\n" } else { ";;\n" });
        for line in text.lines() {
            let _ = writeln!(out, ";; {line}");
        }
    }
    out
}

#[test]
fn modules_become_the_expected_ir() {
    let bless = std::env::var_os("RISER_BLESS").is_some();
    let mut failed = Vec::new();
    let mut count = 0;
    let entries = std::fs::read_dir(directory()).expect("tests/ir can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.extension().is_none_or(|extension| extension != "wat") {
            continue;
        }
        count += 1;
        let expected = std::fs::read_to_string(&path).expect("the test can be read");
        let actual = with_expectation(&expected);
        if actual == expected {
            continue;
        }
        if bless {
            std::fs::write(&path, actual).expect("the test can be written");
        } else {
            let diff = similar::TextDiff::from_lines(&expected, &actual);
            println!("{}", diff.unified_diff().header(&path.display().to_string(), "actual"));
            failed.push(path);
        }
    }
    assert!(count > 0, "no tests were found");
    assert!(failed.is_empty(), "{failed:?} differ; RISER_BLESS=1 accepts the IR as it is");
}
