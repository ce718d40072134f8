#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who one is to a workspace, over real sockets: each kind of sign-in, what is sent for it, what is
# said when it fails, and that no secret is in any output.
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

unset DATABRICKS_HOST DATABRICKS_TOKEN
pat=dapi-4c1f0e72a95b
client=6f7d3c55-0a4e-4c0b-9d57-1f2e3d4c5b6a
secret=dose-9ab1c2
said=$work/said
mkdir "$work/bin" src
echo x >src/f
# the program that is found is the test's, whatever is installed
PATH=$work/bin:$PATH
export PATH

# go NAME=VALUE... -- OPTIONS: one upload, with these variables
go() {
    rm -f "$work/variables"
    while [ "$1" != -- ]; do
        printf '%s\n' "$1" >>"$work/variables"
        shift
    done
    shift
    status=0
    (
        [ ! -f "$work/variables" ] || while IFS= read -r one; do
            export "${one?}"
        done <"$work/variables"
        exec "$LAKEHOST" --debug upload-dir src /Shared/p --overwrite-existing "$@"
    ) </dev/null >"$work/out" 2>"$work/err" || status=$?
    out=$(cat "$work/out")
    err=$(cat "$work/err")
    last="upload-dir $*"
    cat "$work/out" "$work/err" >>"$said"
}
kind() { # how the last request was signed in, by its own words
    fake_ask GET /_fake/log | sed -n 's/.*auth\/\([a-z0-9-]*\)".*/\1/p' | tail -n 1
}
paths() { # paths PATH: how often it was asked for
    fake_ask GET /_fake/log | grep -c "\"target\": \"$1\""
}
fault() { # fault JSON, instead of all before
    fake_ask DELETE /_fake/faults >/dev/null
    fake_ask POST /_fake/faults "$1" >/dev/null
}
forget() { fake_ask POST /_fake/reset >/dev/null; }
profiles() { # profiles TEXT: ~/.databrickscfg
    printf '%b' "$1" >"$HOME/.databrickscfg"
    chmod 600 "$HOME/.databrickscfg"
}

fake workspace --expires-text
# --- personal access tokens, profiles
go DATABRICKS_HOST="$fake/" DATABRICKS_TOKEN=$pat --
is "$status $(kind)" '0 pat' 'host and token'
is "$(paths '/.well-known/databricks-config')" 0 'nothing is asked that is not needed'
go --
is "$status" 4 'nothing at all'
like "$err" 'default auth: cannot configure default credentials' 'says so'
profiles "[DEFAULT]\nhost = $fake\ntoken = $pat\n[work]\nhost = $fake\ntoken = wrong-token-1\n"
go --
is "$status $(kind)" '0 pat' 'the profile DEFAULT'
go -- --profile work
is "$status" 4 'a profile that is asked for, with a token that is wrong'
like "$err" '401 UNAUTHENTICATED' 'is refused'
like "$err" 'profile=work' 'and the configuration named'
like "$err" 'token=***' 'without the token'
go DATABRICKS_TOKEN=$pat -- --profile work
is "$status" 0 'the environment wins over the profile'
go DATABRICKS_CONFIG_PROFILE=nope --
is "$status" 3 'a profile that is not there'
like "$err" "resolve: $HOME/.databrickscfg has no nope profile configured" 'is named'
go -- --host "$fake"
is "$status" 3 'a host with two profiles'
like "$err" "the profiles DEFAULT and work of $HOME/.databrickscfg have the host $fake; choose one with --profile" 'names both'
chmod 644 "$HOME/.databrickscfg"
go --
like "$err" "permissions (0644) give them to others: chmod 600 $HOME/.databrickscfg" 'permissions'
profiles "[DEFAULT]\nhost = $fake\ntoken = $pat\ntoken = $pat\n"
go --
is "$status" 3 'a file that is wrong'
like "$err" ".databrickscfg:4:1: [DEFAULT] has the key token twice, first in line 3" 'has a place'
rm "$HOME/.databrickscfg"
go DATABRICKS_HOST="$fake" DATABRICKS_TOKEN=$pat DATABRICKS_CLIENT_ID=$client DATABRICKS_CLIENT_SECRET=$secret --
is "$status" 3 'two kinds at once'
like "$err" 'validate: more than one authorization method configured: oauth and pat' 'are named'
go DATABRICKS_HOST="$fake" DATABRICKS_AUTH_TYPE=azure-cli --
is "$status" 3 'a kind that is not done here'
like "$err" 'auth type azure-cli is not supported by this program' 'is named'
go DATABRICKS_HOST=http://192.0.2.1 DATABRICKS_TOKEN=$pat --
is "$status" 3 'http to elsewhere'
like "$err" 'is not spoken to without TLS' 'is refused before anything is sent'
go DATABRICKS_HOST=https://accounts.cloud.databricks.com DATABRICKS_TOKEN=$pat --
is "$status" 3 'the console of an account'
forget
fault '{"kind":"401","path":"*/import","count":0}'
go DATABRICKS_HOST="$fake" DATABRICKS_TOKEN=$pat --
is "$status $(paths /api/2.0/workspace/import)" '4 1' 'a token that is refused is not tried again'

