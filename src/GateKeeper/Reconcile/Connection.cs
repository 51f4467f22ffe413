using System.Collections.Concurrent;
using GateKeeper.Core.Changes;
using GateKeeper.Forges;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Forges.GitHub;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Settings;

namespace GateKeeper.Reconcile;

/// <summary>How a repository is reached: the mirror, the forge in front of it, and the name in which the gate commits there. The only place that knows which forges there are.</summary>
internal sealed record Connection(Mirror Mirror, IForge Forge, GateIdentity Gate)
{
    private const string Heads = "refs/heads/";
    public const string Nobody = "gatekeeper@localhost";

    public static async Task<Connection> OpenAsync(RepositorySettings settings, PageSettings page, string work, TimeProvider time, CancellationToken cancellation)
    {
        var (path, home) = (Path.Combine(work, "mirrors", $"{settings.Name}.git"), Path.Combine(work, "home"));
        if (settings.Forge == "gerrit")
            return await GerritAsync(settings, page, path, home, time, cancellation);
        if (settings.Forge == "github")
            return await GitHubAsync(settings, page, path, home, time, cancellation);
        var mirror = await MirrorAsync(settings, path, home, time, cancellation);
        var gate = new GateIdentity(settings.User, settings.Email ?? Nobody);
        var trunks = Trunks(settings);
        mirror.IsProposed = name => name.StartsWith(Heads, StringComparison.Ordinal) && !trunks(name[Heads.Length..]);
        return new(mirror, new PlainGitForge(mirror, gate, settings.Trusted, ChangePages.At(page.Address, settings.Name), time, settings.Guard) { IsTrunk = trunks, Traits = PlainGitForge.Has with { Gate = new(gate.Email), Repository = settings.Name } }, gate);
    }

    /// <summary>Whether a branch is one of those that the operator names as trunks.</summary>
    private static Func<string, bool> Trunks(RepositorySettings settings)
    {
        var patterns = settings.Trunks.Where(name => name.Contains('*', StringComparison.Ordinal)).Select(name => Glob.TryParse(name, out _, PatternOf.Branch)).OfType<Glob>().ToList();
        return branch => settings.Trunks.Contains(branch) || patterns.Exists(pattern => pattern.Matches(branch));
    }

    /// <summary>A copy of the repository, from where git reaches it and in the gate's own name.</summary>
    public static async Task<Mirror> MirrorAsync(RepositorySettings settings, string path, string home, TimeProvider time, CancellationToken cancellation)
    {
        if (settings.Forge == "github")
        {
            using var reach = await ReachAsync(settings, PlaceOf(settings, null), new(time), time, cancellation);
            return await Mirror.OpenAsync(path, reach.Place.GitAddress, home, reach.Credential, cancellation, objects: Borrowed(path));
        }

        var secret = settings.Credential is { } from ? Secret.Read(from) : null;
        if (settings.Forge != "gerrit")
            return await Mirror.OpenAsync(path, settings.Url, home, secret is null ? null : new Credential(settings.User, secret), cancellation, settings.User, Borrowed(path));
        var address = GerritPlace.GitAddressOf(new(settings.Url), settings.Project);
        return await Mirror.OpenAsync(path, address, home, new Credential(settings.User, secret!, address), cancellation, objects: Borrowed(path));
    }

    /// <summary>The objects of the worker's own mirror, for the mirrors of single commands beside it: they need not be fetched once more.</summary>
    private static string? Borrowed(string path)
    {
        var own = Path.GetFullPath(Path.Combine(path, "..", "..", "mirrors", Path.GetFileName(path)));
        return own != Path.GetFullPath(path) && Directory.Exists(Path.Combine(own, "objects")) ? Path.Combine(own, "objects") : null;
    }

    /// <summary>Listens for hints where the operator says that the forge gives any; null where it does not.</summary>
    public static IAsyncDisposable? Listen(RepositorySettings settings, IForge forge, Action hint, TimeProvider time, ILoggerFactory logs) =>
        forge is GitHubForge github ? new Reveille(github.Budget, hint, time)
        : settings.Events is var (address, key, hosts) ? new EventStream(EventStream.Ssh(address, key, hosts), settings.Project, hint, time, logs.CreateLogger<EventStream>()) : null;

    /// <summary>What the operator says of a repository on GitHub, as the forge takes it.</summary>
    public static GitHubPlace PlaceOf(RepositorySettings settings, ChangePages? page)
    {
        var (owner, name) = (settings.Project.Split('/')[0], settings.Project.Split('/')[^1]);
        return new(new(settings.Url.TrimEnd('/') + "/"), owner, name, settings.Trunks, page) { ThroughForge = settings.ThroughForge, Publish = settings.Publish };
    }

    /// <summary>What GitHub lets one installation ask is shared by all of its repositories that this process looks after.</summary>
    private static readonly ConcurrentDictionary<(string Host, string Key, string Owner, TimeProvider Time), Budget> Budgets = [];

    private static async Task<GitHubReach> ReachAsync(RepositorySettings settings, GitHubPlace place, Budget budget, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            return await GitHubReach.OpenAsync(place, settings.App, Secret.Read(settings.Credential!), budget, time, cancellation);
        }
        catch (ForgeException error)
        {
            throw new StartException($"{settings.Name}: {error.Message}");
        }
    }

    private static async Task<Connection> GitHubAsync(RepositorySettings settings, PageSettings page, string path, string home, TimeProvider time, CancellationToken cancellation)
    {
        var place = PlaceOf(settings, ChangePages.At(page.Address, settings.Name));
        var budget = Budgets.GetOrAdd((place.Web.Authority, settings.App ?? settings.Credential!, place.Owner, time), key => new(key.Time));
        var reach = await ReachAsync(settings, place, budget, time, cancellation);
        var mirror = await Mirror.OpenAsync(path, place.GitAddress, home, reach.Credential, cancellation);
        var gate = new GateIdentity(reach.Login, settings.Email ?? place.AddressOf(reach.Id, reach.Login));
        var trunks = Trunks(settings);
        mirror.IsProposed = name => !name.StartsWith(Heads, StringComparison.Ordinal) || !trunks(name[Heads.Length..]);
        return new(mirror, new GitHubForge(place, reach.Client, mirror, reach.Login, time), gate);
    }

    private static async Task<Connection> GerritAsync(RepositorySettings settings, PageSettings page, string path, string home, TimeProvider time, CancellationToken cancellation)
    {
        var secret = Secret.Read(settings.Credential!);
        var client = new GerritClient(new(settings.Url), settings.User, secret);
        var place = new GerritPlace(client.Address, settings.Project, settings.User, secret, settings.Trunks, new(settings.Labels.Review, settings.Labels.Gate, settings.Labels.Land), ChangePages.At(page.Address, settings.Name)) { Submits = settings.Submits };

        // Gerrit takes commits only from an address that it knows of the account.
        var gate = new GateIdentity(settings.User, settings.Email ?? (await client.SelfAsync(cancellation))?.Email
            ?? throw new StartException($"{settings.Name}: {place} does not say which address {settings.User} commits with (it does not answer, or the account has none): name it in \"email\""));
        var mirror = await MirrorAsync(settings, path, home, time, cancellation);
        mirror.IsProposed = name => name.StartsWith("refs/changes/", StringComparison.Ordinal) && !name.EndsWith("/meta", StringComparison.Ordinal);
        return new(mirror, new GerritForge(place, client, mirror, time), gate);
    }
}
