using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Forges.GitHub;

/// <content>Telling people: the report at the head is the evaluation; one comment, edited in place, is for whoever must act.</content>
internal sealed partial class GitHubForge
{
    private const string Mark = "<!-- gatekeeper -->";
    private const int MostSigns = 20;
    private const int MostSaid = 6;

    /// <summary>So many writes without an answer, and nobody answers at present.</summary>
    private const int MostLost = 2;
    private static readonly TimeSpan ByItself = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim writing = new(1);
    private readonly Dictionary<long, long> comments = [];
    private readonly Dictionary<long, (CommitSha Revision, string Words)> landedAs = [];

    /// <summary>What stands in the one comment, the newest first: an answer is not lost to the next word.</summary>
    private readonly Dictionary<long, List<string>> said = [];
    private readonly HashSet<long> acknowledged = [];

    /// <summary>What was closed since it was last seen open: it is not closed again before the next look.</summary>
    private readonly HashSet<long> closed = [];
    private readonly Retries<long> unshown;
    private Speaker? speaker;

    public bool Shows => true;

    public async Task<string?> ShowAsync(string trunk, IReadOnlyList<Progress> progress, CancellationToken cancellation)
    {
        string? left = null;
        await AloneAsync(
            async () =>
            {
                await ShowAllAsync(progress, cancellation);
                left = unshown.Any ? unshown.Why : null;
            }, cancellation);
        return left;
    }

    private async Task ShowAllAsync(IReadOnlyList<Progress> progress, CancellationToken cancellation)
    {
        var now = desks;
        places = progress.Where(item => item.Place is not null && Number(item.Change.Id) is not null).ToDictionary(item => Number(item.Change.Id)!.Value, item => item.Place!.Value);
        var lost = 0;
        foreach (var (number, comment) in now.SelectMany(desk => desk.Value.Asking.Select(comment => (desk.Key, comment))).Where(item => !acknowledged.Contains(item.comment)).TakeWhile(_ => voice.MaySign).Take(MostSigns).ToList())
        {
            acknowledged.Add(comment);
            await TryAsync(number, () => voice.AcknowledgeAsync(comment));
        }

        // The head of the queue first: where little may still be written, it is written there.
        foreach (var item in progress.OrderBy(item => item.Place ?? int.MaxValue))
        {
            // What was told to have landed may be open still in a plan that was made before.
            if (Number(item.Change.Id) is { } number && item.Change.Current.Commit.Hex is { Length: 40 } && landedAs.GetValueOrDefault(number).Revision != item.Change.Current.Commit)
                await TryAsync(number, () => voice.ReportAsync(number, item.Change.Current.Commit, Report.Of(item, Link(item.Change.Id)), Link(item.Change.Id), cancellation));
        }

        // Where GitHub does not notice by itself that all of it is on the trunk, as on a branch that is not its default one.
        closed.IntersectWith(now.Keys);
        foreach (var (number, _) in now.Where(item => item.Value.LandedSince is { } since && time.GetUtcNow() - since > ByItself && !closed.Contains(item.Key)).ToList())
        {
            await TryAsync(number, async () =>
            {
                var words = landedAs.GetValueOrDefault(number).Words ?? Noticed(now[number].LandedAs);
                await CommentAsync(number, comments.TryGetValue(number, out var own) ? own : now[number].Own, words);
                if (now[number].Head is { } head)
                    await voice.ReportAsync(number, head, Report.Landed(words, Link(new($"{number}"))), Link(new($"{number}")), cancellation);
                await voice.CloseAsync(number);
                closed.Add(number);
            });
        }

        voice.Forget(now.ContainsKey);
        unshown.Keep(now.ContainsKey);
        foreach (var over in said.Keys.Where(number => !now.ContainsKey(number)).ToList())
            said.Remove(over);

        // What the host will not have written on one stops nothing elsewhere, and delays nothing elsewhere.
        async Task TryAsync(long number, Func<Task> write)
        {
            if (unshown.Rests(number))
                return;
            try
            {
                await write();
                unshown.Succeeded(number);
            }
            catch (ForgeException error) when (error.Status is not (401 or 429))
            {
                unshown.Failed(number, $"#{number}: {error.Message}");
                if (error.Status is null && ++lost == MostLost)
                    throw;
            }
            catch (Exception error) when (error is not (ForgeException or OperationCanceledException))
            {
                unshown.Failed(number, $"#{number}: {error.Message}");
            }
        }
    }

