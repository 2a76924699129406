/* SPDX-License-Identifier: Apache-2.0 */
/* How long a call waits: see store_etcd_patience.h. */
#include "runtime/store/store_etcd_patience.h"

/*
 * So many in a row, and etcd may be slow rather than without a leader: then each gets all the time
 * there is. Together they take as long as etcd takes at most to elect.
 */
#define UNHEARD_MAX 5

msec
etcd_patience_now(const struct etcd_patience *p)
{
	msec wait = p->usual + 4 * p->variance;

	if (!p->usual || p->unheard >= UNHEARD_MAX || wait > p->most)
		return p->most;
	return wait < p->least ? p->least : wait;
}

void
etcd_patience_hear(struct etcd_patience *p, msec took)
{
	msec error;

	p->unheard = 0;
	if (took < 1)
		took = 1;
	if (!p->usual) {
		p->usual = took;
		p->variance = took / 2;
		return;
	}
	error = took > p->usual ? took - p->usual : p->usual - took;
	p->variance += (error - p->variance) / 4;
	p->usual += (took - p->usual) / 8;
}

void
etcd_patience_miss(struct etcd_patience *p)
{
	if (p->unheard < UNHEARD_MAX)
		p->unheard++;
}
