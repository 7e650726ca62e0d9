"""Errors, traps and backtraces."""

from __future__ import annotations

import ctypes
import sys
import threading
import weakref
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable

from ._library import Bytes, Pointers, lent, lib, taken


class RiserError(Exception):
    """Something that the engine could not do, with the reason."""

    # The library's trap, if it may be an exception of the guest's, which is more than Python knows of it.
    _trap: int | None = None

    def _keep(self, trap: int) -> RiserError:
        self._trap = trap
        weakref.finalize(self, lib.wasm_ref_delete, trap)
        return self


class TrapCode(Enum):
    """Why the engine trapped."""

    UNREACHABLE = 1
    MEMORY_OUT_OF_BOUNDS = 2
    TABLE_OUT_OF_BOUNDS = 3
    UNDEFINED_ELEMENT = 4
    UNINITIALIZED_ELEMENT = 5
    INDIRECT_CALL_TYPE_MISMATCH = 6
    INTEGER_DIVIDE_BY_ZERO = 7
    INTEGER_OVERFLOW = 8
    INVALID_CONVERSION_TO_INTEGER = 9
    STACK_OVERFLOW = 10
    OUT_OF_FUEL = 11
    INTERRUPT = 12
    HEAP_MISALIGNED = 13
    ATOMIC_WAIT_NON_SHARED_MEMORY = 14
    NULL_REFERENCE = 16
    OUT_OF_EXCEPTIONS = 17


@dataclass(frozen=True)
class Frame:
    """A frame of a backtrace. Offsets are in bytes."""

    func_index: int
    func_name: str | None
    module_name: str | None
    func_offset: int
    module_offset: int


class Trap(RiserError):
    """A call that has not returned: with the wasm frames, the innermost first, and the code if the engine trapped."""

    def __init__(self, message: str, trap_code: TrapCode | None = None, frames: tuple[Frame, ...] = ()):
        super().__init__(message)
        self.message = message
        self.trap_code = trap_code
        self.frames = frames

    def __str__(self) -> str:
        lines = [self.message]
        for number, frame in enumerate(self.frames):
            name = frame.func_name or f"<wasm function {frame.func_index}>"
            lines.append(f"  {number:>3}: {frame.module_offset:#8x} - {frame.module_name or '<unknown>'}!{name}")
        return "\n".join(lines)


class ExitTrap(Trap):
    """The end of a guest by WASI's `proc_exit`, with its status."""

    code: int = 0


# What a function of Python's has raised on the way to the call that it is under.
_raised = threading.local()


def trap_of(error: BaseException) -> int:
    """The trap that ends the code below a function of Python's, which has raised this. The call that it is under raises it again."""
    if isinstance(error, RiserError) and error._trap:
        # The guest below may catch it. If it does not, the call gets an error of its own.
        return lib.wasm_ref_copy(error._trap)
    _raised.error = error
    try:
        text = str(error)
    except Exception:  # Nothing may be raised from here, because nothing above could handle it.
        text = "an exception without text"
    message = f"{type(error).__name__}: {text}".encode(errors="backslashreplace")
    return lib.riser_trap_new(message, len(message))


# The callbacks of this package.
_callbacks: set[Callable[..., Any]] = set()
# What has left a callback as an exception, by threads. Python calls the handlers of signals between any two lines, and that of Ctrl-C
# raises: also in the first line of a callback, where nothing can handle it, and in the last one, behind the end of the code below.
_left: dict[int, BaseException] = {}


def callback(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declares a callback, which the library calls. What leaves it is raised by the next callback, or by the call that it is under."""
    _callbacks.add(function)
    return function


# The threads that are in a call which may come back to Python, and the hook of this package while there are any.
_inside: set[int] = set()
_lock = threading.RLock()
_hook: Callable[[Any], object] | None = None
_others: Callable[[Any], object] = sys.unraisablehook


def _note_what_left(others: Callable[[Any], object]) -> Callable[[Any], object]:
    def note(raised: Any) -> None:
        """Gets what ctypes cannot raise, because its caller is not Python's."""
        # Newer versions of Python name the callback in the message only.
        message = raised.err_msg or ""
        if any(raised.object is it or repr(it) in message for it in _callbacks):
            _left[threading.get_ident()] = raised.exc_value
        else:
            others(raised)

    return note


def _enter(thread: int) -> bool:
    """Has what leaves callbacks noted. Returns whether this call is not in another one of the thread."""
    global _hook, _others
    with _lock:
        if thread in _inside:
            return False
        _inside.add(thread)
        if _hook is None or sys.unraisablehook is not _hook:
            # A new one: the hook that is there may be somebody's who passes on to the one before.
            _others = sys.unraisablehook
            sys.unraisablehook = _hook = _note_what_left(_others)
        return True


def _leave(thread: int) -> None:
    """Leaves the hook of the process as it was, unless somebody has set another one meanwhile."""
    with _lock:
        _inside.discard(thread)
        if not _inside and sys.unraisablehook is _hook:
            sys.unraisablehook = _others


def _coming_back(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the library that runs wasm, and with it callbacks. Only meanwhile, the process's hook is this package's."""

    def call(*args: Any) -> Any:
        thread = threading.get_ident()
        is_outermost = _enter(thread)
        try:
            return function(*args)
        finally:
            if is_outermost:
                _leave(thread)

    return call


for _name in (
    "riser_func_call",
    "riser_instance_new",
    "riser_linker_define_module",
    "riser_linker_instantiate",
    "riser_restored_resume",
):
    setattr(lib, _name, _coming_back(getattr(lib, _name)))


def raise_left() -> None:
    """Raises what has left a callback of this thread, if anything has."""
    error = _left.pop(threading.get_ident(), None) if _left else None
    if error is not None:
        raise error


def check(error: int | None) -> None:
    """Raises what an error of the library says, if it is one."""
    if not error:
        return raise_left()
    exception = of_error(error)
    inner = getattr(_raised, "error", None)
    _raised.error = None
    raise_left()
    if inner is not None:
        raise inner
    raise exception


def of_error(error: int) -> RiserError:
    """The exception that an owned error is."""
    trap = lib.riser_error_as_trap(error)
    lib.riser_error_delete(error)
    vec = Bytes()
    lib.wasm_trap_message(trap, ctypes.byref(vec))
    message = taken(vec).rstrip(b"\0").decode(errors="replace")
    frames = _frames(trap)
    code = lib.riser_trap_code(trap)
    status = ctypes.c_int32()
    has_exited = lib.riser_trap_exit_status(trap, ctypes.byref(status))
    if not has_exited and not code:
        return (Trap(message, None, frames) if frames else RiserError(message))._keep(trap)
    lib.wasm_ref_delete(trap)
    if has_exited:
        exit_trap = ExitTrap(message, None, frames)
        exit_trap.code = status.value
        return exit_trap
    return Trap(message, TrapCode(code), frames)


def _frames(trap: int) -> tuple[Frame, ...]:
    vec = Pointers()
    lib.wasm_trap_trace(trap, ctypes.byref(vec))
    name = lambda it: lent(it) if it else None
    frames = tuple(
        Frame(
            lib.wasm_frame_func_index(frame),
            name(lib.riser_frame_func_name(frame)),
            name(lib.riser_frame_module_name(frame)),
            lib.wasm_frame_func_offset(frame),
            lib.wasm_frame_module_offset(frame),
        )
        for frame in (vec.data[number] for number in range(vec.size))
    )
    lib.wasm_frame_vec_delete(ctypes.byref(vec))
    return frames
