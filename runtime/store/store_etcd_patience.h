/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside runtime/store only: how long a call waits for its answer. A node of etcd whose
 * leader has died never answers what it passed on to it; who asks again soon has an answer as soon
 * as there is another leader. By the time that answers usually take, as TCP waits for an
 * acknowledgement (RFC 6298 2).
 */
#ifndef TESTUDO_STORE_ETCD_PATIENCE_H
#define TESTUDO_STORE_ETCD_PATIENCE_H

#include "compiler/base/base.h"

struct etcd_patience {
	msec least, most; /* that it waits; the latter also where there was no answer yet */
	msec usual;       /* that an answer takes, smoothed; 0: there was none yet */
	msec variance;    /* of that */
	unsigned unheard; /* in a row */
};

msec etcd_patience_now(const struct etcd_patience *p);
/* An answer came after `took` milliseconds, of whatever kind. */
void etcd_patience_hear(struct etcd_patience *p, msec took);
/* None came in time. */
void etcd_patience_miss(struct etcd_patience *p);

#endif
