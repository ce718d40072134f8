/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker: one connector, one instance, one socket to the host. What its files share.
 *
 * The connector sees a complete host's table (lh_worker_host). Values, builders and memory are
 * served here, with the host's own code and bounds; everything else becomes a record for the host,
 * which judges it. One-way records are gathered and leave at 64 KiB and before each question.
 */
#ifndef LH_WORKER_WORKER_H
#define LH_WORKER_WORKER_H

#include "base/arena.h"
#include "plugin/limits.h"
#include "worker/channel.h"
#include "worker/worker_fds.h"
#include "json/json.h"

#include <pthread.h>

#define LH_WORKER_FLUSH   ((size_t)64 << 10)
#define LH_WORKER_CALLS   8u
#define LH_WORKER_EMPTIED 2u /* answers whose values stay readable as nothing */

enum { LH_WORKER_RUNNING = 0x57524b31, LH_WORKER_OVER = 0x57524b32 };

/* Options as the connector may see them; the names are never those of secrets. */
struct lh_opts {
    char **texts; /* name, value, name, value, ... */
    size_t n;     /* of both together */
};

struct lh_sink {
    uint32_t magic;
    struct lh_call *call;
};

/* As the host's: one that is over is known as such for a while. */
struct lh_call {
    uint32_t magic;
    int stop; /* what every service answers from now on */
    struct lh_worker *worker;
    struct lh_arena *memory;
    size_t n_docs, doc_bytes, n_outs;
    pthread_t thread;
    _Atomic(const char *) foreign; /* a service that came from another thread, or too late */
    struct lh_sink sink;
    const struct lh_recorder *named; /* the builder that the host was told of last */
};

/*
 * A builder that records what is called, as records for the host's builder of the same number.
 * What lh_out * of the connector points to; `local` is a real one, for who asks for the value.
 */
struct lh_recorder {
    struct lh_call *call;
    uint32_t number;
    struct lh_buf ops;
    size_t depth;    /* out_begin without out_end */
    size_t executed; /* bytes of ops that `local` has seen */
    bool refers;     /* ops name an answer of the host */
    bool failed;     /* the host has the wrong call, nothing helps any more */
    struct lh_out *local;
};

#define LH_WORKER_COLUMNS 8u

/* One member of all elements of an array, where nothing else of them has come. */
struct lh_worker_column {
    lh_str name;
    struct lh_json_cell *cells; /* by object */
    uint32_t n, next;           /* the one that is asked for next, most likely */
};

/*
 * An answer of http: the connector sees the first member. One that was released, or died with its
 * call, stays without contents until the next call has ended, so that the host can say what rule
 * its use breaks.
 */
struct lh_worker_answer {
    struct lh_http_resp resp;
    struct lh_worker *worker;
    struct lh_worker_answer *before; /* in a list of those that are gone */
    uint32_t id;                     /* the host's */
    bool released;                   /* by the connector, or gone */
    struct lh_room message;          /* a body and tape that came at once lie in it */
    struct lh_room parts;            /* what comes in parts: tape, then text */
    struct lh_json_room room;
    unsigned fetches;
    struct lh_json_doc *doc;
    const struct lh_json *rows; /* the container whose members came last, hollow ones */
    struct lh_worker_column columns[LH_WORKER_COLUMNS];
    unsigned n_columns;
    struct lh_header *headers;
    size_t n_headers;
};

/* Rows that were told last, of which there is one record as long as they follow each other. */
struct lh_worker_rows {
    size_t at, end; /* of the record in `out`; 0: there is none */
    uint32_t op, n;
    const struct lh_json *next;
};

struct lh_worker {
    void (*leave)(void);
    struct lh_channel ch;
    struct lh_connector table;
    void *self;
    uint32_t call_number;
    struct lh_buf out;            /* records that wait */
    struct lh_arena own, scratch; /* alloc in open, and in every other call */
    struct lh_arena kept, given;  /* what came with open, and with the call */
    struct lh_buf base_url;
    bool has_base_url;
    bool asks_now; /* the host records or replays, and knows what time it is */
    struct lh_opts options;
    struct lh_json_doc *docs[LH_CALL_MAX_DOCS];
    struct lh_json_doc *scan_docs[3];
    struct lh_json_doc *text; /* for builders of our own */
    struct lh_recorder *outs[LH_CALL_MAX_OUTS];
    struct lh_worker_answer *answers[LH_CALL_MAX_ANSWERS]; /* that the host holds; by id */
    size_t n_released;                                     /* of them, that wait for a builder */
    struct lh_worker_answer *gone;                         /* in this call; newest first */
    struct lh_worker_answer *over;                         /* of the call before */
    struct lh_worker_answer *emptied[LH_WORKER_EMPTIED];   /* gone last, with values to look at */
    struct lh_room spare;                                  /* for what comes in parts next */
    struct lh_worker_rows rows;
    struct lh_call calls[LH_WORKER_CALLS];
    size_t turn;
    struct lh_call *running;
    _Atomic(const char *) idle; /* a service that was called while no call was running */
};

extern const struct lh_host lh_worker_host;

/*
 * Serves until the host says CLOSE or goes away; an exit code. leave ends the process at once, from
 * below a connector's code.
 */
