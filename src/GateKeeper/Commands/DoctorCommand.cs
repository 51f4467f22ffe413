using System.CommandLine;
using GateKeeper.Forges;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Forges.GitHub;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using GateKeeper.Reconcile;
using GateKeeper.Settings;

namespace GateKeeper.Commands;

/// <summary>What was found of one repository; null for findings where the server did not answer.</summary>
internal sealed record Examined(RepositorySettings Repository, IReadOnlyList<Finding>? Findings, string? Silence)
{
    /// <summary>What makes it answer; null where that is not known.</summary>
    public string? Cure { get; init; }

    public string Where => Repository.Forge is "gerrit" or "github" ? $"{Repository.Project} at {Repository.Url}" : Repository.Url;
}

internal static class DoctorCommand
{
    public static Option<string?> Admin { get; } = new("--admin")
    {
        Description = "An administrator's login for this look, as USER:env:NAME or USER:file:PATH; only an administrator is told of every group, and of who may pass a rule.",
    };

    public static Command Make()
    {
        var repository = new Argument<string?>("repository") { Description = "The repository's name in the settings; all of them if not named.", DefaultValueFactory = _ => null };
        var format = Common.Format();
        var command = new Command("doctor", """
            Look at the repositories and at this machine, and say what is right, wrong or unknown, and what mends it: whether the gate can do
            its work, whether anybody else can move a trunk or change the rights, and whether proposed code runs safely here. Call it on the
            worker's machine, as the worker's account. It changes nothing; on plain git it pushes a ref of its own and takes it back.
            0 when all is right; 1 when something is wrong or cannot be seen; 2 for a wrong question; 3 when a server did not answer.

            Example:
              ADMIN=... gatekeeper doctor tool --admin admin:env:ADMIN --config settings.json
            """) { repository, Common.Config, Admin, format };
        return command.Does(async (parsed, cancellation) =>
        {
            var settings = parsed.Settings();
            var wanted = settings.Repositories.Where(each => parsed.GetValue(repository) is not { } name || each.Name == name).ToList();
            if (wanted.Count == 0)
                throw new UsageException($"there is no repository \"{parsed.GetValue(repository)}\"; the settings name {string.Join(", ", settings.Repositories.Select(each => each.Name))}");
            var login = parsed.GetValue(Admin) is { } admin ? Login.Parse(admin) : null;
            var examined = new List<Examined>();
            foreach (var each in wanted)
                examined.Add(await ExamineAsync(settings, each, login, cancellation));
            IReadOnlyList<Finding> machine = [await MachineDoctor.GitAsync(cancellation), .. MachineDoctor.Look(settings)];
            if (parsed.Json(format))
                WriteJson(machine, examined);
            else
                Console.Write(Text(examined, machine));
            return examined.Exists(each => each.Findings is null) ? ExitCodes.Trouble : IsRight(machine) && IsRight(examined) ? ExitCodes.Fine : ExitCodes.No;
        });
    }

    public static async Task<Examined> ExamineAsync(GateSettings settings, RepositorySettings repository, Login? login, CancellationToken cancellation)
    {
        try
        {
            var findings = repository.Forge switch
            {
                "gerrit" => await GerritAsync(repository, login, cancellation),
                "github" => await GitHubAsync(settings, repository, login, cancellation),
                _ => await PlainAsync(settings, repository, cancellation),
            };
            return new(repository, [.. findings, .. MachineDoctor.Signers(repository), await NamesAsync(settings, repository, findings, cancellation), .. HistoryDoctor.Look(((string[])["mirrors", "doctor"]).Select(folder => Path.Combine(settings.Work, folder, $"{repository.Name}.git")))], null);
        }
        catch (UnsupportedRepositoryException error)
        {
            return new(repository, [Finding.Wrong("repository", error.Message, "name a repository of a kind that is supported in the settings")], null);
        }
        catch (Exception error) when (error is ForgeException or GitException)
        {
            return new(repository, null, error.Message) { Cure = AccessWords.Cure(repository.Url, error.Message) };
        }
    }

    /// <summary>The same for people and for a test's eyes: each finding on a line, what mends it below.</summary>
    public static string Text(IReadOnlyList<Examined> examined, IReadOnlyList<Finding>? machine = null)
    {
        var text = new System.Text.StringBuilder();
        foreach (var each in examined)
        {
            text.Append(each.Repository.Name).Append(" (").Append(each.Where).Append(")\n");
            if (each.Findings is null)
                text.Append("  did not answer: ").Append(each.Silence).Append('\n').Append(each.Cure is null ? "" : $"          to mend it: {each.Cure}\n");
            Write(text, each.Findings ?? []);
        }

        if (machine is not null)
            Write(text.Append("this machine\n"), machine);
        var all = examined.SelectMany(each => each.Findings ?? []).Concat(machine ?? []).ToList();
        return text.Append(string.Join(", ", Enum.GetValues<FindingState>().Select(state => $"{all.Count(finding => finding.State == state)} {Word(state)}"))).Append('\n').ToString();
    }

