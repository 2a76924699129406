/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store keeps what must outlive a process: records under names, written in transactions. Behind
 * the interface stands SQLite (store_sqlite.h), etcd (store_etcd.h) where several machines share
 * it, or memory (store_memory.h) in a lab. A store that is sealed (store_sealed.h) stands before
 * another one, and lets it see no value.
 *
 * A name is a path of printable ASCII words, "gdoi/GROUP/keys"; a value is any octets, or none. The
 * store has a revision, which rises by one with every transaction that writes, the end of a lease
 * that takes records with it being one; a record's revision is the store's when it was last
 * written.
 *
 * All calls may block on a disk or a network, so that they belong into a job (core.h), not into
 * the loop. They may come from any thread, several at a time, but none from within `each`, and none
 * in a child after fork. What they return is 0 or -errno; store_error_text says it in words.
 */
#ifndef TESTUDO_STORE_H
#define TESTUDO_STORE_H

#include <errno.h>
#include <stdatomic.h>

#include "compiler/base/base.h"

#define STORE_NAME_MAX  255       /* octets of a name */
#define STORE_VALUE_MAX (1 << 20) /* octets of a value */

struct store; /* each kind begins with it */

struct store_record {
	const char *name;
	struct span value;
	uint64_t revision;
	bool leased; /* it vanishes with a lease, which still lives */
	bool torn;   /* it is there, and does not open; value.p NULL */
};
/* Valid during the call. False: no more of them are wanted. */
typedef bool store_each(void *arg, const struct store_record *record);

struct store_write {
	const char *name;
	struct span value; /* p NULL: the record is removed, if it is there; n 0: it is empty */
	uint64_t lease;    /* the record vanishes with this lease; 0: it stays */
};

struct store_check {
	const char *name;
	uint64_t revision; /* what the record must have; 0: it must not be there */
};

struct store_txn {
	size_t n_checks, n_writes;
	const struct store_check *checks;
	const struct store_write *writes;
};

#define STORE_PLACE_MAX 256 /* with the end of the string; a longer one is cut */

struct store_state {
	const char *engine;          /* "SQLite", "etcd", "memory" */
	char place[STORE_PLACE_MAX]; /* its file, or the endpoint in use; "": neither */
	char prefix[96];             /* under which its records are; "": it has none */
	char error[256];             /* of the last call, in the engine's words; "": it worked */
	uint64_t revision;           /* as of the last call that told it; 0: none did */
	msec lag;                    /* what the last call took */
	uint64_t octets, records;    /* 0: not known */
};

struct store_ops {
	/*
	 * Carries out the transaction whole or not at all; of two writes of one name the last
	 * counts. 0: it is where a loss of power cannot undo it. -EAGAIN: a check failed. -ENOENT:
	 * a lease has ended. -EINVAL, -EMSGSIZE: a name, a value is none. -EBUSY: other processes
	 * write all the time. -ENOSPC, -EROFS ...: it is not done, and may be tried again. After
	 * -EIO nobody knows whether it is done; checks make it safe to try again. *ret_revision
	 * (NULL is fine): the store's afterwards.
	 */
	int (*commit)(struct store *s, const struct store_txn *txn, uint64_t *ret_revision);
	/*
	 * Every record whose name begins with prefix, in the order of names, as they were at one
	 * moment. *ret_revision (NULL is fine): the store's at that moment. After an error what
	 * `each` was told is to be forgotten; but where some are told as torn, and *ret_revision is
	 * set, -STORE_TORN says no more than that.
	 */
	int (*read)(struct store *s, const char *prefix, store_each *each, void *arg,
	            uint64_t *ret_revision);
	/*
	 * As read, but of what was written or removed (value.p NULL) after the revision `since`,
	 * each name once, as it is now; waits until there is some, `wait` milliseconds at most.
	 * -ESTALE: so old a change is no longer known, or the store is an older one than was read;
	 * read everything. -STORE_TORN: as read.
	 */
	int (*changes)(struct store *s, const char *prefix, uint64_t since, unsigned wait,
	               store_each *each, void *arg, uint64_t *ret_revision);
	/*
	 * Waits until a record has gone whose name begins with prefix and whose last word is
	 * `last`, since the revision that the last call of `changes` for this prefix has told;
	 * `wait` milliseconds at most, and not much longer than until *stop. 1: one has, 0: none
	 * has, as far as is known, or -errno. NULL: the store does not tell before it is asked.
	 */
	int (*listen)(struct store *s, const char *prefix, const char *last, uint64_t since,
	              unsigned wait, const atomic_bool *stop);
	/*
	 * A lease lives `ttl` milliseconds from its last renewal; then the records under it are
	 * gone. It outlives the process that began it; where the store is on this machine, it ends
	 * with the machine's run. No number of a lease comes twice. lease_keep: -ENOENT when it has
	 * ended. lease_end ends it now; that it has ended already is fine.
	 */
	int (*lease_begin)(struct store *s, unsigned ttl, uint64_t *ret_lease);
	int (*lease_keep)(struct store *s, uint64_t lease);
	int (*lease_end)(struct store *s, uint64_t lease);
	/*
	 * What is known of it without asking anybody: it never blocks on a disk or a network, and
	 * may be called from the loop.
	 */
	void (*describe)(struct store *s, struct store_state *ret);
	void (*close)(struct store *s);
};

