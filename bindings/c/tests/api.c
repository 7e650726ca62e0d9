/* Every part of both headers, with assertions; `example.h` ends the program where an example would. */
#undef NDEBUG
#include <assert.h>

#include "../examples/example.h"

static int finalized;
static void finalize(void* by) { finalized += *(int*)by; }

static void vectors(void) {
  wasm_byte_vec_t bytes, copy, empty;
  wasm_byte_vec_new(&bytes, 3, "abc");
  wasm_byte_vec_copy(&copy, &bytes);
  assert(copy.size == 3 && copy.data != bytes.data && memcmp(copy.data, "abc", 3) == 0);
  wasm_byte_vec_delete(&bytes);
  assert(bytes.size == 0 && bytes.data == NULL);
  wasm_byte_vec_delete(&bytes);
  wasm_byte_vec_delete(&copy);
  wasm_byte_vec_new_empty(&empty);
  assert(empty.size == 0);
  wasm_byte_vec_delete(&empty);
  wasm_valtype_vec_t types;
  wasm_valtype_vec_new_uninitialized(&types, 2);
  types.data[0] = wasm_valtype_new_i64();
  wasm_valtype_vec_delete(&types);
  wasm_name_t name;
  wasm_name_new_from_string_nt(&name, "xy");
  assert(name.size == 3);
  wasm_name_delete(&name);
}

static void types(void) {
  wasm_functype_t* func = wasm_functype_new_2_1(wasm_valtype_new_i32(), wasm_valtype_new_funcref(), wasm_valtype_new_f64());
  assert(wasm_functype_params(func)->size == 2 && wasm_functype_results(func)->size == 1);
  assert(wasm_valtype_kind(wasm_functype_params(func)->data[1]) == WASM_FUNCREF);
  wasm_externtype_t* item = wasm_functype_as_externtype(func);
  assert(wasm_externtype_kind(item) == WASM_EXTERN_FUNC && wasm_externtype_as_functype(item) == func);
  assert(wasm_externtype_as_memorytype(item) == NULL && wasm_externtype_as_tabletype_const(item) == NULL);
  wasm_functype_t* copy = wasm_functype_copy(func);
  assert(wasm_valtype_kind(wasm_functype_results(copy)->data[0]) == WASM_F64);
  wasm_functype_delete(copy);
  wasm_functype_delete(func);

  assert(wasm_valtype_new(77) == NULL);
  wasm_globaltype_t* global = wasm_globaltype_new(wasm_valtype_new_f32(), WASM_VAR);
  assert(wasm_globaltype_mutability(global) == WASM_VAR);
  assert(wasm_valtype_kind(wasm_globaltype_content(global)) == WASM_F32);
  wasm_globaltype_delete(global);

  wasm_limits_t limits = {1, wasm_limits_max_default};
  wasm_memorytype_t* memory = wasm_memorytype_new(&limits);
  assert(wasm_memorytype_limits(memory)->min == 1 && wasm_memorytype_limits(memory)->max == wasm_limits_max_default);
  wasm_memorytype_delete(memory);
  riser_memory_limits_t large = {1, 1ull << 40, true, true, false, 16};
  memory = riser_memorytype_new(&large);
  assert(memory != NULL && wasm_memorytype_limits(memory)->max == 0xffffffff);
  riser_memory_limits_t again;
  assert(riser_memorytype_limits(memory, &again) && again.max == 1ull << 40 && again.is_64 && again.has_max);
  large.page_size_log2 = 3;
  assert(riser_memorytype_new(&large) == NULL);

  wasm_name_t module, name;
  wasm_name_new_from_string(&module, "m");
  wasm_name_new_from_string(&name, "n");
  wasm_importtype_t* import = wasm_importtype_new(&module, &name, wasm_memorytype_as_externtype(memory));
  assert(module.data == NULL && wasm_importtype_module(import)->data[0] == 'm');
  assert(wasm_externtype_kind(wasm_importtype_type(import)) == WASM_EXTERN_MEMORY);
  wasm_importtype_delete(import);
}

static wasm_val_t call1(const wasm_func_t* func, wasm_val_t arg) {
  wasm_val_t result = WASM_INIT_VAL;
  wasm_val_vec_t args = {wasm_func_param_arity(func), &arg}, results = {1, &result};
  check(riser_func_call(func, &args, &results));
  return result;
}

