import Logging
import Spoor
import SpoorTesting
import Testing
import Tracing

/// What a fragment of declarations takes for granted.
let routes = Router()
let tracer = JaegerTracer(serviceName: "snippet", reporter: NullReporter())

// SNIPPET
