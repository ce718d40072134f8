/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting and printing findings; see findings.h. The one file of base/ that writes JSON. */
#include "config.h"

#include "base/findings.h"
#include "json/json.h"

#include <stdint.h>
#include <stdlib.h>

static const char *const names[LH_SEVERITIES] = {"off", "note", "warning", "error"};

void lh_findings_free(struct lh_findings *f)
{
    free(f->items);
    lh_map_free(&f->severities);
    lh_arena_free(&f->arena);
    *f = (struct lh_findings){0};
}

const char *lh_severity_name(enum lh_severity severity)
{
    return names[severity];
}

bool lh_severity_parse(lh_str name, enum lh_severity *ret)
{
    for (int i = 0; i < LH_SEVERITIES; i++)
        if (lh_str_eqz(name, names[i])) {
            *ret = (enum lh_severity)i;
            return true;
        }
    return false;
}

void lh_findings_set_severity(struct lh_findings *f, const char *id, enum lh_severity severity)
{
    /* the map holds pointers: into the table of names, which says the severity by its place */
    lh_map_set(&f->severities, lh_str_z(id), (void *)(uintptr_t)&names[severity]);
}

enum lh_severity lh_findings_severity(const struct lh_findings *f, const struct lh_rule *rule)
{
    const char *const *chosen = lh_map_get(&f->severities, lh_str_z(rule->id));
    enum lh_severity severity = chosen ? (enum lh_severity)(chosen - names) : rule->severity;

    return f->strict && severity == LH_SEVERITY_WARNING ? LH_SEVERITY_ERROR : severity;
}

const struct lh_rule *lh_rule_of(const struct lh_rule *table, const char *id)
{
    while (table->id && strcmp(table->id, id) != 0)
        table++;
    return table;
}

/* A copy; the last one again where it says the same, as neighbours mostly do. */
static const char *keep(struct lh_findings *f, const char *text, const char *last)
{
    if (!text || (last && strcmp(text, last) == 0))
        return text ? last : NULL;
    return lh_arena_copy(&f->arena, lh_str_z(text));
}

void lh_findings_add(struct lh_findings *f, const struct lh_rule *rule, struct lh_place place,
                     const char *format, ...)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    const struct lh_place *last;
    enum lh_severity severity;
    va_list args;

    if (!f || (severity = lh_findings_severity(f, rule)) == LH_SEVERITY_OFF)
        return;
    f->counts[severity]++;
    if (f->n == LH_FINDINGS_KEPT)
        return;
    va_start(args, format);
    lh_buf_vf(&b, format, args);
    va_end(args);
    last = f->n ? &f->items[f->n - 1].place : NULL;
    place.file = keep(f, place.file, last ? last->file : NULL);
    place.key = keep(f, place.key, last ? last->key : NULL);
    f->items = lh_xgrow(f->items, f->n, &f->cap, sizeof *f->items);
    f->items[f->n] = (struct lh_finding){rule, severity, place,
                                         lh_arena_copy(&f->arena, lh_buf_slice(&b)), f->n};
    f->n++;
}

/* --- printing --------------------------------------------------------------------------------- */

static int by_number(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const void *left, const void *right)
{
    const struct lh_finding *a = left;
    const struct lh_finding *b = right;
    int order = 0;

    if (a->place.file && b->place.file && strcmp(a->place.file, b->place.file) == 0) {
        order = by_number(a->place.line, b->place.line);
        if (!order)
            order = by_number(a->place.column, b->place.column);
    }
    return order ? order : by_number(a->order, b->order);
}

/*
 * Files stay in the order in which they came. Within one run of the same file findings are sorted;
 * qsort over runs keeps the order above a total one.
 */
static void sort(struct lh_findings *f)
{
    size_t begin = 0;

    for (size_t i = 1; i <= f->n; i++) {
        const char *file = f->items[begin].place.file;

        if (i < f->n && file && f->items[i].place.file && strcmp(file, f->items[i].place.file) == 0)
            continue;
        qsort(f->items + begin, i - begin, sizeof *f->items, by_place);
        begin = i;
    }
}

