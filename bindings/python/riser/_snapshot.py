"""Snapshots: programs that are stopped, and instances that do not run, as bytes and to go on with."""

from __future__ import annotations

import ctypes
from typing import Any, Sequence

from . import _library as c
from ._engine import Caller, Store, WasiConfig, store_pointer
from ._errors import callback, check, of_error, raise_left, trap_of
from ._func import copied, results_of
from ._handle import Handle, lent_object, out_pointer
from ._instance import Extern, Instance, Linker, vector_of
from ._library import fitting, lib, taken
from ._module import Module


class Snapshot(Handle):
    """The state of a program that is stopped, or of an instance that does not run. It belongs to no store."""

    def __init__(self, pointer: Any):
        super().__init__(pointer, lib.riser_snapshot_delete)

    @classmethod
    def of(cls, store: Store | Caller, instance: Instance) -> Snapshot:
        """Captures an instance whose store runs no code."""
        store_pointer(store)
        snapshot = out_pointer()
        check(lib.riser_instance_snapshot(instance._pointer, ctypes.byref(snapshot)))
        return cls(snapshot.value)

    @classmethod
    def from_bytes(cls, data: bytes) -> Snapshot:
        """What `to_bytes` has made, or `riser run --snapshot`. Nobody who has written the bytes is trusted."""
        snapshot = out_pointer()
        check(lib.riser_snapshot_from_bytes(data, len(data), ctypes.byref(snapshot)))
        return cls(snapshot.value)

    def to_bytes(self) -> bytes:
        """The bytes, in the format of `docs/src/snapshot-format.md`."""
        vec = c.Bytes()
        lib.riser_snapshot_to_bytes(self._pointer, ctypes.byref(vec))
        return taken(vec)

    @property
    def frames(self) -> int:
        """The number of frames; 0 for an instance that did not run."""
        return lib.riser_snapshot_frames(self._pointer)

    @property
    def module(self) -> bytes | None:
        """The module in the binary format, if it is in the snapshot."""
        vec = c.Bytes()
        is_there = lib.riser_snapshot_module(self._pointer, ctypes.byref(vec))
        module = taken(vec)
        return module if is_there else None

    def set_module(self, module: Module) -> None:
        """Puts the module into the snapshot, so that nobody has to look for it."""
        check(lib.riser_snapshot_set_module(self._pointer, module._pointer))

    def section(self, name: str) -> bytes | None:
        """The state of the host under this name, if there is one."""
        vec, encoded = c.Bytes(), name.encode()
        is_there = lib.riser_snapshot_section(self._pointer, encoded, len(encoded), ctypes.byref(vec))
        section = taken(vec)
        return section if is_there else None

    def set_section(self, name: str, data: bytes) -> None:
        """Puts state of the host into the snapshot, under a name of its own."""
        encoded = name.encode()
        check(lib.riser_snapshot_set_section(self._pointer, encoded, len(encoded), data, len(data)))

    def set_wasi(self, store: Store | Caller) -> None:
        """Puts the state of WASI into the snapshot that the store's guest has."""
        check(lib.riser_snapshot_set_wasi(self._pointer, store_pointer(store)))

    def wasi_config(self) -> WasiConfig:
        """The configuration for the guest that goes on: it gets streams and folders as any other, for `Store.set_wasi`."""
        config = out_pointer()
        check(lib.riser_snapshot_wasi_config(self._pointer, ctypes.byref(config)))
        return WasiConfig._of(config.value)

    def seal(self, most_bytes: int) -> None:
        """Makes memories, of at most so many bytes together, ready to be shared by what is restored from here."""
        check(lib.riser_snapshot_seal(self._pointer, fitting(most_bytes)))

    def restore(self, store: Store | Caller, module: Module, imports: Sequence[Extern] | Linker = ()) -> Restored:
        """Puts an instance into the store that has this state. The imports are in the module's order, or from a linker."""
        pointer, restored = store_pointer(store), out_pointer()
        into = ctypes.byref(restored)
        if isinstance(imports, Linker):
            check(lib.riser_linker_restore(imports._pointer, pointer, module._pointer, self._pointer, into))
        else:
            vec = vector_of(imports)
            check(lib.riser_snapshot_restore(self._pointer, pointer, module._pointer, ctypes.byref(vec), into))
        return Restored(restored.value, module)


class Restored(Handle):
    """A program that has been restored and has not gone on yet."""

    def __init__(self, pointer: Any, module: Module):
        super().__init__(pointer, lib.riser_restored_delete)
        self.instance: Instance = Instance._of(lib.riser_restored_instance(pointer))
        self.instance._module = module

    def resume(self) -> Any:
        """Goes on until the outermost function returns: nothing, a value, or a list of values. It is used up."""
        results = c.Vals()
        check(lib.riser_restored_resume(self._give(), ctypes.byref(results)))
        try:
            return results_of([copied(results.data[number]) for number in range(results.size)])
        finally:
            lib.wasm_val_vec_delete(ctypes.byref(results))


@c.SnapshotCallback
@callback
def take_snapshot(number, pointer, snapshot, error):
    """Calls the function with this number. What it raises ends the code, and is raised again by the call that it is under."""
    store, trap = Caller(None, pointer), None
    try:
        found = Snapshot(snapshot) if snapshot else of_error(error)
        raise_left()
        lent_object(number)(store, found)
    except BaseException as error:
        trap = trap_of(error)
    finally:
        store._end()
    lib.riser_store_end_callback(pointer, trap)
