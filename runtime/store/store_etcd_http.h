/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: calls to etcd's JSON gateway, at whichever endpoint answers. */
#ifndef TESTUDO_STORE_ETCD_HTTP_H
#define TESTUDO_STORE_ETCD_HTTP_H

#include <curl/curl.h>

#include "runtime/store/store_etcd.h"
#include "runtime/store/store_etcd_json.h"

struct etcd_http;

int etcd_http_new(const struct store_etcd_options *o, struct etcd_http **ret);
void etcd_http_free(struct etcd_http *h); /* NULL is fine */

/*
 * Octets of one answer, and of a line of a stream: as a tree, JSON takes a hundred times that
 * memory at worst, and etcd is not trusted. A record with its key has room.
 */
#define ETCD_ANSWER_MAX (4 << 20)

enum etcd_repeat {
	ETCD_REPEAT, /* it may be done twice: a lost answer is asked for again elsewhere */
	ETCD_ONCE    /* a lost answer is -EIO */
};

/*
 * Posts `take_request`, which is freed, to a path such as "/v3/kv/range", at one endpoint after the
 * other. 0: *ret_answer, whose header has a revision, is to be freed with json_decref. Else -errno
 * as store_etcd.h says, and -ENOENT, -ESTALE, -E2BIG, -EMSGSIZE by what etcd says. Any thread may
 * call.
 */
int etcd_http_call(struct etcd_http *h, const char *path, json_t *take_request,
                   enum etcd_repeat repeat, json_t **ret_answer);

/*
 * The same with a transaction's text, and its answer: whether it was done, and etcd's revision
 * after it. Not repeated.
 */
int etcd_http_commit(struct etcd_http *h, struct span text, bool *ret_done, uint64_t *ret_revision);

/*
 * A handle set up for a stream from the endpoint in use: URL, body and TLS; the caller sets its
 * write function, and frees it with curl_easy_cleanup, and then its list of headers.
 */
int etcd_http_stream(struct etcd_http *h, const char *path, json_t *take_request, CURL **ret_easy,
                     struct curl_slist **ret_headers, size_t *ret_endpoint);
/* The list of such a handle: it may have a token, which is wiped. */
void etcd_http_headers_free(struct curl_slist *headers);
/* Is it the one with which the next call begins? */
bool etcd_http_uses(struct etcd_http *h, size_t endpoint);
/* This endpoint has failed: if it is still the one in use, the next call begins with another. */
void etcd_http_turn(struct etcd_http *h, size_t endpoint, const char *why);

void etcd_http_state(struct etcd_http *h, struct store_state *ret);

#endif
