/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's states of a group's SAs: one outbound, one inbound for every sender, and the
 * sequence numbers that an outbound state may use.
 *
 * Rollover: a new SA's inbound states come first; sending goes to the newest state for a reqid, and
 * the old one stays for packets that have chosen it already (RETIRE).
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/xfrm_priv.h"

#include <errno.h>
#include <string.h>

#define RETIRE SECONDS(3)

/* How many numbers are reserved at a time: more than a kernel can use in two ticks. */
#define NUMBERS (UINT32_C(1) << 24)

/* --- states ----------------------------------------------------------------------------------- */

static bool
same_sa(const struct xfrm_sa *a, const struct xfrm_sa *b)
{
	return a->sa.spi == b->sa.spi && a->sa.sa == b->sa.sa && a->sa.window == b->sa.window &&
	       a->sa.suite.cipher == b->sa.suite.cipher && a->sa.suite.auth == b->sa.suite.auth &&
	       a->sa.receive == b->sa.receive && !memcmp(a->enc, b->enc, sizeof(a->enc)) &&
	       !memcmp(a->auth, b->auth, sizeof(a->auth));
}

static struct xfrm_sa *
sa_find(const struct xfrm_group *g, const struct xfrm_sa *wanted)
{
	for (size_t i = 0; g && i < g->n_sas; i++)
		if (same_sa(&g->sas[i], wanted))
			return &g->sas[i];
	return NULL;
}

static void
sa_deafen(struct xfrm *x, const struct xfrm_group *g, const struct xfrm_sa *s)
{
	struct xfrm_state state = {.role = XFRM_LEARN, .spi = s->sa.spi};

	if (!s->sa.receive)
		return;
	xfrm_state_delete(x->nl, &state);
	state.role = XFRM_HEAR;
	for (size_t i = 0; i < g->n_senders && s->sa.window; i++) {
		state.sender = g->senders[i];
		xfrm_state_delete(x->nl, &state);
	}
}

/*
 * Removes the outbound state and remembers the last number that it used. If the kernel dropped the
 * state before, the number is not known: then all that were reserved count as used.
 */
void
xfrm_sa_silence(struct xfrm *x, struct xfrm_sa *s)
{
	const struct xfrm_state state = {.role = XFRM_SEND, .spi = s->sa.spi};

	if (!s->sending)
		return;
	if (!xfrm_state_sequence(x->nl, s->sa.spi, &s->sent_seq) && s->counter)
		s->sent_seq = s->limit;
	xfrm_state_delete(x->nl, &state);
	s->sending = false;
	s->retire = 0;
	if (s->counter)
		counter_settle(x->o.counters, s->counter, s->sent_seq, s->limit);
	s->counter = NULL;
}

/* --- numbers (counters.h) --------------------------------------------------------------------- */

static struct xfrm_state
sending_state(const struct xfrm_group *g, const struct xfrm_sa *s)
{
	return (struct xfrm_state){.role = XFRM_SEND,
	                           .spi = s->sa.spi,
	                           .reqid = xfrm_reqid(g, s->sa.sa),
	                           .seq = s->first,
	                           .limit = s->counter ? s->limit : 0,
	                           .life = s->life,
	                           .suite = s->sa.suite,
	                           .enc_key = s->sa.enc_key,
	                           .auth_key = s->sa.auth_key};
}

/*
 * Chooses the first number of an outbound state: behind all that this node has sent under the key,
 * in this run or an earlier one. False: the number cannot be saved to the file, so nothing is sent
 * and the next tick tries again.
 */
static bool
sa_number(struct xfrm *x, struct xfrm_sa *s)
{
	s->first = s->sent ? s->sent_seq : s->sa.start;
	s->life = xfrm_life(x, s);
	if (!x->o.counters)
		return true;
	s->counter = counters_find(x->o.counters, &s->sa);
	s->first = s->limit = counter_last(s->counter);
	for (size_t i = 0; i < x->n_survivors; i++)
		if (x->survivors[i].spi == s->sa.spi && x->survivors[i].seq > s->first)
			s->first = x->survivors[i].seq;
	if (counter_reserve(x->o.counters, s->counter, NUMBERS, &s->first, &s->limit,
	                    (msec)uv_now(x->o.loop)))
		return true;
	counter_settle(x->o.counters, s->counter, s->limit, s->limit);
	s->counter = NULL;
	return false;
}

/*
 * The kernel counts by itself: when it has used half of the reserved numbers, more are reserved.
 * When it has dropped the state (all were used, and no more could be reserved), another state
 * follows.
 */
void
xfrm_sa_reserve(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s)
{
	struct xfrm_state state;
	uint32_t used = s->first;

	if (!s->sending || !s->counter)
		return;
	if (!xfrm_state_sequence(x->nl, s->sa.spi, &used)) {
		xfrm_sa_silence(x, s);
		return;
	}
	if (s->limit - used > NUMBERS / 2 || s->limit == UINT32_MAX ||
	    !counter_reserve(x->o.counters, s->counter, NUMBERS, &used, &s->limit,
	                     (msec)uv_now(x->o.loop)))
		return;
	state = sending_state(g, s);
	xfrm_state_limit(x->nl, &state);
}

