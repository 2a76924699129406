/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Document to lines: see config_yaml.h. Keys are checked against the slots, and so are containers,
 * which decide what may stand in them; what a value says is checked when its line is taken.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <yaml.h>

#include "compiler/base/octets.h"
#include "compiler/yaml/config_yaml.h"
#include "compiler/yaml/config_yaml_parts.h"
#include "compiler/yaml/slots.h"

#define CANDIDATES_MAX 512
#define SHOWN_MAX      80 /* octets of a key in a message */

struct reader {
	yaml_document_t *doc;
	struct config_lines *lines;
	struct diag_list *diags;
	struct arena *arena;
	enum gram_mode root;
	unsigned depth, modes; /* of mappings and sequences; of modes */
	size_t visited;
	bool failed, full, quiet; /* quiet: repeated keys have been told */
};

/* Where in the document the reader is. */
struct place {
	const struct place *above;
	const char *key; /* NULL: an element of a sequence */
	size_t index;
};

static void read_mode(struct reader *r, const struct place *at, enum gram_mode mode,
                      const yaml_node_t *node, const char *number);

/* --- saying what is wrong --------------------------------------------------------------------- */

static const char *
path_of(struct reader *r, const struct place *p)
{
	const char *above;

	if (!p)
		return "";
	above = path_of(r, p->above);
	if (!p->key)
		return arena_printf(r->arena, "%s[%zu]", above, p->index);
	return arena_printf(r->arena, "%s%s%.*s", above, *above ? "." : "", SHOWN_MAX, p->key);
}

