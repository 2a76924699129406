/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto gdoi store`: where a key server keeps what it knows, and how it fares there. */
#include "cli/show/show_gdoi.h"

#include <inttypes.h>

const char *
show_store_state(const struct snap_group *g)
{
	static const char *const own[] = {
	    [SNAP_STORE_NONE] = "nothing is kept: a restart makes new keys",
	    [SNAP_STORE_KEPT] = "kept",
	    [SNAP_STORE_READING] = "being read, nobody is served before",
	    [SNAP_STORE_UNREADABLE] = "cannot be read, nobody is served",
	    [SNAP_STORE_FAILING] = "cannot be written, nothing new leaves",
	};

	if (!g->kept.shared || g->store == SNAP_STORE_NONE)
		return own[g->store];
	if (!g->n_teks && (g->kept.error || g->store != SNAP_STORE_KEPT))
		return "cannot be reached: there are no keys, nobody is served";
	return g->kept.error || g->store == SNAP_STORE_FAILING
	           ? "cannot be reached: members get the last keys, and nobody makes new ones"
	           : own[SNAP_STORE_KEPT];
}

static void
put_leader(struct text *t, const struct snap_group *g)
{
	char a[ADDR_TEXT_MAX];

	if (!g->coop.leader)
		text_puts(t, "    Leader               : nobody\n");
	else
		text_printf(t, "    Leader               : %s%s\n", addr_text(g->coop.leader, a),
		            g->kept.error   ? ", as it was last known"
		            : g->coop.leads ? " (this key server)"
		                            : "");
}

static void
put_lease(struct text *t, const struct snap_kept *k)
{
	if (k->lease)
		text_printf(t,
		            "    Lease                : 0x%" PRIX64
		            ", ends in %u.%u s unless it is renewed\n",
		            k->lease, k->lease_left / 1000, k->lease_left / 100 % 10);
	else
		text_puts(t, "    Lease                : none\n");
}

void
show_gdoi_store(struct text *t, const struct snap_group *g, const struct policy_group *p)
{
	const struct snap_kept *k = &g->kept;

	text_printf(t, "Group Name               : %s\n", g->name);
	text_printf(t, "    Store                : %s\n",
	            k->shared   ? "shared with other key servers"
	            : k->engine ? "of this key server alone"
	                        : "none");
	if (p->server.coop.configured && !k->shared)
		text_puts(t,
		          "    Redundancy           : without a store to share, so it is alone\n");
	text_printf(t, "    State                : %s\n", show_store_state(g));
	if (!k->engine)
		return;
	text_printf(t, "    Engine               : %s\n", k->engine);
	if (k->place)
		text_printf(t, "    %s             : %s\n", k->prefix ? "Endpoint" : "File    ",
		            k->place);
	if (k->prefix)
		text_printf(t, "    Prefix               : %s\n", k->prefix);
	if (k->shared) {
		put_leader(t, g);
		put_lease(t, k);
	}
	if (k->revision)
		text_printf(t, "    Revision             : %" PRIu64 "\n", k->revision);
	if (k->records)
		text_printf(t, "    Records              : %" PRIu64 "\n", k->records);
	if (k->octets)
		text_printf(t, "    Size                 : %" PRIu64 " octets\n", k->octets);
	if (k->error) /* the time is of the last one that worked */
		text_printf(t, "    Last Call            : %s\n", k->error);
	else
		text_printf(t, "    Last Call            : %" PRIu32 " ms, no error\n", k->lag);
}
