internal import Glibc

/// Ending the process because of an error, with a message for the person who started it.
package enum ProcessExit {
    /// Writes a message to standard error, in one line, and ends the process with status 1.
    package static func fail(_ message: String) -> Never {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        var bytes = Array(("error: " + line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads it: the status says it all the same.
            guard count > 0 else { break }
            bytes = bytes.dropFirst(count)
        }
        exit(1)
    }
}

/// Runs the body of a program; an error that it throws is printed on standard error in one line, and the process exits with 1.
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
/// An error that leaves an `async throws` main traps instead, and its message is lost in a crash report. What keeps a program
/// from starting comes that way: `error: cannot listen on 127.0.0.1:8080: bind: Address already in use (98)`, a certificate
/// that is not there, a variable of the environment that cannot be understood. Commands of ArgumentParser need none of this:
/// they print errors by themselves.
///
/// - Parameter body: The program; runs where the caller runs. When it returns, so does this.
public func exitOnError(_ body: () async throws -> Void) async {
    do {
        try await body()
    } catch {
        ProcessExit.fail("\(error)")
    }
}
