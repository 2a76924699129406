/* SPDX-License-Identifier: Apache-2.0 */
/* Users, enable secrets, line passwords: who comes in, and what of it a configuration shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/app/commands.h"
#include "cli/accounts/auth.h"
#include "cli/accounts/auth_seal.h"
#include "cli/device/load.h"
#include "cli/device/replace.h"
#include "cli/shell/acting.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"
#include "runtime/host/sim/sim.h"

struct bench {
	struct sim *sim;
	struct node *node;
	struct router *router;
	struct text said;
};

static void
on_refused(void *arg, unsigned line, const char *text)
{
	(void)line;
	text_puts(arg, text);
}

static size_t
load_config(struct bench *b, const char *text)
{
	text_clear(&b->said);
	return router_load(b->router, text, on_refused, &b->said);
}

static void
bench_open(struct bench *b, const char *text)
{
	struct node_config config = {.name = "R1"};
	struct host_events events;

	*b = (struct bench){.sim = sim_new(1, 0), .said = TEXT_INIT};
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(b->sim, "R1", &events));
	b->router = router_new("R1", b->node);
	router_set_actor(b->router, &shell_actor);
	if (load_config(b, text))
		fail_msg("refused: %s", text_string(&b->said));
}

static void
bench_close(struct bench *b)
{
	router_free(b->router);
	node_free(b->node);
	sim_free(b->sim);
	text_fini(&b->said);
}

static void
add_line(void *arg, const char *line)
{
	text_printf(arg, "%s\n", line);
}

static enum auth_verdict
line_verdict(struct accounts book, const char *type, unsigned number, const char *password)
{
	struct auth_job *job = auth_line_job(book, type, number, password);
	unsigned level;

	auth_job_run(job);
	return auth_job_end(job, &level);
}

/* The running configuration; the caller frees. */
static char *
running_config(struct bench *b)
{
	struct text t = TEXT_INIT;

	router_render_running(b->router, add_line, &t);
	text_puts(&t, "");
	return t.p;
}

static bool
running_shows(struct bench *b, const char *text)
{
	char *now = running_config(b);
	bool is = strstr(now, text) != NULL;

	free(now);
	return is;
}

/* --- users ------------------------------------------------------------------------------------ */

static const char users[] =
    "username zero password Clear0\n"
    "username made privilege 15 secret Clear Nine\n"
    "username md5 privilege 5 algorithm-type md5 secret Clear5\n"
    "username pbkdf2 algorithm-type sha256 secret Clear8\n"
    "username scrypt algorithm-type scrypt secret Clear9\n"
    "username four secret 4 LcV6aBcc/53FoCJjXQMd7rBUDEpeevrK8V5jQVoJEhU\n"
    "username five secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n"
    "username seven password 7 070C285F4D06\n"
    "username eight secret 8 $8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs\n"
    "username nine secret 9 $9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM\n"
    "username open nopassword\n"
    "username bare privilege 3\n";

static void
test_users(void **state)
{
	static const struct {
		const char *user, *password;
		enum auth_verdict verdict;
		unsigned level;
	} cases[] = {
	    /* clang-format off */
	    {"zero",   "Clear0",         AUTH_OK,     1},
	    {"zero",   "clear0",         AUTH_DENIED, 99},
	    {"made",   "Clear Nine",     AUTH_OK,     15},
	    {"made",   "Clear",          AUTH_DENIED, 99},
	    {"md5",    "Clear5",         AUTH_OK,     5},
	    {"pbkdf2", "Clear8",         AUTH_OK,     1},
	    {"scrypt", "Clear9",         AUTH_OK,     1},
	    {"four",   "password",       AUTH_OK,     1},
	    {"five",   "cisco",          AUTH_OK,     1},
	    {"seven",  "cisco",          AUTH_OK,     1},
	    {"eight",  "cisco",          AUTH_OK,     1},
	    {"nine",   "cisco",          AUTH_OK,     1},
	    {"nine",   "",               AUTH_DENIED, 99},
	    {"open",   "",               AUTH_OK,     1},
	    {"open",   "anything",       AUTH_OK,     1},
	    {"bare",   "",               AUTH_DENIED, 99},
	    {"nobody", "cisco",          AUTH_DENIED, 99},
	    {"",       "",               AUTH_DENIED, 99},
	    {"Zero",   "Clear0",         AUTH_DENIED, 99},
	    {"zero",   "070C285F4D0600", AUTH_DENIED, 99},
	    /* clang-format on */
	};
	struct bench b;
	unsigned level;

	(void)state;
	bench_open(&b, users);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		level = 99;
		if (auth_user(router_accounts(b.router), cases[i].user, cases[i].password,
		              &level) != cases[i].verdict ||
		    level != cases[i].level)
			fail_msg("%s with \"%s\": level %u", cases[i].user, cases[i].password,
			         level);
	}
	assert_true(auth_has_user(router_accounts(b.router), "bare"));
	assert_false(auth_has_user(router_accounts(b.router), "nobody"));
	assert_true(auth_user_level(router_accounts(b.router), "bare", &level));
	assert_int_equal(level, 3);
	assert_false(auth_user_level(router_accounts(b.router), "nobody", &level));
	bench_close(&b);
}

