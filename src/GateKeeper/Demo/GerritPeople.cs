using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Demo;

/// <summary>The people of a throwaway server, of whom all secrets are known: an administrator, those who propose and vote, and the gate.</summary>
internal sealed partial class GerritPeople(Uri address, string directory, TimeProvider time) : IDisposable
{
    public const string Gate = "gatekeeper";
    private static readonly string[] Trunks = ["main"];
    private readonly Dictionary<string, GerritClient> clients = [];
    private readonly string home = Path.Combine(directory, "home");
    private Repository? clone;

    /// <summary>What everybody has cloned.</summary>
    public Repository Clone => clone ??= new(Repository.Init(Path.Combine(directory, "people.git"), isBare: true));

    public static string Secret(string who) => who == GerritServer.Admin ? GerritServer.AdminSecret : $"{who}-secret";

    public static string Address(string who) => who == GerritServer.Admin ? "admin@example.com" : $"{who}@example.org";

    /// <summary>One call in somebody's name; the path is below the address, with names in it encoded.</summary>
    public async Task<string> AskAsync(string who, string method, string path, CancellationToken cancellation, object? body = null)
    {
        if (!clients.TryGetValue(who, out var client))
            client = clients[who] = new(address, who, Secret(who));
        var (status, text) = await client.AskAsync(new(method), path, method is "PUT" or "POST" ? JsonSerializer.Serialize(body ?? new object()) : null, cancellation);
        return status is >= 200 and < 300 ? text : throw new IOException($"{method} {path} by {who}: {status} {text}");
    }

