namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>How votes go along from one patch set to the next, by a label's copy condition.</summary>
internal static class FakeCopying
{
    /// <summary>Carries what may be carried onto a patch set just uploaded; answers the words about it and the lines for the log.</summary>
    public static (string? Words, IReadOnlyList<(string, string)> Footers) Carry(FakeServer server, FakeChange change, FakePatchSet from, FakePatchSet to)
    {
        var footers = new List<(string, string)>();
        var told = new List<(bool Copied, string Label, string Passing, string Words)>();
        foreach (var vote in from.Votes.Where(vote => vote.Value != 0 && vote.Label != "SUBM").OrderBy(vote => vote.Account).ThenBy(vote => vote.Label).ToList())
        {
            var copied = MayCopy(server, change, vote, to, out var passing);
            told.Add((copied, vote.Label, passing, Spelled(vote)));
            if (!copied)
                continue;
            to.Set(vote with { Copied = true });
            footers.Add(("Copied-Label", Line(server, vote)));
        }

        var parts = new[] { (true, "Copied Votes:"), (false, "Outdated Votes:") }.Select(part => (part.Item2, Lines: told.Where(each => each.Copied == part.Item1)
            .GroupBy(each => (each.Label, each.Passing)).OrderBy(group => group.Key.Label, StringComparer.Ordinal).ThenByDescending(group => group.Key.Passing.Length)
            .Select(group => $"* {string.Join(", ", group.Select(each => each.Words).Distinct().Order(StringComparer.Ordinal))}{Condition(group.Key.Passing)}\n").ToList()));
        var words = string.Concat(parts.Where(part => part.Lines.Count > 0).Select(part => $"\n\n{part.Item1}\n{string.Concat(part.Lines)}").Select((part, index) => index == 0 ? part : part[1..]));
        return (words.Length == 0 ? null : words, footers);
    }

    /// <summary>A vote on an older patch set goes along to the later ones as far as it may, and takes back what an earlier one had left there.</summary>
    public static string? Follow(FakeServer server, FakeChange change, FakePatchSet on, FakeVote vote, Dictionary<int, List<(string, string)>> footers)
    {
        var (gained, lost) = (new List<string>(), new List<string>());
        var copying = true;
        var condition = change.Project.Labels[vote.Label].CopyCondition;
        foreach (var later in change.PatchSets.Where(each => each.Number > on.Number))
        {
            var there = later.Vote(vote.Account, vote.Label);
            if (there is { Copied: false })
            {
                // Gerrit opens an update here, and finds nothing to write into it.
                footers.TryAdd(later.Number, []);
                break;
            }

            copying = copying && vote.Value != 0 && MayCopy(server, change, vote, later, out _);
            if (copying)
            {
                if (there?.Value == vote.Value)
                    continue;
                later.Set(vote with { Copied = true });
                gained.Add($"{later.Number}{(there is { Value: not 0 } ? $" (was {Spelled(there)})" : "")}");
                Add(later.Number, ("Copied-Label", Line(server, vote)));
            }
            else if (there is { Value: not 0 })
            {
                later.Set(there with { Value = 0, Date = server.Now });
                lost.Add($"{later.Number} (was {Spelled(there)})");
                Add(later.Number, ("Copied-Label", $"-{vote.Label} {server.Account(vote.Account).Identity(server.Id)}"));
            }
        }

        var lines = new List<string>();
        if (gained.Count > 0)
            lines.Add($"* {Spelled(vote)} has been copied to patch set {string.Join(", ", gained)}{Condition(condition ?? "")}.");
        if (lost.Count > 0)
            lines.Add($"* Copied {vote.Label} vote has been removed from patch set {string.Join(", ", lost)} since the new {(vote.Value == 0 ? $"{vote.Label}=0" : Spelled(vote))} vote is not copyable{Condition(condition ?? "")}.");
        return lines.Count == 0 ? null : $"\n\nCopied votes on follow-up patch sets have been updated:\n{string.Join('\n', lines)}";

        void Add(int patchSet, (string, string) footer)
        {
            if (!footers.TryGetValue(patchSet, out var list))
                footers[patchSet] = list = [];
            list.Add(footer);
        }
    }

    public static string Spelled(FakeVote vote) => $"{vote.Label}{(vote.Value > 0 ? "+" : "")}{vote.Value}";

    private static string Line(FakeServer server, FakeVote vote) =>
        $"{vote.Label}={(vote.Value > 0 ? "+" : "")}{vote.Value}, {vote.Mark} {server.Account(vote.Account).Identity(server.Id)}{(vote.Speaker is { } speaker ? "," + server.Account(speaker).Identity(server.Id) : "")}";

    private static string Condition(string condition) => condition.Length == 0 ? "" : $" (copy condition: \"{condition}\")";

    private static bool MayCopy(FakeServer server, FakeChange change, FakeVote vote, FakePatchSet to, out string passing)
    {
        var label = change.Project.Labels.GetValueOrDefault(vote.Label);
        var condition = label?.CopyCondition ?? "";
        var passed = new HashSet<string>();
        var holds = condition.Length > 0 && FakeExpression.Holds(condition, term =>
        {
            var (name, value) = (term.Split(':')[0], term[(term.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            var passes = name switch
            {
                "changekind" => KindMatches(to.Kind, value),
                "is" => value switch { "MIN" => vote.Value == label!.Min, "MAX" => vote.Value == label!.Max, "ANY" => true, _ => $"{vote.Value}" == value },
                "approverin" => server.IsIn(server.Account(vote.Account), server.Group(value).Uuid, change.Project),
                "uploaderin" => server.IsIn(server.Account(to.Uploader), server.Group(value).Uuid, change.Project),
                _ => throw new FakeRefusal(400, $"Unsupported operator {term}"),
            };
            if (passes)
                passed.Add(term);
            return passes;
        });
        passing = string.Join(' ', condition.Split(' ').Select(word => passed.Contains(word) ? $"**{word}**" : word));
        return holds;
    }

    private static bool KindMatches(string kind, string asked) => asked switch
    {
        "REWORK" => true,
        "TRIVIAL_REBASE" => kind is "TRIVIAL_REBASE" or "NO_CHANGE",
        "NO_CODE_CHANGE" => kind is "NO_CODE_CHANGE" or "NO_CHANGE",
        _ => kind == asked,
    };
}
