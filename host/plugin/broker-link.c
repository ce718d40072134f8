/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker as a process: starting it with nothing of ours, watching it, ending it. Its status is
 * asked for by its own number only, so that a program which embeds this may have other children.
 */
#include "config.h"

#include "plugin/broker_internal.h"

#include "worker/worker_fds.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MAX      20u /* of its output, of one process */
#define LINE_MAX_BYTES ((size_t)500)
#define ROOM_BYTES     (1 << 20) /* in the socket, when the system gives so much: fewer wake-ups */
#define FIRST_SOURCE   10        /* descriptors for the child are moved out of each other's way */

struct lh_link *lh_link_new(const struct lh_broker *broker)
{
    struct lh_link *link = lh_xcalloc(1, sizeof *link);

    link->broker = broker;
    link->pidfd = link->output = link->ch.fd = -1;
    link->line = (struct lh_buf)LH_BUF_INIT(LINE_MAX_BYTES);
    link->place = (struct lh_buf)LH_BUF_INIT(SIZE_MAX / 2);
    link->text = lh_json_doc_new();
    return link;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void lh_link_destroy(struct lh_link *link)
{
    lh_link_bury(link, 0);
    lh_buf_free(&link->line);
    lh_buf_free(&link->place);
    lh_json_doc_destroy(link->text);
    free(link->given.items);
    free(link->before.items);
    free(link);
}

/* --- starting --------------------------------------------------------------------------------- */

/* The two ends of what host and worker share; closed when it goes wrong. */
struct ends {
    int socket[2], output[2], plugin; /* [0] is ours */
};

static void ends_free(struct ends *ends)
{
    close_fd(&ends->socket[0]);
    close_fd(&ends->socket[1]);
    close_fd(&ends->output[0]);
    close_fd(&ends->output[1]);
    close_fd(&ends->plugin);
}

/* Out of the way of the numbers that it will get. */
static int move_up(int *fd)
{
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_SOURCE);

    close_fd(fd);
    *fd = moved;
    return moved < 0 ? -1 : 0;
}

