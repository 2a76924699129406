/*
 * `show crypto gdoi ...`. The key server's block is IOS 12.4 and 15's; the member's follows the
 * layout of the same releases. What Testudo has no state for is left out rather than made up.
 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *
cipher_text(enum cipher_id id)
{
	switch (id) {
	case CIPHER_DES:
		return "DES";
	case CIPHER_3DES:
		return "3DES";
	case CIPHER_AES_128:
	case CIPHER_AES_192:
	case CIPHER_AES_256:
		return "AES";
	default:
		return "NULL";
	}
}

static const char *
sig_hash_text(enum hash_id id)
{
	switch (id) {
	case HASH_MD5:
		return "HMAC_AUTH_MD5";
	case HASH_SHA256:
		return "HMAC_AUTH_SHA256";
	case HASH_SHA384:
		return "HMAC_AUTH_SHA384";
	case HASH_SHA512:
		return "HMAC_AUTH_SHA512";
	default:
		return "HMAC_AUTH_SHA";
	}
}

static void
identity(struct text *t, const struct group_id *id)
{
	char buf[ADDR_TEXT_MAX];

	if (id->type == GROUP_ID_NUMBER)
		text_printf(t, "%" PRIu32, id->value);
	else if (id->type == GROUP_ID_ADDRESS)
		text_puts(t, addr_text(id->value, buf));
	else
		text_puts(t, "none");
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
	static const struct {
		uint8_t proto;
		const char *name;
	} names[] = {
	    {0,   "ip"    },
            {1,   "icmp"  },
            {2,   "igmp"  },
            {4,   "ipinip"},
            {6,   "tcp"   },
	    {17,  "udp"   },
            {47,  "gre"   },
            {50,  "esp"   },
            {51,  "ahp"   },
            {88,  "eigrp" },
	    {89,  "ospf"  },
            {94,  "nos"   },
            {103, "pim"   },
            {108, "pcp"   }
        };
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].proto == s->proto)
			name = names[i].name;
	text_puts(t, s->permit ? "permit " : "deny ");
	if (name)
		text_puts(t, name);
	else
		text_printf(t, "%u", s->proto);
	selector_end(t, s->src, s->src_mask, s->sport);
	selector_end(t, s->dst, s->dst_mask, s->dport);
}

static void
entry_lines(struct text *t, const char *acl, const struct snap_group *g, bool one_sa, uint32_t sa)
{
	for (size_t i = 0; i < g->n_entries; i++) {
		if (one_sa && g->entries[i].sa != sa)
			continue;
		text_printf(t, "   access-list %s  ", acl);
		show_selector(t, &g->entries[i].selector);
		text_puts(t, "\n");
	}
}

/* --- the key server --------------------------------------------------------------------------- */

/* The TEK in use of one `sa ipsec`: teks are newest first. */
static const struct snap_tek *
tek_of(const struct snap_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (g->teks[i].sa == sa)
			return &g->teks[i];
	return NULL;
}

static void
server_sa(struct text *t, const struct snap_group *g, const struct policy_sa *sa)
{
	const struct snap_tek *tek = tek_of(g, sa->number);

	text_printf(t, "\n      IPSec SA Number        : %" PRIu32 "\n", sa->number);
	text_printf(t, "      IPSec SA Rekey Lifetime: %" PRIu32 " secs\n", sa->lifetime);
	text_printf(t, "      Profile Name           : %s\n", sa->profile);
	if (sa->window) {
		text_puts(t, "      Replay method          : Count Based\n");
		text_printf(t, "      Replay Window Size     : %" PRIu32 "\n", sa->window);
	} else {
		text_puts(t, "      Replay method          : Disabled\n");
	}
	text_printf(t, "      SA Rekey\n         Remaining Lifetime  : %" PRIu32 " secs\n",
		    tek ? tek->remaining : 0);
	text_printf(t, "      ACL Configured         : access-list %s\n", sa->acl_name);
}

static void
server_group(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	const struct policy_rekey *rekey = &p->server.rekey;

	text_printf(t, "    Group Name               : %s (%s)\n", g->name,
		    rekey->unicast ? "Unicast" : "Multicast");
	text_puts(t, "    Group Identity           : ");
	identity(t, &g->id);
	text_printf(t, "\n    Group Members            : %zu\n", g->n_members);
	text_puts(t, "    IPSec SA Direction       : Both\n");
	text_puts(t, "    Active Group Server      : Local\n");
	text_printf(t, "    Group Rekey Lifetime     : %" PRIu32 " secs\n", rekey->lifetime);
	text_printf(t, "    Group Rekey\n        Remaining Lifetime   : %" PRIu32 " secs\n",
		    g->kek.present ? g->kek.remaining : 0);
	text_printf(t, "    Rekey Retransmit Period  : %" PRIu32 " secs\n",
		    rekey->retransmit_period);
	text_printf(t, "    Rekey Retransmit Attempts: %" PRIu32 "\n", rekey->retransmit_number);
	text_printf(t, "    Group Retransmit\n        Remaining Lifetime   : %" PRIu32 " secs\n",
		    g->kek.retransmit_remaining);
	for (size_t i = 0; i < p->server.n_sas; i++)
		server_sa(t, g, &p->server.sas[i]);
	text_puts(t, "\n     Group Server list       : Local\n");
}

