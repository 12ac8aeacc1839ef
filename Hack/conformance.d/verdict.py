"""Compares the results of the conformance runners with the named exceptions: see Hack/conformance."""
import collections
import json
import sys

REASONS = 5


def exceptions(path):
    """Case to reason."""
    reasons = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            case, bar, reason = (part.strip() for part in line.partition("|"))
            if not bar or "/" not in case or not reason:
                sys.exit(f"{path}:{number}: write SUITE/CASE | REASON")
            reasons[case] = reason
    return reasons


def verdicts(path):
    """Case to whether it passes, and what is wrong with it. A scenario of calls passes when all of them do."""
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    if "cases" in results:
        return {f"{row['suite']}/{row['case']}": (row["pass"], [told(*why) for why in row["reasons"]])
                for row in results["cases"]}
    return {f"simulation/{row['name']}": (row["passed"] == row["total"], list(differences(row["calls"])))
            for row in results["results"]}


def told(path, want="", got=""):
    return f"{path}: {got}" if path == "run" else f"{path}: expected {want}, got {got}"


def differences(calls):
    for call in calls:
        if call["diff"]:
            yield f"{call['call']}: " + "; ".join(call["diff"])


def print_counts(passes, reasons):
    """How many of each suite pass."""
    suites = collections.defaultdict(list)
    for case, passed in passes.items():
        suites[case.partition("/")[0]].append((case, passed))
    for suite, cases in suites.items():
        excused = sum(not passed and case in reasons for case, passed in cases)
        print(f"{suite}: {sum(passed for _, passed in cases)} of {len(cases)} cases pass"
              + (f", {excused} excepted" if excused else ""))


def main():
    list_of_exceptions, *results = sys.argv[1:]
    found = {case: verdict for path in results for case, verdict in verdicts(path).items()}
    if not found:
        sys.exit("no case was run")
    passes = {case: passed for case, (passed, _) in found.items()}
    reasons = exceptions(list_of_exceptions)
    excused = [case for case, passed in passes.items() if not passed and case in reasons]
    wrong = [case for case, passed in passes.items() if not passed and case not in reasons]
    stale = [case for case, passed in passes.items() if passed and case in reasons]
    print_counts(passes, reasons)
    for case in excused:
        print(f"excepted: {case}: {reasons[case]}")
    for case in wrong:
        print(f"fault: {case} does not pass")
        for why in found[case][1][:REASONS]:
            print(f"    {why}")
        if len(found[case][1]) > REASONS:
            print(f"    ... and {len(found[case][1]) - REASONS} more")
    for case in stale:
        print(f"fault: {case} passes: remove it from {list_of_exceptions}")
    print(f"{sum(passes.values())} of {len(passes)} cases pass, {len(excused)} excepted: {len(wrong) + len(stale)} faults")
    sys.exit(1 if wrong or stale else 0)


if __name__ == "__main__":
    main()
