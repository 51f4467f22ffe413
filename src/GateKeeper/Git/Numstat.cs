using System.Buffers.Text;

namespace GateKeeper.Git;

/// <summary>A file of <c>git diff --numstat</c>, with its old name where git takes it for renamed.</summary>
internal readonly record struct NumstatEntry(string Path, string? From, long Lines);

/// <summary>
/// Asks git how many lines of each file differ between two trees, with every file taken as text and renames as git finds them. Files are
/// compared for renames up to git's usual limit; above it, a rename stays a removal and an addition.
/// </summary>
/// <param name="git">Git, for the repository.</param>
/// <param name="repository">Where the repository lies.</param>
internal sealed class Numstat(GitProgram git, string repository)
{
    private const int MostRenames = 1000;

    /// <param name="from">A tree.</param>
    /// <param name="to">Another.</param>
    /// <param name="without">Paths that are left out.</param>
    /// <param name="seconds">How long it may take.</param>
    /// <returns>Null where git could not in time or memory.</returns>
    public List<NumstatEntry>? Between(string from, string to, IEnumerable<string> without, int seconds)
    {
        var attributes = Path.Combine(repository, "lines.attributes");
        if (!File.Exists(attributes))
            File.WriteAllText(attributes, "* diff\n");
        var start = git.Start(
            [
                "-c", $"core.attributesFile={attributes}", "-c", "core.bigFileThreshold=1g", "diff-tree", "-r", "-z", "-M", $"-l{MostRenames}", "--numstat",
                "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", from, to, "--", .. without.Select(path => $":(top,exclude,literal){path}"),
            ],
            null,
            "timeout", "-s", "KILL", $"{seconds}", "prlimit", "--as=2147483648");
        using var process = Children.Start(start);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return process.ExitCode == 0 ? Read(output.GetBuffer().AsSpan(0, (int)output.Length)) : null;
    }

    // "added<tab>removed<tab>path", each ended by a zero byte. A rename has no path there, and two fields more: the old one and the new one.
    private static List<NumstatEntry>? Read(ReadOnlySpan<byte> answer)
    {
        var entries = new List<NumstatEntry>();
        while (!answer.IsEmpty)
        {
            var counts = Field(ref answer);
            if (Number(ref counts) is not { } added || Number(ref counts) is not { } removed)
                return null;
            var from = counts.IsEmpty ? TreeItems.Name(Field(ref answer)) : null;
            entries.Add(new(TreeItems.Name(counts.IsEmpty ? Field(ref answer) : counts), from, added + removed));
        }

        return entries;
    }

    private static ReadOnlySpan<byte> Field(ref ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf((byte)0);
        var field = end < 0 ? answer : answer[..end];
        answer = end < 0 ? [] : answer[(end + 1)..];
        return field;
    }

    private static long? Number(ref ReadOnlySpan<byte> counts)
    {
        if (!Utf8Parser.TryParse(counts, out long number, out var length) || number < 0 || length == counts.Length || counts[length] != '\t')
            return null;
        counts = counts[(length + 1)..];
        return number;
    }
}
