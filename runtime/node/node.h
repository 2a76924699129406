/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One router: a policy, the protocol core, a dataplane, a host, its RSA keys, and its log. The
 * node moves what the core puts out: datagrams to the host, installations to the dataplane, jobs to
 * whoever runs them.
 */
#ifndef TESTUDO_NODE_H
#define TESTUDO_NODE_H

#include "runtime/core/core.h"
#include "runtime/host/host.h"
#include "runtime/node/keystore.h"

struct node;

struct node_config {
	const char *name;
	struct log_sink log; /* every line the node writes; borrowed arg */
	/*
	 * Runs job->run(job) and then node_job_done; NULL: the node runs it on the spot, which is
	 * what a lab in virtual time wants.
	 */
	void (*submit)(void *arg, struct node *node, struct job *job);
	void *arg;
	/*
	 * Where its key servers keep what must outlive them, as the policy wants it; asked when
	 * the node starts. The store is borrowed until node_free. NULL, the function or its answer:
	 * they keep nothing.
	 */
	struct store *(*store)(void *store_arg, const struct policy_store *wanted);
	/*
	 * The store that its key servers share with others, asked with every policy; borrowed until
	 * node_free. NULL, the function or its answer: there is none. *ret_other: it is reached
	 * otherwise than when it was last asked.
	 */
	struct store *(*shared)(void *store_arg, const struct policy *wanted, bool *ret_other);
	/* An interface with `ip address dhcp` has another address: its policy must be made anew. */
	void (*readdressed)(void *store_arg);
	bool shares; /* there is one whatever the policy says: a lab's */
	void *store_arg;
};

struct node *node_new(const struct node_config *config);
bool node_has_shared_store(const struct node *node); /* whatever its policy says */
/* The events a host for this node must be made with; then node_attach gives the node its host. */
struct host_events node_events(struct node *node);
void node_attach(struct node *node, struct host *host);
/* The node is to end in order: core_leave. node_stop follows. */
void node_leave(struct node *node);
void node_free(struct node *node); /* does not close the host */

/* Takes the policy over and makes it true; frees the one before. */
void node_apply(struct node *node, struct policy *take_policy);
void node_job_done(struct node *node, struct job *job);

/*
 * Work that takes long and is not the protocol's: run is called where jobs are run, in a thread,
 * and touches nothing of the node; then done, in the loop's thread, maybe before node_do returns.
 * The task is the caller's until then.
 */
struct node_task {
	void (*run)(struct node_task *task);
	void (*done)(struct node_task *task);
};
void node_do(struct node *node, struct node_task *task);

/*
 * Alarms beside the protocol's own timers, by the node's clock: virtual time in a lab. The alarm is
 * its owner's, who sets fire and arg and keeps it where it is until it went off or was set to
 * MSEC_NEVER. Setting it again moves it. It goes off once, on the loop.
 */
struct node_alarm {
	void (*fire)(void *arg, msec now);
	void *arg;
	msec when;               /* the node's from here on */
	struct node_alarm *next; /* among those that are set */
};
void node_alarm_set(struct node *node, struct node_alarm *alarm, msec when);

/* Power: off forgets SAs, exchanges and groups; keys and policy are the caller's to keep. */
void node_stop(struct node *node);
/* The same without a last word to the dataplane: what a kernel has of ours stays there. */
void node_crash(struct node *node);

enum reach node_clear_group(struct node *node, const char *group /* NULL: all */);
void node_clear_isakmp(struct node *node);
/* Commands of a key server (core.h). */
enum reach node_ks_rekey(struct node *node, const char *group, bool replace_now);
enum reach node_ks_clear_members(struct node *node, const char *group, bool at_once);
/* False: the group (NULL: any) has no key hierarchy here, or no such member. */
enum reach node_ks_elect(struct node *node, const char *group);
enum expelled node_ks_expel(struct node *node, const char *group, uint32_t member);
enum reach node_ks_clear_policy(struct node *node, const char *group);

/* Of a member: which way its SAs work, until it starts anew; false: no such group here. */
bool node_gm_direction(struct node *node, const char *group, enum sa_direction direction);

/* `debug crypto ...`: what the node writes beside its log lines (enum debug_what). */
void node_set_debug(struct node *node, unsigned what);
unsigned node_debug(const struct node *node);

struct keystore *node_keystore(struct node *node); /* owned by the node */
void node_keys_changed(struct node *node);         /* after an RSA key came or went */
/* Revocation lists are texts of the keystore of this kind, labelled "crl:TRUSTPOINT:ISSUER", */
#define NODE_CRL_KIND "crl"
void node_crls_changed(struct node *node); /* after one came or went; */
void node_crl_came(struct node *node);     /* after one was fetched */
void node_crls_clear(struct node *node);   /* the same; what was fetched goes, too */
/* `crypto pki crl request`, as core_crl_request; a stopped node asks for none. */
size_t node_crl_request(struct node *node, const char *trustpoint, size_t *ret_named);
/* and those that were fetched by HTTP, which are asked for every trustpoint. */
struct crl *node_crl(struct node *node, const char *trustpoint,
                     size_t nth); /* both; NULL: no more */
struct crl *node_crl_kept(struct node *node, const char *trustpoint, size_t nth);
struct node_crl_fetch {
	const char *url;
	const struct crl *crl; /* NULL: none came so far */
	const char *why;       /* the last try failed; NULL: it did not, or goes on */
};
bool node_crl_fetch(const struct node *node, size_t nth, struct node_crl_fetch *ret);
struct host *node_host(struct node *node);
/* What its host has learned by DHCP, in the arena. */
const struct policy_learned *node_learned(struct node *node, struct arena *a, size_t *ret_n);
/* Is its host a plain one (host_ops.plain)? */
bool node_is_plain(const struct node *node);
bool node_speaks(const struct node *node);                 /* host_ops.speaks */
const struct policy *node_policy(const struct node *node); /* NULL before the first apply */
msec node_now(const struct node *node);
const struct log_sink *node_log_sink(const struct node *node);
struct core *node_core(struct node *node); /* NULL while stopped; for tests that look inside */

/* Snapshots (snapshot.h, host.h, dataplane.h), in the caller's arena. */
const struct snap_group *node_groups(struct node *node, struct arena *a, size_t *ret_n);
const struct snap_isakmp *node_isakmp(struct node *node, struct arena *a, size_t *ret_n);
bool node_dp_stat(struct node *node, const char *group, struct dp_stat *ret);
/* Is this interface shut, as its crypto map does not protect what it should? */
bool node_interface_shut(const struct node *node, const char *interface);
/* The fail-close mode of a crypto map; false: it has no active one. */
bool node_door_stat(struct node *node, const char *map, bool *ret_open, struct dp_door_stat *ret);
const uint64_t *node_drops(const struct node *node);
struct snap_pki node_pki(const struct node *node); /* since it started */

#endif
