/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto session`: the groups of a member as sessions with everybody, and those who come to a
 * key server, with no traffic of their own.
 */
#include "cli/show/show.h"

#include <inttypes.h>
#include <stdio.h>

static const char *
session_status(const struct snap_group *g, const struct snap_isakmp *ike)
{
	bool up = ike && ike->state == SNAP_GDOI_IDLE;

	if (g->n_teks)
		return up ? "UP-ACTIVE" : "UP-NO-IKE";
	return up ? "UP-IDLE" : ike ? "DOWN-NEGOTIATING" : "DOWN";
}

static void
flow_end(struct text *t, uint32_t addr, uint32_t mask)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	if (mask == UINT32_MAX)
		text_printf(t, " host %s", addr_text(addr, a));
	else
		text_printf(t, " %s/%s", addr_text(addr, a), addr_text(mask, m));
}

/* An SA's counters are those of all its entries: shown with the first. */
static void
flow_detail(struct text *t, const struct show_ipsec *w, size_t e)
{
	const struct snap_group *g = w->group;
	const struct dp_entry_stat *c = show_entry_stat(w, e);
	uint32_t life = 0;

	for (size_t k = 0; k < g->n_teks; k++)
		if (g->teks[k].sa == g->entries[e].sa && g->teks[k].remaining > life)
			life = g->teks[k].remaining;
	text_printf(t,
	            "        Inbound:  #pkts dec'ed %" PRIu64 " drop %" PRIu64
	            " life (KB/Sec) KB Vol Rekey Disabled/%" PRIu32 "\n",
	            c->in_packets, c->clear_drops, life);
	text_printf(t,
	            "        Outbound: #pkts enc'ed %" PRIu64 " drop %" PRIu64
	            " life (KB/Sec) KB Vol Rekey Disabled/%" PRIu32 "\n",
	            c->out_packets, c->send_errors, life);
}

static void
show_flow(struct text *t, const struct show_ipsec *w, size_t e)
{
	const struct snap_group *g = w->group;
	const struct selector *s = &g->entries[e].selector;
	size_t sas = 0;

	for (size_t k = 0; k < g->n_teks; k++)
		sas += g->teks[k].sa == g->entries[e].sa ? 2 : 0;
	if (s->proto)
		text_printf(t, "  IPSEC FLOW: permit %u", s->proto);
	else
		text_puts(t, "  IPSEC FLOW: permit ip");
	flow_end(t, s->src, s->src_mask);
	flow_end(t, s->dst, s->dst_mask);
	text_printf(t, "\n        Active SAs: %zu, origin: crypto map\n", sas);
	if (w->detail)
		flow_detail(t, w, e);
}

static void
session_ike(struct text *t, const struct snap_isakmp *ike, bool detail)
{
	char l[ADDR_TEXT_MAX], r[ADDR_TEXT_MAX];

	/* Sessions of IKEv2 are numbered alone. */
	text_puts(t, "  Session ID: 0  \n");
	text_printf(t, "  IKEv1 SA: local %s/848 remote %s/848 %s\n",
	            addr_text(ike->initiator ? ike->src : ike->dst, l),
	            addr_text(ike->initiator ? ike->dst : ike->src, r),
	            ike->active ? "Active" : "Inactive");
	if (detail)
		text_printf(t,
		            "          Capabilities:%s connid:%" PRIu32 " lifetime:%02" PRIu32
		            ":%02" PRIu32 ":%02" PRIu32 "\n",
		            ike->dpd ? "D" : "(none)", ike->conn_id, ike->remaining / 3600,
		            ike->remaining / 60 % 60, ike->remaining % 60);
}

void
show_session(struct text *t, const struct show_ipsec *w, const struct snap_isakmp *ike)
{
	const struct snap_group *g = w->group;
	char id[ADDR_TEXT_MAX];

	text_printf(t, "\nInterface: %s\n%s%s%sSession status: %s\nPeer: 0.0.0.0 port 848",
	            w->on->name, ike && ike->profile ? "Profile: " : "",
	            ike && ike->profile ? ike->profile : "", ike && ike->profile ? "\n" : "",
	            session_status(g, ike));
	if (w->detail)
		text_printf(t, " fvrf: %s ivrf: %s", w->on->vrf ? w->on->vrf : "(none)",
		            w->on->inner ? w->on->inner : "(none)");
	text_puts(t, "\n");
	if (w->detail)
		text_printf(t, "      Phase1_id: %s\n      Desc: (none)\n",
		            ike ? addr_text(ike->initiator ? ike->dst : ike->src, id) : "(none)");
	if (ike)
		session_ike(t, ike, w->detail);
	for (size_t e = 0; e < g->n_entries; e++)
		if (g->entries[e].selector.permit)
			show_flow(t, w, e);
}

/* --- peers ------------------------------------------------------------------------------------ */

static bool
is_up(const struct show_peer *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->sas[i].active && p->sas[i].state == SNAP_GDOI_IDLE)
			return true;
	return false;
}

static bool
is_negotiating(const struct show_peer *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->sas[i].active && p->sas[i].state < SNAP_GDOI_IDLE)
			return true;
	return false;
}

const char *
show_peer_status(const struct show_peer *p)
{
	return is_up(p) ? "UP-IDLE" : is_negotiating(p) ? "DOWN-NEGOTIATING" : "DOWN";
}

void
show_session_peer(struct text *t, const struct show_peer *p, const char *interface)
{
	char a[ADDR_TEXT_MAX];

	addr_text(p->sas->src, a);
	text_printf(t, "\nInterface: %s\n%s%s%sSession status: %s\nPeer: %s port 848",
	            interface ? interface : "none", p->sas->profile ? "Profile: " : "",
	            p->sas->profile ? p->sas->profile : "", p->sas->profile ? "\n" : "",
	            show_peer_status(p), a);
	if (p->detail)
		text_printf(t, " fvrf: %s ivrf: %s", p->sas->vrf ? p->sas->vrf : "(none)",
		            p->sas->inner ? p->sas->inner : "(none)");
	text_puts(t, "\n");
	if (p->detail)
		text_printf(t, "      Phase1_id: %s\n      Desc: (none)\n", a);
	for (size_t i = 0; i < p->n; i++)
		session_ike(t, &p->sas[i], p->detail);
}

void
show_session_peer_brief(struct text *t, const struct show_peer *p, const char *interface)
{
	uint32_t up = p->sas->lifetime - p->sas->remaining;
	char a[ADDR_TEXT_MAX];

	if (p->sas->remaining > p->sas->lifetime)
		up = 0;
	addr_text(p->sas->src, a);
	text_printf(t, "%15s %-14s %26s %26s %02" PRIu32 ":%02" PRIu32 ":%02" PRIu32 " %s\n", a,
	            interface ? interface : "none", "", a, up / 3600, up / 60 % 60, up % 60,
	            is_up(p)            ? "UI"
	            : is_negotiating(p) ? "DN"
	                                : "D");
}

/* --- headings --------------------------------------------------------------------------------- */

void
show_session_detail_heading(struct text *t)
{
	text_puts(t, "\nCode: C - IKE Configuration mode, D - Dead Peer Detection     \n"
	             "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     \n"
	             "X - IKE Extended Authentication, F - IKE Fragmentation\n");
}

void
show_session_brief_heading(struct text *t)
{
	text_puts(t, "Status: A- Active, U - Up, D - Down, I - Idle, S - Standby, N - Negotiating\n"
	             "        K - No IKE\n");
}

void
show_session_brief_vrf(struct text *t, const char *ivrf)
{
	text_printf(t, "ivrf = %s\n", ivrf ? ivrf : "(none)");
	text_puts(t, "           Peer      I/F            Username                  "
	             "Group/Phase1_id            Uptime Status\n");
}

void
show_session_brief(struct text *t, const struct show_ipsec *w, const struct snap_isakmp *ike)
{
	const struct snap_group *g = w->group;
	bool up = ike && ike->state == SNAP_GDOI_IDLE;
	uint32_t since = 0;

	for (size_t k = 0; k < g->n_teks; k++)
		if (g->teks[k].elapsed > since)
			since = g->teks[k].elapsed;
	text_printf(t, "%15s %-14s %26s %26s %02" PRIu32 ":%02" PRIu32 ":%02" PRIu32 " %s\n",
	            "0.0.0.0", w->on->name, "", g->name, since / 3600, since / 60 % 60, since % 60,
	            g->n_teks ? (up ? "UA" : "UK")
	            : up      ? "UI"
	            : ike     ? "DN"
	                      : "D");
}
