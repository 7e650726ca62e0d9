/* base64_swizzle: encoding to text and strict decoding back (RFC 4648, with padding),
 * twelve bytes and sixteen digits at a time.
 *
 * Intrinsics. Exercises i8x16.swizzle as a lookup table, i8x16.shuffle, shifts of
 * i32 lanes, byte comparisons and saturating subtraction, and v128.any_true.
 *
 * Scale: number of rounds over 48 KiB of data. */
#include "../program.h"
#include "vector.h"

/* Vectors are loaded and stored as a whole: some bytes behind the end are there for that. */
enum { DATA_BYTES = 48 * 1024, TEXT_BYTES = DATA_BYTES / 3 * 4, SLACK = 16, SMALL = 200 };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t data[DATA_BYTES + SLACK], decoded[DATA_BYTES + SLACK];
static char text[TEXT_BYTES + SLACK];

/* The value of a digit; 64 for any other character. */
static uint32_t value_of(char digit) {
    if (digit >= 'A' && digit <= 'Z') return (uint32_t)(digit - 'A');
    if (digit >= 'a' && digit <= 'z') return (uint32_t)(digit - 'a') + 26;
    if (digit >= '0' && digit <= '9') return (uint32_t)(digit - '0') + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

/* Returns the length of the text. */
static NOINLINE uint32_t encode_scalar(const uint8_t *in, uint32_t length, char *out) {
    char *at = out;
    for (; length; in += 3) {
        uint32_t bytes = length < 3 ? length : 3;
        uint32_t group = (uint32_t)in[0] << 16 | (bytes > 1 ? (uint32_t)in[1] << 8 : 0) | (bytes > 2 ? in[2] : 0);
        for (uint32_t i = 0; i < 4; i++) *at++ = i <= bytes ? digits[group >> (18 - 6 * i) & 63] : '=';
        length -= bytes;
    }
    return (uint32_t)(at - out);
}

/* Returns the number of bytes decoded, or UINT32_MAX for malformed text. */
static NOINLINE uint32_t decode_scalar(const char *in, uint32_t length, uint8_t *out) {
    uint8_t *at = out;
    if (length % 4) return UINT32_MAX;
    for (; length; in += 4, length -= 4) {
        uint32_t padding = length > 4 || in[3] != '=' ? 0 : in[2] != '=' ? 1 : 2, group = 0;
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t value = i < 4 - padding ? value_of(in[i]) : 0;
            if (value == 64) return UINT32_MAX;
            group = group << 6 | value;
        }
        for (uint32_t i = 0; i < 3 - padding; i++) *at++ = (uint8_t)(group >> (16 - 8 * i));
    }
    return (uint32_t)(at - out);
}

/* The digits of sixteen values below 64. */
static inline v128_t to_digits(v128_t values) {
    /* What is added to a value, by its kind: 13 for capitals, 0 for small letters, 1 to 10 for numerals, 11 for +, 12
     * for /. */
    enum { SMALL_LETTER = 'a' - 26, NUMERAL = 256 + '0' - 52, PLUS = 256 + '+' - 62, SLASH = 256 + '/' - 63 };
    const v128_t offsets = wasm_u8x16_const(SMALL_LETTER, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL, NUMERAL,
                                            NUMERAL, NUMERAL, NUMERAL, PLUS, SLASH, 'A', 0, 0);
    v128_t capital = wasm_v128_and(wasm_u8x16_lt(values, wasm_u8x16_splat(26)), wasm_u8x16_splat(13));
    v128_t kind = wasm_v128_or(wasm_u8x16_sub_sat(values, wasm_u8x16_splat(51)), capital);
    return wasm_i8x16_add(values, wasm_i8x16_swizzle(offsets, kind));
}

static NOINLINE uint32_t encode(const uint8_t *in, uint32_t length, char *out) {
    uint32_t done = 0;
    char *at = out;
    for (; done + 12 <= length; done += 12, at += 16) {
        v128_t bytes = wasm_v128_load(in + done);
        /* Three bytes in each lane of 32 bits, the first one on top; then six bits in each byte. */
        v128_t lanes = wasm_i8x16_shuffle(bytes, bytes, 2, 1, 0, 0, 5, 4, 3, 3, 8, 7, 6, 6, 11, 10, 9, 9);
        v128_t first = wasm_v128_and(wasm_u32x4_shr(lanes, 18), wasm_u32x4_splat(0x3f));
        v128_t second = wasm_v128_and(wasm_u32x4_shr(lanes, 4), wasm_u32x4_splat(0x3f00));
        v128_t third = wasm_v128_and(wasm_i32x4_shl(lanes, 10), wasm_u32x4_splat(0x3f0000));
        v128_t fourth = wasm_v128_and(wasm_i32x4_shl(lanes, 24), wasm_u32x4_splat(0x3f000000));
        v128_t values = wasm_v128_or(wasm_v128_or(first, second), wasm_v128_or(third, fourth));
        wasm_v128_store(at, to_digits(values));
    }
    return (uint32_t)(at - out) + encode_scalar(in + done, length - done, at);
}

/* The values of sixteen characters. Returns whether all are digits.
 *
 * The character set has rows of sixteen. By the upper half of a character, one table says which row it is in, and one
 * what to add to a digit of that row to have its value. By the lower half, a table says in which rows there is a digit.
 * Rows that have digits in the same columns share a bit. */
