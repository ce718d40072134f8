/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vouches for a connector's file: its SHA-256 against the pin, and a detached Ed25519
 * signature in FILE.sig (base64, one line) against the trusted keys.
 *
 * Signed is not the file but LH_PLUGIN_SIGNED, its SHA-256 in lower case hex and a newline, so that
 * other tools can do it too:
 *
 *     printf 'lakehost connector signature 1\nsha256 %s\n' "$(sha256sum <FILE | cut -c1-64)" >text
 *     openssl pkeyutl -sign -rawin -inkey KEY -in text | base64 -w0 >FILE.sig
 */
#include "config.h"

#include "plugin/internal.h"

#include "base/file.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK          ((size_t)64 << 10)
#define SIGNATURE_SIZE 64u
#define SIGNATURE_TEXT 88u /* in base64 */
#define MAX_SIGNATURE  ((size_t)4096)

int lh_plugin_gnutls_error(struct lh_error *e, int gnutls_code, const char *doing, const char *what)
{
    return lh_error_set(e, LH_INVALID, "%s: %s: %s", what, doing, gnutls_strerror(gnutls_code));
}

/* --- SHA-256 ---------------------------------------------------------------------------------- */

static void hash_cleanup(const gnutls_hash_hd_t *hash)
{
    if (*hash)
        gnutls_hash_deinit(*hash, NULL);
}

static int hash_all(gnutls_hash_hd_t hash, int fd, const char *path, struct lh_error *e)
{
    char *chunk lh_autofree = lh_xmalloc(CHUNK);
    off_t at = 0;

    for (;;) {
        ssize_t n = pread(fd, chunk, CHUNK, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return lh_error_errno(e, LH_BAD_PLUGIN, errno, "read %s", path);
        if (n == 0)
            return 0;
        gnutls_hash(hash, chunk, (size_t)n);
        at += n;
    }
}

int lh_plugin_hash(int fd, const char *path, char ret_hex[65], struct lh_error *e)
{
    static const char digits[] = "0123456789abcdef";
    __attribute__((cleanup(hash_cleanup))) gnutls_hash_hd_t hash = NULL;
    unsigned char digest[32];
    int code = gnutls_hash_init(&hash, GNUTLS_DIG_SHA256);

    if (code)
        return lh_plugin_gnutls_error(e, code, "SHA-256", path);
    if (hash_all(hash, fd, path, e))
        return LH_BAD_PLUGIN;
    gnutls_hash_output(hash, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[64] = '\0';
    return 0;
}

/* --- signatures ------------------------------------------------------------------------------- */

char *lh_plugin_signed_text(const char *hex)
{
    return lh_xasprintf(LH_PLUGIN_SIGNED "%s\n", hex);
}

static bool decode_signature(lh_str text, unsigned char ret[SIGNATURE_SIZE])
{
    const gnutls_datum_t in = {(unsigned char *)(uintptr_t)text.p, SIGNATURE_TEXT};
    gnutls_datum_t decoded = {0};
    bool good = text.n == SIGNATURE_TEXT && gnutls_base64_decode2(&in, &decoded) == 0 &&
                decoded.size == SIGNATURE_SIZE;

    if (good)
        memcpy(ret, decoded.data, SIGNATURE_SIZE);
    gnutls_free(decoded.data);
    return good;
}

/*
 * The signature of FILE.sig; LH_NOT_FOUND when there is none. It belongs to the connector, so
 * whatever is wrong with it is LH_BAD_PLUGIN.
 */
static int read_signature(const char *path, unsigned char ret[SIGNATURE_SIZE], struct lh_error *e)
{
    char *sig_path lh_autofree = lh_xasprintf("%s.sig", path);
    lh_auto(lh_buf) text = LH_BUF_INIT(MAX_SIGNATURE);
    int code = lh_file_read(sig_path, MAX_SIGNATURE, LH_FILE_REGULAR | LH_FILE_MAYBE, &text, e);

    if (code == LH_NOT_FOUND)
        return code;
    if (code)
        return lh_plugin_recode(e, LH_BAD_PLUGIN);
    if (text.n && text.p[text.n - 1] == '\n')
        lh_buf_cut(&text, text.n - 1);
    if (decode_signature(lh_buf_slice(&text), ret))
        return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: expected an Ed25519 signature, %u characters of base64 in one line, "
                        "found something else; sign again with lakehost plugin sign",
                        sig_path, SIGNATURE_TEXT);
}

/* Whether FILE.sig is none or has the form of one; nothing is said about who made it. */
static int check_form(const char *path, struct lh_error *e)
{
    unsigned char signature[SIGNATURE_SIZE];
    int code = read_signature(path, signature, e);

    if (code != LH_NOT_FOUND)
        return code;
    lh_error_free(e);
    return 0;
}

static void pubkey_cleanup(const gnutls_pubkey_t *key)
{
    if (*key)
        gnutls_pubkey_deinit(*key);
}

static int import_key(gnutls_pubkey_t key, const char *path, const struct lh_buf *pem,
                      struct lh_error *e)
{
    const gnutls_datum_t in = {(unsigned char *)pem->p, (unsigned)pem->n};
    int code = gnutls_pubkey_import(key, &in, GNUTLS_X509_FMT_PEM);

    if (code)
        return lh_plugin_gnutls_error(e, code, "read a public key in PEM", path);
    if (gnutls_pubkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_EDDSA_ED25519)
        return lh_error_set(e, LH_INVALID, "%s: expected an Ed25519 key, found another kind", path);
    return 0;
}

/* A key that cannot be used is an error: it was named on purpose. */
static int read_key(const struct lh_plugin_policy *policy, const char *path, gnutls_pubkey_t *ret,
                    struct lh_error *e)
{
    lh_auto(lh_buf) pem = LH_BUF_INIT(LH_BUF_TEXT);
    int code = lh_plugin_read_trusted(policy, path, &pem, e);

    if (code == LH_NOT_FOUND)
        code = lh_plugin_recode(e, LH_INVALID);
    if (!code && gnutls_pubkey_init(ret))
        code = lh_error_set(e, LH_FAILED, "%s: no memory for a key", path);
    if (!code)
        code = import_key(*ret, path, &pem, e);
    return code ? lh_error_wrap(e, "trusted key") : 0;
}

static int verify_with(const struct lh_plugin_policy *policy, const char *key_path,
                       const char *text, const unsigned char *signature, bool *ret_good,
                       struct lh_error *e)
{
    __attribute__((cleanup(pubkey_cleanup))) gnutls_pubkey_t key = NULL;
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)};
    const gnutls_datum_t sig = {(unsigned char *)(uintptr_t)signature, SIGNATURE_SIZE};
    int code = read_key(policy, key_path, &key, e);

    if (code)
        return code;
    *ret_good = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &sig) >= 0;
    return 0;
}

