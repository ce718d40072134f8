/* SPDX-License-Identifier: Apache-2.0 */
/* Which tables are wanted: --include and --exclude; see catalog.h. */
#include "config.h"

#include "catalog/catalog_internal.h"

#include "base/glob.h"

#include <stdlib.h>

/* A glob is about the table's name, or about its path with namespaces. */
static bool matches(const char *glob, const struct lh_table_entry *t, lh_str path)
{
    return lh_glob_match(lh_str_z(glob), lh_str_z(t->name)) ||
           (t->n_ns && lh_glob_match(lh_str_z(glob), path));
}

/* Whether one of them matches; each that does is marked. */
static bool match_any(const char *const *globs, size_t n, const struct lh_table_entry *t,
                      bool *io_seen)
{
    lh_auto(lh_buf) path = LH_BUF_INIT(SIZE_MAX / 2);
    bool any = false;

    lh_catalog_put_path((const char *const *)t->ns, t->n_ns, t->name, &path);
    for (size_t i = 0; i < n; i++) {
        if (!matches(globs[i], t, lh_buf_slice(&path)))
            continue;
        any = true;
        io_seen[i] = true;
    }
    return any;
}

static void warn_unused(struct lh_log *log, const char *flag, const char *const *globs, size_t n,
                        const bool *seen)
{
    for (size_t i = 0; i < n; i++)
        if (!seen[i])
            lh_log_warn(log, "%s %s: no table matches", flag, globs[i]);
}

void lh_catalog_select(const struct lh_making *m, struct lh_tables *tables)
{
    const struct lh_catalog_wants *w = m->wants;
    bool *included lh_autofree = lh_xcalloc(w->n_include + 1, sizeof *included);
    bool *excluded lh_autofree = lh_xcalloc(w->n_exclude + 1, sizeof *excluded);
    struct lh_tables out = {.items = lh_xcalloc(tables->n + 1, sizeof *out.items)};
    size_t n = 0;

    for (size_t i = 0; i < tables->n; i++) {
        struct lh_table_entry *t = &tables->items[i];
        bool is_in = match_any(w->include, w->n_include, t, included) || !w->n_include;
        bool is_out = match_any(w->exclude, w->n_exclude, t, excluded);

        if (is_in && !is_out)
            tables->items[n++] = *t;
        else
            out.items[out.n++] = *t;
    }
    tables->n = n;
    lh_tables_free(&out);
    warn_unused(m->run->log, "--include", w->include, w->n_include, included);
    warn_unused(m->run->log, "--exclude", w->exclude, w->n_exclude, excluded);
}
