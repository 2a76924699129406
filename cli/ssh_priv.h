/*
 * What the parts of the SSH server share. ssh.c: listener, connections, time-outs; ssh_auth.c: who
 * may log in; ssh_keys.c: the router's host keys; ssh_channel.c: channels and their queues;
 * ssh_script.c: commands without a terminal.
 *
 *   sshd --> connection (socket, ssh_session) --> channel --> worker: a term, a script, scp
 *
 * A connection owns its channels, a channel tells its worker when it goes (hangup), a worker that
 * comes to its end says so (sshd_channel_finish) and is not called again. libssh may call back from
 * within nearly everything; so nothing is freed but in connection_step and in handles' callbacks.
 */
#ifndef TESTUDO_SSH_PRIV_H
#define TESTUDO_SSH_PRIV_H

#include <netinet/in.h>

#include <libssh/libssh.h>
#include <libssh/server.h>
#include <uv.h>

#include "cli/ssh.h"

#define SSHD_CHANNELS_MAX 10 /* of one connection */
#define SSHD_USER_MAX     64

struct sshd {
	uv_loop_t *loop;
	uv_poll_t listener;
	int fd;
	uint16_t port;
	bool closing;
	size_t n_connections, n_unknown;
	struct sshd_connection *connections; /* the newest first */
	/* What a term takes as its service: for users who begin in user EXEC, and privileged. */
	struct console_service service, privileged;
	ssh_key own_key; /* Ed25519, for a router without keys of its own */
};

enum sshd_state { SSHD_KEX, SSHD_AUTH, SSHD_UP };

struct sshd_connection {
	struct sshd *server;
	struct sshd_connection *next, *prev;
	int fd; /* ours: libssh closes its own copy when it likes */
	ssh_session session;
	ssh_event event; /* from the end of the key exchange on */
	uv_poll_t poll;
	uv_timer_t timer; /* to authenticate, and after the last channel */
	uv_idle_t soon;
	unsigned open_handles;
	enum sshd_state state;
	bool stepping, closing;
	bool done; /* disconnect when all is written */
	char peer[INET6_ADDRSTRLEN];

	char user[SSHD_USER_MAX + 1];
	unsigned level;
	unsigned failures; /* passwords */
	unsigned offers;   /* public keys that were none of the user's */

	size_t n_channels;
	struct sshd_channel *channels;
};

/* What runs on a channel. */
struct sshd_worker {
	void (*run)(void *arg); /* at every step of the connection; may be NULL */
	void (*input)(void *arg, const char *data, size_t n);
	void (*end)(void *arg);             /* the user sends no more */
	void (*full)(void *arg, bool full); /* the user does not take what is written */
	void (*resize)(void *arg, unsigned width, unsigned height); /* may be NULL */
	void (*hangup)(void *arg); /* the channel is gone; the worker's last call */
};

struct sshd_channel {
	struct sshd_connection *c;
	struct sshd_channel *next;
	ssh_channel channel;
	const struct sshd_worker *worker; /* NULL: none yet, or none any more */
	void *arg;
	bool pty;
	unsigned width, height;
	bool paused, full; /* the worker is behind, the user is */
	bool told_end;
	bool over; /* the worker has ended: close when all is written */
	int status;
	char *out; /* not yet taken by libssh */
	size_t out_from, n_out, out_capacity;
};

/* ssh.c */
struct router *sshd_router(const struct sshd_connection *c);
const struct console_service *sshd_service(const struct sshd_connection *c);
void sshd_wake(struct sshd_connection *c); /* something is to be written or read: soon */
void sshd_authenticated(struct sshd_connection *c);
void sshd_disconnect(struct sshd_connection *c); /* when all is written */

/* ssh_auth.c: a message of the authentication protocol; answers it. */
void sshd_auth_message(struct sshd_connection *c, ssh_message m);
/* Is there anybody who could log in? */
bool sshd_auth_possible(struct router *r);

/* ssh_keys.c: gives the bind the host keys; false: there is none. */
bool sshd_host_keys(struct sshd *s, ssh_bind bind);

/* ssh_channel.c */
void sshd_channel_message(struct sshd_connection *c, ssh_message m);
bool sshd_channels_move(struct sshd_connection *c); /* reads, writes; true: something moved */
void sshd_channels_hangup(struct sshd_connection *c);
void sshd_channel_write(struct sshd_channel *ch, const char *data, size_t n);
void sshd_channel_pause(struct sshd_channel *ch, bool paused);
/* The worker's last word. status: the exit status; it goes out after all that was written. */
void sshd_channel_finish(struct sshd_channel *ch, int status);

#endif
