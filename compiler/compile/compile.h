/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Config tree to policy: a pure function. Every reference is resolved, every default filled in
 * (IOS's), every ACL flattened; what is wrong or doubtful becomes a diagnostic.
 */
#ifndef TESTUDO_COMPILE_H
#define TESTUDO_COMPILE_H

#include "compiler/base/diag.h"
#include "compiler/policy/policy.h"
#include "compiler/tree/tree.h"

struct compiler;

/* How the configuration of one kind of device is read (compile_parts.h has the parts to do it). */
struct compile_kind {
	void (*read)(struct compiler *c, const struct tnode *top);   /* into the raw lists */
	void (*finish)(struct compiler *c, const struct tnode *top); /* its own part; or NULL */
};
extern const struct compile_kind compile_router, compile_firewall;

/* What the compiler must know beyond the configuration. */
struct compile_facts {
	const struct compile_kind *kind; /* of device */
	const char *default_hostname;    /* when the configuration sets none */
	size_t n_rsa_labels;
	const char *const *rsa_labels; /* RSA key pairs this device has */
	size_t n_ec_labels;
	const char *const *ec_labels; /* EC key pairs */
	/* Cooperating key servers share a store without a line for it: a lab's. */
	bool has_shared_store;
	/*
	 * What runs it computes no routing protocols, has no VRFs, no VLANs of the configuration's
	 * and no sizes of interfaces: a machine's kernel.
	 */
	bool plain_host;
	/* Addresses that were learned for interfaces with `ip address dhcp`. */
	size_t n_learned;
	const struct policy_learned *learned;
	bool speaks; /* there: FRR speaks its routing protocols */
	/* A type 6 key in clear, in the arena; NULL: it was sealed under another master key. */
	const char *(*open_key)(void *arg, const char *sealed, struct arena *a); /* may be NULL */
	void *arg;
	/*
	 * The policy that runs now; NULL: none. What a key server serves, and what can no longer be
	 * read out of the configuration, goes on as it was.
	 */
	const struct policy *before;
	/* The lines of the store that servers share are being typed: it is as it was before. */
	bool store_typed;
};

/* The policy is the caller's (policy_free); diags must be initialised and is appended to. */
struct policy *compile(const struct tree *config, const struct compile_facts *facts,
                       struct diag_list *diags);

#endif
