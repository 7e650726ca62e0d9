/* The standard C API of WebAssembly engines, as Riser has it.
 *
 * The types and functions are those of https://github.com/WebAssembly/wasm-c-api, so programs written for that header
 * compile against this one. `riser.h` has everything else: modes, fuel, interruption, errors with reasons, linkers, WASI.
 *
 * Who owns what. An argument or a result marked `own` changes hands; everything else is lent, for the call or, as a result,
 * for as long as what it is a part of. What is owned is given back once, by its `_delete` function. Objects keep their store
 * alive, so they can be deleted in any order, before or after `wasm_store_delete`. Riser frees the functions, memories and
 * instances of a store with the store.
 *
 * Null. A function that gets NULL for an object does nothing, and returns NULL, false or 0.
 *
 * Threads. Engines, modules and configurations are used by any thread. A store, and what is in it, is used by one thread at
 * a time. `wasm_module_share` and `wasm_module_obtain` take a module to a store of another thread.
 *
 * Failure. No panic of the engine reaches C: calls and instantiations report one as a trap; elsewhere it ends the process. A
 * callback returns normally: it does not throw C++ exceptions or `longjmp` out.
 */
#ifndef WASM_H
#define WASM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifndef WASM_API_EXTERN
#if defined(_WIN32) && !defined(__MINGW32__) && !defined(LIBWASM_STATIC)
#define WASM_API_EXTERN __declspec(dllimport)
#else
#define WASM_API_EXTERN
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef char byte_t;
typedef float float32_t;
typedef double float64_t;

/* Marks what changes hands. */
#define own

/* A type that C sees only pointers to. */
#define WASM_DECLARE_OWN(name)                  \
  typedef struct wasm_##name##_t wasm_##name##_t; \
  WASM_API_EXTERN void wasm_##name##_delete(own wasm_##name##_t*);

/* A vector, which owns its items. `ptr` is `*` if they are pointers, else nothing. */
#define WASM_DECLARE_VEC(name, ptr)                                                       \
  typedef struct wasm_##name##_vec_t {                                                    \
    size_t size;                                                                          \
    wasm_##name##_t ptr* data;                                                            \
  } wasm_##name##_vec_t;                                                                  \
  WASM_API_EXTERN void wasm_##name##_vec_new_empty(own wasm_##name##_vec_t* out);         \
  WASM_API_EXTERN void wasm_##name##_vec_new_uninitialized(own wasm_##name##_vec_t* out,  \
                                                           size_t size);                  \
  WASM_API_EXTERN void wasm_##name##_vec_new(own wasm_##name##_vec_t* out, size_t size,   \
                                             own wasm_##name##_t ptr const items[]);      \
  WASM_API_EXTERN void wasm_##name##_vec_copy(own wasm_##name##_vec_t* out,               \
                                              const wasm_##name##_vec_t* from);           \
  WASM_API_EXTERN void wasm_##name##_vec_delete(own wasm_##name##_vec_t*);

/* A type of values, imports or exports. */
#define WASM_DECLARE_TYPE(name) \
  WASM_DECLARE_OWN(name)        \
  WASM_DECLARE_VEC(name, *)     \
  WASM_API_EXTERN own wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t*);

/* Something that can be referred to. All references to the same thing have the same host info. */
#define WASM_DECLARE_REF_BASE(name)                                                                    \
  WASM_DECLARE_OWN(name)                                                                               \
  WASM_API_EXTERN own wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t*);                     \
  WASM_API_EXTERN bool wasm_##name##_same(const wasm_##name##_t*, const wasm_##name##_t*);             \
  WASM_API_EXTERN void* wasm_##name##_get_host_info(const wasm_##name##_t*);                           \
  WASM_API_EXTERN void wasm_##name##_set_host_info(wasm_##name##_t*, void* info);                      \
  WASM_API_EXTERN void wasm_##name##_set_host_info_with_finalizer(wasm_##name##_t*, void* info,        \
                                                                  void (*finalizer)(void*));

