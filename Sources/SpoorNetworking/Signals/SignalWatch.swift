internal import CLinux
internal import Glibc
internal import Synchronization

/// Signals as something to wait for: SIGTERM and SIGINT end a server from a task, not from a
/// handler.
///
/// The handler only writes the signal's number into a pipe, which works whatever threads the
/// process has and whatever they block. `close()`, or the end of the last reference, gives the
/// signals back what they did before, so that a second Ctrl-C kills a process that is slow to
/// drain.
package final class SignalWatch: @unchecked Sendable {
    // Unchecked, because after `init` the state belongs to the loop's thread.

    private let loop: EventLoop
    private let signals: [Int32]
    private var previous: [sigaction] = []
    private var reading: FileDescriptor
    private var writing: FileDescriptor
    private var registration: Registration?

    /// Begins to catch `signals`; each can have one watch in the process at a time.
    ///
    /// - Throws: `EBUSY` if another watch has one of them.
    package init(
        for signals: [Int32] = [SIGTERM, SIGINT], on loop: EventLoop
    ) throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { ends in
            unsafe pipe(ends.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        guard result == 0 else { throw .last("pipe") }
        reading = FileDescriptor(adopting: ends.0)
        writing = FileDescriptor(adopting: ends.1)
        self.loop = loop
        self.signals = signals
        try reading.setNonBlocking()
        try writing.setNonBlocking()
        for (index, signal) in signals.enumerated() {
            guard SignalPipes.claim(signal, for: writing.number) else {
                restore(signals.prefix(index))
                throw SystemError(code: EBUSY, call: "sigaction")
            }
            var action = sigaction()
            var before = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { number in SignalPipes.forward(number) }
            action.sa_flags = SA_RESTART
            unsafe sigaction(signal, &action, &before)
            previous.append(before)
        }
    }

    deinit {
        restore(signals[...])
    }

    /// The next signal, or nil after `close()` or when the task is cancelled.
    ///
    /// For one task, on any executor.
    package func next() async -> Int32? {
        await loop.run {
            await withTaskCancellationHandler {
                await self.nextOnLoop()
            } onCancel: {
                self.loop.execute { self.registration?.interrupt() }
            }
        }
    }

    private func nextOnLoop() async -> Int32? {
        guard !Task.isCancelled, reading.number >= 0 else { return nil }
        if registration == nil {
            registration = try? loop.register(reading, for: .readable)
        }
        while let registration {
            if let number = reading.readByte() { return Int32(number) }
            registration.noteDrained()
            guard await registration.waitReadable(until: .never) == .ready else { return nil }
        }
        return nil
    }

    /// Gives the signals back and ends the wait.
    package func close() {
        loop.execute { [self] in
            restore(signals[...])
            if let registration { loop.deregister(registration) }
            registration = nil
            try? FileDescriptor.take(from: &reading).close()
            try? FileDescriptor.take(from: &writing).close()
        }
    }

    private func restore(_ some: ArraySlice<Int32>) {
        for (signal, action) in zip(some, previous) {
            var action = action
            unsafe sigaction(signal, &action, nil)
            SignalPipes.release(signal)
        }
        previous = []
    }
}

/// Where the handler finds the pipe of a signal: plain atomics, for a handler may do nothing that
/// locks or allocates.
private enum SignalPipes {
    /// One descriptor number a signal, -1 for none; allocated before the first handler is
    /// installed.
    private static let descriptors = Table()

    private final class Table: Sendable {
        // Signals are 1...64.
        let entries: [Entry] = (0...64).map { _ in Entry() }
    }

    private final class Entry: Sendable {
        let number = Atomic<Int32>(-1)
    }

    static func claim(_ signal: Int32, for descriptor: Int32) -> Bool {
        guard descriptors.entries.indices.contains(Int(signal)) else { return false }
        return descriptors.entries[Int(signal)].number.compareExchange(
            expected: -1, desired: descriptor, ordering: .sequentiallyConsistent
        ).exchanged
    }

    static func release(_ signal: Int32) {
        descriptors.entries[Int(signal)].number.store(-1, ordering: .sequentiallyConsistent)
    }

    static func forward(_ signal: Int32) {
        let before = errno
        let number = descriptors.entries[Int(signal)].number.load(ordering: .relaxed)
        var byte = UInt8(truncatingIfNeeded: signal)
        if number >= 0 { _ = unsafe write(number, &byte, 1) }
        errno = before
    }
}
