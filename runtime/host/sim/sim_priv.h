/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the simulated host: what sim.c (time, links), sim_node.c (one node), sim_ip.c (its IP
 * stack) and sim_echo.c (ping) share. */
#ifndef TESTUDO_SIM_PRIV_H
#define TESTUDO_SIM_PRIV_H

#include "compiler/multicast/multicast.h"
#include "compiler/routing/mpls.h"
#include "runtime/dataplane/esp/esp.h"
#include "runtime/host/fib.h"
#include "runtime/host/frag.h"
#include "runtime/host/sim/pcap.h"
#include "runtime/host/sim/sim.h"
#include "runtime/host/traffic.h"

#define SIM_MTU     1500 /* of a link that nobody has set */
#define SIM_TTL     255  /* of what a router itself sends */
#define SIM_FROZEN  20   /* milliseconds: so often it is seen whether a node goes on */
#define SIM_FAULTED 3    /* loss, duplicate, reorder */

/* --- time ------------------------------------------------------------------------------------- */

/* First in whatever waits for its time. Equal times fire in the order they were set. */
struct event {
	msec at;
	uint64_t order;
	size_t place; /* in the heap, from 1; 0: not set */
	void (*fire)(struct sim *sim, struct event *e);
};

void sim_event_set(struct sim *sim, struct event *e, msec at); /* moves one already set */
void sim_event_cancel(struct sim *sim, struct event *e);

/* --- links ------------------------------------------------------------------------------------ */

struct sim_link {
	struct sim_link *next;
	char *name;
	uint32_t number; /* from 1 */
	bool tagged;     /* somebody has, or had, a VLAN on it */
	msec latency;
	struct nic **nics; /* borrowed from their nodes */
	size_t n_nics, nics_capacity;
	struct pcap *pcap; /* NULL: not captured */
};

/* What DHCP has given an interface. */
struct sim_lease {
	uint32_t addr; /* 0: nothing */
	uint8_t len;
	uint32_t router; /* 0: none */
};

struct nic {
	struct nic *next;
	struct sim_node *node;
	char *name;
	struct sim_link *link; /* NULL: no cable; of a subinterface: its parent's */
	uint32_t number;       /* of its cable's end, in frames: from 1 */
	struct nic *parent;    /* of a subinterface, as long as it has a VLAN; else NULL */
	uint16_t vlan;         /* of its frames' tag; 0: they have none */
	uint16_t access; /* of a switch's port without tags: the VLAN that it is in; 0: none */
	struct sim_table *table; /* whose routes it follows; never NULL */
	bool loopback;
	bool in_policy;
	bool plugged; /* sim_interface_set */
	bool admin_up, line_up;
	bool has_address;
	struct sim_lease lease;
	bool borrowed; /* the address is another interface's: no network comes with it */
	uint32_t addr;
	uint8_t len;
	size_t mtu;                          /* of a packet */
	const struct policy_interface *conf; /* the policy's; NULL: it has none */
	struct esp_port *port;
	size_t n_joined, joined_capacity;
	struct joined {
		uint32_t group; /* multicast address; 0: its own */
		uint16_t port;
	} * joined; /* what is heard here beside port 848 of its own */
	struct traffic in, out;
	uint64_t in_drops, out_drops;
	bool was_cleared;
	msec cleared_at;
};

/* A packet under way. */
struct frame {
	struct event event;
	struct sim_table *table; /* who will get it, and in which of its tables */
	struct nic *nic;         /* by which interface; NULL: it sent it to itself */
	bool lost;               /* that interface has gone */
	bool labels;             /* the packet begins with them */
	struct packet pkt;       /* its buffer follows this struct */
};

struct frame *sim_frame_new(struct span bytes);         /* with room for ESP; free with free(3) */
struct frame *sim_frame_copy(const struct packet *pkt); /* with what was read of it */
/* Puts bytes on the link, for whoever answers to `next`. False: nobody does. */
bool sim_transmit(struct nic *nic, struct span bytes, uint32_t next);
/* The same of what begins with labels: a frame of its own kind. */
bool sim_transmit_labels(struct nic *nic, struct span bytes, uint32_t next);
void sim_link_refresh(struct sim_link *link); /* line protocol of all on it, after a change */

