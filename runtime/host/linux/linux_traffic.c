/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel counts of a device, as `show interfaces` gives it: less what was there when the
 * counters were cleared, with rates and times of the last packet, which the kernel does not keep
 * and which come of looking every few seconds; and the neighbours that it has learnt.
 */
#include "runtime/host/linux/linux_rtnl.h"

#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_EVERY SECONDS(5)

/* How much more it is. Some drivers take a count back for a moment. */
static uint64_t
count_more(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : 0;
}

/* A device that was made anew counts from 0: nothing of before is in its counts. */
static void
note_new_device(struct linux_device *d, const struct rtnl_link_stats64 *s)
{
	if (s->rx_packets >= d->seen.rx_packets && s->tx_packets >= d->seen.tx_packets)
		return;
	d->seen = d->base = (struct rtnl_link_stats64){0};
}

static void
take_sample(struct linux_device *d, const struct rtnl_link_stats64 *s, msec now)
{
	note_new_device(d, s);
	if (d->sampled) {
		traffic_add(&d->in, count_more(s->rx_packets, d->seen.rx_packets),
		            count_more(s->rx_bytes, d->seen.rx_bytes), now);
		traffic_add(&d->out, count_more(s->tx_packets, d->seen.tx_packets),
		            count_more(s->tx_bytes, d->seen.tx_bytes), now);
	}
	d->seen = *s;
	d->sampled = true;
}

static void
on_sampling(uv_timer_t *timer)
{
	struct linux_host *h = timer->data;
	struct rtnl_links links = rtnl_links(h);

	for (size_t i = 0; i < h->n_devices; i++) {
		const struct rtnl_link *l = rtnl_link_by_device(&links, h->devices[i].device);

		if (l)
			take_sample(&h->devices[i], &l->stats, linux_now());
	}
	free(links.at);
}

int
linux_traffic_start(struct linux_host *h)
{
	uv_timer_init(h->loop, &h->sampling);
	linux_handle(h, (uv_handle_t *)&h->sampling);
	on_sampling(&h->sampling);
	return uv_timer_start(&h->sampling, on_sampling, SAMPLE_EVERY, SAMPLE_EVERY);
}

static void
show_way(const struct traffic *t, msec now, struct host_way *ret)
{
	ret->idle = t->any ? now - t->last : -1;
	traffic_rates(t, now, &ret->bit_rate, &ret->packet_rate);
}

void
linux_traffic_show(struct linux_device *d, const struct rtnl_link *l, struct host_interface *ret)
{
	const struct rtnl_link_stats64 *s = &l->stats, *b = &d->base;
	msec now = linux_now();

	take_sample(d, s, now);
	ret->in = (struct host_way){.packets = count_more(s->rx_packets, b->rx_packets),
	                            .bytes = count_more(s->rx_bytes, b->rx_bytes),
	                            .errors = count_more(s->rx_errors, b->rx_errors),
	                            .drops = count_more(s->rx_dropped, b->rx_dropped)};
	ret->out = (struct host_way){.packets = count_more(s->tx_packets, b->tx_packets),
	                             .bytes = count_more(s->tx_bytes, b->tx_bytes),
	                             .errors = count_more(s->tx_errors, b->tx_errors),
	                             .drops = count_more(s->tx_dropped, b->tx_dropped)};
	show_way(&d->in, now, &ret->in);
	show_way(&d->out, now, &ret->out);
	ret->multicast = count_more(s->multicast, b->multicast);
	ret->crc = count_more(s->rx_crc_errors, b->rx_crc_errors);
	ret->frame = count_more(s->rx_frame_errors, b->rx_frame_errors);
	ret->overrun = count_more(s->rx_over_errors, b->rx_over_errors);
	ret->collisions = count_more(s->collisions, b->collisions);
	ret->cleared = d->was_cleared ? now - d->cleared_at : -1;
}

void
linux_traffic_clear(struct host *host, const char *interface)
{
	struct linux_host *h = (struct linux_host *)host;
	struct rtnl_links links = rtnl_links(h);

	for (size_t i = 0; i < h->n_devices; i++) {
		struct linux_device *d = &h->devices[i];
		const struct rtnl_link *l = rtnl_link_by_device(&links, d->device);

		if (!l || (interface && strcmp(interface, d->name)))
			continue;
		d->base = l->stats;
		d->was_cleared = true;
		d->cleared_at = linux_now();
	}
	free(links.at);
}

const struct host_neighbor *
linux_neighbors(struct host *host, struct arena *a, size_t *ret_n)
{
	struct linux_host *h = (struct linux_host *)host;
	struct rtnl_links links = rtnl_links(h);
	struct rtnl_neighbors list = rtnl_neighbors(h);
	struct host_neighbor *ret = arena_alloc(a, (list.n + 1) * sizeof(*ret));
	size_t n = 0;

	for (size_t i = 0; i < list.n; i++) {
		const struct rtnl_neighbor *x = &list.at[i];
		const struct rtnl_link *l = rtnl_link_by_index(&links, x->index);
		const char *name = l ? linux_name_of(h, l->device) : NULL;

		if (!name || x->state & NUD_NOARP)
			continue;
		ret[n] =
		    (struct host_neighbor){.addr = x->addr,
		                           .resolved = !(x->state & (NUD_INCOMPLETE | NUD_FAILED)),
		                           .permanent = x->state & NUD_PERMANENT,
		                           .age = x->age,
		                           .interface = arena_strdup(a, name)};
		memcpy(ret[n++].mac, x->mac, sizeof(x->mac));
	}
	free(links.at);
	free(list.at);
	*ret_n = n;
	return ret;
}
