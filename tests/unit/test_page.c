/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal without a network: --More-- and its keys, the editing keys of IOS that libcli lacks,
 * history, lines that are run without libcli. The transport is a buffer; the loop runs until the
 * screen shows what is expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/shell/history.h"
#include "cli/term/keys.h"
#include "cli/term/term.h"
#include "cli/term/term_line.h"
#include "compiler/base/text.h"

#define ERASE "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b"
#define MORE  " --More-- "

/* --- a session -------------------------------------------------------------------------------- */

static struct {
	uv_loop_t loop;
	struct term *term;
	struct text screen;
	size_t seen; /* of the screen */
	bool open, closed, config, asked, running;
	unsigned length, interrupts;
	struct history history;
} s;

static void *
ops_open(void *service, struct term *t)
{
	(void)t;
	return service;
}

static void
write_rows(struct term *t, unsigned from, unsigned to)
{
	char row[32];

	for (unsigned i = from; i <= to; i++)
		term_write(t, row, (size_t)snprintf(row, sizeof(row), "row %u\n", i));
}

static void
ops_line(void *arg, struct term *t, const char *line)
{
	unsigned n;
	char said[TERM_LINE_MAX + 8];

	(void)arg;
	history_add(&s.history, line);
	if (!strcmp(line, "through")) {
		term_through(t, true);
		return;
	}
	term_page(t, s.length, 20);
	if (s.asked) {
		s.asked = false;
		term_write(t, said, (size_t)snprintf(said, sizeof(said), "<%s>\n", line));
	} else if (sscanf(line, "rows %u", &n) == 1) {
		write_rows(t, 1, n);
	} else if (sscanf(line, "ask %u", &n) == 1) {
		write_rows(t, 1, n);
		s.asked = true;
		term_ask(t, "Sure? ", true);
		return;
	} else if (sscanf(line, "run %u", &n) == 1) {
		write_rows(t, 1, n);
		s.running = true; /* until Ctrl-C, or the test says so */
		return;
	} else if (!strcmp(line, "wide")) {
		for (unsigned i = 0; i < 4; i++)
			term_write(t, "0123456789012345678901234\n", 26); /* two rows each */
	} else {
		s.config = !strcmp(line, "conf");
		term_write(t, said, (size_t)snprintf(said, sizeof(said), "<%s>\n", line));
	}
	term_done(t);
}

static void
ops_help(void *arg, struct term *t, const char *line)
{
	(void)arg;
	(void)line;
	term_page(t, s.length, 0);
	write_rows(t, 1, 5);
	term_done(t);
}

static void
ops_complete(void *arg, struct term *t, const char *line)
{
	(void)arg;
	if (strlen(line) && line[strlen(line) - 1] == 'x') {
		term_word(t, "xanadu");
		term_word(t, "Xanthic");
	} else {
		term_word(t, "show");
	}
	term_done(t);
}

static void
ops_interrupt(void *arg, struct term *t)
{
	(void)arg;
	s.interrupts++;
	s.asked = s.running = false;
	term_done(t);
}

static const char *
ops_escape(void *arg, struct term *t, char key)
{
	(void)arg;
	(void)t;
	return key == 'Z' ? TERM_CTRL_Z "\r" : key == 'D' ? NULL : TERM_KILL "\r";
}

static void
ops_prompt(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX])
{
	(void)arg;
	(void)t;
	strcpy(buf, s.config ? "R(config)#" : "R#");
}

static void
ops_close(void *arg, struct term *t)
{
	(void)arg;
	(void)t;
	s.term = NULL;
}

static const char *
ops_history(void *arg, struct term *t, size_t i)
{
	(void)arg;
	(void)t;
	return history_back(&s.history, i);
}

static bool
ops_suspend(void *arg, struct term *t)
{
	(void)arg;
	term_through(t, false);
	term_restart(t);
	term_write(t, "\nback\n", 6);
	term_done(t);
	return true;
}

