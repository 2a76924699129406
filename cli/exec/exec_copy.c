/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `copy`: among the running and the startup configuration and files, with IOS's questions. What is
 * asked is kept in struct copying, which the question's answer owns.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/config_file.h"
#include "cli/device/load.h"
#include "cli/device/router_files.h"
#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "compiler/yaml/config_yaml.h"

struct copying {
	struct file_name from, to;
	bool quiet; /* `file prompt quiet` */
};

/* "running-config", "startup-config", "backup.cfg" */
static const char *
plain_name(const struct file_name *n)
{
	const char *slash = strrchr(n->name, '/');

	if (n->kind == FILE_RUNNING)
		return "running-config";
	if (n->kind == FILE_STARTUP)
		return "startup-config";
	return slash ? slash + 1 : n->name;
}

/* --- copying ---------------------------------------------------------------------------------- */

static void
tell_copied(struct shell *sh, size_t octets, msec began)
{
	msec took = node_now(router_node(shell_router(sh))) - began;

	took = took < 1 ? 1 : took;
	shell_printf(sh, "%zu bytes copied in %d.%03d secs (%llu bytes/sec)\n", octets,
	             (int)(took / 1000), (int)(took % 1000),
	             (unsigned long long)octets * 1000 / (unsigned long long)took);
}

static void
merge_running(struct shell *sh, const struct text *text)
{
	struct router *r = shell_router(sh);
	struct log_sink sink = router_log_sink(r);
	struct text told = TEXT_INIT;
	struct script_count count;
	struct load_log log = {0};

	count = load_text(r, text_string(text), load_log_add, &log);
	load_log_summary(&log, &count, &told);
	shell_puts(sh, text_string(&told));
	if (count.refused)
		shell_refuse(sh);
	LOG(&sink, CONFIG_I_FROM, "memory", "console");
	load_log_fini(&log);
	text_fini(&told);
}

static bool
merge_yaml(struct shell *sh, const char *file, const struct text *text)
{
	struct log_sink sink = router_log_sink(shell_router(sh));
	struct text told = TEXT_INIT;
	bool fine = config_file_merge(shell_router(sh), file, text, &told);

	if (fine)
		LOG(&sink, CONFIG_I_FROM, "memory", "console");
	else
		shell_refuse(sh);
	shell_puts(sh, text_string(&told));
	text_fini(&told);
	return fine;
}

static bool
is_yaml(const struct file_name *n)
{
	return n->kind == FILE_FLASH && config_is_yaml(n->name);
}

static bool
is_configuration(const struct file_name *n)
{
	return n->kind == FILE_RUNNING || n->kind == FILE_STARTUP;
}

/* A configuration on its way into, or out of, a file in YAML; false after saying what is wrong. */
static bool
change_form(struct shell *sh, const struct copying *c, struct text *text)
{
	struct text other = TEXT_INIT, told = TEXT_INIT;
	struct router *r = shell_router(sh);
	bool fine = true;

	if (is_configuration(&c->from) && is_yaml(&c->to))
		config_file_yaml(r, text, &other);
	else if (is_yaml(&c->from) && c->to.kind == FILE_STARTUP)
		fine = config_file_ios(r, c->from.name, text, &other, &told);
	else
		return true;
	shell_puts(sh, text_string(&told));
	if (!fine)
		shell_refuse(sh);
	text_fini(text);
	text_fini(&told);
	*text = other;
	return fine;
}

static void
copy_now(struct shell *sh, const struct copying *c)
{
	struct router *r = shell_router(sh);
	char from[FILE_NAME_TEXT], to[FILE_NAME_TEXT];
	msec began = node_now(router_node(r));
	struct text text = TEXT_INIT;
	int error = 0;

	file_name_text(&c->from, from);
	file_name_text(&c->to, to);
	if (c->from.kind == FILE_RUNNING && c->to.kind == FILE_STARTUP) {
		exec_save(sh);
		return;
	}
	if (!shell_file_read(sh, from, &text) || !change_form(sh, c, &text)) {
		text_fini(&text);
		return;
	}
	if (c->to.kind == FILE_RUNNING && is_yaml(&c->from)) {
		if (!merge_yaml(sh, c->from.name, &text)) {
			text_fini(&text);
			return;
		}
	} else if (c->to.kind == FILE_RUNNING && strlen(text_string(&text)) == text.n) {
		merge_running(sh, &text);
	} else {
		error = router_file_write(r, to, SPAN(text.p, text.n));
	}
	if (error) {
		shell_file_error(sh, "writing", to, error);
	} else {
		if (c->to.kind == FILE_STARTUP)
			shell_puts(sh, "[OK]\n");
		tell_copied(sh, text.n, began);
	}
	text_fini(&text);
}

/* --- questions -------------------------------------------------------------------------------- */

static void
overwrite_answer(struct shell *sh, const char *line, void *state)
{
	if (exec_confirmed(line))
		copy_now(sh, state);
	free(state);
}

static void
copy_checked(struct shell *sh, struct copying *take_c)
{
	bool there = take_c->to.kind == FILE_FLASH &&
	             files_has(router_files(shell_router(sh)), take_c->to.name);

	if (there && !take_c->quiet) {
		shell_puts(sh, "%Warning:There is a file already existing with this name\n");
		shell_ask(sh, "Do you want to over write? [confirm]", overwrite_answer, take_c);
		return;
	}
	copy_now(sh, take_c);
	free(take_c);
}

