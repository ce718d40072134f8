#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Generated files: the cases of tests/data/generate, and what holds for every one of them.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

# shellcheck disable=SC2046 # words of the command
for case in "$top"/tests/data/generate/*/; do
    name=${case%/}
    name=${name##*/}
    cp -R "$case" "$work/cwd/$name"
    chmod -R u+w "$work/cwd/$name"
    cd "$work/cwd/$name" || exit 99
    run $(cat command)
    if [ -f message ]; then
        is "$status" "$(sed -n 1p message)" "$name: the exit code"
        like "$err" "$(sed 1d message)" "$name: the message"
        is "$(ls -A out 2>/dev/null)" '' "$name: nothing is written"
    else
        is "$status" 0 "$name: it works"
        is "$(diff -r expected out 2>&1)" '' "$name: the files"
        is "$(cd out && find . -type f | sort)" "$(sed 's|^out/|./|' "$work/out" | sort)" \
            "$name: they are what it says that it wrote"
        run $(cat command)
        is "$(diff -r expected out 2>&1)" '' "$name: the same again"
    fi
    cd "$work/cwd" || exit 99
done

# A failure leaves what was there.
cd "$work/cwd/ingest-classic" || exit 99
printf 'source_table,pipeline_group,table_options_json\na,CRM core,\nb,z,"{""isDeleteFlow"": 1}"\n' >bad.csv
run generate ingest --csv bad.csv --output-dir out --source-name hubspot --connection-name c \
    --catalog main --schema bronze
is "$status" 3 'a table of the second group is wrong'
is "$(diff -r expected out 2>&1)" '' 'the file of the first one is the old one'
mkdir own
printf 'a = {{py x}}\n' >own/a.py
mkdir own/ingest
printf '\nx = {{py nonsense}}\n' >own/ingest/classic.py
run generate ingest --csv manifest.csv --output-dir out --source-name hubspot --connection-name c \
    --catalog main --schema bronze --template-dir own
is "$status" 3 'a template with a name that there is not'
like "$err" 'own/ingest/classic.py:2: there is no value "nonsense" here' 'the message names its line'
printf 'x = ({{py group}}\n' >own/ingest/classic.py
run generate ingest --csv manifest.csv --output-dir out --source-name hubspot --connection-name c \
    --catalog main --schema bronze --template-dir own
is "$status" 3 'a template that makes no Python'
like "$err" 'is not closed' 'the message says why'
is "$(diff -r expected out 2>&1)" '' 'nothing is written'
run generate ingest --csv manifest.csv --output-dir out --source-name '../x' --connection-name c \
    --catalog main --schema bronze
is "$status" 2 'a connector that is no name'
run generate ingest --csv manifest.csv --output-dir out --source-name x --connection-name c \
    --catalog main --schema bronze --common-table-config-json '[]'
is "$status" 2 'common options that are no object'
input=manifest.csv
run generate ingest --csv - --output-dir stdin --source-name hubspot --connection-name hubspot \
    --catalog main --schema bronze --common-table-config-json '{"page":5,"scd_type":"SCD_TYPE_1"}'
is "$(diff -r expected stdin 2>&1)" '' 'a manifest from standard input'

unset input

run generate connector-spec github
is "$status" 0 'generate connector-spec'
spec=$out
run plugin show github --output connector-spec
is "$spec" "$out" 'it is what plugin show prints'
run generate connector-spec --connector-name github --output-file spec.yaml
is "$out$(cat spec.yaml)" "$spec" 'into a file'
run generate connector-spec none_such
is "$status" 5 'a connector that there is not'
run generate pipeline-spec --csv manifest.csv --connection-name hubspot --catalog main --schema b
is "$status" 3 'a spec of tables with two connections'
like "$err" 'a pipeline has one' 'it says why'

done_testing
