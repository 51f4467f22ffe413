using System.Text.Json;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Reports;

namespace GateKeeper.Settings;

/// <summary>Reads the settings from the usual .NET sources; every error is named, all at once, with its place and its cure.</summary>
internal static partial class SettingsReader
{
    public static (GateSettings? Settings, IReadOnlyList<string> Errors) Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        var settings = Read(new SettingsFields(configuration, "", errors, "repositories", "runs", "store", "work", "page", "retention", "alarms"));
        return (errors.Count == 0 ? settings : null, errors);
    }

    /// <summary>The file, then variables that begin with GATEKEEPER__, then what the command line sets: KEY=VALUE, such as page.listen=http://127.0.0.1:80.</summary>
    public static (GateSettings? Settings, IReadOnlyList<string> Errors) ReadFile(string path, IEnumerable<string> set)
    {
        if (!File.Exists(path))
            return (null, [$"{path}: there is no such file"]);
        var pairs = set.Select(pair => pair.Split('=', 2)).ToList();
        if (pairs.Find(pair => pair.Length < 2) is { } half)
            return (null, [$"--set {half[0]}: expected KEY=VALUE, such as page.listen=http://127.0.0.1:8380"]);
        try
        {
            var over = pairs.Select(pair => KeyValuePair.Create(pair[0].Replace('.', ':'), (string?)pair[1]));
            return Read(new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path)).AddEnvironmentVariables("GATEKEEPER__").AddInMemoryCollection(over).Build());
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return (null, [error.GetBaseException() is JsonException json ? $"{path}: line {json.LineNumber + 1}: {json.Message.Split(" LineNumber:")[0]}" : $"{path}: {error.GetBaseException().Message}"]);
        }
    }

    private static GateSettings Read(SettingsFields root)
    {
        var work = Path.GetFullPath(root.Text("work") is { Length: > 0 } folder ? folder : "/var/lib/gatekeeper");
        if (work.IndexOfAny([':', ',', ' ', '\\']) >= 0)
            root.Wrong("work", $"the path \"{work}\" may hold no colon, comma, space or backslash (mount options could not name it)");
        var store = root.Text("store") ?? $"sqlite:{work}/gatekeeper.db";
        if (!store.StartsWith("sqlite:", StringComparison.Ordinal) || store.Length == "sqlite:".Length)
            root.Wrong("store", $"expected sqlite:PATH, not \"{store}\"");
        var repositories = root.Each("repositories", "name", "forge", "url", "project", "trunks", "app", "credential", "user", "email", "rules", "initial-rules", "run-for", "publish", "webhook", "poll", "landing", "proposals", "identity", "guard", "labels", "events", "signers")
            .Select(Repository).ToList();
        if (root.IsEmpty("repositories"))
            root.Wrong("repositories", "at least one must be named");
        foreach (var twin in repositories.GroupBy(repository => repository.Name).Where(group => group.Key.Length > 0 && group.Count() > 1))
            root.Wrong("repositories", $"two are named \"{twin.Key}\"");

        var (retention, alarms) = (root.Within("retention", "logs", "log-bytes", "results"), root.Within("alarms", "command"));
        return new()
        {
            Repositories = repositories,
            Runs = Runs(root.Within("runs", "slots", "memory", "disk", "processes", "output", "mounts", "network", "sandbox", "users")),
            Store = Path.GetFullPath(store.StartsWith("sqlite:", StringComparison.Ordinal) && store["sqlite:".Length..] is { Length: > 0 } file ? file : "gatekeeper.db"),
            Work = work,
            Page = Page(root.Within("page", "listen", "address", "token")),
            KeepLogs = retention.Duration("logs", TimeSpan.FromDays(30)),
            KeepLogBytes = retention.Size("log-bytes", 5L << 30),
            KeepResults = retention.Duration("results", TimeSpan.FromDays(90)),
            AlarmCommand = Command(alarms),
        };
    }

    private static RepositorySettings Repository(SettingsFields fields)
    {
        var forge = ForgeFields.Check(fields);
        var labels = fields.Within("labels", "review", "gate", "land");
        var name = fields.Need("name");
        if (name.Length > 0 && !Names().IsMatch(name))
            fields.Wrong("name", $"\"{name}\" may hold letters, digits, dot, dash and underscore, and begins with a letter or a digit (a folder is named so)");
        var trunks = fields.Texts("trunks", "main") ?? ["main"];
        if (trunks.Count == 0)
            fields.Wrong("trunks", "name at least one, or leave it out for main");
        foreach (var problem in trunks.Select(Glob.TrunkProblem).OfType<string>())
            fields.Wrong("trunks", problem);
        if (fields.Text("publish") is { } publish && ForgeFields.IsPlace(publish) && trunks.FirstOrDefault(trunk => $"refs/heads/{trunk}".StartsWith(publish, StringComparison.Ordinal)) is { } below)
            fields.Wrong("publish", $"the trunk {below} lies under \"{publish}\"; name a place of its own for candidates");
        var credential = fields.Secret("credential");
        var (rules, initial) = (fields.Text("rules") ?? "rules.yaml", fields.Text("initial-rules"));
        if (rules.Split('/').Any(part => part is "" or "." or ".."))
            fields.Wrong("rules", $"expected a path from the root of the trunk, such as rules.yaml, not \"{rules}\"");
        if (initial is not null && !File.Exists(initial))
            fields.Wrong("initial-rules", $"there is no file {initial}");
        if (fields.Text("guard") is { } guard && (forge != "git" || !CommitSha.TryParse(guard, out _)))
            fields.Wrong("guard", $"expected the 40 digits that gatekeeper guard prints, and only on plain git, not \"{guard}\"");
        if (fields.Text("signers") is { } keys && !File.Exists(keys))
            fields.Wrong("signers", $"there is no file {keys}: the keys whose signatures count, as in ALLOWED SIGNERS of ssh-keygen(1)");
        var poll = fields.Duration("poll", TimeSpan.FromSeconds(10));
        if (poll > TimeSpan.FromSeconds(30))
            fields.Wrong("poll", "at most 30s; the worker's turn on a trunk is renewed by looking, and another would take it");
        var landing = fields.Within("landing", "through");
        var through = forge switch
        {
            "gerrit" => landing.Choice("through", ("push", (bool?)false), ("submit", true)),
            "github" when landing.Has("through") => landing.Choice("through", ("push", (bool?)false), ("forge", true)),
            "github" => null,
            _ => landing.Choice("through", ("push", (bool?)false)),
        };
        var events = fields.Within("events", "address", "key", "known-hosts");
        var proposals = fields.Within("proposals", "since", "slots");
        return new()
        {
            Name = name,
            Forge = forge,
            Url = Url(fields),
            Project = fields.Text("project") ?? "",
            Labels = (labels.Text("review") ?? "Code-Review", labels.Text("gate") ?? "Verified", labels.Text("land")),
            Submits = forge == "gerrit" && through == true,
            ThroughForge = forge == "github" ? through : null,
            App = fields.Text("app"),
            WebhookSecrets = ForgeFields.WebhookSecrets(fields),
            Publish = fields.Text("publish"),
            Events = Events(events, forge),
            Trunks = trunks,
            Credential = credential,
            User = fields.Text("user") ?? "gatekeeper",
            Email = fields.Text("email"),
            Rules = rules,
            InitialRules = initial is null ? null : Path.GetFullPath(initial),
            RunFor = fields.Choice("run-for", ("anyone", RunFor.Anyone), ("members", RunFor.Members), ("approved", RunFor.Approved)),
            Poll = poll,
            Guard = fields.Text("guard"),
            Signers = fields.Text("signers") is { } signers ? Path.GetFullPath(signers) : null,
            Trusted = fields.Choice("identity", ("guarded", false), ("trusted", true)),
            ProposalsSince = proposals.Duration("since", TimeSpan.FromDays(14)),
            ProposalSlots = proposals.Number("slots", int.MaxValue),
        };
    }

    private static (Uri, string?, string?)? Events(SettingsFields fields, string forge)
    {
        var (address, key, hosts) = (fields.Text("address"), fields.Text("key"), fields.Text("known-hosts"));
        if (address is null)
            return null;
        if (forge != "gerrit" || !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri is not { Scheme: "ssh", UserInfo.Length: > 0 })
        {
            fields.Wrong("address", $"expected ssh://ACCOUNT@HOST:29418 of a Gerrit server, not \"{address}\"");
            return null;
        }

        foreach (var (name, file) in ((string, string?)[])[("key", key), ("known-hosts", hosts)])
        {
            if (file is not null && !File.Exists(file))
                fields.Wrong(name, $"there is no file {file}");
        }

        return (uri, key, hosts);
    }

    /// <summary>A path on this machine is made whole: git is started in other folders.</summary>
    private static string Url(SettingsFields fields)
    {
        var url = fields.Need("url");
        if (url.StartsWith('-') || url.Any(char.IsControl))
            fields.Wrong("url", $"\"{url}\" is neither an address nor a path");
        if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.UserInfo.Contains(':', StringComparison.Ordinal))
            fields.Wrong("url", "holds a password, which every process list would show; name it in \"credential\" (file:PATH, env:NAME)");
        return url.Length == 0 || url.Split('/')[0].Contains(':', StringComparison.Ordinal) ? url : Path.GetFullPath(url);
    }

    /// <summary>Where a run has folders of its own.</summary>
    private static readonly string[] Own = [TreePlace.Root, "/home/run", "/tmp", "/proc", "/dev"];

    private static bool IsWithin(string path, string folder) => $"{Path.GetFullPath(path).TrimEnd('/')}/".StartsWith($"{Path.GetFullPath(folder).TrimEnd('/')}/", StringComparison.Ordinal);

    private static RunSettings Runs(SettingsFields fields)
    {
        var mounts = fields.Texts("mounts", "/usr/share/dotnet:ro") ?? [];
        foreach (var mount in mounts.Where(mount => !mount.EndsWith(":ro", StringComparison.Ordinal) || !mount.StartsWith('/') || mount[..^3].Contains(':', StringComparison.Ordinal) || !Path.Exists(mount[..^3])))
            fields.Wrong("mounts", $"expected an existing path and :ro, such as /usr/share/dotnet:ro, not \"{mount}\"");
        foreach (var mount in mounts.Where(mount => mount.EndsWith(":ro", StringComparison.Ordinal)))
        {
            if (Own.FirstOrDefault(own => IsWithin(mount[..^3], own) || IsWithin(own, mount[..^3])) is { } own)
                fields.Wrong("mounts", $"{mount} would lie over what a run has of its own, {own}; put it elsewhere");
        }

        return new()
        {
            Slots = fields.Number("slots", 2),
            Memory = fields.Size("memory", 4L << 30),
            Disk = fields.Size("disk", 8L << 30),
            Processes = fields.Number("processes", 512),
            Output = fields.Size("output", 16L << 20),
            Mounts = mounts,
            Network = fields.Flag("network"),
            Users = fields.Ids("users"),
            Sandboxed = fields.Choice("sandbox", ("bubblewrap", true), ("none", false)),
        };
    }

    private static PageSettings Page(SettingsFields fields)
    {
        var (listen, address, token) = (fields.Text("listen") ?? "http://127.0.0.1:8380", fields.Text("address"), fields.Secret("token"));
        if (!Uri.TryCreate(listen, UriKind.Absolute, out var at) || at.Scheme != "http" || at.PathAndQuery != "/" || at.UserInfo.Length > 0 || (at.HostNameType is not (UriHostNameType.IPv4 or UriHostNameType.IPv6) && at.Host != "localhost"))
            fields.Wrong("listen", $"expected http://, an address of this machine and a port, such as http://127.0.0.1:8380 (http://0.0.0.0:8380 for all of them), not \"{listen}\"");
        if (address is not null && (!Uri.TryCreate(address, UriKind.Absolute, out var there) || there.Scheme is not ("http" or "https") || there.Host.Length == 0))
            fields.Wrong("address", $"expected where people reach the page, such as https://gate.example.org/, not \"{address}\"");
        return new(listen, address, token);
    }

    private static string? Command(SettingsFields alarms)
    {
        var command = alarms.Text("command");
        if (command is not null && command.Trim().Length == 0)
            alarms.Wrong("command", "is empty; leave it out where there is none");
        else if (command?.Contains('/', StringComparison.Ordinal) == true && !File.Exists(command))
            alarms.Wrong("command", $"there is no program {command} (one program; it is given an alarm's name and words)");
        return command;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex Names();
}