static int open_ends(const struct lh_broker *b, struct ends *ends)
{
    const int room = ROOM_BYTES;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->socket) ||
        pipe2(ends->output, O_CLOEXEC) || move_up(&ends->socket[1]) || move_up(&ends->output[1]))
        return -1;
    if (b->fd >= 0 && (ends->plugin = fcntl(b->fd, F_DUPFD_CLOEXEC, FIRST_SOURCE)) < 0)
        return -1;
    setsockopt(ends->socket[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    return fcntl(ends->socket[0], F_SETFL, O_NONBLOCK) ||
                   fcntl(ends->output[0], F_SETFL, O_NONBLOCK)
               ? -1
               : 0;
}

/* Descriptors 0 to 4; the worker closes whatever else it finds. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct ends *ends)
{
    int code = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (!code)
        code = posix_spawn_file_actions_adddup2(actions, ends->output[1], 1);
    if (!code)
        code = posix_spawn_file_actions_adddup2(actions, ends->output[1], 2);
    if (!code)
        code = posix_spawn_file_actions_adddup2(actions, ends->socket[1], LH_WORKER_SOCKET);
    if (!code && ends->plugin >= 0)
        code = posix_spawn_file_actions_adddup2(actions, ends->plugin, LH_WORKER_PLUGIN);
    return code;
}

/* A session of its own: no terminal's signals, and one kill reaches whatever it left behind. */
static int spawn(const char *program, const struct ends *ends, pid_t *ret)
{
    char name[] = "lakehost-worker";
    char *const argv[] = {name, NULL};
    char *const envp[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t all;
    sigset_t none;
    int code;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                        (short)POSIX_SPAWN_SETSID);
    code = add_actions(&actions, ends);
    if (!code)
        code = posix_spawn(ret, program, &actions, &attr, argv, envp);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* What waits while the socket is not ready; below. */
static int wait_for(void *arg, short events, struct lh_error *e);

static void take_ends(struct lh_link *link, struct ends *ends, pid_t pid)
{
    link->pid = pid;
    link->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    link->output = ends->output[0];
    link->ch = (struct lh_channel){
        .fd = ends->socket[0],
        .max_frame = LH_FRAME_TO,
        .in = LH_INBOX_INIT(LH_FRAME_FROM, LH_MESSAGE_FROM_MAX),
        .wait = wait_for,
        .arg = link,
    };
    link->lines = 0;
    link->call_number = 0;
    link->n_answers = 0;
    link->given.n = link->before.n = 0;
    link->fate = LH_LINK_FINE;
    link->cancelled = false;
    ends->output[0] = ends->socket[0] = -1;
}

int lh_link_spawn(struct lh_link *link, struct lh_error *e)
{
    __attribute__((cleanup(ends_free))) struct ends ends = {{-1, -1}, {-1, -1}, -1};
    const char *program = link->broker->settings->worker;
    pid_t pid = 0;
    int code;

    if (open_ends(link->broker, &ends))
        return lh_error_errno(e, LH_FAILED, errno, "start a process for the connector");
    /* Asked first: what emulates vfork by fork, such as valgrind, starts a process that ends. */
    code = access(program, X_OK) ? errno : spawn(program, &ends, &pid);
    if (code)
        return lh_error_errno(e, code == ENOENT ? LH_NOT_FOUND : LH_FAILED, code,
                              "start %s for the connector; the setting isolation.worker says "
                              "where it is, --isolation none goes without it",
                              program);
    take_ends(link, &ends, pid);
    return 0;
}

/* --- its output ------------------------------------------------------------------------------- */

static void log_line(struct lh_link *link)
{
    const struct lh_broker *b = link->broker;

    if (link->line.n && ++link->lines <= LINES_MAX)
        lh_log_warn(b->log, "%s: its process wrote: %s%s", b->name, lh_buf_text(&link->line),
                    link->line.failed ? "..." : "");
    else if (link->line.n && link->lines == LINES_MAX + 1)
        lh_log_warn(b->log, "%s: its process wrote more than %u lines, the rest is left out",
                    b->name, LINES_MAX);
    lh_buf_reset(&link->line);
}

/* Not more in one go than a flood needs to be noticed. */
static void read_output(struct lh_link *link)
{
    char chunk[4096];
    ssize_t n = link->output < 0 ? -1 : read(link->output, chunk, sizeof chunk);

    if (n == 0)
        close_fd(&link->output);
    for (ssize_t i = 0; i < n; i++)
        if (chunk[i] == '\n')
            log_line(link);
        else
            lh_buf_char(&link->line, chunk[i]);
}

/* --- ending ----------------------------------------------------------------------------------- */

/* Whether the process ended within that time. */
static bool has_ended(const struct lh_link *link, int64_t wait_ms)
{
    struct pollfd fd = {.fd = link->pidfd, .events = POLLIN};
    struct lh_deadline until = lh_deadline_in(wait_ms);
    siginfo_t info = {0};

    for (;;) {
        if (link->pidfd < 0 &&
            waitid(P_PID, (id_t)link->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
            return true;
        if (poll(&fd, 1, link->pidfd < 0 ? 10 : lh_deadline_poll(until)) > 0)
            return true;
        if (lh_deadline_passed(until))
            return false;
    }
}

static void describe(struct lh_link *link, int status, bool killed)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(sizeof link->end - 1);

    if (killed)
        lh_buf_z(&text, "closed its connection to the host");
    else if (WIFSIGNALED(status))
        lh_buf_f(&text, "was ended by signal %d%s%s%s", WTERMSIG(status),
                 sigabbrev_np(WTERMSIG(status)) ? " (SIG" : "",
                 sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "",
                 sigabbrev_np(WTERMSIG(status)) ? ")" : "");
    else
        lh_buf_f(&text, "ended itself with exit code %d", WEXITSTATUS(status));
    memcpy(link->end, lh_buf_text(&text), text.n + 1);
}

void lh_link_bury(struct lh_link *link, int64_t wait_ms)
{
    int status = 0;
    bool killed;

    if (!link->pid)
        return;
    killed = !has_ended(link, wait_ms);
    /* the whole session, while the number is still taken by a process of ours */
    kill(-link->pid, SIGKILL);
    while (waitpid(link->pid, &status, 0) < 0 && errno == EINTR)
        ;
    describe(link, status, killed);
    while (link->output >= 0 && link->lines <= LINES_MAX) {
        struct pollfd fd = {.fd = link->output, .events = POLLIN};

        if (poll(&fd, 1, 0) <= 0)
            break;
        read_output(link);
    }
    log_line(link);
    link->pid = 0;
    lh_inbox_free(&link->ch.in);
    close_fd(&link->ch.fd);
    close_fd(&link->output);
    close_fd(&link->pidfd);
}

/* Of a process that does not listen: who goes on after the host had enough is at fault. */
static void end_by_force(struct lh_link *link)
{
    if (link->call && link->call->error.code == LH_INTERRUPTED) {
        link->call->stop = 0;
        lh_call_lost(link->call, "went on after the host wanted no more, and was ended");
    }
    kill(link->pid, SIGTERM);
    lh_link_bury(link, LH_TERM_GRACE_MS);
    link->fate = LH_LINK_ENDED;
}

void lh_link_surprise(struct lh_link *link, struct lh_error *e)
{
    link->fate = LH_LINK_ENDED;
    if (link->call)
        lh_call_lost(link->call, "was ended, because it broke the protocol of workers: %s",
                     lh_error_text(e));
    lh_link_bury(link, 0);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void tell_cancel(struct lh_link *link)
{
    const struct lh_record cancel = {.kind = LH_REC_CANCEL,
                                     .num = {(uint64_t)(int64_t)link->call->stop}};
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    link->owes_cancel = false;
    lh_record_put(&b, &cancel);
    lh_channel_send_now(&link->ch, LH_REC_CANCEL, link->call_number, lh_buf_slice(&b));
}

/* Not in the middle of another message: then it follows that. */
void lh_link_cancel(struct lh_link *link)
{
    if (link->cancelled)
        return;
    link->cancelled = true;
    link->until = lh_deadline_in(LH_CANCEL_GRACE_MS);
    if (link->sending)
        link->owes_cancel = true;
    else
        tell_cancel(link);
}

/* There was no sign of life in time. */
static int overdue(struct lh_link *link, struct lh_error *e)
{
    const struct lh_isolation *settings = link->broker->settings;

    if (!link->call || link->cancelled) {
        end_by_force(link);
        return lh_error_set(e, LH_BAD_PLUGIN, "no sign of life");
    }
    lh_call_lost(link->call,
                 "gave no sign of life for %lld s (the setting isolation.compute_timeout) and was "
                 "ended",
                 (long long)(link->closing ? LH_CANCEL_GRACE_MS : settings->compute_ms) / 1000);
    lh_link_cancel(link);
    return 0;
}

/* A signal, or the end of --timeout: the call ends, and the process is told. */
static void look(struct lh_link *link)
{
    if (link->call && !link->cancelled && !link->closing && lh_call_look(link->call))
        lh_link_cancel(link);
}

static int wait_for(void *arg, short events, struct lh_error *e)
{
    struct lh_link *link = arg;
    const struct lh_run *run =
        link->call && !link->cancelled && !link->closing ? link->call->instance->run : NULL;
    struct pollfd fds[] = {{.fd = link->ch.fd, .events = events},
                           {.fd = link->output, .events = POLLIN},
                           {.fd = link->pidfd, .events = POLLIN},
                           {.fd = run && run->signals ? run->signals->fd : -1, .events = POLLIN}};
    struct lh_deadline until = run ? lh_deadline_earlier(link->until, run->deadline) : link->until;

    if (poll(fds, LH_LEN(fds), lh_deadline_poll(until)) < 0 && errno != EINTR)
        return lh_error_errno(e, LH_FAILED, errno, "poll");
    if (fds[1].revents)
        read_output(link);
    if (fds[0].revents)
        return 0;
    /* dead, and nothing of what it said is left: a child of it may still hold the socket */
    if (fds[2].revents) {
        link->fate = LH_LINK_GONE;
        return lh_error_set(e, LH_BAD_PLUGIN, "the process ended");
    }
    if (lh_deadline_passed(link->until))
        return overdue(link, e);
    look(link);
    return 0;
}

/* --- messages --------------------------------------------------------------------------------- */

/* A close has nothing to do that takes long, and the user may be waiting for the end. */
static struct lh_deadline patience(const struct lh_link *link)
{
    int64_t ms = link->broker->settings->compute_ms;

    return lh_deadline_in(link->closing && ms > LH_CANCEL_GRACE_MS ? LH_CANCEL_GRACE_MS : ms);
}

static void begin_sending(struct lh_link *link)
{
    if (!link->cancelled)
        link->until = patience(link);
    link->sending = true;
}

static enum lh_fate end_sending(struct lh_link *link, int code)
{
    link->sending = false;
    if (code && link->fate == LH_LINK_FINE)
        link->fate = LH_LINK_GONE;
    if (link->owes_cancel && link->fate == LH_LINK_FINE)
        tell_cancel(link);
    return link->fate;
}

enum lh_fate lh_link_send_parts(struct lh_link *link, uint8_t type, const lh_str *parts)
{
    int code;

    if (link->fate != LH_LINK_FINE)
        return link->fate;
    begin_sending(link);
    code = lh_channel_send(&link->ch, type, link->call_number, parts, LH_CHANNEL_PARTS, NULL);
    return end_sending(link, code);
}

enum lh_fate lh_link_let_go(struct lh_link *link)
{
    int code;

    if (link->fate != LH_LINK_FINE) {
        link->ch.held = NULL;
        return link->fate;
    }
    begin_sending(link);
    code = lh_channel_let_go(&link->ch, NULL);
    return end_sending(link, code);
}

enum lh_fate lh_link_send(struct lh_link *link, const struct lh_record *record)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_MESSAGE_TO_MAX);

    lh_record_put(&b, record);
    return lh_link_send_parts(link, (uint8_t)record->kind,
                              (const lh_str[LH_CHANNEL_PARTS]){lh_buf_slice(&b)});
}

bool lh_link_receive(struct lh_link *link, struct lh_message *ret)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int got;

    if (!link->cancelled)
        link->until = patience(link);
    got = lh_channel_receive(&link->ch, false, ret, &e);
    if (got > 0)
        return true;
    if (got == 0)
        link->fate = LH_LINK_GONE;
    else if (link->fate == LH_LINK_FINE)
        lh_link_surprise(link, &e);
    return false;
}

/* --- loading ---------------------------------------------------------------------------------- */

static int lost_in_load(struct lh_link *link, struct lh_error *e)
{
    const struct lh_broker *b = link->broker;

    if (link->fate == LH_LINK_ENDED)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: load: the connector's process gave no answer within %lld s (the "
                            "setting isolation.load_timeout) and was ended",
                            b->label, (long long)(b->settings->load_ms / 1000));
    lh_link_bury(link, LH_TERM_GRACE_MS);
    return lh_error_set(e, LH_BAD_PLUGIN, "%s: load: the connector's process %s", b->label,
                        link->end);
}

