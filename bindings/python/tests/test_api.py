"""The API: `python3 -m unittest discover bindings/python/tests`, with the package installed or `RISER_LIBRARY` set."""

import contextlib
import gc
import io
import os
import signal
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
import weakref
from pathlib import Path

from riser import (
    Caller,
    Config,
    Engine,
    ExitTrap,
    Func,
    FuncType,
    Global,
    GlobalType,
    Instance,
    Limits,
    Linker,
    Memory,
    MemoryType,
    Module,
    RiserError,
    Snapshot,
    Store,
    Table,
    TableType,
    Trap,
    TrapCode,
    ValType,
    WasiConfig,
    lab,
    wat2wasm,
)

I32, I64, F32, F64 = ValType.i32(), ValType.i64(), ValType.f32(), ValType.f64()


def exports_of(wat, *imports, config=None, store=None):
    """The exports of an instance of a module, and its store."""
    store = store or Store(Engine(config or Config()))
    return store, Instance(store, Module(store.engine, wat), imports).exports(store)


class Values(unittest.TestCase):
    def test_numbers_come_back(self):
        for name, ty, values in [
            ("i32", I32, [0, -1, 2**31 - 1, -(2**31)]),
            ("i64", I64, [0, -1, 2**63 - 1, -(2**63)]),
            ("f32", F32, [0.5, -0.0, float("inf")]),
            ("f64", F64, [0.1, 1e300]),
        ]:
            store, exports = exports_of(f'(module (func (export "f") (param {name}) (result {name}) (local.get 0)))')
            self.assertEqual(exports["f"].type(store), FuncType([ty], [ty]))
            for value in values:
                self.assertEqual(exports["f"](store, value), value)

    def test_unsigned_numbers_are_taken(self):
        store, exports = exports_of('(module (func (export "f") (param i32) (result i32) (local.get 0)))')
        self.assertEqual(exports["f"](store, 2**32 - 1), -1)
        for wrong, error in [(2**32, OverflowError), (-(2**31) - 1, OverflowError), (1.0, TypeError), ("1", TypeError)]:
            with self.assertRaises(error):
                exports["f"](store, wrong)
        with self.assertRaises(TypeError):
            exports["f"](store)

    def test_vectors_are_bytes(self):
        store, exports = exports_of(
            '(module (func (export "f") (param v128) (result v128) (i8x16.add (local.get 0) (local.get 0))))'
        )
        self.assertEqual(exports["f"](store, bytes(range(16))), bytes(range(0, 32, 2)))
        with self.assertRaises(ValueError):
            exports["f"](store, b"short")

    def test_several_results_are_a_list(self):
        store, exports = exports_of('(module (func (export "f") (result i32 i64) (i32.const 1) (i64.const 2)))')
        self.assertEqual(exports["f"](store), [1, 2])

    def test_objects_are_the_same_afterwards_and_are_given_back(self):
        class Thing:
            pass

        store, exports = exports_of('(module (func (export "f") (param externref) (result externref) (local.get 0)))')
        thing = Thing()
        gone = weakref.ref(thing)
        self.assertIs(exports["f"](store, thing), thing)
        self.assertIsNone(exports["f"](store, None))
        del thing, store, exports
        gc.collect()
        self.assertIsNone(gone())


    def test_results_that_cannot_be_converted_keep_nothing(self):
        class Thing:
            pass

        thing = Thing()
        gone = weakref.ref(thing)
        text = """(module (func (export "f") (param externref externref) (result externref externref externref)
                    (local.get 0) (local.get 1) (local.get 0)))"""
        store, exports = exports_of(text)
        with unittest.mock.patch("riser._values.lent_object", side_effect=[1, KeyError]):
            with self.assertRaises(KeyError):
                exports["f"](store, thing, thing)
        del thing, store, exports
        gc.collect()
        self.assertIsNone(gone())


