/* SPDX-License-Identifier: Apache-2.0 */
/* `show interfaces` and its tables, `show ip interface`, `show protocols`. */
#include "cli/show/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compiler/policy/port.h"

static bool
is_loopback(const struct host_interface *i)
{
	return policy_names_loopback(i->name);
}

const char *
show_mac_text(const uint8_t mac[static 6], char buf[static SHOW_MAC_MAX])
{
	snprintf(buf, SHOW_MAC_MAX, "%02x%02x.%02x%02x.%02x%02x", mac[0], mac[1], mac[2], mac[3],
	         mac[4], mac[5]);
	return buf;
}

struct show_port
show_port_of(const struct host_interface *i)
{
	const struct port_type *type = port_type_of(i->name);

	return (struct show_port){
	    .host = i, .bandwidth = type ? type->bandwidth : 0, .delay = type ? type->delay : 0};
}

const char *
show_port_short(const char *name, char buf[static SHOW_PORT_SHORT])
{
	const struct port_type *type = port_type_of(name);

	snprintf(buf, SHOW_PORT_SHORT, "%s%s", type ? type->abbreviation : "",
	         type ? name + strlen(type->name) : name);
	return buf;
}

static bool
is_up(const struct host_interface *i)
{
	return i->admin_up && i->line_up;
}

const char *
show_port_status(const struct host_interface *i)
{
	return !i->admin_up ? "administratively down" : i->line_up ? "up" : "down";
}

const char *
show_port_protocol(const struct host_interface *i)
{
	return is_up(i) ? "up" : "down";
}

/* --- show interfaces -------------------------------------------------------------------------- */

/* Of 255: how much of the bandwidth is in use, 1 at least. */
static unsigned
load_of(uint64_t bits, uint32_t kbits)
{
	uint64_t load = kbits ? bits * 255 / (UINT64_C(1000) * kbits) : 0;

	return load < 1 ? 1 : load > 255 ? 255 : (unsigned)load;
}

/* Of 255: how much of what came in was sound. */
static unsigned
reliability_of(const struct host_way *in)
{
	return in->errors ? (unsigned)(255 * in->packets / (in->packets + in->errors)) : 255;
}

static void
show_head(struct text *t, const struct show_port *p)
{
	const struct host_interface *i = p->host;
	char a[ADDR_TEXT_MAX], mac[SHOW_MAC_MAX];

	text_printf(t, "%s is %s, line protocol is %s \n", i->name, show_port_status(i),
	            show_port_protocol(i));
	if (is_loopback(i))
		text_puts(t, "  Hardware is Loopback\n");
	else
		text_printf(t, "  Hardware is %s%s", i->device ? "Linux device " : "Virtual link",
		            i->device ? i->device : "");
	if (i->has_mac)
		text_printf(t, ", address is %s (bia %s)", show_mac_text(i->mac, mac), mac);
	if (!is_loopback(i))
		text_puts(t, "\n");
	if (p->description)
		text_printf(t, "  Description: %s\n", p->description);
	if (i->has_address)
		text_printf(t, "  Internet address is %s/%u\n", addr_text(i->addr, a), i->len);
	text_printf(t, "  MTU %u bytes, BW %" PRIu32 " Kbit/sec, DLY %" PRIu32 " usec, \n", i->mtu,
	            p->bandwidth, p->delay);
	text_printf(t, "     reliability %u/255, txload %u/255, rxload %u/255\n",
	            reliability_of(&i->in), load_of(i->out.bit_rate, p->bandwidth),
	            load_of(i->in.bit_rate, p->bandwidth));
	text_printf(t, "  Encapsulation %s, loopback not set\n",
	            is_loopback(i) ? "LOOPBACK"
	            : i->has_mac   ? "ARPA"
	                           : "RAW");
	if (!is_loopback(i) && !i->device)
		text_puts(t, "  Full Duplex, unlimited, media type is virtual\n");
	else if (i->device && !is_loopback(i))
		text_printf(t, "  Auto Duplex, Auto Speed, media type is %s\n", i->device);
}

