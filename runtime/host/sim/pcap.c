/* SPDX-License-Identifier: Apache-2.0 */
/* Capture files: see pcap.h. */
#include "runtime/host/sim/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/packet/packet.h"

#define PCAP_MAGIC    0xa1b2c3d4 /* microseconds */
#define PCAP_SNAPLEN  65535
#define FILE_HEAD     24
#define RECORD_HEAD   16
#define ETHERNET_HEAD 14
#define TAG           4 /* IEEE 802.1Q */

enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };
enum { ETHERTYPE_IP4 = 0x0800, ETHERTYPE_VLAN = 0x8100, ETHERTYPE_MPLS = 0x8847 };

struct pcap {
	FILE *file;
	bool ethernet; /* frames; else bare packets */
};

/* --- writing ---------------------------------------------------------------------------------- */

static bool
write_head(FILE *f, uint32_t link_type)
{
	uint8_t head[FILE_HEAD] = {0};

	packet_put32(head, PCAP_MAGIC);
	packet_put16(head + 4, 2); /* version 2.4 */
	packet_put16(head + 6, 4);
	packet_put32(head + 16, PCAP_SNAPLEN);
	packet_put32(head + 20, link_type);
	return fwrite(head, sizeof(head), 1, f) == 1;
}

/* A hardware address as a station chooses one for itself; 0 is nobody's. */
static void
put_station(uint8_t *p, uint32_t number)
{
	p[0] = 2;
	p[1] = 0;
	packet_put32(p + 2, number);
}

/* RFC 1112 6.4: the group's last 23 bits. */
static void
put_group(uint8_t *p, uint32_t group)
{
	packet_put16(p, 0x0100);
	packet_put32(p + 2, 0x5e000000 | (group & 0x7fffff));
}

/* The head of a frame; returns its size. */
static size_t
frame_head(uint8_t *p, const struct pcap_way *way, struct span packet)
{
	uint32_t dst = packet.n >= IP4_HEADER && !way->labels ? packet_get32(packet.p + 16) : 0;
	size_t n = 12;

	if (addr_is_multicast(dst))
		put_group(p, dst);
	else
		put_station(p, way->to);
	put_station(p + 6, way->from);
	if (way->vlan) {
		packet_put16(p + n, ETHERTYPE_VLAN);
		packet_put16(p + n + 2, way->vlan);
		n += TAG;
	}
	packet_put16(p + n, way->labels ? ETHERTYPE_MPLS : ETHERTYPE_IP4);
	return n + 2;
}

static void
write_record(struct pcap *p, const uint8_t stamp[8], const struct pcap_way *way, struct span packet)
{
	uint8_t frame[ETHERNET_HEAD + TAG], head[RECORD_HEAD];
	size_t n = p->ethernet ? frame_head(frame, way, packet) : 0;

	memcpy(head, stamp, 8);
	packet_put32(head + 8, (uint32_t)(n + packet.n));
	packet_put32(head + 12, (uint32_t)(n + packet.n));
	fwrite(head, sizeof(head), 1, p->file);
	fwrite(frame, n, 1, p->file);
	fwrite(packet.p, packet.n, 1, p->file);
}

/* --- from packets to frames ------------------------------------------------------------------- */

/* All that is in the file so far, behind its head; the caller frees it. */
static uint8_t *
read_records(FILE *f, size_t *ret_n)
{
	long end = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	size_t n = end > FILE_HEAD ? (size_t)end - FILE_HEAD : 0;
	uint8_t *records = x_alloc(n + 1);

	*ret_n = fseek(f, FILE_HEAD, SEEK_SET) == 0 ? fread(records, 1, n, f) : 0;
	return records;
}

void
pcap_tag(struct pcap *p)
{
	size_t n, at = 0;
	uint8_t *records;

	if (p->ethernet)
		return;
	fflush(p->file);
	records = read_records(p->file, &n);
	rewind(p->file);
	p->ethernet = true;
	write_head(p->file, LINKTYPE_ETHERNET);
	while (n - at >= RECORD_HEAD) {
		size_t size = packet_get32(records + at + 8);

		if (size > n - at - RECORD_HEAD)
			break;
		write_record(p, records + at, &(struct pcap_way){0},
		             SPAN(records + at + RECORD_HEAD, size));
		at += RECORD_HEAD + size;
	}
	fflush(p->file);
	free(records);
}

/* --- a file ----------------------------------------------------------------------------------- */

int
pcap_open(const char *path, struct pcap **ret)
{
	struct pcap *p;
	FILE *f = fopen(path, "w+be");

	if (!f)
		return -errno;
	if (!write_head(f, LINKTYPE_RAW) || fflush(f) != 0) {
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
pcap_write(struct pcap *p, int64_t wall, const struct pcap_way *way, struct span packet)
{
	uint8_t stamp[8];

	if (way->vlan || way->labels)
		pcap_tag(p);
	packet_put32(stamp, (uint32_t)(wall / 1000));
	packet_put32(stamp + 4, (uint32_t)(wall % 1000 * 1000));
	write_record(p, stamp, way, packet);
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
