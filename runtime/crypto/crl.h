/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists (RFC 5280 5): which certificates a CA takes back. A list counts only
 * when the CA has signed it, for its time, and when it says nothing critical that is not understood
 * here: a list for a part of the certificates, or of another issuer's, is none. When its time is
 * over it clears nobody any more, but who is on it stays revoked.
 */
#ifndef TESTUDO_CRL_H
#define TESTUDO_CRL_H

#include "compiler/base/base.h"

struct cert;
struct crl;

#define CRL_SIZE_MAX  (4 * 1024 * 1024) /* octets of DER, or of PEM */
#define CRL_PASTE_MAX (256 * 1024)      /* of one that is kept with the keys */
#define CRL_URL_MAX   512

/*
 * NULL when the octets are not one list: PEM, else DER. A long one takes a while: not for the
 * loop.
 */
struct crl *crl_read(struct span octets);
void crl_free(struct crl *l);         /* NULL is fine */
char *crl_pem(const struct crl *l);   /* allocated */
size_t crl_size(const struct crl *l); /* octets of DER */
void crl_issuer_text(const struct crl *l, char *ret, size_t n);
uint32_t crl_issuer_hash(const struct crl *l); /* of the issuer's name */
/* Seconds since 1970 UTC. A list without a next update has ended when it began. */
int64_t crl_this_update(const struct crl *l);
int64_t crl_next_update(const struct crl *l);

/* Why the list does not count at that time, as one of this CA's; NULL: it does. */
const char *crl_refused(struct crl *l, const struct cert *ca, int64_t now);
/* Has this CA, which may, signed it, whatever its time? A long one is hashed once for a CA. */
bool crl_is_of(struct crl *l, const struct cert *ca);
/* Has this CA taken that cert_id back, by its newest of the lists, which may have expired? */
bool crl_revokes(struct crl *const *crls, size_t n, const struct cert *ca, struct span id);

extern const char crl_revoked[]; /* why cert_verify refuses what is on a list */

/*
 * What cert_verify asks. lenient: no list that counts is no reason. Being on one that the CA has
 * signed always is, whatever its time.
 *
 * Who is trusted is no root when one of `issuers`, the CAs that are configured anywhere, has issued
 * it: that one may have taken it back, as the lists `above` tell, and so on up to a root.
 */
#define CERT_SERIAL_MAX 64
struct crl_check {
	struct crl *const *crls, *const *above;
	size_t n, n_above;
	struct cert *const *issuers;
	size_t n_issuers;
	bool lenient;
	bool off; /* none is asked, and the answer is `ids` */
	/*
	 * Answer: the cert_id of the certificate and of each CA above it that is no root; at most
	 * CERT_SIZE_MAX octets, which crl_check_fini frees.
	 */
	struct span ids;
	/* Answer: the number of the one that is revoked, as cert_serial_text has it. */
	char revoked[CERT_SERIAL_MAX];
	/* Answer: where a list that is missing can be had by HTTP, as its CA says; "": nowhere. */
	char url[CRL_URL_MAX];
	struct span issuer; /* DER of who must have signed that one: crl_check_fini frees it */
};
void crl_check_fini(struct crl_check *check);

#endif
