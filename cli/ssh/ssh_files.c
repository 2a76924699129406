/* SPDX-License-Identifier: Apache-2.0 */
/* What scp and SFTP have in common: see ssh_files.h. */
#include "cli/ssh/ssh_files.h"

#include <errno.h>
#include <string.h>

#include "cli/device/load.h"
#include "cli/device/router_files.h"
#include "cli/files/files.h"
#include "cli/ssh/ssh_priv.h"

const char *
ssh_files_refusal(struct sshd_connection *c)
{
	struct router *r = sshd_router(c);

	if (!router_is_up(r))
		return "the router is down";
	if (!tnode_first(tree_top(router_tree(r)), KEY_IP_SCP_SERVER))
		return "Administratively disabled (ip scp server enable)";
	if (c->level < SSHD_LEVEL_MAX)
		return "Privilege denied";
	return NULL;
}

static const char *
skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

int
ssh_files_read(struct sshd_connection *c, const char *path, struct text *ret)
{
	const struct console_service *s = &c->server->service;
	int error;

	s->enter(s->arg);
	error =
	    router_is_up(s->router) ? router_file_read(s->router, skip_slashes(path), ret) : -EIO;
	s->leave(s->arg);
	return error;
}

static int
merge_running(struct router *r, struct span text, struct text *report, struct text *summary)
{
	struct load_log log = {0};
	struct text config = TEXT_INIT;
	struct script_count count;
	const char *last;

	if (text.n > FILES_SIZE_MAX)
		return -EFBIG;
	if (text.n && memchr(text.p, 0, text.n))
		return -EINVAL;
	text_add(&config, (const char *)text.p, text.n);
	count = load_text(r, text_string(&config), load_log_add, &log);
	if (count.refused) {
		load_log_summary(&log, &count, report);
		report->p[--report->n] = 0; /* its line end */
		last = strrchr(report->p, '\n');
		text_puts(summary, last ? last + 1 : report->p);
		text_puts(report, "\n");
	}
	load_log_fini(&log);
	text_fini(&config);
	return 0;
}

int
ssh_files_write(struct sshd_connection *c, const char *path, struct span text, struct text *report,
                struct text *summary)
{
	const struct console_service *s = &c->server->service;
	struct file_name n;
	int error;

	path = skip_slashes(path);
	if (!text.n)
		text = SPAN("", 0); /* an empty text may point nowhere */
	s->enter(s->arg);
	if (!router_is_up(s->router))
		error = -EIO;
	else if (file_name_parse(path, &n) == FILE_RUNNING)
		error = merge_running(s->router, text, report, summary);
	else
		error = router_file_write(s->router, path, text);
	s->leave(s->arg);
	return error;
}
