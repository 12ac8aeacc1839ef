package import KubernetesClient
import KubernetesModel
package import Logging
import Synchronization

/// Finds out what the own account may do in a cluster.
package protocol RightsReviewing: Sendable {
    /// - Throws: When nobody could be asked.
    func isAllowed(_ right: ClusterRight) async throws -> Bool
}

/// Asks the API server.
package struct OwnRightsReviewer: RightsReviewing {
    private let client: KubernetesClient

    package init(client: KubernetesClient) { self.client = client }

    package func isAllowed(_ right: ClusterRight) async throws -> Bool {
        let review = UnstructuredObject([
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": [
                "resourceAttributes": [
                    "verb": .string(right.verb), "group": .string(right.group), "resource": .string(right.resource),
                ]
            ],
        ])
        let answer = try await client.create(Self.reviews, review, fieldManager: "pilot-discovery")
        return answer.json["status", "allowed"]?.bool == true
    }

    private static let reviews = APIResource(
        group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview",
        plural: "selfsubjectaccessreviews", isNamespaced: false)
}

/// What the account may do with which the control plane was let into another cluster: what it may not is told once, and
/// left out until it may.
package final class RemotePermissions: Sendable {
    private let reviewer: any RightsReviewing
    private let interval: Duration
    private let logger: Logger
    private let lacking = Mutex<[RemoteNeed: [String]]>([:])

    /// - Parameters:
    ///   - interval: How often it is asked again whether something is allowed now.
    ///   - logger: Its metadata name the cluster.
    package init(_ reviewer: any RightsReviewing, interval: Duration = .seconds(30), logger: Logger) {
        self.reviewer = reviewer
        self.interval = interval
        self.logger = logger
    }

    /// The rights that are lacking, each once, sorted.
    package var missing: [String] { Set(lacking.withLock { $0.values.flatMap { $0 } }).sorted() }

    /// Whether all of something is allowed now. Says so once if it is not, and once more if it is again.
    ///
    /// What nobody can be asked about counts as allowed: whoever does it sees.
    @discardableResult
    package func allow(_ need: RemoteNeed) async -> Bool {
        var denied: [String] = []
        for alternatives in need.rights {
            var isAllowed = false
            for right in alternatives where !isAllowed {
                do { isAllowed = try await reviewer.isAllowed(right) } catch {
                    if !Task.isCancelled {
                        logger.debug("Nobody can be asked about rights", metadata: ["error": "\(error)"])
                    }
                    isAllowed = true
                }
            }
            if !isAllowed { denied.append(alternatives.map(\.description).joined(separator: " or ")) }
        }
        let before = lacking.withLock { lacking in
            defer { lacking[need] = denied.isEmpty ? nil : denied }
            return lacking[need]
        }
        if before == nil, !denied.isEmpty {
            logger.warning(
                "The account for another cluster may not do all that it is for; the rest goes on",
                metadata: [
                    "lost": "\(need.loss)", "missing": "\(denied.joined(separator: "; "))",
                    "grant": "the ClusterRole of reader accounts, as an installation of this version has it",
                ])
        } else if before != nil, denied.isEmpty {
            logger.info(
                "The account for another cluster may do more now", metadata: ["before": "\(need.loss)"])
        }
        return denied.isEmpty
    }

    /// Waits until something is allowed.
    ///
    /// - Returns: False once cancelled.
    package func wait(for need: RemoteNeed) async -> Bool {
        while !Task.isCancelled {
            if await allow(need) { return !Task.isCancelled }
            try? await Task.sleep(for: interval)
        }
        return false
    }
}
