#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# plugin list, show, validate, verify and sign, as an ordinary user.
# shellcheck source=tests/system/ordinary.sh
. "${srcdir:-.}/tests/system/ordinary.sh"
stage_more() { # a connector of somebody else, which only root can make
    mkdir "$1/strange" && chmod 755 "$1/strange" &&
        install -m 644 "$LOAD_CONNECTORS/.libs/good.so" "$1/strange/good.so" &&
        chown 12345 "$1/strange/good.so" && STRANGE=$1/strange && export STRANGE
}
as_ordinary_user plugin.sh
# shellcheck source=tests/system/lib.sh
. "${srcdir:-.}/tests/system/lib.sh"

umask 022
unset XDG_DATA_HOME LAKEHOST_PLUGIN_PATH
built=${LOAD_CONNECTORS:-$PWD/tests/conform/load}/.libs
LH_TEST_MARK=$work/mark
export LH_TEST_MARK
mkdir c
put() { install -m 644 "$built/$1.so" "${2:-c}/$1.so"; }
sha() { sha256sum <"$1" | cut -c1-64; }

is_ordinary_user

# --- list
run plugin list
is "$status" 0 'the connectors of the build tree'
like "$out" 'example' 'the example is one'
for name in good no_entry other_version bad_spec no_note two_notes name_mismatch null_table; do
    put $name
done
cp "$built/good.so" "c/Bad-Name.so"
printf 'x' >"c/$(printf '\033')[31mred.so"
put good && cp c/good.so c/closed.so && chmod 0 c/closed.so
ln -s good.so c/link.so
touch c/README c/good.la c/.hidden.so
run plugin list --plugin-path c
is "$status" 0 'broken ones are listed, not an error'
like "$out" 'good           1.0.0    ok         c/good.so' 'a good one'
like "$out" 'null_table     1.0.0    ok ' 'what only running it would show is not seen'
like "$out" 'found none; mark it LH_EXPORT' 'no entry'
like "$out" 'expected lh_connector_entry_v0, found lh_connector_entry_v9' 'another version'
like "$out" 'spec: c/bad_spec.so:1:18: ' 'a spec that is no JSON, with its place'
like "$out" 'it has no note of owner "lakehost"' 'no note'
like "$out" 'two notes' 'two notes'
like "$out" 'found "somebody" in its spec; rename the file' 'another name'
like "$out" 'expected a name [a-z][a-z0-9_]{0,31} before .so, found "Bad-Name"' 'no name'
like "$out" 'c/closed.so: Permission denied' 'one that cannot be read'
like "$out" 'c/link.so: expected a regular file, found a symbolic link' 'a symbolic link'
unlike "$out" "$(printf '\033')" 'no control character of a file name reaches the terminal'
unlike "$out" 'README' 'other files are not connectors'
unlike "$out" 'hidden' 'nor are hidden ones'
run plugin list --plugin-path c --output json
is "$status" 0 'as JSON'
is "$("$PYTHON" -c 'import json, sys
all = json.load(open(sys.argv[1]))
print(sum(c["state"] == "broken" for c in all), [
    c["name"] for c in all if c["state"] == "ok" and (c["file"][:2] == "c/" or c["name"] == "example")])' \
    "$work/out")" "10 ['good', 'null_table', 'example']" 'which names states and reasons'

