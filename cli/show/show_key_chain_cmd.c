/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show key chain`: the chains that the configuration keeps, which nothing here uses. What a key
 * says is not shown, as no line of a key chain is understood, whoever asks.
 */
#include "cli/show/show_key_chain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- what is kept ----------------------------------------------------------------------------- */

/* What stands behind the word with which a line of the key begins; NULL: there is no such line. */
static const char *
find_setting(const struct tnode *key, const char *word)
{
	size_t n = strlen(word);

	for (const struct tnode *l = tnode_child(key); l; l = tnode_sibling(l)) {
		const char *text = tnode_str(l, ARG_TEXT);

		if (text && !tnode_negated(l) && !strncmp(text, word, n) && text[n] == ' ')
			return text + n + strspn(text + n, " ");
	}
	return NULL;
}

/* Reads a moment, "00:00:00 Jan 1 2026" or with the day first; where it ends, NULL: it is none. */
static const char *
read_moment(const char *from, char *ret, size_t size)
{
	char time[16], a[16], b[16], year[8];
	int n = 0;

	if (sscanf(from, "%15s %15s %15s %7[0-9]%n", time, a, b, year, &n) != 4 || !isdigit(*time))
		return NULL;
	if (isdigit((unsigned char)*a))
		snprintf(ret, size, "%s UTC %s %s %s", time, b, a, year);
	else
		snprintf(ret, size, "%s UTC %s %s %s", time, a, b, year);
	return from + n + strspn(from + n, " ");
}

static void
put_lifetime(struct text *t, const char *label, const char *typed)
{
	char from[64], to[64];
	const char *end = typed;

	if (!typed) {
		text_printf(t, "        %s lifetime (always valid) - (always valid) [valid now]\n",
		            label);
		return;
	}
	if (!strncmp(end, "local ", 6))
		end += 6;
	end = read_moment(end, from, sizeof(from));
	if (end && read_moment(end, to, sizeof(to)))
		end = to;
	if (end)
		text_printf(t, "        %s lifetime (%s) - (%s)\n", label, from, end);
	else
		text_printf(t, "        %s lifetime %s\n", label, typed);
}

static void
put_key(struct text *t, const struct tnode *key)
{
	const char *algorithm = find_setting(key, "cryptographic-algorithm");

	text_printf(t, "    key %s -- text \"%s\"\n", tnode_str(key, ARG_KEY),
	            find_setting(key, "key-string") ? "<hidden>" : "(unset)");
	if (algorithm)
		text_printf(t, "        cryptographic-algorithm: %s\n", algorithm);
	put_lifetime(t, "accept", find_setting(key, "accept-lifetime"));
	put_lifetime(t, "send", find_setting(key, "send-lifetime"));
}

static const struct tnode *
first_chain(const struct showing *s)
{
	return tnode_first(tree_top(router_tree(s->router)), KEY_KEPT_KEY_CHAIN);
}

static bool
is_wanted(const struct command *cmd, const struct tnode *chain)
{
	const char *only = command_str(cmd, ARG_CHAIN);

	return !only || tnode_says(chain, ARG_REST, only);
}

/* --- as text, and for scripts ----------------------------------------------------------------- */

void
cmd_show_key_chain(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	for (const struct tnode *c = first_chain(&s); c; c = tnode_next(c)) {
		if (!is_wanted(cmd, c))
			continue;
		text_printf(&s.text, "Key-chain %s:\n", tnode_str(c, ARG_REST));
		for (const struct tnode *k = tnode_first(c, KEY_KEPT_KEY); k; k = tnode_next(k))
			put_key(&s.text, k);
	}
	if (s.text.n)
		text_puts(&s.text, "Key chains are kept; nothing here uses them\n");
	showing_end(&s);
}

void
structured_key_chains(struct showing *s, struct emit *e)
{
	emit_bool(e, "used", false);
	emit_list(e, "key_chains");
	for (const struct tnode *c = first_chain(s); c; c = tnode_next(c)) {
		if (!is_wanted(s->cmd, c))
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", tnode_str(c, ARG_REST));
		emit_list(e, "keys");
		for (const struct tnode *k = tnode_first(c, KEY_KEPT_KEY); k; k = tnode_next(k)) {
			emit_map(e, NULL);
			emit_string(e, "id", tnode_str(k, ARG_KEY));
			emit_bool(e, "set", find_setting(k, "key-string"));
			emit_string(e, "algorithm", find_setting(k, "cryptographic-algorithm"));
			emit_string(e, "accept_lifetime", find_setting(k, "accept-lifetime"));
			emit_string(e, "send_lifetime", find_setting(k, "send-lifetime"));
			emit_end(e);
		}
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}
