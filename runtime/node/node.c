/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One router: moves what the core puts out to host and dataplane, and what comes in to the core.
 * See node.h. The node owns its core, policy and keys; the host belongs to whoever made it.
 */
#include "runtime/node/node.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/node/crl_cache.h"
#include "runtime/node/fail_close.h"

/* A job handed out; its core lives until it is back, even if the node was stopped since. */
struct errand {
	struct errand *next;
	struct job *job;
	struct core *core;
	struct node_task *task; /* NULL: the job is the core's */
	struct job own;         /* the task's */
};

/* A core that was stopped with jobs out, and the policy it still points into. */
struct past {
	struct past *next;
	struct core *core;
	struct policy *policy; /* NULL: the node's own, for now */
	msec stopped;
};

struct node {
	struct node_config config;
	char *name;
	struct host *host;     /* borrowed; NULL before node_attach */
	struct core *core;     /* NULL while stopped */
	struct policy *policy; /* NULL before the first apply */
	struct keystore *keys;
	struct crl_cache *crls;
	struct errand *errands;
	struct past *pasts;
	struct node_alarm *alarms; /* the next one first */
	struct fail_close doors;
	bool pumping;
	/* As the last pump left it: until this changes, another one has nothing to do. */
	msec pumped_next;
	uint64_t pumped_generation;
	unsigned debug; /* the log sink points here */
};

/* --- the pump --------------------------------------------------------------------------------- */

static void
debug_install(const struct node *n, const struct dp_group *g, int error)
{
	DEBUG(&n->config.log, DEBUG_IPSEC,
	      "IPSEC(group %s): %zu entries, %zu SAs for %zu interfaces: %s", g->name, g->n_entries,
	      g->n_sas, g->n_bindings, error ? strerror(-error) : "installed");
	for (size_t i = 0; i < g->n_sas; i++) {
		const struct dp_sa *sa = &g->sas[i];
		char suite[64];

		esp_suite_show_text(&sa->suite, suite, sizeof(suite));
		DEBUG(&n->config.log, DEBUG_IPSEC,
		      "IPSEC(create_sa): sa_proto= 50, sa_spi= 0x%X(%u), sa_trans= %s, %s mode, "
		      "replay window %u%s, %s%s, %u seconds left",
		      sa->spi, sa->spi, suite, sa->transport ? "transport" : "tunnel",
		      sa->time_window ? sa->time_window : sa->window,
		      sa->time_window ? " seconds" : "", sa->receive ? "receives" : "",
		      sa->send ? " and sends" : "", sa->life);
	}
}

static void
install_group(struct node *n, const struct core_out *out)
{
	struct dataplane *dp = n->host->ops->dataplane(n->host);
	struct core_result r = {.ticket = out->install.ticket};

	r.error = dp->ops->set(dp, out->install.group);
	debug_install(n, out->install.group, r.error);
	if (r.error)
		LOG(&n->config.log, HOST_ERROR, "dataplane", strerror(-r.error));
	core_done(n->core, &r, node_now(n));
}

static void
hand_out(struct node *n, struct errand *e)
{
	struct job *job = e->job;

	e->next = n->errands;
	n->errands = e;
	if (n->config.submit) {
		n->config.submit(n->config.arg, n, job);
		return;
	}
	job->run(job);
	node_job_done(n, job);
}

static void
run_job(struct node *n, struct job *job)
{
	struct errand *e = x_alloc(sizeof(*e));

	e->job = job;
	e->core = n->core;
	hand_out(n, e);
}

static void
run_task(struct job *job)
{
	struct errand *e = (struct errand *)((char *)job - offsetof(struct errand, own));

	e->task->run(e->task);
}

void
node_do(struct node *n, struct node_task *task)
{
	struct errand *e = x_alloc(sizeof(*e));

	e->task = task;
	e->own.run = run_task;
	e->job = &e->own;
	hand_out(n, e);
}

static void
join_group(struct node *n, const struct core_out *out)
{
	char why[160], addr[ADDR_TEXT_MAX];
	int error = 0;

	if (n->host->ops->join)
		error = n->host->ops->join(n->host, out->join.interface, out->join.group,
		                           out->join.port, out->join.on);
	if (!error || !out->join.on)
		return;
	snprintf(why, sizeof(why), "cannot listen for rekeys to %s port %u: %s",
	         out->join.group ? addr_text(out->join.group, addr) : "its own addresses",
	         out->join.port, strerror(-error));
	LOG(&n->config.log, HOST_ERROR, out->join.interface, why);
}

