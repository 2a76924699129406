/* GDOI's payload bodies: SA, key download, SEQ, identity. */
#include "runtime/wire/gdoi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gdoi_sa sa;
	static struct gdoi_kd kd;
	static uint8_t buf[ISAKMP_MESSAGE_MAX];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct selector selector;
	uint32_t number;
	uint8_t type;
	size_t i;

	gdoi_seq_get(SPAN(data, n), &number);
	gdoi_group_id_get(SPAN(data, n), &type, &number);
	if (gdoi_sa_get(SPAN(data, n), &sa)) {
		for (i = 0; i < sa.n_sats; i++)
			gdoi_sat_selector(&sa.sats[i], &selector);
		gdoi_sa_put(&w, &sa); /* what we understood, we can say again */
		if (!w.bad && !gdoi_sa_get(wr_done(&w), &sa))
			__builtin_trap();
	}
	w = wr_buf(buf, sizeof(buf));
	if (gdoi_kd_get(SPAN(data, n), &kd)) {
		gdoi_kd_put(&w, &kd);
		if (!w.bad && !gdoi_kd_get(wr_done(&w), &kd))
			__builtin_trap();
	}
	return 0;
}
