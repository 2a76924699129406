/* SPDX-License-Identifier: Apache-2.0 */
/* What a topology says, to those who ask: see lab.h. */
#include "cli/lab/lab.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/text.h"
#include "compiler/grammar/command.h"
#include "compiler/policy/prefix.h"

#define INTERFACE_MAX_LEN 63

void
lab_spec_free(struct lab_spec *spec)
{
	if (spec)
		arena_free(spec->arena);
}

const struct lab_node_spec *
lab_spec_node(const struct lab_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n_nodes; i++)
		if (strcmp(spec->nodes[i].name, name) == 0)
			return &spec->nodes[i];
	return NULL;
}

const struct lab_alias *
lab_spec_alias(const struct lab_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n_aliases; i++)
		if (strcmp(spec->aliases[i].name, name) == 0)
			return &spec->aliases[i];
	return NULL;
}

const char *
lab_interface_name(struct arena *a, const char *text)
{
	struct command cmd;
	size_t column;
	char line[128];

	if (strlen(text) > INTERFACE_MAX_LEN)
		return NULL;
	snprintf(line, sizeof(line), "interface %s", text);
	if (command_parse(MODE_CONFIG, line, a, &cmd, &column) != PARSE_OK || cmd.n < 2 ||
	    cmd.values[cmd.n - 1].elem->type != TYPE_INTERFACE)
		return NULL;
	return cmd.values[cmd.n - 1].text;
}

void
lab_startup_text(const struct lab_node_spec *node, struct text *ret)
{
	struct arena *a = arena_new();
	char addr[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	text_printf(ret, "hostname %s\n", node->name);
	for (size_t i = 0; i < node->n_interfaces; i++) {
		const struct lab_interface *itf = &node->interfaces[i];

		text_printf(ret, "interface %s\n", itf->name);
		if (itf->has_address)
			text_printf(ret, " ip address %s %s\n", addr_text(itf->addr, addr),
			            addr_text(prefix_mask(itf->len), mask));
		text_puts(ret, " no shutdown\n");
	}
	for (size_t i = 0; i < node->n_routes; i++) {
		const char *line =
		    node->kind->route(NULL, node->routes[i].to, node->routes[i].via, a);

		if (line)
			text_printf(ret, "%s\n", line);
	}
	text_puts(ret, node->startup);
	arena_free(a);
}

size_t
lab_routes_text(const struct lab_node_spec *node, const struct tree *t, struct text *ret,
                unsigned *ret_lines,
                void (*lost)(void *arg, const struct lab_route *route, const char *why), void *arg)
{
	struct arena *a = arena_new();
	char addr[ADDR_TEXT_MAX];
	size_t n = 0;

	for (size_t i = 0; i < node->n_routes; i++) {
		const struct lab_route *r = &node->routes[i];
		const char *line;

		if (node->kind->route(NULL, r->to, r->via, a))
			continue; /* lab_startup_text has it */
		line = node->kind->route(t, r->to, r->via, a);
		if (line) {
			text_printf(ret, "%s\n", line);
			ret_lines[n++] = r->line;
		} else {
			lost(arg, r,
			     arena_printf(a, "no interface with a nameif is in the network of %s",
			                  addr_text(r->via, addr)));
		}
	}
	arena_free(a);
	return n;
}
