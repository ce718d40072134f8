/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of a group of tags. One streamset call asks for all of them; what it leaves open (a
 * tag that failed, that was left out, or whose page was full) is asked for in batches, each tag
 * from where it stands, until every tag is done or has failed for good.
 */
#include "osipi.h"

#define MOST_VALUES   150000 /* of an answer: MaxReturnedItemsPerCall */
#define MOST_TRIES    4
#define FIRST_WAIT_MS 250

/* --- what goes wrong with one tag ------------------------------------------------------------- */

/* It is asked for again, until it was too often. */
static void try_again(struct asking *a, struct tag *tag, lh_str why)
{
    int64_t wait = (int64_t)FIRST_WAIT_MS << (tag->tries < MOST_TRIES ? tag->tries : 0);

    tag->code = LH_E_UNAVAILABLE;
    tag->problem = lhs_dup(H, a->r->call, why);
    if (++tag->tries >= MOST_TRIES)
        tag->state = FAILED;
    else if (wait > a->wait_ms)
        a->wait_ms = wait;
}

static void refuse(struct asking *a, struct tag *tag, int code, int64_t status,
                   const lh_json *content)
{
    lh_str why = osipi_complaint(content);

    tag->state = FAILED;
    tag->code = code;
    tag->problem =
        lhs_fmt(H, a->r->call, "status %lld: %.*s", (long long)status, (int)why.n, why.p);
}

static void judge(struct asking *a, struct tag *tag, int64_t status, const lh_json *content,
                  lh_str retry_after)
{
    int64_t seconds;

    if (status == 429 || status == 408 || status >= 500) {
        lh_str why = osipi_complaint(content);

        if (status == 501) {
            refuse(a, tag, LH_E_UNSUPPORTED, status, content);
            return;
        }
        if (!lhs_i64(retry_after, &seconds) && seconds > 0 && seconds <= 60 &&
            seconds * 1000 > a->wait_ms)
            a->wait_ms = seconds * 1000;
        try_again(
            a, tag,
            lhs_fmt(H, a->r->call, "status %lld: %.*s", (long long)status, (int)why.n, why.p));
    } else if (status == 404) {
        refuse(a, tag, LH_E_NOT_FOUND, status, content);
    } else {
        refuse(a, tag, status == 401 || status == 403 ? LH_E_DENIED : LH_E_DATA, status, content);
    }
}

/* --- what came -------------------------------------------------------------------------------- */

/* A value that the server could not send has errors instead of a time. */
static int is_whole(const struct asking *a, const lh_json *items)
{
    const char *time = a->series->shape == SUMMARIES ? "Value.Timestamp" : "Timestamp";
    const lh_json *value = NULL;

    if (H->json_kind(items) != LH_JSON_ARRAY)
        return 0;
    while ((value = H->json_next(items, value, NULL)))
        if (osipi_ticks(H->json_str(osipi_member(value, time))) == NO_TICKS)
            return 0;
    return 1;
}

/* What a stream's answer holds: a list, or a value. NULL: it is not whole. */
static const lh_json *content_of(const struct asking *a, const lh_json *stream, int is_in_set)
{
    const lh_json *items;

    if (osipi_is_broken(stream) || H->json_kind(stream) != LH_JSON_OBJECT)
        return NULL;
    if (a->series->shape == ONE_VALUE) {
        stream = is_in_set ? H->json_get(stream, LHS("Value")) : stream;
        return H->json_get(stream, LHS("Timestamp")) ? stream : NULL;
    }
    items = H->json_get(stream, LHS("Items"));
    return is_whole(a, items) ? items : NULL;
}

/* A value of a range, once: the end belongs to the next range, and a page begins with the last
 * values of the one before. */
