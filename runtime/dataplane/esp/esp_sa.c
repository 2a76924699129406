/* SPDX-License-Identifier: Apache-2.0 */
/* One ESP security association, RFC 4303: see esp_sa.h. */
#include "runtime/dataplane/esp/esp_sa.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/path.h"
#include "runtime/crypto/random.h"
#include "runtime/dataplane/esp/esp.h"

#define IV_POOL    (sizeof(((struct esp_iv *)0)->pool) - 16)
#define TRAILER    2 /* pad length and next header */
#define NEXT_DUMMY 59
#define NEXT_TIME  253 /* RFC 3692: for experiments; only ever seen inside */
#define TIME_SIZE  8
#define TIME_TYPE  1
#define TIME_BITS  48
#define ECN_MASK   3
#define ECN_CE     3

void
esp_iv_init(struct esp_iv *iv)
{
	uint8_t key[16];

	crypto_random(key, sizeof(key));
	crypto_random(iv->last, sizeof(iv->last));
	iv->cipher = cipher_new(CIPHER_AES_128, SPAN(key, sizeof(key)));
	wipe(key, sizeof(key));
	if (!iv->cipher)
		abort(); /* an OpenSSL without AES */
	iv->used = IV_POOL;
}

void
esp_iv_fini(struct esp_iv *iv)
{
	cipher_free(iv->cipher);
	wipe(iv, sizeof(*iv));
}

static void
iv_take(struct esp_iv *iv, uint8_t *out, size_t n)
{
	if (IV_POOL - iv->used < n) {
		/* CBC over zeros: each block is the cipher of the one before. */
		memset(iv->pool, 0, sizeof(iv->pool));
		cipher_encrypt(iv->cipher, iv->last, iv->pool, sizeof(iv->pool));
		/* The last block carries the chain on and is never given out. */
		memcpy(iv->last, iv->pool + IV_POOL, 16);
		wipe(iv->pool + IV_POOL, 16);
		iv->used = 0;
	}
	memcpy(out, iv->pool + iv->used, n);
	iv->used += n;
}

/* --- birth and death -------------------------------------------------------------------------- */

static bool
sid_fits(const struct dp_sa *d)
{
	return !d->sid_bits || d->sid_bits == 32 ||
	       (d->sid_bits < 32 && d->sid >> d->sid_bits == 0);
}

bool
esp_sa_fits(const struct dp_sa *d)
{
	return d->time_window <= UINT32_MAX / 1000 && (unsigned)d->suite.cipher < CIPHER_COUNT &&
	       (unsigned)d->suite.auth < HASH_COUNT && (d->suite.cipher || d->suite.auth) &&
	       d->spi > 255 && /* RFC 4303 2.1 */
	       (!cipher_is_counter(d->suite.cipher) || (!d->suite.auth && sid_fits(d))) &&
	       d->enc_key.n == cipher_keymat_size(d->suite.cipher) &&
	       d->auth_key.n == hash_size(d->suite.auth) && d->window <= REPLAY_WINDOW_MAX;
}

static bool
ciphers_set_up(struct esp_sa *s)
{
	struct span key = secret_span(&s->enc_key);

	if (cipher_is_counter(s->suite.cipher)) {
		s->aead = aead_new(s->suite.cipher, key);
		return s->aead;
	}
	if (s->suite.auth)
		s->mac = mac_new(s->suite.auth, secret_span(&s->auth_key));
	if (s->suite.cipher)
		s->cipher = cipher_new(s->suite.cipher, key);
	return !s->suite.cipher || s->cipher;
}

struct esp_sa *
esp_sa_new(const struct dp_sa *d)
{
	struct esp_sa *s;

	if (!esp_sa_fits(d))
		return NULL;
	s = x_alloc(sizeof(*s));
	s->sa = d->sa;
	s->spi = s->stat.spi = d->spi;
	s->suite = d->suite;
	s->transport = d->transport;
	s->seq = d->start;
	s->limit = UINT32_MAX;
	secret_copy(&s->enc_key, d->enc_key);
	secret_copy(&s->auth_key, d->auth_key);
	if (!ciphers_set_up(s)) {
		esp_sa_free(s);
		return NULL;
	}
	s->iv = cipher_iv_size(d->suite.cipher);
	s->icv = esp_suite_icv_size(&d->suite);
	s->block = s->cipher ? s->iv : 4; /* RFC 4303 2.4: the trailer ends on four octets */
	esp_sa_update(s, d);
	return s;
}

