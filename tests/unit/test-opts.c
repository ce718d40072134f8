/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: by type, by name, by table; sign-in and URLs. */
#include "config.h"

#include "plugin/spec.h"
#include "plugin/url.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct lh_spec *parse(const char *members)
{
    char *text lh_autofree = lh_xasprintf(
        "{\"spec\":1,\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT\",%s}", members);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_spec *spec = NULL;

    if (lh_spec_parse(lh_str_z(text), "t.json", &spec, &e))
        ok(false, "the test's own spec: %s", lh_error_text(&e));
    return spec;
}

/* --- values by type --------------------------------------------------------------------------- */

static const char typed[] =
    "\"options\":[{\"name\":\"string\",\"type\":\"string\"},{\"name\":\"int\",\"type\":\"int\"},"
    "{\"name\":\"port\",\"type\":\"int\",\"min\":1,\"max\":65535},{\"name\":\"low\",\"type\":"
    "\"int\",\"max\":9},{\"name\":\"bool\",\"type\":\"bool\"},{\"name\":\"list\",\"type\":\"list\""
    "},{\"name\":\"url\",\"type\":\"url\"},{\"name\":\"host\",\"type\":\"host\"},{\"name\":"
    "\"enum\",\"type\":\"enum\",\"values\":[\"open\",\"closed\"]},{\"name\":\"time\",\"type\":"
    "\"time\"},{\"name\":\"json\",\"type\":\"json\"},{\"name\":\"token\",\"type\":\"string\","
    "\"secret\":true},{\"name\":\"key\",\"type\":\"json\",\"secret\":true}]";

