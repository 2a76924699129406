/* SPDX-License-Identifier: Apache-2.0 */
/* ISAKMP profiles and keyrings at work (runtime/core/ike_profile.c, ike_psk.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/gm.h"
#include "tests/protocol/world.h"

#define KS "10.1.12.1"
#define R3 "10.1.23.3"
#define R4 "10.1.24.4"

static const struct policy_maker usual = {.servers = {KS}};

/* --- policies --------------------------------------------------------------------------------- */

static struct policy_isakmp_match
by_address(const char *addr)
{
	return (struct policy_isakmp_match){
	    .kind = ISAKMP_MATCH_ADDRESS, .addr = addr_of(addr), .mask = UINT32_MAX};
}

static struct policy_isakmp_match
by_name(enum isakmp_match kind, const char *name)
{
	return (struct policy_isakmp_match){.kind = kind, .name = name};
}

/* One with one line and, unless NULL, one keyring; more is the caller's to set. */
static struct policy_isakmp_profile *
add_profile(struct policy *p, const char *name, struct policy_isakmp_match match, const char *ring)
{
	struct policy_isakmp_profile *all =
	    arena_alloc(p->arena, (p->n_profiles + 1) * sizeof(*all));
	struct policy_isakmp_match *m = arena_memdup(p->arena, &match, sizeof(match));

	if (p->n_profiles)
		memcpy(all, p->profiles, p->n_profiles * sizeof(*all));
	all[p->n_profiles] = (struct policy_isakmp_profile){
	    .name = name, .n_matches = 1, .matches = m, .n_rings = ring != NULL};
	all[p->n_profiles].rings = arena_memdup(p->arena, &ring, sizeof(ring));
	p->profiles = all;
	return &all[p->n_profiles++];
}

/* Takes the place of the keys before; addr NULL: of anybody. */
static struct policy_psk *
set_key(struct policy *p, const char *key, const char *addr, const char *ring)
{
	struct policy_psk *k = arena_alloc(p->arena, sizeof(*k));

	*k = (struct policy_psk){.key = SPAN(key, strlen(key)), .ring = ring};
	if (addr) {
		k->addr = addr_of(addr);
		k->mask = UINT32_MAX;
	}
	p->psks = k;
	p->n_psks = 1;
	return k;
}

static void
add_key(struct policy *p, const char *key, const char *ring)
{
	struct policy_psk *all = arena_alloc(p->arena, (p->n_psks + 1) * sizeof(*all));

	memcpy(all, p->psks, p->n_psks * sizeof(*all));
	all[p->n_psks] = (struct policy_psk){.key = SPAN(key, strlen(key)), .ring = ring};
	p->psks = all;
	p->n_psks++;
}

static struct policy *
server_policy(void)
{
	return policy_server(&usual, addr_of(KS));
}

static struct policy *
member_policy(const char *addr)
{
	return policy_member(&usual, addr_of(addr));
}

/* `set isakmp-profile` of the crypto map. */
static void
register_by(struct policy *p, const struct policy_isakmp_profile *profile)
{
	struct policy_group_interface *on =
	    (struct policy_group_interface *)(uintptr_t)p->groups[0].interfaces;

	on->profile = profile;
}

static const char *
profile_of(const struct node_under_test *n)
{
	return n->core->ike.all ? n->core->ike.all->profile : NULL;
}

/* --- a member's ------------------------------------------------------------------------------- */

static void
test_a_member_registers_with_who_its_profile_matches(void **state)
{
	struct world *w = world_new();
	struct policy *p = member_policy(R3);
	struct node_under_test *gm;

	(void)state;
	register_by(p, add_profile(p, "KEYS", by_address(KS), NULL));
	world_node(w, KS, server_policy());
	gm = world_node(w, R3, p);
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_string_equal(profile_of(gm), "KEYS");
	world_free(w);
}

