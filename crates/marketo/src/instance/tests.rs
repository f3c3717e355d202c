use super::*;

fn strings(instance: Result<Instance, Error>) -> (String, String) {
    let instance = instance.expect("a valid instance");
    (instance.root.to_string(), instance.identity.to_string())
}

#[test]
fn a_munchkin_id_gives_both_urls() {
    let expected = (
        "https://284-rpr-133.mktorest.com",
        "https://284-rpr-133.mktorest.com/identity",
    );
    let (root, identity) = strings(Instance::of_munchkin_id(" 284-RPR-133 "));
    assert_eq!((root.as_str(), identity.as_str()), expected);
}

#[test]
fn an_invalid_munchkin_id_is_refused() {
    for id in [
        "",
        "284-RPR",
        "284-RPR-13",
        "evil.com/-aa-bbb",
        "284-RPR-133-444",
        "28é-RPR-133",
    ] {
        Instance::of_munchkin_id(id).expect_err(id);
    }
}

#[test]
fn urls_are_taken_with_and_without_their_last_segment() {
    for url in [
        "https://h",
        "https://h/",
        "https://h/rest",
        "https://h/identity/",
    ] {
        for (base, identity) in [(Some(url), None), (None, Some(url)), (Some(url), Some(url))] {
            let urls = strings(Instance::of_urls(base, identity));
            assert_eq!(
                urls,
                ("https://h".to_owned(), "https://h/identity".to_owned()),
                "{url}"
            );
        }
    }
}

#[test]
fn identity_may_live_elsewhere() {
    let urls = strings(Instance::of_urls(
        Some("https://a/rest"),
        Some("https://b/identity"),
    ));
    assert_eq!(
        urls,
        ("https://a".to_owned(), "https://b/identity".to_owned())
    );
}

#[test]
fn the_segments_are_those_of_the_spec() {
    assert!(security::SERVER_IDENTITY.ends_with(&format!("/{IDENTITY}")));
    assert!(
        security::DESCRIBE_LEAD
            .path
            .starts_with(&format!("/{REST}/"))
    );
}
