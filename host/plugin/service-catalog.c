/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the part "catalog" and the calls that they belong to: namespaces, tables,
 * schemas, metadata, check. What a connector reports is copied into plain structs of the host.
 */
#include "config.h"

#include "plugin/service_internal.h"

#include "base/buf.h"

#include <stdlib.h>

/* A list that is being filled: entries, and what they hold together. */
struct listing {
    struct lh_table_entry *items;
    size_t n, cap, bytes;
    struct lh_map seen; /* namespace and name, for "unique" */
};

static char *copy(struct listing *list, lh_str s)
{
    list->bytes += s.n + 1;
    return lh_xmemdup0(s.n ? s.p : "", s.n);
}

static void free_entry(struct lh_table_entry *entry)
{
    free(entry->name);
    free(entry->id);
    free(entry->category);
    free(entry->comment);
    for (size_t i = 0; i < entry->n_ns; i++)
        free(entry->ns[i]);
    free(entry->ns);
}

static void free_entries(struct lh_table_entry *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free_entry(&items[i]);
    free(items);
}

void lh_tables_free(struct lh_tables *tables)
{
    free_entries(tables->items, tables->n);
    *tables = (struct lh_tables){0};
}

void lh_namespaces_free(struct lh_namespaces *namespaces)
{
    free_entries(namespaces->items, namespaces->n);
    *namespaces = (struct lh_namespaces){0};
}

static void listing_free(struct listing *list)
{
    free_entries(list->items, list->n);
    lh_map_free(&list->seen);
}

static int rewind_listing(struct lh_call *call)
{
    listing_free(call->sink.into);
    memset(call->sink.into, 0, sizeof(struct listing));
    return call->stop;
}

/* --- namespaces and tables: services ---------------------------------------------------------- */

static int check_path(struct lh_call *call, const char *what, const lh_str *path, size_t n)
{
    if (n > LH_NAMESPACE_LEVELS)
        return lh_call_broke(call, 0, "%s: a namespace of %zu levels, at most %u are known", what,
                             n, LH_NAMESPACE_LEVELS);
    for (size_t i = 0; i < n; i++) {
        int rc = lh_call_name(call, what, path[i]);

        if (rc)
            return rc;
    }
    return 0;
}

/* Whether this name is new in its namespace, and the list may grow. */
static int take_name(struct lh_call *call, struct listing *list, const char *what,
                     const lh_str *path, size_t n, lh_str name)
{
    lh_auto(lh_buf) key = LH_BUF_INIT(SIZE_MAX / 2);

    for (size_t i = 0; i < n; i++) {
        lh_buf_str(&key, path[i]);
        lh_buf_char(&key, '\0');
    }
    lh_buf_str(&key, name);
    if (!lh_map_set(&list->seen, lh_buf_slice(&key), NULL))
        return lh_call_broke(call, 0, "%s: \"%.*s\" was reported before; names are unique", what,
                             LH_STR_ARG(name.n || !n ? name : path[n - 1]));
    if (list->n == LH_CATALOG_MAX || list->bytes > LH_CATALOG_BYTES)
        return lh_call_limit(call, "%s: more than %zu entries or %zu bytes", what, LH_CATALOG_MAX,
                             LH_CATALOG_BYTES);
    return 0;
}

static struct lh_table_entry *add_entry(struct listing *list, const lh_str *path, size_t n)
{
    struct lh_table_entry *entry;

    list->items = lh_xgrow(list->items, list->n, &list->cap, sizeof *list->items);
    entry = &list->items[list->n++];
    *entry = (struct lh_table_entry){.n_ns = n};
    entry->ns = lh_xcalloc(n ? n : 1, sizeof *entry->ns);
    for (size_t i = 0; i < n; i++)
        entry->ns[i] = copy(list, path[i]);
    return entry;
}

int lh_service_add_namespace(lh_sink *s, const lh_str *path, size_t n)
{
    struct lh_call *call;
    int rc = lh_sink_enter(s, "add_namespace", LH_TAKES_NAMESPACES, &call);

    if (rc)
        return rc;
    if (!n)
        return lh_call_broke(call, 0, "add_namespace: the path is empty");
    if ((rc = check_path(call, "add_namespace", path, n)) ||
        (rc = take_name(call, s->into, "add_namespace", path, n, LH_STR(""))))
        return rc;
    add_entry(s->into, path, n);
    return lh_call_tick(call);
}