# --- the search path
mkdir -p "$HOME/.local/share/lakehost/connectors-1" xdg/lakehost/connectors-1 d
put good "$HOME/.local/share/lakehost/connectors-1"
run plugin list
like "$out" "ok         $HOME/.local/share/lakehost/connectors-1/good.so" "the user's folder"
put good xdg/lakehost/connectors-1
XDG_DATA_HOME=$PWD/xdg
export XDG_DATA_HOME
run plugin list
like "$out" "$PWD/xdg/lakehost/connectors-1/good.so" 'XDG_DATA_HOME'
unlike "$out" "$HOME/.local" 'instead of the home folder'
LAKEHOST_PLUGIN_PATH=d:c
export LAKEHOST_PLUGIN_PATH
run plugin show good
like "$out" 'file           c/good.so' 'LAKEHOST_PLUGIN_PATH comes before the user folder'
run plugin list
like "$out" "shadowed   $PWD/xdg/lakehost/connectors-1/good.so" 'which is shadowed'
run config show --origin
like "$out" 'environment LAKEHOST_PLUGIN_PATH  plugin_path = ["d", "c"]' 'it is a setting'
put good d
run plugin show good --plugin-path nowhere:c
like "$out" 'file           c/good.so' '--plugin-path comes first'
unset LAKEHOST_PLUGIN_PATH
echo 'plugin_path: [d]' >lakehost.yaml
run plugin show good
like "$out" 'file           d/good.so' 'the configuration'
echo 'plugin_path: d' >lakehost.yaml
run plugin show good
is "$status" 3 'which must be a list'
rm lakehost.yaml
unset XDG_DATA_HOME
rm -r "$HOME/.local"

# --- show
run plugin show good --plugin-path c
is "$status" 0 'show'
like "$out" "sha256         $(sha c/good.so)" 'the hash'
run plugin show ./c/good.so --output json
is "$status" 0 'by its path, as JSON'
like "$out" '"signature": "none"' 'the signature'
like "$out" '"entry": "lh_connector_entry_v0"' 'what it exports'
like "$out" '"interface": "0, a draft"' 'which is the draft of the interface'
run plugin show example
like "$out" 'interface      0, a draft' 'in words too'
like "$out" '  rows: int, at least 1, at most ' 'the range of an option'
run plugin show example --output json
is "$("$PYTHON" -c 'import json, sys
print([(o["min"], o["type"]) for o in json.load(open(sys.argv[1]))["options"]
       if o["name"] in ("rows", "forbidden")])' "$work/out")" "[(1, 'int'), (None, 'list')]" 'as JSON'
run plugin show example --output connector-spec
is "$status" 0 'connector_spec.yaml'
like "$out" 'external_options_allowlist' 'has the allow-list'
run plugin show goood --plugin-path c
is "$status" 5 'a name that is nowhere'
like "$err" 'connector goood: not found; did you mean "good"?; tried:' 'is not found'
like "$err" 'c/goood.so: no such file' 'and where it was looked for is said'
like "$err" "$HOME/.local/share/lakehost/connectors-1/goood.so: no such file" 'everywhere'
run plugin show bad_spec --plugin-path c
is "$status" 8 'a name with a broken file only'
like "$err" 'none that can be used; tried:' 'cannot be used'
run plugin show ../c/good.so
is "$status" 8 'a path that is not there'
run plugin show Good
is "$status" 5 'what can be no name'
run plugin show
is "$status" 2 'no name'

# --- a folder that is named twice is searched once
ln -s c again
for twice in c:c c:./c/ c:again; do
    run plugin list --plugin-path "$twice"
    is "$(grep -c 'good\.so$' "$work/out")" 1 "$twice is listed once"
    unlike "$(grep good "$work/out")" 'shadowed' 'nothing hides itself'
    run plugin show goood --plugin-path "$twice"
    is "$(grep -c 'goood\.so: no such file' "$work/err")" 3 "and searched once"
done
rm again

# --- permissions
run plugin show c/link.so
is "$status" 0 'a path may be a link'
chmod 664 c/good.so
run plugin show good --plugin-path c
is "$status" 8 'a file that the group can write to'
like "$err" 'c/good.so: permissions: expected that only its owner can write to it, found mode 0664; chmod go-w c/good.so' 'is refused with the remedy'
run plugin show good --plugin-path c --allow-unsafe
is "$status" 0 'unless that is allowed'
chmod 777 c
run plugin validate ./c/good.so
is "$status" 8 'validate'
like "$out" 'found mode 0664' 'shows the file'
like "$out" 'found mode 0777' 'and the folder, all at once'
like "$err" './c/good.so: 2 problems' 'and counts'
chmod 755 c && chmod 644 c/good.so
if [ -n "${STRANGE-}" ]; then
    run plugin show good --plugin-path "$STRANGE"
    is "$status" 8 "a stranger's file"
    like "$err" "owner: expected root or the user who runs this ($(id -u)), found user 12345" \
        'is refused'
