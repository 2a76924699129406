/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients in the loop: see client_loop.h.
 *
 *   WAITS ---- a pty comes ----> RUNS ---- its end ----> ENDED
 *     '------- refused -----------------------------------^
 *
 * close frees one in any state; where the answer is still to come, its pty is closed then.
 */
#define _GNU_SOURCE
#include "cli/app/client_loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/app/starter.h"
#include "cli/files/helper_process.h"
#include "compiler/base/text.h"

#define READ_SIZE 4096
#define KEYS_MAX  65536 /* octets that a client has not taken: more are lost */
#define WHY_MAX   128

enum client_state { CLIENT_WAITS, CLIENT_RUNS, CLIENT_ENDED };

struct client {
	struct client_loop *owner;
	struct client *next;
	uint32_t number;
	struct client_told told;
	enum client_state state;
	uint32_t program;
	int fd; /* the pty; -1: none */
	uv_poll_t poll;
	bool paused, polled; /* polled: the handle is open */
	struct text keys;    /* that it has not taken */
};

struct client_loop {
	struct client_starter starter;
	uv_loop_t *loop;
	int line; /* to the starter; -1: there is none any more */
	uv_poll_t poll;
	uint32_t number;
	struct client *clients;
};

/* --- refusals --------------------------------------------------------------------------------- */

static void
say_why(const struct client *c, enum starter_refusal why, int error, char buf[static WHY_MAX])
{
	static const char *const texts[] = {
	    [STARTER_STARTED] = "",
	    [STARTER_MALFORMED] = "% Bad IP address or user name",
	    [STARTER_LOOPBACK] =
		"% Not opened: the address is of this machine's own loopback network",
	    [STARTER_OWN] = "% Not opened: the address is this machine's own",
	    [STARTER_NO_WAY] = "% Destination unreachable; gateway or host down",
	    [STARTER_NO_SOURCE] = "% Invalid source: the address is not this machine's",
	    [STARTER_ABSENT] = "",
	    [STARTER_FULL] = "% No more connections can be opened from this machine",
	    [STARTER_FAILED] = "",
	    [STARTER_GONE] = "% Not opened: the process that starts programs has ended",
	};

	if (why == STARTER_ABSENT)
		snprintf(buf, WHY_MAX, "%% This machine has no %s (package %s)\n",
		         starter_program_name(c->program), starter_program_package(c->program));
	else if (why == STARTER_FAILED || why >= ARRAY_SIZE(texts))
		snprintf(buf, WHY_MAX, "%% The machine's %s cannot be started: %s\n",
		         starter_program_name(c->program), strerror(error));
	else
		snprintf(buf, WHY_MAX, "%s\n", texts[why]);
}

static void
refuse_client(struct client *c, enum starter_refusal why, int error)
{
	char text[WHY_MAX];

	say_why(c, why, error, text);
	c->state = CLIENT_ENDED;
	c->told.opened(c->told.arg, text);
}

/* --- the pty ---------------------------------------------------------------------------------- */

static void listen_to(struct client *c);

static void
end_client(struct client *c)
{
	c->state = CLIENT_ENDED;
	uv_poll_stop(&c->poll);
	c->told.ended(c->told.arg);
}

/* False: the pty is gone. */
static bool
write_keys(struct client *c)
{
	ssize_t n;

	while (c->keys.n) {
		n = write(c->fd, c->keys.p, c->keys.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->keys.n -= (size_t)n;
		memmove(c->keys.p, c->keys.p + n, c->keys.n);
		explicit_bzero(c->keys.p + c->keys.n, (size_t)n);
	}
	return true;
}

/* A read at a time, so that others on the loop have their turn. EIO: nobody has it open. */
static void
on_pty(uv_poll_t *poll, int status, int events)
{
	struct client *c = poll->data;
	char octets[READ_SIZE];
	ssize_t n;

	if ((events & UV_WRITABLE) && !write_keys(c)) {
		end_client(c);
		return;
	}
	n = c->paused ? 1 : read(c->fd, octets, sizeof(octets));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || (status < 0 && n < 0)) {
		end_client(c);
		return;
	}
	listen_to(c);
	if (n > 0 && !c->paused)
		c->told.says(c->told.arg, octets, (size_t)n);
}

static void
listen_to(struct client *c)
{
	const int events = (c->paused ? 0 : UV_READABLE) | (c->keys.n ? UV_WRITABLE : 0);

	if (c->state != CLIENT_RUNS)
		return;
	if (events)
		uv_poll_start(&c->poll, events, on_pty);
	else
		uv_poll_stop(&c->poll);
}

static void
free_client(uv_handle_t *handle)
{
	struct client *c = handle->data;

	if (c->fd >= 0)
		close(c->fd);
	if (c->keys.p)
		explicit_bzero(c->keys.p, c->keys.n);
	text_fini(&c->keys);
	free(c);
}

/* --- the starter's answers -------------------------------------------------------------------- */

static struct client *
find_client(const struct client_loop *l, uint32_t number)
{
	struct client *c = l->clients;

	while (c && c->number != number)
		c = c->next;
	return c;
}

static void
take_pty(struct client *c, int fd)
{
	if (uv_poll_init(c->owner->loop, &c->poll, fd)) {
		close(fd);
		refuse_client(c, STARTER_FAILED, errno);
		return;
	}
	c->fd = fd;
	c->polled = true;
	c->poll.data = c;
	c->state = CLIENT_RUNS;
	c->told.opened(c->told.arg, NULL);
	listen_to(c);
}

