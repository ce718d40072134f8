#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The HubSpot connector as its README says, against a HubSpot that knows what must come of it.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

token=pat-eu1-5e/c+ret-81f2
HUBSPOT_TOKEN=$token
export HUBSPOT_TOKEN
tables='contacts companies deals tickets calls emails meetings tasks notes cars p77_contacts'
fast='--limit default=1000000/10 --limit search=1000000/1'
# Where nothing is said about limits, the account has none worth speaking of.
hs() { # hs COMMAND ARGUMENTS
    hs_command=$1
    shift
    run "$hs_command" hubspot --option access_token=env:HUBSPOT_TOKEN \
        --option "base_url=$fake" --option "searches_per_second=${searches:-1000000}" "$@"
}
# read_on NAME TABLE OPTIONS: goes on where the last one ended; rows are in NAME.rows (of deletes in
# NAME.gone), those of this call in $work/fresh
read_on() {
    read_on_rows=$1.rows read_on_name=$1 read_on_table=$2
    shift 2
    case " $* " in *' --deletes '*) read_on_rows=$read_on_name.gone ;; esac
    : >>"$read_on_rows"
    cp "$read_on_rows" "$work/before"
    [ -s "$read_on_rows" ] || rm "$read_on_rows"
    hs read "$read_on_table" --until-done --offset-file "$read_on_name.offset" --resume \
        --output-file "$read_on_rows" "$@"
    tail -c "+$(($(wc -c <"$work/before") + 1))" "$read_on_rows" >"$work/fresh"
}
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
forget() { fake_ask POST /_fake/reset >/dev/null; }
change() { fake_ask POST "/_fake/change?$1" >"$work/change"; }
quiet() { # quiet NAME: the client did what HubSpot asks of clients
    is "$(fake_ask stats.violations)" '[]' "$1: no violation"
}
ids_of() { # ids of a file of rows, sorted; each once more for each time that it comes
    sed 's/^{"id":"\([0-9]*\)".*/\1/' "$1" | LC_ALL=C sort
}
same_ids() { # same_ids FILE TABLE[&of=archived] NAME
    ids_of "$1" >"$work/got"
    fake_ask GET "/_fake/ids?table=$2" >"$work/wanted"
    is "$(cksum <"$work/got")" "$(cksum <"$work/wanted")" "$3"
    diff "$work/got" "$work/wanted" | head -n 5 | sed 's/^/# /'
}
cat >"$work/compare.py" <<'PY'
"""compare.py FAKE TABLE FILE...: what the rows of the files come to, against what the fake has.
With "changed" for TABLE: their ids are those that the last change says, each once."""
import json
import sys
import urllib.request

fake, table, files = sys.argv[1], sys.argv[2], sys.argv[3:]
if table.startswith("changed="):
    with open(table[8:], encoding="utf-8") as said:
        change = json.load(said)
    wanted = sorted(str(i) for i in change["changed"] + change["added"])
    got = sorted(json.loads(line)["id"] for line in open(files[0], encoding="utf-8"))
    print("equal" if got == wanted else "%d rows, %d wanted, %d of them there" % (
        len(got), len(wanted), len(set(got) & set(wanted))))
    sys.exit()
got = {}
for name in files:
    for line in open(name, encoding="utf-8"):
        row = json.loads(line)
        got[row["id"]] = row
        if "properties" not in row:
            del got[row["id"]]
with urllib.request.urlopen("%s/_fake/rows?table=%s" % (fake, table)) as answer:
    wanted = {row["id"]: row for row in map(json.loads, answer.read().decode().split("\n")[:-1])}
if got == wanted:
    print("equal")
for i in sorted(set(got) | set(wanted)):
    if got.get(i) != wanted.get(i):
        print("got", json.dumps(got.get(i))[:300], "wanted", json.dumps(wanted.get(i))[:300])
        break
PY
compare() { "$PYTHON" "$work/compare.py" "$fake_other" "$@"; }

