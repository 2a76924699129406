/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of a configuration: an object for each mode, after its slots. It holds what a mapping
 * may hold, so that an editor completes keys and finds wrong ones; what a value may say is the
 * grammar's, and told when the document is read.
 */
#include <stdio.h>
#include <string.h>

#include "compiler/device/device_kind.h"
#include "compiler/yaml/config_yaml.h"
#include "compiler/yaml/slots.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"

static void
put_ref(struct emit *e, const char *key, const char *name)
{
	emit_map(e, key);
	emit_printf(e, "$ref", "#/$defs/%s", name);
	emit_end(e);
}

static void
put_type(struct emit *e, const char *type)
{
	emit_map(e, NULL);
	emit_string(e, "type", type);
	emit_end(e);
}

/* --- slots ------------------------------------------------------------------------------------ */

static const char *
mode_def(uint16_t mode)
{
	return gram_modes[mode].name;
}

/* The containers of a slot: one mode, or one of several. */
static void
put_modes(struct emit *e, const char *key, const struct slot *s)
{
	bool seen[MODE_COUNT] = {false};

	emit_map(e, key);
	emit_list(e, "anyOf");
	for (size_t i = 0; i < s->n; i++) {
		const struct gram_entry *entry = s->entries[i];

		if (entry->verb != VERB_ENTER || seen[entry->target])
			continue;
		seen[entry->target] = true;
		put_ref(e, NULL, mode_def(entry->target));
	}
	emit_map(e, NULL);
	emit_list(e, "type");
	emit_string(e, NULL, "boolean");
	emit_string(e, NULL, "null");
	emit_end(e);
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

static void
put_slot(struct emit *e, const char *key, const struct slot *s)
{
	emit_map(e, key);
	if (*s->help)
		emit_string(e, "description", s->help);
	switch (s->form) {
	case SLOT_VALUE:
		emit_string(e, "$ref", "#/$defs/value");
		break;
	case SLOT_LIST:
		emit_string(e, "$ref", "#/$defs/values");
		break;
	case SLOT_MODE:
		emit_list(e, "anyOf");
		put_ref(e, NULL, mode_def(s->target));
		put_type(e, "boolean");
		put_type(e, "null");
		emit_end(e);
		break;
	case SLOT_NUMBER:
		emit_string(e, "type", "array");
		emit_map(e, "items");
		emit_printf(e, "$ref", "#/$defs/%s-numbered", mode_def(s->target));
		emit_end(e);
		break;
	case SLOT_NAMES:
		emit_string(e, "type", "object");
		put_modes(e, "additionalProperties", s);
	}
	emit_end(e);
}

/* What any mapping may hold. */
static void
put_common(struct emit *e)
{
	put_ref(e, SLOTS_NO, "lines");
	put_ref(e, SLOTS_KEPT, "lines");
	emit_map(e, "<<"); /* a merge */
	emit_end(e);
}

/*
 * Keys below a path: those of its next words, one object in the other. first: the first slot; skip:
 * octets of the path with the blank behind it. number: see put_mode.
 */
static size_t
put_below(struct emit *e, const struct slots *slots, size_t first, size_t skip, const char *number)
{
	size_t i = first;

	emit_map(e, "properties");
	while (i < slots->n && strncmp(slots->at[i].path, slots->at[first].path, skip) == 0) {
		const char *word = slots->at[i].path + skip;
		size_t n = strcspn(word, " ");
		char key[128];

		if (skip && slots->at[i].path[skip - 1] != ' ')
			break;
		memcpy(key, word, n < sizeof(key) - 1 ? n : sizeof(key) - 1);
		key[n < sizeof(key) - 1 ? n : sizeof(key) - 1] = 0;
		if (!word[n]) {
			put_slot(e, key, &slots->at[i++]);
			continue;
		}
		emit_map(e, key);
		emit_string(e, "type", "object");
		i = put_below(e, slots, i, skip + n + 1, NULL);
		emit_bool(e, "additionalProperties", false);
		emit_end(e);
	}
	if (skip == 0)
		put_common(e);
	if (number)
		put_ref(e, number, "number");
	emit_end(e);
	return i;
}

/* number: the key of a numbered container, NULL: it has none. */
static void
put_mode(struct emit *e, const char *name, const struct slots *s, const char *number)
{
	emit_map(e, name);
	if (s->lines) {
		emit_string(e, "$ref", "#/$defs/lines");
		emit_end(e);
		return;
	}
	emit_string(e, "type", "object");
	put_below(e, s, 0, 0, number);
	emit_bool(e, "additionalProperties", false);
	if (number) {
		emit_list(e, "required");
		emit_string(e, NULL, number);
		emit_end(e);
	}
	emit_end(e);
}

/* --- what all of them use --------------------------------------------------------------------- */

static void
put_value_def(struct emit *e)
{
	emit_map(e, "value");
	emit_string(e, "description",
	            "The rest of the command's line; true: nothing more; false: its no");
	emit_list(e, "type");
	emit_string(e, NULL, "string");
	emit_string(e, NULL, "number");
	emit_string(e, NULL, "boolean");
	emit_end(e);
	emit_end(e);
	emit_map(e, "number");
	emit_list(e, "type");
	emit_string(e, NULL, "integer");
	emit_string(e, NULL, "string");
	emit_end(e);
	emit_end(e);
	emit_map(e, "values");
	emit_list(e, "anyOf");
	put_ref(e, NULL, "value");
	emit_map(e, NULL);
	emit_string(e, "type", "array");
	put_ref(e, "items", "value");
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

/* A line, or a container with its lines. */
static void
put_lines_def(struct emit *e)
{
	emit_map(e, "lines");
	emit_string(e, "type", "array");
	emit_map(e, "items");
	emit_list(e, "anyOf");
	put_type(e, "string");
	put_type(e, "number");
	emit_map(e, NULL);
	emit_string(e, "type", "object");
	emit_end(e);
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

/* The modes whose containers are numbered, and the key of the number. */
static void
put_numbered(struct emit *e, const struct slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		const struct slot *s = &slots->at[i];
		char name[128];

		if (s->form != SLOT_NUMBER)
			continue;
		snprintf(name, sizeof(name), "%s-numbered", mode_def(s->target));
		put_mode(e, name, slots_of((enum gram_mode)s->target), s->arg);
	}
}

/* --- topologies ------------------------------------------------------------------------------- */

static void
put_typed(struct emit *e, const char *key, const char *type)
{
	emit_map(e, key);
	emit_string(e, "type", type);
	emit_end(e);
}

static void
put_texts(struct emit *e, const char *key)
{
	emit_map(e, key);
	emit_string(e, "type", "array");
	put_typed(e, "items", "string");
	emit_end(e);
}

static void
put_any_of_configs(struct emit *e)
{
	emit_list(e, "anyOf");
	for (size_t i = 0; device_kinds[i]; i++)
		put_ref(e, NULL, mode_def(device_kinds[i]->config));
	put_type(e, "null");
	emit_end(e);
}

static void
put_node_def(struct emit *e)
{
	emit_map(e, "lab-node");
	emit_list(e, "type");
	emit_string(e, NULL, "object");
	emit_string(e, NULL, "null");
	emit_end(e);
	emit_bool(e, "additionalProperties", false);
	emit_map(e, "properties");
	emit_map(e, "kind");
	emit_list(e, "enum");
	for (size_t i = 0; device_kinds[i]; i++)
		emit_string(e, NULL, device_kinds[i]->name);
	emit_end(e);
	emit_end(e);
	emit_map(e, "interfaces");
	emit_string(e, "type", "object");
	emit_map(e, "additionalProperties");
	emit_list(e, "type");
	emit_string(e, NULL, "string");
	emit_string(e, NULL, "null"); /* without an address */
	emit_end(e);
	emit_end(e);
	emit_end(e);
	put_texts(e, "routes");
	put_typed(e, "startup", "string");
	put_typed(e, "keys", "string");
	emit_map(e, "config");
	put_any_of_configs(e);
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

static void
put_link_def(struct emit *e)
{
	emit_map(e, "lab-link");
	emit_list(e, "anyOf");
	emit_map(e, NULL);
	emit_string(e, "type", "array");
	put_typed(e, "items", "string");
	emit_end(e);
	emit_map(e, NULL);
	emit_string(e, "type", "object");
	emit_bool(e, "additionalProperties", false);
	emit_map(e, "properties");
	put_texts(e, "ends");
	put_typed(e, "name", "string");
	put_typed(e, "latency", "integer");
	emit_end(e);
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

static void
put_lab(struct emit *e)
{
	emit_string(e, "type", "object");
	emit_bool(e, "additionalProperties", false);
	emit_map(e, "properties");
	put_typed(e, "name", "string");
	put_typed(e, "clock", "string");
	emit_map(e, "nodes");
	emit_string(e, "type", "object");
	put_ref(e, "additionalProperties", "lab-node");
	emit_end(e);
	emit_map(e, "links");
	emit_string(e, "type", "array");
	put_ref(e, "items", "lab-link");
	emit_end(e);
	emit_map(e, "aliases");
	emit_string(e, "type", "object");
	emit_map(e, "additionalProperties");
	emit_string(e, "type", "array");
	put_typed(e, "items", "string");
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

void
config_schema(bool lab, struct text *out)
{
	struct emit *e = emit_new(EMIT_JSON, out);

	emit_map(e, NULL);
	emit_string(e, "$schema", DRAFT);
	/* What editors know it by when it is in several files. */
	emit_printf(e, "$id", "urn:testudo:schema:%s", lab ? "lab" : "configuration");
	emit_string(e, "title", lab ? "A lab" : "A device's configuration");
	if (lab)
		put_lab(e);
	else
		put_any_of_configs(e);
	emit_map(e, "$defs");
	put_value_def(e);
	put_lines_def(e);
	put_node_def(e);
	put_link_def(e);
	for (int i = 0; i < MODE_COUNT; i++) {
		if (!gram_modes[i].config)
			continue;
		put_mode(e, gram_modes[i].name, slots_of((enum gram_mode)i), NULL);
		put_numbered(e, slots_of((enum gram_mode)i));
	}
	emit_free(e);
}
