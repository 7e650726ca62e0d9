/* matrix: the product of two square matrices of f32.
 *
 * Left to the compiler to vectorise, along the rows. Exercises f32x4.mul and
 * f32x4.add with v128.load and v128.store, and f32x4.splat before the loop. Every
 * element is summed up in the order of the definition, so that the result is the
 * scalar one bit for bit.
 *
 * Scale: rows and columns. */
#include "../program.h"

enum { SMALL = 37 };

static float element(uint32_t *seed) { return (float)(next_random(seed) % 2048) / 1024.0f - 1.0f; }

/* c += a * b; four columns of `a` at a time, so that `c` is loaded and stored less often. */
static NOINLINE void multiply(const float *a, const float *b, float *restrict c, uint32_t size) {
    for (uint32_t row = 0; row < size; row++) {
        const float *left = a + row * size;
        float *restrict to = c + row * size;
        uint32_t k = 0;
        for (; k + 4 <= size; k += 4) {
            const float *b0 = b + k * size, *b1 = b0 + size, *b2 = b1 + size, *b3 = b2 + size;
            float a0 = left[k], a1 = left[k + 1], a2 = left[k + 2], a3 = left[k + 3];
            for (uint32_t i = 0; i < size; i++) to[i] = to[i] + a0 * b0[i] + a1 * b1[i] + a2 * b2[i] + a3 * b3[i];
        }
        for (; k < size; k++) {
            for (uint32_t i = 0; i < size; i++) to[i] += left[k] * b[k * size + i];
        }
    }
}

/* One element of the product, by definition. */
static NOINLINE float product(const float *a, const float *b, uint32_t size, uint32_t row, uint32_t column) {
    float sum = 0;
    for (uint32_t k = 0; k < size; k++) sum += a[row * size + k] * b[k * size + column];
    return sum;
}

static void check_against_definition(void) {
    float a[SMALL * SMALL], b[SMALL * SMALL], c[SMALL * SMALL];
    uint32_t seed = 5;
    for (uint32_t i = 0; i < SMALL * SMALL; i++) a[i] = element(&seed), b[i] = element(&seed), c[i] = 0;
    multiply(a, b, c, SMALL);
    for (uint32_t row = 0; row < SMALL; row++) {
        for (uint32_t column = 0; column < SMALL; column++) {
            float expected = product(a, b, SMALL, row, column);
            check(!memcmp(c + row * SMALL + column, &expected, sizeof expected), "elements as by the definition");
        }
    }
}

int main(int argc, char **argv) {
    uint32_t size = scale_argument(argc, argv, 480), elements = size * size;
    uint32_t seed = 91, sum = (uint32_t)CHECKSUM_START;
    float *a = allocate(elements * 4), *b = allocate(elements * 4), *c = allocate(elements * 4), trace = 0;
    check_against_definition();
    for (uint32_t i = 0; i < elements; i++) a[i] = element(&seed), b[i] = element(&seed);
    multiply(a, b, c, size);
    for (uint32_t i = 0; i < elements; i++) {
        uint32_t bits;
        memcpy(&bits, c + i, sizeof bits);
        sum = fold_word(sum, bits);
    }
    for (uint32_t i = 0; i < size; i++) trace += c[i * size + i];
    printf("matrix %u: trace %.6f, checksum %08x\n", size, (double)trace, sum);
    free(a);
    free(b);
    free(c);
    return 0;
}
