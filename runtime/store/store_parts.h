/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: what its kinds share. */
#ifndef TESTUDO_STORE_PARTS_H
#define TESTUDO_STORE_PARTS_H

#include "runtime/store/store.h"

#define STORE_ROOM_MAX      64   /* octets: no store before another adds more to a value */
#define STORE_LOG_REVISIONS 4096 /* so far back changes are known */
#define STORE_LEASES_MAX    4096 /* at one time */

/* A name of n octets that may come from anywhere. */
bool store_name_valid(const char *name, size_t n);

/* 0, -EINVAL, -EMSGSIZE: what a caller gave is held against the limits. */
int store_txn_check(const struct store *s, const struct store_txn *txn);
int store_prefix_check(const char *prefix);

/* Whether changes since `since` are known to a store that has `revision`: 0 or -ESTALE. */
int store_since_check(uint64_t since, uint64_t revision);

#endif
