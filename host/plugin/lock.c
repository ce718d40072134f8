/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugins.lock, read only: the SHA-256 that a connector's file must have, for each architecture.
 *
 *     {"acme": {"x86_64": "9f86d081...", "aarch64": "60303ae2..."}}
 */
#include "config.h"

#include "plugin/internal.h"

#include "json/document.h"

static bool is_sha256(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && json_string_length(value) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int check_pins(const struct lh_document *d, const char *name, json_t *pins,
                      struct lh_error *e)
{
    char *pointer lh_autofree = lh_pointer_join("", name);
    const char *architecture;
    json_t *value;

    if (!json_is_object(pins)) {
        char *found lh_autofree = lh_document_describe(pins);

        return lh_document_error(d, pointer, e, "expected a map of architectures, found %s", found);
    }
    json_object_foreach(pins, architecture, value)
    {
        char *below lh_autofree = lh_pointer_join(pointer, architecture);
        char *found lh_autofree = lh_document_describe(value);

        if (!is_sha256(value))
            return lh_document_error(
                d, below, e, "expected a SHA-256 of 64 lower case hex digits, found %s", found);
    }
    return 0;
}

/* All of it is checked, not only the entry that is asked for: a damaged lock file pins nothing. */
static int check_lock(const struct lh_document *d, struct lh_error *e)
{
    const char *name;
    json_t *pins;

    if (!json_is_object(d->root))
        return lh_document_error(d, "", e, "expected a map of connectors");
    json_object_foreach(d->root, name, pins)
    {
        int code = check_pins(d, name, pins, e);

        if (code)
            return code;
    }
    return 0;
}

static int read_lock(const struct lh_plugin_policy *policy, struct lh_document *ret,
                     struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT((size_t)1 << 21);
    int code = lh_plugin_read_trusted(policy, policy->lock_file, &text, e);

    if (!code)
        code = lh_document_parse_json(ret, lh_buf_slice(&text), policy->lock_file, e);
    return code ? code : check_lock(ret, e);
}

int lh_plugin_check_lock(const struct lh_plugin_policy *policy, struct lh_error *e)
{
    lh_auto(lh_document) lock = {0};
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    int code = policy->lock_file ? read_lock(policy, &lock, &problem) : LH_NOT_FOUND;

    return code && code != LH_NOT_FOUND ? lh_error_move(e, &problem) : 0;
}

int lh_plugin_pin(const struct lh_plugin_policy *policy, const char *name, char ret_hex[65],
                  struct lh_error *e)
{
    lh_auto(lh_document) lock = {0};
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    const json_t *pins;
    const char *hex;
    int code = policy->lock_file ? read_lock(policy, &lock, &problem) : LH_NOT_FOUND;

    if (code && code != LH_NOT_FOUND)
        return lh_error_move(e, &problem);
    ret_hex[0] = '\0';
    pins = code ? NULL : json_object_get(lock.root, name);
    if (!pins)
        return 0;
    hex = json_string_value(json_object_get(pins, LH_HOST_CPU));
    if (!hex)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "connector %s: pin: expected one for %s in %s, found it pinned for "
                            "other architectures only; pin it for this one too",
                            name, LH_HOST_CPU, policy->lock_file);
    memcpy(ret_hex, hex, 65);
    return 0;
}
