#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `discover` as a user runs it: the manifest and the catalog, what happens to tables that are
# refused, and that a run that fails leaves everything as it was.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

program=$(dirname "$LAKEHOST")/host/lakehost # itself: a wrapper would take the signal
header='connection_name,source_table,destination_catalog,destination_schema,destination_table,pipeline_group,schedule,table_options_json,weight,ingestion_type,primary_keys,cursor_field,category'
cat >"$work/cells.py" <<'PY'
"""cells.py FILE COLUMN...: these columns of a manifest, a line for each row, with | between."""
import csv
import sys

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        print("|".join(row.get(name) or "" for name in sys.argv[2:]))
PY
cells() { "$PYTHON" "$work/cells.py" "$@"; }
fault() { # fault JSON..., instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    for fault_one; do
        fake_ask POST /_fake/faults "$fault_one" >/dev/null
    done
}
small='--exclude narrow_*'

# --- the manifest
# shellcheck disable=SC2086
run discover example $small --connection-name conn --output-csv m.csv
is "$status" 0 'a manifest'
is "$out" '' 'nothing on standard output'
is "$(head -n 1 m.csv | tr -d '\r')" "$header" 'its columns'
is "$(cells m.csv connection_name source_table destination_catalog destination_schema \
    destination_table pipeline_group schedule table_options_json weight ingestion_type \
    primary_keys cursor_field category)" \
    'conn|events|main|bronze|events|activity_append|*/15 * * * *|{}|10|append|["id"]|occurred_at|activity
conn|metrics|main|bronze|metrics|telemetry_append|*/15 * * * *|{}|10|append|["counter"]|at|telemetry
conn|orders|main|bronze|orders|sales_cdc|*/5 * * * *|{}|10|cdc_with_deletes|["id"]|updated_at|sales
conn|products|main|bronze|products|sales_snapshot|0 0 * * *|{}|1|snapshot|["id"]||sales
conn|users|main|bronze|users|activity_cdc|*/5 * * * *|{}|10|cdc|["id"]|updated_at|activity' \
    'its rows, sorted; deletes count as cdc'
# shellcheck disable=SC2086
run discover --connector-name example $small --connection-name conn \
    --connector-python-file sources/example/example.py
is "$out" "$(cat m.csv)" 'the same on standard output, and by --connector-name'
run discover example --connector-name github
is "$status" 2 'two names: which one?'
# shellcheck disable=SC2086
run discover example $small --isolation none --connection-name conn
is "$out" "$(cat m.csv)" 'the same in this process'
run discover example --include narrow_07 --output-csv a/b/m.csv
is "$(cells a/b/m.csv source_table table_options_json pipeline_group)" \
    'narrow_07|{"area":"archive"}|archive_cdc' \
    'a namespace is a table option; the category falls back on the namespace or name'
run discover example --table-option area=archive --include 'archive/*_0?' --include products
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 11 'globs are about names and paths'

# --- groups
for mode in none:all,all,all,all,all ingestion_type:append,append,cdc,snapshot,cdc \
    category:activity,telemetry,sales,sales,activity; do
    # shellcheck disable=SC2086
    run discover example $small --group-by "${mode%%:*}" --output-csv m.csv
    is "$(cells m.csv pipeline_group | paste -sd, -)" "${mode#*:}" "--group-by ${mode%%:*}"
done
like "$err" 'group activity: its tables want the schedules */5 * * * * and */15 * * * *; it gets the shortest' \
    'tables of a group that differ are warned about'
is "$(cells m.csv pipeline_group schedule | sort -u)" 'activity|*/5 * * * *
sales|*/5 * * * *
telemetry|*/15 * * * *' 'one schedule a group, the shortest'
printf '{"PROD": "Shop & more", "o": "shop"}' >map.json
# shellcheck disable=SC2086
run discover example $small --category-prefix-map-json @map.json --schedule-cdc none \
    --schedule-snapshot '@weekly' --schedule-group 'telemetry*=0 1 * * *' \
    --schedule-group 'nothing=@daily' --weight-cdc 7 --weight-snapshot 3 \
    --dest-catalog c --dest-schema s --output-csv m.csv
