/* What the standard header `wasm.h` has not: errors with reasons, modes and settings, fuel, interruption, limits, linkers,
 * WASI, snapshots, statistics. It works on the objects of `wasm.h`; what that says of ownership, NULL, threads and failure holds here.
 *
 * Errors. A function that returns a `riser_error_t*` returns NULL if it has done what it says, and else an owned error. An
 * object that it would have put into `out` is then NULL.
 *
 * Text. Names of the engine's own (modes, strategies, switches) and paths end with a null byte. Names of modules and of what
 * they import and export come with their length, because they may contain one. All are UTF-8.
 */
#ifndef RISER_H
#define RISER_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the engine. */
WASM_API_EXTERN const char* riser_version(void);

/* ---- Errors and traps ---- */

typedef struct riser_error_t riser_error_t;
WASM_API_EXTERN void riser_error_delete(own riser_error_t*);
/* What happened, and why, with a null byte at the end. */
WASM_API_EXTERN void riser_error_message(const riser_error_t*, own wasm_message_t* out);
/* The error as a trap: with the frames that it went through, for a callback to return, for the functions below. */
WASM_API_EXTERN own wasm_trap_t* riser_error_as_trap(const riser_error_t*);

/* A trap of a host function that has no store at hand. */
WASM_API_EXTERN own wasm_trap_t* riser_trap_new(const char* message, size_t len);

/* Why the engine trapped; 0 for whatever else can end a call. */
typedef uint8_t riser_trap_code_t;
enum riser_trap_code_enum {
  RISER_TRAP_UNREACHABLE = 1,
  RISER_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
  RISER_TRAP_TABLE_OUT_OF_BOUNDS = 3,
  RISER_TRAP_UNDEFINED_ELEMENT = 4,
  RISER_TRAP_UNINITIALIZED_ELEMENT = 5,
  RISER_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 6,
  RISER_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
  RISER_TRAP_INTEGER_OVERFLOW = 8,
  RISER_TRAP_INVALID_CONVERSION_TO_INTEGER = 9,
  RISER_TRAP_STACK_OVERFLOW = 10,
  RISER_TRAP_OUT_OF_FUEL = 11,
  RISER_TRAP_INTERRUPT = 12,
  RISER_TRAP_HEAP_MISALIGNED = 13,
  RISER_TRAP_ATOMIC_WAIT_NON_SHARED_MEMORY = 14,
  RISER_TRAP_NULL_REFERENCE = 16,
  RISER_TRAP_OUT_OF_EXCEPTIONS = 17,
};
WASM_API_EXTERN riser_trap_code_t riser_trap_code(const wasm_trap_t*);
/* The message of a code; NULL if there is none. */
WASM_API_EXTERN const char* riser_trap_code_message(size_t code);
/* Whether the guest has ended by WASI's `proc_exit`, and with which status. */
WASM_API_EXTERN bool riser_trap_exit_status(const wasm_trap_t*, int32_t* out);
/* NULL if it has no name. */
WASM_API_EXTERN const wasm_name_t* riser_frame_func_name(const wasm_frame_t*);
WASM_API_EXTERN const wasm_name_t* riser_frame_module_name(const wasm_frame_t*);

/* ---- Configurations ---- */

/* The names that there are: call with 0, 1, 2 .. until NULL. They stay. */
WASM_API_EXTERN const char* riser_mode_name(size_t index);
WASM_API_EXTERN const char* riser_dispatch_name(size_t index);
WASM_API_EXTERN const char* riser_bounds_name(size_t index);
WASM_API_EXTERN const char* riser_switch_name(size_t index);
WASM_API_EXTERN const char* riser_switch_description(size_t index);
WASM_API_EXTERN const char* riser_proposal_name(size_t index);

