/* SPDX-License-Identifier: Apache-2.0 */
/* `validate` for manifests. */
#include "config.h"

#include "cmd/validate.h"
#include "manifest/manifest.h"

/* Whether one of the names of a header, without quotes and blanks, is source_table. */
static bool names_source_table(lh_str header)
{
    for (;;) {
        const char *comma = memchr(header.p, ',', header.n);
        size_t n = comma ? (size_t)(comma - header.p) : header.n;
        lh_str name = lh_str_n(header.p, n);

        while (name.n && strchr(" \t\r\"", name.p[name.n - 1]))
            name.n--;
        while (name.n && strchr(" \t\"\xef\xbb\xbf", *name.p))
            name = lh_str_n(name.p + 1, name.n - 1);
        if (lh_str_eqz(name, "source_table"))
            return true;
        if (!comma)
            return false;
        header = lh_str_n(comma + 1, header.n - n - 1);
    }
}

bool lh_validate_is_manifest(const struct lh_validate_file *file)
{
    lh_str text = lh_buf_slice(&file->text);
    const char *end = memchr(text.p, '\n', text.n);

    return lh_validate_has_suffix(file, ".csv") ||
           names_source_table(lh_str_n(text.p, end ? (size_t)(end - text.p) : text.n));
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
