/* waves: the wave equation on a square, in steps of time.
 *
 * Left to the compiler to vectorise, along the rows. Exercises f64x2.add, f64x2.sub
 * and f64x2.mul, and loads of v128 at addresses that are not aligned.
 *
 * Scale: number of steps, on a grid of 160 by 160 points. */
#include "../program.h"

enum { SIZE = 160, SMALL = 23 };

/* The grid of a step, with a margin of one point that stays at rest. */
static double *new_grid(uint32_t size) { return allocate((size + 2) * (size + 2) * (uint32_t)sizeof(double)); }

/* A row of the next step from this one and the one before. */
static NOINLINE void step_row(const double *before, const double *now, double *restrict next, uint32_t size) {
    const double *above = now - (size + 2), *below = now + (size + 2), *left = now - 1, *right = now + 1;
    for (uint32_t x = 0; x < size; x++) {
        double around = above[x] + below[x] + (left[x] + right[x]);
        next[x] = 2.0 * now[x] - before[x] + 0.25 * (around - 4.0 * now[x]);
    }
}

/* One point of the next step, by definition. */
static NOINLINE double point(const double *before, const double *now, uint32_t at, uint32_t stride) {
    double around = now[at - stride] + now[at + stride] + (now[at - 1] + now[at + 1]);
    return 2.0 * now[at] - before[at] + 0.25 * (around - 4.0 * now[at]);
}

struct water {
    uint32_t size;
    double *before, *now, *next;
};

/* Still water, but for a drop. */
static struct water drop(uint32_t size) {
    struct water water = {size, new_grid(size), new_grid(size), new_grid(size)};
    for (uint32_t y = 0; y < size; y++) {
        for (uint32_t x = 0; x < size; x++) {
            double dx = (double)x / size - 0.375, dy = (double)y / size - 0.5, far = 64.0 * (dx * dx + dy * dy);
            uint32_t at = (y + 1) * (size + 2) + x + 1;
            if (far < 1.0) water.before[at] = water.now[at] = (1.0 - far) * (1.0 - far);
        }
    }
    return water;
}

static void advance(struct water *water) {
    double *next = water->next;
    for (uint32_t y = 1; y <= water->size; y++) {
        uint32_t at = y * (water->size + 2) + 1;
        step_row(water->before + at, water->now + at, water->next + at, water->size);
    }
    water->next = water->before, water->before = water->now, water->now = next;
}

static void discard(struct water *water) {
    free(water->before);
    free(water->now);
    free(water->next);
}

static void check_against_definition(void) {
    struct water water = drop(SMALL);
    for (uint32_t step = 0; step < 20; step++) {
        advance(&water);
        /* The grid of two steps before is now in `next`, that of one step before in `before`. */
        for (uint32_t y = 1; y <= SMALL; y++) {
            for (uint32_t x = 1; x <= SMALL; x++) {
                uint32_t at = y * (SMALL + 2) + x;
                double expected = point(water.next, water.before, at, SMALL + 2);
                check(!memcmp(water.now + at, &expected, sizeof expected), "points are those of the definition");
            }
        }
    }
    discard(&water);
}

int main(int argc, char **argv) {
    uint32_t steps = scale_argument(argc, argv, 500), sum = (uint32_t)CHECKSUM_START;
    check_against_definition();
    struct water water = drop(SIZE);
    for (uint32_t step = 0; step < steps; step++) advance(&water);
    sum = fold_bytes(sum, water.now, (SIZE + 2) * (SIZE + 2) * (uint32_t)sizeof(double));
    printf("waves %u steps: %.12f in the middle, checksum %08x\n", steps, water.now[(SIZE / 2) * (SIZE + 3)], sum);
    discard(&water);
    return 0;
}
