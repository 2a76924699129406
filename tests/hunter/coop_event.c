/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to key servers, their members, and what is between them. See coop.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hunter/coop.h"

static size_t
any_server(struct coop_hunt *h)
{
	return chance_of(&h->chance, (uint32_t)h->n_servers);
}

static size_t
any_node(struct coop_hunt *h)
{
	return chance_of(&h->chance, (uint32_t)(h->n_servers + h->n_members));
}

/* Most that happens, happens to the one that leads. */
static size_t
some_server(struct coop_hunt *h)
{
	int leader = coop_history_leader(h, 0);

	return leader >= 0 && chance_one_in(&h->chance, 2) ? (size_t)leader : any_server(h);
}

static void
ask_for_keys(struct coop_hunt *h, size_t server)
{
	static const char *const commands[] = {
	    "crypto gdoi ks rekey",           "crypto gdoi ks rekey",
	    "crypto gdoi ks rekey",           "crypto gdoi ks rekey replace-now",
	    "clear crypto gdoi ks members",   "clear crypto gdoi ks members now",
	    "clear crypto gdoi ks coop role",
	};
	uint32_t which = chance_of(&h->chance, ARRAY_SIZE(commands));

	if (which >= 3 && which < 6)
		coop_history_asked(h, server);
	coop_command(h, server, commands[which]);
}

static void
type_commands(struct coop_hunt *h)
{
	ask_for_keys(h, some_server(h));
}

/* --- what is cut ------------------------------------------------------------------------------ */

static void
set_line(struct coop_hunt *h, size_t server, enum store_line_state state)
{
	static const char *const words[] = {
	    "reaches the store", "does not reach the store", "does not hear the store",
	    "may not write into the store", "may not read the store"};

	coop_tell(h, "%s %s", h->nodes[server].name, words[state]);
	h->line[server] = state;
	lab_store_line(h->lab, h->nodes[server].name, state);
}

static void
cut_store(struct coop_hunt *h)
{
	set_line(h, some_server(h), (enum store_line_state)chance_of(&h->chance, 5));
}

static void
cut_store_of_all(struct coop_hunt *h)
{
	enum store_line_state state =
	    chance_one_in(&h->chance, 2) ? STORE_LINE_UP : STORE_LINE_DOWN;

	for (size_t i = 0; i < h->n_servers; i++)
		set_line(h, i, state);
}

static void
slow_store(struct coop_hunt *h)
{
	static const msec times[] = {0, 2, 40, 300, 600, 900, 1500, 1900, 2500};
	size_t server = some_server(h);
	msec time = times[chance_of(&h->chance, ARRAY_SIZE(times))];

	coop_slow(h, server, time);
}

/* The store ends somebody's lease before its time. */
static void
end_lease(struct coop_hunt *h)
{
	size_t server = some_server(h);
	struct store *s = lab_store_shared(h->lab);

	coop_tell(h, "the lease of %s ends", h->nodes[server].name);
	s->ops->lease_end(s, h->leases[server]);
}

#define WIPED_MOST 512

struct wiped {
	size_t n;
	char *names[WIPED_MOST];
};

static bool
note_name(void *arg, const struct store_record *r)
{
	struct wiped *w = arg;

	w->names[w->n++] = x_strdup(r->name);
	return w->n < WIPED_MOST;
}

static void
wipe_records(struct coop_hunt *h, const char *word)
{
	struct store *s = lab_store_shared(h->lab);
	struct wiped w = {0};

	coop_tell(h, "the store loses all of *%s*", word);
	s->ops->read(s, "", note_name, &w, NULL);
	for (size_t i = 0; i < w.n; i++) {
		const struct store_write gone = {.name = w.names[i]};

		if (strstr(w.names[i], word))
			s->ops->commit(s, &(struct store_txn){.n_writes = 1, .writes = &gone},
			               NULL);
		free(w.names[i]);
	}
	coop_history_lost(h, word);
}

/*
 * All there is of one kind. Not the keys: where nobody lives who knows them a group may begin anew,
 * with others, which the history would take for a branch.
 */