void
show_gdoi_ks(struct text *t, const struct snap_group *g)
{
	const char *last = "";

	text_printf(t, "Key Server Information For Group %s:\n", g->name);
	text_printf(t, "    Group Name               : %s\n", g->name);
	text_puts(t, "    Group Identity           : ");
	identity(t, &g->id);
	text_printf(t, "\n    Group Members            : %zu\n", g->n_members);
	text_puts(t, "    IPSec SA Direction       : Both\n    ACL Configured:\n");
	for (size_t i = 0; i < g->n_teks; i++) {
		if (!strcmp(g->teks[i].acl_name, last))
			continue;
		last = g->teks[i].acl_name;
		text_printf(t, "        access-list %s\n", last);
	}
}

void
show_gdoi_ks_members(struct text *t, const struct snap_group *g)
{
	char a[ADDR_TEXT_MAX];
	uint32_t sent = 0;

	for (size_t i = 0; i < g->n_members; i++)
		if (g->members[i].rekeys_sent > sent)
			sent = g->members[i].rekeys_sent;
	text_printf(t, "Number of rekeys sent for group %s : %" PRIu32 "\n", g->name, sent);
	for (size_t i = 0; i < g->n_members; i++) {
		const struct snap_member *m = &g->members[i];

		text_printf(t, "\nGroup Member ID    : %s\n", addr_text(m->addr, a));
		text_puts(t, " Group ID          : ");
		identity(t, &g->id);
		text_printf(t, "\n Group Name        : %s\n", g->name);
		text_printf(t, " Key Server ID     : %s\n", addr_text(m->server, a));
		text_printf(t, " Rekeys sent       : %" PRIu32 "\n", m->rekeys_sent);
		text_printf(t, " Rekeys retries    : %" PRIu32 "\n", m->retries);
		text_printf(t, " Rekey Acks Rcvd   : %" PRIu32 "\n", m->acks_received);
		text_printf(t, " Rekey Acks missed : %" PRIu32 "\n", m->failures);
	}
}

static void
policy_kek(struct text *t, const struct snap_kek *k, const struct policy_rekey *r)
{
	text_printf(t, "  KEK POLICY (transport type : %s)\n",
		    k->unicast ? "Unicast" : "Multicast");
	text_puts(t, "    spi : 0x");
	for (size_t i = 0; i < sizeof(k->spi); i++)
		text_printf(t, "%02X", k->spi[i]);
	text_printf(t, "\n    management alg     : disabled      encrypt alg           : %s\n",
		    cipher_text(k->cipher));
	text_printf(t, "    crypto iv length   : %-2zu            key size              : %zu\n",
		    cipher_block_size(k->cipher), cipher_key_size(k->cipher));
	text_printf(t,
		    "    orig life(sec)     : %-6" PRIu32 "        remaining life(sec)   : %" PRIu32
		    "\n",
		    k->lifetime, k->remaining);
	if (k->time_to_rekey)
		text_printf(t, "    time to rekey (sec): %" PRIu32 "\n", k->time_to_rekey);
	text_printf(t, "    sig hash algorithm : %-7s       sig key length        : %" PRIu32 "\n",
		    k->sig_bits ? "enabled" : "disabled", k->sig_bits);
	text_printf(t, "    sig size           : %" PRIu32 "\n", k->sig_bits / 8);
	text_printf(t, "    sig key name       : %s\n", r->rsa_label ? r->rsa_label : "");
}

static void
policy_tek(struct text *t, const struct snap_tek *k)
{
	char suite[64];

	esp_suite_show_text(&k->suite, suite, sizeof(suite));
	text_printf(t, "\n  TEK POLICY (encaps : ENCAPS_%s)\n",
		    k->transport ? "TRANSPORT" : "TUNNEL");
	text_printf(t, "    spi                : 0x%" PRIX32 "\n", k->spi);
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
	text_printf(t, "    antireplay window size: %" PRIu32 "\n", k->window);
	if (k->time_to_rekey)
		text_printf(t, "    time to rekey (sec): %" PRIu32 "\n", k->time_to_rekey);
	else
		text_puts(t, "    time to rekey (sec): n/a\n");
}

