/* SPDX-License-Identifier: Apache-2.0 */
/* Documents become steps: prompts in every guise, remarks, directives, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lab/transcript.h"

/* Parses from a block of exactly the text's size, so that the sanitizer sees a step too far. */
static struct transcript *
parse_text(const char *text)
{
	size_t n = strlen(text);
	char *block = x_memdup(text, n);
	struct transcript *t = transcript_parse("doc", block, n);

	free(block);
	return t;
}

struct prompt_case {
	const char *line, *node, *text;
	bool config, user;
};

static const struct prompt_case prompts[] = {
    {"R1#show clock", "R1", "show clock", false, false},
    {"R1# sh cry isa sa", "R1", "sh cry isa sa", false, false},
    {"R1>enable", "R1", "enable", false, true},
    {"R1(config)#end", "R1", "end", true, false},
    {"- R1(config)# ip domain-name cisco.com", "R1", "ip domain-name cisco.com", true, false},
    {"- KS (config)# crypto isakmp policy 10", "KS", "crypto isakmp policy 10", true, false},
    {"- KS (gdoi-sa-ipsec) # profile P", "KS", "profile P", true, false},
    {"R1 # show version", "R1", "show version", false, false},
    {"\t  * R1(config-if)#  no shutdown  ", "R1", "no shutdown", true, false},
    {"\xe2\x80\xa2 R1(config)# hostname A", "R1", "hostname A", true, false},
    {"12. R1#show ip route\r", "R1", "show ip route", false, false},
    {"R1\xef\xbc\x88"
     "config\xef\xbc\x89\xef\xbc\x83 end",
     "R1", "end", true, false},
    {"\xef\xbb\xbfR1#\xc2\xa0show\xc2\xa0"
     "clock",
     "R1", "show clock", false, false},
    {"R1(config)# description \xe2\x80\x9cup\xe2\x80\x9d", "R1", "description \"up\"", true, false},
    {"R1(config)# server local // At this point", "R1", "server local", true, false},
    {"R1(config)# server local //", "R1", "server local", true, false},
    {"R1# copy tftp://10.1.1.1/x running", "R1", "copy tftp://10.1.1.1/x running", false, false},
    {"R1(config)# crypto isakmp key 0 a//b address 1.2.3.4", "R1",
     "crypto isakmp key 0 a//b address 1.2.3.4", true, false},
    {"R1(config)# auth pre <--- weak", "R1", "auth pre", true, false},
    {"R1(config)# auth pre \xef\xbc\x88weak\xef\xbc\x89", "R1", "auth pre", true, false},
    {"R1(config)# // only a remark", "R1", "", true, false},
    {"R1#", "R1", "", false, false},
    {"core-sw.lab#show clock", "core-sw.lab", "show clock", false, false},
    {"R1(config)#banner motd #hi#", "R1", "banner motd #hi#", true, false},
};

static void
test_prompts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prompts); i++) {
		const struct prompt_case *c = &prompts[i];
		struct transcript *t = parse_text(c->line);

		print_message("%s\n", c->line);
		assert_int_equal(t->n, 1);
		assert_int_equal(t->steps[0].kind, STEP_TYPE);
		assert_string_equal(t->steps[0].node, c->node);
		assert_string_equal(t->steps[0].text, c->text);
		assert_int_equal(t->steps[0].config, c->config);
		assert_int_equal(t->steps[0].user, c->user);
		transcript_free(t);
	}
}

static void
test_prose(void **state)
{
	static const char *const lines[] = {
	    "Let us first start with Key Server Configuration",
	    "- Key Encryption Key (KEK) [KS --> GM]",
	    "It guides GM <--> GM traffic",
	    "10.1.12.1 10.1.23.3 GDOI_IDLE 1006 0 ACTIVE",
	    "a > b",
	    "pointer->field",
	    "R1(two words)# x",
	    "R1()# x",
	    "# a heading",
	    "KEK resend and delete of GM registrations.JPG",
	    "access-list OUT1_IN extended permit esp host 192.168.1.1 any",
	    "R1(config",
	    "R1(config)",
	    "R1(config)>",
	    "-----BEGIN PUBLIC KEY-----",
	    "\n", /* it ends what is pasted */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct transcript *t = parse_text(lines[i]);

		print_message("%s\n", lines[i]);
		assert_int_equal(t->n, 1);
		assert_int_equal(t->steps[0].kind, STEP_TEXT);
		assert_int_equal(t->n_errors, 0);
		transcript_free(t);
	}
}

