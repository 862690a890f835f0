// SpoorHTTP1: to come.
