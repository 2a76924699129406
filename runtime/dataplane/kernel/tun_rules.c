/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nftables rules of userspace ESP, of all groups together (order within a chain counts):
 *
 *   pre      prerouting, mangle: what we encrypted passes; ESP of a group -> mark, to the
 *            raw socket; ESP under other SPIs that a permit meets: one packet in a second, too,
 *            so that somebody knows of it; clear from the core that a permit meets: drop; clear
 *            to the core that a permit meets -> mark, to the TUN device
 *   out      output, type route: the same of what this machine sends
 *   esp      prerouting, before connections are tracked: multicast ESP of a group is held for us
 *   cast     output, type filter: multicast to the core that a permit meets is held for us
 *   forward  the same of what multicast routes send there; and multicast from the core that `pre`
 *            let pass as this machine's own GDOI is not anybody else's
 *   post     postrouting: clear to the core that a permit meets: drop. Whatever routing did with
 *            it, it does not leave. Nor does an ICMP error that quotes a packet of the group's.
 *
 * GDOI of this node is what goes to, or comes from, a socket with the daemon's mark. Port numbers
 * would say nothing: a host behind us has a port 848 as well.
 */
#include "runtime/dataplane/kernel/tun_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>

#define PRIORITY_MANGLE (-150)
#define PRIORITY_EARLY  (-250) /* fragments are together, connections not yet tracked */
#define PRIORITY_DOOR   (-10)  /* before the fail-close door */
#define PRIORITY_POST   150

enum tally { NOTHING, CLEAR, OPEN };

static uint32_t
counter_id(enum tally kind, unsigned group, size_t entry)
{
	return (uint32_t)kind << 20 | group << 10 | (uint32_t)entry;
}

/* Groups of one device in the order in which they are asked. */
struct bound {
	struct tun_group *group;
	uint32_t seq;
	size_t binding; /* its place among the group's */
	unsigned index; /* of the group */
};

