/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nftables rules and XFRM policies of all groups. The rules (order within a chain counts):
 *
 *   pre   prerouting, raw: ESP of a group -> to ANCHOR_IN, marked with its sender; what came out of
 *         XFRM: learn its sender, count it; ESP under other SPIs that a permit meets: a copy to
 *         us, one in a second; clear from the core that a permit meets: drop
 *   forward  multicast that `pre` let pass as this machine's own GDOI is not anybody else's
 *   post  postrouting, 150: about to be encrypted: addresses saved in mark and priority, counted;
 *         clear to the core that a permit meets: drop (policy and rule both keep the door shut);
 *         an ICMP error that quotes a packet of the group's: drop; ESP passes by a group's SPI
 *         alone
 *   out   output, type route: ESP between the anchors gets its addresses back
 *
 * Of the policies the first in order of priority decides, as the first entry of a group does. A
 * deny goes on with the next group of the interface, which priorities cannot say: what the next
 * groups decide within a deny stands before it.
 *
 * GDOI of this node is what goes to, or comes from, a socket with the daemon's mark. A deny of the
 * node's own (dp_entry.local) holds at one interface, and mirrored for what enters in clear; what
 * comes encrypted though we would not have is taken.
 */
#include "runtime/dataplane/kernel/xfrm_priv.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/packet/packet.h"

#define PRIORITY_RAW    (-300)
#define PRIORITY_MANGLE (-150)
#define PRIORITY_DOOR   (-10) /* before the fail-close door */
#define PRIORITY_POST   150

enum tally { NOTHING, SENT, HEARD, CLEAR, OPEN, REPLAYED, UNKNOWN, QUOTED };

static uint32_t
counter_id(enum tally kind, const struct xfrm_group *g, size_t entry)
{
	return (uint32_t)kind << 20 | g->id << 10 | (uint32_t)entry;
}

/* --- which groups, in which order ------------------------------------------------------------- */

struct bound {
	struct xfrm_group *group;
	const struct xfrm_binding *binding;
	size_t place; /* of the binding among the group's */
};

struct order {
	struct bound *list;
	size_t n, capacity;
};

static int
by_device(const void *a, const void *b)
{
	const struct bound *p = a, *q = b;
	int d = strcmp(p->binding->device, q->binding->device);

	if (d)
		return d;
	return p->binding->seq < q->binding->seq ? -1 : p->binding->seq > q->binding->seq;
}

/* Every group with policy at every interface: by interface, then by sequence number. */
static struct order
order_all(const struct xfrm *x)
{
	struct order o = {.list = NULL};

	for (struct xfrm_group *g = x->groups; g; g = g->next)
		for (size_t i = 0; i < g->n_bindings && g->n_entries; i++) {
			x_grow(&o.list, &o.capacity, o.n + 1, sizeof(*o.list));
			o.list[o.n++] = (struct bound){g, &g->bindings[i], i};
		}
	if (o.n)
		qsort(o.list, o.n, sizeof(*o.list), by_device);
	return o;
}

/* The groups of the interface of list[i], which is its first, are list[i] to list[return - 1]. */
static size_t
order_end(const struct order *o, size_t i)
{
	size_t k = i;

	while (k < o->n && !strcmp(o->list[k].binding->device, o->list[i].binding->device))
		k++;
	return k;
}

/* --- rules ------------------------------------------------------------------------------------ */

enum deed { COUNT, SAVE, DROP };

/* The selector of the entry for packets of this kind; false: none. */
static bool
entry_selector(const struct dp_entry *e, size_t place, enum tally kind, struct selector *ret)
{
	bool came = kind == CLEAR || kind == QUOTED;

	if (e->local && (e->binding != place || kind == HEARD))
		return false;
	*ret = e->local && came ? selector_reverse(&e->selector) : e->selector;
	return true;
}

/* One group's entries as a chain: a deny leaves it, a permit does the deed. */
static void
entries_chain(struct xfrm *x, const char *chain, const struct bound *b, enum tally kind,
              enum deed deed)
{
	const struct xfrm_group *g = b->group;
	struct selector s;