# --- the catalog
# shellcheck disable=SC2086 # $fast is several words
fake hubspot $fast
hs tables
is "$status" 0 'tables'
is "$(tr '\n' ' ' <"$work/out")" "$tables " 'own objects, then custom ones; a name that is taken is qualified'
hs tables --output json
like "$out" '"id": "2-1001"' 'custom objects have their id'
like "$out" '"category": "custom_objects"' 'and a category'
like "$out" '"category": "engagement"' 'others have theirs from the spec'
hs check
is "$status" 0 'check'
like "$out" 'ok     contacts: HTTP status 200' 'a table'
like "$out" 'ok     custom objects: HTTP status 200' 'custom objects'
forget
hs schema deals --output ddl
like "$out" 'id string, createdAt string, updatedAt string, archived boolean, contacts array<string>, companies array<string>, tickets array<string>, properties struct<hs_object_id: bigint' \
    'columns'
for type in 'amount: double' 'is_vip: boolean' 'stage: string' 'born: string' \
    'hs_hd_ticket_ids: string' 'phone: string' 'hs_lastmodifieddate: string'; do
    like "$out" "$type" "type of ${type%:*}"
done
is "$(fake_ask stats.requests)" 1 'one request for the schema of an own object'
hs schema cars --output ddl
like "$out" 'archived boolean, properties struct<' 'a custom object has no associations'
hs metadata deals
like "$out" '"ingestion_type": "cdc_with_deletes"' 'deals have deletes'
like "$out" '"cursor_field": "updatedAt"' 'cursor'
for table in calls meetings cars; do
    hs metadata "$table"
    like "$out" '"ingestion_type": "cdc"' "$table have none"
    hs read "$table" --deletes
    is "$status" 3 'and nothing to read them from'
done

# --- each table: all of it, then what changed, then what went
for table in $tables; do
    read_on "$table" "$table"
    is "$status" 0 "$table: a first read"
    same_ids "$table.rows" "$table" "$table: each record once"
    is "$(compare "$table" "$table.rows")" equal "$table: every value and association"
    change "table=$table&n=5&delete=1&add=2"
    read_on "$table" "$table"
    is "$(compare "changed=$work/change" "$work/fresh")" equal "$table: what changed, and no more"
    case $table in
    calls | meetings | cars | p77_contacts) ;;
    *)
        read_on "$table" "$table" --deletes
        same_ids "$table.gone" "$table&of=archived" "$table: what went"
        change "table=$table&delete=2"
        read_on "$table" "$table" --deletes --table-option lookback_seconds=0
        same_ids "$table.gone" "$table&of=archived" "$table: what went since"
        is "$(compare "$table" "$table.rows" "$table.gone")" equal \
            "$table: all of it together is what there is"
        ;;
    esac
done
quiet 'each table'
is "$(fake_ask stats.limits.search.refused)" 0 'no search was refused'

# --- what covers the horizon is not asked for; properties are asked for once a run
forget
reached=$(sed 's/.*"updatedAt":"\([^"]*\)".*/\1/' cars.offset)
hs read contacts --until-done --start-offset "{\"updatedAt\":\"$reached\"}" --as-of "$reached"
is "$status $(fake_ask stats.paths)" '0 {"GET /crm/v3/properties/contacts": 1}' \
    'no request for what was read before, but for the columns'
forget
hs read contacts --until-done --typed
is "$(fake_ask stats.paths)" '{"GET /crm/v3/properties/contacts": 1, "GET /crm/v3/objects/contacts": 3}' \
    'schema and read ask for the properties once'
like "$out" '"hs_object_id":9007' 'typed: ids are whole numbers'
like "$out" '"amount":12.75' 'typed: numbers keep their fraction'
unlike "$out" '":""' 'typed: an empty text is none'
unlike "$err" 'contacts' 'typed: everything fits'

# --- options
hs read contacts --table-option start_date=2090-01-01 --as-of 2098-01-01
is "$(wc -l <"$work/out" | tr -d ' ')" "$(grep -c '"updatedAt":"209' contacts.rows)" \
    'start_date: only what changed since, also from the future'
hs read deals --table-option max_records_per_batch=50 --offset-file batch.offset
is "$(wc -l <"$work/out" | tr -d ' ')" 100 'max_records_per_batch: to within a page'
hs read deals --table-option max_records_per_batch=50 --offset-file batch.offset --resume
cat "$work/out" >>batch.rows
hs read deals --limit 7
is "$(wc -l <"$work/out" | tr -d ' ')" 7 '--limit'
fake_stop "$fake_pid"