static const char PARTS[] =
    "(module $parts"
    "  (import \"\" \"memory\" (memory 1))"
    "  (global (export \"g\") (mut i64) (i64.const 5))"
    "  (global (export \"c\") i32 (i32.const 6))"
    "  (table (export \"t\") 2 10 funcref)"
    "  (table (export \"x\") 1 externref)"
    "  (tag (export \"e\") (param i32 f32))"
    "  (func $seven (export \"seven\") (param i32) (result i32) (i32.const 7))"
    "  (func (export \"same\") (param externref) (result externref) (local.get 0))"
    "  (func (export \"vector\") (param v128) (result v128) (i32x4.add (local.get 0) (local.get 0)))"
    "  (func (export \"load\") (param i32) (result i32) (i32.load8_u (local.get 0)))"
    "  (elem (i32.const 0) $seven))";

static wasm_extern_t* get(const wasm_instance_t* instance, const char* name) {
  return there(riser_instance_export_get(instance, name, strlen(name)), name);
}

static void objects(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_module_t* module = module_of(engine, PARTS);
  wasm_name_t name;
  assert(riser_module_name(module, &name) && name.size == 5);
  wasm_name_delete(&name);
  wasm_importtype_vec_t needs;
  wasm_module_imports(module, &needs);
  assert(needs.size == 1 && wasm_importtype_name(needs.data[0])->size == 6);
  wasm_importtype_vec_delete(&needs);
  wasm_exporttype_vec_t has;
  wasm_module_exports(module, &has);
  assert(has.size == 9 && wasm_externtype_kind(wasm_exporttype_type(has.data[4])) == RISER_EXTERN_TAG);
  assert(riser_externtype_tag_params(wasm_exporttype_type(has.data[4]))->size == 2);
  assert(riser_externtype_tag_params(wasm_exporttype_type(has.data[0])) == NULL);
  wasm_exporttype_vec_delete(&has);

  wasm_limits_t limits = {1, 3};
  wasm_memorytype_t* type = wasm_memorytype_new(&limits);
  wasm_memory_t* memory = wasm_memory_new(store, type);
  wasm_memorytype_delete(type);
  wasm_extern_t* imported[] = {wasm_memory_as_extern(memory)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(imported);

  /* What does not fit is a trap, and an error. */
  wasm_trap_t* trap = NULL;
  assert(wasm_instance_new(store, module, NULL, &trap) == NULL && trap != NULL);
  assert(riser_trap_code(trap) == 0 && wasm_trap_origin(trap) == NULL);
  wasm_trap_delete(trap);
  wasm_extern_t* nothing[] = {NULL};
  wasm_extern_vec_t none = WASM_ARRAY_VEC(nothing);
  assert(wasm_instance_new(store, module, &none, NULL) == NULL);
  wasm_store_t* other = wasm_store_new(engine);
  assert(wasm_instance_new(other, module, &imports, NULL) == NULL);
  wasm_store_delete(other);

  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  assert(instance != NULL && trap == NULL);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  assert(exports.size == 9 && wasm_extern_kind(exports.data[4]) == RISER_EXTERN_TAG);
  assert(wasm_extern_as_func(exports.data[0]) == NULL && wasm_extern_as_global(exports.data[0]) != NULL);

  /* Globals. */
  wasm_global_t* global = wasm_extern_as_global(exports.data[0]);
  wasm_val_t value = WASM_I64_VAL(9), got;
  wasm_global_set(global, &value);
  wasm_global_get(global, &got);
  assert(got.kind == WASM_I64 && got.of.i64 == 9);
  value.kind = WASM_F64;
  wasm_global_set(global, &value);
  riser_error_t* error = riser_global_set(global, &value);
  assert(error != NULL);
  riser_error_delete(error);
  value = (wasm_val_t)WASM_I32_VAL(1);
  error = riser_global_set(wasm_extern_as_global(exports.data[1]), &value);
  wasm_message_t message;
  riser_error_message(error, &message);
  assert(strcmp(message.data, "immutable global cannot be set") == 0);
  wasm_byte_vec_delete(&message);
  riser_error_delete(error);

  /* Tables. */
  wasm_table_t* table = wasm_extern_as_table(exports.data[2]);
  wasm_ref_t* element = wasm_table_get(table, 0);
  wasm_func_t* seven = wasm_ref_as_func(element);
  assert(seven != NULL && wasm_ref_as_table(element) == NULL && wasm_table_get(table, 1) == NULL);
  assert(call1(seven, (wasm_val_t)WASM_I32_VAL(0)).of.i32 == 7);
  assert(wasm_func_same(seven, wasm_extern_as_func(exports.data[5])));
  assert(wasm_table_size(table) == 2 && wasm_table_set(table, 1, element) && !wasm_table_set(table, 2, element));
  assert(wasm_table_grow(table, 8, element) && !wasm_table_grow(table, 1, NULL) && wasm_table_size(table) == 10);
  assert(!wasm_table_set(table, 0, wasm_memory_as_ref(memory)));
  wasm_ref_delete(element);

  /* Memories. */
  wasm_memory_data(memory)[3] = 'x';
  wasm_func_t* load = wasm_extern_as_func(exports.data[8]);
  assert(call1(load, (wasm_val_t)WASM_I32_VAL(3)).of.i32 == 'x');
  assert(wasm_memory_size(memory) == 1 && wasm_memory_grow(memory, 2) && !wasm_memory_grow(memory, 1));
  assert(wasm_memory_data_size(memory) == 3 * MEMORY_PAGE_SIZE && riser_memory_page_size(memory) == MEMORY_PAGE_SIZE);
  uint8_t byte = 'y';
  check(riser_memory_write(memory, 3 * MEMORY_PAGE_SIZE - 1, &byte, 1));
  error = riser_memory_write(memory, 3 * MEMORY_PAGE_SIZE, &byte, 1);
  assert(error != NULL);
  riser_error_delete(error);
  error = riser_memory_read(memory, UINT64_MAX, &byte, 1);
  assert(error != NULL);
  riser_error_delete(error);
  wasm_val_t outside = WASM_I32_VAL(3 << 16);
  wasm_val_vec_t args = {1, &outside}, results = {1, &got};
  trap = wasm_func_call(load, &args, &results);
  assert(riser_trap_code(trap) == RISER_TRAP_MEMORY_OUT_OF_BOUNDS);
  wasm_frame_t* frame = wasm_trap_origin(trap);
  assert(wasm_frame_func_index(frame) == 3 && wasm_frame_module_offset(frame) > wasm_frame_func_offset(frame));
  assert(wasm_instance_same(wasm_frame_instance(frame), instance));
  wasm_frame_delete(frame);
  wasm_trap_delete(trap);

  /* Wrong calls are traps. */
  wasm_val_vec_t no = WASM_EMPTY_VEC;
  trap = wasm_func_call(load, &no, &results);
  assert(trap != NULL);
  wasm_trap_delete(trap);
  trap = wasm_func_call(load, &args, &no);
  assert(trap != NULL);
  wasm_trap_delete(trap);

  /* Host values, and what is attached to things. */
  int one = 1, ten = 10, hundred = 100;
  wasm_foreign_t* foreign = wasm_foreign_new(store);
  wasm_foreign_set_host_info_with_finalizer(foreign, &one, finalize);
  wasm_func_t* same = wasm_extern_as_func(exports.data[6]);
  wasm_val_t reference = {WASM_EXTERNREF, {.ref = wasm_foreign_as_ref(foreign)}};
  wasm_val_t back = call1(same, reference);
  assert(wasm_ref_same(back.of.ref, reference.of.ref) && wasm_ref_get_host_info(back.of.ref) == &one);
  assert(wasm_ref_as_foreign(back.of.ref) != NULL);
  wasm_val_delete(&back);
  reference.of.ref = NULL;
  back = call1(same, reference);
  assert(back.kind == WASM_EXTERNREF && back.of.ref == NULL);
  reference.of.ref = wasm_memory_as_ref(memory);
  wasm_val_vec_t wrong = {1, &reference};
  trap = wasm_func_call(same, &wrong, &results);
  assert(trap != NULL);
  wasm_trap_delete(trap);
  wasm_instance_set_host_info_with_finalizer(instance, &ten, finalize);
  wasm_instance_set_host_info_with_finalizer(instance, &hundred, finalize);
  assert(finalized == 10 && wasm_instance_get_host_info(instance) == &hundred);
  wasm_module_set_host_info(module, &one);
  assert(wasm_module_get_host_info(module) == &one);

  /* Vectors. */
  char lanes[16] = {1, 2, 3}, sum[16];
  wasm_val_t vector, doubled;
  riser_val_v128_new(&vector, lanes);
  doubled = call1(wasm_extern_as_func(exports.data[7]), vector);
  assert(riser_val_v128_get(&doubled, sum) && sum[0] == 2 && sum[1] == 4 && sum[2] == 6 && sum[3] == 0);
  wasm_val_delete(&vector);
  wasm_val_delete(&doubled);

  /* Everything else goes; what is in the store lives as long as one object. */
  wasm_extern_vec_delete(&exports);
  wasm_memory_delete(memory);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  assert(finalized == 10 && wasm_foreign_get_host_info(foreign) == &one);
  wasm_foreign_delete(foreign);
  assert(finalized == 111);
}

/* With machine code, or without: valgrind has no memory for it. */
static void modules(bool with_code) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t *store = wasm_store_new(engine), *other = wasm_store_new(engine);
  wasm_byte_vec_t binary, kept;
  check(riser_wat2wasm("(module (func (export \"f\") (result i32) (i32.const 3)))", 55, &binary));
  assert(wasm_module_validate(store, &binary));
  wasm_module_t* module = there(wasm_module_new(store, &binary), "module");
  binary.data[binary.size - 1] = 0;
  assert(!wasm_module_validate(store, &binary) && wasm_module_new(store, &binary) == NULL);
  riser_error_t* error = riser_module_validate(engine, binary.data, binary.size);
  assert(error != NULL);
  riser_error_delete(error);
  wasm_byte_vec_delete(&binary);
  error = riser_wat2wasm("(module", 7, &binary);
  assert(error != NULL && binary.data == NULL);
  riser_error_delete(error);

  wasm_module_serialize(module, &kept);
  assert(kept.size > 8);
  wasm_module_t* loaded = with_code ? there(wasm_module_deserialize(other, &kept), "module") : wasm_module_copy(module);
  kept.data[kept.size / 2] ^= 1;
  assert(wasm_module_deserialize(other, &kept) == NULL);
  wasm_byte_vec_delete(&kept);
  wasm_shared_module_t* shared = wasm_module_share(module);
  wasm_module_t* obtained = wasm_module_obtain(other, shared);
  assert(wasm_module_same(module, obtained) && wasm_module_same(module, loaded) != with_code);
  wasm_shared_module_delete(shared);
  wasm_module_t* all[] = {module, loaded, obtained};
  for (size_t i = 0; i < 3; i++) {
    wasm_instance_t* instance = wasm_instance_new(other, all[i], NULL, NULL);
    wasm_func_t* func = export_func(instance, "f");
    wasm_val_t result = WASM_INIT_VAL;
    wasm_val_vec_t none = WASM_EMPTY_VEC, results = {1, &result};
    assert(wasm_func_call(func, &none, &results) == NULL && result.of.i32 == 3);
    wasm_func_delete(func);
    wasm_instance_delete(instance);
    wasm_module_delete(all[i]);
  }
  wasm_store_delete(store);
  wasm_store_delete(other);
  wasm_engine_delete(engine);
}

