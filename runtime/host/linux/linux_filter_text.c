/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's filter in nftables' language, one table that is replaced as a whole:
 *
 *      router    prerouting: iifname -> list `in`      (before decryption, packets for itself too)
 *                forward:    oifname -> list `out`     (before encryption, not its own packets)
 *      firewall  forward:    known connection -> same level -> lists `in`, global, or the levels
 *                            -> list `out`; the rest is dropped
 *
 * Each entry is a rule with a counter and the comment "LIST/ENTRY", both counted from 0 as the
 * policy has them: that is how counts are read back.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_filter.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/filter/filter.h"

#define PROTO_TCP   6
#define FRAGMENT    "ip frag-off & 0x1fff != 0 "
#define CONNECTED   "ip protocol { icmp, tcp, udp } "
#define UNREACHABLE "reject with icmp admin-prohibited"

struct text {
	FILE *f;
	const struct policy *p;
	const struct ruleset_options *o;
};

static void __attribute__((format(printf, 2, 3))) say(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(t->f, format, ap);
	va_end(ap);
}

/* --- one entry -------------------------------------------------------------------------------- */

static void
address(struct text *t, const char *what, uint32_t addr, uint32_t mask)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	if (!mask)
		return;
	addr_text(addr & mask, a);
	if (mask_is_contiguous(mask))
		say(t, "ip %s %s/%u ", what, a, mask_len(mask));
	else
		say(t, "ip %s & %s == %s ", what, addr_text(mask, m), a);
}

static void
ports(struct text *t, const struct policy_ace *e, const char *what, const struct port_range *r,
      size_t n)
{
	if (!n)
		return;
	say(t, "%s %s { ", e->proto == PROTO_TCP ? "tcp" : "udp", what);
	for (size_t i = 0; i < n; i++)
		say(t, r[i].lo == r[i].hi ? "%s%u" : "%s%u-%u", i ? ", " : "", r[i].lo, r[i].hi);
	say(t, " } ");
}

static void
addresses(struct text *t, const struct policy_acl *acl, const struct policy_ace *e)
{
	address(t, "saddr", e->src, e->src_mask);
	if (acl->standard)
		return;
	address(t, "daddr", e->dst, e->dst_mask);
	if (e->proto)
		say(t, "ip protocol %u ", e->proto);
}

static bool
asks_layer4(const struct policy_acl *acl, const struct policy_ace *e)
{
	return !acl->standard && (e->n_sport || e->n_dport || e->established || e->icmp_type >= 0);
}

static void
layer4(struct text *t, const struct policy_acl *acl, const struct policy_ace *e)
{
	if (acl->standard)
		return;
	if (e->fragments)
		say(t, FRAGMENT);
	ports(t, e, "sport", e->sport, e->n_sport);
	ports(t, e, "dport", e->dport, e->n_dport);
	if (e->established)
		say(t, "tcp flags & (ack | rst) != 0 ");
	if (e->icmp_type >= 0)
		say(t, "icmp type %d ", e->icmp_type);
	if (e->icmp_type >= 0 && e->icmp_code >= 0)
		say(t, "icmp code %d ", e->icmp_code);
}

/* --- lists ------------------------------------------------------------------------------------ */

struct role {
	const char *prefix, *permit, *deny, *end; /* end "": back to who asked */
};

static const struct role router = {"r", "accept", UNREACHABLE, UNREACHABLE};
static const struct role inward = {"i", "goto out", "drop", ""};
static const struct role outward = {"o", "accept", "drop", "counter drop"};

static void
entry(struct text *t, size_t k, size_t i, const struct role *role)
{
	const struct policy_acl *acl = &t->p->acls[k];
	const struct policy_ace *e = &acl->aces[i];
	const char *verdict = e->permit ? role->permit : role->deny;

	if (e->inactive)
		return;
	addresses(t, acl, e);
	layer4(t, acl, e);
	say(t, "counter packets %" PRIu64 " bytes 0 %s comment \"%zu/%zu\"\n",
	    t->o->count(t->o->arg, k, i), verdict, k, i);
	/* IOS on later fragments: a permit counts by its addresses alone, a deny does not. */
	if (!t->p->firewall && e->permit && !e->fragments && asks_layer4(acl, e)) {
		say(t, FRAGMENT);
		addresses(t, acl, e);
		say(t, "counter packets 0 bytes 0 %s comment \"%zu/%zu\"\n", verdict, k, i);
	}
}

