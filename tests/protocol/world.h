/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world of cores in one process: a little network that a test can spoil, virtual time, and
 * policies made by hand. Jobs run on the spot. Used by the protocol tests and the benchmark.
 */
#ifndef TESTUDO_TEST_WORLD_H
#define TESTUDO_TEST_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/core_priv.h"
#include "runtime/crypto/random.h"
#include "runtime/crypto/sig.h"

#define WORLD_NODES   16
#define WORLD_LOG     65536
#define WORLD_PACKETS 4096
#define WORLD_LATENCY 10

struct world;

struct packet {
	msec at;
	struct path path; /* as the receiver sees it */
	uint8_t *bytes;
	size_t n;
};

/* What the last installation said. */
struct installed {
	unsigned count, cleared;
	size_t n_entries, n_sas;
	struct dp_entry entries[DP_SELECTORS_MAX];
	struct dp_sa sas[DP_SAS_MAX];
	uint8_t keys[DP_SAS_MAX][2][64];
	int error; /* what the dataplane shall answer */
};

struct node_under_test {
	struct world *world;
	uint32_t addr;
	msec skew; /* its clock is ahead of the world's by so much */
	struct core *core;
	struct policy *policy;
	struct installed dp;
	uint32_t joined;      /* multicast address it listens to */
	uint16_t joined_port; /* UDP port beside 848 */
	char log[WORLD_LOG];
	size_t log_n;
	struct store *store;  /* borrowed; NULL: none */
	struct store *shared; /* with other key servers; borrowed; NULL: none */
	int64_t wall_wrong;   /* its wall clock is wrong by so much, milliseconds */
	bool lacks_rsa;       /* it has no RSA key pairs */
	bool asleep;          /* it stands still: datagrams are lost, timers wait */
	const struct ec_key *ec;
	struct crl *crl;    /* of its trustpoints; borrowed; NULL: none */
	struct crl *second; /* beside that one; NULL: none */
	const char *crl_of; /* of this one alone; NULL: of all */
	bool fetches;       /* it takes requests for lists, which its maker answers */
	char wanted[512];   /* the address that was asked for last */
	unsigned requests;  /* different ones */
	unsigned crash_in;  /* it crashes at so many jobs from now; 0: never */
	bool crash_after_job;
	unsigned crashes;
};

struct world {
	msec now;
	int64_t wall; /* the wall clock is so much ahead of now, milliseconds */
	size_t n_nodes;
	struct node_under_test nodes[WORLD_NODES];
	size_t n_packets;
	struct packet packets[WORLD_PACKETS];
	unsigned sent; /* datagrams so far */
	/* Called for every datagram sent; may change it. How often it arrives. */
	unsigned (*fault)(struct world *w, struct packet *p);
	void *fault_arg;
	msec delay; /* the fault may hold this packet back by so much more */
	struct rsa_key *rsa;
	struct rsa_key *next_rsa; /* "NEXT_KEY"; NULL: none */
	const struct ec_key *ec;  /* EC_KEY of the nodes made from now on; borrowed; NULL: none */
	struct store
	    *store; /* of the key servers that are made from now on; NULL: they have none */
	struct store *shared; /* the same, of several */
};

static inline uint32_t
addr_of(const char *text)
{
	uint32_t a = 0;

	if (!addr_parse(text, &a))
		abort();
	return a;
}

/* --- policies --------------------------------------------------------------------------------- */

struct policy_maker { /* what a test wants; 0 takes the usual */
	const char *key;
	enum cipher_id cipher;
	enum hash_id hash;
	uint16_t group;
	uint32_t ike_lifetime;
	uint32_t identity;
	struct esp_suite suite;
	uint32_t tek_lifetime, kek_lifetime;
	bool no_rekey, transport, multicast, bare_hash;
	uint16_t activation, deactivation;
	uint16_t group_port;            /* of multicast rekeys; 0: 848 */
	uint32_t time_window;           /* seconds; 0: counter-based replay protection */
	const char *only;               /* server: the only member authorized */
	uint8_t sid_bits;               /* 0: 24 */
	struct policy_kssids kssids[2]; /* n_kssids of them */
	size_t n_kssids;
	bool lkh;                        /* server: a key hierarchy */
	enum cipher_id kek;              /* 0: 3DES */
	bool no_legacy;                  /* member: `crypto engine legacy disable` */
	const struct esp_suite *accepts; /* member: this suite and no other; NULL: any */
	const char *servers[2];
	bool not_applied;
	const char *peer;        /* of the key; NULL: anybody */
	const char *permit_net;  /* the second octet's worth of traffic; NULL: 192.168 */
	uint32_t recovery_check; /* member: `client recovery-check interval`; 0: off */
	uint8_t priority;        /* server: `redundancy`, `local priority`; 0: it is alone */
	struct policy_keepalive keepalive;
};

