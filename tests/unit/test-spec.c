/* SPDX-License-Identifier: Apache-2.0 */
/* The spec: every rule with its message and place, the five real ones, connector_spec.yaml. */
#include "config.h"

#include "plugin/spec.h"
#include "spec_file.h"
#include "tap.h"
#include "yaml/yaml.h"

#include <stdlib.h>

#define HEAD "{\"spec\":1,\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT\""

static char *read_file(const char *path)
{
    char *text = lh_xcalloc(1, 1 << 20);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, (1 << 20) - 1, file) : 0;

    ok(n > 0, "%s is there", path);
    if (file)
        fclose(file);
    return text;
}

static char *read_data(const char *name)
{
    const char *top = getenv("srcdir");
    char *path lh_autofree = lh_xasprintf("%s/tests/data/%s", top ? top : ".", name);

    return read_file(path);
}

static char *read_spec(const char *connector)
{
    char *path lh_autofree = spec_file(connector);

    return read_file(path);
}

static struct lh_spec *must_parse(const char *text)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_spec *spec = NULL;
    int code = lh_spec_parse(lh_str_z(text), "t.json", &spec, &e);

    ok(code == 0 && spec, "accepted, %zu bytes", strlen(text));
    if (code)
        diag("%s", lh_error_text(&e));
    return spec;
}

/* --- what is refused -------------------------------------------------------------------------- */

