import KubernetesModel

/// What is to be done about one WorkloadEntry, worked out from what is.
///
/// ```
///                      a stream here                      none here
///   no entry           make it                            -
///   ours, this stream  -                                  mark its end
///   ours, another one  mark this stream                   mark its end
///   another replica's  mark this stream, if it is later   mark its end, once it must be over
///   ended              mark this stream                   wait for the grace period, then remove
/// ```
/// Who comes later wins, whichever replica serves it. A write is for the version that was read: of two replicas that
/// want to change an entry at once, one looks again.
package enum RegistrationStep: Hashable, Sendable {
    case nothing
    case create
    case mark(RegistrationMarks)
    case wait(Duration)
    case remove

    /// What one replica knows.
    package struct Knowledge: Hashable, Sendable {
        /// Its own name.
        package var identity: String
        /// When the newest stream here began, RFC 3339; nil: there is none.
        package var connectedAt: String?
        /// The WorkloadGroup from which its proxy may get an entry; nil: from none.
        package var group: String?
        /// The replica that the entry names is not there any more.
        package var isControllerGone: Bool
        /// Seconds since 1970, and the same as it is written.
        package var now: Double
        package var nowText: String

        package init(
            identity: String, connectedAt: String? = nil, group: String? = nil, isControllerGone: Bool = false,
            now: Double
        ) {
            self.identity = identity
            self.connectedAt = connectedAt
            self.group = group
            self.isControllerGone = isControllerGone
            self.now = now
            nowText = Timestamp.microText(microsecondsSinceEpoch: Int64(now * 1_000_000))
        }
    }

    /// - Parameters:
    ///   - marks: Of the entry; nil: there is none.
    ///   - isCleared: There is nothing to remove: somebody else made the entry, and its status says nothing.
    package init(
        _ marks: RegistrationMarks?, isCleared: Bool = false, _ known: Knowledge, _ settings: RegistrationSettings
    ) {
        if let connectedAt = known.connectedAt {
            self = .connected(marks, since: connectedAt, known)
        } else if let marks {
            self = .disconnected(marks, isCleared: isCleared, known, settings)
        } else {
            self = .nothing
        }
    }

    private static func connected(_ marks: RegistrationMarks?, since: String, _ known: Knowledge) -> Self {
        guard let marks else { return known.group == nil ? .nothing : .create }
        var wanted = marks
        wanted.controller = known.identity
        wanted.connectedAt = since
        wanted.disconnectedAt = nil
        if marks == wanted { return .nothing }
        // A text that says nothing belongs to nobody.
        let isLater =
            marks.controller != known.identity
            && (marks.connected ?? 0) > (RegistrationMarks(connectedAt: since).connected ?? 0)
        return isLater ? .nothing : .mark(wanted)
    }

    private static func disconnected(
        _ marks: RegistrationMarks, isCleared: Bool, _ known: Knowledge, _ settings: RegistrationSettings
    ) -> Self {
        if marks.connectedAt != nil {
            let age = known.now - (marks.connected ?? 0)
            let isOver = settings.longestStream.map { age > $0 / .seconds(1) } ?? false
            guard marks.controller == known.identity || known.isControllerGone || isOver else { return .nothing }
            var wanted = marks
            wanted.connectedAt = nil
            wanted.disconnectedAt = known.nowText
            return .mark(wanted)
        }
        guard marks.disconnectedAt != nil, !isCleared else { return .nothing }
        let rest = settings.grace / .seconds(1) - (known.now - (marks.disconnected ?? 0))
        return rest > 0 ? .wait(.seconds(rest)) : .remove
    }
}
