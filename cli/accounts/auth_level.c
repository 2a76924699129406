/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of privilege: see auth_level.h. */
#include "cli/accounts/auth_level.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX    16 /* of one `privilege` line that are looked at */
#define SECRET_WORDS 4  /* `show crypto isakmp key` */

/* --- modes ------------------------------------------------------------------------------------ */

/* The modes that `privilege` can name. Whoever may enter a mode that is not here may use it. */
static const struct {
	const char *name;
	enum gram_mode mode;
} named_modes[] = {
    /* clang-format off */
    {"exec",      MODE_ENABLE},
    {"exec",      MODE_EXEC},
    {"configure", MODE_CONFIG},
    {"interface", MODE_CONFIG_IF},
    {"line",      MODE_CONFIG_LINE},
    /* clang-format on */
};

static const char *
mode_name(enum gram_mode mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_modes); i++)
		if (named_modes[i].mode == mode)
			return named_modes[i].name;
	return NULL;
}

/* --- rules ------------------------------------------------------------------------------------ */

struct rule {
	unsigned level;
	size_t n;
	char words[WORDS_MAX][32];
};

static void
rule_read(const struct tnode *n, struct rule *ret)
{
	const char *p = tnode_str(n, ARG_COMMAND);

	ret->level = tnode_u32(n, ARG_LEVEL);
	for (ret->n = 0; ret->n < WORDS_MAX && *p; ret->n++) {
		size_t length = strcspn(p, " "), most = sizeof(ret->words[0]) - 1;

		snprintf(ret->words[ret->n], most + 1, "%.*s", (int)(length < most ? length : most),
		         p);
		p += length;
		p += strspn(p, " ");
	}
}

static const struct tnode *
first_rule(struct accounts book, enum gram_mode mode)
{
	const struct tnode *n = tnode_first(tree_top(book.tree), KEY_PRIVILEGE);
	const char *name = mode_name(mode);

	while (n && (!name || strcmp(tnode_str(n, ARG_PRIVILEGED), name) != 0))
		n = tnode_next(n);
	return n;
}

static const struct tnode *
next_rule(const struct tnode *n)
{
	const char *name = tnode_str(n, ARG_PRIVILEGED);

	do {
		n = tnode_next(n);
	} while (n && strcmp(tnode_str(n, ARG_PRIVILEGED), name) != 0);
	return n;
}

/* --- entries ---------------------------------------------------------------------------------- */

enum cover { COVERS_NEVER, COVERS_SOME, COVERS_ALL };

struct places {
	size_t n;
	uint16_t at[64];
};

static void
places_add(struct places *p, const uint16_t *list)
{
	for (uint16_t i = 0; i < list[0]; i++) {
		size_t j = 0;

		while (j < p->n && p->at[j] != list[1 + i])
			j++;
		if (j == p->n && p->n < ARRAY_SIZE(p->at))
			p->at[p->n++] = list[1 + i];
	}
}

/*
 * Do the lines that the grammar's entry stands for begin with the rule's words: none of them, some,
 * or all?
 */
static enum cover
rule_covers(const struct rule *rule, const struct gram_entry *e)
{
	struct places now = {0}, next;
	enum cover result = COVERS_ALL;

	places_add(&now, &gram_next[e->first]);
	for (size_t w = 0; w < rule->n; w++) {
		next = (struct places){0};
		for (size_t i = 0; i < now.n; i++) {
			const struct gram_elem *elem =
			    now.at[i] == ELEM_END ? NULL : &gram_elems[now.at[i]];

			if (elem && elem->type == TYPE_KEYWORD &&
			    !strcasecmp(elem->text, rule->words[w]))
				places_add(&next, &gram_next[elem->next]);
			else
				result = COVERS_SOME;
		}
		if (!next.n)
			return COVERS_NEVER;
		now = next;
	}
	return result;
}

