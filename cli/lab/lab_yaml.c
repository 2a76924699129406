/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topology files: YAML to struct lab_spec. What a file holds (samples/README.md shows one):
 *
 *   name: routers                    the lab's name; optional
 *   clock: 2012-06-01 12:00:00       when nodes begin, UTC; today at midnight when left out
 *   nodes:                           a mapping, in the order of the consoles
 *     R1:
 *       kind: router                 or asa; router when left out
 *       interfaces:                  a mapping; none: no address
 *         f0/0: 10.1.12.1/24
 *         f0/1: none
 *         Loopback0: 192.168.1.1/32
 *       routes:                      a list
 *         - 192.168.3.3/32 via 10.1.12.2
 *         - default via 10.1.12.2
 *       startup: |                   IOS text, as typed in configuration mode
 *         ip domain-name example.com
 *       config:                      the same as YAML (config_yaml.h), after startup
 *         ip: {domain: {name: example.com}}
 *       keys: |                      key pairs, as an exported lab has them
 *   links:                           a list; a link joins two or more interfaces
 *     - [R1 f0/0, R2 f0/0]
 *     - {ends: [R2 f0/1, R3 f0/0], name: core, latency: 5}     milliseconds; 1 when left out
 *   aliases:                         names in a document that stand for several nodes
 *     Rx: [R3, R4]
 *
 * A key that is not above is an error with its place and the key that was probably meant. Anchors
 * and aliases (&x, *x) are taken; the schema has no recursion, so what they can blow up is bounded
 * by the limits of lab.h.
 */
#include "cli/lab/lab.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <yaml.h>

#include "compiler/policy/prefix.h"
#include "compiler/yaml/config_yaml_parts.h"

#define NAME_MAX_LEN    63
#define STARTUP_MAX     65536
#define KEYS_MAX        262144
#define LATENCY_MAX     60000
#define LATENCY_DEFAULT 1
#define CLOCK_YEAR_MIN  1993 /* as `clock set` has them */
#define CLOCK_YEAR_MAX  2035

struct loader {
	yaml_document_t doc;
	struct lab_spec *spec;
	struct diag_list *diags;
	struct arena *arena;
	bool failed;
};

/* --- saying what is wrong --------------------------------------------------------------------- */

static void
report_at(struct loader *l, yaml_mark_t at, size_t length, const char *suggest, const char *message)
{
	struct diag d = {.severity = DIAG_ERROR,
	                 .id = "lab",
	                 .line = (unsigned)at.line + 1,
	                 .column = (unsigned)at.column + 1,
	                 .length = (unsigned)length,
	                 .text = "",
	                 .message = message,
	                 .suggest = suggest ? suggest : ""};

	l->failed = true;
	diag_add(l->diags, &d);
}

static void __attribute__((format(printf, 3, 4)))
report_wrong(struct loader *l, const yaml_node_t *node, const char *format, ...)
{
	char message[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	report_at(l, node->start_mark, node->end_mark.column - node->start_mark.column, NULL,
	          message);
}

/* --- walking ---------------------------------------------------------------------------------- */

static const yaml_node_t *
node_at(struct loader *l, int id)
{
	return yaml_document_get_node(&l->doc, id);
}

/* The scalar's text in the arena; NULL, and an error naming `what`, when it is none. */
static const char *
scalar_text(struct loader *l, const yaml_node_t *node, const char *what, size_t max)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE) {
		report_wrong(l, node, "%s must be plain text", what);
		return NULL;
	}
	if (node->data.scalar.length > max) {
		report_wrong(l, node, "%s is too long: %zu octets, %zu at most", what,
		             node->data.scalar.length, max);
		return NULL;
	}
	if (strlen(text) != node->data.scalar.length) {
		report_wrong(l, node, "%s holds a NUL", what);
		return NULL;
	}
	return arena_strdup(l->arena, text);
}

struct field {
	const char *key;
	void (*read)(struct loader *l, const yaml_node_t *value, void *into);
};

/* True when the key stood in the mapping before. */
static bool
key_repeated(struct loader *l, const yaml_node_t *map, const yaml_node_pair_t *pair,
             const char *key)
{
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < pair; p++) {
		const yaml_node_t *k = node_at(l, p->key);

		if (k->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)k->data.scalar.value, key) == 0) {
			report_wrong(l, node_at(l, pair->key), "\"%s\" stands here twice", key);
			return true;
		}
	}
	return false;
}