# --- more properties than a URL holds, more associations than an answer holds, empty pages
# shellcheck disable=SC2086
fake hubspot $fast --properties 400 --inline-links 2 --empty-page 2 --deals 350 --contacts 60
read_on wide deals
is "$(compare deals wide.rows)" equal 'a wide table is complete, whatever its answers are cut to'
is "$(fake_ask stats.statuses.414)" null 'no URL was too long'
change 'table=deals&n=250'
read_on wide deals
is "$(compare deals wide.rows)" equal 'and so are its changes'
quiet 'a wide table'
fake_stop "$fake_pid"
# shellcheck disable=SC2086
fake hubspot $fast --empty-page 1 --tickets 250
read_on first tickets
is "$(compare tickets first.rows)" equal 'the first page of a list is empty'
fake_stop "$fake_pid"
# shellcheck disable=SC2086
fake hubspot $fast --empty-page 5 --tickets 250
read_on second tickets
change 'table=tickets&n=230'
read_on second tickets
is "$(compare tickets second.rows)" equal 'the second page of a search is empty'
fake_stop "$fake_pid"

# --- records that change between two pages
# shellcheck disable=SC2086
fake hubspot $fast --companies 900 --change-every 1
read_on moving companies
change 'table=companies&n=700'
read_on moving companies
fake_ask POST /_fake/still >/dev/null
read_on moving companies
is "$(compare companies moving.rows)" equal 'records change between pages of lists and searches'
fake_stop "$fake_pid"

# --- more changes than a search has results, and more at one time than a page holds
# shellcheck disable=SC2086
fake hubspot $fast --search-results 1000 --contacts 2000 --companies 10
read_on many contacts --table-option start_date=2026-01-01
is "$status $(wc -l <many.rows | tr -d ' ')" '0 0' 'nothing changed since'
change 'table=contacts&n=1700'
read_on many contacts
is "$(compare "changed=$work/change" "$work/fresh")" equal 'more changes than a search gives, each once'
change 'table=contacts&n=900&same=1'
read_on many contacts --table-option lookback_seconds=0
is "$(compare "changed=$work/change" "$work/fresh")" equal 'equal times across pages: each once'
is "$(fake_ask stats.statuses.400)" null 'no search went beyond'
quiet 'many changes'
fake_stop "$fake_pid"

# --- a search that is behind
# shellcheck disable=SC2086
fake hubspot $fast --lag-ms 3600000 --tasks 20
read_on late tasks
change 'table=tasks&n=5'
read_on late tasks --table-option lookback_seconds=0
is "$(wc -l <"$work/fresh" | tr -d ' ')" 0 'a search does not find what has just changed'
fake_ask POST /_fake/caught-up >/dev/null
read_on late tasks
is "$(compare tasks late.rows)" equal 'the next read looks back and finds it'
fake_stop "$fake_pid"

# --- killed at every page: nothing is lost, nothing comes twice
# The second page of each try hangs; the first one is still committed, and there is the end of it.
# Offsets are saved 5 times a second at most, so that page takes longer than that.
cat >"$work/killer.py" <<'PY'
"""killer.py FAKE PATH OFFSET PROGRAM...: runs it until it ends; how it ended, and how often it was
killed."""
import json
import subprocess
import sys
import time
import urllib.request

fake, path, offset, program = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]


