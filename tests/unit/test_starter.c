/* SPDX-License-Identifier: Apache-2.0 */
/* The command lines of the programs that a router may have started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/app/starter_programs.h"
#include "compiler/base/text.h"

#define HOST 0x0a090102u

static struct starter_call
call_of(uint32_t program, const char *user)
{
	struct starter_call call = {.program = program, .dst = HOST};

	memcpy(call.user, user, strnlen(user, sizeof(call.user)));
	return call;
}

/* The words behind the last that begins with -o, or all of them. */
static void
expect_line(const struct starter_call *call, const char *wanted)
{
	struct starter_command c;
	struct text line = TEXT_INIT;

	assert_int_equal(starter_command_make(call, &c), STARTER_STARTED);
	for (size_t i = 0; c.args[i]; i++) {
		if (!strncmp(c.args[i], "-o", 2))
			text_clear(&line);
		else
			text_printf(&line, "%s%s", line.n ? " " : "", c.args[i]);
	}
	assert_string_equal(text_string(&line), wanted);
	text_fini(&line);
}

static void
test_lines(void **state)
{
	struct starter_call telnet = call_of(STARTER_TELNET, ""), ssh = call_of(STARTER_SSH, "bob");

	(void)state;
	expect_line(&telnet, "telnet -E -K -c 10.9.1.2");
	expect_line(&ssh, "-l bob -- 10.9.1.2");
	telnet.port = 2001;
	ssh.port = 65535;
	ssh.src = telnet.src = 0xc0a80101;
	expect_line(&telnet, "telnet -E -K -c -b 192.168.1.1 10.9.1.2 2001");
	expect_line(&ssh, "-b 192.168.1.1 -p 65535 -l bob -- 10.9.1.2");
}

/* What another process would read, write or run for its user is off. */
static void
test_ssh_is_alone(void **state)
{
	static const char *const words[] = {"-F",
	                                    "-e",
	                                    "-a",
	                                    "-x",
	                                    "-oProxyCommand=none",
	                                    "-oClearAllForwardings=yes",
	                                    "-oPermitLocalCommand=no",
	                                    "-oPubkeyAuthentication=no",
	                                    "-oIdentityAgent=none",
	                                    "-oUserKnownHostsFile=/dev/null",
	                                    "-oControlPath=none"};
	const struct starter_call call = call_of(STARTER_SSH, "bob");
	struct starter_command c;

	(void)state;
	assert_int_equal(starter_command_make(&call, &c), STARTER_STARTED);
	assert_string_equal(c.path, "/usr/bin/ssh");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t k = 0;

		while (c.args[k] && strcmp(c.args[k], words[i]) != 0)
			k++;
		assert_non_null(c.args[k]);
		if (words[i][1] == 'F' || words[i][1] == 'e')
			assert_string_equal(c.args[k + 1], "none");
	}
}

static void
expect_refusal(struct starter_call call, enum starter_refusal wanted)
{
	struct starter_command c;

	assert_int_equal(starter_command_make(&call, &c), wanted);
}

static void
test_users(void **state)
{
	static const char *const wrong[] = {
	    "",      "-oProxyCommand=id", "--", "a b",     "a;b", "%h", "a\nb", "a'b", "a/b",
	    "$HOME", ".hidden",           "@b", "\xc3\xa4"};
	struct starter_call call = call_of(STARTER_SSH, "b");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_refusal(call_of(STARTER_SSH, wrong[i]), STARTER_MALFORMED);
	expect_refusal(call_of(STARTER_SSH, "a.b_c-d@e"), STARTER_STARTED);
	expect_refusal(call_of(STARTER_TELNET, "bob"), STARTER_MALFORMED); /* it has none */
	memset(call.user, 'b', sizeof(call.user));                         /* without an end */
	expect_refusal(call, STARTER_MALFORMED);
	call.user[sizeof(call.user) - 1] = 0;
	expect_refusal(call, STARTER_STARTED);
}

static void
test_places(void **state)
{
	struct starter_call call = call_of(STARTER_TELNET, "");

	(void)state;
	expect_refusal(call_of(STARTER_PROGRAMS, ""), STARTER_MALFORMED);
	expect_refusal(call_of(UINT32_MAX, ""), STARTER_MALFORMED);
	call.dst = 0x7f000001;
	expect_refusal(call, STARTER_LOOPBACK);
	call.dst = 0x7fffffff;
	expect_refusal(call, STARTER_LOOPBACK);
	call.dst = 0;
	expect_refusal(call, STARTER_LOOPBACK);
	call.dst = 0xe0000005;
	expect_refusal(call, STARTER_MALFORMED);
	call.dst = 0xffffffff;
	expect_refusal(call, STARTER_MALFORMED);
	call.dst = HOST;
	call.src = 0x7f000001;
	expect_refusal(call, STARTER_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_ssh_is_alone),
	    cmocka_unit_test(test_users),
	    cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
