/* SPDX-License-Identifier: Apache-2.0 */
/* `packet-tracer` and `show conn`: what the firewall would do, and what it keeps. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/firewall/firewall.h"
#include "cli/show/show_cmd.h"
#include "compiler/policy/protocol.h"

/* --- packet-tracer ---------------------------------------------------------------------------- */

static const char *
interface_of(const struct policy *p, const char *nameif)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].nameif && strcmp(p->interfaces[i].nameif, nameif) == 0)
			return p->interfaces[i].name;
	return NULL;
}

static void
show_phase(struct text *t, size_t n, const char *type, const char *subtype, bool pass)
{
	text_printf(t, "Phase: %zu\nType: %s\nSubtype: %s\nResult: %s\n", n, type, subtype,
	            pass ? "ALLOW" : "DROP");
}

static void
list_phase(struct text *t, const struct filter_trace *trace, const struct filter_step *step,
           const char *how)
{
	const struct policy_interface *on = step->kind == FILTER_STEP_OUT ? trace->out : trace->in;

	if (!step->acl) {
		text_puts(t, "Config:\nImplicit Rule\nAdditional Information:\n\n");
		return;
	}
	if (step->kind == FILTER_STEP_GLOBAL)
		text_printf(t, "Config:\naccess-group %s global\n", step->acl->name);
	else
		text_printf(t, "Config:\naccess-group %s %s interface %s\n", step->acl->name, how,
		            on->nameif);
	if (step->ace)
		text_printf(t, "access-list %s %s\n", step->acl->name, step->ace->text);
	else
		text_puts(t, "Implicit Rule\n");
	text_puts(t, "Additional Information:\n\n");
}

static void
route_phase(struct text *t, const struct filter_trace *trace)
{
	char net[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];

	text_puts(t, "Config:\nAdditional Information:\n");
	if (trace->local)
		text_printf(t, "found next-hop %s using egress ifc  identity\n\n",
		            addr_text(trace->route.addr, net));
	else if (trace->via)
		text_printf(t, "found next-hop %s using egress ifc  %s\n\n",
		            addr_text(trace->via, via),
		            trace->out && trace->out->nameif ? trace->out->nameif : "");
	else
		text_printf(t, "in   %-15s %-15s %s\n\n", addr_text(trace->route.addr, net),
		            addr_text(prefix_mask(trace->route.len), mask),
		            trace->out && trace->out->nameif ? trace->out->nameif : "");
}

static void
step_phase(struct text *t, const struct filter_trace *trace, const struct filter_step *step,
           size_t n)
{
	switch (step->kind) {
	case FILTER_STEP_CONN:
		show_phase(t, n, "FLOW-LOOKUP", "", step->pass);
		text_printf(t,
		            "Config:\nAdditional Information:\nFound flow with id %" PRIu64
		            ", using existing flow\n\n",
		            trace->conn_id);
		break;
	case FILTER_STEP_ROUTE:
		show_phase(t, n, "ROUTE-LOOKUP", "Resolve Egress Interface", step->pass);
		route_phase(t, trace);
		break;
	case FILTER_STEP_IN:
	case FILTER_STEP_GLOBAL:
	case FILTER_STEP_OUT:
		show_phase(t, n, "ACCESS-LIST", "log", step->pass);
		list_phase(t, trace, step, step->kind == FILTER_STEP_OUT ? "out" : "in");
		break;
	case FILTER_STEP_SAME:
	case FILTER_STEP_LEVEL:
		show_phase(t, n, "ACCESS-LIST", "", step->pass);
		text_puts(t, "Config:\nImplicit Rule\nAdditional Information:\n\n");
		break;
	case FILTER_STEP_CREATE:
		show_phase(t, n, "FLOW-CREATION", "", step->pass);
		text_printf(t,
		            "Config:\nAdditional Information:\nNew flow created with id %" PRIu64
		            ", packet dispatched to next module\n\n",
		            trace->conn_id);
	}
}

static void
interface_result(struct text *t, const char *side, const struct policy_interface *on)
{
	text_printf(t, "%s-interface: %s\n%s-status: up\n%s-line-status: up\n", side,
	            on && on->nameif ? on->nameif : "NP Identity Ifc", side, side);
}

