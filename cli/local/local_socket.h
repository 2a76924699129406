/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of `testudo sh` as the kernel has it: its place, its rights, and who is at its end. */
#ifndef TESTUDO_LOCAL_SOCKET_H
#define TESTUDO_LOCAL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#define LOCAL_USER_MAX 64

struct local_peer {
	char user[LOCAL_USER_MAX + 1]; /* of /etc/passwd, else "uid1000" */
};

/*
 * A socket that listens at path; -errno: none. It may wait for others that start there. *ret_group:
 * of those who may connect, -1: there is no such group. Asked once, since whoever knows groups may
 * take time. ret_group NULL: the socket is its owner's, whatever groups there are.
 */
int local_bind(const char *path, int64_t *ret_group);
/* A socket connected to path; -errno: none. */
int local_connect(const char *path);
/* May who is at the other end come in? Root may, the group, and the user `own` (-1: none). */
bool local_admits(int fd, int64_t group, int64_t own, struct local_peer *ret);

#endif
