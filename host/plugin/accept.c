/* SPDX-License-Identifier: Apache-2.0 */
/* Accepting the table that a connector returned: what a name may be, rules 2, 4 and 27. */
#include "config.h"

#include "plugin/internal.h"

const char lh_plugin_entry_name[] = LH_PLUGIN_ENTRY;

#define MAX_TABLE 65536u

/* Read before anything else is known of the table: its first six members. */
#define HEAD_SIZE LH_SIZE_UPTO(struct lh_connector, flags)

/* Bits 16 to 31 of flags must be understood; interface 1.0 has none. */
#define MUST_UNDERSTAND 0xffff0000u

bool lh_plugin_is_name(lh_str name)
{
    if (name.n == 0 || name.n > LH_PLUGIN_NAME_MAX || name.p[0] < 'a' || name.p[0] > 'z')
        return false;
    for (size_t i = 1; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static int broken(struct lh_error *e, const char *rule, const char *expected, const char *found)
{
    return lh_error_set(e, LH_BAD_PLUGIN, "%s: expected %s, found %s", rule, expected, found);
}

static int check_versions(const struct lh_connector *t, struct lh_error *e)
{
    if (t->abi_major != LH_ABI_MAJOR)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "rule 2: abi_major: expected %u, found %u (interface %u.%u); build the "
                            "connector with this lakehost's headers",
                            LH_ABI_MAJOR, t->abi_major, t->abi_major, t->abi_minor);
    if (t->needs_minor > LH_ABI_MINOR)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "rule 2: needs_minor: expected at most %u, found %u; the connector "
                            "needs a lakehost with interface %u.%u or newer",
                            LH_ABI_MINOR, t->needs_minor, LH_ABI_MAJOR, t->needs_minor);
    return 0;
}

static int check_size(uint32_t size, struct lh_error *e)
{
    if (size < LH_CONNECTOR_SIZE_1_0 || size > MAX_TABLE)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "rule 2: struct_size: expected %zu to %u bytes, found %u; begin the "
                            "table with LH_CONNECTOR_HEAD",
                            LH_CONNECTOR_SIZE_1_0, MAX_TABLE, size);
    return 0;
}

static int check_name(const char *name, struct lh_error *e)
{
    lh_str seen = lh_str_n(name, name ? strnlen(name, LH_PLUGIN_NAME_MAX + 1) : 0);

    if (lh_plugin_is_name(seen))
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN, "name: expected " LH_PLUGIN_NAME_RULE ", found %s%.*s%s",
                        name ? "\"" : "", LH_STR_ARG(name ? seen : LH_STR("NULL")),
                        name ? "\"" : "");
}

static int check_slots(const struct lh_connector *t, struct lh_error *e)
{
    const struct {
        const char *name;
        bool there;
    } required[] = {
        {"open", t->open != NULL},
        {"close", t->close != NULL},
        {"list_tables", t->list_tables != NULL},
        {"get_table_schema", t->get_table_schema != NULL},
        {"read_table_metadata", t->read_table_metadata != NULL},
        {"read_table", t->read_table != NULL},
    };

    for (size_t i = 0; i < LH_LEN(required); i++)
        if (!required[i].there)
            return lh_error_set(e, LH_BAD_PLUGIN,
                                "required functions: expected %s in the table, found NULL",
                                required[i].name);
    if (!t->get_partitions != !t->read_partition)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "rule 27: expected get_partitions and read_partition together, found "
                            "%s alone",
                            t->get_partitions ? "get_partitions" : "read_partition");
    return 0;
}

static int check_content(const struct lh_connector *t, struct lh_error *e)
{
    if (t->flags & MUST_UNDERSTAND)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "rule 4: flags: expected no bit of 16 to 31 that this lakehost does "
                            "not know, found 0x%08x; the connector needs a newer lakehost",
                            t->flags);
    if (check_name(t->name, e))
        return LH_BAD_PLUGIN;
    if (!t->spec_json)
        return broken(e, "spec_json", "the spec", "NULL");
    if (t->spec_len == 0 || t->spec_len > LH_NOTE_MAX_SPEC)
        return lh_error_set(e, LH_BAD_PLUGIN, "spec_len: expected 1 to %zu bytes, found %zu",
                            LH_NOTE_MAX_SPEC, t->spec_len);
    return check_slots(t, e);
}

int lh_connector_accept(const struct lh_connector *theirs, struct lh_connector *ret,
                        struct lh_error *e)
{
    struct lh_connector ours = {0};

    if (!theirs)
        return broken(e, "entry function", "the connector's table", "NULL");
    /* the size alone first: no byte beyond it is the connector's */
    memcpy(&ours.struct_size, theirs, sizeof ours.struct_size);
    if (ours.struct_size < HEAD_SIZE)
        return check_size(ours.struct_size, e);
    memcpy(&ours, theirs, HEAD_SIZE);
    /* versions before the size: another major may have another size, and that says less */
    if (check_versions(&ours, e) || check_size(ours.struct_size, e))
        return LH_BAD_PLUGIN;
    memcpy(&ours, theirs, ours.struct_size < sizeof ours ? ours.struct_size : sizeof ours);
    if (check_content(&ours, e))
        return LH_BAD_PLUGIN;
    *ret = ours;
    return 0;
}
