/* SPDX-License-Identifier: Apache-2.0 */
/* Merging and checking the layers of the configuration; see configuration.h. */
#include "config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "config/configuration.h"
#include "yaml/yaml.h"
#include "json/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VARIABLE_PREFIX "LAKEHOST_"

struct lh_config {
    json_t *tree;
    json_t *origins;
};

/* Variables that are no keys: --config's own, and those of the build tree's wrapper. */
static const char *const other_variables[] = {"LAKEHOST_CONFIG",       "LAKEHOST_PKGDATADIR",
                                              "LAKEHOST_CONNECTORDIR", "LAKEHOST_LIBEXECDIR",
                                              "LAKEHOST_VALGRIND",     "LAKEHOST_GDB"};

/* One layer being merged: a document and how its places are called in an origin. */
struct layer {
    struct lh_config *config;
    const struct lh_document *document;
    const char *origin; /* for all of it; NULL: the document's places */
};

void lh_config_destroy(struct lh_config *config)
{
    json_decref(config->tree);
    json_decref(config->origins);
    free(config);
}

char *lh_config_variable(const char *key)
{
    char *name = lh_xasprintf(VARIABLE_PREFIX "%s", key);

    for (char *p = name; *p; p++)
        *p = *p == '.' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    return name;
}

static const struct lh_config_key *find_key(const char *key)
{
    for (const struct lh_config_key *k = lh_config_keys; k->key; k++)
        if (strcmp(k->key, key) == 0)
            return k;
    return NULL;
}

/* Whether some key lies below: "repo" is above "repo.url". */
static bool is_section(const char *key)
{
    size_t n = strlen(key);

    for (const struct lh_config_key *k = lh_config_keys; k->key; k++)
        if (strncmp(k->key, key, n) == 0 && (n == 0 || k->key[n] == '.'))
            return true;
    return false;
}

static bool all_strings(const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item) if (!json_is_string(item)) return false;
    return json_is_array(list);
}

static bool all_string_values(const json_t *map)
{
    json_t *value;
    const char *key;

    json_object_foreach((json_t *)(uintptr_t)map, key,
                        value) if (!json_is_string(value)) return false;
    return json_is_object(map);
}

/* What was expected, or NULL when the value fits. null unsets any key. */
static const char *misfit(const struct lh_config_key *key, const json_t *value)
{
    size_t at = 0;
    lh_str part;

    if (json_is_null(value))
        return NULL;
    switch (key->type) {
    case LH_CONFIG_STRING:
        return json_is_string(value) ? NULL : "a string";
    case LH_CONFIG_BOOL:
        return json_is_boolean(value) ? NULL : "true or false";
    case LH_CONFIG_COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0 &&
                       json_integer_value(value) <= INT32_MAX
                   ? NULL
                   : "a whole number";
    case LH_CONFIG_CHOICE:
        while (json_is_string(value) && (part = lh_str_part(key->values, '|', &at)).n)
            if (lh_str_eqz(part, json_string_value(value)))
                return NULL;
        return key->values;
    case LH_CONFIG_STRINGS:
    case LH_CONFIG_PATHS:
        return all_strings(value) ? NULL : "a list of strings";
    case LH_CONFIG_STRING_LIST:
        return json_is_string(value) || all_strings(value) ? NULL : "a list of strings";
    case LH_CONFIG_LIST:
        return json_is_array(value) ? NULL : "a list";
    case LH_CONFIG_STRING_MAP:
        return all_string_values(value) ? NULL : "a map of strings";
    case LH_CONFIG_MAP:
    default:
        return json_is_object(value) ? NULL : "a map";
    }
}

static char *dotted(const char *parent, const char *name)
{
    return *parent ? lh_xasprintf("%s.%s", parent, name) : lh_xstrdup(name);
}