static void
unknown_key(struct loader *l, const yaml_node_t *key, const char *text, const char *what,
            const struct field *fields, size_t n)
{
	const char *known[16], *near;
	char message[256];

	for (size_t i = 0; i < n; i++)
		known[i] = fields[i].key;
	near = diag_nearest(text, known, n);
	snprintf(message, sizeof(message), "unknown key \"%.60s\" in %s", text, what);
	report_at(l, key->start_mark, strlen(text), near, message);
}

static void
read_fields(struct loader *l, const yaml_node_t *map, const char *what, const struct field *fields,
            size_t n, void *into)
{
	const char *key;

	if (map->type != YAML_MAPPING_NODE) {
		report_wrong(l, map, "%s must be a mapping (key: value)", what);
		return;
	}
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = node_at(l, p->key);
		size_t i = 0;

		key = scalar_text(l, k, "a key", NAME_MAX_LEN);
		if (!key || key_repeated(l, map, p, key))
			continue;
		while (i < n && strcmp(key, fields[i].key) != 0)
			i++;
		if (i < n)
			fields[i].read(l, node_at(l, p->value), into);
		else
			unknown_key(l, k, key, what, fields, n);
	}
}

/* How many pairs or items, after checking the kind and the bound; 0 when wrong or empty. */
static size_t
count_of(struct loader *l, const yaml_node_t *node, yaml_node_type_t type, const char *what,
         size_t max)
{
	size_t n;

	/* "routes:" with nothing after it is an empty list */
	if (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0)
		return 0;
	if (node->type != type) {
		report_wrong(l, node, "%s must be a %s", what,
		             type == YAML_MAPPING_NODE ? "mapping (key: value)" : "list");
		return 0;
	}
	n = type == YAML_MAPPING_NODE
	        ? (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start)
	        : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (n <= max)
		return n;
	report_wrong(l, node, "%s has too many entries: %zu, %zu at most", what, n, max);
	return 0;
}

/* A name for a node or an alias, as a prompt can show it. */
static const char *
name_of(struct loader *l, const yaml_node_t *node, const char *what)
{
	const char *name = scalar_text(l, node, what, NAME_MAX_LEN);

	if (!name)
		return NULL;
	for (const char *p = name; *p || p == name; p++) {
		bool ok = isalnum((unsigned char)*p) || *p == '-' || *p == '_';

		if (p == name ? !isalpha((unsigned char)*p) : !ok) {
			report_wrong(l, node,
			             "\"%s\" is no name: a letter, then letters, digits, - and _",
			             name);
			return NULL;
		}
	}
	if (name[strlen(name) - 1] == '-') {
		report_wrong(l, node, "\"%s\" is no name: it ends in -", name);
		return NULL;
	}
	return name;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* "A.B.C.D/N" */
static bool
prefix_parse(const char *text, uint32_t *addr, uint8_t *len)
{
	const char *slash = strchr(text, '/');
	char quad[ADDR_TEXT_MAX], *end;
	unsigned long n;

	if (!slash || (size_t)(slash - text) >= sizeof(quad) || !isdigit((unsigned char)slash[1]))
		return false;
	memcpy(quad, text, (size_t)(slash - text));
	quad[slash - text] = '\0';
	n = strtoul(slash + 1, &end, 10);
	if (*end || n > 32 || !addr_parse(quad, addr))
		return false;
	*len = (uint8_t)n;
	return true;
}

/* "router, asa" */
static const char *
kind_names(struct arena *a)
{
	const char *names = device_kinds[0]->name;

	for (size_t i = 1; device_kinds[i]; i++)
		names = arena_printf(a, "%s, %s", names, device_kinds[i]->name);
	return names;
}

static void
read_kind(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	const char *text = scalar_text(l, value, "a kind", NAME_MAX_LEN);

	const struct device_kind *kind = text ? device_kind_named(text) : NULL;

	if (kind)
		node->kind = kind;
	else if (text)
		report_wrong(l, value, "unknown kind \"%s\"; there are: %s", text,
		             kind_names(l->arena));
}

static bool
read_address(struct loader *l, const yaml_node_t *value, struct lab_interface *itf)
{
	const char *text = scalar_text(l, value, "an address", NAME_MAX_LEN);

	if (!text)
		return false;
	if (!*text || strcmp(text, "none") == 0 || strcmp(text, "~") == 0)
		return true;
	if (!prefix_parse(text, &itf->addr, &itf->len)) {
		report_wrong(l, value, "\"%s\" is no address: A.B.C.D/N, or none", text);
		return false;
	}
	itf->has_address = true;
	return true;
}

static void
read_interfaces(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	size_t n = count_of(l, value, YAML_MAPPING_NODE, "interfaces", LAB_INTERFACES_MAX);
	struct lab_interface *all = arena_alloc(l->arena, n * sizeof(*all));

	node->interfaces = all;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_pair_t *pair = value->data.mapping.pairs.start + i;
		const yaml_node_t *key = node_at(l, pair->key);
		const char *text = scalar_text(l, key, "an interface", NAME_MAX_LEN);
		struct lab_interface itf = {.line = (unsigned)key->start_mark.line + 1,
		                            .column = (unsigned)key->start_mark.column + 1};
		size_t k = 0;

		itf.name = text ? lab_interface_name(l->arena, text) : NULL;
		if (!itf.name) {
			if (text)
				report_wrong(l, key, "\"%s\" is no interface", text);
			continue;
		}
		while (k < node->n_interfaces && strcmp(all[k].name, itf.name) != 0)
			k++;
		if (k < node->n_interfaces)
			report_wrong(l, key, "%s stands here twice", itf.name);
		else if (read_address(l, node_at(l, pair->value), &itf))
			all[node->n_interfaces++] = itf;
	}
}

