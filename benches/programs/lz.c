/* lz: dictionary compression with hash chains, and decompression.
 *
 * Format: a token byte (literal count << 4 | match length - 4), counts of 15
 * continued by bytes of 255 and a rest, the literals, a 16-bit distance.
 * Exercises unaligned 32-bit loads, hashing, match loops with data-dependent
 * ends, memory.copy of literals and overlapping byte copies.
 *
 * Scale: size of the text in KiB. */
#include "program.h"

enum { SHORTEST_MATCH = 4, WINDOW = 65535, HASH_BITS = 13, MOST_TRIES = 12 };

static uint32_t heads[1 << HASH_BITS]; /* the last position with a hash, plus one */
static uint16_t *previous;             /* distance to the one before it, by position */

/* Words drawn with a skewed distribution, so that some are frequent. */
static void generate(uint8_t *out, uint32_t length) {
    uint32_t seed = 0xABCDEF01u, at = 0;
    static char words[256][10];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t size = 2 + next_random(&seed) % 8;
        for (uint32_t k = 0; k < size; k++) words[i][k] = (char)('a' + next_random(&seed) % 26);
        words[i][size] = 0;
    }
    while (at < length) {
        uint32_t random = next_random(&seed);
        const char *word = words[(random & 255) * (random >> 8 & 255) >> 8];
        while (*word && at < length) out[at++] = (uint8_t)*word++;
        if (at < length) out[at++] = random >> 16 & 15 ? ' ' : '\n';
    }
}

static uint32_t load_word(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

static uint32_t hash(const uint8_t *at) { return load_word(at) * 2654435761u >> (32 - HASH_BITS); }

static void remember(const uint8_t *in, uint32_t position) {
    uint32_t slot = hash(in + position), last = heads[slot];
    uint32_t distance = last ? position + 1 - last : 0;
    previous[position] = (uint16_t)(distance > WINDOW ? 0 : distance);
    heads[slot] = position + 1;
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end) {
    const uint8_t *start = b;
    while (b + 4 <= end && load_word(a) == load_word(b)) a += 4, b += 4;
    while (b < end && *a == *b) a++, b++;
    return (uint32_t)(b - start);
}

static uint8_t *put_count(uint8_t *out, uint32_t rest) {
    for (; rest >= 255; rest -= 255) *out++ = 255;
    *out++ = (uint8_t)rest;
    return out;
}

/* A match of length 0 ends the stream. */
static uint8_t *put_sequence(uint8_t *out, const uint8_t *literals, uint32_t count, uint32_t match, uint32_t distance) {
    uint32_t extra = match ? match - SHORTEST_MATCH : 0;
    *out++ = (uint8_t)((count < 15 ? count : 15) << 4 | (extra < 15 ? extra : 15));
    if (count >= 15) out = put_count(out, count - 15);
    memcpy(out, literals, count);
    out += count;
    *out++ = (uint8_t)distance;
    *out++ = (uint8_t)(distance >> 8);
    if (extra >= 15) out = put_count(out, extra - 15);
    return out;
}

static NOINLINE uint32_t compress(const uint8_t *in, uint32_t length, uint8_t *out) {
    uint8_t *to = out;
    uint32_t at = 0, literals = 0;
    memset(heads, 0, sizeof heads);
    while (at + 8 < length) {
        uint32_t best = 0, best_distance = 0;
        uint32_t candidate = heads[hash(in + at)];
        for (uint32_t tries = 0; candidate && tries < MOST_TRIES; tries++) {
            uint32_t distance = at + 1 - candidate;
            if (distance > WINDOW) break;
            if (in[candidate - 1 + best] == in[at + best]) {
                uint32_t size = match_length(in + candidate - 1, in + at, in + length);
                if (size > best) best = size, best_distance = distance;
                if (at + best >= length) break;
            }
            uint32_t back = previous[candidate - 1];
            candidate = back ? candidate - back : 0;
        }
        remember(in, at);
        if (best < SHORTEST_MATCH) {
            at++;
            continue;
        }
        to = put_sequence(to, in + literals, at - literals, best, best_distance);
        for (uint32_t k = 1; k < best && at + k + 8 < length; k++) remember(in, at + k);
        literals = at += best;
    }
    return (uint32_t)(put_sequence(to, in + literals, length - literals, 0, 0) - out);
}

static uint32_t get_count(const uint8_t **in) {
    uint32_t count = 0;
    while (**in == 255) count += 255, (*in)++;
    return count + *(*in)++;
}

static NOINLINE uint32_t decompress(const uint8_t *in, uint8_t *out) {
    uint8_t *to = out;
    for (;;) {
        uint32_t token = *in++, literals = token >> 4, match = token & 15;
        if (literals == 15) literals += get_count(&in);
        memcpy(to, in, literals);
        to += literals;
        in += literals;
        uint32_t distance = in[0] | (uint32_t)in[1] << 8;
        in += 2;
        if (!distance) return (uint32_t)(to - out);
        if (match == 15) match += get_count(&in);
        for (match += SHORTEST_MATCH; match; match--, to++) *to = *(to - distance);
    }
}

int main(int argc, char **argv) {
    uint32_t kibibytes = scale_argument(argc, argv, 1024), length = kibibytes * 1024;
    uint8_t *text = allocate(length), *packed = allocate(length + length / 64 + 64), *copy = allocate(length);
    previous = allocate(length * 2);
    generate(text, length);
    uint32_t size = compress(text, length, packed);
    check(decompress(packed, copy) == length, "decompressed length");
    check(!memcmp(text, copy, length), "decompression restores the text");
    printf("lz %u KiB: %u bytes packed, checksum %08x\n", kibibytes, size,
           fold_bytes((uint32_t)CHECKSUM_START, packed, size));
    return 0;
}