static size_t
number_of(const struct text *t, const struct policy_acl *acl)
{
	return (size_t)(acl - t->p->acls);
}

/* Does any interface ask for this list in one direction, or the firewall everywhere? */
static bool
used(const struct text *t, const struct policy_acl *acl, bool in, bool out)
{
	for (size_t i = 0; i < t->p->n_interfaces; i++)
		if ((in && t->p->interfaces[i].acl_in == acl) ||
		    (out && t->p->interfaces[i].acl_out == acl))
			return true;
	return in && t->p->acl_global == acl;
}

static void
lists(struct text *t, const struct role *role, bool in, bool out)
{
	for (size_t k = 0; k < t->p->n_acls; k++) {
		const struct policy_acl *acl = &t->p->acls[k];

		if (!used(t, acl, in, out))
			continue;
		say(t, "chain %s%zu {\n", role->prefix, k);
		for (size_t i = 0; i < acl->n_aces; i++)
			entry(t, k, i, role);
		say(t, "%s%s}\n", role->end, *role->end ? "\n" : "");
	}
}

/* --- a router --------------------------------------------------------------------------------- */

static void
router_jumps(struct text *t, bool in)
{
	for (size_t i = 0; i < t->p->n_interfaces; i++) {
		const struct policy_interface *f = &t->p->interfaces[i];
		const struct policy_acl *acl = in ? f->acl_in : f->acl_out;
		const char *device = t->o->device(t->o->arg, f->name);

		/* An empty list lets everything through. */
		if (acl && acl->n_aces && device && strcmp(device, "lo"))
			say(t, "%s \"%s\" goto r%zu\n", in ? "iifname" : "oifname", device,
			    number_of(t, acl));
	}
}

static void
router_text(struct text *t)
{
	lists(t, &router, true, true);
	say(t, "chain in {\ntype filter hook prerouting priority raw; policy accept;\n");
	if (t->o->xfrm)
		say(t, "meta ipsec exists accept\n");
	router_jumps(t, true);
	say(t, "}\nchain out {\ntype filter hook forward priority filter; policy accept;\n");
	router_jumps(t, false);
	say(t, "}\n");
}

/* --- a firewall ------------------------------------------------------------------------------- */

static const char *
device_of(struct text *t, const struct policy_interface *f)
{
	return f->nameif ? t->o->device(t->o->arg, f->name) : NULL;
}

/* Between interfaces of one level, or by the way it came. */
static bool
same_refused(const struct policy *p, size_t i, size_t k)
{
	return p->interfaces[i].security_level == p->interfaces[k].security_level &&
	       !(k == i ? p->same_security_intra : p->same_security_inter);
}

/* Where packets that came in by interface i go: lists, or else the levels. */
static void
firewall_interface(struct text *t, size_t i)
{
	const struct policy *p = t->p;
	const struct policy_interface *f = &p->interfaces[i];
	const bool by_list = f->acl_in || p->acl_global;

	say(t, "chain from%zu {\n", i);
	for (size_t k = 0; k < p->n_interfaces; k++) {
		const char *device = device_of(t, &p->interfaces[k]);

		if (device && same_refused(p, i, k))
			say(t, "oifname \"%s\" counter drop\n", device);
		else if (device && !by_list && p->interfaces[k].security_level <= f->security_level)
			say(t, "oifname \"%s\" goto out\n", device);
	}
	if (f->acl_in)
		say(t, "jump i%zu\n", number_of(t, f->acl_in));
	if (p->acl_global)
		say(t, "jump i%zu\n", number_of(t, p->acl_global));
	say(t, "counter drop\n}\n");
}

