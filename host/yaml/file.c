/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in files: which of the two formats, and reading them; see yaml.h. */
#include "config.h"

#include "yaml/yaml.h"

#include "base/file.h"
#include "json/text.h"

static bool ends_with(const char *path, const char *suffix)
{
    size_t n = strlen(path);
    size_t m = strlen(suffix);

    return n >= m && strcmp(path + n - m, suffix) == 0;
}

static bool begins_as_json(lh_str text)
{
    size_t at = 0;

    while (at < text.n && strchr(" \t\r\n", text.p[at]))
        at++;
    return at < text.n && (text.p[at] == '{' || text.p[at] == '[');
}

int lh_document_read(struct lh_document *ret, const char *path, struct lh_error *e)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_DOCUMENT_BYTES);
    bool is_stdin = strcmp(path, "-") == 0;
    int code = lh_file_read(path, LH_DOCUMENT_BYTES, LH_FILE_STDIN, &text, e);
    bool as_json;

    if (code)
        return code;
    as_json = is_stdin ? begins_as_json(lh_buf_slice(&text))
                       : !ends_with(path, ".yaml") && !ends_with(path, ".yml");
    return (as_json ? lh_document_parse_json : lh_yaml_parse)(ret, lh_buf_slice(&text),
                                                              is_stdin ? "stdin" : path, e);
}
