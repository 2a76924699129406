/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SSH server's listener and connections: see ssh.h. A connection moves in steps, when its
 * socket is ready or its worker has written: a step gives libssh what the socket holds, answers the
 * requests that came of it, and moves the channels' data. libssh never blocks here, and a step has
 * an end, so that a flood of one user leaves the loop to the others.
 */
#define _GNU_SOURCE
#include "cli/ssh/ssh_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/shell/line.h"
#include "cli/term/listener.h"

#define STEP_TURNS 4
#define KEX_BUDGET 20    /* milliseconds of one turn of the loop */
#define TICK       2000  /* milliseconds */
#define LINGER     10000 /* for a client to open a channel, or to leave after its last one */

/* All that there are in this program, for `show ssh`. */
static struct sshd *servers;

struct sshd *
sshd_first(void)
{
	return servers;
}

/* --- connections ------------------------------------------------------------------------------ */

struct router *
sshd_router(const struct sshd_connection *c)
{
	return c->server->router;
}

struct session {
	struct console_service service; /* first */
	struct sshd *server;
	char user[SSHD_USER_MAX + 1], peer[INET6_ADDRSTRLEN];
};

static void
session_gone(const struct console_service *service)
{
	struct session *s = (struct session *)(uintptr_t)service;

	s->server->n_sessions--;
	free(s);
}

struct console_service *
sshd_service_new(const struct sshd_connection *c)
{
	struct session *s = x_alloc(sizeof(*s));

	s->server = c->server;
	s->server->n_sessions++;
	s->service = c->server->service;
	s->service.vty = s->service.logged_in = !c->console;
	s->service.level = c->level;
	s->service.transport = LINE_SSH;
	s->service.stays = false; /* a client's session ends with it */
	memcpy(s->user, c->user, sizeof(s->user));
	memcpy(s->peer, c->peer, sizeof(s->peer));
	s->service.user = s->user;
	s->service.peer = s->peer;
	s->service.gone = session_gone;
	return &s->service;
}

static void
unlink_connection(struct sshd_connection *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		c->server->connections = c->next;
	if (c->next)
		c->next->prev = c->prev;
	c->server->n_connections--;
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct sshd_connection *c = handle->data;

	if (--c->open_handles)
		return;
	if (c->event) {
		ssh_event_remove_session(c->event, c->session);
		ssh_event_free(c->event);
	}
	ssh_free(c->session);
	close(c->fd);
	unlink_connection(c);
	free(c);
}