class Objects(unittest.TestCase):
    def test_globals(self):
        store = Store()
        cell = Global(store, GlobalType(I64, True), 5)
        constant = Global(store, GlobalType(F32), 0.5)
        self.assertEqual(cell.value(store), 5)
        cell.set_value(store, 6)
        self.assertEqual((cell.value(store), cell.type(store)), (6, GlobalType(I64, True)))
        with self.assertRaisesRegex(RiserError, "immutable"):
            constant.set_value(store, 1.0)

    def test_tables(self):
        store, exports = exports_of('(module (table (export "t") 2 4 funcref) (func $f (export "f")) (elem (i32.const 0) $f))')
        table = exports["t"]
        self.assertEqual(table.type(store), TableType(ValType.FUNCREF, Limits(2, 4)))
        self.assertIsInstance(table.get(store, 0), Func)
        self.assertIsNone(table.get(store, 1))
        table.set(store, 1, exports["f"])
        self.assertEqual(table.grow(store, 2, None), 2)
        with self.assertRaises(RiserError):
            table.grow(store, 1, None)
        with self.assertRaises(IndexError):
            table.get(store, 4)
        own = Table(store, TableType(ValType.EXTERNREF, Limits(1)), "text")
        self.assertEqual(own.get(store, 0), "text")

    def test_memories_are_read_and_written_in_bounds(self):
        store = Store()
        memory = Memory(store, MemoryType(Limits(1, 2)))
        self.assertEqual(memory.write(store, b"hello", 10), 5)
        self.assertEqual(memory.read(store, 10, 15), b"hello")
        self.assertEqual(len(memory.read(store)), 65536)
        view = memory.view(store)
        view[0:2] = b"ab"
        view[-1] = 7
        self.assertEqual((view[0], view[-1], view[0:2]), (ord("a"), 7, b"ab"))
        self.assertEqual(memory.grow(store, 1), 1)
        # What was taken before the memory grew goes on.
        self.assertEqual((len(view), view[0:2], view[-1]), (131072, b"ab", 0))
        for wrong in (lambda: memory.write(store, b"ab", 131071), lambda: memory.grow(store, 1)):
            with self.assertRaises(RiserError):
                wrong()
        with self.assertRaises(IndexError):
            view[131072]
        with self.assertRaises(ValueError):
            Memory(store, MemoryType(Limits(3, 2)))

    def test_sizes_that_do_not_fit_are_refused(self):
        engine = Engine(Config(consume_fuel=True))
        store = Store(engine)
        store.set_fuel(2**64 - 1)
        self.assertEqual(store.get_fuel(), 2**64 - 1)
        memory = Memory(store, MemoryType(Limits(1)))
        table = Table(store, TableType(ValType.EXTERNREF, Limits(1)), None)
        for use in (
            lambda: store.set_fuel(-1),
            lambda: store.set_fuel(2**64),
            lambda: store.set_epoch_deadline(2**64),
            lambda: store.set_limits(memory_size=2**63),
            lambda: memory.grow(store, 2**64),
            lambda: memory.grow(store, -1),
            lambda: memory.write(store, b"x", 2**64),
            lambda: table.grow(store, 2**32, None),
            lambda: Memory(store, MemoryType(Limits(2**64))),
            lambda: Table(store, TableType(ValType.EXTERNREF, Limits(0, 2**32)), None),
            lambda: Config(max_wasm_stack=-1),
            lambda: Config().tier_policy(call_threshold=2**32),
        ):
            with self.assertRaises(OverflowError):
                use()
        self.assertEqual((memory.size(store), memory.read(store, 0, 1), table.size(store)), (1, b"\0", 1))

    def test_modules_say_what_they_need_and_have(self):
        module = Module(Engine(), '(module $m (import "a" "b" (memory i64 1 2)) (tag (export "e") (param i32)) (func (export "f")))')
        self.assertEqual(module.name, "m")
        self.assertEqual(module.imports[0].type, MemoryType(Limits(1, 2), is_64=True))
        self.assertEqual([(it.name, type(it.type).__name__) for it in module.exports], [("e", "TagType"), ("f", "FuncType")])
        self.assertEqual(module.settings["mode"], Engine().default_mode)

    def test_modules_are_kept_in_files(self):
        engine = Engine()
        wasm = wat2wasm('(module (func (export "f") (result i32) (i32.const 9)))')
        module = Module(engine, wasm)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "f.wasm"
            path.write_bytes(wasm)
            for again in (Module.from_file(engine, path), Module.deserialize(engine, module.serialize())):
                store = Store(engine)
                self.assertEqual(Instance(store, again).exports(store)["f"](store), 9)
            with self.assertRaisesRegex(RiserError, "nothing.wasm"):
                Module.from_file(engine, Path(folder) / "nothing.wasm")
        with self.assertRaises(RiserError):
            Module.validate(engine, wasm[:-1])
        with self.assertRaises(RiserError):
            Module.deserialize(engine, module.serialize()[:-1])
        with self.assertRaisesRegex(RiserError, "expected"):
            wat2wasm("(module")

    def test_configurations_are_used_up(self):
        config, wasi, store = Config(), WasiConfig(), Store()
        Engine(config)
        store.set_wasi(wasi)
        for use in (
            lambda: Engine(config),
            lambda: setattr(config, "mode", "interp"),
            lambda: config.switches(True),
            lambda: store.set_wasi(wasi),
            lambda: setattr(wasi, "argv", ["program"]),
            lambda: setattr(wasi, "env", {}),
            lambda: wasi.inherit_env(),
        ):
            with self.assertRaisesRegex(ValueError, "has been used already"):
                use()
        with self.assertRaises(AttributeError):
            Config(speed=1)
        with self.assertRaisesRegex(RiserError, "unknown mode `warp`"):
            Config(mode="warp")


