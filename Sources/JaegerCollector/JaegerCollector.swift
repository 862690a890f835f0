// JaegerCollector: to come.