static inline bool to_values(v128_t characters, v128_t *values) {
    enum { ROW_2 = 1, ROW_3 = 2, ROW_4_6 = 4, ROW_5_7 = 8, LETTERS = ROW_4_6 | ROW_5_7, MOST = ROW_3 | LETTERS };
    enum { SLASH = 63 - '/', PLUS = 62 - '+', NUMERAL = 52 - '0', CAPITAL = 256 - 'A', SMALL_LETTER = 256 + 26 - 'a' };
    const v128_t rows =
        wasm_u8x16_const(0, 0, ROW_2, ROW_3, ROW_4_6, ROW_5_7, ROW_4_6, ROW_5_7, 0, 0, 0, 0, 0, 0, 0, 0);
    const v128_t columns = wasm_u8x16_const(ROW_3 | ROW_5_7, MOST, MOST, MOST, MOST, MOST, MOST, MOST, MOST, MOST,
                                            LETTERS, ROW_2 | ROW_4_6, ROW_4_6, ROW_4_6, ROW_4_6, ROW_2 | ROW_4_6);
    /* Row 2 has two digits, + and /: / takes what stands for row 1, in which there is none. */
    const v128_t offsets = wasm_u8x16_const(0, SLASH, PLUS, NUMERAL, CAPITAL, CAPITAL, SMALL_LETTER, SMALL_LETTER, 0, 0,
                                            0, 0, 0, 0, 0, 0);
    v128_t upper = wasm_u8x16_shr(characters, 4), lower = wasm_v128_and(characters, wasm_u8x16_splat(15));
    v128_t known = wasm_v128_and(wasm_i8x16_swizzle(rows, upper), wasm_i8x16_swizzle(columns, lower));
    /* A comparison gives all ones, which is minus one. */
    v128_t slash = wasm_i8x16_eq(characters, wasm_u8x16_splat('/'));
    *values = wasm_i8x16_add(characters, wasm_i8x16_swizzle(offsets, wasm_i8x16_add(upper, slash)));
    return !wasm_v128_any_true(wasm_i8x16_eq(known, wasm_u8x16_splat(0)));
}

static NOINLINE uint32_t decode(const char *in, uint32_t length, uint8_t *out) {
    uint32_t done = 0;
    uint8_t *at = out;
    /* The last digits may be padding. */
    for (; done + 20 <= length; done += 16, at += 12) {
        v128_t values;
        if (!to_values(wasm_v128_load(in + done), &values)) return UINT32_MAX;
        v128_t first = wasm_i32x4_shl(wasm_v128_and(values, wasm_u32x4_splat(0x3f)), 18);
        v128_t second = wasm_i32x4_shl(wasm_v128_and(values, wasm_u32x4_splat(0x3f00)), 4);
        v128_t third = wasm_u32x4_shr(wasm_v128_and(values, wasm_u32x4_splat(0x3f0000)), 10);
        v128_t lanes = wasm_v128_or(wasm_v128_or(first, second), wasm_v128_or(third, wasm_u32x4_shr(values, 24)));
        wasm_v128_store(at, wasm_i8x16_shuffle(lanes, lanes, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15));
    }
    uint32_t rest = decode_scalar(in + done, length - done, at);
    return rest == UINT32_MAX ? UINT32_MAX : (uint32_t)(at - out) + rest;
}

static void check_against_scalar(void) {
    static char expected[2 * SMALL];
    uint32_t seed = 6;
    for (uint32_t i = 0; i < SMALL; i++) data[i] = (uint8_t)next_random(&seed);
    for (uint32_t length = 0; length <= SMALL; length++) {
        uint32_t size = encode(data, length, text);
        check(size == encode_scalar(data, length, expected), "as long as the scalar text");
        check(!memcmp(text, expected, size), "the scalar text");
        check(decode(text, size, decoded) == length && !memcmp(data, decoded, length), "the data");
    }
    /* Any character, in any place of a vector. */
    uint32_t size = encode(data, 48, text);
    for (uint32_t character = 0; character < 256; character++) {
        char *at = text + character % 16, before = *at;
        *at = (char)character;
        check(decode(text, size, decoded) == (value_of(*at) == 64 ? UINT32_MAX : 48), "digits, and nothing else");
        *at = before;
    }
}

int main(int argc, char **argv) {
    uint32_t rounds = scale_argument(argc, argv, 300);
    uint32_t seed = 77, sum = (uint32_t)CHECKSUM_START;
    check_against_scalar();
    for (uint32_t i = 0; i < DATA_BYTES; i++) data[i] = (uint8_t)next_random(&seed);
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t length = DATA_BYTES - round % 3;
        data[round % DATA_BYTES] ^= (uint8_t)round;
        uint32_t size = encode(data, length, text);
        check(decode(text, size, decoded) == length, "decoded length");
        for (uint32_t i = 0; i < size; i += 509) sum = fold_word(sum, (uint8_t)text[i]);
        for (uint32_t i = 0; i < length; i += 509) check(data[i] == decoded[i], "decoding restores the data");
    }
    printf("base64_swizzle %u rounds: checksum %08x\n", rounds, sum);
    return 0;
}
