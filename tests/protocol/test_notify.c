/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What phase 1 tells a peer and hears from it: errors (RFC 2408 5), INITIAL-CONTACT (RFC 2407
 * 4.6.3.3), and nonces of the sizes that RFC 6407 5.8 allows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/core/core_priv.h"
#include "compiler/policy/protocol.h"
#include "runtime/core/xch.h"
#include "tests/protocol/world.h"

static const struct policy_maker usual = {0};
static const unsigned debug_all = DEBUG_ISAKMP;

/* A server and a member that has registered. */
struct couple {
	struct world *w;
	struct node_under_test *ks, *gm;
};

static struct couple
couple_new(void)
{
	struct couple p = {.w = world_new()};

	p.ks = world_server(p.w, &usual);
	p.gm = world_member(p.w, &usual, "10.1.23.3");
	p.ks->core->env.log.debug = p.gm->core->env.log.debug = &debug_all;
	world_pass(p.w, SECONDS(3));
	assert_true(node_registered(p.gm));
	p.ks->log_n = p.gm->log_n = 0;
	p.ks->log[0] = p.gm->log[0] = 0;
	return p;
}

/* --- an exchange that begins with whatever a test wants --------------------------------------- */

struct probe {
	uint8_t payload; /* beside the nonce; 0: none */
	size_t nonce;
};

static enum drop
probe_make(struct xch *x, struct message *m)
{
	const struct probe *p = x->of;
	uint8_t id[8] = {ID_KEY_ID, 0, 0, 0, 0, 0, 0, 134};

	x->ni.n = p->nonce < sizeof(x->ni.bytes) ? p->nonce : sizeof(x->ni.bytes);
	core_random(x->sa->core, x->ni.bytes, x->ni.n);
	isakmp_payload_put(m->w, m->chain, PAYLOAD_NONCE, SPAN(x->ni.bytes, x->ni.n));
	if (p->payload)
		isakmp_payload_put(m->w, m->chain, p->payload, SPAN(id, sizeof(id)));
	isakmp_payload_put(m->w, m->chain, PAYLOAD_ID, SPAN(id, sizeof(id)));
	return DROP_NONE;
}

static const struct step probe_steps[] = {
    {SEND, 0, 0, probe_make},
};

static const struct xch_kind probe_kind = {
    .exchange = EXCHANGE_GROUPKEY_PULL,
    .steps = probe_steps,
    .n = ARRAY_SIZE(probe_steps),
};

/* The member sends a first message of GROUPKEY-PULL under its SA; how often the server answers. */
static unsigned
send_probe(struct couple *p, const struct probe *what)
{
	struct probe copy = *what;
	struct ike_sa *sa = p->gm->core->ike.all;
	struct xch *x = xch_new(sa, &probe_kind, &copy, true, xch_message_id(sa));
	unsigned before;

	x->sa = sa;
	xch_run(x);
	world_drain(p->gm);
	before = p->w->sent;
	world_pass(p->w, WORLD_LATENCY);
	xch_free(x);
	return p->w->sent - before;
}

static void
rfc6407_5_8_nonce_of_8_to_128_octets(void **state)
{
	static const struct {
		size_t n;
		bool good;
	} cases[] = {
	    /* clang-format off */
	    {7,   false},
	    {8,   true},
	    {20,  true},
	    {128, true},
	    {129, false},
	    {256, false}
	    /* clang-format on */
	};
	uint8_t zeros[300] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct couple p = couple_new();
		uint64_t pulls = p.ks->core->drops[DROP_MALFORMED];
		struct isakmp_payloads one = {
		    .n = 1, .at = {{.type = PAYLOAD_NONCE, .body = SPAN(zeros, cases[i].n)}}};
		struct message m = {.payloads = &one};
		static const struct xch_kind phase1 = {.phase1 = true};
		struct nonce n;

		send_probe(&p, &(struct probe){.nonce = cases[i].n});
		assert_int_equal(p.ks->core->drops[DROP_MALFORMED] - pulls, !cases[i].good);
		/* what a member takes of a server is asked the same way */
		assert_int_equal(nonce_take(&(struct xch){.kind = &probe_kind}, &m, &n),
		                 cases[i].good);
		/* RFC 2409 5 lets phase 1 have more */
		assert_int_equal(nonce_take(&(struct xch){.kind = &phase1}, &m, &n),
		                 cases[i].n >= 8 && cases[i].n <= 256);
		world_free(p.w);
	}
}

