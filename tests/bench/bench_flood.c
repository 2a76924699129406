/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends datagrams of one kind to port 848 at a rate, under invented addresses: what
 * tests/bench/flood lets loose on a key server. Needs a raw socket, and a network of its own.
 *
 *     bench_flood KIND PACKETS-A-SECOND SECONDS ADDRESS
 *
 * Prints how many went out in a second.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "compiler/policy/protocol.h"
#include "runtime/wire/isakmp.h"

#define BATCH      64
#define PACKET_MAX 1500

static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
fill_random(void *p, size_t n)
{
	uint8_t *to = p;

	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)next_random();
}

/* --- what is in a datagram -------------------------------------------------------------------- */

static void
put_header(struct wr *w, uint8_t exchange, bool answer)
{
	struct isakmp_header h = {.version = ISAKMP_VERSION, .exchange = exchange};

	fill_random(h.cookie_i, COOKIE_SIZE);
	if (answer)
		fill_random(h.cookie_r, COOKIE_SIZE);
	if (exchange != EXCHANGE_MAIN && exchange != EXCHANGE_GROUPKEY_PUSH)
		h.message_id = (uint32_t)next_random();
	if (exchange == EXCHANGE_GROUPKEY_PUSH)
		h.flags = FLAG_ENCRYPTION;
	isakmp_header_put(w, &h);
}

static void
put_random(struct wr *w)
{
	uint8_t bytes[600];
	size_t n = next_random() % sizeof(bytes);

	fill_random(bytes, n);
	wr_bytes(w, bytes, n);
}

/* The offer of a member; every one of them is another one. */
static void
put_offer(struct wr *w)
{
	struct isakmp_chain chain = ISAKMP_CHAIN;
	struct phase1_sa sa = {.doi = DOI_GDOI,
	                       .proposal = 1,
	                       .n = 1,
	                       .transforms = {{.number = 1,
	                                       .cipher = CIPHER_AES_128,
	                                       .hash = HASH_SHA1,
	                                       .group = 14,
	                                       .auth = PHASE1_AUTH_PSK}}};

	sa.transforms[0].lifetime = 70000 + (uint32_t)next_random() % 0x40000000;
	put_header(w, EXCHANGE_MAIN, false);
	isakmp_payload_begin(w, &chain, PAYLOAD_SA);
	phase1_sa_put(w, &sa);
	isakmp_payload_end(w, &chain);
}

static void
put_payload(struct wr *w, uint8_t type, size_t n)
{
	struct isakmp_chain chain = ISAKMP_CHAIN;
	uint8_t bytes[PACKET_MAX];

	fill_random(bytes, n);
	isakmp_payload_put(w, &chain, type, SPAN(bytes, n));
}

static void
put_message3(struct wr *w)
{
	put_header(w, EXCHANGE_MAIN, true);
	put_payload(w, PAYLOAD_KE, 256);
}

static void
put_notify(struct wr *w)
{
	put_header(w, EXCHANGE_INFORMATIONAL, true);
	put_payload(w, PAYLOAD_NOTIFY, 24);
}

static void
put_push(struct wr *w)
{
	uint8_t bytes[256];

	put_header(w, EXCHANGE_GROUPKEY_PUSH, true);
	fill_random(bytes, sizeof(bytes));
	wr_bytes(w, bytes, sizeof(bytes));
}

static void
put_oversize(struct wr *w)
{
	put_header(w, EXCHANGE_MAIN, false);
	put_payload(w, PAYLOAD_SA, 1400);
}

static const struct kind {
	const char *name;
	void (*put)(struct wr *w);
	bool one_source, fragment;
} kinds[] = {
    {"random", put_random, false, false},     {"offers", put_offer, false, false},
    {"one-source", put_offer, true, false},   {"message3", put_message3, false, false},
    {"notifies", put_notify, false, false},   {"push", put_push, false, false},
    {"oversize", put_oversize, false, false}, {"fragments", put_message3, false, true},
};

/* --- packets ---------------------------------------------------------------------------------- */

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t n;
};

/* Not one of the members' networks, nor one that no host may have. */
static uint32_t
invent_source(const struct kind *k)
{
	return k->one_source ? 0x14000001 : 0x14000000 + (uint32_t)next_random() % 0x60000000;
}

static void
make_packet(const struct kind *k, uint32_t to, struct packet *p)
{
	struct wr w = wr_buf(p->bytes + 28, PACKET_MAX - 28);
	struct udphdr udp = {.source = htons(GDOI_PORT), .dest = htons(GDOI_PORT)};
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};

	k->put(&w);
	if (k->put != put_random)
		isakmp_finish(&w);
	p->n = 28 + w.n;
	udp.len = htons((uint16_t)(8 + w.n + (k->fragment ? 800 : 0)));
	ip.tot_len = htons((uint16_t)p->n);
	ip.id = (uint16_t)next_random();
	ip.saddr = htonl(invent_source(k));
	ip.daddr = to;
	if (k->fragment) { /* the first one; the others never come */
		p->n -= w.n % 8;
		ip.tot_len = htons((uint16_t)p->n);
		ip.frag_off = htons(IP_MF);
	}
	memcpy(p->bytes, &ip, sizeof(ip));
	memcpy(p->bytes + 20, &udp, sizeof(udp));
}

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
send_batch(int fd, const struct kind *k, uint32_t to, unsigned n)
{
	static struct packet packets[BATCH];
	struct mmsghdr m[BATCH] = {0};
	struct iovec iov[BATCH];
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = to};

	for (unsigned i = 0; i < n; i++) {
		make_packet(k, to, &packets[i]);
		iov[i] = (struct iovec){packets[i].bytes, packets[i].n};
		m[i].msg_hdr = (struct msghdr){.msg_name = &addr,
		                               .msg_namelen = sizeof(addr),
		                               .msg_iov = &iov[i],
		                               .msg_iovlen = 1};
	}
	(void)sendmmsg(fd, m, n, 0);
}

static uint64_t
send_flood(int fd, const struct kind *k, uint32_t to, double rate, double seconds)
{
	double start = seconds_now(), now;
	uint64_t sent = 0;

	while ((now = seconds_now()) - start < seconds) {
		double due = (now - start) * rate - (double)sent;
		unsigned n = due > BATCH ? BATCH : due < 0 ? 0 : (unsigned)due;
		struct timespec rest = {.tv_nsec = 300000};
		if (n < 8) {
			nanosleep(&rest, NULL);
			continue;
		}
		send_batch(fd, k, to, n);
		sent += n;
	}
	return sent;
}

int
main(int argc, char **argv)
{
	const struct kind *k = NULL;
	double seconds = argc == 5 ? atof(argv[3]) : 0;
	struct in_addr to;
	int fd;

	for (size_t i = 0; argc == 5 && i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, argv[1]) == 0)
			k = &kinds[i];
	if (!k || !inet_aton(argv[4], &to) || seconds <= 0) {
		printf("bench_flood KIND PACKETS-A-SECOND SECONDS ADDRESS; kinds:");
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			printf(" %s", kinds[i].name);
		printf("\n");
		return 0;
	}
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0) {
		perror("raw socket");
		return 77;
	}
	printf("%.0f\n", (double)send_flood(fd, k, to.s_addr, atof(argv[2]), seconds) / seconds);
	return 0;
}
