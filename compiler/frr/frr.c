/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's routing as FRR's configuration: see frr.h. */
#include "compiler/frr/frr_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const frr_daemon_names[FRR_DAEMONS] = {"zebra", "staticd", "ospfd",
                                                   "ripd",  "eigrpd",  "bgpd"};

unsigned
frr_daemons(const struct policy *p)
{
	const struct policy_routing *r = &p->routing;
	unsigned set = 0;

	if (frr_ospf_process(p))
		set |= FRR_DAEMON(FRR_OSPFD);
	if (r->rip.configured)
		set |= FRR_DAEMON(FRR_RIPD);
	for (size_t k = 0; k < r->n_eigrp; k++)
		if (!r->eigrp[k].vrf && !r->eigrp[k].shutdown)
			set |= FRR_DAEMON(FRR_EIGRPD);
	if (r->bgp.as)
		set |= FRR_DAEMON(FRR_BGPD);
	return set ? set | FRR_DAEMON(FRR_ZEBRA) | FRR_DAEMON(FRR_STATICD) : 0;
}

/* --- words ------------------------------------------------------------------------------------ */

void
frr_say_lack(struct frr_out *out, enum frr_place place, uint32_t number, const char *name,
             const char *format, ...)
{
	struct text what = TEXT_INIT;
	va_list ap;

	if (!out->o->lacks)
		return;
	va_start(ap, format);
	text_vprintf(&what, format, ap);
	va_end(ap);
	out->o->lacks(out->o->arg, &(struct frr_lack){.place = place,
	                                              .number = number,
	                                              .name = name,
	                                              .what = text_string(&what)});
	text_fini(&what);
}

const char *
frr_device(struct frr_out *out, const char *interface)
{
	return out->o->device ? out->o->device(out->o->arg, interface) : interface;
}

const char *
frr_prefix_text(struct frr_out *out, struct prefix p)
{
	char a[ADDR_TEXT_MAX];

	return arena_printf(out->arena, "%s/%u", addr_text(p.addr & prefix_mask(p.len), a), p.len);
}

bool
frr_is_word(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] >= 0x7f)
			return false;
	return text.n && text.p[0] != '!' && text.p[0] != '#';
}

/* --- static routes ---------------------------------------------------------------------------- */

static bool
names_null(const char *interface)
{
	return strncmp(interface, "Null", 4) == 0;
}

static void
put_route(struct frr_out *out, const struct policy_route *r)
{
	const char *to = frr_prefix_text(out, r->to), *device = NULL;
	char via[ADDR_TEXT_MAX];

	if (r->interface) {
		device = names_null(r->interface) ? "Null0" : frr_device(out, r->interface);
		if (!device)
			return;
	}
	text_printf(&out->body, "ip route %s", to);
	if (r->via)
		text_printf(&out->body, " %s", addr_text(r->via, via));
	if (device)
		text_printf(&out->body, " %s", device);
	if (r->tag)
		text_printf(&out->body, " tag %u", r->tag);
	text_printf(&out->body, " %u\n", r->distance ? r->distance : 1);
}

static void
put_routes(struct frr_out *out)
{
	const struct policy *p = out->policy;

	for (size_t k = 0; k < p->n_routes; k++)
		if (!p->routes[k].vrf)
			put_route(out, &p->routes[k]);
}

/* --- interfaces ------------------------------------------------------------------------------- */

static void
put_interfaces(struct frr_out *out)
{
	const struct policy *p = out->policy;

	for (size_t k = 0; k < p->n_interfaces; k++) {
		const struct policy_interface *i = &p->interfaces[k];
		const char *device = i->vrf ? NULL : frr_device(out, i->name);

		if (!device || !i->has_address || (i->shutdown && policy_names_loopback(i->name)))
			continue;
		text_printf(&out->body, "interface %s\n", device);
		frr_ospf_interface(out, i, device);
		text_puts(&out->body, "exit\n");
	}
}

/* --- all -------------------------------------------------------------------------------------- */

/* FRR has one table here: VRFs need devices that the kernel may not have. */
static void
say_vrfs(struct frr_out *out)
{
	const struct policy_routing *r = &out->policy->routing;
	static const char what[] = "a process of a VRF";

	for (size_t k = 0; k < r->n_ospf; k++)
		if (r->ospf[k].vrf)
			frr_say_lack(out, FRR_AT_OSPF, r->ospf[k].process, NULL, what);
	for (size_t k = 0; k < r->n_eigrp; k++)
		if (r->eigrp[k].vrf)
			frr_say_lack(out, FRR_AT_EIGRP, r->eigrp[k].as, NULL, what);
	if (r->n_rip_vrfs)
		frr_say_lack(out, FRR_AT_RIP, 0, NULL, what);
	if (r->bgp.n_vrfs > 1)
		frr_say_lack(out, FRR_AT_BGP, r->bgp.as, NULL, what);
}

void
frr_render(const struct policy *p, const struct frr_options *o, struct text *ret)
{
	struct frr_out out = {.policy = p, .o = o, .arena = arena_new()};

	say_vrfs(&out);
	put_routes(&out);
	put_interfaces(&out);
	frr_ospf(&out);
	frr_rip(&out);
	frr_eigrp(&out);
	frr_bgp(&out);
	/*
	 * In a group of next hops the kernel drops one whose line goes down, and zebra does not put
	 * it back: routes have their next hops themselves.
	 */
	text_puts(ret, "frr defaults traditional\nno zebra nexthop kernel enable\n"
	               "ip nht resolve-via-default\n");
	text_add(ret, text_string(&out.lists), out.lists.n);
	text_add(ret, text_string(&out.body), out.body.n);
	text_fini(&out.lists);
	text_fini(&out.body);
	free(out.known);
	free(out.long_names);
	arena_free(out.arena);
}
