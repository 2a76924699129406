/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phase 1 by signatures (RFC 2409 5.1): our certificate, and the check of the peer's and of its
 * signature (ike_sign.c).
 *
 * A certificate of a trusted CA proves that the CA knows its holder; its names say who that is. An
 * ID that is an address must be the peer's, and among the certificate's addresses if it lists any;
 * a domain name or a distinguished name must be the certificate's own. A member takes a certificate
 * for its key server's only when something that is configured binds the two (RFC 6407 3.1); a
 * server keeps what it has learnt of a member in struct ike_who, by which it authorizes.
 *
 * A message holds a chain: our certificate and the CAs below the root, so that a peer that trusts
 * the root alone can follow. CAs may sign as they like; who speaks here has a key of the method
 * that was agreed on.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/policy/profile.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/xch.h"
#include "runtime/crypto/cert.h"

#define X509_SIGNATURE 4  /* RFC 2408 3.9 */
#define REQUESTS_MAX   8  /* in one message */
#define CRLS_MAX       32 /* for a trustpoint */
#define CHAIN_MAX      4  /* of our own, in one message */
#define PEER_CERTS_MAX 8  /* of one message; more are passed over */
#define SIGNERS_MAX    2  /* of them: who may have made the signature */

static struct key_pair
key_of(const struct core *c, const struct policy_trustpoint *t)
{
	struct key_pair k = {0};

	if (t->ec_label && c->env.ec_key)
		k.ec = c->env.ec_key(c->env.arg, t->ec_label);
	else if (!t->ec_label && c->env.rsa_key)
		k.rsa = c->env.rsa_key(c->env.arg, t->rsa_label);
	return k;
}

/* What we can show of a trustpoint: the caller's; NULL: nothing. */
static struct cert *
cert_to_show(const struct core *c, const struct policy_trustpoint *t)
{
	struct cert *cert = t->cert.n && t->n_cas ? cert_from_der(t->cert) : NULL;

	if (cert && cert_fits(cert, key_of(c, t)))
		return cert;
	cert_free(cert);
	return NULL;
}

/* The same when it signs by this method. */
static struct cert *
cert_to_sign(const struct core *c, const struct policy_trustpoint *t, enum phase1_auth method)
{
	struct cert *cert = cert_to_show(c, t);

	if (cert && ike_sign_method(cert) == method)
		return cert;
	cert_free(cert);
	return NULL;
}

/*
 * The trustpoint of this name, else the first, that we can sign with by the SA's method, and that
 * its profile names; its certificate is the caller's.
 */
static const struct policy_trustpoint *
find_own_cert(const struct ike_sa *sa, const char *name, struct cert **ret)
{
	const struct policy_isakmp_profile *profile = ike_profile_of(sa);
	const struct policy *p = sa->core->policy;
	const struct policy_trustpoint *first = NULL;

	*ret = NULL;
	for (size_t i = 0; i < p->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &p->trustpoints[i];
		bool named = name && strcmp(t->name, name) == 0;
		bool usable = !profile || policy_profile_has_trustpoint(profile, t->name);
		struct cert *cert = usable && (named || !first)
		                        ? cert_to_sign(sa->core, t, sa->suite.method)
		                        : NULL;

		if (!cert)
			continue;
		cert_free(*ret);
		*ret = cert;
		first = t;
		if (named)
			break;
	}
	return first;
}

void
ike_cert_request(const struct core *c, struct message *m)
{
	size_t asked = 0;

	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];

		for (size_t k = 0; k < t->n_cas && asked < REQUESTS_MAX; k++) {
			struct cert *ca = cert_from_der(t->cas[k]);

			if (!ca)
				continue;
			isakmp_payload_begin(m->w, m->chain, PAYLOAD_CERTREQ);
			wr_u8(m->w, X509_SIGNATURE);
			wr_span(m->w, cert_subject_der(ca));
			isakmp_payload_end(m->w, m->chain);
			cert_free(ca);
			asked++;
		}
	}
}

static bool
names_ca(const struct message *m, const struct cert *ca)
{
	for (size_t i = 0; i < m->payloads->n; i++) {
		struct span body = m->payloads->at[i].body;

		if (m->payloads->at[i].type == PAYLOAD_CERTREQ && body.n > 1 &&
		    body.p[0] == X509_SIGNATURE &&
		    span_equal_ct(cert_subject_der(ca), SPAN(body.p + 1, body.n - 1)))
			return true;
	}
	return false;
}