/* One message of the wanted kind, or REFUSED. */
static int expect(struct lh_link *link, uint8_t kind, struct lh_record *ret, struct lh_error *e)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    struct lh_message m = {0};
    size_t at = 0;
    int got = lh_channel_receive(&link->ch, false, &m, &problem);

    if (got == 0 && link->fate == LH_LINK_FINE)
        link->fate = LH_LINK_GONE;
    if (got <= 0 && link->fate != LH_LINK_FINE)
        return lost_in_load(link, e);
    if (got > 0 && !lh_record_get(m.payload, &at, ret, &problem) && ret->kind == m.type &&
        (m.type == kind || m.type == LH_REC_REFUSED))
        return 0;
    lh_link_bury(link, 0);
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: load: the connector's process was ended, because it broke the "
                        "protocol of workers: %s",
                        link->broker->label,
                        problem.code ? lh_error_text(&problem) : lh_record_name(m.type));
}

static int check_hello(struct lh_link *link, const struct lh_record *hello, struct lh_error *e)
{
    lh_str ours = lh_frames_build_id();

    if (hello->kind == LH_REC_HELLO && lh_str_eq(hello->str[0], ours))
        return 0;
    lh_error_set(e, LH_BAD_PLUGIN,
                 "%s: it is of another build than this program, \"%.*s\" and not \"%.*s\"; install "
                 "both together, or correct the setting isolation.worker",
                 link->broker->settings->worker,
                 LH_STR_ARG(lh_str_n(hello->str[0].p, hello->str[0].n < 80 ? hello->str[0].n : 80)),
                 LH_STR_ARG(ours));
    lh_link_bury(link, 0);
    return LH_BAD_PLUGIN;
}

