/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that keeps a refresh token from one run to the next: {"for": fingerprint,
 * "refresh_token": token}. It is as good as a password, so it must be this user's alone.
 */
#include "config.h"

#include "http/token.h"

#include "base/file.h"
#include "http/hash.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 10)

/* The key of a request serves: it is SHA-256 over parts with their lengths. */
void lh_rotation_fingerprint(const struct lh_token_grant *given, char ret_hex[65])
{
    struct lh_http_key_parts parts = {
        .method = LH_STR("refresh_token"),
        .url = lh_str_z(given->url),
        .content_type = lh_secret_text(&given->client_id),
        .body = lh_secret_text(&given->refresh_token),
    };
    struct lh_http_key key;

    lh_http_key_make(&parts, &key);
    memcpy(ret_hex, key.hex, sizeof key.hex);
}

static int unsafe(const char *path, const char *why, struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID,
                        "%s: %s; a refresh token is kept only in a file of one's own with mode "
                        "0600",
                        path, why);
}

/* -1 and code 0: there is none. */
static int open_safely(const char *path, int *ret_fd, struct lh_error *e)
{
    int fd lh_autoclose = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 && errno == ELOOP)
        return unsafe(path, "it is a symbolic link", e);
    if (fd < 0 && errno != ENOENT)
        return lh_file_error(e, errno, "open", path);
    if (fd >= 0 && fstat(fd, &st) != 0)
        return lh_file_error(e, errno, "look at", path);
    if (fd >= 0 && !S_ISREG(st.st_mode))
        return unsafe(path, "it is no file", e);
    if (fd >= 0 && st.st_uid != geteuid())
        return unsafe(path, "it belongs to another user", e);
    if (fd >= 0 && (st.st_mode & 077))
        return unsafe(path, "others may read or write it", e);
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int read_all(int fd, const char *path, struct lh_secret *to, struct lh_error *e)
{
    lh_secret_begin(to, FILE_MAX);
    for (;;) {
        ssize_t n = read(fd, to->text.p + to->text.n, FILE_MAX - to->text.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_file_error(e, errno, "read", path);
        if (n == 0)
            return 0;
        to->text.n += (size_t)n;
        if (to->text.n == FILE_MAX)
            return lh_error_set(e, LH_INVALID, "%s: too large for a kept token", path);
    }
}

int lh_rotation_read(const char *path, const char *fingerprint, struct lh_secret *ret,
                     struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_auto(lh_secret) text = LH_SECRET_INIT;
    int fd lh_autoclose = -1;
    lh_str token;
    int code = open_safely(path, &fd, e);

    if (code || fd < 0)
        return code;
    code = read_all(fd, path, &text, e);
    if (code)
        return code;
    if (lh_json_scan(doc, lh_secret_text(&text), &lh_json_page_limits, NULL) != LH_JSON_FINE)
        return lh_error_set(e, LH_INVALID, "%s: not what a refresh token is kept in; remove it",
                            path);
    token = lh_json_str(lh_json_get(lh_json_root(doc), LH_STR("refresh_token")));
    if (token.n &&
        lh_str_eqz(lh_json_str(lh_json_get(lh_json_root(doc), LH_STR("for"))), fingerprint))
        lh_secret_set(ret, token);
    return 0;
}

int lh_rotation_write(const char *path, const char *fingerprint, lh_str token, struct lh_error *e)
{
    lh_auto(lh_secret) text = LH_SECRET_INIT;
    int fd lh_autoclose = -1;
    int code = open_safely(path, &fd, e);

    if (code)
        return code;
    lh_secret_begin(&text, token.n * 6 + 256);
    lh_buf_f(&text.text, "{\"for\": \"%s\", \"refresh_token\": ", fingerprint);
    lh_json_write_str(&text.text, token);
    lh_buf_z(&text.text, "}\n");
    return lh_file_write_atomic(path, lh_secret_text(&text), 0600, e);
}
