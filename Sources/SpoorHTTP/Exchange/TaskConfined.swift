/// A value at a place of its own that one task alone touches.
///
/// What stands in a class directly is guarded at run time against overlapping access, which costs as much as the rest of
/// a short exchange. Here the compiler's proof that an object stays in its task (it is not Sendable) does the guarding.
///
/// The owner calls ``deallocate()`` when it goes. (If it could not be copied, it would do so itself, but the compiler would copy
/// the whole value for each look at a part of it.)
@frozen @safe
@usableFromInline
package struct TaskConfined<Value> {
    // Safe, because the pointer is made here, is valid until the owner's end, and never leaves.
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    /// Puts a value at a place of its own.
    @inlinable
    package init(_ value: Value) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: value)
    }

    /// The value.
    @inlinable package var value: Value {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }

    /// Ends the value and gives its place back.
    @inlinable
    package func deallocate() {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }
}