/* --- INITIAL-CONTACT -------------------------------------------------------------------------- */

static size_t
sas_up(const struct node_under_test *n)
{
	const struct ike_sa *sa;
	size_t count = 0;

	for (sa = n->core->ike.all; sa; sa = sa->next)
		count += sa->state == IKE_UP;
	return count;
}

static unsigned
from_port_500(struct world *w, struct packet *p)
{
	(void)w;
	if (p->path.remote == addr_of("10.1.23.3"))
		p->path.remote_port = 500;
	if (p->path.local == addr_of("10.1.23.3"))
		p->path.local_port = GDOI_PORT;
	return 1;
}

static void
rfc2407_4_6_3_3_initial_contact_ends_older_sas(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm, *other;

	(void)state;
	ks->core->env.log.debug = &debug_all;
	w->fault = from_port_500;
	gm = world_member(w, &usual, "10.1.23.3");
	other = world_member(w, &usual, "10.1.24.4");
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm) && node_registered(other));
	assert_int_equal(sas_up(ks), 2);
	/*
	 * it starts again, and from another port, so that its address and port do not give it away
	 */
	w->fault = NULL;
	node_boot(gm);
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_true(node_logged(ks, "processing NOTIFY INITIAL_CONTACT of 10.1.23.3"));
	assert_int_equal(sas_up(ks), 2);
	world_free(w);
}

static void
rfc2407_4_6_3_3_only_the_first_sa_says_so(void **state)
{
	struct couple p = couple_new();

	(void)state;
	core_clear_isakmp(p.gm->core, p.w->now);
	core_clear_group(p.gm->core, NULL, p.w->now);
	world_drain(p.gm);
	world_pass(p.w, SECONDS(30));
	assert_true(node_registered(p.gm));
	assert_true(node_logged(p.ks, "SA has been authenticated with 10.1.23.3"));
	assert_false(node_logged(p.gm, "sending initial contact"));
	assert_false(node_logged(p.ks, "processing NOTIFY INITIAL_CONTACT"));
	world_free(p.w);
}

static void
rfc2407_4_6_3_3_other_identities_stay(void **state)
{
	struct couple p = couple_new();
	struct ike_sa *old = p.ks->core->ike.all, *sa;
	struct path path = old->path;
	const uint8_t cookie[COOKIE_SIZE] = {1};

	(void)state;
	sa = ike_sa_new(p.ks->core, &path, false, cookie, cookie);
	sa->who.subject = x_strdup("cn=r9");
	ike_initial_contact(sa);
	assert_int_equal(sas_up(p.ks), 1);
	free(sa->who.subject);
	sa->who.subject = NULL;
	sa->who.address = true;
	ike_initial_contact(sa);
	assert_int_equal(sas_up(p.ks), 0);
	world_free(p.w);
}

/* --- errors in clear -------------------------------------------------------------------------- */

#define STRANGER "10.9.9.9"

/* What the node answers to a datagram: the type of a notify in clear, 0: nothing, -1: else. */
static int
answer_type(struct couple *p, const char *from, struct span dgram)
{
	struct path path = {.local = p->ks->addr,
	                    .remote = addr_of(from),
	                    .local_port = GDOI_PORT,
	                    .remote_port = GDOI_PORT};
	size_t before = p->w->n_packets;
	struct isakmp_payloads payloads;
	const struct packet *got;
	struct isakmp_notify n;
	struct isakmp_header h;
	struct span bytes;

	core_input(p->ks->core, &path, dgram, p->w->now);
	world_drain(p->ks);
	if (p->w->n_packets == before)
		return 0;
	got = &p->w->packets[--p->w->n_packets];
	assert_int_equal(got->path.local, addr_of(from));
	bytes = SPAN(got->bytes, got->n);
	if (!isakmp_header_get(bytes, &h) || h.exchange != EXCHANGE_INFORMATIONAL || h.flags ||
	    !isakmp_payloads_get(h.next, SPAN(bytes.p + 28, bytes.n - 28), false, &payloads) ||
	    payloads.n != 1 || payloads.at[0].type != PAYLOAD_NOTIFY ||
	    !isakmp_notify_get(payloads.at[0].body, &n))
		n.type = UINT16_MAX;
	free(got->bytes);
	return n.type == UINT16_MAX ? -1 : n.type;
}

