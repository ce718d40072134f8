#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The OSI PI connector as a user runs it, against tests/fakes/osipi.py.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

program=$(dirname "$LAKEHOST")/host/lakehost # itself: a wrapper would take the signal
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR
PI_PASSWORD=$(printf 'pi/p:4ssw\303\266rd-91')
PI_TOKEN="pi-bearer-7d1f09aa"
PI_SECRET="shh-PI-5d1e90"
export PI_PASSWORD PI_TOKEN PI_SECRET
end=2026-03-01T04:00:00Z
whole='&from=2026-03-01T00:00:00Z'

# `osipi OPTIONS`: a fake, and $pi, the options to reach it.
osipi() {
    fake osipi "$@"
    pi="--option pi_base_url=$fake --option username=ACME\\ann --option password=env:PI_PASSWORD"
}
# Reads a table as of the end of the fake's values.
# shellcheck disable=SC2086
read_table() { run read osipi "$@" $pi --as-of "${as_of:-$end}"; }
# `values TABLE ...`: of all tags, from the beginning of the fake's values.
values() {
    read_table "$@" --until-done --table-option default_tags=0 \
        --table-option startTime=2026-03-01T00:00:00Z
}
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
no_violation() { is "$(fake_ask stats.violations)" '[]' "$1"; }
# `compare GOT TABLE QUERY`: rows of a read beside those that the fake says it should give, each as
# often, whatever their order.
compare() {
    fake_ask GET "/_fake/rows?table=$2${3-}" >"$work/wanted"
    "$PYTHON" - "$1" "$work/wanted" <<'END'
import collections, json, sys
def load(path):
    with open(path, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f.read().split("\n") if line]
    for row in rows:
        row.pop("ingestion_timestamp", None)
    return collections.Counter(json.dumps(row, sort_keys=True) for row in rows)
got, want = load(sys.argv[1]), load(sys.argv[2])
print("same" if got == want and want else "%d rows, expected %d; too many %s, missing %s" % (
    sum(got.values()), sum(want.values()), list(got - want)[:2], list(want - got)[:2]))
END
}
same() { # same TABLE QUERY NAME: the last read gave just those rows
    is "$status/$(compare "$work/out" "$1" "$2")" 0/same "$3"
}
tag() { fake_ask GET /_fake/tags | sed -n "$1p"; }
break_tag() { # break_tag N HOW COUNT
    fake_ask POST /_fake/break "{\"tag\":\"$(tag "$1")\",\"how\":$2,\"count\":$3}" >/dev/null
}

lists='pi_dataservers pi_points pi_point_type_catalog pi_assetservers pi_assetdatabases
    pi_af_hierarchy pi_element_attributes pi_element_templates pi_element_template_attributes
    pi_attribute_templates pi_categories pi_analyses pi_analysis_templates pi_af_tables
    pi_af_table_rows pi_units_of_measure pi_eventframe_templates
    pi_eventframe_template_attributes pi_links'
frames='pi_event_frames pi_eventframe_attributes pi_eventframe_referenced_elements
    pi_eventframe_acknowledgements pi_eventframe_annotations'

# --- as a new user begins
osipi
# shellcheck disable=SC2086
{
    run check osipi $pi
    is "$status" 0 'check'
    like "$out" 'batch: the server takes it' 'check asks whether POST is allowed'
    run tables osipi $pi
    is "$(wc -l <"$work/out" | tr -d ' ')" 39 'tables'
    run metadata osipi pi_event_frames $pi
    like "$out" '"ingestion_type": "cdc"' 'metadata'
}
read_table pi_points --limit 2
is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/2 'two points'

