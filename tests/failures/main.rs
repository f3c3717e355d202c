//! The failures that other libraries' users reported, staged with our clients.
//!
//! Each module is one of them and names in its first lines what was reported where. What crosses the wire
//! crosses it to the emulator, in time that only the test moves.
//!
//! | | what happened | module | reported as |
//! |---|---|---|---|
//! | 1 | a failed early renewal displaces a valid token | `f01_early_renewal_fails` | googleapis/google-cloud-rust#5809, Azure/azure-sdk-for-rust#2611 |
//! | 2 | one misread error poisons the credential | `f02_poisoned_for_good` | googleapis/google-cloud-rust#4541, googleapis/google-cloud-rust#5864 |
//! | 3 | tokens shorter than the window | `f03_shorter_than_the_window` | googleapis/google-cloud-rust#6678, djc/gcp_auth#1, rudderlabs/rudder-transformer#2432 |
//! | 4 | a herd on cold start and in an outage | `f04_herd` | Azure/azure-sdk-for-net#13610, veryfront/veryfront-code#2249 |
//! | 5 | the refresh hangs with the lock | `f05_hanging_refresh` | router-for-me/CLIProxyAPI#4712, piotr-agier/google-drive-mcp#169, zalando/tokens#52 |
//! | 6 | a caller's timeout ends the refresh | `f06_callers_patience` | smithy-lang/smithy-rs#2086, smithy-lang/smithy-rs#4740, helium/oracles#1189 |
//! | 7 | a dropped caller loses the rotated token | `f07_dropped_caller` | dhkts1/teamclaude-rs#325, pleaseai/shunt#73, matrix-org/matrix-rust-sdk#4304, golang/oauth2#388 |
//! | 8 | the rotated token is not stored | `f08_rotated_token_not_stored` | golang/go#77502, D00mch/souz#711, swarajbachu/zuse#275, Temikus/denkeeper#283 |
//! | 9 | two processes spend one refresh token | `f09_two_processes` | cloudflare/workers-sdk#15089, jdx/mise#10995, aws/aws-cli#10628, stacklok/toolhive#4122 |
//! | 10 | the lease runs out, or outlives its process | `f10_lease_runs_out` | BerriAI/litellm#31493, OpenHikmah/openhikmah-web#595, AzureAD/microsoft-authentication-library-for-js#7148 |
//! | 11 | a late 401 discards the new token | `f11_burst_of_refusals` | ProtonDriveApps/sdk#44, NousResearch/hermes-agent#90668, anthropics/anthropic-sdk-python#1841 |
//! | 12 | the retry repeats the old header, or loops | `f12_retry` | canonical/ubuntu.com#10146, jackmusick/bifrost#16, TrueLayer/reqwest-middleware#44, a2aproject/a2a-js#735 |
//! | 13 | a code in a 200 body is missed | `f13_refusal_in_a_200_body` | segmentio/action-destinations#1799 |
//! | 14 | a redirect carries the credential away | `f14_redirect` | golang/oauth2#500, golang/oauth2#805, spiceai/spiceai#12495, Gitlawb/zero#729 |
//! | 15 | secrets in logs and errors | `f15_secrets_in_texts` | requests/requests-oauthlib#536, librefang/librefang#5395, librefang/librefang#5525 |
//! | 16 | clocks stop and jump | `f16_clocks` | librespot-org/librespot#1617, ltratt/pizauth#47, caozhiyuan/copilot-api#170 |
//! | 17 | the background task and its runtime | `f17_background_task` | restatedev/restate#5151, restatedev/restate#5154, seanmonstar/reqwest#1148 |
//! | 18 | odd answers | `f18_odd_answers` | ramosbugs/oauth2-rs#85, ramosbugs/oauth2-rs#320, Azure/azure-sdk-for-rust#419, jepcastelein/marketo-rest-python#62 |
//! | 19 | another tenant's token | `f19_another_tenant` | AzureAD/microsoft-authentication-library-for-dotnet#5743, lelylan/simple-oauth2#88, aws/aws-sdk-js-v3#8267 |
//! | 20 | the store is locked or blocks | `f20_secret_store` | openai/codex#41031, marmot-protocol/whitenoise-rs#809 |
//! | 21 | self-deadlock | `f21_self_deadlock` | kube-rs/kube#835, medplum/medplum#10559 |
//! | 22 | entries without end, endless fetching | `f22_entries_without_end` | smithy-lang/smithy-rs#4607, awslabs/aws-sdk-rust#999 |

mod f01_early_renewal_fails;
mod f02_poisoned_for_good;
mod f03_shorter_than_the_window;
mod f04_herd;
mod f05_hanging_refresh;
mod f06_callers_patience;
mod f07_dropped_caller;
mod f08_rotated_token_not_stored;
mod f09_two_processes;
mod f10_lease_runs_out;
mod f11_burst_of_refusals;
mod f12_retry;
mod f13_refusal_in_a_200_body;
mod f14_redirect;
mod f15_secrets_in_texts;
mod f16_clocks;
mod f17_background_task;
mod f18_odd_answers;
mod f19_another_tenant;
mod f20_secret_store;
mod f21_self_deadlock;
mod f22_entries_without_end;
mod support;
mod table;
