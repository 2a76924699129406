/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of VRFs and their numbers. A VRF is told from others by its name, within one node; NULL is
 * the global table.
 */
#ifndef TESTUDO_VRF_H
#define TESTUDO_VRF_H

#include "compiler/policy/policy.h"

#define ROUTE_TARGET_TEXT_MAX 24 /* "255.255.255.255:65535" and its end */

/* Are both the same table? */
bool vrf_same(const char *a, const char *b);
/* NULL: there is none of that name. */
const struct policy_vrf *policy_vrf_find(const struct policy *p, const char *name);

/*
 * A route distinguisher or route target, "65000:1", "10.0.0.1:1", as eight octets (RFC 4364 4.2): a
 * type of two octets, then six. False: it is neither.
 */
bool route_target_read(const char *text, uint64_t *ret);
/* Back again, into buf; returns buf. */
const char *route_target_text(uint64_t value, char buf[static ROUTE_TARGET_TEXT_MAX]);

#endif