/* What went through, in hex. */
static void
ops_keys(void *arg, struct term *t, const char *octets, size_t n)
{
	char hex[8];

	(void)arg;
	for (size_t i = 0; i < n; i++)
		term_octets(t, hex,
		            (size_t)snprintf(hex, sizeof(hex), "%02x ", (uint8_t)octets[i]));
}

static void
ops_full(void *arg, struct term *t, bool full)
{
	(void)arg;
	term_octets(t, full ? "full" : "room", 4);
}

static const struct term_ops ops = {
    .open = ops_open,
    .line = ops_line,
    .help = ops_help,
    .complete = ops_complete,
    .interrupt = ops_interrupt,
    .escape = ops_escape,
    .prompt = ops_prompt,
    .close = ops_close,
    .history = ops_history,
    .suspend = ops_suspend,
    .keys = ops_keys,
    .full = ops_full,
};

static void
transport_write(void *arg, const char *data, size_t n)
{
	(void)arg;
	text_add(&s.screen, data, n);
}

static void
transport_pause(void *arg, bool paused)
{
	(void)arg;
	(void)paused;
}

static void
transport_close(void *arg)
{
	(void)arg;
	s.closed = true;
}

static void
on_late(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* The end of the screen. */
static const char *
screen_tail(void)
{
	return text_string(&s.screen) + (s.screen.n > 99 ? s.screen.n - 99 : 0);
}

/* Runs until the screen shows text, behind what was seen before; it is seen then. */
static void
see_text(const char *text)
{
	const char *at = NULL;
	bool late = false;
	uv_timer_t timer;

	uv_timer_init(&s.loop, &timer);
	timer.data = &late;
	uv_timer_start(&timer, on_late, 10000, 0);
	while (!(at = strstr(text_string(&s.screen) + s.seen, text)) && !late)
		uv_run(&s.loop, UV_RUN_ONCE);
	if (!at)
		fail_msg("no <%s> in <%s>", text, text_string(&s.screen) + s.seen);
	s.seen = (size_t)(at - text_string(&s.screen)) + strlen(text);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&s.loop, UV_RUN_NOWAIT); /* may move the screen's text */
}

/* Nothing but text has come since what was seen. */
static void
see_just(const char *text)
{
	size_t from = s.seen;

	see_text(text);
	assert_int_equal(s.seen - from, strlen(text));
}

static void
type_keys(const char *keys)
{
	term_input(s.term, keys, strlen(keys));
}

static void
start_term(unsigned length)
{
	static const struct term_transport transport = {transport_write, transport_pause,
	                                                transport_close, NULL, NULL};

	memset(&s, 0, sizeof(s));
	uv_loop_init(&s.loop);
	s.length = length;
	s.history.size = HISTORY_DEFAULT;
	s.term = term_open(&s.loop, &ops, &s, &transport);
	assert_non_null(s.term);
	see_just("R#");
}

static void
stop_term(void)
{
	assert_int_equal(s.seen, s.screen.n); /* nothing unexpected at the end */
	term_close(s.term);
	while (!s.closed)
		uv_run(&s.loop, UV_RUN_ONCE);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s.loop), 0);
	text_fini(&s.screen);
	history_fini(&s.history);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void
test_pages(void **state)
{
	(void)state;
	start_term(4);
	type_keys("rows 3\r");
	see_just("rows 3\r\nrow 1\r\nrow 2\r\nrow 3\r\nR#"); /* nothing more: no --More-- */
	type_keys("rows 9\r");
	see_just("rows 9\r\nrow 1\r\nrow 2\r\nrow 3\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 4\r\nrow 5\r\nrow 6\r\n" MORE);
	type_keys("\r");
	see_just(ERASE "row 7\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 8\r\nrow 9\r\nR#");
	type_keys("rows 9\r");
	see_text(MORE);
	type_keys("q");
	see_just(ERASE "R#");
	type_keys("rows 9\r");
	see_text(MORE);
	type_keys("\x03");
	see_just(ERASE "R#");
	type_keys("r"); /* a key at a time: libcli's way */
	type_keys("ows 4\r");
	see_just("rows 4\r\nrow 1\r\nrow 2\r\nrow 3\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 4\r\nR#");
	type_keys("wide\r");
	see_just("wide\r\n0123456789012345678901234\r\n01234567890123456789");
	see_text(MORE);
	type_keys("q");
	see_text("R#");
	type_keys("sh?");
	see_text("row 3\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 4\r\nrow 5\r\nR#sh");
	type_keys("\x15\r");
	see_text("R#");
	assert_int_equal(s.interrupts, 0);
	stop_term();
}

