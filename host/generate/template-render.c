/* SPDX-License-Identifier: Apache-2.0 */
/* Filling in a parsed template from values; see template.h. */
#include "config.h"

#include "base/map.h"
#include "generate/template_internal.h"

struct rendering {
    const struct lh_tpl_value *scopes[LH_TPL_SCOPES * (LH_TPL_INCLUDES + 1) + 1];
    size_t n;
    struct lh_buf *to;
    struct lh_error *e;
};

static const struct lh_tpl_value *look_up(const struct rendering *r, lh_str name)
{
    if (lh_str_eqz(name, "."))
        return r->scopes[r->n - 1];
    for (size_t i = r->n; i > 0; i--) {
        const struct lh_tpl_value *v = lh_tpl_get(r->scopes[i - 1], name);

        if (v)
            return v;
    }
    return NULL;
}

static int missing(const struct rendering *r, const struct lh_template *t,
                   const struct lh_tpl_node *node)
{
    lh_auto(lh_buf) known = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_map) names = LH_MAP_INIT(NULL);
    const char *comma = "";

    for (size_t i = r->n; i > 0; i--)
        for (size_t k = 0; r->scopes[i - 1]->kind == LH_TPL_MAP && k < r->scopes[i - 1]->n; k++) {
            if (!lh_map_set(&names, r->scopes[i - 1]->members[k].name, NULL))
                continue;
            lh_buf_f(&known, "%s%.*s", comma, LH_STR_ARG(r->scopes[i - 1]->members[k].name));
            comma = ", ";
        }
    return lh_error_set(r->e, LH_INVALID, "%s:%zu: there is no value \"%.*s\" here; there are: %s",
                        t->name, node->line, LH_STR_ARG(node->text), lh_buf_text(&known));
}

static bool holds(const struct lh_tpl_value *v)
{
    switch (v->kind) {
    case LH_TPL_BOOL:
        return v->yes;
    case LH_TPL_LIST:
    case LH_TPL_MAP:
        return v->n > 0;
    default:
        return v->text.n > 0;
    }
}

static int render(struct rendering *r, const struct lh_template *t, size_t from, size_t end);

static int render_section(struct rendering *r, const struct lh_template *t, size_t at,
                          const struct lh_tpl_value *v)
{
    const struct lh_tpl_node *node = &t->nodes[at];
    bool inverted = node->kind == LH_TPL_INVERTED;
    size_t times = v->kind == LH_TPL_LIST ? v->n : 1;
    int code = 0;

    if (holds(v) == inverted)
        return 0;
    if (inverted || v->kind == LH_TPL_BOOL)
        return render(r, t, at + 1, node->end);
    for (size_t i = 0; !code && i < times; i++) {
        r->scopes[r->n++] = v->kind == LH_TPL_LIST ? v->members[i].value : v;
        code = render(r, t, at + 1, node->end);
        r->n--;
    }
    return code;
}

static int render_named(struct rendering *r, const struct lh_template *t, size_t at)
{
    const struct lh_tpl_node *node = &t->nodes[at];
    const struct lh_tpl_value *v = look_up(r, node->text);

    if (!v)
        return missing(r, t, node);
    if (node->kind != LH_TPL_VARIABLE)
        return render_section(r, t, at, v);
    if (node->escape(v, r->to, r->e))
        return lh_error_wrap(r->e, "%s:%zu: %.*s", t->name, node->line, LH_STR_ARG(node->text));
    return 0;
}

/* As deep as sections and includes nest, which the parser has bounded. */
static int render(struct rendering *r, const struct lh_template *t, size_t from, size_t end)
{
    int code = 0;

    for (size_t at = from; !code && at < end; at++) {
        const struct lh_tpl_node *node = &t->nodes[at];

        if (node->kind == LH_TPL_LITERAL)
            lh_buf_str(r->to, node->text);
        else if (node->kind == LH_TPL_INCLUDE)
            code = render(r, node->included, 0, node->included->n_nodes);
        else
            code = render_named(r, t, at);
        if (node->kind == LH_TPL_SECTION || node->kind == LH_TPL_INVERTED)
            at = node->end - 1;
        if (!code && r->to->failed)
            code = lh_error_set(r->e, LH_FAILED, "%s: what comes out has more than %zu bytes",
                                t->name, r->to->max);
    }
    return code;
}

int lh_template_render(const struct lh_template *t, const struct lh_tpl_value *map,
                       struct lh_buf *to, struct lh_error *e)
{
    struct rendering r = {.scopes = {map}, .n = 1, .to = to, .e = e};
    size_t before = to->n;
    int code = render(&r, t, 0, t->n_nodes);

    if (code)
        lh_buf_cut(to, before);
    return code;
}
