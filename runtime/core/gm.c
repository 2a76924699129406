/* SPDX-License-Identifier: Apache-2.0 */
/* The member's machine: see gm.h. What it downloads is gm_policy.c's. RFC 6407 3.3. */
#include "runtime/core/gm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/pull.h"

static void attempt_registration(struct gm *gm);

const char *
gm_name(const struct gm *gm)
{
	return gm->cfg->name;
}

bool
gm_applied(const struct gm *gm)
{
	return gm->cfg->n_interfaces > 0;
}

enum sa_direction
gm_direction(const struct gm *gm)
{
	bool offered = false;

	if (gm->directed)
		return gm->direction;
	if (gm->cfg->passive)
		return SA_INBOUND_OPTIONAL;
	for (size_t i = 0; gm->policy && i < gm->policy->n_teks; i++) {
		const struct gm_tek *t = &gm->policy->teks[i];

		if (t->offered && t->send)
			return SA_BOTH;
		offered |= t->offered;
	}
	return offered ? SA_INBOUND_ONLY : SA_BOTH;
}

void
gm_direction_set(struct gm *gm, enum sa_direction direction)
{
	gm->directed = true;
	gm->direction = direction;
	if (gm->state != GM_IDLE)
		core_install(gm->core, gm);
}

bool
gm_keyed(const struct gm *gm)
{
	return gm->installed && gm->policy && gm->policy->n_teks;
}

bool
gm_applied_on(const struct gm *gm, const char *interface)
{
	for (size_t i = 0; i < gm->cfg->n_interfaces; i++)
		if (strcmp(gm->cfg->interfaces[i].name, interface) == 0)
			return true;
	return false;
}

bool
gm_guards(const struct gm *gm, const char *interface)
{
	return gm_applied_on(gm, interface) && gm->installed && gm->policy;
}

bool
gm_should_guard(const struct gm *gm, const char *interface)
{
	return gm_guards(gm, interface) || (gm->unguarded && gm_applied_on(gm, interface));
}

uint32_t
gm_ticket(const struct gm *gm)
{
	return gm->ticket;
}

void
gm_ticket_set(struct gm *gm, uint32_t ticket)
{
	gm->ticket = ticket;
}

static uint32_t
local_addr(const struct gm *gm)
{
	return gm_applied(gm) ? gm->cfg->interfaces[0].local_addr : 0;
}

uint32_t
gm_vrf(const struct gm *gm)
{
	return gm_applied(gm) ? vrf_number(gm->cfg->interfaces[0].vrf) : VRF_GLOBAL;
}

static bool
is_registering(const struct gm *gm)
{
	return gm->state == GM_CONNECTING || gm->state == GM_PULLING;
}

/*
 * When the member registers again: before its keys expire, or soon when the pseudotime that came
 * with them may be too old.
 */
static msec
next_registration(struct gm *gm)
{
	msec at = gm_policy_reregister(gm->core, gm->policy, gm->core->now);
	msec soon = gm->core->now + GM_SOON;

	return gm->doubts && gm->doubts < GM_DOUBTS_MAX && soon < at ? soon : at;
}

/* The only writer of the state. */
static void
gm_enter(struct gm *gm, enum gm_state state)
{
	static const char *const names[] = {[GM_IDLE] = "idle",
	                                    [GM_WAITING] = "waiting",
	                                    [GM_CONNECTING] = "connecting",
	                                    [GM_PULLING] = "pulling",
	                                    [GM_INSTALLING] = "installing",
	                                    [GM_REGISTERED] = "registered"};
	struct timers *ts = &gm->core->timers;

	if (state != gm->state)
		DEBUG(&gm->core->env.log, DEBUG_GM_INFRASTRUCTURE, "GDOI:GM:(%s): %s -> %s",
		      gm_name(gm), names[gm->state], names[state]);
	gm->state = state;
	if (state != GM_PULLING && gm->pull) {
		struct pull *pull = gm->pull;

		gm->pull = NULL;
		pull_cancel(pull);
	}
	if (state == GM_IDLE || state == GM_WAITING)
		gm->sa = NULL;
	if (state == GM_REGISTERED)
		timer_set(ts, &gm->register_timer, next_registration(gm));
	else if (state != GM_WAITING)
		timer_cancel(ts, &gm->register_timer);
	if (state == GM_IDLE)
		timer_cancel(ts, &gm->key_timer);
}

