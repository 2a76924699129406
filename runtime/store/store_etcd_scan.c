/* SPDX-License-Identifier: Apache-2.0 */
/* JSON read where it stands: see store_etcd_scan.h. */
#include "runtime/store/store_etcd_scan.h"

#include <string.h>

/* Of what is skipped. */
#define DEPTH   16
#define MEMBERS 8 /* of an object */

struct etcd_scan
etcd_scan_of(struct span text)
{
	return (struct etcd_scan){.at = (const char *)text.p, .end = (const char *)text.p + text.n};
}

static void
skip_blanks(struct etcd_scan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

/* The next octet that is no blank; 0: there is none. */
static char
peek_octet(struct etcd_scan *s)
{
	skip_blanks(s);
	return s->odd || s->at == s->end ? '\0' : *s->at;
}

static void
expect_octet(struct etcd_scan *s, char c)
{
	if (peek_octet(s) == c)
		s->at++;
	else
		s->odd = true;
}

bool
etcd_scan_open(struct etcd_scan *s, char open, char close)
{
	expect_octet(s, open);
	if (peek_octet(s) != close)
		return !s->odd;
	s->at++;
	return false;
}

bool
etcd_scan_more(struct etcd_scan *s, char close)
{
	if (peek_octet(s) == ',') {
		s->at++;
		return true;
	}
	expect_octet(s, close);
	return false;
}

struct span
etcd_scan_string(struct etcd_scan *s)
{
	const char *begin;

	expect_octet(s, '"');
	begin = s->at;
	while (!s->odd && s->at < s->end && *s->at != '"') {
		s->odd = *s->at < ' ' || *s->at > '~' || *s->at == '\\';
		s->at++;
	}
	if (s->odd || s->at == s->end) {
		s->odd = true;
		return (struct span){0};
	}
	return SPAN(begin, s->at++ - begin);
}

struct span
etcd_scan_name(struct etcd_scan *s)
{
	struct span name = etcd_scan_string(s);

	expect_octet(s, ':');
	return name;
}

uint64_t
etcd_scan_number(struct etcd_scan *s)
{
	bool quoted = peek_octet(s) == '"';
	const char *begin = s->at += quoted;
	uint64_t number = 0;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9' && !s->odd; s->at++)
		s->odd = __builtin_mul_overflow(number, 10, &number) ||
		         __builtin_add_overflow(number, (uint64_t)(*s->at - '0'), &number);
	if (s->at == begin || (!quoted && *begin == '0' && s->at > begin + 1))
		s->odd = true;
	if (quoted && !s->odd && (s->at == s->end || *s->at++ != '"'))
		s->odd = true;
	if (!quoted && number > INT64_MAX) /* a tree has no such number */
		s->odd = true;
	return s->odd ? 0 : number;
}

static void
expect_word(struct etcd_scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->odd || (size_t)(s->end - s->at) < n || memcmp(s->at, word, n) != 0)
		s->odd = true;
	else
		s->at += n;
}

bool
etcd_scan_true(struct etcd_scan *s)
{
	bool is_true = peek_octet(s) == 't';

	expect_word(s, is_true ? "true" : "false");
	return is_true && !s->odd;
}

static void
skip_scalar(struct etcd_scan *s, char first)
{
	if (first == '"')
		etcd_scan_string(s);
	else if (first == 't' || first == 'f')
		etcd_scan_true(s);
	else
		etcd_scan_number(s);
}

/* A bracket that is open, and, of an object, the names that were there. */
struct open {
	char close;
	size_t n;
	struct span names[MEMBERS];
};

static bool
is_same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static void
skip_name(struct etcd_scan *s, struct open *o)
{
	struct span name = etcd_scan_name(s);

	for (size_t i = 0; i < o->n && !s->odd; i++)
		s->odd = is_same(o->names[i], name);
	if (o->n == MEMBERS)
		s->odd = true;
	else
		o->names[o->n++] = name;
}

/* Those that are open are kept, outermost first. */
void
etcd_scan_skip(struct etcd_scan *s)
{
	struct open open[DEPTH];
	size_t n = 0;

	do {
		char first = peek_octet(s), close = first == '{' ? '}' : ']';
		bool inside = false;

		if (first != '{' && first != '[') {
			skip_scalar(s, first);
		} else if (n == DEPTH) {
			s->odd = true;
		} else {
			inside = etcd_scan_open(s, first, close);
			open[n].close = close;
			open[n].n = 0;
			n += inside;
		}
		while (n && !inside && !s->odd) {
			inside = etcd_scan_more(s, open[n - 1].close);
			n -= !inside;
		}
		if (n && open[n - 1].close == '}')
			skip_name(s, &open[n - 1]);
	} while (n && !s->odd);
}

bool
etcd_scan_done(struct etcd_scan *s)
{
	skip_blanks(s);
	return !s->odd && s->at == s->end;
}

void
etcd_scan_once(struct etcd_scan *s, unsigned *seen, unsigned member)
{
	s->odd |= (*seen & member) != 0;
	*seen |= member;
}

bool
etcd_scan_is(struct span text, const char *word)
{
	return text.n == strlen(word) && memcmp(text.p, word, text.n) == 0;
}
