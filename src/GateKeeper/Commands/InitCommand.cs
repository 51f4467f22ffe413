using System.CommandLine;
using GateKeeper.Core.Rules;
using GateKeeper.Forges.Gerrit;
using GateKeeper.Reconcile;

namespace GateKeeper.Commands;

internal static class InitCommand
{
    public static Command Make()
    {
        var project = new Argument<string>("project") { Description = "The project on the server." };
        var url = new Option<string>("--url") { Description = "The server's address.", Required = true };
        var user = new Option<string>("--user") { Description = "The gate's account.", DefaultValueFactory = _ => "gatekeeper" };
        var credential = new Option<string>("--credential") { Description = "Where its HTTP password or token lies: file:PATH, env:NAME or systemd:NAME.", Required = true };
        var trunk = new Option<string[]>("--trunk") { Description = "A trunk or a pattern of trunks; may be repeated; main if never named." };
        var group = new Option<string?>("--group") { Description = "The gate's own group; made where there is none." };
        var settings = new Option<string>("--settings") { Description = "The settings to write.", DefaultValueFactory = _ => "settings.json" };
        var rules = new Option<string>("--rules") { Description = "The first rules to write.", DefaultValueFactory = _ => "rules.yaml" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Write over files that are there." };
        var yes = new Option<bool>("--yes") { Description = "Set the rights without asking." };
        var command = new Command("gerrit", """
            Write settings and first rules for a project on Gerrit, from what is found there. With an administrator's login (--admin) also set
            the rights that make it gated: they are shown first, set when you say so, and read back.
            0 when all is done; 1 when something was declined or the server made something else of it; 2 for a wrong question; 3 when the
            server did not answer.

            Example:
              gatekeeper init gerrit acme/tool --url https://review.example.org/ --credential file:/etc/gatekeeper/gerrit.secret --admin admin:env:ADMIN
            """) { project, url, user, credential, trunk, group, settings, rules, DoctorCommand.Admin, overwrite, yes };
        command.Does(async (parsed, cancellation) =>
        {
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new UsageException("--url: expected the address of the Gerrit server, such as https://review.example.org/");
            if (address.UserInfo.Length > 0)
                throw new UsageException("--url: holds a login, which would be written and shown; name the account by --user and where its secret lies by --credential");
            if (parsed.GetValue(credential)!.Split(':', 2) is not ["file" or "env" or "systemd", { Length: > 0 }])
                throw new UsageException("--credential: expected file:PATH, env:NAME or systemd:NAME; the secret itself does not belong onto the command line");
            foreach (var path in new[] { parsed.GetValue(settings)!, parsed.GetValue(rules)! }.Where(path => File.Exists(path) && !parsed.GetValue(overwrite)))
                throw new UsageException($"{path} is there already: name another by {(path == parsed.GetValue(settings) ? "--settings" : "--rules")}, or say --overwrite");
            var login = parsed.GetValue(DoctorCommand.Admin) is { } admin ? Login.Parse(admin) : null;
            using var gate = new GerritClient(address, parsed.GetValue(user)!, Secret.Read(parsed.GetValue(credential)!));
            using var administrator = login is null ? null : new GerritClient(address, login.User, Secret.Read(login.Credential));
            var trunks = parsed.GetValue(trunk) is { Length: > 0 } named ? named : ["main"];
            if (trunks.FirstOrDefault(name => (name.TrimEnd('*') is var stem && stem.IndexOfAny(['*', '?', '[', '{', '^']) >= 0) || (stem != name && !stem.EndsWith('/'))) is { } odd)
                throw new UsageException($"--trunk {odd}: Gerrit's access rules know a pattern only by /* at its end, such as release/*");
            var beginning = await GerritBeginning.LookAsync(parsed.GetValue(project)!, parsed.GetValue(user)!, trunks, gate, administrator, cancellation);

            var files = new FirstFiles(Name(beginning.Place.Project), address.AbsoluteUri, beginning.Place.Project, beginning.Place.User, parsed.GetValue(credential)!, trunks, beginning.Place.Labels, beginning.Reviewers);
            await WriteAsync(parsed.GetValue(settings)!, files.Settings(), cancellation);
            await WriteAsync(parsed.GetValue(rules)!, Checked(files.Rules()), cancellation);
            foreach (var hidden in await beginning.HiddenAsync(cancellation))
                Console.WriteLine($"{beginning.Place.User} may not see the group {hidden}, so every change would wait: make it visible to all registered users (PUT /groups/{Uri.EscapeDataString(hidden)}/options with visible_to_all).");
            if (administrator is null)
            {
                Console.WriteLine("No rights were set: that takes an administrator's login (--admin USER:env:NAME), or deploy/gerrit by hand. What is missing says: gatekeeper doctor");
                return ExitCodes.Fine;
            }

            return await SetAsync(beginning, login!, parsed.GetValue(group), parsed.GetValue(yes), administrator, cancellation);
        });
        return new("init", "Begin with a project: write what it takes, and set it up.") { InitGit.Make(), command, InitGitHub.Make() };
    }

    private static async Task<int> SetAsync(GerritBeginning beginning, Login login, string? group, bool yes, GerritClient administrator, CancellationToken cancellation)
    {
        var plan = await beginning.PlanAsync(group, cancellation);
        if (plan.IsAdministrators)
            throw new UsageException($"--group {plan.Bots}: it administers the server, and the gate needs a group of its own; name another, or none");
        var words = plan.GroupWords.Concat(plan.Steps.Select(step => step.Words)).ToList();
        if (words.Count == 0)
        {
            Console.WriteLine("The rights are as they should be.");
            return ExitCodes.Fine;
        }

        Console.WriteLine($"To be set on {beginning.Place.Address} by {login.User}:\n{string.Concat(words.Select(each => $"  {each}\n"))}");
        if (!yes)
        {
            Console.Write("Set all of this? (yes or no) ");
            if (Console.ReadLine()?.Trim() != "yes")
                return CommandLine.Fail(ExitCodes.No, "no right was set");
        }

        await new RightsWriter(administrator, login.User, beginning.Place.User).SetAsync(plan, each => Console.WriteLine($"  set: {each}"), cancellation);
        var left = await beginning.PlanAsync(plan.Bots, cancellation);
        var missing = left.GroupWords.Concat(left.Steps.Select(step => step.Words)).ToList();
        Console.WriteLine(missing.Count == 0 ? "Read back: all of it is so. Look yourself: gatekeeper doctor" : $"Read back: the server made something else of it. Still missing:\n{string.Concat(missing.Select(each => $"  {each}\n"))}");
        return missing.Count == 0 ? ExitCodes.Fine : ExitCodes.No;
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(path, text, cancellation);
        Console.WriteLine($"{path} is written.");
    }

    internal static string Checked(string rules) => RulesLoader.Load(rules) is { Rules: null } bad ? throw new InvalidOperationException($"the first rules are not valid: {string.Join("; ", bad.Errors)}") : rules;

    /// <summary>A name that a folder can have.</summary>
    internal static string Name(string project) => string.Concat(project.Split('/')[^1].Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')).TrimStart('.', '-', '_') is { Length: > 0 } name ? name : "project";
}
