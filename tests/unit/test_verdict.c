/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy's reference function: the invariant's words one by one, then random policies over
 * which the userspace dataplane must come to the same verdict, packet by packet.
 */
#include "tests/unit/esp.h"

#include "runtime/dataplane/verdict.h"
#include "tests/hunter/random_policy.h"

#define UDP 17
#define TCP 6

static const struct dp_entry entries[] = {
    {.selector = {.proto = TCP, .src = A, .src_mask = UINT32_MAX, .dport = 80}, .local = true},
    {.selector = {.proto = UDP, .dport = 53}},
    {.selector = {true, 0, NET, NET, 0, 0}, .sa = 7},
};

static enum dp_fate
fate_of(const struct dp_site *site, struct flow f, bool in, bool own)
{
	return dp_verdict(site, &f, in, own).fate;
}

static struct flow
make_flow(uint32_t src, uint32_t dst, uint8_t proto, uint16_t sport, uint16_t dport)
{
	return (struct flow){
	    .src = src, .dst = dst, .proto = proto, .sport = sport, .dport = dport};
}

static void
the_words_of_the_invariant(void **state)
{
	struct dp_group g = {"G", 1, wan, SA_BOTH, ARRAY_SIZE(entries), entries, 0, NULL, 0};
	struct dp_site s = {WAN, 1, &g, NULL}, elsewhere = {"FastEthernet0/1", 1, &g, NULL};
	struct flow f = make_flow(A, B, 99, 0, 0);

	(void)state;
	/* what the policy permits leaves encrypted or not at all, and is taken only as ESP */
	assert_int_equal(fate_of(&s, f, false, false), DP_ENCRYPT);
	assert_int_equal(fate_of(&s, f, false, true), DP_ENCRYPT);
	assert_int_equal(fate_of(&s, f, true, true), DP_ESP_ONLY);
	assert_int_equal(dp_verdict(&s, &f, true, false).sa, 7);
	assert_int_equal(fate_of(&elsewhere, f, false, false), DP_CLEAR);
	/* in clear go only what the policy or a local deny excepts */
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 1, 53), false, false), DP_CLEAR);
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 53, 1), false, false), DP_ENCRYPT);
	assert_int_equal(fate_of(&s, make_flow(A, B, TCP, 1, 80), false, false), DP_CLEAR);
	assert_int_equal(fate_of(&s, make_flow(B, A, TCP, 80, 1), true, false), DP_CLEAR);
	assert_int_equal(fate_of(&s, make_flow(A, B, TCP, 1, 80), true, false), DP_ESP_ONLY);
	/* this node's own GDOI */
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 848, 848), false, true), DP_CLEAR);
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 848, 848), false, false), DP_ENCRYPT);
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 848, 1), true, true), DP_ESP_ONLY);
	/* and everything before the first registration */
	g.n_entries = 0;
	assert_int_equal(fate_of(&s, f, false, false), DP_CLEAR);
	assert_int_equal(fate_of(&s, f, true, false), DP_CLEAR);
	/* where fail-close is not configured */
	s.door = &(struct dp_door){.map = "M"};
	assert_int_equal(fate_of(&s, f, false, false), DP_DROP);
	assert_int_equal(fate_of(&s, make_flow(A, B, UDP, 848, 848), false, true), DP_CLEAR);
}

/* --- random policies -------------------------------------------------------------------------- */

static void
packet_of(struct buffer *b, const struct flow *f)
{
	uint8_t *p;

	packet_init(b, f->src, f->dst, f->proto, 60);
	p = packet_data(&b->pkt);
	packet_put16(p + 20, f->sport);
	packet_put16(p + 22, f->dport);
	packet_put16(p + 6, f->fragment ? 64 : 0);
	ip4_refresh(p);
}

/* Has the group a key that sends under the policy of this verdict? */
static bool
has_sender(const struct dp_verdict *v)
{
	for (size_t i = 0; i < v->group->n_sas; i++)
		if (v->group->sas[i].sa == v->sa && v->group->sas[i].send)
			return true;
	return false;
}

static void
compare_out(struct member *m, const struct dp_site *site, const struct flow *f, bool own)
{
	struct dp_verdict v = dp_verdict(site, f, false, own);
	enum esp_verdict want = v.fate == DP_CLEAR ? ESP_PASS : ESP_DROP;
	struct buffer b;
	size_t mtu;

	if (v.fate == DP_ENCRYPT && has_sender(&v))
		want = ESP_DONE;
	packet_of(&b, f);
	assert_int_equal(esp_output(m->port, &b.pkt, own, MTU, &mtu, 0), want);
}

static void
compare_in(struct member *m, const struct dp_site *site, const struct flow *f, bool own)
{
	struct dp_verdict v = dp_verdict(site, f, true, own);
	struct buffer b;

	packet_of(&b, f);
	assert_int_equal(esp_input(m->port, &b.pkt, own, 0),
	                 v.fate == DP_CLEAR ? ESP_PASS : ESP_DROP);
}

/* The same packet as another member's ESP, under each key of the policy. */
static void
compare_opened(struct member *m, const struct random_policy *p, const struct flow *f)
{
	static const struct dp_entry all[] = {{.selector = {true, 0, 0, 0, 0, 0, 0, 0}, .sa = 1}};

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct dp_group *g = &p->groups[i];
		size_t k = f->src % g->n_sas;
		struct dp_sa sa = g->sas[k];
		struct dp_group sender = group_of(&sa, 1);
		struct member other;
		struct buffer b;

		sender.entries = all;
		sender.n_entries = 1;
		sa.sa = 1;
		sa.send = true;
		sa.start = m->log.lines++; /* each packet has its number */
		member_init(&other);
		set_group(&other, &sender);
		packet_of(&b, f);
		assert_int_equal(send_out(&other, &b), ESP_DONE);
		if (g->n_entries)
			assert_int_equal(esp_input(m->port, &b.pkt, false, 0),
			                 dp_verdict_opened(g, g->sas[k].sa, f) ? ESP_DONE
			                                                       : ESP_DROP);
		member_fini(&other);
	}
}

static void
one_policy(struct chance *c)
{
	struct random_policy p;
	struct member m;
	struct dp_site site;

	rp_make(c, &p);
	site = (struct dp_site){RP_PORT, p.n_groups, p.groups, p.has_door ? &p.door : NULL};
	member_init(&m);
	m.log.lines = 1;
	for (size_t i = 0; i < p.n_groups; i++)
		set_group(&m, &p.groups[i]);
	assert_int_equal(m.dp->ops->doors(m.dp, &p.door, p.has_door), 0);
	for (int i = 0; i < 60; i++) {
		bool in = chance_one_in(c, 2);
		struct flow f = rp_flow(c, in);
		bool own = rp_own(in ? f.dst : f.src);

		f.fragment = chance_one_in(c, 8);
		if (f.fragment)
			f.sport = f.dport = 0;
		if (!in)
			compare_out(&m, &site, &f, own);
		else
			compare_in(&m, &site, &f, own);
		if (in && i % 8 == 0)
			compare_opened(&m, &p, &f);
	}
	member_fini(&m);
}

static void
random_policies_on_the_virtual_dataplane(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct chance c = {seed};

		one_policy(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_words_of_the_invariant),
	    cmocka_unit_test(random_policies_on_the_virtual_dataplane),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
