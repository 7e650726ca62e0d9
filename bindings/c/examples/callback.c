/* Host functions: they see their caller's memory and the store's data, and may return traps, which C gets back with a code,
 * a message and a backtrace. */
#include "example.h"

static const char WAT[] =
    "(module $greeter"
    "  (import \"host\" \"print\" (func $print (param i32 i32)))"
    "  (import \"host\" \"check\" (func $check (param i32) (result i32)))"
    "  (memory (export \"memory\") 1)"
    "  (data (i32.const 8) \"hello\")"
    "  (func (export \"greet\") (call $print (i32.const 8) (i32.const 5)))"
    "  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))"
    "  (func (export \"share\") (param i32) (result i32)"
    "    (call $divide (i32.const 100) (call $check (local.get 0)))))";

/* Prints text of the guest. */
static own wasm_trap_t* print(void* env, riser_caller_t* caller, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)env, (void)results;
  wasm_extern_t* item = riser_caller_export_get(caller, "memory", strlen("memory"));
  wasm_memory_t* memory = wasm_extern_as_memory(item);
  char text[64];
  size_t len = (size_t)args->data[1].of.i32;
  if (len > sizeof text) return riser_trap_new("too long", strlen("too long"));
  check(riser_memory_read(memory, (uint32_t)args->data[0].of.i32, (uint8_t*)text, len));
  wasm_extern_delete(item);
  int* calls = riser_store_data(riser_caller_store(caller));
  printf("call %d: %.*s\n", ++*calls, (int)len, text);
  return NULL;
}

/* Refuses negative numbers, passes on all others. */
static own wasm_trap_t* refuse(void* env, riser_caller_t* caller, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)env, (void)caller;
  if (args->data[0].of.i32 < 0) return riser_trap_new("negative", strlen("negative"));
  wasm_val_copy(&results->data[0], &args->data[0]);
  return NULL;
}

static void note_end(void* env) { printf("end of %s\n", (const char*)env); }

/* Calls `share` and prints how that ends. */
static void share(const wasm_func_t* func, int32_t among) {
  wasm_val_t arg[] = {WASM_I32_VAL(among)}, result[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  wasm_trap_t* trap = wasm_func_call(func, &args, &results);
  if (trap == NULL) {
    printf("share(%d) = %d\n", among, result[0].of.i32);
    return;
  }
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  printf("share(%d) traps: %s (code %d)\n", among, message.data, riser_trap_code(trap));
  wasm_byte_vec_delete(&message);
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  for (size_t i = 0; i < frames.size; i++) {
    const wasm_name_t* name = riser_frame_func_name(frames.data[i]);
    printf("  in function %u %.*s, %s\n", wasm_frame_func_index(frames.data[i]), name ? (int)name->size : 1,
           name ? name->data : "-", wasm_frame_instance(frames.data[i]) ? "of an instance" : "of no instance");
  }
  wasm_frame_vec_delete(&frames);
  wasm_trap_delete(trap);
}

int main(void) {
  int calls = 0;
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = riser_store_new(engine, &calls, NULL);
  wasm_module_t* module = module_of(engine, WAT);

  riser_linker_t* linker = riser_linker_new(engine);
  wasm_functype_t* printing = wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_functype_t* checking = wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  check(riser_linker_define_func(linker, "host", 4, "print", 5, printing, print, "print", note_end));
  check(riser_linker_define_func(linker, "host", 4, "check", 5, checking, refuse, "check", note_end));
  wasm_functype_delete(printing);
  wasm_functype_delete(checking);

  wasm_instance_t* instance;
  check(riser_linker_instantiate(linker, store, module, &instance));
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_func_t* greet = export_func(instance, "greet");
  check(riser_func_call(greet, &none, &none));
  check(riser_func_call(greet, &none, &none));
  wasm_func_t* sharing = export_func(instance, "share");
  share(sharing, 7);
  share(sharing, 0);
  share(sharing, -1);

  /* The store lives until its last object is deleted. */
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  riser_linker_delete(linker);
  wasm_func_delete(greet);
  wasm_module_delete(module);
  wasm_instance_delete(instance);
  share(sharing, 50);
  puts("deleting the last");
  wasm_func_delete(sharing);
  return 0;
}
