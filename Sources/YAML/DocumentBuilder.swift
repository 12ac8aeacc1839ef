/// Builds documents from events, without recursion.
///
/// Finished nodes wait on one stack until the sequence or mapping they belong to ends and takes its own off the top, so
/// each collection is allocated once, at its size.
struct DocumentBuilder {
    /// The documents finished so far.
    private(set) var documents: [YAMLNode] = []
    /// Whether the text has ended.
    private(set) var isFinished = false

    private let limits: YAMLLimits
    private var finished: [YAMLNode] = []
    private var open: [OpenCollection] = []
    private var anchors: [String: Anchor] = [:]
    private var nodeCount = 0
    private var aliasedNodeCount = 0

    /// A sequence or mapping whose end is still to come.
    private struct OpenCollection {
        var isMapping: Bool
        var hasMergeKey = false
        var mark: YAMLMark
        var anchor: String?
        /// Where its children begin on the stack of finished nodes.
        var firstChild: Int
        /// Nodes counted before it.
        var countBefore: Int
        /// Levels of collections below it.
        var height = 0
    }

    /// What an alias stands for.
    private enum Anchor {
        /// The collection has not ended yet, so an alias would be part of itself.
        case open
        /// A finished node, the number of nodes in it and its levels of collections.
        case finished(YAMLNode, count: Int, height: Int)
    }

    init(limits: YAMLLimits) {
        self.limits = limits
    }

    /// Takes in the next event.
    mutating func consume(_ event: Event, at mark: YAMLMark) throws(YAMLError) {
        switch event {
        case .scalar(let scalar, let anchor): try addScalar(scalar, anchor: anchor, at: mark)
        case .mappingStart(let anchor): try begin(isMapping: true, anchor: anchor, at: mark)
        case .mappingEnd, .sequenceEnd: try endCollection()
        case .sequenceStart(let anchor): try begin(isMapping: false, anchor: anchor, at: mark)
        case .alias(let name): try addAlias(name, at: mark)
        case .documentEnd: endDocument()
        case .streamEnd: isFinished = true
        case .documentStart, .streamStart: break
        }
    }

    /// Whether the next node is the key of a mapping.
    private var expectsKey: Bool {
        guard let parent = open.last, parent.isMapping else { return false }
        return (finished.count - parent.firstChild).isMultiple(of: 2)
    }

    private mutating func addScalar(
        _ scalar: YAMLScalar, anchor: String?, at mark: YAMLMark
    ) throws(YAMLError) {
        if scalar.tag != nil, scalar.taggedValue == nil {
            throw YAMLError(
                message: "'\(scalar.text)' is not a value of the tag \(scalar.tag ?? ""); change one of the two",
                mark: mark)
        }
        let node = YAMLNode(.scalar(scalar), mark: mark)
        try count(1, at: mark)
        if expectsKey { try checkKey(node, at: mark) }
        if let anchor { anchors[anchor] = .finished(node, count: 1, height: 0) }
        finished.append(node)
    }

    private mutating func begin(isMapping: Bool, anchor: String?, at mark: YAMLMark) throws(YAMLError) {
        if expectsKey { throw collectionAsKey(at: mark) }
        guard open.count < limits.maxDepth else { throw tooDeep(at: mark) }
        if let anchor { anchors[anchor] = .open }
        open.append(
            OpenCollection(
                isMapping: isMapping, mark: mark, anchor: anchor, firstChild: finished.count, countBefore: nodeCount))
        try count(1, at: mark)
    }

    private mutating func endCollection() throws(YAMLError) {
        guard let ended = open.popLast() else { return }
        let content: YAMLNode.Content =
            ended.isMapping
            ? .mapping(try mappingPairs(finished, from: ended.firstChild, hasMergeKey: ended.hasMergeKey))
            : .sequence(Array(finished[ended.firstChild...]))
        finished.removeSubrange(ended.firstChild...)

        let node = YAMLNode(content, mark: ended.mark)
        let height = ended.height + 1
        if let anchor = ended.anchor {
            anchors[anchor] = .finished(node, count: nodeCount - ended.countBefore, height: height)
        }
        finished.append(node)
        raiseParent(to: height)
    }

    private mutating func addAlias(_ name: String, at mark: YAMLMark) throws(YAMLError) {
        guard let anchor = anchors[name] else {
            throw YAMLError(
                message: "the alias *\(name) names no anchor: nothing before it in this document has &\(name)",
                mark: mark)
        }
        guard case .finished(let node, let count, let height) = anchor else {
            throw YAMLError(
                message: "the alias *\(name) stands within the value it names, which would never end", mark: mark)
        }
        guard open.count + height <= limits.maxDepth else { throw tooDeep(at: mark) }
        aliasedNodeCount += count
        guard aliasedNodeCount <= limits.maxAliasedNodes else {
            throw YAMLError(
                message: "the aliases up to *\(name) repeat more than \(limits.maxAliasedNodes) nodes;"
                    + " write the text with fewer of them",
                mark: mark)
        }
        try self.count(count, at: mark)
        if expectsKey { try checkKey(node, at: mark) }
        finished.append(node)
        raiseParent(to: height)
    }

    private mutating func endDocument() {
        if let root = finished.popLast(), !root.isEmptyText { documents.append(root) }
        anchors.removeAll()
    }

    /// Refuses keys that cannot name a field and notes merge keys.
    private mutating func checkKey(_ node: YAMLNode, at mark: YAMLMark) throws(YAMLError) {
        guard let key = node.scalar else { throw collectionAsKey(at: mark) }
        guard !key.isNull else {
            throw YAMLError(
                message: "this key is empty or null; name it, or put it in quotes if it is meant as written", mark: mark
            )
        }
        if key.isMergeKey { open[open.count - 1].hasMergeKey = true }
    }

    private mutating func count(_ nodes: Int, at mark: YAMLMark) throws(YAMLError) {
        nodeCount += nodes
        guard nodeCount <= limits.maxNodes else {
            throw YAMLError(message: "the text has more than \(limits.maxNodes) nodes; split it", mark: mark)
        }
    }

    private mutating func raiseParent(to height: Int) {
        guard !open.isEmpty, open[open.count - 1].height < height else { return }
        open[open.count - 1].height = height
    }

    private func tooDeep(at mark: YAMLMark) -> YAMLError {
        YAMLError(message: "lists and maps are nested more than \(limits.maxDepth) levels deep", mark: mark)
    }

    private func collectionAsKey(at mark: YAMLMark) -> YAMLError {
        YAMLError(
            message: "a list or map cannot be a key; if this is meant as text, put it in quotes, as in '{{ name }}'",
            mark: mark)
    }
}

extension YAMLNode {
    /// Whether this is what the parser reports for a document, or value, without any content.
    fileprivate var isEmptyText: Bool {
        guard let scalar else { return false }
        return scalar.text.isEmpty && scalar.style == .plain && scalar.tag == nil
    }
}
