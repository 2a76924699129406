/* SPDX-License-Identifier: Apache-2.0 */
/* See frr_outbox.h. */
#include "cli/frr/frr_outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/frr/frr_instance.h"

struct frr_waiting {
	struct frr_waiting *next;
	char *node;
	struct text order; /* octets, as the line has them */
};

static void
waiting_free(struct frr_waiting *w)
{
	text_fini(&w->order);
	free(w->node);
	free(w);
}

void
frr_outbox_fini(struct frr_outbox *o)
{
	while (o->first) {
		struct frr_waiting *w = o->first;

		o->first = w->next;
		waiting_free(w);
	}
	text_fini(&o->going);
	o->gone = 0;
}

/* The place of a node's order, or of a new one behind all others. */
static struct frr_waiting *
find_waiting(struct frr_outbox *o, const char *node)
{
	struct frr_waiting **at = &o->first;

	while (*at && strcmp((*at)->node, node) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = x_alloc(sizeof(**at));
		(*at)->node = x_strdup(node);
	}
	return *at;
}

int
frr_outbox_put(struct frr_outbox *o, const char *node, const char *netns, enum frr_routing routing,
               unsigned daemons, const char *text)
{
	struct frr_order order = {
	    .daemons = daemons, .routing = (uint32_t)routing, .size = (uint32_t)strlen(text)};
	const uint8_t verb = FRR_TELL;
	struct frr_waiting *w;

	if (strlen(text) > FRR_TEXT_MAX)
		return -E2BIG;
	w = find_waiting(o, node);
	text_fini(&w->order);
	text_add(&w->order, (const char *)&verb, sizeof(verb));
	text_add(&w->order, node, strlen(node) + 1);
	text_add(&w->order, netns, strlen(netns) + 1);
	text_add(&w->order, (const char *)&order, sizeof(order));
	text_add(&w->order, text, order.size);
	return 0;
}

/* An order of which the line has a part goes on to its end; then comes what waits longest. */
static bool
next_order(struct frr_outbox *o)
{
	struct frr_waiting *w = o->first;

	if (o->gone < o->going.n)
		return true;
	text_fini(&o->going);
	o->gone = 0;
	if (!w)
		return false;
	o->first = w->next;
	o->going = w->order;
	w->order = TEXT_INIT;
	waiting_free(w);
	return true;
}

int
frr_outbox_send(struct frr_outbox *o, int line)
{
	while (next_order(o)) {
		ssize_t n = send(line, o->going.p + o->gone, o->going.n - o->gone,
		                 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			o->gone += (size_t)n;
	}
	return 0;
}

bool
frr_outbox_waits(const struct frr_outbox *o)
{
	return o->first || o->gone < o->going.n;
}