# The README's commands, in its order; $pi, and how points are called, are ours.
"$PYTHON" -c 'import sys
print(open(sys.argv[1]).read().replace("\\\n", " ").replace("unit1.*", "tag.0000*"))' \
    "$top/plugins/osipi/README.md" | sed -n 's/^lakehost \([^#]*\).*/\1/p' >commands
is "$(wc -l <commands | tr -d ' ')" 6 'the README has commands'
while IFS= read -r line; do
    # shellcheck disable=SC2086 # words, and $pi among them
    eval run $line
    is "$status" 0 "README: lakehost $line"
    [ -s "$work/out" ] && cp "$work/out" said
done <commands
like "$(cat said)" '"event_frame_webid":' 'the last one gives event frames'
rm -f t.json t.jsonl e.json

# --- every table, every row, once
for table in $lists $frames; do
    read_table "$table" --until-done
    same "$table" '' "$table: each row, once, as it is"
done
read_table pi_point_attributes --table-option default_points=0
same pi_point_attributes '' 'pi_point_attributes'
hour="$whole&to=2026-03-01T01:00:00Z"
as_of=2026-03-01T01:00:00Z
for table in pi_timeseries pi_streamset_recorded pi_interpolated pi_streamset_interpolated; do
    values "$table"
    same "$table" "$hour" "$table: each value, once"
done
values pi_streamset_summary --table-option summaryType=Total,Count
same pi_streamset_summary "$hour&types=Total,Count" 'pi_streamset_summary'
values pi_calculated --table-option calculationType=Maximum --table-option interval=5m
same pi_calculated "$hour&types=Maximum&step=5m" 'pi_calculated'
values pi_summary --table-option endTime=2026-03-01T01:00:00Z
same pi_summary "$hour" 'pi_summary'
for table in pi_plot pi_streamset_plot; do
    values "$table" --table-option intervals=7
    same "$table" "$hour&intervals=7" "$table"
done
as_of=
for table in pi_current_value pi_value_at_time pi_recorded_at_time pi_end pi_streamset_end; do
    read_table "$table" --table-option default_tags=0
    same "$table" '' "$table"
done
read_table pi_recorded_at_time --table-option default_tags=0 --table-option 'time=*-1h+30m'
same pi_recorded_at_time '&to=2026-03-01T03:30:00Z' 'a PI time means the run, not the clock'
no_violation 'nothing that a PI Web API would not like'
values pi_timeseries --typed
is "$status" 0 'values --typed'
read_table pi_af_hierarchy --typed
is "$status" 0 'lists --typed'
read_table pi_event_frames --typed --until-done
is "$status" 0 'event frames --typed'

# --- which tags
read_table pi_timeseries --until-done --table-option "tag_webids=$(tag 2), $(tag 5),$(tag 2)"
same pi_timeseries "&from=2026-03-01T03:00:00Z&tags=$(tag 2),$(tag 5)" 'two tags by name, the last hour'
read_table pi_current_value
is "$(wc -l <"$work/out" | tr -d ' ')" 23 'the first default_tags'
read_table pi_current_value --table-option tag_filter='*plain*'
is "$(wc -l <"$work/out" | tr -d ' ')" 2 'tags by a filter'
# shellcheck disable=SC2086
run read osipi pi_end $pi --option "tag_webids=$(tag 4)" --as-of "$end"
same pi_end "&tags=$(tag 4)" 'tags of the connection'
read_table pi_points --table-option maxTotalCount=10 --table-option maxCount=5
is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/20 'so many of each server'
like "$err" 'maxTotalCount' 'and a warning that there are more'

# --- which objects
column() { # column NAME: of the first row of the last read
    "$PYTHON" -c 'import json, sys
print(json.loads(open(sys.argv[1]).readline())[sys.argv[2]])' "$work/out" "$1"
}
counted() { # counted TABLE OPTION=VALUE ROWS: so many rows with this option
    read_table "$1" --until-done --table-option "$2"
    is "$status/$(grep -c . "$work/out")" "0/$3" "$1, $2: rows"
}
counted pi_point_attributes default_points=3 9
counted pi_point_attributes "point_webids=$(tag 1),$(tag 9)" 6
counted pi_element_attributes default_elements=3 3
read_table pi_af_hierarchy --limit 1
element=$(column element_webid)
counted pi_element_attributes "element_webids=$element" 0
counted pi_element_attributes nameFilter=Q 19
read_table pi_assetdatabases --limit 1
database=$(column webid)
counted pi_af_hierarchy "assetdatabase_webid=$database" 40
counted pi_analyses "assetdatabase_webid=$database" 5
counted pi_event_frames "assetdatabase_webid=$database" 24
counted pi_af_table_rows default_tables=2 60
counted pi_af_table_rows maxCount=10 46
counted pi_af_table_rows startIndex=55 26
read_table pi_af_tables --limit 1
counted pi_af_table_rows "table_webid=$(column webid)" 0
read_table pi_element_templates --limit 3
"$PYTHON" -c 'import json, sys
print(json.loads(open(sys.argv[1]).read().split("\n")[1])["webid"])' "$work/out" >template
counted pi_element_template_attributes "elementtemplate_webid=$(cat template)" 1
counted pi_eventframe_attributes default_event_frames=3 3
read_table pi_event_frames --limit 1 --until-done
counted pi_eventframe_annotations default_event_frames=1 2
counted pi_eventframe_attributes "event_frame_webids=$(column event_frame_webid)" 0
counted pi_points startIndex=5 13

# --- pages, whichever way the server counts
for count in each total; do
    [ "$count" = each ] || osipi --count total
    for page in 1 7 20 10000; do
        values pi_timeseries --table-option maxCount="$page"
        same pi_timeseries "$whole" "maxCount $page, of $count"
    done
done
values pi_timeseries --table-option prefer_streamset=false --table-option maxCount=30
same pi_timeseries "$whole" 'batches'
values pi_streamset_recorded --table-option tags_per_request=4 --table-option window_seconds=3333
same pi_streamset_recorded "$whole" 'groups and windows'
values pi_interpolated --table-option interval=15s --table-option maxCount=100
same pi_interpolated "$whole&step=15s" 'a fine grid'
values pi_timeseries --table-option \
    'selectedFields=Items.Items.Good;Items.Items.Questionable;Items.Items.Substituted;Items.Items.Annotated;Items.Items.UnitsAbbreviation'
same pi_timeseries "$whole" 'selectedFields does not take away what a row needs'
no_violation 'in pages'
osipi --max-page 4 --empty-page 3
values pi_timeseries
same pi_timeseries "$whole" 'values of points that come in such pages'
osipi --max-page 4 --empty-page 3
for table in pi_points pi_af_hierarchy pi_element_attributes pi_analyses pi_event_frames; do
    read_table "$table" --until-done
    same "$table" '' "$table: pages smaller than asked for"
done

# --- what comes when
: >all
for at in 00:17:00.123 00:17:00.1235 00:40:00 01:00:00 01:00:01 03:59:59 04:00:00; do
    as_of=2026-03-01T${at}Z
    values pi_timeseries --offset-file w.json --resume --table-option maxCount=9
    cat "$work/out" >>all
done
as_of=
is "$(compare all pi_timeseries "$whole")" same 'seven reads: no gap, nothing twice'
fake_ask POST /_fake/reset >/dev/null
values pi_timeseries --offset-file w.json --resume
is "$status/$out/$(fake_ask stats.requests)" 0//0 'what covers the horizon is not asked for'
: >all
for at in 00:17:30 00:17:40 01:00:00 02:59:59 04:00:00; do
    as_of=2026-03-01T${at}Z
    values pi_interpolated --offset-file g.json --resume
    cat "$work/out" >>all
done
is "$(compare all pi_interpolated "$whole")" same 'one grid, however the reads fall'
: >all
for at in 00:30:00 02:10:00 04:00:00; do
    as_of=2026-03-01T${at}Z
    values pi_streamset_summary --offset-file b.json --resume
    cat "$work/out" >>all
done
is "$(compare all pi_streamset_summary "$whole")" same 'whole hours only'
as_of=
values pi_timeseries --table-option settle_seconds=600
same pi_timeseries "$whole&to=2026-03-01T03:50:00Z" 'settle_seconds'
values pi_timeseries --table-option 'endTime=2026-03-01T01:30:00Z'
same pi_timeseries "$whole&to=2026-03-01T01:30:00Z" 'endTime'
read_table pi_timeseries --start-offset '{"offset":"2026-03-01T03:00:00Z"}' --until-done
same pi_timeseries '&from=2026-03-01T03:00:00Z' 'an offset of the Python connector'
read_table pi_timeseries --table-option startTime=soon
is "$status" 3 'a time that is none'
like "$err" 'expected a PI time such as' 'says what one looks like'
read_table pi_interpolated --table-option interval=1mo
is "$status" 3 'an interval that is none'
read_table pi_timeseries --start-offset '{"page":7}'
is "$status" 3 'an offset of another kind'
like "$err" 'from the beginning' 'says what to do'

read_table pi_interpolated --until-done --start-offset '{"until":"2026-03-01T01:00:00Z"}' \
    --end-offset '{"until":"2026-03-01T02:00:00Z"}' --table-option default_tags=0
same pi_interpolated '&from=2026-03-01T01:00:00Z&to=2026-03-01T02:00:00Z' 'from offset to offset'
read_table pi_interpolated --until-done --start-offset '{"until":"2026-03-01T01:00:30Z"}' \
    --table-option default_tags=0
same pi_interpolated '&from=2026-03-01T01:01:00Z' 'from an offset off the grid'
read_table pi_interpolated --end-offset '{"until":"2026-03-01T02:00:30Z"}'
is "$status" 3 'an end offset off the grid'

# --- event frames: when they begin, when they end
as_of=2026-03-01T07:26:00Z
read_table pi_event_frames --until-done --offset-file f.json --table-option overlap_minutes=0
same pi_event_frames '&to=2026-03-01T07:26:00Z' 'event frames, open ones among them'
as_of=2026-03-01T07:29:00Z
read_table pi_event_frames --until-done --offset-file f.json --resume --table-option overlap_minutes=0
is "$status/$("$PYTHON" -c 'import json, sys
print([json.loads(l)["start_time"] for l in open(sys.argv[1]) if l != "\n"])' "$work/out")" \
    '0/[]' 'what is still open does not come again'
ended=$(fake_ask POST '/_fake/frames?end=2&at=2026-03-01T07:28:00Z')
read_table pi_event_frames --until-done --start-offset '{"until":"2026-03-01T07:26:00Z"}' \
    --table-option overlap_minutes=0
is "$("$PYTHON" -c 'import json, sys
print(json.dumps([json.loads(l)["event_frame_webid"] for l in open(sys.argv[1]) if l != "\n"],
                 separators=(",", ":")))' \
    "$work/out")" "$ended" 'what has ended comes again'
as_of=

# --- what fails
for how in 502 429 '"cut"' '"missing"'; do
    break_tag 3 "$how" 2
    values pi_timeseries
    same pi_timeseries "$whole" "one tag fails twice: $how"
done
break_tag 3 '"cut"' 2
break_tag 4 503 3
break_tag 6 '"missing"' 2
values pi_timeseries --table-option prefer_streamset=false
same pi_timeseries "$whole" 'three tags fail in batches, one without an answer'
: >all
as_of=2026-03-01T02:00:00Z
break_tag 3 502 99
values pi_timeseries --offset-file behind.json --retries 0
is "$status" 6 'one tag fails for ever: the others come'
like "$err" "$(tag 3)" 'and it is named'
cat "$work/out" >>all
break_tag 3 502 0
as_of=
values pi_timeseries --offset-file behind.json --resume
is "$status" 0 'it is well again'
cat "$work/out" >>all
is "$(compare all pi_timeseries "$whole")" same 'and nothing of it is lost'
read_table pi_timeseries --until-done --table-option "tag_webids=$(tag 1),nothing"
is "$status" 6 'a tag that is not there'
is "$(compare "$work/out" pi_timeseries "&from=2026-03-01T03:00:00Z&tags=$(tag 1)")" same \
    'does not keep the other back'
fault '{"kind":"200","path":"*streamsets*","body":"{\"Items\":[],\"WebException\":{\"Errors\":[\"x\"]}}"}'
values pi_timeseries
same pi_timeseries "$whole" 'an answer that breaks off is not the end'
fault '{"kind":"200","count":0,"path":"*dataservers","body":"{\"Items\":[],\"WebException\":{\"Errors\":[\"gone away\"]}}"}'
read_table pi_points --retries 1
is "$status" 7 'a list that breaks off for ever'
like "$err" 'gone away' 'in the words of the server'
outcome() { # outcome FAULT TABLE STATUS MESSAGE NAME
    fault "$1"
    read_table "$2" --until-done --retries 1
    is "$status" "$3" "$5"
    like "$err" "$4" "$5: the message"
    unlike "$out$err" "$PI_PASSWORD" "$5: no password in it"
}
outcome '{"kind":"401","count":0}' pi_points 4 '401' 'credentials refused'
outcome '{"kind":"403","count":0}' pi_dataservers 4 '403' 'a right is missing'
outcome '{"kind":"404","count":0}' pi_dataservers 5 '404' 'no PI Web API here'
outcome '{"kind":"404","path":"*/assetdatabases/*"}' pi_analyses 6 'analyses' 'one database is gone'
outcome '{"kind":"500","count":0}' pi_points 7 '500' 'a server error for ever'
outcome '{"kind":"502","count":0}' pi_timeseries 7 '502' 'or an archive that is down'
outcome '{"kind":"reset","count":0}' pi_points 7 'GET' 'no answer at all'
outcome '{"kind":"html","count":0}' pi_points 1 'JSON' 'a page to sign in at'
outcome '{"kind":"redirect","to":"other"}' pi_points 1 "${fake_other#http://}" 'a redirect elsewhere'
is "$(fake_ask GET /_fake/log | grep -c '"listener": "other"')" 0 'is not followed'
fake_ask POST /_fake/reset >/dev/null
for what in '"500"' '"503"' '"reset"' '"truncated"' '"429","retry-after":"1"'; do
    fault "{\"kind\":$what,\"nth\":2}"
    values pi_timeseries --option max_inflight=1 # what is under way cannot know of a wait
    same pi_timeseries "$whole" "once $what, then well"
done
no_violation 'who is told to wait waits'
fake_ask DELETE /_fake/faults >/dev/null

# --- no text of the user is expanded, no secret is anywhere
fake_ask POST /_fake/reset >/dev/null
# shellcheck disable=SC2016 # that is the text
read_table pi_points --table-option 'nameFilter=${password}'
like "$(fake_ask GET /_fake/log)" 'nameFilter=%24%7Bpassword%7D' 'a filter reaches the server as it is'
# shellcheck disable=SC2016
read_table pi_end --table-option 'tag_webids=${access_token}/../x?y'
like "$(fake_ask GET /_fake/log)" 'streams/%24%7Baccess_token%7D%2F..%2Fx%3Fy/end' 'and a WebID too'
basic=$(printf 'ACME\\ann:%s' "$PI_PASSWORD" | base64 | tr -d '\n')
values pi_timeseries --debug --trace-http trace --record recording --offset-file s.json \
    --output-file s.jsonl
is "$status" 0 'everything that writes'
is "$(grep -rlF -e "$PI_PASSWORD" -e "$basic" trace recording s.json s.jsonl "$work/out" "$work/err")" \
    '' 'and none of it has the password in any form'
like "$(fake_ask stats.secrets)" "\"main header:authorization\": $(fake_ask stats.requests)" 'which was sent'
no_violation 'and stood in no other place'
cp s.jsonl first.jsonl
fake_stop "$fake_pid"
values pi_timeseries --replay recording --output-file s.jsonl
for file in s first; do # but for when it was
    sed 's/"ingestion_timestamp":"[^"]*"//' "$file.jsonl" >"$file"
done
is "$status/$(cmp s first 2>&1 && echo same)" 0/same \
    'the recording gives the same without the server'

# --- killed at every page of twenty
kill_at() { # kill_at PAGE TABLE OPTIONS: a read that is killed while it waits for this page
    rm -f k.json k.jsonl
    fault "{\"kind\":\"hang\",\"nth\":$1}"
    shift
    # shellcheck disable=SC2086
    "$program" read osipi "$@" $pi --option max_inflight=1 --until-done --as-of "$end" \
        --offset-file k.json --output-file k.jsonl >/dev/null 2>"$work/err" </dev/null &
    pid=$!
    tries=0
    while [ "$(fake_ask stats.faults.0.done)" != 1 ] && [ "$tries" -lt 1000 ]; do
        tries=$((tries + 1))
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    [ -e k.json ] && resume=--resume || resume=
}
osipi --points 20 --hours 1
page=1
while [ "$page" -le 20 ]; do
    kill_at "$((page + 3))" pi_timeseries --table-option startTime=2026-03-01T00:00:00Z \
        --table-option tags_per_request=1 # the first three requests ask for the points
    # shellcheck disable=SC2086
    values pi_timeseries --offset-file k.json --output-file k.jsonl $resume
    is "$status/$(compare k.jsonl pi_timeseries "$whole&to=$end")" 0/same "killed at page $page: each row once"
    page=$((page + 1))
done
osipi --max-page 4
for page in 4 6 9 11; do
    kill_at "$page" pi_event_frames
    # shellcheck disable=SC2086
    read_table pi_event_frames --until-done --offset-file k.json --output-file k.jsonl $resume
    is "$status/$(compare k.jsonl pi_event_frames)" 0/same "event frames, killed at page $page"
done

# --- partitions
osipi --points 1100 --hours 0.25 --step 300
# shellcheck disable=SC2086
run partitions osipi pi_timeseries $pi --as-of "$end" --table-option default_tags=0 \
    --table-option startTime=2026-03-01T00:00:00Z
is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/3 '1100 tags are three partitions'
cp "$work/out" parts
: >all
while IFS= read -r line; do
    printf '%s' "$line" >line
    # shellcheck disable=SC2086
    run read osipi pi_timeseries $pi --partition @line --table-option default_tags=0
    cat "$work/out" >>all
done <parts
is "$status/$(compare all pi_timeseries "$whole&to=$end")" 0/same 'which together are all values'
fake_ask POST /_fake/reset >/dev/null
values pi_timeseries --jobs 4
same pi_timeseries "$whole&to=$end" 'four workers read them'
is "$(fake_ask stats.paths | grep -o '/points": [0-9]*' | tr '\n' ' ')" '/points": 1 /points": 1 ' \
    'and the points of each server were listed once'
osipi --points 1100 --hours 0.25 --step 300 --gather 4:/streamsets
values pi_timeseries --option max_inflight=4
same pi_timeseries "$whole&to=$end" '1100 tags'
is "$(fake_ask stats.max_in_flight)" 4 'four requests at a time'
no_violation 'and no URL is too long'

# --- servers that do less
osipi --no-streamsets
values pi_timeseries
same pi_timeseries "$whole" 'without stream sets'
read_table pi_end --table-option default_tags=0
same pi_end '' 'the last values without them'
osipi --no-batch
values pi_timeseries --table-option maxCount=10
same pi_timeseries "$whole" 'without batches'
like "$err" 'takes no batch' 'and a warning'
osipi --points 0
for table in pi_points pi_timeseries pi_end pi_point_type_catalog; do
    read_table "$table" --until-done
    is "$status/$out" 0/ "$table: empty"
done

# --- the other ways to sign in
osipi --sign-in bearer
run read osipi pi_dataservers --option pi_base_url="$fake" --option bearer_value=env:PI_TOKEN
same pi_dataservers '' 'a bearer token'
osipi --sign-in oidc
run read osipi pi_dataservers --option pi_base_url="$fake" --option workspace_host="$fake" \
    --option client_id=client-7 --option client_secret=env:PI_SECRET
same pi_dataservers '' 'the token of a workspace'
no_violation 'whose secret only the token endpoint sees'
osipi --sign-in oauth
run read osipi pi_dataservers --option pi_base_url="$fake" --option token_url="$fake/identity/token" \
    --option token_scope=piwebapi --option client_id=client-7 --option client_secret=env:PI_SECRET
same pi_dataservers '' 'the token of another provider'
unlike "$out$err" "$PI_SECRET" 'no secret is shown'
PI_SECRET=wrong run read osipi pi_dataservers --option pi_base_url="$fake" --option token_scope=piwebapi \
    --option token_url="$fake/identity/token" --option client_id=client-7 \
    --option client_secret=env:PI_SECRET
is "$status" 4 'a wrong secret'
if command -v openssl >/dev/null || command -v certtool >/dev/null; then
    osipi --tls good
    read_table pi_dataservers --option ca_file="$fake_ca"
    is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/2 'TLS with a file of authorities'
    read_table pi_dataservers --retries 0
    is "$status" 7 'whom nobody trusts'
    is "$(fake_ask stats.requests)" 1 'is told nothing'
    osipi --tls self-signed
    read_table pi_dataservers --option verify_ssl=false
    is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/2 'verify_ssl=false'
    like "$err" 'warning' 'with a warning'
else
    skip 'TLS' 'neither openssl nor certtool is installed'
fi
done_testing
