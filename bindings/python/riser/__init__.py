"""Riser, a WebAssembly research engine.

The API has the shape of wasmtime's for Python: `Engine`, `Store`, `Module`, `Linker`, `Instance`, `Func`, `Memory`, `Table`, `Global`.
`riser.lab` runs experiments. `docs/src/python.md` in Riser's repository is the guide.
"""

from . import lab
from ._engine import Caller, Config, Engine, SnapshotRequests, Store, WasiConfig
from ._errors import ExitTrap, Frame, RiserError, Trap, TrapCode
from ._func import Func
from ._instance import Exports, Extern, Global, Instance, Linker, Table, Tag
from ._library import lib as _lib
from ._memory import Memory, View
from ._module import Module, Statistics, TierStatistics, wat2wasm
from ._snapshot import Restored, Snapshot
from ._types import (
    ExportType,
    ExternType,
    FuncType,
    GlobalType,
    ImportType,
    Limits,
    MemoryType,
    TableType,
    TagType,
    ValType,
)

__version__: str = _lib.riser_version().decode()

__all__ = [
    "Caller",
    "Config",
    "Engine",
    "ExitTrap",
    "ExportType",
    "Exports",
    "Extern",
    "ExternType",
    "Frame",
    "Func",
    "FuncType",
    "Global",
    "GlobalType",
    "ImportType",
    "Instance",
    "Limits",
    "Linker",
    "Memory",
    "MemoryType",
    "Module",
    "Restored",
    "RiserError",
    "Snapshot",
    "SnapshotRequests",
    "Statistics",
    "Store",
    "Table",
    "TableType",
    "Tag",
    "TagType",
    "TierStatistics",
    "Trap",
    "TrapCode",
    "ValType",
    "View",
    "WasiConfig",
    "lab",
    "wat2wasm",
]
