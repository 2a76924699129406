/* SPDX-License-Identifier: Apache-2.0 */
/* gramc: each mistake in a grammar ends the build, with the line and column it stands at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "compiler/base/base.h"

#define MODE "mode a config prompt \"#\"\n"

static const struct mistake {
	const char *grammar;
	const char *message; /* after the file's name; NULL: there is none */
} mistakes[] = {
    {MODE "  x\"h\" <n:1-5>\"h\" => set k\n", NULL},
    {MODE "  x! \"h\" {y\"h\"|z\"h\"} <n:word>+3 \"h\" => set k\n", NULL},
    {"define A x \"h\"\n" MODE "  $A y \"h\"\n    => set k\n", NULL},
    {"define A\n    { x \"h\"\n    | y \"h\" }\n" MODE "  $A\n    => set k\n", NULL},
    {"define A(n,type) <$n-op:{a\"h\"}> <$n:$type-port>\"h\"\n"
     "define B(n) $A($n,udp) $A(m,tcp)\n" MODE "  x\"h\" $B(n) => list k by n-op by m\n",
     NULL},
    {MODE "  $A => set k\ndefine A x\"h\"\n", NULL},

    {"  x\"h\" => set k\n", ":1:3: a command outside any mode"},
    {MODE "  x => set k\n", ":2:3: no help for \"x\""},
    {MODE "  x\"h => set k\n", ":2:15: a string without end"},
    {MODE "  x\"h\"\n", ":2:7: '=>' expected"},
    {MODE "  [x\"h\"] => set k\n", ":2:10: a command needs at least one word"},
    {MODE "  x\"h\" {y\"h\" => set k\n", ":2:14: '}' expected"},
    {MODE "  x\"h\" <n:bogus>\"h\" => set k\n", ":2:16: unknown type \"bogus\""},
    {MODE "  x\"h\" <n:9-5>\"h\" => set k\n", ":2:14: an empty range"},
    {MODE "  x\"h\" <n:1-4294967296>\"h\" => set k\n", ":2:13: a number over 4294967295"},
    {MODE "  x\"h\" <n:word>+1 \"h\" => set k\n", ":2:18: repeated 2 to 255 times"},
    {MODE "  x\"h\" $A => set k\n", ":2:10: \"A\" is not defined"},
    {"define A x\"h\"\ndefine A y\"h\"\n" MODE "  $A => set k\n", ":2:9: A is defined already"},
    {MODE "  x\"h\" => set none\n", ":2:19: the name \"none\" is taken"},
    {MODE "  x\"h\" => put k\n", ":2:14: unknown verb \"put\""},
    {MODE "  x\"h\" => set k bogus\n", ":2:22: unknown flag \"bogus\""},
    {MODE "  x\"h\" => set k canon bogus\n", ":2:28: unknown canonical form \"bogus\""},
    {MODE "  x\"h\" => enter a\n", ":2:18: \"enter\" wants a key"},
    {MODE "  x\"h\"\n    y => set k\n", ":3:5: no help for \"y\""},
    {MODE "  x\"h\"\n    y\"h => set k\n", ":3:17: a string without end"},
    {MODE "  x\"h\"\n    => set k\n\n    unbuilt \"f\"\n", ":5:5: this line continues nothing"},
    {MODE "  x\"h\" => set k\n# and\n    pipe\n", ":4:5: this line continues nothing"},
    {MODE " x\"h\" => set k\n", ":2:2: commands stand 2 blanks deep"},
    {MODE "  x\"h\"\n\t=> set k\n", ":3:1: a tab: lines are indented with blanks"},
    {"    x\"h\" => set k\n", ":1:5: this line continues nothing"},
    {"define A x\"h\"\n    {y\n" MODE "  $A => set k\n", ":2:7: '}' expected"},
    {"define A(n) <$n:word>\"h\"\n" MODE "  x\"h\" $A => set k\n", ":3:10: A has 1 parameters"},
    {"define A(n) <$m:word>\"h\"\n" MODE "  x\"h\" $A(a) => set k\n",
     ":1:15: no parameter of this name"},
    {"define A(a,b,c,d,e) x\"h\"\n" MODE, ":1:18: more than 4 parameters"},
    {"define A(a b) x\"h\"\n" MODE, ":1:12: ')' expected"},
    {"define A $A\n" MODE "  $A => set k\n", ":1:12: definitions too deep"},
    {MODE "  x\"h\" => set a.b\n  y\"h\" => set a-b\n",
     ":3:18: \"a-b\" and \"a.b\" would be one name in C"},

    {MODE "  x\"h\" => enter b key k\n", ":2:17: mode \"b\" is named but never described"},
    {"mode a config in b prompt \"#\"\nmode b config in a prompt \"#\"\n",
     ":1:6: mode \"a\" is inside itself"},
    {MODE "  x\"h\" => set k\n  x => set l\n", ":3:3: one line could be this command and "},
    {MODE "  x\"h\" <n:word>\"h\" => set k\n  x [<m:word>\"h\"] => set l\n",
     ":3:3: one line could be this command and "},
    {"mode c config prompt \"\"\n  x\"h\" => set l\nmode a config with c prompt \"#\"\n"
     "  x\"h\" => set k\n",
     ":4:3: one line could be this command and "},
    {MODE "  x\"h\" {<n:1-5>\"h\"|<m:3-9>\"h\"} => set k\n",
     ":2:3: one word could be this command's \"m\" in two ways"},
    {MODE "  x\"h\" => set k\n  y\"h\" => list k\n", ":2:3: key k is kept in another way "},
    {MODE "  x\"h\" => list k order n\n  y\"h\" <n:1-5>\"h\" => set l\n",
     ":2:3: order by n, which the command does not have"},
    {MODE "  x\"h\" => list k by n\n  y\"h\" <n:1-5>\"h\" => set l\n",
     ":2:3: told apart by n, which the command does not have"},
    {MODE "  x\"h\" <n:1-5>\"h\" => drop k order n\n",
     ":2:3: drops k, which nothing in its mode keeps"},
    {MODE "  x\"h\" => list k step 10\n", ":2:3: \"step\" wants \"order\""},
    {MODE "  x\"h\" <n:1-5>\"h\" => set k default \"y 3\"\n",
     ":2:3: the default \"y 3\" is not what the command can say"},
    {MODE "  x\"h\" => set k kept\n", ":2:3: what is kept is a list or a container"},
    {MODE "  x\"h\" => set k ends \"y\"\n", ":2:3: only a container has an end"},
    {MODE "  x~\"h\" => list k unbuilt \"Y\"\n", NULL},
    {MODE "  x! \"h\" => do h\n", ":2:3: \"x!\": only `no` of what is set or listed"},
};

