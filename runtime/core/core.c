/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core's public functions: they hand each datagram, timer and result to the part of the core
 * that it concerns, and queue what the core puts out. See core.h for the contract and core_priv.h
 * for what is shared inside.
 */
#include "runtime/core/core.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/policy/profile.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"

static const char *const drop_texts[DROP_COUNT] = {
    [DROP_NONE] = "fine",
    [DROP_MALFORMED] = "malformed",
    [DROP_VERSION] = "not IKE version 1",
    [DROP_EXCHANGE] = "exchange type not supported",
    [DROP_COOKIE] = "no such SA",
    [DROP_REPEAT] = "repeated message",
    [DROP_UNEXPECTED] = "not the message that is due",
    [DROP_NO_PSK] = "no pre-shared key for this peer",
    [DROP_NO_PROPOSAL] = "no acceptable proposal",
    [DROP_BAD_KE] = "public value is not valid",
    [DROP_DECRYPT] = "cannot be decrypted",
    [DROP_HASH] = "authentication failed",
    [DROP_ID] = "identity is not the peer's",
    [DROP_UNKNOWN_GROUP] = "unknown group",
    [DROP_UNAUTHORIZED] = "not authorized for the group",
    [DROP_POLICY] = "policy cannot be used",
    [DROP_LIMIT] = "too many exchanges under way",
    [DROP_SEQUENCE] = "rekey sequence number is not new",
    [DROP_SIGNATURE] = "rekey signature is wrong",
    [DROP_CERTIFICATE] = "certificate is not valid",
    [DROP_FLAGS] = "unknown flags",
    [DROP_MESSAGE_ID] = "wrong message identifier",
    [DROP_PAYLOAD] = "wrong payloads",
    [DROP_DOI] = "unknown domain of interpretation",
    [DROP_DPD] = "R-U-THERE or its answer has an old number",
    [DROP_PROFILE] = "no ISAKMP profile matches the peer",
    [DROP_REVOCATION] = "a revocation list is being fetched",
    [DROP_NOT_READY] = "the key server has not read its store yet",
    [DROP_NO_SID] = "the key server has no sender identifier to give away now",
    [DROP_LENGTH] = "longer than its header says",
};

const char *
drop_text(enum drop d)
{
	return drop_texts[d];
}

/* The kind of message, as its header says. */
static const char *
exchange_text(struct span dgram)
{
	switch (dgram.n > 18 ? dgram.p[18] : 0) {
	case EXCHANGE_MAIN:
		return "main mode";
	case EXCHANGE_AGGRESSIVE:
		return "aggressive mode";
	case EXCHANGE_INFORMATIONAL:
		return "informational";
	case EXCHANGE_GROUPKEY_PULL:
		return "GROUPKEY-PULL";
	case EXCHANGE_GROUPKEY_PUSH:
		return "GROUPKEY-PUSH";
	case EXCHANGE_GROUPKEY_PUSH_ACK:
		return "GROUPKEY-PUSH-ACK";
	default:
		return "an unknown exchange";
	}
}

/* --- output ----------------------------------------------------------------------------------- */

void
core_out_free(struct out *o)
{
	if (!o)
		return;
	free(o->bytes);
	free(o->name);
	free(o);
}

static void
out_put(struct core *c, struct out *o)
{
	o->next = NULL;
	*c->out_last = o;
	c->out_last = &o->next;
}

static void
advance_clock(struct core *c, msec now)
{
	if (now > c->now)
		c->now = now;
}

/* Every public function begins here: frees what the last core_poll gave out, and sets the clock. */
static void
begin_call(struct core *c, msec now)
{
	core_out_free(c->out_polled);
	c->out_polled = NULL;
	if (c->out_arena)
		arena_free(c->out_arena);
	c->out_arena = NULL;
	advance_clock(c, now);
}

static struct out *
send_datagram(struct core *c, const struct path *path, struct span bytes, bool kept)
{
	struct out *o = x_alloc(sizeof(*o));
	char peer[ADDR_TEXT_MAX];

	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP: sending packet to %s my_port %u peer_port %u: %s",
	      addr_text(path->remote, peer), path->local_port, path->remote_port,
	      exchange_text(bytes));
	o->bytes = x_memdup(bytes.p, bytes.n);
	o->out.kind = CORE_DATAGRAM;
	o->out.datagram.path = *path;
	o->out.datagram.bytes = SPAN(o->bytes, bytes.n);
	o->kept = kept;
	out_put(c, o);
	return o;
}