static inline struct policy *
policy_begin(const struct policy_maker *m)
{
	struct arena *a = arena_new();
	struct policy *p = arena_alloc(a, sizeof(*p));
	struct policy_isakmp *i = arena_alloc(a, sizeof(*i));
	struct policy_psk *k = arena_alloc(a, sizeof(*k));
	const char *key = m->key ? m->key : "GET_KEY";

	p->arena = a;
	p->hostname = "R";
	p->domain_name = "";
	p->isakmp_enabled = true;
	p->keepalive = m->keepalive;
	*i = (struct policy_isakmp){.number = 10,
	                            .cipher = m->cipher ? m->cipher : CIPHER_AES_128,
	                            .hash = m->hash ? m->hash : HASH_SHA1,
	                            .auth = ISAKMP_AUTH_PSK,
	                            .group = m->group ? m->group : 19,
	                            .lifetime = m->ike_lifetime ? m->ike_lifetime : 86400};
	p->isakmp = i;
	p->n_isakmp = 1;
	k->key = SPAN(arena_strdup(a, key), strlen(key));
	if (m->peer) {
		k->addr = addr_of(m->peer);
		k->mask = UINT32_MAX;
	}
	p->psks = k;
	p->n_psks = 1;
	return p;
}

static inline struct policy *
policy_server(const struct policy_maker *m, uint32_t addr)
{
	struct policy *p = policy_begin(m);
	struct arena *a = p->arena;
	struct policy_group *g = arena_alloc(a, sizeof(*g));
	struct policy_sa *sa = arena_alloc(a, sizeof(*sa));
	struct selector *s = arena_alloc(a, 2 * sizeof(*s));
	uint32_t net = addr_of(m->permit_net ? m->permit_net : "192.168.0.0");

	s[0] = (struct selector){.proto = 17, .sport = 848, .dport = 848};
	s[1] = (struct selector){
	    .permit = true, .src = net, .src_mask = 0xffff0000, .dst = net, .dst_mask = 0xffff0000};
	*sa = (struct policy_sa){.number = 1,
	                         .profile = "GET_PRO",
	                         .acl_name = "LAN_LIST",
	                         .suite = {CIPHER_3DES, HASH_SHA1},
	                         .transport = m->transport,
	                         .lifetime = m->tek_lifetime ? m->tek_lifetime : 3600,
	                         .window = m->time_window ? 0 : 64,
	                         .time_window = m->time_window,
	                         .n_selectors = 2,
	                         .selectors = s};
	if (m->suite.cipher || m->suite.auth)
		sa->suite = m->suite;
	*g = (struct policy_group){.name = "GET_VPN",
	                           .id = {GROUP_ID_NUMBER, m->identity ? m->identity : 134},
	                           .local = true};
	g->server = (struct policy_server){.addr = addr,
	                                   .n_sas = 1,
	                                   .sas = sa,
	                                   .sid_bits = m->sid_bits ? m->sid_bits : POLICY_SID_BITS,
	                                   .n_kssids = m->n_kssids,
	                                   .kssids = arena_memdup(a, m->kssids, sizeof(m->kssids))};
	g->server.coop = (struct policy_coop){.configured = m->priority, .priority = m->priority};
	g->server.rekey =
	    (struct policy_rekey){.configured = !m->no_rekey,
	                          .rsa_label = m->no_rekey ? NULL : "GET_KEY",
	                          .unicast = !m->multicast,
	                          .bare_hash = m->bare_hash,
	                          .activation = m->activation,
	                          .deactivation = m->deactivation,
	                          .group_addr = m->multicast ? 0xef010101 : 0,
	                          .group_port = m->group_port ? m->group_port : 848,
	                          .cipher = m->kek ? m->kek : CIPHER_3DES,
	                          .lkh = m->lkh,
	                          .sig_hash = HASH_SHA1,
	                          .lifetime = m->kek_lifetime ? m->kek_lifetime : 86400,
	                          .retransmit_period = 10,
	                          .retransmit_number = 2};
	if (m->only) {
		struct policy_acl *acl = arena_alloc(a, sizeof(*acl));
		struct policy_ace *ace = arena_alloc(a, sizeof(*ace));

		*ace = (struct policy_ace){.seq = 10,
		                           .permit = true,
		                           .icmp_type = -1,
		                           .src = addr_of(m->only),
		                           .src_mask = UINT32_MAX,
		                           .text = ""};
		*acl = (struct policy_acl){
		    .name = "GM_LIST", .standard = true, .n_aces = 1, .aces = ace};
		g->server.authorization = true;
		g->server.authorization_name = "GM_LIST";
		g->server.authorized = acl;
	}
	p->groups = g;
	p->n_groups = 1;
	return p;
}

