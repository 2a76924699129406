/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The userspace dataplane: groups, the ports they are bound to, and what becomes of a packet. See
 * esp.h. A set builds everything new beside what runs and swaps at the end; SAs that stay keep
 * their numbers, windows and counters.
 *
 * RFC 4301 4.4.1 (policy by first match), 5.2 (inbound checks), RFC 5374 3 and 4 (group SAs).
 */
#include "runtime/dataplane/esp/esp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/path.h"
#include "runtime/crypto/random.h"
#include "runtime/dataplane/door.h"
#include "runtime/dataplane/esp/esp_sa.h"

#define SPI_BUCKETS   256        /* power of two */
#define TELL_PACE     SECONDS(1) /* an SPI that is unknown is told once in it, */
#define TELL_MAX      20         /* and so many of a group */
#define FLOW_CACHE    256        /* power of two */
#define RETIRED_MAX   64
#define LOG_INTERVAL  SECONDS(60) /* one line of a kind, as the vendor's routers do */
#define CONN_ID_FIRST 2001

struct entry {
	struct selector selector; /* of what leaves */
	struct selector inbound; /* of what enters; the node's own are exchanged (dp_entry.local) */
	uint32_t sa;
	bool local; /* holds on one of the group's bindings alone */
	size_t binding;
	const struct group *group;
	struct esp_sa *out; /* what encrypts it; NULL: no key, or a deny */
	struct dp_entry_stat stat;
};

struct binding {
	char *interface;
	uint32_t seq;
	enum df_bit df;
};

struct group {
	struct group *next;
	char *name;
	struct binding *bindings;
	size_t n_bindings;
	enum sa_direction direction;
	uint16_t rekey_port;
	struct entry *entries;
	size_t n_entries;
	struct esp_sa **sas; /* oldest first */
	size_t n_sas;
	uint64_t invalid_spi;
	struct {
		uint32_t spi;
		msec at;
	} told[TELL_MAX]; /* which SPIs were told to be unknown, and when */
};

struct port_group {
	struct group *group;
	uint32_t seq;
	size_t binding; /* its place among the group's */
};

struct cached { /* the last answer for a flow */
	uint64_t generation;
	struct flow flow;
	const struct esp_sa *sa; /* asked on behalf of this SA; NULL: of the policy */
	bool in;
	struct entry *entry;
};

struct esp_port {
	struct esp_port *next;
	struct esp *esp;
	char *interface;
	uint32_t vrf;
	struct port_group *groups; /* by seq; only those with entries */
	size_t n_groups;
	enum df_bit df;
	struct door *door; /* of the interface; NULL: none */
	struct cached cache[FLOW_CACHE];
};

/*
 * The numbers of an SA that is gone. Its key may come back: a member was cleared and registers
 * again within the key's life. Counting goes on then; otherwise every receiver would refuse the
 * numbers that were used before, and this node would take old packets that somebody replays.
 */
struct retired {
	uint32_t spi; /* 0: free */
	uint32_t seq, window;
	struct esp_senders senders;
};

#define NUMBERS 65536 /* reserved at a time */

enum note { NOTE_CLEAR, NOTE_SPI, NOTE_MAC, NOTE_REPLAY, NOTE_TIME, NOTE_COUNT };

struct esp {
	struct dataplane base;
	const struct log_sink *log;
	struct dp_events events;
	struct counters *counters; /* NULL: none */
	struct esp_iv iv;
	struct group *groups;
	struct esp_port *ports;
	struct doors doors;
	struct esp_sa *spis[SPI_BUCKETS];
	struct retired retired[RETIRED_MAX];
	size_t next_retired;
	uint64_t generation; /* of the policy; what is cached under another is void */
	uint32_t next_conn_id;
	uint16_t next_id; /* IPv4 identification of outer headers */
	msec noted[NOTE_COUNT];
};

/* --- SAs by SPI ------------------------------------------------------------------------------- */

static struct esp_sa **
spi_bucket(struct esp *e, uint32_t spi)
{
	return &e->spis[(spi ^ spi >> 8 ^ spi >> 16 ^ spi >> 24) & (SPI_BUCKETS - 1)];
}

