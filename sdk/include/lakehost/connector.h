/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * lakehost connector interface 1.0 (draft: the symbol is lh_connector_entry_v0)
 *
 * A connector is one shared object with one exported function. It links to nothing of lakehost:
 * everything that the host does for it comes as a table of functions, so the same file runs
 * inside the host, inside a locked-down worker process and under the fake table of a unit test.
 *
 *     #include <lakehost/sdk.h>
 *     #include "spec.inc"
 *     static const struct lh_host *H;
 *     ...
 *     static const struct lh_connector table = {LH_CONNECTOR_HEAD, "acme", LH_SPEC,
 *                                               acme_open, acme_close, ...};
 *     LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
 *     {
 *         H = host;
 *         return &table;
 *     }
 *
 * The interface mirrors Databricks' LakeflowConnect: list_tables, get_table_schema,
 * read_table_metadata, read_table, read_table_deletes.
 *
 * THE RULES
 *
 * Growth
 *  1. Structs only grow at their end, for ever. A changed signature is a new slot.
 *  2. The host copies min(its size, struct_size) of the connector's table into a zeroed one of its
 *     own and uses that. It accepts a table whose abi_major is its own, whose needs_minor is not
 *     above its minor, and whose struct_size lies between LH_CONNECTOR_SIZE_1_0 and 64 KiB.
 *     abi_minor is information, needs_minor is the gate: a connector built with a newer header runs
 *     on an older host, and tests LH_HAS(H, struct lh_host, slot) before it calls a newer service.
 *  3. No struct has implicit padding.
 *  4. In every `flags`, bits 0 to 15 that the reader does not know are ignored, bits 16 to 31 that
 *     it does not know are refused.
 *  5. Draft builds export lh_connector_entry_v0; lh_connector_entry_v1 exists from the freeze on.
 *  6. No slot is reserved: sizes make that unnecessary.
 *
 * Memory
 *  7. All that the host hands out dies when the call returns; http_release ends a response and
 *     everything read from it earlier. What alloc gives in open lives until close.
 *  8. A builder holds one value. Starting the next frees the one before.
 *  9. The host ends a long call by answering LH_MORE from checkpoint when the call holds too much.
 *     A call that cannot checkpoint must release.
 * 10. A connector keeps no mutable state outside `self`, and nothing in `self` that a fresh
 *     instance could not do without.
 *
 * Strings
 * 11. An lh_str need not end in NUL on its way to the host. On its way out, table names, namespace
 *     parts, header values and text from alloc do; slices from json_* do not.
 * 12. Names of options and properties are C strings (literals), everything else is lh_str. The host
 *     checks UTF-8, and refuses NUL except in response bodies.
 *
 * JSON
 * 13. Every json_* call takes NULL and answers NONE, NULL or an empty string, so chains of calls
 *     need no tests.
 * 14. Errors of out_* stick and surface in out_done or row_out.
 * 15. Own columns first, then out_members: a member whose name was already written at that level is
 *     left out. Nobody but the host's typed output ever converts a number.
 *
 * HTTP
 * 16. http answers 0 for every complete answer, whatever its status, after the host's sign-in,
 *     retries and rate waits; with that budget spent it is the last answer there was. Negative: no
 *     answer (network, cancel, size, origin refused), with the message recorded. A 2xx whose body
 *     is not JSON is LH_E_DATA unless LH_HTTP_NOT_JSON was asked for. http_fail turns an answer
 *     into a code and a redacted message by the rules of the spec.
 * 17. Refused from connectors (LH_E_RULE): Authorization, Cookie, Host, Content-Length,
 *     Transfer-Encoding, Connection, Proxy-*; CR, LF and NUL; a fragment or user-info in a URL.
 *     Set-Cookie is not shown.
 * 18. http_prefetch promises nothing. An equal later http (method, URL, headers, body) takes its
 *     answer. GET or LH_HTTP_REPEATABLE only.
 * 19. http_again repeats a request after at least wait_ms, inside the same retry budget.
 *
 * Secrets
 * 20. Options that the spec calls secret are invisible to every connector. The host applies
 *     sign-in, to declared origins only. A protocol other than HTTP needs "needs":["network",
 *     "secrets"] in the spec, and the user's consent.
 *
 * Reading
 * 21. Rows, checkpoint(offset), rows, ... A row is a JSON object. Rows before a checkpoint belong
 *     to it; rows after the last one are not committed and will be read again.
 * 22. An offset is a JSON object of at most 64 KiB. The host compares its canonical form (sorted
 *     keys, numbers as text). {} and NULL are the beginning.
 * 23. LH_OK: nothing more up to as_of_ms. LH_MORE: only after a checkpoint that moved. Rows without
 *     a moved checkpoint are legal for snapshot tables and in read_partition only; else LH_E_RULE:
 *     a stall is an error, not an end.
 * 24. No checkpoint lies beyond as_of_ms (records dated later may be emitted). Put the horizon that
 *     was reached into the offset: a scan that already covers as_of_ms returns LH_OK without a
 *     request. The host checks every ISO 8601 time in the offset, whatever its name.
 * 25. With `end`: nothing after it, and the last checkpoint equals it. Exact replay is promised
 *     only with LH_TABLE_REPLAYABLE.
 * 26. Offsets of snapshot tables are never stored across runs.
 * 27. read_partition gets the offset, end and as_of_ms of its get_partitions. Partitions are
 *     self-contained JSON, disjoint, all or nothing. get_partitions and read_partition come
 *     together; latest_offset with them for anything but snapshots.
 * 28. read_table_deletes follows 21 to 26 with an offset of its own; its rows need keys and cursor
 *     only. A table may emit LH_DELETE in read_table instead; the host then serves both flows from
 *     one read.
 *
 * Threads
 * 29. One instance is called by one thread at a time; instances run in parallel; services are
 *     called from the calling thread only.
 * 30. No output on file descriptors 1 and 2, no signal handlers, fork, exec, chdir, umask,
 *     setlocale, atexit. The entry function is called once per image and only stores the table.
 *
 * The spec (spec_json) is a JSON document with the options, sign-in, origins, limits and retry
 * rules of the source; it is also an ELF note of owner "lakehost", type 1, readable without running
 * any code of the connector. spec.awk makes spec.inc, which holds both, from spec.json (note.h).
 *
 * In the comments below, "owned by the call" means rule 7. What a service or a call is given
 * belongs to the giver and is good until it returns; what must live longer is copied. All items are
 * since 1.0.
 */
