//! Modules compiled ahead of time: files that are taken, files that are refused, the cache.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use riser::modes::{FAST_JIT, LLVM_JIT};
use riser::{
    Bounds, Compilation, Config, Engine, Instance, Linker, Mode, Module, ModuleBuilder, Result, Store, Trap, Val,
    WasmBacktrace, rehash_precompiled,
};

/// The tiers of this build that compile ahead of time, by their modes.
fn tiers() -> Vec<Mode> {
    let engine = Engine::new(&Config::new()).expect("supported");
    let tiers: Vec<Mode> = [FAST_JIT, LLVM_JIT].into_iter().filter(|&mode| engine.supports(mode)).collect();
    assert!(tiers.contains(&FAST_JIT));
    tiers
}

fn engine(mode: Mode, set: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    config.mode(mode);
    set(&mut config);
    Engine::new(&config).expect("supported")
}

const MODULE: &str = r#"
    (module
      (import "host" "add" (func $add (param i32 i32) (result i32)))
      (type $unary (func (param i32) (result i32)))
      (memory (export "memory") 1)
      (table funcref (elem $double $tail $sum))
      (data (i32.const 8) "\2a")
      (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      ;; LLVM does not take this one.
      (func $tail (export "tail") (param i32) (result i32) (return_call $double (local.get 0)))
      (func $sum (export "sum") (param i32) (result i32)
        (local $i i32) (local $sum i32)
        (loop $next
          (local.set $sum (call $add (local.get $sum) (local.get $i)))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
        (local.get $sum))
      (func (export "indirect") (param i32 i32) (result i32)
        (call_indirect (type $unary) (local.get 1) (local.get 0)))
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
      (func $divide (param i32) (result i32) (i32.div_u (i32.const 100) (call $double (local.get 0))))
      (func (export "divide") (param i32) (result i32) (i32.add (call $divide (local.get 0)) (i32.const 1))))
"#;

/// What each call gives: a result, or a trap with the functions and offsets of its frames.
fn outcomes(engine: &Engine, module: &Module, mode: Option<Mode>) -> Vec<std::result::Result<String, String>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b)).expect("defined once");
    let mut store = Store::new(engine, ());
    let instance: Instance = linker.instantiate(&mut store, module).expect("instantiates");
    if let Some(mode) = mode {
        instance.set_mode(&mut store, mode).expect("supported");
    }
    let int = Val::I32;
    let calls: &[(&str, &[Val])] = &[
        ("tail", &[int(21)]),
        ("sum", &[int(100)]),
        ("indirect", &[int(0), int(5)]),
        ("indirect", &[int(1), int(5)]),
        ("indirect", &[int(2), int(5)]),
        ("indirect", &[int(3), int(5)]),
        ("load", &[int(8)]),
        ("load", &[int(-5)]),
        ("half", &[Val::F64(3f64.to_bits())]),
        ("divide", &[int(2)]),
        ("divide", &[int(0)]),
    ];
    let mut outcome = |&(name, arguments): &(&str, &[Val])| {
        let func = instance.get_func(&mut store, name).expect("exported");
        let mut results = [Val::I32(0)];
        match func.call(&mut store, arguments, &mut results) {
            Ok(()) => Ok(format!("{:?}", results[0])),
            Err(error) => {
                let trap = error.downcast_ref::<Trap>().expect("a trap");
                let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
                let frames = backtrace.frames().iter().map(|it| (it.func_index(), it.module_offset()));
                Err(format!("{trap:?} {:?}", frames.collect::<Vec<_>>()))
            }
        }
    };
    calls.iter().map(&mut outcome).collect()
}

/// A module from a file.
fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Module> {
    // SAFETY: as `precompile_module` made them, or with changes that are found.
    unsafe { Module::deserialize(engine, bytes) }
}

