/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ping`: one echo at a time, the next when the last is answered or given up, as IOS does. The
 * session is held meanwhile; Ctrl-C ends it with the count so far.
 */
#include "cli/exec/echo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec.h"

#define PING_COLUMNS  70
#define PING_HOPELESS 70 /* echoes that could not even be tried, after which it gives up */

struct ping {
	struct shell *sh;
	struct host *host;
	struct echo_request request;
	uint32_t total, sent, good;
	msec min, max, sum;
	unsigned column;
	bool sending, waiting;
	bool many; /* to a multicast address: who answers is told one by one, and no rate */
};

static void
ping_end(struct ping *p)
{
	struct shell *sh = p->sh;

	if (p->column)
		shell_puts(sh, "\n");
	if (p->many) {
		free(p);
		shell_finish(sh);
		return;
	}
	shell_printf(sh, "Success rate is %" PRIu64 " percent (%" PRIu32 "/%" PRIu32 ")",
	             p->sent ? (uint64_t)p->good * 100 / p->sent : 0, p->good, p->sent);
	if (p->good)
		shell_printf(sh, ", round-trip min/avg/max = %lld/%lld/%lld ms", (long long)p->min,
		             (long long)(p->sum / p->good), (long long)p->max);
	shell_puts(sh, "\n");
	free(p);
	shell_finish(sh);
}

static void
ping_mark(struct ping *p, const struct echo_answer *answer)
{
	static const char marks[] = {
	    [ECHO_REPLY] = '!', [ECHO_TIMEOUT] = '.', [ECHO_UNREACHABLE] = 'U',
	    [ECHO_TTL] = '&',   [ECHO_TOO_BIG] = 'M', [ECHO_SEND_FAILED] = '.'};

	if (answer->result == ECHO_REPLY) {
		msec rtt = answer->rtt ? answer->rtt : 1; /* IOS knows nothing shorter */

		p->min = !p->good || rtt < p->min ? rtt : p->min;
		p->max = rtt > p->max ? rtt : p->max;
		p->sum += rtt;
		p->good++;
	}
	shell_printf(p->sh, "%c", marks[answer->result]);
	if (++p->column == PING_COLUMNS) {
		shell_puts(p->sh, "\n");
		p->column = 0;
	}
}

/* One of many answers. */
static void
ping_heard(void *arg, const struct echo_answer *answer)
{
	const struct ping *p = arg;
	char a[ADDR_TEXT_MAX];

	shell_printf(p->sh, "Reply to request %" PRIu32 " from %s, %lld ms\n", p->sent - 1,
	             addr_text(answer->from, a), (long long)(answer->rtt ? answer->rtt : 1));
}

static void ping_next(struct ping *p);

static void
ping_done(void *arg, const struct echo_answer *answer)
{
	struct ping *p = arg;

	p->waiting = false;
	if (p->many && answer->result == ECHO_REPLY) {
		if (answer->from) /* the host knows one answer alone */
			ping_heard(p, answer);
	} else {
		ping_mark(p, answer);
	}
	if (!p->sending) /* else ping_next's loop goes on */
		ping_next(p);
}

static void
ping_next(struct ping *p)
{
	unsigned hopeless = 0;

	while (p->sent < p->total && hopeless < PING_HOPELESS) {
		p->sent++;
		p->waiting = true;
		p->sending = true;
		if (p->host->ops->echo(p->host, &p->request) < 0) {
			p->waiting = false;
			hopeless++;
			ping_mark(p, &(struct echo_answer){.result = ECHO_SEND_FAILED});
		}
		p->sending = false;
		if (p->waiting)
			return;
	}
	ping_end(p);
}

static void
ping_interrupt(struct shell *sh, void *state)
{
	struct ping *p = state;

	(void)sh;
	p->host->ops->echo_cancel(p->host, p);
	if (p->waiting) /* what was not waited for does not count */
		p->sent--;
	ping_end(p);
}

void
exec_ping(struct shell *sh, const struct command *cmd)
{
	struct host *h = node_host(router_node(shell_router(sh)));
	bool sourced = command_has(cmd, ARG_SRC) || command_has(cmd, ARG_SRCIF);
	uint32_t size = command_has(cmd, ARG_SIZE) ? command_u32(cmd, ARG_SIZE) : 100;
	uint32_t timeout = command_has(cmd, ARG_TIMEOUT) ? command_u32(cmd, ARG_TIMEOUT) : 2;
	char a[ADDR_TEXT_MAX];
	uint32_t vrf;
	struct ping *p;
	uint32_t dst;
	bool many;

	if (!echo_target(sh, cmd, &dst) || !echo_vrf(sh, cmd, &vrf))
		return;
	many = addr_is_multicast(dst);
	p = x_alloc(sizeof(*p));
	*p = (struct ping){.sh = sh,
	                   .host = h,
	                   .many = many,
	                   .total = command_has(cmd, ARG_REPEAT) ? command_u32(cmd, ARG_REPEAT)
	                            : many                       ? 1
	                                                         : 5,
	                   .request = {.dst = dst,
	                               .size = (uint16_t)size,
	                               .df = command_has(cmd, ARG_DF),
	                               .timeout = SECONDS(timeout),
	                               .vrf = vrf,
	                               .done = ping_done,
	                               .heard = many ? ping_heard : NULL,
	                               .arg = p}};
	if (sourced && !echo_source(sh, cmd, &p->request.src)) {
		free(p);
		return;
	}
	shell_printf(sh,
	             "Type escape sequence to abort.\n"
	             "Sending %" PRIu32 ", %" PRIu32 "-byte ICMP Echos to %s, timeout is %" PRIu32
	             " seconds:\n",
	             p->total, size, addr_text(p->request.dst, a), timeout);
	if (sourced)
		shell_printf(sh, "Packet sent with a source address of %s \n",
		             addr_text(p->request.src, a));
	if (p->request.df)
		shell_puts(sh, "Packet sent with the DF bit set\n");
	if (many)
		shell_puts(sh, "\n");
	shell_hold(sh, ping_interrupt, p);
	ping_next(p);
}