static void
wait_until(struct gm *gm, msec when)
{
	gm_enter(gm, GM_WAITING);
	timer_set(&gm->core->timers, &gm->register_timer, when);
}

/* --- failure, and what then ------------------------------------------------------------------- */

static msec
draw_backoff(struct gm *gm)
{
	msec delay = GM_BACKOFF_MIN << (gm->round > 4 ? 4 : gm->round);

	if (delay > GM_BACKOFF_MAX)
		delay = GM_BACKOFF_MAX;
	return delay * 4 / 5 + core_random_below(gm->core, (uint32_t)(delay * 2 / 5));
}

static void
fail_attempt(struct gm *gm, const char *why)
{
	struct core *c = gm->core;
	char server[ADDR_TEXT_MAX] = "(none)";
	bool next = gm->server + 1 < gm->cfg->n_servers;
	msec delay;

	if (gm->server < gm->cfg->n_servers)
		addr_text(gm->cfg->servers[gm->server], server);
	delay = next ? GM_NEXT_SERVER : draw_backoff(gm);
	LOG(&c->env.log, GM_REGS_FAILED, server, gm_name(gm), why,
	    (unsigned)((delay + 999) / 1000));
	if (next) {
		gm->server++;
		LOG(&c->env.log, GM_CONN_NEXT_SER);
	} else {
		gm->server = 0;
		gm->round++;
	}
	wait_until(gm, c->now + delay);
}

/* --- registration ----------------------------------------------------------------------------- */

static void
begin_pull(struct gm *gm, bool old)
{
	gm->n_overtaken = 0;
	gm_enter(gm, GM_PULLING);
	pull_start(gm->sa, gm, old);
}

static void
attempt_registration(struct gm *gm)
{
	struct core *c = gm->core;
	char server[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX];
	const char *why = "no address on the interface";

	gm->attempts++;
	if (gm->server >= gm->cfg->n_servers)
		gm->server = 0;
	if (!gm->cfg->n_servers) {
		fail_attempt(gm, "no key server configured");
		return;
	}
	if (gm->cfg->id.type == GROUP_ID_NONE) {
		fail_attempt(gm, "no group identity configured");
		return;
	}
	LOG(&c->env.log, GM_REGSTER, addr_text(gm->cfg->servers[gm->server], server), gm_name(gm),
	    addr_text(local_addr(gm), local));
	gm->sa = NULL;
	if (local_addr(gm))
		gm->sa = ike_connect(c, gm_vrf(gm), local_addr(gm), gm->cfg->servers[gm->server],
		                     gm->cfg->interfaces[0].profile, &why);
	if (!gm->sa)
		fail_attempt(gm, why);
	else if (gm->sa->state == IKE_UP)
		begin_pull(gm, true);
	else
		gm_enter(gm, GM_CONNECTING);
}

static void
register_fire(struct core *c, struct timer *t, msec now)
{
	struct gm *gm = CONTAINER(t, struct gm, register_timer);

	(void)now;
	if (gm->state == GM_REGISTERED) {
		LOG(&c->env.log, GM_RE_REGISTER, gm_name(gm));
		gm->server = gm->stale ? gm_server_after(gm, gm->stale) : 0;
		gm->round = 0;
	}
	attempt_registration(gm);
}

void
gm_sa_up(struct core *c, struct ike_sa *sa)
{
	size_t i;

	for (i = 0; i < c->n_gms; i++)
		if (c->gms[i]->sa == sa && c->gms[i]->state == GM_CONNECTING)
			begin_pull(c->gms[i], false);
}

