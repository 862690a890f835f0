import FoundationEssentials
import Glibc
import Spoor
import SpoorJSON
import SpoorTesting
import Synchronization

/// Compares the CPU time of `exchange.json` and `Response.json` in a handler with that of the coders alone, for the same
/// bytes, alternating in one run.
///
/// Each request is measured on the thread of its event loop. A round is the sum of many requests; the median of the ratios
/// of all rounds is printed.
@main
struct JSONCost {
    static func main() async throws {
        print("| body | handler µs | coders µs | ratio | lowest–highest |")
        print("|---|---:|---:|---:|---:|")
        for (bytes, requests) in [(1 << 10, 400), (100 << 10, 12)] {
            try await measure(bytes: bytes, requests: requests, rounds: 25)
        }
    }

    static func measure(bytes: Int, requests: Int, rounds: Int) async throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let body = Array(try encoder.encode(Order(bytes: bytes)))
        let clock = Times()
        var routes = Router()
        routes.post("/order") { exchange in
            // The first one runs with cold caches, so that they take turns.
            let isFirst = clock.takeTurn()
            let start = Times.now
            if !isFirst { try roundTrip(body) }
            let second = Times.now
            let order = try await exchange.json(Order.self)
            let response = try Response.json(order)
            let third = Times.now
            if isFirst { try roundTrip(body) }
            let end = Times.now
            clock.add(handler: third - second, coders: second - start + end - third)
            return response
        }
        try await withTestClient(over: .loopback, handler: routes) { client in
            for round in -2..<rounds {
                for _ in 0..<requests {
                    let response = try await client.post(
                        "/order", headers: [.contentType: "application/json"], body: .bytes(body))
                    precondition(response.status == .ok)
                }
                clock.endRound(isCounted: round >= 0)
            }
        }
        clock.report("\(body.count) bytes", requests: requests)
    }

    /// The work of the coders alone: decodes and encodes the bytes.
    static func roundTrip(_ bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let order = try decoder.decode(Order.self, from: Data(bytes))
        let text = try encoder.encode(order)
        precondition(text.count > bytes.count / 2)
    }
}

/// The CPU times of the rounds.
final class Times: Sendable {
    private struct State {
        var isFirst = false
        var handler = 0
        var coders = 0
        var rounds: [(handler: Int, coders: Int)] = []
    }

    private let state = Mutex(State())

    /// The CPU time of the thread, in nanoseconds.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Returns whether the handler is measured before the coders: in turns.
    func takeTurn() -> Bool {
        state.withLock { state in
            state.isFirst.toggle()
            return state.isFirst
        }
    }

    func add(handler: Int, coders: Int) {
        state.withLock { state in
            state.handler += handler
            state.coders += coders
        }
    }

    func endRound(isCounted: Bool) {
        state.withLock { state in
            if isCounted { state.rounds.append((state.handler, state.coders)) }
            state.handler = 0
            state.coders = 0
        }
    }

    func report(_ name: String, requests: Int) {
        let rounds = state.withLock { $0.rounds }
        let ratios = rounds.map { Double($0.handler) / Double($0.coders) }.sorted()
        func microseconds(_ times: [Int]) -> String {
            text(Double(times.sorted()[times.count / 2]) / Double(requests) / 1000, digits: 1)
        }
        let range = "\(text(ratios[0], digits: 2))–\(text(ratios[ratios.count - 1], digits: 2))"
        print(
            "| \(name) | \(microseconds(rounds.map(\.handler))) | \(microseconds(rounds.map(\.coders))) "
                + "| \(text(ratios[ratios.count / 2], digits: 2)) | \(range) |")
    }

    private func text(_ value: Double, digits: Int) -> String {
        let scale = digits == 1 ? 10 : 100
        let number = Int((value * Double(scale)).rounded())
        let fraction = String(number % scale)
        return
            "\(number / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
