using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Landing;

/// <summary>The sentences that people read in comments. Each says what is the matter, what meets it, and who can.</summary>
public static class Words
{
    /// <param name="trunk">The trunk.</param>
    /// <param name="on">The change that it needs and was merged onto; null where that is the trunk.</param>
    /// <param name="files">Where.</param>
    public static string Conflicts(string trunk, Change? on, ValueList<string> files) => on is null
        ? $"conflict: it does not merge with {trunk} in {Harmless.Line(Some(files))}; rebase or merge {trunk} into it and push again"
        : $"conflict: it does not merge with {on.Id}, which it depends on, in {Harmless.Line(Some(files))}; rebase it onto {on.Id} and push again";

    public static string NearMisses(ValueList<string> lines) =>
        $"not taken for a dependency: {string.Join(" and ", lines.Select(line => $"\"{Harmless.Line(line)}\""))}. A dependency is a line of its own: Depends-On: NAME";

    /// <summary>What it was merged onto, as people say it.</summary>
    public static string Ground(string trunk, CommitSha commit, Change? on) => on is null ? $"{commit}" : $"{commit} ({trunk} with {on.Id}, which it depends on)";

    public static string TestsPassed(IEnumerable<string> tests, string ground, Judgement judgement)
    {
        var missing = Missing(judgement);
        var list = string.Join(", ", tests);
        return (list.Length == 0 ? $"merges onto {ground}; no test runs when a change is proposed. " : $"tests passed on {ground}: {list}. ") + (missing.Length == 0 ? "It is ready to land." : $"Before it lands:\n{missing}");
    }

    public static string TestsFailed(IReadOnlyList<(string Test, string Why, string LastLines)> failed, string ground) =>
        $"tests failed, merged onto {ground}:\n{FailureWords.Items(failed)}";

    /// <summary>How tests went as a change would define them; empty where it defines none anew.</summary>
    public static string AsBrought(string rules, IEnumerable<(string Test, bool Passed, string Why, string LastLines)> tests)
    {
        var items = tests.Select(test => test.Passed ? (test.Test, "passed", "") : (test.Test, $"failed: {test.Why}", test.LastLines)).ToList();
        return items.Count == 0 ? "" : $"\n\nAs the {rules} that it brings defines them, which decides nothing here:\n{FailureWords.Items(items)}";
    }

    /// <summary>What people are told of a change on which everybody has done what was asked, and which does not go on all the same.</summary>
    public static string NotYet(Judgement judgement) => $"It does not land yet:\n{Missing(judgement)}";

    /// <summary>The same of one that is in the queue, where nothing is asked of people.</summary>
    public static string Kept(string why) => $"{why}\nIt keeps its place in the queue and goes on by itself when that is over.";

    /// <summary>That the trunk fails what a change fails too.</summary>
    public static string Red(IEnumerable<string> tests) => $"the trunk itself fails {string.Join(", ", tests)} (red), so that is not held against this change. It is tested again when the trunk is mended.";

    /// <summary>That what a change depends on fails what it fails.</summary>
    public static string FailsToo(Change on, IEnumerable<string> tests) => $"{on.Id}, which it depends on, fails {string.Join(", ", tests)} too.";

    /// <summary>What becomes of a request whose comment is there no more.</summary>
    public static string Gone(RequestKind kind, string? by) => kind switch
    {
        RequestKind.Hold => $"the comment in which {by ?? "somebody"} asked to hold this is gone (deleted or edited). It stays held: /gatekeeper unhold lifts it.",
        RequestKind.Freeze => "the comment that asked to freeze the trunk is gone (deleted or edited). The trunk stays frozen: /gatekeeper unfreeze lifts it.",
        RequestKind.Unfreeze => "the comment that asked to lift the freeze is gone (deleted or edited). The freeze stays lifted.",
        _ => $"the request to {Verb(kind)} no longer counts: its comment was deleted or edited, or it was taken back. To ask again, write a new comment.",
    };

    private static string Verb(RequestKind kind) => kind switch
    {
        RequestKind.Land => "land it",
        RequestKind.Unhold => "lift the hold",
        RequestKind.Priority => "give it another priority",
        RequestKind.Override => "lift a gate",
        RequestKind.Confirm => "confirm that a gate is lifted",
        RequestKind.Retry => "try it again",
        _ => $"{kind.ToString().ToLowerInvariant()} it",
    };

    public static string Ejected(Ejection ejected) =>
        $"{FailureWords.One($"{ejected.Outcome}: {ejected.Why}", ejected.LastLines)}\nIt has left the queue. A new revision brings it back, or /gatekeeper retry.";

    public static string Entered(int place, CommitSha revision) =>
        place == 1 ? $"{revision} is next to land." : $"{revision} is in the queue, in place {place}.";

    public static string LandedAs(CommitSha commit, string trunk) => $"landed on {trunk} as {commit}.";

    /// <summary>An item for each thing that is missing, with who can meet it, and what a failed test printed last.</summary>
    public static string Missing(Judgement judgement) =>
        string.Join('\n', FailureWords.Once(judgement.Missing).Select(item =>
            $"- {item.Verdict.Reason}{(item.Verdict.Cures.Count > 0 ? $" (can be met by {Some([.. item.Verdict.Cures.Select(Whom)])})" : "")}{(item.LastLines.Length > 0 ? $"\n{item.LastLines}" : "")}"));

    /// <summary>Where a change stands: every gate's verdict, and what would have to happen.</summary>
    public static string Standing(Progress progress)
    {
        var missing = Missing(progress.Judgement);
        var tree = progress.Judgement.Gates.Concat(progress.Judgement.Obstacles).SelectMany(verdict => Tree(verdict, "  "));
        return $"{(progress.Place is { } place ? $"in the queue, place {place}{About(progress.Expected)}" : progress.Outcome)}{(progress.Note.Length > 0 ? $": {progress.Note}" : "")}\n\n"
            + string.Join('\n', tree) + (missing.Length == 0 ? "\n\nNothing is missing." : $"\n\nWhat would have to happen:\n{missing}");
    }

    /// <summary>What is wrong in the rules file that a change brings, each error at its line and column.</summary>
    public static Verdict BadRules(string path, string problem) => Verdict.Block("configuration error", $"the {path} it brings is invalid: {problem}");

    /// <summary>When something is expected, as the end of a sentence; nothing where that is not known.</summary>
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
