/* SPDX-License-Identifier: Apache-2.0 */
/* The config tree and its text: typed, rendered, typed again; `no`; order; numbering. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/tree/tree_lines.h"
#include "tests/unit/render_tree.h"

static enum tree_verdict
type_line(struct tree *t, struct tnode **context, const char *line, unsigned number)
{
	struct arena *a = arena_new();
	enum tree_verdict v = TREE_SAME;
	struct command c;
	size_t column;
	enum parse p = command_parse(tnode_mode(*context), line, a, &c, &column);

	if (p != PARSE_OK && p != PARSE_EMPTY)
		fail_msg("line %u \"%s\": parse %d at %zu", number, line, p, column);
	if (p == PARSE_OK && c.entry->verb != VERB_DO)
		v = tree_apply(t, context, &c, number);
	arena_free(a);
	return v;
}

static struct tree *
type_text(const char *text)
{
	struct tree *t = tree_new();
	struct tnode *context = tree_root(t);
	char *copy = strdup(text), *line, *rest = copy;
	unsigned number = 0;

	while ((line = strsep(&rest, "\n")))
		if (strcmp(line, "end"))
			type_line(t, &context, line, ++number);
	free(copy);
	return t;
}

static const char lab[] = "hostname R1\n"
			  "ip domain-name cisco.com\n"
			  "crypto isakmp policy 10\n"
			  "authentication pre-share\n"
			  "crypto isakmp key 0 GET_R3 address 10.1.23.3\n"
			  "crypto isakmp key 0 GET_R4 address 10.1.24.4\n"
			  "crypto ipsec transform-set TSET esp-3des esp-sha-hmac\n"
			  "crypto ipsec profile GET_PRO\n"
			  "set transform-set TSET\n"
			  "crypto gdoi group GET_VPN\n"
			  "identity number 134\n"
			  "server local\n"
			  "rekey authentication mypubkey rsa GET_KEY\n"
			  "rekey retransmit 10 number 2\n"
			  "rekey transport unicast\n"
			  "authorization address ipv4 GM-LIST\n"
			  "address ipv4 10.1.12.1\n"
			  "sa ipsec 1\n"
			  "profile GET_PRO\n"
			  "match address ipv4 LAN_LIST\n"
			  "replay counter window-size 64\n"
			  "interface f0/0\n"
			  "ip address 10.1.12.1 255.255.255.0\n"
			  "no shutdown\n"
			  "ip route 0.0.0.0 0.0.0.0 10.1.12.2\n"
			  "ip access-list extended LAN_LIST\n"
			  "deny udp any eq 848 any eq 848\n"
			  "permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"
			  "ip access-list standard GM_LIST\n"
			  "permit 10.1.23.3\n"
			  "permit 10.1.24.4\n";

static const char lab_rendered[] = "!\n"
				   "hostname R1\n"
				   "!\n"
				   "ip domain name cisco.com\n"
				   "!\n"
				   "crypto isakmp policy 10\n"
				   " authentication pre-share\n"
				   "!\n"
				   "crypto isakmp key GET_R3 address 10.1.23.3 \n"
				   "crypto isakmp key GET_R4 address 10.1.24.4 \n"
				   "!\n"
				   "crypto ipsec transform-set TSET esp-3des esp-sha-hmac \n"
				   "!\n"
				   "crypto ipsec profile GET_PRO\n"
				   " set transform-set TSET \n"
				   "!\n"
				   "crypto gdoi group GET_VPN\n"
				   " identity number 134\n"
				   " server local\n"
				   "  rekey retransmit 10 number 2\n"
				   "  rekey authentication mypubkey rsa GET_KEY\n"
				   "  rekey transport unicast\n"
				   "  authorization address ipv4 GM-LIST\n"
				   "  sa ipsec 1\n"
				   "   profile GET_PRO\n"
				   "   match address ipv4 LAN_LIST\n"
				   "   replay counter window-size 64\n"
				   "  address ipv4 10.1.12.1\n"
				   "!\n"
				   "interface FastEthernet0/0\n"
				   " ip address 10.1.12.1 255.255.255.0\n"
				   "!\n"
				   "ip route 0.0.0.0 0.0.0.0 10.1.12.2\n"
				   "!\n"
				   "ip access-list standard GM_LIST\n"
				   " permit 10.1.23.3\n"
				   " permit 10.1.24.4\n"
				   "!\n"
				   "ip access-list extended LAN_LIST\n"
				   " deny   udp any eq 848 any eq 848\n"
				   " permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"
				   "!\n"
				   "end\n";

static void
text_is_a_fixed_point(void **state)
{
	struct tree *t = type_text(lab), *again, *clone;
	char *first = render_tree(t), *second, *third;

	(void)state;
	assert_string_equal(first, lab_rendered);
	again = type_text(first);
	second = render_tree(again);
	assert_string_equal(second, first);
	clone = tree_clone(t);
	third = render_tree(clone);
	assert_string_equal(third, first);
	free(first);
	free(second);
	free(third);
	tree_free(t);
	tree_free(again);
	tree_free(clone);
}

static void
no_undoes(void **state)
{
	struct tree *t = type_text(lab);
	struct tnode *c = tree_root(t);
	char *text;

	(void)state;
	assert_int_equal(type_line(t, &c, "no crypto gdoi group GET_VPN", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "no crypto gdoi group GET_VPN", 1), TREE_ABSENT);
	assert_int_equal(type_line(t, &c, "no crypto isakmp policy 10", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "no crypto isakmp key GET_R3 address 10.1.23.3", 1),
	                 TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "interface f0/0", 1), TREE_SAME);
	assert_int_equal(type_line(t, &c, "no ip address", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "shutdown", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "shutdown", 1), TREE_SAME);
	assert_int_equal(type_line(t, &c, "ip access-list standard GM_LIST", 1), TREE_SAME);
	assert_int_equal(type_line(t, &c, "no permit 10.1.23.3", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "no 20", 1), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "no ip routing", 1), TREE_CHANGED);
	text = render_tree(t);
	assert_null(strstr(text, "gdoi"));
	assert_null(strstr(text, "GET_R3"));
	assert_non_null(strstr(text, "interface FastEthernet0/0\n shutdown\n!"));
	assert_non_null(strstr(text, "GM_LIST\n!"));
	assert_non_null(strstr(text, "no ip routing\n"));
	free(text);
	c = tree_root(t);
	assert_int_equal(type_line(t, &c, "ip routing", 1), TREE_CHANGED);
	text = render_tree(t);
	assert_null(strstr(text, "ip routing"));
	free(text);
	tree_free(t);
}

/* What excludes each other has one place; `no` of one leaves the other, whatever its values. */
static void
no_undoes_what_it_says(void **state)
{
	static const struct {
		const char *into, *kept, *other, *cut;
	} cases[] = {
	    {"crypto gdoi group G", "identity number 134", "no identity address ipv4 1.1.1.1",
	     "no identity"},
	    {"crypto gdoi group G\nserver local", "rekey lifetime seconds 7200",
	     "no rekey lifetime days 3", "no rekey lifetime"},
	    {"crypto gdoi group G\nserver local", "authorization identity X",
	     "no authorization address ipv4 A", "no authorization"},
	    {"crypto gdoi group G\nserver local\nsa ipsec 1", "replay counter window-size 64",
	     "no replay time", "no replay"},
	    {"crypto gdoi group G\nserver local\nsa ipsec 1", "replay counter",
	     "no replay time window-size 5", "no replay counter window-size 128"},
	    {"crypto gdoi group G\nserver local", "rekey retransmit 10 number 2", NULL,
	     "no rekey retransmit 20"},
	    {"hostname A", "ip domain name x.com", NULL, "no ip domain-name"},
	    {"hostname A", "ip domain-name x.com", NULL, "no ip domain name y.com"},
	    {"crypto isakmp policy 1", "encr 3des", NULL, "no encryption aes 256"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree *t = tree_new();
		struct tnode *c = tree_root(t);
		char *copy = strdup(cases[i].into), *rest = copy, *line;

		while ((line = strsep(&rest, "\n")))
			type_line(t, &c, line, 1);
		free(copy);
		assert_int_equal(type_line(t, &c, cases[i].kept, 2), TREE_CHANGED);
		if (cases[i].other)
			assert_int_equal(type_line(t, &c, cases[i].other, 3), TREE_ABSENT);
		assert_int_equal(type_line(t, &c, cases[i].kept, 4), TREE_SAME);
		assert_int_equal(type_line(t, &c, cases[i].cut, 5), TREE_CHANGED);
		assert_int_equal(type_line(t, &c, cases[i].cut, 6), TREE_ABSENT);
		tree_free(t);
	}
}

static void
entries_keep_their_order(void **state)
{
	struct tree *t = tree_new();
	struct tnode *c = tree_root(t);
	const struct tnode *n;
	char *text;

	(void)state;
	type_line(t, &c, "ip access-list extended X", 1);
	type_line(t, &c, "permit ip any any", 2);
	type_line(t, &c, "permit esp any any", 3);
	assert_int_equal(type_line(t, &c, "15 deny ip host 1.1.1.1 any", 4), TREE_CHANGED);
	assert_int_equal(type_line(t, &c, "15 deny ip host 2.2.2.2 any", 5), TREE_DUPLICATE);
	assert_int_equal(type_line(t, &c, "permit ip any any", 6), TREE_SAME);
	assert_int_equal(type_line(t, &c, "5 permit ip any any", 7), TREE_DUPLICATE);
	n = tnode_first(c, KEY_ACE);
	assert_int_equal(tnode_u32(n, ARG_SEQ), 10);
	n = tnode_next(n);
	assert_int_equal(tnode_u32(n, ARG_SEQ), 15);
	assert_int_equal(tnode_u32(n, ARG_SRC), 0x01010101);
	n = tnode_next(n);
	assert_int_equal(tnode_u32(n, ARG_SEQ), 20);
	assert_null(tnode_next(n));
	type_line(t, &c, "crypto isakmp policy 20", 8);
	type_line(t, &c, "crypto isakmp policy 10", 9);
	type_line(t, &c, "group 2", 10);
	type_line(t, &c, "group 14", 11);
	text = render_tree(t);
	assert_non_null(
	    strstr(text, "crypto isakmp policy 10\n group 14\n!\ncrypto isakmp policy 20"));
	free(text);
	tree_free(t);
}

/* Ten thousand lines are ten thousand steps; under a sanitizer a square would be felt. */
static void
many_lines(void **state)
{
	struct tree *t = tree_new();
	struct tnode *c = tree_root(t);
	char line[128];
	unsigned i;

	(void)state;
	type_line(t, &c, "ip access-list extended BIG", 1);
	for (i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "permit ip host 10.%u.%u.%u any", i >> 16,
		         i >> 8 & 255, i & 255);
		assert_int_equal(type_line(t, &c, line, i), TREE_CHANGED);
	}
	assert_int_equal(tree_count(t), 10001);
	tree_free(t);
}