int lh_link_greet(struct lh_link *link, struct lh_record *ret_hello, struct lh_error *e)
{
    int code;

    link->until = lh_deadline_in(link->broker->settings->load_ms);
    code = expect(link, LH_REC_HELLO, ret_hello, e);
    return code ? code : check_hello(link, ret_hello, e);
}

/* Sanitizers reserve terabytes of address space. */
#ifdef LH_SANITIZED
#define HAS_SANITIZER true
#else
#define HAS_SANITIZER false
#endif

int lh_link_load(struct lh_link *link, struct lh_record *ret_ready, struct lh_error *e)
{
    const struct lh_broker *b = link->broker;
    const struct lh_record hello = {.kind = LH_REC_HELLO, .str = {lh_frames_build_id()}};
    const struct lh_record load = {
        .kind = LH_REC_LOAD,
        .num = {0, HAS_SANITIZER ? 0 : b->settings->max_memory},
        .str = {b->fd < 0 ? lh_str_z(b->name) : LH_STR(""), lh_str_z(b->label),
                lh_str_z(b->sha256)},
    };
    int code;

    lh_link_send(link, &hello);
    lh_link_send(link, &load);
    code = lh_link_greet(link, ret_ready, e);
    if (!code)
        code = expect(link, LH_REC_READY, ret_ready, e);
    if (code || ret_ready->kind == LH_REC_READY)
        return code;
    code = (int)ret_ready->num[0];
    lh_error_set(e, code > 0 && code <= LH_DIFFERENT ? code : LH_BAD_PLUGIN, "%.*s",
                 LH_STR_ARG(ret_ready->str[0]));
    lh_link_bury(link, LH_TERM_GRACE_MS);
    return e ? e->code : LH_BAD_PLUGIN;
}