is "$(cells m.csv source_table category pipeline_group schedule weight destination_catalog \
    destination_schema)" 'events|activity|activity_append|*/15 * * * *|10|c|s
metrics|telemetry|telemetry_append|0 1 * * *|10|c|s
orders|shop|shop_cdc||7|c|s
products|Shop & more|shop_more_snapshot|@weekly|3|c|s
users|activity|activity_cdc||7|c|s' 'a map of prefixes, schedules and weights by type and group'
like "$err" '--schedule-group nothing: no group matches' 'a glob without a group is warned about'
like "$(cat m.csv)" 'shop_more_snapshot' 'group names are slugs'

# shellcheck disable=SC2086
run discover example $small --group-by category --schedule-snapshot none --schedule-append @hourly \
    --schedule-cdc '0 * * * *' --output-csv m.csv
is "$err" '' 'tables without a schedule go with the others, and @hourly is 0 * * * *, as for group'
is "$(cells m.csv pipeline_group schedule | sort -u)" 'activity|0 * * * *
sales|0 * * * *
telemetry|@hourly' 'whatever table comes first'

# --- what is wrong is said before anything is opened
for wrong in '2:--jobs 0' '2:--jobs 65' '2:--weight-cdc 0' '2:--sample x' '2:--group-by tables' \
    '2:--include [' '2:--schedule-group x' '2:--connector-profile other' \
    '2:--output-csv m.csv --output-json m.csv' '3:--schedule-cdc 61_*_*_*_*' \
    '3:--category-prefix-map-json []' '3:--category-prefix-map-json @missing.json' \
    '3:--previous missing.csv'; do
    flags=$(printf '%s' "${wrong#*:}" | tr '_' ' ')
    # shellcheck disable=SC2086
    case $flags in
    *schedule-cdc*) run discover example --schedule-cdc "${flags#* }" ;;
    *) run discover example $flags ;;
    esac
    is "$status" "${wrong%%:*}" "refused: ${wrong#*:}"
done
run discover example --include nothing --exclude orders
is "$status" 5 'no table is left'
like "$err" '--include nothing: no table matches' 'a glob that matches nothing is named'
run discover example --table-option aera=archive
is "$status" 3 'an option that there is not'
like "$err" 'area' 'and the nearest'
# shellcheck disable=SC2086
run discover example --table-options-json '{"nobody": {"area": "archive"}}' $small --output-csv m.csv
is "$status" 0 'options of a table that there is not'
like "$err" '--table-options-json: there is no table nobody' 'are warned about'

# --- the same whatever --jobs
for jobs in 1 3 8; do
    run discover example --jobs $jobs --sample 20 --output-csv "j$jobs.csv" --output-json "j$jobs.json"
    is "$status" 0 "--jobs $jobs"
done
is "$(cksum <j1.csv)$(cksum <j1.json)" "$(cksum <j3.csv)$(cksum <j3.json)" 'byte for byte with 3 jobs'
is "$(cksum <j1.csv)$(cksum <j1.json)" "$(cksum <j8.csv)$(cksum <j8.json)" 'and with 8'
run discover example --isolation none --jobs 8 --sample 20 --output-csv j.csv --output-json j.json
is "$(cksum <j1.csv)$(cksum <j1.json)" "$(cksum <j.csv)$(cksum <j.json)" 'and in this process'
is "$(cells j1.csv source_table weight estimate_json | sed -n 's/"bytes":[0-9]*/B/; 1p')" \
    'events|10|{B,"complete":false,"requests":0,"requests_per_day":0,"rows":20}' \
    'a sample is bounded, and kept'
run discover example --include products --sample 2000 --output-csv j.csv
is "$(cells j.csv weight estimate_json | sed 's/"bytes":[0-9]*/B/')" \
    '1|{B,"complete":true,"requests":0,"requests_per_day":0,"rows":1000}' \
    'a table that was read whole weighs what was measured'
