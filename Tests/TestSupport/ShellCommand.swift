import Glibc

/// Runs a command of the shell to its end; returns its exit status and its output, nil if it cannot be started.
package func runShellCommand(_ command: String) -> (status: Int32, output: [UInt8])? {
    guard let stream = unsafe popen(command, "r") else { return nil }
    var output: [UInt8] = []
    while true {
        let byte = unsafe getc(stream)
        guard byte >= 0 else { break }
        output.append(UInt8(truncatingIfNeeded: byte))
    }
    return (unsafe pclose(stream), output)
}