static const struct {
    const char *more;    /* behind HEAD and a comma; what begins with '{' is the whole text */
    const char *message; /* behind "t.json:1:<column>: " */
} refusals[] = {
    /* the document */
    {"{", "expected a key in double quotes or '}', found the end of the text"},
    {"[]", "expected an object, found an array"},
    {"\"spec\":1", "found the key \"spec\" twice in one object"},
    /* version and needs come before other keys */
    {"{\"nam\":1}", "the key \"spec\" is missing, which holds the version of the format: 1"},
    {"{\"spec\":2,\"nam\":1}",
     "key /spec: expected 1, found 2; this program knows version 1 of the "
     "format only: update it, or use an older connector"},
    {"{\"spec\":\"1\"}", "key /spec: expected the number 1, found a string"},
    {"{\"spec\":0}", "key /spec: expected the number 1, found the number 0"},
    {"{\"spec\":1,\"nam\":1,\"needs\":[\"telepathy\"]}",
     "key /needs/0: expected a feature that this program has; update it, or use an older "
     "connector, found \"telepathy\""},
    {"\"needs\":[\"oauth2.refresh_tokn\"]",
     "key /needs/0: expected a feature that this program has; update it, or use an older "
     "connector, found \"oauth2.refresh_tokn\"; did you mean \"oauth2.refresh_token\"?"},
    {"\"needs\":{}", "key /needs: expected a list, found an object"},
    /* keys */
    {"\"optons\":[]",
     "key /optons: expected a known key, found \"optons\"; did you mean \"options\"?"},
    {"\"zzzzzz\":[]", "key /zzzzzz: expected a known key, found \"zzzzzz\""},
    {"{\"spec\":1}", "the key \"name\" is missing"},
    {"{\"spec\":1,\"name\":\"x\",\"version\":\"1.0.0\"}", "the key \"license\" is missing"},
    {"{\"spec\":1,\"name\":\"X\"}",
     "key /name: expected a name of up to 32 characters: a-z, then a-z, 0-9 and _, found \"X\""},
    {"{\"spec\":1,\"name\":\"a23456789012345678901234567890123\"}",
     "key /name: expected a name of up to 32 characters: a-z, then a-z, 0-9 and _, found "
     "\"a23456789012345678901234567890123\""},
    {"{\"spec\":1,\"version\":\"1.0\"}",
     "key /version: expected a version such as 1.0.0 or 1.2.0-rc.1, found \"1.0\""},
    {"{\"spec\":1,\"version\":\"01.0.0\"}",
     "key /version: expected a version such as 1.0.0 or 1.2.0-rc.1, found \"01.0.0\""},
    {"{\"spec\":1,\"version\":\"1.0.0-\"}",
     "key /version: expected a version such as 1.0.0 or 1.2.0-rc.1, found \"1.0.0-\""},
    {"\"description\":1", "key /description: expected a string, found the number 1"},
    {"\"display_name\":\"a\\u001b[1m\"",
     "key /display_name: found the control character 0x1b, expected text"},
    {"\"display_name\":\"a\\nb\"",
     "key /display_name: found the control character 0x0a, expected text"},
    /* options */
    {"\"options\":[1]", "key /options/0: expected an object, found the number 1"},
    {"\"options\":[{\"name\":\"a\"}]", "key /options/0: the key \"type\" is missing"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"strin\"}]",
     "key /options/0/type: expected one of string int bool list url host enum time json, found "
     "\"strin\"; did you mean \"string\"?"},
    {"\"options\":[{\"name\":\"9\",\"type\":\"int\"}]",
     "key /options/0/name: expected an option's name of up to 64 characters: a-z, then letters, "
     "0-9 and _, found \"9\""},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"a\",\"type\":\"int\"}]",
     "key /options/1/name: found \"a\" for the second time"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":\"int\",\"aliases\":["
     "\"a\"]}]",
     "key /options/1/aliases/0: found \"a\" for the second time"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"tables\":[\"t\"]}]",
     "key /options/0/tables: expected a known key, found \"tables\""},
    {"\"options\":[{\"name\":\"a\",\"type\":\"enum\"}]",
     "key /options/0: an enum needs \"values\""},
    {"\"options\":[{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"x\",\"x\"]}]",
     "key /options/0/values/1: found \"x\" for the second time"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"values\":[\"x\"]}]",
     "key /options/0/values: only an enum has values"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"string\",\"min\":1}]",
     "key /options/0/min: only an int has min and max"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"min\":2,\"max\":1}]",
     "key /options/0/min: min is greater than max"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"min\":1.5}]",
     "key /options/0/min: expected a whole number, found the number 1.5"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"min\":1,\"default\":\"0\"}]",
     "key /options/0/default: expected a whole number from 1, found \"0\""},
    {"\"options\":[{\"name\":\"a\",\"type\":\"int\",\"default\":1}]",
     "key /options/0/default: expected a string, found the number 1"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"string\",\"default\":\"\"}]",
     "key /options/0/default: an empty value means none; drop the key"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"string\",\"secret\":true,\"default\":\"hunter2\"}]",
     "key /options/0/default: a secret has no default"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"string\",\"required\":true,\"default\":\"x\"}]",
     "key /options/0/default: a required option has no default; drop one of the two"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"url\",\"secret\":true}]",
     "key /options/0/secret: only a string or json can be secret"},
    {"\"options\":[{\"name\":\"a\",\"type\":\"url\",\"secret\":\"yes\"}]",
     "key /options/0/secret: expected true or false, found a string"},
    {"\"table_options\":[{\"name\":\"a\",\"type\":\"string\",\"secret\":true}]",
     "key /table_options/0/secret: a table option cannot be secret: sign_in reads options only"},
    {"\"table_options\":[{\"name\":\"a\",\"type\":\"string\",\"tables\":[\"t\",\"@c\"]}]",
     "key /table_options/0/tables/1: \"@c\" is none of \"categories\""},
    /* namespaces and categories */
    {"\"options\":[{\"name\":\"a\",\"type\":\"string\"}],\"namespaces\":[{\"option\":\"a\"}]",
     "key /namespaces/0/option: \"a\" is none of \"table_options\""},
    {"\"table_options\":[{\"name\":\"a\",\"type\":\"string\"}],\"namespaces\":[{\"option\":\"a\"},{"
     "\"option\":\"a\"}]",
     "key /namespaces/1/option: found \"a\" for the second time"},
    {"\"categories\":{\"c\":[\"t\"],\"d\":[\"t\"]}",
     "key /categories/d/0: found \"t\" for the second time"},
    {"\"categories\":{\"C\":[]}",
     "key /categories/C: expected a name of up to 64 characters: a-z, then a-z, 0-9 and _, found "
     "\"C\""},
    {"\"categories\":{\"c\":\"t\"}", "key /categories/c: expected a list, found a string"},
    {"\"parents\":[]", "key /parents: expected an object, found an array"},
    {"\"parents\":{\"t\":\"u\"}", "key /parents/t: expected a list, found a string"},
    /* templates: o is a string, u a url, h a host, p an int, s a secret, b a bool, t a table's */
    {"\"base\":[\"${x}\"]", "key /base/0: the placeholder \"x\" names no option"},
    {"@\"base\":[\"https://${oo}\"]",
     "key /base/0: the placeholder \"oo\" names no option; did you mean \"o\"?"},
    {"@\"base\":[\"https://h/${hots}\"]",
     "key /base/0: the placeholder \"hots\" names no option; did you mean \"host\"?"},
    {"@\"base\":[\"${t}\"]",
     "key /base/0: the placeholder \"t\" is a table option, expected one of \"options\""},
    {"@\"base\":[\"${url\"]", "key /base/0: found \"${\" without \"}\", expected ${option}"},
    {"@\"base\":[\"${}\"]", "key /base/0: the placeholder \"\" names no option"},
    {"@\"base\":[\"${other}\"]", "key /base/0: the placeholder ${other} is an alias; write ${o}"},
    {"@\"base\":[\"https://h/${s}\"]",
     "key /base/0: the option s is secret, and a URL is shown; use sign_in"},
    {"@\"base\":[\"https://h/${url}\"]",
     "key /base/0: ${url}: a url option may only begin a template"},
    {"@\"base\":[\"https://a.${host}\"]",
     "key /base/0: ${host}: a host option may only stand behind \"//\""},
    {"@\"base\":[\"${o}/x\"]", "key /base/0: ${o}: only a url option may begin a template"},
    {"@\"base\":[\"https://${b}\"]",
     "key /base/0: ${b}: an option of this type may not stand in a URL"},
    {"@\"base\":[\"https://h:${o}\"]",
     "key /base/0: ${o}: a port must be an option of the type int"},
    {"@\"base\":[\"${url}.x.com\"]", "key /base/0: behind a url option only '/' may follow"},
    {"@\"base\":[\"https://${host}.x.com\"]",
     "key /base/0: behind a host option only ':' or '/' may follow"},
    {"@\"base\":[\"ftp://h\"]",
     "key /base/0: expected \"https://\", \"http://\" or a url option at its beginning"},
    {"@\"base\":[\"https://\"]", "key /base/0: expected a host name or a port at its end"},
    {"@\"base\":[\"https:///x\"]", "key /base/0: expected a host name behind \"//\""},
    {"@\"base\":[\"https://h:\"]", "key /base/0: expected a host name or a port at its end"},
    {"@\"base\":[\"https://u@h\"]",
     "key /base/0: this character is not taken in the template of a URL"},
    {"@\"base\":[\"https://h/?q=${o}\"]",
     "key /base/0: this character is not taken in the template of a URL"},
    {"@\"origins\":[{\"url\":\"https://h/x\",\"sign_in\":true}]",
     "key /origins/0/url: expected an origin: https:// and a host, without a path"},
    {"@\"origins\":[{\"url\":\"https://h\"}]", "key /origins/0: the key \"sign_in\" is missing"},
    {"@\"headers\":{\"X-A\":\"${o}\"}",
     "key /headers/X-A: placeholders are known in base, origins, limits and sign_in only"},
    {"@\"headers\":{\"authorization\":\"x\"}",
     "key /headers/authorization: this header is the host's own; use sign_in"},
    {"@\"headers\":{\"Proxy-Foo\":\"x\"}",
     "key /headers/Proxy-Foo: this header is the host's own; use sign_in"},
    {"@\"headers\":{\"a b\":\"x\"}", "key /headers/a b: expected the name of a header, found \"a "
                                     "b\""},
    {"@\"headers\":{\"A\":\"x\\r\\ny\"}",
     "key /headers/A: found the control character 0x0d, expected text"},
    {"@\"tls\":{\"verify\":\"o\"}",
     "key /tls/verify: expected an option of the type bool that is not secret"},
    {"@\"tls\":{\"ca\":\"zz\"}", "key /tls/ca: \"zz\" is none of \"options\""},
    /* sign-in */
    {"@\"sign_in\":[{\"id\":\"a\"}]", "key /sign_in/0: the key \"kind\" is missing"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"baerer\"}]",
     "key /sign_in/0/kind: expected one of none bearer basic header query oauth2, found \"baerer\""
     "; did you mean \"bearer\"?"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"bearer\"}]",
     "key /sign_in/0: the key \"token\" is missing"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"bearer\",\"token\":\"${s}\",\"user\":\"x\"}]",
     "key /sign_in/0/user: expected a known key, found \"user\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"bearer\",\"token\":\"${zz}\"}]",
     "key /sign_in/0/token: the placeholder \"zz\" names no option"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"basic\",\"user\":\"${o}\"}]",
     "key /sign_in/0: the key \"password\" is missing"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"header\",\"name\":\"${o}\",\"value\":\"${s}\"}]",
     "key /sign_in/0/name: expected the name of a header, found \"${o}\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"query\",\"name\":\"${o}\",\"value\":\"${s}\"}]",
     "key /sign_in/0/name: a name takes no placeholder"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"none\"},{\"id\":\"b\",\"kind\":\"none\"}]",
     "key /sign_in/0: this entry always holds, so those behind it are never used; put it last or "
     "give it \"when\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"bearer\",\"token\":\"${s}\"},{\"id\":\"a\",\"kind\":"
     "\"none\"}]",
     "key /sign_in/1/id: found \"a\" for the second time"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"none\",\"when\":{\"b\":\"yes\"}}]",
     "key /sign_in/0/when/b: never true, because the option's value comes as \"true\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"none\",\"when\":{\"b\":\"maybe\"}}]",
     "key /sign_in/0/when/b: expected true or false, found \"maybe\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"none\",\"when\":{\"zz\":\"1\"}}]",
     "key /sign_in/0/when/zz: \"zz\" is none of \"options\""},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"none\",\"when\":{\"s\":\"1\"}}]",
     "key /sign_in/0/when/s: a secret cannot be compared"},
