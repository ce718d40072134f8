/* SPDX-License-Identifier: Apache-2.0 */
/* The types of Airtable's fields, what they are in Spark, and their cells; airtable.h. */
#include "airtable.h"

#define MOST_RESULTS 8 /* how deep lookups of lookups may be */

#define COLLABORATOR "struct<id: string, email: string, name: string>"
#define THUMBNAIL    "struct<url: string, width: bigint, height: bigint>"
#define ATTACHMENT                                                                                 \
    "struct<id: string, url: string, filename: string, size: bigint, type: string, width: "        \
    "bigint, height: bigint, thumbnails: struct<small: " THUMBNAIL ", large: " THUMBNAIL           \
    ", full: " THUMBNAIL ">>"

/* How a type is found where a field does not say it all. */
enum how {
    PLAIN,
    BY_RESULT, /* of a formula: what it gives */
    LIST_OF,   /* of a lookup: a list of what it gives */
    AT         /* a point in time: a timestamp, or a date where the result says so */
};

/* clang-format off */
static const struct {
    const char *airtable;
    enum how how;
    struct type type;
} types[] = {
    {"singleLineText",        PLAIN, {CELL_TEXT, 0, "string"}},
    {"multilineText",         PLAIN, {CELL_TEXT, 0, "string"}},
    {"richText",              PLAIN, {CELL_TEXT, 0, "string"}},
    {"email",                 PLAIN, {CELL_TEXT, 0, "string"}},
    {"url",                   PLAIN, {CELL_TEXT, 0, "string"}},
    {"phoneNumber",           PLAIN, {CELL_TEXT, 0, "string"}},
    {"singleSelect",          PLAIN, {CELL_TEXT, 0, "string"}},
    {"externalSyncSource",    PLAIN, {CELL_TEXT, 0, "string"}},
    {"multipleSelects",       PLAIN, {CELL_TEXT, 1, "string"}},
    {"multipleRecordLinks",   PLAIN, {CELL_LINK, 1, "string"}},
    /* precision is how many digits Airtable shows, not how many there are */
    {"number",                PLAIN, {CELL_NUMBER, 0, "double"}},
    {"currency",              PLAIN, {CELL_NUMBER, 0, "double"}},
    {"percent",               PLAIN, {CELL_NUMBER, 0, "double"}},
    {"duration",              PLAIN, {CELL_NUMBER, 0, "double"}},
    {"rating",                PLAIN, {CELL_NUMBER, 0, "bigint"}},
    {"count",                 PLAIN, {CELL_NUMBER, 0, "bigint"}},
    {"autoNumber",            PLAIN, {CELL_NUMBER, 0, "bigint"}},
    {"checkbox",              PLAIN, {CELL_CHECK, 0, "boolean"}},
    {"date",                  PLAIN, {CELL_AS_IS, 0, "date"}},
    {"dateTime",              PLAIN, {CELL_TIME, 0, "timestamp"}},
    {"createdTime",           AT,    {CELL_TIME, 0, "timestamp"}},
    {"lastModifiedTime",      AT,    {CELL_TIME, 0, "timestamp"}},
    {"createdBy",             PLAIN, {CELL_AS_IS, 0, COLLABORATOR}},
    {"lastModifiedBy",        PLAIN, {CELL_AS_IS, 0, COLLABORATOR}},
    {"singleCollaborator",    PLAIN, {CELL_AS_IS, 0, COLLABORATOR}},
    {"multipleCollaborators", PLAIN, {CELL_AS_IS, 1, COLLABORATOR}},
    {"multipleAttachments",   PLAIN, {CELL_AS_IS, 1, ATTACHMENT}},
    {"barcode",               PLAIN, {CELL_AS_IS, 0, "struct<text: string, type: string>"}},
    {"button",                PLAIN, {CELL_AS_IS, 0, "struct<label: string, url: string>"}},
    {"aiText",                PLAIN, {CELL_AS_IS, 0, "struct<state: string, isStale: boolean, "
                                                     "value: string, errorType: string>"}},
    {"formula",               BY_RESULT, {CELL_TEXT, 0, "string"}},
    {"rollup",                BY_RESULT, {CELL_TEXT, 0, "string"}},
    {"multipleLookupValues",  LIST_OF,   {CELL_TEXT, 1, "string"}},
    {"lookup",                LIST_OF,   {CELL_TEXT, 1, "string"}},
};
/* clang-format on */

static const struct type text = {CELL_TEXT, 0, "string"};

static lh_str type_name(const lh_json *field)
{
    return H->json_str(H->json_get(field, LHS("type")));
}

static const lh_json *result_of(const lh_json *field)
{
    return H->json_get(H->json_get(field, LHS("options")), LHS("result"));
}

/* Without a result, where the formula is wrong, what there is will be text. */
static struct type type_at(const lh_json *field, int depth)
{
    lh_str name = type_name(field);
    const lh_json *result = result_of(field);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct type type = types[i].type;

