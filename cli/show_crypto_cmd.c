/* `show crypto ...`: from the node's snapshots, its policy and its keys to the layouts. */
#include "cli/show_cmd.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- isakmp ----------------------------------------------------------------------------------- */

typedef void isakmp_fn(struct text *t, const struct snap_isakmp *sas, size_t n);

static void
isakmp(struct shell *sh, isakmp_fn *fn)
{
	struct showing s = showing_start(sh);
	const struct snap_isakmp *sas;
	size_t n;

	sas = node_isakmp(s.node, s.arena, &n);
	fn(&s.text, sas, n);
	showing_end(&s);
}

void
cmd_show_crypto_isakmp_sa(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	isakmp(sh, show_isakmp_sa);
}

void
cmd_show_crypto_isakmp_sa_detail(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	isakmp(sh, show_isakmp_sa_detail);
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

static void
ipsec_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	bool counted = node_dp_stat(s->node, g->name, stat);

	(void)nth;
	for (size_t i = 0; g->n_teks && i < p->n_interfaces; i++)
		show_ipsec_sa(&s->text, g, &p->interfaces[i], counted ? stat : NULL,
			      interface_mtu(s, p->interfaces[i].name));
	free(stat);
}

void
cmd_show_crypto_ipsec_sa(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	showing_groups(&s, ROLE_MEMBER, NULL, ipsec_block);
	if (!s.text.n)
		text_puts(&s.text, "No SAs found\n");
	showing_end(&s);
}

/* "esp-256-aes esp-sha-hmac", as the shows write a transform set. */
static void
transforms(struct text *t, const struct tnode *set)
{
	static const enum gram_arg order[] = {ARG_AH, ARG_CIPHER, ARG_AUTH, ARG_COMP};
	uint32_t bits = tnode_u32(set, ARG_KEYSIZE);
	bool any = false;

	if (!bits && tnode_str(set, ARG_KEYSIZE))
		bits = (uint32_t)atoi(tnode_str(set, ARG_KEYSIZE));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const char *word = tnode_str(set, order[i]);

		if (!word)
			continue;
		text_puts(t, any ? " " : "");
		any = true;
		if (!strcmp(word, "esp-aes") && bits && bits != 128)
			text_printf(t, "esp-%" PRIu32 "-aes", bits);
		else
			text_puts(t, word);
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
		transforms(&s.text, n);
		text_printf(&s.text, "  } \n   will negotiate = { %s,  }, \n\n",
			    transport ? "Transport" : "Tunnel");
	}
	showing_end(&s);
}

/* The profile's lifetime, else the global one, else IOS's default. */
static uint32_t
lifetime(const struct tnode *top, const struct tnode *profile, enum gram_key own,
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

		set = tnode_first(top, KEY_CRYPTO_IPSEC_TRANSFORM_SET);
		while (set && strcmp(tnode_str(set, ARG_NAME), name))
			set = tnode_next(set);
		text_printf(t, "\t\t%s:  { ", name);
		if (set)
			transforms(t, set);
		text_puts(t, "  } , \n");
	}
}

void
cmd_show_crypto_ipsec_profile(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct tnode *top = tree_top(router_tree(s.router)), *n;

	(void)cmd;
	for (n = tnode_first(top, KEY_CRYPTO_IPSEC_PROFILE); n; n = tnode_next(n)) {
		const struct tnode *pfs = tnode_first(n, KEY_PROFILE_PFS);

		text_printf(&s.text,
			    "IPSEC profile %s\n\tSecurity association lifetime: %" PRIu32
			    " kilobytes/%" PRIu32 " seconds\n",
			    tnode_str(n, ARG_NAME),
			    lifetime(top, n, KEY_PROFILE_LIFETIME_KILOBYTES,
				     KEY_CRYPTO_IPSEC_LIFETIME_KILOBYTES, ARG_KILOBYTES, 4608000),
			    lifetime(top, n, KEY_PROFILE_LIFETIME_SECONDS,
				     KEY_CRYPTO_IPSEC_LIFETIME_SECONDS, ARG_SECONDS, 3600));
		text_printf(&s.text, "\tPFS (Y/N): %s\n\tTransform sets={ \n", pfs ? "Y" : "N");
		profile_sets(&s.text, top, n);
		text_puts(&s.text, "\t}\n\n");
	}
	showing_end(&s);
}

void
cmd_show_crypto_map(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	for (size_t i = 0; i < s.policy->n_maps; i++)
		show_crypto_map(&s.text, &s.policy->maps[i], s.policy);
	if (!s.policy->n_maps)
		text_puts(&s.text, "No crypto maps found.\n");
	showing_end(&s);
}

/* --- keys ------------------------------------------------------------------------------------- */

void
cmd_show_crypto_key_mypubkey_rsa(struct shell *sh, const struct command *cmd)
{
	const char *label = command_str(cmd, ARG_LABEL);
	struct showing s = showing_start(sh);
	const struct keystore *ks = node_keystore(s.node);

	for (size_t i = 0; i < keystore_count(ks); i++) {
		struct keystore_entry e = keystore_at(ks, i);

		if (!label || !strcmp(label, e.label))
			show_key_rsa(&s.text, &e, keystore_public_der(&e, s.arena));
	}
	showing_end(&s);
}
