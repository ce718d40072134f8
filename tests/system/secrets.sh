#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A connector that says the user's secrets in every text that is not data (tests/conform/leaky): none
# comes out, in no form, however it was given and wherever it could go. And the connectors that ask a
# source: theirs get to that source alone.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
# shellcheck source=tests/system/lib-connectors.sh
. "$top/tests/system/lib-connectors.sh"
mkdir "$work/plugins"
cp "${LAKEHOST%/*}/tests/conform/.libs/leaky.so" "$work/plugins/leaky.so"
chmod 755 "$work/plugins" "$work/plugins/leaky.so"
LAKEHOST_PLUGIN_PATH=$work/plugins
export LAKEHOST_PLUGIN_PATH
unset LAKEHOST_DEBUG

# As in leaky.c.
token='tok/en+42 "geheim" Zürich'
inner='p4ss-phrase/of the robot'
key='{"user":"robot-4711","private":"'$inner'"}'
# Outside the folder that is looked through.
secrets=$(mktemp -d "${TMPDIR:-/tmp}/lakehost-secrets.XXXXXX") || exit 99
trap 'rm -rf "$work" "$secrets"' EXIT
printf '%s\n' "$token" >"$secrets/token"
printf '%s\n' "$key" >"$secrets/key"
chmod 600 "$secrets/token" "$secrets/key"

# What gives a secret away: pieces of it, and of it percent-encoded, as JSON and in base64, the
# latter at the three places where it can begin.
cat >"$secrets/pieces" <<'END'
tok/en
geheim
rich
tok%2Fen
%22geheim
p4ss-phrase
of the robot
of%20the
robot-4711
G9rL2VuKzQyICJnZWhlaW0i
b2svZW4rNDIgImdlaGVpbSIg
0b2svZW4rNDIgImdlaGVpbS
Rvay9lbis0MiAiZ2VoZWltIi
END

# nothing NAME: no piece in what was printed and in no file that the program wrote
nothing() {
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    is "$(grep -r -a -o -F -f "$secrets/pieces" "$work" --exclude-dir=plugins | sort -u)" '' \
        "$1: no secret"
}

# The pieces are those that the connector says: without a secret to look for, all come out.
run read leaky --option token=other fail
for piece in tok/en geheim tok%2Fen %22geheim p4ss-phrase robot-4711; do
    like "$err" "$piece" "$piece is among what is said"
done
is "$(printf '%s' "$err" | grep -c -o -F -f "$secrets/pieces")" 1 'and is found'
base64=$(printf '%s' "$err" | grep -o -E '<[A-Za-z0-9+/]{20,}=*>')
is "$(printf '%s\n' "$base64" | grep -c -F -f "$secrets/pieces")" 2 'in base64 too'

TOKEN=$token KEY=$key
export TOKEN KEY
given="--option token=env:TOKEN --option key=env:KEY"

# silent EXIT COMMAND...: with quiet, talkative and JSON logs
silent() {
    want=$1
    shift
    for log in --quiet --verbose --debug '--debug --log-format json'; do
        # shellcheck disable=SC2086 # lists of arguments
        run $log "$@" $given
        is "$status" "$want" "$log $*: exit $want"
        nothing "$log $*"
    done
}
# said EXIT COMMAND...: and it was there, but taken out
said() {
    silent "$@"
    like "$err" '***' "$*: it was said, and taken out"
}
said 4 tables leaky --option at=open
silent 8 tables leaky --option at=table
said 7 namespaces leaky
said 8 schema leaky t --option at=type
said 4 metadata leaky t --option at=metadata
said 1 read leaky fail
silent 8 read leaky row
silent 8 read leaky offset
said 6 read leaky partial --output-file rows.jsonl --offset-file offset.json
said 0 read leaky log --output-file rows.jsonl --offset-file offset.json
is "$(cat rows.jsonl)" '{"id":1}' 'rows are as they were, and the connector saw no secret'
said 0 read leaky log --option at=close

