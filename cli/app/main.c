/* SPDX-License-Identifier: Apache-2.0 */
/* The program: its commands by their names. */
#include <stdio.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/app/lab_main.h"
#include "cli/app/run_options.h"
#include "cli/term/term.h"
#include "cli/tools/check.h"
#include "cli/tools/convert.h"
#include "cli/tools/help.h"
#include "cli/tools/sh.h"
#include "cli/tools/usage.h"
#include "compiler/base/diag.h"
#include "runtime/crypto/random.h"

#define HELP "testudo --help"

static const struct command_line {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *help;
	bool runs; /* has sessions */
} command_lines[] = {
    {"lab", lab_main, lab_help, true},
    {"run", run_main, run_help, true},
    {"sh", sh_main, sh_help, false},
    {"check", check_main, check_help, false},
    {"explain", explain_main, explain_help, false},
    {"convert", convert_main, convert_help, false},
    {"schema", schema_main, schema_help, false},
    {"help", help_main, help_help, false},
};

static const struct command_line *
command_line(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(command_lines); i++)
		if (strcmp(command_lines[i].name, name) == 0)
			return &command_lines[i];
	return NULL;
}

static int
no_command(const char *word)
{
	const char *near, *known[ARRAY_SIZE(command_lines)];

	if (!*word)
		return usage_error(
		    HELP, "what to do? testudo lab LAB.yaml, testudo run, or testudo check FILE");
	for (size_t i = 0; i < ARRAY_SIZE(command_lines); i++)
		known[i] = command_lines[i].name;
	near = diag_nearest(word, known, ARRAY_SIZE(known));
	if (near)
		return usage_error("testudo help",
		                   "there is no command \"%s\"; did you mean \"%s\"?", word, near);
	return usage_error(
	    "testudo help",
	    "there is no command \"%s\"; there are: lab, run, sh, check, explain, convert, "
	    "schema, help",
	    word);
}

int
main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "", *wrong;
	const struct command_line *c = command_line(word);
	bool asks = argc > 2 && strcmp(argv[2], "--help") == 0;

	commands_install();
	if (c && asks) {
		fputs(c->help, stdout);
		return 0;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		fputs(lab_help, stdout);
		return 0;
	}
	if (strcmp(word, "--version") == 0) {
		puts("testudo " TESTUDO_VERSION);
		return 0;
	}
	if (!c)
		return no_command(word);
	crypto_init();
	wrong = c->runs ? term_check() : NULL;
	if (wrong)
		return usage_error(HELP, "this program is built wrongly: %s", wrong);
	return c->main(argc, argv);
}
