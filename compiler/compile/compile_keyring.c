/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-shared keys: `crypto isakmp key`, of the global table, and those of `crypto keyring`, which
 * hold in one VRF: that of the packets, not of what they protect.
 */
#include <string.h>

#include "compiler/compile/compile_parts.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* The place of an argument in a line that holds a key: its text shows the line without the key. */
static struct word
key_place(struct compiler *c, const struct tnode *n, bool in_ring)
{
	struct word w = {.line = tnode_line(n)};
	const char *start =
	    in_ring ? "pre-shared-key address " : "crypto isakmp key <key> address ";

	w.text = arena_strdup(c->arena, tnode_str(n, ARG_ADDRESS));
	w.source = arena_printf(c->arena, "%s%s%s", start, w.text, in_ring ? " key <key>" : "");
	w.column = (unsigned)strlen(start) + 1;
	w.length = (unsigned)strlen(w.text);
	return w;
}

static bool
is_sealed(const struct tnode *n)
{
	return tnode_says(n, ARG_FORM, "6");
}

const char *
read_key(struct compiler *c, const struct tnode *n, const struct word *place)
{
	const char *text = tnode_str(n, ARG_KEY), *clear = NULL;

	if (!is_sealed(n))
		return arena_strdup(c->arena, text);
	if (c->facts->open_key)
		clear = c->facts->open_key(c->facts->arg, text, c->arena);
	if (!clear)
		complain(c, DIAG_ERROR, "key-sealed", place, "key config-key password-encrypt",
		         "the key of this peer is encrypted (type 6) under a master key that this "
		         "device does not have: the peer is without a key");
	return clear;
}

/* ring: the keyring it is of; NULL: none. */
static void
take_key(struct compiler *c, const struct tnode *n, const char *ring, const char *vrf)
{
	struct word place = key_place(c, n, ring);
	const char *key = read_key(c, n, &place);
	/* 0.0.0.0 is any peer. */
	uint32_t mask = tnode_u32(n, ARG_ADDRESS) ? UINT32_MAX : 0;

	if (tnode_has(n, ARG_MASK))
		mask = tnode_u32(n, ARG_MASK);
	if (!key)
		return;
	c->raw.psks[c->raw.n_psks++] = (struct raw_psk){
	    .psk = {.addr = tnode_u32(n, ARG_ADDRESS) & mask,
	            .mask = mask,
	            .key = SPAN(key, strlen(key)),
	            .sealed = is_sealed(n),
	            .vrf = vrf,
	            .ring = ring},
	    .address = place,
	};
}

void
read_psks(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n, *ring;
	size_t most = 0;

	for (EACH(n, top, KEY_CRYPTO_ISAKMP_KEY))
		most++;
	for (EACH(ring, top, KEY_CRYPTO_KEYRING))
		for (EACH(n, ring, KEY_KEYRING_KEY))
			most++;
	c->raw.psks = arena_alloc(c->arena, most * sizeof(*c->raw.psks));
	for (EACH(n, top, KEY_CRYPTO_ISAKMP_KEY))
		take_key(c, n, NULL, NULL);
	for (EACH(ring, top, KEY_CRYPTO_KEYRING)) {
		struct word vrf = read_word(c, ring, ARG_VRF);
		const char *name = arena_strdup(c->arena, tnode_str(ring, ARG_NAME));

		if (vrf.text)
			compile_vrf_known(
			    c, &vrf, arena_printf(c->arena, "keyring %s is of no packets", name));
		for (EACH(n, ring, KEY_KEYRING_KEY))
			take_key(c, n, name, vrf.text);
	}
}
