using System.Globalization;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;

namespace GateKeeper.Settings;

/// <summary>Reads the settings from the usual .NET sources; every error is named, all at once, with its place and its cure.</summary>
internal sealed class SettingsReader
{
    private readonly List<string> errors = [];

    public static (GateSettings? Settings, IReadOnlyList<string> Errors) Read(IConfiguration configuration)
    {
        var reader = new SettingsReader();
        var settings = reader.Read(configuration.GetChildren().ToDictionary(section => section.Key, StringComparer.OrdinalIgnoreCase));
        return (reader.errors.Count == 0 ? settings : null, reader.errors);
    }

    /// <summary>The file, then variables that begin with GATEKEEPER__, then the command line.</summary>
    public static (GateSettings? Settings, IReadOnlyList<string> Errors) ReadFile(string path, string[] arguments)
    {
        if (!File.Exists(path))
            return (null, [$"{path}: there is no such file"]);
        try
        {
            return Read(new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path)).AddEnvironmentVariables("GATEKEEPER__").AddCommandLine(arguments).Build());
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return (null, [$"{path}: {error.InnerException?.Message ?? error.Message}"]);
        }
    }

    private GateSettings Read(Dictionary<string, IConfigurationSection> root)
    {
        Known("the settings", root.Keys, "repositories", "runs", "store", "work", "page", "retention", "alarms");
        var work = root.GetValueOrDefault("work")?.Value ?? "/var/lib/gatekeeper";
        if (work.IndexOfAny([':', ',', ' ', '\\']) >= 0)
            errors.Add($"work: the path \"{work}\" may hold no colon, comma, space or backslash (mount options could not name it)");
        var store = root.GetValueOrDefault("store")?.Value ?? $"sqlite:{work}/gatekeeper.db";
        if (!store.StartsWith("sqlite:", StringComparison.Ordinal))
            errors.Add($"store: expected sqlite:PATH, not \"{store}\"");
        var repositories = root.GetValueOrDefault("repositories")?.GetChildren().Select(Repository).ToList() ?? [];
        if (repositories.Count == 0)
            errors.Add("repositories: at least one must be named");
        foreach (var twin in repositories.GroupBy(repository => repository.Name).Where(group => group.Count() > 1))
            errors.Add($"repositories: two are named \"{twin.Key}\"");

        var (page, retention, alarms) = (Section(root, "page", "listen", "address", "token"), Section(root, "retention", "logs", "log-bytes", "results"), Section(root, "alarms", "command"));
        return new()
        {
            Repositories = repositories,
            Runs = Runs(Section(root, "runs", "slots", "memory", "disk", "processes", "output", "mounts", "network", "sandbox")),
            Store = store.Replace("sqlite:", "", StringComparison.Ordinal),
            Work = work,
            Page = new(page("listen") ?? "http://127.0.0.1:8380", page("address"), page("token")),
            KeepLogs = Duration("retention:logs", retention("logs"), TimeSpan.FromDays(30)),
            KeepLogBytes = Size("retention:log-bytes", retention("log-bytes"), 5L << 30),
            KeepResults = Duration("retention:results", retention("results"), TimeSpan.FromDays(90)),
            AlarmCommand = alarms("command"),
        };
    }

    private RepositorySettings Repository(IConfigurationSection section)
    {
        var where = section.Path;
        Known(where, section.GetChildren().Select(child => child.Key),
            "name", "forge", "url", "project", "trunks", "credential", "user", "email", "rules", "initial-rules", "run-for", "publish", "poll", "landing", "proposals", "identity", "guard");
        var forge = Need(section, "forge");
        if (forge is not ("" or "git"))
            errors.Add($"{where}:forge: this program speaks to \"git\" (plain git with reviews in notes), not to \"{forge}\"");
        var trunks = section.GetSection("trunks").GetChildren().Select(child => child.Value ?? "").ToList();
        foreach (var trunk in trunks.Where(trunk => Glob.TryParse(trunk, out _) is null || trunk.StartsWith("refs/", StringComparison.Ordinal)))
            errors.Add($"{where}:trunks: \"{trunk}\" is no branch name or pattern (short names, without refs/heads/)");
        var credential = section["credential"];
        if (credential is not null && !credential.StartsWith("file:", StringComparison.Ordinal) && !credential.StartsWith("env:", StringComparison.Ordinal) && !credential.StartsWith("systemd:", StringComparison.Ordinal))
            errors.Add($"{where}:credential: expected file:PATH, env:NAME or systemd:NAME; the secret itself does not belong into the settings");
        if (section["guard"] is { } guard && !CommitSha.TryParse(guard, out _))
            errors.Add($"{where}:guard: expected the 40 digits that gatekeeper guard prints, not \"{guard}\"");
        if (section["initial-rules"] is { } initial && !File.Exists(initial))
            errors.Add($"{where}:initial-rules: there is no file {initial}");
        if (Uri.TryCreate(section["url"], UriKind.Absolute, out var url) && url.UserInfo.Contains(':', StringComparison.Ordinal))
            errors.Add($"{where}:url: holds a password, which every process list would show; name it in \"credential\" (file:PATH, env:NAME)");
        var poll = Duration(where + ":poll", section["poll"], TimeSpan.FromSeconds(10));
        if (poll > TimeSpan.FromSeconds(30))
            errors.Add($"{where}:poll: at most 30s; the worker's turn on a trunk is renewed by looking, and another would take it");
        return new()
        {
            Name = Need(section, "name"),
            Forge = forge,
            Url = Need(section, "url"),
            Trunks = trunks.Count == 0 ? ["main"] : trunks,
            Credential = credential,
            User = section["user"] ?? "gatekeeper",
            Email = section["email"] ?? "gatekeeper@localhost",
            Rules = section["rules"] ?? "rules.yaml",
            InitialRules = section["initial-rules"],
            RunFor = Choice(where + ":run-for", section["run-for"], ("anyone", RunFor.Anyone), ("members", RunFor.Members), ("approved", RunFor.Approved)),
            Poll = poll,
            Guard = section["guard"],
            Trusted = Choice(where + ":identity", section["identity"], ("guarded", false), ("trusted", true)),
            ProposalsSince = Duration(where + ":proposals:since", section["proposals:since"], TimeSpan.FromDays(14)),
            ProposalSlots = Number(where + ":proposals:slots", section["proposals:slots"], int.MaxValue),
        };
    }

    private RunSettings Runs(Func<string, string?> value) => new()
    {
        Slots = Number("runs:slots", value("slots"), 2),
        Memory = Size("runs:memory", value("memory"), 4L << 30),
        Disk = Size("runs:disk", value("disk"), 8L << 30),
        Processes = Number("runs:processes", value("processes"), 512),
        Output = Size("runs:output", value("output"), 16L << 20),
        Mounts = [.. Mounts(value)],
        Network = value("network") is "true" or "True",
        Sandboxed = Choice("runs:sandbox", value("sandbox"), ("bubblewrap", true), ("none", false)),
    };

    private IEnumerable<string> Mounts(Func<string, string?> value)
    {
        for (var i = 0; value($"mounts:{i}") is { } mount; i++)
        {
            if (!mount.EndsWith(":ro", StringComparison.Ordinal) || !mount.StartsWith('/') || !Path.Exists(mount[..^3]))
                errors.Add($"runs:mounts: expected an existing path and :ro, such as /usr/share/dotnet:ro, not \"{mount}\"");
            yield return mount;
        }
    }

    private Func<string, string?> Section(Dictionary<string, IConfigurationSection> root, string name, params string[] known)
    {
        if (root.GetValueOrDefault(name) is not { } section)
            return _ => null;
        Known(name, section.GetChildren().Select(child => child.Key), known);
        return key => section[key];
    }

    private string Need(IConfigurationSection section, string key)
    {
        if (section[key] is { Length: > 0 } value)
            return value;
        errors.Add($"{section.Path}: \"{key}\" is missing");
        return "";
    }

    private void Known(string where, IEnumerable<string> keys, params string[] known)
    {
        foreach (var key in keys.Where(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)))
            errors.Add($"{where}: \"{key}\" is not known; known are {string.Join(", ", known)}");
    }

    private T Choice<T>(string where, string? text, params (string Word, T Value)[] choices)
    {
        if (text is null)
            return choices[0].Value;
        foreach (var (word, value) in choices)
        {
            if (word == text)
                return value;
        }

        errors.Add($"{where}: expected {string.Join(" or ", choices.Select(choice => choice.Word))}, not \"{text}\"");
        return choices[0].Value;
    }

    private TimeSpan Duration(string where, string? text, TimeSpan otherwise)
    {
        if (text is null || Time.Duration(text) is not null)
            return text is null ? otherwise : Time.Duration(text)!.Value;
        errors.Add($"{where}: expected a duration such as 90s, 20m, 2h or 14d, not \"{text}\"");
        return otherwise;
    }

    private int Number(string where, string? text, int otherwise)
    {
        if (text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0))
            return text is null ? otherwise : int.Parse(text, CultureInfo.InvariantCulture);
        errors.Add($"{where}: expected a number from 1, not \"{text}\"");
        return otherwise;
    }

    private long Size(string where, string? text, long otherwise)
    {
        if (text is null)
            return otherwise;
        foreach (var (unit, factor) in ((string, long)[])[("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)])
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && long.TryParse(text[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
                return count * factor;
        }

        errors.Add($"{where}: expected a size such as 512MiB or 4GiB, not \"{text}\"");
        return otherwise;
    }
}