#[test]
fn a_file_runs_as_the_module_does_in_every_mode() {
    let interp = engine(Mode::Interp, |_| ());
    let expected = outcomes(&interp, &Module::new(&interp, MODULE).expect("valid"), None);
    for tier in tiers() {
        for &bounds in Bounds::ALL {
            let maker = engine(tier, |config| {
                config.bounds(bounds);
            });
            let bytes = maker.precompile_module(MODULE).expect("valid");
            assert!(Engine::detect_precompiled(&bytes) && !Engine::detect_precompiled(MODULE.as_bytes()));
            // Another engine, as another process would have it.
            let user = engine(Mode::MultiTier, |config| {
                config.bounds(bounds);
            });
            let module = deserialize(&user, &bytes).expect("just made");
            for mode in [None, Some(Mode::Aot), Some(Mode::MultiTier), Some(tier), Some(Mode::Interp)] {
                assert_eq!(outcomes(&user, &module, mode), expected, "{tier} {bounds} {mode:?}");
            }
            assert_eq!(module.bailouts(Mode::Aot), [], "{tier}");
        }
    }
}

/// Machine code in a file is trusted, the module beside it is not.
#[test]
fn what_other_tiers_run_of_a_file_is_validated() {
    const SUM: &[u8] = b"\x41\x01\x41\x08\x6a";
    let text = r#"(module (func (export "f") (result i32) (i32.add (i32.const 1) (i32.const 8))))"#;
    // Of globals, locals and functions there are not so many.
    for invalid in [b"\x23\xff\xff\x03\x01", b"\x20\xff\xff\x03\x01", b"\x10\xff\xff\x03\x01"] {
        for tier in tiers() {
            let mut bytes = engine(tier, |_| ()).precompile_module(text).expect("valid");
            let at = bytes.windows(SUM.len()).rposition(|window| window == SUM).expect("the module is in the file");
            bytes[at..at + SUM.len()].copy_from_slice(invalid);
            assert!(deserialize(&engine(tier, |_| ()), &bytes).is_err(), "{tier}: the hash is wrong");
            rehash_precompiled(&mut bytes);
            for &compilation in &[Compilation::LazyTranslation, Compilation::Speculative] {
                let user = engine(Mode::MultiTier, |config| {
                    config.compilation(compilation);
                });
                let module = deserialize(&user, &bytes).expect("the hash is right");
                for mode in Mode::all().into_iter().filter(|&mode| user.supports(mode)) {
                    let mut store = Store::new(&user, ());
                    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
                    instance.set_mode(&mut store, mode).expect("supported");
                    let f = instance.get_typed_func::<(), i32>(&mut store, "f").expect("exported");
                    match f.call(&mut store, ()) {
                        // In multi-tier mode, functions move up to code that is there.
                        Ok(result) => assert!(
                            mode == tier || matches!(mode, Mode::Aot | Mode::MultiTier),
                            "{tier} {mode}: {result}"
                        ),
                        Err(why) => assert!(format!("{why:#}").contains("unknown"), "{tier} {mode}: {why:#}"),
                    }
                }
            }
        }
    }
}

#[test]
fn only_what_is_unsafe_takes_a_file() {
    let engine = engine(Mode::MultiTier, |_| ());
    let bytes = engine.precompile_module(MODULE).expect("valid");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("innocent.wasm");
    fs::write(&file, &bytes).expect("is writable");
    let results = [
        Module::new(&engine, &bytes),
        Module::from_file(&engine, &file),
        Module::from_binary(&engine, &bytes),
        Module::from_owned(&engine, bytes.clone()),
        engine.precompile_module(&bytes).and_then(|bytes| Module::new(&engine, bytes)),
        engine.precompile_owned_module(bytes.clone()).and_then(|bytes| Module::new(&engine, bytes)),
    ];
    for result in results {
        let why = result.expect_err("machine code").to_string();
        assert!(why.contains("`Module::deserialize`"), "{why}");
    }
    assert!(Module::validate(&engine, &bytes).is_err());
    assert!(Module::validate_owned(&engine, bytes.clone()).is_err());
    let mut builder = ModuleBuilder::new(&engine);
    assert!(builder.push(&bytes).and_then(|()| builder.finish()).is_err());
}

