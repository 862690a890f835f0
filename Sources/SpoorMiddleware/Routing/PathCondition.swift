import SpoorHTTP

/// Patterns that the path of a request may match.
struct PathCondition: Sendable {
    private var tree = RouteTree(ignoresTrailingSlash: true)

    /// Parses the patterns; an invalid one stops the program.
    init(_ patterns: [String], file: StaticString, line: UInt) {
        self = Router.stoppingOnError(file: file, line: line) { try Self(patterns) }
    }

    /// Parses the patterns.
    ///
    /// - Throws: ``RoutePatternError``.
    init(_ patterns: [String]) throws {
        for template in patterns {
            let pattern = try RoutePattern(template)
            let identity = RouteIdentity(.any, template: template, place: "")
            let endpoint = RouteEndpoint(
                identity, names: pattern.names, group: nil, handler: SyncHandler { _ in Response() }
            )
            // A second pattern of the same shape adds nothing.
            do { try tree.add(pattern, endpoint) } catch {}
        }
        tree.index()
    }

    /// Returns whether the path as received and the clean path match.
    func match(_ request: Request) -> (received: Bool, clean: Bool) {
        let bytes = request.head.bytes
        let received = matches(bytes, request.pathRange)
        guard let cleaned = PathCleaner.clean(bytes, request.pathRange) else {
            return (received, received)
        }
        return (received, matches(cleaned, cleaned.indices))
    }

    private func matches(_ bytes: [UInt8], _ path: Range<Int>) -> Bool {
        guard
            var search = RouteSearch(
                bytes, path: path, for: .known(.get), ignoresTrailingSlash: true)
        else { return false }
        return tree.search(&search)
    }
}
