/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a manifest as `lakehost explain` prints them: LH20x and LH21x are about the file,
 * LH22x and LH23x about a row, LH24x about several, LH3xx about the Python connector.
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
    {"LH221", LH_SEVERITY_ERROR, "A row without a source table",
     "source_table is the only value that every row needs: the name of the table as the source\n"
     "has it. Remove the row, or give it a table."},
    {"LH222", LH_SEVERITY_ERROR, "A value is not JSON",
     "table_options_json and estimate_json hold JSON: names in double quotes, no comma behind\n"
     "the last one, no name twice. In CSV each of these quotes is written twice.\n\n"
     "wrong:  issues,{'owner': 'o'}\n"
     "right:  issues,\"{\"\"owner\"\": \"\"o\"\"}\""},
    {"LH223", LH_SEVERITY_ERROR, "A value is JSON, but no object",
     "Options have names.\n\n"
     "wrong:  \"[\"\"o\"\"]\"\n"
     "right:  \"{\"\"owner\"\": \"\"o\"\"}\""},
    {"LH224", LH_SEVERITY_ERROR, "A weight is no whole number",
     "A weight says how much work a table is, compared with others: a whole number from 1 to\n"
     "1000000. Empty is 1.\n\n"
     "wrong:  0, -1, 2.5, heavy\n"
     "right:  10"},
    {"LH225", LH_SEVERITY_ERROR, "An scd_type that does not exist",
     "How changes are kept: SCD_TYPE_1 (the newest state), SCD_TYPE_2 (with history) or\n"
     "APPEND_ONLY. Empty is the pipeline's default."},
    {"LH226", LH_SEVERITY_ERROR, "An ingestion type that does not exist",
     "How a table is read: snapshot, append, cdc, cdc_with_deletes, or unknown where it could\n"
     "not be found out. Written in lower case. Empty: the connector says."},
    {"LH227", LH_SEVERITY_ERROR, "A catalog without a schema, or a schema without a catalog",
     "A pipeline uses the destination of a table only when catalog and schema are both given,\n"
     "and its own defaults otherwise: one alone would have no effect. Give both, or none."},
    {"LH228", LH_SEVERITY_ERROR, "No primary keys where rows are told apart by them",
     "Rows of a snapshot or of changes (cdc, cdc_with_deletes) replace older ones with the same\n"
     "keys. Give primary_keys, or primary_keys in table_options_json, or read the table as\n"
     "append. A manifest that has no such column at all leaves it to the connector."},
    {"LH229", LH_SEVERITY_ERROR, "No cursor where changes are put in order by it",
     "Of two changes to a row the one with the larger cursor wins. Give cursor_field, or\n"
     "sequence_by. A manifest that has no column cursor_field at all leaves it to the connector."},
    {"LH230", LH_SEVERITY_ERROR, "A list of names that cannot be read",
     "primary_keys, sequence_by and cluster_by hold names of columns: with commas between, or as\n"
     "a JSON list of texts.\n\n"
     "wrong:  id,,owner\n"
     "right:  id,owner\n"
     "right:  \"[\"\"id\"\", \"\"owner\"\"]\""},
    {"LH231", LH_SEVERITY_ERROR, "A name that Unity Catalog does not take",
     "Names of catalogs, schemas and tables have at most 255 characters, and none of these: a\n"
     "blank, a period, a slash, a control character.\n\n"
     "wrong:  bronze.issues\n"
     "right:  issues, with bronze as destination_schema"},
    {"LH232", LH_SEVERITY_WARNING, "A table option that the connector does not have",
     "It would have no effect. `lakehost plugin show CONNECTOR` lists the table options; an\n"
     "option of the connection belongs to the connection. scd_type, primary_keys, sequence_by\n"
     "and cluster_by are the pipeline's own and always allowed."},
    {"LH233", LH_SEVERITY_ERROR, "A table option with a value that it cannot have",
     "`lakehost plugin show CONNECTOR` says which type and which values it takes."},
    {"LH234", LH_SEVERITY_ERROR, "Table options that do not fit the table",
     "One is missing that the connector requires for this table, or one is given that is not for\n"
     "this table. `lakehost plugin show CONNECTOR` says which options are for which tables."},
    {"LH235", LH_SEVERITY_ERROR, "A secret in a manifest",
     "Manifests are kept in repositories and copied into generated files. Secrets belong to the\n"
     "connection. Remove it here, and replace it at the source: it has been in a file."},
    {"LH241", LH_SEVERITY_ERROR, "Two tables with one destination",
     "Catalog, schema and table are the same but for upper and lower case. A table can be\n"
     "written by one flow of one pipeline. Give one of them another destination_table."},
    {"LH242", LH_SEVERITY_ERROR, "The same source table twice in one pipeline",
     "A pipeline finds options and destination of a table by its name, and would use those of\n"
     "the first one for both. Give one of them another pipeline_group (the issues of two\n"
     "repositories, for instance)."},
    {"LH243", LH_SEVERITY_ERROR, "Two schedules in one pipeline group",
     "All tables of a group run together. Give them one schedule, or two groups. Rows without a\n"
     "schedule go with the others; two texts that fire at the same times are one schedule."},
    {"LH244", LH_SEVERITY_ERROR, "Two connections in one pipeline group",
     "A pipeline signs in with one connection. Give them two groups, or run lakehost group,\n"
     "which does."},
    {"LH245", LH_SEVERITY_WARNING, "Two catalogs in one pipeline group",
     "Tables for different catalogs mostly have different owners and rights, and lakehost group\n"
     "gives each catalog its own pipelines."},
    /* what the Python connector of the same name does differently */
    {"LH301", LH_SEVERITY_WARNING, "A table that the Python connector may not have",
     "Generated pipelines run the Python connector of the same name. The profile of it that our\n"
     "connector carries does not list this table. With --connector-profile native it is a note."},
    {"LH302", LH_SEVERITY_WARNING, "Another ingestion type than the Python connector's",
     "The pipeline will read the table as the Python connector does, whatever the manifest says.\n"
     "Where ours does better, that holds for `lakehost read` and for native pipelines only.\n"
     "`lakehost discover` writes the Python connector's values unless told otherwise."},
    {"LH303", LH_SEVERITY_WARNING, "Other primary keys than the Python connector's",
     "The pipeline takes the keys of the Python connector unless table_options_json has\n"
     "primary_keys. The order of keys does not matter."},
    {"LH304", LH_SEVERITY_WARNING, "Another cursor than the Python connector's",
     "The pipeline puts changes in order by the Python connector's cursor unless sequence_by is\n"
     "given."},
    {"LH305", LH_SEVERITY_NOTE, "Columns that differ from the Python connector's",
     "The table will not have the columns that lakehost schema shows: some are missing there or\n"
     "have another type. Each is listed with the type it has there."},
    {"LH306", LH_SEVERITY_ERROR, "A table option that only our connector has",
     "The Python connector, which the pipeline runs, does not know it and would read something\n"
     "else than expected. Remove it, or say with --connector-profile native that the pipeline\n"
     "runs our connector."},
    {"LH311", LH_SEVERITY_NOTE, "A table that only our connector may have",
     "As LH301, for a native pipeline, where it does no harm."},
    {"LH312", LH_SEVERITY_NOTE, "The Python connector has another ingestion type",
     "As LH302, for a native pipeline, where it does no harm."},
    {"LH313", LH_SEVERITY_NOTE, "The Python connector has other primary keys",
     "As LH303, for a native pipeline, where it does no harm."},
    {"LH314", LH_SEVERITY_NOTE, "The Python connector has another cursor",
     "As LH304, for a native pipeline, where it does no harm."},
    {NULL},
};

const struct lh_rule *lh_manifest_rule(const char *id)
{
    return lh_rule_of(lh_manifest_rules, id);
}