struct store {
	const struct store_ops *ops;
	size_t
	    room; /* octets beyond STORE_VALUE_MAX: what a store before this one adds to a value */
};

/* What is wrong with a store, beside errno's own: each has a text of its own. */
#define STORE_TORN     EBADMSG      /* the file is damaged, or none of ours */
#define STORE_NEWER    EPROTO       /* a later version of Testudo wrote it */
#define STORE_OLDER    EPROTOTYPE   /* so early a version of it that this one does not read it */
#define STORE_FOREIGN  EKEYREJECTED /* it was sealed with another key */
#define STORE_EMPTIED  ENOANO       /* it was, and is empty now: who had the key seals it again */
#define STORE_UNSEALED ENOKEY       /* it holds records that no key has sealed */
#define STORE_KEYLESS  EKEYEXPIRED  /* its key is not there */
#define STORE_MISKEYED EILSEQ       /* the file of its key has another size */
#define STORE_BACK     ESTRPIPE     /* an older copy of it was put in its place */
#define STORE_LOCKED   EKEYREVOKED  /* where its key may be cannot be read now; it is not lost */
/* The credential has another size: whoever gave it can mend it, so the store is not lost. */
#define STORE_CREDENTIAL EBADRQC
/* The trustpoint that vouches for the store's servers is not there, or has no CA. */
#define STORE_TRUSTLESS ELIBACC
/* What is configured names none, or none any more. */
#define STORE_NAMELESS EDESTADDRREQ
/* Its file was removed, or another one put in its place: it is to be opened anew. */
#define STORE_MOVED ENOTUNIQ
/* TLS with the store's servers: whose certificate is wrong, and how. All but the last: theirs. */
#define STORE_UNTRUSTED ELIBBAD  /* no CA of ours vouches for it */
#define STORE_MISNAMED  ELIBSCN  /* it is of another name or address than the endpoint's */
#define STORE_OUTDATED  ELIBMAX  /* it has expired, or is not valid yet */
#define STORE_REFUSED   ELIBEXEC /* they refuse ours, or miss it */
/* An endpoint is of another store than the one that answered first. */
#define STORE_STRANGE EREMCHG
/* A password would go over the network in clear. */
#define STORE_BARE EXFULL
/* error: -errno as above; a text without a full stop. */
const char *store_error_text(int error);
/* Lost: no later moment makes it readable here. */
bool store_is_lost(int error);
/* Trustless to refused: it can be reached once somebody has mended a certificate. */
bool store_is_distrust(int error);

void store_close(struct store *s); /* NULL is fine */

#endif
