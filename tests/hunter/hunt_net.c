/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a seed, and what is typed into its routers. See hunt.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"
#include "tests/hunter/hunt.h"

static const char *const suites[] = {"esp-aes esp-sha-hmac", "esp-gcm", "esp-3des esp-sha-hmac",
                                     "esp-aes 256 esp-sha256-hmac"};

_Static_assert(HUNT_NODES <= TYPIST_NODES, "a console for each");

/* --- the story -------------------------------------------------------------------------------- */

void
hunt_tell(struct hunt *h, const char *format, ...)
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
hunt_report(struct hunt *h, const char *format, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	h->found++;
	hunt_tell(h, "!!! %s", line);
}

/* --- configurations --------------------------------------------------------------------------- */

static void
put_acl(struct text *t, const char *name, const struct acl *a)
{
	char line[128];

	text_printf(t, "ip access-list extended %s\n", name);
	for (size_t i = 0; i < a->n; i++) {
		hunt_line_text(&a->lines[i], line, sizeof(line));
		text_printf(t, " %s\n", line);
	}
}

static void
put_phase1(struct text *t)
{
	text_puts(t, "crypto isakmp policy 10\n encr aes\n hash sha256\n authentication pre-share\n"
	             " group 19\ncrypto isakmp key 0 hunted address 0.0.0.0 0.0.0.0\n");
}

static void
put_served(struct text *t, const struct hunt *h, size_t server, size_t group)
{
	const struct hunt_group *g = &h->groups[group];
	char name[64];

	for (size_t s = 0; s < g->n_sas; s++) {
		snprintf(name, sizeof(name), "ACL%zu%zu", group, s);
		put_acl(t, name, &g->versions[0].sas[s]);
	}
	text_printf(t,
	            "crypto ipsec transform-set T%zu %s\ncrypto ipsec profile P%zu\n"
	            " set security-association lifetime seconds %u\n set transform-set T%zu\n",
	            group, suites[g->suite], group, g->lifetime, group);
	text_printf(t,
	            "crypto gdoi group G%zu\n identity number %zu\n server local\n"
	            "  rekey algorithm aes 128\n  rekey lifetime seconds %u\n"
	            "  rekey retransmit 10 number 2\n"
	            "  rekey authentication mypubkey rsa KEY\n",
	            group, 100 + group, g->lifetime * 4);
	if (g->multicast)
		text_printf(t, "  rekey address ipv4 REKEY%zu\n", group);
	else
		text_puts(t, "  rekey transport unicast\n");
	if (h->faults && h->seed % 2)
		text_puts(t, "  rekey management-algorithm lkh\n");
	text_printf(t, "  address ipv4 10.0.0.%zu\n", 1 + server);
	if (g->versions[0].receive_only)
		text_puts(t, "  sa receive-only\n");
	for (size_t s = 0; s < g->n_sas; s++)
		text_printf(t,
		            "  sa ipsec %zu\n   profile P%zu\n   match address ipv4 ACL%zu%zu\n"
		            "   replay counter window-size 64\n",
		            s + 1, group, group, s);
	if (g->multicast)
		text_printf(t,
		            "ip access-list extended REKEY%zu\n"
		            " permit udp host 10.0.0.%zu eq 848 host 239.1.1.%zu eq 848\n",
		            group, 1 + server, 1 + group);
}

/*
 * In one seed of three routers pass multicast on by trees, as if somebody listened on all links; in
 * the others the network carries it everywhere.
 */
static void
put_trees(struct text *t, const struct hunt *h)
{
	static const char *const on[] = {HUNT_PORT, "FastEthernet0/1"};
	char a[ADDR_TEXT_MAX];

	if (h->seed % 3 != 2)
		return;
	text_puts(t, "ip multicast-routing\n");
	for (size_t i = 0; i < ARRAY_SIZE(on); i++) {
		text_printf(t, "interface %s\n ip pim dense-mode\n", on[i]);
		for (uint32_t k = 0; k < 2; k++)
			text_printf(t, " ip igmp static-group %s\n", addr_text(HUNT_MANY(k), a));
	}
}

