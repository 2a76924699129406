/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab: routers, the links between them, and the virtual network they live in.
 *
 * struct lab_spec is what a topology file says (lab_yaml.c reads it); it lives in one arena. struct
 * lab is that come alive: one sim, and for every node a struct node and a struct router. The lab
 * owns the sim, the routers and the nodes; the spec is borrowed and outlives it.
 */
#ifndef TESTUDO_LAB_H
#define TESTUDO_LAB_H

#include "cli/device/router.h"
#include "compiler/base/diag.h"
#include "runtime/host/linux/linux.h"
#include "runtime/host/sim/sim.h"
#include "runtime/store/store_line.h"

#define LAB_NODES_MAX      250
#define LAB_LINKS_MAX      1000
#define LAB_ENDS_MAX       250 /* interfaces on one link */
#define LAB_ALIASES_MAX    100
#define LAB_INTERFACES_MAX 64
#define LAB_ROUTES_MAX     1000
#define LAB_FILE_MAX       (1u << 20) /* octets */
/* What the name of a node is made of, behind a letter. */
#define LAB_NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

struct lab_interface {
	const char *name; /* full IOS name */
	bool has_address;
	uint32_t addr;
	uint8_t len;
	unsigned line, column;
};

struct lab_route {
	struct prefix to;
	uint32_t via;
	unsigned line, column;
};

struct lab_node_spec {
	const char *name;
	const struct device_kind *kind;
	size_t n_interfaces;
	const struct lab_interface *interfaces;
	size_t n_routes;
	const struct lab_route *routes;
	const char *startup;   /* IOS text beyond addresses and routes; "" when none */
	unsigned startup_line; /* where it begins in the file */
	const char *config;    /* lines, indented (SCRIPT_INDENTED), after startup; NULL: none */
	const unsigned *config_lines; /* where each stands in the file */
	size_t n_config_lines;
	const char *keys; /* keystore_write's text; NULL: none. Secret */
};

struct lab_end {
	const char *node, *interface; /* full IOS name */
};

struct lab_link {
	const char *name; /* unique; names the capture */
	msec latency;
	size_t n_ends;
	const struct lab_end *ends;
};

struct lab_alias {
	const char *name;
	size_t n_nodes;
	const char *const *nodes;
};

struct lab_spec {
	const char *file, *name;
	size_t n_nodes;
	const struct lab_node_spec *nodes;
	size_t n_links;
	const struct lab_link *links;
	size_t n_aliases;
	const struct lab_alias *aliases;
	const char *clock;   /* as the file has it; NULL: it does not say when nodes begin */
	msec wall;           /* what it says: since 1970, UTC */
	struct arena *arena; /* owns all of it */
};

/*
 * Reads a topology. NULL when it has errors; they are in diags (initialised by the caller), each
 * with line and column, all of them at once.
 */
struct lab_spec *lab_spec_parse(const char *file, const char *text, size_t n,
                                struct diag_list *diags);
void lab_spec_free(struct lab_spec *spec);
const struct lab_node_spec *lab_spec_node(const struct lab_spec *spec, const char *name);
const struct lab_alias *lab_spec_alias(const struct lab_spec *spec, const char *name);

/*
 * "f0/0" to "FastEthernet0/0", as the grammar reads interface names, in the arena; NULL when it is
 * none.
 */
const char *lab_interface_name(struct arena *a, const char *text);

/*
 * Adds the configuration a node starts with: host name, interfaces, routes, startup. Routes whose
 * lines name an interface, which has its name from what comes behind it, are not in it.
 */
void lab_startup_text(const struct lab_node_spec *node, struct text *ret);
/*
 * Writes those routes, a line each, for a node that has this configuration by now. ret_lines: where
 * each of them stands in the file, n_routes at most. The return value is how many there are; lost:
 * gets those that cannot be written, since no interface with a name leads to their next hop.
 */
size_t lab_routes_text(const struct lab_node_spec *node, const struct tree *t, struct text *ret,
                       unsigned *ret_lines,
                       void (*lost)(void *arg, const struct lab_route *route, const char *why),
                       void *arg);

struct text;
struct lab;
struct lab_keeper;
/*
 * The lab as it is now, as a topology file: every node's running configuration and its keys, which
 * makes the text a secret.
 */
void lab_export(struct lab *lab, struct text *out);

/* --- alive ------------------------------------------------------------------------------------ */

