/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packet filter: order of the lists, levels, connections and their times, a full table, counts
 * over a change of policy, the index against the plain walk, what it writes, what it explains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/filter/filter.h"
#include "runtime/packet/packet.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define HOST           UINT32_MAX

enum { SYN = 0x02, RST = 0x04, ACK = 0x10, FIN = 0x01 };

/* --- a firewall with an inside, two outsides of one level, and a nameless interface ----------- */

struct world {
	struct policy p;
	struct policy_interface nics[4];
	struct policy_acl acls[4];
	struct filter *f;
	struct log_sink sink;
	msec now;
	size_t lines;
	char log[8192];
};

#define INSIDE (&w->nics[0])
#define OUT1   (&w->nics[1])
#define OUT2   (&w->nics[2])
#define BARE   (&w->nics[3])

static void
on_log(void *arg, const struct log_record *r)
{
	struct world *w = arg;
	size_t n = strlen(w->log);

	w->lines++;
	snprintf(w->log + n, sizeof(w->log) - n, "%s\n", r->text);
}

static int
set_up_world(void **state)
{
	struct world *w = x_alloc(sizeof(*w));

	w->nics[0] =
	    (struct policy_interface){.name = "G0", .nameif = "INSIDE", .security_level = 100};
	w->nics[1] = (struct policy_interface){.name = "G1", .nameif = "OUTSIDE1"};
	w->nics[2] = (struct policy_interface){.name = "G2", .nameif = "OUTSIDE2"};
	w->nics[3] = (struct policy_interface){.name = "G3"};
	w->p = (struct policy){.firewall = true,
	                       .n_interfaces = 4,
	                       .interfaces = w->nics,
	                       .n_acls = 4,
	                       .acls = w->acls};
	w->acls[0].name = "IN";
	w->acls[1].name = "GLOBAL";
	w->acls[2].name = "OUT";
	w->acls[3].name = "OTHER";
	w->sink = (struct log_sink){.write = on_log, .arg = w};
	w->now = 1000;
	w->f = filter_new(&w->sink, 1);
	filter_apply(w->f, &w->p, w->now);
	*state = w;
	return 0;
}

static int
tear_down_world(void **state)
{
	struct world *w = *state;

	filter_free(w->f);
	free(w);
	return 0;
}

/* A policy does not change while it is in use: power off first. */
static void
set_list(struct world *w, size_t acl, const struct policy_ace *aces, size_t n)
{
	filter_apply(w->f, NULL, w->now);
	w->acls[acl].aces = aces;
	w->acls[acl].n_aces = n;
}

static void
apply_policy(struct world *w)
{
	filter_apply(w->f, &w->p, w->now);
}

static struct filter_packet
make_packet(uint8_t proto, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport,
            uint8_t flags)
{
	return (struct filter_packet){
	    .flow = {.src = src,
	             .dst = dst,
	             .proto = proto,
	             .sport = sport,
	             .dport = dport,
	             .tcp_flags = flags},
	    .bytes = 100,
	    .payload = flags & (SYN | FIN) ? 0 : 60,
	};
}

static struct filter_packet
make_icmp(uint8_t type, uint32_t src, uint32_t dst, uint16_t id)
{
	return (struct filter_packet){
	    .flow = {.src = src, .dst = dst, .proto = 1, .icmp_type = type},
	    .icmp_id = id,
	    .bytes = 100,
	    .payload = 72,
	};
}

#define FWD(p, in, out) filter_forward(w->f, &(p), in, out, w->now)

#define A               IP(10, 1, 1, 1) /* inside */
#define B               IP(20, 1, 1, 2) /* outside 1 */
#define C               IP(30, 1, 1, 3) /* outside 2 */

/* --- levels ----------------------------------------------------------------------------------- */

