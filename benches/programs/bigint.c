/* bigint: arithmetic on integers of thousands of digits.
 *
 * Two computations with different inner loops: digits of pi by Machin's
 * formula in base 10^9 (long division by a small number: i64.div_u and
 * remainder), and a Fibonacci number by fast doubling in base 2^32
 * (schoolbook multiplication: i64.mul with carries), printed in decimal.
 *
 * Scale: number of decimals of pi; the Fibonacci index is 20 times that. */
#include "program.h"

/* --- fixed-point numbers in base 10^9, most significant limb first --- */

enum { BASE = 1000000000 };

static NOINLINE void divide_fixed(uint32_t *number, uint32_t limbs, uint32_t divisor) {
    uint64_t rest = 0;
    for (uint32_t i = 0; i < limbs; i++) {
        uint64_t part = rest * BASE + number[i];
        number[i] = (uint32_t)(part / divisor);
        rest = part % divisor;
    }
}

static NOINLINE void add_quotient(uint32_t *sum, const uint32_t *term, uint32_t limbs, uint32_t divisor, int negative,
                                  uint32_t *scratch) {
    uint32_t carry = 0;
    memcpy(scratch, term, limbs * 4);
    divide_fixed(scratch, limbs, divisor);
    for (uint32_t i = limbs; i-- > 0;) {
        if (negative) {
            uint32_t take = scratch[i] + carry;
            carry = sum[i] < take;
            sum[i] += (carry ? BASE : 0) - take;
        } else {
            uint32_t total = sum[i] + scratch[i] + carry;
            carry = total >= BASE;
            sum[i] = total - (carry ? BASE : 0);
        }
    }
}

static int is_zero(const uint32_t *number, uint32_t limbs) {
    for (uint32_t i = 0; i < limbs; i++)
        if (number[i]) return 0;
    return 1;
}

/* sum += factor * arctan(1 / x), or -= if `negative`. */
static void add_arctan(uint32_t *sum, uint32_t limbs, uint32_t factor, uint32_t x, int negative) {
    uint32_t *power = allocate(limbs * 4), *scratch = allocate(limbs * 4);
    power[0] = factor;
    divide_fixed(power, limbs, x);
    for (uint32_t odd = 1; !is_zero(power, limbs); odd += 2) {
        add_quotient(sum, power, limbs, odd, negative, scratch);
        divide_fixed(power, limbs, x * x);
        negative = !negative;
    }
    free(power);
    free(scratch);
}

static void print_pi(uint32_t decimals) {
    uint32_t limbs = decimals / 9 + 4; /* two limbs absorb the rounding */
    uint32_t *pi = allocate(limbs * 4), sum = (uint32_t)CHECKSUM_START;
    add_arctan(pi, limbs, 16, 5, 0);
    add_arctan(pi, limbs, 4, 239, 1);
    for (uint32_t i = 0; i < limbs - 2; i++) sum = fold_word(sum, pi[i]);
    printf("pi %u decimals: %u.%09u%09u ... %09u, checksum %08x\n", decimals, pi[0], pi[1], pi[2], pi[decimals / 9],
           sum);
    free(pi);
}

/* --- natural numbers in base 2^32, least significant limb first --- */

struct natural {
    uint32_t count;
    uint32_t limbs[];
};

static struct natural *natural_new(uint32_t limbs) { return allocate(4 + limbs * 4); }

static void trim(struct natural *n) {
    while (n->count && !n->limbs[n->count - 1]) n->count--;
}

static NOINLINE void multiply(struct natural *out, const struct natural *a, const struct natural *b) {
    out->count = a->count + b->count;
    memset(out->limbs, 0, out->count * 4);
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (uint32_t k = 0; k < b->count; k++) {
            carry += (uint64_t)a->limbs[i] * b->limbs[k] + out->limbs[i + k];
            out->limbs[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        out->limbs[i + b->count] = (uint32_t)carry;
    }
    trim(out);
}

/* out = a + b, or a - b (never below zero) if `negative`. `out` may be `a`. */
static void add(struct natural *out, const struct natural *a, const struct natural *b, int negative) {
    uint32_t count = (a->count > b->count ? a->count : b->count) + 1;
    int64_t carry = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t left = i < a->count ? a->limbs[i] : 0, right = i < b->count ? b->limbs[i] : 0;
        carry += negative ? left - right : left + right;
        out->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    out->count = count;
    trim(out);
}

/* F(2k) = F(k) (2 F(k+1) - F(k)), F(2k+1) = F(k)^2 + F(k+1)^2. */
static struct natural *fibonacci(uint32_t index) {
    uint32_t room = index / 32 + 8;
    struct natural *a = natural_new(room), *b = natural_new(room);
    struct natural *c = natural_new(room), *d = natural_new(room), *e = natural_new(room);
    b->count = b->limbs[0] = 1;
    for (uint32_t bit = 1u << 31; bit; bit >>= 1) {
        add(e, b, b, 0);
        add(e, e, a, 1);
        multiply(c, a, e);
        multiply(d, a, a);
        multiply(e, b, b);
        add(d, d, e, 0);
        struct natural *even = c, *odd = d;
        c = a, d = b, a = even, b = odd;
        if (index & bit) {
            add(a, a, b, 0);
            struct natural *swap = a;
            a = b, b = swap;
        }
    }
    free(b), free(c), free(d), free(e);
    return a;
}

/* Prints length, ends and digit sum; `n` is used up. */
static void print_natural(struct natural *n) {
    uint32_t digits = 0, digit_sum = 0, lowest = 0, highest = 0;
    for (uint32_t group = 0; n->count; group++) {
        uint64_t rest = 0;
        for (uint32_t i = n->count; i-- > 0;) {
            rest = rest << 32 | n->limbs[i];
            n->limbs[i] = (uint32_t)(rest / BASE);
            rest %= BASE;
        }
        trim(n);
        highest = (uint32_t)rest;
        if (group == 0) lowest = highest;
        uint32_t value = highest;
        for (uint32_t k = 0; k < 9 && (n->count || value); k++, value /= 10) {
            digit_sum += value % 10;
            digits++;
        }
    }
    printf("%u digits, %u ... %09u, digit sum %u\n", digits, highest, lowest, digit_sum);
}

int main(int argc, char **argv) {
    uint32_t decimals = scale_argument(argc, argv, 3600);
    print_pi(decimals);
    struct natural *n = fibonacci(decimals * 20);
    printf("fibonacci %u: ", decimals * 20);
    print_natural(n);
    free(n);
    return 0;
}