class HostFunctions(unittest.TestCase):
    def test_they_see_their_caller(self):
        engine = Engine()
        linker = Linker(engine)

        def note(caller: Caller, at: int, size: int) -> int:
            caller.data.append(bytes(caller["memory"].read(caller, at, at + size)))
            kept.append(caller)
            return size

        kept = []
        linker.define_func("host", "note", FuncType([I32, I32], [I32]), note, access_caller=True)
        module = Module(
            engine,
            """(module (import "host" "note" (func $note (param i32 i32) (result i32)))
                 (memory (export "memory") 1) (data (i32.const 4) "text")
                 (func (export "f") (result i32) (call $note (i32.const 4) (i32.const 4))))""",
        )
        store = Store(engine, data=[])
        self.assertEqual(linker.instantiate(store, module).exports(store)["f"](store), 4)
        self.assertEqual(store.data, [b"text"])
        with self.assertRaises(ValueError):
            kept[0]["memory"]

    def test_what_they_raise_arrives(self):
        class Own(Exception):
            pass

        def fail() -> None:
            raise Own("reason")

        store = Store()
        func = Func(store, FuncType([], []), fail)
        _, exports = exports_of('(module (import "" "" (func $f)) (func (export "f") (call $f)))', func, store=store)
        with self.assertRaisesRegex(Own, "reason"):
            exports["f"](store)
        wrong = Func(store, FuncType([], [I32]), lambda: "text")
        with self.assertRaises(TypeError):
            wrong(store)

    def test_what_they_raise_arrives_whatever_its_text(self):
        class Silent(Exception):
            def __str__(self):
                raise ValueError("no text")

        for error in (Silent(), OSError("no file \udcff"), KeyError("a\0b")):

            def fail(error=error) -> int:
                raise error

            store = Store()
            func = Func(store, FuncType([], [I32]), fail)
            with self.assertRaises(type(error)) as caught:
                func(store)
            self.assertIs(caught.exception, error)
            # Nothing is left for the next error.
            with self.assertRaises(RiserError):
                wat2wasm("(module")

    def test_exceptions_of_guests_pass_through(self):
        store = Store(Engine(Config().proposal("exceptions", True)))
        _, inner = exports_of("""(module (tag $t (param i32)) (func (export "throw") (throw $t (i32.const 7))))""", store=store)
        func = Func(store, FuncType([], []), lambda: inner["throw"](store))
        _, outer = exports_of(
            """(module (import "" "" (func $f))
                 (func (export "caught") (result i32)
                   (block $handler (try_table (catch_all $handler) (call $f)) (return (i32.const 0)))
                   (i32.const 1))
                 (func (export "uncaught") (call $f)))""",
            func,
            store=store,
        )
        for _ in range(2):
            self.assertEqual(outer["caught"](store), 1)
            with self.assertRaisesRegex(RiserError, "expected"):
                wat2wasm("(module")
            with self.assertRaisesRegex(RiserError, "thrown Wasm exception"):
                outer["uncaught"](store)

    def test_signals_end_the_guest_in_any_line(self):
        store = Store()
        func = Func(store, FuncType([], []), lambda: None)
        text = """(module (import "" "" (func $f)) (func (export "f") (local $n i32)
                    (loop $on
                      (call $f)
                      (local.set $n (i32.add (local.get $n) (i32.const 1)))
                      (br_if $on (i32.lt_u (local.get $n) (i32.const 5000000))))))"""
        _, exports = exports_of(text, func, store=store)
        for _ in range(20):
            timer = threading.Timer(0.01, signal.raise_signal, [signal.SIGINT])
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                exports["f"](store)
            timer.join()

    def test_what_leaves_a_callback_arrives_whatever_hook_there_is(self):
        def fails(store, trap):
            raise KeyboardInterrupt

        class Fails:
            def __del__(self):
                raise ZeroDivisionError

        store, seen = Store(), []
        inner = Func(store, FuncType([], []), lambda: None)
        func = Func(store, FuncType([], []), lambda: (inner(store), Fails()) and None)
        before = sys.unraisablehook
        sys.unraisablehook = hook = lambda raised: seen.append(raised.exc_type)
        try:
            # The hook gets everything else while wasm runs, and is the process's hook again afterwards.
            func(store)
            self.assertEqual(seen, [ZeroDivisionError])
            self.assertIs(sys.unraisablehook, hook)
            with unittest.mock.patch("riser._func.lib.riser_store_end_callback", fails):
                with self.assertRaises(KeyboardInterrupt):
                    inner(store)
            self.assertEqual(seen, [ZeroDivisionError])
            self.assertIs(sys.unraisablehook, hook)
        finally:
            sys.unraisablehook = before

    def test_a_hook_that_is_set_in_a_callback_stays(self):
        store, seen = Store(), []
        before = sys.unraisablehook

        def sets_a_hook():
            passed_on = sys.unraisablehook
            sys.unraisablehook = lambda raised: seen.append(raised.exc_type) or passed_on(raised)

        class Fails:
            def __del__(self):
                raise ZeroDivisionError

        try:
            sys.unraisablehook = lambda raised: seen.append("the first")
            Func(store, FuncType([], []), sets_a_hook)(store)
            Func(store, FuncType([], []), lambda: Fails() and None)(store)
            self.assertEqual(seen, [ZeroDivisionError, "the first"])
        finally:
            sys.unraisablehook = before

    def test_functions_are_given_back_with_their_store(self):
        class Callee:
            def __call__(self):
                return 1

        callee = Callee()
        gone = weakref.ref(callee)
        store = Store()
        func = Func(store, FuncType([], [I32]), callee)
        self.assertEqual(func(store), 1)
        del callee, func, store
        gc.collect()
        self.assertIsNone(gone())

    def test_functions_that_cannot_be_made_are_given_back(self):
        class Callee:
            def __call__(self):
                return 1

        ended = []
        store = Store()
        Func(store, FuncType([], []), ended.append, access_caller=True)(store)
        linker = Linker(store.engine)
        for make in (
            lambda callee: Func(None, FuncType([], []), callee),
            lambda callee: Func(ended[0], FuncType([], []), callee),
            lambda callee: linker.define_func(None, "f", FuncType([], []), callee),
        ):
            callee = Callee()
            gone = weakref.ref(callee)
            with self.assertRaises((TypeError, ValueError, AttributeError)):
                make(callee)
            del callee
            gc.collect()
            self.assertIsNone(gone())

    def test_things_of_another_store_are_refused(self):
        func = Func(Store(), FuncType([], []), lambda: None)
        with self.assertRaisesRegex(RiserError, "another store"):
            exports_of('(module (import "" "" (func)))', func)


