using System.Globalization;
using System.Text;

namespace GateKeeper.Git;

/// <summary>What came of bringing a ref: it is there; or why not, and whether it is still on its way.</summary>
internal readonly record struct Brought(string? Why, bool OnItsWay = false);

/// <summary>
/// Brings refs of the forge into the mirror. What people propose is held to bounds before anything else opens it, by what it comes to
/// unpacked, and what takes long goes on beside the loop, one after the other, while the others' changes go on.
/// </summary>
internal sealed class Fetcher(GitProgram git, string url)
{
    private const long MostOfCommit = 1L << 20;
    private const long MostOfCommits = 64L << 20;
    private const long MostOfTree = 64L << 20;
    private const long MostObjects = 2_000_000;
    private const string Branches = "refs/heads/";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, (string Id, Task<string?> Work)> beside = [];
    private readonly BulkFetch bulk = new(git);
    private readonly Unseen unseen = new(git.Directory);
    private Task last = Task.CompletedTask;

    /// <summary>How long the loop waits for what is proposed before that goes on beside it.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a proposal may come to unpacked, beside what the trunk holds.</summary>
    public long Most { get; set; } = 4L << 30;

    /// <summary>Something that went on beside the loop has come to its end.</summary>
    public event Action? Ended;

    public bool Busy => beside.Values.Any(item => !item.Work.IsCompleted);

    /// <summary>Where each ref is on its way to.</summary>
    public IEnumerable<(string Name, string Id)> OnTheWay => beside.Select(item => (item.Key, item.Value.Id));

    /// <summary>What has come to its end beside the loop, each with what came of it.</summary>
    public List<(string Name, string Id, string? Why)> Take()
    {
        var ended = beside.Where(item => item.Value.Work.IsCompleted).Select(item => (item.Key, item.Value.Id, item.Value.Work.GetAwaiter().GetResult())).ToList();
        foreach (var (name, _, _) in ended)
            beside.Remove(name);
        return ended;
    }

    /// <summary>How far a fetch is, and how long it may stand still.</summary>
    public LongGit Wire { get; } = new(git);

    /// <summary>Knows when nothing is being written into the mirror that a failed fetch could be taken for.</summary>
    public Leftovers Leftovers { get; } = new(git.Directory);

    /// <summary>
    /// Fetches refs together that nobody proposes; null when all are there, else what git said. What old histories hold is lived with on
    /// branches: there it is nothing new.
    /// </summary>
    /// <param name="refs">Full names, and where they were seen.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<string?> FetchAsync(IReadOnlyDictionary<string, string> refs, CancellationToken cancellation)
    {
        var branches = refs.Where(item => item.Key.StartsWith(Branches, StringComparison.Ordinal)).ToDictionary();
        if (IsNew && branches.Count > 0)
            return await ApartAsync();
        var why = await OwnAsync(refs, Signatures.OddDates, cancellation);
        return why is not null && branches.Count > 0 && OldKinds.AreIn(why) ? await ApartAsync() : why;

        async Task<string?> ApartAsync() => await OwnAsync(branches, OldKinds.LivedWith, cancellation) ?? await OwnAsync(refs.Except(branches).ToDictionary(), Signatures.OddDates, cancellation);
    }

    /// <summary>Whether nothing was ever fetched: then all that the branches hold is old.</summary>
    private bool IsNew => !File.Exists(Path.Combine(git.Directory, "packed-refs")) && !Directory.Exists(Path.Combine(git.Directory, "refs", "forge"));

    private async Task<string?> OwnAsync(IReadOnlyDictionary<string, string> refs, string[] lowered, CancellationToken cancellation) =>
        refs.Count == 0 ? null
        : refs.Count > BulkFetch.Many ? await bulk.FetchAsync(refs, specs => GetAsync(specs, lowered, null, cancellation), _ => Task.FromResult<string?>(null), cancellation)
        : await GetAsync(refs.Keys.Select(BulkFetch.Named), lowered, null, cancellation);

