/* One function in every mode of the build, and in the register interpreter by every dispatch strategy, with times. Results go to
 * standard output and are the same everywhere; times go to standard error. */
#include <time.h>

#include "example.h"

static const char WAT[] =
    "(module (func $fib (export \"fib\") (param i32) (result i64)"
    "  (if (result i64) (i32.lt_u (local.get 0) (i32.const 2))"
    "    (then (i64.extend_i32_u (local.get 0)))"
    "    (else (i64.add (call $fib (i32.sub (local.get 0) (i32.const 1)))"
    "                   (call $fib (i32.sub (local.get 0) (i32.const 2))))))))";

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Calls `fib(n)`, and prints the result and the time. */
static void measure(const char* how, wasm_instance_t* instance, int32_t n) {
  wasm_func_t* fib = export_func(instance, "fib");
  wasm_val_t arg[] = {WASM_I32_VAL(n)}, result[] = {WASM_INIT_VAL};
  wasm_val_vec_t args = WASM_ARRAY_VEC(arg), results = WASM_ARRAY_VEC(result);
  double before = milliseconds();
  check(riser_func_call(fib, &args, &results));
  fprintf(stderr, "%-24s %9.3f ms\n", how, milliseconds() - before);
  printf("fib(%d) = %lld\n", n, (long long)result[0].of.i64);
  wasm_func_delete(fib);
}

int main(int argc, char** argv) {
  int32_t n = argc > 1 ? atoi(argv[1]) : 24;

  /* Instances of one module in one store, each in a mode of its own. */
  wasm_engine_t* engine = wasm_engine_new();
  wasm_module_t* module = module_of(engine, WAT);
  wasm_store_t* store = wasm_store_new(engine);
  for (size_t i = 0; riser_mode_name(i) != NULL; i++) {
    const char* mode = riser_mode_name(i);
    if (!riser_is_mode_supported(mode)) {
      riser_error_t* error = riser_engine_check_mode(engine, mode);
      if (error == NULL) return 1;
      riser_error_delete(error);
      continue;
    }
    wasm_instance_t* instance;
    check(riser_instance_new(store, module, NULL, &instance));
    check(riser_instance_set_mode(instance, mode));
    if (strcmp(riser_instance_mode(instance), mode) != 0) return 1;
    measure(mode, instance, n);
    wasm_instance_delete(instance);
  }

  riser_tier_statistics_t tier;
  for (size_t i = 0; riser_module_tier_statistics(module, i, &tier); i++) {
    fprintf(stderr, "%-24s %zu functions, %zu bytes of code\n", tier.mode, tier.compiled, tier.code_bytes);
  }
  wasm_store_delete(store);
  wasm_module_delete(module);
  wasm_engine_delete(engine);

  /* An engine for each dispatch strategy. */
  for (size_t i = 0; riser_dispatch_name(i) != NULL; i++) {
    wasm_config_t* config = wasm_config_new();
    check(riser_config_mode_set(config, "interp"));
    check(riser_config_dispatch_set(config, riser_dispatch_name(i)));
    check(riser_engine_new(config, &engine));
    module = module_of(engine, WAT);
    store = wasm_store_new(engine);
    wasm_instance_t* instance;
    check(riser_instance_new(store, module, NULL, &instance));
    measure(riser_dispatch_name(i), instance, n);
    wasm_instance_delete(instance);
    wasm_store_delete(store);
    wasm_module_delete(module);
    wasm_engine_delete(engine);
  }
  return 0;
}
