/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing protocols, spoken by FRR: the policy in its words, when they are others than before, and
 * what it knows for shows.
 */
#include "runtime/host/linux/linux_priv.h"

#include <string.h>

#include "compiler/frr/frr.h"

static const char *
device_of(void *arg, const char *interface)
{
	return linux_device_of(arg, interface);
}

/* What failed is tried again with the next policy; until then static routes are the kernel's. */
static bool
say_all(struct linux_host *h, unsigned daemons, struct text *take_text)
{
	int error = h->speak(h->speak_arg, daemons, text_string(take_text));

	text_fini(&h->speech);
	h->speech = *take_text;
	*take_text = TEXT_INIT;
	if (!error)
		return daemons != 0;
	text_fini(&h->speech);
	LOG(&h->events.log, HOST_ERROR, "FRR", strerror(-error));
	return false;
}

bool
linux_frr_apply(struct linux_host *h, const struct policy *p)
{
	const struct frr_options o = {.device = device_of, .arg = h};
	unsigned daemons = h->speak ? frr_daemons(p) : 0;
	struct text text = TEXT_INIT;
	bool spoken;

	if (!daemons && !h->speech.n)
		return false;
	if (daemons)
		frr_render(p, &o, &text);
	if (h->speech.n && strcmp(text_string(&text), text_string(&h->speech)) == 0) {
		text_fini(&text);
		return h->spoken;
	}
	spoken = say_all(h, daemons, &text);
	text_fini(&text);
	return spoken;
}

void
linux_frr_end(struct linux_host *h)
{
	if (h->speech.n)
		h->speak(h->speak_arg, 0, "");
	text_fini(&h->speech);
	h->spoken = false;
}

/* --- shows ------------------------------------------------------------------------------------ */

static bool
ask_frr(struct linux_host *h, enum frr_question question, struct text *ret)
{
	return h->spoken && h->ask && h->ask(h->speak_arg, question, ret);
}

size_t
linux_frr_routes(struct linux_host *h, struct arena *a, const struct frr_route **ret)
{
	struct text answer = TEXT_INIT;
	size_t n = 0;

	*ret = NULL;
	if (ask_frr(h, FRR_ASK_ROUTES, &answer))
		n = frr_read_routes(text_string(&answer), a, ret);
	text_fini(&answer);
	return n;
}

static void
neighbor_place(struct linux_host *h, struct arena *a, const struct frr_neighbor *n,
               struct routing_ospf_interface *list, size_t *count, size_t max)
{
	const char *name = linux_name_of(h, n->device);
	struct routing_ospf_neighbor *neighbors;
	struct routing_ospf_interface *i = list;

	name = name ? name : n->device;
	while (i < list + *count && strcmp(i->name, name) != 0)
		i++;
	if (i == list + *count) {
		*i = (struct routing_ospf_interface){
		    .name = arena_strdup(a, name),
		    .neighbors = arena_alloc(a, max * sizeof(*i->neighbors))};
		++*count;
	}
	neighbors = (struct routing_ospf_neighbor *)(uintptr_t)i->neighbors;
	neighbors[i->n_neighbors++] = (struct routing_ospf_neighbor){.id = n->id,
	                                                             .addr = n->addr,
	                                                             .priority = n->priority,
	                                                             .state = n->state,
	                                                             .role = n->role,
	                                                             .dead = n->dead,
	                                                             .up = n->up};
}

const struct routing_state *
linux_frr_neighbors(struct host *host, struct arena *a)
{
	struct linux_host *h = (struct linux_host *)host;
	struct text answer = TEXT_INIT;
	struct routing_ospf_interface *list;
	struct routing_state *state = NULL;
	struct routing_ospf *ospf;
	const struct frr_neighbor *told;
	size_t n, count = 0;

	if (ask_frr(h, FRR_ASK_OSPF_NEIGHBORS, &answer)) {
		n = frr_read_neighbors(text_string(&answer), a, &told);
		list = arena_alloc(a, (n + 1) * sizeof(*list));
		for (size_t k = 0; k < n; k++)
			neighbor_place(h, a, &told[k], list, &count, n);
		ospf = arena_alloc(a, sizeof(*ospf));
		*ospf = (struct routing_ospf){.interfaces = list, .n_interfaces = count};
		state = arena_alloc(a, sizeof(*state));
		*state = (struct routing_state){.ospf = ospf, .n_ospf = 1};
	}
	text_fini(&answer);
	return state;
}
