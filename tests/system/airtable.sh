#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Airtable connector as a user runs it, against tests/fakes/airtable.py.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

program=$(dirname "$LAKEHOST")/host/lakehost # itself: a wrapper would take the signal
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR
token='pat3n/Fake+Token.5ecret=='
basic=cGF0M24vRmFrZStUb2tlbi41ZWNyZXQ9PQ==
AIRTABLE_TOKEN=$token
export AIRTABLE_TOKEN
main=appMain0000000001
odd=$(printf 'Sales/2026? #1 "q" 100%% \360\237\230\200')
mode=process

# `airtable OPTIONS`: a fake, and $at, the options to reach it.
airtable() {
    fake airtable --limit base=100000/1 --limit user=100000/1 "$@"
    reach="--option base_url=$fake --option requests_per_second=100000 --option token=env:AIRTABLE_TOKEN"
    at="$reach --option base_id=$main"
}
# shellcheck disable=SC2086
read_table() { run read airtable "$@" $at --isolation "$mode"; }
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
forget() { fake_ask POST /_fake/reset >/dev/null; }
no_violation() { is "$(fake_ask stats.violations)" '[]' "$1"; }
count() { wc -l <"$1" | tr -d ' '; }
url() { "$PYTHON" -c 'import sys, urllib.parse as u; print(u.quote(sys.argv[1], ""))' "$1"; }
wanted() { fake_ask GET "/_fake/rows?table=$(url "$1")${2-}" >"$work/wanted"; }
# `compare GOT [MODE]`: rows of a read beside $work/wanted, by id.
#   each: every row once, as it is    last: the last of each id is as it is    ids: the same ids
compare() {
    "$PYTHON" - "$1" "$work/wanted" "${2:-each}" <<'END'
import json, sys
def load(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f.read().split("\n") if line]
got, want, mode = load(sys.argv[1]), load(sys.argv[2]), sys.argv[3]
by_id = {r["id"]: r for r in got}
wanted = {r["id"]: r for r in want}
other = [i for i in wanted if mode != "ids" and i in by_id and by_id[i] != wanted[i]]
if mode == "each" and len(by_id) != len(got):
    print("%d rows, %d ids" % (len(got), len(by_id)))
elif by_id.keys() != wanted.keys():
    print("missing %s, too many %s" % (sorted(wanted.keys() - by_id.keys())[:3],
                                       sorted(by_id.keys() - wanted.keys())[:3]))
elif other:
    a, b = by_id[other[0]], wanted[other[0]]
    print("%d rows differ: %s" % (len(other), [(k, a.get(k), b.get(k)) for k in
                                               list(b) + list(a) if a.get(k) != b.get(k)][:2]))
else:
    print("same")
END
}
ids_of() { # ids_of JSON KEY...: of what /_fake/change gave, sorted
    "$PYTHON" -c 'import json, sys
print("\n".join(sorted(i for k in sys.argv[2:] for i in json.loads(sys.argv[1])[k])))' "$@"
}
ids_read() {
    "$PYTHON" -c 'import json, sys
print("\n".join(sorted(json.loads(line)["id"] for line in open(sys.argv[1]) if line != "\n")))' "$1"
}
# `kill_at N READ...`: a read that is killed while it waits for its N-th page; sets $resume.
kill_at() {
    rm -f k.json k.jsonl
    page_to_die=$1
    shift
    # shellcheck disable=SC2086
    "$PYTHON" -c 'import json, subprocess, sys, time, urllib.request
other, nth, words = sys.argv[1], sys.argv[2], sys.argv[3:]
def ask(what, data=None, method="GET"):
    request = urllib.request.Request(other + "/_fake/" + what, data, method=method)
    return json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request))
ask("faults", method="DELETE")
ask("faults", json.dumps({"kind": "hang", "path": "*listRecords", "nth": nth}).encode(), "POST")
with open("killed", "wb") as out:
    read = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out)
end = time.monotonic() + 60
while ask("stats")["faults"][0]["done"] != 1 and time.monotonic() < end and read.poll() is None:
    time.sleep(0.01)
read.kill()
read.wait()
ask("faults", method="DELETE")' "$fake_other" "$page_to_die" "$program" read airtable "$@" $at \
        --isolation "$mode" --until-done --offset-file k.json 2>"$work/err"
    [ -e k.json ] && resume=--resume || resume=
}