/* Conversions are the same pointer; those from the general to the special are NULL for something else. */
#define WASM_DECLARE_REF(name)                                                                         \
  WASM_DECLARE_REF_BASE(name)                                                                          \
  WASM_API_EXTERN wasm_ref_t* wasm_##name##_as_ref(wasm_##name##_t*);                                  \
  WASM_API_EXTERN wasm_##name##_t* wasm_ref_as_##name(wasm_ref_t*);                                    \
  WASM_API_EXTERN const wasm_ref_t* wasm_##name##_as_ref_const(const wasm_##name##_t*);                \
  WASM_API_EXTERN const wasm_##name##_t* wasm_ref_as_##name##_const(const wasm_ref_t*);

#define WASM_DECLARE_SHARABLE_REF(name)                                                                \
  WASM_DECLARE_REF(name)                                                                               \
  WASM_DECLARE_OWN(shared_##name)                                                                      \
  WASM_API_EXTERN own wasm_shared_##name##_t* wasm_##name##_share(const wasm_##name##_t*);             \
  WASM_API_EXTERN own wasm_##name##_t* wasm_##name##_obtain(wasm_store_t*, const wasm_shared_##name##_t*);

/* ---- Bytes and names ---- */

typedef byte_t wasm_byte_t;
WASM_DECLARE_VEC(byte, )

typedef wasm_byte_vec_t wasm_name_t;

#define wasm_name wasm_byte_vec
#define wasm_name_new wasm_byte_vec_new
#define wasm_name_new_empty wasm_byte_vec_new_empty
#define wasm_name_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_new_new_uninitialized wasm_byte_vec_new_uninitialized
#define wasm_name_copy wasm_byte_vec_copy
#define wasm_name_delete wasm_byte_vec_delete

static inline void wasm_name_new_from_string(own wasm_name_t* out, const char* text) {
  wasm_name_new(out, strlen(text), text);
}

/* With the null byte, as messages have it. */
static inline void wasm_name_new_from_string_nt(own wasm_name_t* out, const char* text) {
  wasm_name_new(out, strlen(text) + 1, text);
}

/* ---- Configurations, engines, stores ---- */

WASM_DECLARE_OWN(config)
/* Every tier of the build, in the mode `multi-tier`; `riser.h` has the functions that change it. */
WASM_API_EXTERN own wasm_config_t* wasm_config_new(void);

WASM_DECLARE_OWN(engine)
WASM_API_EXTERN own wasm_engine_t* wasm_engine_new(void);
/* NULL if the build or the machine does not support the configuration; `riser_engine_new` says why. */
WASM_API_EXTERN own wasm_engine_t* wasm_engine_new_with_config(own wasm_config_t*);

WASM_DECLARE_OWN(store)
WASM_API_EXTERN own wasm_store_t* wasm_store_new(wasm_engine_t*);

/* ---- Types ---- */

typedef uint8_t wasm_mutability_t;
enum wasm_mutability_enum { WASM_CONST, WASM_VAR };

typedef struct wasm_limits_t {
  uint32_t min;
  uint32_t max;
} wasm_limits_t;

/* The maximum of what has none. */
static const uint32_t wasm_limits_max_default = 0xffffffff;

WASM_DECLARE_TYPE(valtype)

/* `riser.h` has the kinds of vectors and of references to exceptions. */
typedef uint8_t wasm_valkind_t;
enum wasm_valkind_enum {
  WASM_I32,
  WASM_I64,
  WASM_F32,
  WASM_F64,
  WASM_EXTERNREF = 128,
  WASM_FUNCREF,
};

WASM_API_EXTERN own wasm_valtype_t* wasm_valtype_new(wasm_valkind_t);
WASM_API_EXTERN wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t*);

