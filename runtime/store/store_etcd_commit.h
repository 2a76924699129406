/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside runtime/store only: what etcd answers to a transaction. The usual answer is read where it
 * stands, another one as a tree of JSON; what both take, they take alike.
 */
#ifndef TESTUDO_STORE_ETCD_COMMIT_H
#define TESTUDO_STORE_ETCD_COMMIT_H

#include "runtime/store/store_etcd_json.h"

struct etcd_commit {
	bool read; /* the rest is known */
	bool done;
	struct etcd_header header; /* with the revision after it */
};

/* False: it is no usual answer. */
bool etcd_commit_scan(struct span text, struct etcd_commit *ret);
/* Of an answer that is no error; false: it tells no revision. */
bool etcd_commit_parse(const json_t *answer, struct etcd_commit *ret);

#endif
