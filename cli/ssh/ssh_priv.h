/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the SSH server share. ssh.c: listener, connections, time-outs; ssh_auth.c: who
 * may log in; ssh_keys.c: the router's host keys; ssh_channel.c: channels and their queues;
 * ssh_script.c: commands without a terminal; ssh_scp.c, ssh_sftp.c: files.
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

#include "cli/ssh/ssh.h"
#include "cli/ssh/ssh_facts.h"

#define SSHD_CHANNELS_MAX 10 /* of one connection */
#define SSHD_USER_MAX     64
#define SSHD_LEVEL_MAX    15

struct sshd {
	uv_loop_t *loop;
	struct listener *listener;
	bool closing;
	size_t n_connections, n_unknown;
	struct sshd_connection *connections; /* the newest first */
	struct router *router;
	struct console_service service; /* the router's */
	size_t n_sessions;              /* that have a service of their own */
	bool open;                      /* see sshd_open_door */
	const struct login_checker *checker;
	struct sshd *next; /* of all servers of this program, for `show ssh` */
};

enum sshd_state { SSHD_KEX, SSHD_AUTH, SSHD_UP };

struct sshd_connection {
	struct sshd *server;
	struct sshd_connection *next, *prev;
	int fd; /* ours: libssh closes its own copy when it likes */
	ssh_session session;
	ssh_event event; /* from the end of the key exchange on */
	uv_poll_t poll;
	uv_timer_t timer; /* to authenticate; then it ticks */
	uv_idle_t soon;
	unsigned open_handles;
	enum sshd_state state;
	bool stepping, closing;
	bool done; /* disconnect when all is written */
	char peer[INET6_ADDRSTRLEN];

	char user[SSHD_USER_MAX + 1];
	unsigned level;
	bool console;             /* came in by an open door */
	bool greeted;             /* by the banner before the login */
	struct sshd_check *check; /* of a password: nothing is read meanwhile */
	unsigned failures;        /* passwords */
	unsigned offers;          /* public keys that were none of the user's */

	unsigned empty; /* ticks without a channel */
	size_t n_channels;
	struct sshd_channel *channels;
};

/* What runs on a channel. */
struct sshd_worker {
	void (*run)(void *arg); /* at every step of the connection; may be NULL */
	void (*input)(void *arg, const char *data, size_t n);
	void (*end)(void *arg);             /* the user sends no more */
	void (*full)(void *arg, bool full); /* the user does not take what is written */
	void (*tick)(void *arg);            /* now and then; may be NULL */
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
struct sshd *sshd_first(void);
struct router *sshd_router(const struct sshd_connection *c);
/* The service of one session, its own: `gone` frees it. */
struct console_service *sshd_service_new(const struct sshd_connection *c);
void sshd_wake(struct sshd_connection *c); /* something is to be written or read: soon */
/* `ip ssh logging events`: how authentication ended; NULL: the session is over. */
void sshd_log(struct sshd_connection *c, const char *how);
void sshd_authenticated(struct sshd_connection *c);
void sshd_disconnect(struct sshd_connection *c); /* when all is written */

/* ssh_auth.c: answers a message of the authentication protocol; false: it is kept, for later. */
bool sshd_auth_message(struct sshd_connection *c, ssh_message m);
void sshd_auth_hangup(struct sshd_connection *c);
/* Is there a user who could log in? */
bool sshd_auth_possible(const struct sshd *s);
bool sshd_auth_needed(const struct sshd *s); /* no open door */

/* ssh_keys.c */
#define SSHD_RSA_MIN 768 /* bits: IOS asks as much for version 2 */
/* Gives the bind the host keys, makes one where there is none; false: that failed. */
bool sshd_host_keys(struct router *r, ssh_bind bind);
/* The RSA pair that is a host key; false: none will do. */
bool sshd_rsa_pair(struct router *r, struct keystore_entry *ret);
/* The public key of a private one as text; *ret_base64: ssh_string_free_char. */
bool sshd_public_text(struct span text, const char **ret_type, char **ret_base64);
bool sshd_user_has_key(struct router *r, const char *user, const ssh_key key);

/* ssh_config.c: what `ip ssh` says */
unsigned sshd_max_startups(struct router *r);
bool sshd_logs(struct router *r);
int sshd_methods(struct router *r); /* SSH_AUTH_METHOD_... */
void sshd_algorithms(struct router *r, ssh_bind bind);

/* ssh_channel.c */
void sshd_channel_message(struct sshd_connection *c, ssh_message m);
bool sshd_channels_move(struct sshd_connection *c); /* reads, writes; true: something moved */
void sshd_channels_tick(struct sshd_connection *c);
void sshd_channels_hangup(struct sshd_connection *c);
void sshd_channel_write(struct sshd_channel *ch, const char *data, size_t n);
void sshd_channel_tell(struct sshd_channel *ch, const char *text); /* on the user's stderr */
void sshd_channel_pause(struct sshd_channel *ch, bool paused);
/* The worker's last word. status: the exit status; it goes out after all that was written. */
void sshd_channel_finish(struct sshd_channel *ch, int status);

#endif
