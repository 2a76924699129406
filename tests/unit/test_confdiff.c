/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference of two configurations: as commands, applied to one of them it gives the other,
 * for every pair there is; and as lines for people. TESTUDO_CORPORA: see test_corpora.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <glob.h>

#include "cli/app/commands.h"
#include "cli/shell/acting.h"
#include "cli/device/replace.h"
#include "compiler/base/text.h"
#include "compiler/diff/confdiff.h"
#include "runtime/host/sim/sim.h"

/* --- a router and trees ----------------------------------------------------------------------- */

struct box {
	struct sim *sim;
	struct node *node;
	struct router *router;
};

static void
box_open(struct box *b)
{
	struct node_config config = {.name = "Router"};
	struct host_events events;

	*b = (struct box){.sim = sim_new(7, 0)};
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(b->sim, "Router", &events));
	b->router = router_new("Router", b->node);
	router_set_actor(b->router, &shell_actor);
}

static void
box_close(struct box *b)
{
	router_free(b->router);
	node_free(b->node);
	sim_free(b->sim);
}

static void
add_line(void *arg, const char *line)
{
	text_puts(arg, line);
	text_puts(arg, "\n");
}

static struct tree *
tree_of(struct box *b, const char *text)
{
	struct tree *t = tree_new();

	load_trial(b->router, t, text, NULL, NULL);
	return t;
}

static struct text
render_tree(const struct tree *t)
{
	struct text text = TEXT_INIT;

	render_config(t, add_line, &text);
	return text;
}

static void
report_refusal(void *arg, const struct script_refusal *refusal)
{
	(void)arg;
	print_message("refused: %s\n%s", refusal->text, refusal->message);
}

/* --- pairs ------------------------------------------------------------------------------------ */

static unsigned most_passes;

static void
check_pair(struct box *b, const char *name, const char *other, const struct tree *from,
           const struct tree *to)
{
	struct text start = render_tree(from), want = render_tree(to), now;
	struct replacing done;

	load_text(b->router, text_string(&start), report_refusal, NULL);
	done = replace_running(b->router, to, NULL, NULL, NULL);
	now = render_tree(router_tree(b->router));
	if (!done.done || done.count.refused)
		print_message("%s -> %s: %u passes, %zu refused\n", name, other, done.passes,
		              done.count.refused);
	assert_string_equal(text_string(&now), text_string(&want));
	assert_true(done.done);
	assert_int_equal(done.count.refused, 0);
	if (done.passes > most_passes)
		most_passes = done.passes;
	/* And once there, nothing is left to do. */
	assert_int_equal(replace_running(b->router, to, NULL, NULL, NULL).passes, 0);
	text_fini(&start);
	text_fini(&want);
	text_fini(&now);
}

static void
start_again(struct box *b)
{
	struct tree *nothing = tree_new();

	assert_true(replace_running(b->router, nothing, NULL, NULL, NULL).done);
	assert_int_equal(tree_count(router_tree(b->router)), 0);
	tree_free(nothing);
}

static void
check_texts(const char *from, const char *to)
{
	struct box b;
	struct tree *x, *y;

	box_open(&b);
	x = tree_of(&b, from);
	y = tree_of(&b, to);
	check_pair(&b, "a", "b", x, y);
	start_again(&b);
	check_pair(&b, "b", "a", y, x);
	tree_free(x);
	tree_free(y);
	box_close(&b);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = TEXT_INIT;
	char buf[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		text_add(&t, buf, n);
	fclose(f);
	text_puts(&t, "");
	return t.p;
}

static void
check_folder(const char *dir, const char *sub)
{
	char *pattern = x_asprintf("%s/%s*.cfg", dir, sub);
	struct tree **trees;
	struct box b;
	glob_t g;

	assert_int_not_equal(glob(pattern, 0, NULL, &g), GLOB_ABORTED);
	box_open(&b);
	trees = x_alloc((g.gl_pathc + 1) * sizeof(*trees));
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = read_file(g.gl_pathv[i]);

		trees[i] = tree_of(&b, text);
		free(text);
	}
	for (size_t i = 0; i < g.gl_pathc; i++)
		for (size_t k = 0; k < g.gl_pathc; k++) {
			if (i == k)
				continue;
			start_again(&b);
			check_pair(&b, g.gl_pathv[i], g.gl_pathv[k], trees[i], trees[k]);
		}
	for (size_t i = 0; i < g.gl_pathc; i++)
		tree_free(trees[i]);
	free(trees);
	box_close(&b);
	globfree(&g);
	free(pattern);
}

