/* SPDX-License-Identifier: Apache-2.0 */
/* What may be seen of the filter, and cleared. */
#include <stdlib.h>
#include <string.h>

#include "runtime/filter/filter_priv.h"

static const char *const reasons[FILTER_REASONS] = {
    [FILTER_PASS] = "",
    [FILTER_RULE] = "(acl-drop) Flow is denied by configured rule",
    [FILTER_IMPLICIT] = "(acl-drop) Flow is denied by configured rule",
    [FILTER_LEVEL] = "(acl-drop) Flow is denied by configured rule",
    [FILTER_SAME] = "(acl-drop) Flow is denied by configured rule",
    [FILTER_NAMELESS] = "(ifc-not-cfg) Interface not configured",
    [FILTER_NOT_SYN] = "(tcp-not-syn) First TCP packet not SYN",
    [FILTER_FULL] = "(conn-limit) Connection limit reached",
    [FILTER_FRAGMENT] = "(fragment-reassembly-failed) Fragment reassembly failed",
    [FILTER_NO_ROUTE] = "(no-route) No route to host",
    [FILTER_NOT_HERE] = "(acl-drop) Flow is denied by configured rule",
};

const char *
filter_reason_text(enum filter_reason reason)
{
	return reasons[reason];
}

/* --- showing ---------------------------------------------------------------------------------- */

static struct filter_acl *
acl_named(const struct filter *f, const char *acl)
{
	for (size_t i = 0; i < f->n_acls; i++)
		if (strcmp(f->acls[i].acl->name, acl) == 0)
			return &f->acls[i];
	return NULL;
}

const uint64_t *
filter_counters(const struct filter *f, const char *acl, size_t *ret_n)
{
	const struct filter_acl *a = acl_named(f, acl);

	*ret_n = a ? a->acl->n_aces : 0;
	return a ? a->hits : NULL;
}

void
filter_set_count(struct filter *f, size_t acl, size_t entry, uint64_t packets)
{
	if (acl < f->n_acls && entry < f->acls[acl].acl->n_aces)
		f->acls[acl].hits[entry] = packets;
}

static struct filter_conn
snap_conn(const struct filter *f, const struct conn *c, struct arena *a, msec now)
{
	const struct policy_interface *in = &f->policy->interfaces[c->in],
				      *out = &f->policy->interfaces[c->out];
	struct filter_conn s = {.id = c->id,
	                        .state = c->state,
	                        .proto = c->key.proto,
	                        .in = arena_strdup(a, in->nameif),
	                        .out = arena_strdup(a, out->nameif),
	                        .inbound = c->inbound,
	                        .src = c->key.src,
	                        .dst = c->key.dst,
	                        .sport = c->key.sport,
	                        .dport = c->key.proto == PROTO_ICMP ? 0 : c->key.dport,
	                        .idle = now - c->last,
	                        .age = now - c->begun,
	                        .packets = c->packets,
	                        .bytes = c->bytes};

	conn_flags(c, s.flags);
	return s;
}

static int
by_id(const void *a, const void *b)
{
	const struct filter_conn *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

const struct filter_conn *
filter_conns(const struct filter *f, struct arena *a, msec now, size_t *ret_n)
{
	struct filter_conn *list = arena_alloc(a, f->conns.n * sizeof(*list));
	size_t n = 0;

	for (int s = 0; s < FILTER_CONN_STATES; s++)
		for (const struct conn *c = f->conns.lists[s].first; c; c = c->after)
			if (now - c->last < filter_timeouts[s])
				list[n++] = snap_conn(f, c, a, now);
	qsort(list, n, sizeof(*list), by_id);
	*ret_n = n;
	return n ? list : NULL;
}

size_t
filter_conn_count(const struct filter *f)
{
	return f->conns.n;
}

static size_t
counters_clear(struct filter *f, const char *acl)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_acls; i++)
		if (!acl || strcmp(f->acls[i].acl->name, acl) == 0) {
			memset(f->acls[i].hits, 0,
			       f->acls[i].acl->n_aces * sizeof(*f->acls[i].hits));
			n++;
		}
	return n;
}

size_t
filter_clear(struct filter *f, enum filter_clear what, const char *acl, msec now)
{
	const size_t n = f->conns.n;
	struct conn *c;

	if (what == FILTER_CLEAR_COUNTERS)
		return counters_clear(f, acl);
	for (int s = 0; s < FILTER_CONN_STATES; s++)
		while ((c = f->conns.lists[s].first)) {
			filter_log_teardown(f, c, "Connection cleared", now);
			conn_remove(&f->conns, c);
		}
	return n;
}
