/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connector that attacks the host: each of its tables tries one thing that a connector must not
 * be able to do, and says in rows what came of it. tests/system/hostile.sh says what must come.
 *
 * Rows: {"attempt":"open /etc/passwd","result":"EPERM"}; "succeeded" where it worked.
 */
#define _GNU_SOURCE
#include <lakehost/sdk.h>

#include "hostile.inc"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const struct lh_host *H;

/* What the constructor tried, before the host knew anything of this connector. */
enum { NOT_TRIED = -1 };
static struct {
    int file, created, socket, program, process;
} early = {NOT_TRIED, NOT_TRIED, NOT_TRIED, NOT_TRIED, NOT_TRIED};

/* 0 or errno of a system call. */
static int result(long returned)
{
    return returned < 0 ? errno : 0;
}

/* A descriptor that should not have been given is closed at once. */
static int opened(int fd)
{
    int code = result(fd);

    if (fd >= 0)
        close(fd);
    return code;
}

static int forked(long child)
{
    int code = result(child);

    if (child == 0)
        _exit(0);
    if (child > 0)
        waitpid((pid_t)child, NULL, 0);
    return code;
}

__attribute__((constructor)) static void begin_early(void)
{
    static char *const no_words[] = {NULL};

    /* in the host's own process this is no test: exec would replace it; a worker has none */
    if (environ && environ[0])
        return;
    early.file = opened(open("/etc/passwd", O_RDONLY));
    early.created = opened(open("/tmp/lakehost-hostile", O_WRONLY | O_CREAT, 0600));
    early.socket = opened(socket(AF_INET, SOCK_STREAM, 0));
    early.process = forked(fork());
    early.program = result(execve("/bin/true", no_words, no_words));
}

/* --- telling ---------------------------------------------------------------------------------- */

struct stage {
    lh_call *call;
    const struct lh_scan *scan;
    lh_sink *sink;
};

static const char *name_of(int code)
{
    static const struct {
        int code;
        const char *name;
    } names[] = {{NOT_TRIED, "not tried"}, {0, "succeeded"}, {EPERM, "EPERM"}, {EACCES, "EACCES"},
                 {ENOSYS, "ENOSYS"},       {ESRCH, "ESRCH"}, {EBADF, "EBADF"}, {EFAULT, "EFAULT"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == code)
            return names[i].name;
    return strerror(code);
}

/* A row, and a line of the log: the host puts the connector's name before it. */
static int tell(const struct stage *s, const char *attempt, const char *came)
{
    lh_str row = lhs_fmt(H, s->call, "{\"attempt\":\"%s\",\"result\":\"%s\"}", attempt, came);
    lh_str line = lhs_fmt(H, s->call, "read_table(%s): %s: %s", s->scan->table.p, attempt, came);

    H->log(s->call, LH_LOG_WARN, line);
    return H->row_text(s->sink, LH_UPSERT, row);
}

static int tell_code(const struct stage *s, const char *attempt, int code)
{
    return tell(s, attempt, name_of(code));
}

/* /proc/PID/NAME of the host, which is the parent of the process that this runs in. */
static int host_file(const char *name, int flags)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)getppid(), name);
    return opened(open(path, flags));
}

/* --- attempts --------------------------------------------------------------------------------- */

static int try_constructor(const struct stage *s)
{
    tell_code(s, "constructor: open /etc/passwd", early.file);
    tell_code(s, "constructor: create a file", early.created);
    tell_code(s, "constructor: socket", early.socket);
    tell_code(s, "constructor: fork", early.process);
    return tell_code(s, "constructor: execve", early.program);
}

static int try_file(const struct stage *s)
{
    DIR *folder;

    tell_code(s, "open /etc/passwd", opened(open("/etc/passwd", O_RDONLY)));
    tell_code(s, "create a file", opened(open("/tmp/lakehost-hostile", O_WRONLY | O_CREAT, 0600)));
    folder = opendir("/");
    tell_code(s, "list /", folder ? 0 : errno);
    if (folder)
        closedir(folder);
    tell_code(s, "open a library", opened(open("/etc/ld.so.cache", O_RDONLY)));
    return tell_code(s, "remove a file", result(unlink("/tmp/lakehost-hostile")));
}

static int try_socket(const struct stage *s)
{
    int pair[2];
    int code;

    tell_code(s, "socket inet", opened(socket(AF_INET, SOCK_STREAM, 0)));
    tell_code(s, "socket inet6", opened(socket(AF_INET6, SOCK_DGRAM, 0)));
    tell_code(s, "socket unix", opened(socket(AF_UNIX, SOCK_STREAM, 0)));
    code = result(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    if (!code) {
        close(pair[0]);
        close(pair[1]);
    }
    return tell_code(s, "socketpair", code);
}

static int try_exec(const struct stage *s)
{
    static char *const no_words[] = {NULL};

    tell_code(s, "execve", result(execve("/bin/true", no_words, no_words)));
    return tell_code(s, "execveat",
                     result(syscall(SYS_execveat, AT_FDCWD, "/bin/true", no_words, no_words, 0)));
}

static int try_fork(const struct stage *s)
{
    tell_code(s, "fork", forked(fork()));
    tell_code(s, "clone", forked(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL)));
    return tell_code(s, "unshare", result(unshare(CLONE_NEWUSER)));
}

static int try_ptrace(const struct stage *s)
{
    int code = result(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));

    if (!code) {
        waitpid(getppid(), NULL, 0);
        ptrace(PTRACE_DETACH, getppid(), NULL, NULL);
    }
    tell_code(s, "ptrace the host", code);
    return tell_code(s, "signal the host", result(kill(getppid(), 0)));
}