static const struct {
    const char *name, *value;
    const char *form;    /* NULL: refused */
    const char *message; /* behind "--option: option <name>: " */
} values[] = {
    {"string", " as it is\n\t", " as it is\n\t", NULL},
    {"string", "\xc3\xa4", "\xc3\xa4", NULL},
    {"string", "\xff", NULL, "expected text in UTF-8"},
    {"string", "a\x1b", NULL, "found the control character 0x1b, expected text"},
    {"int", "-9223372036854775808", "-9223372036854775808", NULL},
    {"int", "9223372036854775807", "9223372036854775807", NULL},
    {"int", "9223372036854775808", NULL, "expected a whole number, found \"9223372036854775808\""},
    {"int", " 7 ", "7", NULL},
    {"int", "1.0", NULL, "expected a whole number, found \"1.0\""},
    {"int", "0x10", NULL, "expected a whole number, found \"0x10\""},
    {"port", "1", "1", NULL},
    {"port", "65535", "65535", NULL},
    {"port", "0", NULL, "expected a whole number from 1 to 65535, found \"0\""},
    {"port", "65536", NULL, "expected a whole number from 1 to 65535, found \"65536\""},
    {"low", "10", NULL, "expected a whole number up to 9, found \"10\""},
    {"bool", "TRUE", "true", NULL},
    {"bool", "t", "true", NULL},
    {"bool", "yes", "true", NULL},
    {"bool", "Y", "true", NULL},
    {"bool", "1", "true", NULL},
    {"bool", "on", "true", NULL},
    {"bool", " false ", "false", NULL},
    {"bool", "F", "false", NULL},
    {"bool", "no", "false", NULL},
    {"bool", "n", "false", NULL},
    {"bool", "0", "false", NULL},
    {"bool", "off", "false", NULL},
    {"bool", "2", NULL, "expected true or false, found \"2\""},
    {"list", " a , b,, c ", "a,b,c", NULL},
    {"list", "a", "a", NULL},
    {"list", " , ,", NULL, NULL},
    {"url", "https://h", "https://h", NULL},
    {"url", "HTTPS://Example.COM:8443/A/B//", "https://example.com:8443/A/B", NULL},
    {"url", "http://[2001:DB8::1]:80/x?y=z", "http://[2001:db8::1]:80/x?y=z", NULL},
    {"url", "http://10.0.0.1", "http://10.0.0.1", NULL},
    {"url", "http://pi_server", "http://pi_server", NULL},
    {"url", "h.example.com", NULL, "expected an absolute URL that begins with https:// or http://"},
    {"url", "ftp://h", NULL, "expected an absolute URL that begins with https:// or http://"},
    {"url", "https://u:hunter2@h", NULL, "expected a URL without user name and password"},
    {"url", "https://h/#f", NULL, "expected a URL without a fragment (\"#...\")"},
    {"url", "https://h/../x", NULL, "expected a URL without \".\" and \"..\" in its path"},
    {"url", "https://h/%2E%2e/x", NULL, "expected a URL without \".\" and \"..\" in its path"},
    {"url", "https://h/.../.x", "https://h/.../.x", NULL},
    {"url", "https://h/a b", NULL,
     "expected a URL whose path and query are of ASCII letters, digits and the punctuation of "
     "URLs; other characters are percent-encoded"},
    {"url", "https://h/%zz", NULL,
     "expected a URL whose path and query are of ASCII letters, digits and the punctuation of "
     "URLs; other characters are percent-encoded"},
    {"url", "https://h\\x", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://127.1", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://1.2.3.4.5", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://a.0x7f", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://a..b", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://a.", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://[::1", NULL,
     "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"url", "https://[::1]x", NULL, "expected a port from 1 to 65535 behind the host's ':'"},
    {"url", "https://h:", NULL, "expected a port from 1 to 65535 behind the host's ':'"},
    {"url", "https://h:0", NULL, "expected a port from 1 to 65535 behind the host's ':'"},
    {"url", "https://h:65536", NULL, "expected a port from 1 to 65535 behind the host's ':'"},
    {"url", "https://h:65535", "https://h:65535", NULL},
    {"host", "PI.example.com:8443", "pi.example.com:8443", NULL},
    {"host", "[::1]:1", "[::1]:1", NULL},
    {"host", "https://h", NULL,
     "expected a host such as pi.example.com or pi.example.com:8443, without \"https://\""},
    {"host", "h/x", NULL, "expected a host alone, without a path"},
    {"host", "u@h", NULL, "expected a URL without user name and password"},
    {"host", "-h", NULL, "expected a host name, an IPv4 address or an IPv6 address in brackets"},
    {"enum", "open", "open", NULL},
    {"enum", "Open", NULL, "expected one of open, closed; found \"Open\"; did you mean \"open\"?"},
    {"enum", "zzz", NULL, "expected one of open, closed; found \"zzz\""},
    {"time", "2024-02-29", "2024-02-29T00:00:00Z", NULL},
    {"time", "2024-02-29T10:00:00+02:00", "2024-02-29T08:00:00Z", NULL},
    {"time", "2024-02-29 10:00:00.5Z", "2024-02-29T10:00:00.500Z", NULL},
    {"time", "2023-02-29", NULL,
     "expected a date or time such as 2024-05-31 or 2024-05-31T08:00:00Z, found \"2023-02-29\""},
    {"time", "*-1d", NULL,
     "expected a date or time such as 2024-05-31 or 2024-05-31T08:00:00Z, found \"*-1d\""},
    {"json", " { \"b\" : 1.50 , \"a\" : [ ] } ", "{\"a\":[],\"b\":1.50}", NULL},
    {"json", "{\"a\":1,\"a\":2}", NULL, "expected JSON in which no key stands twice in one object"},
    {"json", "{\n\"hunter2\"}", NULL, "expected JSON; at 2:10 expected ':'"},
    {"token", "hunter2", "hunter2", NULL},
    {"token", "hunter2\n", NULL, "expected a secret without blanks or line breaks around it"},
    {"token", " hunter2", NULL, "expected a secret without blanks or line breaks around it"},
    {"key", "[\"hunter2\"", NULL, "expected JSON; at 1:11 expected ',' or ']'"},
};

static void test_values(void)
{
    lh_autoptr(lh_spec) spec = parse(typed);

    for (size_t i = 0; i < LH_LEN(values); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        char *prefix lh_autofree = lh_xasprintf("--option: option %s: ", values[i].name);
        int code =
            lh_opts_set(opts, lh_str_z(values[i].name), lh_str_z(values[i].value), "--option", &e);

        is_int(code, values[i].message ? LH_INVALID : 0, values[i].name);
        is_str(lh_opts_get(opts, values[i].name), values[i].form, "form");
        ok(!strstr(lh_error_text(&e), "hunter2"), "no message holds a secret");
        if (!values[i].message)
            continue;
        ok(strncmp(lh_error_text(&e), prefix, strlen(prefix)) == 0, "option and origin: %s",
           lh_error_text(&e));
        is_str(lh_error_text(&e) + strlen(prefix), values[i].message, "message");
    }
}

static void test_bounds(void)
{
    lh_autoptr(lh_spec) spec = parse(typed);
    lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
    lh_auto(lh_buf) text = LH_BUF_INIT(1 << 20);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_buf_fill(&text, 'x', 65536);
    is_int(lh_opts_set(opts, LH_STR("string"), lh_buf_slice(&text), "o", &e), 0, "64 KiB");
    lh_buf_char(&text, 'x');
    is_int(lh_opts_set(opts, LH_STR("token"), lh_buf_slice(&text), "o", &e), LH_INVALID,
           "one more");
    is_str(lh_error_text(&e), "o: option token: expected at most 65536 bytes, found 65537",
           "message");
    is_int(lh_opts_set(opts, LH_STR("string"), LH_STR("a\0b"), "o", &e), LH_INVALID, "NUL");
    is_int(strlen(lh_opts_get(opts, "string")), 65536, "a failure leaves the value");
    lh_opts_destroy(NULL);
}

/* --- names ------------------------------------------------------------------------------------ */

static const char named[] =
    "\"options\":[{\"name\":\"token\",\"type\":\"string\",\"secret\":true,\"aliases\":["
    "\"bearer_token\",\"bearer_value\"]},{\"name\":\"base_url\",\"type\":\"url\",\"default\":"
    "\"https://API.example.com/\"},{\"name\":\"site\",\"type\":\"string\",\"required\":true,"
    "\"description\":\"What stands before .example.com\"}],\"table_options\":[{\"name\":"
    "\"startTime\",\"type\":\"string\",\"aliases\":[\"start_time\"],\"tables\":[\"plain\","
    "\"@ts\"]},{\"name\":\"state\",\"type\":\"enum\",\"values\":[\"all\",\"open\"],\"default\":"
    "\"all\",\"tables\":[\"issues\"]},{\"name\":\"owner\",\"type\":\"string\",\"required\":true,"
    "\"tables\":[\"issues\"]}],\"categories\":{\"ts\":[\"pi_plot\"]}";

struct given {
    const char *name, *value;
};

static int set_all(struct lh_opts *opts, const struct given *given, struct lh_error *e)
{
    int code = 0;

    for (size_t i = 0; !code && i < 4 && given[i].name; i++) {
        char origin[16];

        snprintf(origin, sizeof origin, "o.yaml:%zu:1", i + 1);
        code = lh_opts_set(opts, lh_str_z(given[i].name), lh_str_z(given[i].value), origin, e);
    }
    return code;
}

static const struct {
    bool for_tables;
    struct given given[4];
    const char *message; /* NULL: fine */
    const char *name, *form;
} names[] = {
    {false, {{"token", "a"}}, NULL, "token", "a"},
    {false, {{"bearer_token", "a"}}, NULL, "token", "a"},
    {false, {{"bearer_token", "a"}}, NULL, "bearer_token", NULL},
    {false, {{"token", "a"}, {"token", "b"}}, NULL, "token", "b"},
    {false, {{"token", "a"}, {"bearer_token", "a"}}, NULL, "token", "a"},
    {false, {{"token", "a"}, {"bearer_token", ""}}, NULL, "token", "a"},
    {false, {{"token", "a"}, {"token", ""}}, NULL, "token", NULL},
    {false,
     {{"token", "hunter2"}, {"bearer_value", "hunter3"}},
     "o.yaml:2:1: option bearer_value is another name of token, which o.yaml:1:1 gives with "
     "another value; give one of them",
     "token",
     "hunter2"},
    {false,
     {{"tokn", "hunter2"}},
     "o.yaml:1:1: x has no option \"tokn\"; did you mean \"token\"?",
     "token",
     NULL},
    {false, {{"zzzzzz", "hunter2"}}, "o.yaml:1:1: x has no option \"zzzzzz\"", "token", NULL},
    {false,
     {{"Token", "a"}},
     "o.yaml:1:1: x has no option \"Token\"; did you mean \"token\"?",
     "token",
     NULL},
    {false, {{"", "a"}}, "o.yaml:1:1: x has no option \"\"", "token", NULL},
    {false,
     {{"start_time", "a"}},
     "o.yaml:1:1: x has no option \"start_time\"; it is an option of tables (--table-option)",
     "token",
     NULL},
    {true,
     {{"bearer_token", "a"}},
     "o.yaml:1:1: x has no table option \"bearer_token\"; it is an option of the connection",
     "startTime",
     NULL},
    {true, {{"start_time", "*"}}, NULL, "startTime", "*"},
};

static void test_names(void)
{
    lh_autoptr(lh_spec) spec = parse(named);

    for (size_t i = 0; i < LH_LEN(names); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, names[i].for_tables);
        lh_auto(lh_error) e = LH_ERROR_INIT;

        is_int(set_all(opts, names[i].given, &e), names[i].message ? LH_INVALID : 0,
               names[i].given[0].name);
        is_str(lh_error_text(&e), names[i].message ? names[i].message : "", "message");
        is_str(lh_opts_get(opts, names[i].name), names[i].form, "value");
    }
}

