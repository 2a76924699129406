/* SPDX-License-Identifier: Apache-2.0 */
/* `show ...`: show_*_cmd.c. */
#ifndef TESTUDO_SHOW_COMMANDS_H
#define TESTUDO_SHOW_COMMANDS_H

#include "cli/shell/commands.h"

/* H_ name of the grammar, function */
#define SHOW_COMMANDS(X)                                                                           \
	X(SHOW_PRIVILEGE, cmd_show_privilege)                                                      \
	X(SHOW_IP_SSH, cmd_show_ip_ssh)                                                            \
	X(SHOW_SSH, cmd_show_ssh)                                                                  \
	X(SHOW_CRYPTO_PKI_CERTIFICATES, cmd_show_crypto_pki_certificates)                          \
	X(SHOW_CRYPTO_PKI_COUNTERS, cmd_show_crypto_pki_counters)                                  \
	X(SHOW_CRYPTO_PKI_CRLS, cmd_show_crypto_pki_crls)                                          \
	X(SHOW_CRYPTO_PKI_TRUSTPOINTS, cmd_show_crypto_pki_trustpoints)                            \
	X(SHOW_VERSION, cmd_show_version)                                                          \
	X(SHOW_CLOCK, cmd_show_clock)                                                              \
	X(SHOW_RELOAD, cmd_show_reload)                                                            \
	X(SHOW_SESSIONS, cmd_show_sessions)                                                        \
	X(SHOW_ALIASES, cmd_show_aliases)                                                          \
	X(SHOW_HISTORY, cmd_show_history)                                                          \
	X(SHOW_TERMINAL, cmd_show_terminal)                                                        \
	X(SHOW_USERS, cmd_show_users)                                                              \
	X(SHOW_LINE, cmd_show_line)                                                                \
	X(SHOW_LOGIN, cmd_show_login)                                                              \
	X(SHOW_LOGGING, cmd_show_logging)                                                          \
	X(SHOW_DEBUGGING, cmd_show_debugging)                                                      \
	X(SHOW_RUNNING_CONFIG, cmd_show_running_config)                                            \
	X(SHOW_STARTUP_CONFIG, cmd_show_startup_config)                                            \
	X(SHOW_RUNNING_CONFIG_INTERFACE, cmd_show_running_config_interface)                        \
	X(SHOW_ARCHIVE_CONFIG_DIFFERENCES, cmd_show_archive_config_differences)                    \
	X(SHOW_ARCHIVE_CONFIG_INCREMENTAL, cmd_show_archive_config_incremental)                    \
	X(SHOW_ARCHIVE, cmd_show_archive)                                                          \
	X(SHOW_ARCHIVE_CONFIG_ROLLBACK_TIMER, cmd_show_archive_config_rollback_timer)              \
	X(SHOW_ARCHIVE_LOG_CONFIG, cmd_show_archive_log_config)                                    \
	X(SHOW_ARCHIVE_LOG_CONFIG_STATISTICS, cmd_show_archive_log_config_statistics)              \
	X(SHOW_TESTUDO_CAGE, cmd_show_testudo_cage)                                                \
	X(SHOW_TESTUDO_STORE, cmd_show_testudo_store)                                              \
	X(SHOW_TESTUDO_DIAGNOSTICS, cmd_show_testudo_diagnostics)                                  \
	X(SHOW_TESTUDO_UNSUPPORTED, cmd_show_testudo_unsupported)                                  \
	X(SHOW_TESTUDO_DROPS, cmd_show_testudo_drops)                                              \
	X(SHOW_IP_ROUTE, cmd_show_ip_route)                                                        \
	X(SHOW_IP_INTERFACE_BRIEF, cmd_show_ip_interface_brief)                                    \
	X(SHOW_ACCESS_LISTS, cmd_show_access_lists)                                                \
	X(SHOW_IP_ROUTE_ENTRY, cmd_show_ip_route_entry)                                            \
	X(SHOW_IP_ROUTE_LONGER, cmd_show_ip_route_longer)                                          \
	X(SHOW_IP_ROUTE_SUMMARY, cmd_show_ip_route_summary)                                        \
	X(SHOW_ARP, cmd_show_arp)                                                                  \
	X(SHOW_IP_INTERFACE, cmd_show_ip_interface)                                                \
	X(SHOW_INTERFACES_DESCRIPTION, cmd_show_interfaces_description)                            \
	X(SHOW_INTERFACES_STATUS, cmd_show_interfaces_status)                                      \
	X(SHOW_INTERFACES_SUMMARY, cmd_show_interfaces_summary)                                    \
	X(SHOW_INTERFACES_COUNTERS, cmd_show_interfaces_counters)                                  \
	X(SHOW_PROTOCOLS, cmd_show_protocols)                                                      \
	X(SHOW_INVENTORY, cmd_show_inventory)                                                      \
	X(SHOW_PROCESSES, cmd_show_processes)                                                      \
	X(SHOW_PROCESSES_MEMORY, cmd_show_processes_memory)                                        \
	X(SHOW_MEMORY, cmd_show_memory)                                                            \
	X(SHOW_FILE_SYSTEMS, cmd_show_file_systems)                                                \
	X(SHOW_FLASH, cmd_show_flash)                                                              \
	X(SHOW_BOOT, cmd_show_boot)                                                                \
	X(SHOW_IP_EIGRP_NEIGHBORS, cmd_show_ip_eigrp_neighbors)                                    \
	X(SHOW_IP_EIGRP_INTERFACES, cmd_show_ip_eigrp_interfaces)                                  \
	X(SHOW_IP_EIGRP_TOPOLOGY, cmd_show_ip_eigrp_topology)                                      \
	X(SHOW_IP_RIP_DATABASE, cmd_show_ip_rip_database)                                          \
	X(SHOW_IP_BGP_TABLE, cmd_show_ip_bgp_table)                                                \
	X(SHOW_IP_BGP_SUMMARY, cmd_show_ip_bgp_summary)                                            \
	X(SHOW_IP_BGP_NEIGHBORS, cmd_show_ip_bgp_neighbors)                                        \
	X(SHOW_IP_OSPF, cmd_show_ip_ospf)                                                          \
	X(SHOW_IP_OSPF_NEIGHBOR, cmd_show_ip_ospf_neighbor)                                        \
	X(SHOW_IP_OSPF_INTERFACE, cmd_show_ip_ospf_interface)                                      \
	X(SHOW_IP_OSPF_INTERFACE_BRIEF, cmd_show_ip_ospf_interface_brief)                          \
	X(SHOW_IP_OSPF_DATABASE_SUMMARY, cmd_show_ip_ospf_database_summary)                        \
	X(SHOW_IP_PROTOCOLS, cmd_show_ip_protocols)                                                \
	X(SHOW_IP_SOCKETS, cmd_show_ip_sockets)                                                    \
	X(SHOW_HOSTS, cmd_show_hosts)                                                              \
	X(SHOW_VRF, cmd_show_vrf)                                                                  \
	X(SHOW_IP_VRF, cmd_show_ip_vrf)                                                            \
	X(SHOW_IP_VRF_INTERFACES, cmd_show_ip_vrf_interfaces)                                      \
	X(SHOW_NTP, cmd_show_ntp)                                                                  \
	X(SHOW_LOGGING_COUNT, cmd_show_logging_count)                                              \
	X(SHOW_TECH_SUPPORT, cmd_show_tech_support)                                                \
	X(SHOW_IPV6_INTERFACE, cmd_show_ipv6_interface)                                            \
	X(SHOW_CDP, cmd_show_cdp)                                                                  \
	X(SHOW_LLDP, cmd_show_lldp)                                                                \
	X(SHOW_INTERFACES, cmd_show_interfaces)                                                    \
	X(SHOW_CRYPTO_GDOI, cmd_show_crypto_gdoi)                                                  \
	X(SHOW_CRYPTO_GDOI_KS, cmd_show_crypto_gdoi_ks)                                            \
	X(SHOW_CRYPTO_GDOI_KS_MEMBERS, cmd_show_crypto_gdoi_ks_members)                            \
	X(SHOW_CRYPTO_GDOI_KS_POLICY, cmd_show_crypto_gdoi_ks_policy)                              \
	X(SHOW_CRYPTO_GDOI_KS_ACL, cmd_show_crypto_gdoi_ks_acl)                                    \
	X(SHOW_CRYPTO_GDOI_KS_COOP, cmd_show_crypto_gdoi_ks_coop)                                  \
	X(SHOW_CRYPTO_GDOI_KS_COOP_IDENTIFIER, cmd_show_crypto_gdoi_ks_coop_identifier)            \
	X(SHOW_CRYPTO_GDOI_KS_COOP_VERSION, cmd_show_crypto_gdoi_ks_coop_version)                  \
	X(SHOW_CRYPTO_GDOI_STORE, cmd_show_crypto_gdoi_store)                                      \
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
	X(SHOW_CRYPTO_ISAKMP_DEFAULT_POLICY, cmd_show_crypto_isakmp_default_policy)                \
	X(SHOW_CRYPTO_ISAKMP_PROFILE, cmd_show_crypto_isakmp_profile)                              \
	X(SHOW_CRYPTO_ISAKMP_KEY, cmd_show_crypto_isakmp_key)                                      \
	X(SHOW_CRYPTO_IPSEC_SA, cmd_show_crypto_ipsec_sa)                                          \
	X(SHOW_CRYPTO_IPSEC_SPI_LOOKUP, cmd_show_crypto_ipsec_spi_lookup)                          \
	X(SHOW_CRYPTO_IPSEC_SA_COUNT, cmd_show_crypto_ipsec_sa_count)                              \
	X(SHOW_CRYPTO_SESSION, cmd_show_crypto_session)                                            \
	X(SHOW_CRYPTO_ENGINE_CONNECTIONS, cmd_show_crypto_engine_connections)                      \
	X(SHOW_CRYPTO_IPSEC_TRANSFORM_SET, cmd_show_crypto_ipsec_transform_set)                    \
	X(SHOW_CRYPTO_IPSEC_PROFILE, cmd_show_crypto_ipsec_profile)                                \
	X(SHOW_KEY_CHAIN, cmd_show_key_chain)                                                      \
	X(SHOW_CRYPTO_MAP, cmd_show_crypto_map)                                                    \
	X(SHOW_CRYPTO_MAP_FAIL_CLOSE, cmd_show_crypto_map_fail_close)                              \
	X(SHOW_CRYPTO_KEY_MYPUBKEY_RSA, cmd_show_crypto_key_mypubkey_rsa)                          \
	X(SHOW_CRYPTO_KEY_MYPUBKEY_EC, cmd_show_crypto_key_mypubkey_ec)                            \
	X(SHOW_CRYPTO_KEY_MYPUBKEY_ALL, cmd_show_crypto_key_mypubkey_all)

SHOW_COMMANDS(COMMAND_DECLARE)

#endif
