import FoundationEssentials

/// The value of the benchmark: an order with items, of texts, numbers, a date and optional values.
struct Order: Codable, Sendable {
    struct Item: Codable, Sendable {
        var sku: String
        var title: String
        var quantity: Int
        var price: Double
        var isGift: Bool
        var note: String?
    }

    var id: Int
    var customer: String
    var created: Date
    var items: [Item]

    /// Creates an order whose JSON text has about a number of bytes.
    init(bytes: Int) {
        id = 4711
        customer = "Grace Hopper, 1 Navy Way, Arlington"
        created = Date(timeIntervalSince1970: 1_772_366_400)
        items = (0..<max(1, (bytes - 110) / 108)).map { number in
            Item(
                sku: "SKU-\(100_000 + number)", title: "Ribbon cable, \(number) wires — grey",
                quantity: number % 7 + 1, price: Double(number) * 1.25 + 0.5,
                isGift: number.isMultiple(of: 3), note: number.isMultiple(of: 4) ? "fragile" : nil)
        }
    }
}