	nft_chain_plain(x->nft, chain);
	for (size_t i = 0; i < g->n_entries; i++) {
		if (!entry_selector(&g->entries[i], b->place, kind, &s))
			continue;
		nft_rule(x->nft, chain, s.permit ? counter_id(kind, g, i) : 0);
		if (kind == QUOTED)
			nft_selector_quoted(x->nft, &s);
		else
			nft_selector(x->nft, &s);
		if (!s.permit) {
			nft_return(x->nft);
			continue;
		}
		nft_counter(x->nft);
		if (deed == SAVE) {
			nft_mark_from_daddr(x->nft);
			nft_priority_from_saddr(x->nft);
		}
		if (deed == DROP)
			nft_drop(x->nft);
		else
			nft_accept(x->nft);
	}
}

static void
rule_jump(struct xfrm *x, const char *from, const char *to, const char *iif, const char *oif)
{
	nft_rule(x->nft, from, 0);
	if (iif)
		nft_iif(x->nft, iif);
	if (oif)
		nft_oif(x->nft, oif);
	nft_jump(x->nft, to);
}

static void
esp_match(struct xfrm *x, const struct bound *b, uint32_t spi, uint32_t id)
{
	nft_rule(x->nft, "pre", id);
	nft_iif(x->nft, b->binding->device);
	nft_proto(x->nft, PROTO_ESP);
	nft_spi(x->nft, spi);
}

/* Sends the group's ESP, from any source to any destination, to its states. */
static void
esp_rules(struct xfrm *x, const struct bound *b)
{
	const struct xfrm_group *g = b->group;

	for (size_t i = 0; i < g->n_sas; i++) {
		const struct dp_sa *sa = &g->sas[i].sa;

		if (!sa->receive)
			continue;
		if (sa->window) {
			esp_match(x, b, sa->spi, 0);
			nft_saddr_in(x->nft, xfrm_set_known(g));
			nft_mark_from_saddr(x->nft);
			nft_set_daddr(x->nft, ANCHOR_IN);
			nft_accept(x->nft);
		}
		esp_match(x, b, sa->spi, 0);
		if (sa->window && g->n_senders >= XFRM_SENDERS_MAX) {
			nft_drop(x->nft);
			continue;
		}
		nft_set_mark(x->nft, 0);
		nft_set_daddr(x->nft, ANCHOR_IN);
		nft_accept(x->nft);
	}
}

static void
learn_rules(struct xfrm *x, const struct xfrm_group *g)
{
	uint32_t mark = xfrm_learn_mark(g);

	nft_rule(x->nft, "pre", counter_id(REPLAYED, g, 0));
	nft_secpath(x->nft, true);
	nft_mark(x->nft, mark, UINT32_MAX);
	nft_saddr_in(x->nft, xfrm_set_grown(g));
	nft_counter(x->nft);
	nft_drop(x->nft);
	nft_rule(x->nft, "pre", 0);
	nft_secpath(x->nft, true);
	nft_mark(x->nft, mark, UINT32_MAX);
	nft_log(x->nft, XFRM_LOG_GROUP);
	nft_set_mark(x->nft, 0);
}

/*
 * ESP between addresses that the group protects, under an SPI that none of its states has. Like
 * userspace (esp.c) it asks no permit for its protocol: what is inside cannot be seen.
 */
static void
unknown_chain(struct xfrm *x, const char *chain, const struct bound *b)
{
	const struct xfrm_group *g = b->group;
	char word[16];

	snprintf(word, sizeof(word), XFRM_LOG_UNKNOWN "%u", g->id);
	nft_chain_plain(x->nft, chain);
	for (size_t i = 0; i < g->n_entries; i++) {
		struct selector s;

		if (!entry_selector(&g->entries[i], b->place, CLEAR, &s))
			continue;
		if (s.permit) {
			s.proto = 0;
			s.sport = s.dport = 0;
		}
		nft_rule(x->nft, chain, 0);
		nft_selector(x->nft, &s);
		if (s.permit) {
			nft_rarely(x->nft);
			nft_log_as(x->nft, XFRM_LOG_GROUP, word);
		}
		nft_return(x->nft);
	}
}

static void
unknown_rules(struct xfrm *x, const struct order *o)
{
	char chain[32];

	for (size_t i = 0; i < o->n && !x->unlimited; i++) {
		snprintf(chain, sizeof(chain), "unknown-%zu", i);
		unknown_chain(x, chain, &o->list[i]);
		nft_rule(x->nft, "pre", 0);
		nft_iif(x->nft, o->list[i].binding->device);
		nft_proto(x->nft, PROTO_ESP);
		nft_jump(x->nft, chain);
	}
}

