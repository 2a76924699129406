/* SPDX-License-Identifier: Apache-2.0 */
/* `show file systems`, `show flash:`, `show boot`. */
#include "cli/show/structured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device/router_files.h"
#include "cli/files/files.h"

struct flash {
	const struct file_info *files;
	size_t n, used, free; /* octets */
};

static struct flash
flash_of(struct showing *s)
{
	struct flash f = {0};

	f.files = files_list(router_files(s->router), s->arena, &f.n);
	for (size_t i = 0; i < f.n; i++)
		f.used += f.files[i].size;
	f.free = f.used < FILES_TOTAL_MAX ? FILES_TOTAL_MAX - f.used : 0;
	return f;
}

void
cmd_show_file_systems(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct flash f = flash_of(&s);

	(void)cmd;
	text_puts(&s.text, "File Systems:\n\n"
	                   "     Size(b)     Free(b)      Type  Flags  Prefixes\n"
	                   "           -           -    opaque     rw   system:\n"
	                   "           -           -     nvram     rw   nvram:\n");
	text_printf(&s.text, "* %10u  %10zu     flash     rw   flash:\n", FILES_TOTAL_MAX, f.free);
	text_puts(&s.text, "           -           -    opaque     wo   null:\n\n");
	showing_end(&s);
}

static const char *
date_of(const struct file_info *file, const struct clock_zone *zone, char buf[static 40])
{
	char date[24];
	struct clock_time t;

	clock_local(zone, file->wall, &t);
	strftime(date, sizeof(date), "%b %e %Y %H:%M:%S", &t.tm);
	snprintf(buf, 40, "%s %c%02d:%02d", date, t.offset < 0 ? '-' : '+', abs(t.offset) / 60,
	         abs(t.offset) % 60);
	return buf;
}

void
cmd_show_flash(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct flash f = flash_of(&s);
	struct clock_zone zone;
	char date[40];

	(void)cmd;
	router_zone(s.router, &zone);
	text_puts(&s.text, "-#- --length-- -----date/time------ path\n");
	for (size_t i = 0; i < f.n; i++)
		text_printf(&s.text, "%-3zu %10zu %s %s\n", i + 1, f.files[i].size,
		            date_of(&f.files[i], &zone, date), f.files[i].name);
	text_printf(&s.text, "\n%zu bytes available (%zu bytes used)\n", f.free, f.used);
	showing_end(&s);
}

/* Linux starts the program, with what its service says: there are no variables for that. */
void
cmd_show_boot(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "BOOT variable does not exist\n"
	               "CONFIG_FILE variable does not exist\n"
	               "BOOTLDR variable does not exist\n");
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
put_flash(struct showing *s, struct emit *e)
{
	struct flash f = flash_of(s);

	emit_int(e, "total_bytes", FILES_TOTAL_MAX);
	emit_int(e, "free_bytes", (int64_t)f.free);
	emit_list(e, "files");
	for (size_t i = 0; i < f.n; i++) {
		emit_map(e, NULL);
		emit_string(e, "name", f.files[i].name);
		emit_int(e, "bytes", (int64_t)f.files[i].size);
		emit_int(e, "unix_seconds", f.files[i].wall / 1000);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_file_system(struct emit *e, const char *prefix, const char *type)
{
	emit_map(e, NULL);
	emit_string(e, "prefix", prefix);
	emit_string(e, "type", type);
	emit_null(e, "total_bytes");
	emit_null(e, "free_bytes");
	emit_end(e);
}

static void
put_file_systems(struct showing *s, struct emit *e)
{
	struct flash f = flash_of(s);

	emit_list(e, "file_systems");
	put_file_system(e, "system:", "opaque");
	put_file_system(e, "nvram:", "nvram");
	emit_map(e, NULL);
	emit_string(e, "prefix", "flash:");
	emit_string(e, "type", "flash");
	emit_int(e, "total_bytes", FILES_TOTAL_MAX);
	emit_int(e, "free_bytes", (int64_t)f.free);
	emit_end(e);
	put_file_system(e, "null:", "opaque");
	emit_end(e);
}

static void
put_boot(struct showing *s, struct emit *e)
{
	(void)s;
	emit_null(e, "boot");
	emit_null(e, "config_file");
}

const struct command_view structured_files[] = {
    {.handler = H_SHOW_FLASH, .put = put_flash},
    {.handler = H_SHOW_FILE_SYSTEMS, .put = put_file_systems},
    {.handler = H_SHOW_BOOT, .put = put_boot},
    {.put = NULL},
};