#[test]
fn nothing_is_compiled_when_a_file_is_run() {
    for tier in tiers() {
        let engine = engine(Mode::Aot, |config| {
            config.ahead_of_time_tier(tier);
        });
        let module = deserialize(&engine, &engine.precompile_module(MODULE).expect("valid")).expect("just made");
        let code = |module: &Module| module.statistics().tiers.iter().map(|tier| tier.code_bytes).sum::<usize>();
        let before = code(&module);
        outcomes(&engine, &module, None);
        assert_eq!(code(&module), before, "{tier}");
        assert_eq!(module.statistics().translated, 0, "{tier}");
    }
}

/// Calls of few bytes that are much code, as each passes and returns many values: more than is set aside for a module of that size.
#[test]
fn a_file_with_more_code_than_expected_is_loaded() {
    const VALUES: usize = 200;
    let values = "i64 ".repeat(VALUES);
    let many = format!("(param {values}) (result {values})");
    let gets: String = (0..VALUES).map(|local| format!("(local.get {local})")).collect();
    let text = format!(
        r#"(module
            (func $same {many} {gets})
            (func (export "f") (param i64) (result i64) {} {} {}))"#,
        "(local.get 0)".repeat(VALUES),
        "(call $same)".repeat(100),
        "i64.add ".repeat(VALUES - 1),
    );
    for tier in tiers() {
        let engine = engine(tier, |_| ());
        let bytes = engine.precompile_module(&text).expect("valid");
        let module = deserialize(&engine, &bytes).expect("just made");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let f = instance.get_typed_func::<i64, i64>(&mut store, "f").expect("exported");
        assert_eq!(f.call(&mut store, 3).expect("returns"), 3 * VALUES as i64, "{tier}");
    }
}

/// LLVM takes no function of more than 16000 slots.
#[cfg(feature = "llvm")]
#[test]
fn what_llvm_declines_is_interpreted() {
    let engine = engine(Mode::Aot, |config| {
        config.ahead_of_time_tier(LLVM_JIT);
    });
    let text = format!(
        r#"(module
            (func $large (param i64) (result i64) (local {})
                (local.set 16001 (i64.const 2)) (i64.add (local.get 0) (local.get 16001)))
            (func (export "f") (param i64) (result i64) (i64.add (i64.const 1) (call $large (local.get 0)))))"#,
        "i64 ".repeat(16_001)
    );
    let module = deserialize(&engine, &engine.precompile_module(&text).expect("valid")).expect("just made");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let f = instance.get_typed_func::<i64, i64>(&mut store, "f").expect("exported");
    assert_eq!(f.call(&mut store, 4).expect("returns"), 7);
    assert_eq!((module.bailouts(Mode::Aot).len(), module.statistics().translated), (1, 1));
}

#[test]
fn the_mode_compiles_modules_when_they_are_made() {
    let interp = engine(Mode::Interp, |_| ());
    let expected = outcomes(&interp, &Module::new(&interp, MODULE).expect("valid"), None);
    let engine = engine(Mode::Aot, |_| ());
    let module = Module::new(&engine, MODULE).expect("valid");
    assert_eq!(outcomes(&engine, &module, None), expected);
    let wrong = "(module (func (result i32)))";
    assert!(Module::new(&engine, wrong).is_err() && engine.precompile_module(wrong).is_err());
}

/// The name of a function may be any text, and that of a symbol may not.
#[test]
fn names_may_have_zeros_in_them() {
    let engine = engine(Mode::Aot, |_| ());
    let bytes = engine.precompile_module(r#"(module (func (export "a\00b")))"#).expect("valid");
    let module = deserialize(&engine, &bytes).expect("just made");
    assert!(module.get_export("a\0b").is_some());
}

#[test]
fn what_is_not_whole_is_refused() {
    let text = r#"(module (func (export "f") (param i32) (result i32) (i32.div_s (i32.const 7) (local.get 0))))"#;
    for tier in tiers() {
        let engine = engine(tier, |_| ());
        let bytes = engine.precompile_module(text).expect("valid");
        deserialize(&engine, &bytes).expect("whole");
        for len in 0..bytes.len() {
            assert!(deserialize(&engine, &bytes[..len]).is_err(), "{tier}: {len} bytes");
        }
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(deserialize(&engine, &changed).is_err(), "{tier}: byte {at} changed");
        }
        let why = format!("{:#}", deserialize(&engine, &bytes[..bytes.len() - 1]).expect_err("not whole"));
        assert!(why.contains("incomplete") && why.contains("compile the module again"), "{why}");
    }
}

