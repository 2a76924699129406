/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a seed, and what is typed into its routers. See coop.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"
#include "runtime/packet/packet.h"
#include "tests/hunter/coop.h"

_Static_assert(COOP_HUNT_NODES <= TYPIST_NODES, "a console for each");

/* --- the story -------------------------------------------------------------------------------- */

void
coop_tell(struct coop_hunt *h, const char *format, ...)
{
	size_t at = h->story.n;
	va_list ap;

	text_printf(&h->story, "%10.3f  ", h->lab ? (double)lab_now(h->lab) / 1000 : 0.0);
	va_start(ap, format);
	text_vprintf(&h->story, format, ap);
	va_end(ap);
	text_puts(&h->story, "\n");
	if (h->trace)
		fputs(text_string(&h->story) + at, stdout);
}

void
coop_report(struct coop_hunt *h, const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	h->found++;
	coop_tell(h, "!!! %s", line);
}

/* --- configurations --------------------------------------------------------------------------- */

static const char *const nets[COOP_HUNT_GROUPS] = {"192.168.0.0 0.0.255.255",
                                                   "172.16.0.0 0.0.255.255"};

static void
put_phase1(struct text *t)
{
	text_puts(t, "crypto isakmp policy 10\n encr aes\n hash sha256\n authentication pre-share\n"
	             " group 19\ncrypto isakmp key 0 hunted address 0.0.0.0 0.0.0.0\n");
}

static void
put_group(struct text *t, const struct coop_hunt *h, size_t server, size_t group, unsigned priority)
{
	text_printf(t,
	            "ip access-list extended ACL%zu\n permit ip %s %s\n"
	            "crypto ipsec transform-set T%zu %s\ncrypto ipsec profile P%zu\n"
	            " set security-association lifetime seconds %u\n set transform-set T%zu\n",
	            group, nets[group], nets[group], group,
	            h->counter ? "esp-gcm" : "esp-aes esp-sha-hmac", group, h->lifetime, group);
	text_printf(t,
	            "crypto gdoi group G%zu\n identity number %zu\n server local\n"
	            "  rekey algorithm aes 128\n  rekey lifetime seconds %u\n"
	            "  rekey retransmit 10 number 2\n"
	            "  rekey authentication mypubkey rsa KEY%s\n",
	            group, 134 + group, h->lifetime * 3, h->shared ? " shared" : "");
	if (h->few_sids && h->counter)
		text_puts(t, "  group size small 8\n");
	if (h->multicast)
		text_printf(t, "  rekey address ipv4 REKEY%zu\n", group);
	else
		text_puts(t, "  rekey transport unicast\n");
	text_printf(t, "  address ipv4 10.0.0.%zu\n  redundancy\n   local priority %u\n",
	            1 + server, priority);
	for (size_t i = 0; i < h->n_servers; i++)
		if (i != server)
			text_printf(t, "   peer address ipv4 10.0.0.%zu\n", 1 + i);
	text_printf(t,
	            "  sa ipsec 1\n   profile P%zu\n   match address ipv4 ACL%zu\n"
	            "   replay counter window-size 64\n",
	            group, group);
	if (h->multicast)
		text_printf(t,
		            "ip access-list extended REKEY%zu\n"
		            " permit udp host 10.0.0.%zu eq 848 host 239.1.1.%zu eq 848\n",
		            group, 1 + server, 1 + group);
}

static void
put_member(struct text *t, const struct coop_hunt *h, size_t member)
{
	put_phase1(t);
	for (size_t g = 0; g < h->n_groups; g++) {
		text_printf(t, "crypto gdoi group G%zu\n identity number %zu\n", g, 134 + g);
		for (size_t s = 0; s < h->n_servers; s++)
			text_printf(t, " server address ipv4 10.0.0.%zu\n",
			            1 + (member + s) % h->n_servers);
		text_printf(t, "crypto map CMAP %zu gdoi\n set group G%zu\n", (g + 1) * 10, g);
	}
	text_puts(t, "crypto map CMAP gdoi fail-close\n activate\n"
	             "interface " COOP_HUNT_PORT "\n crypto map CMAP\n");
}

/* --- nodes and links -------------------------------------------------------------------------- */

static void
make_interfaces(struct coop_hunt *h, size_t node, struct lab_node_spec *n)
{
	struct lab_interface *list = arena_alloc(h->arena, 3 * sizeof(*list));
	size_t member = node - h->n_servers;

	list[n->n_interfaces++] = (struct lab_interface){
	    .name = COOP_HUNT_PORT, .has_address = true, .addr = COOP_CORE(node), .len = 24};
	for (size_t g = 0; node >= h->n_servers && g < COOP_HUNT_GROUPS; g++)
		list[n->n_interfaces++] =
		    (struct lab_interface){.name = g ? "Loopback1" : "Loopback0",
		                           .has_address = true,
		                           .addr = COOP_LOOP(g, member),
		                           .len = 32};
	n->interfaces = list;
}

