/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto gdoi ks coop`: the servers of a group, as IOS shows its cooperative ones. What IOS
 * counts of the messages that its servers send each other is left out: ours share a store.
 */
#include "cli/show/show_gdoi.h"
#include "compiler/policy/alike.h"

#include <inttypes.h>

#define HANDLE 0x80000002u /* of the first server */

static const char *
role_of(bool leads)
{
	return leads ? "Primary" : "Secondary";
}

static const struct snap_server *
find_alive(const struct snap_coop *k, uint32_t addr)
{
	for (size_t i = 0; i < k->n_servers; i++)
		if (k->servers[i].addr == addr)
			return &k->servers[i];
	return NULL;
}

/* s: NULL: it does not live. */
static const char *
status_of(const struct snap_server *s)
{
	return !s || s->gone ? "Unreachable" : s->alive ? "Alive" : "Unknown";
}

/* s: NULL: it does not live. */
static void
put_peer(struct text *t, uint32_t addr, const struct snap_server *s, unsigned nth, bool detail)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "        Session %u:\n", nth);
	text_printf(t, "                Server handle: %u\n", HANDLE + nth);
	text_printf(t, "                Peer Address: %s\n", addr_text(addr, a));
	if (detail && s && !s->unread && !s->gone)
		text_printf(t, "                Peer Version: %s\n", SHOW_GDOI_VERSION);
	text_printf(t, "                Peer Priority: %u\n", s ? s->priority : 0);
	text_printf(t, "                Peer KS Role: %-9s , Peer KS Status: %s\n",
	            s && s->alive ? role_of(s->leads) : "Unknown", status_of(s));
	if (s && s->unread)
		text_puts(t, "                Peer says what this version does not read\n");
	else if (s && !s->able && !s->gone)
		text_puts(t, "                Peer cannot lead\n");
	if (s && s->differs) {
		text_puts(t, "                Peer Configuration: other than here: ");
		alike_put(t, s->differs);
		text_puts(t, "\n");
	}
	text_puts(t, "\n");
}

/* Those that are configured, in that order, then others that live. */
static void
put_peers(struct text *t, uint32_t here, const struct snap_coop *k, const struct policy_coop *p,
          bool detail)
{
	unsigned n = 0;

	text_puts(t, "        Peer Sessions:\n");
	for (size_t i = 0; i < p->n_peers; i++)
		if (p->peers[i] != here)
			put_peer(t, p->peers[i], find_alive(k, p->peers[i]), ++n, detail);
	for (size_t i = 0; i < k->n_servers; i++) {
		const struct snap_server *s = &k->servers[i];
		bool named = s->here;

		for (size_t j = 0; j < p->n_peers && !named; j++)
			named = p->peers[j] == s->addr;
		if (!named)
			put_peer(t, s->addr, s, ++n, detail);
	}
}

void
show_gdoi_ks_coop(struct text *t, const struct snap_group *g, const struct policy_group *p,
                  size_t nth, bool detail)
{
	const struct snap_coop *k = &g->coop;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Crypto Gdoi Group Name :%s\n", g->name);
	if (!p->server.coop.configured) {
		text_puts(t, "        Redundancy is not configured\n");
		return;
	}
	text_printf(t, "        Group handle: %zu, Local Key Server handle: %zu\n\n", HANDLE + nth,
	            HANDLE + nth);
	text_printf(t, "        Local Address: %s\n", addr_text(g->local_addr, a));
	text_printf(t, "        Local Priority: %u\n", p->server.coop.priority);
	text_printf(t, "        Local KS Role: %-9s , Local KS Status: %s\n",
	            role_of(k->leads || !k->on), k->on ? "Alive" : "Alone");
	if (detail)
		text_printf(t, "        Local KS version: %s\n", SHOW_GDOI_VERSION);
	text_printf(t, "        Number of the keys: %" PRIu32 ", changes of role: %" PRIu32 "\n\n",
	            k->serial, k->changes);
	if (k->pair_shared)
		text_puts(t, "        Rekeys are signed with the key pair that the store has\n\n");
	if (!k->on)
		text_puts(
		    t, "        No store is shared (crypto gdoi store etcd URL): this server makes "
		       "its own keys\n\n");
	if (k->on && !k->stale && !k->store_error && !k->leader && !k->moved)
		text_puts(t, "        No primary: nobody makes keys for the group now\n\n");
	if (k->unable)
		text_printf(t, "        This server cannot lead: %s\n\n", k->unable);
	if (k->store_error)
		text_printf(t, "        Shared store not reached: %s\n\n", k->store_error);
	if (k->stale && g->local_addr)
		text_puts(t,
		          "        No lease: this server makes no keys before it hears the store "
		          "again\n\n");
	put_peers(t, g->local_addr, k, &p->server.coop, detail);
}

static void
put_piece(struct text *t, const char *label, unsigned bits, const struct snap_sids *s)
{
	int digits = (int)bits / 4;

	text_puts(t, label);
	if (s->any)
		text_printf(t, "0x%0*" PRIX32 "-0x%0*" PRIX32 "\n", digits, s->first, digits,
		            s->last);
	else
		text_puts(t, "none\n");
}

static void
put_lengths(struct text *t, const struct snap_group *g, unsigned cfg, bool overlap)
{
	text_puts(t, "        Next SID Client Operation    : none\n"
	             "        Re-initializing              : No\n");
	text_printf(t, "        KSSID Overlap                : %s\n", overlap ? "Yes" : "No");
	text_printf(t, "        SID Length (Group Size) Cfg  : %u bits (%s)\n", cfg,
	            show_sid_size(cfg));
	text_printf(t, "        SID Length (Group Size) Used : %u bits (%s)\n", g->sid_bits,
	            show_sid_size(g->sid_bits));
}

/* Without `identifier` a server has no part of its own: pieces are taken of all. */
static void
put_own_kssids(struct text *t, const struct snap_group *g)
{
	const struct snap_coop *k = &g->coop;
	const unsigned below = g->sid_bits - policy_kssid_bits(g->sid_bits);
	const uint64_t each = (uint64_t)1 << below, used = (k->sids_taken + each - 1) / each;

	if (g->n_kssids && k->piece.any)
		text_printf(t, "        Current KSSID In-Use         : %" PRIu32 "\n",
		            k->piece.first >> below);
	else
		text_puts(t, "        Current KSSID In-Use         : none\n");
	show_gdoi_kssids(t, "        KSSID(s) Assigned            : ", g, 0,
	                 g->n_kssids ? g->sids_all / each : 0);
	show_gdoi_kssids(t, "        KSSID(s) Used                : ", g, 0,
	                 g->n_kssids ? used : 0);
	text_puts(t, "        Old KSSID(s) Used            : none\n");
}

static bool
has_kssid(const struct snap_server *s, unsigned n)
{
	return n <= POLICY_KSSID_MAX && s->kssids[n / 32] & 1u << n % 32;
}

/*
 * Which are another server's it says; what it has given away of them this one does not know. All of
 * them are nobody's.
 */
static void
put_their_kssids(struct text *t, const struct snap_group *g, const struct snap_server *s)
{
	const unsigned all = 1u << policy_kssid_bits(g->sid_bits);
	const char *comma = "";
	unsigned n = 0;

	while (n < all && has_kssid(s, n))
		n++;
	text_puts(t, "        Current KSSID In-Use         : none\n"
	             "        KSSID(s) Assigned            : ");
	for (unsigned i = n < all ? 0 : all; i < all; i++) {
		unsigned first = i;

		if (!has_kssid(s, i))
			continue;
		while (i + 1 < all && has_kssid(s, i + 1))
			i++;
		text_printf(t, first < i ? "%s%u-%u" : "%s%u", comma, first, i);
		comma = ", ";
	}
	text_puts(t, *comma ? "\n" : "none\n");
	text_puts(t, "        KSSID(s) Used                : none\n"
	             "        Old KSSID(s) Used            : none\n");
}

void
show_gdoi_ks_coop_identifier(struct text *t, const struct snap_group *g,
                             const struct policy_group *p, bool detail)
{
	const struct snap_coop *k = &g->coop;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "COOP-KS Sender ID (SID) Information for Group %s:\n\n", g->name);
	if (!p->server.coop.configured) {
		text_puts(t, "    Redundancy is not configured\n");
		return;
	}
	text_printf(t, "    Local KS Role: %-9s , Local KS Status: %s\n",
	            role_of(k->leads || !k->on), k->on ? "Alive" : "Alone");
	text_printf(t, "        Local Address                : %s\n", addr_text(g->local_addr, a));
	put_lengths(t, g, p->server.sid_bits, k->clash);
	put_own_kssids(t, g);
	if (k->on) {
		put_piece(t, "        SIDs to Give Away            : ", g->sid_bits, &k->piece);
		put_piece(t, "        SIDs to Give Away after That : ", g->sid_bits, &k->spare);
		text_printf(t, "        SIDs Taken by All Servers    : %" PRIu64 "%s\n",
		            k->sids_taken, k->used_up ? " (all)" : "");
	}
	for (size_t i = 0; i < k->n_servers && detail; i++) {
		const struct snap_server *s = &k->servers[i];

		if (s->here)
			continue;
		text_printf(t, "\n    Peer KS Role: %-9s , Peer KS Status: %s\n",
		            s->alive ? role_of(s->leads) : "Unknown", status_of(s));
		text_printf(t, "        Peer Address                 : %s\n",
		            addr_text(s->addr, a));
		put_lengths(t, g, g->sid_bits, s->clash);
		put_their_kssids(t, g, s);
	}
}

/* As IOS says it; what its clients share is here six kinds of records in the store. */
void
show_gdoi_ks_coop_version(struct text *t)
{
	text_puts(t, "Cooperative key server infra Version : " SHOW_COOP_VERSION " \n"
	             "Client : KS_POLICY_CLIENT Version : " SHOW_COOP_VERSION " \n"
	             "Client : GROUP_MEMBER_CLIENT Version : " SHOW_COOP_VERSION " \n"
	             "Client : SID_CLIENT Version : " SHOW_COOP_VERSION "\n");
}

/* `Redundancy` of `show crypto gdoi group G` and `ks`. A server that is alone leads. */
void
show_gdoi_redundancy(struct text *t, const struct snap_group *g, const struct policy_group *p,
                     enum layout layout)
{
	bool several = p->server.coop.configured;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "    Redundancy               : %s\n", several ? "Configured" : "None");
	text_printf(t, "        Local Address        : %s\n", addr_text(g->local_addr, a));
	text_printf(t, "        Local Priority       : %u\n", p->server.coop.priority);
	text_printf(t, "        Local KS Status      : %s\n",
	            g->coop.on || !several ? "Alive" : "Alone");
	text_printf(t, "        Local KS Role        : %s\n",
	            role_of(g->coop.leads || !g->coop.on));
	if (layout == LAYOUT_XE)
		text_puts(t, "        Local KS Version     : " SHOW_GDOI_VERSION "\n"
		             "        Local COOP Version   : " SHOW_COOP_VERSION " \n");
}
