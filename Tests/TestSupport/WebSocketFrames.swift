/// The part of RFC 6455 that an echo needs: the digest of the handshake, and the frames of both sides.
package struct WebSocketFrames {
    package struct Frame: Equatable, Sendable {
        package let opcode: UInt8
        package let payload: [UInt8]

        package init(opcode: UInt8, payload: [UInt8]) {
            self.opcode = opcode
            self.payload = payload
        }

        package static func text(_ text: String) -> Frame {
            Frame(opcode: 1, payload: Array(text.utf8))
        }

        /// The frame as a server sends it, or as a client does: masked (RFC 6455 §5.3).
        package func bytes(mask: [UInt8]? = nil) -> [UInt8] {
            let maskBit: UInt8 = mask == nil ? 0 : 0x80
            var bytes = [0x80 | opcode]
            switch payload.count {
            case 0...125: bytes.append(maskBit | UInt8(payload.count))
            case 126...0xFFFF:
                bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
            default:
                bytes.append(maskBit | 127)
                for shift in stride(from: 56, through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
                }
            }
            guard let mask else { return bytes + payload }
            return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
        }
    }

    private var bytes: [UInt8] = []

    package init() {}

    /// Appends received bytes.
    package mutating func append(_ more: [UInt8]) { bytes += more }

    /// Returns the next complete frame; nil if more bytes are needed.
    package mutating func next() -> Frame? {
        guard bytes.count >= 2 else { return nil }
        var count = Int(bytes[1] & 0x7F)
        var at = 2
        if count >= 126 {
            let width = count == 126 ? 2 : 8
            guard bytes.count >= at + width else { return nil }
            count = bytes[at..<at + width].reduce(0) { $0 << 8 | Int($1) }
            at += width
        }
        let isMasked = bytes[1] & 0x80 != 0
        let mask = isMasked ? Array(bytes.dropFirst(at).prefix(4)) : [0, 0, 0, 0]
        if isMasked { at += 4 }
        guard bytes.count >= at + count else { return nil }
        let payload = bytes[at..<at + count].enumerated().map { $1 ^ mask[$0 % 4] }
        defer { bytes.removeFirst(at + count) }
        return Frame(opcode: bytes[0] & 0x0F, payload: payload)
    }

    /// `Sec-WebSocket-Accept` for a key (RFC 6455 §4.2.2).
    package static func accept(_ key: String) -> String {
        base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start...].prefix(3))
            let bits = (group + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
            for place in 0..<4 {
                text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return text
    }

    private static func sha1(_ message: [UInt8]) -> [UInt8] {
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            padded.append(UInt8(truncatingIfNeeded: (message.count * 8) >> shift))
        }
        for block in stride(from: 0, to: padded.count, by: 64) {
            var words = stride(from: block, to: block + 64, by: 4).map { at in
                padded[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for at in 16..<80 {
                let mixed = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]
                words.append(mixed << 1 | mixed >> 31)
            }
            var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
            for at in 0..<80 {
                let (mixed, constant): (UInt32, UInt32) =
                    switch at / 20 {
                    case 0: (b & c | ~b & d, 0x5A82_7999)
                    case 1: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 2: (b & c | b & d | c & d, 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = (a << 5 | a >> 27) &+ mixed &+ e &+ constant &+ words[at]
                (a, b, c, d, e) = (next, a, b << 30 | b >> 2, c, d)
            }
            for (index, value) in [a, b, c, d, e].enumerated() { hash[index] &+= value }
        }
        return hash.flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }
}
