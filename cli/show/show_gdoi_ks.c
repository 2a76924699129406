/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto gdoi ks ...` and the group of a key server. The classic layout is that of IOS 12.4
 * and 15, the other that of IOS-XE; see show_gdoi.c for what is left out.
 */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>
#include <string.h>

/* --- the group -------------------------------------------------------------------------------- */

static void
server_sa(struct text *t, const struct snap_group *g, const struct policy_sa *sa,
          enum layout layout)
{
	const struct snap_tek *tek = show_tek_of(g, sa->number);

	text_printf(t, "\n      IPSec SA Number        : %" PRIu32 "\n", sa->number);
	text_printf(t, "      IPSec SA Rekey Lifetime: %" PRIu32 " secs\n", sa->lifetime);
	text_printf(t, "      Profile Name           : %s\n", sa->profile);
	if (sa->time_window) {
		text_puts(t, "      Replay method          : Time Based\n");
		text_printf(t, "      Replay Window Size     : %" PRIu32 "\n", sa->time_window);
	} else if (sa->window) {
		text_puts(t, "      Replay method          : Count Based\n");
		text_printf(t, "      Replay Window Size     : %" PRIu32 "\n", sa->window);
	} else {
		text_puts(t, "      Replay method          : Disabled\n");
	}
	if (layout == LAYOUT_XE)
		text_puts(t, "      Tagging method         : Disabled\n");
	text_printf(t, "      SA Rekey\n         Remaining Lifetime  : %" PRIu32 " secs\n",
	            tek ? tek->remaining : 0);
	text_printf(t, "      ACL Configured         : access-list %s\n", sa->acl_name);
}

static void
identity_lines(struct text *t, const struct snap_group *g, const struct policy_group *p,
               enum layout layout)
{
	bool xe = layout == LAYOUT_XE;

	if (xe)
		text_printf(t, "    Re-auth on new CRL       : %s\n",
		            p->server.members_crl ? "Enabled" : "Disabled");
	text_puts(t, "    Group Identity           : ");
	show_group_id(t, &g->id);
	text_puts(t, "\n");
	if (xe)
		text_puts(t, "    Group Type               : GDOI (ISAKMP)\n");
}

void
show_gdoi_server(struct text *t, const struct snap_group *g, const struct policy_group *p,
                 enum layout layout)
{
	const struct policy_rekey *rekey = &p->server.rekey;

	text_printf(t, "    Group Name               : %s (%s)\n", g->name,
	            rekey->unicast ? "Unicast" : "Multicast");
	identity_lines(t, g, p, layout);
	if (layout == LAYOUT_XE)
		text_puts(t, "    Crypto Path              : ipv4\n"
		             "    Key Management Path      : ipv4\n");
	text_printf(t, "    Group Members            : %zu\n", g->n_members);
	text_printf(t, "    IPSec SA Direction       : %s\n",
	            p->server.n_sas && p->server.sas[0].receive_only ? "Inbound Only" : "Both");
	if (layout == LAYOUT_XE)
		text_puts(t, "    IP D3P Window            : Disabled\n"
		             "    CKM status               : Disabled\n");
	else
		text_puts(t, "    Active Group Server      : Local\n");
	if (p->server.coop.configured)
		show_gdoi_redundancy(t, g, p, layout);
	text_printf(t, "    Group Rekey Lifetime     : %" PRIu32 " secs\n", rekey->lifetime);
	text_printf(t, "    Group Rekey\n        Remaining Lifetime   : %" PRIu32 " secs\n",
	            g->kek.present ? g->kek.remaining : 0);
	text_printf(t, "    Rekey Retransmit Period  : %" PRIu32 " secs\n",
	            rekey->retransmit_period);
	text_printf(t, "    Rekey Retransmit Attempts: %" PRIu32 "\n", rekey->retransmit_number);
	text_printf(t, "    Group Retransmit\n        Remaining Lifetime   : %" PRIu32 " secs\n",
	            g->kek.retransmit_remaining);
	for (size_t i = 0; i < p->server.n_sas; i++)
		server_sa(t, g, &p->server.sas[i], layout);
	text_puts(t, "\n     Group Server list       : Local\n");
}

/* Whom the server asks for acknowledgements: its own kind, or all who follow RFC 8263. */
static const char *
ack_text(const struct policy_group *p)
{
	static const char *const names[] = {[REKEY_ACK_CISCO] = "Cisco",
	                                    [REKEY_ACK_INTEROPERABLE] = "Interoperable",
	                                    [REKEY_ACK_ANY] = "Any"};

	return names[p->server.rekey.acks];
}

void
show_gdoi_ks(struct text *t, const struct snap_group *g, const struct policy_group *p, bool detail,
             enum layout layout)
{
	const char *last = "";

	text_printf(t, "Key Server Information For Group %s:\n", g->name);
	text_printf(t, "    Group Name               : %s\n", g->name);
	identity_lines(t, g, p, layout);
	text_printf(t, "    Group Members            : %zu\n", g->n_members);
	if (layout == LAYOUT_XE)
		text_printf(t, "    Rekey Acknowledgement Cfg: %s\n", ack_text(p));
	text_printf(t, "    IPSec SA Direction       : %s\n",
	            p->server.n_sas && p->server.sas[0].receive_only ? "Inbound Only" : "Both");
	if (layout == LAYOUT_XE)
		text_puts(t, "    IP D3P Window            : Disabled\n"
		             "    Split Resiliency Factor  : 0\n"
		             "    CKM status               : Disabled\n");
	if (g->kek.lkh.depth) /* ours: the vendor has none */
		text_printf(t,
		            "    Key Hierarchy            : LKH, depth %u, last update of %" PRIu32
		            " arrays with %" PRIu32 " encryptions\n",
		            g->kek.lkh.depth, g->kek.lkh.arrays, g->kek.lkh.wraps);
	text_puts(t, "    ACL Configured:\n");
	for (size_t i = 0; i < g->n_teks; i++) {
		if (!strcmp(g->teks[i].acl_name, last))
			continue;
		last = g->teks[i].acl_name;
		text_printf(t, "        access-list %s\n", last);
	}
	if (detail || p->server.coop.configured)
		show_gdoi_redundancy(t, g, p, layout);
}

/* --- members ---------------------------------------------------------------------------------- */

static void
seq_row(struct text *t, const uint32_t seq[4], enum layout layout)
{
	for (size_t i = 0; i < 4; i++)
		text_printf(t, layout == LAYOUT_XE ? " %-5" PRIu32 : " %-7" PRIu32, seq[i]);
	text_puts(t, "\n");
}

const char *
show_member_version(const struct snap_member *m)
{
	return m->testudo ? SHOW_GDOI_VERSION : "0.0.0";
}

static void
member_block(struct text *t, const struct snap_group *g, const struct snap_member *m,
             enum layout layout)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\nGroup Member ID    : %s", addr_text(m->addr, a));
	if (layout == LAYOUT_XE)
		text_printf(t, "  GM Version: %s", show_member_version(m));
	text_puts(t, "\n Group ID          : ");
	show_group_id(t, &g->id);
	text_printf(t, "\n Group Name        : %s\n", g->name);
	if (layout == LAYOUT_XE)
		text_puts(t, " Group Type        : GDOI (ISAKMP)\n"
		             " GM State          : Registered\n");
	text_printf(t, " Key Server ID     : %s\n", addr_text(m->server, a));
	text_printf(t, " Rekeys sent       : %" PRIu32 "\n", m->rekeys_sent);
	text_printf(t, " Rekeys retries    : %" PRIu32 "\n", m->retries);
	text_printf(t, " Rekey Acks Rcvd   : %" PRIu32 "\n", m->acks_received);
	text_printf(t, " Rekey Acks missed : %" PRIu32 "\n\n Sent seq num :", m->failures);
	seq_row(t, m->sent_seq, layout);
	text_puts(t, layout == LAYOUT_XE ? " Rcvd seq num :" : "Rcvd seq num : ");
	seq_row(t, m->acked_seq, layout);
}

void
show_gdoi_ks_members(struct text *t, const struct snap_group *g, uint32_t addr, enum layout layout)
{
	bool found = !addr;

	for (size_t i = 0; i < g->n_members; i++)
		found |= g->members[i].addr == addr;
	if (!found) {
		text_puts(t, "Group Member not Found\n");
		return;
	}
	text_printf(t, "Number of rekeys sent for group %s : %" PRIu32 "\n", g->name,
	            g->rekeys_sent);
	if (layout == LAYOUT_XE) {
		text_printf(
		    t, "Number of retransmits during the last rekey for group %s : %" PRIu32 "\n",
		    g->name, g->retransmits);
		text_printf(t, "Duration of the last rekey for group %s : %" PRIu32 " msec\n",
		            g->name, g->rekey_took);
	}
	for (size_t i = 0; i < g->n_members; i++)
		if (!addr || g->members[i].addr == addr)
			member_block(t, g, &g->members[i], layout);
}

static size_t
members_of(const struct snap_group *g, uint32_t server)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_members; i++)
		n += g->members[i].server == server;
	return n;
}

/* Those who registered with one server of the group, this one or a cooperating one. */
static void
summary_of(struct text *t, const struct snap_group *g, uint32_t server, bool local)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Key Server ID: %s, GMDB state: %s, Group Members: %zu\n",
	            addr_text(server, a), local ? "LOCAL" : "REDUNDANT", members_of(g, server));
	text_puts(t, "  Member ID     Version      Rekey sent     Rekey Ack missed\n");
	for (size_t i = 0; i < g->n_members; i++) {
		const struct snap_member *m = &g->members[i];

		if (m->server == server)
			text_printf(t, "  %-12s %-14s %-15" PRIu32 " %" PRIu32 "\n",
			            addr_text(m->addr, a), show_member_version(m), m->rekeys_sent,
			            m->failures);
	}
	text_puts(t, "\n");
}

void
show_gdoi_ks_members_summary(struct text *t, const struct snap_group *g)
{
	text_printf(t, "Group Name: %s, ID: ", g->name);
	show_group_id(t, &g->id);
	text_printf(t, ", Group Members: %zu\n", g->n_members);
	summary_of(t, g, g->local_addr, true);
	for (size_t i = 0; i < g->n_members; i++) {
		uint32_t server = g->members[i].server;
		bool seen = server == g->local_addr;

		for (size_t k = 0; k < i && !seen; k++)
			seen = g->members[k].server == server;
		if (!seen)
			summary_of(t, g, server, false);
	}
}

/* --- policy ----------------------------------------------------------------------------------- */

static void
policy_kek(struct text *t, const struct snap_kek *k, const struct policy_rekey *r,
           enum layout layout)
{
	text_printf(t, "  KEK POLICY (transport type : %s)\n    spi : ",
	            k->unicast ? "Unicast" : "Multicast");
	show_spi16(t, k->spi);
	text_printf(t, "\n    management alg     : %-14sencrypt alg           : %s\n",
	            show_management_alg(k), cipher_row(k->cipher)->family);
	text_printf(t, "    crypto iv length   : %-2zu            key size              : %zu\n",
	            cipher_block_size(k->cipher), cipher_key_size(k->cipher));
	text_printf(t,
	            "    orig life(sec)     : %-6" PRIu32 "        remaining life(sec)   : %" PRIu32
	            "\n",
	            k->lifetime, k->remaining);
	if (k->time_to_rekey)
		text_printf(t, "    time to rekey (sec): %" PRIu32 "\n", k->time_to_rekey);
	text_printf(t, "    sig hash algorithm : %-7s       sig key length        : %" PRIu32 "\n",
	            k->sig_bits ? "enabled" : "disabled",
	            layout == LAYOUT_XE ? (uint32_t)k->public_key.n : k->sig_bits);
	text_printf(t, "    sig size           : %" PRIu32 "\n", show_sig_size(k));
	text_printf(t, "    sig key name       : %s\n", r->rsa_label ? r->rsa_label : "");
	if (layout == LAYOUT_XE)
		text_printf(t, "    acknowledgement    : %s\n",
		            r->acks ? "Interoperable" : "Cisco");
}

static void
policy_tek(struct text *t, const struct snap_tek *k, enum layout layout)
{
	char suite[64];

	esp_suite_show_text(&k->suite, suite, sizeof(suite));
	text_printf(t, "\n  TEK POLICY (encaps : ENCAPS_%s)\n",
	            k->transport ? "TRANSPORT" : "TUNNEL");
	text_printf(t, "    spi                : 0x%08" PRIX32 "\n", k->spi);
	text_printf(t, "    access-list        : %s\n", k->acl_name);
	text_printf(t, "    transform          : %s\n", suite);
	text_printf(t, "    alg key size       : %-2zu            sig key size          : %zu\n",
	            cipher_key_size(k->suite.cipher), hash_size(k->suite.auth));
	text_printf(t,
	            "    orig life(sec)     : %-6" PRIu32 "        remaining life(sec)   : %" PRIu32
	            "\n",
	            k->lifetime, k->remaining);
	text_printf(t,
	            "    tek life(sec)      : %-6" PRIu32 "        elapsed time(sec)     : %" PRIu32
	            "\n",
	            k->lifetime, k->elapsed);
	text_printf(t, "    %santireplay window size: %" PRIu32 "\n",
	            layout == LAYOUT_XE ? "override life(sec) : 0             " : "",
	            k->time_window ? k->time_window : k->window);
	if (k->time_to_rekey)
		text_printf(t, "    time to rekey (sec): %" PRIu32 "\n", k->time_to_rekey);
	else
		text_puts(t, "    time to rekey (sec): n/a\n");
	if (layout == LAYOUT_XE)
		text_puts(t, "\n");
}

void
show_gdoi_ks_policy(struct text *t, const struct snap_group *g, const struct policy_group *p,
                    size_t nth, enum layout layout)
{
	char a[ADDR_TEXT_MAX];

	addr_text(p->server.addr, a);
	if (layout == LAYOUT_XE)
		text_printf(t, "For group %s (handle: 0x%08zX) server %s (handle: 0x%08zX):\n\n",
		            g->name, SHOW_GDOI_HANDLE + nth, a, SHOW_GDOI_HANDLE + nth);
	else
		text_printf(t, "For group %s server %s:\n\n", g->name, a);
	text_printf(t, "  # of teks : %zu  Seq num : %" PRIu32 "\n", g->n_teks, g->kek.seq);
	if (g->kek.present)
		policy_kek(t, &g->kek, &p->server.rekey, layout);
	for (size_t i = 0; i < g->n_teks; i++)
		policy_tek(t, &g->teks[i], layout);
}

void
show_gdoi_ks_acl(struct text *t, const struct snap_group *g)
{
	text_printf(t, "Group Name: %s\n Configured ACL:\n", g->name);
	for (size_t i = 0; i < g->n_teks; i++) {
		const struct snap_tek *k = &g->teks[i];
		struct text before = TEXT_INIT;

		if (show_tek_of(g, k->sa) != k)
			continue;
		text_printf(&before, "   access-list %s  ", k->acl_name);
		show_entries(t, text_string(&before), g, k->sa);
		text_fini(&before);
	}
	text_puts(t, "\n");
}

/* --- rekeys and replay ------------------------------------------------------------------------ */

void
show_gdoi_ks_rekey(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	const struct policy_rekey *r = &p->server.rekey;
	uint32_t retries = 0;

	for (size_t i = 0; i < g->n_members; i++)
		retries += g->members[i].retries;
	text_printf(t, "Group %s (%s)\n", g->name, r->unicast ? "Unicast" : "Multicast");
	text_printf(t, "    Number of Rekeys sent               : %" PRIu32 "\n", g->rekeys_sent);
	text_printf(t, "    Number of Rekeys retransmitted      : %" PRIu32 "\n", retries);
	text_printf(t, "    KEK rekey lifetime (sec)            : %" PRIu32 "\n", r->lifetime);
	text_printf(t, "        Remaining lifetime (sec)        : %" PRIu32 "\n",
	            g->kek.present ? g->kek.remaining : 0);
	if (g->kek.time_to_rekey)
		text_printf(t, "        Remaining time until rekey (sec): %" PRIu32 "\n",
		            g->kek.time_to_rekey);
	text_printf(t, "    Retransmit period                   : %" PRIu32 "\n",
	            r->retransmit_period);
	text_printf(t, "    Number of retransmissions           : %" PRIu32 "\n",
	            r->retransmit_number);
	for (size_t i = 0; i < p->server.n_sas; i++) {
		const struct policy_sa *sa = &p->server.sas[i];
		const struct snap_tek *k = show_tek_of(g, sa->number);

		text_printf(t, "    IPSec SA %-5" PRIu32 " lifetime (sec)       : %" PRIu32 "\n",
		            sa->number, sa->lifetime);
		text_printf(t, "        Remaining lifetime (sec)        : %" PRIu32 "\n",
		            k ? k->remaining : 0);
		if (k && k->time_to_rekey)
			text_printf(t, "        Remaining time until rekey (sec): %" PRIu32 "\n",
			            k->time_to_rekey);
	}
}