static void
wipe_store(struct coop_hunt *h)
{
	static const char *const words[] = {"/leader", "/servers/", "/members/", "/sids"};

	wipe_records(h, words[chance_of(&h->chance, ARRAY_SIZE(words))]);
}

/* The one that leads all groups, and reaches the store as it should; -1: there is none. */
static int
sound_leader(struct coop_hunt *h)
{
	int leader = coop_history_leader(h, 0);

	for (size_t g = 1; g < h->n_groups; g++)
		if (coop_history_leader(h, g) != leader)
			return -1;
	if (leader < 0 || !h->up[leader] || h->frozen[leader] || h->slow[leader] > 40 ||
	    h->line[leader] != STORE_LINE_UP)
		return -1;
	return leader;
}

/* Another server comes up as everything goes, and finds nothing: the leader's keys count. */
static void
boot_as_store_goes(struct coop_hunt *h)
{
	int leader = sound_leader(h);
	size_t other = any_server(h);

	if (leader < 0 || (int)other == leader)
		return;
	coop_power(h, other, false);
	set_line(h, other, STORE_LINE_UP);
	coop_pass(h, SECONDS(3));
	if (sound_leader(h) != leader)
		return;
	wipe_records(h, "");
	coop_power(h, other, true);
	coop_pass(h, SECONDS(6));
}

/* Between any two sides, one way or both. */
static void
cut_network(struct coop_hunt *h)
{
	uint32_t side = (uint32_t)chance_next(&h->chance) >> 8;
	bool both = chance_one_in(&h->chance, 2), heal = chance_one_in(&h->chance, 3);

	for (size_t i = 0; i < h->spec.n_nodes; i++)
		for (size_t k = 0; k < h->spec.n_nodes; k++) {
			bool from = side >> i & 1, to = side >> k & 1;

			h->cut[i][k] = !heal && from != to && (both || from);
		}
	coop_tell(h, heal ? "the network is one again" : "the network is cut%s, %x from the rest",
	          both ? "" : " one way", side & ((1u << h->spec.n_nodes) - 1));
}

/* --- who stands still, dies, comes back ------------------------------------------------------- */

/* In the middle of something: after so many events of the network. */
static void
stop_in_between(struct coop_hunt *h, size_t server)
{
	if (chance_one_in(&h->chance, 2))
		ask_for_keys(h, server);
	coop_steps(h, chance_of(&h->chance, 60));
}

static void
stand_still(struct coop_hunt *h)
{
	static const unsigned times[] = {300, 1000, 2100, 3000, 5000, 30000};
	size_t server = some_server(h);
	msec time = times[chance_of(&h->chance, ARRAY_SIZE(times))];

	stop_in_between(h, server);
	coop_freeze(h, server, true);
	if (chance_one_in(&h->chance, 4)) /* others do something meanwhile */
		return;
	coop_pass(h, time);
	coop_freeze(h, server, false);
	coop_steps(h, chance_of(&h->chance, 30));
}

static void
go_on(struct coop_hunt *h)
{
	for (size_t i = 0; i < h->n_servers; i++)
		coop_freeze(h, i, false);
}

static void
lose_power(struct coop_hunt *h)
{
	size_t server = some_server(h);
	size_t node = chance_one_in(&h->chance, 3) ? any_node(h) : server;

	stop_in_between(h, server);
	coop_power(h, node, false);
	if (chance_one_in(&h->chance, 4))
		return;
	coop_pass(h,
	          chance_one_in(&h->chance, 4) ? SECONDS(100) : 100 + chance_of(&h->chance, 8000));
	coop_power(h, node, true);
}

static void
give_power(struct coop_hunt *h)
{
	for (size_t i = 0; i < h->spec.n_nodes; i++)
		coop_power(h, i, true);
}

/* --- what is otherwise ------------------------------------------------------------------------ */

