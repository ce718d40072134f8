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

const struct lh_tpl_value *lh_tpl_get(const struct lh_tpl_value *map, lh_str name)
{
    for (size_t i = map->kind == LH_TPL_MAP ? map->n : 0; i > 0; i--)
        if (lh_str_eq(map->members[i - 1].name, name))
            return map->members[i - 1].value;
    return NULL;
}
