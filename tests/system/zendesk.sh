#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Zendesk connector as a user runs it, against tests/fakes/zendesk.py.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

program=$(dirname "$LAKEHOST")/host/lakehost # itself: a wrapper would take the signal
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR
token='zd-Tok/3n+5ecret='
basic=YW5uQGV4YW1wbGUuY29tL3Rva2VuOnpkLVRvay8zbis1ZWNyZXQ9
ZD_TOKEN=$token
export ZD_TOKEN
much='--limit incremental=100000/60 --limit default=100000/60 --limit help_center=100000/60'

# `zendesk OPTIONS`: a fake, and $zd, the options to reach it.
zendesk() {
    # shellcheck disable=SC2086 # options without blanks
    fake zendesk $much "$@"
    zd="--option subdomain=acme --option email=ann@example.com --option api_token=env:ZD_TOKEN
        --option base_url=$fake --option exports_per_minute=100000"
}
# shellcheck disable=SC2086
read_table() { run read zendesk "$@" $zd; }
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
no_violation() { is "$(fake_ask stats.violations)" '[]' "$1"; }
count() { wc -l <"$1" | tr -d ' '; }
# `compare GOT WANTED MODE`: rows of a read beside what the fake says, by id.
#   each: every row once, as it is    last: the last of each id is as it is    ids: the same ids
compare() {
    "$PYTHON" - "$@" <<'END'
import json, sys
def load(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f.read().split("\n") if line]
got, want, mode = load(sys.argv[1]), load(sys.argv[2]), sys.argv[3]
by_id = {r["id"]: r for r in got}
wanted = {r["id"]: r for r in want}
if mode == "each" and len(by_id) != len(got):
    print("%d rows, %d ids" % (len(got), len(by_id)))
elif by_id.keys() != wanted.keys():
    print("missing %s, too many %s" % (sorted(wanted.keys() - by_id.keys())[:3],
                                       sorted(by_id.keys() - wanted.keys())[:3]))
else:
    other = [i for i in wanted if mode != "ids" and by_id[i] != wanted[i]]
    print("same" if not other else "%d rows differ: %s, expected %s" % (
        len(other), by_id[other[0]], wanted[other[0]]))
END
}
wanted() { fake_ask GET "/_fake/rows?table=$1${2-}" >"$work/wanted"; }
ids_of() { # ids_of KEY: of the JSON that /_fake/change gave, sorted
    "$PYTHON" -c 'import json, sys
print("\n".join(sorted(str(i) for k in sys.argv[2:] for i in json.loads(sys.argv[1])[k])))' "$@"
}
ids_read() {
    "$PYTHON" -c 'import json, sys
print("\n".join(sorted(str(json.loads(line)["id"]) for line in open(sys.argv[1]) if line != "\n")))' "$1"
}

exports='tickets users organizations ticket_comments'
lists='articles brands groups topics'

# --- as a new user begins
zendesk --seed 5
# shellcheck disable=SC2086
{
    run check zendesk $zd
    is "$status" 0 'check'
    run tables zendesk $zd
    is "$(tr '\n' ' ' <"$work/out")" \
        'tickets organizations articles brands groups ticket_comments topics users ' 'tables'
    run metadata zendesk tickets $zd
    like "$out" '"cursor_field": "generated_timestamp"' 'metadata'
}
read_table brands --limit 2
is "$status/$(count "$work/out")" 0/2 'two brands'

# The README's commands, in its order; only $zd is ours.
sed -n 's/^lakehost \([^#]*\).*/\1/p' "$top/plugins/zendesk/README.md" >commands
is "$([ "$(count commands)" -ge 7 ] && echo some)" some 'the README has commands'
while IFS= read -r line; do
    # shellcheck disable=SC2086 # words, and $zd among them
    eval run $line
    is "$status" 0 "README: lakehost $line"
done <commands
fake_ask POST /_fake/reset >/dev/null

# --- every table, every row, once; what was deleted in the flow of deletes
for table in $exports $lists; do
    read_table "$table" --until-done --offset-file "$table.json"
    is "$status" 0 "$table"
    wanted "$table"
    is "$(compare "$work/out" "$work/wanted" each)" same "$table: each row, once, as it is"
    read_table "$table" --until-done --typed
    is "$status" 0 "$table --typed"
    cp "$work/out" typed
    # shellcheck disable=SC2086
    run schema zendesk "$table" $zd
    is "$("$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1]) if line != "\n"]
