/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted array of records, a log of what changed, leases; one lock: see store_memory.h. */
#include "runtime/store/store_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/crypto/secret.h"
#include "runtime/store/store_parts.h"

#define LOOK_EVERY 20 /* milliseconds: whoever waits for changes looks at the leases so often */

struct memory_record {
	char *name;
	uint8_t *value;
	size_t n;
	uint64_t revision, lease;
};

struct memory_change {
	char *name;
	uint64_t revision;
};

struct memory_lease {
	uint64_t number;
	unsigned ttl;
	msec ends;
};

struct memory {
	struct store store;
	struct memory *owner; /* of a door: all below is there, and unused here */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t revision, last_lease;
	struct memory_record **records; /* in the order of names */
	size_t n_records, records_capacity;
	struct memory_change *log; /* in the order of revisions */
	size_t n_log, log_capacity;
	struct memory_lease *leases;
	size_t n_leases, leases_capacity;
	msec (*now)(void *arg);
	void *now_arg;
	enum store_fault fault;
	unsigned fault_nth;
	int fault_error;
};

static struct memory *
memory_of(struct store *s)
{
	struct memory *m = (struct memory *)s;

	return m->owner ? m->owner : m;
}

static struct timespec
clock_reading(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t;
}

static msec
machine_now(void *arg)
{
	struct timespec t = clock_reading();

	(void)arg;
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- records ---------------------------------------------------------------------------------- */

/* Where the name is, or would be. */
static size_t
find_place(const struct memory *m, const char *name, bool *ret_there)
{
	size_t low = 0, high = m->n_records;
	int order = 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		order = strcmp(m->records[middle]->name, name);
		if (order == 0) {
			*ret_there = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_there = false;
	return low;
}

static struct memory_record *
find_record(const struct memory *m, const char *name)
{
	bool there;
	size_t at = find_place(m, name, &there);

	return there ? m->records[at] : NULL;
}

static void
drop_value(struct memory_record *r)
{
	if (r->value)
		wipe(r->value, r->n);
	free(r->value);
	r->value = NULL;
}

static void
free_record(struct memory_record *r)
{
	drop_value(r);
	free(r->name);
	free(r);
}

static void
log_change(struct memory *m, const char *name)
{
	x_grow(&m->log, &m->log_capacity, m->n_log + 1, sizeof(*m->log));
	m->log[m->n_log++] =
	    (struct memory_change){.name = x_strdup(name), .revision = m->revision};
}

/* Half of the log goes at a time, so that moving the rest costs little. */
static void
trim_log(struct memory *m)
{
	size_t old = 0;

	if (!m->n_log || m->revision - m->log[0].revision < (uint64_t)2 * STORE_LOG_REVISIONS)
		return;
	while (old < m->n_log && m->revision - m->log[old].revision >= STORE_LOG_REVISIONS)
		free(m->log[old++].name);
	m->n_log -= old;
	memmove(m->log, m->log + old, m->n_log * sizeof(*m->log));
}

static void
remove_record(struct memory *m, size_t at)
{
	log_change(m, m->records[at]->name);
	free_record(m->records[at]);
	m->n_records--;
	memmove(&m->records[at], &m->records[at + 1],
	        (m->n_records - at) * sizeof(struct memory_record *));
}

static void
write_record(struct memory *m, const struct store_write *w)
{
	bool there;
	size_t at = find_place(m, w->name, &there);
	struct memory_record *r;

	if (!w->value.p) {
		if (there)
			remove_record(m, at);
		return;
	}
	if (!there) {
		x_grow(&m->records, &m->records_capacity, m->n_records + 1,
		       sizeof(struct memory_record *));
		memmove(&m->records[at + 1], &m->records[at],
		        (m->n_records - at) * sizeof(struct memory_record *));
		m->n_records++;
		m->records[at] = x_alloc(sizeof(*r));
		m->records[at]->name = x_strdup(w->name);
	}
	r = m->records[at];
	drop_value(r);
	r->value = x_memdup(w->value.p, w->value.n);
	r->n = w->value.n;
	r->lease = w->lease;
	r->revision = m->revision;
	log_change(m, w->name);
}

/* --- leases ----------------------------------------------------------------------------------- */

static struct memory_lease *
find_lease(struct memory *m, uint64_t number)
{
	for (size_t i = 0; i < m->n_leases; i++)
		if (m->leases[i].number == number)
			return &m->leases[i];
	return NULL;
}

static void
end_lease(struct memory *m, struct memory_lease *l)
{
	uint64_t number = l->number;
	bool some = false;

	*l = m->leases[--m->n_leases];
	for (size_t i = m->n_records; i-- > 0;) {
		if (m->records[i]->lease != number)
			continue;
		m->revision += !some;
		some = true;
		remove_record(m, i);
	}
	if (some)
		pthread_cond_broadcast(&m->changed);
}

/* Takes the lock; leases that are over end. */
static msec
enter_memory(struct memory *m)
{
	msec now;

	pthread_mutex_lock(&m->lock);
	now = m->now(m->now_arg);
	for (size_t i = m->n_leases; i-- > 0;)
		if (m->leases[i].ends <= now)
			end_lease(m, &m->leases[i]);
	return now;
}

static int
leave_memory(struct memory *m, int error)
{
	pthread_mutex_unlock(&m->lock);
	return error;
}

/* What is no commit fails only once the store has failed for good. */
static int
lasting_fault(const struct memory *m)
{
	return m->fault == STORE_FAULT_FOR_GOOD && !m->fault_nth ? m->fault_error : 0;
}

static int
begin_lease(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	struct memory *m = memory_of(s);
	msec now = enter_memory(m);
	int error = lasting_fault(m);

	if (!ttl)
		error = -EINVAL;
	if (!error && m->n_leases >= STORE_LEASES_MAX)
		error = -ENOSPC;
	if (error)
		return leave_memory(m, error);
	x_grow(&m->leases, &m->leases_capacity, m->n_leases + 1, sizeof(*m->leases));
	m->leases[m->n_leases++] =
	    (struct memory_lease){.number = ++m->last_lease, .ttl = ttl, .ends = now + ttl};
	*ret_lease = m->last_lease;
	return leave_memory(m, 0);
}

static int
keep_lease(struct store *s, uint64_t lease)
{
	struct memory *m = memory_of(s);
	msec now = enter_memory(m);
	struct memory_lease *l = find_lease(m, lease);
	int error = lasting_fault(m);

	if (!error && !l)
		error = -ENOENT;
	if (!error)
		l->ends = now + l->ttl;
	return leave_memory(m, error);
}

static int
finish_lease(struct store *s, uint64_t lease)
{
	struct memory *m = memory_of(s);
	struct memory_lease *l;
	int error;

	enter_memory(m);
	error = lasting_fault(m);
	l = find_lease(m, lease);
	if (!error && l)
		end_lease(m, l);
	return leave_memory(m, error);
}

/* --- transactions ----------------------------------------------------------------------------- */

static int
check_txn(struct memory *m, const struct store_txn *txn)
{
	for (size_t i = 0; i < txn->n_checks; i++) {
		const struct memory_record *r = find_record(m, txn->checks[i].name);

		if ((r ? r->revision : 0) != txn->checks[i].revision)
			return -EAGAIN;
	}
	for (size_t i = 0; i < txn->n_writes; i++)
		if (txn->writes[i].lease && !find_lease(m, txn->writes[i].lease))
			return -ENOENT;
	return 0;
}

static void
apply_txn(struct memory *m, const struct store_txn *txn)
{
	if (!txn->n_writes)
		return;
	m->revision++;
	for (size_t i = 0; i < txn->n_writes; i++)
		write_record(m, &txn->writes[i]);
	trim_log(m);
	pthread_cond_broadcast(&m->changed);
}

/* The fault that this commit meets. */
static enum store_fault
meet_fault(struct memory *m)
{
	enum store_fault fault = m->fault;

	if (m->fault_nth && --m->fault_nth)
		return STORE_FAULT_NONE;
	if (fault != STORE_FAULT_FOR_GOOD)
		m->fault = STORE_FAULT_NONE;
	return fault;
}

static int
commit_memory(struct store *s, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct memory *m = memory_of(s);
	int error = store_txn_check(s, txn), lost;
	enum store_fault fault;

	if (error)
		return error;
	enter_memory(m);
	fault = meet_fault(m);
	lost = fault == STORE_FAULT_NONE ? 0 : m->fault_error;
	if (lost && fault != STORE_FAULT_AFTER)
		return leave_memory(m, lost);
	error = check_txn(m, txn);
	if (!error)
		apply_txn(m, txn);
	if (lost)
		error = lost;
	if (!error && ret_revision)
		*ret_revision = m->revision;
	return leave_memory(m, error);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
tell_record(const struct memory_record *r, store_each *each, void *arg)
{
	struct store_record record = {.name = r->name,
	                              .value = SPAN(r->value, r->n),
	                              .revision = r->revision,
	                              .leased = r->lease != 0};

	return each(arg, &record);
}

static int
read_memory(struct store *s, const char *prefix, store_each *each, void *arg,
            uint64_t *ret_revision)
{
	struct memory *m = memory_of(s);
	int error = store_prefix_check(prefix);
	size_t n, at;
	bool there;

	if (error)
		return error;
	n = strlen(prefix);
	enter_memory(m);
	for (at = find_place(m, prefix, &there);
	     at < m->n_records && strncmp(m->records[at]->name, prefix, n) == 0; at++)
		if (!tell_record(m->records[at], each, arg))
			break;
	if (ret_revision)
		*ret_revision = m->revision;
	return leave_memory(m, 0);
}

static int
by_name(const void *a, const void *b)
{
	const struct memory_change *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->revision > y->revision) - (x->revision < y->revision);
}

/* What changed, in the order of names, the caller's to free; the names are borrowed. */
static size_t
list_changes(const struct memory *m, const char *prefix, uint64_t since,
             struct memory_change **ret_list)
{
	size_t first = m->n_log, n = 0, prefix_n = strlen(prefix);

	while (first && m->log[first - 1].revision > since)
		first--;
	*ret_list = x_alloc((m->n_log - first) * sizeof(**ret_list));
	for (size_t i = first; i < m->n_log; i++)
		if (strncmp(m->log[i].name, prefix, prefix_n) == 0)
			(*ret_list)[n++] = m->log[i];
	qsort(*ret_list, n, sizeof(**ret_list), by_name);
	return n;
}

static void
tell_changes(const struct memory *m, const struct memory_change *list, size_t n, store_each *each,
             void *arg)
{
	for (size_t i = 0; i < n; i++) {
		struct store_record gone = {.name = list[i].name, .revision = list[i].revision};
		const struct memory_record *r;

		if (i + 1 < n && strcmp(list[i].name, list[i + 1].name) == 0)
			continue; /* the last counts */
		r = find_record(m, list[i].name);
		if (!(r ? tell_record(r, each, arg) : each(arg, &gone)))
			break;
	}
}

static struct timespec
time_after(struct timespec t, unsigned wait)
{
	t.tv_sec += wait / 1000;
	t.tv_nsec += (long)(wait % 1000) * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static bool
time_over(struct timespec end)
{
	struct timespec t = clock_reading();

	return t.tv_sec > end.tv_sec || (t.tv_sec == end.tv_sec && t.tv_nsec >= end.tv_nsec);
}

static int
read_changes(struct store *s, const char *prefix, uint64_t since, unsigned wait, store_each *each,
             void *arg, uint64_t *ret_revision)
{
	struct memory *m = memory_of(s);
	struct timespec end = time_after(clock_reading(), wait), look;
	int error = store_prefix_check(prefix);
	struct memory_change *list = NULL;
	size_t n = 0;

	if (error)
		return error;
	for (;;) {
		enter_memory(m);
		error = store_since_check(since, m->revision);
		if (!error)
			n = list_changes(m, prefix, since, &list);
		if (error || n || !wait || time_over(end))
			break;
		free(list);
		list = NULL;
		look = time_after(clock_reading(), wait < LOOK_EVERY ? wait : LOOK_EVERY);
		pthread_cond_timedwait(&m->changed, &m->lock, &look);
		leave_memory(m, 0);
	}
	if (!error)
		tell_changes(m, list, n, each, arg);
	if (!error && ret_revision)
		*ret_revision = m->revision;
	free(list);
	return leave_memory(m, error);
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void
close_memory(struct store *s)
{
	struct memory *m = (struct memory *)s;

	for (size_t i = 0; i < m->n_records; i++)
		free_record(m->records[i]);
	for (size_t i = 0; i < m->n_log; i++)
		free(m->log[i].name);
	free(m->records);
	free(m->log);
	free(m->leases);
	if (!m->owner) {
		pthread_mutex_destroy(&m->lock);
		pthread_cond_destroy(&m->changed);
	}
	free(m);
}

static void
describe_memory(struct store *s, struct store_state *ret)
{
	struct memory *m = memory_of(s);

	pthread_mutex_lock(&m->lock);
	*ret = (struct store_state){
	    .engine = "memory", .revision = m->revision, .records = m->n_records};
	pthread_mutex_unlock(&m->lock);
}

static const struct store_ops memory_ops = {
    .commit = commit_memory,
    .read = read_memory,
    .changes = read_changes,
    .lease_begin = begin_lease,
    .lease_keep = keep_lease,
    .lease_end = finish_lease,
    .describe = describe_memory,
    .close = close_memory,
};

struct store *
store_memory_new(void)
{
	struct memory *m = x_alloc(sizeof(*m));
	pthread_condattr_t monotonic;

	m->store.ops = &memory_ops;
	m->now = machine_now;
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return &m->store;
}

struct store *
store_memory_door(struct store *s)
{
	struct memory *door = x_alloc(sizeof(*door));

	door->store.ops = &memory_ops;
	door->owner = memory_of(s);
	return &door->store;
}

void
store_memory_set_clock(struct store *s, msec (*now)(void *arg), void *arg)
{
	struct memory *m = memory_of(s);

	pthread_mutex_lock(&m->lock);
	m->now = now;
	m->now_arg = arg;
	pthread_mutex_unlock(&m->lock);
}

void
store_memory_set_fault(struct store *s, enum store_fault fault, unsigned nth, int error)
{
	struct memory *m = memory_of(s);

	pthread_mutex_lock(&m->lock);
	m->fault = fault;
	m->fault_nth = nth;
	m->fault_error = error;
	pthread_mutex_unlock(&m->lock);
}
