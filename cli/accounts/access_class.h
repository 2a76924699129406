/* SPDX-License-Identifier: Apache-2.0 */
/* `access-class`: an access list asked about the address somebody connects from. */
#ifndef TESTUDO_ACCESS_CLASS_H
#define TESTUDO_ACCESS_CLASS_H

#include "compiler/policy/policy.h"

/* IPv4, or IPv4 in IPv6 (RFC 4291 2.5.5.2), in host order; false: none of them. */
bool access_class_ipv4(const char *peer, uint32_t *ret);
/*
 * Does the list of that name permit a TCP connection from peer (NULL: not known) to the port? A
 * list that does not exist says `otherwise`. No IPv4 list matches an IPv6 address.
 */
bool access_class_admits(const struct policy *p, const char *acl, uint16_t port, const char *peer,
                         bool otherwise);
/*
 * `access-class ... out`: does the list permit a connection to dst? src 0: not known yet, and an
 * extended list is not asked. A list that does not exist permits all.
 */
bool access_class_lets_out(const struct policy *p, const char *acl, uint16_t port, uint32_t src,
                           uint32_t dst);

#endif