    public async Task InviteAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        foreach (var who in names)
        {
            await AskAsync(GerritServer.Admin, "PUT", $"accounts/{who}", cancellation, new { name = who, email = Address(who) });
            await AskAsync(GerritServer.Admin, "PUT", $"accounts/{who}/password.http", cancellation, new { http_password = Secret(who) });
        }
    }

    /// <summary>Makes a group that all may see and answers its id; whoever makes one is in it, and so is taken out again.</summary>
    public async Task<string> GroupAsync(string name, IEnumerable<string> members, CancellationToken cancellation)
    {
        using var made = JsonDocument.Parse(await AskAsync(GerritServer.Admin, "PUT", $"groups/{name}", cancellation, new { visible_to_all = true }));
        foreach (var member in members)
            await AskAsync(GerritServer.Admin, "PUT", $"groups/{name}/members/{member}", cancellation);
        await AskAsync(GerritServer.Admin, "DELETE", $"groups/{name}/members/{GerritServer.Admin}", cancellation);
        return made.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Makes a project that begins with these files, where those groups give the highest and lowest scores and the gate alone moves the trunk.</summary>
    public async Task<CommitSha> ProjectAsync(string name, IReadOnlyDictionary<string, string?> files, IEnumerable<string> reviewers, string bots, CancellationToken cancellation)
    {
        var path = $"projects/{Uri.EscapeDataString(name)}";
        await AskAsync(GerritServer.Admin, "PUT", path, cancellation, new { branches = Trunks, submit_type = "MERGE_IF_NECESSARY" });
        var first = Commit(GerritServer.Admin, "The beginning\n", files, null);
        await PushAsync(GerritServer.Admin, name, first, "refs/heads/main", cancellation);
        await AskAsync(GerritServer.Admin, "PUT", $"{path}/labels/Code-Review", cancellation, Label("changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN", 2));
        await AskAsync(GerritServer.Admin, "PUT", $"{path}/labels/Verified", cancellation, Label(null, 1));
        await AskAsync(GerritServer.Admin, "POST", $"{path}/access", cancellation, new
        {
            add = new Dictionary<string, object>
            {
                ["refs/heads/*"] = Section(new()
                {
                    ["label-Code-Review"] = new { label = "Code-Review", rules = reviewers.ToDictionary(group => group, _ => new { action = "ALLOW", min = -2, max = 2 }) },
                    ["label-Verified"] = new { label = "Verified", rules = new Dictionary<string, object> { [bots] = new { action = "ALLOW", min = -1, max = 1 } } },
                    ["push"] = Only(bots),
                    ["submit"] = Only(bots),
                    ["forgeCommitter"] = Only(bots),
                }),
                ["refs/for/refs/heads/*"] = Section(new() { ["pushMerge"] = new { rules = new Dictionary<string, object> { [bots] = new { action = "ALLOW" } } } }),
            },
        });
        return first;
    }

    /// <summary>A commit with these files in place of what was there; a null content deletes.</summary>
    public CommitSha Commit(string who, string message, IReadOnlyDictionary<string, string?> files, CommitSha? below)
    {
        var parent = below is { } sha ? Clone.Commit(sha) : null;
        var tree = parent is null ? new TreeDefinition() : TreeDefinition.From(parent);
        foreach (var (path, content) in files)
        {
            if (content is null)
                tree.Remove(path);
            else
                tree.Add(path, Clone.ObjectDatabase.CreateBlob(new MemoryStream(Encoding.UTF8.GetBytes(content))), Mode.NonExecutableFile);
        }

        var person = new GateIdentity(who, Address(who)).Sign(time.GetUtcNow());
        return new(Clone.ObjectDatabase.CreateCommit(person, person, message, Clone.ObjectDatabase.CreateTree(tree), parent is null ? [] : [parent], prettifyMessage: false).Sha);
    }

    /// <summary>The message of a change whose further patch sets are known by the same name.</summary>
    public static string Message(string subject, string name) => $"{subject}\n\nChange-Id: I{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..40]}\n";

    /// <summary>Pushes for review and answers the change's number.</summary>
    public async Task<string> ProposeAsync(string who, string project, CommitSha commit, CancellationToken cancellation)
    {
        var said = (await PushAsync(who, project, commit, "refs/for/main", cancellation)).Error;
        return Link().Match(said) is { Success: true } link ? link.Groups[1].Value : throw new GitException($"the server names no change: {said}");
    }

    public Task VoteAsync(string who, string project, string change, int score, string words, CancellationToken cancellation) => AskAsync(
        who, "POST", $"changes/{Uri.EscapeDataString(project)}~{change}/revisions/current/review", cancellation,
        new { message = words, labels = new Dictionary<string, int> { ["Code-Review"] = score } });

    public Task<GitAnswer> PushAsync(string who, string project, CommitSha commit, string reference, CancellationToken cancellation) =>
        GitAsync(who, project, "push", $"{commit.Hex}:{reference}", cancellation);

    /// <summary>The trunk's own line, the oldest first, as its subjects.</summary>
    public async Task<IReadOnlyList<string>> TrunkLogAsync(string project, CancellationToken cancellation)
    {
        await GitAsync(GerritServer.Admin, project, "fetch", $"+refs/heads/main:refs/trunks/{project}", cancellation);
        var subjects = new List<string>();
        for (var commit = Clone.Commit(Clone.Refs[$"refs/trunks/{project}"].TargetIdentifier); commit is not null; commit = Clone.Below(commit))
            subjects.Insert(0, commit.MessageShort.Trim());
        return subjects;
    }

    public void Dispose()
    {
        clone?.Dispose();
        foreach (var client in clients.Values)
            client.Dispose();
    }

    private Task<GitAnswer> GitAsync(string who, string project, string verb, string what, CancellationToken cancellation)
    {
        var remote = $"{address}a/{project}";
        return new GitProgram(Clone.Info.Path, home, new Credential(who, Secret(who), remote)).NeedAsync([verb, "--", remote, what], cancellation);
    }

    private static object Label(string? condition, int most) => new
    {
        function = "NoBlock",
        default_value = 0,
        copy_condition = condition,
        values = Enumerable.Range(-most, (2 * most) + 1).ToDictionary(value => value == 0 ? " 0" : $"{value:+0;-0}", value => $"{value:+0;-0;0}"),
    };

    private static object Section(Dictionary<string, object> permissions) => new { permissions };

    private static object Only(string group) => new { exclusive = true, rules = new Dictionary<string, object> { [group] = new { action = "ALLOW" } } };

    [GeneratedRegex(@"/\+/(\d+) ")]
    private static partial Regex Link();
}