static void
spi_link(struct esp *e, struct esp_sa *s)
{
	struct esp_sa **b = spi_bucket(e, s->spi);

	s->next = *b;
	*b = s;
}

static void
spi_unlink(struct esp *e, struct esp_sa *s)
{
	struct esp_sa **b = spi_bucket(e, s->spi);

	while (*b != s)
		b = &(*b)->next;
	*b = s->next;
}

static void
sa_retire(struct esp *e, struct esp_sa *s)
{
	struct retired *r = &e->retired[e->next_retired];

	e->next_retired = (e->next_retired + 1) % RETIRED_MAX;
	esp_senders_free(&r->senders);
	*r = (struct retired){s->spi, s->seq, s->window, s->senders};
	if (s->counter)
		counter_settle(e->counters, s->counter, s->seq, s->limit);
	s->senders = (struct esp_senders){.n = 0};
	spi_unlink(e, s);
	esp_sa_free(s);
}

/* The SA counts on behind the numbers that were reserved under its key, whoever reserved them. */
static void
sa_number(struct esp *e, struct esp_sa *s, const struct dp_sa *d)
{
	if (!e->counters)
		return;
	s->counter = counters_find(e->counters, d);
	s->seq = s->limit = counter_last(s->counter);
}

static void
sa_revive(struct esp *e, struct esp_sa *s)
{
	struct retired *r;

	for (r = e->retired; r < e->retired + RETIRED_MAX; r++) {
		if (r->spi != s->spi)
			continue;
		s->seq = r->seq;
		if (r->window == s->window) {
			s->senders = r->senders;
			r->senders = (struct esp_senders){.n = 0};
		}
		esp_senders_free(&r->senders);
		*r = (struct retired){0};
		return;
	}
}

/* --- ports ------------------------------------------------------------------------------------ */

