/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual year: two groups in a lab, and every day members that join, leave and are expelled,
 * servers that are killed, packets, stores and clocks that fail, users who come and type. Each
 * night all is whole again, traffic passes, and what the process holds is counted.
 *
 *   soak_year [--days N] [--seed N] [--trace]      365 days of seed 1 without them
 *
 * Group A has a key hierarchy, and counts packets; group B has counter modes, and counts time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/app/commands.h"
#include "cli/shell/shell.h"
#include "compiler/base/arena.h"
#include "compiler/base/text.h"
#include "runtime/crypto/random.h"
#include "runtime/store/store_memory.h"
#include "tests/hunter/chance.h"
#include "tests/soak/soak.h"

#define WALL         INT64_C(1795464000000)
#define SERVERS      2
#define MEMBERS      4
#define NODES        (SERVERS + MEMBERS)
#define DAY          SECONDS(86400)
#define NIGHT        SECONDS(3600) /* without faults; TEKs live for a quarter of it */
#define EVENTS_A_DAY 96
#define WARM_UP(n)   ((n) / 7 + 2) /* of n nights: until every bounded table is full */
#define PORT         "FastEthernet0/0"

struct year {
	struct chance chance;
	struct lab *lab;
	struct arena *arena;
	struct lab_spec spec;
	struct lab_node_spec nodes[NODES];
	struct text screen;
	bool up[NODES], trace;
	unsigned failed, events, pings;
	size_t n_nights;
	struct soak_counts *nights;
};

static void
tell_failure(struct year *y, const char *what, const char *node)
{
	y->failed++;
	printf("FAILED: day %zu: %s %s\n%s\n", y->n_nights + 1, node, what,
	       text_string(&y->screen));
}

/* --- the lab ---------------------------------------------------------------------------------- */

static const char phase1[] = "crypto isakmp policy 10\n encryption aes\n hash sha256\n group 19\n"
			     " authentication pre-share\n"
			     "crypto isakmp key 0 soaked address 0.0.0.0 0.0.0.0\n";

static const char *
server_text(struct arena *a, size_t server)
{
	static const char *const transforms[] = {"esp-aes esp-sha-hmac", "esp-gcm"};
	static const char *const replays[] = {"replay counter window-size 64",
	                                      "replay time window-size 5"};
	static const char *const nets[] = {"192.168", "172.16"};

	return arena_printf(
	    a,
	    "%scrypto ipsec transform-set TSET %s\ncrypto ipsec profile PROFILE\n"
	    " set security-association lifetime seconds 900\n set transform-set TSET\n"
	    "crypto gdoi group %c\n identity number %zu\n server local\n"
	    "  rekey lifetime seconds 7200\n  rekey retransmit 10 number 2\n"
	    "  rekey authentication mypubkey rsa KEY\n  rekey transport unicast\n%s"
	    "  address ipv4 10.0.0.%zu\n  sa ipsec 1\n   profile PROFILE\n"
	    "   match address ipv4 LAN\n   %s\nip access-list extended LAN\n"
	    " permit ip %s.0.0 0.0.255.255 %s.0.0 0.0.255.255\n",
	    phase1, transforms[server], 'A' + (int)server, 10 * (1 + server),
	    server ? "" : "  rekey management-algorithm lkh\n", 1 + server, replays[server],
	    nets[server], nets[server]);
}

static const char *
member_text(struct arena *a)
{
	return arena_printf(
	    a,
	    "%scrypto gdoi group A\n identity number 10\n server address ipv4 10.0.0.1\n"
	    "crypto gdoi group B\n identity number 20\n server address ipv4 10.0.0.2\n"
	    "crypto map CMAP 10 gdoi\n set group A\ncrypto map CMAP 20 gdoi\n set group B\n"
	    "interface " PORT "\n crypto map CMAP\n",
	    phase1);
}

static void
make_node(struct year *y, size_t node)
{
	struct lab_node_spec *n = &y->nodes[node];
	size_t member = node - SERVERS;
	struct lab_interface *list = arena_alloc(y->arena, 3 * sizeof(*list));
	struct lab_route *routes = arena_alloc(y->arena, 2 * MEMBERS * sizeof(*routes));

	n->kind = &device_router;
	n->name = node < SERVERS ? arena_printf(y->arena, "KS%c", 'A' + (int)node)
	                         : arena_printf(y->arena, "GM%zu", 1 + member);
	list[n->n_interfaces++] = (struct lab_interface){
	    .name = PORT, .has_address = true, .addr = 0x0a000001 + (uint32_t)node, .len = 24};
	n->interfaces = list;
	n->routes = routes;
	n->startup = node < SERVERS ? server_text(y->arena, node) : member_text(y->arena);
	for (uint32_t i = 0; i < MEMBERS; i++) {
		uint32_t nets[] = {0xc0a80001 + (i + 1) * 256, 0xac100001 + (i + 1) * 256};

		for (size_t k = 0; k < 2; k++) {
			if (node < SERVERS || i != member)
				routes[n->n_routes++] = (struct lab_route){
				    .to = {nets[k], 32}, .via = 0x0a000001 + SERVERS + i};
			else
				list[n->n_interfaces++] =
				    (struct lab_interface){.name = k ? "Loopback1" : "Loopback0",
				                           .has_address = true,
				                           .addr = nets[k],
				                           .len = 32};
		}
	}
}