else
    skip "a stranger's file" 'only root can make one'
fi

# --- validate
run plugin validate good --plugin-path c
is "$status" 0 'nothing wrong'
is "$out" 'good: no problem found' 'says so'
run plugin validate c/no_note.so
is "$status" 8 'no note'
run plugin validate goood --plugin-path c
is "$status" 5 'not found'
put undefined
run plugin validate c/undefined.so
if ! grep -q 'lib[a-z]*san' c/undefined.so; then
    is "$status" 8 'a name that nobody has'
    like "$out" 'c/undefined.so: symbols: expected none but the C library'"'"'s, found lh_nobody_has_this' 'is found without loading it'
fi
rm c/undefined.so
head -c 4000 c/good.so >c/cut.so
run plugin validate c/cut.so
is "$status" 8 'a file that was cut'
like "$out" 'damaged shared object' 'is damaged'
rm c/cut.so
mkdir other-name
cp c/good.so other-name/good-1.0.so
run plugin validate ./other-name/good-1.0.so
is "$status" 0 'another file name is no problem of its path'
like "$out" 'good-1.0.so: name: expected the file name good.so as its spec says' 'but warned of'
run plugin validate ./c/good.so
unlike "$out" 'warning' 'unlike the right one'
rm -r other-name

# --- keys and signatures
run plugin sign --new-key k
is "$status" 0 'a pair of keys'
is "$(stat -c %a k.key)" 600 'the private one for its owner alone'
cp k.key before
run plugin sign --new-key k
is "$status" 9 'is not overwritten'
is "$(cmp k.key before && echo same)" same 'and stays'
run plugin sign c/good.so --key k.key
is "$status" 0 'signed'
is "$(wc -c <c/good.so.sig | tr -d ' ')" 89 'one line of base64'
run plugin verify good --plugin-path c --trusted-key k.pub
is "$status" 0 'verified'
like "$out" 'signature  good, by k.pub' 'by the key'
printf 'plugin_path: [c]\ntrusted_keys: [k.pub]\nrequire_signature: true\n' >lakehost.yaml
run plugin verify good
is "$status" 0 'also by the configuration'
rm lakehost.yaml
run plugin verify good --plugin-path c
is "$status" 8 'not by nobody'
"$LAKEHOST" plugin sign --new-key other
run plugin verify good --plugin-path c --trusted-key other.pub
is "$status" 8 'nor by another key'
like "$err" 'none of 1 trusted keys made for this file' 'which is said'
run plugin verify good --plugin-path c --trusted-key other.pub --trusted-key k.pub
is "$status" 0 'one of several keys will do'
printf 'x' >>c/good.so
run plugin verify good --plugin-path c --trusted-key k.pub
is "$status" 8 'a file that was changed after signing'
like "$err" 'it was changed after signing' 'is refused'
run plugin validate good --plugin-path c --trusted-key k.pub
is "$status" 0 'validate'
like "$out" 'warning: c/good.so: signature: expected one by a trusted key, found one that none of 1 trusted keys made for this file' 'warns of it'
run plugin validate good --plugin-path c --trusted-key k.pub --require-signature
is "$status/$(printf '%s\n' "$out" | grep -c signature:)" 8/1 'or says it once as a problem'
run plugin list --plugin-path c --trusted-key k.pub
like "$out" '1.0.0    untrusted  c/good.so' 'list has a word for it'
run plugin list --plugin-path c --trusted-key k.pub --output json
like "$out" '"state": "untrusted"' 'as JSON too'
run plugin list --plugin-path c
like "$out" '1.0.0    ok         c/good.so' 'which needs a key to ask'
run plugin validate good --plugin-path c
unlike "$out" 'warning' 'as the warning does'
put good
run plugin list --plugin-path c --trusted-key k.pub
like "$out" '1.0.0    ok         c/good.so' 'the file that was signed is in order'
echo 'AAAA' >c/good.so.sig
run plugin verify good --plugin-path c --trusted-key k.pub
is "$status" 8 'what is no signature'
like "$err" 'c/good.so.sig: expected an Ed25519 signature' 'is named'
rm c/good.so.sig
mkdir c/good.so.sig
run plugin verify good --plugin-path c --trusted-key k.pub
is "$status" 8 'a folder is no signature either'
rmdir c/good.so.sig
run plugin verify good --plugin-path c --trusted-key k.pub --require-signature
is "$status" 8 'none at all'
like "$err" 'signature: expected one in c/good.so.sig, found none' 'where one is required'
run plugin verify good --plugin-path c
is "$status" 8 'nothing to verify it by'
like "$err" 'nothing vouches for it' 'is no success'
"$LAKEHOST" plugin sign c/good.so --key k.key
chmod 666 k.pub
run plugin verify good --plugin-path c --trusted-key k.pub
is "$status" 3 'a trusted key that others can write to'
like "$err" 'k.pub: permissions' 'is refused'
chmod 644 k.pub
run plugin verify good --plugin-path c --trusted-key k.key
is "$status" 3 'a private key is no public key'
run plugin verify good --plugin-path c --trusted-key none.pub
is "$status" 3 'a key that is not there'
like "$err" 'trusted key: open none.pub: No such file' 'is named'
chmod 644 k.key
run plugin sign c/good.so --key k.key
is "$status" 3 'a private key that others can read'
like "$err" 'chmod 600 k.key' 'is refused with the remedy'
chmod 600 k.key
run plugin sign c/good.so
is "$status" 2 'no key'
run plugin sign --key k.key
is "$status" 2 'no file'
run plugin sign c/none.so --key k.key
is "$status" 8 'no such file'
run plugin sign c/good.so --key none.key
is "$status" 3 'no such key'
if command -v openssl >/dev/null &&
    printf 'lakehost connector signature 1\nsha256 %s\n' "$(sha c/good.so)" >text &&
    openssl pkeyutl -sign -rawin -inkey k.key -in text 2>/dev/null | base64 -w0 >other.sig &&
    [ -s other.sig ]; then
    is "$(cat other.sig)" "$(cat c/good.so.sig)" 'openssl makes the same signature'
