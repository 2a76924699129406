/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only a firewall shows, for scripts. What routers show, too, has their form, with interfaces
 * by their own names: `show nameif` has both.
 */
#include "cli/firewall/firewall.h"

#include <inttypes.h>
#include <string.h>

#include "cli/show/structured.h"
#include "compiler/compile/asa_groups.h"
#include "compiler/policy/protocol.h"

static void
put_names(struct showing *s, struct emit *e)
{
	emit_list(e, "interfaces");
	for (size_t i = 0; i < s->policy->n_interfaces; i++) {
		const struct policy_interface *on = &s->policy->interfaces[i];

		if (!on->nameif)
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", on->name);
		emit_string(e, "nameif", on->nameif);
		emit_int(e, "security_level", on->security_level);
		emit_end(e);
	}
	emit_end(e);
}

/* --- access lists ----------------------------------------------------------------------------- */

/* What the entries of a list met: 0 where nobody counts. */
struct hits {
	const uint64_t *counts;
	size_t n;
};

/* What a line stands for: itself, or one for each member of its object-groups. */
static void
put_elements(struct emit *e, const struct policy_acl *acl, unsigned line, const struct hits *hits)
{
	emit_list(e, "elements");
	for (size_t i = 0; i < acl->n_aces; i++) {
		const struct policy_ace *a = &acl->aces[i];

		if (a->line != line)
			continue;
		emit_map(e, NULL);
		emit_string(e, "text", a->text);
		emit_int(e, "hits", (int64_t)(hits->counts && i < hits->n ? hits->counts[i] : 0));
		emit_bool(e, "inactive", a->inactive);
		emit_printf(e, "hash", "0x%08" PRIx32, a->hash);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_list(struct showing *s, struct emit *e, const struct tnode *list)
{
	const char *name = tnode_str(list, ARG_NAME);
	const struct policy_acl *acl = policy_acl_find(s->policy, name);
	struct hits hits = {0};
	char text[COMMAND_LINE_MAX];
	unsigned line = 0;

	if (s->host->ops->filter_counters)
		hits.counts = s->host->ops->filter_counters(s->host, name, s->arena, &hits.n);
	emit_map(e, NULL);
	emit_string(e, "name", name);
	emit_printf(e, "hash", "0x%08" PRIx32, asa_hash(name, ""));
	emit_list(e, "lines");
	for (const struct tnode *n = tnode_first(list, KEY_ASA_ACE); n; n = tnode_next(n)) {
		tnode_text(n, text, sizeof(text));
		emit_map(e, NULL);
		emit_int(e, "line", ++line);
		emit_string(e, "text", text);
		if (acl && !tnode_has(n, ARG_REMARK))
			put_elements(e, acl, line, &hits);
		emit_end(e);
	}
	emit_end(e);
	emit_end(e);
}

static void
put_lists(struct showing *s, struct emit *e)
{
	const char *only = command_str(s->cmd, ARG_NAME);
	const struct tnode *n = tnode_first(tree_top(router_tree(s->router)), KEY_ASA_ACCESS_LIST);
	bool found = false;

	emit_list(e, "access_lists");
	for (; n; n = tnode_next(n)) {
		if (only && strcmp(only, tnode_str(n, ARG_NAME)) != 0)
			continue;
		found = true;
		put_list(s, e, n);
	}
	emit_end(e);
	if (only && !found)
		shell_refuse(s->sh);
}

/* --- connections ------------------------------------------------------------------------------ */

static void
put_end(struct emit *e, const char *key, const char *nameif, uint32_t addr, unsigned port)
{
	emit_map(e, key);
	emit_string(e, "nameif", nameif);
	emit_addr(e, "address", addr);
	emit_int(e, "port", port);
	emit_end(e);
}

static void
put_connections(struct showing *s, struct emit *e)
{
	const struct filter_conn *c = NULL;
	size_t n = 0;

	if (s->host->ops->filter_conns)
		c = s->host->ops->filter_conns(s->host, s->arena, &n);
	emit_list(e, "connections");
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		emit_int(e, "id", (int64_t)c[i].id);
		emit_string(e, "protocol",
		            c[i].proto == PROTO_TCP   ? "tcp"
		            : c[i].proto == PROTO_UDP ? "udp"
		                                      : "icmp");
		put_end(e, "initiator", c[i].in, c[i].src, c[i].sport);
		put_end(e, "responder", c[i].out, c[i].dst, c[i].dport);
		emit_int(e, "idle_seconds", c[i].idle / 1000);
		emit_int(e, "age_seconds", c[i].age / 1000);
		emit_int(e, "packets", (int64_t)c[i].packets);
		emit_int(e, "bytes", (int64_t)c[i].bytes);
		emit_string(e, "flags", c[i].flags);
		emit_end(e);
	}
	emit_end(e);
}

static const struct command_view views[] = {
    {.handler = H_SHOW_ASA_NAMEIF, .put = put_names},
    {.handler = H_SHOW_ASA_ACCESS_LIST, .put = put_lists},
    {.handler = H_SHOW_ASA_CONN, .put = put_connections},
};

const struct command_view *
firewall_view(const struct command *cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(views); i++)
		if ((unsigned)views[i].handler == cmd->entry->handler)
			return &views[i];
	return NULL;
}