static void __attribute__((format(printf, 5, 6)))
report_wrong(struct reader *r, const struct place *at, const yaml_node_t *node, const char *suggest,
             const char *format, ...)
{
	const char *path = path_of(r, at);
	struct diag d = {.severity = DIAG_ERROR,
	                 .id = "yaml",
	                 .line = (unsigned)node->start_mark.line + 1,
	                 .column = (unsigned)node->start_mark.column + 1,
	                 .text = "",
	                 .suggest = suggest ? suggest : ""};
	char message[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	d.message = arena_printf(r->arena, "%s%s%s", path, *path ? ": " : "", message);
	if (node->end_mark.line == node->start_mark.line)
		d.length = (unsigned)(node->end_mark.column - node->start_mark.column);
	diag_add(r->diags, &d);
	r->failed = true;
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool
has_room(struct reader *r, const struct place *at, const yaml_node_t *node)
{
	if (r->full)
		return false;
	if (r->lines->n < CONFIG_YAML_LINES_MAX && r->lines->text.n < CONFIG_YAML_MAX)
		return true;
	report_wrong(r, at, node, NULL,
	             "the document stands for more than a configuration may hold");
	r->full = true;
	return false;
}

static void
mark_line(struct reader *r, const struct place *at, const yaml_node_t *node)
{
	struct config_lines *l = r->lines;

	x_grow(&l->marks, &l->capacity, l->n + 1, sizeof(*l->marks));
	l->marks[l->n++] = (struct config_mark){.line = (unsigned)node->start_mark.line + 1,
	                                        .column = (unsigned)node->start_mark.column + 1,
	                                        .path = arena_strdup(l->arena, path_of(r, at))};
}

/*
 * Is the text enclosed by a delimiter, one that stands nowhere else in it? A letter delimits only
 * what ^C cannot.
 */
static bool
is_delimited(const char *text)
{
	size_t n = strncmp(text, "^C", 2) == 0 ? 2 : 1, length = strlen(text);
	char end[3] = "";

	if (length < 2 * n || (isalnum((unsigned char)*text) && !strstr(text, "^C")))
		return false;
	memcpy(end, text, n);
	return strstr(text + n, end) == text + length - n;
}

/* The text of a line that is a banner of a router; NULL: it is none. */
static const char *
banner_text(const struct reader *r, const char *line)
{
	static const char *const kinds[] = {"exec ", "incoming ",       "login ",
	                                    "motd ", "prompt-timeout ", "slip-ppp "};

	if (r->modes || r->root != MODE_CONFIG || strncmp(line, "banner ", 7) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(line + 7, kinds[i], strlen(kinds[i])) == 0)
			return line + 7 + strlen(kinds[i]);
	return NULL;
}

/* A banner gets the delimiters that its text has not; false: each that there is stands in it. */
static bool
delimit_banner(const struct reader *r, char **line)
{
	static const char *const ends[] = {"^C", "#", "%", "$", "~", "@", "|", "+", "=", "/"};
	const char *text = banner_text(r, *line);

	if (!text || !*text || is_delimited(text))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (!strstr(text, ends[i])) {
			char *full = x_asprintf("%.*s%s%s%s", (int)(text - *line), *line, ends[i],
			                        text, ends[i]);

			free(*line);
			*line = full;
			return true;
		}
	return false;
}

/* A line, or several where a text has line ends in it (a banner). */
static void
put_line(struct reader *r, const struct place *at, const yaml_node_t *node, const char *line)
{
	struct text *t = &r->lines->text;
	char *octets;

	if (!has_room(r, at, node))
		return;
	octets = utf8_to_octets(line);
	for (size_t end = strlen(octets); end && octets[end - 1] == '\n'; end--)
		octets[end - 1] = 0;
	if (!delimit_banner(r, &octets)) {
		report_wrong(r, at, node, NULL,
		             "no delimiter is left for this banner: write it with one");
	} else if (octets[strcspn(octets, "\r\n")] && strncmp(octets, "banner ", 7) != 0) {
		report_wrong(r, at, node, NULL,
		             "has line ends in it, which only a banner may have");
	} else {
		text_printf(t, "%*s", (int)r->modes, "");
		text_line(t, octets);
		mark_line(r, at, node);
		for (const char *c = octets; (c = strchr(c, '\n')); c++)
			mark_line(r, at, node);
	}
	explicit_bzero(octets, strlen(octets));
	free(octets);
}

/* "PATH REST", in the arena. */
static const char *
join_words(struct reader *r, const char *path, const char *rest)
{
	return arena_printf(r->arena, "%s%s%s", path, *path && *rest ? " " : "", rest);
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* An alias that leads to itself, or to much too much, ends here. */
static bool
enter_node(struct reader *r, const struct place *at, const yaml_node_t *node)
{
	if (r->full)
		return false;
	if (r->depth >= CONFIG_YAML_DEPTH_MAX) {
		report_wrong(r, at, node, NULL, "nested too deeply");
		return false;
	}
	if (++r->visited > 4 * CONFIG_YAML_LINES_MAX) {
		report_wrong(r, at, node, NULL, "aliases make this document too large");
		r->full = true;
		return false;
	}
	r->depth++;
	return true;
}

static void
leave_node(struct reader *r)
{
	r->depth--;
}

static const yaml_node_t *
node_at(const struct reader *r, int id)
{
	return yaml_document_get_node(r->doc, id);
}

/* NULL after saying that it is no text. */
static const char *
text_of(struct reader *r, const struct place *at, const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE) {
		report_wrong(r, at, node, NULL, "a text belongs here, not a %s",
		             node->type == YAML_MAPPING_NODE ? "mapping" : "sequence");
		return NULL;
	}
	if (strlen(text) != node->data.scalar.length) {
		report_wrong(r, at, node, NULL, "holds a NUL");
		return NULL;
	}
	return text;
}

enum meaning { MEANS_TEXT, MEANS_TRUE, MEANS_FALSE, MEANS_NULL };

/* What a plain scalar says (YAML 1.2); in quotes it is a text. */
static enum meaning
meaning_of(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return MEANS_TEXT;
	if (!strcasecmp(text, "true"))
		return MEANS_TRUE;
	if (!strcasecmp(text, "false"))
		return MEANS_FALSE;
	return !*text || !strcmp(text, "~") || !strcasecmp(text, "null") ? MEANS_NULL : MEANS_TEXT;
}

/* Did the key stand in the mapping before? Each key is looked at once: by sorting. */
struct named {
	const char *key;
	const yaml_node_t *node;
};

static int
by_key(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order ? order
	             : (x->node->start_mark.index > y->node->start_mark.index) -
	                   (x->node->start_mark.index < y->node->start_mark.index);
}

static void
refuse_repeats(struct reader *r, const struct place *at, const yaml_node_t *map)
{
	size_t most = (size_t)(map->data.mapping.pairs.top - map->data.mapping.pairs.start), n = 0;
	struct named *keys = x_alloc((most + 1) * sizeof(*keys));

	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = node_at(r, p->key);

		if (k->type == YAML_SCALAR_NODE)
			keys[n++] = (struct named){(const char *)k->data.scalar.value, k};
	}
	qsort(keys, n, sizeof(*keys), by_key);
	for (size_t i = 1; i < n; i++) {
		const struct place here = {at, keys[i].key, 0};

		if (strcmp(keys[i].key, keys[i - 1].key) == 0)
			report_wrong(r, &here, keys[i].node, NULL, "stands here twice");
	}
	free(keys);
}

typedef void pair_fn(struct reader *r, const struct place *at, const char *key,
                     const yaml_node_t *key_node, const yaml_node_t *value, void *arg);

/* Calls fn for each pair; `<<` brings in another mapping's pairs that are not here. */
static bool
has_key(struct reader *r, const yaml_node_t *map, const char *key)
{
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = node_at(r, p->key);

		if (k->type == YAML_SCALAR_NODE && !strcmp((const char *)k->data.scalar.value, key))
			return true;
	}
	return false;
}

