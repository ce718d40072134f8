#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `validate` for pipeline specs and Python: every rule, with its place, and nothing where all is well.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

finds() { # finds FILE WHAT NAME [OPTIONS]: a finding of that text, and exit 3
    finds_file=$1 finds_what=$2 finds_name=$3
    shift 3
    run validate "$finds_file" "$@"
    is "$status" 3 "$finds_name: the exit code"
    like "$out" "$finds_file:$finds_what" "$finds_name"
}

# --- what generate writes is fine -------------------------------------------------------------

cat >m.csv <<'END'
source_table,pipeline_group,primary_keys,ingestion_type,cursor_field,table_options_json
issues,core,id,cdc,updated_at,"{""owner"": ""o"", ""repo"": ""r""}"
commits,core,sha,append,,"{""owner"": ""o"", ""repo"": ""r""}"
END
run generate pipeline-spec --csv m.csv --connector-name github --connection-name gh --catalog main \
    --schema bronze --output-file spec.yaml
is "$status" 0 'a spec as YAML'
run generate pipeline-spec --csv m.csv --connector-name github --connection-name gh --catalog main \
    --schema bronze --output json --output-file spec.json
run generate ingest --csv m.csv --output-dir files --source-name github --connection-name gh \
    --catalog main --schema bronze
run generate notebooks --csv m.csv --output-dir files --connector-name github --connector-path /c
run validate spec.yaml spec.json files --connector-name github --strict
is "$status" 0 'what was generated has no problem'
is "$out" 'spec.yaml: nothing is wrong (pipeline-spec)
spec.json: nothing is wrong (pipeline-spec)
files/github_all.py: nothing is wrong (python)
files/ingest_core.py: nothing is wrong (python)' 'each file is taken for what it is'

# --- pipeline specs -----------------------------------------------------------------------------

spec() { # spec TABLES: a spec of one line; the first table's place is 1:43
    printf '{"connection_name": "gh", "objects": [%s]}\n' "$1" >s.json
}

printf '{"objects": 5}' >s.json
run validate --kind pipeline-spec s.json
like "$out" 's.json:1:1: error: connection_name is missing [LH401]' 'no connection'
like "$out" 's.json:1:13: error: /objects: expected a list of at least one table [LH401]' 'no list'
printf -- '- connection_name\n- objects\n' >list.yaml
finds list.yaml '1:1: error: expected an object with connection_name and objects [LH401]' 'a list'
spec ''
finds s.json '1:38: error: /objects: expected a list of at least one table' 'no table'
spec '5, {}, {"table": 1}, {"table": {}}, {"table": {"source_table": " "}}'
run validate s.json
like "$out" '/objects/0: expected an object with a table [LH401]' 'an object that is none'
like "$out" '/objects/1: table is missing [LH401]' 'no table in it'
like "$out" '/objects/2/table: expected an object [LH401]' 'a table that is none'
like "$out" '/objects/3/table: source_table is missing [LH401]' 'no source table'
like "$out" '/objects/4/table/source_table: expected a text that is not blank [LH401]' 'a blank one'
spec '{"table": {"source_table": "a", "destination_table": null, "sourc": 1}, "x": 2}'
run validate s.json
like "$out" '/objects/0/table/destination_table: expected a text, found null [LH401]' 'null is no text'
like "$out" '/objects/0/table/sourc: the framework does not know this key [LH402]' 'a key of a table'
like "$out" '/objects/0/x: the framework does not know this key [LH402]' 'a key of an object'
spec '{"table": {"source_table": "a", "table_configuration": {"scd_type": "scd_type_1",
 "primary_keys": "id", "cluster_by": ["a", ""], "sequence_by": "", "max": 5, "ok": "yes"}}}'
run validate s.json
is "$status" 3 'a configuration that is wrong'
like "$out" '/scd_type: expected SCD_TYPE_1, SCD_TYPE_2 or APPEND_ONLY, found "scd_type_1" [LH403]' \
    'the SCD type'
like "$out" 's.json:2:18: error: /objects/0/table/table_configuration/primary_keys: expected a list' \
    'keys, with their place'
like "$out" '/cluster_by/1: expected the name of a column [LH401]' 'clustering'
like "$out" '/sequence_by: expected a text that is not blank [LH401]' 'sequence'
like "$out" 'warning: /objects/0/table/table_configuration/max: expected a text, found the number 5 [LH412]' \
    'a number becomes what Python prints'
unlike "$out" '/ok' 'a text is fine'
spec '{"table": {"source_table": "a", "table_configuration": []}}'
finds s.json '1:94: error: /objects/0/table/table_configuration: expected an object' 'no object'
spec '{"table": {"source_table": "a"}}, {"table": {"source_table": "a", "destination_table": "b"}},
 {"table": {"source_table": "c", "destination_table": "B"}}'
run validate s.json
like "$out" '/objects/1/table: source table a is in this spec before [LH404]' 'a source twice'
like "$out" '/objects/2/table: another table of this spec goes to the same destination [LH405]' \
    'a destination twice, but for case'
spec '{"table": {"source_table": "a", "destination_catalog": "main"}}'
run validate s.json
is "$status" 0 'a warning'
like "$out" 'warning: /objects/0/table: destination_catalog is there and destination_schema is not [LH406]' \
    'half a destination'
run validate s.json --strict
is "$status" 3 'which --strict makes an error'
spec '{"table": {"source_table": "a", "destination_table": "b.c"}}'
finds s.json '1:92: error: /objects/0/table/destination_table: Unity Catalog does not take the name "b.c"' \
    'a name'
spec '{"table": {"source_table": "issues", "table_configuration": {"owne": "x"}}}'
run validate s.json --connector-name github
like "$out" 'warning: /objects/0/table/table_configuration/owne: github has no such table option [LH408]' \
    'an option that does not get through'
spec "$(awk 'BEGIN { for (i = 0; i < 1001; i++)
    printf "%s{\"table\": {\"source_table\": \"t%d\"}}", i ? "," : "", i }')"
finds s.json '1:38: error: /objects: 1001 tables [LH411]' 'more tables than a pipeline takes'
printf 'connection_name: gh\nobjects: [\n' >bad.yaml
run validate bad.yaml
is "$status" 3 'no YAML'
like "$err" 'bad.yaml:' 'names the place'

# --- Python -------------------------------------------------------------------------------------

printf 'a = (1,\nb = 2\n' >p.py
finds p.py "3:1: error: '(' of line 1 is not closed [LH601]" 'an open bracket'
printf 'if a:\n    x = "\xc3\xa4" $\n' >p.py
finds p.py "2:13: error: '\$' is no part of Python [LH601]" 'columns count characters'
run explain LH404
is "$status" 0 'rules explain themselves'
like "$out" 'The same source table twice' 'with their title'

done_testing