like "$out" '1000 rows' 'the report is printed'
"$PYTHON" -c 'import json
catalog = json.load(open("j1.json", encoding="utf-8"))
tables = {t["name"]: t for t in catalog["tables"]}
assert catalog["schema_version"] == 1 and catalog["connector"]["name"] == "example", catalog
assert len(tables) == 45, len(tables)
t = tables["orders"]
assert t["schema"]["type"] == "struct" and t["schema"]["fields"][0]["name"] == "id", t
assert t["native"] == {"cursor_field": "updated_at", "ingestion_type": "cdc_with_deletes",
                       "primary_keys": ["id"]}, t["native"]
assert t["upstream"] is None and t["status"] == "ok" and t["category"] == "sales", t
assert tables["narrow_01"]["namespace"] == ["archive"], tables["narrow_01"]
def keys(v):
    if isinstance(v, dict):
        assert list(v) == sorted(v), list(v)
    for each in v.values() if isinstance(v, dict) else v if isinstance(v, list) else []:
        keys(each)
keys(catalog)' 2>"$work/why"
is "$(cat "$work/why")" '' 'the catalog: version, schemas, both truths, sorted keys'

# --- tables that are refused, and an earlier manifest
# shellcheck disable=SC2086
run discover example $small --output-csv first.csv
sed 's/activity_cdc,\*\/5 \* \* \* \*/people,0 4 * * */; s/sales_cdc/sales_cdc_02/; s/\r$//' first.csv |
    awk 'NR == 1 { print $0 ",owner" } NR > 1 { print $0 ",ann" }' >edited.csv
# shellcheck disable=SC2086
run discover example $small --option forbidden=orders,users --output-csv m.csv
is "$status" 0 'without --probe nobody asks'
# shellcheck disable=SC2086
run discover example $small --probe --option forbidden=orders,users --output-csv m.csv
is "$status" 6 'refused tables: partly done'
is "$(cells m.csv source_table | paste -sd, -)" events,metrics,products 'they are out'
like "$err" 'warning: table orders is refused: example: read_table(orders)' 'named, with the reason'
like "$err" '3 of 5 tables are complete, 2 refused, 0 failed' 'and counted'
# shellcheck disable=SC2086
run discover example $small --probe --option forbidden=orders --previous edited.csv --output-csv m.csv
is "$status" 6 'with an earlier manifest'
is "$(cells m.csv source_table pipeline_group schedule status owner)" \
    'events|activity_append|*/15 * * * *||ann
metrics|telemetry_append|*/15 * * * *||ann
orders|sales_cdc_02|*/5 * * * *|refused|ann
products|sales_snapshot|0 0 * * *||ann
users|people|0 4 * * *||ann' 'groups, schedules and own columns stay, the refused table too'
cp m.csv again.csv
# shellcheck disable=SC2086
run discover example $small --probe --previous again.csv --output-csv again.csv
is "$status" 0 'later it is no longer refused'
is "$(cells again.csv source_table pipeline_group status owner | sed -n 3p)" 'orders|sales_cdc_02||ann' \
    'and keeps its group'
run discover example --include products --previous edited.csv --output-csv m.csv
like "$err" '4 tables of edited.csv are not taken over: events, metrics, orders, users' \
    'what is gone is named'
printf 'source_table,weight\nusers\n' >broken.csv
run discover example --previous broken.csv --output-csv m.csv
is "$status" 3 'an earlier manifest that is broken'
printf 'source_table,pipeline_group,schedule,weight\nusers,g,61 * * * *,1\nevents,g,@daily,0\n' >broken.csv
cp m.csv kept.csv
run discover example --previous broken.csv --output-csv m.csv
is "$status" 3 'and one that validate refuses'
like "$err" 'broken.csv:2:9: error: schedule: ' 'every problem has'
like "$err" 'broken.csv:3:17: error: weight: ' 'its place'
is "$(cksum <m.csv)" "$(cksum <kept.csv)" 'nothing is written'
sed 's/{},10,append,\(.*\)occurred_at/"{""later"": 1.50}",4,append,\1occurred_at/' first.csv >tuned.csv
is "$(cells tuned.csv weight | sed -n 1p)" 4 'a weight that was set'
run discover example --include events --previous tuned.csv --output-csv m.csv
is "$(cells m.csv weight table_options_json)" '4|{"later":1.50}' 'stays, and so does an option'
run discover example --include events --previous tuned.csv --sample 5 --output-csv m.csv
is "$(cells m.csv weight)" 10 'unless it is measured'
run discover example --include products --connection-name c --dest-schema s --output-csv one.csv
run discover example --include products --include users --previous one.csv --dest-catalog d \
    --output-csv m.csv
