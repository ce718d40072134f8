/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes secrets out of text.
 *
 * A redactor knows a set of secrets and replaces whatever shows one by "***". A secret is found
 *
 *   - as it is;
 *   - percent-encoded, in either case of the hex digits, any choice of the characters that are
 *     encoded, and with '+' for a space;
 *   - escaped as in JSON or as the log sink does: \" \/ \n \u001b \x1b, surrogate pairs, U+FFFD
 *     for a byte that was not UTF-8;
 *   - inside base64, standard and URL-safe, at each of the three alignments, so also in the
 *     "user:password" of a Basic header. The characters at the seams that hold some of its bits
 *     go too;
 *   - line by line, when it has several lines (a PEM key); lines below 16 bytes are left alone;
 *   - cut off by the end of the text, from 8 bytes on.
 *
 * Secrets of 1 to 3 bytes are found as they are and not in the other forms: those would hit
 * text that has nothing to do with them. Secrets that overlap, in the text or by one holding the
 * other, leave nothing of either behind: what touches or overlaps becomes one "***".
 *
 * Not found: a secret that was compressed, hashed, hex-dumped, cut in its middle, or encoded
 * twice in different ways.
 *
 * Not locked; log.h has the same with a lock around it, and is what the program uses.
 */
#ifndef LH_BASE_REDACT_H
#define LH_BASE_REDACT_H

#include "base/buf.h"
#include "base/str.h"

struct lh_redact_form;

struct lh_redactor {
    struct lh_redact_form *forms;
    size_t n, cap;
    bool first[256]; /* bytes that some form can begin with */
};

#define LH_REDACTOR_INIT                                                                           \
    {                                                                                              \
        0                                                                                          \
    }

/* Overwrites the secrets before it frees them. */
void lh_redactor_free(struct lh_redactor *r);

/* Adds a secret, which is copied. The empty one and one that is known already change nothing. */
void lh_redactor_add(struct lh_redactor *r, lh_str secret);

/* Appends the text to out without the secrets. Without secrets this is lh_buf_str. */
void lh_redactor_apply(const struct lh_redactor *r, lh_str text, struct lh_buf *out);

#endif
