/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The old scp protocol: what is exchanged when one side says `scp -t` (to) or `scp -f` (from).
 *
 *   sender  C0600 SIZE NAME\n   the contents, then \0
 *   sink    \0 before all, after the line, after the contents; or \1 MESSAGE\n
 *
 * A router has no directories that could be copied: one file, or several one after another.
 */
#include "cli/ssh/ssh_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files/files.h"
#include "cli/ssh/ssh_priv.h"

#define LINE_LIMIT 1024

enum scp_state {
	SCP_LINE,  /* sink: waits for the line of a file, or the end */
	SCP_DATA,  /* sink: contents */
	SCP_TAIL,  /* sink: the zero after them */
	SCP_START, /* sender: waits to begin */
	SCP_TOLD,  /* sender: the line is out */
	SCP_SENT   /* sender: the contents are */
};

struct scp {
	struct sshd_channel *ch; /* NULL: over */
	enum scp_state state;
	char path[FILES_NAME_MAX + 24], name[FILES_NAME_MAX + 24]; /* as asked for; the file's */
	struct text line, data;
	size_t size;
	bool failed;
};

static void
scp_free(struct scp *s)
{
	text_fini(&s->data);
	text_fini(&s->line);
	free(s);
}

static void
finish_copy(struct scp *s)
{
	struct sshd_channel *ch = s->ch;

	s->ch = NULL;
	sshd_channel_finish(ch, s->failed);
}

static void
send_error(struct scp *s, const char *path, const char *why)
{
	char *message = x_asprintf("\1scp: %s%s%s\n", path, *path ? ": " : "", why);

	s->failed = true;
	sshd_channel_write(s->ch, message, strlen(message));
	free(message);
}

static void
send_ok(struct scp *s)
{
	sshd_channel_write(s->ch, "", 1);
}

/* --- sink ------------------------------------------------------------------------------------- */

/* What the user named is a place if it is no file's name: "", ".", "flash:", "x/". */
static void
name_file(struct scp *s, const char *name)
{
	size_t n = strlen(s->path);
	char last = n ? s->path[n - 1] : '/';

	if (!n || !strcmp(s->path, ".") || !strcmp(s->path, "/"))
		snprintf(s->name, sizeof(s->name), "%s", name);
	else if (last == ':' || last == '/')
		snprintf(s->name, sizeof(s->name), "%.*s%.*s", (int)sizeof(s->name) / 2, s->path,
		         (int)sizeof(s->name) / 2 - 1, name);
	else
		snprintf(s->name, sizeof(s->name), "%s", s->path);
}

/* "C0644 123 name"; times are of no use here. */
static void
take_line(struct scp *s)
{
	const char *line = text_string(&s->line);
	char name[FILES_NAME_MAX + 1], digits[21];
	unsigned long size;

	if (*line == 'T') {
		send_ok(s);
	} else if (sscanf(line, "C%*o %20[0-9] %127[^\n]", digits, name) != 2 ||
	           strchr(name, '/')) {
		send_error(s, "", *line == 'D' ? "there are no directories" : "protocol error");
		finish_copy(s);
	} else if ((size = strtoul(digits, NULL, 10)) > FILES_SIZE_MAX) {
		send_error(s, name, "File too large");
		finish_copy(s);
	} else {
		name_file(s, name);
		s->size = size;
		s->state = size ? SCP_DATA : SCP_TAIL;
		send_ok(s);
	}
	text_clear(&s->line);
}

static void
keep_file(struct scp *s)
{
	struct text report = TEXT_INIT, summary = TEXT_INIT;
	int error =
	    ssh_files_write(s->ch->c, s->name, SPAN(s->data.p, s->data.n), &report, &summary);

	s->state = SCP_LINE;
	if (report.n)
		sshd_channel_tell(s->ch, text_string(&report));
	if (error)
		send_error(s, s->name, file_error(error));
	else if (summary.n)
		send_error(s, s->name, summary.p);
	else
		send_ok(s);
	if (s->data.p)
		explicit_bzero(s->data.p, s->data.n);
	text_clear(&s->data);
	text_fini(&report);
	text_fini(&summary);
}

/* --- sender ----------------------------------------------------------------------------------- */

