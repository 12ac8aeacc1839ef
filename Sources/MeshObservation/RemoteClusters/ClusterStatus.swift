package import KubernetesModel

/// How it stands with a cluster besides the control plane's own.
package struct ClusterStatus: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its first lists are not there yet.
        case syncing
        case synced
        /// It cannot be looked at, and why. What was known of it counts on.
        case failing(String)
    }

    package var id: String
    /// That lets the control plane in.
    package var secret: ObjectKey
    package var state: State
    /// What the account may not do there that it is for, such as `list nodes`.
    package var missingRights: [String]
    /// Who does there what one control plane does of all that look after it.
    package var duties: [RemoteDutyName: DutyHolder]

    package init(
        id: String, secret: ObjectKey, state: State, missingRights: [String] = [],
        duties: [RemoteDutyName: DutyHolder] = [:]
    ) {
        self.duties = duties
        self.id = id
        self.secret = secret
        self.state = state
        self.missingRights = missingRights
    }

    /// As people's tools know it.
    package var word: String {
        switch state {
        case .syncing: "syncing"
        case .synced: "synced"
        case .failing: "failing"
        }
    }
}
