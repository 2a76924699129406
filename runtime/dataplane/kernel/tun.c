/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Userspace ESP on Linux: see tun.h. A TUN device for every interface that carries a group; marks
 * set by our nftables table and one routing rule a device steer traffic into it, what the ESP code
 * made of a packet is written back and routed by its true destination.
 *
 *   LAN --> prerouting: the ACL permits -> mark 0x7eNN --> table 847+NN --> tun --> ESP
 *       --> tun --> core
 *   this machine --> output (type route): the ACL permits -> mark --> the same
 *   core --> prerouting: ESP, a group's SPI -> mark 0x7eNN | 0x40 --> table 863+NN: local
 *       --> raw socket --> clear --> tun --> LAN or this machine
 *
 * ESP is taken as if it were this machine's, which its own members' is anyway: a raw socket bound
 * to the core device gets it whole, however many pieces it came in. The route for clear packets has
 * an MTU that leaves room for ESP, so that path MTU discovery and fragmentation are the kernel's.
 * When this process dies its devices go; the rules, the marks and the unreachable route behind the
 * device stay: the door is closed. The next tun_new of the namespace clears them away.
 */
#define _GNU_SOURCE
#include "runtime/dataplane/kernel/tun_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "runtime/base/netns.h"
#include "runtime/base/path.h"

#define TABLE_FIRST      847
#define RULE_FIRST       8470
#define PROTOCOL_OURS    84 /* as the host marks its routes */
#define UNREACHABLE_LAST 4278198272u
#define RAW_BUFFER       4194304 /* octets of ESP that may wait */
#define BATCH            64      /* packets read before others have their turn */

/* What ESP adds at most: outer header, ESP, IV, padding, trailer, ICV. */
#define ESP_OVERHEAD (IP4_HEADER + 8 + 16 + 15 + 2 + 32)

/* --- rtnetlink: rules and tables -------------------------------------------------------------- */

static int
no_answer(const struct nlmsghdr *h, void *arg)
{
	(void)h;
	(void)arg;
	return MNL_CB_OK;
}

