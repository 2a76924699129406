/* SPDX-License-Identifier: Apache-2.0 */
/* See notify.h. */
#include "cli/app/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int notifier = -1; /* a socket of the network in which the process started */

void
notify_open(void)
{
	if (getenv("NOTIFY_SOCKET"))
		notifier = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* Where systemd listens; its length, 0: nowhere. */
static socklen_t
find_listener(struct sockaddr_un *ret)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (notifier < 0 || n < 2 || n >= sizeof(ret->sun_path) || (*path != '/' && *path != '@'))
		return 0;
	memcpy(ret->sun_path, path, n);
	if (*path == '@') /* abstract: a name, no file */
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* False: it would have to wait. */
static bool
send_now(const char *state)
{
	struct sockaddr_un to;
	socklen_t n = find_listener(&to);
	ssize_t sent = 0;

	while (n &&
	       (sent = sendto(notifier, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
	                      (const struct sockaddr *)&to, n)) < 0 &&
	       errno == EINTR)
		;
	return sent >= 0 || (errno != EAGAIN && errno != ENOBUFS);
}

void
notify_tell(const char *state)
{
	static char late[128]; /* the last one that could not be sent; "": none */
	bool sent = !*late || send_now(late);

	if (sent)
		*late = '\0';
	/* That the process lives is told again soon; what it does is told once. */
	if ((!sent || !send_now(state)) && strcmp(state, NOTIFY_ALIVE) != 0)
		snprintf(late, sizeof(late), "%s", state);
}

void
notify_reloading(void)
{
	struct timespec now;
	char state[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	         (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	notify_tell(state);
}

msec
notify_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long after = usec ? strtoull(usec, NULL, 10) : 0;

	if (pid && strtoull(pid, NULL, 10) != (unsigned long long)getpid())
		return 0;
	return (msec)(after / 1000);
}
