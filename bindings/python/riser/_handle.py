"""Owned pointers of the library, and what Python lends it."""

from __future__ import annotations

import ctypes
import itertools
import weakref
from typing import Any, Callable

from ._errors import RiserError, callback
from ._library import Finalizer, lib


class Handle:
    """Something that the library has made, which is deleted with this."""

    def __init__(self, pointer: Any, delete: Callable[[Any], None]):
        self._pointer = pointer
        self._finalizer = weakref.finalize(self, delete, pointer)

    def _check_unused(self) -> None:
        if "_pointer" not in self.__dict__:
            raise self._used_up()

    def _give(self) -> int:
        """The pointer, which somebody else deletes from now on: this has none any more."""
        pointer = self._pointer
        if self._finalizer.detach() is None:
            raise self._used_up()
        del self._pointer
        return pointer

    def _used_up(self) -> ValueError:
        return ValueError(f"this {type(self).__name__} has been used already")

    def __getattr__(self, name: str) -> Any:
        """Python asks here for attributes that are missing."""
        if name == "_pointer" and "_finalizer" in self.__dict__:
            raise self._used_up()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class Object(Handle):
    """What the library refers to: something in a store, or a module."""

    @classmethod
    def _of(cls, pointer: Any) -> Any:
        """An object of this class for an owned pointer."""
        it = cls.__new__(cls)
        it._own(pointer)
        return it

    def _own(self, pointer: Any) -> None:
        Handle.__init__(self, pointer, lib.wasm_ref_delete)

    def _made(self, pointer: int | None, what: str) -> None:
        """Takes a pointer that is null if the library has refused to make this."""
        if not pointer:
            raise RiserError(f"the {what} cannot be made: the type, the value, or the store's limits do not allow it")
        self._own(pointer)


# Objects that the library knows by a number, which it gives back at their end.
_lent: dict[int, Any] = {}
_numbers = itertools.count(1)


def lend(it: Any) -> int:
    """Keeps an object until the library gives its number back."""
    number = next(_numbers)
    _lent[number] = it
    return number


def lent_object(number: int) -> Any:
    """The object with this number."""
    return _lent[number]


@Finalizer
@callback
def give_back(number: int) -> None:
    """The finalizer of what has been lent."""
    _lent.pop(number, None)


def out_pointer() -> ctypes.c_void_p:
    """Where the library puts an object."""
    return ctypes.c_void_p()
