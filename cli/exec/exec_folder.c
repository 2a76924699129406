/* SPDX-License-Identifier: Apache-2.0 */
/* `pwd`, `cd`, `rename`, `verify`: what else there is to do with files and their folders. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/router_files.h"
#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "runtime/crypto/hash.h"

/* --- the folder ------------------------------------------------------------------------------- */

void
exec_pwd(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_printf(sh, "%s\n", shell_folder(sh));
}

/* Does any file in flash stand in it? */
static bool
is_folder(struct router *r, const char *name)
{
	struct arena *a = arena_new();
	size_t n, length = strlen(name);
	const struct file_info *list = files_list(router_files(r), a, &n);
	bool found = !length;

	for (size_t i = 0; i < n && !found; i++)
		found = !strncmp(list[i].name, name, length) && list[i].name[length] == '/';
	arena_free(a);
	return found;
}

/* "flash:/archive" without its last part; the caller frees. */
static char *
above_folder(const char *folder)
{
	const char *first = strchr(folder, '/');
	size_t n = strlen(folder);

	while (first && n > (size_t)(first - folder) + 1 && folder[n - 1] == '/')
		n--;
	while (first && n > (size_t)(first - folder) + 1 && folder[n - 1] != '/')
		n--;
	return x_asprintf("%.*s", (int)n, folder);
}

/* What `cd` was given, in full and without a slash at its end where it has a name. */
static char *
wanted_folder(const struct shell *sh, const char *typed)
{
	char full[EXEC_PATH_MAX];
	char *folder;

	if (!typed)
		return x_strdup("flash:/");
	folder = strcmp(typed, "..") ? x_strdup(exec_path(sh, typed, full))
	                             : above_folder(shell_folder(sh));
	for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/' && folder[n - 2] != ':'; n--)
		folder[n - 1] = '\0';
	return folder;
}

void
exec_cd(struct shell *sh, const struct command *cmd)
{
	const char *typed = command_str(cmd, ARG_FOLDER);
	char *folder = wanted_folder(sh, typed), *in_full = NULL;
	struct file_name n;

	switch (file_name_parse(folder, &n)) {
	case FILE_FLASH:
		if (is_folder(shell_router(sh), n.name))
			in_full = x_asprintf("flash:/%s%s", n.name, *n.name ? "/" : "");
		break;
	case FILE_STARTUP:
		in_full = x_strdup("nvram:/");
		break;
	case FILE_RUNNING:
		in_full = x_strdup("system:/");
		break;
	default:
		break;
	}
	if (in_full)
		shell_set_folder(sh, in_full);
	else
		shell_file_error(sh, "opening", typed,
		                 n.kind == FILE_REMOTE  ? -EOPNOTSUPP
		                 : n.kind == FILE_FLASH ? -ENOENT
		                                        : -EINVAL);
	free(in_full);
	free(folder);
}

/* A folder is there as long as a file is in it. */
static void
refuse_folder(struct shell *sh)
{
	shell_refuse(sh);
	shell_puts(sh,
	           "% A folder of flash: is made by the first file in it, and gone with the last "
	           "one\n");
}

void
exec_mkdir(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	refuse_folder(sh);
}

void
exec_rmdir(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	refuse_folder(sh);
}

/* --- rename ----------------------------------------------------------------------------------- */

/* The question's answer owns it. */
struct renaming {
	struct file_name from, to;
};

static void
rename_now(struct shell *sh, const struct renaming *m)
{
	struct router *r = shell_router(sh);
	char from[FILE_NAME_TEXT], to[FILE_NAME_TEXT];
	struct text text = TEXT_INIT;
	int error;

	file_name_text(&m->from, from);
	file_name_text(&m->to, to);
	if (!shell_file_read(sh, from, &text)) {
		text_fini(&text);
		return;
	}
	error = files_has(router_files(r), m->to.name)
	            ? -EEXIST
	            : router_file_write(r, to, SPAN(text.p, text.n));
	if (!error)
		error = files_remove(router_files(r), m->from.name);
	if (error)
		shell_file_error(sh, "renaming", from, error);
	text_fini(&text);
}

static void
destination_answer(struct shell *sh, const char *line, void *state)
{
	struct renaming *m = state;
	char full[EXEC_PATH_MAX];

	if (line && *line)
		file_name_parse(exec_path(sh, line, full), &m->to);
	if (line && (m->to.kind != FILE_FLASH || !m->to.name[0]))
		shell_file_error(sh, "renaming", line, -EINVAL);
	else if (line)
		rename_now(sh, m);
	free(m);
}

void
exec_rename(struct shell *sh, const struct command *cmd)
{
	const char *typed[] = {command_str(cmd, ARG_FROM), command_str(cmd, ARG_TO)};
	char full[EXEC_PATH_MAX], *question;
	struct renaming m;
	struct file_name *names[] = {&m.from, &m.to};

	for (size_t i = 0; i < 2; i++)
		if (file_name_parse(exec_path(sh, typed[i], full), names[i]) != FILE_FLASH ||
		    !names[i]->name[0]) {
			shell_file_error(sh, "renaming", typed[i],
			                 names[i]->kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
			return;
		}
	if (exec_prompts_quietly(shell_router(sh))) {
		rename_now(sh, &m);
		return;
	}
	question = x_asprintf("Destination filename [%s]? ", m.to.name);
	shell_ask(sh, question, destination_answer, x_memdup(&m, sizeof(m)));
	free(question);
}

/* --- verify ----------------------------------------------------------------------------------- */

static void
tell_signature(struct shell *sh, const struct command *cmd, const char *name, const char *is)
{
	const char *hash = command_str(cmd, ARG_HASH), *must = command_str(cmd, ARG_DIGEST);

	shell_puts(sh, "....Done!\n");
	if (!must) {
		shell_printf(sh, "verify %s (%s) = %s\n", hash, name, is);
	} else if (!strcasecmp(must, is)) {
		shell_printf(sh, "Verified (%s) = %s\n", name, is);
	} else {
		shell_refuse(sh);
		shell_printf(
		    sh,
		    "%%Error verifying %s\nComputed signature  = %s\nSubmitted signature = %s\n",
		    name, is, must);
	}
}

void
exec_verify(struct shell *sh, const struct command *cmd)
{
	const char *hash = command_str(cmd, ARG_HASH);
	char full[EXEC_PATH_MAX], hex[HASH_HEX_MAX], name[FILE_NAME_TEXT];
	struct text text = TEXT_INIT;
	struct file_name n;

	if (shell_level(sh) < SHELL_LEVEL_MAX) { /* a hash tells of what they may not see */
		shell_refuse(sh);
		shell_puts(sh, "% Only level 15 may do this\n");
		return;
	}
	if (shell_file_read(sh, exec_path(sh, command_str(cmd, ARG_FILE), full), &text)) {
		file_name_parse(full, &n);
		file_name_text(&n, name);
		if (hash) {
			hash_hex(strcmp(hash, "/md5") ? HASH_SHA512 : HASH_MD5,
			         SPAN(text.p, text.n), hex);
			tell_signature(sh, cmd, name, hex);
		} else {
			shell_refuse(sh);
			shell_printf(sh,
			             "%%Error verifying %s (No signature in it: compare what "
			             "/md5 or /sha512 tells)\n",
			             name);
		}
	}
	text_fini(&text);
}