#ifndef LAKEHOST_CONNECTOR_H
#define LAKEHOST_CONNECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LH_ABI_MAJOR 1u
#define LH_ABI_MINOR 0u

/* The oldest host that this connector runs on; raise it by hand, before the include, only. */
#ifndef LH_NEEDS_MINOR
#define LH_NEEDS_MINOR 0u
#endif

/*
 * Results. From a service: 0 = go on, anything else = return it unchanged (LH_MORE comes from
 * checkpoint only). From a read: LH_OK = nothing more as of scan->as_of_ms, LH_MORE = call again.
 * On the right, the exit code of the lakehost program.
 */
enum {
    LH_OK = 0,
    LH_MORE = 1,
    LH_E_UNSUPPORTED = -1, /* not offered for this table                             3        */
    LH_E_OPTION = -2,      /* an option is wrong: fix the options                    3        */
    LH_E_AUTH = -3,        /* credentials refused: fix the credentials               4        */
    LH_E_DENIED = -4,      /* credentials good, a right or scope is missing          4        */
    LH_E_NOT_FOUND = -5,   /* table, namespace or object                             5        */
    LH_E_THROTTLED = -6,   /* quota or rate, and the budget is spent: wait           7        */
    LH_E_UNAVAILABLE = -7, /* network, 5xx, timeout: retry later                     7        */
    LH_E_DATA = -8,        /* the source sent what it must not                       1        */
    LH_E_OFFSET = -9,      /* the offset is unreadable or expired: reset it          3        */
    LH_E_CANCELLED = -10,  /* the host wants no more (signal, deadline, limit)       130 or 0 */
    LH_E_LIMIT = -11,      /* a bound of the host: bytes, depth, documents           1        */
    LH_E_NOMEM = -12,      /* no memory                                              8        */
    LH_E_INTERNAL = -13,   /* the connector's own fault                              8        */
    LH_E_RULE = -14        /* set by the host only: the connector broke a rule above 8        */
};

