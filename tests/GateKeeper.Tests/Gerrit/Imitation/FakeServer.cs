using System.Text;
using System.Text.Json.Nodes;
using LibGit2Sharp;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>
/// A Gerrit server in miniature, with real repositories: what people, administrators and a gate ask of one, answered as the real one
/// answers. Everything is asked one after the other.
/// </summary>
internal sealed partial class FakeServer : IDisposable
{
    public const string AllProjects = "All-Projects";
    private readonly string directory = Directory.CreateTempSubdirectory("gatekeeper-imitation-").FullName;
    private readonly SemaphoreSlim oneAtATime = new(1);
    private readonly List<FakeAccount> accounts = [];
    private readonly List<FakeGroup> groups = [];
    private readonly Dictionary<string, FakeProject> projects = [];
    private readonly TimeProvider time;
    private int lastChange;

    public FakeServer(TimeProvider time)
    {
        this.time = time;
        accounts.Add(new(1000000, GerritPlace.Admin, "Administrator", GerritPlace.Email(GerritPlace.Admin), GerritRest.Secret(GerritPlace.Admin), Now));
        var administrators = AddGroup("Administrators", accounts[0]);
        AddGroup("Service Users", accounts[0]).Members.Clear();
        var all = projects[AllProjects] = new(AllProjects, null);
        all.Labels["Code-Review"] = new("Code-Review", new() { [-2] = "This shall not be submitted", [-1] = "I would prefer this is not submitted as is", [0] = "No score", [1] = "Looks good to me, but someone else must approve", [2] = "Looks good to me, approved" })
        {
            Function = "MaxWithBlock",
            CopyCondition = "changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN",
        };
        FakeFactory.Rights(all.Rights, administrators.Uuid, Group("Service Users").Uuid);
    }

    /// <summary>What the log's identities end in.</summary>
    public string Id { get; } = $"{FakeChange.NewMark()[..8]}-0000-4000-8000-{FakeChange.NewMark()[..12]}";

    public Uri Address { get; set; } = null!;

    /// <summary>The server knows seconds.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());

    public IEnumerable<FakeChange> Changes => projects.Values.SelectMany(project => project.Changes);

    public async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        await oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            var caller = Authenticate(context, target);
            var path = target.Split('?')[0]["/a/".Length..];
            if (path.EndsWith("/info/refs", StringComparison.Ordinal) || path.EndsWith("/git-upload-pack", StringComparison.Ordinal) || path.EndsWith("/git-receive-pack", StringComparison.Ordinal))
            {
                var at = path.LastIndexOf(path.EndsWith("/info/refs", StringComparison.Ordinal) ? "/info/refs" : "/git-", StringComparison.Ordinal);
                var name = Uri.UnescapeDataString(path[..at]);
                await new FakeWire(this, caller, Project(name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name), context).AnswerAsync(path[(at + 1)..]);
                return;
            }

            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var call = new FakeCall(this, caller, context.Request.Method, [.. path.Split('/').Select(Uri.UnescapeDataString)], context.Request.Query, Body(context, body));
            var answer = call.Answer();
            context.Response.StatusCode = call.Status;
            context.Response.ContentType = "application/json; charset=UTF-8";
            if (call.Status != StatusCodes.Status204NoContent)
                await context.Response.WriteAsync($")]}}'\n{answer?.ToJsonString() ?? "null"}\n");
        }
        catch (FakeRefusal refusal)
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.ContentType = "text/plain; charset=UTF-8";
            await context.Response.WriteAsync(refusal.Message + (refusal.Status == 401 || refusal.Message == "Not Found" && !target.Contains("/votes/", StringComparison.Ordinal) ? "" : "\n"));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync($"the imitation does not know better: {error}\n");
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    public FakeProject Project(string name) => projects.GetValueOrDefault(name) ?? throw new FakeRefusal(404, $"Not found: {name}");

    public FakeProject AddProject(string name, string branch)
    {
        var path = Path.Combine(directory, $"{projects.Count}.git");
        Repository.Init(path, isBare: true);
        File.WriteAllText(Path.Combine(path, "HEAD"), $"ref: refs/heads/{branch}\n");
        var project = projects[name] = new(name, path);
        foreach (var label in projects[AllProjects].Labels.Values)
            project.Labels[label.Name] = label with { Inherited = true };
        return project;
    }

    public int NextNumber() => ++lastChange;

    public FakeAccount Account(int id) => accounts.Find(account => account.Id == id) ?? throw new FakeRefusal(404, $"Account '{id}' not found");

    public FakeAccount Account(string name) =>
        accounts.Find(account => account.Username == name || account.Email == name || $"{account.Id}" == name) ?? throw new FakeRefusal(404, $"Account '{name}' not found");

    public IEnumerable<FakeAccount> Accounts => accounts;

    public IEnumerable<FakeGroup> Groups => groups;

    public FakeAccount AddAccount(string username, string name, string email, string secret)
    {
        var account = new FakeAccount(accounts[^1].Id + 1, username, name, email, secret, Now);
        accounts.RemoveAll(each => each.Username == username);
        accounts.Add(account);
        return account;
    }

    public FakeGroup Group(string name) => groups.Find(group => group.Name == name || group.Uuid == name) ?? throw new FakeRefusal(404, name);

    /// <summary>Whoever makes a group is its first member.</summary>
    public FakeGroup AddGroup(string name, FakeAccount maker)
    {
        var group = new FakeGroup(FakeChange.NewMark(), groups.Count + 1, name, Now);
        group.Members.Add(maker.Id);
        groups.Add(group);
        return group;
    }

    public void Dispose()
    {
        foreach (var project in projects.Values)
            project.Dispose();
        oneAtATime.Dispose();
        Runs.Files.Delete(directory);
    }

    private static JsonObject Body(HttpContext context, string body)
    {
        if (body.Length == 0)
            return [];
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
            throw new FakeRefusal(400, "Expected JSON object");
        try
        {
            return JsonNode.Parse(body)?.AsObject() ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            throw new FakeRefusal(400, "Invalid application/json in request");
        }
    }

    private FakeAccount Authenticate(HttpContext context, string target)
    {
        if (!target.StartsWith("/a/", StringComparison.Ordinal))
            throw new FakeRefusal(403, "Authentication required");
        if (context.Request.Headers.Authorization.ToString() is ['B', 'a', 's', 'i', 'c', ' ', .. var encoded]
            && Encoding.UTF8.GetString(Convert.FromBase64String(encoded)).Split(':', 2) is [var name, var secret]
            && accounts.Find(account => account.Username == name && account.Secret == secret) is { } account)
            return account;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Gerrit Code Review\"";
        throw new FakeRefusal(401, "Unauthorized");
    }
}