static void
pre_rules(struct xfrm *x, const struct order *o)
{
	char chain[32];
	size_t i;

	nft_defrag(x->nft, "pre");
	for (i = 0; i < o->n; i++)
		esp_rules(x, &o->list[i]);
	for (const struct xfrm_group *g = x->groups; g; g = g->next)
		if (g->n_entries && xfrm_has_window(g))
			learn_rules(x, g);
	for (i = 0; i < o->n; i++) {
		snprintf(chain, sizeof(chain), "in-%zu", i);
		entries_chain(x, chain, &o->list[i], HEARD, COUNT);
		nft_rule(x->nft, "pre", 0);
		nft_secpath(x->nft, true);
		nft_iif(x->nft, o->list[i].binding->device);
		nft_jump(x->nft, chain);
	}
	nft_rule(x->nft, "pre", 0);
	nft_secpath(x->nft, true);
	nft_accept(x->nft);
	/* GDOI itself is never the group's traffic: a member must be able to register. */
	nft_own_gdoi(x->nft, "pre");
	for (i = 0; i < o->n; i = order_end(o, i)) {
		nft_rule(x->nft, "pre", (uint32_t)UNKNOWN << 20);
		nft_iif(x->nft, o->list[i].binding->device);
		nft_proto(x->nft, PROTO_ESP);
		nft_counter(x->nft);
	}
	unknown_rules(x, o);
	for (i = 0; i < o->n; i++) {
		snprintf(chain, sizeof(chain), "clear-%zu", i);
		entries_chain(x, chain, &o->list[i], CLEAR, DROP);
		rule_jump(x, "pre", chain, o->list[i].binding->device, NULL);
		nft_rule(x->nft, "forward", 0);
		nft_iif(x->nft, o->list[i].binding->device);
		nft_daddr(x->nft, MULTICAST, MULTICAST_MASK);
		nft_secpath(x->nft, false);
		nft_jump(x->nft, chain);
	}
}

/*
 * Lets the group's own ESP leave. Other ESP is traffic like any other. Forwarded ESP with our SPI
 * is other ESP, too: nothing that is forwarded was encrypted here.
 */
static void
own_esp_rules(struct xfrm *x, const struct bound *b, const char *open)
{
	const struct xfrm_group *g = b->group;

	for (size_t i = 0; i < g->n_sas; i++) {
		nft_rule(x->nft, "post", 0);
		nft_oif(x->nft, b->binding->device);
		nft_proto(x->nft, PROTO_ESP);
		nft_spi(x->nft, g->sas[i].sa.spi);
		nft_accept(x->nft);
		nft_rule(x->nft, "forward", 0);
		nft_oif(x->nft, b->binding->device);
		nft_daddr(x->nft, MULTICAST, MULTICAST_MASK);
		nft_proto(x->nft, PROTO_ESP);
		nft_spi(x->nft, g->sas[i].sa.spi);
		nft_jump(x->nft, open);
	}
}

static void
post_rules(struct xfrm *x, const struct order *o)
{
	char chain[32];
	size_t i;

	for (i = 0; i < o->n; i++) {
		snprintf(chain, sizeof(chain), "save-%zu", i);
		entries_chain(x, chain, &o->list[i], SENT, SAVE);
		/*
		 * The bundle's device is the route to the anchor. The policies have checked which
		 * interface the packet leaves by.
		 */
		nft_rule(x->nft, "post", 0);
		nft_bundle(x->nft, true);
		nft_jump(x->nft, chain);
	}
	nft_rule(x->nft, "post", 0);
	nft_bundle(x->nft, true);
	nft_accept(x->nft);
	nft_rule(x->nft, "post", 0);
	nft_mark(x->nft, MARK_OWN, 0xffff);
	nft_accept(x->nft);
	/* Multicast that userspace has encrypted, for a group of its own. */
	nft_rule(x->nft, "post", 0);
	nft_mark(x->nft, MARK_MADE, 0xffff);
	nft_proto(x->nft, PROTO_ESP);
	nft_accept(x->nft);
	for (i = 0; i < o->n; i++) {
		snprintf(chain, sizeof(chain), "open-%zu", i);
		entries_chain(x, chain, &o->list[i], OPEN, DROP);
		own_esp_rules(x, &o->list[i], chain);
	}
	for (i = 0; i < o->n; i++) {
		/* An ICMP error must not quote in clear what came in encrypted. */
		snprintf(chain, sizeof(chain), "quoted-%zu", i);
		entries_chain(x, chain, &o->list[i], QUOTED, DROP);
		for (size_t k = 0; k < ARRAY_SIZE(icmp_errors); k++) {
			nft_rule(x->nft, "post", 0);
			nft_oif(x->nft, o->list[i].binding->device);
			nft_proto(x->nft, PROTO_ICMP);
			nft_icmp_type(x->nft, icmp_errors[k]);
			nft_jump(x->nft, chain);
		}
		snprintf(chain, sizeof(chain), "open-%zu", i);
		rule_jump(x, "post", chain, NULL, o->list[i].binding->device);
	}
}

