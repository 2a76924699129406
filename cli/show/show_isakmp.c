/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto isakmp ...`: phase 1, the classic layout with its slot column. */
#include "cli/show/show.h"

#include <inttypes.h>
#include <stdio.h>

void
show_isakmp_sa(struct text *t, const struct snap_isakmp *sas, size_t n, enum layout layout)
{
	static const char *const states[] = {[SNAP_MM_NO_STATE] = "MM_NO_STATE",
	                                     [SNAP_MM_SA_SETUP] = "MM_SA_SETUP",
	                                     [SNAP_MM_KEY_EXCH] = "MM_KEY_EXCH",
	                                     [SNAP_GDOI_IDLE] = "GDOI_IDLE",
	                                     [SNAP_GDOI_REKEY] = "GDOI_REKEY"};
	bool slot = layout == LAYOUT_CLASSIC;
	char d[ADDR_TEXT_MAX], s[ADDR_TEXT_MAX];

	text_printf(t,
	            "IPv4 Crypto ISAKMP SA\n"
	            "dst             src             state          conn-id %sstatus\n",
	            slot ? "slot " : "");
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%-15s %-15s %-14s %7" PRIu32 " %s%s\n", addr_text(sas[i].dst, d),
		            addr_text(sas[i].src, s), states[sas[i].state], sas[i].conn_id,
		            slot ? "   0 " : "", sas[i].active ? "ACTIVE" : "ACTIVE (deleted)");
	text_puts(t, "\nIPv6 Crypto ISAKMP SA\n\n");
}

void
show_isakmp_sa_count(struct text *t, const struct snap_isakmp *sas, size_t n)
{
	size_t active = 0, under_way = 0, dead = 0;

	for (size_t i = 0; i < n; i++) {
		bool up = sas[i].state == SNAP_GDOI_IDLE || sas[i].state == SNAP_GDOI_REKEY;

		dead += !sas[i].active;
		active += sas[i].active && up;
		under_way += sas[i].active && !up;
	}
	text_printf(t,
	            "Active ISAKMP SA's: %zu\n\nStandby ISAKMP SA's: 0\n\n"
	            "Currently being negotiated ISAKMP SA's: %zu\n\nDead ISAKMP SA's: %zu\n",
	            active, under_way, dead);
}

void
show_isakmp_peers(struct text *t, const struct snap_isakmp *sas, size_t n)
{
	char l[ADDR_TEXT_MAX], r[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		uint32_t local = sas[i].initiator ? sas[i].src : sas[i].dst;
		uint32_t remote = sas[i].initiator ? sas[i].dst : sas[i].src;

		addr_text(remote, r);
		text_printf(t, "Peer: %s Port: 848 Local: %s\n Phase1 id: %s\n", r,
		            addr_text(local, l), r);
	}
}

/* An SA that has agreed on no cipher yet is shown with the default one. */
static const struct cipher_row *
ike_cipher(enum cipher_id id)
{
	return cipher_row(id == CIPHER_NULL ? CIPHER_DES : id);
}

static const char *const auth_letters[] = {
    [ISAKMP_AUTH_PSK] = "psk", [ISAKMP_AUTH_RSA_SIG] = "rsig", [ISAKMP_AUTH_ECDSA_SIG] = "ecsg"};

/* IOS's list of codes, as old as it is, has none for ECDSA: it is told where there is one. */
static bool
has_ecdsa(const struct snap_isakmp *sas, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sas[i].auth == ISAKMP_AUTH_ECDSA_SIG)
			return true;
	return false;
}

void
show_isakmp_sa_detail(struct text *t, const struct snap_isakmp *sas, size_t n)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	text_puts(t, "Codes: C - IKE configuration mode, D - Dead Peer Detection\n"
	             "       K - Keepalives, N - NAT-traversal\n"
	             "       T - cTCP encapsulation, X - IKE Extended Authentication\n"
	             "       psk - Preshared key, rsig - RSA signature\n"
	             "       renc - RSA encryption\n");
	if (has_ecdsa(sas, n))
		text_puts(t, "       ecsg - ECDSA signature\n");
	text_puts(t, "IPv4 Crypto ISAKMP SA\n\n"
	             "C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH "
	             "Lifetime Cap.\n\n");
	for (size_t i = 0; i < n; i++) {
		const struct snap_isakmp *s = &sas[i];
		uint32_t local = s->initiator ? s->src : s->dst;
		uint32_t remote = s->initiator ? s->dst : s->src;
		uint32_t left = s->remaining;

		if (s->state == SNAP_GDOI_REKEY)
			continue;
		text_printf(t, "%-5" PRIu32 " %-15s %-15s %-6s %-6s %-4s %-6s %-4s %-2u ",
		            s->conn_id, addr_text(local, a), addr_text(remote, b),
		            s->inner ? s->inner : "", s->active ? "ACTIVE" : "",
		            ike_cipher(s->cipher)->use[USE_IKE].word,
		            s->hash ? hash_row(s->hash)->use[USE_IKE].word : "",
		            auth_letters[s->auth], s->group);
		text_printf(t, "%02u:%02u:%02u%s\n       Engine-id:Conn-id =  SW:%" PRIu32 "\n\n",
		            left / 3600, left / 60 % 60, left % 60, s->dpd ? " D" : "",
		            s->conn_id % 1000);
	}
	text_puts(t, "IPv6 Crypto ISAKMP SA\n\n");
}

/* --- policy and keys -------------------------------------------------------------------------- */

/* 0: it is no group's number. */
static unsigned
group_bits(uint16_t group)
{
	const struct dh_row *g = dh_row(group);

	return g ? g->bits : 0;
}

/* "": there is none. */
static const char *
hash_title(enum hash_id id)
{
	const char *title = hash_row(id)->ike_title;

	return title ? title : "";
}

static const char *const auth_titles[] = {[ISAKMP_AUTH_PSK] = "Pre-Shared Key",
                                          [ISAKMP_AUTH_RSA_SIG] = "Rivest-Shamir-Adleman Signature",
                                          [ISAKMP_AUTH_ECDSA_SIG] =
                                              "Elliptic Curve Digital Signature Algorithm"};

static void
show_suite(struct text *t, const struct policy_isakmp *p)
{
	text_printf(t, "\tencryption algorithm:\t%s\n", ike_cipher(p->cipher)->ike_title);
	text_printf(t, "\thash algorithm:\t\t%s\n", hash_title(p->hash));
	text_printf(t, "\tauthentication method:\t%s\n", auth_titles[p->auth]);
	text_printf(t, "\tDiffie-Hellman group:\t#%u (%u bit)\n", p->group, group_bits(p->group));
	text_printf(t, "\tlifetime:\t\t%" PRIu32 " seconds, no volume limit\n", p->lifetime);
}

const struct policy_isakmp show_isakmp_default = {.number = 65535,
                                                  .cipher = CIPHER_DES,
                                                  .hash = HASH_SHA1,
                                                  .auth = ISAKMP_AUTH_RSA_SIG,
                                                  .group = 1,
                                                  .lifetime = 86400};

void
show_isakmp_default_policy(struct text *t)
{
	text_printf(t, "\nDefault protection suite of priority %" PRIu32 "\n",
	            show_isakmp_default.number);
	show_suite(t, &show_isakmp_default);
	text_puts(t, "It is offered to nobody and taken from nobody: 'crypto isakmp policy' says "
	             "what is\n");
}

void
show_isakmp_policy(struct text *t, const struct policy *p)
{
	text_puts(t, "\nGlobal IKE policy\n");
	for (size_t i = 0; i < p->n_isakmp; i++) {
		text_printf(t, "Protection suite of priority %" PRIu32 "\n", p->isakmp[i].number);
		show_suite(t, &p->isakmp[i]);
	}
	text_puts(t, "Default protection suite\n");
	show_suite(t, &show_isakmp_default);
}

/* --- profiles --------------------------------------------------------------------------------- */

static void
show_match(struct text *t, const struct policy_isakmp_match *m)
{
	static const char *const kinds[] = {
	    [ISAKMP_MATCH_HOST] = "fqdn",      [ISAKMP_MATCH_HOST_DOMAIN] = "fqdn domain",
	    [ISAKMP_MATCH_USER] = "user-fqdn", [ISAKMP_MATCH_USER_DOMAIN] = "user-fqdn domain",
	    [ISAKMP_MATCH_GROUP] = "group",
	};
	char a[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	if (m->kind == ISAKMP_MATCH_ADDRESS)
		text_printf(t, "    ip-address %s %s%s%s\n", addr_text(m->addr, a),
		            addr_text(m->mask, mask), m->vrf ? " " : "", m->vrf ? m->vrf : "");
	else
		text_printf(t, "    %s %s\n", kinds[m->kind], m->name);
}

static void
show_names(struct text *t, const char *what, const char *const *names, size_t n, const char *none)
{
	text_printf(t, "   %s:", what);
	for (size_t i = 0; i < n; i++)
		text_printf(t, " %s", names[i]);
	text_printf(t, "%s%s\n", n ? "" : " ", n ? "" : none);
}

void
show_isakmp_profile(struct text *t, const struct policy *policy,
                    const struct policy_isakmp_profile *p)
{
	static const char *const selves[] = {[ISAKMP_ID_ADDRESS] = "ip-address",
	                                     [ISAKMP_ID_HOSTNAME] = "fqdn",
	                                     [ISAKMP_ID_DN] = "dn",
	                                     [ISAKMP_ID_USER] = "user-fqdn"};
	enum isakmp_identity self = p->has_self ? p->self : policy->isakmp_identity;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "IKEv1 PROFILE %s\n", p->name);
	if (p->description)
		text_printf(t, "   Description: %s\n", p->description);
	text_puts(t, "   Identities matched are:\n");
	for (size_t i = 0; i < p->n_matches; i++)
		show_match(t, &p->matches[i]);
	text_puts(t, "   Certificate maps matched are:\n");
	text_printf(t, "   Identity presented is: %s%s%s\n", selves[self],
	            p->has_self && p->self_name ? " " : "",
	            p->has_self && p->self_name ? p->self_name : "");
	if (p->is_local)
		text_printf(t, "   local-address: %s%s%s\n",
		            p->local ? addr_text(p->local, a) : "none", p->local_vrf ? " " : "",
		            p->local_vrf ? p->local_vrf : "");
	if (p->vrf)
		text_printf(t, "   vrf: %s\n", p->vrf);
	if (p->keepalive.seconds)
		text_printf(t, "   keepalive: %u retry %u%s\n", p->keepalive.seconds,
		            p->keepalive.retry, p->keepalive.periodic ? " periodic" : "");
	show_names(t, "keyring(s)", p->rings, p->n_rings, "<none>");
	show_names(t, "trustpoint(s)", p->trustpoints, p->n_trustpoints, "<all>");
}

void
show_isakmp_key(struct text *t, const struct policy *p)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX], peer[2 * ADDR_TEXT_MAX + 4];

	text_puts(t, "Keyring      Hostname/Address                            Preshared Key\n\n");
	for (size_t i = 0; i < p->n_psks; i++) {
		const struct policy_psk *k = &p->psks[i];

		if (k->host)
			snprintf(peer, sizeof(peer), "%s", k->host);
		else if (k->mask == UINT32_MAX)
			snprintf(peer, sizeof(peer), "%s", addr_text(k->addr, a));
		else
			snprintf(peer, sizeof(peer), "%s [%s]", addr_text(k->addr, a),
			         addr_text(k->mask, m));
		text_printf(t, "%-12s %-43s ", k->ring ? k->ring : "default", peer);
		if (k->sealed)
			text_puts(t, "(encrypted)");
		else
			text_add(t, (const char *)k->key.p, k->key.n);
		text_puts(t, "\n");
	}
}
