/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: what the files of the store in etcd share. */
#ifndef TESTUDO_STORE_ETCD_PARTS_H
#define TESTUDO_STORE_ETCD_PARTS_H

#include <pthread.h>

#include "runtime/store/store_etcd_http.h"

struct etcd_watch;

struct store_etcd {
	struct store store;
	struct etcd_http *http;
	char root[STORE_ETCD_PREFIX_MAX + 2]; /* PREFIX/, itself the mark's key */
	pthread_mutex_t lock;                 /* of the streams that wait for their next use */
	struct etcd_watch *watches;
	uint64_t looks; /* at changes */
};

/* The key of a record, in base64. */
json_t *etcd_key(const struct store_etcd *s, const char *name);
/* The first key behind all that begin with root and prefix, in base64. */
json_t *etcd_range_end(const struct store_etcd *s, const char *prefix);

/*
 * A key-value of etcd's, with name and value to be freed. False: it is none that we have written.
 * The mark has the empty name; the name is NULL where somebody else put a key among ours.
 */
struct etcd_kv {
	char *name;
	uint8_t *value;
	size_t n;
	uint64_t revision, lease;
};
bool etcd_kv_take(const struct store_etcd *s, const json_t *kv, struct etcd_kv *ret);
/* The same, of its members. Key and value are in base64. */
bool etcd_kv_make(const struct store_etcd *s, struct span key, struct span value, uint64_t revision,
                  uint64_t lease, struct etcd_kv *ret);
void etcd_kv_fini(struct etcd_kv *kv);

/* struct store_ops.changes */
int etcd_changes(struct store *store, const char *prefix, uint64_t since, unsigned wait,
                 store_each *each, void *arg, uint64_t *ret_revision);
/* struct store_ops.listen */
int etcd_listen(struct store *store, const char *prefix, const char *last, uint64_t since,
                unsigned wait, const atomic_bool *stop);
void etcd_watches_free(struct store_etcd *s);

#endif
