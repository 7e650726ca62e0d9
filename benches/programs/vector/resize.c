/* resize: a picture is brought to other sizes by bilinear interpolation, and what
 * comes of it is halved by averages of four pixels.
 *
 * Intrinsics. Exercises bytes that are loaded as i16 lanes (i16x8.load8x8_u,
 * i16x8.extend_low_i8x16_u), i16x8.mul and i16x8.shr_u, i8x16.narrow_i16x8_u and
 * v128.store64_lane. A pixel is four bytes.
 *
 * Scale: number of pictures made of one of 256 by 192 pixels. */
#include "../program.h"
#include "vector.h"

enum { CHANNELS = 4, WIDTH = 256, HEIGHT = 192, MOST = 320, SMALL = 40 };

struct picture {
    uint32_t width, height;
    uint8_t *pixels;
};

/* With one more column and one more row: they are read where there is no neighbour, and weigh nothing. */
static struct picture new_picture(uint32_t width, uint32_t height) {
    struct picture it = {width, height, allocate((width + 1) * (height + 1) * CHANNELS)};
    return it;
}

static uint8_t *row_of(const struct picture *it, uint32_t y) { return it->pixels + y * (it->width + 1) * CHANNELS; }

static struct picture painted(uint32_t width, uint32_t height, uint32_t seed) {
    struct picture it = new_picture(width, height);
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = row_of(&it, y);
        for (uint32_t x = 0; x < width * CHANNELS; x++) row[x] = (uint8_t)((x * y >> 4) + (next_random(&seed) & 31));
    }
    return it;
}

/* Where, in 256ths of a pixel, a line of `from` pixels has pixel `at` of `to`. */
static uint32_t place(uint32_t at, uint32_t from, uint32_t to) { return to > 1 ? at * (from - 1) * 256 / (to - 1) : 0; }

/* A column of the new picture: where in a row its two pixels begin, and how much they weigh, by channel. */
struct column {
    uint32_t at;
    uint16_t weights[8];
};

/* Two pixels of two rows, mixed between the rows and weighed. What a pixel of the new picture is their sum of. */
static inline v128_t mix(const uint8_t *above, const uint8_t *below, v128_t upper, v128_t lower,
                         const struct column *column) {
    above += column->at, below += column->at;
    v128_t top = wasm_i16x8_mul(wasm_u16x8_load8x8(above), upper);
    v128_t bottom = wasm_i16x8_mul(wasm_u16x8_load8x8(below), lower);
    v128_t columns = wasm_u16x8_shr(wasm_i16x8_add(top, bottom), 8);
    return wasm_i16x8_mul(columns, wasm_v128_load(column->weights));
}

/* A row, two pixels at a time; `part` of 256 is of the row below. */
static NOINLINE void resize_row(const uint8_t *above, const uint8_t *below, uint32_t part, const struct column *columns,
                                uint8_t *to, uint32_t width) {
    v128_t lower = wasm_u16x8_splat((uint16_t)part), upper = wasm_u16x8_splat((uint16_t)(256 - part));
    for (uint32_t x = 0; x < width; x += 2, columns += 2, to += 2 * CHANNELS) {
        v128_t one = mix(above, below, upper, lower, columns), two = mix(above, below, upper, lower, columns + 1);
        v128_t left = wasm_i64x2_shuffle(one, two, 0, 2), right = wasm_i64x2_shuffle(one, two, 1, 3);
        v128_t pixels = wasm_u16x8_shr(wasm_i16x8_add(left, right), 8);
        v128_t bytes = wasm_u8x16_narrow_i16x8(pixels, pixels);
        wasm_v128_store64_lane(to, bytes, 0);
    }
}

/* To the size of `to`, whose width is even. */
static void resize(const struct picture *from, struct picture *to) {
    static struct column columns[MOST];
    for (uint32_t x = 0; x < to->width; x++) {
        uint32_t at = place(x, from->width, to->width);
        columns[x].at = at / 256 * CHANNELS;
        for (uint32_t i = 0; i < 8; i++) columns[x].weights[i] = (uint16_t)(i < CHANNELS ? 256 - at % 256 : at % 256);
    }
    for (uint32_t y = 0; y < to->height; y++) {
        uint32_t at = place(y, from->height, to->height);
        resize_row(row_of(from, at / 256), row_of(from, at / 256 + 1), at % 256, columns, row_of(to, y), to->width);
    }
}