static void
test_directives(void **state)
{
	struct transcript *t = parse_text("!@ wait 3600\n"
	                                  "  !@ wait 0.5\n"
	                                  "- !@ expect /a\\/b|c{2}/\n"
	                                  "!@ expect-not /^x$/ \n"
	                                  "!@ link R2 f0/1 down\n"
	                                  "!@link R2 f0/1 up\n"
	                                  "!@ loss 10%\n"
	                                  "!@ crash R1\n"
	                                  "!@ boot R1\n"
	                                  "!@ store R1 down\n"
	                                  "!@ store R1 slow 500\n"
	                                  "! @ not one\n"
	                                  "OR\n"
	                                  "- OR \n"
	                                  "OR else\n");
	static const enum step_kind kinds[] = {
	    STEP_WAIT,       STEP_WAIT, STEP_EXPECT, STEP_EXPECT_NOT, STEP_LINK,
	    STEP_LINK,       STEP_LOSS, STEP_CRASH,  STEP_BOOT,       STEP_STORE,
	    STEP_STORE_SLOW, STEP_TEXT, STEP_OR,     STEP_OR,         STEP_TEXT};

	(void)state;
	assert_int_equal(t->n_errors, 0);
	assert_int_equal(t->n, ARRAY_SIZE(kinds));
	for (size_t i = 0; i < t->n; i++) {
		assert_int_equal(t->steps[i].kind, kinds[i]);
		assert_int_equal(t->steps[i].line, i + 1);
	}
	assert_int_equal(t->steps[0].wait, SECONDS(3600));
	assert_int_equal(t->steps[1].wait, 500);
	assert_string_equal(t->steps[2].text, "a\\/b|c{2}");
	assert_string_equal(t->steps[3].text, "^x$");
	assert_string_equal(t->steps[4].node, "R2");
	assert_string_equal(t->steps[4].text, "f0/1");
	assert_false(t->steps[4].up);
	assert_true(t->steps[5].up);
	assert_true(t->steps[6].faults[0] > 0.0999 && t->steps[6].faults[0] < 0.1001);
	assert_string_equal(t->steps[7].node, "R1");
	assert_false(t->steps[9].up);
	assert_string_equal(t->steps[10].node, "R1");
	assert_int_equal(t->steps[10].wait, 500);
	transcript_free(t);
}

static void
test_bad_directives(void **state)
{
	static const char *const lines[] = {
	    "!@",
	    "!@ wiat 3",
	    "!@ wait",
	    "!@ wait x",
	    "!@ wait -1",
	    "!@ wait nan",
	    "!@ wait 1 2",
	    "!@ wait 1e300",
	    "!@ wait 99999999999999",
	    "!@ expect",
	    "!@ expect a",
	    "!@ expect /",
	    "!@ expect /a/ b",
	    "!@ expect /(/",
	    "!@ expect /[a/",
	    "!@ expect /((((a{1,200}){1,200}){1,200}){1,200})/",
	    "!@ expect /(((((((((a+)+)+)+)+)+)+)+)+)+/",
	    "!@ expect /a{1001}/",
	    "!@ expect /(a)\\1/",
	    "!@ link R1 f0/0",
	    "!@ link R1 f0/0 sideways",
	    "!@ link R1 f0/0 up now",
	    "!@ loss 10",
	    "!@ loss 101%",
	    "!@ loss %",
	    "!@ crash",
	    "!@ boot R1 R2",
	    "!@ type",
	    "!@ store R1",
	    "!@ store R1 slow",
	    "!@ store R1 slow -1",
	    "!@ store R1 slow 4001",
	    "!@ store R1 down 500",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char *text = x_asprintf("prose\n%s\n", lines[i]);
		struct transcript *t = parse_text(text);

		print_message("%s\n", lines[i]);
		assert_int_equal(t->n_errors, 1);
		assert_int_equal(t->errors[0].line, 2);
		assert_true(strlen(t->errors[0].message) > 5);
		assert_int_equal(t->n, 1);
		transcript_free(t);
		free(text);
	}
}

/* No byte string does harm. */
static void
test_noise(void **state)
{
	static const char bits[] =
	    "R1(config)# !@/expect wait\n\r\t-\xef\xbc\x88\xe2\x80\x9c\0>OR<%";
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = (size_t)round % 97;
		char *block = x_alloc(n);

		for (size_t i = 0; i < n; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			block[i] = round & 1 ? (char)(seed >> 33)
			                     : bits[(seed >> 33) % (sizeof(bits) - 1)];
		}
		transcript_free(transcript_parse("noise", block, n));
		free(block);
	}
}

/* What consoles echo for Ctrl-Z enters the line before it, and leaves configuration. */
static void
test_control_z(void **state)
{
	struct transcript *t = parse_text("R1(config-if)#no shut^Z\nR1(config)#^Z\nR1#^Z\n");

	(void)state;
	assert_int_equal(t->n, 4);
	assert_string_equal(t->steps[0].text, "no shut");
	assert_string_equal(t->steps[1].text, "end");
	assert_int_equal(t->steps[1].line, 1);
	assert_string_equal(t->steps[2].text, "end");
	assert_string_equal(t->steps[3].text, "");
	transcript_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_prompts),    cmocka_unit_test(test_prose),
	    cmocka_unit_test(test_directives), cmocka_unit_test(test_bad_directives),
	    cmocka_unit_test(test_noise),      cmocka_unit_test(test_control_z),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
