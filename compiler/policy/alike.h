/* SPDX-License-Identifier: Apache-2.0 */
/* What key servers of one group that cooperate must have in common. */
#ifndef TESTUDO_ALIKE_H
#define TESTUDO_ALIKE_H

#include "compiler/policy/policy.h"

struct text;

/*
 * A setting, called by its line; the last ones are of each `sa ipsec`. New ones come last: servers
 * of several versions compare as many as both have.
 */
enum alike {
	ALIKE_AUTHENTICATION,
	ALIKE_MANAGEMENT,
	ALIKE_TRANSPORT,
	ALIKE_CIPHER,
	ALIKE_SIG_HASH,
	ALIKE_REKEY_LIFETIME,
	ALIKE_ADDRESS,
	ALIKE_DELAY,
	ALIKE_ACKNOWLEDGEMENT,
	ALIKE_SIZE,
	ALIKE_AUTHORIZATION,
	ALIKE_SAS,
	ALIKE_TRANSFORM,
	ALIKE_LIFETIME,
	ALIKE_REPLAY,
	ALIKE_RECEIVE_ONLY,
	ALIKE_MATCH,
	ALIKE_N
};

/* What a setting says: octets that are the same where it means the same. */
typedef void policy_alike_setting(void *arg, enum alike which, struct span value);

/* Tells all of them, in the same order for every server; a value is valid during the call. */
void policy_alike(const struct policy_server *s, policy_alike_setting *setting, void *arg);

/* The words of its line. */
const char *alike_words(enum alike which);

/*
 * Adds the words of a set of them, 1 << enum alike each, by commas. Servers with other numbers of
 * `sa ipsec` differ in that alone.
 */
void alike_put(struct text *t, uint32_t set);

#endif
