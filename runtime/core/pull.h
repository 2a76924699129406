/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GROUPKEY-PULL (RFC 6407 3), both sides: a member asks for a group's policy and keys.
 *
 *   1  HDR*, HASH(1), Ni, ID            -->
 *   2                              <--  HDR*, HASH(2), Nr, SA
 *   3  HDR*, HASH(3) [, GAP]            -->     the member is alive: the server remembers it
 *   4                              <--  HDR*, HASH(4), [SEQ,] KD
 *
 * A member's pull belongs to its exchange, which belongs to the SA; the member (gm.h) is told the
 * outcome once, or takes itself out with pull_cancel.
 */
#ifndef TESTUDO_PULL_H
#define TESTUDO_PULL_H

#include "runtime/core/core.h"

struct gm;
struct ike_sa;
struct isakmp_header;
struct pull;

/*
 * Sends message 1, sets gm->pull; gm_pull_done or gm_pull_failed will follow, or gm_sa_gone. old:
 * the SA has been up before, so that a server which does not answer may have lost it.
 */
void pull_start(struct ike_sa *sa, struct gm *gm, bool old);
/* The member does not want it any more: it is not told. */
void pull_cancel(struct pull *p);
/* A message with a new message ID: a member begins. */
enum drop pull_accept(struct ike_sa *sa, const struct isakmp_header *h, struct span dgram);
/* The server has refused, authenticated; message_id 0: it did not say which, so all. */
void pull_refused(struct ike_sa *sa, uint32_t message_id, const char *why);

/*
 * A server drops its exchanges with members of this group: nothing that it has said in them may be
 * said again.
 */
void pull_forget_served(struct core *c, const struct group_id *id, bool told);

#endif