print([f["name"] for f in json.load(open(sys.argv[2]))["fields"]
       if all(r.get(f["name"]) is None for r in rows)])' typed "$work/out")" '[]' \
        "$table: every column has a value somewhere"
done
for table in tickets users organizations; do
    read_table "$table" --until-done --deletes --offset-file "$table.json"
    wanted "$table" '&of=deleted'
    is "$status/$(compare "$work/out" "$work/wanted" each)" 0/same "$table: deletes"
done
no_violation 'nothing that Zendesk would not like'

# --- what changed since
fake_ask POST /_fake/reset >/dev/null
for table in $exports; do
    read_table "$table" --until-done --offset-file "$table.json" --resume
    is "$status/$out" 0/ "$table: nothing new"
done
is "$(fake_ask stats.requests)" 4 'one request each says so'
for table in $exports; do
    change=$(fake_ask POST "/_fake/change?table=$table&n=5&delete=3&add=4")
    read_table "$table" --until-done --offset-file "$table.json" --resume
    if [ "$table" = ticket_comments ]; then
        fake_ask GET "/_fake/rows?table=$table" |
            "$PYTHON" -c 'import json, sys
new = json.loads(sys.argv[1])["added"]
print("\n".join(sorted(str(r["id"]) for r in map(json.loads, sys.stdin) if r["audit_id"] in new)))' \
                "$change" >new
        is "$(ids_read "$work/out")" "$(cat new)" "$table: what came"
        continue
    fi
    is "$(ids_read "$work/out")" "$(ids_of "$change" changed added)" "$table: what changed and came"
    read_table "$table" --until-done --offset-file "$table.json" --resume --deletes
    is "$(ids_read "$work/out")" "$(ids_of "$change" deleted)" "$table: what went"
done
TZ=America/Los_Angeles read_table organizations --as-of 2026-01-01 --offset-file west.json
TZ=Asia/Tokyo read_table organizations --as-of 2026-01-01 --offset-file east.json
is "$(cat west.json)" "$(cat east.json)" 'times are in UTC, wherever it runs'
read_table tickets --limit 30 --offset-file part.json
cp "$work/out" part
is "$(count part)" 30 '--limit'
read_table tickets --until-done --offset-file part.json --resume
cat "$work/out" >>part
wanted tickets
# a limit may end within a page, whose rows come again
is "$(compare part "$work/wanted" last)" same 'and on from there, nothing lost'
read_table tickets --until-done --as-of 2024-01-02 --offset-file early.json
read_table tickets --until-done --as-of 2024-01-02 --offset-file early.json --resume
is "$status/$out" 0/ 'what covers the horizon is not read again'
read_table tickets --start-offset '{"cursor":"no cursor"}'
is "$status" 3 'a cursor that Zendesk does not take'
like "$err" 'from the beginning' 'says what to do'
read_table organizations --start-offset '{"page":7}'
is "$status" 3 'an offset of another kind'
fake_ask POST /_fake/reset >/dev/null
# shellcheck disable=SC2016 # that is the text
read_table tickets --start-offset '{"cursor":"${api_token}"}'
like "$(fake_ask GET /_fake/log)" 'cursor=%24%7Bapi_token%7D&' 'no text of the user is expanded'
read_table nothing
is "$status" 5 'no such table'
no_violation 'nor has anything else done wrong'

