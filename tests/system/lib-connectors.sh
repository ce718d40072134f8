# shellcheck shell=sh disable=SC2034,SC2154 # sourced, after lib.sh; its variables are for the tests
# SPDX-License-Identifier: Apache-2.0
# For tests of all connectors that ask a source: each with its fake, the options to reach it, and its
# secrets.
connectors='github hubspot zendesk osipi airtable'

# `connector NAME FAKE-OPTIONS...`: starts the fake. Sets $given (the options of the connection, whose
# secrets come from the environment), $levels (table options that most tables need), $horizon (a time
# behind all data, for reads), $tables (all of them) and writes what is secret, one a line, to the file $secret_file.
connector() {
    connector_name=$1
    shift
    : "${secret_file:=$work/secrets}"
    horizon='--as-of 2026-11-01T00:00:00Z'
    case $connector_name in
    github)
        GITHUB_TOKEN='ghp_fAk3/t0ken+S3cret=9'
        export GITHUB_TOKEN
        printf '%s\n' "$GITHUB_TOKEN" >"$secret_file"
        fake github "$@"
        given="--option token=env:GITHUB_TOKEN --option base_url=$fake"
        levels='--table-option owner=acme --table-option repo=widgets'
        tables='issues pull_requests comments commits assignees collaborators branches reviews
            users organizations teams repositories'
        ;;
    hubspot)
        HUBSPOT_TOKEN='pat-eu1-5e/c+ret-81f2'
        export HUBSPOT_TOKEN
        printf '%s\n' "$HUBSPOT_TOKEN" >"$secret_file"
        fake hubspot --limit default=1000000/10 --limit search=1000000/1 "$@"
        given="--option access_token=env:HUBSPOT_TOKEN --option base_url=$fake
            --option searches_per_second=1000000"
        levels=
        tables='contacts companies deals tickets calls emails meetings tasks notes cars
            p77_contacts'
        ;;
    zendesk)
        ZENDESK_TOKEN='zd-Tok/3n+5ecret='
        export ZENDESK_TOKEN
        printf '%s\n%s\n' "$ZENDESK_TOKEN" "ann@example.com/token:$ZENDESK_TOKEN" >"$secret_file"
        fake zendesk --limit incremental=100000/60 --limit default=100000/60 \
            --limit help_center=100000/60 "$@"
        given="--option subdomain=acme --option email=ann@example.com
            --option api_token=env:ZENDESK_TOKEN --option base_url=$fake
            --option exports_per_minute=100000"
        levels=
        tables='tickets organizations articles brands groups ticket_comments topics users'
        ;;
    osipi)
        PI_PASSWORD=$(printf 'pi/p:4ssw\303\266rd-91')
        export PI_PASSWORD
        printf '%s\nACME\\ann:%s\n' "$PI_PASSWORD" "$PI_PASSWORD" >"$secret_file"
        fake osipi "$@"
        given="--option pi_base_url=$fake --option username=ACME\\ann
            --option password=env:PI_PASSWORD"
        horizon='--as-of 2026-03-01T04:00:00Z'
        levels=
        # shellcheck disable=SC2086 # options without blanks inside
        run tables osipi $given
        tables=$out
        ;;
    airtable)
        AIRTABLE_TOKEN='pat3n/Fake+Token.5ecret=='
        export AIRTABLE_TOKEN
        printf '%s\n' "$AIRTABLE_TOKEN" >"$secret_file"
        fake airtable --one-order --limit base=100000/1 --limit user=100000/1 "$@"
        given="--option token=env:AIRTABLE_TOKEN --option base_url=$fake
            --option base_id=appMain0000000001 --option requests_per_second=100000"
        levels=
        tables='Everything Tasks tbl00000000000003' # the third has blanks in its name
        ;;
    esac
}

# `levels_of TABLE`: $levels, as far as it needs them, in $at.
levels_of() {
    at=$levels
    case $connector_name/$1 in
    github/users | github/organizations | github/teams) at= ;;
    github/repositories) at='--table-option owner=acme' ;;
    esac
}
