/* SPDX-License-Identifier: Apache-2.0 */
/* `configure replace` and `configure check`: files against the running configuration. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/archive.h"
#include "cli/device/config_file.h"
#include "cli/device/replace.h"
#include "cli/exec/exec.h"
#include "cli/exec/exec_archive.h"
#include "cli/exec/exec_files.h"
#include "cli/show/show_config.h"
#include "compiler/yaml/config_yaml.h"

/* Turns YAML into the IOS text that it stands for; false after saying what is wrong with it. */
static bool
read_yaml(struct shell *sh, const char *file, struct text *ret)
{
	struct text yaml = *ret, told = TEXT_INIT;
	bool fine;

	*ret = TEXT_INIT;
	fine = config_file_ios(shell_router(sh), file, &yaml, ret, &told);
	shell_puts(sh, text_string(&told));
	if (!fine)
		shell_refuse(sh);
	text_fini(&yaml);
	text_fini(&told);
	return fine;
}

/* A text that is a configuration; false after saying why not. */
static bool
read_configuration(struct shell *sh, const char *file, struct text *ret)
{
	if (!shell_file_read(sh, file, ret))
		return false;
	if (config_is_yaml(file))
		return read_yaml(sh, file, ret);
	if (ret->n && strlen(ret->p) == ret->n)
		return true;
	shell_refuse(sh);
	shell_puts(sh, "%The input file is not a valid config file.\n");
	return false;
}

/* --- replace ---------------------------------------------------------------------------------- */

struct order {
	char *file;
	bool list, force, revert; /* revert: on error the old configuration comes back */
	struct archive_timer timer;
};

static void
order_free(struct order *o)
{
	free(o->file);
	free(o);
}

/* What replace_running tells goes here. */
struct telling {
	struct shell *sh;
	bool list;
	unsigned pass; /* whose commands are being told */
	struct load_log log;
};

static void
tell_command(void *arg, unsigned pass, const char *line)
{
	struct telling *t = arg;

	if (!t->list)
		return;
	if (pass != t->pass)
		shell_printf(t->sh, "\n!Pass %u\n!List of Rollback Commands:\n", pass);
	t->pass = pass;
	shell_printf(t->sh, "%s\n", line);
}

static void
tell_refusal(void *arg, const struct script_refusal *refusal)
{
	load_log_add(&((struct telling *)arg)->log, refusal);
}

static void
tell_result(struct telling *t, const struct replacing *result)
{
	if (result->count.refused) {
		shell_refuse(t->sh);
		shell_puts(t->sh, "\n% These commands were refused:\n");
		shell_puts(t->sh, text_string(&t->log.refusals));
	}
	shell_printf(t->sh, "\nTotal number of passes: %u\n", result->passes);
	if (result->done) {
		shell_puts(t->sh, "Rollback Done\n\n");
		return;
	}
	shell_refuse(t->sh);
	shell_puts(t->sh, "% Rollback failed: the running configuration is not what the file "
	                  "says\n\n");
}

static void
replace_with(struct shell *sh, const struct order *o, const struct tree *target)
{
	struct router *r = shell_router(sh);
	struct telling t = {.sh = sh, .list = o->list};
	struct log_sink sink = router_log_sink(r);
	struct replacing result;

	result = (o->revert ? replace_whole : replace_running)(r, target, tell_command,
	                                                       tell_refusal, &t);
	tell_result(&t, &result);
	if (!result.done && o->revert)
		shell_puts(sh, result.kept
		                   ? "Reverting to the configuration before\n"
		                   : "% The configuration before cannot be brought back whole\n");
	else
		LOG(&sink, CONFIG_R);
	load_log_fini(&t.log);
}