#define OAUTH2(more)                                                                               \
    "@\"sign_in\":[{\"id\":\"a\",\"kind\":\"oauth2\",\"token_url\":\"${url}/t\",\"client_id\":"    \
    "\"${o}\"," more "}]"
    {OAUTH2("\"grant\":\"password\""),
     "key /sign_in/0/grant: expected one of client_credentials refresh_token, found \"password\""},
    {OAUTH2("\"grant\":\"client_credentials\""),
     "key /sign_in/0: the key \"client_secret\" is missing; a client without one has "
     "\"client_auth\": \"none\""},
    {OAUTH2("\"grant\":\"client_credentials\",\"client_secret\":\"${s}\""),
     "key /sign_in/0/grant: \"needs\" must hold \"oauth2.client_credentials\""},
    {OAUTH2("\"grant\":\"client_credentials\",\"client_auth\":\"none\""),
     "key /sign_in/0/client_auth: client_credentials needs a secret"},
    {OAUTH2("\"grant\":\"client_credentials\",\"client_auth\":\"none\",\"client_secret\":\"${s}\""),
     "key /sign_in/0/client_secret: client_auth none sends no secret"},
    {OAUTH2("\"grant\":\"refresh_token\",\"client_secret\":\"${s}\""),
     "key /sign_in/0: the key \"refresh_token\" is missing"},
    {OAUTH2("\"grant\":\"client_credentials\",\"client_secret\":\"${s}\",\"refresh_token\":\"x\""),
     "key /sign_in/0/refresh_token: the grant client_credentials has none"},
    {OAUTH2("\"grant\":\"client_credentials\",\"client_secret\":\"${s}\",\"refresh_before_s\":-1"),
     "key /sign_in/0/refresh_before_s: expected a whole number from 0 to 86400, found the number "
     "-1"},
    {"@\"sign_in\":[{\"id\":\"a\",\"kind\":\"oauth2\",\"token_url\":\"https://h/${s}\",\"client_id\":"
     "\"x\",\"grant\":\"refresh_token\"}]",
     "key /sign_in/0/token_url: the option s is secret, and a URL is shown; use sign_in"},
    /* limits and retry */
    {"@\"limits\":[{\"bucket\":\"a\"}]",
     "key /limits/0: a limit needs \"rate\" with \"per_s\", or \"concurrent\""},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":1}]",
     "key /limits/0: \"rate\" and \"per_s\" come together"},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":0,\"per_s\":1}]",
     "key /limits/0/rate: expected a number above 0 and up to 1000000000, found the number 0"},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":1,\"per_s\":-1}]",
     "key /limits/0/per_s: expected a number above 0 and up to 1000000000, found the number -1"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":0}]",
     "key /limits/0/concurrent: expected a whole number from 1 to 1000, found the number 0"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":\"many\"}]",
     "key /limits/0/concurrent: expected a number from 1 to 1000 or one ${option}"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":\"\"}]",
     "key /limits/0/concurrent: expected a number from 1 to 1000 or one ${option}"},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":\"many\",\"per_s\":60}]",
     "key /limits/0/rate: expected a number above 0 or one ${option}"},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":\"${o}\",\"per_s\":60}]",
     "key /limits/0/rate: expected an option of the type int, found ${o}"},
    {"@\"limits\":[{\"bucket\":\"a\",\"rate\":\"${o}\",\"concurrent\":1}]",
     "key /limits/0: \"rate\" and \"per_s\" come together"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":\"${o}\"}]",
     "key /limits/0/concurrent: expected an option of the type int, found ${o}"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":1},{\"bucket\":\"a\",\"concurrent\":1}]",
     "key /limits/1/bucket: found \"a\" for the second time"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":1,\"learns\":true}]",
     "key /limits/0/learns: what learns its rate begins with one"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":1,\"within\":\"b\"},"
     "{\"bucket\":\"b\",\"concurrent\":1}]",
     "key /limits/0/within: \"b\" is no bucket before this one"},
    {"@\"limits\":[{\"bucket\":\"a\",\"concurrent\":1,\"within\":\"a\"}]",
     "key /limits/0/within: \"a\" is no bucket before this one"},
    {"\"retry\":[{\"min_wait_ms\":1}]",
     "key /retry/0: the rule holds always; it needs one of status, header, json"},
    {"\"retry\":[{\"status\":[429]}]",
     "key /retry/0: the rule does nothing; it needs one of min_wait_ms, max_wait_ms, until, again, "
     "give_up"},
    {"\"retry\":[{\"status\":[99],\"again\":true}]",
     "key /retry/0/status/0: expected a whole number from 100 to 599, found the number 99"},
    {"\"retry\":[{\"status\":[600],\"again\":true}]",
     "key /retry/0/status/0: expected a whole number from 100 to 599, found the number 600"},
    {"\"retry\":[{\"status\":[429],\"again\":false}]",
     "key /retry/0/again: expected true; for a status that is not tried again use give_up"},
    {"\"retry\":[{\"status\":[429],\"give_up\":\"throttled\",\"min_wait_ms\":1}]",
     "key /retry/0/give_up: a rule that gives up neither waits nor goes on"},
    {"\"retry\":[{\"status\":[429],\"min_wait_ms\":2,\"max_wait_ms\":1}]",
     "key /retry/0/min_wait_ms: min_wait_ms is greater than max_wait_ms"},
    {"\"retry\":[{\"status\":[429],\"until\":{\"header\":\"a\"}}]",
     "key /retry/0/until: the key \"unit\" is missing"},
    {"\"retry\":[{\"status\":[429],\"until\":{\"header\":\"a\",\"unit\":\"epoch\"}}]",
     "key /retry/0/until/unit: expected one of epoch_s epoch_ms seconds http_date, found \"epoch\""
     "; did you mean \"epoch_s\"?"},
    {"\"retry\":[{\"json\":{\"a\":1},\"again\":true}]",
     "key /retry/0/json/a: expected a JSON pointer such as /error/type, found \"a\""},
    {"\"retry\":[{\"json\":{\"/a\":[]},\"again\":true}]",
     "key /retry/0/json/~1a: expected a string, a number, true, false or null, found an array"},
    {"\"retry\":[{\"status\":[1e3],\"again\":true}]",
     "key /retry/0/status/0: expected a whole number from 100 to 599, found the number 1000.0"},
    /* upstream */
    {"\"upstream\":{\"tables\":{\"t\":{\"type\":\"full\"}}}",
     "key /upstream/tables/t/type: expected one of snapshot append cdc cdc_with_deletes, found "
     "\"full\""},
    {"\"upstream\":{\"tables\":{\"t\":{\"keys\":\"id\"}}}",
     "key /upstream/tables/t/keys: expected a list, found a string"},
    {"\"upstream\":{\"columns\":\"nativ\"}",
     "key /upstream/columns: expected one of native live, found \"nativ\"; did you mean "
     "\"native\"?"},
    {"\"upstream\":{\"columns\":1}",
     "key /upstream/columns: expected \"native\", \"live\" or a list of differences, found the "
     "number 1"},
    {"\"upstream\":{\"columns\":[{\"table\":\"t\"}]}",
     "key /upstream/columns/0: the key \"column\" is missing"},
};

