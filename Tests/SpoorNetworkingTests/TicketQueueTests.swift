import TestSupport
import Testing

@testable import SpoorNetworking

@Suite struct TicketQueueTests {
    @Test func `elements are removed in order, from the end, and by their ticket`() {
        var queue = TicketQueue<String>()
        let tickets = ["a", "b", "c", "d"].map { queue.append($0) }
        #expect(queue.count == 4)
        #expect(queue.remove(tickets[1]) == "b")
        #expect(queue.remove(tickets[1]) == nil)
        #expect(queue.popLast()?.element == "d")
        #expect(queue.popFirst()?.element == "a")
        let last = queue.popFirst()
        #expect(last?.element == "c")
        #expect(last?.ticket == tickets[2])
        #expect(queue.isEmpty)
        #expect(queue.popFirst() == nil)
        #expect(queue.popLast() == nil)
        #expect(queue.remove(tickets[0]) == nil)
    }

    @Test(arguments: [UInt64](1...5))
    func `behaves like an array in any order, and keeps few empty slots`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = TicketQueue<Int>()
        var model: [(ticket: Int, element: Int)] = []
        for step in 0..<5_000 {
            switch Int.random(in: 0..<6, using: &generator) {
            case 0...2: model.append((queue.append(step), step))
            case 3:
                let first = model.isEmpty ? nil : model.removeFirst()
                #expect(queue.popFirst()?.element == first?.element)
            case 4:
                #expect(queue.popLast()?.element == model.popLast()?.element)
            default:
                guard let index = model.indices.randomElement(using: &generator) else { continue }
                let taken = model.remove(at: index)
                #expect(queue.remove(taken.ticket) == taken.element)
            }
            #expect(queue.count == model.count)
            #expect(queue.slotCount <= 2 * queue.count + 32)
        }
    }
}
