/* SPDX-License-Identifier: Apache-2.0 */
/* What a key server was asked for outlives a transaction that fails: see ks_order.h. */
#include "runtime/core/ks_order.h"

#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

static enum reach
carry_out(struct ks *ks, enum ks_order what)
{
	if (what >= KS_ORDER_REMOVE)
		return ks_remove_members(ks, what == KS_ORDER_REMOVE_NOW);
	return ks_rekey(ks, what == KS_ORDER_REPLACE);
}

/* Does the rekey under way tell members that they are removed? */
static bool
is_dismissal(const struct ks *ks)
{
	bool told = false;

	for (int i = 0; i < KS_KINDS; i++)
		told |= ks->push.messages[i].bytes && ks->push.messages[i].dismissal;
	return ks->push.active && told;
}

/* The next transaction has what was done; one that is under way was made before. */
static void
remember_order(struct ks *ks, enum ks_order what, bool pushed)
{
	struct ks_ordered *o = &ks->coop.ordered;

	if (!ks->coop.on)
		return;
	o->what = what > o->what ? what : o->what;
	o->at = ks->keep->begun + 1;
	if (!pushed || !is_dismissal(ks))
		return;
	_Static_assert(sizeof(o->dismissal) == sizeof(ks->push.origin), "as many kinds of members");
	o->removes = true;
	memcpy(o->dismissal, ks->push.origin, sizeof(o->dismissal));
}

enum reach
ks_order(struct ks *ks, enum ks_order what)
{
	const uint32_t before = ks->push.number;
	enum reach reach = carry_out(ks, what);

	if (reach < REACH_NOTHING && reach != REACH_NO_SERVER)
		remember_order(ks, what, ks->push.number != before);
	return reach;
}

void
ks_order_kept(struct ks *ks)
{
	struct ks_ordered *o = &ks->coop.ordered;

	/* A rekey that waits for the one before is in no record yet. */
	if (ks->keep->done >= o->at && !ks->wants)
		ks_order_forget(ks);
}

/* Its members were told, or are being told: not by a rekey of an earlier order. */
static bool
is_under_way(const struct ks *ks)
{
	const struct ks_ordered *o = &ks->coop.ordered;

	return o->removes && is_dismissal(ks) &&
	       !memcmp(ks->push.origin, o->dismissal, sizeof(o->dismissal));
}

void
ks_order_again(struct ks *ks)
{
	enum ks_order what = ks->coop.ordered.what;
	/* It was kept, and the answer lost: who has registered since is not removed. */
	bool done = is_under_way(ks);

	ks_order_forget(ks);
	if (what && !done)
		ks_order(ks, what);
}

void
ks_order_forget(struct ks *ks)
{
	ks->coop.ordered = (struct ks_ordered){.what = KS_ORDER_NONE};
}

void
ks_order_lost(struct ks *ks)
{
	static const char *const commands[] = {
	    [KS_ORDER_REKEY] = "crypto gdoi ks rekey",
	    [KS_ORDER_REPLACE] = "crypto gdoi ks rekey replace-now",
	    [KS_ORDER_REMOVE] = "clear crypto gdoi ks members",
	    [KS_ORDER_REMOVE_NOW] = "clear crypto gdoi ks members now",
	};
	struct ks_ordered *o = &ks->coop.ordered;
	char leader[ADDR_TEXT_MAX];

	if (o->what)
		LOG(&ks->core->env.log, COOP_ORDER_LOST, commands[o->what], ks_name(ks),
		    addr_text(ks->coop.leader, leader));
	ks_order_forget(ks);
}
