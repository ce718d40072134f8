/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Absolute http and https URLs, strictly: taking them apart and saying what is wrong with one.
 *
 * Taken: http or https in any case, a host (name, IPv4, IPv6 in brackets), a port, a path and a
 * query of the characters of RFC 3986. Refused, because parsers differ about them: user-info,
 * fragments, backslashes, blanks and other bytes that must be percent-encoded, "." and ".."
 * segments, hosts such as 127.1 that look like a name and are an address. Nothing is resolved.
 */
#ifndef LH_PLUGIN_URL_H
#define LH_PLUGIN_URL_H

#include "base/buf.h"

#define LH_URL_BYTES ((size_t)8192)

struct lh_url {
    bool is_https;
    lh_str host;  /* IPv6 with its brackets */
    lh_str port;  /* empty: none */
    lh_str path;  /* from its '/'; may be empty */
    lh_str query; /* from its '?'; may be empty */
};

/* False: *ret_why says what is expected, never holds the text, which may hold a secret. */
bool lh_url_split(lh_str url, struct lh_url *ret, const char **ret_why);

/* The same for "host" or "host:port" alone. */
bool lh_url_split_authority(lh_str authority, lh_str *ret_host, lh_str *ret_port,
                            const char **ret_why);

/* One DNS label: letters, digits and '-' within, at most 63. */
bool lh_url_is_label(lh_str s);

/* Appends it with scheme and host in lower case and without slashes at the end of its path. */
void lh_url_write(struct lh_buf *to, const struct lh_url *url);

/* Appends a text in lower case (ASCII). */
void lh_url_write_lower(struct lh_buf *to, lh_str s);

#endif