static void
firewall_out(struct text *t)
{
	say(t, "chain out {\n");
	for (size_t i = 0; i < t->p->n_interfaces; i++) {
		const struct policy_interface *f = &t->p->interfaces[i];
		const char *device = device_of(t, f);

		if (device && f->acl_out)
			say(t, "oifname \"%s\" goto o%zu\n", device, number_of(t, f->acl_out));
		else if (device)
			say(t, "oifname \"%s\" accept\n", device);
	}
	say(t, "counter drop\n}\n");
}

/* What comes in by our interfaces, named or not; all else of this machine is not ours. */
static void
firewall_forward(struct text *t)
{
	const struct policy *p = t->p;

	say(t, "chain forward {\ntype filter hook forward priority filter; policy accept;\n");
	say(t, CONNECTED "ct state established,related accept\n");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const char *device = t->o->device(t->o->arg, p->interfaces[i].name);

		if (!device || !strcmp(device, "lo"))
			continue;
		say(t,
		    "iifname \"%s\" ip protocol tcp tcp flags & (fin | syn | rst | ack) != syn "
		    "counter drop\n",
		    device);
		if (p->interfaces[i].nameif)
			say(t, "iifname \"%s\" goto from%zu\n", device, i);
		else
			say(t, "iifname \"%s\" counter drop\n", device);
	}
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const char *device = t->o->device(t->o->arg, p->interfaces[i].name);

		if (device && strcmp(device, "lo"))
			say(t, "oifname \"%s\" counter drop\n", device);
	}
	say(t, "}\n");
}

/* For itself it takes pings, what answers it, and GDOI. */
static void
firewall_here(struct text *t)
{
	if (!t->o->alone)
		return;
	say(t, "chain here {\ntype filter hook input priority filter; policy drop;\n"
	       "iifname \"lo\" accept\nct state established,related accept\n"
	       "ip protocol icmp accept\nudp dport 848 accept\ncounter drop\n}\n");
}

/* The kernel's times are longer than a firewall's. */
static void
firewall_times(struct text *t)
{
	const unsigned tcp = (unsigned)(filter_timeouts[FILTER_CONN_TCP] / 1000),
		       half = (unsigned)(filter_timeouts[FILTER_CONN_EMBRYONIC] / 1000),
		       closing = (unsigned)(filter_timeouts[FILTER_CONN_HALF_CLOSED] / 1000),
		       udp = (unsigned)(filter_timeouts[FILTER_CONN_UDP] / 1000);

	say(t,
	    "ct timeout tcp-times {\nprotocol tcp; l3proto ip;\npolicy = { established: %u, "
	    "syn_sent: %u, syn_recv: %u, fin_wait: %u, close_wait: %u };\n}\n",
	    tcp, half, half, closing, closing);
	say(t,
	    "ct timeout udp-times {\nprotocol udp; l3proto ip;\npolicy = { unreplied: %u, "
	    "replied: %u };\n}\n",
	    udp, udp);
	say(t, "chain times {\ntype filter hook prerouting priority -250; policy accept;\n"
	       "ip protocol tcp ct timeout set \"tcp-times\"\n"
	       "ip protocol udp ct timeout set \"udp-times\"\n}\n");
}

static void
firewall_text(struct text *t)
{
	firewall_times(t);
	lists(t, &outward, false, true);
	firewall_out(t);
	lists(t, &inward, true, false);
	for (size_t i = 0; i < t->p->n_interfaces; i++)
		if (device_of(t, &t->p->interfaces[i]))
			firewall_interface(t, i);
	firewall_forward(t);
	firewall_here(t);
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool
filters(const struct policy *p)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].acl_in || p->interfaces[i].acl_out)
			return true;
	return p->firewall;
}

char *
ruleset_text(const struct policy *p, const struct ruleset_options *o)
{
	struct text t = {.p = p, .o = o};
	char *text = NULL;
	size_t n;

	if (!filters(p))
		return NULL;
	t.f = open_memstream(&text, &n);
	if (!t.f)
		abort();
	say(&t, "table ip %s {\n}\ndelete table ip %s\ntable ip %s {\n", o->table, o->table,
	    o->table);
	(p->firewall ? firewall_text : router_text)(&t);
	say(&t, "}\n");
	fclose(t.f);
	return text;
}
