/* SPDX-License-Identifier: Apache-2.0 */
/* Random policies for the hunter, and their text. See hunt.h. */
#include <stdio.h>
#include <string.h>

#include "tests/hunter/hunt.h"

static const uint8_t protos[] = {1, 6, 17, 47};
static const uint16_t ports[] = {53, 80, 848, 500, 4000};

static void
draw_network(struct hunt *h, bool many, uint32_t *ret_addr, uint32_t *ret_mask)
{
	uint32_t member = chance_of(&h->chance, (uint32_t)h->n_members);
	const struct {
		uint32_t addr, mask;
	} nets[] = {
	    {0, 0},
	    {0x0a0a0000, 0xffff0000},
	    {0xac100000, 0xffff0000},
	    {0x0a000000, 0xffffff00},
	    {0x0a0a0005, 0xffff00ff},
	    {HUNT_LAN(member), 0xffffff00},
	    {HUNT_LAN(member) + 5, 0xffffffff},
	    {HUNT_LOOP(member), 0xffffffff},
	    {0x0a000000, 0xff000000},
	};
	size_t i = chance_of(&h->chance, ARRAY_SIZE(nets));

	*ret_addr = nets[i].addr;
	*ret_mask = nets[i].mask;
	if (many && chance_one_in(&h->chance, 4)) {
		*ret_mask = chance_one_in(&h->chance, 2) ? 0xffff0000 : UINT32_MAX;
		*ret_addr = HUNT_MANY(chance_of(&h->chance, 2)) & *ret_mask;
	}
}

struct selector
hunt_selector(struct hunt *h, bool permit)
{
	struct selector s = {.permit = permit};

	draw_network(h, false, &s.src, &s.src_mask);
	draw_network(h, true, &s.dst, &s.dst_mask);
	if (chance_of(&h->chance, 5) < (permit ? 3 : 1))
		return s;
	s.proto = protos[chance_of(&h->chance, ARRAY_SIZE(protos))];
	if (s.proto != 6 && s.proto != 17)
		return s;
	if (chance_one_in(&h->chance, 2))
		s.dport = ports[chance_of(&h->chance, ARRAY_SIZE(ports))];
	if (chance_one_in(&h->chance, 4))
		s.sport = ports[chance_of(&h->chance, ARRAY_SIZE(ports))];
	return s;
}

/* The same words but for permit and deny count as the same line: no list has both. */
bool
hunt_acl_has(const struct acl *a, const struct selector *s)
{
	for (size_t i = 0; i < a->n; i++) {
		struct selector other = a->lines[i];

		other.permit = s->permit;
		if (selector_equal(&other, s))
			return true;
	}
	return false;
}

void
hunt_acl(struct hunt *h, struct acl *a, bool permits)
{
	size_t n = 1 + chance_of(&h->chance, HUNT_LINES - 1);

	a->n = 0;
	while (a->n < n) {
		bool last = a->n + 1 == n;
		struct selector s =
		    hunt_selector(h, permits && (last || !chance_one_in(&h->chance, 3)));

		if (!hunt_acl_has(a, &s))
			a->lines[a->n++] = s;
	}
}

static size_t
end_text(char *buf, size_t size, uint32_t addr, uint32_t mask, uint16_t port)
{
	char a[ADDR_TEXT_MAX], w[ADDR_TEXT_MAX];
	size_t n;

	if (mask == 0)
		n = (size_t)snprintf(buf, size, " any");
	else if (mask == UINT32_MAX)
		n = (size_t)snprintf(buf, size, " host %s", addr_text(addr, a));
	else
		n = (size_t)snprintf(buf, size, " %s %s", addr_text(addr, a), addr_text(~mask, w));
	if (port)
		n += (size_t)snprintf(buf + n, size - n, " eq %u", port);
	return n;
}

void
hunt_line_text(const struct selector *s, char *buf, size_t size)
{
	const char *proto = s->proto == 1    ? "icmp"
	                    : s->proto == 6  ? "tcp"
	                    : s->proto == 17 ? "udp"
	                    : s->proto == 47 ? "gre"
	                                     : "ip";
	size_t n = (size_t)snprintf(buf, size, "%s %s", s->permit ? "permit" : "deny", proto);

	n += end_text(buf + n, size - n, s->src, s->src_mask, s->sport);
	end_text(buf + n, size - n, s->dst, s->dst_mask, s->dport);
}
