/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of a lab's network: see lab_keeper.h.
 *
 *   lab                                   keeper
 *    | fork, a socket between them          |
 *    |------------------------------------->| lock; leftovers away; namespaces and links, by `ip`
 *    |<---------------- a report -----------| it runs no program any more
 *    |                                      |
 *    | ends, or is killed: the socket ends  |
 *    |------------------------------------->| namespaces away, and with them the links
 *    |<---------------- a report -----------|
 *
 * The lock is the keeper's: a lab that is started while that of before is taken away waits for it.
 */
#define _GNU_SOURCE
#include "cli/lab/lab_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX    24
#define LOCK_TRIES  200
#define LOCK_PAUSE  50000 /* microseconds */
#define KEEPER_LINE 3     /* its end of the socket */

struct lab_keeper {
	int line; /* to the keeper */
};

/* What the keeper reports, in one octet. */
enum report { REPORT_NONE, READY, GONE, RUNS, NO_LOCK, NO_NAMESPACE, NO_LINK };

/* The keeper's own. */
struct keeper {
	const struct lab_spec *spec;
	int lock;
	size_t n_names;
	char **names; /* of namespaces: the nodes', then those of links with more than two ends */
};

/* --- names ------------------------------------------------------------------------------------ */

/*
 * A lab's name may be any text, so that of its node stands behind the last dot: no node's name has
 * one, and two labs never have one namespace.
 */
char *
lab_keeper_namespace(const struct lab_spec *spec, const char *node)
{
	return x_asprintf("testudo-%s.%s", spec->name, node);
}

void
lab_keeper_device(const char *interface, char ret[static LAB_DEVICE_MAX])
{
	const char *unit = interface + strcspn(interface, "0123456789");
	char *slash;

	snprintf(ret, LAB_DEVICE_MAX, "%.2s%.12s", interface, unit);
	while ((slash = strchr(ret, '/')))
		*slash = '-';
}

