/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal's user sees: libcli's output filtered, commands' output, log lines. */
#include "cli/term/term_parts.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
out_emit(struct term *t, const char *data, size_t n)
{
	if (!n)
		return;
	t->at_start = data[n - 1] == '\n';
	if (t->n_out + n > sizeof(t->out))
		out_flush(t);
	if (t->pumping && n < sizeof(t->out)) {
		memcpy(t->out + t->n_out, data, n);
		t->n_out += n;
	} else if (!t->transport_gone) {
		t->transport.write(t->transport.arg, data, n);
	}
}

void
out_flush(struct term *t)
{
	size_t n = t->n_out;

	t->n_out = 0;
	if (n && !t->transport_gone)
		t->transport.write(t->transport.arg, t->out, n);
}

/* What libcli wrote, without its empty lines and without MARK. */
static void
out_filter(struct term *t, const char *data, size_t n)
{
	char out[4096 + 8];
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if (len >= sizeof(out) - 4) {
			out_emit(t, out, len);
			len = 0;
		}
		if (t->held_crlf && data[i] != MARK) {
			out[len++] = '\r';
			out[len++] = '\n';
		}
		t->held_crlf = false;
		if (t->quiet && data[i] != MARK)
			continue;
		if (data[i] == MARK) {
			if (t->quiet && !t->at_start && t->state != TERM_ASKING) {
				out[len++] = '\r';
				out[len++] = '\n';
			}
			t->quiet = false;
			if (t->editor == EDITOR_PROMPTS)
				t->editor = EDITOR_EMPTY;
			t->redraw = false;
		} else if (data[i] == EOL) {
			continue;
		} else if (data[i] == '\r' && i + 1 < n && data[i + 1] == '\n' &&
		           (len ? out[len - 1] == '\n' : t->at_start)) {
			t->held_crlf = true;
			i++;
		} else if (data[i] == TERM_CTRL_Z[0]) {
			out[len++] = '^';
			out[len++] = 'Z';
		} else {
			out[len++] = data[i] == KEY_QUESTION ? '?' : data[i];
		}
	}
	out_emit(t, out, len);
}

/*
 * Reads what libcli has written. While the transport is full it stays in the socketpair, where the
 * session's thread waits to write more.
 */

void
out_drain(struct term *t)
{
	char buf[4096];
	ssize_t n;
	size_t from;

	/* A CR at the end waits for its LF. */
	while (!t->full || t->state == TERM_CLOSING) {
		buf[0] = '\r';
		n = read(t->fd, buf + 1, sizeof(buf) - 1);
		if (n <= 0)
			return;
		if (t->state == TERM_CLOSING)
			continue; /* read but not shown, so that the thread can end */
		from = t->held_cr ? 0 : 1;
		t->held_cr = buf[n] == '\r';
		out_filter(t, buf + from, (size_t)n + 1 - from - t->held_cr);
	}
}

void
term_write(struct term *t, const char *text, size_t n)
{
	if (t->page.length)
		page_write(t, text, n);
	else
		out_text(t, text, n);
}

void
out_text(struct term *t, const char *text, size_t n)
{
	char out[4096 + 2];
	size_t len = 0, i;

	for (i = 0; i < n; i++) {
		if (len >= sizeof(out) - 2) {
			out_emit(t, out, len);
			len = 0;
		}
		if (text[i] == '\n')
			out[len++] = '\r';
		out[len++] = text[i];
	}
	out_emit(t, out, len);
}

/* One that a full transport cannot take is lost, as on a slow console line. */
void
term_notify(struct term *t, const char *text)
{
	if (t->state == TERM_CLOSING)
		return;
	out_drain(t);
	if (t->full)
		return;
	page_hide(t);
	if (!t->at_start)
		out_emit(t, "\r\n", 2);
	out_text(t, text, strlen(text));
	out_emit(t, "\r\n", 2);
	page_show(t);
	if (t->state == TERM_ASKING) {
		out_text(t, t->question, strlen(t->question));
		if (t->ask_echo)
			out_emit(t, t->ask, t->n_ask);
	} else {
		uv_async_send(&t->async); /* once for all log lines of this turn of the loop */
	}
}

/* After log lines: libcli shows the prompt and what was typed again. */
void
out_redraw(struct term *t)
{
	if (t->state != TERM_IDLE || editor_works(t) || t->redraw || t->stale || !t->at_start)
		return;
	t->redraw = send(t->fd, (char[]){KEY('L')}, 1, MSG_NOSIGNAL) == 1;
}
