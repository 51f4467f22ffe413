using System.CommandLine;
using GateKeeper.Reconcile;
using GateKeeper.Settings;
using GateKeeper.Status;
using GateKeeper.Store;

namespace GateKeeper.Commands;

/// <summary>What several commands share: the settings file, the format, and the worker's things where no worker is running.</summary>
internal static class Common
{
    public static Option<string> Config { get; } = new("--config", "-c")
    {
        Description = "The settings file of the worker.",
        DefaultValueFactory = _ => "/etc/gatekeeper/settings.json",
        Recursive = true,
    };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "A setting over that of the file: KEY=VALUE, such as runs.slots=4; may be repeated.",
        Recursive = true,
    };

    public static Option<string> Format() => Choice("--format", "text or json.", "text", "json");

    public static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => choices[0] };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    public static bool Json(this ParseResult parsed, Option<string> format) => parsed.GetValue(format) == "json";

    public static GateSettings Settings(this ParseResult parsed) => Settings(parsed.GetValue(Config)!, parsed.GetValue(Set) ?? []);

    public static GateSettings Settings(string path, params IEnumerable<string> set)
    {
        var (settings, errors) = SettingsReader.ReadFile(path, set);
        return settings ?? throw new UsageException(string.Join("\ngatekeeper: ", errors));
    }

    /// <summary>The store, for commands that set or read something beside a running worker.</summary>
    public static T WithStore<T>(this GateSettings settings, Func<Database, T> work)
    {
        using var database = Database.Open(settings.Store);
        return work(database);
    }

    /// <summary>"tool/main", or "main" where only one repository has such a trunk.</summary>
    public static string TrunkKey(this GateSettings settings, string trunk)
    {
        var keys = settings.Repositories.SelectMany(repository => repository.Trunks.Select(name => $"{repository.Name}/{name}")).ToList();
        if (IsPattern(trunk))
            throw new UsageException($"\"{trunk}\" is a pattern; name one trunk");
        if (keys.Exists(key => Means(key, trunk)))
            return trunk;
        var meant = settings.Repositories.Select(repository => $"{repository.Name}/{trunk}").Where(name => keys.Exists(key => Means(key, name))).ToList();
        return meant is [var one] ? one : throw new UsageException($"there is no trunk \"{trunk}\"; the settings name {string.Join(", ", keys)}");
    }

    /// <summary>The trunk that is meant where nobody named one: the only one, or main.</summary>
    public static string OnlyTrunk(this GateSettings settings)
    {
        var keys = settings.Repositories.SelectMany(repository => repository.Trunks.Where(name => !IsPattern(name)).Select(name => $"{repository.Name}/{name}")).ToList();
        return keys is [var only] ? only
            : keys.FindAll(key => key.EndsWith("/main", StringComparison.Ordinal)) is [var main] ? main
            : throw new UsageException($"say which trunk by --trunk: the settings name {string.Join(", ", settings.Repositories.SelectMany(repository => repository.Trunks.Select(name => $"{repository.Name}/{name}")))}");
    }

    /// <summary>
    /// The trunks that somebody means: one by its name, or all that a pattern fits. A pattern of the settings' own is among them: what is
    /// said of it is said of each trunk that it brings later.
    /// </summary>
    public static IReadOnlyList<string> TrunkKeys(this GateSettings settings, Database database, string trunk)
    {
        var named = settings.Repositories.SelectMany(repository => repository.Trunks.Select(name => $"{repository.Name}/{name}")).ToList();
        var known = named.Where(name => !IsPattern(name))
            .Union(settings.Repositories.SelectMany(repository => TrunkMemory.Known(database, repository.Name).Select(name => $"{repository.Name}/{name}")).Where(key => named.Exists(name => Means(name, key))))
            .ToList();
        if (!IsPattern(trunk))
            return settings.TrunkKey(trunk) is var key && known.Contains(key) ? [key] : throw new UsageException($"the worker has met no branch {key} that is a trunk; it knows {string.Join(", ", known)}");

        List<string> fitting = [.. settings.Repositories.Select(repository => $"{repository.Name}/{trunk}").Prepend(trunk).SelectMany(pattern => named.Where(name => name == pattern).Concat(known.Where(key => Means(pattern, key)))).Distinct()];
        return fitting.Count > 0 ? fitting : throw new UsageException($"\"{trunk}\" fits no trunk; the worker knows {string.Join(", ", known)}");
    }

    private static bool IsPattern(string name) => name.Contains('*', StringComparison.Ordinal);

    private static bool Means(string key, string name) => key == name || (IsPattern(key) && Core.Changes.Glob.TryParse(key, out _)?.Matches(name) == true);

    /// <summary>Opens the worker's things for a look, where no worker is running.</summary>
    public static async Task<IReadOnlyList<TrunkPicture>> LookAsync(this GateSettings settings, CancellationToken cancellation)
    {
        using var logs = LoggerFactory.Create(_ => { });
        await using var house = await Gatehouse.OpenAsync(settings, TimeProvider.System, logs, observing: true, cancellation);
        var pictures = new List<TrunkPicture>();
        foreach (var loop in house.Loops)
            pictures.AddRange(await loop.LookAsync(cancellation));
        return pictures;
    }

    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(action);
        return command;
    }

    public static Command Does(this Command command, Func<ParseResult, int> action)
    {
        command.SetAction(action);
        return command;
    }

    public static void WriteJson<T>(T value) => Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(value, Api.Json));
}