/* The mode of instances that choose none: `interp`, `classic`, `fast-jit`, `llvm-jit`, `aot`, `multi-tier`. */
WASM_API_EXTERN own riser_error_t* riser_config_mode_set(wasm_config_t*, const char* mode);
/* How the register interpreter dispatches; `profile` counts instructions. */
WASM_API_EXTERN own riser_error_t* riser_config_dispatch_set(wasm_config_t*, const char* strategy);
/* How accesses to memories are kept in bounds: `explicit` or `guard`. */
WASM_API_EXTERN own riser_error_t* riser_config_bounds_set(wasm_config_t*, const char* strategy);
/* An optimisation of the translator; all of them. */
WASM_API_EXTERN own riser_error_t* riser_config_switch_set(wasm_config_t*, const char* name, bool on);
WASM_API_EXTERN void riser_config_switches_set(wasm_config_t*, bool on);
/* Whether modules may use a proposal. */
WASM_API_EXTERN own riser_error_t* riser_config_proposal_set(wasm_config_t*, const char* name, bool on);
/* When functions become code: `lazy`, `lazy-translation`, `speculative`, `eager`. */
WASM_API_EXTERN own riser_error_t* riser_config_compilation_set(wasm_config_t*, const char* when);
/* Threads that do so; 0 for as many as there are cores. */
WASM_API_EXTERN void riser_config_parallel_compilation_set(wasm_config_t*, size_t threads);
/* How much work a compiler does: for `fast-jit` `none` or `speed`, for `llvm-jit` `0` to `3`. */
WASM_API_EXTERN own riser_error_t* riser_config_opt_level_set(wasm_config_t*, const char* mode, const char* level);
/* Keeps machine code in a folder; a limit of 0 bytes is the default. */
WASM_API_EXTERN own riser_error_t* riser_config_cache_set(wasm_config_t*, const char* folder, uint64_t limit);
WASM_API_EXTERN void riser_config_consume_fuel_set(wasm_config_t*, bool);
WASM_API_EXTERN void riser_config_epoch_interruption_set(wasm_config_t*, bool);
/* Whether compiled code keeps what snapshots of running programs need; they need epoch interruption, too. */
WASM_API_EXTERN void riser_config_snapshots_set(wasm_config_t*, bool);
WASM_API_EXTERN void riser_config_spectre_guards_set(wasm_config_t*, bool);
WASM_API_EXTERN void riser_config_relaxed_simd_deterministic_set(wasm_config_t*, bool);
/* In bytes: the stack of a store, the part of a thread's stack for calls between the host and wasm, and the stack that a host
 * function has when compiled code calls it. */
WASM_API_EXTERN void riser_config_max_wasm_stack_set(wasm_config_t*, size_t);
WASM_API_EXTERN void riser_config_max_native_stack_set(wasm_config_t*, size_t);
WASM_API_EXTERN void riser_config_host_stack_set(wasm_config_t*, size_t);

/* When functions tier up in the mode `multi-tier`. Fields with `up_` are for the steps above the first. With 0 threads the
 * thread that asks for code compiles it. */
typedef struct riser_tier_policy_t {
  uint32_t call_threshold;
  uint32_t loop_threshold;
  uint32_t up_call_threshold;
  uint32_t up_loop_threshold;
  size_t threads;
  uint64_t delay_ms;
  uint64_t up_delay_ms;
} riser_tier_policy_t;
WASM_API_EXTERN riser_tier_policy_t riser_tier_policy_default(void);
WASM_API_EXTERN void riser_config_tier_policy_set(wasm_config_t*, const riser_tier_policy_t*);

/* ---- Engines and modes ---- */

WASM_API_EXTERN own riser_error_t* riser_engine_new(own wasm_config_t*, own wasm_engine_t** out);
/* The same engine, for another owner. */
WASM_API_EXTERN own wasm_engine_t* riser_engine_copy(const wasm_engine_t*);
/* Interrupts the code of stores whose deadline is reached. From any thread, and from a signal handler. */
WASM_API_EXTERN void riser_engine_increment_epoch(const wasm_engine_t*);

