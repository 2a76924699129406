/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces, routes, neighbours and access lists for scripts. */
#include "cli/show/structured.h"

#include <string.h>

#include "cli/show/show_interface_cmd.h"
#include "runtime/base/path.h"

/* --- interfaces ------------------------------------------------------------------------------- */

static void
emit_mac(struct emit *e, const char *key, const uint8_t *mac)
{
	char text[SHOW_MAC_MAX];

	emit_string(e, key, mac ? show_mac_text(mac, text) : NULL);
}

static void
emit_since(struct emit *e, const char *key, msec ago)
{
	if (ago < 0)
		emit_null(e, key);
	else
		emit_int(e, key, ago / 1000);
}

static void
put_way(struct emit *e, const char *key, const struct host_way *w)
{
	emit_map(e, key);
	emit_int(e, "packets", (int64_t)w->packets);
	emit_int(e, "bytes", (int64_t)w->bytes);
	emit_int(e, "errors", (int64_t)w->errors);
	emit_int(e, "drops", (int64_t)w->drops);
	emit_int(e, "bits_per_second", (int64_t)w->bit_rate);
	emit_int(e, "packets_per_second", (int64_t)w->packet_rate);
	emit_since(e, "idle_seconds", w->idle);
	emit_end(e);
}

/* What every show of interfaces begins with. */
static void
put_port(struct emit *e, const struct show_port *p)
{
	const struct host_interface *i = p->host;
	char addr[ADDR_TEXT_MAX];

	emit_string(e, "name", i->name);
	emit_string(e, "status", show_port_status(i));
	emit_string(e, "protocol", show_port_protocol(i));
	emit_string(e, "description", p->description);
	if (i->has_address)
		emit_printf(e, "address", "%s/%u", addr_text(i->addr, addr), i->len);
	else
		emit_null(e, "address");
	emit_int(e, "mtu", i->mtu);
	emit_string(e, "device", i->device);
}

typedef void port_put(struct emit *e, const struct show_port *p);