/* Kinds of JSON values (json_kind). */
enum {
    LH_JSON_NONE = 0, /* there is no value: NULL was passed */
    LH_JSON_NULL,
    LH_JSON_FALSE,
    LH_JSON_TRUE,
    LH_JSON_NUMBER,
    LH_JSON_STRING,
    LH_JSON_ARRAY,
    LH_JSON_OBJECT
};

/* Levels of log: failed; odd, but goes on; what an operator wants to know; for the author. */
enum { LH_LOG_ERROR = 0, LH_LOG_WARN, LH_LOG_INFO, LH_LOG_DEBUG };

/* lh_meta.ingestion, as LakeflowConnect's ingestion_type. */
enum {
    LH_INGEST_UNKNOWN = 0,
    LH_INGEST_SNAPSHOT,        /* read whole each time */
    LH_INGEST_APPEND,          /* only new rows, never changed ones */
    LH_INGEST_CDC,             /* new and changed rows */
    LH_INGEST_CDC_WITH_DELETES /* and deleted ones */
};

/* op of a row: it is new or changed, or it is gone (keys and cursor will do). */
enum { LH_UPSERT = 0, LH_DELETE = 1 };

/* lh_field.flags. */
enum {
    LH_FIELD_NOT_NULL = 1,     /* the source promises a value in every row */
    LH_FIELD_EMPTY_IS_NULL = 2 /* "" from this source means that there is no value */
};

/* lh_table.flags and lh_meta.flags. */
enum {
    LH_TABLE_PARTITIONED = 1, /* get_partitions and read_partition serve it */
    LH_TABLE_REPLAYABLE = 2   /* the same offset and end give the same rows again */
};

/* lh_http_req.flags. */
enum {
    LH_HTTP_REPEATABLE = 1, /* safe to send twice: GET, a search by POST */
    LH_HTTP_NO_SIGN_IN = 2, /* without credentials */
    LH_HTTP_NOT_JSON = 4    /* the answer is not parsed */
};

/* A slice of text: pointer and length. Frozen for ever. */
typedef struct lh_str {
    const char *p;
    size_t n;
} lh_str;

/* A header of a request. Frozen for ever. */
struct lh_header {
    lh_str name, value;
};

/* Opaque: what the host passes through a connector. */
typedef struct lh_call lh_call; /* one call from the host; services want it back      */
typedef struct lh_opts lh_opts; /* options of the connection, or of a table           */
typedef struct lh_json lh_json; /* a JSON value inside a response or other document   */
typedef struct lh_out lh_out;   /* a builder of JSON                                  */
typedef struct lh_sink lh_sink; /* takes tables, fields, rows: what the call produces */

/*
 * A request. Set struct_size; zero means the default everywhere else. Strings are read before http
 * returns and may be reused after it.
 */
