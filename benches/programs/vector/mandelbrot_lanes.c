/* mandelbrot_lanes: escape times over a square of the complex plane, two points at a
 * time in f64 and four in f32.
 *
 * Intrinsics. Exercises f64x2 and f32x4 arithmetic in locals, comparisons that make
 * masks, and v128.any_true deciding each iteration; nothing is loaded or stored.
 *
 * Scale: width and height of the picture in points, rounded up to a multiple of four. */
#include "../program.h"
#include "vector.h"

enum { MOST_STEPS = 200, SMALL = 40 };

/* How far along one of `size` points is. */
static double place(uint32_t at, uint32_t size, double from) { return 3.0 * at / size + from; }

/* Steps until the points are farther than two away, or MOST_STEPS. */
static NOINLINE void escape_f64(v128_t cx, v128_t cy, uint32_t *steps) {
    v128_t x = wasm_f64x2_splat(0), y = x, xx = x, yy = x, count = x;
    v128_t two = wasm_f64x2_splat(2), four = wasm_f64x2_splat(4), near = wasm_f64x2_le(x, x);
    for (uint32_t step = 0; step < MOST_STEPS; step++) {
        near = wasm_v128_and(near, wasm_f64x2_le(wasm_f64x2_add(xx, yy), four));
        if (!wasm_v128_any_true(near)) break;
        y = wasm_f64x2_add(wasm_f64x2_mul(wasm_f64x2_mul(two, x), y), cy);
        x = wasm_f64x2_add(wasm_f64x2_sub(xx, yy), cx);
        xx = wasm_f64x2_mul(x, x);
        yy = wasm_f64x2_mul(y, y);
        /* All ones are minus one. */
        count = wasm_i64x2_sub(count, near);
    }
    steps[0] = (uint32_t)wasm_u64x2_extract_lane(count, 0);
    steps[1] = (uint32_t)wasm_u64x2_extract_lane(count, 1);
}

static NOINLINE void escape_f32(v128_t cx, v128_t cy, uint32_t *steps) {
    v128_t x = wasm_f32x4_splat(0), y = x, xx = x, yy = x, count = x;
    v128_t two = wasm_f32x4_splat(2), four = wasm_f32x4_splat(4), near = wasm_f32x4_le(x, x);
    for (uint32_t step = 0; step < MOST_STEPS; step++) {
        near = wasm_v128_and(near, wasm_f32x4_le(wasm_f32x4_add(xx, yy), four));
        if (!wasm_v128_any_true(near)) break;
        y = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(two, x), y), cy);
        x = wasm_f32x4_add(wasm_f32x4_sub(xx, yy), cx);
        xx = wasm_f32x4_mul(x, x);
        yy = wasm_f32x4_mul(y, y);
        count = wasm_i32x4_sub(count, near);
    }
    steps[0] = wasm_u32x4_extract_lane(count, 0), steps[1] = wasm_u32x4_extract_lane(count, 1);
    steps[2] = wasm_u32x4_extract_lane(count, 2), steps[3] = wasm_u32x4_extract_lane(count, 3);
}

/* Four points of a row, from `column` on. */
static void row_f64(uint32_t column, uint32_t row, uint32_t size, uint32_t *steps) {
    v128_t cy = wasm_f64x2_splat(place(row, size, -1.5));
    for (uint32_t i = 0; i < 4; i += 2) {
        double left = place(column + i, size, -2.25), right = place(column + i + 1, size, -2.25);
        escape_f64(wasm_f64x2_make(left, right), cy, steps + i);
    }
}

static void row_f32(uint32_t column, uint32_t row, uint32_t size, uint32_t *steps) {
    float cx[4];
    for (uint32_t i = 0; i < 4; i++) cx[i] = (float)place(column + i, size, -2.25);
    escape_f32(wasm_f32x4_make(cx[0], cx[1], cx[2], cx[3]), wasm_f32x4_splat((float)place(row, size, -1.5)), steps);
}

static NOINLINE uint32_t escape_f64_scalar(double cx, double cy) {
    double x = 0, y = 0;
    uint32_t steps = 0;
    for (; steps < MOST_STEPS && x * x + y * y <= 4.0; steps++) {
        double next = x * x - y * y + cx;
        y = 2.0 * x * y + cy;
        x = next;
    }
    return steps;
}

static NOINLINE uint32_t escape_f32_scalar(float cx, float cy) {
    float x = 0, y = 0;
    uint32_t steps = 0;
    for (; steps < MOST_STEPS && x * x + y * y <= 4.0f; steps++) {
        float next = x * x - y * y + cx;
        y = 2.0f * x * y + cy;
        x = next;
    }
    return steps;
}

static void check_against_scalar(void) {
    for (uint32_t row = 0; row < SMALL; row++) {
        double y = place(row, SMALL, -1.5);
        for (uint32_t column = 0; column < SMALL; column += 4) {
            uint32_t in_f64[4], in_f32[4];
            row_f64(column, row, SMALL, in_f64);
            row_f32(column, row, SMALL, in_f32);
            for (uint32_t i = 0; i < 4; i++) {
                double x = place(column + i, SMALL, -2.25);
                check(in_f64[i] == escape_f64_scalar(x, y), "f64 as point by point");
                check(in_f32[i] == escape_f32_scalar((float)x, (float)y), "f32 as point by point");
            }
        }
    }
}

int main(int argc, char **argv) {
    uint32_t size = (scale_argument(argc, argv, 420) + 3) / 4 * 4;
    uint32_t inside_f64 = 0, inside_f32 = 0, sum = (uint32_t)CHECKSUM_START;
    check_against_scalar();
    for (uint32_t row = 0; row < size; row++) {
        for (uint32_t column = 0; column < size; column += 4) {
            uint32_t in_f64[4], in_f32[4];
            row_f64(column, row, size, in_f64);
            row_f32(column, row, size, in_f32);
            for (uint32_t i = 0; i < 4; i++) {
                inside_f64 += in_f64[i] == MOST_STEPS;
                inside_f32 += in_f32[i] == MOST_STEPS;
                sum = fold_word(fold_word(sum, in_f64[i]), in_f32[i]);
            }
        }
    }
    printf("mandelbrot_lanes %u: %u points inside, %u in f32, checksum %08x\n", size, inside_f64, inside_f32, sum);
    return 0;
}