/* --- completing ------------------------------------------------------------------------------- */

static const struct {
    bool for_tables;
    struct given given[4];
    const char *table, *category;
    const char *message; /* NULL: fine */
    const char *name, *form;
} finishes[] = {
    {false, {{"site", "s"}}, "", "", NULL, "base_url", "https://api.example.com"},
    {false, {{"site", "s"}, {"base_url", "http://h"}}, "", "", NULL, "base_url", "http://h"},
    {false,
     {{NULL, NULL}},
     "",
     "",
     "x: the option site is missing: What stands before .example.com",
     "site",
     NULL},
    {false,
     {{"site", ""}},
     "",
     "",
     "x: the option site is missing: What stands before .example.com",
     "site",
     NULL},
    {true, {{"startTime", "*"}}, "plain", "", NULL, "startTime", "*"},
    {true, {{"startTime", "*"}}, "pi_other", "ts", NULL, "startTime", "*"},
    {true, {{"startTime", "*"}}, "pi_plot", "", NULL, "startTime", "*"},
    {true,
     {{"start_time", "*"}},
     "users",
     "",
     "o.yaml:1:1: option start_time is not for the table users; it is for plain, @ts",
     "startTime",
     "*"},
    {true,
     {{"startTime", "*"}},
     "",
     "",
     "o.yaml:1:1: option startTime is not for a call without table; it is for plain, @ts",
     "startTime",
     "*"},
    {true, {{"owner", "o"}}, "issues", "", NULL, "state", "all"},
    {true, {{NULL, NULL}}, "issues", "", "x: the table option owner is missing", "owner", NULL},
    {true, {{NULL, NULL}}, "users", "", NULL, "state", NULL},
};