/* A job works on copies: the user may be gone before it ends. */
static void
test_job(void **state)
{
	struct auth_job *job, *unrun;
	unsigned level = 0;
	struct bench b;

	(void)state;
	bench_open(&b, users);
	job = auth_user_job(router_accounts(b.router), "md5", "Clear5");
	unrun = auth_user_job(router_accounts(b.router), "open", "");
	assert_int_equal(load_config(&b, "no username md5\n"), 0);
	assert_false(auth_has_user(router_accounts(b.router), "md5"));
	auth_job_run(job);
	assert_int_equal(auth_job_end(job, &level), AUTH_OK);
	assert_int_equal(level, 5);
	assert_int_equal(auth_job_end(unrun, &level), AUTH_DENIED);
	bench_close(&b);
}

/* What a later line says is added to what the earlier ones said. */
static void
test_merged(void **state)
{
	unsigned level = 0;
	struct bench b;

	(void)state;
	bench_open(&b, "username u privilege 7\nusername u secret Clear1\n");
	assert_int_equal(auth_user(router_accounts(b.router), "u", "Clear1", &level), AUTH_OK);
	assert_int_equal(level, 7);
	assert_int_equal(load_config(&b, "username u privilege 15\n"), 0);
	assert_int_equal(auth_user(router_accounts(b.router), "u", "Clear1", &level), AUTH_OK);
	assert_int_equal(level, 15);
	assert_int_equal(load_config(&b, "username u password Other\n"), 1);
	assert_non_null(strstr(text_string(&b.said), "both a user password and a user secret"));
	assert_int_equal(load_config(&b, "username u secret Clear2\n"), 0);
	assert_int_equal(auth_user(router_accounts(b.router), "u", "Clear1", &level), AUTH_DENIED);
	assert_int_equal(auth_user(router_accounts(b.router), "u", "Clear2", &level), AUTH_OK);
	assert_int_equal(load_config(&b, "no username u\n"), 0);
	assert_false(auth_any_user(router_accounts(b.router)));
	bench_close(&b);
}

/* --- enable and lines ------------------------------------------------------------------------- */

static void
test_enable(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "enable password 7 070C285F4D06\n");
	assert_true(auth_enable_needed(router_accounts(b.router), 15));
	assert_true(auth_enable_needed(router_accounts(b.router),
	                               5)); /* that of level 15 guards what has none */
	assert_true(auth_enable(router_accounts(b.router), 15, "cisco"));
	assert_false(auth_enable_secret(router_accounts(b.router), 15));
	assert_int_equal(load_config(&b, "enable secret Clear15\nenable secret level 5 Clear5\n"),
	                 0);
	assert_true(auth_enable_secret(router_accounts(b.router), 15));
	assert_true(auth_enable(router_accounts(b.router), 15, "Clear15"));
	assert_false(auth_enable(router_accounts(b.router), 15, "cisco")); /* the secret counts */
	assert_true(auth_enable(router_accounts(b.router), 5, "Clear5"));
	assert_false(auth_enable(router_accounts(b.router), 5, "Clear15"));
	assert_true(auth_enable(router_accounts(b.router), 6, "Clear15"));
	assert_int_equal(load_config(&b, "no enable secret\nno enable password\n"), 0);
	assert_false(auth_enable_needed(router_accounts(b.router), 15));
	assert_true(auth_enable_needed(router_accounts(b.router), 5));
	assert_false(auth_enable(router_accounts(b.router), 15, ""));
	bench_close(&b);
}