static const char with_options[] =
    HEAD ",\"options\":[{\"name\":\"o\",\"type\":\"string\",\"aliases\":[\"other\"]},{\"name\":"
         "\"url\",\"type\":\"url\"},{\"name\":\"host\",\"type\":\"host\"},{\"name\":\"p\",\"type\":"
         "\"int\"},{\"name\":\"s\",\"type\":\"string\",\"secret\":true},{\"name\":\"b\",\"type\":"
         "\"bool\"}],\"table_options\":[{\"name\":\"t\",\"type\":\"string\"}],";

static char *make_text(const char *more)
{
    if (more[0] == '{' || more[0] == '[')
        return lh_xstrdup(more);
    if (more[0] == '@')
        return lh_xasprintf("%s%s}", with_options, more + 1);
    return lh_xasprintf(HEAD ",%s}", more);
}

static void test_refused(void)
{
    for (size_t i = 0; i < LH_LEN(refusals); i++) {
        char *text lh_autofree = make_text(refusals[i].more);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        struct lh_spec *spec = NULL;
        int code = lh_spec_parse(lh_str_z(text), "t.json", &spec, &e);
        const char *message = lh_error_text(&e);
        size_t place = strlen("t.json:1:");

        ok(code == LH_INVALID && !spec, "%s", refusals[i].more);
        ok(strncmp(message, "t.json:1:", place) == 0, "line 1: %s", message);
        place += strspn(message + (strlen(message) > place ? place : 0), "0123456789");
        is_str(strlen(message) > place + 2 ? message + place + 2 : message, refusals[i].message,
               "message");
    }
}

