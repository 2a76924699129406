/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's dataplane: see xfrm.h. A group SA is one outbound state and, inbound, one state for
 * every sender (xfrm_learn.c), all between two anchor addresses; rules and policies are made for all
 * groups together (xfrm_rules.c). Whatever is there when this process dies stays and goes on
 * encrypting until the keys' lives are over: nothing opens. The next xfrm_new takes it out.
 *
 * Rollover: a new SA's inbound states come first; sending goes to the newest state for a reqid, and
 * the old one stays for packets that have chosen it already (RETIRE).
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/xfrm_priv.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#define RETIRE SECONDS(3)
#define TICK   SECONDS(1)

/* Reserved at a time: two ticks of more packets than a kernel encrypts. */
#define NUMBERS (UINT32_C(1) << 24)

/* How much longer than its life the kernel keeps a state that nobody takes away. */
#define OVERDUE SECONDS(30)

uint32_t
xfrm_reqid(const struct xfrm_group *g, uint32_t sa)
{
	return XFRM_OURS | g->id << 8 | (sa & 0xff);
}

uint32_t
xfrm_learn_mark(const struct xfrm_group *g)
{
	return MARK_LEARN | g->id << 16;
}

uint32_t
xfrm_life(const struct xfrm *x, const struct xfrm_sa *s)
{
	msec now = (msec)uv_now(x->o.loop);

	if (!s->expires)
		return 0;
	return s->expires > now ? (uint32_t)((s->expires - now + 999) / 1000) : 1;
}

uint32_t
xfrm_set_known(const struct xfrm_group *g)
{
	return g->id;
}

uint32_t
xfrm_set_grown(const struct xfrm_group *g)
{
	return XFRM_GROUPS_MAX + g->id;
}

bool
xfrm_has_key(const struct xfrm_group *g, uint32_t sa)
{
	for (size_t i = 0; i < g->n_sas; i++)
		if (g->sas[i].sa.send && g->sas[i].sa.sa == sa)
			return true;
	return false;
}

