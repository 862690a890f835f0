import HTTPTypes
@testable import SpoorHTTP
import SpoorText
import TestSupport
import Testing

private enum Sort: String, CaseIterable, Decodable {
    case newest, price
}

private struct Email: InputValue, Equatable {
    let text: String
    static func inputValue(of text: String) -> Email? {
        text.contains("@") ? Email(text: text) : nil
    }
    static var inputExpectation: String { "an e-mail address" }
}

@Suite struct QueryParametersTests {
    private func query(_ text: String) -> QueryParameters {
        QueryParameters(URLQuery(encoded: text))
    }

    private func details(_ read: () throws -> Any?) -> [String] {
        do {
            _ = try read()
            return []
        } catch let problem as Problem {
            #expect(problem.status == .badRequest)
            return problem.violations.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `values are read by type`() throws {
        let query = query("n=-7&u=8&d=1.5e2&b=true&s=a%20b&sort=price&m=a%40b&t=1&t=2&empty=")
        #expect(try query.require("n", as: Int.self) == -7)
        #expect(try query.require("u") as UInt8 == 8)
        #expect(try query.get("d", as: Double.self) == 150)
        #expect(try query.get("b", default: false))
        #expect(try query.require("s", as: String.self) == "a b")
        #expect(try query.get("sort", as: Sort.self) == .price)
        #expect(try query.get("sort", default: Sort.newest) == .price)
        #expect(try query.get("none", default: Sort.newest) == .newest)
        #expect(try query.require("m", as: Email.self) == Email(text: "a@b"))
        #expect(try query.all("t", as: Int.self) == [1, 2])
        #expect(try query.all("none", as: Int.self) == [])
        #expect(try query.get("none", as: Int.self) == nil)
        #expect(try query.require("empty", as: String.self) == "")
    }

    // P018
    @Test(arguments: [
        "+1", "01", "1.0", "１", " 1", "1 ", "", "0x1", "1e2", "99999999999999999999", "-0", "1_000",
    ])
    func `an integer has one spelling`(text: String) {
        let query = QueryParameters(["n": text])
        #expect(
            details { try query.require("n", as: Int.self) }
                == ["query parameter n: must be an integer, not \"\(text)\""])
    }

    @Test(arguments: ["nan", "inf", "-infinity", "0x1p3", "", "1,5", "1e999"])
    func `a number is finite and decimal`(text: String) {
        let query = QueryParameters(["d": text])
        #expect(details { try query.get("d", as: Double.self) }.count == 1)
    }

    @Test func `a failure names the parameter and what is expected`() {
        let query = query(
            "b=yes&sort=cheap&m=x&a=1&a=2&t=1&t=x&t=y&long=\(String(repeating: "é", count: 99))")
        #expect(
            details { try query.require("b", as: Bool.self) }
                == ["query parameter b: must be true or false, not \"yes\""])
        #expect(
            details { try query.get("sort", as: Sort.self) }
                == ["query parameter sort: must be one of newest, price, not \"cheap\""])
        #expect(
            details { try query.require("m", as: Email.self) }
                == ["query parameter m: must be an e-mail address, not \"x\""])
        #expect(
            details { try query.require("none", as: UInt.self) }
                == ["query parameter none: is missing, must be an integer that is not negative"])
        #expect(
            details { try query.get("a", as: Int.self) }
                == ["query parameter a: occurs 2 times, must occur once"])
        #expect(
            details { try query.all("t", as: Int.self) } == [
                "query parameter t: must be an integer, not \"x\"",
                "query parameter t: must be an integer, not \"y\"",
            ])
        #expect(
            details { try query.get("long", as: Int.self) }
                == [
                    "query parameter long: must be an integer, not \"\(String(repeating: "é", count: 40))…\""
                ])
    }

    private struct Page: Decodable, Equatable {
        var limit: Int
        var ratio: Double?
        var sort: Sort?
        var tags: [String]
        var ids: [Int]?
        var isOpen: Bool?
        enum CodingKeys: String, CodingKey {
            case limit, ratio, sort, ids
            case tags = "tag"
            case isOpen = "is-open"
        }
    }

    @Test func `a type reads the whole query`() throws {
        let page = try query("limit=20&tag=a&tag=b%26c&sort=newest&is-open=true&ignored=1")(
            Page.self)
        #expect(
            page
                == Page(
                    limit: 20, ratio: nil, sort: .newest, tags: ["a", "b&c"], ids: nil, isOpen: true
                ))
        let other = try query("limit=0&ids=1&ids=2&ratio=0.5")(Page.self)
        #expect(other == Page(limit: 0, ratio: 0.5, sort: nil, tags: [], ids: [1, 2], isOpen: nil))
    }

    @Test func `every invalid parameter of a type is reported`() {
        #expect(
            details { try query("limit=x&ratio=y&is-open=1&ids=1&ids=z")(Page.self) } == [
                "query parameter limit: must be an integer, not \"x\"",
                "query parameter ratio: must be a decimal number, not \"y\"",
                "query parameter ids: must be an integer, not \"z\"",
                "query parameter is-open: must be true or false, not \"1\"",
            ])
        #expect(
            details { try query("limit=1&limit=2")(Page.self) }
                == ["query parameter limit: occurs 2 times, must occur once"])
        #expect(
            details { try query("")(Page.self) }
                == ["query parameter limit: is missing, must be an integer"])
        #expect(
            details { try query("limit=x&sort=cheap&is-open=1")(Page.self) } == [
                "query parameter limit: must be an integer, not \"x\"",
                "query parameter sort: must be one of newest, price, not \"cheap\"",
                "query parameter is-open: must be true or false, not \"1\"",
            ])
    }

    @Test func `types with their own decoding do not hide the parameters after them`() {
        struct Limit: Decodable {
            let count: Int
            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                count = try container.decode(Int.self)
                guard (1...100).contains(count) else {
                    throw DecodingError.dataCorruptedError(
                        in: container, debugDescription: "must be between 1 and 100")
                }
            }
        }
        struct Search: Decodable {
            var first: Limit
            var contact: Email
            var second: Limit
            var sorts: [Sort]
            var offset: Int

            enum CodingKeys: CodingKey { case first, contact, second, sorts, offset }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                first = try container.decode(Limit.self, forKey: .first)
                contact = Email(text: "")
                second = try container.decode(Limit.self, forKey: .second)
                sorts = try container.decode([Sort].self, forKey: .sorts)
                offset = try container.decode(Int.self, forKey: .offset)
            }
        }
        #expect(
            details {
                try query("first=500&second=x&sorts=price&sorts=cheap&offset=y")(Search.self)
            } == [
                "query parameter first: must be between 1 and 100",
                "query parameter second: must be an integer, not \"x\"",
                "query parameter sorts: must be one of newest, price, not \"cheap\"",
                "query parameter offset: must be an integer, not \"y\"",
            ])
    }

    @Test func `a type that is not flat is a programming error`() {
        struct Nested: Decodable {
            struct Inner: Decodable { var a: Int }
            var inner: Inner
        }
        #expect(throws: InputModelError(property: "inner")) { try query("inner=1")(Nested.self) }
        #expect(throws: InputModelError(property: "")) { try query("a=1")([Int].self) }
        #expect(throws: InputModelError(property: "")) { try query("a=1")(Int.self) }
    }

    @Test func `the fuzzing corpus is decoded, or has violations`() throws {
        struct Page: Decodable {
            var n: Int
            var u: UInt8?
            var b: Bool?
            var sort: Sort?
            var t: [String]
            var i: [Int]?
        }
        let inputs = try Corpus.inputs(of: "query")
        #expect(inputs.count > 10)
        for input in inputs {
            let text = String(decoding: input.bytes, as: UTF8.self)
            let violations = details { try query(text)(Page.self) }
            #expect(violations.allSatisfy { $0.hasPrefix("query parameter ") }, "\(input.name)")
        }
    }

    @Test func `no query makes decoding trap`() {
        let whole = Array("limit=1&tag=%2&tag=%zz&=&&ids=%FF&sort=newest&ratio=1".utf8)
        for end in 0...whole.count {
            let text = String(decoding: whole[..<end], as: UTF8.self)
            _ = details { try query(text)(Page.self) }
            #expect(query(text).items.count <= 7)
        }
    }
}