static void
carry_out(struct node *n, const struct core_out *out)
{
	struct dataplane *dp;

	switch (out->kind) {
	case CORE_DATAGRAM:
		/*
		 * A datagram that cannot be sent counts as lost on the way: the protocol sends it
		 * again.
		 */
		(void)n->host->ops->send(n->host, &out->datagram.path, out->datagram.bytes);
		break;
	case CORE_INSTALL:
		install_group(n, out);
		break;
	case CORE_JOIN:
		join_group(n, out);
		break;
	case CORE_CLEAR:
		dp = n->host->ops->dataplane(n->host);
		dp->ops->clear(dp, out->clear);
		DEBUG(&n->config.log, DEBUG_IPSEC, "IPSEC(group %s): SAs and entries removed",
		      out->clear);
		break;
	case CORE_JOB:
		run_job(n, out->job);
		break;
	}
}

static void
doors_apply(struct node *n, bool anew)
{
	int error = fail_close_apply(&n->doors, n->host->ops->dataplane(n->host), n->policy,
	                             n->core, &n->config.log, anew);

	if (error)
		LOG(&n->config.log, HOST_ERROR, "fail-close", strerror(-error));
}

/* One timer for the protocol and the alarms. */
static void
set_wake(struct node *n)
{
	msec when = n->core ? core_next(n->core) : MSEC_NEVER;

	if (n->alarms && n->alarms->when < when)
		when = n->alarms->when;
	n->host->ops->wake(n->host, when);
	n->pumped_next = n->core ? core_next(n->core) : MSEC_NEVER;
	n->pumped_generation = n->core ? core_generation(n->core) : 0;
}

/*
 * Carries out what the core puts out; called after every input to it. Carrying out may call the
 * node again: the pump that runs then does the rest.
 */
static void
pump_core(struct node *n)
{
	struct core_out out;

	if (n->pumping)
		return;
	/* A door that shuts must do so before the policy that it replaces is taken away. */
	if (n->core && n->policy)
		doors_apply(n, false);
	n->pumping = true;
	while (n->core && core_poll(n->core, &out))
		carry_out(n, &out);
	n->pumping = false;
	if (n->core && n->policy)
		doors_apply(n, false);
	set_wake(n);
}

static bool
is_pumped(const struct node *n)
{
	return core_settled(n->core) && core_next(n->core) == n->pumped_next &&
	       core_generation(n->core) == n->pumped_generation;
}

/* --- events ----------------------------------------------------------------------------------- */

static void
on_datagram(void *arg, const struct path *path, struct span dgram, msec now)
{
	struct node *n = arg;

	if (!n->core)
		return;
	/* Counted inside. What is dropped may come by the hundred thousand, and changes nothing. */
	if (core_input(n->core, path, dgram, now) && is_pumped(n))
		return;
	pump_core(n);
}

static void
alarm_unset(struct node *n, const struct node_alarm *alarm)
{
	struct node_alarm **at = &n->alarms;

	while (*at && *at != alarm)
		at = &(*at)->next;
	if (*at)
		*at = alarm->next;
}

void
node_alarm_set(struct node *n, struct node_alarm *alarm, msec when)
{
	struct node_alarm **at = &n->alarms;

	alarm_unset(n, alarm);
	alarm->when = when;
	if (when == MSEC_NEVER)
		return; /* the host may be gone; waking for nothing does no harm */
	while (*at && (*at)->when <= when)
		at = &(*at)->next;
	alarm->next = *at;
	*at = alarm;
	set_wake(n);
}

/* Calls the alarms whose time has come; each of them may set itself or others anew. */
static void
ring_alarms(struct node *n, msec now)
{
	struct node_alarm *a;

	while ((a = n->alarms) && a->when <= now) {
		n->alarms = a->next;
		a->fire(a->arg, now);
	}
}

static void
on_timer(void *arg, msec now)
{
	struct node *n = arg;

	if (n->core)
		core_expire(n->core, now);
	ring_alarms(n, now);
	pump_core(n);
}

