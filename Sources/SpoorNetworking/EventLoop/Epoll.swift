internal import CSpoorLinux
internal import Glibc

/// An epoll instance and its event buffer: descriptors are registered edge-triggered and identified by tokens.
///
/// Because registration is edge-triggered and happens once, a keep-alive connection needs no further `epoll_ctl`, and
/// a handler that leaves bytes or an end of stream unread does not make the loop spin, as it would with
/// level-triggered events.
@safe struct Epoll: ~Copyable {
    // Safe, because the event buffer lives as long as its owner and is indexed only below the kernel's count.

    /// The readiness of a descriptor.
    struct Readiness: OptionSet {
        let rawValue: UInt32

        static let readable = Readiness(EPOLLIN)
        static let writable = Readiness(EPOLLOUT)
        /// The peer has half-closed the connection.
        static let peerClosedWriting = Readiness(EPOLLRDHUP)
        /// Both directions are closed.
        static let hungUp = Readiness(EPOLLHUP)
        static let failed = Readiness(EPOLLERR)

        init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        private init(_ event: EPOLL_EVENTS) {
            rawValue = event.rawValue
        }
    }

    /// Enough for a burst; further events are fetched in the next turn.
    static let maxEvents = 256

    private let descriptor: FileDescriptor
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(SystemError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        descriptor = FileDescriptor(adopting: number)
        unsafe events = .allocate(capacity: Self.maxEvents)
        unsafe events.initialize(repeating: epoll_event(), count: Self.maxEvents)
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Registers a descriptor until it is closed; closing removes it from the instance automatically.
    func add(
        _ other: borrowing FileDescriptor, for interest: Readiness, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_ADD, other, interest, token)
    }

    /// Changes the events of interest; readiness that already exists is reported again.
    func modify(
        _ other: borrowing FileDescriptor, for interest: Readiness, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_MOD, other, interest, token)
    }

    private func control(
        _ operation: Int32, _ other: borrowing FileDescriptor, _ interest: Readiness,
        _ token: UInt64
    ) throws(SystemError) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue | EPOLLET.rawValue
        unsafe event.data.u64 = token
        guard unsafe epoll_ctl(descriptor.number, operation, other.number, &event) == 0 else {
            throw .last("epoll_ctl")
        }
    }

    /// Waits for events for a maximum number of milliseconds (-1: without limit), and returns the number of events.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(
            descriptor.number, events, Int32(Self.maxEvents), milliseconds)
        // The only other failure of a valid call is EINTR, which only makes the turn early.
        return max(0, Int(count))
    }

    /// Returns the event at `index` of the last wait.
    func event(at index: Int) -> (token: UInt64, readiness: Readiness) {
        let event = unsafe events[index]
        return unsafe (event.data.u64, Readiness(rawValue: event.events))
    }
}
