/* SPDX-License-Identifier: Apache-2.0 */
/* GDOI's payload bodies: SA, key download, SEQ, identity. */
#include "runtime/wire/gdoi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The attributes of an LKH packet: what was read once is read again when it is written. */
static void
lkh_again(struct span attributes)
{
	static uint8_t buf[ISAKMP_MESSAGE_MAX];
	struct wr w = wr_buf(buf, sizeof(buf));
	struct rd r = rd_span(attributes);
	struct gdoi_lkh a;
	bool ok = gdoi_lkh_check(attributes);

	while (gdoi_lkh_next(&r, &a)) {
		if (a.type == LKH_DOWNLOAD_ARRAY)
			gdoi_lkh_put_download(&w, a.array.keys, a.array.n);
		else if (a.type == LKH_UPDATE_ARRAY)
			gdoi_lkh_put_update(&w, a.array.id, a.array.handle, a.array.keys,
			                    a.array.n);
		else if (a.type == LKH_SIG_ALGORITHM_KEY)
			gdoi_lkh_put_sig_key(&w, a.sig_key);
	}
	if (ok && (!rd_done(&r) || w.bad || !gdoi_lkh_check(wr_done(&w))))
		__builtin_trap();
}

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
	lkh_again(SPAN(data, n));
	w = wr_buf(buf, sizeof(buf));
	if (gdoi_kd_get(SPAN(data, n), &kd)) {
		gdoi_kd_put(&w, &kd);
		if (!w.bad && !gdoi_kd_get(wr_done(&w), &kd))
			__builtin_trap();
	}
	return 0;
}
