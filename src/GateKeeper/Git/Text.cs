using System.Text;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Commit messages: reading trailers, and writing what people wrote so that it can forge none.</summary>
internal static partial class MessageText
{
    /// <summary>The lines "Key: value" of the last paragraph, when every line of it is one.</summary>
    public static ValueList<Trailer> Trailers(string message)
    {
        var paragraphs = message.Replace("\r", "", StringComparison.Ordinal).TrimEnd('\n').Split("\n\n");
        if (paragraphs.Length < 2)
            return [];
        var matches = paragraphs[^1].Split('\n').Select(line => TrailerLine().Match(line)).ToList();
        return matches.TrueForAll(match => match.Success) ? [.. matches.Select(match => new Trailer(match.Groups[1].Value, match.Groups[2].Value.Trim()))] : [];
    }

    /// <summary>What a message says that it depends on: lines "Depends-On: ..." anywhere in it, for people put them where they like.</summary>
    public static IEnumerable<string> DependsOn(string message) =>
        message.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("Depends-On:", StringComparison.OrdinalIgnoreCase)).Select(line => line["Depends-On:".Length..].Trim()).Where(name => name.Length > 0);

    /// <summary>Without control characters, and without the words that switch a CI off.</summary>
    public static string Tame(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n' || !Rune.IsControl(rune))
                clean.Append(rune);
        }

        return SwitchOff().Replace(clean.ToString(), "($1)").Trim();
    }

    /// <summary>Subject, body, and then a paragraph of trailers that is the gate's alone.</summary>
    public static string Compose(string subject, string body, IEnumerable<Trailer> trailers)
    {
        var text = new StringBuilder(Tame(subject.Replace('\n', ' ')));
        var tame = Tame(body);
        if (tame.Length > 0)
            text.Append("\n\n").Append(tame);
        text.Append("\n\n");
        foreach (var trailer in trailers)
            text.Append(trailer.Key).Append(": ").Append(Tame(trailer.Value.Replace('\n', ' '))).Append('\n');
        return text.ToString();
    }

    [GeneratedRegex(@"^([A-Za-z][A-Za-z0-9-]*): (.*)$", RegexOptions.NonBacktracking)]
    private static partial Regex TrailerLine();

    [GeneratedRegex(@"\[((?i:skip ci|ci skip|no ci|skip actions|actions skip))\]")]
    private static partial Regex SwitchOff();
}
