/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a store, and waits to be taken over: see keep.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/crypto/secret.h"

struct found {
	char *name;
	struct secret value;
	bool removed, leased, torn;
	uint64_t revision;
};

struct keep_load {
	struct core_job job; /* first: it is given out as one */
	struct store *store;
	char *prefix;
	void (*loaded)(void *arg, const struct keep_load *l); /* NULL: nobody waits */
	void *arg;
	int error;
	bool some_torn;
	uint64_t revision;
	struct found *records;
	size_t n, capacity;
};

static void
discard_load(struct core_job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	for (size_t i = 0; i < l->n; i++) {
		free(l->records[i].name);
		secret_fini(&l->records[i].value);
	}
	free(l->records);
	free(l->prefix);
	free(l);
}

static bool
add_record(void *arg, const struct store_record *found)
{
	struct keep_load *l = arg;
	struct found *r;

	x_grow(&l->records, &l->capacity, l->n + 1, sizeof(*l->records));
	r = &l->records[l->n++];
	*r = (struct found){.name = x_strdup(found->name),
	                    .removed = !found->value.p,
	                    .leased = found->leased,
	                    .torn = found->torn,
	                    .revision = found->revision};
	l->some_torn |= r->torn;
	secret_copy(&r->value, found->value);
	return true;
}

struct keep_load *
keep_load_all(struct store *s, const char *prefix)
{
	struct keep_load *l = x_alloc(sizeof(*l));

	l->error = s->ops->read(s, prefix, add_record, l, &l->revision);
	return l;
}

struct keep_load *
keep_load_changes(struct store *s, const char *prefix, uint64_t since)
{
	struct keep_load *l = x_alloc(sizeof(*l));

	l->error = s->ops->changes(s, prefix, since, 0, add_record, l, &l->revision);
	return l;
}

struct keep_load *
keep_load_part(struct keep_load *from, const char *prefix, uint64_t since)
{
	struct keep_load *l = x_alloc(sizeof(*l));
	size_t n = strlen(prefix);

	l->revision = from->revision > since ? from->revision : since;
	for (size_t i = 0; i < from->n; i++) {
		struct found *r = &from->records[i];

		if (!r->name || strncmp(r->name, prefix, n) != 0 || r->revision <= since)
			continue;
		x_grow(&l->records, &l->capacity, l->n + 1, sizeof(*l->records));
		l->records[l->n++] = *r;
		*r = (struct found){0};
	}
	return l;
}

void
keep_load_free(struct keep_load *l)
{
	if (l)
		discard_load(&l->job);
}

/* In any thread. */
static void
run_load(struct job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	l->error = l->store->ops->read(l->store, l->prefix, add_record, l, &l->revision);
}

static void
load_done(struct core *c, struct core_job *j)
{
	struct keep_load *l = (struct keep_load *)j;

	(void)c;
	if (l->loaded)
		l->loaded(l->arg, l);
	discard_load(j);
}

struct keep_load *
keep_load(struct keep *k, const char *prefix, void (*loaded)(void *arg, const struct keep_load *l),
          void *arg)
{
	struct keep_load *l = x_alloc(sizeof(*l));

	l->job = (struct core_job){.job.run = run_load, .done = load_done, .discard = discard_load};
	l->store = k->store;
	l->prefix = x_strdup(prefix);
	l->loaded = loaded;
	l->arg = arg;
	core_submit(k->core, &l->job);
	return l;
}

void
keep_load_cancel(struct keep_load *l)
{
	l->loaded = NULL;
}

int
keep_load_error(const struct keep_load *l)
{
	return l->error;
}

bool
keep_load_is_whole(const struct keep_load *l)
{
	return !l->error || (l->error == -STORE_TORN && l->some_torn && l->revision);
}

uint64_t
keep_load_revision(const struct keep_load *l)
{
	return l->revision;
}

size_t
keep_load_count(const struct keep_load *l)
{
	return l->n;
}

struct store_record
keep_load_at(const struct keep_load *l, size_t i)
{
	const struct found *r = &l->records[i];
	struct span value = secret_span(&r->value);

	if (r->removed)
		value.p = NULL;
	else if (!value.p)
		value.p = (const uint8_t *)""; /* it is there, and empty */
	return (struct store_record){.name = r->name,
	                             .value = value,
	                             .revision = r->revision,
	                             .leased = r->leased,
	                             .torn = r->torn};
}