static void
show_rates(struct text *t, const struct host_interface *i)
{
	text_puts(t, "  Last input ");
	show_ago(t, i->in.idle);
	text_puts(t, ", output ");
	show_ago(t, i->out.idle);
	text_puts(t, ", output hang never\n  Last clearing of \"show interface\" counters ");
	show_ago(t, i->cleared);
	text_printf(t,
	            "\n  Input queue: 0/0/%" PRIu64
	            "/0 (size/max/drops/flushes); Total output drops: %" PRIu64 "\n"
	            "  Queueing strategy: fifo\n  Output queue: 0/0 (size/max)\n",
	            i->in.drops, i->out.drops);
	text_printf(t, "  5 minute input rate %" PRIu64 " bits/sec, %" PRIu64 " packets/sec\n",
	            i->in.bit_rate, i->in.packet_rate);
	text_printf(t, "  5 minute output rate %" PRIu64 " bits/sec, %" PRIu64 " packets/sec\n",
	            i->out.bit_rate, i->out.packet_rate);
}

static void
show_counts(struct text *t, const struct host_interface *i)
{
	text_printf(t, "     %" PRIu64 " packets input, %" PRIu64 " bytes, 0 no buffer\n",
	            i->in.packets, i->in.bytes);
	text_printf(t, "     Received 0 broadcasts (%" PRIu64 " IP multicasts)\n", i->multicast);
	text_puts(t, "     0 runts, 0 giants, 0 throttles\n");
	text_printf(t,
	            "     %" PRIu64 " input errors, %" PRIu64 " CRC, %" PRIu64 " frame, %" PRIu64
	            " overrun, 0 ignored\n",
	            i->in.errors, i->crc, i->frame, i->overrun);
	text_printf(t, "     %" PRIu64 " packets output, %" PRIu64 " bytes, 0 underruns\n",
	            i->out.packets, i->out.bytes);
	text_printf(t,
	            "     %" PRIu64 " output errors, %" PRIu64 " collisions, 0 interface resets\n",
	            i->out.errors, i->collisions);
}

void
show_interface(struct text *t, const struct show_port *p)
{
	show_head(t, p);
	show_rates(t, p->host);
	show_counts(t, p->host);
}

/* --- tables of interfaces --------------------------------------------------------------------- */

void
show_interfaces_description(struct text *t, const struct show_port *ports, size_t n)
{
	char name[SHOW_PORT_SHORT];

	text_puts(t, "Interface                      Status         Protocol Description\n");
	for (size_t i = 0; i < n; i++)
		text_printf(t, "%-30s %-14s %-8s %s\n", show_port_short(ports[i].host->name, name),
		            ports[i].host->admin_up ? show_port_status(ports[i].host)
		                                    : "admin down",
		            show_port_protocol(ports[i].host),
		            ports[i].description ? ports[i].description : "");
}

void
show_interfaces_status(struct text *t, const struct show_port *ports, size_t n)
{
	char name[SHOW_PORT_SHORT];

	text_puts(t, "\nPort      Name               Status       Vlan       Duplex  Speed Type\n");
	for (size_t i = 0; i < n; i++) {
		const struct host_interface *h = ports[i].host;

		if (is_loopback(h))
			continue;
		text_printf(t, "%-9s %-18.18s %-12s %-10s %6s %6s %s\n",
		            show_port_short(h->name, name),
		            ports[i].description ? ports[i].description : "",
		            !h->admin_up ? "disabled"
		            : h->line_up ? "connected"
		                         : "notconnect",
		            "routed", h->device ? "auto" : "full", h->device ? "auto" : "-",
		            h->device ? h->device : "virtual");
	}
}

void
show_interfaces_summary(struct text *t, const struct show_port *ports, size_t n)
{
	text_puts(t, "\n *: interface is up\n"
	             " IHQ: pkts in input hold queue     IQD: pkts dropped from input queue\n"
	             " OHQ: pkts in output hold queue    OQD: pkts dropped from output queue\n"
	             " RXBS: rx rate (bits/sec)          RXPS: rx rate (pkts/sec)\n"
	             " TXBS: tx rate (bits/sec)          TXPS: tx rate (pkts/sec)\n"
	             " TRTL: throttle count\n\n"
	             "  Interface               IHQ   IQD  OHQ   OQD      RXBS  RXPS      TXBS  "
	             "TXPS  TRTL\n"
	             "-----------------------------------------------------------------------------"
	             "------\n");
	for (size_t i = 0; i < n; i++) {
		const struct host_interface *h = ports[i].host;

		text_printf(t,
		            "%c %-22s %4d %5" PRIu64 " %4d %5" PRIu64 " %9" PRIu64 " %5" PRIu64
		            " %9" PRIu64 " %5" PRIu64 " %5d\n",
		            is_up(h) ? '*' : ' ', h->name, 0, h->in.drops, 0, h->out.drops,
		            h->in.bit_rate, h->in.packet_rate, h->out.bit_rate, h->out.packet_rate,
		            0);
	}
}

