/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An nftables table of Testudo's own (family ip), built whole and put in place in one transaction:
 * either all of it is there or what was there before. The matches of a rule are called in the order
 * in which the kernel shall try them; when one of them fails, the packet goes on to the next rule.
 *
 *   nft_begin(n);
 *   nft_chain(n, "in", "filter", NF_INET_PRE_ROUTING, -150);
 *   nft_rule(n, "in", 7); nft_iif(n, "eth0"); nft_selector(n, &s); nft_counter(n); nft_drop(n);
 *   error = nft_commit(n);
 *
 * Names borrowed for the call. Errors stick until nft_commit returns them.
 */
#ifndef TESTUDO_NFT_H
#define TESTUDO_NFT_H

#include <uv.h>

#include "compiler/policy/policy.h"

struct nft;

/* netns: borrowed descriptor, -1: the process's own. table: its name, static. 0 or -errno. */
int nft_new(int netns, const char *table, struct nft **ret);
void nft_free(struct nft *n);                 /* leaves the table as it is */
bool nft_holds(int netns, const char *table); /* does the kernel have one? */
/* Empties one chain, at once and alone. 0 or -errno: -ENOENT when there is none. */
int nft_flush(struct nft *n, const char *chain);
/*
 * From now on `changed` is called, from the loop, when somebody else has taken the table out or
 * changed it (`nft flush ruleset`, as a reload of nftables.service does). 0 or -errno.
 */
int nft_watch(struct nft *n, int netns, uv_loop_t *loop, void (*changed)(void *arg), void *arg);
int nft_remove(struct nft *n); /* takes the table out; none there is fine */

void nft_begin(struct nft *n);
/* type "filter" or "route"; hook: NF_INET_...; policy accept. */
void nft_chain(struct nft *n, const char *name, const char *type, uint32_t hook, int32_t priority);
/* Of type "filter"; what no rule decides is dropped. */
void nft_chain_shut(struct nft *n, const char *name, uint32_t hook, int32_t priority);
/* A chain that is only jumped to; before the rule that jumps. */
void nft_chain_plain(struct nft *n, const char *name);
/* Begins a rule; id is given back with its counter. */
void nft_rule(struct nft *n, const char *chain, uint32_t id);

void nft_iif(struct nft *n, const char *device);
void nft_iif_begins(struct nft *n, const char *prefix); /* any device so named */
void nft_iif_not(struct nft *n, const char *device);
void nft_oif(struct nft *n, const char *device);
/*
 * Matches when the routing table, without regard to marks, sends the packet out of that device; for
 * a chain at prerouting.
 */
void nft_route_oif(struct nft *n, const char *device);
void nft_proto(struct nft *n, uint8_t proto);
void nft_saddr(struct nft *n, uint32_t addr, uint32_t mask); /* mask 0: nothing is asked */
void nft_daddr(struct nft *n, uint32_t addr, uint32_t mask);
void nft_daddr_not(struct nft *n, uint32_t addr, uint32_t mask); /* mask not 0 */
/* To an address of this machine's. */
void nft_daddr_local(struct nft *n);
/* To a socket that carries this mark; for a chain at prerouting or input. */
void nft_socket_mark(struct nft *n, uint32_t value, uint32_t mask);
void nft_sport(struct nft *n, uint16_t port);
void nft_dport(struct nft *n, uint16_t port);
void nft_selector(struct nft *n, const struct selector *s); /* all of a selector */
/*
 * Matches the packet that an ICMP error quotes against the selector. Ports are compared for a deny
 * alone, and only where the quoted packet shows them: not behind IP options, nor in a later
 * fragment.
 */
void nft_selector_quoted(struct nft *n, const struct selector *s);
/* Matches of ICMP; they stand behind nft_proto. */
void nft_icmp_type(struct nft *n, uint8_t type);
void nft_icmp_code(struct nft *n, uint8_t code);
/*
 * A port in one of these ranges (none: nothing is asked) or flags of TCP: behind nft_proto, and
 * false of a later fragment.
 */
void nft_sport_in(struct nft *n, const struct port_range *ranges, size_t n_ranges);
void nft_dport_in(struct nft *n, const struct port_range *ranges, size_t n_ranges);
void nft_tcp_flags_any(struct nft *n, uint8_t flags); /* at least one of them is set */
void nft_tcp_flags_not(struct nft *n, uint8_t mask, uint8_t flags); /* of mask not just these */
void nft_later_fragment(struct nft *n); /* not the first fragment of a packet */
/*
 * Matches a packet whose connection the kernel (conntrack) knows, or that belongs to one that it
 * knows.
 */