static void
test_line(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "line con 0\n password Console\nline vty 0 4\n password 7 070C285F4D06\n"
	               "line vty 5 15\n login\n");
	assert_int_equal(line_verdict(router_accounts(b.router), "con", 0, "Console"), AUTH_OK);
	assert_int_equal(line_verdict(router_accounts(b.router), "con", 0, "cisco"), AUTH_DENIED);
	assert_int_equal(line_verdict(router_accounts(b.router), "vty", 0, "cisco"), AUTH_OK);
	assert_int_equal(line_verdict(router_accounts(b.router), "vty", 4, "cisco"), AUTH_OK);
	assert_int_equal(line_verdict(router_accounts(b.router), "vty", 5, "cisco"), AUTH_DENIED);
	assert_int_equal(line_verdict(router_accounts(b.router), "aux", 0, ""), AUTH_DENIED);
	bench_close(&b);
}

/* --- the configuration ------------------------------------------------------------------------ */

static const char everything[] = "enable secret Clear1\n"
				 "enable secret level 3 Clear2\n"
				 "enable algorithm-type md5 secret level 4 Clear3\n"
				 "enable algorithm-type sha256 secret level 5 Clear4\n"
				 "enable password Clear6\n"
				 "enable password level 2 Clear7 with blanks\n"
				 "line con 0\n"
				 " password Clear10\n"
				 "line vty 0 15\n"
				 " password Clear11\n";

/* The same secret again keeps its hash; with another algorithm it does not. */
static void
test_typed_again(void **state)
{
	static const char twice[] = "enable secret Clear1\n"
				    "enable secret level 3 Clear2\n"
				    "username u privilege 15 secret Clear3\n";
	struct bench b;
	char *first, *second;

	(void)state;
	bench_open(&b, twice);
	first = running_config(&b);
	assert_int_equal(load_config(&b, twice), 0);
	second = running_config(&b);
	assert_string_equal(first, second);
	free(second);
	assert_int_equal(load_config(&b, "enable algorithm-type sha256 secret Clear1\n"), 0);
	assert_true(running_shows(&b, "enable secret 8 $8$"));
	assert_int_equal(load_config(&b, first), 0);
	assert_int_equal(load_config(&b, "enable secret Other\n"), 0);
	second = running_config(&b);
	assert_string_not_equal(first, second);
	free(first);
	free(second);
	bench_close(&b);
}

/*
 * `configure replace` types a line that adds to an older one: the result must not keep what the
 * target lacks.
 */
static void
test_replaced(void **state)
{
	static const char *const targets[] = {
	    "username u privilege 15 secret Clear1\n",
	    "username u secret Clear1\n",
	    "username u password Clear2\n",
	    "username u nopassword\nenable password Clear3\n",
	    "username u secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\nenable secret Clear3\n",
	    "",
	};
	struct bench b;

	(void)state;
	bench_open(&b, "");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		struct tree *t = tree_new();

		assert_int_equal(load_trial(b.router, t, targets[i], NULL, NULL).refused, 0);
		if (!replace_running(b.router, t, NULL, NULL, NULL).done)
			fail_msg("not replaced by: %s", targets[i]);
		tree_free(t);
	}
	bench_close(&b);
}

/* What is rendered is taken again, and rendered the same: nothing is hashed or hidden twice. */
static void
test_there_and_back(void **state)
{
	static const char *const before[] = {
	    "", "service password-encryption\n",
	    ("password encryption aes\nkey config-key password-encrypt Master01\n"
	     "crypto isakmp key ClearK address 10.1.1.1\n")};
	struct bench b, again;
	char *first, *second;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
		bench_open(&b, before[i]);
		assert_int_equal(load_config(&b, users), 0);
		assert_int_equal(load_config(&b, everything), 0);
		first = running_config(&b);
		bench_open(&again, first);
		second = running_config(&again);
		assert_string_equal(first, second);
		assert_int_equal(load_config(&b, first), 0); /* and over itself */
		free(second);
		second = running_config(&b);
		assert_string_equal(first, second);
		bench_close(&again);
		bench_close(&b);
		free(first);
		free(second);
	}
}

static void
test_nothing_clear(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, users);
	assert_int_equal(load_config(&b, everything), 0);
	assert_false(running_shows(&b, "Clear1\n"));
	assert_false(running_shows(&b, "Clear5"));
	assert_true(running_shows(&b, "enable password Clear6\n"));
	assert_true(running_shows(&b, "username zero password 0 Clear0\n"));
	assert_true(running_shows(&b, " password Clear11\n"));
	assert_int_equal(load_config(&b, "service password-encryption\n"), 0);
	assert_false(running_shows(&b, "Clear"));
	assert_true(running_shows(&b, "username zero password 7 "));
	assert_true(auth_enable(router_accounts(b.router), 2, "Clear7 with blanks"));
	assert_int_equal(line_verdict(router_accounts(b.router), "vty", 9, "Clear11"), AUTH_OK);
	assert_int_equal(load_config(&b, "no service password-encryption\n"), 0);
	assert_false(running_shows(&b, "Clear"));
	for (size_t i = 0; i < router_log_count(b.router); i++)
		assert_null(strstr(router_log_line(b.router, i), "Clear"));
	bench_close(&b);
}

