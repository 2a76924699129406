/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar's tables, walked: for every edge of every entry (a word that may follow another, an
 * end) one line that goes over it. And a reader of the tables that shares no code with the
 * engine's: what may follow the words of a line, said in the plainest way there is, to hold the
 * engine against. Test programs include it once.
 */
#ifndef TESTUDO_TESTS_WALK_H
#define TESTUDO_TESTS_WALK_H

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/command.h"

#define WALK_WORDS 40
#define WALK_LINE  2048

/* --- words ------------------------------------------------------------------------------------ */

enum walk_value { WALK_HIGH, WALK_LOW, WALK_MIDDLE, WALK_VALUES };

/* A word that fits an element; of numbers the lowest, the highest and one between. */
static inline const char *
walk_word(const struct gram_elem *e, enum walk_value value, char buf[static 16])
{
	switch (e->type) {
	case TYPE_KEYWORD:
		return e->text;
	case TYPE_NUMBER:
		snprintf(buf, 16, "%u",
		         value == WALK_LOW    ? e->min
		         : value == WALK_HIGH ? e->max
		                              : e->min + (e->max - e->min) / 2);
		return buf;
	case TYPE_IPV4:
		return value == WALK_HIGH  ? "10.1.2.3"
		       : value == WALK_LOW ? "0.0.0.1"
		                           : "224.0.1.9";
	case TYPE_MASK:
		return value == WALK_HIGH  ? "255.255.255.0"
		       : value == WALK_LOW ? "128.0.0.0"
		                           : "255.240.0.0";
	case TYPE_WILDCARD:
		return value == WALK_HIGH  ? "0.0.0.255"
		       : value == WALK_LOW ? "0.0.0.1"
		                           : "0.0.255.7";
	case TYPE_PREFIX:
		return value == WALK_HIGH  ? "10.1.2.3/32"
		       : value == WALK_LOW ? "0.0.0.0/0"
		                           : "10.1.0.0/16";
	case TYPE_IPV6:
		return value == WALK_HIGH ? "::ffff:10.1.2.3" : "2001:db8::1";
	case TYPE_TCP_PORT:
	case TYPE_UDP_PORT:
		return value == WALK_HIGH ? "65535" : value == WALK_LOW ? "1" : "848";
	case TYPE_INTERFACE:
		return value == WALK_HIGH  ? "Loopback7"
		       : value == WALK_LOW ? "GigabitEthernet0/0"
		                           : "fa0/1.12";
	case TYPE_HEX:
		return "30820A0b";
	case TYPE_TIME:
		return value == WALK_HIGH ? "23:59" : value == WALK_LOW ? "0:00" : "2:30";
	case TYPE_CLOCK:
		return value == WALK_HIGH  ? "23:59:59"
		       : value == WALK_LOW ? "00:00:00"
		                           : "02:30:09";
	case TYPE_HOURS:
		return value == WALK_HIGH ? "23" : value == WALK_LOW ? "-23" : "0";
	default:
		return "Zz9";
	}
}

/* --- ways ------------------------------------------------------------------------------------- */

/* A line: its elements and words, and which of them the way is walked for. */
struct way {
	const struct gram_entry *entry;
	size_t n;
	size_t at;  /* the word that the edge leads to */
	bool first; /* the first edge to that element from any */
	uint16_t elems[WALK_WORDS];
	const char *words[WALK_WORDS];
	char store[WALK_WORDS][16];
};

static inline const uint16_t *
walk_next(const struct gram_entry *e, const uint16_t *elem)
{
	return &gram_next[elem ? gram_elems[*elem].next : e->first];
}

static inline bool
walk_ends(const uint16_t *next)
{
	uint16_t i;

	for (i = 1; i <= next[0]; i++)
		if (next[i] == ELEM_END)
			return true;
	return false;
}

static inline unsigned
walk_uses(const uint16_t *elems, size_t n, uint16_t elem)
{
	unsigned uses = 0;
	size_t i;

	for (i = 0; i < n; i++)
		uses += elems[i] == elem;
	return uses;
}