/* Forgets where key and all below it came from. */
static void drop_origins(struct lh_config *config, const char *key)
{
    size_t n = strlen(key);
    const char *known;
    json_t *value;
    void *next;

    json_object_foreach_safe(config->origins, next, known,
                             value) if (strncmp(known, key, n) == 0 &&
                                        (known[n] == '.' || !known[n]))
        json_object_del(config->origins, known);
}

static void note_origin(const struct layer *layer, const char *key, const char *pointer)
{
    char *origin lh_autofree = NULL;
    size_t line;
    size_t column;

    drop_origins(layer->config, key);
    if (layer->origin) {
        origin = lh_xstrdup(layer->origin);
    } else {
        lh_document_place(layer->document, pointer, &line, &column);
        origin = lh_xasprintf("%s:%zu:%zu", layer->document->name, line, column);
    }
    json_object_set_new(layer->config->origins, key, json_string(origin));
}

static lh_str key_name(const void *keys, size_t i)
{
    return lh_str_z(((const struct lh_config_key *)keys)[i].key);
}

static size_t count_keys(void)
{
    size_t n = 0;

    while (lh_config_keys[n].key)
        n++;
    return n;
}

static int unknown_key(const struct layer *layer, const char *key, const char *pointer,
                       struct lh_error *e)
{
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);

    lh_nearest_hint(lh_str_z(key), key_name, lh_config_keys, count_keys(), &hint);
    return lh_document_error(layer->document, pointer, e, "unknown key%s", lh_buf_text(&hint));
}

static int merge_section(const struct layer *layer, json_t *into, const json_t *from,
                         const char *key, const char *pointer, struct lh_error *e);

/* The map at `name` of a section, made when it is not there or was unset. */
static json_t *subsection(json_t *into, const char *name)
{
    json_t *map = json_object_get(into, name);

    if (!json_is_object(map)) {
        map = json_object();
        json_object_set_new(into, name, map);
    }
    return map;
}

/* A user's own map is merged name by name like a section. */
static void merge_map(const struct layer *layer, json_t *into, const json_t *from, const char *key,
                      const char *pointer)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)from, name, value)
    {
        char *below lh_autofree = dotted(key, name);
        char *pointer_below lh_autofree = lh_pointer_join(pointer, name);

        if (json_is_object(value)) {
            merge_map(layer, subsection(into, name), value, below, pointer_below);
            continue;
        }
        json_object_set(into, name, value);
        note_origin(layer, below, pointer_below);
    }
}

/* The first member or element that is no string, with its pointer; NULL when all are. */
static const json_t *not_a_string(const json_t *value, const char *pointer, char **ret_pointer)
{
    const char *name;
    json_t *item;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)value, name, item) if (!json_is_string(item))
    {
        *ret_pointer = lh_pointer_join(pointer, name);
        return item;
    }
    json_array_foreach(value, i, item) if (!json_is_string(item))
    {
        *ret_pointer = lh_pointer_index(pointer, i);
        return item;
    }
    return NULL;
}

/* A value that does not fit; in a list or map of strings, the part that does not. */
static int complain(const struct layer *layer, const json_t *value, const char *pointer,
                    const char *expected, struct lh_error *e)
{
    bool of_strings = strstr(expected, "of strings") != NULL;
    bool right_kind =
        strncmp(expected, "a map", 5) == 0 ? json_is_object(value) : json_is_array(value);
    char *below lh_autofree = NULL;
    char *found lh_autofree = NULL;
    const json_t *part = NULL;

    if (of_strings && right_kind)
        part = not_a_string(value, pointer, &below);
    found = lh_document_describe(part ? part : value);
    return lh_document_error(layer->document, part ? below : pointer, e, "expected %s, found %s",
                             part ? "a string" : expected, found);
}