/* What a file or a user wrote cannot command a terminal. */
static void put_plain(struct lh_buf *to, const char *text)
{
    for (; *text; text++)
        lh_buf_char(to, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

/* A line; `severity` stands before the message, NULL: it does not. */
static void put_text(const struct lh_finding *finding, const char *severity, struct lh_buf *to)
{
    const struct lh_place *at = &finding->place;
    size_t begin = to->n;

    if (at->file) {
        put_plain(to, at->file);
        lh_buf_char(to, ':');
    }
    if (at->line)
        lh_buf_f(to, "%zu:", at->line);
    if (at->line && at->column)
        lh_buf_f(to, "%zu:", at->column);
    if (to->n > begin)
        lh_buf_char(to, ' ');
    if (severity)
        lh_buf_f(to, "%s: ", severity);
    if (at->key && *at->key) {
        put_plain(to, at->key);
        lh_buf_z(to, ": ");
    }
    put_plain(to, finding->message);
    lh_buf_f(to, " [%s]\n", finding->rule->id);
}

static void put_string(struct lh_buf *to, const char *name, const char *text)
{
    lh_buf_f(to, "\"%s\": ", name);
    if (text)
        lh_json_write_str(to, lh_str_z(text));
    else
        lh_buf_z(to, "null");
}

static void put_number(struct lh_buf *to, const char *name, size_t number)
{
    lh_buf_f(to, "\"%s\": ", name);
    if (number)
        lh_buf_u64(to, number);
    else
        lh_buf_z(to, "null");
}

static void put_json(const struct lh_finding *finding, struct lh_buf *to)
{
    lh_buf_z(to, "    {");
    put_number(to, "column", finding->place.column);
    lh_buf_z(to, ", ");
    put_string(to, "file", finding->place.file);
    lh_buf_z(to, ", ");
    put_string(to, "key", finding->place.key);
    lh_buf_z(to, ", ");
    put_number(to, "line", finding->place.line);
    lh_buf_z(to, ", ");
    put_string(to, "message", finding->message);
    lh_buf_f(to, ", \"rule\": \"%s\", \"severity\": \"%s\"}", finding->rule->id,
             names[finding->severity]);
}

static size_t total(const struct lh_findings *f)
{
    return f->counts[LH_SEVERITY_ERROR] + f->counts[LH_SEVERITY_WARNING] +
           f->counts[LH_SEVERITY_NOTE];
}

static void write_json(const struct lh_findings *f, struct lh_buf *to)
{
    lh_buf_f(to, "{\n  \"counts\": {\"error\": %zu, \"note\": %zu, \"warning\": %zu},\n",
             f->counts[LH_SEVERITY_ERROR], f->counts[LH_SEVERITY_NOTE],
             f->counts[LH_SEVERITY_WARNING]);
    lh_buf_z(to, "  \"findings\": [");
    for (size_t i = 0; i < f->n; i++) {
        lh_buf_z(to, i ? ",\n" : "\n");
        put_json(&f->items[i], to);
    }
    lh_buf_z(to, f->n ? "\n  ]\n}\n" : "]\n}\n");
}

void lh_findings_write(struct lh_findings *f, bool as_json, struct lh_buf *to)
{
    sort(f);
    if (as_json) {
        write_json(f, to);
        return;
    }
    for (size_t i = 0; i < f->n; i++)
        put_text(&f->items[i], names[f->items[i].severity], to);
    if (total(f) > f->n)
        lh_buf_f(to, "and %zu more\n", total(f) - f->n);
}

void lh_findings_log(struct lh_findings *f, struct lh_log *log)
{
    static const int levels[] = {[LH_SEVERITY_NOTE] = LH_LOG_INFO,
                                 [LH_SEVERITY_WARNING] = LH_LOG_WARN,
                                 [LH_SEVERITY_ERROR] = LH_LOG_ERROR};

    sort(f);
    for (size_t i = 0; i < f->n; i++) {
        lh_auto(lh_buf) line = LH_BUF_INIT(SIZE_MAX);

        put_text(&f->items[i], NULL, &line);
        lh_log_write(log, levels[f->items[i].severity], lh_buf_slice(&line));
    }
    if (total(f) > f->n)
        lh_log_warn(log, "and %zu more", total(f) - f->n);
}

static void put_count(struct lh_buf *to, size_t count, const char *word)
{
    if (count)
        lh_buf_f(to, "%s%zu %s%s", to->n ? ", " : "", count, word, count == 1 ? "" : "s");
}

int lh_findings_conclude(const struct lh_findings *f, const char *what, struct lh_error *e)
{
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);

    if (!f->counts[LH_SEVERITY_ERROR])
        return 0;
    put_count(&b, f->counts[LH_SEVERITY_ERROR], "error");
    put_count(&b, f->counts[LH_SEVERITY_WARNING], "warning");
    return lh_error_set(e, LH_INVALID, "%s: %s; lakehost explain RULE says more", what,
                        lh_buf_text(&b));
}
