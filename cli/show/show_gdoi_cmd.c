/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto gdoi ...`: from the node's snapshots and its policy to the layouts. */
#include "cli/show/show_cmd.h"

#include <stdlib.h>
#include <string.h>

/* --- groups ----------------------------------------------------------------------------------- */

size_t
showing_groups(struct showing *s, enum group_role role, const char *name, group_fn *fn)
{
	size_t n, found = 0;
	const struct snap_group *g = node_groups(s->node, s->arena, &n);

	for (size_t i = 0; i < n; i++) {
		const struct policy_group *p = policy_group_find(s->policy, g[i].name);

		if (!p || (name && strcmp(name, g[i].name)) ||
		    (role == ROLE_SERVER && !g[i].local) ||
		    (role == ROLE_MEMBER && (g[i].local || !g[i].applied)))
			continue;
		fn(s, &g[i], p, found++);
	}
	return found;
}

/* A command that is no more than one block for each group in a role. */
static void
show_blocks(struct shell *sh, enum group_role role, enum layout otherwise,
            const struct command *cmd, group_fn *fn)
{
	const char *name = command_str(cmd, ARG_GROUP);
	struct showing s = showing_start(sh);

	s.cmd = cmd;
	s.layout = showing_layout(&s, otherwise);
	if (!showing_groups(&s, role, name, fn) && name) {
		shell_refuse(sh);
		text_printf(&s.text, "%% group %s doesn't exist.\n", name);
	}
	showing_end(&s);
}

static void
group_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	/*
	 * A server is shown in the classic layout, as in the lab document, unless another was asked
	 * for.
	 */
	enum layout layout = showing_layout(s, g->local ? LAYOUT_CLASSIC : LAYOUT_XE);

	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_group(&s->text, g, p, layout);
}

void
cmd_show_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_GROUP);
	struct showing s = showing_start(sh);

	if (!name)
		text_puts(&s.text, "GROUP INFORMATION\n\n");
	if (!showing_groups(&s, ROLE_ANY, name, group_block) && name) {
		shell_refuse(sh);
		text_printf(&s.text, "%% group %s doesn't exist.\n", name);
	}
	showing_end(&s);
}

/* --- a key server's --------------------------------------------------------------------------- */

static size_t
members_of_all(struct showing *s)
{
	size_t n, total = 0;
	const struct snap_group *g = node_groups(s->node, s->arena, &n);

	for (size_t i = 0; i < n; i++)
		total += g[i].local ? g[i].n_members : 0;
	return total;
}

static void
ks_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	if (!nth)
		text_printf(&s->text, "Total group members registered to this box: %zu\n",
		            members_of_all(s));
	text_puts(&s->text, "\n");
	show_gdoi_ks(&s->text, g, p, command_str(s->cmd, ARG_DETAIL), s->layout);
}

void
cmd_show_crypto_gdoi_ks(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, ks_block);
}

static void
members_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
              size_t nth)
{
	uint32_t addr = command_u32(s->cmd, ARG_MEMBER);
	bool summary = command_str(s->cmd, ARG_SUMMARY);

	(void)p;
	if (!nth && (summary || s->layout == LAYOUT_CLASSIC))
		text_puts(&s->text, "\nGroup Member Information :\n");
	text_puts(&s->text, "\n");
	if (summary)
		show_gdoi_ks_members_summary(&s->text, g);
	else
		show_gdoi_ks_members(&s->text, g, addr, s->layout);
}

void
cmd_show_crypto_gdoi_ks_members(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, members_block);
}

static void
policy_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
             size_t nth)
{
	text_puts(&s->text, nth ? "\n" : "Key Server Policy:\n");
	show_gdoi_ks_policy(&s->text, g, p, nth, s->layout);
}

void
cmd_show_crypto_gdoi_ks_policy(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, policy_block);
}

static void
acl_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	(void)p;
	(void)nth;
	show_gdoi_ks_acl(&s->text, g);
}

void
cmd_show_crypto_gdoi_ks_acl(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, acl_block);
}

static void
coop_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_ks_coop(&s->text, g, p, nth, command_str(s->cmd, ARG_DETAIL));
}

void
cmd_show_crypto_gdoi_ks_coop(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, coop_block);
}

static void
coop_identifier_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                      size_t nth)
{
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_ks_coop_identifier(&s->text, g, p, command_str(s->cmd, ARG_DETAIL));
}

void
cmd_show_crypto_gdoi_ks_coop_identifier(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, coop_identifier_block);
}

void
cmd_show_crypto_gdoi_ks_coop_version(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	show_gdoi_ks_coop_version(&s.text);
	showing_end(&s);
}

static void
store_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_store(&s->text, g, p);
}

void
cmd_show_crypto_gdoi_store(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, store_block);
}

static void
ks_rekey_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
               size_t nth)
{
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_ks_rekey(&s->text, g, p);
}

void
cmd_show_crypto_gdoi_ks_rekey(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, ks_rekey_block);
}

static void
replay_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
             size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_ks_replay(&s->text, g);
}

void
cmd_show_crypto_gdoi_ks_replay(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, replay_block);
}

static void
ks_identifier_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                    size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_ks_identifier(&s->text, g, command_str(s->cmd, ARG_DETAIL));
}

void
cmd_show_crypto_gdoi_ks_identifier(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_SERVER, LAYOUT_XE, cmd, ks_identifier_block);
}

static void
feature_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
              size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_feature(&s->text, g, command_str(s->cmd, ARG_FEATURE));
}

void
cmd_show_crypto_gdoi_feature(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_ANY, LAYOUT_XE, cmd, feature_block);
}

/* --- a member's ------------------------------------------------------------------------------- */

static void
gm_block(struct showing *s, const struct snap_group *g, const struct policy_group *p, size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_gm(&s->text, g, s->layout);
}

void
cmd_show_crypto_gdoi_gm(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, gm_block);
}

static void
gm_acl_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
             size_t nth)
{
	(void)nth;
	show_gdoi_gm_acl(&s->text, g, p, command_str(s->cmd, ARG_LOCAL), s->layout);
}

void
cmd_show_crypto_gdoi_gm_acl(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, gm_acl_block);
}

static void
gm_rekey_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
               size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n\n");
	show_gdoi_gm_rekey(&s->text, g, command_str(s->cmd, ARG_DETAIL));
}

void
cmd_show_crypto_gdoi_gm_rekey(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, gm_rekey_block);
}

static void
gm_replay_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                size_t nth)
{
	struct dp_stat *stat = x_alloc(sizeof(*stat));
	bool counted = node_dp_stat(s->node, g->name, stat);

	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_gm_replay(&s->text, g, counted ? stat : NULL);
	free(stat);
}

void
cmd_show_crypto_gdoi_gm_replay(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, gm_replay_block);
}

static void
dataplane_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                size_t nth)
{
	struct dp_stat *stat = x_alloc(sizeof(*stat));

	(void)p;
	(void)nth;
	if (node_dp_stat(s->node, g->name, stat))
		show_gdoi_gm_dataplane(&s->text, g, stat);
	free(stat);
}

void
cmd_show_crypto_gdoi_gm_dataplane(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, dataplane_block);
}

static void
identifier_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
                 size_t nth)
{
	(void)p;
	if (nth)
		text_puts(&s->text, "\n");
	show_gdoi_gm_identifier(&s->text, g, command_str(s->cmd, ARG_DETAIL));
}

void
cmd_show_crypto_gdoi_gm_identifier(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, identifier_block);
}

static void
pubkey_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
             size_t nth)
{
	(void)p;
	(void)nth;
	show_gdoi_gm_pubkey(&s->text, g);
}

void
cmd_show_crypto_gdoi_gm_pubkey(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, pubkey_block);
}

static void
gdoi_sa_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
              size_t nth)
{
	(void)nth;
	if (g->n_teks)
		show_gdoi_ipsec_sa(&s->text, g, p, s->layout);
}

void
cmd_show_crypto_gdoi_ipsec_sa(struct shell *sh, const struct command *cmd)
{
	show_blocks(sh, ROLE_MEMBER, LAYOUT_XE, cmd, gdoi_sa_block);
}

void
cmd_show_crypto_gdoi_rekey_sa(struct shell *sh, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_GROUP);
	struct showing s = showing_start(sh);
	const struct snap_group *g;
	size_t n;

	g = node_groups(s.node, s.arena, &n);
	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(g[i].name, name)) {
			g += i;
			n = 1;
			name = NULL;
		}
	n = name ? 0 : n;
	if (command_str(cmd, ARG_DETAIL))
		show_gdoi_rekey_sa_detail(&s.text, g, n, s.policy);
	else
		show_gdoi_rekey_sa(&s.text, g, n);
	showing_end(&s);
}
