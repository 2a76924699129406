/*
 * Sender identifiers (RFC 6407 3.5, RFC 6054): whatever happens to members and server, no two
 * downloads share an identifier under one key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "tests/protocol/world.h"

static const struct policy_maker gcm = {
    .suite = {CIPHER_GCM_256, HASH_NONE},
      .tek_lifetime = 600
};

/* What this member encrypts under now. */
static struct dp_sa
sender_of(const struct node_under_test *n)
{
	const struct dp_sa *s = node_sender(n);

	assert_non_null(s);
	assert_int_equal(s->sid_bits, 24);
	assert_int_equal(s->enc_key.n, 36);
	return *s;
}

/* Members, registrations, rollovers: every download brings an identifier of its own. */
static void
test_each_its_own(void **state)
{
	struct world *w = world_new();
	struct node_under_test *a, *b;
	struct dp_sa was;
	size_t i;

	(void)state;
	(void)world_server(w, &gcm);
	a = world_member(w, &gcm, "10.1.23.3");
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(2));
	assert_true(node_registered(a) && node_registered(b));
	assert_true(node_hears(a, b) && node_hears(b, a));
	assert_int_equal(sender_of(a).sid + sender_of(b).sid, 0 + 1);
	was = sender_of(a);
	node_boot(a); /* a crash: it has forgotten all, its key is the same */
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(a).spi, was.spi);
	assert_int_equal(sender_of(a).sid, 2);
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(a).sid, 3);
	for (i = 0; i < 20; i++) { /* hours: keys roll, members come again */
		world_pass(w, SECONDS(300));
		assert_true(sender_of(a).sid != sender_of(b).sid);
		assert_true(node_hears(a, b) && node_hears(b, a));
	}
	assert_true(sender_of(a).spi != was.spi);
	world_free(w);
}

/* A server that starts again counts from zero, under keys that nobody has had. */
static void
test_server_restart(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct node_under_test *b;
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	assert_int_equal(sender_of(a).sid, 0);
	node_boot(ks);
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(5));
	assert_int_equal(sender_of(b).sid, 0);
	assert_true(sender_of(b).spi != spi);
	world_pass(w, SECONDS(700));
	assert_true(sender_of(a).spi != spi && sender_of(a).sid != sender_of(b).sid);
	world_free(w);
}

/* The identifiers end: new keys for all, before the first of them is given out again. */
static void
test_exhausted(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &gcm);
	struct node_under_test *a = world_member(w, &gcm, "10.1.23.3");
	struct node_under_test *b;
	struct ks *server = ks->core->kss[0];
	uint8_t kek[16];
	uint32_t spi;

	(void)state;
	world_pass(w, SECONDS(2));
	spi = sender_of(a).spi;
	memcpy(kek, server->kek.sas[KS_OURS].spi, sizeof(kek));
	server->next_sid = KS_SID_END - KS_SIDS_LEFT - 1;
	core_clear_group(a->core, NULL, w->now);
	world_drain(a);
	world_pass(w, SECONDS(2));
	assert_int_equal(sender_of(a).spi, spi); /* the last one under the old keys */
	assert_int_equal(sender_of(a).sid, KS_SID_END - KS_SIDS_LEFT - 1);
	b = world_member(w, &gcm, "10.1.24.4");
	world_pass(w, SECONDS(2));
	assert_int_equal(sender_of(b).sid, 0);
	assert_true(sender_of(b).spi != spi);
	assert_memory_not_equal(kek, server->kek.sas[KS_OURS].spi, sizeof(kek));
	world_free(w);
}

/* No counter mode, no identifiers: nothing changes for such a group. */
static void
test_cbc(void **state)
{
	static const struct policy_maker cbc = {
	    .suite = {CIPHER_AES_256, HASH_SHA256}
        };
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &cbc);
	struct node_under_test *a = world_member(w, &cbc, "10.1.23.3");

	(void)state;
	world_pass(w, SECONDS(2));
	assert_non_null(node_sender(a));
	assert_int_equal(node_sender(a)->sid_bits, 0);
	assert_int_equal(ks->core->kss[0]->next_sid, 0);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_its_own),
	    cmocka_unit_test(test_server_restart),
	    cmocka_unit_test(test_exhausted),
	    cmocka_unit_test(test_cbc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
