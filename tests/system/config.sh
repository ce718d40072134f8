#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The layers of the configuration, as `config show` prints them.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

origin_of() { # the line of one key in config show --origin
    "$LAKEHOST" "$@" config show --origin 2>/dev/null
}
line() { # line KEY [GLOBAL OPTIONS]
    key=$1
    shift
    origin_of "$@" | grep -F " $key = "
}

run config show
is "$status" 0 'the defaults alone'
like "$out" 'channel: PREVIEW' 'are the bundled file'
cp "$work/out" "$work/copy.yaml"
run --config "$work/copy.yaml" config show
is "$out" "$(cat "$work/copy.yaml")" 'what is printed is a configuration file itself'
like "$(line pipeline.channel)" 'default ' 'and they say so'

mkdir -p "$HOME/.config/lakehost"
printf 'pipeline:\n  channel: CURRENT\n  catalog: of_user\n  schema: of_user\n' \
    >"$HOME/.config/lakehost/config.yaml"
like "$(line pipeline.channel)" 'config.yaml:2:12' 'the user'\''s file is above them, with its place'
like "$(line pipeline.serverless)" 'default' 'maps are merged: other keys stay'

printf 'pipeline: {catalog: of_folder, schema: of_folder}\nrepo:\n  exclude_root_files: [only]\n' >lakehost.yaml
like "$(line pipeline.catalog)" '"of_folder"' './lakehost.yaml is above the user'\''s'
like "$(line repo.exclude_root_files)" '["only"]' 'lists are replaced'

printf '{"pipeline": {"schema": "of_flag"}}' >"$work/extra.json"
like "$(line pipeline.schema --config "$work/extra.json")" '"of_flag"' '--config is above that, JSON too'
like "$(line pipeline.catalog --config "$work/extra.json")" 'of_folder' 'and merges'
LAKEHOST_CONFIG=$work/extra.json
export LAKEHOST_CONFIG
like "$(line pipeline.schema)" '"of_flag"' 'LAKEHOST_CONFIG stands for --config'
LAKEHOST_PIPELINE_SCHEMA=of_variable
export LAKEHOST_PIPELINE_SCHEMA
like "$(line pipeline.schema)" 'environment LAKEHOST_PIPELINE_SCHEMA' 'variables are above files'
LAKEHOST_PIPELINE_SERVERLESS=false
export LAKEHOST_PIPELINE_SERVERLESS
like "$(line pipeline.serverless)" '= false' 'a variable has the type of its key'
LAKEHOST_PIPELINE_SERVERLESS=nope
run config show
is "$status" 3 'or is refused'
like "$err" 'LAKEHOST_PIPELINE_SERVERLESS: key pipeline.serverless: expected true or false, found "nope"' \
    'with variable, key, expected and found'
unset LAKEHOST_PIPELINE_SERVERLESS LAKEHOST_PIPELINE_SCHEMA LAKEHOST_CONFIG
LAKEHOST_COLOR=never
export LAKEHOST_COLOR
like "$(line color --color always)" '--color' 'a flag is above all'
unset LAKEHOST_COLOR
LAKEHOST_PIPELINE_CHANEL=CURRENT
export LAKEHOST_PIPELINE_CHANEL
run config show
is "$status" 0 'a variable that is no setting is ignored'
like "$err" 'did you mean "LAKEHOST_PIPELINE_CHANNEL"' 'with a warning'
unset LAKEHOST_PIPELINE_CHANEL
rm lakehost.yaml

refused() { # refused TEXT-OF-FILE MESSAGE NAME
    printf '%b' "$1" >"$work/bad.yaml"
    run --config "$work/bad.yaml" config show
    is "$status" 3 "$3: exit 3"
    like "$err" "$2" "$3: $2"
    is "$out" '' "$3: nothing on stdout"
}
refused 'pipeline:\n  chanel: CURRENT\n' 'bad.yaml:2:' 'an unknown key'
refused 'pipeline:\n  chanel: CURRENT\n' 'did you mean "pipeline.channel"' 'an unknown key'
refused 'pipeline:\n  serverless: "yes"\n' 'key /pipeline/serverless: expected true or false' 'a wrong type'
refused 'pipeline: 3\n' 'expected a map' 'a value where a section belongs'
refused '- a\n' 'expected a map of settings, found an array' 'a list at the top'
refused 'color: blue\n' 'expected auto|always|never' 'a value that is not among the choices'
refused 'color: auto\ncolor: never\n' 'color' 'a key that stands twice'
refused 'a: [1\n' 'bad.yaml:' 'broken YAML'
refused 'pipeline:\n  configuration: {a: "1", b: 2}\n' \
    'bad.yaml:2:30: key /pipeline/configuration/b: expected a string' 'one value of a map'
refused 'repo:\n  exclude_root_files: [a, [b]]\n' \
    'key /repo/exclude_root_files/1: expected a string' 'one element of a list'
run --config "$work/none.yaml" config show
is "$status" 3 'a --config file that is not there'
like "$err" 'none.yaml' 'is named'
printf '' >"$work/empty.yaml"
run --config "$work/empty.yaml" config show
is "$status" 0 'an empty file is an empty layer'
printf 'pipeline:\n  catalog: null\n' >"$work/null.yaml"
unset_line=$(line pipeline.catalog --config "$work/null.yaml")
like "$unset_line" '= null' 'null takes a value back'

is "$("$LAKEHOST" --color never config show --origin | sed 's/^.*  \([a-z_.]*\) = .*/\1/' | sort -c 2>&1)" \
    '' 'origins are sorted by key'
run config show --origin --output json
is "$status" 0 'origins as JSON'
like "$out" '"pipeline.channel": {' 'by dotted key'
channel=$("$PYTHON" -c 'import json, sys
print(json.load(open(sys.argv[1]))["pipeline.channel"]["value"])' "$work/out" 2>"$work/err")
is "$channel" CURRENT 'which other programs read'

# --- the keys
run config show --keys
is "$status" 0 'the keys that there are'
like "$out" 'trusted_keys
    files with' 'each with what it is for'
like "$out" 'pipeline.channel  CURRENT|PREVIEW' 'and the values of a choice'
run config show --keys --output json
is "$("$PYTHON" -c 'import json, sys
print([k["values"] for k in json.load(open(sys.argv[1])) if k["key"] == "color"])' "$work/out")" \
    "['auto|always|never']" 'as JSON'
run config show --keys --origin
is "$status" 2 'not both'

done_testing
