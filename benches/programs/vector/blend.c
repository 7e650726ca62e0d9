/* blend: pictures with transparency are laid over each other.
 *
 * Left to the compiler to vectorise. Exercises i16x8.extmul_low_i8x16_u, i16x8.add
 * and i16x8.shr_u, which divide by 255, and i8x16.shuffle and i8x16.narrow_i16x8_u
 * back to bytes. Red, green, blue and alpha are in planes of their own, as in video.
 *
 * Scale: number of layers, of 256 by 128 pixels. */
#include "../program.h"

enum { PLANES = 3, PIXELS = 256 * 128, SMALL = 301 };

struct layer {
    uint8_t planes[PLANES][PIXELS], alpha[PIXELS];
};

/* x / 255, rounded, for x up to 255 * 255. */
static inline uint8_t divide_by_255(uint16_t x) {
    uint16_t rounded = (uint16_t)(x + 128);
    return (uint8_t)((rounded + (rounded >> 8)) >> 8);
}

/* One plane of a picture over that of another one. */
static NOINLINE void blend(const uint8_t *over, const uint8_t *alpha, uint8_t *restrict under, uint32_t pixels) {
    for (uint32_t i = 0; i < pixels; i++) {
        uint16_t sum = (uint16_t)(over[i] * alpha[i] + under[i] * (uint8_t)(255 - alpha[i]));
        under[i] = divide_by_255(sum);
    }
}

/* The layer comes and goes: its alpha, scaled. */
static NOINLINE void fade(const uint8_t *alpha, uint8_t *restrict faded, uint8_t by, uint32_t pixels) {
    for (uint32_t i = 0; i < pixels; i++) faded[i] = divide_by_255((uint16_t)(alpha[i] * by));
}

/* One pixel, by definition: halves are rounded up. */
static NOINLINE uint32_t blended(uint32_t over, uint32_t alpha, uint32_t under) {
    return (2 * (over * alpha + under * (255 - alpha)) + 255) / 510;
}

static void check_against_definition(void) {
    uint8_t over[SMALL], alpha[SMALL], under[SMALL], before[SMALL];
    uint32_t seed = 8;
    for (uint32_t round = 0; round < 16; round++) {
        for (uint32_t i = 0; i < SMALL; i++) {
            uint32_t random = next_random(&seed);
            over[i] = (uint8_t)random, alpha[i] = (uint8_t)(random >> 8), before[i] = (uint8_t)(random >> 16);
        }
        memcpy(under, before, SMALL);
        blend(over, alpha, under, SMALL);
        for (uint32_t i = 0; i < SMALL; i++) {
            check(under[i] == blended(over[i], alpha[i], before[i]), "pixels are those of the definition");
        }
    }
}

int main(int argc, char **argv) {
    uint32_t layers = scale_argument(argc, argv, 400);
    uint32_t seed = 17, sum = (uint32_t)CHECKSUM_START;
    struct layer *sprite = allocate(sizeof *sprite), *screen = allocate(sizeof *screen);
    uint8_t *faded = allocate(PIXELS);
    check_against_definition();
    for (uint32_t i = 0; i < PIXELS; i++) {
        uint32_t random = next_random(&seed);
        for (uint32_t plane = 0; plane < PLANES; plane++) {
            sprite->planes[plane][i] = (uint8_t)(random >> 8 * plane);
            screen->planes[plane][i] = (uint8_t)(i >> plane);
        }
        sprite->alpha[i] = (uint8_t)(random >> 24);
    }
    for (uint32_t layer = 0; layer < layers; layer++) {
        fade(sprite->alpha, faded, (uint8_t)(layer * 37), PIXELS);
        for (uint32_t plane = 0; plane < PLANES; plane++) {
            blend(sprite->planes[(plane + layer) % PLANES], faded, screen->planes[plane], PIXELS);
        }
    }
    for (uint32_t plane = 0; plane < PLANES; plane++) sum = fold_bytes(sum, screen->planes[plane], PIXELS);
    printf("blend %u layers: checksum %08x\n", layers, sum);
    free(sprite);
    free(screen);
    free(faded);
    return 0;
}