static void
put_member(struct text *t, const struct hunt *h, size_t member)
{
	const struct hunt_member *m = &h->members[member];
	char name[64];

	put_phase1(t);
	for (size_t i = 0; i < m->n_entries; i++) {
		const struct hunt_map_entry *e = &m->entries[i];
		const struct hunt_group *g = &h->groups[e->group];

		text_printf(t, "crypto gdoi group G%d\n identity number %d\n", e->group,
		            100 + e->group);
		for (size_t s = 0; s < h->n_servers; s++)
			if (g->running[s] >= 0)
				text_printf(t, " server address ipv4 10.0.0.%zu\n", 1 + s);
		if (e->passive)
			text_puts(t, " passive\n");
		snprintf(name, sizeof(name), "LOCAL%zu", i);
		if (e->deny.n)
			put_acl(t, name, &e->deny);
		text_printf(t, "crypto map CMAP %zu gdoi\n set group G%d\n", (i + 1) * 10,
		            e->group);
		if (e->deny.n)
			text_printf(t, " match address %s\n", name);
	}
	if (m->fail_close) {
		if (m->door.n)
			put_acl(t, "DOOR", &m->door);
		text_puts(t, "crypto map CMAP gdoi fail-close\n");
		if (m->door.n)
			text_puts(t, " match address DOOR\n");
		text_puts(t, " activate\n");
	}
	text_puts(t, "interface FastEthernet0/0\n crypto map CMAP\n");
}

/* --- nodes and links -------------------------------------------------------------------------- */

static struct lab_interface *
give_interface(struct hunt *h, struct lab_node_spec *n, const char *name, uint32_t addr,
               uint8_t len)
{
	struct lab_interface *list = arena_alloc(h->arena, (n->n_interfaces + 1) * sizeof(*list));

	if (n->n_interfaces)
		memcpy(list, n->interfaces, n->n_interfaces * sizeof(*list));
	list[n->n_interfaces] =
	    (struct lab_interface){.name = name, .has_address = true, .addr = addr, .len = len};
	n->interfaces = list;
	return &list[n->n_interfaces++];
}

static void
give_route(struct hunt *h, struct lab_node_spec *n, uint32_t net, uint8_t len, uint32_t via)
{
	struct lab_route *list = arena_alloc(h->arena, (n->n_routes + 1) * sizeof(*list));

	if (n->n_routes)
		memcpy(list, n->routes, n->n_routes * sizeof(*list));
	list[n->n_routes++] = (struct lab_route){.to = {net, len}, .via = via};
	n->routes = list;
}

static void
give_routes(struct hunt *h, size_t node)
{
	size_t far = h->n_servers + h->n_members;

	for (size_t i = 0; i < h->n_members; i++) {
		if (hunt_member_node(h, i) == node)
			continue;
		give_route(h, &h->nodes[node], HUNT_LAN(i), 24, HUNT_CORE(hunt_member_node(h, i)));
		give_route(h, &h->nodes[node], HUNT_LOOP(i), 32, HUNT_CORE(hunt_member_node(h, i)));
	}
	if (node != far) /* and everything else */
		give_route(h, &h->nodes[node], 0, 0, HUNT_CORE(far));
}

static void
make_node(struct hunt *h, size_t node)
{
	struct lab_node_spec *n = &h->nodes[node];
	size_t far = h->n_servers + h->n_members, member = node - h->n_servers;
	struct text t = TEXT_INIT;

	n->kind = &device_router;
	n->name = node < h->n_servers ? arena_printf(h->arena, "KS%zu", node)
	          : node < far        ? arena_printf(h->arena, "GM%zu", member)
	          : node == far       ? "FAR"
	                              : "HOST";
	if (node <= far) {
		give_interface(h, n, HUNT_PORT, HUNT_CORE(node), 24);
		give_routes(h, node);
	}
	if (node < h->n_servers) {
		n->keys = typist_keys();
		put_phase1(&t);
		for (size_t g = 0; g < h->n_groups; g++)
			if (h->groups[g].running[node] >= 0)
				put_served(&t, h, node, g);
	} else if (node < far) {
		give_interface(h, n, "FastEthernet0/1", HUNT_LAN(member) + 1, 24);
		give_interface(h, n, "Loopback0", HUNT_LOOP(member), 32);
		put_member(&t, h, member);
		put_trees(&t, h);
	} else if (node == far) {
		put_trees(&t, h);
		give_interface(h, n, "FastEthernet0/1", (HUNT_FAR & ~255u) | 1, 24);
	} else {
		for (size_t i = 0; i < h->n_members; i++)
			give_interface(h, n, arena_printf(h->arena, "FastEthernet%zu/0", i + 1),
			               HUNT_LAN(i) + 5, 24);
		give_interface(h, n, HUNT_PORT, HUNT_FAR, 24);
		text_puts(&t, "no ip routing\n");
	}
	n->startup = arena_strdup(h->arena, text_string(&t));
	if (h->trace)
		printf("--- %s\n%s", n->name, n->startup);
	text_fini(&t);
}

