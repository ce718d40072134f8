/* SPDX-License-Identifier: Apache-2.0 */
/* `validate` for manifests. */
#include "config.h"

#include "cmd/validate.h"
#include "manifest/manifest.h"

bool lh_validate_is_manifest(const struct lh_validate_file *file)
{
    lh_str text = lh_buf_slice(&file->text);
    const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
    size_t header = end ? (size_t)(end - text.p) : text.n;

    return lh_validate_has_suffix(file, ".csv") ||
           (header && memmem(text.p, header, "source_table", strlen("source_table")));
}

int lh_validate_manifest(const struct lh_validating *v, struct lh_validate_file *file,
                         struct lh_error *e)
{
    lh_auto(lh_manifest) m = LH_MANIFEST_INIT;

    (void)e;
    lh_manifest_take(&file->text, file->path, &m, v->f);
    lh_manifest_check(&m, &(struct lh_manifest_policy){v->spec, v->native}, v->f);
    return 0;
}