static struct span
make_header(struct wr *w, struct isakmp_header h, size_t rest)
{
	static const uint8_t zeros[64];

	memset(h.cookie_i, 0x5a, COOKIE_SIZE);
	h.version = h.version ? h.version : ISAKMP_VERSION;
	isakmp_header_put(w, &h);
	wr_bytes(w, zeros, rest);
	isakmp_finish(w);
	return wr_done(w);
}

static void
rfc2408_5_errors_are_told_in_clear_before_there_is_an_sa(void **state)
{
	static const struct {
		struct isakmp_header h;
		size_t rest;
		int told;
	} cases[] = {
	    {{.exchange = EXCHANGE_MAIN, .version = 0x20}, 0, NOTIFY_INVALID_MAJOR_VERSION},
	    {{.exchange = EXCHANGE_MAIN, .version = 0x11}, 0, NOTIFY_INVALID_MINOR_VERSION},
	    {{.exchange = EXCHANGE_MAIN, .flags = 0x80}, 0, NOTIFY_INVALID_FLAGS},
	    {{.exchange = EXCHANGE_MAIN, .message_id = 7}, 0, NOTIFY_INVALID_MESSAGE_ID},
	    {{.exchange = EXCHANGE_AGGRESSIVE}, 0, NOTIFY_UNSUPPORTED_EXCHANGE_TYPE},
	    {{.exchange = 77}, 0, NOTIFY_INVALID_EXCHANGE_TYPE},
	    {{.exchange = EXCHANGE_MAIN, .cookie_r = {1}}, 0, NOTIFY_INVALID_COOKIE},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL, .cookie_r = {1}, .message_id = 7},
	     0,
	     NOTIFY_INVALID_COOKIE},
	    {{.exchange = EXCHANGE_MAIN, .next = PAYLOAD_SA}, 3, NOTIFY_PAYLOAD_MALFORMED},
	    {{.exchange = EXCHANGE_MAIN, .next = PAYLOAD_KE}, 0, NOTIFY_PAYLOAD_MALFORMED},
	    /* and messages that expect no answer */
	    {{.exchange = EXCHANGE_INFORMATIONAL, .next = PAYLOAD_NOTIFY}, 3, 0},
	    {{.exchange = EXCHANGE_INFORMATIONAL, .flags = 0x80}, 0, 0},
	    {{.exchange = EXCHANGE_INFORMATIONAL, .version = 0x20}, 0, 0},
	    {{.exchange = EXCHANGE_GROUPKEY_PUSH}, 8, 0},
	    {{.exchange = EXCHANGE_GROUPKEY_PUSH_ACK}, 8, 0},
	};
	struct couple p = couple_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t buf[256];
		struct wr w = wr_buf(buf, sizeof(buf));

		world_pass(p.w, SECONDS(10));
		assert_int_equal(
		    answer_type(&p, STRANGER, make_header(&w, cases[i].h, cases[i].rest)),
		    cases[i].told);
	}
	world_free(p.w);
}

static void
rfc2408_5_1_longer_than_its_header_says(void **state)
{
	struct couple p = couple_new();
	uint8_t buf[256] = {0};
	struct wr w = wr_buf(buf, sizeof(buf));
	struct span dgram = make_header(&w, (struct isakmp_header){.exchange = EXCHANGE_MAIN}, 0);

	(void)state;
	dgram.n++;
	assert_int_equal(answer_type(&p, STRANGER, dgram), NOTIFY_UNEQUAL_PAYLOAD_LENGTHS);
	dgram.n -= 2; /* what is cut is dropped in silence: it is none of ours to read */
	assert_int_equal(answer_type(&p, STRANGER, dgram), 0);
	world_free(p.w);
}

