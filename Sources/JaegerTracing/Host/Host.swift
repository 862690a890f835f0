import Glibc

/// Access to the operating system: two clocks, and the name and address of this machine.
///
/// This is the only file of this target that calls the C library: `ContinuousClock.now` costs more than twice as much
/// as the call that it wraps, and a span reads the clocks two or three times.
enum Host {
    /// The wall clock, in nanoseconds since the Unix epoch.
    static var wallClock: UInt64 {
        UInt64(bitPattern: nanoseconds(CLOCK_REALTIME))
    }

    /// The monotonic clock, in nanoseconds since an instant that is fixed in this process.
    static var monotonicClock: Int64 {
        nanoseconds(CLOCK_MONOTONIC)
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// The host name of this machine; nil if the system call fails.
    static let name: String? = {
        // One byte more than passed to the call, so that a truncated name still ends with zero.
        var bytes = [CChar](repeating: 0, count: 257)
        guard unsafe gethostname(&bytes, 256) == 0 else { return nil }
        let name = String(
            decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }()

    /// The first IPv4 address of this machine that is not a loopback address, in dotted decimal notation.
    static let address: String? = {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return nil }
        defer { unsafe freeifaddrs(first) }
        var next = unsafe first
        while let interface = unsafe next?.pointee {
            unsafe next = interface.ifa_next
            guard let address = unsafe interface.ifa_addr,
                unsafe address.pointee.sa_family == sa_family_t(AF_INET),
                unsafe interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            else { continue }
            let number = unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        }
        return nil
    }()
}

/// The version of this package, as sent to peers and backends.
package enum SpoorVersion {
    /// Major, minor and patch number, according to semantic versioning.
    package static let current = "0.1.0"
}
