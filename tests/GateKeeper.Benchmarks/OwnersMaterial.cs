using System.Globalization;
using System.Text.RegularExpressions;
using GateKeeper.Core.Tests;

namespace GateKeeper.Benchmarks;

/// <summary>An owners file as large projects have them: mostly directories from the root, some stars, and names at any depth.</summary>
internal static class OwnersMaterial
{
    private static readonly string[] Areas = ["src", "lib", "services", "apps", "packages", "docs", "tools", "infra"];

    public static string File(int lines) => string.Concat(Enumerable.Range(0, lines).Select(at => $"{Line(at)} @acme/team-{at % 97} @acme/area-{at % 13}{(at % 50 == 0 ? " # asked first" : "")}\n"));

    public static IReadOnlyList<string> Paths(int count) =>
        [.. Enumerable.Range(0, count).Select(at => string.Create(CultureInfo.InvariantCulture, $"{Areas[at % 8]}/component-{at * 7 % 900}/module-{at % 40}/source/Thing{at}.{(at % 5 == 0 ? "tsx" : "cs")}"))];

    private static string Line(int at) => (at % 10) switch
    {
        0 => $"*.ext{at}",
        1 => $"generated-{at}/",
        2 => $"/{Areas[at / 10 % 8]}/component-{at % 900}/**/*Test{at}.cs",
        3 => $"/{Areas[at / 10 % 8]}/component-{at % 900}/*.json",
        _ => $"/{Areas[at / 10 % 8]}/component-{at % 900}/module-{at % 40}/{(at % 3 == 0 ? $"part-{at}/" : $"File{at}.cs")}",
    };
}

/// <summary>The same by one regular expression for each line, made when the first path comes that begins as its pattern does: as it once was.</summary>
internal static class SlowOwners
{
    public static int Asked(string text, IEnumerable<string> paths)
    {
        var lines = text.Split('\n').Select((line, at) => (Number: at + 1, Pattern: line.Split(' ')[0])).Where(line => line.Pattern.Length > 0)
            .Select(line => (line.Number, Stem: Stem(line.Pattern), Regex: new Lazy<Regex>(() => SlowGlob.Of(SlowGlob.OfOwners(line.Pattern))))).ToList();
        return paths.Aggregate(0, (sum, path) => unchecked((sum * 31) + lines.FindLast(line => path.StartsWith(line.Stem, StringComparison.Ordinal) && line.Regex.Value.IsMatch(path)).Number));
    }

    private static string Stem(string pattern) =>
        pattern.TrimEnd('/').Contains('/', StringComparison.Ordinal) && pattern.Trim('/') is var body ? body[..(body.IndexOfAny(['*', '?', '\\']) is >= 0 and var special ? special : body.Length)] : "";
}
