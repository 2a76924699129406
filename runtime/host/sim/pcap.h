/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files that tcpdump and wireshark read: classic pcap, microseconds, big-endian. A link
 * carries bare IP packets (LINKTYPE_RAW, 101), which need no more; one on which somebody has VLANs
 * carries Ethernet frames (LINKTYPE_ETHERNET, 1), since a tag is part of a frame. A file has one
 * link type: what was written as packets is written again as frames when the first VLAN, or the
 * first label of MPLS, comes.
 */
#ifndef TESTUDO_PCAP_H
#define TESTUDO_PCAP_H

#include "compiler/base/base.h"

struct pcap;

/* What only a frame says: its tag (0: none), and which interfaces, by number; 0: not known. */
struct pcap_way {
	uint16_t vlan;
	bool labels; /* of MPLS: the packet begins with them */
	uint32_t from, to;
};

/* Creates the file and writes its head. 0 or -errno. */
int pcap_open(const char *path, struct pcap **ret);
/* The link has VLANs from now on. */
void pcap_tag(struct pcap *p);
/* wall: milliseconds since 1970. */
void pcap_write(struct pcap *p, int64_t wall, const struct pcap_way *way, struct span packet);
void pcap_flush(struct pcap *p);
void pcap_close(struct pcap *p); /* NULL is fine */

#endif
