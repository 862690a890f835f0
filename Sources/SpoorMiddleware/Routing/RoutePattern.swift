/// The template of a route, such as `/hello/{name}` or `/files/{path...}`, taken apart.
///
/// A segment is a literal, a placeholder `{name}` for exactly one segment that is not empty, or, at the end, a
/// placeholder `{name...}` for all that is left.
struct RoutePattern {
    enum Segment: Equatable {
        case literal([UInt8])
        case parameter
        case rest
    }

    /// The template as it was written; names the route.
    let template: String
    let segments: [Segment]
    /// The names of the placeholders, in order.
    let names: [String]

    /// Takes a template apart.
    ///
    /// A template is part of the program: one that makes no sense stops it (precondition).
    init(_ template: String) {
        precondition(template.first == "/", "the route \(template) does not begin with a slash")
        self.template = template
        var segments: [Segment] = []
        var names: [String] = []
        for part in template.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard segments.last != .rest else {
                preconditionFailure("the route \(template) goes on behind its {...}")
            }
            guard part.first == "{", part.last == "}" else {
                segments.append(.literal(Array(part.utf8)))
                continue
            }
            let name = part.dropFirst().dropLast()
            segments.append(name.hasSuffix("...") ? .rest : .parameter)
            names.append(String(name.hasSuffix("...") ? name.dropLast(3) : name))
        }
        precondition(Set(names).count == names.count, "the route \(template) repeats a name")
        precondition(!names.contains(""), "the route \(template) has a placeholder without a name")
        self.segments = segments
        self.names = names
    }
}