static int
send_request(struct tun *t, struct nlmsghdr *h)
{
	char buf[8192];
	ssize_t got;

	h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_seq = ++t->seq;
	if (mnl_socket_sendto(t->nl, h, h->nlmsg_len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(t->nl, buf, sizeof(buf));
	if (got < 0)
		return -errno;
	return mnl_cb_run(buf, (size_t)got, h->nlmsg_seq, mnl_socket_get_portid(t->nl), no_answer,
	                  NULL) < 0
	           ? -errno
	           : 0;
}

/* Slots of marks, rules and tables: the clear packets of every device, then their ESP. */
#define SLOT_ESP 0x40
#define SLOTS    2

static unsigned
device_slot(unsigned device, bool esp)
{
	return device + (esp ? TUN_DEVICES_MAX : 0);
}

uint32_t
tun_mark(unsigned device, bool esp)
{
	return MARK_STEER | device | (esp ? SLOT_ESP : 0);
}

/* ip rule [add|del] priority P fwmark 0x7eNN/0xffff lookup T protocol 84 */
static int
rule_change(struct tun *t, unsigned i, bool esp, bool add)
{
	char buf[512];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	h->nlmsg_type = add ? RTM_NEWRULE : RTM_DELRULE;
	h->nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
	r->family = AF_INET;
	r->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(h, FRA_PRIORITY, RULE_FIRST + device_slot(i, esp));
	mnl_attr_put_u32(h, FRA_FWMARK, tun_mark(i, esp));
	mnl_attr_put_u32(h, FRA_FWMASK, 0xffff);
	mnl_attr_put_u32(h, FRA_TABLE, TABLE_FIRST + device_slot(i, esp));
	mnl_attr_put_u8(h, FRA_PROTOCOL, PROTOCOL_OURS);
	return send_request(t, h);
}

/* A default route: clear packets out of a device, ESP to ourselves, or unreachable behind both. */
static int
default_change(struct tun *t, unsigned i, bool esp, unsigned device, unsigned mtu, bool add)
{
	char buf[512];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
	h->nlmsg_flags = add ? NLM_F_CREATE | NLM_F_REPLACE : 0;
	m->rtm_family = AF_INET;
	m->rtm_table = RT_TABLE_UNSPEC;
	m->rtm_protocol = PROTOCOL_OURS;
	m->rtm_type = !device ? RTN_UNREACHABLE : esp ? RTN_LOCAL : RTN_UNICAST;
	m->rtm_scope = !device ? RT_SCOPE_UNIVERSE : esp ? RT_SCOPE_HOST : RT_SCOPE_LINK;
	mnl_attr_put_u32(h, RTA_TABLE, TABLE_FIRST + device_slot(i, esp));
	if (device)
		mnl_attr_put_u32(h, RTA_OIF, device);
	else
		mnl_attr_put_u32(h, RTA_PRIORITY, UNREACHABLE_LAST);
	if (mtu) {
		/* Locked: forwarding heeds the MTU of a route only then. */
		struct nlattr *metrics = mnl_attr_nest_start(h, RTA_METRICS);

		mnl_attr_put_u32(h, RTAX_LOCK, 1u << RTAX_MTU);
		mnl_attr_put_u32(h, RTAX_MTU, mtu);
		mnl_attr_nest_end(h, metrics);
	}
	return send_request(t, h);
}

/* --- the devices ------------------------------------------------------------------------------ */

static int
write_sysctl(const char *device, const char *name, const char *value)
{
	char path[128];
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", device, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		error = -errno;
	close(fd);
	return error;
}

static int
device_up(struct tun_device *d, int fd)
{
	struct ifreq r = {.ifr_mtu = 0};

	memcpy(r.ifr_name, d->core, IFNAMSIZ);
	if (ioctl(fd, SIOCGIFMTU, &r))
		return -errno;
	d->mtu = (unsigned)r.ifr_mtu;
	d->core_index = if_nametoindex(d->core);
	memcpy(r.ifr_name, d->name, IFNAMSIZ);
	r.ifr_mtu = (int)d->mtu;
	if (ioctl(fd, SIOCSIFMTU, &r) || ioctl(fd, SIOCGIFFLAGS, &r))
		return -errno;
	r.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r) ? -errno : 0;
}

/* A descriptor, or -errno, which is logged. */
static int
open_tun(const struct log_sink *log)
{
	static const char path[] = "/dev/net/tun";
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), error = errno;

	if (fd >= 0)
		return fd;
	LOG(log, HOST_ERROR, path, strerror(error));
	return -error;
}

void
tun_try(const struct log_sink *log)
{
	int fd = open_tun(log);

	if (fd >= 0)
		close(fd);
}

/*
 * Packets that come out of the device have the source addresses of those that went in, this
 * machine's own among them: the kernel must not drop them as spoofed.
 */
static int
device_open_inside(void *arg)
{
	struct tun_device *d = arg;
	struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	const int room = RAW_BUFFER;
	int fd, error;

	d->fd = open_tun(d->tun->o.log);
	if (d->fd < 0)
		return d->fd;
	memcpy(r.ifr_name, d->name, IFNAMSIZ);
	if (ioctl(d->fd, TUNSETIFF, &r))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	d->raw = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ESP);
	if (d->raw < 0 ||
	    setsockopt(d->raw, SOL_SOCKET, SO_BINDTODEVICE, d->core, (socklen_t)strlen(d->core)) ||
	    setsockopt(d->raw, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room))) {
		error = -errno;
		close(fd);
		return error;
	}
	write_sysctl(d->name, "rp_filter", "0");
	write_sysctl(d->name, "accept_local", "1");
	write_sysctl(d->name, "send_redirects", "0");
	error = device_up(d, fd);
	close(fd);
	return error;
}

/*
 * Writes a packet back to the device. A packet that the kernel does not take now is lost, as
 * packets may be.
 */
static void
give_back(struct tun_device *d, const struct packet *p)
{
	if (write(d->fd, packet_span(p).p, p->n) < 0)
		return;
}

/*
 * in: ESP of the group, read from the raw socket; otherwise a packet to encrypt, read from the TUN
 * device.
 */
