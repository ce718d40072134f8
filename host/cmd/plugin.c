/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `plugin validate`, `plugin verify` and `plugin sign`. */
#include "config.h"

#include "cmd/plugins.h"

#include "base/utf8.h"

#include <stdlib.h>

static const struct lh_option check_options[] = {
    LH_PLUGIN_OPTIONS,
    {NULL},
};

/* --- validate --------------------------------------------------------------------------------- */

/* The lines, each of them plain. */
static void put_lines(struct lh_buf *to, const struct lh_buf *lines)
{
    const char *text = lh_buf_text(lines);

    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line lh_autofree = lh_xmemdup0(text, n);
        char *plain lh_autofree = lh_plugin_plain(line);

        lh_buf_f(to, "%s\n", plain);
        text += n + (text[n] == '\n');
    }
}

static int run_validate(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    lh_auto(lh_buf) lines = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_buf) b = LH_BUF_INIT((size_t)8 << 20);
    const char *name = args->positional[0];
    size_t problems = 0;
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code = lh_plugin_validate(&plugins.policy, name, &lines, &problems, e);
    if (code)
        return code;
    put_lines(&b, &lines);
    if (!problems)
        lh_buf_f(&b, "%s: no problem found\n", name);
    if (lh_print(&b, e))
        return e->code;
    return problems ? lh_error_set(e, LH_BAD_PLUGIN, "%s: %zu problem%s", name, problems,
                                   problems == 1 ? "" : "s")
                    : 0;
}

const struct lh_command lh_command_plugin_validate = {
    .name = "plugin validate",
    .summary = "Checks a connector's file without running any of its code",
    .args = "FILE|NAME",
    .details =
        "Owner and permissions of file and folder, ELF class and machine, the entry\n"
        "function, the spec, the name, and what should not be: other exported names, undefined\n"
        "ones that the C library does not have (where the file needs no other library, else it\n"
        "shows at load), libraries for HTTP or TLS, lazy binding, an executable stack; then what\n"
        "would refuse it here: its pin in plugins.lock, a FILE.sig that is no signature, no good\n"
        "one where signatures are required, a consent that is missing. Every problem is one line.\n"
        "Warnings are a file name that is not the connector's, by its path it can be used, and a\n"
        "signature that none of the trusted keys made for this file.\n\n"
        "What holds a '/' is a path, anything else a name from the search path.",
    .group = "Connectors",
    .options = check_options,
    .examples = (const struct lh_example[]){{"plugin validate ./acme.so", "before it is installed"},
                                            {"plugin validate acme", "the first of that name"},
                                            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_validate,
};

/* --- verify ----------------------------------------------------------------------------------- */

/* One line of what vouches for the file, or does not. */
static void put_findings(struct lh_buf *to, const struct lh_plugin_info *info, const char *pin)
{
    char *path lh_autofree = lh_plugin_plain(info->path);
    char *signer lh_autofree = lh_plugin_plain(info->signer ? info->signer : "");

    lh_buf_f(to, "file       %s\n", path);
    lh_buf_f(to, "sha256     %s\n", info->sha256);
    lh_buf_f(to, "pin        %s\n",
             !*pin                            ? "none"
             : strcmp(pin, info->sha256) == 0 ? "good"
                                              : "wrong");
    if (info->signature == LH_SIGNATURE_GOOD)
        lh_buf_f(to, "signature  good, by %s\n", signer);
    else
        lh_buf_f(to, "signature  %s\n",
                 info->signature == LH_SIGNATURE_NONE ? "none" : "not by a trusted key");
}

/* To ask for a verification is to want something that vouches for the file. */
static int judge(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                 const char *pin, struct lh_error *e)
{
    struct lh_plugin_policy strict = *policy;

    strict.require_signature = policy->require_signature || info->signature != LH_SIGNATURE_NONE;
    if (lh_plugin_permit(&strict, info, e))
        return e->code;
    if (*pin || info->signature == LH_SIGNATURE_GOOD)
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: nothing vouches for it: expected a pin in plugins.lock or a signature "
                        "in %s.sig, found neither",
                        info->path, info->path);
}

