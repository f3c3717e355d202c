//! The process group of a command.

/// Everything that a command at the head of a process group started and that did not leave its group. Killed
/// when dropped.
pub struct Group(Option<u32>);

impl Group {
    /// The group that this process is the head of.
    pub fn of(head: Option<u32>) -> Self {
        Self(head)
    }

    /// Kills all of it that is left.
    pub fn kill(&self) {
        #[cfg(unix)]
        if let Some(id) = self.0.and_then(|id| i32::try_from(id).ok())
            && let Some(group) = rustix::process::Pid::from_raw(id)
        {
            // It is an error only if none of them is left.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
