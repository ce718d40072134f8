/* SPDX-License-Identifier: Apache-2.0 */
/* Making a catalog: list, select, look up, and what came of it; see catalog.h. */
#include "config.h"

#include "catalog/catalog_internal.h"

#include <stdlib.h>

/* What a job finds out about one table. */
struct found {
    struct lh_metadata metadata;
    struct lh_schema *schema;
    struct lh_measured measured;
    enum lh_outcome outcome;
    int code;
    char *reason;
};

/* Of a table that nothing is known of. */
static const struct lh_truth unknown = {.ingestion = "unknown", .cursor = ""};

struct lookup {
    const struct lh_making *m;
    const struct lh_catalog *catalog;
    struct found *found; /* one for each table of the catalog */
    size_t n_done, n_bad;
};

void lh_catalog_free(struct lh_catalog *c)
{
    for (size_t i = 0; i < c->n; i++) {
        lh_opts_destroy(c->tables[i].opts);
        lh_schema_destroy(c->tables[i].schema);
        json_decref(c->tables[i].props);
        free(c->tables[i].measured.limit_requests);
    }
    free(c->tables);
    free(c->refused);
    lh_arena_free(&c->arena);
    *c = (struct lh_catalog){0};
}

void lh_catalog_put_path(const char *const *ns, size_t n, const char *name, struct lh_buf *to)
{
    for (size_t i = 0; i < n; i++)
        lh_buf_f(to, "%s/", ns[i]);
    lh_buf_z(to, name);
}

void lh_catalog_path(const struct lh_catalog_table *t, struct lh_buf *to)
{
    lh_catalog_put_path(t->ns, t->n_ns, t->name, to);
}

/* --- one table -------------------------------------------------------------------------------- */

int lh_catalog_judge(const struct lh_making *m, const struct lh_instance *in,
                     enum lh_outcome *ret_outcome, char **ret_reason, struct lh_error *e)
{
    int result = lh_instance_result(in);
    bool is_denied = e->code == LH_REFUSED && result == LH_E_DENIED;
    lh_auto(lh_buf) text = LH_BUF_INIT(SIZE_MAX / 2);

    if (e->code == LH_INTERRUPTED || lh_deadline_passed(m->run->deadline))
        return e->code;
    /* every table would be refused as well, and some sources lock accounts out */
    if (e->code == LH_REFUSED && result == LH_E_AUTH)
        return e->code;
    if (!is_denied && !m->wants->best_effort)
        return e->code;
    lh_log_redact(m->run->log, lh_str_z(lh_error_text(e)), &text);
    *ret_reason = lh_buf_take(&text);
    *ret_outcome = is_denied ? LH_TABLE_REFUSED : LH_TABLE_FAILED;
    lh_error_free(e);
    return 0;
}

static void forget(struct found *f)
{
    lh_metadata_free(&f->metadata);
    f->metadata = (struct lh_metadata){0};
    lh_schema_destroy(lh_take(f->schema));
    free(lh_take(f->measured.limit_requests));
    f->measured.is_there = false;
}

static int ask(const struct lookup *l, const struct lh_catalog_table *t, struct lh_instance *in,
               struct found *f, struct lh_error *e)
{
    const struct lh_making *m = l->m;
    lh_str name = lh_str_z(t->name);
    int code = lh_instance_metadata(in, name, t->opts, &f->metadata, e);

    if (!code)
        code = lh_instance_schema(in, name, t->opts, &f->schema, e);
    if (!code)
        code = lh_instance_match(in, name, &f->metadata, f->schema, e);
    if (!code && m->wants->rows)
        code = lh_catalog_sample(in, m->run, m->plugin->spec, name, t->opts, f->metadata.ingestion,
                                 m->wants->rows, &f->measured, e);
    f->measured.is_there = f->measured.is_there && m->wants->measure;
    return code;
}

static int look_up(void *arg, size_t job, struct lh_instance *in, const struct lh_row_writer *to,
                   struct lh_error *e)
{
    const struct lookup *l = arg;
    struct found *f = &l->found[job];
    int code = ask(l, &l->catalog->tables[job], in, f, e);

    (void)to;
    if (!code)
        return 0;
    f->code = code;
    forget(f);
    return lh_catalog_judge(l->m, in, &f->outcome, &f->reason, e);
}

static void tell(const struct lookup *l)
{
    const struct lh_catalog_wants *w = l->m->wants;

    if (w->progress)
        w->progress(w->arg, l->n_done, l->n_bad, l->catalog->n - l->n_done);
}

