/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram's header and payloads, and phase 1's payloads within. */
#include "runtime/wire/isakmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_payload(const struct isakmp_payload *p)
{
	struct phase1_sa sa;
	struct isakmp_id id;
	struct isakmp_notify notify;
	struct isakmp_delete delete;
	uint8_t buf[4096];
	struct wr w = wr_buf(buf, sizeof(buf));

	isakmp_id_get(p->body, &id);
	isakmp_notify_get(p->body, &notify);
	isakmp_delete_get(p->body, &delete);
	if (!phase1_sa_get(p->body, &sa))
		return;
	phase1_sa_put(&w, &sa); /* what we understood, we can say again */
	if (!w.bad && !phase1_sa_get(wr_done(&w), &sa))
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct isakmp_header h;
	struct isakmp_payloads p;
	size_t i;

	/* Payloads are looked at even where the header's length is off: the driver changes sizes.
	 */
	isakmp_header_get(SPAN(data, n), &h);
	if (n >= ISAKMP_HEADER &&
	    isakmp_payloads_get(data[16], SPAN(data + ISAKMP_HEADER, n - ISAKMP_HEADER), true, &p))
		for (i = 0; i < p.n; i++)
			read_payload(&p.at[i]);
	return 0;
}