static void
each_pair(struct reader *r, const struct place *at, const yaml_node_t *map, const yaml_node_t *over,
          pair_fn *fn, void *arg)
{
	if (!enter_node(r, at, map))
		return;
	if (!r->quiet)
		refuse_repeats(r, at, map);
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top && !r->full; p++) {
		const yaml_node_t *k = node_at(r, p->key), *v = node_at(r, p->value);
		const char *key = text_of(r, at, k);
		const struct place here = {at, key, 0};

		if (!key || (over && has_key(r, over, key)))
			continue;
		if (strcmp(key, "<<") == 0 && v->type == YAML_MAPPING_NODE)
			each_pair(r, at, v, map, fn, arg);
		else
			fn(r, &here, key, k, v, arg);
	}
	leave_node(r);
}

/* A sequence's elements; anything else is the only one. */
static void
each_element(struct reader *r, const struct place *at, const yaml_node_t *node,
             void (*fn)(struct reader *r, const struct place *at, const yaml_node_t *node,
                        void *arg),
             void *arg)
{
	struct place here = {at, NULL, 0};

	if (node->type != YAML_SEQUENCE_NODE) {
		fn(r, at, node, arg);
		return;
	}
	if (!enter_node(r, at, node))
		return;
	for (const yaml_node_item_t *i = node->data.sequence.items.start;
	     i < node->data.sequence.items.top && !r->full; i++, here.index++)
		fn(r, &here, node_at(r, *i), arg);
	leave_node(r);
}

/* --- containers ------------------------------------------------------------------------------- */

/* The mode that a container's line opens; false after saying that it opens none. */
static bool
opens_mode(struct reader *r, const struct place *at, const yaml_node_t *node, enum gram_mode mode,
           const char *line, enum gram_mode *ret)
{
	/* As it will be typed: indented, which tells a mode's line from a global one. */
	char *octets = utf8_to_octets(arena_printf(r->arena, "%*s%s", (int)r->modes, "", line));
	struct command cmd;
	size_t column;
	bool fine = command_parse(mode, octets, r->arena, &cmd, &column) == PARSE_OK &&
	            (cmd.entry->verb == VERB_ENTER || cmd.entry->kept) && !cmd.no && !cmd.dflt;

	if (!fine)
		report_wrong(r, at, node, NULL, "\"%.*s\" is no command with others in it",
		             SHOWN_MAX, line);
	else /* what is only kept may have others below it, of the same kind */
		*ret = cmd.entry->verb == VERB_ENTER ? (enum gram_mode)cmd.entry->target
		                                     : MODE_KEPT_LINE;
	free(octets);
	return fine;
}

