/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside nft.h: nft.c and nft_object.c build messages, of rules that nft_match.c and nft_action.c
 * make of the expressions in nft_expr.c; nft_link.c sends them; nft_watch.c sees what others do.
 */
#ifndef TESTUDO_NFT_PRIV_H
#define TESTUDO_NFT_PRIV_H

#include "runtime/dataplane/kernel/nft.h"

#define NFT_SET_UNNAMED "__set%d" /* the kernel puts a number there; rules go by the set's id */
#define NFT_NOTE_TYPE   200       /* of no note that the program nft reads */

struct mnl_socket;
struct nftnl_expr;
struct nftnl_rule;
struct nft_watch;

/* What a rule carries for us, as the program nft lays out such notes: type, length, value. */
struct nft_note {
	uint8_t type, len, id[sizeof(uint32_t)];
};

struct nft {
	const char *table;
	struct mnl_socket *nl;
	uint32_t seq;
	uint32_t last_set;           /* number for the next unnamed set */
	size_t used, capacity, room; /* octets; room: what the socket sends at once */
	char *batch;
	struct nftnl_rule *rule; /* being built; NULL: none */
	int error;
	bool xt_queue; /* the kernel lacks nft's own queue: the older NFQUEUE holds packets */
	struct nft_watch *watch; /* NULL: none */
};

struct nftnl_set;

/* nft.c: room for one message (NULL after an error), and that it has been written. */
char *nft_message(struct nft *n);
void nft_message_end(struct nft *n);
/* Makes a set, and puts elements in one that is there; s stays the caller's. */
void nft_say_set(struct nft *n, struct nftnl_set *s);
void nft_say_elements(struct nft *n, struct nftnl_set *s);
void nft_batch_begin(struct nft *n);
void nft_batch_end(struct nft *n);
void nft_begin_empty(struct nft *n); /* a batch that takes the table out */
void nft_table_message(struct nft *n, uint16_t type, uint16_t flags);
void nft_rule_end(struct nft *n); /* the rule that was being built goes into the batch */
void nft_set_elements(struct nft *n, uint32_t id, const uint32_t *addrs, size_t n_addrs);

/* nft_object.c: an unnamed set of port ranges for the rule being built; its number. */
uint32_t nft_port_set(struct nft *n, const struct port_range *ranges, size_t n_ranges);

/* nft_expr.c: one expression more in the rule being built; values are in register 1. */
struct nftnl_expr *nft_expr(struct nft *n, const char *name);
void nft_load_meta(struct nft *n, uint32_t key);
void nft_store_meta(struct nft *n, uint32_t key);
void nft_load_payload(struct nft *n, uint32_t base, uint32_t offset, uint32_t len);
void nft_store_header(struct nft *n, uint32_t offset); /* IPv4; the checksum is kept right */
void nft_mask(struct nft *n, const void *mask, uint32_t len);
void nft_mask_word(struct nft *n, uint32_t mask);
void nft_compare(struct nft *n, uint32_t op, const void *data, uint32_t len);
void nft_immediate(struct nft *n, uint32_t value);
void nft_verdict(struct nft *n, uint32_t code);

unsigned nft_port(const struct nft *n); /* by which the kernel knows who makes changes */
bool nft_there(struct nft *n);          /* is the table in the kernel? */
void nft_watch_end(struct nft *n);

#endif
