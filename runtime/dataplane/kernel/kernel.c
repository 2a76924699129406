/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call to set a group decides anew which of the two dataplanes serves it: userspace takes
 * what the kernel says it cannot do (-EOPNOTSUPP: transport mode, time-based replay). Each has
 * rules in a table of its own, and neither looks at the other's groups.
 */
#include "runtime/dataplane/kernel/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/dataplane/kernel/door_nft.h"
#include "runtime/dataplane/kernel/nft.h"
#include "runtime/dataplane/kernel/tun.h"

struct served {
	struct served *next;
	char *group;
	struct dataplane *by;
};

struct kernel {
	struct dataplane base;
	const struct log_sink *log;
	int netns;
	struct dataplane *xfrm; /* NULL: userspace serves all */
	struct dataplane *tun;
	struct door_nft *doors;
	struct served *served;
};

static struct served **
served_find(struct kernel *k, const char *group)
{
	struct served **at = &k->served;

	while (*at && strcmp((*at)->group, group) != 0)
		at = &(*at)->next;
	return at;
}

static void
served_note(struct kernel *k, const struct dp_group *g, struct dataplane *by)
{
	struct served **at = served_find(k, g->name), *s = *at;
	struct dataplane *before = s ? s->by : NULL;
	const char *why = dp_group_needs_userspace(g);

	if (!s) {
		s = *at = x_alloc(sizeof(*s));
		s->group = x_strdup(g->name);
	}
	s->by = by;
	if (before && before != by)
		before->ops->clear(before, g->name);
	if (before != by && k->xfrm && by == k->tun)
		LOG(k->log, USERSPACE_ESP, g->name, why ? why : "way to carry it");
}

static int
op_set(struct dataplane *dp, const struct dp_group *g)
{
	struct kernel *k = (struct kernel *)dp;
	struct dataplane *by = k->xfrm ? k->xfrm : k->tun;
	int error = by->ops->set(by, g);

	if ((error == -EOPNOTSUPP || error == -E2BIG) && by == k->xfrm) {
		/*
		 * When a group is too large for XFRM, XFRM's rules for it stay and drop its traffic
		 * until userspace has the group.
		 */
		bool shut = error == -E2BIG;

		by = k->tun;
		error = by->ops->set(by, g);
		if (shut && !error)
			k->xfrm->ops->clear(k->xfrm, g->name);
	}
	if (!error)
		served_note(k, g, by);
	return error;
}

static void
op_clear(struct dataplane *dp, const char *group)
{
	struct kernel *k = (struct kernel *)dp;
	struct served **at = served_find(k, group), *s = *at;

	if (!s)
		return;
	s->by->ops->clear(s->by, group);
	*at = s->next;
	free(s->group);
	free(s);
}

static bool
op_stat(struct dataplane *dp, const char *group, struct dp_stat *ret)
{
	struct served *s = *served_find((struct kernel *)dp, group);

	return s && s->by->ops->stat(s->by, group, ret);
}

static int
op_doors(struct dataplane *dp, const struct dp_door *doors, size_t n)
{
	return door_nft_set(((struct kernel *)dp)->doors, doors, n);
}

static bool
op_door_stat(struct dataplane *dp, const char *map, struct dp_door_stat *ret)
{
	return door_nft_stat(((struct kernel *)dp)->doors, map, ret);
}

/* The doors are shut before the groups' own rules go. */
static void
end_dataplanes(struct kernel *k, bool abandon)
{
	struct dataplane *both[] = {k->xfrm, k->tun};

	door_nft_free(k->doors, !abandon);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (both[i])
			(abandon ? both[i]->ops->abandon : both[i]->ops->close)(both[i]);
	while (k->served) {
		struct served *s = k->served;

		k->served = s->next;
		free(s->group);
		free(s);
	}
	free(k);
}

static void
op_close(struct dataplane *dp)
{
	end_dataplanes((struct kernel *)dp, false);
}

static void
op_abandon(struct dataplane *dp)
{
	end_dataplanes((struct kernel *)dp, true);
}

static const struct dataplane_ops kernel_ops = {
    .set = op_set,
    .clear = op_clear,
    .stat = op_stat,
    .doors = op_doors,
    .door_stat = op_door_stat,
    .close = op_close,
    .abandon = op_abandon,
};

int
kernel_dataplane_new(const struct kernel_dataplane_options *o, enum kernel_choice choice,
                     struct dataplane **ret, const char **ret_why)
{
	struct kernel *k = x_alloc(sizeof(*k));
	int error = 0;

	k->base.ops = &kernel_ops;
	k->log = o->log;
	k->netns = o->netns;
	if (choice == KERNEL_ESP)
		*ret_why = "as told";
	else if (xfrm_available(o->netns, ret_why))
		*ret_why = NULL;
	else if (choice == KERNEL_XFRM)
		error = -EPROTONOSUPPORT;
	if (!error)
		error = door_nft_new(o, &k->doors);
	if (!error && !*ret_why)
		error = xfrm_new(o, &k->xfrm);
	if (!error)
		error = tun_new(o, &k->tun);
	/* A member that registers later would be the first to find out; a key server needs none. */
	if (!error && !k->xfrm)
		tun_try(o->log);
	if (error) {
		if (!*ret_why)
			*ret_why = "cannot start the dataplane";
		end_dataplanes(k, true);
		return error;
	}
	*ret = &k->base;
	return 0;
}

/*
 * The doors come first: those that a killed run left open are shut before the rules of its groups
 * go.
 */
void
kernel_dataplane_take(struct dataplane *dp)
{
	struct kernel *k = (struct kernel *)dp;

	door_nft_shut(k->doors);
	if (k->xfrm)
		xfrm_take(k->xfrm);
	else
		xfrm_reclaim(k->netns);
	tun_take(k->tun);
}

bool
kernel_dataplane_left(int netns)
{
	return nft_holds(netns, DOOR_TABLE) || nft_holds(netns, TUN_TABLE) || xfrm_holds(netns);
}