static void
make_routes(struct coop_hunt *h, size_t node, struct lab_node_spec *n)
{
	struct lab_route *list =
	    arena_alloc(h->arena, COOP_HUNT_GROUPS * h->n_members * sizeof(*list));

	for (size_t i = 0; i < h->n_members; i++)
		for (size_t g = 0; coop_member_node(h, i) != node && g < COOP_HUNT_GROUPS; g++)
			list[n->n_routes++] = (struct lab_route){
			    .to = {COOP_LOOP(g, i), 32}, .via = COOP_CORE(coop_member_node(h, i))};
	n->routes = list;
}

static void
make_node(struct coop_hunt *h, size_t node)
{
	struct lab_node_spec *n = &h->nodes[node];
	struct text t = TEXT_INIT;
	bool server = node < h->n_servers;

	n->kind = &device_router;
	n->name = server ? arena_printf(h->arena, "KS%zu", node)
	                 : arena_printf(h->arena, "GM%zu", node - h->n_servers);
	make_interfaces(h, node, n);
	make_routes(h, node, n);
	if (server) {
		if (!h->shared || node == 0)
			n->keys = typist_keys();
		put_phase1(&t);
		for (size_t g = 0; g < h->n_groups; g++)
			put_group(&t, h, node, g, 10 + chance_of(&h->chance, 4) * 10);
	} else {
		put_member(&t, h, node - h->n_servers);
	}
	n->startup = arena_strdup(h->arena, text_string(&t));
	if (h->trace)
		printf("--- %s\n%s", n->name, n->startup);
	text_fini(&t);
}

static void
make_link(struct coop_hunt *h)
{
	struct lab_link *link = arena_alloc(h->arena, sizeof(*link));
	struct lab_end *ends = arena_alloc(h->arena, h->spec.n_nodes * sizeof(*ends));

	for (size_t i = 0; i < h->spec.n_nodes; i++)
		ends[i] = (struct lab_end){h->nodes[i].name, COOP_HUNT_PORT};
	*link = (struct lab_link){"core", 1, h->spec.n_nodes, ends};
	h->spec.links = link;
	h->spec.n_links = 1;
}

static size_t
find_node(const struct coop_hunt *h, const char *name)
{
	size_t i = 0;

	while (i + 1 < h->spec.n_nodes && strcmp(h->nodes[i].name, name) != 0)
		i++;
	return i;
}

static bool
gets_across(void *arg, const char *from, const char *to)
{
	const struct coop_hunt *h = arg;

	return !h->cut[find_node(h, from)][find_node(h, to)];
}

static void
on_refused(void *arg, const char *node, const char *file, unsigned line, const char *text)
{
	(void)file;
	coop_report(arg, "GENERATOR: %s refuses its startup line %u: %s", node, line, text);
}

void
coop_hunt_begin(struct coop_hunt *h, uint64_t seed, bool trace)
{
	struct lab_options options = {.seed = seed,
	                              .wall = TYPIST_WALL,
	                              .refused = on_refused,
	                              .shared = coop_history_store,
	                              .arg = h};
	const char *error = "";

	memset(h, 0, sizeof(*h));
	h->seed = seed;
	h->trace = trace;
	h->chance.state = seed;
	h->chance.state = chance_next(&h->chance); /* neighbours are not the same story shifted */
	h->arena = arena_new();
	h->n_servers = 2 + chance_of(&h->chance, chance_one_in(&h->chance, 6) ? 7 : 3);
	h->n_members = 2 + chance_of(&h->chance, COOP_HUNT_MEMBERS - 1);
	h->n_groups = 1 + chance_one_in(&h->chance, 4);
	h->multicast = chance_one_in(&h->chance, 4);
	h->shared = chance_one_in(&h->chance, 2);
	h->counter = !chance_one_in(&h->chance, 3);
	h->few_sids = chance_one_in(&h->chance, 4);
	h->lifetime = 300 + 60 * chance_of(&h->chance, 6);
	typist_keys();
	crypto_random_seed(seed);
	h->spec = (struct lab_spec){.file = "hunt",
	                            .name = "hunt",
	                            .n_nodes = h->n_servers + h->n_members,
	                            .nodes = h->nodes};
	for (size_t i = 0; i < h->spec.n_nodes; i++) {
		make_node(h, i);
		h->up[i] = true;
		h->boots[i] = 1;
	}
	make_link(h);
	h->lab = lab_new(&h->spec, &options, &error);
	if (!h->lab) {
		coop_report(h, "GENERATOR: no lab: %s", error);
		return;
	}
	for (size_t i = 0; i < h->n_servers && h->few_sids; i++)
		coop_slow(h, i, chance_of(&h->chance, 2) * 300);
	sim_gate(lab_sim(h->lab), gets_across, h);
	coop_history_watch(h);
}

