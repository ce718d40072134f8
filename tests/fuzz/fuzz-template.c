/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates: any text is parsed or refused with its place; whatever a value is, no escaping
 * function lets it leave its context. The input is a value, a NUL, and a template.
 */
#include "config.h"

#define FUZZ_NAME "template"
#include "fuzz/fuzz.h"

#include "base/utf8.h"
#include "generate/python.h"
#include "generate/template_internal.h"
#include "yaml/yaml.h"

static bool escape(const char *context, lh_str value, struct lh_buf *to)
{
    const struct lh_tpl_value v = {.kind = LH_TPL_TEXT, .text = value};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_buf_reset(to);
    return lh_escape_of(lh_str_z(context))(&v, to, &e) == 0;
}

static void check_python(lh_str value)
{
    lh_auto(lh_buf) to = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_buf) file = LH_BUF_INIT((size_t)1 << 21);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    FUZZ_ASSERT(escape("py", value, &to) == lh_utf8_valid(value));
    if (!to.n)
        return;
    FUZZ_ASSERT(lh_python_check_expression(lh_buf_slice(&to), "x", &e) == 0);
    for (size_t i = 0; i < to.n; i++)
        FUZZ_ASSERT(to.p[i] >= ' ' && to.p[i] < 0x7f);
    FUZZ_ASSERT(escape("str", value, &to));
    lh_buf_f(&file, "a = f\"%s\"\nb = '''%s'''\nc = '%s'\n", lh_buf_text(&to), lh_buf_text(&to),
             lh_buf_text(&to));
    FUZZ_ASSERT(lh_python_check(lh_buf_slice(&file), "x", &e) == 0);
    FUZZ_ASSERT(!memchr(lh_buf_text(&to), '{', to.n));
    FUZZ_ASSERT(escape("ident", value, &to) == lh_python_is_identifier(value));
}

static void check_yaml(lh_str value)
{
    lh_auto(lh_buf) to = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_document) back = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const json_t *k;

    if (!escape("yaml", value, &to)) {
        FUZZ_ASSERT(!lh_utf8_valid(value) || memchr(value.p, '\0', value.n));
        return;
    }
    lh_buf_f(&text, "- k: %s\n  l: 1\n", lh_buf_text(&to));
    FUZZ_ASSERT(lh_yaml_parse(&back, lh_buf_slice(&text), "yaml", &e) == 0);
    k = json_object_get(json_array_get(back.root, 0), "k");
    FUZZ_ASSERT(json_is_string(k) && json_string_length(k) == value.n &&
                memcmp(json_string_value(k), value.p, value.n) == 0);
}

static void check_lines(lh_str value)
{
    lh_auto(lh_buf) to = LH_BUF_INIT((size_t)1 << 20);

    if (escape("comment", value, &to))
        for (size_t i = 0; i < to.n; i++)
            FUZZ_ASSERT((unsigned char)to.p[i] >= ' ' && to.p[i] != 0x7f);
    if (escape("md", value, &to))
        for (size_t i = 0; i < to.n; i++)
            FUZZ_ASSERT((unsigned char)to.p[i] >= ' ' && to.p[i] != 0x7f);
}

static void check_template(lh_str source, lh_str value)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    lh_auto(lh_buf) to = LH_BUF_INIT((size_t)1 << 20);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_template) t = NULL;
    struct lh_tpl_value *map = lh_tpl_map(&a);
    struct lh_tpl_value *list = lh_tpl_list(&a);

    if (lh_template_parse("t", lh_xmemdup0(source.p, source.n), source.n, NULL, NULL, &t, &e)) {
        FUZZ_ASSERT(e.code == LH_INVALID && strncmp(e.message, "t:", 2) == 0 && !t);
        return;
    }
    lh_tpl_append(&a, list, lh_tpl_text(&a, value));
    lh_tpl_append(&a, list, lh_tpl_bool(true));
    lh_tpl_set(&a, map, LH_STR("x"), lh_tpl_text(&a, value));
    lh_tpl_set(&a, map, LH_STR("yes"), lh_tpl_bool(true));
    lh_tpl_set(&a, map, LH_STR("l"), list);
    if (lh_template_render(t, map, &to, &e))
        FUZZ_ASSERT(e.message && strncmp(e.message, "t:", 2) == 0 && !to.n);
    else
        FUZZ_ASSERT(lh_utf8_valid(lh_buf_slice(&to)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    const char *end = size ? memchr(p, '\0', size) : NULL;
    lh_str value = lh_str_n(p, end ? (size_t)(end - p) : size);
    lh_str source = end ? lh_str_n(end + 1, size - value.n - 1) : LH_STR("");
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (size > 10000)
        return 0;
    check_python(value);
    check_yaml(value);
    check_lines(value);
    check_template(source, value);
    /* whatever they are, they are looked at within bounds */
    lh_python_check(source, "x", &e);
    lh_python_check_expression(value, "x", &e);
    return 0;
}
