namespace GateKeeper.Core.Changes;

/// <summary>
/// Names of branches and tags that could be taken for another ref. Git completes a name that it is given, "main" or "refs/heads/main"
/// alike, by each of <c>refs/</c>, <c>refs/tags/</c>, <c>refs/heads/</c> and <c>refs/remotes/</c>, so a branch called
/// <c>refs/heads/main</c> answers to the trunk's full name.
/// </summary>
public static class RefNames
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";

    // What clones call the place that they come from: there a tag comes before the branch of that name.
    private const string Clones = "origin/";
    private const int ShortId = 40;
    private const int LongId = 64;

    // What git itself puts before a name that is not found.
    private static readonly string[] Beginnings = ["refs/", "heads/", "tags/", "remotes/"];

    /// <summary>What else a ref could be taken for, or keep from being there, in words; null where its name means that ref alone.</summary>
    /// <param name="reference">Its full name.</param>
    /// <param name="trunks">The branches that are guarded, or patterns of them.</param>
    /// <param name="others">Full names of further refs that nothing may be taken for.</param>
    public static string? Doubt(string reference, IEnumerable<string> trunks, IEnumerable<string> others)
    {
        var isBranch = reference.StartsWith(Heads, StringComparison.Ordinal);
        if (!isBranch && !reference.StartsWith(Tags, StringComparison.Ordinal))
            return reference["refs/".Length..].Split('/') is ["refs", ..] or ["remotes", "refs", ..] ? Another(reference[reference.IndexOf("refs/", 1, StringComparison.Ordinal)..]) : null;
        var name = reference[(isBranch ? Heads : Tags).Length..];
        if (Beginnings.FirstOrDefault(beginning => name.StartsWith(beginning, StringComparison.Ordinal)) is { } taken)
            return Another(taken == "refs/" ? name : $"refs/{name}");
        if (!isBranch && name.StartsWith(Clones, StringComparison.Ordinal))
            return Another($"refs/remotes/{name} in people's clones");
        if (others.FirstOrDefault(other => other == $"refs/{name}") is { } meant)
            return Another(meant);
        if (name == "HEAD" || (name.EndsWith("_HEAD", StringComparison.Ordinal) && name.All(letter => letter is '_' || char.IsAsciiLetterUpper(letter))))
            return Another(name);
        if (name.Length is ShortId or LongId && name.All(char.IsAsciiHexDigitLower))
            return Another($"the object {name}");
        return trunks.Select(trunk => isBranch ? Room(name, trunk) : name == trunk ? Another(Heads + trunk) : null).FirstOrDefault(why => why is not null);
    }

    /// <summary>A branch "a" leaves no room for a branch "a/b", nor that for "a".</summary>
    private static string? Room(string name, string trunk) =>
        trunk.StartsWith($"{name}/", StringComparison.Ordinal) || name.StartsWith($"{trunk}/", StringComparison.Ordinal) ? $"git could not have the trunk {trunk} beside it" : null;

    private static string Another(string name) => $"git could take it for {name}";
}
