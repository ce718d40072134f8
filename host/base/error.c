/* SPDX-License-Identifier: Apache-2.0 */
/* The error struct; see error.h. */
#include "config.h"

#include "base/buf.h"
#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for a path, a URL and a sentence; what is longer is cut, never refused. */
#define MESSAGE_MAX ((size_t)16 << 10)

void lh_error_free(struct lh_error *e)
{
    free(e->message);
    *e = (struct lh_error){0};
}

static char *format_message(const char *format, va_list args) LH_PRINTF(1, 0);

/* vsnprintf and not lh_buf_vf: a message that is too long is cut, not lost. */
static char *format_message(const char *format, va_list args)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(MESSAGE_MAX);
    char *room = lh_buf_room(&b, MESSAGE_MAX - 1);
    int n = vsnprintf(room, MESSAGE_MAX, format, args);

    b.n = n < 0 ? 0 : strlen(room);
    return lh_xmemdup0(b.p, b.n);
}

static int set(struct lh_error *e, int code, char *message)
{
    lh_error_free(e);
    e->code = code;
    e->message = message;
    return code;
}

int lh_error_set(struct lh_error *e, int code, const char *format, ...)
{
    va_list args;
    char *message;

    if (!e)
        return code;
    va_start(args, format);
    message = format_message(format, args);
    va_end(args);
    return set(e, code, message);
}

int lh_error_errno(struct lh_error *e, int code, int errno_value, const char *format, ...)
{
    char *what lh_autofree = NULL;
    char text[128];
    va_list args;

    if (!e)
        return code;
    va_start(args, format);
    what = format_message(format, args);
    va_end(args);
    return set(e, code, lh_xasprintf("%s: %s", what, strerror_r(errno_value, text, sizeof text)));
}

int lh_error_wrap(struct lh_error *e, const char *format, ...)
{
    char *what lh_autofree = NULL;
    va_list args;

    if (!e)
        return LH_FAILED;
    if (!e->code)
        return 0;
    va_start(args, format);
    what = format_message(format, args);
    va_end(args);
    return set(e, e->code, lh_xasprintf("%s: %s", what, e->message));
}

const char *lh_error_text(const struct lh_error *e)
{
    return e->message ? e->message : "";
}

int lh_error_move(struct lh_error *to, struct lh_error *from)
{
    int code = from->code;

    if (!to) {
        lh_error_free(from);
        return code;
    }
    if (to == from)
        return code;
    lh_error_free(to);
    *to = *from;
    *from = (struct lh_error){0};
    return code;
}
