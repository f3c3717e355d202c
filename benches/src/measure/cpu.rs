//! The kernel's counters for a thread.

use std::time::Duration;

/// The processor time that this thread has used.
pub(crate) fn time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid, writable timespec for the call.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How often the kernel took the processor away from this thread.
pub(crate) fn preemptions() -> i64 {
    usage().ru_nivcsw
}

/// How often the kernel had to find memory for this thread, which is work of its own.
pub(crate) fn faults() -> i64 {
    usage().ru_minflt
}

fn usage() -> libc::rusage {
    // SAFETY: `rusage` is plain data, for which all zeros is a valid value; the call fills it.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage);
        usage
    }
}