struct lh_http_req {
    uint32_t struct_size;
    uint32_t flags; /* LH_HTTP_* */
    lh_str method;  /* "GET", "POST" */
    lh_str url;  /* "/x" is appended to the instance's base; else absolute, to a declared origin */
    lh_str body; /* empty: none */
    lh_str content_type;             /* of the body, "application/json" */
    const struct lh_header *headers; /* besides those of the spec and of sign-in; rule 17 */
    size_t n_headers;
    lh_str bucket;       /* rate bucket of the spec; empty: "default" */
    lh_str bucket_key;   /* one bucket per key, such as a base id */
    uint32_t timeout_ms; /* for one attempt */
    uint32_t cache_ms;   /* an equal answer that is this young will do; 0: always ask */
    uint64_t max_bytes;  /* after decoding; the host's own cap still holds */
};

/* An answer. Made by the host, read by the connector; owned by the call, ended by http_release. */
struct lh_http_resp {
    uint32_t struct_size;
    int32_t status;         /* of HTTP, 100 to 599 */
    lh_str body;            /* decoded, any bytes; empty when there is json, see json_raw */
    lh_str final_url;       /* after redirects */
    const lh_json *json;    /* parsed by the host; NULL: nothing came, or LH_HTTP_NOT_JSON */
    int64_t retry_after_ms; /* from Retry-After in either form; -1: none */
    uint32_t attempts;      /* how often it was sent */
    uint32_t flags;         /* none yet */
};

/* What list_tables reports. Read before add_table returns. */
struct lh_table {
    uint32_t struct_size;
    uint32_t flags;   /* LH_TABLE_* */
    lh_str name;      /* unique in its namespace; any text but empty */
    lh_str id;        /* the source's own id, where names can change; empty: the name */
    lh_str category;  /* empty: the spec's categories decide */
    lh_str comment;   /* for people */
    const lh_str *ns; /* the namespace's parts, outermost first */
    size_t n_ns;
};

/* A column. Read before add_field returns. */
struct lh_field {
    uint32_t struct_size;
    uint32_t flags; /* LH_FIELD_* */
    lh_str name;    /* unique at its level, without regard to case */
    lh_str type;    /* Spark DDL: "bigint", "array<struct<id: bigint>>" */
    lh_str comment; /* for people; empty: none */
};

/* What read_table_metadata reports. Read before set_meta returns. */
struct lh_meta {
    uint32_t struct_size;
    uint32_t flags;     /* LH_TABLE_* */
    uint32_t ingestion; /* LH_INGEST_* */
    uint32_t reserved;  /* 0 */
    const lh_str *keys; /* names of columns; none is legal for append only */
    size_t n_keys;
    lh_str cursor;   /* name of a column; empty: none (snapshot) */
    lh_str category; /* empty: as in lh_table */
};

/* One table, and how much of it; the same for every call about a table. Owned by the call. */
struct lh_scan {
    uint32_t struct_size;
    uint32_t flags;           /* none yet */
    lh_str table;             /* its name, as list_tables gave it */
    const lh_opts *opts;      /* table options, the namespace levels among them */
    const lh_json *offset;    /* NULL: from the beginning */
    const lh_json *end;       /* NULL: open end */
    const lh_json *partition; /* read_partition only */
    int64_t as_of_ms;         /* the run's horizon, UTC: no checkpoint goes beyond it */
    uint64_t max_rows;        /* a hint for the page size; 0: none */
};

/* What estimate reports; the host sets struct_size and fills in -1 = unknown. */
struct lh_estimate {
    uint32_t struct_size;
    uint32_t flags;   /* none yet */
    int64_t rows;     /* that a read would give */
    int64_t bytes;    /* of their text */
    int64_t requests; /* that it would send */
};

/*
 * The services of the host. Every service is called from the thread that the host called in, with
 * the lh_call (or a thing that came with it) of the call that is running. A service that gives an
 * int answers 0 or one of the results above; whatever else than 0 comes, return it: the message is
 * recorded.
 */
struct lh_host {
    uint32_t struct_size; /* of the table that the host has: LH_HAS */
    uint16_t abi_major;
    uint16_t abi_minor; /* information; rule 2 */

    /* --- call --- */