/*
 * Numbered lines in any order stand sorted, also when some are taken out again; upwards, downwards
 * and scattered (a step prime to the count visits each number once) cost alike.
 */
static void
numbered_lines_in_any_order(void **state)
{
	enum { N = 20011 };
	static const unsigned steps[] = {1, N - 1, 7919};
	char line[128];
	size_t s;

	(void)state;
	for (s = 0; s < ARRAY_SIZE(steps); s++) {
		struct tree *t = tree_new();
		struct tnode *c = tree_root(t);
		const struct tnode *n;
		uint32_t last = 0;
		unsigned i, k;

		type_line(t, &c, "ip access-list extended BIG", 1);
		for (i = 0, k = steps[s] % N; i < N - 1; i++, k = (k + steps[s]) % N) {
			snprintf(line, sizeof(line), "%u permit ip host 10.0.%u.%u any", k, k >> 8,
			         k & 255);
			assert_int_equal(type_line(t, &c, line, i), TREE_CHANGED);
		}
		for (i = 0, k = steps[s] % N; i < N - 1; i++, k = (k + steps[s]) % N) {
			snprintf(line, sizeof(line), "no %u", k);
			if (k % 3 == 0)
				assert_int_equal(type_line(t, &c, line, i), TREE_CHANGED);
		}
		assert_int_equal(type_line(t, &c, "no 3", 1), TREE_ABSENT);
		assert_int_equal(type_line(t, &c, "1 permit esp any any", 1), TREE_DUPLICATE);
		for (n = tnode_first(c, KEY_ACE), i = 0; n; n = tnode_next(n), i++) {
			uint32_t seq = tnode_u32(n, ARG_SEQ);

			assert_true(seq > last && seq % 3);
			assert_int_equal(tnode_u32(n, ARG_SRC), 0x0a000000 + seq);
			last = seq;
		}
		assert_int_equal(i, N - 1 - (N - 1) / 3);
		tree_free(t);
	}
}

