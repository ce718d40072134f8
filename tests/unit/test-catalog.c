/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalog and its rows, with a connector whose tables say what they do by their names:
 * "denied", "auth", "broken" fail so; "slow_denied" only when it is read.
 */
#include "config.h"

#include "catalog/rows.h"
#include "tap.h"
#include "unit/fake_connector.h"

#include <stdlib.h>

static const char spec[] =
    "{\"spec\":1,\"name\":\"fake\",\"version\":\"1.0.0\",\"license\":\"MIT\","
    "\"table_options\":[{\"name\":\"area\",\"type\":\"string\"},{\"name\":\"room\",\"type\":\"string\"},"
    "{\"name\":\"size\",\"type\":\"int\",\"tables\":[\"good\"],\"native_only\":true}],"
    "\"namespaces\":[{\"option\":\"area\"},{\"option\":\"room\"}],"
    "\"limits\":[{\"bucket\":\"default\",\"rate\":10,\"per_s\":1}],"
    "\"parents\":{\"child\":[\"slow_denied\"],\"grandchild\":[\"child\"]},"
    "\"upstream\":{\"tables\":{\"good\":{\"keys\":[\"a\",\"b\"],\"type\":\"append\"}}},"
    "\"categories\":{\"sales\":[\"good\"]}}";

/* Tables of a namespace, with blanks between; level by level "", "x", "x/y". */
static const struct {
    const char *ns, *tables;
} * world;

typedef __typeof__(*world) place;

/* --- the connector ---------------------------------------------------------------------------- */

static const place *find_place(lh_call *c, const lh_str *ns, size_t n)
{
    char path[64] = "";

    (void)c;
    for (size_t i = 0; i < n; i++)
        snprintf(path + strlen(path), sizeof path - strlen(path), "%s%.*s", i ? "/" : "",
                 LH_STR_ARG(ns[i]));
    for (const place *p = world; p->ns; p++)
        if (strcmp(p->ns, path) == 0)
            return p;
    return NULL;
}

static int list_tables(lh_call *c, void *self, const lh_str *ns, size_t n, lh_sink *s)
{
    const place *p = find_place(c, ns, n);
    size_t at = 0;
    lh_str name;
    int rc = LH_OK;

    (void)self;
    if (!p)
        return H->fail(c, LH_E_NOT_FOUND, LHS("no such place"));
    if (strcmp(p->tables, "denied!") == 0)
        return H->fail(c, LH_E_DENIED, LHS("closed"));
    while (!rc && (name = lh_str_part(p->tables, ' ', &at)).n) {
        const struct lh_table t = {.struct_size = sizeof t, .name = name, .ns = ns, .n_ns = n};

        rc = H->add_table(s, &t);
    }
    return rc;
}

static int list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n, lh_sink *s)
{
    int rc = LH_OK;

    (void)self, (void)c;
    for (const place *p = world; p->ns && !rc; p++) {
        lh_str path[2] = {lh_str_z(p->ns), LH_STR("")};
        const char *slash = strchr(p->ns, '/');

        if (slash) {
            path[0].n = (size_t)(slash - p->ns);
            path[1] = lh_str_z(slash + 1);
        }
        if (*p->ns && (slash != NULL) + 1u == n + 1 && (!n || lh_str_eq(path[0], prefix[0])))
            rc = H->add_namespace(s, path, n + 1);
    }
    return rc;
}

static int judge(lh_call *c, const struct lh_scan *scan)
{
    if (lh_str_eqz(scan->table, "denied"))
        return H->fail(c, LH_E_DENIED, LHS("a right is missing"));
    if (lh_str_eqz(scan->table, "auth"))
        return H->fail(c, LH_E_AUTH, LHS("who are you?"));
    if (lh_str_eqz(scan->table, "broken"))
        return H->fail(c, LH_E_DATA, LHS("nonsense"));
    return LH_OK;
}

static int metadata(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    lh_str key = LH_STR("a");
    const struct lh_meta meta = {
        .struct_size = sizeof meta, .ingestion = LH_INGEST_SNAPSHOT, .keys = &key, .n_keys = 1};
    int rc = judge(c, scan);

    (void)self;
    return rc ? rc : H->set_meta(s, &meta);
}

static int schema(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    const struct lh_field field = {
        .struct_size = sizeof field, .name = LH_STR("a"), .type = LH_STR("bigint")};

    (void)c, (void)self, (void)scan;
    return H->add_field(s, &field);
}