def ask(what, data=None, method=None):
    request = urllib.request.Request(fake + "/_fake/" + what, data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def saved():
    try:
        with open(offset, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


status, kills = None, 0
while status is None and kills < 40:
    ask("faults", method="DELETE")
    ask("faults", json.dumps([{"kind": "hang", "path": path, "nth": 2}, {
        "kind": "slow", "path": path, "ms": 210}]).encode())
    before = saved()
    process = subprocess.Popen(program, stdin=subprocess.DEVNULL)
    status = process.poll()
    while status is None and not (ask("stats")["faults"][0]["done"] and saved() != before):
        time.sleep(0.01)
        status = process.poll()
    if status is None:
        process.kill()
        process.wait()
        kills += 1
ask("faults", method="DELETE")
print(status, kills)
PY
killed_at_every_page() { # killed_at_every_page TABLE PATH OPTIONS
    killed_table=$1 killed_path=$2
    shift 2
    # Without valgrind, which has nothing to say of what is killed.
    killed=$(LAKEHOST_VALGRIND='' timeout 60 "$PYTHON" "$work/killer.py" "$fake_other" "$killed_path" killed.offset \
        "$LAKEHOST" read hubspot "$killed_table" --until-done \
        --option access_token=env:HUBSPOT_TOKEN --option "base_url=$fake" \
        --option searches_per_second=1000000 --offset-file killed.offset --resume \
        --output-file killed.rows "$@")
    last="read of $killed_table, killed"
}
# shellcheck disable=SC2086
fake hubspot $fast --notes 2090 --contacts 10 --companies 10 --deals 10 --tickets 10
killed_at_every_page notes /crm/v3/objects/notes
is "${killed% *} $((${killed#* } > 18))" '0 1' 'a list of 20 pages, killed at each'
same_ids killed.rows notes 'each record once'
is "$(compare notes killed.rows)" equal 'and complete'
# These changes carry the times of the second before: all of it lies behind the list.
sleep 1
change 'table=notes&n=1900&delete=50'
cp killed.rows listed.rows
killed_at_every_page notes /crm/v3/objects/notes/search --table-option lookback_seconds=0
is "${killed% *} $((${killed#* } > 8))" '0 1' 'a search of 10 pages, killed at each'
tail -n "+$(($(wc -l <listed.rows) + 1))" killed.rows >"$work/fresh"
is "$(compare "changed=$work/change" "$work/fresh")" equal 'each change once'
for _ in 1 2; do
    hs read notes --deletes --offset-file gone.offset --resume --output-file gone.rows \
        --table-option max_records_per_batch=1 --table-option lookback_seconds=0
done
same_ids gone.rows 'notes&of=archived' 'deletes, a page a run: each once'
fake_stop "$fake_pid"

# --- limits
fake hubspot --limit search=5/1 --contacts 900 --companies 10
read_on slow contacts
change 'table=contacts&n=850&same=1'
start=$(date +%s%N)
searches=4 read_on slow contacts
took=$((($(date +%s%N) - start) / 1000000))
is "$(compare contacts slow.rows)" equal 'searches wait for their turn'
is "$(fake_ask stats.limits.search.refused)" 0 'none was refused'
is "$((took >= 1000))" 1 'which takes a while'
fault '{"kind":"429","path":"*/search","body":"{\"policyName\":\"SECONDLY\"}","wait":1}'
start=$(date +%s%N)
read_on slow contacts
took=$((($(date +%s%N) - start) / 1000000))
is "$status $((took >= 1000))" '0 1' '429 without Retry-After: a second for searches'
fault '{"kind":"429","path":"*/search","body":"{\"policyName\":\"SECONDLY\"}","retry-after":"2"}'
start=$(date +%s%N)
read_on slow contacts
took=$((($(date +%s%N) - start) / 1000000))
is "$status $((took >= 2000))" '0 1' 'Retry-After counts for more'
quiet 'limits'
fault '{"kind":"429","count":0}'
forget
hs read contacts
is "$status" 7 'the daily limit: exit 7'
is "$(fake_ask stats.requests)" 1 'at once'
like "$err" 'daily limit' 'and why'
fake_stop "$fake_pid"
fake hubspot --limit default=20/1 --limit search=1000000/1 --contacts 2500 --companies 10
read_on learned contacts
is "$(compare contacts learned.rows)" equal 'a limit that the headers name'
is "$(fake_ask stats.limits.default.refused)" 0 'is learned from them'
quiet 'learned limits'
fake_stop "$fake_pid"

# --- what goes wrong
# shellcheck disable=SC2086
fake hubspot $fast --no-custom --no-scope deals --contacts 250
hs tables
is "$status" 6 'custom objects may not be listed: partly done'
like "$err" 'custom_objects=false' 'and what to do'
like "$out" 'contacts' 'the others are there'
hs tables --option custom_objects=false
is "$status $err" '0 ' 'nobody wants them'
hs schema cars
is "$status" 4 'nor can one be found'
like "$err" 'crm.schemas.custom.read' 'and why'
hs schema cars --option custom_objects=false
is "$status" 5 'it is not looked for'
hs read deals
is "$status" 4 'a scope is missing: exit 4'
like "$err" 'crm.objects.deals.read' 'and which'
hs check
like "$out" 'contacts: HTTP status 200' 'check: what is allowed'
like "$out" 'deals: HTTP status 403' 'and what is not'
run read hubspot contacts --option access_token=wrong-3d1 \
    --option "base_url=$fake"
is "$status" 4 'a wrong token: exit 4'
unlike "$out$err" 'wrong-3d1' 'which is not shown'
forget
run check hubspot --option access_token=wrong-3d1 --option "base_url=$fake"
is "$status $(fake_ask stats.requests)" '4 1' 'check stops at the first refusal'
try() { # try FAULT EXIT NAME
    fault "$1"
    hs read contacts --retries 1
    is "$status" "$2" "$3"
}
try '{"kind":"530","count":0}' 4 'a malformed token at the door: exit 4'
try '{"kind":"500","count":0}' 7 '500: exit 7'
try '{"kind":"reset","count":0}' 7 'connections are lost: exit 7'
try '{"kind":"502","count":1}' 0 '502 once: asked again'
try '{"kind":"423","count":1}' 0 '423 once: asked again'
try '{"kind":"garbage","path":"*/contacts","count":0}' 1 'no JSON: exit 1'
try '{"kind":"truncated","nth":2}' 0 'half an answer: asked again'
fault '{"kind":"404","path":"/crm/v3/objects/contacts"}'
hs read contacts
is "$status" 5 '404 is not empty'
fault '[]'
# shellcheck disable=SC2016 # that is the text
hs read contacts --start-offset '{"after":"${access_token}","until":"2026-01-01T00:00:00Z"}'
is "$status" 3 'an offset that HubSpot does not take: exit 3'
like "$err" 'from the beginning' 'and what to do'
like "$(fake_ask GET /_fake/log)" 'after=%24%7Baccess_token%7D' 'what looks like a placeholder is none'
unlike "$(fake_ask GET /_fake/log | grep -o 'after=[^"]*')" "$token" 'and is replaced by nothing'
hs read contacts --start-offset '{"id":7}'
is "$status" 3 'an offset of something else: exit 3'
hs read nothing --option custom_objects=false
is "$status" 5 'no such table: exit 5'
is "$(fake_ask stats.violations | grep -v 'wait ignored')" '[]' 'errors: no violation'

# --- where the token goes, and where it does not
forget
fault '{"kind":"redirect","to":"other","path":"/crm/v3/objects/contacts"}'
hs read contacts
is "$((status > 0))" 1 'nobody is sent to another origin'
fault '{"kind":"redirect","to":"same","path":"/crm/v3/objects/contacts"}'
hs read contacts
is "$status" 0 'but within this one'
fault '[]'
hs read contacts --debug --trace-http "$work/trace" --record "$work/recorded"
is "$status" 0 'recorded'
cp "$work/out" "$work/rows"
cp "$work/err" "$work/log"
hs read contacts --until-done --start-offset '{"updatedAt":"2024-01-01T00:00:00Z"}' --debug
cat "$work/err" >>"$work/log"
encoded=$(printf %s "$token" | base64)
for secret in "$token" "$encoded" "$(printf %s "$token" | sed 's,/,%2F,g; s,+,%2B,g')"; do
    is "$(grep -rF -e "$secret" "$work/rows" "$work/out" "$work/log" "$work/trace" "$work/recorded")" '' \
        'the token is in no output'
done
quiet 'the token'
is "$(fake_ask GET /_fake/log | grep -c '"listener": "other"')" 0 'and has not been elsewhere'
is "$(fake_ask stats.secrets | tr -d '{}' | cut -d : -f 1,2)" '"main header:authorization"' \
    'but in one header'
fake_stop "$fake_pid"
hs read contacts --replay "$work/recorded"
is "$status" 0 'replayed, with nobody there'
is "$(cksum <"$work/out")" "$(cksum <"$work/rows")" 'the same'

# --- OAuth
# shellcheck disable=SC2086
fake hubspot $fast
run read hubspot contacts --option "base_url=$fake" --option client_id=client-7 \
    --option client_secret=hs-cl1ent-5ecret --option refresh_token=hs-r3fresh-0b6c
is "$status" 0 'sign-in with a refresh token'
same_ids "$work/out" contacts 'reads the same'
unlike "$err" 'hs-cl1ent-5ecret' 'and shows no secret'
quiet OAuth

done_testing
