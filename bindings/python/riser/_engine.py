"""Configurations, engines, stores, and what a guest may see."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Iterable, Mapping

from . import _library as c
from ._errors import callback, check
from ._handle import Handle, give_back, lend, lent_object, out_pointer
from ._library import fitting, lib, terminated


def _by_name(function: str, doc: str) -> property:
    def set_it(self: Config, name: str) -> None:
        check(getattr(lib, function)(self._pointer, terminated(name)))

    return property(None, set_it, doc=doc)


def _flag(function: str, doc: str) -> property:
    def set_it(self: Config, on: bool) -> None:
        getattr(lib, function)(self._pointer, on)

    return property(None, set_it, doc=doc)


def _size(function: str, doc: str) -> property:
    def set_it(self: Config, size: int) -> None:
        getattr(lib, function)(self._pointer, fitting(size))

    return property(None, set_it, doc=doc)


class Config(Handle):
    """How an engine is made. The properties can be set, not read."""

    def __init__(self, **settings: Any):
        super().__init__(lib.wasm_config_new(), lib.wasm_config_delete)
        for name, value in settings.items():
            if not isinstance(getattr(type(self), name, None), property):
                raise AttributeError(f"there is no setting {name!r}")
            setattr(self, name, value)

    mode = _by_name("riser_config_mode_set", "The mode of instances that choose none.")
    dispatch = _by_name("riser_config_dispatch_set", "How the register interpreter dispatches.")
    bounds = _by_name("riser_config_bounds_set", "How accesses to memories are kept in bounds.")
    compilation = _by_name("riser_config_compilation_set", "When functions become code.")
    consume_fuel = _flag("riser_config_consume_fuel_set", "Whether code consumes fuel.")
    epoch_interruption = _flag("riser_config_epoch_interruption_set", "Whether epochs interrupt code.")
    snapshots = _flag("riser_config_snapshots_set", "Whether compiled code keeps what snapshots need.")
    spectre_guards = _flag("riser_config_spectre_guards_set", "Whether compiled code guards against speculation.")
    relaxed_simd_deterministic = _flag(
        "riser_config_relaxed_simd_deterministic_set", "Whether relaxed vector operators are deterministic."
    )
    parallel_compilation = _size("riser_config_parallel_compilation_set", "Threads that compile.")
    max_wasm_stack = _size("riser_config_max_wasm_stack_set", "The stack of a store, in bytes.")
    max_native_stack = _size("riser_config_max_native_stack_set", "The stack of calls between host and wasm, in bytes.")
    host_stack = _size("riser_config_host_stack_set", "The stack of host functions, in bytes.")

    def switch(self, name: str, on: bool) -> Config:
        """Turns an optimisation of the translator on or off."""
        check(lib.riser_config_switch_set(self._pointer, terminated(name), on))
        return self

    def switches(self, on: bool) -> Config:
        """Turns all optimisations of the translator on or off."""
        lib.riser_config_switches_set(self._pointer, on)
        return self

    def proposal(self, name: str, on: bool) -> Config:
        """Whether modules may use a proposal."""
        check(lib.riser_config_proposal_set(self._pointer, terminated(name), on))
        return self

    def opt_level(self, mode: str, level: str) -> Config:
        """How much work a compiler does."""
        check(lib.riser_config_opt_level_set(self._pointer, terminated(mode), terminated(level)))
        return self

    def cache(self, folder: str, limit: int = 0) -> Config:
        """Keeps machine code in a folder."""
        check(lib.riser_config_cache_set(self._pointer, terminated(folder), fitting(limit)))
        return self

    def tier_policy(self, **fields: int) -> Config:
        """When functions tier up: the fields of `riser_tier_policy_t`, those that differ from the default."""
        policy = lib.riser_tier_policy_default()
        bits = {name: 8 * ctypes.sizeof(number) for name, number in c.TierPolicy._fields_}
        for name, value in fields.items():
            if name not in bits:
                raise AttributeError(f"a policy has no field {name!r}")
            setattr(policy, name, fitting(value, bits[name]))
        lib.riser_config_tier_policy_set(self._pointer, ctypes.byref(policy))
        return self


class Engine(Handle):
    """A configuration, and what modules and stores share. The configuration is used up."""

    def __init__(self, config: Config | None = None):
        engine = out_pointer()
        check(lib.riser_engine_new((config or Config())._give(), ctypes.byref(engine)))
        super().__init__(engine.value, lib.wasm_engine_delete)

    def increment_epoch(self) -> None:
        """Interrupts the code of stores whose deadline is reached; from any thread."""
        lib.riser_engine_increment_epoch(self._pointer)

    def check_mode(self, mode: str) -> None:
        """Raises an error that says what is missing, if instances cannot run in the mode."""
        check(lib.riser_engine_check_mode(self._pointer, terminated(mode)))

    @property
    def default_mode(self) -> str:
        """The mode of instances that choose none."""
        return lib.riser_engine_default_mode(self._pointer).decode()

    @default_mode.setter
    def default_mode(self, mode: str) -> None:
        check(lib.riser_engine_set_default_mode(self._pointer, terminated(mode)))


class WasiConfig(Handle):
    """What a guest may see of the system. A store uses it up."""

    # The library only adds arguments and variables. So it gets those that are set last, when the configuration is used.
    _argv: tuple[bytes, ...] = ()
    _env: tuple[tuple[bytes, bytes], ...] = ()
    _inherits_env: bool = False

    def __init__(self) -> None:
        super().__init__(lib.riser_wasi_config_new(), lib.riser_wasi_config_delete)

    @classmethod
    def _of(cls, pointer: Any) -> WasiConfig:
        it = cls.__new__(cls)
        Handle.__init__(it, pointer, lib.riser_wasi_config_delete)
        return it

    def _give(self) -> int:
        for arg in self._argv:
            check(lib.riser_wasi_config_arg(self._pointer, arg))
        # Of two variables with one name, programs see the first.
        for variable in self._env:
            check(lib.riser_wasi_config_env(self._pointer, *variable))
        if self._inherits_env:
            lib.riser_wasi_config_inherit_env(self._pointer)
        return super()._give()

    def _set_argv(self, argv: Iterable[str]) -> None:
        self._check_unused()
        self._argv = tuple(terminated(arg) for arg in argv)

    def _set_env(self, env: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        self._check_unused()
        self._env = tuple((terminated(name), terminated(value)) for name, value in dict(env).items())

    def _set_stdin_bytes(self, data: bytes) -> None:
        lib.riser_wasi_config_stdin_bytes(self._pointer, data, len(data))

    argv = property(None, _set_argv, doc="The arguments, that of the program's name first.")
    env = property(None, _set_env, doc="The environment: a mapping, or pairs.")
    stdin_bytes = property(None, _set_stdin_bytes, doc="The standard input.")
    stdin_file = _by_name("riser_wasi_config_stdin_file", "The file that standard input reads.")
    stdout_file = _by_name("riser_wasi_config_stdout_file", "The file that standard output goes to.")
    stderr_file = _by_name("riser_wasi_config_stderr_file", "The file that standard error goes to.")

    def _set_stdout_custom(self, write: Callable[[bytes], object]) -> None:
        lib.riser_wasi_config_stdout_callback(self._pointer, _write, lend(write), give_back)

    def _set_stderr_custom(self, write: Callable[[bytes], object]) -> None:
        lib.riser_wasi_config_stderr_callback(self._pointer, _write, lend(write), give_back)

    stdout_custom = property(None, _set_stdout_custom, doc="A function that takes what goes to standard output.")
    stderr_custom = property(None, _set_stderr_custom, doc="A function that takes what goes to standard error.")

    def inherit_env(self) -> None:
        """Shows the environment of this process, behind the variables that are set."""
        self._check_unused()
        self._inherits_env = True

    def inherit_stdin(self) -> None:
        """Shows the standard input of this process."""
        lib.riser_wasi_config_inherit_stdin(self._pointer)

    def inherit_stdout(self) -> None:
        """Shows the standard output of this process."""
        lib.riser_wasi_config_inherit_stdout(self._pointer)

    def inherit_stderr(self) -> None:
        """Shows the standard error of this process."""
        lib.riser_wasi_config_inherit_stderr(self._pointer)

    def preopen_dir(self, path: str, guest_path: str) -> None:
        """Shows what is beneath a folder, under a name of the guest's."""
        check(lib.riser_wasi_config_preopen_dir(self._pointer, terminated(str(path)), terminated(guest_path)))


