import FoundationEssentials
import Glibc
import SpoorNetworking
import SpoorTesting
import TestSupport
import Testing

/// Socket activation, with child processes that are started like by a service manager: `HelloServer --inherited`.
@Suite(.finishes(within: .seconds(60))) struct InheritedSocketTests {
    /// The path of the programs of this build, which are next to the tests.
    private static let hello: String? = CommandLine.arguments.compactMap {
        argument -> String? in
        guard let end = argument.firstRange(of: "/spoorPackageTests.xctest") else { return nil }
        let path = argument[..<end.lowerBound] + "/HelloServer"
        return FileManager.default.isExecutableFile(atPath: String(path)) ? String(path) : nil
    }.first

    @Test(.enabled(if: hello != nil), arguments: [1, 2])
    func `serves on an inherited socket, and leaves waiting connections to the next process`(
        loopCount: Int
    ) async throws {
        let hello = try #require(Self.hello)
        let listening = try Self.listeningSocket()
        defer { close(listening.descriptor) }
        let address = SocketAddress.loopback(port: listening.port)
        // Connected before any process serves, and served by the second child: the queue outlives the first.
        for _ in 0..<2 {
            let child = try Self.start(
                "LISTEN_PID=$$ exec \(hello) --inherited --loops \(loopCount)",
                descriptor: listening.descriptor)
            var response = ""
            // On a busy machine a connection may send nothing for so long that it is closed.
            while response.isEmpty {
                response = try await RawConnection.roundTrip(
                    to: address,
                    ["GET /hello/child HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
            }
            #expect(response.hasSuffix("Hello, child!\n"))
            kill(child, SIGTERM)
            #expect(try await Self.exitStatus(of: child) == 0)
        }
    }

    @Test(.enabled(if: hello != nil))
    func `ignores sockets that are meant for another process`() async throws {
        let hello = try #require(Self.hello)
        let listening = try Self.listeningSocket()
        defer { close(listening.descriptor) }
        let child = try Self.start(
            "LISTEN_PID=1 exec \(hello) --inherited", descriptor: listening.descriptor)
        #expect(try await Self.exitStatus(of: child) != 0)
    }

    private static let activator = "/usr/bin/systemd-socket-activate"

    @Test(.enabled(if: hello != nil && FileManager.default.isExecutableFile(atPath: activator)))
    func `is started by systemd-socket-activate`() async throws {
        let hello = try #require(Self.hello)
        let (child, port, messages) = try await Self.activate(hello)
        defer { close(messages) }
        var response = ""
        // On a busy machine a connection may send nothing for so long that it is closed.
        while response.isEmpty {
            response = try await RawConnection.roundTrip(
                to: .loopback(port: port),
                ["GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
        }
        #expect(response.hasSuffix("Hello, world!"))
        kill(child, SIGTERM)
        #expect(try await Self.exitStatus(of: child) == 0)
    }

    /// The options of a build with a sanitizer, which its programs need as well.
    private static let sanitizerVariables = [
        "LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS", "LSAN_OPTIONS",
    ].compactMap { name in
        ProcessInfo.processInfo.environment[name].map { (name: name, value: $0) }
    }

    /// The arguments with which the activator passes these variables on; others it removes.
    private static let passedVariables = sanitizerVariables.map { "-E \($0.name)" }
        .joined(separator: " ")

    /// Starts the activator, and returns when it listens.
    ///
    /// - Returns: The process, the port, and a descriptor to close, which the process writes its messages to.
    private static func activate(_ hello: String) async throws -> (pid_t, UInt16, Int32) {
        while true {
            let probe = try listeningSocket()
            close(probe.descriptor)
            let (reading, writing) = try pipeEnds()
            let child = try start(
                "exec \(activator) -l 127.0.0.1:\(probe.port) \(passedVariables) \(hello) --inherited",
                descriptor: nil, errors: writing)
            close(writing)
            // "Listening on 127.0.0.1:PORT as 3.", or an error.
            if try await firstMessage(reading).contains("Listening on") {
                return (child, probe.port, reading)
            }
            // Another process has taken the port in between: try another one.
            close(reading)
            _ = try await exitStatus(of: child)
        }
    }

    private static func pipeEnds() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// The pool for blocking reads and waits that end when a child does something.
    private static let blocking = BlockingPool(name: "children", maxThreads: 4, maxQueuedJobs: 16)

    /// Returns the first line that a child writes.
    private static func firstMessage(_ descriptor: Int32) async throws -> String {
        try await blocking.run {
            var message: [UInt8] = []
            var byte: UInt8 = 0
            while unsafe read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
                message.append(byte)
            }
            return String(decoding: message, as: UTF8.self)
        }
    }

    /// Returns a socket that listens on a port of this machine.
    private static func listeningSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        try #require(result)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// Starts a shell command, with a socket as descriptor 3 and optionally one for its messages.
    private static func start(
        _ command: String, descriptor: Int32?, errors: Int32? = nil
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let descriptor { unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, 3) }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        if let errors {
            unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        let words = ["/bin/sh", "-c", "LISTEN_FDS=1 LISTEN_FDNAMES=http " + command]
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
        for word in words { unsafe arguments.append(strdup(word)) }
        unsafe arguments.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe []
        for (name, value) in sanitizerVariables {
            unsafe environment.append(strdup("\(name)=\(value)"))
        }
        unsafe environment.append(nil)
        defer {
            for index in unsafe arguments.indices { unsafe free(arguments[index]) }
            for index in unsafe environment.indices { unsafe free(environment[index]) }
        }
        var child = pid_t()
        let code = unsafe posix_spawn(
            &child, "/bin/sh", &actions, nil, &arguments, &environment)
        try #require(code == 0)
        return child
    }

    /// Waits for a child to end.
    private static func exitStatus(of child: pid_t) async throws -> Int32 {
        try await blocking.run {
            var status: Int32 = 0
            _ = unsafe waitpid(child, &status, 0)
            return status
        }
    }
}
