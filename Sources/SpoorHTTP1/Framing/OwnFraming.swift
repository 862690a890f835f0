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
            let start = entry.name.lowerBound
            switch entry.nameCount {
            case 7 where bytes.isToken("upgrade", at: start): hasUpgrade = true
            case 10 where bytes.isToken("connection", at: start):
                options.formUnion(ConnectionOptions(bytes, entry.value))
            case 14 where bytes.isToken("content-length", at: start):
                length = try? FramingFields.decimal(bytes, entry.value)
            default: break
            }
        }
        closes = options.contains(.close)
        upgrades = hasUpgrade && options.contains(.upgrade)
    }
}
