/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: calls to etcd's JSON gateway, at whichever endpoint answers. */
#ifndef TESTUDO_STORE_ETCD_HTTP_H
#define TESTUDO_STORE_ETCD_HTTP_H

#include <curl/curl.h>
#include <jansson.h>

#include "runtime/store/store_etcd.h"

struct etcd_http;

int etcd_http_new(const struct store_etcd_options *o, struct etcd_http **ret);
void etcd_http_free(struct etcd_http *h); /* NULL is fine */

enum etcd_repeat {
	ETCD_REPEAT, /* it may be done twice: a lost answer is asked for again elsewhere */
	ETCD_ONCE    /* a lost answer is -EIO */
};

/*
 * Posts `take_request`, which is freed, to a path such as "/v3/kv/range", at one endpoint after the
 * other. 0: *ret_answer is to be freed with json_decref. Else -errno as store_etcd.h says, and
 * -ENOENT, -ESTALE, -E2BIG, -EMSGSIZE by what etcd says. Any thread may call.
 */
int etcd_http_call(struct etcd_http *h, const char *path, json_t *take_request,
                   enum etcd_repeat repeat, json_t **ret_answer);

/*
 * A handle set up for a stream from the endpoint in use: URL, body and TLS; the caller sets its
 * write function, and frees it with curl_easy_cleanup and the list with curl_slist_free_all.
 */
int etcd_http_stream(struct etcd_http *h, const char *path, json_t *take_request, CURL **ret_easy,
                     struct curl_slist **ret_headers);
/* The endpoint in use has failed: the next call begins with another one. */
void etcd_http_turn(struct etcd_http *h, const char *why);
/* An error of etcd's in an answer, as -errno; 0: it is none. */
int etcd_http_error(const json_t *answer);

void etcd_http_state(struct etcd_http *h, struct store_etcd_state *ret);
/* What an answer's header says. 0: nothing. */
uint64_t etcd_http_revision(const json_t *answer);

/* A number that the gateway writes as a string, or leaves out where it is 0. */
bool etcd_json_number(const json_t *object, const char *member, uint64_t *ret);
/* Octets in base64; an absent member is no octets. *ret is to be freed. */
bool etcd_json_octets(const json_t *object, const char *member, uint8_t **ret, size_t *ret_n);
json_t *etcd_json_base64(struct span octets);
json_t *etcd_json_string(uint64_t number);

#endif