static void
on_unknown_spi(void *arg, const char *group, uint32_t spi)
{
	struct node *n = arg;

	if (!n->core)
		return;
	core_unknown_spi(n->core, group, spi, node_now(n));
	set_wake(n);
}

static void
on_line_up(void *arg, const char *interface)
{
	struct node *n = arg;

	if (!n->core)
		return;
	core_line_up(n->core, interface, node_now(n));
	set_wake(n);
}

static void
on_addresses(void *arg)
{
	struct node *n = arg;

	for (size_t i = 0; n->policy && i < n->policy->n_interfaces; i++)
		if (n->policy->interfaces[i].dhcp && n->config.readdressed) {
			n->config.readdressed(n->config.store_arg);
			return;
		}
}

struct host_events
node_events(struct node *n)
{
	return (struct host_events){.datagram = on_datagram,
	                            .timer = on_timer,
	                            .unknown_spi = on_unknown_spi,
	                            .line_up = on_line_up,
	                            .addresses = on_addresses,
	                            .log = n->config.log,
	                            .arg = n};
}

/* --- jobs ------------------------------------------------------------------------------------- */

static bool
has_errands(const struct node *n, const struct core *core)
{
	const struct errand *e;

	for (e = n->errands; e && e->core != core; e = e->next)
		;
	return e != NULL;
}

/* A core that was stopped lives at that moment: the host with its clock may be gone. */
static msec
core_now(const struct node *n, const struct core *core)
{
	const struct past *p = n->pasts;

	if (core == n->core)
		return node_now(n);
	while (p->core != core)
		p = p->next;
	return p->stopped;
}

static void
past_free(struct node *n, struct core *core)
{
	struct past **at = &n->pasts, *p;

	while ((*at)->core != core)
		at = &(*at)->next;
	p = *at;
	*at = p->next;
	core_free(p->core);
	policy_free(p->policy);
	free(p);
}

void
node_job_done(struct node *n, struct job *job)
{
	struct errand **at = &n->errands, *e;
	struct node_task *task;
	struct core *core;

	while (*at && (*at)->job != job)
		at = &(*at)->next;
	e = *at;
	if (!e)
		return;
	*at = e->next;
	core = e->core;
	task = e->task;
	free(e);
	if (task) {
		task->done(task);
		return;
	}
	core_done(core, &(struct core_result){.job = job}, core_now(n, core));
	if (core == n->core)
		pump_core(n);
	else if (!has_errands(n, core))
		past_free(n, core);
}

/* --- life ------------------------------------------------------------------------------------- */

static const struct rsa_key *
find_key(void *arg, const char *label)
{
	const struct node *n = arg;

	return keystore_find(n->keys, label);
}

static const struct ec_key *
find_ec_key(void *arg, const char *label)
{
	const struct node *n = arg;

	return keystore_find_ec(n->keys, label);
}

struct crl *
node_crl_kept(struct node *n, const char *trustpoint, size_t nth)
{
	return crl_cache_kept(n->crls, n->keys, trustpoint, nth);
}

struct crl *
node_crl(struct node *n, const char *trustpoint, size_t nth)
{
	return crl_cache_get(n->crls, n->keys, trustpoint, nth);
}

bool
node_crl_fetch(const struct node *n, size_t nth, struct node_crl_fetch *ret)
{
	return crl_cache_fetch(n->crls, nth, ret);
}

static struct crl *
find_crl(void *arg, const char *trustpoint, size_t nth)
{
	return node_crl(arg, trustpoint, nth);
}

static bool
fetch_crl(void *arg, const char *url, struct span issuer)
{
	struct node *n = arg;

	return crl_cache_want(n->crls, n, n->policy, url, issuer);
}

static int64_t
wall_clock(void *arg)
{
	const struct node *n = arg;

	return n->host->ops->wall(n->host);
}

struct node *
node_new(const struct node_config *config)
{
	struct node *n = x_alloc(sizeof(*n));

	n->config = *config;
	n->name = x_strdup(config->name);
	n->config.name = n->name;
	n->config.log.debug = &n->debug;
	n->keys = keystore_new();
	n->crls = crl_cache_new();
	return n;
}

