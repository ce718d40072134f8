/* SPDX-License-Identifier: Apache-2.0 */
/* The socket between host and worker: messages of every length around the bounds of frames come
 * through whole, and the receiver waits for nothing that is not on its way. */
#include "config.h"

#include "tap.h"
#include "worker/channel.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST ((size_t)4 << 20)

/* What the host sends at most of a long message in one frame, and a bit less and more. */
static const size_t lengths[] = {
    0,
    1,
    LH_FRAME_TO - 9,
    LH_FRAME_TO - 8,
    LH_FRAME_TO - 7,
    LH_FRAME_TO,
    LH_FRAME_TO + 100,
    LH_FRAME_TO + 300000,
    2 * LH_FRAME_TO - 17,
    2 * LH_FRAME_TO - 16,
    2 * LH_FRAME_TO - 15,
    3 * LH_FRAME_TO + 4711,
    7,
};

struct sender {
    int fd;
    const char *bytes;
    int code;
};

static void *send_all(void *arg)
{
    struct sender *s = arg;
    struct lh_channel ch = {.fd = s->fd, .max_frame = LH_FRAME_TO};

    for (size_t i = 0; !s->code && i < LH_LEN(lengths); i++) {
        lh_str parts[] = {lh_str_n(s->bytes, lengths[i] / 3),
                          lh_str_n(s->bytes + lengths[i] / 3, lengths[i] - lengths[i] / 3)};

        s->code = lh_channel_send(&ch, (uint8_t)(1 + i), 7, parts, 2, NULL);
    }
    return NULL;
}

static void receive_all(int fd, const char *bytes)
{
    struct lh_channel ch = {.fd = fd, .in = LH_INBOX_INIT(LH_FRAME_TO, MOST)};

    for (size_t i = 0; i < LH_LEN(lengths); i++) {
        struct lh_message m = {0};

        if (!is_int(lh_channel_receive(&ch, false, &m, NULL), 1, "a message"))
            break;
        ok(m.type == 1 + i && m.payload.n == lengths[i] &&
               memcmp(m.payload.p, bytes, lengths[i]) == 0,
           "of %zu bytes, whole", lengths[i]);
    }
    lh_inbox_free(&ch.in);
}

/* The other end stays open: a receiver who wants more than there is waits until the alarm. */
static void test_lengths(void)
{
    char *bytes lh_autofree = lh_xmalloc(MOST);
    struct sender sender = {.bytes = bytes};
    pthread_t thread;
    int fds[2];

    for (size_t i = 0; i < MOST; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    is_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0, "a pair of sockets");
    sender.fd = fds[0];
    is_int(pthread_create(&thread, NULL, send_all, &sender), 0, "a thread");
    alarm(120);
    receive_all(fds[1], bytes);
    alarm(0);
    close(fds[1]); /* a sender who has not got rid of all is told */
    pthread_join(thread, NULL);
    is_int(sender.code, 0, "all was sent");
    close(fds[0]);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    RUN(test_lengths);
    return tap_done();
}
