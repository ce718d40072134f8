/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tap.h"
#include "yaml/yaml.h"
#include "json/document.h"
#include "json/text.h"

#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *repeat(const char *part, size_t times, const char *end)
{
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)64 << 20);

    for (size_t i = 0; i < times; i++)
        lh_buf_z(&b, part);
    lh_buf_z(&b, end);
    return lh_buf_take(&b);
}

/* What a text is refused with; "" when it is taken. */
static char *refusal(lh_str text)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_document_parse_json(&d, text, "f", &e);

    ok(code == 0 || (code == LH_INVALID && !d.root && !d.name), "taken, or refused untouched");
    return lh_xstrdup(lh_error_text(&e));
}

static void test_refusals(void)
{
    static const struct {
        lh_str text;
        const char *message;
    } cases[] = {
        {LH_STR_INIT(""), "f:1:1: expected a value, found the end of the text"},
        {LH_STR_INIT(" \n "), "f:2:2: expected a value, found the end of the text"},
        {LH_STR_INIT("{\"a\": 1,\n \"a\": 2}"), "f:2:2: found the key \"a\" twice in one object"},
        {LH_STR_INIT("{\"a\" 1}"), "f:1:6: expected ':' after the key, found a number"},
        {LH_STR_INIT("{\"a\": 1 \"b\": 2}"), "f:1:9: expected ',' or '}', found a string"},
        {LH_STR_INIT("{\"a\": 1,}"), "f:1:9: expected a key in double quotes or '}', found '}'"},
        {LH_STR_INIT("{a: 1}"),
         "f:1:2: expected a key in double quotes or '}', found a word without quotes"},
        {LH_STR_INIT("[1\n,2 3]"), "f:2:4: expected ',' or ']', found a number"},
        {LH_STR_INIT("[1,"), "f:1:4: expected ']', found the end of the text"},
        {LH_STR_INIT("[1,]"), "f:1:4: expected a value, found ']'"},
        {LH_STR_INIT("[1"), "f:1:3: expected ']', found the end of the text"},
        {LH_STR_INIT("[tru]"), "f:1:2: expected a value, found a word without quotes"},
        {LH_STR_INIT("[01]"), "f:1:2: expected a value, found a number"},
        {LH_STR_INIT("['a']"), "f:1:2: expected a value, found '''"},
        {LH_STR_INIT("1 2"), "f:1:3: expected the end of the text, found a number"},
        {LH_STR_INIT("\"abc"), "f:1:1: found the end of the text in a string, expected '\"'"},
        {LH_STR_INIT("\"a\nb\""), "f:1:1: found a line break in a string, expected \\n"},
        {LH_STR_INIT("\"a\x07\""),
         "f:1:1: found a control character in a string, expected an escape"},
        {LH_STR_INIT("\"\\q\""), "f:1:1: found a backslash in a string that begins no JSON escape"},
        {LH_STR_INIT("\"\\u12\""),
         "f:1:1: found a backslash in a string that begins no JSON escape"},
        {LH_STR_INIT("\"\\ud800\""), "f:1:1: found half a surrogate pair in a string"},
        {LH_STR_INIT("\"\\udc00\""), "f:1:1: found half a surrogate pair in a string"},
        {LH_STR_INIT("[\"\\u0000\"]"), "f:1:2: found a NUL in a string, which cannot be taken"},
        {LH_STR_INIT("{\"\\u0000\": 1}"), "f:1:2: found a NUL in a key, which cannot be taken"},
        {LH_STR_INIT("[1,\0]"), "f:1:4: found the byte 0x00, expected JSON"},
        {LH_STR_INIT("[9223372036854775808]"),
         "f:1:2: found an integer that does not fit 64 bits; write it as a string to keep its "
         "digits"},
        {LH_STR_INIT("[-9223372036854775809]"),
         "f:1:2: found an integer that does not fit 64 bits; write it as a string to keep its "
         "digits"},
        {LH_STR_INIT("[1e400]"),
         "f:1:2: found a number that no double can hold; write it as a string to keep its digits"},
        {LH_STR_INIT("[1,\n \"a\xff\"]"),
         "f:2:4: found the byte 0xff, expected UTF-8; convert the text to UTF-8"},
        {LH_STR_INIT("\xef\xbb\xbf{}"),
         "f:1:1: found a byte order mark, expected JSON; save the file without it"},
    };

    for (size_t i = 0; i < LH_LEN(cases); i++) {
        char *got lh_autofree = refusal(cases[i].text);

        is_str(got, cases[i].message, "refused in our words, with the place");
    }
}

