/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server's process that gets no memory (docs/security.md): it ends, whatever it was doing, or
 * does without; and the next one finds a store that is whole, with all that members were told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <sys/resource.h>

#include "runtime/core/gm.h"
#include "runtime/core/ks.h"
#include "tests/hunter/starve.h"
#include "tests/protocol/group.h"
#include "tests/unit/store_kinds.h"

#define POINTS  120 /* allocations that fail, each in a process of its own */
#define MINUTES 40  /* of a life: TEKs end every ten, a KEK once */

#define MEMBERS 2

/* What members hold of the server; in memory that outlives the process. */
struct told {
	struct told_member {
		bool has_kek; /* the one that its server has now */
		uint8_t kek[16];
		uint32_t seq, sid;
		uint32_t spi; /* of the youngest key; 0: none so far */
		msec expires; /* that one, as its server has it */
	} members[MEMBERS];
	uint64_t asked;
	msec now;
	int64_t wall;
};

struct life {
	struct kind kind; /* of store */
	const struct policy_maker *maker;
	enum starve_whose whose;
	uint64_t after, every;
	int closed; /* the first of ten minutes without a free descriptor; -1: from the start */
	struct told *told;
};

#define NEVER 1000

static const struct policy_maker counter = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .suite = {CIPHER_GCM_256, HASH_NONE}};
static const struct policy_maker hierarchy = {
    .tek_lifetime = 600, .kek_lifetime = 2000, .lkh = true, .kek = CIPHER_AES_128};

/* --- a life in a process of its own ----------------------------------------------------------- */

static void
note_policy(struct told_member *t, const struct gm_policy *p, const struct ks *ks)
{
	struct ks_tek *tek;
	msec youngest = 0;

	t->sid = p->sid > t->sid ? p->sid : t->sid;
	t->has_kek = false;
	for (size_t i = 0; i < KS_KINDS; i++)
		t->has_kek |= p->kek.present && ks->kek.present &&
		              !memcmp(p->kek.spi, ks->kek.sas[i].spi, sizeof(p->kek.spi));
	memcpy(t->kek, p->kek.spi, sizeof(t->kek));
	t->seq = p->kek.seq;
	t->expires = 0;
	for (size_t i = 0; i < p->n_teks; i++)
		if (p->teks[i].expires > youngest) {
			youngest = p->teks[i].expires;
			t->spi = p->teks[i].spi;
			t->expires = ks_key_by_spi(ks, t->spi, &tek) ? tek->expires : 0;
		}
}

/* Whenever a datagram leaves, what members hold is noted: they have it by an earlier one. */
static unsigned
note_told(struct world *w, struct packet *p)
{
	struct life *l = w->fault_arg;

	(void)p;
	for (size_t i = 0; i < MEMBERS && i + 1 < w->n_nodes; i++) {
		const struct core *c = w->nodes[i + 1].core;

		if (c && c->n_gms && c->gms[0]->policy)
			note_policy(&l->told->members[i], c->gms[0]->policy,
			            w->nodes[0].core->kss[0]);
	}
	l->told->now = w->now;
	l->told->asked = starve_asked();
	return 1;
}

/* Whether another descriptor can be had. */
static void
limit_descriptors(bool none)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = none ? 0 : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool
live_life(void *arg)
{
	struct life *l = arg;
	struct world *w = world_new();
	struct node_under_test *ks;
	struct store *s;

	crypto_random_seed(1);
	l->told->wall = w->wall;
	w->fault = note_told;
	w->fault_arg = l;
	limit_descriptors(l->closed < 0);
	starve_begin(l->whose, l->after, l->every);
	/* Without memory or a descriptor there is no store, and the server does not start. */
	if (kind_open(&l->kind, 1, &s)) {
		starve_end();
		world_free(w);
		return starve_failed() > 0 || l->closed < 0;
	}
	w->store = s;
	ks = world_server(w, l->maker);
	world_member(w, l->maker, "10.1.23.3");
	world_member(w, l->maker, "10.1.24.4");
	for (int i = 0; i < MINUTES; i++) {
		limit_descriptors(i >= l->closed && i < l->closed + 10);
		world_pass(w, SECONDS(60));
		if (i % 8 == 5)
			core_ks_rekey(ks->core, NULL, false, world_clock(ks));
		world_drain(ks);
		l->told->now = w->now;
	}
	starve_end();
	world_free(w);
	store_close(s);
	return true;
}

/* --- the next one ----------------------------------------------------------------------------- */

/* Is it at the number of the last rekey that this member took, or behind it? */
static bool
knows_number(const struct ks *ks, const struct told_member *t)
{
	const struct ks_kek *keks[1 + KS_OLDER] = {&ks->kek};

	for (size_t i = 0; i < KS_OLDER; i++)
		keks[1 + i] = &ks->older[i];
	for (size_t i = 0; i < ARRAY_SIZE(keks); i++)
		for (size_t k = 0; k < KS_KINDS; k++)
			if (keks[i]->present &&
			    !memcmp(keks[i]->sas[k].spi, t->kek, sizeof(t->kek)))
				return keks[i]->sas[k].seq >= t->seq;
	return false;
}

