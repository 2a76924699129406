/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on the socket of `testudo sh`, as they come: however a stream of octets is cut, the frames
 * in it are the same, each within what was read, and one that is too long ends it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/local/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The first frame when no more than `had` octets are there, in a block of just that size. */
static int
take_cut(const uint8_t *data, size_t had, struct frame *ret, uint8_t **ret_block)
{
	uint8_t *block = x_alloc(had);
	int took;

	if (had)
		memcpy(block, data, had);
	took = frame_take(block, had, ret);
	*ret_block = block;
	return took;
}

static void
check_frame(const struct frame *f, const uint8_t *block, int took)
{
	unsigned char head[FRAME_HEAD], size[FRAME_SIZE_BODY];
	unsigned width, height, w, h;

	if (f->body.n > FRAME_MAX || f->body.p + f->body.n != block + took)
		abort();
	frame_head(head, (enum frame_type)f->type, f->body.n);
	if (memcmp(head, block, FRAME_HEAD))
		abort(); /* what is written is what was read */
	if (!frame_get_size(f->body, &width, &height))
		return;
	if (width > FRAME_SIDE_MAX || height > FRAME_SIDE_MAX)
		abort();
	frame_put_size(size, width, height);
	if (!frame_get_size(SPAN(size, sizeof(size)), &w, &h) || w != width || h != height)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	while (n) {
		struct frame whole = {0}, cut = {0};
		uint8_t *block, *part;
		int took = take_cut(data, n, &whole, &block), early;
		size_t less = took > 0 ? (size_t)took - 1 : n / 2;

		early = take_cut(data, less, &cut, &part);
		if (took > 0)
			check_frame(&whole, block, took);
		if (early > 0 || (early < 0 && took >= 0))
			abort(); /* there before it was there */
		free(block);
		free(part);
		if (took <= 0)
			break;
		data += took;
		n -= (size_t)took;
	}
	return 0;
}