static int
by_seq(const void *a, const void *b)
{
	const struct bound *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static size_t
bound_groups(const struct tun *t, const struct tun_device *d, struct bound **ret)
{
	struct bound *list = NULL;
	size_t n = 0, capacity = 0;
	unsigned index = 0;

	for (struct tun_group *g = t->groups; g; g = g->next, index++)
		for (size_t i = 0; i < g->n_bindings && g->n_entries; i++)
			if (g->bindings[i].device == d) {
				x_grow(&list, &capacity, n + 1, sizeof(*list));
				list[n++] = (struct bound){g, g->bindings[i].seq, i, index};
			}
	if (n)
		qsort(list, n, sizeof(*list), by_seq);
	*ret = list;
	return n;
}

enum action { STEER, HOLD, DROP_IN, DROP_OUT, DROP_QUOTED };

/*
 * A group's entries in order, as a chain: a permit does what is asked, a deny leaves the chain, and
 * the next group of the device is asked. A local deny is asked of what enters with source and
 * destination exchanged, and only where its crypto map is.
 */
static void
group_chain(struct tun *t, const char *chain, const struct bound *b, unsigned mark,
            enum action what)
{
	nft_chain_plain(t->nft, chain);
	for (size_t i = 0; i < b->group->n_entries; i++) {
		const struct dp_entry *e = &b->group->entries[i];
		bool came = what == DROP_IN || what == DROP_QUOTED;
		struct selector s = e->local && came ? selector_reverse(&e->selector) : e->selector;

		if (e->local && e->binding != b->binding)
			continue;
		nft_rule(t->nft, chain,
		         s.permit ? counter_id(what == DROP_IN ? CLEAR : OPEN, b->index, i) : 0);
		if (what == DROP_QUOTED)
			nft_selector_quoted(t->nft, &s);
		else
			nft_selector(t->nft, &s);
		if (!s.permit) {
			nft_return(t->nft);
		} else if (what == STEER) {
			nft_set_mark(t->nft, mark);
			nft_accept(t->nft);
		} else if (what == HOLD && t->queue) {
			nft_queue(t->nft, TUN_QUEUE);
		} else {
			nft_counter(t->nft);
			nft_drop(t->nft);
		}
	}
}

static void
esp_match(struct tun *t, const char *chain, uint32_t spi)
{
	nft_rule(t->nft, chain, 0);
	nft_proto(t->nft, PROTO_ESP);
	nft_spi(t->nft, spi);
}

/*
 * Rules for a group's ESP: what comes in goes to the ESP code, what this machine encrypted passes.
 */
static void
esp_rules(struct tun *t, const struct tun_device *d, const struct bound *b)
{
	for (size_t i = 0; i < b->group->n_spis; i++) {
		if (t->queue) {
			esp_match(t, "esp", b->group->spis[i]);
			nft_iif(t->nft, d->core);
			nft_daddr(t->nft, MULTICAST, MULTICAST_MASK);
			nft_queue(t->nft, TUN_QUEUE);
		}
		esp_match(t, "pre", b->group->spis[i]);
		nft_iif(t->nft, d->name);
		nft_accept(t->nft);
		esp_match(t, "post", b->group->spis[i]);
		nft_iif(t->nft, d->name);
		nft_accept(t->nft);
		esp_match(t, "post", b->group->spis[i]);
		nft_oif(t->nft, d->core);
		nft_daddr(t->nft, MULTICAST, MULTICAST_MASK);
		nft_accept(t->nft);
		esp_match(t, "pre", b->group->spis[i]);
		nft_iif(t->nft, d->core);
		nft_set_mark(t->nft, tun_mark(tun_index(t, d), true));
		nft_accept(t->nft);
	}
}

/* What is inside is not seen here, so that no permit is asked for its protocol: see esp.c. */
static void
unknown_rules(struct tun *t, const struct tun_device *d, const struct bound *b, size_t k)
{
	char chain[32];

	snprintf(chain, sizeof(chain), "unknown-%u-%zu", tun_index(t, d), k);
	nft_chain_plain(t->nft, chain);
	for (size_t i = 0; i < b->group->n_entries; i++) {
		const struct dp_entry *e = &b->group->entries[i];
		struct selector s = e->local ? selector_reverse(&e->selector) : e->selector;

		if (e->local && e->binding != b->binding)
			continue;
		if (s.permit) {
			s.proto = 0;
			s.sport = s.dport = 0;
		}
		nft_rule(t->nft, chain, 0);
		nft_selector(t->nft, &s);
		if (!s.permit) {
			nft_return(t->nft);
			continue;
		}
		nft_rarely(t->nft);
		nft_set_mark(t->nft, tun_mark(tun_index(t, d), true));
		nft_accept(t->nft);
	}
	nft_rule(t->nft, "pre", 0);
	nft_iif(t->nft, d->core);
	nft_proto(t->nft, PROTO_ESP);
	nft_daddr_not(t->nft, MULTICAST, MULTICAST_MASK);
	nft_jump(t->nft, chain);
}

static void
clear_rules(struct tun *t, const struct tun_device *d, const struct bound *b, size_t k)
{
	char chain[32];

	snprintf(chain, sizeof(chain), "clear-%u-%zu", tun_index(t, d), k);
	group_chain(t, chain, b, 0, DROP_IN);
	nft_rule(t->nft, "pre", 0);
	nft_iif(t->nft, d->core);
	nft_jump(t->nft, chain);
	nft_rule(t->nft, "forward", 0);
	nft_iif(t->nft, d->core);
	nft_daddr(t->nft, MULTICAST, MULTICAST_MASK);
	nft_mark_not(t->nft, MARK_MADE, 0xffff);
	nft_jump(t->nft, chain);
}

static void
steer_rules(struct tun *t, const struct tun_device *d, const struct bound *b, size_t k)
{
	unsigned i = tun_index(t, d);
	char chain[32];

	snprintf(chain, sizeof(chain), "steer-%u-%zu", i, k);
	group_chain(t, chain, b, tun_mark(i, false), STEER);
	nft_rule(t->nft, "pre", 0);
	nft_iif_not(t->nft, d->core);
	nft_daddr_not(t->nft, MULTICAST, MULTICAST_MASK);
	nft_route_oif(t->nft, d->core);
	nft_jump(t->nft, chain);
	nft_rule(t->nft, "out", 0);
	nft_oif(t->nft, d->core);
	nft_daddr_not(t->nft, MULTICAST, MULTICAST_MASK);
	nft_jump(t->nft, chain);
}

static void
hold_rules(struct tun *t, const struct tun_device *d, const struct bound *b, size_t k)
{
	static const char *const from[] = {"cast", "forward"};
	char chain[32];

	snprintf(chain, sizeof(chain), "hold-%u-%zu", tun_index(t, d), k);
	group_chain(t, chain, b, 0, HOLD);
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		nft_rule(t->nft, from[i], 0);
		nft_oif(t->nft, d->core);
		nft_daddr(t->nft, MULTICAST, MULTICAST_MASK);
		nft_jump(t->nft, chain);
	}
}