/* --- nodes ------------------------------------------------------------------------------------ */

/*
 * A routing table of a node, with all that packets of one VRF could meet in: the global one comes
 * first and always is, one for each VRF behind it. They stay as long as the node, empty when their
 * VRF has gone, since packets on their way and requests know theirs.
 */
struct sim_table {
	struct sim_table *next;
	struct sim_node *node;
	uint32_t vrf;
	struct fib *fib; /* never NULL; sim_fib: as routing protocols have it now */
	uint64_t routes_seen,
	    routes_version; /* of the engine's table: when its routes were built */
	struct frag_table *frags;
};

struct echo;
struct knocking;

struct sim_node {
	struct host base;
	struct sim_node *next;
	struct sim *sim;
	char *name;
	struct host_events events;
	bool powered, frozen;
	const struct policy *policy; /* borrowed; NULL before the first apply */
	struct nic *nics;
	struct sim_table *tables; /* the global one first */
	size_t routed; /* its number among those with a routing protocol, from 1; 0: it has none */
	size_t cast;   /* its number in the engine of multicast, from 1; 0: there is none */
	struct dataplane *dp;
	struct counters *counters; /* of keys; outlive the dataplane */
	struct filter *filter;
	struct event filter_due; /* a connection's time may be over */
	struct event wake;
	uint64_t *label_bytes; /* switched by each label, from MPLS_FIRST */
	size_t n_label_bytes, label_bytes_capacity;
	struct echo *echoes;
	uint16_t next_echo;
	struct knocking *knocks;
	uint16_t next_knock;
	uint16_t next_id;       /* IPv4 identification */
	int64_t wall_ahead;     /* its wall clock is ahead of the others' by so much */
	msec unreachable_at[2]; /* when the last was sent: of any kind, and for want of size */
};

struct sim {
	msec now;
	int64_t wall;
	uint64_t random;
	uint64_t next_order;
	uint32_t next_nic;
	struct event **heap; /* from 1 */
	size_t n_events, heap_capacity;
	struct sim_node *nodes;
	struct sim_link *links;
	double faults[SIM_FAULTED];
	char *pcap_dir;
	void (*see)(void *arg, const struct sim_seen *seen); /* NULL: nobody watches */
	void *see_arg;
	bool (*passes)(void *arg, const char *from, const char *to); /* NULL: all do */
	void *passes_arg;
	struct routing *routing; /* NULL: nobody has a routing protocol */
	struct event routing_due;
	struct multicast *multicast; /* NULL: nobody routes multicast */
	struct sim_node **cast;      /* its nodes, by number */
	size_t n_cast, cast_capacity;
	struct event multicast_due;
	uint64_t fibs_built; /* grows */
	struct event dhcp_due;
	uint32_t next_link;
};

/* To all on the link. */
bool sim_transmit_all(struct nic *nic, struct span bytes);
/* What is on its way to an interface will find nobody. */
void sim_nic_forget(const struct nic *nic);
/* A frame for an interface arrives there after the link's latency. */
void sim_deliver(struct nic *to, struct span bytes);
void sim_deliver_labels(struct nic *to, struct span bytes);
/* The VLAN that an interface's frames are in, tagged or not; 0: in none. */
uint16_t sim_vlan_of(const struct nic *nic);
/*
 * Which interface takes frames of a VLAN (0: of none) that come in by a cable: one of its
 * subinterfaces, else itself those without a tag. NULL: nobody.
 */
struct nic *sim_takes_tag(struct nic *cable, uint16_t vlan);
struct sim_link *sim_link_find(struct sim *sim, const char *name);
/* A packet that this node has made goes its way. 0 or -errno. */
int sim_ip_launch(struct sim_table *t, struct frame *take_frame);
/* The node's table of a VRF, made when there is none. */
struct sim_table *sim_table_get(struct sim_node *n, uint32_t vrf);
/* The same, but NULL when its policy has no such VRF. */
struct sim_table *sim_table_of(struct sim_node *n, uint32_t vrf);
struct sim_node *sim_node_find(struct sim *sim, const char *name);
struct sim_node *sim_node_new(struct sim *sim, const char *name, const struct host_events *events);
void sim_node_free(struct sim_node *n);
struct nic *sim_nic_get(struct sim_node *n, const char *name); /* makes it when there is none */
void sim_nic_line(struct nic *nic, bool up);                   /* logs, and the routes follow */
void sim_node_forget(struct sim_node *n);                      /* power lost */

