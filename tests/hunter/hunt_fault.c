/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault matrix: what breaks around the routers, the invariants of keys and policies that hold
 * through all of it, and whether the group is whole again after the last fault. See hunt.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/store/store_memory.h"
#include "tests/hunter/hunt.h"
#include "tests/hunter/hunt_mark.h"
#include "tests/hunter/starve.h"

/* --- what breaks ------------------------------------------------------------------------------ */

void
hunt_fault_noise(struct hunt *h)
{
	struct chance *c = &h->chance;
	double faults[LAB_FAULTS] = {
	    [LAB_LOSS] = chance_of(c, 21) / 100.0,
	    [LAB_DUPLICATE] = chance_of(c, 11) / 100.0,
	    [LAB_REORDER] = chance_of(c, 11) / 100.0,
	};

	h->fault.corrupt = chance_one_in(c, 2) ? 2 + chance_of(c, 10) : 0;
	h->fault.again = chance_one_in(c, 2) ? 1 + chance_of(c, 6) : 0;
	hunt_tell(
	    h,
	    "lost %g%%, doubled %g%%, late %g%%, one message in %u comes damaged, too, with one "
	    "in %u an old one",
	    faults[LAB_LOSS] * 100, faults[LAB_DUPLICATE] * 100, faults[LAB_REORDER] * 100,
	    h->fault.corrupt, h->fault.again);
	lab_faults(h->lab, faults);
}

void
hunt_fault_clock(struct hunt *h)
{
	static const int64_t jumps[] = {-86400, -3600, -61, -5, 0, 5, 61, 3600, 86400};
	size_t node = chance_of(&h->chance, (uint32_t)(h->n_servers + h->n_members));
	int64_t jump = jumps[chance_of(&h->chance, ARRAY_SIZE(jumps))];

	hunt_tell(h, "the clock of %s is %lld seconds ahead", h->nodes[node].name, (long long)jump);
	sim_wall_set(lab_sim(h->lab), h->nodes[node].name, jump * 1000);
}

static void
break_store(struct hunt *h, size_t node)
{
	static const int errors[] = {ENOSPC, EROFS, EIO};
	static const char *const kinds[] = {"works", "does not keep a record",
	                                    "keeps one, and does not say so", "is full for good"};
	enum store_fault kind = (enum store_fault)chance_of(&h->chance, ARRAY_SIZE(kinds));
	int error = errors[chance_of(&h->chance, ARRAY_SIZE(errors))];

	hunt_tell(h, "the store of %s %s: %s", h->nodes[node].name, kinds[kind], strerror(error));
	store_memory_set_fault(lab_store_at(h->lab, node), kind, 1 + chance_of(&h->chance, 4),
	                       -error);
}

void
hunt_fault_store(struct hunt *h)
{
	break_store(h, hunt_server_node(chance_of(&h->chance, (uint32_t)h->n_servers)));
}

/* Power is lost while messages are under way: after so many events of the network. */
void
hunt_fault_crash(struct hunt *h)
{
	static const char *const begins[] = {"crypto gdoi ks rekey", "clear crypto gdoi ks members",
	                                     "crypto gdoi ks rekey replace-now"};
	struct chance *c = &h->chance;
	size_t server = hunt_server_node(chance_of(c, (uint32_t)h->n_servers));
	size_t node =
	    chance_one_in(c, 2) ? server : chance_of(c, (uint32_t)(h->n_servers + h->n_members));
	unsigned steps = chance_of(c, 80), left = steps;

	if (chance_one_in(c, 3))
		break_store(h, server);
	hunt_command(h, server, begins[chance_of(c, ARRAY_SIZE(begins))]);
	while (left-- && lab_step(h->lab, lab_now(h->lab) + SECONDS(30)))
		hunt_fault_step(h);
	hunt_tell(h, "%u events later", steps);
	hunt_power(h, node, false);
	hunt_pass(h, SECONDS(chance_one_in(c, 3) ? 400 : 1 + chance_of(c, 30)));
	if (node == server && chance_one_in(c, 2)) { /* another disk is in it */
		hunt_tell(h, "the store of %s works", h->nodes[node].name);
		store_memory_set_fault(lab_store_at(h->lab, node), STORE_FAULT_NONE, 0, 0);
	}
	hunt_power(h, node, true);
}

/* --- damaged and old messages ----------------------------------------------------------------- */