static int merge_value(const struct layer *layer, json_t *into, const char *name, json_t *value,
                       const char *key, const char *pointer, struct lh_error *e)
{
    const struct lh_config_key *known = find_key(key);
    const char *expected;

    if (!known && is_section(key)) {
        if (json_is_object(value))
            return merge_section(layer, subsection(into, name), value, key, pointer, e);
        expected = "a map";
    } else if (!known) {
        return unknown_key(layer, key, pointer, e);
    } else {
        expected = misfit(known, value);
    }
    if (expected)
        return complain(layer, value, pointer, expected, e);
    if (json_is_object(value)) {
        merge_map(layer, subsection(into, name), value, key, pointer);
        return 0;
    }
    json_object_set(into, name, value);
    note_origin(layer, key, pointer);
    return 0;
}

static int merge_section(const struct layer *layer, json_t *into, const json_t *from,
                         const char *key, const char *pointer, struct lh_error *e)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)from, name, value)
    {
        char *below lh_autofree = dotted(key, name);
        char *pointer_below lh_autofree = lh_pointer_join(pointer, name);
        int code = merge_value(layer, into, name, value, below, pointer_below, e);

        if (code)
            return code;
    }
    return 0;
}

static bool is_missing(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* A file as a layer. An empty file is an empty layer. */
static int merge_file(struct lh_config *config, const char *path, const char *origin,
                      bool must_exist, struct lh_error *e)
{
    lh_auto(lh_document) document = {0};
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    struct layer layer = {config, &document, origin};

    if (!path || (!must_exist && is_missing(path)))
        return 0;
    if (lh_document_read(&document, path, &problem)) {
        lh_error_wrap(&problem, "read the configuration");
        return lh_error_move(e, &problem);
    }
    if (json_is_null(document.root))
        return 0;
    if (!json_is_object(document.root)) {
        char *found lh_autofree = lh_document_describe(document.root);

        return lh_document_error(&document, "", e, "expected a map of settings, found %s", found);
    }
    return merge_section(&layer, config->tree, document.root, "", "", e);
}

/* "a:b" as a list; empty parts are left out. NULL when it is not UTF-8. */
static json_t *split_paths(const char *text)
{
    json_t *list = json_array();

    while (*text) {
        size_t n = strcspn(text, ":");

        if (n && json_array_append_new(list, json_stringn(text, n))) {
            json_decref(list);
            return NULL;
        }
        text += n + (text[n] == ':');
    }
    return list;
}

/* One value given as text, by a variable or a flag. */
static int merge_text(struct lh_config *config, const struct lh_config_key *key, const char *text,
                      const char *origin, struct lh_error *e)
{
    lh_auto(lh_document) document = {0};
    struct layer layer = {config, &document, origin};
    bool plain = key->type == LH_CONFIG_STRING || key->type == LH_CONFIG_CHOICE;
    char *path lh_autofree = lh_xstrdup(key->key);
    json_t *into = config->tree;
    const char *expected;
    char *rest = path;

    if (plain)
        document.root = json_string(text);
    else if (key->type == LH_CONFIG_PATHS)
        document.root = split_paths(text);
    else if (lh_yaml_parse(&document, lh_str_z(text), origin, e))
        return e ? e->code : LH_INVALID;
    expected = document.root ? misfit(key, document.root) : "text in UTF-8";
    if (expected)
        return lh_error_set(e, LH_INVALID, "%s: key %s: expected %s, found \"%s\"", origin,
                            key->key, expected, text);
    for (char *dot = strchr(rest, '.'); dot; dot = strchr(rest, '.')) {
        *dot = '\0';
        into = subsection(into, rest);
        rest = dot + 1;
    }
    if (json_is_object(document.root)) {
        merge_map(&layer, subsection(into, rest), document.root, key->key, "");
        return 0;
    }
    json_object_set(into, rest, document.root);
    note_origin(&layer, key->key, "");
    return 0;
}

static const struct lh_config_key *key_of_variable(lh_str name)
{
    for (const struct lh_config_key *k = lh_config_keys; k->key; k++) {
        char *variable lh_autofree = lh_config_variable(k->key);

        if (lh_str_eqz(name, variable))
            return k;
    }
    return NULL;
}

static void warn_of_variable(struct lh_log *log, lh_str name)
{
    lh_auto(lh_arena) arena = LH_ARENA_INIT;
    lh_auto(lh_buf) hint = LH_BUF_INIT(LH_BUF_TEXT);
    size_t n = count_keys();
    lh_str *names lh_autofree = lh_xcalloc(n, sizeof *names);

    for (size_t i = 0; i < LH_LEN(other_variables); i++)
        if (lh_str_eqz(name, other_variables[i]))
            return;
    for (size_t i = 0; i < n; i++) {
        char *variable lh_autofree = lh_config_variable(lh_config_keys[i].key);

        names[i] = lh_arena_str(&arena, lh_str_z(variable));
    }
    lh_nearest_hint(name, lh_nearest_slice, names, n, &hint);
    lh_log_warn(log, "environment variable %.*s is no setting of lakehost and is ignored%s",
                LH_STR_ARG(name), lh_buf_text(&hint));
}

static int merge_environment(struct lh_config *config, char *const *environ, struct lh_log *log,
                             struct lh_error *e)
{
    for (; environ && *environ; environ++) {
        const char *equals = strchr(*environ, '=');
        const struct lh_config_key *key;
        char *origin lh_autofree = NULL;
        lh_str name;

        if (!equals || strncmp(*environ, VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) != 0)
            continue;
        name = lh_str_n(*environ, (size_t)(equals - *environ));
        key = key_of_variable(name);
        if (!key) {
            warn_of_variable(log, name);
            continue;
        }
        origin = lh_xasprintf("environment %.*s", LH_STR_ARG(name));
        if (merge_text(config, key, equals + 1, origin, e))
            return e ? e->code : LH_INVALID;
    }
    return 0;
}

int lh_config_load(const struct lh_config_sources *sources, struct lh_log *log,
                   struct lh_config **ret, struct lh_error *e)
{
    lh_autoptr(lh_config) config = lh_xcalloc(1, sizeof *config);
    int code;

    config->tree = json_object();
    config->origins = json_object();
    code = merge_file(config, sources->bundled, "default", true, e);
    if (!code)
        code = merge_file(config, sources->user, NULL, false, e);
    if (!code)
        code = merge_file(config, sources->folder, NULL, false, e);
    if (!code)
        code = merge_file(config, sources->explicit, NULL, true, e);
    if (!code)
        code = merge_environment(config, sources->environ, log, e);
    if (!code)
        *ret = lh_take(config);
    return code;
}

int lh_config_set(struct lh_config *config, const char *key, const char *text, const char *flag,
                  struct lh_error *e)
{
    const struct lh_config_key *known = find_key(key);

    if (!known)
        return lh_error_set(e, LH_INVALID, "%s: there is no setting %s", flag, key);
    return merge_text(config, known, text, flag, e);
}

const json_t *lh_config_get(const struct lh_config *config, const char *key)
{
    const json_t *value = config->tree;
    size_t at = 0;
    lh_str part;

    while (value && (part = lh_str_part(key, '.', &at)).n)
        value = json_object_getn(value, part.p, part.n);
    return json_is_null(value) ? NULL : value;
}

const char *lh_config_string(const struct lh_config *config, const char *key)
{
    return json_string_value(lh_config_get(config, key));
}

bool lh_config_bool(const struct lh_config *config, const char *key, bool if_unset)
{
    const json_t *value = lh_config_get(config, key);

    return value ? json_is_true(value) : if_unset;
}

int64_t lh_config_count(const struct lh_config *config, const char *key, int64_t if_unset)
{
    const json_t *value = lh_config_get(config, key);

    return value ? json_integer_value(value) : if_unset;
}

const json_t *lh_config_tree(const struct lh_config *config)
{
    return config->tree;
}

const json_t *lh_config_origins(const struct lh_config *config)
{
    return config->origins;
}
