/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SA payloads of phase 1 that may be needed again: HASH_I covers the one of message 1, and message
 * 3 does not repeat it (RFC 2409 5). Each distinct one is kept once, however many send it.
 *
 * They lie one behind the other in a ring of octets, the oldest at its tail. What comes new takes
 * the place of the oldest, with two exceptions. One that came again since it was last passed goes
 * to the head instead. And who has much more in the ring than the sender of the oldest, counted by
 * address and by network (/24), takes nothing from that one: it displaces its own and those of its
 * like, or goes without. So one source, however fast, displaces nobody; a flood under invented
 * addresses displaces what is older than the ring is long.
 *
 *          tail                          head
 *     -----|--------|------|-------------|------
 *          oldest                newest    free
 *
 * What may displace what is a matter of rings: whoever has proved more is kept in another one.
 */
#ifndef TESTUDO_OFFERS_H
#define TESTUDO_OFFERS_H

#include "compiler/base/base.h"
#include "runtime/crypto/siphash.h"

#define OFFERS_BODY_MAX 1024 /* octets */
#define OFFERS_TAG_BITS 24
#define OFFERS_FAIR     4096 /* octets that nobody is reproached with */
#define OFFERS_MORE     8    /* times as much: "much more" */
#define OFFERS_CHANCES  8    /* old ones that one new one looks at */
#define OFFERS_PROBES   256  /* places of the index that one look-up looks at */

struct offers;

/* Of so many octets, made when it is first used; at least 64 KiB, less than 16 MiB. */
struct offers *offers_new(const uint8_t key[SIPHASH_KEY], size_t octets);
void offers_free(struct offers *o);

/* The name of a body: OFFERS_TAG_BITS bits of a hash that only this process can compute. */
uint32_t offers_tag(uint64_t hash);
/* Keeps it. False: its sender has too much here already, or too many are found by like tags. */
bool offers_put(struct offers *o, uint32_t source, uint32_t tag, struct span body);
bool offers_has(const struct offers *o, uint32_t tag, struct span body);
/*
 * The bodies of this tag, one after the other: *at is 0 at first. An empty span: no more. Borrowed,
 * until the next offers_put.
 */
struct span offers_next(const struct offers *o, uint32_t tag, size_t *at);

size_t offers_count(const struct offers *o);
size_t offers_octets(const struct offers *o); /* that it takes in memory at most */

#endif
