/* SPDX-License-Identifier: Apache-2.0 */
/* `show mpls ...`: LDP's neighbours, and what becomes of labels. */
#include "cli/show/show_routing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LDP_PORT     646
#define OTHER_PORT   11000
#define KEEPALIVE    60 /* seconds */
#define PREFIX_WIDTH 16

/* --- show mpls interfaces --------------------------------------------------------------------- */

void
show_mpls_interfaces(struct text *t, const struct mpls_shown *m, msec now)
{
	(void)now;
	if (!m->on)
		return;
	text_puts(t, "Interface              IP            Tunnel   BGP Static Operational\n");
	for (size_t k = 0; k < m->n_interfaces; k++)
		text_printf(t, "%-22s Yes (ldp)     No       No  No     %s\n",
		            m->interfaces[k].name, m->interfaces[k].up ? "Yes" : "No");
}

/* --- show mpls forwarding-table --------------------------------------------------------------- */

static const char *
label_text(uint32_t label, char buf[static 16])
{
	if (label == MPLS_IMPLICIT_NULL)
		return "Pop Label";
	if (label == MPLS_NO_LABEL)
		return "No Label";
	snprintf(buf, 16, "%" PRIu32, label);
	return buf;
}

/* The first columns; a prefix that is too long has a line of its own. */
static void
entry_begin(struct text *t, const struct mpls_entry *e, uint32_t out, bool first)
{
	char a[ADDR_TEXT_MAX], prefix[ADDR_TEXT_MAX + 8], label[16], own[16] = "";

	snprintf(prefix, sizeof(prefix), "%s/%u%s", addr_text(e->to.addr, a), e->to.len,
	         e->vrf ? "[V]" : "");
	if (first)
		snprintf(own, sizeof(own), "%" PRIu32, e->label);
	text_printf(t, "%-10s %-10s %-*s ", own, label_text(out, label), PREFIX_WIDTH, prefix);
	if (strlen(prefix) > PREFIX_WIDTH)
		text_printf(t, "  \\\n%-39s", "");
	text_printf(t, "%-13" PRIu64 " ", e->bytes);
}

static void
entry_show(struct text *t, const struct mpls_entry *e)
{
	char a[ADDR_TEXT_MAX], port[SHOW_PORT_SHORT];

	if (e->vrf && e->connected) {
		entry_begin(t, e, MPLS_IMPLICIT_NULL, true);
		text_printf(t, "aggregate/%s \n", e->vrf);
	}
	for (size_t k = 0; k < e->n; k++) {
		entry_begin(t, e, e->ways[k].label, k == 0);
		text_printf(t, "%-10s %-12s\n", show_port_short(e->ways[k].interface, port),
		            addr_text(e->ways[k].via, a));
	}
}

void
show_mpls_forwarding(struct text *t, const struct mpls_shown *m, msec now)
{
	(void)now;
	if (!m->on)
		return;
	text_puts(t,
	          "Local      Outgoing   Prefix           Bytes Label   Outgoing   Next Hop    \n"
	          "Label      Label      or Tunnel Id     Switched      interface              \n");
	for (size_t k = 0; k < m->n_entries; k++)
		entry_show(t, &m->entries[k]);
}

/* --- show mpls ldp neighbor ------------------------------------------------------------------- */

static void
neighbor_show(struct text *t, const struct ldp_neighbor *n, msec now)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX], up[SHOW_AGE_MAX];
	bool opens = n->own_id > n->id; /* RFC 5036 2.5.2 */
	uint64_t messages = 4 + (uint64_t)((now - n->since) / SECONDS(KEEPALIVE));

	text_printf(t,
	            "    Peer LDP Ident: %s:0; Local LDP Ident %s:0\n"
	            "\tTCP connection: %s.%u - ",
	            addr_text(n->id, a), addr_text(n->own_id, b), a, opens ? LDP_PORT : OTHER_PORT);
	text_printf(t,
	            "%s.%u\n"
	            "\tState: Oper; Msgs sent/rcvd: %" PRIu64 "/%" PRIu64 "; Downstream\n"
	            "\tUp time: %s\n\tLDP discovery sources:\n",
	            b, opens ? OTHER_PORT : LDP_PORT, messages, messages,
	            show_age_text(now - n->since, up));
	for (size_t k = 0; k < n->n_links; k++)
		text_printf(t, "\t  %s, Src IP addr: %s\n", n->links[k].interface,
		            addr_text(n->links[k].addr, a));
	text_puts(t, "        Addresses bound to peer LDP Ident:");
	for (size_t k = 0; k < n->n_addrs; k++)
		text_printf(t, "%s%-15s ", k % 4 ? "" : "\n          ", addr_text(n->addrs[k], a));
	text_puts(t, "\n");
}

void
show_ldp_neighbors(struct text *t, const struct mpls_shown *m, msec now)
{
	for (size_t k = 0; k < m->n_neighbors; k++)
		if (m->neighbors[k].up)
			neighbor_show(t, &m->neighbors[k], now);
}
