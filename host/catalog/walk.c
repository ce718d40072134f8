/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces, level by level, and the tables of each: every level above the deepest may have tables
 * too (a source's account, its owners, their repositories). See catalog.h.
 */
#include "config.h"

#include "catalog/catalog_internal.h"

#include "base/map.h"

#include <stdlib.h>

struct node {
    const char **path; /* in the catalog's arena */
    size_t n;
    struct lh_tables tables;
    struct lh_namespaces below;
    enum lh_outcome outcome;
    char *reason;
};

struct level {
    const struct lh_making *m;
    struct node *nodes;
    size_t n, cap;
    bool is_named;  /* by the user: they must be there */
    bool is_walked; /* what lies below is asked for */
};

static void level_free(struct level *level)
{
    for (size_t i = 0; i < level->n; i++) {
        lh_tables_free(&level->nodes[i].tables);
        lh_namespaces_free(&level->nodes[i].below);
        free(level->nodes[i].reason);
    }
    free(level->nodes);
}

/* --- one namespace ---------------------------------------------------------------------------- */

static int ask(const struct level *level, struct node *node, struct lh_instance *in,
               struct lh_error *e)
{
    lh_str *path lh_autofree = lh_xcalloc(node->n + 1, sizeof *path);
    int code;

    for (size_t i = 0; i < node->n; i++)
        path[i] = lh_str_z(node->path[i]);
    code = lh_instance_list_tables(in, path, node->n, &node->tables, e);
    if (!code && level->is_walked)
        code = lh_instance_list_namespaces(in, path, node->n, &node->below, e);
    return code;
}

static int visit(void *arg, size_t job, struct lh_instance *in, const struct lh_row_writer *to,
                 struct lh_error *e)
{
    const struct level *level = arg;
    struct node *node = &level->nodes[job];

    (void)to;
    if (!ask(level, node, in, e))
        return 0;
    /* what the user named must be there; what was come upon may be out of reach */
    if (level->is_named)
        return e->code;
    return lh_catalog_judge(level->m, in, &node->outcome, &node->reason, e);
}

/* --- levels ----------------------------------------------------------------------------------- */

static int add_node(struct level *level, struct lh_arena *arena, const struct node *parent,
                    const char *name, struct lh_error *e)
{
    struct node node = {.n = parent->n + 1};

    if (level->n == LH_CATALOG_MAX_NAMESPACES)
        return lh_error_set(e, LH_FAILED,
                            "%s: it has more than %zu namespaces; name those that you want as "
                            "--table-option",
                            level->m->plugin->name, LH_CATALOG_MAX_NAMESPACES);
    node.path = lh_arena_alloc(arena, node.n * sizeof *node.path);
    for (size_t i = 0; i < parent->n; i++)
        node.path[i] = parent->path[i];
    node.path[parent->n] = lh_arena_copy(arena, lh_str_z(name));
    level->nodes = lh_xgrow(level->nodes, level->n, &level->cap, sizeof *level->nodes);
    level->nodes[level->n++] = node;
    return 0;
}

/* The namespaces directly below those of `above`: the one that was given, or those that are. */
static int descend(const struct level *above, struct level *ret, struct lh_arena *arena,
                   struct lh_error *e)
{
    const struct lh_catalog_wants *w = above->m->wants;
    int code = 0;

    for (size_t i = 0; i < above->n && !code; i++) {
        const struct node *node = &above->nodes[i];

        if (!above->is_walked && node->n < w->n_given) {
            char *name lh_autofree = lh_xmemdup0(w->given[node->n].p, w->given[node->n].n);

            code = add_node(ret, arena, node, name, e);
        }
        for (size_t k = 0; k < node->below.n && !code; k++)
            if (node->below.items[k].n_ns == node->n + 1)
                code = add_node(ret, arena, node, node->below.items[k].ns[node->n], e);
    }
    return code;
}

/* --- what was found --------------------------------------------------------------------------- */

static bool is_wanted(const struct lh_catalog_wants *w, const struct lh_table_entry *t)
{
    return !w->is_wanted || w->is_wanted(w->arg, t);
}

/* Moves the tables of a level to the list, each once: a level may report those below it. */
static void take_tables(struct level *level, struct lh_map *seen, struct lh_tables *to,
                        size_t *io_cap)
{
    for (size_t i = 0; i < level->n; i++) {
        struct lh_tables *from = &level->nodes[i].tables;

        for (size_t k = 0; k < from->n; k++) {
            struct lh_table_entry *t = &from->items[k];
            lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

            for (size_t part = 0; part < t->n_ns; part++) {
                lh_buf_z(&key, t->ns[part]);
                lh_buf_char(&key, '\0');
            }
            lh_buf_z(&key, t->name);
            if (!is_wanted(level->m->wants, t) || !lh_map_set(seen, lh_buf_slice(&key), NULL))
                continue;
            to->items = lh_xgrow(to->items, to->n, io_cap, sizeof *to->items);
            to->items[to->n++] = *t;
            *t = (struct lh_table_entry){0};
        }
    }
}

static void take_refusals(const struct level *level, struct lh_catalog *catalog)
{
    size_t cap = catalog->n_refused_namespaces;

    for (size_t i = 0; i < level->n; i++) {
        const struct node *node = &level->nodes[i];
        lh_auto(lh_buf) path = LH_BUF_INIT(LH_BUF_TEXT);

        if (node->outcome == LH_TABLE_OK)
            continue;
        for (size_t k = 0; k < node->n; k++)
            lh_buf_f(&path, "%s%s", k ? "/" : "", node->path[k]);
        lh_log_warn(level->m->run->log, "namespace %s: its tables are left out: %s",
                    lh_buf_text(&path), node->reason);
        catalog->refused = lh_xgrow(catalog->refused, catalog->n_refused_namespaces, &cap,
                                    sizeof *catalog->refused);
        catalog->refused[catalog->n_refused_namespaces++] =
            (struct lh_namespace_path){node->path, node->n};
    }
}

static int by_path(const void *a, const void *b)
{
    const struct lh_table_entry *x = a;
    const struct lh_table_entry *y = b;

    for (size_t i = 0; i < x->n_ns && i < y->n_ns; i++) {
        int order = strcmp(x->ns[i], y->ns[i]);

        if (order)
            return order;
    }
    if (x->n_ns != y->n_ns)
        return x->n_ns < y->n_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* --- the walk --------------------------------------------------------------------------------- */

static int visit_all(struct level *level, struct lh_error *e)
{
    const struct lh_work work = {.n = level->n, .unordered = true, .run = visit, .arg = level};

    return lh_pool_run(level->m->pool, &work, NULL, e);
}

static void begin_level(struct level *level)
{
    const struct lh_making *m = level->m;
    size_t depth = level->nodes[0].n;

    level->is_named = depth <= m->wants->n_given;
    level->is_walked = depth < m->plugin->spec->namespaces.n && depth >= m->wants->n_given &&
                       m->plugin->table.list_namespaces;
}

/* Those that the user named for single tables, wherever they are. */
static int visit_others(const struct lh_making *m, struct lh_map *seen, struct lh_tables *to,
                        size_t *io_cap, struct lh_error *e)
{
    struct level level = {.m = m, .n = m->wants->n_also, .is_named = true};
    int code = 0;

    if (!level.n)
        return 0;
    level.nodes = lh_xcalloc(level.n, sizeof *level.nodes);
    for (size_t i = 0; i < level.n; i++)
        level.nodes[i] = (struct node){.path = m->wants->also[i].ns, .n = m->wants->also[i].n_ns};
    code = visit_all(&level, e);
    if (!code)
        take_tables(&level, seen, to, io_cap);
    level_free(&level);
    return code;
}

int lh_catalog_walk(const struct lh_making *m, struct lh_tables *ret, struct lh_catalog *catalog,
                    struct lh_error *e)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    struct level level = {.m = m, .nodes = lh_xcalloc(1, sizeof *level.nodes), .n = 1, .cap = 1};
    size_t cap = 0;
    int code = 0;

    while (!code && level.n) {
        struct level next = {.m = m};

        begin_level(&level);
        code = visit_all(&level, e);
        if (!code) {
            take_tables(&level, &seen, ret, &cap);
            take_refusals(&level, catalog);
            code = descend(&level, &next, &catalog->arena, e);
        }
        level_free(&level);
        level = next;
    }
    level_free(&level);
    if (!code)
        code = visit_others(m, &seen, ret, &cap, e);
    if (!code && ret->n)
        qsort(ret->items, ret->n, sizeof *ret->items, by_path);
    return code;
}