static int give_value(struct asking *a, struct tag *tag, const lh_json *value, int64_t *io_again)
{
    int64_t time = osipi_ticks(H->json_str(H->json_get(value, LHS("Timestamp"))));

    if (time < a->from || time >= a->to)
        return LH_OK;
    if (a->series->span == RECORDED) {
        if (time < tag->since || (time == tag->since && --*io_again >= 0))
            return LH_OK;
        *io_again = 0;
        tag->n_at = time == tag->since ? tag->n_at + 1 : 1;
        tag->since = time;
    }
    return osipi_value_row(a->r, tag->webid, LHS(""), value);
}

static int give_list(struct asking *a, struct tag *tag, const lh_json *items)
{
    const lh_json *value = NULL;
    int64_t again = tag->n_at;
    int rc = LH_OK;

    while (!rc && (value = H->json_next(items, value, NULL))) {
        if (a->series->shape == SUMMARIES)
            rc = osipi_value_row(a->r, tag->webid, H->json_str(H->json_get(value, LHS("Type"))),
                                 H->json_get(value, LHS("Value")));
        else
            rc = give_value(a, tag, value, &again);
    }
    return rc;
}

/* Gives out what is whole. *ret_count is how many values the server sent, -1 when not all. */
static int give(struct asking *a, struct tag *tag, const lh_json *stream, int is_in_set,
                int64_t *ret_count)
{
    const lh_json *content = content_of(a, stream, is_in_set);

    *ret_count = -1;
    if (!content) {
        lh_str why = osipi_complaint(stream);

        try_again(a, tag, why.n ? why : LHS("the server broke off its answer"));
        return LH_OK;
    }
    tag->tries = 0;
    a->has_answered = 1;
    *ret_count = 1;
    if (a->series->shape == ONE_VALUE)
        return osipi_value_row(a->r, tag->webid, LHS(""), content);
    *ret_count = (int64_t)H->json_count(content);
    return give_list(a, tag, content);
}

/* One stream alone. A full page has another behind it. */
static int take_stream(struct asking *a, struct tag *tag, const lh_json *stream)
{
    int64_t since = tag->since;
    int64_t n_at = tag->n_at;
    int64_t count;
    int rc = give(a, tag, stream, 0, &count);

    if (rc || count < 0)
        return rc;
    if (a->series->span != RECORDED || count < tag->page)
        tag->state = DONE;
    else if (tag->since != since || tag->n_at != n_at)
        return LH_OK;
    else if (tag->page >= MOST_VALUES)
        return lhs_fail(H, a->r->call, LH_E_LIMIT,
                        "tag %.*s: more than %d values at one time; the server gives no more",
                        (int)tag->webid.n, tag->webid.p, MOST_VALUES);
    else
        tag->page = tag->page > MOST_VALUES / 2 ? MOST_VALUES : tag->page * 2;
    return LH_OK;
}

/* --- a streamset ------------------------------------------------------------------------------ */

/* The tag of an answer; they come in the order of the question. */
static struct tag *find(struct tag *tags, size_t n, size_t *io_hint, lh_str webid)
{
    for (size_t i = 0; i < n; i++) {
        struct tag *tag = &tags[(*io_hint + i) % n];

        if (tag->state == LEFT && lhs_eq(tag->webid, webid)) {
            *io_hint = (size_t)(tag - tags) + 1;
            return tag;
        }
    }
    return NULL;
}

/*
 * Which streams are done. maxCount may be meant for each stream or for all of them, and nothing
 * says which. Fewer values than that are all there are, either way. More can only be when each
 * stream has a count of its own: then those below it are done. Else each is asked for by itself.
 */
static void close_streams(struct asking *a, struct tag *tags, size_t n, int64_t total)
{
    int64_t page = a->r->page;

    for (size_t i = 0; i < n; i++) {
        int64_t count = tags[i].count;

        if (tags[i].state == LEFT && count >= 0 &&
            (a->series->span != RECORDED || total < page || (total > page && count < page)))
            tags[i].state = DONE;
    }
    if (a->series->span == RECORDED && total == page)
        a->use_streamsets = 0; /* so dense that one page is too little for all */
}