# --- a service principal
m2m() { # m2m OPTIONS, with the client of the fake
    go DATABRICKS_HOST="$fake" DATABRICKS_CLIENT_ID=$client DATABRICKS_CLIENT_SECRET="${use:-$secret}" "$@"
}
fault '{"kind":"slow","ms":0}'
forget
m2m --
is "$status $(kind)" '0 oauth-m2m' 'client credentials'
is "$(fake_ask GET /_fake/log | sed -n 's/.*"body": "\(grant_type[^"]*\)".*/\1/p')" \
    'grant_type=client_credentials&scope=all-apis' 'what is asked for'
is "$(paths /oidc/v1/token)" 1 'once'
like "$(fake_ask GET /_fake/log | tail -n 1)" '["x-databricks-workspace-id", "7474640000000001"]' 'the workspace says who it is'
forget
fault '{"kind":"401","path":"*/import"}'
m2m --
is "$status $(paths /oidc/v1/token)" '0 2' 'a token that is refused is fetched anew, once'
fault '{"kind":"401","path":"*/import","count":0}'
forget
m2m --
is "$status $(paths /oidc/v1/token)" '4 2' 'and not for ever'
fault '{"kind":"slow","ms":0}'
use=wrong-secret-2 m2m --
is "$status" 4 'a wrong secret'
like "$err" 'default auth: oauth-m2m: sign-in: token endpoint' 'says where'
like "$err" '401: invalid_client: Client authentication failed' 'and why'
forget
m2m DATABRICKS_DISCOVERY_URL="$fake/custom/discovery" --
is "$status $(paths /custom/token) $(paths /.well-known/databricks-config)" '0 1 0' 'a discovery URL'
m2m DATABRICKS_DISCOVERY_URL="$fake/nowhere" --
is "$status" 5 'one that leads nowhere'
like "$err" 'discovery_url: GET ' 'is named'
fault '{"kind":"503","path":"/.well-known/*","count":1}'
forget
m2m --
is "$status $(paths /.well-known/databricks-config)" '0 2' 'what passes is asked again'
fault '{"kind":"garbage","path":"/.well-known/*"}'
m2m --
is "$status" 0 'what it says of itself is no JSON: the classic path'
fault '{"kind":"redirect","path":"/.well-known/*","to":"other"}'
m2m --
is "$status" 0 'a redirect elsewhere is not followed'
is "$(fake_ask stats.violations)" '[]' 'no violation'
fake_stop "$fake_pid"
fake workspace --no-metadata
m2m --
is "$status" 0 'an old deployment'
is "$(paths /oidc/.well-known/oauth-authorization-server)" 1 'has the classic path'
fake_stop "$fake_pid"
fake workspace --no-metadata --no-discovery
m2m --
is "$status $(paths /oidc/v1/token)" '0 1' 'or the place where the endpoint always is'

# --- the databricks program: a script, made as large as the real one is at least
program() { # program TEXT: what it does for `auth token`
    {
        cat <<SH
#!/bin/sh
echo "\$*" >>"$work/calls"
case \$1 in
version) echo '{"Major":0,"Minor":${minor:-290},"Patch":0}' && exit ;;
esac
$1
exit
SH
        head -c 1048576 /dev/zero | tr '\0' '#'
    } >"$work/bin/databricks"
    chmod 700 "$work/bin/databricks"
    : >"$work/calls"
}
give="echo '{\"access_token\":\"$pat\",\"token_type\":\"Bearer\",\"expiry\":\"2096-03-01T09:30:00.5+01:00\"}'"
program "$give"
forget
go DATABRICKS_HOST="$fake" --
is "$status $(kind)" '0 databricks-cli' 'its token'
is "$(cat "$work/calls")" "version --output json
auth token --host $fake" 'how it is called'
profiles "[work]\nhost = $fake\nauth_type = databricks-cli\n"
minor=296 program "$give"
go -- --profile work
is "$status $(tail -n 1 "$work/calls")" '0 auth token --profile work --force-refresh' 'with a profile'
minor=100 program "$give"
go -- --profile work
is "$status $(tail -n 1 "$work/calls")" "0 auth token --host $fake" 'an old one takes the host'
rm "$HOME/.databrickscfg"
program "$(echo "$give" | sed s/2096/2001/)"
go DATABRICKS_HOST="$fake" --
is "$status $(grep -c '^auth' "$work/calls")" '0 3' 'a token that has expired is asked for again'
fault '{"kind":"401","path":"*/import"}'
program "$give"
go DATABRICKS_HOST="$fake" --
is "$status $(grep -c '^auth' "$work/calls")" '0 2' 'and so is one that is refused'
program 'echo "A new access token could not be retrieved; databricks auth login" >&2; exit 1'
go DATABRICKS_HOST="$fake" --
is "$status" 4 'it fails'
like "$err" 'default auth: databricks-cli: cannot get access token: A new access token could not be retrieved; databricks auth login' 'in its words'
program 'echo "databricks OAuth is not configured for this host" >&2; exit 1'
go DATABRICKS_HOST="$fake" --
is "$status" 4 'it is not signed in'
like "$err" 'default auth: cannot configure default credentials' 'then it is none'
go DATABRICKS_HOST="$fake" DATABRICKS_AUTH_TYPE=databricks-cli --
like "$err" 'cannot get access token: databricks OAuth is not configured' 'unless it was asked for'
program "echo '{\"access_token\":\"$pat\",\"expiry\":\"soon\"}'"
go DATABRICKS_HOST="$fake" --
is "$status" 3 'it says what is no token'
like "$err" 'cannot unmarshal CLI result: its expiry is no time with a zone' 'and that is said'
rm "$work/bin/databricks"
printf '#!/bin/sh\necho nothing\n' >"$work/bin/small-databricks"
chmod 700 "$work/bin/small-databricks"
go DATABRICKS_HOST="$fake" DATABRICKS_AUTH_TYPE=databricks-cli DATABRICKS_CLI_PATH=small-databricks --
is "$status" 4 'a small program of that name'
like "$err" 'Databricks CLI version <0.100.0 detected' 'is the old one'
go DATABRICKS_HOST="$fake" DATABRICKS_AUTH_TYPE=databricks-cli DATABRICKS_CLI_PATH="$work/none" --
like "$err" "the program $work/none is not installed" 'no program'

is "$(fake_ask stats.violations)" '[]' 'no violation'
for one in $pat $secret wrong-token-1 wrong-secret-2 eyJ- \
    "$(printf '%s:%s' $client $secret | base64 -w 0)"; do
    is "$(grep -cF -e "$one" "$said")" 0 "$(echo "$one" | cut -c 1-5)... is nowhere"
done
done_testing
