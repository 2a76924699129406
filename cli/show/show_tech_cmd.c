/* SPDX-License-Identifier: Apache-2.0 */
/* `show tech-support`: many shows in a row for whoever helps, without secrets. */
#include "cli/show/structured.h"

#include <string.h>

#include "cli/accounts/auth_level.h"
#include "compiler/tree/render.h"
#include "compiler/yaml/config_yaml.h"

static const char *const shows[] = {
    "show clock",
    "show version",
    "show running-config",
    "show interfaces",
    "show ip interface",
    "show arp",
    "show ip route",
    "show access-lists",
    "show crypto isakmp policy",
    "show crypto isakmp sa detail",
    "show crypto gdoi",
    "show crypto gdoi ks members",
    "show crypto gdoi ks policy",
    "show crypto gdoi ks coop detail",
    "show crypto gdoi gm rekey detail",
    "show crypto gdoi gm replay",
    "show crypto gdoi store",
    "show crypto ipsec sa detail",
    "show crypto engine connections active",
    "show crypto map",
    "show crypto pki certificates",
    "show crypto pki crls",
    "show crypto key mypubkey all",
    "show processes",
    "show memory",
    "show file systems",
    "show users",
    "show testudo drops",
    "show testudo store",
    "show logging",
};

/* The crypto of a router, and what one must know to read it. */
static bool
is_of_crypto(const char *show)
{
	static const char *const others[] = {"show clock", "show version", "show running-config",
	                                     "show testudo drops"};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(show, others[i]))
			return true;
	return !strncmp(show, "show crypto ", strlen("show crypto "));
}

/* Of the rows of `shows` that the command asks for, the first from *at on, which goes behind it. */
static const char *
next_show(const struct command *cmd, size_t *at)
{
	while (*at < ARRAY_SIZE(shows)) {
		const char *show = shows[(*at)++];

		if (!command_has(cmd, ARG_CRYPTO) || is_of_crypto(show))
			return show;
	}
	return NULL;
}

/* --- without secrets -------------------------------------------------------------------------- */

/* A URL with a user's name, and so perhaps a password: ftp://user:password@host/. */
static bool
names_user(const struct tnode *n)
{
	char line[COMMAND_LINE_MAX];
	const char *url;
	bool named = false;

	tnode_text(n, line, sizeof(line));
	for (url = strstr(line, "://"); url && !named; url = strstr(url + 3, "://"))
		named = url[3 + strcspn(url + 3, "@ ")] == '@';
	explicit_bzero(line, sizeof(line));
	return named;
}

/*
 * A line that is kept without effect may hold a secret that the grammar does not know as one, and
 * explains nothing of what this router does.
 */
static bool
is_harmless(void *arg, const struct tnode *n)
{
	(void)arg;
	return !tnode_has_secret(n) && !tnode_entry(n)->kept && !names_user(n);
}

/* The caller frees it. */
static struct tree *
harmless_config(struct shell *sh)
{
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));

	tree_filter(config, is_harmless, NULL);
	return config;
}

/* A line of the log that does not repeat what was typed. */
static bool
is_harmless_line(const char *line)
{
	return !strstr(line, "CFGLOG_LOGGEDCMD");
}

/* --- as text ---------------------------------------------------------------------------------- */

static void
show_config(struct shell *sh)
{
	const struct device_kind *kind = router_kind(shell_router(sh));
	struct tree *config = harmless_config(sh);
	struct text t = TEXT_INIT;

	if (kind->render)
		kind->render(config, &t);
	else
		render_brief(config, text_line, &t);
	shell_puts(sh, "! Lines with secrets, and those without effect, are left out.\n");
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
}

static void
show_log(struct shell *sh)
{
	struct router *r = shell_router(sh);

	for (size_t i = 0; i < router_log_count(r); i++)
		if (is_harmless_line(router_log_line(r, i)))
			shell_printf(sh, "%s\n", router_log_line(r, i));
}

void
cmd_show_tech_support(struct shell *sh, const struct command *cmd)
{
	const char *show, *before = "";

	for (size_t i = 0; (show = next_show(cmd, &i)); before = "\n\n") {
		shell_printf(sh, "%s------------------ %s ------------------\n\n", before, show);
		if (!strcmp(show, "show running-config"))
			show_config(sh);
		else if (!strcmp(show, "show logging"))
			show_log(sh);
		else
			shell_show(sh, show);
	}
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
put_config(struct shell *sh, struct emit *e)
{
	struct tree *config = harmless_config(sh);

	config_emit(e, "output", config);
	tree_free(config);
}

static void
put_log(const struct router *r, struct emit *e)
{
	emit_map(e, "output");
	emit_list(e, "messages");
	for (size_t i = 0; i < router_log_count(r); i++)
		if (is_harmless_line(router_log_line(r, i)))
			emit_string(e, NULL, router_log_line(r, i));
	emit_end(e);
	emit_end(e);
}

/* null: the level may not see it, or there is no such show on this device. */
static void
put_show(const struct showing *s, struct emit *e, const char *show)
{
	const struct command_view *view;
	struct showing one = *s;
	struct command cmd;

	view = shell_parse_show(s->sh, show, s->arena, &cmd) ? structured_view(&cmd) : NULL;
	if (!view || !view->put) {
		emit_null(e, "output");
		return;
	}
	one.cmd = &cmd;
	one.view = view;
	emit_map(e, "output");
	view->put(&one, e);
	emit_end(e);
}

static void
put_tech_support(struct showing *s, struct emit *e)
{
	const char *show;

	emit_list(e, "shows");
	for (size_t i = 0; (show = next_show(s->cmd, &i));) {
		emit_map(e, NULL);
		emit_string(e, "command", show);
		if (!strcmp(show, "show running-config"))
			put_config(s->sh, e);
		else if (!strcmp(show, "show logging"))
			put_log(s->router, e);
		else
			put_show(s, e, show);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_tech[] = {
    {.handler = H_SHOW_TECH_SUPPORT, .put = put_tech_support},
    {.put = NULL},
};
