/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values and builders as connectors use them: out_* of the host's table, and the same out of
 * records of a worker. One set of functions for the host in both modes, and for the worker.
 */
#ifndef LH_PLUGIN_BUILD_H
#define LH_PLUGIN_BUILD_H

#include "worker/frames.h"
#include "json/json.h"

/*
 * json_parse: scans into the next of the call's documents. NULL with e set: LH_FAILED for a bound,
 * LH_INVALID for what is no JSON.
 */
const lh_json *lh_build_parse(struct lh_json_doc **docs, size_t *n_docs, size_t *doc_bytes,
                              lh_str text, struct lh_error *e);

int lh_service_json_i64(const lh_json *v, int64_t *ret);
void lh_service_out_begin(lh_out *o, int brace);
void lh_service_out_end(lh_out *o);
void lh_service_out_key(lh_out *o, lh_str key);
void lh_service_out_str(lh_out *o, lh_str utf8);
void lh_service_out_i64(lh_out *o, int64_t value);
void lh_service_out_raw(lh_out *o, lh_str json);
void lh_service_out_json(lh_out *o, const lh_json *v);
void lh_service_out_members(lh_out *o, const lh_json *object, const lh_str *except,
                            size_t n_except);
const lh_json *lh_service_out_done(lh_out *o);

/*
 * Executes a record that is about a builder; v is the value that it names. False for other kinds of
 * records.
 */
bool lh_build(lh_out *o, const struct lh_record *record, const struct lh_json *v);

/*
 * Executes the records of a builder that come first, as long as each is whole and its value, if it
 * has one, is a reference that `value` knows (NULL: it does not). How many bytes of records that
 * were; for the next lh_record_get says what it is, or what is wrong with it.
 */
typedef const struct lh_json *lh_build_value(void *arg, uint32_t doc, uint32_t index);
size_t lh_build_quick(lh_out *o, lh_str records, lh_build_value *value, void *arg);

/* A value as those of an answer that was released: it is nothing, until doc is scanned into. */
const struct lh_json *lh_build_nothing(struct lh_json_doc *doc);

#endif