    /* n zeroed bytes, owned by the call; in open they live until close. NULL: no memory, or the
     * host's bound for one call is reached (it then reports LH_E_LIMIT); return LH_E_NOMEM. */
    void *(*alloc)(lh_call *, size_t n);
    /* Records why the call fails and returns code: `return H->fail(c, LH_E_DATA, LHS("..."));`. The
     * last message wins. */
    int (*fail)(lh_call *, int code, lh_str msg);
    /* A part (`what`) is missing, the rest can go on. The host's policy decides: 0 = go on (the run
     * ends with exit 6), else return it. */
    int (*partial)(lh_call *, int code, lh_str what, lh_str msg);
    /* A line for the host's log, LH_LOG_*; the host puts the connector's name in front and takes
     * secrets out. */
    void (*log)(lh_call *, int level, lh_str msg);
    /* done of total (0: unknown) of `what`, for a progress display. */
    void (*progress)(lh_call *, lh_str what, uint64_t done, uint64_t total);
    /* LH_E_CANCELLED when the host wants no more, else 0. Long computations ask now and then. */
    int (*cancelled)(lh_call *);
    /* Waits; 0, or LH_E_CANCELLED. */
    int (*sleep_ms)(lh_call *, uint32_t ms);
    /* Milliseconds since 1970, UTC. Recorded and replayed, unlike the system's clock. */
    int64_t (*now_ms)(lh_call *);
    /* The value of a declared option, its default filled in; NULL: absent, or secret. Options of
     * the connection come with open and live until close, a table's options are owned by the call.
     */
    const char *(*opt)(const lh_opts *, const char *name);
    /* The instance's base URL as the spec's template gave it, without a "/" at the end. Owned by
     * the call. */
    lh_str (*base_url)(lh_call *);

    /* --- http: rules 16 to 19 --- */

    /* Sends a request and waits for its answer, which comes whatever its status; ret is untouched
     * when there is none. Rule 16. LH_E_RULE: rule 17. */
    int (*http)(lh_call *, const struct lh_http_req *, const struct lh_http_resp **ret);
    /* Says that a request will be asked soon; the host may send it already. Rule 18. */
    void (*http_prefetch)(lh_call *, const struct lh_http_req *);
    /* The same request once more, because of what only the connector can see in the answer; `why`
     * is for the log. Releases the answer that it is given. Rule 19. */
    int (*http_again)(lh_call *, const struct lh_http_resp *, int64_t wait_ms, lh_str why,
                      const struct lh_http_resp **ret);
    /* Turns an answer into a code and a message: `return H->http_fail(c, resp);`. */
    int (*http_fail)(lh_call *, const struct lh_http_resp *);
    /* Ends an answer, and all json and text that was read from it. Rule 7. */
    void (*http_release)(lh_call *, const struct lh_http_resp *);
    /* The value of a header (name without regard to case), empty when there is none; of several
     * with that name all, with ", " in between. Lives as long as the answer. */
    lh_str (*http_header)(const struct lh_http_resp *, const char *name);

    /* --- json in: rule 13 --- */

    /* A document of the connector's own text, owned by the call. NULL: it is no JSON (a message is
     * recorded; return LH_E_DATA). The text must outlive the values. */
    const lh_json *(*json_parse)(lh_call *, lh_str text);
    int (*json_kind)(const lh_json *); /* LH_JSON_* */
    /* The member named key; the last one when it stands twice; NULL when there is none. */
    const lh_json *(*json_get)(const lh_json *, lh_str key);
    /* The element or member after prev (NULL: the first), NULL at the end. ret_key may be NULL. */
    const lh_json *(*json_next)(const lh_json *container, const lh_json *prev, lh_str *ret_key);
    /* Elements of an array, members of an object; 0 for everything else. */
    size_t (*json_count)(const lh_json *);
    /* The decoded string; the text of a number or boolean; empty for everything else. */
    lh_str (*json_str)(const lh_json *);
    /* The exact source text, white space inside included; lives as long as its document. */
    lh_str (*json_raw)(const lh_json *);
    /* A number that is whole (7, 7.0, 7e2) and fits, exact; LH_E_DATA for all else, without a
     * message and with ret untouched. */
    int (*json_i64)(const lh_json *, int64_t *ret);