/* The shortest way on to an end, over elements not used up; false: there is none. */
static inline bool
walk_finish(struct way *w)
{
	const struct gram_entry *e = w->entry;
	uint16_t *queue = x_alloc((e->n_elems + 1u) * sizeof(*queue));
	int *from = x_alloc((e->n_elems + 1u) * sizeof(*from));
	size_t head = 0, tail = 0, i;
	int last = -1;

	for (i = 0; i < e->n_elems; i++)
		from[i] = -2; /* not seen */
	queue[tail++] = w->elems[w->n - 1];
	from[queue[0] - e->elem] = -1;
	while (head < tail && last < 0) {
		uint16_t at = queue[head++];
		const uint16_t *next = &gram_next[gram_elems[at].next];

		if (walk_ends(next))
			last = at;
		for (i = 1; i <= next[0] && last < 0; i++)
			if (next[i] != ELEM_END && from[next[i] - e->elem] == -2 &&
			    walk_uses(w->elems, w->n, next[i]) < gram_elems[next[i]].repeat) {
				from[next[i] - e->elem] = at;
				queue[tail++] = next[i];
			}
	}
	for (i = 0; last >= 0 && from[last - e->elem] >= 0; last = from[last - e->elem])
		queue[i++] = (uint16_t)last;
	while (i && w->n < WALK_WORDS)
		w->elems[w->n++] = queue[--i];
	free(queue);
	free(from);
	return last >= 0 && !i;
}

static inline void
walk_fill(struct way *w, enum walk_value value)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		w->words[i] = walk_word(&gram_elems[w->elems[i]], i == w->at ? value : WALK_HIGH,
		                        w->store[i]);
}

typedef void walk_fn(void *arg, struct way *w);

static inline void
walk_edges_from(struct way *head, bool *seen, walk_fn *fn, void *arg)
{
	const struct gram_entry *e = head->entry;
	const uint16_t *next = walk_next(e, head->n ? &head->elems[head->n - 1] : NULL);
	uint16_t i;

	for (i = 1; i <= next[0]; i++) {
		struct way w = *head;

		if (next[i] == ELEM_END || w.n == WALK_WORDS ||
		    walk_uses(w.elems, w.n, next[i]) >= gram_elems[next[i]].repeat)
			continue;
		w.at = w.n;
		w.elems[w.n++] = next[i];
		if (!walk_finish(&w))
			continue;
		w.first = !seen[next[i] - e->elem];
		seen[next[i] - e->elem] = true;
		walk_fill(&w, WALK_HIGH);
		fn(arg, &w);
	}
}

/* Every edge of an entry: by the shortest way there and the shortest way on. */
static inline void
walk_entry(const struct gram_entry *e, walk_fn *fn, void *arg)
{
	struct way *heads = x_alloc((e->n_elems + 1u) * sizeof(*heads)); /* a way to each element */
	bool *seen = x_alloc(e->n_elems + 1u), *reached = x_alloc(e->n_elems + 1u);
	size_t n = 1, i;
	uint16_t j;

	heads[0].entry = e;
	for (i = 0; i < n; i++) {
		struct way *h = &heads[i];
		const uint16_t *next = walk_next(e, h->n ? &h->elems[h->n - 1] : NULL);

		walk_edges_from(h, seen, fn, arg);
		for (j = 1; j <= next[0]; j++) {
			if (next[j] == ELEM_END || reached[next[j] - e->elem] || h->n == WALK_WORDS)
				continue;
			reached[next[j] - e->elem] = true;
			heads[n] = *h;
			heads[n].elems[heads[n].n++] = next[j];
			n++;
		}
	}
	free(heads);
	free(seen);
	free(reached);
}

static inline void
walk_grammar(walk_fn *fn, void *arg)
{
	uint16_t i;

	for (i = 0; i < gram_entry_count; i++)
		walk_entry(&gram_entries[i], fn, arg);
}

/* The mode in which the entries of another are looked for, too; itself: none. */
static inline uint16_t
walk_typed_in(uint16_t mode)
{
	uint16_t i;

	for (i = 0; i < MODE_COUNT; i++)
		if (i != mode && (gram_modes[i].otherwise == mode || gram_modes[i].any == mode))
			return i;
	return mode;
}

