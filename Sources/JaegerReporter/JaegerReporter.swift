// JaegerReporter: to come.