# check is printed on stdout.
for format in text json; do
    # shellcheck disable=SC2086
    run --debug check leaky $given --output $format
    is "$status" 4 "check --output $format"
    like "$out" '***' 'with steps'
    nothing "check --output $format"
done

# However it is given.
given="--option token=file:$secrets/token --option key=file:$secrets/key"
said 1 read leaky fail
given="--option token=- --option key=file:$secrets/key"
input=$secrets/token
said 1 read leaky fail
unset input
printf '{"token":"env:TOKEN","key":%s}\n' "$key" >"$secrets/options.json"
given="--options-file $secrets/options.json"
said 1 read leaky fail
run --debug read leaky fail --option "token=$token" --option "key=$key"
is "$status" 1 'plain'
nothing 'plain'
like "$err" 'other users can see the command line' 'with a warning'
run --debug read leaky fail --init-options-json "{\"token\":\"env:TOKEN\",\"key\":$key}"
is "$status" 1 'as JSON'
nothing 'as JSON'

# What is wrong with a secret is said without it.
for wrong in "token= $token" "key=$inner" "toke=$token"; do
    run --debug read leaky fail --option token=env:TOKEN --option "$wrong"
    is "$status" 3 "${wrong%%=*} is refused"
    nothing "a wrong ${wrong%%=*}"
done

# The command line of the running program.
if [ -r /proc/self/cmdline ]; then
    "$LAKEHOST" read leaky slow --option "token=file:$secrets/token" >"$work/out" 2>"$work/err" &
    pid=$!
    sleep 1
    tr '\0' ' ' <"/proc/$pid/cmdline" >"$work/cmdline"
    like "$(cat "$work/cmdline")" leaky 'it runs'
    nothing 'on its command line'
    kill "$pid"
    status=0
    wait "$pid" || status=$?
    is "$status" 143 'and ends'
    nothing 'after a signal'
else
    skip 'the command line of a running program' 'no /proc here'
fi

# --- the connectors that ask a source
unset LAKEHOST_PLUGIN_PATH
secret_file=$secrets/connector
# Forms of each secret: as it is, percent-encoded, as JSON, in base64 wherever it may begin.
forms() {
    "$PYTHON" - "$secret_file" >"$secrets/pieces" <<'END'
import base64, json, sys, urllib.parse
for secret in open(sys.argv[1], "rb").read().split(b"\n")[:-1]:
    text = secret.decode()
    found = {secret, urllib.parse.quote(text, safe="").encode(), urllib.parse.quote(text).encode(),
             json.dumps(text)[1:-1].encode(), json.dumps(text)[1:-1].replace("/", "\\/").encode()}
    for before in range(3):
        inner = base64.b64encode(b"\0" * before + secret)
        inner = inner[(0, 2, 3)[before]:len(inner) - (4 if (before + len(secret)) % 3 else 0)]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    sys.stdout.buffer.write(b"".join(form + b"\n" for form in sorted(found)))
END
}

# What a read holds back while it waits: its processes' command lines, the environment of those that
# it started, and their memory, if this user may look at it at all.
cat >"$secrets/look.py" <<'END'
import os, sys

pid, pieces = int(sys.argv[1]), [p for p in open(sys.argv[2], "rb").read().split(b"\n") if p]


def read(*path):
    with open(os.path.join("/proc", *map(str, path)), "rb") as file:
        return file.read()


def memory(of):
    """Chunks that overlap by more than a secret is long."""
    with open("/proc/%d/mem" % of, "rb", 0) as file:
        for line in read(of, "maps").split(b"\n")[:-1]:
            begin, end = (int(x, 16) for x in line.split()[0].split(b"-"))
            if b" rw" not in line or end - begin > 1 << 28:     # a sanitizer reserves terabytes
                continue
            for at in range(begin, end, 1 << 20):
                try:
                    file.seek(at)
                    yield file.read(min((1 << 20) + 256, end - at))
                except (OSError, ValueError, OverflowError):
                    break


def has(text):
    return any(piece in text for piece in pieces)


def look(what, chunks):
    try:
        print(what, "a secret" if any(has(c) for c in chunks) else "nothing")
    except OSError:
        print(what, "hidden")