static bool entry_allowed(struct accounts book, unsigned level, const struct gram_entry *e);
static unsigned level_of_copy(struct accounts book, unsigned level);

/* Whoever may enter a mode that has no rules of its own may use it. */
static unsigned
level_of_mode(struct accounts book, unsigned level, enum gram_mode mode)
{
	if (mode == MODE_CONFIG_COMMON || mode == MODE_PIPE)
		return 0;
	if (mode == MODE_EXEC)
		return 1;
	if (!mode_name(mode))
		for (uint16_t i = 0; i < gram_modes[MODE_CONFIG].n; i++) {
			const struct gram_entry *e =
			    &gram_entries[gram_modes[MODE_CONFIG].first + i];

			if (e->verb == VERB_ENTER && e->target == mode &&
			    entry_allowed(book, level, e))
				return level;
		}
	/* A mode that is entered from a mode without rules. */
	if (!mode_name(mode) && gram_modes[mode].parent != mode &&
	    gram_modes[mode].parent != MODE_CONFIG)
		return level_of_mode(book, level, (enum gram_mode)gram_modes[mode].parent);
	return AUTH_LEVEL_MAX;
}

static unsigned
default_level(struct accounts book, unsigned level, const struct gram_entry *e)
{
	switch ((enum gram_handler)e->handler) {
	case H_EXEC_ENABLE:
	case H_EXEC_DISABLE:
	case H_EXEC_EXIT:
		return 0;
	case H_SHOW_CRYPTO_ISAKMP_KEY: /* shows secrets */
		return AUTH_LEVEL_MAX;
	case H_PIPE_REDIRECT: /* whoever may write a file may write the startup configuration */
	case H_PIPE_APPEND:
	case H_PIPE_TEE:
		return level_of_copy(book, level);
	default:
		return level_of_mode(book, level, (enum gram_mode)e->mode);
	}
}

/*
 * How many words a rule must say to speak of the entry: `privilege exec level 5 show` does not mean
 * what shows secrets, which only a rule that names it gives away.
 */
static size_t
least_words(const struct gram_entry *e)
{
	return e->handler == H_SHOW_CRYPTO_ISAKMP_KEY ? SECRET_WORDS : 0;
}

/*
 * The level that every line of the entry takes at most; *ret_part: the lowest that a rule gives to
 * some of them.
 */
static unsigned
level_of_entry(struct accounts book, unsigned level, const struct gram_entry *e, unsigned *ret_part)
{
	unsigned whole = default_level(book, level, e), part = AUTH_LEVEL_MAX + 1;
	const struct tnode *n;
	size_t longest = 0;
	struct rule rule;

	for (n = first_rule(book, (enum gram_mode)e->mode); n; n = next_rule(n)) {
		enum cover c;

		rule_read(n, &rule);
		if (rule.n < least_words(e))
			continue;
		c = rule_covers(&rule, e);
		if (c == COVERS_ALL && rule.n > longest) {
			longest = rule.n;
			whole = rule.level;
		} else if (c == COVERS_SOME && rule.level < part) {
			part = rule.level;
		}
	}
	*ret_part = part;
	return whole;
}

static unsigned
level_of_copy(struct accounts book, unsigned level)
{
	unsigned part;

	for (uint16_t i = 0; i < gram_modes[MODE_ENABLE].n; i++) {
		const struct gram_entry *e = &gram_entries[gram_modes[MODE_ENABLE].first + i];

		if (e->handler == H_EXEC_COPY)
			return level_of_entry(book, level, e, &part);
	}
	return AUTH_LEVEL_MAX;
}

bool
auth_may_write(struct accounts book, unsigned level)
{
	return level >= level_of_copy(book, level);
}

/* May this level use some of the lines that the entry stands for? */
static bool
entry_allowed(struct accounts book, unsigned level, const struct gram_entry *e)
{
	unsigned part, whole = level_of_entry(book, level, e, &part);

	return whole <= level || part <= level;
}