static void test_finish(void)
{
    lh_autoptr(lh_spec) spec = parse(named);

    for (size_t i = 0; i < LH_LEN(finishes); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, finishes[i].for_tables);
        lh_auto(lh_error) e = LH_ERROR_INIT;

        is_int(set_all(opts, finishes[i].given, &e), 0, "given");
        is_int(
            lh_opts_finish(opts, lh_str_z(finishes[i].table), lh_str_z(finishes[i].category), &e),
            finishes[i].message ? LH_INVALID : 0, finishes[i].name);
        is_str(lh_error_text(&e), finishes[i].message ? finishes[i].message : "", "message");
        is_str(lh_opts_get(opts, finishes[i].name), finishes[i].form, "value");
    }
}

/* What a manifest takes of table options. */
static void test_given(void)
{
    lh_autoptr(lh_spec) spec =
        parse("\"namespaces\":[{\"option\":\"org\"}],\"categories\":{\"c\":[\"t\"]},"
              "\"table_options\":[{\"name\":\"size\",\"type\":\"int\",\"tables\":[\"@c\"],"
              "\"aliases\":[\"magnitude\"]},{\"name\":\"org\",\"type\":\"string\"},"
              "{\"name\":\"extra\",\"type\":\"string\",\"native_only\":true},"
              "{\"name\":\"page\",\"type\":\"int\",\"default\":\"9\"}]");
    lh_autoptr(lh_opts) opts = lh_opts_new(spec, true);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    size_t at = 0;

    lh_opts_write_given(opts, &text);
    is_str(lh_buf_text(&text), "{}", "nothing was given");
    ok(!lh_opts_next_native(opts, &at), "nothing of ours alone");
    ok(!lh_opts_set(opts, LH_STR("magnitude"), LH_STR(" 7"), "test", NULL) &&
           !lh_opts_set(opts, LH_STR("org"), LH_STR("a\"b"), "test", NULL) &&
           !lh_opts_set(opts, LH_STR("extra"), LH_STR("x"), "test", NULL) &&
           !lh_opts_finish(opts, LH_STR("t"), LH_STR(""), NULL),
       "three, one by its alias");
    lh_buf_reset(&text);
    lh_opts_write_given(opts, &text);
    is_str(lh_buf_text(&text), "{\"extra\":\"x\",\"org\":\"a\\\"b\",\"size\":\"7\"}",
           "sorted, by their names, without defaults");
    at = 0;
    is_str(lh_opts_next_native(opts, &at), "extra", "the one that only our connector has");
    ok(!lh_opts_next_native(opts, &at), "is the only one");
    ok(lh_opts_wants(opts, LH_STR("magnitude"), LH_STR("t")), "for the table, by its category");
    ok(!lh_opts_wants(opts, LH_STR("size"), LH_STR("u")), "not for another");
    ok(lh_opts_wants(opts, LH_STR("page"), LH_STR("u")), "for all");
    ok(!lh_opts_wants(opts, LH_STR("org"), LH_STR("t")), "a level is the table's own");
    ok(lh_opts_wants(opts, LH_STR("typo"), LH_STR("t")), "a wrong one is to be complained about");
    ok(lh_opts_is_namespace(opts, LH_STR("org")) && !lh_opts_is_namespace(opts, LH_STR("page")),
       "levels");
}

