/* hashmap: an open-addressing map from 64-bit keys to 64-bit values that grows
 * by rehashing and deletes by shifting back.
 *
 * Exercises i64 arithmetic (multiplicative hashing), data-dependent loads over
 * a table larger than a first-level cache, growth through the allocator
 * (memory.grow), and short probe loops that are hard to predict.
 *
 * Scale: number of operations. */
#include "program.h"

struct entry {
    uint64_t key; /* 0 means empty */
    uint64_t value;
};

struct map {
    struct entry *entries;
    uint32_t mask; /* capacity - 1, the capacity being a power of two */
    uint32_t count;
};

static uint32_t home(const struct map *map, uint64_t key) {
    key = (key ^ key >> 31) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(key >> 32) & map->mask;
}

/* The entry that holds `key`, or the empty one where it belongs. */
static NOINLINE struct entry *find(const struct map *map, uint64_t key) {
    uint32_t at = home(map, key);
    while (map->entries[at].key && map->entries[at].key != key) at = (at + 1) & map->mask;
    return &map->entries[at];
}

static void resize(struct map *map, uint32_t capacity) {
    struct map larger = {allocate(capacity * (uint32_t)sizeof(struct entry)), capacity - 1, map->count};
    for (uint32_t i = 0; map->entries && i <= map->mask; i++) {
        if (map->entries[i].key) *find(&larger, map->entries[i].key) = map->entries[i];
    }
    free(map->entries);
    *map = larger;
}

/* Adds `amount` to the value under `key`, which is inserted if missing. */
static void add(struct map *map, uint64_t key, uint64_t amount) {
    if (map->count + map->count / 2 >= map->mask) resize(map, (map->mask + 1) * 2);
    struct entry *entry = find(map, key);
    if (!entry->key) {
        entry->key = key;
        map->count++;
    }
    entry->value += amount;
}

/* Removes `key`; entries after it move back so that no probe is cut short. */
static NOINLINE int take_out(struct map *map, uint64_t key) {
    uint32_t hole = (uint32_t)(find(map, key) - map->entries), at = hole;
    if (!map->entries[hole].key) return 0;
    for (;;) {
        at = (at + 1) & map->mask;
        if (!map->entries[at].key) break;
        uint32_t wanted = home(map, map->entries[at].key);
        if (((at - wanted) & map->mask) >= ((at - hole) & map->mask)) {
            map->entries[hole] = map->entries[at];
            hole = at;
        }
    }
    map->entries[hole] = (struct entry){0, 0};
    map->count--;
    return 1;
}

static uint64_t next_key(uint32_t *seed, uint32_t range) {
    uint64_t number = next_random(seed) % range + 1;
    return number * 0xD1342543DE82EF95u | 1;
}

int main(int argc, char **argv) {
    uint32_t operations = scale_argument(argc, argv, 900000);
    uint32_t range = operations / 12 + 16, seed = 0xDEADBEEFu, removed = 0, hits = 0;
    struct map map = {NULL, 0, 0};
    resize(&map, 16);
    for (uint32_t i = 0; i < operations; i++) {
        uint64_t key = next_key(&seed, range);
        switch (i & 3) {
        case 0:
        case 1: add(&map, key, i); break;
        case 2: hits += find(&map, key)->key != 0; break;
        default:
            if (i & 4) removed += (uint32_t)take_out(&map, key);
        }
    }
    uint64_t sum = 0;
    uint32_t live = 0;
    for (uint32_t i = 0; i <= map.mask; i++) {
        if (!map.entries[i].key) continue;
        live++;
        sum += map.entries[i].key ^ map.entries[i].value * 31;
        check(find(&map, map.entries[i].key) == &map.entries[i], "every entry can be found");
    }
    check(live == map.count, "the count is right");
    free(map.entries);
    printf("hashmap %u operations: %u live, %u hits, %u removed, checksum %08x%08x\n", operations, live, hits, removed,
           (uint32_t)(sum >> 32), (uint32_t)sum);
    return 0;
}