static void
send_soon(struct hunt *h, struct span take_packet)
{
	struct hunt_fault *f = &h->fault;

	if (f->n_soon == ARRAY_SIZE(f->soon))
		free((void *)(uintptr_t)take_packet.p);
	else
		f->soon[f->n_soon++] = take_packet;
}

static struct span
copy_packet(struct span packet)
{
	return SPAN(x_memdup(packet.p, packet.n), packet.n);
}

static void
send_damaged(struct hunt *h, struct span packet, size_t body)
{
	struct span copy = copy_packet(packet);
	uint8_t *p = (uint8_t *)(uintptr_t)copy.p;

	for (uint32_t n = 1 + chance_of(&h->chance, 3); n; n--)
		p[body + chance_of(&h->chance, (uint32_t)(packet.n - body))] ^=
		    (uint8_t)(1u << chance_of(&h->chance, 8));
	packet_put16(p + body - 2, 0); /* no checksum that would stop it */
	send_soon(h, copy);
}

/* Keeps some of the messages for a time, to send them again much later. */
static void
keep_old(struct hunt *h, struct span packet)
{
	struct hunt_fault *f = &h->fault;
	struct span *place = &f->old[chance_of(&h->chance, ARRAY_SIZE(f->old))];

	if (place->n && !chance_one_in(&h->chance, 8))
		return;
	free((void *)(uintptr_t)place->p);
	*place = copy_packet(packet);
}

void
hunt_fault_see(struct hunt *h, struct span packet)
{
	struct hunt_fault *f = &h->fault;
	const struct span *old;
	struct ip4 ip;

	if (!h->faults || !ip4_parse(packet, &ip) || ip.proto != PROTO_UDP || ip.offset || ip.mf ||
	    packet.n < ip.header + 8u + 28u || packet_get16(packet.p + ip.header + 2) != GDOI_PORT)
		return;
	keep_old(h, packet);
	/*
	 * A probe to the port is no message, and its mark is in clear: a bit turned over there
	 * makes it another probe, which the observer would see come a second time.
	 */
	if (f->corrupt && !hunt_mark_find(h, packet) && chance_one_in(&h->chance, f->corrupt))
		send_damaged(h, packet, ip.header + 8u);
	if (f->again && chance_one_in(&h->chance, f->again)) {
		old = &f->old[chance_of(&h->chance, ARRAY_SIZE(f->old))];
		if (old->n)
			send_soon(h, copy_packet(*old));
	}
}

/* To whom it is addressed: others would forward it. */
void
hunt_fault_step(struct hunt *h)
{
	struct hunt_fault *f = &h->fault;

	while (f->n_soon) {
		struct span packet = f->soon[--f->n_soon];
		uint32_t dst = packet_get32(packet.p + 16), node = dst - HUNT_CORE(0);

		if (addr_is_multicast(dst) || node < h->n_servers + h->n_members)
			sim_packet_inject(lab_sim(h->lab), "core",
			                  addr_is_multicast(dst) ? NULL : h->nodes[node].name,
			                  packet);
		free((void *)(uintptr_t)packet.p);
	}
}

/* --- keys and policies only go forward -------------------------------------------------------- */