static char directory[] = "/tmp/test_gramc.XXXXXX";

/* Runs gramc on a grammar; what it says into buf. Returns its exit status. */
static int
run_gramc(const char *grammar, char *buf, size_t size)
{
	char path[64], command[1024];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.gram", directory);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(grammar, f);
	assert_int_equal(fclose(f), 0);
	snprintf(command, sizeof(command), "ASAN_OPTIONS=detect_leaks=0 '%s' -o %s %s 2>&1",
	         TESTUDO_GRAMC, directory, path);
	f = popen(command, "r");
	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	return WEXITSTATUS(pclose(f));
}

static void
mistakes_end_the_build(void **state)
{
	char said[4096], want[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		const struct mistake *m = &mistakes[i];
		int status = run_gramc(m->grammar, said, sizeof(said));

		snprintf(want, sizeof(want), "%s/x.gram%s", directory,
		         m->message ? m->message : "");
		if (!m->message ? status || *said
		                : status != 1 || strncmp(said, want, strlen(want)))
			fail_msg("%s\nsaid (%d): %s\nwanted: %s", m->grammar, status, said, want);
	}
}

static int
make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int
remove_directory(void **state)
{
	static const char *const files[] = {"x.gram", "grammar.h", "grammar.c"};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		unlink(path);
	}
	return rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mistakes_end_the_build),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
