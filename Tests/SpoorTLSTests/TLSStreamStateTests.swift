import Glibc
import SpoorNetworking
import Testing

@testable import SpoorTLS

/// Every state of both sides with every event.
@Suite struct TLSStreamStateTests {
    private typealias ReadSide = TLSStreamState.ReadSide
    private typealias WriteSide = TLSStreamState.WriteSide

    private static let first = SystemError(code: ECONNRESET, call: "first")
    private static let second = SystemError(code: EPROTO, call: "second")

    private static let events: [(name: String, event: TLSStreamState.Event)] = [
        ("handshake", .handshakeCompleted(hasData: false)),
        ("handshake+", .handshakeCompleted(hasData: true)),
        ("data", .dataRead(hasMore: false)), ("data+", .dataRead(hasMore: true)),
        ("consumed", .inputConsumed), ("buffered", .inputBuffered),
        ("flood", .floodDetected), ("yielded", .yielded), ("notify", .closeNotifyReceived),
        ("sent", .recordSent), ("held", .recordHeld(bytes: 9)),
        ("wantsInput", .writeNeedsInput), ("input", .inputArrived), ("shutDown", .writeShutDown),
        ("writeFailed", .writeFailed), ("failed", .failed), ("closed", .closed),
    ]

    /// The number of an event, without a default, so that a new event must be added here.
    private static func number(of event: TLSStreamState.Event) -> Int {
        switch event {
        case .handshakeCompleted(let hasData): hasData ? 1 : 0
        case .dataRead(let hasMore): hasMore ? 3 : 2
        case .inputConsumed: 4
        case .inputBuffered: 5
        case .floodDetected: 6
        case .yielded: 7
        case .closeNotifyReceived: 8
        case .recordSent: 9
        case .recordHeld: 10
        case .writeNeedsInput: 11
        case .inputArrived: 12
        case .writeShutDown: 13
        case .writeFailed: 14
        case .failed: 15
        case .closed: 16
        }
    }

    @Test func `the tables of this test have a row for each event`() {
        #expect(Self.events.map { Self.number(of: $0.event) } == Array(0..<17))
    }

    private static func name(_ state: ReadSide) -> String {
        switch state {
        case .handshaking: "handshaking"
        case .needsInput: "needsInput"
        case .hasData: "hasData"
        case .yielding: "yielding"
        case .ended: "ended"
        case .failed: "failed"
        case .closed: "closed"
        }
    }

    private static func name(_ state: WriteSide) -> String {
        switch state {
        case .handshaking: "handshaking"
        case .ready: "ready"
        case .needsInput: "needsInput"
        case .recordHeld(let bytes): "held\(bytes)"
        case .shutDown: "shutDown"
        case .failed: "failed"
        case .closed: "closed"
        }
    }

    /// The next states of a table in which `=` stands for the same state, by event and by state.
    private static func rows(_ table: String) -> [[String]] {
        table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    /// Compares the rows of a table with the states that follow each state.
    private func compare<State>(
        _ expected: [[String]], _ states: [State], _ name: (State) -> String,
        _ next: (State, TLSStreamState.Event) -> State
    ) {
        #expect(expected[0].dropFirst().elementsEqual(states.map(name)))
        #expect(expected.count == 1 + Self.events.count)
        for (row, (eventName, event)) in zip(expected.dropFirst(), Self.events) {
            #expect(row[0] == eventName)
            #expect(row.count == 1 + states.count)
            for (state, wanted) in zip(states, row.dropFirst()) {
                let result = name(next(state, event))
                #expect(
                    result == (wanted == "=" ? name(state) : wanted), "\(state) \(eventName)")
            }
        }
    }

    @Test func `the read side goes from each state to the right one on each event`() {
        let states: [ReadSide] = [
            .handshaking, .needsInput, .hasData, .yielding, .ended, .failed, .closed,
        ]
        let expected = Self.rows(
            """
            state        handshaking  needsInput  hasData     yielding    ended  failed   closed
            handshake    needsInput   =           =           =           =      =        =
            handshake+   hasData      =           =           =           =      =        =
            data         =            needsInput  needsInput  needsInput  =      =        =
            data+        =            hasData     hasData     hasData     =      =        =
            consumed     =            =           needsInput  needsInput  =      =        =
            buffered     =            hasData     =           =           =      =        =
            flood        =            yielding    yielding    =           =      =        =
            yielded      =            =           =           needsInput  =      =        =
            notify       =            ended       ended       ended       =      =        =
            sent         =            =           =           =           =      =        =
            held         =            =           =           =           =      =        =
            wantsInput   =            =           =           =           =      =        =
            input        =            =           =           =           =      =        =
            shutDown     =            =           =           =           =      =        =
            writeFailed  =            =           =           =           =      =        =
            failed       failed       failed      failed      failed      =      =        =
            closed       closed       closed      closed      closed      =      =        =
            """)
        compare(expected, states, Self.name) { $0.next(on: $1) }
    }

    @Test func `the write side goes from each state to the right one on each event`() {
        let states: [WriteSide] = [
            .handshaking, .ready, .needsInput, .recordHeld(bytes: 5), .shutDown,
            .failed, .closed,
        ]
        let expected = Self.rows(
            """
            state        handshaking  ready       needsInput  held5     shutDown  failed   closed
            handshake    ready        =           =           =         =         =        =
            handshake+   ready        =           =           =         =         =        =
            data         =            =           =           =         =         =        =
            data+        =            =           =           =         =         =        =
            consumed     =            =           =           =         =         =        =
            buffered     =            =           =           =         =         =        =
            flood        =            =           =           =         =         =        =
            yielded      =            =           =           =         =         =        =
            notify       =            =           =           =         =         =        =
            sent         =            =           ready       ready     =         =        =
            held         =            held9       held9       =         =         =        =
            wantsInput   =            needsInput  =           =         =         =        =
            input        =            =           ready       =         =         =        =
            shutDown     shutDown     shutDown    shutDown    shutDown  =         =        =
            writeFailed  failed       failed      failed      failed    failed    =        =
            failed       failed       failed      failed      failed    failed    =        =
            closed       closed       closed      closed      closed    closed    closed   =
            """)
        compare(expected, states, Self.name) { $0.next(on: $1) }
    }

    @Test func `is intact from the handshake until a side fails or is closed`() {
        var state = TLSStreamState()
        #expect(!state.isIntact)
        state.apply(.handshakeCompleted(hasData: false))
        #expect(state.isIntact)
        state.apply(.closeNotifyReceived)
        state.apply(.writeShutDown)
        #expect(state.isIntact)
        var broken = state
        broken.apply(.writeFailed)
        #expect(!broken.isIntact)
        state.apply(.closed)
        #expect(!state.isIntact)
    }

    @Test func `keeps the first reason of each side`() {
        var state = TLSStreamState()
        state.apply(.handshakeCompleted(hasData: false))
        var failures = TLSStreamState.Failures()
        for (event, error) in [
            (TLSStreamState.Event.writeFailed, Self.first), (.failed, Self.second),
            (.failed, Self.first),
        ] {
            let old = state
            state.apply(event)
            failures.record(error, from: old, to: state)
        }
        #expect(failures.write == Self.first)
        #expect(failures.read == Self.second)
    }
}
