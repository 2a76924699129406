/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our nftables table holds: chains, rules and sets as messages in one batch (see nft.h). The
 * batch goes to the kernel by nft_link.c.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/nft_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>

#define BATCH_MAX     (64u << 20) /* octets of one transaction */
#define MESSAGE_MAX   65536u      /* octets of one message */
#define FIRST_UNNAMED 0x40000000u /* numbers of unnamed sets; those of named ones begin at 1 */

/* --- the batch -------------------------------------------------------------------------------- */

char *
nft_message(struct nft *n)
{
	if (n->used > BATCH_MAX)
		n->error = -E2BIG;
	if (n->error)
		return NULL;
	x_grow(&n->batch, &n->capacity, n->used + MESSAGE_MAX, 1);
	return n->batch + n->used;
}

void
nft_message_end(struct nft *n)
{
	n->used += MNL_ALIGN(((struct nlmsghdr *)(void *)(n->batch + n->used))->nlmsg_len);
}

static void
batch_control(struct nft *n, struct nlmsghdr *(*make)(char *, uint32_t))
{
	char *at = nft_message(n);

	if (!at)
		return;
	make(at, n->seq++);
	nft_message_end(n);
}

void
nft_batch_begin(struct nft *n)
{
	n->used = 0;
	n->error = 0;
	n->seq = 1; /* the same calls make the same octets: nft_built */
	n->last_set = FIRST_UNNAMED;
	batch_control(n, nftnl_batch_begin);
}

void
nft_batch_end(struct nft *n)
{
	batch_control(n, nftnl_batch_end);
}

const char *
nft_built(struct nft *n, size_t *ret_len)
{
	nft_rule_end(n);
	*ret_len = n->used;
	return n->error ? NULL : n->batch;
}

void
nft_table_message(struct nft *n, uint16_t type, uint16_t flags)
{
	struct nftnl_table *t = nftnl_table_alloc();
	char *at = nft_message(n);

	if (t && at) {
		nftnl_table_set_str(t, NFTNL_TABLE_NAME, n->table);
		nftnl_table_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, type, NFPROTO_IPV4, flags, n->seq++), t);
		nft_message_end(n);
	}
	nftnl_table_free(t);
}

void
nft_begin_empty(struct nft *n)
{
	nft_batch_begin(n);
	/*
	 * The kernel refuses to delete a table that does not exist, so the batch creates it first
	 */
	nft_table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	nft_table_message(n, NFT_MSG_DELTABLE, 0);
}

void
nft_begin(struct nft *n)
{
	nft_begin_empty(n);
	nft_table_message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

/* The rule that was being built goes into the batch. */
void
nft_rule_end(struct nft *n)
{
	char *at;

	if (!n->rule)
		return;
	at = nft_message(n);
	if (at) {
		nftnl_rule_nlmsg_build_payload(
		    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWRULE, NFPROTO_IPV4,
		                          NLM_F_CREATE | NLM_F_APPEND, n->seq++),
		    n->rule);
		nft_message_end(n);
	}
	nftnl_rule_free(n->rule);
	n->rule = NULL;
}

struct chain_hook {
	const char *type;
	uint32_t hook;
	int32_t priority;
	uint32_t policy; /* NF_ACCEPT or NF_DROP */
};

/* hook NULL: a chain that is only jumped to. */
static void
add_chain(struct nft *n, const char *name, const struct chain_hook *hook)
{
	struct nftnl_chain *c = nftnl_chain_alloc();
	char *at;

	nft_rule_end(n);
	at = nft_message(n);
	if (c && at) {
		nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, n->table);
		nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
		if (hook) {
			nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, hook->type);
			nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, hook->hook);
			nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, hook->priority);
			nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, hook->policy);
		}
		nftnl_chain_nlmsg_build_payload(nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWCHAIN,
		                                                      NFPROTO_IPV4, NLM_F_CREATE,
		                                                      n->seq++),
		                                c);
		nft_message_end(n);
	}
	nftnl_chain_free(c);
}

void
nft_chain(struct nft *n, const char *name, const char *type, uint32_t hook, int32_t priority)
{
	add_chain(n, name, &(struct chain_hook){type, hook, priority, NF_ACCEPT});
}

void
nft_chain_shut(struct nft *n, const char *name, uint32_t hook, int32_t priority)
{
	add_chain(n, name, &(struct chain_hook){"filter", hook, priority, NF_DROP});
}

void
nft_chain_plain(struct nft *n, const char *name)
{
	add_chain(n, name, NULL);
}

void
nft_rule(struct nft *n, const char *chain, uint32_t id)
{
	struct nft_note note = {.type = NFT_NOTE_TYPE, .len = sizeof(note.id)};

	nft_rule_end(n);
	n->rule = nftnl_rule_alloc();
	if (!n->rule)
		abort();
	nftnl_rule_set_str(n->rule, NFTNL_RULE_TABLE, n->table);
	nftnl_rule_set_str(n->rule, NFTNL_RULE_CHAIN, chain);
	memcpy(note.id, &id, sizeof(id));
	nftnl_rule_set_data(n->rule, NFTNL_RULE_USERDATA, &note, sizeof(note));
}

/* --- sets ------------------------------------------------------------------------------------- */

#define SET_CHUNK    1000 /* addresses in one message */
#define TYPE_ADDRESS 7    /* nft's number for ipv4_addr */

static struct nftnl_set *
set_alloc(const struct nft *n, uint32_t id)
{
	struct nftnl_set *s = nftnl_set_alloc();
	char name[32];

	if (!s)
		abort();
	snprintf(name, sizeof(name), "set-%u", id);
	nftnl_set_set_str(s, NFTNL_SET_TABLE, n->table);
	nftnl_set_set_str(s, NFTNL_SET_NAME, name);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id + 1);
	nftnl_set_set_u32(s, NFTNL_SET_FAMILY, NFPROTO_IPV4);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, TYPE_ADDRESS);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, 4);
	return s;
}

void
nft_say_set(struct nft *n, struct nftnl_set *s)
{
	char *at = nft_message(n);

	if (!at)
		return;
	nftnl_set_nlmsg_build_payload(
	    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWSET, NFPROTO_IPV4, NLM_F_CREATE, n->seq++), s);
	nft_message_end(n);
}

void
nft_say_elements(struct nft *n, struct nftnl_set *s)
{
	char *at = nft_message(n);

	if (!at)
		return;
	nftnl_set_elems_nlmsg_build_payload(
	    nftnl_nlmsg_build_hdr(at, NFT_MSG_NEWSETELEM, NFPROTO_IPV4, NLM_F_CREATE, n->seq++), s);
	nft_message_end(n);
}

void
nft_set_elements(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs)
{
	struct nftnl_set *s = set_alloc(n, id);

	for (size_t i = 0; i < n_addrs; i++) {
		struct nftnl_set_elem *e = nftnl_set_elem_alloc();
		uint32_t wire = htonl(addrs[i]);

		if (!e)
			abort();
		nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, &wire, sizeof(wire));
		nftnl_set_elem_add(s, e);
	}
	nft_say_elements(n, s);
	nftnl_set_free(s);
}

void
nft_set(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs)
{
	struct nftnl_set *s = set_alloc(n, id);

	nft_rule_end(n);
	nft_say_set(n, s);
	nftnl_set_free(s);
	for (size_t i = 0; i < n_addrs; i += SET_CHUNK)
		nft_set_elements(n, id, addrs + i,
		                 n_addrs - i < SET_CHUNK ? n_addrs - i : SET_CHUNK);
}
