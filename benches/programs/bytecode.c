/* bytecode: an interpreter inside the interpreter.
 *
 * A stack machine of nineteen operations, dispatched by a switch in a loop
 * (one br_table per guest instruction), runs three guest programs that a small
 * assembler reads from text: the longest Collatz chain, primes by trial
 * division, and a recursive greatest common divisor. Exercises br_table with
 * an unpredictable index, and a stack kept in linear memory.
 *
 * Scale: the limit given to the guest programs. */
#include "program.h"

enum opcode {
    HALT, PUSH, GET, SET, ADD, SUB, MUL, DIV, REM, AND, LESS, EQUAL, NOT, JUMP, JUMP_ZERO, CALL, ENTER, RETURN, PRINT,
    OPCODES
};

/* Mnemonics and numbers of operands, in the order of the opcodes. */
static const struct {
    const char *name;
    uint32_t operands;
} operations[OPCODES] = {
    {"halt", 0}, {"push", 1}, {"get", 1}, {"set", 1}, {"add", 0},   {"sub", 0}, {"mul", 0},
    {"div", 0},  {"rem", 0},  {"and", 0}, {"less", 0}, {"equal", 0}, {"not", 0}, {"jump", 1},
    {"jz", 1},   {"call", 2}, {"enter", 1}, {"return", 0}, {"print", 0},
};

/* --- assembler: words; `name:` is a label, an operand a number or a label --- */

enum { MOST_CODE = 256, MOST_LABELS = 32, WORD_BYTES = 16 };

static int32_t code[MOST_CODE];
static struct {
    char name[WORD_BYTES];
    int32_t at;
} labels[MOST_LABELS];
static uint32_t label_count;

static const char *next_word(const char *source, char *word) {
    uint32_t length = 0;
    while (*source == ' ') source++;
    while (*source && *source != ' ' && length < WORD_BYTES - 1) word[length++] = *source++;
    word[length] = 0;
    return source;
}

static int32_t operand(const char *word, int labels_known) {
    int negative = word[0] == '-';
    int32_t value = 0;
    if (word[negative] >= '0' && word[negative] <= '9') {
        for (word += negative; *word; word++) value = value * 10 + (*word - '0');
        return negative ? -value : value;
    }
    for (uint32_t i = 0; i < label_count; i++) {
        if (!strcmp(labels[i].name, word)) return labels[i].at;
    }
    check(!labels_known, "every label is defined");
    return 0;
}

/* Two passes: the first one finds the labels. */
static void assemble(const char *source) {
    char word[WORD_BYTES];
    label_count = 0;
    for (int pass = 0; pass < 2; pass++) {
        int32_t at = 0;
        for (const char *rest = next_word(source, word); *word; rest = next_word(rest, word)) {
            uint32_t last = (uint32_t)strlen(word) - 1, opcode = 0;
            if (word[last] == ':') {
                word[last] = 0;
                if (pass == 0) {
                    memcpy(labels[label_count].name, word, WORD_BYTES);
                    labels[label_count++].at = at;
                }
                continue;
            }
            while (opcode < OPCODES && strcmp(operations[opcode].name, word)) opcode++;
            check(opcode < OPCODES && at + 3 < MOST_CODE, "known instruction, short program");
            code[at++] = (int32_t)opcode;
            for (uint32_t i = 0; i < operations[opcode].operands; i++) {
                rest = next_word(rest, word);
                code[at++] = operand(word, pass);
            }
        }
    }
}

/* --- machine --- */

struct frame {
    uint32_t return_to, base; /* of the caller */
};

enum { STACK_SLOTS = 4096, MOST_FRAMES = 256 };

static int32_t stack[STACK_SLOTS];
static struct frame frames[MOST_FRAMES];

/* Runs the assembled program, with `limit` as its local 0, until it halts.
 * Returns the number of guest instructions executed. */
