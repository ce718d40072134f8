#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The presets that ship: what is in them, that they are what the connectors say, list, show, copy.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

presets=$top/templates/presets
builddir=${LAKEHOST%/*}

# --- what is in them ---
run preset list
is "$status" 0 'preset list'
is "$(sed -n '2,$p' "$work/out" | wc -l | tr -d ' ')" 18 'six connectors, three presets each'
like "$out" 'osipi/all_tables                                  39          1' 'all tables of osipi'
like "$out" 'osipi/by_category_and_ingestion                   39          7' 'and its pipelines'
run preset list zendesk
is "$(sed -n '2,$s/ .*//p' "$work/out" | tr '\n' ' ')" \
    'zendesk/all_tables zendesk/by_category_and_ingestion zendesk/by_ingestion_type ' \
    'of one connector'
run preset list zendesk --output json
is "$(printf '%s' "$out" | "$PYTHON" -c 'import json, sys; print([(p["name"], p["tables"],
p["pipelines"]) for p in json.load(sys.stdin)][0])')" "('zendesk/all_tables', 8, 1)" 'as JSON'

# Made again from the specs, byte for byte; `make presets` does it in the source tree.
mkdir made made/github made/hubspot made/osipi made/zendesk
"$builddir/templates/presets/make-presets" "$top/plugins" made github hubspot osipi zendesk
is $? 0 'make-presets'
for file in made/*/*.csv; do
    differs=$(diff "$file" "$presets/${file#made/}" 2>&1)
    is "$differs" '' "${file#made/} is what the connector's spec says (else: make presets)"
done

# Those of one connector have the same tables, and differ in groups and schedules only; lakehost
# group makes the groups that they have.
columns() { # columns FILE: without group and schedule
    "$PYTHON" -c 'import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")):
    row.pop("pipeline_group"), row.pop("schedule")
    print(sorted(row.items()))' "$1"
}
for connector in airtable github hubspot osipi zendesk zoho_crm; do
    all=$(columns "$presets/$connector/preset_all_tables.csv")
    for name in by_ingestion_type by_category_and_ingestion; do
        file=$presets/$connector/preset_$name.csv
        is "$(columns "$file")" "$all" "$connector/$name: the tables of all_tables"
        mode=$name
        [ "$mode" = by_ingestion_type ] || mode=by_category_and_ingestion_type
        "$LAKEHOST" group --csv "$file" --output-csv again.csv --group-by "${mode#by_}" \
            >/dev/null 2>"$work/err"
        is "$(cat "$work/err")" '' "$connector/$name: nothing to remark"
        is "$(diff "$file" again.csv)" '' "$connector/$name: the groups that lakehost makes"
    done
done
is "$(sed '1d; s/^,//; s/,.*//' "$presets/airtable/preset_all_tables.csv" | tr '\n' ';')" \
    'Compliance Records;Launch Milestones;Marketing Assets;Packaging Tasks;SKU Candidates;Vendors;' \
    'the six tables of airtable'

# The maps say what the connectors say of their own tables, and what the presets say.
for connector in airtable github hubspot; do
    "$PYTHON" -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
out = csv.writer(open("bare.csv", "w", newline=""))
out.writerow(["source_table"])
out.writerows([[row["source_table"]] for row in rows])
open("want", "w").write("".join("%s %s\n" % (r["source_table"], r["category"]) for r in rows))' \
        "$presets/$connector/preset_all_tables.csv"
    run group --csv bare.csv --output-csv mapped.csv --group-by category \
        --category-prefix-map-json "@$presets/$connector/category_prefix_map.json"
    is "$status" 0 "$connector: the map is one"
    is "$("$PYTHON" -c 'import csv
for row in csv.DictReader(open("mapped.csv", newline="")):
    print(row["source_table"], row["category"])')" "$(cat want)" "$connector: and right"
done

# A source that has what the connector's spec says gives the same manifests, byte for byte.
discovered() { # discovered CONNECTOR SOURCE-OPTIONS...
    connector=$1
    shift
    for name in all_tables by_ingestion_type by_category_and_ingestion; do
        case $name in
        all_tables) mode=none ;;
        by_ingestion_type) mode=ingestion_type ;;
        *) mode=category_and_ingestion_type ;;
        esac
        run discover "$connector" --output-csv discovered.csv --group-by $mode --connection-name '' \
            --dest-catalog '' --dest-schema '' "$@"
        is "$(diff discovered.csv "$presets/$connector/preset_$name.csv" 2>&1)" '' \
            "$connector/$name is what discover writes"
    done
}
fake osipi --no-sign-in
discovered osipi --option "pi_base_url=$fake" --option allow_anonymous=true
fake_stop "$fake_pid"
ZD_TOKEN=zd-token-0123456789
export ZD_TOKEN
fake zendesk
discovered zendesk --option subdomain=acme --option email=ann@example.com \
    --option api_token=env:ZD_TOKEN --option "base_url=$fake"
