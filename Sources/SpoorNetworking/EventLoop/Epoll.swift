internal import CSpoorLinux
internal import Glibc

/// One epoll instance and the room for its answers: registered edge-triggered, told apart by tokens
/// of ours.
///
/// Edge-triggered and registered once, a keep-alive connection costs no `epoll_ctl` after its
/// first, and a handler that leaves bytes or an end of stream unread does not make the loop spin,
/// as level-triggered it would.
@safe struct Epoll: ~Copyable {
    // Safe, because the event buffer lives as long as its owner and is indexed below the kernel's
    // count only.

    /// What a descriptor has become.
    struct Readiness: OptionSet {
        let rawValue: UInt32

        static let readable = Readiness(EPOLLIN)
        static let writable = Readiness(EPOLLOUT)
        /// The peer has ended its direction.
        static let peerClosedWriting = Readiness(EPOLLRDHUP)
        /// Both directions have ended.
        static let hungUp = Readiness(EPOLLHUP)
        static let failed = Readiness(EPOLLERR)

        init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        private init(_ event: EPOLL_EVENTS) {
            rawValue = event.rawValue
        }
    }

    /// Enough to fetch a burst at once; more events simply wait for the next turn.
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

    /// Watches a descriptor until it is closed; closing takes it out of the instance by itself.
    func add(
        _ other: borrowing FileDescriptor, for interest: Readiness, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_ADD, other, interest, token)
    }

    /// Watches for something else; what is ready already is told again.
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

    /// Waits for events, at most so many milliseconds (-1: for ever), and tells how many there are.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(
            descriptor.number, events, Int32(Self.maxEvents), milliseconds)
        // The only other failure of a valid call is EINTR: an early turn, no more.
        return max(0, Int(count))
    }

    /// The event at `index` of the last wait.
    func event(at index: Int) -> (token: UInt64, readiness: Readiness) {
        let event = unsafe events[index]
        return unsafe (event.data.u64, Readiness(rawValue: event.events))
    }
}
