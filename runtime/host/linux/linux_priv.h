/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the Linux host only: its parts, each in a file of its own. */
#ifndef TESTUDO_LINUX_PRIV_H
#define TESTUDO_LINUX_PRIV_H

#include <linux/if_link.h>

#include "compiler/base/text.h"
#include "runtime/host/linux/linux.h"
#include "runtime/host/traffic.h"

/* The mark of our routes and addresses in the kernel: `ip route show proto 84`. */
#define RTPROT_TESTUDO 84
#define LINUX_NAME_MAX 64
#define LINUX_DOORS    2 /* ports that a node of a lab listens at */

struct linux_device {
	char name[LINUX_NAME_MAX];   /* IOS */
	char device[LINUX_NAME_MAX]; /* the kernel's */
	bool was_up, switched;       /* as found; whether we changed it */
	bool line_up, known;         /* as last told */
	unsigned index;              /* of whoever had the kernel's name last; 0: nobody */
	uint32_t learned;            /* an address that is not ours, as last told; 0: none */
	uint8_t learned_len;

	/* linux_traffic.c */
	bool sampled, was_cleared;
	msec cleared_at;
	struct rtnl_link_stats64 seen,
	    base;               /* when last looked at; when the counters were cleared */
	struct traffic in, out; /* for their rates and times */
};

struct linux_addr {
	unsigned index; /* of the device */
	uint32_t addr;
	uint8_t len;
	char name[LINUX_NAME_MAX]; /* of the interface, IOS */
};

struct linux_gateway {
	struct prefix to;
	uint32_t via;
	unsigned index; /* 0: by the gateway */
	uint8_t metric;
	bool installed;
};

struct linux_echo;
struct linux_fetch;
struct linux_knock;
struct nft;
struct reading;
struct mnl_socket;

struct linux_host {
	struct host host;
	struct host_ops ops;
	uv_loop_t *loop;
	char *name;
	int netns; /* -1: the process's own */
	struct host_events events;
	bool keep;

	/* linux_frr.c */
	int (*speak)(void *arg, unsigned daemons, const char *text);
	bool (*ask)(void *arg, enum frr_question question, struct text *ret);
	void *speak_arg;
	bool spoken;        /* FRR has the routes */
	struct text speech; /* what it was told last */

	const char *why; /* not the kernel's ESP; NULL: it is */
	char dataplane_text[96];
	enum linux_dataplane kind; /* as asked for */
	struct dataplane *dataplane;
	struct counters *counters; /* outlive it */
	size_t n_devices, devices_capacity;
	struct linux_device *devices;

	/* linux_net.c */
	struct mnl_socket *nl, *monitor;
	uint32_t nl_seq;
	uv_poll_t monitor_poll;
	size_t n_addrs, addrs_capacity;
	struct linux_addr *addrs; /* ours */
	size_t n_gateways, gateways_capacity;
	struct linux_gateway *gateways; /* ours */
	bool forwarding_set;
	char forwarding_was;

	/* linux_udp.c */
	int udp;                        /* port 848 */
	int openings;                   /* the same for strangers, -1: linux_openings.c */
	struct udp_listener *listeners; /* other ports */
	uv_poll_t udp_poll, openings_poll;
	uv_prepare_t udp_flush;
	struct udp_batch *batch;

	/* linux_echo.c */
	int icmp;
	uv_poll_t icmp_poll;
	uint16_t echo_id, echo_seq;
	struct linux_echo *echoes;

	/* linux_knock.c */
	bool terminals; /* it listens, and knocks */
	int doors[LINUX_DOORS];
	uv_poll_t door_polls[LINUX_DOORS];
	uv_timer_t door_rest;
	struct linux_knock *knocks;

	/* linux_fetch.c */
	void *curl; /* NULL: nothing was ever fetched */
	uv_timer_t curl_timer;
	struct linux_fetch *fetches;

	/* linux_filter.c */
	struct filter *filter;              /* keeps the counts, explains; sees no packet */
	const struct policy *filter_policy; /* that it has */
	char *filter_table;
	struct nft *filter_nft; /* NULL: not needed so far */
	size_t filter_rules_len;
	char *filter_rules; /* in the kernel, as messages without counts; NULL: none */
	bool filter_there;  /* our table is in the kernel, if with rules of an earlier policy */
	bool filter_cleaned;
	msec filter_read_at;
	struct reading *filter_reading; /* while connections are read */

	uv_timer_t sampling; /* linux_traffic.c */

