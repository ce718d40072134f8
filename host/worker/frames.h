/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What host and worker say to each other: frames, messages and records; private to one build.
 *
 * A frame is 16 bytes {u32 length, u8 type, u8 flags, u16 0, u32 call, u32 sequence}, little
 * endian, and a payload. A message is one frame, or several with LH_FRAME_MORE on all but the
 * last; the first of several begins with the u64 length of all. Payloads are records: a kind and
 * fields that one table describes, so both ends, and both directions, share one codec.
 *
 * Pure: no descriptor, no allocation per record. What comes in is hostile; every length is checked
 * against what is there before it is used.
 */
#ifndef LH_WORKER_FRAMES_H
#define LH_WORKER_FRAMES_H

#include "base/buf.h"
#include "base/error.h"

#define LH_FRAME_HEAD       ((size_t)16)
#define LH_FRAME_FROM       ((size_t)256 << 10)  /* payload from the worker, at most */
#define LH_FRAME_TO         ((size_t)1 << 20)    /* and to it */
#define LH_MESSAGE_FROM_MAX ((size_t)160 << 20)  /* a row of 16 MiB, as calls of a builder */
#define LH_MESSAGE_TO_MAX   ((size_t)1200 << 20) /* a page and its tape */

enum { LH_FRAME_MORE = 1 };

/* Kinds of records, and types of frames: a frame's first record has the frame's type. */
enum lh_record_kind {
    LH_REC_NONE = 0,
    /* host to worker */
    LH_REC_HELLO,  /* both ways: build id */
    LH_REC_LOAD,   /* built-in name, path for messages, SHA-256; leave_off, max_memory */
    LH_REC_OPEN,   /* whether now_ms is the host's; options: name, value, name, value, ... */
    LH_REC_CALL,   /* slot, has_opts, as_of, max_rows; table, offset, end, partition; opts, path */
    LH_REC_ANSWER, /* code, what stopped the call; text */
    LH_REC_DOC,    /* an answer of http; its tape and body follow, see struct lh_doc_frame */
    LH_REC_CANCEL, /* what every service answers from now on */
    LH_REC_CLOSE,
    /* worker to host, before any call */
    LH_REC_READY,   /* slots, what the lock-down has; name, spec, note */
    LH_REC_REFUSED, /* enum lh_code; message */
    /* worker to host in a call: LH_REC_OPS is the type of frames that hold these */
    LH_REC_OPS,
    LH_REC_RETURN, /* code, estimate (rows, bytes, requests); service that was called from afar */
    LH_REC_FAIL,
    LH_REC_NOTE,  /* LH_E_*: the worker's own limits; text */
    LH_REC_LIMIT, /* the same as a verdict */
    LH_REC_LOG,
    LH_REC_PROGRESS,
    LH_REC_PARTIAL,   /* asks */
    LH_REC_SLEEP,     /* asks */
    LH_REC_BASE_URL,  /* asks */
    LH_REC_HTTP,      /* asks; num 0: LH_HTTP_PRESENT | LH_HTTP_NO_PLACE */
    LH_REC_PREFETCH,  /* as HTTP */
    LH_REC_AGAIN,     /* asks; answer, wait, whether there is no place; why */
    LH_REC_HTTP_FAIL, /* asks */
    LH_REC_RELEASE,   /* answer */
    LH_REC_NAMESPACE, /* path */
    LH_REC_TABLE,     /* present, struct_size, flags; name, id, category, comment; ns */
    LH_REC_FIELD,     /* present, struct_size, flags; name, type, comment */
    LH_REC_BEGIN_FIELD,
    LH_REC_END_FIELD,
    LH_REC_META, /* present, struct_size, flags, ingestion, reserved; cursor, category; keys */
    LH_REC_PROP,
    LH_REC_STEP,
    LH_REC_ROW,        /* op, how many; value, which the others come behind on its tape */
    LH_REC_ROWS,       /* op; value */
    LH_REC_ROW_TEXT,   /* op; text */
    LH_REC_ROW_OUT,    /* op: the builder that was named last; op 0xffffffff << 32 says NULL */
    LH_REC_CHECKPOINT, /* asks: whether the call holds enough; value */
    LH_REC_PARTITION,  /* weight; value */
    LH_REC_OUT,        /* the builder that the next records are about, by its place in the call */
    LH_REC_BEGIN,
    LH_REC_END,
    LH_REC_KEY,
    LH_REC_STR,
    LH_REC_INT,
    LH_REC_RAW,
    LH_REC_JSON,
    LH_REC_MEMBERS, /* value; except */
    LH_REC_DONE,    /* out_done, which failed */
    /* the rest of an answer */
    LH_REC_FETCH,  /* asks; answer, index of a value, enum lh_json_part; name of a column */
    LH_REC_PART,   /* host to worker: how many entries or cells, index, part; name; they follow */
    LH_REC_HEADER, /* http_header of an answer that is gone */
    LH_REC_NOW,    /* asks: now_ms while the host records or replays; the text has 8 bytes */
    LH_REC_KINDS
};

