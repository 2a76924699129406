/* `show crypto ipsec sa` of a group member and `show crypto map`. */
#include "cli/show.h"

#include <inttypes.h>
#include <string.h>

/* --- security associations -------------------------------------------------------------------- */

/* The SA's errors in the direction in; a group's SA serves every entry of its policy. */
static uint64_t
receive_errors(const struct snap_group *g, uint32_t sa, const struct dp_stat *stat)
{
	uint64_t n = 0;

	for (size_t k = 0; k < g->n_teks; k++) {
		if (g->teks[k].sa != sa)
			continue;
		for (size_t i = 0; i < stat->n_sas; i++) {
			const struct dp_sa_stat *s = &stat->sas[i];

			if (s->spi == g->teks[k].spi)
				n += s->replay_drops + s->auth_errors + s->other_errors;
		}
	}
	return n;
}

static void
esp_sas(struct text *t, const struct snap_group *g, uint32_t sa, const char *map, bool inbound)
{
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
		text_printf(t, "        conn id: %zu, flow_id: SW:%zu, crypto map: %s\n", conn,
			    conn, map);
		text_printf(t, "        sa timing: remaining key lifetime (sec): (%" PRIu32 ")\n",
			    k->remaining);
		text_printf(t, "        IV size: %zu bytes\n", cipher_iv_size(k->suite.cipher));
		text_printf(t, "        replay detection support: %s", k->window ? "Y" : "N");
		if (k->window)
			text_printf(t, "  replay window size: %" PRIu32, k->window);
		text_printf(t, "\n        Status: %s\n", k->remaining ? "ACTIVE" : "EXPIRED");
	}
	text_printf(t, "\n     %s ah sas:\n\n     %s pcp sas:\n", inbound ? "inbound" : "outbound",
		    inbound ? "inbound" : "outbound");
}

static void
ident(struct text *t, const char *label, uint32_t addr, uint32_t mask, uint8_t proto, uint16_t port)
{
	char a[ADDR_TEXT_MAX], m[ADDR_TEXT_MAX];

	text_printf(t, "   %s ident (addr/mask/prot/port): (%s/%s/%u/%u)\n", label,
		    addr_text(addr, a), addr_text(mask, m), proto, port);
}

static void
counters(struct text *t, const struct snap_group *g, size_t e, const struct dp_stat *stat)
{
	static const struct dp_entry_stat none;
	const struct dp_entry_stat *c = &none;
	uint64_t errors = 0;

	if (stat) {
		/* The dataplane has the member's own denies in front of what was downloaded. */
		size_t own = stat->n_entries > g->n_entries ? stat->n_entries - g->n_entries : 0;

		if (own + e < stat->n_entries)
			c = &stat->entries[own + e];
		errors = receive_errors(g, g->entries[e].sa, stat);
	}
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
	text_printf(t, "    #send errors %" PRIu64 ", #recv errors %" PRIu64 "\n\n", c->send_errors,
		    c->clear_drops + errors);
}

static uint32_t
outbound_spi(const struct snap_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (g->teks[i].sa == sa)
			return g->teks[i].spi;
	return 0;
}

static void
entry(struct text *t, const struct snap_group *g, size_t e, const struct policy_group_interface *on,
      const struct dp_stat *stat, uint16_t mtu)
{
	const struct selector *s = &g->entries[e].selector;
	uint32_t sa = g->entries[e].sa, spi = outbound_spi(g, sa);
	char a[ADDR_TEXT_MAX];

	text_puts(t, "\n   protected vrf: (none)\n");
	ident(t, "local ", s->src, s->src_mask, s->proto, s->sport);
	ident(t, "remote", s->dst, s->dst_mask, s->proto, s->dport);
	text_puts(t, "   current_peer 0.0.0.0 port 848\n     PERMIT, flags={origin_is_acl,}\n");
	counters(t, g, e, stat);
	text_printf(t, "     local crypto endpt.: %s, remote crypto endpt.: 0.0.0.0\n",
		    addr_text(on->local_addr, a));
	text_printf(t, "     path mtu %u, ip mtu %u, ip mtu idb %s\n", mtu, mtu, on->name);
	text_printf(t, "     current outbound spi: 0x%" PRIX32 "(%" PRIu32 ")\n", spi, spi);
	text_puts(t, "     PFS (Y/N): N, DH group: none\n\n");
	esp_sas(t, g, sa, on->map, true);
	text_puts(t, "\n");
	esp_sas(t, g, sa, on->map, false);
}

void
show_ipsec_sa(struct text *t, const struct snap_group *g, const struct policy_group_interface *on,
	      const struct dp_stat *stat, uint16_t mtu)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "\ninterface: %s\n    Crypto map tag: %s, local addr %s\n", on->name,
		    on->map, addr_text(on->local_addr, a));
	for (size_t e = 0; e < g->n_entries; e++)
		if (g->entries[e].selector.permit)
			entry(t, g, e, on, stat, mtu);
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
