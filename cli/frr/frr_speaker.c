/* SPDX-License-Identifier: Apache-2.0 */
/* What a router or a lab says to its speaker, and hears: see frr_speaker.h. */
#define _GNU_SOURCE
#include "cli/frr/frr_speaker.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/files/helper_process.h"
#include "cli/frr/frr_instance.h"

#define ANSWER_SECONDS 1

int
frr_speaker_start(const char *netns)
{
	return helper_start("testudo-speaker", frr_instances_run, (void *)(uintptr_t)netns);
}

void
frr_speaker_end(int line)
{
	char rest[64];

	if (line < 0)
		return;
	shutdown(line, SHUT_WR);
	while (read(line, rest, sizeof(rest)) > 0)
		;
	close(line);
}

bool
frr_speaker_there(void)
{
	return geteuid() == 0 && access(FRR_DAEMON_DIR "/zebra", X_OK) == 0 &&
	       access(FRR_VTYSH, X_OK) == 0;
}

/* --- questions -------------------------------------------------------------------------------- */

/* With the descriptor, and whole; not when the speaker has too much to do to read it. */
static bool
give_question(int line, int fd, const char *node, enum frr_question question)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	uint8_t verb = FRR_ASK, number = (uint8_t)question;
	struct iovec parts[] = {{&verb, sizeof(verb)},
	                        {(void *)(uintptr_t)node, strlen(node) + 1},
	                        {&number, sizeof(number)}};
	const struct msghdr m = {.msg_iov = parts,
	                         .msg_iovlen = ARRAY_SIZE(parts),
	                         .msg_control = &control,
	                         .msg_controllen = sizeof(control)};

	control.header = (struct cmsghdr){
	    .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(line, &m, MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
}

static int
time_left(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(end->tv_sec - now.tv_sec) * 1000 +
	       (int)((end->tv_nsec - now.tv_nsec) / 1000000);
}

static bool
read_answer(int pipe, struct text *ret)
{
	struct pollfd p = {.fd = pipe, .events = POLLIN};
	struct timespec end;
	char piece[4096];
	ssize_t n;
	int left;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ANSWER_SECONDS;
	while (ret->n < FRR_TEXT_MAX && (left = time_left(&end)) > 0 && poll(&p, 1, left) > 0) {
		n = read(pipe, piece, sizeof(piece));
		if (n <= 0)
			return n == 0 && ret->n;
		text_add(ret, piece, (size_t)n);
	}
	return false;
}

bool
frr_speaker_ask(int line, const char *node, enum frr_question question, struct text *ret)
{
	bool asked;
	int ends[2];

	if (line < 0 || pipe2(ends, O_CLOEXEC))
		return false;
	asked = give_question(line, ends[1], node, question);
	close(ends[1]);
	asked = asked && read_answer(ends[0], ret);
	close(ends[0]);
	return asked;
}

/* --- reports ---------------------------------------------------------------------------------- */

bool
frr_speaker_hear(int line, char node[static FRR_NAME_MAX], char report[static FRR_REPORT_MAX])
{
	return helper_take_word(line, node, FRR_NAME_MAX) &&
	       helper_take_word(line, report, FRR_REPORT_MAX);
}