void
coop_hunt_end(struct coop_hunt *h)
{
	if (h->lab)
		sim_watch(lab_sim(h->lab), NULL, NULL);
	typist_fini(&h->typist);
	lab_free(h->lab);
	coop_history_fini(h);
	text_fini(&h->story);
	arena_free(h->arena);
}

/* --- typing ----------------------------------------------------------------------------------- */

static void
pass_second(void *arg)
{
	coop_pass(arg, SECONDS(1));
}

static void
type_line(struct coop_hunt *h, size_t node, const char *line)
{
	struct typist *t = &h->typist;

	typist_line(t, h->lab, node, line, pass_second, h);
	coop_tell(h, "%s# %s%s%s", h->nodes[node].name, line,
	          t->screen.n > 1 ? "\n            " : "", text_string(&t->screen));
}

void
coop_command(struct coop_hunt *h, size_t node, const char *line)
{
	if (h->up[node] && !h->frozen[node])
		type_line(h, node, line);
}

void
coop_configure(struct coop_hunt *h, size_t node, const char *lines)
{
	char line[160];

	if (!h->up[node] || h->frozen[node])
		return;
	type_line(h, node, "configure terminal");
	while (typist_next(&lines, line))
		type_line(h, node, line);
	type_line(h, node, "end");
	type_line(h, node, "write memory");
}

/* --- time and power --------------------------------------------------------------------------- */

void
coop_pass(struct coop_hunt *h, msec time)
{
	msec end = lab_now(h->lab) + time;

	while (!h->found && lab_step(h->lab, end)) {
		h->n_events++;
		coop_history_look(h);
	}
	lab_run_until(h->lab, end);
	coop_history_look(h);
}

void
coop_steps(struct coop_hunt *h, unsigned n)
{
	msec limit = lab_now(h->lab) + SECONDS(5);

	while (n-- && lab_step(h->lab, limit)) {
		h->n_events++;
		coop_history_look(h);
	}
}

void
coop_freeze(struct coop_hunt *h, size_t node, bool on)
{
	if (h->frozen[node] == on)
		return;
	h->frozen[node] = on;
	coop_tell(h, "%s %s", h->nodes[node].name, on ? "stands still" : "goes on");
	sim_node_freeze(lab_sim(h->lab), h->nodes[node].name, on);
}

void
coop_power(struct coop_hunt *h, size_t node, bool on)
{
	if (h->up[node] == on)
		return;
	coop_freeze(h, node, false);
	coop_tell(h, "%s goes %s", h->nodes[node].name, on ? "on" : "off");
	h->up[node] = on;
	h->boots[node] += on;
	h->booted[node] = lab_now(h->lab);
	h->booted_off[node] = h->clock_off[node];
	if (on && node < h->n_servers)
		coop_history_boots(h, node);
	if (on)
		lab_boot(h->lab, h->nodes[node].name);
	else
		lab_crash(h->lab, h->nodes[node].name);
}

void
coop_slow(struct coop_hunt *h, size_t server, msec time)
{
	coop_tell(h, "a call of %s to the store takes %lld ms", h->nodes[server].name,
	          (long long)time);
	h->slow[server] = time;
	lab_store_slow(h->lab, h->nodes[server].name, time);
}

#define PING_MARK "pingmark"

void
coop_ping(struct coop_hunt *h, size_t group, size_t from, size_t to)
{
	uint8_t p[64] = {0};
	struct ip4 ip = {.ttl = 64,
	                 .proto = 17,
	                 .total = sizeof(p),
	                 .id = (uint16_t)(++h->n_pings),
	                 .src = COOP_LOOP(group, from),
	                 .dst = COOP_LOOP(group, to)};

	packet_put16(p + 20, 4000);
	packet_put16(p + 22, 4000);
	packet_put16(p + 24, sizeof(p) - 20);
	memcpy(p + 40, PING_MARK, 8);
	ip4_write(p, &ip);
	if (h->up[coop_member_node(h, from)])
		sim_packet_send(lab_sim(h->lab), h->nodes[coop_member_node(h, from)].name,
		                SPAN(p, sizeof(p)));
}
