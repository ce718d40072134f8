/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builder: the out_* calls of the plugin interface, writing one JSON value.
 *
 * Each call is checked for its place before it writes, so the text is valid at every moment.
 * The calls are named in messages as plugins know them, without lh_.
 */
#include "config.h"

#include "base/utf8.h"
#include "json/json_internal.h"
#include "json/lex.h"
#include "json/names.h"

#include <stdlib.h>

struct level {
    size_t names; /* names and bytes of copied names when it began */
    size_t odd;
    char brace;
    bool some; /* a member was written, so the next needs a comma */
    bool key;  /* a key was written and waits for its value */
};

struct lh_out {
    struct lh_buf text;
    struct level *levels;
    size_t levels_cap;
    uint32_t depth, max_depth;
    bool complete;
    struct lh_names names;
    struct lh_json_doc *raw;   /* for texts that come as they are */
    struct lh_json_doc *value; /* the finished value, for who asked to walk it; else NULL */
    struct lh_error error;     /* the first wrong call */
};

struct lh_out *lh_out_new(size_t max_bytes, uint32_t max_depth)
{
    struct lh_out *o = lh_xcalloc(1, sizeof *o);

    /* offsets and lengths of names are 32 bits wide */
    o->text = (struct lh_buf)LH_BUF_INIT(max_bytes < UINT32_MAX ? max_bytes : UINT32_MAX);
    o->names.odd = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    o->max_depth = max_depth;
    o->raw = lh_json_doc_new();
    return o;
}

void lh_out_destroy(struct lh_out *o)
{
    if (!o)
        return;
    lh_buf_free(&o->text);
    lh_names_free(&o->names);
    lh_json_doc_destroy(o->raw);
    lh_json_doc_destroy(o->value);
    lh_error_free(&o->error);
    free(o->levels);
    free(o);
}

void lh_out_reset(struct lh_out *o)
{
    lh_buf_reset(&o->text);
    lh_names_cut(&o->names, 0, 0);
    lh_error_free(&o->error);
    o->depth = 0;
    o->complete = false;
}

/* --- what every call does ----------------------------------------------------------------- */

static bool failed(const struct lh_out *o)
{
    return o->error.code != 0;
}

static bool refuse(struct lh_out *o, const char *call, const char *rule)
{
    lh_error_set(&o->error, LH_INVALID, "%s: %s", call, rule);
    return false;
}

/* The innermost open level, where there is one. */
static struct level *inside(const struct lh_out *o)
{
    return &o->levels[o->depth - 1];
}

static struct level *top(const struct lh_out *o)
{
    return o->depth ? inside(o) : NULL;
}

/* Whether a value may stand here; writes the comma before it. */
static bool value_fits(struct lh_out *o, const char *call)
{
    struct level *level = top(o);

    if (failed(o))
        return false;
    if (o->complete)
        return refuse(o, call, "the value is complete, and a builder holds one value");
    if (!level)
        return true;
    if (level->brace == '{' && !level->key)
        return refuse(o, call, "in an object, out_key comes before each value");
    if (level->brace == '[' && level->some)
        lh_buf_char(&o->text, ',');
    level->some = true;
    level->key = false;
    return true;
}

/* Ends each call that has written: the size is looked at once. */
static void wrote(struct lh_out *o, const char *call)
{
    if (o->text.failed)
        lh_error_set(&o->error, LH_FAILED, "%s: the value is larger than %zu bytes", call,
                     o->text.max);
}

static void wrote_value(struct lh_out *o, const char *call)
{
    o->complete = o->depth == 0;
    wrote(o, call);
}

/* --- containers and keys ------------------------------------------------------------------ */

