/* SPDX-License-Identifier: Apache-2.0 */
/* Frames between `testudo sh` and a router: see frame.h. */
#include "cli/local/frame.h"

#include <assert.h>

static unsigned
get_16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
put_16(unsigned char *p, unsigned value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
}

int
frame_take(const void *octets, size_t n, struct frame *ret)
{
	const uint8_t *p = octets;
	size_t body;

	if (n < FRAME_HEAD)
		return 0;
	body = get_16(p + 1);
	if (body > FRAME_MAX)
		return -1;
	if (n - FRAME_HEAD < body)
		return 0;
	*ret = (struct frame){p[0], SPAN(p + FRAME_HEAD, body)};
	return (int)(FRAME_HEAD + body);
}

void
frame_head(unsigned char head[static FRAME_HEAD], enum frame_type type, size_t n)
{
	assert(n <= FRAME_MAX);
	head[0] = (unsigned char)type;
	put_16(head + 1, (unsigned)n);
}

void
frame_put_size(unsigned char body[static FRAME_SIZE_BODY], unsigned width, unsigned height)
{
	put_16(body, width <= FRAME_SIDE_MAX ? width : 0);
	put_16(body + 2, height <= FRAME_SIDE_MAX ? height : 0);
}

bool
frame_get_size(struct span body, unsigned *ret_width, unsigned *ret_height)
{
	unsigned width, height;

	if (body.n != FRAME_SIZE_BODY)
		return false;
	width = get_16(body.p);
	height = get_16(body.p + 2);
	*ret_width = width <= FRAME_SIDE_MAX ? width : 0;
	*ret_height = height <= FRAME_SIDE_MAX ? height : 0;
	return true;
}
