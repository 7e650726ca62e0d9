"""Modules."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from . import _library as c
from ._engine import Engine
from ._errors import check
from ._handle import Object, out_pointer
from ._library import lib, taken, terminated
from ._types import ExportType, ImportType, export_type, import_type


@dataclass(frozen=True)
class TierStatistics:
    """What a tier has made of a module."""

    mode: str
    compiled: int
    wasm_bytes: int
    code_bytes: int
    bailouts: int
    compile_ns: int


@dataclass(frozen=True)
class Statistics:
    """What has been made of a module until now."""

    functions: int
    translated: int
    wasm_bytes: int
    code_bytes: int
    validation_ns: int
    translation_ns: int
    tiers: tuple[TierStatistics, ...]


def wat2wasm(wat: str | bytes) -> bytes:
    """The binary format of a module in the text format."""
    text = wat.encode() if isinstance(wat, str) else wat
    vec = c.Bytes()
    check(lib.riser_wat2wasm(text, len(text), ctypes.byref(vec)))
    return taken(vec)


class Module(Object):
    """A module, in the binary or the text format."""

    def __init__(self, engine: Engine, wasm: str | bytes):
        data = wasm.encode() if isinstance(wasm, str) else bytes(wasm)
        module = out_pointer()
        check(lib.riser_module_new(engine._pointer, data, len(data), ctypes.byref(module)))
        self._own(module.value)

    @classmethod
    def from_file(cls, engine: Engine, path: str) -> Module:
        """The module in a file."""
        module = out_pointer()
        check(lib.riser_module_from_file(engine._pointer, terminated(str(path)), ctypes.byref(module)))
        return cls._of(module.value)

    @classmethod
    def deserialize(cls, engine: Engine, data: bytes) -> Module:
        """What `serialize` has made. It may have machine code, so it has to come from where programs may come from."""
        module = out_pointer()
        check(lib.riser_module_deserialize(engine._pointer, data, len(data), ctypes.byref(module)))
        return cls._of(module.value)

    @staticmethod
    def validate(engine: Engine, wasm: bytes) -> None:
        """Raises an error if the bytes are not a valid module."""
        check(lib.riser_module_validate(engine._pointer, wasm, len(wasm)))

    def serialize(self) -> bytes:
        """The module as bytes, compiled ahead of time if the engine can."""
        vec = c.Bytes()
        check(lib.riser_module_serialize(self._pointer, ctypes.byref(vec)))
        return taken(vec)

    @property
    def name(self) -> str | None:
        """The name that the module gives itself."""
        vec = c.Bytes()
        has_name = lib.riser_module_name(self._pointer, ctypes.byref(vec))
        name = taken(vec).decode()
        return name if has_name else None

    @property
    def imports(self) -> list[ImportType]:
        """What the module needs."""
        vec = c.Pointers()
        lib.wasm_module_imports(self._pointer, ctypes.byref(vec))
        found = [import_type(vec.data[number]) for number in range(vec.size)]
        lib.wasm_importtype_vec_delete(ctypes.byref(vec))
        return found

    @property
    def exports(self) -> list[ExportType]:
        """What the module has."""
        vec = c.Pointers()
        lib.wasm_module_exports(self._pointer, ctypes.byref(vec))
        found = [export_type(vec.data[number]) for number in range(vec.size)]
        lib.wasm_exporttype_vec_delete(ctypes.byref(vec))
        return found

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the module really runs with."""
        vec = c.Bytes()
        lib.riser_module_settings(self._pointer, ctypes.byref(vec))
        lines = taken(vec).rstrip(b"\0").decode().splitlines()
        return dict(line.split(": ", 1) for line in lines)

    @property
    def statistics(self) -> Statistics:
        """What has been made of the module until now."""
        of = c.Statistics()
        lib.riser_module_statistics(self._pointer, ctypes.byref(of))
        tiers: list[TierStatistics] = []
        tier = c.TierStatistics()
        while lib.riser_module_tier_statistics(self._pointer, len(tiers), ctypes.byref(tier)):
            values = (getattr(tier, name) for name in c.field_names(c.TierStatistics)[1:])
            tiers.append(TierStatistics(tier.mode.decode(), *values))
        whole = {name: getattr(of, name) for name in c.field_names(c.Statistics)}
        return Statistics(**whole, tiers=tuple(tiers))
