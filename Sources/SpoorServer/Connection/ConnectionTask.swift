/// The task of a connection while it has something to do, so that it can be cancelled from outside of it.
///
/// A cancellation handler or a child task for each request would cost more than the rest of the request does.
@safe struct ConnectionTask {
    // Safe, because a copy keeps the task alive, and cancelling is allowed from anywhere.

    /// The reference that an `UnsafeCurrentTask` consists of.
    ///
    /// The compiler does not know the layout of that type, so that every enum around it would be read and written by calls of the
    /// runtime; that of a reference it knows.
    private let task: AnyObject

    /// Where the task is in memory: what an event loop knows its jobs by.
    var address: UInt { UInt(bitPattern: ObjectIdentifier(task)) }

    /// The task that calls.
    ///
    /// - Precondition: A task calls.
    static var current: ConnectionTask {
        guard let task = unsafe withUnsafeCurrentTask(body: { task in unsafe task }) else {
            preconditionFailure("a connection is served by a task")
        }
        return ConnectionTask(task: unsafe unsafeBitCast(task, to: AnyObject.self))
    }

    /// Cancels the task; it goes on until it looks.
    func cancel() {
        unsafe unsafeBitCast(task, to: UnsafeCurrentTask.self).cancel()
    }
}