static void
carry_packet(struct tun_device *d, struct packet *p, bool in)
{
	size_t mtu = 0;
	msec now = (msec)(uv_hrtime() / 1000000);

	if ((in ? esp_input(d->port, p, false, now)
	        : esp_output(d->port, p, false, IP4_PACKET_MAX, &mtu, now)) == ESP_DONE)
		give_back(d, p);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct tun_device *d = poll->data;
	struct tun *t = d->tun;
	int fd = poll == &d->poll ? d->fd : d->raw;

	(void)status;
	(void)events;
	for (int i = 0; i < BATCH; i++) {
		struct packet p = packet_in(t->buffer, sizeof(t->buffer), 0);
		ssize_t n = read(fd, packet_data(&p), TUN_PACKET_BUFFER);

		if (n <= 0)
			return;
		p.n = (size_t)n;
		carry_packet(d, &p, fd == d->raw);
	}
}

static struct tun_device *
device_find(const struct tun *t, const char *interface)
{
	for (size_t i = 0; i < t->n_devices; i++)
		if (!strcmp(t->devices[i]->interface, interface))
			return t->devices[i];
	return NULL;
}

static int
device_new(struct tun *t, const char *interface, struct tun_device **ret)
{
	const char *core = t->o.device(t->o.arg, interface);
	unsigned i = (unsigned)t->n_devices;
	struct tun_device *d;
	int error;

	if (!core)
		return -ENODEV;
	if (i == TUN_DEVICES_MAX)
		return -ENOSPC;
	d = x_alloc(sizeof(*d));
	d->tun = t;
	strncpy(d->interface, interface, sizeof(d->interface) - 1);
	strncpy(d->core, core, sizeof(d->core) - 1);
	snprintf(d->name, sizeof(d->name), "testudo%u", i);
	d->port = esp_port(t->esp, interface);
	d->fd = d->raw = -1;
	error = netns_inside(t->o.netns, device_open_inside, d);
	if (error) {
		if (d->fd >= 0)
			close(d->fd);
		if (d->raw >= 0)
			close(d->raw);
		free(d);
		return error;
	}
	uv_poll_init(t->o.loop, &d->poll, d->fd);
	uv_poll_init(t->o.loop, &d->raw_poll, d->raw);
	d->poll.data = d->raw_poll.data = d;
	t->open_handles += 2;
	t->devices[t->n_devices++] = d;
	uv_poll_start(&d->poll, UV_READABLE, on_readable);
	uv_poll_start(&d->raw_poll, UV_READABLE, on_readable);
	*ret = d;
	return 0;
}

unsigned
tun_index(const struct tun *t, const struct tun_device *d)
{
	unsigned i = 0;

	while (t->devices[i] != d)
		i++;
	return i;
}

struct lookup {
	const char *name;
	unsigned index;
};

static int
lookup_inside(void *arg)
{
	struct lookup *l = arg;

	l->index = if_nametoindex(l->name);
	return l->index ? 0 : -errno;
}

static struct tun_device *
known_by_index(const struct tun *t, unsigned index)
{
	for (size_t i = 0; i < t->n_devices; i++)
		if (index && t->devices[i]->core_index == index)
			return t->devices[i];
	return NULL;
}

struct tun_device *
tun_device_by_index(struct tun *t, unsigned index)
{
	struct tun_device *d = known_by_index(t, index);

	if (d)
		return d;
	/* A device that was taken away and made again has another number. */
	for (size_t i = 0; i < t->n_devices; i++) {
		struct lookup l = {.name = t->devices[i]->core};

		netns_inside(t->o.netns, lookup_inside, &l);
		t->devices[i]->core_index = l.index;
	}
	return known_by_index(t, index);
}

/* The tables behind the marks: the device, and the closed door. */
static int
steer_device(struct tun *t, struct tun_device *d)
{
	unsigned room = d->mtu > ESP_OVERHEAD + 68 ? d->mtu - ESP_OVERHEAD : 68,
		 i = tun_index(t, d);

	if (d->df == DF_CLEAR) /* what does not fit is cut once it is encrypted */
		room = d->mtu;

	for (int esp = 0; esp < SLOTS; esp++) {
		struct lookup l = {.name = esp ? "lo" : d->name};
		int error = netns_inside(t->o.netns, lookup_inside, &l);

		if (!error)
			error = default_change(t, i, esp, 0, 0, true);
		if (!error)
			error = default_change(t, i, esp, l.index, esp ? 0 : room, true);
		if (!error)
			error = rule_change(t, i, esp, true);
		if (error && error != -EEXIST)
			return error;
	}
	return 0;
}

