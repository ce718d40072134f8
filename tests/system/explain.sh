#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `explain`: every rule and exit code has a text, and the interface's rules are the header's.
. "${srcdir:-.}/tests/system/lib.sh"

run explain
is "$status" 0 'without a code'
like "$out" 'LH205     error     A row has more or fewer values than the header' 'lists rules'
like "$out" 'rule 9              Memory: The host ends a long call' 'and those of the interface'
like "$out" 'exit 130            interrupted' 'and exit codes'
is "$(printf '%s\n' "$out" | cut -c1-8 | sort | uniq -d)" '' 'no code stands twice'
list=$out

for code in LH205 lh205; do
    run explain "$code"
    is "$status" 0 "$code"
    like "$out" 'LH205: A row has more or fewer values than the header' 'its title'
    like "$out" 'severity: error' 'its severity'
    like "$out" 'right:  issues,"{""owner"":""o"",""repo"":""r""}"' 'its example'
done
for words in 'rule 9' 'rule9' 'RULE-9'; do
    # shellcheck disable=SC2086 # one word or two
    run explain $words
    like "$out" 'A call that cannot checkpoint must release.' "$words"
done
for words in 3 'exit 3' exit-3; do
    # shellcheck disable=SC2086 # one word or two
    run explain $words
    like "$out" 'exit 3: invalid input' "$words"
    like "$out" 'The message names' 'and what to do'
done
run explain 143
like "$out" 'exit 130: interrupted' 'the other code of an interruption'

run explain LH20
is "$status" 5 'a code that does not exist'
like "$err" 'did you mean "LH201"?' 'and the nearest'
for words in 'rule 31' 'rule 0' rule 'exit 44' -1 ''; do
    run explain -- "$words"
    is "$status" 5 "no such code: \"$words\""
done

run explain --output json LH101
is "$("$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1]))
print(sorted(d), d["id"], d["kind"], d["severity"])' "$work/out")" \
    "['id', 'kind', 'severity', 'text', 'title'] LH101 rule error" 'as JSON'
run explain --output json
is "$("$PYTHON" -c 'import json, sys; d = json.load(open(sys.argv[1]))
print(len(d), min(len(x["text"]) for x in d) > 20, max(len(l) for x in d if x["kind"] == "rule"
      for l in x["text"].split("\n")) <= 90, len({x["id"] for x in d}) == len(d))' "$work/out")" \
    "$(printf '%s\n' "$list" | wc -l) True True True" 'all of them, with a text of short lines'

# The header's rules, word for word.
run explain --output json
is "$("$PYTHON" - "$top/sdk/include/lakehost/connector.h" "$work/out" <<'EOF'
import json, re, sys
header = open(sys.argv[1]).read()
part = header[header.index(" * THE RULES"):header.index(" * The spec (spec_json)")]
rules = {}
for line in part.split("\n"):
    text = line[2:].rstrip()
    begin = re.match(r" *(\d+)\. (.*)", text)
    if begin:
        rules[last := "rule " + begin[1]] = begin[2]
    elif text.startswith("     ") and rules:
        rules[last] += " " + text.strip()
ours = {x["id"]: x["text"] for x in json.load(open(sys.argv[2])) if x["kind"] == "interface rule"}
print(len(rules), [i for i in rules if rules[i] != ours.get(i)])
EOF
)" '30 []' 'the rules of the interface are those of the header'

done_testing
