/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog as a JSON document; README.md has the format. Keys are written sorted, by hand. */
#include "config.h"

#include "catalog/catalog.h"

#include "json/document.h"
#include "json/json.h"

static void put_text(struct lh_buf *to, const char *key, const char *text)
{
    lh_buf_f(to, "\"%s\":", key);
    lh_json_write_str(to, lh_str_z(text));
}

static void put_texts(struct lh_buf *to, const char *key, const char *const *items, size_t n)
{
    lh_buf_f(to, "\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        lh_buf_z(to, i ? "," : "");
        lh_json_write_str(to, lh_str_z(items[i]));
    }
    lh_buf_char(to, ']');
}

static void put_truth(struct lh_buf *to, const char *key, const struct lh_truth *truth)
{
    lh_buf_f(to, "\"%s\":", key);
    if (!truth->ingestion) {
        lh_buf_z(to, "null");
        return;
    }
    lh_buf_z(to, "{\"cursor_field\":");
    if (*truth->cursor)
        lh_json_write_str(to, lh_str_z(truth->cursor));
    else
        lh_buf_z(to, "null");
    lh_buf_char(to, ',');
    put_text(to, "ingestion_type", truth->ingestion);
    lh_buf_char(to, ',');
    put_texts(to, "primary_keys", truth->keys, truth->n_keys);
    lh_buf_char(to, '}');
}

/* Seconds are of the moment and not written: equal sources give equal documents. */
static void put_measured(struct lh_buf *to, const struct lh_measured *m)
{
    if (m->is_there)
        lh_buf_f(to,
                 "\"measured\":{\"bytes\":%llu,\"complete\":%s,\"requests\":%llu,\"rows\":%llu},",
                 (unsigned long long)m->bytes, m->complete ? "true" : "false",
                 (unsigned long long)m->requests, (unsigned long long)m->rows);
}

static void put_options(struct lh_buf *to, const struct lh_opts *opts)
{
    lh_buf_z(to, "\"options\":");
    lh_opts_write_given(opts, to);
    lh_buf_char(to, ',');
}

static void put_props(struct lh_buf *to, const json_t *props)
{
    char *text lh_autofree = props ? lh_document_dump(props, 0) : NULL;

    if (text)
        lh_buf_f(to, "\"properties\":%s,", text);
}

static const char *outcome_name(enum lh_outcome outcome)
{
    static const char *const names[] = {"ok", "refused", "failed"};

    return names[outcome];
}

static void put_table(struct lh_buf *to, const struct lh_catalog_table *t, const char *category)
{
    lh_buf_char(to, '{');
    put_text(to, "category", category);
    lh_buf_char(to, ',');
    put_text(to, "comment", t->comment);
    lh_buf_char(to, ',');
    put_text(to, "id", t->id);
    lh_buf_char(to, ',');
    put_measured(to, &t->measured);
    put_text(to, "name", t->name);
    lh_buf_char(to, ',');
    put_texts(to, "namespace", t->ns, t->n_ns);
    lh_buf_char(to, ',');
    put_truth(to, "native", &t->native);
    lh_buf_char(to, ',');
    put_options(to, t->opts);
    lh_buf_f(to, "\"partitioned\":%s,", t->flags & LH_TABLE_PARTITIONED ? "true" : "false");
    put_props(to, t->props);
    put_text(to, "reason", t->reason);
    lh_buf_f(to,
             ",\"replayable\":%s,\"schema\":", t->flags & LH_TABLE_REPLAYABLE ? "true" : "false");
    if (t->schema)
        lh_schema_write_json(to, t->schema, 0);
    else
        lh_buf_z(to, "null");
    lh_buf_char(to, ',');
    put_text(to, "status", outcome_name(t->outcome));
    lh_buf_char(to, ',');
    put_truth(to, "upstream", &t->upstream);
    lh_buf_char(to, '}');
}

static void put_refused(struct lh_buf *to, const struct lh_catalog *c)
{
    lh_buf_z(to, "\"refused_namespaces\":[");
    for (size_t i = 0; i < c->n_refused_namespaces; i++) {
        lh_buf_z(to, i ? ",[" : "[");
        for (size_t k = 0; k < c->refused[i].n_ns; k++) {
            lh_buf_z(to, k ? "," : "");
            lh_json_write_str(to, lh_str_z(c->refused[i].ns[k]));
        }
        lh_buf_char(to, ']');
    }
    lh_buf_z(to, "],\n");
}

void lh_catalog_write(const struct lh_catalog *c, const char *profile,
                      const char *(*category)(void *arg, const struct lh_catalog_table *t),
                      void *arg, struct lh_buf *to)
{
    lh_buf_z(to, "{\"connector\":{");
    put_text(to, "name", c->spec->name);
    lh_buf_char(to, ',');
    put_text(to, "version", c->spec->version);
    lh_buf_z(to, "},\n");
    put_text(to, "profile", profile);
    lh_buf_z(to, ",\n");
    put_refused(to, c);
    lh_buf_f(to, "\"schema_version\":%d,\n\"tables\":[", LH_CATALOG_VERSION);
    for (size_t i = 0; i < c->n; i++) {
        lh_buf_z(to, i ? ",\n" : "\n");
        put_table(to, &c->tables[i], category(arg, &c->tables[i]));
    }
    lh_buf_z(to, "\n]}\n");
}