static void
all_pairs(void **state)
{
	const char *dir = getenv("TESTUDO_CORPORA");

	(void)state;
#ifdef TESTUDO_CORPORA
	if (!dir)
		dir = TESTUDO_CORPORA;
#endif
	check_folder(TESTUDO_SOURCE "/tests/data/configs", "");
	if (!dir || !*dir) {
		print_message("SKIPPED: no folder of other configurations (TESTUDO_CORPORA)\n");
		return;
	}
	check_folder(dir, "");
	check_folder(dir, "routers/");
	print_message("at most %u passes\n", most_passes);
}

/* --- what is typed ---------------------------------------------------------------------------- */

/* From, to, the commands in between. */
static const struct {
	const char *from, *to, *commands;
} cases[] = {
    {"hostname A\n", "hostname A\n", ""},
    {"hostname A\nno ip routing\n", "ip domain name x\n",
     "ip routing\nno hostname A\nip domain name x\n"},
    {"interface f0/0\n ip address 1.1.1.1 255.0.0.0\n no shutdown\n",
     "interface f0/0\n ip address 1.1.1.2 255.0.0.0\n shutdown\n",
     "interface FastEthernet0/0\n ip address 1.1.1.2 255.0.0.0\n shutdown\n"},
    {"interface f0/0\n description a\ninterface f0/1\n description b\n",
     "interface f0/1\n description b\ninterface Loopback0\n description c\n",
     "no interface FastEthernet0/0\ninterface Loopback0\n description c\n"},
    /* Entries come between those that stay. */
    {"ip access-list extended A\n permit ip any any\n deny ip host 1.1.1.1 any\n",
     "ip access-list extended A\n permit udp any any\n permit ip any any\n permit esp any any\n"
     " deny ip host 1.1.1.1 any\n permit tcp any any\n",
     "ip access-list extended A\n 5 permit udp any any\n 15 permit esp any any\n"
     " permit tcp any any\n"},
    /* One that stands elsewhere goes and comes. */
    {"ip access-list extended A\n permit ip any any\n deny ip host 1.1.1.1 any\n"
     " permit tcp any any\n",
     "ip access-list extended A\n deny ip host 1.1.1.1 any\n permit tcp any any\n"
     " permit ip any any\n",
     "ip access-list extended A\n no permit ip any any\nip access-list extended A\n"
     " permit ip any any\n"},
    /* No room: what follows goes, too. */
    {"ip access-list extended A\n 1 permit ip any any\n 2 permit tcp any any\n",
     "ip access-list extended A\n permit ip any any\n permit udp any any\n permit tcp any any\n",
     "ip access-list extended A\n no permit tcp any any\nip access-list extended A\n"
     " permit udp any any\n permit tcp any any\n"},
    /* The first key server is tried first. */
    {"crypto gdoi group G\n identity number 1\n server address ipv4 1.1.1.1\n"
     " server address ipv4 1.1.1.2\n",
     "crypto gdoi group G\n identity number 1\n server address ipv4 1.1.1.2\n"
     " server address ipv4 1.1.1.1\n",
     "crypto gdoi group G\n no server address ipv4 1.1.1.1\ncrypto gdoi group G\n"
     " server address ipv4 1.1.1.1\n"},
    /* An order that has no meaning is no difference. */
    {"interface f0/0\ninterface f0/1\nip route 1.0.0.0 255.0.0.0 9.9.9.9\n"
     "ip route 2.0.0.0 255.0.0.0 9.9.9.9\n",
     "ip route 2.0.0.0 255.0.0.0 9.9.9.9\nip route 1.0.0.0 255.0.0.0 9.9.9.9\n"
     "interface f0/1\ninterface f0/0\n",
     ""},
    {"crypto isakmp policy 10\n authentication pre-share\n group 14\n",
     "crypto isakmp policy 10\n authentication rsa-sig\n group 14\n",
     "crypto isakmp policy 10\n no authentication pre-share\n"},
    {"crypto ipsec transform-set T esp-3des\n mode tunnel\n",
     "crypto ipsec transform-set T esp-aes\n mode tunnel\n",
     "crypto ipsec transform-set T esp-aes \n"},
};

static void
test_commands(void **state)
{
	struct box b;

	(void)state;
	box_open(&b);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tree *from = tree_of(&b, cases[i].from), *to = tree_of(&b, cases[i].to);
		struct text t = TEXT_INIT;

		confdiff_commands(from, to, false, add_line, &t);
		assert_string_equal(text_string(&t), cases[i].commands);
		check_texts(cases[i].from, cases[i].to);
		text_fini(&t);
		tree_free(from);
		tree_free(to);
	}
	box_close(&b);
}

static uint32_t seed;