/* The file as a tree; NULL after saying what is wrong with it. */
static struct tree *
read_target(struct shell *sh, const struct order *o)
{
	struct tree *target = router_tree_new(shell_router(sh));
	struct text text = TEXT_INIT, told = TEXT_INIT;
	struct load_log log = {0};
	struct script_count count;
	bool ok;

	ok = read_configuration(sh, o->file, &text);
	if (ok) {
		count =
		    load_trial(shell_router(sh), target, text_string(&text), load_log_add, &log);
		if (count.refused) {
			load_log_summary(&log, &count, &told);
			shell_puts(sh, text_string(&told));
		}
		ok = !count.refused || o->force;
		if (!ok) {
			shell_refuse(sh);
			shell_puts(sh, "% Nothing was replaced; with `force` it is, by the lines "
			               "taken\n");
		}
	}
	load_log_fini(&log);
	text_fini(&text);
	text_fini(&told);
	if (ok)
		return target;
	tree_free(target);
	return NULL;
}

static void
carry_out(struct shell *sh, struct order *take_o)
{
	struct tree *target = read_target(sh, take_o);

	if (target && (!take_o->timer.minutes || exec_await(sh, take_o->timer)))
		replace_with(sh, take_o, target);
	tree_free(target);
	order_free(take_o);
}

static void
replace_answer(struct shell *sh, const char *line, void *state)
{
	struct order *o = state;

	if (line && *line && !strncasecmp("yes", line, strlen(line))) {
		carry_out(sh, o);
		return;
	}
	order_free(o);
}

void
exec_configure_replace(struct shell *sh, const struct command *cmd)
{
	struct order *o;

	if (shell_refuse_loading(sh))
		return;
	o = x_alloc(sizeof(*o));
	*o = (struct order){.file = x_strdup(command_str(cmd, ARG_FILE)),
	                    .list = command_has(cmd, ARG_LIST),
	                    .force = command_has(cmd, ARG_FORCE),
	                    .revert = command_has(cmd, ARG_ERROR),
	                    .timer.minutes = command_u32(cmd, ARG_MINUTES)};
	if (o->timer.minutes && !exec_can_await(sh)) {
		order_free(o);
		return;
	}
	if (o->force) {
		carry_out(sh, o);
		return;
	}
	shell_puts(sh, "This will apply all necessary additions and deletions\n"
	               "to replace the current running configuration with the\n"
	               "contents of the specified configuration file, which is\n"
	               "assumed to be a complete configuration, not a partial\n");
	shell_ask(sh, "configuration. Enter Y if you are sure you want to proceed. ? [no]: ",
	          replace_answer, o);
}

/* --- check ------------------------------------------------------------------------------------ */

/* Shows the diagnostics that the target has and the running configuration has not. */
static void
new_diagnostics(struct router *r, const struct tree *tree, struct text *ret)
{
	const struct diag_list *old = router_diags(r);
	struct diag_list found, new;

	diag_list_init(&found);
	diag_list_init(&new);
	router_check(r, tree, &found);
	for (size_t i = 0; i < found.n; i++) {
		bool known = false;

		for (size_t k = 0; !known && k < old->n; k++)
			known = diag_equal(&found.items[i], &old->items[k]);
		if (!known)
			diag_add(&new, &found.items[i]);
	}
	show_diagnostics(ret, &new);
	diag_list_fini(&found);
	diag_list_fini(&new);
}

void
exec_configure_check(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	struct text text = TEXT_INIT, told = TEXT_INIT;
	struct load_log log = {0};
	struct script_count count;
	struct tree *tree;

	if (shell_refuse_loading(sh))
		return;
	if (!read_configuration(sh, command_str(cmd, ARG_FILE), &text)) {
		text_fini(&text);
		return;
	}
	tree = command_has(cmd, ARG_REPLACE) ? router_tree_new(r) : tree_clone(router_tree(r));
	count = load_trial(r, tree, text_string(&text), load_log_add, &log);
	load_log_summary(&log, &count, &told);
	new_diagnostics(r, tree, &told);
	text_puts(&told, "Nothing was applied.\n");
	shell_puts(sh, text_string(&told));
	if (count.refused)
		shell_refuse(sh);
	load_log_fini(&log);
	tree_free(tree);
	text_fini(&text);
	text_fini(&told);
}
