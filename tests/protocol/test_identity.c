/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities under pre-shared keys (RFC 6407 3.1): the key is found by an address, and an address
 * is all that it proves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/protocol/world.h"

static const struct policy_maker usual = {0};

/* Makes the policy's node send this kind of identity. */
static struct policy *
calls_itself(struct policy *p, enum isakmp_identity identity)
{
	p->isakmp_identity = identity;
	p->domain_name = "lab";
	return p;
}

static bool
does_register(const struct policy_maker *server, enum isakmp_identity server_id,
              enum isakmp_identity member_id, const struct policy_identity *admitted,
              const char *logged)
{
	struct world *w = world_new();
	struct policy *p = calls_itself(policy_server(server, addr_of("10.1.12.1")), server_id);
	struct node_under_test *ks, *gm;
	bool yes;

	if (admitted) {
		struct policy_group *g = (struct policy_group *)(uintptr_t)p->groups;

		g->server.authorization = true;
		g->server.authorization_name = admitted->name;
		g->server.authorized_identity = admitted;
	}
	ks = world_node(w, "10.1.12.1", p);
	gm = world_node(w, "10.1.23.3",
	                calls_itself(policy_member(&usual, addr_of("10.1.23.3")), member_id));
	world_pass(w, SECONDS(5));
	yes = node_registered(gm);
	if (logged && !node_logged(ks, logged) && !node_logged(gm, logged))
		fail_msg("not logged: %s", logged);
	world_free(w);
	return yes;
}

static void
rfc6407_3_1_a_key_server_is_its_address(void **state)
{
	(void)state;
	assert_true(does_register(&usual, ISAKMP_ID_ADDRESS, ISAKMP_ID_ADDRESS, NULL, NULL));
	assert_false(does_register(&usual, ISAKMP_ID_HOSTNAME, ISAKMP_ID_ADDRESS, NULL,
	                           "identity is not the peer's"));
	/* there is no certificate whose name could be sent */
	assert_true(does_register(&usual, ISAKMP_ID_DN, ISAKMP_ID_ADDRESS, NULL, NULL));
}

static void
rfc6407_3_1_a_list_of_addresses_wants_an_address(void **state)
{
	static const struct policy_maker only = {.only = "10.1.23.3"};

	(void)state;
	assert_true(does_register(&only, ISAKMP_ID_ADDRESS, ISAKMP_ID_ADDRESS, NULL, NULL));
	assert_false(
	    does_register(&only, ISAKMP_ID_ADDRESS, ISAKMP_ID_HOSTNAME, NULL,
	                  "%GDOI-1-UNAUTHORIZED_IDENTITY: Group GET_VPN received registration "
	                  "from unauthorized identity: no certificate. Peer Address: "
	                  "10.1.23.3"));
	/* where everybody with the key may join, whatever he calls himself */
	assert_true(does_register(&usual, ISAKMP_ID_ADDRESS, ISAKMP_ID_HOSTNAME, NULL, NULL));
}

/* Anybody who has the key can send any name. */
static void
rfc6407_3_1_a_key_proves_no_name(void **state)
{
	static const char *const fqdns[] = {"R.lab"};
	static const struct policy_identity who = {.name = "WHO", .n_fqdns = 1, .fqdns = fqdns};

	(void)state;
	assert_false(does_register(&usual, ISAKMP_ID_ADDRESS, ISAKMP_ID_HOSTNAME, &who,
	                           "unauthorized identity"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_3_1_a_key_server_is_its_address),
	    cmocka_unit_test(rfc6407_3_1_a_list_of_addresses_wants_an_address),
	    cmocka_unit_test(rfc6407_3_1_a_key_proves_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
