using System.Buffers;
using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Core.Gates;

/// <summary>The pattern of a line in an owners file, read as CODEOWNERS are.</summary>
internal static class OwnersPattern
{
    /// <summary>All but stars and question marks are letters here.</summary>
    private static readonly SearchValues<char> Letters = SearchValues.Create("{},!#^$:~|()-");

    /// <summary>Reads it into its pieces; answers what is wrong with it or with the words after it, or null.</summary>
    public static string? Read(ReadOnlySpan<char> pattern, ReadOnlySpan<char> words, List<GlobToken> tokens)
    {
        if ((Unread(pattern, words) ?? Glob.Read(Anchored(pattern), tokens)) is { } problem)
            return problem;

        // What may be a file or a directory stands for all below it too.
        if (!pattern.EndsWith('/') && !pattern.EndsWith("/*") && tokens[^1].Kind is not GlobKind.Rest)
            tokens.Add(new(GlobKind.Below));
        return null;
    }

    /// <summary>What CODEOWNERS does not know, or what is read in more than one way, decides nothing: then all waits until it is written otherwise.</summary>
    private static string? Unread(ReadOnlySpan<char> pattern, ReadOnlySpan<char> words) =>
        pattern.Contains('#') || words.Contains('#') ? "a comment begins with # at the beginning of a word, and nothing else may hold one"
        : pattern.Trim('/').Length == 0 ? "it names no path"
        : pattern.Contains("//", StringComparison.Ordinal) ? "it has an empty segment, which no path has"
        : pattern.StartsWith('!') ? "a pattern that begins with ! is none here: write a later line for what others own"
        : pattern.ContainsAny('[', ']') ? "patterns have no [ ] here"
        : HasPlainBackslash(pattern) ? "\\ stands before a space and nowhere else"
        : GluesStars(pattern) ? "** stands for whole directories: write it between slashes"
        : null;

    private static bool HasPlainBackslash(ReadOnlySpan<char> pattern)
    {
        for (var at = pattern.IndexOf('\\'); at >= 0; at = pattern.IndexOf('\\'))
        {
            if (at + 1 == pattern.Length || pattern[at + 1] != ' ')
                return true;
            pattern = pattern[(at + 2)..];
        }

        return false;
    }

    private static bool GluesStars(ReadOnlySpan<char> pattern)
    {
        if (!pattern.Contains("**", StringComparison.Ordinal))
            return false;
        foreach (var part in pattern.Split('/'))
        {
            if (pattern[part].Length > 2 && pattern[part].Contains("**", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>The same as a pattern of whole paths.</summary>
    private static string Anchored(ReadOnlySpan<char> pattern)
    {
        if (pattern is "*")
            return "**";
        var rooted = pattern.TrimEnd('/').Contains('/');
        var body = pattern.Trim('/');
        var text = new StringBuilder(rooted ? "" : "**/", (body.Length * 2) + 6);
        while (body.IndexOfAny(Letters) is >= 0 and var special)
        {
            text.Append(body[..special]).Append('\\').Append(body[special]);
            body = body[(special + 1)..];
        }

        return text.Append(body).Append(pattern.EndsWith('/') ? "/**" : "").ToString();
    }
}

/// <summary>The words of a line in an owners file.</summary>
internal static class OwnersWords
{
    /// <summary>The line without its comment.</summary>
    public static ReadOnlySpan<char> Said(ReadOnlySpan<char> line)
    {
        for (var at = line.IndexOf('#'); at >= 0 && at < line.Length; at++)
        {
            if (line[at] == '#' && (at == 0 || IsBlank(line[at - 1])))
                return line[..at].Trim();
        }

        return line.Trim();
    }

    /// <summary>Takes the next word off; an empty one when there is none. A space after a \ is a part of its word.</summary>
    public static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> line)
    {
        line = line.TrimStart(" \t\r");
        var end = 0;
        while (end < line.Length && (!IsBlank(line[end]) || (line[end] == ' ' && end > 0 && line[end - 1] == '\\')))
            end++;
        var word = line[..end];
        line = line[end..].TrimStart(" \t\r");
        return word;
    }

    private static bool IsBlank(char letter) => letter is ' ' or '\t' or '\r';
}
