/* What the examples have in common: to end with a message when something fails. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <riser.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the error's message, if there is an error. */
static inline void check(own riser_error_t* error) {
  if (error == NULL) return;
  wasm_message_t message;
  riser_error_message(error, &message);
  fprintf(stderr, "error: %s\n", message.data);
  wasm_byte_vec_delete(&message);
  riser_error_delete(error);
  exit(1);
}

/* Ends the program if something is not there. */
static inline void* there(void* it, const char* what) {
  if (it == NULL) {
    fprintf(stderr, "error: there is no %s\n", what);
    exit(1);
  }
  return it;
}

/* A module in the text format. */
static inline own wasm_module_t* module_of(const wasm_engine_t* engine, const char* wat) {
  wasm_module_t* module;
  check(riser_module_new(engine, wat, strlen(wat), &module));
  return module;
}

/* An exported function. */
static inline own wasm_func_t* export_func(const wasm_instance_t* instance, const char* name) {
  wasm_extern_t* item = there(riser_instance_export_get(instance, name, strlen(name)), name);
  return there(wasm_extern_as_func(item), "function of that name");
}

#endif
