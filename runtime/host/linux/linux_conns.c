/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's connections as `show conn` has them, and `packet-tracer`. Connections are read from
 * nf_conntrack of the namespace; on which side of the firewall an address is, the policy's
 * addresses and routes say.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "compiler/policy/protocol.h"
#include "runtime/host/linux/linux_priv.h"

#define CONNTRACK "/proc/thread-self/net/nf_conntrack"

/* --- ways ------------------------------------------------------------------------------------- */

/* The connected network an address is in; NULL: none. */
static const struct policy_interface *
connected_interface(const struct policy *p, uint32_t addr)
{
	const struct policy_interface *best = NULL;

	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *f = &p->interfaces[i];

		if (f->has_address && !f->shutdown && !((f->addr ^ addr) & prefix_mask(f->len)) &&
		    (!best || f->len > best->len))
			best = f;
	}
	return best;
}

static const struct policy_route *
best_route(const struct policy *p, uint32_t addr)
{
	const struct policy_route *best = NULL;

	for (size_t i = 0; i < p->n_routes; i++)
		if (prefix_contains(p->routes[i].to, addr) &&
		    (!best || p->routes[i].to.len > best->to.len))
			best = &p->routes[i];
	return best;
}

/* The interface by which the policy reaches an address; NULL: none. */
static const struct policy_interface *
way_to(const struct policy *p, uint32_t addr, struct prefix *ret, uint32_t *ret_via)
{
	const struct policy_interface *f = connected_interface(p, addr);
	const struct policy_route *r = best_route(p, addr);

	*ret_via = 0;
	if (f && (!r || f->len >= r->to.len)) {
		*ret = (struct prefix){f->addr & prefix_mask(f->len), f->len};
		return f;
	}
	if (!r)
		return NULL;
	*ret = r->to;
	*ret_via = r->via;
	if (r->interface)
		return policy_interface_find(p, r->interface);
	for (int depth = 0; r && depth < 8;
	     depth++) { /* a next hop may itself be reached through a next hop */
		if ((f = connected_interface(p, r->via)))
			return f;
		r = best_route(p, r->via);
	}
	return NULL;
}

/* --- conntrack -------------------------------------------------------------------------------- */

struct reading {
	struct arena *a;
	const struct policy *p;
	struct filter_conn *list;
	size_t n, capacity;
};

/* The first `word` from `at` on; false: none. */
static bool
read_field(const char *at, const char *word, uint32_t *ret)
{
	char text[ADDR_TEXT_MAX] = "";

	at = strstr(at, word);
	if (!at)
		return false;
	at += strlen(word);
	if (sscanf(at, "%15[0-9.]", text) != 1)
		return false;
	if (strchr(text, '.'))
		return addr_parse(text, ret);
	*ret = (uint32_t)strtoul(text, NULL, 10);
	return true;
}

/* Counts the octets of both directions, if the kernel counts them, without headers. */
static void
count_bytes(const char *line, struct filter_conn *c)
{
	const uint64_t header = c->proto == PROTO_TCP ? 40 : 28;
	uint64_t all = 0;
	const char *at;

	for (at = line; (at = strstr(at, " packets=")); at++)
		c->packets += strtoull(at + strlen(" packets="), NULL, 10);
	for (at = line; (at = strstr(at, " bytes=")); at++)
		all += strtoull(at + strlen(" bytes="), NULL, 10);
	c->bytes = all > header * c->packets ? all - header * c->packets : 0;
}

static enum filter_conn_state
state_of(uint8_t proto, const char *line)
{
	if (proto != PROTO_TCP)
		return proto == PROTO_UDP ? FILTER_CONN_UDP : FILTER_CONN_ICMP;
	if (strstr(line, " SYN_SENT ") || strstr(line, " SYN_RECV "))
		return FILTER_CONN_EMBRYONIC;
	return strstr(line, " ESTABLISHED ") ? FILTER_CONN_TCP : FILTER_CONN_HALF_CLOSED;
}

/*
 * Takes one line of the kernel's table. A connection that is not between two named interfaces of
 * ours did not pass through the firewall.
 */
