/* SPDX-License-Identifier: Apache-2.0 */
/* Fragmentation and reassembly: see frag.h. */
#include "runtime/host/frag.h"

#include <stdlib.h>
#include <string.h>

#define UNITS_MAX ((IP4_PACKET_MAX + 1) / 8)

struct datagram {
	struct ip4 key; /* src, dst, id, proto of any of its fragments */
	msec since;
	bool used, bad;
	bool have_first;
	size_t total;                 /* octets of data; 0: the last fragment is not here yet */
	size_t got;                   /* octets of data */
	uint8_t head[60];             /* of the first fragment */
	uint8_t *data;                /* IP4_PACKET_MAX octets */
	uint8_t units[UNITS_MAX / 8]; /* which eight octets are here */
};

struct frag_table {
	struct datagram datagrams[FRAG_DATAGRAMS_MAX];
	uint8_t *whole; /* what frag_add gave out */
};

void
frag_cut(struct span packet, size_t mtu, void (*emit)(void *arg, struct span bytes), void *arg)
{
	uint8_t *piece = x_alloc(mtu);
	size_t header = (size_t)(packet.p[0] & 15) * 4, data = packet.n - header, at, step;
	uint16_t flags = packet_get16(packet.p + 6);

	step = mtu > header + 8 ? (mtu - header) & ~(size_t)7 : 0;
	for (at = 0; step && at < data; at += step) {
		size_t n = data - at < step ? data - at : step;
		bool more = at + n < data || (flags & IP4_MF);

		memcpy(piece, packet.p, header);
		memcpy(piece + header, packet.p + header + at, n);
		packet_put16(piece + 2, (uint16_t)(header + n));
		packet_put16(piece + 6, (uint16_t)((flags & IP4_DF) | (more ? IP4_MF : 0) |
		                                   ((flags & IP4_OFFSET) + at / 8)));
		ip4_refresh(piece);
		emit(arg, SPAN(piece, header + n));
	}
	free(piece);
}

struct frag_table *
frag_table_new(void)
{
	return x_alloc(sizeof(struct frag_table));
}

static void
datagram_drop(struct datagram *d)
{
	free(d->data);
	memset(d, 0, sizeof(*d));
}

void
frag_table_free(struct frag_table *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < FRAG_DATAGRAMS_MAX; i++)
		datagram_drop(&t->datagrams[i]);
	free(t->whole);
	free(t);
}

/* The datagram a fragment belongs to; a new one takes a free place or the oldest. */
static struct datagram *
datagram_of(struct frag_table *t, const struct ip4 *h, msec now)
{
	struct datagram *d, *place = t->datagrams;

	for (d = t->datagrams; d < t->datagrams + FRAG_DATAGRAMS_MAX; d++) {
		if (d->used && now - d->since > FRAG_TIMEOUT)
			datagram_drop(d);
		if (d->used && d->key.src == h->src && d->key.dst == h->dst && d->key.id == h->id &&
		    d->key.proto == h->proto)
			return d;
		if (place->used && (!d->used || d->since < place->since))
			place = d;
	}
	datagram_drop(place);
	place->used = true;
	place->key = *h;
	place->since = now;
	place->data = x_alloc(IP4_PACKET_MAX);
	return place;
}

/* Marks the units that n octets at `at` fill: -1 when some were there and some not. */
static int
units_mark(struct datagram *d, size_t at, size_t n)
{
	size_t i, first = at / 8, last = (at + n + 7) / 8, have = 0;

	for (i = first; i < last; i++)
		have += d->units[i / 8] >> i % 8 & 1;
	if (have)
		return have == last - first ? 0 : -1;
	for (i = first; i < last; i++)
		d->units[i / 8] |= (uint8_t)(1 << i % 8);
	return 1;
}

/* False when the fragment contradicts what is there. */
static bool
datagram_take(struct datagram *d, struct span packet, const struct ip4 *h)
{
	size_t n = (size_t)h->total - h->header;
	int fresh;

	if (n == 0 || (h->mf && n % 8) || h->offset + n > IP4_PACKET_MAX - sizeof(d->head))
		return false;
	if (d->total && (h->offset + n > d->total || (!h->mf && h->offset + n != d->total)))
		return false;
	fresh = units_mark(d, h->offset, n);
	if (fresh <= 0)
		return fresh == 0; /* a repeat is no harm */
	if (!h->mf) {
		d->total = h->offset + n;
		if (d->got + n > d->total)
			return false;
	}
	if (h->offset == 0) {
		memcpy(d->head, packet.p, h->header);
		d->have_first = true;
	}
	memcpy(d->data + h->offset, packet.p + h->header, n);
	d->got += n;
	return !d->total || d->got <= d->total;
}

bool
frag_add(struct frag_table *t, struct span packet, const struct ip4 *h, msec now, struct span *ret)
{
	struct datagram *d = datagram_of(t, h, now);
	size_t header, n;

	if (d->bad)
		return false;
	if (!datagram_take(d, packet, h)) {
		d->bad = true; /* stays as a marker, so that the rest of it is refused too */
		return false;
	}
	if (!d->total || d->got != d->total || !d->have_first)
		return false;
	header = (size_t)(d->head[0] & 15) * 4;
	n = header + d->total;
	free(t->whole);
	t->whole = x_alloc(n);
	memcpy(t->whole, d->head, header);
	memcpy(t->whole + header, d->data, d->total);
	packet_put16(t->whole + 2, (uint16_t)n);
	packet_put16(t->whole + 6, packet_get16(t->whole + 6) & IP4_DF);
	ip4_refresh(t->whole);
	datagram_drop(d);
	*ret = SPAN(t->whole, n);
	return true;
}
