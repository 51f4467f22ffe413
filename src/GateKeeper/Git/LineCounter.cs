using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// How many lines of each file a change adds and removes: what <c>git diff --numstat</c> counts, with each file taken as text whatever is in
/// it, and a change of type (a file in place of a symbolic link or of a submodule) taken as a removal and an addition. Git itself counts what
/// it can compare in little time and memory; the rest is read in one stream, where all between the first and the last difference counts as
/// replaced. So there is always an answer, and it is never too small.
/// </summary>
/// <param name="repository">The object database.</param>
/// <param name="git">Git, for the same repository.</param>
/// <param name="mostCompared">How many bytes git compares for one change.</param>
/// <param name="mostRead">How many bytes are read for one change, the smallest files first; a file above that has more lines than any rule allows.</param>
internal sealed class LineCounter(Repository repository, GitProgram git, long mostCompared = 32 << 20, long mostRead = 256 << 20)
{
    private const int MostLeftToStreams = 500;

    // They are arguments of a command, which may hold two megabytes in all, and a letter of a path takes up to three of them.
    private const int MostLettersLeftOut = 1 << 19;
    private const long Little = 256 << 10;
    private const int Few = 10_000;
    private readonly Numstat numstat = new(git, repository.Info.Path);

    /// <summary>The files that differ between two trees, by path.</summary>
    /// <param name="from">A tree.</param>
    /// <param name="to">Another.</param>
    /// <param name="apart">Lists that a file may move into or out of; of such a file all lines are counted too, under each of its names.</param>
    public ValueList<EditedFile> Between(string from, string to, ValueList<PatternList> apart) => Count(from, to, apart, quick: false)!;

    /// <summary>The same of what is counted in an instant; null for what may take longer.</summary>
    public ValueList<EditedFile>? AtOnce(string from, string to, ValueList<PatternList> apart) => Count(from, to, apart, quick: true);

    private ValueList<EditedFile>? Count(string from, string to, ValueList<PatternList> apart, bool quick)
    {
        var differing = TreeDiff.Between(repository, from, to).ToList();
        if (quick && differing.Count > Few)
            return null;
        List<Pair> touched = [.. differing.Select(change => new Pair(change, Size(change.OldMode, change.OldId), Size(change.NewMode, change.NewId)))];
        var moved = Moved(touched);
        var names = moved.SelectMany(move => new[] { move.Path, move.From! }).ToHashSet(StringComparer.Ordinal);
        var edited = touched.Where(pair => !names.Contains(pair.Change.Path)).OrderBy(pair => pair.Bytes).ToList();
        if (quick && edited.Sum(pair => pair.Bytes) > Little)
            return null;

        var read = Within(edited, mostRead);
        var unread = edited.Skip(read.Count).ToList();
        var (compared, streamed) = Share(read, unread);
        var files = compared.Count > 0 ? ByGit(from, to, [.. touched.Except(streamed).Except(unread)], [.. streamed, .. unread], quick ? 1 : 10) : null;
        if (files is null && compared.Count > 0 && quick)
            return null;
        files = files is null ? [.. moved, .. read.Select(Streamed)] : [.. files, .. streamed.Select(Streamed)];
        files.AddRange(unread.Select(pair => new EditedFile(pair.Change.Path, int.MaxValue)));
        return Whole(files, touched, apart, quick) is { } whole ? [.. whole.OrderBy(file => file.Path, StringComparer.Ordinal)] : null;
    }

    /// <summary>A file that only moved has no changed lines, however large it is.</summary>
    private static List<EditedFile> Moved(List<Pair> touched)
    {
        var gone = touched.Where(pair => pair.Change.NewId.Length == 0).GroupBy(pair => (pair.Change.OldId, Type(pair.Change.OldMode))).ToDictionary(group => group.Key, group => new Queue<Pair>(group));
        var moved = new List<EditedFile>();
        foreach (var pair in touched.Where(pair => pair.Change.OldId.Length == 0))
        {
            if (gone.TryGetValue((pair.Change.NewId, Type(pair.Change.NewMode)), out var places) && places.TryDequeue(out var old))
                moved.Add(new(pair.Change.Path, 0) { From = old.Change.Path });
        }

        return moved;
    }

    /// <summary>The first of some pairs that come to no more than so many bytes.</summary>
    private static List<Pair> Within(List<Pair> pairs, long most)
    {
        var bytes = 0L;
        return [.. pairs.TakeWhile(pair => (bytes += pair.Bytes) <= most)];
    }

