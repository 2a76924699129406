/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto ...`: from the node's snapshots, its policy and its keys to the layouts. */
#include "cli/show/show_cmd.h"
#include "cli/show/show_gdoi.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/vrf.h"

/* --- isakmp ----------------------------------------------------------------------------------- */

static void
append_rekey_sa(struct snap_isakmp *to, const struct snap_group *g)
{
	*to = (struct snap_isakmp){.dst = g->local_addr,
	                           .src = g->server,
	                           .state = SNAP_GDOI_REKEY,
	                           .conn_id = g->kek.conn_id,
	                           .active = true};
}

const struct snap_isakmp *
showing_isakmp(struct showing *s, bool with_rekey, size_t *ret_n)
{
	size_t n, n_groups;
	const struct snap_isakmp *sas = node_isakmp(s->node, s->arena, &n);
	const struct snap_group *g = node_groups(s->node, s->arena, &n_groups);
	struct snap_isakmp *all = arena_alloc(s->arena, (n + n_groups + 1) * sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = sas[i];
	for (size_t i = 0; with_rekey && i < n_groups; i++)
		if (!g[i].local && g[i].kek.present)
			append_rekey_sa(&all[n++], &g[i]);
	*ret_n = n;
	return all;
}

/* Those whose packets travel in the VRF. */
static const struct snap_isakmp *
isakmp_within(struct showing *s, const struct snap_isakmp *sas, const char *vrf, size_t *n)
{
	struct snap_isakmp *list = arena_alloc(s->arena, *n * sizeof(*list));
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (vrf_same(sas[i].vrf, vrf))
			list[kept++] = sas[i];
	*n = kept;
	return list;
}

void
cmd_show_crypto_isakmp_sa(struct shell *sh, const struct command *cmd)
{
	const char *vrf = command_str(cmd, ARG_VRF);
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	size_t n;

	s.layout = showing_layout(&s, LAYOUT_CLASSIC);
	sas = showing_isakmp(&s, s.layout == LAYOUT_XE, &n);
	if (vrf)
		sas = isakmp_within(&s, sas, vrf, &n);
	show_isakmp_sa(&s.text, sas, n, s.layout);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_sa_detail(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	size_t n;

	(void)cmd;
	sas = showing_isakmp(&s, false, &n);
	show_isakmp_sa_detail(&s.text, sas, n);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_sa_count(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	size_t n;

	(void)cmd;
	sas = showing_isakmp(&s, true, &n);
	show_isakmp_sa_count(&s.text, sas, n);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_peers(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	uint32_t only = command_u32(cmd, ARG_PEER);
	size_t n;

	sas = showing_isakmp(&s, false, &n);
	for (size_t i = 0; i < n; i++)
		if (!command_has(cmd, ARG_PEER) ||
		    only == (sas[i].initiator ? sas[i].dst : sas[i].src))
			show_isakmp_peers(&s.text, &sas[i], 1);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_default_policy(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	show_isakmp_default_policy(&s.text);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_policy(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	show_isakmp_policy(&s.text, s.policy);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_key(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	show_isakmp_key(&s.text, s.policy);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_profile(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_NAME);
	struct showing s = showing_start(sh);

	for (size_t i = 0; i < s.policy->n_profiles; i++) {
		const struct policy_isakmp_profile *p = &s.policy->profiles[i];

		if (only && strcmp(only, p->name) != 0)
			continue;
		text_puts(&s.text, s.text.n ? "\n" : "");
		show_isakmp_profile(&s.text, s.policy, p);
	}
	showing_end(&s);
}

/* --- ipsec ------------------------------------------------------------------------------------ */

static uint16_t
interface_mtu(struct showing *s, const char *name)
{
	size_t n;
	const struct host_interface *ifs = s->host->ops->interfaces(s->host, s->arena, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(ifs[i].name, name))
			return ifs[i].mtu;
	return 0;
}

void
showing_interfaces(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                   interface_fn *fn)
{
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	bool counted = node_dp_stat(s->node, g->name, stat);

	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct show_ipsec what = {
		    .group = g,
		    .on = &p->interfaces[i],
		    .stat = counted ? stat : NULL,
		    .mtu = interface_mtu(s, p->interfaces[i].name),
		    .layout = s->layout,
		    .detail = s->cmd && command_str(s->cmd, ARG_DETAIL),
		};

		fn(s, &what);
	}
	free(stat);
}

static void
ipsec_interface(struct showing *s, const struct show_ipsec *what)
{
	const char *only = command_str(s->cmd, ARG_INTERFACE), *map = command_str(s->cmd, ARG_MAP);
	const char *vrf = command_str(s->cmd, ARG_VRF);

	/* The peer of a group's SA is everybody: IOS writes 0.0.0.0. */
	if (what->group->n_teks && (!only || !strcmp(only, what->on->name)) &&
	    (!map || !strcmp(map, what->on->map)) &&
	    (!vrf || (what->on->inner && !strcmp(vrf, what->on->inner))) &&
	    !command_u32(s->cmd, ARG_PEER))
		show_ipsec_sa(&s->text, what);
}

static void
ipsec_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	(void)nth;
	showing_interfaces(s, g, p, ipsec_interface);
}

void
cmd_show_crypto_ipsec_sa(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	s.cmd = cmd;
	s.layout = showing_layout(&s, LAYOUT_XE);
	showing_groups(&s, ROLE_MEMBER, NULL, ipsec_block);
	if (!s.text.n)
		text_puts(&s.text, "No SAs found\n");
	showing_end(&s);
}

void
cmd_show_crypto_ipsec_sa_count(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_group *g;
	size_t n, total = 0;

	(void)cmd;
	g = node_groups(s.node, s.arena, &n);
	for (size_t i = 0; i < n; i++) {
		const struct policy_group *p = policy_group_find(s.policy, g[i].name);

		if (p && !g[i].local) /* in and out, on every interface */
			total += 2 * g[i].n_teks * p->n_interfaces;
	}
	text_printf(&s.text,
	            "IPsec SA total: %zu, active: %zu, rekeying: 0, unused: 0, invalid: 0\n", total,
	            total);
	showing_end(&s);
}

static size_t
interface_number(struct showing *s, const char *name)
{
	size_t n;
	const struct host_interface *ifs = s->host->ops->interfaces(s->host, s->arena, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(ifs[i].name, name))
			return i + 1;
	return 0;
}

static void
spi_interface(struct showing *s, const struct show_ipsec *what)
{
	show_spis(&s->text, what, SHOW_GDOI_HANDLE + (uint32_t)s->count,
	          interface_number(s, what->on->name));
}

static void
spi_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	s->count = nth;
	showing_interfaces(s, g, p, spi_interface);
}

void
cmd_show_crypto_ipsec_spi_lookup(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	s.cmd = cmd;
	show_spi_heading(&s.text);
	showing_groups(&s, ROLE_MEMBER, NULL, spi_block);
	show_spi_end(&s.text);
	showing_end(&s);
}

static void
engine_interface(struct showing *s, const struct show_ipsec *what)
{
	show_engine_group(&s->text, what, &s->count);
}

static void
engine_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
             size_t nth)
{
	(void)nth;
	showing_interfaces(s, g, p, engine_interface);
}

static void
engine_kek(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	(void)p;
	(void)nth;
	if (g->kek.present)
		show_engine_kek(&s->text, g, s->layout);
}

void
cmd_show_crypto_engine_connections(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	size_t n;

	s.cmd = cmd;
	s.layout = showing_layout(&s, LAYOUT_XE);
	show_engine_heading(&s.text);
	showing_groups(&s, ROLE_MEMBER, NULL, engine_block);
	sas = showing_isakmp(&s, false, &n);
	for (size_t i = 0; i < n; i++)
		if (sas[i].state == SNAP_GDOI_IDLE)
			show_engine_isakmp(&s.text, &sas[i]);
	showing_groups(&s, ROLE_MEMBER, NULL, engine_kek);
	showing_end(&s);
}

/* "esp-256-aes esp-sha-hmac", as the shows write a transform set. */
static void
put_transforms(struct text *t, const struct tnode *set)
{
	static const enum gram_arg order[] = {ARG_AH, ARG_CIPHER, ARG_AUTH, ARG_COMP};
	const char *size = tnode_str(set, ARG_KEYSIZE);
	uint32_t bits = size ? (uint32_t)strtoul(size, NULL, 10) : 128;
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const char *word = tnode_str(set, order[i]);
		struct esp_suite suite = {cipher_by_word(USE_ESP, word, bits), HASH_NONE};
		char shown[32];

		if (!word)
			continue;
		text_puts(t, any ? " " : "");
		any = true;
		if (suite.cipher != CIPHER_COUNT)
			esp_suite_show_text(&suite, shown, sizeof(shown));
		text_puts(t, suite.cipher == CIPHER_COUNT ? word : shown);
	}
}

void
cmd_show_crypto_ipsec_transform_set(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct tnode *n;

	(void)cmd;
	n = tnode_first(tree_top(router_tree(s.router)), KEY_CRYPTO_IPSEC_TRANSFORM_SET);
	for (; n; n = tnode_next(n)) {
		const struct tnode *mode = tnode_first(n, KEY_TRANSFORM_MODE);
		bool transport = mode && !strcmp(tnode_str(mode, ARG_MODE), "transport");

		text_printf(&s.text, "Transform set %s: { ", tnode_str(n, ARG_NAME));
		put_transforms(&s.text, n);
		text_printf(&s.text, "  } \n   will negotiate = { %s,  }, \n\n",
		            transport ? "Transport" : "Tunnel");
	}
	showing_end(&s);
}

/* The profile's lifetime, else the global one, else IOS's default. */
static uint32_t
lifetime_of(const struct tnode *top, const struct tnode *profile, enum gram_key own,
            enum gram_key global, enum gram_arg arg, uint32_t otherwise)
{
	const struct tnode *n = tnode_first(profile, own);

	if (!n)
		n = tnode_first(top, global);
	return n ? tnode_u32(n, arg) : otherwise;
}

static void
profile_sets(struct text *t, const struct tnode *top, const struct tnode *profile)
{
	const struct tnode *names = tnode_first(profile, KEY_PROFILE_TRANSFORM_SET), *set;

	for (size_t i = 0; names && i < tnode_count(names, ARG_TRANSFORM); i++) {
		const char *name = tnode_str_at(names, ARG_TRANSFORM, i);

		set = tnode_named(top, KEY_CRYPTO_IPSEC_TRANSFORM_SET, ARG_NAME, name);
		text_printf(t, "\t\t%s:  { ", name);
		if (set)
			put_transforms(t, set);
		text_puts(t, "  } , \n");
	}
}

static void
profile_keyed_by(struct text *t, const struct tnode *profile)
{
	const struct tnode *isakmp = tnode_first(profile, KEY_PROFILE_ISAKMP_PROFILE);
	const struct tnode *ikev2 = tnode_first(profile, KEY_PROFILE_IKEV2_PROFILE);

	if (isakmp)
		text_printf(t, "\tISAKMP Profile: %s\n", tnode_str(isakmp, ARG_ISAKMP_PROFILE));
	if (ikev2)
		text_printf(t, "\tIKEv2 Profile: %s\n", tnode_str(ikev2, ARG_IKEV2_PROFILE));
}

static void
profile_lifetime(struct text *t, const struct tnode *top, const struct tnode *profile)
{
	uint32_t volume = lifetime_of(top, profile, KEY_PROFILE_LIFETIME_KILOBYTES,
	                              KEY_CRYPTO_IPSEC_LIFETIME_KILOBYTES, ARG_KILOBYTES, 4608000);
	uint32_t seconds = lifetime_of(top, profile, KEY_PROFILE_LIFETIME_SECONDS,
	                               KEY_CRYPTO_IPSEC_LIFETIME_SECONDS, ARG_SECONDS, 3600);

	text_puts(t, "\tSecurity association lifetime: ");
	if (volume)
		text_printf(t, "%" PRIu32 " kilobytes", volume);
	else /* `disable` is no number */
		text_puts(t, "kilobytes disabled");
	text_printf(t, "/%" PRIu32 " seconds\n", seconds);
}

void
cmd_show_crypto_ipsec_profile(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct tnode *top = tree_top(router_tree(s.router)), *n;
	bool xe = showing_layout(&s, LAYOUT_XE) == LAYOUT_XE;

	(void)cmd;
	for (n = tnode_first(top, KEY_CRYPTO_IPSEC_PROFILE); n; n = tnode_next(n)) {
		const struct tnode *pfs = tnode_first(n, KEY_PROFILE_PFS);

		text_printf(&s.text, "IPSEC profile %s\n", tnode_str(n, ARG_NAME));
		if (xe)
			profile_keyed_by(&s.text, n);
		profile_lifetime(&s.text, top, n);
		if (xe)
			text_printf(&s.text, "\tResponder-Only (Y/N): %s\n",
			            tnode_first(n, KEY_PROFILE_RESPONDER_ONLY) ? "Y" : "N");
		text_printf(&s.text, "\tPFS (Y/N): %s\n", pfs ? "Y" : "N");
		if (pfs)
			text_printf(&s.text, "\tDH group:  %s\n", tnode_str(pfs, ARG_PFS));
		if (xe)
			text_printf(&s.text, "\tMixed-mode : %s\n",
			            tnode_first(n, KEY_PROFILE_MIXED_MODE) ? "Enabled"
			                                                   : "Disabled");
		text_puts(&s.text, "\tTransform sets={ \n");
		profile_sets(&s.text, top, n);
		text_puts(&s.text, "\t}\n\n");
	}
	showing_end(&s);
}

static bool
map_is_on(const struct policy *p, const char *map, const char *interface)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].crypto_map && !strcmp(p->interfaces[i].name, interface) &&
		    !strcmp(p->interfaces[i].crypto_map->name, map))
			return true;
	return false;
}

void
cmd_show_crypto_map(struct shell *sh, const struct command *cmd)
{
	const char *tag = command_str(cmd, ARG_TAG), *on = command_str(cmd, ARG_INTERFACE);
	struct showing s = showing_start(sh);

	for (size_t i = 0; i < s.policy->n_maps; i++) {
		const struct policy_crypto_map *map = &s.policy->maps[i];

		if ((!tag || !strcmp(tag, map->name)) &&
		    (!on || map_is_on(s.policy, map->name, on)))
			show_crypto_map(&s.text, map, s.policy);
	}
	if (!s.text.n)
		text_puts(&s.text, "No crypto maps found.\n");
	for (size_t i = 0; i < s.policy->n_interfaces; i++) {
		const struct policy_interface *at = &s.policy->interfaces[i];

		if (at->crypto_map_name && (!tag || !strcmp(tag, at->crypto_map_name)) &&
		    (!on || !strcmp(on, at->name)) && node_interface_shut(s.node, at->name))
			text_printf(&s.text,
			            "%s is shut: crypto map %s does not protect what it should\n",
			            at->name, at->crypto_map_name);
	}
	showing_end(&s);
}

void
cmd_show_crypto_map_fail_close(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const char *name = command_str(cmd, ARG_NAME);

	for (size_t i = 0; i < s.policy->n_maps; i++) {
		const struct policy_crypto_map *map = &s.policy->maps[i];
		struct dp_door_stat stat;
		bool open, there;

		if (!map->fail_close.configured || (name && strcmp(name, map->name) != 0))
			continue;
		there = node_door_stat(s.node, map->name, &open, &stat);
		show_fail_close(&s.text, map, there ? &stat : NULL, open);
	}
	showing_end(&s);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void
show_pairs(struct shell *sh, const struct command *cmd, bool rsa, bool ec)
{
	const char *label = command_str(cmd, ARG_LABEL);
	struct showing s = showing_start(sh);
	const struct keystore *ks = node_keystore(s.node);
	size_t n_rsa = rsa ? keystore_count(ks) : 0, n_ec = ec ? keystore_ec_count(ks) : 0;
	struct clock_zone zone;

	router_zone(shell_router(sh), &zone);
	for (size_t i = 0; i < n_rsa + n_ec; i++) {
		struct keystore_entry e =
		    i < n_rsa ? keystore_at(ks, i) : keystore_ec_at(ks, i - n_rsa);

		if (!label || !strcmp(label, e.label))
			show_key_pair(&s.text, &e, keystore_public_der(&e, s.arena), &zone);
	}
	showing_end(&s);
}

void
cmd_show_crypto_key_mypubkey_rsa(struct shell *sh, const struct command *cmd)
{
	show_pairs(sh, cmd, true, false);
}

void
cmd_show_crypto_key_mypubkey_ec(struct shell *sh, const struct command *cmd)
{
	show_pairs(sh, cmd, false, true);
}

void
cmd_show_crypto_key_mypubkey_all(struct shell *sh, const struct command *cmd)
{
	show_pairs(sh, cmd, true, true);
}
