/* json_index: where the brackets, commas, colons, strings and other values of a JSON
 * text begin, 64 bytes at a time, as masks of 64 bits.
 *
 * Intrinsics. Exercises i8x16.eq, i8x16.swizzle as a lookup table and i8x16.bitmask,
 * then i64 arithmetic on the masks: shifts, i64.ctz, i64.popcnt.
 *
 * Scale: number of rounds over a text of 48 KiB. */
#include "../program.h"
#include "vector.h"

/* A text is followed by spaces up to a whole number of blocks. */
enum { TEXT_BYTES = 48 * 1024, BLOCK = 64, SMALL = 1500 };

/* A bit for each byte of a block. */
struct masks {
    uint64_t quotes, backslashes, structural, space;
};

/* What a byte is. The character set has rows of sixteen: one table has the kinds of bytes in a row, the other one those
 * in a column, and a byte is of the kind that both have. */
enum { COMMA = 1, COLON = 2, BRACKETS = 4, BLANK = 8, CONTROLS = 16 };
enum { STRUCTURAL = COMMA | COLON | BRACKETS, SPACE = BLANK | CONTROLS };

static inline struct masks classify(const uint8_t *block) {
    const v128_t rows =
        wasm_u8x16_const(CONTROLS, 0, COMMA | BLANK, COLON, 0, BRACKETS, 0, BRACKETS, 0, 0, 0, 0, 0, 0, 0, 0);
    const v128_t columns = wasm_u8x16_const(BLANK, 0, 0, 0, 0, 0, 0, 0, 0, CONTROLS, COLON | CONTROLS, BRACKETS, COMMA,
                                            BRACKETS | CONTROLS, 0, 0);
    const v128_t zero = wasm_u8x16_splat(0);
    struct masks masks = {0, 0, 0, 0};
    for (uint32_t i = 0; i < BLOCK; i += 16) {
        v128_t bytes = wasm_v128_load(block + i);
        v128_t row = wasm_i8x16_swizzle(rows, wasm_u8x16_shr(bytes, 4));
        v128_t column = wasm_i8x16_swizzle(columns, wasm_v128_and(bytes, wasm_u8x16_splat(15)));
        v128_t kinds = wasm_v128_and(row, column);
        v128_t structural = wasm_i8x16_ne(wasm_v128_and(kinds, wasm_u8x16_splat(STRUCTURAL)), zero);
        v128_t space = wasm_i8x16_ne(wasm_v128_and(kinds, wasm_u8x16_splat(SPACE)), zero);
        masks.quotes |= (uint64_t)wasm_i8x16_bitmask(wasm_i8x16_eq(bytes, wasm_u8x16_splat('"'))) << i;
        masks.backslashes |= (uint64_t)wasm_i8x16_bitmask(wasm_i8x16_eq(bytes, wasm_u8x16_splat('\\'))) << i;
        masks.structural |= (uint64_t)wasm_i8x16_bitmask(structural) << i;
        masks.space |= (uint64_t)wasm_i8x16_bitmask(space) << i;
    }
    return masks;
}

/* Each bit is the exclusive or of those up to it. */
static inline uint64_t running_xor(uint64_t x) {
    for (int by = 1; by < 64; by *= 2) x ^= x << by;
    return x;
}

/* What a block leaves to the next one. */
struct state {
    uint64_t escape, in_string, in_value;
};

/* The characters behind a backslash that is not behind one itself. There are few. */
static inline uint64_t find_escaped(uint64_t backslashes, struct state *state) {
    uint64_t escaped = state->escape;
    backslashes &= ~escaped;
    state->escape = 0;
    while (backslashes) {
        uint64_t first = backslashes & (~backslashes + 1);
        escaped |= first << 1;
        backslashes &= ~(first | first << 1);
        state->escape = first >> 63;
    }
    return escaped;
}

