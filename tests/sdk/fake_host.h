/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host for one test: the whole table of services, with answers from a table and everything that a
 * connector does written down. It checks no rule; that is the service object's work.
 *
 *     static const struct fake_answer answers[] = {
 *         {"GET", "/items", NULL, 200, "Link: </items?page=2>; rel=\"next\"", "[{\"id\":1}]"},
 *         {0},
 *     };
 *     struct fake f;
 *
 *     fake_begin(&f, answers, options);
 *     rc = read_table(&f.call, self, &scan, &f.sink);
 *     is_str(fake_text(&f.rows), "{\"id\":1}\n", "rows");
 *     fake_end(&f);
 */
#ifndef LH_TESTS_FAKE_HOST_H
#define LH_TESTS_FAKE_HOST_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/json.h"

#include <lakehost/sdk.h>

/* An answer, given once, to the first request with this method, URL and part of its body. */
struct fake_answer {
    const char *method, *url;
    const char *body_part; /* NULL: any body */
    int status;            /* negative: no answer, the code of http */
    const char *headers;   /* "Name: value", lines; NULL: none */
    const char *json;      /* NULL: an empty body */
};

struct fake_option {
    const char *name, *value;
};

/* The host's opaque types are these. */
struct lh_opts {
    const struct fake_option *options; /* ends with a NULL name */
    const lh_json *spec;               /* has the defaults; NULL: none are filled in */
    struct lh_arena *memory;
};

struct lh_call {
    struct fake *fake;
};

struct lh_sink {
    struct fake *fake;
};

struct fake {
    struct lh_call call;
    struct lh_sink sink;
    struct lh_opts opts;
    const struct fake_answer *answers;
    bool *given;
    struct lh_arena memory;
    struct fake_doc *docs;
    struct fake_out *outs;
    int n_live;         /* responses that were not released */
    int stop_at;        /* the how many-eth checkpoint answers LH_MORE; 0: none */
    int partial_policy; /* what partial answers */
    bool no_memory;     /* alloc fails */
    int n_checkpoints;
    struct lh_buf rows;        /* a line each; deletes begin with "-" */
    struct lh_buf checkpoints; /* a line each */
    struct lh_buf events;      /* requests, partial, messages, sleeps: a line each */
    struct lh_buf catalog;     /* namespaces, tables, columns, metadata, partitions: a line each */
};

extern const struct lh_host fake_host;

void fake_begin(struct fake *f, const struct fake_answer *answers,
                const struct fake_option *options);
void fake_end(struct fake *f);

/* Fills in the defaults of a connector's spec from here on. */
void fake_defaults(struct fake *f, const struct lh_connector *connector);

/* The text so far; empties nothing. */
const char *fake_text(const struct lh_buf *b);

/* A document of the test's own, alive until fake_end. */
const lh_json *fake_json(struct fake *f, const char *text);

/* A scan of a table from an offset (JSON, NULL: none). */
struct lh_scan fake_scan(struct fake *f, const char *table, const char *offset, int64_t as_of_ms);

#endif
