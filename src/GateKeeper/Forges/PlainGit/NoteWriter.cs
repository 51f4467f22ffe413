using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Forges.PlainGit;

/// <summary>One line for the note of one object.</summary>
internal sealed record NoteLine(string Ref, string Key, string Line);

/// <summary>
/// Appends lines to notes on the server: on top of what the server has, never forced, and again when somebody else was quicker. A line
/// that is there already is not written twice.
/// </summary>
internal sealed class NoteWriter(Mirror mirror, TimeProvider time)
{
    private const int Tries = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <exception cref="GitException">The server would not have the lines; the message is its own.</exception>
    public async Task AppendAsync(IReadOnlyList<NoteLine> lines, GateIdentity by, CancellationToken cancellation)
    {
        if (await TryAppendAsync(lines, by, cancellation) is { } refusal)
            throw new GitException(refusal);
    }

    /// <summary>Answers why the server's own rules would not have the lines; null when they are there.</summary>
    /// <exception cref="GitException">The server did not answer as it should, or others were quicker again and again.</exception>
    public async Task<string?> TryAppendAsync(IReadOnlyList<NoteLine> lines, GateIdentity by, CancellationToken cancellation)
    {
        PushAnswer? last = null;
        for (var tries = 0; tries < Tries; tries++)
        {
            var moves = lines.GroupBy(line => line.Ref).Select(group => Move(group.Key, [.. group], by)).OfType<RefMove>().ToList();
            if (moves.Count == 0)
                return null;
            switch (await mirror.PushSeenAsync(moves, Limit, cancellation))
            {
                case PushAnswer.Done:
                    moves.ForEach(move => mirror.Took(move.Name, move.To!.Value));
                    return null;
                case PushAnswer.Refused refused:
                    return $"the server refused the note: {refused.Why}";
                case var other:
                    last = other;
                    foreach (var move in moves)
                        await RefreshAsync(move.Name, isLast: tries == Tries - 1, cancellation);
                    break;
            }
        }

        throw new GitException($"others were quicker {Tries} times while notes were being written: {last?.Objection}");
    }

    /// <summary>The loop may be fetching the same ref at this moment, and the one that comes second fails: there is another try for that too.</summary>
    private async Task RefreshAsync(string name, bool isLast, CancellationToken cancellation)
    {
        try
        {
            await mirror.RefreshOneAsync(name, cancellation);
        }
        catch (GitException) when (!isLast)
        {
        }
    }

    private RefMove? Move(string reference, List<NoteLine> lines, GateIdentity by)
    {
        // The mirror's own handle belongs to its loop, and notes may be written beside it.
        using var repository = new Repository(mirror.Path);
        var old = mirror.Refs.GetValueOrDefault(reference);
        return Commit(repository, old, lines, by) is { } commit ? new(reference, old is null ? null : new CommitSha(old), commit) : null;
    }

    /// <summary>Null when every line is there already.</summary>
    private CommitSha? Commit(Repository repository, string? old, List<NoteLine> lines, GateIdentity by)
    {
        var parent = old is null ? null : repository.FindCommit(old) ?? throw new GitException($"the notes are no commit ({old[..10]}), and nothing is written over them");
        var notes = new Dictionary<string, Blob>();
        foreach (var group in lines.GroupBy(line => line.Key))
        {
            // A note that cannot be read is not written over; nobody else's words wait for that one.
            if (Notes.LinesOrNull(repository, old, group.Key) is not { } known)
                continue;
            var fresh = group.Select(line => line.Line).Except(known).ToList();
            if (fresh.Count > 0)
                notes[group.Key] = repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', known.Concat(fresh)) + "\n")));
        }

        if (notes.Count == 0)
            return null;
        var signature = by.Sign(time.GetUtcNow());
        var parents = parent is null ? Array.Empty<Commit>() : [parent];
        return new(repository.ObjectDatabase.CreateCommit(signature, signature, "Notes added\n", Notes.With(repository, parent?.Tree, notes), parents, prettifyMessage: false).Sha);
    }
}
