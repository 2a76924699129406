/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines typed into a session of a router on the virtual network: whatever they are, the session
 * answers each with a prompt or its end, and `show running-config` stays what can be loaded.
 */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/device/router.h"
#include "cli/shell/acting.h"
#include "cli/shell/shell.h"
#include "runtime/host/sim/sim.h"

#define LINES_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct session {
	struct sim *sim;
	struct router *router;
	struct shell *shell;
	bool done, closed;
};

static void
take_output(void *arg, const char *text, size_t n)
{
	(void)arg;
	if (n && !memchr(text, text[0], n))
		abort();
}

static void
take_done(void *arg)
{
	((struct session *)arg)->done = true;
}

static void
take_close(void *arg)
{
	((struct session *)arg)->closed = true;
}

static const struct shell_io io = {.write = take_output, .done = take_done, .close = take_close};

static void
take_word(void *arg, const char *word)
{
	(void)arg;
	if (!*word)
		abort();
}

/* Making a key takes seconds, and tells nothing. */
static bool
makes_key(const char *line)
{
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;
	bool makes;

	makes = command_parse(MODE_CONFIG, line, a, &cmd, &column) == PARSE_OK &&
	        cmd.entry->handler == H_CONFIG_CRYPTO_KEY_GENERATE;
	arena_free(a);
	return makes;
}

static void
type_line(struct session *s, char *line)
{
	char prompt[SHELL_PROMPT_MAX];
	size_t n = strlen(line);

	s->done = false;
	if (n && line[n - 1] == '?') {
		line[n - 1] = 0;
		shell_help(s->shell, line);
		shell_complete(s->shell, line, take_word, NULL);
		return;
	}
	if (makes_key(line))
		return;
	shell_line(s->shell, line);
	sim_run_until(s->sim, sim_now(s->sim) + SECONDS(1));
	if (!s->closed && shell_busy(s->shell))
		shell_interrupt(s->shell);
	if (!s->closed && !s->done)
		abort(); /* the line has no end */
	shell_prompt(s->shell, prompt);
	if (s->closed) {
		shell_free(s->shell);
		s->closed = false;
		s->shell = shell_new(s->router, &io, s, true);
	}
}

static void
type_all(struct session *s, const uint8_t *data, size_t n)
{
	char *text = x_alloc(n + 1), *rest = text, *line;

	memcpy(text, data, n);
	for (unsigned i = 0; i < LINES_MAX && (line = strsep(&rest, "\n")); i++)
		type_line(s, line);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct session s = {.sim = sim_new(1, 0)};
	struct node_config config = {.name = "R1"};
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);

	commands_install();
	node_attach(node, sim_node_add(s.sim, "R1", &events));
	s.router = router_new("R1", node);
	router_set_actor(s.router, &shell_actor);
	s.shell = shell_new(s.router, &io, &s, true);
	type_all(&s, data, n);
	shell_free(s.shell);
	router_free(s.router);
	node_free(node);
	sim_free(s.sim);
	return 0;
}