/* Of LH_REC_HTTP: there is a request; there is no place for its answer. */
enum { LH_HTTP_PRESENT = 1, LH_HTTP_NO_PLACE = 2 };

/* Instead of the id of an answer: the connector gave what is none. 0 is NULL. */
#define LH_ANSWER_OTHER UINT32_MAX

/* Columns have names of no more bytes; a page comes with no more parts than that were asked for. */
#define LH_COLUMN_NAME_MAX 255u
#define LH_PARTS_MAX       12u

/* Slots of a connector's table, as bits of READY and numbers of CALL. */
enum lh_slot {
    LH_SLOT_OPEN,
    LH_SLOT_CLOSE,
    LH_SLOT_LIST_TABLES,
    LH_SLOT_GET_TABLE_SCHEMA,
    LH_SLOT_READ_TABLE_METADATA,
    LH_SLOT_READ_TABLE,
    LH_SLOT_CHECK,
    LH_SLOT_LIST_NAMESPACES,
    LH_SLOT_READ_TABLE_DELETES,
    LH_SLOT_LATEST_OFFSET,
    LH_SLOT_GET_PARTITIONS,
    LH_SLOT_READ_PARTITION,
    LH_SLOT_ESTIMATE,
    LH_SLOTS
};

/* --- frames ----------------------------------------------------------------------------------- */

struct lh_frame {
    uint32_t len;
    uint8_t type, flags;
    uint32_t call, seq;
};

void lh_frame_encode(const struct lh_frame *frame, uint8_t ret[LH_FRAME_HEAD]);

/* LH_BAD_PLUGIN when it is none: unknown type or flags, or more than `max` bytes. */
int lh_frame_decode(const uint8_t head[LH_FRAME_HEAD], size_t max, struct lh_frame *ret,
                    struct lh_error *e);

/* The two ends' programs are of one build, or do not talk: a sum over the sources of both. */
lh_str lh_frames_build_id(void);

/* --- messages --------------------------------------------------------------------------------- */

/* Memory for one page after the other: what was given back is taken again, without page faults. */
struct lh_room {
    void *p; /* of malloc; NULL: none */
    size_t cap;
};

struct lh_room lh_room_take(struct lh_room *spare, size_t n);
void lh_room_give(struct lh_room *spare, struct lh_room room);

/*
 * Puts messages together out of bytes as they come:
 *
 *     char *to = lh_inbox_room(&in, &n);            room for n > 0 bytes
 *     lh_inbox_got(&in, how_many_came);
 *     while ((got = lh_inbox_next(&in, &m, e)) > 0) ...
 */
struct lh_inbox {
    size_t max_frame, max_message;
    struct lh_room spare; /* for the next message of several frames */
    uint32_t seq;         /* of the next frame */
    uint8_t *raw;         /* bytes that were not looked at: begin to end */
    size_t begin, end, cap;
    struct lh_room whole; /* a message of several frames */
    size_t whole_n, whole_total;
    size_t left; /* of the current frame, still to come into `whole` */
    bool last;   /* this frame is its last */
    bool done;   /* `whole` was given out */
    struct lh_frame frame;
};

