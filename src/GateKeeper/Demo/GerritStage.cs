using GateKeeper.Core.Changes;
using GateKeeper.Settings;

namespace GateKeeper.Demo;

/// <summary>The scenes on a real Gerrit server: changes pushed for review, Code-Review votes, groups of the server's own, and a trunk that is the gate's alone.</summary>
internal sealed class GerritStage : IStage
{
    private const string Project = "sums";
    private readonly GerritServer server;
    private readonly GerritPeople people;
    private readonly Dictionary<string, CommitSha> commits = [];
    private readonly CommitSha first;

    private GerritStage(GerritServer server, GerritPeople people, CommitSha first, string secret) => (this.server, this.people, this.first, Secret) = (server, people, first, secret);

    public string Secret { get; }

    public RepositorySettings Repository => new() { Name = "demo", Forge = "gerrit", Url = server.Address.ToString(), Project = Project, User = GerritPeople.Gate };

    public string Words => $"""
        Gerrit: {server.Address} (project {Project}). Log in as {GerritServer.Admin} with {GerritServer.AdminSecret}, or as {string.Join(", ", Cast)} with NAME-secret.
        {(server.HasPages ? "It has pages for a browser." : $"This server has no pages; look with: curl -u {GerritServer.Admin}:{GerritServer.AdminSecret} '{server.Address}a/changes/?q=project:{Project}&o=MESSAGES'")}
        """;

    private static IReadOnlyList<string> Cast { get; } =
        [.. DemoStory.Scenes("", 0).SelectMany(scene => (IEnumerable<string>)[scene.Author, .. scene.ApprovedBy, .. scene.VetoedBy]).Union(DemoStory.Core).Union(DemoStory.Maintainers).Order()];

    public static async Task<GerritStage> OpenAsync(string directory, string war, TimeProvider time, CancellationToken cancellation)
    {
        var server = await GerritServer.StartAsync(Path.Combine(directory, "gerrit"), war, cancellation);
        try
        {
            var people = new GerritPeople(server.Address, directory, time);
            await people.InviteAsync([.. Cast, GerritPeople.Gate], cancellation);
            var core = await people.GroupAsync("core", DemoStory.Core, cancellation);
            var maintainers = await people.GroupAsync("maintainers", DemoStory.Maintainers, cancellation);
            var bots = await people.GroupAsync("bots", [GerritPeople.Gate], cancellation);
            var first = await people.ProjectAsync(Project, DemoStory.Project("teams: [core]", "teams: [maintainers]"), [core, maintainers], bots, cancellation);
            var secret = Path.Combine(directory, "credential");
            await File.WriteAllTextAsync(secret, GerritPeople.Secret(GerritPeople.Gate) + "\n", cancellation);
            return new(server, people, first, secret);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public async Task<string> PlayAsync(Scene scene, CancellationToken cancellation)
    {
        var message = GerritPeople.Message(scene.Title, scene.Branch);
        var below = scene.On is { } on ? commits[on] : first;
        commits[scene.Branch] = people.Commit(scene.Author, message, scene.Files, below);
        var change = await people.ProposeAsync(scene.Author, Project, commits[scene.Branch], cancellation);
        foreach (var by in scene.ApprovedBy)
            await people.VoteAsync(by, Project, change, 2, "looks right", cancellation);
        foreach (var by in scene.VetoedBy)
            await people.VoteAsync(by, Project, change, -2, "please keep the names", cancellation);
        if (scene.PushedAfter is { } later)
            await people.ProposeAsync(scene.Author, Project, people.Commit(scene.Author, message, later, below), cancellation);
        return change;
    }

    public IReadOnlyList<string> Approving(Scene scene, string change, string by, string program) =>
    [
        $"curl -u {by}:{GerritPeople.Secret(by)} -H 'Content-Type: application/json' -d '{{\"labels\": {{\"Code-Review\": 2}}}}' \\",
        $"  {server.Address}a/changes/{Project}~{change}/revisions/current/review",
    ];

    public Task<IReadOnlyList<string>> TrunkLogAsync(CancellationToken cancellation) => people.TrunkLogAsync(Project, cancellation);

    public void Dispose()
    {
        people.Dispose();
        server.Dispose();
    }
}
