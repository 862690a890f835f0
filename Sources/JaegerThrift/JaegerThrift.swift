// JaegerThrift: to come.
