/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files: see pcap.h. */
#include "runtime/host/sim/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/packet/packet.h"

#define PCAP_MAGIC   0xa1b2c3d4 /* microseconds */
#define PCAP_SNAPLEN 65535
#define LINKTYPE_RAW 101

struct pcap {
	FILE *file;
};

int
pcap_open(const char *path, struct pcap **ret)
{
	uint8_t head[24] = {0};
	struct pcap *p;
	FILE *f = fopen(path, "wbe");

	if (!f)
		return -errno;
	packet_put32(head, PCAP_MAGIC);
	packet_put16(head + 4, 2); /* version 2.4 */
	packet_put16(head + 6, 4);
	packet_put32(head + 16, PCAP_SNAPLEN);
	packet_put32(head + 20, LINKTYPE_RAW);
	if (fwrite(head, sizeof(head), 1, f) != 1 || fflush(f) != 0) {
		int error = -errno;

		fclose(f);
		return error;
	}
	p = x_alloc(sizeof(*p));
	p->file = f;
	*ret = p;
	return 0;
}

void
pcap_write(struct pcap *p, int64_t wall, struct span packet)
{
	uint8_t head[16];

	packet_put32(head, (uint32_t)(wall / 1000));
	packet_put32(head + 4, (uint32_t)(wall % 1000 * 1000));
	packet_put32(head + 8, (uint32_t)packet.n);
	packet_put32(head + 12, (uint32_t)packet.n);
	fwrite(head, sizeof(head), 1, p->file);
	fwrite(packet.p, packet.n, 1, p->file);
}

void
pcap_flush(struct pcap *p)
{
	fflush(p->file);
}

void
pcap_close(struct pcap *p)
{
	if (!p)
		return;
	fclose(p->file);
	free(p);
}
