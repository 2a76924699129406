/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to the network of a seed. See hunt.h. */
#include <stdio.h>
#include <string.h>

#include "tests/hunter/hunt.h"

static size_t
any_server(struct hunt *h)
{
	return hunt_server_node(chance_of(&h->chance, (uint32_t)h->n_servers));
}

/* Some member; for a while the traffic goes to and from it. */
static size_t
any_member(struct hunt *h)
{
	h->focus = (int)chance_of(&h->chance, (uint32_t)h->n_members);
	return (size_t)h->focus;
}

/* --- what servers are told -------------------------------------------------------------------- */

static void
server_commands(struct hunt *h)
{
	static const char *const commands[] = {
	    "crypto gdoi ks rekey",
	    "crypto gdoi ks rekey",
	    "crypto gdoi ks rekey replace-now",
	    "clear crypto gdoi ks members",
	    "clear crypto gdoi ks members now",
	    "clear crypto gdoi ks policy",
	    "clear crypto gdoi",
	    "clear crypto isakmp",
	};

	hunt_command(h, any_server(h), commands[chance_of(&h->chance, ARRAY_SIZE(commands))]);
}

/* Adds or removes a line of a list that a server serves, which makes another version. */
static void
policy_edit(struct hunt *h)
{
	size_t server = any_server(h), group = chance_of(&h->chance, (uint32_t)h->n_groups);
	struct hunt_group *g = &h->groups[group];
	size_t sa = chance_of(&h->chance, (uint32_t)g->n_sas);
	char line[128], text[200];
	struct version *v;
	struct selector s;
	struct acl *a;

	if (!h->up[server] || g->running[server] < 0 || g->n_versions == HUNT_VERSIONS)
		return;
	v = &g->versions[g->n_versions];
	*v = g->versions[g->running[server]];
	a = &v->sas[sa];
	if (g->absent[server][sa])
		a->n = 0;
	else if (!a->n)
		return; /* this policy was taken away */
	s = hunt_selector(h, !chance_one_in(&h->chance, 3));
	if (a->n < HUNT_LINES && !hunt_acl_has(a, &s)) {
		a->lines[a->n++] = s;
		hunt_line_text(&s, line, sizeof(line));
		snprintf(text, sizeof(text), "ip access-list extended ACL%zu%zu\n%s", group, sa,
		         line);
	} else if (chance_one_in(&h->chance, 3) && g->n_sas > 1) {
		a->n = 0;
		snprintf(text, sizeof(text),
		         "crypto gdoi group G%zu\nserver local\nno sa ipsec %zu", group, sa + 1);
	} else if (a->n > 1) {
		size_t i = chance_of(&h->chance, (uint32_t)a->n);

		hunt_line_text(&a->lines[i], line, sizeof(line));
		memmove(&a->lines[i], &a->lines[i + 1], (a->n - i - 1) * sizeof(*a->lines));
		a->n--;
		snprintf(text, sizeof(text), "ip access-list extended ACL%zu%zu\nno %s", group, sa,
		         line);
	} else {
		return;
	}
	g->absent[server][sa] = false;
	g->running[server] = (int)g->n_versions++;
	hunt_poll(h);
	hunt_configure(h, server, text);
	if (chance_one_in(&h->chance, 2)) {
		hunt_command(h, server, "write memory");
		for (size_t i = 0; i < h->n_groups; i++)
			h->groups[i].startup[server] = h->groups[i].running[server];
	}
}

/* --- what members are told -------------------------------------------------------------------- */

static void
member_commands(struct hunt *h)
{
	static const char *const commands[] = {
	    "clear crypto gdoi",
	    "clear crypto isakmp",
	    "clear crypto sa",
	    "clear crypto session",

	};
	size_t member = any_member(h);

	h->members[member].epoch++;
	hunt_command(h, hunt_member_node(h, member),
	             commands[chance_of(&h->chance, ARRAY_SIZE(commands))]);
}

static void
change_direction(struct hunt *h)
{
	static const char *const words[] = {"both", "inbound optional", "inbound only"};
	size_t member = any_member(h);
	struct hunt_member *m = &h->members[member];
	struct hunt_map_entry *e = &m->entries[chance_of(&h->chance, (uint32_t)m->n_entries)];
	uint32_t which = chance_one_in(&h->chance, 2) ? 0 : chance_of(&h->chance, 3);
	char line[80];

	if (!h->up[hunt_member_node(h, member)])
		return;
	/* "both" takes back what was said before: passive is configured elsewhere. */
	e->direction = (enum sa_direction)which;
	snprintf(line, sizeof(line), "crypto gdoi gm group G%d ipsec direction %s", e->group,
	         words[which]);
	hunt_command(h, hunt_member_node(h, member), line);
}