int lh_plugin_check_policy(const struct lh_plugin_policy *policy, struct lh_error *e)
{
    for (size_t i = 0; i < policy->n_trusted_keys; i++) {
        __attribute__((cleanup(pubkey_cleanup))) gnutls_pubkey_t key = NULL;
        int code = read_key(policy, policy->trusted_keys[i], &key, e);

        if (code)
            return code;
    }
    return lh_plugin_check_lock(policy, e);
}

static int check_signature(const struct lh_plugin_policy *policy, const char *path,
                           struct lh_plugin_info *info, struct lh_error *e)
{
    unsigned char signature[SIGNATURE_SIZE];
    char *text lh_autofree = lh_plugin_signed_text(info->sha256);
    int code = read_signature(path, signature, e);

    info->signature = LH_SIGNATURE_NONE;
    if (code == LH_NOT_FOUND) {
        lh_error_free(e);
        return 0;
    }
    if (code)
        return code;
    info->signature = LH_SIGNATURE_UNTRUSTED;
    for (size_t i = 0; i < policy->n_trusted_keys; i++) {
        bool good = false;

        code = verify_with(policy, policy->trusted_keys[i], text, signature, &good, e);
        if (code)
            return code;
        if (!good)
            continue;
        info->signature = LH_SIGNATURE_GOOD;
        info->signer = lh_xstrdup(policy->trusted_keys[i]);
        return 0;
    }
    return 0;
}

int lh_plugin_examine(const struct lh_plugin_policy *policy, const struct lh_plugin_file *file,
                      struct lh_plugin_info *info, struct lh_error *e)
{
    lh_auto(lh_error) problem = LH_ERROR_INIT;
    int code = lh_plugin_hash(file->fd, file->path, info->sha256, &problem);

