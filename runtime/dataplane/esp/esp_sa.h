/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the userspace dataplane: one ESP security association, its keys, its count, and what it
 * remembers of its senders. It encrypts and decrypts packets; esp.c decides which.
 */
#ifndef TESTUDO_ESP_SA_H
#define TESTUDO_ESP_SA_H

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/secret.h"
#include "runtime/dataplane/dataplane.h"
#include "runtime/packet/packet.h"
#include "runtime/packet/replay.h"

#define ESP_HEADER 8 /* SPI and sequence number */

struct esp_sender {
	uint64_t src;          /* its peer_key: senders of two VRFs may have one address */
	struct replay *replay; /* NULL: a free place */
};

/* Senders by address: open addressing, at most half full. */
struct esp_senders {
	struct esp_sender *slots;
	size_t n, capacity; /* capacity: 0 or a power of two */
};

struct esp_sa {
	uint32_t sa, spi; /* as in struct dp_sa */
	struct esp_suite suite;
	struct secret enc_key, auth_key;
	struct cipher *cipher; /* NULL: CIPHER_NULL */
	struct mac *mac;       /* NULL: HASH_NONE */
	struct aead *aead;     /* in place of both for a counter mode; else NULL */
	uint32_t sid;          /* of dp_sa; what opens the IV */
	uint8_t sid_bits;
	size_t iv, icv, block; /* octets; block: what the plaintext is padded to */
	uint32_t window;
	uint32_t time_window; /* seconds; 0: packets carry no time */
	msec pseudo_offset;
	bool send, receive, transport;
	uint32_t seq;            /* of the last packet sent; UINT32_MAX: spent */
	uint32_t limit;          /* numbers up to this one may be used; esp.c reserves them */
	struct counter *counter; /* where; NULL: nowhere */
	uint32_t conn_id;
	struct esp_senders senders;
	struct dp_sa_stat stat;
	struct esp_sa *next; /* same bucket, esp.c */
	const void *group;   /* whose it is, esp.c */
};

/*
 * The IV of a counter mode is the sender identifier and then, to its end, the sequence number: RFC
 * 6054 3. Why no nonce ever meets one key twice is told in README.md.
 *
 * IVs for CBC must be such that nobody can tell them beforehand (RFC 3602 3). They are the output
 * of AES-128 in feedback under a random key that exists for nothing else and never leaves this
 * object: unpredictable as AES is, fresh over all SAs and restarts, and a few hundred times
 * cheaper than asking the random generator for each packet.
 */
struct esp_iv {
	struct cipher *cipher;
	uint8_t last[16];
	uint8_t pool[1024];
	size_t used;
};

void esp_iv_init(struct esp_iv *iv);
void esp_iv_fini(struct esp_iv *iv);

/* Can it be run: do its suite, sizes and numbers keep within their limits? */
bool esp_sa_fits(const struct dp_sa *d);
/* NULL when suite or keys do not fit each other, or the cipher is not to be had. */
struct esp_sa *esp_sa_new(const struct dp_sa *d);
void esp_sa_free(struct esp_sa *s); /* wipes; NULL is fine */
/* Is d this SA (SPI, suite, keys, mode), perhaps with other flags and window? */
bool esp_sa_is(const struct esp_sa *s, const struct dp_sa *d);
void esp_sa_update(struct esp_sa *s, const struct dp_sa *d); /* flags, window */
void esp_senders_free(struct esp_senders *senders);

/* The size of a packet of n octets once encrypted (header: octets of its IPv4 header). */
size_t esp_sa_size(const struct esp_sa *s, size_t header, size_t n);
/* The largest packet whose encrypted form is not over mtu. */
size_t esp_sa_inner_mtu(const struct esp_sa *s, size_t header, size_t mtu);

/*
 * Encrypts a packet that was read, in place, under an outer header with this identification and,
 * in tunnel mode, the DF bit that pkt->ip4 says; false when the SA is spent or the packet cannot be
 * carried.
 */
bool esp_sa_encrypt(struct esp_sa *s, struct esp_iv *iv, struct packet *pkt, uint16_t id, msec now);

enum esp_open { ESP_OPENED, ESP_OPEN_REPLAY, ESP_OPEN_TIME, ESP_OPEN_MAC, ESP_OPEN_BAD };

struct esp_seen {            /* of a packet that came in, for the log */
	uint32_t seq;        /* set whenever the packet is long enough to have one */
	uint64_t mine, peer; /* pseudotimes, on ESP_OPEN_TIME: milliseconds */
};

/*
 * Verifies a packet that was read and came in that VRF, takes its sequence number, decrypts it in
 * place, looks at the time, and reads what was inside. On failure the packet is worthless. The
 * order is RFC 4303 3.4: nothing is decrypted or remembered before the ICV was right (GCM does the
 * two at once; what it decrypted under a wrong ICV goes nowhere).
 */
enum esp_open esp_sa_open(struct esp_sa *s, uint32_t vrf, struct packet *pkt, msec now,
                          struct esp_seen *ret);

#endif