void
xfrm_note_survivor(void *arg, const struct xfrm_counters *c)
{
	struct xfrm *x = arg;

	if (!c->out)
		return;
	x_grow(&x->survivors, &x->survivors_capacity, x->n_survivors + 1, sizeof(*x->survivors));
	x->survivors[x->n_survivors++] = (struct xfrm_survivor){c->spi, c->seq};
}

/* --- what is heard ---------------------------------------------------------------------------- */

/*
 * Adds the inbound states of an SA: one for senders not yet known, and one for each known sender.
 */
static int
sa_listen(struct xfrm *x, const struct xfrm_group *g, const struct xfrm_sa *s)
{
	const struct xfrm_state learn = {.role = XFRM_LEARN,
	                                 .spi = s->sa.spi,
	                                 .reqid = xfrm_reqid(g, s->sa.sa),
	                                 .leave = s->sa.window ? xfrm_learn_mark(g) : 0,
	                                 .life = xfrm_life(x, s),
	                                 .suite = s->sa.suite,
	                                 .enc_key = s->sa.enc_key,
	                                 .auth_key = s->sa.auth_key};
	int error;

	if (!s->sa.receive)
		return 0;
	error = xfrm_state_add(x->nl, &learn);
	for (size_t i = 0; i < g->n_senders && s->sa.window && !error; i++)
		error = xfrm_hear(x, g, s, g->senders[i]);
	if (error && error != -EEXIST)
		sa_deafen(x, g, s);
	return error;
}

/*
 * Has the kernel dropped the SA's state at the end of its life, while nobody has removed the key?
 */
static bool
is_over(const struct xfrm *x, const struct xfrm_sa *s)
{
	return s->expires && s->expires <= (msec)uv_now(x->o.loop);
}

int
xfrm_sa_speak(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s)
{
	struct xfrm_state state;
	int error;

	s->retire = 0;
	if (s->sending || is_over(x, s) || !sa_number(x, s))
		return 0;
	state = sending_state(g, s);
	error = xfrm_state_add(x->nl, &state);
	if (!error) {
		s->sending = s->sent = true;
	} else if (s->counter) {
		counter_settle(x->o.counters, s->counter, s->first, s->limit);
		s->counter = NULL;
	}
	return error;
}

bool
xfrm_sa_is_newest(const struct xfrm_group *g, size_t i)
{
	for (size_t k = i + 1; k < g->n_sas; k++)
		if (g->sas[k].sa.send && g->sas[k].sa.sa == g->sas[i].sa.sa)
			return false;
	return g->sas[i].sa.send;
}

/* The new state sends before the old one stops. */
int
xfrm_group_speak(struct xfrm *x, struct xfrm_group *g)
{
	int error = 0;

	for (size_t i = 0; i < g->n_sas && !error; i++)
		if (xfrm_sa_is_newest(g, i))
			error = xfrm_sa_speak(x, g, &g->sas[i]);
	for (size_t i = 0; i < g->n_sas; i++) {
		struct xfrm_sa *s = &g->sas[i];

		if (!s->sending || xfrm_sa_is_newest(g, i))
			continue;
		if (!xfrm_has_key(g, s->sa.sa))
			xfrm_sa_silence(x, s);
		else if (!s->retire)
			s->retire = (msec)uv_now(x->o.loop) + RETIRE;
	}
	return error;
}

/* Adds inbound states for new SAs; the others keep theirs. */
int
xfrm_group_listen(struct xfrm *x, struct xfrm_group *g, struct xfrm_group *old)
{
	int error = 0;
	size_t i;

	for (i = 0; i < g->n_sas; i++) {
		const struct xfrm_sa *had = sa_find(old, &g->sas[i]);

		if (had) {
			g->sas[i].sending = had->sending;
			g->sas[i].sent = had->sent;
			g->sas[i].sent_seq = had->sent_seq;
			g->sas[i].first = had->first;
			g->sas[i].limit = had->limit;
			g->sas[i].life = had->life;
			g->sas[i].counter = had->counter;
			g->sas[i].expires = had->expires;
			g->sas[i].retire = had->retire;
			continue;
		}
		/* When an old SA has the same SPI with another key, its states must go first. */
		for (size_t k = 0; old && k < old->n_sas; k++)
			if (old->sas[k].sa.spi == g->sas[i].sa.spi) {
				xfrm_sa_silence(x, &old->sas[k]);
				sa_deafen(x, old, &old->sas[k]);
			}
		error = sa_listen(x, g, &g->sas[i]);
		if (error)
			break;
	}
	if (!error)
		return 0;
	while (i--)
		if (!sa_find(old, &g->sas[i]))
			sa_deafen(x, g, &g->sas[i]);
	return error;
}

void
xfrm_group_forget(struct xfrm *x, struct xfrm_group *old, const struct xfrm_group *now)
{
	for (size_t i = 0; i < old->n_sas; i++) {
		bool again = false;

		for (size_t k = 0; now && k < now->n_sas; k++)
			again = again || now->sas[k].sa.spi == old->sas[i].sa.spi;
		if (again)
			continue;
		xfrm_sa_silence(x, &old->sas[i]);
		sa_deafen(x, old, &old->sas[i]);
	}
}
