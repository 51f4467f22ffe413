using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit;

/// <summary>A patch set of a change, as the one who pushed it knows it.</summary>
internal sealed record GerritChange(int Number, string ChangeId, string Commit, int PatchSet)
{
    public override string ToString() => $"{Number}/{PatchSet}";
}

/// <summary>What stands on a change in somebody's name; the author is a username, or null for the server's own.</summary>
internal sealed record GerritMessage(string? Author, string Text, int PatchSet, string? Tag);

/// <summary>One update in the log that the server keeps of a change: whose account, and the whole text with its footers.</summary>
internal sealed record GerritUpdate(string Author, string Text);

/// <summary>
/// A project on a Gerrit server, made for one story, with its people: ana and dave and erin who propose, bob and carol who are the core,
/// an administrator, and the gate. What they can do is the same on the imitated server and on a real one, call for call.
/// </summary>
internal abstract partial class GerritPlace(Uri direct, Uri door, Doorway doorway) : IAsyncDisposable
{
    public const string Fake = "imitated";
    public const string Real = "real";
    public const string Gate = "gatekeeper";
    public const string Admin = "admin";
    public static readonly IReadOnlyList<string> People = ["ana", "bob", "carol", "dave", "erin"];
    private static int last;
    private readonly int number = Interlocked.Increment(ref last);

    /// <summary>The server's address for the gate: behind a door in which faults can stand. Everybody else goes another way.</summary>
    public string Url => door.ToString();

    /// <summary>The server's own address.</summary>
    public string DirectUrl => direct.ToString();

    public string Project => $"acme/tool-{number}";

    public static string GateSecret => GerritRest.Secret(Gate);

    public static string GateEmail => Email(Gate);

    public Doorway Door => doorway;

    /// <summary>Where the server's SSH listens; null where there is none.</summary>
    public virtual int? SshPort => null;

    protected GerritRest Rest { get; } = new(direct);

    private string ProjectPath => $"projects/{Uri.EscapeDataString(Project)}";

    public static string Email(string who) => who == Admin ? "admin@example.com" : $"{who}@example.org";