void
gm_sa_gone(struct core *c, struct ike_sa *sa, const char *why)
{
	size_t i;

	for (i = 0; i < c->n_gms; i++) {
		struct gm *gm = c->gms[i];

		if (gm->sa != sa)
			continue;
		gm->sa = NULL;
		if (is_registering(gm) && sa->lost)
			wait_until(gm, c->now); /* a new one, with the same server */
		else if (is_registering(gm))
			fail_attempt(gm, why);
	}
}

void
gm_pull_failed(struct gm *gm, const char *why)
{
	gm->pull = NULL;
	fail_attempt(gm, why);
}

static void
keys_changed(struct gm *gm)
{
	if (gm->policy && gm->policy->kek.present && !gm->policy->kek.conn_id) {
		gm->policy->kek.conn_id = gm->core->ike.next_conn_id++;
		gm->rekey_sas++;
	}
	timer_set(&gm->core->timers, &gm->key_timer,
	          gm->policy ? gm_policy_next(gm->policy, gm->core->now) : MSEC_NEVER);
	core_install(gm->core, gm);
	gm_listen(gm);
}

/*
 * The only writers of what core_generation counts: which policy the member holds (the same again
 * when keys of it have expired), and whether the dataplane guards with it.
 */
static void
hold_policy(struct gm *gm, struct gm_policy *policy)
{
	gm->policy = policy;
	gm->core->generation++;
	gm_recover_note(gm);
}

static void
set_guarding(struct gm *gm, bool installed, bool unguarded)
{
	gm->installed = installed;
	gm->unguarded = unguarded;
	gm->core->generation++;
}

/* The next policy is in force, on trial. */
static void
put_policy(struct gm *gm, struct gm_policy *take_next)
{
	if (gm->trial)
		gm_policy_free(gm->policy);
	else
		gm->before = gm->policy;
	gm->trial = true;
	hold_policy(gm, take_next);
}

/*
 * The dataplane has taken the policy on trial, or refused it. When it refused, the policy before is
 * in force again, as it still is in the dataplane.
 */
static void
end_trial(struct gm *gm, bool taken)
{
	struct gm_policy *gone = taken ? gm->before : gm->policy;

	if (!gm->trial)
		return;
	if (!taken)
		hold_policy(gm, gm->before);
	gm_policy_free(gone);
	gm->before = NULL;
	gm->trial = false;
}

void
gm_policy_replace(struct gm *gm, struct gm_policy *take_policy)
{
	put_policy(gm, take_policy);
	keys_changed(gm);
	/* The time to register again follows the new keys. */
	if (gm->state == GM_REGISTERED)
		gm_enter(gm, GM_REGISTERED);
}

void
gm_reregister_at(struct gm *gm, msec when)
{
	if (gm->state == GM_IDLE || is_registering(gm))
		return;
	gm->server = 0;
	gm->round = 0;
	wait_until(gm, when);
}

void
gm_pull_overtaken(struct gm *gm, const uint8_t kek[static 16], uint32_t seq)
{
	size_t i = 0;

	if (!gm->pull)
		return;
	while (i < gm->n_overtaken && memcmp(gm->overtaken[i].kek, kek, 16) != 0)
		i++;
	if (i == GM_OVERTAKEN_MAX) /* the oldest goes */
		memmove(gm->overtaken, gm->overtaken + 1, --i * sizeof(gm->overtaken[0]));
	else if (i == gm->n_overtaken)
		gm->n_overtaken++;
	memcpy(gm->overtaken[i].kek, kek, 16);
	gm->overtaken[i].seq = seq;
}

/*
 * RFC 6407 3.3: a number below one that was taken already is stale. What comes with it is, too: the
 * server has said it before the rekey, which may have deleted it.
 */
static bool
is_overtaken(const struct gm *gm, const struct gm_policy *fresh)
{
	for (size_t i = 0; i < gm->n_overtaken && fresh->kek.present; i++)
		if (memcmp(gm->overtaken[i].kek, fresh->kek.spi, 16) == 0 &&
		    fresh->kek.seq < gm->overtaken[i].seq)
			return true;
	return false;
}

