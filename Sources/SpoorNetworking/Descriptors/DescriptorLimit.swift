internal import CSpoorLinux
internal import Glibc

/// How many descriptors this process may have open (`RLIMIT_NOFILE`).
package enum DescriptorLimit {
    /// Raises the limit as far as the process is allowed to by itself, from the soft to the hard limit, and tells it.
    ///
    /// The soft limit is low (1024) only for the sake of programs that use select(2).
    @discardableResult
    package static func raise() -> UInt {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        guard limit.rlim_cur < limit.rlim_max else { return UInt(limit.rlim_cur) }
        let allowed = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return unsafe setrlimit(resource, &limit) == 0 ? UInt(limit.rlim_max) : UInt(allowed)
    }
}