static void
read_routes(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	size_t n = count_of(l, value, YAML_SEQUENCE_NODE, "routes", LAB_ROUTES_MAX);
	struct lab_route *all = arena_alloc(l->arena, n * sizeof(*all));

	node->routes = all;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = node_at(l, value->data.sequence.items.start[i]);
		const char *text = scalar_text(l, item, "a route", NAME_MAX_LEN);
		char to[32], via[32], more;
		struct lab_route r = {.line = (unsigned)item->start_mark.line + 1,
		                      .column = (unsigned)item->start_mark.column + 1};

		if (!text)
			continue;
		if (sscanf(text, " %31s via %31s %c", to, via, &more) != 2 ||
		    !addr_parse(via, &r.via) ||
		    (strcmp(to, "default") != 0 && !prefix_parse(to, &r.to.addr, &r.to.len))) {
			report_wrong(
			    l, item,
			    "\"%s\" is no route: A.B.C.D/N via A.B.C.D, or default via ...", text);
			continue;
		}
		if (r.to.addr & ~prefix_mask(r.to.len)) {
			report_wrong(l, item, "\"%s\": the address has bits beyond /%u", text,
			             r.to.len);
			continue;
		}
		all[node->n_routes++] = r;
	}
}

static void
read_startup(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	const char *text = scalar_text(l, value, "startup", STARTUP_MAX);
	bool block = value->type == YAML_SCALAR_NODE &&
	             value->data.scalar.style == YAML_LITERAL_SCALAR_STYLE;

	if (!text)
		return;
	node->startup = text;
	node->startup_line = (unsigned)value->start_mark.line + (block ? 2 : 1);
}

static void
read_config(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	struct config_lines lines = {0};
	char *path = x_asprintf("nodes.%s.config", node->name);
	unsigned *at;

	l->failed |= !config_read_node(node->kind->config, &l->doc, value, path, &lines, l->diags);
	at = arena_alloc(l->arena, (lines.n + 1) * sizeof(*at));
	for (size_t i = 0; i < lines.n; i++)
		at[i] = lines.marks[i].line;
	node->config = arena_strdup(l->arena, text_string(&lines.text));
	node->config_lines = at;
	node->n_config_lines = lines.n;
	config_lines_fini(&lines);
	free(path);
}

static void
read_keys(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_node_spec *node = into;
	struct keystore *ks = keystore_new();

	node->keys = scalar_text(l, value, "keys", KEYS_MAX);
	if (node->keys && !keystore_read(ks, SPAN(node->keys, strlen(node->keys)))) {
		report_wrong(l, value, "these are no keys that a lab has exported");
		node->keys = NULL;
	}
	keystore_free(ks);
}

