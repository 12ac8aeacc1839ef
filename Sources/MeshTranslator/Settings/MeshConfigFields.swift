import IstioAPI
import KubernetesModel
import MeshModel

/// Reads fields of MeshConfig. What is not given, of a wrong type or out of range leaves the value that was there.
struct MeshConfigFields {
    let json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    /// The fields of a field.
    subscript(_ name: String) -> MeshConfigFields { MeshConfigFields(json[name] ?? .null) }

    func read(_ name: String, into value: inout String) {
        if let text = json[name]?.string { value = text }
    }

    func read(_ name: String, into value: inout Bool) {
        if let flag = json[name]?.bool { value = flag }
    }

    func read(_ name: String, into value: inout Int, within range: ClosedRange<Int>) {
        if let number = integer(name, within: range) { value = number }
    }

    func read(_ name: String, into value: inout [String]) {
        if let list = json[name]?.array { value = list.compactMap(\.string) }
    }

    func read(_ name: String, into value: inout Duration) {
        if let duration = duration(name) { value = duration }
    }

    func read(_ name: String, into value: inout JSONValue?) {
        if let given = json[name], !given.isNull { value = given }
    }

    func read<Word: RawRepresentable<String>>(_ name: String, into value: inout Word) {
        if let word = json[name]?.string.flatMap(Word.init(rawValue:)) { value = word }
    }

    func integer(_ name: String, within range: ClosedRange<Int>) -> Int? {
        json[name]?.integer.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
    }

    func duration(_ name: String) -> Duration? {
        guard let nanoseconds = json[name]?.string.flatMap(DurationText.nanoseconds), nanoseconds >= 0 else {
            return nil
        }
        // Up to 292 years, which 64 bits of nanoseconds hold.
        return .nanoseconds(Int64(nanoseconds))
    }
}
