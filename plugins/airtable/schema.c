/* SPDX-License-Identifier: Apache-2.0 */
/* Bases, tables and columns, as Airtable has them at the time of the run; airtable.h. */
#include "airtable.h"

/* --- requests --------------------------------------------------------------------------------- */

static int ends_with(lh_str s, lh_str end)
{
    return s.n >= end.n && !memcmp(s.p + s.n - end.n, end.p, end.n);
}

lh_str airtable_url(lh_call *c, const char *path, lh_str base, const char *behind, lh_str rest)
{
    const char *version = ends_with(H->base_url(c), LHS("/v0")) ? "" : "/v0";
    lh_str base_part = lhs_pct(H, c, base);
    lh_str rest_part = lhs_pct(H, c, rest);

    if (!base_part.p || !rest_part.p)
        return LHS("");
    return lhs_fmt(H, c, "%s%s%s%s%s", version, path, base_part.p, behind, rest_part.p);
}

int airtable_ask_schema(lh_call *c, lh_str base, const struct lh_http_resp **ret)
{
    struct lh_http_req q = lhs_get(airtable_url(c, "/meta/bases/", base, "/tables", LHS("")));

    q.cache_ms = AIRTABLE_CACHE_MS;
    q.bucket = LHS("base");
    q.bucket_key = base;
    return H->http(c, &q, ret);
}

/* --- answers ---------------------------------------------------------------------------------- */

int airtable_refuse(lh_call *c, lh_str base, const struct lh_http_resp *answer)
{
    const lh_json *error = H->json_get(answer->json, LHS("error"));
    lh_str words = H->json_str(H->json_get(error, LHS("message")));

    if (answer->status == 403)
        return lhs_fail(H, c, LH_E_DENIED,
                        "Airtable answers 403 for base %.*s: it does not exist, or the token may "
                        "not use it; add the base to the token's access, and the scopes "
                        "data.records:read and schema.bases:read",
                        (int)base.n, base.p);
    if (answer->status == 404)
        return lhs_fail(H, c, LH_E_NOT_FOUND,
                        "Airtable answers 404 for base %.*s: no such base or table; `lakehost "
                        "namespaces airtable` lists the bases of the token",
                        (int)base.n, base.p);
    if (answer->status == 422 && words.n)
        return lhs_fail(H, c, LH_E_OPTION,
                        "Airtable answers 422: %.*s; compare the table options filter_formula, "
                        "view, fields, time_zone and user_locale with the base, which may have "
                        "changed since the read began",
                        words.n < 300 ? (int)words.n : 300, words.p);
    return H->http_fail(c, answer);
}

int airtable_tables_of(lh_call *c, const struct lh_http_resp *answer, const lh_json **ret)
{
    const lh_json *tables = H->json_get(answer->json, LHS("tables"));

    if (H->json_kind(tables) != LH_JSON_ARRAY)
        return H->fail(c, LH_E_DATA, LHS("an answer of Airtable has no list \"tables\""));
    *ret = tables;
    return LH_OK;
}

/* --- tables ----------------------------------------------------------------------------------- */

static lh_str member(const lh_json *object, const char *name)
{
    return H->json_str(H->json_get(object, lhs_z(name)));
}

lh_str airtable_table_name(const lh_json *tables, const lh_json *table)
{
    lh_str name = member(table, "name");
    const lh_json *before = NULL;

    while (name.n && (before = H->json_next(tables, before, NULL)) && before != table)
        if (lhs_eq(member(before, "name"), name))
            return member(table, "id");
    return name.n ? name : member(table, "id");
}

int airtable_base_of(lh_call *c, const struct source *src, const struct lh_scan *s, lh_str *ret)
{
    lh_str base = lhs_z(H->opt(s->opts, "base_id"));

    if (!base.n)
        base = src->base;
    if (!base.n)
        return H->fail(c, LH_E_OPTION,
                       LHS("which base? give base_id, as an option or a table option; `lakehost "
                           "namespaces airtable` lists the bases of the token"));
    *ret = base;
    return LH_OK;
}