/* The table's routes, built again when routing protocols have others by now. */
const struct fib *sim_fib(struct sim_table *t);

/* --- routing protocols (sim_routing.c) -------------------------------------------------------- */

void sim_routing_apply(struct sim_node *n);  /* it has a new policy; the old one is still there */
void sim_routing_forget(struct sim_node *n); /* the policy it had goes */
void sim_routing_line(const struct nic *nic);
void sim_routing_power(struct sim_node *n);
void sim_routing_freeze(struct sim_node *n);
void sim_routing_gate(struct sim *sim);
/* Calls add for each way of each route that they know. */
void sim_routing_routes(struct sim_table *t, void (*add)(void *arg, const struct fib_route *route),
                        void *arg);
const struct routing_state *sim_routing_state(struct host *h, struct arena *a);
/* Do they know others than when sim_routing_routes was last called? */
bool sim_routing_stale(struct sim_table *t);

/* --- labels (sim_mpls.c) ---------------------------------------------------------------------- */

bool sim_labels_taken(const struct nic *nic); /* does LDP run there? */
bool sim_label_find(const struct sim_node *n, uint32_t label, struct mpls_entry *ret);
/* A frame with labels from the wire. */
void sim_mpls_input(struct nic *in, struct packet *pkt);
/* Does the packet go with labels by that way? Then the most octets that it may have. */
size_t sim_mpls_room(const struct nic *out, const struct fib_route *way);
/* May it, from that table? Nothing of a VRF passes what guards the core's interface. */
bool sim_mpls_may_leave(const struct sim_table *t, const struct nic *out,
                        const struct fib_route *way);
/* Puts its labels before it. own: the node made it. */
bool sim_mpls_push(struct nic *out, uint32_t next, const struct fib_route *way, bool own,
                   struct span bytes);

/* Interfaces that hear each other, by number: those of one VLAN of a link; 0: of none. */
uint32_t sim_segment_of(const struct nic *nic);

/* --- multicast (sim_multicast.c) -------------------------------------------------------------- */

void sim_multicast_apply(struct sim_node *n); /* as sim_routing_... */
void sim_multicast_forget(struct sim_node *n);
void sim_multicast_line(const struct nic *nic);
void sim_multicast_gone(const struct nic *nic); /* the interface goes away */
void sim_multicast_power(struct sim_node *n);
void sim_multicast_freeze(struct sim_node *n);
void sim_multicast_gate(struct sim *sim);
/* What it has joined of the group has changed. */
void sim_multicast_listen(const struct nic *nic, uint32_t group);
/* Does the node route multicast in that table? */
bool sim_multicast_routes(const struct sim_table *t);
/* Where packets of the source to the group come in, and go out; false: nowhere. */
bool sim_multicast_way(const struct sim_table *t, uint32_t source, uint32_t group,
                       struct multicast_way *ret);
const struct multicast_state *sim_multicast_state(struct host *h, struct arena *a);

/* --- DHCP (sim_dhcp.c) ------------------------------------------------------------------------ */

/* A line, an address or a policy is another: who waits for an address is looked after. */
void sim_dhcp_look(struct sim *sim);
const struct policy_learned *sim_dhcp_learned(struct host *h, struct arena *a, size_t *ret_n);

/* --- IP --------------------------------------------------------------------------------------- */

/* A packet from the wire, or (in NULL) from the node itself to itself, in one of its tables. */
void sim_ip_input(struct sim_table *t, struct nic *in, struct packet *pkt);
/* Sends what this node made; src 0 is filled in. 0, -ENETUNREACH, -EMSGSIZE, -EHOSTUNREACH, -EPERM.
 */
int sim_ip_send(struct sim_table *t, const struct ip4 *h, struct span payload);
bool sim_ip_owns(const struct sim_table *t, uint32_t addr);
/* The address this node would send from to reach dst; 0: no route. */
uint32_t sim_ip_source(struct sim_table *t, uint32_t dst);
int sim_udp_send(struct sim_table *t, const struct path *path, struct span dgram);

