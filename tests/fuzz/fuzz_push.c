/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GROUPKEY-PUSH with a real key: a member that has registered, and rekeys of its key server that
 * are opened with the KEK, edited as the input says (edit.h), signed and encrypted again, so that
 * everything behind the signature sees them. A rekey may also stay without its right signature.
 */
#include "compiler/policy/protocol.h"
#include "runtime/core/gm.h"
#include "runtime/core/push.h"
#include "tests/fuzz/edit.h"
#include "tests/protocol/world.h"

#define WORLD_RUNS 100 /* inputs that one world takes: the log is full after more */
#define REKEYS     8   /* of one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct policy_maker makers[] = {
    {.kek = CIPHER_AES_128},
    {.suite = {CIPHER_GCM_256, HASH_NONE}, .multicast = true},
    {.suite = {CIPHER_AES_256, HASH_SHA256}, .lkh = true, .kek = CIPHER_AES_256},
    {.time_window = 20, .bare_hash = true},
};
#define WORLDS ARRAY_SIZE(makers)

static struct world *worlds[WORLDS];
static unsigned runs[WORLDS];
static struct message caught; /* the last rekey for the first member */

static unsigned
catch_rekey(struct world *w, struct packet *p)
{
	bool rekey = p->n > ISAKMP_HEADER && p->bytes[18] == EXCHANGE_GROUPKEY_PUSH;

	if (!rekey)
		return 1;
	if (p->n <= MESSAGE && (p->path.local == w->nodes[1].addr || w->nodes[1].joined)) {
		caught.path = p->path;
		caught.n = p->n;
		memcpy(caught.bytes, p->bytes, p->n);
	}
	return 0;
}

static struct world *
begin_world(size_t kind)
{
	struct world *w = worlds[kind];

	if (w && ++runs[kind] < WORLD_RUNS && node_registered(&w->nodes[1]))
		return w;
	if (w)
		world_free(w);
	runs[kind] = 0;
	crypto_random_seed(1 + kind);
	w = worlds[kind] = world_new();
	w->wall = 1700000000000;
	w->fault = catch_rekey;
	world_server(w, &makers[kind]);
	world_member(w, &makers[kind], "10.1.23.3");
	world_member(w, &makers[kind], "10.1.24.4");
	world_pass(w, SECONDS(5));
	if (!node_registered(&w->nodes[1]))
		abort();
	return w;
}

/* Takes the signature and the padding off; false: the member has no such key. */
static bool
open_rekey(const struct gm_kek *k, struct message *m)
{
	struct pieces p;

	if (!k->present ||
	    !push_crypt(k->cipher, &k->key, false, m->bytes + ISAKMP_HEADER, m->n - ISAKMP_HEADER))
		return false;
	find_pieces(m, &p);
	if (!p.n || p.at[p.n - 1].type != PAYLOAD_SIG)
		return false;
	m->n = p.at[p.n - 1].at - 4;
	if (p.n == 1)
		m->bytes[16] = 0;
	else
		m->bytes[p.at[p.n - 2].at - 4] = 0;
	return true;
}

/* Signs and encrypts what open_rekey has opened, as ks_rekey.c does. */
static bool
close_rekey(struct world *w, const struct gm_kek *k, struct message *m, bool wrong)
{
	uint8_t digest[HASH_SIZE_MAX], sig[RSA_SIG_MAX];
	static struct writing out;
	struct pieces p;
	size_t at, n;

	find_pieces(m, &p);
	begin_writing(&out, m->bytes);
	for (size_t i = 0; i < p.n; i++)
		put_piece(&out, p.at[i].type, SPAN(m->bytes + p.at[i].at, p.at[i].n));
	at = out.w.n;
	memset(sig, 0, sizeof(sig));
	put_piece(&out, PAYLOAD_SIG, SPAN(sig, rsa_key_bits(w->rsa) / 8));
	isakmp_finish(&out.w);
	if (out.w.bad)
		return false;
	push_digest(k->sig_hash, SPAN(out.buf, at), digest);
	digest[0] ^= wrong;
	n = rsa_sign(w->rsa, SIG_DIGEST_INFO, k->sig_hash, digest, sig);
	memcpy(out.buf + at + 4, sig, n);
	while ((out.w.n - ISAKMP_HEADER) % cipher_block_size(k->cipher))
		wr_u8(&out.w, 0);
	isakmp_finish(&out.w);
	if (out.w.bad)
		return false;
	memcpy(m->bytes, out.buf, out.w.n);
	m->n = out.w.n;
	return push_crypt(k->cipher, &k->key, true, m->bytes + ISAKMP_HEADER, m->n - ISAKMP_HEADER);
}

static void
push_once(struct world *w)
{
	struct node_under_test *ks = &w->nodes[0], *gm = &w->nodes[1];
	uint8_t how = next_octet();
	const struct gm_kek *k;
	uint8_t *copy;

	caught.n = 0;
	core_ks_rekey(ks->core, NULL, how & 1, w->now);
	world_drain(ks);
	if (how & 2)
		world_pass(w, SECONDS(60));
	k = gm->core->gms[0]->policy ? &gm->core->gms[0]->policy->kek : NULL;
	if (!caught.n || !k || !open_rekey(k, &caught))
		return;
	for (unsigned edits = how >> 4 & 3; edits; edits--)
		edit_message(&caught);
	if (!close_rekey(w, k, &caught, (how & 0xc0) == 0xc0))
		return;
	copy = x_memdup(caught.bytes, caught.n);
	core_input(gm->core, &caught.path, SPAN(copy, caught.n), world_clock(gm));
	world_drain(gm);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world *w;

	fuzz_input = SPAN(data, n);
	w = begin_world(next_octet() % WORLDS);
	for (unsigned i = 0; fuzz_input.n && i < REKEYS; i++)
		push_once(w);
	world_pass(w, SECONDS(1));
	return 0;
}
