"""Values: numbers are Python's, vectors are 16 bytes, references are functions, or objects of Python."""

from __future__ import annotations

import ctypes
from typing import Any, Sequence

from ._handle import Object, give_back, lend, lent_object
from ._library import Val, lib
from ._types import ValType


def _integer(value: Any, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected an integer, found {value!r}")
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise OverflowError(f"{value} does not fit into {bits} bits")
    return value - (1 << bits) if value >= 1 << (bits - 1) else value


# The types of numbers, whose values own nothing: where a value has one, and how many bits an integer has.
NUMBERS: dict[int, tuple[str, int | None]] = {
    ValType.I32: ("i32", 32),
    ValType.I64: ("i64", 64),
    ValType.F32: ("f32", None),
    ValType.F64: ("f64", None),
}


def to_val(store: Any, value: Any, ty: ValType) -> Val:
    """A value of this type, owned."""
    val = Val(ty)
    number = NUMBERS.get(ty)
    if number is not None:
        field, bits = number
        setattr(val.of, field, value if bits is None else _integer(value, bits))
    elif ty == ValType.V128:
        lanes = bytes(value)
        if len(lanes) != 16:
            raise ValueError(f"a vector has 16 bytes, not {len(lanes)}")
        lib.riser_val_v128_new(ctypes.byref(val), lanes)
    else:
        val.of.ref = to_reference(store, value, ty)
    return val


def to_reference(store: Any, value: Any, ty: ValType) -> int | None:
    """A reference of this type, owned; `None` is null."""
    from ._func import Func

    if value is None:
        return None
    if ty == ValType.FUNCREF:
        if not isinstance(value, Func):
            raise TypeError(f"expected a function of wasm, found {value!r}")
        return lib.wasm_ref_copy(value._pointer)
    if ty == ValType.EXTERNREF:
        foreign = lib.wasm_foreign_new(store)
        lib.wasm_ref_set_host_info_with_finalizer(foreign, lend(value), give_back)
        return foreign
    raise TypeError(f"values of the type {ty} cannot be made")


def from_val(val: Val) -> Any:
    """The value, which owns nothing any more: deleting it again does nothing."""
    number = NUMBERS.get(val.kind)
    if number is not None:
        return getattr(val.of, number[0])
    ty = ValType(val.kind)
    if ty == ValType.V128:
        lanes = ctypes.create_string_buffer(16)
        lib.riser_val_v128_get(ctypes.byref(val), lanes)
        lib.wasm_val_delete(ctypes.byref(val))
        return lanes.raw
    pointer, val.of.ref = val.of.ref, None
    return from_reference(pointer, ty)


def delete_vals(vals: Sequence[Val]) -> None:
    """Deletes what the values own."""
    for val in vals:
        if val.kind not in NUMBERS:
            lib.wasm_val_delete(ctypes.byref(val))


def from_reference(pointer: int | None, ty: ValType) -> Any:
    """What an owned reference is to."""
    from ._func import Func

    if not pointer:
        return None
    if ty == ValType.FUNCREF:
        return Func._of(pointer)
    if ty == ValType.EXTERNREF:
        try:
            return lent_object(lib.wasm_ref_get_host_info(pointer))
        finally:
            lib.wasm_ref_delete(pointer)
    return Opaque._of(pointer)


class Opaque(Object):
    """A reference to an exception, which Python only passes on."""
