#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Grouping and balancing a manifest, as a user does it.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

cat >in.csv <<'END'
source_table,category,ingestion_type,weight,schedule,owner,primary_keys,cursor_field
issues,core,cdc,30,*/5 * * * *,ann,id,at
pulls,core,cdc_with_deletes,20,*/5 * * * *,ann,id,at
labels,core,snapshot,1,0 0 * * *,,id,
users,people,snapshot,2,0 0 * * *,bob,id,
commits,activity,append,10,*/15 * * * *,,,
audit_log,,append,10,*/15 * * * *,,,
END
tab() { # tab FILE COLUMN...: the values of some columns, a row a line
    "$PYTHON" -c 'import csv, sys
for row in csv.DictReader(open(sys.argv[1], newline="")):
    print(" ".join(row[c] or "-" for c in sys.argv[2:]))' "$@"
}
json() { # json EXPRESSION: of the report d
    printf '%s' "$out" | "$PYTHON" -c "import json, sys; d = json.load(sys.stdin); print($1)"
}

# --- the modes ---
run group --csv in.csv --output-csv out.csv --group-by category_and_ingestion_type
is "$status" 0 'by category and ingestion type'
is "$err" 'lakehost: warning: in.csv:1:54: not a column of lakehost, kept as it is: "owner" [LH204]' \
    'but for a column that lakehost does not know'
is "$(tab out.csv source_table pipeline_group schedule)" 'issues core_cdc */5 * * * *
pulls core_cdc */5 * * * *
labels core_snapshot 0 0 * * *
users people_snapshot 0 0 * * *
commits activity_append */15 * * * *
audit_log audit_append */15 * * * *' 'rows in their order, deletes are cdc'
is "$(tab out.csv owner category)" 'ann core
ann core
- core
bob people
- activity
- audit' 'unknown columns are kept; an empty category is found out'
like "$out" 'core_cdc              2          50  */5 * * * *' 'a line for each pipeline'
like "$out" '6 tables, 5 pipelines; largest load 50, lower bound 50, ratio 1.0000' 'and the sum'
unlike "$out" 'note:' 'five pipelines are usual'

run group --csv in.csv --output-csv out.csv --group-by category
is "$(tab out.csv pipeline_group schedule | sort -u)" 'activity */15 * * * *
audit */15 * * * *
core */5 * * * *
people 0 0 * * *' 'by category: the shortest schedule'
like "$err" 'group core: its tables want the schedules */5 * * * * and 0 0 * * *; it gets the shortest, */5 * * * *' \
    'with a warning'
run group --csv in.csv --output-csv out.csv --group-by ingestion_type
is "$(tab out.csv pipeline_group | tr '\n' ' ')" 'cdc cdc snapshot snapshot append append ' \
    'by ingestion type'
run group --csv in.csv --output-csv out.csv --group-by none
is "$(tab out.csv pipeline_group schedule | sort -u)" 'all */5 * * * *' 'none: one'
like "$out" 'note: 1 pipeline; 3 to 8 for a connector are what works best' 'which is remarked'
run group --csv in.csv --output-csv out.csv --group-by category \
    --category-prefix-map-json '{"audit": "people"}'
is "$(tab out.csv source_table pipeline_group | tail -n 1)" 'audit_log people' 'with a map'

# --- balance ---
run group --csv in.csv --output-csv out.csv --group-by none --pipelines 2 --output json
is "$(json '[(p["name"], p["tables"], p["load"]) for p in d["pipelines"]]')" \
    "[('all', 2, 40), ('all_02', 4, 33)]" 'two pipelines'
is "$(json 'd["largest"], d["lower_bound"], d["ratio"]')" '40 37 1.0811' 'beside the bound'
{ head -n 1 in.csv && sed 1d in.csv | sort -r; } >turned.csv
"$LAKEHOST" group --csv turned.csv --output-csv turned-out.csv --group-by none --pipelines 2 \
    --output json >turned.json 2>/dev/null
