//! Monitors see the same in every interpreter, and cannot break anything.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use riser::{
    AccessKind, Config, Dispatch, Engine, Event, EventSet, HostCall, HostOutcome, Linker, MemoryIndex, Mode, Module,
    Monitor, Point, Result, Site, Store, TranslatorConfig,
};

use crate::engines::modes;

/// Writes a line for each event of a set.
struct Recorder {
    events: EventSet,
    lines: Mutex<String>,
}

impl Recorder {
    fn new(events: EventSet) -> Arc<Recorder> {
        Arc::new(Recorder { events, lines: Mutex::default() })
    }

    fn line(&self, line: std::fmt::Arguments<'_>) {
        writeln!(self.lines.lock().expect("not poisoned"), "{line}").expect("a string has room");
    }

    fn take(&self) -> String {
        std::mem::take(&mut *self.lines.lock().expect("not poisoned"))
    }
}

impl Monitor for Recorder {
    fn events(&self) -> EventSet {
        self.events
    }

    fn event(&self, event: &Event<'_>) {
        let (function, locals, operands) = (event.function(), event.locals(), event.operands());
        let what = match event.point() {
            Point::Branch => format!("branch {:?}", event.taken().expect("a branch")),
            Point::BranchTable { .. } => format!("table {:?}", event.target().expect("a target")),
            Point::Call { callee, tail } => format!("call {callee} {tail}"),
            Point::CallIndirect { .. } => "call_indirect".to_owned(),
            Point::Access(_) | Point::Bulk(_) => {
                let access = |it: riser::MemoryAccess| format!(" {} {}+{}", it.kind, it.address, it.bytes);
                format!("access{}", event.accesses().map(access).collect::<String>())
            }
            Point::Entry => "entry".to_owned(),
            Point::Exit => "exit".to_owned(),
            Point::Loop => "loop".to_owned(),
            Point::Operator => "operator".to_owned(),
        };
        self.line(format_args!("{function} {what} [{locals}] [{operands}]"));
    }

    fn host_call(&self, call: &HostCall<'_>) {
        let name = call.name().unwrap_or("?");
        self.line(format_args!("{}.{name}({})", call.module().unwrap_or("?"), call.args()));
    }

    fn host_return(&self, _: &HostCall<'_>, outcome: HostOutcome<'_>) {
        match outcome {
            HostOutcome::Returned(results) => self.line(format_args!("= {results}")),
            other => self.line(format_args!("= {other:?}")),
        }
    }
}

/// Every interpreter with its settings.
fn interpreters() -> Vec<(String, Config)> {
    let mut all = Vec::new();
    for mode in modes().into_iter().filter(|mode| *mode == Mode::Interp || mode.name() == "classic") {
        for &dispatch in Dispatch::ALL {
            for (name, switches) in [("on", TranslatorConfig::optimized()), ("off", TranslatorConfig::naive())] {
                let mut config = Config::new();
                config.mode(mode).dispatch(dispatch).translator(switches);
                all.push((format!("{mode} {dispatch} {name}"), config));
            }
        }
    }
    all
}

/// Calls `run` of a module in a store of an engine, with a host function `host.twice`.
fn run(config: &Config, text: &str, argument: i32) -> Result<i32> {
    let engine = Engine::new(config)?;
    let mut store = Store::new(&engine, ());
    if config.translator_config().fuel {
        store.set_fuel(1000)?;
    }
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |value: i32| value.wrapping_mul(2))?;
    let module = Module::new(&engine, text)?;
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<i32, i32>(&mut store, "run")?.call(&mut store, argument)
}

/// What a monitor of these events sees of a call, in all interpreters the same.
fn seen(events: EventSet, text: &str, argument: i32) -> String {
    let mut first: Option<String> = None;
    for (name, mut config) in interpreters() {
        let without = run(&config, text, argument).map_err(|error| format!("{error:?}"));
        let recorder = Recorder::new(events);
        config.monitor(recorder.clone());
        let with = run(&config, text, argument).map_err(|error| format!("{error:?}"));
        assert_eq!(without, with, "{name}");
        let seen = recorder.take();
        match &first {
            Some(first) => assert_eq!(&seen, first, "{name}"),
            None => first = Some(seen),
        }
    }
    first.expect("there is an interpreter")
}

