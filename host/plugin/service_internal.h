/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the service object share: the instance, the call that is running, its sink,
 * and the one way to say that a rule was broken. service.h is the face.
 *
 * A call has one verdict: the first broken rule, or failure of the host, that stopped it. After
 * that every service answers the same code, so a connector that goes on does no harm.
 */
#ifndef LH_PLUGIN_SERVICE_INTERNAL_H
#define LH_PLUGIN_SERVICE_INTERNAL_H

#include "base/map.h"
#include "plugin/build.h"
#include "plugin/limits.h"
#include "plugin/service.h"

#include <pthread.h>

#define LH_OFFSET_MAX_BYTES ((size_t)64 << 10)
#define LH_CATALOG_MAX      ((size_t)1 << 20) /* entries of one listing */
#define LH_CATALOG_BYTES    ((size_t)256 << 20)
#define LH_NAMESPACE_LEVELS 16u

/* What a sink takes; a service that is called with another kind breaks the interface. */
enum {
    LH_TAKES_NAMESPACES = 1,
    LH_TAKES_TABLES = 2,
    LH_TAKES_COLUMNS = 4,
    LH_TAKES_METADATA = 8,
    LH_TAKES_STEPS = 16,
    LH_TAKES_ROWS = 32,
    LH_TAKES_CHECKPOINTS = 64,
    LH_TAKES_PARTITIONS = 128
};

enum { LH_CALL_RUNNING = 0x43414c4c, LH_CALL_OVER = 0x4f564552, LH_SINK_OPEN = 0x53494e4b };

struct lh_sink {
    uint32_t magic;
    unsigned takes; /* LH_TAKES_* */
    struct lh_call *call;
    void *into; /* the listing, schema, reading, ... that is being filled */
    /* takes back what came since the last checkpoint; 0, or what stopped the call */
    int (*rewind)(struct lh_call *call);
};

struct lh_call {
    uint32_t magic;
    unsigned ticks; /* services since the last look at the signals */
    struct lh_instance *instance;
    const char *name; /* "read_table" */
    lh_str table;     /* empty: the call is about none */
    pthread_t thread;
    _Atomic(const char *) foreign; /* a service that came from another thread, or too late */
    int stop;                      /* what every service answers from now on: 0, LH_MORE, LH_E_* */
    struct lh_error error;         /* why, when it is negative */
    int noted;                     /* LH_E_* of the connector's own last message */
    struct lh_error note;
    struct lh_arena *memory;
    size_t n_docs, doc_bytes, n_outs;
    bool holds_enough;         /* a worker says so: rule 9 */
    size_t n_answers;          /* of http, alive; doc_bytes counts their bodies too */
    const struct lh_buf *last; /* reads: the last checkpoint, empty before it; else NULL */
    struct lh_sink sink;
};

/* Calls are used in turn, so that one that is over is still known as such for a while. */
#define LH_CALLS 8u

struct lh_instance {
    const struct lh_plugin *plugin;
    const struct lh_opts *opts;
    const struct lh_run *run;
    void *self;
    bool partial;
    struct lh_arena own;     /* alloc in open */
    struct lh_arena scratch; /* alloc in every other call */
    struct lh_buf base_url;
    struct lh_json_doc *docs[LH_CALL_MAX_DOCS]; /* made when first needed, used by every call */
    struct lh_out *outs[LH_CALL_MAX_OUTS];
    struct lh_call calls[LH_CALLS];
    size_t turn;
    struct lh_call *running;
    struct lh_instance_http *http; /* made with the first request */
    int result;                    /* LH_E_* of the last call that has ended */
    int64_t slept_ms;              /* by sleep_ms, for a clock that is replayed */
};

/* --- a call's life (service.c) ---------------------------------------------------------------- */

/* Begins a call; takes says what its sink is for, into what fills. */
struct lh_call *lh_call_begin(struct lh_instance *in, const char *name, lh_str table,
                              unsigned takes, void *into);

/*
 * Ends it: rc is what the connector returned. 0 with *ret_more (may be NULL: LH_MORE is no answer
 * here), or the code of the verdict. Everything that the call owned dies.
 */
int lh_call_end(struct lh_call *call, int rc, bool *ret_more, struct lh_error *e);

/* The scan of a call about a table; text is copied, documents stay the caller's. */
struct lh_scan lh_call_scan(struct lh_call *call, const struct lh_opts *table_opts);

/* --- the verdict (service-rules.c) ------------------------------------------------------------ */

/*
 * The connector broke rule `rule` of connector.h (0: what the header says beside a declaration).
 * Answers LH_E_RULE, or what stopped the call before.
 */
int lh_call_broke(struct lh_call *call, int rule, const char *format, ...) LH_PRINTF(3, 4);

/* The host ends the call: `e` is moved. Answers code (LH_E_*), or what stopped the call before. */
int lh_call_stop(struct lh_call *call, int code, struct lh_error *e);

/* A bound of the host was reached: LH_E_LIMIT. */
int lh_call_limit(struct lh_call *call, const char *format, ...) LH_PRINTF(2, 3);

/*
 * The connector's process is lost: LH_E_INTERNAL, exit 8. The words follow "the connector's
 * process ".
 */
int lh_call_lost(struct lh_call *call, const char *format, ...) LH_PRINTF(2, 3);

