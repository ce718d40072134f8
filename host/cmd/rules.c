/* SPDX-License-Identifier: Apache-2.0 */
/* All rules of lakehost in one place, and what the user's configuration makes of them. */
#include "config.h"

#include "base/nearest.h"
#include "cmd/explain.h"
#include "generate/pipeline-spec.h"
#include "generate/python.h"
#include "manifest/manifest.h"
#include "schedule/schedule.h"
#include "json/document.h"

#include <stdlib.h>
#include <strings.h>

const struct lh_rule *const lh_rule_tables[] = {lh_schedule_rules, lh_manifest_rules,
                                                lh_pipeline_spec_rules, lh_python_rules, NULL};

const struct lh_rule *lh_rule_find(lh_str id)
{
    for (size_t t = 0; lh_rule_tables[t]; t++)
        for (const struct lh_rule *rule = lh_rule_tables[t]; rule->id; rule++)
            if (strlen(rule->id) == id.n && strncasecmp(rule->id, id.p, id.n) == 0)
                return rule;
    return NULL;
}

static const char *origin_of(const struct lh_config *config, const char *id)
{
    char *key lh_autofree = lh_xasprintf("rules.%s", id);
    const char *origin = json_string_value(json_object_get(lh_config_origins(config), key));

    return origin ? origin : "the configuration";
}

/* `off` without quotes is no YAML that all readers agree on; `false` is what some take it for. */
static bool read_severity(const json_t *value, enum lh_severity *ret)
{
    if (json_is_false(value)) {
        *ret = LH_SEVERITY_OFF;
        return true;
    }
    return json_is_string(value) && lh_severity_parse(lh_str_z(json_string_value(value)), ret);
}

static int set_one(const struct lh_config *config, const char *id, const json_t *value,
                   struct lh_findings *f, struct lh_error *e)
{
    const struct lh_rule *rule = lh_rule_find(lh_str_z(id));
    const char *origin = origin_of(config, id);
    enum lh_severity severity;
    char *found lh_autofree = NULL;

    if (!rule)
        return lh_error_set(e, LH_INVALID,
                            "%s: key rules: there is no rule %s; lakehost explain lists them",
                            origin, id);
    if (!read_severity(value, &severity)) {
        found = lh_document_describe(value);
        return lh_error_set(e, LH_INVALID,
                            "%s: key rules.%s: expected \"off\", note, warning or error, found %s",
                            origin, id, found);
    }
    lh_findings_set_severity(f, rule->id, severity);
    return 0;
}

int lh_cmd_severities(const struct lh_context *context, const struct lh_args *args,
                      struct lh_findings *f, struct lh_error *e)
{
    const json_t *rules = context->config ? lh_config_get(context->config, "rules") : NULL;
    const char *id;
    json_t *value;

    f->strict = lh_args_count(args, "strict") > 0;
    json_object_foreach((json_t *)(uintptr_t)rules, id, value)
    {
        if (!json_is_null(value) && set_one(context->config, id, value, f, e))
            return LH_INVALID;
    }
    return 0;
}
