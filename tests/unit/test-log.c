/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/log.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "s3cr3t/+ \"t\\k\xc3\xa9n?"

/* What was written to the pipe since the last time; is_str reads its argument twice. */
#define is_written(fd, want, what)                                                                 \
    do {                                                                                           \
        const char *text_ = written(fd);                                                           \
        is_str(text_, want, what);                                                                 \
    } while (0)

/* Valid until the next call. */
static const char *written(int fd)
{
    static char text[65536];
    ssize_t n;

    alarm(20); /* a line that was not written must not hang the test */
    n = read(fd, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

struct fixture {
    struct lh_log log;
    int out, in;
};

static void fixture_free(struct fixture *f)
{
    lh_log_free(&f->log);
    close(f->out);
    close(f->in);
}

static void fixture_begin(struct fixture *f)
{
    int fds[2] = {-1, -1};

    ok(pipe(fds) == 0, "a pipe");
    f->out = fds[0];
    f->in = fds[1];
    lh_log_init(&f->log, f->in);
}

static void test_levels(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    lh_log_error(&f.log, "e %d", 1);
    is_written(f.out, "lakehost: error: e 1\n", "error");
    lh_log_warn(&f.log, "w");
    is_written(f.out, "lakehost: warning: w\n", "warning");
    lh_log_info(&f.log, "i");
    lh_log_debug(&f.log, "not written");
    is_written(f.out, "lakehost: i\n", "info is the message alone, debug is off at first");
    f.log.threshold = LH_LOG_DEBUG;
    lh_log_debug(&f.log, "d");
    is_written(f.out, "lakehost: debug: d\n", "debug");
    f.log.threshold = LH_LOG_ERROR;
    lh_log_warn(&f.log, "no");
    lh_log_error(&f.log, "yes");
    is_written(f.out, "lakehost: error: yes\n", "quiet");
    ok(lh_log_wants(&f.log, LH_LOG_ERROR) && !lh_log_wants(&f.log, LH_LOG_WARN), "wants");
    lh_log_error(NULL, "nowhere");
    ok(!lh_log_wants(NULL, LH_LOG_ERROR), "a log of NULL writes nothing");
}

static void test_formats(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    f.log.colour = true;
    lh_log_warn(&f.log, "w");
    is_written(f.out, "lakehost: \033[33mwarning: \033[0mw\n", "colour");
    lh_log_info(&f.log, "i");
    is_written(f.out, "lakehost: i\n", "nothing to colour");
    f.log.json = true;
    lh_log_warn(&f.log, "a \"b\"\\\n\t\x01\x7f");
    is_written(f.out, "{\"level\":\"warn\",\"message\":\"a \\\"b\\\"\\\\\\n\\t\\u0001\\u007f\"}\n",
               "JSON: sorted keys, escapes, no colour");
    f.log.time = true;
    lh_log_error(&f.log, "t");
    has_str(written(f.out), "{\"level\":\"error\",\"message\":\"t\",\"time\":\"20",
            "with the time");
    f.log.json = false;
    f.log.colour = false;
    f.log.program = "lakehost-worker";
    lh_log_info(&f.log, "t");
    has_str(written(f.out), "Z lakehost-worker: t\n", "in text as well");
}

static void test_hostile(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    lh_log_info(&f.log, "%s", "\033]0;x\007\r\b \xc2\x9b[2J \x9b \xe2\x80\xae \t|");
    is_written(f.out, "lakehost: \\x1b]0;x\\x07\\x0d\\x08 \\u009b[2J \xef\xbf\xbd \\u202e \t|\n",
               "nothing drives the terminal");
    lh_log_info(&f.log, "one\ntwo\n\nlakehost: error: no\n\n");
    is_written(f.out, "lakehost: one\n    two\n    \n    lakehost: error: no\n",
               "no line looks like ours");
    lh_log_write(&f.log, LH_LOG_INFO, lh_str_n("a\0b\xed\xa0\x80", 6));
    is_written(f.out, "lakehost: a\\x00b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n",
               "NUL and a surrogate");
    lh_log_info(&f.log, "%s", "");
    is_written(f.out, "lakehost: \n", "the empty message");
    f.log.json = true;
    lh_log_info(&f.log, "\xff\xc2\x9b\n");
    is_written(f.out, "{\"level\":\"info\",\"message\":\"\xef\xbf\xbd\\u009b\"}\n",
               "JSON is valid UTF-8");
}

static void test_too_long(void)
{
    lh_auto(fixture) f;
    char *text lh_autofree = lh_xmalloc(LH_BUF_TEXT + 2);

    fixture_begin(&f);
    memset(text, 'x', LH_BUF_TEXT + 1);
    text[LH_BUF_TEXT + 1] = '\0';
    lh_log_info(&f.log, "%s", text);
    is_written(f.out, "lakehost: (a message of more than 1 MiB was left out)\n", "said so");
}

static const char *redacted(struct lh_log *log, const char *text)
{
    static struct lh_buf b = LH_BUF_INIT(LH_BUF_TEXT);

    lh_buf_reset(&b);
    lh_log_redact(log, lh_str_z(text), &b);
    return lh_buf_text(&b);
}

/* The forms were made with Python: urllib.parse.quote, quote_plus, json.dumps, base64. */
static void test_forms(void)
{
    static const struct {
        const char *text, *want, *what;
    } cases[] = {
        {"a " SECRET " b", "a *** b", "plain"},
        {"u=s3cr3t%2F%2B%20%22t%5Ck%C3%A9n%3F&", "u=***&", "percent, upper case"},
        {"u=s3cr3t%2f%2b%20%22t%5ck%c3%a9n%3f&", "u=***&", "percent, lower case"},
        {"u=s3cr3t%2F%2B+%22t%5Ck%C3%A9n%3F&", "u=***&", "percent, form style"},
        {"u=%733cr3t/%2b%20%22t%5Ck%c3%A9n?&", "u=***&", "percent, another choice"},
        {"{\"s3cr3t/+ \\\"t\\\\k\xc3\xa9n?\"}", "{\"***\"}", "JSON"},
        {"{\"s3cr3t\\/+ \\\"t\\\\k\\u00e9n?\"}", "{\"***\"}", "JSON in ASCII, with \\/"},
        {"{\"s3cr3t\\/+ \\\"t\\\\k\\u00E9n?\"}", "{\"***\"}", "JSON, upper case"},
        {"s3cr3t/+ \"t\\k", "***", "cut off by the end of the text"},
        {"s3cr3t%2F%2B%2", "***", "cut off in an escape"},
        {"czNjcjN0LysgInRca8Opbj8=", "***=", "base64, alignment 0"},
        {"dTpzM2NyM3QvKyAidFxrw6luPw==", "dT***==", "base64 of u:secret"},
        {"dXM6czNjcjN0LysgInRca8Opbj8=", "dXM6***=", "base64 of us:secret"},
        {"dXNlOnMzY3IzdC8rICJ0XGvDqW4/", "dXNlO***", "base64 of use:secret"},
        {"dXNlOnMzY3IzdC8rICJ0XGvDqW4_", "dXNlO***", "base64, URL-safe"},
        {"dXNlOnMzY3IzdC8rICJ0XGvDqW4%2F", "dXNlO***", "base64, percent-encoded"},
        {"dXNlOnMzY3IzdC8rICJ0XGvDqW4\\/", "dXNlO***", "base64 in JSON"},
        {"s3cr3t", "s3cr3t", "a part alone is left"},
        {SECRET SECRET, "***", "twice"},
        {"", "", "nothing"},
    };
    lh_auto(fixture) f;

    fixture_begin(&f);
    is_str(redacted(&f.log, SECRET), SECRET, "not known yet");
    lh_log_secret(&f.log, LH_STR(SECRET), "token");
    for (size_t i = 0; i < LH_LEN(cases); i++)
        is_str(redacted(&f.log, cases[i].text), cases[i].want, cases[i].what);
    lh_log_error(&f.log, "GET /?t=%s: 403", "s3cr3t%2F%2B%20%22t%5Ck%C3%A9n%3F");
    is_written(f.out, "lakehost: error: GET /?t=***: 403\n", "messages are redacted");
    f.log.json = true;
    lh_log_error(&f.log, "found \"%s\"", SECRET);
    is_written(f.out, "{\"level\":\"error\",\"message\":\"found \\\"***\\\"\"}\n",
               "in JSON before the escaping");
}

static void test_overlaps(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    lh_log_secret(&f.log, LH_STR("abcd"), "a");
    lh_log_secret(&f.log, LH_STR("abcdefgh"), "b");
    lh_log_secret(&f.log, LH_STR("ghijklm"), "c");
    lh_log_secret(&f.log, LH_STR("nana"), "d");
    is_str(redacted(&f.log, "-abcdefgh-"), "-***-", "one holds the other");
    is_str(redacted(&f.log, "-abcdefghijklm-"), "-***-", "one runs into the other");
    is_str(redacted(&f.log, "bananana!"), "ba***!", "a secret that overlaps itself");
    is_str(redacted(&f.log, "abcdabcd abc"), "*** abc", "side by side");
}

static void test_special(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    lh_log_secret(&f.log, LH_STR(""), "empty");
    is_str(redacted(&f.log, "text"), "text", "the empty secret changes nothing");
    lh_log_secret(&f.log, LH_STR("xy"), "pin");
    is_written(f.out,
               "lakehost: warning: pin: a secret of less than 4 bytes is hidden wherever its "
               "characters stand, and only there; use a longer one\n",
               "a short secret draws a warning");
    is_str(redacted(&f.log, "axyb x%79"), "a***b x%79", "and is found as it is");
    lh_log_secret(&f.log, LH_STR("first line of key 1\nsecond line of key\nend"), "pem");
    is_str(redacted(&f.log, "first line of key 1\\nsecond line of key\\nend"), "***", "one line");
    is_str(redacted(&f.log, "first line of key 1\n    second line of key\n    end"),
           "***\n    ***\n    end", "several lines, indented");
    lh_log_secret(&f.log,
                  LH_STR("\xff\xfe"
                         "bin\033\x80"),
                  "bin");
    is_str(redacted(&f.log, "\xef\xbf\xbd\xef\xbf\xbd"
                            "bin\\x1b\xef\xbf\xbd|"),
           "***|", "as the sink itself writes it");
    lh_log_secret(&f.log, LH_STR("\xf0\x9f\x94\x91key"), "emoji");
    is_str(redacted(&f.log, "\\ud83d\\udd11key|"), "***|", "a surrogate pair");
    is_str(redacted(&f.log, "\\ud83d\\ud83dkey \\ud83d"), "\\ud83d\\ud83dkey \\ud83d", "no pair");
}

/* Eight processes write long lines to one file; no line may be torn. */
static void test_whole_lines(void)
{
    char path[] = "test-log.XXXXXX";
    int fd lh_autoclose = mkstemp(path);
    struct lh_log log;
    char line[512];
    int good = 0;
    FILE *file;

    unlink(path);
    for (int child = 0; child < 8; child++) {
        if (fork() == 0) {
            lh_log_init(&log, fd);
            for (int i = 0; i < 200; i++)
                lh_log_info(&log, "%0*d", 200, child);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    lseek(fd, 0, SEEK_SET);
    file = fdopen(dup(fd), "r");
    while (file && fgets(line, sizeof line, file))
        good += strlen(line) == strlen("lakehost: ") + 201;
    if (file)
        fclose(file);
    is_int(good, 1600, "whole lines");
}

struct writer {
    struct lh_log *log;
    int number;
};

static void *write_and_register(void *context)
{
    const struct writer *writer = context;
    char secret[32];

    for (int i = 0; i < 200; i++) {
        snprintf(secret, sizeof secret, "secret-%d-%d", writer->number, i);
        lh_log_secret(writer->log, lh_str_z(secret), "s");
        lh_log_info(writer->log, "%s", secret);
    }
    return NULL;
}

static void test_threads(void)
{
    char path[] = "test-log.XXXXXX";
    int fd lh_autoclose = mkstemp(path);
    struct lh_log log;
    struct writer writers[4];
    pthread_t threads[4];
    char line[64];
    int good = 0;
    FILE *file;

    unlink(path);
    lh_log_init(&log, fd);
    for (int i = 0; i < 4; i++) {
        writers[i] = (struct writer){&log, i};
        pthread_create(&threads[i], NULL, write_and_register, &writers[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    lh_log_free(&log);
    lseek(fd, 0, SEEK_SET);
    file = fdopen(dup(fd), "r");
    while (file && fgets(line, sizeof line, file))
        good += strncmp(line, "lakehost: ***", 13) == 0;
    if (file)
        fclose(file);
    is_int(good, 800, "every secret was known when its line was written");
}

static void test_status(void)
{
    lh_auto(fixture) f;

    fixture_begin(&f);
    lh_log_secret(&f.log, LH_STR("hidden"), "token");
    lh_log_status(&f.log, "1 of hidden\033[2J");
    is_written(f.out, "1 of ***\\x1b[2J", "a line without an end, safe and without secrets");
    lh_log_status(&f.log, "2 of 3");
    is_written(f.out, "\r\033[K2 of 3", "the next takes its place");
    lh_log_warn(&f.log, "w");
    is_written(f.out, "\r\033[Klakehost: warning: w\n2 of 3", "a message goes above it");
    lh_log_status(&f.log, "");
    is_written(f.out, "\r\033[K", "it is taken away");
    lh_log_warn(&f.log, "w");
    is_written(f.out, "lakehost: warning: w\n", "and does not come back");
    f.log.json = true;
    lh_log_status(&f.log, "3 of 3");
    lh_log_warn(&f.log, "w");
    is_written(f.out, "{\"level\":\"warn\",\"message\":\"w\"}\n", "none among JSON Lines");
    lh_log_status(NULL, "nowhere");
}

int main(void)
{
    RUN(test_levels);
    RUN(test_formats);
    RUN(test_hostile);
    RUN(test_too_long);
    RUN(test_forms);
    RUN(test_overlaps);
    RUN(test_special);
    RUN(test_whole_lines);
    RUN(test_status);
    RUN(test_threads);
    return tap_done();
}
