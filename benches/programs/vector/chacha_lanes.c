/* chacha_lanes: the stream cipher of RFC 8439, four blocks at a time, one in each
 * lane.
 *
 * Intrinsics. Exercises i32x4.add, v128.xor, shifts and i8x16.shuffle on sixteen
 * live vectors, more than fit an interpreter's registers; four by four words are
 * transposed by i32x4 shuffles.
 *
 * Scale: data length in KiB. */
#include "../program.h"
#include "vector.h"

enum { BLOCK = 64, GROUP = 4 * BLOCK, SMALL = 8 * BLOCK };

struct cipher {
    uint32_t input[16];
};

static uint32_t load_word(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void start(struct cipher *cipher, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
    static const char constant[] = "expand 32-byte k";
    for (int i = 0; i < 4; i++) cipher->input[i] = load_word((const uint8_t *)constant + 4 * i);
    for (int i = 0; i < 8; i++) cipher->input[4 + i] = load_word(key + 4 * i);
    cipher->input[12] = counter;
    for (int i = 0; i < 3; i++) cipher->input[13 + i] = load_word(nonce + 4 * i);
}

/* By a multiple of eight: bytes move as a whole. */
#define ROTATE_16(x) wasm_i8x16_shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define ROTATE_8(x) wasm_i8x16_shuffle(x, x, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)
#define ROTATE(x, by) wasm_v128_or(wasm_i32x4_shl(x, by), wasm_u32x4_shr(x, 32 - (by)))

#define QUARTER_ROUND(a, b, c, d)                                              \
    a = wasm_i32x4_add(a, b), d = wasm_v128_xor(d, a), d = ROTATE_16(d),       \
    c = wasm_i32x4_add(c, d), b = wasm_v128_xor(b, c), b = ROTATE(b, 12),      \
    a = wasm_i32x4_add(a, b), d = wasm_v128_xor(d, a), d = ROTATE_8(d),        \
    c = wasm_i32x4_add(c, d), b = wasm_v128_xor(b, c), b = ROTATE(b, 7)

/* Four words of each of four blocks, to where they are in the data: a lane is a block. */
static inline void apply_words(v128_t a, v128_t b, v128_t c, v128_t d, uint8_t *data) {
    v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
    v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    v128_t words[4] = {wasm_i64x2_shuffle(ab_low, cd_low, 0, 2), wasm_i64x2_shuffle(ab_low, cd_low, 1, 3),
                       wasm_i64x2_shuffle(ab_high, cd_high, 0, 2), wasm_i64x2_shuffle(ab_high, cd_high, 1, 3)};
    for (int i = 0; i < 4; i++) {
        wasm_v128_store(data + BLOCK * i, wasm_v128_xor(wasm_v128_load(data + BLOCK * i), words[i]));
    }
}

/* Encrypts or decrypts four blocks. */
static NOINLINE void four_blocks(const uint32_t *in, uint8_t *data) {
    v128_t counter = wasm_i32x4_add(wasm_u32x4_splat(in[12]), wasm_u32x4_make(0, 1, 2, 3));
    v128_t a0 = wasm_u32x4_splat(in[0]), a1 = wasm_u32x4_splat(in[1]), a2 = wasm_u32x4_splat(in[2]);
    v128_t a3 = wasm_u32x4_splat(in[3]), b0 = wasm_u32x4_splat(in[4]), b1 = wasm_u32x4_splat(in[5]);
    v128_t b2 = wasm_u32x4_splat(in[6]), b3 = wasm_u32x4_splat(in[7]), c0 = wasm_u32x4_splat(in[8]);
    v128_t c1 = wasm_u32x4_splat(in[9]), c2 = wasm_u32x4_splat(in[10]), c3 = wasm_u32x4_splat(in[11]);
    v128_t d0 = counter, d1 = wasm_u32x4_splat(in[13]), d2 = wasm_u32x4_splat(in[14]), d3 = wasm_u32x4_splat(in[15]);
    for (int i = 0; i < 10; i++) {
        QUARTER_ROUND(a0, b0, c0, d0);
        QUARTER_ROUND(a1, b1, c1, d1);
        QUARTER_ROUND(a2, b2, c2, d2);
        QUARTER_ROUND(a3, b3, c3, d3);
        QUARTER_ROUND(a0, b1, c2, d3);
        QUARTER_ROUND(a1, b2, c3, d0);
        QUARTER_ROUND(a2, b3, c0, d1);
        QUARTER_ROUND(a3, b0, c1, d2);
    }
#define WITH_INPUT(x, i) wasm_i32x4_add(x, wasm_u32x4_splat(in[i]))
    apply_words(WITH_INPUT(a0, 0), WITH_INPUT(a1, 1), WITH_INPUT(a2, 2), WITH_INPUT(a3, 3), data);
    apply_words(WITH_INPUT(b0, 4), WITH_INPUT(b1, 5), WITH_INPUT(b2, 6), WITH_INPUT(b3, 7), data + 16);
    apply_words(WITH_INPUT(c0, 8), WITH_INPUT(c1, 9), WITH_INPUT(c2, 10), WITH_INPUT(c3, 11), data + 32);
    apply_words(wasm_i32x4_add(d0, counter), WITH_INPUT(d1, 13), WITH_INPUT(d2, 14), WITH_INPUT(d3, 15), data + 48);
#undef WITH_INPUT
}

/* Encrypts or decrypts whole groups of four blocks. */
static void apply(struct cipher *cipher, uint8_t *data, uint32_t length) {
    for (uint32_t at = 0; at < length; at += GROUP, cipher->input[12] += 4) four_blocks(cipher->input, data + at);
}

static void scalar_quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
    *a += *b, *d ^= *a, *d = *d << 16 | *d >> 16;
    *c += *d, *b ^= *c, *b = *b << 12 | *b >> 20;
    *a += *b, *d ^= *a, *d = *d << 8 | *d >> 24;
    *c += *d, *b ^= *c, *b = *b << 7 | *b >> 25;
}