static inline bool wasm_valkind_is_num(wasm_valkind_t kind) { return kind < WASM_EXTERNREF; }
static inline bool wasm_valkind_is_ref(wasm_valkind_t kind) { return kind >= WASM_EXTERNREF; }
static inline bool wasm_valtype_is_num(const wasm_valtype_t* type) {
  return wasm_valkind_is_num(wasm_valtype_kind(type));
}
static inline bool wasm_valtype_is_ref(const wasm_valtype_t* type) {
  return wasm_valkind_is_ref(wasm_valtype_kind(type));
}

WASM_DECLARE_TYPE(functype)
WASM_API_EXTERN own wasm_functype_t* wasm_functype_new(own wasm_valtype_vec_t* params, own wasm_valtype_vec_t* results);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_params(const wasm_functype_t*);
WASM_API_EXTERN const wasm_valtype_vec_t* wasm_functype_results(const wasm_functype_t*);

WASM_DECLARE_TYPE(globaltype)
WASM_API_EXTERN own wasm_globaltype_t* wasm_globaltype_new(own wasm_valtype_t*, wasm_mutability_t);
WASM_API_EXTERN const wasm_valtype_t* wasm_globaltype_content(const wasm_globaltype_t*);
WASM_API_EXTERN wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t*);

WASM_DECLARE_TYPE(tabletype)
WASM_API_EXTERN own wasm_tabletype_t* wasm_tabletype_new(own wasm_valtype_t*, const wasm_limits_t*);
WASM_API_EXTERN const wasm_valtype_t* wasm_tabletype_element(const wasm_tabletype_t*);
WASM_API_EXTERN const wasm_limits_t* wasm_tabletype_limits(const wasm_tabletype_t*);

/* Limits in pages. Larger ones than these 32 bits hold are as large as can be: `riser_memorytype_limits` has them whole. */
WASM_DECLARE_TYPE(memorytype)
WASM_API_EXTERN own wasm_memorytype_t* wasm_memorytype_new(const wasm_limits_t*);
WASM_API_EXTERN const wasm_limits_t* wasm_memorytype_limits(const wasm_memorytype_t*);

WASM_DECLARE_TYPE(externtype)

/* `riser.h` has the kind of tags. */
typedef uint8_t wasm_externkind_t;
enum wasm_externkind_enum {
  WASM_EXTERN_FUNC,
  WASM_EXTERN_GLOBAL,
  WASM_EXTERN_TABLE,
  WASM_EXTERN_MEMORY,
};

WASM_API_EXTERN wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t*);

#define WASM_DECLARE_EXTERNTYPE(name)                                                                           \
  WASM_API_EXTERN wasm_externtype_t* wasm_##name##_as_externtype(wasm_##name##_t*);                             \
  WASM_API_EXTERN wasm_##name##_t* wasm_externtype_as_##name(wasm_externtype_t*);                               \
  WASM_API_EXTERN const wasm_externtype_t* wasm_##name##_as_externtype_const(const wasm_##name##_t*);           \
  WASM_API_EXTERN const wasm_##name##_t* wasm_externtype_as_##name##_const(const wasm_externtype_t*);
WASM_DECLARE_EXTERNTYPE(functype)
WASM_DECLARE_EXTERNTYPE(globaltype)
WASM_DECLARE_EXTERNTYPE(tabletype)
WASM_DECLARE_EXTERNTYPE(memorytype)