static NOINLINE void halve_row(const uint8_t *above, const uint8_t *below, uint8_t *to, uint32_t width) {
    for (uint32_t x = 0; x < width; x += 2, above += 16, below += 16, to += 2 * CHANNELS) {
        v128_t top = wasm_v128_load(above), bottom = wasm_v128_load(below);
        v128_t one = wasm_i16x8_add(wasm_u16x8_extend_low_u8x16(top), wasm_u16x8_extend_low_u8x16(bottom));
        v128_t two = wasm_i16x8_add(wasm_u16x8_extend_high_u8x16(top), wasm_u16x8_extend_high_u8x16(bottom));
        v128_t left = wasm_i64x2_shuffle(one, two, 0, 2), right = wasm_i64x2_shuffle(one, two, 1, 3);
        v128_t sums = wasm_i16x8_add(wasm_i16x8_add(left, right), wasm_u16x8_splat(2));
        v128_t pixels = wasm_u16x8_shr(sums, 2);
        v128_t bytes = wasm_u8x16_narrow_i16x8(pixels, pixels);
        wasm_v128_store64_lane(to, bytes, 0);
    }
}

/* To half the width, which is a multiple of four, and half the height. */
static void halve(const struct picture *from, struct picture *to) {
    for (uint32_t y = 0; y < to->height; y++) {
        halve_row(row_of(from, 2 * y), row_of(from, 2 * y + 1), row_of(to, y), to->width);
    }
}

/* One channel of a pixel, as resize has it. */
static NOINLINE uint32_t resized(const struct picture *from, const struct picture *to, uint32_t x, uint32_t y,
                                 uint32_t channel) {
    uint32_t across = place(x, from->width, to->width), down = place(y, from->height, to->height), sides[2];
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t at = (across / 256 + side) * CHANNELS + channel;
        uint32_t above = row_of(from, down / 256)[at], below = row_of(from, down / 256 + 1)[at];
        sides[side] = (above * (256 - down % 256) + below * (down % 256)) / 256;
    }
    return (sides[0] * (256 - across % 256) + sides[1] * (across % 256)) / 256;
}

static void check_against_scalar(void) {
    struct picture from = painted(SMALL - 7, SMALL + 4, 9), to = new_picture(SMALL, SMALL);
    struct picture half = new_picture(SMALL / 2, SMALL / 2);
    resize(&from, &to);
    halve(&to, &half);
    for (uint32_t y = 0; y < SMALL; y++) {
        for (uint32_t x = 0; x < SMALL * CHANNELS; x++) {
            uint32_t expected = resized(&from, &to, x / CHANNELS, y, x % CHANNELS);
            check(row_of(&to, y)[x] == expected, "pixels are mixed as one by one");
        }
    }
    for (uint32_t y = 0; y < SMALL / 2; y++) {
        for (uint32_t x = 0; x < SMALL / 2 * CHANNELS; x++) {
            const uint8_t *above = row_of(&to, 2 * y) + x + x / CHANNELS * CHANNELS;
            const uint8_t *below = above + (SMALL + 1) * CHANNELS;
            uint32_t sum = (uint32_t)(above[0] + above[CHANNELS] + below[0] + below[CHANNELS] + 2);
            check(row_of(&half, y)[x] == sum / 4, "averages are those of four pixels");
        }
    }
    free(from.pixels);
    free(to.pixels);
    free(half.pixels);
}

int main(int argc, char **argv) {
    uint32_t pictures = scale_argument(argc, argv, 100), sum = (uint32_t)CHECKSUM_START;
    check_against_scalar();
    struct picture from = painted(WIDTH, HEIGHT, 13), to = new_picture(MOST, MOST);
    struct picture half = new_picture(MOST / 2, MOST / 2);
    for (uint32_t number = 0; number < pictures; number++) {
        to.width = MOST - number * 12 % 160, to.height = MOST - number * 20 % 200;
        half.width = to.width / 2, half.height = to.height / 2;
        resize(&from, &to);
        halve(&to, &half);
        for (uint32_t y = 0; y < half.height; y += 8) sum = fold_bytes(sum, row_of(&half, y), 16 * CHANNELS);
    }
    printf("resize %u pictures: checksum %08x\n", pictures, sum);
    free(from.pixels);
    free(to.pixels);
    free(half.pixels);
    return 0;
}
