/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the catalog share while one is made; catalog.h is the face. */
#ifndef LH_CATALOG_INTERNAL_H
#define LH_CATALOG_INTERNAL_H

#include "catalog/catalog.h"
#include "plugin/pool.h"

#define LH_CATALOG_MAX_NAMESPACES ((size_t)100000)

/* What is the same for all jobs of one catalog. */
struct lh_making {
    const struct lh_plugin *plugin;
    const struct lh_run *run;
    const struct lh_catalog_wants *wants;
    struct lh_pool *pool;
};

/*
 * What a failed call means: 0 when it concerns one table or namespace only, with the outcome and
 * the reason (the caller's to free), and the error is taken back; else its code, and all ends.
 */
int lh_catalog_judge(const struct lh_making *m, const struct lh_instance *in,
                     enum lh_outcome *ret_outcome, char **ret_reason, struct lh_error *e);

/* All that is listed, each once, sorted; refused namespaces go into the catalog. */
int lh_catalog_walk(const struct lh_making *m, struct lh_tables *ret, struct lh_catalog *catalog,
                    struct lh_error *e);

/* Drops what the globs leave out; warns of those that match nothing. */
void lh_catalog_select(const struct lh_making *m, struct lh_tables *tables);

/* Appends "owner/repo/issues". */
void lh_catalog_put_path(const char *const *ns, size_t n, const char *name, struct lh_buf *to);

#endif
