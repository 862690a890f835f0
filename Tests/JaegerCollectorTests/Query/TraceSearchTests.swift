import JaegerTracing
import Testing

@testable import JaegerCollector

@Suite struct TraceSearchTests {
    static let now: UInt64 = 1_000_000_000_000

    private func search(_ query: String) throws -> TraceSearch {
        try TraceSearch(QueryItems(query), nowNanoseconds: Self.now)
    }

    @Test(arguments: [
        ("service=shop", TraceQuery(service: "shop")),
        ("service=a+b%2Bc%3D", TraceQuery(service: "a b+c=")),
        ("service=*", TraceQuery()),
        ("service=a&operation=GET+%2Fx", TraceQuery(service: "a", operation: "GET /x")),
        ("tag=k:v", TraceQuery(tags: ["k": "v"])),
        ("tag=k:v&tag=url:http://x:1", TraceQuery(tags: ["k": "v", "url": "http://x:1"])),
        ("tag=k:1&tag=k:2", TraceQuery(tags: ["k": "1", "k": "2"])),
        ("tag=k:", TraceQuery(tags: ["k": ""])),
        (
            "tags=%7B%22a%22%3A%22b%22%2C%22c%22%3A5%2C%22d%22%3Atrue%2C%22e%22%3A0.5%7D",
            TraceQuery(tags: ["a": "b", "c": "5", "d": "true", "e": "0.5"])
        ),
        (
            "tags=%7B%22a%22:-9007199254740992,%22b%22:0.1,%22c%22:1e2%7D",
            TraceQuery(tags: ["a": "-9007199254740992", "b": "0.1", "c": "100"])
        ),
        (
            // As in Jaeger, whose JSON decoder keeps the last value of a repeated key.
            "tags=%7B%22a%22:%221%22,%22b%22:%22x%22,%22a%22:%222%22%7D",
            TraceQuery(tags: ["a": "2", "b": "x"])
        ),
        (
            "service=a&start=1&end=2",
            TraceQuery(service: "a", minStartNanoseconds: 1000, maxStartNanoseconds: 2000)
        ),
        ("service=a&start=-5", TraceQuery(service: "a")),
        ("service=a&end=9223372036854775807", TraceQuery(service: "a")),
        ("service=a&lookback=5m", TraceQuery(service: "a", minStartNanoseconds: 700_000_000_000)),
        ("service=a&lookback=2d", TraceQuery(service: "a")),
        ("service=a&lookback=custom", TraceQuery(service: "a")),
        (
            "service=a&lookback=5m&start=7",
            TraceQuery(service: "a", minStartNanoseconds: 7000)
        ),
        (
            "service=a&minDuration=1.5ms&maxDuration=1m",
            TraceQuery(
                service: "a", minDurationNanoseconds: 1_500_000,
                maxDurationNanoseconds: 60_000_000_000)
        ),
        ("service=a&minDuration=&limit=&start=", TraceQuery(service: "a")),
        ("service=a&limit=7", TraceQuery(service: "a", limit: 7)),
        ("service=a&limit=0", TraceQuery(service: "a", limit: .max)),
        ("&&service=a&x&=y&", TraceQuery(service: "a")),
    ])
    func `parses a search`(query: String, expected: TraceQuery) throws {
        #expect(try search(query) == .matching(expected))
    }

    @Test func `trace ids exclude a search`() throws {
        let ids = [TraceID(low: 1), TraceID(high: 0xab, low: 2)]
        #expect(
            try search("traceID=1&traceID=00000000000000AB0000000000000002&service=a") == .ids(ids))
    }

    @Test(arguments: [
        ("", "parameter 'service' is required"),
        ("operation=x", "parameter 'service' is required"),
        ("service=&limit=3", "parameter 'service' is required"),
        ("service=a&start=x", "unable to parse param 'start': x"),
        ("service=a&end=1.5", "unable to parse param 'end': 1.5"),
        ("service=a&limit=many", "unable to parse param 'limit': many"),
        ("service=a&limit=99999999999", "unable to parse param 'limit': 99999999999"),
        ("service=a&minDuration=5", "unable to parse param 'minDuration': invalid duration \"5\""),
        (
            "service=a&minDuration=2s&maxDuration=1s",
            "'maxDuration' should be greater than 'minDuration'"
        ),
        ("tag=:v", "malformed 'tag' parameter, expecting key:value, received: :v"),
        ("tags=null", "malformed 'tags' parameter, expecting a JSON object of texts"),
        ("tags=error", "malformed 'tags' parameter, expecting a JSON object of texts"),
        (
            "tags=%7B%22a%22:null%7D",
            "malformed 'tags' parameter, expecting a JSON object of texts"
        ),
        ("tag=novalue", "malformed 'tag' parameter, expecting key:value, received: novalue"),
        ("tags=%7B", "malformed 'tags' parameter, expecting a JSON object of texts"),
        ("tags=[1]", "malformed 'tags' parameter, expecting a JSON object of texts"),
        (
            "tags=%7B%22a%22:9007199254740994%7D",
            "malformed 'tags' parameter, expecting a JSON object of texts"
        ),
        ("tags=%7B%22a%22:[]%7D", "malformed 'tags' parameter, expecting a JSON object of texts"),
        ("traceID=xyz", "cannot parse traceID param: xyz"),
        ("traceID=", "cannot parse traceID param: "),
    ])
    func `reports malformed parameters`(query: String, message: String) {
        #expect(throws: QueryError(message)) { try search(query) }
    }
}
