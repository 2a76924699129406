/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip route`, `show arp`, `show access-lists` ...: from the host to the layouts. */
#include "cli/show/show_cmd.h"

#include <netinet/in.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/base/path.h"

const struct host_route *
showing_routes(struct showing *s, uint32_t vrf, size_t *ret_n)
{
	size_t n, kept = 0;
	const struct host_route *all = s->host->ops->routes(s->host, s->arena, &n);
	struct host_route *list = arena_alloc(s->arena, n * sizeof(*list));

	for (size_t i = 0; i < n; i++)
		if (all[i].vrf == vrf)
			list[kept++] = all[i];
	*ret_n = kept;
	return list;
}

/* What a host shows, which does not route. */
static void
show_gateway(struct text *t, const struct host_route *routes, size_t n)
{
	char a[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		if (!routes[i].to.len && routes[i].via) {
			text_printf(t, "Default gateway is %s\n\n", addr_text(routes[i].via, a));
			break;
		}
	text_puts(t, "Host               Gateway           Last Use    Total Uses  Interface\n"
	             "ICMP redirect cache is empty\n");
}

static void
show_routes(struct shell *sh, const struct command *cmd, const struct show_routes *want)
{
	struct showing s = showing_start(sh);
	uint32_t vrf;
	size_t n;

	if (showing_vrf(&s, cmd, &vrf)) {
		const struct host_route *routes = showing_routes(&s, vrf, &n);

		if (vrf != VRF_GLOBAL)
			text_printf(&s.text, "\nRouting Table: %s\n", vrf_name(vrf));
		if (s.policy->ip_routing || vrf != VRF_GLOBAL)
			show_ip_route(&s.text, routes, n, want);
		else
			show_gateway(&s.text, routes, n);
	}
	showing_end(&s);
}

void
cmd_show_ip_route(struct shell *sh, const struct command *cmd)
{
	const char *source = command_str(cmd, ARG_SOURCE);
	const struct show_routes want = {.source = !source          ? SHOW_ROUTES_ALL
	                                           : *source == 's' ? SHOW_ROUTES_STATIC
	                                           : *source == 'c' ? SHOW_ROUTES_CONNECTED
	                                                            : SHOW_ROUTES_LEARNED,
	                                 .protocol = source};

	show_routes(sh, cmd, &want);
}

void
cmd_show_ip_cef(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_route *routes, *one = NULL;
	uint32_t vrf;
	size_t n;

	if (showing_vrf(&s, cmd, &vrf)) {
		routes = showing_routes(&s, vrf, &n);
		if (command_has(cmd, ARG_PREFIX)) {
			one = show_route_find(routes, n, command_u32(cmd, ARG_PREFIX), NULL);
			routes = one;
			n = one ? 1 : 0;
		}
		show_ip_cef(&s.text, routes, n);
	}
	showing_end(&s);
}

void
cmd_show_ip_route_longer(struct shell *sh, const struct command *cmd)
{
	const struct show_routes want = {
	    .longer = true,
	    .within = {command_u32(cmd, ARG_DST), mask_len(command_u32(cmd, ARG_MASK))}};

	show_routes(sh, cmd, &want);
}

void
cmd_show_ip_route_entry(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	uint32_t addr = command_u32(cmd, ARG_DST);
	uint8_t len = mask_len(command_u32(cmd, ARG_MASK));
	const struct host_route *routes, *found;
	uint32_t vrf;
	size_t n;

	if (!showing_vrf(&s, cmd, &vrf)) {
		showing_end(&s);
		return;
	}
	routes = showing_routes(&s, vrf, &n);
	if (vrf != VRF_GLOBAL)
		text_printf(&s.text, "\nRouting Table: %s\n", vrf_name(vrf));
	found = show_route_find(routes, n, addr, command_has(cmd, ARG_MASK) ? &len : NULL);
	if (found)
		show_ip_route_entry(&s.text, routes, n, found);
	else if (show_network_is_known(routes, n, addr))
		text_puts(&s.text, "% Subnet not in table\n");
	else
		text_puts(&s.text, "% Network not in table\n");
	showing_end(&s);
}

void
cmd_show_ip_route_summary(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_route *routes;
	uint32_t vrf;
	size_t n;

	if (showing_vrf(&s, cmd, &vrf)) {
		routes = showing_routes(&s, vrf, &n);
		show_ip_route_summary(&s.text, routes, n);
	}
	showing_end(&s);
}

/* Neighbours, and the router's own addresses among them. */
void
cmd_show_arp(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_neighbor *list = NULL;
	const struct host_interface *ifs;
	struct host_interface *in;
	size_t n = 0, n_ifs, n_in = 0;
	uint32_t vrf;

	if (!showing_vrf(&s, cmd, &vrf)) {
		showing_end(&s);
		return;
	}
	if (s.host->ops->neighbors && vrf == VRF_GLOBAL)
		list = s.host->ops->neighbors(s.host, s.arena, &n);
	ifs = s.host->ops->interfaces(s.host, s.arena, &n_ifs);
	in = arena_alloc(s.arena, n_ifs * sizeof(*in));
	for (size_t i = 0; i < n_ifs; i++)
		if (vrf_number(ifs[i].vrf) == vrf)
			in[n_in++] = ifs[i];
	show_arp(&s.text, list, n, in, n_in);
	showing_end(&s);
}

void
cmd_show_ip_interface_brief(struct shell *sh, const struct command *cmd)
{
	const struct value *named = command_value(cmd, ARG_INTERFACE, 0);
	struct showing s = showing_start(sh);
	const struct host_interface *ifs;
	size_t n, at = 0;

	ifs = s.host->ops->interfaces(s.host, s.arena, &n);
	while (named && at < n && strcmp(named->text, ifs[at].name) != 0)
		at++;
	if (named && at == n)
		shell_refuse_at(sh, named->column);
	else
		show_ip_interface_brief(&s.text, &ifs[at], named ? 1 : n);
	showing_end(&s);
}

/* UDP alone, as IOS has it: we listen for IKE and GDOI. */
void
cmd_show_ip_sockets(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_printf(sh,
	             "Proto    Remote      Port      Local       Port  In Out Stat TTY OutputIF\n"
	             "%-3d %13s %7s %14s %9d %3d %3d %4d %3d \n",
	             IPPROTO_UDP, "--listen--", "", "--any--", GDOI_PORT, 0, 0, 0, 0);
}

static uint64_t
host_matches(void *arg, const char *acl, uint32_t seq)
{
	struct host *h = arg;

	return h->ops->acl_matches(h, acl, seq);
}

void
cmd_show_access_lists(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_ACL);
	struct showing s = showing_start(sh);

	for (size_t i = 0; i < s.policy->n_acls; i++)
		if (!only || !strcmp(only, s.policy->acls[i].name))
			show_access_list(&s.text, &s.policy->acls[i], host_matches, s.host);
	showing_end(&s);
}
