/* SPDX-License-Identifier: Apache-2.0 */
/* Words that a router shows: see shown.h. */
#include "cli/lab/shown.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PROSE_WORDS 10 /* more are a sentence */
#define LABEL_WORDS 8

/* --- one word --------------------------------------------------------------------------------- */

static bool
is_address(const char *s)
{
	char buf[INET_ADDRSTRLEN];
	struct in_addr addr;
	size_t n;

	s += *s == '(';
	n = strcspn(s, "/:)");
	if (n >= sizeof(buf))
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return inet_pton(AF_INET, buf, &addr) == 1;
}

/* 00:10:22, 12:00:01.123, 1d02h, 3w4d, and the names of days and months. */
static bool
is_time(const char *s)
{
	static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
	                                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
	                                    "Aug", "Sep", "Oct", "Nov", "Dec"};
	unsigned colons = 0, units = 0, digits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(s, names[i]) == 0)
			return true;
	for (s += *s == '('; *s && *s != ')'; s++) {
		if (isdigit((unsigned char)*s))
			digits++;
		else if (*s == ':')
			colons++;
		else if (strchr("ywdhms", *s) && digits)
			units++;
		else if (*s != '.' || !colons)
			return false;
	}
	return digits && (colons == 2 || units >= 2 || (colons == 1 && !units));
}

static bool
is_hex(const char *s)
{
	s += *s == '(';
	return s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && isxdigit((unsigned char)s[2]);
}

/* 5, (5/5), 64%, 1/2/4, (4441/2375) */
static bool
is_number(const char *s)
{
	s += *s == '(';
	return isdigit((unsigned char)*s) && !s[strspn(s, "0123456789/.-%)")];
}

/* What ping prints, one for each packet. */
static bool
is_marks(const char *s)
{
	return strlen(s) > 1 && !s[strspn(s, "!.UQM?&")];
}

static enum word_kind
kind_of(const char *s)
{
	return is_address(s)  ? WORD_ADDRESS
	       : is_hex(s)    ? WORD_HEX
	       : is_time(s)   ? WORD_TIME
	       : is_number(s) ? WORD_NUMBER
	       : is_marks(s)  ? WORD_MARKS
	                      : WORD_TEXT;
}

/* --- what a number is ------------------------------------------------------------------------- */

static bool
is_among(const char *word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(word, names[i]) == 0)
			return true;
	return false;
}

/* Of the words before a number. */
static enum word_rule
rule_of(const char *word)
{
	static const char *const changing[] = {
	    "remaining", "uptime",      "conn-id", "conn",  "conn_id", "connid",      "flow_id",
	    "flow",      "sequence",    "seq",     "age",   "timing",  "elapsed",     "idle",
	    "expires",   "min/avg/max", "(secs)",  "(sec)", "refresh", "re-register", "value"};
	static const char *const counted[] = {
	    "pkts", "packets", "bytes",     "errors",    "drops", "dropped", "received",
	    "rcvd", "sent",    "succeeded", "attempted", "acks",  "(hitcnt"};

	return is_among(word, changing, ARRAY_SIZE(changing))                 ? RULE_KIND
	       : *word == '#' || is_among(word, counted, ARRAY_SIZE(counted)) ? RULE_COUNT
	                                                                      : RULE_EQUAL;
}

/* The words since the last value say it. */
static enum word_rule
rule_by_label(const struct shown_line *l, size_t at)
{
	enum word_rule rule = RULE_EQUAL;

	for (size_t i = at, n = 0; i-- && n < LABEL_WORDS && l->words[i].kind == WORD_TEXT; n++)
		if (rule_of(l->words[i].text) > rule)
			rule = rule_of(l->words[i].text);
	return rule;
}

static bool
is_head(const struct shown_line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->words[i].kind != WORD_TEXT)
			return false;
	return l->n > 2;
}

/* The last head of as many columns. */
static const struct shown_line *
find_head(const struct shown_line *l, const struct shown_line *const *before, size_t n)
{
	while (n--)
		if (is_head(before[n]))
			return before[n]->n == l->n ? before[n] : NULL;
	return NULL;
}

static void
set_rules(struct shown_line *l, const struct shown_line *const *before, size_t n)
{
	const struct shown_line *head =
	    l->n && l->words[0].kind != WORD_TEXT ? find_head(l, before, n) : NULL;

	for (size_t i = 0; i < l->n; i++) {
		struct word *w = &l->words[i];

		if (w->kind == WORD_NUMBER)
			w->rule = head ? rule_of(head->words[i].text) : rule_by_label(l, i);
		else if (w->kind == WORD_HEX || w->kind == WORD_MARKS)
			w->rule = RULE_COUNT;
		else if (w->kind == WORD_TIME)
			w->rule = RULE_KIND;
	}
}

