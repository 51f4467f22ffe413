using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Git;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>
/// Shows commits to others who test them, and takes them back, beside the loop. What is asked for is asked again by every plan until it is
/// so; a ref that the forge will not take holds up no other.
/// </summary>
/// <param name="mirror">Where the commits are.</param>
/// <param name="memory">What is published, also after a restart.</param>
/// <param name="notebook">Where trouble is raised.</param>
/// <param name="prefix">Under which refs; null where nothing is published.</param>
/// <param name="key">The trunk, as repository/trunk.</param>
/// <param name="time">The clock.</param>
internal sealed class Publisher(Mirror mirror, TrunkMemory memory, Notebook notebook, string? prefix, string key, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Dictionary<CommitSha, string> asked = [];
    private readonly HashSet<CommitSha> unwanted = [];
    private readonly Dictionary<string, (string Why, int Times, DateTimeOffset Again)> trouble = [];
    private Task<List<(Move Move, string? Why)>>? work;
    private bool raised = true;

    private sealed record Move(PublishedRef Ref, bool Goes)
    {
        public RefMove OfRef => Goes ? new(Ref.Name, Ref.Commit, null) : new(Ref.Name, null, Ref.Commit);
    }

    public bool Busy => work is not null;

    /// <summary>What the forge would not take, and why.</summary>
    public IReadOnlyDictionary<CommitSha, string> Unpublished =>
        memory.Refs.Where(one => one.Since is null && trouble.ContainsKey(one.Name)).ToDictionary(one => one.Commit, one => trouble[one.Name].Why);

    public void Publish(CommitSha commit, string of) => asked[commit] = of;

    public void Withdraw(CommitSha commit) => unwanted.Add(commit);

    /// <summary>Begins with what one plan asked for, unless it is at work. What was in trouble a moment ago is left for later. The task, or null.</summary>
    public Task? Begin(CancellationToken cancellation)
    {
        if (work is not null)
        {
            Clear();
            return null;
        }

        // A ref of which it is not known whether it came to be goes too, unless it is wanted.
        var moves = memory.Refs.Where(one => unwanted.Contains(one.Commit) || (one.Since is null && !asked.ContainsKey(one.Commit))).Select(one => new Move(one, Goes: true)).ToList();
        moves.AddRange(asked.Where(_ => prefix is not null).Select(item => new Move(new(item.Key, $"{prefix}{key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]}/{Plain(item.Value)}-{item.Key.Abbreviated}", null), Goes: false)));
        Clear();
        foreach (var over in trouble.Keys.Where(name => !moves.Exists(move => move.Ref.Name == name)).ToList())
            trouble.Remove(over);
        Tell();
        moves.RemoveAll(move => trouble.TryGetValue(move.Ref.Name, out var known) && time.GetUtcNow() < known.Again);
        foreach (var move in moves.Where(move => !move.Goes))
            memory.Note(move.Ref);
        return moves.Count == 0 ? null : work = Task.Run(() => MoveAsync(moves, cancellation), CancellationToken.None);
    }

    /// <summary>Takes note of what came of it, or waits for it. Answers whether anything did.</summary>
    public async Task<bool> FinishAsync(bool wait)
    {
        if (work is null || !(wait || work.IsCompleted))
            return false;
        var mine = work;
        work = null;
        foreach (var (move, why) in await mine)
        {
            if (why is not null)
            {
                var tried = trouble.GetValueOrDefault(move.Ref.Name).Times + 1;
                trouble[move.Ref.Name] = (why, tried, time.GetUtcNow() + Backoff.After(tried));
                continue;
            }

            trouble.Remove(move.Ref.Name);
            if (move.Goes)
                memory.Forget(move.Ref);
            else
                memory.Note(move.Ref with { Since = time.GetUtcNow() });
        }

        Tell();
        return true;
    }

    private void Tell()
    {
        if (trouble.Count > 0)
            notebook.Raise($"publishing:{key}", string.Join("; ", trouble.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => $"{item.Key} could not be moved, which is tried again: {item.Value.Why}")));
        else if (raised)
            notebook.Mend($"publishing:{key}");
        raised = trouble.Count > 0;
    }

    private void Clear()
    {
        asked.Clear();
        unwanted.Clear();
    }

    /// <summary>All together, and where that fails one by one: then it is known whose trouble it is.</summary>
    private async Task<List<(Move, string?)>> MoveAsync(List<Move> moves, CancellationToken cancellation)
    {
        if (moves.Count > 1 && await PushAsync(moves, cancellation) is null)
            return moves.ConvertAll(move => (move, (string?)null));
        var done = new List<(Move, string?)>();
        foreach (var move in moves)
            done.Add((move, await PushAsync([move], cancellation) is { } why && !await IsSoAsync(move, cancellation) ? why : null));
        return done;
    }

    private async Task<string?> PushAsync(List<Move> moves, CancellationToken cancellation)
    {
        try
        {
            return await mirror.PushAsync([.. moves.Select(move => move.OfRef)], Limit, cancellation) switch
            {
                PushAnswer.Done => null,
                PushAnswer.Refused refused => refused.Why,
                PushAnswer.Moved moved => moved.Why,
                PushAnswer.Unclear unclear => unclear.Why,
                var other => $"{other}",
            };
        }
        catch (OperationCanceledException)
        {
            return "the worker stopped";
        }
        catch (Exception error)
        {
            return error.Message;
        }
    }

    /// <summary>An answer that was lost may have been a yes; and what somebody else has put there or taken away is not the gate's to take back.</summary>
    private async Task<bool> IsSoAsync(Move move, CancellationToken cancellation)
    {
        try
        {
            var there = await mirror.ReadBackAsync(move.Ref.Name, cancellation);
            return move.Goes ? there != move.Ref.Commit : there == move.Ref.Commit;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>A number or an id of a change as a ref's name can hold it; the commit behind it tells those apart that come out the same.</summary>
    private static string Plain(string of) =>
        string.Concat(of.Take(40).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '-')).Trim('-') is { Length: > 0 } plain ? plain : "change";
}