    /* --- json out: rows, request bodies, offsets, partitions; rules 8, 14, 15 --- */

    /* A builder, empty; owned by the call. NULL is taken by every out_* call and fails in the end.
     */
    lh_out *(*out_new)(lh_call *);
    void (*out_begin)(lh_out *, int brace); /* '{' or '['; the first begins a new value */
    void (*out_end)(lh_out *);              /* of the innermost that was begun */
    void (*out_key)(lh_out *, lh_str);      /* before each value in an object */
    void (*out_str)(lh_out *, lh_str utf8);
    void (*out_i64)(lh_out *, int64_t);
    void (*out_raw)(lh_out *, lh_str json);      /* a JSON text; checked */
    void (*out_json)(lh_out *, const lh_json *); /* by reference; NULL = null */
    /* The members of an object but for those named in except and those written before: rule 15. */
    void (*out_members)(lh_out *, const lh_json *object, const lh_str *except, size_t n_except);
    /* The finished value, owned by the call and dead with the next out_begin; NULL: an earlier
     * out_* call was wrong (return LH_E_INTERNAL). */
    const lh_json *(*out_done)(lh_out *);

    /* --- catalog: what list_namespaces, list_tables, get_table_schema, ... report --- */

    /* list_namespaces: one namespace, all its parts, outermost first. */
    int (*add_namespace)(lh_sink *, const lh_str *path, size_t n);
    /* list_tables: one table. LH_E_RULE when it was reported before. */
    int (*add_table)(lh_sink *, const struct lh_table *);
    /* get_table_schema: the next column, or field of the one that was begun. */
    int (*add_field)(lh_sink *, const struct lh_field *);
    /* A column whose fields follow, until field_end; type is "struct", "array<struct>" or
     * "map<string,struct>". */
    int (*field_begin)(lh_sink *, const struct lh_field *);
    int (*field_end)(lh_sink *);
    /* read_table_metadata: once. */
    int (*set_meta)(lh_sink *, const struct lh_meta *);
    /* A further property of the table, for the manifest's readers. */
    int (*set_prop)(lh_sink *, const char *name, const lh_json *);
    /* check: one step and how it went (LH_OK or LH_E_*). A step that failed is no reason to end. */
    int (*add_step)(lh_sink *, lh_str name, int code, lh_str detail);

    /* --- data: rules 21 to 28 --- */

    /* Each gives rows, op is LH_UPSERT or LH_DELETE. LH_E_CANCELLED: enough, return it. */
    int (*row)(lh_sink *, uint32_t op, const lh_json *object); /* as the source sent it */
    int (*rows)(lh_sink *, uint32_t op, const lh_json *array); /* a whole page */
    int (*row_out)(lh_sink *, uint32_t op, lh_out *); /* built; the builder is free again */
    int (*row_text)(lh_sink *, uint32_t op, lh_str json_object); /* one JSON text; checked */
    /* All rows so far belong to this offset. LH_MORE: return LH_MORE now. */
    int (*checkpoint)(lh_sink *, const lh_json *offset);
    /* get_partitions: one partition, for scan->partition; no two are equal. weight: its share of
     * the work, 1 when all are alike. */
    int (*add_partition)(lh_sink *, const lh_json *, uint64_t weight);
    /* interface 1.0 ends here */
};

/*
 * The connector's table. Everything up to read_table is required, the rest may be NULL. `self` is
 * what open gave.
 */
