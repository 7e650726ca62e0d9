/* search: how often words occur in a text, sixteen places at a time: where both their
 * first and their last byte are, the rest is compared.
 *
 * Intrinsics. Exercises i8x16.eq, v128.and, v128.any_true and i8x16.bitmask on loads
 * that are not aligned, with a branch for each vector that is seldom taken.
 *
 * Scale: number of rounds, of eight words in a text of 24 KiB. */
#include "../program.h"
#include "vector.h"

/* Vectors may reach beyond the text: there are zeros. */
enum { TEXT_BYTES = 24 * 1024, SLACK = 32, WORDS = 8, SMALL = 2000, NOWHERE = -1 };

struct found {
    uint32_t count;
    int32_t last;
};

static inline int is_at(const char *at, const char *word, uint32_t length) {
    for (uint32_t i = 0; i < length; i++) {
        if (at[i] != word[i]) return 0;
    }
    return 1;
}

/* Places that overlap count; a word has at least two bytes. */
static NOINLINE struct found find(const char *text, uint32_t length, const char *word, uint32_t word_length) {
    struct found found = {0, NOWHERE};
    v128_t first = wasm_u8x16_splat((uint8_t)word[0]), last = wasm_u8x16_splat((uint8_t)word[word_length - 1]);
    for (uint32_t at = 0; at < length; at += 16) {
        v128_t begins = wasm_i8x16_eq(wasm_v128_load(text + at), first);
        v128_t ends = wasm_i8x16_eq(wasm_v128_load(text + at + word_length - 1), last);
        v128_t both = wasm_v128_and(begins, ends);
        if (!wasm_v128_any_true(both)) continue;
        for (uint32_t places = wasm_i8x16_bitmask(both); places; places &= places - 1) {
            uint32_t place = at + (uint32_t)__builtin_ctz(places);
            if (is_at(text + place + 1, word + 1, word_length - 2)) found.count++, found.last = (int32_t)place;
        }
    }
    return found;
}

/* The same, place by place. */
static NOINLINE struct found find_scalar(const char *text, uint32_t length, const char *word, uint32_t word_length) {
    struct found found = {0, NOWHERE};
    for (uint32_t at = 0; at + word_length <= length; at++) {
        if (is_at(text + at, word, word_length)) found.count++, found.last = (int32_t)at;
    }
    return found;
}

static const char *const words[WORDS] = {"on", "ana",      "vector",        "the sea",
                                         "qx", "lanes of", "no such words", "s and s"};

/* Writes sentences, of words that are here and some that are not. */
static void write_text(char *text, uint32_t length, uint32_t seed) {
    static const char *const others[16] = {"a",    "banana", "sea",  "vectors", "season", "lane", "of",    "the",
                                           "sand", "and",    "this", "lanes",   "is",     "ones", "seven", "anagram"};
    uint32_t at = 0;
    while (at < length) {
        const char *word = others[next_random(&seed) >> 28];
        for (; *word && at < length; word++) text[at++] = *word;
        if (at < length) text[at++] = seed % 11 ? ' ' : '\n';
    }
    memset(text + length, 0, SLACK);
}

static void check_against_scalar(void) {
    static char text[SMALL + SLACK];
    for (uint32_t round = 0; round < 12; round++) {
        uint32_t length = SMALL - round;
        write_text(text, length, round + 1);
        for (uint32_t i = 0; i < WORDS; i++) {
            uint32_t word_length = (uint32_t)strlen(words[i]);
            struct found lanes = find(text, length, words[i], word_length);
            struct found scalar = find_scalar(text, length, words[i], word_length);
            check(lanes.count == scalar.count && lanes.last == scalar.last, "as place by place");
        }
    }
}

int main(int argc, char **argv) {
    static char text[TEXT_BYTES + SLACK];
    uint32_t rounds = scale_argument(argc, argv, 600);
    uint32_t sum = (uint32_t)CHECKSUM_START, all = 0;
    check_against_scalar();
    write_text(text, TEXT_BYTES, 41);
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < WORDS; i++) {
            /* From another place each time. */
            uint32_t skip = round * 29 % 4096;
            struct found found = find(text + skip, TEXT_BYTES - skip, words[i], (uint32_t)strlen(words[i]));
            all += found.count;
            sum = fold_word(fold_word(sum, found.count), (uint32_t)found.last);
        }
    }
    printf("search %u rounds: found %u times, checksum %08x\n", rounds, all, sum);
    return 0;
}