class Endings(unittest.TestCase):
    def test_traps_have_codes_and_frames(self):
        store, exports = exports_of(
            '(module $m (func $inner (unreachable)) (func (export "f") (call $inner)))', config=Config(mode="interp")
        )
        with self.assertRaises(Trap) as caught:
            exports["f"](store)
        trap = caught.exception
        self.assertEqual(trap.trap_code, TrapCode.UNREACHABLE)
        self.assertEqual([frame.func_name for frame in trap.frames], ["inner", "f"])
        self.assertIn("m!inner", str(trap))

    def test_fuel_runs_out_and_epochs_interrupt(self):
        spin = '(module (func (export "f") (loop $l (br $l))))'
        store, exports = exports_of(spin, config=Config(consume_fuel=True))
        store.set_fuel(1000)
        with self.assertRaises(Trap) as caught:
            exports["f"](store)
        self.assertEqual((caught.exception.trap_code, store.get_fuel()), (TrapCode.OUT_OF_FUEL, 0))

        store, exports = exports_of(spin, config=Config(epoch_interruption=True))
        store.set_epoch_deadline(1)
        timer = threading.Timer(0.05, store.engine.increment_epoch)
        timer.start()
        with self.assertRaises(Trap) as caught:
            exports["f"](store)
        timer.join()
        self.assertEqual(caught.exception.trap_code, TrapCode.INTERRUPT)
        with self.assertRaisesRegex(RiserError, "fuel is not configured"):
            store.set_fuel(1)

    def test_limits_hold(self):
        store = Store()
        store.set_limits(memory_size=65536)
        memory = Memory(store, MemoryType(Limits(1)))
        with self.assertRaises(RiserError):
            memory.grow(store, 1)

    def test_wasi(self):
        engine = Engine()
        linker = Linker(engine)
        linker.define_wasi()
        module = Module(
            engine,
            """(module
                 (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                 (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                 (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
                 (import "wasi_snapshot_preview1" "environ_sizes_get" (func $variables (param i32 i32) (result i32)))
                 (memory (export "memory") 1)
                 (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 16) "hello\\0a")
                 (func (export "_start")
                   (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                   (drop (call $sizes (i32.const 100) (i32.const 104)))
                   (drop (call $variables (i32.const 108) (i32.const 112)))
                   (call $exit (i32.add (i32.load (i32.const 100)) (i32.mul (i32.load (i32.const 108)) (i32.const 10))))))""",
        )
        written = []
        store, wasi = Store(engine), WasiConfig()
        wasi.argv = ["an", "earlier", "one", "is", "replaced"]
        wasi.argv = ["program", "one", "two"]
        wasi.env = {"OTHER": "value"}
        wasi.env = {"NAME": "value"}
        wasi.stdout_custom = written.append
        store.set_wasi(wasi)
        with self.assertRaises(ExitTrap) as caught:
            linker.instantiate(store, module).exports(store)["_start"](store)
        self.assertEqual((caught.exception.code, b"".join(written)), (13, b"hello\n"))
        with self.assertRaisesRegex(RiserError, "cannot open the folder"):
            WasiConfig().preopen_dir("/nowhere", "/")
        for use in (
            lambda: setattr(wasi, "argv", ["a\0b"]),
            lambda: setattr(wasi, "env", {"A": "a\0b"}),
            lambda: setattr(wasi, "stdin_file", "/dev/null\0"),
            lambda: wasi.preopen_dir("/\0", "/"),
            lambda: Module.from_file(engine, "a\0b"),
        ):
            wasi = WasiConfig()
            with self.assertRaisesRegex(ValueError, "null character"):
                use()


