/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doors as nftables rules: see door_nft.h.
 *
 *   forward  out of a core device: secret already (XFRM's, userspace ESP's) or asked of the door
 *            in from a core device: came out of XFRM, or asked of the door
 *   input    from a core device: GDOI, IGMP, ESP, what came out of XFRM, or asked
 *   output   to a core device: the daemon's own GDOI, IGMP, what goes to XFRM or userspace, or
 *            asked
 *
 * To ask a door is to jump to its chain. That begins with its gate: a chain that is empty, or lets
 * everything pass. So the next process shuts all doors by emptying the gates, before it knows what
 * the doors were.
 */
#include "runtime/dataplane/kernel/door_nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/dataplane/door.h"
#include "runtime/dataplane/kernel/nft.h"
#include "runtime/packet/packet.h"

#define DOORS_MAX  16
#define TUN_PREFIX "testudo" /* of the devices of tun.c */

struct door_nft {
	struct kernel_dataplane_options o;
	struct doors doors;
	struct nft *nft;
	bool there; /* the table may be in the kernel */
};

enum { IN, OUT };

static uint32_t
counter_id(size_t door, int dir)
{
	return (uint32_t)door * 2 + (uint32_t)dir + 1;
}

static const char *
name_of(const char *what, size_t door, char text[32])
{
	snprintf(text, 32, "%s-%zu", what, door);
	return text;
}

/* Shuts all doors. When the kernel has no such table there is nothing to shut. */
void
door_nft_shut(struct door_nft *d)
{
	char gate[32];

	for (size_t i = 0; i < DOORS_MAX; i++)
		if (nft_flush(d->nft, name_of("gate", i, gate)))
			return;
}

void
door_nft_free(struct door_nft *d, bool shut)
{
	if (!d)
		return;
	if (shut && d->there)
		door_nft_shut(d);
	nft_free(d->nft);
	doors_fini(&d->doors);
	free(d);
}

/* --- counters --------------------------------------------------------------------------------- */

static void
on_counter(void *arg, uint32_t id, uint64_t packets, uint64_t bytes)
{
	struct door_nft *d = arg;
	struct dp_door_stat *s;

	(void)bytes;
	if (!id || (id - 1) / 2 >= d->doors.n)
		return;
	s = &d->doors.list[(id - 1) / 2].stat;
	*((id - 1) % 2 == OUT ? &s->out_drops : &s->in_drops) += packets;
}

/* --- rules ------------------------------------------------------------------------------------ */

static void
chain_entries(struct door_nft *d, const char *chain, size_t i, int dir)
{
	const struct door *door = &d->doors.list[i];
	char gate[32];

	nft_chain_plain(d->nft, chain);
	nft_rule(d->nft, chain, 0);
	nft_jump(d->nft, name_of("gate", i, gate));
	for (size_t k = 0; k < door->n_entries; k++) {
		struct selector s =
		    dir == IN ? selector_reverse(&door->entries[k]) : door->entries[k];

		nft_rule(d->nft, chain, s.permit ? counter_id(i, dir) : 0);
		nft_selector(d->nft, &s);
		if (s.permit) {
			nft_counter(d->nft);
			nft_drop(d->nft);
		} else {
			nft_accept(d->nft);
		}
	}
	nft_rule(d->nft, chain, counter_id(i, dir));
	nft_counter(d->nft);
	nft_drop(d->nft);
}

static void
chains_door(struct door_nft *d, size_t i)
{
	char name[32];

	nft_chain_plain(d->nft, name_of("gate", i, name));
	if (d->doors.list[i].open) {
		nft_rule(d->nft, name, 0);
		nft_accept(d->nft);
	}
	chain_entries(d, name_of("in", i, name), i, IN);
	chain_entries(d, name_of("out", i, name), i, OUT);
}

