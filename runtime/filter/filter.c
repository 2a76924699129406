/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a packet, and what is remembered of it: see filter.h. */
#include "runtime/filter/filter.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/filter/filter_priv.h"

/* --- life ------------------------------------------------------------------------------------- */

struct filter *
filter_new(const struct log_sink *log, uint64_t seed)
{
	struct filter *f = x_alloc(sizeof(*f));

	f->log = log;
	conn_table_init(&f->conns, seed);
	return f;
}

static void
acls_free(struct filter_acl *acls, size_t n)
{
	while (n--)
		filter_acl_fini(&acls[n]);
	free(acls);
}

void
filter_free(struct filter *f)
{
	if (!f)
		return;
	acls_free(f->acls, f->n_acls);
	conn_table_fini(&f->conns);
	free(f);
}

void
filter_limit(struct filter *f, size_t conns)
{
	f->conns.limit = conns;
}

/* --- a new policy ----------------------------------------------------------------------------- */

/* The list of that name, most often at or behind `at`. */
static const struct filter_acl *
acl_named(const struct filter *f, const char *name, size_t at)
{
	if (at < f->n_acls && strcmp(f->acls[at].acl->name, name) == 0)
		return &f->acls[at];
	for (size_t i = 0; i < f->n_acls; i++)
		if (strcmp(f->acls[i].acl->name, name) == 0)
			return &f->acls[i];
	return NULL;
}

static void
acls_apply(struct filter *f, const struct policy *p)
{
	struct filter_acl *fresh = x_alloc(p->n_acls * sizeof(*fresh));
	size_t at = 0;

	for (size_t i = 0; i < p->n_acls; i++) {
		const struct filter_acl *old = acl_named(f, p->acls[i].name, at);

		filter_acl_init(&fresh[i], &p->acls[i]);
		if (!old)
			continue;
		filter_acl_inherit(&fresh[i], old);
		at = (size_t)(old - f->acls) + 1;
	}
	acls_free(f->acls, f->n_acls);
	f->acls = fresh;
	f->n_acls = p->n_acls;
}

#define GONE UINT16_MAX

/* Where each interface of the old policy stands in the new one. */
static uint16_t *
interfaces_map(const struct policy *old, const struct policy *p)
{
	uint16_t *map = x_alloc(old->n_interfaces * sizeof(*map));

	for (size_t i = 0; i < old->n_interfaces; i++) {
		const struct policy_interface *to =
		    policy_interface_find(p, old->interfaces[i].name);
		const bool on = to && to->nameif && !to->shutdown && p->firewall;

		map[i] = on ? (uint16_t)(to - p->interfaces) : GONE;
	}
	return map;
}

static void
conns_apply(struct filter *f, const struct policy *p, msec now)
{
	uint16_t *map = f->policy ? interfaces_map(f->policy, p) : NULL;
	struct conn *c, *after;

	for (int s = 0; map && s < FILTER_CONN_STATES; s++)
		for (c = f->conns.lists[s].first; c; c = after) {
			after = c->after;
			if (map[c->in] == GONE || map[c->out] == GONE) {
				filter_log_teardown(f, c, "Interface removed", now);
				conn_remove(&f->conns, c);
				continue;
			}
			c->in = map[c->in];
			c->out = map[c->out];
		}
	free(map);
}

void
filter_apply(struct filter *f, const struct policy *p, msec now)
{
	const uint64_t seed = f->conns.seed;
	const size_t limit = f->conns.limit;

	if (p) {
		conns_apply(f, p, now);
		acls_apply(f, p);
	} else {
		acls_free(f->acls, f->n_acls);
		f->acls = NULL;
		f->n_acls = 0;
		conn_table_fini(&f->conns);
		conn_table_init(&f->conns, seed);
		f->conns.limit = limit;
	}
	f->policy = p;
}

/* --- a verdict -------------------------------------------------------------------------------- */

/* What was found out about a packet; nothing has changed yet. */
struct verdict {
	struct filter_trace *trace;
	struct conn *conn; /* it belongs to */
	bool reply, create;
	struct conn_key key; /* when create */
	size_t n_hits;
	struct {
		struct filter_acl *acl;
		size_t i;
	} hits[3];
};

static struct filter_acl *
acl_of(struct filter *f, const struct policy_acl *acl)
{
	const struct policy_acl *first = f->policy ? f->policy->acls : NULL;

	return first && acl >= first && acl < first + f->n_acls ? &f->acls[acl - first] : NULL;
}

static void
trace_step(struct verdict *v, enum filter_step_kind kind, bool pass, const struct policy_acl *acl,
           const struct policy_ace *ace)
{
	struct filter_trace *t = v->trace;

	if (t->n_steps < FILTER_STEPS_MAX)
		t->steps[t->n_steps++] = (struct filter_step){kind, pass, acl, ace};
}

