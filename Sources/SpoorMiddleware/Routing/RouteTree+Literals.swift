import SpoorText

/// Finding the child of a node for a literal segment, without allocation.
extension RouteTree {
    /// Returns the child of a node for a segment that is not percent-encoded.
    @inline(__always)
    func literal(of node: Int, _ segment: Span<UInt8>) -> Int? {
        let nodes = nodes.span
        if !nodes[node].slots.isEmpty {
            return indexedLiteral(nodes[node].slots, segment)
        }
        let bytes = literalBytes.span
        let literals = literals.span
        var next = nodes[node].literal
        while let index = next {
            if literals[index].bytes.count == segment.count,
                Self.isEqual(bytes.extracting(literals[index].bytes), segment)
            {
                return literals[index].child
            }
            next = literals[index].next
        }
        return nil
    }

    @inline(__always)
    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }

    private func indexedLiteral(_ table: Range<Int>, _ segment: Span<UInt8>) -> Int? {
        var hash = LiteralHash()
        for index in segment.indices { hash.combine(segment[index]) }
        let bytes = literalBytes.span
        let literals = literals.span
        return firstLiteral(in: table, hash.value) { index in
            literals[index].bytes.count == segment.count
                && Self.isEqual(bytes.extracting(literals[index].bytes), segment)
        }
    }

    /// Returns the child of the first literal with a hash that satisfies a condition.
    @inline(__always)
    private func firstLiteral(
        in table: Range<Int>, _ hash: Int, where condition: (Int) -> Bool
    ) -> Int? {
        let slots = slots.span
        let mask = table.count - 1
        var slot = hash & mask
        while true {
            let index = slots[table.lowerBound + slot]
            guard index >= 0 else { return nil }
            if condition(index) { return literals.span[index].child }
            slot = (slot + 1) & mask
        }
    }

    /// Returns the child of a node for a percent-encoded segment, whose decoded bytes are compared.
    func encodedLiteral(of node: Int, _ segment: ArraySlice<UInt8>) -> Int? {
        let slots = nodes[node].slots
        if !slots.isEmpty {
            var hash = LiteralHash()
            PercentEncoding.forEachDecodedByte(of: segment) { byte, _ in hash.combine(byte) }
            return firstLiteral(in: slots, hash.value) { isEqual(literals[$0].bytes, segment) }
        }
        var next = nodes[node].literal
        while let index = next {
            if isEqual(literals[index].bytes, segment) { return literals[index].child }
            next = literals[index].next
        }
        return nil
    }

    /// Returns whether the bytes of a literal are the decoded bytes of a segment.
    private func isEqual(_ literal: Range<Int>, _ segment: ArraySlice<UInt8>) -> Bool {
        let bytes = literalBytes.span
        var at = literal.lowerBound
        var isEqual = true
        PercentEncoding.forEachDecodedByte(of: segment) { byte, _ in
            isEqual = isEqual && at < literal.upperBound && bytes[at] == byte
            at += 1
        }
        return isEqual && at == literal.upperBound
    }
}
