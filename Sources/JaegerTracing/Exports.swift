// Contexts are values of a target of their own, and part of what `import JaegerTracing` offers.

@_exported public import JaegerContext
