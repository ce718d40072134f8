/* SPDX-License-Identifier: Apache-2.0 */
/* What the Python connector of the same name says about a table: data of the spec. */
#include "config.h"

#include "catalog/catalog.h"

static const char *text_of(const json_t *object, const char *key, struct lh_arena *arena)
{
    const json_t *value = json_object_get(object, key);

    return json_is_string(value)
               ? lh_arena_copy(arena, lh_str_n(json_string_value(value), json_string_length(value)))
               : "";
}

bool lh_catalog_upstream(const struct lh_spec *spec, const char *table, struct lh_arena *arena,
                         struct lh_truth *ret)
{
    const json_t *profile = json_object_get(json_object_get(spec->upstream, "tables"), table);
    const json_t *keys = json_object_get(profile, "keys");
    struct lh_truth truth = {0};

    if (!profile)
        return false;
    truth.ingestion = text_of(profile, "type", arena);
    truth.cursor = text_of(profile, "cursor", arena);
    truth.n_keys = json_array_size(keys);
    truth.keys = lh_arena_alloc(arena, (truth.n_keys + 1) * sizeof *truth.keys);
    for (size_t i = 0; i < truth.n_keys; i++)
        truth.keys[i] = lh_arena_copy(arena, lh_str_z(json_string_value(json_array_get(keys, i))));
    *ret = truth;
    return true;
}
