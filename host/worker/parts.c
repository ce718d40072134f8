/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in parts: what the connector looks at and has not come is fetched. Pages come as
 * skeletons; a column is fetched when one member is asked of the elements of an array, and what is
 * looked at otherwise with all that is near it. The host sends what one page needed along with the
 * next, so fetching is for the first.
 */
#include "config.h"

#include "worker/worker.h"

#include <stdlib.h>

#define SMALL   1024u /* entries: a value of no more comes with all that is in it */
#define FETCHES 3u    /* whoever looks into so many of an answer wants the rest as well */

/* --- parts that came -------------------------------------------------------------------------- */

static bool take_column(struct lh_worker_answer *a, const struct lh_record *r, lh_str data)
{
    struct lh_worker_column *column = &a->columns[a->n_columns];
    uint32_t n = (uint32_t)r->num[0];

    if (a->n_columns == LH_WORKER_COLUMNS)
        return true;
    if (!lh_json_lay_column(&a->room, data, n))
        return false;
    *column = (struct lh_worker_column){
        .name = lh_arena_str(&a->worker->given, r->str[0]),
        .cells = lh_xcalloc((size_t)n + 1, sizeof *column->cells),
        .n = n,
    };
    memcpy(column->cells, data.p, n * sizeof *column->cells);
    a->n_columns++;
    return true;
}

bool lh_worker_take_part(struct lh_worker_answer *a, const struct lh_message *m)
{
    struct lh_record r = {0};
    uint32_t index;
    uint64_t part;
    size_t at = 0;
    lh_str data;

    if (m->type != LH_REC_PART || lh_record_get(m->payload, &at, &r, NULL))
        return false;
    data = lh_str_n(m->payload.p + at, m->payload.n - at);
    index = (uint32_t)r.num[1];
    part = r.num[2];
    if (part == LH_JSON_COLUMN)
        return take_column(a, &r, data);
    if (part == LH_JSON_MEMBERS)
        a->rows = lh_json_at(a->doc, index);
    return part <= LH_JSON_WHOLE && lh_json_lay(&a->room, index + (part == LH_JSON_MEMBERS), data,
                                                (uint32_t)r.num[0], (enum lh_json_part)part);
}

void lh_worker_drop_columns(struct lh_worker_answer *a)
{
    for (; a->n_columns; a->n_columns--)
        free(a->columns[a->n_columns - 1].cells);
}

/* Entries of columns lie in the middle of nowhere, when the rest has not come. */
void lh_worker_clear_columns(struct lh_worker_answer *a)
{
    for (unsigned i = 0; i < a->n_columns; i++)
        for (uint32_t k = 0; k < a->columns[i].n; k++)
            lh_json_blank(a->doc, a->columns[i].cells[k].value);
}

/* --- fetching --------------------------------------------------------------------------------- */

static bool fetch(struct lh_worker_answer *a, const struct lh_json *v, enum lh_json_part part,
                  lh_str name)
{
    const struct lh_record ask = {
        .kind = LH_REC_FETCH, .num = {a->id, lh_json_index(v), part}, .str = {name}};
    struct lh_call *c = a->worker->running;
    struct lh_message m = {0};

    if (!lh_worker_is_in(c, "json_next"))
        return false;
    lh_worker_ask(c, &ask, NULL, &m);
    if (!lh_worker_take_part(a, &m))
        a->worker->leave();
    return true;
}

/* Between columns nothing else is laid but everything. */
static bool fetch_all(struct lh_worker_answer *a)
{
    return fetch(a, a->resp.json, LH_JSON_WHOLE, LH_STR(""));
}

bool lh_worker_fill(void *answer, const struct lh_json *v)
{
    struct lh_worker_answer *a = answer;

    if (a->n_columns || a->fetches++ >= FETCHES)
        return fetch_all(a);
    return fetch(a, v, lh_json_entries(v) <= SMALL ? LH_JSON_WHOLE : LH_JSON_MEMBERS, LH_STR(""));
}

void lh_worker_complete(const struct lh_json *v)
{
    struct lh_worker_answer *a = lh_json_mark(v);

    if (lh_json_is_whole(v))
        return;
    if (a->n_columns)
        fetch_all(a);
    else
        fetch(a, v, LH_JSON_WHOLE, LH_STR(""));
}

lh_str lh_worker_json_raw(const lh_json *v)
{
    lh_worker_complete(v);
    return lh_json_is_whole(v) ? lh_json_raw(v) : LH_STR("");
}

/* --- columns ---------------------------------------------------------------------------------- */

/* The cell of an object, in a column where they follow each other; NULL when there is none. */
static const struct lh_json_cell *cell_of(struct lh_worker_column *column, uint32_t object)
{
    uint32_t low = 0;
    uint32_t high = column->n;

    if (column->next < column->n && column->cells[column->next].object == object)
        return &column->cells[column->next++];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (column->cells[middle].object < object)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == column->n || column->cells[low].object != object)
        return NULL;
    column->next = low + 1;
    return &column->cells[low];
}

static const struct lh_json_cell *find_cell(struct lh_worker_answer *a, uint32_t object,
                                            lh_str name)
{
    const struct lh_json_cell *cell = NULL;

    for (unsigned i = 0; !cell && i < a->n_columns; i++)
        if (lh_str_eq(a->columns[i].name, name))
            cell = cell_of(&a->columns[i], object);
    return cell;
}

/* Whether v is an element of the array whose elements came last. */
static bool is_row(const struct lh_worker_answer *a, const struct lh_json *v)
{
    const struct lh_json *row = a->rows ? a->rows + 1 : v;
    const struct lh_json *end = a->rows ? a->rows + lh_json_entries(a->rows) : v;

    while (row < end && row < v)
        row += lh_json_entries(row);
    return row == v && row < end && lh_json_kind(a->rows) == LH_JSON_ARRAY;
}

const lh_json *lh_worker_json_get(const lh_json *object, lh_str key)
{
    const struct lh_json_cell *cell;
    struct lh_worker_answer *a;
    uint32_t index;

    if (!lh_json_is_hollow(object) || lh_json_kind(object) != LH_JSON_OBJECT || !key.p ||
        key.n > LH_COLUMN_NAME_MAX)
        return lh_json_get(object, key);
    a = lh_json_mark(object);
    index = lh_json_index(object);
    cell = find_cell(a, index, key);
    if (!cell && a->n_columns < LH_WORKER_COLUMNS && is_row(a, object) &&
        fetch(a, a->rows, LH_JSON_COLUMN, key))
        cell = find_cell(a, index, key);
    if (!cell)
        return lh_json_get(object, key);
    return cell->value ? lh_json_at(a->doc, cell->value) : NULL;
}
