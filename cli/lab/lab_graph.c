/* SPDX-License-Identifier: Apache-2.0 */
/* A lab as a drawing: see lab_views.h. */
#include <ctype.h>
#include <string.h>

#include "cli/lab/lab_views.h"
#include "compiler/policy/prefix.h"

/* "FastEthernet0/0" as "f0/0", so that a drawing's edges are not all text. */
static void
put_short(struct text *out, const char *interface)
{
	size_t letters = 0;

	while (isalpha((unsigned char)interface[letters]))
		letters++;
	text_printf(out, "%c%s", tolower((unsigned char)*interface), interface + letters);
}

static const struct lab_interface *
find_interface(const struct lab_spec *spec, const struct lab_end *end)
{
	const struct lab_node_spec *node = lab_spec_node(spec, end->node);

	for (size_t i = 0; i < node->n_interfaces; i++)
		if (strcmp(node->interfaces[i].name, end->interface) == 0)
			return &node->interfaces[i];
	return NULL;
}

static void
put_address(struct text *out, const struct lab_interface *itf)
{
	char addr[ADDR_TEXT_MAX];

	if (itf && itf->has_address)
		text_printf(out, " %s/%u", addr_text(itf->addr, addr), itf->len);
}

static void
put_end(struct text *out, const struct lab_spec *spec, const struct lab_end *end)
{
	put_short(out, end->interface);
	put_address(out, find_interface(spec, end));
}

static bool
is_linked(const struct lab_spec *spec, const char *node, const char *interface)
{
	for (size_t i = 0; i < spec->n_links; i++)
		for (size_t k = 0; k < spec->links[i].n_ends; k++)
			if (strcmp(spec->links[i].ends[k].node, node) == 0 &&
			    strcmp(spec->links[i].ends[k].interface, interface) == 0)
				return true;
	return false;
}

/* The name, and below it what has an address and is on no link: loopbacks. */
static void
put_node_label(struct text *out, const struct lab_spec *spec, const struct lab_node_spec *node,
               const char *newline)
{
	text_puts(out, node->name);
	if (node->kind != device_kinds[0])
		text_printf(out, " (%s)", node->kind->name);
	for (size_t i = 0; i < node->n_interfaces; i++) {
		const struct lab_interface *itf = &node->interfaces[i];

		if (!itf->has_address || is_linked(spec, node->name, itf->name))
			continue;
		text_printf(out, "%s%s", newline, itf->name);
		put_address(out, itf);
	}
}

/* A string of DOT: the lab's name may hold anything. */
static void
put_quoted(struct text *out, const char *s)
{
	text_puts(out, "\"");
	for (; *s; s++)
		text_printf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	text_puts(out, "\"");
}

static void
put_dot_link(struct text *out, const struct lab_spec *spec, const struct lab_link *link)
{
	if (link->n_ends == 2) {
		text_printf(out, "  \"%s\" -- \"%s\" [taillabel=\"", link->ends[0].node,
		            link->ends[1].node);
		put_end(out, spec, &link->ends[0]);
		text_puts(out, "\", headlabel=\"");
		put_end(out, spec, &link->ends[1]);
		text_puts(out, "\"];\n");
		return;
	}
	/* A link of many is a node of its own; its name has a blank, which no router's has */
	text_printf(out, "  \"link %s\" [shape=ellipse, label=\"%s\"];\n", link->name, link->name);
	for (size_t i = 0; i < link->n_ends; i++) {
		text_printf(out, "  \"%s\" -- \"link %s\" [taillabel=\"", link->ends[i].node,
		            link->name);
		put_end(out, spec, &link->ends[i]);
		text_puts(out, "\"];\n");
	}
}

void
lab_graph_dot(const struct lab_spec *spec, struct text *out)
{
	text_puts(out, "graph ");
	put_quoted(out, spec->name);
	text_puts(out, " {\n  graph [nodesep=1.5, ranksep=1.5];\n"
	               "  node [shape=box, fontname=\"sans-serif\"];\n"
	               "  edge [fontname=\"sans-serif\", fontsize=9, labeldistance=3];\n");
	for (size_t i = 0; i < spec->n_nodes; i++) {
		text_printf(out, "  \"%s\" [label=\"", spec->nodes[i].name);
		put_node_label(out, spec, &spec->nodes[i], "\\n");
		text_puts(out, "\"];\n");
	}
	for (size_t i = 0; i < spec->n_links; i++)
		put_dot_link(out, spec, &spec->links[i]);
	text_puts(out, "}\n");
}

static size_t
node_number(const struct lab_spec *spec, const char *name)
{
	size_t i = 0;

	while (strcmp(spec->nodes[i].name, name) != 0)
		i++;
	return i;
}

/* Identifiers are numbered: some words are Mermaid's own. */
static void
put_mermaid_link(struct text *out, const struct lab_spec *spec, size_t number)
{
	const struct lab_link *link = &spec->links[number];

	if (link->n_ends == 2) {
		text_printf(out, "  n%zu ---|\"", node_number(spec, link->ends[0].node));
		put_end(out, spec, &link->ends[0]);
		text_puts(out, "<br/>");
		put_end(out, spec, &link->ends[1]);
		text_printf(out, "\"| n%zu\n", node_number(spec, link->ends[1].node));
		return;
	}
	text_printf(out, "  l%zu([\"%s\"])\n", number, link->name);
	for (size_t i = 0; i < link->n_ends; i++) {
		text_printf(out, "  n%zu ---|\"", node_number(spec, link->ends[i].node));
		put_end(out, spec, &link->ends[i]);
		text_printf(out, "\"| l%zu\n", number);
	}
}

void
lab_graph_mermaid(const struct lab_spec *spec, struct text *out)
{
	text_puts(out, "graph LR\n");
	for (size_t i = 0; i < spec->n_nodes; i++) {
		text_printf(out, "  n%zu[\"", i);
		put_node_label(out, spec, &spec->nodes[i], "<br/>");
		text_puts(out, "\"]\n");
	}
	for (size_t i = 0; i < spec->n_links; i++)
		put_mermaid_link(out, spec, i);
}
