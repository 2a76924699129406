/* SPDX-License-Identifier: Apache-2.0 */
/* What is common to both forms: see emit.h. */
#include "compiler/base/emit_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/octets.h"

#define DEPTH_MAX 32 /* our own output is never deeper */

struct emit {
	const struct emit_ops *ops;
	void *state;
	bool list[DEPTH_MAX];
	unsigned depth;
};

struct emit *
emit_new(enum emit_form form, struct text *out)
{
	struct emit *e = x_alloc(sizeof(*e));

	e->ops = form == EMIT_JSON ? &emit_json_ops : &emit_yaml_ops;
	e->state = e->ops->start(out);
	return e;
}

void
emit_free(struct emit *e)
{
	while (e->depth)
		emit_end(e);
	e->ops->finish(e->state);
	free(e);
}

static void
open_level(struct emit *e, const char *key, bool list)
{
	if (e->depth == DEPTH_MAX)
		abort();
	e->list[e->depth++] = list;
	e->ops->open(e->state, key, list);
}

void
emit_map(struct emit *e, const char *key)
{
	open_level(e, key, false);
}

void
emit_list(struct emit *e, const char *key)
{
	open_level(e, key, true);
}

void
emit_end(struct emit *e)
{
	e->depth--;
	e->ops->close(e->state, e->list[e->depth]);
}

void
emit_string(struct emit *e, const char *key, const char *value)
{
	struct text t = TEXT_INIT;

	if (!value) {
		emit_null(e, key);
		return;
	}
	while (*value) {
		size_t n = utf8_sequence((const unsigned char *)value);

		if (n)
			text_add(&t, value, n);
		else
			text_puts(&t, "\xef\xbf\xbd");
		value += n ? n : 1;
	}
	e->ops->scalar(e->state, key, text_string(&t), t.n, false);
	text_fini(&t);
}

void
emit_printf(struct emit *e, const char *key, const char *format, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	va_start(ap, format);
	text_vprintf(&t, format, ap);
	va_end(ap);
	emit_string(e, key, text_string(&t));
	text_fini(&t);
}

static void
emit_plain(struct emit *e, const char *key, const char *value)
{
	e->ops->scalar(e->state, key, value, strlen(value), true);
}

void
emit_int(struct emit *e, const char *key, int64_t value)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%" PRId64, value);
	emit_plain(e, key, buf);
}

void
emit_bool(struct emit *e, const char *key, bool value)
{
	emit_plain(e, key, value ? "true" : "false");
}

void
emit_null(struct emit *e, const char *key)
{
	emit_plain(e, key, "null");
}