static bool
allows_entry(void *arg, const struct gram_entry *e)
{
	const struct auth_filter *f = arg;

	return entry_allowed(f->book, f->level, e);
}

const struct command_filter *
auth_filter(struct auth_filter *f, struct accounts book, unsigned level)
{
	*f = (struct auth_filter){.filter = {allows_entry, f}, .book = book, .level = level};
	return level < AUTH_LEVEL_MAX ? &f->filter : NULL;
}

enum gram_mode
auth_exec_mode(struct accounts book, unsigned level)
{
	if (level <= 1 && !first_rule(book, MODE_EXEC))
		return MODE_EXEC;
	return book.enable;
}

/* --- whole commands --------------------------------------------------------------------------- */

static bool
begins_with(const struct command *cmd, const struct rule *rule)
{
	if (cmd->n < rule->n)
		return false;
	for (size_t i = 0; i < rule->n; i++) {
		const struct gram_elem *e = cmd->values[i].elem;
		const char *text = e->type == TYPE_KEYWORD ? e->text : cmd->values[i].text;

		if (strcasecmp(text, rule->words[i]) != 0)
			return false;
	}
	return rule->n > 0;
}

bool
auth_allows(struct accounts book, unsigned level, const struct command *cmd, size_t *ret_column)
{
	unsigned needed;
	const struct tnode *n;
	size_t longest = 0;
	struct rule rule;

	if (level >= AUTH_LEVEL_MAX)
		return true;
	needed = default_level(book, level, cmd->entry);
	for (n = first_rule(book, (enum gram_mode)cmd->entry->mode); n; n = next_rule(n)) {
		rule_read(n, &rule);
		if (rule.n > longest && rule.n >= least_words(cmd->entry) &&
		    begins_with(cmd, &rule)) {
			longest = rule.n;
			needed = rule.level;
		}
	}
	*ret_column = cmd->values[longest ? longest - 1 : 0].column;
	return needed <= level;
}

/* --- the configuration ------------------------------------------------------------------------ */

static bool
allows_node(void *arg, const struct tnode *n)
{
	return allows_entry(arg, tnode_entry(n));
}

void
auth_hide(struct accounts book, unsigned level, struct tree *t)
{
	struct auth_filter f;

	if (auth_filter(&f, book, level))
		tree_filter(t, allows_node, &f);
}

struct tree *
auth_visible(struct accounts book, unsigned level)
{
	struct tree *t = tree_clone(book.running);

	auth_hide(book, level, t);
	return t;
}

/* --- the command itself ----------------------------------------------------------------------- */

struct only {
	const char *word; /* NULL: none */
	char text[64];
	size_t n;
};

static void
take_only(void *arg, const char *word, const char *help)
{
	struct only *o = arg;

	(void)help;
	if (o->word && !strcasecmp(word, o->word)) {
		snprintf(o->text, sizeof(o->text), "%s", word);
		o->n = 1; /* the word is spelled out: no other candidate counts */
		o->word = NULL;
	} else if (o->word) {
		snprintf(o->text, sizeof(o->text), "%s", word);
		o->n++;
	}
}

const char *
auth_level_words(const char *mode, const char *words, struct arena *a)
{
	const char *full = "";
	size_t i, n;

	while (*(words += strspn(words, " \t"))) {
		n = strcspn(words, " \t");
		char *word = arena_strndup(a, words, n);
		struct only only = {.word = word};

		for (i = 0; i < ARRAY_SIZE(named_modes) && only.word && !only.n; i++)
			if (!strcmp(named_modes[i].name, mode))
				command_complete(named_modes[i].mode,
				                 arena_printf(a, "%s%s", full, word), take_only,
				                 &only);
		full = arena_printf(a, "%s%s ", full, only.n == 1 ? only.text : word);
		words += n;
	}
	n = strlen(full);
	return arena_strndup(a, full, n ? n - 1 : 0);
}