#define LH_INBOX_INIT(frame_, message_)                                                            \
    {                                                                                              \
        .max_frame = (frame_), .max_message = (message_)                                           \
    }

struct lh_message {
    uint8_t type;
    uint32_t call;
    lh_str payload; /* until the next lh_inbox_next */
};

void lh_inbox_free(struct lh_inbox *in);
char *lh_inbox_room(struct lh_inbox *in, size_t *ret_n);
void lh_inbox_got(struct lh_inbox *in, size_t n);

/* 1: a message; 0: more bytes are needed; -1 with e set: it is none, nothing can follow. */
int lh_inbox_next(struct lh_inbox *in, struct lh_message *ret, struct lh_error *e);

/* The message in memory of the caller's, which is aligned and may be given back to in->spare. */
struct lh_room lh_inbox_take(struct lh_inbox *in, const struct lh_message *m);

/* --- records ---------------------------------------------------------------------------------- */

enum lh_value_tag { LH_VALUE_NONE, LH_VALUE_REF, LH_VALUE_TEXT, LH_VALUE_GONE };

/* A JSON value: a place in an answer that the host holds, its text, or one that was released. */
struct lh_value {
    uint32_t tag, doc, index;
    lh_str text;
};

/* Strings: as an array on the way out, packed on the way in. */
struct lh_list {
    const lh_str *items;
    const char *packed;
    uint32_t n;
};

#define LH_RECORD_NUMS 6
#define LH_RECORD_STRS 6

/* In the order of the kind's fields; see the table in frames.c. */
struct lh_record {
    uint32_t kind;
    struct lh_value value;
    uint64_t num[LH_RECORD_NUMS];
    lh_str str[LH_RECORD_STRS]; /* p NULL with n 1: the connector gave a length and no text */
    struct lh_list list[2];
};

void lh_record_put(struct lh_buf *to, const struct lh_record *record);

/* Changes how many rows the record LH_REC_ROW means that was put at `at`. */
void lh_record_set_rows(struct lh_buf *to, size_t at, uint32_t n);

/*
 * The record at *at, which moves behind it. LH_BAD_PLUGIN for anything else than a whole record of
 * a known kind. Fields that the kind does not have are left as they were. Slices point into data.
 */
int lh_record_get(lh_str data, size_t *at, struct lh_record *ret, struct lh_error *e);

/* Whether the sender waits for an answer; such a record is the last of its message. */
bool lh_record_asks(uint32_t kind);

/* For messages: "checkpoint". */
const char *lh_record_name(uint32_t kind);

/* Takes the next string off the list; false at the end. */
bool lh_list_next(struct lh_list *list, lh_str *ret);

/* --- answers of http -------------------------------------------------------------------------- */

/*
 * LH_REC_DOC: num 0 id, 1 status, 2 attempts | flags << 32, 3 retry_after, 4 bytes of body, 5
 * values on the tape; str 0 final_url, 1 struct lh_doc_frame; list 0 headers. Behind the record:
 * zeros up to a multiple of 16, 16 bytes for the reader's own use, entries of the tape, the body.
 * When there are fewer entries than values on the tape, they are its skeleton, and instead of the
 * body come the texts of that (json.h); LH_REC_PART, as many as it says, follow unasked.
 */
struct lh_doc_frame {
    uint32_t depth, duplicate, spaced;
    uint32_t entries; /* of the tape that come with it */
    uint32_t parts;
};

#define LH_DOC_FRAME_BYTES 20

void lh_doc_frame_encode(const struct lh_doc_frame *d, char ret[LH_DOC_FRAME_BYTES]);

/* Where the parts of such a message lie; LH_BAD_PLUGIN when it is too short for them. */
struct lh_doc_parts {
    struct lh_record record;
    struct lh_doc_frame doc;
    size_t tape_at; /* of the 16 bytes in front of the tape */
    size_t body_at;
};

int lh_doc_parts(lh_str message, struct lh_doc_parts *ret, struct lh_error *e);

/* How many zeros come behind a record of n bytes. */
static inline size_t lh_doc_padding(size_t n)
{
    return (16 - n % 16) % 16;
}

#endif
