/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast: `ip multicast-routing`, PIM, IGMP, static multicast routes; also a firewall's. */
#include "compiler/compile/compile_routing.h"

#include <string.h>

#include "compiler/policy/vrf.h"

#define HELLO_INTERVAL 30 /* seconds, of PIM */

/* --- interfaces ------------------------------------------------------------------------------- */

static enum pim_mode
mode_of(const struct tnode *n)
{
	static const struct {
		const char *word;
		enum pim_mode mode;
	} modes[] = {{"sparse-mode", PIM_SPARSE},
	             {"dense-mode", PIM_DENSE},
	             {"sparse-dense-mode", PIM_SPARSE_DENSE},
	             {"passive", PIM_PASSIVE}};

	for (size_t i = 0; n && i < ARRAY_SIZE(modes); i++)
		if (tnode_says(n, ARG_MODE, modes[i].word))
			return modes[i].mode;
	return PIM_OFF;
}

static const struct policy_igmp_group *
read_groups(struct compiler *c, const struct tnode *parent, enum gram_key key, size_t *ret_n)
{
	struct policy_igmp_group *list = read_array(c, parent, key, sizeof(*list));
	const struct tnode *n;
	size_t count = 0;

	for (EACH(n, parent, key)) {
		struct word at = read_word(c, n, ARG_GROUP);
		uint32_t group = tnode_u32(n, ARG_GROUP);

		if (addr_is_multicast(group) && group >> 8 != 0xe00000)
			list[count++] = (struct policy_igmp_group){group, tnode_u32(n, ARG_SOURCE)};
		else
			complain(c, DIAG_WARNING, "igmp-group", &at, NULL,
			         "%s is no group that hosts join: nothing is joined", at.text);
	}
	*ret_n = count;
	return list;
}

/* A firewall that routes multicast does so at all its interfaces but those that say no. */
static enum pim_mode
firewall_mode(const struct policy_interface *e, const struct tnode *top, const struct tnode *n)
{
	const struct tnode *pim = tnode_first(n, KEY_ASA_IF_PIM);

	if (!e->nameif || !tnode_first(top, KEY_ASA_MULTICAST_ROUTING))
		return PIM_OFF;
	return pim && tnode_negated(pim) ? PIM_PASSIVE : PIM_SPARSE;
}

static void
read_interface(struct compiler *c, const struct tnode *top, const struct tnode *n,
               struct policy_interface *e)
{
	struct policy_multicast_interface m = {
	    .pim = c->policy->firewall ? firewall_mode(e, top, n)
	                               : mode_of(tnode_first(n, KEY_IF_PIM)),
	    .dr_priority = read_routing_number(n, KEY_IF_PIM_DR_PRIORITY, ARG_PRIORITY, 1),
	    .query_interval =
		read_routing_number(n, KEY_IF_PIM_QUERY_INTERVAL, ARG_SECONDS, HELLO_INTERVAL),
	    .igmp_version =
		(uint8_t)read_routing_number(n, KEY_IF_IGMP_VERSION, ARG_VERSION, IGMP_VERSION),
	};
	struct policy_multicast_interface *kept;

	m.joins = read_groups(c, n, KEY_IF_IGMP_JOIN, &m.n_joins);
	m.statics = read_groups(c, n, KEY_IF_IGMP_STATIC, &m.n_statics);
	if (m.pim == PIM_OFF && !m.n_joins && !m.n_statics)
		return;
	kept = arena_alloc(c->arena, sizeof(*kept));
	*kept = m;
	e->multicast = kept;
}

static void
read_interfaces(struct compiler *c, const struct tnode *top)
{
	for (size_t i = 0; i < c->policy->n_interfaces; i++) {
		struct policy_interface *e = &c->interfaces[i];
		const struct tnode *n = tnode_named(top, KEY_INTERFACE, ARG_NAME, e->name);

		if (n)
			read_interface(c, top, n, e);
	}
}

/* --- tables ----------------------------------------------------------------------------------- */

