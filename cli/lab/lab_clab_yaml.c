/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A topology of containerlab as a lab: see lab_views.h. What is read of it:
 *
 *   name: dc
 *   topology:
 *     defaults: {kind: cisco_iol}          and kinds: the same for one kind
 *     nodes:
 *       r1:
 *         kind: cisco_iol                  what eth1, eth2 ... are; bridge: a link of many
 *         startup-config: |                text; a file's name is only noted
 *           router ospf 1
 *     links:
 *       - endpoints: ["r1:eth1", "r2:Ethernet0/1"]
 *       - type: veth                       as brief, or with the interfaces spelt out
 *         endpoints: [{node: r1, interface: eth2, ipv4: 10.0.0.1/30}, ...]
 *
 * Containers know addresses only where a link has them; the others are filled in by hand. The
 * notes tell every other key but image; a link's end at "host" and the like leads out of the lab,
 * so that its other end stays an interface without a link.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "cli/lab/lab_views.h"
#include "compiler/base/emit.h"
#include "compiler/yaml/config_yaml.h"

#define CLAB_TEXT_MAX 65536
#define CLAB_TOLD_MAX 24 /* keys of one mapping */

struct clab_node {
	const char *name, *kind, *startup;
	bool bridge;
};

struct clab_end {
	size_t node;
	const char *interface, *address;
};

struct clab_link {
	size_t n_ends;
	struct clab_end ends[LAB_ENDS_MAX];
};

struct clab {
	yaml_document_t doc;
	struct arena *arena;
	struct diag_list *diags;
	struct text *notes;
	const char *name;
	size_t n_nodes, n_links;
	struct clab_node nodes[LAB_NODES_MAX];
	struct clab_link links[LAB_LINKS_MAX];
	bool failed;
};

/* --- saying what is wrong --------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
report_wrong(struct clab *c, yaml_mark_t at, const char *format, ...)
{
	char message[256];
	struct diag d = {.severity = DIAG_ERROR,
	                 .id = "lab",
	                 .line = (unsigned)at.line + 1,
	                 .column = (unsigned)at.column + 1,
	                 .text = "",
	                 .message = message,
	                 .suggest = ""};
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	c->failed = true;
	diag_add(c->diags, &d);
}

/* --- walking ---------------------------------------------------------------------------------- */

static const yaml_node_t *
node_at(struct clab *c, int id)
{
	return yaml_document_get_node(&c->doc, id);
}

/* NULL: it is no mapping, or has no such key. */
static const yaml_node_t *
value_of(struct clab *c, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = node_at(c, p->key);

		if (k->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)k->data.scalar.value, key) == 0)
			return node_at(c, p->value);
	}
	return NULL;
}

/* A scalar's text in the arena; NULL: it is none, or (which is told) too long. */
static const char *
text_of(struct clab *c, const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE)
		return NULL;
	if (node->data.scalar.length > CLAB_TEXT_MAX) {
		text_printf(c->notes, "line %zu: a text of more than %d octets is left out\n",
		            node->start_mark.line + 1, CLAB_TEXT_MAX);
		return NULL;
	}
	return arena_strdup(c->arena, (const char *)node->data.scalar.value);
}

/* A node's own setting, else its kind's, else everybody's. */
static const char *
setting_of(struct clab *c, const yaml_node_t *topology, const yaml_node_t *node, const char *kind,
           const char *key)
{
	const char *text = text_of(c, value_of(c, node, key));

	if (!text && kind)
		text =
		    text_of(c, value_of(c, value_of(c, value_of(c, topology, "kinds"), kind), key));
	return text ? text : text_of(c, value_of(c, value_of(c, topology, "defaults"), key));
}

/* --- what is left out ------------------------------------------------------------------------- */

/* What a note may show of a file: no control characters, which a terminal would act on. */
static bool
is_plain(const char *text)
{
	size_t n = strlen(text);

	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return n && n <= 40;
}

/* Is this key among those taken, a list that ends in NULL? */
static bool
is_taken(const yaml_node_t *key, const char *const *taken)
{
	if (key->type != YAML_SCALAR_NODE)
		return false;
	while (*taken && strcmp(*taken, (const char *)key->data.scalar.value) != 0)
		taken++;
	return *taken != NULL;
}

