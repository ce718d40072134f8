/* SPDX-License-Identifier: Apache-2.0 */
/* The entry point of a pipeline in a Git folder, and its settings; see sdp.h. */
#include "config.h"

#include "base/slug.h"
#include "generate/sdp.h"
#include "json/document.h"

/* Where the engine's file system has what the workspace calls /Users, /Repos or /Shared. */
static lh_str root_of(const struct lh_sdp_request *r, struct lh_arena *a)
{
    static const char *const tops[] = {"/Users/", "/Repos/", "/Shared/"};

    for (size_t i = 0; i < LH_LEN(tops); i++)
        if (strncmp(r->repo_path, tops[i], strlen(tops[i])) == 0)
            return lh_tpl_format(a, "/Workspace%s", r->repo_path);
    return lh_str_z(r->repo_path);
}

/* As the originals made it: lower case, '_' for what an identifier does not have. */
static void sanitize(struct lh_buf *to, lh_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (c >= 'A' && c <= 'Z')
            lh_buf_char(to, (char)(c - 'A' + 'a'));
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
            lh_buf_char(to, c);
        else if (((unsigned char)c & 0xc0) != 0x80) /* one for a character */
            lh_buf_char(to, '_');
    }
}

static lh_str destination_of(const struct lh_sdp_request *r, const struct lh_plan_table *t,
                             struct lh_arena *a)
{
    lh_auto(lh_buf) name = LH_BUF_INIT((size_t)16 << 20);
    lh_auto(lh_buf) full = LH_BUF_INIT((size_t)16 << 20);

    lh_buf_z(&name, r->table_prefix);
    sanitize(&name, t->table);
    if (!lh_str_eqz(t->catalog, r->catalog) || !lh_str_eqz(t->schema, r->schema)) {
        lh_generate_sql_part(&full, t->catalog);
        lh_buf_char(&full, '.');
        lh_generate_sql_part(&full, t->schema);
        lh_buf_char(&full, '.');
    }
    lh_generate_sql_part(&full, lh_buf_slice(&name));
    return lh_arena_str(a, lh_buf_slice(&full));
}

static int set_destinations(const struct lh_plan *plan, const struct lh_sdp_request *r,
                            struct lh_arena *a, lh_str *names, struct lh_error *e)
{
    const struct lh_plan_pipeline *p = &plan->pipelines[0];
    lh_auto(lh_map) seen = LH_MAP_INIT(NULL);
    int code = 0;

    for (size_t i = 0; !code && i < p->n; i++) {
        code = lh_generate_check_destination(plan, &p->tables[i], e);
        names[i] = destination_of(r, &p->tables[i], a);
        if (!code && !lh_map_set(&seen, names[i], NULL))
            code = lh_plan_error(plan->manifest, p->tables[i].row, LH_MF_DESTINATION_TABLE, e,
                                 "two tables would be called %.*s; give one a destination_table",
                                 LH_STR_ARG(names[i]));
    }
    return code;
}

static const struct lh_tpl_value *table_value(const struct lh_plan_table *t, lh_str destination,
                                              const char *slug, struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    lh_tpl_set_text(a, map, "source_table", t->source);
    lh_tpl_set_text(a, map, "destination", destination);
    lh_tpl_set_text(a, map, "comment",
                    lh_tpl_format(a, "Table %.*s of the source", LH_STR_ARG(t->source)));
    lh_tpl_set_text(a, map, "function", lh_tpl_format(a, "table_%s", slug));
    lh_tpl_set(a, map, LH_STR("options"), lh_generate_options_value(t, a));
    lh_tpl_set(a, map, LH_STR("cluster_by"), lh_tpl_bool(t->cluster_by.n > 0));
    lh_tpl_set(a, map, LH_STR("cluster_by_list"), lh_generate_names_value(&t->cluster_by, a));
    return map;
}

static int entry_value(const struct lh_plan *plan, const struct lh_sdp_request *r,
                       struct lh_arena *a, const struct lh_tpl_value **ret, struct lh_error *e)
{
    const struct lh_plan_pipeline *p = &plan->pipelines[0];
    struct lh_tpl_value *map = lh_tpl_map(a);
    struct lh_tpl_value *tables = lh_tpl_list(a);
    lh_str *names = lh_arena_alloc(a, p->n * sizeof *names);
    const char **slugs;
    int code = lh_generate_check_connection(plan, p, e);

    if (!code)
        code = set_destinations(plan, r, a, names, e);
    if (code)
        return code;
    slugs = lh_slugs(names, p->n, a);
    lh_tpl_set_text(a, map, "connector", lh_str_z(r->base.connector));
    lh_tpl_set_text(a, map, "connection", p->connection);
    lh_tpl_set_text(a, map, "repo_path", root_of(r, a));
    lh_tpl_set_text(a, map, "banner",
                    lh_tpl_format(a, "%s pipeline from a Git folder", r->base.connector));
    lh_tpl_set(a, map, LH_STR("tables"), tables);
    for (size_t i = 0; i < p->n; i++)
        lh_tpl_append(a, tables, table_value(&p->tables[i], names[i], slugs[i], a));
    *ret = map;
    return 0;
}

static int add_settings(const struct lh_sdp_request *r, struct lh_tree *tree, struct lh_error *e)
{
    const char *connector = r->base.connector;
    char *file lh_autofree = lh_xasprintf("%s_pipeline.json", connector);
    char *path lh_autofree =
        lh_xasprintf("%s/sources/%s/sdp_ingest/%s_sdp", r->repo_path, connector, connector);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:[{s:{s:s}}]}", "name",
                          r->pipeline_name, "catalog", r->catalog, "schema", r->schema, "channel",
                          r->channel, "continuous", 0, "development", 1, "photon", 1, "serverless",
                          1, "libraries", "notebook", "path", path);
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    char *json lh_autofree = lh_document_dump(o, 2);

    json_decref(o);
    lh_buf_f(&text, "%s\n", json);
    return lh_tree_add(tree, lh_str_z(file), lh_buf_slice(&text), 0, e);
}

int lh_generate_sdp(const struct lh_plan *plan, const struct lh_sdp_request *request,
                    struct lh_tree *tree, struct lh_error *e)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;
    char *file lh_autofree = lh_xasprintf("%s_sdp.py", request->base.connector);
    const struct lh_template *t = NULL;
    const struct lh_tpl_value *map = NULL;
    int code = lh_templates_get(request->base.templates, "sdp/entry.py", &t, e);

    if (!code)
        code = entry_value(plan, request, &a, &map, e);
    if (!code)
        code = lh_generate_python(t, map, file, tree, e);
    return code ? code : add_settings(request, tree, e);
}