/* Errors are limited for one source, and for all together. */
static void
rfc2408_5_errors_in_clear_are_rate_limited(void **state)
{
	struct couple p = couple_new();
	unsigned told = 0, told_all = 0, i;
	char from[ADDR_TEXT_MAX];
	uint8_t buf[256];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct span dgram = make_header(&w, (struct isakmp_header){.exchange = 77}, 0);

	(void)state;
	for (i = 0; i < 1000; i++)
		told += answer_type(&p, STRANGER, dgram) != 0;
	assert_int_equal(told, NOTICES_SOURCE.burst);
	world_pass(p.w, SECONDS(60));
	for (i = 0; i < 10000; i++)
		told_all += answer_type(&p, addr_text(addr_of("10.9.0.1") + i, from), dgram) != 0;
	assert_int_equal(told_all, NOTICES_ALL.burst);
	world_pass(p.w, SECONDS(1));
	told_all = 0;
	for (i = 0; i < 10000; i++)
		told_all += answer_type(&p, addr_text(addr_of("10.9.0.1") + i, from), dgram) != 0;
	assert_in_range(told_all, 15, 17);
	world_free(p.w);
}

/* --- errors under the SA ---------------------------------------------------------------------- */

static void
rfc2408_5_errors_are_told_under_the_sa_once_it_is_up(void **state)
{
	struct couple p = couple_new();

	(void)state;
	assert_int_equal(send_probe(&p, &(struct probe){.nonce = 4}), 1);
	world_pass(p.w, SECONDS(1));
	assert_true(node_logged(p.gm, "NOTIFY 16 from the peer"));
	assert_int_equal(send_probe(&p, &(struct probe){.nonce = 20, .payload = PAYLOAD_KE}), 1);
	world_pass(p.w, SECONDS(1));
	assert_true(node_logged(p.gm, "NOTIFY 1 from the peer"));
	assert_true(node_registered(p.gm));
	world_free(p.w);
}

/*
 * Somebody on the way slips in a message that the server cannot take, made of one of the member's.
 */
static void
slip_in(struct world *w, const struct packet *p, struct span dgram)
{
	struct node_under_test *ks = w->fault_arg;
	struct path path = {.local = p->path.local,
	                    .remote = p->path.remote,
	                    .local_port = GDOI_PORT,
	                    .remote_port = GDOI_PORT};

	if (p->path.local == ks->addr && p->n >= 60 && p->bytes[18] == EXCHANGE_GROUPKEY_PULL)
		core_input(ks->core, &path, dgram, w->now);
}

/* One that it cannot verify. */
static unsigned
slip_in_bent(struct world *w, struct packet *p)
{
	uint8_t *bent = x_memdup(p->bytes, p->n);

	if (p->n >= 60)
		bent[p->n - 20] ^= 1;
	slip_in(w, p, SPAN(bent, p->n));
	free(bent);
	return 1;
}

/* One with an octet too many. */
static unsigned
slip_in_longer(struct world *w, struct packet *p)
{
	uint8_t *longer = x_alloc(p->n + 1);

	memcpy(longer, p->bytes, p->n);
	slip_in(w, p, SPAN(longer, p->n + 1));
	free(longer);
	return 1;
}

static void
assert_slip_does_no_harm(unsigned (*fault)(struct world *w, struct packet *p), const char *told)
{
	struct world *w = world_new();
	struct node_under_test *ks = world_server(w, &usual), *gm;

	w->fault = fault;
	w->fault_arg = ks;
	gm = world_node(w, "10.1.23.3", policy_member(&usual, addr_of("10.1.23.3")));
	gm->core->env.log.debug = &debug_all;
	world_pass(w, SECONDS(10));
	assert_true(node_logged(gm, told));
	assert_true(node_registered(gm));
	assert_false(node_logged(gm, "GM_REGS_FAILED"));
	world_free(w);
}

