//! A vendor whose certificate an authority of one's own has signed.

use tegata_emulator::tls::Tls;

use crate::support::vendor_over;

#[test]
fn a_vendor_is_sent_nothing_unless_its_authority_is_trusted() {
    let tls = Tls::generate().unwrap();
    let vendor = vendor_over(&tls);
    let (code, said) = vendor.run("jooto", &["key.header"]);
    assert_eq!(code, Some(2), "{said}");
    let why =
        "not run: jooto.key.header: nothing was sent, for the server's certificate is not trusted";
    assert!(said.contains(why), "{said}");
    assert!(vendor.emulator.log(None).is_empty(), "something was sent");

    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, tls.ca()).unwrap();
    let (code, said) = vendor.run("jooto", &["key.header", "--ca", ca.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(vendor.emulator.log(None).len(), 1, "{said}");
}