/* --- a line ----------------------------------------------------------------------------------- */

static void
add_word(struct arena *a, struct shown_line *l, const char *s, size_t n)
{
	while (n && strchr(",;:=|", s[n - 1]))
		n--;
	while (n && strchr(",;:=|", *s)) {
		s++;
		n--;
	}
	if (!n || l->n == SHOWN_WORDS_MAX)
		return;
	l->words[l->n].text = arena_strndup(a, s, n);
	l->words[l->n].kind = kind_of(l->words[l->n].text);
	l->n++;
}

/* "timing:remaining" and "(hitcnt=1)" are two words; 00:10:22 and http://a are one. */
static void
add_words(struct arena *a, struct shown_line *l, const char *s, size_t n)
{
	size_t label = 0;

	while (label < n && s[label] != ':' && s[label] != '=')
		label++;
	if (label + 1 < n && isalpha((unsigned char)s[*s == '(']) && s[label + 1] != '/') {
		add_word(a, l, s, label);
		add_word(a, l, s + label + 1, n - label - 1);
		return;
	}
	add_word(a, l, s, n);
}

struct shown_line *
shown_read(struct arena *a, const char *text, const struct shown_line *const *before, size_t n)
{
	struct shown_line *l = arena_alloc(a, sizeof(*l));
	const char *s = text + strspn(text, " \t");
	size_t len = strlen(s);

	while (len && strchr(" \t\r", s[len - 1]))
		len--;
	l->text = arena_strndup(a, s, len);
	l->open = len && s[len - 1] == ':';
	for (s = l->text; *s && l->n < SHOWN_WORDS_MAX; s += strspn(s, " \t")) {
		size_t word = strcspn(s, " \t");

		add_words(a, l, s, word);
		s += word;
	}
	set_rules(l, before, n);
	return l;
}

static bool
is_positive(const struct word *w)
{
	const char *s = w->text + (*w->text == '(');

	if (w->kind == WORD_MARKS)
		return strchr(s, '!') != NULL;
	return strtoull(s, NULL, w->kind == WORD_HEX ? 16 : 10) > 0;
}

bool
shown_words_agree(const struct word *a, const struct word *b)
{
	const enum word_rule rule = a->rule > b->rule ? a->rule : b->rule;

	if (strcmp(a->text, b->text) == 0)
		return true;
	if (a->kind != b->kind || rule == RULE_EQUAL)
		return false;
	return rule == RULE_KIND || is_positive(a) == is_positive(b);
}

bool
shown_lines_agree(const struct shown_line *a, const struct shown_line *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!shown_words_agree(&a->words[i], &b->words[i]))
			return false;
	return true;
}

/* The longest sequence of words that is in both. */
static size_t
count_common(const struct shown_line *a, const struct shown_line *b)
{
	size_t row[SHOWN_WORDS_MAX + 1] = {0};

	for (size_t i = 0; i < a->n; i++) {
		size_t corner = 0;

		for (size_t k = 0; k < b->n; k++) {
			const size_t above = row[k + 1];

			if (shown_words_agree(&a->words[i], &b->words[k]))
				row[k + 1] = corner + 1;
			else if (row[k] > above)
				row[k + 1] = row[k];
			corner = above;
		}
	}
	return row[b->n];
}

double
shown_likeness(const struct shown_line *a, const struct shown_line *b)
{
	return a->n + b->n ? 2.0 * (double)count_common(a, b) / (double)(a->n + b->n) : 0;
}

bool
shown_is_prose(const struct shown_line *l)
{
	const size_t n = strlen(l->text);
	size_t letters = 0;

	if (l->n > PROSE_WORDS || (l->n > 4 && n && strchr(".!?:", l->text[n - 1])))
		return true;
	for (size_t i = 0; i < l->n; i++)
		letters += l->words[i].kind == WORD_TEXT;
	return letters == l->n && l->n > 4 && !strchr(l->text, ':');
}

bool
shown_is_log(const char *text)
{
	const char *s = strchr(text, '%');

	if (!s || !isupper((unsigned char)s[1]))
		return false;
	s += 1 + strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return s[0] == '-' && s[1] >= '0' && s[1] <= '7' && s[2] == '-';
}