/* By name; else by id. */
static const lh_json *table_called(const lh_json *tables, lh_str name)
{
    const lh_json *table = NULL;

    while ((table = H->json_next(tables, table, NULL)))
        if (lhs_eq(airtable_table_name(tables, table), name))
            return table;
    while ((table = H->json_next(tables, table, NULL)))
        if (lhs_eq(member(table, "id"), name))
            return table;
    return NULL;
}

/* --- columns ---------------------------------------------------------------------------------- */

static int add_columns(lh_call *c, const lh_json *fields, struct table *t)
{
    const lh_json *field = NULL;
    size_t n = H->json_count(fields);
    lh_str *names = H->alloc(c, (n + 1) * sizeof *names);
    size_t i = 0;
    int rc;

    t->columns = H->alloc(c, (n + 1) * sizeof *t->columns);
    if (!names || !t->columns)
        return LH_E_NOMEM;
    for (; i < n && (field = H->json_next(fields, field, NULL)); i++) {
        struct column *column = &t->columns[i];

        column->field = field;
        column->id = member(field, "id");
        column->type = t->is_text ? (struct type){CELL_TEXT, 0, "string"} : airtable_type(field);
        column->is_read = !t->has_choice;
        names[i] = airtable_clean_name(c, member(field, "name"));
        if (!names[i].p)
            return LH_E_NOMEM;
        if (!column->id.n)
            return lhs_fail(H, c, LH_E_DATA, "Airtable names a field of %.*s without an id",
                            (int)t->name.n, t->name.p);
    }
    rc = airtable_unique_names(c, names, i);
    for (t->n_columns = 0; t->n_columns < i; t->n_columns++)
        t->columns[t->n_columns].name = names[t->n_columns];
    return rc;
}

/* A field by its name, its id, or the name of its column. */
static struct column *column_called(const struct table *t, lh_str name)
{
    for (size_t i = 0; i < t->n_columns; i++)
        if (lhs_eq(member(t->columns[i].field, "name"), name) || lhs_eq(t->columns[i].id, name))
            return &t->columns[i];
    for (size_t i = 0; i < t->n_columns; i++)
        if (lhs_eq(t->columns[i].name, name))
            return &t->columns[i];
    return NULL;
}

static int choose_one(lh_call *c, const struct table *t, lh_str name)
{
    struct column *column = column_called(t, name);

    if (!column)
        return lhs_fail(
            H, c, LH_E_OPTION,
            "fields: table %.*s has no field \"%.*s\"; names with commas go into a JSON "
            "list: [\"a, b\"]",
            (int)t->name.n, t->name.p, (int)name.n, name.p);
    column->is_read = 1;
    return LH_OK;
}

/* "a, b" or ["a", "b"] */
static int choose(lh_call *c, const struct table *t, lh_str fields)
{
    const lh_json *item = NULL;
    const lh_json *list;
    size_t at = 0;
    lh_str name;
    int rc = LH_OK;

    if (fields.n && fields.p[0] == '[') {
        list = H->json_parse(c, fields);
        if (H->json_kind(list) != LH_JSON_ARRAY)
            return H->fail(c, LH_E_OPTION, LHS("fields: begins as a JSON list and is none"));
        while (!rc && (item = H->json_next(list, item, NULL)))
            rc = choose_one(c, t, H->json_str(item));
        return rc;
    }
    while (!rc && (name = lhs_list_next(fields, &at)).n)
        rc = choose_one(c, t, name);
    return rc;
}

/* --- what tells of changes -------------------------------------------------------------------- */

