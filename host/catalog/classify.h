/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classification: the category of a table, and the label of the group that it is put into.
 *
 * In: a table's name, what its connector says, prefix maps. Out: text. The order for a category:
 * the user's map, the connector's own category, the map that ships for the connector, the first
 * token of the name before '_', "unknown".
 */
#ifndef LH_CATALOG_CLASSIFY_H
#define LH_CATALOG_CLASSIFY_H

#include "base/buf.h"
#include "base/error.h"

/* Prefixes of table names and the category each stands for, in the order of the document. */
struct lh_prefix {
    char *prefix; /* "" is the beginning of every name */
    char *category;
};

struct lh_prefixes {
    struct lh_prefix *items;
    size_t n;
};

void lh_prefixes_free(struct lh_prefixes *prefixes);

/*
 * Reads a JSON object {"prefix": "category", ...}; `name` is for messages. LH_INVALID with a place
 * for anything else, and for an empty category. ret must be empty, and is untouched on failure.
 */
int lh_prefixes_parse(lh_str json, const char *name, struct lh_prefixes *ret, struct lh_error *e);

/*
 * The map that ships for a connector, presets/<connector>/category_prefix_map.json below the
 * folder of the data files; where there is none, ret stays empty. connector is a connector's name
 * (plugin.h), so it holds no '/'.
 */
int lh_prefixes_read_preset(const char *data_folder, const char *connector, struct lh_prefixes *ret,
                            struct lh_error *e);

/* The category of the first prefix that the name begins with, whatever the case; NULL: none. */
const char *lh_prefixes_find(const struct lh_prefixes *prefixes, lh_str table);

struct lh_classifier {
    struct lh_prefixes user, preset;
};

void lh_classifier_free(struct lh_classifier *c);

/* Appends the category of a table; `own` is the connector's, NULL or "" without one. */
void lh_classify(const struct lh_classifier *c, lh_str table, const char *own, struct lh_buf *to);

/* --- groups ----------------------------------------------------------------------------------- */

enum lh_group_by {
    LH_GROUP_NONE, /* one group, "all" */
    LH_GROUP_INGESTION,
    LH_GROUP_CATEGORY,
    LH_GROUP_CATEGORY_AND_INGESTION
};

/* Values of --group-by, for the option's table, and the one that is meant without it. */
#define LH_GROUP_BY_VALUES  "none|ingestion_type|category|category_and_ingestion_type"
#define LH_GROUP_BY_DEFAULT LH_GROUP_CATEGORY_AND_INGESTION

/* One of LH_GROUP_BY_VALUES; false for other text. */
bool lh_group_by_read(lh_str text, enum lh_group_by *ret);

/*
 * How an ingestion type is grouped, weighed and scheduled: cdc_with_deletes counts as "cdc", and
 * what is empty or no type as "unknown". One of snapshot, append, cdc, unknown; static.
 */
const char *lh_ingestion_kind(lh_str ingestion);

/* Appends the label: "all", "cdc", "core", "core_cdc". An empty category is "unknown". */
void lh_group_label(enum lh_group_by by, lh_str category, lh_str ingestion, struct lh_buf *to);

#endif