    public Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation) => AloneAsync(
        () => (speaker ??= new(TellAsync, error => error.Status is 403 or 404 or 410 or 422, error => error.Status is 404 or 410, "#")).TellAsync(messages, cancellation), cancellation);

    /// <summary>One writes at a time, so that nothing is written twice.</summary>
    private async Task AloneAsync(Func<Task> write, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await write();
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task TellAsync(Message message, CancellationToken cancellation)
    {
        var number = long.Parse(message.Revision.Change.Value, CultureInfo.InvariantCulture);
        var own = comments.TryGetValue(number, out var kept) ? kept : desks.GetValueOrDefault(number)?.Own;
        if (message.Landing is { } landed)
        {
            landedAs[number] = (message.Revision.Commit, message.Words);
            await voice.ReportAsync(number, message.Revision.Commit, Report.Landed(message.Words, Link(message.Revision.Change)), Link(message.Revision.Change), cancellation);

            // What landed as other commits is not noticed by the host; where it merged by itself, nothing is open any more.
            var lingers = landed.Rewritten && await IsOpenAsync(number, cancellation);
            if (own is not null || lingers)
                await CommentAsync(number, own, $"{message.Words}\n\n({landed.Evidence})");
            if (lingers)
                await voice.CloseAsync(number);
            return;
        }

        // Good news makes no comment of its own; where one tells of trouble that is over, it takes its place.
        if (message.Said is not Said.Success || own is not null)
            await CommentAsync(number, own, message.Words);
    }

    private static string Noticed(CommitSha? commit) => commit is { } made
        ? $"landed as {made}, and a pull request lands once: if that was taken back, open a new one for the same branch."
        : "landed: all of it is on the trunk, and GitHub has not noticed by itself.";

    private async Task CommentAsync(long number, long? own, string words)
    {
        var link = Link(new(number.ToString(CultureInfo.InvariantCulture)));
        if (!said.TryGetValue(number, out var before))
            said[number] = before = [];
        before.Remove(words);
        before.Insert(0, words);
        before.RemoveRange(Math.Min(before.Count, MostSaid), Math.Max(0, before.Count - MostSaid));
        var earlier = before.Count == 1 ? "" : $"\n\n<details><summary>Said before</summary>\n\n{string.Join("\n\n---\n\n", before.Skip(1).Select(Markdown.Plain))}\n\n</details>";
        var body = Markdown.Cut($"{Mark}\n{Markdown.Plain(words)}{earlier}{(link is null ? "" : $"\n\n[Its page at the gate]({link})")}");
        comments[number] = await voice.CommentAsync(number, own, body);
    }

    /// <summary>The gate's own comment from before it was started anew.</summary>
    private static long? OwnComment(PullDto pull) =>
        pull.Comments.Nodes.OfType<CommentDto>().LastOrDefault(comment => comment.ViewerDidAuthor && comment.Body.StartsWith(Mark, StringComparison.Ordinal)) is { } own ? long.Parse(own.FullDatabaseId, CultureInfo.InvariantCulture) : null;

    private async Task<bool> IsOpenAsync(long number, CancellationToken cancellation) =>
        desks.GetValueOrDefault(number) is { Id: { } id } && (await sweep.PullsAsync([id], cancellation)).GetValueOrDefault(id) is { Pull.State: "OPEN" };

    private static long? Number(ChangeId change) => long.TryParse(change.Value, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? Link(ChangeId change) => place.Page?.Of(change);
}
