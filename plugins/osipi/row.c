/* SPDX-License-Identifier: Apache-2.0 */
/* Rows from the columns of a table. */
#include "osipi.h"

/* --- members ---------------------------------------------------------------------------------- */

/* A member by its path, whose parts end with dots. */
static const lh_json *by_path(const lh_json *item, lh_str path)
{
    while (path.n) {
        const char *dot = memchr(path.p, '.', path.n);
        size_t n = dot ? (size_t)(dot - path.p) : path.n;

        item = H->json_get(item, lhs_n(path.p, n));
        path = lhs_n(path.p + n + (dot ? 1 : 0), path.n - n - (dot ? 1 : 0));
    }
    return item;
}

static int is_empty(const lh_json *value)
{
    int kind = H->json_kind(value);

    return kind == LH_JSON_NONE || kind == LH_JSON_NULL ||
           (kind == LH_JSON_STRING && !H->json_str(value).n);
}

const lh_json *osipi_member(const lh_json *item, const char *from)
{
    const lh_json *value = NULL;
    int more = 1;

    while (more && is_empty(value)) {
        const char *bar = strchr(from, '|');

        more = bar != NULL;
        value = by_path(item, lhs_n(from, bar ? (size_t)(bar - from) : strlen(from)));
        from = bar ? bar + 1 : from;
    }
    return H->json_kind(value) == LH_JSON_NULL ? NULL : value;
}

lh_str osipi_last_segment(lh_str url)
{
    size_t at = url.n;

    while (at && url.p[at - 1] != '/')
        at--;
    return lhs_n(url.p + at, url.n - at);
}

/* --- values ----------------------------------------------------------------------------------- */

static void out_empty(struct reader *r, int brace)
{
    H->out_begin(r->out, brace);
    H->out_end(r->out);
}

static void out_text(struct reader *r, const lh_json *value)
{
    int kind = H->json_kind(value);

    if (kind == LH_JSON_NONE || kind == LH_JSON_NULL)
        H->out_json(r->out, NULL);
    else if (kind == LH_JSON_ARRAY || kind == LH_JSON_OBJECT)
        H->out_str(r->out, H->json_raw(value));
    else
        H->out_str(r->out, H->json_str(value));
}

static void out_str(struct reader *r, lh_str s)
{
    if (s.n)
        H->out_str(r->out, s);
    else
        H->out_json(r->out, NULL);
}

/* An event frame that is still open ends in the year 9999. */
static void out_end_time(struct reader *r, const lh_json *value)
{
    lh_str text = H->json_str(value);

    H->out_json(r->out, text.n > 4 && !memcmp(text.p, "9999", 4) ? NULL : value);
}

/* A digital state: {"Name": "On", "Value": 1, "IsSystem": false}. */
static int is_state(const lh_json *value)
{
    return H->json_kind(value) == LH_JSON_OBJECT &&
           H->json_kind(H->json_get(value, LHS("Name"))) == LH_JSON_STRING;
}

/* Whether the text is a JSON number: of a tag of strings, that a number was written to. */
static int is_number(lh_str s)
{
    size_t at = s.n && s.p[0] == '-' ? 1 : 0;
    size_t begin = at;

    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    if (at == begin || at - begin > 30 || (s.p[begin] == '0' && at - begin > 1))
        return 0;
    if (at < s.n && s.p[at] == '.') {
        begin = ++at;
        while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
            at++;
        if (at == begin)
            return 0;
    }
    return at == s.n;
}

/* The code of a state is a value; that of a system state ("No Data") is none. */
static void out_number(struct reader *r, const lh_json *value)
{
    int kind = H->json_kind(value);

    if (is_state(value)) {
        if (H->json_kind(H->json_get(value, LHS("IsSystem"))) == LH_JSON_TRUE)
            value = NULL;
        else
            value = H->json_get(value, LHS("Value"));
        kind = H->json_kind(value);
    }
    if (kind == LH_JSON_NUMBER)
        H->out_json(r->out, value);
    else if (kind == LH_JSON_TRUE || kind == LH_JSON_FALSE)
        H->out_i64(r->out, kind == LH_JSON_TRUE);
    else if (kind == LH_JSON_STRING && is_number(H->json_str(value)))
        H->out_raw(r->out, H->json_str(value));
    else
        H->out_json(r->out, NULL);
}

