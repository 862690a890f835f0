internal import Glibc

/// Exits the process because of an error, with a message for the operator.
package enum ProcessExit {
    /// Writes a message to standard error, in one line, and exits with status 1.
    package static func fail(_ message: String) -> Never {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        var bytes = Array(("error: " + line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            // Standard error is not readable: the exit status still reports the failure.
            guard count > 0 else { break }
            bytes = bytes.dropFirst(count)
        }
        exit(1)
    }
}

/// Runs the body of a program; prints an error that it throws on standard error in one line, and exits with status 1.
///
/// ```swift
/// @main
/// struct Greeter {
///     static func main() async {
///         await exitOnError {
///             let server = HTTPServer(listening: .loopback(port: 8080), handler: routes)
///             try await server.runService()
///         }
///     }
/// }
/// ```
///
/// An error thrown by an `async throws` main traps instead, and its message is lost in a crash report. Errors that
/// prevent a program from starting are printed like this: `error: cannot listen on 127.0.0.1:8080: bind: Address
/// already in use (98)`, a missing certificate, an invalid environment variable. Commands of ArgumentParser do not
/// need it: they print errors automatically.
///
/// - Parameter body: The program; runs on the caller's executor. This function returns when it returns.
public func exitOnError(_ body: () async throws -> Void) async {
    do {
        try await body()
    } catch {
        ProcessExit.fail("\(error)")
    }
}
