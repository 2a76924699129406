/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside runtime/store only: JSON of etcd's read where it stands, without a tree. What a member's
 * record costs is mostly this reading, on each of several servers.
 *
 * It takes what etcd usually writes, and is odd at everything else: also at what is JSON, such as
 * escapes in a string that is wanted. Who finds it odd reads the same text as a tree, which then
 * says what is wrong with it. Nothing is read once it is odd.
 */
#ifndef TESTUDO_STORE_ETCD_SCAN_H
#define TESTUDO_STORE_ETCD_SCAN_H

#include "compiler/base/base.h"

struct etcd_scan {
	const char *at, *end;
	bool odd;
};

struct etcd_scan etcd_scan_of(struct span text); /* borrowed */

/* Takes the bracket; false: there is nothing between it and its other one, which is taken. */
bool etcd_scan_open(struct etcd_scan *s, char open, char close);
/* Behind an element: takes the comma, true; or the bracket, false. */
bool etcd_scan_more(struct etcd_scan *s, char close);
/* A member's name, and the colon. */
struct span etcd_scan_name(struct etcd_scan *s);
/* A string without escapes, in the text that is read. */
struct span etcd_scan_string(struct etcd_scan *s);
/* A whole number, also as a string. */
uint64_t etcd_scan_number(struct etcd_scan *s);
bool etcd_scan_true(struct etcd_scan *s); /* of true and false */
/* Any value that has no member twice. */
void etcd_scan_skip(struct etcd_scan *s);
/* Is it read to its end, and was nothing odd? */
bool etcd_scan_done(struct etcd_scan *s);

/* Notes that a member was there; twice is odd. */
void etcd_scan_once(struct etcd_scan *s, unsigned *seen, unsigned member);
bool etcd_scan_is(struct span text, const char *word);

#endif
