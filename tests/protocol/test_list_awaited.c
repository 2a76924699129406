/* SPDX-License-Identifier: Apache-2.0 */
/* Phase 1 with a member whose revocation list is being fetched: its message 5, and copies of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/crypto/sig_priv.h"
#include "tests/protocol/certificates.h"
#include "tests/protocol/message5.h"

/* A server that fetches the list of its member, whose message 5 is kept. */
struct waiting {
	struct world *w;
	struct node_under_test *ks, *gm;
	struct packet kept;
	struct message5 m;
};

static void
waiting_begin(struct waiting *t)
{
	static const struct policy_maker usual = {0};
	EVP_PKEY *key;
	X509 *r1, *r3;
	struct policy *server = policy_server(&usual, addr_of("10.1.12.1"));

	*t = (struct waiting){.w = world_new()};
	key = rsa_key_evp(t->w->rsa);
	r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	add_extension(r3, NID_crl_distribution_points, "URI:" LIST_URL);
	assert_true(X509_sign(r3, ca_key, EVP_sha256()) > 0);
	with_cert(server, r1, ca);
	((struct policy_trustpoint *)(uintptr_t)server->trustpoints)->revocation = REVOCATION_CRL;
	t->ks = world_node(t->w, "10.1.12.1", server);
	t->ks->fetches = true;
	t->w->fault = keep_message5;
	t->w->fault_arg = &t->kept;
	t->gm = world_node(t->w, "10.1.23.3",
	                   with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	for (int i = 0; i < 100 && !t->kept.n; i++)
		world_pass(t->w, 100);
	message5_open(t->gm, &t->kept, &t->m);
	X509_free(r1);
	X509_free(r3);
}

static enum drop
waiting_give(struct waiting *t)
{
	return message5_give(t->ks, t->gm, &t->kept, &t->m);
}

static void
waiting_end(struct waiting *t, struct crl *list)
{
	t->ks->crl = list;
	core_crl_changed(t->ks->core, t->w->now);
	world_drain(t->ks);
	assert_int_equal(waiting_give(t), DROP_NONE);
	free(t->kept.bytes);
	world_free(t->w);
}

/* Copies of the member's own message, also with another end, which nothing signs, end nothing. */
static void
test_copies_of_who_waits_end_nothing(void **state)
{
	struct arena *a = arena_new();
	struct crl *good = crl_read(make_crl(a, ca_key, 0, 86400));
	const struct isakmp_payload *vid;
	struct waiting t;

	(void)state;
	waiting_begin(&t);
	vid = isakmp_payload_find(&t.m.payloads, PAYLOAD_VID);
	assert_int_equal(waiting_give(&t), DROP_REVOCATION);
	for (unsigned i = 0; i < 10 * IKE_AWAITED_MAX; i++) {
		((uint8_t *)(uintptr_t)vid->body.p)[0] = (uint8_t)i;
		assert_int_equal(waiting_give(&t), DROP_REPEAT);
		if (i % 16 == 0) /* it is looked at again from time to time */
			world_pass(t.w, 600);
	}
	assert_int_equal(ike_setups(t.ks->core), 1);
	waiting_end(&t, good);
	crl_free(good);
	arena_free(a);
}

/* The list does not come: that is said, once; and when it comes after all the member is taken. */
static void
test_a_list_that_does_not_come(void **state)
{
	struct arena *a = arena_new();
	struct crl *good = crl_read(make_crl(a, ca_key, 0, 86400));
	struct waiting t;

	(void)state;
	waiting_begin(&t);
	assert_int_equal(waiting_give(&t), DROP_REVOCATION);
	t.ks->fetches = false;
	assert_int_equal(waiting_give(&t), DROP_REPEAT);
	assert_false(node_logged(t.ks, "CRL_FETCH_FAIL"));
	assert_int_equal(core_pki(t.ks->core).waiting, 1);
	world_pass(t.w, SECONDS(1));
	assert_int_equal(waiting_give(&t), DROP_CERTIFICATE);
	assert_int_equal(core_pki(t.ks->core).refused, 1);
	assert_int_equal(core_pki(t.ks->core).lists_asked, 2);
	assert_true(node_logged(t.ks, "CRL_FETCH_FAIL"));
	world_pass(t.w, SECONDS(2));
	assert_int_equal(waiting_give(&t), DROP_REPEAT);
	waiting_end(&t, good);
	crl_free(good);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_copies_of_who_waits_end_nothing),
	    cmocka_unit_test(test_a_list_that_does_not_come),
	};
	int failed;

	crypto_init();
	ca_key = EVP_RSA_gen(1024);
	ca = make_certificate("CA", ca_key, NULL, ca_key, NULL, YEAR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return failed;
}
