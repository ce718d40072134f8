/* SPDX-License-Identifier: Apache-2.0 */
/* Finding templates by name: the user's own before the bundled ones, each read once. */
#include "config.h"

#include "base/file.h"
#include "base/map.h"
#include "generate/template_internal.h"

#include <stdlib.h>
#include <unistd.h>

struct lh_templates {
    char *own; /* NULL: none */
    char *bundled;
    struct lh_map known; /* name -> template; NULL while it is being read */
};

static void destroy_template(void *t)
{
    if (t)
        lh_template_destroy(t);
}

struct lh_templates *lh_templates_new(const char *own, const char *bundled)
{
    struct lh_templates *t = lh_xcalloc(1, sizeof *t);

    *t = (struct lh_templates){.own = own ? lh_xstrdup(own) : NULL,
                               .bundled = lh_xstrdup(bundled),
                               .known = LH_MAP_INIT(destroy_template)};
    return t;
}

void lh_templates_destroy(struct lh_templates *t)
{
    lh_map_free(&t->known);
    free(t->own);
    free(t->bundled);
    free(t);
}

/* A name leads to no other folder: parts of letters, digits, '_', '-', '.', none begins with '.'.
 */
static bool is_safe(const char *name)
{
    bool first = true;

    for (const char *c = name; *c; c++) {
        if (first && (*c == '.' || *c == '/'))
            return false;
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr("_-./", *c)))
            return false;
        first = *c == '/';
    }
    return *name && !first;
}

static char *own_path(const struct lh_templates *t, const char *name)
{
    return t->own ? lh_xasprintf("%s/%s", t->own, name) : NULL;
}

bool lh_templates_is_own(const struct lh_templates *t, const char *name)
{
    char *path lh_autofree = own_path(t, name);

    return path && is_safe(name) && access(path, F_OK) == 0;
}

static int find(void *context, const char *name, const struct lh_template **ret, struct lh_error *e)
{
    return lh_templates_get(context, name, ret, e);
}

static int read_template(struct lh_templates *t, const char *name, struct lh_template **ret,
                         struct lh_error *e)
{
    bool own = lh_templates_is_own(t, name);
    char *path lh_autofree = own ? own_path(t, name) : lh_xasprintf("%s/%s", t->bundled, name);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_TPL_BYTES);
    int code = lh_file_read(path, LH_TPL_BYTES, LH_FILE_REGULAR, &text, e);
    size_t n = text.n;

    if (code)
        return lh_error_wrap(e, "template %s", name);
    return lh_template_parse(own ? path : name, text.p ? lh_buf_take(&text) : lh_xstrdup(""), n,
                             find, t, ret, e);
}

int lh_templates_get(struct lh_templates *t, const char *name, const struct lh_template **ret,
                     struct lh_error *e)
{
    lh_str key = lh_str_z(name);
    struct lh_template *read = NULL;
    int code;

    if (!is_safe(name))
        return lh_error_set(e, LH_INVALID, "\"%s\" is no name of a template", name);
    if (lh_map_has(&t->known, key)) {
        *ret = lh_map_get(&t->known, key);
        if (*ret)
            return 0;
        return lh_error_set(e, LH_INVALID, "template %s includes itself", name);
    }
    lh_map_set(&t->known, key, NULL);
    code = read_template(t, name, &read, e);
    if (code) {
        lh_map_remove(&t->known, key);
        return code;
    }
    lh_map_set(&t->known, key, read);
    *ret = read;
    return 0;
}