/* The words of a way, n of them, with blanks between; where the last begins. */
static inline size_t
walk_line(const struct way *w, size_t n, char line[static WALK_LINE])
{
	size_t i, len = 0, column = 0;

	line[0] = '\0';
	for (i = 0; i < n; i++) {
		if (len)
			line[len++] = ' ';
		column = len;
		len += (size_t)snprintf(line + len, WALK_LINE - len, "%s", w->words[i]);
	}
	return column;
}

/* --- the plain reader ------------------------------------------------------------------------- */

/* A place in an entry: the elements so far. */
struct place {
	const struct gram_entry *entry;
	size_t n;
	uint16_t elems[WALK_WORDS];
};

struct places {
	size_t n, capacity;
	struct place *at;
};

static inline bool
plain_number(const char *word, uint64_t min, uint64_t max)
{
	char *end;

	if (!isdigit((unsigned char)*word) || strlen(word) > 12)
		return false;
	return strtoull(word, &end, 10) >= min && strtoull(word, &end, 10) <= max && !*end;
}

static inline bool
plain_time(const char *word, int parts)
{
	unsigned h = 99, m = 99, s = 0;
	char end;

	if (strspn(word, "0123456789:") != strlen(word) || strlen(word) > 8)
		return false;
	if (parts == 2 ? sscanf(word, "%2u:%2u%c", &h, &m, &end) != 2
	               : sscanf(word, "%2u:%2u:%2u%c", &h, &m, &s, &end) != 3)
		return false;
	return h < 24 && m < 60 && s < 60;
}

static inline bool
plain_address(const char *word, enum arg_type type)
{
	unsigned o[4];
	uint32_t bits;
	int n = 0, i;

	if (sscanf(word, "%3u.%3u.%3u.%3u%n", &o[0], &o[1], &o[2], &o[3], &n) != 4 || word[n] ||
	    strspn(word, "0123456789.") != strlen(word))
		return false;
	for (i = 0; i < 4; i++)
		if (o[i] > 255)
			return false;
	bits = ~(o[0] << 24 | o[1] << 16 | o[2] << 8 | o[3]);
	return type != TYPE_MASK || !(bits & (bits + 1));
}

static inline bool
plain_prefix(const char *word)
{
	const char *slash = strchr(word, '/');
	char addr[16];

	if (!slash || slash - word >= (int)sizeof(addr) || !plain_number(slash + 1, 0, 32))
		return false;
	snprintf(addr, sizeof(addr), "%.*s", (int)(slash - word), word);
	return plain_address(addr, TYPE_IPV4);
}

/* Is the word, which is not a keyword, what an argument of this type may be? */
static inline bool
plain_fits(const struct gram_elem *e, const char *word)
{
	size_t n = strlen(word);

	switch (e->type) {
	case TYPE_NUMBER:
		return plain_number(word, e->min, e->max);
	case TYPE_IPV4:
	case TYPE_MASK:
	case TYPE_WILDCARD:
		return plain_address(word, e->type);
	case TYPE_PREFIX:
		return plain_prefix(word);
	case TYPE_IPV6:
		return !strcmp(word, "::ffff:10.1.2.3") || !strcmp(word, "2001:db8::1");
	case TYPE_TCP_PORT:
		return plain_number(word, 0, 65535) || !strcasecmp(word, "time") ||
		       !strcasecmp(word, "login") || !strcasecmp(word, "telnet");
	case TYPE_UDP_PORT:
		return plain_number(word, 0, 65535);
	case TYPE_INTERFACE:
		if (!strchr("FfGgLl", *word))
			return false; /* the types that ways and wrong words are made of */
		while (isalpha((unsigned char)*word))
			word++;
		return !strchr("/.:~", *word) && isdigit((unsigned char)word[strlen(word) - 1]);
	case TYPE_TIME:
	case TYPE_CLOCK:
		return plain_time(word, e->type == TYPE_TIME ? 2 : 3);
	case TYPE_HOURS:
		return plain_number(word + (*word == '-'), 0, 23);
	case TYPE_HEX:
		return n % 2 == 0 && n <= 8 && strspn(word, "0123456789abcdefABCDEF") == n;
	case TYPE_NAME:
		return isalpha((unsigned char)*word);
	case TYPE_WORD:
		return strcmp(word, "|") != 0;
	case TYPE_LINE:
		return true;
	case TYPE_KEYWORD:
		break;
	}
	return false;
}

