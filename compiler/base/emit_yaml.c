/* SPDX-License-Identifier: Apache-2.0 */
/* YAML by libyaml: see emit.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "compiler/base/emit_parts.h"

struct yaml {
	yaml_emitter_t emitter;
	struct text *out;
};

static int
take_text(void *arg, unsigned char *text, size_t n)
{
	text_add(((struct yaml *)arg)->out, (const char *)text, n);
	return 1;
}

/* libyaml fails for want of memory only: text is UTF-8 and events are in order. */
static void
put_event(struct yaml *y, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(&y->emitter, event))
		abort();
}

static void *
yaml_start(struct text *out)
{
	struct yaml *y = x_alloc(sizeof(*y));
	yaml_event_t event;

	y->out = out;
	if (!yaml_emitter_initialize(&y->emitter))
		abort();
	yaml_emitter_set_output(&y->emitter, take_text, y);
	yaml_emitter_set_unicode(&y->emitter, 1);
	yaml_emitter_set_width(&y->emitter, -1);
	put_event(y, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	put_event(y, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	return y;
}

/*
 * A string that a reader would take for something else (a number, true, no, null; YAML 1.1 too, as
 * most readers are) is quoted.
 */
static bool
looks_plain(const char *s, size_t n)
{
	static const char *const words[] = {"~",  "null", "true", "false", "yes",
	                                    "no", "on",   "off",  "y",     "n"};

	if (n == 0 || (strchr("+-.0123456789", *s) && (!strchr(s, ' ') || strchr(s, '-'))))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(words[i], s) == 0)
			return true;
	return strchr("=<", *s) != NULL;
}

static void
put_scalar(struct yaml *y, const char *value, size_t n, bool plain)
{
	yaml_scalar_style_t style = plain                   ? YAML_PLAIN_SCALAR_STYLE
	                            : strchr(value, '\n')   ? YAML_LITERAL_SCALAR_STYLE
	                            : looks_plain(value, n) ? YAML_SINGLE_QUOTED_SCALAR_STYLE
	                                                    : YAML_ANY_SCALAR_STYLE;
	yaml_event_t event;

	put_event(y, &event,
	          yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)value,
	                                       (int)n, 1, 1, style));
}

static void
put_key(struct yaml *y, const char *key)
{
	if (key)
		put_scalar(y, key, strlen(key), false);
}

static void
yaml_open(void *state, const char *key, bool list)
{
	struct yaml *y = state;
	yaml_event_t event;

	put_key(y, key);
	if (list)
		put_event(y, &event,
		          yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
		                                               YAML_BLOCK_SEQUENCE_STYLE));
	else
		put_event(y, &event,
		          yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
		                                              YAML_BLOCK_MAPPING_STYLE));
}

static void
yaml_close(void *state, bool list)
{
	struct yaml *y = state;
	yaml_event_t event;

	if (list)
		put_event(y, &event, yaml_sequence_end_event_initialize(&event));
	else
		put_event(y, &event, yaml_mapping_end_event_initialize(&event));
}

static void
yaml_put(void *state, const char *key, const char *value, size_t n, bool plain)
{
	put_key(state, key);
	put_scalar(state, value, n, plain);
}

static void
yaml_finish(void *state)
{
	struct yaml *y = state;
	yaml_event_t event;

	put_event(y, &event, yaml_document_end_event_initialize(&event, 1));
	put_event(y, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&y->emitter);
	free(y);
}

const struct emit_ops emit_yaml_ops = {yaml_start, yaml_open, yaml_close, yaml_put, yaml_finish};
