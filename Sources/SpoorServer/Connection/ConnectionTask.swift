/// The task of a connection that is not idle, so that it can be cancelled from outside.
///
/// A cancellation handler or a child task for each request would cost more than the rest of the request.
@safe struct ConnectionTask {
    // Safe, because a copy retains the task, and cancelling is allowed from anywhere.

    /// The reference that an `UnsafeCurrentTask` consists of.
    ///
    /// The compiler does not know the layout of that type, so that every enum around it would be accessed by calls of
    /// the runtime; it knows the layout of a reference.
    private let task: AnyObject

    /// The address of the task, which identifies the jobs of an event loop.
    var address: UInt { UInt(bitPattern: ObjectIdentifier(task)) }

    /// The calling task.
    ///
    /// - Precondition: Called from a task.
    static var current: ConnectionTask {
        guard let task = unsafe withUnsafeCurrentTask(body: { task in unsafe task }) else {
            preconditionFailure("not called from a task")
        }
        return ConnectionTask(task: unsafe unsafeBitCast(task, to: AnyObject.self))
    }

    /// Cancels the task.
    func cancel() {
        unsafe unsafeBitCast(task, to: UnsafeCurrentTask.self).cancel()
    }
}
