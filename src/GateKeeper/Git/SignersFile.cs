using System.Globalization;
using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>A key that counts, for whom, and when.</summary>
/// <param name="People">Whose it is, as the file names them: addresses.</param>
/// <param name="Key">Its kind and the key itself.</param>
/// <param name="From">Since when it counts; null for always.</param>
/// <param name="Until">Until when; null for ever.</param>
internal sealed record Signer(ValueList<string> People, string Key, DateTimeOffset? From, DateTimeOffset? Until)
{
    public bool CountsAt(DateTimeOffset now) => !(now < From) && !(now >= Until);
}

/// <summary>
/// Whose keys count, in the format of ALLOWED SIGNERS in ssh-keygen(1). A line that cannot be read counts for nobody, and is named. What is not
/// for git (namespaces) is left out. Certificates are not read.
/// </summary>
internal sealed record SignersFile(IReadOnlyList<Signer> Signers, IReadOnlyList<string> Problems)
{
    private const int MostBytes = 1 << 20;
    private static readonly string[] Kinds = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];
    private static readonly string[] Times = ["yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss"];

    /// <exception cref="IOException">It is not there, or too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SignersFile Read(string path) =>
        new FileInfo(path).Length > MostBytes ? throw new IOException($"it has more than {MostBytes:N0} bytes") : Parse(File.ReadAllText(path));

    public static SignersFile Parse(string text)
    {
        var (signers, problems) = (new List<Signer>(), new List<string>());
        foreach (var (at, raw) in text.Split('\n').Index())
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var words = Words(line, ' ', '\t');
            var kind = words.Count < 3 ? -1 : words.FindIndex(1, word => Kinds.Any(known => word.StartsWith(known, StringComparison.Ordinal)));
            var (signer, why) = kind is 1 or 2 && words.Count > kind + 1 ? Read(words[0], kind == 2 ? words[1] : "", words[kind], words[kind + 1]) : (null, "it is not PRINCIPALS [OPTIONS] KIND KEY");
            if (why is not null)
                problems.Add($"line {at + 1}: {why}");
            else if (signer is not null)
                signers.Add(signer);
        }

        return new(signers, problems);
    }

    /// <summary>The key that a line names; neither a key nor a problem where it is not for git.</summary>
    private static (Signer?, string? Why) Read(string people, string options, string kind, string key)
    {
        if (kind.Contains("-cert-", StringComparison.Ordinal) || !kind.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '@' or '.'))
            return (null, "a key is needed, not a certificate");
        if (key.Length < 16 || !Convert.TryFromBase64String(key, new byte[key.Length], out _))
            return (null, "its key cannot be read");
        var (from, until, isForGit) = ((DateTimeOffset?)null, (DateTimeOffset?)null, true);
        foreach (var option in Words(options, ','))
        {
            var (name, value) = option.Split('=', 2) is [var left, var right] ? (left, right) : (option, "");
            switch (name.ToLowerInvariant())
            {
                case "namespaces":
                    isForGit = value.Trim('"').Split(',').Any(space => space.Trim() is "git" or "*");
                    break;
                case "valid-after" when Time(value.Trim('"')) is { } after:
                    from = after;
                    break;
                case "valid-before" when Time(value.Trim('"')) is { } before:
                    until = before;
                    break;
                default:
                    return (null, $"the option {option} is not known here (namespaces, valid-after, valid-before as YYYYMMDD[HHMM[SS]][Z] are)");
            }
        }

        return isForGit ? (new([.. people.Trim('"').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)], $"{kind} {key}", from, until), null) : (null, null);
    }

    /// <summary>In UTC, with Z or without: the gate's clock has no other zone.</summary>
    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text.TrimEnd('Z'), Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>What stands between marks that are not within quotes.</summary>
    private static List<string> Words(string text, params ReadOnlySpan<char> between)
    {
        var (words, word, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        foreach (var letter in text)
        {
            quoted ^= letter == '"';
            if (quoted || !between.Contains(letter))
            {
                word.Append(letter);
                continue;
            }

            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }

        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }
}
