/* SPDX-License-Identifier: Apache-2.0 */
/* `show ip route`, `show ip interface brief`, `show interfaces`, `show access-lists`. */
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
		uint64_t n = matches(arg, acl->name, a->seq);

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

static void
route_line(struct text *t, const struct host_route *r, bool subnet, bool mask, bool again)
{
	static const char letters[] = {
	    [ROUTE_CONNECTED] = 'C', [ROUTE_LOCAL] = 'L', [ROUTE_STATIC] = 'S'};
	char a[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX + 4];
	int n;

	n = mask ? snprintf(to, sizeof(to), "%s/%u", addr_text(r->to.addr, a), r->to.len)
	         : snprintf(to, sizeof(to), "%s", addr_text(r->to.addr, a));
	if (again)
		text_printf(t, "%*s", 6 + (subnet ? 3 : 0) + n, "");
	else
		text_printf(t, "%c%c    %s%s", letters[r->source], r->to.len ? ' ' : '*',
		            subnet ? "   " : "", to);
	if (r->source != ROUTE_STATIC || !r->via) {
		text_printf(t, " is directly connected, %s\n", r->interface);
		return;
	}
	text_printf(t, " [%u/%u] via %s", r->distance, r->metric, addr_text(r->via, a));
	if (r->interface[0] && r->interface[0] != '-' && r->source != ROUTE_STATIC)
		text_printf(t, ", %s", r->interface);
	text_puts(t, "\n");
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

void
show_ip_route(struct text *t, const struct host_route *routes, size_t n)
{
	struct host_route *r = n ? x_memdup(routes, n * sizeof(*routes)) : NULL;
	const struct host_route *gateway = NULL;
	char a[ADDR_TEXT_MAX];

	if (n)
		qsort(r, n, sizeof(*r), route_order);
	if (n && !r[0].to.len)
		gateway = &r[0];
	text_puts(t, codes);
	if (gateway)
		text_printf(t, "Gateway of last resort is %s to network 0.0.0.0\n\n",
		            addr_text(gateway->via, a));
	else
		text_puts(t, "Gateway of last resort is not set\n\n");
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
	free(r);
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
		            ifs[i].configured ? "manual" : "unset",
		            !ifs[i].admin_up ? "administratively down"
		            : ifs[i].line_up ? "up"
		                             : "down",
		            ifs[i].admin_up && ifs[i].line_up ? "up" : "down");
	device_table(t, ifs, n);
}

void
show_interface(struct text *t, const struct host_interface *i)
{
	bool up = i->admin_up && i->line_up;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "%s is %s, line protocol is %s \n", i->name,
	            !i->admin_up ? "administratively down"
	            : up         ? "up"
	                         : "down",
	            up ? "up" : "down");
	if (i->has_address)
		text_printf(t, "  Internet address is %s/%u\n", addr_text(i->addr, a), i->len);
	text_printf(t, "  MTU %u bytes\n", i->mtu);
	text_printf(t, "     %" PRIu64 " packets input, %" PRIu64 " bytes\n", i->in_packets,
	            i->in_bytes);
	text_printf(t, "     %" PRIu64 " packets output, %" PRIu64 " bytes, %" PRIu64 " drops\n",
	            i->out_packets, i->out_bytes, i->drops);
}
