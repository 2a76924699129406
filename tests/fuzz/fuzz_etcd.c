/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What etcd says, or somebody in its place: lines of the stream of changes, and an answer to a
 * transaction. Whatever is read where it stands, a tree of it says the same.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_commit.h"
#include "runtime/store/store_etcd_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
is_same_kv(const struct etcd_kv *a, const struct etcd_kv *b)
{
	return strcmp(a->name, b->name) == 0 && a->revision == b->revision && a->n == b->n &&
	       !a->value == !b->value && (!a->n || !a->value || !memcmp(a->value, b->value, a->n));
}

static void
compare_events(const struct etcd_events *a, const struct etcd_events *b)
{
	if (a->position != b->position || a->n != b->n)
		abort();
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_kv(&a->kvs[i], &b->kvs[i]))
			abort();
}

static void
read_line(struct span line)
{
	const struct store_etcd s = {.root = "/t/"};
	struct etcd_events usual = {.prefix = "n/"}, other = {.prefix = "n/"};
	bool taken = etcd_events_scan(&s, &usual, line);
	int error = etcd_events_parse(&s, &other, line);

	if (taken) {
		if (error)
			abort();
		compare_events(&usual, &other);
	} else if (usual.n || usual.position) {
		abort();
	}
	etcd_events_fini(&usual);
	etcd_events_fini(&other);
}

static void
read_commit(struct span text)
{
	struct etcd_commit usual, other;
	json_t *json = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);

	if (etcd_commit_scan(text, &usual) &&
	    (!json_is_object(json) || etcd_json_error(json) || !etcd_commit_parse(json, &other) ||
	     usual.done != other.done ||
	     memcmp(&usual.header, &other.header, sizeof(usual.header)) != 0))
		abort();
	json_decref(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* Of its own size: what is read beyond its end is found. */
	uint8_t *text = x_alloc(n + !n);

	if (n)
		memcpy(text, data, n);
	read_line(SPAN(text, n));
	read_commit(SPAN(text, n));
	free(text);
	return 0;
}
