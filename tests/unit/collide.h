/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of eight letters that all have one hash, made by running the hash backwards: what a
 * hostile source could send.
 */
#ifndef LH_TESTS_COLLIDE_H
#define LH_TESTS_COLLIDE_H

#include "base/buf.h"
#include "json/lex.h"

/* The number that undoes a multiplication by an odd one (Newton's method). */
static inline uint64_t undo(uint64_t odd)
{
    uint64_t inverse = odd;

    for (int i = 0; i < 6; i++)
        inverse *= 2 - odd * inverse;
    return inverse;
}

static inline bool eight_letters(uint64_t word)
{
    for (int i = 0; i < 8; i++, word >>= 8)
        if (!lh_lex_is_plain((uint8_t)word))
            return false;
    return true;
}

/* Appends {"key":0,...} with n keys, all different, all with the hash `hash`. */
static inline void colliding_object(struct lh_buf *b, int n, uint32_t hash)
{
    uint64_t first = undo(UINT64_C(0xff51afd7ed558ccd));
    uint64_t second = undo(UINT64_C(0xc4ceb9fe1a85ec53));
    uint64_t low = 0;

    lh_buf_char(b, '{');
    for (int i = 0; i < n; low++) {
        uint64_t word = ((uint64_t)hash << 36 | low) * second;
        char key[8];

        word ^= word >> 32;
        word = word * first ^ 8 * UINT64_C(0x9e3779b97f4a7c15);
        if (!eight_letters(word))
            continue;
        for (int k = 0; k < 8; k++)
            key[k] = (char)(word >> 8 * k & 0x7f);
        lh_buf_z(b, i++ ? ",\"" : "\"");
        lh_buf_add(b, key, sizeof key);
        lh_buf_z(b, "\":0");
    }
    lh_buf_char(b, '}');
}

#endif