static void
filters_of_pages(void **state)
{
	(void)state;
	start_term(4);
	type_keys("rows 25\r");
	see_text(MORE);
	type_keys("/w 2");
	see_just(ERASE "/w 2");
	type_keys("x\x7f\r");
	see_just("x\b \b\r\nfiltering...\r\nrow 20\r\nrow 21\r\nrow 22\r\n" MORE);
	type_keys("-3|4");
	type_keys("\r");
	see_just(ERASE "-3|4\r\nfiltering...\r\nrow 25\r\nR#");
	type_keys("rows 31\r");
	see_text(MORE);
	type_keys("+3");
	type_keys("\r");
	see_just(ERASE "+3\r\nfiltering...\r\nrow 13\r\nrow 23\r\nrow 30\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 31\r\nR#");
	type_keys("rows 9\r");
	see_text(MORE);
	type_keys("/(");
	type_keys("\r");
	see_just(ERASE "/(\r\n% Bad regular expression\r\n" MORE);
	type_keys("/\x7f");
	see_just(ERASE "/\b \b" MORE);
	type_keys("q");
	see_just(ERASE "R#");
	type_keys("rows 9\r");
	see_text(MORE);
	type_keys("+nothing");
	type_keys("\r");
	see_just(ERASE "+nothing\r\nfiltering...\r\nR#");
	stop_term();
}

/* A command that does more than write waits for the reader. */
static void
ends_of_pages(void **state)
{
	(void)state;
	start_term(3);
	type_keys("ask 3\r");
	see_just("ask 3\r\nrow 1\r\nrow 2\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 3\r\nSure? ");
	type_keys("yes\r");
	see_just("yes\r\n<yes>\r\nR#");
	type_keys("ask 9\r");
	see_text(MORE);
	type_keys("q");
	see_just(ERASE "Sure? ");
	type_keys("\x03");
	see_just("\r\nR#");
	assert_int_equal(s.interrupts, 1);
	type_keys("run 9\r");
	see_text(MORE);
	type_keys("q"); /* stops the command, too */
	see_just(ERASE "R#");
	assert_int_equal(s.interrupts, 2);
	type_keys("run 3\r");
	see_text(MORE);
	write_rows(s.term, 4, 4); /* it goes on meanwhile */
	type_keys(" ");
	see_just(ERASE "row 3\r\nrow 4\r\n");
	write_rows(s.term, 5, 5);
	see_just(MORE);
	s.running = false;
	term_done(s.term);
	type_keys(" ");
	see_just(ERASE "row 5\r\nR#");
	type_keys("rows 3\r");
	see_text(MORE);
	term_notify(s.term, "%LOG");
	see_just(ERASE "%LOG\r\n" MORE);
	type_keys(" ");
	see_just(ERASE "row 3\r\nR#");
	type_keys("rows 3\r");
	see_text(MORE);
	term_input_end(s.term); /* nobody can press a key any more */
	see_just(ERASE "row 3\r\nR#");
	while (!s.closed)
		uv_run(&s.loop, UV_RUN_ONCE);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s.loop), 0);
	text_fini(&s.screen);
	history_fini(&s.history);
}