/* Another name than the one offered; false after saying what is wrong with it. */
static bool
rename_to(struct shell *sh, struct copying *c, const char *typed)
{
	struct file_name other;
	char *full;

	if (c->to.kind != FILE_FLASH) {
		if (!strcasecmp(typed, plain_name(&c->to)))
			return true;
		shell_refuse(sh);
		shell_printf(sh, "%%Error opening %s:%s (No such file or directory)\n",
		             c->to.kind == FILE_STARTUP ? "nvram" : "system", typed);
		return false;
	}
	full = strchr(typed, ':') ? x_strdup(typed) : x_asprintf("flash:%s", typed);
	file_name_parse(full, &other);
	free(full);
	if (other.kind != FILE_FLASH || !other.name[0]) {
		shell_file_error(sh, "opening", typed,
		                 other.kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
		return false;
	}
	if (!other.device[0])
		memcpy(other.device, c->to.device, sizeof(other.device));
	c->to = other;
	return true;
}

static void
destination_answer(struct shell *sh, const char *line, void *state)
{
	struct copying *c = state;

	if (!line || (*line && !rename_to(sh, c, line)))
		free(c);
	else if (c->to.kind == FILE_FLASH && !c->to.name[0]) {
		shell_file_error(sh, "opening", "flash:", -EINVAL);
		free(c);
	} else {
		copy_checked(sh, c);
	}
}

/* A destination that is a device alone gets the name of the source. */
static void
name_destination(struct copying *c)
{
	if (c->to.kind == FILE_FLASH && !c->to.name[0])
		memmove(c->to.name, plain_name(&c->from), strlen(plain_name(&c->from)) + 1);
}

static void
ask_destination(struct shell *sh, struct copying *take_c)
{
	char *question;

	name_destination(take_c);
	if (take_c->quiet || take_c->to.kind == FILE_NULL) {
		destination_answer(sh, "", take_c);
		return;
	}
	question =
	    x_asprintf("Destination filename [%s]? ",
	               take_c->to.kind == FILE_FLASH ? take_c->to.name : plain_name(&take_c->to));
	shell_ask(sh, question, destination_answer, take_c);
	free(question);
}

static void
source_answer(struct shell *sh, const char *line, void *state)
{
	struct copying *c = state;
	char *full;

	if (!line) {
		free(c);
		return;
	}
	full = x_asprintf("flash:%s", line);
	if (file_name_parse(full, &c->from) != FILE_FLASH || !c->from.name[0]) {
		shell_file_error(sh, "opening", full, -EINVAL);
		free(c);
	} else {
		ask_destination(sh, c);
	}
	free(full);
}

/* --- the command ------------------------------------------------------------------------------ */

static bool
parse_usable(struct shell *sh, const char *typed, struct file_name *ret)
{
	char full[EXEC_PATH_MAX];

	file_name_parse(exec_path(sh, typed, full), ret);
	if (ret->kind == FILE_REMOTE || ret->kind == FILE_BAD)
		shell_file_error(sh, "opening", typed,
		                 ret->kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
	return ret->kind != FILE_REMOTE && ret->kind != FILE_BAD;
}

void
exec_copy(struct shell *sh, const struct command *cmd)
{
	struct copying c = {.quiet = exec_prompts_quietly(shell_router(sh))}, *asked;

	if (shell_refuse_loading(sh))
		return;
	if (!parse_usable(sh, command_str(cmd, ARG_FROM), &c.from) ||
	    !parse_usable(sh, command_str(cmd, ARG_TO), &c.to))
		return;
	asked = x_memdup(&c, sizeof(c));
	if (c.from.kind == FILE_FLASH && !c.from.name[0])
		shell_ask(sh, "Source filename []? ", source_answer, asked);
	else
		ask_destination(sh, asked);
}

/* --- configure memory ------------------------------------------------------------------------- */

static void
configure_memory(struct shell *sh)
{
	struct text text = TEXT_INIT;

	if (!shell_refuse_loading(sh) && shell_file_read(sh, "nvram:startup-config", &text))
		merge_running(sh, &text);
	text_fini(&text);
}

void
exec_configure_memory(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	configure_memory(sh);
}

static void
from_answer(struct shell *sh, const char *line, void *state)
{
	size_t n = line ? strlen(line) : 0;

	(void)state;
	if (!line)
		return;
	if (!n || !strncasecmp(line, "terminal", n)) {
		shell_configure(sh, false);
	} else if (!strncasecmp(line, "memory", n)) {
		configure_memory(sh);
	} else {
		shell_refuse(sh);
		shell_puts(sh, !strncasecmp(line, "network", n)
		                   ? "%Error opening tftp: (Protocol not supported: there is no "
		                     "client for remote files)\n"
		                   : "?Must be \"terminal\", \"memory\" or \"network\"\n");
	}
}

void
exec_configure_from(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_ask(sh, "Configuring from terminal, memory, or network [terminal]? ", from_answer,
	          NULL);
}