static void test_places(void)
{
    static const char text[] = "{\n  \"spec\": 1, \"name\": \"x\",\n  \"version\": \"1.0.0\", "
                               "\"license\": \"MIT\",\n  \"options\": [\n    {\"name\": \"a\",\n"
                               "     \"type\": \"int\", \"defalt\": \"1\"}]}";
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_spec *spec = NULL;

    is_int(lh_spec_parse(lh_str_z(text), "a/spec.json", &spec, &e), LH_INVALID, "refused");
    is_str(lh_error_text(&e),
           "a/spec.json:6:31: key /options/0/defalt: expected a known key, found \"defalt\"; did "
           "you mean \"default\"?",
           "file, line, column and key");
}

/* --- bounds ----------------------------------------------------------------------------------- */

static int parse_options(size_t n, size_t name_length)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(1 << 22);
    struct lh_spec *spec = NULL;
    int code;

    lh_buf_z(&text, HEAD ",\"options\":[");
    for (size_t i = 0; i < n; i++) {
        lh_buf_f(&text, "%s{\"type\":\"int\",\"name\":\"o%zu", i ? "," : "", i);
        lh_buf_fill(&text, 'x', name_length);
        lh_buf_z(&text, "\"}");
    }
    lh_buf_z(&text, "]}");
    code = lh_spec_parse(lh_buf_slice(&text), "t.json", &spec, NULL);
    lh_spec_destroy(spec);
    return code;
}

