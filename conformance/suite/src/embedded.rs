//! The data files as they were when the crate was built.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