struct lab_options {
	/*
	 * Where the nodes live: NULL, in a virtual network; else on this machine, each in a network
	 * namespace (lab_netns.c), in real time. A libuv loop, borrowed.
	 */
	void *netns_loop;
	struct lab_keeper *keeper; /* there: borrowed, it outlives the lab */
	int speaker; /* there: the line to who runs FRR (frr_speaker.h), borrowed; -1: nobody */
	enum linux_dataplane dataplane; /* there */
	uint64_t seed;
	int64_t wall;     /* milliseconds since 1970 when the lab begins */
	const char *pcap; /* a directory that exists; NULL: no captures */
	/*
	 * Where nodes keep what they save, and their flash (lab_keep_open made it); they start with
	 * what is there. NULL: nothing outlives the lab.
	 */
	const char *keep;
	/* As in node_config: NULL runs jobs on the spot, or in virtual time (lab_wait.h). */
	void (*submit)(void *arg, struct node *node, struct job *job);
	/* As in router_hooks: NULL commits every line at once. */
	void (*touched)(void *arg, struct router *router);
	void *arg;
	/*
	 * What stands between node i and the store that key servers share, and owns the door to it
	 * that it takes; NULL: nothing.
	 */
	struct store *(*shared)(void *arg, size_t i, struct store *take_door);
	/*
	 * Called once the network is made, before a node lives in it; false: none may. NULL: each
	 * may.
	 */
	bool (*placed)(void *arg);
	/*
	 * A startup line that the node refused: of a file that it keeps (line 0: why none of it
	 * could be read), or (NULL) of the topology, where the line is known, else 0.
	 */
	void (*refused)(void *arg, const char *node, const char *file, unsigned line,
	                const char *text);
};

/* Builds and boots every node at time 0. NULL and *ret_error (static) when it cannot be built. */
struct lab *lab_new(const struct lab_spec *spec, const struct lab_options *options,
                    const char **ret_error);
void lab_free(struct lab *lab);
/* From now on its time follows the machine's, and its store may be asked by other threads. */
void lab_go_live(struct lab *lab);
/* The lab ends: nodes in namespaces let go of the loop, so that it can come to its end. */
void lab_leave(struct lab *lab);

const struct lab_spec *lab_spec(const struct lab *lab);
struct sim *lab_sim(struct lab *lab); /* NULL: in namespaces */
/* Time as the lab has it: virtual, or the machine's. */
msec lab_now(const struct lab *lab);
void lab_run_until(struct lab *lab, msec when);
/* To the next event, not beyond the limit; false: nothing comes before it. */
bool lab_step(struct lab *lab, msec limit);
/* How long a typed line takes at least. */
msec lab_line_time(const struct lab *lab);
/* Shares of the packets, 0..1, on every link. 0, or -EOPNOTSUPP where links cannot be made to. */
enum lab_fault { LAB_LOSS, LAB_DUPLICATE, LAB_REORDER, LAB_FAULTS };
int lab_faults(struct lab *lab, const double faults[LAB_FAULTS]);
/* By the name in the topology; NULL when there is none. */
struct router *lab_router(struct lab *lab, const char *name);
/* In the order of the file. */
struct router *lab_router_at(struct lab *lab, size_t i);

/* Was anything saved on that node (`write memory`), or erased? */
bool lab_saved(const struct lab *lab, size_t i);
/* In what that node keeps its records; a lab's own, and it outlives the node. */
struct store *lab_store_at(struct lab *lab, size_t i);
/* What key servers of several nodes share; the lab's own. */
struct store *lab_store_shared(struct lab *lab);
/* Of the store that key servers share: false: there is no such node. */
bool lab_store_line(struct lab *lab, const char *node, enum store_line_state state);
/*
 * Each call of the node to it takes so many milliseconds: store_line.h. They are virtual where time
 * is, and answers come while other things happen. False: there is no such node.
 */
bool lab_store_slow(struct lab *lab, const char *node, msec time);

/* Tells of each end of a link that has the address of another end, as they are configured now. */
typedef void lab_twins(void *arg, const struct lab_end *one, const struct lab_end *other,
                       const char *addr);
void lab_tell_twins(struct lab *lab, lab_twins *tell, void *arg);

/* 0, or -ENOENT for no such node or interface. interface: in any spelling. */
int lab_link_set(struct lab *lab, const char *node, const char *interface, bool up);
int lab_crash(struct lab *lab, const char *node); /* to a node that is down: nothing happens */
int lab_boot(struct lab *lab, const char *node);  /* to a node that is up: nothing happens */

#endif