static void
test_refused(void **state)
{
	static const char *const lines[] = {
	    "enable secret 5 cisco",
	    "enable secret 9 $8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs",
	    "enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0 more",
	    "enable secret *****",
	    "enable secret 7 070C285F4D06x",
	    "enable secret level 16 Clear",
	    "enable password 7 cisco",
	    "enable password 7 99AA",
	    "enable password 6 nonsense",
	    "username u secret 8 cisco",
	    "username u password 7 0",
	    "username u password *****",
	    "crypto isakmp key 6 nonsense address 10.1.1.1",
	    "enable secret Short",
	    "enable password Short",
	    "username u secret Short",
	};
	struct bench b;

	(void)state;
	bench_open(&b, "security passwords min-length 8\nenable secret LongEnough\n");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (i == 4) /* the 7 is part of a clear secret with a blank in it */
			assert_int_equal(load_config(&b, lines[i]), 0);
		else if (!load_config(&b, lines[i]))
			fail_msg("taken: %s", lines[i]);
	assert_false(auth_any_user(router_accounts(b.router)));
	bench_close(&b);
}

/* --- the history ------------------------------------------------------------------------------ */

static void
test_mask(void **state)
{
	static const struct {
		enum gram_mode mode;
		const char *line, *masked;
	} cases[] = {
	    {MODE_CONFIG, "enable secret Tiger", "enable secret *****"},
	    {MODE_CONFIG, "ena sec 0 Ti ger", "ena sec 0 *****"},
	    {MODE_CONFIG, "enable secret 9 $9$a$b", "enable secret 9 *****"},
	    {MODE_CONFIG, "username u privilege 15 password Tiger",
	     "username u privilege 15 password *****"},
	    {MODE_CONFIG, "crypto isakmp key Tiger address 10.1.1.1",
	     "crypto isakmp key ***** address 10.1.1.1"},
	    {MODE_CONFIG, "key config-key password-encrypt Tiger00",
	     "key config-key password-encrypt *****"},
	    {MODE_CONFIG_LINE, "  password 0 Tiger", "  password 0 *****"},
	    {MODE_CONFIG, "hostname secret", "hostname secret"},
	    {MODE_CONFIG, "no enable secret", "no enable secret"},
	    /* not understood: by the look of it */
	    {MODE_CONFIG, "enabel secret Tiger", "enabel secret *****"},
	    {MODE_CONFIG, "enable secert Tiger", "enable secert *****"},
	    {MODE_CONFIG, "enable secrt Tiger", "enable secrt *****"},
	    {MODE_CONFIG, "username u passwd Tiger", "username u passwd *****"},
	    {MODE_CONFIG, "neighbor 1.1.1.1 pasword Tiger", "neighbor 1.1.1.1 pasword *****"},
	    {MODE_CONFIG, "neighbor 1.1.1.1 passsword Tiger", "neighbor 1.1.1.1 passsword *****"},
	    {MODE_CONFIG, "ip ospf authentification-key Tiger",
	     "ip ospf authentification-key *****"},
	    {MODE_CONFIG, "ip htp secure-server off", "ip htp secure-server off"},
	    {MODE_CONFIG, "standby x authentication Tiger", "standby x authentication *****"},
	    {MODE_CONFIG, "ntpx authentication-key 1 md5 Tiger", "ntpx authentication-key 1 *****"},
	    {MODE_CONFIG, "authentication pre-shar", "authentication pre-shar"},
	    {MODE_CONFIG, "crypto isakmp key 0 Tiger adress 10.1.1.1", "crypto isakmp key 0 *****"},
	    {MODE_CONFIG, "password", "password"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *a = arena_new();
		struct command cmd;
		size_t column;
		bool ok = command_parse(cases[i].mode, cases[i].line, a, &cmd, &column) == PARSE_OK;
		char *masked = auth_mask(cases[i].line, ok ? &cmd : NULL);

		assert_string_equal(masked, cases[i].masked);
		free(masked);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_users),    cmocka_unit_test(test_job),
	    cmocka_unit_test(test_merged),   cmocka_unit_test(test_enable),
	    cmocka_unit_test(test_line),     cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_refused),  cmocka_unit_test(test_nothing_clear),
	    cmocka_unit_test(test_mask),     cmocka_unit_test(test_typed_again),
	    cmocka_unit_test(test_replaced),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
