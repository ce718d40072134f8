#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Options of a source from a connection and from a secret scope, and what doctor says of the
# workspace.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

unset DATABRICKS_HOST DATABRICKS_TOKEN
token=pat-eu1-5e/c+ret-81f2
said=$work/said
hs() { # hs OPTIONS
    run --debug tables hubspot --isolation none "$@"
    printf '%s\n%s\n' "$out" "$err" >>"$said"
}
fake hubspot
hubspot=$fake
fake workspace
fake_ask POST /_fake/seed "[
    {\"method\":\"POST\",\"path\":\"/api/2.1/unity-catalog/connections\",\"body\":{\"name\":\"my hs\",\"connection_type\":\"COMMUNITY\",
     \"options\":{\"sourceName\":\"hubspot\",\"base_url\":\"$hubspot\",\"access_token\":\"$token\",\"externalOptionsAllowList\":\"a,b\"}}},
    {\"method\":\"POST\",\"path\":\"/api/2.1/unity-catalog/connections\",\"body\":{\"name\":\"zd\",\"connection_type\":\"COMMUNITY\",
     \"options\":{\"sourceName\":\"zendesk\"}}},
    {\"method\":\"POST\",\"path\":\"/api/2.0/secrets/scopes/create\",\"body\":{\"scope\":\"hs\"}},
    {\"method\":\"POST\",\"path\":\"/api/2.0/secrets/put\",\"body\":{\"scope\":\"hs\",\"key\":\"token\",\"string_value\":\"$token\"}}]" >/dev/null
DATABRICKS_HOST=$fake DATABRICKS_TOKEN=dapi-4c1f0e72a95b
export DATABRICKS_HOST DATABRICKS_TOKEN

hs --options-from-connection 'my hs' --options-from-scope hs --secrets-mapping '{"access_token":["none","token"]}'
is "$status" 0 'a connection and a scope'
like "$out" contacts 'make a source'
hs --options-from-connection 'my hs' --option "access_token=$token"
is "$status" 0 'or a connection and an option'
hs --options-from-connection 'my hs'
is "$status" 3 'a connection alone'
like "$err" 'the connection my hs does not give its secrets back; without a value are: access_token' 'lacks its secrets, which are named'
hs --options-from-connection 'my hs' --option "access_token=$token" --option base_url=http://127.0.0.1:1 --retries 0
is "$status" 7 'what the user says wins'
hs --options-from-connection zd --option "access_token=$token"
is "$status" 3 'a connection of another source'
like "$err" 'zd is a connection of the source zendesk, and the connector is hubspot' 'is refused'
hs --options-from-connection none
is "$status" 5 'no such connection'
like "$err" '404 CONNECTION_DOES_NOT_EXIST' 'is said'
hs --options-from-scope hs --secrets-mapping '{"access_token":"nothing"}'
is "$status" 5 'no such secret'
like "$err" 'option access_token: secret nothing of the scope hs' 'is named'
hs --options-from-scope hs --secrets-mapping '{"access_token":7}'
is "$status" 3 'a mapping that is none'
like "$err" '--secrets-mapping:1:' 'has a place'
hs --options-from-scope hs --secrets-mapping '{"acces_token":"token"}'
is "$status" 3 'an option that is none'
hs --options-from-scope hs
is "$status" 2 'a scope without a mapping'
hs --secrets-mapping '{}'
is "$status" 2 'a mapping without a scope'
hs --options-from-connection zd --replay x
is "$status" 2 'not with --replay'
DATABRICKS_TOKEN=wrong-token-1 hs --options-from-connection zd
is "$status" 4 'a workspace that refuses'

# --- doctor
run doctor
like "$out" "  ok         $fake as me@example.com, by pat" 'doctor: the workspace'
DATABRICKS_TOKEN=wrong-token-1
run doctor
is "$status" 1 'a wrong token'
like "$out" '401' 'is a problem'
like "$out" 'remedy: correct what the message names' 'with a remedy'
printf '%s\n' "$out" >>"$said"
unset DATABRICKS_TOKEN DATABRICKS_HOST
run doctor
like "$out" 'commands that deploy need one: --profile, --host, DATABRICKS_*' 'none is no problem'
run doctor --host http://127.0.0.1:1 --profile none --output json
is "$status" 1 'nobody is there'

is "$(fake_ask stats.violations)" '[]' 'no violation'
for one in "$token" dapi-4c1f0e72a95b wrong-token-1 "$(printf %s "$token" | base64 -w 0)"; do
    is "$(grep -cF -e "$one" "$said")" 0 "$(echo "$one" | cut -c 1-5)... is nowhere"
done
done_testing
