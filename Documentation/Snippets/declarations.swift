import Logging
import Spoor
import SpoorTesting
import Testing
import Tracing

/// The names that a fragment of declarations uses.
let routes = Router()
let tracer = JaegerTracer(serviceName: "snippet", reporter: NullReporter())

// SNIPPET