static int take_streams(struct asking *a, struct tag *tags, size_t n, const lh_json *answer)
{
    const lh_json *items = H->json_get(answer, LHS("Items"));
    const lh_json *stream = NULL;
    int64_t total = 0;
    size_t hint = 0;
    int rc = LH_OK;

    for (size_t i = 0; i < n; i++)
        tags[i].count = -1;
    while (!rc && (stream = H->json_next(items, stream, NULL))) {
        struct tag *tag = find(tags, n, &hint, H->json_str(H->json_get(stream, LHS("WebId"))));

        if (!tag || tag->count >= 0)
            continue;
        rc = give(a, tag, stream, 1, &tag->count);
        total += tag->count > 0 ? tag->count : 0;
    }
    close_streams(a, tags, n, total);
    return rc;
}

/* One call for all; whatever it leaves undone is asked for otherwise. */
static int ask_streamset(struct asking *a, struct tag *tags, size_t n)
{
    struct lh_http_req q = osipi_streamset_request(a, &a->r->url, tags, n);
    const struct lh_http_resp *answer;
    int rc = q.url.n ? H->http(a->r->call, &q, &answer) : LH_E_NOMEM;

    if (rc)
        return rc;
    if (answer->status == 200)
        rc = osipi_is_broken(answer->json) ? LH_OK : take_streams(a, tags, n, answer->json);
    else if (answer->status == 404 || answer->status == 405)
        a->use_streamsets = a->has_answered; /* a tag is not there, or stream sets are not */
    else if (answer->status != 400 && answer->status != 409 && answer->status != 414 &&
             answer->status != 501)
        return H->http_fail(a->r->call, answer);
    H->http_release(a->r->call, answer);
    return rc;
}

/* --- a batch ---------------------------------------------------------------------------------- */

static int take_sub(struct asking *a, struct tag *tag, const lh_json *sub)
{
    const lh_json *content = H->json_get(sub, LHS("Content"));
    int64_t status;

    if (H->json_i64(H->json_get(sub, LHS("Status")), &status)) {
        try_again(a, tag, LHS("the answer of the batch leaves it out"));
        return LH_OK;
    }
    if (status == 200)
        return take_stream(a, tag, content);
    judge(a, tag, status, content, H->json_str(osipi_member(sub, "Headers.Retry-After")));
    return LH_OK;
}

static int take_batch(struct asking *a, struct tag *tags, size_t n, const lh_json *answer)
{
    char id[BATCH_ID_SIZE];
    int rc = LH_OK;

    for (size_t i = 0, left = 0; !rc && i < n && left < osipi_batch_size(a); i++) {
        if (tags[i].state != LEFT)
            continue;
        left++;
        if (a->series->span == RECORDED)
            a->from = tags[i].since;
        rc = take_sub(a, &tags[i], H->json_get(answer, osipi_batch_id(id, i)));
    }
    return rc;
}

/* Where batches are forbidden, there is one request a tag. */
static int give_up_batches(struct asking *a, const struct lh_http_resp *answer)
{
    lh_str why = osipi_complaint(answer->json);

    if (answer->status != 403 && answer->status != 404 && answer->status != 405 &&
        answer->status != 501)
        return H->http_fail(a->r->call, answer);
    H->log(a->r->call, LH_LOG_WARN,
           lhs_fmt(H, a->r->call, "the server takes no batch (status %d %.*s): one request a tag",
                   (int)answer->status, (int)why.n, why.p));
    a->use_batch = 0;
    return LH_OK;
}

static int ask_batch(struct asking *a, struct tag *tags, size_t n)
{
    struct lh_http_req q = osipi_batch_request(a, &a->r->url, tags, n);
    const struct lh_http_resp *answer;
    int rc = q.body.n ? H->http(a->r->call, &q, &answer) : LH_E_NOMEM;

    if (rc)
        return rc;
    if (answer->status == 207 || answer->status == 200)
        rc = take_batch(a, tags, n, answer->json);
    else
        rc = give_up_batches(a, answer);
    if (!rc)
        H->http_release(a->r->call, answer);
    return rc;
}

