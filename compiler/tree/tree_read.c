/* SPDX-License-Identifier: Apache-2.0 */
/* The config tree, read: see tree.h. */
#include "compiler/tree/tree_parts.h"

#include <string.h>

enum gram_mode
tnode_mode(const struct tnode *n)
{
	return (enum gram_mode)(n->entry ? n->entry->target : n->root_mode);
}

struct tnode *
tnode_parent(const struct tnode *n)
{
	return n->parent;
}

const struct tnode *
tnode_first(const struct tnode *parent, enum gram_key key)
{
	const struct kin *k = tree_kin(parent, (uint16_t)key);

	return k ? k->first : NULL;
}

const struct tnode *
tnode_next(const struct tnode *n)
{
	return tree_with_key(n->next, n->entry->key);
}

const struct tnode *
tnode_child(const struct tnode *parent)
{
	return parent->first;
}

const struct tnode *
tnode_sibling(const struct tnode *n)
{
	return n->next;
}

enum gram_key
tnode_key(const struct tnode *n)
{
	return n->entry ? (enum gram_key)n->entry->key : KEY_NONE;
}

const struct gram_entry *
tnode_entry(const struct tnode *n)
{
	return n->entry;
}

bool
tnode_negated(const struct tnode *n)
{
	return n->negated;
}

unsigned
tnode_line(const struct tnode *n)
{
	return n->line;
}

bool
tnode_has_secret(const struct tnode *n)
{
	for (size_t i = 0; i < n->n_words; i++)
		if (n->words[i].elem->secret)
			return true;
	return false;
}

static const struct tree_word *
word_at(const struct tnode *n, enum gram_arg arg, size_t nth)
{
	size_t i;

	for (i = 0; i < n->n_words; i++)
		if (n->words[i].elem->arg == arg && !nth--)
			return &n->words[i];
	return NULL;
}

bool
tnode_has(const struct tnode *n, enum gram_arg arg)
{
	return word_at(n, arg, 0) || (n->entry->step && n->entry->order == arg);
}

uint32_t
tnode_u32_at(const struct tnode *n, enum gram_arg arg, size_t nth)
{
	const struct tree_word *w = word_at(n, arg, nth);

	if (!w && n->entry->step && n->entry->order == arg)
		return n->order;
	return w ? w->number : 0;
}

uint32_t
tnode_u32(const struct tnode *n, enum gram_arg arg)
{
	return tnode_u32_at(n, arg, 0);
}

const char *
tnode_str_at(const struct tnode *n, enum gram_arg arg, size_t nth)
{
	const struct tree_word *w = word_at(n, arg, nth);

	return w ? w->text : NULL;
}

const char *
tnode_str(const struct tnode *n, enum gram_arg arg)
{
	return tnode_str_at(n, arg, 0);
}

bool
tnode_says(const struct tnode *n, enum gram_arg arg, const char *text)
{
	const char *said = n && text ? tnode_str(n, arg) : NULL;

	return said && strcmp(said, text) == 0;
}

const struct tnode *
tnode_named(const struct tnode *parent, enum gram_key key, enum gram_arg arg, const char *name)
{
	const struct tnode *n = tnode_first(parent, key);

	while (n && !tnode_says(n, arg, name))
		n = tnode_next(n);
	return n;
}

const char *
tree_str(const struct tree *t, enum gram_key key, enum gram_arg arg)
{
	const struct tnode *n = tnode_first(tree_top(t), key);

	return n ? tnode_str(n, arg) : NULL;
}

size_t
tnode_count(const struct tnode *n, enum gram_arg arg)
{
	size_t count = 0;

	while (word_at(n, arg, count))
		count++;
	return count;
}

/* Adds the text to buf, as far as it has room: the length that it would have then. */
static size_t
put_text(char *buf, size_t size, size_t len, const char *text)
{
	size_t n = strlen(text), room = len < size ? size - len - 1 : 0;

	if (len < size) {
		memcpy(buf + len, text, n < room ? n : room);
		buf[len + (n < room ? n : room)] = '\0';
	}
	return len + n;
}

/* Writes word by word; tells where word `want` begins (from 0), when it is wanted. */
static size_t
write_words(const struct tnode *n, char *buf, size_t size, const struct tree_word *want,
            size_t *ret_at)
{
	size_t len = n->negated ? put_text(buf, size, 0, "no") : 0, i;

	for (i = 0; i < n->n_words; i++) {
		if (!*n->words[i].text)
			continue; /* a word that is typed but not shown: "key 0 SECRET" */
		if (len)
			len = put_text(buf, size, len, " ");
		if (want == &n->words[i])
			*ret_at = len;
		len = put_text(buf, size, len, n->words[i].text);
	}
	return n->entry->blank ? put_text(buf, size, len, " ") : len;
}

size_t
tnode_text(const struct tnode *n, char *buf, size_t size)
{
	if (size)
		*buf = '\0';
	return n->entry ? write_words(n, buf, size, NULL, NULL) : 0;
}

unsigned
tnode_column(const struct tnode *n, enum gram_arg arg, size_t nth, unsigned *ret_length)
{
	const struct tree_word *w = n->entry ? word_at(n, arg, nth) : NULL;
	size_t at = 0;

	if (!w)
		return 0;
	write_words(n, NULL, 0, w, &at);
	*ret_length = (unsigned)strlen(w->text);
	return (unsigned)at + 1;
}