fake_stop "$fake_pid"

# --- show, copy, --preset ---
run preset show osipi/all_tables
is "$(cat "$work/out")" "$(cat "$presets/osipi/preset_all_tables.csv")" 'show prints the file'
run preset show github/preset_by_ingestion_type.csv --output json
is "$(printf '%s' "$out" | "$PYTHON" -c 'import json, sys
p = json.load(sys.stdin); print(p["name"], len(p["tables"]), p["tables"][5]["primary_keys"])')" \
    'github/by_ingestion_type 12 ["id"]' 'under its full name, as JSON'

run preset copy zoho_crm/all_tables
is "$status $out" '0 ' 'copy'
is "$(cmp preset_all_tables.csv "$presets/zoho_crm/preset_all_tables.csv" && echo same)" same \
    'into a file of its name'
echo mine >>preset_all_tables.csv
run preset copy osipi/all_tables
is "$status" 3 'a file that is there is not overwritten'
like "$err" 'preset_all_tables.csv is there already; remove it or name another file' 'it says so'
is "$(tail -n 1 preset_all_tables.csv)" mine 'and it is untouched'
run preset copy osipi/all_tables pi.csv
is "$(cmp pi.csv "$presets/osipi/preset_all_tables.csv" && echo same)" same 'into a file of choice'
run preset copy osipi/all_tables -
is "$(cat "$work/out")" "$(cat pi.csv)" 'to standard output'

run group --preset hubspot/by_category_and_ingestion --output-csv -
is "$(cat "$work/out")" "$(cat "$presets/hubspot/preset_by_category_and_ingestion.csv")" \
    '--preset stands for --input-csv'
run group --preset hubspot/all_tables --csv pi.csv --output-csv -
is "$status" 2 'but not beside it'
run group --output-csv -
is "$status" 2 'one of them is needed'
like "$err" '--input-csv FILE, or --preset CONNECTOR/NAME' 'it says so'

# --- what is not there ---
run preset show osipi/all_table
is "$status" 5 'an unknown preset'
like "$err" 'did you mean "osipi/all_tables"?' 'the nearest is named'
run preset list hubspt
is "$status" 5 'an unknown connector'
like "$err" 'did you mean "hubspot"?' 'the nearest is named'
run preset show osipi
is "$status" 5 'a connector alone'
like "$err" 'a preset is CONNECTOR/NAME' 'is explained'
for name in ../presets/osipi/all_tables osipi/../osipi/all_tables /etc/passwd osipi/ / '' .; do
    run preset show "$name"
    is "$status" 5 "\"$name\" is no preset"
done

# Found in the folder of data files, wherever that is; one that somebody spoiled is named. (Not by
# way of ./lakehost, which sets the folder.)
installed() {
    status=0
    LAKEHOST_PKGDATADIR=$work/share "$builddir/host/lakehost" "$@" >"$work/out" 2>"$work/err" ||
        status=$?
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    last="installed lakehost $*"
}
if [ -z "${LAKEHOST_VALGRIND:-}" ]; then
    mkdir "$work/share"
    cp "$top/templates/default_config.yaml" "$work/share"
    installed preset list
    is "$status $(wc -l <"$work/out" | tr -d ' ')" '0 1' 'no presets at all: an empty list'
    mkdir -p "$work/share/presets/acme"
    cp "$presets/zendesk/preset_all_tables.csv" "$work/share/presets/acme/preset_all_tables.csv"
    touch "$work/share/presets/acme/README.md" "$work/share/presets/README.md"
    installed preset list
    is "$(sed -n '2,$s/ .*//p' "$work/out")" acme/all_tables 'of another folder'
    printf 'table\nx\n' >"$work/share/presets/acme/preset_all_tables.csv"
    installed preset show acme/all_tables
    is "$status" 3 'a spoiled one'
    like "$err" "preset acme/all_tables: $work/share/presets/acme/preset_all_tables.csv: " 'is named'
else
    skip 'another folder of data files' 'runs the program itself'
fi

done_testing
