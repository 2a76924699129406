/* SPDX-License-Identifier: Apache-2.0 */
/* Key servers that share a store, in a world of cores, and their members. After cmocka.h. */
#ifndef TESTUDO_TEST_COOP_WORLD_H
#define TESTUDO_TEST_COOP_WORLD_H

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "runtime/store/store_line.h"
#include "runtime/store/store_memory.h"
#include "tests/protocol/world.h"

#define SERVERS  3
#define MEMBERS  3
#define STRANGER 0x0a4d0101 /* registers without a node of its own */

static const char *const server_addrs[SERVERS] = {"10.1.12.1", "10.1.12.2", "10.1.12.5"};
static const char *const member_addrs[MEMBERS] = {"10.1.23.3", "10.1.24.4", "10.1.25.5"};

static const struct policy_maker usual = {.tek_lifetime = 600, .kek_lifetime = 2000};
static const struct policy_maker counter = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .suite = {CIPHER_GCM_256, HASH_NONE}};

struct coop_world {
	struct world *w;
	struct store *lab;
	size_t n;
	struct node_under_test *ks[SERVERS], *gm[MEMBERS];
	struct store *lines[SERVERS];
};

static inline msec
world_time(void *arg)
{
	return ((struct world *)arg)->now;
}

static inline struct policy_maker
server_maker(const struct policy_maker *m, size_t i)
{
	struct policy_maker s = *m;

	s.priority = (uint8_t)(100 - 10 * i);
	return s;
}

static inline void
add_server(struct coop_world *c, const struct policy_maker *m, size_t i)
{
	const struct policy_maker s = server_maker(m, i);

	c->lines[i] = store_line_new(store_memory_door(c->lab));
	c->w->shared = c->lines[i];
	c->ks[i] = world_node(c->w, server_addrs[i], policy_server(&s, addr_of(server_addrs[i])));
	c->n = i + 1;
}

/* The server's policy with so many groups, which begin at 134: some of G0, G1. */
static inline struct policy *
policy_of_groups(size_t i, size_t first, size_t n_groups)
{
	static const char *const names[] = {"G0", "G1"};
	const struct policy_maker s = server_maker(&usual, i);
	struct policy *p = policy_server(&s, addr_of(server_addrs[i]));
	struct policy_group *groups = arena_alloc(p->arena, n_groups * sizeof(*groups));

	for (size_t k = 0; k < n_groups; k++) {
		groups[k] = p->groups[0];
		groups[k].name = names[first + k];
		groups[k].id.value = 134 + (uint32_t)(first + k);
	}
	p->groups = groups;
	p->n_groups = n_groups;
	return p;
}

static inline void
add_server_of_two(struct coop_world *c, struct policy *p)
{
	c->lines[c->n] = store_line_new(store_memory_door(c->lab));
	c->w->shared = c->lines[c->n];
	c->ks[c->n] = world_node(c->w, server_addrs[c->n], p);
	c->n++;
}

/* Member i prefers server i, and knows the next one. */
static inline struct node_under_test *
add_member(struct coop_world *c, const struct policy_maker *m, size_t i)
{
	struct policy_maker s = *m;

	s.servers[0] = server_addrs[i % c->n];
	s.servers[1] = server_addrs[(i + 1) % c->n];
	c->gm[i] = world_member(c->w, &s, member_addrs[i]);
	return c->gm[i];
}

static inline struct coop_world
coop_new(const struct policy_maker *m, size_t n_servers)
{
	struct coop_world c = {.w = world_new(), .lab = store_memory_new()};

	store_memory_set_clock(c.lab, world_time, c.w);
	for (size_t i = 0; i < n_servers; i++)
		add_server(&c, m, i);
	world_pass(c.w, SECONDS(5));
	for (size_t i = 0; i < MEMBERS; i++)
		add_member(&c, m, i);
	world_pass(c.w, SECONDS(5));
	return c;
}

static inline void
coop_free(struct coop_world *c)
{
	world_free(c->w);
	for (size_t i = 0; i < c->n; i++)
		store_close(c->lines[i]);
	store_close(c->lab);
}

static inline struct ks *
ks_of(const struct node_under_test *n)
{
	return n->core->kss[0];
}

static inline uint32_t
newest_spi(const struct node_under_test *n)
{
	const struct ks *ks = ks_of(n);

	return ks->n_sas && ks->sas[0].n_teks ? ks->sas[0].teks[ks->sas[0].n_teks - 1].keys[0].spi
	                                      : 0;
}

/* The only one that leads; NULL: none, or several. */
static inline struct node_under_test *
leader_of(const struct coop_world *c)
{
	struct node_under_test *leader = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->ks[i]->core && !c->ks[i]->asleep && ks_of(c->ks[i])->coop.leads) {
			if (leader)
				return NULL;
			leader = c->ks[i];
		}
	return leader;
}

static inline unsigned
count_logged(const struct node_under_test *n, const char *text)
{
	unsigned count = 0;

	for (const char *at = n->log; (at = strstr(at, text)); at++)
		count++;
	return count;
}

static inline unsigned
count_registrations(const struct coop_world *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < MEMBERS; i++)
		n += c->gm[i]->core->gms[0]->successes;
	return n;
}

static inline void
assert_one_group(const struct coop_world *c)
{
	for (size_t i = 0; i < MEMBERS; i++)
		for (size_t j = 0; j < MEMBERS; j++)
			assert_true(node_registered(c->gm[i]) && node_hears(c->gm[i], c->gm[j]));
}