static inline struct policy *
policy_member(const struct policy_maker *m, uint32_t addr)
{
	struct policy *p = policy_begin(m);
	struct policy_group *g = arena_alloc(p->arena, sizeof(*g));
	struct policy_group_interface *i = arena_alloc(p->arena, sizeof(*i));
	size_t n;

	*i = (struct policy_group_interface){
	    .name = "FastEthernet0/0", .map = "CMAP", .seq = 10, .local_addr = addr};
	*g = (struct policy_group){.name = "GET_VPN",
	                           .id = {GROUP_ID_NUMBER, m->identity ? m->identity : 134},
	                           .n_interfaces = !m->not_applied,
	                           .interfaces = i};
	g->recovery_check = m->recovery_check;
	g->only_suites = m->accepts;
	g->n_suites = m->accepts != NULL;
	g->suites = m->accepts;
	g->no_legacy = m->no_legacy;
	for (n = 0; n < 2 && m->servers[n]; n++)
		g->servers[g->n_servers++] = addr_of(m->servers[n]);
	if (!g->n_servers)
		g->servers[g->n_servers++] = addr_of("10.1.12.1");
	p->groups = g;
	p->n_groups = 1;
	return p;
}

/* --- nodes ------------------------------------------------------------------------------------ */

static inline void
world_log(void *arg, const struct log_record *r)
{
	struct node_under_test *n = arg;
	int room = (int)(sizeof(n->log) - n->log_n);
	int k = snprintf(n->log + n->log_n, (size_t)room, "%s\n", r->text);

	if (getenv("WORLD_VERBOSE")) {
		char text[ADDR_TEXT_MAX];

		printf("%8.2f %-10s %s\n", (double)n->world->now / 1000, addr_text(n->addr, text),
		       r->text);
	}
	if (k > 0 && k < room)
		n->log_n += (size_t)k;
}

static inline const struct rsa_key *
world_rsa(void *arg, const char *label)
{
	struct node_under_test *n = arg;

	if (n->lacks_rsa)
		return NULL;
	return strcmp(label, "GET_KEY") == 0    ? n->world->rsa
	       : strcmp(label, "NEXT_KEY") == 0 ? n->world->next_rsa
	                                        : NULL;
}

static inline const struct ec_key *
world_ec(void *arg, const char *label)
{
	struct node_under_test *n = arg;

	return strcmp(label, "EC_KEY") == 0 ? n->ec : NULL;
}

static inline struct world *
world_new(void)
{
	static struct rsa_key *rsa;
	struct world *w = x_alloc(sizeof(*w));

	crypto_init();
	if (!rsa)
		rsa = rsa_key_generate(1024);
	w->rsa = rsa;
	w->now = 1000;
	w->wall = (int64_t)time(NULL) * 1000;
	return w;
}

static inline void
world_free(struct world *w)
{
	size_t i;

	for (i = 0; i < w->n_nodes; i++) {
		core_free(w->nodes[i].core);
		policy_free(w->nodes[i].policy);
	}
	for (i = 0; i < w->n_packets; i++)
		free(w->packets[i].bytes);
	free(w);
}

/* What this node's clock says. */
static inline msec
world_clock(const struct node_under_test *n)
{
	return n->world->now + n->skew;
}

/* The world's time when this node wants to act. */
static inline msec
world_next(const struct node_under_test *n)
{
	msec next = n->core && !n->asleep ? core_next(n->core) : MSEC_NEVER;

	return next == MSEC_NEVER ? next : next - n->skew;
}

static inline void
world_send(struct world *w, const struct node_under_test *from, const struct path *path,
           struct span bytes)
{
	struct packet p = {.path = {.local = path->remote,
	                            .remote = path->local ? path->local : from->addr,
	                            .local_port = path->remote_port,
	                            .remote_port = path->local_port},
	                   .bytes = x_memdup(bytes.p, bytes.n),
	                   .n = bytes.n};
	unsigned times = 1;