static void
pastes_have_no_pages(void **state)
{
	(void)state;
	start_term(3);
	type_keys("rows 4\rnext\r");
	see_just("rows 4\r\nrow 1\r\nrow 2\r\nrow 3\r\nrow 4\r\nR#next\r\n<next>\r\nR#");
	type_keys("rows 4\rne"); /* a line begun */
	see_text("row 4\r\nR#ne");
	type_keys("xt\r");
	see_text("<next>\r\nR#");
	type_keys("rows 4\r"); /* the rest of the paste comes late */
	see_text(MORE);
	type_keys("one\rtwo\r");
	see_just(ERASE "row 3\r\nrow 4\r\nR#one\r\n<one>\r\nR#two\r\n<two>\r\nR#");
	type_keys("rows 4\r"); /* and is cut within a line */
	see_text(MORE);
	type_keys(" on");
	see_just(ERASE "row 3\r\nrow 4\r\nR# on");
	type_keys("e\r");
	see_just("e\r\n< one>\r\nR#");
	stop_term();
}

/* --- lines without libcli --------------------------------------------------------------------- */

static void
test_bursts(void **state)
{
	(void)state;
	start_term(0);
	type_keys("one\r\ntwo\nthree\r\0four\r" /* NUL ends it */);
	term_input(s.term, "\0four\r\r\n\r\nfive", 14);
	see_just(
	    "one\r\n<one>\r\nR#two\r\n<two>\r\nR#three\r\n<three>\r\nR#four\r\n<four>\r\nR#\r\n"
	    "<>\r\nR#\r\n<>\r\nR#five");
	type_keys("\x08!\rsix\r");
	see_just("\b \b!\r\n<fiv!>\r\nR#six\r\n<six>\r\nR#");
	type_keys("ask 1\ry\rconf\rx?");
	see_text("ask 1\r\nrow 1\r\nSure? y\r\n<y>\r\nR#conf\r\n<conf>\r\nR(config)#x");
	see_text("row 5\r\nR(config)#x");
	type_keys("\x1a"); /* Ctrl-Z does the line first */
	see_just("^Z\r\n<x\x1a>\r\nR#");
	type_keys("run 1\r\x03one\r"); /* Ctrl-C behind a command is meant for it */
	see_just("run 1\r\nrow 1\r\nR#one\r\n<one>\r\nR#");
	type_keys("tab s\t\rtab x\t");
	see_just("tab s\bshow ");
	see_text("<tab show >");
	see_text("tab x\bxan");
	type_keys("\r");
	see_text("<tab xan>\r\nR#");
	stop_term();
}

static void
a_long_burst_lets_others_live(void **state)
{
	struct text paste = TEXT_INIT;
	unsigned turns = 0;

	(void)state;
	start_term(0);
	for (unsigned i = 0; i < 50000; i++)
		text_printf(&paste, "line %u of the paste\r\n", i);
	text_puts(&paste, "done\r");
	term_input(s.term, paste.p, paste.n);
	while (
	    !strstr(text_string(&s.screen) + (s.screen.n > 99 ? s.screen.n - 99 : 0), "<done>")) {
		uv_run(&s.loop, UV_RUN_ONCE);
		turns++;
	}
	assert_true(turns > 1);
	see_text("<line 0 of the paste>\r\nR#line 1 of");
	see_text("<line 49999 of the paste>\r\nR#done\r\n<done>\r\nR#");
	text_fini(&paste);
	stop_term();
}

/* --- keys ------------------------------------------------------------------------------------- */

