/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes one rendered configuration of another: lines that are gone are taken back, lines that
 * are new are said; all else is left alone, and with it the sessions that it made.
 */
#define _GNU_SOURCE
#include "compiler/frr/frr.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/base/arena.h"

/* A line and the headers that it is below: "router bgp 1", " address-family ipv4 unicast". */
struct line {
	struct span text;
	struct span header, inner; /* empty: it is below none */
	size_t header_at;          /* the header's place in the list */
	bool other;                /* it is not in the other configuration */
};

struct lines {
	size_t n, capacity;
	struct line *list;
};

static bool
same_span(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || memcmp(a.p, b.p, a.n) == 0);
}

static bool
begins_with(struct span s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && memcmp(s.p, word, n) == 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
is_header(struct span s)
{
	return begins_with(s, "interface ") || begins_with(s, "router ") ||
	       begins_with(s, "route-map ");
}

static void
lines_read(struct lines *to, const char *text)
{
	struct span header = {0}, inner = {0};
	size_t at = 0;

	for (const char *end; *text; text = *end ? end + 1 : end) {
		struct span s;

		end = text + strcspn(text, "\n");
		s = SPAN(text, (size_t)(end - text));
		if (same_span(s, SPAN("exit", 4))) {
			header = inner = (struct span){0};
			continue;
		}
		if (begins_with(s, " exit-address-family")) {
			inner = (struct span){0};
			continue;
		}
		if (is_header(s)) {
			header = s;
			at = to->n;
		}
		x_grow(&to->list, &to->capacity, to->n + 1, sizeof(*to->list));
		to->list[to->n++] =
		    (struct line){.text = s, .header = header, .inner = inner, .header_at = at};
		if (begins_with(s, " address-family"))
			inner = s;
	}
}

static int
span_order(struct span a, struct span b)
{
	int order = memcmp(a.p ? a.p : (const uint8_t *)"", b.p ? b.p : (const uint8_t *)"",
	                   a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int
line_order(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int order = span_order(a->text, b->text);

	if (!order)
		order = span_order(a->header, b->header);
	return order ? order : span_order(a->inner, b->inner);
}

static void
lines_mark(struct lines *of, const struct lines *other)
{
	struct line *sorted = x_memdup(other->list, other->n * sizeof(*sorted));

	if (other->n)
		qsort(sorted, other->n, sizeof(*sorted), line_order);
	for (size_t k = 0; k < of->n; k++)
		of->list[k].other = !other->n || !bsearch(&of->list[k], sorted, other->n,
		                                          sizeof(*sorted), line_order);
	free(sorted);
}

/* --- what is begun anew ----------------------------------------------------------------------- */

/* All below the header: what is taken back with it must be said again. */
static void
mark_below(struct lines *of, struct span header)
{
	for (size_t k = 0; header.n && k < of->n; k++)
		if (same_span(of->list[k].header, header))
			of->list[k].other = true;
}

/*
 * An entry of a route map is what its lines are together; a neighbour of BGP goes with its system,
 * whatever else is said of it.
 */
static bool
takes_all(const struct line *l)
{
	if (!l->other)
		return false;
	if (begins_with(l->header, "route-map "))
		return true;
	return begins_with(l->header, "router bgp ") && begins_with(l->text, " neighbor ") &&
	       memmem(l->text.p, l->text.n, " remote-as ", 11);
}

static void
renew_wholes(struct lines *old, struct lines *now)
{
	for (size_t k = 0; k < old->n; k++)
		if (takes_all(&old->list[k])) {
			mark_below(old, old->list[k].header);
			mark_below(now, old->list[k].header);
		}
	for (size_t k = 0; k < now->n; k++)
		if (takes_all(&now->list[k]) && begins_with(now->list[k].header, "route-map ")) {
			mark_below(old, now->list[k].header);
			mark_below(now, now->list[k].header);
		}
}

/* --- writing ---------------------------------------------------------------------------------- */

static void
put_line(struct text *to, struct span s)
{
	text_add(to, (const char *)s.p, s.n);
	text_puts(to, "\n");
}

static void
put_no(struct text *to, struct span s)
{
	while (s.n && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	if (begins_with(s, "no ")) {
		s.p += 3;
		s.n -= 3;
	} else {
		text_puts(to, "no ");
	}
	put_line(to, s);
}

/* Opens what the line is below, and closes what the one before it was below. */
static void
move_to(struct text *to, struct line *at, const struct line *next)
{
	if (same_span(at->header, next->header) && same_span(at->inner, next->inner))
		return;
	if (at->inner.n)
		text_puts(to, " exit-address-family\n");
	if (at->header.n && !same_span(at->header, next->header))
		text_puts(to, "exit\n");
	if (next->header.n && !same_span(at->header, next->header))
		put_line(to, next->header);
	if (next->inner.n)
		put_line(to, next->inner);
	*at = *next;
}

/* What is taken back with its header needs no line of its own. */
static bool
header_goes(const struct lines *old, const struct line *l)
{
	return l->header.n && old->list[l->header_at].other &&
	       !begins_with(l->header, "interface ");
}

static void
put_gone(const struct lines *old, struct text *to)
{
	static const struct line outside;
	struct line at = outside;

	for (size_t k = 0; k < old->n; k++) {
		const struct line *l = &old->list[k];

		if (!l->other || begins_with(l->text, " address-family") ||
		    (is_header(l->text) && begins_with(l->text, "interface ")))
			continue;
		if (header_goes(old, l) && !is_header(l->text))
			continue;
		move_to(to, &at, is_header(l->text) ? &outside : l);
		put_no(to, l->text);
	}
	move_to(to, &at, &outside);
}

static void
put_new(const struct lines *now, struct text *to)
{
	static const struct line outside;
	struct line at = outside;

	for (size_t k = 0; k < now->n; k++) {
		const struct line *l = &now->list[k];
		struct line below = *l;

		if (!l->other)
			continue;
		if (begins_with(l->text, " address-family"))
			below.inner = l->text;
		move_to(to, &at, &below);
		if (!is_header(l->text) && !begins_with(l->text, " address-family"))
			put_line(to, l->text);
	}
	move_to(to, &at, &outside);
}

void
frr_change(const char *before, const char *after, struct text *ret)
{
	struct lines old = {0}, now = {0};

	lines_read(&old, before);
	lines_read(&now, after);
	lines_mark(&old, &now);
	lines_mark(&now, &old);
	renew_wholes(&old, &now);
	put_gone(&old, ret);
	put_new(&now, ret);
	free(old.list);
	free(now.list);
}

/* --- beside a machine's own ------------------------------------------------------------------- */

void
frr_beside(const char *text, const char *own, struct text *ret)
{
	struct lines known = {0};
	bool below = false;

	lines_read(&known, own);
	if (known.n)
		qsort(known.list, known.n, sizeof(*known.list), line_order);
	for (const char *end; *text; text = *end ? end + 1 : end) {
		struct line l;

		end = text + strcspn(text, "\n");
		l = (struct line){.text = SPAN(text, (size_t)(end - text))};
		below = (below || is_header(l.text)) && !same_span(l.text, SPAN("exit", 4));
		if (below ||
		    !(begins_with(l.text, "frr defaults ") ||
		      (known.n && bsearch(&l, known.list, known.n, sizeof(l), line_order))))
			put_line(ret, l.text);
	}
	free(known.list);
}

/* What is one thing, as a whole: its first words. Empty: the line is of none. */
static struct span
thing_of(struct span line)
{
	static const struct {
		const char *begin;
		unsigned words;
	} things[] = {
	    {"router ", 2}, {"route-map ", 2}, {"access-list ", 2}, {"ip prefix-list ", 3}};
	size_t n = 0;

	for (size_t k = 0; k < ARRAY_SIZE(things); k++)
		if (begins_with(line, things[k].begin)) {
			for (unsigned word = 0; n < line.n; n++)
				if (line.p[n] == ' ' && ++word == things[k].words)
					break;
			return SPAN(line.p, n);
		}
	return (struct span){0};
}

struct span
frr_clash(const char *text, const char *own)
{
	struct lines a = {0}, b = {0};
	struct span found = {0};

	lines_read(&a, text);
	lines_read(&b, own);
	for (size_t k = 0; k < a.n && !found.n; k++) {
		struct span thing = thing_of(a.list[k].text);

		for (size_t i = 0; thing.n && i < b.n; i++)
			if (same_span(thing_of(b.list[i].text), thing))
				found = thing;
	}
	free(a.list);
	free(b.list);
	return found;
}

/* --- what vtysh can read ---------------------------------------------------------------------- */

#define VTYSH_LINE_MAX 4094 /* octets, before the end of a line */

unsigned
frr_line_too_long(const char *text)
{
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");

		number++;
		if (n > VTYSH_LINE_MAX)
			return number;
		text += n + (text[n] != 0);
	}
	return 0;
}