static void
check_member(const struct life *l, const struct ks *ks, const struct told_member *t)
{
	unsigned long long nth = l->after;

	if (t->sid && ks->next_sid <= t->sid)
		fail_msg("allocation %llu failed, and identifier %u is free", nth, t->sid);
	if (l->maker->lkh)
		return; /* with a key hierarchy the members have to register again */
	if (t->expires > l->told->now + SECONDS(60) && !ks_key_by_spi(ks, t->spi, NULL))
		fail_msg("allocation %llu failed, and a member's key is forgotten", nth);
	if (t->has_kek && !knows_number(ks, t))
		fail_msg("allocation %llu failed, and rekey %u is forgotten", nth, t->seq);
}

static void
boot_next(struct life *l)
{
	struct world *w = world_new();
	struct told *t = l->told;
	struct store *s = NULL;
	const struct ks *ks;

	w->wall = t->wall ? t->wall : w->wall;
	w->now = t->now ? t->now + 1 : w->now;
	if (kind_open(&l->kind, 1, &s))
		fail_msg("allocation %llu failed, and the store is lost",
		         (unsigned long long)l->after);
	w->store = s;
	ks = world_server(w, l->maker)->core->kss[0];
	world_pass(w, 1);
	if (node_logged(&w->nodes[0], "STORE_UNREADABLE") || ks->loading)
		fail_msg("allocation %llu failed, and the store cannot be read",
		         (unsigned long long)l->after);
	for (size_t i = 0; i < MEMBERS; i++)
		check_member(l, ks, &t->members[i]);
	world_free(w);
	store_close(s);
}

/* What has become of the process. */
static enum starve_end
live_once(struct life *l)
{
	char said[4096];
	enum starve_end end;

	memset(l->told, 0, sizeof(*l->told));
	l->kind = (struct kind){.name = "sealed file", .file = true, .sealed = true};
	kind_start(&l->kind);
	store_close(l->kind.s); /* no process inherits an open one */
	l->kind.s = NULL;
	end = starve_run(live_life, l, said, sizeof(said));
	if (end == STARVE_WRONG)
		fail_msg("allocation %llu failed, and it neither lived nor ended well: %s",
		         (unsigned long long)l->after, said);
	boot_next(l);
	kind_end(&l->kind);
	return end;
}

static void
starve_everywhere(const struct policy_maker *m, enum starve_whose whose, uint64_t every)
{
	struct life l = {.maker = m, .whose = whose, .after = UINT64_MAX, .closed = NEVER};
	unsigned ends[3] = {0};
	uint64_t all;

	if (!starve_possible())
		skip();
	world_free(world_new()); /* its RSA key is that of all processes */
	l.told =
	    mmap(NULL, sizeof(*l.told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(l.told != MAP_FAILED);
	assert_int_equal(live_once(&l), STARVE_LIVED);
	assert_true(l.told->members[1].spi && l.told->asked > POINTS);
	all = l.told->asked;
	l.every = every;
	for (uint64_t i = 0; i < POINTS; i++) {
		l.after = all * i / POINTS + i;
		ends[live_once(&l)]++;
	}
	print_message("of %d processes %u ended, %u did without\n", POINTS, ends[STARVE_ENDED],
	              ends[STARVE_LIVED]);
	assert_true(ends[STARVE_ENDED] > 0);
	munmap(l.told, sizeof(*l.told));
}

static void
test_any_allocation_fails(void **state)
{
	(void)state;
	starve_everywhere(&counter, STARVE_ALL, 0);
}

static void
test_any_allocation_fails_with_a_key_hierarchy(void **state)
{
	(void)state;
	starve_everywhere(&hierarchy, STARVE_ALL, 0);
}

/* OpenSSL and SQLite are told that there is none, now and later. */
static void
test_allocations_of_libraries_fail(void **state)
{
	(void)state;
	starve_everywhere(&counter, STARVE_LIBRARIES, 1000);
}

static void
test_no_descriptor_is_free(void **state)
{
	struct life l = {.maker = &counter, .after = UINT64_MAX};

	(void)state;
	world_free(world_new());
	l.told =
	    mmap(NULL, sizeof(*l.told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(l.told != MAP_FAILED);
	for (l.closed = -1; l.closed < MINUTES; l.closed += 4)
		assert_int_equal(live_once(&l), STARVE_LIVED);
	munmap(l.told, sizeof(*l.told));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_allocation_fails),
	    cmocka_unit_test(test_any_allocation_fails_with_a_key_hierarchy),
	    cmocka_unit_test(test_allocations_of_libraries_fail),
	    cmocka_unit_test(test_no_descriptor_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
