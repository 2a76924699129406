/* SPDX-License-Identifier: Apache-2.0 */
/* `show running-config` in its forms, `show startup-config`, `show testudo diagnostics`. */
#include "cli/show/show_cmd.h"

#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/shell/shell_files.h"
#include "cli/show/show_config.h"
#include "compiler/policy/alike.h"

static void
show_configuration(struct shell *sh, const struct text *t)
{
	shell_printf(sh, "Building configuration...\n\nCurrent configuration : %zu bytes\n", t->n);
	shell_puts(sh, text_string(t));
	shell_puts(sh, "\n");
}

void
cmd_show_running_config(struct shell *sh, const struct command *cmd)
{
	const struct device_kind *kind = router_kind(shell_router(sh));
	const char *scope = command_str(cmd, ARG_SCOPE);
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));
	struct text t = TEXT_INIT;

	if (kind->render) {
		kind->render(config, &t);
		shell_puts(sh, text_string(&t));
		text_fini(&t);
		tree_free(config);
		return;
	}
	if (scope && !strcmp(scope, "all"))
		render_all(config, text_line, &t);
	else if (scope && !strcmp(scope, "brief"))
		render_brief(config, text_line, &t);
	else
		render_config(config, text_line, &t);
	show_configuration(sh, &t);
	text_fini(&t);
	tree_free(config);
}

/* --- one interface ---------------------------------------------------------------------------- */

static bool
interface_exists(struct router *r, const char *name)
{
	struct host *h = node_host(router_node(r));
	struct arena *a = arena_new();
	const struct host_interface *list;
	bool found = false;
	size_t n = 0;

	list = h ? h->ops->interfaces(h, a, &n) : NULL;
	for (size_t i = 0; i < n; i++)
		found = found || !strcmp(list[i].name, name);
	arena_free(a);
	return found;
}

void
cmd_show_running_config_interface(struct shell *sh, const struct command *cmd)
{
	const struct value *name = command_value(cmd, ARG_INTERFACE, 0);
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));
	const struct tnode *n = tnode_named(tree_top(config), KEY_INTERFACE, ARG_NAME, name->text);
	struct text t = TEXT_INIT;

	if (!n && !interface_exists(shell_router(sh), name->text)) {
		shell_refuse_at(sh, name->column);
		tree_free(config);
		return;
	}
	text_puts(&t, "!\n");
	if (n)
		render_node(n, 0, text_line, &t);
	else
		text_printf(&t, "interface %s\n", name->text);
	text_puts(&t, "end\n");
	show_configuration(sh, &t);
	text_fini(&t);
	tree_free(config);
}

/* --- startup and diagnostics ------------------------------------------------------------------ */

void
cmd_show_startup_config(struct shell *sh, const struct command *cmd)
{
	const char *startup = router_startup(shell_router(sh));
	struct text t = TEXT_INIT;

	(void)cmd;
	if (!startup) {
		shell_puts(sh, "startup-config is not present\n");
		return;
	}
	text_puts(&t, startup);
	shell_hide_text(sh, &t);
	shell_printf(sh, "Using %zu bytes\n", t.n);
	shell_puts(sh, text_string(&t));
	shell_puts(sh, "\n");
	text_fini(&t);
}

static void
show_diagnostic(struct text *t, const struct diag *d)
{
	if (d->line)
		text_printf(t, "line %u", d->line);
	if (d->line && d->column)
		text_printf(t, ", column %u", d->column);
	text_printf(t, "%s%s: %s\n", d->line ? ": " : "", severity_text(d->severity), d->message);
	if (d->text[0])
		text_printf(t, "  %s\n", d->text);
	if (d->text[0] && d->column) {
		text_printf(t, "  %*s^", (int)d->column - 1, "");
		for (unsigned i = 1; i < d->length; i++)
			text_puts(t, "~");
		text_puts(t, "\n");
	}
	if (d->suggest[0])
		text_printf(t, "  suggested: %s\n", d->suggest);
}

void
show_diagnostics(struct text *t, const struct diag_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		show_diagnostic(t, &l->items[i]);
	text_printf(t, "%zu diagnostic%s\n", l->n, l->n == 1 ? "" : "s");
}

static void
add_running(struct diag_list *l, const char *id, const char *message)
{
	diag_add(
	    l,
	    &(struct diag){
		.severity = DIAG_WARNING, .id = id, .text = "", .suggest = "", .message = message});
}

static void
add_servers(struct arena *a, struct diag_list *l, const struct snap_group *g)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < g->coop.n_servers; i++) {
		const struct snap_server *other = &g->coop.servers[i];
		struct text lines = TEXT_INIT;

		if (other->here || !other->differs)
			continue;
		alike_put(&lines, other->differs);
		add_running(
		    l, "coop-differs",
		    arena_printf(a,
		                 "key server %s, which cooperates in group %s, is configured "
		                 "otherwise: %s (the policy of the one that leads counts)",
		                 addr_text(other->addr, addr), g->name, text_string(&lines)));
		text_fini(&lines);
	}
}

/* A peer that is configured and not there. */
static void
add_absent(struct arena *a, struct diag_list *l, const struct snap_group *g,
           const struct policy_coop *p)
{
	char addr[ADDR_TEXT_MAX];

	for (size_t i = 0; i < p->n_peers; i++) {
		bool there = p->peers[i] == g->local_addr;

		for (size_t k = 0; k < g->coop.n_servers; k++)
			there |= !g->coop.servers[k].gone && g->coop.servers[k].addr == p->peers[i];
		if (!there)
			add_running(l, "coop-peer-away",
			            arena_printf(a,
			                         "key server %s, a peer of group %s, is not in the "
			                         "store that this one shares",
			                         addr_text(p->peers[i], addr), g->name));
	}
}

/* What only a running key server knows: who else is there, and how it is configured. */
static void
add_coop_diagnostics(struct showing *s, struct diag_list *l)
{
	size_t n;
	const struct snap_group *g = node_groups(s->node, s->arena, &n);

	for (size_t i = 0; i < n; i++) {
		const struct policy_group *p = policy_group_find(node_policy(s->node), g[i].name);

		if (!g[i].coop.on)
			continue;
		if (g[i].coop.store_error)
			add_running(
			    l, "coop-store-away",
			    arena_printf(s->arena,
			                 "the store that key servers of group %s share is not "
			                 "reached: %s",
			                 g[i].name, g[i].coop.store_error));
		else if (p && g[i].local_addr) /* without an address it does not look */
			add_absent(s->arena, l, &g[i], &p->server.coop);
		if (g[i].coop.keyless || g[i].coop.moved)
			add_running(l, g[i].coop.moved ? "coop-moved" : "coop-keyless",
			            arena_printf(s->arena,
			                         "this key server of group %s cannot lead: %s",
			                         g[i].name,
			                         g[i].coop.unable ? g[i].coop.unable
			                                          : "its key pair was not there"));
		add_servers(s->arena, l, &g[i]);
	}
}

void
showing_diagnostics(struct showing *s, struct diag_list *ret)
{
	const struct diag_list *compiled = router_diags(s->router);

	diag_list_init(ret);
	for (size_t i = 0; i < compiled->n; i++)
		diag_add(ret, &compiled->items[i]);
	add_coop_diagnostics(s, ret);
}

void
cmd_show_testudo_diagnostics(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct diag_list all;

	(void)cmd;
	showing_diagnostics(&s, &all);
	show_diagnostics(&s.text, &all);
	diag_list_fini(&all);
	showing_end(&s);
}
