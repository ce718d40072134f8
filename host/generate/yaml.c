/* SPDX-License-Identifier: Apache-2.0 */
/* Trees as YAML that has been read back. */
#include "config.h"

#include "generate/bundle.h"
#include "yaml/yaml.h"

/* What was made here may be larger than what is taken from outside. */
#define MAX_BYTES  ((size_t)1 << 30)
#define MAX_EVENTS ((size_t)100 << 20)

int lh_generate_yaml(const json_t *tree, const char *comment, const char *name, struct lh_buf *to,
                     struct lh_error *e)
{
    const struct lh_yaml_style style = {.comment = comment};
    lh_auto(lh_document) back = {0};
    size_t before = to->n;
    int code = lh_yaml_write(to, tree, &style, e);

    if (!code)
        code = lh_yaml_parse_within(&back, lh_str_n(to->p + before, to->n - before), name,
                                    MAX_BYTES, MAX_EVENTS, e);
    if (!code && !json_equal(back.root, tree))
        code =
            lh_error_set(e, LH_FAILED, "%s: what was written reads back as something else", name);
    return code ? lh_error_wrap(e, "%s", name) : 0;
}
