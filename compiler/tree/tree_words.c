/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a node: made from a command, compared, and which of them tell a node apart from its
 * siblings.
 */
#include "compiler/tree/tree_parts.h"

#include <stdlib.h>
#include <string.h>

void
tree_words_free(struct tree_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		explicit_bzero(words[i].text, strlen(words[i].text));
		free(words[i].text);
	}
	free(words);
}

struct tree_word *
tree_words_of(const struct command *cmd)
{
	struct tree_word *words = x_alloc(cmd->n * sizeof(*words));

	for (size_t i = 0; i < cmd->n; i++)
		words[i] = (struct tree_word){cmd->values[i].elem, x_strdup(cmd->values[i].text),
		                              cmd->values[i].number};
	return words;
}

bool
tree_words_equal(const struct tnode *n, const struct tree_word *words, size_t count)
{
	size_t i;

	if (n->n_words != count)
		return false;
	for (i = 0; i < count; i++)
		if (n->words[i].elem->arg != words[i].elem->arg ||
		    strcmp(n->words[i].text, words[i].text))
			return false;
	return true;
}

const struct tree_word *
tree_word_of(const struct tree_word *words, size_t n, uint16_t arg)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].elem->arg == arg)
			return &words[i];
	return NULL;
}

/*
 * The sequence number is not part of a node's words: it is its order, and is rendered from it. Nor
 * is the word before it that is not shown: with and without it, it is the same entry.
 */
struct tree_word *
tree_without_order(const struct gram_entry *e, struct tree_word *words, size_t *n)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++) {
		if (e->step && (words[i].elem->arg == e->order || !*words[i].text))
			free(words[i].text);
		else
			words[kept++] = words[i];
	}
	*n = kept;
	return words;
}

/* --- identity --------------------------------------------------------------------------------- */

/* Does this word tell its node apart from its siblings? */
bool
tree_word_identifies(const struct gram_entry *e, const struct gram_elem *elem)
{
	size_t i;

	if (e->verb == VERB_SET)
		return false;
	if (!e->by[0])
		return !(e->step && elem->arg == e->order);
	for (i = 0; i < ARRAY_SIZE(e->by) && e->by[i]; i++)
		if (elem->arg == e->by[i])
			return true;
	return false;
}

static uint64_t
hash_bytes(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

uint64_t
tree_words_hash(const struct tnode *parent, const struct gram_entry *e,
                const struct tree_word *words, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;
	uintptr_t where = (uintptr_t)parent;
	size_t i;

	h = hash_bytes(h, &where, sizeof(where));
	h = hash_bytes(h, &e->key, sizeof(e->key));
	for (i = 0; i < n; i++)
		if (tree_word_identifies(e, words[i].elem))
			h = hash_bytes(h, words[i].text, strlen(words[i].text) + 1);
	return h;
}

/* The next word that counts for identity, from *i on. */
static const char *
identity_word(const struct gram_entry *e, const struct tree_word *words, size_t n, size_t *i)
{
	while (*i < n && !tree_word_identifies(e, words[*i].elem))
		++*i;
	return *i < n ? words[(*i)++].text : NULL;
}

bool
tree_is_named(const struct tnode *node, const struct gram_entry *e, const struct tree_word *words,
              size_t n)
{
	size_t i = 0, j = 0;
	const char *a, *b;

	do {
		a = identity_word(node->entry, node->words, node->n_words, &i);
		b = identity_word(e, words, n, &j);
		if (!a != !b || (a && strcmp(a, b)))
			return false;
	} while (a);
	return true;
}
