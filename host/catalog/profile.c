/* SPDX-License-Identifier: Apache-2.0 */
/* What the Python connector of the same name says about a table: data of the spec. */
#include "config.h"

#include "catalog/catalog.h"

bool lh_catalog_upstream(const struct lh_spec *spec, const char *table, struct lh_arena *arena,
                         struct lh_truth *ret)
{
    struct lh_upstream up;
    struct lh_truth truth = {0};

    if (!lh_spec_upstream(spec, lh_str_z(table), &up))
        return false;
    truth.ingestion = lh_arena_copy(arena, lh_str_z(up.type));
    truth.cursor = lh_arena_copy(arena, lh_str_z(up.cursor));
    truth.n_keys = json_array_size(up.keys);
    truth.keys = lh_arena_alloc(arena, (truth.n_keys + 1) * sizeof *truth.keys);
    for (size_t i = 0; i < truth.n_keys; i++)
        truth.keys[i] =
            lh_arena_copy(arena, lh_str_z(json_string_value(json_array_get(up.keys, i))));
    *ret = truth;
    return true;
}
