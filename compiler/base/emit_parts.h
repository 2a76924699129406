/* SPDX-License-Identifier: Apache-2.0 */
/* The two forms of emit.h: each is told of events, values as their text. */
#ifndef TESTUDO_EMIT_PARTS_H
#define TESTUDO_EMIT_PARTS_H

#include "compiler/base/emit.h"

struct emit_ops {
	void *(*start)(struct text *out);
	void (*open)(void *state, const char *key, bool list);
	void (*close)(void *state, bool list);
	/* plain: a number, true, false or null; else a string */
	void (*scalar)(void *state, const char *key, const char *value, size_t n, bool plain);
	void (*finish)(void *state);
};

extern const struct emit_ops emit_json_ops, emit_yaml_ops;

#endif
