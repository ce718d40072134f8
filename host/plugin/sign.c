/* SPDX-License-Identifier: Apache-2.0 */
/* Making keys and signatures; what is signed, and how it is read again, is in verify.c. */
#include "config.h"

#include "plugin/internal.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_KEY ((size_t)64 << 10)

static void privkey_cleanup(const gnutls_privkey_t *key)
{
    if (*key)
        gnutls_privkey_deinit(*key);
}

static void x509_privkey_cleanup(const gnutls_x509_privkey_t *key)
{
    if (*key)
        gnutls_x509_privkey_deinit(*key);
}

static void pubkey_cleanup(const gnutls_pubkey_t *key)
{
    if (*key)
        gnutls_pubkey_deinit(*key);
}

/* Wiped and freed: it may hold a private key. */
static void datum_cleanup(gnutls_datum_t *datum)
{
    if (datum->data)
        gnutls_memset(datum->data, 0, datum->size);
    gnutls_free(datum->data);
}

#define AUTO(type) __attribute__((cleanup(type##_cleanup))) gnutls_##type##_t

/* --- signing ---------------------------------------------------------------------------------- */

static int import_pem(gnutls_privkey_t key, struct lh_buf *pem, const char *path,
                      struct lh_error *e)
{
    const gnutls_datum_t in = {(unsigned char *)pem->p, (unsigned)pem->n};
    int code = gnutls_privkey_import_x509_raw(key, &in, GNUTLS_X509_FMT_PEM, NULL, 0);

    if (pem->p)
        gnutls_memset(pem->p, 0, pem->n);
    if (code)
        return lh_plugin_gnutls_error(e, code, "read a private key in PEM", path);
    if (gnutls_privkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_EDDSA_ED25519)
        return lh_error_set(e, LH_INVALID,
                            "%s: expected an Ed25519 key, found another kind; make one with "
                            "lakehost plugin sign --new-key PREFIX",
                            path);
    return 0;
}

static int read_private_key(const char *path, gnutls_privkey_t *ret, struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    lh_auto(lh_buf) pem = LH_BUF_INIT(MAX_KEY);
    int code = lh_plugin_file_open_path(path, &file, e) ? lh_plugin_recode(e, LH_INVALID) : 0;

    if (!code && (file.st.st_mode & (S_IRWXG | S_IRWXO)))
        code = lh_error_set(e, LH_INVALID,
                            "%s: permissions: expected that only its owner can use a private key, "
                            "found mode %04o; chmod 600 %s",
                            path, (unsigned)(file.st.st_mode & 07777), path);
    if (!code)
        code = lh_file_read(path, MAX_KEY, LH_FILE_REGULAR, &pem, e);
    if (!code && gnutls_privkey_init(ret))
        code = lh_error_set(e, LH_FAILED, "%s: no memory for a key", path);
    return code ? code : import_pem(*ret, &pem, path, e);
}

static int write_signature(const char *path, const gnutls_datum_t *signature, struct lh_error *e)
{
    AUTO(datum) text = {0};
    lh_auto(lh_buf) line = LH_BUF_INIT(LH_BUF_TEXT);
    char *sig_path lh_autofree = lh_xasprintf("%s.sig", path);
    int code = gnutls_base64_encode2(signature, &text);

    if (code)
        return lh_plugin_gnutls_error(e, code, "write base64", sig_path);
    lh_buf_add(&line, text.data, text.size);
    lh_buf_char(&line, '\n');
    return lh_file_write_atomic(sig_path, lh_buf_slice(&line), 0644, e);
}

int lh_plugin_sign(const char *path, const char *private_key_file, struct lh_error *e)
{
    lh_auto(lh_plugin_file) file = LH_PLUGIN_FILE_INIT;
    AUTO(privkey) key = NULL;
    AUTO(datum) signature = {0};
    char hex[65];
    char *text lh_autofree = NULL;
    gnutls_datum_t data;
    int code = lh_plugin_file_open_path(path, &file, e);

    if (!code)
        code = lh_plugin_hash(file.fd, path, hex, e);
    if (!code)
        code = read_private_key(private_key_file, &key, e);
    if (code)
        return code;
    text = lh_plugin_signed_text(hex);
    data = (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
    code = gnutls_privkey_sign_data2(key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &signature);
    if (code)
        return lh_plugin_gnutls_error(e, code, "sign with the key", private_key_file);
    return write_signature(path, &signature, e);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* A new file with just these permissions; one that is there is left alone. */
static int write_new(const char *path, const gnutls_datum_t *text, mode_t mode, struct lh_error *e)
{
    int fd lh_autoclose = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    int code;

    if (fd < 0 && errno == EEXIST)
        return lh_error_set(e, LH_CONFLICT, "%s: is there already, and a key is not overwritten",
                            path);
    if (fd < 0)
        return lh_file_error(e, errno, "write", path);
    code = lh_file_write_fd(fd, lh_str_n((const char *)text->data, text->size), path, e);
    if (!code && (fchmod(fd, mode) || fsync(fd)))
        code = lh_file_error(e, errno, "write", path);
    if (code)
        unlink(path);
    return code;
}

static int generate(gnutls_x509_privkey_t *ret_key, gnutls_datum_t *ret_private,
                    gnutls_datum_t *ret_public)
{
    AUTO(pubkey) public = NULL;
    AUTO(privkey) holder = NULL;
    int code = gnutls_x509_privkey_init(ret_key);

    if (!code)
        code = gnutls_x509_privkey_generate(*ret_key, GNUTLS_PK_EDDSA_ED25519,
                                            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0);
    if (!code)
        code = gnutls_x509_privkey_export2_pkcs8(*ret_key, GNUTLS_X509_FMT_PEM, NULL,
                                                 GNUTLS_PKCS_PLAIN, ret_private);
    if (!code)
        code = gnutls_privkey_init(&holder);
    if (!code)
        code = gnutls_privkey_import_x509(holder, *ret_key, GNUTLS_PRIVKEY_IMPORT_COPY);
    if (!code)
        code = gnutls_pubkey_init(&public);
    if (!code)
        code = gnutls_pubkey_import_privkey(public, holder, 0, 0);
    return code ? code : gnutls_pubkey_export2(public, GNUTLS_X509_FMT_PEM, ret_public);
}

int lh_plugin_make_keys(const char *prefix, struct lh_error *e)
{
    char *private_path lh_autofree = lh_xasprintf("%s.key", prefix);
    char *public_path lh_autofree = lh_xasprintf("%s.pub", prefix);
    AUTO(x509_privkey) key = NULL;
    AUTO(datum) private = {0};
    AUTO(datum) public = {0};
    int code = generate(&key, &private, &public);

    if (code)
        return lh_plugin_gnutls_error(e, code, "make an Ed25519 key", prefix);
    code = write_new(private_path, &private, 0600, e);
    if (code)
        return code;
    code = write_new(public_path, &public, 0644, e);
    if (code)
        unlink(private_path);
    return code;
}