static void
connection_close(struct sshd_connection *c)
{
	if (c->closing)
		return;
	c->closing = true;
	if (c->state != SSHD_UP)
		c->server->n_unknown--;
	else
		sshd_log(c, NULL);
	sshd_auth_hangup(c);
	sshd_channels_hangup(c);
	ssh_disconnect(c->session);
	uv_close((uv_handle_t *)&c->poll, on_handle_closed);
	uv_close((uv_handle_t *)&c->timer, on_handle_closed);
	uv_close((uv_handle_t *)&c->soon, on_handle_closed);
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* A client that does not take our answers is not asked for more. */
static void
poll_set(struct sshd_connection *c)
{
	bool stuck = ssh_get_status(c->session) & SSH_WRITE_PENDING;
	int events = stuck || c->check ? 0 : UV_READABLE;

	if (stuck || (ssh_get_poll_flags(c->session) & SSH_WRITE_PENDING))
		events |= UV_WRITABLE;
	uv_poll_start(&c->poll, events, on_poll);
}

/* What the socket holds goes to libssh; false: the connection is over. */
static bool
pump_socket(struct sshd_connection *c)
{
	int r;

	if (c->state == SSHD_KEX) {
		r = ssh_handle_key_exchange(c->session);
		if (r == SSH_ERROR)
			return false;
		if (r == SSH_OK) {
			c->state = SSHD_AUTH;
			c->event = ssh_event_new();
			if (!c->event || ssh_event_add_session(c->event, c->session) != SSH_OK)
				return false;
		}
	} else if (ssh_event_dopoll(c->event, 0) == SSH_ERROR) {
		return false;
	}
	return ssh_is_connected(c->session);
}

static void
answer_message(struct sshd_connection *c, ssh_message m)
{
	bool answered = true;

	switch (ssh_message_type(m)) {
	case SSH_REQUEST_SERVICE:
		if (!strcmp(ssh_message_service_service(m), "ssh-userauth"))
			ssh_message_service_reply_success(m);
		else
			ssh_message_reply_default(m);
		break;
	case SSH_REQUEST_AUTH:
		answered = sshd_auth_message(c, m);
		break;
	case SSH_REQUEST_CHANNEL_OPEN:
	case SSH_REQUEST_CHANNEL:
		if (c->state == SSHD_UP)
			sshd_channel_message(c, m);
		else
			ssh_message_reply_default(m);
		break;
	default:
		ssh_message_reply_default(m);
		break;
	}
	if (answered)
		ssh_message_free(m);
}

static bool
answer_all(struct sshd_connection *c)
{
	ssh_message m;
	bool some = false;

	while (!c->done && !c->check && (m = ssh_message_get(c->session))) {
		some = true;
		answer_message(c, m);
	}
	return some;
}

/* False: the connection is over. */
static bool
take_turns(struct sshd_connection *c)
{
	for (int i = 0; i < STEP_TURNS; i++) {
		bool moved;

		if (c->check)
			return true;
		if (!pump_socket(c))
			return false;
		moved = c->event && answer_all(c);
		if (c->state == SSHD_UP)
			moved |= sshd_channels_move(c);
		if (!moved)
			return !c->done || (ssh_get_status(c->session) & SSH_WRITE_PENDING);
	}
	sshd_wake(c);
	return true;
}

/*
 * A key exchange costs milliseconds. However many knock at once, the rest of the loop, which is
 * this router's IKE and its other sessions, waits no longer than this at a time.
 */
static bool
over_budget(const struct sshd_connection *c)
{
	return c->state == SSHD_KEX && uv_hrtime() / 1000000 > uv_now(c->server->loop) + KEX_BUDGET;
}

static void
step_connection(struct sshd_connection *c)
{
	bool alive;

	if (c->stepping || c->closing)
		return;
	if (over_budget(c)) {
		sshd_wake(c);
		return;
	}
	c->stepping = true;
	alive = take_turns(c);
	c->stepping = false;
	if (alive)
		poll_set(c);
	else
		connection_close(c);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	(void)events;
	if (status < 0)
		connection_close(poll->data);
	else
		step_connection(poll->data);
}

static void
on_soon(uv_idle_t *idle)
{
	uv_idle_stop(idle);
	step_connection(idle->data);
}

void
sshd_wake(struct sshd_connection *c)
{
	if (!c->closing)
		uv_idle_start(&c->soon, on_soon);
}

static void
on_time(uv_timer_t *timer)
{
	struct sshd_connection *c = timer->data;

	c->empty = c->n_channels ? 0 : c->empty + 1;
	if (c->state != SSHD_UP || c->empty * TICK >= LINGER)
		connection_close(c);
	else
		sshd_channels_tick(c);
}

void
sshd_log(struct sshd_connection *c, const char *how)
{
	struct log_sink sink = router_log_sink(sshd_router(c));
	const char *cipher = ssh_get_cipher_in(c->session), *hmac = ssh_get_hmac_in(c->session);

	if (!sshd_logs(sshd_router(c)))
		return;
	cipher = cipher ? cipher : "";
	hmac = hmac ? hmac : "";
	if (!how) {
		LOG(&sink, SSH2_CLOSE, c->peer, 0u, c->user, cipher, hmac);
		return;
	}
	if (!c->failures)
		LOG(&sink, SSH2_SESSION, c->peer, 0u, cipher, hmac, "Succeeded");
	LOG(&sink, SSH2_USERAUTH, c->user, c->peer, 0u, cipher, hmac, how);
}

void
sshd_authenticated(struct sshd_connection *c)
{
	c->state = SSHD_UP;
	c->server->n_unknown--;
	uv_timer_start(&c->timer, on_time, TICK, TICK);
}

void
sshd_disconnect(struct sshd_connection *c)
{
	c->done = true;
	sshd_wake(c);
}

/* --- the beginning of a connection ------------------------------------------------------------ */

static bool
session_start(struct sshd_connection *c)
{
	static const bool no = false;
	ssh_bind bind = ssh_bind_new();
	int copy = -1;

	c->session = ssh_new();
	if (!bind || !c->session)
		abort();
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BANNER, "Testudo_" TESTUDO_VERSION);
	sshd_algorithms(sshd_router(c), bind);
	if (sshd_host_keys(sshd_router(c), bind))
		copy = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	/* From here on the copy is the session's, whatever comes of it. */
	if (copy >= 0 && ssh_bind_accept_fd(bind, c->session, copy) != SSH_OK)
		copy = -1;
	ssh_bind_free(bind);
	if (copy < 0)
		return false;
	ssh_set_blocking(c->session, 0);
	ssh_set_auth_methods(c->session, sshd_methods(sshd_router(c)));
	return true;
}