else
    skip 'openssl makes the same signature' 'no openssl that can do it'
fi
rm c/good.so.sig

# --- what check refuses, list and validate know: refused OPTIONS MESSAGE NAME
state_of_good() {
    run plugin list --plugin-path c --output json "$@"
    "$PYTHON" -c 'import json, sys
print(*[c["state"] + " " + str(c["error"]) for c in json.load(open(sys.argv[1]))
        if c["file"] == "c/good.so"])' "$work/out"
}
refused() { # refused PART NAME OPTIONS...
    part=$1
    name=$2
    shift 2
    run check good --plugin-path c "$@"
    is "$status" 8 "check refuses $name"
    like "$err" "$part" "$name: $part"
    like "$(state_of_good "$@")" "broken " "list knows $name"
    like "$(state_of_good "$@")" "$part" "and why"
    run plugin validate good --plugin-path c "$@"
    is "$status" 8 "validate refuses $name"
    like "$out" "$part" "$name: validate says why"
}
unset LH_TEST_MARK # check runs code of those that it does not refuse
is "$(state_of_good)" 'ok None' 'nothing against it'
refused 'signature: expected one in c/good.so.sig, found none' 'one without a signature' \
    --require-signature
"$LAKEHOST" plugin sign c/good.so --key other.key
refused 'none of 1 trusted keys made' 'one of another signer' \
    --require-signature --trusted-key k.pub
