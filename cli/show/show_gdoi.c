/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto gdoi ...`: what the key server's and the member's part have in common, and what
 * both have. What Testudo has no state for is left out rather than made up; a feature that it does
 * not have is shown as off, since that is so.
 */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>

#include "compiler/policy/protocol.h"

void
show_group_id(struct text *t, const struct group_id *id)
{
	char buf[ADDR_TEXT_MAX];

	if (id->type == GROUP_ID_NUMBER)
		text_printf(t, "%" PRIu32, id->value);
	else if (id->type == GROUP_ID_ADDRESS)
		text_puts(t, addr_text(id->value, buf));
	else
		text_puts(t, "none");
}

void
show_hms(struct text *t, uint32_t seconds)
{
	text_printf(t, "%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void
show_spi16(struct text *t, const uint8_t spi[16])
{
	text_puts(t, "0x");
	for (size_t i = 0; i < 16; i++)
		text_printf(t, "%02X", spi[i]);
}

const struct snap_tek *
show_tek_of(const struct snap_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_teks; i++) /* newest first */
		if (g->teks[i].sa == sa)
			return &g->teks[i];
	return NULL;
}

const char *
show_management_alg(const struct snap_kek *k)
{
	return k->lkh.depth ? "lkh" : "disabled";
}

uint32_t
show_sig_size(const struct snap_kek *k)
{
	return (k->sig_bits + 7) / 8;
}

/* --- entries ---------------------------------------------------------------------------------- */

static void
selector_end(struct text *t, uint32_t addr, uint32_t mask, uint16_t port)
{
	char a[ADDR_TEXT_MAX], w[ADDR_TEXT_MAX];

	if (!mask)
		text_puts(t, " any");
	else if (mask == UINT32_MAX)
		text_printf(t, " host %s", addr_text(addr, a));
	else
		text_printf(t, " %s %s", addr_text(addr, a), addr_text(~mask, w));
	if (port)
		text_printf(t, " port = %u", port);
}

void
show_selector(struct text *t, const struct selector *s)
{
	const char *name = protocol_ios_name(s->proto);

	text_puts(t, s->permit ? "permit " : "deny ");
	if (name)
		text_puts(t, name);
	else
		text_printf(t, "%u", s->proto);
	selector_end(t, s->src, s->src_mask, s->sport);
	selector_end(t, s->dst, s->dst_mask, s->dport);
}

void
show_entries(struct text *t, const char *before, const struct snap_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_entries; i++) {
		if (sa && g->entries[i].sa != sa)
			continue;
		text_puts(t, before);
		show_selector(t, &g->entries[i].selector);
		text_puts(t, "\n");
	}
}

/* --- security associations -------------------------------------------------------------------- */

static void
show_ident(struct text *t, const char *label, uint32_t addr, uint32_t mask, uint16_t port)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	text_printf(t, "      %s = ", label);
	if (!mask)
		text_puts(t, "ANY");
	else if (mask == UINT32_MAX)
		text_puts(t, addr_text(addr, a));
	else if (mask_is_contiguous(mask))
		text_printf(t, "%s/%u", addr_text(addr, a), mask_len(mask));
	else
		text_printf(t, "%s/%s", addr_text(addr, a), addr_text(mask, m));
	text_printf(t, ", port = %u\n", port);
}

static void
gdoi_sa(struct text *t, const struct selector *s, const struct snap_tek *k)
{
	const char *name = protocol_ios_name(s->proto);

	if (name)
		text_printf(t, "    protocol = %s\n", name);
	else
		text_printf(t, "    protocol = %u\n", s->proto);
	show_ident(t, "local ident ", s->src, s->src_mask, s->sport);
	show_ident(t, "remote ident", s->dst, s->dst_mask, s->dport);
	text_puts(t, "      direction: Both, replay(method/window): ");
	if (k->time_window)
		text_printf(t, "Time/%" PRIu32 " sec\n", k->time_window);
	else if (k->window)
		text_printf(t, "Counter/%" PRIu32 "\n", k->window);
	else
		text_puts(t, "Disabled\n");
}

/* The SAs of every permit: of its newest TEK, in IOS-XE's layout also of those before. */
void
show_gdoi_ipsec_sa(struct text *t, const struct snap_group *g, const struct policy_group *p,
                   enum layout layout)
{
	text_printf(t, "SA created for group %s:\n", g->name);
	for (size_t i = 0; i < p->n_interfaces; i++) {
		text_printf(t, "  %s:\n", p->interfaces[i].name);
		for (size_t k = 0; k < g->n_teks; k++) {
			const struct snap_tek *tek = &g->teks[k];

			if (layout == LAYOUT_CLASSIC && show_tek_of(g, tek->sa) != tek)
				continue;
			for (size_t e = 0; e < g->n_entries; e++)
				if (g->entries[e].selector.permit && g->entries[e].sa == tek->sa)
					gdoi_sa(t, &g->entries[e].selector, tek);
		}
	}
}

/* A server's own KEK is told by `ks policy`. */
static bool
has_rekey_sa(const struct snap_group *g)
{
	return !g->local && g->kek.present;
}

void
show_gdoi_rekey_sa(struct text *t, const struct snap_group *groups, size_t n)
{
	char d[ADDR_TEXT_MAX], s[ADDR_TEXT_MAX];

	text_puts(t, "GETVPN REKEY SA\n"
	             "dst             src             conn-id         status\n");
	for (size_t i = 0; i < n; i++)
		if (has_rekey_sa(&groups[i]))
			text_printf(t, "%-15s %-15s %-15" PRIu32 " ACTIVE\n",
			            addr_text(groups[i].local_addr, d),
			            addr_text(groups[i].server, s), groups[i].kek.conn_id);
}

/* on: NULL: no interface any more. */
static void
rekey_sa(struct text *t, const struct snap_group *g, uint32_t handle,
         const struct policy_group_interface *on)
{
	const struct snap_kek *k = &g->kek;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\n  KEK POLICY (transport type : %s)\n",
	            k->unicast ? "Unicast" : "Multicast");
	text_printf(t, "   Local addr/port : %s/848\n", addr_text(g->local_addr, a));
	text_printf(t, "   Remote addr/port : %s/848\n", addr_text(g->server, a));
	text_puts(t, "    spi : ");
	show_spi16(t, k->spi);
	text_printf(t, "\n    management alg     : %-12sencrypt alg       : %-10s\n",
	            show_management_alg(k), cipher_row(k->cipher)->family);
	text_printf(t, "    crypto iv length   : %-12zukey size          : %-8zu\n",
	            cipher_block_size(k->cipher), cipher_key_size(k->cipher));
	text_printf(t, "    orig life(sec)     : %-10" PRIu32 "\n", k->lifetime);
	text_printf(t, "    sig hash algorithm : %-12ssig key length    : %-8zu\n",
	            k->sig_bits ? "enabled" : "disabled", k->public_key.n);
	text_printf(t, "    sig size           : %" PRIu32 "\n", show_sig_size(k));
	text_printf(t, "    acknowledgement    : %s\n", k->ack ? "Interoperable" : "None");
	text_printf(t, "    conn_id (IKEv1)    : %" PRIu32 "\n", k->conn_id);
	text_printf(t, "    seq num            : %-12" PRIu32 "prev seq num      : %-8" PRIu32 "\n",
	            k->seq, k->prev_seq);
	text_printf(t, "    handle             : %-10" PRIX32 "\n", handle);
	text_printf(t, "    Interface          : %s\n", on ? on->name : "none");
	text_printf(t, "    Group Name         : %s\n", g->name);
}

void
show_gdoi_rekey_sa_detail(struct text *t, const struct snap_group *groups, size_t n,
                          const struct policy *policy)
{
	uint32_t active = 0, made = 0;

	for (size_t i = 0; i < n; i++) {
		active += has_rekey_sa(&groups[i]);
		made += groups[i].rekey_sas;
	}
	text_printf(t, "KEK SA DB STATS:\n    num_active = %" PRIu32 "\n", active);
	text_printf(t, "    num_malloc = %" PRIu32 "\n    num_free = %" PRIu32 "\n", made,
	            made - active);
	for (size_t i = 0; i < n; i++) {
		const struct policy_group *p = policy_group_find(policy, groups[i].name);

		if (has_rekey_sa(&groups[i]))
			rekey_sa(t, &groups[i], SHOW_GDOI_HANDLE + (uint32_t)i,
			         p && p->n_interfaces ? &p->interfaces[0] : NULL);
	}
}

/* --- replay ----------------------------------------------------------------------------------- */

uint32_t
show_time_window(const struct snap_group *g)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (g->teks[i].time_window)
			return g->teks[i].time_window;
	return 0;
}

void
show_counter_replay(struct text *t, const struct snap_group *g)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (g->teks[i].window && show_tek_of(g, g->teks[i].sa) == &g->teks[i])
			text_printf(t, "Counter Replay:\n         Window Size : %" PRIu32 "\n",
			            g->teks[i].window);
}

void
show_gdoi_ks_replay(struct text *t, const struct snap_group *g)
{
	uint32_t window = show_time_window(g);

	text_printf(t, "Anti-replay Information For Group %s:\nTimebased Replay:\n", g->name);
	if (window) {
		text_printf(t, "         Replay Value             : %" PRIu64 ".%02u secs\n",
		            g->pseudotime / 1000, (unsigned)(g->pseudotime % 1000 / 10));
		text_printf(t, "         Replay Window            : %" PRIu32 " secs\n", window);
	} else {
		text_puts(t, "         is not enabled\n");
	}
	show_counter_replay(t, g);
}

/* --- both ------------------------------------------------------------------------------------- */

void
show_gdoi_group(struct text *t, const struct snap_group *g, const struct policy_group *p,
                enum layout layout)
{
	if (g->local)
		show_gdoi_server(t, g, p, layout);
	else
		show_gdoi_member(t, g, p, layout);
}
