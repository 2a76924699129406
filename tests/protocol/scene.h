/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One member that has registered, and a server of another kind that pushes to it (forge.h): what
 * the tests of its rekeys ask the member's dataplane, and how many acknowledgements it has sent.
 */
#ifndef TESTUDO_TEST_SCENE_H
#define TESTUDO_TEST_SCENE_H

#include "tests/protocol/forge.h"

struct scene {
	struct world *w;
	struct node_under_test *ks, *gm;
	unsigned acks; /* datagrams of that kind that the member has sent */
};

static inline unsigned
count_acks(struct world *w, struct packet *p)
{
	unsigned *acks = w->fault_arg;

	*acks += p->n > 18 && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH_ACK;
	return 1;
}

static inline struct scene *
scene_new(const struct policy_maker *m)
{
	struct scene *s = x_alloc(sizeof(*s));

	s->w = world_new();
	s->ks = world_server(s->w, m);
	s->gm = world_member(s->w, m, "10.1.23.3");
	world_pass(s->w, SECONDS(3));
	assert_true(node_registered(s->gm));
	s->w->fault = count_acks;
	s->w->fault_arg = &s->acks;
	return s;
}

static inline void
scene_free(struct scene *s)
{
	world_free(s->w);
	free(s);
}

static const struct policy_maker usual = {.no_rekey = false};

/* The place of a permit in what was installed; n_entries: it is not there. */
static inline size_t
place_of_permit(const struct node_under_test *n, const char *src, const char *dst)
{
	size_t i;

	for (i = 0; i < n->dp.n_entries; i++) {
		const struct selector *s = &n->dp.entries[i].selector;

		if (s->permit && s->src == addr_of(src) && s->dst == addr_of(dst))
			break;
	}
	return i;
}

/* The SPI that it is encrypted under; 0: a closed door. */
static inline uint32_t
sends_with(const struct node_under_test *n, const char *src, const char *dst)
{
	size_t k = place_of_permit(n, src, dst), i;
	uint32_t spi = 0;

	assert_true(k < n->dp.n_entries);
	for (i = 0; i < n->dp.n_sas; i++)
		if (n->dp.sas[i].send && n->dp.sas[i].sa == n->dp.entries[k].sa)
			spi = n->dp.sas[i].spi;
	return spi;
}

static inline bool
receives_under(const struct node_under_test *n, uint32_t spi)
{
	for (size_t i = 0; i < n->dp.n_sas; i++)
		if (n->dp.sas[i].spi == spi)
			return n->dp.sas[i].receive;
	return false;
}

#define LAB "192.168.0.0", "192.168.0.0"
#define NEW "10.7.0.0", "10.8.0.0"

/* A registration's answer as another server would give it. */
static inline void
pull_brings(struct node_under_test *n, struct forge *take_f)
{
	const char *why = "nothing";
	struct gm *gm = forge_gm(n);
	uint8_t buf[2048];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct gm_policy *fresh;

	gdoi_sa_put(&w, &take_f->sa);
	assert_true(gdoi_sa_get(wr_done(&w), &take_f->sa));
	fresh = gm_policy_from_sa(gm, &take_f->sa, false, &why);
	if (!fresh || !gm_policy_add_keys(fresh, &take_f->kd, false, &why))
		fail_msg("%s", why);
	gm_pull_done(gm, fresh);
	world_drain(n);
	free(take_f);
}

#endif