void
node_attach(struct node *n, struct host *host)
{
	n->host = host;
}

/* The core goes at once, or when its last job is back. */
static void
core_drop(struct node *n)
{
	struct core *core = n->core;
	struct past *p;

	n->core = NULL;
	if (core && !has_errands(n, core)) {
		core_free(core);
	} else if (core) {
		p = x_alloc(sizeof(*p));
		p->core = core;
		p->stopped = node_now(n);
		p->next = n->pasts;
		n->pasts = p;
	}
}

/* Frees a policy, or leaves it to the stopped core that still points into it. */
static void
policy_drop(struct node *n, struct policy *policy)
{
	/* A core has one policy when it stops, and only the latest can lack its own. */
	if (n->pasts && !n->pasts->policy)
		n->pasts->policy = policy;
	else
		policy_free(policy);
}

void
node_crash(struct node *n)
{
	core_drop(n);
	fail_close_forget(&n->doors);
	set_wake(n);
}

void
node_stop(struct node *n)
{
	struct dataplane *dp = n->host->ops->dataplane(n->host);
	size_t i;

	node_crash(n);
	if (dp && n->policy)
		doors_apply(n, true);
	for (i = 0; dp && n->policy && i < n->policy->n_groups; i++)
		dp->ops->clear(dp, n->policy->groups[i].name);
}

void
node_leave(struct node *n)
{
	if (n->core)
		core_leave(n->core);
}

/* With jobs still out the caller must wait: they would come back to a node that is gone. */
void
node_free(struct node *n)
{
	if (!n)
		return;
	core_drop(n);
	fail_close_forget(&n->doors);
	policy_free(n->policy);
	crl_cache_free(n->crls);
	keystore_free(n->keys);
	free(n->name);
	free(n);
}

void
node_apply(struct node *n, struct policy *take_policy)
{
	struct core_env env = {.rsa_key = find_key,
	                       .ec_key = find_ec_key,
	                       .crl = find_crl,
	                       .crl_fetch = fetch_crl,
	                       .random = crypto_random,
	                       .wall = wall_clock,
	                       .log = n->config.log,
	                       .arg = n};
	struct policy *old = n->policy;
	int error;

	n->policy = take_policy;
	doors_apply(n, true); /* before anything can pass */
	error = n->host->ops->apply(n->host, take_policy);
	if (error)
		LOG(&n->config.log, HOST_ERROR, "interfaces and routes", strerror(-error));
	if (!n->core) {
		if (n->config.store)
			env.store = n->config.store(n->config.store_arg, &take_policy->store);
		n->core = core_new(&env);
	}
	if (n->config.shared) {
		bool other = false;
		struct store *shared = n->config.shared(n->config.store_arg, take_policy, &other);

		core_share(n->core, shared, other);
	}
	core_apply(n->core, take_policy, node_now(n));
	pump_core(n);
	policy_drop(n, old);
}

bool
node_has_shared_store(const struct node *n)
{
	return n->config.shares;
}

void
node_crls_changed(struct node *n)
{
	crl_cache_forget(n->crls);
	node_crl_came(n);
}

void
node_crls_clear(struct node *n)
{
	crl_cache_clear(n->crls);
	node_crl_came(n);
}

size_t
node_crl_request(struct node *n, const char *trustpoint, size_t *ret_named)
{
	*ret_named = 0;
	return n->core ? core_crl_request(n->core, trustpoint, ret_named, node_now(n)) : 0;
}

void
node_crl_came(struct node *n)
{
	if (!n->core)
		return;
	core_crl_changed(n->core, node_now(n));
	pump_core(n);
}

void
node_keys_changed(struct node *n)
{
	crl_cache_forget(n->crls);
	if (!n->core || !n->policy)
		return;
	core_apply(n->core, n->policy, node_now(n));
	pump_core(n);
}

enum reach
node_clear_group(struct node *n, const char *group)
{
	enum reach reach =
	    n->core ? core_clear_group(n->core, group, node_now(n)) : REACH_NO_SERVER;

	pump_core(n);
	return reach;
}

void
node_clear_isakmp(struct node *n)
{
	if (!n->core)
		return;
	core_clear_isakmp(n->core, node_now(n));
	pump_core(n);
}