static int read_rows(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *s)
{
    int rc = LH_OK;

    (void)self;
    if (lh_str_eqz(scan->table, "slow_denied"))
        return H->fail(c, LH_E_DENIED, LHS("not this one"));
    for (int i = 0; i < 10 && !rc; i++)
        rc = H->row_text(s, LH_UPSERT, LH_STR("{\"a\":1}"));
    return rc;
}

/* --- one catalog ------------------------------------------------------------------------------ */

struct trial {
    struct fake f;
    struct lh_catalog_wants wants;
    struct lh_catalog c;
    struct lh_error e;
    int code;
};

static int options(void *arg, const struct lh_table_entry *t, struct lh_opts **ret,
                   struct lh_error *e)
{
    struct trial *trial = arg;
    lh_autoptr(lh_opts) opts = lh_opts_new(trial->f.plugin.spec, true);
    int code = 0;

    if (t->n_ns > 0)
        code = lh_opts_set(opts, LH_STR("area"), lh_str_z(t->ns[0]), "test", e);
    if (t->n_ns > 1 && !code)
        code = lh_opts_set(opts, LH_STR("room"), lh_str_z(t->ns[1]), "test", e);
    if (!code)
        code = lh_opts_finish(opts, lh_str_z(t->name), LH_STR(""), e);
    if (!code)
        *ret = lh_take(opts);
    return code;
}

static void begin(struct trial *t, const place *places)
{
    memset(t, 0, sizeof *t);
    world = places;
    fake_make(&t->f);
    lh_opts_destroy(t->f.opts);
    lh_opts_destroy(t->f.table_opts);
    lh_spec_destroy(t->f.plugin.spec);
    ok(!lh_spec_parse(lh_str_z(spec), "spec", &t->f.plugin.spec, &t->e), "the spec is one: %s",
       lh_error_text(&t->e));
    t->f.opts = lh_opts_new(t->f.plugin.spec, false);
    t->f.table_opts = NULL;
    lh_opts_finish(t->f.opts, LH_STR(""), LH_STR(""), NULL);
    t->f.plugin.table.list_tables = list_tables;
    t->f.plugin.table.list_namespaces = list_namespaces;
    t->f.plugin.table.read_table_metadata = metadata;
    t->f.plugin.table.get_table_schema = schema;
    t->f.plugin.table.read_table = read_rows;
    t->wants = (struct lh_catalog_wants){.jobs = 3, .rows = 1, .options = options, .arg = t};
}

static int make(struct trial *t)
{
    t->code = lh_catalog_make(&t->f.plugin, t->f.opts, &t->f.run, &t->wants, &t->c, &t->e);
    return t->code;
}

static void end(struct trial *t)
{
    lh_catalog_free(&t->c);
    lh_error_free(&t->e);
    fake_end(&t->f);
}

/* "path=outcome" of all tables. */
static char *outcomes(const struct trial *t)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    for (size_t i = 0; i < t->c.n; i++) {
        lh_buf_z(&b, i ? " " : "");
        lh_catalog_path(&t->c.tables[i], &b);
        lh_buf_f(&b, "=%d", t->c.tables[i].outcome);
    }
    return lh_xstrdup(lh_buf_text(&b));
}

static void outcomes_are(const struct trial *t, const char *want)
{
    char *got lh_autofree = outcomes(t);

    is_str(got, want, want);
}

/* --- outcomes --------------------------------------------------------------------------------- */

static void test_refused(void)
{
    static const place places[] = {{"", "good denied slow_denied child grandchild zebra"},
                                   {NULL, NULL}};
    struct trial t;

    begin(&t, places);
    is_int(make(&t), 0, "some are left");
    outcomes_are(&t, "child=1 denied=1 good=0 grandchild=1 slow_denied=1 zebra=0");
    is_int(t.c.n_refused, 4, "with those that are read through a refused one, and so on");
    is_str(t.c.tables[3].reason, "it is read through child, which is refused", "the reason");
    is_str(t.c.tables[2].native.ingestion, "snapshot", "ours");
    is_str(t.c.tables[2].upstream.ingestion, "append", "the Python connector's");
    is_int(t.c.tables[2].upstream.n_keys, 2, "its keys");
    ok(!t.c.tables[5].upstream.ingestion, "one that the profile does not have");
    is_str(t.c.tables[2].category, "sales", "the connector's category");
    end(&t);
    begin(&t, places);
    t.wants.rows = 0;
    is_int(make(&t), 0, "nothing is read");
    outcomes_are(&t, "child=0 denied=1 good=0 grandchild=0 slow_denied=0 zebra=0");
    end(&t);
}