static void
keys_of_ios(void **state)
{
	static const struct {
		const char *keys, *line;
	} cases[] = {
	    {"show ip route\x1b"
	     "b\x1b"
	     "bx",
	     "show xip route"}, /* ESC B: a word back */
	    {"one two\x01\x1b"
	     "f+",
	     "one+ two"}, /* ESC F: a word on */
	    {"one two\x01\x1b"
	     "d",
	     " two"},                           /* ESC D: deletes it */
	    {"abc\x02\x02\x04", "ac"},          /* Ctrl-D */
	    {"abc\x1b[D\x1b[3~", "ab"},         /* Delete */
	    {"abc\x04", "abc"},                 /* nothing there */
	    {"abc\x14", "acb"},                 /* Ctrl-T at the end */
	    {"abcd\x02\x02\x14", "acbd"},       /* and within */
	    {"one two\x02\x02\x18", "wo"},      /* Ctrl-X */
	    {"one two\x17\x01\x19", "twoone "}, /* Ctrl-W, Ctrl-A, Ctrl-Y */
	    {"one two\x15\x19\x19", "one twoone two"},
	    {"one\x01\x0b\x19", "one"}, /* Ctrl-K */
	    {"what\x16?\x1b"
	     "b\x05!",
	     "what?!"},
	    {"a\x0c", "a"}, /* Ctrl-L, and Ctrl-R which is the same */
	    {"a\x12", "a"},
	};

	(void)state;
	start_term(0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char want[64];

		snprintf(want, sizeof(want), "\r\n<%s>\r\nR#", cases[i].line);
		/* Key by key, and all at once. */
		for (const char *k = cases[i].keys; *k; k++)
			type_keys((char[]){*k, '\0'});
		type_keys("\r");
		see_text(want);
		type_keys(cases[i].keys);
		type_keys("\r");
		see_text(want);
	}
	stop_term();
}

static char
any_byte(uint32_t *seed)
{
	char c;

	*seed = *seed * 1103515245 + 12345;
	c = (char)(*seed >> 18);
	return c == KEY('D') ? ' ' : c; /* that could end the session */
}

/* Bytes of any kind, at prompts, questions and --More--, in pieces of any size. */
static void
test_noise(void **state)
{
	static const char *const lines[] = {"\rrows 9\r", "\rask 5\r", "\rrun 2\r\x03", "\rhelp?"};
	uint32_t seed = 7;
	unsigned tries = 0;
	bool late = false;
	uv_timer_t timer;

	(void)state;
	start_term(4);
	for (unsigned i = 0; i < 8000; i++) {
		char piece[24];
		size_t n = 1 + (unsigned char)any_byte(&seed) % sizeof(piece);

		for (size_t k = 0; k < n; k++)
			piece[k] = any_byte(&seed);
		term_input(s.term, piece, n);
		if (i % 50 == 0)
			type_keys(lines[i / 50 % ARRAY_SIZE(lines)]);
		uv_run(&s.loop, UV_RUN_NOWAIT);
		if (i % 256 == 0)
			text_clear(&s.screen);
	}
	uv_timer_init(&s.loop, &timer);
	timer.data = &late;
	while (!strstr(screen_tail(), "the end>\r\nR#")) {
		if (!uv_is_active((uv_handle_t *)&timer)) {
			assert_true(++tries < 40);
			/* One may be an answer, or an expression. */
			type_keys("\r\r\x03\x15the end\r");
			uv_timer_start(&timer, on_late, 500, 0);
		}
		uv_run(&s.loop, UV_RUN_ONCE);
		if (s.running)
			type_keys("\x03"); /* what was typed ahead stands behind this command */
	}
	uv_close((uv_handle_t *)&timer, NULL);
	s.seen = s.screen.n;
	stop_term();
}

static void
test_recalled(void **state)
{
	(void)state;
	start_term(0);
	type_keys("one\rtwo\rwhat\x16?\r");
	see_text("<what?>\r\nR#");
	type_keys("\x10\r");
	see_text("<what?>\r\nR#");
	type_keys("\x1b[A\x1b[A\r"); /* the same twice in a row is kept once */
	see_text("<two>\r\nR#");
	type_keys("\x10\x10\x10\x10\x0e\r");
	see_text("<two>\r\nR#");
	type_keys("half\x10\x0e!\r"); /* back to an empty line */
	see_text("<!>\r\nR#");
	type_keys("\x10\x10\x10\x10\x10\x10\x10\x10\x10\r"); /* no further than the first */
	see_text("<one>\r\nR#");
	type_keys("\x0e\r");
	see_text("R#");
	stop_term();
}

