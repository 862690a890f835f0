import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// A Jaeger client in another language, which runs one job as a separate process.
///
/// `Scripts/interop-venv` installs it. Without it the tests are skipped with a comment; with `SPOOR_REQUIRE_INTEROP=1` in the
/// environment they fail.
struct ForeignClient: Sendable, CustomTestStringConvertible {
    let name: String

    static let all = [ForeignClient(name: "async-jaeger"), ForeignClient(name: "jaeger-client")]

    var testDescription: String { name }

    /// Why the tests are skipped.
    static let absence: Comment =
        "SKIPPED: the foreign clients are not installed (Scripts/interop-venv installs them)"

    /// Whether the tests run: the clients are installed or required.
    static var isExpected: Bool { hasPython || isRequired }

    static let isRequired = environment("SPOOR_REQUIRE_INTEROP") == "1"
    /// The list of packages is written last, when the installation is complete.
    static let hasPython = unsafe access(venv + "packages", R_OK) == 0

    private static let venv = root + ".build/interop-venv/"
    static let python = venv + "bin/python"
    private static let script = root + "Tests/InteropTests/Python/foreign_client.py"

    /// The directory of the package, with a slash at its end.
    static let root = String(
        #filePath.dropLast("Tests/InteropTests/ForeignClient.swift".count))

    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Runs a command and returns its output.
    static func run<Outcome: Decodable>(
        _ command: String, _ job: some Encodable, as outcome: Outcome.Type = Outcome.self
    ) throws -> Outcome {
        try #require(hasPython, "no foreign clients at \(python); run Scripts/interop-venv")
        let digits = try JSONEncoder().encode(job).hexDigits
        let shellCommand = "'\(python)' '\(script)' \(command) \(digits)"
        let (status, output) = try #require(runShellCommand(shellCommand))
        try #require(status == 0, "the foreign client failed: \(shellCommand)")
        return try JSONDecoder().decode(outcome, from: Data(output))
    }
}

extension Sequence<UInt8> {
    /// The bytes in hexadecimal digits.
    var hexDigits: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