static void test_secrets(void)
{
    lh_autoptr(lh_spec) spec = parse(named);
    lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
    static const struct given given[4] = {{"bearer_token", "hunter2hunter2"}, {"site", "s"}};
    lh_auto(lh_buf) text = LH_BUF_INIT(1000);
    lh_auto(lh_log) log;

    is_int(set_all(opts, given, NULL), 0, "given");
    is_str(lh_opts_get(opts, "token"), "hunter2hunter2", "the host sees a secret");
    is_str(lh_opts_public(opts, "token"), NULL, "a connector does not");
    is_str(lh_opts_public(opts, "site"), "s", "a connector sees the others");
    is_str(lh_opts_public(opts, "zz"), NULL, "no such option");
    lh_log_init(&log, STDERR_FILENO);
    lh_opts_register_secrets(opts, &log);
    lh_log_redact(&log, LH_STR("a hunter2hunter2 s"), &text);
    is_str(lh_buf_text(&text), "a *** s", "the log hides it, and nothing else");
}

/* --- sign-in ---------------------------------------------------------------------------------- */

static const char osipi[] =
    "\"needs\":[\"oauth2.client_credentials\"],\"options\":[{\"name\":\"pi_base_url\",\"type\":"
    "\"url\"},{\"name\":\"host\",\"type\":\"host\"},{\"name\":\"port\",\"type\":\"int\",\"min\":1,"
    "\"max\":65535},{\"name\":\"base_path\",\"type\":\"string\"},{\"name\":\"token\",\"type\":"
    "\"string\",\"secret\":true},{\"name\":\"client\",\"type\":\"string\"},{\"name\":\"secret\","
    "\"type\":\"string\",\"secret\":true},{\"name\":\"user\",\"type\":\"string\"},{\"name\":"
    "\"password\",\"type\":\"string\",\"secret\":true},{\"name\":\"anonymous\",\"type\":\"bool\","
    "\"default\":\"false\"}],\"sign_in\":[{\"id\":\"anonymous\",\"kind\":\"none\",\"when\":{"
    "\"anonymous\":\"true\"}},{\"id\":\"bearer\",\"kind\":\"bearer\",\"token\":\"${token}\"},{"
    "\"id\":\"oidc\",\"kind\":\"oauth2\",\"grant\":\"client_credentials\",\"token_url\":"
    "\"${pi_base_url}/token\",\"client_id\":\"${client}\",\"client_secret\":\"${secret}\"},{\"id\":"
    "\"basic\",\"kind\":\"basic\",\"user\":\"${user}/token\",\"password\":\"${password}\"}],"
    "\"base\":[\"${pi_base_url}\",\"https://${host}:${port}${base_path}\",\"https://${host}:${port}"
    "\",\"https://${host}${base_path}\",\"https://${host}\"]";

