/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is typed and what the screen shows, byte for byte: every tests/shell/NAME.in is typed into
 * R1 of a small virtual network and compared with NAME.out. TESTUDO_UPDATE=1 rewrites the .out
 * files; the difference is the review.
 *
 * An input line is typed and followed by Enter. One that ends in `?` asks for help, one that ends
 * in `\t` (a backslash and a t) presses Tab, `^C` interrupts, `^Z` is Ctrl-Z and `^^x` Ctrl-^ and
 * x. `wait N` after `!@ ` lets N seconds pass, `on R2` moves to the other router's console, `!@
 * load` types the lines up to `!@ end` as one paste, unseen.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <glob.h>

#include <cmocka.h>

#include "cli/app/commands.h"
#include "cli/device/router.h"
#include "cli/device/router_files.h"
#include "cli/files/files.h"
#include "cli/shell/acting.h"
#include "cli/shell/line.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/session/session.h"
#include "runtime/host/sim/sim.h"

#define WALL INT64_C(1795464000000) /* 20:00:00 UTC Nov 23 2026 */

struct box {
	struct router *router; /* NULL until it is made: the node logs before */
	struct node *node;
	const char *name;
	struct sim *sim;
	struct box *other;
};

struct bench {
	struct sim *sim;
	struct box r1, r2, *on; /* whose console this is */
	struct shell *shell;
	struct text screen;
	bool closed;
};

static void
box_log(void *arg, const struct log_record *record)
{
	struct box *b = arg;
	struct log_sink sink;

	if (!b->router)
		return;
	sink = router_log_sink(b->router);
	sink.write(sink.arg, record);
}

static void
box_power(void *arg, bool on)
{
	struct box *b = arg;

	sim_node_power(b->sim, b->name, on);
}

static struct router *
box_peer(void *arg, const char *node)
{
	struct box *b = arg;

	return !strcmp(node, b->name) ? b->router : b->other->router;
}

static void
box_open(struct box *b, struct sim *sim, const char *name)
{
	struct node_config config = {.name = name, .log = {.write = box_log, .arg = b}};
	struct router_hooks hooks = {.power = box_power, .peer = box_peer, .arg = b};
	struct host_events events;

	b->sim = sim;
	b->name = name;
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(sim, name, &events));
	b->router = router_new(name, b->node);
	router_set_actor(b->router, &shell_actor);
	router_set_hooks(b->router, &hooks);
}

static void
box_close(struct box *b)
{
	router_free(b->router);
	b->router = NULL;
	node_free(b->node);
}

/* --- the screen ------------------------------------------------------------------------------- */

static void
screen_write(void *arg, const char *text, size_t n)
{
	text_add(&((struct bench *)arg)->screen, text, n);
}

static void
screen_done(void *arg)
{
	(void)arg;
}

static void
screen_close(void *arg)
{
	struct bench *b = arg;

	b->closed = true;
	text_puts(&b->screen, "(session closed)\n");
}

static const struct shell_io io = {
    .write = screen_write, .done = screen_done, .close = screen_close};

static void
show_prompt(struct bench *b)
{
	char prompt[SHELL_PROMPT_MAX];

	shell_prompt(b->shell, prompt);
	text_puts(&b->screen, prompt);
}

static void
wait_seconds(struct bench *b, unsigned n)
{
	sim_run_until(b->sim, sim_now(b->sim) + SECONDS(n));
}

/* A closed session is followed by a new one, as a user would. */
static void
reopen_session(struct bench *b)
{
	if (!b->closed)
		return;
	b->closed = false;
	shell_free(b->shell);
	b->shell = shell_new(b->on->router, &io, b, true);
}

static void
on_completion(void *arg, const char *word)
{
	text_printf(arg, "%s\n", word);
}

static void
type_line(struct bench *b, char *line)
{
	size_t n = strlen(line);

	show_prompt(b);
	text_printf(&b->screen, "%s\n", shell_hides_input(b->shell) ? "" : line);
	if (!strcmp(line, "^C")) {
		shell_interrupt(b->shell);
	} else if (!strcmp(line, "^^x")) {
		shell_suspend(b->shell);
	} else if (!strcmp(line, "^Z")) {
		shell_line(b->shell, "\x1a");
	} else if (n && line[n - 1] == '?' && !shell_asking(b->shell)) {
		line[n - 1] = 0;
		shell_help(b->shell, line);
	} else if (n > 1 && !strcmp(line + n - 2, "\\t")) {
		line[n - 2] = 0;
		shell_complete(b->shell, line, on_completion, &b->screen);
	} else {
		shell_line(b->shell, line);
		while (!b->closed && shell_busy(b->shell))
			wait_seconds(b, 1);
	}
	reopen_session(b);
	wait_seconds(b, 1);
}

/* Types the script; a paste is collected and loaded at `!@ end`. */
static void
play_script(struct bench *b, char *script)
{
	struct text paste = TEXT_INIT;
	bool pasting = false;
	char *line, *rest = script;

	while ((line = strsep(&rest, "\n")) && (rest || *line)) {
		if (!strcmp(line, "!@ load")) {
			pasting = true;
		} else if (!strcmp(line, "!@ end")) {
			assert_int_equal(router_load(b->r1.router, text_string(&paste), NULL, NULL),
			                 0);
			text_clear(&paste);
			pasting = false;
		} else if (!strncmp(line, "!@ on R", 7)) {
			shell_free(b->shell);
			b->on = line[7] == '2' ? &b->r2 : &b->r1;
			b->shell = shell_new(b->on->router, &io, b, true);
		} else if (!strncmp(line, "!@ wait ", 8)) {
			wait_seconds(b, (unsigned)atoi(line + 8));
		} else if (pasting) {
			text_printf(&paste, "%s\n", line);
		} else {
			type_line(b, line);
		}
	}
	show_prompt(b);
	text_puts(&b->screen, "\n");
	text_fini(&paste);
}

/* --- the network ------------------------------------------------------------------------------ */

static void
bench_open(struct bench *b)
{
	static const char neighbour[] = "hostname R2\n"
					"interface FastEthernet0/0\n"
					" ip address 10.1.12.2 255.255.255.0\n"
					" no shutdown\n"
					"interface Loopback0\n"
					" ip address 192.168.2.2 255.255.255.255\n"
					"ip route 192.168.1.1 255.255.255.255 10.1.12.1\n"
					"crypto isakmp policy 10\n"
					" authentication pre-share\n"
					"crypto isakmp key 0 SECRET address 10.1.12.1\n"
					"crypto gdoi group GET_VPN\n"
					" identity number 134\n"
					" server address ipv4 10.1.12.1\n"
					"crypto map CMAP 10 gdoi\n"
					" set group GET_VPN\n"
					"end\n";

	b->sim = sim_new(1, WALL);
	b->on = &b->r1;
	b->r1.other = &b->r2;
	b->r2.other = &b->r1;
	box_open(&b->r1, b->sim, "R1");
	box_open(&b->r2, b->sim, "R2");
	assert_int_equal(sim_link_add(b->sim, "core", 5), 0);
	assert_int_equal(sim_link_attach(b->sim, "core", "R1", "FastEthernet0/0"), 0);
	assert_int_equal(sim_link_attach(b->sim, "core", "R2", "FastEthernet0/0"), 0);
	assert_int_equal(router_load(b->r2.router, neighbour, NULL, NULL), 0);
	router_commit(b->r1.router, true);
	b->shell = shell_new(b->r1.router, &io, b, true);
}

static void
bench_close(struct bench *b)
{
	shell_free(b->shell);
	box_close(&b->r1);
	box_close(&b->r2);
	sim_free(b->sim);
	text_fini(&b->screen);
}

/* --- files ------------------------------------------------------------------------------------ */

static char *
slurp_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = TEXT_INIT;
	char buf[4096];
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(buf, 1, sizeof(buf), f)))
		text_add(&t, buf, n);
	fclose(f);
	text_puts(&t, "");
	return t.p;
}

static void
store_golden(const char *path, const struct text *t)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fwrite(text_string(t), 1, t->n, f);
	fclose(f);
}

static void
compare_golden(const char *path, const struct text *screen)
{
	char *golden;

	if (getenv("TESTUDO_UPDATE")) {
		store_golden(path, screen);
		return;
	}
	golden = slurp_file(path);
	if (!golden || strcmp(golden, text_string(screen))) {
		char *now = x_asprintf("%s.now", path);

		store_golden(now, screen);
		print_error("%s differs; what is shown now: %s\n", path, now);
		free(now);
		free(golden);
		fail();
	}
	free(golden);
}

static void
test_goldens(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(TESTUDO_SOURCE "/tests/shell/*.in", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *script = slurp_file(g.gl_pathv[i]);
		char *out = x_asprintf("%.*s.out", (int)strlen(g.gl_pathv[i]) - 3, g.gl_pathv[i]);
		struct bench b = {0};

		assert_non_null(script);
		bench_open(&b);
		play_script(&b, script);
		compare_golden(out, &b.screen);
		bench_close(&b);
		free(out);
		free(script);
	}
	globfree(&g);
}

/* --- what no golden shows --------------------------------------------------------------------- */

static void
add_line(void *arg, const char *line)
{
	text_printf(arg, "%s\n", line);
}

/* What `show running-config` prints, pasted into a fresh router, prints the same again. */
static void
test_round_trip(void **state)
{
	char *script = slurp_file(TESTUDO_SOURCE "/tests/shell/running.in"), *begin, *end;
	struct text first = TEXT_INIT, again = TEXT_INIT;
	struct bench a = {0}, b = {0};

	(void)state;
	assert_non_null(script);
	begin = strstr(script, "!@ load\n") + strlen("!@ load\n");
	end = strstr(begin, "!@ end");
	*end = 0;
	bench_open(&a);
	assert_int_equal(router_load(a.r1.router, begin, NULL, NULL), 0);
	router_render_running(a.r1.router, add_line, &first);
	bench_open(&b);
	assert_int_equal(router_load(b.r1.router, text_string(&first), NULL, NULL), 0);
	router_render_running(b.r1.router, add_line, &again);
	assert_string_equal(text_string(&first), text_string(&again));
	assert_true(policy_equal(node_policy(a.r1.node), node_policy(b.r1.node)));
	bench_close(&a);
	bench_close(&b);
	text_fini(&first);
	text_fini(&again);
	free(script);
}

static void
count_touch(void *arg)
{
	++*(unsigned *)arg;
}

/* With an owner that commits when idle, a paste is compiled once, whatever its length. */
static void
test_paste(void **state)
{
	struct router_hooks hooks = {.touched = count_touch};
	unsigned touched = 0;
	struct bench b = {0};
	char line[80];

	(void)state;
	bench_open(&b);
	hooks.arg = &touched;
	router_set_hooks(b.r1.router, &hooks);
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "ip access-list extended LONG");
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "permit ip host 10.%u.%u.1 any", i / 250, i % 250);
		shell_line(b.shell, line);
	}
	assert_false(shell_refused(b.shell));
	assert_int_equal(touched, 10001);
	assert_null(policy_acl_find(node_policy(b.r1.node), "LONG"));
	shell_line(b.shell, "end");
	assert_int_equal(policy_acl_find(node_policy(b.r1.node), "LONG")->n_aces, 10000);
	bench_close(&b);
}

/* The mode another session is in goes away under it. */
static void
test_two_sessions(void **state)
{
	char prompt[SHELL_PROMPT_MAX];
	struct bench b = {0};
	struct shell *other;

	(void)state;
	bench_open(&b);
	other = shell_new(b.r1.router, &io, &b, true);
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "crypto gdoi group G");
	shell_line(b.shell, "server local");
	shell_line(b.shell, "sa ipsec 1");
	shell_line(other, "configure terminal");
	shell_line(other, "no crypto gdoi group G");
	shell_prompt(b.shell, prompt);
	assert_string_equal(prompt, "R1(config)#");
	shell_line(b.shell, "hostname R9");
	shell_prompt(other, prompt);
	assert_string_equal(prompt, "R9(config)#");
	shell_free(other);
	bench_close(&b);
}

/* In IOS-XE's words the modes of a group are called after GKM. */
static void
test_dialect(void **state)
{
	static const struct {
		const char *line, *prompt;
	} steps[] = {
	    {"configure terminal", "R1(config)#"},
	    {"crypto gkm group G", "R1(config-gdoi-group)#"},
	    {"testudo dialect ios-xe", "R1(config)#"},
	    {"crypto gkm group G", "R1(config-gkm-group)#"},
	    {"server local", "R1(gkm-local-server)#"},
	    {"sa ipsec 1", "R1(gkm-sa-ipsec)#"},
	    {"no testudo dialect", "R1(config)#"},
	    {"crypto gdoi group G", "R1(config-gdoi-group)#"},
	};
	char prompt[SHELL_PROMPT_MAX];
	struct bench b = {0};

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		shell_line(b.shell, steps[i].line);
		shell_prompt(b.shell, prompt);
		assert_string_equal(prompt, steps[i].prompt);
	}
	bench_close(&b);
}

static void
count_notes(void *arg, const char *text)
{
	(void)text;
	++*(unsigned *)arg;
}

static void
ignore_text(void *arg, const char *text, size_t n)
{
	(void)arg;
	(void)text;
	(void)n;
}

static void
ignore_arg(void *arg)
{
	(void)arg;
}

/* What the console and a vty hear of one log line of a severity. */
static void
expect_notes(struct bench *b, uint8_t severity, unsigned console[2], unsigned vty[2])
{
	struct log_sink sink = router_log_sink(b->r1.router);
	const struct log_record r = {.severity = severity, .text = "%TEST-0-LINE: text"};

	sink.write(sink.arg, &r);
	assert_int_equal(console[0], console[1]);
	assert_int_equal(vty[0], vty[1]);
}

static void
test_logging(void **state)
{
	static const struct shell_io listener = {
	    .write = ignore_text, .done = ignore_arg, .close = ignore_arg, .notify = count_notes};
	unsigned console[2] = {0, 0}, vty[2] = {0, 0}; /* heard, expected */
	struct bench b = {0};
	struct shell *c, *v;

	(void)state;
	bench_open(&b);
	c = shell_new(b.r1.router, &listener, &console[0], true);
	v = shell_new(b.r1.router, &listener, &vty[0], true);
	shell_set_vty(v);
	console[1]++;
	expect_notes(&b, 6, console, vty);
	shell_line(v, "terminal monitor");
	console[1]++, vty[1]++;
	expect_notes(&b, 7, console, vty);
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "logging console errors");
	shell_line(b.shell, "logging monitor 5");
	shell_line(b.shell, "logging buffered 8192 alerts");
	router_log_clear(b.r1.router);
	vty[1]++;
	expect_notes(&b, 5, console, vty);
	expect_notes(&b, 6, console, vty);
	assert_int_equal(router_log_count(b.r1.router), 0);
	console[1]++, vty[1]++;
	expect_notes(&b, 1, console, vty);
	assert_int_equal(router_log_count(b.r1.router), 1);
	shell_line(b.shell, "no logging console");
	shell_line(b.shell, "no logging monitor");
	expect_notes(&b, 0, console, vty);
	shell_line(b.shell, "logging console");
	console[1]++;
	expect_notes(&b, 7, console, vty);
	shell_free(c);
	shell_free(v);
	bench_close(&b);
}

/* Longer than IOS takes is fine; longer than we do is said, and nothing of it is done. */
static void
test_long_lines(void **state)
{
	static const char what[] = "description ";
	char line[COMMAND_LINE_MAX + 2];
	struct bench b = {0};

	(void)state;
	bench_open(&b);
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "interface FastEthernet0/0");
	memset(line, 'x', sizeof(line));
	memcpy(line, what, strlen(what));
	text_clear(&b.screen);
	line[2000] = '\0';
	shell_line(b.shell, line);
	assert_false(shell_refused(b.shell));
	assert_string_equal(text_string(&b.screen), "");
	line[2000] = 'x';
	line[sizeof(line) - 1] = '\0';
	shell_line(b.shell, line);
	assert_true(shell_refused(b.shell));
	assert_string_equal(text_string(&b.screen),
	                    "% Line too long: 4097 characters, 4096 at most\n\n");
	bench_close(&b);
}

static struct {
	const struct config_session *session;
	unsigned opened, closed;
} lent;

static void *
lend_session(struct router *r, struct config_session *s)
{
	(void)r;
	lent.session = s;
	lent.opened++;
	return &lent;
}

static void
take_command(void *acting, const struct command *cmd)
{
	(void)acting;
	(void)cmd;
}

static bool
ask_nothing(void *acting)
{
	(void)acting;
	return false;
}

static void
give_back(void *acting)
{
	(void)acting;
	assert_non_null(session_context(lent.session));
	lent.closed++;
}

/* Who carries out the commands of a text gives its session back before it is freed. */
static void
test_borrowed_session(void **state)
{
	static const struct router_actor actor = {
	    .open = lend_session, .run = take_command, .asks = ask_nothing, .close = give_back};
	struct bench b = {0};

	(void)state;
	bench_open(&b);
	router_set_actor(b.r1.router, &actor);
	assert_int_equal(router_load(b.r1.router, "hostname R1\ndo ping 10.1.12.2\n", NULL, NULL),
	                 0);
	assert_int_equal(lent.opened, 1);
	assert_int_equal(lent.closed, 1);
	router_set_actor(b.r1.router, &shell_actor);
	assert_int_equal(router_load(b.r1.router, "do ping 10.1.12.2\n", NULL, NULL), 0);
	assert_int_equal(router_load(b.r1.router, "do reload\n", NULL, NULL), 1);
	bench_close(&b);
}

/* A command that only shows acts in a text that is loaded, too: it is refused if it cannot. */
static void
test_show_in_text(void **state)
{
	struct bench b = {0};

	(void)state;
	bench_open(&b);
	assert_int_equal(router_file_write(b.r1.router, "flash:a.cfg", SPAN("hostname R1\n", 12)),
	                 0);
	assert_int_equal(router_load(b.r1.router,
	                             "do show archive config incremental-diffs flash:a.cfg\n"
	                             "do show archive config incremental-diffs flash:b.cfg\n",
	                             NULL, NULL),
	                 1);
	bench_close(&b);
}

/* A half of a configuration is not saved, and its text stays until all of it is read. */
static void
test_save_at_boot(void **state)
{
	static const char startup[] = "hostname A\n"
				      "archive\n"
				      " path flash:saved\n"
				      "do write memory\n"
				      "do show history | redirect nvram:startup-config\n"
				      "do show clock | include U | tee nvram:startup-config\n"
				      "do erase startup-config\n"
				      "do delete /force nvram:startup-config\n"
				      "do copy running-config startup-config\n"
				      "do archive config\n"
				      "interface Loopback5\n"
				      " description important\n";
	struct text running = TEXT_INIT;
	struct bench b = {0};

	(void)state;
	bench_open(&b);
	assert_int_equal(router_set_startup(b.r1.router, startup), 0);
	router_boot(b.r1.router);
	assert_string_equal(router_startup(b.r1.router), startup);
	router_render_running(b.r1.router, text_line, &running);
	assert_non_null(strstr(text_string(&running), " description important\n"));
	assert_int_equal(router_load(b.r1.router, startup, NULL, NULL), 7);
	assert_false(files_has(router_files(b.r1.router), "saved-1"));
	text_fini(&running);
	bench_close(&b);
}

static void
count_page(void *arg, unsigned length, unsigned width)
{
	(void)length;
	(void)width;
	++*(unsigned *)arg;
}

/* A command begins one page, whatever mode it is typed in. */
static void
test_one_page(void **state)
{
	static const struct shell_io pager = {
	    .write = ignore_text, .done = ignore_arg, .close = ignore_arg, .page = count_page};
	struct bench b = {0};
	struct shell *sh;
	unsigned pages = 0;

	(void)state;
	bench_open(&b);
	sh = shell_new(b.r1.router, &pager, &pages, true);
	shell_line(sh, "show clock");
	assert_int_equal(pages, 1);
	shell_line(sh, "configure terminal");
	shell_line(sh, "do show clock");
	assert_int_equal(pages, 3);
	shell_free(sh);
	bench_close(&b);
}

/* --- from router to router -------------------------------------------------------------------- */

/* A user who waits for each line to end before the next, as a terminal does. */
struct patient {
	struct bench *b;
	struct shell *sh;
	unsigned done;
	bool closed;
};

static void
patient_done(void *arg)
{
	((struct patient *)arg)->done++;
}

static void
patient_close(void *arg)
{
	((struct patient *)arg)->closed = true;
}

static void
patient_open(struct patient *u, struct box *on)
{
	static const struct shell_io quiet = {
	    .write = ignore_text, .done = patient_done, .close = patient_close};
	static const struct line_id console = {LINE_CON, 0};

	shell_free(u->sh);
	u->closed = false;
	u->sh = shell_new(on->router, &quiet, u, true);
	shell_set_line(u->sh, &console, NULL);
}

/* A line ends once: at once, later, or with the session. */
static void
patient_line(struct patient *u, struct box *on, const char *line)
{
	u->done = 0;
	shell_line(u->sh, line);
	for (unsigned i = 0; i < 120 && !u->closed && shell_busy(u->sh); i++)
		wait_seconds(u->b, 1);
	if (u->closed)
		patient_open(u, on);
	else
		assert_int_equal(u->done, 1);
}

/*
 * Anything in any order, on two routers whose users reach each other: sessions within sessions that
 * end from inside, from outside and with their routers.
 */
static void
test_any_order(void **state)
{
	static const char configured[] = "interface FastEthernet0/0\n"
					 "ip address 10.1.12.%u 255.255.255.0\n"
					 "no shutdown\n"
					 "username u privilege 15 password p\n"
					 "line vty 0 4\n"
					 "password p\n"
					 "login\n"
					 "privilege level 15\n";
	static const char *const lines[] = {"telnet 10.1.12.1",
	                                    "telnet 10.1.12.2",
	                                    "telnet 10.1.12.2",
	                                    "telnet 10.1.12.1",
	                                    "p",
	                                    "p",
	                                    "p",
	                                    "p",
	                                    "wrong",
	                                    "exit",
	                                    "where",
	                                    "resume",
	                                    "resume 1",
	                                    "resume 2",
	                                    "disconnect",
	                                    "",
	                                    "",
	                                    "y",
	                                    "no",
	                                    "clear line vty 0",
	                                    "logout",
	                                    "clear line vty 1",
	                                    "configure t",
	                                    "end",
	                                    "ssh -l u 10.1.12.2",
	                                    "ping 10.1.12.2",
	                                    "telnet 10.9.9.9",
	                                    "show users",
	                                    "clear line con 0",
	                                    "lock",
	                                    "login",
	                                    "telnet 10.1.12.2",
	                                    "p",
	                                    "p",
	                                    "reload"};
	struct bench b = {0};
	struct patient users[2] = {{.b = &b}, {.b = &b}};
	struct box *boxes[2] = {&b.r1, &b.r2};
	uint32_t random = 1;
	unsigned away = 0, nested = 0;
	char text[512];

	(void)state;
	bench_open(&b);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), configured, i + 1);
		assert_int_equal(router_load(boxes[i]->router, text, NULL, NULL), 0);
		assert_int_equal(router_write_memory(boxes[i]->router), 0);
		patient_open(&users[i], boxes[i]);
	}
	for (unsigned i = 0; i < 6000; i++) {
		struct patient *u;
		unsigned what;

		random = random * 1664525 + 1013904223;
		what = random >> 16;
		u = &users[what % 3 == 0];
		if (what % 7 == 0)
			shell_suspend(u->sh);
		else if (what % 11 == 0)
			shell_interrupt(u->sh);
		else
			patient_line(u, boxes[u - users], lines[what / 77 % ARRAY_SIZE(lines)]);
		away += shell_front(u->sh) != u->sh;
		nested += shell_front(u->sh) != u->sh &&
		          shell_router(shell_front(u->sh)) == shell_router(u->sh);
		if (users[u == users].closed)
			patient_open(&users[u == users], boxes[u == users]);
	}
	assert_true(away > 500 && nested > 50);
	shell_free(users[0].sh);
	shell_free(users[1].sh);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_goldens),      cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_paste),        cmocka_unit_test(test_two_sessions),
	    cmocka_unit_test(test_dialect),      cmocka_unit_test(test_logging),
	    cmocka_unit_test(test_long_lines),   cmocka_unit_test(test_borrowed_session),
	    cmocka_unit_test(test_show_in_text), cmocka_unit_test(test_one_page),
	    cmocka_unit_test(test_save_at_boot), cmocka_unit_test(test_any_order),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