static void
test_a_member_refuses_who_its_profile_does_not_match(void **state)
{
	const struct policy_isakmp_match others[] = {
	    by_address("10.1.12.2"),
	    by_name(ISAKMP_MATCH_HOST, "R"),
	    {.kind = ISAKMP_MATCH_ADDRESS, .addr = addr_of(KS), .mask = UINT32_MAX, .vrf = "RED"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct world *w = world_new();
		struct policy *p = member_policy(R3);
		struct node_under_test *gm;

		register_by(p, add_profile(p, "KEYS", others[i], NULL));
		world_node(w, KS, server_policy());
		gm = world_node(w, R3, p);
		world_pass(w, SECONDS(120));
		assert_false(node_registered(gm));
		assert_true(gm->core->drops[DROP_PROFILE] > 0);
		world_free(w);
	}
}

/* One that does not exist, or has no line, matches nobody: nothing is even tried. */
static void
test_a_profile_without_lines_refuses_all(void **state)
{
	struct world *w = world_new();
	struct policy *p = member_policy(R3);
	struct policy_isakmp_profile *f = add_profile(p, "KEYS", by_address(KS), NULL);
	struct node_under_test *gm;

	(void)state;
	f->n_matches = 0;
	register_by(p, f);
	world_node(w, KS, server_policy());
	gm = world_node(w, R3, p);
	world_pass(w, SECONDS(120));
	assert_false(node_registered(gm));
	assert_null(gm->core->ike.all);
	assert_true(node_logged(gm, "its ISAKMP profile matches no peer"));
	world_free(w);
}

static void
test_a_profile_is_for_one_address_of_ours(void **state)
{
	(void)state;
	for (int right = 0; right < 2; right++) {
		struct world *w = world_new();
		struct policy *p = member_policy(R3);
		struct policy_isakmp_profile *f = add_profile(p, "KEYS", by_address(KS), NULL);
		struct node_under_test *gm;

		f->is_local = true;
		f->local = addr_of(right ? R3 : R4);
		register_by(p, f);
		world_node(w, KS, server_policy());
		gm = world_node(w, R3, p);
		world_pass(w, SECONDS(10));
		assert_int_equal(node_registered(gm), right);
		world_free(w);
	}
}

/* --- keyrings --------------------------------------------------------------------------------- */

/* The key is of a keyring that a profile names: it is for the peers of that profile. */
static void
test_a_key_of_a_profile_is_for_its_peers(void **state)
{
	struct world *w = world_new();
	struct policy *p = server_policy();
	struct node_under_test *ks, *r3, *r4;

	(void)state;
	set_key(p, "GET_KEY", NULL, "RING");
	add_profile(p, "P", by_address(R3), "RING");
	ks = world_node(w, KS, p);
	r3 = world_node(w, R3, member_policy(R3));
	world_pass(w, SECONDS(5));
	assert_true(node_registered(r3));
	assert_string_equal(profile_of(ks), "P");
	r4 = world_node(w, R4, member_policy(R4));
	world_pass(w, SECONDS(120));
	assert_false(node_registered(r4));
	assert_true(ks->core->drops[DROP_PROFILE] > 0);
	world_free(w);
}

static void
test_a_key_of_no_profile_is_for_all(void **state)
{
	struct world *w = world_new();
	struct policy *p = server_policy();
	struct node_under_test *ks, *r4;

	(void)state;
	add_profile(p, "P", by_address(R3), "RING");
	ks = world_node(w, KS, p);
	r4 = world_node(w, R4, member_policy(R4));
	world_pass(w, SECONDS(3));
	assert_true(node_registered(r4));
	assert_null(profile_of(ks));
	world_free(w);
}

/* Two keyrings have a key for anybody: the address leads to the profile, and that to the key. */
static void
test_of_two_keys_the_profile_has_one(void **state)
{
	struct world *w = world_new();
	struct policy *p = server_policy(), *other = member_policy(R4);
	struct node_under_test *r3, *r4;

	(void)state;
	set_key(p, "GET_KEY", NULL, "ONE");
	add_key(p, "OTHER_KEY", "TWO");
	add_profile(p, "P1", by_address(R3), "ONE");
	add_profile(p, "P2", by_address(R4), "TWO");
	set_key(other, "OTHER_KEY", NULL, NULL);
	world_node(w, KS, p);
	r3 = world_node(w, R3, member_policy(R3));
	r4 = world_node(w, R4, other);
	world_pass(w, SECONDS(5));
	assert_true(node_registered(r3) && node_registered(r4));
	world_free(w);
}

static void
test_a_keyring_is_for_one_address_of_ours(void **state)
{
	(void)state;
	for (int right = 0; right < 2; right++) {
		struct world *w = world_new();
		struct policy *p = server_policy();
		struct node_under_test *gm;

		set_key(p, "GET_KEY", NULL, "RING")->local = addr_of(right ? KS : "10.1.12.7");
		world_node(w, KS, p);
		gm = world_node(w, R3, member_policy(R3));
		world_pass(w, SECONDS(10));
		assert_int_equal(node_registered(gm), right);
		world_free(w);
	}
}

/* --- names ------------------------------------------------------------------------------------ */

/* What the member calls itself (`self-identity`), and what the server's profile matches. */
static void
test_peers_are_matched_by_what_they_call_themselves(void **state)
{
	static const struct {
		enum isakmp_identity self;
		const char *name;
		enum isakmp_match kind;
		const char *match;
		bool taken;
	} cases[] = {
	    {ISAKMP_ID_HOSTNAME, "r3.lab.example", ISAKMP_MATCH_HOST, "R3.LAB.example", true},
	    {ISAKMP_ID_HOSTNAME, "r3.lab.example", ISAKMP_MATCH_HOST_DOMAIN, "lab.example", true},
	    {ISAKMP_ID_HOSTNAME, "r3.lab.example", ISAKMP_MATCH_HOST, "r4.lab.example", false},
	    {ISAKMP_ID_HOSTNAME, "evil-lab.example", ISAKMP_MATCH_HOST_DOMAIN, "lab.example",
	     false},
	    {ISAKMP_ID_USER, "r3@lab.example", ISAKMP_MATCH_USER, "r3@lab.example", true},
	    {ISAKMP_ID_USER, "r3@lab.example", ISAKMP_MATCH_USER_DOMAIN, "lab.example", true},
	    {ISAKMP_ID_USER, "r3@lab.example", ISAKMP_MATCH_HOST, "r3@lab.example", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = world_new();
		struct policy *p = server_policy(), *m = member_policy(R3);
		struct policy_isakmp_profile *f = add_profile(m, "ME", by_address(KS), NULL);
		struct node_under_test *gm;

		f->has_self = true;
		f->self = cases[i].self;
		f->self_name = cases[i].name;
		register_by(m, f);
		set_key(p, "GET_KEY", NULL, "RING");
		add_profile(p, "P", by_name(cases[i].kind, cases[i].match), "RING");
		world_node(w, KS, p);
		gm = world_node(w, R3, m);
		world_pass(w, SECONDS(10));
		assert_int_equal(node_registered(gm), cases[i].taken);
		world_free(w);
	}
}

/* A key server that calls itself by its name: taken where a profile, or the key, says that name. */
static void
test_a_server_by_its_name(void **state)
{
	(void)state;
	for (int how = 0; how < 3; how++) {
		struct world *w = world_new();
		struct policy *p = server_policy(), *m = member_policy(R3);
		struct node_under_test *gm;

		p->isakmp_identity = ISAKMP_ID_HOSTNAME; /* it is called R */
		if (how == 1)
			register_by(m,
			            add_profile(m, "KEYS", by_name(ISAKMP_MATCH_HOST, "r"), NULL));
		if (how == 2)
			set_key(m, "GET_KEY", KS, NULL)->host = "r";
		world_node(w, KS, p);
		gm = world_node(w, R3, m);
		world_pass(w, SECONDS(10));
		assert_int_equal(node_registered(gm), how > 0);
		world_free(w);
	}
}

/* --- changes ---------------------------------------------------------------------------------- */

static void
test_a_profile_that_changes_ends_its_sas(void **state)
{
	struct world *w = world_new();
	struct policy *p = member_policy(R3), *same = member_policy(R3), *other = member_policy(R3);
	struct node_under_test *gm;
	const struct ike_sa *sa;

	(void)state;
	register_by(p, add_profile(p, "KEYS", by_address(KS), NULL));
	register_by(same, add_profile(same, "KEYS", by_address(KS), NULL));
	register_by(other, add_profile(other, "KEYS", by_address(R4), NULL));
	world_node(w, KS, server_policy());
	gm = world_node(w, R3, p);
	world_pass(w, SECONDS(3));
	sa = gm->core->ike.all;
	assert_non_null(sa);
	node_set(gm, same);
	assert_ptr_equal(gm->core->ike.all, sa);
	node_set(gm, other);
	assert_null(gm->core->ike.all);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_member_registers_with_who_its_profile_matches),
	    cmocka_unit_test(test_a_member_refuses_who_its_profile_does_not_match),
	    cmocka_unit_test(test_a_profile_without_lines_refuses_all),
	    cmocka_unit_test(test_a_profile_is_for_one_address_of_ours),
	    cmocka_unit_test(test_a_key_of_a_profile_is_for_its_peers),
	    cmocka_unit_test(test_a_key_of_no_profile_is_for_all),
	    cmocka_unit_test(test_of_two_keys_the_profile_has_one),
	    cmocka_unit_test(test_a_keyring_is_for_one_address_of_ours),
	    cmocka_unit_test(test_peers_are_matched_by_what_they_call_themselves),
	    cmocka_unit_test(test_a_server_by_its_name),
	    cmocka_unit_test(test_a_profile_that_changes_ends_its_sas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