/* The call begins anew from its last checkpoint, in another process. 0, or what stopped it. */
int lh_call_restart(struct lh_call *call);

/* The connector's own reason to fail; the last one wins. */
int lh_call_note(struct lh_call *call, int code, const char *format, ...) LH_PRINTF(3, 4);

/* Puts "connector: call(table)" before a message that is not part of the verdict. */
void lh_call_where(const struct lh_call *call, struct lh_buf *to);

/* 0 when the service may work, else what it has to answer. c may be NULL or over. */
int lh_call_enter(struct lh_call *c, const char *service);

/* The same for a service of a sink; *ret_call is set when it may. */
int lh_sink_enter(struct lh_sink *s, const char *service, unsigned takes, struct lh_call **ret);

/* Looks for signals and the deadline: 0 or LH_E_CANCELLED. */
int lh_call_look(struct lh_call *call);

/* As above, at every 256th time. */
static inline int lh_call_tick(struct lh_call *call)
{
    return ++call->ticks & 255 ? 0 : lh_call_look(call);
}

/* Text from a connector (rule 12): UTF-8, no NUL. what: "add_table: name". */
int lh_call_text(struct lh_call *call, const char *what, lh_str text);

/* The same and not empty. */
int lh_call_name(struct lh_call *call, const char *what, lh_str text);

/*
 * Copies a struct of the connector into one of ours (rules 1 and 4); both begin with struct_size
 * and flags. least: the size that 1.0 had.
 */
int lh_call_copy(struct lh_call *call, const char *what, const void *theirs, void *ours,
                 size_t size, size_t least);

/* Puts the canonical form of an offset or partition into `to` (emptied): rule 22 or 27. */
int lh_call_canonical(struct lh_call *call, int rule, const char *what, const struct lh_json *v,
                      struct lh_buf *to);

/* The verdict on a builder that has failed: rule 14, or LH_E_LIMIT for a bound. 0 for others. */
int lh_call_judge_builder(struct lh_call *call, const struct lh_out *o);

/* Whether one of the call's builders has failed; that is then the verdict. */
bool lh_call_builder_failed(struct lh_call *call);

/*
 * What every answer of http is on this side: the connector sees the first member. An answer's json
 * is a scan of its body, or of a part of it.
 */
struct lh_answer {
    struct lh_http_resp resp;
    const struct lh_header *headers;
    size_t n_headers;
};

/* Whether now_ms is another time than the machine's: the run records or replays. */
bool lh_service_has_clock(const struct lh_instance *in);

/* A worker says that a service was called with an answer: the rule is broken when it is gone. */
void lh_service_http_misused(struct lh_call *c, const char *service,
                             const struct lh_http_resp *resp);

/* For the life of calls: requests of the instance begin and end with them. */
void lh_service_http_begin(struct lh_instance *in);
void lh_service_http_end(struct lh_call *call);
void lh_service_http_close(struct lh_instance *in);

/* The connector has waited. */
void lh_service_http_slept(struct lh_instance *in);

/* --- the services, one file for each part of the table ---------------------------------------- */

void *lh_service_alloc(lh_call *c, size_t n);
int lh_service_fail(lh_call *c, int code, lh_str msg);
int lh_service_partial(lh_call *c, int code, lh_str what, lh_str msg);
void lh_service_log(lh_call *c, int level, lh_str msg);
void lh_service_progress(lh_call *c, lh_str what, uint64_t done, uint64_t total);
int lh_service_cancelled(lh_call *c);
int lh_service_sleep_ms(lh_call *c, uint32_t ms);
int64_t lh_service_now_ms(lh_call *c);
const char *lh_service_opt(const lh_opts *opts, const char *name);
lh_str lh_service_base_url(lh_call *c);

int lh_service_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret);
void lh_service_http_prefetch(lh_call *c, const struct lh_http_req *req);
int lh_service_http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                          const struct lh_http_resp **ret);
int lh_service_http_fail(lh_call *c, const struct lh_http_resp *resp);
void lh_service_http_release(lh_call *c, const struct lh_http_resp *resp);
lh_str lh_service_http_header(const struct lh_http_resp *resp, const char *name);

const lh_json *lh_service_json_parse(lh_call *c, lh_str text);
lh_out *lh_service_out_new(lh_call *c);

int lh_service_add_namespace(lh_sink *s, const lh_str *path, size_t n);
int lh_service_add_table(lh_sink *s, const struct lh_table *table);
int lh_service_add_field(lh_sink *s, const struct lh_field *field);
int lh_service_field_begin(lh_sink *s, const struct lh_field *field);
int lh_service_field_end(lh_sink *s);
int lh_service_set_meta(lh_sink *s, const struct lh_meta *meta);
int lh_service_set_prop(lh_sink *s, const char *name, const lh_json *v);
int lh_service_add_step(lh_sink *s, lh_str name, int code, lh_str detail);

int lh_service_row(lh_sink *s, uint32_t op, const lh_json *object);
int lh_service_rows(lh_sink *s, uint32_t op, const lh_json *array);
int lh_service_row_out(lh_sink *s, uint32_t op, lh_out *o);
int lh_service_row_text(lh_sink *s, uint32_t op, lh_str json_object);
int lh_service_checkpoint(lh_sink *s, const lh_json *offset);
int lh_service_add_partition(lh_sink *s, const lh_json *partition, uint64_t weight);

#endif
