/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret text that is wiped when it goes. Its room is made at once and never grows, so that no
 * copy of it stays behind in memory that was given back.
 */
#ifndef LH_HTTP_SECRET_H
#define LH_HTTP_SECRET_H

#include "base/buf.h"

struct lh_secret {
    struct lh_buf text; /* `failed` when the room was too small */
};

#define LH_SECRET_INIT                                                                             \
    {                                                                                              \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Wipes what was there. */
void lh_secret_begin(struct lh_secret *s, size_t room);
void lh_secret_free(struct lh_secret *s);

/* The same text in a secret of its own. */
void lh_secret_set(struct lh_secret *s, lh_str text);

/* Wipes a buffer, with all the room it has, before it frees it. */
void lh_secret_wipe(struct lh_buf *b);

/* a, what is between, b. */
void lh_secret_join(struct lh_secret *s, lh_str a, const char *between, lh_str b);

/* "Basic " and the base64 of "user:password" (RFC 7617). */
void lh_secret_basic(struct lh_secret *s, lh_str pair);

/* Appends s with all but letters, digits and - . _ ~ percent-encoded: at most 3 bytes for each. */
void lh_secret_encoded(struct lh_buf *to, lh_str s);

static inline lh_str lh_secret_text(const struct lh_secret *s)
{
    return lh_buf_slice(&s->text);
}

#endif
