/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --More--: a command's output stops when the screen is full. What comes after waits in page.rest,
 * and so do the end of the command and its question. Keys as in IOS: blank shows a page, Enter a
 * line, `/regex` goes on where a line matches, `+regex` with lines that match, `-regex` with lines
 * that do not, and any other ends the output. The prompt is taken away by nine BS, eight blanks
 * and nine BS; scripts for routers look for exactly this.
 */
#include "cli/term/term_parts.h"

#include <stdlib.h>
#include <string.h>

#include "cli/shell/pipe.h"

static const char more[] = " --More-- ";
static const char erase[] = "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b";

/* Is there nobody to press a key, or does the user type commands already? */
static bool
is_unattended(const struct term *t)
{
	return t->n_in || t->in_over;
}

void
term_page(struct term *t, unsigned length, unsigned width)
{
	struct page *p = &t->page;

	if (!term_runs(t) || length < 2 || is_unattended(t))
		return;
	p->length = length;
	p->width = width;
	p->rows = p->column = 0;
	p->room = length - 1;
}

static void
reset_page(struct page *p)
{
	if (p->rest)
		explicit_bzero(p->rest, p->capacity);
	free(p->rest);
	pipe_free(p->filter);
	*p = (struct page){0};
}

void
page_forget(struct term *t)
{
	page_hide(t);
	if (t->state == TERM_PAUSED)
		t->state = TERM_RUNNING;
	reset_page(&t->page);
}

void
page_fini(struct term *t)
{
	reset_page(&t->page);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
keep_rest(struct page *p, const char *text, size_t n)
{
	x_grow(&p->rest, &p->capacity, p->n_rest + n, 1);
	memcpy(p->rest + p->n_rest, text, n);
	p->n_rest += n;
}

/* How much of text fits before the next pause. */
static size_t
count_fitting(struct page *p, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n && p->rows < p->room; i++) {
		if (text[i] == '\n' || (p->width && p->column >= p->width)) {
			p->rows++;
			p->column = 0;
		}
		p->column += text[i] != '\n';
	}
	return i;
}

static void
show_more(struct term *t)
{
	if (t->state == TERM_CLOSING)
		t->page.dropped = true;
	else
		t->state = TERM_PAUSED;
	if (!t->at_start)
		out_emit(t, "\r\n", 2);
	out_emit(t, more, sizeof(more) - 1);
}

/* Shows text as far as the screen has room, and keeps the rest. */
static void
write_screen(void *arg, const char *text, size_t n)
{
	struct term *t = arg;
	struct page *p = &t->page;
	size_t fits;

	if (p->dropped)
		return;
	if (t->state == TERM_PAUSED) {
		keep_rest(p, text, n);
		return;
	}
	fits = p->length ? count_fitting(p, text, n) : n;
	out_text(t, text, fits);
	if (fits == n)
		return;
	if (is_unattended(t)) {
		p->room = (unsigned)-1;
		out_text(t, text + fits, n - fits);
		return;
	}
	keep_rest(p, text + fits, n - fits);
	show_more(t);
}

void
page_write(struct term *t, const char *text, size_t n)
{
	if (t->page.filter)
		pipe_write(t->page.filter, text, n, write_screen, t);
	else
		write_screen(t, text, n);
}

bool
page_end(struct term *t)
{
	struct page *p = &t->page;

	if (p->filter && p->next != PAGE_DONE)
		pipe_end(p->filter, write_screen, t);
	if (t->state == TERM_PAUSED) {
		p->next = PAGE_DONE;
		return false;
	}
	if (p->length)
		reset_page(p);
	return true;
}

bool
page_ask(struct term *t)
{
	if (t->state != TERM_PAUSED)
		return true;
	t->page.next = PAGE_ASK;
	return false;
}

/* --- keys ------------------------------------------------------------------------------------- */

void
page_hide(struct term *t)
{
	if (t->state != TERM_PAUSED)
		return;
	if (t->page.entering)
		out_emit(t, "\r\n", 2);
	else
		out_emit(t, erase, sizeof(erase) - 1);
	t->page.entering = 0;
	t->at_start = true;
}

void
page_show(struct term *t)
{
	if (t->state == TERM_PAUSED)
		show_more(t);
}

