"""Memories. Nothing here keeps an address: a memory may move when it grows."""

from __future__ import annotations

import ctypes
from typing import Any

from ._engine import Caller, Store, store_pointer
from ._errors import check
from ._handle import Object
from ._library import fitting, lib
from ._types import MemoryType, owned_type


class Memory(Object):
    """A linear memory. Bytes are copied, in bounds."""

    def __init__(self, store: Store | Caller, type: MemoryType):
        into, ty = store_pointer(store), type._new()
        pointer = lib.wasm_memory_new(into, ty)
        lib.wasm_externtype_delete(ty)
        self._made(pointer, "memory")

    def type(self, store: Store | Caller) -> MemoryType:
        """The type."""
        store_pointer(store)
        return owned_type(lib.wasm_memory_type(self._pointer))

    def size(self, store: Store | Caller) -> int:
        """The size in pages."""
        store_pointer(store)
        return lib.riser_memory_size(self._pointer)

    def data_len(self, store: Store | Caller) -> int:
        """The size in bytes."""
        store_pointer(store)
        return lib.wasm_memory_data_size(self._pointer)

    def grow(self, store: Store | Caller, delta: int) -> int:
        """Adds pages, and returns how many there were."""
        store_pointer(store)
        old = ctypes.c_uint64()
        check(lib.riser_memory_grow(self._pointer, fitting(delta), ctypes.byref(old)))
        return old.value

    def read(self, store: Store | Caller, start: int = 0, stop: int | None = None) -> bytearray:
        """Copies the bytes of a slice: negative numbers count from the end, what is beyond the end is left out."""
        start, stop, _ = slice(start, stop).indices(self.data_len(store))
        count = max(0, stop - start)
        contents = bytearray(count)
        if count:
            buffer = (ctypes.c_uint8 * count).from_buffer(contents)
            check(lib.riser_memory_read(self._pointer, start, buffer, count))
        return contents

    def write(self, store: Store | Caller, value: bytes | bytearray | memoryview, start: int = 0) -> int:
        """Writes bytes, all of which have to be within the memory, and returns how many there were."""
        if start < 0:
            start += self.data_len(store)
        if start < 0:
            raise IndexError("the start is before the memory")
        store_pointer(store)
        contents = bytes(value)
        check(lib.riser_memory_write(self._pointer, fitting(start), contents, len(contents)))
        return len(contents)

    def view(self, store: Store | Caller) -> View:
        """The bytes as a sequence that is read and written in place."""
        return View(self, store)


class View:
    """The bytes of a memory, as they are at each use: indices and slices read and write the memory itself."""

    def __init__(self, memory: Memory, store: Store | Caller):
        self._memory, self._store = memory, store

    def __len__(self) -> int:
        return self._memory.data_len(self._store)

    def _at(self, index: int) -> int:
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(f"the memory has no byte {index}")
        return at

    def __getitem__(self, at: int | slice) -> int | bytearray:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1:
                raise ValueError("slices of a memory have a step of 1")
            return self._memory.read(self._store, start, stop)
        return self._memory.read(self._store, self._at(at), self._at(at) + 1)[0]

    def __setitem__(self, at: int | slice, value: Any) -> None:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1 or len(value) != stop - start:
                raise ValueError("a slice of a memory is replaced by as many bytes")
            self._memory.write(self._store, value, start)
        else:
            self._memory.write(self._store, bytes([value]), self._at(at))
