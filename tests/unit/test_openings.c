/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of port 848's two sockets a datagram comes to, in a network namespace of its own; skipped
 * where there can be none.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compiler/policy/protocol.h"
#include "runtime/host/linux/linux_priv.h"
#include "runtime/wire/isakmp.h"

#define PATIENCE 30000 /* milliseconds */

static const struct sockaddr_in loopback = {.sin_family = AF_INET};

static int
bind_port(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(GDOI_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	if (!bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return fd;
	close(fd);
	return -errno;
}

/* Both sockets; false: not on this machine. */
static bool
open_both(int *ret_first, int *ret_openings)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};

	if (unshare(CLONE_NEWNET))
		return false;
	*ret_first = bind_port();
	assert_true(*ret_first >= 0);
	assert_int_equal(ioctl(*ret_first, SIOCSIFFLAGS, &lo), 0);
	*ret_openings = linux_openings_open(*ret_first);
	if (*ret_openings < 0)
		close(*ret_first);
	return *ret_openings >= 0;
}

static int
where_it_comes(int first, int openings, struct span dgram)
{
	struct pollfd both[] = {{.fd = first, .events = POLLIN},
	                        {.fd = openings, .events = POLLIN}};
	struct sockaddr_in to = loopback;
	uint8_t buf[128];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), at;

	to.sin_port = htons(GDOI_PORT);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(sendto(fd, dgram.p, dgram.n, 0, (struct sockaddr *)&to, sizeof(to)),
	                 dgram.n);
	close(fd);
	assert_int_equal(poll(both, 2, PATIENCE), 1);
	at = both[1].revents & POLLIN ? 1 : 0;
	assert_int_equal(recv(both[at].fd, buf, sizeof(buf), 0), dgram.n);
	return at;
}

static void
test_strangers_have_a_socket_of_their_own(void **state)
{
	static const struct {
		struct isakmp_header h;
		int cut; /* octets at the end */
		int at;
	} cases[] = {
	    /* clang-format off */
	    {{.exchange = EXCHANGE_MAIN}, 0, 1},
	    {{.exchange = EXCHANGE_MAIN, .cookie_r = {1}}, 0, 0},
	    {{.exchange = EXCHANGE_MAIN, .cookie_r = {0, 0, 0, 0, 0, 0, 0, 1}}, 0, 0},
	    {{.exchange = EXCHANGE_INFORMATIONAL}, 0, 0},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL}, 0, 0},
	    {{.exchange = EXCHANGE_GROUPKEY_PUSH}, 0, 0},
	    {{.exchange = EXCHANGE_GROUPKEY_PUSH_ACK}, 0, 0},
	    {{.exchange = EXCHANGE_AGGRESSIVE, .cookie_r = {1}}, 0, 1},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL, .version = 0x20}, 0, 1},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL}, 1, 1},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL}, 9, 1},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL}, 35, 1},
	    {{.exchange = EXCHANGE_GROUPKEY_PULL}, 36, 1},
	    /* clang-format on */
	};
	int first, openings;

	(void)state;
	if (!open_both(&first, &openings))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct isakmp_header h = cases[i].h;
		uint8_t buf[64];
		struct wr w = wr_buf(buf, sizeof(buf));

		h.version = h.version ? h.version : ISAKMP_VERSION;
		h.cookie_i[0] = 1;
		isakmp_header_put(&w, &h);
		wr_u64(&w, 0);
		isakmp_finish(&w);
		assert_int_equal(
		    where_it_comes(first, openings, SPAN(buf, w.n - (size_t)cases[i].cut)),
		    cases[i].at);
	}
	close(openings);
	close(first);
}

/* Another router does not come in beside the two. */
static void
test_the_port_is_taken(void **state)
{
	int first, openings;

	(void)state;
	if (!open_both(&first, &openings))
		skip();
	assert_int_equal(bind_port(), -EADDRINUSE);
	close(openings);
	close(first);
	first = bind_port();
	assert_true(first >= 0);
	close(first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_strangers_have_a_socket_of_their_own),
	    cmocka_unit_test(test_the_port_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
