@testable import JaegerTracing
import TestSupport
import Testing

/// Propagation of baggage through a service, with the default formats and with W3C Baggage only.
@Suite struct BaggageForwardingTests {
    private static let trace = (
        "traceparent", "00-00000000000000000000000000000001-0000000000000002-01"
    )

    /// Extracts the headers as a server does, and injects them as its client does, from within a span.
    private func forward(
        _ fields: [(String, String)],
        formats: [PropagationFormat] = [.jaeger, .traceContext, .baggage],
        change: (JaegerSpan) -> Void = { _ in }
    ) -> HeaderList {
        let tracer = JaegerTracer.stub(propagation: Propagation(formats: formats))
        let received = tracer.extract(from: HeaderList(fields + [Self.trace]))
        let span = tracer.startSpan("op", childOf: received)
        change(span)
        var written: HeaderList = [:]
        tracer.inject(span.spanContext, into: &written)
        return written
    }

    @Test(arguments: [
        "userId=alice,UserID=bob,serverNode=DF%2028;prop=1", "k=v", "k=v;p", "k=", "k=;p",
        "k = v , l =w", "k=a+b", "k=a%2fb", "k=a%2Fb", "k=%zz", "k=100%", "k=%FF", "k=a/b:c@d(e)",
        "k=\"quoted\"", "k=a=b==", "a=1,a=2", "a=1,b=2,a=3;p", "k=v;p1;p2=x;p3 = y , k2=v2;p",
        "K=1,k=2,K=3", "k=\t v\t;\tp\t,l=w",
    ])
    func `unchanged baggage is sent as received`(text: String) {
        #expect(forward([("baggage", text)])["baggage"] == text)
        #expect(forward([("baggage", text)], formats: [.baggage])["baggage"] == text)
        // Also after a service that has written both formats.
        let first = forward([("baggage", text)])
        let second = forward(first.fields.map { ($0.name, $0.value) })
        #expect(second["baggage"] == text)
        #expect(
            second.fields.filter { $0.name.hasPrefix("uberctx-") }.map(\.value)
                == first.fields.filter { $0.name.hasPrefix("uberctx-") }.map(\.value))
    }

    @Test func `several headers are sent as one list, in their order`() {
        let fields = [("baggage", "b=2;p , a=1"), ("Baggage", "B=3"), ("baggage", "c = 4")]
        #expect(forward(fields)["baggage"] == "b=2;p , a=1,B=3,c = 4")
    }

    @Test func `a change replaces only its own member`() {
        let text = "userId=alice;p=1,UserID=bob;q , serverNode=DF%2028;prop=1"
        let changed = forward([("baggage", text)]) { $0.setBaggageItem("UserID", "new one") }
        #expect(
            changed["baggage"] == "userId=alice;p=1,UserID=new%20one, serverNode=DF%2028;prop=1")
        let removed = forward([("baggage", text)]) { $0.setBaggageItem("userId", nil) }
        #expect(removed["baggage"] == "UserID=bob;q , serverNode=DF%2028;prop=1")
        let added = forward([("baggage", text)]) { $0.setBaggageItem("userid", "x") }
        #expect(added["baggage"] == text + ",userid=x")
    }

    @Test func `a change of a repeated key leaves one member`() {
        let changed = forward([("baggage", "a=1,b=2;p,a=3")]) { $0.setBaggageItem("a", "4") }
        #expect(changed["baggage"] == "b=2;p,a=4")
        let removed = forward([("baggage", "a=1,b=2;p,a=3")]) { $0.setBaggageItem("a", nil) }
        #expect(removed["baggage"] == "b=2;p")
    }

    @Test func `headers of pairs have keys in lower case, and the last of several wins`() {
        let written = forward([("baggage", "userId=alice,UserID=bob,Other=1;p")])
        #expect(written["uberctx-userid"] == "bob")
        #expect(written["uberctx-other"] == "1")
        #expect(written.fields.filter { $0.name.hasPrefix("uberctx-") }.count == 2)
    }

    @Test func `a pair received in both formats is one pair, with the key of W3C`() {
        let written = forward([("uberctx-userid", "alice"), ("baggage", "userId=alice;p")])
        #expect(written["baggage"] == "userId=alice;p")
        #expect(written["uberctx-userid"] == "alice")
    }

    @Test func `of two values that of the preferred header wins`() {
        let fields = [("uberctx-userid", "carol"), ("baggage", "a=1;p,userId=alice;p")]
        #expect(forward(fields)["baggage"] == "a=1;p,userId=carol")
        let w3cFirst = forward(fields, formats: [.baggage, .traceContext, .jaeger])
        #expect(w3cFirst["baggage"] == "a=1;p,userId=alice;p")
        #expect(w3cFirst["uberctx-userid"] == "alice")
        // It is ambiguous which of the two is meant.
        let ambiguous = [("uberctx-userid", "carol"), ("baggage", "userId=alice,UserID=bob")]
        #expect(forward(ambiguous)["baggage"] == "userId=alice,UserID=bob")
    }

    @Test func `pairs of Jaeger's headers are added to the list and match case-insensitively`() {
        let tracer = JaegerTracer.stub()
        let context = tracer.extract(
            from: HeaderList([("UberCtx-Who", "John+Doe"), ("baggage", "b=1;p"), Self.trace]))
        let span = tracer.startSpan("op", childOf: context)
        #expect(span.baggageItem("who") == "John Doe")
        #expect(span.baggageItem("WHO") == "John Doe")
        #expect(span.baggageItem("B") == nil)
        var written: HeaderList = [:]
        tracer.inject(span.spanContext, into: &written)
        #expect(written["baggage"] == "who=John%20Doe,b=1;p")
        #expect(written["uberctx-who"] == "John%20Doe")
        span.setBaggageItem("WHO", "x")
        #expect(span.baggageItem("who") == "x")
        #expect(span.spanContext.baggage.count == 2)
    }

    @Test func `characters that are invalid in a header are encoded before it is sent`() {
        let sent = "k=\u{e9};p=a\r\nx: y\u{0}\u{7f}"
        #expect(
            forward([("baggage", sent)], formats: [.baggage])["baggage"]
                == "k=%C3%A9;p=a%0D%0Ax: y%00%7F")
    }

    @Test func `64 members and 8192 bytes are propagated, more are not`() {
        let many = (1...64).map { "k\($0)=v;p" }.joined(separator: ",")
        #expect(forward([("baggage", many)])["baggage"] == many)
        #expect(forward([("baggage", many + ",more=v")])["baggage"] == many)
        // Properties and percent-encoding count, too.
        let head = "a=%C3%A9;p=1,b=2;"
        let long = head + String(repeating: "p", count: 8192 - head.utf8.count)
        #expect(forward([("baggage", long)])["baggage"] == long)
        #expect(forward([("baggage", long + "pp")])["baggage"] == "a=%C3%A9;p=1")
    }

    @Test func `restrictions on a key apply case-insensitively, but not to propagated baggage`() {
        let propagation = Propagation(
            baggageRestrictions: BaggageRestrictions(
                maxValueBytesByKey: ["userid": 2], allowsOtherKeys: false))
        let tracer = JaegerTracer.stub(propagation: propagation)
        let span = tracer.startSpan(
            "op",
            childOf: tracer.extract(
                from: HeaderList([("baggage", "Other=long value;p"), Self.trace])))
        span.setBaggageItem("UserID", "abc")
        span.setBaggageItem("other", "x")
        var written: HeaderList = [:]
        tracer.inject(span.spanContext, into: &written)
        #expect(written["baggage"] == "Other=long value;p,UserID=ab")
    }

    @Test func `any list of members is sent as received`() {
        var random = SeededGenerator()
        let pieces = [
            "a", "A", "b", "=", "=", ";", " ", "\t", "%20", "%", "+", "p", "\"", "/", "1",
        ]
        for _ in 0..<2_000 {
            let members = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                let rest = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    pieces.randomElement(using: &random) ?? ""
                }
                return (["a", "A", "key"].randomElement(using: &random) ?? "") + "="
                    + rest.joined()
            }
            let text = members.joined(separator: ",")
            let trimmed = text.utf8.span.trimmedText
            #expect(forward([("baggage", text)])["baggage"] == trimmed)
        }
    }
}
