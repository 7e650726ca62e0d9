//! `--wasm`: the same proposals, whatever looks at the module.

use crate::{Guest, modes, riser};

/// Needs vectors and tail calls.
const MODULE: &str = r#"
    (module
      (func $five (result i32) (i32x4.extract_lane 2 (i32x4.splat (i32.const 5))))
      (func (export "f") (result i32) (return_call $five)))
"#;

#[test]
fn every_subcommand_has_the_switches() {
    let guest = Guest::new(MODULE);
    std::fs::write(guest.file("script.wast"), MODULE).expect("the folder is writable");
    let mut commands = vec![
        (vec!["validate"], "guest.wat"),
        (vec!["dump-ir"], "guest.wat"),
        (vec!["dump-code"], "guest.wat"),
        (vec!["wast"], "script.wast"),
    ];
    if cfg!(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
        commands.extend([(vec!["dump-jit"], "guest.wat"), (vec!["compile", "-o", "out.aot"], "guest.wat")]);
    }
    let names = modes();
    for mode in &names {
        commands.push((vec!["run", "--invoke", "f", "--mode", mode], "guest.wat"));
    }
    for (command, file) in commands {
        let run = |flags: &[&str]| guest.riser(&[&command[..], flags, &[file]].concat());
        for flags in [&[][..], &["--wasm", "all=n,simd,tail-call"], &["-W", "all=n", "-W", "simd=y", "-W", "tail_call"]]
        {
            let outcome = run(flags);
            assert_eq!(outcome.code, Some(0), "{command:?} {flags:?}: {outcome:#?}");
        }
        let outcome = run(&["--wasm", "all=n,multi-value"]);
        let said = [&*outcome.stdout, &outcome.stderr].concat();
        assert_eq!(outcome.code, Some(1), "{command:?}: {outcome:#?}");
        let message = "it needs tail-call, simd, which are off (`--wasm tail-call,simd`, `Config::wasm_tail_call`, `Config::wasm_simd`)";
        assert!(said.contains(message), "{command:?}: {outcome:#?}");
    }
    let lockstep = |b: &str| guest.riser(&["lockstep", "--a", "interp", "--b", b, "--invoke", "f", "guest.wat"]);
    assert_eq!(lockstep("classic,wasm=memory64=n").code, Some(0));
    lockstep("classic,wasm=tail-call=n").assert_failure(1, &["it needs tail-call, which is off"]);
    let why = guest.riser(&["why", "interp", "interp,wasm=tail-call=n", "--time", "1ms", "--invoke", "f", "guest.wat"]);
    why.assert_failure(1, &["it needs tail-call, which is off"]);
    // The book says so.
    for command in ["bench", "ablate", "suggest", "prop"] {
        guest.riser(&[command, "--wasm", "all=n", "guest.wat"]).assert_failure(2, &["unexpected argument '--wasm'"]);
    }
}

#[test]
fn wrong_switches_are_explained() {
    let guest = Guest::new(MODULE);
    for (flag, message) in [
        ("simt", "there is no proposal `simt`; there are mutable-globals, "),
        ("simt=n", "did you mean `simd`"),
        ("simd=maybe", "'maybe' for '--wasm simd' is neither 'y' nor 'n'"),
    ] {
        guest.riser(&["run", "--wasm", flag, "guest.wat"]).assert_failure(2, &[message]);
    }
    let why = "`relaxed-simd` is on and builds on `simd`, which is off";
    guest.riser(&["run", "--wasm", "simd=n", "guest.wat"]).assert_failure(2, &[why]);
}

#[test]
fn the_proposals_are_listed() {
    for command in ["run", "validate"] {
        let outcome = riser(".", &[command, "--wasm", "help"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        for proposal in riser::Proposal::ALL {
            let line = outcome.stdout.lines().find(|line| line.split_whitespace().next() == Some(proposal.name()));
            assert!(line.is_some_and(|line| line.ends_with(proposal.about())), "{outcome:#?}");
        }
    }
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn compiled_code_knows_what_its_module_was_allowed() {
    let guest = Guest::new(MODULE);
    let compile = |flags: &[&str]| guest.riser(&[&["compile", "-o", "out.aot", "guest.wat"], flags].concat());
    let run =
        |flags: &[&str]| guest.riser(&[&["run", "--allow-precompiled", "--invoke", "f"], flags, &["out.aot"]].concat());
    compile(&[]).assert_success("");
    run(&[]).assert_success("5\n");
    run(&["--wasm", "memory64=n"]).assert_failure(1, &["the proposal `memory64`, which is off in this engine"]);
    compile(&["--wasm", "all=n,simd,tail-call"]).assert_success("");
    run(&[]).assert_success("5\n");
    run(&["--wasm", "memory64=n"]).assert_success("5\n");
    // The cache keeps both.
    let cached =
        |flags: &[&str]| guest.riser(&[&["run", "--cache=cache", "--invoke", "f"], flags, &["guest.wat"]].concat());
    cached(&[]).assert_success("5\n");
    cached(&["--wasm", "simd=n,relaxed-simd=n"]).assert_failure(1, &["it needs simd, which is off"]);
    cached(&["--wasm", "memory64=n"]).assert_success("5\n");
    let files = std::fs::read_dir(guest.file("cache")).expect("the folder is there").count();
    assert_eq!(files, 2);
}
