/* SPDX-License-Identifier: Apache-2.0 */
/* From a text to a schedule: blanks, macros, which dialect, and the grammar of one item. */
#include "config.h"

#include "schedule/schedule_internal.h"
#include "json/text.h"

#include <stdlib.h>
#include <strings.h>

#define MAX_FIELDS 7

const char *const lh_month_names[12] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
const char *const lh_week_day_names[7] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool lh_schedule_is_none(lh_str text)
{
    while (text.n && is_blank(text.p[0]))
        text = lh_str_n(text.p + 1, text.n - 1);
    while (text.n && is_blank(text.p[text.n - 1]))
        text.n--;
    return !text.n || (text.n == 4 && strncasecmp(text.p, "none", 4) == 0);
}

/* --- refusing --------------------------------------------------------------------------------- */

int lh_schedule_refuse(const struct lh_cron_reading *r, const char *id, const char *field,
                       const char *format, ...)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    va_list args;

    va_start(args, format);
    lh_buf_vf(&b, format, args);
    va_end(args);
    if (r->problem)
        *r->problem = (struct lh_schedule_problem){lh_schedule_rule(id), field};
    return lh_error_set(r->e, LH_INVALID, "%s%s%s", field ? field : "", field ? ": " : "",
                        lh_buf_text(&b));
}

int lh_schedule_misfit(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                       lh_str item, const char *hint)
{
    lh_auto(lh_buf) names = LH_BUF_INIT(LH_BUF_TEXT);
    char *found lh_autofree = lh_text_quote(item);

    if (field->names)
        lh_buf_f(&names, " or %s to %s", field->names[0], field->names[field->n_names - 1]);
    return lh_schedule_refuse(r, "LH102", field->name, "expected %d to %d%s, found %s%s",
                              field->min, field->max, lh_buf_text(&names), found, hint);
}

/* --- one item --------------------------------------------------------------------------------- */

/* At most four digits, leading zeros allowed; false and untouched when there is none. */
static bool read_number(lh_str *rest, int *ret)
{
    size_t n = 0;
    int value = 0;

    for (; n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9'; n++) {
        if (n == 4)
            return false;
        value = value * 10 + (rest->p[n] - '0');
    }
    if (!n)
        return false;
    *rest = lh_str_n(rest->p + n, rest->n - n);
    *ret = value;
    return true;
}

static bool read_value(const struct lh_cron_field *field, lh_str *rest, int *ret, bool *named)
{
    for (int i = 0; i < field->n_names && rest->n >= 3; i++)
        if (strncasecmp(rest->p, field->names[i], 3) == 0) {
            *rest = lh_str_n(rest->p + 3, rest->n - 3);
            *ret = field->min + i;
            *named = true;
            return true;
        }
    return read_number(rest, ret) && *ret >= field->min && *ret <= field->max;
}

static bool take(lh_str *rest, char c)
{
    if (!rest->n || *rest->p != c)
        return false;
    *rest = lh_str_n(rest->p + 1, rest->n - 1);
    return true;
}

static bool read_item(const struct lh_cron_field *field, lh_str rest, struct lh_cron_item *item)
{
    item->star = take(&rest, '*');
    if (item->star) {
        item->from = field->min;
        item->to = field->max;
    } else {
        if (!read_value(field, &rest, &item->from, &item->named))
            return false;
        item->to = item->from;
        item->range = take(&rest, '-');
        if (item->range && !read_value(field, &rest, &item->to, &item->named))
            return false;
    }
    if (take(&rest, '/') && (!read_number(&rest, &item->step) || !item->step))
        return false;
    return !rest.n;
}

int lh_cron_item_read(const struct lh_cron_reading *r, const struct lh_cron_field *field,
                      lh_str text, struct lh_cron_item *ret)
{
    *ret = (struct lh_cron_item){0};
    return read_item(field, text, ret) ? 0 : lh_schedule_misfit(r, field, text, "");
}

void lh_value_set_add(struct lh_value_set *set, const struct lh_cron_field *field, int from, int to,
                      int step)
{
    for (int value = from; value <= to; value += step) {
        int bit = value - field->origin;

        set->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

/* --- the whole text --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    lh_str fields[5];
} macros[] = {
#define FIELDS(a, b, c, d, e)                                                                      \
    {                                                                                              \
        LH_STR_INIT(a), LH_STR_INIT(b), LH_STR_INIT(c), LH_STR_INIT(d), LH_STR_INIT(e)             \
    }
    {"@hourly", FIELDS("0", "*", "*", "*", "*")},   {"@daily", FIELDS("0", "0", "*", "*", "*")},
    {"@midnight", FIELDS("0", "0", "*", "*", "*")}, {"@weekly", FIELDS("0", "0", "*", "*", "0")},
    {"@monthly", FIELDS("0", "0", "1", "*", "*")},  {"@yearly", FIELDS("0", "0", "1", "1", "*")},
    {"@annually", FIELDS("0", "0", "1", "1", "*")},
#undef FIELDS
};

static int read_macro(const struct lh_cron_reading *r, lh_str word, struct lh_schedule *ret)
{
    char *found lh_autofree = NULL;

    for (size_t i = 0; i < LH_LEN(macros); i++)
        if (word.n == strlen(macros[i].name) && strncasecmp(word.p, macros[i].name, word.n) == 0)
            return lh_cron_read(r, macros[i].fields, ret);
    found = lh_text_quote(word);
    return lh_schedule_refuse(r, "LH101", NULL,
                              "expected @hourly, @daily, @weekly, @monthly or @yearly, found %s",
                              found);
}

/* The fields of a text; how many there are, also beyond MAX_FIELDS. */
static size_t split(lh_str text, lh_str fields[MAX_FIELDS])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n;) {
        size_t begin;

        while (i < text.n && is_blank(text.p[i]))
            i++;
        begin = i;
        while (i < text.n && !is_blank(text.p[i]))
            i++;
        if (i == begin)
            break;
        if (n < MAX_FIELDS)
            fields[n] = lh_str_n(text.p + begin, i - begin);
        n++;
    }
    return n;
}

static int read_any(const struct lh_cron_reading *r, lh_str text, struct lh_schedule *ret)
{
    lh_str fields[MAX_FIELDS];
    size_t n = text.n <= LH_SCHEDULE_MAX ? split(text, fields) : 0;

    if (text.n > LH_SCHEDULE_MAX)
        return lh_schedule_refuse(r, "LH101", NULL, "expected at most %zu characters, found %zu",
                                  LH_SCHEDULE_MAX, text.n);
    if (n == 1 && *fields[0].p == '@')
        return read_macro(r, fields[0], ret);
    if (n == 5)
        return lh_cron_read(r, fields, ret);
    if (n == 6 || n == 7)
        return lh_quartz_read(r, fields, n, ret);
    return lh_schedule_refuse(
        r, "LH101", NULL, "expected five fields of cron, or six or seven of Quartz, found %zu", n);
}

int lh_schedule_check(lh_str text, struct lh_schedule *ret, struct lh_schedule_problem *ret_problem,
                      struct lh_error *e)
{
    struct lh_cron_reading r = {ret_problem, e};
    struct lh_schedule s = {0};
    int code = read_any(&r, text, &s);

    if (!code && !lh_schedule_can_fire(&s))
        code = lh_schedule_refuse(&r, "LH105", NULL,
                                  "it never fires: none of its months has any of its days");
    if (!code)
        *ret = s;
    return code;
}

int lh_schedule_parse(lh_str text, struct lh_schedule *ret, struct lh_error *e)
{
    return lh_schedule_check(text, ret, NULL, e);
}