/* Whether the build and the machine have the mode. */
WASM_API_EXTERN bool riser_is_mode_supported(const char* mode);
/* Whether instances of this engine can run in it; the error says what would make it so. */
WASM_API_EXTERN own riser_error_t* riser_engine_check_mode(const wasm_engine_t*, const char* mode);
/* The mode of instances that are made from now on and choose none. */
WASM_API_EXTERN own riser_error_t* riser_engine_set_default_mode(const wasm_engine_t*, const char* mode);
WASM_API_EXTERN const char* riser_engine_default_mode(const wasm_engine_t*);

/* ---- WASI preview 1 ---- */

/* What a guest may see. At first it has no arguments, variables and folders; its input is empty, its output discarded. */
typedef struct riser_wasi_config_t riser_wasi_config_t;
WASM_API_EXTERN own riser_wasi_config_t* riser_wasi_config_new(void);
WASM_API_EXTERN void riser_wasi_config_delete(own riser_wasi_config_t*);
/* One more argument. The first is the program's name. */
WASM_API_EXTERN own riser_error_t* riser_wasi_config_arg(riser_wasi_config_t*, const char* arg);
WASM_API_EXTERN own riser_error_t* riser_wasi_config_env(riser_wasi_config_t*, const char* name, const char* value);
WASM_API_EXTERN void riser_wasi_config_inherit_env(riser_wasi_config_t*);
WASM_API_EXTERN void riser_wasi_config_inherit_stdin(riser_wasi_config_t*);
WASM_API_EXTERN void riser_wasi_config_inherit_stdout(riser_wasi_config_t*);
WASM_API_EXTERN void riser_wasi_config_inherit_stderr(riser_wasi_config_t*);
WASM_API_EXTERN void riser_wasi_config_inherit_stdio(riser_wasi_config_t*);
WASM_API_EXTERN own riser_error_t* riser_wasi_config_stdin_file(riser_wasi_config_t*, const char* path);
/* The bytes are copied. */
WASM_API_EXTERN void riser_wasi_config_stdin_bytes(riser_wasi_config_t*, const char* bytes, size_t len);
WASM_API_EXTERN own riser_error_t* riser_wasi_config_stdout_file(riser_wasi_config_t*, const char* path);
WASM_API_EXTERN own riser_error_t* riser_wasi_config_stderr_file(riser_wasi_config_t*, const char* path);
/* Takes what the guest writes; false is an I/O error of the guest. It does not call functions of the store. The finalizer gets `env` when
 * the store gives up its WASI state, or the configuration is deleted, and not when the guest closes the stream. */
typedef bool (*riser_write_callback_t)(void* env, const uint8_t* bytes, size_t len);
WASM_API_EXTERN void riser_wasi_config_stdout_callback(riser_wasi_config_t*, riser_write_callback_t, void* env,
                                                       void (*finalizer)(void*));
WASM_API_EXTERN void riser_wasi_config_stderr_callback(riser_wasi_config_t*, riser_write_callback_t, void* env,
                                                       void (*finalizer)(void*));
/* Lets the guest see what is beneath a folder of the host, under a name of its own. */
WASM_API_EXTERN own riser_error_t* riser_wasi_config_preopen_dir(riser_wasi_config_t*, const char* host,
                                                                 const char* guest);

/* ---- Stores ---- */

/* With data, which the finalizer, unless it is NULL, gets when the store is freed. */
WASM_API_EXTERN own wasm_store_t* riser_store_new(wasm_engine_t*, void* data, void (*finalizer)(void*));
WASM_API_EXTERN void* riser_store_data(const wasm_store_t*);
/* For callbacks in languages in which a function can end anywhere without returning anything. From now on it does not matter what callbacks
 * return that return a trap: each has to say what it ends in, NULL or a trap, before it ends. One that does not ends in a trap. */