static void
put_ports(struct showing *s, struct emit *e, port_put *more)
{
	size_t n;
	const struct show_port *ports = showing_ports(s, command_str(s->cmd, ARG_INTERFACE), &n);

	if (command_str(s->cmd, ARG_INTERFACE) && !n)
		shell_refuse(s->sh);
	emit_list(e, "interfaces");
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		put_port(e, &ports[i]);
		if (more)
			more(e, &ports[i]);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_counters(struct emit *e, const struct show_port *p)
{
	const struct host_interface *i = p->host;

	emit_mac(e, "hardware_address", i->has_mac ? i->mac : NULL);
	emit_int(e, "bandwidth_kbits", p->bandwidth);
	emit_int(e, "delay_microseconds", p->delay);
	put_way(e, "input", &i->in);
	put_way(e, "output", &i->out);
	emit_int(e, "multicast_packets", (int64_t)i->multicast);
	emit_int(e, "crc_errors", (int64_t)i->crc);
	emit_int(e, "frame_errors", (int64_t)i->frame);
	emit_int(e, "overruns", (int64_t)i->overrun);
	emit_int(e, "collisions", (int64_t)i->collisions);
	emit_since(e, "cleared_seconds", i->cleared);
}

static void
put_lists(struct emit *e, const struct show_port *p)
{
	const struct policy_interface *f = p->policy;

	emit_string(e, "inbound_access_list", f && f->acl_in ? f->acl_in->name : NULL);
	emit_string(e, "outbound_access_list", f && f->acl_out ? f->acl_out->name : NULL);
}

static void
put_interfaces(struct showing *s, struct emit *e)
{
	put_ports(s, e, put_counters);
}

static void
ip_interfaces(struct showing *s, struct emit *e)
{
	put_ports(s, e, put_lists);
}

static void
put_protocols(struct showing *s, struct emit *e)
{
	emit_bool(e, "ip_routing", s->policy->ip_routing);
	put_ports(s, e, NULL);
}

/* --- routes ----------------------------------------------------------------------------------- */

static const char *const sources[] = {
    [ROUTE_CONNECTED] = "connected", [ROUTE_LOCAL] = "local", [ROUTE_STATIC] = "static"};

static const char *
source_of(const struct host_route *r)
{
	return r->source == ROUTE_LEARNED ? routing_kind_names[r->kind].protocol
	                                  : sources[r->source];
}

/* The routes of the VRF that the command names; of one that there is not there are none. */
static const struct host_route *
table_asked_for(struct showing *s, size_t *ret_n)
{
	return showing_routes(s, vrf_number(command_str(s->cmd, ARG_VRF)), ret_n);
}

static bool
is_asked_for(const struct command *cmd, const struct host_route *r)
{
	const char *source = command_str(cmd, ARG_SOURCE);

	if (source && strcmp(source, source_of(r)) != 0 &&
	    !(r->source == ROUTE_LOCAL && strcmp(source, "connected") == 0))
		return false;
	if (cmd->entry->handler != H_SHOW_IP_ROUTE_LONGER)
		return true;
	return show_route_is_within(r, command_u32(cmd, ARG_DST),
	                            mask_len(command_u32(cmd, ARG_MASK)));
}

static void
put_route(struct emit *e, const struct host_route *r)
{
	char addr[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_printf(e, "prefix", "%s/%u", addr_text(r->to.addr, addr), r->to.len);
	emit_string(e, "source", source_of(r));
	if (r->source == ROUTE_LEARNED) {
		emit_string(e, "type",
		            *routing_kind_names[r->kind].type ? routing_kind_names[r->kind].type
		                                              : NULL);
		emit_int(e, "process", r->process);
		emit_int(e, "age_seconds", r->age / 1000);
	}
	emit_int(e, "distance", r->distance);
	emit_int(e, "metric", r->metric);
	emit_addr(e, "next_hop", r->via);
	emit_string(e, "interface", r->interface[0] ? r->interface : NULL);
	emit_end(e);
}

static void
put_routes(struct showing *s, struct emit *e)
{
	size_t n;
	const struct host_route *list = table_asked_for(s, &n);

	emit_list(e, "routes");
	for (size_t i = 0; i < n; i++)
		if (is_asked_for(s->cmd, &list[i]))
			put_route(e, &list[i]);
	emit_end(e);
}

static void
one_route(struct showing *s, struct emit *e)
{
	size_t n;
	const struct host_route *list = table_asked_for(s, &n);
	uint8_t len = mask_len(command_u32(s->cmd, ARG_MASK));
	const struct host_route *r = show_route_find(list, n, command_u32(s->cmd, ARG_DST),
	                                             command_has(s->cmd, ARG_MASK) ? &len : NULL);

	emit_list(e, "routes");
	if (r)
		put_route(e, r);
	emit_end(e);
}

static void
route_counts(struct showing *s, struct emit *e)
{
	size_t n, counts[ROUTE_LEARNED + 1] = {0};
	const struct host_route *list = table_asked_for(s, &n);

	for (size_t i = 0; i < n; i++)
		counts[list[i].source]++;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		emit_int(e, sources[i], (int64_t)counts[i]);
	emit_int(e, "learned", (int64_t)counts[ROUTE_LEARNED]);
	emit_int(e, "total", (int64_t)n);
}

/* --- neighbours ------------------------------------------------------------------------------- */

static void
put_neighbors(struct showing *s, struct emit *e)
{
	size_t n = 0;
	const struct host_neighbor *list = NULL;

	if (s->host->ops->neighbors)
		list = s->host->ops->neighbors(s->host, s->arena, &n);
	emit_list(e, "neighbors");
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		emit_addr(e, "address", list[i].addr);
		emit_mac(e, "hardware_address", list[i].resolved ? list[i].mac : NULL);
		emit_since(e, "age_seconds", list[i].permanent ? -1 : list[i].age);
		emit_string(e, "interface", list[i].interface);
		emit_end(e);
	}
	emit_end(e);
}

/* --- access lists ----------------------------------------------------------------------------- */

static void
access_lists(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_ACL);

	emit_list(e, "access_lists");
	for (size_t i = 0; i < s->policy->n_acls; i++) {
		const struct policy_acl *acl = &s->policy->acls[i];

		if (only && strcmp(only, acl->name))
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", acl->name);
		emit_string(e, "type", acl->standard ? "standard" : "extended");
		emit_list(e, "entries");
		for (size_t k = 0; k < acl->n_aces; k++) {
			const struct policy_ace *a = &acl->aces[k];

			if (k && acl->aces[k - 1].seq == a->seq)
				continue;
			emit_map(e, NULL);
			emit_int(e, "sequence", a->seq);
			emit_string(e, "text", a->text);
			emit_int(e, "matches",
			         (int64_t)s->host->ops->acl_matches(s->host, acl->name, a->seq));
			emit_end(e);
		}
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_ip[] = {
    {.handler = H_SHOW_INTERFACES, .put = put_interfaces},
    {.handler = H_SHOW_INTERFACES_DESCRIPTION, .put = put_interfaces},
    {.handler = H_SHOW_INTERFACES_STATUS, .put = put_interfaces},
    {.handler = H_SHOW_INTERFACES_SUMMARY, .put = put_interfaces},
    {.handler = H_SHOW_INTERFACES_COUNTERS, .put = put_interfaces},
    {.handler = H_SHOW_IP_INTERFACE, .put = ip_interfaces},
    {.handler = H_SHOW_IP_INTERFACE_BRIEF, .put = ip_interfaces},
    {.handler = H_SHOW_PROTOCOLS, .put = put_protocols},
    {.handler = H_SHOW_IP_ROUTE, .put = put_routes},
    {.handler = H_SHOW_ASA_ROUTE, .put = put_routes},
    {.handler = H_SHOW_IP_ROUTE_LONGER, .put = put_routes},
    {.handler = H_SHOW_IP_ROUTE_ENTRY, .put = one_route},
    {.handler = H_SHOW_IP_ROUTE_SUMMARY, .put = route_counts},
    {.handler = H_SHOW_ARP, .put = put_neighbors},
    {.handler = H_SHOW_ACCESS_LISTS, .put = access_lists},
    {.put = NULL},
};
