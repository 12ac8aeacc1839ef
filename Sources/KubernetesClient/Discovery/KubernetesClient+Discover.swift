import KubernetesModel
import NIOHTTP1

extension KubernetesClient {
    /// Prefers one document with everything (Kubernetes 1.26 and newer), takes the list of groups otherwise.
    private static let aggregatedAccept =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"

    /// Asks which kinds the server has.
    ///
    /// A version of a group that cannot be asked about (its aggregated API server is down) is left out and named in
    /// `unavailable`; the others are there.
    package func discover() async throws -> DiscoveredAPI {
        var api = DiscoveredAPI()
        async let core = json(discovery("/api", accept: KubernetesClient.aggregatedAccept))
        async let groups = json(discovery("/apis", accept: KubernetesClient.aggregatedAccept))
        for document in try await [core, groups] {
            switch document["kind"]?.string {
            case "APIGroupDiscoveryList": api.add(aggregated: document)
            case "APIVersions":
                let versions = (document["versions"]?.array ?? []).compactMap(\.string)
                try await add(versions.map { GroupVersion(group: "", version: $0) }, to: &api)
            default: try await add(DiscoveredAPI.versions(groupList: document), to: &api)
            }
        }
        return api
    }

    private func discovery(_ path: String, accept: String = "application/json") -> Call {
        Call(method: .GET, path: path, accept: accept, subject: "GET \(path)")
    }

    private enum Answer: Sendable {
        case list(JSONValue)
        case failure(String)
    }

    private func add(_ versions: [GroupVersion], to api: inout DiscoveredAPI) async throws {
        let answers = try await withThrowingTaskGroup(of: (GroupVersion, Answer).self) { group in
            for version in versions {
                group.addTask { (version, try await self.resourceList(of: version)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for version in versions {  // in the server's order of preference
            switch answers[version] {
            case .list(let document): api.add(resourceList: document, of: version)
            case .failure(let problem): api.noteUnavailable(version, because: problem)
            case nil: break
            }
        }
    }

    private func resourceList(of version: GroupVersion) async throws -> Answer {
        let path = version.group.isEmpty ? "/api/\(version.version)" : "/apis/\(version.group)/\(version.version)"
        do {
            return .list(try await json(discovery(path)))
        } catch let error as APIError where error.status >= 500 || error.isNotFound {
            return .failure("\(error)")
        }
    }
}