void lh_out_begin(struct lh_out *o, int brace)
{
    if (failed(o))
        return;
    if (brace != '{' && brace != '[') {
        refuse(o, "out_begin", "the brace is '{' or '['");
        return;
    }
    if (o->depth == o->max_depth) {
        lh_error_set(&o->error, LH_FAILED, "out_begin: nested deeper than %u levels", o->max_depth);
        return;
    }
    if (!value_fits(o, "out_begin"))
        return;
    o->levels = lh_xgrow(o->levels, o->depth, &o->levels_cap, sizeof *o->levels);
    o->levels[o->depth++] = (struct level){
        .names = o->names.n,
        .odd = o->names.odd.n,
        .brace = (char)brace,
    };
    lh_buf_char(&o->text, (char)brace);
    wrote(o, "out_begin");
}

void lh_out_end(struct lh_out *o)
{
    const struct level *level = top(o);

    if (failed(o))
        return;
    if (!level) {
        refuse(o, "out_end", "there is nothing to end: every out_end needs its out_begin");
        return;
    }
    if (level->key) {
        refuse(o, "out_end", "the last out_key has no value");
        return;
    }
    lh_names_cut(&o->names, level->names, level->odd);
    lh_buf_char(&o->text, level->brace == '{' ? '}' : ']');
    o->depth--;
    wrote_value(o, "out_end");
}

/* Whether a name may stand here. */
static bool key_fits(struct lh_out *o, const char *call)
{
    const struct level *level = top(o);

    if (failed(o))
        return false;
    if (!level || level->brace != '{')
        return refuse(o, call, "only an object has keys: out_begin('{') comes first");
    if (level->key)
        return refuse(o, call, "the last out_key has no value");
    return true;
}

/* Whether a name was written at this level; a flood of colliding names is an error. */
static bool name_is_taken(struct lh_out *o, const char *call, uint32_t hash, lh_str name)
{
    enum lh_names_found found = lh_names_find(&o->names, o->text.p, o->depth, hash, name);

    if (found == LH_NAMES_FLOODED)
        refuse(o, call, "too many names of one object have the same hash");
    return found == LH_NAMES_PRESENT;
}

void lh_out_key(struct lh_out *o, lh_str key)
{
    uint32_t hash;
    size_t at;

    if (!key_fits(o, "out_key"))
        return;
    if (!lh_utf8_valid(key)) {
        refuse(o, "out_key", "the key is not valid UTF-8");
        return;
    }
    hash = lh_lex_hash((const uint8_t *)key.p, key.n, key.n);
    if (name_is_taken(o, "out_key", hash, key))
        lh_error_set(&o->error, LH_INVALID, "out_key: the key \"%.*s\" stands twice in its object",
                     LH_STR_ARG(key));
    if (failed(o))
        return;
    if (inside(o)->some)
        lh_buf_char(&o->text, ',');
    at = o->text.n + 1;
    lh_json_write_str(&o->text, key);
    if (o->text.n == at + key.n + 1)
        lh_names_push(&o->names, o->depth, hash, at, key.n);
    else
        lh_names_push_copy(&o->names, o->depth, hash, key);
    lh_names_link(&o->names);
    lh_buf_char(&o->text, ':');
    inside(o)->some = true;
    inside(o)->key = true;
    wrote(o, "out_key");
}

/* --- values ------------------------------------------------------------------------------- */

void lh_out_str(struct lh_out *o, lh_str utf8)
{
    if (!failed(o) && !lh_utf8_valid(utf8))
        refuse(o, "out_str", "the text is not valid UTF-8");
    if (!value_fits(o, "out_str"))
        return;
    lh_json_write_str(&o->text, utf8);
    wrote_value(o, "out_str");
}

void lh_out_i64(struct lh_out *o, int64_t value)
{
    if (!value_fits(o, "out_i64"))
        return;
    lh_buf_i64(&o->text, value);
    wrote_value(o, "out_i64");
}

static struct lh_json_limits limits_here(const struct lh_out *o)
{
    return (struct lh_json_limits){
        .max_bytes = UINT32_MAX,
        .max_depth = o->max_depth - o->depth,
        .max_values = UINT32_MAX,
    };
}