static void test_secrets(void)
{
    char *got lh_autofree = refusal(LH_STR("{\"token\": s3cret}"));
    char *more lh_autofree = refusal(LH_STR("{\"token\": \"s3cret\" \"s3cret\"}"));

    ok(!strstr(got, "s3cret") && !strstr(more, "s3cret"), "no value is ever shown");
}

static void test_limits(void)
{
    char *deep lh_autofree = repeat("[", 64, "");
    char *deeper lh_autofree = repeat("[", 100000, "");
    char *closed lh_autofree = repeat("]", 64, "");
    char *both lh_autofree = lh_xasprintf("%s%s", deep, closed);
    char *brackets lh_autofree = repeat("[", 100, "");
    char *quoted lh_autofree = lh_xasprintf("\"\\\"%s\"", brackets);
    char *large lh_autofree = repeat("          ", LH_DOCUMENT_BYTES / 10 + 1, "1");
    char *a lh_autofree = refusal(lh_str_z(both));
    char *b lh_autofree = refusal(lh_str_z(deeper));
    char *c lh_autofree = refusal(lh_str_n(large, LH_DOCUMENT_BYTES));
    char *d lh_autofree = refusal(lh_str_n(large, LH_DOCUMENT_BYTES + 1));
    char *f lh_autofree = refusal(lh_str_z(quoted));

    is_str(a, "", "64 levels");
    is_str(b, "f:1:65: found more than 64 levels of nesting", "65 are not read at all");
    has_str(c, "expected a value", "16 MiB are read");
    is_str(d, "f: found 16777217 bytes, expected at most 16777216", "and not a byte more");
    is_str(f, "", "brackets in a string are no nesting");
}

static void test_values(void)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str text = LH_STR("{\"min\":-9223372036854775808,\"max\":9223372036854775807,"
                         "\"a\":[10,{\"x/y~z\":\"deep\"}],\"\":null}");

    is_int(lh_document_parse_json(&d, text, "f", &e), 0, "read");
    is_int(json_integer_value(lh_document_at(&d, "/min")), INT64_MIN, "the least integer");
    is_int(json_integer_value(lh_document_at(&d, "/max")), INT64_MAX, "the largest");
    ok(lh_document_at(&d, "") == d.root, "the empty pointer is the document");
    is_str(json_string_value(lh_document_at(&d, "/a/1/x~1y~0z")), "deep", "escapes");
    ok(json_is_null(lh_document_at(&d, "/")), "the empty key");
    ok(!lh_document_at(&d, "/a/2"), "past the end");
    ok(!lh_document_at(&d, "/a/01") && !lh_document_at(&d, "/a/-") && !lh_document_at(&d, "/a/"),
       "no such index");
    ok(!lh_document_at(&d, "/a/99999999999999999999"), "an index beyond numbers");
    ok(!lh_document_at(&d, "a") && !lh_document_at(&d, "/a/1/x~2"), "no pointers");
    ok(!lh_document_at(&d, "/min/0"), "nothing below a number");
}

static void test_pointers(void)
{
    char *a lh_autofree = lh_pointer_join("/a", "b/~c");
    char *b lh_autofree = lh_pointer_index(a, 7);
    char *c lh_autofree = lh_pointer_join("", "");

    is_str(a, "/a/b~1~0c", "joined and escaped");
    is_str(b, "/a/b~1~0c/7", "index");
    is_str(c, "/", "the empty key has a pointer");
}

