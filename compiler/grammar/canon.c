/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access list entries as IOS stores them: "0.0.0.0 255.255.255.255" becomes "any", a wildcard of
 * zeros "host A" (in a standard list just A), and bits that the wildcard covers are cleared. So are
 * those of a network that a routing protocol is told, where a mask stands for its wildcard. A
 * peer's mask 255.255.255.255 is dropped, because it is what no mask means; with the mask 0.0.0.0
 * the peer's address becomes 0.0.0.0, any peer. The words are rewritten and the line is parsed
 * again, so that the grammar alone decides.
 */
#include "compiler/grammar/canon.h"

#include <string.h>

#include "compiler/grammar/types.h"
#include "compiler/policy/prefix.h"

struct rewrite {
	struct arena *arena;
	char *line;
	bool standard;
};

static void
put_word(struct rewrite *r, const char *word)
{
	r->line = arena_printf(r->arena, "%s%s%s", r->line, *r->line ? " " : "", word);
}

static void
put_address(struct rewrite *r, uint32_t addr, uint32_t wild)
{
	char text[ADDR_TEXT_MAX], wild_text[ADDR_TEXT_MAX];

	if (wild == UINT32_MAX) {
		put_word(r, "any");
	} else if (!wild) {
		if (!r->standard)
			put_word(r, "host");
		put_word(r, addr_text(addr, text));
	} else {
		put_word(r, addr_text(addr & ~wild, text));
		put_word(r, addr_text(wild, wild_text));
	}
}

static bool
is_address(const struct value *v)
{
	return v->elem->type == TYPE_IPV4 && (v->elem->arg == ARG_SRC || v->elem->arg == ARG_DST);
}

/* An address and the mask or wildcard behind it: a wildcard that is a mask is meant as one. */
static void
put_network(struct rewrite *r, const struct value *addr, const struct value *mask)
{
	uint32_t bits = mask->number;
	bool wild = mask->elem->type == TYPE_WILDCARD;
	char text[ADDR_TEXT_MAX];

	if (wild && bits != UINT32_MAX && bits && mask_is_contiguous(bits))
		bits = ~bits;
	put_word(r, addr_text(addr->number & (wild ? ~bits : bits), text));
	put_word(r, addr_text(bits, text));
}

static bool
is_network(const struct command *c, const struct value *v, const struct value *next)
{
	return c->entry->canon == CANON_NETWORK && next && v->elem->type == TYPE_IPV4 &&
	       (next->elem->type == TYPE_WILDCARD || next->elem->type == TYPE_MASK);
}

void
command_canonical(struct command *c, struct arena *a)
{
	struct rewrite r = {a, arena_strdup(a, ""), c->entry->canon == CANON_ACE_STANDARD};
	struct command again;
	size_t i, column;

	for (i = 0; i < c->n; i++) {
		const struct value *v = &c->values[i], *next = i + 1 < c->n ? v + 1 : NULL;

		if (is_network(c, v, next)) {
			put_network(&r, v, next);
			i++;
			continue;
		}
		if (c->entry->canon == CANON_HOST_MASK && v->elem->type == TYPE_MASK && i &&
		    v->number == (v[-1].number ? UINT32_MAX : 0))
			continue;
		if (is_address(v)) {
			bool wild = next && next->elem->type == TYPE_WILDCARD;

			put_address(&r, v->number, wild ? next->number : 0);
			i += wild;
		} else if (next && is_address(next) && v->elem->text &&
		           !strcmp(v->elem->text, "host")) {
			continue; /* put_address has written this word already, or will */
		} else {
			put_word(&r, v->elem->text ? v->elem->text : v->text);
		}
	}
	if (command_parse_plain(c->mode, r.line, a, &again, &column) != PARSE_OK)
		return;
	again.no = c->no;
	again.dflt = c->dflt;
	*c = again;
}
