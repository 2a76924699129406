/* Shared by the show commands: see show_cmd.h. */
#include "cli/show_cmd.h"

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

void
showing_end(struct showing *s)
{
	shell_puts(s->sh, text_string(&s->text));
	text_fini(&s->text);
	arena_free(s->arena);
}