int lh_worker_run(int fd, void (*leave)(void));

/* --- for the services (worker.c) -------------------------------------------------------------- */

/* Whether the service is called in the thread of a running call; what is not, is noted. */
bool lh_worker_is_in(struct lh_call *c, const char *service);

/* 0 when the service may work, else what it answers. c may be NULL or over. */
int lh_worker_enter(struct lh_call *c, const char *service);

/* The same for a service of a sink. */
int lh_worker_enter_sink(struct lh_sink *s, const char *service);

/* Adds a record; answers what stopped the call, as far as it is known by now. */
int lh_worker_tell(struct lh_call *c, const struct lh_record *record);

/* Room for records was used: they leave when there are enough. */
int lh_worker_told(struct lh_call *c);

/* The same for LH_REC_ROW; when v comes behind the rows before, their record takes it in. */
int lh_worker_tell_row(struct lh_call *c, uint32_t op, const struct lh_json *v);

/*
 * Sends everything and waits for the answer: LH_REC_ANSWER is taken in, so that c->stop is the
 * host's, and its code returned; *ret has the text. LH_REC_DOC and LH_REC_PART: *ret_message (may
 * be NULL: not expected) has it until more is received; 1 is returned.
 */
int lh_worker_ask(struct lh_call *c, const struct lh_record *record, lh_str *ret_text,
                  struct lh_message *ret_message);

/* The next message but for CANCEL, which is taken in. */
struct lh_message lh_worker_receive(struct lh_call *c);

/* Whether the host wants no more: looks at the socket. */
void lh_worker_look(struct lh_call *c);

/* The connector's own bounds: a note, or a verdict. */
void lh_worker_note(struct lh_call *c, int code, const char *format, ...) LH_PRINTF(3, 4);
void lh_worker_limit(struct lh_call *c, const char *format, ...) LH_PRINTF(2, 3);

/* How a value travels: by reference, or as its text. */
struct lh_value lh_worker_value(const struct lh_json *v);

/*
 * What is beyond a bound is refused by the host whatever it is: some more than the bound is sent,
 * so that it can say so, and not in the middle of a character.
 */
lh_str lh_worker_cut(lh_str s, size_t bound);

/* --- builders (recorder.c) -------------------------------------------------------------------- */

/* Tells the host of builders that failed and that nobody asked for. */
void lh_recorders_settle(struct lh_call *c);

/* Makes all builders new for the next call. */
void lh_recorders_reset(struct lh_worker *w);

/*
 * Hands the host what builders hold of answers, and they take no more: a rule is about to be
 * broken, and the releases that waited for them must come first.
 */
void lh_recorders_yield(struct lh_call *c);

/* Whether a builder holds references that the host has not seen yet. */
bool lh_recorders_refer(const struct lh_call *c);

/* --- answers (answers.c) ---------------------------------------------------------------------- */

const struct lh_json *lh_worker_at(const struct lh_worker *w, uint32_t doc, uint32_t index);

/* Lets go of answers that were released while a builder still referred to them. */
void lh_answers_settle(struct lh_call *c);

/* Ends all of a call that is over. */
void lh_answers_reset(struct lh_worker *w);

/* Frees what is left of them. */
void lh_answers_free(struct lh_worker *w);

/* --- parts of answers (parts.c) --------------------------------------------------------------- */

/* Lays a part of an answer; false when the message is none. */
bool lh_worker_take_part(struct lh_worker_answer *a, const struct lh_message *m);

/* Somebody looks into a hollow container of an answer. */
bool lh_worker_fill(void *answer, const struct lh_json *v);

/* Gets what is missing in a value of an answer, so that all of it can be walked. */
void lh_worker_complete(const struct lh_json *v);

/* Makes the entries of columns empty ones; and forgets the columns. */
void lh_worker_clear_columns(struct lh_worker_answer *a);
void lh_worker_drop_columns(struct lh_worker_answer *a);

/* --- services of the table -------------------------------------------------------------------- */

lh_out *lh_worker_out_new(lh_call *c);
void lh_worker_out_begin(lh_out *o, int brace);
void lh_worker_out_end(lh_out *o);
void lh_worker_out_key(lh_out *o, lh_str key);
void lh_worker_out_str(lh_out *o, lh_str utf8);
void lh_worker_out_i64(lh_out *o, int64_t value);
void lh_worker_out_raw(lh_out *o, lh_str json);
void lh_worker_out_json(lh_out *o, const lh_json *v);
void lh_worker_out_members(lh_out *o, const lh_json *object, const lh_str *except, size_t n_except);
const lh_json *lh_worker_out_done(lh_out *o);
int lh_worker_row_out(lh_sink *s, uint32_t op, lh_out *o);

int lh_worker_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret);
void lh_worker_http_prefetch(lh_call *c, const struct lh_http_req *req);
int lh_worker_http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                         const struct lh_http_resp **ret);
int lh_worker_http_fail(lh_call *c, const struct lh_http_resp *resp);
void lh_worker_http_release(lh_call *c, const struct lh_http_resp *resp);
const lh_json *lh_worker_json_get(const lh_json *object, lh_str key);
lh_str lh_worker_json_raw(const lh_json *v);
lh_str lh_worker_http_header(const struct lh_http_resp *resp, const char *name);

#endif