/* After a pause: shows the rest of the output, then ends the command or asks its question. */
static void
resume_page(struct term *t)
{
	struct page *p = &t->page;
	char *rest = p->rest;
	size_t n = p->n_rest;

	if (t->state == TERM_PAUSED)
		t->state = TERM_RUNNING;
	p->rest = NULL;
	p->n_rest = p->capacity = 0;
	write_screen(t, rest ? rest : "", n);
	if (rest)
		explicit_bzero(rest, n);
	free(rest);
	if (t->state == TERM_PAUSED)
		return;
	if (p->next == PAGE_ASK) {
		char *question = x_strdup(t->question);

		p->next = PAGE_OUTPUT;
		term_ask(t, question, t->ask_echo);
		free(question);
	} else if (p->next == PAGE_DONE) {
		term_done(t);
	}
}

static void
more_rows(struct term *t, unsigned rows)
{
	page_hide(t);
	t->page.rows = 0;
	t->page.room = rows;
	resume_page(t);
}

/* The user wants to see no more of the output: drops the rest. */
static void
stop_page(struct term *t)
{
	struct page *p = &t->page;
	bool over = p->next != PAGE_OUTPUT;

	page_hide(t);
	p->dropped = true;
	p->n_rest = 0;
	resume_page(t);
	if (!over && term_runs(t))
		t->ops->interrupt(t->arg, t);
}

static void
filter_begin(struct term *t)
{
	static const char *const names[] = {"begin", "include", "exclude"};
	struct page *p = &t->page;
	const char *name = names[p->entering == '/' ? 0 : p->entering == '+' ? 1 : 2];
	char *rest = p->rest;
	size_t n = p->n_rest;
	bool over = p->next == PAGE_DONE;
	struct pipe *filter;

	p->regex[p->n_regex] = '\0';
	filter = pipe_new(name, false, p->regex, NULL);
	page_hide(t);
	if (!filter) {
		out_text(t, "% Bad regular expression\n", 25);
		show_more(t);
		return;
	}
	out_text(t, "filtering...\n", 13);
	pipe_free(p->filter);
	p->filter = filter;
	if (t->state == TERM_PAUSED)
		t->state = TERM_RUNNING;
	if (over)
		p->next = PAGE_OUTPUT;
	p->rest = NULL;
	p->n_rest = p->capacity = 0;
	p->rows = 0;
	p->room = p->length - 1;
	pipe_write(filter, rest, n, write_screen, t);
	explicit_bzero(rest, n);
	free(rest);
	if (over)
		term_done(t);
	else if (p->next == PAGE_ASK && t->state != TERM_PAUSED)
		resume_page(t);
}

static void
regex_key(struct term *t, char key)
{
	struct page *p = &t->page;

	if (key == '\r') {
		filter_begin(t);
	} else if (key == KEY('C') || key == KEY('Z') || key == KEY('^')) {
		stop_page(t);
	} else if (key == '\b' || key == 0x7f) {
		if (!p->n_regex) {
			out_emit(t, "\b \b", 3);
			p->entering = 0;
			out_emit(t, more, sizeof(more) - 1);
			return;
		}
		p->n_regex--;
		out_emit(t, "\b \b", 3);
	} else if (((unsigned char)key >= ' ' || key == KEY_QUESTION) &&
	           p->n_regex < sizeof(p->regex) - 1) {
		key = key == KEY_QUESTION ? '?' : key;
		p->regex[p->n_regex++] = key;
		out_emit(t, &key, 1);
	}
}

static void
page_key(struct term *t, char key)
{
	struct page *p = &t->page;

	switch (key) {
	case ' ':
		more_rows(t, p->length - 1);
		break;
	case '\r':
		more_rows(t, 1);
		break;
	case '/':
	case '+':
	case '-':
		page_hide(t);
		p->entering = key;
		p->n_regex = 0;
		out_emit(t, &key, 1);
		break;
	default:
		stop_page(t);
		break;
	}
}

/*
 * Is this the next packet of a paste, whose lines must not be taken for keys? A paste is known by
 * what nobody types at --More--: two characters of text that arrive at once. Blanks alone are
 * pages, and behind / + and - comes an expression.
 */
static bool
is_paste(const struct term *t)
{
	const char *in = t->in + t->in_at;
	size_t n = t->n_in, blanks = 0, text = 0;

	while (blanks < n && in[blanks] == ' ')
		blanks++;
	while (blanks + text < n && (unsigned char)in[blanks + text] >= ' ' &&
	       in[blanks + text] != 0x7f)
		text++;
	return !t->page.entering && text >= 2 && !strchr("/+-", in[blanks]);
}

void
page_keys(struct term *t)
{
	while (t->state == TERM_PAUSED && !t->full) {
		if (t->in_over || (t->n_in && is_paste(t)))
			more_rows(t, (unsigned)-1);
		else if (t->page.entering && t->n_in)
			regex_key(t, in_take(t));
		else if (t->n_in)
			page_key(t, in_take(t));
		else
			return;
	}
}
