using System.Globalization;

namespace GateKeeper.Git;

/// <summary>Tells whether the git of this machine is one that the program can work with.</summary>
internal static class GitVersion
{
    /// <summary>The first with <c>git merge-tree --write-tree</c>, which makes every candidate.</summary>
    public static Version Needed { get; } = new(2, 38);

    /// <summary>The version in "git version 2.39.5 (of somebody)"; null in other words.</summary>
    public static Version? Parse(string said) =>
        said.Trim().Split(' ') is ["git", "version", var number, ..] && number.Split('.') is [var major, var minor, ..] && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            ? new(first, second)
            : null;

    /// <summary>Why it cannot be worked with; null when it can.</summary>
    public static string? Problem(string said) =>
        Parse(said) is not { } version ? $"git does not say its version, but: {Line(said)}"
        : version < Needed ? $"{Line(said)} is too old: git {Needed} or later is needed, for git merge-tree --write-tree"
        : null;

    /// <summary>What the git of this machine says of itself.</summary>
    public static async Task<string> AskAsync(CancellationToken cancellation)
    {
        var answer = await new GitProgram("/", home: null).RunAsync(["version"], cancellation);
        return answer.Ok ? answer.Text.Trim() : answer.Error;
    }

    private static string Line(string said) => said.Trim().Split('\n')[0] is { Length: > 0 } line ? line[..Math.Min(line.Length, 200)] : "nothing";
}