    private async Task<string?> GetAsync(IEnumerable<string> specs, string[] lowered, TimeSpan? whole, CancellationToken cancellation)
    {
        var kinds = new Dictionary<string, (long Count, string Id)>();
        var well = false;
        Leftovers.Begin();
        try
        {
            var answer = await Wire.RunAsync(
                ["-c", "fetch.fsckObjects=true", .. lowered, "fetch", "--progress", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--stdin", "--", url],
                Encoding.UTF8.GetBytes(string.Concat(specs.Select(spec => spec + "\n"))), Count, whole, cancellation);
            well = answer.Ok;
            return well ? null : ServerKind.Told(url, answer.Error);
        }
        finally
        {
            Leftovers.End(well);
            OldKinds.Note(git.Directory, kinds);
        }

        void Count(string line)
        {
            if (line.StartsWith("warning: ", StringComparison.Ordinal) && OldKinds.Of(line) is var (kind, id))
                kinds[kind] = kinds.TryGetValue(kind, out var before) ? (before.Count + 1, before.Id) : (1, id);
        }
    }

    /// <summary>Fetches together what is proposed, if that does not take long; null when all of it is there and within bounds.</summary>
    public async Task<string?> ProposedAsync(IReadOnlyDictionary<string, string> refs, IReadOnlyCollection<string> known, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await BoundedAsync(refs, known, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "it takes longer than others can wait";
        }
    }

    /// <summary>Fetches one ref that is proposed; where that takes long it goes on beside the loop.</summary>
    public async Task<Brought> ProposedAsync(string name, string id, IReadOnlyCollection<string> known, TimeSpan most, CancellationToken cancellation)
    {
        var refs = new Dictionary<string, string> { [name] = id };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            patience.CancelAfter(most > TimeSpan.Zero ? most : TimeSpan.Zero);
            if (most > TimeSpan.Zero)
                return new(await BoundedAsync(refs, known, patience.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It goes on below.
        }

        var before = last;
        var work = Task.Run(() => InTurnAsync(before, refs, known), CancellationToken.None);
        (beside[name], last) = ((id, work), work);
        _ = work.ContinueWith(_ => Ended?.Invoke(), TaskScheduler.Default);
        return new("it is large, and is being fetched", OnItsWay: true);
    }

    /// <summary>One after the other; never throws.</summary>
    private async Task<string?> InTurnAsync(Task before, Dictionary<string, string> refs, IReadOnlyCollection<string> known)
    {
        try
        {
            await before;
            return await BoundedAsync(refs, known, CancellationToken.None);
        }
        catch (Exception error)
        {
            return error.Message;
        }
    }

    private async Task<string?> BoundedAsync(IReadOnlyDictionary<string, string> refs, IReadOnlyCollection<string> known, CancellationToken cancellation)
    {
        unseen.Begin(refs.Keys);
        var problem = refs.Count > BulkFetch.Many
            ? await bulk.FetchAsync(refs, specs => GetAsync(specs, [], Limit, cancellation), part => ProblemAsync(part.Values, known, cancellation), cancellation)
            : await GetAsync(refs.Keys.Select(BulkFetch.Named), [], Limit, cancellation) ?? await ProblemAsync(refs.Values, known, cancellation);

        // What may not be opened is not there: a worker that starts anew takes what it finds for looked through.
        if (problem is not null)
            await git.RunAsync(["update-ref", "--stdin"], cancellation, Encoding.UTF8.GetBytes(string.Concat(refs.Keys.Select(name => $"delete {Mirror.Local(name)}\n"))));
        unseen.End(refs.Keys);
        return problem is null ? null : OldKinds.Told(problem);
    }

    /// <summary>Why what these commits bring beside what is known may not be opened; null when it may. Sizes are told by headers: nothing but commits and trees is unpacked.</summary>
    private async Task<string?> ProblemAsync(IEnumerable<string> tips, IReadOnlyCollection<string> known, CancellationToken cancellation)
    {
        var input = string.Concat(tips.Select(tip => tip + "\n").Concat(known.Select(tip => $"^{tip}\n")));
        var answer = await git.RunAsync(
            ["rev-list", "--objects", "--no-object-names", "--ignore-missing", "--stdin"], cancellation, Encoding.ASCII.GetBytes(input), Limit, before: ["sh", "-c", Summed, "sh"]);
        if (!answer.Ok || answer.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var exit, .. var numbers] || exit != "0" || numbers.Length != 5)
            return $"what it brings cannot be looked through: {(answer.Error.Length > 0 ? answer.Error : answer.Text.Trim())}";
        var (objects, all, commits, commit, tree) = (Number(0), Number(1), Number(2), Number(3), Number(4));
        return objects > MostObjects ? $"it brings {objects:N0} objects, more than {MostObjects:N0}"
            : commit > MostOfCommit ? $"a commit of it is larger than {MostOfCommit >> 20} MiB"
            : commits > MostOfCommits ? $"its commits' messages come to more than {MostOfCommits >> 20} MiB"
            : tree > MostOfTree ? $"a directory of it is larger than {MostOfTree >> 20} MiB"
            : all > Most ? $"it brings {all >> 20:N0} MiB, more than {Most >> 20:N0} MiB"
            : null;

        long Number(int at) => long.Parse(numbers[at], CultureInfo.InvariantCulture);
    }

    // The walk's own exit comes last through the pipe; what else is missing is an object that the walk named and nobody has.
    private const string Summed = """
        { "$@"; echo "exit $?"; } | git cat-file --batch-check='%(objecttype) %(objectsize)' | awk '
          $1 == "exit" { code = $2; next }
          $2 == "missing" { lost = 1; next }
          { objects++; all += $2 }
          $1 == "commit" || $1 == "tag" { commits += $2; if ($2 > commit) commit = $2 }
          $1 == "tree" { if ($2 > tree) tree = $2 }
          END { printf "%s %.0f %.0f %.0f %.0f %.0f\n", lost ? "lost" : code, objects, all, commits, commit, tree }'
        """;
}
