// SpoorTracing: to come.