WASM_API_EXTERN void riser_store_tell_endings(wasm_store_t*);
WASM_API_EXTERN void riser_store_end_callback(wasm_store_t*, own wasm_trap_t*);
/* An error unless the engine consumes fuel. At first there is none. */
WASM_API_EXTERN own riser_error_t* riser_store_set_fuel(wasm_store_t*, uint64_t fuel);
WASM_API_EXTERN own riser_error_t* riser_store_get_fuel(const wasm_store_t*, uint64_t* out);
/* The code of the store is interrupted after so many increments of the epoch. Without a deadline it is at once, in an engine
 * with epoch interruption. */
WASM_API_EXTERN void riser_store_set_epoch_deadline(wasm_store_t*, uint64_t ticks_beyond_current);
/* The most that the store may take: bytes of any one memory, elements of any one table, bytes of all memories and tables
 * together, and numbers of objects. A negative number leaves the default. */
WASM_API_EXTERN void riser_store_limiter(wasm_store_t*, int64_t memory_bytes, int64_t table_elements, int64_t total_bytes,
                                         int64_t instances, int64_t tables, int64_t memories);
/* What the guest may see. Without it, it sees nothing. */
WASM_API_EXTERN own riser_error_t* riser_store_set_wasi(wasm_store_t*, own riser_wasi_config_t*);

/* ---- Modules ---- */

/* In the binary or the text format. */
WASM_API_EXTERN own riser_error_t* riser_module_new(const wasm_engine_t*, const char* bytes, size_t len,
                                                    own wasm_module_t** out);
WASM_API_EXTERN own riser_error_t* riser_module_from_file(const wasm_engine_t*, const char* path, own wasm_module_t** out);
/* In the binary format. */
WASM_API_EXTERN own riser_error_t* riser_module_validate(const wasm_engine_t*, const char* bytes, size_t len);
/* As `wasm_module_serialize` and `wasm_module_deserialize`, and what they say of trust. */
WASM_API_EXTERN own riser_error_t* riser_module_serialize(const wasm_module_t*, own wasm_byte_vec_t* out);
WASM_API_EXTERN own riser_error_t* riser_module_deserialize(const wasm_engine_t*, const char* bytes, size_t len,
                                                            own wasm_module_t** out);
/* Whether the module has a name, and which. */
WASM_API_EXTERN bool riser_module_name(const wasm_module_t*, own wasm_name_t* out);
/* The text format as the binary format. */
WASM_API_EXTERN own riser_error_t* riser_wat2wasm(const char* wat, size_t len, own wasm_byte_vec_t* out);

/* What has been made of a module until now, by the register interpreter's translator and by each tier. */
typedef struct riser_statistics_t {
  size_t functions;
  size_t translated;
  size_t wasm_bytes;
  size_t code_bytes;
  uint64_t validation_ns;
  uint64_t translation_ns;
} riser_statistics_t;
typedef struct riser_tier_statistics_t {
  const char* mode;
  size_t compiled;
  size_t wasm_bytes;
  size_t code_bytes;
  size_t bailouts;
  uint64_t compile_ns;
} riser_tier_statistics_t;
WASM_API_EXTERN bool riser_module_statistics(const wasm_module_t*, riser_statistics_t* out);
/* Of the tier with this number: 0, 1, 2 .. until false. */
WASM_API_EXTERN bool riser_module_tier_statistics(const wasm_module_t*, size_t index, riser_tier_statistics_t* out);
/* The settings that it really runs with, one a line, with a null byte at the end. */
WASM_API_EXTERN void riser_module_settings(const wasm_module_t*, own wasm_message_t* out);

/* ---- Counts ---- */

/* What stores have executed. They count if the engine's dispatch strategy is `profile`, and deliver when they are freed. */
typedef struct riser_counter_t riser_counter_t;
typedef struct riser_counts_t {
  uint64_t instructions;
  uint64_t dispatches; /* A pair of instructions may take one. */
  uint64_t taken_branches;
  uint64_t calls;
} riser_counts_t;
WASM_API_EXTERN own riser_counter_t* riser_counter_new(void);
WASM_API_EXTERN void riser_counter_delete(own riser_counter_t*);
WASM_API_EXTERN own riser_error_t* riser_store_count_instructions(wasm_store_t*, const riser_counter_t*);
/* Takes the counts of the stores that have been freed since the last time. */
WASM_API_EXTERN void riser_counter_take(const riser_counter_t*, riser_counts_t* out);

