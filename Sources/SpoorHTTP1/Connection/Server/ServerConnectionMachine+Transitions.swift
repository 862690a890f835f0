import SpoorHTTP

/// The transition table: for each state and event the next state and the action.
///
/// An event without a row cannot occur in that state. The diagram in Documentation is generated from these rows.
extension ServerConnectionMachine {
    static let transitions: [Transition] = rest + heads + bodies + responses + cancellations + ends

    /// Between two exchanges.
    private static let rest: [Transition] = [
        on(.bytesReceived, in: .idle, to: .receivingHead),
        on(.bytesReceived, in: .receivingHead),
        on(.peerEnded, in: .idle, .receivingHead, to: .closed(.peerEnded), then: .close),
        on(.timedOut, in: .idle, to: .closed(.timedOut), then: .close),
        on(.timedOut, in: .receivingHead, to: .lingering(.timedOut), then: .rejectLateHead),
        on(.shutdown, in: .idle, to: .closed(.shutdown), then: .close),
        on(.shutdown, in: .receivingHead, to: .lingering(.shutdown), then: .rejectAtShutdown),
        on(.requestRejected, in: .idle, .receivingHead, to: .lingering(.rejected), then: .linger),
    ]

    /// The start of an exchange.
    private static let heads: [Transition] = [
        on(.headReceived, in: .idle, .receivingHead, to: .handling(.complete), then: .callHandler),
        on(
            .headWithBodyReceived, in: .idle, .receivingHead, to: .handling(.unread),
            then: .callHandler),
        on(
            .headExpectingContinueReceived, in: .idle, .receivingHead,
            to: .handling(.awaitingContinue), then: .callHandler),
    ]

    /// The request's body.
    private static let bodies: [Transition] = [
        on(.bodyRequested, in: .body([.complete]), .upgraded, then: .endBody),
        on(.bodyRequested, in: .body([.unread]), to: .body(.reading), then: .decodeBody),
        on(.bodyRequested, in: .body([.reading, .failed]), then: .decodeBody),
        on(
            .bodyRequested, in: .bodyAndResponse(.awaitingContinue, [.open]),
            to: .body(.reading), then: .sendContinue),
        // RFC 9110 §15.2: an interim response must not follow the head of the final one, which contains `close`.
        on(
            .bodyRequested,
            in: .bodyAndResponse(.awaitingContinue, [.streaming, .ending, .complete]),
            to: .body(.reading), then: .decodeBody),
        on(.bodyEnded, in: .body([.awaitingContinue, .unread, .reading]), to: .body(.complete)),
        on(.bodyEnded, in: .drainingBody, to: .idle, then: .readRequest),
        on(
            .bodyFailed, in: .body([.awaitingContinue, .unread, .reading]), to: .body(.failed),
            then: .reportBody),
        on(.bodyFailed, in: .body([.failed])),
        on(.bodyFailed, in: .drainingBody, to: .lingering(.rejected), then: .linger),
        on(.drainLimitReached, in: .drainingBody, to: .lingering(.completed), then: .linger),
    ]

    /// The response.
    private static let responses: [Transition] = [
        on(.headSent, in: .response([.open]), to: .response(.streaming)),
        on(.responseDiscarded, in: .response([.streaming]), to: .response(.open)),
        on(.responseEndPending, in: .response([.open, .streaming]), to: .response(.ending)),
        on(.responseSent, in: .response([.open, .streaming]), to: .response(.complete)),
        on(.flushed, in: .response([.ending]), to: .response(.complete)),
        on(.flushed, in: .response([.open, .streaming, .complete])),
        on(.flushed, in: .drainingBody, .idle, .receivingHead, .lingering),
        on(
            .protocolSwitched, in: .bodyAndResponse(.complete, [.open]),
            to: .upgraded(.streaming)),
        on(.responseEndPending, in: .upgradedWith([.streaming]), to: .upgraded(.ending)),
        on(.responseSent, in: .upgradedWith([.streaming]), to: .upgraded(.complete)),
        on(.flushed, in: .upgradedWith([.ending]), to: .upgraded(.complete)),
        on(.flushed, in: .upgradedWith([.streaming, .complete])),
    ]

    /// The cancellation of a handler; without one there is nothing to cancel.
    private static let cancellations: [Transition] =
        [.peerDisconnected, .handlerTimedOut, .eventStreamEnded].flatMap { event in
            [
                on(event, in: .handling, .upgraded, then: .cancelHandler),
                on(event, in: .idle, .receivingHead, .drainingBody, .lingering),
            ]
        } + [
            on(.aborted, in: .handling, .upgraded, then: .cancelHandler),
            on(
                .aborted, in: .idle, .receivingHead, .drainingBody, .lingering,
                to: .closed(.aborted),
                then: .close),
            // Event streams, and upgraded connections, are ended by their own events.
            on(.shutdown, in: .handling, .upgraded, .drainingBody, .lingering),
        ]

    /// The end of an exchange, and possibly of the connection.
    private static let ends: [Transition] =
        [
            on(
                .handlerReturned, in: .bodyAndResponse(.complete, [.complete]), if: .keepAlive,
                to: .idle, then: .readRequest),
            on(
                .handlerReturned, in: .bodyAndResponse(.unread, [.complete]),
                .bodyAndResponse(.reading, [.complete]), if: .keepAlive, to: .drainingBody,
                then: .drainBody),
            // The head of the response contains `close` in both cases.
            on(
                .handlerReturned, in: .bodyAndResponse(.awaitingContinue, [.complete]),
                .bodyAndResponse(.failed, [.complete]), if: .keepAlive, to: .lingering(.completed),
                then: .linger),
            on(
                .handlerReturned, in: .bodyAndResponse(.complete, [.complete]), if: .closeAgreed,
                to: .lingering(.completed), then: .lingerIfBytesWait),
            on(
                .handlerReturned, in: .bodyAndResponse(.awaitingContinue, [.complete]),
                .bodyAndResponse(.unread, [.complete]), .bodyAndResponse(.reading, [.complete]),
                .bodyAndResponse(.failed, [.complete]), if: .closeAgreed,
                to: .lingering(.completed),
                then: .linger),
            on(
                .handlerReturned, in: .response([.complete]), if: .closeDecided,
                to: .lingering(.completed), then: .linger),
            on(
                .handlerReturned, in: .response([.complete]), if: .handlerCancelled,
                to: .lingering(.handlerCancelled), then: .lingerIfBytesWait),
            // A chain that returns has sent a response; if it has not, nothing can be sent instead.
            on(
                .handlerReturned, in: .response([.open, .streaming, .ending]),
                to: .closed(.broken), then: .abort),
            on(.handlerReturned, in: .upgraded, to: .lingering(.completed), then: .endUpgrade),
            on(.lingerEnded, in: .lingering, to: .closedAsLingered, then: .close),
            on(
                .failed, in: .idle, .receivingHead, .handling, .drainingBody, .lingering, .upgraded,
                .closed, to: .closed(.broken), then: .abort),
        ] + Event.allCases.filter { $0 != .failed }.map { on($0, in: .closed, then: .close) }

    private static func on(
        _ event: Event, in sources: Transition.Source..., if persistence: Persistence? = nil,
        to target: Transition.Target = .same, then action: Action = .proceed
    ) -> Transition {
        Transition(
            sources: sources, event: event, persistence: persistence, target: target, action: action
        )
    }
}
