/* SPDX-License-Identifier: Apache-2.0 */
/* Inside runtime/store only: the JSON of etcd's gateway, and what its errors mean. */
#ifndef TESTUDO_STORE_ETCD_JSON_H
#define TESTUDO_STORE_ETCD_JSON_H

#include <jansson.h>

#include "runtime/crypto/secret.h"

/* A number that the gateway writes as a string, or leaves out where it is 0. */
bool etcd_json_number(const json_t *object, const char *member, uint64_t *ret);
/* A string, borrowed; an absent member is an empty one. */
bool etcd_json_text(const json_t *object, const char *member, struct span *ret);
/* Octets in base64; an absent member is no octets. *ret is to be freed. */
bool etcd_json_octets(const json_t *object, const char *member, uint8_t **ret, size_t *ret_n);
json_t *etcd_json_base64(struct span octets);
json_t *etcd_json_string(uint64_t number);
/* {"name":...,"password":...}, of which no copy is left. */
void etcd_json_login(const char *name, struct span password, struct secret *ret);

/* Of an answer, or of a line of a stream; 0: it does not say. */
struct etcd_header {
	uint64_t cluster;
	uint64_t term; /* of raft: it grows with each election */
	uint64_t revision;
};
void etcd_json_header(const json_t *answer, struct etcd_header *ret);
uint64_t etcd_json_revision(const json_t *answer);

/*
 * An error of etcd's in an answer, or in a line of a stream, as -errno; 0: it is none. Until etcd
 * 3.5 an answer is {"error":TEXT,"message":TEXT,"code":N}, from 3.6 on {"code":N,"message":TEXT};
 * in a stream they are in an object, {"error":{...}}, where the code may be "grpc_code".
 */
int etcd_json_error(const json_t *answer);
const char *etcd_json_message(const json_t *answer); /* of an error; borrowed */
/* An error that another token mends. */
bool etcd_json_wants_token(const json_t *answer);
/* An error that says: this was not carried out, and another endpoint may do it. */
bool etcd_json_no_leader(const json_t *answer);

#endif