void
show_gdoi_ks_policy(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "For group %s server %s:\n\n", g->name, addr_text(p->server.addr, a));
	text_printf(t, "  # of teks : %zu  Seq num : %" PRIu32 "\n", g->n_teks, g->kek.seq);
	if (g->kek.present)
		policy_kek(t, &g->kek, &p->server.rekey);
	for (size_t i = 0; i < g->n_teks; i++)
		policy_tek(t, &g->teks[i]);
}

void
show_gdoi_ks_acl(struct text *t, const struct snap_group *g)
{
	text_printf(t, "Group Name: %s\n Configured ACL:\n", g->name);
	for (size_t i = 0; i < g->n_teks; i++) {
		const struct snap_tek *k = &g->teks[i];

		if (tek_of(g, k->sa) == k)
			entry_lines(t, k->acl_name, g, true, k->sa);
	}
	text_puts(t, "\n");
}

/* --- the member ------------------------------------------------------------------------------- */

static void
hms(struct text *t, uint32_t s)
{
	text_printf(t, "%02u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
}

void
show_gdoi_gm(struct text *t, const struct snap_group *g)
{
	static const char *const states[] = {[SNAP_NOT_REGISTERED] = "Not Registered",
					     [SNAP_REGISTERING] = "Registering",
					     [SNAP_REGISTERED] = "Registered"};
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Group Member Information For Group %s:\n", g->name);
	text_puts(t, "    IPSec SA Direction       : Both\n");
	if (g->n_entries)
		text_printf(t, "    ACL Received From KS     : gdoi_group_%s_temp_acl\n", g->name);
	text_printf(t, "\n    Group member             : %-15s vrf: None\n",
		    addr_text(g->local_addr, a));
	text_printf(t, "       Local addr/port       : %s/848\n", addr_text(g->local_addr, a));
	text_printf(t, "       Remote addr/port      : %s/848\n", addr_text(g->server, a));
	text_puts(t, "       fvrf/ivrf             : None/None\n");
	text_printf(t, "       Registration status   : %s\n", states[g->registration]);
	if (g->registration == SNAP_REGISTERED)
		text_printf(t, "       Registered with       : %s\n", addr_text(g->server, a));
	text_printf(t, "       Re-registers in       : %" PRIu32 " sec\n", g->reregister);
	text_printf(t, "       Succeeded registration: %" PRIu32 "\n", g->successes);
	text_printf(t, "       Attempted registration: %" PRIu32 "\n", g->attempts);
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
		hms(t, g->last_rekey_ago);
		text_puts(t, "\n");
	} else {
		text_puts(t, "       Rekey Received        : never\n");
	}
	text_printf(t, "       Active TEK Number     : %zu\n", g->n_teks);
}

static void
member_tek(struct text *t, const struct snap_tek *k)
{
	char suite[64];

	esp_suite_show_text(&k->suite, suite, sizeof(suite));
	text_puts(t, "    IPsec SA:\n");
	text_printf(t, "        spi: 0x%" PRIX32 "(%" PRIu32 ")\n", k->spi, k->spi);
	text_printf(t, "        transform: %s\n", suite);
	text_printf(t, "        sa timing:remaining key lifetime (sec): (%" PRIu32 ")\n",
		    k->remaining);
	if (k->window)
		text_printf(t, "        Anti-Replay(Counter Based) : %" PRIu32 "\n", k->window);
	else
		text_puts(t, "        Anti-Replay : Disabled\n");
	text_printf(t, "        alg key size: %zu (bytes)\n", cipher_key_size(k->suite.cipher));
	text_printf(t, "        sig key size: %zu (bytes)\n", hash_size(k->suite.auth));
	text_printf(t, "        encaps: ENCAPS_%s\n\n", k->transport ? "TRANSPORT" : "TUNNEL");
}

static void
member_policy(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, " ACL Downloaded From KS %s:\n", addr_text(g->server, a));
	entry_lines(t, "", g, false, 0);
	text_puts(t, "\n");
	if (g->kek.present) {
		text_puts(t, "KEK POLICY:\n");
		text_printf(t, "    Rekey Transport Type     : %s\n",
			    g->kek.unicast ? "Unicast" : "Multicast");
		text_printf(t, "    Lifetime (secs)          : %" PRIu32 "\n", g->kek.remaining);
		text_printf(t, "    Encrypt Algorithm        : %s\n", cipher_text(g->kek.cipher));
		text_printf(t, "    Key Size                 : %zu\n",
			    cipher_key_size(g->kek.cipher) * 8);
		text_printf(t, "    Sig Hash Algorithm       : %s\n",
			    sig_hash_text(g->kek.sig_hash));
		text_printf(t, "    Sig Key Length (bits)    : %" PRIu32 "\n\n", g->kek.sig_bits);
	}
	text_puts(t, "TEK POLICY for the current KS-Policy ACEs Downloaded:\n");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		text_printf(t, "  %s:\n", p->interfaces[i].name);
		for (size_t k = 0; k < g->n_teks; k++)
			member_tek(t, &g->teks[k]);
	}
}

