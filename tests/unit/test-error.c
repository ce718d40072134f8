/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/error.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>

static void test_set(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_str(lh_error_text(&e), "", "nothing has failed");
    is_int(lh_error_set(&e, LH_INVALID, "line %d: %s", 3, "bad"), LH_INVALID, "returns the code");
    is_str(lh_error_text(&e), "line 3: bad", "the message");
    is_int(lh_error_set(&e, LH_REFUSED, "again"), LH_REFUSED, "set again");
    ok(e.code == LH_REFUSED && strcmp(lh_error_text(&e), "again") == 0, "replaces");
    is_int(lh_error_errno(&e, LH_FAILED, ENOENT, "open %s", "f"), LH_FAILED, "with errno");
    is_str(lh_error_text(&e), "open f: No such file or directory", "and its text");
    lh_error_free(&e);
    ok(e.code == 0 && !e.message, "free leaves an error that is not set");
}

static void test_wrap(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_error_wrap(&e, "doing"), 0, "nothing to wrap");
    is_str(lh_error_text(&e), "", "stays nothing");
    lh_error_set(&e, LH_UNREACHABLE, "403");
    is_int(lh_error_wrap(&e, "GET %s", "/x"), LH_UNREACHABLE, "keeps the code");
    lh_error_wrap(&e, "discover");
    is_str(lh_error_text(&e), "discover: GET /x: 403", "outermost first");
    lh_error_set(&e, LH_FAILED, "again: %s", lh_error_text(&e));
    is_str(lh_error_text(&e), "again: discover: GET /x: 403", "its own text may be an argument");
}

static void test_null(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_error_set(NULL, LH_USAGE, "x"), LH_USAGE, "set");
    is_int(lh_error_errno(NULL, LH_USAGE, EIO, "x"), LH_USAGE, "errno");
    is_int(lh_error_wrap(NULL, "x"), LH_FAILED, "wrap");
    lh_error_set(&e, LH_CONFLICT, "x");
    is_int(lh_error_move(NULL, &e), LH_CONFLICT, "move to nobody");
    is_int(e.code, 0, "frees");
}

static void test_move(void)
{
    lh_auto(lh_error) from = LH_ERROR_INIT;
    lh_auto(lh_error) to = LH_ERROR_INIT;

    lh_error_set(&to, LH_FAILED, "old");
    lh_error_set(&from, LH_PARTLY, "new");
    is_int(lh_error_move(&to, &from), LH_PARTLY, "move");
    is_str(lh_error_text(&to), "new", "arrives");
    ok(from.code == 0 && !from.message, "and leaves");
    is_int(lh_error_move(&to, &to), LH_PARTLY, "to itself");
    is_str(lh_error_text(&to), "new", "stays");
    is_int(lh_error_move(&to, &from), 0, "what is not set");
    is_str(lh_error_text(&to), "", "clears");
}

static void test_long(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *text lh_autofree = lh_xcalloc(1, 100001);

    memset(text, 'x', 100000);
    lh_error_set(&e, LH_FAILED, "%s", text);
    ok(strlen(lh_error_text(&e)) > 16000 && strlen(lh_error_text(&e)) < 16385,
       "a message that is too long is cut, not lost: %zu", strlen(lh_error_text(&e)));
}

int main(void)
{
    RUN(test_set);
    RUN(test_wrap);
    RUN(test_null);
    RUN(test_move);
    RUN(test_long);
    return tap_done();
}
