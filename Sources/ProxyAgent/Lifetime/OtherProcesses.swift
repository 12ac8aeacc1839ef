import AgentRuntime
import Glibc

/// The processes of the Pod's other containers, as one process namespace shows them.
enum OtherProcesses {
    /// Names a control group: every container that is started has one of its own.
    typealias Group = [UInt8]

    /// Whether there is one: a process of another control group than this one's. The first process is the Pod's own,
    /// which outlives all containers.
    static func areRunning(in folder: String = "/proc", own: String = "self") -> Bool {
        groups(in: folder, own: own).map { !$0.isEmpty } ?? true
    }

    /// The control groups that they are in; nil where they cannot be seen.
    static func groups(in folder: String = "/proc", own: String = "self") -> Set<Group>? {
        guard let mine = group(of: own, in: folder), let entries = opendir(folder) else { return nil }
        defer { closedir(entries) }
        var groups: Set<Group> = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != "1", !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
            // One that has ended meanwhile has no group.
            if let other = group(of: name, in: folder), other != mine { groups.insert(other) }
        }
        return groups
    }

    private static func group(of process: String, in folder: String) -> Group? {
        let group = try? Files.read("\(folder)/\(process)/cgroup")
        return group?.isEmpty == false ? group : nil
    }
}