/* Calls itself through wasm, and deletes the store meanwhile. */
static wasm_store_t* deleted;
static own wasm_trap_t* again(void* env, riser_caller_t* caller, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)results;
  assert(*(int*)env == 5);
  if (args->data[0].of.i32 == 0) {
    wasm_store_delete(deleted);
    return riser_trap_new("enough", 6);
  }
  wasm_func_t* func = wasm_extern_as_func(riser_caller_export_get(caller, "down", 4));
  wasm_val_t less = WASM_I32_VAL(args->data[0].of.i32 - 1);
  wasm_val_vec_t one = {1, &less}, none = WASM_EMPTY_VEC;
  wasm_trap_t* trap = wasm_func_call(func, &one, &none);
  wasm_func_delete(func);
  return trap;
}

static void nested(void) {
  int five = 5;
  wasm_engine_t* engine = wasm_engine_new();
  deleted = wasm_store_new(engine);
  wasm_module_t* module =
      module_of(engine, "(module (import \"\" \"again\" (func $again (param i32)))"
                        "  (func (export \"down\") (param i32) (call $again (local.get 0))))");
  wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t* func = riser_func_new(deleted, type, again, &five, finalize);
  wasm_functype_delete(type);
  wasm_extern_t* imported[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(imported);
  wasm_instance_t* instance = wasm_instance_new(deleted, module, &imports, NULL);
  wasm_func_t* down = export_func(instance, "down");
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_val_t three = WASM_I32_VAL(3);
  wasm_val_vec_t one = {1, &three}, none = WASM_EMPTY_VEC;
  wasm_trap_t* trap = wasm_func_call(down, &one, &none);
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  assert(strcmp(message.data, "enough") == 0);
  wasm_byte_vec_delete(&message);
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  assert(frames.size == 4);
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
  finalized = 0;
  wasm_func_delete(down);
  assert(finalized == 5);
  wasm_engine_delete(engine);
}

/* Deletes the function that is being called, and with it the store. */
static wasm_func_t* called;
static own wasm_trap_t* delete_called(const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)args;
  wasm_func_delete(called);
  results->data[0] = (wasm_val_t)WASM_I32_VAL(8);
  return NULL;
}

