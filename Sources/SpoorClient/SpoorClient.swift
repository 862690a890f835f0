// SpoorClient: to come.
