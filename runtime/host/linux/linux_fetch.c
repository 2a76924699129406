/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by HTTP, through libcurl in the event loop: HTTP alone, a few redirects to HTTP, no proxy,
 * bounded in octets and time. Its sockets, and the threads that ask for names, are made inside the
 * host's namespace.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "runtime/base/netns.h"

#define FETCHES_MAX     8 /* at one time */
#define FETCH_REDIRECTS 3L
#define CONNECT_TIMEOUT 5000L  /* milliseconds */
#define FETCH_TIMEOUT   20000L /* of all of it */
#define SLOW_BYTES      64L    /* a second, for SLOW_SECONDS: it is given up */
#define SLOW_SECONDS    10L

struct linux_fetch {
	struct linux_fetch *next;
	CURL *easy;
	struct fetch_request request;
	uint8_t *bytes;
	size_t n, capacity;
	char error[CURL_ERROR_SIZE];
};

/* A socket of curl's that the loop watches. */
struct watched {
	struct linux_host *host;
	curl_socket_t fd;
	uv_poll_t poll;
};

/* --- inside the namespace --------------------------------------------------------------------- */

struct curl_call {
	CURLM *multi;
	CURL *add;        /* NULL: something happened at the socket */
	curl_socket_t fd; /* CURL_SOCKET_TIMEOUT: time has passed */
	int flags;
};

static int
call_curl(void *arg)
{
	const struct curl_call *c = arg;
	int running;
	CURLMcode code = c->add ? curl_multi_add_handle(c->multi, c->add)
	                        : curl_multi_socket_action(c->multi, c->fd, c->flags, &running);

	return code ? -EIO : 0;
}

/* --- the end of a request --------------------------------------------------------------------- */

static struct linux_fetch *
unlink_fetch(struct linux_host *h, const CURL *easy)
{
	struct linux_fetch **at = &h->fetches, *f;

	while (*at && (*at)->easy != easy)
		at = &(*at)->next;
	f = *at;
	if (f)
		*at = f->next;
	return f;
}

static void
free_fetch(struct linux_host *h, struct linux_fetch *f)
{
	curl_multi_remove_handle(h->curl, f->easy);
	curl_easy_cleanup(f->easy);
	free(f->bytes);
	free(f);
}

static void
end_fetch(struct linux_host *h, struct linux_fetch *f, CURLcode code)
{
	const struct fetch_request r = f->request;
	const char *why = f->error[0] ? f->error : curl_easy_strerror(code);

	if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
		why = "it is too long";
	r.done(r.arg, SPAN(f->bytes, f->n), code ? why : NULL);
	free_fetch(h, f);
}

static void
read_results(struct linux_host *h)
{
	const CURLMsg *m;
	int left;

	while (h->curl && (m = curl_multi_info_read(h->curl, &left))) {
		CURLcode code = m->data.result;
		struct linux_fetch *f = unlink_fetch(h, m->easy_handle);

		if (f)
			end_fetch(h, f, code);
	}
}

static void
run_curl(struct linux_host *h, curl_socket_t fd, int flags)
{
	struct curl_call c = {.multi = h->curl, .fd = fd, .flags = flags};

	if (!h->curl)
		return;
	(void)netns_inside(h->netns, call_curl, &c); /* what fails times out */
	read_results(h);
}

/* --- curl and the loop ------------------------------------------------------------------------ */

static void
on_socket(uv_poll_t *poll, int status, int events)
{
	const struct watched *w = poll->data;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	run_curl(w->host, w->fd, flags);
}

static void
on_watched_closed(uv_handle_t *handle)
{
	struct watched *w = handle->data;
	struct linux_host *h = w->host;

	free(w);
	linux_handle_closed(h);
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct linux_host *h = arg;
	struct watched *w = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			uv_close((uv_handle_t *)&w->poll, on_watched_closed);
		curl_multi_assign(h->curl, fd, NULL);
		return 0;
	}
	if (!w) {
		w = x_alloc(sizeof(*w));
		w->host = h;
		w->fd = fd;
		if (uv_poll_init_socket(h->loop, &w->poll, fd)) {
			free(w);
			return -1;
		}
		w->poll.data = w;
		h->open_handles++;
		curl_multi_assign(h->curl, fd, w);
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&w->poll, events, on_socket);
	return 0;
}

