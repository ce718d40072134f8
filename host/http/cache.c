/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that will do again (cache_ms of a request), shared by all sessions of a client. Whoever
 * asks for what is being fetched waits for it, so that several readers cost one request.
 */
#include "config.h"

#include "http/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CACHE_BYTES  ((size_t)64 << 20)
#define ANSWER_BYTES ((size_t)8 << 20)
#define ENTRIES      4096u

struct lh_cache_entry {
    unsigned refs; /* the map's, the one who fetches, those who wait; under the mutex */
    struct lh_http_key key;
    struct lh_http_answer *answer; /* NULL: is being fetched, or there is none */
    bool is_fetched;               /* or given up */
    int64_t at_ms;
    int event; /* readable when it is fetched: made for the first who waits; -1: nobody does */
};

void lh_http_cache_init(struct lh_http_cache *cache)
{
    *cache = (struct lh_http_cache){.entries = LH_MAP_INIT(NULL)};
    pthread_mutex_init(&cache->mutex, NULL);
}

/* The mutex is held, here and below. */
static void unref(struct lh_cache_entry *entry)
{
    if (--entry->refs)
        return;
    if (entry->answer)
        lh_http_answer_unref(entry->answer);
    if (entry->event >= 0)
        close(entry->event);
    free(entry);
}

static lh_str name_of(const struct lh_cache_entry *entry)
{
    return lh_str_z(entry->key.hex);
}

static void forget(struct lh_http_cache *cache, struct lh_cache_entry *entry)
{
    if (lh_map_get(&cache->entries, name_of(entry)) != entry)
        return;
    lh_map_remove(&cache->entries, name_of(entry));
    if (entry->answer)
        cache->bytes -= entry->answer->body.n;
    unref(entry);
}

void lh_http_cache_free(struct lh_http_cache *cache)
{
    void *value;
    size_t at = 0;

    while (lh_map_next(&cache->entries, &at, NULL, &value))
        forget(cache, value);
    lh_map_free(&cache->entries);
    pthread_mutex_destroy(&cache->mutex);
}

static bool is_young(const struct lh_cache_entry *entry, int64_t max_age_ms)
{
    return entry->answer && lh_now_ms() - entry->at_ms <= max_age_ms;
}

static struct lh_cache_entry *begin(struct lh_http_cache *cache, const struct lh_http_key *key)
{
    struct lh_cache_entry *entry = lh_xcalloc(1, sizeof *entry);

    entry->key = *key;
    entry->event = -1;
    entry->refs = 2;
    lh_map_set(&cache->entries, name_of(entry), entry);
    return entry;
}

/* Waits until somebody else has fetched it. The mutex is held before and after. */
static int wait_for(struct lh_http_cache *cache, struct lh_cache_entry *entry,
                    const struct lh_patience *patience, struct lh_error *e)
{
    struct pollfd fds[] = {{.events = POLLIN}, {.fd = patience->fd, .events = POLLIN}};
    int code = 0;

    if (entry->event < 0)
        entry->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (entry->event < 0) {
        lh_error_errno(e, LH_UNREACHABLE, errno, "open a descriptor to wait on");
        return LH_E_UNAVAILABLE;
    }
    fds[0].fd = entry->event;
    entry->refs++;
    while (!code && !entry->is_fetched) {
        pthread_mutex_unlock(&cache->mutex);
        poll(fds, 2, lh_deadline_poll(patience->deadline));
        pthread_mutex_lock(&cache->mutex);
        if (fds[1].revents)
            code = lh_http_error(e, LH_E_CANCELLED, "interrupted");
        else if (lh_deadline_passed(patience->deadline))
            code = lh_http_error(e, LH_E_CANCELLED, "the time of --timeout is over");
    }
    unref(entry);
    return code;
}

int lh_http_cache_find(struct lh_http_cache *cache, const struct lh_http_key *key,
                       int64_t max_age_ms, const struct lh_patience *patience,
                       struct lh_http_answer **ret, struct lh_cache_entry **ret_fill,
                       struct lh_error *e)
{
    struct lh_cache_entry *entry;
    int code = 0;

    *ret = NULL;
    *ret_fill = NULL;
    pthread_mutex_lock(&cache->mutex);
    while (!code && !*ret && !*ret_fill) {
        entry = lh_map_get(&cache->entries, lh_str_z(key->hex));
        if (entry && !entry->is_fetched) {
            code = wait_for(cache, entry, patience, e);
        } else if (entry && is_young(entry, max_age_ms)) {
            *ret = lh_http_answer_ref(entry->answer);
        } else {
            if (entry)
                forget(cache, entry);
            *ret_fill = begin(cache, key);
        }
    }
    pthread_mutex_unlock(&cache->mutex);
    return code;
}

/* Makes room by age of insertion; what is being fetched stays. */
static void shrink(struct lh_http_cache *cache)
{
    size_t at = 0;
    void *value;

    while ((cache->bytes > CACHE_BYTES || cache->entries.count > ENTRIES) &&
           lh_map_next(&cache->entries, &at, NULL, &value))
        if (((struct lh_cache_entry *)value)->is_fetched)
            forget(cache, value);
}

void lh_http_cache_fill(struct lh_http_cache *cache, struct lh_cache_entry *entry,
                        struct lh_http_answer *answer)
{
    bool is_kept =
        answer && answer->status >= 200 && answer->status < 300 && answer->body.n <= ANSWER_BYTES;
    uint64_t one = 1;

    pthread_mutex_lock(&cache->mutex);
    entry->is_fetched = true;
    entry->at_ms = lh_now_ms();
    if (is_kept) {
        entry->answer = lh_http_answer_ref(answer);
        cache->bytes += answer->body.n;
        shrink(cache);
    } else {
        forget(cache, entry);
    }
    /* never read: it stays readable for everybody who waits */
    while (entry->event >= 0 && write(entry->event, &one, sizeof one) < 0 && errno == EINTR)
        ;
    unref(entry);
    pthread_mutex_unlock(&cache->mutex);
}

bool lh_http_cache_has(struct lh_http_cache *cache, const struct lh_http_key *key,
                       int64_t max_age_ms)
{
    const struct lh_cache_entry *entry;
    bool is_there;

    pthread_mutex_lock(&cache->mutex);
    entry = lh_map_get(&cache->entries, lh_str_z(key->hex));
    is_there = entry && (!entry->is_fetched || is_young(entry, max_age_ms));
    pthread_mutex_unlock(&cache->mutex);
    return is_there;
}