    private static void Write(System.Text.StringBuilder text, IReadOnlyList<Finding> findings)
    {
        string? said = null;
        foreach (var finding in findings)
        {
            text.Append("  ").Append(Word(finding.State).PadRight(8)).Append(finding.What).Append(": ").Append(finding.Why).Append('\n');
            if (finding.Cure is not null)
                text.Append("          ").Append(finding.Cure == said ? "as above" : $"to mend it: {finding.Cure}").Append('\n');
            said = finding.Cure ?? said;
        }
    }

    private static bool IsRight(IReadOnlyList<Finding>? findings) => findings?.All(finding => finding.State == FindingState.Right) == true;

    private static bool IsRight(IReadOnlyList<Examined> examined) => examined.All(each => IsRight(each.Findings));

    private static object Told(Finding finding) => new { state = Word(finding.State), what = finding.What, why = finding.Why, cure = finding.Cure };

    private static void WriteJson(IReadOnlyList<Finding> machine, IReadOnlyList<Examined> examined) => Common.WriteJson(new
    {
        right = IsRight(machine) && IsRight(examined),
        machine = machine.Select(Told),
        repositories = examined.Select(each => new
        {
            name = each.Repository.Name,
            forge = each.Repository.Forge,
            at = each.Where,
            answered = each.Findings is not null,
            silence = each.Silence,
            cure = each.Cure,
            findings = (each.Findings ?? []).Select(Told),
        }),
    });

    private static string Word(FindingState state) => state switch
    {
        FindingState.Right => "right",
        FindingState.Wrong => "wrong",
        _ => "unknown",
    };

    private static async Task<IReadOnlyList<Finding>> GerritAsync(RepositorySettings repository, Login? login, CancellationToken cancellation)
    {
        var secret = Secret.Read(repository.Credential!);
        using var gate = new GerritClient(new(repository.Url), repository.User, secret);
        using var administrator = login is null ? null : new GerritClient(new(repository.Url), login.User, Secret.Read(login.Credential));
        var place = new GerritPlace(gate.Address, repository.Project, repository.User, secret, repository.Trunks, new(repository.Labels.Review, repository.Labels.Gate, repository.Labels.Land), null) { Submits = repository.Submits };
        return await new GerritDoctor(place, repository.Email, gate, administrator, TimeProvider.System).LookAsync(cancellation);
    }

    private static async Task<IReadOnlyList<Finding>> GitHubAsync(GateSettings settings, RepositorySettings repository, Login? login, CancellationToken cancellation)
    {
        var (place, secret) = (Connection.PlaceOf(repository, null), Secret.Read(repository.Credential!));
        using var gate = new GitHubClient(place, new(place, repository.App is { } app ? new AppLogin(place, app, secret, TimeProvider.System) : new TokenLogin(secret), new(TimeProvider.System), TimeProvider.System));
        using var administrator = login is null ? null : new GitHubClient(place, new(place, new TokenLogin(Secret.Read(login.Credential)), new(TimeProvider.System), TimeProvider.System));
        var waking = new Waking(repository.WebhookSecrets.Count > 0, settings.Page.Address is { } page ? page.TrimEnd('/') + Status.Webhooks.Path : null, repository.Poll);
        return await new GitHubDoctor(place, repository.Rules, waking, gate, administrator, TimeProvider.System).LookAsync(cancellation);
    }

    /// <summary>As git sees them, whichever forge it is. Where the login does not hold there is nothing more to be seen.</summary>
    private static async Task<Finding> NamesAsync(GateSettings settings, RepositorySettings repository, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        try
        {
            using var mirror = await Connection.MirrorAsync(repository, Path.Combine(settings.Work, "doctor", $"{repository.Name}.git"), Path.Combine(settings.Work, "home"), TimeProvider.System, cancellation);
            return await NameDoctor.LookAsync(mirror, repository.Trunks, repository.Forge is "gerrit" or "github" ? [] : Notes.Own, cancellation);
        }
        catch (Exception error) when (error is ForgeException or GitException or StartException && findings.Any(finding => finding.State == FindingState.Wrong))
        {
            return Finding.Unknown("names", error.Message, "mend what is wrong above, and look again");
        }
    }

    private static async Task<IReadOnlyList<Finding>> PlainAsync(GateSettings settings, RepositorySettings repository, CancellationToken cancellation)
    {
        using var mirror = await Connection.MirrorAsync(repository, Path.Combine(settings.Work, "doctor", $"{repository.Name}.git"), Path.Combine(settings.Work, "home"), TimeProvider.System, cancellation);
        var place = new PlainGitPlace(new(repository.User, repository.Email ?? Connection.Nobody), repository.Trunks, repository.Rules, repository.Trusted, repository.Guard, repository.InitialRules is not null);
        return await new PlainGitDoctor(place, mirror, GuardCommand.Program, TimeProvider.System).LookAsync(cancellation);
    }
}

/// <summary>Somebody's login, lent for one command: the account, and where its secret lies.</summary>
internal sealed record Login(string User, string Credential)
{
    public static Login Parse(string text) =>
        text.Split(':', 3) is [{ Length: > 0 } user, "env" or "file" or "systemd", { Length: > 0 }] parts ? new(user, $"{parts[1]}:{parts[2]}")
        : throw new UsageException("--admin: expected USER:env:NAME or USER:file:PATH; the secret itself does not belong onto the command line");
}
