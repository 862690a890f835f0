/// The task of a connection while it has something to do, so that it can be cancelled from outside of it.
///
/// A cancellation handler or a child task for each request would cost more than the rest of the request does.
@safe struct ConnectionTask {
    // Safe, because a copy keeps the task alive, and cancelling is allowed from anywhere.

    private let task: UnsafeCurrentTask

    /// Where the task is in memory: what an event loop knows its jobs by.
    var address: UInt { unsafe unsafeBitCast(task, to: UInt.self) }

    /// The task that calls; nil outside of any.
    static var current: ConnectionTask? {
        guard let task = unsafe withUnsafeCurrentTask(body: { task in unsafe task }) else {
            return nil
        }
        return unsafe ConnectionTask(task: task)
    }

    /// Cancels the task; it goes on until it looks.
    func cancel() {
        unsafe task.cancel()
    }
}