static void
read_nodes(struct loader *l, const yaml_node_t *value, void *into)
{
	static const struct field fields[] = {
	    /* clang-format off */
	    {"kind",       read_kind},
	    {"interfaces", read_interfaces},
	    {"routes",     read_routes},
	    {"startup",    read_startup},
	    {"config",     read_config},
	    {"keys",       read_keys},
	    /* clang-format on */
	};
	struct lab_spec *spec = into;
	size_t n = count_of(l, value, YAML_MAPPING_NODE, "nodes", LAB_NODES_MAX);
	struct lab_node_spec *all = arena_alloc(l->arena, n * sizeof(*all));

	spec->nodes = all;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_pair_t *pair = value->data.mapping.pairs.start + i;
		const yaml_node_t *key = node_at(l, pair->key), *body = node_at(l, pair->value);
		struct lab_node_spec *node = &all[spec->n_nodes];

		node->name = name_of(l, key, "a node's name");
		if (!node->name || key_repeated(l, value, pair, node->name))
			continue;
		spec->n_nodes++;
		node->kind = device_kinds[0];
		node->startup = "";
		if (body->type != YAML_SCALAR_NODE || body->data.scalar.length > 0)
			read_fields(l, body, "a node", fields, ARRAY_SIZE(fields), node);
	}
}

/* --- links and aliases ------------------------------------------------------------------------ */

/* The lab's own name for `text`; NULL, and an error with the nearest, when it has none. */
static const char *
node_named(struct loader *l, const yaml_node_t *at, const char *text)
{
	const char *names[LAB_NODES_MAX];
	char message[160];

	for (size_t i = 0; i < l->spec->n_nodes; i++) {
		names[i] = l->spec->nodes[i].name;
		if (strcmp(names[i], text) == 0)
			return names[i];
	}
	snprintf(message, sizeof(message), "there is no node \"%.60s\"", text);
	report_at(l, at->start_mark, strlen(text), diag_nearest(text, names, l->spec->n_nodes),
	          message);
	return NULL;
}

static const char *
interface_of(struct loader *l, const yaml_node_t *at, const struct lab_node_spec *node,
             const char *text)
{
	const char *name = lab_interface_name(l->arena, text), *names[LAB_INTERFACES_MAX];
	char message[256];

	if (name && policy_names_loopback(name)) {
		report_wrong(l, at, "%s cannot be linked", name);
		return NULL;
	}
	for (size_t i = 0; i < node->n_interfaces; i++) {
		names[i] = node->interfaces[i].name;
		if (name && strcmp(names[i], name) == 0)
			return names[i];
	}
	snprintf(message, sizeof(message), "%.63s has no interface %.63s", node->name,
	         name ? name : text);
	report_at(l, at->start_mark, 0, diag_nearest(name ? name : text, names, node->n_interfaces),
	          message);
	return NULL;
}

static bool
linked_already(const struct lab_spec *spec, const struct lab_end *end)
{
	for (size_t i = 0; i < spec->n_links; i++)
		for (size_t k = 0; k < spec->links[i].n_ends; k++)
			if (strcmp(spec->links[i].ends[k].node, end->node) == 0 &&
			    strcmp(spec->links[i].ends[k].interface, end->interface) == 0)
				return true;
	return false;
}

/* "R1 f0/0" */
static bool
read_end(struct loader *l, const yaml_node_t *item, const struct lab_link *link,
         struct lab_end *ret)
{
	const char *text = scalar_text(l, item, "an end of a link", 2 * NAME_MAX_LEN);
	char node[64], itf[64], more;

	if (!text)
		return false;
	if (sscanf(text, " %63s %63s %c", node, itf, &more) != 2) {
		report_wrong(l, item,
		             "\"%s\" is no end of a link: a node and its interface, as in: R1 f0/0",
		             text);
		return false;
	}
	ret->node = node_named(l, item, node);
	ret->interface =
	    ret->node ? interface_of(l, item, lab_spec_node(l->spec, ret->node), itf) : NULL;
	if (!ret->interface)
		return false;
	for (size_t i = 0; i < link->n_ends; i++)
		if (strcmp(link->ends[i].node, ret->node) == 0 &&
		    strcmp(link->ends[i].interface, ret->interface) == 0) {
			report_wrong(l, item, "%s %s stands here twice", ret->node, ret->interface);
			return false;
		}
	if (linked_already(l->spec, ret)) {
		report_wrong(l, item, "%s %s is on another link already", ret->node,
		             ret->interface);
		return false;
	}
	return true;
}