WASM_DECLARE_TYPE(importtype)
WASM_API_EXTERN own wasm_importtype_t* wasm_importtype_new(own wasm_name_t* module, own wasm_name_t* name,
                                                           own wasm_externtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_module(const wasm_importtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_importtype_name(const wasm_importtype_t*);
WASM_API_EXTERN const wasm_externtype_t* wasm_importtype_type(const wasm_importtype_t*);

WASM_DECLARE_TYPE(exporttype)
WASM_API_EXTERN own wasm_exporttype_t* wasm_exporttype_new(own wasm_name_t*, own wasm_externtype_t*);
WASM_API_EXTERN const wasm_name_t* wasm_exporttype_name(const wasm_exporttype_t*);
WASM_API_EXTERN const wasm_externtype_t* wasm_exporttype_type(const wasm_exporttype_t*);

/* ---- Values and references ---- */

struct wasm_ref_t;

/* A value owns what its reference is to. The null reference is NULL. */
typedef struct wasm_val_t {
  wasm_valkind_t kind;
  union {
    int32_t i32;
    int64_t i64;
    float32_t f32;
    float64_t f64;
    struct wasm_ref_t* ref;
  } of;
} wasm_val_t;

WASM_API_EXTERN void wasm_val_delete(own wasm_val_t* value);
WASM_API_EXTERN void wasm_val_copy(own wasm_val_t* out, const wasm_val_t*);
WASM_DECLARE_VEC(val, )

WASM_DECLARE_REF_BASE(ref)

/* ---- Traps ---- */

WASM_DECLARE_OWN(frame)
WASM_DECLARE_VEC(frame, *)
WASM_API_EXTERN own wasm_frame_t* wasm_frame_copy(const wasm_frame_t*);
/* NULL if that is not known: where the store has several instances of the module, only the register interpreter tells which of
 * them a frame is of. */
WASM_API_EXTERN struct wasm_instance_t* wasm_frame_instance(const wasm_frame_t*);
WASM_API_EXTERN uint32_t wasm_frame_func_index(const wasm_frame_t*);
/* In bytes, from the start of the function's body, and of the module. */
WASM_API_EXTERN size_t wasm_frame_func_offset(const wasm_frame_t*);
WASM_API_EXTERN size_t wasm_frame_module_offset(const wasm_frame_t*);

/* Ends with a null byte. */
typedef wasm_name_t wasm_message_t;

WASM_DECLARE_REF(trap)
WASM_API_EXTERN own wasm_trap_t* wasm_trap_new(wasm_store_t* store, const wasm_message_t*);
WASM_API_EXTERN void wasm_trap_message(const wasm_trap_t*, own wasm_message_t* out);
/* The innermost frame; NULL if there is none. */
WASM_API_EXTERN own wasm_frame_t* wasm_trap_origin(const wasm_trap_t*);
/* All frames, the innermost first. */
WASM_API_EXTERN void wasm_trap_trace(const wasm_trap_t*, own wasm_frame_vec_t* out);

/* ---- Values of the host, which wasm holds and passes around ---- */

WASM_DECLARE_REF(foreign)
WASM_API_EXTERN own wasm_foreign_t* wasm_foreign_new(wasm_store_t*);

/* ---- Modules ---- */

WASM_DECLARE_SHARABLE_REF(module)
/* In the binary format. NULL if it is not valid; `riser_module_new` says why, and accepts the text format. */
WASM_API_EXTERN own wasm_module_t* wasm_module_new(wasm_store_t*, const wasm_byte_vec_t* binary);
WASM_API_EXTERN bool wasm_module_validate(wasm_store_t*, const wasm_byte_vec_t* binary);
WASM_API_EXTERN void wasm_module_imports(const wasm_module_t*, own wasm_importtype_vec_t* out);
WASM_API_EXTERN void wasm_module_exports(const wasm_module_t*, own wasm_exporttype_vec_t* out);
/* With machine code, if the engine has a tier that compiles ahead of time. */
WASM_API_EXTERN void wasm_module_serialize(const wasm_module_t*, own wasm_byte_vec_t* out);
/* What `wasm_module_serialize` has made. It runs as it is, so it has to come from where the program itself may come from. */
WASM_API_EXTERN own wasm_module_t* wasm_module_deserialize(wasm_store_t*, const wasm_byte_vec_t*);

/* ---- Functions ---- */

WASM_DECLARE_REF(func)

/* Arguments are lent. The results are zero and null; the callback overwrites them. A trap that it returns ends the wasm
 * code that has called it. */
typedef own wasm_trap_t* (*wasm_func_callback_t)(const wasm_val_vec_t* args, own wasm_val_vec_t* results);
typedef own wasm_trap_t* (*wasm_func_callback_with_env_t)(void* env, const wasm_val_vec_t* args,
                                                          own wasm_val_vec_t* results);

WASM_API_EXTERN own wasm_func_t* wasm_func_new(wasm_store_t*, const wasm_functype_t*, wasm_func_callback_t);
/* The finalizer, unless it is NULL, gets `env` when the store is freed. */
WASM_API_EXTERN own wasm_func_t* wasm_func_new_with_env(wasm_store_t*, const wasm_functype_t* type,
                                                        wasm_func_callback_with_env_t, void* env,
                                                        void (*finalizer)(void*));
WASM_API_EXTERN own wasm_functype_t* wasm_func_type(const wasm_func_t*);
WASM_API_EXTERN size_t wasm_func_param_arity(const wasm_func_t*);
WASM_API_EXTERN size_t wasm_func_result_arity(const wasm_func_t*);
/* `results` has room for all results. NULL if the call has returned. */
WASM_API_EXTERN own wasm_trap_t* wasm_func_call(const wasm_func_t*, const wasm_val_vec_t* args, wasm_val_vec_t* results);

/* ---- Globals ---- */

WASM_DECLARE_REF(global)
WASM_API_EXTERN own wasm_global_t* wasm_global_new(wasm_store_t*, const wasm_globaltype_t*, const wasm_val_t*);
WASM_API_EXTERN own wasm_globaltype_t* wasm_global_type(const wasm_global_t*);
WASM_API_EXTERN void wasm_global_get(const wasm_global_t*, own wasm_val_t* out);
/* Does nothing if the global cannot be set to that; `riser_global_set` says so. */
WASM_API_EXTERN void wasm_global_set(wasm_global_t*, const wasm_val_t*);

/* ---- Tables ---- */

WASM_DECLARE_REF(table)
typedef uint32_t wasm_table_size_t;
WASM_API_EXTERN own wasm_table_t* wasm_table_new(wasm_store_t*, const wasm_tabletype_t*, wasm_ref_t* init);
WASM_API_EXTERN own wasm_tabletype_t* wasm_table_type(const wasm_table_t*);
/* NULL for the null reference, and where there is no element. */
WASM_API_EXTERN own wasm_ref_t* wasm_table_get(const wasm_table_t*, wasm_table_size_t index);
WASM_API_EXTERN bool wasm_table_set(wasm_table_t*, wasm_table_size_t index, wasm_ref_t*);
WASM_API_EXTERN wasm_table_size_t wasm_table_size(const wasm_table_t*);
WASM_API_EXTERN bool wasm_table_grow(wasm_table_t*, wasm_table_size_t delta, wasm_ref_t* init);

/* ---- Memories ---- */

WASM_DECLARE_REF(memory)
typedef uint32_t wasm_memory_pages_t;
static const size_t MEMORY_PAGE_SIZE = 0x10000;
WASM_API_EXTERN own wasm_memory_t* wasm_memory_new(wasm_store_t*, const wasm_memorytype_t*);
WASM_API_EXTERN own wasm_memorytype_t* wasm_memory_type(const wasm_memory_t*);
/* The first byte. Wherever it grows (by a call of wasm, or of the host), the address and the size are to be asked for again. */
WASM_API_EXTERN byte_t* wasm_memory_data(wasm_memory_t*);
WASM_API_EXTERN size_t wasm_memory_data_size(const wasm_memory_t*);
WASM_API_EXTERN wasm_memory_pages_t wasm_memory_size(const wasm_memory_t*);
WASM_API_EXTERN bool wasm_memory_grow(wasm_memory_t*, wasm_memory_pages_t delta);

/* ---- Imports and exports ---- */

WASM_DECLARE_REF(extern)
WASM_DECLARE_VEC(extern, *)
WASM_API_EXTERN wasm_externkind_t wasm_extern_kind(const wasm_extern_t*);
WASM_API_EXTERN own wasm_externtype_t* wasm_extern_type(const wasm_extern_t*);

#define WASM_DECLARE_EXTERN(name)                                                                    \
  WASM_API_EXTERN wasm_extern_t* wasm_##name##_as_extern(wasm_##name##_t*);                          \
  WASM_API_EXTERN wasm_##name##_t* wasm_extern_as_##name(wasm_extern_t*);                            \
  WASM_API_EXTERN const wasm_extern_t* wasm_##name##_as_extern_const(const wasm_##name##_t*);        \
  WASM_API_EXTERN const wasm_##name##_t* wasm_extern_as_##name##_const(const wasm_extern_t*);
WASM_DECLARE_EXTERN(func)
WASM_DECLARE_EXTERN(global)
WASM_DECLARE_EXTERN(table)
WASM_DECLARE_EXTERN(memory)

/* ---- Instances ---- */

WASM_DECLARE_REF(instance)
/* With imports in the module's order. NULL if it fails; then the trap, unless NULL is passed for it, says why. */
WASM_API_EXTERN own wasm_instance_t* wasm_instance_new(wasm_store_t*, const wasm_module_t*,
                                                       const wasm_extern_vec_t* imports, own wasm_trap_t** trap);
/* In the order of `wasm_module_exports`. */
WASM_API_EXTERN void wasm_instance_exports(const wasm_instance_t*, own wasm_extern_vec_t* out);

/* ---- Shorthands ---- */

#define WASM_EMPTY_VEC {0, NULL}
#define WASM_ARRAY_VEC(array) {sizeof(array) / sizeof(*(array)), array}

static inline own wasm_valtype_t* wasm_valtype_new_i32(void) { return wasm_valtype_new(WASM_I32); }
static inline own wasm_valtype_t* wasm_valtype_new_i64(void) { return wasm_valtype_new(WASM_I64); }
static inline own wasm_valtype_t* wasm_valtype_new_f32(void) { return wasm_valtype_new(WASM_F32); }
static inline own wasm_valtype_t* wasm_valtype_new_f64(void) { return wasm_valtype_new(WASM_F64); }
static inline own wasm_valtype_t* wasm_valtype_new_externref(void) { return wasm_valtype_new(WASM_EXTERNREF); }
static inline own wasm_valtype_t* wasm_valtype_new_funcref(void) { return wasm_valtype_new(WASM_FUNCREF); }

/* The function type of arrays of types. */
static inline own wasm_functype_t* wasm_functype_new_of_arrays(size_t params, own wasm_valtype_t* const* p,
                                                               size_t results, own wasm_valtype_t* const* r) {
  wasm_valtype_vec_t param_vec, result_vec;
  wasm_valtype_vec_new(&param_vec, params, p);
  wasm_valtype_vec_new(&result_vec, results, r);
  return wasm_functype_new(&param_vec, &result_vec);
}

#define WASM_DEFINE_FUNCTYPE_NEW(params, results, ...)                                                     \
  (__VA_ARGS__) {                                                                                          \
    wasm_valtype_t* types[] = {WASM_TYPES_##params##_##results};                                           \
    return wasm_functype_new_of_arrays(params, types, results, types + params);                            \
  }

#define WASM_TYPES_1_0 p
#define WASM_TYPES_2_0 p1, p2
#define WASM_TYPES_3_0 p1, p2, p3
#define WASM_TYPES_0_1 r
#define WASM_TYPES_1_1 p, r
#define WASM_TYPES_2_1 p1, p2, r
#define WASM_TYPES_3_1 p1, p2, p3, r
#define WASM_TYPES_0_2 r1, r2
#define WASM_TYPES_1_2 p, r1, r2
#define WASM_TYPES_2_2 p1, p2, r1, r2
#define WASM_TYPES_3_2 p1, p2, p3, r1, r2

static inline own wasm_functype_t* wasm_functype_new_0_0(void) { return wasm_functype_new_of_arrays(0, NULL, 0, NULL); }
static inline own wasm_functype_t* wasm_functype_new_1_0 WASM_DEFINE_FUNCTYPE_NEW(1, 0, own wasm_valtype_t* p)
static inline own wasm_functype_t* wasm_functype_new_2_0
    WASM_DEFINE_FUNCTYPE_NEW(2, 0, own wasm_valtype_t* p1, own wasm_valtype_t* p2)
static inline own wasm_functype_t* wasm_functype_new_3_0
    WASM_DEFINE_FUNCTYPE_NEW(3, 0, own wasm_valtype_t* p1, own wasm_valtype_t* p2, own wasm_valtype_t* p3)
static inline own wasm_functype_t* wasm_functype_new_0_1 WASM_DEFINE_FUNCTYPE_NEW(0, 1, own wasm_valtype_t* r)
static inline own wasm_functype_t* wasm_functype_new_1_1
    WASM_DEFINE_FUNCTYPE_NEW(1, 1, own wasm_valtype_t* p, own wasm_valtype_t* r)
static inline own wasm_functype_t* wasm_functype_new_2_1
    WASM_DEFINE_FUNCTYPE_NEW(2, 1, own wasm_valtype_t* p1, own wasm_valtype_t* p2, own wasm_valtype_t* r)
static inline own wasm_functype_t* wasm_functype_new_3_1
    WASM_DEFINE_FUNCTYPE_NEW(3, 1, own wasm_valtype_t* p1, own wasm_valtype_t* p2, own wasm_valtype_t* p3,
                             own wasm_valtype_t* r)
static inline own wasm_functype_t* wasm_functype_new_0_2
    WASM_DEFINE_FUNCTYPE_NEW(0, 2, own wasm_valtype_t* r1, own wasm_valtype_t* r2)
static inline own wasm_functype_t* wasm_functype_new_1_2
    WASM_DEFINE_FUNCTYPE_NEW(1, 2, own wasm_valtype_t* p, own wasm_valtype_t* r1, own wasm_valtype_t* r2)
static inline own wasm_functype_t* wasm_functype_new_2_2
    WASM_DEFINE_FUNCTYPE_NEW(2, 2, own wasm_valtype_t* p1, own wasm_valtype_t* p2, own wasm_valtype_t* r1,
                             own wasm_valtype_t* r2)
static inline own wasm_functype_t* wasm_functype_new_3_2
    WASM_DEFINE_FUNCTYPE_NEW(3, 2, own wasm_valtype_t* p1, own wasm_valtype_t* p2, own wasm_valtype_t* p3,
                             own wasm_valtype_t* r1, own wasm_valtype_t* r2)

/* An address as a value. */
static inline void wasm_val_init_ptr(own wasm_val_t* out, void* p) {
#if UINTPTR_MAX == UINT32_MAX
  out->kind = WASM_I32;
  out->of.i32 = (int32_t)(intptr_t)p;
#else
  out->kind = WASM_I64;
  out->of.i64 = (int64_t)(intptr_t)p;
#endif
}

static inline void* wasm_val_ptr(const wasm_val_t* value) {
#if UINTPTR_MAX == UINT32_MAX
  return (void*)(intptr_t)value->of.i32;
#else
  return (void*)(intptr_t)value->of.i64;
#endif
}

/* As the standard header has them, for values and vectors in initialisers. */
#define WASM_INIT_VAL {.kind = WASM_EXTERNREF, .of = {.ref = NULL}}
#define WASM_I32_VAL(i) {.kind = WASM_I32, .of = {.i32 = i}}
#define WASM_I64_VAL(i) {.kind = WASM_I64, .of = {.i64 = i}}
#define WASM_F32_VAL(z) {.kind = WASM_F32, .of = {.f32 = z}}
#define WASM_F64_VAL(z) {.kind = WASM_F64, .of = {.f64 = z}}
#define WASM_REF_VAL(r) {.kind = WASM_EXTERNREF, .of = {.ref = r}}

#ifdef __cplusplus
}
#endif

#endif
