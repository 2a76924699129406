/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ping` alone: IOS asks for everything. The answers make the line that could have been typed, and
 * that line is run.
 */
#include "cli/exec/exec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/tree/tree_host.h"

enum step {
	STEP_PROTOCOL,
	STEP_TARGET,
	STEP_REPEAT,
	STEP_SIZE,
	STEP_TIMEOUT,
	STEP_EXTENDED,
	STEP_SOURCE,
	STEP_TOS,
	STEP_DF,
	STEP_VALIDATE,
	STEP_PATTERN,
	STEP_OPTIONS,
	STEP_SWEEP,
	STEP_END
};

struct dialogue {
	enum step step;
	char line[256]; /* the command so far */
};

/*
 * The questions, by step. fixed: the only answer beside Enter that is accepted; the other choices
 * of IOS are not built.
 */
static const struct {
	const char *question, *keyword, *fixed;
	unsigned long least, most;
} steps[STEP_END] = {
    [STEP_PROTOCOL] = {.question = "Protocol [ip]: ", .fixed = "ip"},
    [STEP_TARGET] = {.question = "Target IP address: "},
    [STEP_REPEAT] =
	{.question = "Repeat count [5]: ", .keyword = "repeat", .least = 1, .most = INT32_MAX},
    [STEP_SIZE] =
	{.question = "Datagram size [100]: ", .keyword = "size", .least = 36, .most = 18024},
    [STEP_TIMEOUT] =
	{.question = "Timeout in seconds [2]: ", .keyword = "timeout", .least = 0, .most = 3600},
    [STEP_EXTENDED] = {.question = "Extended commands [n]: "},
    [STEP_SOURCE] = {.question = "Source address or interface: ", .keyword = "source"},
    [STEP_TOS] = {.question = "Type of service [0]: ", .fixed = "0"},
    [STEP_DF] = {.question = "Set DF bit in IP header? [no]: "},
    [STEP_VALIDATE] = {.question = "Validate reply data? [no]: ", .fixed = "no"},
    [STEP_PATTERN] = {.question = "Data pattern [0x0000ABCD]: ", .fixed = "0x0000ABCD"},
    [STEP_OPTIONS] = {.question = "Loose, Strict, Record, Timestamp, Verbose[none]: ",
                      .fixed = "none"},
    [STEP_SWEEP] = {.question = "Sweep range of sizes [n]: ", .fixed = "no"},
};

static void on_answer(struct shell *sh, const char *line, void *state);

static void
append_words(struct dialogue *d, const char *keyword, const char *value)
{
	size_t n = strlen(d->line);

	snprintf(d->line + n, sizeof(d->line) - n, " %s%s%s", keyword,
	         *keyword && *value ? " " : "", value);
}

static void
ask_step(struct shell *sh, struct dialogue *d)
{
	shell_ask(sh, steps[d->step].question, on_answer, d);
}

static void
refuse_answer(struct shell *sh, struct dialogue *d, const char *text)
{
	shell_refuse(sh);
	shell_puts(sh, text);
	free(d);
}

/* Is the answer a beginning of the word, in any case? */
static bool
begins_word(const char *answer, const char *word)
{
	return *answer && strncasecmp(answer, word, strlen(answer)) == 0;
}

static bool
in_range(const char *answer, enum step step)
{
	char *end;
	unsigned long n = strtoul(answer, &end, 10);

	return isdigit((unsigned char)*answer) && !*end && n >= steps[step].least &&
	       n <= steps[step].most;
}

/* Takes an answer. False when it ended the dialogue: the user has been told, and d is freed. */
static bool
take_answer(struct shell *sh, struct dialogue *d, const char *answer)
{
	uint32_t addr;

	if (d->step == STEP_TARGET) {
		if (!addr_parse(answer, &addr) &&
		    !tree_host(router_tree(shell_router(sh)), answer)) {
			refuse_answer(sh, d, "% Bad IP address\n");
			return false;
		}
		append_words(d, "", answer);
	} else if (!*answer) {
		return true;
	} else if (steps[d->step].fixed) {
		if (!begins_word(answer, steps[d->step].fixed)) {
			refuse_answer(sh, d, "% Only the default is supported here\n");
			return false;
		}
	} else if (steps[d->step].most) {
		if (!in_range(answer, d->step)) {
			refuse_answer(sh, d, "% A decimal number within range is needed\n");
			return false;
		}
		append_words(d, steps[d->step].keyword, answer);
	} else if (d->step == STEP_SOURCE) {
		append_words(d, "source", answer);
	} else if (d->step == STEP_DF && begins_word(answer, "yes")) {
		append_words(d, "df-bit", "");
	}
	return true;
}

static void
on_answer(struct shell *sh, const char *line, void *state)
{
	struct dialogue *d = state;
	char answer[64], text[sizeof(d->line)];
	int n = 0;

	if (!line) {
		free(d);
		return;
	}
	while (*line == ' ')
		line++;
	snprintf(answer, sizeof(answer), "%s", line);
	for (n = (int)strlen(answer); n > 0 && answer[n - 1] == ' '; n--)
		answer[n - 1] = '\0';
	if (!take_answer(sh, d, answer))
		return;
	if (d->step == STEP_EXTENDED && !begins_word(answer, "yes"))
		d->step = STEP_SWEEP;
	else
		d->step++;
	if (d->step < STEP_END) {
		ask_step(sh, d);
		return;
	}
	memcpy(text, d->line, sizeof(text));
	free(d);
	shell_exec(sh, text);
}

void
exec_ping_ask(struct shell *sh, const struct command *cmd)
{
	struct dialogue *d = x_alloc(sizeof(*d));

	(void)cmd;
	snprintf(d->line, sizeof(d->line), "ping");
	ask_step(sh, d);
}
