/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists of lines: see access_class.h. */
#include "cli/accounts/access_class.h"

#include <arpa/inet.h>
#include <string.h>

bool
access_class_ipv4(const char *peer, uint32_t *ret)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, peer, &four) == 1) {
		*ret = ntohl(four.s_addr);
		return true;
	}
	if (inet_pton(AF_INET6, peer, &six) != 1 || !IN6_IS_ADDR_V4MAPPED(&six))
		return false;
	memcpy(&four, six.s6_addr + 12, sizeof(four));
	*ret = ntohl(four.s_addr);
	return true;
}

bool
access_class_admits(const struct policy *p, const char *acl, uint16_t port, const char *peer,
                    bool otherwise)
{
	struct flow flow = {.proto = IPPROTO_TCP, .dport = port};

	for (size_t i = 0; p && i < p->n_acls; i++) {
		if (strcmp(p->acls[i].name, acl) != 0)
			continue;
		return peer && access_class_ipv4(peer, &flow.src) &&
		       policy_acl_permits(&p->acls[i], &flow);
	}
	return otherwise;
}

bool
access_class_lets_out(const struct policy *p, const char *acl, uint16_t port, uint32_t src,
                      uint32_t dst)
{
	struct flow flow = {.proto = IPPROTO_TCP, .src = src, .dst = dst, .dport = port};

	for (size_t i = 0; p && i < p->n_acls; i++) {
		if (strcmp(p->acls[i].name, acl) != 0)
			continue;
		if (p->acls[i].standard)
			flow.src = dst; /* it knows one address, which is where the user goes */
		return (!p->acls[i].standard && !src) || policy_acl_permits(&p->acls[i], &flow);
	}
	return true;
}