static void
test_levels(void **state)
{
	struct world *w = *state;
	struct filter_packet udp = make_packet(17, A, 848, B, 848, 0),
			     in = make_packet(17, B, 1, A, 2, 0);
	struct filter_packet ping = make_icmp(8, B, A, 7), esp = make_packet(50, B, 0, A, 0, 0);

	assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(FWD(in, OUT1, INSIDE), FILTER_LEVEL);
	assert_non_null(strstr(w->log,
	                       "%ASA-3-106010: Deny inbound udp src OUTSIDE1:20.1.1.2/1 dst "
	                       "INSIDE:10.1.1.1/2\n"));
	assert_int_equal(FWD(ping, OUT1, INSIDE), FILTER_LEVEL);
	assert_non_null(strstr(w->log, "%ASA-3-106014: Deny inbound icmp src OUTSIDE1:20.1.1.2 dst "
	                               "INSIDE:10.1.1.1 (type 8, code 0)\n"));
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_LEVEL);
	assert_non_null(strstr(w->log, "Deny inbound protocol 50 src OUTSIDE1:20.1.1.2 dst"));
	assert_int_equal(FWD(udp, INSIDE, BARE), FILTER_NAMELESS);
	assert_int_equal(FWD(udp, BARE, INSIDE), FILTER_NAMELESS);
}

static void
test_same_security(void **state)
{
	static const struct policy_ace any[] = {{.permit = true, .icmp_type = -1, .icmp_code = -1}};
	struct world *w = *state;
	struct filter_packet p = make_packet(17, B, 1, C, 2, 0),
			     hairpin = make_packet(17, B, 1, B + 1, 2, 0);

	assert_int_equal(FWD(p, OUT1, OUT2), FILTER_SAME);
	set_list(w, 0, any, 1);
	OUT1->acl_in = &w->acls[0];
	apply_policy(w);
	assert_int_equal(FWD(p, OUT1, OUT2), FILTER_SAME); /* no list makes up for it */
	assert_int_equal(FWD(hairpin, OUT1, OUT1), FILTER_SAME);
	w->p.same_security_inter = true;
	assert_int_equal(FWD(p, OUT1, OUT2), FILTER_PASS);
	assert_int_equal(FWD(hairpin, OUT1, OUT1), FILTER_SAME);
	w->p.same_security_intra = true;
	assert_int_equal(FWD(hairpin, OUT1, OUT1), FILTER_PASS);
}

/* --- lists ------------------------------------------------------------------------------------ */

static const struct policy_ace in_aces[] = {
    {.seq = 1,
     .line = 1,
     .hash = 0xa1,
     .permit = true,
     .proto = 17,
     .src = B,
     .src_mask = HOST,
     .n_dport = 1,
     .dport = {{848, 848}},
     .icmp_type = -1,
     .icmp_code = -1},
    {.seq = 2,
     .line = 2,
     .hash = 0xa2,
     .permit = true,
     .proto = 50,
     .icmp_type = -1,
     .icmp_code = -1},
    {.seq = 3,
     .line = 3,
     .hash = 0xa3,
     .permit = false,
     .proto = 1,
     .icmp_type = -1,
     .icmp_code = -1},
    {.seq = 4,
     .line = 4,
     .hash = 0xa4,
     .permit = true,
     .proto = 6,
     .inactive = true,
     .icmp_type = -1,
     .icmp_code = -1},
};

static const uint64_t *
counters_of(struct world *w, const char *acl, size_t n)
{
	size_t have;
	const uint64_t *hits = filter_counters(w->f, acl, &have);

	assert_non_null(hits);
	assert_int_equal(have, n);
	return hits;
}

