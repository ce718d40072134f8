/* SPDX-License-Identifier: Apache-2.0 */
/* The acceptance of connector tables: older, newer, truncated, wrong. */
#include "config.h"

#include "empty_connector.h"
#include "plugin/plugin.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct lh_connector good = {
    LH_CONNECTOR_HEAD, "acme",     "{}",       2,          empty_open,
    empty_close,       empty_list, empty_scan, empty_scan, empty_scan,
};

/* Refused, with `part` in the message, and without touching the result. */
static void refused(const struct lh_connector *table, const char *part, const char *what)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_connector ret;
    struct lh_connector before;

    memset(&ret, 0x5a, sizeof ret);
    memcpy(&before, &ret, sizeof ret);
    is_int(lh_connector_accept(table, &ret, &e), LH_BAD_PLUGIN, what);
    is_int(e.code, LH_BAD_PLUGIN, "the error has the code");
    has_str(lh_error_text(&e), part, "and says what was expected and found");
    ok(memcmp(&ret, &before, sizeof ret) == 0, "the result is untouched");
}

static void test_good(void)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_connector ret;

    is_int(lh_connector_accept(&good, &ret, &e), 0, "a table of this version");
    is_str(ret.name, "acme", "its name");
    ok(ret.read_table == empty_scan && !ret.estimate,
       "its functions; what it does not have is NULL");
    is_int(lh_connector_accept(&good, &ret, NULL), 0, "without an error struct");
}

/* A connector of a later header: a longer table, a higher minor, unknown ignorable flags. */
static void test_newer(void)
{
    struct {
        struct lh_connector head;
        void *more[8];
    } newer = {.head = good};
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct {
        struct lh_connector copy;
        char guard[64];
    } ret;

    memset(&ret, 0x5a, sizeof ret);
    newer.head.struct_size = sizeof newer;
    newer.head.abi_minor = 7;
    newer.head.flags = 0xffff;
    for (size_t i = 0; i < LH_LEN(newer.more); i++)
        newer.more[i] = &newer;
    is_int(lh_connector_accept(&newer.head, &ret.copy, &e), 0, "a newer connector");
    for (size_t i = 0; i < sizeof ret.guard; i++)
        if (ret.guard[i] != 0x5a)
            is_int(i, -1, "nothing is written behind the copy");
    ok(ret.copy.abi_minor == 7 && ret.copy.flags == 0xffff, "its minor and flags are kept");
    newer.head.struct_size = 65536;
    refused(NULL, "found NULL", "no table at all");
}

/* The largest and smallest sizes, with the table at the very end of readable memory. */
static void test_sizes(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (65536 + page - 1) / page * page;
    char *memory =
        mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_connector table = good;
    struct lh_connector ret;
    char *end = memory + room;

    if (memory == MAP_FAILED || mprotect(end, page, PROT_NONE) != 0) {
        ok(false, "a page that cannot be read");
        return;
    }
    table.struct_size = 65536;
    memcpy(end - 65536, &table, sizeof table);
    is_int(lh_connector_accept((void *)(end - 65536), &ret, &e), 0, "64 KiB are accepted");
    table.struct_size = 65537;
    refused(&table, "struct_size: expected", "one byte more is refused");
    table.struct_size = UINT32_MAX;
    refused(&table, "found 4294967295", "4 GiB are refused");
    for (uint32_t n = 0; n < LH_CONNECTOR_SIZE_1_0; n++) {
        lh_auto(lh_error) problem = LH_ERROR_INIT;
        uint32_t there = n < 8 ? 8 : n / 8 * 8; /* aligned; what it claims and no more */
        char *at = end - (there + 7) / 8 * 8;

        table.struct_size = n;
        memset(end - sizeof table, 0, sizeof table);
        memcpy(at, &table, there);
        if (lh_connector_accept((void *)at, &ret, &problem) != LH_BAD_PLUGIN)
            is_int(n, -1, "a short table is refused");
        else if (!strstr(lh_error_text(&problem), "rule 2: "))
            is_str(lh_error_text(&problem), "rule 2: ", "a short table names the rule");
    }
    munmap(memory, room + page);
}

static void test_versions(void)
{
    struct lh_connector t = good;

    t.abi_major = 2;
    t.struct_size = 40;
    refused(&t, "rule 2: abi_major: expected 1, found 2", "another major, whatever its size");
    t = good;
    t.abi_major = 0;
    refused(&t, "abi_major: expected 1, found 0", "major 0");
    t = good;
    t.needs_minor = LH_ABI_MINOR + 1;
    refused(&t, "rule 2: needs_minor: expected at most 0, found 1", "one minor too many");
    t.needs_minor = 65535;
    refused(&t, "interface 1.65535 or newer", "the highest minor");
}

static void test_flags(void)
{
    struct lh_connector t = good;

    for (unsigned bit = 16; bit < 32; bit++) {
        t.flags = 1u << bit;
        refused(&t, "rule 4: flags", "a flag that must be understood");
    }
}

static void test_names(void)
{
    static const char *const bad[] = {
        "",    "A",    "1a",       "_a",  "a-b",
        "a b", "a.so", "\xc3\xa4", "a/b", "abcdefghijabcdefghijabcdefghij123"};
    struct lh_connector t = good;
    lh_auto(lh_error) e = LH_ERROR_INIT;
    struct lh_connector ret;

    for (size_t i = 0; i < LH_LEN(bad); i++) {
        t.name = bad[i];
        refused(&t, "name: expected a name [a-z][a-z0-9_]{0,31}, found \"", bad[i]);
    }
    t.name = NULL;
    refused(&t, "found NULL", "no name");
    t.name = "abcdefghijabcdefghijabcdefghij12";
    is_int(lh_connector_accept(&t, &ret, &e), 0, "32 characters");
    t.name = "a";
    is_int(lh_connector_accept(&t, &ret, &e), 0, "one character");
}

static void test_spec(void)
{
    struct lh_connector t = good;

    t.spec_json = NULL;
    refused(&t, "spec_json: expected the spec, found NULL", "no spec");
    t = good;
    t.spec_len = 0;
    refused(&t, "spec_len: expected 1 to", "an empty spec");
    t.spec_len = ((size_t)1 << 20) + 1;
    refused(&t, "found 1048577", "a spec above the limit");
}

static void test_slots(void)
{
    static const struct {
        const char *name;
        size_t offset;
    } required[] = {
        {"expected open ", offsetof(struct lh_connector, open)},
        {"expected close ", offsetof(struct lh_connector, close)},
        {"expected list_tables ", offsetof(struct lh_connector, list_tables)},
        {"expected get_table_schema ", offsetof(struct lh_connector, get_table_schema)},
        {"expected read_table_metadata ", offsetof(struct lh_connector, read_table_metadata)},
        {"expected read_table ", offsetof(struct lh_connector, read_table)},
    };
    struct lh_connector t;

    for (size_t i = 0; i < LH_LEN(required); i++) {
        t = good;
        memset((char *)&t + required[i].offset, 0, sizeof t.open);
        refused(&t, required[i].name, required[i].name);
    }
    t = good;
    t.get_partitions = empty_scan;
    refused(&t, "rule 27", "partitions that cannot be read");
    t = good;
    t.read_partition = empty_scan;
    refused(&t, "found read_partition alone", "a reader of partitions that there are not");
}

int main(void)
{
    RUN(test_good);
    RUN(test_newer);
    RUN(test_sizes);
    RUN(test_versions);
    RUN(test_flags);
    RUN(test_names);
    RUN(test_spec);
    RUN(test_slots);
    return tap_done();
}
