/* regex: regular expressions compiled to a small program, which a set-of-
 * threads machine runs over the text in one pass (no backtracking).
 *
 * Syntax: literals, '.', classes [a-z] and [^...], ( ), |, *, +, ?.
 * Exercises a recursive-descent compiler, irregular branches, and inner loops
 * over short work lists with one indirection per step.
 *
 * Scale: number of text lines. */
#include "program.h"

enum opcode { LITERAL, ANY, CLASS, SPLIT, JUMP, MATCH };

enum { MOST_INSTRUCTIONS = 256, MOST_CLASSES = 16, LINE_BYTES = 60 };

struct instruction {
    enum opcode opcode;
    uint32_t x, y; /* LITERAL: the byte; CLASS: its number; SPLIT, JUMP: targets */
};

static struct instruction program[MOST_INSTRUCTIONS];
static uint32_t program_length;
static uint32_t classes[MOST_CLASSES][8];
static uint32_t class_count;
static const char *pattern;

/* --- compiler --- */

static void emit(enum opcode opcode, uint32_t x, uint32_t y) {
    check(program_length < MOST_INSTRUCTIONS, "the pattern is short enough");
    program[program_length++] = (struct instruction){opcode, x, y};
}

/* Makes room for one instruction at `at`, moving what follows (and the
 * targets in it) up by one. */
static void insert(uint32_t at, enum opcode opcode, uint32_t x, uint32_t y) {
    emit(MATCH, 0, 0);
    for (uint32_t i = program_length - 1; i > at; i--) {
        program[i] = program[i - 1];
        if (program[i].opcode == SPLIT || program[i].opcode == JUMP) {
            program[i].x += program[i].x >= at;
            program[i].y += program[i].y >= at;
        }
    }
    program[at] = (struct instruction){opcode, x, y};
}

static void compile_alternatives(void);

static void compile_class(void) {
    uint32_t *bits = classes[class_count];
    int negated = *pattern == '^';
    check(class_count < MOST_CLASSES, "few enough classes");
    memset(bits, 0, sizeof classes[0]);
    for (pattern += negated; *pattern != ']'; pattern++) {
        uint8_t low = (uint8_t)pattern[0], high = low;
        if (pattern[1] == '-') {
            high = (uint8_t)pattern[2];
            pattern += 2;
        }
        for (uint32_t c = low; c <= high; c++) bits[c >> 5] |= 1u << (c & 31);
    }
    for (uint32_t i = 0; negated && i < 8; i++) bits[i] = ~bits[i];
    emit(CLASS, class_count++, 0);
}

static void compile_repeat(void) {
    uint32_t start = program_length;
    char c = *pattern++;
    if (c == '(') {
        compile_alternatives();
        check(*pattern++ == ')', "parentheses match");
    } else if (c == '[') {
        compile_class();
        pattern++;
    } else {
        emit(c == '.' ? ANY : LITERAL, (uint8_t)c, 0);
    }
    switch (*pattern) {
    case '*':
        insert(start, SPLIT, start + 1, program_length + 2);
        emit(JUMP, start, start);
        break;
    case '+': emit(SPLIT, start, program_length + 1); break;
    case '?': insert(start, SPLIT, start + 1, program_length + 1); break;
    default: return;
    }
    pattern++;
}

static void compile_alternatives(void) {
    uint32_t start = program_length;
    while (*pattern && *pattern != '|' && *pattern != ')') compile_repeat();
    if (*pattern != '|') return;
    pattern++;
    insert(start, SPLIT, start + 1, program_length + 2);
    uint32_t jump = program_length;
    emit(JUMP, 0, 0);
    compile_alternatives();
    program[jump].x = program[jump].y = program_length;
}

static void compile(const char *source) {
    program_length = class_count = 0;
    pattern = source;
    compile_alternatives();
    check(*pattern == 0, "the whole pattern is used");
    emit(MATCH, 0, 0);
}

/* --- machine --- */

struct threads {
    uint32_t count;
    uint16_t at[MOST_INSTRUCTIONS];
};

static struct threads lists[2];
static uint32_t seen[MOST_INSTRUCTIONS], generation;

/* Adds the thread at `at`, and those reached from it without reading. */
static void add_thread(struct threads *list, uint32_t at) {
    while (seen[at] != generation) {
        seen[at] = generation;
        if (program[at].opcode == SPLIT) {
            add_thread(list, program[at].x);
            at = program[at].y;
        } else if (program[at].opcode == JUMP) {
            at = program[at].x;
        } else {
            list->at[list->count++] = (uint16_t)at;
        }
    }
}

/* The end of the earliest-ending match anywhere in the line, or -1. */
static NOINLINE int32_t search(const char *line) {
    struct threads *now = &lists[0], *next = &lists[1];
    now->count = 0;
    generation++;
    for (int32_t i = 0;; i++) {
        uint8_t c = (uint8_t)line[i];
        add_thread(now, 0);
        next->count = 0;
        generation++;
        for (uint32_t k = 0; k < now->count; k++) {
            uint32_t at = now->at[k];
            int step;
            switch (program[at].opcode) {
            case MATCH: return i;
            case LITERAL: step = program[at].x == c; break;
            case CLASS: step = classes[program[at].x][c >> 5] >> (c & 31) & 1; break;
            default: step = 1;
            }
            if (step && c) add_thread(next, at + 1);
        }
        if (!c) return -1;
        struct threads *swap = now;
        now = next;
        next = swap;
    }
}

static void generate_line(char *line, uint32_t *seed) {
    static const char alphabet[] = "abcdeabcdef 0123-@.xy";
    for (uint32_t i = 0; i < LINE_BYTES; i++) line[i] = alphabet[next_random(seed) % (sizeof alphabet - 1)];
    line[LINE_BYTES] = 0;
}

int main(int argc, char **argv) {
    static const char *const patterns[] = {
        "[0-9]+-[0-9]+",        "[a-z]+@[a-z]+.[a-f]", "(a|b)*c(d|e)+f", "abc|cab|bca",
        "x[^ ]*y [0-3]?[0-3]-", "(ab?c?d?e?)+(fx|fy)", "d(a|b|c)(a|b|c)(a|b|c)d",
    };
    uint32_t lines = scale_argument(argc, argv, 3000);
    char line[LINE_BYTES + 1];
    printf("regex %u lines:", lines);
    for (uint32_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        uint32_t seed = 4711, matches = 0, ends = 0;
        compile(patterns[p]);
        for (uint32_t i = 0; i < lines; i++) {
            generate_line(line, &seed);
            int32_t end = search(line);
            matches += end >= 0;
            ends += end >= 0 ? (uint32_t)end : 0;
        }
        printf(" %u/%u", matches, ends);
    }
    printf("\n");
    return 0;
}
