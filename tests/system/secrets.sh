#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A connector that says the user's secrets in every text that is not data (tests/conform/leaky): none
# comes out, in no form, however it was given and wherever it could go.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
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

done_testing
