/* SPDX-License-Identifier: Apache-2.0 */
/* `show vrf`, `show ip vrf`: which there are, and which interfaces are in them. */
#include <string.h>

#include "cli/show/structured.h"
#include "compiler/policy/vrf.h"
#include "runtime/base/path.h"

#define HEADING  "  Name                             Default RD            "
#define IN_FRONT 33 /* columns of a name */
#define RD_WIDTH 22

bool
showing_vrf(struct showing *s, const struct command *cmd, uint32_t *ret)
{
	const char *name = command_str(cmd, ARG_VRF);

	*ret = VRF_GLOBAL;
	if (!name)
		return true;
	*ret = vrf_number(name);
	if (policy_vrf_find(s->policy, name))
		return true;
	shell_refuse(s->sh);
	text_printf(&s->text, "%% IP routing table %s does not exist\n", name);
	return false;
}

static const char *
rd_of(const struct policy_vrf *v, char buf[static ROUTE_TARGET_TEXT_MAX])
{
	return v->has_rd ? route_target_text(v->rd, buf) : "<not set>";
}

/* Its interfaces, one in a line, from a column on; `protocols` NULL: that column is not there. */
static void
put_vrf(struct text *t, const struct policy *p, const struct policy_vrf *v, const char *protocols)
{
	char rd[ROUTE_TARGET_TEXT_MAX], name[SHOW_PORT_SHORT];
	size_t n = 0;

	text_printf(t, "  %-*s%-*s", IN_FRONT, v->name, RD_WIDTH, rd_of(v, rd));
	if (protocols)
		text_printf(t, "%-12s", protocols);
	for (size_t i = 0; i < p->n_interfaces; i++) {
		if (!vrf_same(p->interfaces[i].vrf, v->name))
			continue;
		if (n++)
			text_printf(t, "%*s", 2 + IN_FRONT + RD_WIDTH + (protocols ? 12 : 0), "");
		text_printf(t, "%s\n", show_port_short(p->interfaces[i].name, name));
	}
	if (!n)
		text_puts(t, "\n");
}

static void
show_vrfs(struct shell *sh, const struct command *cmd, bool protocols)
{
	const char *only = command_str(cmd, ARG_VRF);
	struct showing s = showing_start(sh);

	if (only && !policy_vrf_find(s.policy, only)) {
		shell_refuse(sh);
		text_printf(&s.text, "%% No VRF named %s\n", only);
		showing_end(&s);
		return;
	}
	text_printf(&s.text, HEADING "%sInterfaces\n", protocols ? "Protocols   " : "");
	for (size_t i = 0; i < s.policy->n_vrfs; i++) {
		const struct policy_vrf *v = &s.policy->vrfs[i];

		if (!only || !strcmp(only, v->name))
			put_vrf(&s.text, s.policy, v, !protocols ? NULL : v->ipv4 ? "ipv4" : "");
	}
	showing_end(&s);
}

void
cmd_show_vrf(struct shell *sh, const struct command *cmd)
{
	show_vrfs(sh, cmd, true);
}

void
cmd_show_ip_vrf(struct shell *sh, const struct command *cmd)
{
	show_vrfs(sh, cmd, false);
}

void
cmd_show_ip_vrf_interfaces(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_VRF);
	struct showing s = showing_start(sh);
	char addr[ADDR_TEXT_MAX], name[SHOW_PORT_SHORT];
	const struct host_interface *ifs;
	size_t n;

	ifs = s.host->ops->interfaces(s.host, s.arena, &n);
	text_puts(&s.text,
	          "Interface              IP-Address      VRF                              "
	          "Protocol\n");
	for (size_t i = 0; i < n; i++)
		if (ifs[i].vrf && (!only || !strcmp(only, ifs[i].vrf)))
			text_printf(
			    &s.text, "%-22s %-15s %-32s %s\n", show_port_short(ifs[i].name, name),
			    ifs[i].has_address ? addr_text(ifs[i].addr, addr) : "unassigned",
			    ifs[i].vrf, ifs[i].line_up ? "up" : "down");
	showing_end(&s);
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
put_targets(struct emit *e, const char *key, const uint64_t *list, size_t n)
{
	char text[ROUTE_TARGET_TEXT_MAX];

	emit_list(e, key);
	for (size_t i = 0; i < n; i++)
		emit_string(e, NULL, route_target_text(list[i], text));
	emit_end(e);
}

static void
put_vrf_map(struct emit *e, const struct policy *p, const struct policy_vrf *v)
{
	char rd[ROUTE_TARGET_TEXT_MAX];

	emit_map(e, NULL);
	emit_string(e, "name", v->name);
	emit_string(e, "rd", v->has_rd ? route_target_text(v->rd, rd) : NULL);
	emit_bool(e, "ipv4", v->ipv4);
	put_targets(e, "imports", v->imports, v->n_imports);
	put_targets(e, "exports", v->exports, v->n_exports);
	emit_list(e, "interfaces");
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (vrf_same(p->interfaces[i].vrf, v->name))
			emit_string(e, NULL, p->interfaces[i].name);
	emit_end(e);
	emit_end(e);
}

static void
put_vrfs(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_VRF);

	emit_list(e, "vrfs");
	for (size_t i = 0; i < s->policy->n_vrfs; i++)
		if (!only || !strcmp(only, s->policy->vrfs[i].name))
			put_vrf_map(e, s->policy, &s->policy->vrfs[i]);
	emit_end(e);
}

const struct command_view structured_vrf[] = {
    {.handler = H_SHOW_VRF, .put = put_vrfs},
    {.handler = H_SHOW_IP_VRF, .put = put_vrfs},
    {.handler = H_SHOW_IP_VRF_INTERFACES, .put = put_vrfs},
    {.put = NULL},
};