enum reach
node_ks_rekey(struct node *n, const char *group, bool replace_now)
{
	enum reach reach =
	    n->core ? core_ks_rekey(n->core, group, replace_now, node_now(n)) : REACH_NO_SERVER;

	pump_core(n);
	return reach;
}

enum reach
node_ks_clear_members(struct node *n, const char *group, bool at_once)
{
	enum reach reach =
	    n->core ? core_ks_clear_members(n->core, group, at_once, node_now(n)) : REACH_NO_SERVER;

	pump_core(n);
	return reach;
}

enum reach
node_ks_elect(struct node *n, const char *group)
{
	enum reach reach = n->core ? core_ks_elect(n->core, group, node_now(n)) : REACH_NO_SERVER;

	pump_core(n);
	return reach;
}

enum expelled
node_ks_expel(struct node *n, const char *group, uint32_t member)
{
	enum expelled e =
	    n->core ? core_ks_expel(n->core, group, member, node_now(n)) : EXPELLED_UNKNOWN;

	pump_core(n);
	return e;
}

enum reach
node_ks_clear_policy(struct node *n, const char *group)
{
	enum reach reach =
	    n->core ? core_ks_clear_policy(n->core, group, node_now(n)) : REACH_NO_SERVER;

	pump_core(n);
	return reach;
}

bool
node_gm_direction(struct node *n, const char *group, enum sa_direction direction)
{
	bool any = n->core && core_gm_direction(n->core, group, direction, node_now(n));

	pump_core(n);
	return any;
}

void
node_set_debug(struct node *n, unsigned what)
{
	n->debug = what;
}

unsigned
node_debug(const struct node *n)
{
	return n->debug;
}

/* --- what may be seen ------------------------------------------------------------------------- */

struct keystore *
node_keystore(struct node *n)
{
	return n->keys;
}

const struct policy_learned *
node_learned(struct node *n, struct arena *a, size_t *ret_n)
{
	*ret_n = 0;
	return n->host && n->host->ops->learned ? n->host->ops->learned(n->host, a, ret_n) : NULL;
}

struct host *
node_host(struct node *n)
{
	return n->host;
}

bool
node_is_plain(const struct node *node)
{
	return node->host && node->host->ops->plain;
}

bool
node_speaks(const struct node *node)
{
	return node->host && node->host->ops->speaks;
}

const struct policy *
node_policy(const struct node *n)
{
	return n->policy;
}

struct core *
node_core(struct node *n)
{
	return n->core;
}

const struct log_sink *
node_log_sink(const struct node *n)
{
	return &n->config.log;
}

msec
node_now(const struct node *n)
{
	return n->host->ops->now(n->host);
}

const struct snap_group *
node_groups(struct node *n, struct arena *a, size_t *ret_n)
{
	*ret_n = 0;
	return n->core ? core_snap_groups(n->core, node_now(n), a, ret_n) : NULL;
}

const struct snap_isakmp *
node_isakmp(struct node *n, struct arena *a, size_t *ret_n)
{
	*ret_n = 0;
	return n->core ? core_snap_isakmp(n->core, node_now(n), a, ret_n) : NULL;
}

bool
node_dp_stat(struct node *n, const char *group, struct dp_stat *ret)
{
	struct dataplane *dp = n->host->ops->dataplane(n->host);

	return dp && dp->ops->stat(dp, group, ret);
}

bool
node_interface_shut(const struct node *n, const char *interface)
{
	return fail_close_shut(&n->doors, interface);
}

bool
node_door_stat(struct node *n, const char *map, bool *ret_open, struct dp_door_stat *ret)
{
	struct dataplane *dp = n->host->ops->dataplane(n->host);

	*ret_open = n->core && n->policy && fail_close_open(n->policy, map, n->core);
	return dp && dp->ops->door_stat && dp->ops->door_stat(dp, map, ret);
}

const uint64_t *
node_drops(const struct node *n)
{
	static const uint64_t none[DROP_COUNT];

	return n->core ? core_drops(n->core) : none;
}

struct snap_pki
node_pki(const struct node *n)
{
	struct snap_pki pki = n->core ? core_pki(n->core) : (struct snap_pki){0};

	crl_cache_counts(n->crls, &pki);
	return pki;
}
