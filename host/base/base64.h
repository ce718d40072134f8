/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648, section 4: the standard alphabet, with padding. */
#ifndef LH_BASE_BASE64_H
#define LH_BASE_BASE64_H

#include "base/buf.h"

/* Appends the text of s: 4 bytes for each 3. */
void lh_base64_encode(struct lh_buf *to, lh_str s);

/*
 * Appends the bytes of a text without blanks; padding may be left out. False, and what was appended
 * is cut off again, when it is no base64 or does not fit.
 */
bool lh_base64_decode(struct lh_buf *to, lh_str text);

#endif