static void test_places(void)
{
    lh_auto(lh_document) d = {.name = lh_xstrdup("x.yaml")};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *huge lh_autofree = repeat("/key", 1000, "");
    size_t line = 9;
    size_t column = 9;

    lh_document_place(&d, "/a", &line, &column);
    is_int(line + column, 0, "nothing is known");
    is_int(lh_document_error(&d, "/a", &e, "expected %d", 7), LH_INVALID, "an error");
    is_str(lh_error_text(&e), "x.yaml: key /a: expected 7", "without a place");
    lh_places_add(&d.places, "/a/b", 3, 4);
    lh_places_add(&d.places, "/a", 2, 1);
    lh_places_add(&d.places, huge, 5, 5);
    lh_document_place(&d, "/a/b", &line, &column);
    ok(line == 3 && column == 4, "exact");
    lh_document_place(&d, "/a/b/c/0", &line, &column);
    ok(line == 3 && column == 4, "the nearest parent");
    lh_document_place(&d, "/a/bc", &line, &column);
    ok(line == 2 && column == 1, "a longer name is no child");
    lh_document_place(&d, "/other", &line, &column);
    is_int(line + column, 0, "the root has no place here");
    lh_places_add(&d.places, "", 1, 1);
    lh_document_place(&d, huge, &line, &column);
    ok(line == 1 && column == 1, "a pointer of 4000 bytes is found at its parent");
    lh_document_error(&d, "/a/b", &e, "expected CURRENT or PREVIEW, found \"%s\"", "NIGHTLY");
    is_str(lh_error_text(&e),
           "x.yaml:3:4: key /a/b: expected CURRENT or PREVIEW, found \"NIGHTLY\"", "message");
    lh_document_error(&d, "", &e, "expected an object");
    is_str(lh_error_text(&e), "x.yaml:1:1: expected an object", "of the whole document");
    lh_document_error(&d, huge, &e, "the end");
    has_str(lh_error_text(&e), "...: the end", "a long pointer does not eat the message");
}

static void test_many_places(void)
{
    lh_auto(lh_document) d = {0};
    size_t line;
    size_t column;
    bool all = true;

    for (size_t i = 0; i < 50000; i++) {
        char *p lh_autofree = lh_pointer_index("", i * 7919 % 50000);

        lh_places_add(&d.places, p, i * 7919 % 50000 + 1, 1);
    }
    for (size_t i = 0; i < 50000; i++) {
        char *p lh_autofree = lh_pointer_index("", i);

        lh_document_place(&d, p, &line, &column);
        all = all && line == i + 1;
    }
    ok(all, "50,000 places, each found");
}

static void test_describe(void)
{
    static const char *const cases[][2] = {
        {"{}", "an object"},          {"[1]", "an array"},
        {"\"secret\"", "a string"},   {"3", "the number 3"},
        {"-1.50", "the number -1.5"}, {"true", "true"},
        {"false", "false"},           {"null", "null"},
    };
    char *none lh_autofree = lh_document_describe(NULL);

    is_str(none, "nothing", "no value");
    for (size_t i = 0; i < LH_LEN(cases); i++) {
        json_auto_t *value = json_loads(cases[i][0], JSON_DECODE_ANY, NULL);
        char *got lh_autofree = lh_document_describe(value);

        is_str(got, cases[i][1], cases[i][0]);
    }
}

static void test_dump(void)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_str text = LH_STR("{\"b\":[19.99,1e5,-0.0,[],{}],\"a\":\"\\u0007\\\"\\\\/\xc3\xa9\\n\","
                         "\"B\":true}");
    char *line lh_autofree = NULL;
    char *lines lh_autofree = NULL;

    is_int(lh_document_parse_json(&d, text, "f", &e), 0, "read");
    line = lh_document_dump(d.root, 0);
    lines = lh_document_dump(d.root, 2);
    is_str(line,
           "{\"B\": true, \"a\": \"\\u0007\\\"\\\\/\xc3\xa9\\n\", "
           "\"b\": [19.99, 100000.0, -0.0, [], {}]}",
           "one line: sorted, decimals as they were, UTF-8 as it is");
    is_str(lines,
           "{\n  \"B\": true,\n  \"a\": \"\\u0007\\\"\\\\/\xc3\xa9\\n\",\n  \"b\": [\n"
           "    19.99,\n    100000.0,\n    -0.0,\n    [],\n    {}\n  ]\n}",
           "indented");
}

/* Every double comes back, from text that has a point. */
static void test_reals(void)
{
    uint64_t state = 88172645463325252u;
    bool exact = true;
    char text[32];

    for (int i = 0; i < 100000; i++) {
        double value;

        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(&value, &state, sizeof value);
        if (!(value - value == 0.0))
            continue;
        lh_text_real(value, text);
        exact = exact && strchr(text, '.') && lh_text_to_real(text) == value;
    }
    ok(exact, "100,000 doubles");
    lh_text_real(5e-324, text);
    is_str(text, "4.94065645841247e-324", "the smallest");
    lh_text_real(-1.7976931348623157e308, text);
    is_str(text, "-1.7976931348623157e+308", "the largest");
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) {
        lh_text_real(1.5, text);
        is_str(text, "1.5", "a comma in the locale changes nothing");
        setlocale(LC_NUMERIC, "C");
    }
}