/* Asks one list: true when an entry of it matched; then *ret_pass is what it says. */
static bool
ask_list(struct filter *f, struct verdict *v, enum filter_step_kind kind,
         const struct policy_acl *acl, const struct flow *flow, bool *ret_pass)
{
	struct filter_acl *a = acl_of(f, acl);
	int i = a ? filter_acl_match(a, flow) : -1;

	if (i < 0)
		return false;
	v->hits[v->n_hits].acl = a;
	v->hits[v->n_hits++].i = (size_t)i;
	*ret_pass = acl->aces[i].permit;
	trace_step(v, kind, *ret_pass, acl, &acl->aces[i]);
	return true;
}

/* The lists on the way in, the interface's and then the global one; without any, the levels. */
static enum filter_reason
judge_in(struct filter *f, struct verdict *v, const struct flow *flow,
         const struct policy_interface *in, const struct policy_interface *out)
{
	const struct policy_acl *global = f->policy->acl_global;
	bool pass = in->security_level >= out->security_level;

	if (in->acl_in && ask_list(f, v, FILTER_STEP_IN, in->acl_in, flow, &pass))
		return pass ? FILTER_PASS : FILTER_RULE;
	if (global && ask_list(f, v, FILTER_STEP_GLOBAL, global, flow, &pass))
		return pass ? FILTER_PASS : FILTER_RULE;
	if (in->acl_in || global) {
		trace_step(v, global ? FILTER_STEP_GLOBAL : FILTER_STEP_IN, false,
		           global ? global : in->acl_in, NULL);
		return FILTER_IMPLICIT;
	}
	trace_step(v, FILTER_STEP_LEVEL, pass, NULL, NULL);
	return pass ? FILTER_PASS : FILTER_LEVEL;
}

static enum filter_reason
judge_out(struct filter *f, struct verdict *v, const struct flow *flow,
          const struct policy_interface *out)
{
	bool pass;

	if (!out->acl_out)
		return FILTER_PASS;
	if (ask_list(f, v, FILTER_STEP_OUT, out->acl_out, flow, &pass))
		return pass ? FILTER_PASS : FILTER_RULE;
	trace_step(v, FILTER_STEP_OUT, false, out->acl_out, NULL);
	return FILTER_IMPLICIT;
}

static uint16_t
index_of(const struct filter *f, const struct policy_interface *i)
{
	return (uint16_t)(i - f->policy->interfaces);
}

/* Finds the connection of a packet or, for an ICMP error, of the packet that it quotes. */
static bool
find_known_conn(struct filter *f, struct verdict *v, const struct filter_packet *p,
                const struct policy_interface *in, msec now)
{
	struct flow back = p->quote;
	bool reply;

	v->conn = conn_find(&f->conns, &p->flow, p->icmp_id, index_of(f, in), now, &v->reply);
	if (!v->conn && p->has_quote) {
		/*
		 * The quoted packet went the other way: it left by the interface on which the error
		 * comes in.
		 */
		for (size_t i = 0; i < f->policy->n_interfaces && !v->conn; i++) {
			v->conn =
			    conn_find(&f->conns, &back, p->quote_id, (uint16_t)i, now, &reply);
			if (v->conn && (reply ? v->conn->in : v->conn->out) != index_of(f, in))
				v->conn = NULL;
		}
		v->reply = true;
	}
	if (!v->conn)
		return false;
	v->trace->conn_id = v->conn->id;
	trace_step(v, FILTER_STEP_CONN, true, NULL, NULL);
	return true;
}

/* Interfaces that are on the same level, or that are one. */
static enum filter_reason
judge_same(struct filter *f, struct verdict *v, const struct policy_interface *in,
           const struct policy_interface *out)
{
	bool pass;

	if (in->security_level != out->security_level)
		return FILTER_PASS;
	pass = in == out ? f->policy->same_security_intra : f->policy->same_security_inter;
	trace_step(v, FILTER_STEP_SAME, pass, NULL, NULL);
	return pass ? FILTER_PASS : FILTER_SAME;
}

static enum filter_reason
judge_packet(struct filter *f, struct verdict *v, const struct filter_packet *p,
             const struct policy_interface *in, const struct policy_interface *out, msec now)
{
	enum filter_reason reason;

	if (!in->nameif || !out->nameif)
		return FILTER_NAMELESS;
	if (p->flow.fragment)
		return FILTER_FRAGMENT;
	/* Multicast has no connections: each branch of its tree is asked about each packet. */
	if (!addr_is_multicast(p->flow.dst)) {
		if (find_known_conn(f, v, p, in, now))
			return FILTER_PASS;
		v->create = conn_begins(p, &v->key);
	}
	if (p->flow.proto == PROTO_TCP && !v->create)
		return FILTER_NOT_SYN;
	reason = judge_same(f, v, in, out);
	if (reason == FILTER_PASS)
		reason = judge_in(f, v, &p->flow, in, out);
	if (reason == FILTER_PASS)
		reason = judge_out(f, v, &p->flow, out);
	if (reason != FILTER_PASS || !v->create)
		return reason;
	if (!conn_room(&f->conns))
		return FILTER_FULL;
	v->trace->conn_id = f->conns.next_id + 1;
	trace_step(v, FILTER_STEP_CREATE, true, NULL, NULL);
	return FILTER_PASS;
}

