/// One thing that will be due at an instant: armed and disarmed on its loop, thousands of times a
/// second.
///
/// A deadline belongs to the thread of the loop it is armed on.
package final class Deadline {
    /// When it is due; `never` while it is disarmed.
    package internal(set) var instant = MonotonicInstant.never

    /// Where the heap keeps it, -1 while it does not.
    var heapIndex = -1

    private let action: () -> Void

    /// A disarmed deadline that will run `action` on its loop, outside of any task.
    package init(action: @escaping () -> Void) {
        self.action = action
    }

    func fire() {
        action()
    }
}