@c.WriteCallback
@callback
def _write(number, data, size):
    try:
        lent_object(number)(ctypes.string_at(data, size))
        return True
    except Exception:  # The guest gets an I/O error.
        return False


class Store(Handle):
    """Holds instances and what belongs to them. A store is used by one thread at a time."""

    def __init__(self, engine: Engine | None = None, data: Any = None):
        self.engine = engine or Engine()
        pointer = lib.riser_store_new(self.engine._pointer, lend(data), give_back)
        super().__init__(pointer, lib.wasm_store_delete)
        # What a callback of ctypes returns that raises is not defined.
        lib.riser_store_tell_endings(pointer)

    @property
    def data(self) -> Any:
        """What the store was made with."""
        return lent_object(lib.riser_store_data(self._pointer))

    def set_fuel(self, fuel: int) -> None:
        """Sets the fuel that code has left. At first there is none."""
        check(lib.riser_store_set_fuel(self._pointer, fitting(fuel)))

    def get_fuel(self) -> int:
        """The fuel that is left."""
        fuel = ctypes.c_uint64()
        check(lib.riser_store_get_fuel(self._pointer, ctypes.byref(fuel)))
        return fuel.value

    def set_epoch_deadline(self, ticks_after_current: int) -> None:
        """Interrupts code after so many increments of the epoch."""
        lib.riser_store_set_epoch_deadline(self._pointer, fitting(ticks_after_current))

    def set_limits(
        self,
        memory_size: int = -1,
        table_elements: int = -1,
        total_size: int = -1,
        instances: int = -1,
        tables: int = -1,
        memories: int = -1,
    ) -> None:
        """Sets the most that the store may take. Negative numbers leave the default."""
        limits = (memory_size, table_elements, total_size, instances, tables, memories)
        lib.riser_store_limiter(self._pointer, *(fitting(most, 63) if most >= 0 else -1 for most in limits))

    def set_wasi(self, wasi: WasiConfig) -> None:
        """Sets what the guest may see; it is used up."""
        check(lib.riser_store_set_wasi(self._pointer, wasi._give()))

    def on_snapshot(self, take: Callable[[Caller, Any], object]) -> SnapshotRequests:
        """Makes code of this store call `take` at the safepoint at which a snapshot is due, with the store and the `Snapshot`, or the
        `RiserError` that says why there is none. The code goes on if it returns, and ends in what it raises."""
        from ._snapshot import take_snapshot

        requests = out_pointer()
        given = (self._pointer, take_snapshot, lend(take), give_back)
        check(lib.riser_store_on_snapshot(*given, ctypes.byref(requests)))
        return SnapshotRequests(requests.value, lib.riser_snapshot_requests_delete)

    def request_snapshot_after(self, safepoints: int) -> None:
        """Asks for a snapshot at the safepoint that is reached after so many others."""
        lib.riser_store_request_snapshot_after(self._pointer, fitting(safepoints))


