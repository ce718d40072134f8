#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The GitHub connector as a user runs it, against a source that behaves as GitHub does: every row of
# every table, only what changed, nothing lost whatever happens in between.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

secret='ghp_fAk3/t0ken+S3cret=9'
secret64='Z2hwX2ZBazMvdDBrZW4rUzNjcmV0PTk='
printf '%s' "$secret" >"$work/token"
: >"$work/all" # what the program ever said
widgets='--table-option owner=acme --table-option repo=widgets'
pages='--table-option per_page=20'
rows=$top/tests/system/rows.py
repo_tables='issues pull_requests comments commits reviews assignees collaborators branches'
moving='issues pull_requests comments commits reviews'

# hub COMMAND ARGUMENTS: of the newest fake
hub() {
    hub_command=$1
    shift
    run "$hub_command" github "$@" --option "token=file:$work/token" --option "base_url=$fake"
    cat "$work/out" "$work/err" >>"$work/all"
}

# read_from TABLE ARGUMENTS: of acme/widgets, 20 rows a page
read_from() {
    read_table=$1
    shift
    # shellcheck disable=SC2086 # options without blanks inside
    hub read "$read_table" $widgets $pages "$@"
}

# keys FILE: of each row its key, sorted
keys() {
    "$PYTHON" -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    print(row.get("sha") or row["id"])' "$1" | sort
}

# has once|all|newest TABLE[&MORE] NAME FILE...: what the source has; see rows.py
has() {
    has_kind=$1 has_what=$2 has_name=$3
    shift 3
    is "$("$PYTHON" "$rows" "$has_kind" "$fake" "table=$has_what" "$@")" '' "$has_name"
}
has_once() { has once "$1${3-}" "$2: each row once" "$work/out"; }
count() { wc -l <"$1" | tr -d ' '; }
asked() { fake_ask stats.requests; }
forget() { fake_ask POST /_fake/reset >/dev/null; }
clean() { is "$(fake_ask stats.violations)" '[]' "$1: nothing that a client may not do"; }
fault() { # fault JSON, instead of all before; the book is empty
    fake_ask DELETE /_fake/faults >/dev/null
    forget
    [ $# -eq 0 ] || fake_ask POST /_fake/faults "$1" >/dev/null
}

# --- the catalog: no network
fake github
hub tables
is "$(echo "$out" | tr '\n' ' ')" 'users organizations teams ' "the account's tables"
hub tables --table-option owner=acme
is "$out" repositories "an owner's"
hub tables --table-option owner=acme --table-option repo=widgets
is "$(echo "$out" | tr '\n' ' ')" \
    'issues pull_requests comments commits assignees collaborators branches reviews ' "a repository's"
while read -r table columns kind keys cursor; do
    hub schema "$table" --output ddl
    is "$status $(echo "$out" | sed 's/<[^>]*>//g' | tr ',' '\n' | wc -l | tr -d ' ')" \
        "0 $columns" "$table: $columns columns"
    hub metadata "$table"
    is "$(echo "$out" | "$PYTHON" -c 'import json, sys
m = json.load(sys.stdin)
print(m["ingestion_type"], ",".join(m["primary_keys"]), m["cursor_field"])')" \
        "$kind $keys $cursor" "$table: metadata"
done <<END
issues 28 cdc id updated_at
repositories 83 snapshot id None
pull_requests 19 cdc id updated_at
comments 11 cdc id updated_at
commits 15 append sha None
users 12 snapshot id None
organizations 12 snapshot id None
teams 8 snapshot id None
assignees 7 snapshot repository_owner,repository_name,id None
collaborators 8 snapshot repository_owner,repository_name,id None
branches 6 snapshot repository_owner,repository_name,name None
reviews 12 cdc id pull_updated_at
END
hub schema nothing
is "$status" 5 'an unknown table'
is "$(asked)" 0 'none of this asks the source'

# --- check and namespaces
hub check
is "$status" 0 'check'
like "$out" 'ann; scopes read:org, repo' 'it says whose token it is, and its scopes'
hub namespaces
is "$(echo "$out" | tr '\n' ' ')" 'ann acme org1 org2 ' 'owners'
run namespaces github acme --option "token=file:$work/token" --option "base_url=$fake"
is "$(echo "$out" | cut -f 2 | tr '\n' ' ')" 'widgets gadgets bare quiet banned ' 'repositories'
run namespaces github ann --option "token=file:$work/token" --option "base_url=$fake"
is "$out" 'ann	site' 'repositories of a user'

# --- everything, each once
for table in $repo_tables; do
    read_from "$table" --offset-file "$work/$table.offset"
    cp "$work/out" "$work/$table.first"
    is "$status" 0 "$table"
    has once "$table" "$table: each row once" "$work/$table.first"
    read_from "$table" --typed
    is "$status $err" '0 ' "$table: each value is of its column's type"
    "$PYTHON" - "$work/out" >"$work/got" <<'END'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(" ".join(k for k in rows[0] if all(row[k] is None for row in rows)))
END
    is "$(cat "$work/got")" '' "$table: no column that is never filled"
done
for table in users organizations teams; do
    hub read "$table"
    is "$status" 0 "$table"
    has_once "$table" "$table"
done
hub read repositories --table-option org=acme --table-option per_page=2
has_once repositories 'repositories of an organization'
unlike "$out" AABB-clone-secret 'temp_clone_token is kept back'
like "$out" '"repository_owner":"acme","repository_name":"widgets"' 'whose, and which'
hub read repositories --table-option owner=acme
has_once repositories 'of an owner that is an organization'
hub read repositories --table-option org=ann
is "$status" 5 'an organization that is none'
hub read repositories --table-option owner=ann
has_once repositories 'repositories of a user' '&owner=ann'
like "$(cat "$work/issues.first")" '"repository_owner":"acme","repository_name":"widgets","id":90' \
    'rows say whose they are, and ids are exact'
like "$(cat "$work/commits.first")" '"author":null' 'an account without members is none'
like "$(cat "$work/reviews.first")" '"pull_number":1,"pull_updated_at":"2024-' \
    'reviews say of which pull request, and as of when'
clean 'full reads'
like "$(fake_ask GET /_fake/log | head -n 20)" '"User-Agent"' 'there is a User-Agent'

# --- again: nothing to do, then what changed and no more
forget
as_of=$(sed -n 's/.*"as_of":"\([^"]*\)".*/\1/p' "$work/issues.offset")
read_from issues --as-of "$as_of" --offset-file "$work/issues.offset" --resume
is "$status $out$(asked)" '0 0' 'a horizon that was reached: no row, no request'
for table in $moving; do
    read_from "$table" --offset-file "$work/$table.offset" --resume
    is "$status" 0 "$table: again"
    case $table in
    commits) is "$out" '' "$table: nothing new, no row" ;;
    *) is "$([ "$(count "$work/out")" -le 12 ] && echo few)" few "$table: the lookback's rows" ;;
    esac
