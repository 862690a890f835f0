/// A heap-allocated value that only one task, or only one thread, accesses.
///
/// Stored properties of a class are checked for overlapping access at run time, several times per request, which
/// costs as much as the rest of a short exchange. Here the owner guarantees exclusive access instead: an exchange
/// stays in its task because it is not Sendable, and an event loop checks that it runs on its own thread.
///
/// The owner must call ``deallocate()`` in its deinitialiser; a test checks that every owner does. (A noncopyable
/// type could do so itself, but then the compiler copies the whole value on each access to a part of it.)
@frozen @safe
@usableFromInline
package struct TaskConfined<Value: ~Copyable> {
    // Safe, because the pointer is allocated here, stays valid for the lifetime of the owner, and is never passed on.
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    /// Allocates memory and moves a value into it.
    @inlinable
    package init(_ value: consuming Value) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: value)
    }

    /// The value.
    @inlinable package var value: Value {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }

    /// Destroys the value and frees its memory.
    @inlinable
    package func deallocate() {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }
}