int lh_service_add_table(lh_sink *s, const struct lh_table *theirs)
{
    struct lh_table_entry *entry;
    struct listing *list;
    struct lh_table table;
    struct lh_call *call;
    int rc = lh_sink_enter(s, "add_table", LH_TAKES_TABLES, &call);

    if (rc || (rc = lh_call_copy(call, "add_table", theirs, &table, sizeof table,
                                 LH_SIZE_UPTO(struct lh_table, n_ns))))
        return rc;
    list = s->into;
    if ((rc = lh_call_name(call, "add_table: name", table.name)) ||
        (rc = lh_call_text(call, "add_table: id", table.id)) ||
        (rc = lh_call_text(call, "add_table: category", table.category)) ||
        (rc = lh_call_text(call, "add_table: comment", table.comment)) ||
        (rc = check_path(call, "add_table: ns", table.ns, table.n_ns)) ||
        (rc = take_name(call, list, "add_table", table.ns, table.n_ns, table.name)))
        return rc;
    if (!table.category.n)
        table.category = lh_str_z(lh_spec_category(call->instance->plugin->spec, table.name));
    entry = add_entry(list, table.ns, table.n_ns);
    entry->name = copy(list, table.name);
    entry->id = copy(list, table.id.n ? table.id : table.name);
    entry->category = copy(list, table.category);
    entry->comment = copy(list, table.comment);
    entry->flags = table.flags & (LH_TABLE_PARTITIONED | LH_TABLE_REPLAYABLE);
    return lh_call_tick(call);
}

/* --- namespaces and tables: calls ------------------------------------------------------------- */

/* The parts as a connector gets them: each ends in NUL. */
static lh_str *copy_path(struct lh_call *call, const lh_str *path, size_t n)
{
    lh_str *parts = lh_arena_alloc(&call->instance->scratch, (n ? n : 1) * sizeof *parts);

    for (size_t i = 0; i < n; i++)
        parts[i] = lh_arena_str(&call->instance->scratch, path[i]);
    return parts;
}

/* The entries are the caller's from now on. */
static size_t hand_over(struct listing *list, struct lh_table_entry **ret_items)
{
    size_t n = list->n;

    *ret_items = lh_take(list->items);
    list->n = 0;
    return n;
}

int lh_instance_list_tables(struct lh_instance *in, const lh_str *ns, size_t n_ns,
                            struct lh_tables *ret, struct lh_error *e)
{
    __attribute__((cleanup(listing_free))) struct listing list = {0};
    struct lh_call *call = lh_call_begin(in, "list_tables", LH_STR(""), LH_TAKES_TABLES, &list);
    const lh_str *path = copy_path(call, ns, n_ns);
    int code;

    call->sink.rewind = rewind_listing;
    code = lh_call_end(call, in->plugin->table.list_tables(call, in->self, path, n_ns, &call->sink),
                       NULL, e);

    if (!code)
        ret->n = hand_over(&list, &ret->items);
    return code;
}

static int not_offered(const struct lh_instance *in, const char *slot, struct lh_error *e)
{
    return lh_error_set(e, LH_INVALID, "%s: it does not offer %s", in->plugin->name, slot);
}

static int ask_namespaces(struct lh_instance *in, const lh_str *prefix, size_t n,
                          struct lh_namespaces *ret, struct lh_error *e)
{
    __attribute__((cleanup(listing_free))) struct listing list = {0};
    struct lh_call *call =
        lh_call_begin(in, "list_namespaces", LH_STR(""), LH_TAKES_NAMESPACES, &list);
    const lh_str *path = copy_path(call, prefix, n);
    int code;

    call->sink.rewind = rewind_listing;
    code = lh_call_end(
        call, in->plugin->table.list_namespaces(call, in->self, path, n, &call->sink), NULL, e);

    if (!code)
        ret->n = hand_over(&list, &ret->items);
    return code;
}

static bool is_path(const struct lh_table_entry *entry, const lh_str *path, size_t n)
{
    bool same = entry->n_ns == n;

    for (size_t i = 0; same && i < n; i++)
        same = lh_str_eqz(path[i], entry->ns[i]);
    return same;
}

/* Nothing lies below a prefix: is it there at all? Only the level above knows. */
static int find_prefix(struct lh_instance *in, const lh_str *prefix, size_t n, struct lh_error *e)
{
    lh_auto(lh_namespaces) above = {0};
    lh_auto(lh_buf) path = LH_BUF_INIT(LH_BUF_TEXT);
    int code = ask_namespaces(in, prefix, n - 1, &above, e);

    if (code)
        return code;
    for (size_t i = 0; i < above.n; i++)
        if (is_path(&above.items[i], prefix, n))
            return 0;
    for (size_t i = 0; i < n; i++)
        lh_buf_f(&path, "%s%.*s", i ? " " : "", LH_STR_ARG(prefix[i]));
    return lh_error_set(e, LH_NOT_FOUND, "%s: it has no namespace \"%s\"", in->plugin->name,
                        lh_buf_text(&path));
}

