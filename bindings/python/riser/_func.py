"""Functions, of wasm and of the host."""

from __future__ import annotations

import ctypes
from typing import Any, Callable

from . import _library as c
from ._engine import Caller, Store, store_pointer
from ._errors import callback, check, raise_left, trap_of
from ._handle import Object, give_back, lend, lent_object
from ._library import lib
from ._types import FuncType, owned_type
from ._values import NUMBERS, delete_vals, from_val, to_val


class Func(Object):
    """A function of a store. Calling it with the store and arguments returns nothing, a value, or a list of values."""

    # The type, once it has been asked for.
    _of_type: FuncType | None = None

    def __init__(self, store: Store, type: FuncType, func: Callable[..., Any], access_caller: bool = False):
        into, ty = store_pointer(store), type._new()
        host = lend(Host(type, func, access_caller))
        pointer = lib.riser_func_new(into, ty, call_host, host, give_back)
        lib.wasm_externtype_delete(ty)
        self._made(pointer, "function")

    def type(self, store: Store | Caller) -> FuncType:
        """The type."""
        store_pointer(store)
        return self._type()

    def _type(self) -> FuncType:
        ty = self._of_type
        if ty is None:
            ty = self._of_type = owned_type(lib.wasm_func_type(self._pointer))
        return ty

    def __call__(self, store: Store | Caller, *params: Any) -> Any:
        pointer, ty = store_pointer(store), self._type()
        if len(params) != len(ty.params):
            raise TypeError(f"expected {len(ty.params)} arguments, found {len(params)}")
        given = (c.Val * len(params))()
        got = (c.Val * len(ty.results))()
        try:
            for number, (value, of) in enumerate(zip(params, ty.params)):
                given[number] = to_val(pointer, value, of)
            args, results = c.Vals(len(given), given), c.Vals(len(got), got)
            check(lib.riser_func_call(self._pointer, ctypes.byref(args), ctypes.byref(results)))
            return results_of([from_val(val) for val in got])
        finally:
            # What has been converted owns nothing any more. There are results as well if a signal raises behind the call.
            delete_vals(given)
            delete_vals(got)


def results_of(values: list[Any]) -> Any:
    """What a call returns: nothing, a value, or a list of values."""
    return None if not values else values[0] if len(values) == 1 else values


class Host:
    """A function of Python's, with its type."""

    def __init__(self, type: FuncType, func: Callable[..., Any], access_caller: bool):
        self.type, self.func, self.access_caller = type, func, access_caller

    def call(self, caller: Caller, args: c.Vals, results: c.Vals) -> None:
        """Calls the function with wasm's arguments, and puts down its results."""
        params = [copied(args.data[number]) for number in range(args.size)]
        value = self.func(caller, *params) if self.access_caller else self.func(*params)
        count = len(self.type.results)
        values = [] if count == 0 else [value] if count == 1 else list(value)
        if len(values) != count:
            raise TypeError(f"expected {count} results, found {len(values)}")
        for number, (value, ty) in enumerate(zip(values, self.type.results)):
            results.data[number] = to_val(caller._pointer, value, ty)


def copied(val: c.Val) -> Any:
    """A value that is lent: a number as it is, anything else as a copy that is owned."""
    if val.kind in NUMBERS:
        return from_val(val)
    copy = c.Val()
    lib.wasm_val_copy(ctypes.byref(copy), ctypes.byref(val))
    return from_val(copy)


@c.FuncCallback
@callback
def call_host(number, pointer, args, results):
    """Calls the function with this number. What it raises becomes a trap, and is raised again by the call that it is under."""
    store, trap = lib.riser_caller_store(pointer), None
    caller = Caller(pointer)
    try:
        raise_left()
        lent_object(number).call(caller, args.contents, results.contents)
    except BaseException as error:
        trap = trap_of(error)
    finally:
        caller._end()
    lib.riser_store_end_callback(store, trap)
