"""The types of values, imports and exports."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Sequence, Union

from . import _library as c
from ._library import fitting, lent, lib


class ValType(IntEnum):
    """The type of a value. `ValType.i32()` and its like are as in wasmtime."""

    I32 = 0
    I64 = 1
    F32 = 2
    F64 = 3
    V128 = 4
    EXTERNREF = 128
    FUNCREF = 129
    EXNREF = 130

    i32 = classmethod(lambda cls: cls.I32)
    i64 = classmethod(lambda cls: cls.I64)
    f32 = classmethod(lambda cls: cls.F32)
    f64 = classmethod(lambda cls: cls.F64)
    v128 = classmethod(lambda cls: cls.V128)
    externref = classmethod(lambda cls: cls.EXTERNREF)
    funcref = classmethod(lambda cls: cls.FUNCREF)

    def __str__(self) -> str:
        return self.name.lower()

    def _new(self) -> int:
        return lib.wasm_valtype_new(self)


@dataclass(frozen=True)
class Limits:
    """A size, and the most that it can become."""

    min: int
    max: int | None = None


@dataclass(frozen=True)
class FuncType:
    """The type of a function."""

    params: Sequence[ValType]
    results: Sequence[ValType]

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", tuple(self.params))
        object.__setattr__(self, "results", tuple(self.results))

    def _new(self) -> int:
        vecs = []
        for types in (self.params, self.results):
            items = (ctypes.c_void_p * len(types))(*(ty._new() for ty in types))
            vec = c.Pointers()
            lib.wasm_valtype_vec_new(ctypes.byref(vec), len(types), items)
            vecs.append(vec)
        return lib.wasm_functype_new(ctypes.byref(vecs[0]), ctypes.byref(vecs[1]))


@dataclass(frozen=True)
class GlobalType:
    """The type of a global."""

    content: ValType
    mutable: bool = False

    def _new(self) -> int:
        return lib.wasm_globaltype_new(self.content._new(), int(self.mutable))


@dataclass(frozen=True)
class TableType:
    """The type of a table."""

    element: ValType
    limits: Limits

    def _new(self) -> int:
        most = 0xFFFFFFFF if self.limits.max is None else self.limits.max
        limits = c.Limits(fitting(self.limits.min, 32), fitting(most, 32))
        return lib.wasm_tabletype_new(self.element._new(), ctypes.byref(limits))


@dataclass(frozen=True)
class MemoryType:
    """The type of a memory. Limits are in pages."""

    limits: Limits
    is_64: bool = False
    shared: bool = False
    page_size: int = 1 << 16

    def _new(self) -> int:
        most, has_max = self.limits.max or 0, self.limits.max is not None
        log2 = self.page_size.bit_length() - 1
        limits = c.MemoryLimits(fitting(self.limits.min), fitting(most), has_max, self.is_64, self.shared, log2)
        made = lib.riser_memorytype_new(ctypes.byref(limits))
        if not made or 1 << log2 != self.page_size:
            raise ValueError(f"there are no memories of the type {self}")
        return made


@dataclass(frozen=True)
class TagType:
    """The type of a tag: what its exceptions carry."""

    params: Sequence[ValType]


ExternType = Union[FuncType, GlobalType, TableType, MemoryType, TagType]


@dataclass(frozen=True)
class ImportType:
    """An import of a module."""

    module: str
    name: str
    type: ExternType


@dataclass(frozen=True)
class ExportType:
    """An export of a module."""

    name: str
    type: ExternType


def _val_types(vec) -> tuple[ValType, ...]:
    items = vec.contents
    return tuple(ValType(lib.wasm_valtype_kind(items.data[number])) for number in range(items.size))


def extern_type(pointer: int) -> ExternType:
    """The type that a lent pointer is to."""
    kind = lib.wasm_externtype_kind(pointer)
    if kind == 0:
        return FuncType(_val_types(lib.wasm_functype_params(pointer)), _val_types(lib.wasm_functype_results(pointer)))
    if kind == 1:
        content = ValType(lib.wasm_valtype_kind(lib.wasm_globaltype_content(pointer)))
        return GlobalType(content, bool(lib.wasm_globaltype_mutability(pointer)))
    if kind == 2:
        limits = lib.wasm_tabletype_limits(pointer).contents
        most = None if limits.max == 0xFFFFFFFF else limits.max
        return TableType(ValType(lib.wasm_valtype_kind(lib.wasm_tabletype_element(pointer))), Limits(limits.min, most))
    if kind == 3:
        limits = c.MemoryLimits()
        lib.riser_memorytype_limits(pointer, ctypes.byref(limits))
        bounds = Limits(limits.min, limits.max if limits.has_max else None)
        return MemoryType(bounds, limits.is_64, limits.is_shared, 1 << limits.page_size_log2)
    return TagType(_val_types(lib.riser_externtype_tag_params(pointer)))


def owned_type(pointer: int) -> Any:
    """As `extern_type`, for a type that is to be deleted."""
    ty = extern_type(pointer)
    lib.wasm_externtype_delete(pointer)
    return ty


def import_type(pointer: int) -> ImportType:
    """An import."""
    module, name = lent(lib.wasm_importtype_module(pointer)), lent(lib.wasm_importtype_name(pointer))
    return ImportType(module, name, extern_type(lib.wasm_importtype_type(pointer)))


def export_type(pointer: int) -> ExportType:
    """An export."""
    return ExportType(lent(lib.wasm_exporttype_name(pointer)), extern_type(lib.wasm_exporttype_type(pointer)))