/* Rules that let pass what is not clear traffic, whatever the doors say. */
static void
pass_secret(struct door_nft *d)
{
	nft_rule(d->nft, "forward", 0);
	nft_secpath(d->nft, true);
	nft_accept(d->nft);
	nft_rule(d->nft, "forward", 0);
	nft_bundle(d->nft, true);
	nft_accept(d->nft);
	nft_rule(d->nft, "forward", 0);
	nft_iif_begins(d->nft, TUN_PREFIX);
	nft_accept(d->nft);
	for (size_t i = 0; i < 2; i++) {
		nft_rule(d->nft, i ? "input" : "forward", 0);
		nft_mark(d->nft, MARK_MADE, 0xffff);
		nft_accept(d->nft);
	}
	nft_rule(d->nft, "input", 0);
	nft_secpath(d->nft, true);
	nft_accept(d->nft);
	nft_rule(d->nft, "input", 0);
	nft_proto(d->nft, PROTO_ESP);
	nft_accept(d->nft);
	nft_own_gdoi(d->nft, "input");
	/* The kernel's own IGMP: without it no router sends a multicast rekey to this host. */
	nft_rule(d->nft, "input", 0);
	nft_proto(d->nft, PROTO_IGMP);
	nft_accept(d->nft);
	nft_rule(d->nft, "output", 0);
	nft_proto(d->nft, PROTO_IGMP);
	nft_accept(d->nft);
	nft_rule(d->nft, "output", 0);
	nft_mark(d->nft, MARK_OWN, 0xffff);
	nft_accept(d->nft);
	nft_rule(d->nft, "output", 0);
	nft_mark(d->nft, MARK_STEER, MARK_FIELD);
	nft_accept(d->nft);
	nft_rule(d->nft, "output", 0);
	nft_bundle(d->nft, true);
	nft_accept(d->nft);
	nft_rule(d->nft, "output", 0);
	nft_proto(d->nft, PROTO_ESP);
	nft_accept(d->nft);
}

static void
ask_door(struct door_nft *d, size_t i, const char *device)
{
	char in[32], out[32];

	name_of("in", i, in);
	name_of("out", i, out);
	nft_rule(d->nft, "forward", 0);
	nft_oif(d->nft, device);
	nft_jump(d->nft, out);
	nft_rule(d->nft, "forward", 0);
	nft_iif(d->nft, device);
	nft_jump(d->nft, in);
	nft_rule(d->nft, "input", 0);
	nft_iif(d->nft, device);
	nft_jump(d->nft, in);
	nft_rule(d->nft, "output", 0);
	nft_oif(d->nft, device);
	nft_jump(d->nft, out);
}

static int
put_table(struct door_nft *d)
{
	nft_begin(d->nft);
	nft_chain(d->nft, "forward", "filter", NF_INET_FORWARD, 0);
	nft_chain(d->nft, "input", "filter", NF_INET_LOCAL_IN, 0);
	nft_chain(d->nft, "output", "filter", NF_INET_LOCAL_OUT, 0);
	pass_secret(d);
	for (size_t i = 0; i < d->doors.n; i++) {
		chains_door(d, i);
		for (size_t k = 0; k < d->doors.list[i].n_interfaces; k++) {
			const char *device = d->o.device(d->o.arg, d->doors.list[i].interfaces[k]);

			if (device) /* none: nothing can pass there */
				ask_door(d, i, device);
		}
	}
	return nft_commit(d->nft);
}

static void
on_foreign_change(void *arg)
{
	struct door_nft *d = arg;

	if (!d->doors.n)
		return;
	LOG(d->o.log, RULES_RESTORED, DOOR_TABLE);
	nft_counters(d->nft, on_counter, d);
	put_table(d);
}

int
door_nft_new(const struct kernel_dataplane_options *o, struct door_nft **ret)
{
	struct door_nft *d = x_alloc(sizeof(*d));
	int error = nft_new(o->netns, DOOR_TABLE, &d->nft);

	if (!error)
		error = nft_watch(d->nft, o->netns, o->loop, on_foreign_change, d);
	if (error) {
		nft_free(d->nft);
		free(d);
		return error;
	}
	d->o = *o;
	d->there = true;
	*ret = d;
	return 0;
}

int
door_nft_set(struct door_nft *d, const struct dp_door *doors, size_t n)
{
	int error;

	if (n > DOORS_MAX)
		return -E2BIG;
	if (d->doors.n)
		nft_counters(d->nft, on_counter, d);
	doors_set(&d->doors, doors, n);
	if (!n && !d->there)
		return 0;
	error = n ? put_table(d) : nft_remove(d->nft);
	if (!error)
		d->there = n > 0;
	return error;
}

bool
door_nft_stat(struct door_nft *d, const char *map, struct dp_door_stat *ret)
{
	const struct door *door = doors_find(&d->doors, map);
	struct dp_door_stat kept[DOORS_MAX];

	if (!door)
		return false;
	/* The kernel goes on with its own counters; the sum is for this answer only. */
	for (size_t i = 0; i < d->doors.n; i++)
		kept[i] = d->doors.list[i].stat;
	nft_counters(d->nft, on_counter, d);
	*ret = door->stat;
	for (size_t i = 0; i < d->doors.n; i++)
		d->doors.list[i].stat = kept[i];
	return true;
}
