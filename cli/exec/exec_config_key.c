/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `key config-key password-encrypt`: sets, changes and forgets the master key. With the key on the
 * line nothing is asked while there is none, so that a paste never stops.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/accounts/auth_master.h"
#include "cli/exec/exec.h"
#include "runtime/crypto/secret.h"

struct rekeying {
	char key[AUTH_MASTER_MAX + 1]; /* the new one; "": yet to be asked for */
};

static void
rekeying_free(struct rekeying *k)
{
	wipe(k, sizeof(*k));
	free(k);
}

static bool
take_key(struct shell *sh, struct rekeying *k, const char *key)
{
	size_t n = strlen(key);

	if (n < AUTH_MASTER_MIN || n > AUTH_MASTER_MAX || strchr("!#;", key[0])) {
		shell_refuse(sh);
		shell_printf(
		    sh, "%% Invalid master key: %d to %d characters, the first none of ! # ;\n",
		    AUTH_MASTER_MIN, AUTH_MASTER_MAX);
		return false;
	}
	memcpy(k->key, key, n + 1);
	return true;
}

static void
set_master(struct shell *sh, const char *key)
{
	struct router *r = shell_router(sh);

	auth_set_master(router_accounts(r), key, router_wall(r));
	router_touch(r);
}

static bool
same_key(const char *a, const char *b)
{
	return span_equal_ct(SPAN(a, strlen(a)), SPAN(b, strlen(b)));
}

static void
confirm_answer(struct shell *sh, const char *line, void *state)
{
	struct rekeying *k = state;

	if (line && same_key(line, k->key)) {
		set_master(sh, k->key);
	} else if (line) {
		shell_refuse(sh);
		shell_puts(sh, "% The keys do not match\n");
	}
	rekeying_free(k);
}

static void
new_answer(struct shell *sh, const char *line, void *state)
{
	struct rekeying *k = state;

	if (line && take_key(sh, k, line))
		shell_ask_secret(sh, "Confirm key: ", confirm_answer, k);
	else
		rekeying_free(k);
}

static void
old_answer(struct shell *sh, const char *line, void *state)
{
	struct rekeying *k = state;
	char old[AUTH_MASTER_MAX + 1];
	bool right =
	    line && auth_master(router_accounts(shell_router(sh)), old) && same_key(line, old);

	wipe(old, sizeof(old));
	if (right && !*k->key) {
		shell_ask_secret(sh, "New key: ", new_answer, k);
		return;
	}
	if (right) {
		set_master(sh, k->key);
	} else if (line) {
		shell_refuse(sh);
		shell_puts(sh, "% The old key does not match\n");
	}
	rekeying_free(k);
}

static void
forget_answer(struct shell *sh, const char *line, void *state)
{
	(void)state;
	if (line && *line && !strncasecmp("yes", line, strlen(line)))
		set_master(sh, NULL);
}

void
config_key_config_key(struct shell *sh, const struct command *cmd)
{
	const char *key = command_str(cmd, ARG_KEY);
	char old[AUTH_MASTER_MAX + 1] = "";
	bool there = auth_master(router_accounts(shell_router(sh)), old),
	     same = key && there && same_key(key, old);
	struct rekeying *k;

	wipe(old, sizeof(old));
	if (cmd->no || cmd->dflt) {
		if (there && shell_is_typed(sh)) {
			shell_puts(sh, "WARNING: All type 6 encrypted keys will become unusable\n");
			shell_ask(sh,
			          "Continue with master key deletion ? [yes/no]: ", forget_answer,
			          NULL);
		}
		return;
	}
	if (same)
		return;
	if (!shell_is_typed(sh) && (there || !key)) {
		shell_refuse(sh); /* nobody is there to be asked */
		shell_puts(sh, "% The master key is changed in a dialogue only\n");
		return;
	}
	k = x_alloc(sizeof(*k));
	if (key && !take_key(sh, k, key)) {
		rekeying_free(k);
	} else if (there) {
		shell_ask_secret(sh, "Old key: ", old_answer, k);
	} else if (key) {
		set_master(sh, key);
		rekeying_free(k);
	} else {
		shell_ask_secret(sh, "New key: ", new_answer, k);
	}
}
