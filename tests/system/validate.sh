#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `validate`. Each tests/data/manifest/NAME.csv has beside it NAME.txt, which is what is printed
# and, in the last line, the exit code; NAME.args are further arguments. A newcomer adds a case by
# adding files.
. "${srcdir:-.}/tests/system/lib.sh"

cases=$top/tests/data/manifest
sums() {
    (cd "$1" && find . -type f -exec cksum {} + | sort)
}

# In a copy: that nothing is written shows there.
cp -R "$cases" "$work/cases"
chmod -R u+w "$work/cases"
cd "$work/cases" || exit 99
before=$(sums .)
for file in *.csv; do
    name=${file%.csv}
    args=
    [ ! -f "$name.args" ] || args=$(cat "$name.args")
    # shellcheck disable=SC2086 # words of a file
    run validate "$file" $args
    is "$(cat "$work/out" && echo "exit $status")" "$(cat "$name.txt")" "$name"
    case $status in
    0) is "$err" '' "$name: nothing on stderr" ;;
    *) like "$err" "$file: " "$name: stderr names the file" ;;
    esac
done
is "$(sums .)" "$before" 'no file was written or changed'
cd "$work/cwd" || exit 99

# --- what a file is -----------------------------------------------------------------------------

printf 'source_table,weight\nissues,x\n' >list
run validate list
is "$status" 3 'a manifest by its header'
like "$out" 'list:2:8: error: weight: ' 'is read as one'
printf 'nothing in particular\n' >other
run validate other
is "$status" 3 'a file of no kind'
like "$err" 'other: cannot tell what this is; expected a pipeline spec (JSON, YAML), a ' 'says what is known'
run validate --kind manifest other
like "$out" 'other:1:1: error: source_table: ' '--kind says what it is'
run validate --kind recipe other
is "$status" 2 'an unknown kind'
like "$err" 'expected one of pipeline-spec, python, manifest' 'lists the kinds'
input=$work/cwd/list
run validate -
unset input
is "$status" 3 'standard input'
like "$out" 'standard input:2:8: error: ' 'has a name'
run validate none.csv
is "$status" 3 'a file that is not there'
like "$err" 'none.csv' 'is named'
run validate
is "$status" 2 'no file'

# --- folders ------------------------------------------------------------------------------------

mkdir -p d/sub d/.hidden
printf 'source_table\nissues\n' >d/b.csv
printf 'source_table,weight\nissues,0\n' >d/sub/a.csv
printf 'source_table,weight\nissues,0\n' >d/.hidden/a.csv
printf 'not of a kind\n' >d/readme
ln -s sub d/link
run validate d
is "$status" 3 'a folder'
is "$out" 'd/b.csv: nothing is wrong (manifest)
d/sub/a.csv:2:8: error: weight: expected a whole number from 1 to 1000000, found "0" [LH224]' \
    'its files of a known kind, without links and hidden ones'
run validate d/b.csv d/sub/a.csv
is "$status" 3 'several files'
like "$err" 'validate: 1 error;' 'are counted together'
mkdir e
run validate e
is "$status" 3 'a folder with nothing in it'

# --- severities ---------------------------------------------------------------------------------

printf 'source_table,owner,weight\nissues,me,0\n' >m.csv
printf 'rules:\n  LH204: error\n  lh224: "off"\n' >lakehost.yaml
run validate m.csv
is "$status" 3 'a warning made an error'
like "$out" 'error: not a column of lakehost' 'by the configuration'
unlike "$out" 'LH224' 'and an error switched off'
printf 'rules:\n  LH204: note\n  LH224: false\n' >lakehost.yaml
run validate --strict m.csv
is "$status" 0 'a note stays one, also when strict'
like "$out" 'm.csv:1:14: note: ' 'it is printed'
printf 'rules:\n  LH299: note\n' >lakehost.yaml
run validate m.csv
is "$status" 3 'a rule that does not exist'
like "$err" 'lakehost.yaml:2:10: key rules: there is no rule LH299' 'is named with its place'
printf 'rules:\n  LH204: loud\n' >lakehost.yaml
run validate m.csv
is "$status" 3 'a severity that does not exist'
like "$err" 'lakehost.yaml:2:10: key rules.LH204: expected "off", note, warning or error' \
    'is named with its place'
printf 'rules:\n  LH204: off\n' >lakehost.yaml
run validate m.csv
like "$err" 'put it in quotes' 'off without quotes is explained'
printf 'rules:\n  LH204: note\n' >lakehost.yaml
run config show
like "$out" 'LH204: note' 'config show has it'
rm lakehost.yaml
run config show --keys
like "$out" 'rules' 'config show --keys names it'

# --- JSON ---------------------------------------------------------------------------------------

run validate --output json m.csv
is "$status" 3 'as JSON'
is "$("$PYTHON" -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(d["counts"]["error"], d["counts"]["warning"], d["findings"][0]["rule"],
      d["findings"][1]["line"], d["findings"][1]["column"], d["findings"][1]["key"])' "$work/out")" \
    '1 1 LH204 2 11 weight' 'it says the same'
printf 'source_table\nissues\n' >good.csv
run validate --output json good.csv
is "$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["findings"])' \
    "$work/out")" '[]' 'nothing found'

# --- the connector ------------------------------------------------------------------------------

run validate --connector-name githib good.csv
is "$status" 5 'a connector that is not there'
run validate --connector-name github --connector-profile mine good.csv
is "$status" 2 'a profile that does not exist'

# Every rule of manifests and schedules has a case that breaks it, but for two that need a large
# file; the unit test has these.
"$LAKEHOST" explain 2>/dev/null | sed -n 's/^\(LH[123][0-9][0-9]\) .*/\1/p' | while read -r rule; do
    grep -q "\[$rule\]" "$cases"/*.txt || echo "$rule"
done >"$work/uncovered"
is "$(tr '\n' ' ' <"$work/uncovered")" 'LH211 LH212 ' 'every rule has a case'

done_testing