/*
 * Encrypts a packet where the policy of the interface that it leaves by says so, and checks that
 * the result may be cut where it is too long. own: made here; else it came in by `in`. 0 or -errno.
 */
int sim_ip_protect(struct sim_table *t, struct nic *in, struct nic *out, struct packet *pkt,
                   bool own);
/* What was below a VRF's last label, or the global table's: it came in by `in`. */
void sim_ip_unlabelled(struct sim_table *t, struct nic *in, struct packet *pkt);
/*
 * What came with labels, and leaves without, by a way that they have chosen. pkt was read. 0 or
 * -errno.
 */
int sim_ip_pass(struct nic *in, struct nic *out, uint32_t next, struct packet *pkt);
/* An ICMP error about a packet, from the interface's address; NULL: it is not sent. */
struct frame *sim_icmp_error(struct sim_table *t, const struct nic *in, struct packet *pkt,
                             uint8_t type, uint8_t code, uint16_t mtu);
/* A packet for this node, which may be a fragment. */
void sim_ip_deliver(struct sim_table *t, const struct nic *in, struct packet *pkt);
bool sim_nic_has(const struct nic *nic, uint32_t addr); /* as one of its addresses */

/* --- multicast packets (sim_cast.c) ----------------------------------------------------------- */

/* Does the node listen there: for its own, or as `igmp join-group` says? */
bool sim_cast_joined(const struct nic *nic, uint32_t src, uint32_t group);
/* What has come in, and is for others, too. */
void sim_cast_pass(struct sim_table *t, struct nic *in, struct packet *pkt);
/*
 * The node's own. One that routes multicast sends as a host on the link that has the source's
 * address, and as a router by the tree; any other one out by all its interfaces.
 */
void sim_cast_launch(struct sim_table *t, const struct packet *pkt);

/* --- filter ----------------------------------------------------------------------------------- */

bool sim_firewall(const struct sim_node *n);
/* Does a list of a router let it pass? NULL is no list. The packet was read. */
bool sim_filter_list(struct sim_node *n, const struct policy_acl *acl, const struct packet *pkt);
/* Does the firewall? The packet is whole, and was read. */
bool sim_filter_forward(struct sim_node *n, const struct nic *in, const struct nic *out,
                        const struct packet *pkt);
/* Does the firewall take it for itself? */
bool sim_filter_here(const struct nic *in, const struct flow *f);
uint64_t sim_filter_acl_matches(struct host *h, const char *acl, uint32_t seq);
const uint64_t *sim_filter_counters(struct host *h, const char *acl, struct arena *a,
                                    size_t *ret_n);
const struct filter_conn *sim_filter_conns(struct host *h, struct arena *a, size_t *ret_n);
int sim_filter_trace(struct host *h, const char *interface, const struct filter_packet *p,
                     struct filter_trace *ret);
size_t sim_filter_clear(struct host *h, enum filter_clear what, const char *acl);

/* --- ping ------------------------------------------------------------------------------------- */

int sim_echo(struct host *h, const struct echo_request *r);
void sim_echo_cancel(struct host *h, void *arg);
/* Ends all; `tell`: each with a time-out, as its contract wants an answer. */
void sim_echo_forget(struct sim_node *n, bool tell);
/* What ICMP brought: a reply from an address, or an error quoting a request to `dst`. */
void sim_echo_result(struct sim_table *t, uint16_t seq, uint32_t dst, enum echo_result result,
                     uint32_t from);

/* --- TCP (sim_tcp.c) ------------------------------------------------------------------------- */

int sim_knock(struct host *h, const struct knock *knock);
void sim_knock_cancel(struct host *h, void *arg);
/* Ends all; `tell`: each with a time-out. */
void sim_knock_forget(struct sim_node *n, bool tell);
/* An ICMP error quotes the first eight octets of a segment of ours to `dst`. */
void sim_knock_refused(struct sim_table *t, const uint8_t *quoted, uint32_t dst);
/* A segment for this node, from behind its IP header on. */
void sim_tcp_take(struct sim_table *t, struct span in, const struct ip4 *h);

#define SIM_ECHO_ID 0x5445 /* in every request of a node; the sequence number tells them apart */

#endif