static inline void
places_add(struct places *to, const struct place *from, const struct gram_entry *e, uint16_t elem)
{
	struct place *p;

	x_grow(&to->at, &to->capacity, to->n + 1, sizeof(*to->at));
	p = &to->at[to->n++];
	if (from)
		*p = *from;
	else
		*p = (struct place){.entry = e};
	if (p->n < WALK_WORDS)
		p->elems[p->n++] = elem;
}

static inline void
plain_begin(enum gram_mode mode, bool negated, struct places *to)
{
	const struct gram_mode_info *m = &gram_modes[mode];
	uint16_t i, j;

	for (i = m->first; i < m->first + m->n; i++) {
		const struct gram_entry *e = &gram_entries[i];
		const uint16_t *next = &gram_next[e->first];

		if (negated ? e->verb == VERB_DO && !e->on : e->verb == VERB_DROP)
			continue;
		for (j = 1; j <= next[0]; j++)
			if (next[j] != ELEM_END)
				places_add(to, NULL, e, next[j]);
	}
	if (m->common != mode)
		plain_begin((enum gram_mode)m->common, negated, to);
}

/* Every place that one more word could lead to: the last element of each is that word's. */
static inline struct places
plain_candidates(enum gram_mode mode, const struct places *after)
{
	struct places to = {0};
	size_t i;
	uint16_t j;

	if (!after) {
		plain_begin(mode, false, &to);
		return to;
	}
	for (i = 0; i < after->n; i++) {
		const struct place *p = &after->at[i];
		const uint16_t *next = &gram_next[gram_elems[p->elems[p->n - 1]].next];

		for (j = 1; j <= next[0]; j++)
			if (next[j] != ELEM_END &&
			    walk_uses(p->elems, p->n, next[j]) < gram_elems[next[j]].repeat)
				places_add(&to, p, NULL, next[j]);
	}
	return to;
}

static inline const struct gram_elem *
place_elem(const struct place *p)
{
	return &gram_elems[p->elems[p->n - 1]];
}

/* How well a word fits: 0 a keyword whole, 1 the start of one, 2 and on an argument; -1 not. */
static inline int
plain_rank(const struct gram_elem *e, const char *word)
{
	if (e->type != TYPE_KEYWORD)
		return plain_fits(e, word) ? 2 + (int)e->type : -1;
	if (!strcasecmp(e->text, word))
		return 0;
	return !e->hidden && !strncasecmp(e->text, word, strlen(word)) ? 1 : -1;
}

/* The places one word leads to. *ret_into: how far an unknown word is right. */
static inline enum parse
plain_step(enum gram_mode mode, const struct places *from, const char *word, struct places *to,
           size_t *ret_into)
{
	struct places may = plain_candidates(mode, from);
	const char *keyword = NULL;
	enum parse result = PARSE_OK;
	int best = -1, rank;
	size_t i, n;

	*to = (struct places){0};
	*ret_into = 0;
	for (i = 0; i < may.n; i++) {
		const struct gram_elem *e = place_elem(&may.at[i]);

		rank = plain_rank(e, word);
		if (rank >= 0 && (best < 0 || rank < best))
			best = rank;
		for (n = 0; e->type == TYPE_KEYWORD && !e->hidden && e->text[n] &&
		            tolower((unsigned char)e->text[n]) == tolower((unsigned char)word[n]);)
			n++;
		if (e->type == TYPE_KEYWORD && !e->hidden && n > *ret_into)
			*ret_into = n;
	}
	if (best < 0)
		result = PARSE_INVALID;
	for (i = 0; i < may.n && best >= 0; i++) {
		const struct gram_elem *e = place_elem(&may.at[i]);

		if (plain_rank(e, word) != best)
			continue;
		if (best == 1 && keyword && strcmp(keyword, e->text))
			result = PARSE_AMBIGUOUS;
		keyword = e->text;
		places_add(to, &may.at[i], NULL, may.at[i].elems[may.at[i].n - 1]);
		to->at[to->n - 1].n--; /* it was there */
	}
	free(may.at);
	return result;
}