static void
rfc2408_5_a_message_slipped_in_does_not_end_the_registration(void **state)
{
	(void)state;
	assert_slip_does_no_harm(slip_in_bent, "NOTIFY 23 from the peer");
	assert_slip_does_no_harm(slip_in_longer, "NOTIFY 30 from the peer");
}

/* --- notifies from strangers ------------------------------------------------------------------ */

/* Each datagram to the member brings an error and a delete in clear, with the right cookies. */
static unsigned
heckle_member(struct world *w, struct packet *p)
{
	struct node_under_test *gm = w->fault_arg;
	uint8_t buf[256], cookies[16], spi[4] = {0};
	struct wr out = wr_buf(buf, sizeof(buf));
	struct isakmp_chain chain = ISAKMP_CHAIN;
	struct isakmp_header h;

	if (p->path.local != gm->addr || !isakmp_header_get(SPAN(p->bytes, p->n), &h))
		return 1;
	memcpy(cookies, h.cookie_i, 8);
	memcpy(cookies + 8, h.cookie_r, 8);
	h.exchange = EXCHANGE_INFORMATIONAL;
	h.flags = 0;
	h.message_id = 99;
	isakmp_header_put(&out, &h);
	isakmp_payload_begin(&out, &chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(&out, &(struct isakmp_notify){.doi = DOI_GDOI,
	                                                .proto = 1,
	                                                .type = NOTIFY_AUTHENTICATION_FAILED,
	                                                .data = SPAN(spi, 4)});
	isakmp_payload_end(&out, &chain);
	isakmp_payload_begin(&out, &chain, PAYLOAD_NOTIFY);
	isakmp_notify_put(&out, &(struct isakmp_notify){.doi = DOI_IPSEC,
	                                                .proto = 1,
	                                                .type = NOTIFY_INITIAL_CONTACT,
	                                                .spi = SPAN(cookies, 16)});
	isakmp_payload_end(&out, &chain);
	isakmp_payload_begin(&out, &chain, PAYLOAD_DELETE);
	isakmp_delete_put(
	    &out,
	    &(struct isakmp_delete){
		.doi = DOI_GDOI, .proto = 1, .spi_size = 16, .n = 1, .spis = SPAN(cookies, 16)});
	isakmp_payload_end(&out, &chain);
	isakmp_finish(&out);
	core_input(gm->core, &p->path, wr_done(&out), w->now);
	return 1;
}

static void
rfc2408_5_15_what_nobody_has_signed_changes_nothing(void **state)
{
	struct world *w = world_new();
	struct node_under_test *gm;

	(void)state;
	world_server(w, &usual);
	w->fault = heckle_member;
	w->fault_arg = &w->nodes[1];
	gm = world_node(w, "10.1.23.3", policy_member(&usual, addr_of("10.1.23.3")));
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_int_equal(sas_up(gm), 1);
	assert_false(node_logged(gm, "GM_REGS_FAILED"));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_5_8_nonce_of_8_to_128_octets),
	    cmocka_unit_test(rfc2407_4_6_3_3_initial_contact_ends_older_sas),
	    cmocka_unit_test(rfc2407_4_6_3_3_only_the_first_sa_says_so),
	    cmocka_unit_test(rfc2407_4_6_3_3_other_identities_stay),
	    cmocka_unit_test(rfc2408_5_errors_are_told_in_clear_before_there_is_an_sa),
	    cmocka_unit_test(rfc2408_5_1_longer_than_its_header_says),
	    cmocka_unit_test(rfc2408_5_errors_in_clear_are_rate_limited),
	    cmocka_unit_test(rfc2408_5_errors_are_told_under_the_sa_once_it_is_up),
	    cmocka_unit_test(rfc2408_5_a_message_slipped_in_does_not_end_the_registration),
	    cmocka_unit_test(rfc2408_5_15_what_nobody_has_signed_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
