/* sha256: the hash function of FIPS 180-4 over a generated message.
 *
 * Exercises i32 rotations, xor and addition in long straight-line dependency
 * chains, big-endian loads, and a 64-word table.
 *
 * Scale: message length in KiB. */
#include "program.h"

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken in so far */
    uint8_t block[64];
};

static uint32_t rotate_right(uint32_t x, uint32_t by) { return x >> by | x << (32 - by); }

static NOINLINE void compress(uint32_t *state, const uint8_t *block) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++) {
        const uint8_t *at = block + 4 * i;
        w[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t near = w[i - 2], far = w[i - 15];
        uint32_t s0 = rotate_right(far, 7) ^ rotate_right(far, 18) ^ far >> 3;
        uint32_t s1 = rotate_right(near, 17) ^ rotate_right(near, 19) ^ near >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
        uint32_t choice = (e & f) ^ (~e & g);
        uint32_t t1 = h + s1 + choice + round_constants[i] + w[i];
        uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
        uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void sha256_start(struct sha256 *hash) {
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, initial, sizeof initial);
    hash->length = 0;
}

static void sha256_add(struct sha256 *hash, const uint8_t *data, uint32_t length) {
    while (length) {
        uint32_t used = (uint32_t)(hash->length & 63), part = 64 - used;
        if (part > length) part = length;
        memcpy(hash->block + used, data, part);
        hash->length += part;
        data += part;
        length -= part;
        if (used + part == 64) compress(hash->state, hash->block);
    }
}

static void sha256_end(struct sha256 *hash, char *hex) {
    static const uint8_t padding[64] = {0x80};
    uint64_t bits = hash->length * 8;
    uint8_t tail[8];
    for (int i = 0; i < 8; i++) tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(hash, padding, 1 + ((55 - (uint32_t)hash->length) & 63));
    sha256_add(hash, tail, 8);
    for (int i = 0; i < 64; i++) hex[i] = "0123456789abcdef"[hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    hex[64] = 0;
}

int main(int argc, char **argv) {
    uint32_t kibibytes = scale_argument(argc, argv, 6144), seed = 1;
    struct sha256 hash;
    char hex[65];
    uint8_t chunk[1024];
    sha256_start(&hash);
    sha256_add(&hash, (const uint8_t *)"abc", 3);
    sha256_end(&hash, hex);
    check(!strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "SHA-256 of abc");
    for (uint32_t i = 0; i < sizeof chunk; i++) chunk[i] = (uint8_t)next_random(&seed);
    sha256_start(&hash);
    for (uint32_t i = 0; i < kibibytes; i++) {
        chunk[i % sizeof chunk] ^= (uint8_t)i;
        sha256_add(&hash, chunk, sizeof chunk);
    }
    sha256_end(&hash, hex);
    printf("sha256 %u KiB: %s\n", kibibytes, hex);
    return 0;
}