/* One that looks at every field: a change that it does not see would be lost. */
static int sees_all(const struct column *column)
{
    const lh_json *options = H->json_get(column->field, LHS("options"));

    return lhs_eq(member(column->field, "type"), LHS("lastModifiedTime")) &&
           column->type.cell == CELL_TIME &&
           H->json_kind(H->json_get(options, LHS("isValid"))) != LH_JSON_FALSE &&
           !H->json_count(H->json_get(options, LHS("referencedFieldIds")));
}

static int take_named(lh_call *c, const struct table *t, lh_str name, struct column **ret)
{
    struct column *column = column_called(t, name);

    if (!column)
        return lhs_fail(H, c, LH_E_OPTION, "incremental_field: table %.*s has no field \"%.*s\"",
                        (int)t->name.n, t->name.p, (int)name.n, name.p);
    if (column->type.cell != CELL_TIME || column->type.is_list)
        return lhs_fail(H, c, LH_E_OPTION,
                        "incremental_field: \"%.*s\" is no date with a time of day%s; a field of "
                        "the kind \"Last modified time\", with its time shown, is what it takes",
                        (int)name.n, name.p,
                        t->is_text ? " (with cell_format string none is)" : "");
    *ret = column;
    return LH_OK;
}

/*
 * Without the option, only where the table is read as it is: whether a record is in a view, or is
 * one that a formula wants, changes without the record.
 */
static int find_cursor(lh_call *c, const struct lh_scan *s, struct table *t)
{
    const char *name = H->opt(s->opts, "incremental_field");
    int is_snapshot = lhs_opt_bool(H, s->opts, "snapshot", 0);
    struct column *found = NULL;
    int rc = LH_OK;

    if (name && is_snapshot)
        return H->fail(c, LH_E_OPTION,
                       LHS("incremental_field and snapshot=true exclude each other"));
    if (name)
        rc = take_named(c, t, lhs_z(name), &found);
    for (size_t i = 0; !name && i < t->n_columns && !found; i++)
        if (!is_snapshot && !H->opt(s->opts, "view") && !H->opt(s->opts, "filter_formula") &&
            sees_all(&t->columns[i]))
            found = &t->columns[i];
    if (found)
        found->is_read = 1;
    t->cursor = found;
    return rc;
}

/* --- a table ---------------------------------------------------------------------------------- */

int airtable_find(lh_call *c, const struct source *src, const struct lh_scan *s, struct table *ret)
{
    const char *format = H->opt(s->opts, "cell_format");
    lh_str fields = lhs_z(H->opt(s->opts, "fields"));
    const struct lh_http_resp *answer;
    const lh_json *tables;
    const lh_json *table;
    struct table t = {.name = s->table, .has_choice = fields.n > 0};
    int rc = airtable_base_of(c, src, s, &t.base);

    if (!rc)
        rc = airtable_ask_schema(c, t.base, &answer);
    if (rc)
        return rc;
    if (answer->status != 200)
        return airtable_refuse(c, t.base, answer);
    if ((rc = airtable_tables_of(c, answer, &tables)))
        return rc;
    table = table_called(tables, s->table);
    if (!table)
        return lhs_fail(
            H, c, LH_E_NOT_FOUND,
            "base %.*s has no table \"%.*s\", neither as a name nor as an id; `lakehost "
            "tables airtable` lists them",
            (int)t.base.n, t.base.p, (int)s->table.n, s->table.p);
    t.id = member(table, "id");
    t.is_text = format && !strcmp(format, "string");
    if (t.is_text && (!H->opt(s->opts, "time_zone") || !H->opt(s->opts, "user_locale")))
        return H->fail(c, LH_E_OPTION,
                       LHS("cell_format string needs time_zone and user_locale, such as "
                           "Europe/Vienna and de"));
    rc = add_columns(c, H->json_get(table, LHS("fields")), &t);
    if (!rc)
        rc = choose(c, &t, fields);
    if (!rc)
        rc = find_cursor(c, s, &t);
    if (!rc)
        *ret = t;
    return rc;
}