/*
 * One tag. What the host has tried again in vain is not tried once more here: where the server has
 * answered for other tags, this one fails, else the read does.
 */
static int ask_stream(struct asking *a, struct tag *tag)
{
    struct lh_http_req q = osipi_stream_request(a, &a->r->url, tag);
    const struct lh_http_resp *answer;
    int rc = q.url.n ? H->http(a->r->call, &q, &answer) : LH_E_NOMEM;

    if (rc)
        return rc;
    if (answer->status == 401 ||
        ((answer->status == 429 || answer->status >= 500) && !a->has_answered))
        return H->http_fail(a->r->call, answer);
    if (answer->status == 200) {
        rc = take_stream(a, tag, answer->json);
    } else {
        tag->tries = MOST_TRIES;
        judge(a, tag, answer->status, answer->json, LHS(""));
    }
    H->http_release(a->r->call, answer);
    return rc;
}

/* --- a group ---------------------------------------------------------------------------------- */

static size_t count_left(const struct tag *tags, size_t n, size_t *ret_first)
{
    size_t left = 0;

    for (size_t i = n; i-- > 0;)
        if (tags[i].state == LEFT) {
            *ret_first = i;
            left++;
        }
    return left;
}

/* From a->from until before a->to. */
static int ask_range(struct asking *a, struct tag *tags, size_t n)
{
    int64_t from = a->from;
    size_t first = 0;
    size_t left;
    int rc = LH_OK;

    a->wait_ms = 0;
    if (count_left(tags, n, &first) > 1 && a->use_streamsets)
        rc = ask_streamset(a, tags, n);
    while (!rc && (left = count_left(tags, n, &first))) {
        if (a->wait_ms && (rc = H->sleep_ms(a->r->call, (uint32_t)a->wait_ms)))
            return rc;
        a->wait_ms = 0;
        a->from = from;
        rc = left > 1 && a->use_batch ? ask_batch(a, tags, n) : ask_stream(a, &tags[first]);
    }
    a->from = from;
    return rc;
}

/* The end of the part that is asked for at once: on a grid, so that an answer is not too large. */
static int64_t cut(const struct asking *a, size_t n, int64_t from, int64_t to)
{
    int64_t most = MOST_VALUES / (int64_t)n;
    int64_t steps = a->r->page < most ? a->r->page : most;

    if (a->series->span != ON_GRID || (to - from) / a->step <= steps)
        return to;
    return from + (steps > 0 ? steps : 1) * a->step;
}

int osipi_ask(struct asking *a, struct tag *tags, size_t n, int64_t from, int64_t to)
{
    int rc = LH_OK;

    do {
        a->from = from;
        a->to = cut(a, n, from, to);
        rc = ask_range(a, tags, n);
        from = a->to;
        for (size_t i = 0; i < n; i++)
            if (tags[i].state == DONE) {
                tags[i].state = from < to ? LEFT : DONE;
                tags[i].since = from;
                tags[i].n_at = 0;
                tags[i].page = a->r->page;
            }
    } while (!rc && from < to);
    return rc;
}

void osipi_ask_ahead(struct asking *a, const struct tag *tags, size_t n, int64_t from, int64_t to)
{
    struct reader *r = a->r;
    struct lh_http_req q;

    a->from = from;
    a->to = cut(a, n, from, to);
    if (n > 1 && a->use_streamsets)
        q = osipi_streamset_request(a, &r->ahead, tags, n);
    else if (n > 1 && a->use_batch)
        q = osipi_batch_request(a, &r->ahead, tags, n);
    else
        q = osipi_stream_request(a, &r->ahead, &tags[0]);
    if (q.url.n)
        H->http_prefetch(r->call, &q);
}