static void
line_take(struct reading *r, const char *line)
{
	struct filter_conn c = {.id = r->n + 1};
	const struct policy_interface *in, *out;
	uint32_t sport = 0, dport = 0, via;
	char number[4], seconds[21];
	unsigned long proto;
	struct prefix to;
	long left;

	if (sscanf(line, "ipv4 %*u %*s %3[0-9] %20[-0-9]", number, seconds) != 2)
		return;
	proto = strtoul(number, NULL, 10);
	left = strtol(seconds, NULL, 10);
	if ((proto != PROTO_ICMP && proto != PROTO_TCP && proto != PROTO_UDP) ||
	    strstr(line, " TIME_WAIT ") || strstr(line, " CLOSE ") ||
	    !read_field(line, "src=", &c.src) || !read_field(line, "dst=", &c.dst))
		return;
	read_field(line, proto == PROTO_ICMP ? " id=" : "sport=", &sport);
	if (proto != PROTO_ICMP)
		read_field(line, "dport=", &dport);
	in = way_to(r->p, c.src, &to, &via);
	out = way_to(r->p, c.dst, &to, &via);
	if (!in || !out || !in->nameif || !out->nameif || c.src == in->addr || c.dst == out->addr)
		return;
	c.proto = (uint8_t)proto;
	c.state = state_of(c.proto, line);
	c.in = arena_strdup(r->a, in->nameif);
	c.out = arena_strdup(r->a, out->nameif);
	c.inbound = in->security_level <= out->security_level;
	c.sport = (uint16_t)sport;
	c.dport = (uint16_t)dport;
	count_bytes(line, &c);
	c.idle = filter_timeouts[c.state] - SECONDS(left);
	c.idle = c.idle < 0 ? 0 : c.idle;
	if (proto != PROTO_TCP)
		snprintf(c.flags, sizeof(c.flags), "-");
	else
		snprintf(c.flags, sizeof(c.flags), "%s%s",
		         c.state == FILTER_CONN_EMBRYONIC ? "aA" : "U", c.inbound ? "B" : "");
	x_grow(&r->list, &r->capacity, r->n + 1, sizeof(*r->list));
	r->list[r->n++] = c;
}

static int
read_inside(struct linux_host *h)
{
	struct reading *r = h->filter_reading;
	FILE *f = fopen(CONNTRACK, "re");
	char line[512];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f) && r->n < FILTER_CONNS_MAX)
		line_take(r, line);
	fclose(f);
	return 0;
}

const struct filter_conn *
linux_filter_conns(struct host *host, struct arena *a, size_t *ret_n)
{
	struct linux_host *h = (struct linux_host *)host;
	struct reading r = {.a = a, .p = h->filter_policy};
	const struct filter_conn *list = NULL;
	int error;

	*ret_n = 0;
	if (!r.p || !r.p->firewall)
		return NULL;
	h->filter_reading = &r;
	error = linux_inside(h, read_inside, h);
	h->filter_reading = NULL;
	if (error)
		LOG(&h->events.log, HOST_ERROR, "connections cannot be read", strerror(-error));
	if (r.n)
		list = arena_memdup(a, r.list, r.n * sizeof(*list));
	*ret_n = r.n;
	free(r.list);
	return list;
}

/* Removes all connections of the namespace. */
static int
flush_inside(struct linux_host *h)
{
	char buf[64];
	struct nlmsghdr *n = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int error = 0;

	(void)h;
	if (!s)
		return -errno;
	n->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
	n->nlmsg_flags = NLM_F_REQUEST;
	g = mnl_nlmsg_put_extra_header(n, sizeof(*g));
	g->nfgen_family = AF_INET;
	g->version = NFNETLINK_V0;
	if (mnl_socket_sendto(s, n, n->nlmsg_len) < 0)
		error = -errno;
	mnl_socket_close(s);
	return error;
}

size_t
linux_conns_clear(struct linux_host *h)
{
	struct arena *a = arena_new();
	size_t n;

	linux_filter_conns(&h->host, a, &n);
	arena_free(a);
	return n && !linux_inside(h, flush_inside, h) ? n : 0;
}

/* --- packet-tracer ---------------------------------------------------------------------------- */

int
linux_filter_trace(struct host *host, const char *interface, const struct filter_packet *packet,
                   struct filter_trace *ret)
{
	struct linux_host *h = (struct linux_host *)host;
	const struct policy *p = h->filter_policy;
	const struct policy_interface *in = p ? policy_interface_find(p, interface) : NULL, *out;
	struct filter_trace t = {.reason = FILTER_NO_ROUTE, .in = in};

	if (!p || !p->firewall)
		return -EOPNOTSUPP;
	if (!in)
		return -ENODEV;
	for (size_t i = 0; i < p->n_interfaces; i++)
		t.local |=
		    p->interfaces[i].has_address && p->interfaces[i].addr == packet->flow.dst;
	out = way_to(p, packet->flow.dst, &t.route, &t.via);
	if (t.local)
		t.reason = packet->flow.proto == PROTO_ICMP || (packet->flow.proto == PROTO_UDP &&
		                                                packet->flow.dport == GDOI_PORT)
		               ? FILTER_PASS
		               : FILTER_NOT_HERE;
	if (t.local || out)
		t.steps[t.n_steps++] =
		    (struct filter_step){.kind = FILTER_STEP_ROUTE, .pass = true};
	if (!t.local && out)
		filter_explain(h->filter, packet, in, out, linux_now(), &t);
	*ret = t;
	return 0;
}