/* --- what follows from it --------------------------------------------------------------------- */

static void
conn_end(struct filter *f, struct conn *c, const char *why, msec now)
{
	filter_log_teardown(f, c, why, now);
	conn_remove(&f->conns, c);
}

static void
conn_begin(struct filter *f, const struct verdict *v, const struct filter_packet *p,
           const struct policy_interface *in, const struct policy_interface *out, msec now)
{
	struct conn *victim = conn_victim(&f->conns), *c;

	if (victim)
		conn_end(f, victim, "SYN Timeout", now);
	c = conn_add(&f->conns, &v->key, index_of(f, in), index_of(f, out), now);
	c->inbound = in->security_level <= out->security_level;
	c->icmp_code = p->flow.icmp_code;
	filter_log_built(f, c, now);
	conn_packet(&f->conns, c, p, false, now);
}

static void
hits_count(struct filter *f, const struct verdict *v, const struct filter_packet *p,
           const struct policy_interface *in, const struct policy_interface *out, msec now)
{
	for (size_t i = 0; i < v->n_hits; i++) {
		struct filter_acl *a = v->hits[i].acl;

		a->hits[v->hits[i].i]++;
		if (a->acl->aces[v->hits[i].i].log)
			filter_log_entry(f, a, v->hits[i].i, p, in, out, now);
	}
}

enum filter_reason
filter_forward(struct filter *f, const struct filter_packet *p, const struct policy_interface *in,
               const struct policy_interface *out, msec now)
{
	struct filter_trace trace = {.n_steps = 0};
	struct verdict v = {.trace = &trace};
	enum filter_reason reason;
	const char *over;

	filter_expire(f, now);
	reason = judge_packet(f, &v, p, in, out, now);
	hits_count(f, &v, p, in, out, now);
	if (reason != FILTER_PASS) {
		filter_log_denied(f, p, in, out, reason,
		                  trace.n_steps ? &trace.steps[trace.n_steps - 1] : NULL, now);
	} else if (v.create && !v.conn) {
		conn_begin(f, &v, p, in, out, now);
	} else if (v.conn && !p->has_quote) {
		over = conn_packet(&f->conns, v.conn, p, v.reply, now);
		if (over)
			conn_end(f, v.conn, over, now);
	}
	return reason;
}

void
filter_explain(struct filter *f, const struct filter_packet *p, const struct policy_interface *in,
               const struct policy_interface *out, msec now, struct filter_trace *trace)
{
	struct verdict v = {.trace = trace};

	trace->in = in;
	trace->out = out;
	trace->reason = judge_packet(f, &v, p, in, out, now);
}

enum filter_reason
filter_list(struct filter *f, const struct policy_acl *acl, const struct filter_packet *p, msec now)
{
	struct filter_acl *a;
	int i;

	if (!acl || !acl->n_aces)
		return FILTER_PASS;
	a = acl_of(f, acl);
	i = a ? filter_acl_match(a, &p->flow) : -1;
	if (i < 0)
		return FILTER_IMPLICIT;
	a->hits[i]++;
	if (acl->aces[i].log)
		filter_log_entry(f, a, (size_t)i, p, NULL, NULL, now);
	return acl->aces[i].permit ? FILTER_PASS : FILTER_RULE;
}

/* --- time ------------------------------------------------------------------------------------- */

static const char *
idle_text(enum filter_conn_state state)
{
	switch (state) {
	case FILTER_CONN_EMBRYONIC:
		return "SYN Timeout";
	case FILTER_CONN_TCP:
		return "Connection timeout";
	case FILTER_CONN_HALF_CLOSED:
		return "FIN Timeout";
	default:
		return "";
	}
}

void
filter_expire(struct filter *f, msec now)
{
	struct conn *c;

	for (int s = 0; s < FILTER_CONN_STATES; s++)
		while ((c = f->conns.lists[s].first) && now - c->last >= filter_timeouts[s])
			conn_end(f, c, idle_text(c->state), now);
}

msec
filter_next(const struct filter *f)
{
	msec next = MSEC_NEVER;

	for (int s = 0; s < FILTER_CONN_STATES; s++) {
		const struct conn *c = f->conns.lists[s].first;

		if (c && c->last + filter_timeouts[s] < next)
			next = c->last + filter_timeouts[s];
	}
	return next;
}
