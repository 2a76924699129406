/* SPDX-License-Identifier: Apache-2.0 */
/* Hands every call on, or does not: see store_line.h. */
#include "runtime/store/store_line.h"

#include <stdatomic.h>
#include <stdlib.h>

struct line {
	struct store store; /* first */
	struct store *inner;
	_Atomic(enum store_line_state) state;
};

static struct line *
line_of(struct store *s)
{
	return (struct line *)s;
}

static bool
is_down(struct store *s)
{
	return atomic_load(&line_of(s)->state) == STORE_LINE_DOWN;
}

/* What comes back of an answer. */
static int
hear_answer(struct store *s, int error)
{
	return atomic_load(&line_of(s)->state) == STORE_LINE_UP ? error : -EIO;
}

static int
commit_behind(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;

	return is_down(s) ? -EHOSTUNREACH
	                  : hear_answer(s, inner->ops->commit(inner, txn, ret_revision));
}

static int
read_behind(struct store *s, const char *prefix, store_each *each, void *arg,
            uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;

	return is_down(s)
	           ? -EHOSTUNREACH
	           : hear_answer(s, inner->ops->read(inner, prefix, each, arg, ret_revision));
}

static int
changes_behind(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
               void *arg, uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;

	if (is_down(s))
		return -EHOSTUNREACH;
	return hear_answer(
	    s, inner->ops->changes(inner, prefix, since, wait, each, arg, ret_revision));
}

static int
begin_behind(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	struct store *inner = line_of(s)->inner;

	return is_down(s) ? -EHOSTUNREACH
	                  : hear_answer(s, inner->ops->lease_begin(inner, ttl, ret_lease));
}

static int
keep_behind(struct store *s, uint64_t lease)
{
	struct store *inner = line_of(s)->inner;

	return is_down(s) ? -EHOSTUNREACH : hear_answer(s, inner->ops->lease_keep(inner, lease));
}

static int
end_behind(struct store *s, uint64_t lease)
{
	struct store *inner = line_of(s)->inner;

	return is_down(s) ? -EHOSTUNREACH : hear_answer(s, inner->ops->lease_end(inner, lease));
}

static void
close_line(struct store *s)
{
	store_close(line_of(s)->inner);
	free(s);
}

static const struct store_ops line_ops = {
    .commit = commit_behind,
    .read = read_behind,
    .changes = changes_behind,
    .lease_begin = begin_behind,
    .lease_keep = keep_behind,
    .lease_end = end_behind,
    .close = close_line,
};

struct store *
store_line_new(struct store *take_inner)
{
	struct line *l = x_alloc(sizeof(*l));

	l->store.ops = &line_ops;
	l->store.room = take_inner->room;
	l->inner = take_inner;
	atomic_init(&l->state, STORE_LINE_UP);
	return &l->store;
}

void
store_line_set(struct store *line, enum store_line_state state)
{
	atomic_store(&line_of(line)->state, state);
}
