/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capture files that tcpdump and wireshark read: classic pcap, LINKTYPE_RAW (101, bare IP
 * packets), microseconds, big-endian.
 */
#ifndef TESTUDO_PCAP_H
#define TESTUDO_PCAP_H

#include "compiler/base/base.h"

struct pcap;

/* Creates the file and writes its head. 0 or -errno. */
int pcap_open(const char *path, struct pcap **ret);
/* wall: milliseconds since 1970. */
void pcap_write(struct pcap *p, int64_t wall, struct span packet);
void pcap_flush(struct pcap *p);
void pcap_close(struct pcap *p); /* NULL is fine */

#endif