static const struct {
    struct given given[4];
    const char *id;
} sign_ins[] = {
    {{{NULL, NULL}}, NULL},
    {{{"anonymous", "yes"}, {"token", "t"}}, "anonymous"},
    {{{"anonymous", "no"}, {"token", "t"}}, "bearer"},
    {{{"token", "t"}, {"user", "u"}, {"password", "p"}}, "bearer"},
    {{{"client", "c"}, {"secret", "s"}, {"pi_base_url", "https://h"}}, "oidc"},
    {{{"client", "c"}, {"secret", "s"}}, NULL},
    {{{"client", "c"}, {"user", "u"}, {"password", "p"}}, "basic"},
    {{{"user", "u"}}, NULL},
    {{{"user", "u"}, {"password", ""}}, NULL},
};

static void test_sign_in(void)
{
    lh_autoptr(lh_spec) spec = parse(osipi);

    for (size_t i = 0; i < LH_LEN(sign_ins); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
        const struct lh_spec_sign_in *s;

        is_int(set_all(opts, sign_ins[i].given, NULL), 0, "given");
        is_int(lh_opts_finish(opts, LH_STR(""), LH_STR(""), NULL), 0, "complete");
        s = lh_opts_sign_in(opts);
        is_str(s ? s->id : NULL, sign_ins[i].id, "mode");
    }
}

/* --- URLs ------------------------------------------------------------------------------------- */

