using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>A user, a bot or an organization.</summary>
internal sealed class HubAccount(long id, string login, string kind)
{
    public long Id => id;

    /// <summary>As REST says it: a bot's ends in "[bot]".</summary>
    public string Login { get; set; } = login;

    public string Kind => kind;

    /// <summary>As GraphQL says it.</summary>
    public string Short => Login.Replace("[bot]", "", StringComparison.Ordinal);

    public string Email => kind == "Bot" ? $"{id}+{Login}@users.noreply.github.com" : $"{Login}@example.org";

    /// <summary>What is left of a deleted account is that somebody was there.</summary>
    public bool Deleted { get; set; }
}

internal sealed record HubMember(HubAccount Account, string Role, string State);

internal sealed class HubTeam(long id, string slug)
{
    public long Id => id;

    public string Slug => slug;

    /// <summary>What it may do with the repository.</summary>
    public string Permission { get; set; } = "push";

    /// <summary>An invited one is pending, and is no member yet.</summary>
    public List<HubMember> Members { get; } = [];
}

/// <summary>Somebody's program, with the key by which it proves itself and what it may do where it is installed.</summary>
internal sealed class HubApp(long id, string slug, HubAccount bot, long installation)
{
    public long Id => id;

    public string Slug => slug;

    /// <summary>The other name by which it may prove itself.</summary>
    public string ClientId => $"Iv1.{id:x16}";

    public HubAccount Bot => bot;

    public long Installation => installation;

    public System.Security.Cryptography.RSA? Key { get; init; }

    /// <summary>What the operator granted: "contents" -> "write".</summary>
    public Dictionary<string, string> Permissions { get; } = new(StringComparer.Ordinal);

    public List<string> Events { get; } = ["pull_request", "pull_request_review", "issue_comment", "check_run", "status", "push"];

    /// <summary>What its owner asks for since, and the operator has not granted.</summary>
    public Dictionary<string, string>? Asked { get; set; }

    public bool IsInstalled { get; set; } = true;

    public bool Suspended { get; set; }
}

internal sealed record HubActivity(long Id, HubAccount Actor, string Reference, string Before, string After, DateTimeOffset At, string Kind);

internal sealed class HubRuleset(long id, string name)
{
    public long Id => id;

    public string Name => name;

    public string Enforcement { get; set; } = "active";

    /// <summary>"refs/heads/main", "~DEFAULT_BRANCH", "~ALL", or a pattern.</summary>
    public List<string> Include { get; init; } = [];

    public List<string> Exclude { get; init; } = [];

    /// <summary>Type and parameters of each rule.</summary>
    public List<(string Type, JsonObject? Parameters)> Rules { get; init; } = [];

    /// <summary>Who may pass: ("Integration", 4242, "always").</summary>
    public List<(string Type, long Id, string Mode)> Bypass { get; init; } = [];
}

internal sealed class HubSuite(long id, HubApp app, string sha)
{
    public long Id => id;

    public HubApp App => app;

    public string Sha => sha;

    public HubWorkflowRun? Run { get; init; }
}

internal sealed record HubWorkflowRun(long Id, string Event, int Number, string Path, long WorkflowId, string WorkflowName);

internal sealed class HubCheckRun(long id, HubSuite suite, string name, string sha)
{
    public long Id => id;

    public HubSuite Suite => suite;

    public string Sha => sha;

    public string Name { get; set; } = name;

    public string Status { get; set; } = "queued";

    public string? Conclusion { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Completed { get; set; }

    public string? DetailsUrl { get; set; }

    public string? ExternalId { get; set; }

    public string? Title { get; set; }

    public string? Summary { get; set; }

    public string? Text { get; set; }

    public List<JsonNode> Annotations { get; } = [];

    public JsonArray? Actions { get; set; }
}

internal sealed record HubStatus(long Id, string Sha, string Context, string State, string? Description, string? TargetUrl, HubAccount Creator, DateTimeOffset At);

internal sealed class HubLabel(long id, string name)
{
    public long Id => id;

    public string Name => name;
}

internal sealed class HubRepository(HubAccount owner, string name, long id, string directory, HubRepository? parent) : IDisposable
{
    public HubAccount Owner => owner;

    public string Name => name;

    public string FullName => $"{owner.Login}/{name}";

    public long Id => id;

    public string Directory => directory;

    /// <summary>Of a fork, where it was forked from.</summary>
    public HubRepository? Parent => parent;

    public Repository Git { get; } = new(directory);

    /// <summary>What the host found of signed commits, in the words of its GraphQL: whose keys are named to it is not told here.</summary>
    public Dictionary<string, string> Signatures { get; } = [];

    public string DefaultBranch { get; set; } = "main";

    public bool IsPrivate { get; set; }

    public bool IsArchived { get; set; }

    /// <summary>A deleted fork leaves its pull requests without a head repository.</summary>
    public bool Deleted { get; set; }

    public HashSet<string> MergeMethods { get; } = ["merge", "squash", "rebase"];

    public HashSet<string> MergeQueues { get; } = [];

    /// <summary>admin, maintain, write, triage or read.</summary>
    public Dictionary<HubAccount, string> Roles { get; } = [];

    public List<HubRuleset> Rulesets { get; } = [];

    public Dictionary<string, JsonObject> Protections { get; } = [];

    public List<HubPull> Pulls { get; } = [];

    public List<HubSuite> Suites { get; } = [];

    public List<HubCheckRun> CheckRuns { get; } = [];

    public List<HubStatus> Statuses { get; } = [];

    public List<HubActivity> Activity { get; } = [];

    public Dictionary<string, HubLabel> Labels { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<JsonObject> CodeownersErrors { get; } = [];

    public int LastNumber { get; set; }

    public string? Tip(string branch) => Git.Refs[$"refs/heads/{branch}"]?.ResolveToDirectReference()?.TargetIdentifier;

    public Commit? Commit(string? sha) => sha is null ? null : Git.Lookup<Commit>(sha);

    public bool Contains(Commit tip, Commit commit) => tip == commit || Git.ObjectDatabase.FindMergeBase(tip, commit) == commit;

    public HubPull? Pull(int number) => Pulls.Find(pull => pull.Number == number);

    public void Dispose() => Git.Dispose();
}
