/* SPDX-License-Identifier: Apache-2.0 */
/* What generators share: checks of names, and parts of a plan as values of templates. */
#include "config.h"

#include "generate/generate.h"

/* --- checks ------------------------------------------------------------------------------- */

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int lh_generate_check_connector(const char *name, struct lh_error *e)
{
    size_t n = strlen(name);
    bool good = n && n <= 64 && is_letter_or_digit(name[0]) && is_letter_or_digit(name[n - 1]) &&
                !(name[0] >= '0' && name[0] <= '9');

    for (size_t i = 0; good && i < n; i++)
        good = is_letter_or_digit(name[i]) || name[i] == '_' || name[i] == '-';
    if (good)
        return 0;
    return lh_error_set(e, LH_USAGE,
                        "--connector-name: expected letters, digits, '_' and '-', a letter first, "
                        "at most 64, found \"%.80s\"",
                        name);
}

int lh_generate_check_destination(const struct lh_plan *plan, const struct lh_plan_table *table,
                                  struct lh_error *e)
{
    if (!table->catalog.n)
        return lh_plan_error(plan->manifest, table->row, LH_MF_DESTINATION_CATALOG, e,
                             "table \"%.*s\" has none: give --catalog", LH_STR_ARG(table->source));
    if (!table->schema.n)
        return lh_plan_error(plan->manifest, table->row, LH_MF_DESTINATION_SCHEMA, e,
                             "table \"%.*s\" has none: give --schema", LH_STR_ARG(table->source));
    return 0;
}

int lh_generate_check_connection(const struct lh_plan *plan,
                                 const struct lh_plan_pipeline *pipeline, struct lh_error *e)
{
    if (pipeline->connection.n)
        return 0;
    return lh_plan_error(plan->manifest, pipeline->tables[0].row, LH_MF_CONNECTION_NAME, e,
                         "group \"%.*s\" has none: give --connection-name",
                         LH_STR_ARG(pipeline->group));
}

/* --- values ------------------------------------------------------------------------------- */

const struct lh_tpl_value *lh_generate_names_value(const struct lh_plan_names *names,
                                                   struct lh_arena *a)
{
    struct lh_tpl_value *list = lh_tpl_list(a);

    for (size_t i = 0; i < names->n; i++)
        lh_tpl_append(a, list, lh_tpl_text(a, names->items[i]));
    return list;
}

const struct lh_tpl_value *lh_generate_configuration(const struct lh_plan_table *table,
                                                     struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    if (table->scd_type.n)
        lh_tpl_set(a, map, LH_STR("scd_type"), lh_tpl_text(a, table->scd_type));
    if (table->primary_keys.n)
        lh_tpl_set(a, map, LH_STR("primary_keys"),
                   lh_generate_names_value(&table->primary_keys, a));
    if (table->sequence_by.n)
        lh_tpl_set(a, map, LH_STR("sequence_by"), lh_tpl_text(a, table->sequence_by));
    if (table->cluster_by.n)
        lh_tpl_set(a, map, LH_STR("cluster_by"), lh_generate_names_value(&table->cluster_by, a));
    for (size_t i = 0; i < table->n_options; i++)
        lh_tpl_set(a, map, table->options[i].name, lh_tpl_text(a, table->options[i].value));
    return map;
}

const struct lh_tpl_value *lh_generate_options_value(const struct lh_plan_table *table,
                                                     struct lh_arena *a)
{
    struct lh_tpl_value *map = lh_tpl_map(a);

    for (size_t i = 0; i < table->n_options; i++)
        lh_tpl_set(a, map, table->options[i].name, lh_tpl_text(a, table->options[i].value));
    return map;
}

void lh_generate_sql_part(struct lh_buf *to, lh_str part)
{
    bool plain = part.n > 0 && !(part.p[0] >= '0' && part.p[0] <= '9');

    for (size_t i = 0; plain && i < part.n; i++)
        plain = (part.p[i] >= 'a' && part.p[i] <= 'z') || (part.p[i] >= 'A' && part.p[i] <= 'Z') ||
                (part.p[i] >= '0' && part.p[i] <= '9') || part.p[i] == '_';
    if (!plain)
        lh_buf_char(to, '`');
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] == '`')
            lh_buf_char(to, '`');
        lh_buf_char(to, part.p[i]);
    }
    if (!plain)
        lh_buf_char(to, '`');
}
