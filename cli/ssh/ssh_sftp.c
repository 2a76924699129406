/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SFTP subsystem, version 3 (draft-ietf-secsh-filexfer-02): what scp(1), sftp(1) and their like
 * need to bring a configuration and to take one away. A file is read as it was when it was opened,
 * and written when it is closed, all of it: half a configuration never counts.
 */
#include "cli/ssh/ssh_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files/files.h"
#include "cli/ssh/ssh_priv.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define PACKET_MAX   (256 * 1024 + 1024) /* octets, as OpenSSH takes them */
#define READ_MAX     32768
#define IN_HIGH      (PACKET_MAX + 4) /* a whole one is there */
#define HANDLES_MAX  8
#define PACKETS_ONCE 64 /* requests of one step, then the others on this loop */
#define PATH_LIMIT   (FILES_NAME_MAX + 24)

enum { /* packets */
       FXP_INIT = 1,
       FXP_VERSION = 2,
       FXP_OPEN = 3,
       FXP_CLOSE = 4,
       FXP_READ = 5,
       FXP_WRITE = 6,
       FXP_LSTAT = 7,
       FXP_FSTAT = 8,
       FXP_SETSTAT = 9,
       FXP_FSETSTAT = 10,
       FXP_OPENDIR = 11,
       FXP_READDIR = 12,
       FXP_REMOVE = 13,
       FXP_REALPATH = 16,
       FXP_STAT = 17,
       FXP_STATUS = 101,
       FXP_HANDLE = 102,
       FXP_DATA = 103,
       FXP_NAME = 104,
       FXP_ATTRS = 105,
};

enum {
	FX_OK = 0,
	FX_EOF = 1,
	FX_NO_FILE = 2,
	FX_DENIED = 3,
	FX_FAILURE = 4,
	FX_BAD = 5,
	FX_UNSUPPORTED = 8
};

enum { FXF_READ = 1, FXF_WRITE = 2, FXF_APPEND = 4 };

#define ATTR_SIZE        1
#define ATTR_PERMISSIONS 4
#define MODE_FILE        0100600
#define MODE_FOLDER      0040700

enum handle_kind { HANDLE_FREE, HANDLE_READ, HANDLE_WRITE, HANDLE_FOLDER };

struct handle {
	enum handle_kind kind;
	bool told; /* a folder: its names are out */
	char path[PATH_LIMIT];
	struct text text;
};

struct sftp {
	struct sshd_channel *ch; /* NULL: over */
	struct text in;
	bool full;
	struct handle handles[HANDLES_MAX];
	uint8_t out[READ_MAX + 1024];
};

/* --- answers ---------------------------------------------------------------------------------- */

static struct wr
begin_reply(struct sftp *s, uint8_t type, uint32_t id)
{
	struct wr w = wr_buf(s->out, sizeof(s->out));

	wr_u32(&w, 0);
	wr_u8(&w, type);
	wr_u32(&w, id);
	return w;
}

static void
send_reply(struct sftp *s, struct wr *w)
{
	uint32_t n = (uint32_t)w->n - 4;

	if (w->bad)
		abort(); /* all answers have a limit that fits */
	for (int i = 0; i < 4; i++)
		w->buf[i] = (uint8_t)(n >> (24 - 8 * i));
	sshd_channel_write(s->ch, (const char *)w->buf, w->n);
}

static void
put_string(struct wr *w, const char *text, size_t n)
{
	wr_u32(w, (uint32_t)n);
	wr_bytes(w, text, n);
}

static void
send_status(struct sftp *s, uint32_t id, uint32_t code, const char *text)
{
	struct wr w = begin_reply(s, FXP_STATUS, id);
	size_t n = strlen(text);

	wr_u32(&w, code);
	put_string(&w, text, n < 512 ? n : 512);
	put_string(&w, "", 0);
	send_reply(s, &w);
}

static void
send_error(struct sftp *s, uint32_t id, int error)
{
	send_status(s, id, error == -ENOENT ? FX_NO_FILE : FX_FAILURE, file_error(error));
}

static void
put_attributes(struct wr *w, bool folder, size_t size)
{
	wr_u32(w, folder ? ATTR_PERMISSIONS : ATTR_SIZE | ATTR_PERMISSIONS);
	if (!folder)
		wr_u64(w, size);
	wr_u32(w, folder ? MODE_FOLDER : MODE_FILE);
}

/* --- names ------------------------------------------------------------------------------------ */