class SnapshotRequests(Handle):
    """Asks a store for snapshots (`Store.on_snapshot`), from any thread."""

    def request(self) -> None:
        """Asks for one at the next safepoint: a function's entry or a loop header."""
        lib.riser_snapshot_request(self._pointer)


class Caller:
    """What a host function sees of its caller, during the call. It stands for the store wherever one is asked for. What gets
    snapshots has one of no instance."""

    def __init__(self, pointer: int | None, store: int | None = None):
        self._caller = pointer
        self._pointer: int | None = lib.riser_caller_store(pointer) if pointer else store

    data = Store.data
    set_fuel = Store.set_fuel
    get_fuel = Store.get_fuel
    set_epoch_deadline = Store.set_epoch_deadline

    def get(self, name: str) -> Any:
        """The calling instance's export with this name, or `None`."""
        from ._instance import of_extern

        if not self._pointer:
            raise ValueError("the call has ended")
        encoded = name.encode()
        item = lib.riser_caller_export_get(self._caller, encoded, len(encoded))
        return of_extern(item) if item else None

    def __getitem__(self, name: str) -> Any:
        item = self.get(name)
        if item is None:
            raise KeyError(name)
        return item

    def _end(self) -> None:
        self._caller = self._pointer = None


def store_pointer(store: Store | Caller) -> Any:
    """The library's pointer to a store."""
    if not isinstance(store, (Store, Caller)):
        raise TypeError(f"expected a store, or a caller, found {store!r}")
    if not store._pointer:
        raise ValueError("the call of this caller has ended")
    return store._pointer
