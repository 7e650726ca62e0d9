"""Instances, memories, tables, globals, and linkers."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Iterator, Mapping, Sequence, Union

from . import _library as c
from ._engine import Caller, Engine, Store, store_pointer
from ._errors import RiserError, check
from ._func import Func, Host, call_host
from ._handle import Handle, Object, give_back, lend, out_pointer
from ._library import fitting, lib, terminated
from ._memory import Memory
from ._module import Module
from ._types import FuncType, GlobalType, TableType, owned_type
from ._values import from_reference, from_val, to_reference, to_val


class Global(Object):
    """A global."""

    def __init__(self, store: Store | Caller, type: GlobalType, value: Any):
        into, ty = store_pointer(store), type._new()
        try:
            val = to_val(into, value, type.content)
            pointer = lib.wasm_global_new(into, ty, ctypes.byref(val))
            lib.wasm_val_delete(ctypes.byref(val))
        finally:
            lib.wasm_externtype_delete(ty)
        self._made(pointer, "global")

    def type(self, store: Store | Caller) -> GlobalType:
        """The type."""
        store_pointer(store)
        return owned_type(lib.wasm_global_type(self._pointer))

    def value(self, store: Store | Caller) -> Any:
        """The value."""
        store_pointer(store)
        val = c.Val()
        lib.wasm_global_get(self._pointer, ctypes.byref(val))
        return from_val(val)

    def set_value(self, store: Store | Caller, value: Any) -> None:
        """Sets the value."""
        val = to_val(store_pointer(store), value, self.type(store).content)
        try:
            check(lib.riser_global_set(self._pointer, ctypes.byref(val)))
        finally:
            lib.wasm_val_delete(ctypes.byref(val))


class Table(Object):
    """A table."""

    def __init__(self, store: Store | Caller, type: TableType, init: Any):
        into, ty = store_pointer(store), type._new()
        try:
            element = to_reference(into, init, type.element)
            pointer = lib.wasm_table_new(into, ty, element)
            lib.wasm_ref_delete(element)
        finally:
            lib.wasm_externtype_delete(ty)
        self._made(pointer, "table")

    def type(self, store: Store | Caller) -> TableType:
        """The type."""
        store_pointer(store)
        return owned_type(lib.wasm_table_type(self._pointer))

    def size(self, store: Store | Caller) -> int:
        """The number of elements."""
        store_pointer(store)
        return lib.wasm_table_size(self._pointer)

    def get(self, store: Store | Caller, index: int) -> Any:
        """An element."""
        if not 0 <= index < self.size(store):
            raise IndexError(f"the table has no element {index}")
        return from_reference(lib.wasm_table_get(self._pointer, index), self.type(store).element)

    def set(self, store: Store | Caller, index: int, value: Any) -> None:
        """Sets an element."""
        if not 0 <= index < self.size(store):
            raise IndexError(f"the table has no element {index}")
        element = to_reference(store_pointer(store), value, self.type(store).element)
        is_set = lib.wasm_table_set(self._pointer, index, element)
        lib.wasm_ref_delete(element)
        if not is_set:
            raise RiserError("the element cannot be set")

    def grow(self, store: Store | Caller, amount: int, init: Any) -> int:
        """Adds elements, and returns how many there were."""
        before, amount = self.size(store), fitting(amount, 32)
        element = to_reference(store_pointer(store), init, self.type(store).element)
        has_grown = lib.wasm_table_grow(self._pointer, amount, element)
        lib.wasm_ref_delete(element)
        if not has_grown:
            raise RiserError(f"failed to grow table by `{amount}`")
        return before


class Tag(Object):
    """A tag of exceptions."""

    def __init__(self) -> None:
        raise TypeError("tags are made by modules")


Extern = Union[Func, Global, Table, Memory, Tag]
_KINDS = [Func, Global, Table, Memory, Tag]


def of_extern(pointer: Any) -> Extern:
    """What an owned import or export is."""
    return _KINDS[lib.wasm_extern_kind(pointer)]._of(pointer)


def vector_of(imports: Sequence[Extern]) -> c.Pointers:
    """Imports as a vector that is lent."""
    items = (ctypes.c_void_p * len(imports))(*(item._pointer for item in imports))
    return c.Pointers(len(imports), items)


class Exports(Mapping[str, Extern]):
    """The exports of an instance, by name; by number they are `by_index`."""

    def __init__(self, names: Sequence[str], items: Sequence[Extern]):
        self._by_name = dict(zip(names, items))
        self.by_index = list(items)

    def __getitem__(self, name: str) -> Extern:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


class Instance(Object):
    """An instance of a module, with imports in the module's order."""

    def __init__(self, store: Store | Caller, module: Module, imports: Sequence[Extern] = ()):
        vec, instance = vector_of(imports), out_pointer()
        pointer = store_pointer(store)
        check(lib.riser_instance_new(pointer, module._pointer, ctypes.byref(vec), ctypes.byref(instance)))
        self._own(instance.value)
        self._module = module

    def exports(self, store: Store | Caller) -> Exports:
        """The exports."""
        store_pointer(store)
        vec = c.Pointers()
        lib.wasm_instance_exports(self._pointer, ctypes.byref(vec))
        try:
            items = [of_extern(lib.wasm_ref_copy(vec.data[number])) for number in range(vec.size)]
        finally:
            lib.wasm_extern_vec_delete(ctypes.byref(vec))
        return Exports([export.name for export in self._module.exports], items)

    @property
    def mode(self) -> str:
        """The mode that the functions run in; it can be set."""
        return lib.riser_instance_mode(self._pointer).decode()

    @mode.setter
    def mode(self, mode: str) -> None:
        check(lib.riser_instance_set_mode(self._pointer, terminated(mode)))