static int try_memory(const struct stage *s)
{
    char here[16];
    struct iovec mine = {here, sizeof here};
    struct iovec theirs = {here, sizeof here};

    tell_code(s, "open the host's mem", host_file("mem", O_RDONLY));
    tell_code(s, "write the host's mem", host_file("mem", O_RDWR));
    tell_code(s, "open the host's maps", host_file("maps", O_RDONLY));
    return tell_code(s, "process_vm_readv",
                     result(process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0)));
}

static int try_environ(const struct stage *s)
{
    size_t n = 0;

    while (environ && environ[n])
        n++;
    tell_code(s, "open the host's environ", host_file("environ", O_RDONLY));
    tell_code(s, "open the host's cmdline", host_file("cmdline", O_RDONLY));
    return tell(s, "own environment", n ? "succeeded" : "empty");
}

/* An origin that no spec declares; what the host says is in its message. */
static int try_origin(const struct stage *s)
{
    struct lh_http_req req;
    const struct lh_http_resp *resp = NULL;
    int code;

    memset(&req, 0, sizeof req);
    req.struct_size = (uint32_t)sizeof req;
    req.method = LHS("GET");
    req.url = LHS("http://127.0.0.1:10/elsewhere");
    code = H->http(s->call, &req, &resp);
    return code < 0 ? code : tell(s, "undeclared origin", "succeeded");
}

/* --- floods: none of these ends by itself ------------------------------------------------------
 */

static int flood_rows(const struct stage *s)
{
    for (unsigned long i = 0; i < ULONG_MAX; i++)
        H->row_text(s->sink, LH_UPSERT, LHS("{\"attempt\":\"flood\",\"result\":\"succeeded\"}"));
    return LH_OK;
}

static int flood_logs(const struct stage *s)
{
    for (unsigned long i = 0; i < ULONG_MAX; i++)
        H->log(s->call, LH_LOG_DEBUG, LHS("flood"));
    return LH_OK;
}

/* Bytes of its own, past the host's interface, into every descriptor that there is. */
static int flood_frames(const struct stage *s)
{
    static const char frame[16] = {0, 0, 0, 0, 127};

    tell(s, "bytes into every descriptor", "begun");
    for (unsigned long i = 0; i < ULONG_MAX; i++)
        for (int fd = 3; fd < 64; fd++)
            if (write(fd, frame, sizeof frame) < 0 && errno == EPIPE)
                _exit(3);
    return LH_OK;
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct {
    const char *table;
    int (*run)(const struct stage *);
} attempts[] = {
    {"constructor", try_constructor},
    {"environ", try_environ},
    {"exec", try_exec},
    {"file", try_file},
    {"flood_frames", flood_frames},
    {"flood_logs", flood_logs},
    {"flood_rows", flood_rows},
    {"fork", try_fork},
    {"memory", try_memory},
    {"origin", try_origin},
    {"ptrace", try_ptrace},
    {"socket", try_socket},
};

static int hostile_open(lh_call *c, const lh_opts *opts, void **ret)
{
    (void)c, (void)opts;
    *ret = NULL;
    return LH_OK;
}

static void hostile_close(lh_call *c, void *self)
{
    (void)c, (void)self;
}

static int hostile_list_tables(lh_call *c, void *self, const lh_str *ns, size_t n_ns, lh_sink *sink)
{
    struct lh_table table;

    (void)c, (void)self, (void)ns, (void)n_ns;
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)sizeof table;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int rc;

        table.name = lhs_z(attempts[i].table);
        rc = H->add_table(sink, &table);
        if (rc)
            return rc;
    }
    return LH_OK;
}

static int hostile_get_table_schema(lh_call *c, void *self, const struct lh_scan *scan,
                                    lh_sink *sink)
{
    static const char *const columns[] = {"attempt", "result"};
    struct lh_field field;

    (void)c, (void)self, (void)scan;
    memset(&field, 0, sizeof field);
    field.struct_size = (uint32_t)sizeof field;
    field.type = LHS("string");
    for (size_t i = 0; i < 2; i++) {
        int rc;

        field.name = lhs_z(columns[i]);
        rc = H->add_field(sink, &field);
        if (rc)
            return rc;
    }
    return LH_OK;
}

static int hostile_read_table_metadata(lh_call *c, void *self, const struct lh_scan *scan,
                                       lh_sink *sink)
{
    lh_str key = LHS("attempt");
    struct lh_meta meta;

    (void)c, (void)self, (void)scan;
    memset(&meta, 0, sizeof meta);
    meta.struct_size = (uint32_t)sizeof meta;
    meta.ingestion = LH_INGEST_SNAPSHOT;
    meta.keys = &key;
    meta.n_keys = 1;
    return H->set_meta(sink, &meta);
}

static int hostile_read_table(lh_call *c, void *self, const struct lh_scan *scan, lh_sink *sink)
{
    struct stage s;

    (void)self;
    s.call = c;
    s.scan = scan;
    s.sink = sink;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (lhs_eq(scan->table, lhs_z(attempts[i].table)))
            return attempts[i].run(&s);
    return lhs_fail(H, c, LH_E_NOT_FOUND, "there is no such attempt");
}

static const struct lh_connector connector = {
    LH_CONNECTOR_HEAD,
    "hostile",
    LH_SPEC,
    hostile_open,
    hostile_close,
    hostile_list_tables,
    hostile_get_table_schema,
    hostile_read_table_metadata,
    hostile_read_table,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

LH_EXPORT const struct lh_connector *LH_ENTRY(const struct lh_host *host)
{
    H = host;
    return &connector;
}
