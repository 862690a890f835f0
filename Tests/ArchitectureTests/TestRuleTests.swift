import Testing

/// Checks the rules for tests: each has an expectation, and waits for events and not for time.
@Suite struct TestRuleTests {
    @Test func `every test has an expectation`() {
        for target in Repository.testTargets {
            let functions = target.files.flatMap { TestFunction.all(in: $0) }
            let expecting = TestFunction.namesOfExpecting(functions)
            expectNone(
                functions.filter { $0.isTest && !$0.expects(by: expecting) }.map {
                    Violation(
                        path: $0.path, line: $0.line, fault: "a test without an expectation",
                        cure: "add an `#expect` or `#require` for its result")
                })
        }
    }

    /// The files whose tests must wait for time, with the reasons.
    private static let sleepers: [String: String] = [
        "Tests/TestSupport/TimeLimit.swift": "the limit itself",
        "Tests/SpoorServerTests/DateTests.swift": "a date that changes with the second",
        "Tests/SpoorClientTests/ConnectionRaceTests.swift":
            "the kernel's table of sockets notifies of no change",
        "Tests/SpoorClientTests/EarlyResponseTests.swift": "a peer that is slow, and never silent",
        "Tests/EndToEndTests/PageSnippetTests.swift":
            "a signal that is sent again until the service group handles it",
        "Tests/SpoorServerTests/WatchdogTests.swift": "a handler that is resumed after a wait",
    ]

    @Test(arguments: [
        "Task.sleep", "makeStream(of: Void.self)", "AsyncStream<Void>",
    ])
    func `tests wait for events`(word: String) {
        let cure =
            word.contains("Void")
            ? "use a `Gate`"
            : "wait for what is to happen: a `Gate`, a task's value, bytes that come"
        for source in Repository.tests
        where Self.sleepers[source.path] == nil && !source.path.hasPrefix(Self.own) {
            expectNone(
                source.violations(in: \.code, cure: cure) { code in
                    code.contains(word) ? "`\(word)`" : nil
                })
        }
    }

    @Test func `the files in which time passes are there, and need it`() {
        for path in Self.sleepers.keys {
            let source = Repository.tests.first { $0.path == path }
            #expect(source?.code.contains { $0.contains("Task.sleep") } == true, "\(path)")
        }
    }

    @Test func `tests that could hang have a limit in seconds`() {
        // Other programs take minutes to build and to run.
        for source in Repository.tests where !source.path.hasPrefix("Tests/InteropTests/") {
            expectNone(
                source.violations(in: \.code, cure: "use `.finishes(within: .seconds(60))`") {
                    $0.contains(".timeLimit(") ? "a limit in minutes" : nil
                })
        }
    }

    /// These tests contain the texts that they search for.
    private static let own = "Tests/ArchitectureTests/"

    @Test(arguments: [
        ("@Test func a() { #expect(b) }", true), ("@Test func a() throws { try c() }", true),
        ("@Test func a() { _ = try? b() }", false), ("@Test func a() { d() }", true),
        ("@Test(arguments: [1])\n    func a(b: Int) { Issue.record(\"x\") }", true),
        ("@Test func `a b`() { e() }", false), ("@Test func a() { /* #expect */ }", false),
        ("@Test func a() { let c = 1 }", false),
    ])
    func `an expectation is found, also in what a test calls`(text: String, expects: Bool) throws {
        let source = SourceText(
            path: "A.swift",
            text: """
                struct A {
                    \(text)
                    func c() throws { try #require(x) }
                    func d() { try? c() }
                    func e() { f() }
                }
                """)
        let functions = TestFunction.all(in: source)
        let test = try #require(functions.first)
        #expect(test.isTest)
        #expect(test.expects(by: TestFunction.namesOfExpecting(functions)) == expects)
    }
}
