using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>The sentences that people read in comments. Each says what is the matter, what meets it, and who can.</summary>
public static class Words
{
    public static string ConflictsWithTrunk(string trunk, ValueList<string> files) =>
        $"conflict: it does not merge with {trunk} in {Some(files)}; rebase or merge {trunk} into it and push again";

    public static string TestsPassed(IEnumerable<string> tests, CommitSha tip, Judgement judgement)
    {
        var missing = Missing(judgement);
        var list = string.Join(", ", tests);
        return (list.Length == 0 ? $"merges onto {tip}; no test runs when a change is proposed. " : $"tests passed on {tip}: {list}. ") + (missing.Length == 0 ? "It is ready to land." : $"Before it lands:\n{missing}");
    }

    public static string TestsFailed(IEnumerable<(string Test, string Why)> failed, CommitSha tip) =>
        $"tests failed, merged onto {tip}:\n" + string.Join('\n', failed.Select(test => $"- {test.Test}: {test.Why}"));

    /// <summary>How tests went as a change would define them; empty where it defines none anew.</summary>
    public static string AsBrought(string rules, IEnumerable<(string Test, bool Passed, string Why)> tests)
    {
        var lines = tests.Select(test => $"\n- {test.Test}: {(test.Passed ? "passed" : $"failed: {test.Why}")}").ToList();
        return lines.Count == 0 ? "" : $"\n\nAs the {rules} that it brings defines them, which decides nothing here:{string.Concat(lines)}";
    }

    public static string Ejected(string outcome, string why) =>
        $"{outcome}: {why}\nIt has left the queue. A new revision brings it back, or /gatekeeper retry.";

    public static string Entered(int place, CommitSha revision) =>
        place == 1 ? $"{revision} is next to land." : $"{revision} is in the queue, in place {place}.";

    public static string LandedAs(CommitSha commit, string trunk) => $"landed on {trunk} as {commit}.";

    /// <summary>One line for each thing that is missing, with who can meet it.</summary>
    public static string Missing(Judgement judgement) =>
        string.Join('\n', judgement.Missing.Select(verdict =>
            $"- {verdict.Reason}{(verdict.Cures.Count > 0 ? $" (can be met by {Some([.. verdict.Cures.Select(Whom)])})" : "")}"));

    /// <summary>Where a change stands: every gate's verdict, and what would have to happen.</summary>
    public static string Standing(Progress progress)
    {
        var missing = Missing(progress.Judgement);
        var tree = progress.Judgement.Gates.Concat(progress.Judgement.Obstacles).SelectMany(verdict => Tree(verdict, "  "));
        return $"{(progress.Place is { } place ? $"in the queue, place {place}{About(progress.Expected)}" : progress.Outcome)}{(progress.Note.Length > 0 ? $": {progress.Note}" : "")}\n\n"
            + string.Join('\n', tree) + (missing.Length == 0 ? "\n\nNothing is missing." : $"\n\nWhat would have to happen:\n{missing}");
    }

    /// <summary>When something is expected, as the end of a sentence; nothing where that is not known.</summary>
    /// <summary>What is wrong in the rules file that a change brings, each error at its line and column.</summary>
    public static Verdict BadRules(string path, string problem) => Verdict.Block("configuration error", $"the {path} it brings is invalid: {problem}");

    public static string About(DateTimeOffset? expected) => expected is { } at ? $", expected to land about {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "";

    /// <summary>A verdict and below it those that it was made from, a line each.</summary>
    public static IEnumerable<string> Tree(Verdict verdict, string indent)
    {
        var word = verdict.Decision switch { Decision.Pass => "pass ", Decision.Wait => "wait ", _ => "block" };
        return verdict.Parts.SelectMany(part => Tree(part, indent + "  "))
            .Prepend($"{indent}{word} {verdict.Name}: {verdict.Reason.Replace("\n", $"\n{indent}      ", StringComparison.Ordinal)}");
    }

    /// <summary>Who could meet something, as people say it: a person, or one of a group.</summary>
    public static string Whom(string cure) => cure == "@anyone" ? "anyone" : cure.StartsWith('@') ? $"a member of {cure[1..]}" : cure;

    public static string Some(IReadOnlyCollection<string> items) =>
        items.Count <= 6 ? string.Join(", ", items) : $"{string.Join(", ", items.Take(5))} and {items.Count - 5} more";
}