is "$(cells m.csv source_table connection_name destination_catalog destination_schema)" \
    'products|c|main|s
users|c|d|s' 'new tables go where the others are; what a row has stays'
cp m.csv kept.csv
run discover example --probe --include orders --option forbidden=orders --output-csv m.csv --output-json m.json
is "$status" 4 'all refused is an error'
like "$err" 'no table is left: 1 refused' 'which says so'
is "$(cksum <m.csv)" "$(cksum <kept.csv)" 'and writes nothing'
is "$(ls m.json 2>/dev/null)" '' 'nothing at all'

# --- GitHub: parents, credentials, failures; both profiles
LAKEHOST_PKGDATADIR=$top/templates
LAKEHOST_CONNECTORDIR=$(dirname "$LAKEHOST")/connectors-1
TOKEN='ghp_fAk3/t0ken+S3cret=9' ZD_TOKEN='zd-Tok/3n+5ecret=' HUBSPOT_TOKEN=pat-eu1-5e/c+ret-81f2
PI_PASSWORD=$(printf 'pi/p:4ssw\303\266rd-91')
export LAKEHOST_PKGDATADIR LAKEHOST_CONNECTORDIR TOKEN ZD_TOKEN HUBSPOT_TOKEN PI_PASSWORD
fake github
hub() {
    run discover github --option token=env:TOKEN --option "base_url=$fake" \
        --table-option owner=acme --table-option repo=widgets --retries 0 "$@"
}
hub --output-csv g.csv --output-json g.json
is "$status" 0 'github'
is "$(fake_ask stats.requests)" 0 'which knows its tables by heart'
is "$(cells g.csv source_table pipeline_group cursor_field table_options_json | sed -n '1p;4p;8,9p;12p')" \
    'organizations|metadata_snapshot||{}
repositories|core_snapshot||{"owner":"acme"}
comments|activity_cdc|updated_at|{"owner":"acme","repo":"widgets"}
commits|activity_append||{"owner":"acme","repo":"widgets"}
reviews|activity_append||{"owner":"acme","repo":"widgets"}' \
    'what the Python connector does, with the namespace levels of each table'
hub --connector-profile native --include reviews --include commits --output-csv n.csv
is "$(cells n.csv source_table ingestion_type cursor_field)" \
    "$("$PYTHON" -c 'import json
for t in json.load(open("g.json", encoding="utf-8"))["tables"]:
    if t["name"] in ("reviews", "commits"):
        print("|".join((t["name"], t["native"]["ingestion_type"], t["native"]["cursor_field"] or "")))')" \
    'native: what stands in the catalog beside it'
