/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates (RFC 5280) for phase 1 with RSA signatures: is one signed by a CA we trust and
 * in force, whose is it, what key does it hold. Requests for one (PKCS #10, RFC 2986).
 */
#ifndef TESTUDO_CERT_H
#define TESTUDO_CERT_H

#include "compiler/policy/certmap.h"
#include "compiler/policy/prefix.h"
#include "runtime/crypto/crl.h"
#include "runtime/crypto/sig.h"

#define CERT_SIZE_MAX 8192 /* octets of DER */

struct cert;

/* NULL when the octets are not one certificate with an RSA or EC key. */
struct cert *cert_from_der(struct span der);
struct cert *cert_from_pem(struct span pem); /* the first in the text */
void cert_free(struct cert *c);              /* NULL is fine */

struct span cert_der(const struct cert *c); /* borrowed */
bool cert_is_ca(const struct cert *c);
struct span cert_id(const struct cert *c); /* issuer and serial number as DER; the caller frees */
/* Hexadecimal, upper case, even digits; ret holds n. */
void cert_serial_text(const struct cert *c, char *ret, size_t n);
void cert_subject_text(const struct cert *c, char *ret, size_t n); /* "CN=R3,O=Lab" */
void cert_issuer_text(const struct cert *c, char *ret, size_t n);
/* Seconds since 1970 UTC. */
int64_t cert_not_before(const struct cert *c);
int64_t cert_not_after(const struct cert *c);
/* Phase 1 signs with RSA (RFC 2409 5.1); an EC key may be a CA's. */
bool cert_is_rsa(const struct cert *c);
bool cert_is_self_signed(const struct cert *c);
/* Is that its issuer, by name and key identifier? The signature is not looked at. */
bool cert_issued_by(const struct cert *c, const struct cert *ca);
/* The RSA key it holds; the caller frees it; NULL: an EC key. */
struct rsa_key *cert_key(const struct cert *c);
/* Does this key pair belong to it? */
bool cert_fits(const struct cert *c, const struct rsa_key *key);

/*
 * NULL when `c` leads to one of the CAs, maybe by way of CAs in `chain`, which nobody has vouched
 * for, is in force at `now` (seconds since 1970), and is for signatures; else why not.
 * crls: that must say of it, and of the CAs below the trusted one, that they are not revoked; NULL:
 * none is asked.
 */
#define CERT_DEPTH_MAX 8 /* CAs between a certificate and the one that is trusted */
struct cert_list {
	struct cert *const *certs;
	size_t n;
};
const char *cert_verify(const struct cert *c, struct cert_list cas, struct cert_list chain,
                        struct crl_check *crls, int64_t now);
/*
 * Where the list that it would be on can be had by HTTP: at most CRL_URL_MAX octets with a NUL;
 * false: it does not say.
 */
bool cert_crl_url(const struct cert *c, char *ret);

/* What it says, in canonical form, in the arena. */
void cert_facts(const struct cert *c, struct arena *a, struct cert_facts *ret);
/* Does its subjectAltName list this address? ret_any: does it list any? */
bool cert_has_address(const struct cert *c, uint32_t addr, bool *ret_any);
bool cert_has_dns_name(const struct cert *c, struct span name); /* in any case of letters */
/* Its dNSNames, each ended by a NUL, then an empty one; allocated. */
char *cert_dns_names(const struct cert *c);
/* The subject as DER, borrowed: what an ID of type DN holds (RFC 2407 4.6.2.9). */
struct span cert_subject_der(const struct cert *c);

/*
 * A PKCS #10 request for a key, in PEM, allocated. subject: "cn=R3, o=Lab"; false when it cannot be
 * read or signed. addr: into subjectAltName; 0: none.
 */
char *cert_request(const struct rsa_key *key, const char *subject, uint32_t addr);

#endif