        if (!lhs_eq(name, lhs_z(types[i].airtable)))
            continue;
        if (types[i].how == AT && lhs_eq(type_name(result), LHS("date")))
            return (struct type){CELL_AS_IS, 0, "date"};
        if (types[i].how == BY_RESULT || types[i].how == LIST_OF)
            if (H->json_kind(result) == LH_JSON_OBJECT && depth < MOST_RESULTS)
                type = type_at(result, depth + 1);
        type.is_list = type.is_list || types[i].how == LIST_OF;
        return type;
    }
    return text;
}

struct type airtable_type(const lh_json *field)
{
    return type_at(field, 0);
}

/* --- cells ------------------------------------------------------------------------------------ */

/* {"error": "#ERROR!"}, {"specialValue": "NaN"}; and what stands for records. */
static void put_object(lh_out *o, enum cell cell, const lh_json *value)
{
    const lh_json *special = H->json_get(value, LHS("specialValue"));

    if (H->json_get(value, LHS("error")))
        H->out_json(o, NULL);
    else if (special && cell == CELL_NUMBER)
        H->out_json(o, special);
    else if (special)
        H->out_json(o, NULL);
    else if (cell == CELL_LINK && H->json_get(value, LHS("id")))
        H->out_json(o, H->json_get(value, LHS("id")));
    else if (cell == CELL_TEXT)
        H->out_str(o, H->json_raw(value));
    else
        H->out_json(o, value);
}

/* What is not of the type stays as it is, for the host to count. */
static void put_one(lh_out *o, enum cell cell, const lh_json *value)
{
    switch (H->json_kind(value)) {
    case LH_JSON_OBJECT:
        put_object(o, cell, value);
        return;
    case LH_JSON_ARRAY:
        if (cell == CELL_TEXT)
            H->out_str(o, H->json_raw(value));
        else if (H->json_count(value) == 1 && /* a formula that names a lookup and nothing else */
                 H->json_kind(H->json_next(value, NULL, NULL)) != LH_JSON_ARRAY)
            put_one(o, cell, H->json_next(value, NULL, NULL));
        else
            H->out_json(o, value);
        return;
    case LH_JSON_NUMBER:
    case LH_JSON_TRUE:
    case LH_JSON_FALSE:
        if (cell == CELL_TEXT)
            H->out_str(o, H->json_str(value));
        else
            H->out_json(o, value);
        return;
    default:
        H->out_json(o, value);
    }
}

static void put_list(lh_out *o, enum cell cell, const lh_json *value)
{
    int is_list = H->json_kind(value) == LH_JSON_ARRAY;
    const lh_json *element = NULL;

    if (!is_list && H->json_get(value, LHS("error"))) {
        H->out_json(o, NULL);
        return;
    }
    H->out_begin(o, '[');
    while (is_list && (element = H->json_next(value, element, NULL)))
        put_one(o, cell, element);
    if (!is_list)
        put_one(o, cell, value);
    H->out_end(o);
}

void airtable_put_cell(lh_out *o, const struct type *type, const lh_json *value)
{
    int is_empty = H->json_kind(value) <= LH_JSON_NULL;

    if (is_empty && type->cell == CELL_CHECK && !type->is_list)
        H->out_raw(o, LHS("false"));
    else if (is_empty)
        H->out_json(o, NULL);
    else if (type->is_list)
        put_list(o, type->cell, value);
    else
        put_one(o, type->cell, value);
}

/* --- for people ------------------------------------------------------------------------------- */

/* What a number is: "currency EUR, 2 digits shown". */
static lh_str details(lh_call *c, const lh_json *field)
{
    const lh_json *options = H->json_get(field, LHS("options"));
    lh_str symbol = H->json_str(H->json_get(options, LHS("symbol")));
    lh_str duration = H->json_str(H->json_get(options, LHS("durationFormat")));
    int64_t digits;

    if (duration.n)
        return LHS(" in seconds");
    if (H->json_i64(H->json_get(options, LHS("precision")), &digits) || digits < 0 || digits > 99)
        return LHS("");
    return lhs_fmt(H, c, "%s%.*s, precision %d", symbol.n ? " " : "", (int)symbol.n,
                   symbol.n ? symbol.p : "", (int)digits);
}

lh_str airtable_describe(lh_call *c, const lh_json *field)
{
    lh_str name = H->json_str(H->json_get(field, LHS("name")));
    lh_str type = type_name(field);
    lh_str result = type_name(result_of(field));
    lh_str more = details(c, result.n ? result_of(field) : field);
    lh_str about = H->json_str(H->json_get(field, LHS("description")));

    return lhs_fmt(H, c, "%.*s: %.*s%s%.*s%.*s%s%.*s", (int)name.n, name.n ? name.p : "",
                   (int)type.n, type.n ? type.p : "", result.n ? " of " : "", (int)result.n,
                   result.n ? result.p : "", (int)more.n, more.n ? more.p : "", about.n ? "; " : "",
                   (int)about.n, about.n ? about.p : "");
}