static void
open_rules(struct tun *t, const struct tun_device *d, const struct bound *b, size_t k)
{
	char chain[32];

	/* An ICMP error must not quote in clear what came in encrypted. */
	snprintf(chain, sizeof(chain), "quoted-%u-%zu", tun_index(t, d), k);
	group_chain(t, chain, b, 0, DROP_QUOTED);
	for (size_t i = 0; i < ARRAY_SIZE(icmp_errors); i++) {
		nft_rule(t->nft, "post", 0);
		nft_oif(t->nft, d->core);
		nft_proto(t->nft, PROTO_ICMP);
		nft_icmp_type(t->nft, icmp_errors[i]);
		nft_jump(t->nft, chain);
	}
	snprintf(chain, sizeof(chain), "open-%u-%zu", tun_index(t, d), k);
	group_chain(t, chain, b, 0, DROP_OUT);
	nft_rule(t->nft, "post", 0);
	nft_oif(t->nft, d->core);
	nft_jump(t->nft, chain);
}

/* Chains for one device: what leaves by it, what came in by it in clear, and the group's ESP. */
static void
device_rules(struct tun *t, const struct tun_device *d)
{
	struct bound *bound;
	size_t n = bound_groups(t, d, &bound), k;

	for (k = 0; k < n; k++)
		esp_rules(t, d, &bound[k]);
	for (k = 0; k < n && !t->unlimited; k++)
		unknown_rules(t, d, &bound[k], k);
	for (k = 0; k < n; k++) {
		if (bound[k].group->direction == SA_BOTH)
			clear_rules(t, d, &bound[k], k);
		if (bound[k].group->direction == SA_INBOUND_ONLY)
			continue;
		steer_rules(t, d, &bound[k], k);
		hold_rules(t, d, &bound[k], k);
		open_rules(t, d, &bound[k], k);
	}
	free(bound);
}

/*
 * Rules for what passes even where an entry permits it: this node's own GDOI, and what came in
 * encrypted.
 */
static void
own_rules(struct tun *t)
{
	static const char *const chains[] = {"out", "cast", "post"};

	nft_own_gdoi(t->nft, "pre");
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		nft_rule(t->nft, chains[i], 0);
		nft_mark(t->nft, MARK_OWN, 0xffff);
		nft_accept(t->nft);
	}
	nft_rule(t->nft, "pre", 0);
	nft_mark(t->nft, MARK_MADE, 0xffff);
	nft_accept(t->nft);
}

static int
render_all(struct tun *t)
{
	nft_begin(t->nft);
	nft_chain(t->nft, "pre", "filter", NF_INET_PRE_ROUTING, PRIORITY_MANGLE);
	nft_chain(t->nft, "out", "route", NF_INET_LOCAL_OUT, PRIORITY_MANGLE);
	nft_chain(t->nft, "esp", "filter", NF_INET_PRE_ROUTING, PRIORITY_EARLY);
	nft_chain(t->nft, "cast", "filter", NF_INET_LOCAL_OUT, PRIORITY_MANGLE);
	nft_chain(t->nft, "forward", "filter", NF_INET_FORWARD, PRIORITY_DOOR);
	nft_chain(t->nft, "post", "filter", NF_INET_POST_ROUTING, PRIORITY_POST);
	nft_defrag(t->nft, "pre");
	own_rules(t);
	for (size_t i = 0; i < t->n_devices; i++)
		device_rules(t, t->devices[i]);
	return nft_commit(t->nft);
}

int
tun_rules_render(struct tun *t)
{
	int error = render_all(t);

	if (error == -ENOENT && !t->unlimited) {
		/* A kernel without limits: it does not tell of unknown SPIs. */
		t->unlimited = true;
		error = render_all(t);
	}
	return error;
}

/* --- counters that survive a new table -------------------------------------------------------- */

static void
on_counter(void *arg, uint32_t id, uint64_t packets, uint64_t bytes)
{
	struct tun *t = arg;
	struct tun_group *g = t->groups;
	uint32_t group = id >> 10 & 0x3ff, entry = id & 0x3ff;
	enum tally kind = id >> 20;

	(void)bytes;
	while (g && group--)
		g = g->next;
	if (!g || entry >= g->n_entries)
		return;
	if (kind == CLEAR)
		g->dropped[entry] += packets;
	else if (kind == OPEN)
		g->open[entry] += packets;
}

void
tun_rules_count(struct tun *t)
{
	nft_counters(t->nft, on_counter, t);
}
