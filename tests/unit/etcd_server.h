/* SPDX-License-Identifier: Apache-2.0 */
/* An etcd of a test's own: its data are in a folder of the machine's memory. After cmocka.h. */
#ifndef TESTUDO_ETCD_SERVER_H
#define TESTUDO_ETCD_SERVER_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/store/store_etcd.h"

struct etcd_server {
	pid_t pid; /* 0: it does not run */
	bool tls;  /* with ca.pem, server.pem and server.key of its folder */
	char folder[64], client[48], peer[48];
};

static inline bool
etcd_installed(void)
{
	return access("/usr/bin/etcd", X_OK) == 0 || access("/usr/local/bin/etcd", X_OK) == 0;
}

/* A port that nobody has at the moment. */
static inline unsigned
free_port(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	close(fd);
	return ntohs(a.sin_port);
}

/* A folder and addresses; scheme: "http" or "https". */
static inline void
etcd_folder(struct etcd_server *e, const char *scheme)
{
	snprintf(e->folder, sizeof(e->folder), "%s/testudo-etcd.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(e->folder));
	e->tls = strcmp(scheme, "https") == 0;
	snprintf(e->client, sizeof(e->client), "%s://127.0.0.1:%u", scheme, free_port());
	snprintf(e->peer, sizeof(e->peer), "http://127.0.0.1:%u", free_port());
}

static inline char *
etcd_script(const struct etcd_server *e)
{
	const char *f = e->folder;
	char *tls = e->tls ? x_asprintf("--client-cert-auth --trusted-ca-file '%s/ca.pem' "
	                                "--cert-file '%s/server.pem' --key-file '%s/server.key'",
	                                f, f, f)
	                   : x_strdup("");
	char *line = x_asprintf(
	    "exec etcd --data-dir '%s/data' --listen-client-urls %s --advertise-client-urls %s "
	    "--listen-peer-urls %s --initial-advertise-peer-urls %s --initial-cluster default=%s "
	    "--unsafe-no-fsync %s >/dev/null 2>&1",
	    f, e->client, e->client, e->peer, e->peer, e->peer, tls);

	free(tls);
	return line;
}

/* Starts it, or again with the data that it has. It ends with the test. */
static inline void
etcd_run(struct etcd_server *e)
{
	char *line = etcd_script(e);

	e->pid = fork();
	assert_true(e->pid >= 0);
	if (!e->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/bin/sh", "sh", "-c", line, NULL);
		_exit(127);
	}
	free(line);
}

static inline void
etcd_start(struct etcd_server *e)
{
	etcd_folder(e, "http");
	etcd_run(e);
}

static inline void
etcd_stop(struct etcd_server *e)
{
	char *line = x_asprintf("rm -rf '%s'", e->folder);

	if (e->pid > 0) {
		kill(e->pid, SIGKILL);
		waitpid(e->pid, NULL, 0);
	}
	assert_int_equal(system(line), 0);
	free(line);
	e->pid = 0;
}

static inline struct store *
etcd_door_at(const char *prefix, size_t n, const char *const *endpoints, unsigned timeout)
{
	struct store_etcd_options o = {
	    .n_endpoints = n, .endpoints = endpoints, .prefix = prefix, .timeout = timeout};
	struct store *s = NULL;

	assert_int_equal(store_etcd_open(&o, &s), 0);
	return s;
}

/* A door to it, once it answers. */
static inline int
etcd_door(const struct etcd_server *e, const char *prefix, struct store **ret)
{
	const char *endpoints[] = {e->client};
	struct store_etcd_options o = {
	    .n_endpoints = 1, .endpoints = endpoints, .prefix = prefix, .timeout = 10000};

	return store_etcd_open(&o, ret);
}

static inline bool
etcd_nothing(void *arg, const struct store_record *r)
{
	(void)arg;
	(void)r;
	return false;
}

static inline void
etcd_await(const struct etcd_server *e)
{
	struct store *s;

	assert_int_equal(etcd_door(e, "/await", &s), 0);
	for (int i = 0; s->ops->read(s, "", etcd_nothing, NULL, NULL); i++) {
		assert_true(i < 600);
		usleep(100000);
	}
	store_close(s);
}

#endif
