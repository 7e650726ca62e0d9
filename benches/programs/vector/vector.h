/* The vector operations that the programs here use, under their names in clang's
 * <wasm_simd128.h>. For WebAssembly that header has them. For the native build,
 * which says what a program has to print, they are written down below with the
 * vector extensions that gcc and clang share: the results are the same bit for
 * bit, on machines that are little-endian. */
#ifndef VECTOR_H
#define VECTOR_H

#ifdef __wasm_simd128__

#include <wasm_simd128.h>

#else

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANES(name, lane) typedef lane name __attribute__((vector_size(16)))
LANES(v128_t, int32_t);
LANES(i8x16, int8_t);
LANES(u8x16, uint8_t);
LANES(i16x8, int16_t);
LANES(u16x8, uint16_t);
LANES(u32x4, uint32_t);
LANES(u64x2, uint64_t);
LANES(f32x4, float);
LANES(f64x2, double);
#undef LANES

/* Memory, at any address. */
static inline v128_t wasm_v128_load(const void *from) {
    v128_t value;
    memcpy(&value, from, sizeof value);
    return value;
}
static inline void wasm_v128_store(void *to, v128_t value) { memcpy(to, &value, sizeof value); }
static inline v128_t wasm_u16x8_load8x8(const void *from) {
    u16x8 wide = {0};
    for (int i = 0; i < 8; i++) wide[i] = ((const uint8_t *)from)[i];
    return (v128_t)wide;
}
#define wasm_v128_store64_lane(to, value, lane) memcpy(to, (const uint64_t *)&(value) + (lane), 8)

/* Constants, and the same value in each lane. */
#define wasm_u8x16_const(...) ((v128_t)(u8x16){__VA_ARGS__})
#define wasm_u32x4_make(a, b, c, d) ((v128_t)(u32x4){a, b, c, d})
#define wasm_f32x4_make(a, b, c, d) ((v128_t)(f32x4){a, b, c, d})
#define wasm_f64x2_make(a, b) ((v128_t)(f64x2){a, b})
#define SPLAT(name, lanes, lane) \
    static inline v128_t name(lane x) { return (v128_t)((lanes){0} + x); }
SPLAT(wasm_u8x16_splat, u8x16, uint8_t)
SPLAT(wasm_u16x8_splat, u16x8, uint16_t)
SPLAT(wasm_u32x4_splat, u32x4, uint32_t)
#undef SPLAT
static inline v128_t wasm_f32x4_splat(float x) { return wasm_f32x4_make(x, x, x, x); }
static inline v128_t wasm_f64x2_splat(double x) { return wasm_f64x2_make(x, x); }

/* One lane. */
#define wasm_i32x4_extract_lane(value, lane) ((value)[lane])
#define wasm_u32x4_extract_lane(value, lane) (((u32x4)(value))[lane])
#define wasm_u64x2_extract_lane(value, lane) (((u64x2)(value))[lane])
#define wasm_f32x4_extract_lane(value, lane) (((f32x4)(value))[lane])

/* Lane by lane. */
#define BINARY(name, lanes, expression)                    \
    static inline v128_t name(v128_t left, v128_t right) { \
        lanes a = (lanes)left, b = (lanes)right;           \
        return (v128_t)(expression);                       \
    }
BINARY(wasm_v128_and, v128_t, a & b)
BINARY(wasm_v128_or, v128_t, a | b)
BINARY(wasm_v128_xor, v128_t, a ^ b)
BINARY(wasm_i8x16_eq, i8x16, a == b)
BINARY(wasm_i8x16_ne, i8x16, a != b)
BINARY(wasm_i8x16_gt, i8x16, a > b)
BINARY(wasm_u8x16_lt, u8x16, a < b)
BINARY(wasm_i8x16_add, u8x16, a + b)
BINARY(wasm_u8x16_sub_sat, u8x16, (a - b) & (u8x16)(a > b))
BINARY(wasm_i16x8_add, u16x8, a + b)
BINARY(wasm_i16x8_mul, u16x8, a * b)
BINARY(wasm_i32x4_add, u32x4, a + b)
BINARY(wasm_i32x4_sub, u32x4, a - b)
BINARY(wasm_i64x2_sub, u64x2, a - b)
BINARY(wasm_f32x4_add, f32x4, a + b)
BINARY(wasm_f32x4_sub, f32x4, a - b)
BINARY(wasm_f32x4_mul, f32x4, a * b)
BINARY(wasm_f32x4_le, f32x4, a <= b)
BINARY(wasm_f64x2_add, f64x2, a + b)
BINARY(wasm_f64x2_sub, f64x2, a - b)
BINARY(wasm_f64x2_mul, f64x2, a * b)
BINARY(wasm_f64x2_le, f64x2, a <= b)
#undef BINARY

