/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock: which files the process may read, and that it may do nothing else to any file.
 *
 * The structures and numbers are the kernel's (landlock(7)), written down here because the headers
 * of an older distribution lack the newer ones; what a running kernel does not know is not asked
 * of it.
 */
#include "config.h"

#include "worker/lockdown_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };
enum { READ_FILE = 1 << 2 };

struct ruleset {
    uint64_t files, network, scopes;
};

struct path_beneath {
    uint64_t access;
    int32_t folder;
} __attribute__((packed));

/* What each ABI adds to what can be refused: bits 0-12 are of ABI 1. */
static const struct {
    int abi;
    struct ruleset adds;
} handled[] = {
    {1, {.files = 0x1fff}},  /* execute, write, read, make and remove */
    {2, {.files = 1 << 13}}, /* moving between folders */
    {3, {.files = 1 << 14}}, /* truncating */
    {4, {.network = 3}},     /* binding and connecting TCP */
    {5, {.files = 1 << 15}}, /* ioctl of devices */
    {6, {.scopes = 3}},      /* abstract Unix sockets, signals */
};

/*
 * Where shared libraries lie, and the linker's index of them; what is not there is passed over.
 * Everybody can read these, also without us.
 */
static const char *const readable[] = {
    "/lib",           "/lib32",           "/lib64",           "/libx32",
    "/usr/lib",       "/usr/lib32",       "/usr/lib64",       "/usr/libx32",
    "/usr/local/lib", "/usr/local/lib64", "/etc/ld.so.cache", "/nix/store",
    "/gnu/store",
};

static int allow(int ruleset, int fd, uint64_t access)
{
    struct path_beneath rule = {.access = access, .folder = fd};

    return syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) ? errno : 0;
}

static int allow_paths(int ruleset)
{
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++) {
        int fd lh_autoclose = open(readable[i], O_PATH | O_CLOEXEC);
        int code = fd < 0 ? 0 : allow(ruleset, fd, READ_FILE);

        if (code)
            return code;
    }
    return 0;
}

int lh_landlock_restrict(int plugin_fd)
{
    struct ruleset attributes = {0};
    int abi = (int)syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    int fd lh_autoclose = -1;
    int code;

    if (abi < 1)
        return abi ? errno : ENOSYS;
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        if (handled[i].abi <= abi) {
            attributes.files |= handled[i].adds.files;
            attributes.network |= handled[i].adds.network;
            attributes.scopes |= handled[i].adds.scopes;
        }
    fd = (int)syscall(CREATE_RULESET, &attributes, sizeof attributes, 0);
    if (fd < 0)
        return errno;
    code = allow_paths(fd);
    if (!code && plugin_fd >= 0)
        code = allow(fd, plugin_fd, READ_FILE);
    if (!code && syscall(RESTRICT_SELF, fd, 0))
        code = errno;
    return code;
}
