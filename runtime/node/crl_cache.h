/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revocation lists of a node, read and ready to be asked: those of its keystore, and those that
 * it has fetched by HTTP. One request at a time goes to an address; what came is read in a thread,
 * since it may be long, and whose signature it has is looked at there: HTTP is anybody's, so what
 * the CA has not signed is dropped, and what was there stays. It is asked until it has expired,
 * when the next one who needs it makes the node fetch it again. Of a CA that has changed its key
 * the last list under the former one is kept, too: it still says whom that has taken back.
 */
#ifndef TESTUDO_CRL_CACHE_H
#define TESTUDO_CRL_CACHE_H

#include "runtime/crypto/crl.h"
#include "runtime/node/node.h"

struct crl_cache;

struct crl_cache *crl_cache_new(void);
void crl_cache_free(struct crl_cache *c); /* no task of its may be under way */
/* The keystore has changed: what was read of it is read again. */
void crl_cache_forget(struct crl_cache *c);
void crl_cache_clear(struct crl_cache *c); /* the same, and nothing that was fetched is left */
/* The nth list of a trustpoint in the keystore; and of all that are asked for it. NULL: no more. */
struct crl *crl_cache_kept(struct crl_cache *c, const struct keystore *keys, const char *trustpoint,
                           size_t nth);
struct crl *crl_cache_get(struct crl_cache *c, const struct keystore *keys, const char *trustpoint,
                          size_t nth);
/*
 * As core_env.crl_fetch. What comes may also be signed by another CA of the issuer's name that a
 * trustpoint of the policy (NULL: there is none) has: that CA has changed its key.
 */
bool crl_cache_want(struct crl_cache *c, struct node *node, const struct policy *p, const char *url,
                    struct span issuer);
/* How often a list was asked for, how often in vain, and how often it was on its way already. */
void crl_cache_counts(const struct crl_cache *c, struct snap_pki *add);
bool crl_cache_fetch(const struct crl_cache *c, size_t nth, struct node_crl_fetch *ret);

#endif
