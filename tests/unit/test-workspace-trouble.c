/* SPDX-License-Identifier: Apache-2.0 */
/* What refusals of a workspace mean, in every shape they come in; and settings over settings. */
#include "config.h"
#include "tap.h"

#include "workspace/workspace_internal.h"

#include <stdlib.h>

static void means(int status, const char *body, int code, const char *error_code, bool exists,
                  const char *message)
{
    lh_auto(lh_ws_problem) p = LH_WS_PROBLEM_INIT;

    lh_ws_problem_read(LH_STR("/api/2.0/x"), status, lh_str_z(body), &p);
    is_int(p.code, code, body);
    is_str(p.trouble.code, error_code, "error_code");
    is_int(p.trouble.exists, exists, "exists");
    is_str(lh_buf_text(&p.message), message, "message");
    is_int(p.trouble.status, status, "status");
}

static void test_shapes(void)
{
    means(503, "", LH_UNREACHABLE, "", false, "");
    means(404, "{\"message\":\"gone\"}", LH_NOT_FOUND, "", false, "gone");
    means(400, "{\"error_code\":\"BAD_REQUEST\"}", LH_INVALID, "BAD_REQUEST", false,
          "request failed");
    means(403, "{\"error\":\"old\",\"message\":\"new\"}", LH_REFUSED, "", false, "old");
    means(400, "{\"schemas\":[],\"detail\":\"no such user\",\"scimType\":\"invalidValue\"}",
          LH_INVALID, "SCIM_400", false, "invalidValue no such user");
    means(500, "{\"detail\":\"null\"}", LH_FAILED, "SCIM_500", false, "SCIM API Internal Error");
    means(400, "RESOURCE_DOES_NOT_EXIST: no such thing\n", LH_NOT_FOUND, "RESOURCE_DOES_NOT_EXIST",
          false, "no such thing");
    means(403, "<html><title>t</title><body><PRE>a\nb</PRE>", LH_REFUSED, "", false, "a b");
    means(502, "<html><title>Bad Gateway</title>", LH_UNREACHABLE, "", false, "Bad Gateway");
    means(418, "teapot", LH_FAILED, "", false,
          "the answer is not one of this interface: \"teapot\"");
    means(400, "[1]", LH_INVALID, "", false, "the answer is not one of this interface: \"[1]\"");
    means(400, "{\"error_code\":7,\"message\":[]}", LH_INVALID, "", false, "request failed");
    means(400, "{\"error_code\":\"A\\nB\",\"message\":\"a\\u0000b\"}", LH_INVALID, "A", false,
          "a b");
}

static void test_classes(void)
{
    means(400, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"x\"}", LH_NOT_FOUND,
          "RESOURCE_DOES_NOT_EXIST", false, "x");
    means(404, "{\"error_code\":\"CONNECTION_DOES_NOT_EXIST\",\"message\":\"x\"}", LH_NOT_FOUND,
          "CONNECTION_DOES_NOT_EXIST", false, "x");
    means(404, "{\"error_code\":\"ENDPOINT_NOT_FOUND\",\"message\":\"x\"}", LH_FAILED,
          "ENDPOINT_NOT_FOUND", false, "x");
    means(400, "{\"error_code\":\"RESOURCE_ALREADY_EXISTS\",\"message\":\"x\"}", LH_CONFLICT,
          "RESOURCE_ALREADY_EXISTS", true, "x");
    means(409, "{\"error_code\":\"SCHEMA_ALREADY_EXISTS\",\"message\":\"x\"}", LH_CONFLICT,
          "SCHEMA_ALREADY_EXISTS", true, "x");
    means(409, "{\"error_code\":\"ABORTED\",\"message\":\"x\"}", LH_CONFLICT, "ABORTED", false,
          "x");
    means(409,
          "{\"error_code\":\"RESOURCE_CONFLICT\",\"message\":\"The pipeline name 'x' is "
          "already used by another pipeline.\"}",
          LH_CONFLICT, "RESOURCE_CONFLICT", true,
          "The pipeline name 'x' is already used by another pipeline.");
    means(500, "{\"error_code\":\"RESOURCE_EXHAUSTED\",\"message\":\"x\"}", LH_UNREACHABLE,
          "RESOURCE_EXHAUSTED", false, "x");
    means(401, "{}", LH_REFUSED, "", false, "request failed");
    means(429, "{}", LH_UNREACHABLE, "", false, "request failed");
}

static void absent(const char *path, int status, const char *message, int code)
{
    lh_auto(lh_ws_problem) p = LH_WS_PROBLEM_INIT;
    char *body lh_autofree =
        lh_xasprintf("{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":\"%s\"}", message);

    lh_ws_problem_read(lh_str_z(path), status, lh_str_z(body), &p);
    is_int(p.code, code, message);
}

static void test_absent(void)
{
    absent("/api/2.2/jobs/get", 400, "Job 12 does not exist.", LH_NOT_FOUND);
    absent("/api/2.2/jobs/delete", 400, "Job 12 does not exist.", LH_NOT_FOUND);
    absent("/api/2.2/jobs/runs/get", 400, "Run: 1 in job: 2 doesn't exist", LH_NOT_FOUND);
    absent("/api/2.2/jobs/create", 400, "Job cluster key a is wrong", LH_INVALID);
    absent("/api/2.0/pipelines", 400, "Job 12 does not exist.", LH_INVALID);
}

static void test_long(void)
{
    lh_auto(lh_ws_problem) p = LH_WS_PROBLEM_INIT;
    lh_auto(lh_buf) body = LH_BUF_INIT((size_t)1 << 20);

    lh_buf_z(&body, "<pre>");
    for (int i = 0; i < 10000; i++)
        lh_buf_z(&body, "\xc3\xbc");
    lh_buf_z(&body, "</pre>");
    lh_ws_problem_read(LH_STR("/"), 500, lh_buf_slice(&body), &p);
    is_int(p.message.n, 1000, "a message is cut between characters");
}

static void merges(const char *live, const char *wanted, const char *result)
{
    json_t *a = json_loads(live, 0, NULL);
    json_t *b = json_loads(wanted, 0, NULL);
    json_t *merged = lh_ws_merge(a, b);
    char *text lh_autofree = json_dumps(merged, JSON_COMPACT | JSON_SORT_KEYS);

    is_str(text, result, wanted);
    json_decref(a);
    json_decref(b);
    json_decref(merged);
}

static void test_merge(void)
{
    merges("{\"a\":1,\"new\":{\"x\":[1]}}", "{\"a\":2}", "{\"a\":2,\"new\":{\"x\":[1]}}");
    merges("{\"tags\":{\"theirs\":\"1\",\"ours\":\"1\"}}", "{\"tags\":{\"ours\":\"2\"}}",
           "{\"tags\":{\"ours\":\"2\",\"theirs\":\"1\"}}");
    merges("{\"libraries\":[1,2]}", "{\"libraries\":[3]}", "{\"libraries\":[3]}");
    merges("{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"b\":2}");
    merges("{\"id\":9007199254740993}", "{\"b\":9223372036854775807}",
           "{\"b\":9223372036854775807,\"id\":9007199254740993}");
    merges("{\"a\":[1]}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}");
}

int main(void)
{
    RUN(test_shapes);
    RUN(test_classes);
    RUN(test_absent);
    RUN(test_long);
    RUN(test_merge);
    return tap_done();
}
