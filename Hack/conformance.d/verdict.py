"""Compares the results of the conformance runner with the named exceptions: see Hack/conformance."""
import json
import sys


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
    """Case to whether it passes. A scenario of calls passes when all of them do."""
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    if "cases" in results:
        return {f"{row['suite']}/{row['case']}": row["pass"] for row in results["cases"]}
    return {f"simulation/{row['name']}": row["passed"] == row["total"] for row in results["results"]}


def main():
    list_of_exceptions, *results = sys.argv[1:]
    passes = {case: passed for path in results for case, passed in verdicts(path).items()}
    if not passes:
        sys.exit("no case was run")
    reasons = exceptions(list_of_exceptions)
    excused = [case for case, passed in passes.items() if not passed and case in reasons]
    failed = [case for case, passed in passes.items() if not passed and case not in reasons]
    stale = [case for case, passed in passes.items() if passed and case in reasons]
    for case in excused:
        print(f"excepted: {case}: {reasons[case]}")
    for case in failed:
        print(f"fault: {case} does not pass")
    for case in stale:
        print(f"fault: {case} passes: remove it from {list_of_exceptions}")
    print(f"{sum(passes.values())} of {len(passes)} cases pass, {len(excused)} excepted: {len(failed) + len(stale)} faults")
    sys.exit(1 if failed or stale else 0)


if __name__ == "__main__":
    main()
