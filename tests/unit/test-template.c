/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: what it prints, what it refuses and where, and each escaping function. */
#include "config.h"

#include "generate/python.h"
#include "generate/template_internal.h"
#include "tap.h"
#include "unit/temp_folder.h"

static struct lh_arena *arena;

static const struct lh_tpl_value *text(const char *z)
{
    return lh_tpl_text(arena, lh_str_z(z));
}

/* name = "x", yes, no, none = "", tables = [{name: a, keys: [k]}, {name: b, keys: []}], one = {...}
 */
static const struct lh_tpl_value *model(void)
{
    struct lh_tpl_value *m = lh_tpl_map(arena);
    struct lh_tpl_value *tables = lh_tpl_list(arena);

    for (int i = 0; i < 2; i++) {
        struct lh_tpl_value *table = lh_tpl_map(arena);
        struct lh_tpl_value *keys = lh_tpl_list(arena);

        if (i == 0)
            lh_tpl_append(arena, keys, text("k"));
        lh_tpl_set(arena, table, LH_STR("table"), text(i ? "b" : "a"));
        lh_tpl_set(arena, table, LH_STR("keys"), keys);
        lh_tpl_append(arena, tables, table);
    }
    lh_tpl_set(arena, m, LH_STR("name"), text("x"));
    lh_tpl_set(arena, m, LH_STR("none"), text(""));
    lh_tpl_set(arena, m, LH_STR("yes"), lh_tpl_bool(true));
    lh_tpl_set(arena, m, LH_STR("no"), lh_tpl_bool(false));
    lh_tpl_set(arena, m, LH_STR("tables"), tables);
    lh_tpl_set(arena, m, LH_STR("code"), lh_tpl_code(arena, LH_STR("f(1)")));
    return m;
}

