/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual network in one process: nodes, links, and time. It needs no privileges. Time moves
 * only when sim_run_until is called, from event to event, so a day costs what its events cost, and
 * the same seed gives the same bytes. In a live lab the loop calls it with the real clock.
 *
 * A link joins two or more interfaces (a segment: whoever owns the next hop's address receives).
 * Owner: whoever called sim_new; nodes and links belong to it. IPv4 forwarding follows RFC 1812.
 */
#ifndef TESTUDO_SIM_H
#define TESTUDO_SIM_H

#include "runtime/host/host.h"

struct sim;

/* wall: milliseconds since 1970 at time 0. The seed also drives loss and reordering. */
struct sim *sim_new(uint64_t seed, int64_t wall);
void sim_free(struct sim *sim);

/* A node's host. The events are called from within sim_run_until. The sim owns it. */
struct host *sim_node_add(struct sim *sim, const char *name, const struct host_events *events);

/*
 * Links. Interfaces are full IOS names; an interface exists because a link or a loopback in the
 * policy names it. 0, or -EEXIST when the interface is linked already, -ENOENT for no such node.
 */
int sim_link_add(struct sim *sim, const char *name, msec latency);
int sim_link_attach(struct sim *sim, const char *link, const char *node, const char *interface);
int sim_interface_set(struct sim *sim, const char *node, const char *interface, bool up);

/* Faults on every link, as fractions of one: lost, doubled, held back behind later packets. */
void sim_faults(struct sim *sim, double loss, double duplicate, double reorder);

/* A node's wall clock is ahead of the others' by so much, milliseconds. 0, or -ENOENT. */
int sim_wall_set(struct sim *sim, const char *node, int64_t ahead);

/* A dead node neither sends, receives nor forwards, and forgets its routes, SAs and timers. */
void sim_node_power(struct sim *sim, const char *name, bool on);

/*
 * A node whose program stands still, as after SIGSTOP: its clock goes on, what comes for it waits,
 * and so do its timers.
 */
void sim_node_freeze(struct sim *sim, const char *name, bool frozen);
bool sim_node_is_frozen(struct sim *sim, const char *name);

/*
 * Asked for every packet: does what `from` puts on a link reach `to`? NULL: it does. The names are
 * nodes'.
 */
void sim_gate(struct sim *sim, bool (*passes)(void *arg, const char *from, const char *to),
              void *arg);

/* One pcap file a link in dir (must exist), LINKTYPE_RAW, virtual wall time. 0 or -errno. */
int sim_pcap(struct sim *sim, const char *dir);

/*
 * One who sees all: every packet that is put on a link, and every packet (fragments put together)
 * that a node takes for itself. Borrowed for the call, which must change nothing. NULL: nobody.
 */
enum sim_sight { SIM_ON_LINK, SIM_TAKEN };
struct sim_seen {
	enum sim_sight what;
	const char *link; /* on a link only */
	const char *node,
	    *interface; /* who put it there; who took it, and where it came in ("": of its own) */
	uint16_t vlan;  /* of its tag, on a link; 0: none */
	uint32_t vrf;   /* of who took it: in which table */
	struct span labels; /* before the packet, on a link; empty: none */
	struct span packet;
};
void sim_watch(struct sim *sim, void (*see)(void *arg, const struct sim_seen *seen), void *arg);

/*
 * A whole IPv4 packet that the node makes, whatever is in it. 0 or -errno, as -EPERM of a policy.
 */
int sim_packet_send(struct sim *sim, const char *node, struct span packet);
/*
 * A frame that nobody on the link sent, to the interface that `node` has there (NULL: to all).
 * Nobody is shown it. 0, or -ENOENT.
 */
int sim_packet_inject(struct sim *sim, const char *link, const char *node, struct span packet);
/* The same with a tag: to the subinterface that has the VLAN there; a tag of nobody is lost. */
int sim_frame_inject(struct sim *sim, const char *link, const char *node, uint16_t vlan,
                     struct span packet);

/* The same of a packet that begins with labels. */
int sim_labels_inject(struct sim *sim, const char *link, const char *node, struct span packet);

msec sim_now(const struct sim *sim);
msec sim_next(const struct sim *sim); /* of the next event; MSEC_NEVER when nothing is due */
void sim_run_until(struct sim *sim, msec when); /* handles all events up to and at `when` */

/* Runs fn once at a time; for players and tests. */
void sim_at(struct sim *sim, msec when, void (*fn)(void *arg, msec now), void *arg);

#endif
