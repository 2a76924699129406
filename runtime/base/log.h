/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines in the vendor's form: %FACILITY-SEVERITY-MNEMONIC: text. The texts are in events.def;
 * LOG(sink, GM_REGS_COMPL, ks, group, addr) checks its arguments against the text when compiled.
 */
#ifndef TESTUDO_LOG_H
#define TESTUDO_LOG_H

#include <inttypes.h>

#include "compiler/base/base.h"

#define LOG_TEXT_MAX 512

enum event_id {
#define EVENT(id, facility, severity, mnemonic, format) EV_##id,
#include "runtime/base/events.def"
#undef EVENT
	EV_COUNT
};

/* What `debug crypto ...` can turn on: bits. */
enum debug_what {
	DEBUG_ISAKMP = 1,
	DEBUG_IPSEC = 2,
	/* `debug crypto gdoi ks` */
	DEBUG_KS_INFRASTRUCTURE = 4, /* policy and keys */
	DEBUG_KS_REGISTRATION = 8,
	DEBUG_KS_REKEY = 16,
	/* `debug crypto gdoi gm` */
	DEBUG_GM_INFRASTRUCTURE = 32,
	DEBUG_GM_REGISTRATION = 64,
	DEBUG_GM_REKEY = 128,
	DEBUG_KS_COOP = 256, /* `debug crypto gdoi ks coop` */
};

struct log_record {
	enum event_id id;        /* EV_COUNT: a debug line, in words of its own */
	uint8_t severity;        /* 0 emergencies .. 7 debugging */
	char text[LOG_TEXT_MAX]; /* "%GDOI-5-GM_REGS_COMPL: ...", no line end */
};

/* Where log records go; the sink copies what it keeps. Never hand it a secret. */
struct log_sink {
	void (*write)(void *arg, const struct log_record *record);
	void *arg;
	const unsigned *debug; /* enum debug_what; NULL: none. Borrowed, read at every line */
};

#define EVENT(id, facility, severity, mnemonic, format)                                            \
	__attribute__((unused)) static const char log_format_##id[] = format;
#include "runtime/base/events.def"
#undef EVENT

#define LOG(sink, id, ...) log_write(sink, EV_##id, log_format_##id, ##__VA_ARGS__)

/* Use LOG; this is its function. A NULL sink is silence. */
void log_write(const struct log_sink *sink, enum event_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * A line for who looks for a fault, when that kind of debugging is on; else its arguments are not
 * even evaluated. The same rule: never a key, a nonce or what is made of them.
 */
#define DEBUG(sink, what, ...)                                                                     \
	do {                                                                                       \
		if ((sink)->debug && (*(sink)->debug & (what)))                                    \
			log_debug(sink, __VA_ARGS__);                                              \
	} while (0)

/* Use DEBUG; this is its function. */
void log_debug(const struct log_sink *sink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