/* The same for one block, word by word. */
static NOINLINE void scalar_block(struct cipher *cipher, uint8_t *data) {
    uint32_t x[16];
    memcpy(x, cipher->input, sizeof x);
    for (int i = 0; i < 20; i++) {
        /* Columns, then diagonals. */
        for (int j = 0, skew = i % 2; j < 4; j++) {
            scalar_quarter(x + j, x + 4 + (j + skew) % 4, x + 8 + (j + 2 * skew) % 4, x + 12 + (j + 3 * skew) % 4);
        }
    }
    for (int i = 0; i < BLOCK; i++) data[i] ^= (uint8_t)((x[i / 4] + cipher->input[i / 4]) >> 8 * (i % 4));
    cipher->input[12]++;
}

static void check_against_scalar(const uint8_t *key) {
    /* The block function's test vector, RFC 8439 section 2.3.2. */
    static const uint8_t nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a};
    static const uint8_t expected[16] = {0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15,
                                         0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4};
    struct cipher cipher;
    uint8_t lanes[SMALL] = {0}, words[SMALL] = {0};
    start(&cipher, key, nonce, 1);
    apply(&cipher, lanes, SMALL);
    check(!memcmp(lanes, expected, sizeof expected), "RFC 8439 key stream");
    start(&cipher, key, nonce, 1);
    for (uint32_t at = 0; at < SMALL; at += BLOCK) scalar_block(&cipher, words + at);
    check(!memcmp(lanes, words, SMALL), "lanes are blocks");
}

int main(int argc, char **argv) {
    static const uint8_t nonce[12] = {7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
    uint32_t kibibytes = scale_argument(argc, argv, 12288), length = 64 * 1024;
    uint8_t key[32], *data = allocate(length);
    struct cipher cipher;
    for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
    check_against_scalar(key);
    for (uint32_t i = 0; i < length; i++) data[i] = (uint8_t)(i * 7);
    start(&cipher, key, nonce, 0);
    /* The same 64 KiB again and again, each time upon the last one's text. */
    for (uint32_t left = kibibytes * 1024; left;) {
        uint32_t now = left < length ? left : length;
        apply(&cipher, data, now);
        left -= now;
    }
    printf("chacha_lanes %u KiB: checksum %08x\n", kibibytes, fold_bytes((uint32_t)CHECKSUM_START, data, length));
    free(data);
    return 0;
}
