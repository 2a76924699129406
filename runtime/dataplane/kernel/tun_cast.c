/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multicast through userspace ESP. Routing rules cannot steer it: the kernel routes multicast by
 * membership and by multicast routes, and those allow one device for each packet. So nftables rules
 * hold the packet where it is (NFQUEUE), this code encrypts or decrypts it and gives it back, and
 * it continues from where it was held.
 *
 *   this machine --> output  \  a permit: held --> ESP --> goes on, out of the device it was for
 *   LAN --> mroute --> forward /
 *   core --> prerouting: ESP, a group's SPI: held --> clear --> goes on as if it had come so: to
 *            whoever has joined on the core device, and by multicast routes to the LAN
 *
 * What this machine sends and has joined itself comes back to it as ESP, and is decrypted as from
 * anybody. Nobody there to take held packets: the kernel drops them, the door is closed.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/tun_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "runtime/base/netns.h"

#define BATCH  64
#define WAITS  4096    /* packets that may wait for us */
#define BUFFER 4194304 /* octets of them in the socket */

struct held {
	uint32_t id;
	uint8_t hook;
	unsigned in, out; /* devices; 0: none */
	const uint8_t *bytes;
	size_t n;
};

static struct nlmsghdr *
new_message(char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof(*g));

	h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type);
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	g->nfgen_family = AF_UNSPEC;
	g->version = NFNETLINK_V0;
	g->res_id = htons(TUN_QUEUE);
	return h;
}

/* --- what becomes of a packet ----------------------------------------------------------------- */

static void
answer_held(struct tun *t, const struct held *p, uint32_t verdict, uint32_t mark, struct span bytes)
{
	char *buf = t->answer;
	struct nlmsghdr *h = new_message(buf, NFQNL_MSG_VERDICT, 0);
	const struct nfqnl_msg_verdict_hdr v = {.verdict = htonl(verdict), .id = htonl(p->id)};

	mnl_attr_put(h, NFQA_VERDICT_HDR, sizeof(v), &v);
	if (mark)
		mnl_attr_put_u32(h, NFQA_MARK, htonl(mark));
	if (bytes.n)
		mnl_attr_put(h, NFQA_PAYLOAD, bytes.n, bytes.p);
	if (mnl_socket_sendto(t->queue, h, h->nlmsg_len) < 0)
		return; /* the packet stays held until the queue is closed, so it does not leave */
}

/*
 * Cuts a packet that is too big. No ICMP error answers a multicast packet (RFC 1122 3.2.2), so one
 * that must not be fragmented is fragmented once it is encrypted: the inner header stays as it was.
 */
static bool
make_it_fit(const struct tun_device *d, struct packet *p, bool options)
{
	uint8_t *header = packet_data(p);

	if (p->n <= d->mtu)
		return true;
	if (options) /* the kernel would copy options that the packet has no more */
		return false;
	header[6] &= (uint8_t)~0x40;
	ip4_refresh(header);
	return true;
}

static bool
close_packet(const struct tun_device *d, struct packet *p, msec now)
{
	bool options = packet_read(p) && p->ip4.header != IP4_HEADER;
	size_t mtu;

	return esp_output(d->port, p, false, IP4_PACKET_MAX, &mtu, now) == ESP_DONE &&
	       make_it_fit(d, p, options);
}

/* The kernel has noted the length of the header, so a header with options cannot replace it. */
static bool
open_packet(const struct tun_device *d, struct packet *p, msec now)
{
	return esp_input(d->port, p, true, now) == ESP_DONE && p->ip4.header == IP4_HEADER;
}

static void
take_held(struct tun *t, const struct held *p)
{
	bool in = p->hook == NF_INET_PRE_ROUTING;
	const struct tun_device *d = tun_device_by_index(t, in ? p->in : p->out);
	struct packet packet = packet_in(t->buffer, sizeof(t->buffer), p->n);
	msec now = (msec)(uv_hrtime() / 1000000);
	bool done = false;

	if (d && p->n && p->n <= TUN_PACKET_BUFFER) {
		memcpy(packet_data(&packet), p->bytes, p->n);
		done = in ? open_packet(d, &packet, now) : close_packet(d, &packet, now);
	}
	if (!done || packet.n > TUN_HELD_MAX)
		answer_held(t, p, NF_DROP, 0, SPAN(NULL, 0));
	else /* a mark at output would have it routed once more */
		answer_held(t, p, NF_ACCEPT, p->hook == NF_INET_LOCAL_OUT ? 0 : MARK_MADE,
		            packet_span(&packet));
}

