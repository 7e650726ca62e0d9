/* utf8: whether texts are UTF-8, and how many characters they have, by the lookup
 * tables of Keiser and Lemire ("Validating UTF-8 in less than one instruction per
 * byte", 2021).
 *
 * Intrinsics. Exercises i8x16.swizzle as a lookup table, i8x16.shuffle across two
 * vectors, byte shifts and saturating subtraction, i8x16.bitmask and v128.any_true.
 *
 * Scale: number of rounds over three texts of 32 KiB. */
#include "../program.h"
#include "vector.h"

/* Behind a text are zeros: a character that its end cuts off is found there. */
enum { TEXT_BYTES = 32 * 1024, SLACK = 64, TEXTS = 3, SMALL = 96, INVALID = -1 };

/* What can be wrong with two bytes in a row. There are three tables, by the halves of the first byte and the upper half
 * of the second one; what stands in all three is wrong. */
enum {
    TOO_SHORT = 1,       /* a first byte, and no continuation behind it */
    TOO_LONG = 2,        /* ASCII, and a continuation behind it */
    OVERLONG_3 = 4,      /* three bytes where two would do */
    TOO_LARGE = 8,       /* beyond 0x10ffff */
    SURROGATE = 16,      /* 0xd800 to 0xdfff */
    OVERLONG_2 = 32,     /* two bytes where one would do */
    OVERLONG_4 = 64,     /* four bytes where three would do */
    FAR_TOO_LARGE = 64,  /* beyond 0x13ffff: the second byte is 0x80 to 0x8f, as in the line above */
    CONTINUATIONS = 128, /* two in a row, which is right in a character of three or four bytes only */
    ANY_COLUMN = TOO_SHORT | TOO_LONG | CONTINUATIONS,
    LARGE_COLUMN = ANY_COLUMN | TOO_LARGE | FAR_TOO_LARGE,
};

/* The bytes that stand `by` bytes before those of `now`. */
#define EARLIER(before, now, by)                                                                          \
    wasm_i8x16_shuffle(before, now, 16 - (by), 17 - (by), 18 - (by), 19 - (by), 20 - (by), 21 - (by),     \
                       22 - (by), 23 - (by), 24 - (by), 25 - (by), 26 - (by), 27 - (by), 28 - (by),       \
                       29 - (by), 30 - (by), 31 - (by))

