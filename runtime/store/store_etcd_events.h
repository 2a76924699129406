/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside runtime/store only: the lines of etcd's stream of changes. The usual ones are read where
 * they stand, others as a tree of JSON; what both take, they take alike.
 */
#ifndef TESTUDO_STORE_ETCD_EVENTS_H
#define TESTUDO_STORE_ETCD_EVENTS_H

#include "runtime/store/store_etcd_parts.h"

struct etcd_events {
	const char *prefix;  /* borrowed: names that begin with it are kept */
	uint64_t position;   /* all up to this revision has come */
	struct etcd_kv *kvs; /* value NULL: removed */
	size_t n, capacity;
};

/*
 * A line, without its end. 0 or -errno as store_etcd.h says; -ESTALE: it is too long, or tells that
 * etcd has forgotten. What came before an error is in *e.
 */
int etcd_events_take(const struct store_etcd *s, struct etcd_events *e, struct span line);
/* Those behind the first n. */
void etcd_events_forget(struct etcd_events *e, size_t n);
void etcd_events_fini(struct etcd_events *e);

/* Its two ways. False: it is no usual line, and nothing of it was taken. */
bool etcd_events_scan(const struct store_etcd *s, struct etcd_events *e, struct span line);
int etcd_events_parse(const struct store_etcd *s, struct etcd_events *e, struct span line);

#endif