void
esp_senders_free(struct esp_senders *senders)
{
	size_t i;

	for (i = 0; i < senders->capacity; i++)
		free(senders->slots[i].replay);
	free(senders->slots);
	*senders = (struct esp_senders){.n = 0};
}

void
esp_sa_free(struct esp_sa *s)
{
	if (!s)
		return;
	cipher_free(s->cipher);
	mac_free(s->mac);
	aead_free(s->aead);
	secret_fini(&s->enc_key);
	secret_fini(&s->auth_key);
	esp_senders_free(&s->senders);
	free(s);
}

bool
esp_sa_is(const struct esp_sa *s, const struct dp_sa *d)
{
	return s->spi == d->spi && s->suite.cipher == d->suite.cipher &&
	       s->suite.auth == d->suite.auth && s->transport == d->transport &&
	       span_equal_ct(secret_span(&s->enc_key), d->enc_key) &&
	       span_equal_ct(secret_span(&s->auth_key), d->auth_key);
}

void
esp_sa_update(struct esp_sa *s, const struct dp_sa *d)
{
	/* Without integrity anyone could move the window: RFC 4303 3.4.3 has none then. */
	uint32_t window = esp_suite_protects(&d->suite) ? d->window : 0;
	size_t i;

	s->sa = d->sa;
	s->time_window = esp_suite_protects(&d->suite) ? d->time_window : 0;
	s->pseudo_offset = d->pseudo_offset;
	s->sid = d->sid;
	s->sid_bits = d->sid_bits;
	/* Two members without an identifier would meet in one nonce. */
	s->send = d->send && (!s->aead || d->sid_bits);
	s->receive = d->receive;
	if (s->window == window)
		return;
	for (i = 0; window && i < s->senders.capacity; i++) {
		struct replay *old = s->senders.slots[i].replay;

		if (old) {
			s->senders.slots[i].replay = replay_resized(old, window);
			free(old);
		}
	}
	s->window = window;
}

/* --- senders ---------------------------------------------------------------------------------- */

static struct esp_sender *
sender_slot(const struct esp_senders *senders, uint64_t src)
{
	size_t mask = senders->capacity - 1;
	uint32_t h = (uint32_t)src ^ (uint32_t)(src >> 32) * 0x85ebca6bu;
	size_t i = (h * 0x9e3779b1u ^ h >> 15) & mask;

	while (senders->slots[i].replay && senders->slots[i].src != src)
		i = (i + 1) & mask;
	return &senders->slots[i];
}

/* The window of a sender, NULL for one not seen yet. */
static struct replay *
sender_find(const struct esp_senders *senders, uint64_t src)
{
	return senders->capacity ? sender_slot(senders, src)->replay : NULL;
}

static void
senders_grow(struct esp_senders *senders)
{
	struct esp_senders bigger = {.n = senders->n};
	size_t i;

	bigger.capacity = senders->capacity ? senders->capacity * 2 : 16;
	bigger.slots = x_alloc(bigger.capacity * sizeof(*bigger.slots));
	for (i = 0; i < senders->capacity; i++)
		if (senders->slots[i].replay)
			*sender_slot(&bigger, senders->slots[i].src) = senders->slots[i];
	free(senders->slots);
	*senders = bigger;
}

/* The ICV was right: takes the number, and remembers the sender if it is new. */
static bool
sender_take(struct esp_sa *s, uint64_t src, uint32_t seq)
{
	struct esp_senders *senders = &s->senders;
	struct esp_sender *slot;

	if (!sender_find(senders, src)) {
		if (senders->n >= ESP_SENDERS_MAX)
			return false;
		if ((senders->n + 1) * 2 > senders->capacity)
			senders_grow(senders);
		slot = sender_slot(senders, src);
		slot->src = src;
		slot->replay = replay_new(s->window);
		senders->n++;
	}
	return replay_update(sender_find(senders, src), seq);
}

