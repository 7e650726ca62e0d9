/* sort: a generic quicksort that knows neither element size nor order.
 *
 * The order comes in as a function pointer and elements move byte by byte or
 * by memcpy, as in the C library's qsort. Exercises call_indirect in the
 * hottest place, small calls with pointer arguments, and memory.copy.
 *
 * Scale: number of records. */
#include "program.h"

struct record {
    uint32_t id;
    int32_t weight;
    char name[8];
};

typedef int (*order)(const void *, const void *);

static int by_id(const void *a, const void *b) {
    uint32_t x = ((const struct record *)a)->id, y = ((const struct record *)b)->id;
    return x < y ? -1 : x > y;
}

static int by_weight(const void *a, const void *b) {
    int32_t x = ((const struct record *)a)->weight, y = ((const struct record *)b)->weight;
    return x != y ? (x < y ? -1 : 1) : by_id(a, b);
}

static int by_name(const void *a, const void *b) {
    int sign = memcmp(((const struct record *)a)->name, ((const struct record *)b)->name, 8);
    return sign ? sign : by_id(a, b);
}

static void swap_elements(char *a, char *b, uint32_t size) {
    char scratch[64];
    memcpy(scratch, a, size);
    memcpy(a, b, size);
    memcpy(b, scratch, size);
}

static void insertion_sort(char *base, uint32_t count, uint32_t size, order compare) {
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t k = i; k > 0; k--) {
            char *here = base + k * size;
            if (compare(here - size, here) <= 0) break;
            swap_elements(here - size, here, size);
        }
    }
}

/* Puts the median of the first, middle and last element first. */
static void choose_pivot(char *base, uint32_t count, uint32_t size, order compare) {
    char *middle = base + count / 2 * size, *last = base + (count - 1) * size;
    if (compare(middle, last) > 0) swap_elements(middle, last, size);
    if (compare(base, last) > 0) swap_elements(base, last, size);
    if (compare(base, middle) < 0) swap_elements(base, middle, size);
}

/* Recurses into the smaller part only, so that the depth stays logarithmic. */
static NOINLINE void quicksort(char *base, uint32_t count, uint32_t size, order compare) {
    while (count > 12) {
        choose_pivot(base, count, size, compare);
        uint32_t low = 0, high = count;
        for (;;) {
            do low++;
            while (low < count && compare(base + low * size, base) < 0);
            do high--;
            while (compare(base + high * size, base) > 0);
            if (low >= high) break;
            swap_elements(base + low * size, base + high * size, size);
        }
        swap_elements(base, base + high * size, size);
        uint32_t right = count - high - 1;
        char *right_base = base + (high + 1) * size;
        if (high < right) {
            quicksort(base, high, size, compare);
            base = right_base;
            count = right;
        } else {
            quicksort(right_base, right, size, compare);
            count = high;
        }
    }
    insertion_sort(base, count, size, compare);
}

int main(int argc, char **argv) {
    static const order orders[] = {by_weight, by_name, by_id};
    uint32_t count = scale_argument(argc, argv, 60000);
    uint32_t seed = 0x9E3779B9u, sum = (uint32_t)CHECKSUM_START;
    struct record *records = allocate(count * (uint32_t)sizeof *records);
    for (uint32_t i = 0; i < count; i++) {
        records[i].id = i;
        records[i].weight = (int32_t)(next_random(&seed) % 20001) - 10000;
        for (uint32_t k = 0; k < 8; k++) records[i].name[k] = (char)('a' + next_random(&seed) % 6);
    }
    for (uint32_t pass = 0; pass < 3; pass++) {
        quicksort((char *)records, count, sizeof *records, orders[pass]);
        for (uint32_t i = 1; i < count; i++) {
            check(orders[pass](&records[i - 1], &records[i]) < 0, "records are in order");
        }
        for (uint32_t i = 0; i < count; i += 7) sum = fold_word(sum, records[i].id);
    }
    free(records);
    printf("sort %u records, three orders: checksum %08x\n", count, sum);
    return 0;
}