static bool
has_tek(const struct gm_policy *p, uint32_t spi)
{
	for (size_t i = 0; p && i < p->n_teks; i++)
		if (p->teks[i].spi == spi)
			return true;
	return false;
}

/* Is there a key that was not there before? */
static bool
brings_key(const struct gm_policy *before, const struct gm_policy *fresh)
{
	for (size_t i = 0; i < fresh->n_teks; i++)
		if (!has_tek(before, fresh->teks[i].spi))
			return true;
	return false;
}

void
gm_pull_done(struct gm *gm, struct gm_policy *take_policy)
{
	struct gm_policy *old, *next;
	const char *why;

	gm->pull = NULL;
	if (is_overtaken(gm, take_policy)) {
		gm_policy_free(take_policy);
		fail_attempt(gm, "its policy is older than a rekey that came meanwhile");
		return;
	}
	old = gm_policy_copy(gm->policy);
	gm_pseudotime_sync(gm, take_policy, false);
	next = gm_policy_merge(old, take_policy, false, gm_policy_room(gm), gm->core->now, &why);
	if (!next) {
		fail_attempt(gm, why);
		return;
	}
	gm->registered_server = gm->cfg->servers[gm->server];
	gm->stale = brings_key(gm->policy, next) ? 0 : gm->registered_server;
	put_policy(gm, next);
	gm->registered_addr = local_addr(gm);
	gm->rekeys_since_register = 0;
	gm_enter(gm, GM_INSTALLING);
	keys_changed(gm);
}

/* The dataplane refused a policy and still runs the one before. */
static void
install_refused(struct gm *gm, int error)
{
	struct core *c = gm->core;
	char why[128];
	bool trial = gm->trial;

	snprintf(why, sizeof(why), "cannot install the policy: %s", strerror(-error));
	gm_ack_release(gm, false);
	end_trial(gm, false);
	set_guarding(gm, gm->installed, !gm->installed);
	gm_listen(gm);
	timer_set(&c->timers, &gm->key_timer, c->now + GM_INSTALL_RETRY);
	if (gm->state == GM_INSTALLING) {
		fail_attempt(gm, why);
		return;
	}
	LOG(&c->env.log, HOST_ERROR, gm_name(gm), why);
	if (trial)
		gm_reregister_at(gm, c->now + GM_SOON);
}

void
gm_installed(struct gm *gm, int error)
{
	struct core *c = gm->core;
	char server[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX];

	gm->ticket = 0;
	if (error) {
		install_refused(gm, error);
		return;
	}
	end_trial(gm, true);
	gm_ack_release(gm, true);
	if (gm->state != GM_INSTALLING)
		return;
	gm->successes++;
	set_guarding(gm, true, false);
	gm->round = 0;
	gm_enter(gm, GM_REGISTERED);
	gm_recover_done(gm);
	LOG(&c->env.log, GM_REGS_COMPL, addr_text(gm->registered_server, server), gm_name(gm),
	    addr_text(gm->registered_addr, local));
}

/* A key has expired, or another takes over sending. */
static void
key_fire(struct core *c, struct timer *t, msec now)
{
	struct gm *gm = CONTAINER(t, struct gm, key_timer);

	(void)c;
	if (gm->policy) {
		gm_policy_expire(gm->policy, now);
		hold_policy(gm, gm->policy);
	}
	keys_changed(gm);
}

/* --- configuration ---------------------------------------------------------------------------- */

struct gm *
gm_new(struct core *c, const struct policy_group *g)
{
	struct gm *gm = x_alloc(sizeof(*gm));

	gm->core = c;
	gm->cfg = g;
	gm->register_timer.fire = register_fire;
	gm->key_timer.fire = key_fire;
	gm->ack_timer.fire = gm_ack_fire;
	gm->recovery.timer.fire = gm_recover_fire;
	return gm;
}