/// Changes a setting of an engine.
type Set = fn(&mut Config);

#[test]
fn files_for_other_settings_are_refused() {
    let plain = engine(FAST_JIT, |_| ());
    let bytes = plain.precompile_module(MODULE).expect("valid");
    let others: [(Set, &str); 3] = [
        (|config| _ = config.consume_fuel(true), "without fuel"),
        (|config| _ = config.epoch_interruption(true), "without interruption by epochs"),
        (|config| _ = config.bounds(Bounds::Explicit), "with guard pages"),
    ];
    for (set, message) in others {
        let other = engine(FAST_JIT, set);
        let why = format!("{:#}", deserialize(&other, &bytes).expect_err("of another setting"));
        assert!(why.contains(message), "{why}");
        // And the other way round.
        let bytes = other.precompile_module(MODULE).expect("valid");
        assert!(deserialize(&plain, &bytes).is_err(), "{message}");
        deserialize(&other, &bytes).expect("of this setting");
    }
}

#[test]
fn a_file_of_a_tier_that_is_not_there_is_refused() {
    let bytes = engine(FAST_JIT, |_| ()).precompile_module(MODULE).expect("valid");
    let mut without = Config::without_tiers();
    without.mode(Mode::Interp);
    let without = Engine::new(&without).expect("supported");
    let why = format!("{:#}", deserialize(&without, &bytes).expect_err("no such tier"));
    assert!(why.contains("`fast-jit`"), "{why}");
    assert!(without.precompile_module(MODULE).is_err());
}

#[test]
fn code_for_any_processor_runs_here() {
    use riser::fast_jit::{FastTier, Options, Processor};
    let maker = engine(FAST_JIT, |config| {
        let tier = FastTier::for_processor(Options::default(), Processor::Baseline).expect("supported");
        config.tier(std::sync::Arc::new(tier));
    });
    let user = engine(FAST_JIT, |_| ());
    let bytes = maker.precompile_module(MODULE).expect("valid");
    let module = deserialize(&user, &bytes).expect("needs less than there is");
    assert_eq!(outcomes(&user, &module, None), outcomes(&maker, &Module::new(&maker, MODULE).expect("valid"), None));
}

#[test]
fn the_cache_is_used_and_mended() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cached = |mode| {
        engine(mode, |config| {
            config.cache(folder.path().join("new/cache"));
        })
    };
    let files = || {
        let folder = fs::read_dir(folder.path().join("new/cache")).expect("was made");
        let mut files: Vec<_> = folder.map(|file| file.expect("is readable").path()).collect();
        files.sort();
        files
    };
    let interp = engine(Mode::Interp, |_| ());
    let expected = outcomes(&interp, &Module::new(&interp, MODULE).expect("valid"), None);
    let run = |engine: &Engine| outcomes(engine, &Module::new(engine, MODULE).expect("valid"), None);
    for tier in tiers() {
        let before = if folder.path().join("new/cache").exists() { files() } else { Vec::new() };
        assert_eq!(run(&cached(tier)), expected);
        let made = files().into_iter().find(|file| !before.contains(file)).expect("a file was made");
        let bytes = fs::read(&made).expect("is readable");
        let time = fs::metadata(&made).and_then(|it| it.modified()).expect("has a time");
        assert_eq!(run(&cached(tier)), expected);
        assert_eq!(fs::metadata(&made).and_then(|it| it.modified()).expect("has a time"), time, "it was taken");
        for damage in [&bytes[..bytes.len() / 2], b"", b"not a file of Riser's"] {
            fs::write(&made, damage).expect("is writable");
            assert_eq!(run(&cached(tier)), expected);
            assert_eq!(fs::read(&made).expect("is readable"), bytes, "it was made again");
        }
        assert_eq!(files().len(), before.len() + 1, "nothing else is left");
    }
    // Another setting is another file, and another module is.
    let count = files().len();
    run(&engine(FAST_JIT, |config| {
        config.cache(folder.path().join("new/cache")).consume_fuel(true);
    }));
    Module::new(&cached(FAST_JIT), "(module (func (export \"f\")))").expect("valid");
    assert_eq!(files().len(), count + 2);
    // Modes that compile by and by leave it alone.
    run(&cached(Mode::MultiTier));
    run(&cached(Mode::Interp));
    assert_eq!(files().len(), count + 2);
}

