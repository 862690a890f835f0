import SpoorText
import Testing

@Suite struct ASCIITests {
    @Test func `each name has the value of its character`() {
        let named: [(UInt8, Character)] = [
            (.tab, "\t"), (.lineFeed, "\n"), (.carriageReturn, "\r"), (.space, " "),
            (.exclamationMark, "!"), (.quote, "\""), (.numberSign, "#"), (.percent, "%"),
            (.ampersand, "&"), (.asterisk, "*"), (.plus, "+"), (.comma, ","), (.hyphen, "-"),
            (.dot, "."), (.slash, "/"), (.digitZero, "0"), (.digitOne, "1"), (.digitNine, "9"),
            (.colon, ":"), (.semicolon, ";"), (.equalsSign, "="), (.questionMark, "?"),
            (.upperA, "A"), (.leftBracket, "["), (.backslash, "\\"), (.rightBracket, "]"),
            (.underscore, "_"), (.lowerA, "a"), (.tilde, "~"), (.delete, "\u{7F}"),
        ]
        for (byte, character) in named { #expect(byte == character.asciiValue) }
    }

    @Test func `blanks, digits and letters are those of ASCII`() {
        let bytes = UInt8.min...UInt8.max
        #expect(bytes.filter(\.isBlank) == Array("\t ".utf8))
        #expect(bytes.filter(\.isVisible) == Array(UInt8(ascii: "!")...UInt8(ascii: "~")))
        #expect(bytes.filter(\.isDigit) == Array("0123456789".utf8))
        #expect(
            Set(bytes.filter(\.isTokenByte))
                == Set(bytes.filter { $0.isDigit || $0.isLetter } + "!#$%&'*+-.^_`|~".utf8))
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        #expect(bytes.filter(\.isLetter) == Array(letters.utf8))
        #expect(letters.utf8.map { $0 | .caseBit } == Array(letters.lowercased().utf8))
    }
}