static void
show_trace(struct text *t, const struct filter_trace *trace)
{
	bool pass = trace->reason == FILTER_PASS;

	text_puts(t, "\n");
	for (size_t i = 0; i < trace->n_steps; i++)
		step_phase(t, trace, &trace->steps[i], i + 1);
	text_puts(t, "Result:\n");
	interface_result(t, "input", trace->in);
	if (trace->out || trace->local)
		interface_result(t, "output", trace->out);
	text_printf(t, "Action: %s\n", pass ? "allow" : "drop");
	if (!pass)
		text_printf(t, "Drop-reason: %s\n", filter_reason_text(trace->reason));
	text_puts(t, "\n");
}

static struct filter_packet
packet_of(const struct command *cmd)
{
	const char *proto = command_str(cmd, ARG_PROTO);
	struct filter_packet p = {.bytes = 100};

	p.flow.src = command_u32(cmd, ARG_SRC);
	p.flow.dst = command_u32(cmd, ARG_DST);
	p.flow.sport = (uint16_t)command_u32(cmd, ARG_SPORT);
	p.flow.dport = (uint16_t)command_u32(cmd, ARG_DPORT);
	if (!strcmp(proto, "tcp")) {
		p.flow.proto = PROTO_TCP;
		p.flow.tcp_flags = TCP_SYN;
	} else if (!strcmp(proto, "udp")) {
		p.flow.proto = PROTO_UDP;
	} else if (!strcmp(proto, "icmp")) {
		p.flow.proto = PROTO_ICMP;
		p.flow.icmp_type = (uint8_t)command_u32(cmd, ARG_ICMP_TYPE);
		p.flow.icmp_code = (uint8_t)command_u32(cmd, ARG_ICMP_CODE);
		p.icmp_id = (uint16_t)command_u32(cmd, ARG_NUMBER);
	} else {
		p.flow.proto = (uint8_t)command_u32(cmd, ARG_PROTOCOL);
	}
	return p;
}

void
exec_packet_tracer(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const char *nameif = command_str(cmd, ARG_NAMEIF), *name = interface_of(s.policy, nameif);
	struct filter_packet p = packet_of(cmd);
	struct filter_trace trace;
	int error = -EOPNOTSUPP;

	if (!name) {
		shell_refuse(sh);
		text_printf(&s.text, "ERROR: interface <%s> is not found\n", nameif);
		showing_end(&s);
		return;
	}
	if (s.host->ops->filter_trace)
		error = s.host->ops->filter_trace(s.host, name, &p, &trace);
	if (error) {
		shell_refuse(sh);
		text_puts(&s.text, "ERROR: packets cannot be traced on this host\n");
	} else {
		show_trace(&s.text, &trace);
	}
	showing_end(&s);
}

/* --- show conn -------------------------------------------------------------------------------- */

static void
conn_line(struct text *t, const struct filter_conn *c)
{
	const char *proto = c->proto == PROTO_TCP ? "TCP" : c->proto == PROTO_UDP ? "UDP" : "ICMP";
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];
	unsigned idle = (unsigned)(c->idle / 1000);

	/* The side of the lower level comes first. */
	const char *low = c->inbound ? c->in : c->out, *high = c->inbound ? c->out : c->in;
	uint32_t low_addr = c->inbound ? c->src : c->dst, high_addr = c->inbound ? c->dst : c->src;
	unsigned low_port = c->inbound ? c->sport : c->dport;
	unsigned high_port = c->inbound ? c->dport : c->sport;

	text_printf(t, "%s %s %s:%u %s %s:%u, idle %u:%02u:%02u, bytes %" PRIu64 ", flags %s \n",
	            proto, low, addr_text(low_addr, a), low_port, high, addr_text(high_addr, b),
	            high_port, idle / 3600, idle / 60 % 60, idle % 60, c->bytes, c->flags);
}

void
cmd_show_asa_conn(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct filter_conn *conns = NULL;
	size_t n = 0;

	(void)cmd;
	if (s.host->ops->filter_conns)
		conns = s.host->ops->filter_conns(s.host, s.arena, &n);
	text_printf(&s.text, "%zu in use, %zu most used\n", n, n);
	for (size_t i = 0; i < n; i++)
		conn_line(&s.text, &conns[i]);
	showing_end(&s);
}

