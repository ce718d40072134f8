/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands `generate ...` share; see generate.h. */
#include "config.h"

#include "cmd/explain.h"
#include "cmd/generate.h"
#include "config/data.h"

void lh_generate_input_free(struct lh_generate_input *in)
{
    lh_plan_free(&in->plan);
    lh_manifest_free(&in->manifest);
    lh_plugin_info_free(&in->plugin);
    if (in->templates)
        lh_templates_destroy(in->templates);
}

/*
 * What lakehost's connector of the name says of its options. There need not be one; one that cannot
 * be used is a warning, because then less is checked than the user thinks.
 */
static int find_plugin(const struct lh_context *context, const struct lh_args *args,
                       struct lh_generate_input *in, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {.arena = LH_ARENA_INIT};
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (code)
        return code;
    code = lh_plugin_find(&plugins.policy, in->connector, &in->plugin, &why);
    if (code == LH_BAD_PLUGIN)
        lh_log_warn(context->log, "options are not checked: %s", lh_error_text(&why));
    else if (code)
        lh_log_debug(context->log, "options are not checked: %s", lh_error_text(&why));
    return 0;
}

/* Whatever is wrong is printed, all of it; pipelines run the Python connector. */
static int read_manifest(struct lh_context *context, const struct lh_args *args,
                         struct lh_generate_input *in, struct lh_error *e)
{
    const struct lh_manifest_defaults defaults = {
        .connection_name = lh_args_get(args, "connection-name"),
        .destination_catalog = lh_args_get(args, "dest-catalog"),
        .destination_schema = lh_args_get(args, "dest-schema"),
    };
    const struct lh_manifest_policy policy = {.spec = in->plugin.spec};
    lh_auto(lh_findings) findings = LH_FINDINGS_INIT;
    lh_autofree char *path = NULL;

    if (lh_input_path(args, &path, e) || lh_cmd_severities(context, args, &findings, e))
        return e->code;
    return lh_input_read(context, path, &defaults, &policy, &in->manifest, &findings, e);
}

static enum lh_framework framework_of(const struct lh_args *args)
{
    const char *name = lh_args_get(args, "framework");

    return name && strcmp(name, "package") == 0 ? LH_FRAMEWORK_PACKAGE : LH_FRAMEWORK_CLASSIC;
}

int lh_cmd_generate_begin(struct lh_context *context, const struct lh_args *args,
                          struct lh_plan_request *plan, struct lh_generate_input *in,
                          struct lh_error *e)
{
    int code;

    in->connector = lh_args_get(args, "connector-name");
    code = in->connector ? lh_generate_check_connector(in->connector, e) : 0;
    if (!code && in->connector)
        code = find_plugin(context, args, in, e);
    plan->spec = in->plugin.spec;
    if (!code)
        code = read_manifest(context, args, in, e);
    if (!code)
        code = lh_plan_make(&in->manifest, plan, &in->plan, e);
    in->templates = lh_templates_new(lh_args_get(args, "template-dir"), lh_data_folder());
    in->request = (struct lh_generate_request){
        .connector = in->connector, .framework = framework_of(args), .templates = in->templates};
    return code;
}

int lh_cmd_generate_commit(struct lh_tree *tree, struct lh_error *e)
{
    lh_auto(lh_buf) paths = LH_BUF_INIT((size_t)1 << 30);
    int code = lh_tree_commit(tree, e);

    if (code)
        return code;
    for (size_t i = 0; i < tree->n; i++)
        lh_buf_f(&paths, "%s/%s\n", tree->path, tree->files[i].path);
    return lh_print(&paths, e);
}