# --- as a new user begins
airtable
# shellcheck disable=SC2086
{
    run check airtable $at
    is "$status" 0 'check'
    like "$out" 'records of appMain' 'looks into the base'
    run namespaces airtable $reach
    is "$(tr '\n' ' ' <"$work/out")" "$main appSecond00000002 appTwin0000000003 " 'bases are namespaces'
    run tables airtable $at
    is "$out" "Everything
Tasks
$odd
Empty" 'tables of the base, by their names'
    run tables airtable $reach --output json
    is "$("$PYTHON" -c 'import json, sys
print(" ".join("%s/%s/%s" % (t["namespace"][0][:6], t["name"][:2], t["category"]) for t in json.load(open(sys.argv[1]))))' \
        "$work/out")" 'appMai/Ev/Operations appMai/Ta/Operations appMai/Sa/Operations appMai/Em/Operations appSec/Ta/appSecond00000002 appTwi/Ta/appTwin0000000003' \
        'of all bases; the category is the base, by its id where two have one name'
    run metadata airtable Tasks $at
    like "$out" '"cursor_field": "last_modified__at_"' 'the field that says what changed is found'
    like "$out" '"ingestion_type": "cdc"' 'and makes the table cdc'
    run metadata airtable Everything $at
    like "$out" '"ingestion_type": "snapshot"' 'one that watches some fields only, or has no time, does not'
    for how in snapshot=true view=x filter_formula=x; do
        run metadata airtable Tasks $at --table-option "$how"
        like "$out" '"ingestion_type": "snapshot"' "nor with $how"
    done
    run metadata airtable Everything $at --table-option 'incremental_field=Status changed'
    like "$out" '"cursor_field": "status_changed"' 'unless it is named'
    run schema airtable Everything $at
    is "$("$PYTHON" -c 'import json, sys
def ddl(t):
    if not isinstance(t, dict): return {"long": "bigint"}.get(t, t)
    if t["type"] == "array": return "array<%s>" % ddl(t["elementType"])
    return "struct<%s>" % ", ".join("%s: %s" % (f["name"], ddl(f["type"])) for f in t["fields"])
for f in json.load(open(sys.argv[1]))["fields"]: print(f["name"], ddl(f["type"]))' "$work/out")" \
        "id string
createdTime timestamp
$(fake_ask GET '/_fake/columns?table=Everything')" 'a column for each kind of field'
}

# The README's commands, in its order; the base and the table are the fake's.
sed -n 's/^lakehost \([^#]*\).*/\1/p' "$top/plugins/airtable/README.md" >commands
is "$([ "$(count commands)" -ge 7 ] && echo some)" some 'the README has commands'
while IFS= read -r line; do
    line=$(printf '%s\n' "$line" | sed "s|\"Sales / 2026\"|tbl00000000000003|")
    # shellcheck disable=SC2086 # words, and $at among them
    eval run $line
    is "$status" 0 "README: lakehost $line"
done <commands

# --- every table, every record, once, in both modes
for mode in none process; do
    for table in Everything Tasks "$odd" Empty; do
        read_table "$table" --until-done
        wanted "$table"
        is "$status/$(compare "$work/out")" 0/same "$table, isolation $mode: each record, once, as it is"
        read_table "$table" --until-done --typed
        is "$status/$err" 0/ "$table, isolation $mode: all of it fits the types"
    done
done
read_table tbl00000000000003
wanted "$odd"
is "$(compare "$work/out")" same 'a table by its id'
read_table Tasks --table-option base_id=appTwin0000000003
wanted Tasks '&base=appTwin0000000003'
is "$(compare "$work/out")" same 'a table of another base'
at="--option base_id=$main --option base_url=$fake/v0/ --option bearer_token=env:AIRTABLE_TOKEN"
read_table "$odd"
wanted "$odd"
is "$status/$(compare "$work/out")" 0/same 'a base_url with /v0/, and a bearer_token'
at="$reach --option base_id=$main"
for size in 0 7 1000; do
    forget
    read_table "$odd" --table-option batch_size=$size
    is "$status/$(compare "$work/out")" 0/same "batch_size $size is what Airtable takes"
done
forget
read_table Everything --table-option 'fields=["Price/Unit ($)", "fld0001X000000001"]'
is "$(head -n 1 "$work/out" | "$PYTHON" -c 'import json, sys; print(*json.loads(sys.stdin.readline()))')" \
    'id createdTime id_2 price_unit_dollar' 'fields by name or id'
