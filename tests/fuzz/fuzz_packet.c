/* SPDX-License-Identifier: Apache-2.0 */
/* The flow of an IPv4 packet, and an access list asked about it. */
#include "compiler/policy/policy.h"
#include "runtime/packet/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct policy_ace aces[] = {
	    {.proto = 17, .icmp_type = -1, .n_dport = 1, .dport = {{848, 848}}, .text = ""},
	    {.proto = 6, .icmp_type = -1, .established = true, .permit = true, .text = ""},
	    {.proto = 1, .icmp_type = 8, .permit = true, .text = ""},
	};
	const struct policy_acl acl = {.name = "A", .n_aces = ARRAY_SIZE(aces), .aces = aces};
	struct flow f;

	if (flow_of_packet(SPAN(data, n), &f))
		policy_acl_permits(&acl, &f);
	return 0;
}
