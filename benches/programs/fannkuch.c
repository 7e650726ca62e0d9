/* fannkuch: how often can the first k cards of a deck be reversed, k being the
 * first card, until the first card is 1? The maximum over all permutations.
 *
 * Permutations come from Heap's algorithm, one swap each, so that their parity
 * alternates. Exercises short dependent loops over a few bytes of memory:
 * byte loads and stores, unpredictable trip counts, loop overhead.
 *
 * Scale: number of cards, at most 12. */
#include "program.h"

enum { MOST_CARDS = 12 };

static uint8_t deck[MOST_CARDS], work[MOST_CARDS];

static NOINLINE uint32_t count_flips(uint32_t cards) {
    uint32_t flips = 0;
    if (deck[0] == 0) return 0;
    for (uint32_t i = 0; i < cards; i++) work[i] = deck[i];
    for (uint32_t first = work[0]; first; first = work[0]) {
        for (uint32_t low = 0, high = first; low < high; low++, high--) {
            uint8_t card = work[low];
            work[low] = work[high];
            work[high] = card;
        }
        flips++;
    }
    return flips;
}

static void swap_cards(uint32_t a, uint32_t b) {
    uint8_t card = deck[a];
    deck[a] = deck[b];
    deck[b] = card;
}

int main(int argc, char **argv) {
    uint32_t cards = scale_argument(argc, argv, 9);
    uint32_t turns[MOST_CARDS] = {0};
    uint32_t most = 0, permutations = 1;
    int32_t checksum = 0;
    check(cards <= MOST_CARDS, "at most 12 cards");
    for (uint32_t i = 0; i < cards; i++) deck[i] = (uint8_t)i;
    for (uint32_t i = 1; i < cards;) {
        if (turns[i] < i) {
            swap_cards(i & 1 ? turns[i] : 0, i);
            uint32_t flips = count_flips(cards);
            if (flips > most) most = flips;
            checksum += permutations & 1 ? -(int32_t)flips : (int32_t)flips;
            permutations++;
            turns[i]++;
            i = 1;
        } else {
            turns[i++] = 0;
        }
    }
    printf("fannkuch %u: %u permutations, at most %u flips, checksum %d\n", cards, permutations, most, checksum);
    return 0;
}
