/* dot: which of many vectors is most like a given one, by their dot products, first
 * in integers of 16 bits, then in f32 where the first product is not negative.
 *
 * Intrinsics. Exercises i32x4.dot_i16x8_s and i32x4.add, f32x4.mul and f32x4.add,
 * and i32x4.extract_lane and f32x4.extract_lane at the end. Sums of f32 have four
 * lanes in the scalar path, too, so that both are the same bit for bit.
 *
 * Scale: number of vectors that are looked for, among 256 of 256 elements. */
#include "../program.h"
#include "vector.h"

#include <math.h>

enum { ELEMENTS = 256, VECTORS = 256, MOST = 1024 };

static int16_t small[VECTORS][ELEMENTS], wanted_small[ELEMENTS];
static float exact[VECTORS][ELEMENTS], wanted_exact[ELEMENTS], lengths[VECTORS];

static NOINLINE int32_t dot_i16(const int16_t *a, const int16_t *b, uint32_t elements) {
    v128_t even = wasm_u32x4_splat(0), odd = even;
    for (uint32_t i = 0; i < elements; i += 16) {
        even = wasm_i32x4_add(even, wasm_i32x4_dot_i16x8(wasm_v128_load(a + i), wasm_v128_load(b + i)));
        odd = wasm_i32x4_add(odd, wasm_i32x4_dot_i16x8(wasm_v128_load(a + i + 8), wasm_v128_load(b + i + 8)));
    }
    v128_t sums = wasm_i32x4_add(even, odd);
    return wasm_i32x4_extract_lane(sums, 0) + wasm_i32x4_extract_lane(sums, 1) + wasm_i32x4_extract_lane(sums, 2) +
           wasm_i32x4_extract_lane(sums, 3);
}

static NOINLINE float dot_f32(const float *a, const float *b, uint32_t elements) {
    v128_t sums = wasm_f32x4_splat(0);
    for (uint32_t i = 0; i < elements; i += 8) {
        sums = wasm_f32x4_add(sums, wasm_f32x4_mul(wasm_v128_load(a + i), wasm_v128_load(b + i)));
        sums = wasm_f32x4_add(sums, wasm_f32x4_mul(wasm_v128_load(a + i + 4), wasm_v128_load(b + i + 4)));
    }
    return (wasm_f32x4_extract_lane(sums, 0) + wasm_f32x4_extract_lane(sums, 1)) +
           (wasm_f32x4_extract_lane(sums, 2) + wasm_f32x4_extract_lane(sums, 3));
}

static NOINLINE int32_t dot_i16_scalar(const int16_t *a, const int16_t *b, uint32_t elements) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < elements; i++) sum += a[i] * b[i];
    return sum;
}

static NOINLINE float dot_f32_scalar(const float *a, const float *b, uint32_t elements) {
    float sums[4] = {0, 0, 0, 0};
    for (uint32_t i = 0; i < elements; i++) sums[i % 4] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Elements between -1 and 1, and what they are in 1024ths. */
static void fill(float *of_f32, int16_t *of_i16, uint32_t *seed) {
    for (uint32_t i = 0; i < ELEMENTS; i++) {
        of_i16[i] = (int16_t)(next_random(seed) % (2 * MOST + 1) - MOST);
        of_f32[i] = (float)of_i16[i] / 1024.0f + (float)(*seed >> 16) / 134217728.0f;
    }
}

static void check_against_scalar(void) {
    uint32_t seed = 2;
    fill(exact[0], small[0], &seed);
    fill(exact[1], small[1], &seed);
    for (uint32_t elements = 0; elements <= ELEMENTS; elements += 16) {
        float lanes = dot_f32(exact[0], exact[1], elements), scalar = dot_f32_scalar(exact[0], exact[1], elements);
        check(!memcmp(&lanes, &scalar, sizeof lanes), "f32 as element by element");
        int32_t expected = dot_i16_scalar(small[0], small[1], elements);
        check(dot_i16(small[0], small[1], elements) == expected, "i16 as element by element");
    }
}

int main(int argc, char **argv) {
    uint32_t searches = scale_argument(argc, argv, 1000);
    uint32_t seed = 57, sum = (uint32_t)CHECKSUM_START, close = 0;
    check_against_scalar();
    for (uint32_t i = 0; i < VECTORS; i++) {
        fill(exact[i], small[i], &seed);
        lengths[i] = sqrtf(dot_f32(exact[i], exact[i], ELEMENTS));
    }
    for (uint32_t search = 0; search < searches; search++) {
        if (search % 16 == 0) fill(wanted_exact, wanted_small, &seed);
        /* A few elements are others each time. */
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t at = (search * 61 + i * 17) % ELEMENTS;
            wanted_small[at] = (int16_t)-wanted_small[at];
            wanted_exact[at] = -wanted_exact[at];
        }
        float length = sqrtf(dot_f32(wanted_exact, wanted_exact, ELEMENTS)), best = -1;
        uint32_t best_at = 0;
        for (uint32_t i = 0; i < VECTORS; i++) {
            if (dot_i16(small[i], wanted_small, ELEMENTS) < 0) continue;
            float likeness = dot_f32(exact[i], wanted_exact, ELEMENTS) / (lengths[i] * length);
            close++;
            if (likeness > best) best = likeness, best_at = i;
        }
        uint32_t bits;
        memcpy(&bits, &best, sizeof bits);
        sum = fold_word(fold_word(sum, best_at), bits);
    }
    printf("dot %u searches: %u came close, checksum %08x\n", searches, close, sum);
    return 0;
}