#[test]
fn a_cache_that_cannot_be_written_to_does_no_harm() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("is writable");
    let engine = engine(FAST_JIT, |config| {
        config.cache(file.join("cache"));
    });
    assert_eq!(engine.why_not_cached(), None);
    assert_eq!(outcomes(&engine, &Module::new(&engine, MODULE).expect("valid"), None).len(), 11);
    let why = engine.why_not_cached().expect("it cannot be made");
    assert!(why.contains(&*file.join("cache").to_string_lossy()) && why.contains("Not a directory"), "{why}");
}

/// Uses a cache, and says what files it has afterwards, or why it is refused.
fn use_cache(folder: &Path) -> Result<Vec<PathBuf>> {
    let engine = engine(FAST_JIT, |config| {
        config.cache(folder);
    });
    Module::new(&engine, "(module (func (export \"f\")))")?;
    Ok(fs::read_dir(folder)?.map(|file| file.expect("is readable").path()).collect())
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("is ours");
}

#[test]
fn a_cache_that_others_may_write_to_is_refused() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (above, folder) = (root.path().join("above"), root.path().join("above/cache"));
    use_cache(&folder).expect("is private");
    let mode = |path: &Path| fs::symlink_metadata(path).expect("is there").mode() & 0o7777;
    assert_eq!((mode(&above), mode(&folder)), (0o700, 0o700));
    assert_eq!(use_cache(&folder).expect("is private").iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600]);
    // By another way, it is the same folder.
    let link = root.path().join("link");
    std::os::unix::fs::symlink(&folder, &link).expect("is writable");
    use_cache(&link).expect("is private");
    let refused = |at: &Path, path: &Path, who: &str| {
        let why = use_cache(path).expect_err("is not private").to_string();
        let at = at.canonicalize().expect("is there");
        for part in [format!("the cache folder `{}`", path.display()), format!("`{}` {who}", at.display())] {
            assert!(why.contains(&part), "`{part}` is missing: {why}");
        }
        assert!(why.contains("use another folder"), "{why}");
    };
    for (wrong, who) in
        [(0o777, "may be written to by anybody"), (0o1777, "may be"), (0o770, "may be written to by its group")]
    {
        set_mode(&folder, wrong);
        refused(&folder, &folder, who);
        refused(&folder, &link, who);
        set_mode(&folder, 0o755);
        use_cache(&folder).expect("is private again");
    }
    set_mode(&above, 0o707);
    refused(&above, &folder, "may be written to by anybody");
    set_mode(&above, 0o1777);
    use_cache(&folder).expect("nobody can replace it");
    // Others' folders: only the administrator can make some.
    if std::os::unix::fs::chown(&above, Some(1), None).is_ok() {
        refused(&above, &folder, "belongs to the user 1");
        std::os::unix::fs::chown(&above, Some(0), None).expect("by the administrator");
        std::os::unix::fs::chown(&folder, Some(1), None).expect("by the administrator");
        refused(&folder, &folder, "belongs to the user 1");
    }
}