void nft_known_connection(struct nft *n);
void nft_spi(struct nft *n, uint32_t spi); /* of ESP */
void nft_mark(struct nft *n, uint32_t value, uint32_t mask);
void nft_mark_not(struct nft *n, uint32_t value, uint32_t mask);
void nft_secpath(struct nft *n, bool exists); /* came out of XFRM */
void nft_bundle(struct nft *n, bool exists);  /* is on its way into XFRM (rt ipsec) */

/* A set of addresses, made with the table; before the rules that ask it. id: its number. */
void nft_set(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs);
void nft_saddr_in(struct nft *n, uint32_t set);
/* One more address in a set, at once and alone. 0 or -errno. */
int nft_set_add(struct nft *n, uint32_t set, uint32_t addr);

/* How many seconds the kernel remembers a connection that is quiet; nft_use_times refers to it. */
struct nft_tcp_times {
	uint32_t established, half_open, half_closed;
};
void nft_tcp_times(struct nft *n, const char *name, const struct nft_tcp_times *times);
void nft_udp_times(struct nft *n, const char *name, uint32_t seconds);

/* Makes the kernel put fragments together before any chain sees them; for a chain at prerouting. */
void nft_defrag(struct nft *n, const char *chain);
/* A copy of the first octets to the listeners of this group (nfnetlink_log). */
void nft_log(struct nft *n, uint16_t group);
/* The same, with a word that tells the listener which rule it was; NULL: none. */
void nft_log_as(struct nft *n, uint16_t group, const char *word);
/* Matches no more than fifty packets in a second. */
void nft_rarely(struct nft *n);

/*
 * Rules that accept this node's own GDOI, for a chain at prerouting or input: datagrams to one of
 * its addresses, or to a multicast group, for which a socket with the daemon's mark listens. These
 * rules cannot tell whether the node itself has joined that multicast group. If it has not, the
 * kernel forwards the datagram, and the chain at the forward hook decides.
 */
void nft_own_gdoi(struct nft *n, const char *chain);

void nft_set_mark(struct nft *n, uint32_t value);
/* Copying between the packet's addresses and its mark or priority; the checksum follows. */
void nft_mark_from_daddr(struct nft *n);
void nft_mark_from_saddr(struct nft *n);
void nft_priority_from_saddr(struct nft *n);
void nft_daddr_from_mark(struct nft *n);
void nft_saddr_from_priority(struct nft *n);
void nft_set_priority(struct nft *n, uint32_t value);
void nft_set_daddr(struct nft *n, uint32_t addr);
void nft_counter(struct nft *n);
void nft_counter_from(struct nft *n, uint64_t packets); /* counts on from there */
void nft_use_times(struct nft *n, const char *times);   /* for a connection that begins */
void nft_accept(struct nft *n);
void nft_return(struct nft *n);
void nft_jump(struct nft *n, const char *chain); /* and back, when no rule there decides */
void nft_goto(struct nft *n, const char *chain); /* and not back */
void nft_drop(struct nft *n);
void nft_reject(struct nft *n); /* drops, and tells the sender: ICMP, administratively prohibited */
/*
 * Holds the packet for the program that listens at this queue (nfnetlink_queue); without one the
 * kernel drops it.
 */
void nft_queue(struct nft *n, uint16_t queue);
/*
 * Finds out how this kernel holds packets, before any nft_queue; leaves no table. 0 or -errno:
 * -ENOENT when it cannot.
 */
int nft_find_queue(struct nft *n);

/*
 * What has been built since nft_begin: the same calls give the same octets. Valid until the next
 * call that builds or commits; NULL: there is an error, which nft_commit returns.
 */
const char *nft_built(struct nft *n, size_t *ret_len);

/*
 * Sends the batch. 0 or -errno; on an error the kernel's table is as it was. It never waits: the
 * kernel has answered by the time the call that sends returns.
 */
int nft_commit(struct nft *n);

/* Every counter of the table, by the rule's id. */
typedef void nft_counter_fn(void *arg, uint32_t id, uint64_t packets, uint64_t bytes);
int nft_counters(struct nft *n, nft_counter_fn *fn, void *arg);

#endif
