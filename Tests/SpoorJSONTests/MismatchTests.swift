import FoundationEssentials
import HTTPTypes
import SpoorHTTP
import SpoorJSON
import Testing

/// Every value of a body that does not match its type is reported with a pointer.
@Suite struct MismatchTests {
    private enum Size: String, CaseIterable, Codable {
        case small, large
    }

    private enum Colour: String, Codable {
        case red
    }

    private struct Item: Codable {
        var sku: String
        var quantity: Int8
        var size: Size?
    }

    private struct Order: Codable {
        struct Customer: Codable {
            var name: String
            var isActive: Bool
        }
        var id: UUID
        var customer: Customer
        var items: [Item]
        var due: Date
        var prices: [String: Double]
        var size: Size
        var note: String?
        var colour: Colour?
    }

    private func violations<Value: Decodable>(
        _ type: Value.Type, _ text: String, _ configuration: JSONConfiguration = JSONConfiguration()
    ) -> [String] {
        do {
            _ = try configuration.decode(type, from: Array(text.utf8))
            return []
        } catch let problem as Problem {
            #expect(problem.status == .unprocessableContent)
            return problem.violations.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `all wrong values of a body are reported together`() {
        let text = """
            {"id": "7", "customer": {"isActive": 1},
             "items": [{"sku": 5, "quantity": 300}, 7, {"sku": "b", "quantity": 1.5, "size": "huge"}],
             "due": "tomorrow", "prices": {"a": "1", "b/c": 2, "d": 1e400}, "size": null, "note": [],
             "colour": "blue"}
            """
        #expect(
            violations(Order.self, text) == [
                "body /id: must be a UUID",
                "body /customer/name: is missing",
                "body /customer/isActive: must be true or false",
                "body /items/0/sku: must be a string",
                "body /items/0/quantity: must be an integer from -128 to 127",
                "body /items/1: must be an object",
                "body /items/2/quantity: must be an integer",
                "body /items/2/size: must be one of small, large",
                "body /due: must be a date and time in ISO 8601, such as 2026-03-01T12:00:00Z",
                "body /prices/a: must be a number",
                "body /prices/d: must be a number from -1.7976931348623157e+308 to 1.7976931348623157e+308",
                "body /size: must not be null, must be one of small, large",
                "body /note: must be a string",
                "body /colour: is not one of the accepted values",
            ])
    }

    @Test func `every missing member is reported`() {
        #expect(
            violations(Order.self, "{}")
                == ["id", "customer", "items", "due", "prices", "size"].map {
                    "body /\($0): is missing"
                })
        #expect(violations(Order.self, "[]") == ["body: must be an object"])
        #expect(violations([Item].self, #"{"sku":"a"}"#) == ["body: must be an array"])
    }

    @Test(
        arguments: [
            ("[300]", "an integer from -128 to 127"), ("[-129]", "an integer from -128 to 127"),
            ("[1e400]", "an integer from -128 to 127"), ("[1.5]", "an integer"),
            ("[\"1\"]", "an integer"), ("[true]", "an integer"),
        ])
    func `an integer out of range is named with the range`(text: String, expectation: String) {
        #expect(violations([Int8].self, text) == ["body /0: must be \(expectation)"])
    }