done
is "$([ "$(asked)" -le 25 ] && echo few)" few 'and few requests'

fake_ask POST '/_fake/change?table=issues&n=9&add=30' >/dev/null
fake_ask POST '/_fake/change?table=comments&n=25&add=3' >/dev/null
for table in issues pull_requests comments reviews; do
    read_from "$table" --offset-file "$work/$table.offset" --resume
    cp "$work/out" "$work/$table.next"
    is "$status" 0 "$table: changes"
    is "$([ "$(count "$work/$table.next")" -lt 80 ] && echo few)" few "$table: only the changes"
done
for table in issues pull_requests comments; do
    has newest "$table" "$table: both reads know all" "$work/$table.first" "$work/$table.next"
done
has all reviews 'reviews: both reads know all' "$work/reviews.first" "$work/reviews.next"

# commits: what came late has old dates
fake_ask POST '/_fake/change?table=commits&add=25&late=24' |
    "$PYTHON" -c 'import json, sys; print("\n".join(json.load(sys.stdin)["added"]))' |
    sort >"$work/wanted"
read_from commits --offset-file "$work/commits.offset" --resume
keys "$work/out" >"$work/got"
is "$(diff "$work/wanted" "$work/got")" '' 'commits: exactly the new ones, the late ones too'
fake_ask POST '/_fake/change?table=commits&add=2&rewrite=3' >/dev/null
read_from commits --offset-file "$work/commits.offset" --resume
has_once commits 'commits: history was written anew'
like "$err" 'is gone' 'which is said'
clean 'incremental reads'

