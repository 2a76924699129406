/* SPDX-License-Identifier: Apache-2.0 */
/* Hands every call on, late, or not at all: see store_line.h. */
#include "runtime/store/store_line.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct line {
	struct store store; /* first */
	struct store *inner;
	_Atomic(enum store_line_state) state;
	_Atomic(msec) slow;
	store_line_pause *pause;
	void *pause_arg;
};

static struct line *
line_of(struct store *s)
{
	return (struct line *)s;
}

static bool
is_in(struct store *s, enum store_line_state state)
{
	return atomic_load(&line_of(s)->state) == state;
}

static bool
is_down(struct store *s)
{
	return is_in(s, STORE_LINE_DOWN);
}

static bool
sleep_through(void *arg, msec time, bool back)
{
	struct timespec t = {.tv_sec = time / 1000, .tv_nsec = (long)(time % 1000) * 1000000};

	(void)arg;
	(void)back;
	if (time > 0)
		nanosleep(&t, NULL);
	return true;
}

/* What is asked is under way; false: it does not arrive. */
static bool
get_there(struct store *s, msec *ret_slow)
{
	struct line *l = line_of(s);

	*ret_slow = atomic_load(&l->slow);
	return !is_down(s) && l->pause(l->pause_arg, *ret_slow / 2, false) && !is_down(s);
}

/* What comes back of an answer, to who waits for it so long at most. */
static int
hear_answer(struct store *s, msec slow, int error, int unheard)
{
	struct line *l = line_of(s);
	msec most = slow < STORE_LINE_PATIENCE ? slow : STORE_LINE_PATIENCE;

	if (!l->pause(l->pause_arg, most - slow / 2, true) || slow > STORE_LINE_PATIENCE)
		return unheard;
	return atomic_load(&l->state) == STORE_LINE_DEAF ? -EIO : error;
}

static int
commit_behind(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow))
		return -EHOSTUNREACH;
	if (is_in(s, STORE_LINE_NO_WRITES))
		return hear_answer(s, slow, -EACCES, -EIO);
	return hear_answer(s, slow, inner->ops->commit(inner, txn, ret_revision), -EIO);
}

static int
read_behind(struct store *s, const char *prefix, store_each *each, void *arg,
            uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow) || is_in(s, STORE_LINE_NO_READS))
		return -EHOSTUNREACH;
	return hear_answer(s, slow, inner->ops->read(inner, prefix, each, arg, ret_revision),
	                   -EHOSTUNREACH);
}

static int
changes_behind(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
               void *arg, uint64_t *ret_revision)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow) || is_in(s, STORE_LINE_NO_READS))
		return -EHOSTUNREACH;
	return hear_answer(s, slow,
	                   inner->ops->changes(inner, prefix, since, wait, each, arg, ret_revision),
	                   -EHOSTUNREACH);
}

static int
begin_behind(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow))
		return -EHOSTUNREACH;
	return hear_answer(s, slow, inner->ops->lease_begin(inner, ttl, ret_lease), -EHOSTUNREACH);
}

static int
keep_behind(struct store *s, uint64_t lease)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow))
		return -EHOSTUNREACH;
	return hear_answer(s, slow, inner->ops->lease_keep(inner, lease), -EHOSTUNREACH);
}

static int
end_behind(struct store *s, uint64_t lease)
{
	struct store *inner = line_of(s)->inner;
	msec slow;

	if (!get_there(s, &slow))
		return -EHOSTUNREACH;
	return hear_answer(s, slow, inner->ops->lease_end(inner, lease), -EHOSTUNREACH);
}

static void
describe_behind(struct store *s, struct store_state *ret)
{
	struct store *inner = line_of(s)->inner;

	inner->ops->describe(inner, ret);
	ret->lag += atomic_load(&line_of(s)->slow);
	if (atomic_load(&line_of(s)->state) != STORE_LINE_UP)
		snprintf(ret->error, sizeof(ret->error), "%s", store_error_text(-EHOSTUNREACH));
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
    .describe = describe_behind,
    .close = close_line,
};

struct store *
store_line_new(struct store *take_inner)
{
	struct line *l = x_alloc(sizeof(*l));

	l->store.ops = &line_ops;
	l->store.room = take_inner->room;
	l->inner = take_inner;
	l->pause = sleep_through;
	atomic_init(&l->state, STORE_LINE_UP);
	atomic_init(&l->slow, 0);
	return &l->store;
}

void
store_line_set(struct store *line, enum store_line_state state)
{
	atomic_store(&line_of(line)->state, state);
}

void
store_line_set_slow(struct store *line, msec time)
{
	atomic_store(&line_of(line)->slow, time);
}

bool
store_line_is_slow(const struct store *line)
{
	return atomic_load(&((const struct line *)line)->slow) > 0;
}

void
store_line_set_pause(struct store *line, store_line_pause *pause, void *arg)
{
	line_of(line)->pause = pause;
	line_of(line)->pause_arg = arg;
}
