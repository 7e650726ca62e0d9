/* Runs a program for WASI: `wasi FILE FOLDER ARGUMENT..`. The guest sees the folder as `/data`, and this program's standard streams.
 * The exit status is the guest's. */
#include "example.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s FILE FOLDER ARGUMENT..\n", argv[0]);
    return 2;
  }
  wasm_engine_t* engine = wasm_engine_new();
  wasm_module_t* module;
  check(riser_module_from_file(engine, argv[1], &module));

  riser_wasi_config_t* wasi = riser_wasi_config_new();
  check(riser_wasi_config_arg(wasi, argv[1]));
  for (int i = 3; i < argc; i++) check(riser_wasi_config_arg(wasi, argv[i]));
  check(riser_wasi_config_env(wasi, "GREETING", "hello"));
  check(riser_wasi_config_preopen_dir(wasi, argv[2], "/data"));
  riser_wasi_config_inherit_stdio(wasi);

  wasm_store_t* store = wasm_store_new(engine);
  check(riser_store_set_wasi(store, wasi));
  riser_linker_t* linker = riser_linker_new(engine);
  check(riser_linker_define_wasi(linker));
  wasm_instance_t* instance;
  check(riser_linker_instantiate(linker, store, module, &instance));

  int status = 0;
  wasm_func_t* start = export_func(instance, "_start");
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t* trap = wasm_func_call(start, &none, &none);
  if (trap != NULL && !riser_trap_exit_status(trap, &status)) {
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    fprintf(stderr, "error: %s\n", message.data);
    wasm_byte_vec_delete(&message);
    status = 134;
  }
  wasm_trap_delete(trap);
  wasm_func_delete(start);
  wasm_instance_delete(instance);
  riser_linker_delete(linker);
  wasm_store_delete(store);
  wasm_module_delete(module);
  wasm_engine_delete(engine);
  return status;
}