static void
out_rules(struct xfrm *x)
{
	nft_rule(x->nft, "out", 0);
	nft_proto(x->nft, PROTO_ESP);
	nft_saddr(x->nft, ANCHOR_IN, UINT32_MAX);
	nft_daddr(x->nft, ANCHOR_OUT, UINT32_MAX);
	nft_daddr_from_mark(x->nft);
	nft_saddr_from_priority(x->nft);
	nft_set_mark(x->nft, 0);
	nft_set_priority(x->nft, 0);
}

static int
render_order(struct xfrm *x, const struct order *o)
{
	nft_begin(x->nft);
	nft_chain(x->nft, "pre", "filter", NF_INET_PRE_ROUTING, PRIORITY_RAW);
	nft_chain(x->nft, "forward", "filter", NF_INET_FORWARD, PRIORITY_DOOR);
	nft_chain(x->nft, "post", "filter", NF_INET_POST_ROUTING, PRIORITY_POST);
	nft_chain(x->nft, "out", "route", NF_INET_LOCAL_OUT, PRIORITY_MANGLE);
	for (const struct xfrm_group *g = x->groups; g; g = g->next) {
		nft_set(x->nft, xfrm_set_known(g), g->senders, g->n_senders);
		nft_set(x->nft, xfrm_set_grown(g), g->senders, g->n_grown);
	}
	pre_rules(x, o);
	post_rules(x, o);
	out_rules(x);
	return nft_commit(x->nft);
}

int
xfrm_rules_render(struct xfrm *x)
{
	struct order o = order_all(x);
	int error;

	if (!o.n)
		return nft_remove(x->nft);
	error = render_order(x, &o);
	if (error == -ENOENT && !x->unlimited) {
		/* A kernel without limits: it does not tell of unknown SPIs. */
		x->unlimited = true;
		error = render_order(x, &o);
	}
	free(o.list);
	return error;
}

/* --- counters --------------------------------------------------------------------------------- */

struct counting {
	struct xfrm *x;
	struct xfrm_group *only; /* NULL: all, into their own counts */
	struct dp_stat *ret;
};

static void
add_count(struct dp_entry_stat *e, enum tally kind, uint64_t packets)
{
	switch (kind) {
	case SENT:
		e->out_packets += packets;
		break;
	case HEARD:
		e->in_packets += packets;
		break;
	case CLEAR:
		e->clear_drops += packets;
		break;
	case OPEN:
	case QUOTED:
		e->send_errors += packets;
		break;
	default:
		break;
	}
}

static void
on_counter(void *arg, uint32_t id, uint64_t packets, uint64_t bytes)
{
	struct counting *c = arg;
	enum tally kind = id >> 20;
	uint32_t group = id >> 10 & 0x3ff, entry = id & 0x3ff;

	(void)bytes;
	if (kind == UNKNOWN) {
		if (c->ret)
			c->ret->invalid_spi += packets;
		else
			c->x->invalid_spi += packets;
		return;
	}
	for (struct xfrm_group *g = c->x->groups; g; g = g->next) {
		if (g->id != group || (c->only && g != c->only))
			continue;
		if (kind == REPLAYED && c->ret && c->ret->n_sas)
			c->ret->sas[c->ret->n_sas - 1].replay_drops += packets;
		else if (entry < g->n_entries)
			add_count(c->ret ? &c->ret->entries[entry] : &g->counts[entry], kind,
			          packets);
	}
}

