/* coremix: the blend of work that embedded scores are made of.
 *
 * Exercises, in one loop: pointer chasing (a linked list that is searched,
 * reversed and merge-sorted), 16-bit integer matrices, a character-driven
 * state machine (br_table and short branches), and a bitwise CRC-16 that
 * every part feeds. Small loads and stores, shifts and masks, hard branches.
 *
 * Scale: number of rounds. */
#include "program.h"

enum { NODES = 96, SIDE = 11, TEXT_BYTES = 320 };

static uint16_t crc16_byte(uint16_t crc, uint8_t byte) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) {
        crc = (uint16_t)((crc & 1) ? (crc >> 1) ^ 0xA001u : crc >> 1);
    }
    return crc;
}

static uint16_t crc16_word(uint16_t crc, uint32_t word) {
    crc = crc16_byte(crc, (uint8_t)word);
    crc = crc16_byte(crc, (uint8_t)(word >> 8));
    crc = crc16_byte(crc, (uint8_t)(word >> 16));
    return crc16_byte(crc, (uint8_t)(word >> 24));
}

/* --- linked list --- */

struct node {
    struct node *next;
    int16_t key;
    uint16_t place;
};

static struct node nodes[NODES];

static struct node *list_build(uint32_t *seed) {
    for (uint32_t i = 0; i < NODES; i++) {
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
        nodes[i].key = (int16_t)(next_random(seed) >> 16);
        nodes[i].place = (uint16_t)i;
    }
    return nodes;
}

static struct node *list_find(struct node *at, int16_t key) {
    while (at && at->key != key) at = at->next;
    return at;
}

static struct node *list_reverse(struct node *head) {
    struct node *done = NULL;
    while (head) {
        struct node *next = head->next;
        head->next = done;
        done = head;
        head = next;
    }
    return done;
}

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_place(const struct node *a, const struct node *b) { return a->place - b->place; }

static struct node *list_merge(struct node *a, struct node *b,
                               int (*order)(const struct node *, const struct node *)) {
    struct node head = {NULL, 0, 0};
    struct node *tail = &head;
    while (a && b) {
        struct node **first = order(a, b) <= 0 ? &a : &b;
        tail = tail->next = *first;
        *first = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

/* Bottom-up merge sort: `runs[i]` is empty or a sorted list of 2^i nodes. */
static struct node *list_sort(struct node *head, int (*order)(const struct node *, const struct node *)) {
    struct node *runs[16] = {NULL};
    while (head) {
        struct node *run = head;
        uint32_t level = 0;
        head = head->next;
        run->next = NULL;
        for (; runs[level]; level++) {
            run = list_merge(runs[level], run, order);
            runs[level] = NULL;
        }
        runs[level] = run;
    }
    for (uint32_t level = 0; level < 16; level++) head = list_merge(runs[level], head, order);
    return head;
}

static NOINLINE uint16_t list_round(uint16_t crc, uint32_t *seed) {
    struct node *head = list_build(seed);
    uint32_t found = 0;
    for (uint32_t i = 0; i < NODES; i += 3) {
        found += list_find(head, (int16_t)(nodes[i].key + (int16_t)(i & 1))) != NULL;
    }
    head = list_sort(list_reverse(head), by_key);
    for (struct node *at = head; at; at = at->next) crc = crc16_word(crc, at->place);
    head = list_sort(head, by_place);
    return crc16_word(crc, found + (uint32_t)head->place);
}

/* --- matrices --- */

static int16_t left[SIDE][SIDE], right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];

static NOINLINE uint16_t matrix_round(uint16_t crc, uint32_t *seed) {
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            left[row][column] = (int16_t)(next_random(seed) & 0xFFF);
            right[row][column] = (int16_t)(left[row][column] - 0x400 + row * column);
        }
    }
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            int32_t sum = 0;
            for (int k = 0; k < SIDE; k++) sum += left[row][k] * right[k][column];
            product[row][column] = sum;
        }
    }
    int32_t clipped = 0, last = 0;
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            int32_t value = (product[row][column] >> 4) & 0x7FFF;
            clipped += value > last ? 10 : value & 7;
            last = value;
        }
    }
    return crc16_word(crc, (uint32_t)clipped ^ (uint32_t)product[SIDE - 1][1]);
}

/* --- state machine: which of the comma-separated words are numbers? --- */

enum state { START, SIGN, WHOLE, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, INVALID, STATES };

static char text[TEXT_BYTES + 1];

static void text_build(uint32_t *seed) {
    static const char *const words[] = {"5012", "+7.25", "-1e6", "T0.3e-1", "88.1e+7", "--9", "3.14", "1.e+x"};
    uint32_t length = 0;
    for (;;) {
        const char *word = words[next_random(seed) >> 29];
        uint32_t size = (uint32_t)strlen(word);
        if (length + size + 1 > TEXT_BYTES) break;
        memcpy(text + length, word, size);
        length += size;
        text[length++] = ',';
    }
    text[length] = 0;
}

static enum state step(enum state state, char c) {
    int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
    switch (state) {
    case START: return digit ? WHOLE : sign ? SIGN : c == '.' ? FRACTION : INVALID;
    case SIGN: return digit ? WHOLE : c == '.' ? FRACTION : INVALID;
    case WHOLE: return digit ? WHOLE : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return digit ? POWER : sign ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN:
    case POWER: return digit ? POWER : INVALID;
    default: return INVALID;
    }
}

static NOINLINE uint16_t state_round(uint16_t crc, uint32_t *seed) {
    uint32_t ended[STATES] = {0}, visited[STATES] = {0};
    enum state state = START;
    text_build(seed);
    for (const char *c = text; *c; c++) {
        if (*c == ',') {
            ended[state]++;
            state = START;
        } else {
            state = step(state, *c);
            visited[state]++;
        }
    }
    for (int i = 0; i < STATES; i++) crc = crc16_word(crc, ended[i] << 16 | visited[i]);
    return crc;
}

int main(int argc, char **argv) {
    uint32_t rounds = scale_argument(argc, argv, 1500);
    uint32_t seed = 0x2545F491u;
    uint16_t crc = 0xFFFF;
    for (uint32_t i = 0; i < rounds; i++) {
        crc = list_round(crc, &seed);
        crc = matrix_round(crc, &seed);
        crc = state_round(crc, &seed);
    }
    printf("coremix %u rounds: crc %04x\n", rounds, (unsigned)crc);
    return 0;
}
