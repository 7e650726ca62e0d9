/* sieve: prime numbers by the sieve of Eratosthenes, twice.
 *
 * Exercises byte stores with a large stride (one byte per odd number, several
 * megabytes), then the same with one bit per odd number: shifts, masks and
 * read-modify-write of words. Both must count the same primes.
 *
 * Scale: the numbers up to which primes are counted. */
#include "program.h"

struct primes {
    uint32_t count;
    uint32_t sum; /* modulo 2^32 */
};

static void add_prime(struct primes *found, uint32_t prime) {
    found->count++;
    found->sum += prime;
}

static NOINLINE struct primes sieve_bytes(uint32_t limit) {
    uint32_t odds = (limit + 1) / 2;
    uint8_t *composite = allocate(odds + 1);
    struct primes found = {0, 0};
    if (limit >= 2) add_prime(&found, 2);
    for (uint32_t i = 1; i < odds; i++) {
        uint32_t prime = 2 * i + 1;
        if (composite[i]) continue;
        add_prime(&found, prime);
        if (prime > 46340 || prime * prime > limit) continue;
        for (uint32_t k = prime * prime / 2; k < odds; k += prime) composite[k] = 1;
    }
    free(composite);
    return found;
}

static NOINLINE struct primes sieve_bits(uint32_t limit) {
    uint32_t odds = (limit + 1) / 2;
    uint32_t *composite = allocate((odds / 32 + 1) * 4);
    struct primes found = {0, 0};
    if (limit >= 2) add_prime(&found, 2);
    for (uint32_t i = 1; i < odds; i++) {
        uint32_t prime = 2 * i + 1;
        if (composite[i >> 5] >> (i & 31) & 1) continue;
        add_prime(&found, prime);
        if (prime > 46340 || prime * prime > limit) continue;
        for (uint32_t k = prime * prime / 2; k < odds; k += prime) composite[k >> 5] |= 1u << (k & 31);
    }
    free(composite);
    return found;
}

int main(int argc, char **argv) {
    uint32_t limit = scale_argument(argc, argv, 8000000);
    struct primes bytes = sieve_bytes(limit), bits = sieve_bits(limit);
    check(bytes.count == bits.count && bytes.sum == bits.sum, "the two sieves agree");
    printf("sieve %u: %u primes, sum %u\n", limit, bytes.count, bytes.sum);
    return 0;
}
