using GateKeeper.Forges;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Settings;

namespace GateKeeper.Reconcile;

/// <summary>How a repository is reached: the mirror, the forge in front of it, and the name in which the gate commits there. The only place that knows which forges there are.</summary>
internal sealed record Connection(Mirror Mirror, IForge Forge, GateIdentity Gate)
{
    private const string Nobody = "gatekeeper@localhost";

    public static async Task<Connection> OpenAsync(RepositorySettings settings, PageSettings page, string work, TimeProvider time, CancellationToken cancellation)
    {
        var credential = settings.Credential is { } from ? new Credential(settings.User, Secret.Read(from)) : null;
        var path = Path.Combine(work, "mirrors", $"{settings.Name}.git");
        if (settings.Forge == "gerrit")
            return await GerritAsync(settings, page, path, Path.Combine(work, "home"), time, cancellation);
        var mirror = await Mirror.OpenAsync(path, settings.Url, Path.Combine(work, "home"), credential, cancellation, settings.User);
        var gate = new GateIdentity(settings.User, settings.Email ?? Nobody);
        return new(mirror, new PlainGitForge(mirror, gate, settings.Trusted, page.Address, time, settings.Guard), gate);
    }

    /// <summary>Listens for hints where the operator says that the forge gives any; null where it does not.</summary>
    public static IAsyncDisposable? Listen(RepositorySettings settings, Action hint, TimeProvider time, ILoggerFactory logs) =>
        settings.Events is var (address, key, hosts) ? new EventStream(EventStream.Ssh(address, key, hosts), settings.Project, hint, time, logs.CreateLogger<EventStream>()) : null;

    private static async Task<Connection> GerritAsync(RepositorySettings settings, PageSettings page, string path, string home, TimeProvider time, CancellationToken cancellation)
    {
        var secret = Secret.Read(settings.Credential!);
        var client = new GerritClient(new(settings.Url), settings.User, secret);
        var place = new GerritPlace(client.Address, settings.Project, settings.User, secret, settings.Trunks, new(settings.Labels.Review, settings.Labels.Gate, settings.Labels.Land), page.Address) { Submits = settings.Submits };

        // Gerrit takes commits only from an address that it knows of the account.
        var gate = new GateIdentity(settings.User, settings.Email ?? (await client.SelfAsync(cancellation))?.Email
            ?? throw new StartException($"{settings.Name}: {place} does not say which address {settings.User} commits with (it does not answer, or the account has none): name it in \"email\""));
        var mirror = await Mirror.OpenAsync(path, place.GitAddress, home, new Credential(settings.User, secret, place.GitAddress), cancellation);
        return new(mirror, new GerritForge(place, client, mirror, time), gate);
    }
}