/* One line about a mapping's keys that are not taken, bounded: many nodes may share one mapping. */
static void
note_left_out(struct clab *c, const char *of, const yaml_node_t *map, const char *const *taken)
{
	unsigned n = 0;

	if (!map || map->type != YAML_MAPPING_NODE)
		return;
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top && n <= CLAB_TOLD_MAX; p++) {
		const yaml_node_t *key = node_at(c, p->key);
		const char *text =
		    key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "";

		if (is_taken(key, taken))
			continue;
		if (!n++)
			text_printf(c->notes, "%s: left out: ", of);
		else
			text_puts(c->notes, ", ");
		text_puts(c->notes, n > CLAB_TOLD_MAX ? "and more"
		                    : is_plain(text)  ? text
		                                      : "(a key)");
	}
	if (n)
		text_puts(c->notes, "\n");
}

static void
note_left_out_at(struct clab *c, const yaml_node_t *map, const char *const *taken)
{
	char line[32];

	snprintf(line, sizeof(line), "line %zu", map->start_mark.line + 1);
	note_left_out(c, line, map, taken);
}

/* --- kinds ------------------------------------------------------------------------------------ */

/* Where a kind's data interfaces are: containerlab counts them eth1, eth2 and so on. */
static const struct clab_kind {
	const char *name, *type;
	int first;
	unsigned ports; /* of a card; 0: cards are not counted */
	bool xr;        /* it runs IOS XR */
} clab_kinds[] = {
    /* clang-format off */
    {"cisco_iol",      "Ethernet",              0, 4, false},
    {"cisco_csr1000v", "GigabitEthernet",       1, 0, false},
    {"cisco_c8000v",   "GigabitEthernet",       1, 0, false},
    {"cisco_vios",     "GigabitEthernet0/",     0, 0, false},
    {"cisco_asav",     "GigabitEthernet0/",    -1, 0, false},
    {"cisco_xrd",      "GigabitEthernet0/0/0/", -1, 0, true},
    {"cisco_xrv",      "GigabitEthernet0/0/0/", -1, 0, true},
    {"cisco_xrv9k",    "GigabitEthernet0/0/0/", -1, 0, true},
    /* clang-format on */
};

/* NULL: its interfaces are not known. */
static const struct clab_kind *
kind_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(clab_kinds); i++)
		if (strcmp(clab_kinds[i].name, name) == 0)
			return &clab_kinds[i];
	return NULL;
}