/* Each CA is read once, however many the peer, whom we do not know yet, may name. */
static bool
asks_for(const struct message *m, const struct policy_trustpoint *t)
{
	bool named = false;

	for (size_t k = 0; k < t->n_cas && !named; k++) {
		struct cert *ca = cert_from_der(t->cas[k]);

		named = ca && names_ca(m, ca);
		cert_free(ca);
	}
	return named;
}

const char *
ike_cert_requested(const struct core *c, const struct message *m, enum phase1_auth method)
{
	if (!isakmp_payload_find(m->payloads, PAYLOAD_CERTREQ))
		return NULL;
	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];
		struct cert *cert = asks_for(m, t) ? cert_to_sign(c, t, method) : NULL;
		bool found = cert != NULL;

		cert_free(cert);
		if (found)
			return t->name;
	}
	return NULL;
}

void
ike_cert_apply(struct core *c)
{
	c->ike.trust++;
	c->ike.signs = 0;
	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		struct cert *cert = cert_to_show(c, &c->policy->trustpoints[i]);
		enum phase1_auth method = cert ? ike_sign_method(cert) : 0;

		c->ike.signs |= method ? (uint16_t)(1u << method) : 0;
		cert_free(cert);
	}
}

size_t
ike_cert_subject(const struct ike_sa *sa, const char *trustpoint, uint8_t *ret, size_t n)
{
	struct cert *cert;
	size_t used = 0;

	if (find_own_cert(sa, trustpoint, &cert) && cert_subject_der(cert).n <= n) {
		used = cert_subject_der(cert).n;
		memcpy(ret, cert_subject_der(cert).p, used);
	}
	cert_free(cert);
	return used;
}

static void
put_cert(struct message *m, const struct cert *cert)
{
	isakmp_payload_begin(m->w, m->chain, PAYLOAD_CERT);
	wr_u8(m->w, X509_SIGNATURE);
	wr_bytes(m->w, cert_der(cert).p, cert_der(cert).n);
	isakmp_payload_end(m->w, m->chain);
}

/* The trustpoint's CA that issued the certificate, the caller's; NULL: none, or it is a root. */
static struct cert *
find_intermediate(const struct policy_trustpoint *t, const struct cert *cert)
{
	for (size_t k = 0; k < t->n_cas; k++) {
		struct cert *ca = cert_from_der(t->cas[k]);

		if (ca && cert_issued_by(cert, ca) && !cert_is_self_signed(ca))
			return ca;
		cert_free(ca);
	}
	return NULL;
}

/* Our certificate and the CAs up to the root, without it: a peer may know the root alone. */
static void
put_chain(struct message *m, const struct policy_trustpoint *t, struct cert *take_cert)
{
	struct cert *at = take_cert, *next;

	for (size_t n = 0; at && n < CHAIN_MAX; n++) {
		put_cert(m, at);
		next = find_intermediate(t, at);
		cert_free(at);
		at = next;
	}
	cert_free(at);
}

bool
ike_cert_put(const struct ike_sa *sa, const char *trustpoint, struct message *m, struct span hash)
{
	struct cert *cert;
	const struct policy_trustpoint *t = find_own_cert(sa, trustpoint, &cert);
	uint8_t sig[IKE_SIG_MAX];
	size_t n = t ? ike_sign_put(&sa->suite, key_of(sa->core, t), hash, sig) : 0;

	if (!n) {
		cert_free(cert);
		return false;
	}
	put_chain(m, t, cert);
	isakmp_payload_put(m->w, m->chain, PAYLOAD_SIG, SPAN(sig, n));
	return true;
}

/* --- the peer's ------------------------------------------------------------------------------- */

/* The certificates of one message: a chain in any order, its last CA perhaps left out. */
struct peer_certs {
	bool its_own; /* one of them has made the signature */
	size_t n;
	struct cert *certs[PEER_CERTS_MAX];
};

static void
read_peer_certs(const struct message *m, struct peer_certs *ret)
{
	size_t tried = 0;

	*ret = (struct peer_certs){0};
	for (size_t i = 0; i < m->payloads->n && tried < PEER_CERTS_MAX; i++) {
		struct span body = m->payloads->at[i].body;

		if (m->payloads->at[i].type != PAYLOAD_CERT || body.n < 2 ||
		    body.p[0] != X509_SIGNATURE)
			continue;
		tried++;
		ret->certs[ret->n] = cert_from_der(SPAN(body.p + 1, body.n - 1));
		ret->n += ret->certs[ret->n] != NULL;
	}
}

