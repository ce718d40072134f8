/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML for tests/system/yaml-roundtrip.py, which cannot call C.
 *
 *     yaml-tool write    JSON lines in; each comes out as a YAML text, as a JSON string on a line
 *     yaml-tool read     JSON strings in, a line each, that hold YAML; JSON lines come out
 *
 * A line that is refused comes out as {"error": "..."}.
 */
#include "config.h"

#include "yaml/yaml.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *error_value(const struct lh_error *e)
{
    json_t *value = json_object();

    json_object_set_new(value, "error", json_string(lh_error_text(e)));
    return value;
}

static json_t *to_yaml(const json_t *value)
{
    lh_auto(lh_buf) text = LH_BUF_INIT(LH_BUF_TEXT);
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (lh_yaml_write(&text, value, NULL, &e))
        return error_value(&e);
    return json_stringn(lh_buf_text(&text), text.n);
}

static json_t *from_yaml(const json_t *text)
{
    lh_auto(lh_document) d = {0};
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (lh_yaml_parse(&d, lh_str_n(json_string_value(text), json_string_length(text)), "yaml", &e))
        return error_value(&e);
    return json_incref(d.root);
}

int main(int argc, char **argv)
{
    bool reads = argc == 2 && strcmp(argv[1], "read") == 0;
    char *line lh_autofree = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, stdin)) > 0) {
        json_auto_t *in = json_loadb(line, (size_t)n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        json_auto_t *out = NULL;
        char *shown lh_autofree = NULL;

        if (!in || (reads && !json_is_string(in)))
            return 2;
        out = reads ? from_yaml(in) : to_yaml(in);
        shown = json_dumps(out, JSON_ENCODE_ANY); /* keeps the order of keys */
        puts(shown ? shown : "");
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
