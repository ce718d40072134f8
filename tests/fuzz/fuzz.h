/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is one file: this header, and LLVMFuzzerTestOneInput.
 *
 *     #define FUZZ_NAME "json"
 *     #include "fuzz/fuzz.h"
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { ...; return 0; }
 *
 * With --enable-fuzzing, libFuzzer supplies main. Without it the main below runs every seed of
 * tests/data/fuzz/NAME as it is and mutated a fixed number of times, so that the target is an
 * ordinary test in `make check`, under valgrind too. Files named as arguments are run instead,
 * to see a finding again.
 */
#ifndef LH_TESTS_FUZZ_H
#define LH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold for every input. Aborts, so that every engine sees it. */
#define FUZZ_ASSERT(cond)                                                                          \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#include <stdio.h>
#include <stdlib.h>

#ifndef LH_LIBFUZZER

#include "tap.h"

#include <dirent.h>

#define FUZZ_MUTATIONS 200
#define FUZZ_MAX_SEED  ((size_t)1 << 20)

/* xorshift: the same mutations on every run and machine. */
static inline uint32_t fuzz_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

static inline size_t fuzz_mutate(uint8_t *p, size_t n, uint64_t *state)
{
    size_t edits = 1 + fuzz_random(state) % 4;

    for (size_t i = 0; i < edits && n; i++) {
        size_t at = fuzz_random(state) % n;

        switch (fuzz_random(state) % 4) {
        case 0: /* flip a bit */
            p[at] = (uint8_t)(p[at] ^ 1u << fuzz_random(state) % 8);
            break;
        case 1: /* a byte from somewhere else in the seed */
            p[at] = p[fuzz_random(state) % n];
            break;
        case 2: /* cut the end off */
            n = at;
            break;
        default: /* drop a byte */
            memmove(p + at, p + at + 1, n - at - 1);
            n--;
        }
    }
    return n;
}

static inline bool fuzz_file(const char *path, int mutations)
{
    FILE *file = fopen(path, "rb");
    uint8_t *seed = malloc(FUZZ_MAX_SEED);
    uint8_t *copy = malloc(FUZZ_MAX_SEED);
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    size_t n = 0;

    if (file && seed && copy) {
        n = fread(seed, 1, FUZZ_MAX_SEED, file);
        for (int i = -1; i < mutations; i++) {
            size_t m = n;
            uint8_t *exact;

            memcpy(copy, seed, n);
            if (i >= 0)
                m = fuzz_mutate(copy, n, &state);
            /* an allocation of just this size, so that reading one byte too far is seen */
            exact = malloc(m ? m : 1);
            if (!exact)
                break;
            memcpy(exact, copy, m);
            LLVMFuzzerTestOneInput(exact, m);
            free(exact);
        }
        fclose(file);
    }
    free(seed);
    free(copy);
    return file != NULL;
}

int main(int argc, char **argv)
{
    const char *top = getenv("srcdir");
    char folder[1024];
    struct dirent *entry;
    DIR *dir;

    for (int i = 1; i < argc; i++)
        ok(fuzz_file(argv[i], 0), "%s", argv[i]);
    if (argc > 1)
        return tap_done();
    snprintf(folder, sizeof folder, "%s/tests/data/fuzz/" FUZZ_NAME, top ? top : ".");
    dir = opendir(folder);
    ok(dir != NULL, "seeds in %s", folder);
    while (dir && (entry = readdir(dir))) {
        char path[2048];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        ok(fuzz_file(path, FUZZ_MUTATIONS), "seed %s and %d mutations", entry->d_name,
           FUZZ_MUTATIONS);
    }
    if (dir)
        closedir(dir);
    return tap_done();
}

#endif
#endif
