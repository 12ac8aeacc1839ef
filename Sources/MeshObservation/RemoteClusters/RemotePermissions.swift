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
                    "namespace": .string(right.object.namespace), "name": .string(right.object.name),
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
    /// While nobody can be asked the last answer counts; what there was none about counts as allowed: whoever does it sees.
    @discardableResult
    package func allow(_ need: RemoteNeed) async -> Bool {
        let (denied, isUnknown) = await review(need)
        let (before, isKept) = lacking.withLock { lacking -> ([String]?, Bool) in
            let before = lacking[need]
            let isKept = isUnknown && before != nil
            if !isKept { lacking[need] = denied.isEmpty ? nil : denied }
            return (before, isKept)
        }
        if isKept { return false }
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

    /// Whether all of something is allowed now, without a word: for what can be done in another way. Nil: nobody can be asked.
    package func holds(_ need: RemoteNeed) async -> Bool? {
        let (denied, isUnknown) = await review(need)
        return denied.isEmpty ? (isUnknown ? nil : true) : false
    }

    /// Waits until it is known whether something is allowed, without a word.
    ///
    /// - Parameter isWanted: The answer that is waited for; nil: any.
    /// - Returns: Nil once cancelled.
    package func waitForVerdict(on need: RemoteNeed, _ isWanted: Bool? = nil) async -> Bool? {
        while !Task.isCancelled {
            if let holds = await holds(need), isWanted == nil || holds == isWanted {
                return Task.isCancelled ? nil : holds
            }
            try? await Task.sleep(for: interval)
        }
        return nil
    }

    /// What is lacking of something for sure, and whether nobody could be asked about some of it.
    private func review(_ need: RemoteNeed) async -> (denied: [String], isUnknown: Bool) {
        var (denied, isUnknown): ([String], Bool) = ([], false)
        for alternatives in need.rights {
            var (isAllowed, isAnswered) = (false, true)
            for right in alternatives where !isAllowed {
                do { isAllowed = try await reviewer.isAllowed(right) } catch {
                    if !Task.isCancelled {
                        logger.debug("Nobody can be asked about rights", metadata: ["error": "\(error)"])
                    }
                    isAnswered = false
                }
            }
            if isAllowed { continue }
            if isAnswered {
                denied.append(alternatives.map(\.description).joined(separator: " or "))
            } else {
                isUnknown = true
            }
        }
        return (denied, isUnknown)
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
