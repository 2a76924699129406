/* SPDX-License-Identifier: Apache-2.0 */
/* What key servers of one group that cooperate must have in common. */
#ifndef TESTUDO_ALIKE_H
#define TESTUDO_ALIKE_H

#include "compiler/policy/policy.h"

/* The words of a line, and what it says: octets that are the same where it means the same. */
typedef void policy_alike_line(void *arg, const char *line, struct span value);

/* The number of `sa ipsec`, behind which the lines of each of them follow. */
#define ALIKE_SAS "the number of sa ipsec"

/* Tells all of them, in the same order for every server; a value is valid during the call. */
void policy_alike(const struct policy_server *s, policy_alike_line *line, void *arg);

#endif
