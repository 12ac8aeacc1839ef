import KubernetesModel

/// Which machines register themselves, in the words of Istio's environment.
///
/// ```
/// PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION  true  proxies with AUTO_REGISTER_GROUP get a WorkloadEntry
/// PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS      true  what agents say of their workload's health counts
/// PILOT_WORKLOAD_ENTRY_GRACE_PERIOD             10s   from the last stream's end to the end of the entry
/// ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY        true  an entry is for who has proven to be its workload
/// ```
package struct RegistrationSettings: Hashable, Sendable {
    /// Proxies may ask for an entry.
    package var registers = true
    /// Reports of health are taken.
    package var takesHealth = true
    /// How long an entry outlives its proxy's last stream.
    package var grace = Duration.seconds(10)
    /// Only who has proven to be a workload of the entry's namespace, and of its ServiceAccount if it names one.
    package var validatesIdentity = true
    /// No stream lives longer; nil: as long as it likes.
    package var maximumStreamAge: Duration?

    package init() {}

    /// Reads what is set. What makes no sense counts as not set.
    package init(environment: [String: String], maximumStreamAge: Duration? = nil) {
        func read(_ name: String, into value: inout Bool) {
            switch environment[name]?.lowercased() {
            case "true", "1", "t": value = true
            case "false", "0", "f": value = false
            default: break
            }
        }
        read("PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION", into: &registers)
        read("PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS", into: &takesHealth)
        read("ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY", into: &validatesIdentity)
        grace = environment["PILOT_WORKLOAD_ENTRY_GRACE_PERIOD"].flatMap { Duration(goText: $0) } ?? grace
        self.maximumStreamAge = maximumStreamAge
    }

    /// After which a stream that nobody has told the end of is over in any case: each may live half as long again.
    var longestStream: Duration? { maximumStreamAge.map { $0 + $0 / 2 } }
}
