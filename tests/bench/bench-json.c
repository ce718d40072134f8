/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON: the scanner (UTF-8 check and search for equal keys included) beside jansson and
 * Python's json on a REST page, on small objects and on long texts; and building rows.
 */
#include "config.h"

#include "bench/bench.h"
#include "json/json.h"

#include <jansson.h>
#include <unistd.h>

struct work {
    lh_str text;
    struct lh_json_doc *doc;
    struct lh_out *out;
    size_t written;
};

/* --- data --------------------------------------------------------------------------------- */

static uint32_t random32(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

static void add_issue(struct lh_buf *b, uint64_t *state, unsigned i)
{
    static const char *const bodies[] = {
        "null", "\"It fails.\"",
        "\"It fails with \\\"permission denied\\\":\\r\\n\\r\\n```\\n$ run\\n```\\n"
        "na\xc3\xafve \xe2\x80\x94 done\"",
        "\"Steps to see it:\\n1. open the table\\n2. wait\\n\\n"
        "Expected rows, got none \xf0\x9f\x98\x80.\""};

    lh_buf_f(b, "{\"url\":\"https://api.example.com/repos/o/r/issues/%u\",\"id\":%u,", i,
             1000000000 + i * 17);
    lh_buf_f(b, "\"html_url\":\"https://www.example.com/o/r/issues/%u\",\"draft\":false,", i);
    lh_buf_f(b, "\"node_id\":\"I_kwDOA%u\",\"number\":%u,\"title\":\"Crash when reading %u\",",
             random32(state), i, random32(state) % 1000);
    lh_buf_f(b, "\"user\":{\"login\":\"octo%u\",\"id\":%u,\"type\":\"User\",\"site_admin\":false,",
             random32(state) % 1000, random32(state));
    lh_buf_f(b, "\"avatar_url\":\"https://avatars.example.com/u/%u?v=4\"},\"labels\":[",
             random32(state));
    for (uint32_t n = random32(state) % 3; n; n--)
        lh_buf_f(b, "{\"id\":%u,\"name\":\"bug\",\"color\":\"d73a4a\",\"default\":true}%s",
                 random32(state), n > 1 ? "," : "");
    lh_buf_f(b, "],\"state\":\"open\",\"locked\":false,\"assignee\":null,\"milestone\":null,");
    lh_buf_f(b, "\"comments\":%u,\"created_at\":\"2024-03-%02uT10:11:12Z\",", random32(state) % 30,
             i % 28 + 1);
    lh_buf_f(b, "\"updated_at\":\"2024-05-01T00:00:00Z\",\"closed_at\":null,\"score\":%u.25,",
             random32(state) % 100);
    lh_buf_f(b, "\"author_association\":\"NONE\",\"body\":%s}", bodies[random32(state) % 4]);
}

static void add_small(struct lh_buf *b, uint64_t *state, unsigned i)
{
    (void)state;
    lh_buf_f(b, "{\"id\":%u,\"v\":\"ab\"}", i);
}

static void add_text(struct lh_buf *b, uint64_t *state, unsigned i)
{
    static const char *const breaks[] = {". ", "\\n", "\\\"", "\xc3\xa9",
                                         "\xe6\x97\xa5\xe6\x9c\xac"};
    size_t stop = b->n + 1024 + random32(state) % (63 * 1024);

    lh_buf_char(b, '"');
    while (b->n < stop) {
        for (uint32_t words = 5 + random32(state) % 20; words; words--)
            lh_buf_f(b, "word%u ", (random32(state) + i) % 100);
        lh_buf_z(b, breaks[random32(state) % LH_LEN(breaks)]);
    }
    lh_buf_char(b, '"');
}

static void make_array(struct lh_buf *b, unsigned n,
                       void (*add)(struct lh_buf *b, uint64_t *state, unsigned i))
{
    uint64_t state = UINT64_C(0x2545f4914f6cdd1d);

    lh_buf_char(b, '[');
    for (unsigned i = 0; i < n; i++) {
        lh_buf_z(b, i ? "," : "");
        add(b, &state, i);
    }
    lh_buf_char(b, ']');
}

/* --- what is measured --------------------------------------------------------------------- */

static void scan(void *arg)
{
    struct work *work = arg;

    if (lh_json_scan(work->doc, work->text, &lh_json_page_limits, NULL))
        abort();
}

static void load(void *arg)
{
    const struct work *work = arg;
    json_t *root = json_loadb(work->text.p, work->text.n, JSON_REJECT_DUPLICATES, NULL);

    if (!root)
        abort();
    json_decref(root);
}

/* Each record again, with 20 columns of our own before its members. */
static void build(void *arg)
{
    static const char names[20][8] = {"own_00", "own_01", "own_02", "own_03", "own_04",
                                      "own_05", "own_06", "own_07", "own_08", "own_09",
                                      "own_10", "own_11", "own_12", "own_13", "own_14",
                                      "own_15", "own_16", "own_17", "own_18", "own_19"};
    struct work *work = arg;
    const struct lh_json *row = NULL;
    lh_str json = LH_STR("");

    work->written = 0;
    while ((row = lh_json_next(lh_json_root(work->doc), row, NULL))) {
        lh_out_reset(work->out);
        lh_out_begin(work->out, '{');
        for (size_t i = 0; i < LH_LEN(names); i++) {
            lh_out_key(work->out, lh_str_n(names[i], 6));
            lh_out_str(work->out, LH_STR("value"));
        }
        lh_out_members(work->out, row, NULL, 0);
        lh_out_end(work->out);
        if (lh_out_finish(work->out, &json, NULL))
            abort();
        work->written += json.n;
    }
}

/* The same with jansson, from its tree. */
static void build_jansson(void *arg)
{
    struct work *work = arg;
    json_t *root = json_loadb(work->text.p, work->text.n, 0, NULL);
    json_t *row;
    size_t i;

    json_array_foreach(root, i, row)
    {
        json_t *own = json_object();
        char *text;

        for (int k = 0; k < 20; k++) {
            char name[16];

            snprintf(name, sizeof name, "own_%02d", k);
            json_object_set_new(own, name, json_string("value"));
        }
        json_object_update_missing(own, row);
        text = json_dumps(own, JSON_COMPACT);
        free(text);
        json_decref(own);
    }
    json_decref(root);
}

/* Scanning is part of it for jansson, so here too. */
static void scan_and_build(void *arg)
{
    scan(arg);
    build(arg);
}

/* MB/s of json.loads in a child process; 0 without PYTHON. */
static double python_rate(lh_str text)
{
    static const char script[] =
        "import json,sys,time\n"
        "data=open(sys.argv[1],'rb').read()\n"
        "best=9e9\n"
        "for i in range(10):\n"
        "  t=time.process_time(); json.loads(data); best=min(best,time.process_time()-t)\n"
        "print(len(data)/best/1e6)\n";
    const char *python = getenv("PYTHON");
    char path[] = "/tmp/bench-json-XXXXXX";
    lh_auto(lh_buf) command = LH_BUF_INIT(LH_BUF_TEXT);
    double rate = 0;
    FILE *answer;
    int fd lh_autoclose = -1;

    if (!python || !*python)
        return 0;
    fd = mkstemp(path);
    if (fd < 0)
        return 0;
    lh_buf_f(&command, "'%s' -c \"%s\" %s", python, script, path);
    if (write(fd, text.p, text.n) == (ssize_t)text.n && (answer = popen(command.p, "r"))) {
        if (fscanf(answer, "%lf", &rate) != 1)
            rate = 0;
        pclose(answer);
    }
    unlink(path);
    return rate;
}

static void measure(struct work *work, const char *what, unsigned n,
                    void (*add)(struct lh_buf *b, uint64_t *state, unsigned i))
{
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);
    double mb;
    double ours;
    double python;

    make_array(&b, n, add);
    work->text = lh_buf_slice(&b);
    mb = (double)b.n / 1e6;
    printf("%s: %u records, %zu bytes\n", what, n, b.n);
    ours = mb / bench_best(scan, work, 20);
    bench_rate("scan", "MB/s", ours, "jansson", mb / bench_best(load, work, 5));
    python = python_rate(work->text);
    if (python > 0)
        bench_rate("scan", "MB/s", ours, "Python json", python);
    if (add == add_issue)
        bench_rate("scan, build rows of 20 + members", "MB/s",
                   mb / bench_best(scan_and_build, work, 20), "jansson",
                   mb / bench_best(build_jansson, work, 3));
}

int main(void)
{
    lh_autoptr(lh_json_doc) doc = lh_json_doc_new();
    lh_autoptr(lh_out) out = lh_out_new((size_t)1 << 20, 64);
    struct work work = {.doc = doc, .out = out};

    measure(&work, "REST page", 1000, add_issue);
    measure(&work, "small objects", 50000, add_small);
    measure(&work, "long texts", 50, add_text);
    return 0;
}