# --- options
for table in issues pull_requests reviews; do
    read_from "$table" --table-option state=open
    has_once "$table" "$table: state=open" '&state=open'
done
since=2024-01-02T00:00:00Z
for table in issues pull_requests comments commits; do
    read_from "$table" --table-option start_date=2024-01-02
    has_once "$table" "$table: start_date" "&since=$since"
done
read_from issues --table-option start_date=1970-01-01
has_once issues 'a start_date for which GitHub shows nothing'
read_from reviews --table-option pull_number=4
is "$status $(echo "$out" | grep -c '"pull_number":4,')" "0 $(count "$work/out")" 'pull_number'
read_from comments --start-offset '{"cursor":"2024-01-01T20:00:00Z"}'
has_once comments "the Python connector's offset" '&since=2024-01-01T20:00:00Z'
for table in $moving; do
    read_from "$table" --table-option max_records_per_batch=7 --until-done
    has_once "$table" "$table: in batches"
done
read_from issues --table-option max_records_per_batch=7
is "$(count "$work/out")" 20 'a batch is bounded to within a page'
read_from issues --limit 3
is "$(count "$work/out")" 3 '--limit'
read_from issues --deletes
is "$status" 3 'there is no flow of deletes'
like "$err" 'not cdc_with_deletes' 'which is said'
read_from issues --start-offset '{"repos":{"acme/widgets":{"cursor":"yesterday"}}}'
is "$status" 3 'an offset that is none'
like "$err" '"cursor" is none of the table issues' 'and why'
read_from commits --start-offset '{"repos":{"acme/widgets":{"head":"../../user"}}}'
is "$status" 3 'a head that would lead elsewhere'

# --- several repositories, one of them gone, or closed
hub read issues --table-option 'repos=acme/gadgets, acme/bare,ACME/gadgets,ann/site' \
    --offset-file "$work/several"
is "$status $(count "$work/out")" '0 24' 'a list of repositories, one named twice'
like "$(cat "$work/several")" '"ann/site":{"as_of"' 'each has its place'
hub read issues --table-option 'repos=acme/gadgets,acme/nothing' --offset-file "$work/several" \
    --resume
is "$status" 6 'one that is not there: the others are read'
like "$err" '"acme/nothing" is missing: GitHub answers 404' 'and it is named'
like "$(cat "$work/several")" '"ann/site":{"as_of"' 'what is not named keeps its place'
hub read issues --table-option 'repos=acme/*' --until-done
is "$status" 6 'all of an owner'
like "$err" '"acme/quiet" is missing: GitHub answers 410' 'issues are switched off'
like "$err" '"acme/banned" is missing: GitHub answers 451' 'blocked'
hub read branches --table-option 'repos=ann/*'
is "$status $(count "$work/out")" '0 2' 'all of a user'
hub read commits --table-option 'repos=acme/gadgets,ann/site' --until-done \
    --table-option max_records_per_batch=3 --table-option per_page=3
is "$status $(keys "$work/out" | uniq | wc -l | tr -d ' ')" '0 18' 'in batches'
sites='--table-option repos=acme/gadgets,ann/site'
# shellcheck disable=SC2086 # options without blanks inside
hub read commits $sites --offset-file "$work/sites"
fake_ask POST '/_fake/change?table=commits&repo=acme/gadgets&add=2' >/dev/null
fake_ask POST '/_fake/change?table=commits&repo=ann/site&add=1' >/dev/null
fault '{"kind":"403","path":"*/gadgets/compare/*","count":0}'
# shellcheck disable=SC2086
hub read commits $sites --offset-file "$work/sites" --resume
is "$status $(count "$work/out")" '6 1' 'one is closed to the token for a while'
fault
# shellcheck disable=SC2086
hub read commits $sites --offset-file "$work/sites" --resume
is "$status $(count "$work/out")" '0 2' 'and nothing of it is lost'
hub read issues --table-option "repos=$(seq -f acme/r%g -s, 500)"
is "$status" 3 'more than an offset holds'
like "$err" '500 repositories are more than one offset can hold' 'which is said'
hub read issues --table-option 'repos=a/b' --table-option owner=a
is "$status" 3 'not both'
hub read issues --table-option repos=widgets
is "$status" 3 'no owner'
hub read issues
is "$status" 3 'no repository'
like "$err" 'give the table options owner=OWNER and repo=NAME' 'and what to do'
hub read repositories --table-option owner=a --table-option org=b
is "$status" 3 'owner and org'