int lh_instance_list_namespaces(struct lh_instance *in, const lh_str *prefix, size_t n,
                                struct lh_namespaces *ret, struct lh_error *e)
{
    int code;

    if (!in->plugin->table.list_namespaces)
        return not_offered(in, "namespaces (list_namespaces)", e);
    code = ask_namespaces(in, prefix, n, ret, e);
    return code || ret->n || !n ? code : find_prefix(in, prefix, n, e);
}

/* --- check ------------------------------------------------------------------------------------ */

struct steps {
    struct lh_steps list;
    size_t cap;
};

void lh_steps_free(struct lh_steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        free(steps->items[i].name);
        free(steps->items[i].detail);
    }
    free(steps->items);
    *steps = (struct lh_steps){0};
}

/* A copy for a report, which no log sink looks at; a secret of one byte becomes three. */
static char *without_secrets(struct lh_call *call, lh_str text)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(3 * text.n + 1);

    lh_log_redact(call->instance->run->log, text, &b);
    return lh_xmemdup0(b.n ? b.p : "", b.n);
}

int lh_service_add_step(lh_sink *s, lh_str name, int code, lh_str detail)
{
    struct lh_call *call;
    struct steps *steps;
    int rc = lh_sink_enter(s, "add_step", LH_TAKES_STEPS, &call);

    if (rc || (rc = lh_call_name(call, "add_step: name", name)) ||
        (rc = lh_call_text(call, "add_step: detail", detail)))
        return rc;
    steps = s->into;
    if (code > LH_OK || code <= LH_E_RULE)
        return lh_call_broke(call, 0, "add_step: %d is neither LH_OK nor LH_E_*", code);
    if (steps->list.n == 1000)
        return lh_call_limit(call, "add_step: more than 1000 steps");
    steps->list.items =
        lh_xgrow(steps->list.items, steps->list.n, &steps->cap, sizeof *steps->list.items);
    steps->list.items[steps->list.n++] = (struct lh_step){
        .name = without_secrets(call, name),
        .detail = without_secrets(call, detail),
        .code = code,
    };
    return lh_call_look(call);
}

static int rewind_steps(struct lh_call *call)
{
    struct steps *steps = call->sink.into;

    lh_steps_free(&steps->list);
    steps->cap = 0;
    return call->stop;
}

int lh_instance_check(struct lh_instance *in, struct lh_steps *ret, struct lh_error *e)
{
    struct steps steps = {0};
    struct lh_call *call;
    int code;

    if (!in->plugin->table.check) {
        *ret = steps.list;
        return 0;
    }
    call = lh_call_begin(in, "check", LH_STR(""), LH_TAKES_STEPS, &steps);
    call->sink.rewind = rewind_steps;
    code = lh_call_end(call, in->plugin->table.check(call, in->self, &call->sink), NULL, e);
    if (code)
        lh_steps_free(&steps.list);
    else
        *ret = steps.list;
    return code;
}

/* --- schemas ---------------------------------------------------------------------------------- */

/* Name, comment and flags of a field; its type is judged by the schema. */
static int take_field(struct lh_call *call, const char *what, const struct lh_field *theirs,
                      struct lh_field *ret)
{
    struct lh_field field;
    int rc = lh_call_copy(call, what, theirs, &field, sizeof field,
                          LH_SIZE_UPTO(struct lh_field, comment));

    if (rc || (rc = lh_call_name(call, what, field.name)) ||
        (rc = lh_call_text(call, what, field.type)) ||
        (rc = lh_call_text(call, what, field.comment)))
        return rc;
    field.flags &= LH_FIELD_NOT_NULL | LH_FIELD_EMPTY_IS_NULL;
    *ret = field;
    return 0;
}

static struct lh_schema *schema_of(const struct lh_sink *s)
{
    return *(struct lh_schema **)s->into;
}

typedef int add_column(struct lh_schema *, lh_str name, lh_str type, lh_str comment, unsigned flags,
                       struct lh_error *);

