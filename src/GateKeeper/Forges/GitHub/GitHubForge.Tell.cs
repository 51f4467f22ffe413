using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Forges.GitHub;

/// <content>Telling people: the report at the head is the evaluation; one comment, edited in place, is for whoever must act.</content>
internal sealed partial class GitHubForge
{
    private const string Mark = "<!-- gatekeeper -->";
    private static readonly TimeSpan ByItself = TimeSpan.FromSeconds(60);
    private readonly Dictionary<long, long> comments = [];
    private readonly HashSet<(Revision, string)> posted = [];

    public bool Shows => true;

    public async Task ShowAsync(string trunk, IReadOnlyList<Progress> progress, CancellationToken cancellation)
    {
        foreach (var comment in unacknowledged.Take(20).ToList())
        {
            await voice.AcknowledgeAsync(long.Parse(comment, CultureInfo.InvariantCulture));
            unacknowledged.Remove(comment);
        }

        // The head of the queue first: where little may still be written, it is written there.
        foreach (var item in progress.OrderBy(item => item.Place ?? int.MaxValue))
        {
            if (long.TryParse(item.Change.Id.Value, CultureInfo.InvariantCulture, out var number) && item.Change.Current.Commit.Hex is { Length: 40 })
                await voice.ReportAsync(number, item.Change.Current.Commit, Report.Of(item, Link(item.Change.Id)), Link(item.Change.Id), cancellation);
        }
    }

    public async Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var (refused, broken) = (new List<string>(), (ForgeException?)null);
        foreach (var message in messages.Where(message => !posted.Contains((message.Revision, message.Words))))
        {
            try
            {
                await TellAsync(message, cancellation);
                posted.Add((message.Revision, message.Words));
            }
            catch (ForgeException error) when (error.Status is 403 or 422)
            {
                // Refused alone (a locked conversation), and it would be refused again: the operator is told, and nobody else's message waits.
                posted.Add((message.Revision, message.Words));
                refused.Add($"#{message.Revision.Change}: {error.Message}");
            }
            catch (ForgeException error) when (error.Status is 404 or 410)
            {
                posted.Add((message.Revision, message.Words));
            }
            catch (ForgeException error)
            {
                broken = error;
            }
        }

        if (broken is not null)
            throw broken;
        posted.Clear();
        if (refused.Count > 0)
            throw new UntoldException(string.Join("; ", refused));
    }

    private async Task TellAsync(Message message, CancellationToken cancellation)
    {
        var number = long.Parse(message.Revision.Change.Value, CultureInfo.InvariantCulture);
        var own = comments.TryGetValue(number, out var kept) ? kept : OwnComment(number);
        if (message.Landing is { } landed)
        {
            await voice.ReportAsync(number, message.Revision.Commit, Report.Landed(message.Words, Link(message.Revision.Change)), Link(message.Revision.Change), cancellation);
            if (own is not null || landed.Rewritten)
                await CommentAsync(number, own, $"{message.Words}\n\n({landed.Evidence})");

            // What landed as other commits is not noticed by the host; where it merged by itself, nothing is open any more.
            if (landed.Rewritten && open.ContainsKey(number))
                await voice.CloseAsync(number);
            comments.Remove(number);
            return;
        }

        if (message.Said is not Said.Success)
            await CommentAsync(number, own, message.Words);
    }

    private async Task CommentAsync(long number, long? own, string words)
    {
        var link = Link(new(number.ToString(CultureInfo.InvariantCulture)));
        var body = Markdown.Cut($"{Mark}\n{Markdown.Plain(words)}{(link is null ? "" : $"\n\n[Its page at the gate]({link})")}");
        comments[number] = await voice.CommentAsync(number, own, body);
    }

    /// <summary>The gate's own comment from before it was started anew.</summary>
    private long? OwnComment(long number) =>
        open.GetValueOrDefault(number)?.Pull!.Comments.Nodes.OfType<CommentDto>().LastOrDefault(comment => comment.ViewerDidAuthor && comment.Body.StartsWith(Mark, StringComparison.Ordinal)) is { } own
            ? long.Parse(own.FullDatabaseId, CultureInfo.InvariantCulture)
            : null;

    private string? Link(ChangeId change) => place.Page?.Of(change);
}
