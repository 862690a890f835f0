// Span contexts are in a separate target, and part of what `import JaegerTracing` offers.

@_exported public import JaegerContext
