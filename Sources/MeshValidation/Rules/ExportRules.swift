import KubernetesModel

extension FieldRule {
    /// `exportTo`: each namespace once, all of them alone.
    ///
    /// - Parameter allowsNobody: Whether `~` may stand there, alone.
    static func exportTo(allowsNobody: Bool = false) -> FieldRule {
        FieldRule("exportTo") { site in
            var known: Set<String> = []
            let names = site.value.strings
            return names.enumerated().flatMap { index, name -> [Diagnostic] in
                var faults: [Diagnostic] = []
                if !known.insert(name == "." ? site.namespace : name).inserted {
                    faults.append(site.fault(at: index, "is \"\(name)\", a namespace that is named already"))
                }
                if name == "*" || name == "~", names.count > 1 {
                    faults.append(site.fault(at: index, "is \"\(name)\", which can only stand alone"))
                }
                let isKnown = [".", "*"].contains(name) || name == "~" && allowsNobody || NameRules.isLabel(name)
                if !isKnown {
                    faults.append(site.fault(at: index, "is \"\(name)\", and must be ., * or the name of a namespace"))
                }
                return faults
            }
        }
    }
}
