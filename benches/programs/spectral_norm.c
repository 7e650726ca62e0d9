/* spectral_norm: the largest singular value of an infinite matrix's corner,
 * by the power method.
 *
 * The matrix, A(i, j) = 1 / ((i + j)(i + j + 1) / 2 + i + 1), is never stored:
 * each element costs integer arithmetic, a conversion to f64 and a division.
 * Exercises i32 -> f64 conversions, f64.div and a reduction in a tight nest.
 *
 * Scale: number of rows and columns. */
#include <math.h>

#include "program.h"

enum { POWER_STEPS = 10 };

static double element(uint32_t row, uint32_t column) {
    uint32_t diagonal = row + column;
    return 1.0 / (double)(diagonal * (diagonal + 1) / 2 + row + 1);
}

static NOINLINE void multiply(uint32_t n, const double *in, double *out) {
    for (uint32_t row = 0; row < n; row++) {
        double sum = 0;
        for (uint32_t column = 0; column < n; column++) sum += element(row, column) * in[column];
        out[row] = sum;
    }
}

static NOINLINE void multiply_transposed(uint32_t n, const double *in, double *out) {
    for (uint32_t row = 0; row < n; row++) {
        double sum = 0;
        for (uint32_t column = 0; column < n; column++) sum += element(column, row) * in[column];
        out[row] = sum;
    }
}

int main(int argc, char **argv) {
    uint32_t n = scale_argument(argc, argv, 700);
    double *u = allocate(n * 8), *v = allocate(n * 8), *scratch = allocate(n * 8);
    for (uint32_t i = 0; i < n; i++) u[i] = 1.0;
    for (int i = 0; i < POWER_STEPS; i++) {
        multiply(n, u, scratch);
        multiply_transposed(n, scratch, v);
        multiply(n, v, scratch);
        multiply_transposed(n, scratch, u);
    }
    double uv = 0, vv = 0;
    for (uint32_t i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    double norm = sqrt(uv / vv);
    check(norm > 1.0 && norm < 1.2743, "the norm is below its limit 1.274224...");
    printf("spectral_norm %u: %.12f\n", n, norm);
    return 0;
}