    /// <summary>Opens a place of its own for one story; where there is no real server the story is skipped, and says so.</summary>
    public static async Task<GerritPlace> OpenAsync(string kind)
    {
        GerritPlace place = kind == Real ? await RealGerrit.OpenAsync() : await FakeGerrit.OpenAsync();
        try
        {
            await place.PrepareAsync();
            return place;
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }

    public Task VoteAsync(string who, GerritChange change, string label, int value, string? message = null, int? patchSet = null, string? onBehalfOf = null) =>
        ReviewAsync(who, change, patchSet, new() { ["labels"] = new JsonObject { [label] = value }, ["message"] = message, ["on_behalf_of"] = onBehalfOf });

    public Task SayAsync(string who, GerritChange change, string message) => ReviewAsync(who, change, null, new() { ["message"] = message });

    /// <summary>An administrator takes words out of a change, for good.</summary>
    public async Task UnsayAsync(GerritChange change, string words)
    {
        var told = (await ReadAsync(change, "MESSAGES"))["messages"]!.AsArray().Last(message => ((string)message!["message"]!).EndsWith(words, StringComparison.Ordinal));
        await Rest.CallAsync(Admin, "DELETE", $"{Path(change)}/messages/{(string)told!["id"]!}");
    }

    /// <summary>Somebody takes another's vote away.</summary>
    public Task DeleteVoteAsync(string who, GerritChange change, string voter, string label) =>
        Rest.CallAsync(who, "DELETE", $"{Path(change)}/reviewers/{voter}/votes/{label}");

    public Task AbandonAsync(string who, GerritChange change, string? message = null) => ChangeAsync(who, change, "abandon", new { message });

    public Task RestoreAsync(string who, GerritChange change) => ChangeAsync(who, change, "restore");

    public Task SetWipAsync(string who, GerritChange change) => ChangeAsync(who, change, "wip");

    public Task SetReadyAsync(string who, GerritChange change) => ChangeAsync(who, change, "ready");

    public Task TopicAsync(string who, GerritChange change, string topic) => Rest.CallAsync(who, "PUT", $"{Path(change)}/topic", new { topic });

    public Task HashtagAsync(string who, GerritChange change, string[] add, params string[] remove) => ChangeAsync(who, change, "hashtags", new { add, remove });

    /// <summary>The change is aimed at another branch.</summary>
    public Task MoveAsync(string who, GerritChange change, string branch) => ChangeAsync(who, change, "move", new { destination_branch = branch });

    /// <summary>The server rebases it onto the trunk's tip: a patch set that somebody else uploads without touching the content.</summary>
    public async Task<GerritChange> RebaseAsync(string who, GerritChange change)
    {
        await ChangeAsync(who, change, "rebase");
        return await CurrentAsync(change.Number);
    }

    public Task SubmitAsync(string who, GerritChange change) => ChangeAsync(who, change, $"revisions/{change.Commit}/submit");

    /// <summary>NEW, MERGED or ABANDONED.</summary>
    public async Task<string> StatusAsync(GerritChange change) => (string)(await ReadAsync(change))["status"]!;

    public async Task<IReadOnlyList<GerritMessage>> MessagesAsync(GerritChange change) =>
        [.. (await ReadAsync(change, "MESSAGES", "DETAILED_ACCOUNTS"))["messages"]!.AsArray().Select(message => new GerritMessage(
            (string?)message!["author"]?["username"], (string)message["message"]!, (int?)message["_revision_number"] ?? 0, (string?)message["tag"]))];

    /// <summary>What stands in somebody's name, the gate's where nobody is named; null without a vote.</summary>
    public async Task<int?> LabelAsync(GerritChange change, string label, string who = Gate) =>
        (await ReadAsync(change, "DETAILED_LABELS", "DETAILED_ACCOUNTS"))["labels"]?[label]?["all"]?.AsArray()
            .Where(vote => (string?)vote!["username"] == who).Select(vote => (int?)vote!["value"]).FirstOrDefault(value => value is not 0);

    public async Task<IReadOnlyList<string>> HashtagsAsync(GerritChange change) =>
        [.. (await ReadAsync(change))["hashtags"]?.AsArray().Select(tag => (string)tag!) ?? []];

    /// <summary>The change as the server tells it with these options.</summary>
    public async Task<JsonNode> ReadAsync(GerritChange change, params string[] options) =>
        (await Rest.CallAsync(Admin, "GET", $"{Path(change)}?{string.Join('&', options.Select(option => $"o={option}"))}")).Json;

    public async Task<GerritChange> CurrentAsync(int change)
    {
        var told = (await Rest.CallAsync(Admin, "GET", $"changes/{Uri.EscapeDataString(Project)}~{change}?o=CURRENT_REVISION")).Json;
        var commit = (string)told["current_revision"]!;
        return new(change, (string)told["change_id"]!, commit, (int)told["revisions"]![commit]!["_number"]!);
    }

    /// <summary>Any call, as anybody, for what only one story needs. The path is below the address, without "a/".</summary>
    public Task<GerritAnswer> AskAsync(string who, string method, string path, object? body = null) => Rest.TryAsync(who, method, path, body);

    public string Path(GerritChange change) => $"changes/{Uri.EscapeDataString(Project)}~{change.Number}";

    public virtual ValueTask DisposeAsync()
    {
        Rest.Dispose();
        DisposeGit();
        return ValueTask.CompletedTask;
    }

    private Task<GerritAnswer> ChangeAsync(string who, GerritChange change, string what, object? body = null) => Rest.CallAsync(who, "POST", $"{Path(change)}/{what}", body);

    private Task<GerritAnswer> ReviewAsync(string who, GerritChange change, int? patchSet, JsonObject review)
    {
        foreach (var name in review.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList())
            review.Remove(name);
        return ChangeAsync(who, change, $"revisions/{patchSet?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "current"}/review", review);
    }
}
