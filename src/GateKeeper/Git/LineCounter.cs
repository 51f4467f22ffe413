using System.Globalization;
using System.Text;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// How many lines a change adds and removes: what <c>git diff --numstat</c> counts, with each file taken as text whatever is in it, and a
/// change of type (a file in place of a symbolic link or of a submodule) taken as a removal and an addition. Git itself counts what it can
/// compare in little time and memory; the rest is read in one stream, where all between the first and the last difference counts as
/// replaced. So there is always an answer, and it is never too small.
/// </summary>
/// <param name="repository">The object database.</param>
/// <param name="git">Git, for the same repository.</param>
/// <param name="mostCompared">How many bytes git compares for one change.</param>
/// <param name="mostRead">How many bytes are read for one change; above that it has more lines than any rule allows.</param>
internal sealed class LineCounter(Repository repository, GitProgram git, long mostCompared = 32 << 20, long mostRead = 256 << 20)
{
    private const int MostLeftToStreams = 500;

    // They are arguments of a command, which may hold two megabytes in all, and a letter of a path takes up to three of them.
    private const int MostLettersLeftOut = 1 << 19;
    private const long Little = 256 << 10;

    /// <summary>The lines added and removed between two trees; <see cref="int.MaxValue"/> where there is more than can be read.</summary>
    public int Between(string from, string to) => (int)Math.Min(int.MaxValue, Count(from, to, quick: false)!.Value);

    /// <summary>The same of what is counted in an instant; null for what may take longer.</summary>
    public int? AtOnce(string from, string to) => (int?)Count(from, to, quick: true);

    private long? Count(string from, string to, bool quick)
    {
        var touched = WithoutMoved([.. TreeDiff.Between(repository, from, to).Select(change => new Pair(change, Size(change.OldMode, change.OldId), Size(change.NewMode, change.NewId)))]);
        var bytes = touched.Sum(pair => pair.Bytes);
        if (quick && bytes > Little)
            return null;
        if (bytes > mostRead)
            return int.MaxValue;

        var (compared, streamed) = Share(touched);
        if (compared.Count == 0)
            return touched.Sum(Streamed);
        if (ByGit(from, to, streamed, [.. compared.Where(pair => pair.ChangesType).Select(pair => pair.Change.Path)], quick ? 1 : 10) is { } counted)
            return counted + compared.Where(pair => pair.ChangesType).Concat(streamed).Sum(Streamed);
        return quick ? null : touched.Sum(Streamed);
    }

    /// <summary>A file that only moved has no changed lines, however large it is.</summary>
    private static List<Pair> WithoutMoved(List<Pair> touched)
    {
        var gone = touched.Where(pair => pair.Change.NewId.Length == 0).GroupBy(pair => (pair.Change.OldId, Type(pair.Change.OldMode))).ToDictionary(group => group.Key, group => new Queue<Pair>(group));
        var moved = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in touched.Where(pair => pair.Change.OldId.Length == 0))
        {
            if (gone.TryGetValue((pair.Change.NewId, Type(pair.Change.NewMode)), out var places) && places.TryDequeue(out var old))
                moved.UnionWith([pair.Change.Path, old.Change.Path]);
        }

        return touched.FindAll(pair => !moved.Contains(pair.Change.Path));
    }

    /// <summary>What git compares, smallest first, and what is left to be read in a stream.</summary>
    private (List<Pair> Compared, List<Pair> Streamed) Share(List<Pair> touched)
    {
        var bytes = 0L;
        var compared = touched.OrderBy(pair => pair.Bytes).TakeWhile(pair => (bytes += pair.Bytes) <= mostCompared).ToList();
        var streamed = touched.OrderBy(pair => pair.Bytes).Skip(compared.Count).ToList();
        if (streamed.Count > MostLeftToStreams || streamed.Sum(pair => pair.Change.Path.Length) > MostLettersLeftOut)
            return ([], touched);

        // Git leaves out all below a path that it shall leave out: a file may have become a directory.
        var apart = streamed.Select(pair => pair.Change.Path + "/").ToList();
        streamed.AddRange(compared.Where(pair => apart.Exists(place => pair.Change.Path.StartsWith(place, StringComparison.Ordinal))));
        return ([.. compared.Except(streamed)], streamed);
    }

    /// <summary>What git counts, without some paths; null where it could not in time or memory.</summary>
    private long? ByGit(string from, string to, List<Pair> without, HashSet<string> uncounted, int seconds)
    {
        var attributes = Path.Combine(repository.Info.Path, "lines.attributes");
        if (!File.Exists(attributes))
            File.WriteAllText(attributes, "* diff\n");
        var start = git.Start(
            [
                "-c", $"core.attributesFile={attributes}", "-c", "core.bigFileThreshold=1g", "diff-tree", "-r", "-z", "-M", "--numstat",
                "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", from, to, "--", .. without.Select(pair => $":(top,exclude,literal){pair.Change.Path}"),
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
        return process.ExitCode == 0 ? Sum(Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length), uncounted) : null;
    }

    private static long? Sum(string answer, HashSet<string> uncounted)
    {
        var (sum, fields) = (0L, answer.Split('\0'));
        for (var at = 0; at < fields.Length - 1; at++)
        {
            if (fields[at].Split('\t', 3) is not [var added, var removed, var path]
                || !long.TryParse(added, NumberStyles.None, CultureInfo.InvariantCulture, out var more) || !long.TryParse(removed, NumberStyles.None, CultureInfo.InvariantCulture, out var less))
            {
                return null;
            }

            // A move is told as two more fields, the old path and the new one.
            at += path.Length == 0 ? 2 : 0;
            sum += uncounted.Contains(path) ? 0 : more + less;
        }

        return sum;
    }

    private long Streamed(Pair pair)
    {
        var change = pair.Change;
        if (pair.ChangesType || change.OldId.Length == 0 || change.NewId.Length == 0 || change.OldMode is Mode.GitLink)
            return Whole(change.OldMode, change.OldId) + Whole(change.NewMode, change.NewId);
        if (change.OldId == change.NewId)
            return 0;
        using var before = Content(change.OldId);
        using var after = Content(change.NewId);
        return LineStream.Replaced(before, after);
    }

    /// <summary>A submodule is one line of text, which names its commit.</summary>
    private long Whole(Mode mode, string id)
    {
        if (id.Length == 0 || mode is Mode.GitLink)
            return id.Length == 0 ? 0 : 1;
        using var content = Content(id);
        return LineStream.Lines(content, 0, content.Length);
    }

    private Stream Content(string id) => repository.Blob(id).GetContentStream();

    private long Size(Mode mode, string id) => id.Length == 0 || mode is Mode.GitLink ? 0 : repository.SizeOf(id);

    private static Mode Type(Mode mode) => mode is Mode.ExecutableFile or Mode.NonExecutableGroupWritableFile ? Mode.NonExecutableFile : mode;

    private readonly record struct Pair(TreeChange Change, long Old, long New)
    {
        public long Bytes => Old + New;

        public bool ChangesType => Change.OldId.Length > 0 && Change.NewId.Length > 0 && Type(Change.OldMode) != Type(Change.NewMode);
    }
}
