/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the broker share: one worker and its socket. broker.h is the face;
 * broker.c plays the connector, broker-link.c starts, watches and ends the process,
 * broker-run.c executes what it says, broker-page.c sends it answers.
 */
#ifndef LH_PLUGIN_BROKER_INTERNAL_H
#define LH_PLUGIN_BROKER_INTERNAL_H

#include "plugin/broker.h"
#include "plugin/service_internal.h"
#include "worker/channel.h"

#define LH_CANCEL_GRACE_MS 2000 /* from CANCEL to SIGTERM */
#define LH_TERM_GRACE_MS   1000 /* from SIGTERM to SIGKILL */

struct lh_broker {
    const struct lh_isolation *settings;
    const struct lh_host *host;
    struct lh_log *log;
    int fd; /* the connector's file; -1: built in */
    char *name, *label, *sha256;
    _Atomic(struct lh_link *) spare; /* loaded, and of no instance yet */
};

enum lh_fate {
    LH_LINK_FINE,
    LH_LINK_GONE, /* it ended by itself, or closed the socket */
    LH_LINK_ENDED /* by the host: the call has its verdict */
};

/* An answer of http that the worker may name. */
struct lh_link_answer {
    uint32_t id; /* 0: free */
    const struct lh_http_resp *resp;
};

/* All answers that a call was given: the worker names those that are gone when they are misused. */
struct lh_link_given {
    struct lh_link_answer *items;
    size_t n, cap;
};

/* A part of a page that the worker asked for. */
struct lh_link_part {
    uint32_t index;
    enum lh_json_part part;
    size_t name_n;
    char name[LH_COLUMN_NAME_MAX];
};

struct lh_link {
    const struct lh_broker *broker;
    const lh_opts *opts;
    struct lh_call *call; /* that is running; NULL: while loading */
    pid_t pid;            /* 0: there is none */
    int pidfd;            /* -1: the kernel has none */
    int output;           /* what the process writes to descriptors 1 and 2 */
    struct lh_buf line;
    unsigned lines;
    struct lh_channel ch;
    uint32_t call_number;
    enum lh_fate fate;
    bool cancelled;           /* the call was, and the process was told */
    bool sending;             /* a message is on its way */
    bool owes_cancel;         /* the process is told when that is out */
    bool closing;             /* the call is close: nothing ends it but its own time */
    struct lh_deadline until; /* a sign of life is due */
    char end[160];            /* how it ended: "was ended by signal 11 (SEGV)" */
    struct lh_buf place;      /* where it died; empty: it went on from there */
    struct lh_link_answer answers[LH_CALL_MAX_ANSWERS];
    uint32_t n_answers;
    struct lh_link_given given, before; /* in this call, and in the one before */
    bool whole; /* the call has walked an answer: the next come with all of the tape */
    struct lh_link_part parts[LH_PARTS_MAX]; /* of a page before: the next come with them */
    unsigned n_parts;
    struct lh_json_doc *text; /* of values that came as text */
    lh_out *outs[LH_CALL_MAX_OUTS];
    size_t n_outs;
    lh_out *out; /* that the next records are about */
};

/* --- the process (broker-link.c) -------------------------------------------------------------- */

struct lh_link *lh_link_new(const struct lh_broker *broker);
void lh_link_destroy(struct lh_link *link); /* ends the process at once */
LH_AUTOPTR(lh_link, lh_link_destroy)

/* Starts a process; LH_FAILED or LH_NOT_FOUND with the reason. */
int lh_link_spawn(struct lh_link *link, struct lh_error *e);

/*
 * Waits for what it says first, its build id. LH_BAD_PLUGIN when that is not ours, or it says
 * nothing; the process is then gone.
 */
int lh_link_greet(struct lh_link *link, struct lh_record *ret_hello, struct lh_error *e);

/*
 * Lets it load the connector. *ret_ready (with texts in m, until the next message) has what it
 * says. LH_BAD_PLUGIN else; the process is then gone.
 */
int lh_link_load(struct lh_link *link, struct lh_record *ret_ready, struct lh_error *e);

/* Sends a record as a message; the fate of the link says when it could not. */
enum lh_fate lh_link_send(struct lh_link *link, const struct lh_record *record);

/* The same for a message that was put together: LH_CHANNEL_PARTS pieces. */
enum lh_fate lh_link_send_parts(struct lh_link *link, uint8_t type, const lh_str *parts);

/* Sends what was held back in link->ch.held, which ends that. */
enum lh_fate lh_link_let_go(struct lh_link *link);

/* The next message of the running call; false: the fate of the link says why there is none. */
bool lh_link_receive(struct lh_link *link, struct lh_message *ret);

/* Tells the process that the call is over, as its verdict says. */
void lh_link_cancel(struct lh_link *link);

/* The process said what it must not: verdict and end. */
void lh_link_surprise(struct lh_link *link, struct lh_error *e);

/* After a good end, or a bad one: waits a little, ends what is left, and link->end says how. */
void lh_link_bury(struct lh_link *link, int64_t wait_ms);

/* --- what it says (broker-run.c) -------------------------------------------------------------- */

/*
 * Executes the records of a message. *ret_returned: RETURN was among them, *ret_return has it.
 * LH_BAD_PLUGIN for records that are not right, or a link whose fate is sealed.
 */
int lh_link_execute(struct lh_link *link, lh_str records, bool *ret_returned,
                    struct lh_record *ret_return, struct lh_error *e);

/* Sends the worker an answer, as much of it as it is going to need. */
void lh_link_send_answer(struct lh_link *link, uint32_t id, const struct lh_http_resp *resp);

/* Answers FETCH; NULL, or what is wrong with the question. */
const char *lh_link_fetch(struct lh_link *link, const struct lh_http_resp *resp,
                          const struct lh_record *r);

/* A call begins: answers of the one before the last can be misused no more. */
void lh_link_forget(struct lh_link *link);

#endif