/* --- clear ------------------------------------------------------------------------------------ */

void
exec_clear_conn(struct shell *sh, const struct command *cmd)
{
	struct host *h = node_host(router_node(shell_router(sh)));
	size_t n = h->ops->filter_clear ? h->ops->filter_clear(h, FILTER_CLEAR_CONNS, NULL) : 0;

	(void)cmd;
	shell_printf(sh, "%zu connection(s) deleted.\n", n);
}

void
exec_clear_access_list(struct shell *sh, const struct command *cmd)
{
	struct host *h = node_host(router_node(shell_router(sh)));

	if (h->ops->filter_clear)
		h->ops->filter_clear(h, FILTER_CLEAR_COUNTERS, command_str(cmd, ARG_NAME));
}

/* --- routes ----------------------------------------------------------------------------------- */

static const char *
nameif_of(const struct policy *p, const char *interface)
{
	const struct policy_interface *on = policy_interface_find(p, interface);

	return on && on->nameif ? on->nameif : interface;
}

/* Where a static route leaves: by the network its gateway is on. */
static const char *
way_of(const struct policy *p, uint32_t via)
{
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *on = &p->interfaces[i];

		if (on->has_address && ((on->addr ^ via) & prefix_mask(on->len)) == 0)
			return on->nameif ? on->nameif : on->name;
	}
	return "";
}

static void
last_resort(struct text *t, const struct host_route *routes, size_t n)
{
	char via[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++)
		if (!routes[i].to.len && routes[i].via) {
			text_printf(t, "Gateway of last resort is %s to network 0.0.0.0\n\n",
			            addr_text(routes[i].via, via));
			return;
		}
	text_puts(t, "Gateway of last resort is not set\n\n");
}

/* again: one more way to the same network. */
static void
learned_line(struct showing *s, const struct host_route *r, bool again)
{
	char net[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];
	long long age = r->age / 1000;

	addr_text(r->to.addr, net);
	addr_text(prefix_mask(r->to.len), mask);
	if (again)
		text_printf(&s->text, "%*s", (int)(10 + strlen(net) + strlen(mask)), "");
	else
		text_printf(&s->text, "%s%c%-7s%s %s", routing_kind_names[r->kind].code,
		            r->to.len ? ' ' : '*', routing_kind_names[r->kind].more, net, mask);
	if (!r->via) {
		text_puts(&s->text, " is a summary, Null0\n");
		return;
	}
	text_printf(&s->text, " [%u/%" PRIu32 "] via %s, %02lld:%02lld:%02lld, %s\n", r->distance,
	            r->metric, addr_text(r->via, via), age / 3600, age / 60 % 60, age % 60,
	            nameif_of(s->policy, r->interface));
}

void
cmd_show_asa_route(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_route *routes;
	char net[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];
	size_t n;

	(void)cmd;
	routes = s.host->ops->routes(s.host, s.arena, &n);
	text_puts(&s.text,
	          "\nCodes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
	          "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
	          "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2\n"
	          "       E1 - OSPF external type 1, E2 - OSPF external type 2\n");
	last_resort(&s.text, routes, n);
	for (size_t i = 0; i < n; i++) {
		const struct host_route *r = &routes[i];

		addr_text(r->to.addr, net);
		addr_text(prefix_mask(r->to.len), mask);
		if (r->source == ROUTE_LEARNED)
			learned_line(&s, r,
			             i && routes[i - 1].to.addr == r->to.addr &&
			                 routes[i - 1].to.len == r->to.len);
		else if (r->source == ROUTE_STATIC)
			text_printf(&s.text, "S        %s %s [%u/0] via %s, %s\n", net, mask,
			            r->distance, addr_text(r->via, via), way_of(s.policy, r->via));
		else
			text_printf(&s.text, "%c        %s %s is directly connected, %s\n",
			            r->source == ROUTE_LOCAL ? 'L' : 'C', net, mask,
			            nameif_of(s.policy, r->interface));
	}
	showing_end(&s);
}
