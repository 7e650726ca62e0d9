/* json: a document is generated, parsed into a tree and written again.
 *
 * The parser is a recursive descent over bytes with escapes, decimal numbers
 * and nested containers; nodes come from a bump arena. The text written from
 * the tree must equal the generated one. Exercises calls, byte loads, switch
 * tables, f64 conversions both ways, and pointer-linked trees.
 *
 * Scale: number of top-level records. */
#include "program.h"

/* --- growing text --- */

struct text {
    char *bytes;
    uint32_t length, capacity;
};

static void put(struct text *out, char c) {
    if (out->length == out->capacity) {
        out->capacity = out->capacity ? out->capacity * 2 : 4096;
        out->bytes = realloc(out->bytes, out->capacity);
        check(out->bytes != NULL, "memory for text");
    }
    out->bytes[out->length++] = c;
}

static void put_all(struct text *out, const char *s) {
    while (*s) put(out, *s++);
}

static void put_integer(struct text *out, int64_t value) {
    char digits[24];
    uint32_t count = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (value < 0) put(out, '-');
    do digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count) put(out, digits[--count]);
}

/* Numbers are multiples of 1/1000 and are written with three decimals. */
static void put_thousandths(struct text *out, int64_t value) {
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (value < 0) put(out, '-');
    put_integer(out, (int64_t)(size / 1000));
    put(out, '.');
    put(out, (char)('0' + size / 100 % 10));
    put(out, (char)('0' + size / 10 % 10));
    put(out, (char)('0' + size % 10));
}

static void put_quoted(struct text *out, const char *s, uint32_t length) {
    put(out, '"');
    for (uint32_t i = 0; i < length; i++) {
        switch (s[i]) {
        case '"': put_all(out, "\\\""); break;
        case '\\': put_all(out, "\\\\"); break;
        case '\n': put_all(out, "\\n"); break;
        case '\t': put_all(out, "\\t"); break;
        default: put(out, s[i]);
        }
    }
    put(out, '"');
}

/* --- generating --- */

static void generate_word(struct text *out, uint32_t *seed) {
    static const char alphabet[] = "etaoinshrdlu \"\\\n\tcmfw";
    char word[12];
    uint32_t length = 1 + next_random(seed) % 12;
    for (uint32_t i = 0; i < length; i++) word[i] = alphabet[next_random(seed) % (sizeof alphabet - 1)];
    put_quoted(out, word, length);
}

static void generate(struct text *out, uint32_t *seed, uint32_t depth) {
    uint32_t kind = next_random(seed) % (depth ? 8 : 5), count = next_random(seed) % 5;
    switch (kind) {
    case 0: put_all(out, "null"); break;
    case 1: put_all(out, count & 1 ? "true" : "false"); break;
    case 2: generate_word(out, seed); break;
    case 3:
    case 4: put_thousandths(out, (int32_t)next_random(seed)); break;
    case 5:
    case 6:
        put(out, '{');
        for (uint32_t i = 0; i < count; i++) {
            if (i) put(out, ',');
            generate_word(out, seed);
            put(out, ':');
            generate(out, seed, depth - 1);
        }
        put(out, '}');
        break;
    default:
        put(out, '[');
        for (uint32_t i = 0; i < count; i++) {
            if (i) put(out, ',');
            generate(out, seed, depth - 1);
        }
        put(out, ']');
    }
}

/* --- the tree --- */

enum kind { NUL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT, KINDS };

struct value {
    enum kind kind;
    uint32_t length;       /* of the string */
    const char *string;    /* STRING: its unescaped bytes */
    double number;         /* NUMBER */
    struct value *name;    /* the member's name inside an object */
    struct value *child;   /* ARRAY, OBJECT: the first element */
    struct value *sibling; /* the next element of the same container */
};

struct parser {
    const char *at, *end;
    char *arena;
    uint32_t used, capacity;
};

static void *bump(struct parser *p, uint32_t bytes) {
    void *memory = p->arena + p->used;
    p->used += (bytes + 7) & ~7u;
    check(p->used <= p->capacity, "the arena is large enough");
    return memory;
}

static void expect(struct parser *p, const char *literal) {
    for (; *literal; literal++, p->at++) check(p->at < p->end && *p->at == *literal, "well-formed document");
}