static const struct {
    struct given given[4];
    const char *url;     /* NULL: refused */
    const char *message; /* when refused */
} bases[] = {
    {{{"pi_base_url", "https://h:1/x/"}}, "https://h:1/x", NULL},
    {{{"pi_base_url", "https://h"}, {"host", "other"}}, "https://h", NULL},
    {{{"host", "h"}}, "https://h", NULL},
    {{{"host", "h:8443"}}, "https://h:8443", NULL},
    {{{"host", "[::1]"}, {"port", "8443"}}, "https://[::1]:8443", NULL},
    {{{"host", "h"}, {"port", "8443"}, {"base_path", "pi/x"}}, "https://h:8443/pi/x", NULL},
    {{{"host", "h"}, {"base_path", "/pi/"}}, "https://h/pi", NULL},
    {{{"host", "h"}, {"base_path", "/a b/\xc3\xa4"}}, "https://h/a%20b/%C3%A4", NULL},
    {{{NULL, NULL}}, NULL, "x: no URL to talk to; give the option pi_base_url"},
    {{{"host", "h:1"}, {"port", "2"}},
     NULL,
     "o.yaml:2:1: option port: expected no port, because the host has one; drop one of the two"},
    {{{"host", "h"}, {"base_path", "/a?b"}},
     NULL,
     "o.yaml:2:1: option base_path: expected a path without ? # % \\ and control characters"},
    {{{"host", "h"}, {"base_path", "/a%2f"}},
     NULL,
     "o.yaml:2:1: option base_path: expected a path without ? # % \\ and control characters"},
    {{{"host", "h"}, {"base_path", "a\nb"}},
     NULL,
     "o.yaml:2:1: option base_path: expected a path without ? # % \\ and control characters"},
    {{{"host", "h"}, {"base_path", "/a/../.."}},
     NULL,
     "https://${host}${base_path}: expected a URL without \".\" and \"..\" in its path with its "
     "options"},
    {{{"host", "h"}, {"base_path", "@evil.com"}}, "https://h/@evil.com", NULL},
    {{{"host", "h"}, {"base_path", ".evil.com"}}, "https://h/.evil.com", NULL},
};

static void test_base(void)
{
    lh_autoptr(lh_spec) spec = parse(osipi);

    for (size_t i = 0; i < LH_LEN(bases); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
        lh_auto(lh_buf) url = LH_BUF_INIT(1000);
        lh_auto(lh_error) e = LH_ERROR_INIT;

        is_int(set_all(opts, bases[i].given, &e), 0, "given");
        is_int(lh_opts_base_url(opts, &url, &e), bases[i].url ? 0 : LH_INVALID, "base");
        is_str(lh_buf_text(&url), bases[i].url ? bases[i].url : "", "URL");
        if (bases[i].message)
            is_str(lh_error_text(&e), bases[i].message, "message");
    }
}

static const struct {
    const char *tmpl, *name, *value;
    const char *url;
    const char *message;
} templates[] = {
    {"https://${s}.zendesk.com/api", "s", "Acme-1", "https://acme-1.zendesk.com/api", NULL},
    {"https://${s}.zendesk.com", "s", "evil.com/", NULL,
     "o: option s: expected one part of a host name: letters, digits and '-'"},
    {"https://${s}.zendesk.com", "s", "a.b", NULL,
     "o: option s: expected one part of a host name: letters, digits and '-'"},
    {"https://${s}.zendesk.com", "s", "a@b", NULL,
     "o: option s: expected one part of a host name: letters, digits and '-'"},
    {"https://${s}.zendesk.com", "s", "-a", NULL,
     "o: option s: expected one part of a host name: letters, digits and '-'"},
    {"https://api-${s}.x.com", "s", "eu", "https://api-eu.x.com", NULL},
    {"https://x.com/${s}/v1", "s", "a:b@c", "https://x.com/a:b@c/v1", NULL},
    {"https://x.com/${s}/v1", "s", "a/b", NULL,
     "o: option s: expected one part of a path, without '/'"},
    {"https://x.com/${s}/v1", "s", "..", NULL,
     "https://x.com/${s}/v1: expected a URL without \".\" and \"..\" in its path with its options"},
    {"https://x.com/.${s}/v1", "s", ".", NULL,
     "https://x.com/.${s}/v1: expected a URL without \".\" and \"..\" in its path with its options"},
    {"https://x.com:${n}/v1", "n", "0", NULL,
     "https://x.com:${n}/v1: expected a port from 1 to 65535 behind the host's ':' with its "
     "options"},
    {"https://x.com:${n}/v1", "n", "70000", NULL,
     "https://x.com:${n}/v1: expected a port from 1 to 65535 behind the host's ':' with its "
     "options"},
    {"${u}/token", "u", "https://h/", "https://h/token", NULL},
    {"${u}/token", "u", "https://h?x=/", NULL, "${u}/token: expected a URL without a query"},
    {"${u}/token", "s", "x", NULL, "${u}/token: the option u is not set"},
    {"https://x.com", "s", "x", "https://x.com", NULL},
    {"https://1.2.3.${n}", "n", "4", "https://1.2.3.4", NULL},
    {"https://1.2.3.${n}", "n", "400", NULL,
     "https://1.2.3.${n}: expected a host name, an IPv4 address or an IPv6 address in brackets "
     "with its options"},
};