static void out_words(struct reader *r, const lh_json *value)
{
    int kind = H->json_kind(value);

    if (is_state(value))
        H->out_json(r->out, H->json_get(value, LHS("Name")));
    else if (kind == LH_JSON_STRING || kind == LH_JSON_OBJECT || kind == LH_JSON_ARRAY)
        out_text(r, value);
    else
        H->out_json(r->out, NULL);
}

/* --- columns ---------------------------------------------------------------------------------- */

/* What is about the object's parents, or about no object. */
static void out_around(struct reader *r, const struct column *column, const struct node *node)
{
    const struct node *parent = node ? node->parent : NULL;
    const struct node *above = parent ? parent->parent : NULL;

    if (column->how == PARENT)
        out_str(r, parent ? parent->webid : LHS(""));
    else if (column->how == GRANDPARENT)
        out_str(r, above ? above->webid : lhs_z(H->opt(r->scan->opts, "assetdatabase_webid")));
    else if (column->how == PARENT_NAME)
        H->out_json(r->out, parent ? osipi_member(parent->item, "Name") : NULL);
    else if (column->how == LABEL)
        out_str(r, lhs_z(node ? node->set->label : NULL));
    else if (column->how == ARGUMENT)
        out_str(r, r->argument);
    else
        H->out_str(r->out, r->now);
}

static void out_member(struct reader *r, const struct column *column, const lh_json *item)
{
    const lh_json *value = osipi_member(item, column->from);
    int kind = H->json_kind(value);

    if (column->how == AS_TEXT)
        out_text(r, value);
    else if (column->how == LAST_SEGMENT)
        out_str(r, osipi_last_segment(H->json_str(value)));
    else if (column->how == END_TIME)
        out_end_time(r, value);
    else if (column->how == AS_LIST && kind != LH_JSON_ARRAY)
        out_empty(r, '[');
    else if (column->how == AS_MAP && kind != LH_JSON_OBJECT)
        out_empty(r, '{');
    else
        H->out_json(r->out, value);
}

int osipi_row(struct reader *r, const struct node *node, osipi_compute *compute, void *context)
{
    H->out_begin(r->out, '{');
    for (size_t i = 0; i < r->table->n_columns; i++) {
        const struct column *column = &r->table->columns[i];

        H->out_key(r->out, lhs_z(column->name));
        if (column->how == COMPUTED)
            compute(r, column, node, context);
        else if (column->how >= PARENT)
            out_around(r, column, node);
        else
            out_member(r, column, node->item);
    }
    H->out_end(r->out);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->out);
}

int osipi_value_row(struct reader *r, lh_str tag, lh_str label, const lh_json *value)
{
    const lh_json *inner = H->json_get(value, LHS("Value"));

    H->out_begin(r->out, '{');
    for (size_t i = 0; i < r->table->n_columns; i++) {
        const struct column *column = &r->table->columns[i];

        H->out_key(r->out, lhs_z(column->name));
        if (column->how == TAG)
            H->out_str(r->out, tag);
        else if (column->how == LABEL)
            H->out_str(r->out, label);
        else if (column->how == NUMBER)
            out_number(r, inner);
        else if (column->how == WORDS)
            out_words(r, inner);
        else if (column->how == IS_DIGITAL)
            H->out_raw(r->out, is_state(inner) ? LHS("true") : LHS("false"));
        else if (column->how >= PARENT)
            out_around(r, column, NULL);
        else
            out_member(r, column, value);
    }
    H->out_end(r->out);
    r->n_rows++;
    return H->row_out(r->sink, LH_UPSERT, r->out);
}