static void test_failed(void)
{
    static const place one[] = {{"", "good broken denied"}, {NULL, NULL}};
    static const place none[] = {{"", "broken denied"}, {NULL, NULL}};
    static const place closed[] = {{"", "denied"}, {NULL, NULL}};
    static const place empty[] = {{"", ""}, {NULL, NULL}};
    struct trial t;

    begin(&t, one);
    is_int(make(&t), LH_FAILED, "a failure ends it");
    end(&t);
    begin(&t, one);
    t.wants.best_effort = true;
    is_int(make(&t), 0, "or is kept");
    outcomes_are(&t, "broken=2 denied=1 good=0");
    is_str(t.c.tables[0].native.ingestion, "unknown", "as unknown");
    ok(!t.c.tables[0].schema && !t.c.tables[0].native.n_keys, "nothing is known about it");
    has_str(t.c.tables[0].reason, "nonsense", "but the reason");
    end(&t);
    begin(&t, none);
    t.wants.best_effort = true;
    is_int(make(&t), LH_FAILED,
           "nothing left is a failure: of what failed, not of what was refused");
    has_str(lh_error_text(&t.e), "no table is left: 1 refused, 1 failed; broken: ", "counted");
    end(&t);
    begin(&t, closed);
    is_int(make(&t), LH_REFUSED, "all refused");
    end(&t);
    begin(&t, empty);
    is_int(make(&t), LH_NOT_FOUND, "no tables");
    end(&t);
}

static void test_credentials(void)
{
    static const place places[] = {{"", "good auth"}, {NULL, NULL}};
    struct trial t;

    begin(&t, places);
    t.wants.best_effort = true;
    is_int(make(&t), LH_REFUSED, "refused credentials end it, whatever is wanted");
    has_str(lh_error_text(&t.e), "who are you?", "with the reason");
    end(&t);
}

static void test_progress_and_sample(void)
{
    static const place places[] = {{"", "good"}, {NULL, NULL}};
    struct trial t;

    begin(&t, places);
    t.wants.rows = 5;
    t.wants.measure = true;
    is_int(make(&t), 0, "a sample");
    is_int(t.c.tables[0].measured.rows, 5, "bounded");
    ok(!t.c.tables[0].measured.complete, "there may be more");
    is_int(t.c.tables[0].measured.bytes, 40, "bytes with newlines");
    end(&t);
    begin(&t, places);
    t.wants.rows = 11;
    t.wants.measure = true;
    is_int(make(&t), 0, "a sample of all");
    is_int(t.c.tables[0].measured.rows, 10, "rows");
    ok(t.c.tables[0].measured.complete, "there are no more");
    end(&t);
}

/* --- namespaces ------------------------------------------------------------------------------- */

static const place rooms[] = {{"", "top"},       {"b", "mid"}, {"a", "mid"},     {"a/y", "x"},
                              {"a/x", "x late"}, {"b/x", "x"}, {"c", "denied!"}, {NULL, NULL}};

static void test_walk(void)
{
    struct trial t;

    begin(&t, rooms);
    is_int(make(&t), 0, "walked");
    outcomes_are(&t, "top=0 a/mid=0 a/x/late=0 a/x/x=0 a/y/x=0 b/mid=0 b/x/x=0");
    is_int(t.c.n_refused_namespaces, 1, "one is closed");
    is_str(t.c.refused[0].ns[0], "c", "this one");
    end(&t);
}

static void test_given(void)
{
    const lh_str a[] = {LH_STR_INIT("a"), LH_STR_INIT("x")};
    const lh_str c[] = {LH_STR_INIT("c")};
    const lh_str typo[] = {LH_STR_INIT("nowhere")};
    const char *other[] = {"b", "x"};
    const struct lh_namespace_path also = {other, 2};
    struct trial t;

    begin(&t, rooms);
    t.wants.given = a;
    t.wants.n_given = 1;
    is_int(make(&t), 0, "one level is given, the other walked");
    outcomes_are(&t, "top=0 a/mid=0 a/x/late=0 a/x/x=0 a/y/x=0");
    end(&t);
    begin(&t, rooms);
    t.wants.given = a;
    t.wants.n_given = 2;
    t.wants.also = &also;
    t.wants.n_also = 1;
    is_int(make(&t), 0, "both are given, and one more place");
    outcomes_are(&t, "top=0 a/mid=0 a/x/late=0 a/x/x=0 b/x/x=0");
    end(&t);
    begin(&t, rooms);
    t.wants.given = c;
    t.wants.n_given = 1;
    is_int(make(&t), LH_REFUSED, "what was named must not be closed");
    end(&t);
    begin(&t, rooms);
    t.wants.given = typo;
    t.wants.n_given = 1;
    is_int(make(&t), LH_NOT_FOUND, "and must be there");
    end(&t);
}

