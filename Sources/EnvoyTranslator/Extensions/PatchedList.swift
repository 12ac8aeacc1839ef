import MeshModel
import SwiftProtobuf

/// How patches change the elements of a list that are told apart by name: filters, virtual hosts, routes.
struct PatchedList<Element: Message> {
    /// Whether a patch is for an element.
    var isMatched: (EnvoyPatch, Element) -> Bool
    /// Where an added element goes; at the end by default.
    var placeOfAdded: (EnvoyPatch, [Element]) -> Int = { $1.count }
    /// What a patch does not say of an element that it takes the place of.
    var completed: (Element, Element) -> Element = { new, _ in new }

    /// Applies one patch. One whose value is no such element changes nothing.
    func apply(_ patch: EnvoyPatch, to elements: inout [Element]) {
        switch patch.operation {
        case .remove:
            elements.removeAll { isMatched(patch, $0) }
        case .add:
            guard let value = value(of: patch) else { return }
            elements.insert(value, at: min(placeOfAdded(patch, elements), elements.count))
        case .insertFirst:
            guard let value = value(of: patch) else { return }
            elements.insert(value, at: 0)
        case .insertBefore, .insertAfter:
            guard let value = value(of: patch), let index = elements.firstIndex(where: { isMatched(patch, $0) })
            else { return }
            elements.insert(value, at: patch.operation == .insertBefore ? index : index + 1)
        case .replace:
            guard let value = value(of: patch) else { return }
            for index in elements.indices where isMatched(patch, elements[index]) {
                elements[index] = completed(value, elements[index])
            }
        case .merge, .mergeReplacingLists:
            for index in elements.indices where isMatched(patch, elements[index]) {
                elements[index].merge(patch)
            }
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