children = [int(p) for p in os.listdir("/proc") if p.isdigit() and p != str(os.getpid()) and
            os.path.exists("/proc/%s/stat" % p) and
            read(p, "stat").rpartition(b")")[2].split()[1] == str(pid).encode()]
for one in [pid] + children:
    look("argv", [read(one, "cmdline")])
for one in children:
    look("environment", [read(one, "environ")])
    look("memory", memory(one))
look("the host's memory", memory(pid))
END
# Where a process that is aborted leaves its core, if at all.
mkdir core
# shellcheck disable=SC2012,SC3045 # plain names; dash and bash know ulimit -c
cores=$(cd core && ulimit -c unlimited 2>/dev/null && sh -c 'kill -ABRT $$' 2>/dev/null
    ls | wc -l | tr -d ' ')
rm -rf core
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=${LAKEHOST%/*}/connectors-1
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR

# running MODE: a read that waits for its source
running() {
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults '{"kind":"hang","count":0}' >/dev/null
    mkdir core
    (
        # shellcheck disable=SC3045
        cd core && ulimit -c unlimited 2>/dev/null
        # shellcheck disable=SC2086 # lists of arguments, here and below
        exec "${LAKEHOST%/*}/host/lakehost" read "$name" "$table" $at $given --isolation "$1" \
            --debug >"$work/out" 2>"$work/err" </dev/null
    ) &
    pid=$!
    tries=0
    while [ "$(fake_ask stats.faults.0.done)" = 0 ] && [ "$tries" -lt 600 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    # the host has the secret in its memory, which shows that one would be found
    found=$("$PYTHON" "$secrets/look.py" "$pid" "$secrets/pieces" |
        sed "/^the host's memory \\(a secret\\|hidden\\)\$/d; s/ hidden\$/ nothing/" | sort -u)
    if [ "$1" = none ]; then
        is "$found" 'argv nothing' "$name, $1: nothing on the command line"
    else
        is "$found" 'argv nothing
environment nothing
memory nothing' "$name, $1: nothing in the connector's process"
    fi
    kill -ABRT "$pid"
    wait "$pid" 2>/dev/null
    if [ "$cores" = 0 ]; then
        skip "$name, $1: the core" 'no core files here'
    else
        is "$(ls core)" '' "$name, $1: no core"
    fi
    rm -rf core
    fake_ask DELETE /_fake/faults >/dev/null
}

for name in $connectors; do
    connector "$name"
    forms
    table=${tables%%[[:space:]]*}
    levels_of "$table"
    # shellcheck disable=SC2086 # lists of arguments, here and below
    run check "$name" $given --debug
    is "$status" 0 "$name: check"
    nothing "$name: check"
    for mode in none process; do
        rm -rf rec
        # shellcheck disable=SC2086
        run --debug read "$name" "$table" $at $given --isolation "$mode" --record rec --trace-http trace \
            --offset-file offset --output-file rows
        is "$status" 0 "$name, $mode: everything that writes"
        is "$([ -s rows ] && [ -s trace ] && [ -d rec ] && grep -c ': 200, ' "$work/err" >/dev/null &&
            echo written)" written "$name, $mode: has written"
        nothing "$name, $mode: all that it wrote"
        rm -rf rows offset
        running "$mode"
        nothing "$name, $mode: after the end"
    done
    faults='401 403 404 500 garbage'
    [ -z "${LAKEHOST_VALGRIND-}" ] || faults=401 # one says as much of memory as five
    for fault in $faults; do
        fake_ask POST /_fake/faults "{\"kind\":\"$fault\",\"count\":0}" >/dev/null
        # shellcheck disable=SC2086
        run --debug --log-format json read "$name" "$table" $at $given --retries 0
        is "$((status > 0))" 1 "$name: $fault"
        nothing "$name: $fault"
        fake_ask DELETE /_fake/faults >/dev/null
    done
    is "$(fake_ask stats.violations)" '[]' "$name: nothing went elsewhere"
    fake_stop "$fake_pid"
done

done_testing
