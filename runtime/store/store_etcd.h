/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in etcd 3.4 or later, by its JSON gateway: one store for several servers. Its records are
 * the keys PREFIX/NAME; PREFIX/ itself is written by every transaction, so that whoever waits for
 * changes knows what there is to wait for.
 *
 * What is other than in store.h says:
 * - The revision is etcd's, and rises with what others write there, too.
 * - A transaction has as many checks and writes as etcd's max-txn-ops (128; the mark takes one),
 *   and 1.5 MiB in all: beyond that it is -E2BIG or -EMSGSIZE.
 * - A lease lives whole seconds, and at least what etcd allows (2 s by default). It outlives a run
 *   of the machine. Its end may be told a quarter of a second late.
 * - Changes are known for as long as etcd keeps its history.
 * - -EHOSTUNREACH: no endpoint answers; where TLS with one of them fails, what is wrong with a
 *   certificate instead (store_is_distrust). -EACCES: etcd wants other credentials. -EBUSY: etcd
 *   has no leader. -EIO after a commit: the answer was lost.
 */
#ifndef TESTUDO_STORE_ETCD_H
#define TESTUDO_STORE_ETCD_H

#include "compiler/base/endpoint.h"
#include "runtime/crypto/secret.h"
#include "runtime/store/store.h"

#define STORE_ETCD_ENDPOINTS_MAX 8
#define STORE_ETCD_PREFIX_MAX    64 /* octets */

struct store_etcd_options {
	size_t n_endpoints;
	const char *const *endpoints; /* "https://10.0.0.11:2379" */
	const char *prefix;           /* "/testudo" */
	/* PEM, borrowed: the authorities of etcd's certificate, what we show of ours; n 0: none. */
	struct span ca, certificate;
	const struct secret *key;      /* PEM, of our certificate; NULL: none */
	const char *user;              /* NULL: none */
	const struct secret *password; /* of that user */
	unsigned timeout;              /* milliseconds one endpoint has for an answer; 0: 1.5 s */
};

/* Asks nobody yet. -EINVAL: an endpoint (endpoint_valid) or the prefix is none. */
int store_etcd_open(const struct store_etcd_options *o, struct store **ret);

#endif
