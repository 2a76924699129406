/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the userspace dataplane costs per packet beside what its cipher and MAC alone cost: one
 * core, 1400 octets, both directions. Prints packets per second and the share of the limit. Then
 * what a time in every packet (time-based anti-replay) costs over counting.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/random.h"
#include "runtime/dataplane/esp/esp.h"

#define SIZE    1400
#define PACKETS 100000
#define BATCH   500

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const uint8_t key[64] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The limit: what one packet's payload costs in OpenSSL, called the same way. */
static double
measure_cipher(const struct esp_suite *s, bool decrypt)
{
	struct span keymat = SPAN(key, cipher_keymat_size(s->cipher));
	struct cipher *c = cipher_new(s->cipher, keymat);
	struct aead *a = aead_new(s->cipher, keymat);
	struct mac *m = s->auth ? mac_new(s->auth, SPAN(key, hash_size(s->auth))) : NULL;
	static uint8_t data[SIZE + 64];
	uint8_t iv[16] = {0}, icv[MAC_SIZE_MAX];
	size_t block = cipher_block_size(s->cipher), n = (SIZE + 2 + block - 1) / block * block;
	struct span covered = SPAN(data, n + 8 + block);
	double start = wall_seconds();
	int i;

	for (i = 0; i < PACKETS; i++) {
		if (a) {
			if (decrypt)
				aead_open(a, iv, SPAN(iv, 8), data, n, icv);
			else
				aead_seal(a, iv, SPAN(iv, 8), data, n, icv);
			continue;
		}
		if (decrypt)
			cipher_decrypt(c, iv, data, n);
		else
			cipher_encrypt(c, iv, data, n);
		mac_compute(m, &covered, 1, icv);
	}
	start = wall_seconds() - start;
	cipher_free(c);
	aead_free(a);
	mac_free(m);
	return PACKETS / start;
}

struct rate {
	double out, in; /* packets per second */
	int bad;
};

static struct rate
carry_packets(const struct esp_suite *s, uint32_t time_window)
{
	static const struct dp_binding binding = {.interface = "f0", .seq = 1};
	static const struct dp_entry entry = {.selector = {.permit = true}, .sa = 1};
	const struct dp_sa sa = {.sa = 1,
	                         .spi = 0x1000,
	                         .suite = *s,
	                         .enc_key = SPAN(key, cipher_keymat_size(s->cipher)),
	                         .sid = 1,
	                         .sid_bits = 24,
	                         .auth_key = SPAN(key, hash_size(s->auth)),
	                         .window = time_window ? 0 : 64,
	                         .time_window = time_window,
	                         .send = true,
	                         .receive = true};
	const struct dp_group g = {"G", 1, &binding, SA_BOTH, 1, &entry, 1, &sa, 0};
	struct dataplane *dp = esp_new(NULL);
	struct esp_port *port = esp_port(dp, "f0");
	static uint8_t buf[BATCH][PACKET_HEADROOM + SIZE + PACKET_TAILROOM];
	static struct packet pkt[BATCH];
	double out = 0, in = 0, at;
	size_t mtu;
	int i, k, bad = 0;

	dp->ops->set(dp, &g);
	for (k = 0; k < BATCH; k++) {
		pkt[k] = packet_in(buf[k], sizeof(buf[k]), SIZE);
		ip4_write(packet_data(&pkt[k]),
		          &(struct ip4){.total = SIZE, .ttl = 9, .proto = 99, .src = 1, .dst = 2});
	}
	for (i = 0; i < PACKETS; i += BATCH) {
		at = wall_seconds();
		for (k = 0; k < BATCH; k++)
			bad += esp_output(port, &pkt[k], false, 2000, &mtu, 0) != ESP_DONE;
		out += wall_seconds() - at;
		at = wall_seconds();
		for (k = 0; k < BATCH; k++)
			bad += esp_input(port, &pkt[k], false, 0) != ESP_DONE;
		in += wall_seconds() - at;
	}
	dp->ops->close(dp);
	return (struct rate){PACKETS / out, PACKETS / in, bad};
}

static void
report_suite(const struct esp_suite *s, const char *name)
{
	struct rate r = carry_packets(s, 0);

	printf("%-24s out %8.0f packets/s, %3.0f %% of cipher and MAC alone\n", name, r.out,
	       100 * r.out / measure_cipher(s, false));
	printf("%-24s in  %8.0f packets/s, %3.0f %%%s\n", "", r.in,
	       100 * r.in / measure_cipher(s, true), r.bad ? "  FAILED PACKETS" : "");
}

/* The best of several turns, taken by turns, as the machine does other things too. */
static void
measure_time(const struct esp_suite *s, const char *name)
{
	struct rate best[2] = {{0}};
	int turn;

	for (turn = 0; turn < 10; turn++) {
		struct rate r = carry_packets(s, turn & 1 ? 10 : 0), *b = &best[turn & 1];

		b->out = r.out > b->out ? r.out : b->out;
		b->in = r.in > b->in ? r.in : b->in;
		b->bad += r.bad;
	}
	printf("%-24s with a time in each packet: out %+.1f %%, in %+.1f %% packets/s%s\n", name,
	       100 * (best[1].out / best[0].out - 1), 100 * (best[1].in / best[0].in - 1),
	       best[0].bad || best[1].bad ? "  FAILED PACKETS" : "");
}

int
main(void)
{
	crypto_init();
	report_suite(&(struct esp_suite){CIPHER_AES_128, HASH_SHA1}, "AES-128, SHA-1");
	report_suite(&(struct esp_suite){CIPHER_AES_256, HASH_SHA256}, "AES-256, SHA-256");
	report_suite(&(struct esp_suite){CIPHER_3DES, HASH_SHA1}, "3DES, SHA-1");
	report_suite(&(struct esp_suite){CIPHER_GCM_256, HASH_NONE}, "AES-GCM-256");
	measure_time(&(struct esp_suite){CIPHER_AES_256, HASH_SHA256}, "AES-256, SHA-256");
	measure_time(&(struct esp_suite){CIPHER_GCM_256, HASH_NONE}, "AES-GCM-256");
	return 0;
}
