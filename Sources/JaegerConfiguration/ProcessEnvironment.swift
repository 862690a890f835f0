import Glibc

/// The environment of this process.
///
/// The one file of this target that asks the C library. Another thread that changes the environment
/// meanwhile would be a fault of the program's: read it at the start.
enum ProcessEnvironment {
    /// The value of a variable; nil if it is not set.
    static func value(of name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