class Modes(unittest.TestCase):
    FIB = """(module (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
          (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                         (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"""

    def test_instances_have_modes_of_their_own(self):
        engine = Engine()
        module = Module(engine, self.FIB)
        self.assertLessEqual({"interp", "classic"}, set(lab.modes()))
        store = Store(engine)
        for mode in lab.modes():
            instance = Instance(store, module)
            instance.mode = mode
            self.assertEqual((instance.mode, instance.exports(store)["fib"](store, 15)), (mode, 610))
        with self.assertRaises(RiserError):
            engine.default_mode = "warp"
        engine.default_mode = "classic"
        self.assertEqual(Instance(store, module).mode, "classic")

    def test_measurements_agree_and_count(self):
        every = [*lab.dispatches(), *lab.ablations(), "interp,naive,on=accumulators,bounds=explicit", "classic"]
        measured = lab.measure(self.FIB, "fib", [12], every, rounds=2, fuel=True, count=True)
        self.assertEqual({it.result for it in measured}, {144})
        self.assertTrue(all(len(it.times_ns) == 2 and it.best_ns > 0 for it in measured))
        self.assertEqual(len({it.fuel for it in measured}), 1)
        by_name = {str(it.configuration): it for it in measured}
        best, naive = by_name["all"].counts, by_name["none"].counts
        self.assertLess(best.dispatches, naive.dispatches)
        self.assertEqual(best.calls, naive.calls)
        self.assertIsNone(by_name["classic"].counts)
        self.assertGreater(by_name["all"].statistics.code_bytes, 0)
        table = lab.table(measured)
        self.assertEqual(len(table.splitlines()), len(measured) + 1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "it.svg"
            self.assertIn(lab.plot(measured, str(path), "fib <15>"), ("svg", "matplotlib"))
            self.assertGreater(path.stat().st_size, 1000)
        self.assertIn("fib &lt;15&gt;", lab.svg(measured, "fib <15>"))

    def test_words_that_mean_nothing_are_named(self):
        for words in ("warp", "interp,speed=1", "interp,dispatch=goto", "interp,off=everything"):
            with self.assertRaises(RiserError):
                lab.Configuration(words).config()

    def test_nothing_is_given_twice(self):
        for words in ("interp,classic", "classic classic", "interp,dispatch=switch,dispatch=loops", "opt=speed,opt=none"):
            with self.assertRaisesRegex(ValueError, "2 modes|2 times"):
                lab.Configuration(words)
        self.assertEqual(lab.Configuration("naive,on=accumulators,on=pairs").mode, "interp")
        for twice in (["interp", "interp"], [lab.Configuration("interp", "it"), lab.Configuration("classic", "it")]):
            with self.assertRaisesRegex(ValueError, "2 configurations are called"):
                lab.measure(self.FIB, "fib", [5], twice, rounds=1)

    def test_threads_have_stores_of_their_own(self):
        engine = Engine()
        module = Module(engine, self.FIB)
        found = []

        def run():
            store = Store(engine)
            found.append(Instance(store, module).exports(store)["fib"](store, 18))

        threads = [threading.Thread(target=run) for _ in range(4)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [2584] * 4)
        self.assertLess(time.monotonic() - started, 60)


class Snapshots(unittest.TestCase):
    # Counts its rounds, and writes a digit to standard output for each.
    PROGRAM = """(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (global $rounds (export "rounds") (mut i32) (i32.const 0))
        (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
        (func $digit (param i32)
          (i32.store8 (i32.const 16) (i32.add (local.get 0) (i32.const 48)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func (export "run") (param $n i32) (result i32 i64)
          (i64.const 7)
          (loop $on
            (call $digit (global.get $rounds))
            (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
            (br_if $on (i32.lt_u (global.get $rounds) (local.get $n))))
          (drop)
          (global.get $rounds) (i64.const 7)))"""

    class Stopped(Exception):
        pass

    def setUp(self):
        self.engine = Engine(Config(epoch_interruption=True, snapshots=True))
        self.module = Module(self.engine, self.PROGRAM)
        self.linker = Linker(self.engine)
        self.linker.define_wasi()

    def store(self, wasi=None):
        """A store, and what its guest writes."""
        store, wasi, written = Store(self.engine, data="the data"), wasi or WasiConfig(), []
        wasi.stdout_custom = written.append
        store.set_wasi(wasi)
        store.set_epoch_deadline(1000)
        return store, written

    def stopped(self, after):
        """The program's snapshot after a number of safepoints, and what it has written."""
        found = []

        def take(caller, snapshot):
            self.assertEqual(caller.data, "the data")
            self.assertIsNone(caller.get("run"))
            snapshot.set_wasi(caller)
            found.append((caller, snapshot))
            raise self.Stopped()

        store, written = self.store()
        run = self.linker.instantiate(store, self.module).exports(store)["run"]
        store.on_snapshot(take)
        store.request_snapshot_after(after)
        with self.assertRaises(self.Stopped):
            run(store, 8)
        ((caller, snapshot),) = found
        with self.assertRaises(ValueError):
            caller.get("run")
        return snapshot, b"".join(written)

    def test_programs_go_on_in_every_mode(self):
        for number, mode in enumerate(lab.modes()):
            self.engine.default_mode = mode
            snapshot, begun = self.stopped(3 + number)
            self.assertGreater(snapshot.frames, 0)
            snapshot.set_module(self.module)
            snapshot.set_section("host", b"state")
            data = snapshot.to_bytes()
            for other in lab.modes():
                self.engine.default_mode = other
                again = Snapshot.from_bytes(data)
                self.assertEqual((again.section("host"), again.section("none")), (b"state", None))
                module = Module(self.engine, again.module)
                wasi = again.wasi_config()
                store, written = self.store(wasi)
                restored = again.restore(store, module, self.linker)
                self.assertEqual(restored.resume(), [8, 7])
                self.assertEqual(begun + b"".join(written), b"01234567", (mode, other))
                self.assertEqual(restored.instance.exports(store)["rounds"].value(store), 8)
                with self.assertRaises(ValueError):
                    restored.resume()

    def test_instances_are_initialised_once(self):
        store, _ = self.store()
        instance = self.linker.instantiate(store, self.module)
        instance.exports(store)["run"](store, 5)
        snapshot = Snapshot.of(store, instance)
        self.assertEqual(snapshot.frames, 0)
        with self.assertRaisesRegex(RiserError, "65536 bytes"):
            snapshot.seal(65535)
        snapshot.seal(65536)
        for _ in range(3):
            store, written = self.store()
            restored = snapshot.restore(store, self.module, self.linker)
            self.assertIsNone(restored.resume())
            self.assertEqual(restored.instance.exports(store)["run"](store, 7), [7, 7])
            self.assertEqual(b"".join(written), b"56")

    def test_code_goes_on_and_threads_ask(self):
        module = Module(
            self.engine,
            """(module (global (export "stop") (mut i32) (i32.const 0))
                 (func (export "run") (result i32) (loop $on (br_if $on (i32.eqz (global.get 0)))) (i32.const 5)))""",
        )
        store = Store(self.engine)
        store.set_epoch_deadline(1)
        instance = Instance(store, module)
        stop, run = (instance.exports(store)[name] for name in ("stop", "run"))

        def take(caller, snapshot):
            self.assertEqual(snapshot.frames, 1)
            stop.set_value(caller, 1)

        requests = store.on_snapshot(take)
        thread = threading.Timer(0.05, requests.request)
        thread.start()
        self.assertEqual(run(store), 5)
        thread.join()

    def test_why_there_is_no_snapshot(self):
        store, _ = self.store()
        run = self.linker.instantiate(store, self.module).exports(store)["run"]
        other = self.linker.instantiate(store, self.module)
        found = []
        store.on_snapshot(lambda caller, snapshot: found.append(snapshot))
        store.request_snapshot_after(0)
        self.assertEqual(run(store, 1), [1, 7])
        self.assertRegex(str(found[0]), "the store has 2 instances")
        self.assertIsInstance(found[0], RiserError)
        with self.assertRaisesRegex(RiserError, "the store has 2 instances"):
            Snapshot.of(store, other)
        with self.assertRaisesRegex(RiserError, "malformed snapshot"):
            Snapshot.from_bytes(b"something else, and long enough")
        with self.assertRaisesRegex(RiserError, "not configured"):
            Store().on_snapshot(print)
        store, _ = self.store()
        snapshot = Snapshot.of(store, self.linker.instantiate(store, self.module))
        with self.assertRaisesRegex(RiserError, "another module"):
            snapshot.restore(store, Module(self.engine, "(module)"))
        with self.assertRaisesRegex(RiserError, "no state of WASI"):
            snapshot.wasi_config()
        self.assertIsNone(snapshot.module)


class Guide(unittest.TestCase):
    def test_its_programs_run(self):
        guide = Path(__file__).parents[3] / "docs" / "src" / "python.md"
        programs = [part.split("```")[0] for part in guide.read_text().split("```python\n")[1:]]
        self.assertEqual(len(programs), 3)
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                Path("program.wasm").write_bytes(
                    wat2wasm('(module (func (export "run") (param i32) (result i32) (local.get 0)))')
                )
                output = io.StringIO()
                with contextlib.redirect_stdout(output):
                    for program in programs:
                        exec(compile(program, str(guide), "exec"), {})
                self.assertTrue(output.getvalue().startswith("hello\n5050\nconfiguration"), output.getvalue())
                self.assertTrue(Path("dispatch.svg").exists())
            finally:
                os.chdir(before)


if __name__ == "__main__":
    unittest.main()