static void
begin_file(struct scp *s)
{
	const char *slash = strrchr(s->path, '/'); /* the sink looks whether it is what it wants */
	int error = ssh_files_read(s->ch->c, s->path, &s->data);
	char *line;

	if (error) {
		send_error(s, s->path, file_error(error));
		finish_copy(s);
		return;
	}
	line = x_asprintf("C0600 %zu %s\n", s->data.n, slash ? slash + 1 : s->path);
	sshd_channel_write(s->ch, line, strlen(line));
	free(line);
	s->state = SCP_TOLD;
}

/* Takes what the sink answers to the line or the contents. */
static void
take_answer(struct scp *s, char c)
{
	if (c) {
		s->failed = true;
		finish_copy(s);
	} else if (s->state == SCP_START) {
		begin_file(s);
	} else if (s->state == SCP_TOLD) {
		sshd_channel_write(s->ch, s->data.p, s->data.n);
		send_ok(s);
		s->state = SCP_SENT;
	} else {
		finish_copy(s);
	}
}

/* --- the channel's calls ---------------------------------------------------------------------- */

/* Takes what it can of n octets and says how many: at least one. */
static size_t
take_octets(struct scp *s, const char *data, size_t n)
{
	const char *end;
	size_t some;

	switch (s->state) {
	case SCP_LINE:
		end = memchr(data, '\n', n);
		some = end ? (size_t)(end - data) + 1 : n;
		text_add(&s->line, data, some);
		if (s->line.n > LINE_LIMIT) {
			send_error(s, "", "protocol error");
			finish_copy(s);
		} else if (end) {
			take_line(s);
		}
		return some;
	case SCP_DATA:
		some = s->size - s->data.n;
		some = some < n ? some : n;
		text_add(&s->data, data, some);
		if (s->data.n == s->size)
			s->state = SCP_TAIL;
		return some;
	case SCP_TAIL:
		if (*data) /* the sender has failed to read its file */
			s->failed = true;
		else
			keep_file(s);
		if (*data)
			finish_copy(s);
		return 1;
	default:
		take_answer(s, *data);
		return 1;
	}
}

static void
scp_input(void *arg, const char *data, size_t n)
{
	struct scp *s = arg;

	while (n && s->ch) {
		size_t took = take_octets(s, data, n);

		data += took;
		n -= took;
	}
	if (!s->ch)
		scp_free(s);
}

static void
scp_end(void *arg)
{
	struct scp *s = arg;

	s->failed |= s->state != SCP_LINE || s->line.n;
	finish_copy(s);
	scp_free(s);
}

/* The contents are in the channel's queue as they are. */
static void
scp_full(void *arg, bool full)
{
	(void)arg;
	(void)full;
}

static void
scp_hangup(void *arg)
{
	scp_free(arg);
}

static const struct sshd_worker scp_worker = {
    .input = scp_input,
    .end = scp_end,
    .full = scp_full,
    .hangup = scp_hangup,
};

/* "scp -v -t -- name": *ret_path is a copy without quotes. */
static bool
parse_command(const char *command, enum scp_state *ret_state, char *ret_path, size_t size)
{
	char *copy = x_strdup(command), *rest = NULL, *word = strtok_r(copy, " ", &rest);
	bool ok = word && !strcmp(word, "scp"), way = false;
	size_t n;

	while (ok && (word = strtok_r(NULL, " ", &rest)) && *word == '-' && strcmp(word, "--") != 0)
		if (strpbrk(word, "tf")) {
			*ret_state = strchr(word, 't') ? SCP_LINE : SCP_START;
			way = true;
		}
	if (ok && word && !strcmp(word, "--"))
		word = strtok_r(NULL, " ", &rest);
	word = word ? word : "";
	n = strlen(word);
	if (n >= 2 && (*word == '\'' || *word == '"') && word[n - 1] == *word) {
		word[n - 1] = 0;
		word++;
	}
	snprintf(ret_path, size, "%s", word);
	ok = ok && way && strlen(word) < size;
	free(copy);
	return ok;
}

bool
ssh_scp_start(struct sshd_channel *ch, const char *command)
{
	struct scp *s = x_alloc(sizeof(*s));
	const char *refusal = ssh_files_refusal(ch->c);

	if (!parse_command(command, &s->state, s->path, sizeof(s->path))) {
		free(s);
		return false;
	}
	s->ch = ch;
	ch->worker = &scp_worker;
	ch->arg = s;
	if (refusal) {
		send_error(s, "", refusal);
		finish_copy(s);
		scp_free(s);
	} else if (s->state == SCP_LINE) {
		send_ok(s);
	}
	return true;
}
