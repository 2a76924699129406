/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server keeps, as octets: one record of all but the members, one of each member, and,
 * where there is a key hierarchy, one of each part of it (lkh.h).
 * Times are kept by the wall clock, since the monotonic one starts again with the machine.
 * Algorithms are kept by name, so that a later version may number them otherwise.
 *
 * What is read is not trusted: lengths and sizes are checked, and a clock that was set back makes
 * no key live longer than its lifetime. To read one: 0, or -STORE_TORN, -STORE_OLDER, -STORE_NEWER.
 */
#ifndef TESTUDO_KS_RECORD_H
#define TESTUDO_KS_RECORD_H

#include "runtime/core/ks.h"

/*
 * Where the part of the keys' record begins that changes only when the server does. What is before
 * it, and its number behind it, stay where they are in every format.
 */
#define KS_RECORD_STEADY 18

/* Into buf of STORE_VALUE_MAX octets; empty when there is no room. */
struct span ks_record_put_keys(struct ks *ks, uint8_t *buf);
/*
 * Into a server that holds nothing yet: all but the KEK's signer and the targets of the rekey under
 * way. Its SAs are configured by what lives in the arena. After an error the
 * server holds a part of it. *ret_same_sids: identifiers are of the same part as configured now.
 */
int ks_record_get_keys(struct ks *ks, struct span value, struct arena *a, bool *ret_same_sids);

struct ks_writer {     /* of a member's record */
	uint32_t addr; /* of the server */
	bool known;    /* that, and the keys that the member has registered with */
};

struct span ks_record_put_member(const struct ks *ks, const struct ks_member *m, uint8_t *buf);
/* The member's certificate is then the caller's to free. */
int ks_record_get_member(const struct ks *ks, struct span value, struct ks_member *m,
                         struct ks_writer *ret_writer);

/* Empty: there is no key in it. */
struct span ks_record_put_part(const struct ks *ks, enum ks_kind kind, uint32_t part, uint8_t *buf);
/* The keys' record has been read. */
int ks_record_get_part(struct ks *ks, enum ks_kind kind, uint32_t part, struct span value);
/*
 * The number of a record of keys that cooperating servers share; 0 of one that another kind of
 * server wrote. An error: of a format that is not known here, as of one that is newer, nothing is.
 */
int ks_record_serial(struct span value, uint32_t *ret);

#endif
