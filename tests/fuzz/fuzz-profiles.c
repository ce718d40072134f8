/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from anywhere: what is accepted can be written in the plain form and reads back as the
 * same; a message never holds a value.
 */
#include "config.h"

#include "workspace/profiles.h"

#include "base/buf.h"

#define FUZZ_NAME "profiles"
#include "fuzz/fuzz.h"

/* A value goes on in lines that begin with a blank. */
static void write_value(struct lh_buf *to, const char *value)
{
    for (; *value; value++) {
        lh_buf_char(to, *value);
        if (*value == '\n')
            lh_buf_char(to, ' ');
    }
    lh_buf_char(to, '\n');
}

static void write(const struct lh_profiles *p, struct lh_buf *to)
{
    for (size_t i = 0; i < p->n; i++) {
        lh_buf_f(to, "[%s]\n", p->items[i].name);
        for (size_t k = 0; k < p->items[i].n; k++) {
            lh_buf_f(to, "%s=", p->items[i].keys[k].name);
            write_value(to, p->items[i].keys[k].value);
        }
    }
}

static void check_same(const struct lh_profiles *a, const struct lh_profiles *b)
{
    FUZZ_ASSERT(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        FUZZ_ASSERT(strcmp(a->items[i].name, b->items[i].name) == 0);
        FUZZ_ASSERT(a->items[i].n == b->items[i].n);
        FUZZ_ASSERT(lh_profiles_find(a, a->items[i].name) == &a->items[i]);
        for (size_t k = 0; k < a->items[i].n; k++) {
            const struct lh_profile_key *key = &a->items[i].keys[k];

            FUZZ_ASSERT(strcmp(key->value, b->items[i].keys[k].value) == 0);
            FUZZ_ASSERT(lh_profile_get(&a->items[i], key->name) == key);
            FUZZ_ASSERT(key->line > a->items[i].line && (!key->more || key->more > key->line));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_auto(lh_profiles) p = {0};
    lh_auto(lh_profiles) again = {0};
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 24);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_profiles_parse(lh_str_n((const char *)data, size), "F", &p, &e);

    FUZZ_ASSERT(code == e.code && (code == 0 || code == LH_INVALID));
    if (code) {
        FUZZ_ASSERT(!p.n && !p.items && !p.file);
        return 0;
    }
    write(&p, &text);
    if (text.failed || text.n > LH_PROFILES_BYTES)
        return 0;
    FUZZ_ASSERT(lh_profiles_parse(lh_buf_slice(&text), "F", &again, &e) == 0);
    check_same(&p, &again);
    return 0;
}
