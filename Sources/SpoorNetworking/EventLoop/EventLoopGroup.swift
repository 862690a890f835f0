internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// Some event loops, each a thread; the connections are dealt among them.
///
/// A group that is dropped without `shutdown()` leaves its threads running.
public final class EventLoopGroup: Sendable {
    /// The loops, in the order in which `next()` deals them out; at least one.
    public let loops: [EventLoop]

    private let turn = Atomic<Int>(0)
    /// Whether this is ``shared``; a comparison with it would start its threads.
    private let isShared: Bool

    /// The group of this process: as many loops as cores, started on first use and never shut down.
    public static let shared: EventLoopGroup = {
        do {
            return try EventLoopGroup(loopCount: allowedCoreCount, isShared: true)
        } catch {
            ProcessExit.fail("the shared event loops cannot start: \(error)")
        }
    }()

    /// The processor cores that this process may run on, at least 1.
    public static var allowedCoreCount: Int {
        // Room for 8192 processors, the most that Linux can be built for.
        var mask = [UInt64](repeating: 0, count: 128)
        guard unsafe spoor_processor_mask(0, mask.count * 8, &mask) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        return max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount })
    }

    /// Starts the loops.
    ///
    /// - Parameter loopCount: how many threads, 1…1024; outside of that range it is clamped.
    /// - Throws: `SystemError` if the kernel has no descriptors or threads left.
    public convenience init(
        loopCount: Int = EventLoopGroup.allowedCoreCount
    ) throws(SystemError) {
        try self.init(loopCount: loopCount, isShared: false)
    }

    private init(loopCount: Int, isShared: Bool) throws(SystemError) {
        var loops: [EventLoop] = []
        for number in 1...min(max(loopCount, 1), 1024) {
            do {
                loops.append(try EventLoop(name: "loop-\(number)"))
            } catch {
                for loop in loops { loop.stop {} }
                throw error
            }
        }
        self.loops = loops
        self.isShared = isShared
    }

    /// One loop after the other, round and round.
    public func next() -> EventLoop {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// Ends the loops and returns when their threads have run their last job; a second call waits
    /// just so.
    ///
    /// Waits for readiness and sleeps end as interrupted. Tasks that go on afterwards run on the
    /// global concurrent executor. Stop servers and clients before their loops. The shared group
    /// refuses.
    public func shutdown() async {
        // Unlike a precondition's, the message of a fatal error appears in release builds too.
        if isShared { fatalError("the shared event loops are never shut down") }
        for loop in loops {
            await unsafe withUnsafeContinuation { (ended: UnsafeContinuation<Void, Never>) in
                loop.stop { unsafe ended.resume() }
            }
        }
    }
}

extension EventLoopGroup: CustomStringConvertible {
    /// The number of loops: `EventLoopGroup(2 loops)`.
    public var description: String { "EventLoopGroup(\(loops.count) loops)" }
}