/* --- time ------------------------------------------------------------------------------------- */

static size_t
time_size(const struct esp_sa *s)
{
	return s->time_window ? TIME_SIZE : 0;
}

/* The group's pseudotime; it fits what a packet can say. */
static uint64_t
pseudotime_now(const struct esp_sa *s, msec now)
{
	msec t = s->pseudo_offset + now;

	return t > 0 ? (uint64_t)t & ((UINT64_C(1) << TIME_BITS) - 1) : 0;
}

/*
 * The header in front of what is protected (README.md):
 * | type 1 | next header | pseudotime in milliseconds, 48 bits ...
 */
static void
time_put(const struct esp_sa *s, uint8_t *p, uint8_t next, msec now)
{
	uint64_t t = pseudotime_now(s, now);

	p[0] = TIME_TYPE;
	p[1] = next;
	packet_put16(p + 2, (uint16_t)(t >> 32));
	packet_put32(p + 4, (uint32_t)t);
}

/* Takes the header off and looks whether its time is near ours. */
static enum esp_open
time_take(const struct esp_sa *s, uint8_t **data, size_t *n, uint8_t *next, msec now,
          struct esp_seen *ret)
{
	const uint8_t *p = *data;
	uint64_t window = (uint64_t)s->time_window * 1000;

	if (*next != NEXT_TIME || *n < TIME_SIZE || p[0] != TIME_TYPE)
		return ESP_OPEN_BAD; /* carries no time, or in an encoding that we do not know */
	ret->mine = pseudotime_now(s, now);
	ret->peer = (uint64_t)packet_get16(p + 2) << 32 | packet_get32(p + 4);
	*next = p[1];
	*data += TIME_SIZE;
	*n -= TIME_SIZE;
	return ret->peer + window < ret->mine || ret->peer > ret->mine + window ? ESP_OPEN_TIME
	                                                                        : ESP_OPENED;
}

/* --- sizes ------------------------------------------------------------------------------------ */

size_t
esp_sa_size(const struct esp_sa *s, size_t header, size_t n)
{
	size_t outer = s->transport ? header : IP4_HEADER;
	size_t plain = (s->transport ? n - header : n) + time_size(s) + TRAILER;

	plain = (plain + s->block - 1) / s->block * s->block;
	return outer + ESP_HEADER + s->iv + plain + s->icv;
}

size_t
esp_sa_inner_mtu(const struct esp_sa *s, size_t header, size_t mtu)
{
	size_t outer = s->transport ? header : IP4_HEADER;
	size_t fixed = outer + ESP_HEADER + s->iv + s->icv, plain;

	if (mtu < fixed + s->block + TRAILER + time_size(s))
		return 0;
	plain = (mtu - fixed) / s->block * s->block - TRAILER - time_size(s);
	return s->transport ? plain + header : plain;
}

/* --- out -------------------------------------------------------------------------------------- */

/* Padding 1, 2, 3 ... and the trailer (RFC 4303 2.4); returns the new length. */
static size_t
trailer_put(const struct esp_sa *s, uint8_t *data, size_t n, uint8_t next)
{
	size_t padding = (s->block - (n + TRAILER) % s->block) % s->block, i;

	for (i = 0; i < padding; i++)
		data[n + i] = (uint8_t)(i + 1);
	data[n + padding] = (uint8_t)padding;
	data[n + padding + 1] = next;
	return n + padding + TRAILER;
}

/* Makes room for the ESP header and IV and writes the outer IPv4 header without its length. */
static uint8_t *
outer_write(const struct esp_sa *s, struct packet *pkt, uint16_t id)
{
	const struct ip4 *h = &pkt->ip4;
	size_t add = ESP_HEADER + s->iv + time_size(s);
	uint8_t *p;

	if (s->transport) {
		p = packet_data(pkt) - add;
		memmove(p, p + add, h->header);
		p[9] = PROTO_ESP;
		return p + h->header;
	}
	p = packet_data(pkt) - add - IP4_HEADER;
	ip4_write(p, &(struct ip4){.header = IP4_HEADER,
	                           .tos = h->tos,
	                           .ttl = h->ttl,
	                           .proto = PROTO_ESP,
	                           .id = id,
	                           .df = h->df,
	                           .src = h->src,
	                           .dst = h->dst});
	return p + IP4_HEADER;
}

