using GateKeeper.Core.Changes;
using GateKeeper.Core.Reports;
using Microsoft.Win32.SafeHandles;

namespace GateKeeper.Runs;

/// <summary>
/// Finds and reads the reports that a command wrote, in a directory that proposed code made: no link is followed, nothing but plain files
/// is opened, and names, depth, number and bytes are bounded. What is as it lay there before the command began is not its report.
/// </summary>
/// <param name="patterns">Which paths are reports.</param>
/// <param name="tree">What the command wrote, alone or among what lay there.</param>
/// <param name="layers">What lay there, the uppermost first.</param>
internal sealed class ReportFiles(PatternList patterns, SafeFileHandle tree, IReadOnlyList<string> layers)
{
    private const int MostDepth = 64;
    private const int MostNames = 200_000;
    private const int MostFiles = 5_000;
    private const int MostBytes = 32 << 20;
    private const long MostTogether = 128L << 20;
    private const int MostNamed = 3;
    private readonly List<Match> matches = [];
    private readonly List<string> leftOut = [];
    private int leftOutInAll;
    private int names;
    private string problem = "";

    private sealed record Match(string Path, RawStatus Status);

    /// <summary>What came of it, once all have been read.</summary>
    public ReportSearch Search => new() { LeftOut = [.. leftOut], LeftOutInAll = leftOutInAll, Problem = problem };

    /// <summary>The reports, in the order in which they were written.</summary>
    public IEnumerable<ReportFile> Read()
    {
        Look(tree, "", 0);
        if (matches.Count == 0 && leftOutInAll == 0)
            LookBelow();
        if (matches.Count > MostFiles)
            problem = $"only the first {MostFiles:N0} of {matches.Count:N0} reports were read";
        var together = 0L;
        foreach (var match in InOrder().Take(MostFiles))
        {
            if (together >= MostTogether)
            {
                problem = $"of its reports only the first {MostTogether >> 20} MiB were read";
                yield break;
            }

            if (Content(match.Path) is not { } report)
                continue;
            together += report.Content.Length;
            yield return report;
        }
    }

    /// <summary>A kernel's clock for files ticks some hundred times a second; of one tick the file that was made later has the higher number.</summary>
    private IOrderedEnumerable<Match> InOrder() =>
        matches.OrderBy(match => match.Status.Changed).ThenBy(match => match.Status.Number).ThenBy(match => match.Path, StringComparer.Ordinal);

    /// <summary>Where it wrote none, what lay there that would have been one is worth a word.</summary>
    private void LookBelow()
    {
        foreach (var layer in layers)
        {
            using var root = RawDirectories.Open(layer);
            if (root is not null)
                Look(root, "", 0);
        }

        foreach (var path in matches.Select(match => match.Path).Distinct().Order(StringComparer.Ordinal))
            LeaveOut(path);
        matches.Clear();
    }

    private void Look(SafeFileHandle directory, string within, int depth)
    {
        foreach (var name in RawDirectories.Names(directory))
        {
            if (++names > MostNames)
            {
                problem = $"its reports were looked for among the first {MostNames:N0} names only";
                return;
            }

            var path = within + name;
            var (isMeant, isAbove) = (patterns.Matches(path), patterns.MayMatchBelow(path));
            if (!isMeant && !isAbove)
                continue;
            var status = RawDirectories.Status(directory, name);
            if (isMeant && status is { IsFile: true } file)
                matches.Add(new(path, file));
            else if (isMeant)
                LeaveOut(path);
            if (isAbove && status is { IsDirectory: true } && depth < MostDepth && RawDirectories.Directory(directory, name) is { } below)
            {
                using (below)
                    Look(below, $"{path}/", depth + 1);
            }
        }
    }

    private ReportFile? Content(string path)
    {
        using var file = Find(tree, path, out _);
        if (file is null)
        {
            problem = $"{path} could not be read";
            return null;
        }

        var size = RawDirectories.Status(file)?.Size ?? 0;
        var bytes = new byte[Math.Min(size, MostBytes)];
        var count = Fill(file, bytes, 0);
        if (LayThere(path, size, bytes.AsSpan(0, count)))
        {
            LeaveOut(path);
            return null;
        }

        return new(path, bytes.AsMemory(0, count)) { IsCut = size > MostBytes };
    }

    private void LeaveOut(string path)
    {
        if (leftOutInAll++ < MostNamed)
            leftOut.Add(path);
    }

    /// <summary>Whether the command found a file with the very same content there. The uppermost layer that has the name tells.</summary>
    private bool LayThere(string path, long size, ReadOnlySpan<byte> content)
    {
        foreach (var layer in layers)
        {
            using var root = RawDirectories.Open(layer);
            if (root is null)
                continue;
            using var file = Find(root, path, out var isHidden);
            if (file is not null)
                return RawDirectories.Status(file)?.Size == size && IsSame(file, content);
            if (isHidden)
                return false;
        }

        return false;
    }

    private static bool IsSame(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        var piece = new byte[Math.Min(content.Length, 1 << 16)];
        for (var at = 0; at < content.Length;)
        {
            var count = Fill(file, piece.AsSpan(0, Math.Min(piece.Length, content.Length - at)), at);
            if (count == 0 || !content.Slice(at, count).SequenceEqual(piece.AsSpan(0, count)))
                return false;
            at += count;
        }

        return true;
    }

    /// <summary>Opens a plain file step by step. <paramref name="isHidden"/>: something else has its name, or that of a directory above it.</summary>
    private static SafeFileHandle? Find(SafeFileHandle root, string path, out bool isHidden)
    {
        var (parts, at, opened) = (path.Split('/'), root, new Stack<SafeFileHandle>());
        try
        {
            foreach (var part in parts[..^1])
            {
                isHidden = RawDirectories.Status(at, part) is { IsDirectory: false };
                if (RawDirectories.Directory(at, part) is not { } next)
                    return null;
                opened.Push(next);
                at = next;
            }

            isHidden = RawDirectories.Status(at, parts[^1]) is { IsFile: false };
            return RawDirectories.File(at, parts[^1]);
        }
        finally
        {
            foreach (var handle in opened)
                handle.Dispose();
        }
    }

    private static int Fill(SafeFileHandle file, Span<byte> into, long from)
    {
        var count = 0;
        for (int read; count < into.Length && (read = RandomAccess.Read(file, into[count..], from + count)) > 0;)
            count += read;
        return count;
    }
}
