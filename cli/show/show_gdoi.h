/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `show crypto gdoi` share. */
#ifndef TESTUDO_SHOW_GDOI_H
#define TESTUDO_SHOW_GDOI_H

#include "cli/show/show.h"

/* Of the group protocol with its private payloads: what our vendor ID, "Testudo GDOI/001", says. */
#define SHOW_GDOI_VERSION "1.0.0"

/* By which IOS names a group within itself: of the first one, the next ones count on. */
#define SHOW_GDOI_HANDLE 0x40000002u

/* Of what key servers of one group keep in the store that they share: the first form of it. */
#define SHOW_COOP_VERSION "1.0.0"

/*
 * The version that a member told in phase 1. How other makes tell theirs is not public: for them
 * the text, in a form that parsers take, says that it is unknown.
 */
const char *show_member_version(const struct snap_member *m);
/*
 * By the word of `show crypto gdoi feature`: is it built? Does a member have it? What one of
 * another make can do is not known: no.
 */
const char *show_feature_at(size_t i); /* NULL: no more */
bool show_feature_is_here(const char *name);
bool show_member_has_feature(const struct snap_member *m, const char *name);
void show_group_id(struct text *t, const struct group_id *id);
void show_hms(struct text *t, uint32_t seconds);        /* "00:01:30" */
void show_spi16(struct text *t, const uint8_t spi[16]); /* "0x" and upper case */
/* The newest TEK of one `sa ipsec`; NULL: none. */
const struct snap_tek *show_tek_of(const struct snap_group *g, uint32_t sa);
/* The group's entries (sa 0: all), each after `before`. */
void show_entries(struct text *t, const char *before, const struct snap_group *g, uint32_t sa);
uint32_t show_time_window(const struct snap_group *g); /* seconds; 0: not by time */
void show_counter_replay(struct text *t, const struct snap_group *g);
/*
 * The server's KSSIDs, from the `from`-th of those that are configured up to before the `to`-th, as
 * a line: "0-3, 7", "none". The label ends with a blank.
 */
void show_gdoi_kssids(struct text *t, const char *label, const struct snap_group *g, uint64_t from,
                      uint64_t to);
const char *show_sid_size(unsigned bits); /* what IOS calls a length of sender identifiers */
/* Octets of the RSA signature, and of the key as it is sent (DER). */
const char *show_management_alg(const struct snap_kek *k); /* of KEKs: RFC 6407 5.3.1 */
uint32_t show_sig_size(const struct snap_kek *k);

#endif