static void
read_ends(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_link *link = into;
	size_t n = count_of(l, value, YAML_SEQUENCE_NODE, "the ends of a link", LAB_ENDS_MAX);
	struct lab_end *ends = arena_alloc(l->arena, n * sizeof(*ends));

	link->ends = ends;
	for (size_t i = 0; i < n; i++)
		if (read_end(l, node_at(l, value->data.sequence.items.start[i]), link,
		             &ends[link->n_ends]))
			link->n_ends++;
	if (n < 2 && value->type == YAML_SEQUENCE_NODE)
		report_wrong(l, value, "a link joins two interfaces or more");
}

static void
read_link_name(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_link *link = into;

	link->name = name_of(l, value, "a link's name");
}

static void
read_latency(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_link *link = into;
	const char *text = scalar_text(l, value, "a latency", 16);
	char *end;

	if (!text)
		return;
	link->latency = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || (*end && strcmp(end, "ms") != 0) ||
	    link->latency > LATENCY_MAX)
		report_wrong(l, value, "\"%s\" is no latency: milliseconds, 0 to %d", text,
		             LATENCY_MAX);
}

/* R1-R2, and R1-R2-2 when there is one already. */
static const char *
link_default_name(struct loader *l, const struct lab_link *link)
{
	const char *base = "", *name;
	unsigned number = 1;
	bool taken;

	for (size_t i = 0; i < link->n_ends && i < 4; i++)
		base = arena_printf(l->arena, "%s%s%s", base, i ? "-" : "", link->ends[i].node);
	do {
		name = number == 1 ? base : arena_printf(l->arena, "%s-%u", base, number);
		number++;
		taken = false;
		for (size_t i = 0; i < l->spec->n_links; i++)
			taken = taken || strcmp(l->spec->links[i].name, name) == 0;
	} while (taken);
	return name;
}

static void
read_links(struct loader *l, const yaml_node_t *value, void *into)
{
	static const struct field fields[] = {
	    {"ends", read_ends},
	    {"name", read_link_name},
	    {"latency", read_latency},
	};
	struct lab_spec *spec = into;
	size_t n = count_of(l, value, YAML_SEQUENCE_NODE, "links", LAB_LINKS_MAX);
	struct lab_link *all = arena_alloc(l->arena, n * sizeof(*all));

	spec->links = all;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = node_at(l, value->data.sequence.items.start[i]);
		struct lab_link *link = &all[spec->n_links];

		link->latency = LATENCY_DEFAULT;
		if (item->type == YAML_SEQUENCE_NODE)
			read_ends(l, item, link);
		else
			read_fields(l, item, "a link", fields, ARRAY_SIZE(fields), link);
		if (!link->ends && !l->failed)
			report_wrong(l, item, "a link needs its ends");
		for (size_t k = 0; link->name && k < spec->n_links; k++)
			if (strcmp(all[k].name, link->name) == 0)
				report_wrong(l, item, "another link is named %s too", link->name);
		if (!link->name)
			link->name = link_default_name(l, link);
		spec->n_links++;
	}
}

