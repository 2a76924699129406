/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, indented by two: see emit.h. RFC 8259. */
#include <stdlib.h>
#include <string.h>

#include "compiler/base/emit_parts.h"

struct json {
	struct text *out;
	unsigned depth;
	bool empty; /* nothing stands yet in what was opened last */
};

static void *
json_start(struct text *out)
{
	struct json *j = x_alloc(sizeof(*j));

	*j = (struct json){.out = out, .empty = true};
	return j;
}

static void
write_string(struct text *out, const char *s, size_t n)
{
	text_puts(out, "\"");
	for (size_t i = 0, plain; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		for (plain = i; plain < n && (unsigned char)s[plain] >= 0x20 && s[plain] != '"' &&
		                s[plain] != '\\' && s[plain] != 0x7f;
		     plain++)
			;
		if (plain > i) {
			text_add(out, s + i, plain - i);
			i = plain - 1;
		} else if (c == '"' || c == '\\') {
			text_printf(out, "\\%c", c);
		} else if (c == '\n') {
			text_puts(out, "\\n");
		} else if (c == '\t') {
			text_puts(out, "\\t");
		} else {
			text_printf(out, "\\u%04x", c);
		}
	}
	text_puts(out, "\"");
}

static void
new_line(struct json *j)
{
	text_printf(j->out, "\n%*s", (int)(2 * j->depth), "");
}

static void
begin_value(struct json *j, const char *key)
{
	if (!j->empty)
		text_puts(j->out, ",");
	if (j->depth)
		new_line(j);
	j->empty = false;
	if (key) {
		write_string(j->out, key, strlen(key));
		text_puts(j->out, ": ");
	}
}

static void
json_open(void *state, const char *key, bool list)
{
	struct json *j = state;

	begin_value(j, key);
	text_puts(j->out, list ? "[" : "{");
	j->depth++;
	j->empty = true;
}

static void
json_close(void *state, bool list)
{
	struct json *j = state;

	j->depth--;
	if (!j->empty)
		new_line(j);
	text_puts(j->out, list ? "]" : "}");
	j->empty = false;
}

static void
json_scalar(void *state, const char *key, const char *value, size_t n, bool plain)
{
	struct json *j = state;

	begin_value(j, key);
	if (plain)
		text_add(j->out, value, n);
	else
		write_string(j->out, value, n);
}

static void
json_finish(void *state)
{
	struct json *j = state;

	text_puts(j->out, "\n");
	free(j);
}

const struct emit_ops emit_json_ops = {json_start, json_open, json_close, json_scalar, json_finish};