/* Where in the text something begins, in order. Returns how many there are. */
static NOINLINE uint32_t find_tokens(const uint8_t *text, uint32_t length, uint32_t *tokens) {
    struct state state = {0, 0, 0};
    uint32_t count = 0;
    for (uint32_t at = 0; at < length; at += BLOCK) {
        struct masks masks = classify(text + at);
        uint64_t quotes = masks.quotes & ~find_escaped(masks.backslashes, &state);
        /* From an opening quote up to, and without, the closing one. */
        uint64_t in_string = running_xor(quotes) ^ state.in_string;
        state.in_string = 0 - (in_string >> 63);
        /* Numbers and names, which begin where none was before. */
        uint64_t values = ~(masks.structural | masks.space | quotes | in_string);
        uint64_t begins = values & ~(values << 1 | state.in_value);
        state.in_value = values >> 63;
        uint64_t found = (masks.structural & ~in_string) | (quotes & in_string) | begins;
        uint32_t *to = tokens + count;
        count += (uint32_t)__builtin_popcountll(found);
        for (; found; found &= found - 1) *to++ = at + (uint32_t)__builtin_ctzll(found);
    }
    return count;
}

/* The same, byte by byte. */
static NOINLINE uint32_t find_tokens_scalar(const uint8_t *text, uint32_t length, uint32_t *tokens) {
    uint32_t count = 0;
    for (uint32_t at = 0; at < length; at++) {
        uint8_t byte = text[at];
        if (strchr(" \t\n\r", byte)) continue;
        tokens[count++] = at;
        if (strchr("{}[]:,", byte)) continue;
        if (byte == '"') {
            while (++at < length && text[at] != '"') at += text[at] == '\\';
        } else {
            while (at + 1 < length && !strchr(" \t\n\r{}[]:,\"", text[at + 1])) at++;
        }
    }
    return count;
}

/* Writes records with all kinds of values, at most so many bytes, and spaces up to a whole block. Returns the
 * length. */
static uint32_t write_text(uint8_t *text, uint32_t bytes, uint32_t seed) {
    static const char *const words[8] = {"plain", "with \\\"quotes\\\"", "C:\\\\folder\\\\", "gr\xc3\xbcn",
                                         "",      "[not, {a: list}]",    "\\\\\\\\",         "tab\\tand\\u0041"};
    char *at = (char *)text, *end = at + bytes - 256;
    *at++ = '[';
    while (at < end) {
        uint32_t random = next_random(&seed);
        const char *last = random & 64 ? "true" : random & 32 ? "null" : "{}";
        at += sprintf(at, "{\"id\": %u, \"name\":\"%s\",\n\t", random % 100000, words[random >> 29]);
        at += sprintf(at, "\"point\" : [%d.%u, -%ue3], \"%s\": %s }", (int)(random >> 8 & 255) - 128, random >> 16 & 15,
                      random >> 20 & 63, words[random >> 26 & 7], last);
        *at++ = ',';
        if (random & 128) *at++ = '\n';
    }
    memcpy(at, "null]", 5);
    at += 5;
    while ((at - (char *)text) % BLOCK) *at++ = ' ';
    return (uint32_t)(at - (char *)text);
}

static void check_against_scalar(void) {
    static uint8_t text[SMALL];
    static uint32_t tokens[SMALL], expected[SMALL];
    for (uint32_t seed = 1; seed <= 8; seed++) {
        uint32_t length = write_text(text, SMALL, seed), count = find_tokens_scalar(text, length, expected);
        check(find_tokens(text, length, tokens) == count, "as many as byte by byte");
        check(!memcmp(tokens, expected, count * sizeof *tokens), "as byte by byte");
    }
}

int main(int argc, char **argv) {
    static uint8_t text[TEXT_BYTES];
    static uint32_t tokens[TEXT_BYTES];
    uint32_t rounds = scale_argument(argc, argv, 500);
    uint32_t sum = (uint32_t)CHECKSUM_START, count = 0;
    check_against_scalar();
    uint32_t length = write_text(text, TEXT_BYTES, 21);
    for (uint32_t round = 0; round < rounds; round++) {
        /* Some blocks fewer each time. */
        count = find_tokens(text, length - round % 64 * BLOCK, tokens);
        for (uint32_t i = 0; i < count; i += 127) sum = fold_word(sum, tokens[i]);
    }
    printf("json_index %u rounds: %u bytes, %u tokens, checksum %08x\n", rounds, length, count, sum);
    return 0;
}