static void
on_refused(void *arg, const char *node, const char *file, unsigned line, const char *text)
{
	(void)file, (void)line;
	tell_failure(arg, text, node);
}

static bool
make_lab(struct year *y, uint64_t seed)
{
	struct lab_options options = {.seed = seed, .wall = WALL, .refused = on_refused, .arg = y};
	struct lab_end *ends = arena_alloc(y->arena, NODES * sizeof(*ends));
	struct lab_link *link = arena_alloc(y->arena, sizeof(*link));
	const char *error = "";

	for (size_t i = 0; i < NODES; i++) {
		make_node(y, i);
		ends[i] = (struct lab_end){y->nodes[i].name, PORT};
		y->up[i] = true;
	}
	*link = (struct lab_link){"core", 1, NODES, ends};
	y->spec = (struct lab_spec){.file = "soak",
	                            .name = "soak",
	                            .n_nodes = NODES,
	                            .nodes = y->nodes,
	                            .n_links = 1,
	                            .links = link};
	y->lab = lab_new(&y->spec, &options, &error);
	if (!y->lab)
		tell_failure(y, error, "lab");
	return y->lab != NULL;
}

/* --- users ------------------------------------------------------------------------------------ */

static void
on_write(void *arg, const char *text, size_t n)
{
	text_add(&((struct year *)arg)->screen, text, n);
}

static void
on_done(void *arg)
{
	(void)arg;
}

static void
pass_time(struct year *y, msec time)
{
	lab_run_until(y->lab, lab_now(y->lab) + time);
}

/* Lines, separated by LF, of one session; what it says is on the screen. */
static void
type_lines(struct year *y, size_t node, const char *lines)
{
	static const struct shell_io io = {.write = on_write, .done = on_done, .close = on_done};
	struct shell *sh;
	char line[160];

	text_clear(&y->screen);
	if (!y->up[node])
		return;
	sh = shell_new(lab_router_at(y->lab, node), &io, y, true);
	while (*lines && !shell_is_over(sh)) {
		size_t n = strcspn(lines, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, lines);
		lines += n + (lines[n] == '\n');
		shell_line(sh, line);
		for (int i = 0; i < 60 && shell_busy(sh); i++)
			pass_time(y, SECONDS(1));
		if (shell_busy(sh))
			shell_interrupt(sh);
	}
	shell_free(sh);
}

static size_t
any_server(struct year *y)
{
	return chance_of(&y->chance, SERVERS);
}

static size_t
any_member(struct year *y)
{
	return SERVERS + chance_of(&y->chance, MEMBERS);
}

/* --- what happens ----------------------------------------------------------------------------- */

static void
set_power(struct year *y, size_t node, bool on)
{
	if (y->up[node] == on)
		return;
	y->up[node] = on;
	if (on)
		lab_boot(y->lab, y->nodes[node].name);
	else
		lab_crash(y->lab, y->nodes[node].name);
}

static void
kill_somebody(struct year *y)
{
	size_t node = chance_of(&y->chance, NODES);

	for (uint32_t steps = chance_of(&y->chance, 80); steps; steps--)
		lab_step(y->lab, lab_now(y->lab) + SECONDS(30));
	set_power(y, node, false);
	pass_time(y, SECONDS(chance_of(&y->chance, 900)));
	set_power(y, node, true);
}

static void
kill_within_rekey(struct year *y)
{
	size_t server = any_server(y);

	type_lines(y, server, "crypto gdoi ks rekey");
	for (uint32_t steps = chance_of(&y->chance, 60); steps; steps--)
		lab_step(y->lab, lab_now(y->lab) + SECONDS(30));
	set_power(y, server, false);
	pass_time(y, SECONDS(1 + chance_of(&y->chance, 60)));
	set_power(y, server, true);
}