# --- what the source may answer
outcome() { # outcome FAULT TABLE STATUS MESSAGE NAME
    fault "$1"
    read_table "$2" --until-done --retries 1
    is "$status" "$3" "$5"
    like "$err" "$4" "$5: the message"
    unlike "$out$err" "$token" "$5: no token in it"
}
outcome '{"kind":"401","count":0}' tickets 4 '401' 'credentials refused'
outcome '{"kind":"403","count":0}' tickets 4 'admin' 'an export refused'
outcome '{"kind":"403","count":0}' groups 4 '403' 'a list refused'
outcome '{"kind":"404","count":0}' tickets 5 '404' 'not found'
outcome '{"kind":"404","count":0}' articles 5 'help center' 'no help center'
outcome '{"kind":"500","count":0}' users 7 '500' 'a server error for ever'
outcome '{"kind":"503","count":0,"retry-after":"1"}' groups 7 '503' 'or unavailable'
outcome '{"kind":"reset","count":0}' users 7 'GET' 'no answer at all'
outcome '{"kind":"garbage","count":0}' users 1 'JSON' 'an answer that is no JSON'
outcome '{"kind":"redirect","to":"other"}' groups 1 "${fake_other#http://}" 'a redirect elsewhere'
is "$(fake_ask GET /_fake/log | grep -c '"listener": "other"')" 0 'is not followed'
fake_ask POST /_fake/reset >/dev/null # a process that was told to wait has ended without
for what in '"500"' '"503"' '"504"' '"reset"' '"close"' '"truncated"' '"429","retry-after":"1"' \
    '"429","retry-after":"date+2"' '"redirect","to":"same"'; do
    fault "{\"kind\":$what,\"nth\":2}"
    read_table articles --until-done
    wanted articles
    is "$status/$(compare "$work/out" "$work/wanted" each)" 0/same "once $what, then well"
done
no_violation 'who is told to wait waits'
fault '{"kind":"504","count":3}'
read_table users --until-done --retries 0
is "$status" 0 'a page that takes Zendesk too long'
like "$(fake_ask GET /_fake/log)" 'start_time=0&per_page=125"' 'is asked for in parts'
fake_ask DELETE /_fake/faults >/dev/null

# --- no secret anywhere
ZD_TOKEN=wrong/Tok3n+
run read zendesk groups --debug --option subdomain=acme --option email=ann@example.com \
    --option "base_url=$fake" --option api_token=env:ZD_TOKEN
