/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules refer to and a packet filter needs: ranges of ports, times of connections. See nft.h.
 */
#define _GNU_SOURCE
#include "compiler/policy/protocol.h"
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>

#define TYPE_PORT 13 /* nft's number for inet_service */

/* --- ranges of ports -------------------------------------------------------------------------- */

/* Sorts the ranges into *ret, which has room for all; those that touch or overlap become one. */
static size_t
merge_ranges(const struct port_range *ranges, size_t n_ranges, struct port_range *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < n_ranges; i++) {
		size_t at = i;

		for (; at && ret[at - 1].lo > ranges[i].lo; at--)
			ret[at] = ret[at - 1];
		ret[at] = ranges[i];
	}
	for (size_t i = 0; i < n_ranges; i++)
		if (n && ret[i].lo <= ret[n - 1].hi + 1)
			ret[n - 1].hi = ret[i].hi > ret[n - 1].hi ? ret[i].hi : ret[n - 1].hi;
		else
			ret[n++] = ret[i];
	return n;
}

static void
add_port(struct nftnl_set *s, uint16_t port, uint32_t flags)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();
	const uint16_t wire = htons(port);

	if (!e)
		abort();
	nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, &wire, sizeof(wire));
	if (flags)
		nftnl_set_elem_set_u32(e, NFTNL_SET_ELEM_FLAGS, flags);
	nftnl_set_elem_add(s, e);
}

/* A range is the port that it begins with, and the first one behind it, marked as the end. */
static struct nftnl_set *
port_set(const struct nft *n, uint32_t id, const struct port_range *ranges, size_t n_ranges)
{
	struct nftnl_set *s = nftnl_set_alloc();

	if (!s)
		abort();
	nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, NFT_SET_UNNAMED);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_IPV4);
	nftnl_set_set_u32(s, NFTNL_SET_FLAGS,
	                  NFT_SET_ANONYMOUS | NFT_SET_CONSTANT | NFT_SET_INTERVAL);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, TYPE_PORT);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, sizeof(uint16_t));
	for (size_t i = 0; i < n_ranges; i++) {
		add_port(s, ranges[i].lo, 0);
		if (ranges[i].hi < UINT16_MAX)
			add_port(s, (uint16_t)(ranges[i].hi + 1), NFT_SET_ELEM_INTERVAL_END);
	}
	return s;
}

uint32_t
nft_port_set(struct nft *n, const struct port_range *ranges, size_t n_ranges)
{
	struct port_range *merged = x_alloc(n_ranges * sizeof(*merged));
	const uint32_t id = n->last_set++;
	struct nftnl_set *s = port_set(n, id, merged, merge_ranges(ranges, n_ranges, merged));

	nft_say_set(n, s);
	nft_say_elements(n, s);
	nftnl_set_free(s);
	free(merged);
	return id;
}

/* --- times of connections --------------------------------------------------------------------- */

static void
add_times(struct nft *n, const char *name, uint8_t proto,
          const uint32_t times[NFTNL_CTTIMEOUT_ARRAY_MAX])
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	char *at;

	nft_rule_end(n);
	at = nft_message(n);
	if (!o)
		abort();
	if (at) {
		nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, n->table);
		nftnl_obj_set_str(o, NFTNL_OBJ_NAME, name);
		nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, NFT_OBJECT_CT_TIMEOUT);
		nftnl_obj_set_u16(o, NFTNL_OBJ_CT_TIMEOUT_L3PROTO, NFPROTO_IPV4);
		nftnl_obj_set_u8(o, NFTNL_OBJ_CT_TIMEOUT_L4PROTO, proto);
		nftnl_obj_set_data(o, NFTNL_OBJ_CT_TIMEOUT_ARRAY, times,
		                   NFTNL_CTTIMEOUT_ARRAY_MAX * sizeof(*times));
		nftnl_obj_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWOBJ, NFPROTO_IPV4, NLM_F_CREATE, n->seq++),
		    o);
		nft_message_end(n);
	}
	nftnl_obj_free(o);
}

/* A time that is not given is the kernel's default. */
void
nft_tcp_times(struct nft *n, const char *name, const struct nft_tcp_times *t)
{
	const uint32_t times[NFTNL_CTTIMEOUT_ARRAY_MAX] = {
	    [NFTNL_CTTIMEOUT_TCP_SYN_SENT] = t->half_open,
	    [NFTNL_CTTIMEOUT_TCP_SYN_RECV] = t->half_open,
	    [NFTNL_CTTIMEOUT_TCP_ESTABLISHED] = t->established,
	    [NFTNL_CTTIMEOUT_TCP_FIN_WAIT] = t->half_closed,
	    [NFTNL_CTTIMEOUT_TCP_CLOSE_WAIT] = t->half_closed,
	    [NFTNL_CTTIMEOUT_TCP_LAST_ACK] = 30,
	    [NFTNL_CTTIMEOUT_TCP_TIME_WAIT] = 120,
	    [NFTNL_CTTIMEOUT_TCP_CLOSE] = 10,
	    [NFTNL_CTTIMEOUT_TCP_SYN_SENT2] = 120,
	    [NFTNL_CTTIMEOUT_TCP_RETRANS] = 300,
	    [NFTNL_CTTIMEOUT_TCP_UNACK] = 300,
	};

	add_times(n, name, PROTO_TCP, times);
}

void
nft_udp_times(struct nft *n, const char *name, uint32_t seconds)
{
	const uint32_t times[NFTNL_CTTIMEOUT_ARRAY_MAX] = {
	    [NFTNL_CTTIMEOUT_UDP_UNREPLIED] = seconds, [NFTNL_CTTIMEOUT_UDP_REPLIED] = seconds};

	add_times(n, name, PROTO_UDP, times);
}
