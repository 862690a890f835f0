/// A dictionary as carrier: the fields of a message that is not HTTP, by name.
///
/// The case of names does not matter. Values of baggage and debug ids are as they are, without
/// percent-encoding (`TEXT_MAP` of OpenTracing), but for the field of W3C Baggage, whose standard
/// prescribes it.
extension Propagation {
    /// Reads the context in a dictionary.
    func extract(fromTextMap map: [String: String]) -> ContextExtraction {
        var reader = ContextReader(self, isPercentCoded: false)
        // Sorted, so that the same dictionary always gives the same context.
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            reader.take(name: name.utf8.span, value: value.utf8.span)
        }
        return reader.finish(self)
    }

    /// Writes a context into a dictionary, in the place of any that is there; but a debug id stays if the context has none.
    func inject(_ context: SpanContext, intoTextMap map: inout [String: String]) {
        let sparesDebugID = context.debugID == nil
        for name in map.keys
        where names.isOfContext(name.utf8.span, sparesDebugID: sparesDebugID) {
            map[name] = nil
        }
        forEachField(of: context, isPercentCoded: false) { name, value in map[name] = value }
    }
}