/* A string of the request as a path from the root; false: too long, or with a NUL in it. */
static bool
get_path(struct rd *r, char ret[static PATH_LIMIT])
{
	struct span p = rd_take(r, rd_u32(r));
	const char *at = (const char *)p.p;
	size_t n = p.n;

	if (r->bad || (n && memchr(at, 0, n)))
		return false;
	while (n && (*at == '/' || (*at == '.' && (n == 1 || at[1] == '/')))) {
		at++;
		n--;
	}
	if (n + 1 >= PATH_LIMIT)
		return false;
	ret[0] = '/';
	if (n)
		memcpy(ret + 1, at, n);
	ret[n + 1] = 0;
	return true;
}

/* The root is flash: and the two configurations. */
static bool
is_folder(const char *path)
{
	size_t n = strlen(path);

	return path[n - 1] == '/' || path[n - 1] == ':';
}

static struct handle *
handle_get(struct sftp *s, struct rd *r)
{
	struct span name = rd_take(r, rd_u32(r));

	if (r->bad || name.n != 1 || name.p[0] >= HANDLES_MAX ||
	    s->handles[name.p[0]].kind == HANDLE_FREE)
		return NULL;
	return &s->handles[name.p[0]];
}

static struct handle *
handle_new(struct sftp *s, enum handle_kind kind, const char *path)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (s->handles[i].kind == HANDLE_FREE) {
			s->handles[i].kind = kind;
			s->handles[i].told = false;
			snprintf(s->handles[i].path, PATH_LIMIT, "%s", path);
			return &s->handles[i];
		}
	return NULL;
}

static void
handle_free(struct handle *h)
{
	text_fini(&h->text);
	h->kind = HANDLE_FREE;
}

static void
send_handle(struct sftp *s, uint32_t id, const struct handle *h)
{
	struct wr w = begin_reply(s, FXP_HANDLE, id);

	put_string(&w, (char[]){(char)(h - s->handles)}, 1);
	send_reply(s, &w);
}

/* --- requests --------------------------------------------------------------------------------- */

static void
do_open(struct sftp *s, uint32_t id, struct rd *r)
{
	char path[PATH_LIMIT];
	bool ok = get_path(r, path);
	uint32_t flags = rd_u32(r);
	struct file_name name;
	struct handle *h;
	int error = 0;

	if (!ok || r->bad || is_folder(path)) {
		send_status(s, id, FX_FAILURE, "no name of a file");
		return;
	}
	h = handle_new(s, flags & FXF_WRITE ? HANDLE_WRITE : HANDLE_READ, path);
	if (!h) {
		send_status(s, id, FX_FAILURE, "too many open files");
		return;
	}
	if (!(flags & FXF_WRITE) || flags & FXF_APPEND)
		error = ssh_files_read(s->ch->c, path, &h->text);
	else if (file_name_parse(path + 1, &name) == FILE_BAD)
		error = -EINVAL;
	if (error) {
		handle_free(h);
		send_error(s, id, error);
	} else {
		send_handle(s, id, h);
	}
}

static void
do_close(struct sftp *s, uint32_t id, struct rd *r)
{
	struct handle *h = handle_get(s, r);
	struct text report = TEXT_INIT, summary = TEXT_INIT;
	int error = 0;

	if (h && h->kind == HANDLE_WRITE) {
		error = ssh_files_write(s->ch->c, h->path, SPAN(h->text.p, h->text.n), &report,
		                        &summary);
		sshd_channel_tell(s->ch, text_string(&report));
	}
	if (!h)
		send_status(s, id, FX_FAILURE, "no such handle");
	else if (error)
		send_error(s, id, error);
	else if (summary.n)
		send_status(s, id, FX_FAILURE, text_string(&summary));
	else
		send_status(s, id, FX_OK, "");
	if (h)
		handle_free(h);
	text_fini(&report);
	text_fini(&summary);
}

static void
do_read(struct sftp *s, uint32_t id, struct rd *r)
{
	const struct handle *h = handle_get(s, r);
	uint64_t offset = rd_u64(r);
	size_t n = rd_u32(r);
	struct wr w;

	if (!h || h->kind != HANDLE_READ || r->bad) {
		send_status(s, id, FX_FAILURE, "not open for reading");
	} else if (offset >= h->text.n) {
		send_status(s, id, FX_EOF, "");
	} else {
		n = n < READ_MAX ? n : READ_MAX;
		n = n < h->text.n - offset ? n : (size_t)(h->text.n - offset);
		w = begin_reply(s, FXP_DATA, id);
		put_string(&w, h->text.p + offset, n);
		send_reply(s, &w);
	}
}