static void deleted_while_called(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);
  wasm_functype_t* type = wasm_functype_new_0_1(wasm_valtype_new_i32());
  called = wasm_func_new(store, type, delete_called);
  wasm_functype_delete(type);
  wasm_store_delete(store);
  wasm_val_t result = WASM_INIT_VAL;
  wasm_val_vec_t none = WASM_EMPTY_VEC, results = {1, &result};
  assert(wasm_func_call(called, &none, &results) == NULL && result.of.i32 == 8);
  wasm_engine_delete(engine);
}

static void settings(void) {
  wasm_config_t* config = wasm_config_new();
  riser_error_t* error = riser_config_mode_set(config, "warp");
  assert(error != NULL);
  riser_error_delete(error);
  error = riser_config_switch_set(config, "speed", true);
  assert(error != NULL);
  riser_error_delete(error);
  for (size_t i = 0; riser_switch_name(i) != NULL; i++) {
    assert(riser_switch_description(i) != NULL);
    check(riser_config_switch_set(config, riser_switch_name(i), i % 2 == 0));
  }
  for (size_t i = 0; riser_proposal_name(i) != NULL; i++) check(riser_config_proposal_set(config, riser_proposal_name(i), true));
  for (size_t i = 0; riser_bounds_name(i) != NULL; i++) check(riser_config_bounds_set(config, riser_bounds_name(i)));
  check(riser_config_mode_set(config, "interp"));
  check(riser_config_compilation_set(config, "eager"));
  check(riser_config_opt_level_set(config, "fast-jit", "none"));
  check(riser_config_dispatch_set(config, "profile"));
  riser_tier_policy_t policy = riser_tier_policy_default();
  assert(policy.call_threshold > 0);
  riser_config_tier_policy_set(config, &policy);
  wasm_engine_t* engine;
  check(riser_engine_new(config, &engine));
  assert(strcmp(riser_engine_default_mode(engine), "interp") == 0);
  wasm_module_t* module = module_of(engine, "(module (memory (export \"m\") 1) (func (export \"f\") (call $g)) (func $g))");
  wasm_message_t lines;
  riser_module_settings(module, &lines);
  assert(strstr(lines.data, "mode: interp\n") != NULL);
  wasm_byte_vec_delete(&lines);

  riser_counter_t* counter = riser_counter_new();
  wasm_store_t* store = wasm_store_new(engine);
  check(riser_store_count_instructions(store, counter));
  riser_store_limiter(store, 2 * 65536, -1, -1, -1, -1, -1);
  wasm_instance_t* instance;
  check(riser_instance_new(store, module, NULL, &instance));
  wasm_memory_t* memory = wasm_extern_as_memory(get(instance, "m"));
  uint64_t old = 0;
  check(riser_memory_grow(memory, 1, &old));
  assert(old == 1 && riser_memory_size(memory) == 2);
  error = riser_memory_grow(memory, 1, &old);
  assert(error != NULL);
  riser_error_delete(error);
  wasm_func_t* func = export_func(instance, "f");
  check(riser_func_call(func, NULL, NULL));
  error = riser_store_set_fuel(store, 1);
  assert(error != NULL);
  riser_error_delete(error);
  riser_statistics_t made;
  assert(riser_module_statistics(module, &made) && made.functions == 2 && made.translated == 2 && made.code_bytes > 0);
  wasm_func_delete(func);
  wasm_memory_delete(memory);
  wasm_instance_delete(instance);
  riser_counts_t counts;
  riser_counter_take(counter, &counts);
  assert(counts.instructions == 0);
  wasm_store_delete(store);
  riser_counter_take(counter, &counts);
  assert(counts.calls == 1 && counts.instructions >= 3 && counts.dispatches <= counts.instructions);
  riser_counter_delete(counter);
  wasm_module_delete(module);
  wasm_engine_delete(engine);
}