static void
test_lists(void **state)
{
	struct world *w = *state;
	struct filter_packet gdoi = make_packet(17, B, 848, A, 848, 0),
			     ike = make_packet(17, B, 500, A, 500, 0),
			     esp = make_packet(50, B, 0, A, 0, 0),
			     back = make_packet(50, A, 0, B, 0, 0), ping = make_icmp(8, B, A, 7),
			     tcp = make_packet(6, B, 1, A, 2, SYN);
	const uint64_t *hits;

	set_list(w, 0, in_aces, ARRAY_SIZE(in_aces));
	OUT1->acl_in = &w->acls[0];
	apply_policy(w);
	assert_int_equal(FWD(gdoi, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(gdoi, OUT1, INSIDE), FILTER_PASS); /* the connection: not counted */
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_PASS); /* by rule: each is */
	assert_int_equal(FWD(back, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(FWD(ike, OUT1, INSIDE), FILTER_IMPLICIT);
	assert_int_equal(FWD(ping, OUT1, INSIDE), FILTER_RULE);
	assert_int_equal(FWD(tcp, OUT1, INSIDE), FILTER_IMPLICIT); /* its entry is inactive */
	hits = counters_of(w, "IN", 4);
	assert_int_equal(hits[0], 1);
	assert_int_equal(hits[1], 2);
	assert_int_equal(hits[2], 1);
	assert_int_equal(hits[3], 0);
	assert_non_null(strstr(w->log, "%ASA-4-106023: Deny udp src OUTSIDE1:20.1.1.2/500 dst "
	                               "INSIDE:10.1.1.1/500 by access-group \"IN\" [0x0, 0x0]\n"));
	assert_non_null(strstr(w->log, "%ASA-4-106023: Deny icmp src OUTSIDE1:20.1.1.2 dst "
	                               "INSIDE:10.1.1.1 (type 8, code 0) by access-group \"IN\" "
	                               "[0xa3, 0x0]\n"));
	assert_int_equal(filter_clear(w->f, FILTER_CLEAR_COUNTERS, "IN", w->now), 1);
	assert_int_equal(counters_of(w, "IN", 4)[1], 0);
}

/* The interface's list first, then the global one; the levels count no more when there is one. */
static void
test_global(void **state)
{
	static const struct policy_ace global[] = {
	    {.hash = 0xb1, .permit = true, .proto = 17, .icmp_type = -1, .icmp_code = -1}};
	struct world *w = *state;
	struct filter_packet ike = make_packet(17, B, 500, A, 500, 0),
			     esp = make_packet(50, C, 0, A, 0, 0), ping = make_icmp(8, B, A, 7),
			     down = make_icmp(8, A, B, 7);

	set_list(w, 0, in_aces, ARRAY_SIZE(in_aces));
	set_list(w, 1, global, 1);
	OUT1->acl_in = &w->acls[0];
	w->p.acl_global = &w->acls[1];
	apply_policy(w);
	assert_int_equal(FWD(ike, OUT1, INSIDE), FILTER_PASS); /* its list says nothing: global */
	assert_int_equal(counters_of(w, "GLOBAL", 1)[0], 1);
	assert_int_equal(FWD(ping, OUT1, INSIDE), FILTER_RULE); /* its list denies: not asked */
	assert_int_equal(FWD(esp, OUT2, INSIDE), FILTER_IMPLICIT);
	assert_non_null(strstr(w->log, "by access-group \"GLOBAL\" [0x0, 0x0]"));
	assert_int_equal(FWD(down, INSIDE, OUT1), FILTER_IMPLICIT);
}

static void
test_out(void **state)
{
	static const struct policy_ace out[] = {
	    {.hash = 0xc1, .permit = true, .proto = 17, .icmp_type = -1, .icmp_code = -1}};
	struct world *w = *state;
	struct filter_packet udp = make_packet(17, A, 1, B, 2, 0),
			     reply = make_packet(17, B, 2, A, 1, 0),
			     esp = make_packet(50, A, 0, B, 0, 0);

	set_list(w, 2, out, 1);
	OUT1->acl_out = &w->acls[2];
	w->nics[0].acl_out = &w->acls[3]; /* empty: nothing gets out there that is not a reply */
	apply_policy(w);
	assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(esp, INSIDE, OUT1), FILTER_IMPLICIT);
	assert_int_equal(counters_of(w, "OUT", 1)[0], 1);
}

/* --- connections ------------------------------------------------------------------------------ */

static struct filter_conn
only_conn(struct world *w)
{
	struct arena *a = arena_new();
	size_t n;
	const struct filter_conn *list = filter_conns(w->f, a, w->now, &n);
	struct filter_conn c;

	assert_int_equal(n, 1);
	c = list[0];
	c.in = c.out = NULL;
	arena_free(a);
	return c;
}

static void
test_udp(void **state)
{
	struct world *w = *state;
	struct filter_packet p = make_packet(17, A, 848, B, 848, 0),
			     reply = make_packet(17, B, 848, A, 848, 0),
			     other = make_packet(17, B, 849, A, 848, 0);

	assert_int_equal(FWD(p, INSIDE, OUT1), FILTER_PASS);
	assert_non_null(strstr(w->log,
	                       "%ASA-6-302015: Built outbound UDP connection 1 for "
	                       "OUTSIDE1:20.1.1.2/848 (20.1.1.2/848) to INSIDE:10.1.1.1/848 "
	                       "(10.1.1.1/848)\n"));
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(reply, OUT2, INSIDE), FILTER_LEVEL); /* not where it belongs */
	assert_int_equal(FWD(other, OUT1, INSIDE), FILTER_LEVEL);
	assert_int_equal(filter_next(w->f), w->now + SECONDS(120));
	w->now += SECONDS(119);
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_PASS); /* which begins its time anew */
	assert_int_equal(only_conn(w).bytes, 180);
	w->now += SECONDS(120);
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_LEVEL);
	assert_non_null(strstr(w->log, "%ASA-6-302016: Teardown UDP connection 1 for "
	                               "OUTSIDE1:20.1.1.2/848 to INSIDE:10.1.1.1/848 duration "
	                               "0:03:59 bytes 180\n"));
	assert_int_equal(filter_conn_count(w->f), 0);
	assert_true(filter_next(w->f) == MSEC_NEVER);
}

