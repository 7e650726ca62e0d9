/* recursion: calls and returns, wide and deep.
 *
 * Exercises direct calls with little work in between: a doubly recursive
 * Fibonacci, Takeuchi's and Ackermann's functions, the eight-queens search,
 * mutual recursion, and a degenerate tree that makes one chain of calls many
 * thousand frames deep. No function takes the address of a local, so that the
 * chains live on the engine's stack and not in linear memory.
 *
 * Scale: the Fibonacci index; the rest does not change. */
#include "program.h"

enum { CHAIN_NODES = 6000, QUEENS = 8 };

static NOINLINE uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static NOINLINE int32_t takeuchi(int32_t x, int32_t y, int32_t z) {
    if (y >= x) return z;
    return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y));
}

static NOINLINE uint32_t ackermann(uint32_t m, uint32_t n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

/* Solutions with the given columns and diagonals already taken. */
static NOINLINE uint32_t queens(uint32_t columns, uint32_t rising, uint32_t falling) {
    const uint32_t all = (1u << QUEENS) - 1;
    uint32_t solutions = 0;
    if (columns == all) return 1;
    for (uint32_t open = all & ~(columns | rising | falling); open; open &= open - 1) {
        uint32_t queen = open & (0 - open);
        solutions += queens(columns | queen, (rising | queen) << 1, (falling | queen) >> 1);
    }
    return solutions;
}

/* Hofstadter's female and male sequences. */
static NOINLINE uint32_t male(uint32_t n);

static NOINLINE uint32_t female(uint32_t n) { return n ? n - male(female(n - 1)) : 1; }

static NOINLINE uint32_t male(uint32_t n) { return n ? n - female(male(n - 1)) : 0; }

/* --- a search tree whose keys arrive in order --- */

struct tree {
    struct tree *left, *right;
    uint32_t key;
};

static NOINLINE struct tree *insert(struct tree *at, struct tree *fresh) {
    if (!at) return fresh;
    if (fresh->key < at->key) {
        at->left = insert(at->left, fresh);
    } else {
        at->right = insert(at->right, fresh);
    }
    return at;
}

static NOINLINE uint32_t depth(const struct tree *at) {
    if (!at) return 0;
    uint32_t left = depth(at->left), right = depth(at->right);
    return 1 + (left > right ? left : right);
}

static NOINLINE uint32_t sum(const struct tree *at) { return at ? sum(at->left) * 3 + at->key + sum(at->right) : 0; }

/* Every node hangs right of the one before, but for one twig each 100. */
static struct tree *build_chain(struct tree *nodes) {
    for (uint32_t i = 0; i < CHAIN_NODES; i++) nodes[i].key = 2 * i;
    for (uint32_t i = 0; i + 1 < CHAIN_NODES; i++) nodes[i].right = &nodes[i + 1];
    for (uint32_t i = 0; i < CHAIN_NODES / 100; i++) {
        struct tree *twig = &nodes[CHAIN_NODES + i];
        twig->key = 200 * i + 1;
        insert(nodes, twig);
    }
    return nodes;
}

int main(int argc, char **argv) {
    uint32_t index = scale_argument(argc, argv, 32);
    struct tree *nodes = allocate((CHAIN_NODES + CHAIN_NODES / 100) * (uint32_t)sizeof *nodes);
    struct tree *root = build_chain(nodes);
    uint32_t total = 0;
    for (uint32_t i = 0; i < 8; i++) total = total * 31 + sum(root);
    printf("recursion: fibonacci(%u) %u, takeuchi(12, 8, 0) %d, ackermann(3, 5) %u, %u queens %u\n", index,
           fibonacci(index), takeuchi(12, 8, 0), ackermann(3, 5), (uint32_t)QUEENS, queens(0, 0, 0));
    printf("  female(70) %u, male(70) %u, chain depth %u, sum %u\n", female(70), male(70), depth(root), total);
    free(nodes);
    return 0;
}
