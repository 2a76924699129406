/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's filter as nftables rules, one table that is replaced as a whole:
 *
 *      router    prerouting: iifname -> list `in`      (before decryption, packets for itself too)
 *                forward:    oifname -> list `out`     (before encryption, not its own packets)
 *      firewall  forward:    known connection -> same level -> lists `in`, global, or the levels
 *                            -> list `out`; the rest is dropped
 *
 * Each entry is a rule with a counter; the rule's number is the place of the entry among the
 * entries of all lists that are applied, counted from 1: that is how counts are read back.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_filter.h"

#include <netinet/in.h> /* before the kernel's headers, which define the same names */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include "runtime/base/path.h"
#include "runtime/dataplane/kernel/nft.h"
#include "runtime/filter/filter.h"
#include "runtime/packet/packet.h"

struct rules {
	struct nft *nft;
	const struct policy *p;
	const struct ruleset_options *o;
	const struct ruleset_list *lists; /* of p->acls */
};

struct chain_name {
	char text[32];
};

static struct chain_name
name_chain(const char *prefix, size_t number)
{
	struct chain_name c;

	snprintf(c.text, sizeof(c.text), "%s%zu", prefix, number);
	return c;
}

/* --- numbers of entries ----------------------------------------------------------------------- */

static struct ruleset_list *
place_of(const struct policy *p, struct ruleset_list *lists, const struct policy_acl *acl)
{
	return &lists[acl - p->acls];
}

static void
mark_applied(const struct policy *p, struct ruleset_list *lists)
{
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *f = &p->interfaces[i];

		if (f->acl_in)
			place_of(p, lists, f->acl_in)->in = true;
		if (f->acl_out)
			place_of(p, lists, f->acl_out)->out = true;
	}
	if (p->acl_global)
		place_of(p, lists, p->acl_global)->in = true;
}

struct ruleset_list *
ruleset_lists(const struct policy *p, size_t *ret_n_numbers)
{
	struct ruleset_list *lists = x_alloc(p->n_acls * sizeof(*lists));
	uint32_t place = 0, number = 1;

	mark_applied(p, lists);
	for (size_t k = 0; k < p->n_acls; k++) {
		if (!lists[k].in && !lists[k].out)
			continue;
		lists[k].place = ++place;
		lists[k].first = number;
		number += (uint32_t)p->acls[k].n_aces;
	}
	*ret_n_numbers = number - 1;
	return lists;
}

/* --- one entry -------------------------------------------------------------------------------- */

static void
ask_addresses(struct nft *n, const struct policy_acl *acl, const struct policy_ace *e)
{
	nft_saddr(n, e->src, e->src_mask);
	if (acl->standard)
		return;
	nft_daddr(n, e->dst, e->dst_mask);
	if (e->proto)
		nft_proto(n, e->proto);
}

static bool
asks_layer4(const struct policy_acl *acl, const struct policy_ace *e)
{
	return !acl->standard && (e->n_sport || e->n_dport || e->established || e->icmp_type >= 0);
}

static void
ask_layer4(struct nft *n, const struct policy_acl *acl, const struct policy_ace *e)
{
	if (acl->standard)
		return;
	if (e->fragments)
		nft_later_fragment(n);
	nft_sport_in(n, e->sport, e->n_sport);
	nft_dport_in(n, e->dport, e->n_dport);
	if (e->established)
		nft_tcp_flags_any(n, TCP_ACK | TCP_RST);
	if (e->icmp_type >= 0)
		nft_icmp_type(n, (uint8_t)e->icmp_type);
	if (e->icmp_type >= 0 && e->icmp_code >= 0)
		nft_icmp_code(n, (uint8_t)e->icmp_code);
}

/* --- lists ------------------------------------------------------------------------------------ */

static void
go_out(struct nft *n)
{
	nft_goto(n, "out");
}

static void
drop_counted(struct nft *n)
{
	nft_counter(n);
	nft_drop(n);
}

/* What the rules do with a packet that a list permits, denies or does not mention. */
struct role {
	const char *prefix;
	void (*permit)(struct nft *n);
	void (*deny)(struct nft *n);
	void (*end)(struct nft *n); /* NULL: returns to the chain that jumped here */
};

static const struct role router = {"r", nft_accept, nft_reject, nft_reject};
static const struct role inward = {"i", go_out, nft_drop, NULL};
static const struct role outward = {"o", nft_accept, nft_drop, drop_counted};

static void
add_entry(const struct rules *r, size_t k, size_t i, const struct role *role)
{
	const struct policy_acl *acl = &r->p->acls[k];
	const struct policy_ace *e = &acl->aces[i];
	void (*const verdict)(struct nft *) = e->permit ? role->permit : role->deny;
	const struct chain_name chain = name_chain(role->prefix, r->lists[k].place);
	const uint32_t number = r->lists[k].first + (uint32_t)i;

	if (e->inactive)
		return;
	nft_rule(r->nft, chain.text, number);
	ask_addresses(r->nft, acl, e);
	ask_layer4(r->nft, acl, e);
	nft_counter_from(r->nft, r->o->count(r->o->arg, k, i));
	verdict(r->nft);
	/* IOS on later fragments: a permit counts by its addresses alone, a deny does not. */
	if (!r->p->firewall && e->permit && !e->fragments && asks_layer4(acl, e)) {
		nft_rule(r->nft, chain.text, number);
		nft_later_fragment(r->nft);
		ask_addresses(r->nft, acl, e);
		nft_counter(r->nft);
		verdict(r->nft);
	}
}

