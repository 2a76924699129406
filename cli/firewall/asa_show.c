/* SPDX-License-Identifier: Apache-2.0 */
/* What a firewall shows of its interfaces and access lists. */
#include <inttypes.h>
#include <string.h>

#include "cli/firewall/firewall.h"
#include "cli/show/show_cmd.h"
#include "compiler/compile/asa_groups.h"

/* --- interfaces ------------------------------------------------------------------------------- */

void
cmd_show_asa_nameif(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	text_puts(&s.text, "Interface                Name                     Security\n");
	for (size_t i = 0; i < s.policy->n_interfaces; i++) {
		const struct policy_interface *on = &s.policy->interfaces[i];

		if (on->nameif)
			text_printf(&s.text, "%-24s %-24s %3u\n", on->name, on->nameif,
			            on->security_level);
	}
	showing_end(&s);
}

/* --- access lists ----------------------------------------------------------------------------- */

/* Behind the line; what it stands for on lines of their own. */
static void
show_entry(struct showing *s, const char *name, const struct policy_ace *e, uint64_t count,
           bool of_group)
{
	if (of_group)
		text_printf(&s->text, "  access-list %s line %u %s", name, e->line, e->text);
	text_printf(&s->text, " (hitcnt=%" PRIu64 ")%s 0x%08" PRIx32 "\n", count,
	            e->inactive ? " (inactive)" : "", e->hash);
}

static void
list_lines(struct showing *s, const struct tnode *list)
{
	const char *name = tnode_str(list, ARG_NAME);
	const struct policy_acl *acl = policy_acl_find(s->policy, name);
	const struct tnode *n = tnode_first(list, KEY_ASA_ACE);
	const uint64_t *counts = NULL;
	size_t n_counts = 0, ace = 0;
	char text[COMMAND_LINE_MAX];

	if (s->host->ops->filter_counters)
		counts = s->host->ops->filter_counters(s->host, name, s->arena, &n_counts);
	for (unsigned line = 1; n; n = tnode_next(n), line++) {
		tnode_text(n, text, sizeof(text));
		text_printf(&s->text, "access-list %s line %u %s", name, line, text);
		if (tnode_has(n, ARG_REMARK) || !acl) {
			text_puts(&s->text, "\n");
			continue;
		}
		if (asa_has_groups(n))
			text_printf(&s->text, " 0x%08" PRIx32 "\n", asa_hash(name, text));
		for (; ace < acl->n_aces && acl->aces[ace].line == line; ace++)
			show_entry(s, name, &acl->aces[ace],
			           counts && ace < n_counts ? counts[ace] : 0, asa_has_groups(n));
	}
}

void
cmd_show_asa_access_list(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_NAME);
	struct showing s = showing_start(sh);
	const struct tnode *n;
	bool found = false;

	if (!only)
		text_puts(&s.text, "access-list cached ACL log flows: total 0, denied 0 "
		                   "(deny-flow-max 4096)\n            alert-interval 300\n");
	n = tnode_first(tree_top(router_tree(s.router)), KEY_ASA_ACCESS_LIST);
	for (; n; n = tnode_next(n)) {
		const char *name = tnode_str(n, ARG_NAME);
		const struct policy_acl *acl = policy_acl_find(s.policy, name);

		if (only && strcmp(only, name) != 0)
			continue;
		found = true;
		text_printf(&s.text, "access-list %s; %zu elements; name hash: 0x%08" PRIx32 "\n",
		            name, acl ? acl->n_aces : 0, asa_hash(name, ""));
		list_lines(&s, n);
	}
	if (only && !found) {
		shell_refuse(sh);
		text_printf(&s.text, "ERROR: access-list <%s> does not exist\n", only);
	}
	showing_end(&s);
}
