/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the show commands: see show_cmd.h. */
#include "cli/show/show_cmd.h"

#include <string.h>

struct showing
showing_start(struct shell *sh)
{
	static const struct policy none = {.hostname = "", .domain_name = ""};
	struct showing s = {.sh = sh, .router = shell_router(sh), .arena = arena_new()};

	s.node = router_node(s.router);
	s.host = node_host(s.node);
	s.policy = node_policy(s.node);
	if (!s.policy)
		s.policy = &none;
	return s;
}

enum layout
showing_layout(const struct showing *s, enum layout otherwise)
{
	const char *dialect = shell_dialect(s->sh);

	if (!dialect)
		return otherwise;
	return strcmp(dialect, "classic") ? LAYOUT_XE : LAYOUT_CLASSIC;
}

void
showing_end(struct showing *s)
{
	shell_puts(s->sh, text_string(&s->text));
	text_fini(&s->text);
	arena_free(s->arena);
}