/* A line more in a member's own list of denies. */
static void
local_deny(struct hunt *h)
{
	size_t member = any_member(h);
	struct hunt_member *m = &h->members[member];
	size_t i = chance_of(&h->chance, (uint32_t)m->n_entries);
	struct acl *a = &m->entries[i].deny;
	struct selector s = hunt_selector(h, false);
	char line[128], text[200];

	if (!h->up[hunt_member_node(h, member)] || !m->bound || !a->n || a->n == HUNT_LINES ||
	    hunt_acl_has(a, &s))
		return;
	a->lines[a->n++] = s;
	hunt_line_text(&s, line, sizeof(line));
	snprintf(text, sizeof(text), "ip access-list extended LOCAL%zu\n%s", i, line);
	hunt_configure(h, hunt_member_node(h, member), text);
	if (!m->mistaken)
		hunt_command(h, hunt_member_node(h, member), "write memory");
}

/* Takes the crypto map off the interface, the one way to take protection away, or puts it back. */
static void
toggle_map(struct hunt *h)
{
	size_t member = any_member(h), node = hunt_member_node(h, member);

	if (!h->up[node])
		return;
	if (h->members[member].bound) {
		hunt_poll(h);
		hunt_model_unbound(h, member);
		hunt_configure(h, node, "interface FastEthernet0/0\nno crypto map");
	} else {
		h->members[member].bound = true;
		hunt_configure(h, node, "interface FastEthernet0/0\ncrypto map CMAP");
	}
}

/* None of these may open anything: they are refused, or what was stays, or the door shuts. */
static const char *const mistakes[] = {
    "interface FastEthernet0/0\ncrypto map CMAPA",
    "interface FastEthernet0/0\ncrypto map cmap",
    "no crypto map CMAP",
    "no crypto map CMAP 10",
    "no crypto map CMAP 10 gdoi",
    "no crypto map CMAP gdoi fail-close",
    "crypto map CMAP 10 gdoi\nno set group",
    "crypto map CMAP 10 gdoi\nset group NOWHERE",
    "crypto map CMAP 5 gdoi",
    "crypto map CMAP 10 gdoi\nno match address LOCAL0",
    "crypto map CMAP 10 gdoi\nmatch address NOWHERE",
    "no crypto gdoi group G0",
    "no crypto gdoi group G1",
    "crypto gdoi group G0\nno identity number 100",
    "crypto gdoi group G0\nidentity number 999",
    "crypto gdoi group G0\nno server address ipv4 10.0.0.1",
    "crypto gdoi group G0\nserver local",
    "no ip access-list extended LOCAL0",
    "no ip access-list extended DOOR",
    "no crypto isakmp policy 10",
    "no crypto isakmp key 0 hunted address 0.0.0.0 0.0.0.0",
    "no crypto isakmp enable",
    "interface FastEthernet0/0\nip address dhcp",
    "interface FastEthernet0/0\nno ip address\nip address @core 255.255.255.0",
    "interface FastEthernet0/0\nshutdown\nno shutdown",
    "no interface FastEthernet0/0",
    "no interface Loopback0",
    "default interface FastEthernet0/0",
    "no ip routing\nip routing",
};

static void
member_mistake(struct hunt *h)
{
	size_t member = any_member(h), node = hunt_member_node(h, member);
	const char *text = mistakes[chance_of(&h->chance, ARRAY_SIZE(mistakes))];
	const char *core = strstr(text, "@core");
	char line[200], addr[ADDR_TEXT_MAX];

	h->members[member].epoch++;
	h->members[member].mistaken = true;
	if (strstr(text, "fail-close"))
		h->members[member].fail_close_gone = true;
	if (core) {
		snprintf(line, sizeof(line), "%.*s%s%s", (int)(core - text), text,
		         addr_text(HUNT_CORE(node), addr), core + 5);
		text = line;
	}
	hunt_configure(h, node, text);
}

