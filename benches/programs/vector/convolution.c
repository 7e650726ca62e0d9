/* convolution: a picture is smoothed by a binomial filter of 5 by 5, and edges are
 * found in it by Sobel's two filters.
 *
 * Left to the compiler to vectorise. Exercises arithmetic on i16 lanes (add, sub,
 * mul, shifts, abs, min), i16x8.load8x8_u, i8x16.shuffle and v128.store64_lane for
 * bytes that become i16 lanes and come back, and loads at every address around a
 * pixel.
 *
 * Scale: number of rounds over a picture of 256 by 192; each adds the edges to the
 * picture. */
#include "../program.h"

/* Pictures have a black margin on every side, so that filters need no exceptions. */
enum { MARGIN = 2, WIDTH = 256, HEIGHT = 192, SMALL_WIDTH = 43, SMALL_HEIGHT = 12 };

struct picture {
    uint32_t width, height, stride;
    uint8_t *pixels, *smooth, *edges;
    uint16_t *sums;
};

static struct picture new_picture(uint32_t width, uint32_t height, uint32_t seed) {
    uint32_t stride = width + 2 * MARGIN, size = stride * (height + 2 * MARGIN);
    struct picture it = {width, height, stride, allocate(size), allocate(size), allocate(size), allocate(size * 2)};
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = it.pixels + (y + MARGIN) * stride + MARGIN;
        for (uint32_t x = 0; x < width; x++) row[x] = (uint8_t)((x * y >> 3) + (next_random(&seed) & 63));
    }
    return it;
}

static void free_picture(struct picture *it) {
    free(it->pixels);
    free(it->smooth);
    free(it->edges);
    free(it->sums);
}

/* A row by 1 4 6 4 1; `from` is its first pixel. */
static NOINLINE void smooth_row(const uint8_t *from, uint16_t *restrict to, uint32_t width) {
    for (uint32_t x = 0; x < width; x++) {
        const uint8_t *at = from + x;
        to[x] = (uint16_t)(at[-2] + at[2] + 4 * (at[-1] + at[1]) + 6 * at[0]);
    }
}

/* The same down the columns, rounded; the weights of both come to 256. */
static NOINLINE void smooth_columns(const uint16_t *from, uint8_t *restrict to, uint32_t width, uint32_t stride) {
    const uint16_t *above = from - stride, *top = above - stride, *below = from + stride, *bottom = below + stride;
    for (uint32_t x = 0; x < width; x++) {
        uint16_t sum = (uint16_t)(top[x] + bottom[x] + 4 * (above[x] + below[x]) + 6 * from[x] + 128);
        to[x] = (uint8_t)(sum >> 8);
    }
}

/* Sobel's filters, as those before, go first down the columns: 1 2 1, and below less above. */
static NOINLINE void sum_columns(const uint8_t *from, int16_t *restrict to, uint32_t width, uint32_t stride) {
    const uint8_t *above = from - stride, *below = from + stride;
    for (uint32_t x = 0; x < width; x++) to[x] = (int16_t)(above[x] + 2 * from[x] + below[x]);
}

static NOINLINE void differences(const uint8_t *from, int16_t *restrict to, uint32_t width, uint32_t stride) {
    const uint8_t *above = from - stride, *below = from + stride;
    for (uint32_t x = 0; x < width; x++) to[x] = (int16_t)(below[x] - above[x]);
}

static int16_t absolute(int16_t x) { return (int16_t)(x < 0 ? -x : x); }

/* Then along the row: how fast pixels change, across and down, at most 255. */
static NOINLINE void find_edges(const int16_t *sums, const int16_t *down, uint8_t *restrict to, uint32_t width) {
    for (uint32_t x = 0; x < width; x++) {
        int16_t across = (int16_t)(sums[x + 2] - sums[x]), along = (int16_t)(down[x] + 2 * down[x + 1] + down[x + 2]);
        int16_t sum = (int16_t)(absolute(across) + absolute(along));
        to[x] = (uint8_t)(sum > 255 ? 255 : sum);
    }
}

/* Adds, modulo 256. */
static NOINLINE void add_row(const uint8_t *from, uint8_t *restrict to, uint32_t width) {
    for (uint32_t x = 0; x < width; x++) to[x] = (uint8_t)(to[x] + from[x]);
}

static void filter(struct picture *it) {
    uint32_t stride = it->stride, first = MARGIN * stride + MARGIN;
    for (uint32_t y = 0; y < it->height; y++) {
        smooth_row(it->pixels + first + y * stride, it->sums + first + y * stride, it->width);
    }
    for (uint32_t y = 0; y < it->height; y++) {
        smooth_columns(it->sums + first + y * stride, it->smooth + first + y * stride, it->width, stride);
    }
    for (uint32_t y = 0; y < it->height; y++) {
        int16_t sums[WIDTH + 2], down[WIDTH + 2];
        const uint8_t *left = it->smooth + first + y * stride - 1;
        sum_columns(left, sums, it->width + 2, stride);
        differences(left, down, it->width + 2, stride);
        find_edges(sums, down, it->edges + first + y * stride, it->width);
    }
}

/* The sum of the pixels around `at`, each times its weight. */
static NOINLINE int32_t weighted(const uint8_t *at, uint32_t stride, const int8_t *weights, int32_t radius) {
    int32_t sum = 0;
    for (int32_t y = -radius; y <= radius; y++) {
        for (int32_t x = -radius; x <= radius; x++) sum += *weights++ * at[y * (int32_t)stride + x];
    }
    return sum;
}

static void check_against_definition(void) {
    static const int8_t binomial[25] = {1,  4, 6, 4,  1,  4,  16, 24, 16, 4, 6, 24, 36,
                                        24, 6, 4, 16, 24, 16, 4,  1,  4,  6, 4, 1};
    static const int8_t across[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1}, along[9] = {-1, -2, -1, 0, 0, 0, 1, 2, 1};
    struct picture it = new_picture(SMALL_WIDTH, SMALL_HEIGHT, 3);
    filter(&it);
    for (uint32_t y = 0; y < it.height; y++) {
        for (uint32_t x = 0; x < it.width; x++) {
            uint32_t at = (y + MARGIN) * it.stride + MARGIN + x;
            int32_t smooth = (weighted(it.pixels + at, it.stride, binomial, 2) + 128) >> 8;
            int32_t edge = abs(weighted(it.smooth + at, it.stride, across, 1)) +
                           abs(weighted(it.smooth + at, it.stride, along, 1));
            check(it.smooth[at] == smooth, "smoothing is that of the definition");
            check(it.edges[at] == (edge > 255 ? 255 : edge), "edges are those of the definition");
        }
    }
    free_picture(&it);
}

int main(int argc, char **argv) {
    uint32_t rounds = scale_argument(argc, argv, 160);
    check_against_definition();
    struct picture it = new_picture(WIDTH, HEIGHT, 11);
    uint32_t first = MARGIN * it.stride + MARGIN;
    for (uint32_t round = 0; round < rounds; round++) {
        filter(&it);
        for (uint32_t y = 0; y < HEIGHT; y++) {
            add_row(it.edges + first + y * it.stride, it.pixels + first + y * it.stride, WIDTH);
        }
    }
    uint32_t sum = (uint32_t)CHECKSUM_START;
    for (uint32_t y = 0; y < HEIGHT; y++) sum = fold_bytes(sum, it.pixels + first + y * it.stride, WIDTH);
    printf("convolution %u rounds: checksum %08x\n", rounds, sum);
    free_picture(&it);
    return 0;
}
