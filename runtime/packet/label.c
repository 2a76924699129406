/* SPDX-License-Identifier: Apache-2.0 */
/* Label stacks: see label.h. */
#include "runtime/packet/label.h"

#include "runtime/packet/packet.h"

bool
label_get(struct span bytes, struct label *ret)
{
	uint32_t v;

	if (bytes.n < LABEL_SIZE)
		return false;
	v = packet_get32(bytes.p);
	*ret = (struct label){
	    .value = v >> 12, .exp = v >> 9 & 7, .bottom = v >> 8 & 1, .ttl = (uint8_t)v};
	return true;
}

void
label_put(uint8_t p[LABEL_SIZE], const struct label *l)
{
	packet_put32(p, l->value << 12 | (uint32_t)(l->exp & 7) << 9 | (uint32_t)l->bottom << 8 |
	                    l->ttl);
}

size_t
label_stack_size(struct span bytes)
{
	struct label l;

	for (size_t n = 0; n < LABEL_STACK_MAX; n++) {
		if (!label_get(SPAN(bytes.p + n * LABEL_SIZE, bytes.n - n * LABEL_SIZE), &l))
			return 0;
		if (l.bottom)
			return (n + 1) * LABEL_SIZE;
	}
	return 0;
}