void
core_send(struct core *c, const struct path *path, struct span bytes)
{
	send_datagram(c, path, bytes, false);
}

void
core_send_rekey(const struct ks *of, const struct path *path, struct span bytes)
{
	struct out *o = send_datagram(of->core, path, bytes, false);

	o->of = of;
}

void
core_send_stranger(struct core *c, const struct path *path, struct span bytes)
{
	send_datagram(c, path, bytes, true);
}

void
core_submit(struct core *c, struct core_job *take_job)
{
	struct out *o = x_alloc(sizeof(*o));

	o->out.kind = CORE_JOB;
	o->out.job = &take_job->job;
	out_put(c, o);
}

void
core_install_cancel(struct core *c, const struct gm *gm)
{
	struct out **p = &c->out_first;

	while (*p) {
		struct out *o = *p;

		if (o->out.kind == CORE_INSTALL && o->gm == gm) {
			*p = o->next;
			core_out_free(o);
		} else {
			p = &o->next;
		}
	}
	c->out_last = p;
}

void
core_install(struct core *c, struct gm *gm)
{
	struct out *o = x_alloc(sizeof(*o));

	core_install_cancel(c, gm);
	o->out.kind = CORE_INSTALL;
	o->out.install.ticket = ++c->next_ticket;
	o->gm = gm;
	gm_ticket_set(gm, c->next_ticket);
	out_put(c, o);
}

void
core_clear(struct core *c, const char *group)
{
	struct out *o = x_alloc(sizeof(*o));

	o->name = x_strdup(group);
	o->out.kind = CORE_CLEAR;
	o->out.clear = o->name;
	out_put(c, o);
}

void
core_join(struct core *c, const char *interface, uint32_t group, uint16_t port, bool on)
{
	struct out *o = x_alloc(sizeof(*o));

	o->name = x_strdup(interface);
	o->out.kind = CORE_JOIN;
	o->out.join.interface = o->name;
	o->out.join.group = group;
	o->out.join.port = port;
	o->out.join.on = on;
	out_put(c, o);
}

bool
core_poll(struct core *c, struct core_out *out)
{
	struct out *o;

	begin_call(c, c->now);
	keep_flush(c);
	do {
		o = c->out_first;
		if (!o)
			return false;
		c->out_first = o->next;
		if (!c->out_first)
			c->out_last = &c->out_first;
	} while (o->out.kind == CORE_DATAGRAM && keep_holds(c, o));
	c->out_polled = o;
	if (o->out.kind == CORE_INSTALL) {
		c->out_arena = arena_new();
		o->out.install.group = gm_dp_group(o->gm, c->out_arena);
	}
	*out = o->out;
	return true;
}

bool
core_settled(const struct core *c)
{
	return !c->out_first && !keep_waits(c);
}

/* --- randomness ------------------------------------------------------------------------------- */

void
core_random(struct core *c, void *buf, size_t n)
{
	c->env.random(buf, n);
}

uint32_t
core_random_below(struct core *c, uint32_t n)
{
	uint64_t r;

	core_random(c, &r, sizeof(r));
	return (uint32_t)(r % n);
}

/* --- birth and death -------------------------------------------------------------------------- */

struct core *
core_new(const struct core_env *env)
{
	struct core *c = x_alloc(sizeof(*c));

	c->env = *env;
	c->out_last = &c->out_first;
	c->generation = 1;
	c->scratch = x_alloc(ISAKMP_MESSAGE_MAX);
	flood_init(c);
	ike_init(c);
	keep_init(c);
	coop_init(c);
	return c;
}

void
core_leave(struct core *c)
{
	coop_end_lease(c);
}

void
core_free(struct core *c)
{
	if (!c)
		return;
	while (c->n_gms)
		gm_free(c->gms[--c->n_gms]);
	while (c->n_kss)
		ks_free(c->kss[--c->n_kss]);
	ks_farewells_fini(c);
	ike_fini(c);
	begin_call(c, c->now);
	while (c->out_first) {
		struct out *o = c->out_first;

		c->out_first = o->next;
		if (o->out.kind == CORE_JOB) {
			struct core_job *j = (struct core_job *)(void *)o->out.job;

			j->discard(j);
		}
		core_out_free(o);
	}
	keep_fini(c);
	coop_fini(c);
	timers_fini(&c->timers);
	free(c->gms);
	free(c->kss);
	wipe(c->scratch, ISAKMP_MESSAGE_MAX);
	free(c->scratch);
	free(c);
}