static void
make_links(struct hunt *h)
{
	size_t far = h->n_servers + h->n_members;
	struct lab_link *links = arena_alloc(h->arena, (h->n_members + 2) * sizeof(*links));
	struct lab_end *core = arena_alloc(h->arena, (far + 1) * sizeof(*core));

	for (size_t i = 0; i <= far; i++)
		core[i] = (struct lab_end){h->nodes[i].name, HUNT_PORT};
	links[0] = (struct lab_link){"core", 1, far + 1, core};
	for (size_t i = 0; i <= h->n_members; i++) {
		struct lab_end *ends = arena_alloc(h->arena, 2 * sizeof(*ends));
		bool lan = i < h->n_members;

		ends[0] = (struct lab_end){h->nodes[lan ? hunt_member_node(h, i) : far].name,
		                           "FastEthernet0/1"};
		ends[1] = (struct lab_end){
		    "HOST", lan ? arena_printf(h->arena, "FastEthernet%zu/0", i + 1) : HUNT_PORT};
		links[i + 1] = (struct lab_link){
		    lan ? arena_printf(h->arena, "lan%zu", i) : "farlan", 1, 2, ends};
	}
	h->spec.links = links;
	h->spec.n_links = h->n_members + 2;
}

/* --- the dice --------------------------------------------------------------------------------- */

static void
make_groups(struct hunt *h)
{
	struct chance *c = &h->chance;

	for (size_t i = 0; i < h->n_groups; i++) {
		struct hunt_group *g = &h->groups[i];
		bool both = h->n_servers == 2 && chance_one_in(c, 3);
		int only = (int)(i % h->n_servers);

		g->n_sas = 1 + chance_of(c, HUNT_SAS);
		g->n_versions = 1;
		for (size_t s = 0; s < g->n_sas; s++)
			hunt_acl(h, &g->versions[0].sas[s], true);
		g->versions[0].receive_only = chance_one_in(c, 16);
		for (int s = 0; s < HUNT_SERVERS; s++)
			g->running[s] = g->startup[s] =
			    (size_t)s < h->n_servers && (both || s == only) ? 0 : -1;
		g->multicast = chance_one_in(c, 3);
		g->suite = (int)chance_of(c, ARRAY_SIZE(suites));
		g->lifetime = 300 + 60 * chance_of(c, 6);
	}
}

static void
make_members(struct hunt *h)
{
	struct chance *c = &h->chance;

	for (size_t i = 0; i < h->n_members; i++) {
		struct hunt_member *m = &h->members[i];

		m->n_entries = 1 + (h->n_groups == 2 && chance_one_in(c, 2));
		m->fail_close = chance_one_in(c, 4);
		if (m->fail_close && chance_one_in(c, 2))
			hunt_acl(h, &m->door, false);
		m->bound = true;
		m->foreign = chance_one_in(c, 6);
		for (size_t k = 0; k < m->n_entries; k++) {
			struct hunt_map_entry *e = &m->entries[k];

			e->group = m->n_entries == 2 ? (int)k : (int)(i % h->n_groups);
			e->passive = chance_one_in(c, 16);
			if (chance_one_in(c, 3))
				hunt_acl(h, &e->deny, false);
		}
	}
}