static void
read_container(struct reader *r, const struct place *at, const yaml_node_t *key, const char *line,
               enum gram_mode target, const yaml_node_t *value)
{
	put_line(r, at, key, line);
	r->modes++;
	if (meaning_of(value) == MEANS_TEXT)
		read_mode(r, at, target, value, NULL);
	r->modes--;
}

/* --- lines that are no keys ------------------------------------------------------------------- */

struct in_mode {
	enum gram_mode mode;
	const struct slot *slot;
	const char *path;   /* so far */
	const char *number; /* the key that holds the container's number; NULL: none */
};

static void
read_line_container(struct reader *r, const struct place *at, const char *key,
                    const yaml_node_t *key_node, const yaml_node_t *value, void *arg)
{
	const struct in_mode *in = arg;
	enum gram_mode target;

	if (opens_mode(r, at, key_node, in->mode, key, &target))
		read_container(r, at, key_node, key, target, value);
}

static void
read_line(struct reader *r, const struct place *at, const yaml_node_t *node, void *arg)
{
	if (node->type == YAML_MAPPING_NODE) {
		each_pair(r, at, node, NULL, read_line_container, arg);
	} else {
		const char *text = text_of(r, at, node);

		if (text && !*text)
			report_wrong(r, at, node, NULL, "is empty; a line belongs here");
		else if (text)
			put_line(r, at, node, text);
	}
}

static void
read_no(struct reader *r, const struct place *at, const yaml_node_t *node, void *arg)
{
	const char *text = text_of(r, at, node);

	(void)arg;
	if (text)
		put_line(r, at, node, join_words(r, "no", text));
}

/* --- slots ------------------------------------------------------------------------------------ */

static void
read_value(struct reader *r, const struct place *at, const yaml_node_t *node, void *arg)
{
	const struct slot *s = ((const struct in_mode *)arg)->slot;
	const char *text;

	switch (meaning_of(node)) {
	case MEANS_TRUE:
		put_line(r, at, node, s->path);
		break;
	case MEANS_FALSE:
		put_line(r, at, node, join_words(r, "no", s->path));
		break;
	case MEANS_NULL:
		report_wrong(r, at, node, NULL,
		             "has no value; true for the command alone, false for its no");
		break;
	case MEANS_TEXT:
		text = text_of(r, at, node);
		if (text)
			put_line(r, at, node, join_words(r, s->path, text));
	}
}

/* A container that is no mode to type in: each of its lines has the container's words before it. */
static void
read_flat(struct reader *r, const struct place *at, const yaml_node_t *node, void *arg)
{
	const char *text = text_of(r, at, node);

	if (text)
		put_line(r, at, node, join_words(r, arg, text));
}

static void
read_name(struct reader *r, const struct place *at, const char *key, const yaml_node_t *key_node,
          const yaml_node_t *value, void *arg)
{
	const struct in_mode *in = arg;
	const char *line = join_words(r, in->slot->path, key);
	enum gram_mode target;

	if (meaning_of(value) == MEANS_TRUE)
		put_line(r, at, key_node, line);
	else if (meaning_of(value) == MEANS_FALSE)
		put_line(r, at, key_node, join_words(r, "no", line));
	else if (in->slot->entries[0]->flat)
		each_element(r, at, value, read_flat, (void *)line);
	else if (opens_mode(r, at, key_node, in->mode, line, &target))
		read_container(r, at, key_node, line, target, value);
}

static void
find_number(struct reader *r, const struct place *at, const char *key, const yaml_node_t *key_node,
            const yaml_node_t *value, void *arg)
{
	const char **number = arg;

	(void)key_node;
	if (strcmp(key, number[0]) == 0)
		number[1] = text_of(r, at, value);
}

