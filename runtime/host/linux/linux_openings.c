/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second socket of port 848, whose queue is that of strangers: first messages of phase 1, and
 * what is no message at all. The kernel sorts, by a filter over the header (SO_REUSEPORT). So a
 * flood of them fills a queue that nobody under way with us needs: members' exchanges, rekeys'
 * acknowledgements. Without it, on a kernel that cannot, all come by one socket.
 *
 *     the datagram                                         its socket
 *     header not whole, version, length or exchange wrong  openings
 *     main mode without a responder's cookie               openings
 *     else                                                 the first one
 *
 * It looks at the header alone, and the kernel does not know our cookies: whoever writes any
 * responder's cookie into main mode, or any cookies into another exchange, comes by the first
 * socket. What helps against such a flood: that queue is long, and each datagram is dropped early.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compiler/policy/protocol.h"
#include "runtime/dataplane/kernel/xfrm.h"
#include "runtime/host/linux/linux_priv.h"
#include "runtime/wire/isakmp.h"

/* Offsets in the header (RFC 2408 3.1). */
enum { AT_COOKIE_R = 8, AT_VERSION = 17, AT_EXCHANGE = 18, AT_LENGTH = 24 };
/* The two sockets, in the order in which they came to the port. */
enum { TO_FIRST = 0, TO_OPENINGS = 1 };

/* clang-format off */
static struct sock_filter sorter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ISAKMP_HEADER, 0, 16),
    BPF_STMT(BPF_MISC | BPF_TAX, 0),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT_LENGTH),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 13),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, AT_VERSION),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ISAKMP_VERSION, 0, 11),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, AT_EXCHANGE),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EXCHANGE_INFORMATIONAL, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EXCHANGE_GROUPKEY_PULL, 7, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EXCHANGE_GROUPKEY_PUSH, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EXCHANGE_GROUPKEY_PUSH_ACK, 5, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, EXCHANGE_MAIN, 0, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT_COOKIE_R),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT_COOKIE_R + 4),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, TO_FIRST),
    BPF_STMT(BPF_RET | BPF_K, TO_OPENINGS),
};
/* clang-format on */

/*
 * The port was free for the first socket without SO_REUSEPORT: nobody else has it. From here on the
 * kernel lets in what is of our user and asks for it.
 */
int
linux_openings_open(int first)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(GDOI_PORT)};
	struct sock_fprog program = {.len = ARRAY_SIZE(sorter), .filter = sorter};
	int on = 1, off = 0, mark = MARK_OWN, error;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	/*
	 * Rules of the door ask for the mark of the socket that a packet is for: the kernel finds
	 * either of the two then, as it does not sort for them. Multicast groups are the first
	 * one's.
	 */
	if (!setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) &&
	    !setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off)) &&
	    !setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) &&
	    !bind(fd, (struct sockaddr *)&any, sizeof(any)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program))) {
		linux_udp_widen(fd);
		return fd;
	}
	error = -errno;
	(void)setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &off, sizeof(off));
	close(fd);
	return error;
}
