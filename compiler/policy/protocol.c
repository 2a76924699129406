/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/policy/protocol.h"

#include <string.h>

static const struct protocol {
	uint8_t number;
	const char *ios;
	const char *asa; /* NULL: a firewall prints the number */
} protocols[] = {
    /* clang-format off */
    {0,          "ip",     "ip"},
    {PROTO_ICMP, "icmp",   "icmp"},
    {PROTO_IGMP, "igmp",   "igmp"},
    {PROTO_IPIP, "ipinip", "ipinip"},
    {PROTO_TCP,  "tcp",    "tcp"},
    {PROTO_UDP,  "udp",    "udp"},
    {47,         "gre",    "gre"},
    {PROTO_ESP,  "esp",    "esp"},
    {51,         "ahp",    "ah"},
    {88,         "eigrp",  "eigrp"},
    {89,         "ospf",   "ospf"},
    {94,         "nos",    NULL},
    {PROTO_PIM,  "pim",    "pim"},
    {108,        "pcp",    NULL},
    /* clang-format on */
};

const uint8_t icmp_errors[ICMP_ERRORS] = {
    ICMP_TYPE_UNREACHABLE,   ICMP_TYPE_SOURCE_QUENCH, ICMP_TYPE_REDIRECT,
    ICMP_TYPE_TIME_EXCEEDED, ICMP_TYPE_PARAMETER,
};

bool
icmp_is_error(uint8_t type)
{
	return memchr(icmp_errors, type, sizeof(icmp_errors)) != NULL;
}

static const struct protocol *
find_protocol(uint8_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

bool
protocol_number(const char *name, uint8_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		const struct protocol *p = &protocols[i];

		if (!strcmp(p->ios, name) || (p->asa && !strcmp(p->asa, name))) {
			*ret = p->number;
			return true;
		}
	}
	return false;
}

const char *
protocol_ios_name(uint8_t number)
{
	const struct protocol *p = find_protocol(number);

	return p ? p->ios : NULL;
}

const char *
protocol_asa_name(uint8_t number)
{
	const struct protocol *p = find_protocol(number);

	return p ? p->asa : NULL;
}