static void
note_kind(struct clab *c, const struct clab_node *node)
{
	const struct clab_kind *kind = kind_named(node->kind);

	if (kind && kind->xr)
		text_printf(c->notes, "%s: kind %s (IOS XR) becomes a router of IOS\n", node->name,
		            node->kind);
	else if (!kind)
		text_printf(c->notes, "%s: kind %s becomes a router\n", node->name,
		            is_plain(node->kind) ? node->kind
		            : *node->kind        ? "(another)"
		                                 : "(none)");
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* What is read of a node, of a kind and of the defaults; an image means nothing here. */
static const char *const node_keys[] = {"kind", "image", "startup-config", NULL};

static bool
is_name(const char *name)
{
	size_t n = strlen(name);

	if (!n || n > 63 || !isalpha((unsigned char)*name) || name[n - 1] == '-')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	return true;
}

static void
read_startup(struct clab *c, struct clab_node *node, const char *text)
{
	if (text && strchr(text, '\n'))
		node->startup = text;
	else if (text)
		text_printf(c->notes,
		            "%s: startup-config %.80s is another file: put its text under "
		            "startup\n",
		            node->name, text);
}

static void
read_node(struct clab *c, const yaml_node_t *topology, const yaml_node_t *key,
          const yaml_node_t *body)
{
	struct clab_node *node = &c->nodes[c->n_nodes];

	*node = (struct clab_node){.name = text_of(c, key)};
	if (!node->name || !is_name(node->name)) {
		report_wrong(c, key->start_mark,
		             "a node's name is a letter, then letters, digits, - and _");
		return;
	}
	for (size_t i = 0; i < c->n_nodes; i++)
		if (strcmp(c->nodes[i].name, node->name) == 0) {
			report_wrong(c, key->start_mark, "%s stands here twice", node->name);
			return;
		}
	node->kind = setting_of(c, topology, body, NULL, "kind");
	node->kind = node->kind ? node->kind : "";
	node->bridge = strcmp(node->kind, "bridge") == 0 || strcmp(node->kind, "ovs-bridge") == 0;
	read_startup(c, node, setting_of(c, topology, body, node->kind, "startup-config"));
	c->n_nodes++;
	if (!node->bridge)
		note_kind(c, node);
	note_left_out(c, node->name, body, node_keys);
}

static void
read_nodes(struct clab *c, const yaml_node_t *topology)
{
	const yaml_node_t *nodes = value_of(c, topology, "nodes");

	if (!nodes || nodes->type != YAML_MAPPING_NODE) {
		report_wrong(c, topology->start_mark, "a topology needs nodes");
		return;
	}
	for (const yaml_node_pair_t *p = nodes->data.mapping.pairs.start;
	     p < nodes->data.mapping.pairs.top && !c->failed; p++) {
		if (c->n_nodes == LAB_NODES_MAX)
			report_wrong(c, nodes->start_mark, "more than %d nodes", LAB_NODES_MAX);
		else
			read_node(c, topology, node_at(c, p->key), node_at(c, p->value));
	}
}

/* --- links ------------------------------------------------------------------------------------ */

static const char *
data_interface(struct clab *c, const struct clab_kind *kind, unsigned number)
{
	if (!kind)
		return arena_printf(c->arena, "FastEthernet0/%u", number);
	if (kind->ports)
		return arena_printf(c->arena, "%s%u/%u", kind->type, number / kind->ports,
		                    number % kind->ports);
	return arena_printf(c->arena, "%s%u", kind->type, number + (unsigned)kind->first);
}

/* Linux takes no / in a name, so containers of IOS XR say Gi0-0-0-0. */
static const char *
without_dashes(struct clab *c, const char *text)
{
	char *name = arena_strdup(c->arena, text);

	for (char *p = name; *p; p++)
		*p = *p == '-' ? '/' : *p;
	return name;
}

/* N of "ethN"; 0: it is no such name. */
static unsigned
ethernet_number(const char *text)
{
	size_t digits;

	if (strncmp(text, "eth", 3) != 0)
		return 0;
	digits = strspn(text + 3, "0123456789");
	return digits <= 4 && !text[3 + digits] ? (unsigned)strtoul(text + 3, NULL, 10) : 0;
}

static const char *
interface_name(struct clab *c, const char *kind_name, const char *text)
{
	const struct clab_kind *kind = kind_named(kind_name);
	const unsigned number = ethernet_number(text);

	if (number)
		text = data_interface(c, kind, number);
	else if (kind && kind->xr)
		text = without_dashes(c, text);
	return lab_interface_name(c->arena, text);
}

static bool
is_linked(const struct clab *c, size_t node, const char *interface)
{
	for (size_t i = 0; i <= c->n_links; i++)
		for (size_t k = 0; k < c->links[i].n_ends; k++)
			if (c->links[i].ends[k].node == node && c->links[i].ends[k].interface &&
			    strcmp(c->links[i].ends[k].interface, interface) == 0)
				return true;
	return false;
}

/* The names of containerlab for what is outside of a lab's nodes. */
static bool
is_outside(const char *node)
{
	static const char *const names[] = {"host",  "mgmt-net",     "macvlan",
	                                    "vxlan", "vxlan-stitch", "dummy"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], node) == 0)
			return true;
	return false;
}

static bool
take_end(struct clab *c, yaml_mark_t at, const char *node, const char *interface,
         const char *address, struct clab_link *link)
{
	struct clab_end *end = &link->ends[link->n_ends];
	size_t i = 0;

	while (i < c->n_nodes && strcmp(c->nodes[i].name, node) != 0)
		i++;
	if (i == c->n_nodes && is_outside(node)) {
		text_printf(c->notes, "line %zu: a link to %s is left out\n", at.line + 1, node);
		return true;
	}
	if (i == c->n_nodes) {
		report_wrong(c, at, "there is no node \"%.60s\"", node);
		return false;
	}
	*end = (struct clab_end){.node = i, .address = address};
	if (!c->nodes[i].bridge) {
		end->interface = interface_name(c, c->nodes[i].kind, interface);
		if (!end->interface) {
			report_wrong(c, at, "\"%.60s\" is no interface of a router", interface);
			return false;
		}
		if (is_linked(c, i, end->interface)) {
			report_wrong(c, at, "%s %s is on another link already", node,
			             end->interface);
			return false;
		}
	}
	link->n_ends++;
	return true;
}

