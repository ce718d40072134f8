/* SPDX-License-Identifier: Apache-2.0 */
/* Categories and group labels; see classify.h. */
#include "config.h"

#include "catalog/classify.h"

#include "base/file.h"
#include "json/document.h"

#include <stdlib.h>

#define UNKNOWN     "unknown"
#define MAP_MAX     ((size_t)1 << 20)
#define PRESET_FILE "category_prefix_map.json"

void lh_prefixes_free(struct lh_prefixes *prefixes)
{
    for (size_t i = 0; i < prefixes->n; i++) {
        free(prefixes->items[i].prefix);
        free(prefixes->items[i].category);
    }
    free(prefixes->items);
    *prefixes = (struct lh_prefixes){0};
}

void lh_classifier_free(struct lh_classifier *c)
{
    lh_prefixes_free(&c->user);
    lh_prefixes_free(&c->preset);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int check_map(const struct lh_document *d, struct lh_error *e)
{
    const char *prefix;
    json_t *category;

    if (!json_is_object(d->root)) {
        char *found lh_autofree = lh_document_describe(d->root);

        return lh_document_error(d, "", e, "expected an object of prefixes, found %s", found);
    }
    json_object_foreach(d->root, prefix, category)
    {
        char *pointer lh_autofree = lh_pointer_join("", prefix);
        char *found lh_autofree = lh_document_describe(category);

        if (json_string_length(category) == 0)
            return lh_document_error(d, pointer, e, "expected a category, found %s", found);
    }
    return 0;
}

int lh_prefixes_parse(lh_str json, const char *name, struct lh_prefixes *ret, struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    const char *prefix;
    json_t *category;
    int code = lh_document_parse_json(&d, json, name, e);

    if (!code)
        code = check_map(&d, e);
    if (code)
        return code;
    ret->items = lh_xcalloc(json_object_size(d.root) + 1, sizeof *ret->items);
    json_object_foreach(d.root, prefix, category)
    {
        ret->items[ret->n++] = (struct lh_prefix){
            .prefix = lh_xstrdup(prefix), .category = lh_xstrdup(json_string_value(category))};
    }
    return 0;
}

int lh_prefixes_read_preset(const char *data_folder, const char *connector, struct lh_prefixes *ret,
                            struct lh_error *e)
{
    char *path lh_autofree = lh_xasprintf("%s/presets/%s/" PRESET_FILE, data_folder, connector);
    lh_auto(lh_buf) text = LH_BUF_INIT(MAP_MAX);
    int code = lh_file_read(path, MAP_MAX, LH_FILE_REGULAR | LH_FILE_MAYBE, &text, e);

    if (code == LH_NOT_FOUND) {
        lh_error_free(e);
        return 0;
    }
    return code ? code : lh_prefixes_parse(lh_buf_slice(&text), path, ret, e);
}

/* --- categories ------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins_with(lh_str name, const char *prefix)
{
    size_t n = strlen(prefix);

    if (n > name.n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(name.p[i]) != lower(prefix[i]))
            return false;
    return true;
}

const char *lh_prefixes_find(const struct lh_prefixes *prefixes, lh_str table)
{
    for (size_t i = 0; i < prefixes->n; i++)
        if (begins_with(table, prefixes->items[i].prefix))
            return prefixes->items[i].category;
    return NULL;
}

void lh_classify(const struct lh_classifier *c, lh_str table, const char *own, struct lh_buf *to)
{
    const char *category = lh_prefixes_find(&c->user, table);
    const char *cut = table.n ? memchr(table.p, '_', table.n) : NULL;

    if (!category && own && *own)
        category = own;
    if (!category)
        category = lh_prefixes_find(&c->preset, table);
    if (category)
        lh_buf_z(to, category);
    else if (cut && cut > table.p)
        lh_buf_add(to, table.p, (size_t)(cut - table.p));
    else
        lh_buf_z(to, UNKNOWN);
}

/* --- groups ----------------------------------------------------------------------------------- */

bool lh_group_by_read(lh_str text, enum lh_group_by *ret)
{
    size_t at = 0;

    for (int by = LH_GROUP_NONE; by <= LH_GROUP_CATEGORY_AND_INGESTION; by++) {
        if (!lh_str_eq(lh_str_part(LH_GROUP_BY_VALUES, '|', &at), text))
            continue;
        *ret = (enum lh_group_by)by;
        return true;
    }
    return false;
}

const char *lh_ingestion_kind(lh_str ingestion)
{
    static const char *const kinds[] = {"snapshot", "append", "cdc"};

    for (size_t i = 0; i < LH_LEN(kinds); i++)
        if (lh_str_eqz(ingestion, kinds[i]))
            return kinds[i];
    return lh_str_eqz(ingestion, "cdc_with_deletes") ? "cdc" : UNKNOWN;
}

void lh_group_label(enum lh_group_by by, lh_str category, lh_str ingestion, struct lh_buf *to)
{
    if (by == LH_GROUP_NONE)
        lh_buf_z(to, "all");
    if (by == LH_GROUP_CATEGORY || by == LH_GROUP_CATEGORY_AND_INGESTION)
        lh_buf_str(to, category.n ? category : LH_STR(UNKNOWN));
    if (by == LH_GROUP_CATEGORY_AND_INGESTION)
        lh_buf_char(to, '_');
    if (by == LH_GROUP_INGESTION || by == LH_GROUP_CATEGORY_AND_INGESTION)
        lh_buf_z(to, lh_ingestion_kind(ingestion));
}