static void
arguments_know_their_column(void **state)
{
	struct tree *t = type_text(lab);
	const struct tnode *n = tnode_first(tree_top(t), KEY_CRYPTO_GDOI_GROUP);
	unsigned length;

	(void)state;
	n = tnode_first(n, KEY_GROUP_SERVER_LOCAL);
	n = tnode_first(n, KEY_SERVER_AUTHORIZATION);
	assert_string_equal(tnode_str(n, ARG_ACL), "GM-LIST");
	assert_int_equal(tnode_column(n, ARG_ACL, 0, &length), 28);
	assert_int_equal(length, 7);
	tree_free(t);
}

/* Lines that are only kept nest as deep as any configuration does, and no deeper. */
static void
kept_lines_end_somewhere(void **state)
{
	struct tree *t = tree_new();
	struct tnode *context = tree_root(t);
	struct arena *a = arena_new();
	enum tree_verdict v = TREE_CHANGED;
	unsigned depth;

	(void)state;
	for (depth = 0; depth < 2000 && v == TREE_CHANGED; depth++) {
		char *line =
		    arena_printf(a, "%*s%s%u", (int)depth, "", depth ? "x" : "policy-map P", depth);

		v = type_line(t, &context, line, depth);
	}
	assert_int_equal(v, TREE_DEEP);
	assert_true(depth > TREE_KEPT_DEPTH_MAX && depth <= TREE_KEPT_DEPTH_MAX + 3);
	arena_free(a);
	tree_free(t);
}