/* "r1:eth1", "dummy", or {node: r1, interface: eth1, ipv4: 10.0.0.1/30} */
static bool
read_end(struct clab *c, const yaml_node_t *item, struct clab_link *link)
{
	static const char *const taken[] = {"node", "interface", "ipv4", NULL};
	const char *text = text_of(c, item), *colon = text ? strchr(text, ':') : NULL;
	const char *node = text_of(c, value_of(c, item, "node"));
	const char *interface = text_of(c, value_of(c, item, "interface"));

	note_left_out_at(c, item, taken);
	if (colon)
		return take_end(c, item->start_mark,
		                arena_printf(c->arena, "%.*s", (int)(colon - text), text),
		                colon + 1, NULL, link);
	if (text && is_outside(text))
		return take_end(c, item->start_mark, text, "", NULL, link);
	if (node && interface)
		return take_end(c, item->start_mark, node, interface,
		                text_of(c, value_of(c, item, "ipv4")), link);
	report_wrong(c, item->start_mark, "an end of a link is NODE:INTERFACE");
	return false;
}

static bool
reads_ends(struct clab *c, const yaml_node_t *item)
{
	static const char *const taken[] = {"type", "endpoints", NULL};
	const yaml_node_t *ends = value_of(c, item, "endpoints");
	struct clab_link *link = &c->links[c->n_links];

	link->n_ends = 0;
	if (!ends || ends->type != YAML_SEQUENCE_NODE ||
	    ends->data.sequence.items.top - ends->data.sequence.items.start != 2) {
		text_printf(c->notes, "line %zu: a link without two endpoints is left out\n",
		            item->start_mark.line + 1);
		return false;
	}
	note_left_out_at(c, item, taken);
	return read_end(c, node_at(c, ends->data.sequence.items.start[0]), link) &&
	       read_end(c, node_at(c, ends->data.sequence.items.start[1]), link);
}

static void
read_links(struct clab *c, const yaml_node_t *topology)
{
	const yaml_node_t *links = value_of(c, topology, "links");

	if (!links || links->type != YAML_SEQUENCE_NODE)
		return;
	for (const yaml_node_item_t *p = links->data.sequence.items.start;
	     p < links->data.sequence.items.top && !c->failed; p++) {
		if (c->n_links == LAB_LINKS_MAX)
			report_wrong(c, links->start_mark, "more than %d links", LAB_LINKS_MAX);
		else if (reads_ends(c, node_at(c, *p)))
			c->n_links++;
	}
}

/* Takes a bridge's own ends off a link; false: it has none there. */
static bool
leave_bridge(struct clab_link *link, size_t bridge)
{
	size_t n = link->n_ends, kept = 0;

	for (size_t i = 0; i < n; i++)
		if (link->ends[i].node != bridge)
			link->ends[kept++] = link->ends[i];
	link->n_ends = kept;
	return kept < n;
}

/* The links to a bridge become one link, whose ends are those that it joins. */
static void
join_bridges(struct clab *c)
{
	for (size_t b = 0; b < c->n_nodes; b++) {
		struct clab_link *whole = NULL;

		for (size_t i = 0; c->nodes[b].bridge && i < c->n_links; i++) {
			struct clab_link *link = &c->links[i];

			if (!leave_bridge(link, b))
				continue;
			if (!whole) {
				whole = link;
				continue;
			}
			for (size_t k = 0; k < link->n_ends && whole->n_ends < LAB_ENDS_MAX; k++)
				whole->ends[whole->n_ends++] = link->ends[k];
			link->n_ends = 0;
		}
	}
}

/* --- the lab ---------------------------------------------------------------------------------- */

static void
put_interfaces(struct emit *e, const struct clab *c, size_t node)
{
	emit_map(e, "interfaces");
	for (size_t i = 0; i < c->n_links; i++)
		for (size_t k = 0; k < c->links[i].n_ends; k++) {
			const struct clab_end *end = &c->links[i].ends[k];

			if (end->node == node && end->interface)
				emit_string(e, end->interface,
				            end->address ? end->address : "none");
		}
	emit_end(e);
}