static int run_verify(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    lh_auto(lh_plugins) plugins = {0};
    lh_auto(lh_plugin_info) info = {0};
    lh_auto(lh_buf) b = LH_BUF_INIT(LH_BUF_TEXT);
    char pin[65] = "";
    int code = lh_cmd_plugin_policy(context, args, &plugins, e);

    if (!code)
        code = lh_plugin_find(&plugins.policy, args->positional[0], &info, e);
    if (!code && info.is_static) {
        lh_buf_f(&b, "%s is built into this program\n", info.name);
        return lh_print(&b, e);
    }
    if (!code)
        code = lh_plugin_pin(&plugins.policy, info.name, pin, e);
    if (code)
        return code;
    put_findings(&b, &info, pin);
    if (lh_print(&b, e))
        return e->code;
    return judge(&plugins.policy, &info, pin, e);
}

const struct lh_command lh_command_plugin_verify = {
    .name = "plugin verify",
    .summary = "Compares a connector's file with its pin and its signature",
    .args = "FILE|NAME",
    .details =
        "The pin is the file's SHA-256 in plugins.lock, the signature is FILE.sig, made by\n"
        "one of the trusted keys. Exit 0 when at least one of the two is there and each that\n"
        "is there is good. No code of the connector is run.\n\n"
        "plugins.lock is JSON: for each connector the SHA-256 of its file, as sha256sum prints\n"
        "it, by architecture, as uname -m prints it:\n\n"
        "    {\"acme\": {\"x86_64\": \"9f86d081...\", \"aarch64\": \"60303ae2...\"}}\n\n"
        "It lies in the folder $XDG_DATA_HOME/lakehost, or where the setting plugins_lock says.\n"
        "A connector that has a line there is used only when its file is that one.",
    .group = "Connectors",
    .options = check_options,
    .examples =
        (const struct lh_example[]){
            {"plugin verify acme", "against plugins.lock and the trusted keys of the settings"},
            {"plugin verify ./acme.so --trusted-key vendor.pub", "against one key"},
            {NULL}},
    .exits = "0 1 2 3 5 8",
    .run = run_verify,
};

/* --- sign ------------------------------------------------------------------------------------- */

static const struct lh_option sign_options[] = {
    {"--key", "FILE", "the private key (PEM)", NULL, LH_OPT_FILE},
    {"--new-key", "PREFIX", "first make a pair of keys: PREFIX.key and PREFIX.pub"},
    {NULL},
};

static int run_sign(struct lh_context *context, const struct lh_args *args, struct lh_error *e)
{
    const char *prefix = lh_args_get(args, "new-key");
    const char *key = lh_args_get(args, "key");
    const char *file = args->n_positional ? args->positional[0] : NULL;
    char *new_key lh_autofree = prefix ? lh_xasprintf("%s.key", prefix) : NULL;

    (void)context;
    if (key && prefix)
        return lh_error_set(e, LH_USAGE, "--key and --new-key cannot be given together");
    if (!file && !prefix)
        return lh_error_set(e, LH_USAGE, "FILE is missing: lakehost plugin sign FILE --key KEY");
    if (file && !key && !prefix)
        return lh_error_set(e, LH_USAGE,
                            "--key is missing: lakehost plugin sign FILE --key KEY; --new-key "
                            "makes one");
    if (prefix && lh_plugin_make_keys(prefix, e))
        return e->code;
    return file ? lh_plugin_sign(file, key ? key : new_key, e) : 0;
}

const struct lh_command lh_command_plugin_sign = {
    .name = "plugin sign",
    .summary = "Signs a connector's file with an Ed25519 key",
    .args = "[FILE]",
    .details = "Writes FILE.sig: the signature, in base64, of two lines, \"lakehost connector\n"
               "signature 1\" and \"sha256 \" with the file's SHA-256 in hex. Whoever trusts the\n"
               "public key gives it with --trusted-key or in the setting trusted_keys. A key is\n"
               "never overwritten.",
    .group = "Connectors",
    .options = sign_options,
    .examples =
        (const struct lh_example[]){
            {"plugin sign --new-key vendor", "make vendor.key (keep it) and vendor.pub (give it)"},
            {"plugin sign acme.so --key vendor.key", "write acme.so.sig"},
            {NULL}},
    .exits = "0 1 2 3 8 9",
    .run = run_sign,
};