like "$(fake_ask GET /_fake/log)" '\"fields\":[\"fld0001X000000001\",\"fld0001X000000007\"]' 'are all that is asked for'
read_table Everything --table-option 'view=Open ones'
is "$status/$(count "$work/out")" 0/115 'a view'
read_table Tasks --table-option "filter_formula={Status}='it\\'s done'"
is "$status/$(count "$work/out")/$(grep -c "it's done" "$work/out")" 0/83/83 'a filter formula, with its quotes'
read_table Everything --table-option cell_format=string --table-option time_zone=Europe/Vienna \
    --table-option user_locale=de
wanted Everything '&format=string'
is "$status/$(compare "$work/out")" 0/same 'cells as Airtable shows them'
no_violation 'nothing that Airtable would not like'

# --- what changed since
fake_ask DELETE /_fake/faults >/dev/null
forget
read_table Tasks --until-done --as-of 2025-01-01 --offset-file t.json
is "$status/$(cat t.json)" '0/{"connector":"airtable","flows":{"rows":{"offset":{"modified":"2025-01-01T00:00:00Z"}}},"table":"Tasks"}' \
    'the offset is a time'
forget
read_table Tasks --until-done --as-of 2025-01-01 --offset-file t.json --resume
is "$status/$out/$(fake_ask stats.paths)" "0//{\"GET /v0/meta/bases/$main/tables\": 1}" 'what is covered is not asked for'
change=$(fake_ask POST '/_fake/change?table=Tasks&at=1735732800&n=150&add=24')
read_table Tasks --until-done --as-of 2025-02-01 --offset-file t.json --resume
is "$status/$(ids_read "$work/out")" "0/$(ids_of "$change" changed added)" \
    'what changed and what came, those among it that never changed'
like "$(fake_ask GET /_fake/log)" \
    "IF({fld0002X000000002},NOT(IS_BEFORE({fld0002X000000002},'2024-12-31T23:55:00Z')),NOT(IS_BEFORE(CREATED_TIME(),'2024-12-31T23:55:00Z')))" \
    'by a formula'
read_table Tasks --until-done --as-of 2025-03-01 --offset-file t.json --resume
is "$status/$out" 0/ 'then nothing new'
change=$(fake_ask POST '/_fake/change?table=Tasks&at=1740787000&n=3&delete=5')
read_table Tasks --until-done --as-of 2025-04-01 --offset-file t.json --resume \
    --table-option lookback_seconds=300
is "$(ids_read "$work/out")" "$(ids_of "$change" changed)" 'a change that was seen late, within the lookback'
TZ=America/Los_Angeles read_table Tasks --as-of 2025-05-01 --offset-file west.json
TZ=Asia/Tokyo read_table Tasks --as-of 2025-05-01 --offset-file east.json
is "$(cat west.json)" "$(cat east.json)" 'times are in UTC, wherever it runs'
read_table Tasks --until-done --table-option "incremental_field=Last {modified} 'at'" \
    --table-option "filter_formula=OR({Status}='Open',{Status}=\"it's done\")" --offset-file f.json
read_table Tasks --until-done --table-option incremental_field=fld0002X000000002 \
    --table-option "filter_formula=OR({Status}='Open',{Status}=\"it's done\")" --offset-file f.json --resume
is "$status/$out" 0/ "the user's formula beside ours"

# Records of the future are given, and a read ends; the next one gives them again.
for as_of in 2025-01-01 2025-06-01; do
    read_table Tasks --until-done --as-of "$as_of" --table-option incremental_field=Planned \
        --offset-file future.json --resume --timeout 60
    is "$status/$(grep -c '2099-01-01' "$work/out")" "0/$(fake_ask GET '/_fake/rows?table=Tasks' | grep -c 2099)" \
        "as of $as_of: records of the future"
done
is "$(grep -c '2099' future.json)" 0 'no offset lies there'

# --- what a user may get wrong
while IFS='|' read -r wanted_status part words; do
    # shellcheck disable=SC2086
    eval read_table $words
    is "$status" "$wanted_status" "$words"
    like "$err" "$part" "$words: the message"
