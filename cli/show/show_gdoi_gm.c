/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto gdoi gm ...` and the group of a member. The classic layout is that of IOS 12.4 and
 * 15, the other that of IOS-XE; see show_gdoi.c for what is left out.
 */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>

static void
rekeys_received(struct text *t, const struct snap_group *g, enum layout layout)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "       Last rekey from       : %s\n", addr_text(g->last_rekey_from, a));
	text_printf(t, "       Last rekey seq num    : %" PRIu32 "\n", g->last_rekey_seq);
	if (!g->kek.present || g->kek.unicast) {
		text_printf(t, "       Unicast rekey received: %" PRIu32 "\n", g->rekeys_received);
		text_printf(t, "       Rekey ACKs sent       : %" PRIu32 "\n", g->acks_sent);
	} else {
		text_printf(t, "       Multicast rekey rcvd  : %" PRIu32 "\n", g->rekeys_received);
	}
	if (g->rekeys_received) {
		text_puts(t, "       Rekey Rcvd(hh:mm:ss)  : ");
		show_hms(t, g->last_rekey_ago);
		text_puts(t, "\n");
	} else {
		text_puts(t, "       Rekey Received        : never\n");
	}
	if (layout == LAYOUT_XE)
		text_puts(t, "       PFS Rekey received    : 0\n");
}

static const char *
direction_text(enum sa_direction d)
{
	return d == SA_INBOUND_ONLY ? "Inbound Only" : d == SA_BOTH ? "Both" : "Inbound Optional";
}

/* What `client rekey` allows. */
static void
show_allowable(struct text *t, const struct policy_group *p)
{
	text_printf(t, "       allowable rekey cipher:%s", p->rekey_ciphers ? "" : " any");
	for (enum cipher_id i = CIPHER_NULL; i < CIPHER_COUNT; i++)
		if (p->rekey_ciphers >> i & 1)
			text_printf(t, " %s", cipher_row(i)->rekey_title);
	text_printf(t, "\n       allowable rekey hash  :%s", p->rekey_hashes ? "" : " any");
	for (enum hash_id i = HASH_NONE; i < HASH_COUNT; i++)
		if (p->rekey_hashes >> i & 1)
			text_printf(t, " %s", hash_row(i)->title);
	text_puts(t, "\n       allowable transformtag: any ESP\n");
}

void
show_gdoi_gm(struct text *t, const struct snap_group *g, enum layout layout)
{
	static const char *const states[] = {[SNAP_NOT_REGISTERED] = "Not Registered",
	                                     [SNAP_REGISTERING] = "Registering",
	                                     [SNAP_REGISTERED] = "Registered"};
	bool xe = layout == LAYOUT_XE;
	char a[ADDR_TEXT_MAX];

	if (xe) {
		text_printf(t, "Group Member Information For Group %s:\n", g->name);
		text_printf(t, "    IPSec SA Direction       : %s\n", direction_text(g->direction));
		if (g->n_entries)
			text_printf(t, "    ACL Received From KS     : gdoi_group_%s_temp_acl\n",
			            g->name);
		text_puts(t, "\n");
	}
	text_printf(t, "    Group member             : %-15s vrf: %s\n",
	            addr_text(g->local_addr, a), show_vrf_name(g->vrf));
	if (xe) {
		text_printf(t, "       Local addr/port       : %s/848\n",
		            addr_text(g->local_addr, a));
		text_printf(t, "       Remote addr/port      : %s/848\n", addr_text(g->server, a));
		text_printf(t, "       fvrf/ivrf             : %s/%s\n", show_vrf_name(g->vrf),
		            show_vrf_name(g->inner));
		text_puts(t, "       Version               : " SHOW_GDOI_VERSION "\n");
	}
	text_printf(t, "       Registration status   : %s\n", states[g->registration]);
	if (g->registration == SNAP_REGISTERED)
		text_printf(t, "       Registered with       : %s\n", addr_text(g->server, a));
	text_printf(t, "       Re-registers in       : %" PRIu32 " sec\n", g->reregister);
	text_printf(t, "       Succeeded registration: %" PRIu32 "\n", g->successes);
	text_printf(t, "       Attempted registration: %" PRIu32 "\n", g->attempts);
	rekeys_received(t, g, layout);
	if (xe) {
		text_printf(t, "       DP Error Monitoring   : %s\n",
		            g->recovery_check ? "ON" : "OFF");
		text_printf(t, "       IPSEC init reg executed    : %" PRIu32 "\n", g->recoveries);
		text_printf(t, "       IPSEC init reg postponed   : %" PRIu32 "\n",
		            g->recoveries_postponed);
		text_printf(t, "       Active TEK Number     : %zu\n", g->n_teks);
		text_puts(t, "       SA Track (OID/status) : disabled\n"
		             "       Fail-Close Revert : Disabled\n");
	}
}

/* --- what was downloaded ---------------------------------------------------------------------- */

static void
member_tek(struct text *t, const struct snap_tek *k, enum layout layout)
{
	char suite[64];

	esp_suite_show_text(&k->suite, suite, sizeof(suite));
	text_puts(t, "    IPsec SA:\n");
	text_printf(t, "        spi: 0x%" PRIX32 "(%" PRIu32 ")\n", k->spi, k->spi);
	text_printf(t, "        transform: %s\n", suite);
	text_printf(t, "        sa timing:remaining key lifetime (sec): (%" PRIu32 ")\n",
	            k->remaining);
	if (k->time_window)
		text_printf(t, "        Anti-Replay(Time Based) : %" PRIu32 " sec interval\n",
		            k->time_window);
	else if (k->window)
		text_printf(t, "        Anti-Replay(Counter Based) : %" PRIu32 "\n", k->window);
	else
		text_puts(t, "        Anti-Replay : Disabled\n");
	if (layout == LAYOUT_XE) {
		text_puts(t, "        tag method : disabled\n");
		text_printf(t, "        alg key size: %zu (bytes)\n",
		            cipher_key_size(k->suite.cipher));
		text_printf(t, "        sig key size: %zu (bytes)\n", hash_size(k->suite.auth));
		text_printf(t, "        encaps: ENCAPS_%s\n",
		            k->transport ? "TRANSPORT" : "TUNNEL");
	}
	text_puts(t, "\n");
}

static void
downloaded_acl(struct text *t, const struct snap_group *g, enum layout layout)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, " ACL Downloaded From KS %s:\n", addr_text(g->server, a));
	show_entries(t, layout == LAYOUT_XE ? "   access-list   " : "   access-list  ", g, 0);
}

static void
member_kek(struct text *t, const struct snap_kek *k, enum layout layout)
{
	text_puts(t, "\nKEK POLICY:\n");
	text_printf(t, "    Rekey Transport Type     : %s\n", k->unicast ? "Unicast" : "Multicast");
	text_printf(t, "    Lifetime (secs)          : %" PRIu32 "\n", k->remaining);
	text_printf(t, "    Encrypt Algorithm        : %s\n", cipher_row(k->cipher)->family);
	text_printf(t, "    Key Size                 : %zu\n", cipher_key_size(k->cipher) * 8);
	text_printf(t, "    Sig Hash Algorithm       : HMAC_AUTH_%s\n",
	            hash_row(k->sig_hash)->title);
	/* IOS-XE counts the key as it is sent, with its wrapping. */
	text_printf(t, "    Sig Key Length (bits)    : %" PRIu32 "\n",
	            layout == LAYOUT_XE ? (uint32_t)k->public_key.n * 8 : k->sig_bits);
}

/*
 * Of the vendor's other ways to keys (from a key generation server, between two members) we have
 * none. What IOS-XE says of both all the same is the address that the member is registered with.
 */
static void
registered_address(struct text *t, const struct snap_group *g)
{
	char a[ADDR_TEXT_MAX];

	addr_text(g->local_addr, a);
	text_printf(t, "\nKGS POLICY:\n  REG_GM: local_addr %s\n", a);
	text_printf(t, "\nP2P POLICY:\n  REG_GM: local_addr %s\n", a);
}

static void
member_policy(struct text *t, const struct snap_group *g, const struct policy_group *p,
              enum layout layout)
{
	downloaded_acl(t, g, layout);
	if (g->kek.present)
		member_kek(t, &g->kek, layout);
	text_puts(t, "\nTEK POLICY for the current KS-Policy ACEs Downloaded:\n");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		text_printf(t, "  %s:\n", p->interfaces[i].name);
		for (size_t k = 0; k < g->n_teks; k++)
			member_tek(t, &g->teks[k], layout);
	}
	if (layout == LAYOUT_XE)
		registered_address(t, g);
}

void
show_gdoi_member(struct text *t, const struct snap_group *g, const struct policy_group *p,
                 enum layout layout)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "    Group Name               : %s\n", g->name);
	text_puts(t, "    Group Identity           : ");
	show_group_id(t, &g->id);
	text_puts(t, "\n");
	if (layout == LAYOUT_XE)
		text_puts(t, "    Group Type               : GDOI (ISAKMP)\n"
		             "    Crypto Path              : ipv4\n"
		             "    Key Management Path      : ipv4\n");
	text_printf(t, "    Rekeys received          : %" PRIu32 "\n", g->rekeys_received);
	text_printf(t, "    IPSec SA Direction       : %s\n\n", direction_text(g->direction));
	for (size_t i = 0; i < p->n_servers; i++)
		text_printf(t, "%s%s\n",
		            i ? "                               "
		              : "     Group Server list       : ",
		            addr_text(p->servers[i], a));
	text_puts(t, "\n");
	if (!g->applied) /* no crypto map: not a member yet */
		return;
	show_gdoi_gm(t, g, layout);
	text_puts(t, layout == LAYOUT_XE ? "\n" : "");
	show_allowable(t, p);
	text_printf(t, "\n    Rekeys cumulative\n       Total received        : %" PRIu32 "\n",
	            g->rekeys_received);
	text_printf(t, "       After latest register : %" PRIu32 "\n", g->rekeys_since_register);
	text_printf(t, "       Rekey Acks sents      : %" PRIu32 "\n\n", g->acks_sent);
	if (g->registration == SNAP_REGISTERED || g->n_teks)
		member_policy(t, g, p, layout);
}

void
show_gdoi_gm_acl(struct text *t, const struct snap_group *g, const struct policy_group *p,
                 bool local_only, enum layout layout)
{
	text_printf(t, "Group Name: %s\n", g->name);
	if (!local_only)
		downloaded_acl(t, g, layout);
	text_puts(t, " ACL Configured Locally:\n");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_group_interface *on = &p->interfaces[i];

		if (on->n_deny)
			text_printf(t, "  Map Name: %s\n", on->map);
		for (size_t k = 0; k < on->n_deny; k++) {
			text_printf(t, "   access-list %s ", on->acl_name ? on->acl_name : "");
			show_selector(t, &on->deny[k]);
			text_puts(t, "\n");
		}
	}
}

/* --- replay ----------------------------------------------------------------------------------- */

static void
time_replay(struct text *t, const struct snap_group *g, const struct dp_stat *stat)
{
	uint64_t in = 0, out = 0, in_errors = 0, out_errors = 0;

	for (size_t i = 0; stat && i < stat->n_sas; i++) {
		in += stat->sas[i].in_packets;
		out += stat->sas[i].out_packets;
		in_errors += stat->sas[i].replay_drops;
	}
	for (size_t i = 0; stat && i < stat->n_entries; i++)
		out_errors += stat->entries[i].send_errors;
	text_printf(t, "Replay Value : %" PRIu64 ".%02u secs\n", g->pseudotime / 1000,
	            (unsigned)(g->pseudotime % 1000 / 10));
	text_printf(t, "Input Packets : %" PRIu64 " Output Packets : %" PRIu64 "\n", in, out);
	text_printf(t, "Input Error Packets : %" PRIu64 " Output Error Packets : %" PRIu64 "\n",
	            in_errors, out_errors);
	if (stat && !in_errors)
		text_puts(t, "\nTBAR Error History (sampled at 10pak/min):\n"
		             "    No TBAR errors detected\n");
}

void
show_gdoi_gm_replay(struct text *t, const struct snap_group *g, const struct dp_stat *stat)
{
	text_printf(t, "Anti-replay Information For Group %s:\nTimebased Replay:\n", g->name);
	if (show_time_window(g))
		time_replay(t, g, stat);
	else
		text_puts(t, "         is not enabled\n");
	show_counter_replay(t, g);
}

/* --- data plane ------------------------------------------------------------------------------- */

static void
show_pair(struct text *t, const char *out, uint64_t n, const char *in, uint64_t m)
{
	text_printf(t, "    #pkts %-19s: %-8" PRIu64 "    #pkts %-19s: %" PRIu64 "\n", out, n, in,
	            m);
}

void
show_gdoi_gm_dataplane(struct text *t, const struct snap_group *g, const struct dp_stat *stat)
{
	struct dp_sa_stat sum = {0};
	struct dp_entry_stat entries = {0};

	for (size_t i = 0; i < stat->n_sas; i++) {
		sum.out_packets += stat->sas[i].out_packets;
		sum.in_packets += stat->sas[i].in_packets;
		sum.replay_drops += stat->sas[i].replay_drops;
		sum.auth_errors += stat->sas[i].auth_errors;
		sum.other_errors += stat->sas[i].other_errors;
	}
	for (size_t i = 0; i < stat->n_entries; i++) {
		entries.send_errors += stat->entries[i].send_errors;
		entries.clear_drops += stat->entries[i].clear_drops;
	}
	text_printf(t, "\nData-plane statistics for group %s:\n", g->name);
	show_pair(t, "encrypt", sum.out_packets, "decrypt", sum.in_packets);
	show_pair(t, "tagged (send)", 0, "untagged (rcv)", 0);
	show_pair(t, "no sa (send)", entries.send_errors, "invalid sa (rcv)", stat->invalid_spi);
	show_pair(t, "encaps fail (send)", 0, "decap fail (rcv)", sum.other_errors);
	text_printf(t, "    #pkts invalid prot (rcv) : %-8" PRIu64, entries.clear_drops);
	text_printf(t, "    #pkts verify fail (rcv)  : %" PRIu64 "\n",
	            sum.auth_errors + sum.replay_drops);
	show_pair(t, "not tagged (send)", 0, "not untagged (rcv)", 0);
	show_pair(t, "internal err (send)", 0, "internal err (rcv)", 0);
}

/* --- rekeys ----------------------------------------------------------------------------------- */

static uint32_t
cookie_half(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A KEK's SPI is the pair of cookies of its rekey messages (RFC 6407 5.3): the server's first. */
void
show_gdoi_gm_rekey(struct text *t, const struct snap_group *g, bool detail)
{
	const struct snap_kek *k = &g->kek;
	char d[ADDR_TEXT_MAX], s[ADDR_TEXT_MAX];

	text_printf(t, "Group %s (%s)\n", g->name,
	            !k->present || k->unicast ? "Unicast" : "Multicast");
	text_printf(t, "    Number of Rekeys received (cumulative)       : %" PRIu32 "\n",
	            g->rekeys_received);
	text_printf(t, "    Number of Rekeys received after registration : %" PRIu32 "\n",
	            g->rekeys_since_register);
	text_printf(t, "    Number of Rekey Acks sent                    : %" PRIu32 "\n",
	            g->acks_sent);
	if (!detail)
		return;
	if (k->lkh.depth) /* ours: the vendor has none */
		text_printf(t, "    Keys held of the key hierarchy (LKH)         : %u\n",
		            k->lkh.depth + 1);
	text_puts(t, "\nRekey (KEK) SA information :\n"
	             "          dst             src             conn-id  my-cookie  his-cookie\n");
	if (k->present)
		text_printf(t,
		            "New     : %-15s %-15s %7" PRIu32 "   %08" PRIX32 "   %08" PRIX32 "\n",
		            addr_text(g->local_addr, d), addr_text(g->server, s), k->conn_id,
		            cookie_half(k->spi + 8), cookie_half(k->spi));
	else
		text_puts(t, "New     : ---             ---               ---    ---        ---\n");
	text_puts(t, "Current : ---             ---               ---    ---        ---\n"
	             "Previous: ---             ---               ---    ---        ---\n");
}

static void
key_data(struct text *t, struct span der)
{
	for (size_t i = 0; i < der.n; i++) {
		if (i % 32 == 0)
			text_puts(t, i ? "\n      " : "      ");
		text_printf(t, "%02X", der.p[i]);
		if (i % 4 == 3)
			text_puts(t, " ");
	}
	text_puts(t, "\n");
}

void
show_gdoi_gm_pubkey(struct text *t, const struct snap_group *g)
{
	const struct snap_kek *k = &g->kek;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "  GDOI Group: %s\n", g->name);
	if (!k->present || !k->public_key.n)
		return;
	text_printf(t, "    KS IP Address: %s\n", addr_text(g->server, a));
	text_printf(
	    t, "    conn-id: %" PRIu32 "    my-cookie:%08" PRIX32 "    his-cookie:%08" PRIX32 "\n",
	    k->conn_id, cookie_half(k->spi + 8), cookie_half(k->spi));
	text_puts(t, "    Key Data:\n");
	key_data(t, k->public_key);
	text_puts(t, "\n");
}