static void
on_curl_timer(uv_timer_t *timer)
{
	run_curl(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int
set_curl_timer(CURLM *multi, long wait, void *arg)
{
	struct linux_host *h = arg;

	(void)multi;
	uv_timer_stop(&h->curl_timer);
	if (wait >= 0) {
		uv_update_time(h->loop);
		uv_timer_start(&h->curl_timer, on_curl_timer, (uint64_t)wait, 0);
	}
	return 0;
}

static size_t
take_bytes(char *data, size_t size, size_t n, void *arg)
{
	struct linux_fetch *f = arg;

	n *= size;
	if (n > f->request.size_max - f->n)
		return 0; /* less than n: an error */
	x_grow(&f->bytes, &f->capacity, f->n + n, 1);
	if (n)
		memcpy(f->bytes + f->n, data, n);
	f->n += n;
	return n;
}

/* --- a request -------------------------------------------------------------------------------- */

static bool
open_curl(struct linux_host *h)
{
	static bool begun;

	if (!begun)
		begun = curl_global_init(CURL_GLOBAL_NOTHING) == 0;
	if (!h->curl && begun) {
		h->curl = curl_multi_init();
		if (!h->curl)
			return false;
		uv_timer_init(h->loop, &h->curl_timer);
		linux_handle(h, (uv_handle_t *)&h->curl_timer);
		curl_multi_setopt(h->curl, CURLMOPT_SOCKETFUNCTION, watch_socket);
		curl_multi_setopt(h->curl, CURLMOPT_SOCKETDATA, h);
		curl_multi_setopt(h->curl, CURLMOPT_TIMERFUNCTION, set_curl_timer);
		curl_multi_setopt(h->curl, CURLMOPT_TIMERDATA, h);
	}
	return h->curl != NULL;
}

static bool
set_options(struct linux_fetch *f)
{
	CURL *e = f->easy;
	const curl_off_t size_max = (curl_off_t)f->request.size_max;

	/* A scheme that is not allowed would be a way to what the process alone can reach. */
	if (curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http") ||
	    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http") ||
	    curl_easy_setopt(e, CURLOPT_URL, f->request.url) ||
	    curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, size_max) ||
	    curl_easy_setopt(e, CURLOPT_PROXY, "") ||
	    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, FETCH_TIMEOUT))
		return false;
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(e, CURLOPT_MAXREDIRS, FETCH_REDIRECTS);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
	curl_easy_setopt(e, CURLOPT_IPRESOLVE, CURL_IPRESOLVE_V4);
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* waits for no name server */
	curl_easy_setopt(e, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "Testudo");
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, f->error);
	return true;
}

int
linux_fetch_start(struct linux_host *h, const struct fetch_request *r)
{
	struct curl_call c = {0};
	struct linux_fetch *f;
	size_t n = 0;

	for (f = h->fetches; f; f = f->next)
		n++;
	if (n >= FETCHES_MAX)
		return -EBUSY;
	if (!open_curl(h))
		return -ENOMEM;
	f = x_alloc(sizeof(*f));
	f->request = *r;
	f->easy = curl_easy_init();
	if (!f->easy || !set_options(f)) {
		curl_easy_cleanup(f->easy);
		free(f);
		return -EINVAL;
	}
	f->next = h->fetches;
	h->fetches = f;
	c.multi = h->curl;
	c.add = f->easy;
	if (netns_inside(h->netns, call_curl, &c)) {
		free_fetch(h, unlink_fetch(h, f->easy));
		return -EIO;
	}
	return 0;
}

void
linux_fetch_close(struct linux_host *h)
{
	while (h->fetches)
		free_fetch(h, unlink_fetch(h, h->fetches->easy));
	if (!h->curl)
		return;
	uv_timer_stop(&h->curl_timer);
	curl_multi_cleanup(h->curl);
	h->curl = NULL;
}
