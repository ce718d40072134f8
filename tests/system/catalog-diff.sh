#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `catalog diff`: two catalogs of a source that has changed, as text and as JSON.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

run discover example --exclude 'narrow_*' --output-json old.json
is "$status" 0 'a catalog'
run catalog diff old.json old.json --exit-code
is "$status" 0 'equal: nothing'
is "$out" '' 'and no words'
cat >"$work/change.py" <<'PY'
"""Changes of every kind in a catalog."""
import json

with open("old.json", encoding="utf-8") as file:
    catalog = json.load(file)
tables = {t["name"]: t for t in catalog["tables"]}
columns = {name: {f["name"]: f for f in t["schema"]["fields"]} for name, t in tables.items()}
columns["orders"]["id"]["nullable"] = True
columns["users"]["id"]["nullable"] = True
columns["users"]["id"]["type"] = "string"
tables["orders"]["schema"]["fields"].append(
    {"metadata": {}, "name": "paid", "nullable": True, "type": "boolean"})
tables["events"]["schema"]["fields"].append(
    {"metadata": {}, "name": "must", "nullable": False, "type": "boolean"})
tables["events"]["schema"]["fields"].reverse()
place = columns["metrics"]["place"]["type"]["fields"]
place[:] = [f for f in place if f["name"] != "site"]
tables["orders"]["native"]["cursor_field"] = None
tables["orders"]["native"]["primary_keys"] = ["id", "region"]
tables["users"]["native"]["ingestion_type"] = "append"
tables["events"]["category"] = "other"
del tables["products"]
tables["events2"] = dict(tables["events"], name="events2", namespace=["a", "b"])
catalog["tables"] = list(tables.values())
with open("new.json", "w", encoding="utf-8") as file:
    json.dump(catalog, file)
PY
"$PYTHON" "$work/change.py"
run catalog diff old.json new.json
is "$status" 0 'without --exit-code differences are no failure'
is "$out" '          a/b/events2: table added
          events: category changed from activity to other
breaking  events: must: column added, boolean not null
breaking  metrics: place.site: column removed, string
breaking  orders: id: nullability changed from not null to null
breaking  orders: native: cursor changed from updated_at to (none)
breaking  orders: native: primary keys changed from id to id, region
          orders: paid: column added, boolean
breaking  products: table removed
breaking  users: id: column retyped from long to string
breaking  users: id: nullability changed from not null to null
breaking  users: native: ingestion type changed from cdc to append' 'every kind of change'
run catalog diff old.json new.json --exit-code
is "$status" 10 '--exit-code'
like "$err" '12 changes, 9 of them breaking' 'says how many'
run catalog diff new.json old.json
like "$out" '          users: id: nullability changed from null to not null' 'the other way some break nothing'
like "$out" 'breaking  a/b/events2: table removed' 'and others do'
run catalog diff old.json new.json --output json
is "$(printf '%s' "$out" | "$PYTHON" -c 'import json, sys
d = json.load(sys.stdin)
print(d["schema_version"], d["breaking"], len(d["changes"]), d["changes"][9])')" \
    "1 9 12 {'after': 'string', 'before': 'long', 'breaking': True, 'column': 'id', 'kind': 'column_retyped', 'table': 'users'}" \
    'the same as JSON'
run discover example --exclude 'narrow_*' --probe --option forbidden=orders --output-json refused.json
run catalog diff old.json refused.json
is "$out" 'breaking  orders: status changed from ok to refused' 'of a refused table nothing else is known'
input=new.json run catalog diff old.json -
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 12 'from standard input'
unset input

# --- what is no catalog
run catalog diff old.json
is "$status" 2 'one file'
run catalog diff - -
is "$status" 2 'standard input twice'
run catalog diff old.json missing.json
is "$status" 3 'a file that is not there'
printf '{"schema_version": 2, "tables": []}' >later.json
run catalog diff later.json old.json
is "$status" 3 'a later version'
like "$err" 'schema_version is 2, and this program knows version 1' 'is not guessed at'
printf '{"schema_version": 1, "tables": [\n {"name": "a"}]}' >short.json
run catalog diff short.json old.json
like "$err" 'short.json:2:2: expected namespace, a list of texts, found nothing' 'the place of what is missing'
printf '[' >cut.json
run catalog diff cut.json old.json
is "$status" 3 'no JSON'

done_testing