/* --- from the kernel -------------------------------------------------------------------------- */

static int
on_packet(const struct nlmsghdr *h, void *arg)
{
	struct held p = {.n = 0};
	const struct nlattr *a;
	bool known = false;

	if (h->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
		return MNL_CB_OK;
	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg))
	{
		const void *value = mnl_attr_get_payload(a);
		size_t n = mnl_attr_get_payload_len(a);
		struct nfqnl_msg_packet_hdr packet;

		switch (mnl_attr_get_type(a)) {
		case NFQA_PACKET_HDR:
			if (n < sizeof(packet))
				return MNL_CB_OK;
			memcpy(&packet, value, sizeof(packet));
			p.id = ntohl(packet.packet_id);
			p.hook = packet.hook;
			known = true;
			break;
		case NFQA_IFINDEX_INDEV:
			if (n >= 4)
				p.in = packet_get32(value);
			break;
		case NFQA_IFINDEX_OUTDEV:
			if (n >= 4)
				p.out = packet_get32(value);
			break;
		case NFQA_PAYLOAD:
			p.bytes = value;
			p.n = n;
			break;
		default:
			break;
		}
	}
	if (known)
		take_held(arg, &p);
	return MNL_CB_OK;
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct tun *t = poll->data;

	(void)status;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		ssize_t n =
		    recv(mnl_socket_get_fd(t->queue), t->held, sizeof(t->held), MSG_DONTWAIT);

		if (n <= 0)
			return;
		mnl_cb_run(t->held, (size_t)n, 0, 0, on_packet, t);
	}
}

/* --- birth and death -------------------------------------------------------------------------- */

static int
configure_queue(struct tun *t, uint16_t attr, const void *data, size_t n)
{
	char buf[512];
	struct nlmsghdr *h = new_message(buf, NFQNL_MSG_CONFIG, NLM_F_ACK);
	ssize_t got;

	mnl_attr_put(h, attr, n, data);
	if (mnl_socket_sendto(t->queue, h, h->nlmsg_len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(t->queue, buf, sizeof(buf));
	if (got < 0 || mnl_cb_run(buf, (size_t)got, 0, 0, NULL, NULL) < 0)
		return -errno;
	return 0;
}

static int
open_inside(void *arg)
{
	struct tun *t = arg;
	const struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND};
	const struct nfqnl_msg_config_params whole = {.copy_range = htonl(0xffff),
	                                              .copy_mode = NFQNL_COPY_PACKET};
	const uint32_t waits = htonl(WAITS);
	const int room = BUFFER;
	int error;

	t->queue = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!t->queue || mnl_socket_bind(t->queue, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	error = configure_queue(t, NFQA_CFG_CMD, &bind, sizeof(bind));
	if (!error)
		error = configure_queue(t, NFQA_CFG_PARAMS, &whole, sizeof(whole));
	if (!error)
		error = configure_queue(t, NFQA_CFG_QUEUE_MAXLEN, &waits, sizeof(waits));
	if (!error)
		setsockopt(mnl_socket_get_fd(t->queue), SOL_SOCKET, SO_RCVBUFFORCE, &room,
		           sizeof(room));
	return error;
}

int
tun_cast_open(struct tun *t)
{
	int error = nft_find_queue(t->nft);

	/*
	 * Without a queue, multicast that the policy permits is dropped: it leaves encrypted or not
	 * at all.
	 */
	if (error == -ENOENT)
		return 0;
	if (!error)
		error = netns_inside(t->o.netns, open_inside, t);
	if (error)
		return error;
	uv_poll_init(t->o.loop, &t->queue_poll, mnl_socket_get_fd(t->queue));
	t->queue_poll.data = t;
	t->open_handles++;
	uv_poll_start(&t->queue_poll, UV_READABLE, on_readable);
	return 0;
}

void
tun_cast_close(struct tun *t, uv_close_cb on_closed)
{
	if (t->queue_poll.data) {
		uv_poll_stop(&t->queue_poll);
		uv_close((uv_handle_t *)&t->queue_poll, on_closed);
	}
	if (t->queue)
		mnl_socket_close(t->queue);
	t->queue = NULL;
}