static void
forget_policy(struct gm *gm)
{
	end_trial(gm, true);
	gm_policy_free(gm->policy);
	hold_policy(gm, NULL);
	set_guarding(gm, false, false);
	gm->registered_server = gm->registered_addr = gm->stale = 0;
	gm->server = 0;
	gm->round = 0;
	timer_cancel(&gm->core->timers, &gm->key_timer);
	gm_ack_forget(gm);
	gm_recover_forget(gm);
	gm->taken.set = gm->refused.set = false;
	gm_listen(gm);
}

static void
stop_member(struct gm *gm)
{
	bool was = gm->state != GM_IDLE;

	gm_enter(gm, GM_IDLE);
	forget_policy(gm);
	core_install_cancel(gm->core, gm);
	gm->ticket = 0;
	if (was)
		core_clear(gm->core, gm_name(gm));
}

void
gm_free(struct gm *gm)
{
	stop_member(gm);
	free(gm);
}

void
gm_start(struct gm *gm)
{
	if (!gm_applied(gm))
		return;
	core_install(gm->core, gm);
	wait_until(gm, gm->core->now);
}

void
gm_clear(struct gm *gm)
{
	if (gm->state == GM_IDLE)
		return;
	forget_policy(gm);
	gm_start(gm);
}

void
gm_retry(struct gm *gm)
{
	if (gm->state != GM_WAITING)
		return;
	gm->server = 0;
	gm->round = 0;
	wait_until(gm, gm->core->now);
}

static bool
id_equal(const struct group_id *a, const struct group_id *b)
{
	return a->type == b->type && a->value == b->value;
}

static bool
servers_equal(const struct policy_group *a, const struct policy_group *b)
{
	return a->n_servers == b->n_servers &&
	       memcmp(a->servers, b->servers, a->n_servers * sizeof(a->servers[0])) == 0;
}

static bool
group_has_server(const struct policy_group *g, uint32_t server)
{
	size_t i;

	for (i = 0; i < g->n_servers; i++)
		if (g->servers[i] == server)
			return true;
	return false;
}

/* Both apply the group. */
static void
take_over(struct gm *gm, const struct policy_group *old)
{
	bool moved = old->interfaces[0].local_addr != local_addr(gm) ||
	             vrf_number(old->interfaces[0].vrf) != gm_vrf(gm);

	core_install(gm->core, gm); /* its interfaces or its own denies may have changed */
	gm_listen(gm);
	if (gm->state == GM_REGISTERED) {
		if (moved || !group_has_server(gm->cfg, gm->registered_server)) {
			gm->server = 0;
			wait_until(gm, gm->core->now);
		}
	} else if (moved || !servers_equal(old, gm->cfg)) {
		gm->server = 0;
		gm->round = 0;
		wait_until(gm, gm->core->now);
	}
}

void
gm_reconfigure(struct gm *gm, const struct policy_group *g)
{
	const struct policy_group *old = gm->cfg;

	gm->cfg = g;
	if (policy_group_equal(old, g))
		return;
	if (!gm_applied(gm)) {
		if (gm->state != GM_IDLE)
			stop_member(gm);
	} else if (gm->state == GM_IDLE) {
		gm_start(gm);
	} else if (!id_equal(&old->id, &g->id)) {
		gm_clear(gm);
	} else {
		take_over(gm, old);
	}
}

/* --- what can be seen ------------------------------------------------------------------------- */

static void
snap_kek(const struct gm_kek *kek, msec now, struct arena *a, struct snap_kek *ret)
{
	*ret = (struct snap_kek){.present = true,
	                         .cipher = kek->cipher,
	                         .sig_hash = kek->sig_hash,
	                         .sig_bits = kek->sig_bits,
	                         .lifetime = kek->lifetime,
	                         .remaining = core_seconds_until(kek->expires, now),
	                         .seq = kek->seq,
	                         .prev_seq = kek->prev_seq,
	                         .ack = kek->ack,
	                         .unicast = kek->unicast,
	                         .lkh.depth = kek->lkh ? (unsigned)kek->lkh->n - 1 : 0,
	                         .conn_id = kek->conn_id};
	ret->public_key.n = kek->public_key_size;
	ret->public_key.p = arena_memdup(a, kek->public_key, kek->public_key_size);
	memcpy(ret->spi, kek->spi, sizeof(ret->spi));
}

