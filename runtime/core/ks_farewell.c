/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last words of a key server: to all members of a group whose keys it forgets, that they delete
 * them (RFC 6407 5.9). What is needed to say so outlives the server: the messages, whom to send
 * them to, and a timer. They are sent in as many rounds as a rekey; nobody's answer is waited for.
 *
 * The core owns farewells.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/protocol.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"

struct farewell {
	struct core *core;
	struct farewell *next;
	struct timer timer;
	const struct keep *keep; /* of the server */
	uint32_t local, vrf;
	uint16_t port;
	unsigned rounds; /* yet to come */
	msec period;
	struct ks_message messages[KS_KINDS];
	size_t n, at;
	struct {
		uint32_t addr;
		enum ks_kind kind;
	} to[];
};

static void
farewell_free(struct farewell *f)
{
	struct farewell **p = &f->core->farewells;

	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	timer_cancel(&f->core->timers, &f->timer);
	ks_messages_fini(f->messages, KS_KINDS);
	free(f);
}

void
ks_farewells_fini(struct core *c)
{
	while (c->farewells)
		farewell_free(c->farewells);
}

bool
ks_farewell_spi(const struct core *c, const uint8_t *spi)
{
	for (const struct farewell *f = c->farewells; f; f = f->next)
		for (int i = 0; i < KS_KINDS; i++)
			if (f->messages[i].bytes && !memcmp(f->messages[i].spi, spi, 16))
				return true;
	return false;
}

static void
fire_farewell(struct core *c, struct timer *t, msec now)
{
	struct farewell *f = CONTAINER(t, struct farewell, timer);

	if (f->keep->failing) { /* it would not leave */
		timer_set(&c->timers, t, now + KEEP_RETRY);
		return;
	}
	for (size_t n = 0; f->at < f->n && n < KS_PUSH_BATCH; f->at++, n++) {
		const struct ks_message *m = &f->messages[f->to[f->at].kind];

		core_send(c,
		          &(struct path){.local = f->local,
		                         .remote = f->to[f->at].addr,
		                         .local_port = GDOI_PORT,
		                         .remote_port = f->port,
		                         .vrf = f->vrf},
		          SPAN(m->bytes, m->n));
	}
	if (f->at < f->n) {
		timer_set(&c->timers, t, now + KS_PUSH_PACE);
	} else if (f->rounds) {
		f->rounds--;
		f->at = 0;
		timer_set(&c->timers, t, now + f->period);
	} else {
		farewell_free(f);
	}
}

/* To every member, or to the group, once for each kind of members. */
static void
aim_farewell(struct farewell *f, const struct ks *ks)
{
	const struct ks_member *m;

	for (int i = 0; i < KS_KINDS && !ks->kek.unicast; i++)
		if (ks->n_holders[i]) {
			f->to[f->n].addr = ks->kek.group_addr;
			f->to[f->n++].kind = i;
		}
	for (m = ks->oldest; m && ks->kek.unicast; m = m->next) {
		if (!ks_holds_kek(ks, m))
			continue;
		f->to[f->n].addr = m->addr;
		f->to[f->n++].kind = m->kind;
	}
}

static bool
begin_farewell(struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	struct core *c = ks->core;
	struct farewell *f;

	if (!ks_serving(ks) || !ks_has_audience(ks))
		return false;
	f = x_alloc(sizeof(*f) + (ks->members.n + KS_KINDS) * sizeof(f->to[0]));
	f->core = c;
	f->next = c->farewells;
	c->farewells = f;
	f->timer.fire = fire_farewell;
	f->keep = ks->keep;
	f->local = ks->cfg->server.addr;
	f->vrf = ks_vrf(ks);
	f->port = ks->kek.unicast ? GDOI_PORT : ks->kek.group_port;
	f->rounds = r->retransmit_number;
	f->period = SECONDS(r->retransmit_period);
	aim_farewell(f, ks);
	if (!ks_delete_all_make(ks, f->messages)) {
		farewell_free(f);
		return false;
	}
	timer_set(&c->timers, &f->timer, c->now);
	return true;
}

void
ks_farewell(struct ks *ks, const char *why)
{
	if (!ks->oldest)
		return;
	LOG(&ks->core->env.log, KS_FORGETS, ks_name(ks), why, ks->members.n,
	    begin_farewell(ks) ? "are told to register again"
	                       : "cannot be told, and keep theirs until these expire");
}
