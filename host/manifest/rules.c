/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a manifest, LH201 and on, as `lakehost explain` prints them. Ids in the twenties are
 * about one row, those in the forties about several.
 */
#include "config.h"

#include "manifest/manifest_internal.h"

const struct lh_rule lh_manifest_rules[] = {
    {"LH201", LH_SEVERITY_ERROR, "The file is empty",
     "A manifest begins with a line that names its columns. Only source_table is required:\n\n"
     "    source_table\n"
     "    issues"},
    {"LH202", LH_SEVERITY_ERROR, "A required column is missing",
     "The header, which is the first line, has no column source_table. Names are written as\n"
     "`lakehost help discover` lists them, in lower case, with commas between.\n\n"
     "wrong:  Table;Group\n"
     "right:  source_table,pipeline_group"},
    {"LH203", LH_SEVERITY_ERROR, "A column stands twice in the header",
     "Which of them is meant cannot be told. The first one is read, for the other checks.\n"
     "Remove or rename one of them."},
    {"LH204", LH_SEVERITY_WARNING, "Columns that lakehost does not know",
     "They are not read by anything. They are kept when the manifest is written again, behind\n"
     "the known columns. A column that is spelled wrong looks like this too: its values have no\n"
     "effect.\n\n"
     "wrong:  source_table,wieght\n"
     "right:  source_table,weight"},
    {"LH205", LH_SEVERITY_ERROR, "A row has more or fewer values than the header",
     "Mostly a value with a comma in it is not in quotes, as JSON often is:\n\n"
     "wrong:  issues,{\"owner\":\"o\",\"repo\":\"r\"}\n"
     "right:  issues,\"{\"\"owner\"\":\"\"o\"\",\"\"repo\"\":\"\"r\"\"}\"\n\n"
     "Missing values are taken as empty and further ones are left out, for the other checks."},
    {"LH206", LH_SEVERITY_ERROR, "Text behind a closing quote",
     "A value that begins with a quote ends with the next single quote; a comma or the end of\n"
     "the line must follow. A quote inside is written twice.\n\n"
     "wrong:  \"a \"good\" table\"\n"
     "right:  \"a \"\"good\"\" table\""},
    {"LH207", LH_SEVERITY_ERROR, "A quote is not closed",
     "A value begins with a quote and the file ends before the next one. Everything in between,\n"
     "with all its lines, is taken as the value. The place is that of the opening quote."},
    {"LH208", LH_SEVERITY_WARNING, "A quote inside a value that is not in quotes",
     "RFC 4180 does not allow it, and readers disagree on what it means. lakehost takes it as an\n"
     "ordinary character, as Python does. Write the value in quotes, each quote in it twice.\n\n"
     "wrong:  issues,{\"owner\":\"o\"}\n"
     "right:  issues,\"{\"\"owner\"\":\"\"o\"\"}\""},
    {"LH209", LH_SEVERITY_ERROR, "The file is not UTF-8",
     "Names of tables could come out wrong. Spreadsheets have \"CSV UTF-8\" among their formats.\n"
     "A byte order mark in front does no harm. Reported once for each line."},
    {"LH210", LH_SEVERITY_ERROR, "A NUL character",
     "No name and no option has one; the file was damaged, or is no text. Reported once for each\n"
     "line."},
    {"LH211", LH_SEVERITY_ERROR, "A value is too long",
     "A value may have 1 MiB. Mostly a quote is not closed where it should be."},
    {"LH212", LH_SEVERITY_ERROR, "Too many rows or columns",
     "A manifest may have 10,000,000 rows and 256 columns. What is beyond is not read."},
    {"LH213", LH_SEVERITY_WARNING, "There are no rows",
     "The header is all there is. Nothing would be generated from this manifest."},
    {"LH214", LH_SEVERITY_WARNING, "Two columns for one thing",
     "table_configuration_json is another name of table_options_json. The row has both, and they\n"
     "differ: table_options_json is read. Remove the other one."},
    {NULL},
};

const struct lh_rule *lh_manifest_rule(const char *id)
{
    return lh_rule_of(lh_manifest_rules, id);
}