static struct chain_name
chain_of(const struct rules *r, const struct role *role, const struct policy_acl *acl)
{
	return name_chain(role->prefix, r->lists[acl - r->p->acls].place);
}

static void
add_lists(const struct rules *r, const struct role *role, bool in, bool out)
{
	for (size_t k = 0; k < r->p->n_acls; k++) {
		const struct policy_acl *acl = &r->p->acls[k];
		const struct chain_name chain = chain_of(r, role, acl);

		if (!(in && r->lists[k].in) && !(out && r->lists[k].out))
			continue;
		nft_chain_plain(r->nft, chain.text);
		for (size_t i = 0; i < acl->n_aces; i++)
			add_entry(r, k, i, role);
		if (role->end) {
			nft_rule(r->nft, chain.text, 0);
			role->end(r->nft);
		}
	}
}

/* --- a router --------------------------------------------------------------------------------- */

/* The kernel's name for it; NULL: it has none, or it is the loopback device. */
static const char *
real_device(const struct rules *r, const struct policy_interface *f)
{
	const char *device = r->o->device(r->o->arg, f->name);

	return device && strcmp(device, "lo") != 0 ? device : NULL;
}

static void
router_jumps(const struct rules *r, bool in)
{
	for (size_t i = 0; i < r->p->n_interfaces; i++) {
		const struct policy_interface *f = &r->p->interfaces[i];
		const struct policy_acl *acl = in ? f->acl_in : f->acl_out;
		const char *device = real_device(r, f);

		/* An empty list lets everything through. */
		if (!acl || !acl->n_aces || !device)
			continue;
		nft_rule(r->nft, in ? "in" : "out", 0);
		(in ? nft_iif : nft_oif)(r->nft, device);
		nft_goto(r->nft, chain_of(r, &router, acl).text);
	}
}

static void
router_rules(const struct rules *r)
{
	add_lists(r, &router, true, true);
	nft_chain(r->nft, "in", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW);
	if (r->o->xfrm) {
		nft_rule(r->nft, "in", 0);
		nft_secpath(r->nft, true);
		nft_accept(r->nft);
	}
	router_jumps(r, true);
	nft_chain(r->nft, "out", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER);
	router_jumps(r, false);
}

/* --- a firewall ------------------------------------------------------------------------------- */

/* The kernel's name for an interface that has a nameif; NULL: none. */
static const char *
named_device(const struct rules *r, const struct policy_interface *f)
{
	return f->nameif ? r->o->device(r->o->arg, f->name) : NULL;
}

/*
 * Is traffic from interface i to k refused because both have the same level, or are the same
 * interface?
 */
static bool
same_refused(const struct policy *p, size_t i, size_t k)
{
	return p->interfaces[i].security_level == p->interfaces[k].security_level &&
	       !(k == i ? p->same_security_intra : p->same_security_inter);
}

static void
drop_the_rest(const struct rules *r, const char *chain)
{
	nft_rule(r->nft, chain, 0);
	drop_counted(r->nft);
}

static void
jump_to_list(const struct rules *r, const char *chain, const struct policy_acl *acl)
{
	if (!acl)
		return;
	nft_rule(r->nft, chain, 0);
	nft_jump(r->nft, chain_of(r, &inward, acl).text);
}

/* Rules for packets that came in by interface i: its lists or, without any, the levels. */
static void
firewall_interface(const struct rules *r, size_t i)
{
	const struct policy *p = r->p;
	const struct policy_interface *f = &p->interfaces[i];
	const struct chain_name from = name_chain("from", i);
	const bool by_list = f->acl_in || p->acl_global;

	nft_chain_plain(r->nft, from.text);
	for (size_t k = 0; k < p->n_interfaces; k++) {
		const char *device = named_device(r, &p->interfaces[k]);
		const bool refused = same_refused(p, i, k);

		if (!device ||
		    (!refused && (by_list || p->interfaces[k].security_level > f->security_level)))
			continue;
		nft_rule(r->nft, from.text, 0);
		nft_oif(r->nft, device);
		(refused ? drop_counted : go_out)(r->nft);
	}
	jump_to_list(r, from.text, f->acl_in);
	jump_to_list(r, from.text, p->acl_global);
	drop_the_rest(r, from.text);
}

static void
firewall_out(const struct rules *r)
{
	nft_chain_plain(r->nft, "out");
	for (size_t i = 0; i < r->p->n_interfaces; i++) {
		const struct policy_interface *f = &r->p->interfaces[i];
		const char *device = named_device(r, f);

		if (!device)
			continue;
		nft_rule(r->nft, "out", 0);
		nft_oif(r->nft, device);
		if (f->acl_out)
			nft_goto(r->nft, chain_of(r, &outward, f->acl_out).text);
		else
			nft_accept(r->nft);
	}
	drop_the_rest(r, "out");
}