/* --- policy ----------------------------------------------------------------------------------- */

void
core_share(struct core *c, struct store *shared, bool other)
{
	if (c->keeps[KEEP_SHARED].store == shared && !other)
		return;
	keep_become(&c->keeps[KEEP_SHARED], shared);
	c->coop.lease = 0;
	c->coop.error = 0;
	c->coop.heard = c->coop.refused_from = c->coop.back_until = 0;
	for (size_t i = 0; shared && i < c->n_kss; i++)
		if (c->kss[i]->coop.on)
			ks_coop_move(c->kss[i]);
}

static bool
isakmp_equal(const struct policy *a, const struct policy *b)
{
	size_t i;

	if (!policy_profiles_equal(a, b) || a->isakmp_enabled != b->isakmp_enabled ||
	    a->n_isakmp != b->n_isakmp || a->n_psks != b->n_psks)
		return false;
	for (i = 0; i < a->n_isakmp; i++) {
		const struct policy_isakmp *x = &a->isakmp[i], *y = &b->isakmp[i];

		if (x->cipher != y->cipher || x->hash != y->hash || x->auth != y->auth ||
		    x->group != y->group || x->lifetime != y->lifetime)
			return false;
	}
	for (i = 0; i < a->n_psks; i++) {
		const struct policy_psk *x = &a->psks[i], *y = &b->psks[i];

		if (x->addr != y->addr || x->mask != y->mask || x->key.n != y->key.n ||
		    vrf_number(x->vrf) != vrf_number(y->vrf) || x->local != y->local ||
		    memcmp(x->key.p, y->key.p, x->key.n) != 0)
			return false;
	}
	return true;
}

static bool
still_there(const struct policy *p, const char *name, bool local)
{
	const struct policy_group *g = policy_group_find(p, name);

	return g && g->local == local;
}

static void
remove_gone(struct core *c, const struct policy *p)
{
	size_t i, n;

	for (i = n = 0; i < c->n_gms; i++) {
		if (still_there(p, gm_name(c->gms[i]), false))
			c->gms[n++] = c->gms[i];
		else
			gm_free(c->gms[i]);
	}
	c->n_gms = n;
	for (i = n = 0; i < c->n_kss; i++) {
		if (still_there(p, ks_name(c->kss[i]), true))
			c->kss[n++] = c->kss[i];
		else {
			ks_retire(c->kss[i]);
			ks_free(c->kss[i]);
		}
	}
	c->n_kss = n;
}

static struct gm *
gm_by_name(const struct core *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_gms; i++)
		if (strcmp(gm_name(c->gms[i]), name) == 0)
			return c->gms[i];
	return NULL;
}

static struct ks *
ks_by_name(const struct core *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_kss; i++)
		if (strcmp(ks_name(c->kss[i]), name) == 0)
			return c->kss[i];
	return NULL;
}

static void
apply_server(struct core *c, const struct policy_group *g)
{
	struct ks *ks = ks_by_name(c, g->name);

	if (ks) {
		ks_reconfigure(ks, g);
		return;
	}
	ks = ks_new(c, g);
	c->kss = x_realloc(c->kss, (c->n_kss + 1) * sizeof(struct ks *));
	c->kss[c->n_kss++] = ks;
}

static void
apply_member(struct core *c, const struct policy_group *g, bool retry)
{
	struct gm *gm = gm_by_name(c, g->name);

	if (gm) {
		gm_reconfigure(gm, g);
		if (retry)
			gm_retry(gm);
		return;
	}
	gm = gm_new(c, g);
	c->gms = x_realloc(c->gms, (c->n_gms + 1) * sizeof(struct gm *));
	c->gms[c->n_gms++] = gm;
	gm_start(gm);
}

uint64_t
core_generation(const struct core *c)
{
	return c->generation;
}

bool
core_group_keyed(const struct core *c, const char *group)
{
	const struct gm *gm = gm_by_name(c, group);

	return gm && gm_keyed(gm);
}

