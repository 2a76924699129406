/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: one call at one endpoint of etcd. */
#ifndef TESTUDO_STORE_ETCD_ATTEMPT_H
#define TESTUDO_STORE_ETCD_ATTEMPT_H

#include "runtime/store/store_etcd_commit.h"
#include "runtime/store/store_etcd_http.h"
#include "runtime/store/store_etcd_line.h"

#define ETCD_CONNECT                                                                               \
	700L /* milliseconds for a connection, and for what an endpoint says of itself */

struct etcd_http {
	pthread_mutex_t lock; /* of all below that changes */
	size_t n_endpoints, current;
	char *endpoints[STORE_ETCD_ENDPOINTS_MAX];
	struct span ca, certificate; /* owned */
	struct secret key, password;
	char *user;
	struct secret
	    token; /* what the user's name and password were changed for; empty: not yet */
	long timeout;
	struct etcd_lines lines;
	uint64_t
	    cluster;   /* of the first answer: other endpoints are of the same one; 0: none yet */
	uint64_t term; /* of etcd's leader, as the latest answer says */
	bool current_known; /* the endpoint in use has said that it is of this cluster */
	struct store_state state;
};

struct etcd_attempt {
	struct etcd_http *h;
	const char *path;
	struct span body;
	json_t *answer; /* NULL: there was none */
	/* Where it is known what the answer usually is: then it is read without a tree. */
	struct etcd_commit *commit;
	long status; /* of HTTP */
	long timeout;
	uint64_t term; /* of etcd's leader, as far as known when it was sent */
	size_t endpoint;
	size_t n_sent;
	char why[CURL_ERROR_SIZE];
	bool not_sent;
	int distrust; /* what is wrong with a certificate, -errno; 0: nothing */
};

/* Everything of a call but its body; the headers are to be freed. */
struct curl_slist *etcd_attempt_set(struct etcd_http *h, CURL *easy, const char *path,
                                    size_t endpoint);
/*
 * 0: *a has an answer, of whatever kind. -EHOSTUNREACH: none; -STORE_STRANGE: of another etcd than
 * the one that answered first; -EMSGSIZE.
 */
int etcd_attempt_try(struct etcd_attempt *a);
/*
 * An endpoint that we come to is asked which etcd it is of before it is told anything: one that is
 * of another has no record of ours, and whoever believed it would begin a second group.
 */
int etcd_attempt_check(struct etcd_attempt *call);
bool etcd_attempt_was_read(const struct etcd_attempt *a);
void etcd_attempt_drop(struct etcd_attempt *a); /* its answer */

#endif