/*
 * Accepts packets of known connections, for the protocols whose connections the filter follows.
 * ESP, for one, passes by rules alone.
 */
static void
accept_connections(const struct rules *r)
{
	static const uint8_t protocols[] = {PROTO_ICMP, PROTO_TCP, PROTO_UDP};

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		nft_rule(r->nft, "forward", 0);
		nft_proto(r->nft, protocols[i]);
		nft_known_connection(r->nft);
		nft_accept(r->nft);
	}
}

static void
forward_from(const struct rules *r, size_t i, const char *device)
{
	nft_rule(r->nft, "forward", 0);
	nft_iif(r->nft, device);
	nft_proto(r->nft, PROTO_TCP);
	nft_tcp_flags_not(r->nft, TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK, TCP_SYN);
	drop_counted(r->nft);
	nft_rule(r->nft, "forward", 0);
	nft_iif(r->nft, device);
	if (r->p->interfaces[i].nameif)
		nft_goto(r->nft, name_chain("from", i).text);
	else
		drop_counted(r->nft);
}

/*
 * The forward chain of a firewall: it decides what comes in by our interfaces, named or not, and
 * nothing else that this machine forwards.
 */
static void
firewall_forward(const struct rules *r)
{
	const struct policy *p = r->p;

	nft_chain(r->nft, "forward", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER);
	accept_connections(r);
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const char *device = real_device(r, &p->interfaces[i]);

		if (device)
			forward_from(r, i, device);
	}
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const char *device = real_device(r, &p->interfaces[i]);

		if (!device)
			continue;
		nft_rule(r->nft, "forward", 0);
		nft_oif(r->nft, device);
		drop_counted(r->nft);
	}
}

/* Rules for packets to the firewall itself: it accepts pings, answers and GDOI. */
static void
firewall_here(const struct rules *r)
{
	if (!r->o->alone)
		return;
	nft_chain_shut(r->nft, "here", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER);
	nft_rule(r->nft, "here", 0);
	nft_iif(r->nft, "lo");
	nft_accept(r->nft);
	nft_rule(r->nft, "here", 0);
	nft_known_connection(r->nft);
	nft_accept(r->nft);
	nft_rule(r->nft, "here", 0);
	nft_proto(r->nft, PROTO_ICMP);
	nft_accept(r->nft);
	nft_rule(r->nft, "here", 0);
	nft_proto(r->nft, PROTO_UDP);
	nft_dport(r->nft, GDOI_PORT);
	nft_accept(r->nft);
	drop_the_rest(r, "here");
}

#define BEFORE_TRACKING (-250) /* before connections are looked up, and after fragments */

static uint32_t
seconds_of(enum filter_conn_state state)
{
	return (uint32_t)(filter_timeouts[state] / 1000);
}

/* Sets the lifetimes of TCP connections, because the kernel's are longer than a firewall's. */
static void
firewall_times(const struct rules *r)
{
	const struct nft_tcp_times tcp = {.established = seconds_of(FILTER_CONN_TCP),
	                                  .half_open = seconds_of(FILTER_CONN_EMBRYONIC),
	                                  .half_closed = seconds_of(FILTER_CONN_HALF_CLOSED)};

	nft_tcp_times(r->nft, "tcp-times", &tcp);
	nft_udp_times(r->nft, "udp-times", seconds_of(FILTER_CONN_UDP));
	nft_chain(r->nft, "times", "filter", NF_INET_PRE_ROUTING, BEFORE_TRACKING);
	nft_rule(r->nft, "times", 0);
	nft_proto(r->nft, PROTO_TCP);
	nft_use_times(r->nft, "tcp-times");
	nft_rule(r->nft, "times", 0);
	nft_proto(r->nft, PROTO_UDP);
	nft_use_times(r->nft, "udp-times");
}

static void
firewall_rules(const struct rules *r)
{
	firewall_times(r);
	add_lists(r, &outward, false, true);
	firewall_out(r);
	add_lists(r, &inward, true, false);
	for (size_t i = 0; i < r->p->n_interfaces; i++)
		if (named_device(r, &r->p->interfaces[i]))
			firewall_interface(r, i);
	firewall_forward(r);
	firewall_here(r);
}

/* --- all of it -------------------------------------------------------------------------------- */

bool
ruleset_wanted(const struct policy *p)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].acl_in || p->interfaces[i].acl_out)
			return true;
	return p->firewall;
}

bool
ruleset_build(struct nft *n, const struct policy *p, const struct ruleset_options *o)
{
	struct ruleset_list *lists;
	size_t n_numbers;

	if (!ruleset_wanted(p))
		return false;
	lists = ruleset_lists(p, &n_numbers);
	nft_begin(n);
	(p->firewall ? firewall_rules
	             : router_rules)(&(struct rules){.nft = n, .p = p, .o = o, .lists = lists});
	free(lists);
	return true;
}
