internal import KubernetesModel

extension Schema {
    static let httpRedirect = object(
        [
            Field("uri", string, "New path, in place of the whole old one."),
            Field("prefixRewrite", string, "New beginning of the path, in place of the prefix that matched."),
            Field("authority", string, "New host of the URL."),
            Field("scheme", string, "New scheme of the URL, http or https."),
            Field("port", uint32, "New port of the URL."),
            Field(
                "derivePort", oneOf("FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"),
                "Takes the port from the new scheme (80 or 443), or from the request."),
            Field("redirectCode", uint32, "HTTP status of the redirect. Default: 301."),
        ], unknown: .dropped
    ).atMostOne(of: "port", "derivePort")

    static let directResponse = object(
        [
            Field("status", uint32, "HTTP status of the answer.", required: true),
            Field("body", responseBody, "Content of the answer. Default: none."),
        ], unknown: .dropped)

    private static let responseBody = object(
        [
            Field("string", string, "Content as text."),
            Field("bytes", string.formatted("byte"), "Content in base64."),
        ], unknown: .dropped
    ).atMostOne(of: "string", "bytes")

    static let httpRewrite = object(
        [
            Field("uri", string, "New path, or new beginning of it where the route matched a prefix."),
            Field("authority", string, "New Host header."),
            Field("uriRegexRewrite", regexRewrite, "Changes the path by a regular expression, instead of uri."),
        ], unknown: .dropped)

    private static let regexRewrite = object(
        [
            Field("match", string, "Regular expression (RE2) for the part of the path that is replaced."),
            Field("rewrite", string, "What stands there instead; \\1 is the first group."),
        ], unknown: .dropped)

    static let httpRetries = object(
        [
            Field("attempts", int32, "How often a request is tried again; 0 is never. Default: 2."),
            Field("perTryTimeout", duration, "Time that a single try may take. Default: that of the route."),
            Field("retryOn", string, "Failures worth another try, by Envoy's names and statuses, joined by commas."),
            Field("retryRemoteLocalities", boolean.nullable, "Whether other localities may be tried."),
            Field("retryIgnorePreviousHosts", boolean.nullable, "Whether hosts that failed are left out."),
            Field("backoff", duration, "Shortest pause between tries. Default: 25ms."),
        ], unknown: .dropped)

    static let httpFault = object(
        [
            Field("delay", faultDelay, "Requests that are passed on late."),
            Field("abort", faultAbort, "Requests that are answered with a failure."),
        ], unknown: .dropped)

    private static let faultDelay = object(
        [
            Field("fixedDelay", duration, "How late."),
            Field("exponentialDelay", duration, "Reserved; not in use."),
            Field("percentage", percentage, "Share of requests that are late."),
            Field("percent", int32, "Former whole-number form of percentage."),
        ], unknown: .dropped
    ).atMostOne(of: "fixedDelay", "exponentialDelay")

    private static let faultAbort = object(
        [
            Field("httpStatus", int32, "HTTP status of the failure."),
            Field("grpcStatus", string, "gRPC status of the failure, such as UNAVAILABLE or 14."),
            Field("http2Error", string, "Reserved; not in use."),
            Field("percentage", percentage, "Share of requests that fail."),
        ], unknown: .dropped
    ).atMostOne(of: "httpStatus", "grpcStatus", "http2Error")

    static let corsPolicy = object(
        [
            Field("allowOrigins", list(stringMatch), "Origins that may call; any of these."),
            Field("allowOrigin", strings, "Former form of allowOrigins, for exact origins."),
            Field("allowMethods", strings, "Methods that are allowed."),
            Field("allowHeaders", strings, "Request headers that are allowed."),
            Field("exposeHeaders", strings, "Response headers that scripts may read."),
            Field("maxAge", duration, "How long browsers may remember the answer."),
            Field("allowCredentials", boolean.nullable, "Whether requests may carry cookies and credentials."),
            Field(
                "unmatchedPreflights", oneOf("UNSPECIFIED", "FORWARD", "IGNORE"),
                "Whether preflight requests of other origins are passed on. Default: FORWARD."),
        ], unknown: .dropped)
}
