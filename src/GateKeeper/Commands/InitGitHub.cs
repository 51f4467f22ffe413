using System.CommandLine;
using System.Text.RegularExpressions;
using GateKeeper.Forges.GitHub;
using GateKeeper.Reconcile;
using GateKeeper.Settings;

namespace GateKeeper.Commands;

/// <summary>How a repository on GitHub begins: the files it takes, from what is found there. Nothing is set on the host: that is done on its pages, by who administers.</summary>
internal static partial class InitGitHub
{
    private const string Key = "file:/etc/gatekeeper/github-app.pem";

    public static Command Make()
    {
        var project = new Argument<string>("repository") { Description = "OWNER/REPO." };
        var url = new Option<string>("--url") { Description = "Where people reach GitHub, or an Enterprise Server.", DefaultValueFactory = _ => "https://github.com/" };
        var app = new Option<string?>("--app") { Description = "The App's id or client id, where it is registered already." };
        var credential = new Option<string?>("--credential") { Description = "Where the App's private key lies, or (without --app) a token of an account that the gate is to use: file:PATH, env:NAME or systemd:NAME. It is used to look." };
        var page = new Option<string?>("--page") { Description = "Where people and GitHub reach the worker, such as https://gate.example.org/; without it there is no webhook." };
        var trunk = new Option<string[]>("--trunk") { Description = "A trunk or a pattern of trunks; may be repeated; the default branch if never named." };
        var settings = new Option<string>("--settings") { Description = "The settings to write.", DefaultValueFactory = _ => "settings.json" };
        var rules = new Option<string>("--rules") { Description = "The first rules to write.", DefaultValueFactory = _ => "rules.yaml" };
        var manifest = new Option<string>("--manifest") { Description = "The App's manifest to write.", DefaultValueFactory = _ => "app-manifest.json" };
        var command = new Command("github", """
            Write settings, first rules and the App's manifest for a repository on GitHub. With a login (--admin, or --app and --credential)
            they are fitted to what is found there: who may write, what GitHub demands today, its checks, its CODEOWNERS. Without one they are
            general. Nothing is changed on GitHub, and no file is written over.
            0 when all is written; 2 for a wrong question; 3 when the host did not answer.

            Examples:
              gatekeeper init github acme/widgets --admin you:env:ADMIN --page https://gate.example.org/
              gatekeeper init github acme/widgets --app 4242 --credential file:/etc/gatekeeper/github-app.pem
            """) { project, url, app, credential, page, trunk, settings, rules, manifest, DoctorCommand.Admin };
        return command.Does(async (parsed, cancellation) =>
        {
            if (!Projects().IsMatch(parsed.GetValue(project)!))
                throw new UsageException($"expected OWNER/REPO, such as acme/widgets, not \"{parsed.GetValue(project)}\"");
            var web = Address("--url", parsed.GetValue(url)!);
            var here = parsed.GetValue(page) is { } given ? Address("--page", given) : null;
            var (key, number) = (parsed.GetValue(credential), parsed.GetValue(app));
            if (key is not null && !SettingsFields.SaysWhere(key))
                throw new UsageException("--credential: expected file:PATH, env:NAME or systemd:NAME; the secret itself does not belong onto the command line");
            var named = parsed.GetValue(trunk) ?? [];
            if (named.FirstOrDefault(name => !Branches().IsMatch(name)) is { } odd)
                throw new UsageException($"--trunk {odd}: expected a branch, or a pattern such as release/*");
            var withManifest = number is null && key is null;
            List<(string Path, string Option)> files = [(parsed.GetValue(settings)!, "--settings"), (parsed.GetValue(rules)!, "--rules"), .. withManifest ? [(parsed.GetValue(manifest)!, "--manifest")] : Array.Empty<(string, string)>()];
            if (files.Find(file => File.Exists(file.Path)) is { Path: { } there } taken)
                throw new UsageException($"{there} is there already, and nothing is written over: move it away, or name another by {taken.Option}");

            var admin = parsed.GetValue(DoctorCommand.Admin) is { } login ? Login.Parse(login) : null;
            var (owner, name) = (parsed.GetValue(project)!.Split('/')[0], parsed.GetValue(project)!.Split('/')[1]);
            var beginning = await LookAsync(new(web, owner, name, named, null), number, key, admin, cancellation);
            var trunks = named.Length > 0 ? named : [beginning.DefaultBranch ?? "main"];
            var made = new GitHubFiles(web.AbsoluteUri, owner, name, trunks, number, key is not null && number is null, key ?? Key, here?.AbsoluteUri, beginning);
            await WriteAsync(files[0].Path, made.Settings(), cancellation);
            await WriteAsync(files[1].Path, InitCommand.Checked(made.Rules()), cancellation);
            if (withManifest)
                await WriteAsync(files[2].Path, made.Manifest(), cancellation);
            Console.Write(Words(made, files[0].Path, files[1].Path, withManifest ? files[2].Path : null));
            return ExitCodes.Fine;
        });
    }

