/* SPDX-License-Identifier: Apache-2.0 */
/* Which shows have a structured form, and what all of them use: see structured.h. */
#include "cli/show/structured.h"

#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/device/load.h"
#include "cli/shell/shell.h"
#include "compiler/yaml/config_yaml.h"

void
emit_addr(struct emit *e, const char *key, uint32_t addr)
{
	char buf[ADDR_TEXT_MAX];

	emit_string(e, key, addr ? addr_text(addr, buf) : NULL);
}

void
emit_hex(struct emit *e, const char *key, const uint8_t *p, size_t n)
{
	struct text t = TEXT_INIT;

	text_puts(&t, "0x");
	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%02X", p[i]);
	emit_string(e, key, text_string(&t));
	text_fini(&t);
}

void
emit_selector(struct emit *e, const struct selector *s)
{
	char addr[ADDR_TEXT_MAX], mask[ADDR_TEXT_MAX];

	emit_string(e, "action", s->permit ? "permit" : "deny");
	emit_int(e, "protocol", s->proto);
	emit_printf(e, "source", "%s/%s", addr_text(s->src, addr), addr_text(s->src_mask, mask));
	emit_printf(e, "destination", "%s/%s", addr_text(s->dst, addr),
	            addr_text(s->dst_mask, mask));
	emit_int(e, "source_port", s->sport);
	emit_int(e, "destination_port", s->dport);
}

/* The configuration itself: the document that `copy running-config FILE.yaml` writes. */
static void
show_configuration(struct shell *sh, enum emit_form form)
{
	struct tree *config = auth_visible(router_accounts(shell_router(sh)), shell_level(sh));
	struct text t = TEXT_INIT;

	config_write(config, form, &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
}

/* The same of the configuration that the router would start with: null where there is none. */
static void
show_startup(struct shell *sh, enum emit_form form)
{
	struct router *r = shell_router(sh);
	const char *startup = router_startup(r);
	struct text t = TEXT_INIT;
	struct tree *config;

	if (!startup) {
		shell_puts(sh, "null\n");
		return;
	}
	config = router_tree_new(r);
	load_trial(r, config, startup, NULL, NULL);
	auth_hide(router_accounts(r), shell_level(sh), config);
	config_write(config, form, &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
	tree_free(config);
}

/* Documents of their own. */
static const struct command_view running = {.handler = H_SHOW_RUNNING_CONFIG},
				 saved = {.handler = H_SHOW_STARTUP_CONFIG};

static const struct command_view *
document_view(const struct command *cmd)
{
	return cmd->entry->handler == H_SHOW_STARTUP_CONFIG ? &saved
	       : cmd->entry->handler == H_SHOW_RUNNING_CONFIG && !command_str(cmd, ARG_SCOPE)
	           ? &running
	           : NULL;
}

const struct command_view *
structured_view(const struct command *cmd)
{
	static const struct command_view *const lists[] = {
	    structured_gdoi,      structured_crypto,  structured_ip,    structured_system,
	    structured_session,   structured_process, structured_files, structured_absent,
	    structured_vrf,       structured_routing, structured_line,  structured_testudo,
	    structured_multicast, structured_archive, structured_tech};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (const struct command_view *v = lists[i]; v->put; v++)
			if ((unsigned)v->handler == cmd->entry->handler)
				return v;
	return document_view(cmd);
}

void
structured_show(struct shell *sh, const struct command *cmd, const struct command_view *view,
                enum emit_form form)
{
	struct showing s;
	struct emit *e;

	if (view == &running || view == &saved) {
		(view == &running ? show_configuration : show_startup)(sh, form);
		return;
	}
	s = showing_start(sh);
	s.cmd = cmd;
	s.view = view;
	e = emit_new(form, &s.text);
	emit_map(e, NULL);
	view->put(&s, e);
	emit_free(e);
	showing_end(&s);
}

void
structured_lines(struct shell *sh, const char *text, enum emit_form form)
{
	struct text out = TEXT_INIT, line = TEXT_INIT;
	struct emit *e = emit_new(form, &out);

	emit_map(e, NULL);
	emit_list(e, "lines");
	while (*text) {
		size_t n = strcspn(text, "\n");

		text_clear(&line);
		text_add(&line, text, n);
		emit_string(e, NULL, text_string(&line));
		text += n + (text[n] == '\n');
	}
	emit_free(e);
	shell_puts(sh, text_string(&out));
	if (line.p)
		explicit_bzero(line.p, line.capacity);
	explicit_bzero(out.p, out.n);
	text_fini(&line);
	text_fini(&out);
}