static void test_globs(void)
{
    static const char *const include[] = {"*/x", "top", "none*"};
    static const char *const exclude[] = {"a/y/*"};
    struct trial t;
    char said[1024];

    begin(&t, rooms);
    t.wants.include = include;
    t.wants.n_include = 3;
    t.wants.exclude = exclude;
    t.wants.n_exclude = 1;
    is_int(make(&t), 0, "globs");
    outcomes_are(&t, "top=0 a/x/x=0 b/x/x=0");
    has_str(fake_log(&t.f, said, sizeof said), "--include none*: no table matches", "one is idle");
    end(&t);
}

/* --- rows ------------------------------------------------------------------------------------- */

static void rows_are(const place *places, enum lh_group_by by, const char *want)
{
    struct lh_classifier classifier = {0};
    const struct lh_rows_wants w = {
        .connection_name = "",
        .destination_catalog = "main",
        .destination_schema = "bronze",
        .by = by,
        .classifier = &classifier,
        .schedules = {"0 0 * * *", "*/15 * * * *", "*/5 * * * *", ""},
        .weights = {1, 10, 10, 1},
    };
    lh_auto(lh_manifest) manifest = LH_MANIFEST_INIT;
    lh_auto(lh_buf) got = LH_BUF_INIT(LH_BUF_TEXT);
    struct trial t;

    begin(&t, places);
    is_int(make(&t), 0, "a catalog");
    is_int(lh_catalog_rows(&t.c, &w, &manifest, &t.e), 0, "rows");
    for (size_t i = 0; i < manifest.n_rows; i++)
        lh_buf_f(&got, "%s:%s:%s\n", manifest.rows[i].cells[LH_MF_SOURCE_TABLE],
                 manifest.rows[i].cells[LH_MF_DESTINATION_TABLE],
                 manifest.rows[i].cells[LH_MF_PIPELINE_GROUP]);
    is_str(lh_buf_text(&got), want, "table, destination, group");
    end(&t);
}

static void test_names(void)
{
    static const place odd[] = {{"", "Users users a.b a_b \xc3\xa9t\xc3\xa9"}, {NULL, NULL}};
    static const place twice[] = {{"", ""}, {"a", ""}, {"a/x", "t u"}, {"a/y", "t"}, {NULL, NULL}};

    rows_are(odd, LH_GROUP_NONE,
             "Users:users_586d6bd2:all\na.b:a_b_e61d9919:all\na_b:a_b:all\nusers:users:all\n"
             "\xc3\xa9t\xc3\xa9:\xc3\xa9t\xc3\xa9:all\n");
    rows_are(twice, LH_GROUP_INGESTION,
             "t:a_x_t:a_x_snapshot\nu:u:snapshot\nt:a_y_t:a_y_snapshot\n");
}

static void test_weights(void)
{
    struct lh_measured m = {.is_there = true, .complete = true};

    is_int(lh_catalog_weight(&m, 10), 1, "nothing weighs 1");
    m.requests = 3;
    m.bytes = 1;
    is_int(lh_catalog_weight(&m, 10), 4, "requests, and a begun MiB");
    m.bytes = (uint64_t)2 << 20;
    is_int(lh_catalog_weight(&m, 10), 5, "two whole MiB");
    m.complete = false;
    is_int(lh_catalog_weight(&m, 10), 10, "at least what the type weighs when there may be more");
    m.bytes = UINT64_MAX;
    is_int(lh_catalog_weight(&m, 10), LH_MANIFEST_MAX_WEIGHT, "at most what a manifest takes");
}

int main(void)
{
    RUN(test_refused);
    RUN(test_failed);
    RUN(test_credentials);
    RUN(test_progress_and_sample);
    RUN(test_walk);
    RUN(test_given);
    RUN(test_globs);
    RUN(test_names);
    RUN(test_weights);
    return tap_done();
}