struct lh_connector {
    uint32_t struct_size; /* the first six: LH_CONNECTOR_HEAD */
    uint16_t abi_major;
    uint16_t abi_minor;
    uint16_t needs_minor;
    uint16_t reserved16;
    uint32_t flags;        /* none yet: 0 */
    const char *name;      /* [a-z][a-z0-9_]{0,31}, as in the spec */
    const char *spec_json; /* this and spec_len: LH_SPEC */
    size_t spec_len;

    /* Makes an instance. No input or output: options are checked here, nothing else. ret_self may
     * stay NULL; LH_E_OPTION says which option is wrong. */
    int (*open)(lh_call *, const lh_opts *, void **ret_self);
    /* Ends an instance that open made. May never be called. */
    void (*close)(lh_call *, void *self);
    /* Reports tables (add_table) of a namespace (n_ns == 0: of all, or of the only one).
     * LH_E_NOT_FOUND: there is no such namespace. */
    int (*list_tables)(lh_call *, void *self, const lh_str *ns, size_t n_ns, lh_sink *);
    /* Reports columns: add_field, field_begin, field_end. The same on every call. LH_E_NOT_FOUND,
     * here and below: there is no such table, or not in the namespace that the options name. */
    int (*get_table_schema)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* Reports keys, cursor and ingestion type: set_meta, set_prop. */
    int (*read_table_metadata)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* Reads rows from scan->offset on: row, rows, row_out, row_text, checkpoint. Rules 21 to 26. */
    int (*read_table)(lh_call *, void *self, const struct lh_scan *, lh_sink *);

    /* --- optional --- */

    /* Checks reachability and rights step by step: add_step. */
    int (*check)(lh_call *, void *self, lh_sink *);
    /* Reports the namespaces below a prefix (n == 0: all): add_namespace. LH_E_NOT_FOUND: there is
     * no such prefix. */
    int (*list_namespaces)(lh_call *, void *self, const lh_str *prefix, size_t n, lh_sink *);
    /* Reads what was deleted, with an offset of its own. Rule 28. */
    int (*read_table_deletes)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* The newest offset up to as_of_ms: one checkpoint, no rows. */
    int (*latest_offset)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* Divides a scan: add_partition. Rule 27. */
    int (*get_partitions)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* Reads the rows of scan->partition, without checkpoints. */
    int (*read_partition)(lh_call *, void *self, const struct lh_scan *, lh_sink *);
    /* How much a read of the scan would be; what is not known stays -1. */
    int (*estimate)(lh_call *, void *self, const struct lh_scan *, struct lh_estimate *ret);
    /* interface 1.0 ends here */
};

/* The size of T up to and with a member, and whether a table that came from elsewhere has it. */
#define LH_SIZE_UPTO(T, member) (offsetof(T, member) + sizeof(((T *)0)->member))
#define LH_HAS(p, T, member)    ((p)->struct_size >= LH_SIZE_UPTO(T, member))
#define LH_HOST_SIZE_1_0        LH_SIZE_UPTO(struct lh_host, add_partition)
#define LH_CONNECTOR_SIZE_1_0   LH_SIZE_UPTO(struct lh_connector, estimate)

/* The first six members of struct lh_connector. */
#define LH_CONNECTOR_HEAD                                                                          \
    (uint32_t)sizeof(struct lh_connector), LH_ABI_MAJOR, LH_ABI_MINOR, LH_NEEDS_MINOR, 0u, 0u

#define LH_EXPORT __attribute__((visibility("default")))

/*
 * The entry function: called once, it stores the host's table and returns the connector's. With
 * LH_STATIC_NAME defined (a connector linked into the programs) it carries that name in front.
 */
#define LH_CAT_(a, b) a##b
#define LH_CAT(a, b)  LH_CAT_(a, b)
#ifdef LH_STATIC_NAME
#define LH_ENTRY LH_CAT(LH_STATIC_NAME, _LTX_lh_connector_entry_v0)
#else
#define LH_ENTRY lh_connector_entry_v0
#endif
LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host);

#ifdef __cplusplus
}
#endif

#endif