/* Multiplies in a loop, with a call in it and an operand below the call. */
static const char FACTORIAL[] =
    "(module"
    "  (import \"\" \"times\" (func $times (param i64 i64) (result i64)))"
    "  (global (export \"calls\") (mut i32) (i32.const 0))"
    "  (func $step (param i64 i64) (result i64)"
    "    (global.set 0 (i32.add (global.get 0) (i32.const 1)))"
    "    (call $times (local.get 0) (local.get 1)))"
    "  (func (export \"factorial\") (param $n i64) (result i32 i64) (local $i i64)"
    "    (i64.const 1)"
    "    (loop $on (param i64) (result i64)"
    "      (local.set $i (i64.add (local.get $i) (i64.const 1)))"
    "      (call $step (local.get $i))"
    "      (br_if $on (i64.lt_u (local.get $i) (local.get $n))))"
    "    (local.set $n) (global.get 0) (local.get $n)))";

static own wasm_trap_t* times(void* env, riser_caller_t* caller, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)env, (void)caller;
  results->data[0] = (wasm_val_t)WASM_I64_VAL(args->data[0].of.i64 * args->data[1].of.i64);
  return NULL;
}

/* What a callback gets, and whether it lets the code go on. */
struct taken {
  riser_snapshot_t* snapshot;
  riser_error_t* error;
  bool goes_on;
};
static own wasm_trap_t* take(void* env, wasm_store_t* store, own riser_snapshot_t* snapshot, own riser_error_t* error) {
  struct taken* taken = env;
  assert((snapshot == NULL) != (error == NULL));
  if (snapshot != NULL) check(riser_snapshot_set_wasi(snapshot, store));
  riser_snapshot_delete(taken->snapshot);
  taken->snapshot = snapshot;
  taken->error = error;
  return taken->goes_on ? NULL : riser_trap_new("stopped", 7);
}
static void end_taken(void* env) {
  (void)env;
  finalized++;
}

