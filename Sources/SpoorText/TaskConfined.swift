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

    @inlinable
    init(at pointer: UnsafeMutablePointer<Value>) {
        unsafe self.pointer = unsafe pointer
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

/// A borrowed ``TaskConfined`` value, or none.
///
/// The borrower stores it, and has no other reference to the value. Access to a value that is not there is a bug of
/// the borrower: debug builds trap, and other builds fault at the address zero, which is never mapped.
@frozen @safe
@usableFromInline
package struct Borrowed<Value: ~Copyable> {
    // Safe, because the owner frees the value only after `take()` has returned the only reference to it.
    @usableFromInline var pointer: UnsafeMutablePointer<Value>?

    /// Creates an empty reference.
    @inlinable
    package init() {
        unsafe pointer = nil
    }

    /// Creates a reference to a value.
    @inlinable
    package init(_ confined: TaskConfined<Value>) {
        unsafe pointer = unsafe confined.pointer
    }

    /// Whether there is a value.
    @inlinable package var hasValue: Bool { unsafe pointer != nil }

    /// The value.
    @inlinable package var value: Value {
        unsafeAddress { unsafe UnsafePointer(pointer.unsafelyUnwrapped) }
        nonmutating unsafeMutableAddress { unsafe pointer.unsafelyUnwrapped }
    }

    /// Removes the value and returns it, for its owner; nil if there is none.
    @inlinable
    package mutating func take() -> TaskConfined<Value>? {
        guard let borrowed = unsafe pointer else { return nil }
        unsafe pointer = nil
        return unsafe TaskConfined(at: borrowed)
    }
}