static void test_templates(void)
{
    lh_autoptr(lh_spec) spec =
        parse("\"options\":[{\"name\":\"s\",\"type\":\"string\"},{\"name\":\"n\",\"type\":\"int\"},"
              "{\"name\":\"u\",\"type\":\"url\"}]");

    for (size_t i = 0; i < LH_LEN(templates); i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
        lh_auto(lh_buf) url = LH_BUF_INIT(1000);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        const char *missing = NULL;
        int code =
            lh_opts_set(opts, lh_str_z(templates[i].name), lh_str_z(templates[i].value), "o", &e);

        is_int(code, 0, "given");
        code = lh_opts_expand_url(opts, templates[i].tmpl, &url, &missing, &e);
        is_str(lh_buf_text(&url), templates[i].url ? templates[i].url : "", templates[i].tmpl);
        is_str(lh_error_text(&e), templates[i].message ? templates[i].message : "", "message");
        ok((code == LH_NOT_FOUND) == (missing != NULL), "missing is named with LH_NOT_FOUND");
    }
}

/* Whatever a value is, the host stays and the path stays below its literal beginning. */
static void test_hostile(void)
{
    lh_autoptr(lh_spec) spec = parse("\"options\":[{\"name\":\"s\",\"type\":\"string\"}]");
    static const char letters[] = "a./\\:@?#%[]&=;2eF \t-_~";
    uint64_t state = 88172645463325252u;
    int wrong = 0;
    int good = 0;

    for (int i = 0; i < 20000; i++) {
        lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
        lh_auto(lh_buf) url = LH_BUF_INIT(1000);
        char value[8] = {0};
        struct lh_url u;
        const char *why;

        for (size_t k = 0; k < 1 + state % 7; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            value[k] = letters[(state >> 33) % (sizeof letters - 1)];
        }
        if (lh_opts_set(opts, LH_STR("s"), lh_str_z(value), "o", NULL) ||
            lh_opts_expand_url(opts, "https://h.x/in/${s}/end", &url, NULL, NULL))
            continue;
        good++;
        if (!lh_url_split(lh_buf_slice(&url), &u, &why) || !lh_str_eqz(u.host, "h.x") ||
            !lh_str_starts(u.path, LH_STR("/in/")) || u.query.n || u.port.n || u.path.n < 8 ||
            !lh_str_eqz(lh_str_n(u.path.p + u.path.n - 4, 4), "/end"))
            wrong++;
    }
    is_int(wrong, 0, "no value moves the URL");
    ok(good > 500, "%d values were taken", good);
}

int main(void)
{
    RUN(test_values);
    RUN(test_bounds);
    RUN(test_names);
    RUN(test_finish);
    RUN(test_given);
    RUN(test_secrets);
    RUN(test_sign_in);
    RUN(test_base);
    RUN(test_templates);
    RUN(test_hostile);
    return tap_done();
}