/* Counts are taken modulo the bits of a lane. */
#define SHIFT(name, lanes, lane, op) \
    static inline v128_t name(v128_t a, uint32_t by) { return (v128_t)((lanes)a op (lane)(by % (8 * sizeof(lane)))); }
SHIFT(wasm_u8x16_shr, u8x16, uint8_t, >>)
SHIFT(wasm_u16x8_shr, u16x8, uint16_t, >>)
SHIFT(wasm_i32x4_shl, u32x4, uint32_t, <<)
SHIFT(wasm_u32x4_shr, u32x4, uint32_t, >>)
#undef SHIFT

/* Bytes and larger lanes where they are told to go. */
#define wasm_i8x16_shuffle(a, b, ...) ((v128_t)__builtin_shufflevector((u8x16)(a), (u8x16)(b), __VA_ARGS__))
#define wasm_i32x4_shuffle(a, b, ...) ((v128_t)__builtin_shufflevector((u32x4)(a), (u32x4)(b), __VA_ARGS__))
#define wasm_i64x2_shuffle(a, b, ...) ((v128_t)__builtin_shufflevector((u64x2)(a), (u64x2)(b), __VA_ARGS__))
static inline v128_t wasm_i8x16_swizzle(v128_t table, v128_t at) {
    u8x16 from = (u8x16)table, indices = (u8x16)at, to = {0};
    for (int i = 0; i < 16; i++) to[i] = indices[i] < 16 ? from[indices[i]] : 0;
    return (v128_t)to;
}

/* Lanes that become wider or narrower. */
static inline v128_t wasm_u16x8_extend_low_u8x16(v128_t a) {
    return (v128_t)__builtin_shufflevector((u8x16)a, (u8x16){0}, 0, 16, 1, 16, 2, 16, 3, 16, 4, 16, 5, 16, 6, 16, 7,
                                           16);
}
static inline v128_t wasm_u16x8_extend_high_u8x16(v128_t a) {
    return (v128_t)__builtin_shufflevector((u8x16)a, (u8x16){0}, 8, 16, 9, 16, 10, 16, 11, 16, 12, 16, 13, 16, 14, 16,
                                           15, 16);
}
static inline v128_t wasm_u8x16_narrow_i16x8(v128_t low, v128_t high) {
    u8x16 narrow = {0};
    for (int i = 0; i < 16; i++) {
        int16_t wide = ((i16x8)(i < 8 ? low : high))[i % 8];
        narrow[i] = (uint8_t)(wide < 0 ? 0 : wide > 255 ? 255 : wide);
    }
    return (v128_t)narrow;
}
static inline v128_t wasm_i32x4_dot_i16x8(v128_t left, v128_t right) {
    i16x8 a = (i16x8)left, b = (i16x8)right;
    u32x4 sums = {0};
    for (int i = 0; i < 8; i++) sums[i / 2] += (uint32_t)((int32_t)a[i] * b[i]);
    return (v128_t)sums;
}

/* Lanes that become a number. */
static inline bool wasm_v128_any_true(v128_t a) { return (((u64x2)a)[0] | ((u64x2)a)[1]) != 0; }
static inline uint32_t wasm_i8x16_bitmask(v128_t a) {
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= (uint32_t)(((u8x16)a)[i] >> 7) << i;
    return mask;
}

#endif
#endif