class Linker(Handle):
    """Definitions by name, for the imports of modules."""

    def __init__(self, engine: Engine):
        super().__init__(lib.riser_linker_new(engine._pointer), lib.riser_linker_delete)

    def _set_allow_shadowing(self, allow: bool) -> None:
        lib.riser_linker_allow_shadowing(self._pointer, allow)

    allow_shadowing = property(None, _set_allow_shadowing, doc="Whether a name may be defined again.")

    def define(self, store: Store | Caller, module: str, name: str, item: Extern) -> None:
        """Defines something of a store."""
        store_pointer(store)
        check(lib.riser_linker_define(self._pointer, *_text(module), *_text(name), item._pointer))

    def define_func(
        self, module: str, name: str, type: FuncType, func: Callable[..., Any], access_caller: bool = False
    ) -> None:
        """Defines a function of Python's, for any store. With `access_caller` it gets a `Caller` first."""
        names, ty = (*_text(module), *_text(name)), type._new()
        host = lend(Host(type, func, access_caller))
        error = lib.riser_linker_define_func(self._pointer, *names, ty, call_host, host, give_back)
        lib.wasm_externtype_delete(ty)
        check(error)

    def define_instance(self, store: Store | Caller, name: str, instance: Instance) -> None:
        """Defines all exports of an instance."""
        store_pointer(store)
        check(lib.riser_linker_define_instance(self._pointer, *_text(name), instance._pointer))

    def define_module(self, store: Store | Caller, name: str, module: Module) -> None:
        """Defines all exports of a module, which is instantiated for it."""
        check(lib.riser_linker_define_module(self._pointer, store_pointer(store), *_text(name), module._pointer))

    def define_wasi(self) -> None:
        """Defines WASI preview 1. `Store.set_wasi` says what a guest may see."""
        check(lib.riser_linker_define_wasi(self._pointer))

    def define_unknown_imports_as_traps(self, module: Module) -> None:
        """Defines the functions that the module imports and that are missing as functions that trap."""
        check(lib.riser_linker_define_unknown_imports_as_traps(self._pointer, module._pointer))

    def instantiate(self, store: Store | Caller, module: Module) -> Instance:
        """Instantiates a module with imports from here."""
        instance = out_pointer()
        pointer = store_pointer(store)
        check(lib.riser_linker_instantiate(self._pointer, pointer, module._pointer, ctypes.byref(instance)))
        made = Instance._of(instance.value)
        made._module = module
        return made

    def get(self, store: Store | Caller, module: str, name: str) -> Extern:
        """The definition with these names."""
        item = out_pointer()
        pointer = store_pointer(store)
        check(lib.riser_linker_get(self._pointer, pointer, *_text(module), *_text(name), ctypes.byref(item)))
        return of_extern(item.value)

    def get_default(self, store: Store | Caller, module: str) -> Func:
        """The function that runs a module."""
        func = out_pointer()
        pointer = store_pointer(store)
        check(lib.riser_linker_get_default(self._pointer, pointer, *_text(module), ctypes.byref(func)))
        return Func._of(func.value)


def _text(name: str) -> tuple[bytes, int]:
    encoded = name.encode()
    return encoded, len(encoded)