static void
peer_certs_fini(struct peer_certs *p)
{
	while (p->n)
		cert_free(p->certs[--p->n]);
}

/*
 * The one among them whose key made the signature; else the first, so that the log can say what is
 * wrong with it. NULL: none has a key of the suite's method. Anybody makes us look, and a signature
 * of a large curve takes long to check: SIGNERS_MAX of them are tried, a device's before a CA's.
 */
static const struct cert *
find_signer(struct peer_certs *p, const struct ike_suite *suite, struct span hash, struct span sig)
{
	const struct cert *first = NULL;
	size_t tried = 0;

	for (size_t i = 0; i < 2 * p->n && tried < SIGNERS_MAX; i++) {
		const struct cert *cert = p->certs[i % p->n];

		if (cert_is_ca(cert) != (i >= p->n) || ike_sign_method(cert) != suite->method)
			continue;
		tried++;
		first = first ? first : cert;
		p->its_own = ike_sign_check(suite, cert, hash, sig);
		if (p->its_own)
			return cert;
	}
	return first;
}

static const char crl_awaited[] = "its revocation list is being fetched";

/* The lists for a trustpoint, or for all of them, borrowed. */
struct crls {
	size_t n, capacity;
	struct crl **crls;
};

/* Beside those that are there. */
static void
read_crls(const struct core *c, const struct policy_trustpoint *t, struct crls *ret)
{
	struct crl *l;

	for (size_t i = 0; c->env.crl && i < CRLS_MAX && (l = c->env.crl(c->env.arg, t->name, i));
	     i++) {
		x_grow(&ret->crls, &ret->capacity, ret->n + 1, sizeof(struct crl *));
		ret->crls[ret->n++] = l;
	}
}

static void
read_all_crls(const struct core *c, struct crls *ret)
{
	for (size_t i = 0; i < c->policy->n_trustpoints; i++)
		read_crls(c, &c->policy->trustpoints[i], ret);
}

/* The certificates of CAs. */
struct cas {
	size_t n;
	struct cert **certs;
};

static void
read_cas(const struct policy_trustpoint *of, size_t n, struct cas *ret)
{
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += of[i].n_cas;
	*ret = (struct cas){.certs = x_alloc((most + 1) * sizeof(struct cert *))};
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < of[i].n_cas; k++)
			if ((ret->certs[ret->n] = cert_from_der(of[i].cas[k])))
				ret->n++;
}

static void
cas_fini(struct cas *c)
{
	while (c->n)
		cert_free(c->certs[--c->n]);
	free(c->certs);
}

static int64_t
wall_seconds(const struct core *c, const struct cert *otherwise)
{
	return c->env.wall ? c->env.wall(c->env.arg) / 1000 : cert_not_before(otherwise);
}

static void
log_revocation(struct ike_sa *sa, const struct policy_trustpoint *t, const struct crl_check *check,
               const char *why)
{
	if (why == crl_revoked)
		REACHED_LOG(sa->core, sa->path.remote, CERTIFICATE_REVOKED, check->revoked);
	else
		REACHED_LOG(sa->core, sa->path.remote, CRL_FETCH_FAIL, t->name, why);
}

/* Of several chains the longest: a trustpoint may trust the one in the middle. */
static void
keep_ids(struct ike_who *who, struct crl_check *check)
{
	struct span shorter = who->ids;

	if (check->ids.n <= who->ids.n)
		return;
	who->ids = check->ids;
	check->ids = shorter;
}

/* By the lists that are there; where one is missing that can be fetched, it is asked for. */
static const char *
ask_lists(struct ike_sa *sa, const struct policy_trustpoint *t, const struct cert *cert,
          struct cert_list cas, struct cert_list chain)
{
	const struct core *c = sa->core;
	struct crls lists = {0}, above = {0};
	struct cas issuers;
	struct crl_check check = {.lenient = t->revocation == REVOCATION_CRL_OR_NONE,
	                          .off = t->revocation == REVOCATION_IGNORED};
	const char *why;