const PROGRAM: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (memory 1)
    (func $sum (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (i32.store offset=8 (i32.const 16) (local.get $sum))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func (export "run") (param $n i32) (result i32)
        (if (result i32) (i32.eqz (local.get $n))
            (then (return (i32.const -1)))
            (else (call $twice (call $sum (local.get $n)))))))"#;

#[test]
fn entries_exits_and_calls_are_seen_with_their_values() {
    let calls = EventSet::ENTRY | EventSet::EXIT | EventSet::CALL | EventSet::HOST;
    assert_eq!(
        seen(calls, PROGRAM, 2),
        "2 entry [2] []\n\
         2 call 1 false [2] [2]\n\
         1 entry [2, 0] []\n\
         1 exit [0, 3] [3]\n\
         2 call 0 false [2] [3]\n\
         host.twice(3)\n\
         = 6\n\
         2 exit [2] [6]\n"
    );
    assert_eq!(seen(calls, PROGRAM, 0), "2 entry [0] []\n2 exit [0] [-1]\n");
}

#[test]
fn loops_branches_and_accesses_are_seen_before_they_take_effect() {
    assert_eq!(
        seen(EventSet::LOOP | EventSet::BRANCH | EventSet::MEMORY, PROGRAM, 2),
        "2 branch false [2] [0]\n\
         1 loop [2, 0] []\n\
         1 access write 24+4 [2, 2] [16, 2]\n\
         1 branch true [1, 2] [1]\n\
         1 loop [1, 2] []\n\
         1 access write 24+4 [1, 3] [16, 3]\n\
         1 branch false [0, 3] [0]\n"
    );
}

#[test]
fn every_operator_can_be_seen() {
    let all = seen(EventSet::CODE, PROGRAM, 0);
    let operators =
        "2 operator [0] []\n2 operator [0] [0]\n2 branch true [0] [1]\n2 operator [0] []\n2 operator [0] [-1]\n";
    assert_eq!(all, format!("2 entry [0] []\n{operators}2 exit [0] [-1]\n"));
}

#[test]
fn a_loop_at_the_start_is_not_another_entry() {
    let text = r#"(module (func (export "run") (param i32) (result i32)
        (loop $again
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.const 7)))"#;
    let events = EventSet::ENTRY | EventSet::LOOP | EventSet::EXIT;
    assert_eq!(seen(events, text, 2), "0 entry [2] []\n0 loop [2] []\n0 loop [1] []\n0 exit [0] [7]\n");
}

#[test]
fn each_way_out_is_an_exit_with_the_results_alone() {
    let text = r#"(module (type $two (func (param i32) (result i32 i64)))
        (func $out (param i32) (result i32 i64)
            i32.const 99
            i32.const 5
            i64.const 6
            block
                block
                    block
                        local.get 0
                        br_table 0 1 2
                    end
                    i32.const 1 i64.const 1 return
                end
                i32.const 2 i64.const 2 br 1
            end
            local.get 0
            i32.const 3
            i32.eq
            br_if 0
            drop drop drop
            i32.const 4 i64.const 4)
        (func (export "run") (param i32) (result i32) local.get 0 call $out drop))"#;
    for (argument, results) in [(0, "1, 1"), (1, "2, 2"), (3, "5, 6"), (4, "4, 4")] {
        let exits = seen(EventSet::EXIT, text, argument);
        assert!(exits.starts_with(&format!("0 exit [{argument}] [{results}]\n")), "{argument}: {exits}");
    }
}

#[test]
fn what_a_monitor_does_not_attach_to_is_not_seen() {
    struct Second(Arc<Recorder>);
    impl Monitor for Second {
        fn events(&self) -> EventSet {
            EventSet::ENTRY
        }
        fn attaches(&self, site: &Site<'_>) -> bool {
            assert_eq!((site.name(), site.point()), (site.info().func_name(site.function()), Point::Entry));
            site.name() == Some("sum")
        }
        fn event(&self, event: &Event<'_>) {
            self.0.event(event);
        }
    }
    for (name, mut config) in interpreters() {
        let recorder = Recorder::new(EventSet::ENTRY);
        config.monitor(Arc::new(Second(recorder.clone())));
        run(&config, PROGRAM, 1).expect(&name);
        assert_eq!(recorder.take(), "1 entry [1, 0] []\n", "{name}");
    }
}

