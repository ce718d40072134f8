/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts of workspaces: from what people paste to an origin, and which of Microsoft's clouds. */
#include "config.h"

#include "workspace/auth.h"

#include "plugin/url.h"

#include <strings.h>

static lh_str trimmed(lh_str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* The digits behind "o=" in "?o=123#...", where a browser keeps the workspace's id. */
static lh_str workspace_id(lh_str rest)
{
    for (size_t i = 1; i + 2 < rest.n; i++) {
        size_t n = 0;

        if ((rest.p[i - 1] != '?' && rest.p[i - 1] != '&') || rest.p[i] != 'o' ||
            rest.p[i + 1] != '=')
            continue;
        while (i + 2 + n < rest.n && rest.p[i + 2 + n] >= '0' && rest.p[i + 2 + n] <= '9')
            n++;
        return lh_str_n(rest.p + i + 2, n);
    }
    return LH_STR("");
}

/* Cuts "https://" or "http://" off; ret_rest is what comes behind the authority. */
static lh_str take_authority(lh_str s, const char **ret_scheme, lh_str *ret_rest)
{
    size_t n = 0;

    *ret_scheme = "https";
    if (s.n >= 8 && strncasecmp(s.p, "https://", 8) == 0) {
        s = lh_str_n(s.p + 8, s.n - 8);
    } else if (s.n >= 7 && strncasecmp(s.p, "http://", 7) == 0) {
        *ret_scheme = "http";
        s = lh_str_n(s.p + 7, s.n - 7);
    }
    while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
        n++;
    *ret_rest = lh_str_n(s.p + n, s.n - n);
    return lh_str_n(s.p, n);
}

int lh_auth_normalise_host(lh_str given, struct lh_buf *to, lh_str *ret_workspace_id,
                           struct lh_error *e)
{
    const char *scheme;
    lh_str rest;
    lh_str authority = take_authority(trimmed(given), &scheme, &rest);
    lh_str name;
    lh_str port;
    const char *why;
    size_t begin;

    if (!lh_url_split_authority(authority, &name, &port, &why))
        return lh_error_set(e, LH_INVALID,
                            "host: expected the URL of a workspace, such as "
                            "https://adb-1.2.azuredatabricks.net: %s",
                            why);
    if (strncasecmp(name.p, "accounts.", 9) == 0 || strncasecmp(name.p, "accounts-dod.", 13) == 0)
        return lh_error_set(e, LH_INVALID,
                            "host: %.*s is the console of an account; name the URL of a workspace",
                            LH_STR_ARG(name));
    lh_buf_f(to, "%s://", scheme);
    begin = to->n;
    lh_url_write_lower(to, name);
    if (port.n && !(lh_str_eqz(port, "443") && strcmp(scheme, "https") == 0))
        lh_buf_f(to, ":%.*s", LH_STR_ARG(port));
    *ret_workspace_id = workspace_id(rest);
    return to->n > begin ? 0 : lh_error_set(e, LH_INVALID, "host: it is too long");
}

/* --- Microsoft's clouds ----------------------------------------------------------------------- */

static const struct lh_azure_cloud clouds[] = {
    {"PUBLIC", "https://login.microsoftonline.com/", "https://management.core.windows.net/"},
    {"USGOVERNMENT", "https://login.microsoftonline.us/",
     "https://management.core.usgovcloudapi.net/"},
    {"CHINA", "https://login.chinacloudapi.cn/", "https://management.core.chinacloudapi.cn/"},
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);

    return n >= m && strcasecmp(text + n - m, end) == 0;
}

/* "AzureUSGovernmentCloud" is "USGOVERNMENT". */
static bool is_called(const char *given, const char *name)
{
    size_t n = strlen(given);

    if (strncasecmp(given, "azure", 5) == 0) {
        given += 5;
        n -= 5;
    }
    if (n >= 5 && strcasecmp(given + n - 5, "cloud") == 0)
        n -= 5;
    return strlen(name) == n && strncasecmp(given, name, n) == 0;
}

const struct lh_azure_cloud *lh_auth_azure_cloud(const char *environment, const char *host)
{
    if (environment) {
        for (size_t i = 0; i < LH_LEN(clouds); i++)
            if (is_called(environment, clouds[i].name))
                return &clouds[i];
        return NULL;
    }
    if (host && ends_with(host, ".databricks.azure.us"))
        return &clouds[1];
    if (host && ends_with(host, ".databricks.azure.cn"))
        return &clouds[2];
    return &clouds[0];
}
