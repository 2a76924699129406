/* SPDX-License-Identifier: Apache-2.0 */
/* What stays where order matters: see confdiff_plan.h. */
#include "compiler/diff/confdiff_plan.h"

#include <stdlib.h>

#include "compiler/tree/render.h"

bool
plan_takes(const struct tnode *n)
{
	const struct gram_entry *e = tnode_entry(n);

	/*
	 * The number is given, not typed: entries of access lists. Or the first one is preferred.
	 */
	return e->verb == VERB_LIST && !e->kept &&
	       (e->step || e->key == KEY_GROUP_SERVER || e->key == KEY_COOP_PEER);
}

struct item {
	const struct tnode *node;
	size_t at;
};

static size_t
take_planned(const struct tnode *parent, const struct tnode ***ret)
{
	size_t n = render_children(parent, ret), taken = 0, i;

	for (i = 0; i < n; i++)
		if (plan_takes((*ret)[i]))
			(*ret)[taken++] = (*ret)[i];
	return taken;
}

static int
by_address(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

/* For each line of `to` where it stands in `from`; SIZE_MAX: nowhere. The caller frees. */
static size_t *
match_lines(const struct tree *from_tree, const struct tnode *parent, const struct tnode **from,
            size_t n_from, const struct tnode **to, size_t n_to)
{
	struct item *items = x_alloc((n_from + 1) * sizeof(*items)), *found;
	size_t *at = x_alloc((n_to + 1) * sizeof(*at)), i;

	for (i = 0; i < n_from; i++)
		items[i] = (struct item){from[i], i};
	qsort(items, n_from, sizeof(*items), by_address);
	for (i = 0; i < n_to; i++) {
		struct item key = {.node = tree_like(from_tree, parent, to[i])};

		found = key.node && n_from
		            ? bsearch(&key, items, n_from, sizeof(*items), by_address)
		            : NULL;
		at[i] = found ? found->at : SIZE_MAX;
	}
	free(items);
	return at;
}

/* The longest rise of the places: as many lines as can stay. */
static void
keep_rise(struct plan *p, const size_t *at)
{
	size_t *ends = x_alloc((p->n_to + 1) * sizeof(*ends)); /* of rises of each length */
	size_t *before = x_alloc((p->n_to + 1) * sizeof(*before)), length = 0, i;

	for (i = 0; i < p->n_to; i++) {
		size_t low = 0, high = length;

		if (at[i] == SIZE_MAX)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;

			if (at[ends[middle]] < at[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? ends[low - 1] : SIZE_MAX;
		ends[low] = i;
		length += low == length;
	}
	for (i = length ? ends[length - 1] : SIZE_MAX; i != SIZE_MAX; i = before[i])
		p->keep_to[i] = true;
	free(ends);
	free(before);
}

/* What comes can only come last: what stays is the beginning. */
static void
keep_beginning(struct plan *p, const size_t *at)
{
	for (size_t i = 0; i < p->n_to; i++) {
		if (at[i] == SIZE_MAX || (i && at[i] < at[i - 1]))
			return;
		p->keep_to[i] = true;
	}
}

/*
 * Numbers for lines [i, end) between `low` and the kept line's number at `end`. Where there is no
 * room what follows goes as well, to come last, in steps.
 */
static bool
number_between(struct plan *p, size_t i, size_t end, uint32_t low, uint32_t high)
{
	uint64_t count = end - i, room = (uint64_t)high - low;

	if (room <= count)
		return false;
	for (uint64_t k = 1; i < end; i++, k++)
		p->number[i] = low + (uint32_t)(room * k / (count + 1));
	return true;
}

static void
give_numbers(struct plan *p, const size_t *at, const struct tnode **from)
{
	size_t i = 0, end;
	uint32_t low = 0, high;

	while (i < p->n_to) {
		for (end = i; end < p->n_to && !p->keep_to[end]; end++)
			;
		if (end == p->n_to)
			return; /* all of these come last */
		high = tnode_u32(from[at[end]], (enum gram_arg)tnode_entry(from[at[end]])->order);
		if (!number_between(p, i, end, low, high)) {
			for (; end < p->n_to; end++)
				p->keep_to[end] = false;
			return;
		}
		low = high;
		i = end + 1;
	}
}

struct plan
plan_make(const struct tree *from_tree, const struct tnode *from, const struct tnode *to)
{
	const struct tnode **in_from, **in_to;
	struct plan p = {.n_from = take_planned(from, &in_from), .n_to = take_planned(to, &in_to)};
	size_t *at = match_lines(from_tree, from, in_from, p.n_from, in_to, p.n_to);

	p.keep_from = x_alloc((p.n_from + 1) * sizeof(bool));
	p.keep_to = x_alloc((p.n_to + 1) * sizeof(bool));
	p.number = x_alloc((p.n_to + 1) * sizeof(uint32_t));
	if (p.n_to && tnode_entry(in_to[0])->step) {
		keep_rise(&p, at);
		give_numbers(&p, at, in_from);
	} else {
		keep_beginning(&p, at);
	}
	for (size_t i = 0; i < p.n_to; i++)
		if (p.keep_to[i])
			p.keep_from[at[i]] = true;
	free(at);
	free(in_from);
	free(in_to);
	return p;
}

void
plan_fini(struct plan *p)
{
	free(p->keep_from);
	free(p->keep_to);
	free(p->number);
}