#[test]
fn fuel_runs_out_at_the_same_place() {
    for (name, mut config) in interpreters() {
        config.consume_fuel(true);
        let without = run(&config, PROGRAM, 1000).expect_err(&name);
        config.monitor(Recorder::new(EventSet::CODE));
        let with = run(&config, PROGRAM, 1000).expect_err(&name);
        assert_eq!(format!("{without:?}"), format!("{with:?}"), "{name}");
    }
}

#[test]
fn a_panic_of_a_monitor_is_one_of_the_caller() {
    struct Panics(EventSet, bool);
    impl Monitor for Panics {
        fn events(&self) -> EventSet {
            self.0
        }
        fn attaches(&self, _: &Site<'_>) -> bool {
            assert!(!self.1, "no");
            true
        }
        fn event(&self, _: &Event<'_>) {
            panic!("no");
        }
        fn host_call(&self, _: &HostCall<'_>) {
            panic!("no");
        }
    }
    let cases = [EventSet::ENTRY, EventSet::EXIT, EventSet::LOOP, EventSet::MEMORY, EventSet::HOST];
    for (events, asked) in cases.into_iter().map(|events| (events, false)).chain([(EventSet::CODE, true)]) {
        for (name, mut config) in interpreters() {
            config.monitor(Arc::new(Panics(events, asked)));
            let panic = catch_unwind(AssertUnwindSafe(|| run(&config, PROGRAM, 2))).expect_err(&name);
            assert_eq!(panic.downcast_ref::<&str>(), Some(&"no"), "{name} {events:?}");
        }
    }
}

#[test]
fn compiled_modes_report_host_calls_and_refuse_the_rest() {
    for mode in modes() {
        let recorder = Recorder::new(EventSet::HOST);
        let mut config = Config::new();
        config.monitor(recorder.clone()).mode(mode);
        assert_eq!(run(&config, PROGRAM, 2).unwrap_or_else(|error| panic!("{mode}: {error:#}")), 6, "{mode}");
        assert_eq!(recorder.take(), "host.twice(3)\n= 6\n", "{mode}");

        config.monitor(Recorder::new(EventSet::LOOP)).mode(mode);
        let refused = Engine::new(&config).err().map(|error| error.to_string());
        let interprets = mode == Mode::Interp || mode.name() == "classic";
        assert_eq!(refused.is_none(), interprets, "{mode}: {refused:?}");
        assert!(refused.is_none_or(|why| why.contains("use the mode `interp`")));
    }
    let mut config = Config::new();
    config.monitor(Recorder::new(EventSet::LOOP));
    assert_eq!(Engine::new(&config).expect("a mode that fits").default_mode(), Mode::Interp);
}

#[test]
fn memory_can_be_looked_at() {
    struct Looks(Mutex<Vec<u8>>);
    impl Monitor for Looks {
        fn events(&self) -> EventSet {
            EventSet::MEMORY | EventSet::HOST
        }
        fn event(&self, event: &Event<'_>) {
            let access = event.accesses().next().expect("an access");
            assert_eq!(access.kind, AccessKind::Write);
            let memory = event.memory(access.memory).expect("a memory");
            self.0.lock().expect("not poisoned").push(memory[access.address as usize]);
            assert!(event.memory(MemoryIndex::new(1)).is_none());
        }
        fn host_call(&self, call: &HostCall<'_>) {
            let memory = call.memory(MemoryIndex::ZERO).expect("a memory");
            self.0.lock().expect("not poisoned").push(memory[24]);
        }
    }
    for (name, mut config) in interpreters() {
        let looks = Arc::new(Looks(Mutex::default()));
        config.monitor(looks.clone());
        run(&config, PROGRAM, 3).expect(&name);
        assert_eq!(*looks.0.lock().expect("not poisoned"), [0, 3, 5, 6], "{name}");
    }
}
