//! Panics of third-party code, caught without noise.

use std::any::Any;
use std::panic::{self, UnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

/// Only one caller at a time may swap the hook of the process.
static HOOK: Mutex<()> = Mutex::new(());

/// The result, or the message of the panic.
pub(crate) fn catch<T>(body: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    let _only_one = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let said = Arc::new(Mutex::new(String::new()));
    let ear = Arc::clone(&said);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let words = text(info.payload()).unwrap_or("no message");
        words.clone_into(&mut ear.lock().unwrap_or_else(PoisonError::into_inner));
    }));
    let result = panic::catch_unwind(body);
    panic::set_hook(before);
    result.map_err(|_| {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.lines().next().unwrap_or_default().to_owned()
    })
}

/// The message of a panic, as `PanicHookInfo::payload_as_str` gives it since Rust 1.91.
fn text(payload: &dyn Any) -> Option<&str> {
    let fixed = payload.downcast_ref::<&str>().copied();
    fixed.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test at a time may count on the hook.
    static TEST: Mutex<()> = Mutex::new(());

    #[test]
    fn a_panic_becomes_its_message() {
        let _alone = TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let said = catch(|| panic!("first line\nsecond {}", 2)).unwrap_err();
        assert_eq!(said, "first line");
    }

    #[test]
    fn the_hook_of_the_process_is_put_back() {
        let _alone = TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let words = text(info.payload()).unwrap_or_default().to_owned();
            ear.lock().unwrap().push(words);
        }));
        let caught = catch(|| panic!("unheard"));
        let loud = panic::catch_unwind(|| panic!("heard"));
        panic::set_hook(before);
        assert!(caught.is_err() && loud.is_err());
        let heard = heard.lock().unwrap();
        assert!(heard.iter().any(|words| words == "heard"), "{heard:?}");
        assert!(!heard.iter().any(|words| words == "unheard"), "{heard:?}");
    }

    #[test]
    fn a_result_passes_through() {
        let _alone = TEST.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(catch(|| 7), Ok(7));
    }
}