static void
set_clock(struct coop_hunt *h)
{
	static const int64_t jumps[] = {-86400, -3600, -61, -5, 0, 5, 61, 3600, 86400};
	size_t node = any_node(h);
	int64_t jump = jumps[chance_of(&h->chance, ARRAY_SIZE(jumps))];

	coop_tell(h, "the clock of %s is %lld seconds ahead", h->nodes[node].name, (long long)jump);
	h->clock_off[node] = jump != 0;
	sim_wall_set(lab_sim(h->lab), h->nodes[node].name, jump * 1000);
}

/* On one of them, or on all. */
static void
change_policy(struct coop_hunt *h)
{
	size_t only = chance_one_in(&h->chance, 3) ? some_server(h) : SIZE_MAX;
	uint32_t what = chance_of(&h->chance, 4), n = ++h->n_lines;
	unsigned number = chance_of(&h->chance, 5);
	char text[160];

	for (size_t i = 0; i < h->n_servers; i++) {
		if (only != SIZE_MAX && only != i)
			continue;
		if (what == 0)
			snprintf(text, sizeof(text),
			         "ip access-list extended ACL0\npermit ip 10.77.%u.0 0.0.0.255 any",
			         n % 200);
		else if (what == 1)
			snprintf(text, sizeof(text),
			         "crypto ipsec profile P0\n"
			         "set security-association lifetime seconds %u",
			         h->lifetime + 60 * number);
		else
			snprintf(text, sizeof(text),
			         "crypto gdoi group G0\nserver local\nredundancy\n"
			         "local priority %u",
			         10 + 20 * chance_of(&h->chance, 5));
		coop_history_anew(h);
		coop_configure(h, i, text);
	}
	if (what == 1 && only == SIZE_MAX && n > 0)
		h->lifetime += 60 * number;
}

static void
lose_packets(struct coop_hunt *h)
{
	double faults[LAB_FAULTS] = {[LAB_LOSS] = chance_of(&h->chance, 21) / 100.0,
	                             [LAB_REORDER] = chance_of(&h->chance, 11) / 100.0};

	coop_tell(h, "lost %g%%, late %g%%", faults[LAB_LOSS] * 100, faults[LAB_REORDER] * 100);
	lab_faults(h->lab, faults);
}

static void
member_again(struct coop_hunt *h)
{
	size_t member = chance_of(&h->chance, (uint32_t)h->n_members);
	size_t node = coop_member_node(h, member);

	if (chance_one_in(&h->chance, 2)) {
		coop_history_forgotten(h, member);
		coop_command(h, node, "clear crypto gdoi");
	} else {
		coop_power(h, node, false);
		coop_pass(h, 100);
		coop_power(h, node, true);
	}
}

static void
let_pass(struct coop_hunt *h)
{
	static const unsigned times[] = {300, 1000, 1000, 3000, 3000, 10000, 60000, 200000};
	msec time = times[chance_of(&h->chance, ARRAY_SIZE(times))];

	coop_tell(h, "%lld ms pass", (long long)time);
	coop_pass(h, time);
}

static void
send_some(struct coop_hunt *h)
{
	for (int i = 0; i < 4; i++) {
		size_t from = chance_of(&h->chance, (uint32_t)h->n_members);
		size_t to = (from + 1) % h->n_members;

		coop_ping(h, chance_of(&h->chance, (uint32_t)h->n_groups), from, to);
	}
	coop_pass(h, 5);
}

void
coop_event(struct coop_hunt *h)
{
	static const struct {
		void (*happens)(struct coop_hunt *h);
		uint32_t weight;
	} events[] = {
	    {let_pass, 4},           {type_commands, 3}, {cut_store, 4},    {cut_store_of_all, 1},
	    {slow_store, 3},         {end_lease, 1},     {wipe_store, 1},   {cut_network, 3},
	    {stand_still, 4},        {go_on, 1},         {lose_power, 3},   {give_power, 1},
	    {set_clock, 2},          {change_policy, 2}, {lose_packets, 1}, {member_again, 2},
	    {boot_as_store_goes, 1},
	};
	uint32_t all = 0, n;
	size_t i = 0;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		all += events[i].weight;
	n = chance_of(&h->chance, all);
	for (i = 0; n >= events[i].weight; i++)
		n -= events[i].weight;
	events[i].happens(h);
	send_some(h);
}
