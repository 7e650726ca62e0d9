/* chacha20: the stream cipher of RFC 8439 over a buffer, in place.
 *
 * Exercises i32 add-xor-rotate on sixteen live values, more than fit any
 * machine's registers, so that an engine's handling of many locals shows.
 *
 * Scale: data length in KiB. */
#include "program.h"

struct chacha20 {
    uint32_t input[16];
};

static uint32_t load_le(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t rotate_left(uint32_t x, uint32_t by) { return x << by | x >> (32 - by); }

#define QUARTER_ROUND(a, b, c, d)   \
    a += b, d = rotate_left(d ^ a, 16); \
    c += d, b = rotate_left(b ^ c, 12); \
    a += b, d = rotate_left(d ^ a, 8);  \
    c += d, b = rotate_left(b ^ c, 7)

static NOINLINE void block(const uint32_t *in, uint32_t *out) {
    uint32_t a0 = in[0], a1 = in[1], a2 = in[2], a3 = in[3];
    uint32_t b0 = in[4], b1 = in[5], b2 = in[6], b3 = in[7];
    uint32_t c0 = in[8], c1 = in[9], c2 = in[10], c3 = in[11];
    uint32_t d0 = in[12], d1 = in[13], d2 = in[14], d3 = in[15];
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
    out[0] = a0 + in[0], out[1] = a1 + in[1], out[2] = a2 + in[2], out[3] = a3 + in[3];
    out[4] = b0 + in[4], out[5] = b1 + in[5], out[6] = b2 + in[6], out[7] = b3 + in[7];
    out[8] = c0 + in[8], out[9] = c1 + in[9], out[10] = c2 + in[10], out[11] = c3 + in[11];
    out[12] = d0 + in[12], out[13] = d1 + in[13], out[14] = d2 + in[14], out[15] = d3 + in[15];
}

static void chacha20_start(struct chacha20 *cipher, const uint8_t *key, const uint8_t *nonce, uint32_t counter) {
    static const char constant[] = "expand 32-byte k";
    for (int i = 0; i < 4; i++) cipher->input[i] = load_le((const uint8_t *)constant + 4 * i);
    for (int i = 0; i < 8; i++) cipher->input[4 + i] = load_le(key + 4 * i);
    cipher->input[12] = counter;
    for (int i = 0; i < 3; i++) cipher->input[13 + i] = load_le(nonce + 4 * i);
}

/* Encrypts or decrypts whole 64-byte blocks. */
static NOINLINE void chacha20_apply(struct chacha20 *cipher, uint8_t *data, uint32_t blocks) {
    uint32_t key_stream[16];
    for (; blocks; blocks--, data += 64) {
        block(cipher->input, key_stream);
        cipher->input[12]++;
        for (int i = 0; i < 64; i++) data[i] ^= (uint8_t)(key_stream[i / 4] >> 8 * (i % 4));
    }
}

/* The block function's test vector, RFC 8439 section 2.3.2. */
static void check_vector(const uint8_t *key) {
    static const uint8_t nonce[12] = {0, 0, 0, 9, 0, 0, 0, 0x4a};
    static const uint8_t start[16] = {0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15,
                                      0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71, 0xc4};
    struct chacha20 cipher;
    uint8_t stream[64] = {0};
    chacha20_start(&cipher, key, nonce, 1);
    chacha20_apply(&cipher, stream, 1);
    check(!memcmp(stream, start, sizeof start), "RFC 8439 key stream");
}

int main(int argc, char **argv) {
    static const uint8_t nonce[12] = {7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
    uint32_t kibibytes = scale_argument(argc, argv, 5120), length = kibibytes * 1024;
    uint8_t key[32], *data = allocate(length);
    struct chacha20 cipher;
    for (int i = 0; i < 32; i++) key[i] = (uint8_t)i;
    check_vector(key);
    for (uint32_t i = 0; i < length; i++) data[i] = (uint8_t)(i * 7);
    chacha20_start(&cipher, key, nonce, 0);
    chacha20_apply(&cipher, data, length / 64);
    uint32_t sum = fold_bytes((uint32_t)CHECKSUM_START, data, length);
    chacha20_start(&cipher, key, nonce, 0);
    chacha20_apply(&cipher, data, length / 64);
    for (uint32_t i = 0; i < length; i++) check(data[i] == (uint8_t)(i * 7), "decryption restores the text");
    free(data);
    printf("chacha20 %u KiB: checksum %08x\n", kibibytes, sum);
    return 0;
}
