/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists by OpenSSL: see crl.h. */
#include "runtime/crypto/crl.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert_priv.h"

#define CLOCKS_DIFFER 300 /* seconds that a CA's clock may be ahead of ours */

const char crl_revoked[] = "it has been revoked";

struct crl {
	X509_CRL *crl;
	size_t size;
};

static X509_CRL *
read_der(struct span der)
{
	const unsigned char *p = der.p;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)der.n);

	if (x && p == der.p + der.n)
		return x;
	X509_CRL_free(x);
	return NULL;
}

static X509_CRL *
read_pem(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509_CRL *x = bio ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return x;
}

struct crl *
crl_read(struct span octets)
{
	X509_CRL *x = NULL;
	struct crl *l;
	int size;

	if (octets.n && octets.n <= CRL_SIZE_MAX) {
		x = read_pem(octets);
		x = x ? x : read_der(octets);
	}
	size = x ? i2d_X509_CRL(x, NULL) : 0;
	if (size <= 0) {
		X509_CRL_free(x);
		return NULL;
	}
	l = x_alloc(sizeof(*l));
	*l = (struct crl){x, (size_t)size};
	return l;
}

void
crl_free(struct crl *l)
{
	if (l)
		X509_CRL_free(l->crl);
	free(l);
}

char *
crl_pem(const struct crl *l)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long n;

	if (!bio || !PEM_write_bio_X509_CRL(bio, l->crl) || (n = BIO_get_mem_data(bio, &data)) <= 0)
		abort(); /* out of memory */
	text = x_alloc((size_t)n + 1);
	memcpy(text, data, (size_t)n);
	BIO_free(bio);
	return text;
}

size_t
crl_size(const struct crl *l)
{
	return l->size;
}

void
crl_issuer_text(const struct crl *l, char *ret, size_t n)
{
	cert_name_text(X509_CRL_get_issuer(l->crl), ret, n);
}

uint32_t
crl_issuer_hash(const struct crl *l)
{
	return (uint32_t)X509_NAME_hash_ex(X509_CRL_get_issuer(l->crl), NULL, NULL, NULL);
}

int64_t
crl_this_update(const struct crl *l)
{
	return cert_seconds(X509_CRL_get0_lastUpdate(l->crl));
}

int64_t
crl_next_update(const struct crl *l)
{
	const ASN1_TIME *t = X509_CRL_get0_nextUpdate(l->crl);

	return t ? cert_seconds(t) : crl_this_update(l);
}

/* RFC 5280 5.2: what is critical and not understood makes the list useless; so do deltas. */
static bool
says_more(X509_CRL *x)
{
	for (int i = 0; i < X509_CRL_get_ext_count(x); i++)
		if (X509_EXTENSION_get_critical(X509_CRL_get_ext(x, i)))
			return true;
	return X509_CRL_get_ext_by_NID(x, NID_delta_crl, -1) >= 0;
}

static const char *
why_refused(X509_CRL *x, X509 *ca, int64_t now)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);
	struct crl l = {x, 0};

	if (!(X509_get_key_usage(ca) & KU_CRL_SIGN))
		return "its issuer may not sign a CRL";
	if (!key || X509_CRL_verify(x, key) != 1)
		return "the CRL's signature is wrong";
	if (says_more(x))
		return "the CRL says what is not understood";
	if (now + CLOCKS_DIFFER < crl_this_update(&l))
		return "the CRL is not valid yet";
	return now < crl_next_update(&l) ? NULL : "the CRL has expired";
}

const char *
crl_refused(const struct crl *l, const struct cert *ca, int64_t now)
{
	if (X509_NAME_cmp(X509_CRL_get_issuer(l->crl), X509_get_subject_name(ca->x509)))
		return "the CRL is another CA's";
	return why_refused(l->crl, ca->x509, now);
}

static bool
is_listed(X509_CRL *x, X509 *c)
{
	X509_REVOKED *entry = NULL;

	return X509_CRL_get0_by_serial(x, &entry, X509_get_serialNumber(c)) != 0;
}

bool
crl_revokes(const struct crl *l, const struct cert *c)
{
	return !X509_NAME_cmp(X509_CRL_get_issuer(l->crl), X509_get_issuer_name(c->x509)) &&
	       is_listed(l->crl, c->x509);
}

/* One certificate, by the lists of its issuer. */
static const char *
refuses_cert(const struct crl_check *check, X509 *c, X509 *issuer, int64_t now)
{
	const char *why = "there is no CRL of its issuer";
	bool counts = false;

	for (size_t i = 0; i < check->n; i++) {
		X509_CRL *x = check->crls[i]->crl;
		const char *no;

		if (X509_NAME_cmp(X509_CRL_get_issuer(x), X509_get_subject_name(issuer)))
			continue;
		no = why_refused(x, issuer, now);
		if (!no && is_listed(x, c))
			return crl_revoked;
		counts |= !no;
		why = no ? no : why;
	}
	return counts || check->lenient ? NULL : why;
}

const char *
crl_refuses_chain(const struct crl_check *check, STACK_OF(X509) * chain, int64_t now)
{
	for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
		const char *why =
		    refuses_cert(check, sk_X509_value(chain, i), sk_X509_value(chain, i + 1), now);

		if (why)
			return why;
	}
	return NULL;
}