/* What a template makes of the model, or the message. The caller frees it. */
static char *made(const char *source)
{
    lh_auto(lh_buf) to = LH_BUF_INIT(10000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    lh_autoptr(lh_template) t = NULL;

    if (lh_template_parse("t", lh_xstrdup(source), strlen(source), NULL, NULL, &t, &e) ||
        lh_template_render(t, model(), &to, &e))
        return lh_xstrdup(lh_error_text(&e));
    return lh_xstrdup(lh_buf_text(&to));
}

/* A source as the name of a test: one line. The caller frees it. */
static char *label(const char *source)
{
    char *one = lh_xstrdup(source);

    for (char *c = one; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f || *c == '#')
            *c = ' ';
    return one;
}

static void gives(const char *source, const char *want)
{
    char *got lh_autofree = made(source);
    char *name lh_autofree = label(source);

    is_str(got, want, name);
}

static void test_prints(void)
{
    gives("", "");
    gives("plain { } }} {\n", "plain { } }} {\n");
    gives("a = {{py name}}\n", "a = \"x\"\n");
    gives("a = {{ py  name }}", "a = \"x\"");
    gives("{{! nothing }}a", "a");
    gives("{{\"{{\"}}{{\"}}\"}}{{\"a\"}}", "{{}}a");
    gives("{{expr code}}", "f(1)");
    gives("{{py yes}} {{yaml no}} {{py tables}}",
          "True false [{\"table\": \"a\", \"keys\": [\"k\"]}, {\"table\": \"b\", \"keys\": []}]");
}

static void test_sections(void)
{
    gives("{{#tables}}{{ident table}},{{/tables}}", "a,b,");
    gives("{{#tables}}\n- {{ident table}}{{#keys}} {{py .}}{{/keys}}{{^keys}} none{{/keys}}\n"
          "{{/tables}}\nend",
          "- a \"k\"\n- b none\nend");
    gives("{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{^no}}N{{/no}}{{^yes}}Y{{/yes}}", "yN");
    gives("{{#name}}{{py name}}{{md .}}{{/name}}{{#none}}n{{/none}}{{^none}}N{{/none}}", "\"x\"xN");
    gives("  {{#yes}}  \n  a\n  {{/yes}}\n", "  a\n");
    gives("{{#yes}} a\n{{/yes}} b\n", " a\n b\n");
    gives("{{! alone }}\nb", "b");
    gives("{{\"alone\"}}\nb", "alone\nb");
    gives("{{#tables}}{{#tables}}{{ident table}}{{/tables}};{{/tables}}", "ab;ab;");
}

static void test_refuses(void)
{
    gives("a\nb {{name}}", "t:2:3: say what \"name\" stands in: {{py name}}, or str, ident, expr, "
                           "yaml, comment, md");
    gives("{{html name}}",
          "t:1:1: \"html\" is no context: py, str, ident, expr, yaml, comment or md");
    gives("{{py na-me}}", "t:1:1: expected the name of a variable, found \"na-me\"");
    gives("{{}}", "t:1:1: an empty tag");
    gives("{{ py name\n}}", "t:1:1: {{ without }} in the same line");
    gives("{{#a}}\n{{#b}}\n{{/a}}{{/b}}",
          "t:3:1: {{/a}} stands where {{/b}} must (opened in line 2)");
    gives("\n{{#tables}}\n", "t:2: the section \"tables\" is not closed");
    gives("{{/a}}", "t:1:1: {{/a}} closes a section that nothing opened");
    gives("{{>a}}", "t:1:1: includes are not possible here");
    gives("{{\"a}}", "t:1:1: {{ without }} in the same line");
    gives("a\xff", "t:1:2: not UTF-8");
    gives("\n{{py nme}}", "t:2: there is no value \"nme\" here; there are: name, none, yes, no, "
                          "tables, code");
    gives("{{#tables}}\n{{#missing}}{{/missing}}{{/tables}}",
          "t:2: there is no value \"missing\" here; there are: table, keys, name, none, yes, no, "
          "tables, code");
    gives("{{expr name}}",
          "t:1: name: this is data (a text) and no Python expression; write it with {{py ...}}");
    gives("{{py code}}", "t:1: code: a Python string wants a text, found an expression");
    gives("{{yaml tables}}", "t:1: tables: a YAML scalar wants a text, found a list");
    gives("{{ident none}}", "t:1: none: \"\" is no Python identifier");
}

static void test_depth(void)
{
    lh_auto(lh_buf) deep = LH_BUF_INIT(10000);
    char *got lh_autofree = NULL;

    for (int i = 0; i < 17; i++)
        lh_buf_z(&deep, "{{#yes}}");
    got = made(lh_buf_text(&deep));
    has_str(got, "more than 16 sections", "sections nest 16 deep");
}

/* --- escaping ----------------------------------------------------------------------------- */

static void escapes(const char *context, const char *in, size_t n, const char *want)
{
    lh_auto(lh_buf) to = LH_BUF_INIT(10000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_tpl_value v = {.kind = LH_TPL_TEXT, .text = {in, n}};
    int code = lh_escape_of(lh_str_z(context))(&v, &to, &e);

    is_str(code ? lh_error_text(&e) : lh_buf_text(&to), want, context);
}

#define ESCAPES(context, in, want) escapes(context, in, sizeof(in) - 1, want)

static void test_python_strings(void)
{
    ESCAPES("py", "it's", "\"it's\"");
    ESCAPES("py", "\"\"\"\\", "\"\\\"\\\"\\\"\\\\\"");
    ESCAPES("py", "a\nb\r\t\0\x7f", "\"a\\nb\\r\\t\\x00\\x7f\"");
    ESCAPES("py", "\xc3\xa9\xe2\x80\xae\xf0\x9f\x98\x80", "\"\\u00e9\\u202e\\U0001f600\"");
    ESCAPES("py", "a\xff", "byte 2 of \"a\" is not UTF-8");
    ESCAPES("str", "{x}'\"\\", "\\x7bx\\x7d\\'\\\"\\\\");
    ESCAPES("ident", "_a1", "_a1");
    ESCAPES("ident", "1a", "\"1a\" is no Python identifier");
    ESCAPES("ident", "class", "\"class\" is no Python identifier");
    ESCAPES("ident", "a-b", "\"a-b\" is no Python identifier");
}

static void test_yaml_scalars(void)
{
    ESCAPES("yaml", "main", "main");
    ESCAPES("yaml", "no", "\"no\"");
    ESCAPES("yaml", "0123", "\"0123\"");
    ESCAPES("yaml", "1e3", "\"1e3\"");
    ESCAPES("yaml", "*/15 * * * *", "\"*/15 * * * *\"");
    ESCAPES("yaml", "", "\"\"");
    ESCAPES("yaml", "a: b", "\"a: b\"");
    ESCAPES("yaml", "a\n\"\\\t\xc2\x85", "\"a\\n\\\"\\\\\\x09\\u0085\"");
    ESCAPES("yaml", "a\0b", "the text holds a NUL, which no YAML reader takes");
}

static void test_comments(void)
{
    ESCAPES("comment", "a # \"b\" \xc3\xa9", "a # \"b\" \xc3\xa9");
    ESCAPES("comment", "a\nimport os", "a\\x0aimport os");
    ESCAPES("comment",
            "a\r\x0c\xe2\x80\xa8"
            "b",
            "a\\x0d\\x0c\\u2028b");
    ESCAPES("comment", "-*- coding: utf-7", "-*- coding\\x3a utf-7");
    ESCAPES("comment", "  MAGIC %sh", "  \\x4dAGIC %sh");
    ESCAPES("comment", "COMMAND ----------", "\\x43OMMAND ----------");
    ESCAPES("comment", "a MAGIC", "a MAGIC");
}

static void test_markdown(void)
{
    ESCAPES("md", "pi_points", "pi\\_points");
    ESCAPES("md", "<b>*a*</b>\n# x", "\\<b\\>\\*a\\*\\</b\\> \\# x");
    ESCAPES("md", "- a - b", "\\- a - b");
    ESCAPES("md", "12. a 1. b", "12\\. a 1. b");
    ESCAPES("md", "%sh", "\\%sh");
}

/* --- files -------------------------------------------------------------------------------- */

static void write_file(const char *path, const char *content)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(content, f) < 0 || fclose(f))
        printf("Bail out! cannot write %s\n", path);
}

