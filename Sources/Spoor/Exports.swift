// The whole toolkit by one import; the only file that re-exports.

@_exported public import HTTPTypes
@_exported public import JaegerConfiguration
@_exported public import JaegerRemoteSampling
@_exported public import JaegerReporter
@_exported public import JaegerTracing
@_exported public import SpoorClient
@_exported public import SpoorHTTP
@_exported public import SpoorHTTP1
@_exported public import SpoorMiddleware
@_exported public import SpoorNetworking
@_exported public import SpoorServer
@_exported public import SpoorTLS
@_exported public import SpoorText
@_exported public import SpoorTracing
