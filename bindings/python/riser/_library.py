"""The library, and the functions of it that this package calls."""

import ctypes
import os
from ctypes import POINTER, Structure, Union, c_bool, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t
from ctypes import c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path


def _load() -> ctypes.CDLL:
    place = os.environ.get("RISER_LIBRARY") or Path(__file__).parent / "libriser.so"
    try:
        return ctypes.CDLL(str(place))
    except OSError as error:
        raise ImportError(f"{error}; `pip install ./bindings/python` builds it, or RISER_LIBRARY names one") from None


def fitting(value: int, bits: int = 64) -> int:
    """The value, if it fits into so many bits, unsigned. ctypes would cut it."""
    if not 0 <= value < 1 << bits:
        raise OverflowError(f"{value} does not fit into {bits} bits, unsigned")
    return value


def terminated(text: str) -> bytes:
    """The text as a string of C's, which would end at a zero."""
    encoded = text.encode()
    if b"\0" in encoded:
        raise ValueError("embedded null character")
    return encoded


class Bytes(Structure):
    """`wasm_byte_vec_t`."""

    _fields_ = [("size", c_size_t), ("data", POINTER(c_uint8))]


class Pointers(Structure):
    """A vector of pointers."""

    _fields_ = [("size", c_size_t), ("data", POINTER(c_void_p))]


class Of(Union):
    """The contents of a value."""

    _fields_ = [("i32", c_int32), ("i64", c_int64), ("f32", c_float), ("f64", c_double), ("ref", c_void_p)]


class Val(Structure):
    """`wasm_val_t`."""

    _fields_ = [("kind", c_uint8), ("of", Of)]


class Vals(Structure):
    """`wasm_val_vec_t`."""

    _fields_ = [("size", c_size_t), ("data", POINTER(Val))]


class Limits(Structure):
    """`wasm_limits_t`."""

    _fields_ = [("min", c_uint32), ("max", c_uint32)]


class MemoryLimits(Structure):
    """`riser_memory_limits_t`."""

    _fields_ = [
        ("min", c_uint64),
        ("max", c_uint64),
        ("has_max", c_bool),
        ("is_64", c_bool),
        ("is_shared", c_bool),
        ("page_size_log2", c_uint8),
    ]


class TierPolicy(Structure):
    """`riser_tier_policy_t`."""

    _fields_ = [
        ("call_threshold", c_uint32),
        ("loop_threshold", c_uint32),
        ("up_call_threshold", c_uint32),
        ("up_loop_threshold", c_uint32),
        ("threads", c_size_t),
        ("delay_ms", c_uint64),
        ("up_delay_ms", c_uint64),
    ]


class Statistics(Structure):
    """`riser_statistics_t`."""

    _fields_ = [
        ("functions", c_size_t),
        ("translated", c_size_t),
        ("wasm_bytes", c_size_t),
        ("code_bytes", c_size_t),
        ("validation_ns", c_uint64),
        ("translation_ns", c_uint64),
    ]


class TierStatistics(Structure):
    """`riser_tier_statistics_t`."""

    _fields_ = [
        ("mode", c_char_p),
        ("compiled", c_size_t),
        ("wasm_bytes", c_size_t),
        ("code_bytes", c_size_t),
        ("bailouts", c_size_t),
        ("compile_ns", c_uint64),
    ]


class Counts(Structure):
    """`riser_counts_t`."""

    _fields_ = [
        ("instructions", c_uint64),
        ("dispatches", c_uint64),
        ("taken_branches", c_uint64),
        ("calls", c_uint64),
    ]


def field_names(structure) -> list[str]:
    """The names of a structure's fields."""
    return [field[0] for field in structure._fields_]


Finalizer = ctypes.CFUNCTYPE(None, c_void_p)
FuncCallback = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, POINTER(Vals), POINTER(Vals))
WriteCallback = ctypes.CFUNCTYPE(c_bool, c_void_p, POINTER(c_uint8), c_size_t)
SnapshotCallback = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)

_TEXT = [c_char_p, c_size_t]

