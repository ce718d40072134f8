/* SPDX-License-Identifier: Apache-2.0 */
/* The files that `discover` writes; see discover.h. */
#include "config.h"

#include "cmd/discover.h"

#include "base/file.h"

#define OUTPUT_MAX ((size_t)1 << 30)

struct output {
    const char *path; /* NULL: not wanted */
    const char *flag;
    struct lh_buf text;
    struct lh_file_writer writer;
};

struct naming {
    struct lh_catalog *catalog;
    const struct lh_classifier *classifier;
};

static void output_free(struct output *o)
{
    lh_file_writer_free(&o->writer);
    lh_buf_free(&o->text);
}

static const char *category_of(void *arg, const struct lh_catalog_table *t)
{
    const struct naming *naming = arg;

    return lh_catalog_category(naming->catalog, t, naming->classifier);
}

static int begin(struct output *o, struct lh_error *e)
{
    int code = 0;

    if (!o->path)
        return 0;
    if (o->text.failed)
        return lh_error_set(e, LH_FAILED, "%s: the result has more than %zu bytes", o->flag,
                            OUTPUT_MAX);
    if (lh_file_descriptor(o->path) < 0)
        code = lh_file_make_folders_of(o->path, e);
    if (!code)
        code = lh_file_writer_begin(&o->writer, o->path, 0, e);
    if (!code)
        code = lh_file_writer_append(&o->writer, lh_buf_slice(&o->text), e);
    return code;
}

/* A descriptor cannot be taken back, so it comes when all files are ready. */
static int write_both(struct output *first, struct output *last, struct lh_error *e)
{
    int code = begin(first, e);

    if (!code)
        code = begin(last, e);
    if (!code && first->path)
        code = lh_file_writer_commit(&first->writer, e);
    if (!code && last->path)
        code = lh_file_writer_commit(&last->writer, e);
    return code;
}

int lh_discover_write(const struct lh_discover *d, const struct lh_manifest *manifest,
                      struct lh_catalog *catalog, struct lh_error *e)
{
    __attribute__((cleanup(output_free))) struct output csv = {.path = d->csv,
                                                               .flag = "--output-csv",
                                                               .text = LH_BUF_INIT(OUTPUT_MAX),
                                                               .writer = LH_FILE_WRITER_INIT};
    __attribute__((cleanup(output_free))) struct output json = {.path = d->json,
                                                                .flag = "--output-json",
                                                                .text = LH_BUF_INIT(OUTPUT_MAX),
                                                                .writer = LH_FILE_WRITER_INIT};
    struct naming naming = {catalog, &d->classifier};

    if (d->csv)
        lh_manifest_format(manifest, &csv.text);
    if (d->json)
        lh_catalog_write(catalog, d->rows.native ? "native" : "upstream", category_of, &naming,
                         &json.text);
    return d->csv && lh_file_descriptor(d->csv) >= 0 ? write_both(&json, &csv, e)
                                                     : write_both(&csv, &json, e);
}
