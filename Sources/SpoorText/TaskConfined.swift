/// A value in memory of its own that only one task, or only one thread, accesses.
///
/// Stored properties of a class are checked for overlapping access at run time, several times a request, which costs as much as
/// the rest of a short exchange. This box is checked by its owner instead: an exchange stays in its task because it is not
/// Sendable, and an event loop asks for its own thread.
///
/// The owner calls ``deallocate()`` in its deinitialiser; a test checks that every owner does. (A type that cannot be copied
/// could do so itself, but then the compiler copies the whole value for each access to a part of it.)
@frozen @safe
@usableFromInline
package struct TaskConfined<Value: ~Copyable> {
    // Safe, because the pointer is made here, is valid until the owner's end, and never leaves.
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
