/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What IP packets carry: the numbers of protocols (IANA, "Protocol Numbers"), the names that IOS
 * and a firewall give them, the ports of GDOI and ISAKMP, and the flags of TCP.
 */
#ifndef TESTUDO_PROTOCOL_H
#define TESTUDO_PROTOCOL_H

#include "compiler/base/base.h"

enum {
	PROTO_ICMP = 1,
	PROTO_IGMP = 2,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ESP = 50,
	PROTO_PIM = 103,
};

#define ISAKMP_PORT 500
#define GDOI_PORT   848 /* RFC 6407 2.1; GDOI never runs on 500 */

/* Flags in a TCP header (RFC 9293 3.1). */
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* Types of ICMP messages (RFC 792). */
enum {
	ICMP_TYPE_ECHO_REPLY = 0,
	ICMP_TYPE_UNREACHABLE = 3,
	ICMP_TYPE_SOURCE_QUENCH = 4,
	ICMP_TYPE_REDIRECT = 5,
	ICMP_TYPE_ECHO = 8,
	ICMP_TYPE_TIME_EXCEEDED = 11,
	ICMP_TYPE_PARAMETER = 12,
	ICMP_TYPE_TIMESTAMP = 13, /* first of those up to the next that have an identifier */
	ICMP_TYPE_MASK_REPLY = 18,
};

/* ICMP's errors, which quote the packet that they are about. */
#define ICMP_ERRORS 5
extern const uint8_t icmp_errors[ICMP_ERRORS];
bool icmp_is_error(uint8_t type);

/* The number that a name of IOS or of a firewall stands for; false: none. "ip" is 0, any. */
bool protocol_number(const char *name, uint8_t *ret);

/* The name in IOS, and as a firewall prints it; NULL: it has none and stands as a number. */
const char *protocol_ios_name(uint8_t number);
const char *protocol_asa_name(uint8_t number);

#endif