static void tick(void *arg)
{
    tell(arg);
}

static int looked_up(void *arg, size_t job, struct lh_error *e)
{
    struct lookup *l = arg;

    (void)e;
    l->n_done++;
    l->n_bad += l->found[job].outcome != LH_TABLE_OK;
    tell(l);
    return 0;
}

/* --- the tables ------------------------------------------------------------------------------- */

static const char **copy_texts(struct lh_arena *arena, char *const *items, size_t n)
{
    const char **texts = lh_arena_alloc(arena, (n + 1) * sizeof *texts);

    for (size_t i = 0; i < n; i++)
        texts[i] = lh_arena_copy(arena, lh_str_z(items[i]));
    return texts;
}

static int take_listed(const struct lh_making *m, const struct lh_tables *listed,
                       struct lh_catalog *c, struct lh_error *e)
{
    int code = 0;

    c->tables = lh_xcalloc(listed->n + 1, sizeof *c->tables);
    for (size_t i = 0; i < listed->n && !code; i++) {
        const struct lh_table_entry *from = &listed->items[i];
        struct lh_catalog_table *t = &c->tables[c->n++];

        t->name = lh_arena_copy(&c->arena, lh_str_z(from->name));
        t->id = lh_arena_copy(&c->arena, lh_str_z(from->id));
        t->category = lh_arena_copy(&c->arena, lh_str_z(from->category));
        t->comment = lh_arena_copy(&c->arena, lh_str_z(from->comment));
        t->ns = copy_texts(&c->arena, from->ns, from->n_ns);
        t->n_ns = from->n_ns;
        t->flags = from->flags;
        t->reason = "";
        t->native = unknown;
        code = m->wants->options(m->wants->arg, from, &t->opts, e);
    }
    return code;
}

/* Moves what was found; the metadata's own words on category and flags are newer. */
static void take_found(struct lh_catalog *c, struct lh_catalog_table *t, struct found *f)
{
    const struct lh_metadata *m = &f->metadata;

    t->outcome = f->outcome;
    t->code = f->code;
    if (f->outcome != LH_TABLE_OK) {
        t->reason = lh_arena_copy(&c->arena, lh_str_z(f->reason));
        return;
    }
    t->native.ingestion = lh_ingestion_name(m->ingestion);
    t->native.n_keys = m->n_keys;
    t->native.keys = copy_texts(&c->arena, m->keys, m->n_keys);
    t->native.cursor = lh_arena_copy(&c->arena, lh_str_z(m->cursor));
    if (m->category && *m->category)
        t->category = lh_arena_copy(&c->arena, lh_str_z(m->category));
    t->flags |= m->flags & (LH_TABLE_PARTITIONED | LH_TABLE_REPLAYABLE);
    t->schema = lh_take(f->schema);
    t->props = json_incref(m->props);
    t->measured = f->measured;
    f->measured.limit_requests = NULL;
    lh_catalog_upstream(c->spec, t->name, &c->arena, &t->upstream);
    if (t->upstream.ingestion && !*t->upstream.ingestion)
        t->upstream.ingestion = t->native.ingestion;
}

static int look_up_all(const struct lh_making *m, struct lh_catalog *c, struct lh_error *e)
{
    struct lookup l = {.m = m, .catalog = c, .found = lh_xcalloc(c->n + 1, sizeof *l.found)};
    const struct lh_work work = {
        .n = c->n, .unordered = true, .run = look_up, .done = looked_up, .tick = tick, .arg = &l};
    int code;

    tell(&l);
    code = lh_pool_run(m->pool, &work, NULL, e);
    for (size_t i = 0; i < c->n; i++) {
        if (!code)
            take_found(c, &c->tables[i], &l.found[i]);
        forget(&l.found[i]);
        free(l.found[i].reason);
    }
    free(l.found);
    return code;
}

/* --- what came of it -------------------------------------------------------------------------- */

static bool is_neighbour(const struct lh_catalog_table *a, const struct lh_catalog_table *b)
{
    bool same = a->n_ns == b->n_ns;

    for (size_t i = 0; same && i < a->n_ns; i++)
        same = strcmp(a->ns[i], b->ns[i]) == 0;
    return same;
}

/* The parent that keeps a table back; NULL: none. */
static const struct lh_catalog_table *refused_parent(const struct lh_catalog *c,
                                                     const struct lh_catalog_table *t)
{
    const json_t *parents = json_object_get(c->spec->parents, t->name);

    for (size_t k = 0; k < json_array_size(parents); k++) {
        const char *name = json_string_value(json_array_get(parents, k));

        for (size_t i = 0; i < c->n; i++)
            if (c->tables[i].outcome == LH_TABLE_REFUSED && strcmp(c->tables[i].name, name) == 0 &&
                is_neighbour(&c->tables[i], t))
                return &c->tables[i];
    }
    return NULL;
}

