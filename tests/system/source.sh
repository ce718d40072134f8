#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands that look into a source, against the example connector.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

run check example
is "$status" 0 'check'
like "$out" 'ok     plugin: example' 'names the connector'
like "$out" 'ok     orders: ' 'and each table'
run check example --option forbidden=orders,users
is "$status" 6 'check with two tables refused'
like "$out" 'failed orders: ' 'names them'
like "$err" '2 of 8 steps failed' 'counts them'
run check example --output json
like "$out" '"result": "LH_OK"' 'check as JSON'

run namespaces example
is "$out" archive 'namespaces'
run namespaces example --output json
is "$out" '["archive"]' 'namespaces as JSON'
run namespaces example archive
is "$status:$out" 0: 'below the only namespace there is none'
run namespaces example nope
is "$status" 5 'a namespace that there is not'
like "$err" 'no namespace "nope"' 'is named'
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

for flag in '--record d' '--replay d' '--trace-http f' '--retries 3' '--cacert f' '--isolation process' \
    '--options-from-connection c' '--options-from-scope s' '--secrets-mapping {}' '--jobs 2' --unordered; do
    # shellcheck disable=SC2086 # two words
    run read example orders $flag
    is "$status" 2 "$flag is refused"
    like "$err" "option ${flag%% *}" 'by name'
    like "$err" 'is not available in this version' 'until it comes'
done

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