static uint32_t
draw_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* Lines that are rewritten when they are taken, and commands of several lines. */
static void
test_others(void **state)
{
	static const char *const texts[] = {
	    "hostname A\nbanner motd #\n two\nlines\n!\n\n#\nbanner exec #a#\n",
	    "banner exec #b\nc#\nusername u secret one\nenable secret two\nno ip domain lookup\n",
	    "username u privilege 7 password 0 one\nenable password two\nno service pad\n"
	    "interface f0/0\n no ip redirects\n duplex auto\nservice password-encryption\n",
	    "access-list 10 permit 10.0.0.0 0.255.255.255\naccess-list 110 permit ip any any\n"
	    "interface f0/0\n ip address 10.0.0.1 255.0.0.0\n duplex full\n"
	    "line vty 0 4\n login local\n transport input ssh\n",
	    "",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		for (size_t k = 0; k < i; k++)
			check_texts(texts[i], texts[k]);
}

/* Lines left out of a configuration here and there, which is what people do. */
static void
test_thinned(void **state)
{
	char *whole = read_file(TESTUDO_SOURCE "/tests/data/configs/router.cfg");

	(void)state;
	for (unsigned round = 1; round < 12; round++) {
		struct text less = TEXT_INIT;

		seed = round;
		for (const char *line = whole; *line;) {
			size_t n = strcspn(line, "\n") + 1;

			if (*line == ' ' ? draw_below(6) : draw_below(20))
				text_add(&less, line, n);
			line += n - !line[n - 1];
		}
		check_texts(whole, text_string(&less));
		text_fini(&less);
	}
	free(whole);
}

/* --- access lists at random ------------------------------------------------------------------- */

/* Some of twelve entries, in any order, some with numbers. */
static struct text
some_list(void)
{
	struct text t = TEXT_INIT;
	unsigned used = 0, n = draw_below(12), number = 0;

	text_puts(&t, "ip access-list extended A\n");
	for (unsigned i = 0; i < n; i++) {
		unsigned entry = draw_below(12);

		if (used >> entry & 1)
			continue;
		used |= 1u << entry;
		number += 1 + draw_below(draw_below(2) ? 2 : 20);
		text_puts(&t, " ");
		if (draw_below(2))
			text_printf(&t, "%u ", number);
		text_printf(&t, "permit ip host 1.1.1.%u any\n", entry);
	}
	return t;
}

static void
random_lists(void **state)
{
	(void)state;
	for (seed = 1; seed < 300; seed++) {
		uint32_t at = seed;
		struct text a = some_list(), b = some_list();

		check_texts(text_string(&a), text_string(&b));
		text_fini(&a);
		text_fini(&b);
		seed = at;
	}
}

/* Ten thousand entries, some of them moved: the time must not grow with the square. */
static void
long_lists(void **state)
{
	struct text a = TEXT_INIT, b = TEXT_INIT;
	clock_t began = clock();

	(void)state;
	text_puts(&a, "ip access-list extended A\n");
	text_puts(&b, "ip access-list extended A\n");
	for (unsigned i = 0; i < 10000; i++) {
		unsigned k = i % 100 == 7 ? 9999 - i : i;

		text_printf(&a, " permit ip host 10.1.%u.%u any\n", i / 250, i % 250);
		if (i % 100 != 3)
			text_printf(&b, " permit %s host 10.1.%u.%u any\n",
			            i % 100 == 7 ? "udp" : "ip", k / 250, k % 250);
	}
	check_texts(text_string(&a), text_string(&b));
	assert_true(clock() - began < 20 * CLOCKS_PER_SEC);
	text_fini(&a);
	text_fini(&b);
}

/* --- for people ------------------------------------------------------------------------------- */

static const struct {
	const char *from, *to, *lines;
} texts[] = {
    {"", "", ""},
    {"hostname A\n!\nend\n", "Building configuration...\n\nhostname A\n", ""},
    {"hostname A\ninterface f0\n ip address 1\n", "hostname A\ninterface f0\n no ip address\n",
     "interface f0\n +no ip address\ninterface f0\n -ip address 1\n"},
    {"a\n b\n  c\n  d\n", "a\n b\n  c\nx\n y\n  z\n", "+x\n +y\n  +z\na\n b\n  -d\n"},
    {"a\n b\na\n", "a\na\n b\n", "a\n +b\na\n -b\n"},
    {"ip access-list extended A\n permit 1\n permit 2\n permit 3\n",
     "ip access-list extended A\n permit 2\n permit 1\n permit 4\n",
     "ip access-list extended A\n !order-dependent line \"permit 1\" re-ordered\n +permit 4\n"
     "ip access-list extended A\n -permit 3\n"},
    {"a\r\nb\r\n", "a\nb\n\tc", "b\n +c\n"},
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct text t = TEXT_INIT;

		confdiff_texts(texts[i].from, texts[i].to, add_line, &t);
		assert_string_equal(text_string(&t), texts[i].lines);
		text_fini(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commands), cmocka_unit_test(test_others),
	    cmocka_unit_test(test_thinned),  cmocka_unit_test(test_texts),
	    cmocka_unit_test(random_lists),  cmocka_unit_test(long_lists),
	    cmocka_unit_test(all_pairs),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