static void
history_keeps(void **state)
{
	struct history h = {.size = 3};

	(void)state;
	history_add(&h, "a");
	history_add(&h, " ");
	history_add(&h, "a");
	history_add(&h, "b");
	history_add(&h, "c");
	history_add(&h, "d");
	assert_string_equal(history_back(&h, 0), "d");
	assert_string_equal(history_back(&h, 2), "b");
	assert_null(history_back(&h, 3));
	history_resize(&h, 1);
	assert_string_equal(history_back(&h, 0), "d");
	assert_null(history_back(&h, 1));
	history_resize(&h, 0);
	history_add(&h, "e");
	assert_null(history_back(&h, 0));
	history_fini(&h);
}

/* --- the copy of libcli's line ---------------------------------------------------------------- */

static void
put_keys(void *arg, const char *keys, size_t n)
{
	text_add(arg, keys, n);
}

/* Keys beyond the longest line, and nonsense: the copy stays within its bounds. */
static void
line_stays_within_bounds(void **state)
{
	static const char special[] = {KEY('A'), KEY('B'), KEY('E'), KEY('F'), KEY('H'), KEY('K'),
	                               KEY('U'), KEY('W'), 0x7f,     'x',      ' ',      '?'};
	static const char ours[] = {KEY('D'),      KEY('T'),         KEY('X'),       KEY('Y'),
	                            KEY_WORD_BACK, KEY_WORD_FORWARD, KEY_WORD_DELETE};
	struct term_line *l = x_alloc(sizeof(*l));
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		term_line_fed(l, 'x');
	assert_int_equal(l->n, TERM_LINE_MAX);
	for (unsigned i = 0; i < 200000; i++) {
		seed = seed * 1103515245 + 12345;
		if (seed >> 28 == 0) {
			struct text typed = TEXT_INIT;

			term_line_edit(l, ours[(seed >> 16) % sizeof(ours)], put_keys, &typed);
			for (size_t k = 0; k < typed.n; k++)
				term_line_fed(l, typed.p[k]);
			text_fini(&typed);
		} else {
			term_line_fed(l, special[(seed >> 16) % sizeof(special)]);
		}
		assert_true(l->cursor <= l->n && l->n <= TERM_LINE_MAX);
	}
	term_line_wipe(l);
	free(l);
}

/* --- keys that go through --------------------------------------------------------------------- */

/* Keys go on as they are typed, those typed ahead first; Ctrl-^ x leads back. */
static void
keys_go_through(void **state)
{
	(void)state;
	start_term(4);
	type_keys("through\rah");
	see_just("through\r\n61 68 ");
	type_keys("\x01\t?\x1b[A\x03\x04\x1a");
	see_just("01 09 3f 1b 5b 41 03 04 1a ");
	term_input(s.term,
	           "1\r\0"
	           "2\r\n3\n4",
	           9);
	see_just("31 0d 32 0d 33 0a 34 ");
	type_keys("5\x1e");
	type_keys("\x1e\x1ey6");
	see_just("35 1e 1e 79 36 ");
	term_octets(s.term, "\r\nas it is\n", 11); /* no page, and no line end more */
	see_just("\r\nas it is\n");
	term_output_full(s.term, true);
	term_output_full(s.term, false);
	see_just("fullroom");
	type_keys("7\x1exrows 1\r");
	see_text("37 \r\nback\r\nR#");
	see_text("row 1\r\nR#");
	stop_term();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(filters_of_pages),
	    cmocka_unit_test(ends_of_pages),
	    cmocka_unit_test(pastes_have_no_pages),
	    cmocka_unit_test(test_bursts),
	    cmocka_unit_test(a_long_burst_lets_others_live),
	    cmocka_unit_test(keys_of_ios),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_recalled),
	    cmocka_unit_test(history_keeps),
	    cmocka_unit_test(line_stays_within_bounds),
	    cmocka_unit_test(keys_go_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