static void
show_octets(struct text *t, const struct show_port *ports, size_t n, bool in)
{
	const char *way = in ? "In" : "Out";
	char name[SHOW_PORT_SHORT], title[4][20];
	static const char *const titles[] = {"Octets", "UcastPkts", "McastPkts", "BcastPkts"};

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		snprintf(title[i], sizeof(title[i]), "%s%s", way, titles[i]);
	text_printf(t, "\n%-10s %15s %14s %14s %14s\n", "Port", title[0], title[1], title[2],
	            title[3]);
	for (size_t i = 0; i < n; i++) {
		const struct host_interface *h = ports[i].host;
		const struct host_way *w = in ? &h->in : &h->out;
		uint64_t multicast = in ? h->multicast : 0;

		if (is_loopback(h))
			continue;
		text_printf(t, "%-10s %15" PRIu64 " %14" PRIu64 " %14" PRIu64 " %14d\n",
		            show_port_short(h->name, name), w->bytes,
		            w->packets > multicast ? w->packets - multicast : 0, multicast, 0);
	}
}

void
show_interfaces_counters(struct text *t, const struct show_port *ports, size_t n)
{
	show_octets(t, ports, n, true);
	show_octets(t, ports, n, false);
}

/* --- IP --------------------------------------------------------------------------------------- */

void
show_ip_interface(struct text *t, const struct show_port *p)
{
	const struct host_interface *i = p->host;
	const struct policy_acl *out = p->policy ? p->policy->acl_out : NULL;
	const struct policy_acl *in = p->policy ? p->policy->acl_in : NULL;
	char a[ADDR_TEXT_MAX];

	text_printf(t, "%s is %s, line protocol is %s\n", i->name, show_port_status(i),
	            show_port_protocol(i));
	if (!i->has_address) {
		text_puts(t, "  Internet protocol processing disabled\n");
		return;
	}
	if (p->policy && p->policy->unnumbered)
		text_printf(t, "  Interface is unnumbered. Using address of %s (%s)\n",
		            p->policy->unnumbered, addr_text(i->addr, a));
	else
		text_printf(t, "  Internet address is %s/%u\n", addr_text(i->addr, a), i->len);
	text_puts(t, "  Broadcast address is 255.255.255.255\n");
	text_printf(t,
	            "  MTU is %u bytes\n"
	            "  Helper address is not set\n"
	            "  Directed broadcast forwarding is disabled\n",
	            i->ip_mtu ? i->ip_mtu : i->mtu);
	for (size_t k = 0; p->policy && k < p->policy->n_secondaries; k++)
		text_printf(t, "  Secondary address %s/%u\n",
		            addr_text(p->policy->secondaries[k].addr, a),
		            p->policy->secondaries[k].len);
	text_printf(t, "  Outgoing access list is %s\n", out ? out->name : "not set");
	text_printf(t, "  Inbound  access list is %s\n", in ? in->name : "not set");
	text_puts(t, "  Security level is default\n"
	             "  ICMP mask replies are never sent\n"
	             "  Router Discovery is disabled\n"
	             "  IP output packet accounting is disabled\n"
	             "  IP access violation accounting is disabled\n"
	             "  TCP/IP header compression is disabled\n"
	             "  RTP/IP header compression is disabled\n"
	             "  Policy routing is disabled\n"
	             "  Network address translation is disabled\n");
	if (i->vrf)
		text_printf(t, "  VPN Routing/Forwarding \"%s\"\n", i->vrf);
}

void
show_protocols(struct text *t, const struct show_port *ports, size_t n, bool routing)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "Global values:\n  Internet Protocol routing is %s\n",
	            routing ? "enabled" : "disabled");
	for (size_t i = 0; i < n; i++) {
		const struct host_interface *h = ports[i].host;

		text_printf(t, "%s is %s, line protocol is %s\n", h->name, show_port_status(h),
		            show_port_protocol(h));
		if (h->has_address)
			text_printf(t, "  Internet address is %s/%u\n", addr_text(h->addr, a),
			            h->len);
	}
}
