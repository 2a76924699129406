/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command that acts: the handlers that the grammar names. exec_*.c and show_*_cmd.c
 * implement them, commands.c joins them to the names; a name without a handler does not compile.
 */
#ifndef TESTUDO_COMMANDS_H
#define TESTUDO_COMMANDS_H

#include "cli/shell/shell.h"

typedef void command_fn(struct shell *sh, const struct command *cmd);

/* NULL: a filter, which does not act. */
command_fn *command_handler(const struct command *cmd);

/* H_ name of the grammar, function */
#define COMMANDS(X)                                                                                \
	X(EXEC_ENABLE, exec_enable)                                                                \
	X(EXEC_DISABLE, exec_disable)                                                              \
	X(SHOW_PRIVILEGE, cmd_show_privilege)                                                      \
	X(EXEC_EXIT, exec_exit)                                                                    \
	X(EXEC_PING, exec_ping)                                                                    \
	X(EXEC_PING_ASK, exec_ping_ask)                                                            \
	X(EXEC_TRACEROUTE, exec_traceroute)                                                        \
	X(EXEC_TERMINAL_LENGTH, exec_terminal_length)                                              \
	X(EXEC_TERMINAL_NO_LENGTH, exec_terminal_no_length)                                        \
	X(EXEC_TERMINAL_WIDTH, exec_terminal_width)                                                \
	X(EXEC_TERMINAL_NO_WIDTH, exec_terminal_no_width)                                          \
	X(EXEC_TERMINAL_HISTORY, exec_terminal_history)                                            \
	X(EXEC_TERMINAL_NO_HISTORY, exec_terminal_no_history)                                      \
	X(EXEC_TERMINAL_NO_HISTORY_SIZE, exec_terminal_no_history_size)                            \
	X(EXEC_TERMINAL_MONITOR, exec_terminal_monitor)                                            \
	X(EXEC_TERMINAL_NO_MONITOR, exec_terminal_no_monitor)                                      \
	X(EXEC_TERMINAL_DIALECT, exec_terminal_dialect)                                            \
	X(EXEC_TERMINAL_NO_DIALECT, exec_terminal_no_dialect)                                      \
	X(EXEC_CONFIGURE, exec_configure)                                                          \
	X(EXEC_WRITE_MEMORY, exec_write_memory)                                                    \
	X(EXEC_COPY, exec_copy)                                                                    \
	X(EXEC_DIR, exec_dir)                                                                      \
	X(EXEC_MORE, exec_more)                                                                    \
	X(EXEC_DELETE, exec_delete)                                                                \
	X(EXEC_ERASE, exec_erase)                                                                  \
	X(EXEC_RELOAD, exec_reload)                                                                \
	X(EXEC_CLEAR_CRYPTO_GDOI, exec_clear_crypto_gdoi)                                          \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_MEMBERS, exec_clear_crypto_gdoi_ks_members)                    \
	X(EXEC_CLEAR_CRYPTO_GDOI_KS_POLICY, exec_clear_crypto_gdoi_ks_policy)                      \
	X(EXEC_CRYPTO_GDOI_GM_DIRECTION, exec_crypto_gdoi_gm_direction)                            \
	X(EXEC_CRYPTO_GDOI_KS_REKEY, exec_crypto_gdoi_ks_rekey)                                    \
	X(EXEC_CLEAR_CRYPTO_ISAKMP, exec_clear_crypto_isakmp)                                      \
	X(EXEC_CLEAR_CRYPTO_SA, exec_clear_crypto_sa)                                              \
	X(EXEC_CLEAR_CRYPTO_SESSION, exec_clear_crypto_session)                                    \
	X(EXEC_CLEAR_LOGGING, exec_clear_logging)                                                  \
	X(EXEC_CLEAR_LINE, exec_clear_line)                                                        \
	X(EXEC_DEBUG_CRYPTO_GDOI, exec_debug_crypto_gdoi)                                          \
	X(EXEC_DEBUG_CRYPTO, exec_debug_crypto)                                                    \
	X(EXEC_DEBUG_ALL, exec_debug_all)                                                          \
	X(EXEC_UNDEBUG_CRYPTO_GDOI, exec_undebug_crypto_gdoi)                                      \
	X(EXEC_UNDEBUG_CRYPTO, exec_undebug_crypto)                                                \
	X(EXEC_UNDEBUG_ALL, exec_undebug_all)                                                      \
	X(CONFIG_END, config_end)                                                                  \
	X(CONFIG_EXIT, config_exit)                                                                \
	X(CONFIG_DO, config_do)                                                                    \
	X(CONFIG_KEY_CONFIG_KEY, config_key_config_key)                                            \
	X(ASA_ACCESS_LIST, asa_access_list)                                                        \
	X(ASA_ACCESS_LIST_ALL, asa_access_list_all)                                                \
	X(ASA_CLEAR_ACCESS_LIST, asa_clear_access_list)                                            \
	X(SHOW_ASA_CONN, cmd_show_asa_conn)                                                        \
	X(SHOW_ASA_ROUTE, cmd_show_asa_route)                                                      \
	X(EXEC_CLEAR_CONN, exec_clear_conn)                                                        \
	X(EXEC_CLEAR_ACCESS_LIST, exec_clear_access_list)                                          \
	X(EXEC_PACKET_TRACER, exec_packet_tracer)                                                  \
	X(SHOW_ASA_NAMEIF, cmd_show_asa_nameif)                                                    \
	X(SHOW_ASA_ACCESS_LIST, cmd_show_asa_access_list)                                          \
	X(CONFIG_ACCESS_LIST, config_access_list)                                                  \
	X(CONFIG_CRYPTO_KEY_GENERATE, config_crypto_key_generate)                                  \
	X(CONFIG_CRYPTO_KEY_ZEROIZE, config_crypto_key_zeroize)                                    \
	X(CONFIG_CRYPTO_KEY_GENERATE_EC, config_crypto_key_generate_ec)                            \
	X(CONFIG_CRYPTO_KEY_ZEROIZE_EC, config_crypto_key_zeroize_ec)                              \
	X(CONFIG_SSH_KEY_STRING, config_ssh_key_string)                                            \
	X(SHOW_IP_SSH, cmd_show_ip_ssh)                                                            \
	X(SHOW_SSH, cmd_show_ssh)                                                                  \
	X(SHOW_CRYPTO_KEY_MYPUBKEY_EC, cmd_show_crypto_key_mypubkey_ec)                            \
	X(CONFIG_CRYPTO_PKI_AUTHENTICATE, config_crypto_pki_authenticate)                          \
	X(CONFIG_CRYPTO_PKI_ENROLL, config_crypto_pki_enroll)                                      \
	X(CONFIG_CRYPTO_PKI_IMPORT, config_crypto_pki_import)                                      \
	X(SHOW_CRYPTO_PKI_CERTIFICATES, cmd_show_crypto_pki_certificates)                          \
	X(SHOW_VERSION, cmd_show_version)                                                          \
	X(SHOW_CLOCK, cmd_show_clock)                                                              \
	X(SHOW_HISTORY, cmd_show_history)                                                          \
	X(SHOW_TERMINAL, cmd_show_terminal)                                                        \
	X(SHOW_USERS, cmd_show_users)                                                              \
	X(SHOW_LINE, cmd_show_line)                                                                \
	X(SHOW_LOGGING, cmd_show_logging)                                                          \
	X(SHOW_DEBUGGING, cmd_show_debugging)                                                      \
	X(SHOW_RUNNING_CONFIG, cmd_show_running_config)                                            \
	X(SHOW_STARTUP_CONFIG, cmd_show_startup_config)                                            \
	X(SHOW_RUNNING_CONFIG_INTERFACE, cmd_show_running_config_interface)                        \
	X(SHOW_ARCHIVE_CONFIG_DIFFERENCES, cmd_show_archive_config_differences)                    \
	X(SHOW_ARCHIVE_CONFIG_INCREMENTAL, cmd_show_archive_config_incremental)                    \
	X(EXEC_CONFIGURE_REPLACE, exec_configure_replace)                                          \
	X(EXEC_CONFIGURE_CHECK, exec_configure_check)                                              \
	X(EXEC_CONFIGURE_FROM, exec_configure_from)                                                \
	X(EXEC_CONFIGURE_MEMORY, exec_configure_memory)                                            \
	X(SHOW_ARCHIVE, cmd_show_archive)                                                          \
	X(SHOW_ARCHIVE_CONFIG_ROLLBACK_TIMER, cmd_show_archive_config_rollback_timer)              \
	X(SHOW_ARCHIVE_LOG_CONFIG, cmd_show_archive_log_config)                                    \
	X(SHOW_ARCHIVE_LOG_CONFIG_STATISTICS, cmd_show_archive_log_config_statistics)              \
	X(EXEC_ARCHIVE_CONFIG, exec_archive_config)                                                \
	X(EXEC_CLEAR_ARCHIVE_LOG, exec_clear_archive_log)                                          \
	X(EXEC_CONFIGURE_REVERT_TIMER, exec_configure_revert_timer)                                \
	X(EXEC_CONFIGURE_CONFIRM, exec_configure_confirm)                                          \
	X(EXEC_CONFIGURE_REVERT_NOW, exec_configure_revert_now)                                    \
	X(EXEC_CONFIGURE_REVERT_RETIME, exec_configure_revert_retime)                              \
	X(SHOW_TESTUDO_DIAGNOSTICS, cmd_show_testudo_diagnostics)                                  \
	X(SHOW_TESTUDO_UNSUPPORTED, cmd_show_testudo_unsupported)                                  \
	X(SHOW_TESTUDO_DROPS, cmd_show_testudo_drops)                                              \
	X(SHOW_IP_ROUTE, cmd_show_ip_route)                                                        \
	X(SHOW_IP_INTERFACE_BRIEF, cmd_show_ip_interface_brief)                                    \
	X(SHOW_ACCESS_LISTS, cmd_show_access_lists)                                                \
	X(SHOW_INTERFACES, cmd_show_interfaces)                                                    \
	X(SHOW_CRYPTO_GDOI, cmd_show_crypto_gdoi)                                                  \
	X(SHOW_CRYPTO_GDOI_KS, cmd_show_crypto_gdoi_ks)                                            \
	X(SHOW_CRYPTO_GDOI_KS_MEMBERS, cmd_show_crypto_gdoi_ks_members)                            \
	X(SHOW_CRYPTO_GDOI_KS_POLICY, cmd_show_crypto_gdoi_ks_policy)                              \
	X(SHOW_CRYPTO_GDOI_KS_ACL, cmd_show_crypto_gdoi_ks_acl)                                    \
	X(SHOW_CRYPTO_GDOI_KS_REKEY, cmd_show_crypto_gdoi_ks_rekey)                                \
	X(SHOW_CRYPTO_GDOI_KS_REPLAY, cmd_show_crypto_gdoi_ks_replay)                              \
	X(SHOW_CRYPTO_GDOI_FEATURE, cmd_show_crypto_gdoi_feature)                                  \
	X(SHOW_CRYPTO_GDOI_KS_IDENTIFIER, cmd_show_crypto_gdoi_ks_identifier)                      \
	X(SHOW_CRYPTO_GDOI_GM, cmd_show_crypto_gdoi_gm)                                            \
	X(SHOW_CRYPTO_GDOI_GM_DATAPLANE, cmd_show_crypto_gdoi_gm_dataplane)                        \
	X(SHOW_CRYPTO_GDOI_GM_IDENTIFIER, cmd_show_crypto_gdoi_gm_identifier)                      \
	X(SHOW_CRYPTO_GDOI_GM_ACL, cmd_show_crypto_gdoi_gm_acl)                                    \
	X(SHOW_CRYPTO_GDOI_GM_REKEY, cmd_show_crypto_gdoi_gm_rekey)                                \
	X(SHOW_CRYPTO_GDOI_GM_REPLAY, cmd_show_crypto_gdoi_gm_replay)                              \
	X(SHOW_CRYPTO_GDOI_GM_PUBKEY, cmd_show_crypto_gdoi_gm_pubkey)                              \
	X(SHOW_CRYPTO_GDOI_IPSEC_SA, cmd_show_crypto_gdoi_ipsec_sa)                                \
	X(SHOW_CRYPTO_GDOI_REKEY_SA, cmd_show_crypto_gdoi_rekey_sa)                                \
	X(SHOW_CRYPTO_ISAKMP_SA, cmd_show_crypto_isakmp_sa)                                        \
	X(SHOW_CRYPTO_ISAKMP_SA_DETAIL, cmd_show_crypto_isakmp_sa_detail)                          \
	X(SHOW_CRYPTO_ISAKMP_SA_COUNT, cmd_show_crypto_isakmp_sa_count)                            \
	X(SHOW_CRYPTO_ISAKMP_PEERS, cmd_show_crypto_isakmp_peers)                                  \
	X(SHOW_CRYPTO_ISAKMP_POLICY, cmd_show_crypto_isakmp_policy)                                \
	X(SHOW_CRYPTO_ISAKMP_KEY, cmd_show_crypto_isakmp_key)                                      \
	X(SHOW_CRYPTO_IPSEC_SA, cmd_show_crypto_ipsec_sa)                                          \
	X(SHOW_CRYPTO_IPSEC_SA_COUNT, cmd_show_crypto_ipsec_sa_count)                              \
	X(SHOW_CRYPTO_SESSION, cmd_show_crypto_session)                                            \
	X(SHOW_CRYPTO_ENGINE_CONNECTIONS, cmd_show_crypto_engine_connections)                      \
	X(SHOW_CRYPTO_IPSEC_TRANSFORM_SET, cmd_show_crypto_ipsec_transform_set)                    \
	X(SHOW_CRYPTO_IPSEC_PROFILE, cmd_show_crypto_ipsec_profile)                                \
	X(SHOW_CRYPTO_MAP, cmd_show_crypto_map)                                                    \
	X(SHOW_CRYPTO_MAP_FAIL_CLOSE, cmd_show_crypto_map_fail_close)                              \
	X(SHOW_CRYPTO_KEY_MYPUBKEY_RSA, cmd_show_crypto_key_mypubkey_rsa)

#define COMMAND_DECLARE(name, function) command_fn function;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
