#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A connector that breaks the interface, each table in one way (tests/conform/misbehave.c): its exit
# and a message that names connector, call, table and rule. A new way is a function there and a line
# here.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"
plugin=${LAKEHOST%/*}/tests/conform/.libs/misbehave.so

# A copy, because a file that others may write is refused, and a wide umask makes such files.
mkdir "$work/plugins"
cp "$plugin" "$work/plugins/misbehave.so"
chmod 755 "$work/plugins" "$work/plugins/misbehave.so"
LAKEHOST_PLUGIN_PATH=$work/plugins
export LAKEHOST_PLUGIN_PATH

# wrong EXIT CALL PART COMMAND...: the last word of the command is the table, where there is one
wrong() {
    want=$1
    call=$2
    part=$3
    shift 3
    run "$@"
    for word in "$@"; do :; done
    is "$status" "$want" "$1 $word: exit $want"
    like "$err" "misbehave: $call" "$1 $word: the call is named"
    like "$err" "$part" "$1 $word: $part"
    unlike "$err" 'Sanitizer' "$1 $word: no report"
    is "$out" "${rows-}" "$1 $word: on stdout"
}

as_of=2025-06-01
read_wrong() { # read_wrong TABLE EXIT PART
    wrong "$2" "read_table($1)" "$3" read misbehave --as-of $as_of "$1"
}

# Rows.
read_wrong array_as_row 8 'rule 21'
read_wrong nothing_as_row 8 'rule 21'
read_wrong object_as_rows 8 'rule 21'
read_wrong broken_json 8 'rule 21'
read_wrong two_lines 8 'rule 21'
read_wrong bad_utf8 8 'rule 12'
read_wrong unknown_op 8 'op 7'
read_wrong no_sink 8 'LH_E_RULE'
read_wrong old_sink 8 'LH_E_RULE'
read_wrong table_in_read 8 'add_table does not belong into read_table'
read_wrong deaf 8 'rule 21'

# The builder.
read_wrong value_without_key 8 'rule 14'
read_wrong unfinished 8 'rule 14'
read_wrong ended_twice 8 'rule 14'
read_wrong bad_utf8_built 8 'rule 14'
read_wrong array_built 8 'rule 21'
read_wrong too_deep 1 'a bound of the host: out_begin: nested deeper than'
read_wrong too_deep_text 1 'a bound of the host: row_text:1:'
read_wrong too_deep_raw 1 'a bound of the host: out_raw:1:'
read_wrong too_large 1 'a bound of the host: out_str: the value is larger than'
read_wrong no_builder 8 'rule 14'

# Checkpoints.
read_wrong more_without_progress 8 'rule 23'
read_wrong offset_too_large 8 'rule 22'
read_wrong array_as_offset 8 'rule 22'
read_wrong key_twice_in_offset 8 'rule 22'

# Answers.
read_wrong returns_42 8 'returned 42'
read_wrong returns_rule 8 'LH_E_RULE'
read_wrong returns_cancelled 8 'LH_E_CANCELLED'
read_wrong fails_with_success 8 'fail: 0'
read_wrong fails_without_reason 1 'the source sent what it must not'
read_wrong wants_too_much 1 'alloc: '
read_wrong bad_utf8_in_message 8 'rule 12'

# Rows that were right stay, and the offset file is where they end.
rows='{"id":1,"at":"2025-01-01T00:00:00Z"}'
read_wrong no_checkpoint 8 'rule 23'
read_wrong beyond_horizon 8 'rule 24'
read_wrong right_then_wrong 8 'rule 21'
like "$err" '{"until":"2025-01-01T00:00:00Z"}' 'and the last checkpoint'
run read misbehave --as-of $as_of --offset-file o.json right_then_wrong
is "$status" 8 'with an offset file'
like "$(cat o.json)" '2025-01-01T00:00:00Z' 'it holds the checkpoint that was right'
printf '%s\n%s\n' "$rows" "$rows" >f.out
printf '{"connector":"misbehave","flows":{"rows":{"length":%d,"offset":{"until":"2025-03-01"}}},"table":"no_checkpoint"}' \
    "$(wc -c <f.out)" >f.json
run read misbehave --as-of $as_of --offset-file f.json --output-file f.out no_checkpoint
is "$status/$(cat f.out)" "8/$rows" 'a run that goes over an earlier output and ends before a checkpoint'
is "$(cat f.json)" '{"connector":"misbehave","flows":{},"table":"no_checkpoint"}' 'leaves no offset of what is gone'
rows=$rows'
'$rows
read_wrong same_checkpoint 8 'rule 23'
wrong 8 'read_table(stalls)' 'rule 23' read misbehave --as-of $as_of --until-done stalls
rows='{"id":1}'
read_wrong number_in_rows 8 'element 1'
unset rows

# Schemas.
schema_wrong() { # schema_wrong TABLE PART
    wrong 8 "get_table_schema($1)" "$2" schema misbehave "$1"
}
schema_wrong bad_type bigintt
schema_wrong column_twice id
schema_wrong column_without_name 'is empty'
schema_wrong struct_not_ended 'place'
schema_wrong end_without_begin 'field_end'
schema_wrong unknown_flags 'rule 4'
schema_wrong short_field 'struct_size is 8'
schema_wrong no_field 'found NULL'
schema_wrong row_in_schema 'row_text does not belong into get_table_schema'

# Metadata.
meta_wrong() { # meta_wrong TABLE PART
    wrong 8 "read_table_metadata($1)" "$2" metadata misbehave "$1"
}
meta_wrong no_meta set_meta
meta_wrong meta_twice twice
meta_wrong no_keys 'no keys'
meta_wrong unknown_ingestion 'ingestion is 99'
meta_wrong key_no_column 'the key "ID" is no column of the schema'
meta_wrong cursor_no_column 'the cursor "at.time" is no column of the schema'
wrong 8 'read_table_metadata(key_no_column)' 'the key "ID" is no column' read misbehave key_no_column

# Listings.
listing_wrong() { # listing_wrong LISTING PART
    wrong 8 list_tables "$2" tables misbehave --option "listing=$1"
}
listing_wrong row 'row_text does not belong into list_tables'
listing_wrong empty 'is empty'
listing_wrong utf8 'rule 12'
listing_wrong nul 'rule 12'
listing_wrong flags 'rule 4'
listing_wrong twice 'reported before'
listing_wrong more 'LH_MORE'
wrong 4 open 'the credentials were refused' tables misbehave --option listing=silent
rows='ok     plugin: misbehave 1.0.0, from the search path
ok     options: complete
failed check: misbehave: check: the interface is broken: add_step: 42 is neither LH_OK nor LH_E_* (exit 8)'
wrong 8 check 'add_step: 42' check misbehave
unset rows

# Partitions.
wrong 8 'get_partitions(partition_twice)' 'rule 27' partitions misbehave partition_twice
wrong 8 'get_partitions(partition_no_object)' 'rule 27' partitions misbehave partition_no_object
rows='{"id":1,"at":"2025-01-01T00:00:00Z"}'
wrong 8 'read_partition(right)' 'checkpoint does not belong into read_partition' \
    read misbehave --partition '{"partition":{"part":1},"as_of":"2025-06-01T00:00:00Z"}' right
unset rows

# And a table that is right.
run read misbehave --as-of $as_of right
is "$status" 0 'what is right works'
is "$out" '{"id":1,"at":"2025-01-01T00:00:00Z"}' 'with its row'

# The bounds of the host in the host's own process.
for table in too_deep too_deep_text too_deep_raw too_large; do
    run read misbehave --isolation none --as-of $as_of $table
    is "$status" 1 "$table: a bound of the host without a worker"
    like "$err" "misbehave: read_table($table): a bound of the host: " 'with the same words'
done

run read misbehave --as-of $as_of --until-done more_behind
is "$status/$out" '0/{"id":1,"at":"2025-01-01T00:00:00Z"}
{"id":2,"at":"2025-01-02T00:00:00Z"}' 'rows behind the last checkpoint of a call come once'
both=$out
run read misbehave --as-of $as_of --until-done --offset-file m.json --output-file m.out more_behind
is "$status/$(cat m.out)" "0/$both" 'in a file too'
run read misbehave --as-of $as_of more_behind
is "$status/$out" "0/$both" 'one call gives them all'
like "$err" 'there is more: --until-done goes on' 'and says that there is more'
unlike "$err" '--resume' 'with no offset file to resume from'
run read misbehave --as-of $as_of --offset-file m2.json more_behind
like "$err" 'there is more: --until-done goes on, --resume later as well' 'or how to go on later'
run -q read misbehave --as-of $as_of more_behind
is "$err" '' 'unless it is to be quiet'

done_testing
