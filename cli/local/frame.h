/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `testudo sh` and a router say to each other over a Unix socket. Pure: octets in, frames out.
 *
 *   +------+--------+--------+----------
 *   | type | length of payload| payload ...      the length: 16 bits, big endian, FRAME_MAX at most
 *   +------+--------+--------+----------
 *
 *   client                                      router
 *   HELLO version  ------------------------->
 *   TERMINAL width height  ----------------->         a terminal; then
 *       DATA keys, SIZE width height, END  -->   <---  OUT what is shown
 *   SCRIPT  --------------------------------->        lines on stdin; then
 *       DATA octets, END  ------------------->   <---  OUT, ERR what was refused
 *   COMMAND line (again and again), RUN  ---->        commands; then
 *       DATA answers, END  ------------------>   <---  OUT, ERR
 *   HELP line  ------------------------------>   <---  OUT "word TAB help" a line
 *                                                <---  STATUS exit status: the last frame
 */
#ifndef TESTUDO_FRAME_H
#define TESTUDO_FRAME_H

#include "compiler/base/base.h"

#define FRAME_HEAD    3
#define FRAME_MAX     16384 /* octets of payload */
#define FRAME_VERSION 1

enum frame_type {
	FRAME_HELLO = 'V',
	FRAME_TERMINAL = 'T',
	FRAME_SCRIPT = 'S',
	FRAME_COMMAND = 'C',
	FRAME_RUN = 'R',
	FRAME_HELP = '?',
	FRAME_DATA = 'D',
	FRAME_END = 'E',
	FRAME_SIZE = 'W',
	FRAME_OUT = 'o',
	FRAME_ERR = 'e',
	FRAME_STATUS = 'x',
};

struct frame {
	unsigned char type;
	struct span body; /* within what was read */
};

/*
 * The first frame of n octets: how many of them it takes; 0: it is not there as a whole yet; -1: it
 * is longer than any.
 */
int frame_take(const void *octets, size_t n, struct frame *ret);
/* Writes the head of a frame of n octets, FRAME_MAX at most. */
void frame_head(unsigned char head[static FRAME_HEAD], enum frame_type type, size_t n);

#define FRAME_SIZE_BODY 4
/* The two sides of a terminal, as TERMINAL and SIZE have them; each at most FRAME_SIDE_MAX. */
#define FRAME_SIDE_MAX 10000
void frame_put_size(unsigned char body[static FRAME_SIZE_BODY], unsigned width, unsigned height);
/* False: this is no size. A side that is too long is 0, not known. */
bool frame_get_size(struct span body, unsigned *ret_width, unsigned *ret_height);

#endif
