import SpoorText

/// Finding the child of a node for a literal segment, without allocation.
extension RouteTree {
    /// Returns the child of a node for a segment that is not percent-encoded.
    @inline(__always)
    func literal(of node: Int, _ segment: Span<UInt8>) -> Int? {
        let nodes = nodes.span
        let bytes = literalBytes.span
        let literals = literals.span
        var next = nodes[node].comparedLiteral
        while let index = next {
            if literals[index].bytes.count == segment.count,
                Self.isEqual(bytes.extracting(literals[index].bytes), segment)
            {
                return literals[index].child
            }
            next = literals[index].next
        }
        return nodes[node].slots.isEmpty ? nil : indexedLiteral(nodes[node].slots, segment)
    }

    @inline(__always)
    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }

    private func indexedLiteral(_ table: Range<Int>, _ segment: Span<UInt8>) -> Int? {
        var hash = LiteralHash()
        for index in segment.indices { hash.combine(segment[index]) }
        // No closures: version 6.3 of the compiler fails when it optimizes one that captures a span.
        let bytes = literalBytes.span
        let literals = literals.span
        let slots = slots.span
        let mask = table.count - 1
        var slot = hash.value & mask
        while slots[table.lowerBound + slot] >= 0 {
            let index = slots[table.lowerBound + slot]
            if literals[index].bytes.count == segment.count,
                Self.isEqual(bytes.extracting(literals[index].bytes), segment)
            {
                return literals[index].child
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Returns the child of a node for a percent-encoded segment, whose decoded bytes are compared.
    func encodedLiteral(of node: Int, _ segment: ArraySlice<UInt8>) -> Int? {
        let table = nodes[node].slots
        guard !table.isEmpty else {
            var next = nodes[node].literal
            while let index = next {
                if isEqual(literals[index].bytes, segment) { return literals[index].child }
                next = literals[index].next
            }
            return nil
        }
        var hash = LiteralHash()
        PercentEncoding.forEachDecodedByte(of: segment) { byte, _ in hash.combine(byte) }
        let mask = table.count - 1
        var slot = hash.value & mask
        while slots[table.lowerBound + slot] >= 0 {
            let index = slots[table.lowerBound + slot]
            if isEqual(literals[index].bytes, segment) { return literals[index].child }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Returns whether the bytes of a literal are the decoded bytes of a segment.
    private func isEqual(_ literal: Range<Int>, _ segment: ArraySlice<UInt8>) -> Bool {
        var at = literal.lowerBound
        var isEqual = true
        PercentEncoding.forEachDecodedByte(of: segment) { byte, _ in
            isEqual = isEqual && at < literal.upperBound && literalBytes[at] == byte
            at += 1
        }
        return isEqual && at == literal.upperBound
    }
}
