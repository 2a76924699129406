/*
 * Phase 1 by RSA signatures (RFC 2409 5.1): our certificate and signature, and the check of the
 * peer's. What is signed is HASH_I or HASH_R, without DigestInfo; either form is accepted.
 *
 * A certificate of a trusted CA says that its holder is somebody; who, its names say. An ID that is
 * an address must be the peer's, and among the certificate's addresses if it lists any; a domain
 * name or a distinguished name must be the certificate's own.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/xch.h"
#include "runtime/crypto/cert.h"

#define CAS_MAX        32
#define X509_SIGNATURE 4 /* RFC 2408 3.9 */

static const struct rsa_key *
key_of(const struct core *c, const struct policy_trustpoint *t)
{
	return c->env.rsa_key ? c->env.rsa_key(c->env.arg, t->rsa_label) : NULL;
}

/* The first trustpoint we can show something of; its certificate is the caller's. */
static const struct policy_trustpoint *
own(const struct core *c, struct cert **ret)
{
	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];
		const struct rsa_key *key = t->cert.n && t->n_cas ? key_of(c, t) : NULL;

		*ret = key ? cert_from_der(t->cert) : NULL;
		if (*ret && cert_fits(*ret, key))
			return t;
		cert_free(*ret);
	}
	*ret = NULL;
	return NULL;
}

void
ike_cert_apply(struct core *c)
{
	struct cert *cert;

	c->ike.signs = own(c, &cert) != NULL;
	cert_free(cert);
}

bool
ike_cert_put(struct core *c, struct message *m, enum hash_id h, struct span hash)
{
	struct cert *cert;
	const struct policy_trustpoint *t = own(c, &cert);
	uint8_t sig[RSA_SIG_MAX];
	size_t n = 0;

	if (t)
		n = rsa_sign(key_of(c, t), SIG_BARE_HASH, h, hash.p, sig);
	if (n) {
		isakmp_payload_begin(m->w, m->chain, PAYLOAD_CERT);
		wr_u8(m->w, X509_SIGNATURE);
		wr_bytes(m->w, cert_der(cert).p, cert_der(cert).n);
		isakmp_payload_end(m->w, m->chain);
		isakmp_payload_put(m->w, m->chain, PAYLOAD_SIG, SPAN(sig, n));
	}
	cert_free(cert);
	return n > 0;
}

/* --- the peer's ------------------------------------------------------------------------------- */

static struct cert *
cert_in(const struct message *m)
{
	const struct isakmp_payload *p = isakmp_payload_find(m->payloads, PAYLOAD_CERT);
	struct span body = p ? p->body : (struct span){0};

	return body.n > 1 && body.p[0] == X509_SIGNATURE
		   ? cert_from_der(SPAN(body.p + 1, body.n - 1))
		   : NULL;
}

static const char *
untrusted(const struct core *c, const struct cert *cert)
{
	struct cert *cas[CAS_MAX];
	const char *why;
	size_t n = 0;

	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];

		for (size_t k = 0; k < t->n_cas && n < CAS_MAX; k++)
			if ((cas[n] = cert_from_der(t->cas[k])))
				n++;
	}
	why = cert_verify(cert, cas, n,
			  c->env.wall ? c->env.wall(c->env.arg) : cert_not_before(cert));
	while (n)
		cert_free(cas[--n]);
	return why;
}

static bool
is_named(const struct cert *cert, const struct isakmp_id *id, uint32_t peer)
{
	switch (id->type) {
	case ID_IPV4_ADDR:
		return cert_allows_address(cert, peer);
	case ID_FQDN:
		return cert_has_dns_name(cert, id->data);
	case ID_DER_ASN1_DN:
		return span_equal_ct(cert_subject_der(cert), id->data);
	default:
		return false;
	}
}

static bool
signed_by(const struct cert *cert, enum hash_id h, struct span hash, struct span sig)
{
	struct rsa_key *key = cert_key(cert);
	bool good = key && (rsa_verify(key, SIG_BARE_HASH, h, hash.p, sig) ||
			    rsa_verify(key, SIG_DIGEST_INFO, h, hash.p, sig));

	rsa_key_free(key);
	return good;
}

enum drop
ike_cert_check(struct core *c, const struct message *m, uint32_t peer, enum hash_id h,
	       struct span hash, const struct isakmp_id *id)
{
	struct cert *cert = cert_in(m);
	const char *why = cert ? untrusted(c, cert) : "there is none, or not one with an RSA key";
	enum drop d = DROP_NONE;
	char text[ADDR_TEXT_MAX];

	if (why) {
		PEER_LOG(c, IKMP_INVAL_CERT, addr_text(peer, text), why);
		d = DROP_CERTIFICATE;
	} else if (!signed_by(cert, h, hash, message_body(m, PAYLOAD_SIG))) {
		d = DROP_HASH;
	} else if (!is_named(cert, id, peer)) {
		PEER_LOG(c, IKMP_INVAL_CERT, addr_text(peer, text), "it is somebody else's");
		d = DROP_ID;
	}
	cert_free(cert);
	return d;
}
