/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers of requests and answers, and what the time and rate headers among them say.
 *
 * Answers come from outside: names must be tokens, values must be free of CR, LF and NUL, and both
 * their number and their bytes are bounded. Names are kept in lower case (which is how HTTP/2 has
 * them) and found in any case. Nothing here knows curl.
 */
#ifndef LH_HTTP_HEADERS_H
#define LH_HTTP_HEADERS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

#define LH_HTTP_HEADERS      256                /* at most, of one message */
#define LH_HTTP_HEADER_BYTES ((size_t)64 << 10) /* at most, of all its names and values */

/* No wait that a source asks for is longer: a day. What is longer is cut to this. */
#define LH_HTTP_WAIT_MAX_MS INT64_C(86400000)

struct lh_http_headers {
    struct lh_header *items; /* names and values end in NUL, which is not counted */
    size_t n, cap;
    size_t bytes;
};

#define LH_HTTP_HEADERS_INIT                                                                       \
    {                                                                                              \
        0                                                                                          \
    }

void lh_http_headers_free(struct lh_http_headers *h); /* wipes values first: they may be secret */

/*
 * Adds one. A name that is there already gets the new value behind the old one, with ", " between
 * (RFC 9110, 5.3), so that get has all of a Link or Retry-After that came in several lines.
 * LH_INVALID, and nothing changed: no token, CR, LF or NUL in the value, too many, too large. The
 * message has the name and never the value. Blanks around the value are dropped.
 */
int lh_http_headers_add(struct lh_http_headers *h, lh_str name, lh_str value, struct lh_error *e);

/* The same in place of what is there under the name. */
int lh_http_headers_set(struct lh_http_headers *h, lh_str name, lh_str value, struct lh_error *e);

/* Adds "Name: value" as it came, with or without its line end. A folded line is LH_INVALID. */
int lh_http_headers_add_line(struct lh_http_headers *h, lh_str line, struct lh_error *e);

/* False when there is none of this name. Wipes the value. */
bool lh_http_headers_remove(struct lh_http_headers *h, lh_str name);

/* The value, followed by a NUL; p is NULL when there is none. Valid until h is changed. */
lh_str lh_http_headers_get(const struct lh_http_headers *h, const char *name);

/* Copies all into an empty list. */
void lh_http_headers_copy(struct lh_http_headers *to, const struct lh_http_headers *from);

/* Headers that only the host writes (rule 17 of the interface): Authorization, Host, Proxy-*, ...
 */
bool lh_http_header_is_of_host(lh_str name);

/* --- times and rates -------------------------------------------------------------------------- */

/* A date in one of the three forms of RFC 9110, 5.6.7, as ms since 1970; false when it is none. */
bool lh_http_date(lh_str text, int64_t *ret_ms);

/*
 * The time at the source when it answered: its Date header; now_ms when there is none that can be
 * read. Points in time that the source names are compared with this, so that clocks that differ
 * do no harm.
 */
int64_t lh_http_source_time(const struct lh_http_headers *h, int64_t now_ms);

/*
 * How long Retry-After says to wait, from 0 to LH_HTTP_WAIT_MAX_MS; -1 when it is absent or is
 * neither a date nor a whole number of seconds. A date that has passed is 0. now_ms: wall clock.
 */
int64_t lh_http_retry_after(const struct lh_http_headers *h, int64_t now_ms);

enum lh_http_unit {
    LH_HTTP_EPOCH_S,
    LH_HTTP_EPOCH_MS,
    LH_HTTP_SECONDS, /* from now; a fraction is taken: "1.5" */
    LH_HTTP_DATE
};

/* The wait that a value of this unit asks for, with the same bounds; -1 when it is none. */
int64_t lh_http_wait_for(const struct lh_http_headers *h, lh_str value, enum lh_http_unit unit,
                         int64_t now_ms);

/* What the source says about a limit; -1 where it says nothing. */
struct lh_http_rate {
    int64_t limit;     /* requests in a window */
    int64_t remaining; /* of them */
    int64_t reset_ms;  /* from now: when there is a new window */
    int64_t window_ms; /* how long one is */
};

/*
 * Reads the first family of rate headers that is there: X-RateLimit-Limit, -Remaining, -Reset (the
 * reset as seconds from now, or since 1970 when it is that large); X-HubSpot-RateLimit-Max,
 * -Remaining, -Interval-Milliseconds; RateLimit-Limit, -Remaining, -Reset; X-Rate-Limit,
 * X-Rate-Limit-Remaining. False when there is none; values that are no numbers are -1.
 */
bool lh_http_rate_read(const struct lh_http_headers *h, int64_t now_ms, struct lh_http_rate *ret);

#endif