    if (!code)
        code = check_signature(policy, file->path, info, &problem);
    if (code)
        lh_error_move(e, &problem);
    return code;
}

/* --- what the policy asks for ----------------------------------------------------------------- */

static int demand_pin(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                      struct lh_error *e)
{
    char pin[65];
    int code = lh_plugin_pin(policy, info->name, pin, e);

    if (code || !pin[0] || strcmp(pin, info->sha256) == 0)
        return code;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: pin: expected sha256 %s as %s says, found %s; the file is not the one "
                        "that was pinned: install it again, or pin this one after a look at it",
                        info->path, pin, policy->lock_file, info->sha256);
}

static int demand_signature(const struct lh_plugin_policy *policy,
                            const struct lh_plugin_info *info, struct lh_error *e)
{
    if (!policy->require_signature || info->signature == LH_SIGNATURE_GOOD)
        return 0;
    if (info->signature == LH_SIGNATURE_NONE)
        return lh_error_set(e, LH_BAD_PLUGIN,
                            "%s: signature: expected one in %s.sig, found none; sign it with "
                            "lakehost plugin sign, or do not require signatures",
                            info->path, info->path);
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: signature: expected one by a trusted key, found one that none of %zu "
                        "trusted keys made for this file; it was changed after signing, or the "
                        "signer is not trusted (--trusted-key)",
                        info->path, policy->n_trusted_keys);
}

static int demand_consent(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                          struct lh_error *e)
{
    if (!info->spec->needs_consent)
        return 0;
    for (size_t i = 0; i < policy->n_consents; i++)
        if (strcmp(policy->consents[i], info->name) == 0)
            return 0;
    return lh_error_set(e, LH_BAD_PLUGIN,
                        "%s: needs: expected no \"network\" and no \"secrets\" in its spec, found "
                        "them; a connector that opens connections of its own needs your consent: "
                        "plugin_consent: [%s] in the configuration",
                        info->path, info->name);
}

/* A static connector is part of the program, and vouched for with it: it is asked the last only. */
static const struct {
    int (*check)(const struct lh_plugin_policy *, const struct lh_plugin_info *, struct lh_error *);
    bool of_files;
} demands[] = {{demand_pin, true}, {demand_signature, true}, {demand_consent, false}};

int lh_plugin_permit(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                     struct lh_error *e)
{
    for (size_t i = 0; i < LH_LEN(demands); i++) {
        int code = demands[i].of_files && info->is_static ? 0 : demands[i].check(policy, info, e);

        if (code)
            return code;
    }
    return 0;
}

size_t lh_plugin_permit_lines(const struct lh_plugin_policy *policy,
                              const struct lh_plugin_info *info, struct lh_buf *to)
{
    size_t problems = 0;

    for (size_t i = 0; i < LH_LEN(demands); i++) {
        lh_auto(lh_error) problem = LH_ERROR_INIT;

        if ((demands[i].of_files && info->is_static) ||
            demands[i].check(policy, info, &problem) == 0)
            continue;
        lh_buf_f(to, "%s\n", lh_error_text(&problem));
        problems++;
    }
    return problems;
}

/* A signature that the keys can be asked about. */
static bool wants_judgement(const struct lh_plugin_policy *policy, const char *path)
{
    char *sig_path lh_autofree = lh_xasprintf("%s.sig", path);

    return policy->n_trusted_keys && access(sig_path, F_OK) == 0;
}

bool lh_plugin_is_untrusted(const struct lh_plugin_policy *policy,
                            const struct lh_plugin_info *info)
{
    return policy->n_trusted_keys && info->signature == LH_SIGNATURE_UNTRUSTED;
}

int lh_plugin_permit_cheaply(const struct lh_plugin_policy *policy,
                             const struct lh_plugin_file *file, struct lh_plugin_info *info,
                             struct lh_error *e)
{
    char pin[65];
    int code = lh_plugin_pin(policy, info->name, pin, e);

    if (!code && (pin[0] || policy->require_signature || wants_judgement(policy, file->path)))
        code = lh_plugin_examine(policy, file, info, e);
    else if (!code)
        code = check_form(file->path, e);
    return code ? code : lh_plugin_permit(policy, info, e);
}