/* ---- Functions ---- */

/* What a host function sees of its caller; it is there during the call only. */
typedef struct riser_caller_t riser_caller_t;
typedef own wasm_trap_t* (*riser_func_callback_t)(void* env, riser_caller_t*, const wasm_val_vec_t* args,
                                                  own wasm_val_vec_t* results);
WASM_API_EXTERN own wasm_func_t* riser_func_new(wasm_store_t*, const wasm_functype_t*, riser_func_callback_t, void* env,
                                                void (*finalizer)(void*));
/* `results` has room for all results. */
WASM_API_EXTERN own riser_error_t* riser_func_call(const wasm_func_t*, const wasm_val_vec_t* args,
                                                   wasm_val_vec_t* results);
/* Lent for the call. */
WASM_API_EXTERN wasm_store_t* riser_caller_store(const riser_caller_t*);
/* The calling instance's export with this name; NULL if there is none, or if the host calls. */
WASM_API_EXTERN own wasm_extern_t* riser_caller_export_get(riser_caller_t*, const char* name, size_t len);

/* ---- Instances ---- */

WASM_API_EXTERN own riser_error_t* riser_instance_new(wasm_store_t*, const wasm_module_t*, const wasm_extern_vec_t* imports,
                                                      own wasm_instance_t** out);
/* NULL if there is no such export. */
WASM_API_EXTERN own wasm_extern_t* riser_instance_export_get(const wasm_instance_t*, const char* name, size_t len);
/* The mode of the instance's functions, each from its next call on. */
WASM_API_EXTERN own riser_error_t* riser_instance_set_mode(const wasm_instance_t*, const char* mode);
WASM_API_EXTERN const char* riser_instance_mode(const wasm_instance_t*);

/* ---- Linkers ---- */

/* Definitions by name. Functions of the linker serve any number of stores; other definitions are of one store, which the
 * linker keeps alive. A linker may be used and deleted in what is called meanwhile: nothing can be defined while it initialises a
 * module that `riser_linker_define_module` defines, or in a finalizer of what it replaces; that is an error, "the linker is in use". */
typedef struct riser_linker_t riser_linker_t;
WASM_API_EXTERN own riser_linker_t* riser_linker_new(const wasm_engine_t*);
WASM_API_EXTERN void riser_linker_delete(own riser_linker_t*);
/* Whether a name may be defined again. */
WASM_API_EXTERN void riser_linker_allow_shadowing(riser_linker_t*, bool);
WASM_API_EXTERN own riser_error_t* riser_linker_define(riser_linker_t*, const char* module, size_t module_len,
                                                       const char* name, size_t name_len, const wasm_extern_t*);
/* The finalizer runs when no linker and no store has the function any more. */
WASM_API_EXTERN own riser_error_t* riser_linker_define_func(riser_linker_t*, const char* module, size_t module_len,
                                                            const char* name, size_t name_len, const wasm_functype_t*,
                                                            riser_func_callback_t, void* env, void (*finalizer)(void*));
/* All exports of an instance. */
WASM_API_EXTERN own riser_error_t* riser_linker_define_instance(riser_linker_t*, const char* module, size_t module_len,
                                                                const wasm_instance_t*);
/* The exports of a module that is instantiated for it: once, and initialised, if it is a reactor; for each call of its
 * functions, if it is a command. */
WASM_API_EXTERN own riser_error_t* riser_linker_define_module(riser_linker_t*, wasm_store_t*, const char* name,
                                                              size_t name_len, const wasm_module_t*);