static void
leave_and_join(struct year *y)
{
	size_t member = any_member(y);

	type_lines(y, member, "configure terminal\ninterface " PORT "\nno crypto map CMAP\nend");
	pass_time(y, SECONDS(chance_of(&y->chance, 3600)));
	type_lines(y, member, "configure terminal\ninterface " PORT "\ncrypto map CMAP\nend");
}

static void
expel_somebody(struct year *y)
{
	char lines[80];

	snprintf(lines, sizeof(lines), "clear crypto gdoi ks members 10.0.0.%zu\nyes",
	         1 + any_member(y));
	type_lines(y, 0, lines);
}

static void
command_server(struct year *y)
{
	static const char *const commands[] = {
	    "crypto gdoi ks rekey", "crypto gdoi ks rekey replace-now", "clear crypto gdoi\nyes",
	    "clear crypto gdoi ks members\nyes", "clear crypto isakmp"};

	type_lines(y, any_server(y), commands[chance_of(&y->chance, ARRAY_SIZE(commands))]);
}

static void
command_member(struct year *y)
{
	static const char *const commands[] = {"clear crypto gdoi\nyes", "clear crypto isakmp",
	                                       "clear crypto sa", "clear crypto session"};

	type_lines(y, any_member(y), commands[chance_of(&y->chance, ARRAY_SIZE(commands))]);
}

/* A list that is served gets a line, and loses it. */
static void
edit_policy(struct year *y)
{
	size_t server = any_server(y);

	type_lines(y, server,
	           "configure terminal\nip access-list extended LAN\n"
	           "deny udp any any eq 5353\nend\nwrite memory");
	pass_time(y, SECONDS(chance_of(&y->chance, 1800)));
	type_lines(y, server,
	           "configure terminal\nip access-list extended LAN\n"
	           "no deny udp any any eq 5353\nend\nwrite memory");
}

static void
use_shell(struct year *y)
{
	static const char *const lines[] = {
	    "show running-config\nshow crypto gdoi\nshow crypto gdoi | json\nshow logging",
	    "show crypto ipsec sa\nshow crypto isakmp sa\nshow users\nshow archive",
	    "configure terminal\ninterface Loopback9\nip address 10.9.9.9 255.255.255.255\nexit\n"
	    "no interface Loopback9\nend\nwrite memory",
	    "configure terminal\nno such command\narchive\nlog config\nlogging enable\nend\n"
	    "show archive log config all",
	    "terminal monitor\nterminal length 0\nshow tech\ndebug crypto gdoi\nundebug all",
	    "copy running-config flash:copy\n\nconfigure replace flash:copy force\ndelete "
	    "flash:copy\n\n",
	};

	type_lines(y, chance_of(&y->chance, NODES),
	           lines[chance_of(&y->chance, ARRAY_SIZE(lines))]);
}

static void
break_packets(struct year *y)
{
	struct chance *c = &y->chance;
	double faults[LAB_FAULTS] = {
	    [LAB_LOSS] = chance_of(c, 21) / 100.0,
	    [LAB_DUPLICATE] = chance_of(c, 11) / 100.0,
	    [LAB_REORDER] = chance_of(c, 11) / 100.0,
	};

	lab_faults(y->lab, faults);
}

static void
break_link(struct year *y)
{
	size_t node = chance_of(&y->chance, NODES);

	lab_link_set(y->lab, y->nodes[node].name, PORT, false);
	pass_time(y, SECONDS(chance_of(&y->chance, 3600)));
	lab_link_set(y->lab, y->nodes[node].name, PORT, true);
}

static void
break_store(struct year *y)
{
	static const int errors[] = {ENOSPC, EROFS, EIO};
	struct store *s = lab_store_at(y->lab, any_server(y));

	store_memory_set_fault(s, (enum store_fault)chance_of(&y->chance, 4),
	                       1 + chance_of(&y->chance, 4),
	                       -errors[chance_of(&y->chance, ARRAY_SIZE(errors))]);
}

static void
break_clock(struct year *y)
{
	static const int64_t jumps[] = {-3600, -61, -5, 0, 5, 61, 3600};

	sim_wall_set(lab_sim(y->lab), y->nodes[chance_of(&y->chance, NODES)].name,
	             jumps[chance_of(&y->chance, ARRAY_SIZE(jumps))] * 1000);
}

static void
heal_all(struct year *y)
{
	static const double none[LAB_FAULTS];

	lab_faults(y->lab, none);
	for (size_t i = 0; i < NODES; i++) {
		if (i < SERVERS)
			store_memory_set_fault(lab_store_at(y->lab, i), STORE_FAULT_NONE, 0, 0);
		sim_wall_set(lab_sim(y->lab), y->nodes[i].name, 0);
	}
}