/* A container of lines that cannot be cut for want of room stays whole. */
static void
full_tree_is_not_cut(void **state)
{
	struct tree *t = tree_new();
	struct tnode *context = tree_root(t);
	bool fresh;

	(void)state;
	context = tree_lines_enter(t, 0, 3, 1, &fresh);
	type_line(t, &context, "exec-timeout 5 0", 1);
	type_line(t, &context, "password abc", 1);
	type_line(t, &context, "logging synchronous", 1);
	type_line(t, &context, "ip access-list extended A", 1);
	while (tree_count(t) < TREE_NODES_MAX - 2) {
		char line[64];
		unsigned n = (unsigned)tree_count(t);

		snprintf(line, sizeof(line), "permit ip host 10.%u.%u.%u any", n >> 16 & 255,
		         n >> 8 & 255, n & 255);
		assert_int_equal(type_line(t, &context, line, n), TREE_CHANGED);
	}
	assert_null(tree_lines_enter(t, 1, 1, 1, &fresh));
	assert_false(tree_lines_cut(t, 2, 2));
	assert_int_equal(tree_count(t), TREE_NODES_MAX - 2);
	assert_non_null(tree_lines_enter(t, 0, 3, 1, &fresh));
	assert_non_null(tree_lines_enter(t, 4, 4, 1, &fresh));
	assert_true(fresh);
	tree_free(t);
}

/* A certificate's text: the same octets may come again, and the other kind has the same number. */
static void
lines_of_a_certificate_stay(void **state)
{
	static const char text[] = "crypto pki certificate chain LAB\n"
				   " certificate 01\n"
				   "  3082AAAA\n"
				   "  quit\n"
				   " certificate ca 01\n"
				   "  308201AA 00000001\n"
				   "  0102\n"
				   "  308201AA 00000001\n"
				   "  308201AA 00000001\n"
				   "  quit\n";
	static const char shown[] = "crypto pki certificate chain LAB\n"
				    " certificate 01\n"
				    "  3082AAAA\n"
				    "  \tquit\n"
				    " certificate ca 01\n"
				    "  308201AA 00000001\n"
				    "  0102\n"
				    "  308201AA 00000001\n"
				    "  308201AA 00000001\n"
				    "  \tquit\n";
	struct tree *t = type_text(text), *clone;
	struct tnode *c = tree_root(t);
	char *once = render_tree(t), *again;

	(void)state;
	assert_non_null(strstr(once, shown));
	clone = tree_clone(t);
	tree_arrange(clone, t);
	again = render_tree(clone);
	assert_string_equal(once, again);
	free(again);
	tree_free(clone);
	/* Typed again it is the same; what is typed instead takes its place. */
	type_line(t, &c, "crypto pki certificate chain LAB", 1);
	type_line(t, &c, "certificate ca 01", 2);
	again = render_tree(t);
	assert_string_equal(once, again);
	free(again);
	type_line(t, &c, "308201AA 00000001", 3);
	type_line(t, &c, "308201AA 00000001", 4);
	assert_int_equal(type_line(t, &c, "no 308201AA 00000001", 5), TREE_CHANGED);
	again = render_tree(t);
	assert_non_null(strstr(again, " certificate 01\n  3082AAAA\n  \tquit\n"
	                              " certificate ca 01\n  308201AA 00000001\n  \tquit\n"));
	free(again);
	free(once);
	tree_free(t);
}

/* After a replacement the lines of the text count by which it was replaced. */
static void
lines_are_those_of_the_other(void **state)
{
	struct tree *t = type_text("interface f0/0\n description x\nhostname A\n"),
		    *as = type_text("!\nhostname A\n!\n!\ninterface f0/0\n!\n description x\n");
	const struct tnode *n;

	(void)state;
	tree_arrange(t, as);
	assert_int_equal(tnode_line(tnode_first(tree_top(t), KEY_HOSTNAME)), 2);
	n = tnode_first(tree_top(t), KEY_INTERFACE);
	assert_int_equal(tnode_line(n), 5);
	assert_int_equal(tnode_line(tnode_child(n)), 7);
	tree_free(t);
	tree_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_a_fixed_point),
	    cmocka_unit_test(no_undoes),
	    cmocka_unit_test(no_undoes_what_it_says),
	    cmocka_unit_test(entries_keep_their_order),
	    cmocka_unit_test(lines_of_a_certificate_stay),
	    cmocka_unit_test(lines_are_those_of_the_other),
	    cmocka_unit_test(many_lines),
	    cmocka_unit_test(numbered_lines_in_any_order),
	    cmocka_unit_test(arguments_know_their_column),
	    cmocka_unit_test(kept_lines_end_somewhere),
	    cmocka_unit_test(full_tree_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
