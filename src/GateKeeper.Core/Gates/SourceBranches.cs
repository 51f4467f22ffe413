using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>
/// Patterns of the branches that changes come from. A branch of a fork is written <c>owner:branch</c>, and only a pattern that is written so
/// means it: a fork's branch is never taken for the repository's own of that name. In each of the two kinds the last pattern that matches decides.
/// </summary>
public sealed record SourceBranches
{
    private readonly PatternList own;
    private readonly PatternList forks;

    private SourceBranches(ValueList<string> patterns, PatternList own, PatternList forks) => (Patterns, this.own, this.forks) = (patterns, own, forks);

    /// <summary>The patterns as they were written.</summary>
    public ValueList<string> Patterns { get; }

    /// <summary>No branch has a colon in its name, so there is no doubt which kind it is. Owners are told apart without letter case.</summary>
    public bool Matches(string branch) =>
        branch.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? forks.Matches($"{branch[..colon].ToLowerInvariant()}/{branch[(colon + 1)..]}") : own.Matches(branch);

    /// <summary>Reads each entry; what cannot be read is told with its place in the list.</summary>
    public static SourceBranches Read(ValueList<string> texts, Action<int, string> wrong)
    {
        var (own, forks) = (new List<(string Text, int At)>(), new List<(string Text, int At)>());
        for (var at = 0; at < texts.Count; at++)
        {
            var text = texts[at];
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                own.Add((text, at));
            else if (Owner(text[..colon].TrimStart('!')) is { } owner)
                forks.Add(($"{(text.StartsWith('!') ? "!" : "")}{owner}/{text[(colon + 1)..]}", at));
            else
                wrong(at, $"\"{text}\" is no branch of a fork, such as octocat:fix or *:**: before the colon stands whose fork it is");
        }

        return new(texts, List(own), List(forks));

        PatternList List(List<(string Text, int At)> patterns) => PatternList.Read(
            [.. patterns.Select(pattern => pattern.Text)], PatternOf.Branch,
            (index, problem) => wrong(patterns[index].At, problem.Replace($"\"{patterns[index].Text}\"", $"\"{texts[patterns[index].At]}\"", StringComparison.Ordinal)));
    }

    private static string? Owner(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_.*?{},".Contains(letter, StringComparison.Ordinal)) && !text.Contains("**", StringComparison.Ordinal) && Balanced(text)
            ? text.ToLowerInvariant() : null;

    private static bool Balanced(string text) => text.Count(letter => letter == '{') == text.Count(letter => letter == '}');
}
