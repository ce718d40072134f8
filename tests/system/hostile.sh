#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A connector that attacks the host (tests/conform/hostile.c), as an ordinary user: what it tries
# fails, and each attempt leaves a line that names connector, call and table.
# shellcheck source=tests/system/ordinary.sh
. "${srcdir:-.}/tests/system/ordinary.sh"
as_ordinary_user hostile.sh
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

is_ordinary_user
umask 022
unset XDG_DATA_HOME
mkdir "$work/plugins"
cp "${LAKEHOST%/*}/tests/conform/.libs/hostile.so" "$work/plugins/hostile.so"
chmod 755 "$work/plugins" "$work/plugins/hostile.so"
LAKEHOST_PLUGIN_PATH=$work/plugins
export LAKEHOST_PLUGIN_PATH

# row ATTEMPT RESULT
row() { printf '{"attempt":"%s","result":"%s"}\n' "$1" "$2"; }

# In the host's own process nothing is in the way: the attempts are real ones.
run read hostile --isolation none file
is "$out" "$(row 'open /etc/passwd' succeeded
row 'create a file' succeeded
row 'list /' succeeded
row 'open a library' succeeded
row 'remove a file' succeeded)" 'without isolation files are open to it'
run read hostile --isolation none socket
is "$out" "$(row 'socket inet' succeeded
row 'socket inet6' succeeded
row 'socket unix' succeeded
row 'socketpair' succeeded)" 'and sockets'
run read hostile --isolation none fork
like "$out" "$(row fork succeeded)" 'and processes'

# What a sanitizer or valgrind leaves off, and what a kernel lacks, cannot be tested.
"$LAKEHOST" doctor --output json >"$work/doctor.json" 2>/dev/null
lacking=$("$PYTHON" -c 'import json, sys
print(", ".join(f["what"] for f in json.load(open(sys.argv[1]))["findings"]
                if f["area"] == "isolation" and not f["ok"]))' "$work/doctor.json")
if [ -n "$lacking" ] || [ -n "${LAKEHOST_VALGRIND-}" ]; then
    skip 'a hostile connector in a worker' "without ${lacking:-what valgrind leaves off}"
    done_testing
fi

# attempt TABLE ROW...: the rows, and for each a line of the log
attempt() {
    table=$1
    shift
    run read hostile --isolation process "$table"
    is "$status" 0 "$table: the host goes on"
    is "$out" "$(printf '%s\n' "$@")" "$table: every attempt fails"
    is "$(printf '%s\n' "$err" | grep -c "hostile: read_table($table): ")" "$#" \
        "$table: each leaves a line"
    unlike "$out$err" succeeded "$table: none succeeded"
}

attempt constructor \
    "$(row 'constructor: open /etc/passwd' EACCES)" \
    "$(row 'constructor: create a file' EPERM)" \
    "$(row 'constructor: socket' EPERM)" \
    "$(row 'constructor: fork' EPERM)" \
    "$(row 'constructor: execve' EPERM)"
attempt file \
    "$(row 'open /etc/passwd' EPERM)" \
    "$(row 'create a file' EPERM)" \
    "$(row 'list /' EPERM)" \
    "$(row 'open a library' EPERM)" \
    "$(row 'remove a file' EPERM)"
attempt socket \
    "$(row 'socket inet' EPERM)" \
    "$(row 'socket inet6' EPERM)" \
    "$(row 'socket unix' EPERM)" \
    "$(row 'socketpair' EPERM)"
attempt exec \
    "$(row 'execve' EPERM)" \
    "$(row 'execveat' EPERM)"
attempt fork \
    "$(row 'fork' EPERM)" \
    "$(row 'clone' EPERM)" \
    "$(row 'unshare' EPERM)"
attempt ptrace \
    "$(row 'ptrace the host' EPERM)" \
    "$(row 'signal the host' EPERM)"
attempt memory \
    "$(row "open the host's mem" EPERM)" \
    "$(row "write the host's mem" EPERM)" \
    "$(row "open the host's maps" EPERM)" \
    "$(row 'process_vm_readv' EPERM)"
SECRET_OF_THE_HOST=lake
export SECRET_OF_THE_HOST
attempt environ \
    "$(row "open the host's environ" EPERM)" \
    "$(row "open the host's cmdline" EPERM)" \
    "$(row 'own environment' empty)"

# An origin that the spec does not declare: the host refuses, in its own words.
run read hostile --isolation process origin
is "$((status != 0))" 1 'origin: the read fails'
is "$out" '' 'origin: nothing came of it'
like "$err" 'hostile: read_table(origin): ' 'origin: the call is named'

# Floods end, whatever the connector makes of the host's answers.
begin=$(date +%s)
run read hostile --isolation process --limit 3 flood_rows
is "$(wc -l <"$work/out" | tr -d ' ')" 3 'flood_rows: three rows were asked for'
is "$status" 8 'flood_rows: who goes on after that is at fault'
like "$err" 'hostile: read_table(flood_rows)' 'flood_rows: the call is named'
run read hostile --isolation process --timeout 5 --output-file /dev/null flood_rows
is "$((status == 7 || status == 8))" 1 'flood_rows: the time is over'
like "$err" 'hostile: read_table(flood_rows)' 'flood_rows: it is named again'
run read hostile --isolation process --timeout 5 flood_logs
is "$((status == 7 || status == 8))" 1 'flood_logs: the time is over'
is "$out" '' 'flood_logs: no rows'
like "$err" 'hostile: read_table(flood_logs)' 'flood_logs: the call is named'
run read hostile --isolation process flood_frames
is "$status" 8 'flood_frames: bytes that are no frames'
like "$err" 'hostile: read_table(flood_frames)' 'flood_frames: the call is named'
is "$(($(date +%s) - begin < 300))" 1 'the floods are over in time'
is "$([ -e /tmp/lakehost-hostile ] && echo a file)" '' 'no file was left'

done_testing