/* Is the line one of that table? */
static bool
is_of(const struct tnode *n, const char *vrf)
{
	return vrf_same(tnode_str(n, ARG_VRF), vrf);
}

/* A list that does not exist is none: all groups are meant. */
static const struct policy_acl *
read_list(struct compiler *c, const struct tnode *n)
{
	struct word name = read_word(c, n, ARG_ACL);
	struct raw_acl *raw = name.text ? raw_acl_find(c, name.text) : NULL;

	if (raw)
		raw->used = true;
	else if (name.text)
		complain(c, DIAG_WARNING, "multicast-list", &name,
		         NEAREST(c, name.text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: all groups are meant", name.text);
	return raw ? policy_acl_find(c->policy, name.text) : NULL;
}

static void
read_rps(struct compiler *c, const struct tnode *top, struct policy_multicast *m)
{
	struct policy_pim_rp *list = read_array(c, top, KEY_IP_PIM_RP_ADDRESS, sizeof(*list));
	const struct tnode *n;

	for (EACH(n, top, KEY_IP_PIM_RP_ADDRESS)) {
		struct word at = read_line(c, n);

		if (!is_of(n, m->vrf))
			continue;
		if (tnode_has(n, ARG_BIDIR))
			complain(c, DIAG_WARNING, "pim-bidir", &at, NULL,
			         "bidirectional trees: not built yet; the RP is one of sparse "
			         "mode");
		list[m->n_rps++] =
		    (struct policy_pim_rp){.addr = tnode_u32(n, ARG_ADDRESS),
		                           .acl = read_list(c, n),
		                           .acl_name = read_routing_name(c, n, ARG_ACL)};
	}
	m->rps = list;
}

static void
read_mroutes(struct compiler *c, const struct tnode *top, struct policy_multicast *m)
{
	struct policy_mroute *list = read_array(c, top, KEY_IP_MROUTE, sizeof(*list));
	const struct tnode *n;

	for (EACH(n, top, KEY_IP_MROUTE)) {
		struct word at = read_line(c, n);
		struct policy_mroute r = {.from = read_routing_prefix(n),
		                          .via = tnode_u32(n, ARG_VIA),
		                          .interface = read_routing_interface(c, n),
		                          .distance = (uint8_t)tnode_u32(n, ARG_DISTANCE)};

		if (!is_of(n, m->vrf))
			continue;
		if (r.interface && !policy_interface_find(c->policy, r.interface))
			complain(c, DIAG_WARNING, "mroute-interface", &at, NULL,
			         "there is no interface %s: nothing comes from there", r.interface);
		list[m->n_mroutes++] = r;
	}
	m->mroutes = list;
}

static void
read_ssm(struct compiler *c, const struct tnode *top, struct policy_multicast *m)
{
	const struct tnode *n;

	for (EACH(n, top, KEY_IP_PIM_SSM))
		if (is_of(n, m->vrf)) {
			m->ssm = true;
			m->ssm_acl = read_list(c, n);
		}
}

/* The line that switches it on in that table; NULL: none. */
static const struct tnode *
find_switch(struct compiler *c, const struct tnode *top, const char *vrf)
{
	const struct tnode *n;

	if (c->policy->firewall)
		return vrf ? NULL : tnode_first(top, KEY_ASA_MULTICAST_ROUTING);
	for (EACH(n, top, KEY_IP_MULTICAST_ROUTING))
		if (is_of(n, vrf))
			return n;
	return NULL;
}

/* --- what is wrong with it -------------------------------------------------------------------- */

static bool
has_pim(const struct policy_interface *e, const char *vrf)
{
	return e->multicast && e->multicast->pim != PIM_OFF && vrf_same(e->vrf, vrf);
}

static void
check_interfaces(struct compiler *c, const struct tnode *top, const struct policy_multicast *m)
{
	for (size_t i = 0; i < c->policy->n_interfaces; i++) {
		const struct policy_interface *e = &c->policy->interfaces[i];
		const struct tnode *n = tnode_named(top, KEY_INTERFACE, ARG_NAME, e->name);
		struct word at;

		if (!has_pim(e, m->vrf) || !n || !tnode_first(n, KEY_IF_PIM))
			continue;
		at = read_line(c, tnode_first(n, KEY_IF_PIM));
		complain(c, DIAG_WARNING, "multicast-off", &at, "ip multicast-routing",
		         "multicast is not routed in this table: PIM has no effect on %s", e->name);
	}
}

/* Sparse groups need a rendezvous point, and none is known. */
static void
check_rp(struct compiler *c, const struct policy_multicast *m, const struct word *at)
{
	bool sparse = false, any = false;

	for (size_t i = 0; i < c->policy->n_interfaces; i++) {
		const struct policy_interface *e = &c->policy->interfaces[i];

		any = any || has_pim(e, m->vrf);
		sparse = sparse || (has_pim(e, m->vrf) && e->multicast->pim == PIM_SPARSE);
	}
	if (!any)
		complain(c, DIAG_WARNING, "multicast-no-interface", at, "ip pim sparse-mode",
		         "no interface of this table has PIM: no multicast is routed");
	else if (sparse && !m->n_rps && !m->ssm)
		complain(c, DIAG_WARNING, "pim-no-rp", at,
		         c->policy->firewall ? "pim rp-address" : "ip pim rp-address",
		         "sparse mode without a rendezvous point: no group has a tree here");
}

/* On a machine: says once that nothing comes of it. */
static void
check_machine(struct compiler *c, const struct tnode *top)
{
	static const enum gram_key keys[] = {KEY_IP_MULTICAST_ROUTING, KEY_ASA_MULTICAST_ROUTING,
	                                     KEY_IP_PIM_RP_ADDRESS, KEY_IP_MROUTE};
	const struct tnode *n = NULL;
	struct word at;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !n; i++)
		n = tnode_first(top, keys[i]);
	if (!n || !c->facts->plain_host)
		return;
	at = read_line(c, n);
	complain(c, DIAG_WARNING, "multicast-not-run", &at, NULL,
	         "multicast is routed in labs; on Linux pimd or FRR's pimd does it, and these "
	         "lines have no effect");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
read_table(struct compiler *c, const struct tnode *top, const char *vrf, struct policy_multicast *m)
{
	*m = (struct policy_multicast){.vrf = vrf, .on = find_switch(c, top, vrf) != NULL};
	read_rps(c, top, m);
	read_mroutes(c, top, m);
	read_ssm(c, top, m);
}

static void
check_table(struct compiler *c, const struct tnode *top, const struct policy_multicast *m)
{
	const struct tnode *on = find_switch(c, top, m->vrf);
	struct word at;

	if (!on) {
		check_interfaces(c, top, m);
		return;
	}
	at = read_line(c, on);
	check_rp(c, m, &at);
}

/* Lines of VRFs that do not exist. */
static void
check_vrfs(struct compiler *c, const struct tnode *top)
{
	static const enum gram_key keys[] = {KEY_IP_MULTICAST_ROUTING, KEY_IP_PIM_RP_ADDRESS,
	                                     KEY_IP_PIM_SSM, KEY_IP_MROUTE};
	const struct tnode *n;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (EACH(n, top, keys[i])) {
			struct word vrf = read_word(c, n, ARG_VRF);

			if (vrf.text)
				compile_vrf_known(c, &vrf, "the line has no effect");
		}
}

void
compile_multicast(struct compiler *c, const struct tnode *top)
{
	size_t n = c->policy->n_vrfs + 1;
	struct policy_multicast *list = arena_alloc(c->arena, n * sizeof(*list));

	read_interfaces(c, top);
	check_vrfs(c, top);
	for (size_t i = 0; i < n; i++) {
		struct policy_multicast *m = &list[c->policy->n_multicast];

		read_table(c, top, i ? c->policy->vrfs[i - 1].name : NULL, m);
		if (!c->facts->plain_host)
			check_table(c, top, m);
		c->policy->n_multicast += m->on || m->n_rps || m->n_mroutes || m->ssm;
	}
	c->policy->multicast = list;
	check_machine(c, top);
}
