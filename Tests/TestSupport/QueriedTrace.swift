import FoundationEssentials

/// A trace of the collector's query API, with the parts that tests need.
package struct QueriedTrace: Decodable {
    package struct Span: Decodable {
        package struct Reference: Decodable {
            package let refType: String
            package let traceID: String
            package let spanID: String
        }

        package let traceID: String
        package let spanID: String
        package let operationName: String
        package let references: [Reference]
        package let flags: Int?
        package let duration: Int
        package let tags: [Tag]
        package let processID: String

        package func text(_ key: String) -> String? { tags.first { $0.key == key }?.text }
    }

    package struct Tag: Decodable {
        package let key: String
        package let type: String
        /// The value as text.
        package let text: String

        private enum Key: String, CodingKey { case key, type, value }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            key = try container.decode(String.self, forKey: .key)
            type = try container.decode(String.self, forKey: .type)
            text =
                switch type {
                case "bool": "\(try container.decode(Bool.self, forKey: .value))"
                case "int64": "\(try container.decode(Int.self, forKey: .value))"
                case "float64": "\(try container.decode(Double.self, forKey: .value))"
                default: try container.decode(String.self, forKey: .value)
                }
        }
    }

    package struct Process: Decodable {
        package let serviceName: String
    }

    private struct QueryResponse: Decodable {
        let data: [QueriedTrace]
    }

    package let traceID: String
    package let spans: [Span]
    package let processes: [String: Process]

    package func service(of span: Span) -> String? { processes[span.processID]?.serviceName }

    /// The span of a service with that name.
    package func span(_ service: String, _ operationName: String) -> Span? {
        spans.first { self.service(of: $0) == service && $0.operationName == operationName }
    }

    /// The traces in a response of the query API.
    package static func decode(_ body: [UInt8]) throws -> [QueriedTrace] {
        try JSONDecoder().decode(QueryResponse.self, from: Data(body)).data
    }
}