static int take_column(lh_sink *s, const char *what, const struct lh_field *theirs, add_column *add)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_field field;
    struct lh_call *call;
    int rc = lh_sink_enter(s, what, LH_TAKES_COLUMNS, &call);

    if (rc || (rc = take_field(call, what, theirs, &field)))
        return rc;
    if (add(schema_of(s), field.name, field.type, field.comment, field.flags, &e))
        return lh_call_broke(call, 0, "%s: column \"%.*s\" of type \"%.*s\": %s", what,
                             LH_STR_ARG(field.name), LH_STR_ARG(field.type), lh_error_text(&e));
    return 0;
}

int lh_service_add_field(lh_sink *s, const struct lh_field *theirs)
{
    return take_column(s, "add_field", theirs, lh_schema_add);
}

int lh_service_field_begin(lh_sink *s, const struct lh_field *theirs)
{
    return take_column(s, "field_begin", theirs, lh_schema_begin);
}

int lh_service_field_end(lh_sink *s)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_call *call;
    int rc = lh_sink_enter(s, "field_end", LH_TAKES_COLUMNS, &call);

    if (rc)
        return rc;
    return lh_schema_end(schema_of(s), &e)
               ? lh_call_broke(call, 0, "field_end: %s", lh_error_text(&e))
               : 0;
}

static int rewind_schema(struct lh_call *call)
{
    struct lh_schema **schema = call->sink.into;

    lh_schema_destroy(*schema);
    *schema = lh_schema_new();
    return call->stop;
}

int lh_instance_schema(struct lh_instance *in, lh_str table, const struct lh_opts *table_opts,
                       struct lh_schema **ret, struct lh_error *e)
{
    lh_autoptr(lh_schema) schema = lh_schema_new();
    lh_auto(lh_error) incomplete = LH_ERROR_INIT;
    struct lh_call *call = lh_call_begin(in, "get_table_schema", table, LH_TAKES_COLUMNS, &schema);
    struct lh_scan scan = lh_call_scan(call, table_opts);
    int code;
    int rc;

    call->sink.rewind = rewind_schema;
    rc = in->plugin->table.get_table_schema(call, in->self, &scan, &call->sink);
    if (rc == LH_OK && !call->stop && lh_schema_finish(schema, &incomplete))
        lh_call_broke(call, 0, "the schema is not complete: %s", lh_error_text(&incomplete));
    code = lh_call_end(call, rc, NULL, e);
    if (!code)
        *ret = lh_take(schema);
    return code;
}

/* --- metadata --------------------------------------------------------------------------------- */

const char *lh_ingestion_name(uint32_t ingestion)
{
    static const char *const names[] = {"unknown", "snapshot", "append", "cdc", "cdc_with_deletes"};

    return names[ingestion <= LH_INGEST_CDC_WITH_DELETES ? ingestion : 0];
}

void lh_metadata_free(struct lh_metadata *metadata)
{
    for (size_t i = 0; i < metadata->n_keys; i++)
        free(metadata->keys[i]);
    free(metadata->keys);
    free(metadata->cursor);
    free(metadata->category);
    json_decref(metadata->props);
    *metadata = (struct lh_metadata){0};
}

static int check_keys(struct lh_call *call, const struct lh_meta *meta)
{
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);

    if (meta->n_keys > LH_SCHEMA_MAX_COLUMNS)
        return lh_call_broke(call, 0, "set_meta: %zu keys", meta->n_keys);
    for (size_t i = 0; i < meta->n_keys; i++) {
        int rc = lh_call_name(call, "set_meta: a key", meta->keys[i]);

        if (rc)
            return rc;
        if (!lh_map_set(&seen, meta->keys[i], NULL))
            return lh_call_broke(call, 0, "set_meta: the key \"%.*s\" stands twice",
                                 LH_STR_ARG(meta->keys[i]));
    }
    if (!meta->n_keys && meta->ingestion != LH_INGEST_APPEND &&
        meta->ingestion != LH_INGEST_UNKNOWN)
        return lh_call_broke(call, 0, "set_meta: no keys; that is legal for append tables only");
    return 0;
}

static int check_meta(struct lh_call *call, const struct lh_meta *meta)
{
    int rc;

    if (meta->ingestion > LH_INGEST_CDC_WITH_DELETES)
        return lh_call_broke(call, 0, "set_meta: ingestion is %u, which is none of LH_INGEST_*",
                             meta->ingestion);
    if (meta->reserved)
        return lh_call_broke(call, 0, "set_meta: reserved is %u, expected 0", meta->reserved);
    if ((rc = check_keys(call, meta)) ||
        (rc = lh_call_text(call, "set_meta: cursor", meta->cursor)) ||
        (rc = lh_call_text(call, "set_meta: category", meta->category)))
        return rc;
    return 0;
}

