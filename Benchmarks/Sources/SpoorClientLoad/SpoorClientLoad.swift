import Glibc
import Spoor

/// Sends requests with `HTTPClient` as fast as possible, and prints their CPU time as one line of JSON.
///
/// Arguments: the URL of `client_server`, the kind of request, the number of measured requests, and `loop` if the tasks run on
/// an event loop. A tenth as many requests are sent before the measurement. The CPU time is that of the whole process.
@main
struct SpoorClientLoad {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[3]) else {
            print("usage: SpoorClientLoad URL KIND COUNT [loop]")
            exit(2)
        }
        var limits = ClientLimits()
        limits.requestTimeout = .seconds(600)
        limits.maxCollectedBodyBytes = 64 << 20
        let client = HTTPClient(limits: limits)
        let load = Load(client: client, url: arguments[1], kind: arguments[2])
        let cpu: Double
        if arguments.last == "loop" {
            let loop = EventLoopGroup.shared.next()
            cpu = try await Task(executorPreference: loop) { () async throws in
                try await load.measure(count)
            }.value
        } else {
            cpu = try await load.measure(count)
        }
        print("{\"requests\":\(count),\"cpu_seconds\":\(cpu)}")
    }
}

/// One kind of request, repeated.
struct Load: Sendable {
    let client: HTTPClient
    let url: String
    let kind: String
    let piece = [UInt8](repeating: 0x78, count: 64 << 10)

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
            let count = try await client.withResponse(
                to: HTTPClientRequest(.get, "\(url)/\(10 << 20)")
            ) { response in
                var count = 0
                while let piece = try await response.next() { count += piece.count }
                return count
            }
            precondition(count == 10 << 20)
        case "upload":
            let status = try await client.withResponse(
                to: HTTPClientRequest(.post, "\(url)/upload"), bodyLength: 10 << 20
            ) { writer in
                for _ in 0..<160 { try await writer.write(piece) }
            } _: { response in
                _ = try await response.collect(upTo: 1 << 10)
                return response.status.code
            }
            precondition(status == 200)
        default: preconditionFailure("no such kind: \(kind)")
        }
    }

    private func get(_ size: Int) async throws {
        let response = try await client.execute(HTTPClientRequest(.get, "\(url)/\(size)"))
        precondition(response.body.count == size)
    }
}

/// User and system time of this process.
func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}
