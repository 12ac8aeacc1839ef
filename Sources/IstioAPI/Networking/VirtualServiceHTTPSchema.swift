internal import KubernetesModel

extension Schema {
    /// An element of `http` in a VirtualService.
    static let httpRoute = object(routeOutcome + routeTreatment + routeMirrors, unknown: .dropped)

    private static let routeOutcome: [Field] = [
        Field("name", string, "Name of the route, for logs and metrics."),
        Field("match", list(httpMatch), "The route is for requests that meet any of these. None: for all."),
        Field("route", list(routedRequest), "Where requests go, by weight."),
        Field("redirect", httpRedirect, "Answers with a redirect instead of passing requests on."),
        Field("directResponse", directResponse, "Answers with fixed content instead of passing requests on."),
        Field("delegate", delegate, "Another VirtualService, without hosts, whose routes are used here."),
    ]

    private static let routeTreatment: [Field] = [
        Field("rewrite", httpRewrite, "Changes path or authority before requests are passed on."),
        Field("timeout", duration, "Time that the answer may take, retries included. Default: no limit."),
        Field("retries", httpRetries, "How often failed requests are tried again, and which."),
        Field("fault", httpFault, "Failures and delays made on purpose, to test clients."),
        Field("corsPolicy", corsPolicy, "Which other origins browsers may call from."),
        Field("headers", headerChanges, "Changes to the headers of requests and responses."),
    ]

    private static let routeMirrors: [Field] = [
        Field("mirror", destination, "Gets a copy of requests; its answers are thrown away."),
        Field("mirrors", list(httpMirror), "Destinations that each get a copy of requests."),
        Field("mirrorPercentage", percentage, "Share of requests that are copied to mirror. Default: 100 percent."),
        Field("mirrorPercent", uint32.nullable, "Former whole-number form of mirrorPercentage."),
        Field("mirror_percent", uint32.nullable, "Former whole-number form of mirrorPercentage."),
    ]

    static let percentage = object([Field("value", double, "From 0 to 100, such as 0.5.")], unknown: .dropped)

    private static let routedRequest = object(
        [
            Field("destination", destination, "Where they go.", required: true),
            Field("weight", int32, "Share of the requests, relative to the sum of the weights."),
            Field("headers", headerChanges, "Changes to the headers of what goes here."),
        ], unknown: .dropped)

    private static let httpMirror = object(
        [
            Field("destination", destination, "Gets the copies.", required: true),
            Field("percentage", percentage, "Share of requests that are copied. Default: 100 percent."),
        ], unknown: .dropped)

    private static let delegate = object(
        [
            Field("name", string, "Name of the VirtualService."),
            Field("namespace", string, "Its namespace. Default: that of this object."),
        ], unknown: .dropped)

    private static let httpMatch = object(
        [
            Field("name", string, "Name of the condition, joined to the route's in logs."),
            Field("uri", stringMatch, "The path, without the query."),
            Field("ignoreUriCase", boolean, "Whether exact and prefix of uri disregard case."),
            Field("scheme", stringMatch, "The URL scheme, such as https."),
            Field("method", stringMatch, "The method, such as GET."),
            Field("authority", stringMatch, "The Host or :authority header."),
            Field("headers", map(stringMatch), "Headers by name, in lower case; {} asks only that there is one."),
            Field("withoutHeaders", map(stringMatch), "Headers that must be absent, or not match."),
            Field("queryParams", map(stringMatch), "Query parameters by name."),
            Field("port", uint32, "Port that the client connects to."),
            Field("statPrefix", string, "Prefix of Envoy metrics for this route."),
        ] + sourceMatch, unknown: .dropped)

    private static let headerChanges = object(
        [
            Field("request", headerOperations, "Changes before a request is passed on."),
            Field("response", headerOperations, "Changes before an answer is passed back."),
        ], unknown: .dropped)

    private static let headerOperations = object(
        [
            Field("set", stringMap, "Values that replace a header's."),
            Field("add", stringMap, "Values added to a header's."),
            Field("remove", strings, "Headers that are taken out."),
        ], unknown: .dropped)
}
