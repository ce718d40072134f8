#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands that look into a source, against the example connector.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

run check example
is "$status" 0 'check'
like "$out" 'ok     plugin: example 1.0.0, from the search path' 'names the connector, and no path of this machine'
like "$out" 'ok     source: ' 'what the connector itself looks at'
like "$out" 'ok     table orders: cdc_with_deletes, 5 columns, can be read' 'each table'
like "$out" 'ok     table archive/narrow_40: cdc, 3 columns, can be read' 'those of namespaces too'
run check example --option forbidden=orders,users
is "$status" 6 'check with two tables refused'
like "$out" 'failed table orders: example: read_table(orders): the source refuses the rows of orders (exit 4)' \
    'names them'
like "$err" 'steps failed' 'counts them'
run check example --table-option area=archive
is "$(printf '%s\n' "$out" | grep -c '^ok     table ')" 40 'one namespace'
run check example --output json
good=$("$PYTHON" -c 'import json, sys
steps = json.load(open(sys.argv[1]))
print(all(s["ok"] and s["exit"] == 0 for s in steps), [s["step"] for s in steps][:2], len(steps) > 45,
      {s["result"] for s in steps} - {None, "LH_OK"})' "$work/out")
is "$good" "True ['plugin', 'options'] True set()" 'check as JSON'
staged() { # staged EXIT STEPS PART ARGUMENTS: what is printed up to the step that fails
    want=$1
    steps=$2
    part=$3
    shift 3
    run check "$@"
    is "$status" "$want" "check $*: exit $want"
    is "$(printf '%s\n' "$out" | sed -n 's/^\(ok\|failed\) *\([a-z-]*\):.*/\1 \2/p' | tr '\n' ' ')" "$steps " \
        'the steps up to it'
    like "$out" "$part" 'its reason'
    like "$err" "$part" 'on stderr as well'
    run check "$@" --output json
    is "$status" "$want" 'the same as JSON'
    is "$("$PYTHON" -c 'import json, sys
steps = json.load(open(sys.argv[1]))
print("".join((s["ok"] and "ok " or "failed ") + s["step"] + " " for s in steps), steps[-1]["exit"])' "$work/out")" \
        "$steps  $want" 'steps and exit'
}
staged 5 'failed plugin' 'connector nosuch: not found' nosuch
staged 3 'ok plugin failed options' 'did you mean "rows"' example --option rowz=1
staged 3 'ok plugin failed options' 'there is no table "nope"' example --option forbidden=nope
staged 5 'ok plugin ok options ok source failed tables' \
    'no namespace "nope"; there is archive alone' example --table-option area=nope
run check example --option
is "$status/$out" 2/ 'wrong usage is no step'
run check example --option latency_ms=1500 --timeout 5
is "$status" 7 'check: --timeout among the tables'
like "$out" 'ok     table products: ' 'of which some were tried'
like "$out" 'failed tables: the time of --timeout is over; ' 'is about none of them'
like "$err" ' of 45 tables were not tried to the end' 'and says how many are left'
unlike "$out" 'failed table ' 'no table is blamed'
run check example --option latency_ms=200 --timeout 0.1
is "$status" 7 'check --timeout'
run read example orders --option =x
is "$status" 2 'an option without a key'
like "$err" "--option: expected KEY=VALUE, found nothing before the '='" 'is said as it is'
run schema example orders --table-options-json '{"users":[]}'
is "$status" 3 'options of a table that are no map, of another table too'
like "$err" '--table-options-json:1:10: key /users: expected a map of options, found an array' 'have their place'
input=$work/offset
printf '{"until":"2025-02-01T00:00:00Z"}' >"$input"
run read example events --option rows=5 --as-of 2025-02-02 --start-offset -
is "$status/$(wc -l <"$work/out" | tr -d ' ')" 0/24 '- is standard input'
input=
mkdir broken
install -m 644 "${LAKEHOST%/*}/tests/conform/load/.libs/no_note.so" broken
run check no_note --plugin-path broken
is "$status" 8 'check of a connector that is broken'
like "$err" 'check: 1 of 1 steps failed; plugin: ' 'says so on stderr'
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 'in one line'
like "$out" 'no_note.so: ' 'and the whole reason on stdout'
unlike "$err" 'no_note.so: ' 'alone'

run namespaces example
is "$out" archive 'namespaces'
run namespaces example --output json
is "$out" '["archive"]' 'namespaces as JSON'
run namespaces example archive
is "$status/$out" 0/ 'one with nothing below it'
run namespaces example nope
is "$status/$out" 5/ 'one that is not there'
like "$err" 'no namespace "nope"' 'is named'
run namespaces example archive nope
is "$status" 5 'also below one that is'
run tables example
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 45 'tables of all namespaces'
run tables example --table-option area=archive
is "$(printf '%s\n' "$out" | sed -n '40p;$p' | sort -u)" narrow_40 'tables of one namespace'
run tables example --output json
like "$out" '"category": "sales"' 'tables as JSON'

run schema example orders
like "$out" '{"fields":[{"metadata":{},"name":"id","nullable":false,"type":"long"}' 'schema'
run schema example orders --output ddl
is "$out" 'id bigint NOT NULL, user_id bigint, status string, total decimal(10,2), updated_at timestamp NOT NULL' \
    'schema as DDL'
run schema example orders --output table
like "$out" 'COLUMN' 'schema as a table'
run metadata example orders
like "$out" '"ingestion_type": "cdc_with_deletes"' 'metadata'
like "$out" '"cursor_field": "updated_at"' 'with the cursor'
run metadata example products
like "$out" '"cursor_field": null' 'a snapshot has none'
run metadata example products --output text
is "$out" 'primary_keys    id
cursor_field    -
ingestion_type  snapshot
category        sales
partitioned     no
replayable      yes' 'as text'
run metadata example products --output json
like "$out" '"ingestion_type": "snapshot"' 'and as JSON by name'
run metadata example narrow_01
is "$status" 5 'a table that is in a namespace'
run metadata example narrow_01 --table-option area=archive
is "$status" 0 'is found there'
run metadata example narrow_01 --table-options-json '{"narrow_01":{"area":"archive"},"x":{"y":1}}'
is "$status" 0 'also by the options of each table'

run partitions example metrics --as-of 2026-01-01
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 8 'partitions'
i=0
printf '%s\n' "$out" >"$work/partitions"
run partitions example metrics --as-of 2026-01-01 --output json
is "$out" "$(cat "$work/partitions")" 'as JSON Lines by name'
run partitions example metrics --as-of 2026-01-01 --output text
like "$out" '1220	{"first":' 'as text'
while read -r line; do
    "$LAKEHOST" read example metrics --partition "$line" >>"$work/parts" || i=1
done <"$work/partitions"
is "$i" 0 'each can be read'
run read example metrics --as-of 2026-01-01
is "$(sort "$work/parts")" "$(sort "$work/out")" 'together they are the table'
run partitions example orders
is "$status" 3 'a table without partitions'
run read example metrics --partition '{"x":1}'
is "$status" 3 'a partition that is none'
wrong_line() { # wrong_line TEXT PART
    run read example metrics --partition "$1"
    is "$status" 3 "a wrong line of partitions: $1"
    like "$err" "--partition:$2" 'what is wrong with it'
}
part='{"partition":{"first":0,"last":1},'
wrong_line "$part"'"as_of":"never"}' '1:43: expected "as_of", a string with a time such as 2026-03-01T09:30:00Z, found a string, "never"'
wrong_line "$part"'"as_of":5}' '1:43: expected "as_of", a string with a time such as 2026-03-01T09:30:00Z, found a number, "5"'
wrong_line "$part"'"as_of":null}' '1:43: expected "as_of"'
wrong_line "$part"'"end":null}' '1:1: expected "as_of", a string with a time such as 2026-03-01T09:30:00Z, found nothing'
wrong_line "$part"'"as_of":"2026-01-01","end":"x"}' '1:62: expected "end", an object or null, found a string, "x"'
wrong_line "$part"'"as_of":"2026-01-01","offset":[1]}' '1:65: expected "offset", an object or null, found an array'
wrong_line "$part"'"as_of":"2026-01-01","ofset":{}}' '1:64: expected partition, offset, end, as_of and weight; "ofset" is not known'
wrong_line "$part"'"as_of":"2026-01-01","weight":"1"}' '1:65: expected "weight", a number, found a string, "1"'
wrong_line "$part"'"as_of":"2026-01-01","as_of":"2026-01-01"}' '1:56: expected a key once'
wrong_line '[1]' '1:1: expected an object, found an array'
wrong_line '{' '1:2: expected '

for flag in '--retries x' '--retries -1' '--retries 101' '--record a --replay b'; do
    # shellcheck disable=SC2086 # words
    run read example orders $flag
    is "$status" 2 "$flag is refused"
done
run read example products --option rows=6 --retries 0 --trace-http trace
is "$(wc -l <"$work/out" | tr -d ' ')" 6 'a source without HTTP does not mind'

printf 'rows: 7\n' >"$work/o.yaml"
run read example products --options-file "$work/o.yaml"
is "$(wc -l <"$work/out" | tr -d ' ')" 7 'options from a file'
run read example products --options-file "$work/o.yaml" --init-options-json '{"rows": 6}'
is "$(wc -l <"$work/out" | tr -d ' ')" 6 'JSON is above it'
run read example products --init-options-json '{"rows": 6}' --option rows=5
is "$(wc -l <"$work/out" | tr -d ' ')" 5 'and --option above that'
ROWS=4 run read example products --option rows=env:ROWS
is "$(wc -l <"$work/out" | tr -d ' ')" 4 'a value from the environment'
printf '3\n' >"$work/rows"
run read example products --option "rows=file:$work/rows"
is "$(wc -l <"$work/out" | tr -d ' ')" 3 'from a file'
input=$work/rows
run read example products --option rows=-
input=
is "$(wc -l <"$work/out" | tr -d ' ')" 3 'from standard input'
run read example products --option rows=- --option seed=-
is "$status" 2 'which holds one value'
run read example products --option rows=env:NO_SUCH_NAME
is "$status" 3 'a variable that is not there'
like "$err" 'option rows: the environment has no NO_SUCH_NAME' 'is named'
run read example products --option rowz=1
is "$status" 3 'an unknown option'
like "$err" 'did you mean "rows"' 'with the nearest'
run read example products --option rows
is "$status" 2 'no value'
run read example products --option latency_ms=2000 --timeout 0.2
is "$status" 7 '--timeout'
like "$err" 'the time of --timeout is over' 'says so'
run read example products --option forbidden=products
is "$status" 4 'a refused table'
run read nosuch products
is "$status" 5 'no such connector'
mkdir "$work/many"
(cd "$work/many" && seq -f 'c%g.so' 10100 | xargs touch)
run plugin list --plugin-path "$work/many"
is "$(grep -c '^c[0-9]' "$work/out")" 10100 'a folder is read to its end'

# Files that are not there: those of a connector are 8, all others are invalid input.
missing() { # missing EXIT WORDS...
    want=$1
    shift
    run "$@"
    is "$status" "$want" "$*: exit $want"
    like "$err" "No such file or directory" 'says why'
}
missing 3 read example orders --start-offset "@$work/none"
missing 3 read example orders --end-offset "@$work/none"
missing 3 read example orders --partition "@$work/none"
missing 3 read example orders --table-options-json "@$work/none"
missing 3 read example orders --options-file "$work/none.yaml"
missing 3 read example orders --option "seed=file:$work/none"
missing 3 read example orders --output-file "$work/none/o.jsonl"
missing 3 read example orders --output-file "$work/none/o.jsonl" --offset-file "$work/o.json"
missing 3 read example orders --offset-file "$work/none/o.json"
missing 3 check example --trusted-key "$work/none.pub"
missing 8 check --plugin "$work/none.so"
missing 8 check "$work/none.so"

# --plugin stands for CONNECTOR.
plugin=$work/there/example.so
mkdir "$work/there"
cp "${LAKEHOST%/*}/connectors-1/example.so" "$plugin"
chmod go-w "$work/there" "$plugin"
as_of='--as-of 2026-01-01'
for words in check namespaces tables 'schema orders' 'metadata orders' "partitions metrics $as_of" \
    "read orders $as_of --limit 2"; do
    command=${words%% *}
    rest=${words#"$command"}
    # shellcheck disable=SC2086 # words
    run "$command" example $rest --plugin "$plugin"
    is "$status" 0 "$command with both"
    both=$out
    # shellcheck disable=SC2086 # words
    run "$command" --plugin "$plugin" $rest
    is "$status" 0 "$command with --plugin alone"
    is "$out" "$both" 'is the same'
    # shellcheck disable=SC2086 # words
    run "$command" other $rest --plugin "$plugin"
    is "$status" 2 "$command with another name"
    like "$err" "--plugin $plugin: it holds the connector example, and CONNECTOR is other" \
        'says how they disagree'
    run "$command" --help
    like "$out" "  or:  lakehost $command --plugin FILE" 'the help shows both ways'
done
run namespaces example archive --plugin "$plugin"
is "$status" 0 'a prefix comes behind the name'
run read --plugin "$plugin"
is "$status" 2 'no table'
like "$err" 'TABLE is missing' 'is what is missing'
run read
like "$err" 'CONNECTOR is missing' 'without --plugin it is the connector'
run read example orders more --plugin "$plugin"
is "$status" 2 'a word too many'
like "$err" 'unexpected argument "more"' 'is named'
cd "$work/there" || exit 99
run tables --plugin example.so
is "$status" 0 'a file without a folder'

done_testing
