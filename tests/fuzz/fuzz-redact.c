/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redaction. Input: one or more secrets and a text, each ended by a newline but the last.
 * No secret may remain, in any spelling that is written here; without secrets the text stays.
 */
#include "config.h"

#define FUZZ_NAME "redact"
#include "base/redact.h"
#include "fuzz/fuzz.h"

#include <string.h>

#define SECRETS_MAX 3

static bool contains(lh_str text, lh_str part)
{
    return part.n && text.n && memmem(text.p, text.n, part.p, part.n) != NULL;
}

static void put_percent(struct lh_buf *b, lh_str secret)
{
    for (size_t i = 0; i < secret.n; i++)
        lh_buf_f(b, i % 2 ? "%%%02x" : "%%%02X", (unsigned char)secret.p[i]);
}

static void put_escaped(struct lh_buf *b, lh_str secret)
{
    for (size_t i = 0; i < secret.n; i++)
        lh_buf_f(b, "\\x%02x", (unsigned char)secret.p[i]);
}

/* Base64 from the definition, bit by bit, of `before` bytes and the secret. */
static void put_base64(struct lh_buf *b, lh_str secret, size_t before)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t bits = (before + secret.n) * 8;

    for (size_t bit = 0; bit < bits; bit += 6) {
        unsigned value = 0;

        for (size_t i = bit; i < bit + 6; i++) {
            size_t at = i / 8;
            unsigned byte = at < before ? 'u' : i < bits ? (unsigned char)secret.p[at - before] : 0;

            value = value << 1 | (byte >> (7 - i % 8) & 1);
        }
        lh_buf_char(b, alphabet[value]);
    }
}

/* Of a derived form nothing but "***" and the `keep` characters before it may remain. */
static void check_form(const struct lh_redactor *r, lh_str form, size_t keep)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);

    lh_redactor_apply(r, form, &out);
    FUZZ_ASSERT(out.n <= keep + 3 && contains(lh_buf_slice(&out), LH_STR("***")));
}

/* With this secret alone: another one may be found in the letters of its base64. */
static void check_forms(lh_str secret)
{
    lh_auto(lh_redactor) r = LH_REDACTOR_INIT;
    lh_auto(lh_buf) form = LH_BUF_INIT(LH_BUF_TEXT);

    lh_redactor_add(&r, secret);
    put_percent(&form, secret);
    check_form(&r, lh_buf_slice(&form), 0);
    lh_buf_reset(&form);
    put_escaped(&form, secret);
    check_form(&r, lh_buf_slice(&form), 0);
    for (size_t before = 0; before < 6; before++) {
        lh_buf_reset(&form);
        put_base64(&form, secret, before);
        check_form(&r, lh_buf_slice(&form), before * 8 / 6);
    }
}

static void check_plain(lh_str text)
{
    lh_auto(lh_redactor) none = LH_REDACTOR_INIT;
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);

    lh_redactor_add(&none, lh_str_n(text.p, 0));
    lh_redactor_apply(&none, text, &out);
    FUZZ_ASSERT(lh_str_eq(lh_buf_slice(&out), text));
}

/* A '*' of a secret can meet those of the replacement; that shows nothing of it. */
static bool is_checkable(lh_str secret)
{
    return secret.n && !memchr(secret.p, '*', secret.n);
}

static void check_text(const struct lh_redactor *r, lh_str text, const lh_str *secrets, size_t n)
{
    lh_auto(lh_buf) out = LH_BUF_INIT(LH_BUF_TEXT);

    lh_redactor_apply(r, text, &out);
    FUZZ_ASSERT(!out.failed);
    for (size_t i = 0; i < n; i++) {
        if (!is_checkable(secrets[i]))
            continue;
        FUZZ_ASSERT(!contains(lh_buf_slice(&out), secrets[i]));
        if (secrets[i].n >= 4)
            check_forms(secrets[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_redactor) r = LH_REDACTOR_INIT;
    lh_str rest = lh_str_n((const char *)data, size);
    lh_str secrets[SECRETS_MAX];
    size_t n = 0;

    if (size > 2048)
        return 0;
    while (n < SECRETS_MAX && rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t length = end ? (size_t)(end - rest.p) : 0;

        if (!end)
            break;
        secrets[n] = lh_str_n(rest.p, length);
        lh_redactor_add(&r, secrets[n++]);
        rest = lh_str_n(rest.p + length + 1, rest.n - length - 1);
    }
    check_plain(rest);
    check_text(&r, rest, secrets, n);
    return 0;
}