/* Removes the rules and tables of a device; those that are not there are no error. */
static void
unsteer_device(struct tun *t, unsigned i)
{
	for (int esp = 0; esp < SLOTS; esp++) {
		struct lookup l = {.name = "lo"};

		rule_change(t, i, esp, false);
		default_change(t, i, esp, 0, 0, false);
		if (esp && !netns_inside(t->o.netns, lookup_inside, &l))
			default_change(t, i, esp, l.index, 0, false);
	}
}

/* --- the four operations ---------------------------------------------------------------------- */

static struct tun_group **
group_find(struct tun *t, const char *name)
{
	struct tun_group **at = &t->groups;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void
group_free(struct tun_group *g)
{
	if (!g)
		return;
	free(g->name);
	free(g->bindings);
	free(g->entries);
	free(g->dropped);
	free(g->open);
	free(g);
}

static int
group_bind(struct tun *t, struct tun_group *g, const struct dp_group *d)
{
	g->bindings = x_alloc((d->n_bindings + 1) * sizeof(*g->bindings));
	for (size_t i = 0; i < d->n_bindings; i++) {
		struct tun_device *device = device_find(t, d->bindings[i].interface);
		int error;

		/* A group without policy needs no device yet. */
		if (!device && d->n_entries) {
			error = device_new(t, d->bindings[i].interface, &device);
			if (!error)
				device->df = d->bindings[i].df;
			if (!error)
				error = steer_device(t, device);
			if (error)
				return error;
		}
		if (device && device->df != d->bindings[i].df) {
			device->df = d->bindings[i].df;
			error = steer_device(t, device);
			if (error)
				return error;
		}
		g->bindings[g->n_bindings].seq = d->bindings[i].seq;
		g->bindings[g->n_bindings++].device = device;
	}
	return 0;
}

static struct tun_group *
group_copy(const struct dp_group *d, const struct tun_group *old)
{
	struct tun_group *g = x_alloc(sizeof(*g));

	g->name = x_strdup(d->name);
	g->direction = d->direction;
	g->n_entries = d->n_entries;
	g->entries = x_alloc((d->n_entries + 1) * sizeof(*g->entries));
	g->dropped = x_alloc((d->n_entries + 1) * sizeof(*g->dropped));
	g->open = x_alloc((d->n_entries + 1) * sizeof(*g->open));
	for (size_t i = 0; i < d->n_entries; i++) {
		g->entries[i] = d->entries[i];
		for (size_t k = 0; old && k < old->n_entries; k++)
			if (selector_equal(&old->entries[k].selector, &g->entries[i].selector)) {
				g->dropped[i] = old->dropped[k];
				g->open[i] = old->open[k];
			}
	}
	for (size_t i = 0; i < d->n_sas; i++)
		g->spis[g->n_spis++] = d->sas[i].spi;
	return g;
}

/*
 * Does all of it or nothing: when the kernel refuses to steer a group's traffic, the ESP code is
 * not told of the group. No packet is read in between, since the loop is one thread.
 */
static int
op_set(struct dataplane *dp, const struct dp_group *d)
{
	struct tun *t = (struct tun *)dp;
	struct tun_group **at = group_find(t, d->name), *old = *at, *g;
	bool refused = false;
	int error;

	if (d->n_sas > DP_SAS_MAX || d->n_entries > DP_SELECTORS_MAX)
		return -E2BIG;
	tun_rules_count(t);
	g = group_copy(d, old);
	error = group_bind(t, g, d);
	if (error) {
		group_free(g);
		return error;
	}
	g->next = old ? old->next : NULL;
	*at = g;
	error = tun_rules_render(t);
	if (!error) {
		error = t->esp->ops->set(t->esp, d);
		refused = error != 0;
	}
	*at = error ? old : g;
	group_free(error ? g : old);
	if (refused)
		tun_rules_render(t);
	return error;
}

static void
op_clear(struct dataplane *dp, const char *name)
{
	struct tun *t = (struct tun *)dp;
	struct tun_group **at = group_find(t, name), *g = *at;

	if (!g)
		return;
	tun_rules_count(t);
	*at = g->next;
	group_free(g);
	tun_rules_render(t);
	t->esp->ops->clear(t->esp, name);
}

static bool
op_stat(struct dataplane *dp, const char *name, struct dp_stat *ret)
{
	struct tun *t = (struct tun *)dp;
	struct tun_group *g = *group_find(t, name);

	if (!g || !t->esp->ops->stat(t->esp, name, ret))
		return false;
	/* The counters are read, and start anew. */
	tun_rules_count(t);
	tun_rules_render(t);
	for (size_t i = 0; i < g->n_entries && i < ret->n_entries; i++) {
		ret->entries[i].clear_drops += g->dropped[i];
		ret->entries[i].send_errors += g->open[i];
	}
	return true;
}

static void
tun_free(struct tun *t)
{
	for (size_t i = 0; i < t->n_devices; i++)
		free(t->devices[i]);
	free(t->name);
	free(t);
}

static void
handle_gone(struct tun *t)
{
	if (!--t->open_handles)
		tun_free(t);
}

static void
on_device_closed(uv_handle_t *handle)
{
	handle_gone(((struct tun_device *)handle->data)->tun);
}

static void
on_queue_closed(uv_handle_t *handle)
{
	handle_gone(handle->data);
}

/* The devices go with their descriptors; rules and tables stay. */
static void
op_abandon(struct dataplane *dp)
{
	struct tun *t = (struct tun *)dp;

	for (unsigned i = 0; i < t->n_devices; i++) {
		uv_poll_stop(&t->devices[i]->poll);
		uv_poll_stop(&t->devices[i]->raw_poll);
		close(t->devices[i]->fd);
		close(t->devices[i]->raw);
	}
	nft_free(t->nft);
	if (t->nl)
		mnl_socket_close(t->nl);
	if (t->esp)
		t->esp->ops->close(t->esp);
	while (t->groups) {
		struct tun_group *g = t->groups;

		t->groups = g->next;
		group_free(g);
	}
	for (size_t i = 0; i < t->n_devices; i++) {
		uv_close((uv_handle_t *)&t->devices[i]->poll, on_device_closed);
		uv_close((uv_handle_t *)&t->devices[i]->raw_poll, on_device_closed);
	}
	tun_cast_close(t, on_queue_closed);
	if (!t->open_handles)
		tun_free(t);
}

/*
 * Removes everything from the kernel at once, marks first, so that nothing is steered to a device
 * that is gone.
 */
static void
op_close(struct dataplane *dp)
{
	struct tun *t = (struct tun *)dp;

	if (t->nft)
		nft_remove(t->nft);
	for (unsigned i = 0; i < t->n_devices; i++)
		unsteer_device(t, i);
	op_abandon(dp);
}

static const struct dataplane_ops tun_ops = {
    .set = op_set, .clear = op_clear, .stat = op_stat, .close = op_close, .abandon = op_abandon};

static void
on_foreign_change(void *arg)
{
	struct tun *t = arg;

	if (!t->groups)
		return;
	LOG(t->o.log, RULES_RESTORED, TUN_TABLE);
	tun_rules_count(t);
	tun_rules_render(t);
}

static int
open_netlink(void *arg)
{
	struct tun *t = arg;

	t->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	return t->nl && mnl_socket_bind(t->nl, 0, MNL_SOCKET_AUTOPID) >= 0 ? 0 : -errno;
}

int
tun_new(const struct kernel_dataplane_options *o, struct dataplane **ret)
{
	struct tun *t = x_alloc(sizeof(*t));
	int error;

	t->base.ops = &tun_ops;
	t->o = *o;
	t->name = x_strdup(o->name);
	t->esp = esp_new(o->log);
	esp_tell(t->esp, &o->events);
	esp_count_by(t->esp, o->counters);
	error = netns_inside(t->o.netns, open_netlink, t);
	if (!error)
		error = nft_new(o->netns, TUN_TABLE, &t->nft);
	if (!error)
		error = tun_cast_open(t);
	if (!error)
		error = nft_watch(t->nft, o->netns, o->loop, on_foreign_change, t);
	if (error) {
		op_abandon(&t->base);
		return error;
	}
	*ret = &t->base;
	return 0;
}

void
tun_take(struct dataplane *dp)
{
	struct tun *t = (struct tun *)dp;

	nft_remove(t->nft);
	for (unsigned i = 0; i < TUN_DEVICES_MAX; i++)
		unsteer_device(t, i);
}
