/* SPDX-License-Identifier: Apache-2.0 */
/* What `read --partition` takes: a line of `partitions`, or a partition alone; see read.h. */
#include "config.h"

#include "cmd/read.h"

#include <lakehost/sdk.h>

#define FLAG "--partition"

/* A member that is a JSON object, into `to`; null and missing are none. */
static int take_object(const struct lh_json *line, const char *name, struct lh_buf *to,
                       struct lh_error *e)
{
    const struct lh_json *v = lh_json_get(line, lh_str_z(name));
    char *expected lh_autofree = lh_xasprintf("\"%s\", an object or null", name);

    lh_buf_reset(to);
    if (lh_json_kind(v) > LH_JSON_NULL && lh_json_kind(v) != LH_JSON_OBJECT)
        return lh_json_value_error(line, v, FLAG, expected, LH_INVALID, e);
    if (lh_json_kind(v) == LH_JSON_OBJECT)
        lh_json_write(to, v);
    return 0;
}

static int take_as_of(const struct lh_json *line, int64_t *ret_ms, struct lh_error *e)
{
    const struct lh_json *v = lh_json_get(line, LH_STR("as_of"));
    int64_t time_ms = lh_json_kind(v) == LH_JSON_STRING ? lhs_time_ms(lh_json_str(v)) : LHS_NO_TIME;

    if (time_ms == LHS_NO_TIME)
        return lh_json_value_error(line, v, FLAG,
                                   "\"as_of\", a string with a time such as "
                                   "2026-03-01T09:30:00Z",
                                   LH_INVALID, e);
    *ret_ms = time_ms;
    return 0;
}

/* Nothing stands in it that `partitions` does not write, and no key twice. */
static int check_line(const struct lh_json *line, struct lh_error *e)
{
    static const char *const known[] = {"as_of", "end", "offset", "partition", "weight"};
    const struct lh_json *twice = lh_json_duplicate(lh_json_owner(line));
    const struct lh_json *v = lh_json_get(line, LH_STR("weight"));

    if (twice)
        return lh_json_value_error(line, twice, FLAG, "a key once in its object", LH_INVALID, e);
    if (lh_json_check_members(line, known, sizeof known / sizeof *known, FLAG,
                              "partition, offset, end, as_of and weight", LH_INVALID, e))
        return LH_INVALID;
    return v && lh_json_kind(v) != LH_JSON_NUMBER
               ? lh_json_value_error(line, v, FLAG, "\"weight\", a number", LH_INVALID, e)
               : 0;
}

/* Partition, offset, end and as_of belong together (rule 27). */
static int take_line(const struct lh_json *root, bool has_flags, struct lh_read_line *to,
                     struct lh_error *e)
{
    int code = check_line(root, e);

    if (!code && has_flags)
        code = lh_error_set(e, LH_USAGE,
                            "--partition: the line has offset, end and as_of; it excludes "
                            "--start-offset, --end-offset and --as-of");
    if (!code)
        code = take_object(root, "partition", to->partition, e);
    if (!code)
        code = take_object(root, "offset", to->offset, e);
    if (!code)
        code = take_object(root, "end", to->end, e);
    if (!code)
        code = take_as_of(root, &to->as_of_ms, e);
    to->is_whole = !code;
    return code;
}

int lh_read_line_take(lh_str text, bool has_flags, struct lh_read_line *to, struct lh_error *e)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    struct lh_json_problem problem;
    const struct lh_json *root;

    if (lh_json_scan(doc, text, &lh_json_page_limits, &problem))
        return lh_json_problem_error(&problem, text, FLAG, LH_INVALID, e);
    root = lh_json_root(doc);
    if (lh_json_kind(root) != LH_JSON_OBJECT)
        return lh_json_value_error(root, root, FLAG, "an object", LH_INVALID, e);
    if (lh_json_kind(lh_json_get(root, LH_STR("partition"))) == LH_JSON_OBJECT)
        return take_line(root, has_flags, to, e);
    lh_buf_str(to->partition, text);
    return 0;
}
