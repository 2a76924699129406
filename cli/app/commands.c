/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar's handler names joined to functions: see commands.h. */
#include "cli/app/commands.h"

command_fn *
command_handler(const struct command *cmd)
{
#define COMMAND_CASE(name, function)                                                               \
	case H_##name:                                                                             \
		return function;
	/* No default: the compiler names the handler that is missing. */
	switch ((enum gram_handler)cmd->entry->handler) {
		COMMANDS(COMMAND_CASE)
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
#undef COMMAND_CASE
	return NULL;
}
