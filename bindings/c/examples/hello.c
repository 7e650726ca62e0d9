/* Hello, with the standard header alone: a module that calls a function of this program. */
#include <inttypes.h>
#include <stdio.h>
#include <wasm.h>

/* (module (import "" "hello" (func $hello (param i32))) (func (export "run") (call $hello (i32.const 42)))) */
static const char HELLO[] =
    "\0asm\1\0\0\0"
    "\1\10\2\140\1\177\0\140\0\0"
    "\2\12\1\0\5hello\0\0"
    "\3\2\1\1"
    "\7\7\1\3run\0\1"
    "\12\10\1\6\0\101\52\20\0\13";

static own wasm_trap_t* hello(void* env, const wasm_val_vec_t* args, own wasm_val_vec_t* results) {
  (void)results;
  printf("%s %" PRId32 "\n", (const char*)env, args->data[0].of.i32);
  return NULL;
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new();
  wasm_store_t* store = wasm_store_new(engine);

  wasm_byte_vec_t binary;
  wasm_byte_vec_new(&binary, sizeof HELLO - 1, HELLO);
  wasm_module_t* module = wasm_module_new(store, &binary);
  wasm_byte_vec_delete(&binary);
  if (module == NULL) return puts("the module is not valid"), 1;

  wasm_functype_t* type = wasm_functype_new_1_0(wasm_valtype_new_i32());
  wasm_func_t* func = wasm_func_new_with_env(store, type, hello, "hello from wasm:", NULL);
  wasm_functype_delete(type);

  wasm_extern_t* externs[] = {wasm_func_as_extern(func)};
  wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_trap_t* trap = NULL;
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, &trap);
  wasm_func_delete(func);
  if (instance == NULL) return puts("cannot instantiate"), 1;

  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  trap = wasm_func_call(wasm_extern_as_func(exports.data[0]), &none, &none);
  if (trap != NULL) return puts("trapped"), 1;

  wasm_extern_vec_delete(&exports);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  wasm_engine_delete(engine);
  puts("done");
  return 0;
}
