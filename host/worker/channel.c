/* SPDX-License-Identifier: Apache-2.0 */
/* One end of the socket between host and worker; see channel.h. */
#include "config.h"

#include "worker/channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* --- out -------------------------------------------------------------------------------------- */

/* A worker may not use sendmsg, which carries descriptors; it ignores SIGPIPE instead. */
static ssize_t send_some(const struct lh_channel *ch, struct iovec *iov, size_t n)
{
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = n};

    return ch->wait ? sendmsg(ch->fd, &m, MSG_NOSIGNAL) : writev(ch->fd, iov, (int)n);
}

static int hold(struct lh_buf *held, const struct iovec *iov, size_t n, struct lh_error *e)
{
    for (size_t i = 0; i < n; i++)
        lh_buf_add(held, iov[i].iov_base, iov[i].iov_len);
    return held->failed ? lh_error_set(e, LH_FAILED, "send: more than %zu bytes", held->max) : 0;
}

/* Hands out all of the pieces, in as many goes as the socket wants. */
static int send_all(struct lh_channel *ch, struct iovec *iov, size_t n, struct lh_error *e)
{
    size_t i = 0;

    if (ch->held)
        return hold(ch->held, iov, n, e);
    while (i < n) {
        ssize_t sent = send_some(ch, iov + i, n - i);
        int code;

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno == EAGAIN && ch->wait) {
            if ((code = ch->wait(ch->arg, POLLOUT, e)))
                return code;
            continue;
        }
        if (sent < 0)
            return lh_error_errno(e, LH_FAILED, errno, "send");
        while (i < n && (size_t)sent >= iov[i].iov_len)
            sent -= (ssize_t)iov[i++].iov_len;
        if (i < n) {
            iov[i].iov_base = (char *)iov[i].iov_base + sent;
            iov[i].iov_len -= (size_t)sent;
        }
    }
    return 0;
}

/* A place in the pieces of a message. */
struct pieces {
    const lh_str *parts;
    size_t n, i, at;
};

/* The next `want` bytes as at most LH_CHANNEL_PARTS vectors. */
static size_t cut(struct pieces *p, size_t want, struct iovec *to)
{
    size_t n = 0;

    while (want && p->i < p->n) {
        size_t left = p->parts[p->i].n - p->at;
        size_t take = left < want ? left : want;

        if (!left) {
            p->i++;
            p->at = 0;
            continue;
        }
        /* sendmsg does not write through it */
        to[n].iov_base = (void *)(uintptr_t)(p->parts[p->i].p + p->at);
        to[n].iov_len = take;
        want -= take;
        p->at += take;
        n++;
    }
    return n;
}

static void put_total(uint8_t to[8], uint64_t total)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(total >> (8 * i));
}

/* One frame with the next `n` bytes; the first of several has the length of all in front. */
static int send_frame(struct lh_channel *ch, struct lh_frame frame, uint64_t total,
                      struct pieces *p, struct lh_error *e)
{
    struct iovec iov[LH_CHANNEL_PARTS + 1];
    uint8_t head[LH_FRAME_HEAD + 8];
    size_t n = frame.len;

    frame.seq = ch->seq++;
    if (total) {
        frame.len += 8;
        put_total(head + LH_FRAME_HEAD, total);
    }
    lh_frame_encode(&frame, head);
    iov[0].iov_base = head;
    iov[0].iov_len = total ? sizeof head : LH_FRAME_HEAD;
    return send_all(ch, iov, 1 + cut(p, n, iov + 1), e);
}

int lh_channel_send(struct lh_channel *ch, uint8_t type, uint32_t call, const lh_str *parts,
                    size_t n_parts, struct lh_error *e)
{
    struct pieces p = {.parts = parts, .n = n_parts};
    size_t chunk = ch->max_frame - 8;
    uint64_t total = 0;
    uint64_t left;

    for (size_t i = 0; i < n_parts; i++)
        total += parts[i].n;
    left = total;
    do {
        uint32_t n = (uint32_t)(left < chunk ? left : chunk);
        struct lh_frame frame = {
            .len = n, .type = type, .flags = n < left ? LH_FRAME_MORE : 0, .call = call};

        int code = send_frame(ch, frame, left == total && n < total ? total : 0, &p, e);

        if (code)
            return code;
        left -= n;
    } while (left);
    return 0;
}

int lh_channel_let_go(struct lh_channel *ch, struct lh_error *e)
{
    const struct lh_buf *held = lh_take(ch->held);
    struct iovec iov = {.iov_base = held->p, .iov_len = held->n};

    return send_all(ch, &iov, 1, e);
}

bool lh_channel_send_now(struct lh_channel *ch, uint8_t type, uint32_t call, lh_str payload)
{
    struct lh_frame frame = {
        .len = (uint32_t)payload.n, .type = type, .call = call, .seq = ch->seq};
    uint8_t bytes[LH_FRAME_HEAD + 64];
    size_t n = LH_FRAME_HEAD + payload.n;

    if (n > sizeof bytes)
        return false;
    lh_frame_encode(&frame, bytes);
    if (payload.n)
        memcpy(bytes + LH_FRAME_HEAD, payload.p, payload.n);
    /* a stream socket with less room than that takes a part: whoever let it get so full is dead */
    if (send(ch->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
        return false;
    ch->seq++;
    return true;
}

/* --- in --------------------------------------------------------------------------------------- */

int lh_channel_receive(struct lh_channel *ch, bool now, struct lh_message *ret, struct lh_error *e)
{
    for (;;) {
        int got = lh_inbox_next(&ch->in, ret, e);
        size_t room;
        char *to;
        ssize_t n;

        if (got)
            return got;
        to = lh_inbox_room(&ch->in, &room);
        /* in the middle of a frame of a long message there is nothing to be done before the rest of
           it is there; between two of them `room` is more than what comes */
        n = recv(ch->fd, to, room, now ? MSG_DONTWAIT : ch->in.left ? MSG_WAITALL : 0);
        if (n > 0) {
            lh_inbox_got(&ch->in, (size_t)n);
            continue;
        }
        if (n == 0 || errno == ECONNRESET)
            return 0;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN) {
            lh_error_errno(e, LH_FAILED, errno, "receive");
            return -1;
        }
        if (now)
            return 0;
        if (ch->wait && ch->wait(ch->arg, POLLIN, e))
            return -1;
    }
}
