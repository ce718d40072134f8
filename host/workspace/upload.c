/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of files to a folder of the workspace: doing it; see upload.h. */
#include "config.h"

#include "workspace/upload.h"

#include "base/file.h"

#include <stdlib.h>

#define TRIES 3 /* of a file whose answer was lost */

struct uploading {
    struct lh_upload *upload;
    bool overwrite;
    size_t *folders; /* those that have none below them */
};

/* --- folders ---------------------------------------------------------------------------------- */

/* Folders are in the order of a walk: whatever is below one follows it at once. */
static size_t find_leaves(const struct lh_upload *u, size_t *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < u->n_folders; i++) {
        size_t length = strlen(u->folders[i]);
        const char *next = i + 1 < u->n_folders ? u->folders[i + 1] : "";

        if (strncmp(next, u->folders[i], length) != 0 || next[length] != '/')
            ret[n++] = i;
    }
    return n;
}

static int make_folder(void *context, size_t i, struct lh_ws *ws, struct lh_error *e)
{
    const struct uploading *up = context;

    return lh_ws_mkdirs(ws, up->upload->folders[up->folders[i]], e);
}

static int make_folders(struct lh_workspace *w, const struct lh_patience *patience, unsigned jobs,
                        struct uploading *up, struct lh_error *e)
{
    size_t *leaves lh_autofree = lh_xcalloc(up->upload->n_folders + 1, sizeof *leaves);
    size_t n = find_leaves(up->upload, leaves);
    int *done lh_autofree = lh_xcalloc(n + 1, sizeof *done);

    up->folders = leaves;
    return lh_ws_each(w, patience, n, jobs, make_folder, up, done, e);
}

/* --- files ------------------------------------------------------------------------------------ */

/*
 * The answer to an import was lost. Whether it is there, as it was sent? A notebook from .ipynb
 * comes back in another form: that is not known, and said.
 */
static int look(struct lh_ws *ws, const struct lh_upload_file *file, lh_str content,
                bool *ret_is_there, struct lh_error *e)
{
    lh_auto(lh_buf) there = LH_BUF_INIT(LH_WS_IMPORT_MAX + 1024);
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code = lh_ws_export(ws, file->path, &there, &why);

    *ret_is_there = false;
    if (code == LH_NOT_FOUND)
        return 0;
    if (code)
        return lh_error_move(e, &why);
    *ret_is_there = lh_str_eq(lh_buf_slice(&there), content);
    return *ret_is_there ? 0
                         : lh_error_set(e, LH_CONFLICT,
                                        "%s: the answer to its upload was lost, and what is there "
                                        "is not the same; use --overwrite-existing",
                                        file->path);
}

/* With another kind of object in its place, which overwriting does not take away. */
static int replace(struct lh_ws *ws, const struct lh_upload_file *file, lh_str content,
                   struct lh_error *e)
{
    struct lh_ws_object there = {.path = NULL};
    int code = lh_ws_get_status(ws, file->path, &there, e);
    bool is_file = there.type == LH_WS_FILE || there.type == LH_WS_NOTEBOOK;

    lh_ws_object_free(&there);
    if (code)
        return code;
    if (!is_file)
        return lh_error_set(e, LH_CONFLICT,
                            "%s: something else than a file or a notebook is there; remove it",
                            file->path);
    code = lh_ws_delete(ws, file->path, false, e);
    return code ? code
                : lh_ws_import(ws, file->path, content, file->format, file->language, true, e);
}

static int import(struct lh_ws *ws, const struct lh_upload_file *file, lh_str content,
                  bool overwrite, struct lh_error *e)
{
    lh_auto(lh_error) why = LH_ERROR_INIT;
    int code = 0;

    for (int i = 0; i < TRIES; i++) {
        bool is_there = false;

        code = lh_ws_import(ws, file->path, content, file->format, file->language, overwrite, &why);
        if (code && overwrite && ws->trouble.exists)
            return replace(ws, file, content, e);
        if (!code || !ws->trouble.maybe || code == LH_INTERRUPTED)
            break;
        if ((code = look(ws, file, content, &is_there, &why)) || is_there)
            break;
        code = lh_error_set(&why, LH_UNREACHABLE, "%s: no answer to its upload, %d times",
                            file->path, i + 1);
    }
    return code ? lh_error_move(e, &why) : 0;
}

static int upload_file(void *context, size_t i, struct lh_ws *ws, struct lh_error *e)
{
    const struct uploading *up = context;
    struct lh_upload_file *file = &up->upload->files[i];
    lh_auto(lh_buf) content = LH_BUF_INIT(LH_WS_IMPORT_MAX);
    int code = lh_file_read(file->local, LH_WS_IMPORT_MAX, LH_FILE_REGULAR, &content, &file->error);

    file->state = LH_UPLOAD_FAILED;
    if (!code) {
        code = import(ws, file, lh_buf_slice(&content), up->overwrite, &file->error);
        file->state = !code                ? LH_UPLOAD_DONE
                      : ws->trouble.exists ? LH_UPLOAD_EXISTS
                                           : LH_UPLOAD_FAILED;
    }
    return code ? lh_error_set(e, code, "%s: %s", file->local, lh_error_text(&file->error)) : 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool ends_all(int code)
{
    return code == LH_REFUSED || code == LH_UNREACHABLE || code == LH_INTERRUPTED;
}

int lh_upload_run(struct lh_workspace *w, const struct lh_patience *patience, unsigned jobs,
                  bool overwrite, struct lh_upload *u, struct lh_error *e)
{
    struct uploading up = {.upload = u, .overwrite = overwrite};
    int *done lh_autofree = lh_xcalloc(u->n + 1, sizeof *done);
    size_t good = 0;
    size_t refused = 0;
    int code = make_folders(w, patience, jobs, &up, e);

    if (code)
        return code;
    code = lh_ws_each(w, patience, u->n, jobs, upload_file, &up, done, e);
    for (size_t i = 0; i < u->n; i++) {
        good += u->files[i].state == LH_UPLOAD_DONE;
        refused += u->files[i].state == LH_UPLOAD_EXISTS;
    }
    if (!code || (!good && !refused) || ends_all(code))
        return code;
    return lh_error_set(e, LH_PARTLY, "%zu of %zu files were not uploaded%s", u->n - good, u->n,
                        good ? ", the others are there" : "");
}