	read_crls(c, t, &lists);
	read_all_crls(c, &above);
	read_cas(c->policy->trustpoints, c->policy->n_trustpoints, &issuers);
	check.crls = lists.crls;
	check.n = lists.n;
	check.above = above.crls;
	check.n_above = above.n;
	check.issuers = issuers.certs;
	check.n_issuers = issuers.n;
	sa->core->pki.lists_asked += !check.off;
	why = cert_verify(cert, cas, chain, &check, wall_seconds(c, cert));
	if (why != crl_revoked && check.url[0] && c->env.crl_fetch &&
	    c->env.crl_fetch(c->env.arg, check.url, check.issuer))
		why = crl_awaited;
	if (why && why != crl_awaited)
		log_revocation(sa, t, &check, why);
	keep_ids(&sa->who, &check);
	crl_check_fini(&check);
	cas_fini(&issuers);
	free(lists.crls);
	free(above.crls);
	return why;
}

/*
 * By the CAs of one trustpoint, and by what it asks about revocation; NULL or why not. Lists are
 * asked, and fetched, for a peer only that has signed, and with a chain that is good: nobody else
 * makes us call an address. What it sent is not taken then; it sends it again.
 */
static const char *
why_untrusted(struct ike_sa *sa, const struct policy_trustpoint *t, const struct cert *cert,
              const struct peer_certs *came)
{
	struct cert_list chain = {came->certs, came->n};
	struct cas cas;
	const char *why;

	if (t->revocation == REVOCATION_NEVER)
		return "the trustpoint asks for OCSP, which is not built";
	read_cas(t, 1, &cas);
	why = cert_verify(cert, (struct cert_list){cas.certs, cas.n}, chain, NULL,
	                  wall_seconds(sa->core, cert));
	if (!why && came->its_own)
		why = ask_lists(sa, t, cert, (struct cert_list){cas.certs, cas.n}, chain);
	cas_fini(&cas);
	return why;
}

static bool
matches_map(const struct policy_trustpoint *t, const struct cert_facts *f)
{
	for (size_t i = 0; i < t->n_maps; i++)
		if (t->maps[i] && policy_cert_map_match(t->maps[i], f))
			return true;
	return false;
}

/*
 * NULL when a trustpoint, one that the profile names, takes it: one of its CAs has signed it, and
 * of its certificate maps, if it has any, one matches. ret_mapped: one did. What one trustpoint
 * knows to be revoked no other takes: each has the lists that were imported for it, and the CA may
 * be the same.
 */
static const char *
why_refused(struct ike_sa *sa, const struct cert *cert, const struct peer_certs *came,
            const struct cert_facts *f, const struct policy_isakmp_profile *profile,
            bool *ret_mapped)
{
	const struct core *c = sa->core;
	const char *why = "no trustpoint has a CA certificate";
	bool taken = false, revoked = false;

	*ret_mapped = false;
	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];
		const char *no = t->n_cas ? why_untrusted(sa, t, cert, came) : why;
		bool mapped = !no && matches_map(t, f);

		if (!no && t->n_maps && !mapped)
			no = "no certificate map of the trustpoint matches it";
		if (!no && profile && !policy_profile_has_trustpoint(profile, t->name)) {
			no = "the ISAKMP profile does not name its trustpoint";
			mapped = false;
		}
		taken |= !no;
		revoked |= no == crl_revoked;
		*ret_mapped |= mapped;
		if (no && why != crl_awaited)
			why = no;
	}
	if (revoked)
		return crl_revoked;
	return taken ? NULL : why;
}

/* --- who the peer is -------------------------------------------------------------------------- */

/* May its holder call himself so? RFC 2409 5.1 leaves it open; RFC 6407 3.1 wants it to count. */
static bool
is_named(const struct cert *cert, const struct isakmp_id *id, uint32_t peer)
{
	bool any;

	switch (id->type) {
	case ID_IPV4_ADDR: /* the peer's own, as who calls us has seen to */
		return cert_has_address(cert, peer, &any) || !any;
	case ID_FQDN:
		return cert_has_dns_name(cert, id->data);
	case ID_DER_ASN1_DN:
		return span_equal_ct(cert_subject_der(cert), id->data);
	default:
		return false;
	}
}

/*
 * The CA certifies members as well as servers: of them all a certificate is the server's that lists
 * the address which is configured for it, that a certificate map picks, or that is who `set
 * identity` wants. Where the last is configured it must hold.
 */
