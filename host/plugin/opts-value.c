/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The value of an option, by its type: what is taken, and the one form in which it is handed on.
 * No message holds a value that is, or may hold, a secret: secrets, URLs and JSON are not shown.
 */
#include "config.h"

#include "plugin/spec_internal.h"

#include "base/nearest.h"
#include "base/number.h"
#include "base/utf8.h"
#include "plugin/url.h"
#include "json/json.h"
#include "json/text.h"

#include <lakehost/sdk.h>
#include <strings.h>

#define VALUE_MAX ((size_t)65536)

/* A conversion: appends the value's form to `to`. */
typedef int convert(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                    struct lh_error *e);

static int not_shown(struct lh_error *e, const char *expected)
{
    return lh_error_set(e, LH_INVALID, "expected %s", expected);
}

static int shown(struct lh_error *e, const char *expected, lh_str found)
{
    char *quoted lh_autofree = lh_text_quote(found);

    return lh_error_set(e, LH_INVALID, "expected %s, found %s", expected, quoted);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static lh_str trim(lh_str s)
{
    while (s.n && is_blank(s.p[0]))
        s = lh_str_n(s.p + 1, s.n - 1);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* --- by type ---------------------------------------------------------------------------------- */

/* A secret read from a file often brings the file's last line break, which no source takes. */
static int convert_string(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                          struct lh_error *e)
{
    if (o->secret && (is_blank(value.p[0]) || is_blank(value.p[value.n - 1])))
        return not_shown(e, "a secret without blanks or line breaks around it");
    lh_buf_str(to, value);
    return 0;
}

static int convert_int(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                       struct lh_error *e)
{
    char *expected lh_autofree = NULL;
    int64_t number;

    if (lh_number_i64(trim(value), o->min, o->max, "", LH_INVALID, &number, NULL) == 0) {
        lh_buf_i64(to, number);
        return 0;
    }
    if (o->min == INT64_MIN && o->max == INT64_MAX)
        return shown(e, "a whole number", value);
    if (o->max == INT64_MAX)
        expected = lh_xasprintf("a whole number from %lld", (long long)o->min);
    else if (o->min == INT64_MIN)
        expected = lh_xasprintf("a whole number up to %lld", (long long)o->max);
    else
        expected =
            lh_xasprintf("a whole number from %lld to %lld", (long long)o->min, (long long)o->max);
    return shown(e, expected, value);
}

/* The words that the Python connectors take. */
static int convert_bool(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    static const char *const words[] = {"true", "false", "t", "f", "yes", "no",
                                        "y",    "n",     "1", "0", "on",  "off"};
    lh_str word = trim(value);

    (void)o;
    for (size_t i = 0; i < LH_LEN(words); i++)
        if (word.n == strlen(words[i]) && strncasecmp(word.p, words[i], word.n) == 0) {
            lh_buf_z(to, i % 2 == 0 ? "true" : "false");
            return 0;
        }
    return shown(e, "true or false", value);
}

static int convert_list(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    (void)o, (void)e;
    for (size_t at = 0; at <= value.n;) {
        const char *comma = value.n > at ? memchr(value.p + at, ',', value.n - at) : NULL;
        size_t end = comma ? (size_t)(comma - value.p) : value.n;
        lh_str part = trim(lh_str_n(value.p + at, end - at));

        if (part.n && to->n)
            lh_buf_char(to, ',');
        lh_buf_str(to, part);
        at = end + 1;
    }
    return 0;
}

static int convert_url(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                       struct lh_error *e)
{
    struct lh_url url;
    const char *why;

    (void)o;
    if (!lh_url_split(trim(value), &url, &why))
        return not_shown(e, why);
    lh_url_write(to, &url);
    return 0;
}

static int convert_host(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    lh_str text = trim(value);
    const char *why;
    lh_str host;
    lh_str port;

    (void)o;
    for (size_t i = 0; i + 2 < text.n; i++)
        if (memcmp(text.p + i, "://", 3) == 0)
            return not_shown(e, "a host such as pi.example.com or pi.example.com:8443, without "
                                "\"https://\"");
    if (text.n && memchr(text.p, '/', text.n))
        return not_shown(e, "a host alone, without a path");
    if (!lh_url_split_authority(text, &host, &port, &why))
        return not_shown(e, why);
    lh_url_write_lower(to, text);
    return 0;
}

/* Normalised to UTC, as the interface's own helpers write it. */
static int convert_time(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    int64_t time_ms = lhs_time_ms(value);
    char iso[LHS_ISO_SIZE];

    (void)o;
    if (time_ms == LHS_NO_TIME)
        return shown(e, "a date or time such as 2024-05-31 or 2024-05-31T08:00:00Z", value);
    lhs_iso_at(iso, time_ms);
    lh_buf_z(to, iso);
    return 0;
}

static lh_str value_word(const void *context, size_t i)
{
    return lh_str_z(((const struct lh_strings *)context)->items[i]);
}

static int convert_enum(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    char *quoted lh_autofree = NULL;

    for (size_t i = 0; i < o->values.n; i++) {
        if (lh_str_eqz(value, o->values.items[i])) {
            lh_buf_str(to, value);
            return 0;
        }
        lh_buf_f(&text, "%s %s", i ? "," : "", o->values.items[i]);
    }
    quoted = lh_text_quote(value);
    lh_buf_f(&text, "; found %s", quoted);
    lh_nearest_hint(value, value_word, &o->values, o->values.n, &text);
    return lh_error_set(e, LH_INVALID, "expected one of%s", lh_buf_text(&text));
}

static int convert_json(const struct lh_spec_option *o, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_problem problem;
    size_t line;
    size_t column;

    (void)o;
    if (lh_json_scan(doc, value, &lh_json_page_limits, &problem) != LH_JSON_FINE) {
        lh_json_place(value, problem.offset, &line, &column);
        return lh_error_set(e, LH_INVALID, "expected JSON; at %zu:%zu expected %s", line, column,
                            problem.expected);
    }
    if (lh_json_write_canonical(to, lh_json_root(doc)))
        return not_shown(e, "JSON in which no key stands twice in one object");
    return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

static int check_bytes(lh_str value, struct lh_error *e)
{
    if (value.n > VALUE_MAX)
        return lh_error_set(e, LH_INVALID, "expected at most %zu bytes, found %zu", VALUE_MAX,
                            value.n);
    if (!lh_utf8_valid(value))
        return not_shown(e, "text in UTF-8");
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];

        if ((c < ' ' && !is_blank(value.p[i])) || c == 0x7f)
            return lh_error_set(e, LH_INVALID, "found the control character 0x%02x, expected text",
                                c);
    }
    return 0;
}

int lh_option_normalise(const struct lh_spec_option *option, lh_str value, struct lh_buf *to,
                        struct lh_error *e)
{
    static convert *const converts[] = {
        [LH_OPTION_STRING] = convert_string, [LH_OPTION_INT] = convert_int,
        [LH_OPTION_BOOL] = convert_bool,     [LH_OPTION_LIST] = convert_list,
        [LH_OPTION_URL] = convert_url,       [LH_OPTION_HOST] = convert_host,
        [LH_OPTION_ENUM] = convert_enum,     [LH_OPTION_TIME] = convert_time,
        [LH_OPTION_JSON] = convert_json,
    };
    int code = check_bytes(value, e);

    if (code || value.n == 0)
        return code;
    return converts[option->type](option, value, to, e);
}