bool
xfrm_has_window(const struct xfrm_group *g)
{
	for (size_t i = 0; i < g->n_sas; i++)
		if (g->sas[i].sa.receive && g->sas[i].sa.window)
			return true;
	return false;
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct xfrm_group **
group_find(struct xfrm *x, const char *name)
{
	struct xfrm_group **at = &x->groups;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void
group_free(struct xfrm_group *g)
{
	if (!g)
		return;
	if (g->n_sas)
		explicit_bzero(g->sas, g->n_sas * sizeof(*g->sas));
	free(g->name);
	free(g->bindings);
	free(g->entries);
	free(g->counts);
	free(g->sas);
	free(g->senders);
	free(g);
}

struct index {
	const char *device;
	int index;
};

static int
index_inside(void *arg)
{
	struct index *i = arg;

	i->index = (int)if_nametoindex(i->device);
	return i->index ? 0 : -ENODEV;
}

static int
group_bind(struct xfrm *x, struct xfrm_group *g, const struct dp_group *d)
{
	g->bindings = x_alloc((d->n_bindings + 1) * sizeof(*g->bindings));
	for (size_t i = 0; i < d->n_bindings && d->n_entries; i++) {
		const char *device = x->o.device(x->o.arg, d->bindings[i].interface);
		struct index k = {.device = device};
		struct xfrm_binding *b = &g->bindings[i];

		if (!device || strlen(device) >= sizeof(b->device))
			return -ENODEV;
		if (netns_inside(x->o.netns, index_inside, &k))
			return -ENODEV;
		strcpy(b->device, device);
		b->index = k.index;
		b->seq = d->bindings[i].seq;
		g->n_bindings++;
	}
	return 0;
}

static unsigned
free_id(const struct xfrm *x)
{
	unsigned id = 0;

	for (const struct xfrm_group *g = x->groups; g;)
		if (g->id == id) {
			id++;
			g = x->groups;
		} else {
			g = g->next;
		}
	return id;
}

static void
copy_keys(struct xfrm_sa *s)
{
	memcpy(s->enc, s->sa.enc_key.p, s->sa.enc_key.n);
	if (s->sa.auth_key.n)
		memcpy(s->auth, s->sa.auth_key.p, s->sa.auth_key.n);
	s->sa.enc_key.p = s->enc;
	s->sa.auth_key.p = s->auth;
}

static int
check_group(const struct dp_group *d)
{
	if (d->n_sas > DP_SAS_MAX || d->n_entries > DP_SELECTORS_MAX)
		return -E2BIG;
	if (d->n_entries && dp_group_needs_userspace(d))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < d->n_sas; i++) {
		/* Transport mode: there are no anchors to find such a state by. */
		if (d->sas[i].transport || !cipher_row(d->sas[i].suite.cipher)->kernel)
			return -EOPNOTSUPP;
		if (d->sas[i].enc_key.n > sizeof(((struct xfrm_sa *)0)->enc) ||
		    d->sas[i].auth_key.n > sizeof(((struct xfrm_sa *)0)->auth))
			return -EINVAL;
	}
	return 0;
}

static struct xfrm_group *
group_copy(struct xfrm *x, const struct dp_group *d, const struct xfrm_group *old)
{
	struct xfrm_group *g = x_alloc(sizeof(*g));

	g->id = old ? old->id : free_id(x);
	g->name = x_strdup(d->name);
	g->n_entries = d->n_entries;
	g->entries = x_alloc((d->n_entries + 1) * sizeof(*g->entries));
	g->counts = x_alloc((d->n_entries + 1) * sizeof(*g->counts));
	for (size_t i = 0; i < d->n_entries; i++) {
		g->entries[i] = d->entries[i];
		for (size_t k = 0; old && k < old->n_entries; k++)
			if (selector_equal(&old->entries[k].selector, &g->entries[i].selector)) {
				g->counts[i] = old->counts[k];
				break;
			}
	}
	g->sas = x_alloc((d->n_sas + 1) * sizeof(*g->sas));
	for (; g->n_sas < d->n_sas; g->n_sas++) {
		g->sas[g->n_sas].sa = d->sas[g->n_sas];
		copy_keys(&g->sas[g->n_sas]);
		if (d->sas[g->n_sas].life)
			g->sas[g->n_sas].expires =
			    (msec)uv_now(x->o.loop) + SECONDS(d->sas[g->n_sas].life) + OVERDUE;
	}
	if (old && old->n_senders) {
		g->senders = x_memdup(old->senders, old->n_senders * sizeof(*g->senders));
		g->n_senders = g->senders_capacity = old->n_senders;
		g->n_ripe = old->n_ripe;
		g->n_grown = old->n_grown;
	}
	return g;
}

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
 * The outbound state goes; how far it counted is remembered. One that went without us took that
 * along: it may have used all that was reserved.
 */
static void
sa_silence(struct xfrm *x, struct xfrm_sa *s)
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
 * Where an outbound state begins: behind all that was sent under the key, by whomever. False: that
 * cannot be written down, so nothing is sent; the next tick tries again.
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
 * The kernel counts alone: when half of what was reserved is used, more is. A state that went
 * without us (it had used all, and no more could be reserved) is followed by another.
 */
static void
sa_more(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s)
{
	struct xfrm_state state;
	uint32_t used = s->first;

	if (!s->sending || !s->counter)
		return;
	if (!xfrm_state_sequence(x->nl, s->sa.spi, &used)) {
		sa_silence(x, s);
		return;
	}
	if (s->limit - used > NUMBERS / 2 || s->limit == UINT32_MAX ||
	    !counter_reserve(x->o.counters, s->counter, NUMBERS, &used, &s->limit,
	                     (msec)uv_now(x->o.loop)))
		return;
	state = sending_state(g, s);
	xfrm_state_limit(x->nl, &state);
}

static void
note_survivor(void *arg, const struct xfrm_counters *c)
{
	struct xfrm *x = arg;

	if (!c->out)
		return;
	x_grow(&x->survivors, &x->survivors_capacity, x->n_survivors + 1, sizeof(*x->survivors));
	x->survivors[x->n_survivors++] = (struct xfrm_survivor){c->spi, c->seq};
}

/* --- what is heard ---------------------------------------------------------------------------- */

/* Inbound: one for those not known yet, and one for each that is. */
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

/* The kernel has let its state go, and nobody has taken the key away yet. */
static bool
is_over(const struct xfrm *x, const struct xfrm_sa *s)
{
	return s->expires && s->expires <= (msec)uv_now(x->o.loop);
}

static int
sa_speak(struct xfrm *x, const struct xfrm_group *g, struct xfrm_sa *s)
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

static bool
is_newest(const struct xfrm_group *g, size_t i)
{
	for (size_t k = i + 1; k < g->n_sas; k++)
		if (g->sas[k].sa.send && g->sas[k].sa.sa == g->sas[i].sa.sa)
			return false;
	return g->sas[i].sa.send;
}

/* The new state speaks before the old one is silent. */
static int
group_speak(struct xfrm *x, struct xfrm_group *g)
{
	int error = 0;

	for (size_t i = 0; i < g->n_sas && !error; i++)
		if (is_newest(g, i))
			error = sa_speak(x, g, &g->sas[i]);
	for (size_t i = 0; i < g->n_sas; i++) {
		struct xfrm_sa *s = &g->sas[i];

		if (!s->sending || is_newest(g, i))
			continue;
		if (!xfrm_has_key(g, s->sa.sa))
			sa_silence(x, s);
		else if (!s->retire)
			s->retire = (msec)uv_now(x->o.loop) + RETIRE;
	}
	return error;
}

/* Inbound states for what is new; what is not keeps its own. */
static int
group_listen(struct xfrm *x, struct xfrm_group *g, struct xfrm_group *old)
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
		/* The same SPI for something else: that has to go first. */
		for (size_t k = 0; old && k < old->n_sas; k++)
			if (old->sas[k].sa.spi == g->sas[i].sa.spi) {
				sa_silence(x, &old->sas[k]);
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

static void
group_forget(struct xfrm *x, struct xfrm_group *old, const struct xfrm_group *now)
{
	for (size_t i = 0; i < old->n_sas; i++) {
		bool again = false;

		for (size_t k = 0; now && k < now->n_sas; k++)
			again = again || now->sas[k].sa.spi == old->sas[i].sa.spi;
		if (again)
			continue;
		sa_silence(x, &old->sas[i]);
		sa_deafen(x, old, &old->sas[i]);
	}
}

/* --- time ------------------------------------------------------------------------------------- */

static void
move_anchor(struct xfrm *x)
{
	int device = 0;

	for (const struct xfrm_group *g = x->groups; g && !device; g = g->next)
		if (g->n_entries && g->n_bindings)
			device = g->bindings[0].index;
	if (x->anchored && x->anchored != device)
		xfrm_anchor_remove(x->nl);
	x->anchored = device;
	if (device)
		xfrm_anchor_add(x->nl, device, 0);
}

/* An interface that was down has lost its route to the anchor. */
static void
on_tick(uv_timer_t *timer)
{
	struct xfrm *x = timer->data;
	msec now = (msec)uv_now(x->o.loop);

	for (struct xfrm_group *g = x->groups; g; g = g->next)
		for (size_t i = 0; i < g->n_sas; i++)
			if (g->sas[i].retire && g->sas[i].retire <= now)
				sa_silence(x, &g->sas[i]);
			else if (g->sas[i].sending)
				sa_more(x, g, &g->sas[i]);
			else if (x->o.counters && is_newest(g, i))
				sa_speak(x, g, &g->sas[i]);
	xfrm_learn_tick(x);
	move_anchor(x);
}

/* --- the four operations ------------------------------------------------------------------------ */

static int
op_set(struct dataplane *dp, const struct dp_group *d)
{
	struct xfrm *x = (struct xfrm *)dp;
	struct xfrm_group **at = group_find(x, d->name), *old = *at, *g;
	int error = check_group(d);

	if (error)
		return error;
	xfrm_rules_count(x, NULL, NULL);
	g = group_copy(x, d, old);
	error = g->id < XFRM_GROUPS_MAX ? group_bind(x, g, d) : -E2BIG;
	if (!error)
		error = group_listen(x, g, old);
	if (error) {
		group_free(g);
		return error;
	}
	g->next = old ? old->next : NULL;
	*at = g;
	move_anchor(x);
	error = xfrm_rules_render(x);
	if (error) {
		*at = old;
		group_forget(x, g, old);
		group_free(g);
		return error;
	}
	error = group_speak(x, g);
	if (!error)
		error = xfrm_policies_render(x);
	if (old)
		group_forget(x, old, g);
	group_free(old);
	return error;
}

static void
op_clear(struct dataplane *dp, const char *name)
{
	struct xfrm *x = (struct xfrm *)dp;
	struct xfrm_group **at = group_find(x, name), *g = *at;

	if (!g)
		return;
	xfrm_rules_count(x, NULL, NULL);
	*at = g->next;
	xfrm_policies_render(x);
	xfrm_rules_render(x);
	move_anchor(x);
	group_forget(x, g, NULL);
	group_free(g);
}

struct reading {
	const struct xfrm_group *group;
	struct dp_stat *ret;
};

static void
on_state(void *arg, const struct xfrm_counters *c)
{
	struct reading *r = arg;

	for (size_t i = 0; i < r->ret->n_sas; i++) {
		struct dp_sa_stat *s = &r->ret->sas[i];

		if (s->spi != c->spi || xfrm_reqid(r->group, 0) != (c->reqid & ~0xffu))
			continue;
		if (c->out) {
			s->out_packets += c->packets;
			s->out_bytes += c->bytes;
		} else {
			s->in_packets += c->packets;
			s->in_bytes += c->bytes;
			s->replay_drops += c->replay;
			s->auth_errors += c->integrity;
		}
	}
}

static bool
op_stat(struct dataplane *dp, const char *name, struct dp_stat *ret)
{
	struct xfrm *x = (struct xfrm *)dp;
	struct xfrm_group *g = *group_find(x, name);
	struct reading r = {g, ret};

	if (!g)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->n_sas = g->n_sas;
	for (size_t i = 0; i < g->n_sas; i++)
		ret->sas[i].spi = g->sas[i].sa.spi;
	ret->n_entries = g->n_entries;
	for (size_t i = 0; i < g->n_entries; i++)
		ret->entries[i] = g->counts[i];
	ret->invalid_spi = x->invalid_spi;
	xfrm_state_each(x->nl, on_state, &r);
	xfrm_rules_count(x, g, ret);
	return true;
}

static void
on_closed(uv_handle_t *handle)
{
	struct xfrm *x = handle->data;

	if (!--x->open_handles)
		free(x);
}

/* States, policies and rules stay, and the kernel goes on with them. */
static void
op_abandon(struct dataplane *dp)
{
	struct xfrm *x = (struct xfrm *)dp;

	nft_free(x->nft);
	while (x->groups) {
		struct xfrm_group *g = x->groups;

		x->groups = g->next;
		for (size_t i = 0; i < g->n_sas; i++) /* how far it counted the next run will see */
			if (g->sas[i].counter)
				counter_settle(x->o.counters, g->sas[i].counter, g->sas[i].limit,
				               g->sas[i].limit);
		group_free(g);
	}
	xfrm_nl_free(x->nl);
	free(x->survivors);
	free(x->policies);
	if (x->poll.data) {
		uv_poll_stop(&x->poll);
		uv_close((uv_handle_t *)&x->poll, on_closed);
	}
	if (x->timer.data)
		uv_close((uv_handle_t *)&x->timer, on_closed);
	if (x->log)
		mnl_socket_close(x->log);
	if (!x->open_handles)
		free(x);
}

static void
op_close(struct dataplane *dp)
{
	struct xfrm *x = (struct xfrm *)dp;

	for (struct xfrm_group *g = x->groups; g; g = g->next)
		for (size_t i = 0; i < g->n_sas; i++)
			sa_silence(x, &g->sas[i]);
	if (x->nl)
		xfrm_flush(x->nl);
	if (x->nft)
		nft_remove(x->nft);
	op_abandon(dp);
}

static const struct dataplane_ops xfrm_ops = {
    .set = op_set, .clear = op_clear, .stat = op_stat, .close = op_close, .abandon = op_abandon};

bool
xfrm_available(int netns, const char **ret_why)
{
	static const uint8_t key[20] = {0};
	/* An SPI of the reserved range (RFC 4303 2.1): nobody's state. */
	const struct xfrm_state probe = {.role = XFRM_SEND,
	                                 .spi = 1,
	                                 .reqid = XFRM_OURS,
	                                 .suite = {CIPHER_AES_128, HASH_SHA1},
	                                 .enc_key = SPAN(key, 16),
	                                 .auth_key = SPAN(key, 20)};
	struct xfrm_nl *nl;
	int error = xfrm_nl_new(netns, &nl);

	if (error) {
		*ret_why = error == -EPROTONOSUPPORT ? "this kernel has no XFRM"
		                                     : "the kernel's XFRM cannot be asked";
		return false;
	}
	error = xfrm_state_add(nl, &probe);
	if (!error || error == -EEXIST)
		xfrm_state_delete(nl, &probe);
	xfrm_nl_free(nl);
	if (error == -EPROTONOSUPPORT)
		*ret_why = "this kernel has no ESP in XFRM";
	else if (error == -EPERM)
		*ret_why = "no right to change the kernel's XFRM (CAP_NET_ADMIN)";
	else if (error && error != -EEXIST)
		*ret_why = "this kernel takes no ESP state with AES and SHA-1";
	else
		return true;
	return false;
}

bool
xfrm_holds(int netns)
{
	struct xfrm_nl *nl;
	bool any;

	if (nft_holds(netns, XFRM_TABLE))
		return true;
	if (xfrm_nl_new(netns, &nl))
		return false;
	any = xfrm_holds_any(nl);
	xfrm_nl_free(nl);
	return any;
}

void
xfrm_reclaim(int netns)
{
	struct xfrm_nl *nl;
	struct nft *nft;

	if (!xfrm_nl_new(netns, &nl)) {
		xfrm_flush(nl);
		xfrm_nl_free(nl);
	}
	if (!nft_new(netns, XFRM_TABLE, &nft)) {
		nft_remove(nft);
		nft_free(nft);
	}
}

static void
on_foreign_change(void *arg)
{
	struct xfrm *x = arg;

	if (!x->groups)
		return;
	LOG(x->o.log, RULES_RESTORED, XFRM_TABLE);
	xfrm_rules_count(x, NULL, NULL);
	xfrm_rules_render(x);
}

int
xfrm_new(const struct kernel_dataplane_options *o, struct dataplane **ret)
{
	struct xfrm *x = x_alloc(sizeof(*x));
	int error;

	x->base.ops = &xfrm_ops;
	x->o = *o;
	error = xfrm_nl_new(o->netns, &x->nl);
	if (!error)
		error = nft_new(o->netns, XFRM_TABLE, &x->nft);
	if (!error)
		error = nft_watch(x->nft, o->netns, o->loop, on_foreign_change, x);
	if (!error)
		error = xfrm_learn_open(x);
	if (error) {
		op_abandon(&x->base);
		return error;
	}
	uv_timer_init(o->loop, &x->timer);
	x->timer.data = x;
	x->open_handles++;
	uv_timer_start(&x->timer, on_tick, TICK, TICK);
	*ret = &x->base;
	return 0;
}

/* What a run that was killed left behind goes; how far that had counted is kept. */
void
xfrm_take(struct dataplane *dp)
{
	struct xfrm *x = (struct xfrm *)dp;

	xfrm_state_each(x->nl, note_survivor, x);
	xfrm_flush(x->nl);
	nft_remove(x->nft);
}