    /// <summary>What git compares, smallest first, and what is left to be read in a stream.</summary>
    private (List<Pair> Compared, List<Pair> Streamed) Share(List<Pair> read, List<Pair> unread)
    {
        var compared = Within(read, mostCompared);
        var streamed = read.Skip(compared.Count).ToList();
        var left = streamed.Concat(unread).Select(pair => pair.Change.Path).ToList();
        if (left.Count > MostLeftToStreams || left.Sum(path => path.Length) > MostLettersLeftOut)
            return ([], read);

        // Git leaves out all below a path that it shall leave out: a file may have become a directory.
        var places = left.ConvertAll(path => path + "/");
        streamed.AddRange(compared.Where(pair => places.Exists(place => pair.Change.Path.StartsWith(place, StringComparison.Ordinal))));
        return ([.. compared.Except(streamed)], streamed);
    }

    /// <summary>What git counts, and what is read in place of that where a path changes its type; null where git could not, or told of other paths.</summary>
    private List<EditedFile>? ByGit(string from, string to, List<Pair> asked, List<Pair> without, int seconds)
    {
        if (numstat.Between(from, to, without.Select(pair => pair.Change.Path), seconds) is not { } entries)
            return null;
        var left = without.Select(pair => pair.Change.Path).ToHashSet(StringComparer.Ordinal);
        entries.RemoveAll(entry => entry.From is null && left.Contains(entry.Path));
        var told = entries.SelectMany(entry => entry.From is null ? new[] { entry.Path } : [entry.From, entry.Path]).ToList();
        if (told.Count != asked.Count || !asked.Select(pair => pair.Change.Path).ToHashSet(StringComparer.Ordinal).SetEquals(told))
            return null;
        var retyped = asked.Where(pair => pair.ChangesType).ToDictionary(pair => pair.Change.Path, StringComparer.Ordinal);
        return entries.ConvertAll(entry => entry.From is null && retyped.TryGetValue(entry.Path, out var pair) ? Streamed(pair) : new EditedFile(entry.Path, Many(entry.Lines)) { From = entry.From });
    }

    /// <summary>Reads all of the files that move into what some list means, or out of it; null where that may take long and shall not.</summary>
    private List<EditedFile>? Whole(List<EditedFile> files, List<Pair> touched, ValueList<PatternList> apart, bool quick)
    {
        var parted = apart.Count == 0 ? [] : files.Where(file => file.From is { } old && apart.Any(list => list.Matches(old) != list.Matches(file.Path))).ToList();
        if (parted.Count == 0)
            return files;
        var pairs = touched.ToDictionary(pair => pair.Change.Path, StringComparer.Ordinal);
        var bytes = 0L;
        var whole = new Dictionary<string, EditedFile>(StringComparer.Ordinal);
        foreach (var (file, old, young) in parted.Select(file => (file, pairs[file.From!], pairs[file.Path])).OrderBy(item => item.Item2.Old + item.Item3.New))
        {
            bytes += old.Old + young.New;
            if (quick && bytes > Little)
                return null;
            whole[file.Path] = bytes > mostRead ? file with { Before = int.MaxValue, After = int.MaxValue }
                : file with { Before = Many(Lines(old.Change.OldMode, old.Change.OldId)), After = Many(Lines(young.Change.NewMode, young.Change.NewId)) };
        }

        return files.ConvertAll(file => whole.GetValueOrDefault(file.Path, file));
    }

    private EditedFile Streamed(Pair pair) => new(pair.Change.Path, Many(Replaced(pair)));

    private long Replaced(Pair pair)
    {
        var change = pair.Change;
        if (pair.ChangesType || change.OldId.Length == 0 || change.NewId.Length == 0 || change.OldMode is Mode.GitLink)
            return Lines(change.OldMode, change.OldId) + Lines(change.NewMode, change.NewId);
        if (change.OldId == change.NewId)
            return 0;
        using var before = Content(change.OldId);
        using var after = Content(change.NewId);
        return LineStream.Replaced(before, after);
    }

    /// <summary>A submodule is one line of text, which names its commit.</summary>
    private long Lines(Mode mode, string id)
    {
        if (id.Length == 0 || mode is Mode.GitLink)
            return id.Length == 0 ? 0 : 1;
        using var content = Content(id);
        return LineStream.Lines(content, 0, content.Length);
    }

    private static int Many(long lines) => (int)Math.Min(int.MaxValue, lines);

    private Stream Content(string id) => repository.Blob(id).GetContentStream();

    private long Size(Mode mode, string id) => id.Length == 0 || mode is Mode.GitLink ? 0 : repository.SizeOf(id);

    private static Mode Type(Mode mode) => mode is Mode.ExecutableFile or Mode.NonExecutableGroupWritableFile ? Mode.NonExecutableFile : mode;

    private readonly record struct Pair(TreeChange Change, long Old, long New)
    {
        public long Bytes => Old + New;

        public bool ChangesType => Change.OldId.Length > 0 && Change.NewId.Length > 0 && Type(Change.OldMode) != Type(Change.NewMode);
    }
}