static void
do_write(struct sftp *s, uint32_t id, struct rd *r)
{
	struct handle *h = handle_get(s, r);
	uint64_t offset = rd_u64(r);
	struct span data = rd_take(r, rd_u32(r));

	if (!h || h->kind != HANDLE_WRITE || r->bad) {
		send_status(s, id, FX_FAILURE, "not open for writing");
	} else if (offset > FILES_SIZE_MAX || data.n > FILES_SIZE_MAX - offset) {
		send_error(s, id, -EFBIG);
	} else {
		while (h->text.n < offset) /* a gap is of zeros; close will not like them */
			text_add(&h->text, "", 1);
		h->text.n = h->text.n < offset + data.n ? h->text.n : (size_t)offset + data.n;
		if (h->text.n > offset) {
			size_t over = h->text.n - (size_t)offset;

			memcpy(h->text.p + offset, data.p, over);
			data = SPAN(data.p + over, data.n - over);
		}
		if (data.n)
			text_add(&h->text, (const char *)data.p, data.n);
		send_status(s, id, FX_OK, "");
	}
}

static void
send_attributes(struct sftp *s, uint32_t id, const char *path)
{
	struct text t = TEXT_INIT;
	struct wr w;
	int error = is_folder(path) ? 0 : ssh_files_read(s->ch->c, path, &t);

	if (error) {
		send_error(s, id, error);
	} else {
		w = begin_reply(s, FXP_ATTRS, id);
		put_attributes(&w, is_folder(path), t.n);
		send_reply(s, &w);
	}
	text_fini(&t);
}

static void
do_path(struct sftp *s, uint32_t id, uint8_t type, struct rd *r)
{
	char path[PATH_LIMIT];
	struct wr w;

	if (!get_path(r, path)) {
		send_status(s, id, FX_NO_FILE, "no name of a file");
	} else if (type == FXP_REALPATH) {
		w = begin_reply(s, FXP_NAME, id);
		wr_u32(&w, 1);
		put_string(&w, path, strlen(path));
		put_string(&w, path, strlen(path));
		wr_u32(&w, 0);
		send_reply(s, &w);
	} else if (type == FXP_OPENDIR) {
		struct handle *h = is_folder(path) ? handle_new(s, HANDLE_FOLDER, path) : NULL;

		if (h)
			send_handle(s, id, h);
		else
			send_status(s, id, FX_FAILURE, "no directory");
	} else if (type == FXP_SETSTAT) {
		send_status(s, id, FX_OK, "");
	} else {
		send_attributes(s, id, path);
	}
}

static void
put_name(struct wr *w, const char *name, size_t size)
{
	char line[PATH_LIMIT + 64];

	snprintf(line, sizeof(line), "-rw-------    1 0        0        %10zu %s", size, name);
	put_string(w, name, strlen(name));
	put_string(w, line, strlen(line));
	put_attributes(w, false, size);
}

static size_t
size_of(struct sftp *s, const char *name)
{
	struct text t = TEXT_INIT;
	size_t n;

	ssh_files_read(s->ch->c, name, &t);
	n = t.n;
	text_fini(&t);
	return n;
}

/* All names in one answer, as many as fit it. */
static void
do_readdir(struct sftp *s, uint32_t id, struct rd *r)
{
	struct handle *h = handle_get(s, r);
	struct router *router = sshd_router(s->ch->c);
	struct arena *a;
	const struct file_info *files;
	struct wr w;
	size_t n, i, room;

	if (!h || h->kind != HANDLE_FOLDER || h->told) {
		send_status(s, id, h ? FX_EOF : FX_FAILURE, "");
		return;
	}
	h->told = true;
	a = arena_new();
	files = files_list(router_files(router), a, &n);
	w = begin_reply(s, FXP_NAME, id);
	room = (sizeof(s->out) - w.n) / (2 * PATH_LIMIT + 96) - 2;
	n = n < room ? n : room;
	wr_u32(&w, (uint32_t)n + 1 + (router_startup(router) != NULL));
	put_name(&w, "running-config", size_of(s, "running-config"));
	if (router_startup(router))
		put_name(&w, "startup-config", size_of(s, "startup-config"));
	for (i = 0; i < n; i++)
		put_name(&w, files[i].name, files[i].size);
	send_reply(s, &w);
	arena_free(a);
}

static void
do_remove(struct sftp *s, uint32_t id, struct rd *r)
{
	struct router *router = sshd_router(s->ch->c);
	struct file_name name;
	char path[PATH_LIMIT];
	int error = -EINVAL;

	if (get_path(r, path) && file_name_parse(path + 1, &name) == FILE_FLASH)
		error = files_remove(router_files(router), name.name);
	if (error)
		send_error(s, id, error);
	else
		send_status(s, id, FX_OK, "");
}

static void
do_handle_attributes(struct sftp *s, uint32_t id, uint8_t type, struct rd *r)
{
	const struct handle *h = handle_get(s, r);
	struct wr w;

	if (!h) {
		send_status(s, id, FX_FAILURE, "no such handle");
	} else if (type == FXP_FSETSTAT) {
		send_status(s, id, FX_OK, "");
	} else {
		w = begin_reply(s, FXP_ATTRS, id);
		put_attributes(&w, h->kind == HANDLE_FOLDER, h->text.n);
		send_reply(s, &w);
	}
}

