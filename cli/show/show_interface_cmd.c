/* SPDX-License-Identifier: Apache-2.0 */
/* `show interfaces` in its forms, `show ip interface`, `show protocols`: see show_interface.c. */
#include "cli/show/show_interface_cmd.h"

#include <stdio.h>
#include <string.h>

static struct show_port
port_of(struct showing *s, const struct host_interface *i)
{
	struct show_port p = show_port_of(i);
	const struct tnode *n =
	    tnode_named(tree_top(router_tree(s->router)), KEY_INTERFACE, ARG_NAME, i->name);
	const struct tnode *description = n ? tnode_first(n, KEY_IF_DESCRIPTION) : NULL;

	p.policy = policy_interface_find(s->policy, i->name);
	if (description)
		p.description = arena_strdup(s->arena, tnode_str(description, ARG_DESCRIPTION));
	if (p.policy && p.policy->bandwidth) {
		p.bandwidth = p.policy->bandwidth;
		p.delay = p.policy->delay * 10;
	}
	return p;
}

const struct show_port *
showing_ports(struct showing *s, const char *only, size_t *ret_n)
{
	size_t n, kept = 0;
	const struct host_interface *ifs = s->host->ops->interfaces(s->host, s->arena, &n);
	struct show_port *ports = arena_alloc(s->arena, (n + 1) * sizeof(*ports));

	for (size_t i = 0; i < n; i++)
		if (!only || !strcmp(only, ifs[i].name))
			ports[kept++] = port_of(s, &ifs[i]);
	*ret_n = kept;
	return ports;
}

/* Those that a command names; false: it names one that is not there, and is refused. */
static bool
ports_of_command(struct showing *s, const struct command *cmd, const struct show_port **ret,
                 size_t *ret_n)
{
	const struct value *named = command_value(cmd, ARG_INTERFACE, 0);

	*ret = showing_ports(s, named ? named->text : NULL, ret_n);
	if (named && !*ret_n) {
		shell_refuse_at(s->sh, named->column);
		return false;
	}
	return true;
}

typedef void port_fn(struct text *t, const struct show_port *p);
typedef void table_fn(struct text *t, const struct show_port *ports, size_t n);

static void
show_each(struct shell *sh, const struct command *cmd, port_fn *show)
{
	struct showing s = showing_start(sh);
	const struct show_port *ports;
	size_t n;

	if (ports_of_command(&s, cmd, &ports, &n))
		for (size_t i = 0; i < n; i++)
			show(&s.text, &ports[i]);
	showing_end(&s);
}

static void
show_table(struct shell *sh, const struct command *cmd, table_fn *show)
{
	struct showing s = showing_start(sh);
	const struct show_port *ports;
	size_t n;

	if (ports_of_command(&s, cmd, &ports, &n))
		show(&s.text, ports, n);
	showing_end(&s);
}

void
cmd_show_interfaces(struct shell *sh, const struct command *cmd)
{
	show_each(sh, cmd, show_interface);
}

void
cmd_show_interfaces_description(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_interfaces_description);
}

void
cmd_show_interfaces_status(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_interfaces_status);
}

void
cmd_show_interfaces_summary(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_interfaces_summary);
}

void
cmd_show_interfaces_counters(struct shell *sh, const struct command *cmd)
{
	show_table(sh, cmd, show_interfaces_counters);
}

void
cmd_show_ip_interface(struct shell *sh, const struct command *cmd)
{
	show_each(sh, cmd, show_ip_interface);
}

void
cmd_show_protocols(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct show_port *ports;
	size_t n;

	(void)cmd;
	ports = showing_ports(&s, NULL, &n);
	show_protocols(&s.text, ports, n, s.policy->ip_routing);
	showing_end(&s);
}