void
xfrm_rules_count(struct xfrm *x, struct xfrm_group *only, struct dp_stat *ret)
{
	struct counting c = {x, only, ret};

	nft_counters(x->nft, on_counter, &c);
}

/* --- policies --------------------------------------------------------------------------------- */

struct plan {
	struct xfrm_policy *list;
	size_t n, capacity;
	const struct order *order;
	uint8_t dir;
	int device;
	bool full;
	/* Within a deny of the node's own: whoever encrypted it, and under which key. */
	bool any_key;
};

/* Adds a policy, unless one stands before it that selects the same: the first one decides. */
static void
plan_put(struct plan *p, struct xfrm_policy *policy)
{
	for (size_t i = 0; i < p->n; i++)
		if (xfrm_policy_same(&p->list[i], policy)) {
			/*
			 * The packet may use either key: this group's is first in order, but the
			 * peer may have used the other group's.
			 */
			if (policy->dir != XFRM_POLICY_OUT && p->list[i].reqid != policy->reqid)
				p->list[i].reqid = 0;
			return;
		}
	if (p->n == XFRM_POLICIES_MAX) {
		p->full = true;
		return;
	}
	policy->priority = XFRM_OURS + (uint32_t)p->n;
	x_grow(&p->list, &p->capacity, p->n + 1, sizeof(*p->list));
	p->list[p->n++] = *policy;
}

/* The highest bit that does not count while a lower one does; 0: the mask is a prefix. */
static uint32_t
highest_hole(uint32_t mask)
{
	uint32_t lowest = mask & (0 - mask);

	for (uint32_t bit = UINT32_C(1) << 31; bit > lowest && mask; bit >>= 1)
		if (!(mask & bit))
			return bit;
	return 0;
}

/*
 * Adds the policies of a selector. XFRM knows prefixes only, so a wildcard with holes becomes all
 * of its prefixes.
 */
static void
plan_prefixes(struct plan *p, const struct xfrm_policy *policy)
{
	struct xfrm_policy half = *policy;
	uint32_t bit;

	if (p->full)
		return;
	if ((bit = highest_hole(policy->selector.src_mask))) {
		half.selector.src_mask |= bit;
		half.selector.src &= ~bit;
		plan_prefixes(p, &half);
		half.selector.src |= bit;
		plan_prefixes(p, &half);
	} else if ((bit = highest_hole(policy->selector.dst_mask))) {
		half.selector.dst_mask |= bit;
		half.selector.dst &= ~bit;
		plan_prefixes(p, &half);
		half.selector.dst |= bit;
		plan_prefixes(p, &half);
	} else {
		half.src_len = mask_len(policy->selector.src_mask);
		half.dst_len = mask_len(policy->selector.dst_mask);
		plan_put(p, &half);
	}
}

static bool
meet_address(uint32_t *addr, uint32_t *mask, uint32_t other, uint32_t other_mask)
{
	if ((*addr ^ other) & *mask & other_mask)
		return false;
	*addr = (*addr & *mask) | (other & other_mask);
	*mask |= other_mask;
	return true;
}

static bool
meet_number(uint32_t a, uint32_t b, uint32_t *ret)
{
	*ret = a ? a : b;
	return !a || !b || a == b;
}

/* Narrows *s to what both select; false: that is nothing. */
static bool
narrow_to(struct selector *s, const struct selector *other)
{
	uint32_t proto, sport, dport;

	if (!meet_address(&s->src, &s->src_mask, other->src, other->src_mask) ||
	    !meet_address(&s->dst, &s->dst_mask, other->dst, other->dst_mask) ||
	    !meet_number(s->proto, other->proto, &proto) ||
	    !meet_number(s->sport, other->sport, &sport) ||
	    !meet_number(s->dport, other->dport, &dport))
		return false;
	s->proto = (uint8_t)proto;
	s->sport = (uint16_t)sport;
	s->dport = (uint16_t)dport;
	return true;
}

/* The selector of the entry in the plan's direction; false: it has none. */
static bool
plan_selector(const struct plan *p, const struct bound *b, const struct dp_entry *e,
              const struct selector *within, struct selector *ret)
{
	bool out = p->dir == XFRM_POLICY_OUT;

	if (e->local && out && e->binding != b->place)
		return false;
	*ret = e->local && !out ? selector_reverse(&e->selector) : e->selector;
	return narrow_to(ret, within);
}

