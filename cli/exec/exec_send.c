/* SPDX-License-Identifier: Apache-2.0 */
/* `send`: a message from one terminal to others. */
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "cli/shell/line.h"

#define MESSAGE_MAX 2048 /* octets */
#define CTRL_Z      0x1a

/* The question's answer owns it. */
struct message {
	bool all;
	struct line_id to;
	struct text text;
};

static void
free_message(struct message *m)
{
	text_fini(&m->text);
	free(m);
}

/* Without what a terminal would obey: a message is text. */
static void
add_line(struct message *m, const char *line, size_t n)
{
	for (size_t i = 0; i < n && m->text.n < MESSAGE_MAX; i++) {
		unsigned char c = (unsigned char)line[i];

		text_printf(&m->text, "%c", c < ' ' || c == 0x7f || (c & 0xe0) == 0x80 ? '.' : c);
	}
	text_puts(&m->text, "\n");
}

static void
deliver_message(struct shell *from, const struct message *m)
{
	const struct line_id *own = shell_line_id(from);
	struct router *r = shell_router(from);
	char *text =
	    m->all ? x_asprintf("\n\n***\n***\n*** Message from tty%u to all ttys:\n***\n%s",
	                        own ? line_tty(*own) : 0, text_string(&m->text))
		   : x_asprintf("\n\n***\n***\n*** Message from tty%u to tty%u:\n***\n%s",
	                        own ? line_tty(*own) : 0, line_tty(m->to), text_string(&m->text));
	struct shell *to;

	for (size_t i = 0; i < router_session_count(r); i++) {
		to = shell_at(r, i);
		if (to && shell_line_id(to) && !shell_in_login(to) &&
		    (m->all || line_tty(*shell_line_id(to)) == line_tty(m->to)))
			shell_tell(to, text);
	}
	free(text);
}

static void
send_answer(struct shell *sh, const char *line, void *state)
{
	if (exec_confirmed(line))
		deliver_message(sh, state);
	free_message(state);
}

static void
text_answer(struct shell *sh, const char *line, void *state)
{
	struct message *m = state;
	const char *end = line ? strchr(line, CTRL_Z) : NULL;

	if (!line) {
		free_message(m);
		return;
	}
	add_line(m, line, end ? (size_t)(end - line) : strlen(line));
	if (end)
		shell_ask(sh, "Send message? [confirm]", send_answer, m);
	else
		shell_ask(sh, "", text_answer, m);
}

void
exec_send(struct shell *sh, const struct command *cmd)
{
	struct message *m;

	if (shell_refuse_loading(sh))
		return;
	m = x_alloc(sizeof(*m));
	m->all = command_has(cmd, ARG_ALL);
	if (!m->all)
		m->to = line_of_command(cmd);
	if (!m->all && !shell_on(shell_router(sh), m->to, 0)) {
		shell_refuse(sh);
		shell_printf(sh, "%% Nobody is on tty%u\n", line_tty(m->to));
		free_message(m);
		return;
	}
	shell_puts(sh, "Enter message, end with CTRL/Z; abort with CTRL/C:\n");
	shell_ask(sh, "", text_answer, m);
}