/* WASI preview 1, for guests that each see what their store says. */
WASM_API_EXTERN own riser_error_t* riser_linker_define_wasi(riser_linker_t*);
WASM_API_EXTERN own riser_error_t* riser_linker_define_unknown_imports_as_traps(riser_linker_t*, const wasm_module_t*);
WASM_API_EXTERN own riser_error_t* riser_linker_instantiate(const riser_linker_t*, wasm_store_t*, const wasm_module_t*,
                                                            own wasm_instance_t** out);
WASM_API_EXTERN own riser_error_t* riser_linker_get(const riser_linker_t*, wasm_store_t*, const char* module,
                                                    size_t module_len, const char* name, size_t name_len,
                                                    own wasm_extern_t** out);
/* The function that runs a module: `_start`, or one that does nothing. */
WASM_API_EXTERN own riser_error_t* riser_linker_get_default(const riser_linker_t*, wasm_store_t*, const char* module,
                                                            size_t module_len, own wasm_func_t** out);

/* ---- Snapshots ---- */

/* The state of a program that is stopped, or of an instance that does not run. It belongs to no store, and goes on in any mode. */
typedef struct riser_snapshot_t riser_snapshot_t;
WASM_API_EXTERN void riser_snapshot_delete(own riser_snapshot_t*);
/* Of an instance whose store runs no code. */
WASM_API_EXTERN own riser_error_t* riser_instance_snapshot(const wasm_instance_t*, own riser_snapshot_t** out);

/* Gets the snapshots of a store's running code: the snapshot, or the error that says why there is none; the other is NULL. The
 * code goes on if it returns NULL, and ends with the trap that it returns. The store is lent for the call. */
typedef own wasm_trap_t* (*riser_snapshot_callback_t)(void* env, wasm_store_t*, own riser_snapshot_t*, own riser_error_t*);
/* Asks a store for snapshots. From any thread, and from a signal handler. */
typedef struct riser_snapshot_requests_t riser_snapshot_requests_t;
WASM_API_EXTERN void riser_snapshot_requests_delete(own riser_snapshot_requests_t*);
/* At the next safepoint, a function's entry or a loop header. It increments the engine's epoch, which the store's own deadline
 * does not mind. */
WASM_API_EXTERN void riser_snapshot_request(const riser_snapshot_requests_t*);
/* Replaces the callback that there was. An error unless the engine has epoch interruption. */
WASM_API_EXTERN own riser_error_t* riser_store_on_snapshot(wasm_store_t*, riser_snapshot_callback_t, void* env,
                                                           void (*finalizer)(void*),
                                                           own riser_snapshot_requests_t** out);
/* At the safepoint that is reached after so many others. */
WASM_API_EXTERN void riser_store_request_snapshot_after(wasm_store_t*, uint64_t safepoints);

/* The format of files: that of `riser run --snapshot`, too. Nobody who has written the bytes is trusted. */
WASM_API_EXTERN own riser_error_t* riser_snapshot_from_bytes(const char* bytes, size_t len, own riser_snapshot_t** out);
WASM_API_EXTERN void riser_snapshot_to_bytes(const riser_snapshot_t*, own wasm_byte_vec_t* out);
/* The number of frames; 0 for an instance that did not run. */
WASM_API_EXTERN size_t riser_snapshot_frames(const riser_snapshot_t*);
/* Puts the module into the snapshot, so that nobody has to look for it; whether it is there, in the binary format. */
WASM_API_EXTERN own riser_error_t* riser_snapshot_set_module(riser_snapshot_t*, const wasm_module_t*);
WASM_API_EXTERN bool riser_snapshot_module(const riser_snapshot_t*, own wasm_byte_vec_t* out);
/* The state of the host, under names of at most 200 bytes; whether it is there. */
WASM_API_EXTERN own riser_error_t* riser_snapshot_set_section(riser_snapshot_t*, const char* name, size_t name_len,
                                                              const char* bytes, size_t len);
WASM_API_EXTERN bool riser_snapshot_section(const riser_snapshot_t*, const char* name, size_t name_len,
                                            own wasm_byte_vec_t* out);
