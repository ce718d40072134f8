/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people see of a request: a line of --debug and one of --trace-http. Both pass through the
 * log's redaction; values of query members whose names say that they are secret go before that,
 * because a source may make such secrets by itself (signed links).
 */
#include "config.h"

#include "http/internal.h"

#include "json/json.h"

#include <strings.h>
#include <unistd.h>

static bool is_secret_name(lh_str name)
{
    static const char *const names[] = {
        "access_token",     "api_key",
        "apikey",           "auth",
        "client_secret",    "code",
        "hapikey",          "key",
        "password",         "pat",
        "private_token",    "refresh_token",
        "secret",           "sig",
        "signature",        "token",
        "x-amz-credential", "x-amz-security-token",
        "x-amz-signature",  "x-goog-credential",
        "x-goog-signature",
    };

    for (size_t i = 0; i < LH_LEN(names); i++)
        if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
            return true;
    return false;
}

static lh_str until(lh_str s, char c)
{
    const char *end = s.n ? memchr(s.p, c, s.n) : NULL;

    return end ? lh_str_n(s.p, (size_t)(end - s.p)) : s;
}

static void show_member(struct lh_buf *to, lh_str member)
{
    lh_str name = until(member, '=');

    lh_buf_str(to, name);
    if (name.n == member.n)
        return;
    if (is_secret_name(name))
        lh_buf_z(to, "=***");
    else
        lh_buf_add(to, member.p + name.n, member.n - name.n);
}

void lh_http_show_url(struct lh_buf *to, lh_str url)
{
    lh_str path = until(url, '?');
    lh_str rest = url;

    lh_buf_str(to, path);
    if (path.n == url.n)
        return;
    lh_buf_char(to, '?');
    rest = lh_str_n(url.p + path.n + 1, url.n - path.n - 1);
    while (rest.n) {
        lh_str member = until(rest, '&');

        show_member(to, member);
        if (member.n < rest.n) {
            lh_buf_char(to, '&');
            member.n++;
        }
        rest = lh_str_n(rest.p + member.n, rest.n - member.n);
    }
}

static void write_debug(const struct lh_transfer *t, const char *failure)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_log *log = t->engine->settings.log;

    if (!lh_log_wants(log, LH_LOG_DEBUG))
        return;
    lh_buf_f(&line, "%s: %s %s: ", t->source, lh_buf_text(&t->method), lh_buf_text(&t->shown));
    if (failure)
        lh_buf_z(&line, failure);
    else
        lh_buf_f(&line, "%d, %zu bytes", t->status, t->body.n);
    if (!failure && t->wire_bytes != t->body.n)
        lh_buf_f(&line, " from %" PRIu64, t->wire_bytes);
    lh_buf_f(&line, ", %" PRId64 " ms, attempt %u", t->took_ms, t->attempt);
    lh_log_write(log, LH_LOG_DEBUG, lh_buf_slice(&line));
}

static void add_number(struct lh_out *o, const char *name, uint64_t value)
{
    lh_out_key(o, lh_str_z(name));
    lh_out_i64(o, (int64_t)value);
}

static void add_text(struct lh_out *o, struct lh_log *log, const char *name, lh_str value)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);

    if (log)
        lh_log_redact(log, value, &text);
    else
        lh_buf_str(&text, value);
    lh_out_key(o, lh_str_z(name));
    lh_out_str(o, lh_buf_slice(&text));
}

/* Keys in the order of the alphabet. */
static void write_trace(const struct lh_transfer *t, const char *failure)
{
    lh_autoptr(lh_out) o = lh_out_new(LH_BUF_TEXT, 4);
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    struct lh_log *log = t->engine->settings.log;
    lh_str json;

    lh_out_begin(o, '{');
    add_number(o, "attempt", t->attempt);
    add_number(o, "bytes", t->body.n);
    if (failure)
        add_text(o, log, "error", lh_str_z(failure));
    add_text(o, log, "method", lh_buf_slice(&t->method));
    add_number(o, "ms", (uint64_t)t->took_ms);
    add_text(o, log, "source", lh_str_z(t->source));
    if (!failure)
        add_number(o, "status", (uint64_t)t->status);
    add_text(o, log, "url", lh_buf_slice(&t->shown));
    add_number(o, "wire_bytes", t->wire_bytes);
    lh_out_end(o);
    if (lh_out_finish(o, &json, NULL))
        return;
    lh_buf_str(&line, json);
    lh_buf_char(&line, '\n');
    /* one write, so that lines of several processes stay whole; a full disk ends no read */
    if (write(t->engine->trace, line.p, line.n) < 0)
        lh_log_debug(log, "the trace of requests cannot be written");
}

void lh_http_trace(const struct lh_transfer *t)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;
    const char *failure = NULL;
    bool sent;
    bool again;

    if (lh_transfer_problem(t, &sent, &again, &why))
        failure = lh_error_text(&why);
    write_debug(t, failure);
    if (t->engine->trace >= 0)
        write_trace(t, failure);
}
