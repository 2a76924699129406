/* SPDX-License-Identifier: Apache-2.0 */
/* `ip access-list resequence NAME START STEP`: the entries get other numbers, in the same order. */
#include "compiler/session/session_parts.h"

void
session_resequence(struct config_session *s, const struct command *cmd)
{
	static const enum gram_key kinds[] = {KEY_IP_ACCESS_LIST_STANDARD,
	                                      KEY_IP_ACCESS_LIST_EXTENDED};
	const char *name = command_str(cmd, ARG_NAME);
	const struct tnode *list = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !list; i++)
		list = tnode_named(tree_top(s->tree), kinds[i], ARG_NAME, name);
	if (!list) {
		session_refuse(s, "%% Access list %s does not exist\n", name);
	} else if (!tree_renumber(list, KEY_ACE, command_u32(cmd, ARG_START),
	                          command_u32(cmd, ARG_STEP))) {
		session_refuse(s, "%% The last entry's number would be greater than 2147483647\n");
	} else if (s->setup.hooks.changed) {
		s->setup.hooks.changed(s->setup.hooks.arg, cmd);
	}
}