void lh_out_raw(struct lh_out *o, lh_str json)
{
    struct lh_json_limits limits = limits_here(o);
    struct lh_json_problem problem;

    if (failed(o))
        return;
    if (lh_json_scan(o->raw, json, &limits, &problem)) {
        lh_json_problem_error(&problem, json, "out_raw",
                              problem.reason >= LH_JSON_TOO_DEEP ? LH_FAILED : LH_INVALID,
                              &o->error);
        return;
    }
    if (!value_fits(o, "out_raw"))
        return;
    lh_json_write(&o->text, lh_json_root(o->raw));
    wrote_value(o, "out_raw");
}

/*
 * Whether v would nest too deep here. Nearly always the depth of its whole document says that it
 * does not; if not, the text is looked at again.
 */
static bool too_deep(struct lh_out *o, const char *call, const struct lh_json *v)
{
    struct lh_json_limits limits = limits_here(o);

    if (!v || lh_json_kind_of(v) < LH_JSON_ARRAY || lh_json_owner(v)->depth <= limits.max_depth ||
        lh_json_scan(o->raw, lh_json_raw(v), &limits, NULL) == LH_JSON_FINE)
        return false;
    lh_error_set(&o->error, LH_FAILED, "%s: nested deeper than %u levels", call, o->max_depth);
    return true;
}

void lh_out_json(struct lh_out *o, const struct lh_json *v)
{
    if (failed(o) || too_deep(o, "out_json", v) || !value_fits(o, "out_json"))
        return;
    lh_json_write(&o->text, v);
    wrote_value(o, "out_json");
}

/* --- members ------------------------------------------------------------------------------ */

/* Members that stand side by side in the source and are copied in one piece. */
struct run {
    const char *begin, *end; /* NULL when there is none */
    size_t at;               /* offset that `begin` will have in the text */
};

struct members {
    struct lh_out *o;
    struct lh_json_doc *doc;
    const struct lh_json *object;
    bool *hidden; /* values with an equal key behind them, by distance; NULL when there are none */
    struct run run;
};

static void flush(struct members *m)
{
    struct level *level = inside(m->o);

    if (!m->run.begin)
        return;
    if (level->some)
        lh_buf_char(&m->o->text, ',');
    level->some = true;
    lh_buf_add(&m->o->text, m->run.begin, (size_t)(m->run.end - m->run.begin));
    m->run.begin = NULL;
}

static void begin_run(struct members *m, const char *begin)
{
    m->run.begin = begin;
    m->run.at = m->o->text.n + inside(m->o)->some;
}

/* Only the last of equal keys counts, here as in lh_json_get. */
static LH_COLD void hide_duplicates(struct members *m)
{
    size_t n = lh_json_count(m->object);
    struct lh_json_member *sorted lh_autofree = lh_xcalloc(n, sizeof *sorted);

    lh_json_fill_members(m->object, sorted);
    if (lh_json_sort_members(sorted, n))
        return;
    m->hidden = lh_xcalloc(lh_json_span(m->object), sizeof *m->hidden);
    for (size_t i = 1; i < n; i++)
        if (lh_str_eq(sorted[i - 1].key, sorted[i].key))
            m->hidden[sorted[i - 1].value - m->object] = true;
}

/* Takes one member along: its name is noted, its text becomes part of the run. */
static void take(struct members *m, const struct lh_json *key, lh_str name)
{
    struct lh_out *o = m->o;
    const struct lh_json *value = key + 1;
    const char *begin = m->doc->text.p + key->start;

    if (m->doc->spaced)
        flush(m);
    if (!m->run.begin)
        begin_run(m, begin);
    if (lh_json_escaped(key))
        lh_names_push_copy(&o->names, o->depth, key->info >> LH_JSON_SHIFT, name);
    else
        lh_names_push(&o->names, o->depth, key->info >> LH_JSON_SHIFT,
                      m->run.at + (size_t)(begin - m->run.begin) + 1, name.n);
    if (!m->doc->spaced) {
        m->run.end = m->doc->text.p + value->start + value->len;
        return;
    }
    m->run.end = begin + key->len;
    flush(m);
    lh_buf_char(&o->text, ':');
    lh_json_write(&o->text, value);
}

