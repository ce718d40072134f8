/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connectors as files: finding, inspecting, verifying and loading them.
 *
 * In: a name or a path, a search path, a policy. Out: what a file says about itself (without
 * running any of its code), or a loaded connector whose table the host has accepted.
 *
 * Order of things before any code of a connector runs: regular file, owner root or the user, not
 * writable by others, the same for its folder; ELF class and machine; the note with the spec;
 * exported entry; SHA-256 pin; signature; the user's consent. The file that was checked and hashed
 * is the one that is loaded: through its descriptor.
 */
#ifndef LH_PLUGIN_PLUGIN_H
#define LH_PLUGIN_PLUGIN_H

#include "base/error.h"
#include "base/log.h"
#include "plugin/elf.h"
#include "plugin/image.h"
#include "plugin/spec.h"

#include <lakehost/connector.h>

/* Connectors in processes of their own. */
struct lh_isolation {
    const char *worker;  /* path of the program lakehost-worker */
    int64_t load_ms;     /* for loading, until the process is ended */
    int64_t compute_ms;  /* without a sign of life in a call */
    uint64_t max_memory; /* bytes of address space of a process; 0: no bound */
};

/* Where connectors are looked for, in this order, and what is asked of them. */
struct lh_plugin_policy {
    const char **folders; /* existing or not; the caller joined --plugin-path, config, environment,
                             user and system folder */
    size_t n_folders;
    const char **trusted_keys; /* files with Ed25519 public keys (PEM) */
    size_t n_trusted_keys;
    const char *lock_file; /* plugins.lock with SHA-256 pins; NULL or missing: none */
    bool require_signature;
    const char **consents; /* names of connectors whose spec may need "network" or "secrets" */
    size_t n_consents;
    bool allow_unsafe; /* owner and permissions are not checked (a warning says so) */
    const struct lh_isolation *isolation; /* NULL: connectors run in this process */
};

enum lh_plugin_signature { LH_SIGNATURE_NONE, LH_SIGNATURE_GOOD, LH_SIGNATURE_UNTRUSTED };

/* One file that was found; `error.code` is 0 when it can be used. */
struct lh_plugin_info {
    char *name; /* from the file name, or the spec's for an explicit path */
    char *path; /* "(built in)" for a static connector */
    bool is_static;
    bool shadowed;         /* an earlier folder has one of the same name */
    struct lh_error error; /* why it cannot be used */
    struct lh_elf elf;
    struct lh_spec *spec;               /* NULL when broken */
    char sha256[65];                    /* lower case; "" when not computed or static */
    enum lh_plugin_signature signature; /* LH_SIGNATURE_NONE without a sha256 */
    char *signer;                       /* the trusted key file that verified; NULL */
};

/* Whether it has a signature, and none of the trusted keys that there are made it for this file. */
bool lh_plugin_is_untrusted(const struct lh_plugin_policy *policy,
                            const struct lh_plugin_info *info);

/* The entry function of the interface that the host takes, "lh_connector_entry_v0": a connector
 * that can be used exports it. Version 0 is the draft of interface 1. */
extern const char lh_plugin_entry_name[];

void lh_plugin_info_free(struct lh_plugin_info *info);

/*
 * All connectors of the policy's folders, then the static ones, sorted by name within a folder; a
 * folder that stands there twice counts once. Broken ones, and those that lh_plugin_load would not
 * let in, are listed with their reason. with_hash: compute sha256 and signature of all; without it
 * only of those where the policy makes it matter. No code of a connector is run. The caller frees
 * each and the array.
 */
int lh_plugin_list(const struct lh_plugin_policy *policy, bool with_hash,
                   struct lh_plugin_info **ret, size_t *ret_n, struct lh_error *e);

/*
 * Inspects a connector by name ([a-z][a-z0-9_]{0,31}) or, when it holds a '/', by path; with its
 * sha256 and signature. In the search path a broken one is passed over for a later good one, and a
 * symbolic link is a broken one; a path may be a link, what it leads to is checked. LH_NOT_FOUND
 * when there is none of the name anywhere, LH_BAD_PLUGIN when there are only broken ones, or no
 * file at the path; both list every path that was tried and why it was passed over. A wrong pin or
 * a missing signature is not looked at here, and never passed over: lh_plugin_load refuses.
 */
int lh_plugin_find(const struct lh_plugin_policy *policy, const char *name,
                   struct lh_plugin_info *ret, struct lh_error *e);

/*
 * Every problem of one connector that can be seen without running it, what the policy does not
 * permit among them: one line each in `to`. A line that begins with "warning: " is not counted.
 */
int lh_plugin_validate(const struct lh_plugin_policy *policy, const char *name, struct lh_buf *to,
                       size_t *ret_problems, struct lh_error *e);

/*
 * Whether the files that a policy names can be used: every trusted key is one, the lock file (which
 * may be missing) is one. LH_INVALID says which is not. The other functions find that out too,
 * but only when they come to need the file.
 */
int lh_plugin_check_policy(const struct lh_plugin_policy *policy, struct lh_error *e);

/*
 * Whether the policy lets a connector that was found be loaded: the pin, a signature where one is
 * required, the user's consent where the spec needs it. LH_BAD_PLUGIN says what is missing.
 */
int lh_plugin_permit(const struct lh_plugin_policy *policy, const struct lh_plugin_info *info,
                     struct lh_error *e);

/*
 * The pin of a connector for this architecture in policy->lock_file: ret_hex is "" when there is
 * none. LH_INVALID when the lock file is none or others can write to it; LH_BAD_PLUGIN when it pins
 * the name for other architectures only.
 */
int lh_plugin_pin(const struct lh_plugin_policy *policy, const char *name, char ret_hex[65],
                  struct lh_error *e);

/* --- signatures ------------------------------------------------------------------------------- */

/* Writes FILE.sig: an Ed25519 signature over the file's SHA-256, base64 in one line. */
int lh_plugin_sign(const char *path, const char *private_key_file, struct lh_error *e);

/* Makes a key pair: PREFIX.key (0600) and PREFIX.pub, both PEM. Refuses to overwrite. */
int lh_plugin_make_keys(const char *prefix, struct lh_error *e);

/* --- loading ---------------------------------------------------------------------------------- */

struct lh_plugin {
    struct lh_connector table; /* the host's own copy, what it does not have is NULL */
    struct lh_spec *spec;
    char *name, *path;
    struct lh_broker *broker; /* NULL: its code is in this process */
};

/*
 * Finds, verifies and loads; calls the entry function with the host's table, which must live as
 * long as the process (images are never unloaded). LH_BAD_PLUGIN with path, rule, expected, found;
 * LH_NOT_FOUND as lh_plugin_find; LH_INVALID for a lock file or trusted key that is none. What was
 * passed over, not checked or not trusted is a warning in log (may be NULL). Two loads of equal
 * files give one image. With policy->isolation, which must then live as long as the plugin, as
 * host and log must, no code of it comes into this process.
 */
int lh_plugin_load(const struct lh_plugin_policy *policy, const char *name,
                   const struct lh_host *host, struct lh_log *log, struct lh_plugin **ret,
                   struct lh_error *e);
void lh_plugin_destroy(struct lh_plugin *plugin);
LH_AUTOPTR(lh_plugin, lh_plugin_destroy)

#endif
