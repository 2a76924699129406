/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reload at a later time (`reload in`, `reload at`): each router owns one. Its users are warned
 * an hour, half an hour, five minutes and a minute before. A crash forgets it.
 */
#ifndef TESTUDO_RELOAD_H
#define TESTUDO_RELOAD_H

#include "compiler/base/text.h"

struct reload;
struct router;

#define RELOAD_MAX        ((msec)24 * 24 * 3600 * 1000) /* milliseconds ahead */
#define RELOAD_REASON_MAX 200

struct reload *reload_new(struct router *r);
void reload_free(struct reload *rl); /* NULL is fine */
void reload_crash(struct reload *rl);

/* when: of the node's clock. reason: NULL: none. by: who has said so. */
void reload_schedule(struct reload *rl, msec when, const char *reason, const char *by);
/* False: there is none. Tells every user. */
bool reload_cancel(struct reload *rl, const char *by);
/*
 * "Reload scheduled for 12:10:00 UTC Mon Mar 1 1993 (in 10 minutes) by console", and the reason:
 * whole lines. reload_text: of one that is yet to be scheduled.
 */
void reload_show(const struct reload *rl, struct text *ret);
/* When, of the node's clock (MSEC_NEVER: none is scheduled), why ("": not said), who said so. */
msec reload_when(const struct reload *rl);
const char *reload_reason(const struct reload *rl);
const char *reload_by(const struct reload *rl);
void reload_text(struct router *r, msec when, const char *reason, const char *by, struct text *ret);
/* At once: every session ends. reason: NULL or "": none was given. */
void reload_now(struct router *r, const char *reason);

#endif