# Name: what it returns, what it takes. Objects are `c_void_p`; errors are, too.
_FUNCTIONS = {
    "wasm_byte_vec_delete": (None, [POINTER(Bytes)]),
    "wasm_byte_vec_new": (None, [POINTER(Bytes), c_size_t, c_char_p]),
    "wasm_valtype_new": (c_void_p, [c_uint8]),
    "wasm_valtype_kind": (c_uint8, [c_void_p]),
    "wasm_valtype_vec_new": (None, [POINTER(Pointers), c_size_t, POINTER(c_void_p)]),
    "wasm_functype_new": (c_void_p, [POINTER(Pointers), POINTER(Pointers)]),
    "wasm_functype_params": (POINTER(Pointers), [c_void_p]),
    "wasm_functype_results": (POINTER(Pointers), [c_void_p]),
    "wasm_globaltype_new": (c_void_p, [c_void_p, c_uint8]),
    "wasm_globaltype_content": (c_void_p, [c_void_p]),
    "wasm_globaltype_mutability": (c_uint8, [c_void_p]),
    "wasm_tabletype_new": (c_void_p, [c_void_p, POINTER(Limits)]),
    "wasm_tabletype_element": (c_void_p, [c_void_p]),
    "wasm_tabletype_limits": (POINTER(Limits), [c_void_p]),
    "wasm_externtype_kind": (c_uint8, [c_void_p]),
    "wasm_externtype_delete": (None, [c_void_p]),
    "wasm_importtype_module": (POINTER(Bytes), [c_void_p]),
    "wasm_importtype_name": (POINTER(Bytes), [c_void_p]),
    "wasm_importtype_type": (c_void_p, [c_void_p]),
    "wasm_importtype_vec_delete": (None, [POINTER(Pointers)]),
    "wasm_exporttype_name": (POINTER(Bytes), [c_void_p]),
    "wasm_exporttype_type": (c_void_p, [c_void_p]),
    "wasm_exporttype_vec_delete": (None, [POINTER(Pointers)]),
    "wasm_config_new": (c_void_p, []),
    "wasm_config_delete": (None, [c_void_p]),
    "wasm_engine_delete": (None, [c_void_p]),
    "wasm_store_delete": (None, [c_void_p]),
    "wasm_val_copy": (None, [POINTER(Val), POINTER(Val)]),
    "wasm_val_delete": (None, [POINTER(Val)]),
    "wasm_val_vec_delete": (None, [POINTER(Vals)]),
    "wasm_ref_delete": (None, [c_void_p]),
    "wasm_ref_copy": (c_void_p, [c_void_p]),
    "wasm_ref_same": (c_bool, [c_void_p, c_void_p]),
    "wasm_ref_get_host_info": (c_void_p, [c_void_p]),
    "wasm_ref_set_host_info_with_finalizer": (None, [c_void_p, c_void_p, Finalizer]),
    "wasm_trap_message": (None, [c_void_p, POINTER(Bytes)]),
    "wasm_trap_trace": (None, [c_void_p, POINTER(Pointers)]),
    "wasm_frame_vec_delete": (None, [POINTER(Pointers)]),
    "wasm_frame_func_index": (c_uint32, [c_void_p]),
    "wasm_frame_func_offset": (c_size_t, [c_void_p]),
    "wasm_frame_module_offset": (c_size_t, [c_void_p]),
    "wasm_foreign_new": (c_void_p, [c_void_p]),
    "wasm_module_imports": (None, [c_void_p, POINTER(Pointers)]),
    "wasm_module_exports": (None, [c_void_p, POINTER(Pointers)]),
    "wasm_func_type": (c_void_p, [c_void_p]),
    "wasm_global_new": (c_void_p, [c_void_p, c_void_p, POINTER(Val)]),
    "wasm_global_type": (c_void_p, [c_void_p]),
    "wasm_global_get": (None, [c_void_p, POINTER(Val)]),
    "wasm_table_new": (c_void_p, [c_void_p, c_void_p, c_void_p]),
    "wasm_table_type": (c_void_p, [c_void_p]),
    "wasm_table_get": (c_void_p, [c_void_p, c_uint32]),
    "wasm_table_set": (c_bool, [c_void_p, c_uint32, c_void_p]),
    "wasm_table_size": (c_uint32, [c_void_p]),
    "wasm_table_grow": (c_bool, [c_void_p, c_uint32, c_void_p]),
    "wasm_memory_new": (c_void_p, [c_void_p, c_void_p]),
    "wasm_memory_type": (c_void_p, [c_void_p]),
    "wasm_memory_data_size": (c_size_t, [c_void_p]),
    "wasm_extern_kind": (c_uint8, [c_void_p]),
    "wasm_instance_exports": (None, [c_void_p, POINTER(Pointers)]),
    "wasm_extern_vec_delete": (None, [POINTER(Pointers)]),
    "riser_version": (c_char_p, []),
    "riser_error_delete": (None, [c_void_p]),
    "riser_error_as_trap": (c_void_p, [c_void_p]),
    "riser_trap_new": (c_void_p, _TEXT),
    "riser_trap_code": (c_uint8, [c_void_p]),
    "riser_trap_exit_status": (c_bool, [c_void_p, POINTER(c_int32)]),
    "riser_frame_func_name": (POINTER(Bytes), [c_void_p]),
    "riser_frame_module_name": (POINTER(Bytes), [c_void_p]),
    "riser_mode_name": (c_char_p, [c_size_t]),
    "riser_dispatch_name": (c_char_p, [c_size_t]),
    "riser_bounds_name": (c_char_p, [c_size_t]),
    "riser_switch_name": (c_char_p, [c_size_t]),
    "riser_switch_description": (c_char_p, [c_size_t]),
    "riser_proposal_name": (c_char_p, [c_size_t]),
    "riser_config_mode_set": (c_void_p, [c_void_p, c_char_p]),
    "riser_config_dispatch_set": (c_void_p, [c_void_p, c_char_p]),
    "riser_config_bounds_set": (c_void_p, [c_void_p, c_char_p]),
    "riser_config_switch_set": (c_void_p, [c_void_p, c_char_p, c_bool]),
    "riser_config_switches_set": (None, [c_void_p, c_bool]),
    "riser_config_proposal_set": (c_void_p, [c_void_p, c_char_p, c_bool]),
    "riser_config_compilation_set": (c_void_p, [c_void_p, c_char_p]),
    "riser_config_parallel_compilation_set": (None, [c_void_p, c_size_t]),
    "riser_config_opt_level_set": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "riser_config_cache_set": (c_void_p, [c_void_p, c_char_p, c_uint64]),
    "riser_config_consume_fuel_set": (None, [c_void_p, c_bool]),
    "riser_config_epoch_interruption_set": (None, [c_void_p, c_bool]),
    "riser_config_snapshots_set": (None, [c_void_p, c_bool]),
    "riser_config_spectre_guards_set": (None, [c_void_p, c_bool]),
    "riser_config_relaxed_simd_deterministic_set": (None, [c_void_p, c_bool]),
    "riser_config_max_wasm_stack_set": (None, [c_void_p, c_size_t]),
    "riser_config_max_native_stack_set": (None, [c_void_p, c_size_t]),
    "riser_config_host_stack_set": (None, [c_void_p, c_size_t]),
    "riser_tier_policy_default": (TierPolicy, []),
    "riser_config_tier_policy_set": (None, [c_void_p, POINTER(TierPolicy)]),
    "riser_engine_new": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "riser_engine_increment_epoch": (None, [c_void_p]),
    "riser_is_mode_supported": (c_bool, [c_char_p]),
    "riser_engine_check_mode": (c_void_p, [c_void_p, c_char_p]),
    "riser_engine_set_default_mode": (c_void_p, [c_void_p, c_char_p]),
    "riser_engine_default_mode": (c_char_p, [c_void_p]),
    "riser_wasi_config_new": (c_void_p, []),
    "riser_wasi_config_delete": (None, [c_void_p]),
    "riser_wasi_config_arg": (c_void_p, [c_void_p, c_char_p]),
    "riser_wasi_config_env": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "riser_wasi_config_inherit_env": (None, [c_void_p]),
    "riser_wasi_config_inherit_stdin": (None, [c_void_p]),
    "riser_wasi_config_inherit_stdout": (None, [c_void_p]),
    "riser_wasi_config_inherit_stderr": (None, [c_void_p]),
    "riser_wasi_config_stdin_file": (c_void_p, [c_void_p, c_char_p]),
    "riser_wasi_config_stdin_bytes": (None, [c_void_p, c_char_p, c_size_t]),
    "riser_wasi_config_stdout_file": (c_void_p, [c_void_p, c_char_p]),
    "riser_wasi_config_stderr_file": (c_void_p, [c_void_p, c_char_p]),
    "riser_wasi_config_stdout_callback": (None, [c_void_p, WriteCallback, c_void_p, Finalizer]),
    "riser_wasi_config_stderr_callback": (None, [c_void_p, WriteCallback, c_void_p, Finalizer]),
    "riser_wasi_config_preopen_dir": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "riser_store_new": (c_void_p, [c_void_p, c_void_p, Finalizer]),
    "riser_store_tell_endings": (None, [c_void_p]),
    "riser_store_end_callback": (None, [c_void_p, c_void_p]),
    "riser_store_set_fuel": (c_void_p, [c_void_p, c_uint64]),
    "riser_store_get_fuel": (c_void_p, [c_void_p, POINTER(c_uint64)]),
    "riser_store_set_epoch_deadline": (None, [c_void_p, c_uint64]),
    "riser_store_limiter": (None, [c_void_p] + [c_int64] * 6),
    "riser_store_set_wasi": (c_void_p, [c_void_p, c_void_p]),
    "riser_store_data": (c_void_p, [c_void_p]),
    "riser_module_new": (c_void_p, [c_void_p, *_TEXT, POINTER(c_void_p)]),
    "riser_module_from_file": (c_void_p, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "riser_module_validate": (c_void_p, [c_void_p, *_TEXT]),
    "riser_module_serialize": (c_void_p, [c_void_p, POINTER(Bytes)]),
    "riser_module_deserialize": (c_void_p, [c_void_p, *_TEXT, POINTER(c_void_p)]),
    "riser_module_name": (c_bool, [c_void_p, POINTER(Bytes)]),
    "riser_wat2wasm": (c_void_p, [*_TEXT, POINTER(Bytes)]),
    "riser_module_statistics": (c_bool, [c_void_p, POINTER(Statistics)]),
    "riser_module_tier_statistics": (c_bool, [c_void_p, c_size_t, POINTER(TierStatistics)]),
    "riser_module_settings": (None, [c_void_p, POINTER(Bytes)]),
    "riser_counter_new": (c_void_p, []),
    "riser_counter_delete": (None, [c_void_p]),
    "riser_store_count_instructions": (c_void_p, [c_void_p, c_void_p]),
    "riser_counter_take": (None, [c_void_p, POINTER(Counts)]),
    "riser_func_new": (c_void_p, [c_void_p, c_void_p, FuncCallback, c_void_p, Finalizer]),
    "riser_func_call": (c_void_p, [c_void_p, POINTER(Vals), POINTER(Vals)]),
    "riser_caller_store": (c_void_p, [c_void_p]),
    "riser_caller_export_get": (c_void_p, [c_void_p, *_TEXT]),
    "riser_instance_new": (c_void_p, [c_void_p, c_void_p, POINTER(Pointers), POINTER(c_void_p)]),
    "riser_instance_export_get": (c_void_p, [c_void_p, *_TEXT]),
    "riser_instance_set_mode": (c_void_p, [c_void_p, c_char_p]),
    "riser_instance_mode": (c_char_p, [c_void_p]),
    "riser_linker_new": (c_void_p, [c_void_p]),
    "riser_linker_delete": (None, [c_void_p]),
    "riser_linker_allow_shadowing": (None, [c_void_p, c_bool]),
    "riser_linker_define": (c_void_p, [c_void_p, *_TEXT, *_TEXT, c_void_p]),
    "riser_linker_define_func": (c_void_p, [c_void_p, *_TEXT, *_TEXT, c_void_p, FuncCallback, c_void_p, Finalizer]),
    "riser_linker_define_instance": (c_void_p, [c_void_p, *_TEXT, c_void_p]),
    "riser_linker_define_module": (c_void_p, [c_void_p, c_void_p, *_TEXT, c_void_p]),
    "riser_linker_define_wasi": (c_void_p, [c_void_p]),
    "riser_linker_define_unknown_imports_as_traps": (c_void_p, [c_void_p, c_void_p]),
    "riser_linker_instantiate": (c_void_p, [c_void_p, c_void_p, c_void_p, POINTER(c_void_p)]),
    "riser_linker_get": (c_void_p, [c_void_p, c_void_p, *_TEXT, *_TEXT, POINTER(c_void_p)]),
    "riser_linker_get_default": (c_void_p, [c_void_p, c_void_p, *_TEXT, POINTER(c_void_p)]),
    "riser_snapshot_delete": (None, [c_void_p]),
    "riser_instance_snapshot": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "riser_snapshot_requests_delete": (None, [c_void_p]),
    "riser_snapshot_request": (None, [c_void_p]),
    "riser_store_on_snapshot": (c_void_p, [c_void_p, SnapshotCallback, c_void_p, Finalizer, POINTER(c_void_p)]),
    "riser_store_request_snapshot_after": (None, [c_void_p, c_uint64]),
    "riser_snapshot_from_bytes": (c_void_p, [*_TEXT, POINTER(c_void_p)]),
    "riser_snapshot_to_bytes": (None, [c_void_p, POINTER(Bytes)]),
    "riser_snapshot_frames": (c_size_t, [c_void_p]),
    "riser_snapshot_set_module": (c_void_p, [c_void_p, c_void_p]),
    "riser_snapshot_module": (c_bool, [c_void_p, POINTER(Bytes)]),
    "riser_snapshot_set_section": (c_void_p, [c_void_p, *_TEXT, *_TEXT]),
    "riser_snapshot_section": (c_bool, [c_void_p, *_TEXT, POINTER(Bytes)]),
    "riser_snapshot_set_wasi": (c_void_p, [c_void_p, c_void_p]),
    "riser_snapshot_wasi_config": (c_void_p, [c_void_p, POINTER(c_void_p)]),
    "riser_snapshot_seal": (c_void_p, [c_void_p, c_uint64]),
    "riser_restored_delete": (None, [c_void_p]),
    "riser_snapshot_restore": (c_void_p, [c_void_p, c_void_p, c_void_p, POINTER(Pointers), POINTER(c_void_p)]),
    "riser_linker_restore": (c_void_p, [c_void_p] * 4 + [POINTER(c_void_p)]),
    "riser_restored_instance": (c_void_p, [c_void_p]),
    "riser_restored_resume": (c_void_p, [c_void_p, POINTER(Vals)]),
    "riser_memorytype_new": (c_void_p, [POINTER(MemoryLimits)]),
    "riser_memorytype_limits": (c_bool, [c_void_p, POINTER(MemoryLimits)]),
    "riser_memory_size": (c_uint64, [c_void_p]),
    "riser_memory_page_size": (c_uint64, [c_void_p]),
    "riser_memory_grow": (c_void_p, [c_void_p, c_uint64, POINTER(c_uint64)]),
    "riser_memory_read": (c_void_p, [c_void_p, c_uint64, c_void_p, c_size_t]),
    "riser_memory_write": (c_void_p, [c_void_p, c_uint64, c_char_p, c_size_t]),
    "riser_global_set": (c_void_p, [c_void_p, POINTER(Val)]),
    "riser_val_v128_new": (None, [POINTER(Val), c_char_p]),
    "riser_val_v128_get": (c_bool, [POINTER(Val), c_char_p]),
    "riser_externtype_tag_params": (POINTER(Pointers), [c_void_p]),
}

lib = _load()
for _name, (_result, _arguments) in _FUNCTIONS.items():
    _function = getattr(lib, _name)
    _function.restype = _result
    _function.argtypes = _arguments


def taken(vec: Bytes) -> bytes:
    """The contents of an owned vector, which is freed."""
    contents = ctypes.string_at(vec.data, vec.size) if vec.size else b""
    lib.wasm_byte_vec_delete(ctypes.byref(vec))
    return contents


def lent(vec) -> str:
    """The text of a vector that is lent."""
    return ctypes.string_at(vec.contents.data, vec.contents.size).decode() if vec.contents.size else ""


def names(function) -> list[str]:
    """The names that a function lists."""
    found: list[str] = []
    while (name := function(len(found))) is not None:
        found.append(name.decode())
    return found
