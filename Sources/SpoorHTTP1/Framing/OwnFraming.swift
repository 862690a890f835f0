import SpoorHTTP

/// What the fields that a user sets on a message say of its framing, which is not theirs to write but is heeded.
struct OwnFraming {
    /// `Connection: close`.
    private(set) var closes = false
    /// `Connection: upgrade` beside an `Upgrade`.
    private(set) var upgrades = false
    /// A sound `Content-Length`.
    private(set) var length: Int?

    init(_ fields: borrowing Fields) {
        guard !fields.entries.isEmpty else { return }
        let bytes = fields.bytes.span
        var options = ConnectionOptions()
        var hasUpgrade = false
        for index in fields.entries.indices {
            let entry = fields.entries[index]
            if entry.isNamed(.upgrade, in: bytes) {
                hasUpgrade = true
            } else if entry.isNamed(.connection, in: bytes) {
                options.formUnion(ConnectionOptions(bytes, entry.value))
            } else if entry.isNamed(.contentLength, in: bytes) {
                length = try? FramingFields.decimal(bytes, entry.value)
            }
        }
        closes = options.contains(.close)
        upgrades = hasUpgrade && options.contains(.upgrade)
    }
}