static void parse_string(struct parser *p, struct value *out) {
    const char *scan = ++p->at;
    while (*scan != '"') scan += *scan == '\\' ? 2 : 1;
    char *to = bump(p, (uint32_t)(scan - p->at));
    out->kind = STRING;
    out->string = to;
    for (; *p->at != '"'; p->at++) {
        char c = *p->at;
        if (c == '\\') {
            c = *++p->at;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        *to++ = c;
    }
    out->length = (uint32_t)(to - out->string);
    p->at++;
}

static void parse_number(struct parser *p, struct value *out) {
    double number = 0, unit = 1;
    int negative = *p->at == '-';
    p->at += negative;
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) number = number * 10 + (*p->at - '0');
    if (p->at < p->end && *p->at == '.') {
        for (p->at++; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
            number = number * 10 + (*p->at - '0');
            unit *= 10;
        }
    }
    out->kind = NUMBER;
    out->number = (negative ? -number : number) / unit;
}

static NOINLINE struct value *parse(struct parser *p) {
    struct value *out = bump(p, sizeof *out), **link = &out->child;
    memset(out, 0, sizeof *out);
    switch (*p->at) {
    case 'n': out->kind = NUL, expect(p, "null"); break;
    case 'f': out->kind = FALSE, expect(p, "false"); break;
    case 't': out->kind = TRUE, expect(p, "true"); break;
    case '"': parse_string(p, out); break;
    case '{':
        out->kind = OBJECT;
        for (p->at++; *p->at != '}'; p->at += *p->at == ',') {
            struct value *name = bump(p, sizeof *name);
            memset(name, 0, sizeof *name);
            check(*p->at == '"', "a member has a name");
            parse_string(p, name);
            expect(p, ":");
            *link = parse(p);
            (*link)->name = name;
            link = &(*link)->sibling;
        }
        p->at++;
        break;
    case '[':
        out->kind = ARRAY;
        for (p->at++; *p->at != ']'; p->at += *p->at == ',') {
            *link = parse(p);
            link = &(*link)->sibling;
        }
        p->at++;
        break;
    default: parse_number(p, out);
    }
    return out;
}

static NOINLINE void write_value(struct text *out, const struct value *value, uint32_t *counts) {
    counts[value->kind]++;
    switch (value->kind) {
    case NUL: put_all(out, "null"); return;
    case FALSE: put_all(out, "false"); return;
    case TRUE: put_all(out, "true"); return;
    case NUMBER: put_thousandths(out, (int64_t)(value->number * 1000 + (value->number < 0 ? -0.5 : 0.5))); return;
    case STRING: put_quoted(out, value->string, value->length); return;
    default: break;
    }
    put(out, value->kind == OBJECT ? '{' : '[');
    for (const struct value *child = value->child; child; child = child->sibling) {
        if (child != value->child) put(out, ',');
        if (child->name) {
            put_quoted(out, child->name->string, child->name->length);
            put(out, ':');
        }
        write_value(out, child, counts);
    }
    put(out, value->kind == OBJECT ? '}' : ']');
}

int main(int argc, char **argv) {
    uint32_t records = scale_argument(argc, argv, 24000), seed = 0xC0FFEEu;
    uint32_t counts[KINDS] = {0};
    struct text document = {0}, copy = {0};
    put(&document, '[');
    for (uint32_t i = 0; i < records; i++) {
        if (i) put(&document, ',');
        generate(&document, &seed, 6);
    }
    put(&document, ']');
    uint32_t arena = document.length * 12 + 4096;
    struct parser p = {document.bytes, document.bytes + document.length, allocate(arena), 0, arena};
    const struct value *root = parse(&p);
    check(p.at == p.end, "nothing follows the document");
    write_value(&copy, root, counts);
    check(copy.length == document.length && !memcmp(copy.bytes, document.bytes, copy.length), "the copy is equal");
    printf("json %u records: %u bytes, checksum %08x\n", records, document.length,
           fold_bytes((uint32_t)CHECKSUM_START, document.bytes, document.length));
    printf("  %u nulls, %u booleans, %u numbers, %u strings, %u arrays, %u objects\n", counts[NUL],
           counts[FALSE] + counts[TRUE], counts[NUMBER], counts[STRING], counts[ARRAY], counts[OBJECT]);
    return 0;
}
