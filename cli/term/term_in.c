/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user types waits here, as keys, until the terminal is ready for it. This file passes
 * keys to libcli up to the end of a line (a key that libcli lacks becomes several that it has),
 * reads answers to questions, and runs lines that have arrived as a whole.
 */
#include "cli/term/term_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IN_HIGH 65536   /* octets: stop reading from the user beyond this */
#define TURN    5000000 /* nanoseconds of pasted lines before others have their turn */
#define LINE    4000    /* octets; libcli gets a longer line, and refuses it */

/* --- the queue -------------------------------------------------------------------------------- */

static void
in_remove(struct term *t, size_t n)
{
	t->in_at += n;
	t->n_in -= n;
	if (!t->n_in)
		t->in_at = 0;
}

char
in_take(struct term *t)
{
	char key = t->in[t->in_at];

	in_remove(t, 1);
	return key;
}

/* Room for n octets more behind the input. */
static void
in_grow(struct term *t, size_t n)
{
	if (t->in_at + t->n_in + n > t->in_capacity && t->in_at) {
		memmove(t->in, t->in + t->in_at, t->n_in);
		t->in_at = 0;
	}
	x_grow(&t->in, &t->in_capacity, t->in_at + t->n_in + n, 1);
}

/* Puts keys in front of the input. */
static void
in_insert(void *arg, const char *keys, size_t n)
{
	struct term *t = arg;
	char *first;

	in_grow(t, n);
	first = t->in + t->in_at;
	memmove(first + n, first, t->n_in);
	memcpy(first, keys, n);
	t->n_in += n;
}

void
in_fini(struct term *t)
{
	if (t->in)
		explicit_bzero(t->in, t->in_capacity);
	free(t->in);
	explicit_bzero(t->ask, sizeof(t->ask));
	explicit_bzero(t->out, sizeof(t->out));
	term_line_wipe(&t->line);
}

