import Glibc
import SpoorNetworking
import TestSupport
import Testing

/// Another HTTP program, and the script in `Clients` that tests a server with it.
///
/// `Scripts/test` installs the programs. If one is missing, its test is skipped with a comment; with `SPOOR_REQUIRE_INTEROP=1` in
/// the environment it fails.
struct ForeignHTTPClient: Sendable {
    /// The commands that the script needs in the `PATH`.
    let tools: [String]
    /// The interpreter of the script with its arguments.
    let interpreter: [String]
    /// The script in `Clients`, and its first argument if it needs one.
    let script: [String]
    /// Arguments after the server's address.
    var options: [String] = []

    static let curl = ForeignHTTPClient(tools: ["curl"], interpreter: ["bash"], script: ["curl.sh"])
    static let node = ForeignHTTPClient(
        tools: ["node"], interpreter: ["node"], script: ["node_client.mjs"])
    static let nginx = ForeignHTTPClient(
        tools: ["nginx", "curl"], interpreter: ["bash"], script: ["nginx.sh"],
        options: [ForeignClient.python])
    static let requests = python("requests_client.py")
    static let aiohttp = python("aiohttp_client.py")
    static let websockets = python("websockets_client.py")
    static let wrk = load("wrk")
    static let h2load = load("h2load")
    static let ab = load("ab")

    private static func python(_ script: String) -> Self {
        Self(tools: [], interpreter: [ForeignClient.python], script: [script])
    }

    private static func load(_ tool: String) -> Self {
        Self(tools: [tool], interpreter: ["bash"], script: ["load.sh", tool])
    }

    /// Why a test is skipped.
    var absence: Comment {
        "SKIPPED: \(script.joined(separator: " ")) lacks a tool or Python's clients (Scripts/test installs them)"
    }

    /// Whether the test runs: its programs are installed or required.
    var isExpected: Bool { isThere || ForeignClient.isRequired }

    private var isThere: Bool {
        let needsPython = (interpreter + options).contains(ForeignClient.python)
        return tools.allSatisfy(Self.isInPath) && (!needsPython || ForeignClient.hasPython)
    }

    private static func isInPath(_ tool: String) -> Bool {
        // Debian installs nginx in a folder that is not in the `PATH` of ordinary users.
        let places = (ForeignClient.environment("PATH") ?? "") + ":/usr/sbin"
        return places.split(separator: ":").contains { place in
            unsafe access("\(place)/\(tool)", X_OK) == 0
        }
    }

    /// Returns the shell command that runs the script for at most 90 seconds.
    func command(_ arguments: [String], in environment: [String] = []) -> String {
        let words =
            environment + ["timeout", "--kill-after=5", "90"] + interpreter
            + [ForeignClient.root + "Tests/InteropTests/Clients/" + script[0]]
            + script.dropFirst() + arguments
        return words.map { "'\($0)'" }.joined(separator: " ")
    }

    /// Runs the script against a server for at most 90 seconds, and records an issue if it fails.
    ///
    /// - Parameter roots: A file with the trust roots of the client; each client has a variable for it.
    func play(against url: String, socket: String, trusting roots: String? = nil) async throws {
        let variables = [
            "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS",
        ]
        let environment = roots.map { file in ["env"] + variables.map { "\($0)=\(file)" } } ?? []
        let command = command([url, socket] + options, in: environment)
        // Not on a thread of the pool that the tasks of the server may need.
        let (status, output) = try await BlockingPool.shared.run {
            try #require(runShellCommand(command + " 2>&1"))
        }
        #expect(status == 0, "\(command): \(String(decoding: output, as: UTF8.self))")
    }
}
