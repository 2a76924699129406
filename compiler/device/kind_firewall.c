/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firewall (ASA): see device_kind.h. Its interfaces have names and levels, which other lines
 * speak of; what it shows and its access lists are commands (cli/firewall).
 */
#include "compiler/device/device_kind.h"

#include <string.h>
#include <strings.h>

#include "compiler/policy/prefix.h"
#include "compiler/tree/render.h"

#define VERSION_SIGN "ASA Version "
#define VERSION_LINE VERSION_SIGN "9.8(2)\n"

/* A colon begins a comment, too. */
static bool
is_heading(const char *line)
{
	return *line == ':' || !strncmp(line, VERSION_SIGN, strlen(VERSION_SIGN)) ||
	       !strncmp(line, "Cryptochecksum:", 15);
}

/* --- configuration lines ---------------------------------------------------------------------- */

static bool
has_interface(const struct tree *t, const char *nameif)
{
	const struct tnode *n = tnode_first(tree_top(t), KEY_INTERFACE);

	while (n && !tnode_named(n, KEY_ASA_IF_NAMEIF, ARG_NAMEIF, nameif))
		n = tnode_next(n);
	return n != NULL;
}

/* What a line applies must be there, whether it is typed or loaded. */
static bool
object_to_missing(const struct tree *t, const struct tnode *context, const struct command *cmd,
                  const struct objection_facts *facts, struct arena *a, struct objection *ret)
{
	const char *acl = command_str(cmd, ARG_ACL), *nameif = command_str(cmd, ARG_NAMEIF);

	(void)context;
	(void)facts;
	if (cmd->no || cmd->dflt)
		return false;
	switch ((enum gram_key)cmd->entry->key) {
	case KEY_ASA_ACCESS_GROUP:
	case KEY_ASA_ACCESS_GROUP_GLOBAL:
		if (!tnode_named(tree_top(t), KEY_ASA_ACCESS_LIST, ARG_NAME, acl)) {
			ret->text =
			    arena_printf(a, "ERROR: access-list <%s> does not exist\n", acl);
			return true;
		}
		/* fall through */
	case KEY_ASA_ROUTE:
		if (nameif && !has_interface(t, nameif)) {
			ret->text = arena_printf(a, "ERROR: interface <%s> is not found\n", nameif);
			return true;
		}
		return false;
	default:
		return false;
	}
}

/* A name brings a level with it, and keeps one: without it, it has the default. */
static bool
level_follows_name(const struct tree *t, const struct tnode *at, const struct command *cmd,
                   struct arena *a, struct device_follow *ret)
{
	enum gram_key key = (enum gram_key)cmd->entry->key;
	const struct tnode *named = NULL;
	const char *name;
	int level;

	(void)t;
	if (key == KEY_ASA_IF_NAMEIF || key == KEY_ASA_IF_SECURITY_LEVEL)
		named = tnode_first(at, KEY_ASA_IF_NAMEIF);
	if (!named || tnode_first(at, KEY_ASA_IF_SECURITY_LEVEL))
		return false;
	name = tnode_str(named, ARG_NAMEIF);
	level = strcasecmp(name, "inside") == 0 ? 100 : 0;
	ret->line = arena_printf(a, "security-level %d", level);
	ret->note =
	    arena_printf(a, "INFO: Security level for \"%s\" set to %d by default.\n", name, level);
	return true;
}

/* --- the configuration ------------------------------------------------------------------------ */

struct rendering {
	struct text *ret;
	bool in_interface;
};

/* Rules between interfaces, and nowhere else. */
static void
add_line(void *arg, const char *line)
{
	struct rendering *r = arg;
	bool interface = strncmp(line, "interface ", 10) == 0;

	if (strcmp(line, "!") == 0 || strcmp(line, "end") == 0)
		return;
	if (interface || (r->in_interface && *line != ' '))
		text_puts(r->ret, "!\n");
	r->in_interface = interface || (r->in_interface && *line == ' ');
	text_line(r->ret, line);
}

static void
render_firewall(const struct tree *config, struct text *ret)
{
	struct rendering r = {.ret = ret};

	text_puts(ret, ": Saved\n:\n" VERSION_LINE "!\n");
	render_config(config, add_line, &r);
	text_puts(ret, ": end\n");
}

/* --- routes ----------------------------------------------------------------------------------- */

/* What the interface is called in whose network the address is; NULL: there is none. */
static const char *
nameif_towards(const struct tree *t, uint32_t addr)
{
	const struct tnode *n;

	for (n = tnode_first(tree_top(t), KEY_INTERFACE); n; n = tnode_next(n)) {
		const struct tnode *named = tnode_first(n, KEY_ASA_IF_NAMEIF);
		const struct tnode *on = tnode_first(n, KEY_IF_ADDRESS);

		if (named && on && tnode_has(on, ARG_MASK) &&
		    !((tnode_u32(on, ARG_ADDRESS) ^ addr) & tnode_u32(on, ARG_MASK)))
			return tnode_str(named, ARG_NAMEIF);
	}
	return NULL;
}

/* A route names its interface, so that it comes behind the line that gives it its name. */
static const char *
route_line(const struct tree *t, struct prefix to, uint32_t via, struct arena *a)
{
	const char *nameif = t ? nameif_towards(t, via) : NULL;
	char text[3][ADDR_TEXT_MAX];

	return nameif
	           ? arena_printf(a, "route %s %s %s %s", nameif, addr_text(to.addr, text[0]),
	                          addr_text(prefix_mask(to.len), text[1]), addr_text(via, text[2]))
	           : NULL;
}

/* --- the kind --------------------------------------------------------------------------------- */

/* The last is YAML's. */
static const char *const signs[] = {VERSION_SIGN, "nameif ", "nameif:", NULL};

const struct device_kind device_firewall = {
    .name = "asa",
    .hostname = "ciscoasa",
    .network_os = "cisco.asa.asa",
    .config = MODE_ASA_CONFIG,
    .enable = MODE_ASA_ENABLE,
    .exec_in_config = true,
    .signs = signs,
    .is_heading = is_heading,
    .greeting = "",
    .invalid = "ERROR: % Invalid input detected at '^' marker.\n",
    .incomplete = "ERROR: % Incomplete command\n",
    .ambiguous = "ERROR: %% Ambiguous command:  \"%s\"\n",
    .objection = object_to_missing,
    .follow = level_follows_name,
    .compile = &compile_firewall,
    .render = render_firewall,
    .route = route_line,
};
