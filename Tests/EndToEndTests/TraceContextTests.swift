import HTTPTypes
import Spoor
import SpoorTesting
import TestSupport
import Testing

/// The requirements of the W3C test harness for Trace Context, level 2.
///
/// Each test sends a request with these headers and checks the headers of the calls that it causes. `Scripts/check-tracecontext`
/// runs the harness itself.
@Suite(.finishes(within: .seconds(60))) struct TraceContextTests {
    /// The expected context of the calls that a request causes.
    enum Expected {
        /// A new trace without trace state.
        case new
        /// The received trace, with this trace state.
        case joined(state: [String] = [])
    }

    struct Case: CustomTestStringConvertible {
        let name: String
        let headers: [String]
        let expected: Expected

        init(_ name: String, _ headers: [String], _ expected: Expected) {
            self.name = name
            self.headers = headers
            self.expected = expected
        }

        var testDescription: String { name }
    }

    static let trace = "12345678901234567890123456789012"
    static let parent = "1234567890123456"
    static let valid = "traceparent: 00-\(trace)-\(parent)-00"

    /// One header `traceparent`.
    private static func only(
        _ value: String, _ expected: Expected, name: String = "traceparent"
    ) -> Case {
        Case("\(name):\(value)", ["\(name):\(value)"], expected)
    }

    /// A valid `traceparent`, and headers `tracestate`.
    private static func states(_ values: [String], _ states: [String]) -> Case {
        Case(
            "tracestate: \(values)", [valid] + values.map { "tracestate:\($0)" },
            .joined(state: states))
    }

    static let parents: [Case] = [
        Case("nothing", [], .new),
        only("00-\(trace)-\(parent)-01", .joined()),
        Case(
            "two parents",
            ["traceparent: 00-\(trace)-\(parent)-01", "traceparent: 00-\(trace)-\(parent)-01"], .new
        ),
        only("00-\(trace)-\(parent)-01", .new, name: "trace-parent"),
        only("00-\(trace)-\(parent)-01", .new, name: "trace.parent"),
        only("00-\(trace)-\(parent)-01", .joined(), name: "TraceParent"),
        only("00-\(trace)-\(parent)-01", .joined(), name: "TRACEPARENT"),
        // Version 00 has one length; a later one may continue after a dash.
        only("00-\(trace)-\(parent)-01.", .new),
        only("00-\(trace)-\(parent)-01-later", .new),
        only("cc-\(trace)-\(parent)-01", .joined()),
        only("cc-\(trace)-\(parent)-01-later", .joined()),
        only("cc-\(trace)-\(parent)-01.later", .new),
        only("ff-\(trace)-\(parent)-01", .new),
        only(".0-\(trace)-\(parent)-01", .new),
        only("0.-\(trace)-\(parent)-01", .new),
        only("000-\(trace)-\(parent)-01", .new),
        only("0000-\(trace)-\(parent)-01", .new),
        only("0-\(trace)-\(parent)-01", .new),
        only("00-\(String(repeating: "0", count: 32))-\(parent)-01", .new),
        only("00-.\(trace.dropFirst())-\(parent)-01", .new),
        only("00-\(trace.dropLast()).-\(parent)-01", .new),
        only("00-\(trace)3-\(parent)-01", .new),
        only("00-\(trace.dropLast())-\(parent)-01", .new),
        only("00-\(trace)-\(String(repeating: "0", count: 16))-01", .new),
        only("00-\(trace)-.\(parent.dropFirst())-01", .new),
        only("00-\(trace)-\(parent.dropLast()).-01", .new),
        only("00-\(trace)-\(parent)7-01", .new),
        only("00-\(trace)-\(parent.dropLast())-01", .new),
        only("00-\(trace)-\(parent)-.0", .new),
        only("00-\(trace)-\(parent)-0.", .new),
        only("00-\(trace)-\(parent)-001", .new),
        only("00-\(trace)-\(parent)-1", .new),
        // RFC 9110 §5.5: white space around a value is not part of it.
        only(" \t00-\(trace)-\(parent)-01", .joined()),
        only("00-\(trace)-\(parent)-01\t ", .joined()),
        Case("a state alone", ["tracestate: foo=1,bar=2"], .new),
    ]

    static let statesOfAParent: [Case] = [
        states(["foo=1,bar=2"], ["foo=1", "bar=2"]),
        states([""], []),
        states(["foo=1", ""], ["foo=1"]),
        states(["", "foo=1"], ["foo=1"]),
        states(
            ["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
            ["foo=1", "bar=2", "rojo=1", "congo=2", "baz=3"]),
        states(["foo=1 \t , \t bar=2, \t baz=3"], ["foo=1", "bar=2", "baz=3"]),
        states(["\t foo=1 \t"], ["foo=1"]),
        Case("trace-state", [valid, "trace-state: foo=1"], .joined()),
        Case("TraceState", [valid, "TraceState: foo=1"], .joined(state: ["foo=1"])),
        states(["\(everyKeyByte)=\(everyValueByte)"], ["\(everyKeyByte)=\(everyValueByte)"]),
        states(["\(everyKeyByte)@a-z0-9_-*/=1"], ["\(everyKeyByte)@a-z0-9_-*/=1"]),
        states(["foo =1"], []),
        states(["FOO=1"], []),
        states(["foo.bar=1"], []),
        states(["foo@=1,bar=2"], ["foo@=1", "bar=2"]),
        states(["@foo=1,bar=2"], []),
        states(["foo@@bar=1,bar=2"], ["foo@@bar=1", "bar=2"]),
        states([members(1...16), members(17...32)], (1...32).map { "bar\($0)=\($0)" }),
        states([members(1...16), members(17...33)], []),
        states(["foo=1", "\(key(256))=1"], ["foo=1", "\(key(256))=1"]),
        states(["foo=1", "\(key(257))=1"], []),
        states(["foo=1", "\(key(242))@v=1"], ["foo=1", "\(key(242))@v=1"]),
        states(["foo=1", "t@\(key(15))=1"], ["foo=1", "t@\(key(15))=1"]),
        states(["foo=bar=baz"], []),
        states(["foo=,bar=3"], []),
    ]

    private static let everyKeyByte = "abcdefghijklmnopqrstuvwxyz0123456789_-*/"
    private static let everyValueByte = String(
        decoding: (0x20...0x7e).filter { $0 != 0x2c && $0 != 0x3d }.map { UInt8($0) },
        as: UTF8.self)

    private static func members(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { "bar\($0)=\($0)" }.joined(separator: ",")
    }

    private static func key(_ count: Int) -> String { String(repeating: "z", count: count) }

    @Test func `a received context is propagated, or a new one is started`() async throws {
        try await withChain { ask in
            for row in Self.parents + Self.statesOfAParent {
                let call = try #require(try await ask(row.headers, 1).first)
                switch row.expected {
                case .new:
                    #expect(call.trace != Self.trace, "\(row.name)")
                    #expect(call.states == [], "\(row.name)")
                case .joined(let states):
                    #expect(call.trace == Self.trace, "\(row.name)")
                    #expect(call.span != Self.parent, "\(row.name)")
                    #expect(call.states == states, "\(row.name)")
                }
            }
        }
    }

    /// Equal keys: at least one of them is propagated, and the trace in any case.
    @Test(arguments: [["foo=1,foo=1"], ["foo=1,foo=2"], ["foo=1", "foo=1"], ["foo=1", "foo=2"]])
    func `a repeated key does not invalidate the list`(values: [String]) async throws {
        try await withChain { ask in
            let headers = [Self.valid] + values.map { "tracestate: \($0)" }
            let call = try #require(try await ask(headers, 1).first)
            #expect(call.trace == Self.trace)
            #expect(call.states.contains("foo=1") || call.states.contains("foo=2"))
        }
    }

    @Test(arguments: ["00", "01", "02", "03"])
    func `flags are propagated unchanged`(flags: String) async throws {
        try await withChain { ask in
            let headers = ["traceparent: 00-\(Self.trace)-\(Self.parent)-\(flags)"]
            let calls = try await ask(headers, 1)
            #expect(calls.map(\.flags) == [flags])
        }
    }

    @Test(arguments: [["traceparent: 00-\(trace)-\(parent)-01"], []])
    func `every call is a separate span in one trace`(headers: [String]) async throws {
        try await withChain { ask in
            let calls = try await ask(headers, 3)
            #expect(calls.count == 3)
            #expect(Set(calls.map(\.span)).count == 3)
            #expect(Set(calls.map(\.trace)).count == 1)
        }
    }

    // MARK: The service and its calls

    /// The context of a call.
    struct Call {
        let trace, span, flags: String
        let states: [String]

        /// Parses `traceparent`, a line break and `tracestate`.
        init(_ text: Substring) throws {
            let lines = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            let parts = lines[0].split(separator: "-", omittingEmptySubsequences: false)
            try #require(parts.count == 4 && parts[0] == "00", "\(text)")
            (trace, span, flags) = (String(parts[1]), String(parts[2]), String(parts[3]))
            #expect(trace.count == 32 && span.count == 16 && flags.count == 2)
            states = lines[1].split(separator: ",").map { $0.drop { $0 == " " } }.map { "\($0)" }
        }
    }

    /// Runs a service that calls another one as often as requested, and returns what that one received.
    private func withChain(
        _ body: (_ ask: ([String], Int) async throws -> [Call]) async throws -> Void
    ) async throws {
        let tracer = JaegerTracer(serviceName: "service", reporter: NullReporter())
        let client = HTTPClient(middleware: [ClientTracing(tracer)])
        var called = Router()
        called.get("/") { exchange in
            let headers = exchange.request.headers
            let parent = try #require(HTTPField.Name("traceparent"))
            let state = try #require(HTTPField.Name("tracestate"))
            try #require(headers.values(of: parent).count == 1)
            return headers.values(of: parent)[0] + "|"
                + headers.values(of: state).joined(separator: ",")
        }
        try await withServer(handler: called) { next, _ in
            var routes = Router()
            routes.get("/calls/{count}") { exchange in
                var seen: [String] = []
                for _ in 0..<(exchange.parameters["count"].flatMap { Int($0) } ?? 0) {
                    seen.append(
                        try await client.execute(HTTPClientRequest(.get, "http://\(next)/")).text)
                }
                return seen.joined(separator: "\n")
            }
            try await withServer(middleware: [ServerTracing(tracer)], handler: routes) {
                address, _ in
                try await body { headers, count in
                    let head = ["GET /calls/\(count) HTTP/1.1", "Host: a", "Connection: close"]
                    let request = (head + headers).joined(separator: "\r\n") + "\r\n\r\n"
                    let response = try await RawConnection.roundTrip(to: address, [request])
                    try #require(response.hasPrefix("HTTP/1.1 200 "), "\(response)")
                    let text = response.split(separator: "\r\n\r\n", maxSplits: 1)[1]
                    return try text.split(separator: "\n").map { try Call($0) }
                }
            }
        }
    }
}