void
in_forget(struct term *t)
{
	if (t->in)
		explicit_bzero(t->in, t->in_capacity);
	t->in_at = t->n_in = 0;
	if (t->state == TERM_ASKING)
		t->state = TERM_RUNNING;
	free(t->question);
	t->question = NULL;
	explicit_bzero(t->ask, sizeof(t->ask));
	t->n_ask = 0;
	t->recalled = 0;
	term_line_clear(&t->line);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void
end_question(struct term *t)
{
	t->state = TERM_RUNNING;
	free(t->question);
	t->question = NULL;
	out_emit(t, "\r\n", 2);
}

/* A key that is text, or takes text away. */
static void
edit_answer(struct term *t, char c)
{
	if (c == '\b' || c == 0x7f) {
		if (t->n_ask) {
			t->n_ask--;
			if (t->ask_echo)
				out_emit(t, "\b \b", 3);
		}
	} else if (((unsigned char)c >= ' ' || c == KEY_QUESTION || c == '\t') &&
	           t->n_ask < sizeof(t->ask) - 1) {
		c = c == KEY_QUESTION ? '?' : c;
		t->ask[t->n_ask++] = c;
		if (t->ask_echo)
			out_emit(t, &c, 1);
	}
}

/* Reads the answer to a question, as libcli would, but empty answers count. */
static void
take_answer(struct term *t)
{
	while (t->state == TERM_ASKING && t->n_in && !t->full) {
		char c = in_take(t);

		if (c == '\r') {
			end_question(t);
			t->ask[t->n_ask] = '\0';
			t->ops->line(t->arg, t, t->ask);
			if (t->state != TERM_ASKING)
				explicit_bzero(t->ask, sizeof(t->ask));
		} else if (c == KEY('C') || c == KEY('^')) {
			end_question(t);
			t->ops->interrupt(t->arg, t);
		} else if (c == KEY('D') && !t->n_ask) {
			if (!t->ops->escape(t->arg, t, 'D'))
				term_close(t);
		} else if (c == KEY('Z') && t->n_ask < sizeof(t->ask) - 1) {
			/* The end of a text, with its line: whoever asked sees it. */
			t->ask[t->n_ask++] = c;
			in_insert(t, "\r", 1);
		} else {
			edit_answer(t, c);
		}
	}
}

/* --- whole lines ------------------------------------------------------------------------------ */

void
in_run(struct term *t, const char *line)
{
	t->state = TERM_RUNNING;
	t->ops->line(t->arg, t, line);
	/* Ctrl-C typed ahead, right behind the command, is meant for it. */
	while (t->state == TERM_RUNNING && t->n_in &&
	       (t->in[t->in_at] == KEY('C') || t->in[t->in_at] == KEY('^'))) {
		in_remove(t, 1);
		t->ops->interrupt(t->arg, t);
	}
}

/* Is a line there as a whole, of nothing but text, and nothing typed before it? Its length. */
static bool
is_direct(const struct term *t, size_t *ret_n)
{
	const char *in = t->in + t->in_at;
	size_t n = 0;

	if (t->editor != EDITOR_EMPTY || t->redraw)
		return false;
	while (n < t->n_in && n < LINE && (unsigned char)in[n] >= ' ' && in[n] != 0x7f &&
	       in[n] != '?')
		n++;
	*ret_n = n;
	return n < t->n_in && in[n] == '\r';
}

static void
run_direct(struct term *t, size_t n)
{
	char line[LINE + 1];

	if (t->stale && !t->at_start)
		out_emit(t, "\r\n", 2);
	if (t->stale)
		out_emit(t, t->prompt + 1, strlen(t->prompt + 1)); /* behind MARK */
	memcpy(line, t->in + t->in_at, n);
	line[n] = '\0';
	in_remove(t, n + 1);
	out_emit(t, line, n);
	out_emit(t, "\r\n", 2);
	t->stale = true;
	t->recalled = 0;
	t->direct = true;
	in_run(t, line); /* Enter alone may mean something, too */
	explicit_bzero(line, n);
}

/* Feeds libcli an empty line, because some lines did not go through it. */
static void
catch_up(struct term *t)
{
	if (!t->stale || t->state != TERM_IDLE || editor_works(t) || t->redraw || t->full)
		return;
	if (send(t->fd, &ENTER[1], sizeof(ENTER) - 2, MSG_NOSIGNAL) < 0)
		return;
	t->stale = false;
	t->quiet = true;
	t->editor = EDITOR_LINE;
}

/* --- keys on their way to libcli -------------------------------------------------------------- */

/* Is it a key that this file handles instead of passing it to libcli? */
static bool
is_ours(const struct term *t, char key)
{
	switch (key) {
	case KEY('C'):
	case KEY('D'):
	case KEY('N'):
	case KEY('P'):
	case KEY('T'):
	case KEY('X'):
	case KEY('Y'):
	case KEY('Z'):
	case KEY('^'):
	case KEY_WORD_BACK:
	case KEY_WORD_FORWARD:
	case KEY_WORD_DELETE:
	case KEY_WORD_CAPITAL:
	case KEY_WORD_UPPER:
	case KEY_WORD_LOWER:
	case '\t':
		return true;
	case '?': /* libcli treats a ? within the line as text */
		return t->line.cursor < t->line.n;
	default:
		return false;
	}
}

/* Runs Ctrl-C or Ctrl-Z at the prompt. */
static void
run_escape(struct term *t, char key)
{
	const char *typed = t->ops->escape(t->arg, t, key == KEY('C') ? 'C' : 'Z');

	if (!typed)
		return;
	in_insert(t, typed, strlen(typed));
	in_insert(t, (char[]){KEY('E')}, 1);
}

/* Replaces what was typed by a line of the history; false: there is none. */
static bool
recall_line(struct term *t, char key)
{
	size_t back = t->recalled;
	const char *line = "";

	if (key == KEY('P'))
		back++;
	else if (!back--)
		return false;
	if (back)
		line = t->ops->history ? t->ops->history(t->arg, t, back - 1) : NULL;
	if (!line)
		return false;
	t->recalled = back;
	for (size_t n = strlen(line); n--;) {
		char c = line[n] == '?' ? KEY_QUESTION : line[n];

		if ((unsigned char)c >= ' ' || c == KEY_QUESTION)
			in_insert(t, &c, 1);
	}
	in_insert(t, TERM_KILL, 1);
	return true;
}

static bool
pass_on(struct term *t, char key)
{
	bool sent = send(t->fd, &key, 1, MSG_NOSIGNAL) == 1;

	if (sent)
		in_remove(t, 1);
	t->editor = EDITOR_TYPED;
	return sent;
}

/* Ctrl-D at a prompt with nothing behind it; false when libcli cannot take it yet. */
static bool
end_input(struct term *t)
{
	const char *typed = t->ops->escape(t->arg, t, 'D');

	if (!typed)
		return pass_on(t, KEY('D')); /* libcli ends the session */
	in_remove(t, 1);
	in_insert(t, typed, strlen(typed));
	return true;
}

/* Handles the first key of the input; false when libcli cannot take it yet. */
static bool
our_key(struct term *t)
{
	char key = t->in[t->in_at];
	bool done = true;

	if (key == '\t' && t->line.cursor == t->line.n) {
		if (!pass_on(t, key))
			return false;
		t->editor = EDITOR_TAB;
		return true;
	}
	if (key == '?') {
		in_insert(t, (char[]){KEY('E')}, 1);
		return true;
	}
	if (key == KEY('D') && !t->line.n)
		return end_input(t);
	in_remove(t, 1);
	if (key == KEY('C') || key == KEY('Z'))
		run_escape(t, key);
	else if (key == KEY('P') || key == KEY('N'))
		done = recall_line(t, key);
	else if (key != KEY('^')) /* there is nothing to stop */
		done = term_line_edit(&t->line, key, in_insert, t);
	if (!done)
		out_emit(t, "\a", 1);
	return true;
}

bool
in_may_feed(const struct term *t)
{
	return t->n_in && !t->full && t->state == TERM_IDLE &&
	       (t->editor == EDITOR_EMPTY || t->editor == EDITOR_TYPED);
}

/* Feeds libcli the end of a line; false when libcli takes no more. */
static bool
feed_enter(struct term *t)
{
	/* One small message is taken whole or not at all. */
	if (send(t->fd, ENTER, sizeof(ENTER) - 1, MSG_NOSIGNAL) < 0)
		return false;
	in_remove(t, 1);
	term_line_clear(&t->line);
	t->recalled = 0;
	t->editor = EDITOR_LINE;
	return true;
}

/*
 * Feeds libcli text and keys up to the next one that is_ours; false when libcli takes no more. Each
 * key may move the cursor, and what the next key is depends on the cursor.
 */
static bool
feed_text(struct term *t)
{
	const char *in = t->in + t->in_at;
	struct term_line *l = &t->line;
	size_t n = 0;
	ssize_t wrote;

	while (n < t->n_in && in[n] != '\r' && !is_ours(t, in[n])) {
		bool text = (unsigned char)in[n] >= ' ' && in[n] != 0x7f;

		if (!text && n)
			break; /* one by one */
		n++;
		if (!text)
			break;
	}
	wrote = send(t->fd, in, n, MSG_NOSIGNAL);
	t->editor = EDITOR_TYPED;
	for (ssize_t i = 0; i < wrote; i++)
		term_line_fed(l, in[i]);
	if (wrote > 0)
		in_remove(t, (size_t)wrote);
	return wrote == (ssize_t)n;
}

static void
feed_input(struct term *t)
{
	uint64_t start = uv_hrtime();
	bool taken = true;
	size_t n;

	while (taken && in_may_feed(t)) {
		if (is_direct(t, &n)) {
			if (t->stale && uv_hrtime() - start > TURN)
				return; /* term_poll comes back */
			run_direct(t, n);
		} else if (t->stale) {
			break;
		} else if (t->in[t->in_at] == '\r') {
			taken = feed_enter(t);
		} else if (is_ours(t, t->in[t->in_at])) {
			taken = our_key(t);
		} else {
			taken = feed_text(t);
		}
	}
	catch_up(t);
}

void
in_pump(struct term *t)
{
	size_t before;
	bool behind;

	if (t->pumping)
		return; /* the answer led to another question, which take_answer reads */
	t->pumping = true;
	do {
		before = t->n_in;
		page_keys(t);
		take_answer(t);
		feed_input(t);
	} while ((t->state == TERM_ASKING || t->state == TERM_PAUSED) && t->n_in &&
	         t->n_in != before);
	t->pumping = false;
	out_flush(t);
	behind = t->n_in > IN_HIGH;
	if (behind != t->in_paused && !t->transport_gone) {
		t->in_paused = behind;
		t->transport.pause(t->transport.arg, behind);
	}
	/* The user sends no more, and a question waits or all lines are done: the session ends. */
	if (t->in_over && !t->n_in &&
	    (t->state == TERM_ASKING || (t->state == TERM_IDLE && !editor_works(t) && !t->stale)))
		term_close(t);
	if (t->state != TERM_CLOSING)
		term_poll(t);
}

/* --- keys that go through --------------------------------------------------------------------- */

#define ESCAPE KEY('^')

/* One octet of what was typed, as it goes on: 0 to 2 octets. */
static size_t
through_octet(struct term *t, char c, char ret[static 2])
{
	size_t n = 0;

	if (t->after_cr && (c == '\n' || c == '\0')) {
		t->after_cr = false;
		return 0;
	}
	t->after_cr = c == '\r';
	if (c == ESCAPE && !t->escaped) {
		t->escaped = true;
		return 0;
	}
	if (t->escaped && c != ESCAPE)
		ret[n++] = ESCAPE;
	t->escaped = false;
	ret[n++] = c;
	return n;
}

/* Passes on what was typed up to a Ctrl-^ x that leads back; how much of it that is. */
static size_t
pass_through(struct term *t, const char *data, size_t n)
{
	char out[512];
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if (t->escaped && (data[i] == 'x' || data[i] == 'X'))
			break;
		if (len > sizeof(out) - 2) {
			t->ops->keys(t->arg, t, out, len);
			len = 0;
		}
		len += through_octet(t, data[i], out + len);
	}
	if (len)
		t->ops->keys(t->arg, t, out, len);
	explicit_bzero(out, sizeof(out));
	if (i == n)
		return n;
	t->escaped = false;
	t->ops->suspend(t->arg, t);
	return i + 1;
}