static void test_bounds(void)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(1 << 22);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_spec *spec = NULL;

    is_int(parse_options(256, 0), 0, "256 options");
    is_int(parse_options(257, 0), LH_INVALID, "257 options");
    is_int(parse_options(1, 62), 0, "a name of 64 characters");
    is_int(parse_options(1, 63), LH_INVALID, "a name of 65 characters");
    lh_buf_z(&text, HEAD "}");
    lh_buf_fill(&text, ' ', ((size_t)1 << 20) - text.n);
    is_int(lh_spec_parse(lh_buf_slice(&text), "t.json", &spec, &e), 0, "1 MiB");
    lh_spec_destroy(lh_take(spec));
    lh_buf_char(&text, ' ');
    is_int(lh_spec_parse(lh_buf_slice(&text), "t.json", &spec, &e), LH_INVALID, "1 MiB + 1");
    is_str(lh_error_text(&e), "t.json: found 1048577 bytes, expected a spec of at most 1048576",
           "and its message");
    is_int(lh_spec_parse(LH_STR(""), "t.json", &spec, &e), LH_INVALID, "empty");
    is_int(lh_spec_parse(LH_STR(HEAD "}\0"), "t.json", &spec, &e), LH_INVALID, "NUL");
    is_int(lh_spec_parse(LH_STR(HEAD ",\"description\":\"\xff\"}"), "t.json", &spec, &e),
           LH_INVALID, "not UTF-8");
    ok(!spec, "the output is untouched by failures");
    lh_spec_destroy(NULL);
}