done <<'END'
5|base appMain0000000001 has no table "Nothing"|Nothing
4|add the base to the token's access|Tasks --table-option base_id=appNone
3|table Tasks has no field "No"|Tasks --table-option fields=No
3|exclude each other|Tasks --table-option snapshot=true --table-option incremental_field=Planned
3|no date with a time of day|Tasks --table-option incremental_field=Name
3|no date with a time of day|Everything --table-option 'incremental_field=Changed on'
3|needs time_zone and user_locale|Tasks --table-option cell_format=string
3|Unknown field names: nope|Tasks --table-option 'filter_formula={Nope}=1'
3|View x not found|Tasks --table-option view=x
3|the offset's "modified"|Tasks --start-offset '{"page":7}'
3|the offset's "modified"|Tasks --start-offset '{"as_of":"2025-01-01T00:00:00Z"}'
3|the offset's "as_of"|Everything --start-offset '{"modified":"2025-01-01T00:00:00Z"}'
END
# shellcheck disable=SC2086
run tables airtable --option "base_url=$fake" --option token=x --option bearer_token=y
is "$status" 3 'two tokens'
# shellcheck disable=SC2086
run read airtable Tasks $reach
is "$status" 3 'no base'
like "$err" 'namespaces airtable' 'says where they are listed'
forget
# shellcheck disable=SC2016 # that is the text
read_table Tasks --table-option 'filter_formula={Status}="${api_token}${token}"' --table-option \
    'incremental_field=Planned'
is "$status/$out" 0/ 'a formula with what is no placeholder'
# shellcheck disable=SC2016
like "$(fake_ask GET /_fake/log)" '${api_token}${token}' 'arrives as it was written'
# shellcheck disable=SC2016
read_table '../${token}?x#y' --table-option 'base_id=${token}/..%2f'
is "$status" 4 'nor is anything expanded in a path'
like "$(fake_ask GET /_fake/log)" '/v0/meta/bases/%24%7Btoken%7D%2F..%252f/tables' 'or understood as one'
no_violation 'none of it did harm'

# --- what the source may answer
outcome() { # outcome FAULT STATUS MESSAGE NAME
    fault "$1"
    read_table Tasks --until-done --retries 1
    is "$status" "$2" "$4"
    like "$err" "$3" "$4: the message"
    unlike "$out$err" "$token" "$4: no token in it"
}
outcome '{"kind":"404","count":0}' 5 'no such base' 'not found'
outcome '{"kind":"500","count":0}' 7 '500' 'a server error for ever'
outcome '{"kind":"503","count":0,"retry-after":"1"}' 7 '503' 'or unavailable'
outcome '{"kind":"garbage","count":0,"path":"*listRecords"}' 1 'JSON' 'an answer that is no JSON'
outcome '{"kind":"200","count":0,"path":"*listRecords","body":"{}"}' 1 'no list "records"' 'or none that is known'
for mode in none process; do
    outcome '{"kind":"401","count":0}' 4 '401' "credentials refused, isolation $mode"
    outcome '{"kind":"403","count":0,"path":"*listRecords"}' 4 'data.records:read' "records refused, isolation $mode"
    outcome '{"kind":"422","count":0,"path":"*listRecords"}' 3 'An error occurred' "parameters refused, isolation $mode"
    outcome '{"kind":"429","count":0,"body":"{\"error\":{\"type\":\"PUBLIC_API_BILLING_LIMIT_EXCEEDED\",\"message\":\"Monthly quota\"}}"}' \
        7 'Monthly quota' "the quota is used up, isolation $mode"
    outcome '{"kind":"redirect","to":"other"}' 1 "${fake_other#http://}" "a redirect elsewhere, isolation $mode"
done
is "$(fake_ask GET /_fake/log | grep -c '"listener": "other"')" 0 'is not followed'
forget # a process that was told to wait has ended without
for what in '"500"' '"503","retry-after":"1"' '"429","retry-after":"1"' '"reset"' \
    '"redirect","to":"same","status":307'; do
    fault "{\"kind\":$what,\"nth\":2,\"path\":\"*listRecords\"}"
    read_table Tasks --until-done
    wanted Tasks
    is "$status/$(compare "$work/out")" 0/same "once $what, then well"
done
fault '{"kind":"403","count":0,"path":"/v0/meta/bases"}'
# shellcheck disable=SC2086
run tables airtable $at --output json
is "$status" 0 'without the list of bases'
like "$out" "\"category\": \"$main\"" 'the category is the id'
fake_ask DELETE /_fake/faults >/dev/null
no_violation 'who is told to wait waits'