/* Names of nodes were looked at when the lab was read; its own may be any text. */
static bool
is_file_name(const char *name)
{
	for (; *name; name++)
		if (*name == '/' || (unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

/* No node's name begins with a digit: behind the last dot it tells a link from a node. */
static void
list_names(struct keeper *k)
{
	const struct lab_spec *s = k->spec;

	k->names = x_alloc((s->n_nodes + s->n_links + 1) * sizeof(*k->names));
	for (size_t i = 0; i < s->n_nodes; i++)
		k->names[k->n_names++] = lab_keeper_namespace(s, s->nodes[i].name);
	for (size_t i = 0; i < s->n_links; i++)
		if (s->links[i].n_ends != 2)
			k->names[k->n_names++] = x_asprintf("testudo-%s.link.%zu", s->name, i);
}

/* --- iproute2 --------------------------------------------------------------------------------- */

static bool
lab_has_ended(void)
{
	struct pollfd line = {.fd = KEEPER_LINE, .events = POLLIN};

	return poll(&line, 1, 0) != 0;
}

/* Runs `ip` with the words up to NULL, unless the lab has ended meanwhile; 0 or -errno. */
static int
run_ip(const char *word, ...)
{
	char *args[ARGS_MAX] = {(char *)"ip", (char *)word};
	int n = 2, status = 0, error;
	va_list ap;
	pid_t pid;

	if (lab_has_ended())
		return -ECANCELED;
	va_start(ap, word);
	while (n < ARGS_MAX - 1 && (args[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	error = posix_spawnp(&pid, "ip", NULL, NULL, args, environ);
	if (error)
		return -error;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* --- namespaces ------------------------------------------------------------------------------- */

/* As `ip netns del`, but no program is needed. True: it is not there, or not any more. */
static bool
remove_namespace(const char *name)
{
	char *path = x_asprintf("/run/netns/%s", name);
	bool gone;

	umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	gone = !unlink(path) || errno == ENOENT;
	free(path);
	return gone;
}

static bool
remove_namespaces(const struct keeper *k)
{
	bool gone = true;

	for (size_t i = 0; i < k->n_names; i++)
		gone &= remove_namespace(k->names[i]);
	return gone;
}

static int
make_namespace(const char *name)
{
	int error = run_ip("netns", "add", name, NULL);

	return error ? error : run_ip("-n", name, "link", "set", "lo", "up", NULL);
}

/* --- links ------------------------------------------------------------------------------------ */

static int
make_pair(const char *ns1, const char *dev1, const char *ns2, const char *dev2)
{
	int error = run_ip("link", "add", dev1, "netns", ns1, "type", "veth", "peer", "name", dev2,
	                   "netns", ns2, NULL);

	if (!error)
		error = run_ip("-n", ns1, "link", "set", dev1, "up", NULL);
	return error ? error : run_ip("-n", ns2, "link", "set", dev2, "up", NULL);
}

static const char *
name_of_node(const struct keeper *k, const char *node)
{
	size_t i = 0;

	while (strcmp(k->spec->nodes[i].name, node) != 0)
		i++;
	return k->names[i];
}

/* A link of other than two ends: a bridge in this namespace. */
static int
make_bridge(const struct keeper *k, const struct lab_link *link, const char *name)
{
	int error = run_ip("-n", name, "link", "add", "br0", "type", "bridge", NULL);

	if (!error)
		error = run_ip("-n", name, "link", "set", "br0", "up", NULL);
	for (size_t i = 0; i < link->n_ends && !error; i++) {
		char device[LAB_DEVICE_MAX], port[LAB_DEVICE_MAX];

		lab_keeper_device(link->ends[i].interface, device);
		snprintf(port, sizeof(port), "p%u", (unsigned)i);
		error = make_pair(name_of_node(k, link->ends[i].node), device, name, port);
		if (!error)
			error = run_ip("-n", name, "link", "set", port, "master", "br0", NULL);
	}
	return error;
}

static int
make_link(const struct keeper *k, const struct lab_link *link)
{
	char one[LAB_DEVICE_MAX], two[LAB_DEVICE_MAX];

	lab_keeper_device(link->ends[0].interface, one);
	lab_keeper_device(link->ends[1].interface, two);
	return make_pair(name_of_node(k, link->ends[0].node), one,
	                 name_of_node(k, link->ends[1].node), two);
}

static int
make_links(const struct keeper *k)
{
	size_t bridge = k->spec->n_nodes;
	int error = 0;

	for (size_t i = 0; i < k->spec->n_links && !error; i++) {
		const struct lab_link *link = &k->spec->links[i];

		error = link->n_ends == 2 ? make_link(k, link)
		                          : make_bridge(k, link, k->names[bridge++]);
	}
	return error;
}

/* --- the keeper ------------------------------------------------------------------------------- */

/*
 * Signals that end the lab, a terminal's among them, are not the keeper's; it holds nothing of the
 * lab's open.
 */
static void
become_keeper(int line)
{
	sigset_t all;
	int null;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, "testudo-keeper", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (dup2(line, KEEPER_LINE) < 0 || fcntl(KEEPER_LINE, F_SETFD, FD_CLOEXEC) || chdir("/"))
		_exit(EXIT_FAILURE);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(EXIT_FAILURE);
	closefrom(KEEPER_LINE + 1);
}

/* A lock that was taken of a file that is gone locks out nobody. */
static int
try_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), error;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		error = -errno; /* -EAGAIN: another one has it */
	else if (fstat(fd, &st))
		error = -errno;
	else
		error = st.st_nlink ? 0 : -EAGAIN;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static char *
lock_path(const struct keeper *k)
{
	return x_asprintf("/run/testudo-%s.lock", k->spec->name);
}

static enum report
take_lock(struct keeper *k)
{
	char *path = lock_path(k);
	unsigned tries = 0;

	while ((k->lock = try_lock(path)) == -EAGAIN && tries++ < LOCK_TRIES && !lab_has_ended())
		usleep(LOCK_PAUSE);
	free(path);
	return k->lock >= 0 ? READY : k->lock == -EAGAIN ? RUNS : NO_LOCK;
}

static void
drop_lock(struct keeper *k)
{
	char *path = lock_path(k);

	unlink(path);
	close(k->lock);
	free(path);
}

static enum report
build_network(struct keeper *k)
{
	for (size_t i = 0; i < k->n_names; i++)
		if (make_namespace(k->names[i]))
			return NO_NAMESPACE;
	return make_links(k) ? NO_LINK : READY;
}

static void
send_report(enum report report)
{
	const uint8_t octet = (uint8_t)report;

	if (send(KEEPER_LINE, &octet, 1, MSG_NOSIGNAL) < 0)
		return; /* the lab is gone, and needs to know no more */
}

/* What the lab writes is not looked at: that the line ends is all there is to say. */
static void
await_end(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char octets[64];

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	while (read(KEEPER_LINE, octets, sizeof(octets)) > 0)
		;
}

static _Noreturn void
keep_network(const struct lab_spec *spec, int line)
{
	struct keeper k = {.spec = spec};
	enum report report;

	become_keeper(line);
	list_names(&k);
	report = take_lock(&k);
	if (report == READY) {
		remove_namespaces(&k);
		report = build_network(&k);
		if (report == READY) {
			send_report(READY);
			await_end();
			report = GONE;
		}
		if (!remove_namespaces(&k) && report == GONE)
			report = NO_NAMESPACE;
		drop_lock(&k);
	}
	send_report(report);
	_exit(EXIT_SUCCESS);
}

/* --- the lab's side --------------------------------------------------------------------------- */

static enum report
await_report(int line)
{
	uint8_t octet = REPORT_NONE;
	ssize_t n;

	do
		n = read(line, &octet, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? octet : REPORT_NONE;
}

static const char *
report_text(enum report report)
{
	switch (report) {
	case RUNS:
		return "a lab of this name is up in namespaces already";
	case NO_LOCK:
	case NO_NAMESPACE:
		return "cannot make a network namespace (is this root, is iproute2 there?)";
	case NO_LINK:
		return "cannot make a link between namespaces";
	default:
		return "the process that makes its namespaces has ended";
	}
}

/* The lab's end of the line, or -errno. */
static int
start_keeper(const struct lab_spec *spec)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (!pid)
		keep_network(spec, ends[1]);
	close(ends[1]);
	if (pid > 0)
		return ends[0];
	close(ends[0]);
	return -EAGAIN;
}

struct lab_keeper *
lab_keeper_new(const struct lab_spec *spec, const char **ret_error)
{
	struct lab_keeper *k;
	enum report report;
	int line;

	*ret_error = "its name cannot be that of a namespace";
	if (!is_file_name(spec->name))
		return NULL;
	*ret_error = "cannot start a process that keeps its namespaces";
	line = start_keeper(spec);
	if (line < 0)
		return NULL;
	report = await_report(line);
	if (report != READY) {
		*ret_error = report_text(report);
		close(line);
		return NULL;
	}
	k = x_alloc(sizeof(*k));
	k->line = line;
	return k;
}

bool
lab_keeper_end(struct lab_keeper *take_keeper)
{
	bool gone;

	shutdown(take_keeper->line, SHUT_WR);
	gone = await_report(take_keeper->line) == GONE;
	close(take_keeper->line);
	free(take_keeper);
	return gone;
}