	w->delay = 0;
	w->sent++;
	if (w->fault)
		times = w->fault(w, &p);
	p.at = w->now + WORLD_LATENCY + w->delay;
	for (; times && w->n_packets < WORLD_PACKETS; times--) {
		struct packet *q = &w->packets[w->n_packets++];

		*q = p;
		q->bytes = x_memdup(p.bytes, p.n);
	}
	free(p.bytes);
}

static inline void
world_install(struct node_under_test *n, const struct dp_group *g)
{
	struct installed *d = &n->dp;
	size_t i;

	d->count++;
	d->n_entries = g->n_entries;
	d->n_sas = g->n_sas;
	if (g->n_entries)
		memcpy(d->entries, g->entries, g->n_entries * sizeof(d->entries[0]));
	for (i = 0; i < g->n_sas; i++) {
		d->sas[i] = g->sas[i];
		memcpy(d->keys[i][0], g->sas[i].enc_key.p, g->sas[i].enc_key.n);
		if (g->sas[i].auth_key.n)
			memcpy(d->keys[i][1], g->sas[i].auth_key.p, g->sas[i].auth_key.n);
		d->sas[i].enc_key.p = d->keys[i][0];
		d->sas[i].auth_key.p = d->keys[i][1];
	}
}

/* Dies with this job at hand, run or not, and what it had still to say. */
static inline void
node_dies(struct node_under_test *n, struct job *job)
{
	struct core_job *j = (struct core_job *)(void *)job;

	if (n->crash_after_job)
		job->run(job);
	j->discard(j);
	core_free(n->core);
	n->core = NULL;
	n->crashes++;
}

static inline void
world_drain(struct node_under_test *n)
{
	struct world *w = n->world;
	struct core_out out;

	while (n->core && core_poll(n->core, &out)) {
		switch (out.kind) {
		case CORE_DATAGRAM:
			world_send(w, n, &out.datagram.path, out.datagram.bytes);
			break;
		case CORE_JOB:
			if (n->crash_in && !--n->crash_in) {
				node_dies(n, out.job);
				return;
			}
			out.job->run(out.job);
			core_done(n->core, &(struct core_result){.job = out.job}, world_clock(n));
			break;
		case CORE_INSTALL: {
			struct core_result r = {.ticket = out.install.ticket, .error = n->dp.error};

			if (!n->dp.error)
				world_install(n, out.install.group);
			core_done(n->core, &r, world_clock(n));
			break;
		}
		case CORE_JOIN:
			n->joined = out.join.on ? out.join.group : 0;
			n->joined_port = out.join.on ? out.join.port : 0;
			break;
		case CORE_CLEAR:
			n->dp.cleared++;
			n->dp.n_entries = n->dp.n_sas = 0;
			break;
		}
	}
}

static inline void
node_set(struct node_under_test *n, struct policy *take_policy)
{
	struct policy *old = n->policy;

	n->policy = take_policy;
	core_apply(n->core, take_policy, world_clock(n));
	policy_free(old);
	world_drain(n);
}

static inline int64_t
world_wall(void *arg)
{
	const struct node_under_test *n = arg;

	return n->world->wall + n->world->now + n->wall_wrong;
}

static inline struct crl *
world_crl(void *arg, const char *trustpoint, size_t nth)
{
	const struct node_under_test *n = arg;

	if (n->crl_of && strcmp(n->crl_of, trustpoint) != 0)
		return NULL;
	return nth == 0 ? n->crl : nth == 1 ? n->second : NULL;
}

static inline bool
world_crl_fetch(void *arg, const char *url, struct span issuer)
{
	struct node_under_test *n = arg;

	if (!n->fetches || !issuer.n)
		return false;
	n->requests += strcmp(n->wanted, url) != 0;
	snprintf(n->wanted, sizeof(n->wanted), "%s", url);
	return true;
}

static inline void
node_boot(struct node_under_test *n)
{
	struct core_env env = {.rsa_key = world_rsa,
	                       .ec_key = world_ec,
	                       .crl = world_crl,
	                       .crl_fetch = world_crl_fetch,
	                       .random = crypto_random,
	                       .wall = world_wall,
	                       .store = n->store,
	                       .shared = n->shared,
	                       .log = {.write = world_log, .arg = n},
	                       .arg = n};

	core_free(n->core);
	n->core = core_new(&env);
	if (n->policy) {
		core_apply(n->core, n->policy, world_clock(n));
		world_drain(n);
	}
}

