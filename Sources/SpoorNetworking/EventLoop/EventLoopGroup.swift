internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// A group of event loops, each with its own thread; connections are distributed round-robin.
///
/// A group that is released without `shutdown()` leaves its threads running.
public final class EventLoopGroup: Sendable {
    /// The loops, in the order in which `next()` returns them; at least one.
    public let loops: [EventLoop]

    private let turn = Atomic<Int>(0)
    /// Whether this is ``shared``; comparing with it would start its threads.
    private let isShared: Bool

    /// The shared group of this process: one loop per core, started on first use and never shut down.
    public static let shared: EventLoopGroup = {
        do {
            return try EventLoopGroup(loopCount: allowedCoreCount, isShared: true)
        } catch {
            ProcessExit.fail("cannot start the shared event loops: \(error)")
        }
    }()

    /// The number of processor cores that this process may run on, at least 1.
    public static var allowedCoreCount: Int {
        // Room for 8192 processors, the maximum that Linux can be built for.
        var mask = [UInt64](repeating: 0, count: 128)
        guard unsafe spoor_processor_mask(0, mask.count * 8, &mask) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        return max(1, mask.reduce(0) { $0 + $1.nonzeroBitCount })
    }

    /// Creates a group and starts its loops.
    ///
    /// - Parameter loopCount: The number of loops, 1…1024; other values are clamped.
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

    /// Returns the next loop, round-robin.
    public func next() -> EventLoop {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: turn) % UInt(loops.count))]
    }

    /// Stops the loops and returns when their threads have run their last job; a second call waits as well.
    ///
    /// Waits for readiness and sleeps end as interrupted. Tasks that continue afterwards run on the global concurrent
    /// executor. Stop servers and clients before their loops. Traps on the shared group.
    public func shutdown() async {
        // Unlike that of a precondition, the message of a fatal error appears in release builds too.
        if isShared { fatalError("the shared event loops cannot be shut down") }
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