is "$(cat turned.json)" "$out" 'the report does not depend on the order of rows'
is "$(tab turned-out.csv source_table pipeline_group | sort)" \
    "$(tab out.csv source_table pipeline_group | sort)" 'nor does the result'
run group --csv in.csv --output-csv out.csv --group-by none --balance chunk --max-tables 4
is "$(tab out.csv source_table pipeline_group | sort | tr '\n' ';')" \
    'audit_log all;commits all;issues all;labels all;pulls all_02;users all_02;' 'chunks, by name'
run group --csv in.csv --output-csv out.csv --group-by none --max-weight 30
is "$(tab out.csv weight pipeline_group | awk '{ w[$2] += $1 } END { for (g in w) if (w[g] > 30) print g }')" \
    '' 'no pipeline is over the weight'

# --- what an earlier run has ---
"$LAKEHOST" group --csv in.csv --output-csv first.csv --group-by none --max-tables 3 >/dev/null 2>&1
{ cat in.csv && echo 'forks,core,snapshot,5,,,id,'; } >more.csv
run group --csv more.csv --output-csv second.csv --previous first.csv --group-by none --max-tables 4
is "$status" 0 'with an earlier manifest'
like "$out" '0 moved, 1 new, 0 gone' 'nothing moves'
is "$(tab second.csv source_table pipeline_group | sed 6q)" \
    "$(tab first.csv source_table pipeline_group)" 'tables stay'
run group --csv second.csv --output-csv third.csv --previous second.csv --output json
is "$(json 'd["moved"], d["new"], d["gone"], d["moves"]')" '0 0 0 []' 'once more: nothing'
is "$(cmp second.csv third.csv && echo same)" same 'and the same bytes'
run group --csv in.csv --output-csv third.csv --previous second.csv --group-by none --max-tables 2 \
    --output json
is "$(json 'd["moved"], d["gone"], max(p["tables"] for p in d["pipelines"])')" '2 1 2' \
    'a cap: as few as can be move'
like "$out" '"reason": "its pipeline would hold too much"' 'and why'
cat >edited.csv <<'END'
source_table,destination_catalog,destination_schema,pipeline_group
issues,main,s,core
pulls,main,s,core
labels,other,s,core
users,main,s,people
commits,main,s,core
audit_log,main,s,core
END
run group --csv edited.csv --output-csv out.csv
is "$(tab out.csv source_table pipeline_group | tr '\n' ';')" \
    'issues core;pulls core;labels core_02;users people;commits core;audit_log core;' \
    'catalogs never mix'
sed 's/^users,main,s,people/users,main,s,core/' edited.csv >edited2.csv
run group --csv edited2.csv --output-csv out2.csv --previous out.csv
like "$out" 'moved: users: people -> core (its group is another one now)' \
    'a group that the user writes counts more than the earlier one'

# --- one source table several times: never in one pipeline ---
printf 'source_table,category,destination_table,table_options_json\r\n' >repos.csv
for repo in a b c; do
    for table in issues pulls; do
        printf '%s,core,%s_%s,"{""repo"":""%s""}"\r\n' $table $repo $table $repo >>repos.csv
    done
done
run group --csv repos.csv --output-csv out.csv --group-by category
is "$status" 0 'the tables of three namespaces'
is "$(tab out.csv pipeline_group destination_table | sort | tr '\n' ';')" \
    'core a_issues;core a_pulls;core_02 b_issues;core_02 b_pulls;core_03 c_issues;core_03 c_pulls;' \
    'are three pipelines'

printf 'source_table,destination_table,pipeline_group\ny,y,core\nz,z,core\nx,b,core_02\n' >parts.csv
{ cat parts.csv && echo 'x,c,core'; } >parts2.csv
cp parts.csv kept.csv
run group --csv parts2.csv --output-csv kept.csv --previous parts.csv
is "$status" 3 'a copy that finds no pipeline without its like'
like "$err" 'pipeline core_02 would have the source table x twice' 'is named'
is "$(cmp kept.csv parts.csv && echo same)" same 'and nothing is written'

