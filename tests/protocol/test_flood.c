/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods: what strangers send at any rate leaves the members their log lines, their notifications,
 * their offers and their half-open exchanges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "tests/protocol/world.h"

static const struct policy_maker usual = {0};

static struct path
path_from(const struct node_under_test *n, uint32_t source)
{
	return (struct path){
	    .local = n->addr, .remote = source, .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
}

/* Header and payloads in clear; false cookies. */
static struct span
junk_message(struct wr *w, uint8_t exchange)
{
	struct isakmp_header h = {.version = ISAKMP_VERSION,
	                          .exchange = exchange,
	                          .cookie_i = {1, 2, 3},
	                          .cookie_r = {4, 5, 6},
	                          .message_id = exchange == EXCHANGE_MAIN ? 0 : 7};

	isakmp_header_put(w, &h);
	isakmp_finish(w);
	return wr_done(w);
}

/* Every kind of message without an SA, n of each, each from another address. */
static void
flood_with_junk(struct node_under_test *ks, unsigned n)
{
	static const uint8_t kinds[] = {
	    EXCHANGE_MAIN,          EXCHANGE_INFORMATIONAL,     EXCHANGE_GROUPKEY_PULL,
	    EXCHANGE_GROUPKEY_PUSH, EXCHANGE_GROUPKEY_PUSH_ACK, 77};

	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			uint8_t buf[64];
			struct wr w = wr_buf(buf, sizeof(buf));
			struct path path = path_from(ks, 0x14000000 + i * 2654435761u % 0x1000000);

			core_input(ks->core, &path, junk_message(&w, kinds[k]), ks->world->now);
		}
	world_drain(ks);
}

static size_t
count_lines(const struct node_under_test *n, const char *what)
{
	size_t count = 0;

	for (const char *p = n->log; (p = strstr(p, what)); p++)
		count++;
	return count;
}

/* --- log lines -------------------------------------------------------------------------------- */

static void
test_a_registration_is_always_logged(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	for (int i = 0; i < 8; i++) {
		char addr[ADDR_TEXT_MAX];

		flood_with_junk(ks, 1000);
		w->n_packets = 0; /* what strangers are told gets lost */
		world_member(w, &usual, addr_text(addr_of("10.1.23.3") + (uint32_t)i, addr));
		world_pass(w, SECONDS(1));
	}
	assert_int_equal(count_lines(ks, "KS_REGS_COMPL"), 8);
	assert_in_range(count_lines(ks, "IKMP_NO_SA") + count_lines(ks, "KS_ACK_REFUSED"), 20, 50);
	world_free(w);
}

/* Who has brought back our cookie is not a stranger any more: what is wrong with it is said. */
static void
test_a_wrong_key_is_logged(void **state)
{
	struct policy_maker other = usual;
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	other.key = "ANOTHER_KEY";
	flood_with_junk(ks, 1000);
	w->n_packets = 0;
	world_member(w, &other, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_logged(ks, "the pre-shared keys probably differ"));
	world_free(w);
}

static void
test_one_stranger_leaves_lines_to_others(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);
	uint8_t buf[64];
	struct wr wr = wr_buf(buf, sizeof(buf));
	struct span dgram = junk_message(&wr, EXCHANGE_MAIN);
	struct path one = path_from(ks, addr_of("10.9.9.9")), other;

	(void)state;
	for (int i = 0; i < 1000; i++)
		core_input(ks->core, &one, dgram, w->now);
	assert_int_equal(count_lines(ks, "10.9.9.9"), LINES_SOURCE.burst);
	other = path_from(ks, addr_of("10.9.9.10"));
	/* they may share a slot by chance */
	if (flood_slot(ks->core, one.remote, FLOOD_SLOTS) ==
	    flood_slot(ks->core, other.remote, FLOOD_SLOTS))
		other.remote++;
	core_input(ks->core, &other, dgram, w->now);
	assert_true(node_logged(ks, "10.9.9.1"));
	world_free(w);
}

/* Once a minute, in counts, and only where something was left out. */
static void
test_what_was_left_out_is_told(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual);

	(void)state;
	world_pass(w, SECONDS(130));
	assert_int_equal(count_lines(ks, "IKMP_LEFT_OUT"), 0);
	flood_with_junk(ks, 1000);
	world_pass(w, SECONDS(30));
	flood_with_junk(ks, 1000);
	world_pass(w, SECONDS(200));
	assert_int_equal(count_lines(ks, "IKMP_LEFT_OUT"), 1);
	world_free(w);
}

/* --- notifications ---------------------------------------------------------------------------- */

static void
test_members_are_told_when_strangers_are_not(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;
	struct ike_sa *sa;
	unsigned before;

	(void)state;
	gm = world_member(w, &usual, "10.1.23.3");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	flood_with_junk(ks, 1000);
	before = w->sent;
	flood_with_junk(ks, 100);
	assert_int_equal(w->sent, before);
	sa = ks->core->ike.all;
	for (unsigned i = 0; i < 1000; i++) {
		struct isakmp_header h = {.version = ISAKMP_VERSION, .exchange = 77};
		uint8_t buf[64];
		struct wr wr = wr_buf(buf, sizeof(buf));

		memcpy(h.cookie_i, sa->cookie_i, COOKIE_SIZE);
		memcpy(h.cookie_r, sa->cookie_r, COOKIE_SIZE);
		isakmp_header_put(&wr, &h);
		isakmp_finish(&wr);
		core_input(ks->core, &sa->path, wr_done(&wr), w->now);
	}
	world_drain(ks);
	assert_int_equal(w->sent - before, NOTICES_PEER.burst);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_registration_is_always_logged),
	    cmocka_unit_test(test_a_wrong_key_is_logged),
	    cmocka_unit_test(test_one_stranger_leaves_lines_to_others),
	    cmocka_unit_test(test_what_was_left_out_is_told),
	    cmocka_unit_test(test_members_are_told_when_strangers_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