static void
read_number(struct reader *r, const struct place *at, const yaml_node_t *node, void *arg)
{
	const struct slot *s = ((const struct in_mode *)arg)->slot;
	const char *number[2] = {s->arg, NULL};

	if (node->type != YAML_MAPPING_NODE) {
		report_wrong(r, at, node, NULL,
		             "a mapping with \"%s\" and what is configured belongs here", s->arg);
		return;
	}
	r->quiet = true;
	each_pair(r, at, node, NULL, find_number, number);
	r->quiet = false;
	if (!number[1]) {
		report_wrong(r, at, node, s->arg, "lacks its \"%s\"", s->arg);
		return;
	}
	put_line(r, at, node, join_words(r, s->path, number[1]));
	r->modes++;
	read_mode(r, at, (enum gram_mode)s->target, node, s->arg);
	r->modes--;
}

static void
read_slot(struct reader *r, const struct place *at, struct in_mode *in, const yaml_node_t *key,
          const yaml_node_t *value)
{
	const struct slot *s = in->slot;

	switch (s->form) {
	case SLOT_VALUE:
		read_value(r, at, value, in);
		break;
	case SLOT_LIST:
		each_element(r, at, value, read_value, in);
		break;
	case SLOT_NUMBER:
		if (value->type == YAML_SEQUENCE_NODE)
			each_element(r, at, value, read_number, in);
		else
			report_wrong(r, at, value, NULL, "a sequence belongs here");
		break;
	case SLOT_MODE:
		if (meaning_of(value) == MEANS_FALSE)
			put_line(r, at, key, join_words(r, "no", s->path));
		else
			read_container(r, at, key, s->path, (enum gram_mode)s->target, value);
		break;
	case SLOT_NAMES:
		if (value->type != YAML_MAPPING_NODE)
			report_wrong(r, at, value, NULL, "a mapping by name belongs here");
		else
			each_pair(r, at, value, NULL, read_name, in);
	}
}

/* --- keys ------------------------------------------------------------------------------------- */

static void
unknown_key(struct reader *r, const struct place *at, const struct in_mode *in,
            const yaml_node_t *key_node)
{
	const struct slots *slots = slots_of(in->mode);
	const char *known[CANDIDATES_MAX], *near;
	size_t n = 0, length = strlen(in->path);

	if (!*in->path) {
		known[n++] = SLOTS_NO;
		known[n++] = SLOTS_KEPT;
	}
	for (size_t i = 0; i < slots->n && n < CANDIDATES_MAX; i++) {
		const char *word = slots->at[i].path;

		if (length && (strncmp(word, in->path, length) != 0 || word[length] != ' '))
			continue;
		word += length + (length > 0);
		known[n++] = arena_printf(r->arena, "%.*s", (int)strcspn(word, " "), word);
	}
	near = diag_nearest(at->key, known, n);
	if (near)
		report_wrong(r, at, key_node, near, "unknown key; did you mean \"%s\"?", near);
	else
		report_wrong(r, at, key_node, NULL, "unknown key");
}

static void
read_key(struct reader *r, const struct place *at, const char *key, const yaml_node_t *key_node,
         const yaml_node_t *value, void *arg)
{
	const struct in_mode *above = arg;
	const struct slots *slots = slots_of(above->mode);
	struct in_mode in = {.mode = above->mode, .path = join_words(r, above->path, key)};

	if (above->number && strcmp(key, above->number) == 0)
		return;
	in.slot = *key && !strchr(key, ' ') ? slots_find(slots, in.path) : NULL;
	if (in.slot) {
		read_slot(r, at, &in, key_node, value);
	} else if (!*above->path && strcmp(key, SLOTS_NO) == 0) {
		each_element(r, at, value, read_no, NULL);
	} else if (!*above->path && strcmp(key, SLOTS_KEPT) == 0) {
		each_element(r, at, value, read_line, &in);
	} else if (*key && slots_below(slots, in.path)) {
		if (value->type == YAML_MAPPING_NODE)
			each_pair(r, at, value, NULL, read_key, &in);
		else
			report_wrong(r, at, value, NULL, "a mapping belongs here");
	} else {
		unknown_key(r, at, above, key_node);
	}
}