is "$(cells n.csv ingestion_type | sort -u | paste -sd, -)" append,cdc 'and differs'
hub --probe --jobs 4 --output-csv p.csv
is "$status" 0 'a probe of all tables'
is "$(cksum <p.csv)" "$(cksum <g.csv)" 'gives the same'
fault '{"kind": "403", "path": "/repos/acme/widgets/pulls", "count": 0}'
hub --probe --previous g.csv --output-csv p.csv
is "$status" 6 'pull requests are refused'
like "$err" 'table acme/widgets/pull_requests is refused: github: read_table(pull_requests): GitHub answers 403' 'with the reason'
like "$err" 'table acme/widgets/reviews is refused' 'and what is read through them'
is "$(cells p.csv source_table status | grep refused)" 'pull_requests|refused
reviews|refused' 'both stay, marked'
fault '{"kind": "403", "path": "/repos/acme/widgets/pulls", "count": 1}'
hub --probe --jobs 1 --include pull_requests --include reviews --include users --output-csv p.csv
is "$status" 6 'a parent is refused, its child could be read'
like "$err" 'reviews is refused: it is read through pull_requests' 'but it is not to be'
is "$(cells p.csv source_table)" users 'and is out'
fault '{"kind": "401", "path": "/repos/acme/widgets/issues", "count": 0}'
hub --probe --best-effort --output-csv p.csv
is "$status" 4 'refused credentials end it, with --best-effort too'
fault '{"kind": "500", "path": "/repos/acme/widgets/issues", "count": 0}'
cp g.csv p.csv
hub --probe --output-csv p.csv
is "$status" 7 'any other failure ends it'
is "$(cksum <p.csv)" "$(cksum <g.csv)" 'and leaves the file as it was'
hub --probe --best-effort --previous g.csv --output-csv p.csv --output-json p.json
is "$status" 6 'with --best-effort it goes on'
like "$err" 'table acme/widgets/issues is kept as unknown' 'the table is named'
is "$(cells p.csv source_table pipeline_group ingestion_type primary_keys schedule | grep '^issues')" \
    'issues|core_cdc|unknown||*/5 * * * *' 'and kept as unknown, in its group'
is "$("$PYTHON" -c 'import json
print([t["schema"] for t in json.load(open("p.json", encoding="utf-8"))["tables"] if t["status"] == "failed"])')" \
    '[None]' 'the catalog says so'
hub --best-effort --probe --include issues --output-csv p.csv
is "$status" 7 'nothing left is an error'
fault
run discover github --option token=env:TOKEN --option "base_url=$fake" --include 'ann/*' --include users \
    --output-csv w.csv
is "$status" 0 'namespaces are walked'
is "$(cells w.csv destination_table pipeline_group table_options_json | sed -n '1,3p')" \
    'users|metadata_snapshot|{}
repositories|core_snapshot|{"owner":"ann"}
assignees|metadata_snapshot|{"owner":"ann","repo":"site"}' 'owners and their repositories'
run discover github --option token=env:TOKEN --option "base_url=$fake" --include 'acme/[gw]*/branches' \
    --output-csv w.csv
is "$(cells w.csv source_table destination_table pipeline_group)" \
    'branches|acme_gadgets_branches|acme_gadgets_metadata_snapshot
branches|acme_widgets_branches|acme_widgets_metadata_snapshot' \
    'one table in two places: two destinations, two groups'
run discover github --option token=env:TOKEN --option "base_url=$fake" --include branches \
    --table-options-json '{"branches": {"owner": "acme", "repo": "widgets", "per_page": "7"}}' --output-csv w.csv
is "$(cells w.csv destination_table table_options_json)" \
    'branches|{"owner":"acme","per_page":"7","repo":"widgets"}' 'a table that is put somewhere is there only'
fault '{"kind": "403", "path": "/users/ann/repos", "count": 0}'
run discover github --option token=env:TOKEN --option "base_url=$fake" --option max_inflight=4 --retries 0 \
    --exclude '*/*' --output-csv w.csv
is "$status" 6 'a namespace that is refused'
like "$err" 'namespace ann: its tables are left out' 'is named'
fault
hub --table-option repos=a/b --output-csv w.csv
is "$status" 3 'an option that only our connector has'
like "$err" '--connector-profile native' 'is refused, with what to do'
fault '{"kind": "hang", "path": "/user/orgs", "count": 0}'
cp g.csv p.csv
hub --probe --best-effort --timeout 2 --output-csv p.csv
is "$status" 7 'the end of --timeout, with --best-effort too'
fake_ask POST /_fake/reset >/dev/null
"$program" discover github --option token=env:TOKEN --option "base_url=$fake" --probe --best-effort \
    --table-option owner=acme --table-option repo=widgets --output-csv p.csv >/dev/null 2>"$work/err" &
