/* SPDX-License-Identifier: Apache-2.0 */
/* The values that templates are filled in from; see template.h. */
#include "config.h"

#include "generate/template.h"

static struct lh_tpl_value *new_value(struct lh_arena *a, enum lh_tpl_kind kind, lh_str text)
{
    struct lh_tpl_value *v = lh_arena_alloc(a, sizeof *v);

    *v = (struct lh_tpl_value){.kind = kind, .text = text};
    return v;
}

struct lh_tpl_value *lh_tpl_map(struct lh_arena *a)
{
    return new_value(a, LH_TPL_MAP, LH_STR(""));
}

struct lh_tpl_value *lh_tpl_list(struct lh_arena *a)
{
    return new_value(a, LH_TPL_LIST, LH_STR(""));
}

const struct lh_tpl_value *lh_tpl_text(struct lh_arena *a, lh_str text)
{
    return new_value(a, LH_TPL_TEXT, text);
}

const struct lh_tpl_value *lh_tpl_code(struct lh_arena *a, lh_str checked)
{
    return new_value(a, LH_TPL_CODE, checked);
}

const struct lh_tpl_value *lh_tpl_bool(bool yes)
{
    static const struct lh_tpl_value values[] = {{.kind = LH_TPL_BOOL, .yes = false},
                                                 {.kind = LH_TPL_BOOL, .yes = true}};

    return &values[yes];
}

void lh_tpl_set(struct lh_arena *a, struct lh_tpl_value *map, lh_str name,
                const struct lh_tpl_value *value)
{
    if (map->n == map->cap) {
        size_t cap = map->cap ? 2 * map->cap : 8;
        struct lh_tpl_member *members = lh_arena_alloc(a, cap * sizeof *members);

        if (map->n)
            memcpy(members, map->members, map->n * sizeof *members);
        map->members = members;
        map->cap = cap;
    }
    map->members[map->n++] = (struct lh_tpl_member){name, value};
}

void lh_tpl_append(struct lh_arena *a, struct lh_tpl_value *list, const struct lh_tpl_value *value)
{
    lh_tpl_set(a, list, LH_STR(""), value);
}

void lh_tpl_set_text(struct lh_arena *a, struct lh_tpl_value *map, const char *name, lh_str text)
{
    lh_tpl_set(a, map, lh_str_z(name), lh_tpl_text(a, text));
}

lh_str lh_tpl_format(struct lh_arena *a, const char *format, ...)
{
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)16 << 20);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&text, format, args);
    va_end(args);
    return lh_arena_str(a, lh_buf_slice(&text));
}

const struct lh_tpl_value *lh_tpl_get(const struct lh_tpl_value *map, lh_str name)
{
    for (size_t i = map->kind == LH_TPL_MAP ? map->n : 0; i > 0; i--)
        if (lh_str_eq(map->members[i - 1].name, name))
            return map->members[i - 1].value;
    return NULL;
}