/* The value of a container. */
static void
read_mode(struct reader *r, const struct place *at, enum gram_mode mode, const yaml_node_t *node,
          const char *number)
{
	struct in_mode in = {.mode = mode, .path = "", .number = number};

	if (slots_of(mode)->lines) {
		if (node->type == YAML_SEQUENCE_NODE)
			each_element(r, at, node, read_line, &in);
		else
			report_wrong(r, at, node, NULL, "a sequence of lines belongs here");
	} else if (node->type == YAML_MAPPING_NODE) {
		each_pair(r, at, node, NULL, read_key, &in);
	} else {
		report_wrong(r, at, node, NULL, "a mapping belongs here");
	}
}

/* --- documents -------------------------------------------------------------------------------- */

bool
config_read_node(enum gram_mode root, yaml_document_t *doc, const yaml_node_t *node,
                 const char *key, struct config_lines *ret, struct diag_list *diags)
{
	struct reader r = {
	    .doc = doc, .lines = ret, .diags = diags, .arena = arena_new(), .root = root};
	const struct place at = {NULL, key, 0};

	if (!ret->arena)
		ret->arena = arena_new();
	if (meaning_of(node) == MEANS_TEXT)
		read_mode(&r, key ? &at : NULL, root, node, NULL);
	arena_free(r.arena);
	return !r.failed;
}

static void
report_broken(struct diag_list *diags, yaml_mark_t at, const char *what, const char *more)
{
	char message[256];
	struct diag d = {.severity = DIAG_ERROR,
	                 .id = "yaml",
	                 .line = (unsigned)at.line + 1,
	                 .column = (unsigned)at.column + 1,
	                 .text = "",
	                 .message = message,
	                 .suggest = ""};

	snprintf(message, sizeof(message), "no YAML: %s%s%s", what, *more ? ", " : "", more);
	diag_add(diags, &d);
}

static int
step_of(yaml_event_type_t type)
{
	return type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT ? 1
	       : type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT   ? -1
	                                                                             : 0;
}

bool
config_yaml_too_deep(const char *text, size_t n, size_t *ret_line, size_t *ret_column)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int depth = 0;
	bool over = false;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	while (!over && depth <= CONFIG_YAML_NEST_MAX && yaml_parser_parse(&parser, &event)) {
		depth += step_of(event.type);
		over = event.type == YAML_STREAM_END_EVENT;
		*ret_line = event.start_mark.line;
		*ret_column = event.start_mark.column;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return depth > CONFIG_YAML_NEST_MAX;
}

/* One document is a configuration; two are too many. */
static bool
document_ends(yaml_parser_t *parser, struct diag_list *diags)
{
	yaml_document_t next;
	const yaml_node_t *root;
	bool over;

	if (!yaml_parser_load(parser, &next)) {
		report_broken(diags, parser->problem_mark, parser->problem ? parser->problem : "?",
		              "");
		return false;
	}
	root = yaml_document_get_root_node(&next);
	over = !root;
	if (root)
		report_broken(diags, root->start_mark, "a second document; one is a configuration",
		              "");
	yaml_document_delete(&next);
	return over;
}

bool
config_read(enum gram_mode root, const char *text, size_t n, struct config_lines *ret,
            struct diag_list *diags)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	yaml_mark_t deep = {0};
	bool fine = false;

	*ret = (struct config_lines){.arena = arena_new()};
	if (config_yaml_too_deep(text, n, &deep.line, &deep.column)) {
		report_broken(diags, deep, "it is nested too deep", "");
		return false;
	}
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	if (!yaml_parser_load(&parser, &doc)) {
		report_broken(diags, parser.problem_mark, parser.problem ? parser.problem : "?",
		              parser.context ? parser.context : "");
	} else {
		const yaml_node_t *top = yaml_document_get_root_node(&doc);

		fine = !top || config_read_node(root, &doc, top, NULL, ret, diags);
		fine = document_ends(&parser, diags) && fine;
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	return fine;
}

void
config_lines_fini(struct config_lines *l)
{
	text_fini(&l->text);
	free(l->marks);
	if (l->arena)
		arena_free(l->arena);
	*l = (struct config_lines){0};
}

bool
config_is_yaml(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcasecmp(dot, ".yaml") || !strcasecmp(dot, ".yml"));
}
