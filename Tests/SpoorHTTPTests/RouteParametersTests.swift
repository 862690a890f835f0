import HTTPTypes
import SpoorText
import TestSupport
import Testing

@testable import SpoorHTTP

@Suite struct RouteParametersTests {
    private static func exchange() -> Exchange {
        let exchange = Exchange.stub(
            .stub(.get, "/hello/J%C3%BCrgen%2520/a+b"), over: RecordingTransport())
        let start = exchange.request.pathRange.lowerBound
        exchange.didRoute(RouteTemplate("/hello/{name}/{rest...}", names: ["name", "rest"]))
        exchange.state.value.parameterRanges = [start + 7..<start + 23, start + 24..<start + 27]
        return exchange
    }

    @Test func `returns the value of a parameter, decoded once`() {
        let exchange = Self.exchange()
        #expect(exchange.parameters["name"] == "Jürgen%20")
        #expect(exchange.parameters["rest"] == "a+b")
        #expect(exchange.parameters[ifPresent: "name"] == "Jürgen%20")
        #expect(exchange.parameters.names == ["name", "rest"])
        #expect(exchange.response.failure == nil)
    }

    @Test func `a name that the route does not have makes the exchange fail`() async throws {
        let exchange = Self.exchange()
        #expect(exchange.parameters["Name"] == nil)
        let error = UnknownParameterError(
            name: "Name", route: "/hello/{name}/{rest...}", names: ["name", "rest"])
        #expect(exchange.response.failure as? UnknownParameterError == error)
        #expect(
            error.description.hasPrefix(
                "the route /hello/{name}/{rest...} has no parameter {Name}: it has {name}, {rest}"))
        #expect(!exchange.response.isHeadSent)
        await #expect(throws: error) { try await exchange.response.send(Response(text: "x")) }
        await #expect(throws: error) { try await exchange.response.write("x") }
        await #expect(throws: error) { try await exchange.response.start() }
        await #expect(throws: error) { try await exchange.response.flush() }
        await #expect(throws: error) { try await exchange.response.finish() }
        await #expect(throws: error) { try await exchange.response.sendInterim(.earlyHints) }
        exchange.reset()
        #expect(exchange.response.failure == nil && exchange.parameters.names.isEmpty)
        try await exchange.response.send(Response(text: "x"))
    }

    @Test func `an optional parameter that the route does not have is not an error`() async throws {
        let exchange = Self.exchange()
        #expect(exchange.parameters[ifPresent: "id"] == nil)
        #expect(exchange.response.failure == nil)
        exchange.reset()
        #expect(exchange.parameters[ifPresent: "name"] == nil)
        #expect(exchange.response.failure == nil)
    }

    @Test func `reading a parameter before routing is reported as a programming error`() {
        let exchange = Exchange.stub(over: RecordingTransport())
        #expect(exchange.parameters["id"] == nil)
        let text = exchange.response.failure.map { "\($0)" }
        #expect(text?.hasPrefix("no route was matched that could have a parameter {id}") == true)
    }

    @Test func `a programming error after the head was sent is kept to be reported`() async throws {
        let exchange = Self.exchange()
        try await exchange.response.write("x")
        #expect(exchange.parameters["id"] == nil)
        #expect(exchange.response.failure is UnknownParameterError)
        try await exchange.response.finish()
        #expect(exchange.response.isComplete)
    }

    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41", "A"), ("%4a%4A", "JJ"), ("%", "%"), ("%4", "%4"),
        ("%zz", "%zz"), ("%%41", "%A"), ("%e2%82%ac", "€"), ("%ff", "\u{FFFD}"), ("%00", "\0"),
        ("%2e%2e%2f", "../"), ("a%4", "a%4"), ("%4%41", "%4A"),
    ])
    func `decodes percent-encoded bytes and keeps other percent signs`(
        encoded: String, text: String
    ) {
        #expect(PercentEncoding.decodedText(Array(encoded.utf8)[...]) == text)
        #expect(PercentEncoding.decodedText(Array(("x" + encoded).utf8)[1...]) == text)
    }

    @Test func `accepts hexadecimal digits of either case`() {
        for byte in UInt8.min...UInt8.max {
            let digit = byte < 0x80 ? Character(Unicode.Scalar(byte)).hexDigitValue : nil
            #expect(byte.hexDigitValue.map { Int($0) } == digit)
        }
    }
}

@Suite struct ConnectionInfoTests {
    @Test func `prints addresses as they are written`() {
        #expect(ConnectionInfo.Endpoint.ipv4("127.0.0.1", port: 80).description == "127.0.0.1:80")
        #expect(ConnectionInfo.Endpoint.ipv6("::1", port: 80).description == "[::1]:80")
        #expect(ConnectionInfo.Endpoint.unix("/run/a").description == "unix:/run/a")
        #expect(ConnectionInfo.Endpoint.none.description == "-")
        #expect(!ConnectionInfo.unknown.isSecure)
    }
}