/* Looks up names as they were before this call: the names that it takes are linked after it. */
static void take_members(struct members *m)
{
    struct lh_out *o = m->o;
    const struct lh_json *end = m->object + lh_json_span(m->object);
    const struct lh_json *key = m->object + 1;

    for (; key < end && !failed(o); key += 1 + lh_json_span(key + 1)) {
        lh_str name = lh_json_decode(m->doc, key);

        if ((m->hidden && m->hidden[key + 1 - m->object]) ||
            name_is_taken(o, "out_members", key->info >> LH_JSON_SHIFT, name))
            flush(m);
        else if (!too_deep(o, "out_members", key + 1))
            take(m, key, name);
    }
    flush(m);
}

void lh_out_members(struct lh_out *o, const struct lh_json *object, const lh_str *except,
                    size_t n_except)
{
    struct members m = {.o = o, .object = object};
    bool *hidden lh_autofree = NULL;
    size_t first = o->names.n;

    if (!key_fits(o, "out_members") || lh_json_kind(object) <= LH_JSON_NULL)
        return;
    if (lh_json_kind_of(object) != LH_JSON_OBJECT) {
        refuse(o, "out_members", "the value is no object");
        return;
    }
    m.doc = lh_json_owner(object);
    if (m.doc->duplicate)
        hide_duplicates(&m);
    hidden = m.hidden;
    for (size_t i = 0; i < n_except; i++)
        if (except[i].n && !except[i].p) {
            refuse(o, "out_members", "a name to leave out has a length and no text");
            return;
        }
    for (size_t i = 0; i < n_except; i++)
        lh_names_push_copy(&o->names, o->depth,
                           lh_lex_hash((const uint8_t *)except[i].p, except[i].n, except[i].n),
                           except[i]);
    lh_names_link(&o->names);
    take_members(&m);
    lh_names_drop_linked(&o->names, first);
    lh_names_link(&o->names);
    wrote(o, "out_members");
}

/* --- the end ------------------------------------------------------------------------------ */

int lh_out_finish(struct lh_out *o, lh_str *ret_json, struct lh_error *e)
{
    if (!failed(o) && o->depth)
        lh_error_set(&o->error, LH_INVALID, "out_finish: %u out_end missing", o->depth);
    if (!failed(o) && !o->complete)
        refuse(o, "out_finish", "no value was written");
    if (failed(o))
        return lh_error_set(e, o->error.code, "%s", lh_error_text(&o->error));
    *ret_json = lh_buf_slice(&o->text);
    return 0;
}

int lh_out_value(struct lh_out *o, const struct lh_json **ret, struct lh_error *e)
{
    const struct lh_json_limits limits = {
        .max_bytes = UINT32_MAX, .max_depth = o->max_depth, .max_values = UINT32_MAX};
    struct lh_json_problem problem;
    lh_str text;
    int code = lh_out_finish(o, &text, e);

    if (code)
        return code;
    if (!o->value)
        o->value = lh_json_doc_new();
    if (lh_json_scan(o->value, text, &limits, &problem))
        return lh_json_problem_error(&problem, text, "out_finish", LH_INVALID, e);
    *ret = lh_json_root(o->value);
    return 0;
}

bool lh_out_is_complete(const struct lh_out *o)
{
    return o->complete;
}

const char *lh_out_failure(const struct lh_out *o)
{
    return failed(o) ? o->error.message : NULL;
}

bool lh_out_is_beyond_bounds(const struct lh_out *o)
{
    return o->error.code == LH_FAILED;
}