/* --- what is accepted ------------------------------------------------------------------------- */

static void test_smallest(void)
{
    lh_autoptr(lh_spec) s = must_parse(HEAD "}");

    if (!s)
        return;
    is_str(s->name, "x", "name");
    is_str(s->display_name, "x", "the name is shown when there is no other");
    is_str(s->description, "", "no description");
    ok(s->n_options == 0 && s->n_sign_in == 0 && s->base.n == 0 && !s->categories && !s->upstream,
       "nothing else");
    ok(!s->needs_consent, "no consent");
}

static void test_consent(void)
{
    lh_autoptr(lh_spec) one = must_parse(HEAD ",\"needs\":[\"oauth2.refresh_token\",\"network\"]}");
    lh_autoptr(lh_spec) none = must_parse(HEAD ",\"needs\":[\"oauth2.client_credentials\"]}");

    ok(one && one->needs_consent && one->needs.n == 2, "network takes consent");
    ok(none && !none->needs_consent, "OAuth 2 takes none");
}

static void test_parts(void)
{
    char *text lh_autofree = read_spec("osipi");
    lh_autoptr(lh_spec) s = must_parse(text);

    if (!s)
        return;
    is_int(s->n_options, 18, "options");
    is_int(s->n_table_options, 40, "table options");
    is_str(s->options[0].aliases.items[0], "pi_web_api_url", "alias");
    is_int(s->options[2].min, 1, "min");
    is_int(s->options[2].max, 65535, "max");
    ok(s->options[0].min == INT64_MIN && s->options[0].max == INT64_MAX, "no bounds");
    ok(s->options[6].secret && !s->options[5].secret, "secret");
    ok(s->options[5].native_only && !s->options[6].native_only, "native only");
    is_str(s->tls_verify, "verify_ssl", "tls.verify");
    is_str(s->tls_ca, "ca_file", "tls.ca");
    is_int(s->n_sign_in, 6, "sign-in modes");
    is_int(s->sign_in[2].kind, LH_SIGN_IN_OAUTH2, "kind");
    is_int(s->sign_in[2].fields.n, 7, "fields of OAuth 2");
    is_str(s->sign_in[2].fields.items[6].value, "300", "a number is text");
    is_str(s->sign_in[0].when.items[0].name, "allow_anonymous", "when");
    ok(s->limits[0].rate > 999 && s->limits[0].per_s < 1.5, "rate");
    is_str(s->limits[0].concurrent, "${max_inflight}", "concurrent");
    is_int(s->n_retry, 3, "retry rules");
    is_str(lh_spec_category(s, LH_STR("pi_plot")), "time_series", "category of a table");
    is_str(lh_spec_category(s, LH_STR("pi_plo")), NULL, "no category");
    is_int(json_object_size(json_object_get(s->upstream, "tables")), 39, "upstream profile");
}