/* The descriptor that came with an answer; -1: none did. */
static int
take_descriptor(struct msghdr *m)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* False: the starter has ended. */
static bool
take_answer(struct client_loop *l)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct starter_answer answer;
	struct iovec octets = {&answer, sizeof(answer)};
	struct msghdr m = {.msg_iov = &octets,
	                   .msg_iovlen = 1,
	                   .msg_control = &control,
	                   .msg_controllen = sizeof(control)};
	const ssize_t n = recvmsg(l->line, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct client *c;
	int fd;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n != (ssize_t)sizeof(answer))
		return false;
	fd = take_descriptor(&m);
	c = find_client(l, answer.number);
	if (c && c->state == CLIENT_WAITS && fd >= 0)
		take_pty(c, fd);
	else if (fd >= 0)
		close(fd); /* nobody waits for it any more */
	else if (c && c->state == CLIENT_WAITS)
		refuse_client(c, answer.refusal, answer.error);
	return true;
}

static void
close_line(struct client_loop *l)
{
	if (l->line < 0)
		return;
	uv_close((uv_handle_t *)&l->poll, NULL);
	close(l->line);
	l->line = -1;
}

/* Whoever waits for an answer gets it now. A client that is refused may take others with it. */
static void
lose_starter(struct client_loop *l)
{
	struct client *c;

	close_line(l);
	do {
		for (c = l->clients; c && c->state != CLIENT_WAITS;)
			c = c->next;
		if (c)
			refuse_client(c, STARTER_GONE, 0);
	} while (c);
}

static void
on_line(uv_poll_t *poll, int status, int events)
{
	struct client_loop *l = poll->data;

	(void)events;
	if (status < 0 || !take_answer(l))
		lose_starter(l);
}

/* --- what the session asks -------------------------------------------------------------------- */

static bool
ask_starter(const struct client_loop *l, const struct starter_request *r)
{
	return l->line >= 0 && helper_give(l->line, SPAN(r, sizeof(*r))) == 0;
}

static struct client *
op_open(void *arg, const struct client_call *call, const struct client_told *told)
{
	struct client_loop *l = arg;
	struct starter_request r = {.verb = STARTER_START};
	struct client *c;

	if (l->line < 0)
		return NULL;
	c = x_alloc(sizeof(*c));
	*c = (struct client){.owner = l,
	                     .next = l->clients,
	                     .number = ++l->number,
	                     .told = *told,
	                     .program = call->how == LINE_SSH ? STARTER_SSH : STARTER_TELNET,
	                     .fd = -1};
	l->clients = c;
	r.number = c->number;
	r.call = (struct starter_call){.program = c->program,
	                               .dst = call->dst,
	                               .src = call->src,
	                               .port = call->port,
	                               .rows = (uint16_t)call->rows,
	                               .columns = (uint16_t)call->columns};
	snprintf(r.call.user, sizeof(r.call.user), "%s", call->user ? call->user : "");
	ask_starter(l,
	            &r); /* where the starter has gone the line's end tells, and all are refused */
	return c;
}

static void
op_close(struct client *c)
{
	struct client **at = &c->owner->clients;
	const struct starter_request r = {.verb = STARTER_END, .number = c->number};

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	ask_starter(c->owner, &r);
	c->state = CLIENT_ENDED;
	c->poll.data = c;
	if (c->polled)
		uv_close((uv_handle_t *)&c->poll, free_client);
	else
		free_client((uv_handle_t *)&c->poll);
}

static void
op_type(struct client *c, const char *octets, size_t n)
{
	if (c->state != CLIENT_RUNS || c->keys.n + n > KEYS_MAX)
		return;
	text_add(&c->keys, octets, n);
	if (!write_keys(c)) { /* the loop hears of its end */
		explicit_bzero(c->keys.p, c->keys.n);
		c->keys.n = 0;
	}
	listen_to(c);
}

static void
op_pause(struct client *c, bool paused)
{
	c->paused = paused;
	listen_to(c);
}

static void
op_resize(struct client *c, unsigned rows, unsigned columns)
{
	const struct winsize size = {.ws_row = (unsigned short)rows,
	                             .ws_col = (unsigned short)columns};

	if (c->state == CLIENT_RUNS && ioctl(c->fd, TIOCSWINSZ, &size))
		return; /* its terminal goes on with the size of before */
}

/* --- life ------------------------------------------------------------------------------------- */

struct client_loop *
client_loop_new(uv_loop_t *loop, int take_line)
{
	struct client_loop *l = x_alloc(sizeof(*l));

	*l = (struct client_loop){.starter = {.open = op_open,
	                                      .close = op_close,
	                                      .type = op_type,
	                                      .pause = op_pause,
	                                      .resize = op_resize,
	                                      .arg = l},
	                          .loop = loop,
	                          .line = take_line};
	if (take_line < 0)
		return l;
	if (uv_poll_init(loop, &l->poll, take_line)) {
		close(take_line);
		l->line = -1;
		return l;
	}
	l->poll.data = l;
	uv_poll_start(&l->poll, UV_READABLE, on_line);
	uv_unref((uv_handle_t *)&l->poll);
	return l;
}

const struct client_starter *
client_loop_starter(struct client_loop *l)
{
	return &l->starter;
}

void
client_loop_close(struct client_loop *l)
{
	if (l)
		close_line(l);
}

void
client_loop_free(struct client_loop *l)
{
	free(l);
}
