/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto ipsec sa` and `engine` of a group member, and `show crypto map`. */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- security associations -------------------------------------------------------------------- */

struct errors { /* in the direction in, of one TEK policy; a group's SA serves every entry of it */
	uint64_t replay, auth, other;
};

static struct errors
receive_errors(const struct snap_group *g, uint32_t sa, const struct dp_stat *stat)
{
	struct errors n = {0};

	for (size_t k = 0; k < g->n_teks; k++) {
		if (g->teks[k].sa != sa)
			continue;
		for (size_t i = 0; i < stat->n_sas; i++) {
			const struct dp_sa_stat *s = &stat->sas[i];

			if (s->spi != g->teks[k].spi)
				continue;
			n.replay += s->replay_drops;
			n.auth += s->auth_errors;
			n.other += s->other_errors;
		}
	}
	return n;
}

static void
sa_timing(struct text *t, const struct show_ipsec *w, const struct snap_tek *k)
{
	bool xe = w->layout == LAYOUT_XE;

	/*
	 * A group's key lives by the clock alone. What reads the detailed form (ntc-templates)
	 * wants both lives, here 0 kilobytes, the replay window on its line, and no line that it
	 * does not know.
	 */
	if (xe && w->detail)
		text_printf(t,
		            "        sa timing: remaining key lifetime (k/sec): (0/%" PRIu32 ")\n",
		            k->remaining);
	else if (xe)
		text_printf(t,
		            "        sa timing: remaining key lifetime (sec): %" PRIu32 "\n"
		            "        Kilobyte Volume Rekey has been disabled\n",
		            k->remaining);
	else
		text_printf(t, "        sa timing: remaining key lifetime (sec): (%" PRIu32 ")\n",
		            k->remaining);
	text_printf(t, "        IV size: %zu bytes\n", cipher_iv_size(k->suite.cipher));
	text_printf(t, "        replay detection support: %s",
	            k->window || k->time_window ? "Y" : "N");
	if (xe ? w->detail : k->window)
		text_printf(t, "  replay window size: %" PRIu32,
		            k->time_window ? k->time_window : k->window);
	text_printf(t, "\n        Status: %s\n",
	            !k->remaining ? "EXPIRED"
	            : xe          ? "ACTIVE(ACTIVE)"
	                          : "ACTIVE");
}

static void
esp_sas(struct text *t, const struct show_ipsec *w, uint32_t sa, bool inbound)
{
	const struct snap_group *g = w->group;
	char suite[64];

	text_printf(t, "     %s esp sas:\n", inbound ? "inbound" : "outbound");
	for (size_t i = 0; i < g->n_teks; i++) {
		const struct snap_tek *k = &g->teks[i];
		/* One SA serves both ways; IOS counts a connection for each. */
		size_t conn = 2 * (g->n_teks - i) - (inbound ? 1 : 0);

		if (k->sa != sa)
			continue;
		esp_suite_show_text(&k->suite, suite, sizeof(suite));
		text_printf(t, "      spi: 0x%" PRIX32 "(%" PRIu32 ")\n", k->spi, k->spi);
		text_printf(t, "        transform: %s ,\n", suite);
		text_printf(t, "        in use settings ={%s, }\n",
		            k->transport ? "Transport" : "Tunnel");
		text_printf(t, "        conn id: %zu, flow_id: SW:%zu, %scrypto map: %s\n", conn,
		            conn, w->layout == LAYOUT_XE ? "sibling_flags 0, " : "", w->on->map);
		sa_timing(t, w, k);
	}
	text_printf(t, "\n     %s ah sas:\n\n     %s pcp sas:\n", inbound ? "inbound" : "outbound",
	            inbound ? "inbound" : "outbound");
}

static void
show_ident(struct text *t, const char *label, uint32_t addr, uint32_t mask, uint8_t proto,
           uint16_t port)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	text_printf(t, "   %s ident (addr/mask/prot/port): (%s/%s/%u/%u)\n", label,
	            addr_text(addr, a), addr_text(mask, m), proto, port);
}

/*
 * IOS's counters by kind. Those of the SA are its own, whichever entry a packet belonged to; what
 * no dataplane of ours does (tags, compression) has not happened, and what none tells apart has no
 * line (a wrong identity or length: "decaps failed").
 */
static void
error_lines(struct text *t, const struct dp_entry_stat *c, const struct errors *e,
            uint64_t invalid_spi)
{
	text_printf(t, "    #pkts no sa (send) %" PRIu64 ", #pkts invalid sa (rcv) %" PRIu64 "\n",
	            c->send_errors, invalid_spi);
	text_printf(t, "    #pkts encaps failed (send) 0, #pkts decaps failed (rcv) %" PRIu64 "\n",
	            e->other);
	text_printf(t,
	            "    #pkts invalid prot (recv) %" PRIu64 ", #pkts verify failed: %" PRIu64 "\n",
	            c->clear_drops, e->auth);
	text_puts(t, "    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0\n");
	text_printf(t, "    ##pkts replay failed (rcv): %" PRIu64 "\n", e->replay);
	text_puts(t, "    #pkts tagged (send): 0, #pkts untagged (rcv): 0\n"
	             "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0\n"
	             "    #pkts internal err (send): 0, #pkts internal err (recv) 0\n\n");
}

const struct dp_entry_stat *
show_entry_stat(const struct show_ipsec *w, size_t e)
{
	static const struct dp_entry_stat none;
	const struct dp_stat *stat = w->stat;
	size_t n = w->group->n_entries, own;

	if (!stat)
		return &none;
	/* The dataplane has the member's own denies in front of what was downloaded. */
	own = stat->n_entries > n ? stat->n_entries - n : 0;
	return own + e < stat->n_entries ? &stat->entries[own + e] : &none;
}

static void
show_counters(struct text *t, const struct show_ipsec *w, size_t e)
{
	const struct dp_entry_stat *c = show_entry_stat(w, e);
	struct errors errors = {0};

	if (w->stat)
		errors = receive_errors(w->group, w->group->entries[e].sa, w->stat);
	text_printf(t,
	            "    #pkts encaps: %" PRIu64 ", #pkts encrypt: %" PRIu64
	            ", #pkts digest: %" PRIu64 "\n",
	            c->out_packets, c->out_packets, c->out_packets);
	text_printf(t,
	            "    #pkts decaps: %" PRIu64 ", #pkts decrypt: %" PRIu64
	            ", #pkts verify: %" PRIu64 "\n",
	            c->in_packets, c->in_packets, c->in_packets);
	text_puts(t, "    #pkts compressed: 0, #pkts decompressed: 0\n"
	             "    #pkts not compressed: 0, #pkts compr. failed: 0\n"
	             "    #pkts not decompressed: 0, #pkts decompress failed: 0\n");
	if (w->detail)
		error_lines(t, c, &errors, w->stat ? w->stat->invalid_spi : 0);
	else
		text_printf(t, "    #send errors %" PRIu64 ", #recv errors %" PRIu64 "\n\n",
		            c->send_errors,
		            c->clear_drops + errors.replay + errors.auth + errors.other);
}

/* The longest packet that fits after encryption: ESP pads to the block with its two octets. */
static size_t
plaintext_mtu(const struct snap_tek *k, uint16_t mtu)
{
	size_t header = 20, outside = header + 8 + cipher_iv_size(k->suite.cipher) +
	                              esp_suite_icv_size(&k->suite);
	size_t block =
	    cipher_block_size(k->suite.cipher) < 4 ? 4 : cipher_block_size(k->suite.cipher);

	if (mtu <= outside + block)
		return 0;
	return (mtu - outside) / block * block - 2 + (k->transport ? header : 0);
}

/* After a rekey a member goes on with the key of before for a while; 0: it has none. */
static uint32_t
sending_spi(const struct snap_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (g->teks[i].sa == sa && g->teks[i].sends)
			return g->teks[i].spi;
	return 0;
}

static void
show_entry(struct text *t, const struct show_ipsec *w, size_t e)
{
	const struct selector *s = &w->group->entries[e].selector;
	uint32_t sa = w->group->entries[e].sa;
	const struct snap_tek *k = show_tek_of(w->group, sa);
	uint32_t spi = sending_spi(w->group, sa);
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\n   protected vrf: %s\n", w->on->inner ? w->on->inner : "(none)");
	if (w->layout == LAYOUT_XE && !w->detail)
		text_printf(t, "   Group: %s\n", w->group->name);
	show_ident(t, "local ", s->src, s->src_mask, s->proto, s->sport);
	show_ident(t, "remote", s->dst, s->dst_mask, s->proto, s->dport);
	text_puts(t, "   current_peer 0.0.0.0 port 848\n     PERMIT, flags={origin_is_acl,}\n");
	show_counters(t, w, e);
	text_printf(t, "     local crypto endpt.: %s, remote crypto endpt.: 0.0.0.0\n     ",
	            addr_text(w->on->local_addr, a));
	if (w->layout == LAYOUT_XE)
		text_printf(t, "plaintext mtu %zu, ", k ? plaintext_mtu(k, w->mtu) : w->mtu);
	text_printf(t, "path mtu %u, ip mtu %u, ip mtu idb %s\n", w->mtu, w->mtu, w->on->name);
	text_printf(t, "     current outbound spi: 0x%" PRIX32 "(%" PRIu32 ")\n", spi, spi);
	text_puts(t, "     PFS (Y/N): N, DH group: none\n\n");
	esp_sas(t, w, sa, true);
	text_puts(t, "\n");
	esp_sas(t, w, sa, false);
}

void
show_ipsec_sa(struct text *t, const struct show_ipsec *w)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\ninterface: %s\n    Crypto map tag: %s, local addr %s\n", w->on->name,
	            w->on->map, addr_text(w->on->local_addr, a));
	for (size_t e = 0; e < w->group->n_entries; e++)
		if (w->group->entries[e].selector.permit)
			show_entry(t, w, e);
}

/* --- SPIs ------------------------------------------------------------------------------------- */

void
show_spi_heading(struct text *t)
{
	text_puts(t, "\nActive SPI table\n"
	             "     SPI Prot Local Address            Type\n"
	             "  Handle VRF  Remote Address           IDB\n");
}

void
show_spis(struct text *t, const struct show_ipsec *w, uint32_t handle, size_t number)
{
	char a[ADDR_TEXT_MAX];

	addr_text(w->on->local_addr, a);
	for (size_t i = 0; i < w->group->n_teks; i++)
		if (w->group->teks[i].remaining)
			text_printf(t, "%08" PRIX32 " ipsec %s group %08" PRIX32 " 0 0.0.0.0 %zu\n",
			            w->group->teks[i].spi, a, handle, number);
}

void
show_spi_end(struct text *t)
{
	text_puts(t, "\nTransient SPI table\n     SPI   HANDLE R Time created\n");
}

/* --- engine ----------------------------------------------------------------------------------- */

/* No dataplane of ours tells the last sequence number; IOS shows 0 for a group's SAs, too. */
void
show_engine_heading(struct text *t)
{
	text_puts(t, "Crypto Engine Connections\n\n"
	             "   ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address\n");
}

static void
engine_line(struct text *t, size_t id, const char *type, const char *algorithm, uint64_t out,
            uint64_t in, const char *addr)
{
	text_printf(t, "%5zu  %-7s %-18s %8" PRIu64 " %8" PRIu64 " %8u %s\n", id, type, algorithm,
	            out, in, 0u, addr);
}

/*
 * IOS 12.4 and 15 give the first entry's network as the address of a group's SAs, IOS-XE the
 * address that the crypto map has.
 */
static uint32_t
engine_addr(const struct show_ipsec *w, uint32_t sa)
{
	const struct snap_group *g = w->group;

	for (size_t e = 0; w->layout == LAYOUT_CLASSIC && e < g->n_entries; e++)
		if (g->entries[e].selector.permit && g->entries[e].sa == sa)
			return g->entries[e].selector.src;
	return w->on->local_addr;
}

void
show_engine_group(struct text *t, const struct show_ipsec *w, size_t *number)
{
	const struct snap_group *g = w->group;
	char algorithm[32], a[ADDR_TEXT_MAX];

	for (size_t i = g->n_teks; i-- > 0;) { /* oldest first */
		const struct snap_tek *k = &g->teks[i];
		const char *hash = hash_row(k->suite.auth)->title;
		uint64_t out = 0, in = 0;

		for (size_t j = 0; w->stat && j < w->stat->n_sas; j++) {
			if (w->stat->sas[j].spi != k->spi)
				continue;
			out = w->stat->sas[j].out_packets;
			in = w->stat->sas[j].in_packets;
		}
		snprintf(algorithm, sizeof(algorithm), "%s%s%s",
		         cipher_row(k->suite.cipher)->engine, *hash ? "+" : "", hash);
		addr_text(engine_addr(w, k->sa), a);
		engine_line(t, ++*number, "IPsec", algorithm, 0, in, a);
		engine_line(t, ++*number, "IPsec", algorithm, out, 0, a);
	}
}

void
show_engine_isakmp(struct text *t, const struct snap_isakmp *sa)
{
	char algorithm[32], a[ADDR_TEXT_MAX];

	snprintf(algorithm, sizeof(algorithm), "%s+%s", hash_row(sa->hash)->title,
	         cipher_row(sa->cipher)->engine);
	engine_line(t, sa->conn_id, "IKE", algorithm, 0, 0,
	            addr_text(sa->initiator ? sa->src : sa->dst, a));
}

void
show_engine_kek(struct text *t, const struct snap_group *g, enum layout layout)
{
	const struct snap_kek *k = &g->kek;
	char algorithm[32], a[ADDR_TEXT_MAX];

	snprintf(algorithm, sizeof(algorithm), "%s+%s", hash_row(k->sig_hash)->title,
	         cipher_row(k->cipher)->engine);
	engine_line(t, k->conn_id, "IKE", algorithm, 0, 0,
	            layout == LAYOUT_XE ? addr_text(g->local_addr, a) : "");
}

/* --- crypto maps ------------------------------------------------------------------------------ */

static void
map_group(struct text *t, const struct policy_group *g)
{
	char a[ADDR_TEXT_MAX];

	if (g->id.type == GROUP_ID_NUMBER)
		text_printf(t, "\tidentity number %" PRIu32 "\n", g->id.value);
	else if (g->id.type == GROUP_ID_ADDRESS)
		text_printf(t, "\tidentity address ipv4 %s\n", addr_text(g->id.value, a));
	if (g->local)
		text_puts(t, "\tserver local\n");
	for (size_t i = 0; i < g->n_servers; i++)
		text_printf(t, "\tserver address ipv4 %s\n", addr_text(g->servers[i], a));
}

void
show_crypto_map(struct text *t, const struct policy_crypto_map *map, const struct policy *p)
{
	for (size_t i = 0; i < map->n_entries; i++) {
		const struct policy_crypto_map_entry *e = &map->entries[i];

		text_printf(t, "Crypto Map IPv4 \"%s\" %" PRIu32 " gdoi\n", map->name, e->seq);
		if (!e->group)
			text_puts(t, "\tWARNING: This crypto map is in an incomplete state!\n"
			             "\t\t(missing group definition)\n");
		if (e->group_name)
			text_printf(t, "\tGroup Name: %s\n", e->group_name);
		if (e->group)
			map_group(t, e->group);
		if (e->acl_name)
			text_printf(t, "\tExtended IP access list %s\n", e->acl_name);
	}
	text_printf(t, "\tInterfaces using crypto map %s:\n", map->name);
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map &&
		    !strcmp(p->interfaces[i].crypto_map->name, map->name))
			text_printf(t, "\t\t%s\n", p->interfaces[i].name);
	text_puts(t, "\n");
}

void
show_fail_close(struct text *t, const struct policy_crypto_map *map,
                const struct dp_door_stat *stat, bool open)
{
	const struct policy_fail_close *f = &map->fail_close;

	text_printf(t, "Crypto Map: \"%s\"\n", map->name);
	text_printf(t, "    Activate: %s\n", f->active ? "yes" : "no");
	text_puts(t, "    Fail-Close Access-List: (Deny = Forward In Clear, Permit = Drop)\n");
	for (size_t i = f->n_local; i < f->n_selectors; i++) {
		text_printf(t, "      access-list %s ", f->acl_name ? f->acl_name : "");
		show_selector(t, &f->selectors[i]);
		text_puts(t, "\n");
	}
	text_puts(t, "      access-list implicit permit ip any any\n");
	if (!stat)
		return;
	text_printf(t, "    State: %s\n",
	            open ? "open, all groups are registered"
	                 : "closed, not all groups are registered");
	text_printf(t, "    Dropped: %" PRIu64 " outbound, %" PRIu64 " inbound\n", stat->out_drops,
	            stat->in_drops);
}