static NOINLINE uint32_t run(int32_t limit) {
    uint32_t pc = 0, depth = 0, base = 0, top = 1, executed = 0;
    stack[0] = limit;
    for (;;) {
        executed++;
        switch ((enum opcode)code[pc++]) {
        case HALT: return executed;
        case PUSH: stack[top++] = code[pc++]; break;
        case GET: stack[top++] = stack[base + (uint32_t)code[pc++]]; break;
        case SET: stack[base + (uint32_t)code[pc++]] = stack[--top]; break;
        case ADD: top--, stack[top - 1] += stack[top]; break;
        case SUB: top--, stack[top - 1] -= stack[top]; break;
        case MUL: top--, stack[top - 1] *= stack[top]; break;
        case DIV: top--, stack[top - 1] /= stack[top]; break;
        case REM: top--, stack[top - 1] %= stack[top]; break;
        case AND: top--, stack[top - 1] &= stack[top]; break;
        case LESS: top--, stack[top - 1] = stack[top - 1] < stack[top]; break;
        case EQUAL: top--, stack[top - 1] = stack[top - 1] == stack[top]; break;
        case NOT: stack[top - 1] = !stack[top - 1]; break;
        case JUMP: pc = (uint32_t)code[pc]; break;
        case JUMP_ZERO: pc = stack[--top] ? pc + 1 : (uint32_t)code[pc]; break;
        case CALL: /* target, number of arguments: they become the first locals */
            check(depth < MOST_FRAMES && top + 32 < STACK_SLOTS, "guest call depth");
            frames[depth++] = (struct frame){pc + 2, base};
            base = top - (uint32_t)code[pc + 1];
            pc = (uint32_t)code[pc];
            break;
        case ENTER: /* further locals, zero */
            for (int32_t i = code[pc++]; i > 0; i--) stack[top++] = 0;
            break;
        case RETURN: /* one result replaces the frame */
            stack[base] = stack[top - 1];
            top = base + 1;
            pc = frames[--depth].return_to;
            base = frames[depth].base;
            break;
        case PRINT: printf(" %d", stack[--top]); break;
        default: check(0, "known opcode");
        }
    }
}

/* Locals: 0 limit, 1 start, 2 n, 3 length, 4 longest length, 5 its start. */
static const char collatz[] =
    "enter 5 "
    "start: get 1 push 1 add set 1 get 1 get 0 less jz done "
    "  get 1 set 2 push 0 set 3 "
    "step: push 1 get 2 less jz chain "
    "  get 3 push 1 add set 3 "
    "  get 2 push 1 and jz even get 2 push 3 mul push 1 add set 2 jump step "
    "even: get 2 push 2 div set 2 jump step "
    "chain: get 4 get 3 less jz start get 3 set 4 get 1 set 5 jump start "
    "done: get 5 print get 4 print halt";

/* Locals: 0 limit, 1 candidate, 2 count. In `prime`: 0 n, 1 divisor. */
static const char primes[] =
    "enter 2 push 1 set 1 "
    "next: get 1 push 1 add set 1 get 1 get 0 less jz done "
    "  get 2 get 1 call prime 1 add set 2 jump next "
    "done: get 2 print halt "
    "prime: enter 1 push 2 set 1 "
    "try: get 0 get 1 get 1 mul less not jz yes "
    "  get 0 get 1 rem jz no get 1 push 1 add set 1 jump try "
    "yes: push 1 return no: push 0 return";

/* The sum of gcd(i, 360360) for i below the limit. Locals: 0 limit, 1 i, 2 sum. */
static const char divisors[] =
    "enter 2 "
    "next: get 1 get 0 less jz done "
    "  get 2 push 360360 get 1 call gcd 2 add set 2 get 1 push 1 add set 1 jump next "
    "done: get 2 print halt "
    "gcd: get 1 push 0 equal jz more get 0 return "
    "more: get 1 get 0 get 1 rem call gcd 2 return";

int main(int argc, char **argv) {
    static const char *const programs[] = {collatz, primes, divisors};
    uint32_t limit = scale_argument(argc, argv, 10000), executed = 0;
    check(limit <= 100000, "guest numbers fit 32 bits up to a limit of 100000");
    printf("bytecode %u:", limit);
    for (uint32_t i = 0; i < 3; i++) {
        assemble(programs[i]);
        executed += run((int32_t)limit);
    }
    printf(", %u guest instructions\n", executed);
    return 0;
}
