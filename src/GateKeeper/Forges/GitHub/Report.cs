using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;

namespace GateKeeper.Forges.GitHub;

internal enum ReportState
{
    /// <summary>Under way, or waiting for people.</summary>
    Open,

    /// <summary>Its author, or somebody else, must act.</summary>
    Failed,
    Landed,
}

/// <summary>A place in a file at which something is wrong.</summary>
internal sealed record Remark(string Path, int Line, string Words);

/// <summary>What is shown at a pull request's head: the evaluation, rendered once more and not made anew.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Title">One line.</param>
/// <param name="Summary">The tree of verdicts, and what would have to happen.</param>
/// <param name="Remarks">What is wrong in the rules file that it brings.</param>
internal sealed partial record Report(ReportState State, string Title, string Summary, ValueList<Remark> Remarks)
{
    private const int MostRemarks = 50;

    /// <summary>Tells one report from another; kept with it on the host, so that nothing is said twice after a restart.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{State}\n{Title}\n{Summary}")))[..32];

    /// <summary>What of it is worth telling at once; a place in the queue that moved can wait.</summary>
    public string Core { get; init; } = "";

    public static Report Of(Progress progress, string? link)
    {
        var (judgement, failed) = (progress.Judgement, progress.Place is null && progress.Outcome is not ("waiting" or "in the queue"));
        var missing = judgement.Missing.OrderByDescending(verdict => verdict.Decision).ToList();
        var title = progress.Place is { } place ? $"In the queue, in place {place}{Words.About(progress.Expected)}"
            : missing.Count == 0 ? "Nothing is missing"
            : $"{char.ToUpperInvariant(progress.Outcome[0])}{progress.Outcome[1..]}: {missing[0].Reason}{(missing.Count > 1 ? $" (and {missing.Count - 1} more)" : "")}";
        var lines = string.Join('\n', judgement.Gates.Concat(judgement.Obstacles).SelectMany(verdict => Words.Tree(verdict, "")));
        var summary = new StringBuilder();
        if (progress.Note.Length > 0)
            summary.Append(CultureInfo.InvariantCulture, $"{Markdown.Plain(progress.Note)}\n\n");
        if (missing.Count > 0)
            summary.Append(CultureInfo.InvariantCulture, $"**What would have to happen**\n\n{Markdown.Plain(Words.Missing(judgement))}\n\n");
        summary.Append(Markdown.Block(lines));
        if (link is not null)
            summary.Append(CultureInfo.InvariantCulture, $"\n\n[Its page at the gate]({link})");
        return new(failed ? ReportState.Failed : ReportState.Open, Markdown.Short(title, 255), Markdown.Cut(summary.ToString()), [.. Remarked(missing)])
        {
            Core = $"{failed} {progress.Place is not null} {lines}\n{Words.Missing(judgement)}",
        };
    }

    public static Report Landed(string words, string? link) => new(ReportState.Landed, Markdown.Short($"{char.ToUpperInvariant(words[0])}{words[1..]}", 255), Markdown.Plain(words) + (link is null ? "" : $"\n\n[Its page at the gate]({link})"), []);

    /// <summary>The errors of a rules file that the change brings, at their lines.</summary>
    private static IEnumerable<Remark> Remarked(IEnumerable<Verdict> missing) =>
        missing.Where(verdict => verdict.Name == "configuration error").Select(verdict => Brought().Match(verdict.Reason)).Where(match => match.Success)
            .SelectMany(match => Place().Matches(match.Groups["errors"].Value).Select(place => new Remark(match.Groups["path"].Value, int.Parse(place.Groups["line"].Value, CultureInfo.InvariantCulture), place.Groups["words"].Value.Trim())))
            .Distinct().Take(MostRemarks);

    [GeneratedRegex(@"\Athe (?<path>\S+) it brings is invalid: (?<errors>[0-9].*)\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Brought();

    [GeneratedRegex(@"(?<line>[0-9]{1,6}):[0-9]+: error: (?<words>[^;\n]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Place();
}