static const struct {
	const char *name;
	void (*happen)(struct year *y);
	uint32_t weight;
} events[] = {
    {"somebody is killed", kill_somebody, 4},
    {"a server is killed within a rekey", kill_within_rekey, 2},
    {"a member leaves and joins", leave_and_join, 4},
    {"a member is expelled", expel_somebody, 2},
    {"a server is told", command_server, 3},
    {"a member is told", command_member, 3},
    {"a policy is edited", edit_policy, 1},
    {"a user comes", use_shell, 6},
    {"packets", break_packets, 3},
    {"a link", break_link, 2},
    {"a store", break_store, 2},
    {"a clock", break_clock, 1},
    {"all is well", heal_all, 3},
};

static void
let_happen(struct year *y)
{
	uint32_t all = 0, n;
	size_t i = 0;

	for (size_t k = 0; k < ARRAY_SIZE(events); k++)
		all += events[k].weight;
	for (n = chance_of(&y->chance, all); n >= events[i].weight; i++)
		n -= events[i].weight;
	if (y->trace)
		printf("%10.3f  %s\n", (double)lab_now(y->lab) / 1000, events[i].name);
	events[i].happen(y);
	y->events++;
}

/* --- the nights ------------------------------------------------------------------------------- */

static void
check_ping(struct year *y, size_t from, size_t to, size_t group)
{
	char line[80];

	snprintf(line, sizeof(line), "ping %s.%zu.1 source Loopback%zu",
	         group ? "172.16" : "192.168", to - SERVERS + 1, group);
	type_lines(y, from, line);
	y->pings++;
	if (!strstr(text_string(&y->screen), "100 percent (5/5)")) {
		tell_failure(y, line, y->nodes[from].name);
		type_lines(y, from, "show crypto gdoi");
		puts(text_string(&y->screen));
		type_lines(y, to, "show crypto gdoi");
		puts(text_string(&y->screen));
		type_lines(y, group,
		           "show crypto gdoi ks members\nshow crypto gdoi ks policy\nshow logging");
		puts(text_string(&y->screen));
	}
}

static void
check_night(struct year *y)
{
	heal_all(y);
	pass_time(y, NIGHT);
	for (size_t i = SERVERS; i < NODES; i++)
		for (size_t k = SERVERS; k < NODES; k++)
			for (size_t group = 0; group < SERVERS && i != k; group++)
				check_ping(y, i, k, group);
	pass_time(y, SECONDS(60));
	soak_count(y->lab, &y->nights[y->n_nights++]);
	if (y->trace)
		soak_print(&y->nights[y->n_nights - 1]);
}

static void
live_day(struct year *y)
{
	msec end = lab_now(y->lab) + DAY - NIGHT;

	for (int i = 0; i < EVENTS_A_DAY && lab_now(y->lab) < end; i++) {
		let_happen(y);
		pass_time(y, SECONDS(chance_of(&y->chance, 2 * (uint32_t)((DAY - NIGHT) / 1000) /
		                                               EVENTS_A_DAY)));
	}
	if (lab_now(y->lab) < end)
		lab_run_until(y->lab, end);
	check_night(y);
}

int
main(int argc, char **argv)
{
	struct year y = {.screen = TEXT_INIT};
	uint64_t days = 365, seed = 1;
	clock_t start = clock();
	bool flat;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--trace") == 0)
			y.trace = true;
		else if (strcmp(argv[i], "--days") == 0 && i + 1 < argc)
			days = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
			seed = strtoull(argv[++i], NULL, 10);
		else
			return fprintf(stderr, "soak_year [--days N] [--seed N] [--trace]\n"), 2;
	commands_install();
	crypto_init();
	crypto_random_seed(seed);
	setvbuf(stdout, NULL, _IOLBF, 0);
	y.chance.state = seed;
	y.arena = arena_new();
	y.nights = x_alloc((days + 1) * sizeof(*y.nights));
	if (make_lab(&y, seed)) {
		for (size_t i = 0; i < SERVERS; i++)
			type_lines(&y, i,
			           "configure terminal\ncrypto key generate rsa general-keys label "
			           "KEY modulus 1024\n"
			           "end\nwrite memory");
		while (days-- && y.failed < 5)
			live_day(&y);
	}
	flat = soak_is_flat(y.nights + WARM_UP(y.n_nights), y.n_nights - WARM_UP(y.n_nights));
	printf("%zu days, %u events, %u pings, %u failed, %.1f s\n", y.n_nights, y.events, y.pings,
	       y.failed, (double)(clock() - start) / CLOCKS_PER_SEC);
	lab_free(y.lab);
	text_fini(&y.screen);
	free(y.nights);
	arena_free(y.arena);
	return y.failed || !flat;
}
