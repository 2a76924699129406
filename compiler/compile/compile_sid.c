/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sender identifiers of counter modes (RFC 6407 3.5, RFC 6054): how long they are, and which part
 * of them is this key server's to hand out.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"

static uint8_t
size_of(const struct tnode *size)
{
	const char *text = size ? tnode_str(size, ARG_SIZE) : NULL;

	if (!text || strcmp(text, "medium") == 0)
		return POLICY_SID_BITS;
	if (strcmp(text, "large") == 0)
		return 32;
	return (uint8_t)strtoul(tnode_str(size, ARG_BITS), NULL, 10);
}

/* A range written the wrong way round means the same. */
static struct raw_kssids
kssids_of(struct compiler *c, const struct tnode *n, enum gram_arg low, enum gram_arg high)
{
	uint16_t a = (uint16_t)tnode_u32(n, low), b = (uint16_t)tnode_u32(n, high);

	return (struct raw_kssids){
	    .at = read_line(c, n), .low = a < b ? a : b, .high = a < b ? b : a};
}

void
read_sids(struct compiler *c, const struct tnode *server, struct raw_server *s)
{
	const struct tnode *mode = tnode_first(server, KEY_SERVER_IDENTIFIER), *n;
	size_t most = 0;

	s->sid_bits = size_of(tnode_first(server, KEY_SERVER_GROUP_SIZE));
	for (n = mode ? tnode_child(mode) : NULL; n; n = tnode_sibling(n))
		most++;
	s->kssids = arena_alloc(c->arena, most * sizeof(*s->kssids));
	for (n = mode ? tnode_child(mode) : NULL; n; n = tnode_sibling(n)) {
		if (tnode_key(n) == KEY_IDENTIFIER_RANGE)
			s->kssids[s->n_kssids++] = kssids_of(c, n, ARG_LOW, ARG_HIGH);
		else if (tnode_key(n) == KEY_IDENTIFIER_VALUE)
			s->kssids[s->n_kssids++] = kssids_of(c, n, ARG_VALUE, ARG_VALUE);
	}
}

/* Sorts the ranges and joins those that touch or overlap; returns how many remain. */
static size_t
merge_ranges(struct policy_kssids *list, const bool mine[static POLICY_KSSID_MAX + 1])
{
	size_t n = 0;

	for (uint16_t i = 0; i <= POLICY_KSSID_MAX; i++) {
		if (!mine[i])
			continue;
		if (n && list[n - 1].high == i - 1)
			list[n - 1].high = i;
		else
			list[n++] = (struct policy_kssids){i, i};
	}
	return n;
}

void
compile_sids(struct compiler *c, const struct raw_group *g, struct policy_server *s)
{
	const struct raw_server *raw = &g->server;
	unsigned bits = policy_kssid_bits(raw->sid_bits), last = (1u << bits) - 1;
	struct policy_kssids *list = arena_alloc(c->arena, (raw->n_kssids + 1) * sizeof(*list));
	bool mine[POLICY_KSSID_MAX + 1] = {false};

	for (size_t i = 0; i < raw->n_kssids; i++) {
		const struct raw_kssids *k = &raw->kssids[i];

		if (k->high > last)
			complain(c, DIAG_ERROR, "kssid-too-large", &k->at, NULL,
			         "key servers of a group with sender identifiers of %u bits are "
			         "numbered 0 to %u: what is above is not handed out by group %s",
			         raw->sid_bits, last, g->name.text);
		for (unsigned v = k->low; v <= k->high && v <= last; v++)
			mine[v] = true;
	}
	s->sid_bits = raw->sid_bits;
	s->kssids = list;
	s->n_kssids = merge_ranges(list, mine);
	/*
	 * The configuration gives no range that fits. Any other range might be another server's, so
	 * this one gets none.
	 */
	if (raw->n_kssids && !s->n_kssids)
		list[s->n_kssids++] = (struct policy_kssids){1, 0};
}
