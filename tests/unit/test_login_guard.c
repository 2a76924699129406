/* SPDX-License-Identifier: Apache-2.0 */
/* Failed logins: what is logged, quiet mode and its list, turns, and how much is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/accounts/login_guard.h"
#include "cli/device/router.h"
#include "runtime/host/sim/sim.h"

struct bench {
	struct sim *sim;
	struct node *node;
	struct router *router;
};

static void
bench_open(struct bench *b, const char *text)
{
	struct node_config config = {.name = "R1"};
	struct host_events events;

	*b = (struct bench){.sim = sim_new(1, 0)};
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(b->sim, "R1", &events));
	b->router = router_new("R1", b->node);
	assert_int_equal(router_load(b->router, text, NULL, NULL), 0);
}

static void
bench_close(struct bench *b)
{
	router_free(b->router);
	node_free(b->node);
	sim_free(b->sim);
}

static struct accounts
book_of(const struct bench *b)
{
	return router_accounts(b->router);
}

static void
try_login(struct bench *b, const char *user, const char *source, bool ok)
{
	struct login_attempt a = {.user = user, .source = source, .port = *source ? 23 : 0};

	login_guard_note(book_of(b), &a, ok);
}

static size_t
count_logged(const struct bench *b, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < router_log_count(b->router); i++)
		n += strstr(router_log_line(b->router, i), text) != NULL;
	return n;
}

static bool
is_admitted(const struct bench *b, const char *source)
{
	return login_guard_admits(book_of(b), source, 22);
}

static void
pass_time(struct bench *b, msec ms)
{
	sim_run_until(b->sim, sim_now(b->sim) + ms);
}

static void
test_logged(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "");
	try_login(&b, "eve", "10.0.0.1", false);
	try_login(&b, "admin", "10.0.0.1", true);
	assert_int_equal(count_logged(&b, "%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: eve] "
	                                  "[Source: 10.0.0.1] [localport: 23] [Reason: Login "
	                                  "Authentication Failed] at 00:00:00 UTC Thu Jan  1 1970"),
	                 1);
	assert_int_equal(count_logged(&b, "LOGIN_SUCCESS"), 0);
	assert_int_equal(router_load(b.router,
	                             "no login on-failure log\nlogin on-success log every 2", NULL,
	                             NULL),
	                 0);
	for (int i = 0; i < 4; i++) {
		try_login(&b, "eve", "10.0.0.1", false);
		try_login(&b, "admin", "10.0.0.1", true);
	}
	assert_int_equal(count_logged(&b, "LOGIN_FAILED"), 1);
	assert_int_equal(count_logged(&b, "LOGIN_SUCCESS"), 2);
	bench_close(&b);
}

static void
test_quiet(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "access-list 7 permit 10.9.0.0 0.0.255.255\n"
	               "login block-for 120 attempts 3 within 60\n"
	               "login quiet-mode access-class 7\n");
	/* A failure at the device itself never counts; neither do those of an older window. */
	for (int i = 0; i < 5; i++)
		try_login(&b, "eve", "", false);
	try_login(&b, "eve", "10.0.0.1", false);
	try_login(&b, "eve", "10.0.0.2", false);
	pass_time(&b, 61000);
	try_login(&b, "eve", "10.0.0.1", false);
	pass_time(&b, 20000);
	try_login(&b, "eve", "10.0.0.2", false);
	assert_true(is_admitted(&b, "10.0.0.1"));
	try_login(&b, "eve", "10.0.0.3", false);
	assert_false(is_admitted(&b, "10.0.0.1"));
	assert_false(is_admitted(&b, "2001:db8::1"));
	assert_true(is_admitted(&b, ""));
	assert_true(is_admitted(&b, "10.9.1.1"));
	assert_true(is_admitted(&b, "::ffff:10.9.1.1"));
	assert_int_equal(count_logged(&b, "%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching "
	                                  "failures is 40 secs, [user: eve] [Source: 10.0.0.3] "
	                                  "[localport: 23] [Reason: Login Authentication Failed] "
	                                  "[ACL: 7] at 00:01:21 UTC Thu Jan  1 1970"),
	                 1);
	try_login(&b, "eve", "10.9.1.1", false);
	assert_int_equal(login_guard_state(book_of(&b)).left, 120);
	pass_time(&b, 119999);
	assert_false(is_admitted(&b, "10.0.0.1"));
	pass_time(&b, 1);
	assert_true(is_admitted(&b, "10.0.0.1"));
	assert_int_equal(count_logged(&b, "%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because "
	                                  "block period timed out at 00:03:21 UTC"),
	                 1);
	bench_close(&b);
}

