/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip ...`, `show interfaces`, `show access-lists`: from the host to the layouts. */
#include "cli/show/show_cmd.h"

#include <string.h>

void
cmd_show_ip_route(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_route *routes;
	size_t n;

	(void)cmd;
	routes = s.host->ops->routes(s.host, s.arena, &n);
	show_ip_route(&s.text, routes, n);
	showing_end(&s);
}

void
cmd_show_ip_interface_brief(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_interface *ifs;
	size_t n;

	(void)cmd;
	ifs = s.host->ops->interfaces(s.host, s.arena, &n);
	show_ip_interface_brief(&s.text, ifs, n);
	showing_end(&s);
}

void
cmd_show_interfaces(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_INTERFACE);
	struct showing s = showing_start(sh);
	const struct host_interface *ifs;
	bool found = false;
	size_t n;

	ifs = s.host->ops->interfaces(s.host, s.arena, &n);
	for (size_t i = 0; i < n; i++) {
		if (only && strcmp(only, ifs[i].name))
			continue;
		show_interface(&s.text, &ifs[i]);
		found = true;
	}
	if (only && !found) {
		shell_refuse(sh);
		text_printf(&s.text, "%% Interface %s does not exist.\n", only);
	}
	showing_end(&s);
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
