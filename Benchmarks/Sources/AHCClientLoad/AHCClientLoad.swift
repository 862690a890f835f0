import AsyncHTTPClient
import Glibc
import NIOCore

/// Sends the requests of `SpoorClientLoad` with async-http-client, from ordinary tasks, and prints their CPU time.
@main
struct AHCClientLoad {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]) else {
            print("usage: AHCClientLoad URL KIND COUNT")
            exit(2)
        }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        let load = Load(client: client, url: arguments[1], kind: arguments[2])
        let cpu = try await load.measure(count)
        print("{\"requests\":\(count),\"cpu_seconds\":\(cpu)}")
        try await client.shutdown()
    }
}

/// One kind of request, repeated.
struct Load: Sendable {
    let client: HTTPClient
    let url: String
    let kind: String
    let piece = ByteBuffer(repeating: 0x78, count: 64 << 10)

    func measure(_ count: Int) async throws -> Double {
        try await repeated(max(1, count / 10))
        let start = cpuSeconds()
        try await repeated(count)
        return cpuSeconds() - start
    }

    private func repeated(_ count: Int) async throws {
        guard kind.hasPrefix("64-tasks") else {
            for _ in 0..<count { try await request() }
            return
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<64 {
                tasks.addTask {
                    for _ in 0..<(count + number) / 64 { try await request() }
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func request() async throws {
        switch kind {
        case "sequential-13", "64-tasks-13": try await get(13)
        case "sequential-65536", "64-tasks-65536": try await get(65_536)
        case "download":
            let request = HTTPClientRequest(url: "\(url)/\(10 << 20)")
            let response = try await client.execute(request, timeout: .seconds(600))
            var count = 0
            for try await buffer in response.body { count += buffer.readableBytes }
            precondition(count == 10 << 20)
        case "upload":
            var request = HTTPClientRequest(url: "\(url)/upload")
            request.method = .POST
            request.body = .stream(
                AsyncStream { [piece] continuation in
                    for _ in 0..<160 { continuation.yield(piece) }
                    continuation.finish()
                }, length: .known(Int64(10 << 20)))
            let response = try await client.execute(request, timeout: .seconds(600))
            _ = try await response.body.collect(upTo: 1 << 10)
            precondition(response.status == .ok)
        default: preconditionFailure("no such kind: \(kind)")
        }
    }

    private func get(_ size: Int) async throws {
        let request = HTTPClientRequest(url: "\(url)/\(size)")
        let response = try await client.execute(request, timeout: .seconds(600))
        let body = try await response.body.collect(upTo: 64 << 20)
        precondition(body.readableBytes == size)
    }
}

/// User and system time of this process.
func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