    /// <summary>What was found, what was not seen, and what comes next.</summary>
    internal static string Words(GitHubFiles made, string settings, string rules, string? manifest)
    {
        var (found, lines) = (made.Found, new List<string>());
        if (found.DefaultBranch is { } branch)
            lines.Add($"Found: the default branch is {branch}; {(found.Owners is { } owners ? $"owners are in {owners}" : "there is no CODEOWNERS")}; {(found.Checks.Count == 0 ? "no checks on the tip" : $"checks {string.Join(", ", found.Checks.Select(check => check.Name).Distinct())}")}.");
        lines.AddRange(found.Found.Select(each => $"Found: {each}."));
        if (found.HasQueue)
            lines.Add("Found: GitHub's own merge queue is on. Switch it off before the gate lands anything: two queues cannot both be right.");
        lines.AddRange(found.Unseen.Select(each => $"Not seen: {each}."));
        lines.Add("");
        lines.Add("What comes next (deploy/github/README.md has each step):");
        List<string> steps =
        [
            $"Read {rules}: who is in its groups, and which tests it names. gatekeeper check {rules}",
            .. manifest is null ? Array.Empty<string>() : [$"Register the App with {manifest}, put its id into {settings} (\"app\") and its key where \"credential\" says, and install it on {made.Owner}/{made.Name}."],
            $"Bring {rules} onto {made.Trunks[0]} as rules.yaml, by a pull request as ever{(made.Rules().Contains("workflow:", StringComparison.Ordinal) ? "; and let the workflows that it names run on: push of gatekeeper/**" : "")}.",
            $"gatekeeper run --observe --config {settings}: it looks, and writes nothing to GitHub.",
            "The rulesets deploy/github/ruleset-*.json, with your App's id and trunks in them.",
            $"gatekeeper doctor --admin USER:env:NAME --config {settings}, until all is right.",
        ];
        lines.AddRange(steps.Select((step, at) => $"  {at + 1}. {step}"));
        return string.Concat(lines.Select(line => $"{Clean(line)}\n"));
    }

    private static async Task<GitHubBeginning> LookAsync(GitHubPlace place, string? app, string? key, Login? admin, CancellationToken cancellation)
    {
        if (admin is null && key is null)
            return new() { Unseen = [$"anything of {place}, for want of a login: the files are general (--admin USER:env:NAME, or --app and --credential)"] };
        Forges.GitHub.Login login = admin is not null ? new TokenLogin(Secret.Read(admin.Credential)) : app is not null ? new AppLogin(place, app, Secret.Read(key!), TimeProvider.System) : new TokenLogin(Secret.Read(key!));
        using var client = new GitHubClient(place, new(place, login, new(TimeProvider.System), TimeProvider.System));
        return await new BeginningReader(place, client).LookAsync(place.Trunks.FirstOrDefault(trunk => !trunk.Contains('*', StringComparison.Ordinal)), cancellation);
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        // Not over what came to be there in the meantime either.
        await using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        await file.WriteAsync(text.AsMemory(), cancellation);
        Console.WriteLine($"{path} is written.");
    }

    private static Uri Address(string option, string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") ? throw new UsageException($"{option}: expected an address, such as {(option == "--page" ? "https://gate.example.org/" : "https://github.com/")}")
        : address.UserInfo.Length > 0 ? throw new UsageException($"{option}: holds a login, which would be written and shown; leave it out")
        : new(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");

    /// <summary>What a host says is shown as one line, whatever is in it.</summary>
    private static string Clean(string line) => string.Concat(line.Where(letter => !char.IsControl(letter)));

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\z")]
    private static partial Regex Projects();

    [GeneratedRegex(@"\A[A-Za-z0-9._*][A-Za-z0-9._/*-]*\z")]
    private static partial Regex Branches();
}
