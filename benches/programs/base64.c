/* base64: encoding to text and strict decoding back (RFC 4648, with padding).
 *
 * Exercises byte loads and stores, a 64-byte and a 256-byte lookup table, and
 * shifts that cross byte borders; decoding branches on every group.
 *
 * Scale: number of rounds over 64 KiB of data. */
#include "program.h"

enum { DATA_BYTES = 65536, TEXT_BYTES = (DATA_BYTES + 2) / 3 * 4, NOT_A_DIGIT = 0xFF };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t values[256];
static uint8_t data[DATA_BYTES], decoded[DATA_BYTES + 3];
static char text[TEXT_BYTES + 1];

static void build_values(void) {
    memset(values, NOT_A_DIGIT, sizeof values);
    for (uint32_t i = 0; i < 64; i++) values[(uint8_t)digits[i]] = (uint8_t)i;
}

/* Returns the length of the text. */
static NOINLINE uint32_t encode(const uint8_t *in, uint32_t length, char *out) {
    char *at = out;
    for (; length >= 3; length -= 3, in += 3) {
        uint32_t group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
        *at++ = digits[group >> 18];
        *at++ = digits[group >> 12 & 63];
        *at++ = digits[group >> 6 & 63];
        *at++ = digits[group & 63];
    }
    if (length) {
        uint32_t group = (uint32_t)in[0] << 16 | (length == 2 ? (uint32_t)in[1] << 8 : 0);
        *at++ = digits[group >> 18];
        *at++ = digits[group >> 12 & 63];
        *at++ = length == 2 ? digits[group >> 6 & 63] : '=';
        *at++ = '=';
    }
    *at = 0;
    return (uint32_t)(at - out);
}

/* Returns the number of bytes decoded, or UINT32_MAX for malformed text. */
static NOINLINE uint32_t decode(const char *in, uint32_t length, uint8_t *out) {
    uint8_t *at = out;
    if (length % 4) return UINT32_MAX;
    while (length) {
        uint32_t padding = 0, group = 0;
        if (length == 4) padding = (uint32_t)(in[3] == '=') + (in[2] == '=' && in[3] == '=');
        for (uint32_t i = 0; i < 4; i++) {
            uint8_t value = i < 4 - padding ? values[(uint8_t)in[i]] : 0;
            if (value == NOT_A_DIGIT) return UINT32_MAX;
            group = group << 6 | value;
        }
        *at++ = (uint8_t)(group >> 16);
        if (padding < 2) *at++ = (uint8_t)(group >> 8);
        if (padding < 1) *at++ = (uint8_t)group;
        in += 4;
        length -= 4;
    }
    return (uint32_t)(at - out);
}

static void check_vectors(void) {
    static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (uint32_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        encode((const uint8_t *)pairs[i][0], (uint32_t)strlen(pairs[i][0]), text);
        check(!strcmp(text, pairs[i][1]), "RFC 4648 test vectors");
    }
    check(decode("Zm9?", 4, decoded) == UINT32_MAX, "a stray character is refused");
}

int main(int argc, char **argv) {
    uint32_t rounds = scale_argument(argc, argv, 200);
    uint32_t seed = 77, sum = (uint32_t)CHECKSUM_START;
    build_values();
    check_vectors();
    for (uint32_t i = 0; i < DATA_BYTES; i++) data[i] = (uint8_t)next_random(&seed);
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t length = DATA_BYTES - round % 3;
        data[round % DATA_BYTES] ^= (uint8_t)round;
        uint32_t size = encode(data, length, text);
        check(decode(text, size, decoded) == length, "decoded length");
        check(!memcmp(data, decoded, length), "decoding restores the data");
        for (uint32_t i = 0; i < size; i += 61) sum = fold_word(sum, (uint8_t)text[i]);
    }
    printf("base64 %u rounds: checksum %08x\n", rounds, sum);
    return 0;
}
