/* SPDX-License-Identifier: Apache-2.0 */
/* The line of progress; see progress.h. */
#include "config.h"

#include "cmd/progress.h"

#include "base/deadline.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define FIRST_MS    1000
#define EVERY_MS    100
#define BAR         24
#define LEAST_WIDTH 40

void lh_progress_begin(struct lh_progress *p, struct lh_log *log, const char *what)
{
    *p = (struct lh_progress){
        .log = log,
        .what = what,
        .is_on = !log->json && lh_log_wants(log, LH_LOG_WARN) && isatty(log->fd),
        .next_ms = lh_now_ms() + FIRST_MS,
    };
}

static size_t width_of(int fd)
{
    struct winsize size = {0};

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void put_bar(struct lh_buf *to, size_t done, size_t all)
{
    size_t full = all ? done * BAR / all : 0;

    lh_buf_z(to, " [");
    lh_buf_fill(to, '#', full);
    lh_buf_fill(to, '-', BAR - full);
    lh_buf_char(to, ']');
}

void lh_progress_show(struct lh_progress *p, size_t done, size_t bad, size_t left)
{
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    int64_t now = lh_now_ms();
    size_t width;

    if (!p->is_on || now < p->next_ms)
        return;
    p->next_ms = now + EVERY_MS;
    width = width_of(p->log->fd);
    lh_buf_z(&line, p->what);
    if (width >= LEAST_WIDTH + BAR + line.n)
        put_bar(&line, done, done + left);
    lh_buf_f(&line, " %zu done, %zu failed, %zu left", done - bad, bad, left);
    /* a line that wraps could not be taken away again */
    if (line.n >= width)
        lh_buf_cut(&line, width - 1);
    lh_log_status(p->log, lh_buf_text(&line));
}

void lh_progress_free(struct lh_progress *p)
{
    if (p->is_on)
        lh_log_status(p->log, "");
    p->is_on = false;
}