static void plan_groups(struct plan *p, size_t i, size_t end, const struct selector *within);

/*
 * Inbound policies for what this node's own deny excepts: it may come in clear, or as the next
 * group's traffic, or as this group's from a member that does not know of the deny.
 */
static void
plan_excepted(struct plan *p, size_t i, size_t end, const struct selector *within)
{
	const struct xfrm_group *g = p->order->list[i].group;
	bool before = p->any_key;

	p->any_key = true;
	plan_groups(p, i + 1, end, within);
	for (size_t k = 0; k < g->n_entries && !p->full; k++) {
		struct xfrm_policy policy = {
		    .dir = p->dir, .action = XFRM_PROTECT, .selector = g->entries[k].selector};

		if (policy.selector.permit && narrow_to(&policy.selector, within))
			plan_prefixes(p, &policy);
	}
	p->any_key = before;
}

/* Groups from list[i] to list[end - 1], as far as they decide about `within`. */
static void
plan_groups(struct plan *p, size_t i, size_t end, const struct selector *within)
{
	const struct xfrm_group *g;

	if (i == end || p->full)
		return;
	g = p->order->list[i].group;
	for (size_t k = 0; k < g->n_entries && !p->full; k++) {
		struct xfrm_policy policy = {.dir = p->dir, .device = p->device};

		if (!plan_selector(p, &p->order->list[i], &g->entries[k], within, &policy.selector))
			continue;
		if (g->entries[k].local && p->dir != XFRM_POLICY_OUT) {
			plan_excepted(p, i, end, &policy.selector);
			continue;
		}
		if (!policy.selector.permit)
			plan_groups(p, i + 1, end, &policy.selector);
		else if (p->dir == XFRM_POLICY_OUT && !xfrm_has_key(g, g->entries[k].sa))
			policy.action = XFRM_CLOSED;
		else
			policy.action = XFRM_PROTECT;
		if (policy.action == XFRM_PROTECT && !p->any_key)
			policy.reqid = xfrm_reqid(g, g->entries[k].sa);
		plan_prefixes(p, &policy);
	}
	plan_groups(p, i + 1, end, within);
}

static void
plan_all(struct plan *p)
{
	const struct order *o = p->order;
	const struct selector any = {.permit = true};
	/* The daemon's own datagrams pass, whatever the policies of the groups are. */
	struct xfrm_policy own = {.dir = XFRM_POLICY_OUT, .mark = MARK_OWN, .mask = 0xffff};

	if (!o->n)
		return;
	plan_put(p, &own);
	p->dir = XFRM_POLICY_OUT;
	for (size_t i = 0; i < o->n; i = order_end(o, i)) {
		p->device = o->list[i].binding->index;
		plan_groups(p, i, order_end(o, i), &any);
	}
	p->device = 0;
	p->dir = XFRM_POLICY_IN;
	plan_groups(p, 0, o->n, &any);
	p->dir = XFRM_POLICY_FWD;
	plan_groups(p, 0, o->n, &any);
}

static const struct xfrm_policy *
policy_find(const struct xfrm_policy *list, size_t n, const struct xfrm_policy *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (xfrm_policy_same(&list[i], wanted))
			return &list[i];
	return NULL;
}

int
xfrm_policies_render(struct xfrm *x)
{
	struct order o = order_all(x);
	struct plan p = {.order = &o};
	int error;

	plan_all(&p);
	error = p.full ? -E2BIG : 0;
	for (size_t i = 0; i < p.n && !error; i++) {
		const struct xfrm_policy *old = policy_find(x->policies, x->n_policies, &p.list[i]);

		if (!old || old->priority != p.list[i].priority ||
		    old->action != p.list[i].action || old->reqid != p.list[i].reqid)
			error = xfrm_policy_put(x->nl, &p.list[i]);
	}
	free(o.list);
	if (error) {
		free(p.list);
		return error;
	}
	for (size_t i = 0; i < x->n_policies; i++)
		if (!policy_find(p.list, p.n, &x->policies[i]))
			xfrm_policy_delete(x->nl, &x->policies[i]);
	free(x->policies);
	x->policies = p.list;
	x->n_policies = p.n;
	return 0;
}