bool
core_group_guards(const struct core *c, const char *group, const char *interface)
{
	const struct gm *gm = gm_by_name(c, group);

	return gm && gm_guards(gm, interface);
}

bool
core_group_should_guard(const struct core *c, const char *group, const char *interface)
{
	const struct gm *gm = gm_by_name(c, group);

	return gm && gm_should_guard(gm, interface);
}

static void
gdoi_on_off(struct core *c)
{
	bool on = c->n_kss > 0;
	size_t i;

	for (i = 0; i < c->n_gms; i++)
		on |= gm_applied(c->gms[i]);
	if (on != c->gdoi_on)
		LOG(&c->env.log, GDOI_ON, on ? "ON" : "OFF");
	c->gdoi_on = on;
}

void
core_apply(struct core *c, const struct policy *p, msec now)
{
	const struct policy *old = c->policy;
	/*
	 * A member whose registration failed waits before it tries again. When the configuration of
	 * phase 1 has changed, the next try may succeed: it tries at once.
	 */
	bool retry = old && !isakmp_equal(old, p);
	uint16_t signs = c->ike.signs;
	size_t i;

	begin_call(c, now);
	c->policy = p;
	c->generation++;
	ike_psks_apply(c);
	ike_cert_apply(c);
	retry |= signs != c->ike.signs;
	if (old)
		ike_cert_rebind(c, old);
	if (old)
		ike_profile_rebind(c, old);
	ike_dpd_apply(c);
	if (p->no_legacy)
		ike_refuse_legacy(c, old && !old->no_legacy);
	remove_gone(c, p);
	for (i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];

		if (g->local)
			apply_server(c, g);
		else
			apply_member(c, g, retry);
	}
	for (i = 0; i < c->n_kss; i++)
		ks_revoke_rearm(c->kss[i]);
	gdoi_on_off(c);
}

/* --- events ----------------------------------------------------------------------------------- */

enum drop
core_input(struct core *c, const struct path *path, struct span dgram, msec now)
{
	char peer[ADDR_TEXT_MAX];
	enum drop d;

	begin_call(c, now);
	DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP: received packet from %s dport %u sport %u: %s",
	      addr_text(path->remote, peer), path->local_port, path->remote_port,
	      exchange_text(dgram));
	d = ike_input(c, path, dgram);
	if (d)
		DEBUG(&c->env.log, DEBUG_ISAKMP, "ISAKMP: packet from %s not taken: %s",
		      addr_text(path->remote, peer), drop_text(d));
	c->drops[d]++;
	return d;
}

void
core_unknown_spi(struct core *c, const char *group, uint32_t spi, msec now)
{
	struct gm *gm = gm_by_name(c, group);

	advance_clock(c, now);
	if (gm)
		gm_recover_spi(gm, spi);
}

void
core_line_up(struct core *c, const char *interface, msec now)
{
	advance_clock(c, now);
	for (size_t i = 0; i < c->n_gms; i++)
		if (gm_applied_on(c->gms[i], interface))
			gm_recover_ask(c->gms[i], "the line of its interface is up again");
}

void
core_expire(struct core *c, msec now)
{
	struct timer *t;

	begin_call(c, now);
	while ((t = timers_pop(&c->timers, c->now)))
		t->fire(c, t, c->now);
}

msec
core_next(const struct core *c)
{
	return timers_next(&c->timers);
}

void
core_done(struct core *c, const struct core_result *r, msec now)
{
	size_t i;

	begin_call(c, now);
	if (r->job) {
		struct core_job *j = (struct core_job *)(void *)r->job;

		j->done(c, j);
		return;
	}
	for (i = 0; i < c->n_gms; i++)
		if (gm_ticket(c->gms[i]) == r->ticket)
			gm_installed(c->gms[i], r->error);
}

/* Has the key servers of a group (NULL: of all) do something. */
static enum reach
servers_do(struct core *c, const char *group, enum reach (*what)(struct ks *ks, bool how), bool how)
{
	enum reach worst = REACH_NO_SERVER;

	for (size_t i = 0; i < c->n_kss; i++)
		if (!group || strcmp(ks_name(c->kss[i]), group) == 0) {
			enum reach r = what(c->kss[i], how);

			worst = r > worst ? r : worst;
		}
	return worst;
}

