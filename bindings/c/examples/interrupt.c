/* A guest that does not end: it runs out of fuel, and is interrupted by another thread. */
#include <pthread.h>
#include <time.h>

#include "example.h"

static const char WAT[] = "(module (func (export \"spin\") (loop $again (br $again))))";

/* Lets a little time pass, then ends the epoch. */
static void* tick(void* engine) {
  struct timespec little = {0, 20 * 1000 * 1000};
  nanosleep(&little, NULL);
  riser_engine_increment_epoch(engine);
  return NULL;
}

/* Calls a function that does not return, and prints how it ends. */
static void spin(const wasm_func_t* func) {
  wasm_val_vec_t none = WASM_EMPTY_VEC;
  wasm_trap_t* trap = there(wasm_func_call(func, &none, &none), "trap");
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  bool is_fuel = riser_trap_code(trap) == RISER_TRAP_OUT_OF_FUEL;
  bool is_interrupt = riser_trap_code(trap) == RISER_TRAP_INTERRUPT;
  printf("%s: %s\n", message.data, is_fuel ? "out of fuel" : is_interrupt ? "interrupted" : "something else");
  wasm_byte_vec_delete(&message);
  wasm_trap_delete(trap);
}

int main(void) {
  wasm_config_t* config = wasm_config_new();
  riser_config_consume_fuel_set(config, true);
  riser_config_epoch_interruption_set(config, true);
  wasm_engine_t* engine;
  check(riser_engine_new(config, &engine));
  wasm_module_t* module = module_of(engine, WAT);

  wasm_store_t* store = wasm_store_new(engine);
  check(riser_store_set_fuel(store, 100000));
  riser_store_set_epoch_deadline(store, 1);
  wasm_instance_t* instance;
  check(riser_instance_new(store, module, NULL, &instance));
  wasm_func_t* func = export_func(instance, "spin");

  spin(func);
  uint64_t left = 1;
  check(riser_store_get_fuel(store, &left));
  printf("fuel left: %d\n", (int)left);

  check(riser_store_set_fuel(store, UINT64_MAX));
  pthread_t thread;
  if (pthread_create(&thread, NULL, tick, engine) != 0) return 1;
  spin(func);
  pthread_join(thread, NULL);

  wasm_func_delete(func);
  wasm_instance_delete(instance);
  wasm_store_delete(store);
  wasm_module_delete(module);
  wasm_engine_delete(engine);
  return 0;
}