    @Test func `numbers keep all of their digits`() {
        #expect(
            violations([Int].self, "[9223372036854775807, 9223372036854775808]") == [
                "body /1: must be an integer from -9223372036854775808 to 9223372036854775807"
            ])
        #expect(
            violations([UInt64].self, "[18446744073709551615, 18446744073709551616, -1]") == [
                "body /1: must be an integer from 0 to 18446744073709551615",
                "body /2: must be an integer from 0 to 18446744073709551615",
            ])
        #expect(violations([Double].self, "[1e308, 1e309, -1e309]").count == 2)
        // What the coder accepts is not reported together with something else.
        #expect(violations([Int].self, "[1.0, 1e2, \"x\"]") == ["body /2: must be an integer"])
    }

    @Test func `at most 100 values are reported`() {
        let text = "[" + Array(repeating: "\"x\"", count: 5000).joined(separator: ",") + "]"
        #expect(violations([Int].self, text).count == 100)
    }

    /// A type whose own decoding has rules.
    private struct Even: Decodable {
        var number: Int
        enum CodingKeys: CodingKey { case number }
        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            number = try container.decode(Int.self, forKey: .number)
            guard number.isMultiple(of: 2) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .number, in: container, debugDescription: "must be even")
            }
        }
    }

    @Test func `the message of a type's own decoding is reported with the others`() {
        #expect(
            violations([Even].self, #"[{"number":2},{"number":3},{"number":"4"},{}]"#) == [
                "body /1/number: must be even", "body /2/number: must be an integer",
                "body /3/number: is missing",
            ])
    }

    private struct Point: Decodable {
        var x: Int
        var y: Int
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            x = try container.decode(Int.self)
            y = try container.decode(Int.self)
        }
    }

    private enum Shape: Decodable {
        case circle(radius: Int)
        case point
    }

    private final class Tree: Decodable {
        var value: Int
        var children: [Tree]
        var parent: Tree?
    }

    @Test func `types with other containers are searched`() {
        #expect(
            violations([Point].self, #"[[1,2],[1],["a",2],{}]"#) == [
                "body /1/1: is missing", "body /2/0: must be an integer",
                "body /3: must be an array",
            ])
        #expect(
            violations([Shape].self, #"[{"circle":{"radius":"x"}},{"point":{}},{"circle":{}}]"#)
                == [
                    "body /0/circle/radius: must be an integer",
                    "body /2/circle/radius: is missing",
                ])
        #expect(violations([Shape].self, #"[{"square":{}}]"#).count == 1)
        #expect(
            violations(
                Tree.self,
                #"{"value":1,"children":[{"value":"x","children":[{"children":7}]}],"parent":{"value":1}}"#
            ) == [
                "body /children/0/value: must be an integer",
                "body /children/0/children/0/value: is missing",
                "body /children/0/children/0/children: must be an array",
                "body /parent/children: is missing",
            ])
    }

    @Test func `a deeply nested text is searched within a limit`() {
        struct Deep: Decodable {
            let x: [Deep]?
            let n: Int?
        }
        func text(_ levels: Int) -> String {
            String(repeating: #"{"x":["#, count: levels) + #"{"n":"a"}"#
                + String(repeating: "]}", count: levels)
        }
        let configuration = JSONConfiguration(maxDepth: 500)
        let path = String(repeating: "/x/0", count: 50)
        #expect(
            violations(Deep.self, text(50), configuration) == [
                "body \(path)/n: must be an integer"
            ])
        // Only the coder's own error.
        #expect(violations(Deep.self, text(70), configuration).count == 1)
    }

    /// A type that contains itself, so that no value of it exists.
    private final class Endless: Decodable {
        let next: Endless
    }

    @Test func `a type without an end ends the search`() {
        #expect(
            violations(Endless.self, #"{"next":{"next":{}}}"#) == [
                "body /next/next/next: is missing"
            ])
    }

    @Test func `the strategies of the decoder apply`() {
        struct Record: Decodable {
            var orderID: Int
            var paidAt: Date
            var ratio: Double
            var raw: Data
        }
        let configuration = JSONConfiguration(
            coding: FoundationJSONCoding(configureDecoder: { decoder in
                decoder.keyDecodingStrategy = .custom { path in
                    let name = path[path.count - 1].stringValue
                    return Key(name == "order-id" ? "orderID" : name)
                }
                decoder.dateDecodingStrategy = .secondsSince1970
                decoder.nonConformingFloatDecodingStrategy = .convertFromString(
                    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
            }))
        #expect(
            violations(
                Record.self, #"{"order-id":"x","paidAt":"y","ratio":"inf","raw":"?"}"#,
                configuration) == [
                    "body /order-id: must be an integer", "body /paidAt: must be a number",
                    "body /raw: must be a string in Base64",
                ])
        let snake = JSONConfiguration(
            coding: FoundationJSONCoding(configureDecoder: {
                $0.keyDecodingStrategy = .convertFromSnakeCase
            }))
        struct Snake: Decodable {
            var orderNumber: Int
            var isPaid: Bool
            var _id: Int
        }
        #expect(
            violations(Snake.self, #"{"order_number":"x","_id":1}"#, snake) == [
                "body /order_number: must be an integer", "body /is_paid: is missing",
            ])
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    @Test func `another coder's error is reported alone`() {
        struct Strict: JSONCoding {
            func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
                throw DecodingError.valueNotFound(
                    Int.self, .init(codingPath: [Key("a")], debugDescription: ""))
            }
            func encode(_ value: some Encodable) throws -> [UInt8] { [] }
        }
        #expect(
            violations([Int].self, "[]", JSONConfiguration(coding: Strict()))
                == ["body /a: must not be null, must be an integer"])
    }

    /// No text makes the search trap or hang, and it finds something in each one that the coder rejects.
    @Test func `every mutation of a body is accepted or has a violation`() {
        let whole = Array(
            #"{"id":"6BA7B810-9DAD-11D1-80B4-00C04FD430C8","customer":{"name":"n","isActive":true},"items":[{"sku":"a","quantity":1}],"due":"2026-03-01T12:00:00Z","prices":{"a":1},"size":"small"}"#
                .utf8)
        let substitutes = Array(#"0"[]{},:en-"#.utf8)
        for index in whole.indices {
            for byte in substitutes {
                var bytes = whole
                bytes[index] = byte
                do {
                    _ = try JSONConfiguration().decode(Order.self, from: bytes)
                } catch let problem as Problem {
                    #expect(!problem.violations.isEmpty)
                } catch {
                    Issue.record(error)
                }
            }
        }
    }
}