static bool
is_the_server(const struct ike_sa *sa, const struct cert *cert, bool mapped)
{
	const struct policy *p = sa->core->policy;
	bool any, bound = mapped || cert_has_address(cert, sa->path.remote, &any);

	for (size_t i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];
		size_t s = 0;

		while (s < g->n_servers && g->servers[s] != sa->path.remote)
			s++;
		if (s == g->n_servers)
			continue;
		for (size_t k = 0; k < g->n_interfaces; k++) {
			const struct policy_identity *want = g->interfaces[k].server_identity;

			if (!want)
				continue;
			if (!policy_identity_match(want, sa->who.subject, sa->who.names))
				return false;
			bound = true;
		}
	}
	return bound;
}

/* Is who a group's key server must be the same? */
static bool
server_identities_equal(const struct policy *a, const struct policy *b)
{
	for (size_t i = 0; i < a->n_groups; i++) {
		const struct policy_group *x = &a->groups[i], *y;
		size_t k = 0;

		while (k < b->n_groups && strcmp(b->groups[k].name, x->name) != 0)
			k++;
		if (k == b->n_groups)
			continue;
		y = &b->groups[k];
		if (x->n_interfaces != y->n_interfaces)
			return false;
		for (k = 0; k < x->n_interfaces; k++)
			if (!policy_identity_equal(x->interfaces[k].server_identity,
			                           y->interfaces[k].server_identity))
				return false;
	}
	return true;
}

void
ike_cert_rebind(struct core *c, const struct policy *old)
{
	struct ike_sa *next;

	if (policy_trustpoints_equal(old, c->policy) && server_identities_equal(old, c->policy))
		return;
	for (struct ike_sa *sa = c->ike.all; sa; sa = next) {
		next = sa->next;
		if (sa->initiator && sa->state == IKE_UP && sa->suite.auth != ISAKMP_AUTH_PSK)
			ike_sa_end(sa, "who the key server must be has changed", true);
	}
}

static bool
is_listed(const struct core *c, const struct policy_trustpoint *t, struct span id)
{
	struct crls lists = {0};
	bool listed = false;

	read_crls(c, t, &lists);
	for (size_t k = 0; lists.n && k < t->n_cas && !listed; k++) {
		struct cert *ca = cert_from_der(t->cas[k]);

		listed = ca && crl_revokes(lists.crls, lists.n, ca, id);
		cert_free(ca);
	}
	free(lists.crls);
	return listed;
}

bool
ike_cert_revoked(const struct core *c, const struct policy_trustpoint *t, struct span ids,
                 char *ret_serial)
{
	bool above = false;

	for (struct span id; cert_id_next(&ids, &id); above = true)
		for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
			const struct policy_trustpoint *of = &c->policy->trustpoints[i];

			if ((!above && of != t) || !is_listed(c, of, id))
				continue;
			cert_id_serial_text(id, ret_serial, IKE_SERIAL_MAX);
			return true;
		}
	return false;
}

static void
end_revoked(struct core *c, const struct policy_trustpoint *t)
{
	struct ike_sa *next;

	for (struct ike_sa *sa = c->ike.all; sa; sa = next) {
		char text[ADDR_TEXT_MAX], serial[IKE_SERIAL_MAX];

		next = sa->next;
		if (sa->state != IKE_UP || !ike_cert_revoked(c, t, sa->who.ids, serial))
			continue;
		LOG(&c->env.log, IKMP_INVAL_CERT, addr_text(sa->path.remote, text), crl_revoked);
		ike_sa_end(sa, "the peer's certificate has been revoked", true);
	}
}

void
ike_cert_recheck(struct core *c)
{
	c->ike.trust++;
	for (size_t i = 0; i < c->policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &c->policy->trustpoints[i];

		if (t->revocation == REVOCATION_CRL || t->revocation == REVOCATION_CRL_OR_NONE)
			end_revoked(c, t);
	}
}

static bool
is_issuer(struct span der, const struct cert *of)
{
	struct cert *ca = cert_from_der(der);
	bool is = ca && cert_issued_by(of, ca);

	cert_free(ca);
	return is;
}

/* The CA of any trustpoint that issues it, borrowed; empty: none. */
static struct span
find_issuer(const struct policy *p, const struct cert *cert)
{
	for (size_t i = 0; i < p->n_trustpoints; i++)
		for (size_t k = 0; k < p->trustpoints[i].n_cas; k++)
			if (is_issuer(p->trustpoints[i].cas[k], cert))
				return p->trustpoints[i].cas[k];
	return (struct span){0};
}

