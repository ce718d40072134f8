/* SPDX-License-Identifier: Apache-2.0 */
/* `validate` for pipeline specs and generated Python. */
#include "config.h"

#include "cmd/validate.h"
#include "generate/pipeline-spec.h"
#include "generate/python.h"
#include "yaml/yaml.h"

/* As large as what generate pipeline-spec makes of a large manifest. */
#define MAX_BYTES  ((size_t)64 << 20)
#define MAX_EVENTS ((size_t)10 << 20)

static bool mentions(const struct lh_validate_file *file, const char *word)
{
    return file->text.n && memmem(file->text.p, file->text.n, word, strlen(word));
}

bool lh_validate_is_pipeline_spec(const struct lh_validate_file *file)
{
    bool document = lh_validate_has_suffix(file, ".json") ||
                    lh_validate_has_suffix(file, ".yaml") || lh_validate_has_suffix(file, ".yml");

    return document && mentions(file, "connection_name") && mentions(file, "objects") &&
           !mentions(file, "ingestion_definition") && !mentions(file, "resources");
}

int lh_validate_pipeline_spec(const struct lh_validating *v, struct lh_validate_file *file,
                              struct lh_error *e)
{
    lh_auto(lh_document) d = {0};
    lh_str text = lh_buf_slice(&file->text);
    bool json = lh_validate_has_suffix(file, ".json");
    int code = json ? lh_document_parse_json(&d, text, file->path, e)
                    : lh_yaml_parse_within(&d, text, file->path, MAX_BYTES, MAX_EVENTS, e);

    if (!code)
        lh_pipeline_spec_check(&d, v->spec, v->f);
    return code;
}

bool lh_validate_is_python(const struct lh_validate_file *file)
{
    return lh_validate_has_suffix(file, ".py");
}

int lh_validate_python(const struct lh_validating *v, struct lh_validate_file *file,
                       struct lh_error *e)
{
    lh_auto(lh_error) wrong = LH_ERROR_INIT;
    struct lh_place place = {.file = file->path};

    (void)e;
    if (lh_python_check_at(lh_buf_slice(&file->text), &place.line, &place.column, &wrong))
        lh_findings_add(v->f, lh_rule_of(lh_python_rules, "LH601"), place, "%s",
                        lh_error_text(&wrong));
    return 0;
}