static void
server_mistake(struct hunt *h)
{
	static const char *const texts[] = {
	    "no ip access-list extended ACL00",
	    "no ip access-list extended ACL10",
	    "no crypto ipsec profile P0",
	    "no crypto ipsec transform-set T0",
	    "crypto gdoi group G0\nserver local\nsa ipsec 1\nno match address ipv4 ACL00",
	    "crypto gdoi group G0\nserver local\nsa ipsec 1\nno profile P0",
	    "crypto gdoi group G0\nserver local\nsa ipsec 1\nprofile NOWHERE",
	    "crypto gdoi group G0\nserver local\nno address ipv4 10.0.0.1",
	    "crypto gdoi group G0\nserver local\nno rekey authentication mypubkey rsa KEY",
	    "crypto gdoi group G0\nno server local",
	    "no crypto gdoi group G0",
	    "no crypto isakmp policy 10",
	};

	uint32_t which = chance_of(&h->chance, ARRAY_SIZE(texts));
	size_t server = any_server(h);

	hunt_poll(h);
	if (h->up[server])
		for (size_t i = 0; i < h->n_groups; i++)
			h->groups[i].broken = true;
	hunt_configure(h, server, texts[which]);
	if (which < 2 && h->up[server])
		h->groups[which].absent[server][0] = true;
}

/* Goes back to the saved configuration, by one of the ways there are. */
static void
restore_startup(struct hunt *h)
{
	size_t member = any_member(h), node = hunt_member_node(h, member);

	if (!h->up[node])
		return;
	h->members[member].epoch++;
	hunt_command(h, node,
	             chance_one_in(&h->chance, 3) ? "copy startup-config running-config"
	                                          : "configure replace nvram:startup-config force");
	h->members[member].bound = true;
}

/* --- the world -------------------------------------------------------------------------------- */

static void
cycle_power(struct hunt *h)
{
	size_t node = chance_of(&h->chance, (uint32_t)(h->n_servers + h->n_members));

	if (h->up[node]) {
		hunt_power(h, node, false);
		hunt_pass(h, SECONDS(chance_one_in(&h->chance, 2) ? 1 : 700));
	}
	hunt_power(h, node, true);
	hunt_pass(h, chance_one_in(&h->chance, 2) ? 5 : SECONDS(2));
}

static void
move_cable(struct hunt *h)
{
	size_t node = chance_of(&h->chance, (uint32_t)(h->n_servers + h->n_members));

	h->cut[node] = !h->cut[node];
	hunt_tell(h, "%s is %s", h->nodes[node].name, h->cut[node] ? "cut off" : "back");
	lab_link_set(h->lab, h->nodes[node].name, HUNT_PORT, !h->cut[node]);
}

static void
wait_long(struct hunt *h)
{
	static const unsigned times[] = {1, 5, 30, 30, 120, 400, 1200, 4000};
	unsigned time = times[chance_of(&h->chance, ARRAY_SIZE(times))];

	hunt_tell(h, "%u seconds pass", time);
	hunt_pass(h, SECONDS(time));
}

static const struct {
	const char *name;
	void (*happens)(struct hunt *h);
	uint32_t weight, faults; /* how likely it is; in the fault matrix */
} events[] = {
    {"server-commands", server_commands, 2, 3},
    {"policy-edit", policy_edit, 2, 1},
    {"member-commands", member_commands, 1, 1},
    {"direction", change_direction, 1, 0},
    {"local-deny", local_deny, 1, 0},
    {"unbind", toggle_map, 1, 0},
    {"member-mistake", member_mistake, 2, 0},
    {"server-mistake", server_mistake, 1, 0},
    {"replace", restore_startup, 1, 0},
    {"power", cycle_power, 1, 2},
    {"cable", move_cable, 1, 3},
    {"wait", wait_long, 3, 3},
    {"push", hunt_push, 2, 0},
    {"noise", hunt_fault_noise, 0, 4},
    {"clock", hunt_fault_clock, 0, 2},
    {"store", hunt_fault_store, 0, 2},
    {"crash", hunt_fault_crash, 0, 4},
};

uint32_t
hunt_event_bit(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (strcmp(events[i].name, name) == 0)
			return 1u << i;
	return 0;
}

static uint32_t
weight_of(const struct hunt *h, size_t event)
{
	if (h->without >> event & 1)
		return 0;
	return h->faults ? events[event].faults : events[event].weight;
}

void
hunt_event(struct hunt *h)
{
	uint32_t all = 0, n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		all += weight_of(h, i);
	n = chance_of(&h->chance, all);
	for (i = 0;; i++) {
		uint32_t weight = weight_of(h, i);

		if (n < weight)
			break;
		n -= weight;
	}
	events[i].happens(h);
}
