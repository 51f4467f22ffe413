using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Remembers how many lines changes have. What cannot be counted in an instant is counted beside the loop, one change after the other, so
/// that a change whose files are made to be compared slowly holds up nobody else.
/// </summary>
/// <param name="mirror">The repository.</param>
/// <param name="turn">Called when a count beside the loop has come to its end.</param>
internal sealed class ChangedLines(Mirror mirror, Action turn)
{
    private const int MostKnown = 10_000;
    private readonly LineCounter here = new(mirror.Repository, mirror.Git);
    private readonly Dictionary<(string From, string To), Task<int>> known = [];
    private Task last = Task.CompletedTask;

    /// <summary>Whether something is being counted beside the loop.</summary>
    public bool IsCounting => !last.IsCompleted;

    /// <summary>The lines added and removed between two trees, as <see cref="LineCounter"/> counts them; null while that goes on.</summary>
    public int? Between(string from, string to)
    {
        if (known.TryGetValue((from, to), out var count))
            return count.IsCompleted ? Counted((from, to), count) : null;
        if (known.Count >= MostKnown && !IsCounting)
            known.Clear();
        if (here.AtOnce(from, to) is { } lines)
            return (known[(from, to)] = Task.FromResult(lines)).Result;

        last = known[(from, to)] = AfterAsync(last, from, to);
        _ = last.ContinueWith(_ => turn(), TaskScheduler.Default);
        return null;
    }

    /// <summary>What went wrong beside the loop is told to whoever asks, and tried again when somebody asks next.</summary>
    private int Counted((string From, string To) trees, Task<int> count)
    {
        if (!count.IsCompletedSuccessfully)
            known.Remove(trees);
        return count.GetAwaiter().GetResult();
    }

    private async Task<int> AfterAsync(Task before, string from, string to)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);

        // The object database of the loop is its own.
        using var own = new Repository(mirror.Path);
        return new LineCounter(own, mirror.Git).Between(from, to);
    }
}
