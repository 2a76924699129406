/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LKH key packet of a KD payload on the wire (RFC 6407 5.6.3): the keys of a member's path
 * through the logical key hierarchy of RFC 2627 5.4, and their renewals. Bytes to structs and back;
 * what is encrypted stays so. Spans borrow from the message that was read.
 *
 *   download:  | version 1 | number of keys | 0 |                                     key ...
 *   update:    | version 1 | number of keys | 0 | LKH ID | 0 | handle of the first's key |  key ...
 *   a key:     | LKH ID | type | 0 | created | expires | handle | IV and key |
 *
 * A key does not say how long it is: all keys of an array are of one length.
 */
#ifndef TESTUDO_GDOI_LKH_H
#define TESTUDO_GDOI_LKH_H

#include "compiler/policy/suite.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

/* Keys in one array. A path is as long as a tree is deep, and none of 2^31 members has more. */
#define LKH_PATH_MAX 32
#define LKH_DATA_MAX 64 /* octets of one key: IV and key, or both encrypted */

enum lkh_attribute { LKH_DOWNLOAD_ARRAY = 1, LKH_UPDATE_ARRAY = 2, LKH_SIG_ALGORITHM_KEY = 3 };

struct gdoi_lkh_key {
	uint16_t id;               /* of the node; the server's to choose */
	uint8_t type;              /* as KEK_ALGORITHM numbers them: RFC 6407 5.3.2 */
	uint32_t created, expires; /* seconds since 1970 UTC; 0: no limit */
	uint32_t handle;           /* tells the keys of one node apart */
	struct span data;          /* IV and key; in an update both encrypted */
};

struct gdoi_lkh_array {
	/* An update's: the key that the first one is encrypted under. */
	uint16_t id;
	uint32_t handle;
	size_t n;                               /* 1 .. LKH_PATH_MAX */
	struct gdoi_lkh_key keys[LKH_PATH_MAX]; /* towards the root, which is the group's KEK */
};

/* One attribute of the packet. */
struct gdoi_lkh {
	uint16_t type; /* enum lkh_attribute, or one to pass over */
	struct gdoi_lkh_array array;
	struct span sig_key; /* LKH_SIG_ALGORITHM_KEY: DER SubjectPublicKeyInfo */
};

/*
 * The next attribute. False at the end, and when it is malformed: then r->bad is set. Attributes of
 * other types come with nothing but their type.
 */
bool gdoi_lkh_next(struct rd *r, struct gdoi_lkh *ret);
/* Are these the attributes of an LKH packet: all well formed, at most one download array? */
bool gdoi_lkh_check(struct span attributes);

void gdoi_lkh_put_download(struct wr *w, const struct gdoi_lkh_key *keys, size_t n);
/* id, handle: of the key that the first is encrypted under. */
void gdoi_lkh_put_update(struct wr *w, uint16_t id, uint32_t handle,
                         const struct gdoi_lkh_key *keys, size_t n);
void gdoi_lkh_put_sig_key(struct wr *w, struct span key);

#endif
