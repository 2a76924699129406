/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar's handler names joined to functions: see commands.h. */
#include "cli/app/commands.h"

#include "cli/exec/exec.h"
#include "cli/firewall/firewall.h"
#include "cli/show/show_commands.h"
#include "cli/show/structured.h"

/* clang-format off */
#define COMMANDS(X) EXEC_COMMANDS(X) SHOW_COMMANDS(X) FIREWALL_COMMANDS(X)
#define COMMAND_AT(name, function) [H_##name] = (function),
#define COMMAND_CASE(name, function) case H_##name:
/* clang-format on */

static command_fn *const handlers[H_COUNT] = {COMMANDS(COMMAND_AT)};

/* Never called. It has no default: the compiler names the handler that is missing. */
__attribute__((unused)) static void
every_handler(enum gram_handler handler)
{
	switch (handler) {
		COMMANDS(COMMAND_CASE)
	/* Of the session itself. */
	case H_CONFIG_END:
	case H_CONFIG_EXIT:
	case H_CONFIG_DO:
	case H_CONFIG_ACCESS_LIST:
	case H_CONFIG_INTERFACE_RANGE:
	case H_CONFIG_ROUTE_TARGET:
	case H_CONFIG_ACL_RESEQUENCE:
	case H_CONFIG_PREFIX_LIST:
	case H_CONFIG_ROUTE_MAP:
	case H_ASA_ACCESS_LIST:
	case H_ASA_ACCESS_LIST_ALL:
	case H_ASA_CLEAR_ACCESS_LIST:
	/* Filters. */
	case H_PIPE_INCLUDE:
	case H_PIPE_EXCLUDE:
	case H_PIPE_BEGIN:
	case H_PIPE_SECTION:
	case H_PIPE_COUNT:
	case H_PIPE_JSON:
	case H_PIPE_YAML:
	case H_PIPE_REDIRECT:
	case H_PIPE_APPEND:
	case H_PIPE_TEE:
	case H_NONE:
	case H_COUNT:
		break;
	}
}

static const struct command_view *
view_of(const struct command *cmd)
{
	const struct command_view *v = structured_view(cmd);

	return v ? v : firewall_view(cmd);
}

void
commands_install(void)
{
	static const struct command_table table = {.handlers = handlers,
	                                           .view = view_of,
	                                           .show_view = structured_show,
	                                           .show_lines = structured_lines};

	shell_set_commands(&table);
}
