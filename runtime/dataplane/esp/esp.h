/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The userspace dataplane: ESP (RFC 4303) over buffers, in tunnel mode with header preservation
 * (RFC 5374 4: the outer addresses are the inner ones) or in transport mode. The host routes,
 * calls esp_output for what leaves by an interface and esp_input for what arrives at one, and
 * does with the packet what the verdict says.
 *
 * One replay window per sender (outer source), since all members send under the same SA and count
 * each for itself (RFC 6407 1.4.6, RFC 5374 4.3); a sender is remembered from its first authentic
 * packet on. Numbers come from counters that outlive the dataplane (esp_count_by); without, an SA
 * counts from dp_sa.start.
 * A host says with `own` what it made itself or what is addressed to it, its unicast addresses and
 * the multicast it has joined; GDOI from and to its own port 848 then passes whatever the policy
 * permits, so that a group never locks its member out of registering. Anybody else's port 848 is
 * traffic like any other.
 *
 * Not for several threads at once.
 */
#ifndef TESTUDO_ESP_H
#define TESTUDO_ESP_H

#include "runtime/base/log.h"
#include "runtime/dataplane/counters.h"
#include "runtime/packet/packet.h"

#define ESP_SENDERS_MAX 4096 /* remembered per SA; a packet of one more is refused */

enum esp_verdict {
	ESP_PASS,   /* goes on as it is */
	ESP_DONE,   /* was encrypted or decrypted in place; the header has changed */
	ESP_DROP,   /* counted and, where it must be, logged */
	ESP_TOO_BIG /* output only: does not fit and must not be cut (DF) */
};

struct esp_port; /* an interface, as the dataplane sees it */

/* The log is borrowed. Free with dp->ops->close. */
struct dataplane *esp_new(const struct log_sink *log);

/*
 * Numbers are reserved from now on with these counters (borrowed; they outlive the dataplane), and
 * SAs go on where they say. Before the first group.
 */
void esp_count_by(struct dataplane *dp, struct counters *counters);

void esp_tell(struct dataplane *dp, const struct dp_events *events);

/* The port of an interface, made when first asked for; lives as long as the dataplane. */
struct esp_port *esp_port(struct dataplane *dp, const char *interface);
/* Its VRF; before the first VRF_GLOBAL. Senders of one address in two VRFs are two senders. */
void esp_port_vrf(struct esp_port *port, uint32_t vrf);
/* Is there a group with policy? If not, everything passes. */
bool esp_port_active(const struct esp_port *port);

/*
 * A packet that routing sends out here. It must have PACKET_HEADROOM before and PACKET_TAILROOM
 * after it. own: made by this node. On ESP_TOO_BIG, *ret_mtu is the largest
 * packet that would have fitted and the packet is unchanged.
 */
enum esp_verdict esp_output(struct esp_port *port, struct packet *pkt, bool own, size_t mtu,
                            size_t *ret_mtu, msec now);

/*
 * A packet that arrived here, whole (fragments put together). own: addressed to this node. On
 * ESP_DONE what was inside has been read.
 */
enum esp_verdict esp_input(struct esp_port *port, struct packet *pkt, bool own, msec now);

#endif