/* --- files -------------------------------------------------------------------------------- */

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");

    ok(f && fputs(text, f) >= 0 && fclose(f) == 0, "wrote %s", path);
}

static int read_error(const char *path, struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    int code = lh_document_read(&d, path, e);

    ok(!d.root && !d.name && !d.places, "untouched on failure");
    return code;
}

static void test_files(void)
{
    lh_auto(lh_document) json = {0};
    lh_auto(lh_document) yaml = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    put("a.json", "{\"a\": 1}");
    put("a.yml", "a: 1\n");
    is_int(lh_document_read(&json, "a.json", &e), 0, "a JSON file");
    is_int(lh_document_read(&yaml, "a.yml", &e), 0, "a YAML file");
    ok(json_equal(json.root, yaml.root), "say the same");
    is_str(json.name, "a.json", "named as the user named it");
    is_int(read_error("none.json", &e), LH_INVALID, "no file");
    is_str(lh_error_text(&e), "read none.json: No such file or directory", "named");
    is_int(read_error("a.json/b", &e), LH_INVALID, "no folder");
    is_int(read_error(".", &e), LH_INVALID, "a folder");
    is_str(lh_error_text(&e), "read .: Is a directory", "is said to be one");
    is_int(read_error("/dev/zero", &e), LH_INVALID, "a device");
    put("bad.yaml", "a: [\n");
    is_int(read_error("bad.yaml", &e), LH_INVALID, "not YAML");
    has_str(lh_error_text(&e), "bad.yaml:2:1: ", "with its place");
}

/* Sends text through a pipe that stands in for stdin. */
static int through_stdin(struct lh_document *ret, const char *text, struct lh_error *e)
{
    int saved = dup(STDIN_FILENO);
    int ends[2];
    int code;

    if (saved < 0 || pipe(ends) < 0 || write(ends[1], text, strlen(text)) < 0)
        return -1;
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    code = lh_document_read(ret, "-", e);
    dup2(saved, STDIN_FILENO);
    close(saved);
    return code;
}

static void test_stdin(void)
{
    lh_auto(lh_document) json = {0};
    lh_auto(lh_document) yaml = {0};
    lh_auto(lh_document) bad = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(through_stdin(&json, "\n {\"a\": 1}", &e), 0, "JSON by its brace");
    is_int(through_stdin(&yaml, "a: 1", &e), 0, "else YAML");
    ok(json_equal(json.root, yaml.root), "say the same");
    is_int(through_stdin(&bad, "[1,]", &e), LH_INVALID, "[1,] is YAML, but began as JSON");
    is_str(lh_error_text(&e), "stdin:1:4: expected a value, found ']'", "by name");
}

static void test_fifo(void)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    pid_t child;

    ok(mkfifo("pipe.yaml", 0600) == 0, "a named pipe");
    child = fork();
    if (child == 0) {
        FILE *f = fopen("pipe.yaml", "w");

        _exit(!f || fputs("b: 2\n", f) < 0 || fclose(f) != 0);
    }
    is_int(lh_document_read(&d, "pipe.yaml", &e), 0, "is read");
    is_int(json_integer_value(lh_document_at(&d, "/b")), 2, "to its end");
}

static void test_large_file(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    FILE *f = fopen("large.json", "wb");

    ok(f && ftruncate(fileno(f), (off_t)1 << 40) == 0 && fclose(f) == 0, "a sparse file of 1 TiB");
    is_int(read_error("large.json", &e), LH_INVALID, "is refused after 16 MiB");
    has_str(lh_error_text(&e), "limit of 16777216 bytes", "with the limit");
}

int main(void)
{
    char folder[] = "/tmp/lakehost-document-XXXXXX";

    if (!mkdtemp(folder) || chdir(folder) < 0)
        SKIP_ALL("no temporary folder");
    RUN(test_refusals);
    RUN(test_secrets);
    RUN(test_limits);
    RUN(test_values);
    RUN(test_pointers);
    RUN(test_places);
    RUN(test_many_places);
    RUN(test_describe);
    RUN(test_dump);
    RUN(test_reals);
    RUN(test_files);
    RUN(test_stdin);
    RUN(test_fifo);
    RUN(test_large_file);
    for (size_t i = 0; i < 5; i++) {
        static const char *const left[] = {"a.json", "a.yml", "bad.yaml", "pipe.yaml",
                                           "large.json"};

        unlink(left[i]);
    }
    return rmdir(folder) < 0 ? 1 : tap_done();
}
