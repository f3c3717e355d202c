//! Keys: a value that no header can carry is refused, and every other one is sent.

use proptest::prelude::*;
use tegata::{BasicEncoding, Error, ErrorKind};
use tegata_emulator::Provider;
use {tegata_fujitsu_aispf as aispf, tegata_jooto as jooto, tegata_marketo as marketo};

use crate::{cases, runtime, text};
use tegata_test_support::loopback::Loopback;
use tegata_test_support::wire::credential;
use tegata_test_support::{Flow, Subject};

/// Every control character of ASCII but the tab, which a header may hold.
fn control() -> impl Strategy<Value = char> {
    let all = (0..=0x7f_u8).map(char::from);
    prop::sample::select(
        all.filter(|c| c.is_control() && *c != '\t')
            .collect::<Vec<_>>(),
    )
}

const CONTROLS: [&str; 7] = ["\n", "\r\n", "\t", "\0", "\u{7f}", "\u{80}", "\u{85}"];

fn refused<T>(built: Result<T, Error>, key: &str) -> Result<(), TestCaseError> {
    let Err(error) = built else {
        return Err(TestCaseError::fail(format!("{key:?} was accepted")));
    };
    prop_assert_eq!(error.kind(), ErrorKind::Configuration);
    let shown = format!("{error} {error:?}");
    prop_assert!(!shown.contains("CANARY"), "{}", shown);
    Ok(())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_key_with_a_control_character_is_refused(
        before in "[ -~]{0,9}",
        control in control(),
        after in text(),
    ) {
        let key = format!("CANARY{before}{control}{after}");
        refused(tegata_jooto::Client::builder(&*key).build(), &key)?;
        refused(tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::ApiKey::new(&*key)).build(), &key)?;
        let pair = tegata_fujitsu_aispf::Client::builder(tegata_fujitsu_aispf::ApiKey::new("good").secondary(&*key));
        refused(pair.build(), &key)?;
    }
}

proptest! {
    // Each builds many HTTP clients.
    #![proptest_config(cases(8))]

    #[test]
    fn control_characters_and_blank_edges_are_refused(
        text in "[ -~]{0,9}",
        control in prop::sample::select(&CONTROLS[..]),
        after in "[!-~]{0,9}",
        blank in prop::sample::select(&[" ", "\u{a0}", "\u{3000}", "\u{feff}", "\u{2028}"][..]),
        is_blank_first in any::<bool>(),
    ) {
        let (first, last) = if is_blank_first { (blank, "") } else { ("", blank) };
        for bad in [format!("CANARY{text}{control}{after}"), format!("{first}CANARY{text}{last}")] {
            let bad = bad.as_str();
            for (id, secret) in [(bad, "good"), ("good", bad)] {
                refused(aispf::Client::builder(aispf::OAuth2::new(id, secret)).build(), bad)?;
                let form = BasicEncoding::Form;
                refused(aispf::Client::builder(aispf::OAuth2::new(id, secret).basic_encoding(form)).build(), bad)?;
                refused(aispf::Client::builder(aispf::LegacyOAuth::new(id, secret)).build(), bad)?;
                refused(jooto::App::builder(id, secret, "https://c.example/").build(), bad)?;
                let marketo = marketo::Client::builder(id, secret);
                refused(marketo.base_url("https://h").build(), bad)?;
            }
            let marketo = marketo::Client::builder("good", "good").partner_id(bad);
            refused(marketo.base_url("https://h").build(), bad)?;
        }
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_other_key_is_sent_without_the_blanks_around_it(
        key in "[ \t]{0,2}[!-~\u{a1}-\u{ff}手][\t -~]{0,20}[!-~][ \t]{0,2}",
        flow in prop::sample::select(&[Flow::AispfKeys, Flow::JootoKey][..]),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = if flow.provider() == Provider::Jooto {
            Subject::Jooto(loopback.jooto_key(&key).build().expect("valid"))
        } else {
            Subject::Aispf(loopback.aispf_key(&key).build().expect("valid"))
        };
        runtime.block_on(client.get(flow.path())).expect_err("the key is unknown");
        let calls = loopback.calls(flow.provider());
        let trimmed = key.trim_matches([' ', '\t']);
        prop_assert_eq!(calls.len(), 1);
        prop_assert_eq!(credential(&calls[0]), flow.on_the_wire(trimmed));
    }

    #[test]
    fn a_token_with_a_control_character_is_never_sent(
        before in "[!-~]{1,9}",
        control in control(),
        after in "[!-~]{1,9}",
        flow in prop::sample::select(&Flow::TOKENS[..]),
    ) {
        let runtime = runtime();
        let _guard = runtime.enter();
        let loopback = Loopback::start();
        let client = runtime.block_on(flow.cold(&loopback));
        let token = format!("CANARY{before}{control}{after}");
        let answer = serde_json::json!({
            "access_token": token, "accessToken": token, "token_type": "Bearer",
        });
        loopback.next_token(flow.provider(), answer.to_string());
        let error = runtime.block_on(client.get(flow.path())).expect_err("no token");
        prop_assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains("CANARY"), "{}", shown);
        prop_assert!(loopback.calls(flow.provider()).is_empty());
    }
}