static void is_template(struct lh_templates *t, const char *name, const char *want)
{
    lh_auto(lh_buf) to = LH_BUF_INIT(10000);
    lh_auto(lh_error) e = LH_ERROR_INIT;
    const struct lh_template *found = NULL;

    if (!lh_templates_get(t, name, &found, &e))
        lh_template_render(found, model(), &to, &e);
    is_str(e.code ? lh_error_text(&e) : lh_buf_text(&to), want, name);
}

static void test_files(void)
{
    lh_autoptr(lh_templates) t = NULL;
    const struct lh_template *first = NULL;
    lh_auto(lh_error) e = LH_ERROR_INIT;

    if (!ok(temp_folder_begin(), "a folder"))
        return;
    mkdir("own", 0755);
    mkdir("bundled", 0755);
    mkdir("bundled/sub", 0755);
    write_file("bundled/a", "first\n{{>sub/part}}\n");
    write_file("bundled/sub/part", "bundled\n");
    write_file("bundled/loop", "{{>loop}}");
    write_file("bundled/bad", "\n{{x}}");
    write_file("bundled/includes-bad", "\n\n{{>bad}}");
    write_file("own/b", "{{>a}}");
    t = lh_templates_new("own", "bundled");
    is_template(t, "a", "first\nbundled\n");
    is_template(t, "b", "first\nbundled\n");
    is_template(t, "loop", "loop:1: template loop includes itself");
    is_template(t, "includes-bad",
                "includes-bad:3: bad:2:1: say what \"x\" stands in: {{py x}}, "
                "or str, ident, expr, yaml, comment, md");
    is_template(t, "../a", "\"../a\" is no name of a template");
    is_template(t, "a/.b", "\"a/.b\" is no name of a template");
    is_template(t, "none", "template none: read bundled/none: No such file or directory");
    ok(lh_templates_is_own(t, "b") && !lh_templates_is_own(t, "a"), "whose a template is");
    ok(lh_templates_get(t, "a", &first, &e) == 0, "read again");
    is_slice(lh_template_first_line(first), "first", "its first line");
    lh_templates_destroy(t);
    write_file("own/a", "own {{py name}}");
    t = lh_templates_new("own", "bundled");
    is_template(t, "a", "own \"x\"");
    lh_templates_destroy(t);
    write_file("own/a", "own {{py nme}}");
    t = lh_templates_new("own", "bundled");
    is_template(t, "a",
                "own/a:1: there is no value \"nme\" here; there are: name, none, yes, no, "
                "tables, code");
    temp_folder_end();
}