static void
do_request(struct sftp *s, uint8_t type, uint32_t id, struct rd *r)
{
	const char *refusal = ssh_files_refusal(s->ch->c);

	if (refusal) {
		send_status(s, id, FX_DENIED, refusal);
		return;
	}
	switch (type) {
	case FXP_OPEN:
		do_open(s, id, r);
		break;
	case FXP_CLOSE:
		do_close(s, id, r);
		break;
	case FXP_READ:
		do_read(s, id, r);
		break;
	case FXP_WRITE:
		do_write(s, id, r);
		break;
	case FXP_FSTAT:
	case FXP_FSETSTAT:
		do_handle_attributes(s, id, type, r);
		break;
	case FXP_LSTAT:
	case FXP_STAT:
	case FXP_SETSTAT:
	case FXP_OPENDIR:
	case FXP_REALPATH:
		do_path(s, id, type, r);
		break;
	case FXP_READDIR:
		do_readdir(s, id, r);
		break;
	case FXP_REMOVE:
		do_remove(s, id, r);
		break;
	default:
		send_status(s, id, FX_UNSUPPORTED, "not supported");
		break;
	}
}

/* --- packets ---------------------------------------------------------------------------------- */

static void
finish_sftp(struct sftp *s, int status)
{
	struct sshd_channel *ch = s->ch;

	s->ch = NULL;
	sshd_channel_finish(ch, status);
}

static void
sftp_free(struct sftp *s)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		handle_free(&s->handles[i]);
	text_fini(&s->in);
	free(s);
}

static void
take_packet(struct sftp *s, struct rd *r)
{
	uint8_t type = rd_u8(r);
	uint32_t id = rd_u32(r);

	if (r->bad) {
		finish_sftp(s, 1);
	} else if (type == FXP_INIT) { /* its id is the client's version; ours goes there too */
		struct wr w = begin_reply(s, FXP_VERSION, 3);

		send_reply(s, &w);
	} else {
		do_request(s, type, id, r);
	}
}

/* The length of the packet that is all here at `at`; 0: none yet, or none that could be. */
static size_t
whole_packet(struct sftp *s, size_t at)
{
	struct rd r = rd_span(s->in.p ? SPAN(s->in.p + at, s->in.n - at) : (struct span){0});
	size_t n = rd_u32(&r);

	if (r.bad)
		return 0;
	if (n > PACKET_MAX || !n) {
		finish_sftp(s, 1);
		return 0;
	}
	return rd_left(&r) < n ? 0 : n + 4;
}

static void
sftp_run(void *arg)
{
	struct sftp *s = arg;
	size_t at = 0, n;
	int i;

	for (i = 0; i < PACKETS_ONCE && s->ch && !s->full && (n = whole_packet(s, at)); i++) {
		struct rd r = rd_span(SPAN(s->in.p + at + 4, n - 4));

		take_packet(s, &r);
		at += n;
	}
	s->in.n -= at;
	if (at)
		memmove(s->in.p, s->in.p + at, s->in.n);
	if (!s->ch) {
		sftp_free(s);
		return;
	}
	sshd_channel_pause(s->ch, s->in.n > IN_HIGH);
	if (i == PACKETS_ONCE)
		sshd_wake(s->ch->c);
}

static void
sftp_input(void *arg, const char *data, size_t n)
{
	struct sftp *s = arg;

	text_add(&s->in, data, n);
}

static void
sftp_end(void *arg)
{
	struct sftp *s = arg;

	finish_sftp(s, 0);
	sftp_free(s);
}

static void
sftp_full(void *arg, bool full)
{
	struct sftp *s = arg;

	s->full = full;
	if (!full && s->ch)
		sshd_wake(s->ch->c);
}

static void
sftp_hangup(void *arg)
{
	sftp_free(arg);
}

static const struct sshd_worker sftp_worker = {
    .run = sftp_run,
    .input = sftp_input,
    .end = sftp_end,
    .full = sftp_full,
    .hangup = sftp_hangup,
};

bool
ssh_sftp_start(struct sshd_channel *ch)
{
	const char *refusal = ssh_files_refusal(ch->c);
	struct sftp *s;

	if (refusal) {
		char *line = x_asprintf("%s\n", refusal);

		sshd_channel_tell(ch, line);
		free(line);
	}
	s = x_alloc(sizeof(*s));
	s->ch = ch;
	ch->worker = &sftp_worker;
	ch->arg = s;
	return true;
}
