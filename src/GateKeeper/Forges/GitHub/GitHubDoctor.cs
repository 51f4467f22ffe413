using System.Globalization;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Looks at a repository on GitHub as the gate's own login sees it, and, where an administrator lends one, as he does; says what is right,
/// what is wrong, what cannot be seen, and what mends it. Changes nothing.
/// </summary>
internal sealed class GitHubDoctor(GitHubPlace place, string rulesFile, Waking waking, GitHubClient gate, GitHubClient? administrator, TimeProvider time)
{
    private static readonly Version Rulesets = new(3, 11);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <exception cref="ForgeException">The host did not answer.</exception>
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        findings.AddRange(await HostAsync(cancellation));
        var (named, login) = gate.Line.Login is AppLogin app ? await AppAsync(app, cancellation) : await TokenAsync(cancellation);
        findings.AddRange(login);
        if (named is not { } who)
            return findings;
        if ((await gate.AskAsync(place.Path, DoctorJson.Default.RepositoryDto, cancellation))?.Value is not { } repository)
            return [.. findings, Finding.Wrong("project", $"there is no repository {place}, or {who.Name} may not see it", "correct \"project\" in the settings, or let the gate in")];
        findings.Add(Project(repository));
        if (administrator is not null && await LentAsync(cancellation) is { } useless)
            return [.. findings, useless];

