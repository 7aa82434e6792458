//! Tasks beside the program.

use std::future::Future;

use tokio::runtime::Handle;

/// Spawns tasks in the runtime of a connection; if it has shut down, a task is dropped at once.
pub(crate) struct Spawner {
    runtime: Handle,
}

impl Spawner {
    pub(super) const fn new(runtime: Handle) -> Self {
        Self { runtime }
    }

    pub(crate) fn spawn(self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }
}