is "$(state_of_good --trusted-key k.pub)" 'untrusted None' 'which is told where none is asked for'
is "$(state_of_good --require-signature --trusted-key other.pub)" 'ok None' 'as is the right one'
echo AAAA >c/good.so.sig
refused 'expected an Ed25519 signature' 'a junk signature'
rm c/good.so.sig
LAKEHOST_PLUGINS_LOCK=lock
export LAKEHOST_PLUGINS_LOCK
printf '{"good": {"%s": "%064d"}}\n' "$(uname -m)" 0 >lock
refused 'pin: expected sha256 0000' 'a wrong pin'
mkdir later
put good later
printf 'x' >>later/good.so
printf '{"good": {"%s": "%s"}}\n' "$(uname -m)" "$(sha later/good.so)" >lock
is "$(LAKEHOST_PLUGIN_PATH=later "$LAKEHOST" plugin list --plugin-path c |
    sed -n 's#.* \([a-z][a-z]*\)  *later/good.so#\1#p')" shadowed 'one behind it is listed as hidden'
run check good --plugin-path c:later
is "$status" 8 'and not taken instead'
rm -r later
printf '{"good": {"vax": "%064d"}}\n' 0 >lock
refused 'pinned for other architectures only' 'a pin for other machines'
printf '{"good": {"%s": "%s"}}\n' "$(uname -m)" "$(sha c/good.so)" >lock
is "$(state_of_good)" 'ok None' 'the right pin'
echo '{' >lock
for command in 'check good' 'plugin list' 'plugin validate good' 'plugin show good'; do
    # shellcheck disable=SC2086 # two words
    run $command --plugin-path c
    is "$status" 3 "$command: a lock file that is none"
    like "$err" 'lock:2:1' 'with its place'
done
unset LAKEHOST_PLUGINS_LOCK
for command in 'check good' 'plugin list' 'plugin validate good' 'plugin verify good'; do
    # shellcheck disable=SC2086 # two words
    run $command --plugin-path c --trusted-key none.pub
    is "$status" 3 "$command: a trusted key that is missing"
    like "$err" 'trusted key: open none.pub: No such file' 'is named, needed or not'
done
LH_TEST_MARK=$work/mark
export LH_TEST_MARK
rm -f "$LH_TEST_MARK"

# --- pins
LAKEHOST_PLUGINS_LOCK=plugins.lock
export LAKEHOST_PLUGINS_LOCK
run plugin verify good --plugin-path c
is "$status" 3 'a lock file that is named must be there'
pin() { printf '{"good": {"%s": "%s"}}\n' "$1" "$2" >plugins.lock; }
machine=$(uname -m)
pin "$machine" "$(sha c/good.so)"
run plugin verify good --plugin-path c
is "$status" 0 'the right pin'
like "$out" 'pin        good' 'says so'
pin "$machine" 0000000000000000000000000000000000000000000000000000000000000000
run plugin verify good --plugin-path c
is "$status" 8 'the wrong pin'
like "$err" 'pin: expected sha256 0000' 'expected'
like "$err" "found $(sha c/good.so)" 'and found'
pin vax "$(sha c/good.so)"
run plugin verify good --plugin-path c
is "$status" 8 'pinned for another machine only'
pin "$machine" short
run plugin verify good --plugin-path c
is "$status" 3 'what is no hash'
like "$err" "plugins.lock:1:" 'with its place'
echo '[]' >plugins.lock
run plugin verify good --plugin-path c
is "$status" 3 'what is no lock file'
pin "$machine" "$(sha c/good.so)" && chmod 666 plugins.lock
run plugin verify good --plugin-path c
is "$status" 3 'a lock file that others can write to'
unset LAKEHOST_PLUGINS_LOCK
mkdir -p "$HOME/.local/share/lakehost"
pin "$machine" "$(sha c/good.so)"
chmod 644 plugins.lock && mv plugins.lock "$HOME/.local/share/lakehost"
run plugin verify good --plugin-path c
is "$status" 0 "the user's lock file is found by itself"

is "$(ls "$LH_TEST_MARK" 2>/dev/null)" '' 'in all this, no code of a connector was run'

done_testing