/* The identifier on top, the sequence number at the end: RFC 6054 3. */
static void
iv_counter(const struct esp_sa *s, uint8_t *out)
{
	uint64_t iv = (uint64_t)s->sid << (64 - s->sid_bits) | s->seq;

	packet_put32(out, (uint32_t)(iv >> 32));
	packet_put32(out + 4, (uint32_t)iv);
}

/* Encrypts and authenticates an ESP packet that is complete up to the ICV: n octets at data. */
static bool
packet_seal(struct esp_sa *s, struct esp_iv *iv, uint8_t *esp, uint8_t *data, size_t n)
{
	size_t covered = (size_t)(data + n - esp);
	uint8_t icv[MAC_SIZE_MAX];

	if (s->aead) {
		bool gmac = cipher_is_gmac(s->suite.cipher);

		iv_counter(s, esp + ESP_HEADER);
		/* RFC 4106 5: header and sequence number; RFC 4543 3.3: everything. */
		return aead_seal(s->aead, esp + ESP_HEADER, SPAN(esp, gmac ? covered : ESP_HEADER),
		                 data, gmac ? 0 : n, data + n);
	}
	iv_take(iv, esp + ESP_HEADER, s->iv);
	if (s->cipher && !cipher_encrypt(s->cipher, esp + ESP_HEADER, data, n))
		return false;
	if (s->mac) {
		mac_compute(s->mac, &SPAN(esp, covered), 1, icv);
		memcpy(data + n, icv, s->icv);
	}
	return true;
}

bool
esp_sa_encrypt(struct esp_sa *s, struct esp_iv *iv, struct packet *pkt, uint16_t id, msec now)
{
	const struct ip4 *h = &pkt->ip4;
	size_t total = esp_sa_size(s, h->header, pkt->n), header, n;
	uint8_t *esp, *data;
	uint8_t next = s->transport ? h->proto : PROTO_IPIP;

	if (s->seq == UINT32_MAX || !s->send || total > IP4_PACKET_MAX ||
	    pkt->at < PACKET_HEADROOM || pkt->size - pkt->at - pkt->n < PACKET_TAILROOM)
		return false;
	if (s->transport && (h->mf || h->offset))
		return false; /* RFC 4303 3.3.4: transport mode takes whole datagrams only */
	header = s->transport ? h->header : IP4_HEADER;
	data = packet_data(pkt) + (s->transport ? h->header : 0);
	n = s->transport ? pkt->n - h->header : pkt->n;
	esp = outer_write(s, pkt, id);
	if (s->time_window) {
		data -= TIME_SIZE;
		n += TIME_SIZE;
		time_put(s, data, next, now);
		next = NEXT_TIME;
	}
	n = trailer_put(s, data, n, next);
	packet_put32(esp, s->spi);
	packet_put32(esp + 4, ++s->seq);
	if (!packet_seal(s, iv, esp, data, n))
		return false;
	pkt->at = (size_t)(esp - header - pkt->buf);
	pkt->n = total;
	packet_put16(packet_data(pkt) + 2, (uint16_t)total);
	ip4_refresh(packet_data(pkt));
	return true;
}

/* --- in --------------------------------------------------------------------------------------- */

static bool
icv_right(struct esp_sa *s, struct span covered, const uint8_t *icv)
{
	uint8_t want[MAC_SIZE_MAX];
	bool right;

	mac_compute(s->mac, &covered, 1, want);
	right = span_equal_ct(SPAN(want, s->icv), SPAN(icv, s->icv));
	wipe(want, sizeof(want));
	return right;
}