static void
on_refused(void *arg, const char *node, const char *file, unsigned line, const char *text)
{
	(void)file;
	hunt_report(arg, "GENERATOR: %s refuses its startup line %u: %s", node, line, text);
}

void
hunt_begin(struct hunt *h, uint64_t seed, uint32_t without, bool trace, bool faults)
{
	struct lab_options options = {
	    .seed = seed, .wall = TYPIST_WALL, .refused = on_refused, .arg = h};
	const char *error = "";

	memset(h, 0, sizeof(*h));
	h->seed = seed;
	h->focus = -1;
	h->trace = trace;
	h->faults = faults;
	h->without = without;
	h->chance.state = seed;
	h->chance.state = chance_next(&h->chance); /* neighbours are not the same story shifted */
	h->arena = arena_new();
	h->n_servers = 1 + chance_one_in(&h->chance, 3);
	h->n_members = 2 + chance_of(&h->chance, HUNT_MEMBERS - 1);
	h->n_groups = 1 + chance_one_in(&h->chance, 2);
	typist_keys();
	crypto_random_seed(seed);
	make_groups(h);
	make_members(h);
	h->spec = (struct lab_spec){.file = "hunt",
	                            .name = "hunt",
	                            .n_nodes = h->n_servers + h->n_members + 2,
	                            .nodes = h->nodes};
	for (size_t i = 0; i < h->spec.n_nodes; i++) {
		make_node(h, i);
		h->up[i] = true;
	}
	make_links(h);
	h->lab = lab_new(&h->spec, &options, &error);
	if (!h->lab) {
		hunt_report(h, "GENERATOR: no lab: %s", error);
		return;
	}
	hunt_watch(h);
}

void
hunt_end(struct hunt *h)
{
	if (h->lab)
		hunt_watch_end(h);
	hunt_fault_fini(h);
	typist_fini(&h->typist);
	lab_free(h->lab);
	text_fini(&h->story);
	arena_free(h->arena);
}

/* --- typing ----------------------------------------------------------------------------------- */

static void
pass_second(void *arg)
{
	hunt_pass(arg, SECONDS(1));
}

static void
type_line(struct hunt *h, size_t node, const char *line)
{
	struct typist *t = &h->typist;

	typist_line(t, h->lab, node, line, pass_second, h);
	hunt_tell(h, "%s# %s%s%s", h->nodes[node].name, line,
	          t->screen.n > 1 ? "\n            " : "", text_string(&t->screen));
}

void
hunt_command(struct hunt *h, size_t node, const char *line)
{
	if (h->up[node])
		type_line(h, node, line);
}

void
hunt_configure(struct hunt *h, size_t node, const char *lines)
{
	char line[160];

	if (!h->up[node])
		return;
	type_line(h, node, "configure terminal");
	while (typist_next(&lines, line))
		type_line(h, node, line);
	type_line(h, node, "end");
}

static void
pass_until(struct hunt *h, msec end)
{
	/* Vendor IDs come with a message; between two of them there is time to forget them. */
	bool foreign = hunt_make_foreign(h);

	while ((foreign || h->fault.corrupt || h->fault.again) && lab_step(h->lab, end)) {
		hunt_make_foreign(h);
		hunt_fault_step(h);
	}
	lab_run_until(h->lab, end);
}

void
hunt_pass(struct hunt *h, msec time)
{
	msec end = lab_now(h->lab) + time, next;

	while (h->faults && lab_now(h->lab) < end) {
		next = lab_now(h->lab) + SECONDS(10);
		pass_until(h, next < end ? next : end);
		hunt_fault_look(h);
	}
	pass_until(h, end);
}

void
hunt_power(struct hunt *h, size_t node, bool on)
{
	if (h->up[node] == on)
		return;
	hunt_tell(h, "%s goes %s", h->nodes[node].name, on ? "on" : "off");
	if (h->faults && !on) /* it takes with it what keys it has made last */
		hunt_fault_look(h);
	h->up[node] = on;
	if (on) {
		hunt_model_booted(h, node);
		lab_boot(h->lab, h->nodes[node].name);
	} else {
		lab_crash(h->lab, h->nodes[node].name);
	}
}
