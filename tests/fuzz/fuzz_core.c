/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server and a member with a registration behind them, and one more under way, given any
 * datagrams: the input is a sequence of (1 octet: to whom, and how the header is mended; 2 octets:
 * length; the datagram). Mended headers get past the first checks.
 */
#include "tests/protocol/world.h"
#include "compiler/policy/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct world *world;
static struct packet known; /* carries a pair of cookies that exist */

static unsigned
remember_header(struct world *w, struct packet *p)
{
	(void)w;
	if (p->n >= 28) {
		free(known.bytes);
		known.bytes = x_memdup(p->bytes, 28);
	}
	return 1;
}

static void
begin_world(void)
{
	static const struct policy_maker usual = {0};

	crypto_init();
	crypto_random_seed(1);
	world = world_new();
	world->fault = remember_header;
	world_server(world, &usual);
	world_member(world, &usual, "10.1.23.3");
	world_pass(world, SECONDS(1));
}

static void
mend_header(uint8_t how, uint8_t *p, size_t n)
{
	if (n < 28)
		return;
	if (how & 2)
		memcpy(p, known.bytes, 16);
	if (how & 4) {
		p[17] = 0x10;
		memset(p + 24, 0, 2);
		p[26] = (uint8_t)(n >> 8);
		p[27] = (uint8_t)n;
	}
	if (how & 8)
		memset(p + 8, 0, 8);
	if (how & 16)
		p[18] = 2;
	if (how & 32)
		memset(p + 20, 0, 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static unsigned runs;

	if (runs++ % 500 == 0) { /* the member's log and the clock start again */
		if (world)
			world_free(world);
		begin_world();
	}
	while (n >= 3) {
		struct node_under_test *to = &world->nodes[data[0] & 1];
		struct path path = {.local = to->addr,
		                    .remote = world->nodes[!(data[0] & 1)].addr,
		                    .local_port = GDOI_PORT,
		                    .remote_port = GDOI_PORT};
		size_t size = (size_t)(data[1] << 8 | data[2]) % 2048;
		uint8_t *dgram;

		if (size > n - 3)
			size = n - 3;
		dgram = x_memdup(data + 3, size);
		mend_header(data[0], dgram, size);
		core_input(to->core, &path, SPAN(dgram, size), world->now);
		world_drain(to);
		free(dgram);
		data += 3 + size;
		n -= 3 + size;
	}
	world_pass(world, SECONDS(1));
	return 0;
}