static void
member_group(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "    Group Name               : %s\n", g->name);
	text_puts(t, "    Group Identity           : ");
	identity(t, &g->id);
	text_puts(t, "\n    Group Type               : GDOI (ISAKMP)\n");
	text_printf(t, "    Rekeys received          : %" PRIu32 "\n", g->rekeys_received);
	text_puts(t, "    IPSec SA Direction       : Both\n\n");
	for (size_t i = 0; i < p->n_servers; i++)
		text_printf(t, "%s%s\n",
			    i ? "                               "
			      : "     Group Server list       : ",
			    addr_text(p->servers[i], a));
	text_puts(t, "\n");
	if (!g->applied) /* no crypto map: not a member yet */
		return;
	show_gdoi_gm(t, g);
	text_puts(t, "\n       allowable rekey cipher: any\n"
		     "       allowable rekey hash  : any\n"
		     "       allowable transformtag: any ESP\n");
	text_printf(t, "\n    Rekeys cumulative\n       Total received        : %" PRIu32 "\n",
		    g->rekeys_received);
	text_printf(t, "       After latest register : %" PRIu32 "\n", g->rekeys_since_register);
	text_printf(t, "       Rekey Acks sents      : %" PRIu32 "\n\n", g->acks_sent);
	if (g->registration == SNAP_REGISTERED || g->n_teks)
		member_policy(t, g, p);
}

void
show_gdoi_gm_acl(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Group Name: %s\n", g->name);
	text_printf(t, " ACL Downloaded From KS %s:\n", addr_text(g->server, a));
	entry_lines(t, "", g, false, 0);
	text_puts(t, " ACL Configured Locally:\n");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_group_interface *on = &p->interfaces[i];

		if (on->n_deny)
			text_printf(t, "  Map Name: %s\n", on->map);
		for (size_t k = 0; k < on->n_deny; k++) {
			text_puts(t, "   access-list ");
			show_selector(t, &on->deny[k]);
			text_puts(t, "\n");
		}
	}
}

static void
ident(struct text *t, const char *label, uint32_t addr, uint32_t mask, uint16_t port)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	if (mask_is_contiguous(mask))
		text_printf(t, "      %s = %s/%u, port = %u\n", label, addr_text(addr, a),
			    mask_len(mask), port);
	else
		text_printf(t, "      %s = %s/%s, port = %u\n", label, addr_text(addr, a),
			    addr_text(mask, m), port);
}

void
show_gdoi_ipsec_sa(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	text_printf(t, "SA created for group %s:\n", g->name);
	for (size_t i = 0; i < p->n_interfaces; i++) {
		text_printf(t, "  %s:\n", p->interfaces[i].name);
		for (size_t e = 0; e < g->n_entries; e++) {
			const struct selector *s = &g->entries[e].selector;
			const struct snap_tek *k = tek_of(g, g->entries[e].sa);

			if (!s->permit || !k)
				continue;
			if (s->proto)
				text_printf(t, "    protocol = %u\n", s->proto);
			else
				text_puts(t, "    protocol = ip\n");
			ident(t, "local ident ", s->src, s->src_mask, s->sport);
			ident(t, "remote ident", s->dst, s->dst_mask, s->dport);
			if (k->window)
				text_printf(t,
					    "      direction: Both, replay(method/window): "
					    "Counter/%" PRIu32 "\n",
					    k->window);
			else
				text_puts(t, "      direction: Both, replay: Disabled\n");
		}
	}
}

void
show_gdoi_rekey_sa(struct text *t, const struct snap_isakmp *sas, size_t n)
{
	char d[ADDR_TEXT_MAX], s[ADDR_TEXT_MAX];

	text_puts(t, "GETVPN REKEY SA\n"
		     "dst             src             conn-id         status\n");
	for (size_t i = 0; i < n; i++)
		if (sas[i].state == SNAP_GDOI_REKEY)
			text_printf(t, "%-15s %-15s %-15" PRIu32 " %s\n", addr_text(sas[i].dst, d),
				    addr_text(sas[i].src, s), sas[i].conn_id,
				    sas[i].active ? "ACTIVE" : "ACTIVE (deleted)");
}

void
show_gdoi_group(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	if (g->local)
		server_group(t, g, p);
	else
		member_group(t, g, p);
}
