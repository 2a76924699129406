/* SPDX-License-Identifier: Apache-2.0 */
/* What a key server was asked for outlives a transaction that fails: see ks_order.h. */
#include "runtime/core/ks_order.h"

#include <stdlib.h>

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
remember_order(struct ks *ks, enum ks_order what)
{
	struct ks_ordered *o = &ks->coop.ordered;

	if (!ks->coop.on)
		return;
	o->what = what > o->what ? what : o->what;
	o->at = ks->keep->begun + 1;
	if (what < KS_ORDER_REMOVE || !is_dismissal(ks))
		return;
	free(o->farewells);
	o->n_farewells = ks->push.n_targets;
	o->farewells = x_memdup(ks->push.targets, o->n_farewells * sizeof(*o->farewells));
}

enum reach
ks_order(struct ks *ks, enum ks_order what)
{
	enum reach reach = carry_out(ks, what);

	if (reach < REACH_NOTHING && reach != REACH_NO_SERVER)
		remember_order(ks, what);
	return reach;
}

void
ks_order_kept(struct ks *ks)
{
	struct ks_ordered *o = &ks->coop.ordered;

	/* A rekey that waits for the one before is in no record yet. */
	if (ks->keep->done >= o->at && !ks->wants)
		ks_order_fini(ks);
}

void
ks_order_again(struct ks *ks)
{
	enum ks_order what = ks->coop.ordered.what;
	/* It was kept, and the answer lost: who has registered since is not removed. */
	bool done = what >= KS_ORDER_REMOVE && is_dismissal(ks);

	ks_order_fini(ks);
	if (what && !done)
		ks_order(ks, what);
}

size_t
ks_order_farewells(const struct ks *ks)
{
	return ks->coop.ordered.n_farewells;
}

void
ks_order_put_farewells(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	for (size_t i = 0; i < ks->coop.ordered.n_farewells && is_dismissal(ks); i++) {
		struct ks_target *t = &p->targets[p->n_targets];

		*t = ks->coop.ordered.farewells[i];
		t->done = false;
		t->member = NULL;
		p->n_targets++;
	}
}

void
ks_order_fini(struct ks *ks)
{
	struct ks_ordered *o = &ks->coop.ordered;

	free(o->farewells);
	o->farewells = NULL;
	o->n_farewells = 0;
	o->what = KS_ORDER_NONE;
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
	ks_order_fini(ks);
}
