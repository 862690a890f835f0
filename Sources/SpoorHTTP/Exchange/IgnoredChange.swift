package import HTTPTypes

/// A change of a response that has no effect, because its head was sent before, or because its framing has no room for it.
///
/// It is logged at debug level, so that a middleware that changes the response too late can be found.
package enum IgnoredChange: Sendable, Equatable {
    /// The status was set to this one.
    case status(HTTPResponse.Status)
    /// The field of this name was set, appended to or removed.
    case field(String)
    /// Trailer fields were given for a body that is not chunked (RFC 9110 §6.5).
    case trailers
}

extension Exchange {
    /// Logs the names of the fields in which these differ from those that were sent.
    func noteIgnored(_ changed: Fields) {
        let sent = state.value.responseFields
        guard changed != sent || changed.refusedName != sent.refusedName else { return }
        var noted: [HTTPField.Name] = []
        if let name = changed.refusedName.flatMap({ HTTPField.Name($0) }) { noted.append(name) }
        for name in (Array(changed) + Array(sent)).map(\.name) where !noted.contains(name) {
            if changed.byteValues(of: name) != sent.byteValues(of: name) { noted.append(name) }
        }
        for name in noted { transport.noteIgnored(.field(name.rawName), for: self) }
    }
}