	uv_timer_t timer;
	int open_handles;
};

/* Has FRR speak what the policy says; true: static routes are FRR's, too. */
bool linux_frr_apply(struct linux_host *h, const struct policy *p);
void linux_frr_end(struct linux_host *h);
/* What FRR has selected, if it answers, by address and length. Returns how many. */
size_t linux_frr_routes(struct linux_host *h, struct arena *a, const struct frr_route **ret);
const struct routing_state *linux_frr_neighbors(struct host *host, struct arena *a);
/* Runs fn inside the host's namespace; its result, or -errno of the way there. */
int linux_inside(const struct linux_host *h, int (*fn)(struct linux_host *h),
                 struct linux_host *arg);
/* A handle of the loop that linux_close will close. */
void linux_handle(struct linux_host *h, uv_handle_t *handle);
/* Called when a handle that was closed elsewhere is gone; frees the host when it was the last. */
void linux_handle_closed(struct linux_host *h);
msec linux_now(void);

int linux_net_open(struct linux_host *h); /* inside */
int linux_net_start(struct linux_host *h);
void linux_net_take(struct linux_host *h); /* removes what a killed run left */
int linux_net_apply(struct linux_host *h, const struct policy *p);
void linux_net_close(struct linux_host *h);
const struct policy_learned *linux_net_learned(struct linux_host *h, struct arena *a,
                                               size_t *ret_n);
const struct host_interface *linux_net_interfaces(struct linux_host *h, struct arena *a,
                                                  size_t *ret_n);
const struct host_route *linux_net_routes(struct linux_host *h, struct arena *a, size_t *ret_n);
/* Counters and rates of the devices, and the neighbours on them: linux_traffic.c. */
struct rtnl_link;
int linux_traffic_start(struct linux_host *h);
void linux_traffic_show(struct linux_device *d, const struct rtnl_link *l,
                        struct host_interface *ret);
void linux_traffic_clear(struct host *host, const char *interface);
const struct host_neighbor *linux_neighbors(struct host *host, struct arena *a, size_t *ret_n);

const char *linux_device_of(const struct linux_host *h, const char *interface); /* NULL: none */
const char *linux_name_of(struct linux_host *h, const char *device);

int linux_udp_open(struct linux_host *h); /* inside */
void linux_udp_widen(int fd);             /* its queue */
/* Inside. The second socket of GDOI's port, beside the first; -errno: there is none. */
int linux_openings_open(int first);
int linux_udp_start(struct linux_host *h);
int linux_udp_join(struct linux_host *h, const char *device, uint32_t group, uint16_t port,
                   bool on);
int linux_udp_send(struct linux_host *h, const struct path *path, struct span dgram);
void linux_udp_close(struct linux_host *h);

void linux_filter_open(struct linux_host *h);
int linux_filter_apply(struct linux_host *h, const struct policy *p);
void linux_filter_forget(struct linux_host *h); /* the policy; the rules stay */
void linux_filter_close(struct linux_host *h);
uint64_t linux_filter_acl_matches(struct host *host, const char *acl, uint32_t seq);
const uint64_t *linux_filter_counters(struct host *host, const char *acl, struct arena *a,
                                      size_t *ret_n);
size_t linux_filter_clear(struct host *host, enum filter_clear what, const char *acl);
const struct filter_conn *linux_filter_conns(struct host *host, struct arena *a, size_t *ret_n);
size_t linux_conns_clear(struct linux_host *h);
int linux_filter_trace(struct host *host, const char *interface, const struct filter_packet *packet,
                       struct filter_trace *ret);

int linux_echo_open(struct linux_host *h); /* inside */
int linux_echo_start(struct linux_host *h);
int linux_echo_send(struct linux_host *h, const struct echo_request *r);
void linux_echo_cancel(struct linux_host *h, void *arg);
void linux_echo_cancel_all(struct linux_host *h);
void linux_echo_close(struct linux_host *h);

int linux_knock_open(struct linux_host *h); /* inside */
int linux_knock_listen(struct linux_host *h);
int linux_knock_start(struct host *host, const struct knock *knock);
void linux_knock_cancel(struct host *host, void *arg);
void linux_knock_cancel_all(struct linux_host *h); /* nobody is told */
void linux_knock_close(struct linux_host *h);

int linux_fetch_start(struct linux_host *h, const struct fetch_request *r);
void linux_fetch_close(struct linux_host *h); /* nobody is told */

#endif