/* --- Python ------------------------------------------------------------------------------- */

static void python(const char *source, const char *want)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *name lh_autofree = label(source);

    lh_python_check(lh_str_z(source), "f", &e);
    is_str(lh_error_text(&e), want, name);
}

static void test_python_files(void)
{
    python("", "");
    python("def f(a,\n      b):\n    '''x\n  y'''\n    if a:  # c\n        return b\n\nf(1,\n2)\n",
           "");
    python("a = \\\n  1\nb = r'\\'' + f\"{a!r}\" + \"\\\"\"\nc != 1.5e-3\n", "");
    python("a = {'b': [1, (2)]}\r\nif a:\r\n    b\r\n", "");
    python("a = 'x\nb'", "f:1:5: a string without its end");
    python("a = \"\"\"x", "f:1:5: a string without its end");
    python("f(\n", "f:2:1: '(' of line 1 is not closed");
    python("f(]\n", "f:1:3: ']' stands where '(' of line 1 is still open");
    python("a)\n", "f:1:2: ')' closes nothing");
    python("a = $b\n", "f:1:5: '$' is no part of Python");
    python("if a:\nb\n", "f:2:1: expected an indented block");
    python("if a:\n", "f:2:1: expected an indented block");
    python("a\n  b\n", "f:2:3: indented without a reason");
    python("if a:\n    b\n  c\n", "f:3:3: the indentation fits no line before");
    python("if a:\n\tb\n", "f:2:2: a tab in the indentation");
    python("a\n\xff", "f:2:1: not UTF-8");
}

static void expression(const char *source, const char *want)
{
    lh_auto(lh_error) e = LH_ERROR_INIT;
    char *name lh_autofree = label(source);

    lh_python_check_expression(lh_str_z(source), "x", &e);
    is_str(lh_error_text(&e), want, name);
}

static void test_expressions(void)
{
    expression("f\"https://{spark.conf.get('spark.databricks.workspaceUrl')}\"", "");
    expression("spark.conf.get('a', 'b')", "");
    expression("a == 1 if b else [x for x in c]", "");
    expression("(a, b)", "");
    expression("-1", "");
    expression("", "x:1:1: an empty expression");
    expression("a, b", "x:1:2: ',' cannot stand in an expression outside brackets");
    expression("a; b", "x:1:2: ';' cannot stand in an expression outside brackets");
    expression("a = 1", "x:1:3: '=' cannot stand in an expression outside brackets");
    expression("a += 1", "x:1:3: '+=' is an assignment");
    expression("(a := 1)", "x:1:4: ':=' is an assignment");
    expression("import os", "x:1:1: \"import\" belongs to a statement, not to an expression");
    expression("a)(b", "x:1:2: ')' closes nothing");
    expression("f(a", "x:1:4: '(' is not closed");
    expression("a\nb", "x:1:2: an expression has one line and no control characters");
    expression("a # b", "x:1:6: a comment in an expression");
    expression("a +", "x:1:4: the expression is not complete");
    expression("* a", "x:1:1: an expression cannot begin like this");
    expression("'a", "x:1:1: a string without its end");
}

int main(void)
{
    lh_auto(lh_arena) a = LH_ARENA_INIT;

    arena = &a;
    RUN(test_prints);
    RUN(test_sections);
    RUN(test_refuses);
    RUN(test_depth);
    RUN(test_python_strings);
    RUN(test_yaml_scalars);
    RUN(test_comments);
    RUN(test_markdown);
    RUN(test_python_files);
    RUN(test_expressions);
    RUN(test_files);
    return tap_done();
}