# --- no secret anywhere
AIRTABLE_TOKEN=wrong/Tok3n+
read_table Tasks --debug
is "$status" 4 'a wrong token'
is "$(grep -cF -e "$AIRTABLE_TOKEN" "$work/out" "$work/err" | grep -v ':0$')" '' 'is not shown'
AIRTABLE_TOKEN=$token
for mode in none process; do
    rm -rf trace recording s.*
    read_table Tasks --until-done --debug --trace-http trace --record recording --offset-file s.json \
        --output-file s.jsonl --as-of 2026-01-01
    is "$status" 0 "everything that writes, isolation $mode"
    is "$([ -s trace ] && [ -d recording ] && echo there)" there 'wrote'
    is "$(grep -rlF -e "$token" -e "$basic" -e 'pat3n%2FFake' -e 'pat3n\/Fake' trace recording s.json \
        s.jsonl "$work/out" "$work/err")" '' 'and none of it has the token in any form'
done
cp s.jsonl first.jsonl
fake_stop "$fake_pid"
read_table Tasks --until-done --replay recording --output-file s.jsonl
is "$status/$(cmp s.jsonl first.jsonl && echo same)" 0/same 'the recording gives the same without the source'

# --- killed at every page of twenty
for order in '' --empty-last; do
    # shellcheck disable=SC2086
    airtable --tasks 1000 --records 100 --max-page 50 $order
    wanted Tasks
    page=1
    while [ "$page" -le 20 ]; do
        [ $((page % 2)) -eq 0 ] && mode=none || mode=process
        [ -n "$order" ] && [ $((page % 4)) -ne 0 ] && page=$((page + 1)) && continue
        kill_at "$page" Tasks --output-file k.jsonl
        # shellcheck disable=SC2086
        read_table Tasks --until-done --offset-file k.json --output-file k.jsonl $resume
        is "$status/$(compare k.jsonl)" 0/same "killed at page $page, isolation $mode $order: each row once"
        page=$((page + 1))
    done
done
for page in 2 11; do
    kill_at "$page" Tasks
    # shellcheck disable=SC2086
    read_table Tasks --until-done --offset-file k.json $resume
    # the last line of the killed one may be cut
    "$PYTHON" -c 'import sys
sys.stdout.write(open(sys.argv[1]).read().rpartition("\n")[0] + "\n")' killed >both
    cat "$work/out" >>both
    is "$status/$(compare both ids)" 0/same "killed at page $page, to a pipe: nothing lost"
done
wanted Everything
kill_at 2 Everything --output-file k.jsonl
# shellcheck disable=SC2086
read_table Everything --until-done --offset-file k.json --output-file k.jsonl $resume
is "$status/$(compare k.jsonl)" 0/same 'a snapshot that was killed begins anew'
fake_ask DELETE /_fake/faults >/dev/null
forget
read_table Tasks --until-done
is "$(fake_ask stats.requests)" 21 'a schema and twenty pages are 21 requests'
kill_at 11 Tasks --output-file k.jsonl
unlike "$(cat k.json 2>/dev/null)" itr 'no offset has a place in a list'
fake_ask DELETE /_fake/faults >/dev/null

# --- lists that Airtable forgets
airtable --tasks 1000 --records 150 --max-page 10 --expire 3,4,9,30,31,60
for mode in none process; do
    for table in Everything Tasks; do
        read_table "$table" --until-done
        wanted "$table"
        is "$status/$(compare "$work/out")" 0/same "$table, isolation $mode: begun again, each row once"
    done
done
is "$(fake_ask stats.statuses.422)" 6 'Airtable has forgotten six lists'
no_violation 'and nothing else was wrong'
airtable --records 150 --max-page 10 --expire 0
read_table Everything --timeout 100
is "$status" 7 'a list that is always forgotten'
like "$err" 'forgot 3 times in a row' 'says so'

# --- a source that moves
airtable --max-page 20 --change-every 1 --change-at 1740787200 --empty-page 3
for mode in none process; do
    read_table Tasks --until-done --output-file move.jsonl --offset-file move.json --as-of 2025-01-01
    wanted Tasks
    is "$status/$(compare move.jsonl ids)" 0/same "changes between pages and an empty page, isolation $mode"
    is "$(count move.jsonl)" 250 'each record once'
    read_table Tasks --until-done --output-file move.jsonl --offset-file move.json --resume
    wanted Tasks
    is "$status/$(compare move.jsonl ids)" 0/same 'and what changed meanwhile'
    rm -f move.json*