int lh_service_set_meta(lh_sink *s, const struct lh_meta *theirs)
{
    struct lh_metadata *to;
    struct lh_meta meta;
    struct lh_call *call;
    int rc = lh_sink_enter(s, "set_meta", LH_TAKES_METADATA, &call);

    if (rc || (rc = lh_call_copy(call, "set_meta", theirs, &meta, sizeof meta,
                                 LH_SIZE_UPTO(struct lh_meta, category))))
        return rc;
    to = s->into;
    if (to->cursor)
        return lh_call_broke(call, 0, "set_meta was called twice");
    if ((rc = check_meta(call, &meta)))
        return rc;
    if (!meta.category.n)
        meta.category = lh_str_z(lh_spec_category(call->instance->plugin->spec, call->table));
    to->ingestion = meta.ingestion;
    to->flags = meta.flags & (LH_TABLE_PARTITIONED | LH_TABLE_REPLAYABLE);
    to->keys = lh_xcalloc(meta.n_keys ? meta.n_keys : 1, sizeof *to->keys);
    for (; to->n_keys < meta.n_keys; to->n_keys++)
        to->keys[to->n_keys] = lh_xmemdup0(meta.keys[to->n_keys].p, meta.keys[to->n_keys].n);
    to->cursor = lh_xmemdup0(meta.cursor.n ? meta.cursor.p : "", meta.cursor.n);
    to->category = lh_xmemdup0(meta.category.n ? meta.category.p : "", meta.category.n);
    return 0;
}

int lh_service_set_prop(lh_sink *s, const char *name, const lh_json *v)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_OFFSET_MAX_BYTES);
    struct lh_metadata *to;
    struct lh_call *call;
    int rc = lh_sink_enter(s, "set_prop", LH_TAKES_METADATA, &call);

    if (rc || (rc = lh_call_name(call, "set_prop: name", lh_str_z(name))))
        return rc;
    if (!v && lh_call_builder_failed(call))
        return call->stop;
    to = s->into;
    if (lh_json_write_canonical(&text, v))
        return lh_call_broke(call, 0, "set_prop: a key stands twice in an object of \"%s\"", name);
    if (!to->props)
        to->props = json_object();
    if (text.failed || json_object_size(to->props) == 1000)
        return lh_call_limit(call,
                             "set_prop: \"%s\" has more than 64 KiB, or there are more than "
                             "1000",
                             name);
    json_object_set_new(to->props, name, json_stringn(lh_buf_text(&text), text.n));
    return 0;
}

static int rewind_metadata(struct lh_call *call)
{
    lh_metadata_free(call->sink.into);
    return call->stop;
}

int lh_instance_metadata(struct lh_instance *in, lh_str table, const struct lh_opts *table_opts,
                         struct lh_metadata *ret, struct lh_error *e)
{
    struct lh_metadata metadata = {0};
    struct lh_call *call =
        lh_call_begin(in, "read_table_metadata", table, LH_TAKES_METADATA, &metadata);
    struct lh_scan scan = lh_call_scan(call, table_opts);
    int code;
    int rc;

    call->sink.rewind = rewind_metadata;
    rc = in->plugin->table.read_table_metadata(call, in->self, &scan, &call->sink);
    if (rc == LH_OK && !call->stop && !metadata.cursor)
        lh_call_broke(call, 0, "it returned LH_OK without set_meta");
    code = lh_call_end(call, rc, NULL, e);
    if (code)
        lh_metadata_free(&metadata);
    else
        *ret = metadata;
    return code;
}

static int not_a_column(const struct lh_instance *in, lh_str table, const char *what,
                        const char *name, struct lh_error *e)
{
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: read_table_metadata(%.*s): the interface is broken: the %s \"%s\" is "
                        "no column of the schema",
                        in->plugin->name, LH_STR_ARG(table), what, name);
}

int lh_instance_match(const struct lh_instance *in, lh_str table,
                      const struct lh_metadata *metadata, const struct lh_schema *schema,
                      struct lh_error *e)
{
    const struct lh_type *root = lh_schema_root(schema);

    for (size_t i = 0; i < metadata->n_keys; i++)
        if (!lh_type_column(root, lh_str_z(metadata->keys[i])))
            return not_a_column(in, table, "key", metadata->keys[i], e);
    if (*metadata->cursor && !lh_type_column(root, lh_str_z(metadata->cursor)))
        return not_a_column(in, table, "cursor", metadata->cursor, e);
    return 0;
}
