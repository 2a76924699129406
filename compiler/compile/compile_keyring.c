/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pre-shared keys: `crypto isakmp key`, of the global table, and those of `crypto keyring`, which
 * hold in one VRF: that of the packets, not of what they protect. The key of a host is for the
 * addresses that `ip host` gives it: main mode finds a key by the peer's address.
 */
#include <string.h>
#include <strings.h>

#include "compiler/compile/compile_parts.h"

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* A keyring, or none. */
struct ring {
	const char *name; /* NULL: `crypto isakmp key` */
	const char *vrf;
	struct raw_local local;
};

/* The place of an argument in a line that holds a key: its text shows the line without the key. */
static struct word
key_place(struct compiler *c, const struct tnode *n, enum gram_arg peer, bool in_ring)
{
	struct word w = {.line = tnode_line(n)};
	const char *start =
	    arena_printf(c->arena, "%s %s ", in_ring ? "pre-shared-key" : "crypto isakmp key <key>",
	                 peer == ARG_HOSTNAME ? "hostname" : "address");

	w.text = arena_strdup(c->arena, tnode_str(n, peer));
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

static void
add_key(struct compiler *c, const struct tnode *n, const struct ring *ring,
        const struct word *place, struct policy_psk psk)
{
	psk.sealed = is_sealed(n);
	psk.vrf = ring->vrf;
	psk.ring = ring->name;
	c->raw.psks[c->raw.n_psks++] =
	    (struct raw_psk){.psk = psk, .address = *place, .local = ring->local};
}

static void
take_key(struct compiler *c, const struct tnode *n, const struct ring *ring)
{
	struct word place = key_place(c, n, ARG_ADDRESS, ring->name);
	const char *key = read_key(c, n, &place);
	/* 0.0.0.0 is any peer. */
	uint32_t mask = tnode_u32(n, ARG_ADDRESS) ? UINT32_MAX : 0;

	if (tnode_has(n, ARG_MASK))
		mask = tnode_u32(n, ARG_MASK);
	if (key)
		add_key(c, n, ring, &place,
		        (struct policy_psk){.addr = tnode_u32(n, ARG_ADDRESS) & mask,
		                            .mask = mask,
		                            .key = SPAN(key, strlen(key))});
}

/* The addresses of a host, by `ip host`; NULL: it has none. */
static const struct tnode *
find_host(const struct tnode *top, const char *name)
{
	const struct tnode *n;

	for (EACH(n, top, KEY_IP_HOST))
		if (strcasecmp(tnode_str(n, ARG_NAME), name) == 0)
			return n;
	return NULL;
}

static void
take_host_key(struct compiler *c, const struct tnode *top, const struct tnode *n,
              const struct ring *ring)
{
	struct word place = key_place(c, n, ARG_HOSTNAME, ring->name);
	const struct tnode *host = find_host(top, place.text);
	const char *key = read_key(c, n, &place);

	if (!host)
		complain(c, DIAG_WARNING, "key-host-unknown", &place, "ip host",
		         "no ip host says which address %s has: the key is for nobody", place.text);
	for (size_t i = 0; host && key && i < tnode_count(host, ARG_ADDRESS); i++)
		add_key(c, n, ring, &place,
		        (struct policy_psk){.addr = tnode_u32_at(host, ARG_ADDRESS, i),
		                            .mask = UINT32_MAX,
		                            .key = SPAN(key, strlen(key)),
		                            .host = place.text});
}

/* Keys of one line may be for several addresses. */
static size_t
count_keys(const struct tnode *top, const struct tnode *in, enum gram_key key,
           enum gram_key of_host)
{
	const struct tnode *n, *host;
	size_t most = 0;

	for (EACH(n, in, key))
		most++;
	for (EACH(n, in, of_host)) {
		host = find_host(top, tnode_str(n, ARG_HOSTNAME));
		most += host ? tnode_count(host, ARG_ADDRESS) : 0;
	}
	return most;
}

static void
read_ring(struct compiler *c, const struct tnode *top, const struct tnode *in)
{
	struct word vrf = read_word(c, in, ARG_VRF);
	struct ring ring = {.name = arena_strdup(c->arena, tnode_str(in, ARG_NAME)),
	                    .vrf = vrf.text,
	                    .local = read_local(c, tnode_first(in, KEY_KEYRING_LOCAL_ADDRESS))};
	const struct tnode *n;

	if (vrf.text)
		compile_vrf_known(c, &vrf,
		                  arena_printf(c->arena, "keyring %s is of no packets", ring.name));
	for (EACH(n, in, KEY_KEYRING_KEY))
		take_key(c, n, &ring);
	for (EACH(n, in, KEY_KEYRING_KEY_HOSTNAME))
		take_host_key(c, top, n, &ring);
}

void
read_psks(struct compiler *c, const struct tnode *top)
{
	const struct ring none = {0};
	const struct tnode *n, *ring;
	size_t most = count_keys(top, top, KEY_CRYPTO_ISAKMP_KEY, KEY_CRYPTO_ISAKMP_KEY_HOSTNAME);

	for (EACH(ring, top, KEY_CRYPTO_KEYRING))
		most += count_keys(top, ring, KEY_KEYRING_KEY, KEY_KEYRING_KEY_HOSTNAME);
	c->raw.psks = arena_alloc(c->arena, most * sizeof(*c->raw.psks));
	for (EACH(n, top, KEY_CRYPTO_ISAKMP_KEY))
		take_key(c, n, &none);
	for (EACH(n, top, KEY_CRYPTO_ISAKMP_KEY_HOSTNAME))
		take_host_key(c, top, n, &none);
	for (EACH(ring, top, KEY_CRYPTO_KEYRING))
		read_ring(c, top, ring);
}

size_t
compile_psks(struct compiler *c, struct policy_psk *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < c->raw.n_psks; i++) {
		const struct raw_psk *raw = &c->raw.psks[i];
		const char *consequence = arena_printf(c->arena, "keyring %s is for no address",
		                                       raw->psk.ring ? raw->psk.ring : "");

		ret[n] = raw->psk;
		if (raw->local.at.text) {
			ret[n].local = compile_local(c, &raw->local, consequence);
			if (!ret[n].local)
				continue;
		}
		n++;
	}
	return n;
}