static inline void
assert_same_keys(const struct coop_world *c)
{
	uint32_t spi = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!c->ks[i]->core || c->ks[i]->asleep)
			continue;
		spi = spi ? spi : newest_spi(c->ks[i]);
		assert_true(spi);
		assert_int_equal(newest_spi(c->ks[i]), spi);
	}
}

static inline void
rekey_now(struct coop_world *c, struct node_under_test *n)
{
	core_ks_rekey(n->core, NULL, false, world_clock(n));
	world_drain(n);
	world_pass(c->w, SECONDS(2));
}

static inline void
kill_node(struct node_under_test *n)
{
	core_free(n->core);
	n->core = NULL;
}

static inline bool
remove_record(void *arg, const struct store_record *r)
{
	char **names = arg;
	size_t i = 0;

	while (names[i])
		i++;
	names[i] = x_strdup(r->name);
	return true;
}

struct copied {
	char *name;
	uint8_t *value;
	size_t n;
};

static inline bool
copy_record(void *arg, const struct store_record *r)
{
	struct copied *to = arg;

	while (to->name)
		to++;
	*to = (struct copied){x_strdup(r->name), x_memdup(r->value.p, r->value.n + !r->value.n),
	                      r->value.n};
	return true;
}

/* Takes away all that is in the store, or what is not in the copy. */
static inline void
put_back_copy(struct coop_world *c, struct copied *copy)
{
	char *names[64] = {0};

	assert_int_equal(c->lab->ops->read(c->lab, "", remove_record, names, NULL), 0);
	for (size_t i = 0; names[i]; i++) {
		const struct store_write w = {.name = names[i]};

		c->lab->ops->commit(c->lab, &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
		free(names[i]);
	}
	for (; copy && copy->name; copy++) {
		const struct store_write w = {.name = copy->name,
		                              .value = SPAN(copy->value, copy->n)};

		if (!strstr(copy->name, "servers/") && !strstr(copy->name, "leader"))
			c->lab->ops->commit(c->lab,
			                    &(struct store_txn){.n_writes = 1, .writes = &w}, NULL);
		free(copy->name);
		free(copy->value);
	}
}

static inline bool
note_found(void *arg, const struct store_record *r)
{
	*(uint64_t *)arg = r->revision;
	return true;
}

/* The revision of the record; 0: it is not there. */
static inline uint64_t
revision_of(const struct coop_world *c, uint32_t member)
{
	char name[KS_NAME_MAX];
	uint64_t revision = 0;

	ks_save_name(&ks_of(c->ks[0])->id, name, "members/%08x", member);
	assert_int_equal(c->lab->ops->read(c->lab, name, note_found, &revision, NULL), 0);
	return revision;
}

/* The next job of the node, made and not yet run; NULL: there is none. */
static inline struct job *
hold_job(struct node_under_test *n)
{
	struct core_out out;

	while (core_poll(n->core, &out)) {
		if (out.kind == CORE_JOB)
			return out.job;
		if (out.kind == CORE_DATAGRAM)
			world_send(n->world, n, &out.datagram.path, out.datagram.bytes);
	}
	return NULL;
}

/* The first server leads, the second follows; nobody registers again by himself. */
static inline struct coop_world
world_at_rest(void)
{
	struct coop_world c = coop_new(&usual, 2);

	assert_true(ks_of(c.ks[0])->coop.leads);
	for (size_t i = 0; i < MEMBERS; i++)
		kill_node(c.gm[i]);
	return c;
}

static inline struct ks_member *
known_at(const struct coop_world *c, size_t server, uint32_t member)
{
	return ks_member_find(ks_of(c->ks[server]), member);
}

/* Is it a member for all, or for nobody? */
static inline void
assert_members(const struct coop_world *c, uint32_t member, bool there)
{
	assert_int_equal(revision_of(c, member) != 0, there);
	for (size_t i = 0; i < c->n; i++)
		assert_int_equal(known_at(c, i, member) != NULL, there);
}

static inline void
done_job(struct node_under_test *n, struct job *job)
{
	job->run(job);
	core_done(n->core, &(struct core_result){.job = job}, world_clock(n));
}

/* The transaction of what was just done, made and not yet carried out. */
static inline struct job *
hold_batch(struct node_under_test *n)
{
	const struct keep *k = &n->core->keeps[KEEP_SHARED];
	struct job *job;

	while ((job = hold_job(n)) && job != (struct job *)k->under_way)
		done_job(n, job);
	assert_non_null(job);
	return job;
}

/* The next look at all there is, which has read and not yet told. */
static inline struct job *
hold_look(struct node_under_test *n)
{
	struct job *job;

	world_drain(n);
	assert_null(n->core->coop.under_way);
	ks_of(n)->coop.doubts++;
	coop_look(n->core);
	core_expire(n->core, world_clock(n));
	job = hold_job(n);
	assert_ptr_equal(job, (struct job *)n->core->coop.under_way);
	job->run(job);
	return job;
}

/* What was made, and carried out meanwhile, is told. */
static inline void
tell_job(struct node_under_test *n, struct job *job)
{
	core_done(n->core, &(struct core_result){.job = job}, world_clock(n));
}

static inline uint32_t
sid_of(const struct node_under_test *n)
{
	return n->core->gms[0]->policy->sid;
}

#endif
