import Glibc

/// The environment of this process.
///
/// It is the only file of this target that calls the C library. The environment must not be changed by another thread
/// meanwhile: read it at the start of the program.
enum ProcessEnvironment {
    /// Returns the value of a variable; nil if it is not set.
    static func value(of name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
