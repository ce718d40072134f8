/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Specs from anywhere: one that is accepted has a connector_spec.yaml that reads back with the
 * same options, its defaults are values, and each base is a URL or says what is missing.
 */
#include "config.h"

#include "plugin/spec.h"
#include "plugin/url.h"
#include "yaml/yaml.h"

#define FUZZ_NAME "spec"
#include "fuzz/fuzz.h"

static size_t count_parameters(const struct lh_document *d)
{
    const json_t *methods = lh_document_at(d, "/connection/auth_methods");
    size_t n = json_array_size(lh_document_at(d, "/connection/parameters"));

    for (size_t i = 0; i < json_array_size(methods); i++)
        n += json_array_size(json_object_get(json_array_get(methods, i), "parameters"));
    return n;
}

static void check_yaml(const struct lh_spec *spec)
{
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 24);
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    FUZZ_ASSERT(lh_spec_write_connector_spec(spec, &text, &e) == 0);
    if (text.n > LH_YAML_BYTES || spec->n_options > 100)
        return; /* more than a YAML reader takes */
    FUZZ_ASSERT(lh_yaml_parse(&d, lh_buf_slice(&text), "connector_spec.yaml", &e) == 0);
    FUZZ_ASSERT(
        strcmp(json_string_value(lh_document_at(&d, "/display_name")), spec->display_name) == 0);
    FUZZ_ASSERT(json_is_string(lh_document_at(&d, "/external_options_allowlist")));
    FUZZ_ASSERT(count_parameters(&d) <= spec->n_options * (spec->n_sign_in + 1));
}

static const char *any_value(const struct lh_spec_option *o)
{
    static const char *const values[] = {
        [LH_OPTION_STRING] = "a/b",  [LH_OPTION_INT] = "1",           [LH_OPTION_BOOL] = "yes",
        [LH_OPTION_LIST] = " a,,b ", [LH_OPTION_URL] = "https://h/p", [LH_OPTION_HOST] = "h:1",
        [LH_OPTION_ENUM] = "",       [LH_OPTION_TIME] = "2024-01-01", [LH_OPTION_JSON] = "{}",
    };

    return o->type == LH_OPTION_ENUM ? o->values.items[0] : values[o->type];
}

static void check_urls(const struct lh_opts *opts, const struct lh_spec *spec)
{
    for (size_t i = 0; i < spec->base.n; i++) {
        lh_auto(lh_buf) text = LH_BUF_INIT(LH_URL_BYTES * 2);
        lh_auto(lh_error) e = LH_ERROR_INIT;
        const char *missing = NULL;
        const char *why;
        struct lh_url url;
        int code = lh_opts_expand_url(opts, spec->base.items[i], &text, &missing, &e);

        FUZZ_ASSERT(code == 0 || code == LH_INVALID || code == LH_NOT_FOUND);
        FUZZ_ASSERT((code == LH_NOT_FOUND) == (missing != NULL));
        FUZZ_ASSERT(code != 0 || lh_url_split(lh_buf_slice(&text), &url, &why));
    }
}

static void check_opts(const struct lh_spec *spec)
{
    lh_autoptr(lh_opts) opts = lh_opts_new(spec, false);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    lh_opts_finish(opts, LH_STR(""), LH_STR(""), &e);
    check_urls(opts, spec);
    lh_opts_sign_in(opts);
    for (size_t i = 0; i < spec->n_options; i++)
        lh_opts_set(opts, lh_str_z(spec->options[i].name), lh_str_z(any_value(&spec->options[i])),
                    "fuzz", &e);
    check_urls(opts, spec);
    lh_opts_sign_in(opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lh_autoptr(lh_spec) spec = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    int code = lh_spec_parse(lh_str_n((const char *)data, size), "spec.json", &spec, &e);

    FUZZ_ASSERT((code == 0) == (spec != NULL) && code == e.code);
    FUZZ_ASSERT(code == 0 || code == LH_INVALID);
    if (!spec)
        return 0;
    check_yaml(spec);
    check_opts(spec);
    return 0;
}