pid=$!
tries=0
while [ "$(fake_ask stats.requests)" -lt 10 ] && [ $tries -lt 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
kill -TERM $pid
status=0
wait $pid || status=$?
is "$status" 143 'a signal ends it'
is "$(cksum <p.csv)" "$(cksum <g.csv)" 'and neither writes anything'
fault
unlike "$(cat ./*.csv ./*.json "$work/err")" "$TOKEN" 'no secret in a file'
printf '50\n' >number
input=number hub --table-option per_page=- --include users --include issues --output-csv w.csv
unset input
is "$(cells w.csv source_table table_options_json)" 'users|{}
issues|{"owner":"acme","per_page":"50","repo":"widgets"}' 'an option goes to the tables that take it'
fake_stop "$fake_pid"

# --- HubSpot: columns and types that are looked up
fake hubspot --limit default=1000000/10 --limit search=1000000/1
hs() {
    run discover hubspot --option access_token=env:HUBSPOT_TOKEN --option "base_url=$fake" \
        --option searches_per_second=1000000 --retries 0 "$@"
}
hs --jobs 1 --output-csv h1.csv --output-json h1.json
is "$status" 0 'hubspot'
like "$err" 'the profile of the Python connector says nothing about cars' 'tables of the account alone'
hs --jobs 8 --isolation none --output-csv h8.csv --output-json h8.json
is "$(cksum <h1.csv)$(cksum <h1.json)" "$(cksum <h8.csv)$(cksum <h8.json)" \
    'the same with one job and with eight, here and there'
is "$(cells h1.csv source_table ingestion_type pipeline_group | grep -e '^contacts' -e '^calls' -e '^cars')" \
    'calls|cdc|engagement_cdc
cars|cdc|custom_objects_cdc
contacts|cdc_with_deletes|crm_objects_cdc' 'types of the Python connector'
fault '{"kind": "403", "path": "/crm/v3/properties/deals", "count": 0}'
hs --output-csv h.csv
is "$status" 6 'a scope that is missing shows without a probe'
like "$err" 'table deals is refused: hubspot: ' 'where the tables are looked up'
hs --output-csv h.csv --isolation none
is "$status" 6 'in this process too'
fake_stop "$fake_pid"

# --- Zendesk and OSI PI
fake zendesk --limit incremental=100000/60 --limit default=100000/60 --limit help_center=100000/60
zd() {
    run discover zendesk --option subdomain=acme --option email=ann@example.com \
        --option api_token=env:ZD_TOKEN --option "base_url=$fake" \
        --option exports_per_minute=100000 --retries 0 "$@"
}
zd --sample 20 --output-csv z.csv
is "$status" 0 'zendesk, measured'
is "$(cells z.csv source_table weight estimate_json | sed -n 's/"bytes":[0-9]*/B/; /^brands/p; /^tickets/p')" \
    'brands|2|{B,"complete":true,"requests":1,"requests_per_day":1,"rows":3}
tickets|10|{B,"complete":false,"requests":2,"requests_per_day":576,"rows":20}' 'weight and estimate'
like "$out" 'limit incremental: at least ' 'the limits of the source are in the report'
is "$(fake_ask stats.violations)" '[]' 'no violation'
fake_stop "$fake_pid"
fake osipi
pi() {
    run discover osipi --option "pi_base_url=$fake" --option 'username=ACME\ann' \
        --option password=env:PI_PASSWORD --option max_inflight=16 --retries 0 "$@"
}
for jobs in 1 8; do
    pi --probe --jobs $jobs --output-csv "o$jobs.csv" --output-json "o$jobs.json"
    is "$status" 0 "osipi --probe --jobs $jobs"
done
is "$(cksum <o1.csv)$(cksum <o1.json)" "$(cksum <o8.csv)$(cksum <o8.json)" 'the same with both'
is "$(cells o1.csv pipeline_group | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd, -)" \
    'asset_framework_snapshot:13,discovery_inventory_snapshot:4,event_frames_append:2,event_frames_snapshot:5,governance_diagnostics_snapshot:1,time_series_append:8,time_series_snapshot:6' \
    'all 39 tables in the groups that the original documents'
fault '{"kind": "403", "path": "/piwebapi/assetservers", "count": 0}'
pi --probe --previous o1.csv --output-csv o.csv
is "$status" 6 'assets are refused'
is "$(cells o.csv category status | grep refused | cut -d'|' -f1 | sort -u | paste -sd, -)" \
    asset_framework,event_frames 'all that is read through them stays, marked'
is "$(cells o.csv source_table | wc -l | tr -d ' ')" 39 'every table is in the manifest'
is "$(fake_ask stats.violations)" '[]' 'no violation'

fake_stop "$fake_pid"

# --- Airtable: the Python connector knows one base, that of the connection; ours all of them
AIRTABLE_TOKEN='pat3n/Fake+Token.5ecret=='
export AIRTABLE_TOKEN
fake airtable --limit base=100000/1 --limit user=100000/1
main=appMain0000000001
odd=$(printf 'Sales/2026? #1 "q" 100%% \360\237\230\200')
air() {
    run discover airtable --option token=env:AIRTABLE_TOKEN --option "base_url=$fake" \
        --option requests_per_second=100000 --retries 0 "$@"
}
columns='source_table destination_table pipeline_group schedule table_options_json weight
    ingestion_type primary_keys cursor_field category'
air --output-csv a.csv
is "$status" 3 'airtable: which base?'
like "$err" "table Empty is in base_id $main, and the Python connector, which the pipelines run, knows only the base_id of its connection: give --option base_id=$main, or --connector-profile native" \
    'says what to do'
air --table-option "base_id=$main" --output-csv a.csv
is "$status" 3 'a table option is no help'
air --option base_id=appNobody --output-csv a.csv
is "$status" 4 'a base that there is not, or that the token may not use'
is "$(ls a.csv 2>/dev/null)" '' 'and nothing is written'
for group_by in category_and_ingestion_type:operations_snapshot category:operations \
    ingestion_type:snapshot none:all; do
    air --option "base_id=$main" --group-by "${group_by%%:*}" --output-csv a.csv --output-json a.json
    is "$status$err" 0 "airtable by ${group_by%%:*}"
    group=${group_by#*:}
    # shellcheck disable=SC2086
    is "$(cells a.csv $columns)" "Empty|Empty|$group|0 0 * * *|{}|1|snapshot|[\"id\"]|createdTime|Operations
Everything|Everything|$group|0 0 * * *|{}|1|snapshot|[\"id\"]|createdTime|Operations
$odd|sales_2026_1_q_100|$group|0 0 * * *|{}|1|snapshot|[\"id\"]|createdTime|Operations
Tasks|Tasks|$group|0 0 * * *|{}|1|snapshot|[\"id\"]|createdTime|Operations" \
        'as the Python connector has them: it needs no table option'
    run validate a.csv --strict --connector-name airtable
    is "$status$err" 0 'validate takes it'
    run group --input-csv a.csv --output-csv b.csv
    is "$status" 0 'so does group'
    is "$(cksum <b.csv)" "$(cksum <a.csv)" 'and leaves it as it is'
done
is "$("$PYTHON" -c 'import json
t = [t for t in json.load(open("a.json", encoding="utf-8"))["tables"] if t["name"] == "Tasks"][0]
print(t["namespace"], t["native"]["ingestion_type"], t["native"]["cursor_field"],
      t["upstream"]["ingestion_type"], t["upstream"]["cursor_field"])')" \
    "['$main'] cdc last_modified__at_ snapshot createdTime" 'both truths stand in the catalog'
sed 's/,all,/,mine,/' a.csv >mine.csv
air --option "base_id=$main" --group-by none --probe --jobs 4 --previous mine.csv --output-csv b.csv
is "$status$err" 0 'an earlier manifest that does not name the base'
is "$(cksum <b.csv)" "$(cksum <mine.csv)" 'has the same tables'
air --connector-profile native --output-csv n.csv
is "$status$err" 0 'native: bases are walked'
# shellcheck disable=SC2086
is "$(cells n.csv $columns)" "Empty|Empty|operations_snapshot|0 0 * * *|{\"base_id\":\"$main\"}|1|snapshot|[\"id\"]||Operations
Everything|Everything|operations_snapshot|0 0 * * *|{\"base_id\":\"$main\"}|1|snapshot|[\"id\"]||Operations
$odd|sales_2026_1_q_100|operations_snapshot|0 0 * * *|{\"base_id\":\"$main\"}|1|snapshot|[\"id\"]||Operations
Tasks|appmain0000000001_tasks|appmain0000000001_operations_cdc|*/5 * * * *|{\"base_id\":\"$main\"}|10|cdc|[\"id\"]|last_modified__at_|Operations
Tasks|appsecond00000002_tasks|appsecond00000002_appsecond00000002_snapshot|0 0 * * *|{\"base_id\":\"appSecond00000002\"}|1|snapshot|[\"id\"]||appSecond00000002
Tasks|apptwin0000000003_tasks|apptwin0000000003_apptwin0000000003_snapshot|0 0 * * *|{\"base_id\":\"appTwin0000000003\"}|1|snapshot|[\"id\"]||appTwin0000000003" \
    'all tables, each with its base'
run validate n.csv --strict --connector-name airtable --connector-profile native
is "$status$err" 0 'validate takes it'
run validate n.csv --connector-name airtable
is "$status" 3 'but not for pipelines that run the Python connector'
cp n.csv walked.csv
air --option "base_id=$main" --connector-profile native --output-csv n.csv
is "$(cells n.csv source_table table_options_json | sed -n 4p)" "Tasks|{\"base_id\":\"$main\"}" \
    'the base of the connection is not walked beside others'
is "$(cells n.csv source_table | wc -l | tr -d ' ')" 4 'its tables are all there is'
sed 's/""appMain0000000001""/&,""batch_size"":""7""/' n.csv >tuned.csv
air --option "base_id=$main" --group-by none --previous tuned.csv --output-csv b.csv
is "$(cells b.csv table_options_json | sort -u)" '{"batch_size":"7"}' \
    'from a native manifest comes what the Python connector has too'
is "$(fake_ask stats.violations)" '[]' 'no violation'
fault '{"kind": "403", "path": "/v0/meta/bases/appSecond00000002/tables", "count": 0}'
air --connector-profile native --previous walked.csv --output-csv n.csv
is "$status" 6 'a base that is closed is not the end'
like "$err" 'namespace appSecond00000002: its tables are left out' 'it is named'
is "$(cells n.csv destination_table status | paste -sd, -)" \
    'Empty|,Everything|,sales_2026_1_q_100|,appmain0000000001_tasks|,apptwin0000000003_tasks|,appsecond00000002_tasks|refused' \
    'what an earlier manifest has of it stays, marked'
unlike "$(cat ./*.csv ./*.json)" "$AIRTABLE_TOKEN" 'no secret in a file'
fake_stop "$fake_pid"

# --- progress, on a terminal only
cat >"$work/terminal.py" <<'PY'
"""terminal.py COMMAND...: its standard error on a terminal; what came there."""
import os
import pty
import subprocess
import sys

ours, theirs = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stderr=theirs, stdout=subprocess.DEVNULL,
                         stdin=subprocess.DEVNULL)
os.close(theirs)
said = b""
while True:
    try:
        more = os.read(ours, 65536)
    except OSError:
        break
    if not more:
        break
    said += more
child.wait()
sys.stdout.write(said.decode("utf-8", "replace").replace("\r", "<").replace("\033[K", ">"))
PY
out=$("$PYTHON" "$work/terminal.py" "$LAKEHOST" discover example --probe --jobs 2 \
    --option latency_ms=100 --option forbidden=orders)
like "$out" 'discover example [' 'a bar'
like "$out" ' left<>' 'it is taken away'
like "$out" 'table orders is refused' 'messages come through'
run discover example --probe --jobs 2 --option latency_ms=100
is "$err" '' 'and none elsewhere'

done_testing
