/* SPDX-License-Identifier: Apache-2.0 */
/* `show login`, `show login failures`: who has failed to log in, and what the router does then. */
#include "cli/show/show_cmd.h"

#include "cli/accounts/login_guard.h"

static void
put_logged(struct shell *sh, enum gram_key key, const char *what, bool otherwise)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(shell_router(sh))), key);

	if (n ? tnode_negated(n) : !otherwise)
		return;
	if (n && tnode_has(n, ARG_EVERY))
		shell_printf(sh, "     Every %u %s login is logged.\n", tnode_u32(n, ARG_EVERY),
		             what);
	else
		shell_printf(sh, "     All %s login is logged.\n", what);
}

static void
put_settings(struct shell *sh, const struct login_state *s)
{
	if (s->delay)
		shell_printf(sh, "     A %slogin delay of %u second%s is applied.\n",
		             s->delay_set ? "" : "default ", s->delay, s->delay == 1 ? "" : "s");
	else
		shell_puts(sh, "     No login delay has been applied.\n");
	if (s->acl)
		shell_printf(sh, "     Quiet-Mode access list %s is applied.\n", s->acl);
	else
		shell_puts(sh, "     No Quiet-Mode access list has been configured.\n");
	put_logged(sh, KEY_LOGIN_ON_SUCCESS, "successful", false);
	put_logged(sh, KEY_LOGIN_ON_FAILURE, "failed", true);
	shell_puts(sh, "\n");
}

static void
put_mode(struct shell *sh, const struct login_state *s)
{
	if (s->quiet) {
		shell_printf(sh,
		             "     Router presently in Quiet-Mode.\n"
		             "     Will remain in Quiet-Mode for %u seconds.\n",
		             s->left);
		if (s->acl)
			shell_printf(sh, "     Restricted logins filtered by applied ACL %s.\n",
			             s->acl);
		else
			shell_puts(sh, "     Denying logins from all sources.\n");
		return;
	}
	shell_printf(sh,
	             "     Router presently in Normal-Mode.\n"
	             "     Current Watch Window\n"
	             "         Time remaining: %u seconds.\n"
	             "         Login failures for current window: %u.\n",
	             s->left, s->failures);
}

static void
put_state(struct shell *sh, const struct login_state *s)
{
	put_settings(sh, s);
	if (!s->block) {
		shell_puts(sh, "     Router NOT enabled to watch for login Attacks\n");
		return;
	}
	shell_printf(sh,
	             "     Router enabled to watch for login Attacks.\n"
	             "     If more than %u login failures occur in %u seconds or less,\n"
	             "     logins will be disabled for %u seconds.\n\n",
	             s->attempts, s->within, s->block);
	put_mode(sh, s);
	shell_printf(sh, "     Total login failures: %u.\n", s->total);
}

static void
put_failures(struct shell *sh, const struct login_state *s)
{
	char when[LOGIN_CLOCK_MAX];

	if (!s->n_failures) {
		shell_puts(sh, "*** No logged failed login attempts with the device.***\n");
		return;
	}
	shell_printf(sh, "Total failed logins: %u\nDetailed information about last %u failures\n\n",
	             s->total, LOGIN_FAILURES_MAX);
	shell_puts(sh, "Username        SourceIPAddr    lPort Count TimeStamp\n");
	for (size_t i = s->n_failures; i--;) {
		const struct login_failure *f = &s->failure[i];

		shell_printf(sh, "%-15s %-15s %-5u %-5u %s\n", f->user,
		             *f->source ? f->source : "LOCAL", f->port, f->count,
		             login_guard_clock(router_accounts(shell_router(sh)), f->wall, when));
	}
}

void
cmd_show_login(struct shell *sh, const struct command *cmd)
{
	struct login_state s = login_guard_state(router_accounts(shell_router(sh)));

	if (command_has(cmd, ARG_FAILURES))
		put_failures(sh, &s);
	else
		put_state(sh, &s);
}
