import TestSupport
import Testing

@testable import JaegerConfiguration

@Suite struct EnvironmentReaderTests {
    private func reader(_ text: String) -> EnvironmentReader {
        EnvironmentReader { $0 == "JAEGER_TAGS" ? text : nil }
    }

    @Test(
        arguments: [("", nil), (" \t", nil), (" a b\n", "a b"), ("é ", "é")] as [(String, String?)])
    func `empty counts as not set, and blanks around a text are ignored`(
        text: String, value: String?
    ) {
        #expect(reader(text).text(.jaegerTags) == value)
    }

    @Test(
        arguments: [
            ("true", true), ("TRUE", true), ("t", true), ("1", true), ("false", false),
            ("F", false),
            ("0", false), ("", nil),
        ] as [(String, Bool?)])
    func `flags are parsed like in Go`(text: String, value: Bool?) throws {
        #expect(try reader(text).flag(.jaegerTags) == value)
    }

    @Test(
        arguments: [
            ("250", .milliseconds(250)), ("1s", .seconds(1)), ("1.5s", .milliseconds(1500)),
            ("1m30s", .seconds(90)), ("100ms", .milliseconds(100)), ("", nil),
        ] as [(String, Duration?)])
    func `durations are milliseconds, or in Go's notation`(
        text: String, value: Duration?
    ) throws {
        #expect(try reader(text).duration(.jaegerTags) == value)
    }

    @Test(arguments: ["0", "-1", "0s", "1.5", "abc", "1 s", "99999999999", "9999999999h", "∞"])
    func `other durations are rejected`(text: String) {
        #expect(throws: ConfigurationError.self) { try reader(text).duration(.jaegerTags) }
    }

    @Test func `several names are read in order`() throws {
        let reader = EnvironmentReader {
            ["JAEGER_DISABLED": " ", "OTEL_SDK_DISABLED": "true"][$0]
        }
        #expect(try reader.flag(.jaegerDisabled, .otelSDKDisabled) == true)
        #expect(try reader.flag(.jaegerDisabled, .jaegerTraceID128Bit) == nil)
    }

    @Test(
        arguments: [
            "http://h", "https://h:1/p?q#f", "HTTP://[::1]:4318/v1/traces", "http://a_b.c-d./",
        ])
    func `a URL has a scheme and a host`(text: String) {
        #expect(EnvironmentReader.isURL(text))
    }

    @Test(arguments: [
        "", "h:1", "http://", "http:///p", "http://?q", "ftp://h", "http://a b", "http://ü",
        "http://:14268/", "http://@/", "http://host:abc/", "http://host:99999/", "http://[::1/",
        "https://%zz/", "http://u:p@h/",
    ])
    func `any other text is not a URL`(text: String) {
        #expect(!EnvironmentReader.isURL(text))
    }

    @Test func `pairs can contain equals signs in values, and additional commas`() throws {
        let pairs = try reader(" a = 1 ,b=x=y,, c= ,").pairs(.jaegerTags)
        #expect(pairs.map(\.key) == ["a", "b", "c"])
        #expect(pairs.map(\.value) == ["1", "x=y", ""])
    }

    @Test(arguments: ["a", "=1", "a=1,b", " =x"])
    func `a malformed pair is rejected`(text: String) {
        #expect(throws: ConfigurationError.self) { try reader(text).pairs(.jaegerTags) }
    }

    @Test func `any text of any variable is accepted, or rejected with the name of the variable`() {
        var generator = SeededGenerator()
        let alphabet = Array("0123456789.-+eEinfatrue,=:/?#@%${}xjgoothp \u{7F}é".unicodeScalars)
        for _ in 0..<3000 {
            let environment = Dictionary(
                uniqueKeysWithValues: EnvironmentVariable.allCases.compactMap { variable in
                    let count = Int.random(in: 0...6, using: &generator)
                    let scalars = (0..<count).map { _ in
                        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                    }
                    let isSet = Int.random(in: 0..<8, using: &generator) == 0
                    return isSet
                        ? (variable.rawValue, String(String.UnicodeScalarView(scalars))) : nil
                })
            do throws(ConfigurationError) {
                let configuration = try TracingConfiguration(environment: environment)
                #expect(configuration.serviceName?.isEmpty != true)
            } catch {
                #expect(EnvironmentVariable(rawValue: error.variable) != nil)
                #expect("\(error)".contains("expected"))
            }
        }
    }
}