static void
snap_policy(const struct gm_policy *p, msec now, struct arena *a, struct snap_group *ret)
{
	struct snap_tek *teks = arena_alloc(a, (p->n_teks + 1) * sizeof(*teks));
	struct snap_entry *entries = arena_alloc(a, (p->n_entries + 1) * sizeof(*entries));
	size_t i;

	for (i = 0; i < p->n_teks; i++) {
		const struct gm_tek *t = &p->teks[p->n_teks - 1 - i];

		teks[i] = (struct snap_tek){.sa = t->sa,
		                            .spi = t->spi,
		                            .suite = t->suite,
		                            .transport = t->transport,
		                            .lifetime = t->lifetime,
		                            .remaining = core_seconds_until(t->expires, now),
		                            .elapsed = core_seconds_until(now, t->made),
		                            .window = t->window,
		                            .time_window = t->time_window,
		                            .sends = gm_tek_sends(p, t, now),
		                            .profile = "",
		                            .acl_name = ""};
	}
	for (i = 0; i < p->n_entries; i++)
		entries[i] = (struct snap_entry){p->entries[i].selector, p->entries[i].sa};
	ret->teks = teks;
	ret->n_teks = p->n_teks;
	ret->entries = entries;
	ret->n_entries = p->n_entries;
	ret->pseudotime = gm_pseudotime(p, now);
	if (p->kek.present)
		snap_kek(&p->kek, now, a, &ret->kek);
}

/* It has keys, or a KEK under which they will come. */
static bool
is_member(const struct gm *gm)
{
	return gm_keyed(gm) ||
	       (gm->state == GM_REGISTERED && gm->policy && gm->policy->kek.present);
}

void
gm_snap(const struct gm *gm, msec now, struct arena *a, struct snap_group *ret)
{
	*ret = (struct snap_group){
	    .name = arena_strdup(a, gm_name(gm)),
	    .id = gm->cfg->id,
	    .applied = gm_applied(gm),
	    .registration = is_member(gm)          ? SNAP_REGISTERED
	                    : gm->state == GM_IDLE ? SNAP_NOT_REGISTERED
	                                           : SNAP_REGISTERING,
	    .vrf = vrf_name(gm_vrf(gm)),
	    .inner = gm_applied(gm) ? vrf_name(vrf_number(gm->cfg->interfaces[0].inner)) : NULL,
	    .server = gm->registered_server,
	    .local_addr = local_addr(gm),
	    .direction = gm_direction(gm),
	    .attempts = gm->attempts,
	    .successes = gm->successes,
	    .rekey_sas = gm->rekey_sas,
	    .rekeys_received = gm->rekeys_received,
	    .rekeys_since_register = gm->rekeys_since_register,
	    .acks_sent = gm->acks_sent,
	    .recovery_check = gm->cfg->recovery_check,
	    .recoveries = gm->recovery.executed,
	    .recoveries_postponed = gm->recovery.postponed,
	    .last_rekey_from = gm->last_rekey_from,
	    .last_rekey_ago = gm->rekeys_received ? (uint32_t)((now - gm->last_rekey) / 1000) : 0,
	};
	if (gm->state == GM_REGISTERED || gm->state == GM_WAITING)
		ret->reregister = core_seconds_until(gm->register_timer.at, now);
	if (gm->policy)
		snap_policy(gm->policy, now, a, ret);
	if (gm->policy) {
		ret->sid = gm->policy->sid;
		ret->sid_bits = gm->policy->sid_bits;
	}
	if (gm->policy && gm->policy->kek.present)
		ret->last_rekey_seq = gm->policy->kek.seq;
}