static enum reach
order_rekey(struct ks *ks, bool replace_now)
{
	return ks_order(ks, replace_now ? KS_ORDER_REPLACE : KS_ORDER_REKEY);
}

static enum reach
order_removal(struct ks *ks, bool at_once)
{
	return ks_order(ks, at_once ? KS_ORDER_REMOVE_NOW : KS_ORDER_REMOVE);
}

enum reach
core_clear_group(struct core *c, const char *group, msec now)
{
	enum reach reach;
	size_t i;

	begin_call(c, now);
	reach = servers_do(c, group, order_removal, true);
	for (i = 0; i < c->n_gms; i++)
		if (!group || strcmp(gm_name(c->gms[i]), group) == 0)
			gm_clear(c->gms[i]);
	return reach;
}

enum reach
core_ks_rekey(struct core *c, const char *group, bool replace_now, msec now)
{
	begin_call(c, now);
	return servers_do(c, group, order_rekey, replace_now);
}

enum reach
core_ks_clear_members(struct core *c, const char *group, bool at_once, msec now)
{
	begin_call(c, now);
	return servers_do(c, group, order_removal, at_once);
}

static enum reach
begin_election(struct ks *ks, bool how)
{
	(void)how;
	if (!ks->coop.on)
		return REACH_ALL;
	return ks_coop_resign(ks) ? REACH_ALL : REACH_NOT_PRIMARY;
}

enum reach
core_ks_elect(struct core *c, const char *group, msec now)
{
	begin_call(c, now);
	return servers_do(c, group, begin_election, true);
}

enum expelled
core_ks_expel(struct core *c, const char *group, uint32_t member, msec now)
{
	enum expelled best = EXPELLED_UNKNOWN;

	begin_call(c, now);
	for (size_t i = 0; i < c->n_kss; i++)
		if (!group || strcmp(ks_name(c->kss[i]), group) == 0) {
			enum expelled e = ks_lkh_expel(c->kss[i], member);

			best = e > best ? e : best;
		}
	return best;
}

enum reach
core_ks_clear_policy(struct core *c, const char *group, msec now)
{
	return core_ks_rekey(c, group, true, now);
}

bool
core_gm_direction(struct core *c, const char *group, enum sa_direction direction, msec now)
{
	struct gm *gm = gm_by_name(c, group);

	begin_call(c, now);
	if (gm)
		gm_direction_set(gm, direction);
	return gm != NULL;
}

void
core_clear_isakmp(struct core *c, msec now)
{
	begin_call(c, now);
	ike_clear(c);
}

void
core_crl_changed(struct core *c, msec now)
{
	begin_call(c, now);
	if (!c->policy)
		return;
	ike_cert_recheck(c);
	for (size_t i = 0; i < c->n_kss; i++)
		ks_revoke(c->kss[i]);
}

size_t
core_crl_request(struct core *c, const char *trustpoint, size_t *ret_named, msec now)
{
	begin_call(c, now);
	*ret_named = 0;
	for (size_t i = 0; c->policy && i < c->policy->n_trustpoints; i++)
		if (!strcmp(c->policy->trustpoints[i].name, trustpoint))
			return ike_cert_fetch(c, &c->policy->trustpoints[i], ret_named);
	return 0;
}

/* --- snapshots -------------------------------------------------------------------------------- */

const struct snap_group *
core_snap_groups(const struct core *c, msec now, struct arena *a, size_t *ret_n)
{
	size_t n = 0, i;
	struct snap_group *s = arena_alloc(a, (c->n_gms + c->n_kss + 1) * sizeof(*s));

	/* In the order of the configuration. */
	for (i = 0; c->policy && i < c->policy->n_groups; i++) {
		const struct policy_group *g = &c->policy->groups[i];

		if (g->local)
			ks_snap(ks_by_name(c, g->name), now, a, &s[n++]);
		else
			gm_snap(gm_by_name(c, g->name), now, a, &s[n++]);
	}
	*ret_n = n;
	return s;
}

const struct snap_isakmp *
core_snap_isakmp(const struct core *c, msec now, struct arena *a, size_t *ret_n)
{
	return ike_snap(c, now, a, ret_n);
}

struct snap_pki
core_pki(const struct core *c)
{
	return c->pki;
}

const uint64_t *
core_drops(const struct core *c)
{
	return c->drops;
}