/* "Loopback", where an interface may stand: its number is still to come. */
static inline bool
plain_lacks_number(enum gram_mode mode, const struct places *from, const char *word)
{
	struct places may = plain_candidates(mode, from);
	bool interface = false;
	size_t i;

	for (i = 0; i < may.n; i++)
		interface |= place_elem(&may.at[i])->type == TYPE_INTERFACE;
	free(may.at);
	return interface && !strcmp(word, "Loopback");
}

/* What the plain reader makes of a line. */
struct plain {
	enum parse result;
	size_t word, into; /* where it is wrong: into a word */
	struct places at;  /* where it stands after all words */
	bool complete;
};

static inline struct plain
plain_read_in(enum gram_mode mode, const char *const *words, size_t n)
{
	struct plain p = {0};
	struct places next;
	size_t i, j;

	for (i = 0; i < n && p.result == PARSE_OK; i++) {
		p.result = plain_step(mode, i ? &p.at : NULL, words[i], &next, &p.into);
		if (p.result == PARSE_INVALID &&
		    plain_lacks_number(mode, i ? &p.at : NULL, words[i])) {
			p.result = i + 1 == n ? PARSE_INCOMPLETE : PARSE_INVALID;
			p.into = 0;
			p.word = i + 1; /* what should have been a number */
			free(p.at.at);
			p.at = next;
			break;
		}
		free(p.at.at);
		p.at = next;
		p.word = i;
		if (p.result == PARSE_OK && place_elem(&next.at[0])->type == TYPE_LINE)
			break;
	}
	for (j = 0; j < p.at.n && p.result == PARSE_OK; j++)
		p.complete |= walk_ends(&gram_next[place_elem(&p.at.at[j])->next]);
	if (p.result == PARSE_OK && !p.complete)
		p.result = PARSE_INCOMPLETE;
	return p;
}

static inline void
plain_fini(struct plain *p)
{
	free(p->at.at);
	p->at = (struct places){0};
}

/* A parent's command whose word is all that an ambiguous one is the beginning of. */
static inline bool
plain_read_parents(enum gram_mode mode, const char *const *words, size_t n, struct plain *p)
{
	while (gram_modes[mode].config && gram_modes[mode].parent != mode) {
		struct plain other;
		const struct gram_elem *e;

		mode = (enum gram_mode)gram_modes[mode].parent;
		other = plain_read_in(mode, words, n);
		e = other.result == PARSE_OK ? &gram_elems[other.at.at[0].elems[p->word]] : NULL;
		if (e && e->type == TYPE_KEYWORD && !strcasecmp(e->text, words[p->word])) {
			free(p->at.at);
			*p = other;
			return true;
		}
		free(other.at.at);
	}
	return false;
}

/*
 * A mode and, when it does not know the line, its parents; the furthest error is the one. What is
 * ambiguous here may be a whole word there.
 */
static inline struct plain
plain_read(enum gram_mode mode, const char *const *words, size_t n)
{
	struct plain p = plain_read_in(mode, words, n), other;

	while (p.result == PARSE_INVALID && gram_modes[mode].parent != mode) {
		mode = (enum gram_mode)gram_modes[mode].parent;
		other = plain_read_in(mode, words, n);
		if (other.result != PARSE_INVALID || other.word > p.word ||
		    (other.word == p.word && other.into > p.into)) {
			plain_fini(&p);
			p = other;
		} else {
			plain_fini(&other);
		}
	}
	if (p.result == PARSE_AMBIGUOUS)
		plain_read_parents(mode, words, n, &p);
	return p;
}

#endif
