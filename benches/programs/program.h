/* What every program here shares: reading the scale argument, a seeded random
 * stream and a running checksum. All arithmetic is on fixed-width unsigned
 * integers, so that native and wasm builds agree bit for bit. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps a kernel visible under its own name in profiles and backtraces. */
#define NOINLINE __attribute__((noinline))

/* The number in argv[1], or `fallback` when there is none or it is not a
 * positive decimal number. */
static inline uint32_t scale_argument(int argc, char **argv, uint32_t fallback) {
    uint32_t value = 0;
    if (argc < 2) return fallback;
    for (const char *c = argv[1]; *c; c++) {
        if (*c < '0' || *c > '9') return fallback;
        value = value * 10 + (uint32_t)(*c - '0');
    }
    return value ? value : fallback;
}

/* xorshift32: the state must not be zero. */
static inline uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

/* FNV-1a over bytes, and over the four bytes of a word at once. */
enum { CHECKSUM_START = (int32_t)2166136261u };

static inline uint32_t fold_word(uint32_t sum, uint32_t word) {
    return (sum ^ word) * 16777619u;
}

static inline uint32_t fold_bytes(uint32_t sum, const void *data, uint32_t length) {
    const uint8_t *bytes = data;
    for (uint32_t i = 0; i < length; i++) sum = fold_word(sum, bytes[i]);
    return sum;
}

/* malloc that ends the program with a message instead of returning NULL. */
static inline void *allocate(uint32_t bytes) {
    void *memory = calloc(1, bytes);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(2);
    }
    return memory;
}

/* Ends the program with exit code 1 unless `condition` holds. */
static inline void check(int condition, const char *what) {
    if (condition) return;
    printf("self-check failed: %s\n", what);
    exit(1);
}

#endif
