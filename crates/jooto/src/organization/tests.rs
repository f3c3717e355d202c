use super::*;

#[test]
fn an_id_is_read_from_a_number_or_a_pasted_url() {
    for text in [
        "123",
        " 123\n",
        "https://app.jooto.com/boards?organization_id=123",
        "https://app.jooto.com/boards?x=1&organization_id=123#top",
    ] {
        assert_eq!(text.parse::<OrganizationId>().expect(text).get(), 123);
    }
}

#[test]
fn an_id_is_shown_as_its_number() {
    assert_eq!(OrganizationId::from(123).to_string(), "123");
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        "XXXXX",
        "-1",
        "+1",
        "0",
        "99999999999999999999",
        "https://app.jooto.com/boards",
        "https://app.jooto.com/boards?organization_id=",
        "https://app.jooto.com/boards?organization_id=1&organization_id=2",
        "/boards?organization_id=1",
    ] {
        assert!(
            text.parse::<OrganizationId>()
                .expect_err(text)
                .is_configuration()
        );
    }
}