static int
port_group_order(const void *x, const void *y)
{
	const struct port_group *a = x, *b = y;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void
port_bind(struct esp_port *port)
{
	size_t capacity = 0, i;
	struct group *g;

	free(port->groups);
	port->groups = NULL;
	port->n_groups = 0;
	port->df = DF_COPY;
	port->door = doors_at(&port->esp->doors, port->interface);
	for (g = port->esp->groups; g; g = g->next)
		for (i = 0; i < g->n_bindings && g->n_entries; i++) {
			if (strcmp(g->bindings[i].interface, port->interface) != 0)
				continue;
			x_grow(&port->groups, &capacity, port->n_groups + 1, sizeof(*port->groups));
			port->groups[port->n_groups++] =
			    (struct port_group){g, g->bindings[i].seq, i};
			port->df = g->bindings[i].df;
		}
	if (port->n_groups)
		qsort(port->groups, port->n_groups, sizeof(*port->groups), port_group_order);
}

static void
ports_bind(struct esp *e)
{
	struct esp_port *port;

	e->generation++;
	for (port = e->ports; port; port = port->next)
		port_bind(port);
}

void
esp_tell(struct dataplane *dp, const struct dp_events *events)
{
	((struct esp *)dp)->events = *events;
}

struct esp_port *
esp_port(struct dataplane *dp, const char *interface)
{
	struct esp *e = (struct esp *)dp;
	struct esp_port *port;

	for (port = e->ports; port; port = port->next)
		if (strcmp(port->interface, interface) == 0)
			return port;
	port = x_alloc(sizeof(*port));
	port->esp = e;
	port->interface = x_strdup(interface);
	port->next = e->ports;
	e->ports = port;
	port_bind(port);
	return port;
}

void
esp_port_vrf(struct esp_port *port, uint32_t vrf)
{
	port->vrf = vrf;
}

bool
esp_port_active(const struct esp_port *port)
{
	return port->n_groups > 0 || (port->door && !port->door->open);
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct group *
group_find(struct esp *e, const char *name)
{
	struct group *g;

	for (g = e->groups; g && strcmp(g->name, name) != 0; g = g->next)
		;
	return g;
}

static void
bindings_free(struct group *g)
{
	size_t i;

	for (i = 0; i < g->n_bindings; i++)
		free(g->bindings[i].interface);
	free(g->bindings);
}

static void
bindings_set(struct group *g, const struct dp_group *d)
{
	size_t i;

	bindings_free(g);
	g->n_bindings = d->n_bindings;
	g->bindings = x_alloc(d->n_bindings * sizeof(*g->bindings));
	for (i = 0; i < d->n_bindings; i++) {
		g->bindings[i].interface = x_strdup(d->bindings[i].interface);
		g->bindings[i].seq = d->bindings[i].seq;
		g->bindings[i].df = d->bindings[i].df;
	}
}

/* The newest SA of a policy that may send. */
static struct esp_sa *
sender_of(const struct group *g, uint32_t sa)
{
	size_t i;

	for (i = g->n_sas; i-- > 0;)
		if (g->sas[i]->sa == sa && g->sas[i]->send)
			return g->sas[i];
	return NULL;
}

static void
entries_set(struct group *g, const struct dp_group *d)
{
	struct entry *entries = x_alloc(d->n_entries * sizeof(*entries));
	size_t i, k;

	for (i = 0; i < d->n_entries; i++) {
		struct entry *n = &entries[i];

		n->selector = d->entries[i].selector;
		n->inbound = d->entries[i].local ? selector_reverse(&n->selector) : n->selector;
		n->sa = d->entries[i].sa;
		n->local = d->entries[i].local;
		n->binding = d->entries[i].binding;
		n->group = g;
		n->out = n->selector.permit ? sender_of(g, n->sa) : NULL;
		for (k = 0; k < g->n_entries; k++)
			if (selector_equal(&g->entries[k].selector, &n->selector) &&
			    g->entries[k].sa == n->sa) {
				n->stat = g->entries[k].stat;
				break;
			}
	}
	free(g->entries);
	g->entries = entries;
	g->n_entries = d->n_entries;
}

static void
group_clear(struct esp *e, struct group *g)
{
	struct group **at = &e->groups;
	size_t i;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	for (i = 0; i < g->n_sas; i++)
		sa_retire(e, g->sas[i]);
	free(g->sas);
	free(g->entries);
	bindings_free(g);
	free(g->name);
	free(g);
}

static struct esp_sa *
sa_find(const struct group *g, const struct dp_sa *d)
{
	size_t i;

	for (i = 0; g && i < g->n_sas; i++)
		if (esp_sa_is(g->sas[i], d))
			return g->sas[i];
	return NULL;
}

/* The SAs as asked for: those that run already, and new ones. False: some cannot be made. */
static bool
sas_build(const struct group *g, const struct dp_group *d, struct esp_sa **ret_sas, bool *fresh)
{
	size_t i, k;

	for (i = 0; i < d->n_sas; i++) {
		for (k = 0; k < i; k++)
			if (d->sas[k].spi == d->sas[i].spi)
				break;
		ret_sas[i] = k == i ? sa_find(g, &d->sas[i]) : NULL;
		fresh[i] = !ret_sas[i];
		if (fresh[i] && k == i)
			ret_sas[i] = esp_sa_new(&d->sas[i]);
		if (!ret_sas[i] || !esp_sa_fits(&d->sas[i]))
			break;
	}
	if (i == d->n_sas)
		return true;
	for (k = 0; k <= i; k++)
		if (fresh[k])
			esp_sa_free(ret_sas[k]);
	return false;
}

/* Puts the new SAs in the place of the old ones. Nothing here can fail. */
static void
sas_swap(struct esp *e, struct group *g, const struct dp_group *d, struct esp_sa **sas,
         const bool *fresh)
{
	size_t i, k;

	for (i = 0; i < g->n_sas; i++) {
		for (k = 0; k < d->n_sas && sas[k] != g->sas[i]; k++)
			;
		if (k == d->n_sas)
			sa_retire(e, g->sas[i]);
	}
	free(g->sas);
	g->sas = x_alloc(d->n_sas * sizeof(struct esp_sa *));
	g->n_sas = d->n_sas;
	for (i = 0; i < d->n_sas; i++) {
		g->sas[i] = sas[i];
		esp_sa_update(sas[i], &d->sas[i]);
		if (!fresh[i])
			continue;
		sas[i]->group = g;
		sas[i]->conn_id = e->next_conn_id++;
		sa_revive(e, sas[i]);
		sa_number(e, sas[i], &d->sas[i]);
		spi_link(e, sas[i]);
	}
}

static int
op_set(struct dataplane *dp, const struct dp_group *d)
{
	struct esp *e = (struct esp *)dp;
	struct group *g = group_find(e, d->name);
	struct esp_sa *sas[DP_SAS_MAX];
	bool fresh[DP_SAS_MAX];

	if (d->n_sas > DP_SAS_MAX || d->n_entries > DP_SELECTORS_MAX)
		return -E2BIG;
	if (!sas_build(g, d, sas, fresh))
		return -EINVAL;
	if (!g) {
		g = x_alloc(sizeof(*g));
		g->name = x_strdup(d->name);
		g->next = e->groups;
		e->groups = g;
	}
	sas_swap(e, g, d, sas, fresh);
	g->direction = d->direction;
	g->rekey_port = d->rekey_port;
	entries_set(g, d);
	bindings_set(g, d);
	ports_bind(e);
	return 0;
}

static void
op_clear(struct dataplane *dp, const char *name)
{
	struct esp *e = (struct esp *)dp;
	struct group *g = group_find(e, name);

	if (!g)
		return;
	group_clear(e, g);
	ports_bind(e);
}

static bool
op_stat(struct dataplane *dp, const char *name, struct dp_stat *ret)
{
	const struct group *g = group_find((struct esp *)dp, name);
	size_t i;

	if (!g)
		return false;
	ret->n_sas = g->n_sas;
	for (i = 0; i < g->n_sas; i++)
		ret->sas[i] = g->sas[i]->stat;
	ret->n_entries = g->n_entries;
	for (i = 0; i < g->n_entries; i++)
		ret->entries[i] = g->entries[i].stat;
	ret->invalid_spi = g->invalid_spi;
	return true;
}

static int
op_doors(struct dataplane *dp, const struct dp_door *doors, size_t n)
{
	struct esp *e = (struct esp *)dp;

	doors_set(&e->doors, doors, n);
	ports_bind(e);
	return 0;
}

static bool
op_door_stat(struct dataplane *dp, const char *map, struct dp_door_stat *ret)
{
	const struct door *door = doors_find(&((struct esp *)dp)->doors, map);

	if (door)
		*ret = door->stat;
	return door != NULL;
}

static void
op_close(struct dataplane *dp)
{
	struct esp *e = (struct esp *)dp;
	struct esp_port *port;
	size_t i;

	while (e->groups)
		group_clear(e, e->groups);
	while ((port = e->ports)) {
		e->ports = port->next;
		free(port->groups);
		free(port->interface);
		free(port);
	}
	for (i = 0; i < RETIRED_MAX; i++)
		esp_senders_free(&e->retired[i].senders);
	doors_fini(&e->doors);
	esp_iv_fini(&e->iv);
	free(e);
}

void
esp_count_by(struct dataplane *dp, struct counters *counters)
{
	((struct esp *)dp)->counters = counters;
}

struct dataplane *
esp_new(const struct log_sink *log)
{
	static const struct dataplane_ops ops = {
	    .set = op_set,
	    .clear = op_clear,
	    .stat = op_stat,
	    .doors = op_doors,
	    .door_stat = op_door_stat,
	    .close = op_close,
	};
	struct esp *e = x_alloc(sizeof(*e));
	size_t i;

	e->base.ops = &ops;
	e->log = log;
	e->generation = 1;
	e->next_conn_id = CONN_ID_FIRST;
	crypto_random(&e->next_id, sizeof(e->next_id));
	for (i = 0; i < NOTE_COUNT; i++)
		e->noted[i] = -LOG_INTERVAL;
	esp_iv_init(&e->iv);
	return &e->base;
}

/* --- what a packet comes to ------------------------------------------------------------------- */

static bool
flow_equal(const struct flow *a, const struct flow *b)
{
	return a->src == b->src && a->dst == b->dst && a->proto == b->proto &&
	       a->sport == b->sport && a->dport == b->dport && a->fragment == b->fragment;
}

/* A member's own deny holds where the crypto map that names it is applied. */
static bool
entry_applies(const struct entry *e, const struct port_group *at)
{
	return !e->local || e->binding == at->binding;
}

/*
 * The permit that takes the flow. A deny ends its group only: the crypto map's next entry is asked
 * then, as the vendor's default `ipv4-deny jump` has it.
 */
static struct entry *
policy_search(const struct esp_port *port, const struct flow *f, bool in)
{
	size_t i, k;

	for (i = 0; i < port->n_groups; i++) {
		struct group *g = port->groups[i].group;

		if (in ? g->direction != SA_BOTH : g->direction == SA_INBOUND_ONLY)
			continue; /* protects nothing this way; another group may */
		for (k = 0; k < g->n_entries; k++)
			if (entry_applies(&g->entries[k], &port->groups[i]) &&
			    selector_match(in ? &g->entries[k].inbound : &g->entries[k].selector,
			                   f))
				break;
		if (k < g->n_entries && g->entries[k].selector.permit)
			return &g->entries[k];
	}
	return NULL;
}

/* The permit of this SA's own policy that lets the flow in (RFC 4301 5.2 step 4). */
static struct entry *
sa_search(const struct esp_sa *s, const struct flow *f)
{
	const struct group *g = s->group;
	size_t k;

	for (k = 0; k < g->n_entries; k++)
		if (g->entries[k].selector.permit && g->entries[k].sa == s->sa &&
		    selector_match(&g->entries[k].selector, f))
			return &g->entries[k];
	return NULL;
}

static struct entry *
entry_lookup(struct esp_port *port, const struct esp_sa *s, const struct flow *f, bool in)
{
	uint32_t h = f->src * 0x9e3779b1u ^ f->dst * 0x85ebca6bu ^ f->sport ^
	             (uint32_t)f->dport << 16 ^ f->proto ^ (s ? s->spi : 0);
	struct cached *c = &port->cache[(h ^ h >> 16) & (FLOW_CACHE - 1)];

	if (c->generation == port->esp->generation && c->sa == s && c->in == in &&
	    flow_equal(&c->flow, f))
		return c->entry;
	*c = (struct cached){port->esp->generation, *f, s, in,
	                     s ? sa_search(s, f) : policy_search(port, f, in)};
	return c->entry;
}

/*
 * Is it GDOI, by the port at this node's end? The caller knows whether this node is an end of it at
 * all.
 */
static bool
is_gdoi(const struct esp_port *port, const struct flow *f, bool in)
{
	uint16_t own = in ? f->dport : f->sport;

	if (f->proto != PROTO_UDP || !own)
		return false;
	for (size_t i = 0; i < port->n_groups; i++)
		if (port->groups[i].group->rekey_port == own)
			return true;
	return own == GDOI_PORT;
}

/* May a line of this kind be written now? */
static bool
may_note(struct esp *e, enum note kind, msec now)
{
	if (now - e->noted[kind] < LOG_INTERVAL)
		return false;
	e->noted[kind] = now;
	return true;
}

/* --- out -------------------------------------------------------------------------------------- */

/* The DF bit that the packet will have. In transport mode its header stays. */
static bool
outer_df(const struct esp_port *port, const struct esp_sa *s, const struct ip4 *h)
{
	return s->transport || port->df == DF_COPY ? h->df : port->df == DF_SET;
}

static enum esp_verdict
encrypt_packet(struct esp_port *port, struct entry *entry, struct packet *pkt, size_t mtu,
               size_t *ret_mtu, msec now)
{
	struct esp *e = port->esp;
	struct ip4 *h = &pkt->ip4;
	bool df;
	struct esp_sa *s = entry->out;
	size_t n = pkt->n;

	if (!s || (s->counter && s->seq >= s->limit &&
	           !counter_reserve(e->counters, s->counter, NUMBERS, &s->seq, &s->limit, now))) {
		entry->stat.send_errors++;
		return ESP_DROP;
	}
	df = outer_df(port, s, h);
	if (df && esp_sa_size(s, h->header, n) > mtu) {
		*ret_mtu = esp_sa_inner_mtu(s, h->header, mtu);
		return ESP_TOO_BIG;
	}
	h->df = df;
	if (!esp_sa_encrypt(s, &e->iv, pkt, e->next_id, now)) {
		entry->stat.send_errors++;
		s->stat.other_errors++;
		return ESP_DROP;
	}
	e->next_id++;
	s->stat.out_packets++;
	s->stat.out_bytes += n;
	entry->stat.out_packets++;
	return ESP_DONE;
}

enum esp_verdict
esp_output(struct esp_port *port, struct packet *pkt, bool own, size_t mtu, size_t *ret_mtu,
           msec now)
{
	struct entry *entry;

	if (!esp_port_active(port))
		return ESP_PASS;
	if (!packet_read(pkt) || !pkt->has_flow)
		return ESP_DROP;
	if (own && is_gdoi(port, &pkt->flow, false))
		return ESP_PASS;
	entry = entry_lookup(port, NULL, &pkt->flow, false);
	if (entry)
		return encrypt_packet(port, entry, pkt, mtu, ret_mtu, now);
	return door_drops(port->door, &pkt->flow, false) ? ESP_DROP : ESP_PASS;
}

/* --- in --------------------------------------------------------------------------------------- */

/* The SA of an SPI among the groups bound here. */
static struct esp_sa *
spi_find(const struct esp_port *port, uint32_t spi)
{
	struct esp_sa *s;
	size_t i;

	for (s = *spi_bucket(port->esp, spi); s; s = s->next)
		for (i = 0; s->spi == spi && s->receive && i < port->n_groups; i++)
			if (port->groups[i].group == s->group)
				return s;
	return NULL;
}

/* Does the group's policy protect traffic between these addresses, whatever protocol is inside? */
static bool
protects_flow(const struct group *g, const struct flow *f)
{
	for (size_t k = 0; k < g->n_entries; k++) {
		const struct selector *s = &g->entries[k].inbound;

		if (s->permit && !((s->src ^ f->src) & s->src_mask) &&
		    !((s->dst ^ f->dst) & s->dst_mask))
			return true;
		if (!s->permit && selector_match(s, f))
			return false;
	}
	return false;
}

/* Whoever floods us under one SPI takes one place: others are told all the same. */
static void
tell_unknown(struct esp *e, struct group *g, uint32_t spi, msec now)
{
	size_t free_at = TELL_MAX;

	if (!e->events.unknown_spi)
		return;
	for (size_t i = 0; i < TELL_MAX; i++) {
		bool recent = g->told[i].at && now - g->told[i].at < TELL_PACE;

		if (recent && g->told[i].spi == spi)
			return;
		if (!recent)
			free_at = i;
	}
	if (free_at == TELL_MAX)
		return;
	g->told[free_at].spi = spi;
	g->told[free_at].at = now;
	e->events.unknown_spi(e->events.arg, g->name, spi);
}

/*
 * ESP under an SPI that we do not know. Other nodes' ESP passes through. But between addresses
 * whose traffic our policy protects it was meant for us: it is dropped.
 */
static enum esp_verdict
unknown_spi(struct esp_port *port, const struct flow *f, uint32_t spi, bool own, msec now)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	bool ours = own;
	size_t i;

	for (i = 0; i < port->n_groups; i++) {
		struct group *g = port->groups[i].group;

		if (!protects_flow(g, f))
			continue;
		ours = true;
		tell_unknown(port->esp, g, spi, now);
	}
	if (!ours)
		return ESP_PASS;
	for (i = 0; i < port->n_groups; i++)
		port->groups[i].group->invalid_spi++;
	if (may_note(port->esp, NOTE_SPI, now))
		LOG(port->esp->log, RECVD_PKT_INV_SPI, addr_text(f->dst, dst), spi,
		    addr_text(f->src, src));
	return ESP_DROP;
}

static void
log_time(const struct esp *e, const struct esp_sa *s, uint32_t from, const struct esp_seen *seen)
{
	const struct group *g = s->group;
	char src[ADDR_TEXT_MAX];

	LOG(e->log, TIMEBASED_REPLAY_FAILED, g->name, addr_text(from, src),
	    (unsigned long long)(seen->mine / 1000), (unsigned)(seen->mine % 1000 / 10),
	    (unsigned long long)(seen->peer / 1000), (unsigned)(seen->peer % 1000 / 10),
	    s->time_window);
}

static enum esp_verdict
refuse_packet(struct esp *e, struct esp_sa *s, enum esp_open why, uint32_t from,
              const struct esp_seen *seen, msec now)
{
	switch (why) {
	case ESP_OPEN_TIME:
		s->stat.replay_drops++;
		if (may_note(e, NOTE_TIME, now))
			log_time(e, s, from, seen);
		break;
	case ESP_OPEN_REPLAY:
		s->stat.replay_drops++;
		if (may_note(e, NOTE_REPLAY, now))
			LOG(e->log, PKT_REPLAY_ERR, s->conn_id, seen->seq);
		break;
	case ESP_OPEN_MAC:
		s->stat.auth_errors++;
		if (may_note(e, NOTE_MAC, now))
			LOG(e->log, RECVD_PKT_MAC_ERR, s->conn_id, s->spi, seen->seq);
		break;
	default:
		s->stat.other_errors++;
	}
	return ESP_DROP;
}

static enum esp_verdict
decrypt_packet(struct esp_port *port, struct packet *pkt, bool own, msec now)
{
	const struct ip4 outer = pkt->ip4;
	struct esp_seen seen = {.seq = 0};
	uint32_t spi;
	struct entry *entry;
	struct esp_sa *s;
	enum esp_open opened;

	if (outer.mf || outer.offset || outer.total < outer.header + ESP_HEADER)
		return ESP_DROP;
	spi = packet_get32(packet_span(pkt).p + outer.header);
	s = spi_find(port, spi);
	if (!s)
		return unknown_spi(port, &pkt->flow, spi, own, now);
	opened = esp_sa_open(s, port->vrf, pkt, now, &seen);
	if (opened != ESP_OPENED)
		return refuse_packet(port->esp, s, opened, outer.src, &seen, now);
	/* Header preservation: a packet for other addresses than it came under is forged. */
	entry = pkt->has_flow && pkt->flow.src == outer.src && pkt->flow.dst == outer.dst
	            ? entry_lookup(port, s, &pkt->flow, true)
	            : NULL;
	if (!entry)
		return refuse_packet(port->esp, s, ESP_OPEN_BAD, outer.src, &seen, now);
	s->stat.in_packets++;
	s->stat.in_bytes += pkt->n;
	entry->stat.in_packets++;
	return ESP_DONE;
}

enum esp_verdict
esp_input(struct esp_port *port, struct packet *pkt, bool own, msec now)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	const struct flow *flow = &pkt->flow;
	struct entry *entry;

	if (!esp_port_active(port))
		return ESP_PASS;
	if (!packet_read(pkt) || !pkt->has_flow)
		return ESP_DROP;
	if (flow->proto == PROTO_ESP) {
		enum esp_verdict v = decrypt_packet(port, pkt, own, now);

		return v == ESP_PASS && door_drops(port->door, flow, true) ? ESP_DROP : v;
	}
	if (own && is_gdoi(port, flow, true))
		return ESP_PASS;
	entry = entry_lookup(port, NULL, flow, true);
	if (!entry)
		return door_drops(port->door, flow, true) ? ESP_DROP : ESP_PASS;
	entry->stat.clear_drops++;
	if (may_note(port->esp, NOTE_CLEAR, now))
		LOG(port->esp->log, RECVD_PKT_NOT_IPSEC, addr_text(flow->dst, dst),
		    addr_text(flow->src, src), flow->proto);
	return ESP_DROP;
}