        var organization = repository.Owner.Type != "User";
        if (who.Grant is { } grant)
            findings.AddRange(PermissionDoctor.Judge(grant.Permissions ?? [], who.Asked, organization, administrator is not null));
        else
            findings.Add(Role(repository, who.Scopes));
        var reader = new GitHubSightReader(place, rulesFile, gate, administrator);
        var there = await reader.BranchesAsync(cancellation);
        findings.AddRange(place.Trunks.Where(trunk => !trunk.Contains('*', StringComparison.Ordinal)).Select(trunk => Trunk(trunk, there, repository)));
        var mayReadProtection = administrator is not null || who.Grant?.Permissions?.ContainsKey("administration") == true;
        var (administrators, unnamed) = await reader.AdministratorsAsync(organization, cancellation);
        var sight = await reader.SeeAsync(
            new() { Place = place, Gate = who.Name, App = who.Grant?.AppId, User = who.Id, Repository = repository, Trunks = [], IsLent = administrator is not null, Administrators = administrators, Unnamed = unnamed },
            GitHubSight.Meant(place.Trunks, there), mayReadProtection, cancellation);
        findings.AddRange([.. new RulesetDoctor(sight).Judge(), .. new WayDoctor(sight).Judge(), .. new CandidateDoctor(sight).Judge()]);
        findings.AddRange(await WakeAsync(who, cancellation));
        findings.Add(Administrators(sight));
        return findings;
    }

    /// <summary>Who the gate is there.</summary>
    private sealed record Who(string Name, long? Id = null, GrantDto? Grant = null, IReadOnlyDictionary<string, string>? Asked = null, string? Scopes = null);

    /// <summary>What the host says of itself to anybody: its time, and which it is.</summary>
    private async Task<IReadOnlyList<Finding>> HostAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow();
        var (there, version) = await HostDate.AskAsync(place, cancellation);
        var off = there is not { } clock ? (TimeSpan?)null : clock < before - TimeSpan.FromSeconds(1) ? clock - before : clock > time.GetUtcNow() ? clock - time.GetUtcNow() : TimeSpan.Zero;
        var first = off is not { } skew ? Finding.Unknown("clock", "the host does not say what time it is", "let proxies pass the Date header")
            : skew.Duration() <= Skew ? Finding.Right("clock", "the host's agrees with this machine's")
            : Finding.Wrong("clock", FormattableString.Invariant($"the host's is {skew.Duration().TotalSeconds:0} seconds {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's, and an App's login is good for a minute"), "let this machine keep its clock by NTP");
        return
        [
            first,
            place.IsHosted ? Finding.Right("server", place.Web.Host)
                : !Version.TryParse(string.Concat((version ?? "").TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.')).Trim('.'), out var number) ? Finding.Unknown("server", $"{place.Web.Host} does not say which Enterprise Server it is", "3.11 and later have rulesets")
                : number >= Rulesets ? Finding.Right("server", $"Enterprise Server {version}")
                : Finding.Unknown("server", $"Enterprise Server {version} has not been tried, and has no rulesets", "bring it to 3.11 or later; until then the protection of branches has to do"),
        ];
    }

    private async Task<(Who? Who, IReadOnlyList<Finding> Findings)> AppAsync(AppLogin login, CancellationToken cancellation)
    {
        using var person = new GitHubClient(place, new(new AppInPerson(login), gate.Line.Budget, time));
        AppItselfDto app;
        try
        {
            // The first call for a token learns how far the clocks differ, if they do.
            await GitHubSightReader.TellAsync(async () => (await gate.AskAsync(place.Path, DoctorJson.Default.RepositoryDto, cancellation))?.Value);
            app = await person.GetAsync("app", DoctorJson.Default.AppItselfDto, cancellation);
        }
        catch (ForgeException error) when (error.Status is >= 400 and < 500 and not 429)
        {
            return (null, [Finding.Wrong("login", error.Message, "name the App's id or client id as \"app\" and its private key as \"credential\" in the settings; a new key comes from the App's page (General, Private keys)")]);
        }

        var signed = Finding.Right("login", $"the App {app.Slug}, number {app.Id}");
        if ((await person.AskAsync($"{place.Path}/installation", DoctorJson.Default.GrantDto, cancellation))?.Value is not { } grant)
            return (null, [signed, Finding.Wrong("installation", $"the App {app.Slug} is not installed on {place.Owner}/{place.Name}, or there is no such repository", "install it there (the App's page, Install App) and select this repository")]);
        if (grant.SuspendedAt is { } since)
            return (null, [signed, Finding.Wrong("installation", FormattableString.Invariant($"suspended since {since:yyyy-MM-dd}"), $"an owner of {place.Owner} ends that{(grant.HtmlUrl is { } page ? $": {page}" : " (Settings, Installed GitHub Apps)")}")]);
        return (new(app.Slug, null, grant, app.Permissions), [signed, Finding.Right("installation", grant.RepositorySelection == "all" ? "on all repositories; the gate's tokens are for this one" : "on selected repositories, this one among them")]);
    }

    private async Task<(Who? Who, IReadOnlyList<Finding> Findings)> TokenAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(place.Rest, "user"));
        using var invoker = new HttpMessageInvoker(gate.Line, disposeHandler: false);
        using var answer = await invoker.SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode)
            return (null, [Finding.Wrong("login", $"GitHub does not take the token: {(int)answer.StatusCode} {Wire.Message(text)}", "make a new one (a fine-grained personal access token of the gate's account), and name where it lies as \"credential\"; or use an App")]);
        var user = System.Text.Json.JsonSerializer.Deserialize(text, DoctorJson.Default.UserDto)!;
        var end = Header(answer, "github-authentication-token-expiration") is { } said && DateTimeOffset.TryParse(said.Replace(" UTC", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var ends) ? ends : (DateTimeOffset?)null;
        var login = end is not { } day ? Finding.Right("login", $"the account {user.Login}; its token has no end")
            : day - time.GetUtcNow() > Soon ? Finding.Right("login", FormattableString.Invariant($"the account {user.Login}; its token ends on {day:yyyy-MM-dd}"))
            : Finding.Wrong("login", FormattableString.Invariant($"the account {user.Login}; its token ends on {day:yyyy-MM-dd}, in {Math.Max(0, (day - time.GetUtcNow()).TotalDays):0} days"), "make the next one, put it where the settings say, and restart the worker");
        return (new(user.Login, user.Id, Scopes: Header(answer, "x-oauth-scopes")), [login]);
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private Finding Project(RepositoryDto repository) =>
        !repository.FullName.Equals($"{place.Owner}/{place.Name}", StringComparison.OrdinalIgnoreCase) ? Finding.Wrong("project", $"it is called {repository.FullName} now", "correct \"project\" in the settings: names that are free again may be taken by others")
        : repository.Archived ? Finding.Wrong("project", $"{repository.FullName} is archived, so nothing lands there", "unarchive it (Settings, General, Danger Zone)")
        : repository.Disabled ? Finding.Wrong("project", $"GitHub has disabled {repository.FullName}", "ask those who run the host why")
        : Finding.Right("project", repository.FullName);

    private static Finding Trunk(string trunk, IReadOnlyList<string> there, RepositoryDto repository) =>
        !there.Contains(trunk) ? Finding.Wrong($"trunk {trunk}", "there is no such branch", "make it, or correct \"trunks\" in the settings")
        : Finding.Right($"trunk {trunk}", trunk == repository.DefaultBranch ? "it is there, and the default branch" : $"it is there, and not the default branch ({repository.DefaultBranch}): a pull request that GitHub leaves open after landing is closed by the gate");

    /// <summary>What an account may do is shown; what was left of that to a fine-grained token is not.</summary>
    private static Finding Role(RepositoryDto repository, string? scopes) =>
        repository.Permissions?.Push != true ? Finding.Wrong("permissions", "the token's account may not write to the repository", "give it the role Write, and the token Contents, Pull requests, Commit statuses and Workflows (read and write)")
        : repository.Permissions.Admin ? Finding.Wrong("permissions", "the token's account administers the repository, and could lift the rules that guard the trunk", "give the gate an account of its own with the role Write")
        : scopes?.Split(',', StringSplitOptions.TrimEntries) is { } had && had.Contains("repo") && had.Contains("workflow") ? Finding.Right("permissions", "a classic token that may write, workflows too")
        : Finding.Unknown("permissions", "the account may write; what its token was given GitHub does not show", "see on the token's page that it has Contents, Pull requests, Commit statuses and Workflows (read and write) and Members (read)");

    private async Task<Finding?> LentAsync(CancellationToken cancellation)
    {
        const string What = "the administrator's login";
        const string Cure = "name a token that may read Administration of this repository and whose owner administers it by --admin, or none";
        var seen = await GitHubSightReader.TellAsync(async () => (await administrator!.AskAsync(place.Path, DoctorJson.Default.RepositoryDto, cancellation))?.Value);
        return seen.Value is not { } repository ? Finding.Wrong(What, seen.Why ?? $"it does not see {place}", Cure)
            : repository.Permissions?.Admin != true ? Finding.Wrong(What, "it is taken, and administers nothing here", Cure)
            : null;
    }

    private async Task<IReadOnlyList<Finding>> WakeAsync(Who who, CancellationToken cancellation)
    {
        var limits = await GitHubSightReader.TellAsync(async () => (await gate.AskAsync("rate_limit", DoctorJson.Default.LimitsDto, cancellation))?.Value);
        var budget = HookDoctor.Budget(waking, limits);
        if (gate.Line.Login is not AppLogin app)
            return [waking.Takes ? Finding.Unknown("webhook", "a token is not shown where the repository's events go", "look at Settings, Webhooks of the repository") : HookDoctor.Webhook(waking, new(null), new(null)), budget];
        using var person = new GitHubClient(place, new(new AppInPerson(app), gate.Line.Budget, time));
        var hook = !waking.Takes ? new(null) : await GitHubSightReader.TellAsync(async () => (await person.AskAsync("app/hook/config", DoctorJson.Default.HookDto, cancellation))?.Value);
        var deliveries = !waking.Takes ? new(null) : await GitHubSightReader.TellAsync(async () => (await person.AskAsync("app/hook/deliveries?per_page=30", DoctorJson.Default.IReadOnlyListDeliveryDto, cancellation))?.Value);
        return [HookDoctor.Webhook(waking, hook, deliveries), .. HookDoctor.Subscribed(waking, who.Grant?.Events) is { } events ? [events] : Array.Empty<Finding>(), budget];
    }

    private static Finding Administrators(GitHubSight sight)
    {
        const string What = "those who administer";
        return sight.Unnamed is { } why ? Finding.Unknown(What, why, GitHubSight.Look) : Finding.Right(What, $"no gate can keep them from it: {string.Join(", ", sight.Administrators)}");
    }
}

/// <summary>The App itself, for what it is asked in its own name and not in an installation's.</summary>
internal sealed class AppInPerson(AppLogin app) : Login
{
    public override bool IsApp => true;

    public override Task<string> TokenAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation) => Task.FromResult(app.Sign());

    public override bool Refused(string token) => false;
}

/// <summary>What a host says to anybody who asks: its time, and its version where it is a server of one's own.</summary>
internal static class HostDate
{
    public static async Task<(DateTimeOffset? Date, string? Version)> AskAsync(GitHubPlace place, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("gatekeeper");
        try
        {
            using var answer = await http.GetAsync(new Uri(place.Rest, "meta"), cancellation);
            return (answer.Headers.Date, answer.Headers.TryGetValues("X-GitHub-Enterprise-Version", out var values) ? values.FirstOrDefault() : null);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new ForgeException($"{place.Web.Host} cannot be reached: {error.Message}", null);
        }
    }
}
