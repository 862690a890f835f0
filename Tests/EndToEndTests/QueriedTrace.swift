import FoundationEssentials
import Spoor

/// A trace as the collector's query API tells it; what the tests look at of it.
struct QueriedTrace: Decodable {
    struct Span: Decodable {
        struct Reference: Decodable {
            let refType: String
            let traceID: String
            let spanID: String
        }

        let traceID: String
        let spanID: String
        let operationName: String
        let references: [Reference]
        let flags: Int?
        let duration: Int
        let tags: [Tag]
        let processID: String

        func text(_ key: String) -> String? { tags.first { $0.key == key }?.text }
    }

    struct Tag: Decodable {
        let key: String
        let type: String
        /// The value in words.
        let text: String

        private enum Key: String, CodingKey { case key, type, value }

        init(from decoder: any Decoder) throws {
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

    struct Process: Decodable {
        let serviceName: String
    }

    struct Answer: Decodable {
        let data: [QueriedTrace]
    }

    let traceID: String
    let spans: [Span]
    let processes: [String: Process]

    func service(of span: Span) -> String? { processes[span.processID]?.serviceName }

    /// The span of a service with that name.
    func span(_ service: String, _ operationName: String) -> Span? {
        spans.first { self.service(of: $0) == service && $0.operationName == operationName }
    }

    /// Asks a collector's query API for traces.
    static func fetch(_ query: String, from collector: String) async throws -> [QueriedTrace] {
        let answer = try await HTTPClient().send(
            ClientRequest(.get, "\(collector)/api/traces?\(query)"))
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body)).data
    }
}