/* The state of WASI that the store's guest has, as a section. The configuration is for the guest that goes on: it gets streams and
 * folders as any other, and `riser_store_set_wasi` opens the files again. */
WASM_API_EXTERN own riser_error_t* riser_snapshot_set_wasi(riser_snapshot_t*, const wasm_store_t*);
WASM_API_EXTERN own riser_error_t* riser_snapshot_wasi_config(const riser_snapshot_t*, own riser_wasi_config_t** out);
/* Makes memories, of at most so many bytes together, ready to be shared by what is restored from the snapshot. */
WASM_API_EXTERN own riser_error_t* riser_snapshot_seal(riser_snapshot_t*, uint64_t most_bytes);

/* A program that has been restored and has not gone on yet. */
typedef struct riser_restored_t riser_restored_t;
WASM_API_EXTERN void riser_restored_delete(own riser_restored_t*);
WASM_API_EXTERN own riser_error_t* riser_snapshot_restore(const riser_snapshot_t*, wasm_store_t*, const wasm_module_t*,
                                                          const wasm_extern_vec_t* imports, own riser_restored_t** out);
/* With imports of a linker. */
WASM_API_EXTERN own riser_error_t* riser_linker_restore(const riser_linker_t*, wasm_store_t*, const wasm_module_t*,
                                                        const riser_snapshot_t*, own riser_restored_t** out);
WASM_API_EXTERN own wasm_instance_t* riser_restored_instance(const riser_restored_t*);
/* Goes on until the outermost function returns: its results; none if the instance did not run. */
WASM_API_EXTERN own riser_error_t* riser_restored_resume(own riser_restored_t*, own wasm_val_vec_t* out);

/* ---- Memories, globals, values ---- */

typedef struct riser_memory_limits_t {
  uint64_t min; /* In pages. */
  uint64_t max;
  bool has_max;
  bool is_64;
  bool is_shared;
  uint8_t page_size_log2; /* 16, or 0. */
} riser_memory_limits_t;
/* NULL if there are no such memories. */
WASM_API_EXTERN own wasm_memorytype_t* riser_memorytype_new(const riser_memory_limits_t*);
WASM_API_EXTERN bool riser_memorytype_limits(const wasm_memorytype_t*, riser_memory_limits_t* out);
/* In pages, and the size of one in bytes. */
WASM_API_EXTERN uint64_t riser_memory_size(const wasm_memory_t*);
WASM_API_EXTERN uint64_t riser_memory_page_size(const wasm_memory_t*);
WASM_API_EXTERN own riser_error_t* riser_memory_grow(wasm_memory_t*, uint64_t delta, uint64_t* old);
/* Copies, in bounds. */
WASM_API_EXTERN own riser_error_t* riser_memory_read(const wasm_memory_t*, uint64_t offset, uint8_t* buffer, size_t len);
WASM_API_EXTERN own riser_error_t* riser_memory_write(wasm_memory_t*, uint64_t offset, const uint8_t* buffer, size_t len);
WASM_API_EXTERN own riser_error_t* riser_global_set(wasm_global_t*, const wasm_val_t*);

/* Kinds of values and of exports beyond the standard ones. */
enum riser_valkind_enum {
  RISER_V128 = 4,
  RISER_EXNREF = 130,
};
enum riser_externkind_enum {
  RISER_EXTERN_TAG = 4,
};
/* A value of the kind RISER_V128 owns its lanes: lane 0 first, 16 bytes. `wasm_val_delete` frees it. */
WASM_API_EXTERN void riser_val_v128_new(own wasm_val_t* out, const char lanes[16]);
WASM_API_EXTERN bool riser_val_v128_get(const wasm_val_t*, char lanes[16]);
/* What exceptions with the tag carry; NULL if the type is not that of a tag. */
WASM_API_EXTERN const wasm_valtype_vec_t* riser_externtype_tag_params(const wasm_externtype_t*);

#ifdef __cplusplus
}
#endif

#endif