static void refuse(struct lh_catalog *c, struct lh_catalog_table *t,
                   const struct lh_catalog_table *parent)
{
    lh_auto(lh_buf) reason = LH_BUF_INIT(SIZE_MAX / 2);

    lh_buf_f(&reason, "it is read through %s, which is refused", parent->name);
    t->outcome = LH_TABLE_REFUSED;
    t->code = LH_REFUSED;
    t->reason = lh_arena_copy(&c->arena, lh_buf_slice(&reason));
    t->native = unknown;
    t->upstream = (struct lh_truth){0};
    lh_schema_destroy(lh_take(t->schema));
    json_decref(lh_take(t->props));
    t->measured.is_there = false;
}

/* Children of children too. */
static void refuse_dependents(struct lh_catalog *c)
{
    bool changed = c->spec->parents != NULL;

    while (changed) {
        changed = false;
        for (size_t i = 0; i < c->n; i++) {
            struct lh_catalog_table *t = &c->tables[i];
            const struct lh_catalog_table *parent =
                t->outcome == LH_TABLE_REFUSED ? NULL : refused_parent(c, t);

            if (!parent)
                continue;
            refuse(c, t, parent);
            changed = true;
        }
    }
}

static void report(const struct lh_making *m, struct lh_catalog *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct lh_catalog_table *t = &c->tables[i];
        lh_auto(lh_buf) path = LH_BUF_INIT(SIZE_MAX / 2);

        if (t->outcome == LH_TABLE_OK)
            continue;
        lh_catalog_path(t, &path);
        c->n_refused += t->outcome == LH_TABLE_REFUSED;
        c->n_failed += t->outcome == LH_TABLE_FAILED;
        lh_log_warn(m->run->log,
                    t->outcome == LH_TABLE_REFUSED ? "table %s is refused: %s"
                                                   : "table %s is kept as unknown: %s",
                    lh_buf_text(&path), t->reason);
    }
}

/* What stands for all when none is good: a failure says more than a refusal. */
static const struct lh_catalog_table *find_worst(const struct lh_catalog *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->tables[i].outcome == LH_TABLE_FAILED)
            return &c->tables[i];
    return &c->tables[0];
}

/* Whether something is left that is worth writing down. */
static int conclude(const struct lh_making *m, const struct lh_catalog *c, struct lh_error *e)
{
    const struct lh_catalog_table *worst = find_worst(c);

    if (c->n_refused + c->n_failed < c->n)
        return 0;
    return lh_error_set(e, worst->code, "%s: no table is left: %zu refused, %zu failed; %s: %s",
                        m->plugin->name, c->n_refused, c->n_failed, worst->name, worst->reason);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int make(const struct lh_making *m, struct lh_catalog *c, struct lh_error *e)
{
    lh_auto(lh_tables) listed = {0};
    bool is_empty;
    int code = lh_catalog_walk(m, &listed, c, e);

    if (code)
        return code;
    is_empty = !listed.n;
    lh_catalog_select(m, &listed);
    if (!listed.n && c->n_refused_namespaces)
        return lh_error_set(e, LH_REFUSED, "%s: no table can be seen, see the warnings above",
                            m->plugin->name);
    if (!listed.n)
        return lh_error_set(e, LH_NOT_FOUND,
                            is_empty ? "%s: it has no tables"
                                     : "%s: --include and --exclude leave no table",
                            m->plugin->name);
    code = take_listed(m, &listed, c, e);
    if (!code)
        code = look_up_all(m, c, e);
    if (code)
        return code;
    refuse_dependents(c);
    report(m, c);
    c->is_partial = lh_pool_partial(m->pool);
    return conclude(m, c, e);
}

int lh_catalog_make(const struct lh_plugin *plugin, const struct lh_opts *opts,
                    const struct lh_run *run, const struct lh_catalog_wants *wants,
                    struct lh_catalog *ret, struct lh_error *e)
{
    lh_autoptr(lh_pool) pool = NULL;
    struct lh_making m = {.plugin = plugin, .run = run, .wants = wants};
    int code;

    ret->spec = plugin->spec;
    code = lh_pool_new(plugin, opts, run, wants->jobs, &pool, e);
    if (code)
        return code;
    m.pool = pool;
    return make(&m, ret, e);
}
