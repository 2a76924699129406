/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structured output for scripts: maps, lists and scalars in the order in which they are given, as
 * JSON (RFC 8259) or as YAML 1.2 (libyaml). A key is given in a map, NULL in a list and at the top.
 */
#ifndef TESTUDO_EMIT_H
#define TESTUDO_EMIT_H

#include "compiler/base/text.h"

enum emit_form { EMIT_JSON, EMIT_YAML };

struct emit;

/* out is the caller's and gets the text at the latest at emit_free. */
struct emit *emit_new(enum emit_form form, struct text *out);
void emit_free(struct emit *e); /* closes what is open */

void emit_map(struct emit *e, const char *key);
void emit_list(struct emit *e, const char *key);
void emit_end(struct emit *e); /* of the innermost map or list */

/* Octets that are no UTF-8 become U+FFFD; NULL is null. */
void emit_string(struct emit *e, const char *key, const char *value);
void emit_printf(struct emit *e, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void emit_int(struct emit *e, const char *key, int64_t value);
void emit_bool(struct emit *e, const char *key, bool value);
void emit_null(struct emit *e, const char *key);

#endif
