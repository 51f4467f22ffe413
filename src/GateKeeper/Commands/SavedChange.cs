using System.Text.Json;
using System.Text.Json.Serialization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Commands;

/// <summary>The documented shape of a saved change, version 1. What is left out is not known, or is not there.</summary>
internal sealed record SavedChange
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public int Version { get; set; }

    public string Trunk { get; set; } = "main";

    public string Forge { get; set; } = "any forge";

    public string Id { get; set; } = "1";

    public string Title { get; set; } = "";

    public string Description { get; set; } = "";

    public string Author { get; set; } = "";

    public string? Uploader { get; set; }

    public string Revision { get; set; } = "";

    public bool Draft { get; set; }

    public int? Lines { get; set; }

    public DateTimeOffset? Now { get; set; }

    public List<string>? Paths { get; set; }

    public List<SavedCommit> Commits { get; set; } = [];

    public List<SavedLabel> Labels { get; set; } = [];

    public List<SavedVote> Votes { get; set; } = [];

    public List<SavedRequest> Requests { get; set; } = [];

    public List<SavedCheck> Checks { get; set; } = [];

    public Dictionary<string, List<string>> Teams { get; set; } = [];

    public Dictionary<string, string> Owners { get; set; } = [];

    /// <summary>Test results by name: passed, failed, running, or anything else for not known.</summary>
    public Dictionary<string, string> Tests { get; set; } = [];

    public List<string> Unknowns { get; set; } = [];

    internal sealed record SavedCommit(string Sha, string? Author, string Message, List<string>? CoAuthors = null, int Parents = 1);

    internal sealed record SavedLabel(string Name, string? SetBy = null);

    internal sealed record SavedVote(string By, VoteValue Value = VoteValue.Neither, string? On = null, string? Label = null, int Score = 0, string? RemovedBy = null, long? Order = null, string? Void = null);

    internal sealed record SavedRequest(string By, RequestKind Kind, string? On = null, string Argument = "", string Reason = "");

    internal sealed record SavedCheck(string Name, string State, Dictionary<string, string> Source, string? On = null);

    /// <summary>Null and every error when the text is no saved change.</summary>
    public static (Circumstances? Now, IReadOnlyList<string> Errors) Read(string json, Ruleset rules)
    {
        try
        {
            var saved = JsonSerializer.Deserialize<SavedChange>(json, Options)!;
            var errors = saved.Errors().ToList();
            return errors.Count > 0 ? (null, errors) : (saved.ToCircumstances(rules), []);
        }
        catch (JsonException error)
        {
            return (null, [$"line {error.LineNumber + 1}: {error.Message.Split(" Path:")[0]}"]);
        }
    }

    private IEnumerable<string> Errors()
    {
        if (Version != 1)
            yield return $"\"version\" must be 1, not {Version}";
        if (Author.Length == 0)
            yield return "\"author\" is missing";
        if (!CommitSha.TryParse(Revision, out _))
            yield return "\"revision\" must be a commit id of 40 digits";
        foreach (var sha in Votes.Select(vote => vote.On).Concat(Requests.Select(request => request.On)).Concat(Checks.Select(check => check.On)).Concat(Commits.Select(commit => commit.Sha)).OfType<string>().Where(sha => !CommitSha.TryParse(sha, out _)))
            yield return $"\"{sha}\" is no commit id of 40 digits";
    }

    private Circumstances ToCircumstances(Ruleset rules)
    {
        var current = new CommitSha(Revision);
        var now = Now ?? DateTimeOffset.UnixEpoch;
        var change = new Change
        {
            Id = new(Id),
            Number = Id,
            Title = Title,
            Description = Description,
            Current = new(new(Id), current),
            Target = Trunk,
            Author = new(Author),
            Uploader = Uploader is null ? null : new Account(Uploader),
            Draft = Draft,
            Lines = Lines,
            Paths = Paths is null ? null : [.. Paths],
            Commits = [.. Commits.Select(commit => new CommitFacts
            {
                Sha = new(commit.Sha),
                Author = commit.Author is null ? null : new Account(commit.Author),
                Message = commit.Message,
                Trailers = Git.MessageText.Trailers(commit.Message),
                CoAuthors = [.. (commit.CoAuthors ?? []).Select(name => new Account(name))],
                Parents = commit.Parents,
            })],
            Labels = [.. Labels.Select(label => new Label(label.Name, label.SetBy is null ? null : new Account(label.SetBy)))],
            Votes = [.. Votes.Select((vote, index) => new Vote
            {
                By = new(vote.By), Value = vote.Value, On = On(vote.On), Label = vote.Label, Score = vote.Score, Order = vote.Order ?? index + 1, Void = vote.Void,
                RemovedBy = vote.RemovedBy is null ? null : new Account(vote.RemovedBy),
            })],
            Requests = [.. Requests.Select((request, index) => new Request
            {
                By = new(request.By), Kind = request.Kind, On = On(request.On), Argument = request.Argument, Reason = request.Reason, Order = index + 1, At = now,
            })],
            Checks = [.. Checks.Select(check => new Check { Name = check.Name, State = check.State, On = On(check.On), Source = [.. check.Source] })],
            Unknowns = [.. Unknowns],
        };
        return new()
        {
            Change = change,
            Now = now,
            Forge = ForgeTraits.Everything with { Name = Forge },
            People = People.Resolve(rules, Teams.ToDictionary(team => team.Key, team => new GroupMembers([.. team.Value.Select(name => new Account(name))])), name => new(name)),
            Owners = Owners.ToDictionary(file => file.Key, file => OwnersFile.Parse(file.Value)),
            Tests = Tests.ToDictionary(test => test.Key, test => test.Value switch
            {
                "passed" => (TestStanding)new TestStanding.Passed(""),
                "failed" => new TestStanding.Failed("as saved"),
                "running" => new TestStanding.Running(""),
                var other => new TestStanding.Unknown(other),
            }),
        };

        CommitSha On(string? sha) => sha is null ? current : new(sha);
    }
}