/* Asks for the list that the certificate would be on; false: not now, or not here. */
static bool
fetch_list(const struct core *c, struct span der, size_t *named)
{
	struct cert *cert = cert_from_der(der);
	char url[CRL_URL_MAX];
	struct span issuer = {0};

	if (cert && !cert_is_self_signed(cert) && cert_crl_url(cert, url))
		issuer = find_issuer(c->policy, cert);
	cert_free(cert);
	*named += issuer.n > 0;
	return issuer.n && c->env.crl_fetch && c->env.crl_fetch(c->env.arg, url, issuer);
}

size_t
ike_cert_fetch(const struct core *c, const struct policy_trustpoint *t, size_t *ret_named)
{
	size_t asked;

	*ret_named = 0;
	asked = fetch_list(c, t->cert, ret_named);
	for (size_t k = 0; k < t->n_cas; k++)
		asked += fetch_list(c, t->cas[k], ret_named);
	return asked;
}

static enum drop
refuse_cert(const struct ike_sa *sa, const char *why, enum drop d)
{
	char text[ADDR_TEXT_MAX];

	REACHED_LOG(sa->core, sa->path.remote, IKMP_INVAL_CERT, addr_text(sa->path.remote, text),
	            why);
	return d;
}

static enum drop
check_names(struct ike_sa *sa, const struct cert *cert, const struct peer_certs *came,
            const struct isakmp_id *id, const struct policy_isakmp_profile *profile)
{
	struct arena *a = arena_new();
	struct cert_facts facts;
	const char *why;
	bool mapped, any;
	enum drop d = DROP_NONE;

	cert_facts(cert, a, &facts);
	ike_who_fini(&sa->who);
	sa->who = (struct ike_who){
	    .address = id->type == ID_IPV4_ADDR && cert_has_address(cert, sa->path.remote, &any),
	    .subject = x_strdup(facts.subject),
	    .names = cert_dns_names(cert),
	};
	why = why_refused(sa, cert, came, &facts, profile, &mapped);
	if (why == crl_awaited)
		d = DROP_REVOCATION;
	else if (why)
		d = refuse_cert(sa, why, DROP_CERTIFICATE);
	else if (!is_named(cert, id, sa->path.remote))
		d = refuse_cert(sa, "it is somebody else's", DROP_ID);
	else if (sa->initiator && !is_the_server(sa, cert, mapped))
		d = refuse_cert(sa,
		                "neither its addresses nor a certificate map or identity say that "
		                "it is this key server's",
		                DROP_ID);
	arena_free(a);
	return d;
}

static void
count_check(struct core *c, enum drop d)
{
	c->pki.taken += d == DROP_NONE;
	c->pki.waiting += d == DROP_REVOCATION;
	c->pki.refused += d && d != DROP_REVOCATION;
}

static enum drop
check_proof(struct ike_sa *sa, const struct message *m, struct span hash,
            const struct isakmp_id *id, const struct policy_isakmp_profile *profile)
{
	struct peer_certs came;
	const struct cert *cert;
	enum drop d;

	read_peer_certs(m, &came);
	cert = find_signer(&came, &sa->suite, hash, message_body(m, PAYLOAD_SIG));
	if (cert)
		d = check_names(sa, cert, &came, id, profile);
	else
		d = refuse_cert(sa, ike_sign_missing(&sa->suite), DROP_CERTIFICATE);
	if (!d && !came.its_own)
		d = DROP_HASH;
	count_check(sa->core, d);
	peer_certs_fini(&came);
	return d;
}

enum drop
ike_cert_check(struct ike_sa *sa, const struct message *m, struct span hash,
               const struct isakmp_id *id, const struct policy_isakmp_profile *profile)
{
	uint8_t digest[IKE_PROOF_SIZE];
	enum drop d;

	ike_proof_digest(m, hash, digest);
	if (ike_proof_refused(sa, digest))
		return DROP_REPEAT;
	d = check_proof(sa, m, hash, id, profile);
	return d ? ike_proof_refuse(sa, digest, d) : DROP_NONE;
}

void
ike_who_fini(struct ike_who *who)
{
	free(who->subject);
	free(who->names);
	free((void *)(uintptr_t)who->ids.p);
	*who = (struct ike_who){0};
}
