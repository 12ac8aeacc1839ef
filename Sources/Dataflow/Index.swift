/// The elements of each key: one to many.
///
/// Inlinable, for collections of it are looked up for each object of a mesh.
package struct Index<Key: Hashable & Sendable, Element: Hashable & Sendable>: Hashable, Sendable {
    /// Most keys have one element, for which a set would be a waste.
    @usableFromInline
    enum Elements: Hashable, Sendable {
        case one(Element)
        case many(Set<Element>)
    }

    @usableFromInline var elements: [Key: Elements] = [:]

    @inlinable
    package init() {}

    /// The elements of a key, in no order.
    @inlinable
    package subscript(key: Key) -> Set<Element> {
        switch elements[key] {
        case .one(let element)?: [element]
        case .many(let elements)?: elements
        case nil: []
        }
    }

    /// Adds an element, once.
    @inlinable
    package mutating func insert(_ element: Element, at key: Key) {
        switch elements.removeValue(forKey: key) {
        case nil: elements[key] = .one(element)
        case .one(element)?: elements[key] = .one(element)
        case .one(let other)?: elements[key] = .many([other, element])
        case .many(var set)?:
            set.insert(element)
            elements[key] = .many(set)
        }
    }

    /// Takes an element out, if it is there.
    @inlinable
    package mutating func remove(_ element: Element, at key: Key) {
        switch elements.removeValue(forKey: key) {
        case nil, .one(element)?: break
        case .one(let other)?: elements[key] = .one(other)
        case .many(var set)?:
            set.remove(element)
            if set.count == 1, let last = set.first {
                elements[key] = .one(last)
            } else {
                elements[key] = .many(set)
            }
        }
    }
}