void
term_through(struct term *t, bool on)
{
	t->through = on;
	t->escaped = t->after_cr = false;
	if (!on || t->state == TERM_CLOSING)
		return;
	page_forget(t);
	if (t->full)
		t->ops->full(t->arg, t, true);
	if (t->n_in)
		t->ops->keys(t->arg, t, t->in + t->in_at, t->n_in);
	in_forget(t);
	if (t->in_over)
		term_close(t);
}

void
term_octets(struct term *t, const char *octets, size_t n)
{
	if (t->state != TERM_CLOSING)
		out_emit(t, octets, n);
}

void
term_input(struct term *t, const char *data, size_t n)
{
	size_t i;
	char key;

	if (t->state == TERM_CLOSING)
		return;
	t->key_at = uv_now(t->timer.loop);
	in_grow(t, n);
	for (i = 0; i < n && t->state != TERM_CLOSING; i++) {
		if (t->through) {
			i += pass_through(t, data + i, n - i) - 1;
			continue;
		}
		if (!keys_read(&t->keys, (unsigned char)data[i], &key))
			continue;
		if (t->escaped && (key == 'x' || key == 'X') && t->ops->suspend &&
		    t->ops->suspend(t->arg, t)) {
			t->escaped = false;
			continue;
		}
		t->escaped = key == KEY('^');
		if (t->state == TERM_RUNNING && (key == KEY('C') || key == KEY('^')))
			t->ops->interrupt(t->arg, t);
		else
			t->in[t->in_at + t->n_in++] = key;
	}
	in_pump(t);
}

void
term_input_end(struct term *t)
{
	t->in_over = true;
	if (t->through)
		term_close(t);
	if (t->state != TERM_CLOSING)
		in_pump(t);
}
