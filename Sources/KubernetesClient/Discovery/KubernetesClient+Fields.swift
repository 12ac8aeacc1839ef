package import KubernetesModel
import NIOCore
import NIOHTTP1
import Synchronization

extension KubernetesClient {
    /// The fields that the server knows of a kind; nil if it does not describe the kind. Asked once, then remembered.
    package func openAPIFields(of kind: GroupVersionKind) async throws -> FieldTree? {
        try await openAPIFields(of: [kind])[kind]
    }

    /// The fields that the server knows of some kinds, read in one go. Those it does not describe are left out.
    ///
    /// One document per group and version where the server has them (`/openapi/v3`), else the one of all
    /// (`/openapi/v2`), of which only what is asked for is kept.
    package func openAPIFields(of kinds: Set<GroupVersionKind>) async throws -> [GroupVersionKind: FieldTree] {
        let missing = memory.withLock { memory in kinds.filter { memory.fields[$0] == nil } }
        if !missing.isEmpty {
            let read = try await readOpenAPIFields(of: missing)
            memory.withLock { memory in
                for kind in missing { memory.fields[kind] = .some(read[kind]) }
            }
        }
        return memory.withLock { memory in
            kinds.reduce(into: [:]) { trees, kind in
                if case .some(.some(let tree)) = memory.fields[kind] { trees[kind] = tree }
            }
        }
    }

    private func readOpenAPIFields(
        of kinds: Set<GroupVersionKind>
    ) async throws -> [GroupVersionKind: FieldTree] {
        guard let paths = try await openAPIVersion3Paths() else {
            let call = Call(method: .GET, path: "/openapi/v2", subject: "GET /openapi/v2")
            return try await fields(of: kinds, in: call)
        }
        var trees: [GroupVersionKind: FieldTree] = [:]
        for (version, kinds) in Dictionary(grouping: kinds, by: \.groupVersion) {
            let name = version.group.isEmpty ? "api/\(version)" : "apis/\(version)"
            guard let path = paths[name] else { continue }
            let call = Call(method: .GET, path: path, subject: "GET /openapi/v3/\(name)")
            trees.merge(try await fields(of: Set(kinds), in: call)) { first, _ in first }
        }
        return trees
    }

    private func fields(
        of kinds: Set<GroupVersionKind>, in call: Call
    ) async throws -> [GroupVersionKind: FieldTree] {
        let bytes = Array(try await send(call).body.readableBytesView)
        do {
            return try OpenAPIDocument(bytes).fields(of: kinds)
        } catch {
            throw TransportError(.malformed, server: configuration.server, request: call.subject, cause: "\(error)")
        }
    }

    /// Where the documents of each version are: `apis/apps/v1` to a path with a hash; nil before Kubernetes 1.24.
    private func openAPIVersion3Paths() async throws -> [String: String]? {
        do {
            let index = try await json(Call(method: .GET, path: "/openapi/v3", subject: "GET /openapi/v3"))
            guard let paths = index["paths"]?.object else { return nil }
            return paths.compactMapValues { $0["serverRelativeURL"]?.string }
        } catch let error as APIError where error.isNotFound || error.status == 406 {
            return nil
        }
    }
}
