/* mandelbrot: escape times over a square of the complex plane.
 *
 * Exercises f64 multiply-add chains that stay in locals: no memory traffic in
 * the inner loop, a floating-point compare deciding each iteration, and a
 * second pass in f32 at a quarter of the resolution.
 *
 * Scale: width and height of the picture in points. */
#include "program.h"

enum { MOST_STEPS = 200 };

static NOINLINE uint32_t escape_f64(double cx, double cy) {
    double x = 0, y = 0, xx = 0, yy = 0;
    uint32_t steps = 0;
    while (steps < MOST_STEPS && xx + yy <= 4.0) {
        y = 2.0 * x * y + cy;
        x = xx - yy + cx;
        xx = x * x;
        yy = y * y;
        steps++;
    }
    return steps;
}

static NOINLINE uint32_t escape_f32(float cx, float cy) {
    float x = 0, y = 0, xx = 0, yy = 0;
    uint32_t steps = 0;
    while (steps < MOST_STEPS && xx + yy <= 4.0f) {
        y = 2.0f * x * y + cy;
        x = xx - yy + cx;
        xx = x * x;
        yy = y * y;
        steps++;
    }
    return steps;
}

int main(int argc, char **argv) {
    uint32_t size = scale_argument(argc, argv, 420);
    uint32_t inside = 0, sum = (uint32_t)CHECKSUM_START;
    for (uint32_t row = 0; row < size; row++) {
        double y = 3.0 * row / size - 1.5;
        for (uint32_t column = 0; column < size; column++) {
            uint32_t steps = escape_f64(3.0 * column / size - 2.25, y);
            inside += steps == MOST_STEPS;
            sum = fold_word(sum, steps);
        }
    }
    uint32_t coarse = size / 2, coarse_inside = 0;
    for (uint32_t row = 0; row < coarse; row++) {
        float y = 3.0f * (float)row / (float)coarse - 1.5f;
        for (uint32_t column = 0; column < coarse; column++) {
            uint32_t steps = escape_f32(3.0f * (float)column / (float)coarse - 2.25f, y);
            coarse_inside += steps == MOST_STEPS;
            sum = fold_word(sum, steps);
        }
    }
    printf("mandelbrot %u: %u points inside, %u in f32, checksum %08x\n", size, inside, coarse_inside, sum);
    return 0;
}
