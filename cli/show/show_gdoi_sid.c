/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sender identifiers of counter modes (RFC 6407 5.6, RFC 6054): `... gm identifier`, `... ks
 * identifier`
 */
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

const char *
show_sid_size(unsigned bits)
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
	            show_sid_size(bits));
}

void
show_gdoi_gm_identifier(struct text *t, const struct snap_group *g, bool detail)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "GM Sender ID (SID) Information for Group %s:\n\n", g->name);
	text_printf(t, "  Group Member: %-16s vrf: %s\n", addr_text(g->local_addr, a),
	            show_vrf_name(g->vrf));
	text_printf(t, "    Transform Mode                  : %s\n", mode_name(g));
	/* We never ask: one comes unasked. */
	text_puts(t, "    # of SIDs Last Requested        : 0\n\n");
	if (g->sid_bits) {
		text_printf(t, "    CURRENT SIDs: 0x%0*" PRIX32 "\n\n", g->sid_bits / 4, g->sid);
		text_printf(t, "      SID Length (Group Size)       : %u bits (%s)\n", g->sid_bits,
		            show_sid_size(g->sid_bits));
	} else {
		text_puts(t, "    CURRENT SIDs: None\n");
	}
	if (detail)
		next_request(t, g, g->sid_bits ? g->sid_bits : GDOI_SID_BITS);
}

/*
 * The vendor's key servers share the identifiers among them by a prefix each, the KSSID. A server
 * where none is configured has them all: KSSID 0. Numbers `from` (as they are counted through the
 * ranges) up to `to`.
 */
void
show_gdoi_kssids(struct text *t, const char *label, const struct snap_group *g, uint64_t from,
                 uint64_t to)
{
	uint64_t at = 0, low, high;
	bool any = false;

	text_puts(t, label);
	for (size_t i = 0; i < g->n_kssids && g->kssids[i].low <= g->kssids[i].high; i++) {
		uint64_t n = g->kssids[i].high - g->kssids[i].low + 1u;

		low = from > at ? from - at : 0;
		high = to < at ? 0 : to - at < n ? to - at : n;
		at += n;
		if (low >= high)
			continue;
		text_printf(t, "%s%" PRIu64, any ? ", " : "", g->kssids[i].low + low);
		if (high > low + 1)
			text_printf(t, "-%" PRIu64, g->kssids[i].low + high - 1);
		any = true;
	}
	if (!g->n_kssids && from < to) {
		text_puts(t, "0");
		any = true;
	}
	text_puts(t, any ? "\n" : "none\n");
}

/* How many KSSIDs have been begun, of how many; and identifiers under each. */
struct kssid_use {
	uint64_t used, all, each;
};

static struct kssid_use
use_of(const struct snap_group *g)
{
	struct kssid_use u = {.all = 1, .each = (uint64_t)1 << g->sid_bits};

	if (g->n_kssids) {
		u.each >>= policy_kssid_bits(g->sid_bits);
		u.all = g->sids_all / u.each;
	}
	u.used = (g->sids_given + u.each - 1) / u.each;
	return u;
}

void
show_gdoi_ks_identifier(struct text *t, const struct snap_group *g, bool detail)
{
	struct kssid_use u = use_of(g);
	bool counter = is_counter(g);
	uint64_t last = counter && u.used ? u.used : 0, now = last ? last - 1 : 0;

	text_printf(t, "KS Sender ID (KSSID) Information for Group %s:\n\n", g->name);
	text_printf(t, "    Transform Mode           : %s\n", mode_name(g));
	text_puts(t, "    Re-initializing          : No\n");
	text_printf(t, "    SID Length (Group Size)  : %u bits (%s)\n", g->sid_bits,
	            show_sid_size(g->sid_bits));
	show_gdoi_kssids(t, "    Current KSSID In-Use     : ", g, now, counter ? now + 1 : now);
	if (last)
		text_printf(t, "    Last GMSID Used          : %" PRIu64 "\n",
		            (g->sids_given - 1) % u.each);
	else
		text_puts(t, "    Last GMSID Used          : none\n");
	if (!detail)
		return;
	text_puts(t, "\n");
	show_gdoi_kssids(t, "    KSSID(s) Assigned        : ", g, 0,
	                 counter || g->n_kssids ? u.all : 0);
	show_gdoi_kssids(t, "    KSSID(s) Used            : ", g, 0, last);
	text_puts(t, "    KSSID(s) Used (Old)      : none\n");
	show_gdoi_kssids(t, "    Available KSSID(s)       : ", g, last,
	                 counter || g->n_kssids ? u.all : 0);
	if (counter)
		text_printf(t, "\n    REMAINING SIDs: %" PRIu64 "\n", g->sids_all - g->sids_given);
	else
		text_puts(t, "\n    REMAINING SIDs: none\n");
}
