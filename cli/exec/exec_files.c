/* SPDX-License-Identifier: Apache-2.0 */
/* `dir`, `more`, `delete`, `erase`, and saving. */
#include "cli/exec/exec_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/archive.h"
#include "cli/device/router_files.h"
#include "cli/exec/exec.h"
#include "compiler/base/octets.h"

/* --- what they share -------------------------------------------------------------------------- */

void
exec_save(struct shell *sh)
{
	int error = router_write_memory(shell_router(sh));

	shell_puts(sh, "Building configuration...\n");
	if (error) {
		shell_file_error(sh, "writing", "nvram:startup-config", error);
		if (error == -ENODEV)
			shell_puts(sh,
			           "% Nothing is kept: this router was started without --config\n");
		return;
	}
	shell_puts(sh, "[OK]\n");
	archive_written(router_archive(shell_router(sh)));
}

const char *
exec_path(const struct shell *sh, const char *typed, char buf[static EXEC_PATH_MAX])
{
	bool whole = strchr(typed, ':') || !strcasecmp(typed, "startup-config") ||
	             !strcasecmp(typed, "running-config");

	/* As it was typed, in messages too. */
	if (whole || (*typed != '/' && strcmp(shell_folder(sh), "flash:/") == 0))
		snprintf(buf, EXEC_PATH_MAX, "%s", typed);
	else if (*typed == '/')
		snprintf(buf, EXEC_PATH_MAX, "flash:%s", typed);
	else
		snprintf(buf, EXEC_PATH_MAX, "%s%s", shell_folder(sh), typed);
	return buf;
}

bool
exec_confirmed(const char *line)
{
	return line && !strncasecmp("yes", line, strlen(line));
}

bool
exec_prompts_quietly(struct router *r)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(r)), KEY_FILE_PROMPT);
	const char *prompt = n ? tnode_str(n, ARG_PROMPT) : NULL;

	return prompt && !strcmp(prompt, "quiet");
}

/* --- dir -------------------------------------------------------------------------------------- */

static void
dir_line(struct shell *sh, unsigned number, const char *name, size_t size, int64_t wall)
{
	char day[32], hour[16];
	struct clock_zone zone;
	struct clock_time t;

	router_zone(shell_router(sh), &zone);
	clock_local(&zone, wall, &t);
	strftime(day, sizeof(day), "%b %-e %Y", &t.tm);
	strftime(hour, sizeof(hour), "%H:%M:%S", &t.tm);
	shell_printf(sh, "%5u  -rw-  %10zu  %11s %s %c%02d:%02d  %s\n", number, size, day, hour,
	             t.offset < 0 ? '-' : '+', abs(t.offset) / 60, abs(t.offset) % 60, name);
}

/* The folder typed; a file's name gives that file's line. */
static void
dir_flash(struct shell *sh, const struct file_name *typed)
{
	struct arena *a = arena_new();
	size_t count, n = strlen(typed->name), used = 0;
	const struct file_info *list = files_list(router_files(shell_router(sh)), a, &count);
	unsigned shown = 0;
	char full[FILE_NAME_TEXT];

	file_name_text(typed, full);
	for (size_t i = 0; i < count; i++) {
		const char *name = list[i].name;

		used += list[i].size;
		if (n && (strncmp(name, typed->name, n) || (name[n] && name[n] != '/')))
			continue;
		if (!shown++)
			shell_printf(sh, "Directory of %s\n\n", full);
		dir_line(sh, shown, n && name[n] ? name + n + 1 : name, list[i].size, list[i].wall);
	}
	if (!shown && n)
		shell_file_error(sh, "opening", full, -ENOENT);
	else if (!shown)
		shell_printf(sh, "Directory of %s\n\nNo files in directory\n", full);
	if (shown || !n)
		shell_printf(sh, "\n%u bytes total (%zu bytes free)\n", FILES_TOTAL_MAX,
		             used < FILES_TOTAL_MAX ? FILES_TOTAL_MAX - used : 0);
	arena_free(a);
}