/* Not zero where something is wrong in `now`, or between it and the vector before. */
static inline v128_t errors(v128_t before, v128_t now) {
    const v128_t first_upper = wasm_u8x16_const(
        TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, CONTINUATIONS, CONTINUATIONS,
        CONTINUATIONS, CONTINUATIONS, TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
        TOO_SHORT | TOO_LARGE | FAR_TOO_LARGE | OVERLONG_4);
    const v128_t first_lower = wasm_u8x16_const(
        ANY_COLUMN | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY_COLUMN | OVERLONG_2, ANY_COLUMN, ANY_COLUMN,
        ANY_COLUMN | TOO_LARGE, LARGE_COLUMN, LARGE_COLUMN, LARGE_COLUMN, LARGE_COLUMN, LARGE_COLUMN, LARGE_COLUMN,
        LARGE_COLUMN, LARGE_COLUMN, LARGE_COLUMN | SURROGATE, LARGE_COLUMN, LARGE_COLUMN);
    const v128_t second_upper = wasm_u8x16_const(
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
        TOO_LONG | CONTINUATIONS | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
        TOO_LONG | CONTINUATIONS | OVERLONG_2 | OVERLONG_3 | TOO_LARGE,
        TOO_LONG | CONTINUATIONS | OVERLONG_2 | SURROGATE | TOO_LARGE,
        TOO_LONG | CONTINUATIONS | OVERLONG_2 | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
    v128_t first = EARLIER(before, now, 1);
    v128_t wrong = wasm_i8x16_swizzle(first_upper, wasm_u8x16_shr(first, 4));
    wrong = wasm_v128_and(wrong, wasm_i8x16_swizzle(first_lower, wasm_v128_and(first, wasm_u8x16_splat(15))));
    wrong = wasm_v128_and(wrong, wasm_i8x16_swizzle(second_upper, wasm_u8x16_shr(now, 4)));
    /* The uppermost bit where the first byte of three or four is two before, or the first of four three before. There,
     * and nowhere else, must be two continuations in a row. */
    v128_t third = wasm_u8x16_sub_sat(EARLIER(before, now, 2), wasm_u8x16_splat(0xe0 - 0x80));
    v128_t fourth = wasm_u8x16_sub_sat(EARLIER(before, now, 3), wasm_u8x16_splat(0xf0 - 0x80));
    v128_t needed = wasm_v128_and(wasm_v128_or(third, fourth), wasm_u8x16_splat(0x80));
    return wasm_v128_xor(wrong, needed);
}

/* The number of characters; INVALID if the text is not UTF-8. Four vectors at a time, which may all be ASCII. */
static NOINLINE int32_t validate(const uint8_t *text, uint32_t length) {
    v128_t before = wasm_u8x16_splat(0), wrong = wasm_u8x16_splat(0);
    uint32_t continuations = 0;
    for (uint32_t at = 0; at <= length; at += 64) {
        v128_t a = wasm_v128_load(text + at), b = wasm_v128_load(text + at + 16);
        v128_t c = wasm_v128_load(text + at + 32), d = wasm_v128_load(text + at + 48);
        if (!wasm_i8x16_bitmask(wasm_v128_or(wasm_v128_or(a, b), wasm_v128_or(c, d)))) {
            /* What the vector before has begun is not finished by ASCII. */
            wrong = wasm_v128_or(wrong, errors(before, a));
        } else {
            v128_t first = wasm_v128_or(errors(before, a), errors(a, b));
            v128_t second = wasm_v128_or(errors(b, c), errors(c, d));
            wrong = wasm_v128_or(wrong, wasm_v128_or(first, second));
            /* Continuations, as signed bytes, are less than -64. */
            v128_t least = wasm_u8x16_splat(0xc0);
            uint32_t in_a = wasm_i8x16_bitmask(wasm_i8x16_gt(least, a));
            uint32_t in_b = wasm_i8x16_bitmask(wasm_i8x16_gt(least, b));
            uint32_t in_c = wasm_i8x16_bitmask(wasm_i8x16_gt(least, c));
            uint32_t in_d = wasm_i8x16_bitmask(wasm_i8x16_gt(least, d));
            continuations += (uint32_t)(__builtin_popcount(in_a | in_b << 16) + __builtin_popcount(in_c | in_d << 16));
        }
        before = d;
    }
    return wasm_v128_any_true(wrong) ? INVALID : (int32_t)(length - continuations);
}

/* The same, character by character. */
static NOINLINE int32_t validate_scalar(const uint8_t *text, uint32_t length) {
    int32_t characters = 0;
    for (uint32_t at = 0; at < length; characters++) {
        static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
        uint32_t code = text[at++], more = code < 0x80 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : 3;
        if ((code >= 0x80 && code < 0xc0) || code >= 0xf8 || more > length - at) return INVALID;
        if (more) code &= 0x3fu >> more;
        for (uint32_t i = 0; i < more; i++) {
            if ((text[at] & 0xc0) != 0x80) return INVALID;
            code = code << 6 | (text[at++] & 0x3f);
        }
        if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return INVALID;
    }
    return characters;
}

static uint32_t put_character(uint8_t *to, uint32_t code) {
    if (code < 0x80) return to[0] = (uint8_t)code, 1;
    uint32_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    to[0] = (uint8_t)(0xff00u >> (more + 1) | code >> 6 * more);
    for (uint32_t i = 1; i <= more; i++) to[i] = (uint8_t)(0x80 | (code >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* Writes a text; of a hundred characters, so many are not ASCII. Returns its length. */
static uint32_t write_text(uint8_t *text, uint32_t bytes, uint32_t foreign, uint32_t seed) {
    /* Where ranges of characters begin that are not ASCII: Greek, East Asian, symbols beyond 16 bits; and the least of
     * two bytes, of three bytes behind the surrogates, and of four bytes. */
    static const uint32_t from[6] = {0x390, 0x4e00, 0x1f300, 0x80, 0xe000, 0x10000};
    uint32_t length = 0;
    while (length + 4 <= bytes) {
        uint32_t random = next_random(&seed), code = ' ' + (random >> 8) % 95;
        if (random % 100 < foreign) code = from[(random >> 16) % 6] + (random >> 20) % 200;
        length += put_character(text + length, code);
    }
    return length;
}

/* Every first byte, with a second one of each kind and up to two more, across two vectors. */
static void check_first_bytes(void) {
    uint8_t text[2 * SLACK] = {0};
    for (uint32_t first = 0xbf; first < 256; first++) {
        for (uint32_t second = 0; second < 32; second++) {
            for (uint32_t more = 0; more < 3; more++) {
                uint8_t *at = text + 14 + more;
                memset(text, 'a', 32);
                at[0] = (uint8_t)first, at[1] = (uint8_t)(second / 2 * 16 + second % 2 * 15);
                memset(at + 2, 0xbf, more);
                check(validate(text, 32) == validate_scalar(text, 32), "first and second bytes");
            }
        }
    }
}

static void check_against_scalar(void) {
    uint8_t text[SMALL + SLACK];
    uint32_t seed = 12, valid = 0;
    for (uint32_t round = 0; round < 500; round++) {
        memset(text, 0, sizeof text);
        uint32_t length = write_text(text, SMALL, round % 4 * 30, round + 1) - round % 9;
        memset(text + length, 0, sizeof text - length);
        for (uint32_t faults = round % 3; faults; faults--) {
            uint32_t random = next_random(&seed);
            /* Any byte, or one bit. */
            text[random % length] = (uint8_t)(faults % 2 ? random >> 24 : text[random % length] ^ 1u << (random >> 29));
        }
        int32_t expected = validate_scalar(text, length);
        valid += expected != INVALID;
        check(validate(text, length) == expected, "as character by character");
    }
    check(valid > 80 && valid < 420, "both kinds of texts");
}

int main(int argc, char **argv) {
    static uint8_t texts[TEXTS][TEXT_BYTES + SLACK];
    static const uint32_t foreign[TEXTS] = {0, 4, 80};
    uint32_t rounds = scale_argument(argc, argv, 500);
    uint32_t lengths[TEXTS], sum = (uint32_t)CHECKSUM_START, seed = 33, invalid = 0;
    check_first_bytes();
    check_against_scalar();
    for (uint32_t i = 0; i < TEXTS; i++) lengths[i] = write_text(texts[i], TEXT_BYTES, foreign[i], i + 1);
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < TEXTS; i++) {
            /* Every other time with a fault, or what may be one. */
            uint32_t random = next_random(&seed), at = random % lengths[i];
            uint8_t before = texts[i][at];
            if (round % 2) texts[i][at] = (uint8_t)(random >> 24);
            int32_t characters = validate(texts[i], lengths[i]);
            invalid += characters == INVALID;
            sum = fold_word(sum, (uint32_t)characters);
            texts[i][at] = before;
        }
    }
    printf("utf8 %u rounds: %u invalid, checksum %08x\n", rounds, invalid, sum);
    return 0;
}
