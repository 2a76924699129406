/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's dataplane: see xfrm.h. A group SA is one outbound state and, inbound, one state for
 * every sender (xfrm_sa.c, xfrm_learn.c), all between two anchor addresses; rules and policies are
 * made for all groups together (xfrm_rules.c). Whatever is there when this process dies stays and
 * goes on encrypting until the keys' lives are over: nothing opens. The next xfrm_new takes it out.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/xfrm_priv.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#define TICK SECONDS(1)

/* How much longer than its lifetime the kernel keeps a state that nobody removes. */
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
		snprintf(b->device, sizeof(b->device), "%s", device);
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

/* --- time ------------------------------------------------------------------------------------- */

static void
hold_anchor(struct xfrm *x)
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

/*
 * An SA whose time to send is over stops; one that sends reserves more numbers in time; the newest
 * that does not send, because no numbers could be reserved for it, is tried again.
 */
static void
tick_sas(struct xfrm *x, struct xfrm_group *g, msec now)
{
	for (size_t i = 0; i < g->n_sas; i++)
		if (g->sas[i].retire && g->sas[i].retire <= now)
			xfrm_sa_silence(x, &g->sas[i]);
		else if (g->sas[i].sending)
			xfrm_sa_reserve(x, g, &g->sas[i]);
		else if (x->o.counters && xfrm_sa_is_newest(g, i))
			xfrm_sa_speak(x, g, &g->sas[i]);
}

static void
on_tick(uv_timer_t *timer)
{
	struct xfrm *x = timer->data;
	msec now = (msec)uv_now(x->o.loop);

	for (struct xfrm_group *g = x->groups; g; g = g->next)
		tick_sas(x, g, now);
	xfrm_learn_tick(x);
	hold_anchor(x); /* an interface that was down has lost its route to the anchor */
}

/* --- the four operations ---------------------------------------------------------------------- */

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
		error = xfrm_group_listen(x, g, old);
	if (error) {
		group_free(g);
		return error;
	}
	g->next = old ? old->next : NULL;
	*at = g;
	hold_anchor(x);
	error = xfrm_rules_render(x);
	if (error) {
		*at = old;
		xfrm_group_forget(x, g, old);
		group_free(g);
		return error;
	}
	error = xfrm_group_speak(x, g);
	if (!error)
		error = xfrm_policies_render(x);
	if (old)
		xfrm_group_forget(x, old, g);
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
	hold_anchor(x);
	xfrm_group_forget(x, g, NULL);
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
		for (size_t i = 0; i < g->n_sas;
		     i++) /* the next run will read from the kernel how far the state counted */
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
			xfrm_sa_silence(x, &g->sas[i]);
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
	/* An SPI of the reserved range (RFC 4303 2.1), which no state has */
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

/* Removes what a killed run left behind, and keeps the last sequence numbers that it had used. */
void
xfrm_take(struct dataplane *dp)
{
	struct xfrm *x = (struct xfrm *)dp;

	xfrm_state_each(x->nl, xfrm_note_survivor, x);
	xfrm_flush(x->nl);
	nft_remove(x->nft);
}
