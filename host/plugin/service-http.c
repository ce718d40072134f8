/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services of the part "http". This version of the host has no HTTP: every request is answered
 * with LH_E_UNSUPPORTED and the reason, in one place.
 */
#include "config.h"

#include "plugin/service_internal.h"

#include <strings.h>

static int not_here(lh_call *c, const char *service)
{
    int rc = lh_call_enter(c, service);

    return rc < 0 ? rc
                  : lh_call_note(c, LH_E_UNSUPPORTED,
                                 "the connector asks for HTTP (%s), which this version of lakehost "
                                 "does not have",
                                 service);
}

int lh_service_http(lh_call *c, const struct lh_http_req *req, const struct lh_http_resp **ret)
{
    (void)req;
    if (ret)
        *ret = NULL;
    return not_here(c, "http");
}

/* Promises nothing (rule 18), so there is nothing to refuse. */
void lh_service_http_prefetch(lh_call *c, const struct lh_http_req *req)
{
    (void)req;
    lh_call_enter(c, "http_prefetch");
}

int lh_service_http_again(lh_call *c, const struct lh_http_resp *resp, int64_t wait_ms, lh_str why,
                          const struct lh_http_resp **ret)
{
    (void)resp;
    (void)wait_ms;
    (void)why;
    if (ret)
        *ret = NULL;
    return not_here(c, "http_again");
}

int lh_service_http_fail(lh_call *c, const struct lh_http_resp *resp)
{
    (void)resp;
    return not_here(c, "http_fail");
}

void lh_service_http_release(lh_call *c, const struct lh_http_resp *resp)
{
    (void)resp;
    lh_call_enter(c, "http_release");
}

lh_str lh_service_http_header(const struct lh_http_resp *resp, const char *name)
{
    const struct lh_answer *answer = (const struct lh_answer *)resp;

    for (size_t i = 0; answer && name && i < answer->n_headers; i++)
        if (answer->headers[i].name.n == strlen(name) &&
            strncasecmp(answer->headers[i].name.p, name, answer->headers[i].name.n) == 0)
            return answer->headers[i].value;
    return LH_STR("");
}
