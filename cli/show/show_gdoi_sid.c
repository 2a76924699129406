/* Sender identifiers of counter modes (RFC 6407 5.6, RFC 6054): `... gm identifier`, `... ks identifier` */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>

static bool
is_counter(const struct snap_group *g)
{
	for (size_t i = 0; i < g->n_teks; i++)
		if (cipher_is_counter(g->teks[i].suite.cipher))
			return true;
	return false;
}

static const char *
mode_name(const struct snap_group *g)
{
	return is_counter(g) ? "Counter (Suite-B)" : "Non-Counter (Non-Suite-B)";
}

static const char *
size_name(unsigned bits)
{
	return bits < 24 ? "SMALL" : bits > 24 ? "LARGE" : "MEDIUM";
}

static void
next_request(struct text *t, const struct snap_group *g, unsigned bits)
{
	text_puts(t, "\n    NEXT SID REQUEST:\n");
	text_printf(t, "      TEK Lifetime                  : %" PRIu32 " sec\n",
		    g->n_teks ? g->teks[0].remaining : 0);
	text_printf(t, "      SID Length (Group Size)       : %u bits (%s)\n", bits,
		    size_name(bits));
}

void
show_gdoi_gm_identifier(struct text *t, const struct snap_group *g, bool detail)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "GM Sender ID (SID) Information for Group %s:\n\n", g->name);
	text_printf(t, "  Group Member: %-16s vrf: None\n", addr_text(g->local_addr, a));
	text_printf(t, "    Transform Mode                  : %s\n", mode_name(g));
	/* We never ask: one comes unasked. */
	text_puts(t, "    # of SIDs Last Requested        : 0\n\n");
	if (g->sid_bits) {
		text_printf(t, "    CURRENT SIDs: 0x%0*" PRIX32 "\n\n", g->sid_bits / 4, g->sid);
		text_printf(t, "      SID Length (Group Size)       : %u bits (%s)\n", g->sid_bits,
			    size_name(g->sid_bits));
	} else {
		text_puts(t, "    CURRENT SIDs: None\n");
	}
	if (detail)
		next_request(t, g, g->sid_bits ? g->sid_bits : GDOI_SID_BITS);
}

/*
 * The vendor's key servers share the identifiers among them by a prefix each, the KSSID. One server
 * has them all: KSSID 0.
 */
void
show_gdoi_ks_identifier(struct text *t, const struct snap_group *g, bool detail)
{
	bool counter = is_counter(g), used = counter && g->sids_given;
	uint32_t all = (uint32_t)1 << g->sid_bits;

	text_printf(t, "KS Sender ID (KSSID) Information for Group %s:\n\n", g->name);
	text_printf(t, "    Transform Mode           : %s\n", mode_name(g));
	text_puts(t, "    Re-initializing          : No\n");
	text_printf(t, "    SID Length (Group Size)  : %u bits (%s)\n", g->sid_bits,
		    size_name(g->sid_bits));
	text_printf(t, "    Current KSSID In-Use     : %s\n", counter ? "0" : "none");
	if (used)
		text_printf(t, "    Last GMSID Used          : %" PRIu32 "\n", g->sids_given - 1);
	else
		text_puts(t, "    Last GMSID Used          : none\n");
	if (!detail)
		return;
	text_printf(t, "\n    KSSID(s) Assigned        : %s\n", counter ? "0" : "none");
	text_printf(t, "    KSSID(s) Used            : %s\n", used ? "0" : "none");
	text_puts(t, "    KSSID(s) Used (Old)      : none\n");
	text_printf(t, "    Available KSSID(s)       : %s\n\n", counter && !used ? "0" : "none");
	if (counter)
		text_printf(t, "    REMAINING SIDs: %" PRIu32 "\n", all - g->sids_given);
	else
		text_puts(t, "    REMAINING SIDs: none\n");
}