/* Is it authentic? Galois/counter mode decrypts in the same pass. */
static bool
packet_verify(struct esp_sa *s, uint8_t *esp, uint8_t *data, size_t n)
{
	size_t covered = ESP_HEADER + s->iv + n;
	bool gmac = cipher_is_gmac(s->suite.cipher);

	if (s->aead)
		return aead_open(s->aead, esp + ESP_HEADER, SPAN(esp, gmac ? covered : ESP_HEADER),
		                 data, gmac ? 0 : n, data + n);
	return !s->mac || icv_right(s, SPAN(esp, covered), data + n);
}

/* Takes the trailer off; false when it is not as RFC 4303 2.4 demands. */
static bool
trailer_take(const uint8_t *data, size_t *n, uint8_t *ret_next)
{
	size_t padding = data[*n - 2], i;

	if (padding + TRAILER > *n)
		return false;
	for (i = 0; i < padding; i++)
		if (data[*n - TRAILER - padding + i] != i + 1)
			return false;
	*ret_next = data[*n - 1];
	*n -= padding + TRAILER;
	return true;
}

/* What was inside a tunnel: the packet, which must be whole; padding for disguise is cut off. */
static bool
tunnel_open(struct packet *pkt, uint8_t *data, size_t n)
{
	const uint8_t outer_tos = pkt->ip4.tos;

	pkt->at = (size_t)(data - pkt->buf);
	pkt->n = n;
	pkt->family = PACKET_UNREAD;
	if (!packet_read(pkt))
		return false;
	/* RFC 6040: congestion met under way is not hidden from the ends. */
	if ((outer_tos & ECN_MASK) == ECN_CE && (pkt->ip4.tos & ECN_MASK)) {
		pkt->ip4.tos |= ECN_CE;
		data[1] = pkt->ip4.tos;
		ip4_refresh(data);
	}
	return true;
}

/* The outer header again, in front of what was inside. */
static bool
transport_open(struct packet *pkt, uint8_t *data, size_t n, uint8_t next)
{
	size_t header = pkt->ip4.header;
	uint8_t *p = data - header;

	memmove(p, packet_data(pkt), header);
	pkt->at = (size_t)(p - pkt->buf);
	pkt->n = header + n;
	packet_put16(p + 2, (uint16_t)pkt->n);
	p[9] = next;
	ip4_refresh(p);
	return packet_read(pkt);
}

enum esp_open
esp_sa_open(struct esp_sa *s, uint32_t vrf, struct packet *pkt, msec now, struct esp_seen *ret)
{
	const struct ip4 *h = &pkt->ip4;
	uint8_t *esp = packet_data(pkt) + h->header, *data = esp + ESP_HEADER + s->iv, next;
	size_t n = (size_t)h->total - h->header, fixed = ESP_HEADER + s->iv + s->icv;
	const struct replay *known;

	if (n < fixed + TRAILER || (n - fixed) % s->block)
		return ESP_OPEN_BAD;
	ret->seq = packet_get32(esp + 4);
	n -= fixed;
	known = sender_find(&s->senders, peer_key(vrf, h->src));
	if (s->window && (ret->seq == 0 || (known && !replay_check(known, ret->seq))))
		return ESP_OPEN_REPLAY; /* saves the work; counts for nothing */
	if (!packet_verify(s, esp, data, n))
		return ESP_OPEN_MAC;
	if (s->window && !sender_take(s, peer_key(vrf, h->src), ret->seq))
		return ESP_OPEN_REPLAY;
	if (s->cipher && !cipher_decrypt(s->cipher, esp + ESP_HEADER, data, n))
		return ESP_OPEN_BAD;
	if (!trailer_take(data, &n, &next) || next == NEXT_DUMMY)
		return ESP_OPEN_BAD;
	if (s->time_window) {
		enum esp_open in_time = time_take(s, &data, &n, &next, now, ret);

		if (in_time != ESP_OPENED)
			return in_time;
	}
	if (s->transport)
		return transport_open(pkt, data, n, next) ? ESP_OPENED : ESP_OPEN_BAD;
	return next == PROTO_IPIP && tunnel_open(pkt, data, n) ? ESP_OPENED : ESP_OPEN_BAD;
}