static void
test_icmp(void **state)
{
	struct world *w = *state;
	struct filter_packet ping = make_icmp(8, A, B, 7), reply = make_icmp(0, B, A, 7),
			     stranger = make_icmp(0, B, A, 8), error = make_icmp(3, C, A, 0);

	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_LEVEL);
	assert_int_equal(FWD(ping, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(stranger, OUT1, INSIDE), FILTER_LEVEL);
	/* An error passes when what it is about was let through, and by the way it went. */
	error.has_quote = true;
	error.quote = ping.flow;
	error.quote_id = 7;
	assert_int_equal(FWD(error, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(error, OUT2, INSIDE), FILTER_LEVEL);
	error.quote_id = 9;
	assert_int_equal(FWD(error, OUT1, INSIDE), FILTER_LEVEL);
	w->now += SECONDS(2);
	assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_LEVEL);
	assert_non_null(strstr(w->log,
	                       "%ASA-6-302021: Teardown ICMP connection for faddr 20.1.1.2/0 "
	                       "gaddr 10.1.1.1/7 laddr 10.1.1.1/7 type 8 code 0\n"));
}

static void
shake_hands(struct world *w)
{
	struct filter_packet syn = make_packet(6, A, 1024, B, 80, SYN),
			     answer = make_packet(6, B, 80, A, 1024, SYN | ACK),
			     ack = make_packet(6, A, 1024, B, 80, ACK);

	ack.payload = 0;
	assert_int_equal(FWD(syn, INSIDE, OUT1), FILTER_PASS);
	assert_string_equal(only_conn(w).flags, "saA");
	assert_int_equal(FWD(answer, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(only_conn(w).state, FILTER_CONN_EMBRYONIC);
	assert_int_equal(FWD(ack, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(only_conn(w).state, FILTER_CONN_TCP);
	assert_string_equal(only_conn(w).flags, "U");
}

static void
test_tcp(void **state)
{
	struct world *w = *state;
	struct filter_packet ask = make_packet(6, A, 1024, B, 80, ACK),
			     data = make_packet(6, B, 80, A, 1024, ACK),
			     fin = make_packet(6, A, 1024, B, 80, FIN | ACK),
			     fin2 = make_packet(6, B, 80, A, 1024, FIN | ACK),
			     last = make_packet(6, A, 1024, B, 80, ACK);

	shake_hands(w);
	assert_int_equal(FWD(ask, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(FWD(data, OUT1, INSIDE), FILTER_PASS);
	assert_string_equal(only_conn(w).flags, "UIO");
	w->now += SECONDS(3599);
	assert_int_equal(FWD(data, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(fin, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(only_conn(w).state, FILTER_CONN_HALF_CLOSED);
	assert_int_equal(FWD(data, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(fin2, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(last, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(filter_conn_count(w->f), 0);
	assert_non_null(strstr(w->log,
	                       "%ASA-6-302014: Teardown TCP connection 1 for "
	                       "OUTSIDE1:20.1.1.2/80 to INSIDE:10.1.1.1/1024 duration 0:59:59 "
	                       "bytes 300 TCP FINs\n"));
	assert_int_equal(FWD(last, INSIDE, OUT1), FILTER_NOT_SYN);
	assert_non_null(strstr(w->log,
	                       "%ASA-6-106015: Deny TCP (no connection) from 10.1.1.1/1024 to "
	                       "20.1.1.2/80 flags ACK on interface INSIDE\n"));
}

static void
test_tcp_reset_and_times(void **state)
{
	struct world *w = *state;
	struct filter_packet rst = make_packet(6, B, 80, A, 1024, RST),
			     syn = make_packet(6, A, 9, B, 80, SYN),
			     data = make_packet(6, B, 80, A, 1024, ACK);

	shake_hands(w);
	assert_int_equal(FWD(rst, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(filter_conn_count(w->f), 0);
	assert_non_null(strstr(w->log, "TCP Reset-O\n"));
	assert_int_equal(FWD(syn, INSIDE, OUT1), FILTER_PASS);
	w->now += SECONDS(29);
	assert_int_equal(FWD(syn, INSIDE, OUT1), FILTER_PASS); /* which does not keep it */
	w->now += SECONDS(1);
	filter_expire(w->f, w->now);
	assert_int_equal(filter_conn_count(w->f), 0);
	assert_non_null(strstr(w->log, "SYN Timeout\n"));
	shake_hands(w);
	w->now += SECONDS(3600);
	assert_int_equal(FWD(data, OUT1, INSIDE), FILTER_NOT_SYN);
	assert_non_null(strstr(w->log, "Connection timeout\n"));
}

static void
test_full(void **state)
{
	struct world *w = *state;
	struct filter_packet udp = make_packet(17, A, 1, B, 2, 0),
			     syn = make_packet(6, A, 1, B, 2, SYN);

	filter_limit(w->f, 3);
	for (uint16_t i = 1; i <= 2; i++) {
		udp.flow.sport = i;
		assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_PASS);
	}
	assert_int_equal(FWD(syn, INSIDE, OUT1), FILTER_PASS);
	syn.flow.sport = 2; /* the half-open one gives way, and again */
	assert_int_equal(FWD(syn, INSIDE, OUT1), FILTER_PASS);
	assert_int_equal(filter_conn_count(w->f), 3);
	udp.flow.sport = 3;
	assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_PASS);
	udp.flow.sport = 4;
	assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_FULL);
	assert_non_null(strstr(w->log, "%ASA-3-201011: Connection limit exceeded 3/3"));
	udp.flow.sport = 1;
	assert_int_equal(FWD(udp, INSIDE, OUT1), FILTER_PASS); /* those that are there go on */
	assert_int_equal(filter_clear(w->f, FILTER_CLEAR_CONNS, NULL, w->now), 3);
	assert_int_equal(filter_conn_count(w->f), 0);
}

static void
test_many(void **state)
{
	struct world *w = *state;
	struct filter_packet p = make_packet(17, A, 1, B, 2, 0), reply;

	for (uint32_t i = 0; i < 20000; i++) {
		p.flow.src = A + i;
		assert_int_equal(FWD(p, INSIDE, OUT1), FILTER_PASS);
	}
	assert_int_equal(filter_conn_count(w->f), 20000);
	for (uint32_t i = 0; i < 20000; i += 7) {
		reply = make_packet(17, B, 2, A + i, 1, 0);
		assert_int_equal(FWD(reply, OUT1, INSIDE), FILTER_PASS);
	}
	assert_true(w->lines < 400); /* a flood does not fill the log */
	w->now += SECONDS(120);
	filter_expire(w->f, w->now);
	assert_int_equal(filter_conn_count(w->f), 0);
}

static void
test_fragment(void **state)
{
	struct world *w = *state;
	struct filter_packet p = make_packet(17, A, 1, B, 2, 0);

	p.flow.fragment = true;
	assert_int_equal(FWD(p, INSIDE, OUT1), FILTER_FRAGMENT);
}

/* --- a change of policy ----------------------------------------------------------------------- */

static void
test_change(void **state)
{
	struct world *w = *state;
	struct policy next = w->p;
	struct policy_interface nics[2] = {w->nics[1], w->nics[0]}; /* in another order, two gone */
	struct policy_acl acls[] = {{.name = "OTHER"}, {.name = "IN"}};
	struct policy_ace aces[3] = {in_aces[1], in_aces[3], in_aces[0]};
	struct filter_packet gdoi = make_packet(17, B, 848, A, 848, 0),
			     esp = make_packet(50, B, 0, A, 0, 0),
			     side = make_packet(17, A, 1, C, 1, 0),
			     reply = make_packet(17, A, 848, B, 848, 0);
	const uint64_t *hits;

	set_list(w, 0, in_aces, ARRAY_SIZE(in_aces));
	OUT1->acl_in = &w->acls[0];
	apply_policy(w);
	assert_int_equal(FWD(gdoi, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(side, INSIDE, OUT2), FILTER_PASS);
	assert_int_equal(filter_conn_count(w->f), 2);
	aces[1].hash = 0xff; /* a new one */
	acls[1].aces = aces;
	acls[1].n_aces = 3;
	nics[0].acl_in = &acls[1];
	next.n_interfaces = next.n_acls = 2;
	next.interfaces = nics;
	next.acls = acls;
	filter_apply(w->f, &next, w->now);
	hits = counters_of(w, "IN", 3);
	assert_int_equal(hits[0], 1);
	assert_int_equal(hits[1], 0);
	assert_int_equal(hits[2], 1);
	assert_int_equal(filter_conn_count(w->f), 1); /* OUTSIDE2's went with it */
	assert_int_equal(FWD(reply, &nics[1], &nics[0]), FILTER_PASS);
	assert_int_equal(only_conn(w).packets, 2);
	filter_apply(w->f, NULL, w->now);
	assert_int_equal(filter_conn_count(w->f), 0);
	apply_policy(w);
	assert_int_equal(counters_of(w, "IN", 4)[0], 0);
}

/* --- the index -------------------------------------------------------------------------------- */

static uint64_t rnd_state = 1;

static uint32_t
draw_below(uint32_t below)
{
	rnd_state = rnd_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(rnd_state >> 33) % below;
}

static struct policy_ace
any_ace(void)
{
	static const uint32_t masks[] = {0, 0xff000000, 0xffffff00, HOST, 0xffff00ff};
	static const uint8_t protos[] = {0, 1, 6, 17, 50};
	struct policy_ace e = {.permit = draw_below(2),
	                       .proto = protos[draw_below(5)],
	                       .icmp_type = -1,
	                       .icmp_code = -1};

	e.src_mask = masks[draw_below(5)];
	e.dst_mask = masks[draw_below(5)];
	e.src = IP(10, 0, draw_below(4),
	           draw_below(4)); /* not cut to the mask, as a policy's need not be */
	e.dst = IP(10, 0, draw_below(4), draw_below(4));
	if (e.proto == 6 || e.proto == 17) {
		e.n_dport = (uint8_t)draw_below(3);
		for (size_t i = 0; i < e.n_dport; i++) {
			e.dport[i].lo = (uint16_t)draw_below(4);
			e.dport[i].hi = (uint16_t)(e.dport[i].lo + draw_below(2));
		}
		e.established = e.proto == 6 && !draw_below(4);
	} else if (e.proto == 1 && draw_below(2)) {
		e.icmp_type = (int16_t)draw_below(3);
	}
	e.inactive = !draw_below(8);
	e.fragments = !draw_below(16);
	return e;
}

static struct filter_packet
any_packet(void)
{
	static const uint8_t protos[] = {1, 6, 17, 50};
	struct filter_packet p =
	    make_packet(protos[draw_below(4)], IP(10, 0, draw_below(4), draw_below(4)), 0,
	                IP(10, 0, draw_below(4), draw_below(4)), 0, 0);

	p.flow.fragment = !draw_below(8);
	if (p.flow.fragment)
		return p;
	p.flow.icmp_type = p.flow.proto == 1 ? (uint8_t)draw_below(4) : 0;
	p.flow.dport = p.flow.proto == 6 || p.flow.proto == 17 ? (uint16_t)draw_below(5) : 0;
	p.flow.tcp_flags = p.flow.proto == 6 ? (uint8_t)draw_below(32) : 0;
	return p;
}

/* Whatever the list and the packet: the same entry as by walking from the first to the last. */
static void
test_index(void **state)
{
	struct world *w = *state;
	struct policy_ace aces[200];

	for (int round = 0; round < 200; round++) {
		size_t n = 1 + draw_below(ARRAY_SIZE(aces));
		uint64_t want[ARRAY_SIZE(aces)] = {0};

		for (size_t i = 0; i < n; i++)
			aces[i] = any_ace();
		set_list(w, 0, aces, n);
		w->acls[0].standard = round % 10 == 9;
		apply_policy(w);
		for (int k = 0; k < 300; k++) {
			struct filter_packet p = any_packet();
			int i = policy_acl_match(&w->acls[0], &p.flow);
			enum filter_reason reason = filter_list(w->f, &w->acls[0], &p, w->now);

			if (i >= 0)
				want[i]++;
			assert_int_equal(reason, i < 0            ? FILTER_IMPLICIT
			                         : aces[i].permit ? FILTER_PASS
			                                          : FILTER_RULE);
		}
		assert_memory_equal(counters_of(w, "IN", n), want, n * sizeof(*want));
	}
}

/* --- a router's lists ------------------------------------------------------------------------- */

static void
test_router(void **state)
{
	static const struct policy_ace aces[] = {
	    {.seq = 10,
	     .permit = true,
	     .proto = 17,
	     .n_dport = 1,
	     .dport = {{848, 848}},
	     .icmp_type = -1,
	     .icmp_code = -1},
	    {.seq = 20, .proto = 6, .log = true, .icmp_type = -1, .icmp_code = -1},
	    {.seq = 30, .proto = 1, .log = true, .icmp_type = -1, .icmp_code = -1},
	    {.seq = 40, .proto = 50, .permit = true, .log = true, .icmp_type = -1, .icmp_code = -1},
	};
	struct world *w = *state;
	struct filter_packet udp = make_packet(17, A, 1, B, 848, 0),
			     other = make_packet(17, A, 1, B, 849, 0),
			     tcp = make_packet(6, A, 1, B, 2, ACK), ping = make_icmp(8, A, B, 1),
			     esp = make_packet(50, A, 0, B, 0, 0), late = udp;

	w->p.firewall = false;
	set_list(w, 0, aces, ARRAY_SIZE(aces));
	apply_policy(w);
	assert_int_equal(filter_list(w->f, NULL, &udp, w->now), FILTER_PASS);
	assert_int_equal(filter_list(w->f, &w->acls[3], &udp, w->now), FILTER_PASS); /* empty */
	assert_int_equal(filter_list(w->f, &w->acls[0], &udp, w->now), FILTER_PASS);
	assert_int_equal(filter_list(w->f, &w->acls[0], &other, w->now), FILTER_IMPLICIT);
	assert_int_equal(filter_list(w->f, &w->acls[0], &ping, w->now), FILTER_RULE);
	assert_int_equal(filter_list(w->f, &w->acls[0], &esp, w->now), FILTER_PASS);
	late.flow.fragment = true; /* IOS: a permit counts by its addresses alone */
	assert_int_equal(filter_list(w->f, &w->acls[0], &late, w->now), FILTER_PASS);
	for (int i = 0; i < 3; i++)
		assert_int_equal(filter_list(w->f, &w->acls[0], &tcp, w->now), FILTER_RULE);
	w->now += SECONDS(300);
	assert_int_equal(filter_list(w->f, &w->acls[0], &tcp, w->now), FILTER_RULE);
	assert_int_equal(counters_of(w, "IN", 4)[1], 4);
	assert_string_equal(
	    w->log,
	    "%SEC-6-IPACCESSLOGDP: list IN denied icmp 10.1.1.1 -> 20.1.1.2 (8/0), 1 packet\n"
	    "%SEC-6-IPACCESSLOGNP: list IN permitted 50 10.1.1.1 -> 20.1.1.2, 1 packet\n"
	    "%SEC-6-IPACCESSLOGP: list IN denied tcp 10.1.1.1(1) -> 20.1.1.2(2), 1 packet\n"
	    "%SEC-6-IPACCESSLOGP: list IN denied tcp 10.1.1.1(1) -> 20.1.1.2(2), 3 packets\n");
}

static void
test_firewall_log(void **state)
{
	static const struct policy_ace aces[] = {
	    {.hash = 0xd1,
	     .permit = true,
	     .proto = 50,
	     .log = true,
	     .icmp_type = -1,
	     .icmp_code = -1},
	    {.hash = 0xd2, .proto = 17, .log = true, .icmp_type = -1, .icmp_code = -1}};
	struct world *w = *state;
	struct filter_packet esp = make_packet(50, B, 0, A, 0, 0),
			     udp = make_packet(17, B, 5, A, 6, 0);

	set_list(w, 0, aces, 2);
	OUT1->acl_in = &w->acls[0];
	apply_policy(w);
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(esp, OUT1, INSIDE), FILTER_PASS);
	assert_int_equal(FWD(udp, OUT1, INSIDE), FILTER_RULE);
	assert_string_equal(
	    w->log,
	    "%ASA-6-106100: access-list IN permitted protocol 50 OUTSIDE1/20.1.1.2(0) -> "
	    "INSIDE/10.1.1.1(0) hit-cnt 1 first hit [0xd1, 0x0]\n"
	    "%ASA-6-106100: access-list IN denied udp OUTSIDE1/20.1.1.2(5) -> INSIDE/10.1.1.1(6) "
	    "hit-cnt 1 first hit [0xd2, 0x0]\n");
}

/* --- explanations ----------------------------------------------------------------------------- */

static struct filter_trace
explain_packet(struct world *w, const struct filter_packet *p, const struct policy_interface *in,
               const struct policy_interface *out)
{
	struct filter_trace t = {.n_steps = 0};

	filter_explain(w->f, p, in, out, w->now, &t);
	return t;
}

static void
test_explain(void **state)
{
	struct world *w = *state;
	struct filter_packet gdoi = make_packet(17, B, 848, A, 848, 0),
			     ike = make_packet(17, B, 500, A, 500, 0);
	struct filter_trace t;

	t = explain_packet(w, &gdoi, OUT1, INSIDE);
	assert_int_equal(t.reason, FILTER_LEVEL);
	assert_int_equal(t.n_steps, 1);
	assert_int_equal(t.steps[0].kind, FILTER_STEP_LEVEL);
	assert_string_equal(filter_reason_text(t.reason),
	                    "(acl-drop) Flow is denied by configured rule");
	set_list(w, 0, in_aces, ARRAY_SIZE(in_aces));
	OUT1->acl_in = &w->acls[0];
	apply_policy(w);
	t = explain_packet(w, &gdoi, OUT1, INSIDE);
	assert_int_equal(t.reason, FILTER_PASS);
	assert_int_equal(t.n_steps, 2);
	assert_ptr_equal(t.steps[0].ace, &in_aces[0]);
	assert_int_equal(t.steps[1].kind, FILTER_STEP_CREATE);
	assert_int_equal(t.conn_id, 1);
	t = explain_packet(w, &ike, OUT1, INSIDE);
	assert_int_equal(t.reason, FILTER_IMPLICIT);
	assert_ptr_equal(t.steps[0].acl, &w->acls[0]);
	assert_null(t.steps[0].ace);
	/* None of it has left a trace. */
	assert_int_equal(counters_of(w, "IN", 4)[0], 0);
	assert_int_equal(filter_conn_count(w->f), 0);
	assert_int_equal(w->lines, 0);
	assert_int_equal(FWD(gdoi, OUT1, INSIDE), FILTER_PASS);
	t = explain_packet(w, &gdoi, OUT1, INSIDE);
	assert_int_equal(t.steps[0].kind, FILTER_STEP_CONN);
	assert_int_equal(t.conn_id, 1);
	t = explain_packet(w, &ike, OUT2, OUT1);
	assert_int_equal(t.reason, FILTER_SAME);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A block of exactly n octets for every n, so that a sanitizer sees a step too far. */
static void
test_read(void **state)
{
	static const uint8_t error[56] = {0x45, 0, 0,  56, 0, 0, 0, 0, 64, 1, 0, 0, 20, 1,
	                                  1,    2, 10, 1,  1, 1, 3, 1, 0,  0, 0, 0, 0,  0,
	                                  0x45, 0, 0,  84, 0, 0, 0, 0, 64, 1, 0, 0, 10, 1,
	                                  1,    1, 20, 1,  1, 2, 8, 0, 0,  0, 0, 7, 0,  1};
	struct filter_packet p;
	struct flow flow;

	(void)state;
	for (size_t n = 0; n <= sizeof(error); n++) {
		uint8_t *block = x_memdup(error, n);

		assert_int_equal(flow_of_packet(SPAN(block, n), &flow), n >= 20);
		if (n >= 20)
			filter_read(SPAN(block, n), &flow, &p);
		free(block);
	}
	filter_read(SPAN(error, sizeof(error)), &flow, &p);
	assert_true(p.has_quote);
	assert_int_equal(p.quote.src, A);
	assert_int_equal(p.quote_id, 7);
	assert_int_equal(p.payload, 28);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, set_up_world, tear_down_world)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_levels),       T(test_same_security), T(test_lists),
	    T(test_global),       T(test_out),           T(test_udp),
	    T(test_icmp),         T(test_tcp),           T(test_tcp_reset_and_times),
	    T(test_full),         T(test_many),          T(test_fragment),
	    T(test_change),       T(test_index),         T(test_router),
	    T(test_firewall_log), T(test_explain),       T(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
