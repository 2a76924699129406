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

#include <stdlib.h>
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

/* --- networks --------------------------------------------------------------------------------- */

/*
 * Writes a network: an address and the mask or wildcard behind it, whose bits alone count. A
 * wildcard that is a mask is meant as one. Behind the word "mask" that of the class goes without
 * saying. Returns how many words it was.
 */
static size_t
put_network(struct rewrite *r, const struct value *addr, size_t n)
{
	bool says = n > 2 && addr[1].elem->text && !strcmp(addr[1].elem->text, "mask");
	const struct value *mask = n > 1 ? &addr[1 + says] : NULL;
	uint32_t class = addr_class_mask(addr->number), bits;
	bool wild = mask && mask->elem->type == TYPE_WILDCARD;
	char text[ADDR_TEXT_MAX];

	if (!mask || (!wild && mask->elem->type != TYPE_MASK)) {
		put_word(r, addr_text(addr->number & class, text));
		return 1;
	}
	bits = mask->number;
	if (wild && bits != UINT32_MAX && bits && mask_is_contiguous(bits))
		bits = ~bits;
	put_word(r, addr_text(addr->number & (wild ? ~bits : bits), text));
	if (!says || bits != class) {
		if (says)
			put_word(r, "mask");
		put_word(r, addr_text(bits, text));
	}
	return 2 + says;
}

/* "10.1.1.0/24" with the mask that it stands for; that of the class goes without saying. */
static void
put_prefix(struct rewrite *r, const struct value *v)
{
	uint32_t mask = prefix_mask((uint8_t)strtoul(strchr(v->text, '/') + 1, NULL, 10));
	char text[ADDR_TEXT_MAX];

	put_word(r, addr_text(v->number, text));
	if (mask == addr_class_mask(v->number))
		return;
	put_word(r, "mask");
	put_word(r, addr_text(mask, text));
}

void
command_canonical(struct command *c, struct arena *a)
{
	struct rewrite r = {a, arena_strdup(a, ""), c->entry->canon == CANON_ACE_STANDARD};
	struct command again;
	size_t i, column;

	for (i = 0; i < c->n; i++) {
		const struct value *v = &c->values[i], *next = i + 1 < c->n ? v + 1 : NULL;

		if (c->entry->canon == CANON_NETWORK && v->elem->type == TYPE_PREFIX) {
			put_prefix(&r, v);
			continue;
		}
		if (c->entry->canon == CANON_NETWORK && v->elem->type == TYPE_IPV4 &&
		    v->elem->arg == ARG_ADDRESS) {
			i += put_network(&r, v, c->n - i) - 1;
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