static inline struct node_under_test *
world_node(struct world *w, const char *addr, struct policy *take_policy)
{
	struct node_under_test *n = &w->nodes[w->n_nodes++];

	n->shared = take_policy->groups->local ? w->shared : NULL;

	n->world = w;
	n->addr = addr_of(addr);
	n->store = take_policy->groups->local ? w->store : NULL;
	n->ec = w->ec;
	node_boot(n);
	node_set(n, take_policy);
	return n;
}

static inline struct node_under_test *
world_server(struct world *w, const struct policy_maker *m)
{
	return world_node(w, "10.1.12.1", policy_server(m, addr_of("10.1.12.1")));
}

static inline struct node_under_test *
world_member(struct world *w, const struct policy_maker *m, const char *addr)
{
	return world_node(w, addr, policy_member(m, addr_of(addr)));
}

/* --- time ------------------------------------------------------------------------------------- */

/* Port 848 of its own address, and where its rekeys come. */
static inline bool
node_listens(const struct node_under_test *n, const struct path *path)
{
	return (n->addr == path->local && path->local_port == 848) ||
	       ((n->joined ? n->joined : n->addr) == path->local &&
	        path->local_port == n->joined_port);
}

static inline void
world_deliver(struct world *w, size_t i)
{
	struct packet p = w->packets[i];
	size_t k;

	memmove(&w->packets[i], &w->packets[i + 1], (--w->n_packets - i) * sizeof(w->packets[0]));
	for (k = 0; k < w->n_nodes; k++)
		if (w->nodes[k].core && !w->nodes[k].asleep &&
		    node_listens(&w->nodes[k], &p.path)) {
			core_input(w->nodes[k].core, &p.path, SPAN(p.bytes, p.n),
			           world_clock(&w->nodes[k]));
			world_drain(&w->nodes[k]);
		}
	free(p.bytes);
}

/* Every event up to and at `until`, in order. */
static inline void
world_run(struct world *w, msec until)
{
	for (;;) {
		msec next = MSEC_NEVER;
		size_t i, first = 0;
		struct node_under_test *node = NULL;

		for (i = 0; i < w->n_packets; i++)
			if (w->packets[i].at < next) {
				next = w->packets[i].at;
				first = i;
			}
		for (i = 0; i < w->n_nodes; i++)
			if (world_next(&w->nodes[i]) < next) {
				next = world_next(&w->nodes[i]);
				node = &w->nodes[i];
			}
		if (next > until)
			break;
		if (next > w->now)
			w->now = next;
		if (node) {
			core_expire(node->core, world_clock(node));
			world_drain(node);
		} else {
			world_deliver(w, first);
		}
	}
	w->now = until;
}

static inline void
world_pass(struct world *w, msec time)
{
	world_run(w, w->now + time);
}

/* --- looking ---------------------------------------------------------------------------------- */

static inline bool
node_registered(const struct node_under_test *n)
{
	struct arena *a = arena_new();
	size_t count;
	const struct snap_group *g = core_snap_groups(n->core, world_clock(n), a, &count);
	bool yes = count && g[0].registration == SNAP_REGISTERED && g[0].successes > 0;

	arena_free(a);
	return yes;
}

static inline size_t
node_members(const struct node_under_test *n)
{
	struct arena *a = arena_new();
	size_t count, members;
	const struct snap_group *g = core_snap_groups(n->core, world_clock(n), a, &count);

	members = count ? g[0].n_members : 0;
	arena_free(a);
	return members;
}

static inline bool
node_logged(const struct node_under_test *n, const char *text)
{
	return strstr(n->log, text) != NULL;
}

/* The key this node sends with; NULL: none. */
static inline const struct dp_sa *
node_sender(const struct node_under_test *n)
{
	size_t i = n->dp.n_sas;

	while (i-- > 0)
		if (n->dp.sas[i].send)
			return &n->dp.sas[i];
	return NULL;
}

/* Would a packet that `from` encrypts now be understood by `to`? */
static inline bool
node_hears(const struct node_under_test *from, const struct node_under_test *to)
{
	const struct dp_sa *s = node_sender(from);
	size_t i;

	for (i = 0; s && i < to->dp.n_sas; i++) {
		const struct dp_sa *t = &to->dp.sas[i];

		if (t->receive && t->spi == s->spi && t->enc_key.n == s->enc_key.n &&
		    memcmp(t->enc_key.p, s->enc_key.p, s->enc_key.n) == 0)
			return true;
	}
	return false;
}

#endif
