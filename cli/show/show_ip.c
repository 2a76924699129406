/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip route`, `show ip interface brief`, `show access-lists`. */
#include "cli/show/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- access lists ----------------------------------------------------------------------------- */

void
show_access_list(struct text *t, const struct policy_acl *acl,
                 uint64_t (*matches)(void *arg, const char *acl, uint32_t seq), void *arg)
{
	text_printf(t, "%s IP access list %s\n", acl->standard ? "Standard" : "Extended",
	            acl->name);
	for (size_t i = 0; i < acl->n_aces; i++) {
		const struct policy_ace *a = &acl->aces[i];
		uint64_t n;

		/* Those of one line with object groups are shown as that line. */
		if (i && acl->aces[i - 1].seq == a->seq)
			continue;
		n = matches(arg, acl->name, a->seq);
		text_printf(t, "    %" PRIu32 " %s", a->seq, a->text);
		if (n)
			text_printf(t, " (%" PRIu64 " match%s)", n, n == 1 ? "" : "es");
		text_puts(t, "\n");
	}
}

/* --- routes ----------------------------------------------------------------------------------- */

static const char codes[] =
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP\n"
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n"
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2\n"
    "       E1 - OSPF external type 1, E2 - OSPF external type 2\n"
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2\n"
    "       ia - IS-IS inter area, * - candidate default, U - per-user static route\n"
    "       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP\n"
    "       + - replicated route, % - next hop override\n\n";

/* Length of the network by the class of its address; 0 for what has no class. */
static uint8_t
class_len(uint32_t addr)
{
	if (!(addr >> 31))
		return 8;
	if (addr >> 30 == 2)
		return 16;
	return addr >> 29 == 6 ? 24 : 0;
}

bool
show_is_classful(uint32_t addr, uint32_t mask)
{
	return class_len(addr) && mask == prefix_mask(class_len(addr));
}

static int
route_order(const void *a, const void *b)
{
	const struct host_route *x = a, *y = b;

	if (x->to.addr != y->to.addr)
		return x->to.addr < y->to.addr ? -1 : 1;
	if (x->to.len != y->to.len)
		return x->to.len < y->to.len ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->via < y->via ? -1 : x->via > y->via;
}

static bool
same_prefix(const struct host_route *a, const struct host_route *b)
{
	return a->to.addr == b->to.addr && a->to.len == b->to.len;
}

/* A loopback's own /32 is connected and local at once: IOS prints it once. */
static bool
is_redundant(const struct host_route *routes, size_t i)
{
	return i && routes[i].source == ROUTE_LOCAL && same_prefix(&routes[i], &routes[i - 1]);
}

#define ROUTE_MEMORY 32 /* octets, as much as anybody wants to know */

const char *
show_age_text(msec age, char buf[static SHOW_AGE_MAX])
{
	long long s = age / 1000;

	if (s < 86400)
		snprintf(buf, SHOW_AGE_MAX, "%02lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else if (s < 7 * 86400)
		snprintf(buf, SHOW_AGE_MAX, "%lldd%02lldh", s / 86400, s / 3600 % 24);
	else
		snprintf(buf, SHOW_AGE_MAX, "%lldw%lldd", s / (7 * 86400), s / 86400 % 7);
	return buf;
}

/* "O*E2  ", "C     ": what told it, and whether packets without a better route go there. */
static void
route_code(struct text *t, const struct host_route *r)
{
	static const char *const letters[] = {
	    [ROUTE_CONNECTED] = "C", [ROUTE_LOCAL] = "L", [ROUTE_STATIC] = "S"};
	bool learned = r->source == ROUTE_LEARNED;

	text_printf(t, "%s%c%-2s  ",
	            learned ? routing_kind_names[r->kind].code : letters[r->source],
	            r->to.len ? ' ' : '*', learned ? routing_kind_names[r->kind].more : "");
}

/* The VRF that it leads into. */
static void
put_other(struct text *t, const struct host_route *r)
{
	if (r->other)
		text_printf(t, " (%s)", r->other);
}

static void
route_way(struct text *t, const struct host_route *r)
{
	char a[ADDR_TEXT_MAX], age[SHOW_AGE_MAX];

	if (r->source == ROUTE_LEARNED && !r->via) {
		text_printf(t, " is %s", r->other ? "directly connected" : "a summary");
		put_other(t, r);
		text_printf(t, ", %s, %s\n", show_age_text(r->age, age), r->interface);
		return;
	}
	if ((r->source != ROUTE_STATIC && r->source != ROUTE_LEARNED) || !r->via) {
		text_printf(t, " is directly connected, %s\n", r->interface);
		return;
	}
	text_printf(t, " [%u/%" PRIu32 "] via %s", r->distance, r->metric, addr_text(r->via, a));
	put_other(t, r);
	if (r->source == ROUTE_LEARNED)
		text_printf(t, ", %s", show_age_text(r->age, age));
	if (r->interface[0] && r->interface[0] != '-' && r->source != ROUTE_STATIC)
		text_printf(t, ", %s", r->interface);
	text_puts(t, "\n");
}

static void
route_line(struct text *t, const struct host_route *r, bool subnet, bool mask, bool again)
{
	char a[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX + 4];
	int n;

	n = mask ? snprintf(to, sizeof(to), "%s/%u", addr_text(r->to.addr, a), r->to.len)
	         : snprintf(to, sizeof(to), "%s", addr_text(r->to.addr, a));
	if (again) {
		text_printf(t, "%*s", 6 + (subnet ? 3 : 0) + n, "");
	} else {
		route_code(t, r);
		text_printf(t, "%s%s", subnet ? "   " : "", to);
	}
	route_way(t, r);
}

/* Routes i..end lie in one network of its class. */
static void
show_network(struct text *t, const struct host_route *r, size_t i, size_t end, uint8_t len)
{
	uint64_t lens = 0;
	size_t subnets = 0, masks = 0;
	bool header = false;
	char a[ADDR_TEXT_MAX];

	for (size_t k = i; k < end; k++) {
		if (k > i && same_prefix(&r[k], &r[k - 1]))
			continue;
		subnets++;
		header = header || r[k].to.len != len;
		masks += !(lens >> r[k].to.len & 1);
		lens |= UINT64_C(1) << r[k].to.len;
	}
	if (header && masks > 1)
		text_printf(t, "      %s/%u is variably subnetted, %zu subnets, %zu masks\n",
		            addr_text(r[i].to.addr & prefix_mask(len), a), len, subnets, masks);
	else if (header)
		text_printf(t, "      %s/%u is subnetted, %zu subnets\n",
		            addr_text(r[i].to.addr & prefix_mask(len), a), r[i].to.len, subnets);
	for (size_t k = i; k < end; k++)
		if (!is_redundant(r, k))
			route_line(t, &r[k], header, !header || masks > 1,
			           k > i && same_prefix(&r[k], &r[k - 1]));
}

/* The lines of one table; r is sorted. */
static void
show_networks(struct text *t, const struct host_route *r, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		uint8_t len = class_len(r[i].to.addr);

		end = i + 1;
		if (!len || r[i].to.len < len) { /* the default route, a supernet */
			route_line(t, &r[i], false, true, i && same_prefix(&r[i], &r[i - 1]));
			continue;
		}
		while (end < n &&
		       prefix_contains((struct prefix){r[i].to.addr & prefix_mask(len), len},
		                       r[end].to.addr))
			end++;
		show_network(t, r, i, end, len);
	}
}

bool
show_route_is_within(const struct host_route *r, uint32_t addr, uint8_t len)
{
	return r->to.len >= len &&
	       prefix_contains((struct prefix){addr & prefix_mask(len), len}, r->to.addr);
}

static bool
is_wanted(const struct host_route *r, const struct show_routes *want)
{
	if (want->longer && !show_route_is_within(r, want->within.addr, want->within.len))
		return false;
	switch (want->source) {
	case SHOW_ROUTES_STATIC:
		return r->source == ROUTE_STATIC;
	case SHOW_ROUTES_CONNECTED:
		return r->source == ROUTE_CONNECTED || r->source == ROUTE_LOCAL;
	case SHOW_ROUTES_LEARNED:
		return r->source == ROUTE_LEARNED &&
		       strcmp(routing_kind_names[r->kind].protocol, want->protocol) == 0;
	case SHOW_ROUTES_ALL:
		break;
	}
	return true;
}

void
show_ip_route(struct text *t, const struct host_route *routes, size_t n,
              const struct show_routes *want)
{
	struct host_route *r = n ? x_memdup(routes, n * sizeof(*routes)) : NULL;
	size_t wanted = 0;
	char a[ADDR_TEXT_MAX];

	if (n)
		qsort(r, n, sizeof(*r), route_order);
	text_puts(t, codes);
	if (n && !r[0].to.len)
		text_printf(t, "Gateway of last resort is %s to network 0.0.0.0\n\n",
		            addr_text(r[0].via, a));
	else
		text_puts(t, "Gateway of last resort is not set\n\n");
	for (size_t i = 0; i < n; i++)
		if (is_wanted(&r[i], want))
			r[wanted++] = r[i];
	show_networks(t, r, wanted);
	free(r);
}

/* --- one route -------------------------------------------------------------------------------- */

const struct host_route *
show_route_find(const struct host_route *routes, size_t n, uint32_t addr, const uint8_t *len)
{
	const struct host_route *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct host_route *r = &routes[i];
		bool matches = len ? r->to.len == *len && r->to.addr == (addr & prefix_mask(*len))
		                   : r->to.len && prefix_contains(r->to, addr);

		if (matches && (!best || r->to.len > best->to.len))
			best = r;
	}
	return best;
}

bool
show_network_is_known(const struct host_route *routes, size_t n, uint32_t addr)
{
	uint8_t len = class_len(addr);

	for (size_t i = 0; i < n; i++)
		if (routes[i].to.len >= len && len &&
		    (routes[i].to.addr & prefix_mask(len)) == (addr & prefix_mask(len)))
			return true;
	return false;
}

/* "ospf 1", "rip", "static" */
static void
known_via(struct text *t, const struct host_route *r)
{
	if (r->source != ROUTE_LEARNED)
		text_puts(t, r->source == ROUTE_STATIC ? "static" : "connected");
	else if (r->process)
		text_printf(t, "%s %" PRIu32, routing_kind_names[r->kind].protocol, r->process);
	else
		text_puts(t, routing_kind_names[r->kind].protocol);
}

/* What is said of a learned one beside its distance. */
static void
learned_heading(struct text *t, const struct host_route *r)
{
	char a[ADDR_TEXT_MAX], age[SHOW_AGE_MAX];

	if (r->tag)
		text_printf(t, "\n  Tag %" PRIu32, r->tag);
	if (*routing_kind_names[r->kind].type)
		text_printf(t, ", type %s", routing_kind_names[r->kind].type);
	if (r->via && r->interface[0])
		text_printf(t, "\n  Last update from %s on %s, %s ago", addr_text(r->via, a),
		            r->interface, show_age_text(r->age, age));
}

static void
entry_heading(struct text *t, const struct host_route *r)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Routing entry for %s/%u%s\n", addr_text(r->to.addr, a), r->to.len,
	            r->to.len < class_len(r->to.addr) ? ", supernet" : "");
	text_puts(t, "  Known via \"");
	known_via(t, r);
	text_printf(t, "\", distance %u, metric %" PRIu32 "%s%s", r->distance, r->metric,
	            r->to.len ? "" : ", candidate default path",
	            r->source == ROUTE_CONNECTED           ? " (connected, via interface)"
	            : r->source == ROUTE_LOCAL             ? " (connected)"
	            : r->source == ROUTE_STATIC && !r->via ? " (connected)"
	                                                   : "");
	if (r->source == ROUTE_LEARNED)
		learned_heading(t, r);
	text_puts(t, "\n");
}

static void
entry_block(struct text *t, const struct host_route *r, bool first)
{
	char a[ADDR_TEXT_MAX], from[ADDR_TEXT_MAX], age[SHOW_AGE_MAX];

	if (!r->via)
		text_printf(t, "  %c directly connected, via %s\n", first ? '*' : ' ',
		            r->interface);
	else if (r->source == ROUTE_LEARNED)
		text_printf(t, "  %c %s, from %s, %s ago%s%s\n", first ? '*' : ' ',
		            addr_text(r->via, a), addr_text(r->from, from),
		            show_age_text(r->age, age), r->interface[0] ? ", via " : "",
		            r->interface);
	else
		text_printf(t, "  %c %s\n", first ? '*' : ' ', addr_text(r->via, a));
	text_printf(t, "      Route metric is %" PRIu32 ", traffic share count is 1\n", r->metric);
}

/* Our own addresses are received; what a connected network's route holds is attached. */
void
show_ip_cef(struct text *t, const struct host_route *routes, size_t n)
{
	text_puts(t, "Prefix               Next Hop             Interface\n");
	for (size_t i = 0; i < n; i++) {
		const struct host_route *r = &routes[i];
		char to[ADDR_TEXT_MAX + 4], a[ADDR_TEXT_MAX];

		snprintf(to, sizeof(to), "%s/%u", addr_text(r->to.addr, a), r->to.len);
		text_printf(t, "%-20s %-20s %s\n", to,
		            r->source == ROUTE_LOCAL ? "receive"
		            : !r->via                ? "attached"
		                                     : addr_text(r->via, a),
		            r->interface);
	}
}

void
show_ip_route_entry(struct text *t, const struct host_route *routes, size_t n,
                    const struct host_route *r)
{
	entry_heading(t, r);
	text_puts(t, "  Routing Descriptor Blocks:\n");
	for (size_t i = 0; i < n; i++)
		if (same_prefix(&routes[i], r) && routes[i].source == r->source)
			entry_block(t, &routes[i], &routes[i] == r);
}

void
show_ip_route_summary(struct text *t, const struct host_route *routes, size_t n)
{
	struct {
		const char *name;
		size_t networks, subnets;
	} row[3 + ROUTING_KINDS] = {{"connected", 0, 0}, {"static", 0, 0}};
	size_t rows = 2;

	for (size_t i = 0; i < n; i++) {
		const char *name = routes[i].source == ROUTE_LEARNED
		                       ? routing_kind_names[routes[i].kind].protocol
		                   : routes[i].source == ROUTE_STATIC ? "static"
		                                                      : "connected";
		bool subnet = routes[i].to.len > class_len(routes[i].to.addr);
		size_t r = 0;

		if (i && same_prefix(&routes[i], &routes[i - 1]) &&
		    routes[i].source == ROUTE_LEARNED)
			continue; /* one more way of the same */
		while (r < rows && strcmp(row[r].name, name) != 0)
			r++;
		if (r == rows)
			row[rows++].name = name;
		row[r].subnets += subnet;
		row[r].networks += !subnet;
	}
	row[rows].name = "Total";
	for (size_t r = 0; r < rows; r++) {
		row[rows].subnets += row[r].subnets;
		row[rows].networks += row[r].networks;
	}
	text_puts(
	    t, "IP routing table name is default (0x0)\n"
	       "IP routing table maximum-paths is 1\n"
	       "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)\n");
	for (size_t i = 0; i <= rows; i++)
		text_printf(t, "%-15s %-11zu %-11zu %-11d %-11d %zu\n", row[i].name,
		            row[i].networks, row[i].subnets, 0, 0,
		            (row[i].networks + row[i].subnets) * ROUTE_MEMORY);
}

/* --- interfaces ------------------------------------------------------------------------------- */

/* On Linux: which of the kernel's devices each interface is. */
static void
device_table(struct text *t, const struct host_interface *ifs, size_t n)
{
	bool titled = false;

	for (size_t i = 0; i < n; i++) {
		if (!ifs[i].device)
			continue;
		if (!titled)
			text_puts(t, "\nInterface              Device\n");
		titled = true;
		text_printf(t, "%-22s %s\n", ifs[i].name, ifs[i].device);
	}
}

void
show_ip_interface_brief(struct text *t, const struct host_interface *ifs, size_t n)
{
	char a[ADDR_TEXT_MAX];

	text_puts(t, "Interface              IP-Address      OK? Method Status                "
	             "Protocol\n");
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%-22s %-15s YES %-6s %-21s %-8s\n", ifs[i].name,
		            ifs[i].has_address ? addr_text(ifs[i].addr, a) : "unassigned",
		            ifs[i].dhcp         ? "DHCP"
		            : ifs[i].configured ? "manual"
		                                : "unset",
		            !ifs[i].admin_up ? "administratively down"
		            : ifs[i].line_up ? "up"
		                             : "down",
		            ifs[i].admin_up && ifs[i].line_up ? "up" : "down");
	device_table(t, ifs, n);
}

/* --- neighbours ------------------------------------------------------------------------------- */

static void
arp_line(struct text *t, uint32_t addr, msec age, const uint8_t *mac, const char *interface)
{
	char a[ADDR_TEXT_MAX], minutes[24] = "-", hardware[24] = "Incomplete    ";

	if (age >= 0)
		snprintf(minutes, sizeof(minutes), "%lld", (long long)(age / 60000));
	if (mac)
		show_mac_text(mac, hardware);
	text_printf(t, "Internet  %-15s  %9s   %s  ARPA   %s\n", addr_text(addr, a), minutes,
	            hardware, mac ? interface : "");
}

void
show_arp(struct text *t, const struct host_neighbor *list, size_t n,
         const struct host_interface *ifs, size_t n_ifs)
{
	text_puts(t, "Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n");
	for (size_t i = 0; i < n_ifs; i++)
		if (ifs[i].has_mac && ifs[i].has_address)
			arp_line(t, ifs[i].addr, -1, ifs[i].mac, ifs[i].name);
	for (size_t i = 0; i < n; i++)
		arp_line(t, list[i].addr,
		         list[i].permanent  ? -1
		         : list[i].resolved ? list[i].age
		                            : 0,
		         list[i].resolved ? list[i].mac : NULL, list[i].interface);
}