is "$status" 4 'a wrong token'
wrong=$(printf 'ann@example.com/token:%s' "$ZD_TOKEN" | "$PYTHON" -c '
import base64, sys
print(base64.b64encode(sys.stdin.buffer.read()).decode())')
is "$(grep -cF -e "$ZD_TOKEN" -e "$wrong" "$work/out" "$work/err" | grep -v ':0$')" '' 'is not shown'
ZD_TOKEN=$token
read_table tickets --until-done --debug --trace-http trace --record recording --offset-file s.json \
    --output-file s.jsonl
is "$status" 0 'everything that writes'
is "$([ -s trace ] && [ -d recording ] && echo there)" there 'wrote'
is "$(grep -rlF -e "$token" -e "$basic" -e 'zd-Tok%2F3n' -e 'zd-Tok\/3n' trace recording s.json s.jsonl \
    "$work/out" "$work/err")" '' 'and none of it has the token in any form'
cp s.jsonl first.jsonl
fake_stop "$fake_pid"
read_table tickets --until-done --replay recording --output-file s.jsonl
is "$status/$(cmp s.jsonl first.jsonl && echo same)" 0/same 'the recording gives the same without the source'

# --- killed at every page of twenty
zendesk --tickets 1000 --max-page 50
wanted tickets
kill_at() { # kill_at PAGE OPTIONS: a read that is killed while it waits for this page; sets $resume
    rm -f k.json k.jsonl
    fault "{\"kind\":\"hang\",\"nth\":$1}"
    shift
    # shellcheck disable=SC2086
    "$program" read zendesk tickets $zd --until-done --offset-file k.json "$@" \
        >killed 2>"$work/err" </dev/null &
    pid=$!
    tries=0
    while [ "$(fake_ask stats.faults.0.done)" != 1 ] && [ "$tries" -lt 1000 ]; do
        tries=$((tries + 1))
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    [ -e k.json ] && resume=--resume || resume=
}
page=1
while [ "$page" -le 20 ]; do
    kill_at "$page" --output-file k.jsonl
    # shellcheck disable=SC2086
    read_table tickets --until-done --offset-file k.json --output-file k.jsonl $resume
    is "$status/$(compare k.jsonl "$work/wanted" each)" 0/same "killed at page $page: each row once"
    page=$((page + 1))
done
for page in 1 2 11 20; do
    kill_at "$page"
    # shellcheck disable=SC2086
    read_table tickets --until-done --offset-file k.json $resume
    # the last line of the killed one may be cut
    "$PYTHON" -c 'import sys
sys.stdout.write(open(sys.argv[1]).read().rpartition("\n")[0] + "\n")' killed >both
    cat "$work/out" >>both
    is "$status/$(compare both "$work/wanted" ids)" 0/same "killed at page $page, to a pipe: nothing lost"
done
fake_ask DELETE /_fake/faults >/dev/null
fake_ask POST /_fake/reset >/dev/null
read_table tickets --until-done
is "$(fake_ask stats.requests)" 20 'twenty pages are twenty requests'

# --- limits
fake_ask POST /_fake/reset >/dev/null
# shellcheck disable=SC2086
run read zendesk tickets $zd --option exports_per_minute=10 --until-done --timeout 45 --offset-file l.json
is "$status" 7 'ten exports a minute, and less time than that'
is "$(fake_ask stats.limits.incremental)" \
    '{"rate": 100000, "per_s": 60.0, "passed": 10, "refused": 0, "early": 0, "max_in_flight": 1, "too_many": 0}' \
    'ten requests were made, one at a time'
zendesk --tickets 300 --max-page 50 --limit incremental=4/1
read_table tickets --until-done
wanted tickets
is "$status/$(compare "$work/out" "$work/wanted" each)" 0/same 'others use the account too'
is "$(fake_ask stats.limits.incremental.refused)" 1 'told to wait once'
no_violation 'and waited'

# --- a source that moves
zendesk --max-page 20 --change-every 1 --empty-page 3
for table in $exports; do
    read_table "$table" --until-done --output-file "$table.jsonl"
    wanted "$table"
    [ "$table" = ticket_comments ] && mode=each || mode=last
    [ "$table" = ticket_comments ] ||
        fake_ask GET "/_fake/rows?table=$table&of=deleted" >"$work/deleted"
    is "$status/$(compare "$table.jsonl" "$work/wanted" "$mode")" 0/same \
        "$table: changes between pages and an empty page"
done
for table in $lists; do
    read_table "$table"
    wanted "$table"
    is "$status/$(compare "$work/out" "$work/wanted" each)" 0/same "$table: an empty page"
done
no_violation 'all by the rules'

# --- records of the future: of pages of 20 all but the first lie behind the horizon
zendesk --max-page 20
for table in $exports; do
    read_table "$table" --until-done --as-of 2024-01-01T00:30:00Z --offset-file "future.$table" --timeout 60
    cp "$work/out" future
    read_table "$table" --until-done --offset-file "future.$table" --resume
    wanted "$table"
    is "$(($(count future) > 0 && $(count future) < $(count "$work/wanted")))" 1 \
        "$table: a read among records of the future ends"
    cat "$work/out" >>future
    is "$status/$(compare future "$work/wanted" last)" 0/same "$table: and the next one has them"
done

# --- odd accounts
zendesk --groups 11000 --same-second 60 --max-page 50
read_table groups
wanted groups
is "$status/$(compare "$work/out" "$work/wanted" each)" 0/same 'a list beyond 10000 rows'
read_table organizations --until-done --offset-file odd.json
is "$status" 6 'more changes in a second than a page holds'
like "$err" 'second 1704072200' 'are reported missing'
zendesk --role agent --no-guide
# shellcheck disable=SC2086
run check zendesk $zd
is "$status" 6 'an agent who may not export, and no help center'
like "$out" 'failed tickets: HTTP status 403: the export takes an admin' 'each table by itself'
like "$out" 'failed topics: HTTP status 404: the account has no help center' 'and why'
like "$out" 'ok     groups' 'or that it is good'
# shellcheck disable=SC2086
ZD_TOKEN=other run check zendesk $zd
is "$status" 4 'check with another token'
zendesk --tickets 0 --users 0 --organizations 0 --events 0 --articles 0 --brands 0 --groups 0 --topics 0
for table in $exports $lists; do
    read_table "$table" --until-done
    is "$status/$out" 0/ "$table: empty"
done

# --- TLS
if command -v openssl >/dev/null || command -v certtool >/dev/null; then
    zendesk --tls good
    read_table brands --cacert "$fake_ca"
    is "$status/$(count "$work/out")" 0/3 'TLS'
    read_table brands --retries 0
    is "$status" 7 'whom nobody trusts'
    is "$(fake_ask stats.requests)" 1 'is told nothing'
    no_violation 'over TLS too'
else
    skip 'TLS' 'neither openssl nor certtool is installed'
fi
done_testing
