import MeshModel
import SwiftProtobuf

/// How patches change the elements of a list that are told apart by name: filters, virtual hosts, routes.
struct PatchedList<Element: Message> {
    /// Whether a patch is for an element.
    var isMatched: (EnvoyPatch, Element) -> Bool
    /// Whether a patch names an element at all: one that does not is for the list as a whole.
    var namesElement: (EnvoyPatch) -> Bool
    /// Where an added element goes; at the end by default.
    var placeOfAdded: (EnvoyPatch, [Element]) -> Int = { $1.count }
    /// Lays the value of a patch over an element.
    var merge: (inout Element, EnvoyPatch) -> Void = { $0.merge($1) }

    /// Applies one patch. One whose value is no such element changes nothing.
    func apply(_ patch: EnvoyPatch, to elements: inout [Element]) {
        switch patch.operation {
        case .remove:
            elements.removeAll { isMatched(patch, $0) }
        case .add, .insertFirst, .insertBefore, .insertAfter:
            guard let place = place(of: patch, among: elements), let value = value(of: patch) else { return }
            elements.insert(value, at: min(place, elements.count))
        case .replace:
            guard let value = value(of: patch) else { return }
            for index in elements.indices where isMatched(patch, elements[index]) { elements[index] = value }
        case .merge, .mergeReplacingLists:
            for index in elements.indices where isMatched(patch, elements[index]) { merge(&elements[index], patch) }
        }
    }

    /// Where the value of a patch goes; nil if the element that it names is not there.
    private func place(of patch: EnvoyPatch, among elements: [Element]) -> Int? {
        guard patch.operation != .add else { return placeOfAdded(patch, elements) }
        guard namesElement(patch) else {
            return patch.operation == .insertAfter ? placeOfAdded(patch, elements) : 0
        }
        guard let index = elements.firstIndex(where: { isMatched(patch, $0) }) else { return nil }
        return switch patch.operation {
        case .insertFirst: 0
        case .insertAfter: index + 1
        default: index
        }
    }

    private func value(of patch: EnvoyPatch) -> Element? { try? patchValue(patch.value, as: Element.self) }
}

extension Message {
    /// Lays the value of a patch over this message; one that is no such message changes nothing.
    mutating func merge(_ patch: EnvoyPatch) {
        guard let value = try? patchValue(patch.value, as: Self.self),
            let merged = try? overlaid(with: value, replacesLists: patch.operation == .mergeReplacingLists)
        else { return }
        self = merged
    }
}