void
exec_dir(struct shell *sh, const struct command *cmd)
{
	const char *typed = command_str(cmd, ARG_FILE);
	struct router *r = shell_router(sh);
	char full[EXEC_PATH_MAX];
	struct text t = TEXT_INIT;
	struct file_name n;
	char *trimmed;

	typed = typed ? exec_path(sh, typed, full) : shell_folder(sh);
	trimmed = x_strdup(typed);
	while (strlen(trimmed) > 1 && trimmed[strlen(trimmed) - 1] == '/')
		trimmed[strlen(trimmed) - 1] = 0; /* "flash:archive/" */
	switch (file_name_parse(trimmed, &n)) {
	case FILE_FLASH:
		dir_flash(sh, &n);
		break;
	case FILE_STARTUP:
		shell_puts(sh, "Directory of nvram:/\n\n");
		if (router_startup(r))
			dir_line(sh, 1, "startup-config", strlen(router_startup(r)),
			         router_wall(r));
		else
			shell_puts(sh, "No files in directory\n");
		break;
	case FILE_RUNNING:
		router_file_read(r, "system:running-config", &t);
		shell_puts(sh, "Directory of system:/\n\n");
		dir_line(sh, 1, "running-config", t.n, router_wall(r));
		break;
	default:
		shell_file_error(sh, "opening", typed,
		                 n.kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
		break;
	}
	text_fini(&t);
	free(trimmed);
}

/* --- more, delete ----------------------------------------------------------------------------- */

/* A file of anybody's must not command the terminal of who reads it. */
static void
show_plain(struct shell *sh, const struct text *file)
{
	struct text plain = TEXT_INIT;

	for (size_t i = 0, n; i < file->n; i += n) {
		bool steers;

		n = octets_character(file->p + i, file->n - i, &steers);
		if (steers && (!file->p[i] || !strchr("\r\n\t", file->p[i])))
			text_add(&plain, ".", 1);
		else
			text_add(&plain, file->p + i, n);
	}
	shell_puts(sh, text_string(&plain));
	text_fini(&plain);
}

void
exec_more(struct shell *sh, const struct command *cmd)
{
	char full[EXEC_PATH_MAX];
	struct text t = TEXT_INIT;

	if (shell_file_view(sh, exec_path(sh, command_str(cmd, ARG_FILE), full), &t)) {
		show_plain(sh, &t);
		if (t.n && t.p[t.n - 1] != '\n')
			shell_puts(sh, "\n");
	}
	text_fini(&t);
}

static void
delete_file(struct shell *sh, const char *typed)
{
	struct file_name n;
	int error = -EINVAL;

	if (file_name_parse(typed, &n) == FILE_FLASH)
		error = files_remove(router_files(shell_router(sh)), n.name);
	else if (n.kind == FILE_STARTUP)
		error = router_set_startup(shell_router(sh), NULL);
	if (error)
		shell_file_error(sh, "deleting", typed, error);
}

static void
delete_confirm(struct shell *sh, const char *line, void *state)
{
	if (exec_confirmed(line))
		delete_file(sh, state);
	free(state);
}

static void
delete_ask(struct shell *sh, const char *line, void *state)
{
	char *typed = state, *question, full[FILE_NAME_TEXT], path[EXEC_PATH_MAX];
	struct file_name n;

	if (line && *line) {
		free(typed);
		typed = x_strdup(exec_path(sh, line, path));
	}
	file_name_parse(typed, &n);
	file_name_text(&n, full);
	if (!line) {
		free(typed);
		return;
	}
	question = x_asprintf("Delete %s? [confirm]", full[0] ? full : typed);
	shell_ask(sh, question, delete_confirm, typed);
	free(question);
}

void
exec_delete(struct shell *sh, const struct command *cmd)
{
	char path[EXEC_PATH_MAX], *question;
	const char *typed = exec_path(sh, command_str(cmd, ARG_FILE), path);
	struct file_name n;

	file_name_parse(typed, &n);
	if (n.kind == FILE_STARTUP && shell_refuse_loading(sh))
		return;
	if (n.kind == FILE_REMOTE || n.kind == FILE_BAD || n.kind == FILE_RUNNING ||
	    n.kind == FILE_NULL) {
		shell_file_error(sh, "deleting", typed,
		                 n.kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
	} else if (command_has(cmd, ARG_FORCE)) {
		delete_file(sh, typed);
	} else {
		question = x_asprintf("Delete filename [%s]? ",
		                      n.kind == FILE_FLASH ? n.name : "startup-config");
		shell_ask(sh, question, delete_ask, x_strdup(typed));
		free(question);
	}
}

/* --- erase ------------------------------------------------------------------------------------ */

static void
erase_answer(struct shell *sh, const char *line, void *state)
{
	struct router *r = shell_router(sh);
	struct log_sink sink = router_log_sink(r);
	int error;

	(void)state;
	if (!exec_confirmed(line))
		return;
	if ((error = router_set_startup(r, NULL)) != 0) {
		shell_file_error(sh, "erasing", "nvram:startup-config", error);
		return;
	}
	shell_puts(sh, "[OK]\nErase of nvram: complete\n");
	LOG(&sink, NV_BLOCK_INIT);
}

void
exec_erase(struct shell *sh, const struct command *cmd)
{
	const char *typed = command_str(cmd, ARG_FILE);
	struct file_name n;

	if (shell_refuse_loading(sh))
		return;
	if (typed && file_name_parse(typed, &n) != FILE_STARTUP) {
		shell_refuse(sh);
		shell_printf(sh, "%%Error erasing %s (Operation not supported)\n", typed);
		return;
	}
	shell_ask(sh,
	          "Erasing the nvram filesystem will remove all configuration files! Continue? "
	          "[confirm]",
	          erase_answer, NULL);
}