static void
put_node(struct emit *e, struct clab *c, size_t i)
{
	const struct clab_node *node = &c->nodes[i];

	if (node->bridge)
		return;
	emit_map(e, node->name);
	emit_string(e, "kind", strcmp(node->kind, "cisco_asav") == 0 ? "asa" : "router");
	put_interfaces(e, c, i);
	if (node->startup)
		emit_string(e, "startup", node->startup);
	emit_end(e);
}

static void
put_link(struct emit *e, const struct clab *c, const struct clab_link *link)
{
	emit_list(e, NULL);
	for (size_t i = 0; i < link->n_ends; i++)
		emit_printf(e, NULL, "%s %s", c->nodes[link->ends[i].node].name,
		            link->ends[i].interface);
	emit_end(e);
}

static void
put_lab(struct clab *c, struct text *out)
{
	struct emit *e = emit_new(EMIT_YAML, out);

	emit_map(e, NULL);
	if (c->name && strlen(c->name) < 64)
		emit_string(e, "name", c->name);
	emit_map(e, "nodes");
	for (size_t i = 0; i < c->n_nodes; i++)
		put_node(e, c, i);
	emit_end(e);
	emit_list(e, "links");
	for (size_t i = 0; i < c->n_links; i++)
		if (c->links[i].n_ends >= 2)
			put_link(e, c, &c->links[i]);
	emit_free(e);
}

/* Whatever a node could inherit, and what is about the lab as a whole. */
static void
note_around(struct clab *c, const yaml_node_t *root, const yaml_node_t *topology)
{
	static const char *const whole[] = {"name", "topology", NULL};
	static const char *const parts[] = {"defaults", "kinds", "nodes", "links", NULL};
	const yaml_node_t *kinds = value_of(c, topology, "kinds");
	size_t n = 0;

	note_left_out(c, "the file", root, whole);
	note_left_out(c, "the topology", topology, parts);
	note_left_out(c, "the defaults", value_of(c, topology, "defaults"), node_keys);
	if (!kinds || kinds->type != YAML_MAPPING_NODE)
		return;
	for (const yaml_node_pair_t *p = kinds->data.mapping.pairs.start;
	     p < kinds->data.mapping.pairs.top && n < LAB_NODES_MAX; p++, n++) {
		const char *kind = text_of(c, node_at(c, p->key));

		note_left_out(c, kind && is_plain(kind) ? kind : "a kind", node_at(c, p->value),
		              node_keys);
	}
}

static void
read_document(struct clab *c)
{
	const yaml_node_t *root = yaml_document_get_root_node(&c->doc);
	const yaml_node_t *topology = root ? value_of(c, root, "topology") : NULL;

	if (!topology || topology->type != YAML_MAPPING_NODE) {
		report_wrong(c, (yaml_mark_t){0},
		             "this is no topology of containerlab: it has no "
		             "\"topology:\"");
		return;
	}
	c->name = text_of(c, value_of(c, root, "name"));
	note_around(c, root, topology);
	read_nodes(c, topology);
	if (!c->failed)
		read_links(c, topology);
	if (!c->failed)
		join_bridges(c);
}

static void
load_document(struct clab *c, const char *text, size_t n)
{
	yaml_parser_t parser;
	yaml_mark_t deep = {0};

	if (config_yaml_too_deep(text, n, &deep.line, &deep.column)) {
		report_wrong(c, deep, "it is nested too deep");
		return;
	}
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	if (yaml_parser_load(&parser, &c->doc)) {
		read_document(c);
		yaml_document_delete(&c->doc);
	} else {
		report_wrong(c, parser.problem_mark, "%s",
		             parser.problem ? parser.problem : "no YAML");
	}
	yaml_parser_delete(&parser);
}

bool
lab_from_clab(const char *text, size_t n, struct text *out, struct text *notes,
              struct diag_list *diags)
{
	struct clab *c = x_alloc(sizeof(*c));
	bool ok;

	c->arena = arena_new();
	c->diags = diags;
	c->notes = notes;
	load_document(c, text, n);
	ok = !c->failed;
	if (ok)
		put_lab(c, out);
	arena_free(c->arena);
	free(c);
	return ok;
}