#[test]
fn files_that_others_may_have_written_are_made_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = use_cache(folder.path()).expect("is private").pop().expect("was made");
    let bytes = fs::read(&file).expect("is readable");
    let number = |file: &Path| fs::symlink_metadata(file).expect("is there").ino();
    let is_made_again = |what: &str| {
        let before = number(&file);
        assert_eq!(use_cache(folder.path()).expect("is private"), std::slice::from_ref(&file), "{what}");
        assert_ne!(number(&file), before, "{what}");
        assert_eq!(fs::read(&file).expect("is readable"), bytes, "{what}");
        let made = number(&file);
        use_cache(folder.path()).expect("is private");
        assert_eq!(number(&file), made, "{what}: it is taken afterwards");
    };
    for mode in [0o620, 0o602] {
        set_mode(&file, mode);
        is_made_again("a file that others may write to");
    }
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    fs::rename(&file, elsewhere.path().join("file")).expect("on one file system");
    std::os::unix::fs::symlink(elsewhere.path().join("file"), &file).expect("is writable");
    is_made_again("a link");
    if std::os::unix::fs::chown(&file, Some(1), None).is_ok() {
        is_made_again("a file of somebody else");
    }
}

#[test]
fn the_cache_forgets_what_was_used_longest_ago() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let use_module = |number: u32, limit: u64| {
        let engine = engine(FAST_JIT, |config| {
            config.cache(folder.path()).cache_limit(limit);
        });
        let module = format!("(module (func (export \"f\") (result i32) i32.const {number}))");
        Module::new(&engine, module).expect("valid");
    };
    let files = || -> BTreeSet<PathBuf> {
        fs::read_dir(folder.path()).expect("is readable").map(|file| file.expect("is readable").path()).collect()
    };
    use_module(0, u64::MAX);
    let first = files();
    let size = first.iter().map(|file| fs::metadata(file).expect("is there").len()).sum::<u64>();
    let (of_someone, unfinished, being_written) = (
        folder.path().join("program.aot"),
        folder.path().join("0123456789abcdef-0123456789abcdef.1-0.tmp"),
        folder.path().join("0123456789abcdef-0123456789abcdef.1-1.tmp"),
    );
    for file in [&of_someone, &unfinished, &being_written] {
        fs::write(file, vec![0; size as usize]).expect("is writable");
    }
    let hours_ago = SystemTime::now() - Duration::from_secs(2 * 3600);
    let file = fs::File::options().write(true).open(&unfinished).expect("is writable");
    file.set_modified(hours_ago).expect("is ours");

    use_module(1, u64::MAX);
    use_module(2, u64::MAX);
    assert_eq!(files().len(), 5, "three of modules, two that are not its business");
    assert!(!files().contains(&unfinished), "left by a process that is gone");

    // Room for two: the one that is added, and the one that was used last.
    use_module(0, u64::MAX);
    let before = files();
    use_module(3, size * 2 + size / 2);
    let after = files();
    assert_eq!(before.difference(&after).count(), 2);
    assert_eq!(after.difference(&before).count(), 1);
    assert!(after.is_superset(&first) && after.contains(&of_someone) && after.contains(&being_written));

    use_module(4, 0);
    assert_eq!(files().difference(&after).count(), 1, "what is added stays");
    assert_eq!(files().len(), 3);
}

#[test]
fn threads_share_a_cache() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let expected = {
        let engine = engine(Mode::Interp, |_| ());
        outcomes(&engine, &Module::new(&engine, MODULE).expect("valid"), None)
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..10 {
                    let engine = engine(FAST_JIT, |config| {
                        config.cache(folder.path());
                    });
                    let module = Module::new(&engine, MODULE).expect("valid");
                    assert_eq!(outcomes(&engine, &module, None), expected);
                    if round % 3 == 0 {
                        // Whoever reads meanwhile sees a damaged file, or none.
                        for file in fs::read_dir(folder.path()).expect("is readable").flatten() {
                            let _ = fs::write(file.path(), "damaged");
                        }
                    }
                }
            });
        }
    });
}