# --- stagger ---
printf 'source_table,pipeline_group,schedule\na,a,*/15 * * * *\nb,b,*/15 * * * *\nc,c,*/15 * * * *\nd,d,\n' >eq.csv
run group --csv eq.csv --output-csv out.csv --stagger
is "$(tab out.csv pipeline_group schedule | tr '\n' ';')" \
    'a */15 * * * *;b 5-59/15 * * * *;c 10-59/15 * * * *;d -;' 'equal schedules are spread'
run group --csv out.csv --output-csv out2.csv --stagger
is "$(cmp out.csv out2.csv && echo same)" same 'once'

# --- refusals leave the file as it was ---
cp out.csv kept.csv
refused() { # refused STATUS MESSAGE NAME ARGUMENTS...
    want=$1 message=$2 name=$3
    shift 3
    run group --output-csv kept.csv "$@"
    is "$status" "$want" "$name"
    like "$err" "$message" "$name: says so"
    is "$(cmp kept.csv out.csv && echo same)" same "$name: nothing is written"
}
refused 2 '--balance none splits no group' 'none with a cap' --csv in.csv --balance none --max-tables 3
refused 2 '--max-tables: expected a whole number from 1 to 1000, found "1001"' 'beyond the platform' \
    --csv in.csv --max-tables 1001
refused 2 'expected none|chunk|lpt, found "ltp"' 'an unknown balance' --csv in.csv --balance ltp
refused 2 'without it the groups are those of the manifest' 'a map alone' --csv in.csv \
    --category-prefix-map-json '{}'
refused 3 'table issues weighs 30, more than a pipeline may hold (25)' 'one table is too much' \
    --csv in.csv --group-by none --max-weight 25
refused 3 'group all: its 6 tables do not fit into 2 pipelines with these caps; 3 are enough' \
    'too few pipelines' --csv in.csv --group-by none --pipelines 2 --max-tables 2
refused 3 'nowhere.csv' 'no such file' --csv nowhere.csv
refused 3 'nowhere.csv' 'no such earlier file' --csv in.csv --group-by none --previous nowhere.csv
printf 'source_table,weight,schedule\nx,many,\ny,1,hourly\n' >bad.csv
refused 3 'bad.csv:2:3: weight: ' 'a weight that is none' --csv bad.csv
like "$err" 'bad.csv:3:5: schedule: ' 'what else is wrong is said at once'
printf 'rules:\n  LH243: error\n  LH244: error\n' >rules.yaml
printf 'source_table,connection_name,pipeline_group\na,one,g\nb,two,g\n' >conns.csv
run --config rules.yaml group --csv conns.csv --output-csv -
is "$status" 0 'two connections in one group are what this command mends'
printf 'rules: {LH224: warning}\n' >rules.yaml
run --config rules.yaml group --csv bad.csv --output-csv -
is "$status" 3 'the severities are the user'\''s'
like "$err" 'warning: bad.csv:2:3: weight: ' 'one of them only a warning'
printf 'source_table,pipeline_group,schedule\na,g,0 0 * * *\nb,g,*/5 * * * *\n' >two.csv
refused 3 'a pipeline has one schedule [LH243]' 'two schedules in one group' --csv two.csv
run group --csv two.csv --output-csv - --group-by none
is "$status" 0 'unless the groups are made anew'
run group --csv in.csv --output-csv - --output json
is "$status" 2 'the manifest and the report cannot both be printed'
"$PYTHON" -c 'print("source_table,pipeline_group")
for i in range(1001): print("t%04d,big" % i)' >big.csv
refused 3 'group big has 1001 tables and a pipeline takes 1000; --balance lpt makes 2 pipelines' \
    'more tables than a pipeline takes' --csv big.csv --balance none
run group --csv big.csv --output-csv - --balance chunk
is "$(sed 1d "$work/out" | cut -d, -f6 | sort | uniq -c | awk '{ print $2, $1 }' | tr '\n' ';')" \
    'big 1000;big_02 1;' 'is split otherwise'

done_testing
