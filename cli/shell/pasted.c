/* SPDX-License-Identifier: Apache-2.0 */
/* Lines copied with their prompts: see pasted.h. */
#include "cli/shell/pasted.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cli/lab/transcript.h"

/* Documents write "Rx" for R3 and R4. */
static bool
stands_for(const char *pattern, const char *name)
{
	size_t n = strlen(pattern) - 1;

	if (!n || tolower((unsigned char)pattern[n]) != 'x' || strncasecmp(pattern, name, n) != 0)
		return false;
	name += n;
	return *name && name[strspn(name, "0123456789")] == '\0';
}

static bool
is_ours(struct shell *sh, const char *name)
{
	const struct router *r = shell_router(sh);
	const char *names[] = {router_hostname(r), router_name(r), "Router"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(name, names[i]) || (i < 2 && stands_for(name, names[i])))
			return true;
	return false;
}

static void
mode_of_prompt(struct shell *sh, const struct step *step)
{
	if (!step->config)
		shell_end(sh);
	else if (!shell_in_config(sh) && shell_is_enabled(sh))
		shell_configure(sh);
}

/* Where the command begins; its text may have been made plain, so not simply found. */
static size_t
offset_of(const char *line, const char *command)
{
	const char *at = *command ? strstr(line, command) : NULL;

	return at && at > line ? (size_t)(at - line) : 1;
}

bool
pasted_read(struct shell *sh, const char *line, bool kept, struct arena *a, struct pasted *ret)
{
	const char *hostname = router_hostname(shell_router(sh));
	struct step step;
	bool ours;

	*ret = (struct pasted){0};
	if (!transcript_line(a, line, &step))
		return false;
	if (step.kind == STEP_OR || !*step.text)
		return true;
	ours = is_ours(sh, step.node);
	if (kept && !ours && !step.config)
		return false; /* `description #1` */
	/* A router that has no name yet takes any. */
	if (!ours && strcmp(hostname, "Router") != 0) {
		shell_refuse(sh);
		shell_printf(sh, "%% The prompt is %s's, this is %s: passed over.\n", step.node,
		             hostname);
		return true;
	}
	mode_of_prompt(sh, &step);
	ret->command = step.text;
	ret->offset = offset_of(line, step.text);
	return true;
}