# --- empty is not the same as not there
for table in issues commits branches reviews; do
    hub read "$table" --table-option owner=acme --table-option repo=bare
    is "$status $out" '0 ' "$table of an empty repository: none"
done
hub read commits --table-option owner=acme --table-option repo=nothing
is "$status" 5 'not there: exit 5'
like "$err" 'GitHub answers 404 for /repos/acme/nothing/commits' 'and where'
hub read issues --table-option owner=acme --table-option repo=quiet
is "$status" 5 'switched off: exit 5'
read_from issues --table-option repo=gizmos
has_once issues 'a repository that was renamed'
# shellcheck disable=SC2016 # that is the point
hub read issues --table-option owner='${token}' --table-option 'repo=a?b#c/d'
is "$status" 3 'a slash in a name'
forget
hub read issues --table-option owner=.. --table-option repo=..
is "$status $(asked)" '3 0' 'names that lead elsewhere are not asked for'
# shellcheck disable=SC2016
hub read issues --table-option owner='${token}' --table-option 'repo=a?b#c ü'
is "$status" 5 'strange names are asked for'
# shellcheck disable=SC2016
like "$(fake_ask GET /_fake/log)" '/repos/%24%7Btoken%7D/a%3Fb%23c%20%C3%BC/issues' 'as they are'
read_from pull_requests \
    --start-offset '{"repos":{"acme/widgets":{"cursor":"2024-01-01","next":"/x?$%7Btoken%7D"}}}'
is "$status" 5 'a page of an offset'
like "$(fake_ask GET /_fake/log | tail -n 1)" '/x?$%7Btoken%7D"' 'is asked for as it is'
# shellcheck disable=SC2016
read_from pull_requests \
    --start-offset '{"repos":{"acme/widgets":{"cursor":"2024-01-01","next":"/x?${token}"}}}'
is "$status" 3 'one that no source ever gave'
clean 'strange names'

# --- refusals
printf 'ghp_wrong_0000' >"$work/token"
read_from issues
is "$status" 4 'a wrong token: exit 4'
like "$err" 'check that they are right and have not expired' 'and what to do'
hub check
is "$status" 4 'check finds it'
printf '%s' "$secret" >"$work/token"
fault '{"kind":"403","path":"*/collaborators","count":0}'
read_from collaborators
is "$status" 4 'a right is missing: exit 4'
like "$err" 'needs push access to the repository' 'which one'
is "$(asked)" 1 'asked once'
fault '{"kind":"403","header":"X-GitHub-SSO: required; url=https://x.example","count":0}'
hub read teams
is "$status" 4 'single sign-on: exit 4'
like "$err" 'authorize the token for it' 'and what to do'
fault '{"kind":"html","count":0}'
read_from issues
is "$status" 1 'a web page instead: exit 1'
fault '{"kind":"502","nth":2,"count":2}'
read_from comments
has_once comments 'a 502 twice'
fault '{"kind":"503","count":0}'
read_from comments --retries 1
is "$status" 7 '503 for ever: exit 7'
fault '{"kind":"truncated","nth":3}'
read_from issues
has_once issues 'a body that is cut off'
fault

# --- secrets
read_from pull_requests --debug --offset-file "$work/secret.offset" --trace-http "$work/trace" \
    --record "$work/record"
