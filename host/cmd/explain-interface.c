/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thirty rules of the connector interface, in the words of lakehost/connector.h; a test
 * compares both.
 */
#include "config.h"

#include "cmd/explain.h"

const struct lh_interface_rule lh_interface_rules[LH_INTERFACE_RULES] = {
    {"Growth", "Structs only grow at their end, for ever. A changed signature is a new slot."},
    {"Growth",
     "The host copies min(its size, struct_size) of the connector's table into a zeroed "
     "one of its own and uses that. It accepts a table whose abi_major is its own, whose "
     "needs_minor is not above its minor, and whose struct_size lies between "
     "LH_CONNECTOR_SIZE_1_0 and 64 KiB. abi_minor is information, needs_minor is the gate: "
     "a connector built with a newer header runs on an older host, and tests LH_HAS(H, "
     "struct lh_host, slot) before it calls a newer service."},
    {"Growth", "No struct has implicit padding."},
    {"Growth",
     "In every `flags`, bits 0 to 15 that the reader does not know are ignored, bits 16 to "
     "31 that it does not know are refused."},
    {"Growth", "Draft builds export lh_connector_entry_v0; lh_connector_entry_v1 exists from the "
               "freeze on."},
    {"Growth", "No slot is reserved: sizes make that unnecessary."},
    {"Memory",
     "All that the host hands out dies when the call returns; http_release ends a response "
     "and everything read from it earlier. What alloc gives in open lives until close."},
    {"Memory", "A builder holds one value. Starting the next frees the one before."},
    {"Memory", "The host ends a long call by answering LH_MORE from checkpoint when the call holds "
               "too much. A call that cannot checkpoint must release."},
    {"Memory", "A connector keeps no mutable state outside `self`, and nothing in `self` that a "
               "fresh instance could not do without."},
    {"Strings",
     "An lh_str need not end in NUL on its way to the host. On its way out, table names, "
     "namespace parts, header values and text from alloc do; slices from json_* do not."},
    {"Strings",
     "Names of options and properties are C strings (literals), everything else is lh_str. "
     "The host checks UTF-8, and refuses NUL except in response bodies."},
    {"JSON", "Every json_* call takes NULL and answers NONE, NULL or an empty string, so chains of "
             "calls need no tests."},
    {"JSON", "Errors of out_* stick and surface in out_done or row_out."},
    {"JSON", "Own columns first, then out_members: a member whose name was already written at that "
             "level is left out. Nobody but the host's typed output ever converts a number."},
    {"HTTP", "http answers 0 for every complete answer, whatever its status, after the host's "
             "sign-in, retries and rate waits; with that budget spent it is the last answer there "
             "was. Negative: no answer (network, cancel, size, origin refused), with the message "
             "recorded. A 2xx whose body is not JSON is LH_E_DATA unless LH_HTTP_NOT_JSON was "
             "asked for. http_fail turns an answer into a code and a redacted message by the rules "
             "of the spec."},
    {"HTTP", "Refused from connectors (LH_E_RULE): Authorization, Cookie, Host, Content-Length, "
             "Transfer-Encoding, Connection, Proxy-*; CR, LF and NUL; a fragment or user-info in a "
             "URL. Set-Cookie is not shown."},
    {"HTTP", "http_prefetch promises nothing. An equal later http (method, URL, headers, body) "
             "takes its answer. GET or LH_HTTP_REPEATABLE only."},
    {"HTTP", "http_again repeats a request after at least wait_ms, inside the same retry budget."},
    {"Secrets", "Options that the spec calls secret are invisible to every connector. The host "
                "applies sign-in, to declared origins only. A protocol other than HTTP needs "
                "\"needs\":[\"network\", \"secrets\"] in the spec, and the user's consent."},
    {"Reading",
     "Rows, checkpoint(offset), rows, ... A row is a JSON object. Rows before a checkpoint "
     "belong to it; rows after the last one are not committed and will be read again."},
    {"Reading",
     "An offset is a JSON object of at most 64 KiB. The host compares its canonical form "
     "(sorted keys, numbers as text). {} and NULL are the beginning."},
    {"Reading",
     "LH_OK: nothing more up to as_of_ms. LH_MORE: only after a checkpoint that moved. "
     "Rows without a moved checkpoint are legal for snapshot tables and in read_partition "
     "only; else LH_E_RULE: a stall is an error, not an end."},
    {"Reading",
     "No checkpoint lies beyond as_of_ms (records dated later may be emitted). Put the "
     "horizon that was reached into the offset: a scan that already covers as_of_ms "
     "returns LH_OK without a request. The host checks every ISO 8601 time in the offset, "
     "whatever its name."},
    {"Reading", "With `end`: nothing after it, and the last checkpoint equals it. Exact replay is "
                "promised only with LH_TABLE_REPLAYABLE."},
    {"Reading", "Offsets of snapshot tables are never stored across runs."},
    {"Reading",
     "read_partition gets the offset, end and as_of_ms of its get_partitions. Partitions "
     "are self-contained JSON, disjoint, all or nothing. get_partitions and read_partition "
     "come together; latest_offset with them for anything but snapshots."},
    {"Reading", "read_table_deletes follows 21 to 26 with an offset of its own; its rows need keys "
                "and cursor only. A table may emit LH_DELETE in read_table instead; the host then "
                "serves both flows from one read."},
    {"Threads",
     "One instance is called by one thread at a time; instances run in parallel; services "
     "are called from the calling thread only."},
    {"Threads",
     "No output on file descriptors 1 and 2, no signal handlers, fork, exec, chdir, umask, "
     "setlocale, atexit. The entry function is called once per image and only stores the "
     "table."},
};