static void
link_connection(struct sshd_connection *c)
{
	struct sshd *s = c->server;

	c->next = s->connections;
	if (c->next)
		c->next->prev = c;
	s->connections = c;
	s->n_connections++;
	s->n_unknown++;
}

/* How many from the same address as this one have not authenticated. */
static size_t
count_unknown(const struct sshd_connection *of)
{
	size_t n = 0;

	for (const struct sshd_connection *c = of->server->connections; c; c = c->next)
		n += c->state != SSHD_UP && !c->closing && !strcmp(c->peer, of->peer);
	return n;
}

/*
 * Too many clients have not authenticated: of the address that has the most of them, closes the
 * one that has had the most time for it.
 */
static void
shed_oldest(struct sshd *s)
{
	struct sshd_connection *c, *oldest = NULL;
	size_t most = 0, n;

	if (s->n_unknown <= sshd_max_startups(s->router))
		return;
	for (c = s->connections; c; c = c->next) {
		n = c->state != SSHD_UP && !c->closing ? count_unknown(c) : 0;
		if (n && n >= most) {
			most = n;
			oldest = c;
		}
	}
	if (oldest)
		connection_close(oldest);
}

static void
peer_name(struct sshd_connection *c, const struct sockaddr_storage *sa)
{
	struct sockaddr_in6 in6;
	const struct in6_addr *v6 = &in6.sin6_addr;

	memcpy(&in6, sa, sizeof(in6));
	if (sa->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, c->peer,
		          sizeof(c->peer));
	else if (IN6_IS_ADDR_V4MAPPED(v6))
		inet_ntop(AF_INET, v6->s6_addr + 12, c->peer, sizeof(c->peer));
	else
		inet_ntop(AF_INET6, v6, c->peer, sizeof(c->peer));
}

/*
 * Do `transport input`, `access-class` and quiet mode let this client in? Not asked: an open door.
 */
static bool
is_admitted(const struct sshd_connection *c)
{
	struct line_caller who = {.how = LINE_SSH, .peer = c->peer};

	return !sshd_auth_needed(c->server) || line_admits(sshd_router(c), &who);
}

/* Takes fd. */
static void
connection_new(struct sshd *s, int fd, const struct sockaddr_storage *sa)
{
	static const int on = 1;
	struct sshd_connection *c = x_alloc(sizeof(*c));

	c->server = s;
	c->fd = fd;
	peer_name(c, sa);
	if (!is_admitted(c) || !session_start(c)) {
		ssh_free(c->session);
		close(fd);
		free(c);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	link_connection(c);
	uv_poll_init(s->loop, &c->poll, fd);
	uv_timer_init(s->loop, &c->timer);
	uv_idle_init(s->loop, &c->soon);
	c->poll.data = c->timer.data = c->soon.data = c;
	c->open_handles = 3;
	uv_timer_start(&c->timer, on_time, sshd_timeout(s->router) * 1000, 0);
	shed_oldest(s);
	step_connection(c);
}

/* --- the listener ----------------------------------------------------------------------------- */

static void
on_client(void *arg, int fd, const struct sockaddr_storage *peer)
{
	struct sshd *s = arg;

	if (s->n_connections >= SSHD_SESSIONS_MAX || !sshd_auth_possible(s))
		close(fd);
	else
		connection_new(s, fd, peer);
}

int
sshd_listen(uv_loop_t *loop, int take_bound, const struct console_service *service,
            const struct login_checker *checker, struct sshd **ret)
{
	struct sshd *s = x_alloc(sizeof(*s));
	int r;

	s->loop = loop;
	s->service = *service;
	s->router = service->router;
	s->checker = checker;
	r = listener_open_tcp(loop, take_bound, on_client, s, &s->listener);
	if (r < 0) {
		free(s);
		return r;
	}
	ssh_init();
	s->next = servers;
	servers = s;
	*ret = s;
	return 0;
}

void
sshd_open_door(struct sshd *s)
{
	s->open = true;
}

uint16_t
sshd_port(const struct sshd *s)
{
	return listener_port(s->listener);
}

void
sshd_close(struct sshd *s)
{
	struct sshd_connection *c;

	if (s->closing)
		return;
	s->closing = true;
	for (c = s->connections; c; c = c->next)
		connection_close(c);
	listener_close(s->listener);
}

void
sshd_free(struct sshd *s)
{
	struct sshd **at = &servers;

	if (!s)
		return;
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free(s);
}