/* A list that is not there exempts nobody; the configuration's end of it is an end. */
static void
test_quiet_closed(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "login block-for 10 attempts 1 within 60\n"
	               "login quiet-mode access-class NONE\n");
	try_login(&b, "eve", "10.0.0.1", false);
	assert_false(is_admitted(&b, "10.0.0.1"));
	assert_int_equal(router_load(b.router, "no login block-for", NULL, NULL), 0);
	assert_true(is_admitted(&b, "10.0.0.1"));
	pass_time(&b, 20000);
	assert_int_equal(count_logged(&b, "QUIET_MODE_OFF"), 0);
	/* A reload forgets it all. */
	assert_int_equal(
	    router_load(b.router, "login block-for 10 attempts 1 within 60", NULL, NULL), 0);
	try_login(&b, "eve", "10.0.0.1", false);
	router_crash(b.router);
	router_boot(b.router);
	assert_int_equal(login_guard_state(book_of(&b)).total, 0);
	pass_time(&b, 20000);
	assert_int_equal(count_logged(&b, "QUIET_MODE_OFF"), 0);
	bench_close(&b);
}

static void
test_turns(void **state)
{
	struct bench b;
	char source[32];
	msec wait;

	(void)state;
	bench_open(&b, "");
	for (int i = 0; i < 3; i++) {
		assert_true(login_guard_turn(book_of(&b), "10.0.0.1", &wait));
		assert_int_equal(wait, 0);
	}
	assert_int_equal(router_load(b.router, "login delay 5", NULL, NULL), 0);
	for (int i = 0; i < 7; i++) {
		assert_true(login_guard_turn(book_of(&b), "10.0.0.1", &wait));
		assert_int_equal(wait, i * 5000);
	}
	assert_false(login_guard_turn(book_of(&b), "10.0.0.1", &wait)); /* 35 s are too many */
	/* That is no affair of others; those of one IPv6 network are one. */
	assert_true(login_guard_turn(book_of(&b), "10.0.0.2", &wait));
	assert_int_equal(wait, 0);
	assert_true(login_guard_turn(book_of(&b), "", &wait));
	assert_int_equal(wait, 0);
	assert_true(login_guard_turn(book_of(&b), "2001:db8::1", &wait));
	assert_int_equal(wait, 0);
	assert_true(login_guard_turn(book_of(&b), "2001:db8::2", &wait));
	assert_int_equal(wait, 5000);
	pass_time(&b, 40000);
	for (int i = 0; i < 1000; i++) {
		snprintf(source, sizeof(source), "10.1.%d.%d", i / 250, i % 250);
		assert_true(login_guard_turn(book_of(&b), source, &wait));
		assert_int_equal(wait, 0);
	}
	bench_close(&b);
}

static void
test_remembered(void **state)
{
	struct login_state s;
	struct bench b;
	char user[100];

	(void)state;
	bench_open(&b, "");
	for (int i = 0; i < 60; i++) {
		snprintf(user, sizeof(user), "user%d", i);
		try_login(&b, user, "10.0.0.1", false);
	}
	try_login(&b, "user30", "10.0.0.1", false);
	s = login_guard_state(book_of(&b));
	assert_int_equal(s.total, 61);
	assert_int_equal(s.n_failures, LOGIN_FAILURES_MAX);
	assert_string_equal(s.failure[0].user, "user30");
	assert_int_equal(s.failure[0].count, 2);
	assert_string_equal(s.failure[1].user, "user59");
	assert_string_equal(s.failure[49].user, "user10");
	memset(user, 'x', sizeof(user) - 1);
	user[1] = '\033';
	user[sizeof(user) - 1] = '\0';
	try_login(&b, user, "10.0.0.1", false);
	s = login_guard_state(book_of(&b));
	assert_int_equal(strlen(s.failure[0].user), LOGIN_USER_MAX);
	assert_int_equal(s.failure[0].user[1], '?');
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_logged),       cmocka_unit_test(test_quiet),
	    cmocka_unit_test(test_quiet_closed), cmocka_unit_test(test_turns),
	    cmocka_unit_test(test_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
