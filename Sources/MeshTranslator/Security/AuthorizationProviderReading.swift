import IstioAPI
import KubernetesModel
import MeshModel

extension MeshConfigFields {
    /// Reads `extensionProviders` that decide about requests. One that makes no sense is there too, with what is wrong:
    /// requests that it should decide about are refused.
    func readAuthorizers(into settings: inout MeshSettings) {
        for provider in json["extensionProviders"]?.array ?? [] {
            guard let name = provider["name"]?.string else { continue }
            if let http = provider["envoyExtAuthzHttp"], http.object != nil {
                settings.authorizationProviders[name] = AuthorizerReading(http).provider(.http(httpAuthorizer(http)))
            } else if let grpc = provider["envoyExtAuthzGrpc"], grpc.object != nil {
                settings.authorizationProviders[name] = AuthorizerReading(grpc).provider(.grpc)
            }
        }
    }

    private func httpAuthorizer(_ json: JSONValue) -> HTTPAuthorizer {
        func strings(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
        var authorizer = HTTPAuthorizer()
        authorizer.pathPrefix = json["pathPrefix"]?.string ?? ""
        let headers = strings("includeRequestHeadersInCheck")
        // An older spelling of the same.
        authorizer.requestHeaders = headers.isEmpty ? strings("includeHeadersInCheck") : headers
        authorizer.additionalHeaders =
            (json["includeAdditionalHeadersInCheck"]?.object ?? [:]).compactMapValues(\.string)
        authorizer.headersToUpstream = strings("headersToUpstreamOnAllow")
        authorizer.headersOnDeny = strings("headersToDownstreamOnDeny")
        authorizer.headersOnAllow = strings("headersToDownstreamOnAllow")
        return authorizer
    }
}

/// Reads what both kinds of providers have.
private struct AuthorizerReading {
    let json: JSONValue
    let fields: MeshConfigFields

    init(_ json: JSONValue) {
        self.json = json
        fields = MeshConfigFields(json)
    }

    func provider(_ kind: AuthorizationProvider.Kind) -> AuthorizationProvider {
        var provider = AuthorizationProvider(
            kind: kind, service: json["service"]?.string ?? "",
            port: fields.integer("port", within: 1...65535) ?? 0)
        provider.timeout = fields.duration("timeout")
        provider.allowsOnFailure = json["failOpen"]?.bool ?? false
        provider.clearsRouteCache = json["clearRouteCache"]?.bool ?? false
        if let body = json["includeRequestBodyInCheck"], body.object != nil {
            let limit = MeshConfigFields(body).integer("maxRequestBytes", within: 0...Int(UInt32.max)) ?? 0
            provider.body = .init(
                limit: limit, allowsPartial: body["allowPartialMessage"]?.bool ?? false,
                isBytes: body["packAsBytes"]?.bool ?? false)
            if limit == 0 { provider.problems.append("includeRequestBodyInCheck.maxRequestBytes must be above 0") }
        }
        if provider.service.isEmpty { provider.problems.append("service must be given") }
        if provider.port == 0 { provider.problems.append("port must be from 1 to 65535") }
        readStatus(into: &provider)
        if case .http(let http) = kind, !http.pathPrefix.isEmpty, !http.pathPrefix.hasPrefix("/") {
            provider.problems.append("pathPrefix must begin with /")
        }
        return provider
    }

    private func readStatus(into provider: inout AuthorizationProvider) {
        guard let written = json["statusOnError"]?.string, !written.isEmpty else { return }
        if let status = Int(written), Self.statuses.contains(status) {
            provider.statusOnError = status
        } else {
            provider.problems.append("statusOnError must be an HTTP status that proxies know")
        }
    }

    private static let statuses: Set<Int> = Set(
        [100] + Array(200...208) + [226] + Array(300...305) + [307, 308] + Array(400...417) + Array(421...424)
            + [426, 428, 429, 431] + Array(500...508) + [510, 511])
}