static void
read_aliases(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_spec *spec = into;
	size_t n = count_of(l, value, YAML_MAPPING_NODE, "aliases", LAB_ALIASES_MAX);
	struct lab_alias *all = arena_alloc(l->arena, n * sizeof(*all));

	spec->aliases = all;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_pair_t *pair = value->data.mapping.pairs.start + i;
		const yaml_node_t *list = node_at(l, pair->value), *key = node_at(l, pair->key);
		struct lab_alias *alias = &all[spec->n_aliases];
		size_t members = count_of(l, list, YAML_SEQUENCE_NODE, "an alias", LAB_NODES_MAX);
		const char **nodes = arena_alloc(l->arena, members * sizeof(*nodes));

		alias->name = name_of(l, key, "an alias");
		if (!alias->name || key_repeated(l, value, pair, alias->name))
			continue;
		if (lab_spec_node(spec, alias->name))
			report_wrong(l, key, "%s is a node", alias->name);
		alias->nodes = nodes;
		spec->n_aliases++;
		for (size_t k = 0; k < members; k++) {
			const yaml_node_t *item = node_at(l, list->data.sequence.items.start[k]);
			const char *text = scalar_text(l, item, "a node", NAME_MAX_LEN);
			const char *name = text ? node_named(l, item, text) : NULL;

			if (name)
				nodes[alias->n_nodes++] = name;
		}
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

static void
read_lab_name(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_spec *spec = into;
	const char *name = scalar_text(l, value, "the lab's name", NAME_MAX_LEN);

	if (name)
		spec->name = name;
}

/* A day, and the time of the day where it says one. */
static bool
clock_read(const char *text, msec *ret)
{
	struct tm tm = {0}, again;
	int used = 0, more = 0;
	time_t t;

	if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) != 3)
		return false;
	if (text[used] &&
	    sscanf(text + used, " %2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &more) != 3)
		return false;
	if (text[used + more])
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	again = tm;
	t = timegm(&again);
	if (again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday ||
	    again.tm_hour != tm.tm_hour || again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec ||
	    tm.tm_year < CLOCK_YEAR_MIN - 1900 || tm.tm_year > CLOCK_YEAR_MAX - 1900)
		return false;
	*ret = (msec)t * 1000;
	return true;
}

static void
read_clock(struct loader *l, const yaml_node_t *value, void *into)
{
	struct lab_spec *spec = into;
	const char *text = scalar_text(l, value, "the clock", NAME_MAX_LEN);

	if (!text)
		return;
	if (clock_read(text, &spec->wall))
		spec->clock = text;
	else
		report_wrong(l, value,
		             "a clock is a day, and may be a time, of the years %d to %d, as in "
		             "2012-06-01 12:00:00",
		             CLOCK_YEAR_MIN, CLOCK_YEAR_MAX);
}

static void
read_later(struct loader *l, const yaml_node_t *value, void *into)
{
	(void)l, (void)value, (void)into;
}

static void
read_topology(struct loader *l, const yaml_node_t *value, void *into)
{
	(void)into;
	report_at(
	    l, value->start_mark, 0, NULL,
	    "this is a topology of containerlab: testudo lab FILE --import prints it as a lab");
}

/* Links and aliases speak of nodes, so the nodes are read first, wherever they stand. */
static void
read_lab(struct loader *l, const yaml_node_t *root)
{
	static const struct field first[] = {
	    /* clang-format off */
	    {"name",     read_lab_name},
	    {"clock",    read_clock},
	    {"nodes",    read_nodes},
	    {"links",    read_later},
	    {"aliases",  read_later},
	    {"topology", read_topology},
	    /* clang-format on */
	};
	static const struct field second[] = {
	    {"links", read_links},
	    {"aliases", read_aliases},
	};

	read_fields(l, root, "a lab", first, ARRAY_SIZE(first), l->spec);
	if (root->type != YAML_MAPPING_NODE)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(second); i++)
		for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
		     p < root->data.mapping.pairs.top; p++) {
			const yaml_node_t *k = node_at(l, p->key);

			if (k->type != YAML_SCALAR_NODE ||
			    strcmp((const char *)k->data.scalar.value, second[i].key) != 0)
				continue;
			second[i].read(l, node_at(l, p->value), l->spec);
			break; /* a second one has been reported */
		}
	if (l->spec->n_nodes == 0 && !l->failed)
		report_wrong(l, root, "a lab needs nodes");
}

static void
load_yaml(struct loader *l, const char *text, size_t n)
{
	yaml_parser_t parser;
	const yaml_node_t *root;
	yaml_mark_t deep = {0};

	if (config_yaml_too_deep(text, n, &deep.line, &deep.column)) {
		report_at(l, deep, 0, NULL, "it is nested too deep");
		return;
	}
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	if (!yaml_parser_load(&parser, &l->doc)) {
		char why[256];

		snprintf(why, sizeof(why), "%s%s%s", parser.problem ? parser.problem : "no YAML",
		         parser.context ? ", " : "", parser.context ? parser.context : "");
		report_at(l, parser.problem_mark, 0, NULL, why);
		yaml_parser_delete(&parser);
		return;
	}
	root = yaml_document_get_root_node(&l->doc);
	if (root)
		read_lab(l, root);
	else
		report_at(l, (yaml_mark_t){0}, 0, NULL, "the file is empty");
	yaml_document_delete(&l->doc);
	yaml_parser_delete(&parser);
}

struct lab_spec *
lab_spec_parse(const char *file, const char *text, size_t n, struct diag_list *diags)
{
	struct arena *arena = arena_new();
	struct loader l = {.arena = arena, .diags = diags};

	l.spec = arena_alloc(arena, sizeof(*l.spec));
	l.spec->arena = arena;
	l.spec->file = arena_strdup(arena, file);
	l.spec->name = "lab";
	if (n > LAB_FILE_MAX)
		report_at(&l, (yaml_mark_t){0}, 0, NULL, "the file is too long");
	else
		load_yaml(&l, text, n);
	if (!l.failed)
		return l.spec;
	arena_free(arena);
	return NULL;
}
