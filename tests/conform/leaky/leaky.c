/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that says the user's secrets wherever it can say something that is not data: as a
 * source does that echoes them. The host shows no secret to a connector, so this one knows those of
 * tests/system/secrets.sh by heart; where the host shows one all the same, it says so in a row.
 */
#include <lakehost/sdk.h>

#include "spec.inc"

#define TOKEN "tok/en+42 \"geheim\" Z\xc3\xbcrich"
#define INNER "p4ss-phrase/of the robot"
#define KEY   "{\"user\":\"robot-4711\",\"private\":\"" INNER "\"}"

static const struct lh_host *H;

struct self {
    lh_str at;
    int sees;
};

/* The secrets as they are and in the forms that they take in URLs and headers. */
static lh_str leak(lh_call *c)
{
    return lhs_fmt(H, c, "<%s> <%s> <%s> <%s> <%s> <%s>", TOKEN, lhs_pct(H, c, LHS(TOKEN)).p,
                   lhs_base64(H, c, LHS(TOKEN)).p, lhs_base64(H, c, LHS("user:" TOKEN)).p, KEY,
                   INNER);
}

static int is_at(const struct self *self, const char *place)
{
    return lhs_eq(self->at, lhs_z(place));
}

static int leaky_open(lh_call *c, const lh_opts *o, void **ret_self)
{
    struct self *self = (struct self *)H->alloc(c, sizeof *self);

    if (!self)
        return LH_E_NOMEM;
    self->at = lhs_dup(H, c, lhs_z(H->opt(o, "at")));
    self->sees = H->opt(o, "token") || H->opt(o, "key");
    *ret_self = self;
    return is_at(self, "open") ? H->fail(c, LH_E_AUTH, leak(c)) : LH_OK;
}

static void leaky_close(lh_call *c, void *self)
{
    if (is_at(self, "close"))
        H->log(c, LH_LOG_ERROR, leak(c));
}

static int leaky_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table t;

    (void)ns, (void)n_ns;
    memset(&t, 0, sizeof t);
    t.struct_size = (uint32_t)sizeof t;
    t.name = is_at(self, "table") ? leak(c) : LHS("log");
    t.flags = is_at(self, "table") ? 1u << 31 : 0;
    return H->add_table(sink, &t);
}

static int leaky_get_table_schema(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    struct lh_field f;

    (void)s;
    memset(&f, 0, sizeof f);
    f.struct_size = (uint32_t)sizeof f;
    f.name = LHS("id");
    f.type = is_at(self, "type") ? leak(c) : LHS("bigint");
    return H->add_field(sink, &f);
}

static int leaky_read_table_metadata(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    lh_str key = LHS("id");
    struct lh_meta m;

    (void)s;
    if (is_at(self, "metadata"))
        return H->fail(c, LH_E_DENIED, leak(c));
    memset(&m, 0, sizeof m);
    m.struct_size = (uint32_t)sizeof m;
    m.ingestion = LH_INGEST_SNAPSHOT;
    m.keys = &key;
    m.n_keys = 1;
    return H->set_meta(sink, &m);
}

static int leaky_read_table(lh_call *c, void *self, const struct lh_scan *s, lh_sink *sink)
{
    const struct self *me = (const struct self *)self;
    int rc = LH_OK;

    if (lhs_eq(s->table, LHS("fail")))
        return H->fail(c, LH_E_DATA, leak(c));
    if (lhs_eq(s->table, LHS("row")))
        return H->row_text(sink, LH_UPSERT, leak(c));
    if (lhs_eq(s->table, LHS("offset")))
        return H->checkpoint(sink, H->json_parse(c, leak(c)));
    if (lhs_eq(s->table, LHS("partial")))
        rc = H->partial(c, LH_E_DENIED, leak(c), leak(c));
    if (lhs_eq(s->table, LHS("slow")))
        rc = H->sleep_ms(c, 20000);
    H->progress(c, leak(c), 1, 2);
    for (int level = LH_LOG_ERROR; level <= LH_LOG_DEBUG; level++)
        H->log(c, level, leak(c));
    return rc ? rc
              : H->row_text(sink, LH_UPSERT, me->sees ? LHS("{\"sees\":true}") : LHS("{\"id\":1}"));
}

static int leaky_check(lh_call *c, void *self, lh_sink *sink)
{
    int rc = H->add_step(sink, leak(c), LH_OK, leak(c));

    (void)self;
    return rc ? rc : H->add_step(sink, LHS("sign-in"), LH_E_AUTH, leak(c));
}

static int leaky_list_namespaces(lh_call *c, void *self, const lh_str *prefix, size_t n,
                                 lh_sink *sink)
{
    (void)self, (void)prefix, (void)n, (void)sink;
    return H->fail(c, LH_E_UNAVAILABLE, leak(c));
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "leaky",
    LH_SPEC,
    leaky_open,
    leaky_close,
    leaky_list_tables,
    leaky_get_table_schema,
    leaky_read_table_metadata,
    leaky_read_table,
    leaky_check,
    leaky_list_namespaces,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
