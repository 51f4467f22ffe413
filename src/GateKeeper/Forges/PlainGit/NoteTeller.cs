using System.Globalization;
using GateKeeper.Core.Landing;
using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Tells people in notes. No message is longer than a note's line may be, and one that the server will not have silences no other.</summary>
internal sealed class NoteTeller(Mirror mirror, GateIdentity gate, ChangePages? page, TimeProvider time)
{
    private const int MostSaid = 4096;
    private const int OfTheEnd = 1024;

    /// <summary>The requests that stand, as last observed.</summary>
    public IReadOnlyDictionary<string, RequestLine> Requests { get; set; } = new Dictionary<string, RequestLine>();

    /// <exception cref="GitException">Nothing was told, and all of it is to be told again.</exception>
    /// <exception cref="PartlyToldException">The server took nothing of what there was to say; it is told again, and nobody else waits for it.</exception>
    /// <exception cref="UntoldException">The server will not have some of it; the rest was told.</exception>
    public async Task TellAsync(IReadOnlyList<Message> messages, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var writer = new NoteWriter(mirror, time);
        var requests = Requests;
        if (await WriteAsync(messages) is not { } joint)
            return;

        // One of them is at fault, so each is tried alone.
        var refused = new List<(Message Message, string Why)>();
        foreach (var message in messages)
        {
            if ((messages.Count == 1 ? joint : await WriteAsync([message])) is { } why)
                refused.Add((message, why));
        }

        if (refused.Count == messages.Count)
            throw new PartlyToldException(refused.GroupBy(item => item.Message.Revision).ToDictionary(group => group.Key, group => $"{group.Key.Change}: {group.First().Why}"));
        if (refused.Count > 0)
            throw new UntoldException($"what was to be said on {string.Join(", ", refused.Select(item => item.Message.Revision.Change).Distinct())} could not be: {refused[0].Why}");

        async Task<string?> WriteAsync(IReadOnlyList<Message> some)
        {
            try
            {
                return await writer.TryAppendAsync([.. some.SelectMany(message => Lines(message, now, requests))], gate, cancellation);
            }
            catch (Exception error) when (Objects.IsMissing(error) || error is not (GitException or OperationCanceledException))
            {
                return error.Message;
            }
        }
    }

    /// <summary>The CI mark goes on the commit that was tested, the words on the review.</summary>
    private IEnumerable<NoteLine> Lines(Message message, string now, IReadOnlyDictionary<string, RequestLine> requests)
    {
        var (id, revision) = (message.Revision.Change.Value, message.Revision.Commit.Hex);
        var url = page?.Of(message.Revision.Change);
        if (message.Said is Said.Success or Said.Failure)
            yield return new(Notes.Ci, revision, GoJson.Ci(now, url, message.Said is Said.Success ? "success" : "failure", "gatekeeper"));
        yield return new(Notes.Discuss, id, GoJson.Canonical(new CommentLine { Timestamp = now, Author = gate.Email, Location = new(revision, null, null), Description = Cut(message.Words) }));

        if (message.Landing is { } landed)
            yield return new(PlainGitForge.EvidenceRef, landed.Commit.Hex, landed.Evidence);

        // A squash or a rebase leaves the review's first commit outside the trunk; the alias says what stands for it there.
        if (message.Landing is { Rewritten: true } landing && requests.GetValueOrDefault(id) is { } request)
        {
            var line = request with { Timestamp = Later(request.Timestamp, now), Alias = landing.Commit.Hex };
            yield return new(Notes.Reviews, id, GoJson.Canonical(line) is { Length: <= NoteLines.MaxLine } fits ? fits : GoJson.Canonical(line with { Description = Cut(line.Description), Reviewers = [] }));
        }
    }

    /// <summary>The beginning says what it is, the end what it came to.</summary>
    internal static string Cut(string words) => words.Length <= MostSaid ? words : $"{Whole(words[..(MostSaid - OfTheEnd)])}\n[... {words.Length - MostSaid} characters left out ...]\n{Whole(words[^OfTheEnd..])}";

    /// <summary>Without half of a character at either end.</summary>
    private static string Whole(string part) => part[(char.IsLowSurrogate(part[0]) ? 1 : 0)..(char.IsHighSurrogate(part[^1]) ? part.Length - 1 : part.Length)];

    private static string Later(string? old, string now) =>
        string.CompareOrdinal(old, now) >= 0 && long.TryParse(old, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < long.MaxValue ? (last + 1).ToString(CultureInfo.InvariantCulture) : now;
}