static wasm_store_t* ready(wasm_engine_t* engine, wasm_func_t** import) {
  wasm_store_t* store = wasm_store_new(engine);
  riser_store_set_epoch_deadline(store, 1000);
  wasm_functype_t* type = wasm_functype_new_2_1(wasm_valtype_new_i64(), wasm_valtype_new_i64(), wasm_valtype_new_i64());
  *import = riser_func_new(store, type, times, NULL, NULL);
  wasm_functype_delete(type);
  return store;
}

/* Begins in one mode, and goes on in another: each of those that are interpreted, or all. */
static void snapshots(bool with_code) {
  wasm_config_t* config = wasm_config_new();
  riser_config_epoch_interruption_set(config, true);
  riser_config_snapshots_set(config, true);
  wasm_engine_t* engine;
  check(riser_engine_new(config, &engine));
  wasm_module_t* module = module_of(engine, FACTORIAL);
  const char *interpreted[] = {"interp", "classic", NULL}, *all[] = {"interp", "classic", "multi-tier", "fast-jit", NULL};
  const char** modes = with_code ? all : interpreted;
  wasm_message_t message;
  for (size_t from = 0; modes[from] != NULL; from++) {
    if (!riser_is_mode_supported(modes[from])) continue;
    wasm_func_t* import;
    wasm_store_t* store = ready(engine, &import);
    wasm_extern_t* imported[] = {wasm_func_as_extern(import)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(imported);
    wasm_instance_t* instance;
    check(riser_instance_new(store, module, &imports, &instance));
    check(riser_instance_set_mode(instance, modes[from]));
    wasm_func_t* factorial = export_func(instance, "factorial");

    struct taken taken = {NULL, NULL, false};
    riser_snapshot_requests_t* requests;
    finalized = 0;
    check(riser_store_on_snapshot(store, take, &taken, end_taken, &requests));
    riser_store_request_snapshot_after(store, 9);
    wasm_val_t ten = WASM_I64_VAL(10), values[2];
    wasm_val_vec_t one = {1, &ten}, two = {2, values};
    riser_error_t* error = riser_func_call(factorial, &one, &two);
    riser_error_message(error, &message);
    assert(strcmp(message.data, "stopped") == 0);
    wasm_byte_vec_delete(&message);
    riser_error_delete(error);
    assert(taken.snapshot != NULL && riser_snapshot_frames(taken.snapshot) > 0);

    /* It goes on after the next one, which is asked for as other threads do. */
    riser_snapshot_t* first = taken.snapshot;
    taken.snapshot = NULL;
    taken.goes_on = true;
    riser_snapshot_request(requests);
    check(riser_func_call(factorial, &one, &two));
    assert(taken.snapshot != NULL && values[1].of.i64 == 3628800);
    riser_snapshot_delete(taken.snapshot);
    riser_snapshot_requests_delete(requests);
    wasm_func_delete(factorial);
    wasm_instance_delete(instance);
    wasm_func_delete(import);
    assert(finalized == 0);
    wasm_store_delete(store);
    assert(finalized == 1);

    /* Through bytes, with the module, a section of the host's, and the state of WASI. */
    check(riser_snapshot_set_module(first, module));
    check(riser_snapshot_set_section(first, "host", 4, "state", 5));
    wasm_byte_vec_t bytes, part;
    riser_snapshot_to_bytes(first, &bytes);
    riser_snapshot_delete(first);
    riser_snapshot_t* snapshot;
    check(riser_snapshot_from_bytes(bytes.data, bytes.size, &snapshot));
    wasm_byte_vec_delete(&bytes);
    assert(riser_snapshot_section(snapshot, "host", 4, &part) && part.size == 5 && memcmp(part.data, "state", 5) == 0);
    wasm_byte_vec_delete(&part);
    assert(!riser_snapshot_section(snapshot, "other", 5, &part) && part.data == NULL);
    assert(riser_snapshot_module(snapshot, &part));
    wasm_module_t* same;
    check(riser_module_new(engine, part.data, part.size, &same));
    wasm_byte_vec_delete(&part);
    for (size_t to = 0; modes[to] != NULL; to++) {
      if (!riser_is_mode_supported(modes[to])) continue;
      check(riser_engine_set_default_mode(engine, modes[to]));
      store = ready(engine, &import);
      riser_wasi_config_t* wasi;
      check(riser_snapshot_wasi_config(snapshot, &wasi));
      check(riser_store_set_wasi(store, wasi));
      imported[0] = wasm_func_as_extern(import);
      riser_restored_t* restored;
      check(riser_snapshot_restore(snapshot, store, same, &imports, &restored));
      instance = riser_restored_instance(restored);
      wasm_val_vec_t results;
      check(riser_restored_resume(restored, &results));
      assert(results.size == 2 && results.data[0].of.i32 == 10 && results.data[1].of.i64 == 3628800);
      wasm_val_vec_delete(&results);

      /* Between two calls there are no frames; what is restored then can be called. */
      riser_snapshot_t* idle;
      check(riser_instance_snapshot(instance, &idle));
      assert(riser_snapshot_frames(idle) == 0);
      check(riser_snapshot_seal(idle, 0));
      wasm_instance_delete(instance);
      riser_linker_t* linker = riser_linker_new(engine);
      check(riser_linker_define(linker, "", 0, "times", 5, imported[0]));
      check(riser_linker_restore(linker, store, same, idle, &restored));
      instance = riser_restored_instance(restored);
      check(riser_restored_resume(restored, &results));
      assert(results.size == 0);
      factorial = export_func(instance, "factorial");
      check(riser_func_call(factorial, &one, &two));
      assert(values[0].of.i32 == 20 && values[1].of.i64 == 3628800);
      wasm_func_delete(factorial);
      wasm_instance_delete(instance);
      riser_linker_delete(linker);
      /* A program that does not go on is given back. */
      check(riser_snapshot_restore(snapshot, store, same, &imports, &restored));
      riser_restored_delete(restored);
      riser_snapshot_delete(idle);
      wasm_func_delete(import);
      wasm_store_delete(store);
    }
    check(riser_engine_set_default_mode(engine, "interp"));
    wasm_module_delete(same);

    /* What is wrong is said. */
    error = riser_snapshot_restore(snapshot, NULL, module, NULL, NULL);
    assert(error != NULL);
    riser_error_delete(error);
    store = ready(engine, &import);
    riser_restored_t* none;
    error = riser_snapshot_restore(snapshot, store, module, NULL, &none);
    assert(error != NULL && none == NULL);
    riser_error_delete(error);
    wasm_module_t* other = module_of(engine, "(module)");
    error = riser_snapshot_restore(snapshot, store, other, NULL, &none);
    riser_error_message(error, &message);
    assert(strcmp(message.data, "the snapshot is one of another module") == 0);
    wasm_byte_vec_delete(&message);
    riser_error_delete(error);
    error = riser_snapshot_set_module(snapshot, other);
    assert(error != NULL);
    riser_error_delete(error);
    char long_name[201] = "";
    error = riser_snapshot_set_section(snapshot, long_name, sizeof long_name, NULL, 0);
    assert(error != NULL);
    riser_error_delete(error);
    wasm_module_delete(other);
    wasm_func_delete(import);
    wasm_store_delete(store);
    riser_snapshot_delete(snapshot);
  }
  wasm_module_delete(module);
  wasm_engine_delete(engine);
  riser_snapshot_t* nothing;
  riser_error_t* error = riser_snapshot_from_bytes("no snapshot at all", 18, &nothing);
  riser_error_message(error, &message);
  assert(nothing == NULL && strstr(message.data, "malformed snapshot") != NULL);
  wasm_byte_vec_delete(&message);
  riser_error_delete(error);
}

/* A store with two instances has no snapshot, and the callback is told why. */
static void no_snapshot(void) {
  wasm_config_t* config = wasm_config_new();
  riser_config_epoch_interruption_set(config, true);
  wasm_engine_t* engine;
  check(riser_engine_new(config, &engine));
  wasm_store_t* store = wasm_store_new(engine);
  riser_store_set_epoch_deadline(store, 1000);
  wasm_module_t* module = module_of(engine, "(module (func (export \"f\")))");
  wasm_instance_t *instance, *other;
  check(riser_instance_new(store, module, NULL, &instance));
  check(riser_instance_new(store, module, NULL, &other));
  struct taken taken = {NULL, NULL, true};
  check(riser_store_on_snapshot(store, take, &taken, NULL, NULL));
  riser_store_request_snapshot_after(store, 0);
  wasm_func_t* func = export_func(instance, "f");
  check(riser_func_call(func, NULL, NULL));
  assert(taken.error != NULL);
  wasm_message_t message;
  riser_error_message(taken.error, &message);
  assert(strstr(message.data, "the store has 2 instances") != NULL);
  wasm_byte_vec_delete(&message);
  riser_error_delete(taken.error);
  riser_snapshot_t* snapshot;
  riser_error_t* error = riser_instance_snapshot(instance, &snapshot);
  assert(error != NULL && snapshot == NULL);
  riser_error_delete(error);
  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_instance_delete(other);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);

  /* Without polls there are no snapshots of running code. */
  engine = wasm_engine_new();
  store = wasm_store_new(engine);
  error = riser_store_on_snapshot(store, take, &taken, NULL, NULL);
  assert(error != NULL);
  riser_error_delete(error);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
}

/* `api`, or `api interpreted`. */
int main(int argc, char** argv) {
  (void)argv;
  vectors();
  types();
  objects();
  modules(argc == 1);
  nested();
  deleted_while_called();
  settings();
  snapshots(argc == 1);
  no_snapshot();
  puts("passed");
  return 0;
}