static const struct snap_group *
find_group(const struct snap_group *list, size_t n, size_t group)
{
	char name[8] = {'G', (char)('0' + group), 0};

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* What a node says of a group; NULL: it is down, or has none. */
static const struct snap_group *
ask_node(const struct hunt *h, size_t node, size_t group, struct arena *a)
{
	size_t n = 0;
	const struct snap_group *list =
	    h->up[node] ? node_groups(router_node(lab_router_at(h->lab, node)), a, &n) : NULL;

	return find_group(list, n, group);
}

/* The place of a key in the order in which the server has made them, from 1; 0: unknown. */
static size_t
place_of_key(const struct hunt_keys *k, uint32_t spi)
{
	for (size_t i = k->n; i-- > 0;)
		if (k->spis[i] == spi)
			return i + 1;
	return 0;
}

static void
note_server_keys(struct hunt *h, size_t server, size_t group, const struct snap_group *s)
{
	struct hunt_keys *k = &h->fault.keys[server][group];

	for (size_t i = s->n_teks; i-- > 0;)
		if (!place_of_key(k, s->teks[i].spi) && k->n < ARRAY_SIZE(k->spis)) {
			k->sas[k->n] = (uint8_t)(s->teks[i].sa <= HUNT_SAS ? s->teks[i].sa : 0);
			k->spis[k->n++] = s->teks[i].spi;
		}
	memcpy(k->kek, s->kek.spi, sizeof(k->kek));
	k->seq = s->kek.seq;
}

/* The newest keys of a member, in the order of the server that they are from; false: none. */
static bool
newest_keys(const struct hunt *h, size_t group, const struct snap_group *s, struct hunt_had *ret)
{
	bool any = false;

	for (size_t i = 0; i < s->n_teks; i++)
		for (size_t server = 0; server < h->n_servers; server++) {
			const struct hunt_keys *k = &h->fault.keys[server][group];
			size_t place = place_of_key(k, s->teks[i].spi), *newest;

			if (!place || s->server != HUNT_CORE(hunt_server_node(server)))
				continue;
			newest = &ret->newest[k->sas[place - 1]];
			if (place > *newest) {
				*newest = place;
				ret->ends[k->sas[place - 1]] =
				    lab_now(h->lab) + SECONDS(s->teks[i].remaining);
			}
			ret->server = server;
			any = true;
		}
	return any;
}

/* A server must know of every rekey that a member has taken from it; what it never said may go. */
static void
check_server_numbers(struct hunt *h, size_t group, const struct snap_group *s)
{
	for (size_t i = 0; i < h->n_servers && s->kek.present; i++) {
		const struct hunt_keys *k = &h->fault.keys[i][group];

		if (h->up[hunt_server_node(i)] && memcmp(k->kek, s->kek.spi, sizeof(k->kek)) == 0 &&
		    k->seq < s->kek.seq)
			hunt_report(h, "SERVER: %s has said rekey %u of group %zu, and is at %u",
			            h->nodes[hunt_server_node(i)].name, s->kek.seq, group, k->seq);
	}
}

static void
check_member_keys(struct hunt *h, size_t member, size_t group, const struct snap_group *s)
{
	struct hunt_had *had = &h->fault.had[member][group], now = {.seq = s->kek.seq};
	bool same;

	if (s->registration != SNAP_REGISTERED || !newest_keys(h, group, s, &now))
		return;
	memcpy(now.kek, s->kek.spi, sizeof(now.kek));
	same = now.server == had->server;
	for (size_t i = 0; i <= HUNT_SAS; i++)
		if (same && now.newest[i] && now.newest[i] < had->newest[i] &&
		    had->ends[i] > lab_now(h->lab)) /* that one has not ended */
			hunt_report(h,
			            "OLDER: member %zu goes back from key %zu to %zu of group %zu",
			            member, had->newest[i], now.newest[i], group);
	if (same && s->kek.present && !memcmp(had->kek, now.kek, sizeof(now.kek)) &&
	    now.seq < had->seq)
		hunt_report(h, "OLDER: member %zu goes back from rekey %u to %u of group %zu",
		            member, had->seq, now.seq, group);
	*had = now;
}

void
hunt_fault_look(struct hunt *h)
{
	struct arena *a = arena_new();
	const struct snap_group *s;

	for (size_t group = 0; group < h->n_groups; group++) {
		for (size_t i = 0; i < h->n_servers; i++)
			if ((s = ask_node(h, hunt_server_node(i), group, a)) && s->local)
				note_server_keys(h, i, group, s);
		for (size_t i = 0; i < h->n_members; i++)
			if ((s = ask_node(h, hunt_member_node(h, i), group, a))) {
				check_member_keys(h, i, group, s);
				check_server_numbers(h, group, s);
			}
	}
	arena_free(a);
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool
has_key(const struct snap_group *s, uint32_t spi)
{
	for (size_t i = 0; i < s->n_teks; i++)
		if (s->teks[i].spi == spi)
			return true;
	return false;
}

/*
 * Does the member hold a key of this `sa ipsec`? Of one whose list adds nothing to those before it,
 * or that another make cannot be told, it holds none.
 */
static bool
holds_some(const struct hunt_keys *k, const struct snap_group *gm, uint32_t sa)
{
	for (size_t i = 0; i < gm->n_teks; i++) {
		size_t place = place_of_key(k, gm->teks[i].spi);

		if (place && k->sas[place - 1] == sa)
			return true;
	}
	return false;
}

/* One of the youngest keys of an `sa ipsec`: there may be one for each line of its list. */
static bool
has_newest(const struct snap_group *gm, const struct snap_group *ks, uint32_t sa)
{
	uint32_t longest = 0;

	for (size_t i = 0; i < ks->n_teks; i++)
		if (ks->teks[i].sa == sa && ks->teks[i].remaining > longest)
			longest = ks->teks[i].remaining;
	for (size_t i = 0; i < ks->n_teks; i++)
		if (ks->teks[i].sa == sa && ks->teks[i].remaining + 1 >= longest &&
		    has_key(gm, ks->teks[i].spi))
			return true;
	return false;
}

/* NULL when the member has all that its server has; else why not. */
static const char *
what_lacks(const struct hunt *h, size_t member, size_t group, struct arena *a)
{
	const struct snap_group *gm = ask_node(h, hunt_member_node(h, member), group, a), *ks;
	const struct hunt_keys *k;
	bool any = false;

	if (!gm || !gm->applied)
		return "is no member";
	if (gm->registration != SNAP_REGISTERED || !gm->server)
		return "is not registered";
	ks = ask_node(h, hunt_server_node(gm->server - HUNT_CORE(0)), group, a);
	if (!ks || !ks->local)
		return "is registered with nobody";
	k = &h->fault.keys[gm->server - HUNT_CORE(0)][group];
	for (size_t i = 0; i < ks->n_teks; i++) {
		if (!has_newest(gm, ks, ks->teks[i].sa) && holds_some(k, gm, ks->teks[i].sa))
			return "lacks the newest key of its server";
		any |= has_key(gm, ks->teks[i].spi);
	}
	return any || !ks->n_teks ? NULL : "has no key of its server";
}

static const char *
find_straggler(const struct hunt *h, size_t *ret_member, size_t *ret_group)
{
	struct arena *a = arena_new();
	const char *why = NULL;

	for (size_t i = 0; i < h->n_members && !why; i++)
		for (size_t k = 0; k < h->members[i].n_entries && !why; k++) {
			*ret_member = i;
			*ret_group = (size_t)h->members[i].entries[k].group;
			why = what_lacks(h, i, *ret_group, a);
		}
	arena_free(a);
	return why;
}

static void
heal_all(struct hunt *h)
{
	static const double none[LAB_FAULTS];

	hunt_tell(h, "everything is well again");
	starve_end();
	h->fault.corrupt = h->fault.again = 0;
	lab_faults(h->lab, none);
	for (size_t i = 0; i < h->n_servers; i++)
		store_memory_set_fault(lab_store_at(h->lab, hunt_server_node(i)), STORE_FAULT_NONE,
		                       0, 0);
	for (size_t i = 0; i < h->n_servers + h->n_members; i++) {
		h->cut[i] = false;
		lab_link_set(h->lab, h->nodes[i].name, HUNT_PORT, true);
		hunt_power(h, i, true);
	}
}

/* Nobody is without the newest keys for longer than keys live: then the next ones come. */
static msec
bound_of(const struct hunt *h)
{
	unsigned longest = 0;

	for (size_t i = 0; i < h->n_groups; i++)
		if (h->groups[i].lifetime > longest)
			longest = h->groups[i].lifetime;
	return SECONDS(longest + 120);
}

void
hunt_fault_end(struct hunt *h)
{
	size_t member = 0, group = 0;
	const char *why = "";
	msec healed, end;

	heal_all(h);
	healed = lab_now(h->lab);
	end = healed + bound_of(h);
	while (lab_now(h->lab) < end && (why = find_straggler(h, &member, &group)))
		hunt_pass(h, SECONDS(2));
	h->fault.took = lab_now(h->lab) - healed;
	if (why && h->trace) {
		hunt_command(h, hunt_member_node(h, member), "show crypto gdoi");
		for (size_t i = 0; i < h->n_servers; i++)
			hunt_command(h, hunt_server_node(i), "show crypto gdoi ks policy");
		hunt_command(h, hunt_member_node(h, member), "show logging");
		hunt_command(h, hunt_server_node(0), "show logging");
	}
	if (why)
		hunt_report(
		    h, "CONVERGENCE: member %zu of group %zu %s, %lld seconds after the last fault",
		    member, group, why, (long long)h->fault.took / 1000);
	else
		hunt_tell(h, "all have their keys after %lld seconds",
		          (long long)h->fault.took / 1000);
}

void
hunt_fault_fini(struct hunt *h)
{
	struct hunt_fault *f = &h->fault;

	while (f->n_soon)
		free((void *)(uintptr_t)f->soon[--f->n_soon].p);
	for (size_t i = 0; i < ARRAY_SIZE(f->old); i++)
		free((void *)(uintptr_t)f->old[i].p);
}