done
read_table Everything
wanted Everything
is "$status/$(compare "$work/out")" 0/same 'a snapshot, and an empty page'
fake_ask POST '/_fake/drift?page=4' >/dev/null
read_table Everything
is "$status/$(count "$work/out")" 0/230 'a field is renamed and one deleted between pages'
is "$("$PYTHON" -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1]) if line != "\n"]
print(len([r for r in rows[80:] if r["notes"]]), len({tuple(r) for r in rows}),
      len([r for r in rows[80:] if r["name"]]) > 100)' "$work/out")" '0 1 True' \
    'the first keeps its column, the other is null from then on'
read_table Everything --limit 1
like "$out" '"renamed":' 'the next run has the new name'
unlike "$out" '"notes_3":' 'and names that the deleted one left free'
no_violation 'all by the rules'

# --- limits
fake airtable --max-page 10 --tasks 100 --penalty-s 1 --retry-after --limit base=8/1000
at="--option base_url=$fake --option token=env:AIRTABLE_TOKEN --option base_id=$main --option requests_per_second=100"
read_table Tasks --until-done
wanted Tasks
is "$status/$(compare "$work/out")" 0/same 'others use the base too'
is "$(fake_ask "stats.limits.$main.refused")" 1 'told to wait once'
no_violation 'and waited'
if [ -z "${LAKEHOST_VALGRIND:-}" ]; then
    fake airtable --max-page 10 --tasks 100 --limit base=3/1000
    at="--option base_url=$fake --option token=env:AIRTABLE_TOKEN --option base_id=$main --option requests_per_second=100"
    read_table Tasks --until-done --timeout 25
    is "$status" 7 '30 seconds to wait, and not so much time'
    is "$(fake_ask stats.requests)" 4 'nothing is asked for meanwhile'
    no_violation 'nor too early'
else
    skip 'a wait of 30 seconds' 'the time that is given may be over before it begins'
fi
airtable --max-page 10 --tasks 100
at="--option base_url=$fake --option token=env:AIRTABLE_TOKEN --option base_id=$main"
read_table Tasks --until-done
is "$status" 0 'five requests a second'
is "$(fake_ask GET /_fake/log | "$PYTHON" -c 'import json, sys
times = [json.loads(line)["t_ms"] for line in sys.stdin]
print(len(times), times[-1] - times[0] >= 1000)')" '11 True' 'are kept to'

# --- OAuth, rights, many bases
CLIENT_SECRET=cl+5ecret/= REFRESH=refresh-0/5ecret
export CLIENT_SECRET REFRESH
airtable --oauth
run read airtable Tasks --option "base_url=$fake" --option "base_id=$main" --option "token_base_url=$fake" \
    --option client_id=client/1 --option client_secret=env:CLIENT_SECRET --option refresh_token=env:REFRESH --debug
wanted Tasks
is "$status/$(compare "$work/out")" 0/same 'signed in by OAuth'
is "$(grep -cF -e "$CLIENT_SECRET" -e "$REFRESH" -e oaa-1/5ecret "$work/err")" 0 'without its secrets in any message'
no_violation 'or anywhere else'
airtable --no-scope schema.bases:read
# shellcheck disable=SC2086
run check airtable $at
is "$status" 4 'a token that may not see schemas'
like "$out$err" 'schema.bases:read' 'check says which scope'
airtable --no-scope data.records:read --bases 1100
# shellcheck disable=SC2086
{
    run check airtable $at
    is "$([ "$status" -ne 0 ] && echo failed)" failed 'a token that may not see records'
    like "$out" 'data.records:read' 'check says which scope'
    run namespaces airtable $reach
    is "$status/$(count "$work/out")" 0/1103 'more bases than a page has'
}

# --- TLS
if command -v openssl >/dev/null || command -v certtool >/dev/null; then
    airtable --tls good
    read_table "$odd" --cacert "$fake_ca"
    is "$status/$(count "$work/out")" 0/20 'TLS'
    read_table "$odd" --retries 0
    is "$status" 7 'whom nobody trusts'
    no_violation 'is told nothing'
else
    skip 'TLS' 'neither openssl nor certtool is installed'
fi
done_testing