is "$status" 0 'everything that is written down'
cp "$work/err" "$work/debug"
read_from pull_requests --replay "$work/record"
has_once pull_requests 'a replay'
found=$(grep -rlF -e "$secret" -e "$secret64" "$work/all" "$work/debug" "$work/trace" \
    "$work/record" "$work"/*.offset "$work"/*.first "$work"/*.next)
is "$found" '' 'the token is nowhere'
clean 'secrets'
is "$(fake_ask stats.secrets | tr -d '0-9')" '{"main header:authorization": }' \
    'but in one header, at one address'

# --- killed at every page of a long read: nothing is lost, nothing comes twice
fake github
killed() { # killed TABLE PATH TIMES
    rm -f "$work/k.offset" "$work/k.out"
    # Without valgrind, which has nothing to say of what is killed.
    # shellcheck disable=SC2086 # options without blanks inside
    wrong=$(LAKEHOST_VALGRIND='' "$PYTHON" "$rows" killed "$fake" "$2" "$3" "$LAKEHOST" read github "$1" $widgets \
        --table-option per_page=12 --option "token=file:$work/token" --option "base_url=$fake" \
        --offset-file "$work/k.offset" --output-file "$work/k.out" --resume)
    is "$wrong" '' "$1: killed $3 times"
    has once "$1" "$1: each row once" "$work/k.out"
}
killed issues '*/issues' 19
killed pull_requests '*/pulls' 6
killed comments '*/comments' 5
killed commits '*/commits' 17
killed reviews '*/pulls' 4
killed reviews '*/reviews' 6
clean 'kills'
fake_stop "$fake_pid"

# --- a source that moves
fake github --change-every 2
for table in issues pull_requests comments; do
    read_from "$table" --offset-file "$work/m.$table"
    cp "$work/out" "$work/m1.$table"
    has all "$table" "$table: rows change between pages" "$work/out"
done
for table in issues pull_requests comments; do
    # the last change may come behind the last page
    read_from "$table" --offset-file "$work/m.$table" --resume
    cp "$work/out" "$work/m2.$table"
    read_from "$table" --offset-file "$work/m.$table" --resume --table-option per_page=100
    cp "$work/out" "$work/m3.$table"
    has newest "$table" "$table: later reads know all that changed" "$work"/m[123]."$table"
done
clean 'changes between pages'
fake_stop "$fake_pid"

fake github --future 3 --empty-page 3
for table in $repo_tables; do
    read_from "$table" --offset-file "$work/f.$table"
    is "$status" 0 "$table: reading ends"
    has all "$table" "$table: an empty page, and dates in the future" "$work/out"
done
unlike "$(cat "$work"/f.*)" '"cursor":"209' 'no cursor lies in the future'
read_from issues --offset-file "$work/f.issues" --resume
is "$status $([ "$(count "$work/out")" -lt 10 ] && echo few)" '0 few' 'a second read ends'
fake_stop "$fake_pid"

fake github --same-second 150
for table in issues comments; do
    read_from "$table" --table-option max_records_per_batch=20 --until-done
    has_once "$table" "$table: 150 in one second, in batches"
done
fake_stop "$fake_pid"

fake github --foreign-link
read_from branches
is "$status" 1 'a next page at another origin'
like "$err" 'is refused: it is no declared origin' 'is refused'
read_from pull_requests --start-offset \
    "{\"repos\":{\"acme/widgets\":{\"cursor\":\"2024-01-01\",\"next\":\"$fake_other/x\"}}}"
like "$err" 'is refused: it is no declared origin' 'so is one that an offset names'
fault '{"kind":"redirect","to":"other"}'
read_from issues
like "$err" 'is refused: it is no declared origin' 'and one that a redirect leads to'
fault '{"kind":"redirect","to":"same"}'
read_from issues
has_once issues 'a redirect within the origin'
clean 'other origins'
is "$(fake_ask stats.secrets | tr -d '0-9')" '{"main header:authorization": }' \
    'the token went to one address'
fake_stop "$fake_pid"

# --- limits: the fake counts who asks too early
fake github --limit primary=8/2
read_from issues
has_once issues 'more requests than the hour has'
is "$(fake_ask stats.limits.primary.early)" 0 'the reset is waited for'
clean 'the primary limit'
fake_stop "$fake_pid"
fake github --limit secondary=6/1
read_from comments
has_once comments 'too fast: 403 with Retry-After'
is "$(fake_ask stats.limits.secondary.early)" 0 'which is waited for'
fault '{"kind":"429","nth":3,"retry-after":"1"}'
read_from comments
has_once comments 'the same as 429'
clean 'the secondary limit'
is "$([ "$(fake_ask stats.max_in_flight)" -le 4 ] && echo few)" few 'never more than four at a time'

done_testing