static void test_namespaces(void)
{
    char *text lh_autofree = read_spec("github");
    lh_autoptr(lh_spec) s = must_parse(text);

    if (!s)
        return;
    is_int(s->namespaces.n, 2, "two levels");
    is_str(s->namespaces.items[1], "repo", "the inner one");
    ok(s->table_options[0].is_namespace && s->table_options[1].is_namespace &&
           !s->table_options[2].is_namespace,
       "the table options know it");
}

/* The example of the format's page with the options that it leaves out. */
static void test_example(void)
{
    lh_autoptr(lh_spec) s = NULL;
    char *text lh_autofree = read_data("fuzz/spec/example");

    s = must_parse(text);
    is_int(s ? s->base.n : 0, 3, "templates of the base");
}

/* --- connector_spec.yaml ---------------------------------------------------------------------- */

static void test_connector_spec(void)
{
    static const char *const names[] = {"airtable", "github", "hubspot", "osipi", "zendesk"};

    for (size_t i = 0; i < LH_LEN(names); i++) {
        char *yaml_name lh_autofree = lh_xasprintf("spec/%s.connector-spec.yaml", names[i]);
        char *json lh_autofree = read_spec(names[i]);
        char *want lh_autofree = read_data(yaml_name);
        lh_auto(lh_buf) got = LH_BUF_INIT(1 << 20);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        lh_autoptr(lh_spec) s = must_parse(json);

        is_int(s ? lh_spec_write_connector_spec(s, &got, &e) : -1, 0, names[i]);
        is_str(lh_buf_text(&got), want, yaml_name);
    }
}

static void test_connector_spec_room(void)
{
    lh_autoptr(lh_spec) s = must_parse(HEAD "}");
    lh_auto(lh_buf) small = LH_BUF_INIT(10);
    lh_auto(lh_buf) large = LH_BUF_INIT(1000);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    is_int(lh_spec_write_connector_spec(s, &small, &e), LH_FAILED, "does not fit");
    is_int(small.n, 0, "nothing was written");
    is_int(lh_spec_write_connector_spec(s, &large, &e), 0, "fits");
    is_str(lh_buf_text(&large),
           "display_name: x\nconnection:\n  parameters: []\nexternal_options_allowlist: \"\"\n",
           "the smallest one");
}

int main(void)
{
    RUN(test_refused);
    RUN(test_places);
    RUN(test_bounds);
    RUN(test_smallest);
    RUN(test_consent);
    RUN(test_parts);
    RUN(test_namespaces);
    RUN(test_example);
    RUN(test_connector_spec);
    RUN(test_connector_spec_room);
    return tap_done();
}
